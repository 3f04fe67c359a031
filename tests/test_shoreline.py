"""Shorelines: two banks, four zones, gaps and overlaps, worked out by hand."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from conftest import line, write_layer
from hypothesis import given
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.check import choose_checks, run_checks
from ecogeo.finding import Report, Severity
from ecogeo.shoreline import UNZONED, ZONES, cut_bank, lay_on_banks, zone_name
from ecogeo.workspace import open_workspace


def measured(root: Path) -> Report:
    return run_checks(open_workspace(root), choose_checks(["shoreline_protection_rate"]))


def test_rate_of_the_small_county(county_folder: Path) -> None:
    """Two banks of 1000 m: 600 protected, 300 reserved beyond an overlap of 100, 1000 developed, 100 unzoned: 45 %."""
    report = measured(county_folder)
    row = report.tables["shoreline"].iloc[0]
    scale = row["bank_m"] / 2000
    assert scale == pytest.approx(1, abs=3e-4)
    lengths = {
        name: row[f"{name}_m"] / scale for name in ("protected", "reserved", "controlled", "developed", "unzoned")
    }
    expected = {"protected": 600, "reserved": 300, "controlled": 0, "developed": 1000, "unzoned": 100}
    assert lengths == pytest.approx(expected, abs=0.01)
    assert row["protection_pct"] == pytest.approx(45, abs=1e-3)
    assert row["met"] == "yes"
    totals = report.tables["shoreline_totals"].set_index("level")
    assert totals["name"].to_dict() == {"river": "方河", "basin": "柳江", "county": "county"}
    assert totals["bank_m"].tolist() == [row["bank_m"]] * 3
    texts = [finding.message.en for _, finding in report.findings]
    assert len(texts) == 2
    assert "100.0" in texts[0] or "99.9" in texts[0]
    assert "counted as 保护区" in texts[0]
    assert "no zone" in texts[1]


def test_below_target_is_a_fault(county_folder: Path) -> None:
    path = county_folder / "layers" / "reaches.gpkg"
    import geopandas as gpd

    gpd.read_file(path).assign(target_pct=50.0).to_file(path)
    report = measured(county_folder)
    assert report.tables["shoreline"]["met"].tolist() == ["no"]
    faults = [finding for _, finding in report.findings if finding.severity is Severity.FAULT]
    assert [finding.unit for finding in faults] == ["%"]
    assert faults[0].value == pytest.approx(45, abs=0.01)


def test_centre_line_is_not_measured(county_folder: Path) -> None:
    write_layer(
        county_folder,
        "reaches.gpkg",
        {"reach_id": ["R1"], "river": ["方河"], "basin": ["柳江"]},
        [line((0, 7000), (1000, 7000))],
    )
    report = measured(county_folder)
    assert report.tables["shoreline"]["bank_m"].isna().all()
    assert report.tables["shoreline"]["met"].tolist() == [""]
    assert report.tables["shoreline_totals"].empty
    assert any("two banks are expected" in finding.message.en for _, finding in report.findings)


def test_zone_lines_that_cannot_count_are_listed(county_folder: Path) -> None:
    write_layer(
        county_folder,
        "shorelines.gpkg",
        {"shore_id": ["off", "odd", "lost"], "reach_id": ["R1", "R1", "R9"], "zone": ["保护区", "待定", "保护区"]},
        [line((0, 7010), (600, 7010)), line((0, 7000), (1, 7000)), line((0, 7000), (1, 7000))],
    )
    report = measured(county_folder)
    texts = {finding.feature_id: finding.message.en for _, finding in report.findings if finding.layer == "shorelines"}
    assert "more than 5 m off its bank" in texts["off"]
    assert "its zone is none of" in texts["odd"]
    assert "there is no reach R9" in texts["lost"]
    assert report.tables["shoreline"]["unzoned_m"].tolist() == report.tables["shoreline"]["bank_m"].tolist()
    assert report.tables["shoreline"]["protection_pct"].isna().all(), "no zone is no rate of nothing"
    assert report.tables["shoreline"]["met"].tolist() == [""]
    assert report.tables["shoreline_totals"]["reaches_unzoned"].tolist() == [1, 1, 1]


@given(
    cuts=st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from(ZONES)).filter(lambda c: abs(c[0] - c[1]) > 1e-3),
        max_size=6,
    ),
    turn=st.booleans(),
)
def test_stretches_add_up_and_the_stricter_wins(cuts: list[tuple[float, float, str]], turn: bool) -> None:
    bank = shapely.LineString([(109.2, 24.2), (109.21, 24.205), (109.215, 24.2), (109.23, 24.21)])
    lines = [shapely.ops.substring(bank, *sorted((low, high)), normalized=True) for low, high, _ in cuts]
    given_lines = np.array([part.reverse() if turn else part for part in lines] or [], dtype=object)
    rows = cut_bank(bank, given_lines, [zone for *_, zone in cuts])
    total = float(geodesy.length_m(np.array([bank], dtype=object))[0])
    assert rows["length_m"].sum() == pytest.approx(total, rel=1e-6)
    strictest = next((zone for zone in ZONES if any(zone == claimed for *_, claimed in cuts)), None)
    if strictest is not None:
        marks = sorted({0.0, 1.0, *(mark for low, high, _ in cuts for mark in (low, high))})
        mine = [sorted(cut[:2]) for cut in cuts if cut[2] == strictest]
        steps = [pair for pair in pairwise(marks) if any(low <= pair[0] and pair[1] <= high for low, high in mine)]
        parts = [shapely.ops.substring(bank, *step, normalized=True) for step in steps]
        expected = float(geodesy.length_m(np.array(parts, dtype=object)).sum())
        assert rows.loc[rows["zone"] == strictest, "length_m"].sum() == pytest.approx(expected, abs=0.05)
    else:
        assert rows["zone"].tolist() == [UNZONED]


def test_lines_go_to_the_nearer_bank() -> None:
    left = shapely.LineString([(109.2, 24.2), (109.21, 24.2)])
    right = shapely.LineString([(109.2, 24.2001), (109.21, 24.2001)])
    on_right = shapely.LineString([(109.202, 24.2001), (109.204, 24.20009)])
    between = shapely.LineString([(109.202, 24.20001), (109.204, 24.20006)])
    found = lay_on_banks(np.array([on_right, between], dtype=object), np.array([left, right], dtype=object), snap_m=2.0)
    assert found.tolist() == [1, -1]
    assert lay_on_banks(np.array([], dtype=object), np.array([left], dtype=object), snap_m=2.0).tolist() == []


@pytest.mark.parametrize(
    ("text", "zone"), [("岸线开发利用区", "开发利用区"), (" 保留区 ", "保留区"), ("", ""), ("保护", "")]
)
def test_zone_names(text: str, zone: str) -> None:
    assert zone_name(text) == zone
