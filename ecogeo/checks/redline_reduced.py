"""The ecological red lines must not lose area (生态保护红线面积不减少); what was taken out and put in is listed.

Source: 自然生态空间, 面积不减少: 国家生态文明建设示范区建设指标（2021修订版）, indicator 15, as printed in plans.
How two versions are compared, and what is survey noise, is the builders' own method.
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
from ecogeo.overlay import overlap_pieces
from ecogeo.rounding import Rounding, rounded
from ecogeo.versions import ADDED, CHANGE, NOISE, REMOVED, VersionChange, compare_versions
from ecogeo.wording import Text

_ROLE = "redlines"
_KINDS = {REMOVED: Text("调出", "taken out"), ADDED: Text("调入", "put in")}
_SUMS = ["earlier_m2", "now_m2", "change_m2", "removed_m2", "added_m2", "noise_removed_m2", "noise_added_m2"]


@check(family="redlines", title=Text("生态保护红线面积减少", "red lines reduced"))
def redline_reduced(
    redlines: Layer,
    earlier_redlines: Layer,
    rounding: Rounding,
    towns: Layer | None = None,
    *,
    noise_width_m: float = 5.0,
    least_m2: float = 1.0,
) -> Outcome:
    """Compare two versions of the red lines: area, pieces taken out and put in, and what only the survey moved.

    Areas are those of the ground: what two red lines cover counts once. See `ecogeo.versions.compare_versions` for what
    is noise. Noise counts in every sum, in columns of its own, and is listed; it is no finding of its own.

    Parameters
    ----------
    redlines, earlier_redlines
        Polygons: the version in force and the one before, declared as ``earlier`` of the layer.
    rounding
        How the figures in sentences are rounded.
    towns
        Polygons, for the sums of towns; None leaves them out.
    noise_width_m
        Strips along the earlier outline narrower than this are survey noise: half a millimetre on a map of 1:10 000.
        The builders' choice, no law.
    least_m2
        Smaller pieces of noise are listed as one row together.

    Yields
    ------
    Findings for a smaller area and for every piece taken out or put in; tables ``redline_changes`` (pieces) and
    ``redline_balance`` (county, units by name, towns).
    """
    changed = compare_versions(earlier_redlines.geometries, redlines.geometries, noise_width_m=noise_width_m)
    units = {REMOVED: _by_name(earlier_redlines), ADDED: _by_name(redlines)}
    grounds = {} if towns is None else _by_name(towns)
    balance = _balance(changed, units, grounds)
    rows = _change_rows(changed, units, grounds)
    yield _told(changed, earlier_redlines, redlines, balance, noise_width_m=noise_width_m, law=rounding)
    yield from _reduced(balance, rounding)
    for row, shape in zip(rows.to_dict("records"), changed.pieces.geometry, strict=True):
        if row["reason"] == CHANGE:
            yield _piece_finding(row, shape, rounding)
    yield ResultTable("redline_changes", _listed(rows, least_m2))
    yield ResultTable("redline_balance", balance)


def _by_name(layer: Layer) -> Mapping[str, shapely.Geometry]:
    """Return the ground of each name of a layer."""
    shapes = layer.geometries
    polygons = shapely.get_dimensions(shapes) == 2
    names = layer.names.to_numpy()
    return {name: shapely.union_all(shapes[polygons & (names == name)]) for name in sorted(set(names[polygons]))}


def _array(shapes: Sequence[shapely.Geometry]) -> geodesy.Geometries:
    held: geodesy.Geometries = np.empty(len(shapes), dtype=object)
    held[:] = shapes
    return held


def _balance(
    changed: VersionChange, units: Mapping[str, Mapping[str, shapely.Geometry]], towns: Mapping[str, shapely.Geometry]
) -> pd.DataFrame:
    """Return the areas of both versions and of what differs: the county, each unit, each town."""
    whole = _array([changed.earlier, changed.now])
    earlier_m2, now_m2 = geodesy.area_m2(whole)
    rows: list[dict[str, object]] = [
        {"level": "county", "name": "county", "earlier_m2": earlier_m2, "now_m2": now_m2}
        | _differing(changed, np.arange(len(changed.pieces)), changed.pieces["area_m2"].to_numpy())
    ]
    for level, before, after in (("unit", units[REMOVED], units[ADDED]), ("town", towns, towns)):
        names = sorted({*before, *after})
        for name in names:
            grounds = _array([before.get(name, shapely.Polygon()), after.get(name, shapely.Polygon())])
            parts = grounds if level == "unit" else shapely.intersection(whole, grounds)
            earlier_m2, now_m2 = geodesy.area_m2(parts)
            if earlier_m2 or now_m2:
                row = {"level": level, "name": name, "earlier_m2": earlier_m2, "now_m2": now_m2}
                rows.append(row | _within(changed, grounds))
    frame = pd.DataFrame(rows)
    frame["change_m2"] = frame["now_m2"] - frame["earlier_m2"]
    frame["reduced"] = np.where(frame["change_m2"] >= -_LEAST_LOSS_M2, "no", "yes")
    only_noise = (frame["reduced"] == "yes") & (frame["removed_m2"] <= frame["added_m2"])
    frame["reduced"] = frame["reduced"].mask(only_noise, "by noise only")
    return frame[["level", "name", *_SUMS, "reduced"]]


_LEAST_LOSS_M2 = 0.01
"""The last digit of an area: less is rounding, no loss."""


def _within(changed: VersionChange, grounds: geodesy.Geometries) -> dict[str, float]:
    """Measure what differs within the ground of a unit or a town: as it was, for what was taken out; as it is."""
    kinds = changed.pieces["kind"].to_numpy()
    rows, areas = [], []
    for kind, ground in zip((REMOVED, ADDED), grounds, strict=True):
        own = np.flatnonzero(kinds == kind)
        cut = overlap_pieces(np.asarray(changed.pieces.geometry.array, dtype=object)[own], _array([ground]))
        rows.append(own[cut["site"].to_numpy()])
        areas.append(cut["area_m2"].to_numpy())
    return _differing(changed, np.concatenate(rows), np.concatenate(areas))


def _differing(changed: VersionChange, rows: np.ndarray, areas: geodesy.Floats) -> dict[str, float]:
    """Add up pieces by what they are."""
    kinds, reasons = changed.pieces["kind"].to_numpy()[rows], changed.pieces["reason"].to_numpy()[rows]
    columns = {
        "removed_m2": (REMOVED, CHANGE),
        "added_m2": (ADDED, CHANGE),
        "noise_removed_m2": (REMOVED, NOISE),
        "noise_added_m2": (ADDED, NOISE),
    }
    return {name: float(areas[(kinds == kind) & (reasons == why)].sum()) for name, (kind, why) in columns.items()}


def _change_rows(
    changed: VersionChange, units: Mapping[str, Mapping[str, shapely.Geometry]], towns: Mapping[str, shapely.Geometry]
) -> pd.DataFrame:
    """Return one row per piece: number, kind, reason, unit, town, area, width and a point inside."""
    pieces = changed.pieces
    shapes = np.asarray(pieces.geometry.array, dtype=object)
    unit = np.where(pieces["kind"] == REMOVED, _names_at(shapes, units[REMOVED]), _names_at(shapes, units[ADDED]))
    inside = shapely.get_coordinates(shapely.point_on_surface(shapes))
    return pd.DataFrame(
        {
            "change_id": [f"X{number + 1:04d}" for number in range(len(pieces))],
            "kind": pieces["kind"],
            "reason": pieces["reason"],
            "unit": unit,
            "town": _names_at(shapes, towns),
            "area_m2": pieces["area_m2"],
            "area_ha": pieces["area_m2"] / geodesy.M2_PER_HA,
            "width_m": pieces["width_m"],
            "lon": [f"{lon:.6f}" for lon in inside[:, 0]],
            "lat": [f"{lat:.6f}" for lat in inside[:, 1]],
        }
    )


def _names_at(shapes: geodesy.Geometries, grounds: Mapping[str, shapely.Geometry]) -> np.ndarray:
    """Return the names of the grounds each piece lies in, the largest share first, joined by ``;``."""
    cut = overlap_pieces(shapes, _array(list(grounds.values())))
    sums = cut.groupby(["site", "zone"])["area_m2"].sum().reset_index()
    sums = sums[sums["area_m2"] > 0].sort_values(["site", "area_m2", "zone"], ascending=[True, False, True])
    names = np.array([*grounds, ""], dtype=object)
    joined = pd.Series(names[sums["zone"]], index=sums["site"], dtype=object).groupby(level=0).agg(";".join)
    return joined.reindex(range(len(shapes)), fill_value="").to_numpy()


def _listed(rows: pd.DataFrame, least_m2: float) -> pd.DataFrame:
    """Return the pieces to list: noise under the threshold as one row per kind, its area kept."""
    is_small = (rows["reason"] == NOISE) & (rows["area_m2"] < least_m2)
    rests = []
    for kind, small in rows[is_small].groupby("kind", sort=True):
        rest = {"change_id": f"X-{kind}", "kind": kind, "reason": f"{NOISE}: {len(small)} pieces under {least_m2:g} m2"}
        rest |= {
            "area_m2": small["area_m2"].sum(),
            "area_ha": small["area_ha"].sum(),
            "width_m": small["width_m"].max(),
        }
        rests.append(rest)
    return pd.concat([rows[~is_small], pd.DataFrame(rests, columns=rows.columns)], ignore_index=True).fillna(
        {"unit": "", "town": "", "lon": "", "lat": ""}
    )


def _told(
    changed: VersionChange, before: Layer, after: Layer, balance: pd.DataFrame, *, noise_width_m: float, law: Rounding
) -> Finding:
    """Say which versions were compared, and both areas."""
    county = balance.iloc[0]
    earlier, now, noise = (
        rounded(float(area) / geodesy.M2_PER_HA, 4, law)
        for area in (county["earlier_m2"], county["now_m2"], county["noise_removed_m2"] + county["noise_added_m2"])
    )
    versions = [
        " ".join(filter(None, (layer.declaration.version, layer.declaration.date))) or layer.declaration.shown_path
        for layer in (before, after)
    ]
    counts = {
        kind: int(((changed.pieces["kind"] == kind) & (changed.pieces["reason"] == CHANGE)).sum()) for kind in _KINDS
    }
    return Finding(
        message=Text(
            f"红线由 {versions[0]} 至 {versions[1]}：{earlier:.4f} 公顷变为 {now:.4f} 公顷；调出 {counts[REMOVED]} 块，"
            f"调入 {counts[ADDED]} 块；沿原界线窄于 {noise_width_m:g} 米的 {noise:.4f} 公顷视为测量误差，另列",
            f"red lines from {versions[0]} to {versions[1]}: {earlier:.4f} ha became {now:.4f} ha; {counts[REMOVED]} "
            f"pieces taken out, {counts[ADDED]} put in; {noise:.4f} ha along the earlier outline, narrower than "
            f"{noise_width_m:g} m, are survey noise and listed apart",
        ),
        severity=Severity.NOTE,
        layer=_ROLE,
    )


def _reduced(balance: pd.DataFrame, law: Rounding) -> Outcome:
    """Tell of the county, units and towns whose red lines cover less than before."""
    for row in balance[balance["reduced"] != "no"].to_dict("records"):
        loss = rounded(-float(row["change_m2"]) / geodesy.M2_PER_HA, 4, law)
        where = Text("全区", "the county") if row["level"] == "county" else Text(str(row["name"]), str(row["name"]))
        is_noise = row["reduced"] != "yes"
        why = Text("，仅由界线测量误差所致", ", by survey noise alone") if is_noise else Text("", "")
        is_grave = row["level"] == "county" and not is_noise
        yield Finding(
            message=Text(
                f"{where.zh}生态保护红线面积减少 {loss:.4f} 公顷{why.zh}",
                f"the red lines of {where.en} are {loss:.4f} ha smaller{why.en}",
            ),
            severity=Severity.FAULT if is_grave else Severity.WARNING,
            layer=_ROLE,
            feature_name="" if row["level"] == "county" else str(row["name"]),
            town=str(row["name"]) if row["level"] == "town" else "",
            value=loss,
            unit="ha",
        )


def _piece_finding(row: Mapping[Hashable, Any], shape: shapely.Geometry, law: Rounding) -> Finding:
    """Tell of one piece taken out or put in."""
    kind, unit = row["kind"], row["unit"]
    what, area = _KINDS[kind], rounded(row["area_ha"], 4, law)
    return Finding(
        message=Text(f"{unit}：{what.zh}红线 {area:.4f} 公顷", f"{unit}: {area:.4f} ha {what.en}"),
        severity=Severity.WARNING if kind == REMOVED else Severity.NOTE,
        layer=_ROLE,
        feature_name=unit,
        town=row["town"],
        value=area,
        unit="ha",
        geometry=shape,
    )
