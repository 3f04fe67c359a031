"""Heavy industry, livestock and noise must keep their distance from schools, clinics, homes and water sources.

Source: data/distances.csv, each row with its own clause and how far it was checked. For pairs it does not name, the
band is what the county declares as ``buffer_m`` of the layer of sources, else the builders' own choice.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.layer import Layer
from ecogeo.nearness import nearest
from ecogeo.overlay import within_distance
from ecogeo.rounding import Rounding, rounded
from ecogeo.rules.distances import LawDistance, is_named, widest
from ecogeo.rules.pack import ANY
from ecogeo.wording import Text, list_en, list_zh

_ROLE = "pollution_sources"
_COLUMNS = [
    *("source_id", "source_name", "source_kind", "layer", "target_id", "target_name", "target_kind"),
    *("distance_m", "band_m", "is_nearest", "is_within", "band_source", "clause", "is_verified"),
]


@check(family="distances", title=Text("污染源与敏感目标的距离", "sources near receptors"))
def source_near_receptor(
    pollution_sources: Layer,
    rounding: Rounding,
    receptors: Layer | None = None,
    water_sources: Layer | None = None,
    law_distances: Sequence[LawDistance] = (),
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
    law_distances
        Distances in force, by kind of source and of target; the widest goes before those below.
    band_m
        The distance in metres; the ``buffer_m`` the county declares for the sources wins.

    Yields
    ------
    Findings for pairs within the band, for kinds of the law's table that no feature has and kinds of features that no
    row of it names; table ``source_distances``.
    """
    declared_m = pollution_sources.declaration.buffer_m
    within_m = band_m if declared_m is None else declared_m
    kinds = _kinds(pollution_sources, "kind")
    yield _band(within_m, law_distances, is_own=declared_m is None)
    frames = []
    targets = {"receptors": (receptors, "kind"), "water_sources": (water_sources, "zone")}
    seen = {role: _kinds(layer, meaning) for role, (layer, meaning) in targets.items() if layer is not None}
    yield from _matching_nothing(law_distances, {_ROLE: kinds, **seen})
    yield from _named_by_none(law_distances, {_ROLE: kinds, **seen})
    for role, (layer, _) in targets.items():
        if layer is None:
            yield _absent(role)
            continue
        legal_m = max((one.distance_m for one in law_distances if one.target_layer == role), default=0.0)
        target_kinds = seen[role]
        pairs = _pairs(pollution_sources.geometries, layer.geometries, target_kinds, max(within_m, legal_m))
        rows = _named(pairs, pollution_sources, kinds, layer, target_kinds, role=role)
        rows = _banded(rows, law_distances, within_m, is_own=declared_m is not None)
        frames.append(rows[(rows["is_nearest"] == "yes") | (rows["is_within"] == "yes")])
    rows = pd.concat(frames or [pd.DataFrame(columns=_COLUMNS)], ignore_index=True)
    rows = rows.sort_values(["source_id", "layer", "distance_m", "target_id"], ignore_index=True)
    shapes = dict(zip(pollution_sources.ids, pollution_sources.geometries, strict=True))
    for row in rows[rows["is_within"] == "yes"].to_dict("records"):
        yield _near(row, shapes, rounding)
    yield ResultTable("source_distances", rows)


def _matching_nothing(distances: Sequence[LawDistance], seen: Mapping[str, np.ndarray]) -> Outcome:
    """Tell of rows of the law's table that meet no feature, and of single kinds in them that do not."""
    for one in distances:
        idle, lists, is_idle = [], [], False
        for role, kinds in ((_ROLE, one.source_kinds), (one.target_layer, one.target_kinds)):
            if role not in seen:
                continue
            missing = [kind for kind in kinds if kind != ANY and not any(is_named(own, (kind,)) for own in seen[role])]
            own = sorted({kind for kind in seen[role] if kind})
            if missing:
                idle += [f"{role}: {kind}" for kind in missing]
                lists.append(f"{role}: {list_zh(own, most=20) or '—'}")
            is_idle |= len(missing) == len(kinds)
        if idle:
            effect = (
                Text("该条没有用到任何要素", "so the row meets no feature at all")
                if is_idle
                else Text("这些类别没有用到", "so they are of no effect")
            )
            yield Finding(
                message=Text(
                    f"data/distances.csv {one.distance_id}：本县图层没有类别 {list_zh(idle)}，{effect.zh}"
                    f"（图层现有 {'；'.join(lists)}）",
                    f"data/distances.csv {one.distance_id}: the county's layers have no feature of {list_en(idle)}, "
                    f"{effect.en} (they have {'; '.join(lists)})",
                ),
                severity=Severity.WARNING if is_idle else Severity.NOTE,
                layer=_ROLE,
                feature_name=one.distance_id,
                value=float(len(idle)),
                unit="count",
                clause=one.clause,
            )


def _named_by_none(distances: Sequence[LawDistance], seen: Mapping[str, np.ndarray]) -> Outcome:
    """Tell of features whose kind no row of the law's table names: their band is no law's."""
    for role, kinds in seen.items():
        rows = [one.source_kinds if role == _ROLE else one.target_kinds for one in distances]
        about = [named for one, named in zip(distances, rows, strict=True) if role in {_ROLE, one.target_layer}]
        unnamed = {kind for kind in set(kinds) if not any(is_named(kind, named) for named in about)}
        if not about or not unnamed:
            continue
        counts = {kind: int((kinds == kind).sum()) for kind in sorted(unnamed)}
        told_zh = [f"{kind or '（空）'} {count} 个" for kind, count in counts.items()]
        told_en = [f"{count} of {kind or 'no kind'}" for kind, count in counts.items()]
        yield Finding(
            message=Text(
                f"图层 {role} 有类别不在 data/distances.csv 之内，只按缺省距离判断：{list_zh(told_zh, most=20)}",
                f"no row of data/distances.csv names these kinds of {role}; the band that is no law's goes for them: "
                f"{list_en(told_en, most=20)}",
            ),
            severity=Severity.NOTE,
            layer=role,
            value=float(sum(counts.values())),
            unit="count",
        )


def _kinds(layer: Layer, meaning: str) -> np.ndarray:
    """Return a field by its meaning as text, empty where the layer has none."""
    field = layer.declaration.fields.get(meaning, meaning)
    return layer.text(field).to_numpy() if field in layer.sound.columns else np.full(len(layer.sound), "", dtype=object)


def _pairs(
    sources: geodesy.Geometries, targets: geodesy.Geometries, kinds: np.ndarray, within_m: float
) -> pd.DataFrame:
    """Return the pairs of source and target: the nearest of each kind, and all within the band."""
    close = within_distance(sources, targets, np.full(len(sources), within_m))
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
    pairs: pd.DataFrame, sources: Layer, kinds: np.ndarray, targets: Layer, target_kinds: np.ndarray, *, role: str
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
            "target_kind": target_kinds[target],
            "distance_m": pairs["distance_m"].to_numpy(float),
            "is_nearest": np.where(pairs["is_nearest"], "yes", "no"),
        }
    )


def _banded(rows: pd.DataFrame, distances: Sequence[LawDistance], within_m: float, *, is_own: bool) -> pd.DataFrame:
    """Add the band of each pair, where it comes from, and whether the two lie within it."""
    keys = rows[["source_kind", "layer", "target_kind"]]
    laws = {key: widest(distances, *key) for key in dict.fromkeys(keys.itertuples(index=False, name=None))}
    own = [laws[key] for key in keys.itertuples(index=False, name=None)]
    band_m = np.array([within_m if law is None else law.distance_m for law in own], dtype=float)
    other = "layers.toml buffer_m" if is_own else "builders' choice"
    return rows.assign(
        band_m=band_m,
        band_source=[other if law is None else law.distance_id for law in own],
        clause=["" if law is None else law.clause for law in own],
        is_verified=["" if law is None else "yes" if law.is_verified else "no" for law in own],
        is_within=np.where(rows["distance_m"].to_numpy(float) <= band_m, "yes", "no"),
    )[_COLUMNS]


def _band(within_m: float, distances: Sequence[LawDistance], *, is_own: bool) -> Finding:
    """Say which band is used, and whose it is."""
    origin = (
        Text("编者自定的缺省值，并非法定距离", "the builders' default, no law")
        if is_own
        else Text("layers.toml 中声明的 buffer_m", "buffer_m as declared in layers.toml")
    )
    law = (
        Text(
            f"data/distances.csv 有 {len(distances)} 条现行法定距离，先按它们判断；其余",
            f"data/distances.csv holds {len(distances)} distances in force, which go first; for other pairs ",
        )
        if distances
        else Text("data/distances.csv 没有现行的法定距离；", "data/distances.csv holds no distance in force; ")
    )
    return Finding(
        message=Text(
            f"{law.zh}距离按 {within_m:g} 米判断：{origin.zh}",
            f"{law.en}the band is {within_m:g} m: {origin.en}",
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
    law_zh, law_en = "", ""
    if row["clause"]:
        doubt = Text("", "") if row["is_verified"] == "yes" else Text("，未核实", ", unverified")
        law_zh = f"（{row['clause']}{doubt.zh}）"
        law_en = f" ({row['clause']}{doubt.en})"
    return Finding(
        message=Text(
            f"{source} 距 {target} {metres} 米，在 {row['band_m']:g} 米以内{law_zh}",
            f"{source} lies {metres} m from {target}, within {row['band_m']:g} m{law_en}",
        ),
        severity=Severity.FAULT if row["is_verified"] == "yes" else Severity.WARNING,
        layer=_ROLE,
        feature_id=row["source_id"],
        feature_name=row["source_name"],
        value=metres,
        unit="m",
        geometry=shapes[row["source_id"]],
        clause=row["clause"],
    )
