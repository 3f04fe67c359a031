"""A gazetteer made ready for reading texts: spellings to places, and the patterns that find them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from ecogeo.plan.gazetteer import Gazetteer

COUNTY_IN_FRONT = r"(?:[一-鿿]{2,4}?市)?(?:[一-鿿]{1,4}?[区县])?"

_HANDLED_ELSEWHERE = ("town_seat", "district_seat", "county_seat", "city", "populated_place", "river_point", "village")
_NO_OTHER_NAME = "(?!河|村|社区|屯|水库|种畜场|农场|林场)"
_NO_FACILITY = "(?!水厂|污水|中学|小学|街道|路|站|桥)"


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a text may name.

    Parameters
    ----------
    kind
        What it is; ``elsewhere`` where its town is not known.
    name
        Its name, for a village without its town; for a place known by its town, that town.
    town
        Its town; empty for rivers and where not known.
    precision_km
        How well its coordinates are known; NaN where they are not.
    """

    kind: Literal["river", "village", "town", "elsewhere"]
    name: str
    town: str
    precision_km: float


@dataclass(frozen=True, slots=True)
class Names:
    """All names of a county.

    Parameters
    ----------
    county
        Its present name.
    rivers, towns, others
        Spelling to place, aliases included.
    villages
        Town and village to place.
    short_towns
        A town's name without its last character, to place.
    river, settled, short
        Patterns that find one name: of a river, of anything at all, of a town in its short form.
    enumeration
        Finds two and more towns in a row, in short or full form.
    beginning
        Finds a town in its short form at the beginning of a project's name, after those of city and county.
    """

    county: str
    rivers: dict[str, Place]
    towns: dict[str, Place]
    others: dict[str, Place]
    villages: dict[tuple[str, str], Place]
    short_towns: dict[str, Place]
    river: re.Pattern[str]
    settled: re.Pattern[str]
    short: re.Pattern[str]
    enumeration: re.Pattern[str]
    beginning: re.Pattern[str]


def prepare_names(gazetteer: Gazetteer) -> Names:
    """Make a gazetteer ready for reading texts."""
    precision = _precisions(gazetteer.places)
    unknown = float("nan")
    towns = {
        town: Place("town", town, town, precision.get(("town_seat", town, ""), unknown)) for town in gazetteer.towns
    }
    villages = {
        (town, village): Place("village", village, town, precision.get(("village", village, town), unknown))
        for town, village in _rows(gazetteer.villages, "town", "village")
    }
    rivers = {
        river: Place("river", river, "", precision.get(("river_point", river, ""), unknown))
        for river in gazetteer.rivers["river"]
    }
    others, by_cell = _others(gazetteer.places)
    short_towns = {town[:-1]: place for town, place in towns.items()}
    for kind, alias, name in _rows(gazetteer.aliases, "kind", "alias", "name"):
        spellings, known = {"town": (towns, towns), "river": (rivers, rivers), "place": (others, by_cell)}.get(
            kind, ({}, {})
        )
        if name in known:
            spellings[alias] = known[name]
    short = _any_of(short_towns)
    item = rf"(?:{short})[镇乡]?{_NO_OTHER_NAME}"
    return Names(
        county=gazetteer.county,
        rivers=rivers,
        towns=towns,
        others=others,
        villages=villages,
        short_towns=short_towns,
        river=re.compile(_any_of(rivers)),
        settled=re.compile(_any_of([*rivers, *towns, *others, *(village for _, village in villages)])),
        short=re.compile(short),
        enumeration=re.compile(rf"{item}(?:(?:、|和|及|与|以及){item})+"),
        beginning=re.compile(rf"{COUNTY_IN_FRONT}(?P<town>{short}){_NO_OTHER_NAME}{_NO_FACILITY}"),
    )


def _precisions(places: pd.DataFrame) -> dict[tuple[str, str, str], float]:
    """Return the precision of each place by kind, spelling and town, in km; rivers by kind and spelling alone."""
    return {
        (kind, form, "" if kind == "river_point" else town): km
        for kind, forms, town, km in _rows(places, "kind", "forms", "town", "precision_km")
        for form in forms
    }


def _others(places: pd.DataFrame) -> tuple[dict[str, Place], dict[str, Place]]:
    """Return the places that are no town, village or river, by spelling and by name cell."""
    spellings: dict[str, Place] = {}
    by_cell: dict[str, Place] = {}
    kept = places[~places["kind"].isin(_HANDLED_ELSEWHERE)]
    for cell, forms, town, km in _rows(kept, "name", "forms", "town", "precision_km"):
        if forms:
            by_cell[cell] = Place("town" if town else "elsewhere", town or forms[0], town, km)
            spellings |= dict.fromkeys(forms, by_cell[cell])
    return spellings, by_cell


def _rows(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Go through some columns row by row."""
    return frame[list(columns)].itertuples(index=False, name=None)


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of these words, the longest first; for no word at all one that never matches."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))) or "(?!)"
