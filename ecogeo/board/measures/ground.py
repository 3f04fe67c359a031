"""Mines, protected ground of two versions, construction in red lines and distances, as they were measured."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.board.measures.drawn import Shapes, figures, held
from ecogeo.board.measures.settings import layer_of, threshold
from ecogeo.finding import Report
from ecogeo.mines import mines_of
from ecogeo.mines.words import Part
from ecogeo.versions import CHANGE, REMOVED, compare_versions
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

REDLINES_REDUCED, RESERVES_REDUCED = "redline_reduced", "reserve_reduced"
PROTECTED, VIEWS, DISTANCES = "mine_on_protected_ground", "mine_in_view_of_town", "source_near_receptor"
TURNED, MISSTATED = "redline_turned_to_construction", "redline_area_misstated"
SEEN = ("yes", "no", "")
TURNED_KINDS = ("yes", "no", "unknown")

_AREA_HA, _DISTANCE_M = Text("面积（公顷）", "area (ha)"), Text("距离（米）", "distance (m)")


def mine_parts(workspace: Workspace, _report: Report) -> Shapes:
    """Return the parts of mines by what they are: disturbed, restored, or called neither; where none are drawn, all."""
    layer = layer_of(workspace, "mines")
    found = mines_of(layer)
    is_area = shapely.get_dimensions(layer.geometries) == 2
    kinds = {Part.DISTURBED: 0, Part.RESTORED: 1} if found.has_parts else {}
    rows = found.rows.iloc[found.mine[is_area]]
    order = np.argsort([part == Part.DISTURBED for part in found.part[is_area]], kind="stable")
    shapes = layer.geometries[is_area]
    return Shapes(
        shapes[order],
        np.array([kinds.get(part, 2) for part in found.part[is_area]], dtype=np.intp)[order],
        rows["mine_id"].to_numpy()[order],
        rows["mine_name"].to_numpy()[order],
        (
            (Text("状态", "state"), rows["state"].to_numpy()[order].tolist()),
            (_AREA_HA, figures(geodesy.area_m2(shapes)[order] / geodesy.M2_PER_HA, 4)),
        ),
    )


def mines_on_protected(_workspace: Workspace, report: Report) -> Shapes:
    """Return what mines have in common with protected ground."""
    found = [one for run in report.runs if run.name == PROTECTED for one in run.findings if one.geometry is not None]
    return Shapes(
        held([one.geometry for one in found]),
        np.zeros(len(found), dtype=np.intp),
        [one.feature_id for one in found],
        [one.feature_name for one in found],
        ((Text("结果", "finding"), [one.message for one in found]),),
        is_thin=True,
    )


def mine_views(workspace: Workspace, report: Report) -> Shapes:
    """Return a line from each mine to its nearest urban ground, by whether it is seen from there."""
    found = mines_of(layer_of(workspace, "mines"))
    urban = layer_of(workspace, "urban_boundary")
    own = dict(zip(found.rows["mine_id"], found.shapes, strict=True))
    others = dict(zip(urban.ids, urban.geometries, strict=True))
    table = _table(report, "mine_views", ["mine_id", "boundary_id"])
    rows = table[table["mine_id"].isin(list(own)) & table["boundary_id"].isin(list(others))]
    lines = [
        shapely.shortest_line(own[mine], others[place])
        for mine, place in zip(rows["mine_id"], rows["boundary_id"], strict=True)
    ]
    return Shapes(
        held(lines),
        np.array([SEEN.index(word) if word in SEEN else 2 for word in rows["is_seen"].fillna("")], dtype=np.intp),
        rows["mine_id"].tolist(),
        rows["mine_name"].tolist(),
        ((_DISTANCE_M, figures(rows["distance_m"], 2)), (Text("城镇", "town ground"), rows["boundary_id"].tolist())),
        is_thin=True,
    )


def versions_of(role: str, check: str) -> Callable[[Workspace, Report], Shapes]:
    """Return what draws the pieces of a role's layer that were taken out, put in, or moved by the survey alone."""

    def draw(workspace: Workspace, _report: Report) -> Shapes:
        now, earlier = layer_of(workspace, role), workspace.earlier_of_role(role)
        if earlier is None:
            raise LookupError(role)
        width_m = float(threshold(workspace, check, "noise_width_m"))
        pieces = compare_versions(earlier.geometries, now.geometries, noise_width_m=width_m).pieces
        least_m2 = float(threshold(workspace, check, "least_m2"))
        is_shown = (pieces["reason"] == CHANGE) | (pieces["area_m2"] >= least_m2)
        left_out = int((~is_shown).sum())
        pieces = pieces[is_shown].iloc[::-1]  # changes are drawn over noise
        is_noise = (pieces["reason"] != CHANGE).to_numpy()
        is_removed = (pieces["kind"] == REMOVED).to_numpy()
        words = [_PIECES[0 if taken else 1][int(noise)] for taken, noise in zip(is_removed, is_noise, strict=True)]
        return Shapes(
            pieces.geometry.to_numpy(dtype=object),
            np.where(is_noise, 2, np.where(is_removed, 0, 1)).astype(np.intp),
            [""] * len(pieces),
            words,
            (
                (_AREA_HA, figures(pieces["area_m2"] / geodesy.M2_PER_HA, 4)),
                (Text("平均宽度（米）", "mean width (m)"), figures(pieces["width_m"], 2)),
            ),
            is_thin=True,
            note=_left_out(left_out, least_m2) if left_out else None,
        )

    return draw


def _left_out(count: int, least_m2: float) -> Text:
    return Text(
        f"另有 {count} 片不足 {least_m2:g} 平方米的测量误差没有画出",
        f"{count} more pieces of survey noise, smaller than {least_m2:g} m², are not drawn",
    )


_PIECES = (
    (Text("调出", "taken out"), Text("测量误差（减）", "survey noise (less)")),
    (Text("调入", "put in"), Text("测量误差（增）", "survey noise (more)")),
)


def construction_in_redlines(workspace: Workspace, report: Report) -> Shapes:
    """Return the construction land inside red lines, by whether it was other land before."""
    redlines, landuse = layer_of(workspace, "redlines"), layer_of(workspace, "landuse")
    lines = dict(zip(redlines.ids, redlines.geometries, strict=True))
    patches = dict(zip(landuse.ids, landuse.geometries, strict=True))
    table = _table(report, "redline_construction", ["redline_id", "patch_id"])
    rows = table[table["redline_id"].isin(list(lines)) & table["patch_id"].isin(list(patches))]
    cut = [
        shapely.intersection(lines[line], patches[patch])
        for line, patch in zip(rows["redline_id"], rows["patch_id"], strict=True)
    ]
    return Shapes(
        held(cut),
        np.array([TURNED_KINDS.index(word) if word in TURNED_KINDS else 2 for word in rows["changed"]], dtype=np.intp),
        rows["patch_id"].tolist(),
        rows["unit_name"].tolist(),
        (
            (Text("红线", "red line"), rows["redline_id"].tolist()),
            (Text("地类编码", "land class"), rows["land_class"].tolist()),
            (_AREA_HA, figures(rows["area_ha"], 4)),
        ),
        is_thin=True,
    )


def stated_redlines(workspace: Workspace, report: Report) -> Shapes:
    """Return the red lines whose stated area was held against their geometry."""
    redlines = layer_of(workspace, "redlines")
    shapes = dict(zip(redlines.ids, redlines.geometries, strict=True))
    table = _table(report, "redline_areas", ["redline_id"])
    rows = table[table["redline_id"].isin(list(shapes))]
    told = {one.feature_id for run in report.runs if run.name == MISSTATED for one in run.findings}
    return Shapes(
        held([shapes[key] for key in rows["redline_id"]]),
        np.array([0 if key in told else 1 for key in rows["redline_id"]], dtype=np.intp),
        rows["redline_id"].tolist(),
        rows["unit_name"].tolist(),
        (
            (Text("登记", "stated"), rows["stated"].astype(str).tolist()),
            (Text("图形面积（公顷）", "drawn (ha)"), figures(rows["area_ha"], 4)),
            (Text("相差（%）", "difference (%)"), figures(rows["difference_pct"], 2)),
        ),
    )


def distances(workspace: Workspace, report: Report) -> Shapes:
    """Return a line for each pair of source and receptor that was measured, by whether it lies within the band."""
    sources = layer_of(workspace, "pollution_sources")
    starts = dict(zip(sources.ids, sources.geometries, strict=True))
    ends = {
        (role, key): shape
        for role in ("receptors", "water_sources")
        if (layer := workspace.of_role(role)) is not None
        for key, shape in zip(layer.ids, layer.geometries, strict=True)
    }
    table = _table(report, "source_distances", ["source_id", "layer", "target_id"])
    keys = list(zip(table["layer"], table["target_id"], strict=True))
    is_there = np.array([key in ends for key in keys], dtype=bool) & table["source_id"].isin(list(starts)).to_numpy()
    rows = table[is_there]
    lines = [
        shapely.shortest_line(starts[source], ends[role, target])
        for source, role, target in zip(rows["source_id"], rows["layer"], rows["target_id"], strict=True)
    ]
    return Shapes(
        held(lines),
        np.where((rows["is_within"] == "yes").to_numpy(), 0, 1).astype(np.intp),
        rows["source_id"].tolist(),
        rows["source_name"].tolist(),
        (
            (Text("敏感目标", "receptor"), rows["target_name"].tolist()),
            (Text("目标类别", "its kind"), rows["target_kind"].tolist()),
            (_DISTANCE_M, figures(rows["distance_m"], 2)),
            (Text("判断距离（米）", "held against (m)"), figures(rows["band_m"], 0)),
        ),
        is_thin=True,
    )


def _table(report: Report, name: str, columns: list[str]) -> pd.DataFrame:
    return report.tables.get(name, pd.DataFrame(columns=columns))
