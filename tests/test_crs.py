"""Where coordinates lie: zones, prefixes, swapped axes, wrong zones, old datums, web-map offsets."""

from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.china_offset import bd09_to_wgs84, gcj02_to_wgs84, likely_offset, wgs84_to_gcj02
from ecogeo.crs import Assumption, UnclearCrsError, place_geometries, read_assumption
from ecogeo.datum_shift import read_shift
from ecogeo.errors import DatumError, UnusableFileError, UsageError
from ecogeo.formats.reading import CrsHint
from ecogeo.gauss import FAMILIES, Family, candidates, home_plane, twin, zone_text

LIUJIANG = (108.92, 23.91, 109.55, 24.41)


def shapes(*geometries: shapely.Geometry) -> geodesy.Geometries:
    return np.array(geometries, dtype=object)


def in_crs(epsg: int, lon: float = 109.3, lat: float = 24.26) -> geodesy.Geometries:
    x, y = pyproj.Transformer.from_crs(4490, epsg, always_xy=True).transform(lon, lat)
    return shapes(shapely.Point(x, y).buffer(0.0001 if epsg == 4490 else 10))


def turned(geometries: geodesy.Geometries) -> geodesy.Geometries:
    return shapely.transform(geometries, lambda xy: xy[:, ::-1])


def middle(placement: object) -> tuple[float, float]:
    centre = placement.lonlat[0].centroid  # type: ignore[attr-defined]
    return (round(centre.x, 5), round(centre.y, 5))


@pytest.mark.parametrize("epsg", [4490, 4545, 4524, 4546, 4525, 4497])
@pytest.mark.parametrize("is_swapped", [False, True])
def test_coordinates_without_a_crs_are_found_by_size_and_county(epsg: int, is_swapped: bool) -> None:
    given_shapes = turned(in_crs(epsg)) if is_swapped else in_crs(epsg)
    placement = place_geometries(given_shapes, stated=None, county=LIUJIANG)
    assert middle(placement) == (109.3, 24.26)
    assert placement.crs.to_epsg() == epsg
    assert placement.is_swapped == is_swapped
    assert placement.source == "inferred"
    assert any("axes swapped" in doubt.en for doubt in placement.doubts) == is_swapped


def test_six_degree_zone_19_without_prefix_is_zone_37_written_otherwise() -> None:
    assert middle(place_geometries(in_crs(4508), stated=None, county=LIUJIANG)) == (109.3, 24.26)


@given(lon=st.floats(108.93, 109.54), lat=st.floats(23.92, 24.40), epsg=st.sampled_from([4545, 4524, 4546, 4525]))
def test_anywhere_in_the_county_the_zone_is_found(lon: float, lat: float, epsg: int) -> None:
    placement = place_geometries(in_crs(epsg, lon, lat), stated=None, county=LIUJIANG)
    assert placement.crs.to_epsg() == epsg
    assert middle(placement) == pytest.approx((lon, lat), abs=2e-5)


def test_without_a_county_an_unprefixed_plane_is_refused_with_its_candidates() -> None:
    with pytest.raises(UnclearCrsError) as refused:
        place_geometries(in_crs(4545), stated=None)
    message = refused.value.say("en")
    assert "can be read in 20 ways" in message
    assert "--assume EPSG:4545" in message
    assert "中央经线 108°E" in refused.value.say("zh")


def test_a_hint_decides_without_a_county_and_is_contradicted_by_one() -> None:
    placement = place_geometries(in_crs(4545), stated=None, hint=CrsHint("2000国家大地坐标系", 3, 36))
    assert placement.crs.to_epsg() == 4545
    wrong = place_geometries(in_crs(4545), stated=None, hint=CrsHint("", 3, 37), county=LIUJIANG)
    assert wrong.crs.to_epsg() == 4545
    assert any("contradicts the zone 37" in doubt.en for doubt in wrong.doubts)


def test_prefix_needs_no_county() -> None:
    assert place_geometries(in_crs(4524), stated=None).crs.to_epsg() == 4524
    assert place_geometries(in_crs(4497), stated=None).crs.to_epsg() == 4497


def test_wrong_zone_is_refused_and_named() -> None:
    """Zone-37 numbers under a zone-36 .prj land exactly 3° west."""
    with pytest.raises(UnclearCrsError) as refused:
        place_geometries(in_crs(4546), stated=pyproj.CRS.from_epsg(4545), county=LIUJIANG)
    message = refused.value.say("en")
    assert "lies at 106.3000°E" in message
    assert "--assume EPSG:4546" in message
    told = place_geometries(
        in_crs(4546), stated=pyproj.CRS.from_epsg(4545), county=LIUJIANG, assumption=read_assumption("EPSG:4546")
    )
    assert middle(told) == (109.3, 24.26)
    assert told.source == "assumed"


def test_swapped_axes_under_a_stated_crs_are_refused_and_named() -> None:
    for epsg in (4490, 4326, 4545):
        with pytest.raises(UnclearCrsError, match="swapped"):
            place_geometries(turned(in_crs(epsg)), stated=pyproj.CRS.from_epsg(epsg), county=LIUJIANG)
        told = place_geometries(
            turned(in_crs(epsg)),
            stated=pyproj.CRS.from_epsg(epsg),
            county=LIUJIANG,
            assumption=Assumption(is_swapped=True),
        )
        assert middle(told) == (109.3, 24.26)


def test_a_file_of_elsewhere_is_only_doubted_where_the_county_is_not_sure() -> None:
    for assumption, sure in ((None, False), (Assumption(is_as_stated=True), True)):
        placement = place_geometries(
            in_crs(4546),
            stated=pyproj.CRS.from_epsg(4545),
            county=LIUJIANG,
            is_county_sure=sure,
            assumption=assumption,
        )
        assert middle(placement) == (106.3, pytest.approx(24.26, abs=0.01))
        assert placement.doubts


def test_a_sound_file_of_another_country_is_taken_with_a_doubt() -> None:
    there = in_crs(32632, 9.0, 48.0)
    placement = place_geometries(there, stated=pyproj.CRS.from_epsg(32632), county=LIUJIANG)
    assert middle(placement) == (9.0, 48.0)
    assert "outside the county" in placement.doubts[0].en


def test_custom_wkt_that_names_cgcs2000() -> None:
    wkt = pyproj.CRS.from_epsg(4545).to_wkt("WKT1_ESRI").replace("CGCS2000_3_Degree_GK_CM_108E", "柳江区独立命名")
    local = pyproj.CRS.from_wkt(wkt.replace('"Central_Meridian",108.0', '"Central_Meridian",109.25'))
    assert local.to_epsg() is None
    assert "109.25" in wkt.replace("108.0", "109.25")
    x, y = pyproj.Transformer.from_crs(4490, local, always_xy=True).transform(109.3, 24.26)
    assert middle(place_geometries(shapes(shapely.Point(x, y)), stated=local, county=LIUJIANG)) == (109.3, 24.26)


@pytest.mark.parametrize("datum", ["80国家大地坐标系", "1980西安坐标系", "西安80", "1954北京坐标系"])
def test_old_datum_in_a_head_is_refused(datum: str) -> None:
    with pytest.raises(DatumError, match="never a no-op"):
        place_geometries(in_crs(4545), stated=None, hint=CrsHint(datum, 3, 36), county=LIUJIANG)


@pytest.mark.parametrize(
    "shape", [shapely.Point(1, 1), shapely.Point(0, 0), shapely.Point(5e7, 2e6), shapely.Point(24_500_000, 2.6e6)]
)
def test_nonsense_is_refused(shape: shapely.Geometry) -> None:
    assert candidates(shapes(shape)) == ()
    with pytest.raises(UnclearCrsError, match="neither degrees nor Gauss metres"):
        place_geometries(shapes(shape), stated=None, county=LIUJIANG)


def test_empty_layers_have_no_candidates() -> None:
    assert candidates(shapes(shapely.Point())) == ()


def test_words_of_an_assumption() -> None:
    assert read_assumption("EPSG:4546, swapped").crs == pyproj.CRS.from_epsg(4546)
    assert read_assumption("gcj-02").offset == "GCJ-02"
    with pytest.raises(UsageError, match="does not know “nonsense”"):
        read_assumption("nonsense")


@pytest.mark.parametrize(
    ("epsg", "text"),
    [
        (4497, "CGCS2000 6-degree zone 19, meridian 111°E, with prefix"),
        (4508, "CGCS2000 6-degree zone 19, meridian 111°E, no prefix"),
        (4525, "CGCS2000 3-degree zone 37, meridian 111°E, with prefix"),
        (4533, "CGCS2000 3-degree zone 45, meridian 135°E, with prefix"),
        (4326, "WGS 84, longitude and latitude"),
        (4490, "CGCS2000, longitude and latitude"),
        (3857, "WGS 84 / Pseudo-Mercator"),
    ],
)
def test_names_of_zones(epsg: int, text: str) -> None:
    assert zone_text(pyproj.CRS.from_epsg(epsg)).en == text


@pytest.mark.parametrize("family", FAMILIES)
def test_the_registry_agrees_on_every_plane(family: Family) -> None:
    """Meridian, prefix and datum of each code, as PROJ holds them."""
    for zone in family.zones:
        for datum in family.first_code:
            crs = pyproj.CRS.from_epsg(family.code(zone, datum))
            operation = {part.name: float(part.value) for part in crs.coordinate_operation.params}
            assert operation["Longitude of natural origin"] == family.meridian(zone)
            assert operation["False easting"] == zone * 1e6 * family.is_prefixed + 500_000
            assert crs.geodetic_crs is not None
            assert crs.geodetic_crs.to_epsg() == datum
            assert twin(crs, datum) == crs


def test_home_planes() -> None:
    assert [home_plane(lon).to_epsg() for lon in (109.3, 109.5, 73.0, 140.0)] == [4545, 4546, 4534, 4554]


@given(lon=st.floats(75, 134), lat=st.floats(18, 53))
def test_web_map_offset_is_undone(lon: float, lat: float) -> None:
    there = wgs84_to_gcj02(np.array([[lon, lat]]))
    assert gcj02_to_wgs84(there)[0] == pytest.approx((lon, lat), abs=1e-8)
    assert 20 < geodesy.GEOD.inv(lon, lat, *there[0])[2] < 1200
    assert 300 < geodesy.GEOD.inv(lon, lat, *bd09_to_wgs84(there)[0])[2] < 2500, "BD-09 lies beyond GCJ-02"


def test_offset_shows_in_a_county_and_never_in_a_site() -> None:
    county = shapely.Polygon(
        [(108.92, 24.26), (109.04, 24.41), (109.42, 24.22), (109.52, 24.07), (109.29, 24.04), (109.03, 24.13)]
    )
    shifted = shapely.transform(county, wgs84_to_gcj02)
    assert likely_offset(shapes(shifted), county) == "GCJ-02"
    assert likely_offset(shapes(county), county) == ""
    assert likely_offset(shapes(shapely.box(109.3, 24.2, 109.31, 24.21)), county) == ""
    assert likely_offset(shapes(shifted), None) == ""
    columns = shapely.box(np.arange(108.9, 109.5, 0.1), 24.0, np.arange(109.0, 109.6, 0.1), 24.5)
    parted = shapely.intersection(shifted, columns)
    assert likely_offset(parted, county) == "GCJ-02", "parts that fill the county show it as the whole does"
    twisted = shapely.Polygon([(109.1, 24.2), (109.2, 24.25), (109.2, 24.2), (109.1, 24.25)])
    assert likely_offset(np.array([*parted, twisted], dtype=object), county) == "GCJ-02", "whatever else is drawn"
    assert likely_offset(parted[:3], county) == ""
    told = place_geometries(
        shapes(shifted), stated=pyproj.CRS.from_epsg(4326), county=LIUJIANG, assumption=Assumption(offset="GCJ-02")
    )
    assert told.lonlat[0].equals_exact(county, 1e-7)
    assert "approximate" in told.doubts[-1].en


SEVEN = """
convention = "position_vector"
dx_m = 100
dy_m = -50.5
dz_m = 20
rx_sec = 1
ry_sec = -2
rz_sec = 3
scale_ppm = 4
"""
FOUR = "north_m = 12.5\neast_m = -7.25\nrotation_sec = 3\nscale_ppm = 2\n"


def test_seven_parameters_against_an_independent_helmert(tmp_path: Path) -> None:
    """The geocentric formula by hand: X' = T + (1 + s) (X + ω × X), position vector convention."""
    (tmp_path / "p.toml").write_text(SEVEN, "utf-8")
    old = pyproj.CRS.from_epsg(4610)
    placement = place_geometries(
        shapes(shapely.Point(109.3, 24.26)), stated=old, county=LIUJIANG, shift=read_shift(tmp_path / "p.toml")
    )
    a, f = 6378140.0, 1 / 298.257
    lat, lon = np.radians([24.26, 109.3])
    n = a / np.sqrt(1 - f * (2 - f) * np.sin(lat) ** 2)
    x = np.array([n * np.cos(lat) * np.cos(lon), n * np.cos(lat) * np.sin(lon), n * (1 - f) ** 2 * np.sin(lat)])
    omega = np.radians(np.array([1, -2, 3]) / 3600)
    moved = np.array([100, -50.5, 20]) + (1 + 4e-6) * (x + np.cross(omega, x))
    geocentric = pyproj.Transformer.from_crs(4479, 4490, always_xy=True)
    expected = geocentric.transform(*moved)[:2]
    found = placement.lonlat[0]
    assert geodesy.GEOD.inv(*expected, found.x, found.y)[2] < 0.01
    assert "7 parameters given" in placement.doubts[0].en


@pytest.mark.parametrize(("epsg", "modern"), [(2381, 4545), (2360, 4524), (2433, 4545), (21419, 4497)])
def test_four_parameters_in_a_plane(tmp_path: Path, epsg: int, modern: int) -> None:
    (tmp_path / "p.toml").write_text(FOUR, "utf-8")
    prefix = {4524: 36e6, 4497: 19e6}.get(modern, 0.0)
    placement = place_geometries(
        shapes(shapely.Point(prefix + 632_000, 2_684_700)),
        stated=pyproj.CRS.from_epsg(epsg),
        shift=read_shift(tmp_path / "p.toml"),
    )
    angle, scale = np.radians(3 / 3600), 1 + 2e-6
    north = 12.5 + scale * (2_684_700 * np.cos(angle) - 632_000 * np.sin(angle))
    east = -7.25 + scale * (2_684_700 * np.sin(angle) + 632_000 * np.cos(angle))
    expected = pyproj.Transformer.from_crs(modern, 4490, always_xy=True).transform(prefix + east, north)
    assert (placement.lonlat[0].x, placement.lonlat[0].y) == pytest.approx(expected, abs=1e-9)


def test_hinted_old_datum_with_parameters(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("north_m = 0\neast_m = 0\nrotation_sec = 0\nscale_ppm = 0\n", "utf-8")
    placement = place_geometries(
        in_crs(4545),
        stated=None,
        hint=CrsHint("1980西安坐标系", 3, 36),
        county=LIUJIANG,
        shift=read_shift(tmp_path / "p.toml"),
    )
    assert placement.crs.to_epsg() == 2381
    assert middle(placement) == (109.3, 24.26)


def test_parameters_are_never_shown(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(SEVEN, "utf-8")
    shift = read_shift(path)
    assert "50.5" not in repr(shift) + str(shift)
    path.write_text(SEVEN.replace("dx_m = 100", "dx_m = 'secret'"), "utf-8")
    with pytest.raises(UnusableFileError, match="missing or wrong: dx_m") as refused:
        read_shift(path)
    assert "secret" not in refused.value.say("zh") + refused.value.say("en")
    assert refused.value.__context__ is None or "secret" not in str(refused.value.__cause__)


def test_four_parameters_do_not_fit_degrees(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(FOUR, "utf-8")
    with pytest.raises(DatumError, match="give seven"):
        place_geometries(
            shapes(shapely.Point(109.3, 24.26)),
            stated=pyproj.CRS.from_epsg(4610),
            shift=read_shift(tmp_path / "p.toml"),
        )


def test_parameter_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="missing or not TOML"):
        read_shift(tmp_path / "p.toml")


def test_an_assumption_overrules_a_zone_and_never_a_datum() -> None:
    with pytest.raises(DatumError, match="never a no-op"):
        place_geometries(
            in_crs(4545), stated=pyproj.CRS.from_epsg(2381), county=LIUJIANG, assumption=read_assumption("EPSG:4545")
        )


def test_an_assumption_that_leads_elsewhere_is_said_or_refused() -> None:
    there = place_geometries(in_crs(4545), stated=None, county=LIUJIANG, assumption=read_assumption("EPSG:4546"))
    assert any("outside the county" in doubt.en for doubt in there.doubts)
    with pytest.raises(UnclearCrsError, match="do not fit"):
        place_geometries(in_crs(4490), stated=None, county=LIUJIANG, assumption=read_assumption("EPSG:4546"))


@pytest.mark.parametrize(
    "other", [in_crs(4525), in_crs(4545), turned(in_crs(4524)), in_crs(4490)], ids=["zone", "prefix", "axes", "degrees"]
)
def test_features_written_otherwise_are_named(other: geodesy.Geometries) -> None:
    mixed = np.concatenate([in_crs(4524), in_crs(4524, 109.2), other])
    with pytest.raises(UnclearCrsError, match="features 3 are written otherwise"):
        place_geometries(mixed, stated=None, county=LIUJIANG)


def test_a_feature_astray_is_named_where_the_others_lie_well() -> None:
    mixed = np.concatenate([in_crs(4490), in_crs(4490, 109.2), turned(in_crs(4490))])
    placement = place_geometries(mixed, stated=pyproj.CRS.from_epsg(4490), county=LIUJIANG)
    assert "features 3 reach far out of the county" in placement.doubts[-1].en


def test_a_head_that_says_it_all_leaves_no_doubt() -> None:
    told = place_geometries(in_crs(4524), stated=None, hint=CrsHint("2000国家大地坐标系", 3, 36), county=LIUJIANG)
    assert (told.source, told.doubts) == ("stated", ())


def test_degrees_that_could_be_minutes_and_seconds_are_doubted() -> None:
    packed = shapes(
        shapely.Polygon([(109.1800, 24.1536), (109.1812, 24.1536), (109.1812, 24.1548), (109.1800, 24.1548)])
    )
    several = np.concatenate(
        [packed, shapes(shapely.Polygon([(109.1905, 24.1601), (109.1920, 24.1601), (109.1920, 24.1622)]))]
    )
    told = place_geometries(several, stated=None, county=LIUJIANG)
    assert any("ddd.mmss" in doubt.en for doubt in told.doubts)
    plain = place_geometries(in_crs(4490, 109.3271, 24.2617), stated=None, county=LIUJIANG)
    assert not any("ddd.mmss" in doubt.en for doubt in plain.doubts)
