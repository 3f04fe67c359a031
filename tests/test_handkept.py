"""Tables of decisions: appended to, whole or not at all, the last row counting."""

import errno
import multiprocessing
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.decisions import decision_files, decision_path, shown_decisions
from ecogeo.errors import EcogeoError, UnusableFileError, UsageError
from ecogeo.finding import Answer
from ecogeo.handkept import LOCK_NAME, append_row, backdated, plain_text, safe_text, superseded
from ecogeo.locking import holding
from ecogeo.project_types import Nature, ProjectType, TypeChoice, append_type, read_type_choices
from ecogeo.questions import GivenAnswer, Question, append_answer, read_answers
from ecogeo.reviews import Review, append_review, read_reviews
from ecogeo.wording import Text

QUESTIONS = (Question("is_a", Text("？", "?")),)
TYPES = (ProjectType("wind", Text("风电", "wind"), Nature.SITE, (), (), {}),)


@given(st.text(alphabet="'=+-@＝ab1. "))
def test_a_text_comes_back_as_it_was_and_starts_no_formula(text: str) -> None:
    assert plain_text(safe_text(text)) == text
    assert safe_text(text)[:1] not in {"=", "+", "@", "＝"}


def test_a_negative_number_is_no_formula() -> None:
    assert [safe_text(text) for text in ("-0.0001", "-1+2", "-x")] == ["-0.0001", "'-1+2", "'-x"]


def test_the_later_row_counts_and_the_earlier_is_kept() -> None:
    rows = [("a", "2026-02-01"), ("b", "2026-01-01"), ("a", "2026-01-31"), ("a", "2026-03-01")]
    assert superseded(rows, lambda row: row[0]) == (rows[0], rows[2])
    assert backdated(rows, lambda row: row[0], lambda row: row[1]) == (rows[2],)


def test_a_new_file_has_bom_head_and_one_kind_of_line_end(tmp_path: Path) -> None:
    path = decision_path(tmp_path, "answers")
    append_answer(path, GivenAnswer("P1", "", "is_a", True, "张三", "2026-05-06", "第一行\r\n第二行"), QUESTIONS)
    append_answer(path, GivenAnswer("P1", "", "is_a", None, "李四", "2026-05-07", "=1+1"), QUESTIONS)
    assert path.read_bytes().decode("utf-8") == (
        "\ufeffproject_id,site_id,question_id,answer,by,on,reason\n"
        "P1,,is_a,是,张三,2026-05-06,第一行 第二行\n"
        "P1,,is_a,未知,李四,2026-05-07,'=1+1\n"
    )
    read = read_answers(path, QUESTIONS)
    assert [one.by for one in read.given] == ["张三", "李四"]
    assert read.superseded == read.given[:1]
    assert read.about("P1")["is_a"].reason == "=1+1"
    assert read.values("P1") == {"is_a": None}
    assert {one.name for one in path.parent.iterdir()} == {"answers.csv", LOCK_NAME}


def test_a_file_kept_by_hand_is_added_to_whatever_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text('on,by,reason,answer,layer,site_id\n2026-05-06,张三,"甲,乙",涉及,redlines,S1\n', "gb18030")
    append_review(path, Review("S1", "redlines", Answer.CLEAR, "实测", "李四", "2026-05-07", Answer.INVOLVED))
    assert path.read_text("utf-8-sig").splitlines() == [
        "on,by,reason,answer,layer,site_id,computed_answer",
        '2026-05-06,张三,"甲,乙",涉及,redlines,S1,',
        "2026-05-07,李四,实测,clear,redlines,S1,involved",
    ]
    read = read_reviews(path)
    assert read.current["S1", "redlines"].answer is Answer.CLEAR
    assert [one.answer for one in read.superseded] == [Answer.INVOLVED]


def test_nothing_unreadable_is_ever_written(tmp_path: Path) -> None:
    path = tmp_path / "decisions" / "reviews.csv"
    with pytest.raises(UsageError) as refused:
        append_review(path, Review("", "redlines", Answer.CLEAR, " ", "", "6.5.2026"))
    assert refused.value.say("en").splitlines() == [
        "site_id, reason, by must be filled",
        "the date “6.5.2026” must be YYYY-MM-DD",
    ]
    with pytest.raises(UsageError, match="no question"):
        append_answer(path, GivenAnswer("P1", "", "is_z", True, "甲", "2026-05-06"), QUESTIONS)
    with pytest.raises(UsageError, match="no project type"):
        append_type(path, TypeChoice("P1", "castle", "甲", "2026-05-06", ""), TYPES)
    assert not path.parent.exists()


def test_a_torn_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "types.csv"
    path.write_text('project_id,project_type,by,on,reason\nP1,"wind,甲,2026-05-06,\n', "utf-8")
    before = path.read_bytes()
    with pytest.raises(EcogeoError, match="torn"):
        append_type(path, TypeChoice("P1", "wind", "甲", "2026-05-06", ""), TYPES)
    assert path.read_bytes() == before


def test_officers_who_save_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "types.csv"

    def save(number: int) -> None:
        append_type(path, TypeChoice(f"P{number}", "wind", "甲", "2026-05-06", ""), TYPES)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(read_type_choices(path, TYPES).current) == {f"P{number}" for number in range(20)}


def save_some(path: str, who: str, go: Any) -> None:
    go.wait(60)
    for number in range(15):
        append_row(Path(path), ("a",), {"a": f"{who}{number}"}, [])


def test_two_programs_that_save_at_once_lose_nothing(tmp_path: Path) -> None:
    """Started afresh, as Windows does it: nothing is shared but the folder."""
    fresh = multiprocessing.get_context("spawn")
    path, go = tmp_path / "t.csv", fresh.Barrier(2)
    programs = [fresh.Process(target=save_some, args=(str(path), who, go)) for who in "ab"]
    for program in programs:
        program.start()
    for program in programs:
        program.join(120)
    assert [program.exitcode for program in programs] == [0, 0]
    kept = path.read_text("utf-8-sig").splitlines()[1:]
    assert sorted(kept) == sorted(f"{who}{number}" for who in "ab" for number in range(15))


def test_a_program_that_holds_the_tables_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecogeo.handkept._WAIT_S", 0.0)
    with (
        holding(tmp_path / LOCK_NAME, shown="t.csv", wait_s=0),
        pytest.raises(UnusableFileError, match="another program is writing"),
    ):
        append_row(tmp_path / "t.csv", ("a",), {"a": "1"}, [])
    assert not (tmp_path / "t.csv").exists()
    append_row(tmp_path / "t.csv", ("a",), {"a": "1"}, [])
    assert (tmp_path / "t.csv").exists(), "the lock went with whoever held it"


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_disk_that_fails_at_any_step_leaves_the_table_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "t.csv"
    append_row(path, ("a",), {"a": "1"}, [])
    before = path.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    place = {"write": "pandas.DataFrame.to_csv", "fsync": "os.fsync", "replace": "pathlib.Path.replace"}[step]
    with monkeypatch.context() as broken:
        broken.setattr(place, fail)
        with pytest.raises(OSError, match="No space"):
            append_row(path, ("a",), {"a": "2"}, [])
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.part"))
    append_row(path, ("a",), {"a": "3"}, [])
    assert path.read_text("utf-8-sig").split() == ["a", "1", "3"]


@given(st.text(), st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_whatever_is_typed_can_be_read_again(tmp_path_factory: pytest.TempPathFactory, reason: str, by: str) -> None:
    path = tmp_path_factory.mktemp("decisions") / "types.csv"
    append_type(path, TypeChoice("P1", "wind", by, "2026-05-06", reason), TYPES)
    assert read_type_choices(path, TYPES).current["P1"].by == by


def test_a_surrogate_cannot_stop_the_file(tmp_path: Path) -> None:
    columns = ("a",)
    append_row(tmp_path / "t.csv", columns, {"a": "x\ud800y\x00"}, [])
    assert (tmp_path / "t.csv").read_text("utf-8-sig") == "a\nx y\n"


def test_what_was_given_goes_before_what_the_county_keeps(tmp_path: Path) -> None:
    kept = decision_path(tmp_path, "reviews")
    assert decision_files(tmp_path).reviews is None
    kept.parent.mkdir()
    kept.write_text("x", "utf-8")
    assert decision_files(tmp_path).reviews == kept
    assert decision_files(tmp_path, reviews=Path("mine.csv")).reviews == Path("mine.csv")
    assert shown_decisions(Path("/x/data/decisions/reviews.csv"), "reviews") == "data/decisions/reviews.csv"
    assert shown_decisions(Path("/x/secret/mine.csv"), "reviews") == "reviews"
