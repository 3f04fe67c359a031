"""Tiles kept on disk, by what they are drawn from: other features, words or styles are other tiles."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ecogeo.tiles.grid import Tile

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tiles (
    drawn_from TEXT, kind TEXT, z INTEGER, x INTEGER, y INTEGER, data BLOB, PRIMARY KEY (drawn_from, kind, z, x, y)
) WITHOUT ROWID
"""


class TileShelf:
    """Keeps tiles in one SQLite file; where that cannot be written, tiles are drawn each time they are asked for.

    Parameters
    ----------
    path
        The file; None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with closing(self._open()) as database:
                    database.execute(_SCHEMA)
                    database.commit()
            except (OSError, sqlite3.Error):
                self._path = None

    def tile(self, drawn_from: str, kind: str, tile: Tile, draw: Callable[[], bytes]) -> bytes:
        """Return a tile, drawn if it is not kept.

        Parameters
        ----------
        drawn_from
            Digest of the content and the style.
        kind
            What it is, such as ``png``.
        tile
            Which tile.
        draw
            Draws it.
        """
        if (kept := self._kept(drawn_from, kind, tile)) is not None:
            return kept
        drawn = draw()
        self._keep(drawn_from, kind, tile, drawn)
        return drawn

    def _kept(self, drawn_from: str, kind: str, tile: Tile) -> bytes | None:
        if self._path is None:
            return None
        ask = "SELECT data FROM tiles WHERE drawn_from = ? AND kind = ? AND z = ? AND x = ? AND y = ?"
        try:
            with closing(self._open()) as database:
                row = database.execute(ask, (drawn_from, kind, tile.z, tile.x, tile.y)).fetchone()
        except sqlite3.Error:
            return None
        return None if row is None else bytes(row[0])

    def _keep(self, drawn_from: str, kind: str, tile: Tile, data: bytes) -> None:
        if self._path is None:
            return
        put = "INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?, ?, ?)"
        try:
            with self._lock, closing(self._open()) as database:
                database.execute(put, (drawn_from, kind, tile.z, tile.x, tile.y, data))
                database.commit()
        except sqlite3.Error:
            self._path = None  # a full or broken disk: from now on tiles are drawn each time

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(str(self._path), timeout=5.0)
