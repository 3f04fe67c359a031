"""What share of each ground every class of land cover has, and every cover by its definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecogeo import geodesy
from ecogeo.landuse.book import NOTHING, Definition, LandBook, LandClass
from ecogeo.landuse.units import UNIT_COLUMNS, Units
from ecogeo.raster import Raster
from ecogeo.raster_classes import class_names
from ecogeo.zonal import class_areas

COLUMNS = (
    *(*UNIT_COLUMNS, "class", "class_name", "definition", "definition_checked"),
    *("area_m2", "share", "nodata_share"),
)
NODATA = "nodata"


@dataclass(frozen=True, slots=True, eq=False)
class CoverShares:
    """Land cover of some grounds.

    Parameters
    ----------
    classes
        One row per ground and class with a part of it, and one for what is unknown: `COLUMNS`, and ``position`` of the
        ground among the units. Their shares add up to 1.
    covers
        One row per ground and definition, likewise.
    meanings
        What the values that occur mean; those without a meaning are not in it.
    unnamed
        Values that occur and that neither the county nor the file names.
    """

    classes: pd.DataFrame
    covers: pd.DataFrame
    meanings: Mapping[int, LandClass]
    unnamed: tuple[int, ...]


def meanings_of(landcover: Raster, book: LandBook) -> dict[int, LandClass]:
    """Return what the values of land cover mean: as layers.toml (``classes``) declares, else as the file's tags say."""
    declared = {int(value): name for value, name in landcover.declaration.classes.items()}
    named = {**class_names(landcover), **declared}
    return {value: LandClass(name, book.kind_of(name)) for value, name in sorted(named.items())}


def cover_shares(units: Units, landcover: Raster, book: LandBook) -> CoverShares:
    """Measure the land cover of grounds, cells weighted by the fraction covered.

    Parameters
    ----------
    units
        The grounds.
    landcover
        Classes in cells.
    book
        What the classes count as.

    Returns
    -------
    Areas on the ellipsoid and shares of the whole ground, unknown ground included: a share is what is
    known to be of the class, and ``nodata_share`` how much more it could be. Unknown is ground without data, beyond
    the raster, and of a class that says nothing (未分类); for a definition also ground of a class whose meaning is
    unknown.

    Raises
    ------
    UnusableFileError
        Where the file is damaged, or holds measures instead of classes.
    """
    measured = class_areas(units.shapes, landcover)
    meanings = meanings_of(landcover, book)
    kind = np.array([meanings[code].kind if code in meanings else "" for code in measured["code"]], dtype=object)
    is_known = measured["code"].notna() & (kind != NOTHING)
    measured = measured.assign(kind=kind, is_known=is_known, is_clear=is_known & (kind != ""))
    total_m2 = units.area_m2
    classes = _class_rows(measured, meanings, total_m2)
    covers = [_cover_rows(measured, one, total_m2) for one in book.definitions_of("cover")]
    met = {int(code) for code in measured["code"].dropna()}
    return CoverShares(
        _named(classes, units),
        _named(pd.concat(covers, ignore_index=True), units),
        {code: one for code, one in meanings.items() if code in met},
        tuple(sorted(met - set(meanings))),
    )


def _class_rows(measured: pd.DataFrame, meanings: Mapping[int, LandClass], total_m2: geodesy.Floats) -> pd.DataFrame:
    """Lay out the ground of each class; what says nothing of the ground is one row, last."""
    known = measured[measured["is_known"]]
    rows = pd.DataFrame(
        {
            "position": known["position"],
            "class": known["code"].astype(str),
            "class_name": [meanings[code].name if code in meanings else "" for code in known["code"]],
            "area_m2": known["area_m2"],
        }
    )
    unknown = measured[~measured["is_known"]].groupby("position")["area_m2"].sum()
    missing = pd.DataFrame(
        {"position": unknown.index, "class": NODATA, "class_name": "无数据", "area_m2": unknown.to_numpy()}
    )
    rows = pd.concat([rows, missing], ignore_index=True).sort_values("position", kind="stable", ignore_index=True)
    nodata_m2 = rows["position"].map(unknown).fillna(0.0)
    return _with_shares(rows.assign(definition="", definition_checked=""), nodata_m2.to_numpy(dtype=float), total_m2)


def _cover_rows(measured: pd.DataFrame, definition: Definition, total_m2: geodesy.Floats) -> pd.DataFrame:
    """Lay out one cover of every ground."""
    counted = measured["area_m2"].where(measured["kind"].isin(definition.members), 0.0)
    unclear = measured["area_m2"].where(~measured["is_clear"], 0.0)
    size = len(total_m2)
    area_m2 = np.bincount(measured["position"], weights=counted, minlength=size)
    nodata_m2 = np.bincount(measured["position"], weights=unclear, minlength=size).astype(np.float64)
    rows = pd.DataFrame({"position": np.arange(size), "class": "", **definition.cells})
    return _with_shares(rows.assign(area_m2=area_m2), nodata_m2, total_m2)


def _with_shares(rows: pd.DataFrame, nodata_m2: geodesy.Floats, total_m2: geodesy.Floats) -> pd.DataFrame:
    """Add the share of each ground's whole area, and the share that nobody knows.

    Examples
    --------
    A ground of 100 ha, 60 of them forest and 10 unknown: 0.6, and up to 0.1 more.

    >>> rows = _with_shares(pd.DataFrame({"position": [0], "area_m2": [6e5]}), np.array([1e5]), np.array([1e6]))
    >>> rows[["share", "nodata_share"]].to_numpy().tolist()
    [[0.6, 0.1]]
    """
    whole_m2 = total_m2[rows["position"]]
    return rows.assign(share=rows["area_m2"] / whole_m2, nodata_share=nodata_m2 / whole_m2)


def _named(rows: pd.DataFrame, units: Units) -> pd.DataFrame:
    """Put the names of the grounds in front."""
    names = units.names.iloc[rows["position"]].reset_index(drop=True)
    return pd.concat([names, rows.reset_index(drop=True)], axis=1)[["position", *COLUMNS]]
