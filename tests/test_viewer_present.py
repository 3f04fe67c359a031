"""The pages of a meeting: shown, saved once and whole, closed for the sample, pictures taken by their content."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from poisoned import PAYLOAD, poison
from two_rules import write_rules

from ecogeo.present.deck_file import deck_path, read_deck
from ecogeo.workspace import open_workspace
from viewer import create_app

pytestmark = pytest.mark.usefixtures("warm_viewer")

SAME_ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture
def client(county_folder: Path) -> FlaskClient:
    write_rules(county_folder)
    app = create_app(open_workspace(county_folder), today=lambda: dt.date(2026, 11, 22))
    return app.test_client()


def data_of(client: FlaskClient, lang: str = "zh") -> dict[str, Any]:
    text = client.get(f"/present?lang={lang}").text
    found = re.search(r'<script type="application/json" id="present-data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    held: dict[str, Any] = json.loads(found[1])
    return held


def send(client: FlaskClient, steps: list[dict[str, Any]] | None, after: int, **changed: str) -> Any:
    held = "" if steps is None else json.dumps({"version": 1, "steps": steps})
    token = data_of(client)["edit"]["token"]
    return client.post(
        "/present/steps", data={"token": token, "steps": held, "after": after, **changed}, headers=SAME_ORIGIN
    )


def test_the_page_holds_steps_map_and_words(client: FlaskClient) -> None:
    data = data_of(client)
    assert data["steps"][0]["title"] == {"zh": "方县：总体情况", "en": "Square County: overview"}
    assert data["map"]["layers"][0]["name"] == "sites"
    assert data["edit"]["closed"] is None
    text = client.get("/present?lang=en").text
    assert "Square County: overview" in text.partition("<noscript>")[2]


def test_steps_are_saved_once_and_whole(client: FlaskClient, county_folder: Path) -> None:
    steps = data_of(client)["steps"]
    mine = [{"title": "我的开场", "words": ["第一段"]}, *steps[1:3]]
    assert send(client, mine, 0).json["number"] == 1
    assert data_of(client)["steps"] == mine
    assert client.get("/present/steps.json").json["steps"] == mine
    late = send(client, steps, 0)
    assert late.status_code == 409
    assert "别人" in late.json["problems"][0]
    assert data_of(client)["steps"] == mine
    wrong = send(client, [{"title": ""}, {"title": "x", "layers": 5}], 1)
    assert (wrong.status_code, len(wrong.json["problems"])) == (400, 2)
    assert send(client, None, 1).json["steps"] == steps, "back to the computed ones"
    assert read_deck(deck_path(county_folder / "data")).number == 2


def test_a_form_of_elsewhere_is_refused(client: FlaskClient) -> None:
    steps = data_of(client)["steps"]
    assert send(client, steps, 0, token="guessed").status_code == 403  # noqa: S106  a form's, no password
    for path in ("/present/steps", "/present/pictures", "/present/handout"):
        foreign = {"Origin": "http://evil.example"}
        token = data_of(client)["edit"]["token"]
        assert client.post(path, data={"token": token}, headers=foreign).status_code == 403


def test_a_broken_file_is_told_and_the_computed_steps_shown(client: FlaskClient, county_folder: Path) -> None:
    path = deck_path(county_folder / "data")
    path.parent.mkdir()
    path.write_text("no json\n", "utf-8")
    text = client.get("/present").text
    assert "steps.jsonl：第 1 行不是有效的 JSON" in text
    assert data_of(client)["steps"][0]["title"]["zh"] == "方县：总体情况"
    assert send(client, [{"title": "x"}], 0).status_code == 409
    assert client.get("/present/steps.json").status_code == 409


def picture(kind: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (30, 20), "#447722").save(content, kind)
    return content.getvalue()


def attach(client: FlaskClient, content: bytes, name: str = "../../会议.png") -> Any:
    token = data_of(client)["edit"]["token"]
    form = {"token": token, "picture": (io.BytesIO(content), name)}
    return client.post("/present/pictures", data=form, headers=SAME_ORIGIN, content_type="multipart/form-data")


def test_a_picture_is_kept_under_a_name_of_ours(client: FlaskClient, county_folder: Path) -> None:
    got = attach(client, picture("PNG")).json
    assert re.fullmatch(r"[0-9a-f]{16}\.png", got["name"])
    with client.get(got["url"]) as shown:
        assert (shown.status_code, shown.mimetype) == (200, "image/png")
    assert [path.name for path in (county_folder / "data" / "present" / "pictures").iterdir()] == [got["name"]]
    assert attach(client, b"<svg/>").status_code == 400
    assert client.get("/present/pictures/..%2F..%2Fplan%2Fplan.toml").status_code == 404
    step = {"title": "图", "words": [], "picture": got["name"], "picture_alt": "现场"}
    assert send(client, [step], 0).status_code == 200
    assert data_of(client)["pictures"] == {got["name"]: got["url"]}


def test_the_handout_is_drawn_of_saved_and_of_unsaved_steps(client: FlaskClient) -> None:
    token = data_of(client)["edit"]["token"]
    steps = json.dumps({"version": 1, "steps": [{"title": "甲"}, {"title": "乙", "layers": ["redlines"]}]})
    drawn = client.post("/present/handout", data={"token": token, "steps": steps}, headers=SAME_ORIGIN)
    assert (drawn.status_code, drawn.mimetype) == (200, "application/pdf")
    assert len(re.findall(rb"/Type /Page\b", drawn.data)) == 2
    send(client, [{"title": "丙"}], 0)
    assert len(re.findall(rb"/Type /Page\b", client.get("/present/handout").data)) == 1


def test_layers_are_handed_out_as_numbers(client: FlaskClient) -> None:
    shapes = client.get("/present/layers/redlines.json").json
    assert len(shapes["shapes"]) == 2
    assert client.get("/present/layers/nothing.json").status_code == 404


def test_the_installed_sample_is_closed(county_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from viewer import deciding

    monkeypatch.setattr(deciding, "_PACKAGE", county_folder.parent.resolve())
    client = create_app(open_workspace(county_folder)).test_client()
    assert "样例县" in data_of(client)["edit"]["closed"][0]
    assert send(client, [{"title": "x"}], 0).status_code == 403
    assert attach(client, picture("PNG")).status_code == 403
    assert not (county_folder / "data" / "present").exists()


def test_no_text_of_a_poisoned_county_becomes_markup(county_folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    shutil.copytree(county_folder, bad)
    poison(bad)
    client = create_app(open_workspace(bad)).test_client()
    text = client.get("/present").text
    assert "<svg onload" not in text
    assert "<img src=x" not in text
    assert text.count("</script>") == text.count("<script")
    assert PAYLOAD[:60] in data_of(client)["steps"][0]["title"]["zh"], "told as it is, as a text"
