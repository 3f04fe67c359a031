"""What is other on Windows, tried here by playing its part: locks, priorities, line ends, consoles, closed folders."""

from __future__ import annotations

import ctypes
import errno
import importlib.util
import io
import os
import re
import sys
import types
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ecogeo import handkept
from ecogeo.cli import main
from ecogeo.errors import UnusableFileError

HOME = Path(__file__).parent.parent
fcntl: Any = pytest.importorskip("fcntl", reason="Windows plays itself")


def as_on_windows(name: str) -> Any:
    """Load a module of ecogeo anew, as it is on Windows."""
    spec = importlib.util.spec_from_file_location(f"windows_{name}", HOME / "ecogeo" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with mock.patch.object(sys, "platform", "win32"):
        spec.loader.exec_module(module)
    return module


@pytest.fixture
def msvcrt(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Play the locks of Windows: of bytes from where a file stands, refused at once where another has them."""
    played = types.ModuleType("msvcrt")

    def locking(number: int, mode: int, count: int) -> None:
        assert (mode, count) == (2, 1)
        assert os.lseek(number, 0, os.SEEK_CUR) == 0, "everybody locks the same byte"
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OSError(errno.EACCES, "Permission denied") from None

    played.locking, played.LK_NBLCK = locking, 2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "msvcrt", played)
    return played


@pytest.mark.usefixtures("msvcrt")
def test_locks_are_those_of_windows(tmp_path: Path) -> None:
    locking = as_on_windows("locking")
    path = tmp_path / "lock"
    assert not locking.is_held(path)
    path.write_bytes(b"left behind by an earlier version")
    with locking.holding(path, shown="t.csv", wait_s=0):
        assert locking.is_held(path)
        with (
            pytest.raises(UnusableFileError, match="another program is writing"),
            locking.holding(path, shown="t.csv", wait_s=0),
        ):
            raise AssertionError("two hold it")
    assert not locking.is_held(path)


def test_work_beside_the_server_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = mock.Mock()
    kernel.GetCurrentProcess.return_value = -1
    monkeypatch.setattr(ctypes, "windll", types.SimpleNamespace(kernel32=kernel), raising=False)
    with mock.patch.object(sys, "platform", "win32"):
        as_on_windows("priority").give_way()
    kernel.SetPriorityClass.assert_called_once_with(-1, 0x4000)


def test_no_folder_is_opened_where_folders_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(path: Any, flags: int, *words: Any, **options: Any) -> int:
        if Path(path).is_dir():
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, *words, **options)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(handkept.sys, "platform", "win32")
    handkept.append_row(tmp_path / "t.csv", ("a",), {"a": "1"}, [])
    assert (tmp_path / "t.csv").read_bytes() == b"\xef\xbb\xbfa\n1\n"


def test_a_table_open_in_a_spreadsheet_is_said_and_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv"
    handkept.append_row(path, ("a",), {"a": "1"}, [])
    before = path.read_bytes()
    monkeypatch.setattr(Path, "replace", mock.Mock(side_effect=PermissionError(errno.EACCES, "in use")))
    with pytest.raises(PermissionError):
        handkept.append_row(path, ("a",), {"a": "2"}, [])
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_console_in_gbk_stops_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lang: str) -> None:
    console = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(console, encoding="gbk"))
    with pytest.raises(SystemExit) as ended:
        main(["inspect", str(tmp_path / "地块😀é.kml"), "--lang", lang])
    sys.stderr.flush()
    assert ended.value.code == 2
    assert "地块" in console.getvalue().decode("gbk")


def test_nothing_that_windows_lacks_is_imported_unguarded() -> None:
    """Names of other systems stand behind a question for the system, or are asked for by name."""
    lacking = re.compile(
        r"\bimport (?:fcntl|resource|pwd|grp|termios)\b|\bos\.(?:fork|geteuid|getuid|killpg|nice|sysconf|uname)\b"
        r"|\bsignal\.(?:SIGKILL|SIGALRM|SIGHUP|SIGUSR1)"
    )
    guard = re.compile(r"sys\.platform|hasattr\(|\.exists\(\)")
    bare = []
    for path in [*sorted((HOME / "ecogeo").rglob("*.py")), *sorted((HOME / "viewer").rglob("*.py"))]:
        text = path.read_text("utf-8")
        if any(lacking.search(line) for line in text.splitlines() if '"os.' not in line) and not guard.search(text):
            bare.append(path.name)
    assert bare == []


def test_text_files_end_their_lines_alike_everywhere() -> None:
    """What is written with lines in it names its line end: Windows would write another."""
    several = re.compile(r"\.write_text\([^\n]*(?:indent=|\\n\")[^\n]*\)")
    for path in sorted((HOME / "ecogeo").rglob("*.py")):
        for line in several.findall(path.read_text("utf-8")):
            assert "newline=" in line, f"{path.name}: {line}"
