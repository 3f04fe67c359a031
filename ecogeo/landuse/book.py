"""Tables of land classes, of what a cover counts (口径) and of thresholds by terrain, checked when they are read."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ecogeo.errors import UnusableFileError
from ecogeo.mines.words import says_nothing
from ecogeo.table import read_cells
from ecogeo.wording import Text, list_en, list_zh

CLASSES_FILE, DEFINITIONS_FILE, THRESHOLDS_FILE = "land_classes.csv", "cover_definitions.csv", "cover_thresholds.csv"
BOOK_FILES = (CLASSES_FILE, DEFINITIONS_FILE, THRESHOLDS_FILE)
CHOICE = "builders' choice"
"""How far a definition was checked that the builders made; others are ``unverified``, or ``read in a plan``."""

NOTHING = "nothing"
"""The kind of a class that says nothing of the ground, such as 未分类: it is no data."""

_COLUMNS = {
    CLASSES_FILE: ("scheme", "code", "name", "name_en", "kind", "source", "checked"),
    DEFINITIONS_FILE: (
        *("measure", "measure_en", "definition", "definition_en", "scheme", "members", "source"),
        "checked",
    ),
    THRESHOLDS_FILE: ("measure", "terrain", "terrain_en", "least_pct", "source", "checked"),
}
_SCHEMES = ("dlbm", "cover")
KINDS = frozenset(
    {
        *("cropland", "orchard", "forest", "shrub", "grass", "wetland", "water", "built", "green", "bare", "snow"),
        *("other", NOTHING),
    }
)
"""What a class may count as."""


@dataclass(frozen=True, slots=True)
class LandClass:
    """One class of land.

    Parameters
    ----------
    name
        What it is called.
    kind
        What it counts as: ``cropland``, ``forest``, ``water`` …; `NOTHING` where it says nothing of the ground.
    """

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Definition:
    """What one definition (口径) of a cover counts.

    Parameters
    ----------
    measure
        Such as 林草覆盖率.
    wording
        The definition in words.
    scheme
        ``dlbm`` for patches of the national survey, ``cover`` for land cover in cells.
    members
        Kinds of land cover; or codes of patches, one of two digits standing for all that begin with it, ``-0305``
        taking one out again.
    source, checked
        Where it comes from, and how far that was checked.
    """

    measure: Text
    wording: Text
    scheme: str
    members: tuple[str, ...]
    source: str
    checked: str

    @property
    def cells(self) -> dict[str, str]:
        """What a row of a cover says of its definition."""
        return {
            "class_name": self.measure.zh,
            "definition": self.wording.zh,
            "definition_checked": self.checked,
        }

    def counts(self, member: str) -> bool | None:
        """Tell whether a kind or a code counts; None for a code too short to tell.

        Examples
        --------
        >>> grown = Definition(Text("", ""), Text("", ""), "dlbm", ("03", "-0305"), "", "")
        >>> grown.counts("0301"), grown.counts("0305"), grown.counts("0101"), grown.counts("03")
        (True, False, False, None)
        """
        if self.scheme == "cover":
            return member in self.members
        taken_out = [entry[1:] for entry in self.members if entry.startswith("-")]
        if member in taken_out:
            return False
        within = {entry for entry in self.members if not entry.startswith("-") and entry.startswith(member)}
        if len(member) == 2 and ((within - {member}) or any(code.startswith(member) for code in taken_out)):
            return None
        return any(member.startswith(entry) for entry in self.members)


@dataclass(frozen=True, slots=True)
class Threshold:
    """The least cover a kind of terrain is held to, per cent."""

    measure: str
    terrain: Text
    least_pct: float
    source: str
    checked: str


@dataclass(frozen=True, slots=True)
class LandBook:
    """Land classes, definitions and thresholds.

    Parameters
    ----------
    patch_classes
        By code of the national survey.
    kinds
        What a class of land cover counts as, by its name as `plain_name` gives it.
    definitions, thresholds
        In the order of their files.
    english
        What classes are called in English, by their name as the table has it; one without is not in it.
    """

    patch_classes: Mapping[str, LandClass]
    kinds: Mapping[str, str]
    definitions: tuple[Definition, ...]
    thresholds: tuple[Threshold, ...]
    english: Mapping[str, str] = field(default_factory=dict)

    def kinds_within(self, code: str) -> frozenset[str]:
        """Return what a code of patches may count as: of a first-level code all that its classes do; of none, nothing.

        Examples
        --------
        >>> classes = {"1006": LandClass("", "other"), "1003": LandClass("", "built"), "0301": LandClass("", "forest")}
        >>> book = LandBook(classes, {}, (), ())
        >>> sorted(book.kinds_within("10")), sorted(book.kinds_within("0301")), sorted(book.kinds_within(""))
        (['built', 'other'], ['forest'], [])
        """
        if not code or code in self.patch_classes:
            return frozenset({self.patch_classes[code].kind} if code else ())
        return frozenset(one.kind for known, one in self.patch_classes.items() if known.startswith(code))

    def kind_of(self, name: str) -> str:
        """Return what a named class of land cover counts as; ``""`` where the name is not in the book.

        A name that says nothing of the ground, such as 0, 空 or null, is `NOTHING`.
        """
        return self.kinds.get(plain_name(name), NOTHING if says_nothing(name) else "")

    def definitions_of(self, scheme: str) -> tuple[Definition, ...]:
        """Return the definitions for patches (``dlbm``) or for land cover (``cover``)."""
        return tuple(one for one in self.definitions if one.scheme == scheme)

    def least_pct(self, measure: str, words: str) -> Threshold | None:
        """Return the threshold of the terrain that words name (林草覆盖率（丘陵地区）); None where they name none."""
        own = [one for one in self.thresholds if one.measure == measure and one.terrain.zh in words]
        return own[0] if own else None


def plain_name(name: str) -> str:
    """Return the name of a class without differences of width, case and space.

    Examples
    --------
    >>> plain_name(" Tree_Cover ")
    'tree cover'
    """
    return " ".join(unicodedata.normalize("NFKC", name).lower().replace("_", " ").split())


def read_land_book(folder: Path, otherwise: Path) -> LandBook:
    """Read the tables of land classes.

    Parameters
    ----------
    folder
        The county's ``data/``; each file it lacks is taken from the next.
    otherwise
        The folder that has them all: that of the sample county.

    Raises
    ------
    UnusableFileError
        With everything wrong with the first file that cannot be used: columns, schemes, kinds, a code or name twice.
    """
    classes, definitions, thresholds = (_read(folder, otherwise, name) for name in BOOK_FILES)
    is_patch = classes["scheme"] == "dlbm"
    patches, covers = classes[is_patch], classes[~is_patch]
    return LandBook(
        {
            code: LandClass(name, kind)
            for code, name, kind in zip(patches["code"], patches["name"], patches["kind"], strict=True)
        },
        {plain_name(name): kind for name, kind in zip(covers["name"], covers["kind"], strict=True)},
        tuple(_definition(row) for row in definitions.to_dict("records")),
        tuple(_threshold(row) for row in thresholds.to_dict("records")),
        {name: said for name, said in zip(classes["name"], classes["name_en"], strict=True) if said},
    )


def _threshold(row: Mapping[Any, str]) -> Threshold:
    terrain = Text(row["terrain"], row["terrain_en"])
    return Threshold(row["measure"], terrain, float(row["least_pct"]), row["source"], row["checked"])


def _definition(row: Mapping[Any, str]) -> Definition:
    return Definition(
        Text(row["measure"], row["measure_en"]),
        Text(row["definition"], row["definition_en"]),
        row["scheme"],
        tuple(row["members"].split()),
        row["source"],
        row["checked"],
    )


def _read(folder: Path, otherwise: Path, name: str) -> pd.DataFrame:
    """Read one of the tables, of the county or of the sample, and refuse it with everything wrong with it."""
    own = folder / name
    frame = read_cells(own if own.is_file() else otherwise / name, shown=f"data/{name}")
    missing = [column for column in _COLUMNS[name] if column not in frame.columns]
    if missing:
        raise UnusableFileError(
            f"data/{name}",
            Text(f"缺少列 {list_zh(missing, most=10)}", f"the columns {list_en(missing, most=10)} are missing"),
        )
    problems = [
        *_strange(frame, "scheme", _SCHEMES),
        *_strange(frame, "kind", sorted(KINDS)),
        *_twice_problems(frame, name),
        *_number_problems(frame),
    ]
    if problems:
        raise UnusableFileError(f"data/{name}", problems)
    return frame


def _strange(frame: pd.DataFrame, column: str, known: Sequence[str]) -> list[Text]:
    """Name the entries of a column that are none of the known ones; a table without the column has none."""
    if column not in frame.columns or not (strange := sorted(set(frame[column]) - set(known))):
        return []
    return [
        Text(
            f"{column} 应为 {list_zh(known, most=20)}，不能是 {list_zh(strange)}",
            f"{column} is one of {list_en(known, most=20)}, not {list_en(strange)}",
        )
    ]


def _twice_problems(frame: pd.DataFrame, name: str) -> list[Text]:
    if name != CLASSES_FILE:
        return []
    is_patch = frame["scheme"] == "dlbm"
    keys = frame["code"].where(is_patch, frame["name"].map(plain_name))
    is_twice = pd.DataFrame({"scheme": frame["scheme"], "key": keys}).duplicated()
    twice = sorted(set(keys[is_twice | (keys == "")]))
    return [Text(f"类别为空或重复：{list_zh(twice)}", f"classes empty or twice: {list_en(twice)}")] if twice else []


def _number_problems(frame: pd.DataFrame) -> list[Text]:
    if "least_pct" not in frame.columns:
        return []
    values = pd.to_numeric(frame["least_pct"], errors="coerce")
    strange = sorted(frame["least_pct"][~values.between(0.0, 100.0)])
    return (
        [Text(f"least_pct 应在 0 至 100 之间：{list_zh(strange)}", f"least_pct is 0 to 100, not {list_en(strange)}")]
        if strange
        else []
    )
