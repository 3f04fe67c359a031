"""What the program is made of: the bill of materials, licences of what is vendored, the audit, the wheel."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME / "scripts"))

from audit import ask, judge  # noqa: E402
from supply.bill import BILL, bill_text  # noqa: E402
from supply.notices import NOTICES, notices_text  # noqa: E402
from supply.parts import VENDOR, licence_of, pinned_packages, read_lock, vendored_packages  # noqa: E402

AGAIN = "write it anew: python scripts/sbom.py"


def test_the_bill_is_that_of_the_locks_and_valid() -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    written = BILL.read_text("utf-8")
    assert written == bill_text(), AGAIN
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None
    assert "serialNumber" not in written
    assert "timestamp" not in written


def test_the_bill_lists_every_pinned_package_and_every_vendored_file() -> None:
    components = json.loads(BILL.read_text("utf-8"))["components"]
    listed = {(one["name"], one["version"], one["scope"]) for one in components}
    for lock, scope in (("requirements.lock", "required"), ("requirements-dev.lock", None)):
        for name, version in re.findall(
            r"^([\w.-]+)==([^ \\;]+)", (HOME / lock).read_text("utf-8"), flags=re.MULTILINE
        ):
            assert {(name, version, scope or found) for found in ("required", "excluded")} & listed, f"{name}: {AGAIN}"
    files = {file["name"]: file["hashes"][0]["content"] for one in components for file in one.get("components", [])}
    vendored = {path for path in VENDOR.rglob("*") if path.is_file()} - {VENDOR / "manifest.json"}
    assert set(files) == {path.relative_to(HOME).as_posix() for path in vendored}
    for name, content in files.items():
        assert hashlib.sha256((HOME / name).read_bytes()).hexdigest() == content
    pinned = next(one for one in components if one["name"] == "numpy")
    assert len(pinned["hashes"]) == len(next(one for one in pinned_packages() if one.name == "numpy").hashes) > 10


def test_every_package_users_install_has_a_licence_on_record() -> None:
    from license_expression import get_spdx_licensing

    unsaid = [one.name for one in pinned_packages() if one.is_needed and not licence_of(one.name)]
    assert not unsaid, "say its licence in scripts/supply/licences.toml"
    known = get_spdx_licensing()
    for one in pinned_packages():
        assert not known.validate(licence_of(one.name) or "MIT").errors, one.name
        if one.is_needed:
            assert not re.search(r"(?<!L)GPL", licence_of(one.name)), f"{one.name} may not go with Apache-2.0"


def test_a_lock_with_a_strange_line_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text("numpy==2.0 ; python_version < '4' \\\n    --hash=sha256:" + "0" * 64 + "\n-r other.txt\n", "utf-8")
    with pytest.raises(SystemExit, match="line 3"):
        list(read_lock(lock, is_needed=True))
    lock.write_text(lock.read_text("utf-8").replace("-r other.txt\n", ""), "utf-8")
    (one,) = read_lock(lock, is_needed=True)
    assert (one.name, one.version, one.marker, one.hashes) == ("numpy", "2.0", "python_version < '4'", ("0" * 64,))


def test_the_licences_of_everything_vendored_are_in_one_file() -> None:
    text = NOTICES.read_text("utf-8")
    assert text == notices_text(), AGAIN
    recorded = {file["path"] for one in vendored_packages() for file in one["files"]}
    present = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()} - {"manifest.json"}
    assert recorded == present
    for path in sorted(present):
        assert path in text
        if re.match(r"LICEN[CS]E|NOTICE", Path(path).name):
            assert (VENDOR / path).read_text("utf-8").strip() in text
    elsewhere = [
        path
        for path in HOME.glob("viewer/static/app/*")
        if re.search(r"@license|\bCopyright\b|\(c\) \d{4}", path.read_text("utf-8"), flags=re.IGNORECASE)
    ]
    assert not elsewhere, "vendored files belong under viewer/static/vendor, with a manifest entry"


def fake(folder: Path, body: str) -> list[str]:
    """Return a program that plays pip-audit."""
    program = folder / "fake_audit.py"
    program.write_text(
        f"import json, pathlib, sys\nout = pathlib.Path(sys.argv[sys.argv.index('-o') + 1])\n{body}\n", "utf-8"
    )
    return [sys.executable, str(program)]


def test_the_audit_is_skipped_aloud_where_it_cannot_reach_its_data(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text("a==1 --hash=sha256:" + "0" * 64 + "\n", "utf-8")
    unreachable = fake(tmp_path, "sys.exit('requests.exceptions.ConnectionError: no route to host')")
    lines, status = judge(*ask(unreachable, lock))
    assert status == 0
    assert lines == [
        "AUDIT SKIPPED: the data of pip-audit cannot be reached: requests.exceptions.ConnectionError: no route to host"
    ]
    lines, status = judge(*ask([str(tmp_path / "nobody")], lock))
    assert status == 0
    assert lines[0].startswith("AUDIT SKIPPED")
    unknown = fake(
        tmp_path, "out.write_text(json.dumps({'dependencies': [{'name': 'a', 'skip_reason': 'not found'}]}))"
    )
    lines, status = judge(*ask(unknown, lock))
    assert (lines, status) == (["AUDIT SKIPPED for 1 of 1 packages the service does not know: a"], 0)


def test_the_audit_fails_where_a_weakness_is_known(tmp_path: Path) -> None:
    weak = {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
    sound = {"name": "b", "version": "1", "vulns": []}
    program = fake(tmp_path, f"out.write_text(json.dumps({{'dependencies': [{weak!r}, {sound!r}]}})); sys.exit(1)")
    lines, status = judge(*ask(program, tmp_path / "a.lock"))
    assert status == 1
    assert lines == ["WEAKNESS: a 1: PYSEC-1, mended in 2", "audit: 2 packages, 1 known weaknesses"]


def test_ci_audits_after_the_tests_and_the_main_job() -> None:
    lines = (HOME / ".ci" / "run").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("make ")] == ["make test", "make job", "make audit"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of a checkout in which people worked: decisions, a ledger, caches, steps of a meeting."""
    root = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "LICENSE", "THIRD_PARTY_LICENSES.md", ".gitignore"):
        shutil.copy(HOME / name, root / name)
    for name in ("ecogeo", "viewer", "layers", "data"):
        shutil.copytree(HOME / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".index"))
    for left in (
        "data/decisions/ledger.sqlite",
        "data/decisions/reviews.csv",
        "data/present/steps.jsonl",
        "layers/.index/tiles/a.bin",
        "layers/redlines.gpkg-wal",
        "ecogeo/__pycache__/a.cpython-311.pyc",
        "out/screening.csv",
        "data/liujiang/evidence/1/上报.pdf",
        "data/liujiang/values.csv",
    ):
        (root / left).parent.mkdir(parents=True, exist_ok=True)
        (root / left).write_text("left behind", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(root / "dist")],
        cwd=root,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = (root / "dist").glob("*.whl")
    return built


def test_the_wheel_holds_all_that_runs_and_nothing_somebody_left(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(HOME).as_posix()
        for room in ("ecogeo", "viewer")
        for path in (HOME / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert not wanted - held
    assert {"viewer/templates/base.html", "viewer/translations/en/LC_MESSAGES/messages.mo"} <= held
    manifest = {f"viewer/static/vendor/{file['path']}" for one in vendored_packages() for file in one["files"]}
    assert manifest <= held
    assert {"ecogeo/sample/layers/layers.toml", "ecogeo/sample/data/rules/national.csv"} <= held
    assert any(name.endswith("licenses/THIRD_PARTY_LICENSES.md") for name in held)
    sample = {path for room in ("data", "layers") for path in (HOME / room).rglob("*") if path.is_file()}
    people = re.compile(r"decisions/|present/|evidence/|values\.csv|\.index/|-(wal|shm|journal)$")
    kept = {path.relative_to(HOME).as_posix() for path in sample if not people.search(path.as_posix())}
    assert {f"ecogeo/sample/{name}" for name in kept} == {name for name in held if name.startswith("ecogeo/sample/")}
    assert not [name for name in held if "__pycache__" in name or name.startswith("out/")]
    (source,) = wheel.parent.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        packed = archive.getnames()
    assert any(name.endswith("/data/rules/national.csv") for name in packed)
    assert not [
        name
        for name in packed
        if re.search(r"/data/.*(decisions|present|evidence)/|values\.csv|\.index|-wal$|/out/", name)
    ]


def test_the_docs_extra_is_among_the_tools_of_the_tests() -> None:
    extras = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(extras["docs"]) <= set(extras["dev"])
