"""Zonal statistics: fractions worked by hand, against shapely cell by cell, against exactextract, windows, any CRS."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import rasterio.transform
import shapely
from affine import Affine
from conftest import ORIGIN, block
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.errors import UnusableFileError
from ecogeo.raster import Raster, Window, read_raster
from ecogeo.zonal import areas, class_areas, zonal_shares
from ecogeo.zonal.cell_area import cell_areas_m2

CELL_M = 30.0
ALBERS = pyproj.crs.ProjectedCRS(
    pyproj.crs.coordinate_operation.AlbersEqualAreaConversion(25.0, 47.0, 0.0, 105.0),
    "Albers",
    geodetic_crs="EPSG:4490",
)
NORTH_WEST = Affine(CELL_M, 0, ORIGIN[0], 0, -CELL_M, ORIGIN[1] + 10_000)


def write_classes(
    path: Path,
    codes: np.ndarray,
    *,
    crs: str = "EPSG:4545",
    transform: Affine = NORTH_WEST,
    nodata: float | None = 0,
    **tags: str,
) -> Raster:
    """Write a raster of classes whose north-west corner lies 10 km north of the county's corner, and open it."""
    rows, columns = codes.shape
    head = {"driver": "GTiff", "width": columns, "height": rows, "count": 1, "dtype": codes.dtype}
    with rasterio.open(path, "w", crs=crs, transform=transform, nodata=nodata, **head) as target:
        target.write(codes, 1)
        target.update_tags(**tags)
    return read_raster("landcover", LayerDeclaration(role="landcover", path=path.name), path.parent)


def lonlat(*shapes: shapely.Geometry | None, crs: int = 4545) -> np.ndarray:
    return geodesy.to_lonlat(np.array(shapes, dtype=object), pyproj.CRS.from_epsg(crs))


def shares_of(polygons: np.ndarray, raster: Raster) -> dict[tuple[int, int], float]:
    rows = zonal_shares(polygons, raster)
    return {(int(p), -1 if c is gpd.pd.NA else int(c)): s for p, c, s in rows[["position", "code", "share"]].to_numpy()}


def test_fractions_worked_by_hand(tmp_path: Path) -> None:
    """A square of one cell's size, half a cell aside: a quarter of each of four cells."""
    raster = write_classes(tmp_path / "four.tif", np.array([[1, 2], [3, 0]], dtype=np.uint8))
    found = shares_of(lonlat(block(15, 9955, 30, 30)), raster)
    assert found == pytest.approx({(0, 1): 0.25, (0, 2): 0.25, (0, 3): 0.25, (0, -1): 0.25}, abs=1e-6)


def test_holes_parts_and_what_is_no_polygon(tmp_path: Path) -> None:
    raster = write_classes(tmp_path / "two.tif", np.repeat([[1] * 10 + [2] * 10], 20, axis=0).astype(np.uint8))
    ring = shapely.difference(block(0, 9400, 600, 600), block(300, 9400, 300, 600))
    two = shapely.MultiPolygon([block(0, 9940, 60, 60), block(300, 9940, 120, 60)])
    shapes = lonlat(ring, two, shapely.Point(*ORIGIN), None, shapely.Polygon())
    found = shares_of(shapes, raster)
    assert found == pytest.approx({(0, 1): 1.0, (1, 1): 1 / 3, (1, 2): 2 / 3}, abs=1e-6)
    rows = class_areas(shapes, raster)
    np.testing.assert_allclose(rows.groupby("position")["area_m2"].sum(), geodesy.area_m2(shapes[:2]), rtol=1e-7)


def test_ground_beyond_the_raster_is_unknown(tmp_path: Path) -> None:
    raster = write_classes(tmp_path / "small.tif", np.ones((10, 10), dtype=np.uint8))
    astride, abroad = block(-150, 9700, 300, 300), block(3000, 3000, 100, 100)
    found = shares_of(lonlat(astride, abroad), raster)
    assert found == pytest.approx({(0, 1): 0.5, (0, -1): 0.5, (1, -1): 1.0}, abs=1e-5)


def star(corners: list[tuple[float, float]]) -> shapely.Polygon:
    """Return a simple polygon about cell (6, 6): corners by angle, each at its own distance, in cells."""
    angles = np.linspace(0.0, 2 * np.pi, len(corners), endpoint=False)
    return shapely.Polygon(
        [(6 + r * np.cos(a + turn), 6 + r * np.sin(a + turn)) for a, (r, turn) in zip(angles, corners, strict=True)]
    )


radius = st.floats(0.05, 8.0)
turn = st.floats(0.0, 0.3)


@settings(max_examples=60)
@given(st.lists(st.tuples(radius, turn), min_size=3, max_size=12), st.booleans(), st.booleans())
def test_every_cell_as_shapely_cuts_it(
    tmp_path_factory: pytest.TempPathFactory, corners: list[tuple[float, float]], is_south_up: bool, is_east_west: bool
) -> None:
    """Each cell its own class, in degrees, with axes either way; the star reaches beyond the raster too."""
    step = 1e-3
    a, e = (-step if is_east_west else step), (step if is_south_up else -step)
    transform = Affine(a, 0, 109.0, 0, e, 24.0)
    codes = np.arange(1, 145, dtype=np.int16).reshape(12, 12)
    path = tmp_path_factory.mktemp("star") / "cells.tif"
    raster = write_classes(path, codes, crs="EPSG:4490", transform=transform, nodata=0)
    drawn = star(corners)
    polygon = shapely.transform(drawn, lambda cells: cells * (a, e) + (109.0, 24.0))
    found = class_areas(np.array([polygon]), raster)
    ours = dict(zip(found["code"].fillna(-1).astype(int), found["area_m2"], strict=True))
    row, column = np.divmod(np.arange(144), 12)
    cells = shapely.box(column, row, column + 1, row + 1)
    fraction = shapely.area(shapely.intersection(drawn, cells))
    ground = geodesy.area_m2(shapely.transform(cells, lambda at: at * (a, e) + (109.0, 24.0)))
    for code, part, whole in zip(codes.ravel(), fraction, ground, strict=True):
        assert ours.get(int(code), 0.0) == pytest.approx(part * whole, abs=2e-8 * whole)


def test_as_exactextract(tmp_path: Path) -> None:
    """Each cell its own class, each fraction against that of exactextract; in degrees both see the same edges."""
    exactextract = pytest.importorskip("exactextract")
    rng = np.random.default_rng(5)
    codes = np.arange(1, 2501, dtype=np.int16).reshape(50, 50)
    step = 0.0003
    transform = Affine(step, 0, 109.0, 0, -step, 24.0)
    raster = write_classes(tmp_path / "cells.tif", codes, crs="EPSG:4490", transform=transform)
    drawn = [star(list(zip(rng.uniform(1, 8, 9), rng.uniform(0, 0.3, 9), strict=True))) for _ in range(8)]
    shapes = np.array(
        [
            shapely.transform(one, lambda at, i=i: (at + 4 * i) * (step, -step) + (109.0, 24.0))
            for i, one in enumerate(drawn)
        ]
    )
    frame = gpd.GeoDataFrame({"id": range(len(shapes))}, geometry=shapes, crs="EPSG:4490")
    theirs = exactextract.exact_extract(str(raster.path), frame, ["values", "coverage"], output="pandas")
    found = class_areas(shapes, raster)
    cell_m2 = np.repeat(cell_areas_m2(raster, Window(0, 50, 0, 50))[:, 0], 50)
    for position in range(len(shapes)):
        rows = found[(found["position"] == position) & found["code"].notna()]
        ours = rows["area_m2"].to_numpy() / cell_m2[rows["code"].astype(int) - 1]
        expected = dict(zip(theirs["values"][position].tolist(), theirs["coverage"][position].tolist(), strict=True))
        np.testing.assert_allclose(ours, [expected.get(code, 0.0) for code in rows["code"]], atol=1e-6)
        assert ours.sum() == pytest.approx(sum(expected.values()), rel=1e-7)
    shares = zonal_shares(shapes, raster).dropna().groupby("position")["share"].sum()
    np.testing.assert_allclose(shares, 1.0, atol=1e-7)


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:4545", NORTH_WEST),
        ("EPSG:4490", Affine(0.01, 0, 108.0, 0, -0.01, 25.0)),
        ("EPSG:3857", Affine(1000.0, 0, 12_100_000, 0, -1000.0, 2_800_000)),
        ("EPSG:32648", Affine(10.0, 0, 800_000, 0, -10.0, 2_700_000)),
        (ALBERS.to_wkt(), Affine(500.0, 0, 0, 0, -500.0, 2_800_000)),
    ],
)
def test_cells_count_with_their_ground_on_the_ellipsoid(tmp_path: Path, crs: str, transform: Affine) -> None:
    codes = np.ones((100, 130), dtype=np.uint8)
    raster = write_classes(tmp_path / "any.tif", codes, crs=crs, transform=transform)
    west, north, east, south = rasterio.transform.array_bounds(100, 130, transform)
    whole = shapely.segmentize(shapely.box(west, north, east, south), 50.0 if raster.crs.is_projected else 0.001)
    to_lonlat = geodesy.transformer_to_lonlat(raster.crs)
    if to_lonlat is not None:
        whole = shapely.transform(whole, lambda at: np.column_stack(to_lonlat.transform(at[:, 0], at[:, 1])))
    areas_m2 = class_areas(np.array([whole]), raster)
    assert areas_m2["code"].tolist() == [1]
    assert areas_m2["area_m2"][0] == pytest.approx(geodesy.area_m2(np.array([whole]))[0], rel=2e-7)


def test_windows_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    raster = write_classes(tmp_path / "noise.tif", rng.integers(0, 6, (90, 110)).astype(np.uint8))
    shapes = lonlat(*(block(x, 10_000 - 2_650 + x, 900, 777) for x in (-100.5, 10, 600, 1500)))
    whole = class_areas(shapes, raster)
    monkeypatch.setattr(areas, "_ROWS", 7)
    monkeypatch.setattr(areas, "_COLUMNS", 13)
    parts = class_areas(shapes, raster)
    assert parts[["position", "code"]].equals(whole[["position", "code"]])
    np.testing.assert_allclose(parts["area_m2"], whole["area_m2"], rtol=1e-7)


def test_measures_are_no_classes(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="not classes"):
        write_classes(tmp_path / "ndvi.tif", np.full((5, 5), 0.4, dtype=np.float32), nodata=None)


def test_whole_numbers_held_as_floats_are_classes(tmp_path: Path) -> None:
    codes = np.full((5, 5), 3.0, dtype=np.float32)
    codes[0, 0] = np.nan
    raster = write_classes(tmp_path / "floats.tif", codes, nodata=None)
    found = shares_of(lonlat(block(0, 9940, 60, 60)), raster)
    assert found == pytest.approx({(0, 3): 0.75, (0, -1): 0.25}, abs=1e-6)
