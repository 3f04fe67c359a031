"""A county folder: its declarations, its coverage, and everything wrong named at once."""

from pathlib import Path

import geopandas as gpd
import pytest
from conftest import LAYERS_TOML, TABLES_TOML, block

from ecogeo import geodesy
from ecogeo.catalog_file import read_catalog
from ecogeo.errors import EcogeoError, UnusableCatalogError, UsageError
from ecogeo.workspace import default_root, open_workspace, sample_root


def test_layers_by_role_and_coverage(county_folder: Path) -> None:
    county = open_workspace(county_folder)
    redlines = county.of_role("redlines")
    assert redlines is not None
    assert redlines is county.layer("redlines"), "read once"
    assert redlines.coverage is not None
    (area,) = geodesy.area_m2([redlines.coverage])  # type: ignore[arg-type]
    assert area == pytest.approx(1e8, rel=6e-4)
    assert county.of_role("dem") is None
    sites = county.of_role("project_sites")
    assert sites is not None
    assert sites.coverage is None
    assert county.projects()["project_id"].tolist() == ["P1", "P2"]


def test_coverage_from_a_file(county_folder: Path) -> None:
    gpd.GeoDataFrame(geometry=gpd.GeoSeries([block(0, 0, 5000, 10_000)], crs=4545)).to_file(
        county_folder / "layers" / "half.gpkg"
    )
    text = LAYERS_TOML.replace('coverage = "county"\nversion = "v1"', 'coverage = "half.gpkg"\nversion = "v1"')
    (county_folder / "layers" / "layers.toml").write_text(text, "utf-8")
    redlines = open_workspace(county_folder).layer("redlines")
    (area,) = geodesy.area_m2([redlines.coverage])  # type: ignore[arg-type]
    assert area == pytest.approx(5e7, rel=6e-4)


def test_matching(county_folder: Path) -> None:
    found = open_workspace(county_folder).matching("sites_to_projects")
    assert found.pairs.to_numpy().tolist() == [["inside", "P1", "code"]]
    assert found.unmatched_rows == ("P2",)


def test_what_is_not_declared(county_folder: Path) -> None:
    county = open_workspace(county_folder)
    for ask in (county.layer, county.table, county.plan, county.matching):
        with pytest.raises(UsageError, match="there is no"):
            ask("nothing")


def test_unusable_inputs_are_named_together(county_folder: Path) -> None:
    (county_folder / "layers" / "redlines.gpkg").unlink()
    (county_folder / "layers" / "towns.gpkg").write_bytes(b"SQLite")
    projects = county_folder / "data" / "plan" / "projects.csv"
    projects.write_text(
        projects.read_text("utf-8-sig").replace("nature,", "kind,").replace("accuracy_m", "accuracy"), "utf-8"
    )
    county = open_workspace(county_folder)
    with pytest.raises(EcogeoError) as refused:
        county.require([lambda: county.layer("redlines"), lambda: county.layer("towns"), county.projects])
    message = refused.value.say("en")
    for part in ("redlines.gpkg: the file does not exist", "towns.gpkg: it cannot be read", "nature", "accuracy_m"):
        assert part in message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('role = "redlines"', 'role = "redline"'), "is no known role"),
        (('role = "towns"', 'role = "redlines"'), "the role redlines is played by towns, redlines"),
        (('key = "site_id"\n', ""), "layers.sites has no key"),
        (('coverage = "county"\nversion', 'coverage = "dem"\nversion'), "the role dem, which no layer plays"),
        (("[county]\ncode", "[county]\ncolour"), "county.colour is not known"),
        (('name = "方县"\n', ""), "county.name is missing"),
        (("[county]", "[county"), "is not valid TOML"),
    ],
)
def test_faults_of_layers_toml(county_folder: Path, change: tuple[str, str], message: str) -> None:
    (county_folder / "layers" / "layers.toml").write_text(LAYERS_TOML.replace(*change, 1), "utf-8")
    with pytest.raises(UnusableCatalogError) as refused:
        read_catalog(county_folder)
    assert message in refused.value.say("en")


def test_faults_of_tables_toml(county_folder: Path) -> None:
    text = (
        TABLES_TOML.replace('"sites"', '"places"').replace("plan/projects", "plan/money")
        + '[joins.bare]\nlayer = "towns"\ntable = "plan/projects"\n'
    )
    (county_folder / "data" / "tables.toml").write_text(text, "utf-8")
    with pytest.raises(UnusableCatalogError) as refused:
        read_catalog(county_folder)
    assert "joins.sites_to_projects names places, plan/money" in refused.value.say("en")
    assert "joins.bare needs layer_code" in refused.value.say("en")


def test_not_a_county_folder(tmp_path: Path) -> None:
    with pytest.raises(UnusableCatalogError, match=r"layers/layers\.toml is missing"):
        open_workspace(tmp_path)


def test_default_folder(county_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(county_folder)
    assert default_root() == county_folder
    monkeypatch.chdir(tmp_path)
    assert default_root() == sample_root()
