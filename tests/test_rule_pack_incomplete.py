"""The check `rule_pack_incomplete`: what the rules of a county leave open."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
from conftest import block, write_layer

from ecogeo.check import choose_checks, run_checks
from ecogeo.finding import Finding, Severity
from ecogeo.law import read_law
from ecogeo.workspace import open_workspace

HOME = Path(__file__).parent.parent

RESERVES = """
[layers.reserves]
role = "reserves"
path = "reserves.gpkg"
key = "id"
title = "自然保护地"
title_en = "Reserves"
coverage = "county"
fields = { zone = "gkqk" }

[layers.receptors]
role = "receptors"
path = "receptors.gpkg"
key = "id"
"""


@pytest.fixture
def lawful(county_folder: Path) -> Path:
    for name in ("questions.csv", "project_types.csv"):
        shutil.copy(HOME / "data" / name, county_folder / "data" / name)
    shutil.copytree(HOME / "data" / "rules", county_folder / "data" / "rules")
    toml = county_folder / "layers" / "layers.toml"
    toml.write_text(toml.read_text("utf-8") + RESERVES, "utf-8")
    zones = {"id": ["a", "b", "c"], "gkqk": ["核心保护区", "核心保护地区", ""]}
    write_layer(county_folder, "reserves.gpkg", zones, [block(x, 1100, 300, 300) for x in (0, 400, 800)])
    write_layer(county_folder, "receptors.gpkg", {"id": ["r"]}, [block(0, 0, 10, 10)])
    return county_folder


def found(root: Path, on: str = "") -> list[Finding]:
    county = open_workspace(root)
    law = read_law(county, on=dt.date.fromisoformat(on) if on else None)
    (ran,) = run_checks(county, choose_checks(["rule_pack_incomplete"]), law=law).runs
    assert ran.status == "run"
    return list(ran.findings)


def test_a_misspelt_zone_is_a_hole_and_is_named(lawful: Path) -> None:
    (hole,) = [one for one in found(lawful) if one.severity is Severity.WARNING and one.layer == "reserves"]
    assert "“核心保护地区”（1 个，是否应为“核心保护区”）" in hole.message.zh
    assert "“” (1 features)" in hole.message.en
    assert "“核心保护区”（" not in hole.message.zh
    assert hole.value == 2


def test_layers_and_rules_nobody_covered_or_checked_are_noted(lawful: Path) -> None:
    said = [one.message.en for one in found(lawful)]
    assert any(text.startswith("no rule is about receptors (receptors)") for text in said)
    assert any("rules were not compared with the issuer's own text" in text for text in said)
    assert any(text.startswith("no rule since 2026-03-15: reserves 核心区") for text in said), "gaps of the pack"
    assert not any("redlines" in text and "zone values" in text for text in said), "rules for every zone fit"


def test_rules_about_to_end_are_named_only_where_a_day_is_given(lawful: Path) -> None:
    assert not [one for one in found(lawful) if "valid until" in one.message.en]
    ending = [one for one in found(lawful, "2026-03-01") if "valid until" in one.message.en]
    assert [one.rule_id for one in ending] == ["E01-old", "E02-old"]
    assert ending[0].message.en == "rule E01-old is valid until 2026-03-14, then E01"
    assert not [one for one in found(lawful, "2026-04-01") if "valid until" in one.message.en]


def test_a_county_without_rules_says_so(county_folder: Path) -> None:
    assert [one.message.en for one in found(county_folder)] == [
        "the county has no rules: every verdict is left to a person"
    ]
