"""The parts: packages pinned by the locks, and browser libraries vendored with the viewer."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parents[2]
VENDOR = HOME / "viewer" / "static" / "vendor"
LOCKS = ("requirements.lock", "requirements-dev.lock")
"""What users install, and what the tests need beside it."""

_PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))? *\\?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pinned:
    """One package of a lock.

    Parameters
    ----------
    name, version
        As the lock writes them.
    marker
        On which machines it is installed; empty for all.
    hashes
        SHA-256 of each file that may be installed.
    is_needed
        Whether users install it, or the tests alone.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    is_needed: bool


def read_lock(path: Path, *, is_needed: bool) -> Iterator[Pinned]:
    """Yield the packages of a lock, in its order.

    Raises
    ------
    SystemExit
        Where a line is neither a package, a hash nor a remark.
    """
    head: re.Match[str] | None = None
    hashes: list[str] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if found := _HASH.match(text):
            hashes.append(found[1])
            continue
        if head is not None:
            yield _pinned(head, hashes, is_needed=is_needed)
        head, hashes = _PINNED.fullmatch(text), []
        if head is None:
            msg = f"{path.name}, line {number}: neither a package nor a hash: {text}"
            raise SystemExit(msg)
    if head is not None:
        yield _pinned(head, hashes, is_needed=is_needed)


def _pinned(head: re.Match[str], hashes: list[str], *, is_needed: bool) -> Pinned:
    return Pinned(head["name"], head["version"], (head["marker"] or "").strip(), tuple(hashes), is_needed)


def pinned_packages(home: Path = HOME) -> tuple[Pinned, ...]:
    """Return every pinned package by name: those users install, then those of the tests alone."""
    needed = list(read_lock(home / LOCKS[0], is_needed=True))
    names = {one.name for one in needed}
    further = [one for one in read_lock(home / LOCKS[1], is_needed=False) if one.name not in names]
    return (*sorted(needed, key=lambda one: one.name), *sorted(further, key=lambda one: one.name))


def vendored_packages() -> tuple[dict[str, Any], ...]:
    """Return the entries of the manifest of what is vendored."""
    return tuple(json.loads((VENDOR / "manifest.json").read_text("utf-8"))["packages"])


def licence_of(name: str) -> str:
    """Return the licence of a package as an SPDX expression; empty where nobody wrote it down."""
    known: dict[str, str] = tomllib.loads(Path(__file__).with_name("licences.toml").read_text("utf-8"))["packages"]
    return known.get(name.lower().replace("_", "-").replace(".", "-"), "")
