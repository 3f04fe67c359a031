"""The one file: it asks nobody, runs its own scripts alone, says what it leaves out, and is the same every time."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from poisoned import poison
from two_rules import write_rules

from ecogeo.export.tables import without_coordinates
from ecogeo.wording import Text

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def county(county_folder: Path) -> Path:
    write_rules(county_folder)
    return county_folder


def exported(run: Run, county: Path, *options: str, name: str = "县.html") -> tuple[int, str, Path]:
    file = county.parent / name
    status, told, problems = run("export", file, "-w", county, "-q", *options)
    assert problems == ""
    return status, told, file


def held(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="county-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    told: dict[str, Any] = json.loads(found[1])
    return told


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_file_is_whole_and_the_same_every_time(run: Run, county: Path) -> None:
    status, told, file = exported(run, county)
    assert status == 1, "something is faulty in this county"
    assert "县.html" in told
    assert "图形已简化" in told
    first = file.read_bytes()
    assert exported(run, county, "--exit-zero")[0] == 0
    assert file.read_bytes() == first
    assert [path.name for path in file.parent.iterdir() if path.name.endswith(".part")] == []
    data = held(first.decode())
    assert [len(data["tables"][name]["rows"]) > 0 for name in ("projects", "findings", "indicators", "shorelines")] == [
        True
    ] * 4
    assert {layer["name"] for layer in data["map"]["layers"]} >= {"redlines", "sites", "county", "towns"}
    assert data["steps"][0]["title"]["zh"] == "方县：总体情况"
    assert any("简化" in note[0] for note in data["about"]["notes"])
    assert {source[0] for source in data["about"]["sources"]} >= {"redlines", "sites"}
    assert "Volodymyr Agafonkin" in data["about"]["licence"]


def test_the_policy_lets_nothing_else_run(run: Run, county: Path) -> None:
    page = exported(run, county)[2].read_text("utf-8")
    policy = html.unescape(re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1])
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "connect-src" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert [digest(script) in policy for script in scripts] == [True] * 4
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert digest(style) in policy
    assert not re.search(r"url\((?!data:|#)|@import|sourceMappingURL", style)
    head = page[: page.index("<style>")]
    assert not re.search(r"\b(src|href)=", head)
    markup = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
    assert not re.search(r"\son\w+=", markup)


def test_without_coordinates_there_are_none(run: Run, county: Path) -> None:
    status, told, file = exported(run, county, "--without-coordinates", "--lang", "en")
    assert status == 1
    assert "no coordinates" in told
    data = held(file.read_text("utf-8"))
    assert data["map"] is None
    assert all(not {"bounds", "layers", "spotlight", "comparison"} & set(step) for step in data["steps"])
    assert not re.search(r"109\.\d{3,}|24\.\d{4,}|62\d{4}\.\d|268\d{4}", json.dumps(data["tables"], ensure_ascii=False))


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("自相交[109.459518 24.164873]，面积 12.5", "自相交（坐标已略去），面积 12.5"),
        ("（109.4595, 24.1649）附近", "（坐标已略去）附近"),
        ("点 620000.123 2680000.456 外", "点 （坐标已略去） 外"),
        ("12.1402 公顷，占 57.13%", "12.1402 公顷，占 57.13%"),
        ("长 8,389.03 米，宽 12.500 米", "长 8,389.03 米，宽 12.500 米"),
    ],
)
def test_coordinates_are_taken_out_of_sentences(told: str, left: str) -> None:
    assert without_coordinates(Text(told, told)).zh == left


def test_own_steps_are_taken(run: Run, county: Path) -> None:
    steps = county.parent / "steps.json"
    steps.write_text(json.dumps({"version": 1, "steps": [{"title": "只此一步"}]}), "utf-8")
    _, told, file = exported(run, county, "--steps", str(steps))
    assert "演示 1 步" in told
    assert [step["title"] for step in held(file.read_text("utf-8"))["steps"]] == ["只此一步"]


def test_the_handout_is_a_pdf(run: Run, county: Path) -> None:
    steps = county.parent / "steps.json"
    steps.write_text(json.dumps({"version": 1, "steps": [{"title": "甲"}, {"title": "乙"}]}), "utf-8")
    _, _, file = exported(run, county, "--steps", str(steps), name="讲义.pdf")
    assert len(re.findall(rb"/Type /Page\b", file.read_bytes())) == 2


def test_what_cannot_be_done_is_told_before_the_work(run: Run, county: Path) -> None:
    wrong = county.parent / "wrong.json"
    wrong.write_text('{"version": 1, "steps": [{"title": ""}, {"words": 3}]}', "utf-8")
    cases = [
        (["map.docx"], ".html"),
        ([str(county.parent / "none" / "map.html")], "no such folder"),
        ([str(county.parent / "map.pdf"), "--without-coordinates"], "handout"),
        ([str(county.parent / "map.html"), "--steps", str(county / "none.json")], "does not exist"),
        ([str(county.parent / "map.html"), "--steps", str(wrong)], "step 2: title"),
    ]
    for arguments, expected in cases:
        status, told, problems = run("export", *arguments, "-w", county, "--lang", "en", "-q")
        assert (status, told) == (2, "")
        assert expected in problems
        assert "Traceback" not in problems
    assert not (county.parent / "map.html").exists()


def test_poison_stays_data(run: Run, county: Path) -> None:
    bad = county.parent / "bad"
    shutil.copytree(county, bad)
    poison(bad)
    page = exported(run, bad, name="bad.html")[2].read_text("utf-8")
    markup = re.sub(r"<script[^>]*>.*?</script>", "", page, flags=re.DOTALL)
    assert "<img" not in markup
    assert "<svg" not in markup
    assert page.count("<script") == page.count("</script>") == 5
    block = re.search(r'id="county-data">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    assert not set("<>&") & set(block[1])
