"""What a map needs around it: graticule, scale bar, north arrow, legend, and text that fits its column."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyproj
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Polygon, Rectangle

from ecogeo import geodesy
from ecogeo.report.mapsheet.page import View
from ecogeo.report.mapsheet.painting import _HATCHES as HATCHES
from ecogeo.report.mapsheet.painting import PT_PER_PX, Entry, line_style
from ecogeo.wording import Lang, Text

_STEPS_SECONDS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18000)
_INK = "#111827"
_WORD = re.compile(r"[!-~\u00a0-\u2e7f]+ ?|.")
"""What is not broken: a run of Latin letters and figures; a Chinese character stands alone."""

_CLOSING = frozenset("，。、；：）」”》！？…")
"""What never begins a line."""


def draw_graticule(axes: Axes, view: View, font: FontProperties) -> None:
    """Draw meridians and parallels with their values at the frame's edges.

    Parameters
    ----------
    axes
        The frame, in metres of the plane.
    view
        What it shows.
    font
        Of the labels.
    """
    west, south, east, north = view.lonlat
    step = next((one for one in _STEPS_SECONDS if (east - west) * 3600 / one <= 6), _STEPS_SECONDS[-1])
    to_plane = pyproj.Transformer.from_crs(geodesy.LONLAT, view.crs, always_xy=True)
    gap = 0.0012 * view.scale
    for lon in _multiples(west, east, step):
        x, y = to_plane.transform(np.full(60, lon), np.linspace(south, north, 60))
        axes.plot(x, y, color="#64748B", linewidth=0.35, zorder=60)
        at = float(np.interp(view.south, y, x))
        if view.west < at < view.east:
            label = _angle(lon, step, "E")
            axes.text(at, view.south - gap, label, ha="center", va="top", fontproperties=font, clip_on=False)
    for lat in _multiples(south, north, step):
        x, y = to_plane.transform(np.linspace(west, east, 60), np.full(60, lat))
        axes.plot(x, y, color="#64748B", linewidth=0.35, zorder=60)
        at = float(np.interp(view.west, x, y))
        if view.south < at < view.north:
            label = _angle(lat, step, "N")
            axes.text(
                view.west - gap, at, label, ha="right", va="center", rotation=90, fontproperties=font, clip_on=False
            )


def _multiples(low: float, high: float, step_seconds: float) -> list[float]:
    first, last = int(np.ceil(low * 3600 / step_seconds)), int(np.floor(high * 3600 / step_seconds))
    return [number * step_seconds / 3600 for number in range(first, last + 1)]


def _angle(degrees: float, step_seconds: float, side: str) -> str:
    """Write an angle as finely as the step needs.

    Examples
    --------
    >>> _angle(109.5, 1800, "E"), _angle(24.2625, 15, "N")
    ('109°30′E', '24°15′45″N')
    """
    tenths = round(degrees * 36000)
    whole, rest = divmod(tenths, 36000)
    minutes, seconds = divmod(rest, 600)
    text = f"{whole}°"
    if step_seconds < 3600:
        text += f"{minutes:02d}′"
    if step_seconds < 60:
        text += f"{seconds // 10:02d}″" if step_seconds >= 1 else f"{seconds / 10:04.1f}″"
    return f"{text}{side}"


def convergence(view: View) -> float:
    """Return the meridian convergence in the middle of the frame, degrees: grid north lies that much west of true."""
    back = pyproj.Transformer.from_crs(view.crs, geodesy.LONLAT, always_xy=True)
    lon, lat = back.transform((view.west + view.east) / 2, (view.south + view.north) / 2)
    return float(pyproj.Proj(view.crs).get_factors(lon, lat).meridian_convergence)


def draw_north(axes: Axes, x: float, y: float, font: FontProperties) -> None:
    """Draw an arrow to grid north, in millimetres of the column, its foot at x, y."""
    axes.add_patch(Polygon([(x, y), (x - 2.6, y - 1.6), (x, y + 9.0)], facecolor=_INK, edgecolor=_INK, linewidth=0.6))
    axes.add_patch(
        Polygon([(x, y), (x + 2.6, y - 1.6), (x, y + 9.0)], facecolor="white", edgecolor=_INK, linewidth=0.6)
    )
    axes.text(x, y + 9.8, "N", ha="center", va="bottom", fontproperties=font)


def draw_scale_bar(axes: Axes, x: float, y: float, view: View, font: FontProperties, *, most_mm: float = 44.0) -> None:
    """Draw a bar of four parts, exact on paper, in millimetres of the column, its left end at x, y."""
    metres = bar_length_m(view.scale, most_mm)
    length = metres * 1000 / view.scale
    part = length / 4
    for number in range(4):
        colour = _INK if number % 2 == 0 else "white"
        axes.add_patch(Rectangle((x + number * part, y), part, 1.6, facecolor=colour, edgecolor=_INK, linewidth=0.5))
    in_km = metres >= 2000
    for number in (0, 2, 4):
        value = metres * number / 4 / (1000 if in_km else 1)
        unit = Text("千米", "km").zh if in_km else Text("米", "m").zh
        label = f"{value:g}" + (f" {unit}" if number == 4 else "")
        axes.text(x + number * part, y + 2.2, label, ha="center", va="bottom", fontproperties=font)


def bar_length_m(scale: int, most_mm: float) -> float:
    """Return the longest round length that takes no more than some millimetres on paper.

    Examples
    --------
    >>> bar_length_m(200_000, 44.0), bar_length_m(5_000, 44.0)
    (8000.0, 200.0)
    """
    most = most_mm * scale / 1000
    decade = 10.0 ** np.floor(np.log10(most))
    return float(max(one * decade for one in (1, 2, 4, 8) if one * decade <= most))


def draw_legend(
    axes: Axes,
    entries: Sequence[Entry],
    x: float,
    y: float,
    *,
    lang: Lang,
    font: FontProperties,
    step: float,
    columns: int = 1,
) -> float:
    """Draw the legend downwards from x, y in millimetres of the column; return how far down it reached."""
    width = (axes.get_xlim()[1] - x) / columns
    for number, entry in enumerate(entries):
        left = x + (number % columns) * width
        at = y - (number // columns) * step - step / 2
        _swatch(axes, entry, left, at)
        label, fitting = entry.label.say(lang), font.copy()
        room_pt = (width - 12.5) * 72 / 25.4
        fitting.set_size(min(font.get_size_in_points(), room_pt / max(breadth_em(label), 1.0)))
        axes.text(left + 10.5, at, label, ha="left", va="center", fontproperties=fitting)
    return y - -(-len(entries) // columns) * step


def _swatch(axes: Axes, entry: Entry, x: float, y: float) -> None:
    paint, width = entry.paint, entry.paint.edge_px * PT_PER_PX
    if entry.dimension == 2:
        box = (x, y - 1.6)
        if paint.fill:
            axes.add_patch(Rectangle(box, 9.0, 3.2, facecolor=paint.fill, alpha=paint.fill_opacity, linewidth=0))
        if paint.hatch:
            hatched = Rectangle(
                box, 9.0, 3.2, fill=False, edgecolor=paint.edge, hatch=HATCHES[paint.hatch], linewidth=0
            )
            hatched.set_alpha(0.45)
            axes.add_patch(hatched)
        axes.add_patch(
            Rectangle(box, 9.0, 3.2, fill=False, edgecolor=paint.edge, linewidth=width, linestyle=line_style(paint))
        )
    elif entry.dimension == 1:
        line = (paint.line_px or paint.edge_px) * PT_PER_PX
        axes.plot([x, x + 9.0], [y, y], color=paint.edge, linewidth=line, linestyle=line_style(paint))
    else:
        size = paint.radius_px * PT_PER_PX * 2
        axes.plot(
            [x + 4.5], [y], "o", markersize=size, markerfacecolor=paint.fill or paint.edge,
            markeredgecolor=paint.edge, markeredgewidth=width,
        )  # fmt: skip


def wrapped(text: str, width_mm: float, size_pt: float) -> list[str]:
    """Break a text into lines that fit a width: a Chinese character is as wide as the type is high, others half.

    Examples
    --------
    >>> wrapped("生态保护红线", 10.0, 9.0)
    ['生态保', '护红线']
    """
    most = width_mm / (size_pt * 25.4 / 72)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in _WORD.findall(paragraph):
            if line and breadth_em(line + word.rstrip()) > most and word not in _CLOSING:
                lines.append(line.rstrip())
                line = ""
            line += word
            while breadth_em(line.rstrip()) > most + 1.0:  # a word longer than a line
                fits = max(1, sum(breadth_em(line[:end]) <= most for end in range(1, len(line) + 1)))
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line.rstrip())
    return lines


def breadth_em(text: str) -> float:
    """Estimate how broad a text is, in heights of its type: a Chinese character 1, others about half."""
    return sum(1.0 if ord(one) > 0x2E7F else 0.56 for one in text)
