"""The ellipsoid's area under straight edges, by a local polynomial of the zone function.

Below a parallel φ₁, the area of a strip of width dλ and depth v (both in degrees, ρ = π/180) is

    ρ dλ · (q(φ₁) − q(φ₁ − ρ v)) = dλ · Q(v),    Q(v) = c₁ v + c₂ v² + … + c₆ v⁶,

with q the zone function of the survey rule (see ``ecogeo.geodesy``) and the c its Taylor coefficients. Along an edge, v
is linear in the longitude, and the mean of vᵏ between v₁ and v₂ is h_k/(k + 1), where h_k = Σ v₁ⁱ v₂ᵏ⁻ⁱ obeys
h_k = (v₁ + v₂) h_{k−1} − v₁ v₂ h_{k−2}. So the area under an edge is a closed form without a sine, and without a
division once c_k/(k + 1) is known. Cutting the series after v⁶ leaves out less than (ρ v)⁶/7! of the area: 4e-13 at the
2° that are the most it is used for.

Source: 国土调查办发〔2008〕32号, with the constants of CGCS2000.
"""

from __future__ import annotations

import math

import numpy as np

from ecogeo import cgcs2000
from ecogeo.kernel.compiled import Floats, Ints, compiled, lean

TERMS = 6
"""Degree of the local polynomial."""

MOST_DEGREES = 2.0
"""The greatest depth in degrees the polynomial is used for."""

Series = tuple[float, float, float, float, float, float, float]
"""What `strip` writes, held in registers."""

_EDGES_AT_ONCE = 1024
_BAND_DEG = 0.5
_BANDS = int(180.0 / _BAND_DEG) + 1
_RHO = math.pi / 180.0
_B2 = cgcs2000.SEMI_MINOR_M**2
_S0, _S1, _S2, _S3, _S4 = [(k + 1) / (2 * k + 1) * cgcs2000.E2**k for k in range(5)]


@lean
def _times(a: Floats, b: Floats, out: Floats) -> None:
    """Multiply two power series, cut after the highest term kept; `out` is neither of them."""
    for k in range(TERMS + 1):
        total = 0.0
        for i in range(k + 1):
            total += a[i] * b[k - i]
        out[k] = total


@lean
def strip(latitude: float, coefficients: Floats, room: Floats) -> None:
    """Write c₁/2 … c₆/7 of Q(v) below a latitude, in m² per degree of longitude.

    Parameters
    ----------
    latitude
        Degrees; the parallel that v is counted down from.
    coefficients
        Written to, shape (7,); the first is 0.
    room
        Written to, shape (4, 7), for what lies between.
    """
    sine, cosine = math.sin(latitude * _RHO), math.cos(latitude * _RHO)
    s, s2, total, product = room[0], room[1], room[2], room[3]
    power = 1.0
    for k in range(TERMS + 1):
        turn = k % 4
        value = sine if turn == 0 else (-cosine if turn == 1 else (-sine if turn == 2 else cosine))
        s[k] = value * power
        power *= _RHO / (k + 1)
    _times(s, s, s2)
    for k in range(TERMS + 1):
        total[k] = s2[k] * _S4
    total[0] += _S3
    for coefficient in (_S2, _S1, _S0):
        _times(total, s2, product)
        for k in range(TERMS + 1):
            total[k] = product[k]
        total[0] += coefficient
    _times(s, total, product)
    coefficients[0] = 0.0
    for k in range(1, TERMS + 1):
        coefficients[k] = -_B2 * _RHO * product[k] / (k + 1)


@lean
def shifted(coefficients: Floats, by: float, out: Floats) -> None:
    """Write the coefficients of `strip` below a latitude from those of one that lies a little north of it.

    Q(v + s) − Q(s) is a polynomial in v again: Taylor's shift, by repeated Horner steps.

    Parameters
    ----------
    coefficients
        Of the northern latitude, shape (7,).
    by
        Degrees between the two, from 0 to less than `MOST_DEGREES` with what is measured below.
    out
        Written to, shape (7,).
    """
    for k in range(1, TERMS + 1):
        out[k] = coefficients[k] * (k + 1)
    for last in range(TERMS):
        for k in range(TERMS - 1, max(last, 1) - 1, -1):
            out[k] += by * out[k + 1]
    out[0] = 0.0
    for k in range(1, TERMS + 1):
        out[k] /= k + 1


@lean
def mean_depth(c: Floats | Series, v1: float, v2: float) -> float:
    """Return the mean of Q(v) as v goes evenly from v1 to v2 (degrees): m² per degree of longitude."""
    s, p = v1 + v2, v1 * v2
    h2 = s * s - p
    h3 = s * h2 - p * s
    h4 = s * h3 - p * h2
    h5 = s * h4 - p * h3
    h6 = s * h5 - p * h4
    mean: float = c[1] * s + c[2] * h2 + c[3] * h3 + c[4] * h4 + c[5] * h5 + c[6] * h6
    return mean


@lean
def _zone(latitude: float) -> float:
    s = math.sin(latitude * _RHO)
    s2 = s * s
    return _B2 * s * (_S0 + s2 * (_S1 + s2 * (_S2 + s2 * (_S3 + s2 * _S4))))


@lean
def _mean_zone(y1: float, y2: float) -> float:
    """Return the mean of q between two latitudes far apart, by three Gauss points on each degree."""
    apart = abs(y2 - y1)
    pieces = max(1, math.ceil(apart)) if apart < 180.0 else 180
    reach, total = math.sqrt(0.15), 0.0
    for piece in range(pieces):
        middle = y1 + (y2 - y1) * (piece + 0.5) / pieces
        step = reach * (y2 - y1) / pieces
        total += (5.0 * (_zone(middle - step) + _zone(middle + step)) + 8.0 * _zone(middle)) / 18.0
    return total / pieces


@lean
def _under_edges(flat: Floats, first: int, edges: int, base: float, c: Series, out: Floats) -> None:
    """Write the area between a parallel and each of some edges that follow one another; NaN where they are far apart.

    No round of the loop depends on another, so it is compiled to several edges at a time. Places are unsigned: a signed
    one is first asked whether it counts from the end.
    """
    for k in range(edges):
        i = np.uint64(2 * (first + k))
        width = flat[i + np.uint64(2)] - flat[i]
        v1, v2 = base - flat[i + np.uint64(1)], base - flat[i + np.uint64(3)]
        is_near = (abs(v1) <= MOST_DEGREES) & (abs(v2) <= MOST_DEGREES)
        out[np.uint64(k)] = width * mean_depth(c, v1, v2) if is_near else np.nan


@lean
def added(total: float, values: Floats, first: int, last: int) -> float:
    """Add values to a total, one after another, `last` exclusive."""
    for k in range(first, last):
        total += values[np.uint64(k)]
    return total


@lean
def _far_ring(flat: Floats, first: int, last: int) -> float:
    """Return the signed area of a ring that reaches further than `MOST_DEGREES` from its first vertex."""
    total, base = 0.0, _zone(flat[2 * first + 1])
    for i in range(first, last):
        width = flat[2 * i + 2] - flat[2 * i]
        total -= width * _RHO * (_mean_zone(flat[2 * i + 1], flat[2 * i + 3]) - base)
    return total


@compiled
def ring_areas(lonlat: Floats, ring_start: Ints, areas: Floats) -> None:
    """Write the signed area of every ring, anticlockwise positive, in m².

    Depths are counted from the parallel of a ring's first vertex, and their polynomial is shifted there from the middle
    of its band of half a degree: what a ring measures depends on that ring alone. Rounding is about 1e-15 of the ring's
    width times its height: 1e-8 m² at 3 km by 3 km.

    Parameters
    ----------
    lonlat
        Shape (n, 2), degrees.
    ring_start
        Shape (rings + 1,): where each ring begins in `lonlat`.
    areas
        Written to, shape (rings,). A ring without a vertex has 0, one with a vertex that is no number has no number.
    """
    flat = lonlat.reshape(-1)
    bands, is_known = np.empty((_BANDS, TERMS + 1)), np.zeros(_BANDS, np.bool_)
    c, room, under = np.empty(TERMS + 1), np.empty((4, TERMS + 1)), np.empty(_EDGES_AT_ONCE)
    for ring in range(len(areas)):
        first, last = ring_start[ring], ring_start[ring + 1] - 1
        total = 0.0
        if last > first:
            base = flat[2 * first + 1]
            if not abs(base) <= 90.0:
                areas[ring] = _far_ring(flat, first, last)
                continue
            band = int((90.0 - base) / _BAND_DEG)
            north = 90.0 - (band + 0.5) * _BAND_DEG
            if not is_known[band]:
                strip(north, bands[band], room)
                is_known[band] = True
            shifted(bands[band], north - base, c)
            series = (c[0], c[1], c[2], c[3], c[4], c[5], c[6])
            for begin in range(first, last, _EDGES_AT_ONCE):
                edges = min(_EDGES_AT_ONCE, last - begin)
                _under_edges(flat, begin, edges, base, series, under)
                total = added(total, under, 0, edges)
            if math.isnan(total):
                total = _far_ring(flat, first, last)
        areas[ring] = total
