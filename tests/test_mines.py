"""Mines: squares of the small county, their words clean and dirty."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import INDICATOR_HEAD, block, point, write_layer
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.check import choose_checks, run_checks
from ecogeo.finding import Report, Severity
from ecogeo.mines import Part, State, is_green, part_of, read_area_m2, says_nothing, state_of
from ecogeo.workspace import open_workspace

MINES = """
[layers.mines]
role = "mines"
path = "mines.gpkg"
key = "part_id"
name = "name"
fields = { mine = "mine_id", zone = "state" }
"""


def with_mines(
    root: Path, rows: list[tuple[str, str, str, object, str, shapely.Geometry]], **more: list[object]
) -> None:
    names = ("mine_id", "state", "part", "is_green", "name")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    columns |= {"part_id": [f"P{number + 1}" for number in range(len(rows))], **more}
    write_layer(root, "mines.gpkg", columns, [row[5] for row in rows])
    path = root / "layers" / "layers.toml"
    path.write_text(path.read_text("utf-8") + MINES, "utf-8")


def checked(root: Path, *names: str) -> Report:
    return run_checks(open_workspace(root), choose_checks(names or ("mine_not_restored",)))


FOUR = [
    ("K1", "历史遗留", "扰动", None, "甲矿", block(1900, 1000, 200, 100)),
    ("K1", "历史遗留", "已修复", None, "甲矿", block(1900, 1100, 200, 300)),
    ("K2", "有责任主体", "扰动", None, "乙矿", block(6000, 1000, 100, 100)),
    ("K2", "有责任主体", "已治理", None, "乙矿", block(6000, 1100, 100, 100)),
    ("K3", "闭坑", "已修复", None, "丙矿", block(7000, 1000, 100, 100)),
    ("K4", "在产", "扰动", "是", "丁矿", block(8000, 1000, 100, 100)),
    ("K5", "在产", "扰动", "否", "戊矿", block(9000, 1000, 100, 100)),
]


def test_rates_by_state(county_folder: Path) -> None:
    """甲 6 of 8 ha restored, 乙 1 of 2, 丙 all, 丁 and 戊 producing, one of them green."""
    with_mines(county_folder, FOUR)
    report = checked(county_folder)
    states = report.tables["mine_states"]
    assert states["reached_pct"].tolist() == pytest.approx([75, 50, 100, 0, 50], abs=1e-3)
    assert states["met"].tolist() == ["yes", "no", "yes", "", "no"]
    mines = report.tables["mines"].set_index("mine_id")
    assert mines["to_restore_ha"].tolist() == pytest.approx([8, 2, 1, 1, 1], rel=1e-3)
    assert mines["town"].tolist() == ["西镇", "东镇", "东镇", "东镇", "东镇"]
    assert mines["is_green"].tolist() == ["", "", "", "yes", "no"]
    told = [finding.message.en for _, finding in report.findings]
    assert len(told) == 2
    assert all("桂林市" in text for text in told), "the targets are another city's, and say so"
    assert not report.is_faulty


def test_the_figures_of_guilin(county_folder: Path) -> None:
    """2641 ha = 1011 liable + 1630 legacy, drawn as blocks, restored to the letter of the targets."""
    rows = [
        ("L", "有责任主体", "扰动", None, "主体", block(0, 0, 1011, 4000)),
        ("L", "有责任主体", "已修复", None, "主体", block(0, 4000, 1011, 6000)),
        ("G", "历史遗留", "扰动", None, "遗留", block(2000, 0, 1630, 3000)),
        ("G", "历史遗留", "已修复", None, "遗留", block(2000, 3000, 1630, 7000)),
    ]
    with_mines(county_folder, rows)
    report = checked(county_folder)
    states = report.tables["mine_states"].set_index("state").drop(index="在产")
    assert states.loc[["有责任主体", "历史遗留"], "to_restore_ha"].tolist() == pytest.approx([1011, 1630], rel=1e-3)
    assert states["to_restore_ha"].sum() == pytest.approx(2641, rel=1e-3)
    assert states.loc[["有责任主体", "历史遗留"], "reached_pct"].tolist() == pytest.approx([60, 70], abs=2e-3)


def test_dirty_words_are_told_and_never_counted(county_folder: Path) -> None:
    rows = [
        ("K1", "无", "扰动", None, "甲矿", block(1000, 1000, 100, 100)),
        ("K2", "关停", "扰动", None, "乙矿", block(2000, 1000, 100, 100)),
        ("K3", "历史遗留", "扰动", None, "丙矿", block(3000, 1000, 100, 100)),
        ("K3", "闭坑", "已修复", None, "丙矿", block(3100, 1000, 100, 100)),
        ("K4", "历史遗留", "在建", None, "丁矿", block(4000, 1000, 100, 100)),
        ("K4", "历史遗留", "已修复", None, "丁矿", block(4050, 1000, 100, 100)),
        ("K4", "历史遗留", "扰动", None, "丁矿", block(4100, 1000, 100, 100)),
        ("K5", "在产", "扰动", "创建中", "戊矿", block(5000, 1000, 100, 100)),
        ("K6", "在产", "扰动", "是", "己矿", block(5090, 1000, 100, 100)),
    ]
    with_mines(county_folder, rows)
    report = checked(county_folder)
    states = report.tables["mine_states"].set_index(["state", "measure"])
    assert states.loc[("unknown", "restored area"), "mines"] == 3
    assert states.loc[("历史遗留", "restored area"), "mines"] == 1
    own = report.tables["mines"].set_index("mine_id").loc["K4"]
    assert [own["disturbed_ha"], own["restored_ha"], own["unclear_ha"]] == pytest.approx([1, 0.5, 0.5], rel=1e-3)
    texts = "\n".join(finding.message.en for _, finding in report.findings)
    for part in (
        "its state “无” says nothing",
        "its state “关停” is none of",
        "its parts name different states: 历史遗留、闭坑",
        "called neither disturbed nor restored",
        "called disturbed and restored",
        "not told whether it is a green mine",
        "戊矿 and 己矿 overlap by 0.1",
    ):
        assert part in texts


def test_points_and_mines_without_a_number(county_folder: Path) -> None:
    """A mine held as a point has no ground; two features without a number are two mines."""
    rows = [
        ("K1", "闭坑", "扰动", None, "甲矿", point(1000, 1000)),
        ("", "闭坑", "扰动", None, "乙矿", block(2000, 1000, 100, 100)),
        ("", "闭坑", "已修复", None, "丙矿", block(3000, 1000, 100, 100)),
    ]
    with_mines(county_folder, rows)
    report = checked(county_folder, "mine_not_restored", "mine_on_protected_ground")
    assert [run.status for run in report.runs] == ["run", "run"]
    mines = report.tables["mines"].set_index("mine_name")
    assert mines["to_restore_ha"].to_dict() == pytest.approx({"甲矿": 0, "乙矿": 1, "丙矿": 1}, rel=1e-3)
    assert "no polygons" in report.findings[0][1].message.en


def test_stated_areas_in_mixed_units(county_folder: Path) -> None:
    """A hectare each: 1公顷, 15亩, 0.01km²; bare 1, 15, 10,000, 0.01; 7 that fits in no unit, 无, and 2公顷, wrong."""
    words: list[object] = ["1公顷", "15亩", "0.01km²", "1", "15", "10,000", "0.01", "7", "无", "2公顷"]
    rows = [(f"K{number}", "闭坑", "扰动", None, "矿", block(500 * number, 0, 100, 100)) for number in range(1, 11)]
    with_mines(county_folder, rows, stated_area=words)
    report = checked(county_folder)
    stated = report.tables["mines"].set_index("mine_id")["stated_ha"]
    assert stated[[f"K{number}" for number in range(1, 8)]].tolist() == pytest.approx([1] * 7)
    assert stated[["K8", "K9", "K10"]].tolist() == pytest.approx([np.nan, np.nan, 2], nan_ok=True)
    told = [(one.feature_id, one.message.en) for _, one in report.findings if "stated area" in one.message.en]
    assert [number for number, _ in told] == ["", "P8", "P9", "P10"]
    assert "4 stated areas have no unit" in told[0][1]
    assert "P4 (1 ha), P5 (15 mu), P6 (10,000 m2), P7 (0.01 km2)" in told[0][1]
    assert "fits the geometry in none" in told[1][1]
    assert "is not given" in told[2][1]
    assert "over 10 % off" in told[3][1]


def test_protected_ground_under_mines(county_folder: Path) -> None:
    """甲 reaches 100 m into red line A: 100 m × 400 m; a shoreline of 1000 m crosses 庚 for 50 m."""
    with_mines(county_folder, [*FOUR, ("K7", "闭坑", "扰动", None, "庚矿", block(200, 6980, 50, 40))])
    report = checked(county_folder, "mine_on_protected_ground")
    rows = report.tables["mine_overlaps"].set_index(["mine_id", "layer", "zone_id"])
    assert rows.loc[("K1", "redlines", "A"), "overlap_ha"] == pytest.approx(4, rel=1e-3)
    assert rows.loc[("K7", "shorelines", "S1"), "length_m"] == pytest.approx(50, rel=1e-3)
    assert len(rows) == 2
    notes = [finding.message.en for _, finding in report.findings if finding.severity is Severity.NOTE]
    assert any("no layer for reserves" in text for text in notes)


def test_overlaps_agree_with_exact_overlay(county_folder: Path) -> None:
    """The same areas in the plane by geopandas, times the ellipsoid's share at the place."""
    with_mines(county_folder, FOUR)
    mines, redlines = (gpd.read_file(county_folder / "layers" / f"{name}.gpkg") for name in ("mines", "redlines"))
    exact = gpd.overlay(mines.dissolve("mine_id", as_index=False), redlines).area.sum()
    found = checked(county_folder, "mine_on_protected_ground").tables["mine_overlaps"]
    assert found.loc[found["layer"] == "redlines", "overlap_m2"].sum() == pytest.approx(exact, rel=1e-3)
    assert isinstance(found, pd.DataFrame)


@pytest.mark.parametrize(("text", "state"), [("历史遗留矿山", State.LEGACY), (" 在 产", State.PRODUCING), ("——", None)])
def test_states(text: str, state: State | None) -> None:
    assert state_of(text) is state


@given(text=st.text(max_size=12))
def test_no_text_breaks_the_reading(text: str) -> None:
    area = read_area_m2(text)
    assert area is None or area >= 0
    assert state_of(text) in {*State, None}
    assert part_of(text) in {*Part, None}
    assert is_green(text) in {True, False, None}
    assert not (says_nothing(text) and state_of(text))


@given(hundredths=st.integers(0, 10_000_000), unit=st.sampled_from([("公顷", 1e4), ("平方米", 1.0), ("km2", 1e6)]))
def test_areas_are_read_to_the_digit(hundredths: int, unit: tuple[str, float]) -> None:
    name, size = unit
    assert read_area_m2(f"{hundredths / 100:.2f} {name}") == pytest.approx(hundredths / 100 * size, rel=1e-12)


MINE_PLAN_ROWS = ("7,,领域,任务,历史遗留矿山生态修复面积比,%,≥80,>=,80,90,90,2022,,,binding,某局,",)


def with_mine_plan(root: Path, area: str) -> None:
    text = "\n".join([INDICATOR_HEAD, *MINE_PLAN_ROWS]) + "\n"
    (root / "data" / "plan" / "indicators.csv").write_text(text, "utf-8-sig")
    (root / "data" / "plan" / "plan.toml").write_text(f'title = "规划"\narea = "{area}"\n', "utf-8")


@pytest.mark.parametrize(("area", "target_pct", "met"), [("方县", 80, "no"), ("别县", 70, "yes")])
def test_target_of_the_own_plan_goes_first(county_folder: Path, area: str, target_pct: float, met: str) -> None:
    """甲 has 6 of 8 ha restored, 75 %: above the 70 of 桂林, below the 80 of the county's own plan."""
    with_mines(county_folder, FOUR)
    with_mine_plan(county_folder, area)
    report = checked(county_folder)
    legacy = report.tables["mine_states"].iloc[0]
    assert (legacy["target_pct"], legacy["met"], bool(legacy["target_plan"])) == (target_pct, met, met == "no")
    told = [finding for _, finding in report.findings if finding.feature_name == "历史遗留"]
    assert [finding.severity for finding in told] == [Severity.FAULT] * (met == "no")
    assert all("below 80% (the target of the county's plan" in finding.message.en for finding in told)


def test_mines_of_no_known_state_have_no_rate(county_folder: Path) -> None:
    with_mines(county_folder, [("K1", "无", "已修复", None, "甲矿", block(1000, 1000, 100, 100))])
    states = checked(county_folder).tables["mine_states"].set_index("state")
    assert pd.isna(states.loc["unknown", "reached_pct"])
    assert states.loc["unknown", "restored_ha"] == pytest.approx(1, rel=1e-3)


def test_a_rate_just_below_its_target_looks_below_it(county_folder: Path) -> None:
    """699.998 of 1000 m are 69.9998 %, not 70.00."""
    rows = [
        ("K1", "历史遗留", "扰动", None, "甲矿", block(1699.998, 1000, 300.002, 100)),
        ("K1", "历史遗留", "已修复", None, "甲矿", block(1000, 1000, 699.998, 100)),
    ]
    with_mines(county_folder, rows)
    texts = [finding.message.en for _, finding in checked(county_folder).findings if finding.unit == "%"]
    assert len(texts) == 1
    assert "69.99" in texts[0]


def test_restored_share_beside_what_the_plan_reports(county_folder: Path) -> None:
    """甲: 6 of 8 ha, 75 %; the plan reports 90 and asks for 80."""
    with_mines(county_folder, FOUR)
    with_mine_plan(county_folder, "方县")
    row = checked(county_folder, "spatial_indicator").tables["indicators"].iloc[0]
    values = row[["measured_value", "reported_value", "difference_value"]].astype(float).tolist()
    assert values == pytest.approx([75, 90, -15], abs=1e-3)
    assert row["denominator_m2"] == pytest.approx(80_000, rel=1e-3)
    assert row["met"] == "no"


def test_a_county_without_mines(county_folder: Path) -> None:
    with_mines(county_folder, FOUR)
    path = county_folder / "layers" / "mines.gpkg"
    gpd.read_file(path).iloc[:0].to_file(path)
    toml = county_folder / "layers" / "layers.toml"
    toml.write_text(toml.read_text("utf-8").replace("[layers.mines]\n", "[layers.mines]\nhas_none = true\n"), "utf-8")
    report = checked(county_folder, "mine_not_restored", "mine_on_protected_ground")
    assert [run.status for run in report.runs] == ["run", "run"]
    assert report.tables["mines"].empty
    assert report.tables["mine_states"]["mines"].sum() == 0


def test_a_part_that_says_nothing_has_the_state_of_its_mine(county_folder: Path) -> None:
    """3 ha of 4 ha restored: 75 %, though the restored part names no state."""
    rows = [
        ("K1", "历史遗留废弃矿山", "待修复", None, "甲矿", block(1900, 1000, 100, 100)),
        ("K1", "", "已修复", None, "甲矿", block(1900, 1100, 100, 300)),
    ]
    with_mines(county_folder, rows)
    row = checked(county_folder).tables["mines"].iloc[0]
    assert (row["state"], row["met"]) == ("历史遗留", "yes")
    assert row["restoration_pct"] == pytest.approx(75, abs=1e-3)


def test_mines_without_parts_have_no_rate(county_folder: Path) -> None:
    with_mines(county_folder, FOUR)
    path = county_folder / "layers" / "mines.gpkg"
    gpd.read_file(path).drop(columns="part").to_file(path)
    report = checked(county_folder)
    assert report.tables["mines"]["restoration_pct"].isna().all()
    assert set(report.tables["mines"]["met"]) == {""}
    assert any("no field that tells disturbed" in finding.message.en for _, finding in report.findings)


def with_attributes(root: Path, **fields: list[object]) -> None:
    """Write mines of 10 ha each that draw no parts, with fields of their own."""
    count = len(next(iter(fields.values())))
    rows = [
        (f"K{number}", "历史遗留", "", None, f"矿{number}", block(500 * number, 1000, 400, 250))
        for number in range(count)
    ]
    with_mines(root, rows, **fields)
    path = root / "layers" / "mines.gpkg"
    gpd.read_file(path).drop(columns="part").to_file(path)


def test_restored_areas_in_fields(county_folder: Path) -> None:
    """Outlines of 10 ha: each pair of figures says what is restored, and of what.

    K0 3 of 10 (m²); K1 3 beside 7, their sum the outline (公顷); K2 3 of 10; K3 45亩 = 3 ha, 7 disturbed; K4 none
    restored; K5 5 and 3: of 8 or of 5, nobody knows; K6 nothing is stated.
    """
    with_attributes(
        county_folder,
        XFMJ=["30000", "3", "3公顷", "45亩", "0", "3公顷", "无"],
        扰动面积=["100000", "7", "10公顷", "7公顷", "10公顷", "5公顷", ""],
    )
    report = checked(county_folder)
    mines = report.tables["mines"]
    unknown = [float("nan")] * 2
    rate = pytest.approx([30, 30, 30, 30, 0, *unknown], abs=0.1, nan_ok=True)
    assert mines["restoration_pct"].tolist() == rate
    assert mines["basis"].tolist() == ["stated areas"] * 5 + ["unknown"] * 2
    assert mines["ground_ha"].tolist() == pytest.approx([10] * 7, rel=1e-3)
    told = {finding.feature_id: finding.message.en for _, finding in report.findings if finding.feature_id}
    assert "includes what is restored" in told["K5"]
    assert "no restored or disturbed area is stated" in told["K6"]
    legacy = report.tables["mine_states"].iloc[0]
    assert (legacy["mines"], legacy["mines_untold"]) == (7, 2)
    assert legacy["reached_pct"] == pytest.approx(12 / 50 * 100, abs=0.1)
    assert legacy["untold_ha"] == pytest.approx(20, rel=1e-3)


def test_restored_area_beside_the_area_of_the_mine(county_folder: Path) -> None:
    """KQMJ fits the outline in hectares, so XFMJ 8 is 8 ha of 10; 120 of the next mine is more than there is."""
    with_attributes(county_folder, KQMJ=[10.0, 10.0], XFMJ=[8.0, 120.0])
    report = checked(county_folder)
    mines = report.tables["mines"]
    assert mines["restoration_pct"].tolist() == pytest.approx([80, np.nan], abs=0.05, nan_ok=True)
    assert mines["stated_ha"].tolist() == pytest.approx([10, 10])
    assert [one.feature_id for _, one in report.findings if "contradict" in one.message.en] == ["K1"]


def test_units_in_names_of_fields(county_folder: Path) -> None:
    """45 亩 restored, 105 亩 to do: 3 of 10 ha; of the other mine 15 of 75 亩, a fifth, whatever its outline."""
    with_attributes(county_folder, **{"已修复面积（亩）": [45.0, 15.0], "未修复面积_亩": [105.0, 60.0]})
    mines = checked(county_folder).tables["mines"]
    assert mines["restoration_pct"].tolist() == pytest.approx([30, 20])
    assert mines["disturbed_ha"].tolist() == pytest.approx([7, 4])


def test_unknown_ground_that_could_change_the_answer_leaves_it_open(county_folder: Path) -> None:
    """10 ha restored of 10 told: 100 %. With 20 ha nobody tells of, and a mine without geometry, anything is open."""
    columns: dict[str, list[object]] = {
        "id": ["1", "2", "3", "4"],
        "mine_id": ["M1", "M1", "M2", "M3"],
        "mine_state": ["历史遗留", "历史遗留", "闭坑", "闭坑"],
        "part": ["已修复", "在建", "已修复", "排土场"],
    }
    shapes: list[object] = [block(0, 0, 1000, 100), block(0, 200, 1000, 200), block(0, 600, 1000, 100), None]
    write_layer(county_folder, "mines.gpkg", columns, shapes)
    path = county_folder / "layers" / "layers.toml"
    path.write_text(
        path.read_text("utf-8")
        + '\n[layers.mines]\nrole = "mines"\npath = "mines.gpkg"\nkey = "id"\nname = "mine_id"\n',
        "utf-8",
    )
    report = checked(county_folder)
    mines = report.tables["mines"].set_index("mine_id")
    assert mines["met"].to_dict() == {"M1": "", "M2": "yes", "M3": ""}
    assert mines.loc["M3", "basis"] == "unknown"
    states = report.tables["mine_states"].set_index(["state", "measure"])
    legacy, closed = states.loc[("历史遗留", "restored area")], states.loc[("闭坑", "restored area")]
    assert (legacy["reached_pct"], legacy["met"]) == (100.0, "")
    assert legacy["untold_ha"] == pytest.approx(20, rel=1e-3)
    assert (closed["mines"], closed["mines_untold"], closed["met"]) == (2, 1, "")
    said = [finding.message.en for _, finding in report.findings]
    assert any("no geometry that can be used" in one for one in said)
    assert sum("so it is open whether" in one for one in said) == 2


def test_cells_that_hold_no_area_are_named(county_folder: Path) -> None:
    with_attributes(county_folder, XFMJ=["3公顷（2023年）", "25"], 扰动面积=["5公顷", "-5"])
    said = [finding.message.en for _, finding in checked(county_folder).findings]
    assert any("XFMJ “3公顷（2023年）” cannot be read" in one for one in said)
    assert any("扰动面积 “-5” is below 0" in one for one in said)
