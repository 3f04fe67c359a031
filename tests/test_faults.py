"""Disks that fill up, rights that are lost, drives that go away: a sentence says what to do, nothing is half done."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ecogeo.errors import UnusableFileError
from ecogeo.faults import system_trouble
from ecogeo.formats import read_features
from ecogeo.formats.refusing import whole_or_nothing
from ecogeo.workspace import open_workspace

Run = Callable[..., tuple[int, str, str]]

TOLD = {
    errno.ENOSPC: ("磁盘已满", "the disk is full"),
    errno.EACCES: ("没有读写权限", "you may not read or write"),
    errno.EROFS: ("只读", "can only be read"),
    errno.EIO: ("可能已断开", "fails or is gone"),
    getattr(errno, "ESTALE", errno.EIO): ("可能已断开", "fails or is gone"),
    errno.EMFILE: ("打开的文件太多", "too many files are open"),
}


def failing(code: int, *, on: str, after: int = 0) -> Callable[..., Any]:
    """Return an ``open`` that fails on the files of a name, from some call on."""
    opened, left = open, [after]

    def one(path: Any, *words: Any, **options: Any) -> Any:
        if on in str(path):
            left[0] -= 1
            if left[0] < 0:
                raise OSError(code, os.strerror(code), str(path))
        return opened(path, *words, **options)

    return one


@pytest.mark.parametrize("code", sorted(TOLD))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_layer_that_cannot_be_read_says_why_and_what_to_do(
    county_folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch, code: int, lang: str
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("io.open", failing(code, on="redlines.gpkg"))
        broken.setattr("builtins.open", failing(code, on="redlines.gpkg"))
        status, _out, said = run("check", "site_in_redline", "-w", county_folder, "-q", "--lang", lang)
    assert status == 2
    assert TOLD[code][lang == "en"] in said
    assert "redlines.gpkg" in said
    assert "Traceback" not in said
    assert str(county_folder) not in said


def test_a_file_on_a_drive_that_is_gone_is_not_called_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.geojson"
    path.write_text("{}", "utf-8")

    def stale(_path: Path, **_options: object) -> os.stat_result:
        raise OSError(errno.ESTALE, "Stale file handle")

    monkeypatch.setattr(Path, "stat", stale)
    with pytest.raises(UnusableFileError, match=r"a\.geojson: the disk or network drive fails or is gone"):
        read_features(path)


@pytest.mark.parametrize("how", ["replaced", "grown", "part"])
def test_a_layer_replaced_while_it_is_read_is_refused(
    county_folder: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    import ecogeo.layer as module

    county = open_workspace(county_folder)
    path = county_folder / "layers" / "redlines.gpkg"
    real = module.read_features

    def meanwhile(at: Path, layer: str = "") -> object:
        reading = real(at, layer)
        if how == "replaced":
            other = at.with_suffix(".new")
            shutil.copy2(at, other)
            other.replace(at)
        else:
            with at.open("ab") as stream:
                stream.write(b"\0")
        return reading

    monkeypatch.setattr(module, "read_features", meanwhile)
    with pytest.raises(UnusableFileError, match="replaced or written while it was read"):
        county.layer("redlines")
    monkeypatch.undo()
    if how == "replaced":
        assert len(county.layer("redlines").frame) == 2, "the next one who asks reads it"
    assert path.exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of its own with 3 MB, where this machine lets us make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=3m", "ecogeo-test", str(folder)]
    if (
        sys.platform != "linux"
        or shutil.which("mount") is None
        or subprocess.run(words, check=False, capture_output=True).returncode
    ):
        pytest.skip("no disk of our own can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_leaves_the_run_before_as_it_was(county_folder: Path, run: Run, small_disk: Path) -> None:
    out = small_disk / "out"
    words = ("check", "site_in_redline", "-w", county_folder, "-o", out, "-q", "--lang", "en", "--exit-zero")
    assert run(*words)[0] == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert "summary.json" in before
    (small_disk / "ballast").write_bytes(bytes(shutil.disk_usage(small_disk).free - 4096))
    status, _out, said = run(*words)
    assert status == 2
    assert "the disk is full or the quota used up" in said
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    (small_disk / "ballast").unlink()
    assert run(*words)[0] == 0

    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    status, _out, said = run(*words[:-2], "zh")
    assert (status, "该盘是只读的，请换一个可写的位置" in said) == (2, True)


def test_a_drive_unmounted_between_two_runs_is_said(county_folder: Path, run: Run, small_disk: Path) -> None:
    county = small_disk / "county"
    shutil.copytree(county_folder, county, ignore=shutil.ignore_patterns("out"))
    subprocess.run(["umount", "-l", str(small_disk)], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "ecogeo-test", str(small_disk)], check=True)
    status, _out, said = run("check", "-w", county, "-q", "--lang", "en")
    assert status == 2
    assert "Traceback" not in said
    assert "layers.toml" in said or "county" in said


def test_what_a_library_could_not_write_is_an_error_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"before")

    def write() -> None:
        with whole_or_nothing(path) as part:
            part.write_bytes(b"half")
            raise RuntimeError("it said so")

    with pytest.raises(OSError, match=r"a\.gpkg: it said so"):
        write()
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(OSError, match="No space left") as full:
        write()
    assert system_trouble(full.value) is not None
    assert [one.name for one in tmp_path.iterdir()] == ["a.gpkg"]
    assert path.read_bytes() == b"before"


def test_troubles_of_windows_are_known_by_their_own_numbers() -> None:
    for number, words in ((32, "another program has the file open"), (53, "fails or is gone"), (112, "is full")):
        error = OSError(errno.EINVAL, "?")
        error.winerror = number  # type: ignore[attr-defined]
        told = system_trouble(error)
        assert told is not None
        assert words in told.en
    assert system_trouble(OSError("who knows")) is None


KILLED = Path(__file__).parent / "killed_saves.py"


def test_a_save_killed_at_any_step_leaves_the_table_whole(tmp_path: Path) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    done = subprocess.run(
        [sys.executable, KILLED, tmp_path], check=True, capture_output=True, text=True, timeout=120
    ).stdout.split()
    steps = [int(word) for word in done if word.isdigit()]
    assert [word for word in done if not word.isdigit()] == [], "what was not as it should be"
    assert len(steps) == 2, "without a ledger, and with one"
    assert min(steps) >= 8, "so many steps there were to be killed at"
