"""What share of each ground every class of patches has, cut along the borders of the grounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.guarded import joined
from ecogeo.kernel import Polygons, ZoneIndex, overlap_area
from ecogeo.landuse.book import Definition, LandBook
from ecogeo.landuse.patches import Patches, class_name
from ecogeo.landuse.units import UNIT_COLUMNS, Units

COLUMNS = (
    *(
        *UNIT_COLUMNS,
        "class",
        "class_name",
        "definition",
        "definition_checked",
        "patches",
        "area_m2",
        "net_m2",
        "stated_m2",
        "share",
    ),
    "nodata_share",
)
UNKNOWN, NODATA = "unknown", "nodata"
_SUMS = ("area_m2", "net_m2", "stated_m2")


@dataclass(frozen=True, slots=True, eq=False)
class UseShares:
    """Land use of some grounds.

    Parameters
    ----------
    classes
        One row per ground and code, then ``unknown`` codes, then ground no patch covers: `COLUMNS`.
    covers
        One row per ground and definition.
    repeated_m2
        Shape (grounds,): ground counted more than once in the rows of classes, since patches overlap; 0 for most.
    """

    classes: pd.DataFrame
    covers: pd.DataFrame
    repeated_m2: geodesy.Floats


def use_shares(units: Units, patches: Patches, book: LandBook) -> UseShares:
    """Measure the land use of grounds.

    Parameters
    ----------
    units
        The grounds; a patch over a border is cut, its net and stated area going by the share of its ground.
    patches
        The patches.
    book
        Names of the classes, and the definitions.

    Returns
    -------
    Areas on the ellipsoid; ``net_m2`` less 扣除系数, ``stated_m2`` by the figures of the file (each
    empty where the file has no such field); shares of the whole ground. ``nodata_share`` is how much more a share
    could be: ground without a patch or of an unknown code, for a definition also of a code too short to tell.
    Where patches overlap, each keeps its area, for nobody knows whose the ground is; ground without a patch is not made
    smaller by that.

    Notes
    -----
    Source: 图斑地类面积 TBDLMJ = 图斑面积 less 扣除面积 (图斑面积 × 扣除系数), practice of the third
    national survey, from memory: unverified.
    """
    pairs = overlap_area(Polygons.of(patches.shapes), ZoneIndex.build(Polygons.of(units.shapes)))
    part = pairs.area_m2 / patches.area_m2[pairs.site]
    net_m2 = pairs.area_m2 * (patches.net_m2 / patches.area_m2)[pairs.site]
    pieces = pd.DataFrame(
        {
            "position": pairs.zone,
            "code": patches.code[pairs.site],
            "base": patches.base[pairs.site],
            "patch": pairs.site,
            "area_m2": pairs.area_m2,
            "net_m2": net_m2 if patches.has_deduction else np.nan,
            "stated_m2": patches.stated_m2[pairs.site] * part,
        }
    )
    covered_m2 = np.bincount(pieces["position"], weights=pieces["area_m2"], minlength=len(units.shapes))
    repeated_m2 = _repeated_m2(units, patches.shapes, pieces)
    bare_m2 = np.maximum(units.area_m2 - (covered_m2 - repeated_m2), 0.0)
    for small in (bare_m2, repeated_m2):
        small[small < 1e-6 * units.area_m2] = 0.0
    unknown_m2 = _sum_of(pieces[pieces["base"] == ""], len(units.shapes))
    classes = _class_rows(pieces, bare_m2, book)
    covers = [_cover_rows(pieces, one, bare_m2) for one in book.definitions_of("dlbm")]
    return UseShares(
        _finished(classes.assign(nodata_m2=(unknown_m2 + bare_m2)[classes["position"]]), units),
        _finished(pd.concat(covers, ignore_index=True), units),
        repeated_m2,
    )


def _repeated_m2(units: Units, shapes: geodesy.Geometries, pieces: pd.DataFrame) -> geodesy.Floats:
    """Measure the ground of each unit that patches cover more than once: their areas less that of their union."""
    size = len(units.shapes)
    is_astray = ~shapely.is_empty(shapely.coverage_invalid_edges(shapes))
    if not is_astray.any():
        return np.zeros(size)
    astray = np.flatnonzero(is_astray)
    one, other = shapely.STRtree(shapes).query(shapes[astray], predicate="intersects")
    shared = np.unique(np.concatenate([astray[one], other]))
    counted_m2 = _sum_of(pieces[pieces["patch"].isin(shared)], size)
    union = shapely.get_parts(joined(shapes[shared]))
    once = overlap_area(Polygons.of(union), ZoneIndex.build(Polygons.of(units.shapes)))
    once_m2 = np.bincount(once.zone, weights=once.area_m2, minlength=size)
    repeated_m2: geodesy.Floats = np.maximum(counted_m2 - once_m2, 0.0)
    return repeated_m2


def _sum_of(pieces: pd.DataFrame, size: int) -> geodesy.Floats:
    sums: geodesy.Floats = np.bincount(pieces["position"], weights=pieces["area_m2"], minlength=size).astype(float)
    return sums


def _class_rows(pieces: pd.DataFrame, bare_m2: geodesy.Floats, book: LandBook) -> pd.DataFrame:
    """Add pieces up by ground and code; ground without a patch is a class of its own, last."""
    grouped = pieces.groupby(["position", "base", "code"], sort=True)
    rows = grouped[list(_SUMS)].sum(min_count=1).assign(patches=grouped["patch"].nunique()).reset_index()
    rows["class_name"] = [class_name(code, base, book) for code, base in zip(rows["code"], rows["base"], strict=True)]
    rows["class"] = rows["code"].where(rows["base"] != "", UNKNOWN)
    rows = pd.concat([rows[rows["base"] != ""], rows[rows["base"] == ""]])
    bare = np.flatnonzero(bare_m2)
    missing = pd.DataFrame({"position": bare, "class": NODATA, "class_name": "无图斑", "area_m2": bare_m2[bare]})
    rows = pd.concat([rows, missing.assign(patches=0)], ignore_index=True)
    return rows.assign(definition="", definition_checked="").sort_values("position", kind="stable", ignore_index=True)


def _cover_rows(pieces: pd.DataFrame, definition: Definition, bare_m2: geodesy.Floats) -> pd.DataFrame:
    """Add up what a definition counts on every ground."""
    counts = {base: definition.counts(base) if base else None for base in sorted(set(pieces["base"]))}
    counted = pieces["base"].map({base: bool(answer) for base, answer in counts.items()}).astype(bool)
    unclear = pieces["base"].map({base: answer is None for base, answer in counts.items()}).astype(bool)
    position = np.arange(len(bare_m2))
    grouped = pieces[counted].groupby("position")
    sums = grouped[list(_SUMS)].sum(min_count=1).assign(patches=grouped["patch"].nunique()).reindex(position)
    return sums.fillna({"area_m2": 0.0, "patches": 0}).assign(
        position=position,
        **{"class": "", **definition.cells},
        nodata_m2=bare_m2 + _sum_of(pieces[unclear], len(bare_m2)),
    )


def _finished(rows: pd.DataFrame, units: Units) -> pd.DataFrame:
    """Put the names of the grounds in front, and shares behind."""
    position = rows["position"].to_numpy(dtype=np.intp)
    whole_m2 = units.area_m2[position]
    names = units.names.iloc[position].reset_index(drop=True)
    told = rows.reset_index(drop=True).assign(
        share=rows["area_m2"].to_numpy(dtype=float) / whole_m2,
        nodata_share=rows["nodata_m2"].to_numpy(dtype=float) / whole_m2,
        patches=rows["patches"].to_numpy(dtype=np.int64),
    )
    return pd.concat([names, told], axis=1)[["position", *COLUMNS]]
