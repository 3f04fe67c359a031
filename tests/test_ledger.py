"""The ledger: only ever appended to, whole after any crash, with one clear message where it cannot be written."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_writer import write_some

import ecogeo
from ecogeo.decisions import decision_path
from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.finding import Answer
from ecogeo.ledger import (
    LINE_COLUMNS,
    Draft,
    Ledger,
    append,
    backup,
    chain_problems,
    entries,
    entry_of,
    ledger_of,
    lines_of,
    restore,
    why_closed,
)
from ecogeo.questions import GivenAnswer, Question, append_answer
from ecogeo.reviews import Outcome, Review, append_review, read_reviews
from ecogeo.runs import take_in
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace

AT = "2026-05-06T08:00:00+00:00"
KILLS = int(os.environ.get("ECOGEO_KILLS", "200"))


def line(word: str) -> list[str]:
    return [f"{word}-{column}" for column in LINE_COLUMNS]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(str(tmp_path / "decisions" / "ledger.sqlite"), wait_s=0.2)


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    append(
        ledger, [Draft("run", AT, {"command": "check"}, [line("甲"), line("乙")]), Draft("reviews", AT, {"row": {}})]
    )
    append(ledger, [Draft("run", AT, {"command": "screen"}, [line("丙")])])
    return ledger


def test_what_was_written_is_read_again(filled: Ledger) -> None:
    assert [(one.seq, one.kind, one.body["lines"]) for one in entries(filled)] == [
        (1, "run", 2),
        (2, "reviews", 0),
        (3, "run", 1),
    ]
    assert [one.seq for one in entries(filled, "run")] == [1, 3]
    assert [row["site_id"] for row in lines_of(filled, 1)] == ["甲-site_id", "乙-site_id"]
    assert entry_of(filled, 3).previous == entry_of(filled, 2).sha256
    assert chain_problems(filled) == ()
    with pytest.raises(UsageError, match="no entry 4"):
        entry_of(filled, 4)


def test_there_may_be_no_ledger_yet(ledger: Ledger) -> None:
    assert entries(ledger) == ()
    assert chain_problems(ledger) == ()
    assert not ledger.path.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET body = '{}' WHERE seq = 1",
        "DELETE FROM entry WHERE seq = 3",
        "UPDATE answer SET answer = 'clear' WHERE seq = 1",
        "DELETE FROM answer",
        "INSERT INTO answer SELECT 1, 3, " + ", ".join(LINE_COLUMNS) + " FROM answer WHERE seq = 3",  # noqa: S608
        "INSERT OR REPLACE INTO entry SELECT 1, county, kind, at, '{}', previous, 'x' FROM entry WHERE seq = 1",
    ],
)
def test_nothing_is_changed_or_removed(filled: Ledger, statement: str) -> None:
    connection = sqlite3.connect(filled.path)
    with pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
        connection.execute(statement)
    connection.close()
    assert chain_problems(filled) == ()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE entry SET at = '2020-01-01' WHERE seq = 2", "entry 2 was changed after it was written"),
        ("UPDATE answer SET overlap_m2 = '0.00' WHERE seq = 1", "the answers of entry 1 were changed"),
        ("DELETE FROM answer WHERE seq = 3", "the answers of entry 3 were changed"),
        ("DELETE FROM entry WHERE seq = 2", "the entries 2 to 2 are missing"),
        ("UPDATE answer SET seq = 9 WHERE seq = 3", "there are answers of no entry (9)"),
    ],
)
def test_tampering_shows(filled: Ledger, statement: str, problem: str) -> None:
    with sqlite3.connect(filled.path) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    connection.close()
    assert any(problem in one.en for one in chain_problems(filled))


def test_a_draft_that_breaks_leaves_nothing(filled: Ledger) -> None:
    def broken() -> object:
        yield line("丁")
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        append(filled, [Draft("run", AT, {}), Draft("run", AT, {}, broken())])  # type: ignore[arg-type]
    assert len(entries(filled)) == 3
    assert chain_problems(filled) == ()
    (fourth,) = append(filled, [Draft("run", AT, {})])
    assert fourth.seq == 4


def test_killed_writers_lose_nothing_confirmed(tmp_path: Path) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    path = tmp_path / "ledger.sqlite"
    program = Path(__file__).parent / "ledger_writer.py"
    done = subprocess.run(
        [sys.executable, program, path, str(KILLS)], check=True, capture_output=True, text=True, timeout=60 + KILLS
    )
    confirmed = done.stdout.split()
    ledger = Ledger(str(path))
    kept = [one.sha256 for one in entries(ledger)]
    assert len(confirmed) > KILLS / 10
    assert set(confirmed) <= set(kept)
    assert chain_problems(ledger) == ()
    assert append(ledger, [Draft("run", AT, {})])[0].seq == len(kept) + 1


def test_many_who_write_at_once_lose_nothing(ledger: Ledger) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        told = [pool.submit(write_some, ledger.address, writer) for writer in range(4)]
        written = [one for some in told for one in some.result()]
    assert sorted(written) == sorted(one.sha256 for one in entries(ledger))
    assert [one.seq for one in entries(ledger)] == list(range(1, 61))
    assert chain_problems(ledger) == ()


def test_a_locked_ledger_says_so_once(filled: Ledger) -> None:
    other = sqlite3.connect(filled.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnusableFileError) as refused:
        append(filled, [Draft("run", AT, {})])
    other.execute("ROLLBACK")
    other.close()
    assert refused.value.say("en") == (
        "ledger.sqlite: another program is writing to the ledger and did not finish in time: try again later, nothing "
        "was written"
    )
    assert len(entries(filled)) == 3


def test_a_full_disk_says_so_once(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def small(*words: object, **options: object) -> sqlite3.Connection:
        connection = connect(*words, **options)  # type: ignore[call-overload]
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection  # type: ignore[no-any-return]

    monkeypatch.setattr("ecogeo.ledger.opening.sqlite3.connect", small)
    with pytest.raises(UnusableFileError, match="the disk is full, nothing was written"):
        append(filled, [Draft("run", AT, {}, [line("长" * 100)] * 500)])
    monkeypatch.undo()
    assert len(entries(filled)) == 3
    assert chain_problems(filled) == ()


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be looked at" * 40, b""])
def test_what_is_no_ledger_is_refused(ledger: Ledger, content: bytes) -> None:
    ledger.path.parent.mkdir(parents=True)
    ledger.path.write_bytes(content)
    if content:
        with pytest.raises(UnusableFileError, match="damaged or no ledger"):
            entries(ledger)
    else:
        assert entries(ledger) == ()  # a file just made, as a writer that was killed at once leaves it


def test_another_database_is_refused(ledger: Ledger) -> None:
    ledger.path.parent.mkdir(parents=True)
    with sqlite3.connect(ledger.path) as connection:
        connection.execute("CREATE TABLE entry (seq)")
    connection.close()
    for ask in (lambda: entries(ledger), lambda: append(ledger, [Draft("run", AT, {})])):
        with pytest.raises(UnusableFileError, match="no ledger of this software"):
            ask()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_told(filled: Ledger) -> None:
    filled.path.parent.chmod(0o500)
    filled.path.chmod(0o400)
    assert why_closed(filled) is not None
    assert len(entries(filled)) == 3
    with pytest.raises(UnusableFileError, match="cannot be written"):
        append(filled, [Draft("run", AT, {})])
    filled.path.parent.chmod(0o700)


def test_a_closed_folder_is_told_before(filled: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert why_closed(filled) is None
    monkeypatch.setattr("ecogeo.ledger.places.os.access", lambda *_: False)
    reason = why_closed(filled)
    assert reason is not None
    assert "cannot be written" in reason.en
    installed = why_closed(
        Ledger(str(Path(ecogeo.__file__).parent / "sample" / "data" / "decisions" / "ledger.sqlite"))
    )
    assert installed is not None
    assert "the sample county that came with the software" in installed.en


def test_where_a_ledger_is(tmp_path: Path, county_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = county_folder / "data"
    assert ledger_of(data) is None  # conftest turns it off
    monkeypatch.delenv("ECOGEO_LEDGER")
    assert ledger_of(data) == Ledger(str(data / "decisions" / "ledger.sqlite"))
    assert ledger_of(data, str(tmp_path / "office.sqlite")) == Ledger(str(tmp_path / "office.sqlite"), "000001")
    shown = ledger_of(data, "postgresql://u:geheim@db/office")
    assert shown is not None
    assert shown.shown == "postgresql://u@db/office"


def test_counties_that_share_a_ledger_see_their_own(tmp_path: Path) -> None:
    a, b = (Ledger(str(tmp_path / "office.sqlite"), county) for county in ("450221", "450224"))
    append(a, [Draft("run", AT, {"of": "a"})])
    append(b, [Draft("run", AT, {"of": "b"})])
    assert [(one.seq, one.body["of"]) for one in entries(b)] == [(2, "b")]
    assert chain_problems(a) == ()
    with pytest.raises(UsageError):
        entry_of(a, 2)


def test_a_copy_is_whole_and_comes_back(filled: Ledger, tmp_path: Path) -> None:
    copy = tmp_path / "copies" / "b.sqlite"
    assert backup(filled, copy) == 3
    assert [path.name for path in copy.parent.iterdir()] == ["b.sqlite"]
    with pytest.raises(UsageError, match="there already"):
        backup(filled, copy)
    filled.path.unlink()
    assert restore(filled, copy) == (3, None)
    assert [one.seq for one in entries(filled)] == [1, 2, 3]
    assert chain_problems(filled) == ()
    append(filled, [Draft("run", AT, {})])
    with pytest.raises(UsageError, match="holds 1 entries that the copy has not"):
        restore(filled, copy)
    assert len(entries(filled)) == 4
    count, aside = restore(filled, copy, is_forced=True)
    assert count == 3
    assert aside is not None
    assert len(entries(replace(filled, address=str(aside)))) == 4


def test_a_copy_somebody_changed_is_refused(filled: Ledger, tmp_path: Path) -> None:
    copy = tmp_path / "b.sqlite"
    backup(filled, copy)
    with sqlite3.connect(copy) as connection:
        connection.execute("DROP TRIGGER entry_keeps_update")
        connection.execute("UPDATE entry SET body = replace(body, 'check', 'other') WHERE seq = 1")
    connection.close()
    with pytest.raises(UnusableFileError, match="entry 1 was changed after it was written"):
        restore(filled, copy)
    with pytest.raises(UnusableFileError, match="does not exist"):
        restore(filled, tmp_path / "none.sqlite")
    assert len(entries(filled)) == 3


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=12), min_size=len(LINE_COLUMNS), max_size=len(LINE_COLUMNS)))
def test_any_text_is_kept_as_it_is(tmp_path_factory: pytest.TempPathFactory, cells: list[str]) -> None:
    cells = [cell.encode("utf-8", "replace").decode() for cell in cells]
    ledger = Ledger(str(tmp_path_factory.mktemp("l") / "ledger.sqlite"))
    append(ledger, [Draft("run", AT, {"note": cells[0]}, [cells])])
    assert [list(row.values()) for row in lines_of(ledger, 1)] == [cells]
    assert entry_of(ledger, 1).body["note"] == cells[0]
    assert chain_problems(ledger) == ()


REVIEW = Review("S1", "redlines", Answer.CLEAR, "现场核实", "张三", "2026-05-06", Answer.INVOLVED, Outcome.FALSE_HIT)


@pytest.fixture
def county(county_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ECOGEO_LEDGER")
    return county_folder


def kept_reviews(county: Path) -> list[str]:
    ledger = ledger_of(county / "data")
    assert ledger is not None
    return [one.body["row"]["reason"] for one in entries(ledger, "reviews")]


def test_a_review_is_recorded_and_its_table_is_the_copy(county: Path) -> None:
    path = decision_path(county / "data", "reviews")
    append_review(path, REVIEW)
    append_review(path, replace(REVIEW, reason="=再看", outcome=None))
    assert path.read_text("utf-8-sig").splitlines() == [
        "site_id,layer,answer,reason,by,on,computed_answer,outcome",
        "S1,redlines,clear,现场核实,张三,2026-05-06,involved,false_hit",
        "S1,redlines,clear,'=再看,张三,2026-05-06,involved,",
    ]
    assert read_reviews(path).given == (REVIEW, replace(REVIEW, reason="=再看", outcome=None))
    assert kept_reviews(county) == ["现场核实", "=再看"]


def test_rows_by_hand_are_taken_in_and_lost_rows_come_back(county: Path) -> None:
    path = decision_path(county / "data", "reviews")
    path.parent.mkdir()
    head = "site_id,layer,answer,reason,by,on,备注\n"
    path.write_text(head + "S1,redlines,涉及,甲,张三,2026-05-06,内\nS2,redlines,clear,乙,李四,2026-05-06,\n", "gb18030")
    workspace = open_workspace(county)
    assert [(one.kind, one.taken_in, one.put_back) for one in take_in(workspace, at=AT)] == [("reviews", 2, 0)]
    assert take_in(workspace, at=AT) == ()
    ledger = ledger_of(county / "data")
    assert ledger is not None
    first = entries(ledger, "reviews")[0]
    assert first.at == AT
    assert len(first.body["from"]) == 64
    # One row is edited, one is taken out: the edit stands after the old row, and what was taken out is back.
    path.write_text(head + "S1,redlines,不涉及,甲,张三,2026-05-06,内\n", "utf-8")
    assert [(one.taken_in, one.put_back) for one in take_in(workspace, at=AT)] == [(1, 2)]
    assert path.read_text("utf-8-sig").splitlines() == [
        "site_id,layer,answer,reason,by,on,备注,computed_answer",
        "S1,redlines,涉及,甲,张三,2026-05-06,内,",
        "S2,redlines,clear,乙,李四,2026-05-06,,",
        "S1,redlines,不涉及,甲,张三,2026-05-06,内,",
    ]
    assert read_reviews(path).current["S1", "redlines"].answer is Answer.CLEAR
    path.unlink()
    assert [(one.taken_in, one.put_back) for one in take_in(workspace, at=AT)] == [(0, 3)]
    assert len(read_reviews(path).given) == 3


def test_a_broken_table_is_refused_and_not_taken_in(county: Path) -> None:
    path = decision_path(county / "data", "reviews")
    append_review(path, REVIEW)
    path.write_text(path.read_text("utf-8-sig") + "S2,redlines,maybe,乙,李四,2026-05-06,,\n", "utf-8-sig")
    for ask in (lambda: take_in(open_workspace(county), at=AT), lambda: append_review(path, REVIEW)):
        with pytest.raises(UnusableFileError, match="the answer “maybe” must be one of"):
            ask()
    assert kept_reviews(county) == ["现场核实"]


def _review_some(folder: str, by: str) -> None:
    os.environ.pop("ECOGEO_LEDGER", None)
    for number in range(6):
        append_review(decision_path(Path(folder), "reviews"), replace(REVIEW, by=by, reason=f"{by}{number}"))


def test_two_reviewers_at_once_lose_nothing(county: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for one in [pool.submit(_review_some, str(county / "data"), by) for by in ("甲", "乙")]:
            one.result()
    expected = {f"{by}{number}" for by in ("甲", "乙") for number in range(6)}
    assert set(kept_reviews(county)) == expected
    assert {one.reason for one in read_reviews(decision_path(county / "data", "reviews")).given} == expected


def test_answers_are_recorded_too(county: Path) -> None:
    asked = (Question("is_a", Text("甲？", "a?")),)
    path = decision_path(county / "data", "answers")
    append_answer(path, GivenAnswer("P1", "", "is_a", True, "张三", "2026-05-06", "图"), asked)
    ledger = ledger_of(county / "data")
    assert ledger is not None
    (kept,) = entries(ledger, "answers")
    assert kept.body["row"] == {
        "project_id": "P1",
        "question_id": "is_a",
        "answer": "是",
        "by": "张三",
        "on": "2026-05-06",
        "reason": "图",
    }


def test_the_command_line_copies_and_restores(
    county: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    assert run("check", "site_in_redline", "-w", county, "-o", tmp_path / "o", "-q", "--exit-zero")[0] == 0
    status, output, _ = run("backup", tmp_path / "b.sqlite", "-w", county, "--lang", "en")
    assert (status, output) == (0, f"1 entries copied and checked: {tmp_path / 'b.sqlite'}\n")
    assert run("restore", tmp_path / "b.sqlite", "-w", county)[0] == 0
    status, output, _ = run("runs", "--verify", "-w", county, "--lang", "en")
    assert status == 0
    assert output.startswith("the ledger is whole: 1 entries, last ")
    last = output.split()[-1]
    assert run("runs", "--known", last, "-w", county)[0] == 0
    status, output, _ = run("runs", "--known", "0" * 64, "-w", county, "--lang", "en")
    assert (status, output) == (1, f"no entry has the digest {'0' * 64}\n")
    status, _, error = run("restore", tmp_path / "none.sqlite", "-w", county, "--lang", "en")
    assert (status, error) == (2, "error: none.sqlite: the file does not exist\n")
