"""Files read block by block: the same features, numbers and refusals as read whole, whatever the block's length."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from conftest import ZONE_36, block
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecogeo.errors import UnusableFileError
from ecogeo.formats import read_features
from ecogeo.formats.blocks import MANIFEST, can_stream, open_blocks
from ecogeo.layer import as_text
from ecogeo.partition import hilbert_codes, partition_file

SHAPES: list[shapely.Geometry | None] = [
    *(block(300 * (number % 6), 300 * (number // 6), 200, 100) for number in range(22)),
    None,
    shapely.Polygon(),
    shapely.Point(620_000, 2_680_000),
]


def features(count: int = 25) -> gpd.GeoDataFrame:
    """Return features with whole numbers that have gaps, text with commas, quotes and line breaks, and no geometry."""
    numbers = pd.array([None if row % 4 == 3 else 450_221_000_000_000_000 + row for row in range(count)], dtype="Int64")
    texts = [["一", "", "a,b", 'say "so"', "two\nlines", None][row % 6] for row in range(count)]
    return gpd.GeoDataFrame({"number": numbers, "名称": texts}, geometry=gpd.GeoSeries(SHAPES[:count], crs=ZONE_36))


def write(path: Path, frame: gpd.GeoDataFrame, **options: object) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path, **options)
    else:
        frame.to_file(path, layer="parcels")
    return path


@pytest.mark.parametrize("suffix", [".parquet", ".gpkg"])
@pytest.mark.parametrize("rows", [1, 7, 25, 1000])
def test_blocks_hold_what_the_whole_reader_reads(tmp_path: Path, suffix: str, rows: int) -> None:
    path = write(tmp_path / f"parcels{suffix}", features())
    whole, blocks = read_features(path), open_blocks(path, rows=rows)
    read = [(one.number, one.rows, one.reading()) for one in blocks]
    assert blocks.features == 25
    assert [number for number, *_ in read] == list(range(-(-25 // rows)))
    assert np.concatenate([numbers for _, numbers, _ in read]).tolist() == list(range(1, 26))
    assert all(len(numbers) == rows for _, numbers, _ in read[:-1])
    joined = pd.concat([reading.frame for *_, reading in read], ignore_index=True)
    assert list(joined.columns) == list(whole.frame.columns)
    assert joined.crs == whole.frame.crs == blocks.crs
    assert joined["名称"].fillna("").tolist() == whole.frame["名称"].fillna("").tolist()
    numbers = [number for *_, reading in read for number in as_text(reading.frame["number"])]
    assert numbers == as_text(whole.frame["number"]).tolist(), "exact, though gaps make pandas think of floats"
    assert [shape and shape.wkb for shape in joined.geometry] == [shape and shape.wkb for shape in whole.frame.geometry]
    assert {(reading.driver, reading.layer) for *_, reading in read} == {(whole.driver, whole.layer)}


def test_blocks_do_not_depend_on_row_groups(tmp_path: Path) -> None:
    path = write(tmp_path / "parcels.parquet", features(), row_group_size=3)
    assert [one.rows.tolist() for one in open_blocks(path, rows=10)] == [
        list(range(1, 11)),
        list(range(11, 21)),
        list(range(21, 26)),
    ]


def test_keys_of_a_geopackage_may_have_gaps_and_be_negative(tmp_path: Path) -> None:
    import sqlite3

    path = write(tmp_path / "parcels.gpkg", features(9))
    with sqlite3.connect(path) as database:
        triggers = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("DELETE FROM parcels WHERE fid IN (3, 4)")
        database.execute("UPDATE parcels SET fid = fid - 40 WHERE fid > 7")
        database.execute("UPDATE parcels SET fid = fid * 1000 WHERE fid > 0")
    database.close()
    whole = read_features(path).frame
    blocks = open_blocks(path, rows=2)
    joined = pd.concat([one.reading().frame for one in blocks], ignore_index=True)
    assert blocks.features == len(joined) == 7
    assert [shape.wkb for shape in joined.geometry] == [shape.wkb for shape in whole.geometry]


def test_a_shape_that_cannot_be_built_is_named_by_its_number(tmp_path: Path) -> None:
    frame = features(6)
    path = tmp_path / "parcels.parquet"
    frame.to_parquet(path)
    kept = pq.read_table(path)
    blobs = kept.column("geometry").to_pylist()
    blobs[4] = bytes.fromhex(
        "0103000000010000000200000000000000000000000000000000000000000000000000f03f000000000000f03f"
    )
    at = kept.schema.get_field_index("geometry")
    pq.write_table(kept.set_column(at, kept.schema.field(at), pa.array(blobs, pa.binary())), path)
    whole = read_features(path)
    assert [key for key, _ in whole.set_aside] == ["5"]
    assert sum((one.reading().set_aside for one in open_blocks(path, rows=2)), ()) == whole.set_aside


def refused(path: Path, *words: str) -> None:
    with pytest.raises(UnusableFileError) as caught:
        list(open_blocks(path))
    for word in words:
        assert word in caught.value.say("en")
    assert str(path.parent) not in caught.value.say("en")


def test_refusals_are_those_of_the_whole_reader(tmp_path: Path) -> None:
    refused(tmp_path / "nothing.parquet", "does not exist")
    (tmp_path / "folder").mkdir()
    refused(tmp_path / "folder", "in blocks")
    features(3).to_file(tmp_path / "parcels.shp")
    refused(tmp_path / "parcels.shp", "in blocks")
    assert not can_stream(tmp_path / "parcels.shp")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "plain.parquet")
    refused(tmp_path / "plain.parquet", "without a GeoParquet geometry")
    whole = write(tmp_path / "parcels.parquet", features()).read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "cut.parquet", "truncated or damaged")
    package = write(tmp_path / "two.gpkg", features(3))
    features(2).to_file(package, layer="others")
    refused(package, "2 layers", "parcels", "others")
    assert open_blocks(package, "others").features == 2


def test_a_file_that_changes_its_mind_half_way_is_damaged(tmp_path: Path) -> None:
    path = write(tmp_path / "parcels.gpkg", features())
    content = bytearray(path.read_bytes())
    content[40_000:90_000] = b"\xa5" * 50_000
    path.write_bytes(content)
    with pytest.raises(UnusableFileError):
        list(open_blocks(path, rows=5))


def test_native_shapes_have_to_be_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "native.parquet"
    features(3).to_parquet(path, geometry_encoding="geoarrow")
    refused(path, "read whole")
    assert len(read_features(path).frame) == 3


def hilbert_by_definition(order: int) -> list[tuple[int, int]]:
    """Return the cells of a Hilbert curve as it is drawn: four smaller curves, the first and last turned."""
    if order == 0:
        return [(0, 0)]
    inner, side = hilbert_by_definition(order - 1), 1 << (order - 1)
    return [
        *((y, x) for x, y in inner),
        *((x, y + side) for x, y in inner),
        *((x + side, y + side) for x, y in inner),
        *((2 * side - 1 - y, side - 1 - x) for x, y in inner),
    ]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_hilbert_curve(order: int) -> None:
    cells = np.array(hilbert_by_definition(order), dtype=float)
    steps = np.abs(np.diff(cells, axis=0)).sum(axis=1)
    assert (steps == 1).all(), "the definition itself walks from neighbour to neighbour"
    grid = (cells + 0.5) / (1 << order)
    framed = np.vstack([[0.0, 0.0], grid, [1.0, 1.0]])
    inside = hilbert_codes(np.column_stack([framed, framed]))[1:-1]
    assert (np.diff(inside.astype(np.int64)) > 0).all()


def test_hilbert_codes_of_nothing_and_of_one_place() -> None:
    nothing = np.full((2, 4), np.nan)
    assert hilbert_codes(nothing).tolist() == [2**32 - 1] * 2
    assert hilbert_codes(np.array([[5.0, 5, 5, 5], [5, 5, 5, 5], [np.nan] * 4])).tolist() == [0, 0, 2**32 - 1]


@given(rows=st.integers(1, 30), per_part=st.integers(1, 30))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_partition_loses_nothing(tmp_path: Path, rows: int, per_part: int) -> None:
    source = tmp_path / "parcels.parquet"
    if not source.exists():
        write(source, features())
    folder = tmp_path / f"parts-{per_part}"
    written = partition_file(source, folder, rows_per_part=per_part)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in written)
    assert [part["features"] for part in manifest["parts"][:-1]] == [per_part] * (len(written) - 2)
    blocks = open_blocks(folder, rows=rows)
    assert (blocks.file, blocks.driver, blocks.features) == ("parcels.parquet", "GeoParquet", 25)
    numbers = np.concatenate([one.rows for one in blocks])
    assert sorted(numbers.tolist()) == list(range(1, 26))
    order = np.argsort(numbers)
    frames = [one.reading().frame for one in blocks]
    joined = pd.concat(frames, ignore_index=True).iloc[order]
    whole = read_features(source).frame
    assert list(joined.columns) == list(whole.columns)
    texts = np.concatenate([as_text(frame["number"]) for frame in frames])[order]
    assert texts.tolist() == as_text(whole["number"]).tolist()
    assert joined["名称"].fillna("").tolist() == whole["名称"].fillna("").tolist()
    assert [shape and shape.wkb for shape in joined.geometry] == [shape and shape.wkb for shape in whole.geometry]


@pytest.mark.parametrize("suffix", [".parquet", ".gpkg"])
def test_a_partition_is_the_same_each_time_and_replaces_an_old_one(tmp_path: Path, suffix: str) -> None:
    source = write(tmp_path / f"parcels{suffix}", features())
    partition_file(source, tmp_path / "one", rows_per_part=4)
    partition_file(source, tmp_path / "two", rows_per_part=3)
    partition_file(source, tmp_path / "two", rows_per_part=4)
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert first == second
    assert str(tmp_path).encode() not in b"".join(first.values())


def test_a_part_holds_neighbours(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.uniform(620_000, 640_000, (2, 4000))
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapely.box(x, y, x + 10, y + 10), crs=ZONE_36))
    frame.to_parquet(tmp_path / "many.parquet")
    partition_file(tmp_path / "many.parquet", tmp_path / "parts", rows_per_part=250)
    boxes = [part["box"] for part in json.loads((tmp_path / "parts" / MANIFEST).read_text("utf-8"))["parts"]]
    ground = sum((east - west) * (north - south) for west, south, east, north in boxes)
    assert len(boxes) == 16
    assert ground < 2 * 20_000**2, "sixteen parts of a random order would each cover the whole: sixteen times"


def test_a_changed_or_missing_part_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "parcels.parquet", features())
    parts = partition_file(source, tmp_path / "parts", rows_per_part=9)
    parts[1].write_bytes(parts[0].read_bytes())
    with pytest.raises(UnusableFileError, match="ecogeo partition"):
        list(open_blocks(tmp_path / "parts"))
    parts[1].unlink()
    with pytest.raises(UnusableFileError, match="gone"):
        open_blocks(tmp_path / "parts")


def test_what_cannot_be_parted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="holds no feature"):
        partition_file(write(tmp_path / "none.parquet", features(0)), tmp_path / "parts")
    taken = write(tmp_path / "taken.parquet", features(3).rename(columns={"number": "ecogeo_row"}))
    with pytest.raises(UnusableFileError, match="ecogeo_row"):
        partition_file(taken, tmp_path / "parts")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(UnusableFileError, match="neither empty"):
        partition_file(write(tmp_path / "good.parquet", features(3)), tmp_path / "full")
    assert (tmp_path / "full" / "mine.txt").read_text("utf-8") == "mine"
    partition_file(tmp_path / "good.parquet", tmp_path / "parts")
    with pytest.raises(UnusableFileError, match="parted already"):
        partition_file(tmp_path / "parts", tmp_path / "again")


def test_features_without_attributes_are_streamed(tmp_path: Path) -> None:
    shapes = gpd.GeoSeries(shapely.box(np.arange(25.0), 20.0, np.arange(25.0) + 0.5, 20.5), crs=4490)
    for name in ("bare.gpkg", "bare.parquet"):
        frame = gpd.GeoDataFrame(geometry=shapes)
        frame.to_file(tmp_path / name) if name.endswith("gpkg") else frame.to_parquet(tmp_path / name)
        blocks = open_blocks(tmp_path / name, rows=10)
        assert [len(block.reading().frame) for block in blocks] == [10, 10, 5]
    partition_file(tmp_path / "bare.parquet", tmp_path / "parts", rows_per_part=10)
    assert sum(len(block.reading().frame) for block in open_blocks(tmp_path / "parts", rows=10)) == 25
