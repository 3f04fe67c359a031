"""Layers painted into the frame of a sheet, and what the legend has to say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.report.mapsheet.page import View, projected
from ecogeo.style import LayerClass, LayerStyle, Paint
from ecogeo.wording import Text

PT_PER_PX = 0.55
"""Lines of the screen's palette on paper, points for a pixel."""

_HATCHES = {"": "", "rising": "////", "falling": "\\\\\\\\", "cross": "xxxx"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend: how a class is painted, on shapes of a dimension (0 points, 1 lines, 2 polygons)."""

    label: Text
    paint: Paint
    dimension: int


def paint_layer(axes: Axes, layer: Layer, style: LayerStyle, view: View, order: float) -> tuple[Entry, ...]:
    """Paint what a layer has in the frame.

    Parameters
    ----------
    axes
        The frame, in metres of the plane.
    layer
        The layer.
    style
        How its classes are drawn.
    view
        What the frame shows.
    order
        Where it is painted; more is on top.

    Returns
    -------
    An entry for each class of which something is in the frame, in the order of the style.
    """
    field = layer.declaration.fields.get(style.class_by, style.class_by)
    rows = np.sort(np.asarray(layer.sound.sindex.query(shapely.box(*view.lonlat), predicate="intersects")))
    values = list(layer.text(field).iloc[rows]) if field and field in layer.sound.columns else [""] * len(rows)
    classes = np.array([style.class_of(value) for value in values], dtype=np.int64)
    title = layer.title if len(style.classes) > 1 else None
    return paint_classes(axes, layer.geometries[rows], classes, style.classes, view, order=order, title=title)


def paint_classes(
    axes: Axes,
    shapes: geodesy.Geometries,
    classes: np.ndarray[tuple[int], np.dtype[np.int64]],
    entries: Sequence[LayerClass],
    view: View,
    *,
    order: float,
    title: Text | None = None,
) -> tuple[Entry, ...]:
    """Paint shapes, longitude and latitude, by class; return an entry for each class that is seen in the frame.

    Where there is a title, it stands before the name of each class.
    """
    clipped = _in_frame(shapes, view)
    frame = shapely.box(view.west, view.south, view.east, view.north)
    painted = []
    for number, entry in enumerate(entries):
        own = clipped[classes == number]
        own = own[~(shapely.is_missing(own) | shapely.is_empty(own))]
        for dimension in sorted(set(shapely.get_dimensions(own).tolist()), reverse=True):
            alike = own[shapely.get_dimensions(own) == dimension]
            paint_shapes(axes, alike, entry.paint, dimension, order=order)
            is_outline = dimension == 2 and not (entry.paint.fill or entry.paint.hatch)
            if shapely.intersects(shapely.boundary(alike) if is_outline else alike, frame).any():
                painted.append(Entry(_titled(title, entry.label), entry.paint, dimension))
    return tuple(painted)


def _titled(title: Text | None, label: Text) -> Text:
    return label if title is None else Text(f"{title.zh}·{label.zh}", f"{title.en}: {label.en}")


def _in_frame(shapes: geodesy.Geometries, view: View) -> geodesy.Geometries:
    """Cut shapes to a little more than the frame, in the plane, without what is finer than 0.05 mm on paper."""
    around = 0.01 * view.scale  # 10 mm on paper, so that the cut edges stay out of sight
    step = 5e-5 * view.scale
    plane = shapely.simplify(projected(shapes, view.crs), step, preserve_topology=True)
    box = (view.west - around, view.south - around, view.east + around, view.north + around)
    cut: geodesy.Geometries = shapely.clip_by_rect(plane, *box)
    return cut


def paint_shapes(axes: Axes, shapes: geodesy.Geometries, paint: Paint, dimension: int, *, order: float) -> None:
    """Paint shapes of one dimension, metres in the plane, as one drawing, into a frame whose limits are set."""
    if not len(shapes):
        return
    width = (paint.line_px if dimension == 1 and paint.line_px else paint.edge_px) * PT_PER_PX
    if dimension == 0:
        points = shapely.get_coordinates(shapes)
        size = paint.radius_px * PT_PER_PX * 2
        axes.plot(
            *(points[:, 0], points[:, 1]),
            *("o",),
            markersize=size,
            markerfacecolor=paint.fill or paint.edge,
            markeredgecolor=paint.edge,
            markeredgewidth=width,
            zorder=order,
        )
        return
    path = Path.make_compound_path(*_paths(shapes, dimension))
    if dimension == 2 and paint.fill:
        axes.add_artist(PathPatch(path, facecolor=paint.fill, alpha=paint.fill_opacity, linewidth=0, zorder=order))
    if dimension == 2 and paint.hatch:
        hatched = PathPatch(
            path, fill=False, edgecolor=paint.edge, hatch=_HATCHES[paint.hatch], linewidth=0, zorder=order
        )
        hatched.set_alpha(0.45)
        axes.add_artist(hatched)
    axes.add_artist(
        PathPatch(path, fill=False, edgecolor=paint.edge, linewidth=width, linestyle=line_style(paint), zorder=order)
    )


def line_style(paint: Paint) -> str | tuple[float, tuple[float, ...]]:
    """Return the dashes of a paint as matplotlib takes them."""
    lengths = tuple(float(one) * PT_PER_PX for one in paint.dash.split())
    unit = max(paint.edge_px * PT_PER_PX, 0.1)
    return (0.0, tuple(one / unit for one in lengths)) if lengths else "solid"


def _paths(shapes: geodesy.Geometries, dimension: int) -> Iterator[Path]:
    """Yield rings (outer ones one way round, holes the other) or lines."""
    parts = shapely.get_parts(shapely.get_parts(shapes))
    for part in parts[shapely.get_dimensions(parts) == dimension]:
        if dimension == 1:
            yield Path(shapely.get_coordinates(part))
            continue
        turned = shapely.orient_polygons(part)
        rings = [shapely.get_exterior_ring(turned)]
        rings += [
            shapely.get_interior_ring(turned, hole) for hole in range(int(shapely.get_num_interior_rings(turned)))
        ]
        for ring in rings:
            yield Path(shapely.get_coordinates(ring), closed=True)
