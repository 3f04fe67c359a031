"""By how much sites overlap zones: pieces, areas and lengths on the ellipsoid."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy

Positions = npt.NDArray[np.intp]


def overlap_pieces(sites: geodesy.Geometries, zones: geodesy.Geometries) -> gpd.GeoDataFrame:
    """Cut sites by zones and measure every connected piece.

    Parameters
    ----------
    sites
        Shape (n,), valid, longitude and latitude in degrees on CGCS2000: polygons, lines or points.
    zones
        Shape (m,), valid polygons or lines, likewise. They may overlap one another: a piece is then listed under each.

    Returns
    -------
    One row per piece, by site, then zone: positions ``site`` and ``zone``; ``area_m2`` (pieces of polygons),
    ``length_m`` (pieces of lines), ``width_m`` (mean width of an area: twice it over its perimeter) and the piece.
    A piece has the lesser dimension of the two: a polygon that only shares an edge or a corner with another has none, a
    polygon on a line has the stretch inside it. Two lines that cross have a piece of length 0, the crossing.

    Examples
    --------
    >>> square = shapely.box(109.0, 24.0, 109.2, 24.2)
    >>> pieces = overlap_pieces(np.array([square]), np.array([shapely.box(109.1, 24.0, 109.3, 24.2)]))
    >>> round(float(pieces.area_m2[0]) / float(geodesy.area_m2(np.array([square]))[0]), 9)
    0.5
    """
    site, zone = touching(sites, zones)
    cut = shapely.intersection(sites[site], zones[zone])
    wanted = np.minimum(shapely.get_dimensions(sites[site]), shapely.get_dimensions(zones[zone]))
    both_lines = (shapely.get_dimensions(sites[site]) == 1) & (shapely.get_dimensions(zones[zone]) == 1)
    wanted[both_lines] = shapely.get_dimensions(cut[both_lines])
    pieces, owner = shapely.get_parts(cut, return_index=True)
    pieces, inner = shapely.get_parts(pieces, return_index=True)
    owner = owner[inner]
    keep = (shapely.get_dimensions(pieces) == wanted[owner]) & ~shapely.is_empty(pieces)
    pieces, owner = pieces[keep], owner[keep]
    area = geodesy.area_m2(pieces)
    perimeter = geodesy.length_m(shapely.boundary(pieces))
    return gpd.GeoDataFrame(
        {
            "site": site[owner],
            "zone": zone[owner],
            "area_m2": area,
            "length_m": geodesy.length_m(pieces),
            "width_m": np.divide(2.0 * area, perimeter, out=np.zeros_like(area), where=perimeter > 0),
        },
        geometry=gpd.GeoSeries(pieces, crs=geodesy.LONLAT),
    )


def merged_pieces(pieces: gpd.GeoDataFrame, sites: geodesy.Geometries, zones: geodesy.Geometries) -> geodesy.Geometries:
    """Join the pieces of each site, so that ground or line under two zones counts once.

    Parameters
    ----------
    pieces
        Rows with ``site``, ``zone`` (positions in the next two) and a geometry.
    sites, zones
        What the pieces were cut from.

    Returns
    -------
    Shape of the sites; None where a site has no piece. Areas are the union of their pieces. Lines are cut anew by the
    zones together: pieces of one line, cut apart, end a rounding error off it and would count twice.
    """
    joined = np.full(len(sites), None, dtype=object)
    shapes = np.asarray(pieces.geometry.array, dtype=object)
    zone = pieces["zone"].to_numpy()
    for position, rows in pieces.groupby("site").indices.items():
        site = int(position)
        if shapely.get_dimensions(shapes[rows]).max() == 2:
            joined[site] = shapely.union_all(shapes[rows])
        else:
            joined[site] = shapely.intersection(sites[site], shapely.union_all(zones[np.unique(zone[rows])]))
    return joined


def crossed_m(lines: geodesy.Geometries, pieces: pd.DataFrame, zones: geodesy.Geometries) -> geodesy.Floats:
    """Measure how much of each line lies in the zones it is in a pair with, ground under several zones once.

    Parameters
    ----------
    lines
        Shape (n,), longitude and latitude in degrees; what is no line measures 0.
    pieces
        Rows with positions ``site`` (of a line) and ``zone``, such as the pieces of the lines' corridors.
    zones
        Polygons.

    Returns
    -------
    Metres, shape (n,).
    """
    metres: geodesy.Floats = np.zeros(len(lines))
    site, zone = pieces["site"].to_numpy(), pieces["zone"].to_numpy()
    for line in np.unique(site):
        inside = shapely.intersection(lines[line], shapely.union_all(zones[np.unique(zone[site == line])]))
        metres[line] = geodesy.length_m(np.array([inside], dtype=object))[0]
    return metres


def touching(sites: geodesy.Geometries, zones: geodesy.Geometries) -> tuple[Positions, Positions]:
    """Return the positions of every site and zone that share at least a point, by site, then zone.

    Parameters
    ----------
    sites, zones
        Longitude and latitude in degrees; missing geometries touch nothing.
    """
    if not len(sites) or not len(zones):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    site, zone = shapely.STRtree(zones).query(sites, predicate="intersects")
    order = np.lexsort((zone, site))
    return site[order], zone[order]
