"""The steps of a meeting: made from findings, kept by appending, drawn as plain numbers and as sheets of A3."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import threading
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from two_rules import write_rules

from ecogeo.board.plans import plan_boards
from ecogeo.board.projects import project_records
from ecogeo.board.records import ProjectRecord
from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.finding import Report
from ecogeo.judging import judge_county
from ecogeo.law import read_law
from ecogeo.mapsigns import site_signs, themed_signs
from ecogeo.present.deck_file import deck_path, read_deck, save_deck
from ecogeo.present.default_steps import default_steps
from ecogeo.present.handout import HEIGHT_MM, WIDTH_MM, handout_bytes
from ecogeo.present.pictures import MOST_SIDE_PX, keep_picture, picture_names, tidy_picture
from ecogeo.present.plain_map import STEP_DEG, plain_map, plain_shapes
from ecogeo.present.steps import Comparison, Step, parse_steps, step_doubts, steps_json
from ecogeo.webmap import county_map
from ecogeo.wording import Text
from ecogeo.workspace import Workspace, open_workspace

DAY = "2026-11-22"
PLAIN = Step(Text("标题", "标题"))

lines = st.text(st.characters(codec="utf-8"), max_size=40)
titles = lines.filter(str.strip)
both = st.builds(Text, titles, titles)
names = st.lists(lines, max_size=3).map(tuple)
edges = st.tuples(
    st.floats(-180, 0), st.floats(-90, 0), st.floats(0, 180, exclude_min=True), st.floats(0, 90, exclude_min=True)
)
any_steps = st.lists(
    st.builds(
        Step,
        title=both,
        words=st.lists(st.builds(Text, lines, lines), max_size=3).map(tuple),
        bounds=st.none() | edges,
        layers=st.none() | names,
        spotlight=lines,
        comparison=st.none() | st.builds(Comparison, names, names, both, both),
        theme=lines,
    ),
    min_size=1,
    max_size=4,
).map(tuple)
anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | lines,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(lines, inner, max_size=4),
    max_leaves=12,
)
fields = st.sampled_from(
    ["title", "words", "bounds", "layers", "spotlight", "comparison", "picture", "picture_alt", "theme"]
)


@pytest.fixture
def county(county_folder: Path) -> Workspace:
    write_rules(county_folder)
    return open_workspace(county_folder)


@pytest.fixture
def told(county: Workspace) -> tuple[Report, tuple[ProjectRecord, ...], tuple[Step, ...]]:
    report = judge_county(county, law=read_law(county, on=None))
    records = project_records(county, report)
    return report, records, default_steps(county, report, records, plan_boards(county)[0])


@given(any_steps)
def test_steps_survive_their_file(steps: tuple[Step, ...]) -> None:
    assert parse_steps(steps_json(steps)) == steps
    assert "\n" not in steps_json(steps)


@given(st.lists(st.dictionaries(fields, anything, max_size=8), max_size=3))
def test_whatever_is_given_is_read_or_refused(rows: list[dict[str, object]]) -> None:
    text = json.dumps({"version": 1, "steps": rows})
    try:
        steps = parse_steps(text)
    except UsageError:
        return
    assert len(steps) == len(rows)
    assert parse_steps(steps_json(steps)) == steps


def test_everything_wrong_is_told_at_once() -> None:
    rows = [{"title": " "}, {"title": "a", "bounds": [3, 0, 2, 1]}, {"title": "b", "picture": "../../x.png"}, 7]
    with pytest.raises(UsageError) as refused:
        parse_steps(json.dumps({"version": 2, "steps": rows}))
    told = refused.value.say("en")
    assert told.splitlines() == [
        "version must be 1",
        "step 1: there is no title",
        "step 2: bounds must be west, south, east and north in degrees",
        "step 3: picture is no name this system gave a picture",
        "step 4: must be an object",
    ]


def test_what_is_gone_is_said() -> None:
    step = Step(Text("a", "a"), layers=("towns", "old"), spotlight="P9", picture=f"{'0' * 16}.png")
    doubts = step_doubts([step], layers=["towns"], subjects=["P1"], pictures=[])
    assert [doubt.zh for doubt in doubts] == [
        "第 1 步：图层 old 已不存在",
        "第 1 步：项目或用地 P9 已不存在",
        f"第 1 步：图片 {'0' * 16}.png 已不存在",
    ]


def test_each_save_is_one_more_line_and_the_last_counts(tmp_path: Path) -> None:
    path = deck_path(tmp_path)
    assert read_deck(path).steps == ()
    assert save_deck(path, [PLAIN], after=0, on=DAY).number == 1
    first = path.read_bytes()
    changed = dataclasses.replace(PLAIN, words=(Text("字", "字"),))
    assert save_deck(path, [changed], after=1, on=DAY).steps == (changed,)
    assert path.read_bytes().startswith(first), "what was saved before stays as it is"
    assert save_deck(path, [], after=2, on=DAY).steps == (), "back to the computed steps"
    with pytest.raises(UsageError, match="somebody else"):
        save_deck(path, [PLAIN], after=2, on=DAY)
    assert read_deck(path).number == 3


def test_a_line_cut_off_does_not_take_the_one_before_with_it(tmp_path: Path) -> None:
    path = deck_path(tmp_path)
    save_deck(path, [PLAIN], after=0, on=DAY)
    with path.open("ab") as file:
        file.write(b'{"on":"2026')
    torn = read_deck(path)
    assert torn.is_torn
    assert torn.steps == (PLAIN,)
    kept = save_deck(path, [PLAIN, PLAIN], after=1, on=DAY)
    assert (kept.number, len(kept.steps), kept.is_torn) == (2, 2, False)


def test_a_broken_file_is_told_and_not_overwritten(tmp_path: Path) -> None:
    path = deck_path(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text("{}\n", "utf-8")
    with pytest.raises(UnusableFileError, match="steps"):
        read_deck(path)
    with pytest.raises(UnusableFileError):
        save_deck(path, [PLAIN], after=1, on=DAY)
    assert path.read_text("utf-8") == "{}\n"


def test_of_several_who_save_at_once_one_wins(tmp_path: Path) -> None:
    path = deck_path(tmp_path)
    refused: list[UsageError] = []

    def work(number: int) -> None:
        try:
            save_deck(path, [Step(Text(str(number), str(number)))], after=0, on=DAY)
        except UsageError as error:
            refused.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_deck(path).number == 1
    assert len(refused) == 7


def png(width: int, height: int, **options: object) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (width, height), "#336699").save(content, "PNG", **options)
    return content.getvalue()


def test_pictures_are_drawn_anew_and_named_by_content(tmp_path: Path) -> None:
    held = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    exif[0x0112] = 6  # the camera was turned
    Image.new("RGB", (3000, 1000), "#884400").save(held, "JPEG", exif=exif)
    name = keep_picture(tmp_path, held.getvalue())
    assert re.fullmatch(r"[0-9a-f]{16}\.jpg", name)
    content = (tmp_path / name).read_bytes()
    assert b"secret" not in content
    with Image.open(tmp_path / name) as drawn:
        assert drawn.size == (MOST_SIDE_PX // 3, MOST_SIDE_PX), "turned upright, then made small"
        assert not drawn.getexif()
    assert keep_picture(tmp_path, held.getvalue()) == name
    assert picture_names(tmp_path) == {name}


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"<svg onload=alert(1)>", png(4, 4)[:40], b"\xff\xd8\xff" + b"0" * 50, b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError):
        tidy_picture(content)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = bytearray(png(1, 1))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2  # the head says 60,000 × 60,000 pixels
    with pytest.raises(UsageError):
        tidy_picture(bytes(bomb))


def test_the_steps_tell_what_was_computed(
    told: tuple[Report, tuple[ProjectRecord, ...], tuple[Step, ...]], county: Workspace
) -> None:
    report, records, steps = told
    assert steps[0].title == Text("方县：总体情况", "Square County: overview")
    assert steps[0].words[0].en == f"{len(records)} projects and sites, {len(records) - 1} of them drawn."
    redlines = next(step for step in steps if step.title.zh.endswith("与生态保护红线"))
    assert redlines.layers == ("county", "towns", "redlines", "sites")
    counted = report.tables["screening"].query("layer == 'redlines'")["answer"].value_counts()
    assert redlines.words[0].en.startswith(f"{counted['involved']} involved, {counted['possible']} possibly involved")
    inside = next(one for one in redlines.words if one.en.startswith("用地 inside:"))
    # 100 m by 100 m of a plane that is stretched by 1 + 120² / (2 · 6371²) there: 1 / 1.0001774² = 0.9996
    assert "0.9996 ha, 100.00% of the site" in inside.en
    lit = [step for step in steps if step.spotlight]
    assert 0 < len(lit) <= 3
    assert {step.spotlight for step in lit} <= {record.record_id for record in records}
    money = next(step for step in steps if step.title.en == "Investment")
    assert money.words[0].zh == "规划项目 2 个，总投资 120.5 万元。", "100.5 and 20"
    assert len({step.title.zh for step in steps}) == len(steps)
    assert default_steps(county, report, records, plan_boards(county)[0]) == steps
    assert parse_steps(steps_json(steps)) == steps


def test_signs_of_a_step_about_one_layer_show_the_answers_to_it_alone(
    told: tuple[Report, tuple[ProjectRecord, ...], tuple[Step, ...]], county: Workspace
) -> None:
    report, records, steps = told
    signs = site_signs(records)
    overall = {sign.site_id: sign.answer for sign in signs}
    rows = report.tables["screening"]
    assert "redlines" in {step.theme for step in steps}
    roles = sorted(set(rows["layer"]))
    assert any(overall != {one.site_id: one.answer for one in themed_signs(signs, role)} for role in roles)
    for role in roles:
        own = rows[rows["layer"] == role].set_index("site_id")["answer"]
        shown = themed_signs(signs, role)
        assert {one.site_id: str(one.answer) for one in shown} == {
            site: answer for site, answer in own.items() if site in overall
        }
    assert themed_signs(signs, "nothing") == ()
    assert themed_signs(signs, "") == signs
    plain = plain_map(county_map(county, records, {"leaflet": "", "leaflet_css": ""}), relief=None, with_words=False)
    place = [role for role, _ in plain["themes"]].index("redlines")
    for told_sign, sign in zip(plain["signs"], signs, strict=True):
        assert plain["gravestFirst"][int(told_sign["to"][place])] == str(sign.answers["redlines"])
    sites = next(layer for layer in plain["layers"] if layer["role"] == "project_sites")
    assert set(sites["answerPaints"]) == set(plain["gravestFirst"])


def test_shapes_become_steps_of_a_metre(county: Workspace) -> None:
    report = judge_county(county, law=None)
    drawn = county_map(county, project_records(county, report), {"leaflet": "", "leaflet_css": ""}).drawn("redlines")
    assert drawn is not None
    shapes = plain_shapes(drawn, with_words=True)
    assert shapes["keys"] == ["A", "B"]
    (kind, (rings,)), *rest = shapes["shapes"][1]
    assert (kind, len(rings), rest) == (2, 2, []), "a square with a hole"
    for ring, held in zip(rings, (drawn.shapes[1].exterior, drawn.shapes[1].interiors[0]), strict=True):
        back = np.cumsum(np.array(ring).reshape(-1, 2), axis=0) * STEP_DEG
        assert shapely.hausdorff_distance(shapely.LineString(back), shapely.LineString(held.coords)) < STEP_DEG


def test_the_handout_is_a3_and_the_same_every_time(
    told: tuple[Report, tuple[ProjectRecord, ...], tuple[Step, ...]], county: Workspace, tmp_path: Path
) -> None:
    report, records, steps = told
    name = keep_picture(tmp_path, png(40, 30))
    long = Step(
        Text("长", "long"), words=tuple(Text("很长的文字。" * 90, "long " * 100) for _ in range(12)), picture=name
    )
    compared = Step(
        Text("对比", "compared"), comparison=Comparison((), ("redlines",), Text("无", "without"), Text("有", "with"))
    )
    shown = [*steps[:2], next(step for step in steps if step.spotlight), compared, long]
    first = handout_bytes(county, report, records, shown, pictures=tmp_path)
    assert first == handout_bytes(county, report, records, shown, pictures=tmp_path)
    boxes = re.findall(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", first)
    assert len(boxes) == len(shown)
    for wide, high in boxes:
        assert float(wide) / 72 * 25.4 == pytest.approx(WIDTH_MM, abs=0.1)
        assert float(high) / 72 * 25.4 == pytest.approx(HEIGHT_MM, abs=0.1)
    assert b"/Image" in first
    assert b"CreationDate" not in first


def test_a_character_the_font_lacks_is_named(county: Workspace) -> None:
    report = judge_county(county, [], law=None)
    strange = Step(Text("\U0001f9ff", "\U0001f9ff"))
    with pytest.raises(UsageError, match="\U0001f9ff"):
        handout_bytes(county, report, (), [strange])
