"""Shores as they were measured: by zone, what needs a look, the strips along them and how natural those are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ecogeo import geodesy
from ecogeo.board.measures.drawn import Shapes, figures, held
from ecogeo.board.measures.settings import layer_of, threshold
from ecogeo.finding import Report
from ecogeo.layer import Layer
from ecogeo.shoreline import ZONES, Shoreline, Side, banks_of, measure_shoreline, read_width_m, with_banks_paired
from ecogeo.shoreline.figures import figures_of
from ecogeo.shoreline.strips import river_strips
from ecogeo.shoreline.tables import segment_rows
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

RATE, NATURAL, STRIPS = "shoreline_protection_rate", "bank_naturalness_rate", "use_in_river_strip"
SEGMENT_KINDS = ("gap", "overlap", "in water")
USES = ("project_sites", "mines")
BANDS_PCT = (20.0, 40.0, 60.0, 80.0)
"""Bounds of the classes of naturalness: five of one width, no law."""

_REACH, _SIDE, _TOWN = Text("河段", "reach"), Text("岸别", "bank"), Text("乡镇", "town")
_LENGTH, _ZONES = Text("长度（米）", "length (m)"), Text("功能区", "zones")
_NOT_ZONED = len(ZONES)
_NOT_COUNTED = len(ZONES) + 1


def banks_by_zone(workspace: Workspace, _report: Report) -> Shapes:
    """Return every stretch of the banks by the zone it counts in, and those that do not count."""
    reaches = _reaches(workspace)
    shore = _shore(workspace)
    rows = shore.stretches
    zone_at = {zone: place for place, zone in enumerate(ZONES)}
    kinds = np.array([zone_at.get(str(zone), _NOT_ZONED) for zone in rows["zone"]], dtype=np.intp)
    kinds[~rows["counts"].to_numpy(dtype=bool)] = _NOT_COUNTED
    reach = rows["reach"].to_numpy(dtype=int)
    return Shapes(
        _stretches(shore, rows),
        kinds,
        reaches.ids.to_numpy()[reach],
        reaches.text(reaches.field("river")).to_numpy()[reach],
        (
            (_SIDE, [Side(side).text for side in rows["side"]]),
            (_TOWN, rows["town"].tolist()),
            (_LENGTH, figures(rows["length_m"], 2)),
        ),
    )


def segments(workspace: Workspace, _report: Report) -> Shapes:
    """Return the stretches worth a look: unzoned, doubly zoned, in other water."""
    reaches = _reaches(workspace)
    shore = _shore(workspace)
    rows = segment_rows(shore, reaches, least_m=float(threshold(workspace, RATE, "least_gap_m")))
    return Shapes(
        _stretches(shore, rows),
        np.array([SEGMENT_KINDS.index(kind) for kind in rows["kind"]], dtype=np.intp),
        rows["reach_id"].tolist(),
        rows["river"].tolist(),
        (
            (_SIDE, [Side(side).text for side in rows["side"]]),
            (_ZONES, rows["zones"].tolist()),
            (_TOWN, rows["town"].tolist()),
            (_LENGTH, figures(rows["length_m"], 2)),
        ),
    )


def strips(workspace: Workspace, report: Report) -> Shapes:
    """Return the strip along each reach, and the projects and mines found in strips and managed areas."""
    reaches = _reaches(workspace)
    own_m = figures_of(reaches, "strip_m", read_width_m)
    width_m = np.where(own_m > 0, own_m, float(threshold(workspace, STRIPS, "strip_m")))
    found = [one for run in report.runs if run.name == STRIPS for one in run.findings if one.layer in USES]
    found = [one for one in found if one.geometry is not None]
    ground = _strips(reaches, width_m)
    blank = [""] * len(ground)
    return Shapes(
        held([*ground, *(one.geometry for one in found)]),
        np.array([0] * len(ground) + [1 + USES.index(one.layer) for one in found], dtype=np.intp),
        [*reaches.ids, *(one.feature_id for one in found)],
        [*reaches.text(reaches.field("river")), *(one.feature_name for one in found)],
        (
            (Text("带宽（米）", "width (m)"), [*figures(width_m, 0), *[""] * len(found)]),
            (Text("结果", "finding"), [*blank, *(one.message for one in found)]),
        ),
    )


def naturalness(workspace: Workspace, report: Report) -> Shapes:
    """Return the strip along each reach by how natural it was measured to be."""
    reaches = _reaches(workspace)
    within_m = float(threshold(workspace, NATURAL, "within_m"))
    table = report.tables.get("bank_naturalness", pd.DataFrame(columns=["reach_id"]))
    rows: Mapping[Any, Any] = table.drop_duplicates("reach_id").set_index("reach_id").to_dict("index")
    known = [float(rows[key]["natural_pct"]) if key in rows else np.nan for key in reaches.ids]
    bands = np.where(np.isnan(known), len(BANDS_PCT) + 1, np.digitize(known, BANDS_PCT)).astype(np.intp)
    shown = figures(known, 2)
    return Shapes(
        _strips(reaches, np.full(len(reaches.ids), within_m)),
        bands,
        reaches.ids.tolist(),
        reaches.text(reaches.field("river")).tolist(),
        (
            (Text("自然化率（%）", "natural (%)"), shown),
            (Text("宽度（米）", "width (m)"), figures(np.full(len(known), within_m), 0)),
        ),
    )


def _reaches(workspace: Workspace) -> Layer:
    """Return the reaches as the checks measure them: banks with ids of their own put together."""
    return with_banks_paired(layer_of(workspace, "river_reaches")).reaches


def _shore(workspace: Workspace) -> Shoreline:
    return measure_shoreline(
        _reaches(workspace),
        layer_of(workspace, "shorelines"),
        towns=workspace.of_role("towns"),
        water_bodies=workspace.of_role("water_bodies"),
        snap_m=float(threshold(workspace, RATE, "snap_m")),
    )


def _stretches(shore: Shoreline, rows: pd.DataFrame) -> geodesy.Geometries:
    ends = zip(rows["line"], rows["from_m"], rows["to_m"], strict=True)
    return held([shore.ruler.segment(int(line), float(start), float(end)) for line, start, end in ends])


def _strips(reaches: Layer, width_m: geodesy.Floats) -> geodesy.Geometries:
    banks = banks_of(reaches.geometries, figures_of(reaches, "width_m", read_width_m))
    return river_strips(banks, width_m)
