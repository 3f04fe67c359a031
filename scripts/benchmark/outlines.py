"""Outlines that look like those of nature: rough at every scale, twisted, and valid.

A polygon starts as a star: the logarithm of its radius is a random series over the angle whose k-th term shrinks as
k^-1.5, as outlines of hills and lakes do. It is then stretched and swirled about its centre, both of which carry simple
curves to simple curves. What is no longer valid because its edges are straight is drawn anew without the swirl: a star
always is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]

METRES_PER_DEGREE = 111_320.0
_DECAY = 1.5
_ROUGHNESS = 0.35
_SMOOTHEST_TERMS = 3
_SWIRL_RAD = 0.9
_STRETCH = 0.35
_MEANDER_RAD = 0.8
_LONG = 40.0
"""How many times as long as wide a band is."""
_BEND_RAD = 0.9
_BEND_DECAY = 2.5
_FEWER_BENDS = 3


def fractal_polygons(random: np.random.Generator, centres: Floats, area_m2: Floats, vertices: int) -> Shapes:
    """Draw one polygon around each centre.

    Parameters
    ----------
    random
        Where the numbers come from.
    centres
        Shape (n, 2): longitude and latitude in degrees.
    area_m2
        Shape (n,): about how large each shall be.
    vertices
        How many corners each has, at least 3.

    Returns
    -------
    Shape (n,), valid polygons without holes, longitude and latitude in degrees.
    """
    count = len(centres)
    log_radius = _ROUGHNESS * _rough_series(random, count, vertices)
    mean_square = np.mean(np.exp(2.0 * log_radius), axis=1, keepdims=True)
    radius = np.exp(log_radius) * np.sqrt(area_m2[:, np.newaxis] / (np.pi * mean_square))
    angle = np.linspace(0.0, 2.0 * np.pi, vertices, endpoint=False)[np.newaxis, :]
    swirl = random.uniform(-_SWIRL_RAD, _SWIRL_RAD, (count, 1))
    stretch = np.exp(random.uniform(-_STRETCH, _STRETCH, (count, 1)))
    turn = random.uniform(0.0, 2.0 * np.pi, (count, 1))
    polygons = _polygons(centres, radius, angle + swirl * log_radius, stretch, turn)
    broken = ~shapely.is_valid(polygons)
    stars = np.broadcast_to(angle, radius.shape)[broken]
    polygons[broken] = _polygons(centres[broken], radius[broken], stars, stretch[broken], turn[broken])
    return polygons


def winding_bands(random: np.random.Generator, centres: Floats, area_m2: Floats, vertices: int) -> Shapes:
    """Draw one long and narrow polygon through each centre, winding as rivers, ridges and the red lines along them do.

    Parameters
    ----------
    random, centres, area_m2
        As in `fractal_polygons`.
    vertices
        How many corners each has, at least 4 and even.

    Returns
    -------
    Shape (n,), valid polygons without holes, longitude and latitude in degrees. One that crosses itself is drawn anew
    with half its bends, and at last without any.
    """
    count, points = len(centres), vertices // 2
    length_m = np.sqrt(_LONG * area_m2)[:, np.newaxis]
    heading = random.uniform(0.0, 2.0 * np.pi, (count, 1))
    bends = _BEND_RAD * _rough_series(random, count, points, decay=_BEND_DECAY)
    log_width = _ROUGHNESS * np.stack([_rough_series(random, count, points) for _ in range(2)])
    half_m = length_m / _LONG / 2.0 * np.exp(log_width)
    polygons = _bands(centres, length_m, heading + bends, half_m)
    for _ in range(_FEWER_BENDS):
        broken = ~shapely.is_valid(polygons)
        bends[broken] /= 2.0
        polygons[broken] = _bands(centres[broken], length_m[broken], (heading + bends)[broken], half_m[:, broken])
    broken = ~shapely.is_valid(polygons)
    straight = np.broadcast_to(heading, bends.shape)
    polygons[broken] = _bands(centres[broken], length_m[broken], straight[broken], half_m[:, broken])
    return polygons


def _bands(centres: Floats, length_m: Floats, heading: Floats, half_m: Floats) -> Shapes:
    """Return polygons about paths of a heading, so wide on the left and on the right, their middle at the centres."""
    ahead = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
    path = np.cumsum(ahead, axis=1) * (length_m / heading.shape[1])[..., np.newaxis]
    path -= path.mean(axis=1, keepdims=True)
    aside = np.stack([-ahead[..., 1], ahead[..., 0]], axis=-1)
    left, right = path + aside * half_m[0][..., np.newaxis], path - aside * half_m[1][..., np.newaxis]
    return np.asarray(shapely.polygons(_in_degrees(np.concatenate([left, right[:, ::-1]], axis=1), centres)))


def meanders(random: np.random.Generator, starts: Floats, length_m: float, vertices: int) -> Shapes:
    """Draw one winding line from each start; lines may cross themselves and one another.

    Parameters
    ----------
    random
        Where the numbers come from.
    starts
        Shape (n, 2): longitude and latitude in degrees.
    length_m
        About how long each is.
    vertices
        How many points each has, at least 2.

    Returns
    -------
    Shape (n,), lines, longitude and latitude in degrees.
    """
    count, steps = len(starts), vertices - 1
    heading = random.uniform(0.0, 2.0 * np.pi, (count, 1)) + _MEANDER_RAD * _rough_series(random, count, steps)
    step_m = length_m / steps
    east, north = (np.cumsum(step_m * turned, axis=1) for turned in (np.cos(heading), np.sin(heading)))
    path = np.zeros((count, vertices, 2))
    path[:, 1:] = np.stack([east, north], axis=-1)
    return np.asarray(shapely.linestrings(_in_degrees(path, starts)))


def _rough_series(random: np.random.Generator, count: int, points: int, *, decay: float = _DECAY) -> Floats:
    """Return periodic random functions of mean 0 and variance about 1, rough at every scale; shape (count, points)."""
    terms = points // 2 + 1
    amplitude = np.zeros(terms)
    amplitude[1:] = np.maximum(np.arange(1, terms), _SMOOTHEST_TERMS) ** -decay
    spectrum = amplitude * (random.standard_normal((count, terms)) + 1j * random.standard_normal((count, terms)))
    series: Floats = np.fft.irfft(spectrum, n=points, axis=1) * points
    return series / (2.0 * float(np.sqrt(np.sum(amplitude**2))))


def _polygons(centres: Floats, radius: Floats, angle: Floats, stretch: Floats, turn: Floats) -> Shapes:
    """Return polygons from polar outlines in metres, stretched along an axis and turned."""
    x, y = radius * np.cos(angle) * stretch, radius * np.sin(angle) / stretch
    path = np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=-1)
    return np.asarray(shapely.polygons(_in_degrees(path, centres)))


def _in_degrees(path: Floats, origins: Floats) -> Floats:
    """Return paths in metres about their origins, shape (n, points, 2), as longitude and latitude in degrees."""
    scale = np.full((len(origins), 1, 2), METRES_PER_DEGREE)
    scale[:, 0, 0] *= np.cos(np.radians(origins[:, 1]))
    placed: Floats = origins[:, np.newaxis, :] + path / scale
    return placed
