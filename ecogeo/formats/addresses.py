"""Addresses of databases among the paths of layers, and how they may be shown: never with a password."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SCHEMES = ("postgresql://", "postgres://")


def is_postgis(source: str) -> bool:
    """Tell whether a declared path is the address of a database.

    Examples
    --------
    >>> is_postgis("postgresql://reader@localhost/county"), is_postgis("towns.gpkg")
    (True, False)
    """
    return source.lower().startswith(_SCHEMES)


def is_wellformed(source: str) -> bool:
    """Tell whether an address has no unescaped sign that could let a password pass for host, port or database.

    Examples
    --------
    >>> is_wellformed("postgresql://reader:a%40b@localhost/county"), is_wellformed("postgresql://reader:a@b@localhost/c")
    (True, False)
    """
    authority, _, rest = source.partition("://")[2].partition("/")
    ports = [
        host.rpartition(":")[2] for host in authority.rpartition("@")[2].split(",") if ":" in host.rpartition("]")[2]
    ]
    return (
        "@" not in rest
        and authority.count("@") <= 1
        and authority.count("[") == authority.count("]")
        and not _BROKEN_ESCAPE.search(source)
        and all(port.isdigit() or not port for port in ports)
    )


def shown_source(source: str) -> str:
    """Return the address of a database as messages and outputs may show it: without password and options.

    Parameters
    ----------
    source
        A ``postgresql://`` address; anything else comes back as it is.

    Examples
    --------
    >>> shown_source("postgresql://reader:secret@localhost:5432/county?sslmode=require")
    'postgresql://reader@localhost:5432/county'
    """
    if not is_postgis(source):
        return source
    if not is_wellformed(source):
        return "postgresql://…"
    parts = urlsplit(source)
    user, _, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    return f"postgresql://{name}{'@' if name else ''}{host}{parts.path}"
