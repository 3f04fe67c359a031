"""Polygons straight from GeoParquet: the same as from shapely, however the file is cut, and a torn row is named."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from ecogeo import geodesy
from ecogeo.kernel import Polygons, ZoneIndex, overlap_area
from ecogeo.kernel.parquet import polygon_blocks, read_polygons


def squares(count: int) -> np.ndarray:
    return shapely.box(109.0 + 0.01 * np.arange(count), 24.0, 109.015 + 0.01 * np.arange(count), 24.01)


def write(path: Path, blobs: list[bytes | None], rows_per_group: int) -> Path:
    pq.write_table(pa.table({"name": ["x"] * len(blobs), "geometry": blobs}), path, row_group_size=rows_per_group)
    return path


@pytest.mark.parametrize("batch_bytes", [1, 1 << 23])
@pytest.mark.parametrize("vertex_bytes", [16, 1 << 40])
def test_a_file_is_read_as_shapely_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_bytes: int, vertex_bytes: int
) -> None:
    monkeypatch.setattr("ecogeo.kernel.parquet._BATCH_BYTES", batch_bytes)
    monkeypatch.setattr("ecogeo.kernel.parquet._VERTEX_BYTES", vertex_bytes)
    layer = np.array([*squares(7), None, shapely.Point(109, 24), shapely.Polygon(), *squares(5)], dtype=object)
    path = write(tmp_path / "zones.parquet", shapely.to_wkb(layer).tolist(), 4)
    read, laid_out = read_polygons(path), Polygons.of(layer)
    for name in ("lonlat", "ring_start", "ring_is_hole", "feature_start"):
        np.testing.assert_array_equal(getattr(read, name), getattr(laid_out, name))


def test_a_row_is_named_by_its_place_in_the_file(tmp_path: Path) -> None:
    blobs = shapely.to_wkb(squares(6)).tolist()
    blobs[4] = blobs[4][:-1]
    path = write(tmp_path / "sites.parquet", blobs, 2)
    with pytest.raises(ValueError, match="row 4 "):
        read_polygons(path)
    with pytest.raises(ValueError, match="no column shape"):
        read_polygons(path, "shape")


@pytest.mark.parametrize("block_bytes", [1, 400, 1 << 26])
def test_blocks_are_the_file_cut(tmp_path: Path, block_bytes: int) -> None:
    layer = np.array([*squares(7), None, *squares(5)], dtype=object)
    path = write(tmp_path / "sites.parquet", shapely.to_wkb(layer).tolist(), 4)
    blocks = list(polygon_blocks(path, block_bytes=block_bytes))
    assert (len(blocks) > 1) == (block_bytes < 1 << 26)
    joined, whole = Polygons.joined(blocks), read_polygons(path)
    for name in ("lonlat", "ring_start", "ring_is_hole", "feature_start"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))


def test_a_torn_row_of_a_later_block_is_named_by_its_place_in_the_file(tmp_path: Path) -> None:
    blobs = shapely.to_wkb(squares(6)).tolist()
    blobs[4] = blobs[4][:-1]
    path = write(tmp_path / "sites.parquet", blobs, 2)
    with pytest.raises(ValueError, match="row 4 "):
        list(polygon_blocks(path, block_bytes=1))
    with pytest.raises(ValueError, match="no column shape"):
        list(polygon_blocks(path, "shape"))


def test_a_site_over_more_zones_than_are_sorted_by_hand() -> None:
    zones = squares(90)[::-1].copy()
    pairs = overlap_area(
        Polygons.of(np.array([shapely.box(108.9, 23.9, 110.5, 24.1)])), ZoneIndex.build(Polygons.of(zones))
    )
    assert pairs.zone.tolist() == list(range(90))
    np.testing.assert_allclose(pairs.area_m2, geodesy.area_m2(zones), rtol=1e-12)


def test_a_file_without_a_row(tmp_path: Path) -> None:
    path = tmp_path / "none.parquet"
    pq.write_table(pa.table({"geometry": pa.array([], pa.binary())}), path)
    assert len(read_polygons(path)) == 0


def test_the_order_of_sites_changes_no_bit() -> None:
    sites, index = squares(40), ZoneIndex.build(Polygons.of(squares(41)[1:]))
    shuffled = np.random.default_rng(20260101).permutation(len(sites))
    one, other = (overlap_area(Polygons.of(layer), index) for layer in (sites, sites[shuffled]))
    assert one.site.tolist() == sorted(one.site.tolist())
    assert other.site.tolist() == sorted(other.site.tolist())
    order = np.lexsort((other.zone, shuffled[other.site]))
    assert one.area_m2.tobytes() == other.area_m2[order].tobytes()
    assert one.zone.tolist() == other.zone[order].tolist()


def test_a_slice_of_a_column_keeps_its_missing_rows() -> None:
    column = pa.array([None, *shapely.to_wkb(squares(9)), None, *shapely.to_wkb(squares(4))], pa.binary())
    for first in (0, 1, 9, 10, 11):
        part = Polygons.from_arrow(column[first : first + 3])
        rings = np.diff(part.feature_start).tolist()
        assert rings == [int(value.is_valid) for value in column[first : first + 3]]
