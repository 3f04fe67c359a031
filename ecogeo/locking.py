"""A lock that the system gives back when its program dies: who holds it is alive."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ecogeo.errors import UnusableFileError
from ecogeo.wording import Text

_LOOK_EVERY_S = 0.02

if sys.platform == "win32":
    import msvcrt

    def is_taken(stream: IO[bytes]) -> bool:
        """Take the lock of an open file unless another program has it."""
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def is_taken(stream: IO[bytes]) -> bool:
        """Take the lock of an open file unless another program has it."""
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def is_held(path: Path) -> bool:
    """Tell whether some program holds the lock of a file; nobody does where there is no file."""
    try:
        with path.open("r+b") as stream:
            return not is_taken(stream)
    except OSError:
        return False


@contextlib.contextmanager
def holding(path: Path, *, shown: str, wait_s: float) -> Iterator[None]:
    """Hold a lock for the time of a block; whoever else wants it, in this program or another, waits for its turn.

    Parameters
    ----------
    path
        The file that stands for the lock; made if need be with its folder, and left there.
    shown
        What is being written, for the message.
    wait_s
        How long to wait, seconds.

    Raises
    ------
    UnusableFileError
        Where nobody let go of it in time, or the drive knows no locks.
    OSError
        Where the file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        stream.seek(0)
        until = time.monotonic() + wait_s
        while not is_taken(stream):
            if time.monotonic() > until:
                busy = Text(
                    "另一个程序正在写，等了很久仍未轮到；没有写入任何内容，请稍后再试",
                    "another program is writing and did not finish in time: nothing was written, try again later",
                )
                raise UnusableFileError(shown, busy)
            time.sleep(_LOOK_EVERY_S)
        yield
