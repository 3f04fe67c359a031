"""A temporary folder of our own that vanishes with the program, or at the next start where the program crashed."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import IO

from ecogeo.locking import is_taken

PREFIX = "ecogeo-intake-"
_LOCK = "in-use"


class OwnFolder:
    """A folder that only this user may open; those that crashed programs left behind are removed when it is made.

    A folder belongs to a living program as long as that holds its lock, which the system gives back when it dies.

    Parameters
    ----------
    home
        Where it is made; None takes the system's temporary folder.
    """

    def __init__(self, home: Path | None = None) -> None:
        home = Path(tempfile.gettempdir()) if home is None else home
        sweep(home)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=home))
        lock = (self.path / _LOCK).open("wb")
        is_taken(lock)
        self.close = weakref.finalize(self, _remove, self.path, lock)

    def new(self) -> Path:
        """Return a new empty folder inside."""
        return Path(tempfile.mkdtemp(dir=self.path))


def sweep(home: Path) -> tuple[str, ...]:
    """Remove the folders that crashed programs of this user left behind; return their names.

    Parameters
    ----------
    home
        Where they are looked for.
    """
    gone = []
    for folder in sorted(home.glob(f"{PREFIX}*")):
        try:
            with (folder / _LOCK).open("r+b") as lock:
                is_dead = is_taken(lock)
        except OSError:  # another user's, or one that is being made or removed at this moment
            continue
        if is_dead:
            shutil.rmtree(folder, ignore_errors=True)
            gone.append(folder.name)
    return tuple(gone)


def _remove(folder: Path, lock: IO[bytes]) -> None:
    lock.close()
    shutil.rmtree(folder, ignore_errors=True)
