"""Distances that law sets between sources and those they may harm, one row each, dated and cited like the rules."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecogeo.errors import UnusableFileError
from ecogeo.handkept import at, column_problems, is_day, numbered
from ecogeo.rules.pack import ANY, LEVELS, first_day, last_day
from ecogeo.table import read_cells
from ecogeo.wording import Text, list_en, list_zh

DISTANCES_FILE = "distances.csv"
TARGETS = ("receptors", "water_sources")
COLUMNS = (
    *("distance_id", "source_kinds", "target_layer", "target_kinds", "distance_m", "clause", "level"),
    *("valid_from", "valid_to", "source_url", "checked_by", "checked_on"),
)
_NEEDED = COLUMNS[:7]


@dataclass(frozen=True, slots=True)
class LawDistance:
    """A distance that has to be kept.

    Parameters
    ----------
    distance_id
        Unique in the table.
    source_kinds, target_kinds
        Kinds as the layers write them; ``*`` for all.
    target_layer
        ``receptors`` or ``water_sources``.
    distance_m
        Metres.
    clause, level
        Citation, and 国家, 自治区, 省, 市 or 县.
    valid_from, valid_to
        Day, month or year, as far as known; empty for unknown and for open.
    checked_by
        Who compared it with the issuer's text; as in the rules.
    """

    distance_id: str
    source_kinds: tuple[str, ...]
    target_layer: str
    target_kinds: tuple[str, ...]
    distance_m: float
    clause: str
    level: str
    valid_from: str
    valid_to: str
    checked_by: str

    @property
    def is_verified(self) -> bool:
        """Whether a person compared it with the issuer's text."""
        return bool(self.checked_by) and "recalled" not in self.checked_by and not self.checked_by.startswith("re-post")

    def concerns(self, source_kind: str, target_layer: str, target_kind: str) -> bool:
        """Whether it is about a source and a target."""
        is_source = is_named(source_kind, self.source_kinds)
        is_target = is_named(target_kind, self.target_kinds)
        return is_source and is_target and target_layer == self.target_layer

    def is_in_force(self, on: dt.date | None) -> bool:
        """Whether it is in force on a day; without a day, whether its end is open."""
        if on is None:
            return not self.valid_to
        has_begun = not self.valid_from or first_day(self.valid_from) <= on
        return has_begun and (not self.valid_to or on <= last_day(self.valid_to))


def is_named(kind: str, kinds: Sequence[str]) -> bool:
    """Tell whether a list of kinds names one; width, case and spaces make no difference.

    Examples
    --------
    >>> is_named("规模化养殖 ", ("规模化养殖", "噪声源")), is_named("", ("*",)), is_named("", ("噪声源",))
    (True, True, False)
    """
    return ANY in kinds or _plain(kind) in {_plain(one) for one in kinds}


def _plain(kind: str) -> str:
    return "".join(unicodedata.normalize("NFKC", kind).split()).lower()


def read_distances(folder: Path, *, on: dt.date | None) -> tuple[LawDistance, ...]:
    """Read the distances in force on a day; none where the county has no such table.

    Parameters
    ----------
    folder
        The county's ``data/``, which may hold ``distances.csv`` with exactly `COLUMNS`; lists within a cell are
        separated by ``|``.
    on
        The day; None takes those whose end is open.

    Raises
    ------
    UnusableFileError
        With everything wrong in the table: columns, empty cells, distances that are none, layers, levels, dates, an id
        twice.
    """
    path = folder / DISTANCES_FILE
    if not path.is_file():
        return ()
    cells = read_cells(path, shown=f"data/{DISTANCES_FILE}")
    problems = column_problems(cells, COLUMNS)
    if unknown := [column for column in cells.columns if column not in COLUMNS]:
        problems.append(Text(f"不认识列 {list_zh(unknown)}", f"the columns {list_en(unknown)} are not known"))
    if problems:
        raise UnusableFileError(f"data/{DISTANCES_FILE}", problems)
    rows = list(numbered(cells))
    problems = [at(row, fault) for row, entry in rows for fault in _faults(entry)]
    ids = [entry["distance_id"] for _, entry in rows]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        problems.append(Text(f"编号重复：{list_zh(twice)}", f"ids twice: {list_en(twice)}"))
    if problems:
        raise UnusableFileError(f"data/{DISTANCES_FILE}", problems)
    return tuple(one for _, entry in rows if (one := _distance(entry)).is_in_force(on))


def widest(
    distances: Sequence[LawDistance], source_kind: str, target_layer: str, target_kind: str
) -> LawDistance | None:
    """Return the widest distance about a source and a target, the first of equals; None where none is."""
    own = [one for one in distances if one.concerns(source_kind, target_layer, target_kind)]
    return max(own, key=lambda one: one.distance_m, default=None)


def _faults(entry: Mapping[str, str]) -> Iterator[Text]:
    if empty := [column for column in _NEEDED if not entry[column]]:
        yield Text(f"{list_zh(empty)} 为空", f"{list_en(empty)} is empty")
    if not 0.0 < _metres(entry["distance_m"]) < math.inf:
        yield Text(
            f"distance_m“{entry['distance_m']}”应为大于 0 的米数",
            f"the distance_m “{entry['distance_m']}” must be metres above 0",
        )
    for column, allowed in (("target_layer", TARGETS), ("level", tuple(LEVELS))):
        if entry[column] and entry[column] not in allowed:
            zh, en = list_zh(allowed, most=10), list_en(allowed, most=10)
            yield Text(f"{column}“{entry[column]}”应为 {zh}", f"the {column} “{entry[column]}” must be one of {en}")
    for column in ("valid_from", "valid_to"):
        if entry[column] and not _is_date(entry[column]):
            yield Text(
                f"{column}“{entry[column]}”应为 YYYY-MM-DD、YYYY-MM 或 YYYY",
                f"the {column} “{entry[column]}” must be YYYY-MM-DD, YYYY-MM or YYYY",
            )
    if entry["checked_on"] and not is_day(entry["checked_on"]):
        yield Text(
            f"checked_on“{entry['checked_on']}”应为 YYYY-MM-DD",
            f"the checked_on “{entry['checked_on']}” must be YYYY-MM-DD",
        )


def _metres(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _is_date(text: str) -> bool:
    try:
        return first_day(text) <= last_day(text)
    except ValueError:
        return False


def _distance(entry: Mapping[str, str]) -> LawDistance:
    def listed(column: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in entry[column].split("|") if part.strip())

    return LawDistance(
        entry["distance_id"],
        listed("source_kinds"),
        entry["target_layer"],
        listed("target_kinds"),
        _metres(entry["distance_m"]),
        entry["clause"],
        entry["level"],
        entry["valid_from"],
        entry["valid_to"],
        entry["checked_by"],
    )
