"""The licences of everything vendored, in one file."""

from __future__ import annotations

from typing import Any

from supply.parts import HOME, VENDOR, vendored_packages

NOTICES = HOME / "THIRD_PARTY_LICENSES.md"

_HEAD = """# Third-party licences

What is vendored in this repository and goes into the wheel, with every licence and notice in full. Written by
`make sbom` from `viewer/static/vendor/manifest.json`; a test holds it to the manifest and to the files. Python packages
are not vendored: they are installed from the lock and carry their own licences, which `docs/sbom.cdx.json` names.

随附的第三方资源及其许可全文。Python 依赖不随附，许可见 `docs/sbom.cdx.json`。
"""


def notices_text() -> str:
    """Return the page: a table of what is vendored, then the texts."""
    entries = vendored_packages()
    rows = [f"| {one['name']} | {one['version']} | {one['licence']} | {len(_own(one))} |" for one in entries]
    table = "\n".join(["| library | version | licence | files |", "|---|---|---|---|", *rows])
    return "\n".join([_HEAD, table, "", *(part for one in entries for part in _texts(one))])


def is_notice(path: str) -> bool:
    """Whether a vendored file is a licence or a notice: it lies where such files do, or is called so."""
    name = path.rpartition("/")[2]
    return name.startswith(("LICENSE", "LICENCE", "NOTICE", "COPYING"))


def _own(entry: dict[str, Any]) -> list[str]:
    """Return the files of a library that are no notices."""
    return [file["path"] for file in entry["files"] if not is_notice(file["path"])]


def _texts(entry: dict[str, Any]) -> list[str]:
    """Return the part of one library: its files, then each licence and notice in full."""
    parts = [
        f"## {entry['name']} {entry['version']} ({entry['licence']})",
        "",
        *(f"- `{path}`" for path in _own(entry)),
        "",
    ]
    for file in entry["files"]:
        if is_notice(file["path"]):
            text = (VENDOR / file["path"]).read_text("utf-8").rstrip()
            parts += [f"### {file['path']}", "", "````text", text, "````", ""]
    return parts
