"""Shorelines: two banks, four zones, gaps and overlaps, worked out by hand."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from conftest import block, line, write_layer
from hypothesis import given
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.check import choose_checks, run_checks
from ecogeo.finding import Report, Severity
from ecogeo.shoreline import (
    UNZONED,
    ZONES,
    Claims,
    Drawn,
    Side,
    banks_of,
    claimed_by_ground,
    claimed_by_lines,
    cut_stretches,
    ruler_of,
    zone_name,
)
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
    assert totals["name"].to_dict() == {"river": "方河", "basin": "柳江", "town": "西镇", "county": "county"}
    assert totals["bank_m"].tolist() == pytest.approx([row["bank_m"]] * 4)
    definition, *texts = [finding.message.en for _, finding in report.findings]
    assert "two drawn banks (1)" in definition
    assert len(texts) == 2
    assert "100.0" in texts[0] or "99.9" in texts[0]
    assert "counted as 保护区" in texts[0]
    assert "no zone" in texts[1]
    segments = report.tables["shoreline_segments"]
    assert segments["kind"].tolist() == ["overlap", "gap"]
    assert (segments[["from_m", "to_m", "length_m"]].to_numpy() / scale).tolist() == [
        pytest.approx([500, 600, 100], abs=0.01),
        pytest.approx([900, 1000, 100], abs=0.01),
    ]
    sides = report.tables["shoreline_banks"].set_index("side")
    assert sides["protection_pct"].to_dict() == pytest.approx({"right": 90, "left": 0}, abs=1e-3)


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
    assert any("two banks are expected as lines side by side" in finding.message.en for _, finding in report.findings)


def test_centre_line_with_a_width_has_two_banks(county_folder: Path) -> None:
    write_layer(
        county_folder,
        "reaches.gpkg",
        {"reach_id": ["R1"], "river": ["方河"], "basin": ["柳江"], "width_m": [50.0]},
        [line((0, 7025), (1000, 7025))],
    )
    report = measured(county_folder)
    row = report.tables["shoreline"].iloc[0]
    assert row["bank_m"] == pytest.approx(2000, rel=3e-4)
    assert row["protection_pct"] == pytest.approx(45, abs=0.01)
    assert set(report.tables["shoreline_banks"]["side"]) == {"left", "right"}


def pool(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """Return a rectangle with a vertex every 100 m."""
    return shapely.segmentize(block(x, y, width, height), 100.0)


def test_outline_ends_where_the_water_goes_on(county_folder: Path) -> None:
    """Two pools of 1000 m × 50 m end to end, a third of 20 m beside the first, an island of 4 × 10 m in the second.

    Shores: 2000 + 50 - 20 m, and 2000 + 50 m; the third 2 × 300 + 20 m.
    """
    first, second, beside = pool(0, 7000, 1000, 50), pool(1000, 7000, 1000, 50), pool(400, 7050, 20, 300)
    second = shapely.difference(second, block(1500, 7020, 10, 10))
    columns = {"reach_id": ["R1", "R2", "R3"], "river": ["方河", "方河", "支流"], "basin": ["柳江"] * 3}
    write_layer(county_folder, "reaches.gpkg", columns, [first, second, beside])
    report = measured(county_folder)
    scale = 1.0 + 1.5e-4
    assert report.tables["shoreline"]["bank_m"].tolist() == pytest.approx([2030, 2050, 620], rel=5e-4)
    islands = report.tables["shoreline_banks"].query("side == 'island'")
    assert islands["counts"].tolist() == ["no"]
    assert islands["bank_m"].tolist() == pytest.approx([40], rel=1e-3)
    ends = report.tables["shoreline_segments"].query("kind == 'in water'").groupby("reach_id")["length_m"].sum()
    assert ends.to_dict() == pytest.approx({"R1": 70 * scale, "R2": 50 * scale, "R3": 20 * scale}, rel=1e-3)
    texts = [finding.message.en for _, finding in report.findings]
    assert "40.0" in texts[0] or "39.9" in texts[0]


def test_zones_as_polygons_claim_what_lies_beside_them(county_folder: Path) -> None:
    """Strips of land along both banks, drawn up to 3 m off them: they end square, and do not reach over the river."""
    strips = [block(0, 6950, 600, 47), block(500, 6950, 400, 50), block(0, 7052, 1000, 60)]
    columns = {"shore_id": ["S1", "S2", "S3"], "reach_id": ["R1"] * 3, "zone": ["保护区", "保留区", "开发利用区"]}
    write_layer(county_folder, "shorelines.gpkg", columns, strips)
    row = measured(county_folder).tables["shoreline"].iloc[0]
    scale = row["bank_m"] / 2000
    lengths = {
        name: row[f"{name}_m"] / scale for name in ("protected", "reserved", "controlled", "developed", "unzoned")
    }
    expected = {"protected": 600, "reserved": 300, "controlled": 0, "developed": 1000, "unzoned": 100}
    assert lengths == pytest.approx(expected, abs=0.02)


def test_zone_runs_on_from_reach_to_reach_where_none_is_named(county_folder: Path) -> None:
    banks = [
        shapely.MultiLineString([line((x, 7000), (x + 1000, 7000)), line((x, 7050), (x + 1000, 7050))])
        for x in (0, 1000)
    ]
    columns = {"reach_id": ["R1", "R2"], "river": ["方河"] * 2, "basin": ["柳江"] * 2}
    write_layer(county_folder, "reaches.gpkg", columns, banks)
    write_layer(
        county_folder,
        "shorelines.gpkg",
        {"shore_id": ["S1"], "zone": ["保护区"]},
        [line((700, 7002), (900, 7001), (1200, 7001), (1300, 7002))],
    )
    protected = measured(county_folder).tables["shoreline"]["protected_m"]
    assert protected.tolist() == pytest.approx([300, 300], rel=5e-4)


def test_what_of_a_zone_lies_on_its_bank_counts(county_folder: Path) -> None:
    """300 m on the bank, then off into the land, then 200 m on the bank again: what lies between does not count."""
    on_and_off = line((0, 7000), (150, 7000), (300, 7000), (350, 7080), (500, 7000), (700, 7000))
    write_layer(
        county_folder, "shorelines.gpkg", {"shore_id": ["S1"], "reach_id": ["R1"], "zone": ["保护区"]}, [on_and_off]
    )
    report = measured(county_folder)
    row = report.tables["shoreline"].iloc[0]
    assert row["protected_m"] * 2000 / row["bank_m"] == pytest.approx(500, abs=0.01)
    assert any("a part of shoreline S1" in finding.message.en for _, finding in report.findings)


def test_zone_on_the_other_bank_than_it_says(county_folder: Path) -> None:
    columns = {"shore_id": ["S1", "S2"], "reach_id": ["R1"] * 2, "zone": ["保护区"] * 2, "bank": ["左岸", "右岸"]}
    write_layer(county_folder, "shorelines.gpkg", columns, [line((0, 7000), (600, 7000)), line((0, 7000), (300, 7000))])
    told = [finding for _, finding in measured(county_folder).findings if finding.layer == "shorelines"]
    assert [finding.feature_id for finding in told] == ["S1"]
    assert "other bank" in told[0].message.en


def test_bank_in_the_water_of_another_reach_is_listed(county_folder: Path) -> None:
    main = shapely.MultiLineString([line((0, 7000), (1000, 7000)), line((0, 7050), (1000, 7050))])
    side = shapely.MultiLineString([line((400, 7400), (400, 7040)), line((420, 7400), (420, 7040))])
    columns = {"reach_id": ["R1", "R2"], "river": ["方河", "支流"], "basin": ["柳江"] * 2}
    write_layer(county_folder, "reaches.gpkg", columns, [main, side])
    segments = measured(county_folder).tables["shoreline_segments"].query("kind == 'in water'")
    lengths = segments.groupby("reach_id")["length_m"].sum().to_dict()
    assert lengths == pytest.approx({"R1": 20, "R2": 20}, rel=5e-4)
    assert set(segments["counts"]) == {"yes"}, "banks drawn by the county count as they are drawn"


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
    assert report.tables["shoreline_totals"]["reaches_unzoned"].tolist() == [1] * 4


def anything(bank: np.ndarray, _claimant: np.ndarray) -> np.ndarray:
    return np.ones(len(bank), dtype=bool)


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
    ruler = ruler_of(np.array([bank], dtype=object))
    claims, off = claimed_by_lines(ruler, given_lines, snap_m=1.0, may=anything)
    assert not off.any()
    rows = cut_stretches(ruler, claims, [zone for *_, zone in cuts])
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
    ruler = ruler_of(np.array([left, right], dtype=object))
    claims, off = claimed_by_lines(ruler, np.array([on_right, between], dtype=object), snap_m=2.0, may=anything)
    assert (claims.line.tolist(), claims.claimant.tolist(), off.tolist()) == ([1], [0], [0, 1])
    claims, off = claimed_by_lines(ruler, np.array([], dtype=object), snap_m=2.0, may=anything)
    assert (len(claims.line), len(off)) == (0, 0)


def northwards(xy: np.ndarray) -> np.ndarray:
    return xy + np.array([0.0, 2_680_000.0])


def test_claims_run_over_the_start_of_a_closed_bank() -> None:
    """A ring of 4 × 400 m, begun at its corner; the zone lies 200 m to both sides of the corner."""
    ring = shapely.segmentize(shapely.LineString(shapely.box(0, 0, 400, 400).exterior.coords), 50.0)
    plane = geodesy.local_plane(109.2)
    lonlat = plane.to_lonlat(shapely.transform(np.array([ring]), northwards))
    ruler = ruler_of(lonlat)
    start = shapely.get_coordinates(ring)[0]
    piece = shapely.LineString([*ring.coords[-5:-1], *ring.coords[:5]])
    assert tuple(start) == piece.coords[4]
    zone = plane.to_lonlat(shapely.transform(np.array([piece]), northwards))
    claims, off = claimed_by_lines(ruler, zone, snap_m=1.0, may=anything)
    assert not off.any()
    spans = sorted(zip(claims.start_m.round(1).tolist(), claims.end_m.round(1).tolist(), strict=True))
    assert spans == [(0.0, 200.0), (1400.0, 1600.0)]
    whole, _ = claimed_by_lines(ruler, lonlat, snap_m=1.0, may=anything)
    assert cut_stretches(ruler, whole, ["保护区"])["zone"].tolist() == ["保护区"]


def test_sides_are_told_by_the_first_line() -> None:
    south, north = shapely.LineString([(109, 24), (109.01, 24)]), shapely.LineString([(109, 24.001), (109.01, 24.001)])
    nan = np.array([np.nan])

    def sides(*lines: shapely.LineString) -> list[Side]:
        return banks_of(np.array([shapely.MultiLineString(lines)], dtype=object), nan).side.tolist()

    assert sides(south, north) == [Side.RIGHT, Side.LEFT]
    assert sides(south, north.reverse()) == [Side.RIGHT, Side.LEFT]
    assert sides(north, south) == [Side.LEFT, Side.RIGHT]
    assert sides(south.reverse(), north) == [Side.LEFT, Side.RIGHT]
    island = shapely.LineString([(109.005, 24.0005), (109.006, 24.0005), (109.006, 24.0006), (109.005, 24.0005)])
    assert sides(south, north, island) == [Side.RIGHT, Side.LEFT, Side.ISLAND]
    assert banks_of(np.array([shapely.Point(109, 24)], dtype=object), nan).drawn.tolist() == [Drawn.UNUSABLE]


@given(low=st.floats(0, 0.45), width=st.floats(0.01, 0.5), off_m=st.floats(-4.0, 4.0))
def test_ground_claims_what_lies_beside_it(low: float, width: float, off_m: float) -> None:
    """A strip on one side of a straight bank of some 1015 m, its edge up to 4 m off, claims its own stretch."""
    bank = shapely.LineString([(109.2, 24.2), (109.205, 24.2), (109.21, 24.2)])
    edge = 24.2 + off_m / 110_760.0
    strip = shapely.box(109.2 + 0.01 * low, edge - 0.001, 109.2 + 0.01 * (low + width), edge)
    ruler = ruler_of(np.array([bank], dtype=object))
    claims = claimed_by_ground(ruler, np.array([strip], dtype=object), snap_m=5.0, may=anything)
    rows = cut_stretches(ruler, claims, ["保护区"])
    length = float(rows.loc[rows["zone"] == "保护区", "length_m"].sum())
    assert length == pytest.approx(width * ruler.line_m[0], abs=0.05)


def test_town_of_each_stretch() -> None:
    bank = shapely.LineString([(109.2, 24.2), (109.22, 24.2)])
    ruler = ruler_of(np.array([bank], dtype=object))
    towns = shapely.box([109.19, 109.21], [24.1] * 2, [109.21, 109.23], [24.3] * 2)
    none = np.empty(0, dtype=np.intp)
    in_towns = claimed_by_ground(ruler, towns, snap_m=0.0, may=anything)
    rows = cut_stretches(ruler, Claims(none, np.empty(0), np.empty(0), none), [], towns=in_towns)
    assert rows["town"].tolist() == [0, 1]
    assert rows["length_m"].tolist() == pytest.approx([ruler.line_m[0] / 2] * 2, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "zone"), [("岸线开发利用区", "开发利用区"), (" 保留区 ", "保留区"), ("", ""), ("保护", "")]
)
def test_zone_names(text: str, zone: str) -> None:
    assert zone_name(text) == zone


def reach_of(*lines: shapely.LineString, width_m: float = np.nan) -> tuple[str, dict[str, int]]:
    """Return how one reach on the plane of the small county is drawn, and the whole metres of each side."""
    plane = geodesy.local_plane(109.2)
    shape = shapely.transform(np.array([shapely.MultiLineString(lines)], dtype=object), northwards)
    banks = banks_of(plane.to_lonlat(shape), np.array([width_m]))
    length_m = geodesy.length_m(banks.lines)
    metres = {str(side): round(length_m[banks.side == side].sum()) for side in Side if (banks.side == side).any()}
    return str(banks.drawn[0]), metres


def flat(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(places)


@pytest.mark.parametrize(("back", "gap_m"), [(False, 0), (True, 0), (False, 10), (True, 10)])
def test_parts_end_to_end_are_one_centre_line(back: bool, gap_m: float) -> None:
    """3000 m and 1000 m less the gap, 40 m wide: as much on either side, the gap not filled."""
    second = flat((gap_m, 0), (1000, 0))
    parts = (flat((-3000, 0), (0, 0)), second.reverse() if back else second)
    side_m = 4000 - gap_m
    assert reach_of(*parts, width_m=40) == ("centre line", {"left": side_m, "right": side_m})
    assert reach_of(*parts)[0] == "unusable", "no banks, and no width to set them off by"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([flat((-1000, 0), (0, 0)), flat((0, 0), (900, 500)), flat((0, 0), (900, -500))], id="fork"),
        pytest.param([flat((-1000, 0), (0, 0)), flat((100, 0), (1000, 0))], id="gap above the width"),
        pytest.param([flat((-1000, 0), (1000, 0)), flat((0, 0), (0, 900))], id="tributary"),
        pytest.param([flat((-1000, 0), (1000, 0)), flat((-1000, 0), (1000, 0))], id="drawn twice"),
        pytest.param([flat((-1000, 0), (1000, 0)), flat((1000, 0), (-900, 300))], id="hairpin wider than the water"),
        pytest.param([flat((-1000, 0), (1000, 0)), flat((1000, 0), (-500, 1000))], id="a wide fork"),
        pytest.param([flat((-1000, 0), (1000, 0)), flat((-1000, 40), (-500, 40))], id="a bank drawn in part"),
    ],
)
def test_lines_that_are_not_clear_are_no_banks(lines: list[shapely.LineString]) -> None:
    assert reach_of(*lines, width_m=40) == ("unusable", {})


@pytest.mark.parametrize("width_m", [np.nan, 40.0])
@pytest.mark.parametrize("turn", [False, True])
def test_banks_that_meet_at_their_source(width_m: float, turn: bool) -> None:
    """A right bank of 2000 m and a left one of hypot(1900, 30) m, from one spring; the second in two parts too."""
    left = flat((1000, 0), (-900, 30))
    middle = left.interpolate(0.4, normalized=True).coords[0]
    parts = [flat((1000, 0), middle), flat(middle, (-900, 30))]
    for others in ([left], parts):
        drawn = [other.reverse() if turn else other for other in others]
        assert reach_of(flat((1000, 0), (-1000, 0)), *drawn, width_m=width_m) == (
            "banks",
            {"left": 2000, "right": 1900},
        )


def test_two_lines_that_close_are_two_banks() -> None:
    """The two shores of a lake 2000 m long: each the sides of a flat triangle, 2 × hypot(1000, 100) m."""
    north, south = flat((-1000, 0), (0, 100), (1000, 0)), flat((-1000, 0), (0, -100), (1000, 0))
    assert reach_of(north, south) == ("banks", {"left": 2010, "right": 2010})


def bend(degrees: float, *, back: bool) -> list[shapely.LineString]:
    """Return two centre lines of 1000 m that meet at the origin, the second turning to the left."""
    way = np.radians(degrees)
    second = flat((0, 0), (1000 * np.cos(way), 1000 * np.sin(way)))
    return [flat((-1000, 0), (0, 0)), second.reverse() if back else second]


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("degrees", [60.0, -60.0, 20.0])
def test_reaches_that_meet_at_a_bend_keep_the_outer_arc(degrees: float, back: bool) -> None:
    """40 m wide: outside 2 × 1000 m and an arc of 20 m × the angle; inside 2 × 1000 m, as drawn."""
    plane = geodesy.local_plane(109.2)
    lines = shapely.transform(np.array(bend(degrees, back=back), dtype=object), northwards)
    banks = banks_of(plane.to_lonlat(lines), np.array([40.0, 40.0]))
    length_m = geodesy.length_m(banks.lines)
    arc_m = 20 * np.radians(abs(degrees))
    assert length_m.sum() == pytest.approx(4000 + arc_m, abs=0.05)
    assert sorted(length_m.round(1)) == pytest.approx([1000, 1000, 1000 + arc_m / 2, 1000 + arc_m / 2], abs=0.06)
    water = shapely.union_all(banks.water)
    assert shapely.get_num_geometries(water) == 1
    inner_m2 = 20 * 20 * np.tan(np.radians(abs(degrees) / 2))
    assert geodesy.area_m2(np.array([water]))[0] == pytest.approx(80_000 - inner_m2 + 20 * arc_m / 2, rel=2e-5)


def test_a_tributary_takes_no_part_in_the_bend() -> None:
    """Where three meet, the two that run straightest on are the river: its bend of 20° has an arc, no other has."""
    plane = geodesy.local_plane(109.2)
    lines = shapely.transform(np.array([*bend(20, back=False), flat((0, 0), (0, -800))], dtype=object), northwards)
    banks = banks_of(plane.to_lonlat(lines), np.array([40.0, 40.0, 10.0]))
    assert geodesy.length_m(banks.lines).sum() == pytest.approx(4000 + 1600 + 20 * np.radians(20), abs=0.05)


def test_a_width_that_swallows_a_bank_is_told(county_folder: Path) -> None:
    """A half circle of 100 m drawn as centre line of a river 400 m wide: no room is left on the inner side."""
    way = np.radians(np.linspace(0, 180, 60))
    arc = [(2000 + 100 * x, 7000 + 100 * y) for x, y in zip(np.cos(way), np.sin(way), strict=True)]
    columns: dict[str, list[object]] = {"reach_id": ["R1"], "river": ["方河"], "basin": ["柳江"], "width_m": ["400"]}
    write_layer(county_folder, "reaches.gpkg", columns, [line(*arc)])
    told = [one for _, one in measured(county_folder).findings if "too large for the bends" in one.message.en]
    assert [one.feature_id for one in told] == ["R1"]


@given(mouths=st.lists(st.integers(1, 8), unique=True, max_size=4), turn=st.booleans(), first=st.booleans())
def test_bank_broken_at_mouths_counts_as_drawn(mouths: list[int], turn: bool, first: bool) -> None:
    """A bank of 4000 m, 60 m taken out at each mouth; the opposite bank is whole."""
    cuts = [-2000.0, *(-2000 + 400 * mouth + off for mouth in sorted(mouths) for off in (-30, 30)), 2000.0]
    broken = [flat((low, 50), (high, 50)) for low, high in zip(cuts[::2], cuts[1::2], strict=True)]
    broken = [part.reverse() if turn else part for part in broken]
    whole = flat((-2000, -50), (2000, -50))
    drawn, metres = reach_of(*([whole, *broken] if first else [*broken, whole]))
    assert drawn == "banks"
    assert sorted(metres.values()) == sorted([4000, 4000 - 60 * len(mouths)])


@pytest.mark.parametrize("width_m", [3.0, 4.0, 6.0])
def test_ground_beside_a_narrow_stream_claims_the_nearer_bank(county_folder: Path, width_m: float) -> None:
    """Both zones lie within 5 m of both banks of the stream: 1000 m protected on one side, 1000 m developed."""
    banks = shapely.MultiLineString([line((0, 7000), (1000, 7000)), line((0, 7000 + width_m), (1000, 7000 + width_m))])
    write_layer(county_folder, "reaches.gpkg", {"reach_id": ["R1"], "river": ["方河"], "basin": ["柳江"]}, [banks])
    strips = [block(0, 6950, 1000, 50), block(0, 7000 + width_m, 1000, 50)]
    write_layer(county_folder, "shorelines.gpkg", {"shore_id": ["S1", "S2"], "zone": ["保护区", "开发利用区"]}, strips)
    row = measured(county_folder).tables["shoreline"].iloc[0]
    assert [row["protected_m"], row["developed_m"], row["unzoned_m"]] == pytest.approx([1000, 1000, 0], abs=0.5)
    assert row["protection_pct"] == pytest.approx(50, abs=1e-3)


@pytest.mark.parametrize(
    ("target", "met", "is_told"),
    [("≥40%", "yes", False), ("50", "no", False), ("完成上级", "", True), ("150", "", True), ("", "", False)],
)
def test_target_in_words(county_folder: Path, target: str, met: str, is_told: bool) -> None:
    import geopandas as gpd

    path = county_folder / "layers" / "reaches.gpkg"
    gpd.read_file(path).assign(target_pct=target).to_file(path)
    report = measured(county_folder)
    assert report.tables["shoreline"]["met"].tolist() == [met]
    assert any(f"the target “{target}” cannot be read" in one.message.en for _, one in report.findings) == is_told


@pytest.mark.parametrize(("width", "is_told"), [("50米", False), ("-50", True), ("五十", True)])
def test_width_in_words(county_folder: Path, width: str, is_told: bool) -> None:
    columns: dict[str, list[object]] = {"reach_id": ["R1"], "river": ["方河"], "basin": ["柳江"], "width_m": [width]}
    write_layer(county_folder, "reaches.gpkg", columns, [line((0, 7025), (1000, 7025))])
    report = measured(county_folder)
    assert report.tables["shoreline"]["bank_m"].isna().tolist() == [is_told]
    assert any(f"the width “{width}” cannot be read" in one.message.en for _, one in report.findings) == is_told


def test_a_river_cut_into_patches_is_one_water(county_folder: Path) -> None:
    """Water of 1000 m by 50 m, its surface cut at four villages' borders: both banks and both ends stay shore."""
    write_layer(
        county_folder,
        "reaches.gpkg",
        {"reach_id": ["R1"], "river": ["方河"], "basin": ["柳江"]},
        [block(0, 7000, 1000, 50)],
    )
    patches = [block(200 * number, 7000, 200, 50) for number in range(5)]
    columns = {"body_id": [f"B{number}" for number in range(5)], "name": ["河流水面"] * 5}
    write_layer(county_folder, "water.gpkg", columns, patches)
    path = county_folder / "layers" / "layers.toml"
    told = '\n[layers.water]\nrole = "water_bodies"\npath = "water.gpkg"\nkey = "body_id"\nname = "name"\n'
    path.write_text(path.read_text("utf-8") + told, "utf-8")
    row = measured(county_folder).tables["shoreline"].iloc[0]
    assert row["bank_m"] == pytest.approx(2100, rel=5e-4)


def straight_banks(*ends_m: tuple[float, float], apart_m: float = 60.0) -> np.ndarray:
    """Return, reach by reach, the left and right banks of a straight river that flows east."""
    lines = [shapely.LineString([(a, y), (b, y)]) for a, b in ends_m for y in (apart_m / 2, -apart_m / 2)]
    return geodesy.local_plane(109.3).to_lonlat(
        shapely.transform(np.array(lines), lambda xy: xy + np.array([0.0, 2.6e6]))
    )


def lonlat_line(*points: tuple[float, float]) -> shapely.LineString:
    plane = geodesy.local_plane(109.3)
    return plane.to_lonlat(np.array([shapely.LineString([(x, y + 2.6e6) for x, y in points])]))[0]


def test_a_zone_line_of_two_vertices_claims_all_it_lies_on() -> None:
    """Three reaches of 1000 m, and one line that runs 30 m past both ends: each bank is claimed from end to end."""
    ruler = ruler_of(straight_banks((0, 1000), (1000, 2000), (2000, 3000))[::2])
    zone = lonlat_line((-30, 30), (3030, 30))
    claims, off = claimed_by_lines(ruler, np.array([zone]), snap_m=5.0, may=anything)
    assert claims.line.tolist() == [0, 1, 2]
    assert (claims.end_m - claims.start_m).tolist() == pytest.approx(ruler.line_m.tolist(), abs=0.05)
    assert off.tolist() == [2]


def test_overlaps_of_one_zone_are_listed() -> None:
    """Two 保护区 share 100 of 900 m; a claimant that is there twice is no overlap."""
    ruler = ruler_of(np.array([shapely.LineString([(109, 24), (109, 24.009028)])]))
    claims = Claims(
        np.array([0, 0, 0]), np.array([0.0, 0.0, 500.0]), np.array([600.0, 300.0, 900.0]), np.array([0, 0, 1])
    )
    rows = cut_stretches(ruler, claims, ["保护区", "保护区"])
    assert rows.loc[rows["is_overlap"], ["from_m", "to_m"]].to_numpy().tolist() == [[500.0, 600.0]]
    assert rows["length_m"].sum() == pytest.approx(ruler.line_m[0])


def test_narrow_stream_with_a_bank_in_two_parts(county_folder: Path) -> None:
    """4 m wide, the right bank with a gap of 100 m: each line is of its own bank, 1000 m and 900 m."""
    right = [line((0, 7000), (400, 7000)), line((500, 7000), (1000, 7000))]
    banks = shapely.MultiLineString([line((0, 7004), (400, 7004), (500, 7004), (1000, 7004)), *right])
    write_layer(county_folder, "reaches.gpkg", {"reach_id": ["R1"], "river": ["方河"], "basin": ["柳江"]}, [banks])
    zones = [line((0, 7004), (400, 7004), (1000, 7004)), line((0, 7000), (400, 7000), (500, 7000), (1000, 7000))]
    columns = {"shore_id": ["S1", "S2"], "reach_id": ["R1"] * 2, "zone": ["保护区", "开发利用区"]}
    write_layer(county_folder, "shorelines.gpkg", columns, zones)
    row = measured(county_folder).tables["shoreline"].iloc[0]
    assert row[["protected_m", "developed_m", "unzoned_m"]].tolist() == pytest.approx([1000, 900, 0], rel=1e-3, abs=0.1)


def test_zones_that_adjoin_do_not_overlap(county_folder: Path) -> None:
    """Two polygons that share an oblique border which crosses the bank at 540 m: 540 m and 460 m, no overlap."""
    one = shapely.Polygon([*line((0, 6990), (530, 6990), (640, 7100), (0, 7100)).coords])
    other = shapely.Polygon([*line((530, 6990), (1100, 6990), (1100, 7100), (640, 7100)).coords])
    banks = shapely.MultiLineString([line((0, 7000), (1000, 7000)), line((0, 6900), (1000, 6900))])
    write_layer(county_folder, "reaches.gpkg", {"reach_id": ["R1"], "river": ["方河"], "basin": ["柳江"]}, [banks])
    columns = {"shore_id": ["S1", "S2"], "reach_id": ["R1"] * 2, "zone": ["保护区", "开发利用区"]}
    write_layer(county_folder, "shorelines.gpkg", columns, [one, other])
    report = measured(county_folder)
    row = report.tables["shoreline"].iloc[0]
    assert row[["protected_m", "developed_m"]].tolist() == pytest.approx([540, 460], abs=0.3)
    assert "overlap" not in set(report.tables["shoreline_segments"]["kind"])


def in_metres(*shapes: shapely.Geometry) -> np.ndarray:
    """Return shapes of a plane of metres on the ground."""
    return geodesy.local_plane(109.2).to_lonlat(shapely.transform(np.array(shapes, dtype=object), northwards))


def test_a_centre_line_that_parts_around_an_island() -> None:
    """A river of 40 m parts into a ring of 1000 m × 400 m and runs on; both stems are 500 m long.

    Either bank: 2 × 480 m of stem, 2 × 180 m, 1000 m, and two quarters of a circle of 20 m. Island: 960 m × 360 m.
    """
    up = [(0, 0), (0, 200), (1000, 200), (1000, 0)]
    lines = [[(-500, 0), (0, 0)], up, [(x, -y) for x, y in up], [(1500, 0), (1000, 0)]]
    river = in_metres(shapely.MultiLineString(lines))
    banks = banks_of(river, np.array([40.0]))
    assert banks.drawn.tolist() == [Drawn.CENTRE_LINE]
    assert banks.is_braided.tolist() == [True]
    assert banks.is_swallowed.tolist() == [False]
    length_m = dict(zip(banks.side.tolist(), geodesy.length_m(banks.lines).tolist(), strict=True))
    bank_m = 960 + 360 + 1000 + 20 * np.pi
    assert length_m == pytest.approx({Side.LEFT: bank_m, Side.RIGHT: bank_m, Side.ISLAND: 2640}, abs=0.1)
    middle = shapely.centroid(river[0]).y
    north = {side: shapely.centroid(line).y > middle for side, line in zip(banks.side, banks.lines, strict=True)}
    assert (north[Side.LEFT], north[Side.RIGHT]) == (True, False)
    wide = banks_of(river, np.array([420.0]))
    assert wide.is_swallowed.tolist() == [True]
    forked = banks_of(in_metres(shapely.MultiLineString(lines[:3])), np.array([40.0]))
    assert forked.drawn.tolist() == [Drawn.UNUSABLE]


def islet(y: float, gap_m: float) -> list[shapely.Geometry]:
    """Return two pools of 1000 m × 100 m whose border cuts an island of 200 m × 40 m, with a gap between them."""
    island = block(900, y + 30, 200, 40)
    return [shapely.difference(pool(x, y, 1000, 100), island) for x in (0, 1000 + gap_m)]


def mouth(y: float, slope: float) -> list[shapely.Geometry]:
    """Return a river of 200 m, its north bank sloped, and a stream of 40 m that comes in from the north."""

    def bank(x: float) -> tuple[float, float]:
        return x, y + slope * (x - 1000)

    way = [bank(x) for x in (0, 980, 1020, 2000)]
    south = [(way[3][0], way[3][1] - 200), (way[0][0], way[0][1] - 200)]
    return [
        shapely.Polygon(line(*way, *south)),
        shapely.Polygon(line(way[1], way[2], (1020, y + 2000), (980, y + 2000))),
    ]


def test_waters_that_meet(county_folder: Path) -> None:
    """Borders of outlines are no shore, however they meet; nor are mouths longer than they are.

    A pair of pools with an island on their border: 2 × 1000 m and an end each, and 480 m of island for both, with a gap
    of 2 cm between them or none. One reach of two pools 2 cm apart: 4200 m. Streams of 40 m that meet their river at an
    angle: both outlines but for the mouth. A stream drawn as centre line up to the bank of a river of 60 m: 40 m of its
    bank are mouth.
    """
    crack = shapely.MultiPolygon([pool(0, 2000, 1000, 100), pool(1000.02, 2000, 1000, 100)])
    straight, oblique = mouth(10_000, 0.3), mouth(15_000, 1.0)
    shapes = {
        **dict(zip(("A1", "A2"), islet(0, 0.0), strict=True)),
        **dict(zip(("B1", "B2"), islet(1000, 0.02), strict=True)),
        "C": crack,
        **dict(zip(("D1", "D2"), straight, strict=True)),
        **dict(zip(("E1", "E2"), oblique, strict=True)),
        "F1": line((4000, 5000), (10_000, 5000)),
        "F2": line((7000, 7030), (7000, 5030)),
    }
    width = ["60" if name == "F1" else "40" if name == "F2" else "" for name in shapes]
    columns = {"reach_id": list(shapes), "river": list(shapes), "basin": ["柳江"] * len(shapes), "width_m": width}
    write_layer(county_folder, "reaches.gpkg", columns, list(shapes.values()))
    tables = measured(county_folder).tables
    expected = dict.fromkeys(("A1", "A2", "B1", "B2"), 2100.0) | {"C": 4200, "F1": 11_960, "F2": 4000}
    for name, water, slope in (("D", straight, 0.3), ("E", oblique, 1.0)):
        mouth_m = float(np.hypot(40, 40 * slope))
        expected |= {f"{name}{number + 1}": shape.length - mouth_m for number, shape in enumerate(water)}
    found = dict(zip(tables["shoreline"]["reach_id"], tables["shoreline"]["bank_m"], strict=True))
    assert found == pytest.approx(expected, rel=3e-4, abs=0.1)
    islands = tables["shoreline_banks"].query("side == 'island'").groupby("reach_id")["bank_m"].sum()
    assert islands.to_dict() == pytest.approx(dict.fromkeys(("A1", "A2", "B1", "B2"), 240), rel=1e-3, abs=0.1)


def test_banks_with_ids_of_their_own_are_paired(county_folder: Path) -> None:
    """Two reaches of one river, each bank a feature, the left one of 甲 drawn upstream; a bank of 丙 stands alone."""
    shapes = [
        line((1000, 7050), (0, 7050)),
        line((0, 7000), (1000, 7000)),
        line((1000, 7050), (2000, 7050)),
        line((1000, 7000), (2000, 7000)),
        line((0, 9000), (1000, 9000)),
    ]
    ids = ["R1-左岸", "R1-右岸", "7", "8", "9"]
    columns = {
        "reach_id": ids,
        "river": ["甲河"] * 4 + ["丙河"],
        "basin": ["柳江"] * 5,
        "bank": ["", "", "左岸", "右岸", "左岸"],
    }
    write_layer(county_folder, "reaches.gpkg", columns, shapes)
    zones = {"shore_id": ["Z1", "Z2"], "reach_id": ["R1-右岸", "8"], "zone": ["保护区", "保留区"]}
    write_layer(county_folder, "shorelines.gpkg", zones, [shapes[1], shapes[2]])
    report = measured(county_folder)
    rows = report.tables["shoreline"].set_index("reach_id")
    assert rows["bank_m"].to_dict() == pytest.approx({"R1-左岸": 2000, "7": 2000, "9": np.nan}, rel=5e-4, nan_ok=True)
    assert rows["protection_pct"].to_dict() == pytest.approx({"R1-左岸": 50, "7": 50, "9": np.nan}, nan_ok=True)
    banks = report.tables["shoreline_banks"].set_index(["reach_id", "side"])["protection_pct"].to_dict()
    assert banks["R1-左岸", "right"] == pytest.approx(100)
    assert banks["7", "left"] == pytest.approx(100)
    texts = [finding.message.en for _, finding in report.findings]
    assert any("R1-左岸 + R1-右岸, 7 + 8" in text for text in texts)
    assert any(text.startswith("9 are called one bank") for text in texts)
