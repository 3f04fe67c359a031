"""How trouble inside a reader becomes one refusal under the name the user gave."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import shapely

from ecogeo.errors import EcogeoError, UnusableFileError
from ecogeo.faults import system_trouble
from ecogeo.wording import Text

_DAMAGE = (
    *(
        OSError,
        RuntimeError,
        ValueError,
        LookupError,
        ArithmeticError,
        TypeError,
        AttributeError,
        MemoryError,
        EOFError,
    ),
    *(struct.error, zlib.error, zipfile.BadZipFile, sqlite3.Error),
    shapely.errors.ShapelyError,
)
_CAUSE_MOST = 200
_ALL_BUT_FULL_BYTES = 1 << 20
"""Libraries say only that writing failed; with less than this left it was for want of room."""

_SOURCE_LINE = re.compile(r"^\S+\.cpp, \d+: ")


@contextmanager
def refused_when_damaged(path: Path, *, copy: Path | None = None) -> Iterator[None]:
    """Turn what a library says of a damaged file into one refusal; the machine's folders are left out of it.

    Parameters
    ----------
    path
        The file that is being read, as the user knows it.
    copy
        The copy of it that is really opened, where there is one.

    Raises
    ------
    UnusableFileError
        In place of any other error.
    """
    try:
        yield
    except EcogeoError:
        raise
    except _DAMAGE as error:
        trouble = system_trouble(error) if isinstance(error, OSError) else None
        if trouble is not None:  # the file may be sound: what fails is the way to it
            raise UnusableFileError(path.name, trouble) from error
        said = str(error)
        for spelling in (str(copy), str(path.absolute()), str(path)):
            said = said.replace(spelling, path.name)
        cause = _SOURCE_LINE.sub("", (said.splitlines() or [type(error).__name__])[0])[:_CAUSE_MOST]
        problem = Text(
            f"无法读取，文件可能被截断或损坏，请重新拷贝（{cause}）",
            f"it cannot be read and may be truncated or damaged: copy it again ({cause})",
        )
        raise UnusableFileError(path.name, problem) from error


@contextmanager
def whole_or_nothing(path: Path) -> Iterator[Path]:
    """Give a library that writes by itself a name to write under; the file takes its own name once it is whole.

    Parameters
    ----------
    path
        The file; one that is there stays until then.

    Raises
    ------
    OSError
        In place of any other error of the library: that the disk is full, or what it says. What it wrote is removed.
    """
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    part.unlink(missing_ok=True)
    try:
        try:
            yield part
        except (RuntimeError, sqlite3.Error, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            if shutil.disk_usage(path.parent).free < _ALL_BUT_FULL_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path.name) from error
            said = str(error).replace(str(part.absolute()), path.name).replace(str(part), path.name)
            raise OSError(f"{path.name}: {said[:_CAUSE_MOST]}") from error
        part.replace(path)
    except BaseException:
        for left in (part, part.with_name(f"{part.name}-journal")):
            with suppress(OSError):
                left.unlink(missing_ok=True)
        raise


def renamed(error: EcogeoError, before: str, after: str) -> UnusableFileError:
    """Return a refusal that names the user's file instead of a copy made of it.

    Parameters
    ----------
    error
        The refusal of the copy.
    before, after
        Name of the copy and of the user's file.

    Examples
    --------
    >>> renamed(UnusableFileError("copy.json", Text("空", "empty")), "copy.json", "a.json").say("en")
    'a.json: empty'
    """
    said = [
        Text(problem.zh.removeprefix(f"{before}："), problem.en.removeprefix(f"{before}: "))
        for problem in error.problems
    ]
    return UnusableFileError(after, said)
