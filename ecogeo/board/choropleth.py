"""Towns by a figure: classes as a person chose them, colours, and what each town has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ecogeo.board.towns import TownFigure
from ecogeo.classing import METHODS, Band, band_of, bands, breaks, own_breaks
from ecogeo.errors import UsageError
from ecogeo.rounding import rounded
from ecogeo.wording import Text

RAMP = ("#E3EFF3", "#BBD9E3", "#8EBFD0", "#5FA0B7", "#377F9A", "#1A5F7A", "#0B4058")
"""From the least to the most: one hue, so that darker is more for every eye and on every projector."""


@dataclass(frozen=True, slots=True)
class Choropleth:
    """Towns by a figure.

    Parameters
    ----------
    figure
        The figure.
    breaks
        Inner bounds of the classes.
    bands
        The classes, least first.
    labels, colours
        What each class is called and painted.
    towns
        By name: the class and the value as people read it; towns without one are not in it.
    """

    figure: TownFigure
    breaks: tuple[float, ...]
    bands: tuple[Band, ...]
    labels: tuple[str, ...]
    colours: tuple[str, ...]
    towns: Mapping[str, tuple[int, Text]]


def choropleth(figure: TownFigure, *, method: str = "quantile", classes: int = 5, own: str = "") -> Choropleth:
    """Divide the towns by a figure.

    Parameters
    ----------
    figure
        The figure.
    method
        One of `ecogeo.classing.METHODS`.
    classes
        How many classes are wanted; own bounds make as many as they make.
    own
        Bounds a person wrote.

    Raises
    ------
    UsageError
        Where the method is none, or the bounds or the number of classes cannot be used.
    """
    values = list(figure.values.values())
    known = next((one for one in METHODS if one == method), None)
    if known is None:
        names = "、".join(METHODS)
        raise UsageError(Text(f"没有分级方法“{method}”，可写：{names}", f"there is no method “{method}”: {names}"))
    inner = own_breaks(own) if known == "own" else breaks(values, known, classes)
    found = bands(values, inner)
    step = (len(RAMP) - 1) / max(1, len(found) - 1)
    return Choropleth(
        figure=figure,
        breaks=inner,
        bands=found,
        labels=tuple(_label(figure, band, is_first=place == 0) for place, band in enumerate(found)),
        colours=tuple(RAMP[min(len(RAMP) - 1, round(place * step))] for place in range(len(found))),
        towns={name: (band_of(value, inner), _with_unit(figure, value)) for name, value in figure.values.items()},
    )


def _label(figure: TownFigure, band: Band, *, is_first: bool) -> str:
    if band.above == band.up_to:
        return _said(figure, band.above)
    return f"{'' if is_first else '> '}{_said(figure, band.above)} – {_said(figure, band.up_to)}"


def _with_unit(figure: TownFigure, value: float) -> Text:
    said, unit = _said(figure, value), figure.unit_words
    return Text(f"{said} {unit.zh}".strip(), f"{said} {unit.en}".strip())


def _said(figure: TownFigure, value: float) -> str:
    decimals = figure.decimals
    if decimals == 0 and not float(value).is_integer():
        decimals = 2
    return f"{rounded(value, decimals):,.{decimals}f}"
