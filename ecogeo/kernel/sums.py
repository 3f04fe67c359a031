"""Ground under two sets of pieces at once: the sum over pairs that is the area of an overlap.

With A = Σ s_a [below-left ground of piece a] and B likewise (see `pieces`), 1_A · 1_B = Σ_a Σ_b s_a s_b [p under a and
b], hence

    area(A ∩ B) = Σ_a Σ_b s_a s_b ∫ Q(min(v_a(u), v_b(u))) du,

over the longitudes a and b share, with Q of `ellipsoid`. The integral is a closed form on either side of where a and b
cross.

Error. In a rectangle of width U and depth V (degrees) a term is at most T = U · Q(V) in size. Its inputs are
differences of coordinates that lie near each other, exact in floating point, or cuts of edges, off by a few units in
the last place of the edge's extent (R_u, R_v). So it is wrong by less than 32 ε · Q(V)/V · max(U R_v, V R_u), ε = 2⁻⁵²,
and the sum, compensated (Neumaier), by less than that times the number of terms. For a site of 100 m with 10 edges
among 40 of a zone this is 3e-8 m² at the very most.
"""

from __future__ import annotations

from ecogeo.kernel.compiled import Floats, lean
from ecogeo.kernel.ellipsoid import mean_depth

_UNIT = 32.0 * 2.0**-52


@lean
def ground(sloping: Floats, slopes: int, floor: Floats, floors: int, depth: float, c: Floats) -> float:
    """Return the m² under one set of pieces."""
    total = 0.0
    for k in range(slopes):
        total += sloping[k, 4] * (sloping[k, 1] - sloping[k, 0]) * mean_depth(c, sloping[k, 2], sloping[k, 3])
    width = 0.0
    for k in range(floors):
        width += floor[k, 2] * (floor[k, 1] - floor[k, 0])
    return total + width * mean_depth(c, depth, depth)


@lean
def _under(sloping: Floats, k: int, u1: float, u2: float, c: Floats) -> float:
    """Return the m² under one piece between two longitudes within it."""
    start, slope = sloping[k, 0], (sloping[k, 3] - sloping[k, 2]) / (sloping[k, 1] - sloping[k, 0])
    v1 = sloping[k, 2] if u1 == start else sloping[k, 2] + (u1 - start) * slope
    v2 = sloping[k, 3] if u2 == sloping[k, 1] else sloping[k, 2] + (u2 - start) * slope
    return (u2 - u1) * mean_depth(c, v1, v2)


@lean
def _under_both(a: Floats, i: int, b: Floats, j: int, u1: float, u2: float, c: Floats) -> float:
    """Return the m² under two pieces between two longitudes within both."""
    slope_a = (a[i, 3] - a[i, 2]) / (a[i, 1] - a[i, 0])
    slope_b = (b[j, 3] - b[j, 2]) / (b[j, 1] - b[j, 0])
    a1 = a[i, 2] if u1 == a[i, 0] else a[i, 2] + (u1 - a[i, 0]) * slope_a
    b1 = b[j, 2] if u1 == b[j, 0] else b[j, 2] + (u1 - b[j, 0]) * slope_b
    a2 = a[i, 3] if u2 == a[i, 1] else a[i, 2] + (u2 - a[i, 0]) * slope_a
    b2 = b[j, 3] if u2 == b[j, 1] else b[j, 2] + (u2 - b[j, 0]) * slope_b
    d1, d2 = a1 - b1, a2 - b2
    if d1 <= 0.0 and d2 <= 0.0:
        return (u2 - u1) * mean_depth(c, a1, a2)
    if d1 >= 0.0 and d2 >= 0.0:
        return (u2 - u1) * mean_depth(c, b1, b2)
    share: float = d1 / (d1 - d2)
    middle = a1 + (a2 - a1) * share
    start, end = (a1, b2) if d1 < 0.0 else (b1, a2)
    return (u2 - u1) * (share * mean_depth(c, start, middle) + (1.0 - share) * mean_depth(c, middle, end))


@lean
def common_ground(
    a: Floats,
    a_slopes: int,
    a_floor: Floats,
    a_floors: int,
    b: Floats,
    b_slopes: int,
    b_floor: Floats,
    b_floors: int,
    depth: float,
    c: Floats,
) -> float:
    """Return the m² under both of two sets of pieces."""
    total, lost = 0.0, 0.0
    for i in range(a_slopes):
        for j in range(b_slopes):
            u1, u2 = max(a[i, 0], b[j, 0]), min(a[i, 1], b[j, 1])
            if u1 < u2:
                total, lost = _add(total, lost, a[i, 4] * b[j, 4] * _under_both(a, i, b, j, u1, u2, c))
        for j in range(b_floors):
            u1, u2 = max(a[i, 0], b_floor[j, 0]), min(a[i, 1], b_floor[j, 1])
            if u1 < u2:
                total, lost = _add(total, lost, a[i, 4] * b_floor[j, 2] * _under(a, i, u1, u2, c))
    whole = mean_depth(c, depth, depth)
    for i in range(a_floors):
        for j in range(b_slopes):
            u1, u2 = max(a_floor[i, 0], b[j, 0]), min(a_floor[i, 1], b[j, 1])
            if u1 < u2:
                total, lost = _add(total, lost, a_floor[i, 2] * b[j, 4] * _under(b, j, u1, u2, c))
        for j in range(b_floors):
            u1, u2 = max(a_floor[i, 0], b_floor[j, 0]), min(a_floor[i, 1], b_floor[j, 1])
            if u1 < u2:
                total, lost = _add(total, lost, a_floor[i, 2] * b_floor[j, 2] * (u2 - u1) * whole)
    return total + lost


@lean
def _add(total: float, lost: float, term: float) -> tuple[float, float]:
    """Add a term, keeping what rounding loses."""
    larger = total + term
    if abs(total) >= abs(term):
        return larger, lost + ((total - larger) + term)
    return larger, lost + ((term - larger) + total)


@lean
def error_m2(terms: int, width: float, depth: float, reach_x: float, reach_y: float, c: Floats) -> float:
    """Return a bound on the error of a sum of so many terms (see the module)."""
    return _UNIT * terms * mean_depth(c, depth, depth) * max(width * reach_y / depth, reach_x)
