"""The small county with land use and rules, its documents' material made ready."""

from __future__ import annotations

import shutil
from pathlib import Path

import shapely
from conftest import ORIGIN, block, write_layer

from ecogeo.check import choose_checks
from ecogeo.judging import judge_county
from ecogeo.law import read_law
from ecogeo.report.material import Material, material_of
from ecogeo.workspace import open_workspace

HOME = Path(__file__).parent.parent

LANDUSE = """
[layers.landuse]
role = "landuse"
path = "landuse.gpkg"
key = "BSM"
name = "DLMC"
title = "地类图斑"
title_en = "Land use"
fields = { land_class = "DLBM", deduction = "KCXS" }
coverage = "county"
version = "v2"
"""

TWO_PATCHES = {
    "1": (block(0, 0, 1950, 10_000), "0301", "0"),
    "2": (block(1950, 0, 8050, 10_000), "0103", "0.06"),
}
"""Forest west of 1950 m, cropland east of it with a tenth-odd taken off."""


def with_landuse(root: Path, patches: dict[str, tuple[shapely.Geometry, str, str]] = TWO_PATCHES) -> None:
    """Give the small county land-use patches."""
    toml = root / "layers" / "layers.toml"
    toml.write_text(toml.read_text("utf-8") + LANDUSE, "utf-8")
    columns: dict[str, list[object]] = {
        "BSM": list(patches),
        "DLMC": [code for _, code, _ in patches.values()],
        "DLBM": [code for _, code, _ in patches.values()],
        "KCXS": [share for _, _, share in patches.values()],
    }
    write_layer(root, "landuse.gpkg", columns, [shape for shape, *_ in patches.values()])


def with_rules(root: Path) -> None:
    """Give the small county the sample's rules."""
    shutil.copytree(HOME / "data" / "rules", root / "data" / "rules")
    for name in ("project_types.csv", "questions.csv"):
        shutil.copy(HOME / "data" / name, root / "data" / name)


def material(root: Path, answers: Path | None = None) -> Material:
    """Screen the small county against its red lines and put together what documents are made of."""
    county = open_workspace(root)
    law = read_law(county, answers=answers)
    return material_of(county, judge_county(county, choose_checks(["site_in_redline"]), law=law), law=law)


def metres(x: float, y: float) -> tuple[float, float]:
    """Return east and north in the plane of a place in the small county."""
    return ORIGIN[0] + x, ORIGIN[1] + y
