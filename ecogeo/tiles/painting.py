"""Loops that turn flat coordinates into coverage of pixels: exact areas for fills, distances for lines.

A fill adds up signed areas under each edge: two neighbours that share a border cover a pixel on it just once, and no
seam shows between parcels. A line takes the pixels nearer than half its width.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecogeo.kernel.compiled import compiled
from ecogeo.tiles.pack import LINE, POINT, RING

Buffer = npt.NDArray[np.float64]
Coverage = npt.NDArray[np.float32]

LEAST_OUTLINED_PX = 5.0
"""Smaller features are filled only: outlines would leave nothing else."""


@compiled
def add_slope(  # noqa: PLR0917  plain loops
    into: Buffer, x0: float, y0: float, x1: float, y1: float, sign: float
) -> None:
    """Add the signed area right of an edge that runs down inside the picture, row by row."""
    height, width = into.shape
    slope = (x1 - x0) / (y1 - y0)
    x = x0
    for row in range(int(np.floor(y0)), min(height, int(np.ceil(y1)))):
        dy = min(row + 1.0, y1) - max(float(row), y0)
        if dy <= 0.0:
            continue
        x_next = min(max(x + slope * dy, 0.0), float(width - 1))
        low, high = (x, x_next) if x < x_next else (x_next, x)
        first, last = int(low), int(np.ceil(high))
        area = sign * dy
        if last <= first + 1:
            inside = 0.5 * (x + x_next) - first
            into[row, first] += area * (1.0 - inside)
            into[row, first + 1] += area * inside
        else:
            per = 1.0 / (high - low)
            for column in range(first, last):
                left, right = max(low, float(column)), min(high, column + 1.0)
                share = area * (right - left) * per
                middle = 0.5 * (left + right) - column
                into[row, column] += share * (1.0 - middle)
                into[row, column + 1] += share * middle
        x = x_next


@compiled
def add_edge(into: Buffer, x0: float, y0: float, x1: float, y1: float) -> None:
    """Add the signed area right of an edge; what lies left of the picture counts at its left side."""
    height, width = into.shape
    if y0 == y1:
        return
    sign = 1.0  # shells run against the clock: their left sides run down the screen
    if y0 > y1:
        x0, y0, x1, y1, sign = x1, y1, x0, y0, -1.0
    if y1 <= 0.0 or y0 >= height:
        return
    slope = (x1 - x0) / (y1 - y0)
    if y0 < 0.0:
        x0, y0 = x0 - y0 * slope, 0.0
    if y1 > height:
        x1, y1 = x1 - (y1 - height) * slope, float(height)
    right = float(width - 1)
    cuts = np.empty(4)
    cuts[0], cuts[3] = y0, y1
    at_left = min(max(y0 + (0.0 - x0) / slope, y0), y1) if slope != 0.0 else y0
    at_right = min(max(y0 + (right - x0) / slope, y0), y1) if slope != 0.0 else y0
    cuts[1], cuts[2] = min(at_left, at_right), max(at_left, at_right)
    for part in range(3):
        top, bottom = cuts[part], cuts[part + 1]
        if bottom <= top:
            continue
        middle = x0 + (0.5 * (top + bottom) - y0) * slope
        if middle >= right:
            add_slope(into, right, top, right, bottom, sign)
        elif middle <= 0.0:
            add_slope(into, 0.0, top, 0.0, bottom, sign)
        else:
            start = min(max(x0 + (top - y0) * slope, 0.0), right)
            end = min(max(x0 + (bottom - y0) * slope, 0.0), right)
            add_slope(into, start, top, end, bottom, sign)


@compiled
def add_line(  # noqa: PLR0912, PLR0917  plain loops
    into: Coverage, x0: float, y0: float, x1: float, y1: float, half: float, done: float, dash: npt.NDArray[np.float64]
) -> None:
    """Cover the pixels within half a width of a segment, `done` pixels along its line, where its dashes are on."""
    height, width = into.shape
    reach = half + 0.5
    if max(x0, x1) < -reach or min(x0, x1) > width + reach or max(y0, y1) < -reach or min(y0, y1) > height + reach:
        return
    dx, dy = x1 - x0, y1 - y0
    length = np.sqrt(dx * dx + dy * dy)
    if length <= 0.0:
        return
    dx, dy = dx / length, dy / length
    period = dash.sum()
    top = max(0, int(np.floor(min(y0, y1) - reach)))
    bottom = min(height - 1, int(np.ceil(max(y0, y1) + reach)))
    for row in range(top, bottom + 1):
        y = row + 0.5
        # where along the segment this row can be near it
        if abs(dy) > 1e-9:
            a, b = (y - reach - y0) / dy, (y + reach - y0) / dy
            a, b = (a, b) if a < b else (b, a)
            a, b = max(a, 0.0), min(b, length)
            if a > b:
                a = b = max(0.0, min(length, (y - y0) / dy))
        else:
            a, b = 0.0, length
        one, other = x0 + a * dx, x0 + b * dx
        left = max(0, int(np.floor(min(one, other) - reach - 1.0)))
        right = min(width - 1, int(np.ceil(max(one, other) + reach + 1.0)))
        for column in range(left, right + 1):
            px, py = column + 0.5 - x0, y - y0
            along = px * dx + py * dy
            nearest = min(max(along, 0.0), length)
            off = np.sqrt((px - nearest * dx) ** 2 + (py - nearest * dy) ** 2)
            cover = half + 0.5 - off
            if half < 0.5:
                cover = max(0.0, min(1.0, 1.0 - off)) * 2.0 * half
            if cover <= 0.0:
                continue
            if period > 0.0:
                at = (done + nearest) % period
                place = 0
                while at >= dash[place]:
                    at -= dash[place]
                    place += 1
                    if place == len(dash):
                        place = 0
                        break
                if place % 2 == 1:
                    continue
            cover = min(cover, 1.0)
            into[row, column] = max(into[row, column], cover)


@compiled
def add_disc(  # noqa: PLR0917  plain loops
    fill: Buffer, edge: Coverage, x: float, y: float, radius: float, half: float
) -> None:
    """Cover a disc and its rim; the fill is added as differences along the row, as edges add theirs."""
    height, width = edge.shape
    reach = radius + half + 1.0
    for row in range(max(0, int(np.floor(y - reach))), min(height - 1, int(np.ceil(y + reach))) + 1):
        for column in range(max(0, int(np.floor(x - reach))), min(width - 2, int(np.ceil(x + reach))) + 1):
            off = np.sqrt((column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2)
            inside = min(1.0, max(0.0, radius + 0.5 - off))
            fill[row, column] += inside
            fill[row, column + 1] -= inside
            rim = min(1.0, max(0.0, half + 0.5 - abs(off - radius)))
            edge[row, column] = max(edge[row, column], rim)


@compiled
def paint(  # noqa: PLR0917  plain loops
    xy: npt.NDArray[np.int32],
    part_start: npt.NDArray[np.int64],
    part_kind: npt.NDArray[np.uint8],
    feature_start: npt.NDArray[np.int64],
    boxes: npt.NDArray[np.int32],
    areas: npt.NDArray[np.float32],
    rows: npt.NDArray[np.int64],
    kinds: npt.NDArray[np.int64],
    west: float,
    north: float,
    scale: float,
    edge_half: npt.NDArray[np.float64],
    line_half: npt.NDArray[np.float64],
    radius: npt.NDArray[np.float64],
    dashes: npt.NDArray[np.float64],
    fill: npt.NDArray[np.float64],
    edge: npt.NDArray[np.float32],
) -> None:
    """Add features to the fill (as differences along rows) and the edges of their classes.

    Parameters
    ----------
    rows, kinds
        Which features, and their classes: planes of `fill` and `edge`.
    west, north, scale
        Where the picture begins, units, and pixels per unit.
    edge_half, line_half, radius
        By class, pixels.
    dashes
        Shape (classes, n): lengths of dashes and gaps by class; 0 for a solid line.
    fill, edge
        Shape (classes, height, width + 1) and (classes, height, width).
    """
    _, height, width = edge.shape
    for at in range(len(rows)):
        row = rows[at]
        kind = kinds[at]
        parts_from, parts_to = feature_start[row], feature_start[row + 1]
        size = max(boxes[row, 2] - boxes[row, 0], boxes[row, 3] - boxes[row, 1]) * scale
        if size < 1.0 and areas[row] > 0.0:
            column = int(np.floor((0.5 * (float(boxes[row, 0]) + boxes[row, 2]) - west) * scale))
            line = int(np.floor((0.5 * (float(boxes[row, 1]) + boxes[row, 3]) - north) * scale))
            if 0 <= column < width and 0 <= line < height:
                fill[kind, line, column] += areas[row] * scale * scale
                fill[kind, line, column + 1] -= areas[row] * scale * scale
            continue
        for part in range(parts_from, parts_to):
            first, last = part_start[part], part_start[part + 1]
            if part_kind[part] == POINT:
                for point in range(first, last):
                    x, y = (xy[point, 0] - west) * scale, (xy[point, 1] - north) * scale
                    add_disc(fill[kind], edge[kind], x, y, radius[kind], edge_half[kind])
                continue
            is_ring = part_kind[part] == RING
            half = line_half[kind] if part_kind[part] == LINE else edge_half[kind]
            is_outlined = half > 0.0 and (not is_ring or size >= LEAST_OUTLINED_PX)
            x0, y0 = (xy[first, 0] - west) * scale, (xy[first, 1] - north) * scale
            done = 0.0
            for point in range(first + 1, last):
                x1, y1 = (xy[point, 0] - west) * scale, (xy[point, 1] - north) * scale
                if is_ring:
                    add_edge(fill[kind], x0, y0, x1, y1)
                if is_outlined:
                    add_line(edge[kind], x0, y0, x1, y1, half, done, dashes[kind])
                    done += np.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2)
                x0, y0 = x1, y1
