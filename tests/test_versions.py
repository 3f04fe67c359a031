"""Red lines over time: squares of the small county, changed by known amounts."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from conftest import ORIGIN, ZONE_36, block, write_layer
from hypothesis import given
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.check import choose_checks, run_checks
from ecogeo.finding import Report, Severity
from ecogeo.versions import ADDED, CHANGE, NOISE, REMOVED, compare_versions
from ecogeo.workspace import open_workspace

EARLIER = """
[layers.redlines.earlier]
path = "redlines_before.gpkg"
version = "v0"
"""
RING = shapely.difference(block(4000, 4000, 1000, 1000), block(4300, 4300, 300, 300))


def lonlat(*shapes: shapely.Geometry) -> np.ndarray:
    return geodesy.to_lonlat(np.array(shapes, dtype=object), gpd.GeoSeries([], crs=ZONE_36).crs)


def with_earlier(root: Path, shapes: list[shapely.Geometry], names: list[str]) -> None:
    columns = {"redline_id": [f"B{number}" for number in range(len(shapes))], "name": names}
    write_layer(root, "redlines_before.gpkg", columns, shapes)
    path = root / "layers" / "layers.toml"
    path.write_text(path.read_text("utf-8") + EARLIER, "utf-8")


def checked(root: Path, *names: str) -> Report:
    return run_checks(open_workspace(root), choose_checks(names or ("redline_reduced",)))


def test_without_an_earlier_version_the_check_is_not_run(county_folder: Path) -> None:
    run = checked(county_folder).runs[0]
    assert run.status == "not run"
    assert run.not_run is not None
    assert "earlier" in run.not_run.en


def test_pieces_taken_out_and_put_in(county_folder: Path) -> None:
    """Of 甲 1000 m × 200 m are new and 1 m along its west edge; 300 m × 300 m of 丙 are gone, over the town line."""
    before = [block(999, 1000, 1001, 800), RING, block(4850, 2000, 300, 300)]
    with_earlier(county_folder, before, ["甲", "乙", "丙"])
    report = checked(county_folder)
    scale = float(geodesy.area_m2(lonlat(block(1000, 1000, 1000, 1000)))[0]) / 1e6
    changes = report.tables["redline_changes"].query("reason == 'change'")
    assert changes["kind"].tolist() == [REMOVED, ADDED]
    assert (changes["area_m2"] / scale).tolist() == pytest.approx([90_000, 200_000], abs=2)
    assert changes["unit"].tolist() == ["丙", "甲"]
    assert [sorted(towns.split(";")) for towns in changes["town"]] == [["东镇", "西镇"], ["西镇"]]
    noise = report.tables["redline_changes"].query("reason != 'change'")
    assert noise["area_m2"].sum() == pytest.approx(800 * scale, abs=2)
    balance = report.tables["redline_balance"].set_index(["level", "name"])
    county = balance.loc["county", "county"]
    assert county["earlier_m2"] - county["removed_m2"] - county["noise_removed_m2"] == pytest.approx(
        county["now_m2"] - county["added_m2"] - county["noise_added_m2"], abs=0.01
    )
    assert balance["reduced"].to_dict() == {
        ("county", "county"): "no",
        ("unit", "丙"): "yes",
        ("unit", "乙"): "no",
        ("unit", "甲"): "no",
        ("town", "东镇"): "yes",
        ("town", "西镇"): "no",
    }
    assert balance.loc[("town", "东镇"), "removed_m2"] / scale == pytest.approx(45_000, abs=2)
    assert all(finding.severity is not Severity.FAULT for _, finding in report.findings)
    assert {source.path for source in report.sources} >= {"layers/redlines_before.gpkg", "layers/redlines.gpkg"}


def test_a_smaller_area_is_a_fault(county_folder: Path) -> None:
    with_earlier(county_folder, [block(1000, 1000, 1000, 1100), RING], ["甲", "乙"])
    faults = [finding for _, finding in checked(county_folder).findings if finding.severity is Severity.FAULT]
    assert [finding.unit for finding in faults] == ["ha"]
    assert faults[0].value == pytest.approx(10, abs=0.02)


def test_what_only_the_survey_lost_is_no_fault(county_folder: Path) -> None:
    with_earlier(county_folder, [block(1000, 1000, 1000, 1002), RING], ["甲", "乙"])
    report = checked(county_folder)
    assert report.tables["redline_balance"]["reduced"].tolist()[0] == "by noise only"
    assert not report.is_faulty
    assert report.tables["redline_changes"].query("reason == 'change'").empty


def test_a_narrow_strip_cut_out_of_the_middle_is_a_change() -> None:
    """A road of 4 m through a square: narrower than the noise, and no noise."""
    square = block(0, 0, 1000, 1000)
    road = block(498, 0, 4, 1000)
    pieces = compare_versions(lonlat(square), lonlat(shapely.difference(square, road)), noise_width_m=5.0).pieces
    changed = pieces[pieces["reason"] == CHANGE]
    assert changed["kind"].tolist() == [REMOVED]
    assert changed["area_m2"].sum() == pytest.approx(4000, rel=0.02)


def test_a_sliver_on_a_change_is_cut_off_it() -> None:
    """50 m × 100 m taken out at a corner, and 1 m along the rest of that edge."""
    square = block(0, 0, 1000, 1000)
    now = shapely.difference(square, shapely.union(block(0, 0, 50, 100), block(0, 0, 1, 1000)))
    pieces = compare_versions(lonlat(square), lonlat(now), noise_width_m=5.0).pieces
    sums = pieces.groupby("reason")["area_m2"].sum()
    assert sums[CHANGE] == pytest.approx(5000 + 5, abs=8)
    assert sums[NOISE] == pytest.approx(900 - 5, abs=8)


@given(seed=st.integers(0, 10_000), width_m=st.floats(2.0, 20.0))
def test_survey_noise_removes_and_adds_nothing(seed: int, width_m: float) -> None:
    """Every vertex moved by less than half the width: no piece is a change, and the sums come out."""
    rng = np.random.default_rng(seed)
    shape = shapely.union_all([block(0, 0, 900, 700), block(700, 500, 500, 600), block(2000, 0, 300, 300)])
    shape = shapely.difference(shape, block(200, 200, 150, 150))
    earlier = shapely.segmentize(shape, 97.0)

    def moved(xy: np.ndarray) -> np.ndarray:
        turn, far = rng.uniform(0, 2 * np.pi, len(xy)), rng.uniform(0, 0.49 * width_m, len(xy))
        step = np.column_stack([np.cos(turn) * far, np.sin(turn) * far])
        closes = (xy[:, None] == xy[None]).all(axis=2)
        return xy + step[closes.argmax(axis=1)]

    before, after = lonlat(earlier), lonlat(shapely.transform(earlier, moved))
    assert shapely.is_valid(after).all()
    changed = compare_versions(before, after, noise_width_m=width_m)
    assert (changed.pieces["reason"] == NOISE).all()
    sums = changed.pieces.groupby("kind")["area_m2"].sum()
    difference = float((geodesy.area_m2(after) - geodesy.area_m2(before))[0])
    assert sums.get(ADDED, 0.0) - sums.get(REMOVED, 0.0) == pytest.approx(difference, abs=0.01)


def test_pieces_agree_with_exact_overlay_in_the_plane() -> None:
    """Planar areas of the same pieces, by shapely alone, times the ellipsoid's share."""
    rng = np.random.default_rng(5)
    corner = np.array(ORIGIN)

    def blobs(count: int) -> list[shapely.Polygon]:
        return [shapely.Point(corner + rng.uniform(0, 3000, 2)).buffer(rng.uniform(100, 500)) for _ in range(count)]

    earlier, now = blobs(12), blobs(12)
    pieces = compare_versions(lonlat(*earlier), lonlat(*now), noise_width_m=5.0).pieces
    removed = shapely.difference(shapely.union_all(earlier), shapely.union_all(now)).area
    scale = float(geodesy.area_m2(lonlat(block(0, 0, 3000, 3000)))[0]) / 9e6
    assert pieces.loc[pieces["kind"] == REMOVED, "area_m2"].sum() == pytest.approx(removed * scale, rel=2e-5)


def test_stated_area_beside_that_of_the_geometry(county_folder: Path) -> None:
    """1 km² is stated as 1.5 of 甲; the others are stated right: the unit is found by the fit."""
    columns = {"redline_id": ["A", "B", "C"], "name": ["甲", "乙", "丙"], "QYMJ": [1.5, 0.91, 0.25]}
    shapes = [block(1000, 1000, 1000, 1000), RING, block(6000, 1000, 500, 500)]
    write_layer(county_folder, "redlines.gpkg", columns, shapes)
    report = checked(county_folder, "redline_area_misstated")
    rows = report.tables["redline_areas"].set_index("redline_id")
    assert rows.loc["A", "stated_unit"] == "km2"
    assert rows["difference_pct"].tolist() == pytest.approx([50, 0, 0], abs=0.1)
    told = [finding for _, finding in report.findings if finding.severity is Severity.WARNING]
    assert [finding.feature_id for finding in told] == ["A"]


def test_no_stated_area_is_told(county_folder: Path) -> None:
    report = checked(county_folder, "redline_area_misstated")
    assert [finding.severity for _, finding in report.findings] == [Severity.NOTE]
    assert report.tables["redline_areas"].empty


LANDUSE = """
[layers.landuse]
role = "landuse"
path = "landuse.gpkg"
key = "patch_id"
fields = { land_class = "DLBM" }
"""
EARLIER_LANDUSE = """
[layers.landuse.earlier]
path = "landuse_before.gpkg"
"""


def with_landuse(root: Path, *, has_earlier: bool) -> None:
    shapes = [block(1000, 1000, 100, 100), block(1100, 1000, 100, 100), block(1200, 1000, 100, 100)]
    for name, codes in (("landuse.gpkg", ["0601", "0301", "无"]), ("landuse_before.gpkg", ["0301", "0301", "0301"])):
        write_layer(root, name, {"patch_id": ["T1", "T2", "T3"], "DLBM": codes}, shapes)
    path = root / "layers" / "layers.toml"
    path.write_text(path.read_text("utf-8") + LANDUSE + (EARLIER_LANDUSE if has_earlier else ""), "utf-8")
    home = Path(__file__).parent.parent / "data"
    for name in ("land_classes.csv", "cover_definitions.csv", "cover_thresholds.csv"):
        (root / "data" / name).write_bytes((home / name).read_bytes())


def test_land_turned_to_construction(county_folder: Path) -> None:
    """A hectare of forest became an industrial site; a patch of an unknown code is told, not counted."""
    with_landuse(county_folder, has_earlier=True)
    report = checked(county_folder, "redline_turned_to_construction")
    rows = report.tables["redline_construction"]
    assert rows[["patch_id", "changed"]].to_numpy().tolist() == [["T1", "yes"]]
    assert rows["area_ha"].tolist() == pytest.approx([1.0], abs=1e-3)
    assert [finding.severity for _, finding in report.findings] == [Severity.WARNING, Severity.FAULT]
    assert "无" in report.findings[0][1].message.zh


def test_construction_without_an_earlier_land_use_is_no_fault(county_folder: Path) -> None:
    with_landuse(county_folder, has_earlier=False)
    report = checked(county_folder, "redline_turned_to_construction")
    assert report.tables["redline_construction"]["changed"].tolist() == ["unknown"]
    assert not report.is_faulty
