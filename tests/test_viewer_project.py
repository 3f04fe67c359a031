"""A project's page: what a reviewer makes of a hit, rules with their days, pieces on the map, the ledger of slivers."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from test_viewer_decisions import app, client, county, rows, send

pytestmark = pytest.mark.usefixtures("warm_viewer")

__all__ = ["app", "client", "county"]


def review(client: FlaskClient, **entries: str) -> tuple[int, str]:
    known = {"layer": "redlines|inside", "reason": "现场核实", "by": "李四"}
    answer = send(client, "reviews", **{**known, **entries})
    if answer.status_code != 303:
        return answer.status_code, answer.text
    return 303, client.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("outcome", "shown", "answer"),
    [
        ("confirmed", "属实（涉及）", "involved"),
        ("false_hit", "误报（不涉及）", "clear"),
        ("exempted", "豁免（涉及）", "involved"),
        ("to_be_moved", "拟移位（涉及）", "involved"),
    ],
)
def test_a_reviewer_says_what_becomes_of_a_hit(
    client: FlaskClient, county: Path, outcome: str, shown: str, answer: str
) -> None:
    code, page = review(client, outcome=outcome)
    assert code == 303
    assert shown in page
    (kept,) = rows(county, "reviews")
    assert (kept["outcome"], kept["answer"], kept["computed_answer"]) == (outcome, answer, "involved")
    assert "现场核实" in page


def test_an_outcome_and_another_answer_are_refused(client: FlaskClient, county: Path) -> None:
    code, page = review(client, outcome="false_hit", answer="possible")
    assert code == 400
    assert "“误报”与所选的判断不符" in page
    assert not (county / "data" / "decisions" / "reviews.csv").exists()


def test_neither_is_refused_too(client: FlaskClient) -> None:
    code, page = review(client)
    assert code == 400
    assert "请选择复核意见" in page


def test_rules_stand_with_their_days(client: FlaskClient) -> None:
    page = client.get("/projects/P1").text
    assert "2020 起施行" in page
    assert "没有指定日期" in page


def test_each_finding_has_its_button_and_its_ground(client: FlaskClient) -> None:
    page = client.get("/projects/P1").text
    block = re.search(r'id="piece-data">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    pieces = json.loads(block[1])["pieces"]
    numbers = [int(number) for number in re.findall(r'data-piece="(\d+)"', page)]
    assert numbers
    assert all(pieces[number]["coordinates"] for number in numbers)


def test_a_project_without_ground_has_no_buttons(client: FlaskClient) -> None:
    page = client.get("/projects/P2").text
    assert "data-piece=" not in page
    assert "piece-data" not in page


def test_the_file_of_reviews_stays_readable(client: FlaskClient, county: Path) -> None:
    review(client, answer="possible")
    review(client, outcome="exempted")
    with (county / "data" / "decisions" / "reviews.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [row.get("outcome", "") for row in csv.DictReader(stream)] == ["", "exempted"]
