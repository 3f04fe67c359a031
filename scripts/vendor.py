"""Fetch the browser libraries the viewer serves, at exact versions, and write their manifest.

Run by hand when a version changes; the result is committed, so neither users nor tests need it.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).resolve().parent.parent / "viewer" / "static" / "vendor"

PACKAGES: tuple[dict[str, Any], ...] = (
    {
        "name": "leaflet",
        "version": "1.9.4",
        "licence": "BSD-2-Clause",
        "integrity": "sha512-nxS1ynzJOmOlHp+iL3FyWqK89GtNL8U8rvlMOsQdTTssxZwCXh8N2NB3GDQOL+YR3XnWyZAxwQixURb+FA74PA==",
        "licence_file": "LICENSE",
        "notices": [],
        "root": "dist",
        # path below the root -> name by which Folium links it ("" where it links none)
        "files": {
            "leaflet.js": "leaflet",
            "leaflet.css": "leaflet_css",
            "images/layers.png": "",
            "images/layers-2x.png": "",
            "images/marker-icon.png": "",
        },
    },
    {
        "name": "echarts",
        "version": "6.1.0",
        "licence": "Apache-2.0",
        "integrity": "sha512-q0yaFPggC9FUdsWH4blavRWFmxdrIodbkoKNAjJudAI6CA9gNPxHtV2RcZNEepZVlk4yvBYkOkbk6HIVpIyHZA==",
        "licence_file": "LICENSE",
        "notices": ["NOTICE", "licenses/LICENSE-d3"],
        "root": "dist",
        "files": {"echarts.common.min.js": ""},
    },
)
"""What is taken: the scripts, the stylesheet, the images the stylesheet names, and every notice that goes with them."""


def main() -> None:
    """Fetch every package anew and write the manifest."""
    entries = [_vendor(package) for package in PACKAGES]
    text = json.dumps({"packages": entries}, indent=2, sort_keys=True) + "\n"
    (VENDOR / "manifest.json").write_text(text, encoding="utf-8")


def _vendor(package: dict[str, Any]) -> dict[str, Any]:
    """Fetch one package, hold it to its integrity, and copy what is wanted."""
    folder = VENDOR / package["name"]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        archive = _pack(package, Path(scratch))
        with tarfile.open(archive) as tar:
            files = [
                _copy(tar, f"{package['root']}/{path}", folder / path, link) for path, link in package["files"].items()
            ]
            licence = _copy(tar, package["licence_file"], folder / "LICENSE", "")
            notices = [_copy(tar, path, folder / path, "") for path in package["notices"]]
    return {
        **{key: package[key] for key in ("name", "version", "licence", "integrity")},
        "licence_file": licence["path"],
        "files": [*files, licence, *notices],
    }


def _pack(package: dict[str, Any], scratch: Path) -> Path:
    """Let npm fetch one exact version, and refuse it if its digest is not the recorded one."""
    spec = f"{package['name']}@{package['version']}"
    done = subprocess.run(  # noqa: S603  a fixed command on a fixed list
        ["npm", "pack", spec, "--json", "--ignore-scripts"],  # noqa: S607
        cwd=scratch,
        capture_output=True,
        text=True,
        check=True,
    )
    packed = json.loads(done.stdout)[0]
    if packed["integrity"] != package["integrity"]:
        msg = f"{spec}: expected {package['integrity']}, found {packed['integrity']}"
        raise SystemExit(msg)
    return scratch / str(packed["filename"])


def _copy(tar: tarfile.TarFile, source: str, target: Path, link: str) -> dict[str, str]:
    """Copy one file out of the package; a reference to a source map, which is not vendored, is cut."""
    stream = tar.extractfile(f"package/{source}")
    if stream is None:
        msg = f"{source} is no file of the package"
        raise SystemExit(msg)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(re.sub(rb"\n//# sourceMappingURL=[^\n]*", b"", stream.read()))
    entry = {
        "path": target.relative_to(VENDOR).as_posix(),
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
    }
    return {**entry, "link": link} if link else entry


if __name__ == "__main__":
    main()
