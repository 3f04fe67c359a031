"""The natural share of the land along the banks (岸线自然化率), by land cover within a distance.

Source: no clause read by the builders defines it. Here: natural ground ÷ known ground of the strip within a distance of
both banks; natural are forest, shrub, grass, wetland, water, snow and bare ground, not cropland, orchards and built-up
land. Both the distance and the classes are the builders' choice.
"""

from __future__ import annotations

import numpy as np

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.landuse.book import LandBook
from ecogeo.layer import Layer
from ecogeo.raster import Raster, Window, cell_size_m
from ecogeo.rounding import Rounding, rounded
from ecogeo.shoreline import with_banks_paired
from ecogeo.shoreline.naturalness import bank_naturalness
from ecogeo.shoreline.strips import strips_of, told_cut
from ecogeo.wording import Text


@check(family="water", title=Text("岸线自然化率", "bank naturalness rate"))
def bank_naturalness_rate(
    river_reaches: Layer,
    landcover: Raster,
    land_book: LandBook,
    rounding: Rounding,
    water_bodies: Layer | None = None,
    *,
    within_m: float = 50.0,
) -> Outcome:
    """Measure how much of the land within a distance of each reach's shore is natural, where the layer covers it.

    Cells count by the fraction of them in the strip. Ground without data, or of a class whose kind is not known, is
    unknown: it is in a column of its own and in no rate. A cell wider than the strip tells little; the note says how
    wide they are.

    Parameters
    ----------
    river_reaches
        See ``shoreline_protection_rate``.
    landcover
        Classes in cells.
    land_book
        What the classes count as.
    rounding
        How the figures in sentences are rounded.
    water_bodies
        Polygons of other water, where outlines are no shore; None for none.
    within_m
        Width of the strip, landward of the banks, metres.

    Yields
    ------
    A note with the definition and the county's rate; table ``bank_naturalness``.
    """
    reaches = with_banks_paired(river_reaches).reaches
    strips = strips_of(reaches, np.full(len(reaches.sound), within_m), water_bodies=water_bodies)
    rows = bank_naturalness(reaches, landcover, land_book, strips.shapes, within_m=within_m)
    natural_ha = float(rows["natural_ha"].sum())
    known_ha = float((rows["strip_ha"] - rows["unknown_ha"]).sum())
    rate = natural_ha / known_ha * 100 if known_ha > 0 else np.nan
    yield _told(rate, within_m, _cell_m(landcover), rounding)
    cut = told_cut(strips, rounding)
    if cut is not None:
        yield Finding(message=cut, severity=Severity.NOTE, layer="river_reaches")
    yield ResultTable("bank_naturalness", rows)


def _cell_m(landcover: Raster) -> float:
    """Return the width of a cell in the middle of the raster, metres."""
    middle = landcover.shape[0] // 2
    return float(cell_size_m(landcover, Window(middle, middle + 1, 0, 1))[0][0])


def _told(rate: float, within_m: float, cell_m: float, law: Rounding) -> Finding:
    """Say the county's rate and by which definition."""
    shown = Text("无法计算", "not known") if np.isnan(rate) else Text(*[f"{rounded(rate, 2, law):.2f}%"] * 2)
    return Finding(
        message=Text(
            f"岸线自然化率 {shown.zh}：两岸向陆 {within_m:g} 米内，林地、灌木、草地、湿地、水域、冰雪和裸地"
            f"占已知土地覆盖的面积比例（编者自定口径；格网约 {cell_m:.0f} 米宽）",
            f"bank naturalness {shown.en}: forest, shrub, grass, wetland, water, snow and bare ground as a share of "
            f"the known land cover within {within_m:g} m landward of both banks (the builders' definition; cells some "
            f"{cell_m:.0f} m wide)",
        ),
        severity=Severity.NOTE,
        layer="river_reaches",
        value=None if np.isnan(rate) else rounded(rate, 2, law),
        unit="" if np.isnan(rate) else "%",
    )
