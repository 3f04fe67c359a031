"""How trouble inside a reader becomes one refusal under the name the user gave."""

from __future__ import annotations

import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import shapely

from ecogeo.errors import EcogeoError, UnusableFileError
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
        said = str(error)
        for spelling in (str(copy), str(path.absolute()), str(path)):
            said = said.replace(spelling, path.name)
        cause = _SOURCE_LINE.sub("", (said.splitlines() or [type(error).__name__])[0])[:_CAUSE_MOST]
        problem = Text(
            f"无法读取，文件可能被截断或损坏，请重新拷贝（{cause}）",
            f"it cannot be read and may be truncated or damaged: copy it again ({cause})",
        )
        raise UnusableFileError(path.name, problem) from error


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
