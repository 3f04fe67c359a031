"""Land inside a red line must not turn to construction (生态保护红线性质不改变).

Source: 自然生态空间, 性质不改变: 国家生态文明建设示范区建设指标（2021修订版）, indicator 15, as printed in plans.
That the change is told by patches of land use that became construction land is the builders' own method; which codes
are construction stands in data/land_classes.csv, with how far it was checked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.guarded import joined, shared, without
from ecogeo.landuse.book import LandBook
from ecogeo.landuse.patches import land_class_field, tidy_code
from ecogeo.layer import Layer
from ecogeo.overlay import overlap_pieces
from ecogeo.rounding import Rounding, rounded
from ecogeo.versions import NOISE, outlines_of, polygonal, told_apart
from ecogeo.wording import Text, list_en, list_zh

_ROLE, _BUILT = "redlines", "built"
_LEAST_ROW_M2 = 0.005
"""Less is 0.00 m² once it is written: the rounding of coordinates."""
_COLUMNS = ["redline_id", "unit_name", "patch_id", "land_class", "changed", "area_m2", "area_ha"]


@check(family="redlines", title=Text("红线内土地转为建设用地", "land in a red line turned to construction"))
def redline_turned_to_construction(
    redlines: Layer,
    landuse: Layer,
    land_book: LandBook,
    rounding: Rounding,
    earlier_landuse: Layer | None = None,
    *,
    least_m2: float = 1.0,
    noise_width_m: float = 5.0,
) -> Outcome:
    """Find construction land inside red lines, and tell what of it was none in the earlier land use.

    Where there is no earlier land use, or it does not cover the ground or has a code there that does not tell, nobody
    knows what turned: construction land is then listed as ``unknown``, and is no fault. Strips along the outline of
    earlier construction land that are narrower than a width are survey noise, and no fault either. Patches of a code
    the land classes do not know, and of a first-level code only some of whose classes are construction, are told, and
    never counted as unbuilt in silence.

    Parameters
    ----------
    redlines
        Polygons.
    landuse, earlier_landuse
        Patches 图斑 with the code of their land class (``land_class``).
    land_book
        Which codes are construction land (kind ``built``).
    rounding
        How the figures in sentences are rounded.
    least_m2
        Smaller pieces are left out of the findings; they count in the sum of the table.
    noise_width_m
        See `ecogeo.versions.compare_versions`. The builders' choice, no law.

    Yields
    ------
    Findings per red line and patch; table ``redline_construction``.
    """
    is_built = _built(landuse, land_book)
    yield from _unknown_codes(landuse, land_book)
    patches = landuse.geometries[is_built]
    now = overlap_pieces(redlines.geometries, patches)
    before = None
    if earlier_landuse is not None:
        yield from _unknown_codes(earlier_landuse, land_book)
        before = _before(earlier_landuse, land_book)
    rows = []
    for kind, pieces in _by_change(now.geometry.to_numpy(), before, noise_width_m):
        area = geodesy.area_m2(pieces)
        rows.append(
            pd.DataFrame(
                {
                    "redline_id": redlines.ids.to_numpy()[now["site"]],
                    "unit_name": redlines.names.to_numpy()[now["site"]],
                    "patch_id": landuse.ids[is_built].to_numpy()[now["zone"]],
                    "land_class": landuse.text(land_class_field(landuse))[is_built].to_numpy()[now["zone"]],
                    "changed": kind,
                    "area_m2": area,
                    "area_ha": area / geodesy.M2_PER_HA,
                    "geometry": pieces,
                }
            )
        )
    found = pd.concat(rows, ignore_index=True)
    found = found[found["area_m2"] >= _LEAST_ROW_M2].sort_values(
        ["redline_id", "patch_id", "changed"], ignore_index=True
    )
    if before is None:
        yield _nothing_to_compare(found, landuse, rounding)
    else:
        yield from _not_told_before(found, landuse, least_m2, rounding)
    for row in found[(found["changed"] == "yes") & (found["area_m2"] >= least_m2)].to_dict("records"):
        area_ha = rounded(row["area_ha"], 4, rounding)
        yield Finding(
            message=Text(
                f"{row['unit_name']} {row['redline_id']}：红线内 {area_ha:.4f} 公顷转为建设用地"
                f"（图斑 {row['patch_id']}，{row['land_class']}）",
                f"{row['unit_name']} {row['redline_id']}: {area_ha:.4f} ha turned to construction (patch "
                f"{row['patch_id']}, {row['land_class']})",
            ),
            severity=Severity.FAULT,
            layer=_ROLE,
            feature_id=row["redline_id"],
            feature_name=row["unit_name"],
            value=area_ha,
            unit="ha",
            geometry=row["geometry"],
        )
    yield ResultTable("redline_construction", found[_COLUMNS])


def _built(patches: Layer, land_book: LandBook) -> npt.NDArray[np.bool_]:
    """Tell which patches are construction land."""
    is_built = np.array([kinds == {_BUILT} for kinds in _kinds(patches, land_book)], dtype=bool)
    built: npt.NDArray[np.bool_] = is_built & (shapely.get_dimensions(patches.geometries) == 2)
    return built


def _kinds(patches: Layer, land_book: LandBook) -> list[frozenset[str]]:
    """Return what the code of each patch may count as, suffixes and lost zeros mended; nothing for an unknown code."""
    codes = patches.text(land_class_field(patches))
    kinds = {code: land_book.kinds_within(tidy_code(code, land_book)[1]) for code in sorted(set(codes))}
    return [kinds[code] for code in codes]


def _unknown_codes(patches: Layer, land_book: LandBook) -> Outcome:
    """Tell of codes nobody knows, or too short to tell: whether they are construction land stays open."""
    codes = patches.text(land_class_field(patches))
    kinds = _kinds(patches, land_book)
    is_unknown = np.array([not may or (_BUILT in may and len(may) > 1) for may in kinds], dtype=bool)
    if is_unknown.any():
        unknown, count = sorted(set(codes[is_unknown])), int(is_unknown.sum())
        shown = [code or "（空）" for code in unknown]
        yield Finding(
            message=Text(
                f"{patches.title.zh}：{count} 个图斑的地类编码 {list_zh(shown)} 不在地类表中，或级别太粗，"
                "是否建设用地无法判断",
                f"{patches.title.en}: {count} patches have codes {list_en(shown)}, which the land classes do not know "
                "or which are too coarse: nobody can tell whether they are construction land",
            ),
            severity=Severity.WARNING,
            layer=patches.declaration.role,
            value=float(count),
            unit="count",
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Before:
    """What the earlier land use tells: construction land, other land, and the outlines of the former."""

    built: shapely.Geometry
    other: shapely.Geometry
    outlines: shapely.Geometry


def _before(earlier: Layer, land_book: LandBook) -> _Before:
    """Part the earlier land use; ground of a code that does not tell is in neither part."""
    is_ground = shapely.get_dimensions(earlier.geometries) == 2
    is_other = np.array([bool(may) and _BUILT not in may for may in _kinds(earlier, land_book)], dtype=bool)
    built = earlier.geometries[_built(earlier, land_book)]
    other = earlier.geometries[is_other & is_ground]
    return _Before(joined(built), joined(other), outlines_of(built))


def _by_change(
    pieces: geodesy.Geometries, before: _Before | None, noise_width_m: float
) -> tuple[tuple[str, geodesy.Geometries], ...]:
    """Divide built pieces into what was none before, what was, and what nobody knows of."""
    if before is None:
        return (("unknown", pieces),)
    built, other = (np.full(len(pieces), ground, dtype=object) for ground in (before.built, before.other))
    since = without(pieces, built)
    turned, noise = shared(since, other), np.full(len(pieces), shapely.Polygon(), dtype=object)
    for row in np.flatnonzero(shapely.area(turned) > 0):
        changed, slivers = told_apart(shapely.get_parts(polygonal(turned[row])), before.outlines, noise_width_m)
        turned[row], noise[row] = joined(changed), joined(slivers)
    return (
        ("yes", turned),
        ("no", shared(pieces, built)),
        (NOISE, noise),
        ("unknown", without(since, other)),
    )


def _not_told_before(found: pd.DataFrame, landuse: Layer, least_m2: float, law: Rounding) -> Outcome:
    """Tell how much construction land the earlier land use says nothing of."""
    area_m2 = float(found.loc[found["changed"] == "unknown", "area_m2"].sum())
    if area_m2 < least_m2:
        return
    area_ha = rounded(area_m2 / geodesy.M2_PER_HA, 4, law)
    yield Finding(
        message=Text(
            f"红线内有建设用地 {area_ha:.4f} 公顷，上一版{landuse.title.zh}在该处没有图斑或地类编码不明："
            "是否由其他地类转来无法判断",
            f"{area_ha:.4f} ha of construction land lie inside red lines where the earlier version of "
            f"{landuse.title.en} has no patch, or a code that does not tell: nobody can tell whether they turned",
        ),
        severity=Severity.WARNING,
        layer=_ROLE,
        value=area_ha,
        unit="ha",
    )


def _nothing_to_compare(found: pd.DataFrame, landuse: Layer, law: Rounding) -> Finding:
    area_ha = rounded(float(found["area_ha"].sum()), 4, law)
    return Finding(
        message=Text(
            f"{landuse.title.zh}没有上一版（layers.toml 中的 earlier），不能判断红线内土地是否转为建设用地；"
            f"现有建设用地 {area_ha:.4f} 公顷",
            f"{landuse.title.en} has no earlier version (earlier in layers.toml): nobody can tell what turned to "
            f"construction; {area_ha:.4f} ha of construction land lie inside red lines now",
        ),
        severity=Severity.NOTE,
        layer=_ROLE,
        value=area_ha,
        unit="ha",
    )
