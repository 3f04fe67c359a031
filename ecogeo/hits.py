"""What a screening says, as findings for people and rows for the files of the contract."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.finding import Answer, Finding, Severity, Verdict
from ecogeo.layer import Layer
from ecogeo.overlay import touching
from ecogeo.rounding import rounded
from ecogeo.screening import SHARED_BOUNDARY, Screened
from ecogeo.wording import Text


def screening_rows(
    screened: Screened, site_ids: pd.Series[str], site_names: pd.Series[str], zones: Layer
) -> pd.DataFrame:
    """Lay the answers out as rows of ``screening.csv``.

    Parameters
    ----------
    screened
        Answers, in the order of the sites.
    site_ids, site_names
        Shape (n,), the sites.
    zones
        The layer they were screened against.

    Returns
    -------
    The columns of the contract. No rule is applied here: a hit's verdict is undetermined until a person judges it.
    """
    rows = screened.rows
    is_hit = rows["answer"].isin([Answer.INVOLVED, Answer.POSSIBLE])
    return pd.DataFrame(
        {
            "site_id": site_ids.to_numpy(),
            "site_name": site_names.to_numpy(),
            "layer": zones.declaration.role,
            "answer": rows["answer"].map(str),
            "certainty_m": rows["certainty_m"],
            "overlap_m2": rows["overlap_m2"],
            "overlap_ha": rows["overlap_m2"].map(geodesy.hectares),
            "overlap_mu": rows["overlap_m2"].map(geodesy.mu),
            "length_m": rows["length_m"],
            "share": rows["share"],
            "distance_m": rows["distance_m"],
            "verdict": np.where(is_hit, str(Verdict.UNDETERMINED), ""),
            "rule_id": "",
            "clause": "",
            "next_step": "",
            "issuer": "",
            "layer_version": zones.declaration.version,
            "coverage": rows["coverage"],
        }
    )


def dropped_rows(screened: Screened, site_ids: pd.Series[str], zones: Layer) -> pd.DataFrame:
    """Lay the pieces under a threshold out as rows of ``dropped.csv``.

    Parameters
    ----------
    screened
        The pieces.
    site_ids
        Shape (n,), the sites.
    zones
        The layer they were screened against.
    """
    dropped = screened.dropped
    return pd.DataFrame(
        {
            "site_id": site_ids.to_numpy()[dropped["site"]],
            "layer": zones.declaration.role,
            "zone_id": zones.ids.to_numpy()[dropped["zone"]],
            "area_m2": dropped["area_m2"],
            "width_m": dropped["width_m"],
            "reason": dropped["reason"],
        }
    )


def pair_findings(screened: Screened, sites: Layer, zones: Layer, towns: Layer | None) -> Iterator[Finding]:
    """Yield a finding for each pair of site and zone that overlap in a piece that counts.

    Parameters
    ----------
    screened
        Answers and pieces, in the order of the sites.
    sites, zones
        The two layers.
    towns
        Polygons, to name the town of each hit; None leaves it empty.
    """
    areas, lengths = geodesy.area_m2(sites.geometries), geodesy.length_m(sites.geometries)
    site_ids, site_names = sites.ids.to_numpy(), sites.names.to_numpy()
    zone_ids, zone_names = zones.ids.to_numpy(), zones.names.to_numpy()
    answers = screened.rows["answer"].to_numpy()
    for (site, zone), pieces in screened.kept.groupby(["site", "zone"], sort=True):
        ground = shapely.union_all(np.asarray(pieces.geometry.array, dtype=object))
        area, length = float(pieces["area_m2"].sum()), float(pieces["length_m"].sum())
        extent_zh, extent_en, value, unit = _extent(area, length, float(areas[site]), float(lengths[site]))
        answer = Answer(answers[site])
        yield Finding(
            message=Text(
                f"{site_names[site]} {answer.text.zh}{zone_names[zone]}（{zone_ids[zone]}）：{extent_zh}",
                f"{site_names[site]}: {answer.text.en}, {zone_names[zone]} ({zone_ids[zone]}): {extent_en}",
            ),
            severity=Severity.FAULT if answer is Answer.INVOLVED else Severity.WARNING,
            layer=zones.declaration.role,
            feature_id=str(site_ids[site]),
            feature_name=str(site_names[site]),
            town=_towns_of(ground, towns),
            value=value,
            unit=unit,
            verdict=Verdict.UNDETERMINED,
            geometry=ground,
        )


def _extent(area: float, length: float, site_area: float, site_length: float) -> tuple[str, str, float | None, str]:
    """Put the overlap of a polygon, a line or a point into words, with the figure and its unit."""
    if site_area > 0:
        ha, pct = rounded(geodesy.hectares(area), 4), rounded(area / site_area * 100, 2)
        words = f"{ha:.4f} 公顷，占用地 {pct:.2f}%", f"{ha:.4f} ha, {pct:.2f}% of the site"
        return *words, rounded(area, 2), "m2"
    if site_length > 0:
        metres, pct = rounded(length, 2), rounded(length / site_length * 100, 2)
        return f"穿越 {metres:.2f} 米，占全长 {pct:.2f}%", f"{metres:.2f} m crossed, {pct:.2f}% of it", metres, "m"
    return "点位在其内", "the point lies inside", None, ""


def open_findings(screened: Screened, sites: Layer, zones: Layer) -> Iterator[Finding]:
    """Yield a finding for each site without a counted overlap that cannot be cleared, or is clear but touches.

    Parameters
    ----------
    screened
        Answers and pieces, in the order of the sites.
    sites, zones
        The two layers.
    """
    hits = set(screened.kept["site"])
    below = screened.dropped[screened.dropped["reason"] != SHARED_BOUNDARY]
    slivers = below.groupby("site")["area_m2"].sum().to_dict()
    rows = screened.rows
    columns = (
        rows["answer"],
        rows["certainty_m"].to_numpy(float),
        rows["distance_m"].to_numpy(float),
        rows["coverage"],
    )
    for site, (said, reach, distance, coverage) in enumerate(zip(*columns, strict=True)):
        answer = Answer(said)
        touches = answer is Answer.CLEAR and distance < geodesy.COORDINATE_STEP_M
        if site in hits or (answer is Answer.CLEAR and not touches):
            continue
        if touches:
            why = Text("与其相接，重叠面积为 0", "it touches along an edge or at a point, with no overlap")
        elif site in slivers:
            why = Text(
                f"重叠部分都小于阈值，共 {slivers[site]:.2f} 平方米，见 dropped.csv",
                f"it overlaps in pieces below the threshold, {slivers[site]:.2f} m² in all, see dropped.csv",
            )
        elif answer is Answer.POSSIBLE:
            why = Text(
                f"位置精度 {reach:.0f} 米，相距 {distance:.0f} 米",
                f"placed to {reach:.0f} m, {distance:.0f} m away",
            )
        elif np.isnan(reach):
            why = Text("位置精度不明", "nobody knows how surely it is placed")
        else:
            state = _COVERAGE[str(coverage)]
            why = Text(f"图层{state.zh}该用地范围（含位置精度）", f"the layer {state.en} the site and its accuracy")
        name, title = str(sites.names.iloc[site]), zones.title
        yield Finding(
            message=Text(
                f"{name} {answer.text.zh}{title.zh}：{why.zh}", f"{name}: {answer.text.en}, {title.en}: {why.en}"
            ),
            severity=Severity.NOTE if touches else Severity.WARNING,
            layer=zones.declaration.role,
            feature_id=str(sites.ids.iloc[site]),
            feature_name=name,
            value=None if np.isnan(distance) else rounded(distance, 2),
            unit="" if np.isnan(distance) else "m",
            verdict=None if touches else Verdict.UNDETERMINED,
            geometry=sites.geometries[site],
        )


_COVERAGE = {
    "full": Text("覆盖", "covers"),
    "partial": Text("只部分覆盖", "covers only part of"),
    "none": Text("未覆盖", "does not cover"),
    "unknown": Text("未声明是否覆盖", "does not say whether it covers"),
}


def _towns_of(ground: shapely.Geometry, towns: Layer | None) -> str:
    """Return the names of the towns a piece of ground lies in, in the towns' order."""
    if towns is None:
        return ""
    _, found = touching(np.array([ground], dtype=object), towns.geometries)
    inside = shapely.intersection(ground, towns.geometries[found])
    return ";".join(towns.names.to_numpy()[found[shapely.get_dimensions(inside) == shapely.get_dimensions(ground)]])
