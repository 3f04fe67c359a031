"""Where a project's own words, its name and its content, say that it is.

Only what is named counts: never the county in a title, never the department in charge. The rules:

1. A river is where a project is if the project's *name* names it. Basis ``line``; it goes before all others.
2. A village counts with its town in front (``穿山镇板塘村``), after another village of that town (``和白山村``), or
   alone at the beginning of the name or after 选址, 位于, 地处. It then stands for its town too. Basis ``village``.
3. A town counts by its full name; by its short form in an enumeration of towns (``三都、里高及土博``) or at the
   beginning of the name (``土博十里画廊``), unless what follows makes another name of it (``进德河``,
   ``百朋种畜场``). Basis ``town``.
4. A place of the gazetteer that gives its town in brackets counts as that town, with the place's own precision.
5. Words for the whole county (全区, 整区, 8个乡镇 in a county of 8) count where nothing finer is named. Basis
   ``county``.
6. Otherwise the basis is ``none``; a named place whose town the gazetteer does not give is kept in ``place`` all the
   same.

The longest name wins; a name inside a longer one that is something else (流域, 灌区, 人民政府 …) does not count. Where
villages and other towns are both named, the basis is ``town``, the finest that holds for all. ``accuracy_m`` is the
largest precision of the places named, and empty where the gazetteer has none for one of them. It says how well a
place's coordinates are known, not how far the place reaches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from ecogeo.join import plain_name
from ecogeo.plan.cells import numeral_value
from ecogeo.plan.columns import typed_frame
from ecogeo.plan.gazetteer import Gazetteer
from ecogeo.plan.names import COUNTY_IN_FRONT, Names, Place, prepare_names

_NOT_THERE = re.compile(r"流域|灌区|(?:人民)?政府|党委|管委会|派出所")
_NOT_THE_RIVER = re.compile(r"流域|灌区|风?景区|大桥|大道|路|水厂|水库|公园|村|社区")
_SITE_WORDS = re.compile(rf"(?:选址(?:在|于)?|位于|地处){COUNTY_IN_FRONT}$")
_AND_VILLAGE = re.compile(r"村?委?会?(?:、|和|及|与|以及)")
_LONE_LEAST = 3
_WHOLE_COUNTY = re.compile(
    r"(?<!自治区)(?<!广西)全区(?!域)|整区|全县|(?P<count>[0-9]{1,2}|[一二三四五六七八九十]{1,3})个(?:乡镇|镇)"
)


def locate(projects: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Find where projects are, as far as their own words say it.

    Parameters
    ----------
    projects
        With the columns ``project_id, name, content``; a ``place`` that a column of the document names (建设地点)
        counts as if the content ended with 位于 and that place, and is kept where the gazetteer knows nothing of it.
    gazetteer
        The county's names.

    Returns
    -------
    ``project_id, location_basis`` (``line``, ``village``, ``town``, ``county`` or ``none``), ``place`` (names joined by
    ``;``) and ``accuracy_m``, one row per project, on the index of the projects.
    """
    names = prepare_names(gazetteer)
    printed = projects["place"] if "place" in projects.columns else pd.Series("", index=projects.index)
    rows = []
    for key, name, content, place in zip(
        projects["project_id"], projects["name"], projects["content"], printed, strict=True
    ):
        found = _locate_one(plain_name(name), plain_name(f"{content}，位于{place}" if place else content), names)
        rows.append({"project_id": key} | found | {"place": found["place"] or place})
    return typed_frame(rows, ("project_id", "location_basis", "place", "accuracy_m")).set_index(projects.index)


def _locate_one(name: str, content: str, names: Names) -> dict[str, object]:
    """Find where one project is."""
    if rivers := _unique(_rivers(name, names)):
        return _located("line", [river.name for river in rivers], rivers)
    found = _unique([*_settled(name, names, is_name=True), *_settled(content, names, is_name=False)])
    villages = [place for place in found if place.kind == "village"]
    with_village = {place.town for place in villages}
    towns = [place for place in found if place.kind == "town" and place.town not in with_village]
    if towns:
        known = [names.towns[place.town] if place.kind == "village" else place for place in found if place.town]
        return _located("town", [place.town for place in known], known)
    if villages:
        return _located("village", [place.town + place.name for place in villages], villages)
    if any(_is_whole_county(text, len(names.short_towns)) for text in (name, content)):
        return _located("county", [names.county], [])
    return _located("none", [place.name for place in found], [])


def _located(basis: str, words: Iterable[str], places: Iterable[Place]) -> dict[str, object]:
    """Return the cells of a project; the accuracy is the worst of its places, and unknown where one is."""
    precisions = [place.precision_km for place in places]
    accuracy_m = float(np.max(precisions)) * 1000 if precisions else None
    return {"location_basis": basis, "place": ";".join(dict.fromkeys(words)), "accuracy_m": accuracy_m}


def _unique(hits: Iterable[tuple[int, Place]]) -> list[Place]:
    """Return the places of hits in the order of first mention."""
    return list(dict.fromkeys(place for _, place in hits))


def _rivers(name: str, names: Names) -> Iterator[tuple[int, Place]]:
    """Find the rivers that a project's name names, unless the name goes on to something else of that name."""
    for found in names.river.finditer(name):
        if not _NOT_THE_RIVER.match(name, found.end()):
            yield found.start(), names.rivers[found[0]]


def _settled(text: str, names: Names, *, is_name: bool) -> list[tuple[int, Place]]:
    """Find the villages, towns and other places that a text names, in order."""
    hits: list[tuple[int, Place]] = []
    last: tuple[int, str] = (0, "")
    for found in names.settled.finditer(text):
        word = found[0]
        if _NOT_THERE.match(text, found.end()) or word in names.rivers:
            continue
        place = names.towns.get(word) or names.others.get(word)
        if place is None and (place := _village(text, found, last, names, is_name=is_name)):
            last = (found.end(), place.town)
        if place is not None:
            hits.append((found.start(), place))
    for run in names.enumeration.finditer(text):
        items = names.short.finditer(text, run.start(), run.end())
        hits += [(item.start(), names.short_towns[item[0]]) for item in items]
    if is_name and (begun := names.beginning.match(text)):
        hits.append((begun.start("town"), names.short_towns[begun["town"]]))
    return sorted(hits, key=lambda hit: hit[0])


def _village(text: str, found: re.Match[str], last: tuple[int, str], names: Names, *, is_name: bool) -> Place | None:
    """Return the village that a word names, by what stands in front of it; ``None`` where it may be a common word."""
    word, before = found[0], text[: found.start()]
    towns = [town for town, village in names.villages if village == word]
    for town in towns:
        if before.endswith((town, town[:-1])):
            return names.villages[town, word]
    last_end, last_town = last
    if last_town in towns and _AND_VILLAGE.fullmatch(text, last_end, found.start()):
        return names.villages[last_town, word]
    is_site = bool(_SITE_WORDS.search(before)) or (is_name and bool(re.fullmatch(COUNTY_IN_FRONT, before)))
    return names.villages[towns[0], word] if is_site and len(towns) == 1 and len(word) >= _LONE_LEAST else None


def _is_whole_county(text: str, town_count: int) -> bool:
    """Whether a text says that it is about the whole county."""
    return any(not found["count"] or _count(found["count"]) == town_count for found in _WHOLE_COUNTY.finditer(text))


def _count(numeral: str) -> int:
    """Return the value of a number written in digits or in Chinese."""
    return int(numeral) if numeral.isdecimal() else numeral_value(numeral)
