"""Files replaced while they are served: every page says so, and shows the new as soon as it is judged."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from conftest import block, write_layer
from flask import Flask
from flask.testing import FlaskClient
from two_rules import write_rules

from ecogeo.check import Check, find_checks
from ecogeo.workspace import open_workspace
from viewer import create_app, prepared
from viewer.watching import Watch, watch_of

NAMES = ("site_in_redline",)


@pytest.fixture
def app(county_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    chosen: tuple[Check, ...] = tuple(one for one in find_checks() if one.name in NAMES)
    run = prepared.run_checks
    monkeypatch.setattr(prepared, "run_checks", lambda county, **told: run(county, chosen, **told))
    write_rules(county_folder)
    return create_app(open_workspace(county_folder))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def told(client: FlaskClient, path: str = "/projects") -> list[str]:
    return re.findall(r'<p class="notice" role="status">(.*?)</p>', client.get(path).text)


def move_red_line(folder: Path) -> None:
    """Replace the red lines by one that holds nothing of any project."""
    (folder / "layers" / "redlines.gpkg").unlink()
    far = [block(9000, 9000, 10, 10)]
    write_layer(folder, "redlines.gpkg", {"redline_id": ["A"], "name": ["甲"]}, far)


def test_a_layer_that_is_replaced_is_told_and_then_shown(app: Flask, client: FlaskClient, county_folder: Path) -> None:
    watch: Watch = watch_of(app)
    assert "涉及" in client.get("/projects/P1").text
    watch.look()
    assert told(client) == []
    move_red_line(county_folder)
    watch.look()
    assert told(client) == ["县域资料有变化：layers/redlines.gpkg。正在重新读取和核查，完成前各页仍是原来的数据和结果"]
    assert "files of the county changed: layers/redlines.gpkg" in told(client, "/projects?lang=en")[0]
    involved = app.extensions["ecogeo"].board().by_id["P1"].answer
    watch.look()
    assert told(client) == []
    assert app.extensions["ecogeo"].board().by_id["P1"].answer != involved


def test_a_file_still_being_written_waits_and_one_put_back_is_nothing(
    app: Flask, client: FlaskClient, county_folder: Path, tmp_path: Path
) -> None:
    watch, layer = watch_of(app), county_folder / "layers" / "redlines.gpkg"
    client.get("/projects")
    board = app.extensions["ecogeo"]
    shutil.copy2(layer, tmp_path / "kept")
    for length in (100, 200, 300):
        layer.write_bytes(b"x" * length)
        watch.look()
        assert len(told(client)) == 1
        assert app.extensions["ecogeo"] is board, "it changes from look to look"
    shutil.copy2(tmp_path / "kept", layer)
    watch.look()
    assert told(client) == []
    assert app.extensions["ecogeo"] is board


def test_what_cannot_be_used_is_told_with_the_reason_until_it_can(
    app: Flask, client: FlaskClient, county_folder: Path
) -> None:
    watch, catalogue = watch_of(app), county_folder / "layers" / "layers.toml"
    client.get("/projects")
    board, text = app.extensions["ecogeo"], catalogue.read_text("utf-8")
    catalogue.write_text(text.replace('role = "redlines"', 'role = "red"'), "utf-8")
    for _ in range(3):
        watch.look()
    (said,) = told(client, "/projects?lang=en")
    assert "layers/layers.toml) and cannot be used" in said
    assert "is no known role" in said
    assert app.extensions["ecogeo"] is board
    assert client.get("/projects/P1").status_code == 200
    catalogue.write_text(text.replace('name = "方县"', 'name = "圆县"'), "utf-8")
    for _ in range(2):
        watch.look()
    assert told(client) == []
    assert "圆县" in client.get("/projects?lang=zh").text


def test_what_is_saved_meanwhile_is_not_lost(app: Flask, client: FlaskClient, county_folder: Path) -> None:
    client.get("/projects")
    old = app.extensions["ecogeo"]
    new = old.renewed(open_workspace(county_folder))
    answers = county_folder / "data" / "decisions" / "answers.csv"
    answers.parent.mkdir(exist_ok=True)
    answers.write_text(
        "project_id,site_id,question_id,answer,by,on,reason\nP1,,is_temporary,否,张三,2026-11-22,看过\n", "utf-8"
    )
    old.hand_over(new, lambda: app.extensions.update(ecogeo=new))
    assert [one.by for one in new.board().law.answers.given] == ["张三"]
    assert app.extensions["ecogeo"] is new
