"""Mines lie on red lines, in nature reserves, water-source zones or river management areas, or reach a zoned shoreline.

Source: in red lines only mines of the minerals listed: 自然资发〔2022〕142号. From the builders' notes, not checked
against the issuer's own copy: unverified. Nothing here judges: which rule applies is for the rule pack and a person.
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
from ecogeo.layer import Layer
from ecogeo.mines import mines_of
from ecogeo.overlay import overlap_pieces
from ecogeo.rounding import Rounding, rounded
from ecogeo.wording import Text, list_en, list_zh

_COLUMNS = ["mine_id", "mine_name", "state", "layer", "zone_id", "zone_name", "overlap_m2", "overlap_ha", "length_m"]


@check(family="mines", title=Text("矿山占用保护用地", "mines on protected ground"))
def mine_on_protected_ground(  # noqa: PLR0917  layers are handed over by name
    mines: Layer,
    rounding: Rounding,
    redlines: Layer | None = None,
    reserves: Layer | None = None,
    water_sources: Layer | None = None,
    river_management: Layer | None = None,
    shorelines: Layer | None = None,
    *,
    least_m2: float = 1.0,
    least_length_m: float = 1.0,
) -> Outcome:
    """List what each mine's ground, disturbed and restored, has in common with protected ground.

    Ground under two red lines is listed under each. A layer the county does not have, and one that does not cover a
    mine, is told: no row is then no proof.

    Parameters
    ----------
    mines
        Polygons.
    rounding
        How the figures in sentences are rounded.
    redlines, reserves, water_sources, river_management
        Polygons; None where the county has none.
    shorelines
        Lines or polygons.
    least_m2, least_length_m
        Less is listed in the table and is no finding.

    Yields
    ------
    Findings per mine and zone; table ``mine_overlaps``.
    """
    found = mines_of(mines)
    layers = {
        "redlines": redlines,
        "reserves": reserves,
        "water_sources": water_sources,
        "river_management": river_management,
        "shorelines": shorelines,
    }
    frames = []
    for role, zones in layers.items():
        if zones is None:
            yield _absent(role)
            continue
        yield from _not_covered(found.shapes, found.rows, zones)
        pieces = overlap_pieces(found.shapes, zones.geometries)
        sums = pieces.groupby(["site", "zone"])[["area_m2", "length_m"]].sum().reset_index()
        sums = sums[(sums["area_m2"] > 0) | (sums["length_m"] > 0)]
        own = found.rows.iloc[sums["site"]].reset_index(drop=True)
        rows = pd.DataFrame(
            {
                **{name: own[name].to_numpy() for name in ("mine_id", "mine_name", "state")},
                "layer": role,
                "zone_id": zones.ids.to_numpy()[sums["zone"]],
                "zone_name": zones.names.to_numpy()[sums["zone"]],
                "overlap_m2": sums["area_m2"].to_numpy(),
                "overlap_ha": sums["area_m2"].to_numpy() / geodesy.M2_PER_HA,
                "length_m": np.where(sums["area_m2"] > 0, np.nan, sums["length_m"]),
            }
        )
        frames += [rows] if len(rows) else []
        cut = shapely.intersection(found.shapes[sums["site"]], zones.geometries[sums["zone"]])
        is_told = (rows["overlap_m2"] >= least_m2) | (rows["length_m"] >= least_length_m)
        for row, shape in zip(rows[is_told].to_dict("records"), cut[is_told], strict=True):
            yield _hit(row, zones.title, shape, rounding)
    yield ResultTable("mine_overlaps", pd.concat(frames or [pd.DataFrame(columns=_COLUMNS)], ignore_index=True))


def _absent(role: str) -> Finding:
    return Finding(
        message=Text(
            f"本县没有图层 {role}，矿山与其关系无法判断", f"the county has no layer for {role}: nothing is known of it"
        ),
        severity=Severity.NOTE,
        layer="mines",
    )


def _not_covered(shapes: geodesy.Geometries, mines: pd.DataFrame, zones: Layer) -> Outcome:
    """Tell of mines beyond what a layer covers: no overlap is then no proof."""
    is_covered = np.zeros(len(shapes), dtype=bool) if zones.coverage is None else shapely.covers(zones.coverage, shapes)
    if count := int((~is_covered).sum()):
        names = mines.loc[~is_covered, "mine_name"].tolist()
        yield Finding(
            message=Text(
                f"{zones.title.zh}未覆盖 {count} 个矿山的全部用地（{list_zh(names)}）：没有重叠不等于不涉及",
                f"{zones.title.en} does not cover the whole ground of {count} mines ({list_en(names)}): "
                "no overlap is no proof",
            ),
            severity=Severity.NOTE,
            layer="mines",
            value=float(count),
            unit="count",
        )


def _hit(row: Mapping[Hashable, Any], title: Text, shape: shapely.Geometry, law: Rounding) -> Finding:
    """Tell of one mine and one zone."""
    if row["overlap_m2"] > 0:
        value, unit = rounded(row["overlap_ha"], 4, law), Text("公顷", "ha")
    else:
        value, unit = rounded(row["length_m"], 2, law), Text("米", "m")
    return Finding(
        message=Text(
            f"{row['mine_name']}与{title.zh}“{row['zone_name']}”重叠 {value} {unit.zh}",
            f"{row['mine_name']} has {value} {unit.en} in common with {title.en} “{row['zone_name']}”",
        ),
        severity=Severity.WARNING,
        layer="mines",
        feature_id=row["mine_id"],
        feature_name=row["mine_name"],
        value=value,
        unit=unit.en,
        geometry=shape,
    )
