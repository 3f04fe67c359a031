"""The words in which every renderer is told how a layer is drawn: the browser's map, tiles, legends, printed sheets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ecogeo.wording import Text

Hatch = Literal["", "rising", "falling", "cross"]


@dataclass(frozen=True, slots=True)
class Paint:
    """One way to draw a shape.

    Parameters
    ----------
    edge
        Colour of lines and outlines.
    edge_px
        Their width.
    line_px
        Width of a shape that is a line itself, where it is not that of an outline; else 0.
    fill, fill_opacity
        Colour inside; 0 leaves the inside empty.
    dash
        Lengths of dashes and gaps in pixels, ``""`` for a solid line.
    hatch
        Lines laid over the fill in the colour of the edge.
    radius_px
        Size of a point.
    """

    edge: str
    edge_px: float
    fill: str = ""
    fill_opacity: float = 0.0
    dash: str = ""
    hatch: Hatch = ""
    radius_px: float = 4.0
    line_px: float = 0.0


@dataclass(frozen=True, slots=True)
class LayerClass:
    """One entry of a legend.

    Parameters
    ----------
    label
        What people read.
    paint
        How it is drawn.
    values
        The values of the class field that belong to it; empty takes every value no other class takes.
    """

    label: Text
    paint: Paint
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerStyle:
    """How the layer of a role is drawn.

    Parameters
    ----------
    role
        The role.
    title
        Its name where a county does not have the layer.
    classes
        At least one; the last takes what no other does.
    class_by
        Meaning of the field that tells the classes apart; ``""`` for one class.
    is_coded
        Whether its values are codes that begin with that of a coarser class, as land classes do: ``0103`` is of ``01``.
    is_on
        Whether it is shown at first; if not, its features are fetched when it is switched on.
    facts
        Meanings of the fields a popup shows, with their labels.
    """

    role: str
    title: Text
    classes: tuple[LayerClass, ...]
    class_by: str = ""
    is_coded: bool = False
    is_on: bool = True
    facts: tuple[tuple[str, Text], ...] = ()

    def class_of(self, value: str) -> int:
        """Return the position of the class a value belongs to: of codes, the finest that it begins with."""
        named = (place for place, entry in enumerate(self.classes) if value in entry.values)
        found = next(named, None)
        if found is None and self.is_coded:
            held = [
                (len(code), -place)
                for place, entry in enumerate(self.classes)
                for code in entry.values
                if code and value.startswith(code)
            ]
            found = -max(held)[1] if held else None
        return len(self.classes) - 1 if found is None else found


@dataclass(frozen=True, slots=True)
class AnswerMark:
    """How an answer is shown: always a colour and a sign, so that neither carries it alone."""

    colour: str
    sign: str
