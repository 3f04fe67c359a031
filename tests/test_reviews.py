"""Reviewers' answers stand beside the computed ones, in every output, and never in their place."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from ecogeo.decisions import decision_path
from ecogeo.errors import UnusableFileError
from ecogeo.finding import Answer
from ecogeo.reviews import REVIEW_COLUMNS_ADDED, read_reviews

Run = Callable[..., tuple[int, str, str]]

HEAD = "site_id,layer,answer,reason,by,on,computed_answer\n"
REVIEWS = (
    HEAD
    + "inside,redlines,不涉及,界桩在外,张三,2026-05-06,涉及\n"
    + "outside,redlines,clear,一致,张三,2026-05-06,clear\n"
    + "near,redlines,involved,先,李四,2026-05-07,\n"
    + "near,redlines,clear,后来实测,李四,2026-05-06,involved\n"
    + "P2,redlines,clear,不占地,王五,2026-05-07,\n"
)


def rows(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_text(REVIEWS, "utf-8-sig")
    return path


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(HEAD + ",redlines,maybe,,,x,perhaps\nS1,,clear,r,甲,2026-05-06,\n", "utf-8")
    with pytest.raises(UnusableFileError) as refused:
        read_reviews(path)
    known = "involved, possible, clear, undetermined"
    assert refused.value.say("en").splitlines() == [
        "reviews.csv: row 2: site_id, reason, by must be filled",
        f"reviews.csv: row 2: the answer “maybe” must be one of {known}",
        f"reviews.csv: row 2: the computed_answer “perhaps” must be one of {known}",
        "reviews.csv: row 2: the date “x” must be YYYY-MM-DD",
        "reviews.csv: row 3: layer must be filled",
    ]


def test_the_last_review_counts(reviews: Path) -> None:
    read = read_reviews(reviews)
    assert read.current["near", "redlines"].answer is Answer.CLEAR
    assert [one.reason for one in read.superseded] == ["先"]
    assert [one.reason for one in read.backdated] == ["后来实测"]


def test_both_answers_stand_in_every_output(county_folder: Path, tmp_path: Path, reviews: Path, run: Run) -> None:
    run("check", "-w", county_folder, "-o", tmp_path / "plain", "-q")
    status, output, _ = run("check", "-w", county_folder, "-o", tmp_path / "out", "-q", "--reviews", reviews)
    assert status == 1
    plain, screening = (rows(tmp_path / name / "screening.csv") for name in ("plain", "out"))
    assert screening.columns.tolist() == [*plain.columns, *REVIEW_COLUMNS_ADDED]
    pd.testing.assert_frame_equal(screening[list(plain.columns)], plain)
    inside = screening.query("site_id == 'inside' and layer == 'redlines'").iloc[0]
    assert (inside["answer"], inside["reviewed_answer"]) == ("involved", "clear")
    assert inside[["review_reason", "reviewed_by", "reviewed_on"]].tolist() == ["界桩在外", "张三", "2026-05-06"]
    assert set(screening.query("layer == 'shorelines'")["reviewed_answer"]) == {""}
    findings = rows(tmp_path / "out" / "findings.csv").query("check == 'answer_reviewed'")
    assert findings["feature_id"].tolist() == ["inside", "near", "near", "P2"]
    assert set(findings["severity"]) == {"warning"}
    for part in ("涉及", "不涉及", "界桩在外", "张三", "2026-05-06"):
        assert part in findings["message"].iloc[0]
    assert "请重新复核" in findings["message"].iloc[2]
    matrix = rows(tmp_path / "out" / "matrix.csv").set_index("id")
    assert matrix.loc["near", "reviewed"] == "redlines: clear（李四 2026-05-06）"
    assert matrix.loc["near", "redlines"] == "possible"
    assert matrix.loc["P1", "reviewed"] == "redlines: clear（张三 2026-05-06）", "its only site was reviewed"
    before, after = (json.loads((tmp_path / name / "summary.json").read_text("utf-8")) for name in ("plain", "out"))
    assert after["answers"] == before["answers"]
    assert before["reviews"] == {"count": 0, "differing": []}
    assert after["reviews"]["count"] == 4
    assert [one["site_id"] for one in after["reviews"]["differing"]] == ["inside", "near", "P2"]
    assert after["decisions"] == [{"kind": "reviews", "rows": 5, "superseded": 1}]
    assert [one["path"] for one in after["inputs"] if one["name"] == "reviews"] == ["reviews"]
    assert "计算“涉及”，复核“不涉及”" in output


def test_strangers_and_turned_dates_are_findings(county_folder: Path, tmp_path: Path, reviews: Path, run: Run) -> None:
    extra = "nowhere,redlines,clear,r,甲,2026-05-06,\ninside,rivers,clear,r,甲,2026-05-06,\n"
    extra += "inside,farmland,clear,r,甲,2026-05-06,\n"
    reviews.write_text(REVIEWS + extra, "utf-8")
    run("check", "site_in_redline", "-w", county_folder, "-o", tmp_path, "-q", "--lang", "en", "--reviews", reviews)
    found = rows(tmp_path / "findings.csv").query("check == 'decision_in_doubt'")["message"].tolist()
    assert found[0].startswith("reviews: 2 that concern nothing of this run and had no effect: nowhere, rivers")
    assert found[1].startswith("reviews: a later row on near redlines is dated 2026-05-06")
    noted = rows(tmp_path / "findings.csv").query("check == 'answer_reviewed' and severity == 'note'")["message"]
    assert noted.tolist() == ["reviews of layers this run did not screen, 1: farmland"]


def test_a_county_keeps_its_own(county_folder: Path, tmp_path: Path, reviews: Path, run: Run) -> None:
    kept = county_folder / "data" / "decisions" / "reviews.csv"
    kept.parent.mkdir()
    kept.write_bytes(reviews.read_bytes())
    run("check", "-w", county_folder, "-o", tmp_path / "out", "-q")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert "data/decisions/reviews.csv" in {one["path"] for one in summary["inputs"]}
    assert summary["reviews"]["count"] == 4
    sent = tmp_path / "sent.geojson"
    ring = "[[[110.19,24.22],[110.191,24.22],[110.191,24.221],[110.19,24.22]]]"
    sent.write_text(f'{{"type":"Polygon","coordinates":{ring}}}', "utf-8")
    run("screen", sent, "-w", county_folder, "-o", tmp_path / "sent", "-q")
    summary = json.loads((tmp_path / "sent" / "summary.json").read_text("utf-8"))
    assert summary["decisions"] == [], "what a county decided of its own sites says nothing of a stranger's file"


def test_a_file_of_another_kind_is_refused(county_folder: Path, tmp_path: Path, run: Run) -> None:
    for option in ("--reviews", "--answers", "--types"):
        for name, content in (("empty.csv", b""), ("noise.csv", bytes(range(256))), ("other.csv", b"a,b\n1,2\n")):
            (tmp_path / name).write_bytes(content)
            status, _, message = run(
                "check", "-w", county_folder, "-o", tmp_path / "out", "-q", option, tmp_path / name
            )
            assert (status, "Traceback" in message) == (2, False)
            assert name in message or option != "--reviews", "this county has no rules the others could serve"
    assert run("check", "-w", county_folder, "--reviews", tmp_path / "none.csv")[0] == 2


def test_reviews_are_never_passed_over_in_silence(county_folder: Path, tmp_path: Path, reviews: Path, run: Run) -> None:
    run("check", "shoreline_protection_rate", "-w", county_folder, "-o", tmp_path, "-q", "--reviews", reviews)
    said = rows(tmp_path / "findings.csv").query("check == 'answer_reviewed'")["message"]
    assert said.tolist() == ["4 条复核意见的图层本次没有对照：生态保护红线"]


def test_answers_and_types_of_strangers_are_findings(county_folder: Path, tmp_path: Path, run: Run) -> None:
    home = Path(__file__).parent.parent / "data"
    for name in ("questions.csv", "project_types.csv"):
        shutil.copy(home / name, county_folder / "data" / name)
    shutil.copytree(home / "rules", county_folder / "data" / "rules")
    answers, types = (decision_path(county_folder / "data", kind) for kind in ("answers", "types"))
    answers.parent.mkdir()
    head = "project_id,site_id,question_id,answer,by,on,reason\n"
    answers.write_text(
        f"{head}P9,,is_linear,是,甲,2026-05-06,\nP1,,is_linear,是,甲,2026-05-06,\nP1,,is_linear,否,甲,2026-05-05,\n",
        "utf-8",
    )
    types.write_text(
        "project_id,project_type,by,on,reason\nP8,wind,甲,2026-05-06,\nhalf,wind,甲,2026-05-06,\nP1,road,乙,2026-05-06,\n",
        "utf-8",
    )
    run("check", "-w", county_folder, "-o", tmp_path / "out", "-q", "--lang", "en")
    said = rows(tmp_path / "out" / "findings.csv").query("check == 'decision_in_doubt'")["message"].tolist()
    turned = "answers: a later row on P1 is_linear is dated 2026-05-05, before the one it follows; the last row counts"
    assert said == [
        "answers: 1 that concern nothing of this run and had no effect: P9",
        "types: 1 that concern nothing of this run and had no effect: P8",
        f"{turned}, check it",
    ]
    kinds = rows(tmp_path / "out" / "matrix.csv").set_index("id")["project_type"]
    assert (kinds["half"], kinds["P1"]) == ("风电（wind）", "道路与步道（road）")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["decisions"] == [
        {"kind": "answers", "rows": 3, "superseded": 1},
        {"kind": "types", "rows": 3, "superseded": 0},
    ]
    assert {"data/decisions/answers.csv", "data/decisions/types.csv"} <= {one["path"] for one in summary["inputs"]}


def test_a_table_kept_in_a_spreadsheet_is_read_as_it_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(
        '\ufeffsite_id,layer,answer,reason,by,on\r\nS1,redlines,涉及,"\'=甲\r\n乙",张三,2026-05-06\r\n'.encode()
    )
    (review,) = read_reviews(path).given
    assert (review.reason, review.computed) == ("=甲 乙", None)
    path.write_text("site_id,layer,answer,reason,by,on\n", "utf-8")
    assert read_reviews(path).given == ()
