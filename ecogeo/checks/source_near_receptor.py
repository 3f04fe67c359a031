"""Heavy industry, livestock and noise must keep their distance from schools, clinics, homes and water sources.

Source: no clause. The rule pack holds no checked distance, so that the band is what the county declares as ``buffer_m``
of the layer of sources, else the builders' own choice: to be replaced by what the standard of each kind sets.
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
from ecogeo.nearness import nearest, pairs_within
from ecogeo.rounding import Rounding, rounded
from ecogeo.wording import Text

_ROLE = "pollution_sources"
_COLUMNS = [
    *("source_id", "source_name", "source_kind", "layer", "target_id", "target_name", "target_kind"),
    *("distance_m", "band_m", "is_nearest", "is_within"),
]


@check(family="distances", title=Text("污染源与敏感目标的距离", "sources near receptors"))
def source_near_receptor(
    pollution_sources: Layer,
    rounding: Rounding,
    receptors: Layer | None = None,
    water_sources: Layer | None = None,
    *,
    band_m: float = 500.0,
) -> Outcome:
    """List, for every source, the nearest receptor of each kind, and all within a band.

    Distances are geodesics between the nearest points on the ellipsoid, 0 where the two touch. Whose kind is
    empty is measured like the others.

    Parameters
    ----------
    pollution_sources
        Points, lines or polygons; ``kind`` (重工业, 规模化养殖, 噪声源 …).
    rounding
        How the figures in sentences are rounded.
    receptors
        Schools, clinics and homes, by ``kind``; None where the county has none.
    water_sources
        Protection zones, by ``zone``; None where the county has none.
    band_m
        The distance in metres; the ``buffer_m`` the county declares for the sources wins.

    Yields
    ------
    Findings for pairs within the band; table ``source_distances``.
    """
    declared_m = pollution_sources.declaration.buffer_m
    within_m = band_m if declared_m is None else declared_m
    kinds = _kinds(pollution_sources, "kind")
    yield _band(within_m, is_own=declared_m is None)
    frames = []
    targets = {"receptors": (receptors, "kind"), "water_sources": (water_sources, "zone")}
    for role, (layer, meaning) in targets.items():
        if layer is None:
            yield _absent(role)
            continue
        pairs = _pairs(pollution_sources.geometries, layer.geometries, _kinds(layer, meaning), within_m)
        frames.append(_named(pairs, pollution_sources, kinds, layer, meaning, role=role, within_m=within_m))
    rows = pd.concat(frames or [pd.DataFrame(columns=_COLUMNS)], ignore_index=True)
    rows = rows.sort_values(["source_id", "layer", "distance_m", "target_id"], ignore_index=True)
    shapes = dict(zip(pollution_sources.ids, pollution_sources.geometries, strict=True))
    for row in rows[rows["is_within"] == "yes"].to_dict("records"):
        yield _near(row, shapes, rounding)
    yield ResultTable("source_distances", rows)


def _kinds(layer: Layer, meaning: str) -> np.ndarray:
    """Return a field by its meaning as text, empty where the layer has none."""
    field = layer.declaration.fields.get(meaning, meaning)
    return layer.text(field).to_numpy() if field in layer.sound.columns else np.full(len(layer.sound), "", dtype=object)


def _pairs(
    sources: geodesy.Geometries, targets: geodesy.Geometries, kinds: np.ndarray, within_m: float
) -> pd.DataFrame:
    """Return the pairs of source and target: the nearest of each kind, and all within the band."""
    close = pairs_within(sources, targets, np.full(len(sources), within_m))
    found = [close.assign(is_nearest=False)]
    for kind in sorted(set(kinds)):
        own = np.flatnonzero(kinds == kind)
        best = nearest(sources, targets[own]).reset_index(names="site")
        best = best[best["zone"] >= 0]
        found.append(best.assign(zone=own[best["zone"]], is_nearest=True))
    pairs = pd.concat(found, ignore_index=True)
    both = pairs.groupby(["site", "zone"], sort=True).agg(
        distance_m=("distance_m", "min"), is_nearest=("is_nearest", "max")
    )
    return both.reset_index()


def _named(
    pairs: pd.DataFrame, sources: Layer, kinds: np.ndarray, targets: Layer, meaning: str, *, role: str, within_m: float
) -> pd.DataFrame:
    """Return pairs as rows for people."""
    source, target = pairs["site"].to_numpy(), pairs["zone"].to_numpy()
    return pd.DataFrame(
        {
            "source_id": sources.ids.to_numpy()[source],
            "source_name": sources.names.to_numpy()[source],
            "source_kind": kinds[source],
            "layer": role,
            "target_id": targets.ids.to_numpy()[target],
            "target_name": targets.names.to_numpy()[target],
            "target_kind": _kinds(targets, meaning)[target],
            "distance_m": pairs["distance_m"].to_numpy(float),
            "band_m": within_m,
            "is_nearest": np.where(pairs["is_nearest"], "yes", "no"),
            "is_within": np.where(pairs["distance_m"] <= within_m, "yes", "no"),
        }
    )


def _band(within_m: float, *, is_own: bool) -> Finding:
    """Say which band is used, and whose it is."""
    origin = (
        Text("编者自定的缺省值，并非法定距离", "the builders' default, no law")
        if is_own
        else Text("layers.toml 中声明的 buffer_m", "buffer_m as declared in layers.toml")
    )
    return Finding(
        message=Text(
            f"距离按 {within_m:g} 米判断：{origin.zh}；规则库中没有经核对的法定距离",
            f"the band is {within_m:g} m: {origin.en}; the rule pack holds no checked distance",
        ),
        severity=Severity.NOTE,
        layer=_ROLE,
        value=within_m,
        unit="m",
    )


def _absent(role: str) -> Finding:
    return Finding(
        message=Text(
            f"本县没有图层 {role}，到它的距离没有量算", f"the county has no layer for {role}: no distance was measured"
        ),
        severity=Severity.NOTE,
        layer=_ROLE,
    )


def _near(row: Mapping[Hashable, Any], shapes: Mapping[str, shapely.Geometry], law: Rounding) -> Finding:
    """Tell of one pair within the band."""
    metres = rounded(row["distance_m"], 2, law)
    source = " ".join(filter(None, (row["source_kind"], row["source_name"])))
    target = " ".join(filter(None, (row["target_kind"], row["target_name"])))
    return Finding(
        message=Text(
            f"{source} 距 {target} {metres} 米，在 {row['band_m']:g} 米以内",
            f"{source} lies {metres} m from {target}, within {row['band_m']:g} m",
        ),
        severity=Severity.WARNING,
        layer=_ROLE,
        feature_id=row["source_id"],
        feature_name=row["source_name"],
        value=metres,
        unit="m",
        geometry=shapes[row["source_id"]],
    )
