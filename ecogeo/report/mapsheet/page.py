"""The page of a map sheet in millimetres, the plane it is drawn in, and a round scale that takes what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.wording import Lang

Paper = Literal["A4", "A3"]
SIZES_MM: dict[Paper, tuple[float, float]] = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}
"""Width and height of the paper, across."""

SCALES = (
    *(200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 25_000, 50_000, 100_000, 150_000, 200_000, 250_000, 300_000),
    *(400_000, 500_000, 750_000, 1_000_000, 1_500_000, 2_000_000, 5_000_000, 10_000_000),
)
"""Denominators of the scales a sheet may have."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page: left, bottom, width and height in millimetres."""

    left: float
    bottom: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet of paper: the map's frame, and the column beside it.

    Parameters
    ----------
    width, height
        Of the paper, mm.
    frame
        The map.
    side
        Legend, scale and sources.
    text_pt
        Size of the common text.
    """

    width: float
    height: float
    frame: Box
    side: Box
    text_pt: float


@dataclass(frozen=True, slots=True)
class Look:
    """How a sheet looks: its page, the font's file, and the language of titles and legend."""

    page: Page
    font: Path
    lang: Lang


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What part of the ground the frame shows.

    Parameters
    ----------
    crs
        The plane: 3-degree Gauss of CGCS2000, or any plane in metres.
    scale
        Denominator: a metre on the ground is ``1000 / scale`` mm on paper, exactly.
    west, south, east, north
        Edges of the frame, metres in the plane.
    """

    crs: pyproj.CRS
    scale: int
    west: float
    south: float
    east: float
    north: float

    @property
    def lonlat(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the ground shown, degrees."""
        back = pyproj.Transformer.from_crs(self.crs, geodesy.LONLAT, always_xy=True)
        return back.transform_bounds(self.west, self.south, self.east, self.north, densify_pts=21)


def page_of(paper: Paper) -> Page:
    """Return the page of a paper size, across."""
    width, height = SIZES_MM[paper]
    margin, head, side = (12.0, 16.0, 70.0) if paper == "A4" else (15.0, 20.0, 94.0)
    frame = Box(margin, margin, width - 2 * margin - side - 3.0, height - 2 * margin - head)
    beside = Box(frame.left + frame.width + 3.0, margin, side, frame.height)
    return Page(width, height, frame, beside, 7.5 if paper == "A4" else 9.0)


def view_of(shown: shapely.Geometry, crs: pyproj.CRS, frame: Box, *, margin: float = 0.12, least: int = 0) -> View:
    """Choose the largest round scale at which a shape fits into the frame, and centre the frame on it.

    Parameters
    ----------
    shown
        What has to be seen, metres in the plane.
    crs
        The plane.
    frame
        Of the map on paper.
    margin
        How much of the frame stays free on each side, a share.
    least
        Smallest denominator; a small site is not blown up beyond it.
    """
    west, south, east, north = shapely.bounds(shown)
    room = 1.0 - 2.0 * margin
    needed = max((east - west) / (frame.width / 1000 * room), (north - south) / (frame.height / 1000 * room), least)
    scale = next((one for one in SCALES if one >= needed), int(np.ceil(needed / 1e6) * 1e6))
    half_width, half_height = frame.width / 2000 * scale, frame.height / 2000 * scale
    x, y = (west + east) / 2, (south + north) / 2
    return View(
        crs, scale, float(x - half_width), float(y - half_height), float(x + half_width), float(y + half_height)
    )


def projected(shapes: geodesy.Geometries, crs: pyproj.CRS) -> geodesy.Geometries:
    """Return shapes, longitude and latitude, in a plane."""
    transformer = pyproj.Transformer.from_crs(geodesy.LONLAT, crs, always_xy=True)

    def move(coordinates: geodesy.Floats) -> geodesy.Floats:
        return np.column_stack(transformer.transform(coordinates[:, 0], coordinates[:, 1]))

    moved: geodesy.Geometries = shapely.transform(shapes, move)
    return moved
