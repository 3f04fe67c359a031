"""Figures that exist by town: of the county's own tables, its projects and the run; and the towns' shapes to paint."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from ecogeo.board.records import ProjectRecord
from ecogeo.board.vocabulary import in_both, vocabulary
from ecogeo.finding import Report
from ecogeo.layer import Layer
from ecogeo.mapshapes import light_shapes
from ecogeo.mapsigns import town_labels
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

WIDTH = 600.0
"""Width of the drawing, without unit."""

MOST_CLASSES = 5
_COLUMNS = {
    "recorded_area_km2": Text("在册面积", "recorded area"),
    "villages": Text("村", "villages"),
    "communities": Text("社区", "communities"),
    "population": Text("人口", "population"),
}
_SLOPES = {
    "steep_share": Text("陡坡地占比", "share of steep land"),
    "steep_cropland_share": Text("陡坡耕地占耕地比例", "share of cropland that is steep"),
}
_UNIT_WORDS = {"万元": Text("万元", "10,000 yuan"), "亩": Text("亩", "mu")}
_UNITS = {"_km2": "km²", "_m2": "m²", "_ha": "ha", "_mu": "亩", "_pct": "%", "_km": "km", "_m": "m"}


@dataclass(frozen=True, slots=True)
class TownFigure:
    """A figure that exists by town.

    Parameters
    ----------
    figure_id
        What stands for it in an address.
    title
        What it is.
    unit
        Its unit; empty for a count.
    source
        Where it comes from.
    values
        By name of the town; a town without one is not in it.
    decimals
        Digits shown.
    """

    figure_id: str
    title: Text
    unit: str
    source: Text
    values: Mapping[str, float]
    decimals: int = 0

    @property
    def unit_words(self) -> Text:
        """Its unit for people; empty for a count."""
        return _UNIT_WORDS.get(self.unit, Text(self.unit, self.unit))


@dataclass(frozen=True, slots=True)
class TownShape:
    """A town as it is drawn: its outline as an SVG path, and where its name stands."""

    name: str
    path: str
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True)
class TownClass:
    """A class of the legend, from its least to its largest value."""

    least: float
    most: float


def town_figures(workspace: Workspace, report: Report, records: Sequence[ProjectRecord]) -> tuple[TownFigure, ...]:
    """Return every figure that exists by town.

    Parameters
    ----------
    workspace
        The county, whose tables joined to its towns are taken.
    report
        The run, whose tables by town are taken.
    records
        The projects; one that lies in several towns counts in each.

    Raises
    ------
    EcogeoError
        Where a declared table cannot be used.
    """
    return (
        *_of_tables(workspace),
        *project_figures(records, records),
        *_of_run(report, vocabulary(workspace.land_book())),
    )


def town_shapes(towns: Layer | None) -> tuple[tuple[TownShape, ...], float]:
    """Return the towns' outlines for a drawing of `WIDTH`, and the height of the drawing.

    Parameters
    ----------
    towns
        The towns, longitude and latitude; None where the county has none.
    """
    if towns is None or not len(towns.geometries):
        return (), 0.0
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(towns.geometries))
    narrow = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / ((east - west) * narrow)

    def drawn(points: np.ndarray) -> np.ndarray:
        return np.column_stack([(points[:, 0] - west) * narrow * scale, (north - points[:, 1]) * scale])

    shapes = shapely.transform(light_shapes(towns.geometries), drawn)
    labels = [drawn(np.array([[lon, lat]]))[0] for _, lon, lat in town_labels(towns)]
    found = [
        TownShape(name, _path(shape), round(float(x), 1), round(float(y), 1))
        for name, shape, (x, y) in zip(towns.names, shapes, labels, strict=True)
    ]
    return tuple(found), round((north - south) * scale, 1)


def town_classes(values: Sequence[float]) -> tuple[TownClass, ...]:
    """Return classes with about as many different values in each, least first.

    Examples
    --------
    >>> [(one.least, one.most) for one in town_classes([1, 2, 3, 4, 5, 6, 7, 8, 9, 9])]
    [(1, 2), (3, 4), (5, 6), (7, 8), (9, 9)]
    >>> town_classes([3, 3])
    (TownClass(least=3, most=3),)
    """
    ordered = sorted(set(values))
    count = min(MOST_CLASSES, len(ordered))
    parts = [part.tolist() for part in np.array_split(np.array(ordered), count)] if count else []
    return tuple(TownClass(part[0], part[-1]) for part in parts)


def class_of(value: float, classes: Sequence[TownClass]) -> int:
    """Return the place of the class a value is in."""
    return next(place for place, one in enumerate(classes) if value <= one.most)


def _path(shape: shapely.Geometry) -> str:
    """Return the rings of a shape as an SVG path; holes are cut out by the even-odd rule."""
    polygons = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]
    rings = [ring for polygon in polygons for ring in shapely.get_rings(polygon)]
    return " ".join(
        "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1]) + "Z" for ring in rings
    )


def _of_tables(workspace: Workspace) -> Iterator[TownFigure]:
    """Yield the number columns of tables joined to the towns."""
    towns = workspace.of_role("towns")
    if towns is None:
        return
    names = dict(zip(towns.ids, towns.names, strict=True))
    for name, join in workspace.catalog.joins.items():
        if workspace.catalog.layers[join.layer].role != "towns" or join.table not in workspace.catalog.tables:
            continue
        table = workspace.table(join.table)
        pairs = workspace.matching(name).pairs
        source = Text(table.declaration.title, table.declaration.title_en or table.declaration.title)
        rows = table.frame.set_index(table.declaration.key)
        for column in map(str, rows.columns):
            figures = pd.to_numeric(rows[column].replace("", None), errors="coerce")
            is_text = figures.isna() & (rows[column] != "")
            if is_text.any() or figures.isna().all():
                continue
            values = {
                names[feature]: float(figures[row])
                for feature, row in zip(pairs["feature_id"], pairs["row_id"], strict=True)
                if feature in names and pd.notna(figures[row])
            }
            unit = next((unit for ending, unit in _UNITS.items() if column.endswith(ending)), "")
            decimals = 0 if all(value.is_integer() for value in values.values()) else 1
            title = _COLUMNS.get(column, Text(column, column))
            yield TownFigure(f"{join.table}.{column}", title, unit, source, values, decimals)


def project_figures(chosen: Sequence[ProjectRecord], among: Sequence[ProjectRecord]) -> tuple[TownFigure, ...]:
    """Return how many projects lie in each town, their investment, and the ground they overlap constraints on.

    Parameters
    ----------
    chosen
        The projects that count; those that are in no plan do not, and one in several towns counts in each.
    among
        All projects: a town in which none of the chosen lies has 0, a town without any project has no figure.
    """
    towns = list(dict.fromkeys(town for record in among if record.in_plan for town in record.towns))
    if not towns:
        return ()
    planned = [record for record in chosen if record.in_plan]
    source = Text("规划项目表；跨镇项目在各镇都计", "the plan's projects; one in several towns counts in each")
    if len(chosen) < len(among):
        source = Text(f"{source.zh}；只计筛选出的项目", f"{source.en}; the projects that were filtered alone")
    inside = {town: [record for record in planned if town in record.towns] for town in towns}
    counts = {town: float(len(held)) for town, held in inside.items()}
    money = {
        town: math.fsum(record.undertaking.invest_wan_yuan or 0.0 for record in held) for town, held in inside.items()
    }
    overlap = {town: math.fsum(record.overlap_ha or 0.0 for record in held) for town, held in inside.items()}
    return (
        TownFigure("projects.count", Text("规划项目数", "projects"), "", source, counts),
        TownFigure("projects.invest", Text("规划项目投资", "investment"), "万元", source, money, 2),
        TownFigure("projects.overlap", Text("规划项目重叠面积", "overlap of projects"), "ha", source, overlap, 4),
    )


def _of_run(report: Report, words: Mapping[str, Text]) -> Iterator[TownFigure]:
    """Yield the shares of land cover and steep land the run measured by town."""
    source = Text("本次检查量算", "measured in this run")
    for table in ("landcover", "landuse"):
        cover = _by_town(report, table, ("class_name", "definition", "share"))
        defined = cover[cover["definition"] != ""]
        for (name, definition), rows in defined.groupby(["class_name", "definition"], sort=False):
            measure, wording = in_both(str(name), words), in_both(str(definition), words)
            title = Text(f"{measure.zh}（{wording.zh}）", f"{measure.en} ({wording.en})")
            yield TownFigure(f"{table}.{name}.{definition}", title, "%", source, _percent(rows, "share"), 2)
    for column, title in _SLOPES.items():
        steep = _by_town(report, "slope", (column,))
        if steep[column].notna().any():
            yield TownFigure(f"slope.{column.removesuffix('_share')}", title, "%", source, _percent(steep, column), 2)
    shore = report.tables.get("shoreline_totals")
    if shore is not None and {"level", "name", "protection_pct"} <= set(shore.columns):
        rows = shore[(shore["level"] == "town") & shore["protection_pct"].notna()]
        rates = {str(name): float(rate) for name, rate in zip(rows["name"], rows["protection_pct"], strict=True)}
        if rates:
            title = Text("河湖岸线保护率", "protected share of the shore")
            yield TownFigure("shoreline.protection", title, "%", source, rates, 2)
    yield from _of_mines(report, source)


def _of_mines(report: Report, source: Text) -> Iterator[TownFigure]:
    """Yield the ground of mines that is to be restored, and the share that is, by the town each mine is in."""
    table = report.tables.get("mines")
    if table is None or not {"town", "to_restore_ha", "restored_ha"} <= set(table.columns):
        return
    known = table[(table["town"] != "") & table["to_restore_ha"].notna()]
    owed = known.groupby("town", sort=False)["to_restore_ha"].sum()
    done = known.groupby("town", sort=False)["restored_ha"].sum()
    if len(owed):
        wanted = {str(town): float(area) for town, area in owed.items()}
        title = Text("矿山应修复面积", "ground of mines to be restored")
        yield TownFigure("mines.to_restore", title, "ha", source, wanted, 2)
        shares = {town: float(done[town]) / area * 100 for town, area in wanted.items() if area > 0}
        yield TownFigure("mines.restored", Text("矿山修复率", "share of it restored"), "%", source, shares, 2)


def _by_town(report: Report, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return the rows by town of a table of the run; none where it has not all the columns."""
    needed = ["unit_kind", "unit_name", *columns]
    table = report.tables.get(name)
    if table is None or not set(needed) <= set(table.columns):
        return pd.DataFrame(columns=needed)
    return table[table["unit_kind"] == "town"]


def _percent(rows: pd.DataFrame, column: str) -> dict[str, float]:
    known = rows[rows[column].notna()]
    return dict(zip(known["unit_name"], (known[column] * 100).astype(float), strict=True))
