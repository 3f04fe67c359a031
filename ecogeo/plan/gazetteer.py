"""The names of a county: towns, villages, rivers, other places, and what else each is called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ecogeo.errors import EcogeoError, UnusableFileError, merged
from ecogeo.table import read_cells
from ecogeo.wording import Text, list_en, list_zh

_COLUMNS = {
    "gazetteer.csv": ("name", "kind", "lon", "lat", "precision_km", "basis"),
    "villages.csv": ("town", "village_or_community"),
    "river_works.csv": ("river", "basin"),
    "aliases.csv": ("kind", "alias", "name", "note"),
}
_BRACKETED = re.compile(r"(?P<forms>[^(（]+)(?:[(（](?P<inside>[^)）]*)[)）])?")
_FORM_LEAST = 3
_NUMBERS = ("lon", "lat", "precision_km")


@dataclass(frozen=True, slots=True, eq=False)
class Gazetteer:
    """The names of a county, as four frames.

    Parameters
    ----------
    places
        ``name, kind, lon, lat, precision_km, basis`` and, read from the name cell, ``forms`` (its spellings) and
        ``town`` (the town in brackets, empty where none is given). ``precision_km`` is the half-width within which the
        place may really lie; degrees on CGCS2000.
    villages
        ``town, village``.
    rivers
        ``river, basin``, and whatever else the file has.
    aliases
        ``kind, alias, name, note``; the kinds ``county``, ``town``, ``river`` and ``place`` give another name of
        something here, ``former_town`` a town that belongs to another county by now.
    """

    places: pd.DataFrame
    villages: pd.DataFrame
    rivers: pd.DataFrame
    aliases: pd.DataFrame

    @property
    def towns(self) -> tuple[str, ...]:
        """The county's towns, in the order of the list of villages."""
        return tuple(dict.fromkeys(self.villages["town"]))

    @property
    def county(self) -> str:
        """The county's present name; empty where the aliases do not give it."""
        names = self.aliases.loc[self.aliases["kind"] == "county", "name"]
        return str(names.iloc[0]) if len(names) else ""


def read_gazetteer(folder: Path) -> Gazetteer:
    """Read gazetteer.csv, villages.csv, river_works.csv and aliases.csv of a plan's folder.

    Parameters
    ----------
    folder
        The folder.

    Raises
    ------
    EcogeoError
        With everything that makes any of the files unusable: missing, columns missing, a precision that is no number.
    """
    frames: dict[str, pd.DataFrame] = {}
    errors: list[EcogeoError] = []
    for name, columns in _COLUMNS.items():
        try:
            frames[name] = _read_columns(folder / name, columns)
        except EcogeoError as error:
            errors.append(error)
    if errors:
        raise merged(errors)
    villages = frames["villages.csv"].rename(columns={"village_or_community": "village"})
    places = _with_forms(frames["gazetteer.csv"], tuple(dict.fromkeys(villages["town"])))
    return Gazetteer(places, villages, frames["river_works.csv"], frames["aliases.csv"])


def _read_columns(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a table of names with numbers where the column is one."""
    cells = read_cells(path)
    if missing := [column for column in columns if column not in cells.columns]:
        problem = Text(f"缺少列 {list_zh(missing)}", f"the columns {list_en(missing)} are missing")
        raise UnusableFileError(path.name, problem)
    problems = []
    for column in (name for name in _NUMBERS if name in columns):
        numbers = pd.to_numeric(cells[column], errors="coerce")
        wrong = [
            place + 2
            for place, (cell, number) in enumerate(zip(cells[column], numbers, strict=True))
            if cell and pd.isna(number)
        ]
        if wrong:
            problems.append(
                Text(f"列 {column} 第 {list_zh(wrong)} 行不是数字", f"{column} is no number in rows {list_en(wrong)}")
            )
        cells[column] = numbers.astype("float64")
    if problems:
        raise UnusableFileError(path.name, problems)
    return cells


def _with_forms(places: pd.DataFrame, towns: tuple[str, ...]) -> pd.DataFrame:
    """Read from each name cell (``甲/乙(丙镇丁村)``) the spellings of the place and the town in brackets.

    A spelling of less than three characters is a word, not a name, and is left out.
    """
    found = [_BRACKETED.match(name) for name in places["name"]]
    forms = [tuple(form for form in (it["forms"] if it else "").split("/") if len(form) >= _FORM_LEAST) for it in found]
    inside = [(it["inside"] or "") if it else "" for it in found]
    town = [next((name for name in towns if text.startswith(name)), "") for text in inside]
    return places.assign(forms=pd.Series(forms, index=places.index, dtype="object"), town=town)
