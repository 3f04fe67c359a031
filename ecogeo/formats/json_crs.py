"""The ``crs`` members of a JSON text, looked at before GDAL is: one that names an address is refused, not followed."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyproj

from ecogeo.errors import UnusableFileError
from ecogeo.wording import Text

_BLOCK_BYTES = 4 << 20
_LOOKED_AT_BYTES = 64 << 10
"""Longest description of a CRS; whole WKT2 of a compound system stays below it."""

_USUAL_BYTES = 512
_KEY = re.compile(rb"""["'](?:c|\\u00[46]3)(?:r|\\u00[57]2)(?:s|\\u00[57]3)["']""", re.IGNORECASE)
_PLAIN = tuple(bytes([sign]) for sign in b'"ntf0123456789')
_SPACE = re.compile(rb"(?:[\s\x00]|/\*.*?\*/|//[^\n]*\n)*", re.DOTALL)
_KNOWN_ADDRESS = re.compile(r"https?://(?:www\.)?opengis\.net/(?:def/crs|gml/srs)[/.#?-]", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|^\s*(?:/vsi|//|\\\\)", re.IGNORECASE)
_FOLLOWED_KINDS = ("link", "url")
_FOLLOWED_MEMBERS = ("href", "url")
_WGS84_CODE = 4326

LEADS_ELSEWHERE = Text(
    "它的坐标系（crs）不是名称，而是一个网址或链接：文件不得让 ecogeo 访问别的地址。"
    "请另存为写明名称的坐标系（如 urn:ogc:def:crs:EPSG::4490）",
    "its crs is no name but an address or a link: a file may not send ecogeo to another address. "
    "Save it with the name of its CRS (such as urn:ogc:def:crs:EPSG::4490)",
)
NOT_LEGIBLE = Text(
    "它的坐标系（crs）读不出来，可能被改动过：请另存为写明名称的坐标系（如 urn:ogc:def:crs:EPSG::4490）",
    "its crs cannot be made out and may have been tampered with: save it with the name of its CRS "
    "(such as urn:ogc:def:crs:EPSG::4490)",
)


@dataclass(frozen=True, slots=True)
class _Member:
    """An object with every member it was written with, repeated ones too."""

    pairs: tuple[tuple[str, object], ...]


def crs_names(path: Path) -> tuple[str, ...]:
    """Return the names of the CRS that a JSON text states at any depth, each once, in the order they are written.

    The text is read block by block, so that it costs no memory where the file is large. A member called ``crs`` that
    holds text or an object without a type, such as an attribute, is none. An object of another type than those GDAL
    knows has an empty name.

    Parameters
    ----------
    path
        The text, UTF-8.

    Raises
    ------
    UnusableFileError
        Where one of them is a link or an address, or cannot be made out.
    """
    names: dict[str, None] = {}
    problems: dict[Text, None] = {}
    for tail in _values(path):
        decoded = _decoded(tail[:_USUAL_BYTES]) or _decoded(tail)
        if decoded is None:
            problems[NOT_LEGIBLE] = None
            continue
        (value,) = decoded
        if _leads_elsewhere(value):
            problems[LEADS_ELSEWHERE] = None
        elif isinstance(value, _Member) and any(key.lower() == "type" for key, _held in value.pairs):
            names[_name(value)] = None
    if problems:
        raise UnusableFileError(path.name, list(problems))
    return tuple(names)


def is_understood(name: str, crs: pyproj.CRS | None) -> bool:
    """Tell whether GDAL, which says WGS 84 where it understands nothing, understood the name of a CRS.

    Parameters
    ----------
    name
        The name the file states.
    crs
        What GDAL made of it.

    Examples
    --------
    >>> is_understood("urn:ogc:def:crs:EPSG::999999", pyproj.CRS(4326)), is_understood("EPSG:4490", pyproj.CRS(4490))
    (False, True)
    """
    if crs is None:
        return False
    if crs.to_epsg() != _WGS84_CODE:
        return True
    meant = _named(name)
    return meant is not None and meant.equals(crs, ignore_axis_order=True)


def are_one(names: Sequence[str]) -> bool:
    """Tell whether names mean one CRS, or are the same word.

    Parameters
    ----------
    names
        At least one name.

    Examples
    --------
    >>> are_one(["EPSG:4490", "urn:ogc:def:crs:EPSG::4490"]), are_one(["EPSG:4490", "EPSG:4545"])
    (True, False)
    """
    first = _named(names[0])
    return all(name == names[0] or (first is not None and first == _named(name)) for name in names[1:])


def _named(name: str) -> pyproj.CRS | None:
    """Return the CRS of a name; None where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError:
        return None


def not_understood_name(names: Sequence[str]) -> Text:
    """Return the doubt that what a file states as its CRS cannot be understood.

    Parameters
    ----------
    names
        What it states.
    """
    zh, en = "、".join(name[:80] or "—" for name in names), ", ".join(name[:80] or "—" for name in names)
    return Text(f"文件写的坐标系无法识别（{zh}）", f"the CRS it states could not be understood ({en})")


def several_named(names: Sequence[str]) -> Text:
    """Return the doubt that a file states more than one CRS.

    Parameters
    ----------
    names
        What it states.
    """
    shown = [name[:80] or "—" for name in names[:5]]
    return Text(
        f"文件写了 {len(names)} 种坐标系（{'、'.join(shown)}），坐标系待定",
        f"it states {len(names)} different CRS ({', '.join(shown)}): its CRS is left open",
    )


def _values(path: Path) -> Iterator[bytes]:
    """Yield what follows each key that may be read as ``crs``, where it opens an object, an array or a comment."""
    with path.open("rb") as stream:
        buffer = b""
        while True:
            block = stream.read(_BLOCK_BYTES)
            buffer += block
            known = len(buffer) - (_LOOKED_AT_BYTES + 32 if block else 0)
            at = 0
            for match in _KEY.finditer(buffer):
                if match.start() >= known:
                    break
                at = match.end()
                end = min(at + _LOOKED_AT_BYTES, len(buffer))
                colon = _after_space(buffer, at, end)
                if colon < end and buffer[colon : colon + 1] == b":":
                    value = _after_space(buffer, colon + 1, end)
                    first = buffer[value : min(value + 1, end)]
                    is_cut = not first and not block  # GDAL tells that the text ends too early
                    if not is_cut and first not in _PLAIN:
                        yield buffer[value:end]
                elif colon >= end and block:
                    yield b""
            if not block:
                return
            buffer = buffer[max(known, at, 0) :]


def _decoded(text: bytes) -> tuple[object] | None:
    """Return the JSON value a text begins with; None where it begins with none that is whole."""
    try:
        return (_DECODER.raw_decode(text.decode("utf-8", errors="replace"))[0],)
    except (ValueError, RecursionError):
        return None


def _after_space(text: bytes, at: int, end: int) -> int:
    match = _SPACE.match(text, at, end)
    return at if match is None else match.end()


def _leads_elsewhere(value: object) -> bool:
    """Tell whether GDAL would ask another place for it, by any reading of its members."""
    if isinstance(value, _Member):
        return any(
            key.lower() in _FOLLOWED_MEMBERS
            or (key.lower() == "type" and isinstance(held, str) and held.strip().lower() in _FOLLOWED_KINDS)
            or _leads_elsewhere(held)
            for key, held in value.pairs
        )
    if isinstance(value, list):
        return any(_leads_elsewhere(one) for one in value)
    return isinstance(value, str) and bool(_ADDRESS.search(value)) and not _KNOWN_ADDRESS.match(value)


def _name(value: _Member) -> str:
    """Return the name an object gives a CRS; empty where it gives none."""
    own = {key.lower(): held for key, held in value.pairs}
    properties = own.get("properties")
    inner = {key.lower(): held for key, held in properties.pairs} if isinstance(properties, _Member) else {}
    kind = str(own.get("type", "")).lower()
    if kind == "name":
        found = inner.get("name", "")
    elif kind == "ogc":
        found = inner.get("urn", "")
    elif kind == "epsg":
        found = f"EPSG:{inner.get('code', '')}"
    else:
        found = ""
    return found.strip() if isinstance(found, str) else ""


_DECODER = json.JSONDecoder(object_pairs_hook=lambda pairs: _Member(tuple(pairs)))
