"""Slope: planes of known tilt, unknown ground, windows, refused files; and the check on a small county."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from affine import Affine
from conftest import LAYERS_TOML, ORIGIN, block, point
from hypothesis import given
from hypothesis import strategies as st

from ecogeo import geodesy, raster_windows, terrain
from ecogeo.catalog import LayerDeclaration
from ecogeo.check import choose_checks, run_checks
from ecogeo.errors import UnusableFileError
from ecogeo.finding import Report, Severity
from ecogeo.raster import Raster, Window, cell_size_m, read_cells, read_raster
from ecogeo.raster_outlines import outlines
from ecogeo.raster_windows import windows_about
from ecogeo.terrain import slope_deg, steep_ground
from ecogeo.workspace import open_workspace

ZONE_36 = pyproj.CRS.from_epsg(4545)
GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)
CELL_M = 30.0


def write_dem(
    path: Path,
    heights: np.ndarray,
    *,
    crs: str | None = "EPSG:4545",
    transform: Affine | None = None,
    nodata: float | None = -9999.0,
    unit: str = "metre",
    bands: int = 1,
) -> Path:
    """Write a terrain model whose north-west corner lies 10 km north of the county's corner."""
    at = transform or Affine(CELL_M, 0, ORIGIN[0], 0, -CELL_M, ORIGIN[1] + 10_000)
    rows, columns = heights.shape
    head = {"driver": "GTiff", "width": columns, "height": rows, "count": bands, "dtype": "float64"}
    with rasterio.open(path, "w", crs=crs, transform=at, nodata=nodata, **head) as target:
        for band in range(1, bands + 1):
            target.write(heights, band)
        target.units = [unit] * bands
    return path


def opened(path: Path, **declared: str) -> Raster:
    return read_raster("dem", LayerDeclaration(role="dem", path=path.name, **declared), path.parent)


def lonlat(*shapes: shapely.Geometry) -> np.ndarray:
    return geodesy.to_lonlat(np.array(shapes, dtype=object), ZONE_36)


def plane(tilt_deg: float, azimuth_deg: float, rows: int, columns: int, cell_m: float = CELL_M) -> np.ndarray:
    """Return a plane that rises towards an azimuth."""
    x, y = np.meshgrid(np.arange(columns) * cell_m, -np.arange(rows) * cell_m)
    along = x * np.sin(np.radians(azimuth_deg)) + y * np.cos(np.radians(azimuth_deg))
    return np.tan(np.radians(tilt_deg)) * along + 500.0


@given(st.floats(0, 360), st.sampled_from([24.9, 25.1, 0.0, 60.0]), st.floats(0.5, 1000))
def test_slope_of_a_plane_is_its_tilt(azimuth: float, tilt: float, cell_m: float) -> None:
    size = np.full(3, cell_m)
    slope = slope_deg(plane(tilt, azimuth, 5, 5, cell_m), size, size)
    assert slope.shape == (3, 3)
    np.testing.assert_allclose(slope, tilt, atol=1e-6)


@pytest.mark.parametrize("azimuth", [0, 37, 90, 135, 180, 225.5, 270, 359])
def test_planes_either_side_of_the_limit(tmp_path: Path, azimuth: float) -> None:
    site, reach = lonlat(block(300, 9700, 60, 60)), np.array([90.0])
    gentle = opened(write_dem(tmp_path / "gentle.tif", plane(24.9, azimuth, 20, 20)))
    steep = opened(write_dem(tmp_path / "steep.tif", plane(25.1, azimuth, 20, 20)))
    assert shapely.is_empty(steep_ground(gentle, site, reach, over_deg=25.0).steep)
    found = steep_ground(steep, site, reach, over_deg=25.0)
    assert shapely.equals(found.steep, found.known)
    assert shapely.covers(found.steep, shapely.buffer(site[0], 0.0008)), "0.0008° is 81 m of longitude, 89 of latitude"


def test_cells_in_degrees_are_measured_on_the_ellipsoid(tmp_path: Path) -> None:
    step = 1 / 3600
    for latitude in (24.2, 60.0):
        at = Affine(step, 0, 109.0, 0, -step, latitude + 10 * step)
        middles = latitude + (10 - np.arange(20) - 0.5) * step
        metres_north = GEOD.inv(np.full(20, 109.0), np.full(20, latitude - 1), np.full(20, 109.0), middles)[2]
        heights = np.tan(np.radians(25.1)) * np.repeat((metres_north - metres_north.min())[:, None], 20, axis=1)
        dem = opened(write_dem(tmp_path / f"{latitude}.tif", heights, crs="EPSG:4490", transform=at))
        inner = Window(1, 19, 1, 19)
        np.testing.assert_allclose(slope_deg(heights, *cell_size_m(dem, inner)), 25.1, atol=1e-6)
        width, height = cell_size_m(dem, inner)
        assert width[0] < width[-1], "a degree of longitude is longer in the south"
        prime = 6378137.0 / np.sqrt(1 - geodesy.E2 * np.sin(np.radians(middles[1])) ** 2)
        assert width[0] == pytest.approx(prime * np.cos(np.radians(middles[1])) * np.radians(step), rel=1e-9)
        assert height[0] == pytest.approx(prime**3 / 6378137.0**2 * (1 - geodesy.E2) * np.radians(step), rel=1e-9)


def test_ground_without_all_its_neighbours_is_unknown(tmp_path: Path) -> None:
    heights = np.zeros((12, 12))
    heights[5, 5] = -9999.0
    dem = opened(write_dem(tmp_path / "hole.tif", heights))
    found = steep_ground(dem, lonlat(block(0, 9640, 360, 360)), np.array([0.0]), over_deg=25.0)
    cell = geodesy.area_m2(lonlat(block(150, 9850, CELL_M, CELL_M)))[0]
    assert geodesy.area_m2(np.array([found.known]))[0] / cell == pytest.approx(10 * 10 - 9, rel=1e-4)
    assert not shapely.intersects(found.known, lonlat(point(165, 9835))[0]), "the hole itself"
    assert not shapely.intersects(found.known, lonlat(point(135, 9865))[0]), "beside the hole"
    assert not shapely.intersects(found.known, lonlat(point(15, 9985))[0]), "the rim"
    assert shapely.is_empty(found.steep)


def test_impossible_heights_are_no_data(tmp_path: Path) -> None:
    heights = np.zeros((12, 12))
    heights[5, 5], heights[5, 6] = -32768.0, 1e38
    dem = opened(write_dem(tmp_path / "wild.tif", heights, nodata=None))
    found = steep_ground(dem, lonlat(block(0, 9640, 360, 360)), np.array([0.0]), over_deg=25.0)
    assert found.impossible_cells == 2
    assert shapely.is_empty(found.steep), "no cliff is made of missing data"


def test_scale_and_offset_of_the_band_are_applied(tmp_path: Path) -> None:
    path = write_dem(tmp_path / "scaled.tif", np.full((4, 4), 7.0))
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = [10.0], [1.0]
    assert (read_cells(opened(path), Window(0, 4, 0, 4)) == 71.0).all()


@given(st.integers(0, 2**36 - 1))
def test_outlines_hold_the_chosen_cells_and_no_other(bits: int) -> None:
    chosen = np.array([bits >> n & 1 for n in range(36)], dtype=bool).reshape(6, 6)
    patches = outlines(chosen, Window(100, 106, 50, 56))
    assert shapely.is_valid(patches).all()
    ground = shapely.union_all(patches)
    assert ground.area == sum(shapely.area(patches)) == chosen.sum()
    rows, columns = np.nonzero(chosen)
    assert shapely.covers(ground, shapely.points(columns + 50.5, rows + 100.5)).all()


@given(
    st.lists(st.tuples(st.floats(0, 6000), st.floats(0, 6000), st.floats(0, 900)), min_size=1, max_size=4),
    st.booleans(),
)
def test_windows_hold_all_cells_within_reach_and_few_others(
    tmp_path_factory: pytest.TempPathFactory, places: list[tuple[float, float, float]], is_line: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "flat.tif"
    dem = opened(path if path.exists() else write_dem(path, np.zeros((200, 200))))
    shapes = [point(x, 10_000 - y) for x, y, _ in places]
    if is_line:
        shapes = [shapely.LineString([shape, shapely.affinity.translate(shape, 700, -900)]) for shape in shapes]
    reach = np.array([reach for *_, reach in places])
    windows = list(windows_about(dem, lonlat(*shapes), reach))
    held = np.zeros(dem.shape, dtype=int)
    for window in windows:
        held[window.top : window.bottom, window.left : window.right] += 1
        assert max(window.shape) <= raster_windows.TILE_CELLS
    assert held.max(initial=0) <= 1, "no cell is read twice"
    x, y = np.meshgrid(
        ORIGIN[0] + (np.arange(200) + 0.5) * CELL_M, ORIGIN[1] + 10_000 - (np.arange(200) + 0.5) * CELL_M
    )
    cells = shapely.points(x, y)
    for shape, metres in zip(shapes, reach, strict=True):
        assert held[shapely.distance(cells, shape) < metres].all()
    if len(shapes) == 1 and not is_line:
        assert held.sum() <= (2 * reach[0] / CELL_M * 1.02 + 8) ** 2


def test_a_site_needs_its_own_windows_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dem = opened(write_dem(tmp_path / "wide.tif", np.zeros((1500, 1500))))
    read: list[int] = []
    monkeypatch.setattr(
        terrain, "read_cells", lambda dem, window: (read.append(int(np.prod(window.shape))), read_cells(dem, window))[1]
    )
    steep_ground(dem, lonlat(point(20_000, -20_000), point(100, 9_000)), np.array([500.0, 500.0]), over_deg=25.0)
    assert sum(read) < 2 * 45**2


def test_tiles_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    heights = rng.normal(0, 12, (40, 40))
    heights[rng.random((40, 40)) < 0.02] = -9999.0
    dem = opened(write_dem(tmp_path / "rough.tif", heights))
    everywhere = lonlat(block(-100, 8700, 1400, 1400)), np.array([0.0])
    whole = steep_ground(dem, *everywhere, over_deg=25.0)
    monkeypatch.setattr(raster_windows, "TILE_CELLS", 7)
    tiled = steep_ground(dem, *everywhere, over_deg=25.0)
    assert not shapely.is_empty(whole.steep)
    assert shapely.is_valid(whole.steep)
    assert shapely.equals(whole.steep, tiled.steep)
    assert shapely.equals(whole.known, tiled.known)


@pytest.mark.skipif(shutil.which("gdaldem") is None, reason="gdaldem (gdal-bin) is not installed: not compared with it")
def test_slope_is_that_of_gdaldem(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    path = write_dem(tmp_path / "dem.tif", rng.normal(300, 20, (60, 50)))
    subprocess.run(["gdaldem", "slope", "-alg", "Horn", "-q", path, tmp_path / "slope.tif"], check=True)
    dem = opened(path)
    with rasterio.open(tmp_path / "slope.tif") as source:
        theirs = source.read(1, masked=True).filled(np.nan)
    window = Window(0, 60, 0, 50)
    ours = slope_deg(read_cells(dem, Window(-1, 61, -1, 51)), *cell_size_m(dem, window))
    assert np.isnan(ours).sum() == np.isnan(theirs).sum() == 60 * 50 - 58 * 48
    np.testing.assert_allclose(ours, theirs, atol=2e-4, err_msg="gdaldem takes heights as 32-bit numbers")


def test_unusable_models_are_refused_with_all_that_is_wrong(tmp_path: Path) -> None:
    flat = np.zeros((5, 5))
    turned = Affine(30, 5, ORIGIN[0], 5, -30, ORIGIN[1])
    with pytest.raises(UnusableFileError) as refused:
        opened(write_dem(tmp_path / "a.tif", flat, crs=None, transform=turned, bands=2))
    assert len(refused.value.reasons) == 3
    with pytest.raises(UnusableFileError, match="4 or 7 parameters"):
        opened(write_dem(tmp_path / "old.tif", flat, crs="EPSG:2379"))
    with pytest.raises(UnusableFileError, match=r"is not the one layers\.toml gives"):
        opened(write_dem(tmp_path / "other.tif", flat), crs="EPSG:4490")
    with pytest.raises(UnusableFileError, match="does not exist"):
        opened(tmp_path / "absent.tif")
    assert opened(write_dem(tmp_path / "bare.tif", flat, crs=None), crs="EPSG:4545").crs == ZONE_36


def test_a_raster_that_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    write_dem(tmp_path / "real.tif", np.zeros((5, 5)))
    band = '<VRTRasterBand dataType="Float64" band="1"><SimpleSource><SourceFilename relativeToVRT="1">real.tif'
    end = "</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    (tmp_path / "dem.tif").write_text(f'<VRTDataset rasterXSize="5" rasterYSize="5">{band}{end}', "utf-8")
    with pytest.raises(UnusableFileError, match="only GeoTIFF is known"):
        opened(tmp_path / "dem.tif")


def test_cells_in_feet_are_turned_into_metres(tmp_path: Path) -> None:
    at = Affine(100, 0, 980_000, 0, -100, 200_000)
    dem = opened(write_dem(tmp_path / "york.tif", np.zeros((5, 5)), crs="EPSG:2263", transform=at))
    width, height = cell_size_m(dem, Window(0, 2, 0, 5))
    assert width.tolist() == height.tolist() == pytest.approx([100 * 1200 / 3937] * 2)


def test_windows_of_cells_in_degrees(tmp_path: Path) -> None:
    step = 1 / 3600
    at = Affine(step, 0, 109.0, 0, -step, 24.5)
    dem = opened(write_dem(tmp_path / "degrees.tif", np.zeros((1200, 1200)), crs="EPSG:4326", transform=at))
    site = np.array([shapely.Point(109.17, 24.31)], dtype=object)
    known = steep_ground(dem, site, np.array([2000.0]), over_deg=25.0).known
    azimuths = np.arange(0.0, 360.0, 5.0)
    lon, lat, _ = GEOD.fwd(np.full(72, 109.17), np.full(72, 24.31), azimuths, np.full(72, 2000.0))
    assert shapely.covers(known, shapely.points(lon, lat)).all()
    assert geodesy.area_m2(np.array([known]))[0] < 4500**2


def test_heights_in_feet_are_refused(tmp_path: Path) -> None:
    """A model in feet or decimetres is refused before any check; one with a scale of 0.1 and metres is read."""
    for unit in ("ft", "dm"):
        with pytest.raises(UnusableFileError, match=f"“{unit}”, metres are expected"):
            opened(write_dem(tmp_path / f"{unit}.tif", np.zeros((5, 5)), unit=unit))


def test_truncated_model_is_refused(tmp_path: Path) -> None:
    path = write_dem(tmp_path / "cut.tif", np.random.default_rng(1).normal(size=(300, 300)))
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(UnusableFileError, match="truncated or damaged"):
        opened(path)


DEM_TOML = LAYERS_TOML + '\n[layers.dem]\nrole = "dem"\npath = "dem.tif"\ntitle = "高程"\ntitle_en = "Heights"\n'


def screened(root: Path, heights: np.ndarray, **options: object) -> Report:
    """Screen the small county on heights of 100 m cells over its 10 km × 10 km."""
    at = Affine(100, 0, ORIGIN[0], 0, -100, ORIGIN[1] + 10_000)
    write_dem(root / "layers" / "dem.tif", heights, transform=at, **options)
    (root / "layers" / "layers.toml").write_text(DEM_TOML, "utf-8")
    return run_checks(open_workspace(root), choose_checks(["site_on_steep_slope"]))


def test_sites_on_a_steep_west_and_a_flat_east(county_folder: Path) -> None:
    """A ramp of 45° up to x = 2000 m, flat beyond: by Horn the cells on both sides of the bend slope by atan(1/2)."""
    x = (np.arange(100) + 0.5) * 100
    report = screened(county_folder, np.repeat(np.minimum(x, 1950.0)[None, :], 100, axis=0), unit="")
    rows = report.tables["screening"].set_index("site_id")
    assert set(rows["layer"]) == {"dem"}
    assert rows["answer"].to_dict() == {
        "inside": "involved",
        "half": "involved",
        "outside": "clear",
        "touching": "clear",
        "sliver": "involved",
        "in_hole": "clear",
        "abroad": "undetermined",
        "astride": "undetermined",
        "near": "possible",
        "deep": "involved",
        "pipeline": "involved",
        "P2": "undetermined",
    }
    assert rows.loc["half", "overlap_m2"] == pytest.approx(10_000, rel=1e-3), "26.6° up to 2000 m, 0° from there"
    assert rows.loc["half", "share"] == pytest.approx(0.5, rel=1e-6)
    assert rows.loc["pipeline", "length_m"] == pytest.approx(1900, rel=1e-3), "the westmost cells have no slope"
    assert rows.loc["near", "distance_m"] == pytest.approx(50, rel=1e-3)
    assert np.isnan(rows.loc["in_hole", "distance_m"]), "2300 m away: beyond where terrain was read"
    assert rows.loc["astride", "coverage"] == "partial"
    assert rows.loc["abroad", "coverage"] == "none"
    assert report.tables["screening_zones"]["zone"].unique().tolist() == ["slope>25"]
    first = report.findings[0][1]
    assert first.severity is Severity.NOTE
    assert "100 m × 100 m" in first.message.en
    assert "metres are assumed" in first.message.en


def test_flat_county_is_clear_where_its_slope_is_known(county_folder: Path) -> None:
    report = screened(county_folder, np.full((100, 100), 80.0))
    answers = report.tables["screening"].set_index("site_id")["answer"]
    assert answers["inside"] == answers["near"] == answers["in_hole"] == "clear"
    assert answers["astride"] == answers["abroad"] == answers["pipeline"] == "undetermined"
    assert "fault" not in {str(finding.severity) for _, finding in report.findings}


def test_holes_in_the_heights_clear_nobody(county_folder: Path) -> None:
    heights = np.full((100, 100), 80.0)
    heights[86, 12] = -9999.0
    answers = screened(county_folder, heights).tables["screening"].set_index("site_id")
    assert answers.loc["inside", "answer"] == "undetermined", (
        "the cell without data, north of it, takes the slope of its own"
    )
    assert answers.loc["in_hole", "answer"] == "clear"


def test_wild_cells_are_a_fault_of_the_model(county_folder: Path) -> None:
    heights = np.full((100, 100), 80.0)
    heights[86, 12] = -32768.0
    report = screened(county_folder, heights, nodata=None)
    faults = [finding for _, finding in report.findings if finding.severity is Severity.FAULT]
    assert [fault.value for fault in faults] == [1.0]
    assert report.tables["screening"].set_index("site_id").loc["inside", "answer"] == "undetermined"


ALBERS = pyproj.crs.ProjectedCRS(
    pyproj.crs.coordinate_operation.AlbersEqualAreaConversion(25.0, 47.0, 0.0, 105.0),
    "Albers",
    geodetic_crs=pyproj.CRS.from_epsg(4490),
)


@pytest.mark.parametrize(
    "crs", ["EPSG:3857", ALBERS.to_wkt(), "EPSG:3395", "EPSG:32649"], ids=["web", "Albers", "3395", "UTM"]
)
def test_a_tilted_plane_has_its_slope_in_any_projection(tmp_path: Path, crs: str) -> None:
    """Ground that rises by tan 20° towards 30° east of north: the slope is 20° however the cells lie and stretch.

    Web Mercator makes cells of 30 m there 27.4 m wide on the ground, which would give 18.4°.
    """
    to_plane = pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True)
    x, y = to_plane.transform(109.3, 24.2)
    at = Affine(30.0, 0.0, x, 0.0, -30.0, y)
    column, row = np.meshgrid(np.arange(90) + 0.5, np.arange(70) + 0.5)
    lon, lat = to_plane.transform(x + column * 30.0, y - row * 30.0, direction="INVERSE")
    azimuth, _, metres = GEOD.inv(np.full(lon.shape, 109.3), np.full(lat.shape, 24.2), lon, lat)
    heights = 1500.0 + np.tan(np.radians(20.0)) * metres * np.cos(np.radians(azimuth - 30.0))
    declared = LayerDeclaration(role="dem", path="tilted.tif")
    write_dem(tmp_path / "tilted.tif", heights, crs=crs, transform=at)
    dem = read_raster("dem", declared, tmp_path)
    slope, impossible = terrain.read_slope_deg(dem, Window(0, 70, 0, 90))
    assert impossible == 0
    assert np.isnan(slope[0]).all()
    assert np.nanmin(slope) == pytest.approx(20.0, abs=0.02)
    assert np.nanmax(slope) == pytest.approx(20.0, abs=0.02)
