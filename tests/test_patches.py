"""Patches of the national survey: shares by hand, against shapely's overlay, codes and figures that cannot be."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import block, point, write_layer
from hypothesis import given
from hypothesis import strategies as st
from test_landcover import LANDUSE, checked, cover, declare, messages
from test_zonal import lonlat

from ecogeo import geodesy
from ecogeo.finding import Report, Severity
from ecogeo.landuse.book import read_land_book
from ecogeo.landuse.patches import tidy_code
from ecogeo.landuse.units import Units
from ecogeo.landuse.use import _repeated_m2
from ecogeo.workspace import sample_root

DATA = sample_root() / "data"
BOOK = read_land_book(DATA, DATA)


def patched(folder: Path, columns: dict[str, list[object]], shapes: list[object]) -> Report:
    """Declare a layer of patches and run the check on it."""
    declare(folder, LANDUSE)
    write_layer(folder, "landuse.gpkg", {"BSM": [f"B{row}" for row in range(len(shapes))], **columns}, shapes)
    return checked(folder, "land_use_share")


def rows_of(report: Report, unit: str) -> pd.DataFrame:
    rows = report.tables["landuse"].query("unit_name == @unit and definition == ''")
    return rows.set_index("class")


def square_m2(x: float, y: float, width: float, height: float) -> float:
    return float(geodesy.area_m2(lonlat(block(x, y, width, height)))[0])


def test_shares_worked_by_hand(county_folder: Path) -> None:
    """Two patches of a quarter of the county each, the first over the border of the towns; half has no patch."""
    shapes: list[object] = [block(2500, 0, 5000, 5000), block(0, 5000, 5000, 5000)]
    columns: dict[str, list[object]] = {"DLBM": ["0101", "0301"], "KCXS": [0.1, None], "TBMJ": [25e6, 25e6]}
    report = patched(county_folder, columns, shapes)
    county, west = rows_of(report, "方县"), rows_of(report, "西镇")
    assert county["share"].to_dict() == pytest.approx({"0101": 0.25, "0301": 0.25, "nodata": 0.5}, abs=1e-4)
    assert west["share"].to_dict() == pytest.approx({"0101": 0.25, "0301": 0.5, "nodata": 0.25}, abs=1e-4)
    assert west.loc["0101", "net_m2"] == pytest.approx(0.9 * west.loc["0101", "area_m2"], rel=1e-12)
    assert west.loc["0301", "net_m2"] == pytest.approx(west.loc["0301", "area_m2"], rel=1e-12)
    assert west.loc["0101", "stated_m2"] == pytest.approx(12.5e6, rel=1e-4)
    assert county["class_name"].to_dict() == {"0101": "水田", "0301": "乔木林地", "nodata": "无图斑"}
    assert county["patches"].tolist() == [1, 1, 0]
    wet = cover(report, "landuse", "方县", "三调03＋04，不含湿地类（")
    assert wet == pytest.approx((0.25, 0.5), abs=1e-4)
    bare = {finding.feature_name: finding.value for _, finding in report.findings}
    assert bare == pytest.approx({"方县": 0.5, "西镇": 0.25, "东镇": 0.75}, abs=1e-4)


def test_as_shapely_overlays_them(county_folder: Path) -> None:
    """Patches from a noisy mesh, cut along the border of the towns by another program."""
    rng = np.random.default_rng(11)
    points = shapely.MultiPoint(rng.uniform(0, 10_000, (300, 2)))
    whole = block(0, 0, 10_000, 10_000)
    corner = whole.bounds[:2]
    mesh = shapely.get_parts(shapely.voronoi_polygons(points))
    shapes = [shapely.intersection(shapely.transform(cell, lambda at: at + corner), whole) for cell in mesh]
    codes = rng.choice(["0101", "0103", "0301", "0404", "1101", "0702"], len(shapes)).tolist()
    report = patched(county_folder, {"DLBM": codes}, list(shapes))
    county = lonlat(block(0, 0, 5000, 10_000))[0]
    expected: dict[str, float] = {}
    for code, shape in zip(codes, lonlat(*shapes), strict=True):
        cut_m2 = float(geodesy.area_m2(np.array([shapely.intersection(shape, county)], dtype=object))[0])
        expected[code] = expected.get(code, 0.0) + cut_m2
    west = rows_of(report, "西镇")
    assert west.drop(index="nodata", errors="ignore")["area_m2"].to_dict() == pytest.approx(expected, rel=1e-7)
    assert west["share"].sum() == pytest.approx(1.0, abs=2e-6)
    assert west["net_m2"].isna().all(), "the file has no deduction"


def test_dirty_codes(county_folder: Path) -> None:
    written: list[object] = ["0101", " 0101K", "101", "１１０４Ａ", "0000", "无", None, "05h1", "03"]
    shapes: list[object] = [block(1000 * at, 1000, 1000, 1000) for at in range(len(written))]
    report = patched(county_folder, {"DLBM": written}, shapes)
    county = rows_of(report, "方县")
    assert list(county.index) == ["0101", "0101K", "03", "05H1", "1104A", "unknown", "nodata"]
    assert county.loc["unknown", "share"] == pytest.approx(0.03, abs=1e-4)
    assert county.loc["0101", "patches"] == 2
    said = messages(report)
    assert "1 patches have the unknown land class “0000”: B4" in said
    assert "“无”" in said
    assert "“(empty)”: B6" in said
    assert "1 patches had lost the leading zero" in said
    assert sum(finding.severity is Severity.FAULT for _, finding in report.findings) == 3
    grown = cover(report, "landuse", "方县", "三调03＋04，不含湿地类（")
    assert grown == pytest.approx((0.0, 0.95), abs=1e-4), "03 alone is too short to tell: with it, all but 5 may count"


def test_dirty_deductions_and_areas(county_folder: Path) -> None:
    """Deductions of 12 per cent written as 12, of 1, and none; areas in hectares, mu and km², off, and none."""
    shapes: list[object] = [block(1000 * at, 1000, 1000, 1000) for at in range(7)]
    columns: dict[str, list[object]] = {
        "DLBM": ["0101"] * 7,
        "KCXS": ["12", "1", "无", "0.1", "10%", "0.1", "多"],
        "TBMJ": [1e6, 100.0, 1500.0, 1.0, 1.2e6, None, 0.0],
    }
    report = patched(county_folder, columns, shapes)
    said = messages(report)
    assert "3 patches have a deduction that is not within 0 to 1; none was made: B0, B1, B6" in said
    assert "1 patches are cropland without a deduction, taken as 0: B2" in said
    assert (
        "1 patches state their area without a unit; it fits the geometry in hectares, not m², and was converted: B1"
        in said
    )
    assert (
        "1 patches state their area without a unit; it fits the geometry in mu, not m², and was converted: B2" in said
    )
    assert (
        "1 patches state their area without a unit; it fits the geometry in km², not m², and was converted: B3" in said
    )
    assert "1 patches state an area over 1% off that on the ellipsoid: B4" in said
    assert "2 patches state no area: B5, B6" in said
    row = rows_of(report, "方县").loc["0101"]
    net_m2 = sum(square_m2(1000 * at, 1000, 1000, 1000) * (0.9 if at in {3, 4, 5} else 1.0) for at in range(7))
    assert row["net_m2"] == pytest.approx(net_m2, rel=1e-9)
    assert row["stated_m2"] == pytest.approx(5.2e6, rel=1e-9)


def test_patches_that_overlap_are_told(county_folder: Path) -> None:
    shapes: list[object] = [block(0, 0, 10_000, 10_000), block(1000, 1000, 100, 100)]
    report = patched(county_folder, {"DLBM": ["0301", "0101"]}, shapes)
    told = [finding for _, finding in report.findings if "overlap" in finding.message.en]
    assert [finding.feature_name for finding in told] == ["方县", "西镇"]
    assert report.findings[0][1].value == pytest.approx(square_m2(1000, 1000, 100, 100), abs=0.5)


def test_an_overlap_hides_no_ground_without_a_patch(county_folder: Path) -> None:
    """A quarter of the county twice, by two patches: three quarters have none, and a quarter is told."""
    quarter = block(0, 0, 5000, 5000)
    report = patched(county_folder, {"DLBM": ["0301", "0101"]}, [quarter, quarter])
    rows = rows_of(report, "方县")
    assert rows["share"].to_dict() == pytest.approx({"0101": 0.25, "0301": 0.25, "nodata": 0.75}, abs=1e-4)
    assert report.findings[0][1].value == pytest.approx(square_m2(0, 0, 5000, 5000), rel=1e-4)
    assert report.findings[0][1].severity is Severity.FAULT


@given(
    at=st.lists(st.tuples(*[st.integers(0, 9)] * 2, *[st.integers(1, 4)] * 2), min_size=1, max_size=8),
)
def test_ground_counted_twice_as_cells_tell_it(at: list[tuple[int, int, int, int]]) -> None:
    """Boxes on a lattice of 14 × 14, some over others: what is counted twice is what the cells tell."""
    counts = np.zeros((14, 14), dtype=int)
    for x, y, width, height in at:
        counts[x : x + width, y : y + height] += 1
    shapes = np.array(
        [shapely.box(109 + x / 100, 24 + y / 100, 109 + (x + w) / 100, 24 + (y + h) / 100) for x, y, w, h in at]
    )
    ground = np.array([shapely.box(108.9, 23.9, 109.3, 24.3)])
    area_m2 = geodesy.area_m2(shapes)
    pieces = pd.DataFrame({"position": 0, "patch": np.arange(len(shapes)), "area_m2": area_m2})
    units = Units(pd.DataFrame({"unit_id": ["1"]}), ground, geodesy.area_m2(ground))
    cell_m2 = [
        float(geodesy.area_m2(np.array([shapely.box(109, 24 + row / 100, 109.01, 24.01 + row / 100)]))[0])
        for row in range(14)
    ]
    expected = float((np.maximum(counts - 1, 0) * np.array(cell_m2)).sum())
    assert _repeated_m2(units, shapes, pieces)[0] == pytest.approx(expected, abs=1.0)


def test_features_that_are_no_polygons_are_told(county_folder: Path) -> None:
    report = patched(county_folder, {"DLBM": ["0301", "0301"]}, [block(0, 0, 1000, 1000), point(5, 5)])
    assert "1 features are no polygons and do not count: B1" in messages(report)
    assert rows_of(report, "西镇").loc["0301", "patches"] == 1


def test_fields_by_their_declared_names(county_folder: Path) -> None:
    named = LANDUSE + 'fields = { land_class = "code", deduction = "less", stated_area_m2 = "said" }\n'
    declare(county_folder, named)
    columns: dict[str, list[object]] = {"BSM": ["1"], "code": [1101.0], "less": [0.0], "said": [1e6]}
    write_layer(county_folder, "landuse.gpkg", columns, [block(0, 0, 1000, 1000)])
    report = checked(county_folder, "land_use_share")
    assert rows_of(report, "西镇").loc["1101", "class_name"] == "河流水面"
    assert all("has no patch" in finding.message.en for _, finding in report.findings)


def test_codes_of_the_second_survey_are_not_given_a_zero(county_folder: Path) -> None:
    """102 is 公路用地 there, 0102 水浇地 here; 011 is no code here at all, so 301 without a name is unknown too."""
    written: dict[str, list[object]] = {
        "DLBM": ["011", "102", "301", "301"],
        "DLMC": ["水田", "公路用地", "乔木林地", None],
    }
    report = patched(county_folder, written, [block(1000 * number, 0, 1000, 1000) for number in range(4)])
    county = rows_of(report, "方县")
    assert county["share"].to_dict() == pytest.approx({"0301": 0.01, "unknown": 0.03, "nodata": 0.96}, abs=1e-4)
    said = messages(report)
    assert "1 patches have a land class of three digits, “102”" in said
    assert "1 patches have a land class of three digits, “301”" in said
    assert "1 patches had lost the leading zero" in said


def test_without_land_classes_the_field_is_asked_for(county_folder: Path) -> None:
    from ecogeo.check import choose_checks, run_checks
    from ecogeo.workspace import open_workspace

    declare(county_folder, LANDUSE)
    write_layer(county_folder, "landuse.gpkg", {"BSM": ["1"]}, [block(0, 0, 1000, 1000)])
    report = run_checks(open_workspace(county_folder), choose_checks(["land_use_share"]))
    assert report.runs[0].crash is not None
    assert "land_class" in report.runs[0].crash.en


@given(st.text(max_size=8))
def test_no_text_breaks_the_codes(word: str) -> None:
    code, base = tidy_code(word, BOOK)
    assert (code == "") == (base == "")
    assert code.startswith(base)
    assert tidy_code(code, BOOK) == (code, base), "tidying twice changes nothing"


def test_every_definition_names_classes_that_exist() -> None:
    codes = set(BOOK.patch_classes)
    for one in BOOK.definitions_of("dlbm"):
        for member in one.members:
            assert any(code.startswith(member.lstrip("-")) for code in codes), (one.wording.zh, member)
    for one in BOOK.definitions_of("cover"):
        assert set(one.members) <= set(BOOK.kinds.values()), one.wording.zh
    assert all(one.source and one.checked for one in (*BOOK.definitions, *BOOK.thresholds))


def test_the_faults_drawn_into_the_sample_are_found() -> None:
    """One of each, as layers/README.md lists them; the patches divide the county without gap or overlap."""
    report = checked(sample_root(), "land_use_share")
    said = messages(report)
    assert len(report.findings) == 4
    for words in ("unknown land class “0000”", "not within 0 to 1", "in hectares", "over 1% off"):
        assert words in said
    county = rows_of(report, "柳江区")
    assert "nodata" not in county.index
    assert county.loc["0201K", "patches"] == 1
    assert county["share"].sum() == pytest.approx(1.0, abs=1e-6)
