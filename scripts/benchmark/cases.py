"""What is measured: how many features of what kind, and the files that hold them."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import shapely

from benchmark.outlines import METRES_PER_DEGREE, Floats, Shapes, fractal_polygons, meanders, winding_bands
from benchmark.raster_cases import RasterCase

SEED = 20_260_101
COUNTY_BOX = (108.92, 24.0, 109.55, 24.5)
PROVINCE_BOX = (104.45, 20.9, 112.07, 26.4)
"""West, south, east, north in degrees: about the ground of one county, and the extent of Guangxi."""

_BLOCK = 1_000
_ROW_GROUP = 1 << 16
_MOST_AT_ONCE = 1_000_000
_CRS = "EPSG:4490"
_JITTER = 0.2
_SITE_SPREAD = 1.2
_ZONE_SPREAD = 0.4
_MOST_SPREADS = 2.5


@dataclass(frozen=True, slots=True)
class Case:
    """Sites or lines against zones.

    Parameters
    ----------
    name
        What it is called on the command line.
    box
        West, south, east, north in degrees.
    sites, zones
        How many there are.
    site_vertices, zone_vertices
        Corners of each.
    site_ha
        About the middle of the sites' areas; of lines it is not used.
    line_m
        About the length of each line; 0 where the sites are polygons.
    cover
        About the share of the box that the zones cover, spread over it so that they seldom overlap; of lines: the sum
        of the zones' widths over the lines' length.
    is_winding
        Whether the zones are long and narrow, so that their boxes overlap many times.
    """

    name: str
    box: tuple[float, float, float, float]
    sites: int
    zones: int
    site_vertices: int = 10
    zone_vertices: int = 1_000
    site_ha: float = 1.0
    line_m: float = 0.0
    cover: float = 0.15
    is_winding: bool = field(default=False, repr=False)

    @property
    def measure(self) -> str:
        """The column that is compared: ``area_m2`` or ``length_m``."""
        return "length_m" if self.line_m else "area_m2"

    @property
    def tiny(self) -> Case:
        """A case of the same kind that takes no time."""
        return CASES["tiny"] if self.measure == "area_m2" else replace(CASES["tiny"], name="tiny-lines", line_m=5_000.0)

    @property
    def about(self) -> str:
        """One sentence: what is asked, and how large it is."""
        vertices = f"{self.sites * self.site_vertices:,} and {self.zones * self.zone_vertices:,} vertices"
        if self.line_m:
            kilometres = f"{self.sites * self.line_m / 1_000.0:,.0f} km"
            return f"{self.sites:,} lines, about {kilometres}, against {self.zones:,} zones: {vertices}."
        return f"{self.sites:,} sites against {self.zones:,} zones: {vertices}."

    @property
    def stem(self) -> str:
        """A name for the folder of its files, with a digest of all that they are drawn from."""
        digest = hashlib.sha256(f"{SEED} {self!r}".encode()).hexdigest()
        return f"{self.name}-{self.sites}-{digest[:8]}"

    @property
    def zones_stem(self) -> str:
        """The same for the folder of its zones, shared by cases of other sites; zones of lines lie along the lines."""
        if self.line_m:
            return self.stem
        drawn_from: tuple[object, ...] = (SEED, self.box, self.zones, self.zone_vertices, self.cover)
        if self.is_winding:
            drawn_from = (*drawn_from, "winding")
        return f"zones-{self.zones}-{hashlib.sha256(repr(drawn_from).encode()).hexdigest()[:8]}"


CASES = {
    case.name: case
    for case in (
        Case("tiny", COUNTY_BOX, 60, 20, zone_vertices=80, site_ha=400.0),
        Case("county", COUNTY_BOX, 2_000, 300, site_vertices=200, zone_vertices=5_000, site_ha=500.0, cover=3.0),
        Case(
            "county-dense", COUNTY_BOX, 2_000, 300, site_vertices=400, zone_vertices=5_000, site_ha=2_000.0, cover=6.0
        ),
        Case("county-sparse", COUNTY_BOX, 2_000, 300, zone_vertices=5_000, site_ha=5.0),
        Case(
            "county-winding",
            COUNTY_BOX,
            2_000,
            300,
            site_vertices=200,
            zone_vertices=5_000,
            site_ha=500.0,
            cover=3.0,
            is_winding=True,
        ),
        Case("province", PROVINCE_BOX, 1_000_000, 20_000, cover=1.0),
        Case("province-layers", PROVINCE_BOX, 1_000_000, 20_000, cover=4.0),
        Case("province-sparse", PROVINCE_BOX, 1_000_000, 20_000),
        Case("province-winding", PROVINCE_BOX, 1_000_000, 20_000, cover=1.0, is_winding=True),
        Case(
            "shorelines", PROVINCE_BOX, 500, 4_000, site_vertices=1_000, zone_vertices=500, line_m=10_000.0, cover=0.6
        ),
    )
}


def make_files(case: Case | RasterCase, folder: Path) -> tuple[Path, Path]:
    """Write the sites and zones of a case as GeoParquet, or find them written.

    Parameters
    ----------
    case
        What to draw.
    folder
        Where the files of all cases are kept.

    Returns
    -------
    The files of the sites (column ``site``) and of the zones (column ``zone``), longitude and latitude, EPSG:4490; for
    a raster those of the polygons (column ``site``) and of the raster.
    """
    home = folder / case.stem
    home.mkdir(parents=True, exist_ok=True)
    if isinstance(case, RasterCase):
        return case.files(home)
    files = home / "sites.parquet", folder / case.zones_stem / "zones.parquet"
    files[1].parent.mkdir(exist_ok=True)
    for path, key, draw in zip(files, ("site", "zone"), (draw_sites, draw_zones), strict=True):
        if not path.exists():
            unfinished = path.with_suffix(".unfinished")
            if key == "site" and case.sites > _MOST_AT_ONCE:
                _write_in_parts(case, unfinished)
            else:
                _frame(key, 0, draw(case)).to_parquet(unfinished, row_group_size=_ROW_GROUP)
            unfinished.rename(path)
    return files


def _frame(key: str, first: int, shapes: Shapes) -> gpd.GeoDataFrame:
    """Return shapes with their numbers."""
    numbers = np.arange(first, first + len(shapes))
    return gpd.GeoDataFrame({key: numbers}, geometry=gpd.GeoSeries(shapes, crs=_CRS))


def _write_in_parts(case: Case, path: Path) -> None:
    """Write sites that are too many to be drawn at once; the file does not tell the box they lie in."""
    first, writer = 0, None
    for part in _batched(_site_blocks(case), _ROW_GROUP // _BLOCK):
        shapes = np.concatenate(part)
        held = io.BytesIO()
        _frame("site", first, shapes).to_parquet(held)
        table = pq.read_table(held)
        if writer is None:
            told = json.loads(table.schema.metadata[b"geo"])
            told["columns"]["geometry"].pop("bbox", None)
            schema = table.schema.with_metadata({b"geo": json.dumps(told).encode()})
            writer = pq.ParquetWriter(path, schema)
        writer.write_table(table.cast(schema))
        first += len(shapes)
    if writer is not None:
        writer.close()


def _batched(blocks: Iterator[Shapes], size: int) -> Iterator[list[Shapes]]:
    """Yield so many blocks at a time."""
    while part := list(islice(blocks, size)):
        yield part


def draw_sites(case: Case) -> Shapes:
    """Draw the sites of a case anywhere in its box: parcels of very different sizes, or winding lines."""
    return np.concatenate(list(_site_blocks(case)))


def _site_blocks(case: Case) -> Iterator[Shapes]:
    """Draw sites block by block."""
    west, south, east, north = case.box
    for random, rows in _blocks(case.sites, stream=1):
        places = random.uniform((west, south), (east, north), (len(rows), 2))
        if case.line_m:
            yield meanders(random, places, case.line_m, case.site_vertices)
        else:
            area_m2 = case.site_ha * 10_000.0 * _spread(random, len(rows), _SITE_SPREAD)
            yield fractal_polygons(random, places, area_m2, case.site_vertices)


def draw_zones(case: Case) -> Shapes:
    """Draw the zones of a case near the nodes of a lattice over its box; those of lines along the lines."""
    if case.line_m:
        return _draw_zones_along(case, shapely.get_coordinates(draw_sites(case)))
    west, south, east, north = case.box
    width_m = (east - west) * METRES_PER_DEGREE * float(np.cos(np.radians((south + north) / 2.0)))
    height_m = (north - south) * METRES_PER_DEGREE
    columns = int(np.ceil(np.sqrt(case.zones * width_m / height_m)))
    rows = -(-case.zones // columns)
    step = np.array([(east - west) / columns, (north - south) / rows])
    mean_m2 = case.cover * width_m * height_m / case.zones
    parts = []
    for random, block in _blocks(case.zones, stream=2):
        node = np.column_stack([block % columns, block // columns]) + 0.5
        places = (west, south) + (node + random.uniform(-_JITTER, _JITTER, node.shape)) * step
        area_m2 = mean_m2 * _spread(random, len(block), _ZONE_SPREAD)
        draw = winding_bands if case.is_winding else fractal_polygons
        parts.append(draw(random, places, area_m2, case.zone_vertices))
    return np.concatenate(parts)


def _draw_zones_along(case: Case, shore: Floats) -> Shapes:
    """Draw zones about points of the shore, as wide together as `cover` of its length."""
    mean_m2 = (case.cover * case.sites * case.line_m / case.zones) ** 2
    parts = []
    for random, block in _blocks(case.zones, stream=2):
        places = shore[random.integers(0, len(shore), len(block))]
        area_m2 = mean_m2 * _spread(random, len(block), _ZONE_SPREAD)
        parts.append(fractal_polygons(random, places, area_m2, case.zone_vertices))
    return np.concatenate(parts)


def _blocks(count: int, stream: int) -> Iterator[tuple[np.random.Generator, np.ndarray[tuple[int], np.dtype[np.intp]]]]:
    """Yield row numbers block by block, each with random numbers of its own, so that a draft stays small in memory."""
    for first in range(0, count, _BLOCK):
        yield np.random.default_rng((SEED, stream, first)), np.arange(first, min(first + _BLOCK, count))


def _spread(random: np.random.Generator, count: int, spread: float) -> Floats:
    """Return factors around 1, log-normal, none too far out."""
    factors: Floats = np.exp(spread * np.clip(random.standard_normal(count), -_MOST_SPREADS, _MOST_SPREADS))
    return factors
