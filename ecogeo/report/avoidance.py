"""What `ecogeo avoid` hands over: two tables, a GeoPackage, and the proposals as boundary files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo import geodesy
from ecogeo.formats.boundary.from_frame import boundary_from_frame
from ecogeo.formats.boundary.writing import write_boundary
from ecogeo.formats.boundary_txt import read_boundary_file
from ecogeo.formats.geopackage import write_geopackage
from ecogeo.gauss import zone_3_degree
from ecogeo.inspection import Inspection
from ecogeo.report.cells import write_csv
from ecogeo.rounding import Rounding
from ecogeo.siting import Avoidance

_BOUNDARY_TXT = "勘测定界 TXT"
_ATTRIBUTES = ("parcel_no", "parcel_name", "sheet", "purpose", "land_class", "extra")


def write_avoidance(
    avoidance: Avoidance, inspection: Inspection, path: Path, folder: Path, law: Rounding = "half-up"
) -> tuple[Path, ...]:
    """Write the files of `ecogeo avoid`.

    Parameters
    ----------
    avoidance
        The proposals.
    inspection, path
        The file they are for, and how it was read.
    folder
        Where to; it is made if need be. Proposals of an earlier run are replaced or removed.
    law
        How figures are rounded.

    Returns
    -------
    ``avoid.csv`` (one row per site), ``avoid_touching.csv`` (what each proposal still touches), ``avoid.gpkg`` (site,
    taken off, trimmed, moved; EPSG:4490) and, where there is such a proposal, ``trimmed.txt`` and ``moved.txt``: the
    sites in the dialect their file came in, sites that need no change as they are. A file that was no boundary file, or
    was in degrees, gives the standard's dialect.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = (folder / "avoid.csv", folder / "avoid_touching.csv")
    write_csv(avoidance.sites, tables[0], law)
    write_csv(avoidance.touching, tables[1], law)
    shapes = folder / "avoid.gpkg"
    write_geopackage(_shapes(avoidance), shapes, "avoid")
    written = [*tables, shapes]
    rows = inspection.reading.frame[~shapely.is_missing(inspection.sound.geometries)]
    for name, grounds in (
        ("trimmed.txt", [one.trimmed.kept for one in avoidance.proposals]),
        ("moved.txt", [one.shifted for one in avoidance.proposals]),
    ):
        target = folder / name
        kept = {row: ground for row, ground in enumerate(grounds) if ground is not None and not ground.is_empty}
        if avoidance.is_any_in_conflict and kept:
            target.write_bytes(_boundary([*kept.values()], rows.iloc[[*kept]], avoidance.crs, inspection, path))
            written.append(target)
        else:
            target.unlink(missing_ok=True)
    return tuple(written)


def _shapes(avoidance: Avoidance) -> gpd.GeoDataFrame:
    """Lay out every shape of every site, longitude and latitude."""
    ids, kinds, shapes = [], [], []
    for one in avoidance.proposals:
        for kind, shape in (
            ("site", one.site),
            ("blocked", one.trimmed.blocked),
            ("trimmed", one.trimmed.kept),
            ("moved", one.shifted),
        ):
            if shape is not None and not shape.is_empty:
                ids.append(one.site_id)
                kinds.append(kind)
                shapes.append(shape)
    lonlat = geodesy.to_lonlat(np.array(shapes, dtype=object), avoidance.crs)
    return gpd.GeoDataFrame({"site_id": ids, "shape": kinds}, geometry=lonlat, crs=geodesy.LONLAT)


def _boundary(
    grounds: Sequence[BaseGeometry], rows: pd.DataFrame, crs: pyproj.CRS, inspection: Inspection, path: Path
) -> bytes:
    """Write grounds under the attributes of their parcels, in the dialect of the file."""
    attributes = {name: rows[name].to_numpy() for name in _ATTRIBUTES if name in rows.columns}
    frame = gpd.GeoDataFrame(attributes, geometry=list(grounds), crs=crs)
    if inspection.reading.driver != _BOUNDARY_TXT or crs != inspection.placement.crs:
        return write_boundary(boundary_from_frame(frame, _head(crs, grounds)))
    original = read_boundary_file(path.read_bytes(), path.name)
    decimals = original.dialect.decimals or 3
    file = boundary_from_frame(frame, original.head, decimals=decimals)
    return write_boundary(
        replace(file, sections=original.sections),
        replace(original.dialect, decimals=decimals, zone_prefix=file.dialect.zone_prefix),
    )


def _head(crs: pyproj.CRS, grounds: Sequence[BaseGeometry]) -> list[tuple[str, str]]:
    """Return the head the standard asks for, of a plane of CGCS2000."""
    to_degrees = geodesy.to_lonlat(np.array([grounds[0].centroid], dtype=object), crs)
    return [
        ("坐标系", "2000国家大地坐标系"),
        ("几度分带", "3"),
        ("投影类型", "高斯克吕格"),
        ("计量单位", "米"),
        ("带号", str(zone_3_degree(float(to_degrees[0].x)))),
        ("精度", "0.001"),
    ]
