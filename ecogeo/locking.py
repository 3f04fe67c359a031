"""A lock that the system gives back when its program dies: who holds it is alive."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

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
