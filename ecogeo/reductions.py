"""Protected ground of two versions: what was taken out and put in, by unit and town, and whether it was reduced.

Source: how two versions are compared, and what is survey noise, is the builders' own method; see `ecogeo.versions`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.guarded import joined, shared_m2, without
from ecogeo.layer import Layer
from ecogeo.overlay import overlap_pieces
from ecogeo.rounding import Rounding, rounded
from ecogeo.versions import ADDED, CHANGE, NOISE, REMOVED, VersionChange, compare_versions, held
from ecogeo.wording import Text, list_en, list_zh

Told = Iterator[Finding | ResultTable]

_KINDS = {REMOVED: Text("调出", "taken out"), ADDED: Text("调入", "put in")}
_SUMS = [
    *("earlier_m2", "now_m2", "change_m2", "removed_m2", "added_m2", "noise_removed_m2", "noise_added_m2"),
    *("to_other_units_m2", "from_other_units_m2", "pieces_change_m2", "noise_change_m2"),
]
_NONE_HANDED_ON = {"to_other_units_m2": 0.0, "from_other_units_m2": 0.0}
_NO, _YES, _REASSIGNED, _ONE_WAY = "no", "yes", "to another unit", "shifted one way"
_BY_NOISE, _UNDETERMINED = "by noise only", "undetermined"
_LEAST_LOSS_M2 = 0.5
"""Half the last digit of an area in hectares: less is 0.0000 ha, no loss."""

_ONE_SIDED, _LEAST_SHIFT = 0.9, 1e-4
"""Noise of which more than nine tenths was lost, and that took more than a ten-thousandth of the ground, is no noise:
the line was moved inwards. The builders' choice."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Ground that must not be reduced.

    Parameters
    ----------
    role
        Role of its layer.
    table
        What the names of its tables begin with.
    name, short
        What it is called in full, and in sentences; the English ones in the plural.
    """

    role: str
    table: str
    name: Text
    short: Text


def reductions(
    theme: Theme,
    now: Layer,
    earlier: Layer,
    towns: Layer | None,
    rounding: Rounding,
    *,
    noise_width_m: float,
    least_m2: float,
) -> Told:
    """Compare two versions of protected ground.

    Areas are those of the ground: what two features cover counts once. Whether ground was reduced is told by the pieces
    alone, taken out less put in: noise that adds ground elsewhere makes up for none. Noise has columns of its own and
    is listed. Noise that nearly all takes ground away is a line moved inwards, and told. What one unit hands to another
    is told as such.

    Parameters
    ----------
    theme
        What it is.
    now, earlier
        Polygons: the version in force and the one before.
    towns
        Polygons, for the sums of towns; None leaves them out.
    rounding
        How the figures in sentences are rounded.
    noise_width_m
        See `ecogeo.versions.compare_versions`, metres.
    least_m2
        Smaller pieces of noise are listed as one row together.

    Yields
    ------
    Findings for a smaller area and for every piece taken out or put in; tables ``<table>_changes`` (pieces) and
    ``<table>_balance`` (county, units by name, towns).
    """
    changed = compare_versions(earlier.geometries, now.geometries, noise_width_m=noise_width_m)
    units = {REMOVED: _by_name(earlier), ADDED: _by_name(now)}
    grounds = {} if towns is None else _by_name(towns)
    balance = _balance(changed, units, grounds, is_all_gone=now.declaration.has_none)
    rows = _change_rows(changed, units, grounds)
    for layer, version in (
        (earlier, Text("上一版", "the version before")),
        (now, Text("本版", "this version")),
    ):
        yield from _groundless(theme, layer, version)
    yield _told(theme, changed, earlier, now, balance, noise_width_m=noise_width_m, law=rounding)
    yield from _reduced(theme, balance, rounding)
    for row, shape in zip(rows.to_dict("records"), changed.pieces.geometry, strict=True):
        if row["reason"] == CHANGE:
            yield _piece_finding(theme, row, shape, rounding)
    yield ResultTable(f"{theme.table}_changes", _listed(rows, least_m2))
    yield ResultTable(f"{theme.table}_balance", balance)


def _groundless(theme: Theme, layer: Layer, version: Text) -> Told:
    """Tell of features that are no polygons, and that nothing can be told where none is one."""
    is_ground = shapely.get_dimensions(layer.geometries) == 2
    if is_ground.all() and (len(is_ground) or layer.declaration.has_none):
        return
    ids, open_end = list(layer.ids[~is_ground]), Text("", "")
    if not is_ground.any():
        open_end = Text(
            "；没有可比的面，面积是否减少无法判断", "; without ground nobody can tell whether they were reduced"
        )
    yield Finding(
        message=Text(
            f"{theme.short.zh}{version.zh}有 {len(ids)} 个要素不是面，未计入：{list_zh(ids)}{open_end.zh}",
            f"{len(ids)} features of {version.en} of the {theme.short.en} are no polygons and do not count: "
            f"{list_en(ids)}{open_end.en}",
        ),
        severity=Severity.FAULT,
        layer=theme.role,
        value=float(len(ids)),
        unit="count",
    )


def _by_name(layer: Layer) -> Mapping[str, shapely.Geometry]:
    """Return the ground of each name of a layer."""
    shapes = layer.geometries
    polygons = shapely.get_dimensions(shapes) == 2
    names = layer.names.to_numpy()
    return {name: joined(shapes[polygons & (names == name)]) for name in sorted(set(names[polygons]))}


def _balance(
    changed: VersionChange,
    units: Mapping[str, Mapping[str, shapely.Geometry]],
    towns: Mapping[str, shapely.Geometry],
    *,
    is_all_gone: bool,
) -> pd.DataFrame:
    """Return the areas of both versions and of what differs: the county, each unit, each town."""
    whole = held([changed.earlier, changed.now])
    earlier_m2, now_m2 = geodesy.area_m2(whole)
    rows: list[dict[str, object]] = [
        {"level": "county", "name": "county", "earlier_m2": earlier_m2, "now_m2": now_m2}
        | _NONE_HANDED_ON
        | _differing(changed, np.arange(len(changed.pieces)), changed.pieces["area_m2"].to_numpy())
    ]
    for level, before, after in (("unit", units[REMOVED], units[ADDED]), ("town", towns, towns)):
        names = sorted({*before, *after})
        for name in names:
            grounds = held([before.get(name, shapely.Polygon()), after.get(name, shapely.Polygon())])
            earlier_m2, now_m2 = geodesy.area_m2(grounds) if level == "unit" else shared_m2(whole, grounds)
            if earlier_m2 or now_m2:
                row = {"level": level, "name": name, "earlier_m2": earlier_m2, "now_m2": now_m2}
                handed = _handed_on(changed, grounds) if level == "unit" else _NONE_HANDED_ON
                rows.append(row | _within(changed, grounds) | handed)
    frame = pd.DataFrame(rows)
    frame["change_m2"] = frame["now_m2"] - frame["earlier_m2"]
    frame["pieces_change_m2"] = frame["added_m2"] - frame["removed_m2"]
    frame["noise_change_m2"] = frame["noise_added_m2"] - frame["noise_removed_m2"]
    frame["reduced"] = _verdicts(frame, is_all_gone=is_all_gone)
    return frame[["level", "name", *_SUMS, "reduced"]]


def _verdicts(balance: pd.DataFrame, *, is_all_gone: bool) -> np.ndarray:
    """Tell of each row whether it was reduced, and if only seemingly, by what."""
    noise_m2 = balance["noise_removed_m2"] + balance["noise_added_m2"]
    is_shifted = (balance["noise_removed_m2"] > _ONE_SIDED * noise_m2) & (
        -balance["noise_change_m2"] > _LEAST_SHIFT * balance["earlier_m2"]
    )
    is_smaller = balance["change_m2"] < -_LEAST_LOSS_M2
    is_handed_on = is_smaller & (balance["to_other_units_m2"] - balance["from_other_units_m2"] > _LEAST_LOSS_M2)
    has_ground = bool(balance["earlier_m2"].iloc[0] > 0 and (is_all_gone or balance["now_m2"].iloc[0] > 0))
    return np.select(
        [
            np.full(len(balance), not has_ground),
            balance["pieces_change_m2"] < -_LEAST_LOSS_M2,
            is_handed_on,
            is_smaller & is_shifted,
            is_smaller,
        ],
        [_UNDETERMINED, _YES, _REASSIGNED, _ONE_WAY, _BY_NOISE],
        _NO,
    )


def _handed_on(changed: VersionChange, grounds: geodesy.Geometries) -> dict[str, float]:
    """Measure the ground a unit lost to others, and won from them, that is there in both versions."""
    before, after = grounds
    lost_won = without(held([before, after]), held([after, before]))
    to_m2, from_m2 = shared_m2(lost_won, held([changed.now, changed.earlier]))
    return {"to_other_units_m2": float(to_m2), "from_other_units_m2": float(from_m2)}


def _within(changed: VersionChange, grounds: geodesy.Geometries) -> dict[str, float]:
    """Measure what differs within the ground of a unit or a town: as it was, for what was taken out; as it is."""
    kinds = changed.pieces["kind"].to_numpy()
    rows, areas = [], []
    for kind, ground in zip((REMOVED, ADDED), grounds, strict=True):
        own = np.flatnonzero(kinds == kind)
        cut = overlap_pieces(np.asarray(changed.pieces.geometry.array, dtype=object)[own], held([ground]))
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
    cut = overlap_pieces(shapes, held(list(grounds.values())))
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
    if not rests:
        return rows
    blank = {"unit": "", "town": "", "lon": "", "lat": ""}
    return pd.concat([rows[~is_small], pd.DataFrame(rests).assign(**blank)], ignore_index=True)[list(rows.columns)]


def _told(
    theme: Theme,
    changed: VersionChange,
    before: Layer,
    after: Layer,
    balance: pd.DataFrame,
    *,
    noise_width_m: float,
    law: Rounding,
) -> Finding:
    """Say which versions were compared, and both areas."""
    county = balance.iloc[0]
    earlier, now, lost, won = (
        rounded(float(county[column]) / geodesy.M2_PER_HA, 4, law)
        for column in ("earlier_m2", "now_m2", "noise_removed_m2", "noise_added_m2")
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
            f"{theme.short.zh}由 {versions[0]} 至 {versions[1]}：{earlier:.4f} 公顷变为 {now:.4f} 公顷；"
            f"调出 {counts[REMOVED]} 块，调入 {counts[ADDED]} 块；"
            f"沿原界线窄于 {noise_width_m:g} 米的视为测量误差，另列：减 {lost:.4f} 公顷，增 {won:.4f} 公顷",
            f"{theme.short.en} from {versions[0]} to {versions[1]}: {earlier:.4f} ha became {now:.4f} ha; "
            f"{counts[REMOVED]} pieces taken out, {counts[ADDED]} put in; {lost:.4f} ha lost and {won:.4f} ha "
            f"won along the earlier outline, narrower than {noise_width_m:g} m, are survey noise and listed apart",
        ),
        severity=Severity.NOTE,
        layer=theme.role,
    )


def _reduced(theme: Theme, balance: pd.DataFrame, law: Rounding) -> Told:
    """Tell of the county, units and towns that lost ground, or seem to have."""
    yield from _reassigned(theme, balance[balance["reduced"] == _REASSIGNED], law)
    for row in balance[~balance["reduced"].isin((_NO, _UNDETERMINED, _REASSIGNED))].to_dict("records"):
        lost_m2, why = _loss(row, law)
        loss = rounded(lost_m2 / geodesy.M2_PER_HA, 4, law)
        where = Text("全区", "the county") if row["level"] == "county" else Text(str(row["name"]), str(row["name"]))
        is_grave = row["level"] == "county" and row["reduced"] == _YES
        yield Finding(
            message=Text(
                f"{where.zh}{theme.name.zh}面积减少 {loss:.4f} 公顷{why.zh}",
                f"the {theme.short.en} of {where.en} are {loss:.4f} ha smaller{why.en}",
            ),
            severity=Severity.FAULT if is_grave else Severity.WARNING,
            layer=theme.role,
            feature_name="" if row["level"] == "county" else str(row["name"]),
            town=str(row["name"]) if row["level"] == "town" else "",
            value=loss,
            unit="ha",
        )


def _reassigned(theme: Theme, rows: pd.DataFrame, law: Rounding) -> Told:
    """Tell in one note of the units that are smaller only since ground went to other units: merged, or renumbered."""
    if rows.empty:
        return
    given_m2 = (rows["to_other_units_m2"] - rows["from_other_units_m2"]).to_numpy(dtype=float)
    given = [rounded(area_m2 / geodesy.M2_PER_HA, 4, law) for area_m2 in given_m2]
    told = [f"{name}（{area:.4f} 公顷）" for name, area in zip(rows["name"], given, strict=True)]
    told_en = [f"{name} ({area:.4f} ha)" for name, area in zip(rows["name"], given, strict=True)]
    yield Finding(
        message=Text(
            f"{len(rows)} 个单元的土地划归其他单元（合并或改编号），仍在{theme.short.zh}内：{list_zh(told)}",
            f"ground of {len(rows)} units went to other units (merged or renumbered) and still is within the "
            f"{theme.short.en}: {list_en(told_en)}",
        ),
        severity=Severity.NOTE,
        layer=theme.role,
        value=float(len(rows)),
        unit="count",
    )


def _loss(row: Mapping[Hashable, Any], law: Rounding) -> tuple[float, Text]:
    """Return the ground lost, m², and what it was lost by."""
    noise, whole = (
        rounded(float(row[column]) / geodesy.M2_PER_HA, 4, law) for column in ("noise_change_m2", "change_m2")
    )
    if row["reduced"] == _YES:
        return -row["pieces_change_m2"], Text(
            f"（调出减调入）；测量误差另计 {noise:+.4f} 公顷，两版图形面积相差 {whole:+.4f} 公顷",
            f" (taken out less put in); survey noise is {noise:+.4f} ha apart, the versions differ by {whole:+.4f} ha",
        )
    if row["reduced"] == _ONE_WAY:
        return -row["noise_change_m2"], Text(
            "，均沿原界线而几乎全为减少：界线整体内移，不像单纯的测量误差，须核实",
            " along the earlier outline, nearly all of it lost: the line moved one way, which survey noise alone would "
            "not do",
        )
    return -row["change_m2"], Text("，仅由界线测量误差所致", ", by survey noise alone")


def _piece_finding(theme: Theme, row: Mapping[Hashable, Any], shape: shapely.Geometry, law: Rounding) -> Finding:
    """Tell of one piece taken out or put in."""
    kind, unit = row["kind"], row["unit"]
    what, area = _KINDS[kind], rounded(row["area_ha"], 4, law)
    return Finding(
        message=Text(f"{unit}：{what.zh}{theme.short.zh} {area:.4f} 公顷", f"{unit}: {area:.4f} ha {what.en}"),
        severity=Severity.WARNING if kind == REMOVED else Severity.NOTE,
        layer=theme.role,
        feature_name=unit,
        town=row["town"],
        value=area,
        unit="ha",
        geometry=shape,
    )
