"""The overlap kernel against shapely's overlay, on everything that makes overlays fail."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import affinity
from test_geodesy import integrated_m2

from ecogeo import geodesy
from ecogeo.kernel import Pairs, Polygons, ZoneIndex, area_m2, overlap_area

Shapes = geodesy.Geometries
ORIGIN = (109.3, 24.2)


def shapes(*geometries: shapely.Geometry | None) -> Shapes:
    return np.array(geometries, dtype=object)


def measured(sites: Shapes, zones: Shapes, *, threads: int = 1) -> Pairs:
    return overlap_area(Polygons.of(sites), ZoneIndex.build(Polygons.of(zones), threads=threads), threads=threads)


def as_dict(pairs: Pairs) -> dict[tuple[int, int], float]:
    return dict(zip(zip(pairs.site.tolist(), pairs.zone.tolist(), strict=True), pairs.area_m2.tolist(), strict=True))


def by_overlay(sites: Shapes, zones: Shapes) -> dict[tuple[int, int], float]:
    site, zone = np.divmod(np.arange(len(sites) * len(zones)), len(zones))
    area = geodesy.area_m2(shapely.intersection(sites[site], zones[zone]))
    return {(int(s), int(z)): float(a) for s, z, a in zip(site, zone, area, strict=True) if a > 0.0}


def check_equal_to_overlay(sites: Shapes, zones: Shapes) -> dict[tuple[int, int], float]:
    """Compare pairs and areas; a pair below what coordinates can tell (1e-6 m²) may be missing on either side."""
    ours, theirs = as_dict(measured(sites, zones)), by_overlay(sites, zones)
    for pair in ours.keys() | theirs.keys():
        assert ours.get(pair, 0.0) == pytest.approx(theirs.get(pair, 0.0), rel=1e-6, abs=1e-6), pair
    return ours


def placed(geometry: shapely.Geometry, scale: float, origin: tuple[float, float] = ORIGIN) -> shapely.Geometry:
    """Bring a drawing in small whole numbers to the ground, one unit `scale` degrees."""
    return affinity.translate(affinity.scale(geometry, scale, scale, origin=(0, 0)), *origin)


def ground_of(*boxes: tuple[float, float, float, float]) -> shapely.Geometry:
    return shapely.union_all([shapely.box(*box) for box in boxes])


# --- by hand


def test_half_of_a_square() -> None:
    square, half = shapely.box(109.0, 24.0, 109.02, 24.02), shapely.box(109.01, 23.9, 109.5, 24.1)
    pairs = measured(shapes(square), shapes(half))
    assert pairs.site.tolist() == pairs.zone.tolist() == [0]
    assert pairs.area_m2[0] == pytest.approx(geodesy.area_m2(shapes(square))[0] / 2, rel=1e-11)


def test_what_only_touches_is_no_pair() -> None:
    square = shapely.box(109.0, 24.0, 109.01, 24.01)
    beside = [shapely.box(109.01, 24.0, 109.02, 24.01), shapely.box(108.99, 23.99, 109.0, 24.0)]
    corner = shapely.Polygon([(109.01, 24.005), (109.02, 24.0), (109.02, 24.01)])
    notch = shapely.box(108.9, 23.9, 109.1, 24.1).difference(square)
    assert not as_dict(measured(shapes(square), shapes(*beside, corner, notch)))


def test_missing_empty_and_lesser_shapes_have_no_pair() -> None:
    square = shapely.box(109.0, 24.0, 109.01, 24.01)
    odd = shapes(
        None, shapely.Polygon(), shapely.Point(109.005, 24.005), square, shapely.LineString([(109, 24), (110, 25)])
    )
    assert list(as_dict(measured(odd, shapes(square)))) == [(3, 0)]
    assert list(as_dict(measured(shapes(square), odd))) == [(0, 3)]
    assert not as_dict(measured(shapes(), odd))
    assert not as_dict(measured(odd, shapes()))


def test_collections_count_their_polygons() -> None:
    square, other = shapely.box(109.0, 24.0, 109.01, 24.01), shapely.box(109.02, 24.0, 109.03, 24.01)
    nested = shapely.GeometryCollection([shapely.GeometryCollection([square, shapely.Point(0, 0)]), other])
    areas = area_m2(Polygons.of(shapes(nested, square, None)))
    np.testing.assert_allclose(areas, geodesy.area_m2(shapes(nested, square, None)), rtol=1e-12)


def test_a_bow_tie_counts_both_lobes_and_is_named() -> None:
    tie = shapely.Polygon([(109.0, 24.0), (109.02, 24.02), (109.02, 24.0), (109.0, 24.02)])
    lobes = shapely.make_valid(tie)
    around = shapely.box(108, 23, 110, 25)
    right = shapely.box(109.01, 23, 110, 25)
    pairs = measured(shapes(around, tie), shapes(around, right))
    assert pairs.crossed.tolist() == [1]
    ours, exact = as_dict(pairs), by_overlay(shapes(around, lobes), shapes(around, right))
    assert ours == pytest.approx(exact, rel=1e-9)


def test_an_outline_that_overlaps_itself_counts_its_ground_once() -> None:
    twice = shapely.MultiPolygon([shapely.box(109.0, 24.0, 109.02, 24.02), shapely.box(109.01, 24.0, 109.03, 24.02)])
    inner = shapely.MultiPolygon(
        [shapely.box(109.0, 24.0, 109.02, 24.02), shapely.box(109.005, 24.005, 109.006, 24.006)]
    )
    around = shapely.box(108, 23, 110, 25)
    pairs = measured(shapes(twice, inner), shapes(around))
    assert pairs.crossed.tolist() == [0, 1]
    whole = geodesy.area_m2(shapes(shapely.box(109.0, 24.0, 109.03, 24.02), shapely.box(109.0, 24.0, 109.02, 24.02)))
    np.testing.assert_allclose(pairs.area_m2, whole, rtol=1e-9)


def test_spikes_and_necks_without_width_are_no_fault() -> None:
    spike = shapely.Polygon([(109, 24), (109.01, 24), (109.01, 24.01), (109.03, 24.01), (109.01, 24.01), (109, 24.01)])
    corners = [(0, 0), (2, 0), (2, 1), (4, 1), (4, 0), (6, 0), (6, 2), (4, 2), (4, 1), (2, 1), (2, 2), (0, 2)]
    neck = placed(shapely.Polygon(corners), 0.001)
    around = shapely.box(108, 23, 110, 25)
    pairs = measured(shapes(spike, neck), shapes(around))
    assert len(pairs.crossed) == 0
    exact = geodesy.area_m2(shapely.make_valid(shapes(spike, neck)))
    np.testing.assert_allclose(pairs.area_m2, exact, rtol=1e-9)


def test_slivers_of_a_billionth_of_a_degree() -> None:
    square = shapely.box(109.0, 24.0, 109.01, 24.01)
    sliver = shapely.box(109.01 - 1e-9, 23.9, 109.1, 24.1)
    expected = geodesy.area_m2(shapes(shapely.box(109.01 - 1e-9, 24.0, 109.01, 24.01)))[0]
    assert as_dict(measured(shapes(square), shapes(sliver)))[0, 0] == pytest.approx(expected, rel=1e-6)


def test_beyond_the_antimeridian_and_south_of_the_equator() -> None:
    for origin in [(179.999, 10.0), (200.0, -45.0), (-181.0, 0.0), (0.0, 0.0), (10.0, 80.0)]:
        site = placed(shapely.Polygon([(-3, -2), (4, -3), (2, 5)]), 0.01, origin)
        zone = placed(shapely.Polygon([(-5, 0), (5, -1), (4, 3), (0, 1)]), 0.01, origin)
        assert len(check_equal_to_overlay(shapes(site), shapes(zone))) == 1


def test_edges_as_long_as_a_country() -> None:
    site = shapely.Polygon([(75.0, 20.0), (130.0, 21.5), (101.0, 52.0)])
    zones = shapes(
        shapely.box(100, 30, 101, 31), shapely.Polygon([(80, 18), (135, 40), (82, 45)]), shapely.box(75, 50, 76, 51)
    )
    fine = [shapely.segmentize(shapely.intersection(site, zone), 0.5) for zone in zones]
    ours = as_dict(measured(shapes(site), zones))
    assert ours == pytest.approx(
        {(0, 0): geodesy.area_m2(shapes(fine[0]))[0], (0, 1): geodesy.area_m2(shapes(fine[1]))[0]}
    )


# --- against the overlay, on whatever hypothesis finds

corner = st.tuples(st.integers(0, 8), st.integers(0, 8))
scales = st.sampled_from([1e-7, 1e-4, 0.003, 0.1, 1.0])
origins = st.sampled_from([ORIGIN, (179.9, 24.2), (-70.0, -33.0)])


@st.composite
def valid_shapes(draw: st.DrawFn) -> shapely.Geometry:
    """Unions and differences on a lattice: shared edges, vertices on edges, holes, islands in holes, contacts."""
    ground = shapely.Polygon()
    for _ in range(draw(st.integers(1, 4))):
        corners = draw(st.lists(corner, min_size=3, max_size=7))
        part = shapely.make_valid(shapely.Polygon([*corners, corners[0]]))
        ground = ground.union(part) if draw(st.booleans()) else ground.symmetric_difference(part)
    parts = [part for part in shapely.get_parts(ground) if part.geom_type == "Polygon"]
    assume(parts)
    return shapely.MultiPolygon(parts) if len(parts) > 1 else parts[0]


def drawn_differently(shape: shapely.Geometry, choice: int) -> shapely.Geometry:
    """Return the same ground, its rings turned round, its vertices doubled, or its edges cut in two."""
    if choice == 1:
        return shapely.reverse(shape)
    if choice == 2:
        return shapely.transform(shape, lambda xy: xy, include_z=False).segmentize(0.9)
    if choice == 3:
        rings = [np.repeat(part.exterior.coords, 2, axis=0) for part in shapely.get_parts(shape)]
        holes = [[hole.coords for hole in part.interiors] for part in shapely.get_parts(shape)]
        return shapely.MultiPolygon(list(zip(rings, holes, strict=True)))
    return shape


@settings(max_examples=300, deadline=None)
@given(
    sites=st.lists(valid_shapes(), min_size=1, max_size=3),
    zones=st.lists(valid_shapes(), min_size=1, max_size=4),
    place=st.tuples(scales, origins, st.sampled_from([0.0, 0.0, 1e-9, 0.25, 0.3])),
    choice=st.integers(0, 3),
)
def test_equal_to_the_overlay(
    sites: list[shapely.Geometry],
    zones: list[shapely.Geometry],
    place: tuple[float, tuple[float, float], float],
    choice: int,
) -> None:
    scale, origin, shift = place
    ours = shapes(*(placed(drawn_differently(site, choice), scale, origin) for site in sites))
    moved = (origin[0] + shift * scale, origin[1] - shift * scale / 3)
    theirs = shapes(*(placed(zone, scale, moved) for zone in zones))
    assume(shapely.is_valid(ours).all() and shapely.is_valid(theirs).all())
    check_equal_to_overlay(ours, theirs)


@settings(max_examples=100, deadline=None)
@given(
    points=st.lists(st.tuples(st.integers(0, 64), st.integers(0, 64)), min_size=6, max_size=30, unique=True),
    site=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=8, unique=True),
    scale=st.sampled_from([1e-5, 1e-3, 0.05]),
)
def test_the_pieces_of_a_partition_add_up(
    points: list[tuple[int, int]], site: list[tuple[float, float]], scale: float
) -> None:
    shape = placed(shapely.convex_hull(shapely.MultiPoint(site)), scale)
    assume(shape.geom_type == "Polygon")
    window = shapely.box(-1, -1, 2, 2)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(np.array(points) / 64.0), extend_to=window))
    zones = shapes(*(placed(cell, scale) for cell in cells))
    pairs = measured(shapes(shape), zones)
    whole = geodesy.area_m2(shapes(shape))[0]
    assert pairs.area_m2.sum() == pytest.approx(whole, rel=1e-9, abs=2e-6)


@settings(max_examples=100, deadline=None)
@given(corners=st.lists(corner, min_size=4, max_size=9), scale=scales)
def test_any_ring_counts_by_the_non_zero_rule(corners: list[tuple[int, int]], scale: float) -> None:
    ring = shapely.Polygon([*corners, corners[0]])
    assume(shapely.polygonize([shapely.unary_union(shapely.LineString(ring.exterior.coords))]).geoms)
    drawing = placed(ring, scale)
    around = shapely.box(*ORIGIN, ORIGIN[0] + 9 * scale, ORIGIN[1] + 9 * scale)
    zones = shapes(shapely.buffer(around, scale, cap_style="square"), placed(shapely.box(2, 1, 5, 9), scale))
    faces = shapely.get_parts(shapely.polygonize([shapely.unary_union(shapely.LineString(ring.exterior.coords))]))
    inner = [face for face in faces if winding(ring, face.point_on_surface()) != 0]
    exact = by_overlay(shapes(placed(shapely.union_all(inner), scale)), zones) if inner else {}
    ours = as_dict(measured(shapes(drawing), zones))
    for pair in ours.keys() | exact.keys():
        assert ours.get(pair, 0.0) == pytest.approx(exact.get(pair, 0.0), rel=1e-6, abs=1e-6)


def winding(ring: shapely.Polygon, point: shapely.Point) -> int:
    """Return how often a ring turns round a point, from the angles alone."""
    away = np.asarray(ring.exterior.coords) - (point.x, point.y)
    turns = np.angle(np.exp(1j * np.diff(np.arctan2(away[:, 1], away[:, 0]))))
    return round(float(turns.sum() / (2 * np.pi)))


# --- large, threaded, kept


def star(random: np.random.Generator, centre: tuple[float, float], radius: float, vertices: int) -> shapely.Polygon:
    angle = np.sort(random.uniform(0, 2 * np.pi, vertices))
    reach = radius * random.uniform(0.5, 1.0, vertices)
    return shapely.Polygon(np.column_stack([centre[0] + reach * np.cos(angle), centre[1] + reach * np.sin(angle)]))


def scene() -> tuple[Shapes, Shapes]:
    """Small and large sites over zones of many vertices."""
    random = np.random.default_rng(20260101)
    places = random.uniform((109.0, 24.0), (109.5, 24.5), (260, 2))
    zones = [star(random, place, 0.05, 300) for place in places[:60]]
    sites = [star(random, place, random.choice([0.0005, 0.005, 0.1]), 12) for place in places[60:]]
    return tuple(shapes(*(one for one in many if one.is_valid)) for many in (sites, zones))  # type: ignore[return-value]


def test_a_county_equals_the_overlay() -> None:
    ours = check_equal_to_overlay(*scene())
    assert len(ours) > 300


def test_threads_change_no_bit() -> None:
    sites, zones = scene()
    many = np.tile(sites, 60)
    one, two = measured(many, zones), measured(many, zones, threads=2)
    for name in ("site", "zone", "area_m2", "crossed"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()


def test_an_index_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    sites, zones = scene()
    index = ZoneIndex.build(Polygons.of(zones))
    index.save(tmp_path / "index")
    again = ZoneIndex.load(tmp_path / "index")
    kept, fresh = (overlap_area(Polygons.of(sites), one) for one in (again, index))
    assert kept.area_m2.tobytes() == fresh.area_m2.tobytes()
    again.save(tmp_path / "again")
    assert (tmp_path / "index").read_bytes() == (tmp_path / "again").read_bytes()


def test_the_cells_of_a_zone_add_up_to_it() -> None:
    _, zones = scene()
    index = ZoneIndex.build(Polygons.of(zones))
    west, south, east, north = shapely.total_bounds(zones)
    everything = shapes(shapely.box(west - 1, south - 1, east + 1, north + 1))
    pairs = overlap_area(Polygons.of(everything), index)
    assert pairs.zone.tolist() == list(range(len(zones)))
    np.testing.assert_allclose(pairs.area_m2, geodesy.area_m2(zones), rtol=1e-11)
    by_zone = np.bincount(index.entries["zone"], weights=index.known_m2[:, 0], minlength=len(zones))
    np.testing.assert_allclose(by_zone, geodesy.area_m2(zones), rtol=1e-11)


@settings(max_examples=50, deadline=None)
@given(drawing=valid_shapes(), scale=scales, origin=origins)
def test_areas_of_whole_layers(drawing: shapely.Geometry, scale: float, origin: tuple[float, float]) -> None:
    layer = shapes(placed(drawing, scale, origin))
    rings = [(part.exterior, *part.interiors) for part in shapely.get_parts(layer)]
    wanted = sum(
        integrated_m2(np.array(ring[0].coords)) - sum(integrated_m2(np.array(hole.coords)) for hole in ring[1:])
        for ring in rings
    )
    assert area_m2(Polygons.of(layer))[0] == pytest.approx(wanted, rel=1e-9, abs=1e-6)


# --- layouts


def same_ground(polygons: Polygons, layer: Shapes) -> bool:
    built = polygons.shapes(np.arange(len(layer)))
    return all(shapely.equals(one, shapely.force_2d(other)) for one, other in zip(built, layer, strict=True))


@settings(max_examples=60, deadline=None)
@given(
    drawings=st.lists(valid_shapes(), min_size=1, max_size=4),
    order=st.integers(0, 1),
    flavor=st.sampled_from(["iso", "extended"]),
    axes=st.sampled_from(["", "z"]),
)
def test_well_known_binary_of_every_form(drawings: list[shapely.Geometry], order: int, flavor: str, axes: str) -> None:
    import pyarrow as pa

    layer = shapes(
        *drawings, shapely.GeometryCollection([drawings[0], shapely.LineString([(0, 0), (1, 1)])]), shapely.Point(1, 2)
    )
    layer = shapely.force_3d(layer, 7.0) if axes == "z" else layer
    layer = shapely.set_srid(layer, 4490)
    binary = shapely.to_wkb(layer, byte_order=order, flavor=flavor, include_srid=flavor == "extended")
    column = pa.chunked_array(
        [pa.array([None, *binary], pa.binary()), pa.array(list(binary), pa.large_binary()).cast(pa.binary())]
    )
    polygons = Polygons.from_arrow(column)
    assert len(polygons) == 1 + 2 * len(layer)
    laid_out = Polygons.of(np.concatenate([[None], layer, layer]))
    for name in ("lonlat", "ring_start", "ring_is_hole", "feature_start"):
        np.testing.assert_array_equal(getattr(polygons, name), getattr(laid_out, name))
    assert same_ground(polygons.take(np.arange(1, 1 + len(drawings))), layer[: len(drawings)])


def test_a_row_that_is_no_whole_geometry_is_named() -> None:
    whole = shapely.to_wkb(shapely.box(0, 0, 1, 1))
    for broken in (
        whole[:-1],
        whole[:3],
        whole[:7],
        b"\x01\x63\x00\x00\x00",
        b"",
        whole[:5] + b"\xff\xff\xff\x7f" + whole[9:],
    ):
        data = np.frombuffer(whole + broken, dtype=np.uint8)
        offsets = np.array([0, len(whole), len(whole) + len(broken)])
        with pytest.raises(ValueError, match="row 1"):
            Polygons.from_wkb(data, offsets, np.zeros(2, dtype=bool))
