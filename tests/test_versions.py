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


def test_reserves_of_two_versions(county_folder: Path) -> None:
    """A strip of 100 m × 1000 m was taken out of a reserve, and one of 40 m × 1000 m put in elsewhere."""
    path = county_folder / "layers" / "layers.toml"
    layer = '\n[layers.reserves]\nrole = "reserves"\npath = "now.gpkg"\nkey = "id"\nname = "name"\n'
    earlier = '[layers.reserves.earlier]\npath = "before.gpkg"\n'
    path.write_text(path.read_text("utf-8") + layer + earlier, "utf-8")
    columns: dict[str, list[object]] = {"id": ["N1"], "name": ["保护地"]}
    write_layer(county_folder, "before.gpkg", columns, [block(3000, 3000, 1000, 1000)])
    write_layer(county_folder, "now.gpkg", columns, [block(3100, 3000, 940, 1000)])
    report = checked(county_folder, "reserve_reduced")
    county = report.tables["reserve_balance"].iloc[0]
    assert [county["removed_m2"], county["added_m2"]] == pytest.approx([100_000, 40_000], rel=1e-3)
    (fault,) = [one for _, one in report.findings if one.severity is Severity.FAULT]
    assert fault.value == pytest.approx(6.0, rel=1e-3)
    assert fault.message.zh.startswith("全区自然保护地面积减少")


def test_what_only_the_survey_lost_is_no_fault(county_folder: Path) -> None:
    """Along 甲, 2 m × 999 m are gone in the north and 1 m × 1000 m came in the west."""
    with_earlier(county_folder, [block(1001, 1000, 999, 1002), RING], ["甲", "乙"])
    report = checked(county_folder)
    assert report.tables["redline_balance"]["reduced"].tolist()[0] == "by noise only"
    assert not report.is_faulty
    assert report.tables["redline_changes"].query("reason == 'change'").empty


def test_noise_makes_up_for_nothing_taken_out(county_folder: Path) -> None:
    """20 m × 10 m are gone from the south edge, 1 m × 1000 m of noise came in the east: larger, and reduced."""
    hole = block(1400, 1000, 20, 10)
    write_layer(
        county_folder,
        "redlines.gpkg",
        {"redline_id": ["A"], "name": ["甲"]},
        [shapely.difference(block(1000, 1000, 1001, 1000), hole)],
    )
    with_earlier(county_folder, [block(1000, 1000, 1000, 1000)], ["甲"])
    report = checked(county_folder)
    county = report.tables["redline_balance"].iloc[0]
    assert county["reduced"] == "yes"
    assert county["pieces_change_m2"] == pytest.approx(-200, abs=0.5)
    assert county["noise_change_m2"] == pytest.approx(1000, abs=1)
    assert county["change_m2"] == pytest.approx(800, abs=1)
    (fault,) = [finding for _, finding in report.findings if finding.severity is Severity.FAULT]
    assert fault.value == pytest.approx(0.02, abs=1e-4)
    assert "+0.1000 ha apart, the versions differ by +0.0800 ha" in fault.message.en


def test_a_line_moved_inwards_is_no_survey_noise(county_folder: Path) -> None:
    """2 m less all round a square of a kilometre: 4 × 1000 m × 2 m - 4 × 2 m × 2 m."""
    write_layer(county_folder, "redlines.gpkg", {"redline_id": ["A"], "name": ["甲"]}, [block(1002, 1002, 996, 996)])
    with_earlier(county_folder, [block(1000, 1000, 1000, 1000)], ["甲"])
    report = checked(county_folder)
    assert report.tables["redline_balance"]["reduced"].tolist()[:2] == ["shifted one way"] * 2
    warning = report.findings[1][1]
    assert warning.severity is Severity.WARNING
    assert warning.value == pytest.approx(0.7984, abs=2e-3)
    assert "moved one way" in warning.message.en
    assert not report.is_faulty


def test_ground_handed_to_another_unit_is_told_as_such(county_folder: Path) -> None:
    """Half of 甲 is 丁 now: nothing left the red lines."""
    halves = [block(1000, 1000, 500, 1000), block(1500, 1000, 500, 1000)]
    write_layer(county_folder, "redlines.gpkg", {"redline_id": ["A", "D"], "name": ["甲", "丁"]}, halves)
    with_earlier(county_folder, [block(1000, 1000, 1000, 1000)], ["甲"])
    report = checked(county_folder)
    balance = report.tables["redline_balance"].set_index(["level", "name"])
    assert balance.loc[("unit", "甲"), "reduced"] == "to another unit"
    assert balance.loc[("unit", "甲"), "to_other_units_m2"] == pytest.approx(5e5, rel=1e-3)
    assert balance.loc[("unit", "丁"), "from_other_units_m2"] == pytest.approx(5e5, rel=1e-3)
    assert balance.loc[("county", "county"), "reduced"] == "no"
    assert "went to other units" in report.findings[1][1].message.en


def test_red_lines_without_ground_leave_it_open(county_folder: Path) -> None:
    with_earlier(county_folder, [block(1000, 1000, 1000, 1000).boundary], ["甲"])
    report = checked(county_folder)
    assert set(report.tables["redline_balance"]["reduced"]) == {"undetermined"}
    assert "nobody can tell" in report.findings[0][1].message.en
    assert report.is_faulty


def test_points_in_both_versions_leave_it_open(county_folder: Path) -> None:
    spot = shapely.Point(ORIGIN)
    write_layer(county_folder, "redlines.gpkg", {"redline_id": ["A"], "name": ["甲"]}, [spot])
    with_earlier(county_folder, [spot], ["甲"])
    report = checked(county_folder)
    assert report.runs[0].status == "run"
    assert report.tables["redline_balance"]["reduced"].tolist() == ["undetermined"]
    assert sum("nobody can tell" in finding.message.en for _, finding in report.findings) == 2


def test_areas_of_changes_are_numbers(county_folder: Path) -> None:
    """With no noise to put together the columns stay numbers, and are rounded when written."""
    with_earlier(county_folder, [block(1000, 1000, 1000, 1100), RING], ["甲", "乙"])
    assert checked(county_folder).tables["redline_changes"]["area_m2"].dtype == float


def test_a_piece_that_rounds_to_nothing_is_no_change() -> None:
    """A hole of 5 cm × 5 cm in the middle: 0.0025 m²."""
    square = block(0, 0, 1000, 1000)
    now = shapely.difference(square, block(500, 500, 0.05, 0.05))
    pieces = compare_versions(lonlat(square), lonlat(now), noise_width_m=5.0).pieces
    assert pieces["reason"].tolist() == [NOISE]


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


def test_stated_areas_in_words_and_in_none(county_folder: Path) -> None:
    """A hectare is stated as 1公顷 and 15亩, wrongly as 2公顷; 不详, an empty cell and -1 state no area."""
    shapes = [block(1000 * number, 1000, 100, 100) for number in range(1, 7)]
    stated = ["1公顷", "15亩", "2公顷", "不详", "", "-1"]
    columns = {"redline_id": list("ABCDEF"), "name": ["甲"] * 6, "MJ": stated}
    write_layer(county_folder, "redlines.gpkg", columns, shapes)
    report = checked(county_folder, "redline_area_misstated")
    rows = report.tables["redline_areas"]
    assert rows["stated_ha"].tolist() == pytest.approx([1, 1, 2, np.nan, np.nan, np.nan], nan_ok=True)
    unread, off = [finding for _, finding in report.findings]
    assert unread.message.en.endswith("D (不详), E (empty), F (-1)")
    assert off.feature_id == "C"
    assert not any("nan" in finding.message.en for _, finding in report.findings)


def test_stated_areas_of_mixed_units(county_folder: Path) -> None:
    """3 ha each, in m², ha, 亩 and km², with the unit written; and 9, which fits in none."""
    shapes = [block(1000 * number, 1000, 300, 100) for number in range(1, 8)]
    stated = ["30000", "3", "45", "0.03", "3公顷", "3", "9"]
    columns = {"redline_id": list("ABCDEFG"), "name": ["甲"] * 7, "MJ": stated}
    write_layer(county_folder, "redlines.gpkg", columns, shapes)
    report = checked(county_folder, "redline_area_misstated")
    rows = report.tables["redline_areas"].set_index("redline_id")
    assert rows["stated_unit"].tolist()[:6] == ["m2", "ha", "mu", "km2", "as written", "ha"]
    assert rows["stated_ha"].tolist()[:6] == pytest.approx([3] * 6)
    mixed = [one.message.en for _, one in report.findings if "mixes units" in one.message.en]
    assert len(mixed) == 1
    for part in ("A (30000 m2)", "C (45 mu)", "D (0.03 km2)"):
        assert part in mixed[0]
    assert any("G" in one.message.en and "9" in one.message.en for _, one in report.findings)


def test_a_figure_that_fits_no_unit_is_no_area(county_folder: Path) -> None:
    columns = {"redline_id": ["A"], "name": ["甲"], "MJ": [77.0]}
    write_layer(county_folder, "redlines.gpkg", columns, [block(1000, 1000, 100, 100)])
    findings = [finding for _, finding in checked(county_folder, "redline_area_misstated").findings]
    assert [finding.severity for finding in findings] == [Severity.NOTE, Severity.WARNING]
    assert "A (77" in findings[1].message.en
    assert "nan" not in findings[1].message.en


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


def test_land_classes_by_their_standard_field_and_first_level(county_folder: Path) -> None:
    """Undeclared DLBM: 07 is all construction, 10 only in part, 03 not at all."""
    with_landuse(county_folder, has_earlier=True)
    shapes = [block(1000, 1000, 100, 100), block(1100, 1000, 100, 100), block(1200, 1000, 100, 100)]
    columns = {"patch_id": ["T1", "T2", "T3"], "DLBM": ["07", "10", "03"]}
    write_layer(county_folder, "landuse.gpkg", columns, shapes)
    path = county_folder / "layers" / "layers.toml"
    path.write_text(path.read_text("utf-8").replace('fields = { land_class = "DLBM" }\n', ""), "utf-8")
    report = checked(county_folder, "redline_turned_to_construction")
    assert report.tables["redline_construction"][["patch_id", "changed"]].to_numpy().tolist() == [["T1", "yes"]]
    (told,) = [finding for _, finding in report.findings if finding.severity is Severity.WARNING]
    assert "codes 10," in told.message.en


def test_noise_on_the_border_of_two_units() -> None:
    """Two squares that share a border, the left one redrawn 1 m short of it: 1000 m² of noise, no change."""
    before = lonlat(block(0, 0, 1000, 1000), block(1000, 0, 1000, 1000))
    now = lonlat(block(0, 0, 999, 1000), block(1000, 0, 1000, 1000))
    pieces = compare_versions(before, now, noise_width_m=5.0).pieces
    pieces = pieces[pieces["area_m2"] > 1]
    assert pieces[["kind", "reason"]].to_numpy().tolist() == [[REMOVED, NOISE]]
    assert pieces["area_m2"].tolist() == pytest.approx([1000], rel=2e-3)


def test_a_narrow_unit_that_is_gone_is_removed_and_one_that_moved_is_noise() -> None:
    """A strip of 4 m by 1000 m: 4000 m² taken out; the same strip 4.5 m farther north only moved."""
    strip, square = block(0, 3000, 1000, 4), block(0, 0, 1000, 1000)
    before = lonlat(strip, square)
    gone = compare_versions(before, lonlat(square), noise_width_m=5.0).pieces
    assert gone[["kind", "reason"]].to_numpy().tolist() == [[REMOVED, CHANGE]]
    assert gone["area_m2"].tolist() == pytest.approx([4000], rel=2e-3)
    moved = compare_versions(before, lonlat(block(0, 3004.5, 1000, 4), square), noise_width_m=5.0).pieces
    assert REMOVED not in set(moved.loc[moved["reason"] == CHANGE, "kind"])


def test_a_county_that_has_no_red_line_left(county_folder: Path) -> None:
    """has_none of now says nothing of before: the square kilometre is taken out, a fault."""
    with_earlier(county_folder, [block(1000, 1000, 1000, 1000)], ["甲"])
    path = county_folder / "layers" / "redlines.gpkg"
    gpd.read_file(path).iloc[:0].to_file(path)
    toml = county_folder / "layers" / "layers.toml"
    toml.write_text(
        toml.read_text("utf-8").replace("[layers.redlines]\n", "[layers.redlines]\nhas_none = true\n"), "utf-8"
    )
    report = checked(county_folder)
    row = report.tables["redline_balance"].iloc[0]
    assert row["reduced"] == "yes"
    assert row["removed_m2"] == pytest.approx(1e6, rel=2e-3)
    assert [finding.value for _, finding in report.findings if finding.severity is Severity.FAULT] == [
        pytest.approx(100, rel=2e-3)
    ]


def test_land_of_unknown_use_before_and_survey_noise_turned_to_nothing(county_folder: Path) -> None:
    """A patch 1 m wider than before is noise of 100 m²; one where there was no patch before is unknown."""
    with_landuse(county_folder, has_earlier=True)
    names = ["patch_id", "DLBM"]
    before = [block(1000, 1000, 100, 100), block(1100, 1000, 100, 100)]
    now = [block(1000, 1000, 101, 100), block(1500, 1500, 100, 100)]
    root = county_folder
    write_layer(root, "landuse_before.gpkg", dict(zip(names, (["E1", "E2"], ["0601", "0301"]), strict=True)), before)
    write_layer(root, "landuse.gpkg", dict(zip(names, (["T1", "T2"], ["0601", "0601"]), strict=True)), now)
    report = checked(county_folder, "redline_turned_to_construction")
    rows = report.tables["redline_construction"]
    area = rows.groupby("changed")["area_m2"].sum().to_dict()
    assert area == pytest.approx({"no": 10_000, "survey noise": 100, "unknown": 10_000}, rel=5e-3)
    assert not [finding for _, finding in report.findings if finding.severity is Severity.FAULT]


def test_a_unit_split_anew_loses_nothing() -> None:
    """One square of a kilometre becomes two halves; every 20 m the cut is drawn up to 1 m off, for each half anew."""
    rng = np.random.default_rng(1)
    north = np.arange(0.0, 1001.0, 20.0)
    cuts = [np.column_stack([500 + rng.uniform(-1, 1, len(north)), north]) for _ in range(2)]
    west = shapely.Polygon([*cuts[0], (0, 1000), (0, 0)])
    east = shapely.Polygon([*cuts[1], (1000, 1000), (1000, 0)])
    plane = geodesy.local_plane(109.0)
    earlier, *now = plane.to_lonlat(np.array([shapely.box(0, 0, 1000, 1000), west, east], dtype=object))
    lost_m2 = shapely.box(0, 0, 1000, 1000).difference(west.union(east)).area
    assert lost_m2 > 100
    pieces = compare_versions(np.array([earlier]), np.array(now), noise_width_m=5.0).pieces
    assert set(pieces["reason"]) == {NOISE}
    assert pieces["area_m2"].sum() == pytest.approx(lost_m2, rel=1e-3)


def test_a_strip_that_parts_a_unit_in_two_is_a_change() -> None:
    """A lane of 4 m and 1 km through the middle leaves two features: 4000 m² are gone, less 20 at either end."""
    plane = geodesy.local_plane(109.0)
    shapes = [shapely.box(0, 0, 1000, 1000), shapely.box(0, 0, 498, 1000), shapely.box(502, 0, 1000, 1000)]
    earlier, *now = plane.to_lonlat(np.array(shapes, dtype=object))
    pieces = compare_versions(np.array([earlier]), np.array(now), noise_width_m=5.0).pieces
    changed = pieces[pieces["reason"] == CHANGE]
    assert changed["area_m2"].sum() == pytest.approx(4000, rel=0.02)


@pytest.mark.parametrize("field", ["HXMJ", "红线面积", "MIANJI", "红线面积（公顷）"])
def test_names_of_area_fields(county_folder: Path, field: str) -> None:
    """The square of the small county is a square kilometre; 100 ha are stated."""
    path = county_folder / "layers" / "redlines.gpkg"
    frame = gpd.read_file(path)
    frame.assign(**{field: ["100"] * len(frame)}).to_file(path)
    rows = checked(county_folder, "redline_area_misstated").tables["redline_areas"]
    assert set(rows["field"]) == {field}
    assert rows["stated_ha"].tolist()[0] == pytest.approx(100)
