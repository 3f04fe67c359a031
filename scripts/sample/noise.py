"""Smooth random fields and the irregular outlines made with them."""

from __future__ import annotations

import numpy as np
import shapely

from sample.frame import Floats

_LATTICE = 64
_SLAB_CELLS = 40_000
_TURN = 0.7  # radians between octaves, so that lattice lines never coincide


def fractal(x: Floats, y: Floats, *, scale_m: float, octaves: int, seed: int, gain: float = 0.5) -> Floats:
    """Return gradient noise in several octaves: zero in the mean, a standard deviation of about 0.4, seldom beyond ±1.

    Parameters
    ----------
    x, y
        Plane coordinates in metres, broadcastable to one shape.
    scale_m
        Wavelength of the coarsest octave; each further one has half of it.
    octaves
        How many.
    seed
        The field's number: the same seed is the same field everywhere.
    gain
        Amplitude of an octave relative to the one before.
    """
    rng = np.random.default_rng(seed)
    shape = np.broadcast_shapes(x.shape, y.shape)
    total = np.zeros(shape)
    norm = np.sqrt(sum(gain ** (2 * octave) for octave in range(octaves)))
    for octave in range(octaves):
        turn, size = octave * _TURN + 0.3, scale_m / 2**octave
        start = rng.uniform(0, _LATTICE, 2)
        angles = rng.uniform(0, 2 * np.pi, (_LATTICE, _LATTICE))
        slopes = np.cos(angles) * gain**octave / norm, np.sin(angles) * gain**octave / norm
        for rows in slabs(shape):
            here_x, here_y = (part[rows] if part.shape[0] == shape[0] else part for part in (x, y))
            u = (np.cos(turn) * here_x - np.sin(turn) * here_y) / size + start[0]
            v = (np.sin(turn) * here_x + np.cos(turn) * here_y) / size + start[1]
            total[rows] += _gradient_noise(u, v, slopes)
    return 1.6 * total


def slabs(shape: tuple[int, ...]) -> list[slice]:
    """Return slices of rows, small enough that the work on one stays in the processor's cache."""
    rows = max(1, _SLAB_CELLS // max(1, int(np.prod(shape[1:]))))
    return [slice(start, start + rows) for start in range(0, shape[0], rows)]


def _gradient_noise(u: Floats, v: Floats, slopes: tuple[Floats, Floats]) -> Floats:
    """Return noise on the unit lattice from the east and north slope at each lattice point."""
    left, low = np.floor(u), np.floor(v)
    du, dv = u - left, v - low
    i, j = left.astype(np.intp) % _LATTICE, low.astype(np.intp) % _LATTICE
    i2, j2 = (i + 1) % _LATTICE, (j + 1) % _LATTICE
    east, north = slopes
    fade_u = du * du * du * (du * (du * 6 - 15) + 10)
    fade_v = dv * dv * dv * (dv * (dv * 6 - 15) + 10)
    southwest = east[i, j] * du + north[i, j] * dv
    southeast = east[i2, j] * (du - 1) + north[i2, j] * dv
    northwest = east[i, j2] * du + north[i, j2] * (dv - 1)
    northeast = east[i2, j2] * (du - 1) + north[i2, j2] * (dv - 1)
    bottom = southwest + (southeast - southwest) * fade_u
    top = northwest + (northeast - northwest) * fade_u
    noise: Floats = bottom + (top - bottom) * fade_v
    return noise


def displaced(points: Floats, *, by_m: float, scale_m: float, octaves: int, seed: int, gain: float = 0.5) -> Floats:
    """Return points (rows x, y) moved by a smooth random field of about `by_m` metres."""
    x, y = points.T
    east = fractal(x, y, scale_m=scale_m, octaves=octaves, seed=seed, gain=gain)
    north = fractal(x, y, scale_m=scale_m, octaves=octaves, seed=seed + 1, gain=gain)
    return np.column_stack([x + by_m * east, y + by_m * north])


def blob(
    centre: Floats, radius_m: float, *, seed: int, roughness: float = 0.45, vertices: int = 120
) -> shapely.Polygon:
    """Return a closed irregular outline around a place.

    Parameters
    ----------
    centre
        (x, y) in metres.
    radius_m
        Its mean radius.
    seed
        The outline's number.
    roughness
        How far the radius strays, as a share of it; kept below 0.9 so that the outline never meets itself.
    vertices
        How many.
    """
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    ring = np.column_stack([np.cos(turn), np.sin(turn)])
    stray = fractal(ring[:, 0], ring[:, 1], scale_m=1.1, octaves=5, seed=seed)
    radius = radius_m * (1 + np.clip(1.1 * roughness * stray, -0.8, 0.9))
    return shapely.Polygon(centre + ring * radius[:, np.newaxis])


def blurred(field: Floats, cells: float) -> Floats:
    """Return a field smoothed by three running means, near to a Gaussian of `cells` cells; edges are repeated."""
    half = max(1, round(cells))
    for _ in range(3):
        for axis in (0, 1):
            pad = [(half + 1, half) if a == axis else (0, 0) for a in (0, 1)]
            running = np.cumsum(np.pad(field, pad, mode="edge"), axis=axis)
            width = 2 * half + 1
            upper = np.take(running, range(width, running.shape[axis]), axis=axis)
            lower = np.take(running, range(running.shape[axis] - width), axis=axis)
            field = (upper - lower) / width
    return field


def refined(field: Floats, shape: tuple[int, int]) -> Floats:
    """Return a field on cells half as wide, linear between the old centres, cut to a shape."""
    rows, columns = shape
    for axis in (0, 1):
        before = np.take(field, np.maximum(np.arange(field.shape[axis]) - 1, 0), axis=axis)
        after = np.take(field, np.minimum(np.arange(field.shape[axis]) + 1, field.shape[axis] - 1), axis=axis)
        halves = np.stack([0.75 * field + 0.25 * before, 0.75 * field + 0.25 * after], axis=axis + 1)
        field = halves.reshape([size * 2 if a == axis else size for a, size in enumerate(field.shape)])
    return field[:rows, :columns]


def smoothstep(field: Floats, low: float, high: float) -> Floats:
    """Return 0 below `low`, 1 above `high` and a smooth rise between."""
    t = np.clip((field - low) / (high - low), 0.0, 1.0)
    rise: Floats = t * t * (3 - 2 * t)
    return rise
