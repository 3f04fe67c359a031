"""The ellipsoid of CGCS2000 and its zone function, with nothing of PROJ, which takes a while to wake up.

The area is that of the survey rule (国土调查办发〔2008〕32号, 图斑椭球面积): the ellipsoid's zone function

    q(B) = b² (A sin B − B sin 3B + C sin 5B − D sin 7B + E sin 9B)

is the area, per radian of longitude, between the equator and latitude B. Written in powers of s = sin B it is the same
series, q = b² Σ (k+1)/(2k+1) e²ᵏ s²ᵏ⁺¹ (k = 0…4), which is what is evaluated here. The rule adds trapezoids; areas (see
`geodesy.area_m2`) integrate q along each edge, straight in longitude and latitude, so that cutting an edge in two
changes nothing. Where edges are short (the rule's 70 m) both agree to far below 0.01 m².
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]
Positions = npt.NDArray[np.intp]

SEMI_MAJOR_M = 6378137.0
INVERSE_FLATTENING = 298.257222101
_FLATTENING = 1.0 / INVERSE_FLATTENING
SEMI_MINOR_M = SEMI_MAJOR_M * (1.0 - _FLATTENING)
E2 = _FLATTENING * (2.0 - _FLATTENING)
"""First eccentricity squared of CGCS2000."""

_SERIES = [(k + 1) / (2 * k + 1) * E2**k for k in range(5)]


def zone_area_m2_per_rad(latitude_rad: Floats) -> Floats:
    """Return the ellipsoid's area between the equator and a latitude, per radian of longitude.

    Parameters
    ----------
    latitude_rad
        Latitudes in radians, any shape.

    Notes
    -----
    Source: 国土调查办发〔2008〕32号, with the constants of CGCS2000 and the first eccentricity.
    """
    s = np.sin(latitude_rad)
    s2 = s * s
    total = np.full_like(s, _SERIES[-1])
    for coefficient in _SERIES[-2::-1]:
        total = total * s2 + coefficient
    return SEMI_MINOR_M**2 * s * total


def atoms_of(geometries: Geometries) -> tuple[Geometries, Positions]:
    """Take multiparts and collections apart, however nested; return the single parts and the row each came from.

    Parameters
    ----------
    geometries
        Shape (n,). Missing ones have no part; of a layer without multiparts no object is copied.
    """
    atoms: Geometries = np.asarray(geometries, dtype=object)
    kinds, owner = shapely.get_type_id(atoms), np.arange(len(atoms))
    while (kinds > shapely.GeometryType.POLYGON).any():
        atoms, inner = shapely.get_parts(atoms, return_index=True)
        kinds, owner = shapely.get_type_id(atoms), owner[inner]
    is_missing = kinds < 0
    return (atoms[~is_missing], owner[~is_missing]) if is_missing.any() else (atoms, owner)
