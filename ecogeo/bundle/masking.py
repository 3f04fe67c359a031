"""Results for people outside the office: nothing in them tells where a thing lies."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import PurePosixPath

MASK = "〔坐标已略〕"

_DEGREES = r"(?:7[3-9]|[89]\d|1[0-2]\d|13[0-5])(?:\.\d{4,}|°[\d′″'\".]*)"
_LATITUDE = r"(?:1[5-9]|[2-4]\d|5[0-4])(?:\.\d{4,}|°[\d′″'\".]*)"
_NORTH, _EAST = r"(?:1[89]|[2-5]\d)\d{5}(?:\.\d+)?", r"\d{6}(?:\d{2})?(?:\.\d+)?"
_BETWEEN = r"[\s,，;；、/°EeNnXxYy=:：东北经纬度]{1,12}"
_PAIRS = ((_DEGREES, _LATITUDE), (_LATITUDE, _DEGREES), (_NORTH, _EAST), (_EAST, _NORTH))
_PLACE = re.compile("|".join(rf"(?<![\d.]){first}{_BETWEEN}{second}(?![\d])" for first, second in _PAIRS))
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_COLUMNS = frozenset({"x", "y", "lon", "lat", "longitude", "latitude", "wkt", "geometry", "east", "north"})
_LEFT_OUT = (".gpkg", ".shp", ".geojson", ".kml")


def masked_text(text: str) -> str:
    """Return a text without the coordinates in it: pairs of degrees or metres with nothing but signs between them.

    Examples
    --------
    >>> masked_text("自相交于 109.31234, 24.25678 附近"), masked_text("109.3123")
    ('自相交于 〔坐标已略〕 附近', '109.3123')
    >>> masked_text("占 25.1234 公顷，105.1234 亩"), masked_text("X=2684701.721 Y=36632017.749")
    ('占 25.1234 公顷，105.1234 亩', 'X=〔坐标已略〕')
    """
    return text if _NUMBER.fullmatch(text) else _PLACE.sub(MASK, text)


def without_coordinates(name: str, content: bytes) -> bytes | None:
    """Return a file of a run without what tells where things lie; None for one that is nothing but that.

    Parameters
    ----------
    name
        Its name.
    content
        Its bytes.
    """
    suffix = PurePosixPath(name).suffix
    if suffix in _LEFT_OUT or name == "inspection.json":
        return None
    if suffix == ".json":
        told = json.dumps(_masked(json.loads(content)), ensure_ascii=False, indent=2, sort_keys=True)
        return f"{told}\n".encode()
    if suffix == ".csv":
        return _masked_table(content)
    return content


def _masked(told: object) -> object:
    if isinstance(told, dict):
        return {key: _masked(value) for key, value in told.items()}
    if isinstance(told, list):
        return [_masked(value) for value in told]
    return masked_text(told) if isinstance(told, str) else told


def _masked_table(content: bytes) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    kept = [place for place, column in enumerate(rows[0]) if column.lower() not in _COLUMNS] if rows else []
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([masked_text(row[place]) for place in kept] for row in rows)
    return stream.getvalue().encode("utf-8-sig")
