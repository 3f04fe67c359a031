"""Classes on a raster against polygons: towns and sites of a county over a map of land cover."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
import shapely
from affine import Affine
from rasterio.windows import Window

from benchmark.outlines import METRES_PER_DEGREE, Floats, Shapes, fractal_polygons

SEED = 20_260_102
COUNTY_BOX = (108.92, 24.0, 109.55, 24.5)

ALBERS = pyproj.crs.ProjectedCRS(
    pyproj.crs.coordinate_operation.AlbersEqualAreaConversion(25.0, 47.0, 0.0, 105.0),
    "Albers",
    geodetic_crs="EPSG:4490",
)
"""The plane of the national land-cover maps: all cells cover the same ground, so a share of cells is one of ground."""

_CLASSES = 8
_WAVES = 24
_SHORTEST_M, _LONGEST_M = 300.0, 12_000.0
_ROWS = 512
_TOWN_COVER = 0.2
_SPREAD = 0.8
_MARGIN_M = 6_000.0


@dataclass(frozen=True, slots=True)
class RasterCase:
    """Polygons against the classes of a raster.

    Parameters
    ----------
    name
        What it is called on the command line.
    sites, towns
        How many there are.
    site_vertices, town_vertices
        Corners of each.
    site_ha
        About the middle of the sites' areas.
    cell_m
        Size of a cell.
    """

    name: str
    sites: int
    towns: int = 12
    site_vertices: int = 200
    town_vertices: int = 5_000
    site_ha: float = 50.0
    cell_m: float = 10.0

    @property
    def measure(self) -> str:
        """The column that is compared."""
        return "share"

    @property
    def tiny(self) -> RasterCase:
        """A case of the same kind that takes no time."""
        return RasterCase("tiny-raster", 20, 2, 600, 2_000, site_ha=500.0, cell_m=50.0)

    @property
    def about(self) -> str:
        """One sentence: what is asked, and how large it is."""
        rows, columns = self._size()
        return f"{self.towns} towns and {self.sites:,} sites on {rows:,} × {columns:,} cells of {_CLASSES} classes."

    @property
    def stem(self) -> str:
        """A name for the folder of its files, with a digest of all that they are drawn from."""
        digest = hashlib.sha256(f"{SEED} {self!r}".encode()).hexdigest()
        return f"{self.name}-{self.sites}-{digest[:8]}"

    def files(self, home: Path) -> tuple[Path, Path]:
        """Write the polygons (column ``site``) and the raster, or find them written."""
        polygons, raster = home / "polygons.parquet", home / "classes.tif"
        if not polygons.exists():
            shapes = self._polygons()
            frame = gpd.GeoDataFrame({"site": np.arange(len(shapes))}, geometry=gpd.GeoSeries(shapes, crs="EPSG:4490"))
            frame.to_parquet(polygons.with_suffix(".unfinished"))
            polygons.with_suffix(".unfinished").rename(polygons)
        if not raster.exists():
            self._write_raster(raster.with_suffix(".unfinished"))
            raster.with_suffix(".unfinished").rename(raster)
        return polygons, raster

    def _corner(self) -> tuple[float, float, float, float]:
        """Return west, south, east, north of the raster, metres of its plane."""
        outline = shapely.segmentize(shapely.box(*COUNTY_BOX), 0.01)
        to_plane = pyproj.Transformer.from_crs("EPSG:4490", ALBERS, always_xy=True)
        x, y = to_plane.transform(*shapely.get_coordinates(outline).T)
        return x.min() - _MARGIN_M, y.min() - _MARGIN_M, x.max() + _MARGIN_M, y.max() + _MARGIN_M

    def _size(self) -> tuple[int, int]:
        west, south, east, north = self._corner()
        return int((north - south) // self.cell_m), int((east - west) // self.cell_m)

    def _polygons(self) -> Shapes:
        """Draw towns side by side in two rows, then sites anywhere, all well within the raster."""
        west, south, east, north = COUNTY_BOX
        random = np.random.default_rng((SEED, 1))
        columns = -(-self.towns // 2)
        at = np.arange(self.towns)
        step = np.array([(east - west) / columns, (north - south) / 2.0])
        places = np.array([west, south]) + (np.column_stack([at % columns, at // columns]) + 0.5) * step
        ground_m2 = step.prod() * METRES_PER_DEGREE**2 * np.cos(np.radians((south + north) / 2.0))
        towns = fractal_polygons(random, places, np.full(self.towns, _TOWN_COVER * ground_m2), self.town_vertices)
        middles = random.uniform((west, south), (east, north), (self.sites, 2))
        area_m2 = self.site_ha * 10_000.0 * np.exp(_SPREAD * np.clip(random.standard_normal(self.sites), -2.5, 2.5))
        return np.concatenate([towns, fractal_polygons(random, middles, area_m2, self.site_vertices)])

    def _write_raster(self, path: Path) -> None:
        """Write classes that lie about as land cover does: patches of every size, by a sum of waves."""
        random = np.random.default_rng((SEED, 2))
        rows, columns = self._size()
        west, _, _, north = self._corner()
        length_m = np.exp(random.uniform(np.log(_SHORTEST_M), np.log(_LONGEST_M), _WAVES))
        turn, phase = random.uniform(0, 2 * np.pi, _WAVES), random.uniform(0, 2 * np.pi, _WAVES)
        waves = [
            (np.cos(a) * 2 * np.pi / m, np.sin(a) * 2 * np.pi / m, p, m**0.3)
            for m, a, p in zip(length_m, turn, phase, strict=True)
        ]
        spread = float(np.sqrt(sum(height**2 for *_, height in waves) / 2.0))
        steps = spread * np.array([-1.15, -0.67, -0.32, 0.0, 0.32, 0.67, 1.15])
        head = {"driver": "GTiff", "width": columns, "height": rows, "count": 1, "dtype": "uint8", "nodata": 0}
        made = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate"}
        at = Affine(self.cell_m, 0.0, west, 0.0, -self.cell_m, north)
        with rasterio.open(path, "w", crs=ALBERS.to_wkt(), transform=at, **head, **made) as target:
            x = np.arange(columns, dtype=np.float64) * self.cell_m
            for top in range(0, rows, _ROWS):
                y = np.arange(top, min(top + _ROWS, rows), dtype=np.float64) * self.cell_m
                target.write(_classes(x, y, waves, steps), 1, window=Window(0, top, columns, len(y)))


def _classes(
    x: Floats, y: Floats, waves: list[tuple[float, float, float, float]], steps: Floats
) -> npt.NDArray[np.uint8]:
    """Return the class of every cell of some rows: a wave over rows and columns is two products of vectors."""
    height = np.zeros((len(y), len(x)))
    for along_x, along_y, phase, high in waves:
        height += high * np.outer(np.sin(along_y * y + phase), np.cos(along_x * x))
        height += high * np.outer(np.cos(along_y * y + phase), np.sin(along_x * x))
    return (np.digitize(height, steps) + 1).astype(np.uint8)


RASTER_CASES = {case.name: case for case in (RasterCase("raster", 2_000),)}
