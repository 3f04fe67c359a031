"""The share of each class of patches 图斑 by town, gross and net of 扣除系数, and figures of patches that cannot be.

Source: 第三次全国国土调查 land classes (三调工作分类) and net areas (TBDLMJ), from memory, not checked against the
issuer's own copy: unverified. Definitions 口径 in data/cover_definitions.csv, each with its own source.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.landuse.book import LandBook
from ecogeo.landuse.patches import STATED_UNITS, Patches, read_patches
from ecogeo.landuse.units import Units, units_of
from ecogeo.landuse.use import COLUMNS, NODATA, UseShares, use_shares
from ecogeo.layer import Layer
from ecogeo.rounding import Rounding, rounded
from ecogeo.wording import Text, list_en, list_zh

_ROLE = "landuse"
_UNITS_EN = {"公顷": "hectares", "亩": "mu", "平方千米": "km²"}


@check(family="land", title=Text("地类图斑占比", "shares of land-use patches"))
def land_use_share(
    landuse: Layer,
    land_book: LandBook,
    rounding: Rounding,
    county: Layer | None = None,
    towns: Layer | None = None,
    *,
    most_area_difference: float = 0.01,
    most_bare_share: float = 0.001,
) -> Outcome:
    """Measure the patches of the county and its towns by class, and say what is wrong with their figures.

    Patches over a border are cut. Codes nobody knows are a class of their own, never left out; a lost leading zero is
    put back and told. Stated areas found in another unit are converted and told; impossible deductions deduct nothing
    and are told.

    Parameters
    ----------
    landuse
        Patches with ``land_class`` (DLBM), ``deduction`` (KCXS), ``stated_area_m2`` (TBMJ).
    land_book
        The classes and definitions.
    rounding
        How the figures in sentences are rounded.
    county, towns
        The grounds.
    most_area_difference
        How far a stated area may lie from the geometry, a share; the builders' choice.
    most_bare_share
        A county or town of which a larger share has no patch is a finding; the builders' choice.

    Yields
    ------
    Findings; table ``landuse``.
    """
    patches = read_patches(landuse, land_book)
    grounds = units_of({"county": county, "towns": towns})
    shares = use_shares(grounds, patches, land_book)
    yield from _groundless(patches)
    yield from _code_faults(patches)
    yield from _deduction_faults(patches)
    yield from _stated_faults(patches, most_area_difference)
    yield from _overlaps(grounds, shares, rounding)
    yield from _bare_ground(shares, most_bare_share)
    for frame in (shares.classes, shares.covers):
        yield ResultTable(_ROLE, frame[list(COLUMNS)])


def _fault(
    patches: Patches, which: npt.NDArray[np.bool_], message: Text, severity: Severity = Severity.WARNING
) -> Outcome:
    """Tell of some patches in one finding, with their number and the first of their keys; of none, nothing."""
    if which.any():
        ids, count = patches.ids[which], int(which.sum())
        yield Finding(
            message=Text(
                f"{count} 个图斑{message.zh}：{list_zh(ids, most=10)}",
                f"{count} patches {message.en}: {list_en(ids, most=10)}",
            ),
            severity=severity,
            layer=_ROLE,
            feature_id=str(ids[0]) if count == 1 else "",
            value=float(count),
            unit="count",
        )


def _groundless(patches: Patches) -> Outcome:
    """Tell of features that are no polygons."""
    if ids := patches.groundless:
        yield Finding(
            message=Text(
                f"{len(ids)} 个要素不是面，未计入：{list_zh(ids, most=10)}",
                f"{len(ids)} features are no polygons and do not count: {list_en(ids, most=10)}",
            ),
            severity=Severity.FAULT,
            layer=_ROLE,
            value=float(len(ids)),
            unit="count",
        )


def _code_faults(patches: Patches) -> Outcome:
    """Tell of codes that are unknown or had lost a zero."""
    is_unknown = patches.base == ""
    doubted = patches.is_zero_doubted
    for word in sorted(set(patches.written[doubted])):
        yield from _fault(
            patches,
            doubted & (patches.written == word),
            Text(
                f"的地类编码“{word}”只有三位：与地类名称不符，或图层里有二调（三位）编码，未补首位 0，按地类不明计",
                f"have a land class of three digits, “{word}”: its name says another, or the layer has codes of the "
                "second survey; no leading zero was put back, it counts as unknown",
            ),
            Severity.FAULT,
        )
    for word in sorted(set(patches.written[is_unknown & ~doubted])):
        shown = Text(word or "（空）", word or "(empty)")
        yield from _fault(
            patches,
            is_unknown & ~doubted & (patches.written == word),
            Text(f"的地类编码“{shown.zh}”不在三调分类中，按地类不明计", f"have the unknown land class “{shown.en}”"),
            Severity.FAULT,
        )
    lost = Text("的地类编码缺首位 0，已补上", "had lost the leading zero of their land class, which was put back")
    yield from _fault(patches, patches.is_zero_lost & ~is_unknown, lost)


def _deduction_faults(patches: Patches) -> Outcome:
    """Tell of deductions that cannot be, and of cropland without one."""
    if not patches.has_deduction:
        return
    impossible = Text("的扣除系数不在 0 至 1 之间，未扣除", "have a deduction that is not within 0 to 1; none was made")
    yield from _fault(patches, patches.impossible_deduction, impossible, Severity.FAULT)
    missing = patches.is_cropland & np.isnan(patches.deduction) & ~patches.impossible_deduction
    yield from _fault(
        patches, missing, Text("是耕地而没有扣除系数，按 0 计", "are cropland without a deduction, taken as 0")
    )


def _stated_faults(patches: Patches, most_difference: float) -> Outcome:
    """Tell of stated areas that are missing, in another unit, or far from the geometry."""
    if not patches.has_stated:
        return
    stated = patches.stated_m2
    yield from _fault(patches, np.isnan(stated), Text("没有登记面积", "state no area"))
    for unit in STATED_UNITS:
        told = Text(
            f"的登记面积没有写单位，与图形相符的单位是{unit}，不是平方米，已换算",
            f"state their area without a unit; it fits the geometry in {_UNITS_EN[unit]}, not m², and was converted",
        )
        yield from _fault(patches, patches.stated_unit == unit, told)
    is_off = np.abs(np.nan_to_num(stated / patches.area_m2, nan=1.0) - 1.0) > most_difference
    differing = Text(
        f"的登记面积与椭球面积相差超过 {most_difference:.0%}",
        f"state an area over {most_difference:.0%} off that on the ellipsoid",
    )
    yield from _fault(patches, is_off, differing)


def _bare_ground(shares: UseShares, most_share: float) -> Outcome:
    """List the county and the towns of which too much has no patch."""
    bare = shares.classes[shares.classes["class"] == NODATA]
    for row in bare[bare["share"] > most_share].to_dict("records"):
        name, share = row["unit_name"], row["share"]
        yield Finding(
            message=Text(
                f"{name} 有 {share:.2%} 没有图斑，各类占比最多还可高出这么多",
                f"{share:.2%} of {name} has no patch; any share could be higher by as much",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            feature_id=row["unit_id"],
            feature_name=name,
            value=share,
            unit="share",
        )


def _overlaps(grounds: Units, shares: UseShares, law: Rounding) -> Outcome:
    """Tell of grounds that patches cover more than once."""
    for position in np.flatnonzero(shares.repeated_m2):
        name, repeated_m2 = grounds.names["unit_name"].iloc[position], rounded(shares.repeated_m2[position], 2, law)
        yield Finding(
            message=Text(
                f"{name}：图斑有重叠，{repeated_m2:.2f} 平方米被重复计入各地类",
                f"{name}: patches overlap, {repeated_m2:.2f} m² are counted more than once among the classes",
            ),
            severity=Severity.FAULT,
            layer=_ROLE,
            feature_id=grounds.names["unit_id"].iloc[position],
            feature_name=name,
            value=repeated_m2,
            unit="m2",
        )
