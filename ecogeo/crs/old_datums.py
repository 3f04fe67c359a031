"""Coordinates on Beijing 1954 or Xian 1980: brought over with a person's parameters, else refused."""

from __future__ import annotations

import pyproj

from ecogeo import geodesy
from ecogeo.crs.assuming import Assumption
from ecogeo.crs.inferring import inferred
from ecogeo.crs.placement import Placement, turned_if
from ecogeo.datum_shift import DatumShift, old_datum_of, shift_to_cgcs2000
from ecogeo.errors import DatumError
from ecogeo.formats.reading import CrsHint
from ecogeo.gauss import BEIJING_1954, DATUMS, XIAN_1980, Box, twin
from ecogeo.wording import Text

_OLD_WORDS = {"80": XIAN_1980, "西安": XIAN_1980, "54": BEIJING_1954, "北京": BEIJING_1954}
_MODERN_WORDS = ("2000", "CGCS", "WGS")


def old_datum(stated: pyproj.CRS | None, hint: CrsHint, assumption: Assumption) -> int | None:
    """Return the old datum the coordinates are on, by what a person says, the file states, or its head hints at."""
    said = assumption.crs or stated
    return old_datum_of(said) if said is not None else _hinted_datum(hint)


def shifted(
    geometries: geodesy.Geometries,
    *,
    datum: int,
    stated: pyproj.CRS | None,
    county: Box | None,
    assumption: Assumption,
    shift: DatumShift,
) -> Placement:
    """Read coordinates on an old datum with the parameters a person gave; the parameters are not repeated."""
    turned = turned_if(geometries, is_swapped=assumption.is_swapped)
    crs = assumption.crs or stated
    if crs is None:
        modern = inferred(turned, CrsHint(), county)
        crs, turned = (
            twin(modern.crs, datum) or pyproj.CRS.from_epsg(datum),
            turned_if(turned, is_swapped=modern.is_swapped),
        )
    told = Text(
        f"{DATUMS[datum]}，按所给{shift.count}参数转换到 CGCS2000",
        f"on {crs.name}, brought to CGCS2000 with the {shift.count} parameters given",
    )
    return Placement(crs, assumption.is_swapped, shift_to_cgcs2000(turned, crs, shift), "stated", (told,))


def refuse_old_datum(hint: CrsHint) -> None:
    """Refuse a file whose own words name an old datum: without parameters nothing can be made of it."""
    if _hinted_datum(hint) is not None:
        raise DatumError(
            Text(
                f"文件注明坐标系为“{hint.datum}”，转换到2000国家大地坐标系需要四参数或七参数（--parameters）",
                f"it is on “{hint.datum}”; CGCS2000 needs 4 or 7 parameters (--parameters), never a no-op",
            )
        )


def _hinted_datum(hint: CrsHint) -> int | None:
    """Return the EPSG code of the old datum a file's own words name, or None."""
    words = hint.datum.upper()
    if any(modern in words for modern in _MODERN_WORDS):
        return None
    return next((code for word, code in _OLD_WORDS.items() if word in words), None)
