"""Where the programs of a PostgreSQL server lie."""

from __future__ import annotations

from pathlib import Path

_PROGRAMS = "/usr/lib/postgresql"
_EXTENSIONS = "/usr/share/postgresql"


def server_programs() -> Path | None:
    """Return the folder of the newest server with PostGIS, where Debian puts them, or None."""
    versions = [path.parent for path in Path(_PROGRAMS).glob("*/bin/postgres")]
    with_postgis = [
        path for path in versions if Path(_EXTENSIONS, path.parent.name, "extension", "postgis.control").is_file()
    ]
    return max(with_postgis, key=lambda path: int(path.parent.name), default=None)
