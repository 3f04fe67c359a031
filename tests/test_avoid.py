"""The least change that frees a site: figures worked out by hand, and properties of trimming and moving."""

import codecs

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from conftest import ORIGIN, ZONE_36, block
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from ecogeo.finding import Verdict
from ecogeo.formats.boundary.from_frame import boundary_from_frame
from ecogeo.formats.boundary.writing import write_boundary
from ecogeo.formats.boundary_txt import read_boundary_file
from ecogeo.inspection import inspect_file
from ecogeo.siting import AvoidOptions, TrimOptions, avoid_sites
from ecogeo.siting.shifting import nearest_shift
from ecogeo.siting.trimming import trim
from ecogeo.workspace import open_workspace

PLAIN = TrimOptions(margin_m=0.0, smooth_m=0.0, least_piece_m2=0.0, least_width_m=0.0)


@pytest.fixture
def avoided(county_folder, tmp_path):
    """Return what proposes for shapes given in metres from the county's corner."""

    def propose(*shapes, **options):
        path = tmp_path / "given.gpkg"
        gpd.GeoDataFrame(
            {"name": [f"地块{n}" for n in range(len(shapes))]}, geometry=list(shapes), crs=ZONE_36
        ).to_file(path)
        county = open_workspace(county_folder)
        outline = county.of_role("county")
        found = inspect_file(path, county=outline.box, outline=outline.coverage)
        return avoid_sites(county, found, path, None, AvoidOptions(**options))

    return propose


def test_half_a_site_in_a_red_line_is_trimmed_or_moved(avoided):
    """200 m × 100 m, its western half in the red line that ends at x = 2000: a margin of 1 m leaves 99 m × 100 m."""
    result = avoided(block(1900, 1500, 200, 100), trim=TrimOptions(margin_m=1.0, smooth_m=0.0))
    row = result.sites.iloc[0]
    assert row["area_m2"] == pytest.approx(20_000, rel=1e-3)
    assert row["kept_share"] == pytest.approx(0.495, abs=1e-6)
    assert row["kept_m2"] + row["blocked_m2"] + row["margin_m2"] == pytest.approx(row["area_m2"], abs=0.03)
    assert (row["move_east_m"], row["move_north_m"]) == (101.0, 0.0)
    assert row["blocked_by"] == "redlines"
    touching = result.touching[result.touching["layer"] == "redlines"]
    assert touching["proposal"].tolist() == ["as drawn"]


def test_corners_that_nothing_blocks_stay_to_the_last_digit(avoided):
    site = shapely.Polygon(
        [(ORIGIN[0] + x, ORIGIN[1] + y) for x, y in ((1950, 1500.123), (2100.456, 1500), (2100, 1600), (1950, 1600))]
    )
    (proposal,) = avoided(site).proposals
    kept = {tuple(xy) for xy in shapely.get_coordinates(proposal.trimmed.kept).tolist()}
    assert {(ORIGIN[0] + 2100.456, ORIGIN[1] + 1500), (ORIGIN[0] + 2100, ORIGIN[1] + 1600)} <= kept


def test_a_clear_site_and_one_that_touches_stay_whole(avoided):
    result = avoided(block(8000, 8000, 100, 100), block(2000, 1000, 100, 100))
    assert result.sites["kept_share"].tolist() == [1.0, 1.0]
    assert result.sites["move_m"].tolist() == [0.0, 0.0]
    assert not result.is_any_in_conflict


def test_a_site_inside_is_lost_and_moved_only_within_the_limit(avoided):
    inside = block(1450, 1450, 100, 100)
    near, far = avoided(inside, limit_m=500).sites.iloc[0], avoided(inside, limit_m=600).sites.iloc[0]
    assert near["kept_m2"] == 0
    assert np.isnan(near["move_m"])
    assert far["move_m"] == pytest.approx(551, abs=0.02)


def test_accuracy_is_added_to_the_margin_and_reaches_what_is_near(avoided):
    near = block(2030, 1500, 100, 100)
    assert not avoided(near).is_any_in_conflict
    row = avoided(near, accuracy_m=50.0, trim=TrimOptions(margin_m=1.0, smooth_m=0.0)).sites.iloc[0]
    assert row["kept_share"] == pytest.approx(0.79, abs=1e-6)
    assert row["move_east_m"] == pytest.approx(21.0, abs=0.011)


def test_unknown_ground_is_told_kept_or_taken_and_never_moved_onto(avoided):
    """The county ends at x = 10,000, and so do the layers: half of the site astride is known."""
    astride = block(9900, 5000, 200, 100)
    kept, taken = avoided(astride).sites.iloc[0], avoided(astride, takes_unknown=True).sites.iloc[0]
    assert (kept["kept_share"], kept["blocked_by"]) == (1.0, "redlines?;shorelines?")
    assert taken["kept_share"] == pytest.approx(0.49, abs=2e-3)  # a margin and as much smoothing
    cornered = avoided(block(1000, 0, 100, 1100), limit_m=200).sites.iloc[0]
    assert cornered["move_east_m"] == pytest.approx(-101.0, abs=0.011)  # to the south lies ground nobody knows


def test_verdicts_choose_what_is_kept_off(avoided):
    assert not avoided(block(1900, 1500, 200, 100), verdicts=(Verdict.PROHIBITED,)).is_any_in_conflict


def test_pieces_and_places_too_small_are_listed_apart():
    site = shapely.union_all(
        [shapely.box(0, 0, 100, 100), shapely.box(100, 50, 200, 52), shapely.box(200, 45, 208, 53)]
    )
    parted = trim(site, shapely.box(-10, -10, 20, 110), TrimOptions(0.0, 0.0, 100.0, 3.0))
    assert parted.kept.area == pytest.approx(8000, abs=0.1)  # a crease of 2 cm stays where the strip begins
    assert parted.narrow.area == pytest.approx(200, rel=0.01)
    assert parted.small.area == pytest.approx(64, rel=0.05)


def shapes(lowest, highest):
    """Draw polygons, some with a hole or in parts."""
    place = st.tuples(st.floats(lowest, highest), st.floats(lowest, highest))
    star = st.builds(
        lambda centre, radii: shapely.Polygon(
            [
                (centre[0] + r * np.cos(2 * np.pi * k / len(radii)), centre[1] + r * np.sin(2 * np.pi * k / len(radii)))
                for k, r in enumerate(radii)
            ]
        ),
        place,
        st.lists(st.floats(5, 60), min_size=3, max_size=9),
    )
    return st.lists(star, min_size=1, max_size=3).map(shapely.union_all)


@given(shapes(0, 100), shapes(0, 150), st.floats(0, 10), st.sampled_from([0.0, 0.5, 3.0]))
def test_the_parts_of_a_trimmed_site_are_the_site_and_keep_the_margin(site, blocked, margin, smooth):
    options = TrimOptions(margin, smooth, 50.0, 2.0)
    parted = trim(site, blocked, options)
    parts = [parted.kept, parted.blocked, parted.beside, parted.narrow, parted.small]
    assert sum(part.area for part in parts) == pytest.approx(site.area, abs=0.02)
    if not parted.is_whole and not parted.kept.is_empty:
        assert parted.kept.distance(blocked) > margin - 1e-4
        assert all(piece.area >= 50 for piece in shapely.get_parts(parted.kept))


@given(shapes(0, 60), shapes(0, 100))
def test_a_move_is_clear_and_none_on_a_grid_is_shorter(site, blocked):
    shift = nearest_shift(site, blocked, margin_m=0.5, limit_m=400)
    near = blocked.buffer(0.5, join_style="mitre", mitre_limit=2.0)
    assert shift is not None
    moved = affinity.translate(site, shift.dx_m, shift.dy_m)
    assert moved.intersection(near).area < 1e-3
    turns = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    lengths = np.arange(0, shift.distance_m - 0.2, max(shift.distance_m / 12, 0.5))
    moves = (lengths[:, None, None] * np.column_stack([np.cos(turns), np.sin(turns)])).reshape(-1, 2)
    tried = np.full(len(moves), site, dtype=object)
    places, of = shapely.get_coordinates(tried, return_index=True)
    tried = shapely.set_coordinates(tried, places + moves[of])
    assert (shapely.area(shapely.intersection(tried, near)) > 0).all()


def test_the_command_writes_the_dialect_it_was_given(county_folder, tmp_path, run):
    frame = gpd.GeoDataFrame(
        {"parcel_no": ["A1", "A2"], "parcel_name": ["甲地", "乙地"]},
        geometry=[block(1900, 1500, 200, 100), block(8000, 8000, 100, 100)],
        crs=ZONE_36,
    )
    head = [("坐标系", "2000国家大地坐标系"), ("几度分带", "3"), ("带号", "36")]
    file = boundary_from_frame(frame, head)
    dialect = file.dialect.__class__(encoding="GB18030", newline="\n", closing="absent", numbering="per ring")
    path = tmp_path / "申报.txt"
    path.write_bytes(write_boundary(file, dialect))
    status, out, _ = run("avoid", path, "-w", county_folder, "-o", tmp_path / "out", "--smooth-m", "0")
    assert status == 1
    assert "甲地：裁剪后保留 9896.36 / 19992.65" in out
    for name in ("trimmed.txt", "moved.txt"):
        back = read_boundary_file((tmp_path / "out" / name).read_bytes(), name)
        assert (back.dialect.encoding, back.dialect.newline, back.dialect.closing) == ("GB18030", "\n", "absent")
        assert back.head == tuple(head)
        assert [parcel.label for parcel in back.parcels] == [parcel.label for parcel in file.parcels]
        status, out, _ = run("avoid", tmp_path / "out" / name, "-w", county_folder, "-o", tmp_path / "again")
        assert status == 0, out
    table = pd.read_csv(tmp_path / "out" / "avoid.csv", encoding="utf-8-sig")
    assert table["kept_share"].tolist() == pytest.approx([0.495, 1.0], abs=1e-6)
    assert set(pyogrio.read_dataframe(tmp_path / "out" / "avoid.gpkg")["shape"]) == {
        "site",
        "blocked",
        "trimmed",
        "moved",
    }
    assert (tmp_path / "out" / "avoid.csv").read_bytes().startswith(codecs.BOM_UTF8)
    first = {entry.name: entry.read_bytes() for entry in (tmp_path / "out").iterdir()}
    run("avoid", path, "-w", county_folder, "-o", tmp_path / "out", "--smooth-m", "0")
    assert first == {entry.name: entry.read_bytes() for entry in (tmp_path / "out").iterdir()}


def test_lines_are_refused_with_what_is_expected(county_folder, tmp_path, run):
    path = tmp_path / "line.gpkg"
    shape = shapely.LineString([(ORIGIN[0], ORIGIN[1] + 1500), (ORIGIN[0] + 3000, ORIGIN[1] + 1500)])
    gpd.GeoDataFrame({"name": ["线"]}, geometry=[shape], crs=ZONE_36).to_file(path)
    status, _, err = run("avoid", path, "-w", county_folder, "-o", tmp_path / "out", "-q")
    assert status == 2
    assert "只有面状用地" in err
    assert "Traceback" not in err
