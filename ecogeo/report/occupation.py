"""What a site takes of each layer, by town and land class: the ground of every hit cut along both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.finding import Report
from ecogeo.landuse.book import LandBook
from ecogeo.landuse.patches import Patches, class_name
from ecogeo.layer import Layer
from ecogeo.overlay import touching
from ecogeo.rounding import Rounding, forced_to_total, rounded
from ecogeo.wording import Text

WHOLE = ""
"""The layer of the rows that part the whole site."""

COLUMNS = (*("site_id", "layer", "town", "class", "class_name", "area_m2", "area_ha", "area_mu", "net_m2", "length_m"),)

NO_TOWN = Text("乡镇范围以外", "outside every town")
NO_PATCH = Text("无图斑", "no patch")
TWICE = Text("图斑重叠，扣回重复计算", "patches overlap: counted twice, taken back")
NOT_PARTED = Text("未分解", "not parted")

_LEAST = 0.005
"""What is less than half of the last digit written (m², m) is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What hits are parted by.

    Parameters
    ----------
    towns
        Polygons; None where the county has none.
    patches
        The land-use patches; None where the county has none.
    book
        Names of the land classes.
    """

    towns: Layer | None
    patches: Patches | None
    book: LandBook


def occupation_rows(report: Report, grounds: Mapping[str, shapely.Geometry], ground: Ground) -> pd.DataFrame:
    """Part every site, and every hit of it, by town and land class.

    Parameters
    ----------
    report
        A screening; the ground of a hit is that of its findings.
    grounds
        Of each site by its key, longitude and latitude: a polygon, a corridor, or a line without one; points have
        nothing to part and no row.
    ground
        Towns and land-use patches.

    Returns
    -------
    `COLUMNS`, by site, then layer in the order of the screening, the whole site first (layer ``""``). Polygons have
    areas on the ellipsoid in m², 公顷 and 亩, each forced to the rounded total of site and layer (强制调平), and
    ``net_m2``, less 扣除系数 of the patches, where these have one; lines without a corridor have lengths in metres.
    Ground in no town or no patch has rows that say so; where patches overlap, a negative row takes back what was
    counted twice; a hit whose ground is not that of the screening to 0.01 m² stands in one row, not parted.
    """
    items = [*_wholes(grounds), *_hits(report, grounds)]
    if not items:
        return pd.DataFrame(columns=list(COLUMNS))
    shapes: geodesy.Geometries = np.array([item.shape for item in items], dtype=object)
    is_area = shapely.get_dimensions(shapes) == 2
    measured = np.where(is_area, geodesy.area_m2(shapes), geodesy.length_m(shapes))
    pieces = _by_class(_by_town(shapes, ground.towns), ground)
    by_item = dict(iter(pieces.groupby("item", sort=False)))
    frames = []
    for position, item in enumerate(items):
        is_same = item.figure is None or abs(item.figure - float(measured[position])) < 0.01
        total = float(measured[position]) if item.figure is None else item.figure
        rows = by_item.get(position) if is_same else None
        frames.append(_finished(item, rows, total, is_area=bool(is_area[position]), law=report.rounding))
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)]


@dataclass(frozen=True, slots=True, eq=False)
class _Item:
    site_id: str
    layer: str
    shape: shapely.Geometry
    figure: float | None = None


def _wholes(grounds: Mapping[str, shapely.Geometry]) -> list[_Item]:
    return [
        _Item(site_id, WHOLE, shape) for site_id, shape in grounds.items() if int(shapely.get_dimensions(shape)) > 0
    ]


def _hits(report: Report, grounds: Mapping[str, shapely.Geometry]) -> list[_Item]:
    """Return the ground of every hit that has an extent, with the figure the screening gives it."""
    found: dict[tuple[str, str], list[shapely.Geometry]] = {}
    for run in report.runs:
        for one in run.findings if run.family == "screening" else ():
            if one.geometry is not None:
                found.setdefault((one.feature_id, one.layer), []).append(one.geometry)
    items = []
    screening = report.tables.get("screening", pd.DataFrame(columns=["site_id", "layer", "overlap_m2", "length_m"]))
    columns = screening[["site_id", "layer", "overlap_m2", "length_m"]]
    for site_id, layer, overlap_m2, length_m in columns.itertuples(index=False, name=None):
        shape = grounds.get(site_id)
        dimension = -1 if shape is None else int(shapely.get_dimensions(shape))
        figure = {2: overlap_m2, 1: length_m}.get(dimension, 0.0)
        parts = [one for one in found.get((site_id, layer), []) if int(shapely.get_dimensions(one)) == dimension]
        if shape is not None and figure > 0 and parts:
            is_whole = abs(_extent_of(shape) - figure) < 0.01
            items.append(_Item(site_id, layer, shape if is_whole else shapely.union_all(parts), float(figure)))
    return items


def _extent_of(shape: shapely.Geometry) -> float:
    return float(_size(np.array([shape], dtype=object))[0])


def _by_town(shapes: geodesy.Geometries, towns: Layer | None) -> pd.DataFrame:
    """Cut shapes along the borders of towns; what is left over is in no town."""
    every = np.arange(len(shapes))
    if towns is None:
        return pd.DataFrame({"item": every, "town": "", "shape": shapes})
    item, town = touching(shapes, towns.geometries)
    inside = _of_dimension(
        shapely.intersection(shapes[item], towns.geometries[town]), shapely.get_dimensions(shapes[item])
    )
    around = shapely.union_all(towns.geometries)
    outside = _of_dimension(shapely.difference(shapes, around), shapely.get_dimensions(shapes))
    cut = pd.DataFrame(
        {
            "item": np.concatenate([item, every]),
            "town": [*towns.names.to_numpy()[town], *([NO_TOWN.zh] * len(shapes))],
            "shape": np.concatenate([inside, outside]),
        }
    )
    size = _size(cut["shape"].to_numpy(dtype=object))
    return cut[size > _LEAST].reset_index(drop=True)


def _by_class(pieces: pd.DataFrame, ground: Ground) -> pd.DataFrame:
    """Cut pieces along the patches, and sum by town and class; what no patch covers, and what several do, is told."""
    shapes = pieces["shape"].to_numpy(dtype=object)
    size, patches = _size(shapes), ground.patches
    if patches is None:
        blank = pd.DataFrame({"class": "", "class_name": "", "size": size, "net": np.nan}, index=pieces.index)
        return pd.concat([pieces[["item", "town"]], blank], axis=1)
    piece, patch = touching(shapes, patches.shapes)
    cut = _size(
        _of_dimension(shapely.intersection(shapes[piece], patches.shapes[patch]), shapely.get_dimensions(shapes[piece]))
    )
    net = cut * (1.0 - np.nan_to_num(patches.deduction[patch])) if patches.has_deduction else np.full(len(cut), np.nan)
    names = [class_name(code, base, ground.book) for code, base in zip(patches.code, patches.base, strict=True)]
    parts = pd.DataFrame(
        {
            "item": pieces["item"].to_numpy()[piece],
            "town": pieces["town"].to_numpy(dtype=object)[piece],
            "class": patches.code[patch],
            "class_name": np.array(names, dtype=object)[patch],
            "size": cut,
            "net": net,
        }
    )
    rest = size - np.bincount(piece, weights=cut, minlength=len(shapes))
    told: dict[str, object] = {"class": "", "class_name": np.where(rest > 0, NO_PATCH.zh, TWICE.zh), "size": rest}
    told["net"] = rest if patches.has_deduction else np.nan
    left = pd.concat([pieces[["item", "town"]], pd.DataFrame(told, index=pieces.index)], axis=1)
    both = pd.concat([parts[parts["size"] > 1e-6], left[np.abs(rest) > _LEAST]], ignore_index=True)
    keys = ["item", "town", "class", "class_name"]
    return pd.DataFrame(both.groupby(keys, sort=True, as_index=False)[["size", "net"]].sum(min_count=1))


def _finished(item: _Item, rows: pd.DataFrame | None, total: float, *, is_area: bool, law: Rounding) -> pd.DataFrame:
    """Round the parts of one item to its total."""
    if rows is None or rows.empty:
        blank = {"town": NOT_PARTED.zh, "class": "", "class_name": NOT_PARTED.zh, "size": total, "net": np.nan}
        rows = pd.DataFrame([blank])
    exact = rows["size"].tolist()

    def forced(unit: float, decimals: int) -> npt.NDArray[np.float64]:
        return np.array(forced_to_total([one / unit for one in exact], decimals, total / unit, law).parts)

    blank_figures = np.full(len(rows), np.nan)
    per_mu = geodesy.M2_PER_HA / geodesy.MU_PER_HA
    return rows.assign(
        site_id=item.site_id,
        layer=item.layer,
        area_m2=forced(1.0, 2) if is_area else blank_figures,
        area_ha=forced(geodesy.M2_PER_HA, 4) if is_area else blank_figures,
        area_mu=forced(per_mu, 4) if is_area else blank_figures,
        net_m2=[rounded(one, 2, law) for one in rows["net"]] if is_area else blank_figures,
        length_m=blank_figures if is_area else forced(1.0, 2),
    )


def _of_dimension(shapes: geodesy.Geometries, wanted: npt.NDArray[np.int32]) -> geodesy.Geometries:
    """Leave out of intersections what is of a lesser dimension: a shared edge or corner."""
    result: geodesy.Geometries = np.array(shapes, dtype=object)
    for place in np.flatnonzero(shapely.get_type_id(result) == 7):
        parts = shapely.get_parts(result[place])
        result[place] = shapely.union_all(parts[shapely.get_dimensions(parts) == wanted[place]])
    result[shapely.get_dimensions(result) != wanted] = None
    return result


def _size(shapes: geodesy.Geometries) -> geodesy.Floats:
    """Measure polygons in m² and lines in metres; None is 0."""
    areas = np.nan_to_num(geodesy.area_m2(shapes))
    sizes: geodesy.Floats = np.where(areas > 0, areas, np.nan_to_num(geodesy.length_m(shapes)))
    return sizes


def totals_of(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Sum the figures of `occupation_rows` by some of its columns."""
    figures = ["area_m2", "area_ha", "area_mu", "net_m2", "length_m"]
    return pd.DataFrame(rows.groupby(list(keys), sort=False, as_index=False)[figures].sum(min_count=1))
