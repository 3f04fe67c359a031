"""A folder of a county's files becomes a county folder, and nothing found in it is left out."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from conftest import block, line

from ecogeo.errors import UnusableCatalogError, UnusableFileError, UsageError
from ecogeo.starting import propose, write_county, write_skeleton
from ecogeo.starting.heads import read_heads
from ecogeo.workspace import open_workspace

HOME = Path(__file__).parent.parent
SQUARES = [block(0, 0, 100, 100), block(200, 0, 100, 100)]


def frame(
    columns: dict[str, list[object]], shapes: list[shapely.Geometry], crs: str | None = "EPSG:4545"
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=gpd.GeoSeries(shapes, crs=crs))


def redlines(**more: list[object]) -> dict[str, list[object]]:
    return {"BSM": ["1", "2"], "XJXZQDM": ["450206"] * 2, "XJXZQMC": ["柳江区"] * 2, "LHLX": ["水源涵养"] * 2, **more}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Write the files a county hands over: several kinds, doubles, an archive, a table, a broken file."""
    folder = tmp_path / "来件"
    (folder / "三线" / "旧").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git" / "hidden.shp").write_bytes(b"")
    (folder / "Thumbs.db").write_bytes(b"")
    frame(redlines(), SQUARES).to_file(folder / "三线" / "STBHHX_20230630.shp", encoding="GB18030")
    (folder / "三线" / "STBHHX_20230630.cpg").unlink()
    frame(redlines(), SQUARES).to_file(folder / "三线" / "旧" / "STBHHX_2018.shp", encoding="UTF-8")
    (folder / "三线" / "旧" / "STBHHX_2018.prj").unlink()
    database = folder / "规划.gpkg"
    zones = {"BSM": ["1", "2"], "GHFQDM": ["1", "2"], "GHFQMC": ["城镇集中建设区", "特别用途区"]}
    frame(zones, SQUARES).to_file(database, layer="CZKFBJ")
    county = {"XZQDM": ["450206"], "XZQMC": ["方县"]}
    frame(county, [block(0, 0, 10_000, 10_000)]).to_file(database, layer="县界")
    frame({"BSM": ["1"], "MJ": [1.0]}, SQUARES[:1]).to_file(database, layer="其他")
    pyogrio.write_dataframe(pd.DataFrame({"指标": ["甲"], "值": [1.0]}), database, layer="生态保护红线指标")
    shores = {"岸线编号": ["a", "b"], "岸别": ["左", "右"]}
    frame(shores, [line((0, 0), (9, 0)), line((0, 9), (9, 9))]).to_crs(4490).to_file(folder / "岸线.geojson")
    frame({"BSM": ["1", "1"], "BHQMC": ["甲", "乙"], "BHQJB": ["x", "y"]}, SQUARES).to_parquet(folder / "ZRBHQ.parquet")
    frame({"town_name": ["东镇", "西镇"], "town_code": ["1", "2"]}, SQUARES).to_file(
        folder / "towns.gdb", driver="OpenFileGDB", layer="towns"
    )
    grid = {
        "width": 40,
        "height": 30,
        "count": 1,
        "crs": "EPSG:4545",
        "transform": rasterio.Affine(30, 0, 0, 0, -30, 0),
    }
    with rasterio.open(folder / "dem.tif", "w", driver="GTiff", dtype="int16", **grid) as target:
        target.write(np.arange(1200, dtype="int16").reshape(30, 40), 1)
    (folder / "dem.tfw").write_text("30\n0\n0\n-30\n0\n0\n", "utf-8")
    (folder / "红线.zip").write_bytes(b"PK")
    (folder / "坏.gpkg").write_bytes(b"SQLite format 3\x00" + b"\0" * 50)
    (folder / "假.shp").write_text("<OGRVRTDataSource/>", "utf-8")
    (folder / "说明.docx").write_bytes(b"PK")
    (folder / "孤.dbf").write_bytes(b"")
    return folder


def test_every_file_and_layer_is_accounted_for(files: Path) -> None:
    proposal = propose(files)
    assert [(found.role, found.shown) for found in proposal.chosen] == [
        ("county", "规划.gpkg:县界"),
        ("towns", "towns.gdb"),
        ("redlines", "三线/STBHHX_20230630.shp"),
        ("reserves", "ZRBHQ.parquet"),
        ("urban_boundary", "规划.gpkg:CZKFBJ"),
        ("shorelines", "岸线.geojson"),
        ("dem", "dem.tif"),
    ]
    assert [found.shown for found in proposal.rivals] == ["三线/旧/STBHHX_2018.shp"]
    reasons = {entry.shown: entry.reasons[0].en for entry in proposal.unplaced}
    assert reasons == {
        "假.shp": "its content is no .shp file, or damaged",
        "坏.gpkg": reasons["坏.gpkg"],
        "孤.dbf": "an unknown kind of file .dbf",
        "红线.zip": "an archive: unpack it first",
        "规划.gpkg:生态保护红线指标": "a table without geometry",
        "规划.gpkg:其他": "no known sign in its name, fields or values",
        "说明.docx": "a document, no layer of the county",
    }
    assert "truncated or damaged" in reasons["坏.gpkg"]
    told = "\n".join(line.en for line in proposal.summary())
    for entry in (*proposal.chosen, *proposal.rivals, *proposal.unplaced):
        assert entry.shown in told
    assert "reserves: ZRBHQ.parquet" in told
    assert "no key: give it one" in told
    assert "roles not found: villages, farmland" in told


def test_the_newer_name_is_chosen_of_equal_signs(files: Path) -> None:
    chosen = next(found for found in propose(files).chosen if found.role == "redlines")
    assert chosen.date_in_name == "2023-06-30"
    shutil.copytree(files / "三线" / "旧", files / "CGCS2000_2024年1月版")
    for path in (files / "CGCS2000_2024年1月版").iterdir():
        path.rename(path.with_name(path.name.replace("_2018", "")))
    newer = next(found for found in propose(files).chosen if found.role == "redlines")
    assert (newer.shown, newer.date_in_name) == ("CGCS2000_2024年1月版/STBHHX.shp", "2024")


def test_what_is_written_opens_and_asks_only_for_what_is_missing(files: Path, tmp_path: Path) -> None:
    root = tmp_path / "mycounty"
    written = write_county(propose(files), root)
    assert [path.relative_to(root).as_posix() for path in written] == ["layers/layers.toml", "data/tables.toml"]
    text = written[0].read_text("utf-8")
    assert '# date = "2023-06-30"' in text
    assert f'# 备选 / also redlines: path = "{files.resolve().as_posix()}/三线/旧/STBHHX_2018.shp"' in text
    assert "未归类 / not placed: 红线.zip" in text
    with pytest.raises(UnusableCatalogError) as refused:
        open_workspace(root)
    assert [problem.en for problem in refused.value.problems] == ["layers/layers.toml: layers.reserves has no key"]

    written[0].write_text(text.replace('# key = ""', 'key = "BHQMC"'), "utf-8")
    county = open_workspace(root)
    assert (county.county.name, county.county.code) == ("方县", "450206")
    assert county.layer("redlines").text("XJXZQMC").tolist() == ["柳江区"] * 2
    assert county.layer("urban_boundary").declaration.layer == "CZKFBJ"
    assert county.layer("urban_boundary").names.tolist() == ["城镇集中建设区", "特别用途区"]


def test_files_without_a_crs_are_asked_about(files: Path, tmp_path: Path) -> None:
    shutil.rmtree(files / "towns.gdb")
    (files / "三线" / "STBHHX_20230630.prj").unlink()
    root = tmp_path / "mycounty"
    text = write_county(propose(files), root)[0].read_text("utf-8")
    asked = text[text.index("[layers.redlines]") : text.index("[layers.reserves]")]
    assert '# crs = "EPSG:4545"' in asked
    assert text.count("# crs = ") == 1
    written = root / "layers" / "layers.toml"
    written.write_text(text.replace('# key = ""', 'key = "BHQMC"'), "utf-8")
    with pytest.raises(UnusableFileError, match="it has no CRS"):
        open_workspace(root).layer("redlines")


def test_copies_lie_below_the_new_folder(files: Path, tmp_path: Path) -> None:
    root = tmp_path / "mycounty"
    written = write_county(propose(files), root, name="某县", copy=True)
    shutil.rmtree(files)
    text = written[0].read_text("utf-8")
    assert 'path = "三线/STBHHX_20230630.shp"' in text
    assert 'name = "某县"' in text
    assert {path.suffix for path in (root / "layers" / "三线").iterdir()} == {".shp", ".shx", ".dbf", ".prj"}
    assert (root / "layers" / "dem.tfw").is_file()
    written[0].write_text(text.replace('# key = ""', 'key = "BHQMC"'), "utf-8")
    assert len(open_workspace(root).layer("redlines").sound) == 2


def test_nothing_is_overwritten(files: Path, tmp_path: Path) -> None:
    root = tmp_path / "mycounty"
    write_skeleton(root, name="某县")
    before = (root / "layers" / "layers.toml").read_bytes()
    for write in (lambda: write_county(propose(files), root), lambda: write_skeleton(root)):
        with pytest.raises(UsageError, match="is not overwritten"):
            write()
    assert (root / "layers" / "layers.toml").read_bytes() == before

    other = tmp_path / "other"
    (other / "layers").mkdir(parents=True)
    (other / "layers" / "dem.tif").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"dem\.tif exists already"):
        write_county(propose(files), other, copy=True)
    assert [path.name for path in (other / "layers").iterdir()] == ["dem.tif"]


def test_files_already_in_place_are_declared_by_their_relative_path(tmp_path: Path) -> None:
    root = tmp_path / "mycounty"
    shutil.copytree(HOME / "layers", root / "layers")
    (root / "layers" / "layers.toml").unlink()
    proposal = propose(root)
    assert write_county(proposal, root, copy=True) == (root / "layers" / "layers.toml", root / "data" / "tables.toml")
    made, sample = open_workspace(root), open_workspace(HOME)
    for name, layer in sample.catalog.layers.items():
        found = made.catalog.layers[name]
        assert (found.role, found.path, found.key, found.name) == (layer.role, layer.path, layer.key, layer.name)
    assert [entry.shown for entry in proposal.unplaced] == ["layers/README.md", "layers/farmland_coverage.gpkg"]
    assert (made.county.name, made.county.code) == ("柳江区", "450206")


def test_the_same_folder_gives_the_same_bytes(files: Path, tmp_path: Path) -> None:
    first = write_county(propose(files), tmp_path / "a")[0].read_bytes()
    assert write_county(propose(files), tmp_path / "b")[0].read_bytes() == first


def test_an_empty_folder_and_none(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    write_county(propose(tmp_path / "from"), tmp_path / "made")
    write_skeleton(tmp_path / "skeleton")
    for root in (tmp_path / "made", tmp_path / "skeleton"):
        with pytest.raises(UnusableCatalogError) as refused:
            open_workspace(root)
        assert [problem.en for problem in refused.value.problems] == [
            "layers/layers.toml: county.name is missing",
            "layers/layers.toml: layers is missing",
        ]
    with pytest.raises(UsageError, match="is no folder"):
        propose(tmp_path / "nothing")


def test_odd_names_cannot_break_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "from"
    (folder / 'a"b\\c [layers.x]').mkdir(parents=True)
    odd = {"BSM": ["1", "2"], "LHLX": ["a", "b"], "XJXZQDM": ["1", "2"], "XJXZQMC": ["a", "b"]}
    frame(odd, SQUARES).to_file(folder / 'a"b\\c [layers.x]' / "STBHHX.geojson", driver="GeoJSON")
    (folder / "旧\u2028\x1b\n[x].zip").write_bytes(b"")
    os.mkfifo(folder / "pipe.shp")
    root = tmp_path / "made"
    proposal = propose(folder)
    assert all(line.zh.isprintable() for line in proposal.summary())
    write_county(proposal, root, name='"县"\n', copy=True)
    county = open_workspace(root)
    assert list(county.catalog.layers) == ["redlines"]
    assert len(county.layer("redlines").sound) == 2


@pytest.mark.skipif(os.name == "nt", reason="names are always text there")
def test_a_name_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xba\xec\xcf\xdf.gpkg")).write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path)
    reasons = {entry.shown: entry.reasons[0].en for entry in propose(tmp_path).unplaced}
    assert reasons["loop"] == "a link to another folder, not followed"
    assert "its name cannot be written in UTF-8: rename it" in reasons.values()


def test_a_large_geojson_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "岸线.geojson"
    feature = '{"type": "Feature", "properties": {"岸线编号": "%d", "zone": {"a": [1]}}, "geometry": %s}'
    shape = '{"type": "LineString", "coordinates": [[109, 24], [109.1, 24]]}'
    rows = ",\n".join(feature % (number, shape) for number in range(20_000))
    path.write_text(f'{{"type": "FeatureCollection", "name": "[x", "features": [\n{rows}', "utf-8")  # cut off
    (head,) = read_heads(path)
    assert (head.fields, head.geometry_type, len(head.values["岸线编号"])) == (("岸线编号", "zone"), "LineString", 50)
    long = ", ".join(f"[109.{number:09d}, 24]" for number in range(100_000))
    path.write_text("[" + feature % (1, f'{{"type": "LineString", "coordinates": [{long}]}}') + "]", "utf-8")
    assert read_heads(path)[0].values["岸线编号"] == ("1",), "the first feature alone may take more than a megabyte"
    path.write_text('{"type": "Topology", "objects": {}}', "utf-8")
    with pytest.raises(UnusableFileError, match="no GeoJSON feature"):
        read_heads(path)


@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
def test_field_names_and_values_in_either_encoding(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "数据.shp"
    rights = {"许可证": ["C45", "C46"], "矿种": ["石灰岩", "白云岩"]}
    frame(rights, SQUARES).to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    (head,) = read_heads(path)
    assert head.fields == ("许可证", "矿种")
    assert head.values["矿种"] == ("石灰岩", "白云岩")
    assert (head.features, head.crs, head.geometry_type) == (2, "EPSG:4545", "Polygon")


def check_refused(path: Path) -> None:
    with pytest.raises(UnusableFileError):
        read_heads(path)


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".fgb", ".parquet", ".tif", ".geojson"])
def test_rubbish_is_refused(suffix: str, tmp_path: Path, files: Callable[..., Path]) -> None:
    whole = {".tif": files / "dem.tif", ".parquet": files / "ZRBHQ.parquet", ".gpkg": files / "规划.gpkg"}
    path = tmp_path / f"rubbish{suffix}"
    contents = [b"", b"<OGRVRTDataSource><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTDataSource>", b"\0" * 99]
    contents += [whole[suffix].read_bytes()[:40]] if suffix in whole else []
    for content in contents:
        path.write_bytes(content)
        check_refused(path)
