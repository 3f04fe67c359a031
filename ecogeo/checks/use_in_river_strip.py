"""What lies in river management areas and in the strips along their banks: projects, mines, land uses.

Source: 河道管理条例 (public copy), which has county governments set the managed area. How wide a strip along a bank is,
no clause read here sets: the width is that of the reach (``strip_m``), else the builders' default.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.landuse.patches import land_class_field
from ecogeo.layer import Layer
from ecogeo.overlay import overlap_pieces
from ecogeo.placing import placed_within_m
from ecogeo.rounding import Rounding, rounded
from ecogeo.shoreline import read_width_m, with_banks_paired
from ecogeo.shoreline.figures import figures_of, words_of
from ecogeo.shoreline.strips import strips_of, told_cut
from ecogeo.wording import Text

_COLUMNS = [
    *("ground", "ground_id", "river", "strip_m", "layer", "use_id", "use_name", "use_kind"),
    *("accuracy_m", "overlap_m2", "overlap_ha", "length_m"),
]
_KIND_OF = {"project_sites": "purpose", "mines": "zone"}
_GROUNDS = {
    "management area": Text("河道管理范围", "the managed area"),
    "strip": Text("岸边缓冲带", "the strip along the bank"),
}


@check(family="water", title=Text("河道管理范围和缓冲带内的用地", "uses in river strips"))
def use_in_river_strip(  # noqa: PLR0917  layers are handed over by name
    river_reaches: Layer,
    rounding: Rounding,
    river_management: Layer | None = None,
    project_sites: Layer | None = None,
    mines: Layer | None = None,
    landuse: Layer | None = None,
    water_bodies: Layer | None = None,
    *,
    strip_m: float = 50.0,
    least_m2: float = 1.0,
    least_length_m: float = 1.0,
) -> Outcome:
    """List the projects, mines and land uses in every managed area and in the strip along every reach.

    A project is measured as drawn. One that may lie elsewhere (``accuracy_m`` above 0, or unknown) is listed and is no
    finding: the screening answers for it (``site_in_river_management``). Patches of land use are listed likewise.

    Parameters
    ----------
    river_reaches
        See ``shoreline_protection_rate``; ``strip_m``, the width of each reach's strip, where there is such a field.
    rounding
        How the figures in sentences are rounded.
    river_management
        Polygons; None where the county has none.
    project_sites, mines, landuse
        What may lie there; None where the county has none.
    water_bodies
        Polygons of other water, where outlines are no shore; None for none.
    strip_m
        Width of the strip of a reach that sets none, metres; the builders' choice, no law.
    least_m2, least_length_m
        Smaller overlaps are listed in the table and are no finding.

    Yields
    ------
    A note with the widths, findings for projects and mines; table ``river_strip_uses``.
    """
    river_reaches = with_banks_paired(river_reaches).reaches
    own_m = figures_of(river_reaches, "strip_m", read_width_m)
    width_m = np.where(own_m > 0, own_m, strip_m)
    strips = strips_of(river_reaches, width_m, water_bodies=water_bodies)
    yield _widths(int((own_m > 0).sum()), len(own_m), strip_m)
    cut = told_cut(strips, rounding)
    if cut is not None:
        yield Finding(message=cut, severity=Severity.NOTE, layer="river_reaches")
    yield from _unread_widths(river_reaches, own_m, strip_m)
    rivers = river_reaches.text(river_reaches.field("river")).to_numpy()
    grounds = [_ground("strip", river_reaches.ids.to_numpy(), rivers, width_m, strips.shapes)]
    if river_management is not None:
        none = np.full(len(river_management.sound), np.nan)
        names = river_management.names.to_numpy()
        grounds.append(
            _ground("management area", river_management.ids.to_numpy(), names, none, river_management.geometries)
        )
    places = pd.concat(grounds, ignore_index=True)
    shapes = np.array(places.pop("geometry").tolist(), dtype=object)
    frames = []
    for role, uses in (("project_sites", project_sites), ("mines", mines), ("landuse", landuse)):
        if uses is None:
            continue
        pieces = overlap_pieces(uses.geometries, shapes)
        sums = pieces.groupby(["zone", "site"])[["area_m2", "length_m"]].sum().reset_index()
        is_line = shapely.get_dimensions(uses.geometries[sums["site"]]) == 1
        rows = _rows(places, role, uses, sums, is_line=is_line)
        frames += [rows] if len(rows) else []
        if role == "landuse":
            continue
        cut = shapely.intersection(uses.geometries[sums["site"]], shapes[sums["zone"]])
        is_point = rows["overlap_m2"].isna() & rows["length_m"].isna()
        is_large = (rows["overlap_m2"] >= least_m2) | (rows["length_m"] >= least_length_m) | is_point
        is_placed = rows["accuracy_m"] == 0 if role == "project_sites" else True
        is_told = (is_large & is_placed).to_numpy()
        for row, shape in zip(rows[is_told].to_dict("records"), cut[is_told], strict=True):
            yield _use(row, uses.title, shape, rounding)
    yield ResultTable("river_strip_uses", pd.concat(frames or [pd.DataFrame(columns=_COLUMNS)], ignore_index=True))


def _ground(
    ground: str, ids: np.ndarray, rivers: np.ndarray, width_m: geodesy.Floats, shapes: geodesy.Geometries
) -> pd.DataFrame:
    """Return grounds of one kind as rows."""
    return pd.DataFrame(
        {"ground": ground, "ground_id": ids, "river": rivers, "strip_m": width_m, "geometry": list(shapes)}
    )


def _accuracy_m(sites: Layer) -> geodesy.Floats:
    """Return how well each site is placed; NaN, unknown, where the layer has no such field."""
    if sites.declaration.fields.get("accuracy_m", "accuracy_m") in sites.sound.columns:
        return placed_within_m(sites)
    return np.full(len(sites.sound), np.nan)


def _rows(places: pd.DataFrame, role: str, uses: Layer, sums: pd.DataFrame, *, is_line: np.ndarray) -> pd.DataFrame:
    """Return one row per ground and use: areas of polygons, lengths of lines, neither of points."""
    is_landuse = role == "landuse"
    field = land_class_field(uses) if is_landuse else uses.declaration.fields.get(_KIND_OF[role], _KIND_OF[role])
    kinds = uses.text(field) if field in uses.sound.columns else uses.ids.map(lambda _: "")
    is_area = shapely.get_dimensions(uses.geometries[sums["site"]]) == 2
    area_m2 = np.where(is_area, sums["area_m2"], np.nan)
    told = places.iloc[sums["zone"]].reset_index(drop=True)
    return told.assign(
        layer=role,
        use_id=uses.ids.to_numpy()[sums["site"]],
        use_name=uses.names.to_numpy()[sums["site"]],
        use_kind=kinds.to_numpy()[sums["site"]],
        accuracy_m=_accuracy_m(uses)[sums["site"]] if role == "project_sites" else np.nan,
        overlap_m2=area_m2,
        overlap_ha=area_m2 / geodesy.M2_PER_HA,
        length_m=np.where(is_line, sums["length_m"], np.nan),
    )


def _widths(told: int, count: int, strip_m: float) -> Finding:
    """Say where the widths of the strips come from."""
    return Finding(
        message=Text(
            f"缓冲带宽度：{told} 个河段用图层所填的 strip_m，其余 {count - told} 个按 {strip_m:g} 米"
            "（编者自定，并非法定宽度）",
            f"widths of the strips: {told} reaches set their own (strip_m), the other {count - told} have "
            f"{strip_m:g} m (the builders' choice, no law)",
        ),
        severity=Severity.NOTE,
        layer="river_reaches",
    )


def _unread_widths(river_reaches: Layer, own_m: geodesy.Floats, strip_m: float) -> Outcome:
    """List the widths that cannot be read, for which the default stands in."""
    words = words_of(river_reaches, "strip_m")
    for reach_id, word, metres in zip(river_reaches.ids, words, own_m, strict=True):
        if word and np.isnan(metres):
            yield Finding(
                message=Text(
                    f"{reach_id}：缓冲带宽度 strip_m“{word}”无法识别，按 {strip_m:g} 米计；应为大于 0 的米数",
                    f"{reach_id}: the width of the strip (strip_m) “{word}” cannot be read, {strip_m:g} m stand in; "
                    "expected: metres above 0",
                ),
                severity=Severity.WARNING,
                layer="river_reaches",
                feature_id=reach_id,
            )


def _use(row: Mapping[Hashable, Any], title: Text, shape: shapely.Geometry, law: Rounding) -> Finding:
    """Tell of one project or mine in one ground."""
    if not np.isnan(row["overlap_ha"]):
        value, unit = rounded(row["overlap_ha"], 4, law), Text("公顷", "ha")
    elif not np.isnan(row["length_m"]):
        value, unit = rounded(row["length_m"], 2, law), Text("米", "m")
    else:
        value, unit = 1.0, Text("处", "count")
    where = _GROUNDS[row["ground"]]
    return Finding(
        message=Text(
            f"{title.zh}“{row['use_name']}”在 {row['river']} {row['ground_id']} 的{where.zh}内：{value} {unit.zh}",
            f"{title.en} “{row['use_name']}” lies in {where.en} of {row['river']} {row['ground_id']}: {value} "
            f"{unit.en}",
        ),
        severity=Severity.WARNING,
        layer=row["layer"],
        feature_id=row["use_id"],
        feature_name=row["use_name"],
        value=value,
        unit=unit.en,
        geometry=shape,
    )
