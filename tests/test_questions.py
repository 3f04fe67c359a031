"""Questions and the answers people gave."""

from pathlib import Path

import pytest

from ecogeo.errors import UnusableFileError
from ecogeo.questions import Answers, Question, read_answers, read_questions
from ecogeo.wording import Text

COUNTY = Path(__file__).parent.parent / "data"
QUESTIONS = tuple(Question(name, Text("？", "?")) for name in ("is_a", "is_b"))


def written(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


def answers(folder: Path, text: str) -> Answers:
    return read_answers(written(folder, text), QUESTIONS)


def test_the_countys_questions_are_asked_in_both_languages() -> None:
    questions = read_questions(COUNTY / "questions.csv")
    assert len(questions) == 35
    assert all(question.text.zh.endswith("？") and question.text.en.endswith("?") for question in questions)
    wanted = {"is_linear", "is_national_major", "has_new_construction_land", "is_temporary", "crosses_without_land"}
    assert wanted <= {question.question_id for question in questions}


def test_every_fault_of_the_questions_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError) as refused:
        read_questions(written(tmp_path, "question_id,zh,en\nis_a,甲？,A?\nis_a,乙？,\nor,丙？,C?\nIs D,丁？,D?\n"))
    message = refused.value.say("en")
    for part in ("occurs more than once: is_a", "row 3: the question is_a lacks", "row 4: “or” is no", "row 5: “Is D”"):
        assert part in message


def test_who_answered_is_kept(tmp_path: Path) -> None:
    read = answers(tmp_path, "project_id,question_id,answer,by,on,reason\nP1,is_a,是,张某,2026-05-06,核对批文\n")
    assert len(read.sha256) == 64
    given = read.about("P1")["is_a"]
    assert (given.value, given.by, given.on, given.reason) == (True, "张某", "2026-05-06", "核对批文")


def test_the_site_goes_before_the_project_before_all(tmp_path: Path) -> None:
    read = answers(
        tmp_path,
        "project_id,site_id,question_id,answer,by,on,reason\n"
        ",S1,is_a,未知,甲,2026-05-06,\n"
        "P1,,is_a,是,甲,2026-05-06,\n"
        "*,,is_a,否,甲,2026-05-06,\n"
        "*,,is_b,否,甲,2026-05-06,\n",
    )
    assert read.values("P1", "S1") == {"is_a": None, "is_b": False}
    assert read.values("P1") == {"is_a": True, "is_b": False}
    assert read.values("P2", "S2") == {"is_a": False, "is_b": False}
    assert read.values("", "S2") == {}
    assert read.strangers(["P2"], ["S1"]) == ("P1",)
    assert read.strangers(["P1"], []) == ("S1",)


def test_every_fault_of_the_answers_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError) as refused:
        answers(
            tmp_path,
            "project_id,site_id,question_id,answer,by,on,reason\n"
            "P1,S1,is_a,是,甲,2026-05-06,\n"
            ",,is_a,是,甲,2026-05-06,\n"
            "P2,,is_z,maybe,,6.5.2026,\n",
        )
    message = refused.value.say("en").splitlines()
    assert message == [
        "table.csv: row 2: fill either project_id or site_id",
        "table.csv: row 3: fill either project_id or site_id",
        "table.csv: row 4: there is no question “is_z”",
        "table.csv: row 4: the answer “maybe” must be 是 (yes), 否 (no) or 未知 (unknown)",
        "table.csv: row 4: nobody answered: by is empty",
        "table.csv: row 4: the date “6.5.2026” must be YYYY-MM-DD",
    ]


def test_missing_columns_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError) as refused:
        answers(tmp_path, "question_id,answer\nis_a,是\n")
    assert refused.value.say("en").splitlines() == [
        "table.csv: the columns by, on, reason are missing",
        "table.csv: there is no column project_id or site_id",
    ]
