"""A ledger on a real PostgreSQL server, that serves an office."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from postgres import PASSWORD, USER, Server, running_server, why_absent

from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.ledger import LINE_COLUMNS, Draft, Ledger, append, backup, chain_problems, entries, lines_of, restore
from ecogeo.ledger.opening import writing
from ecogeo.ledger.store import append_held

ABSENT = why_absent()
pytestmark = pytest.mark.skipif(bool(ABSENT) and "ECOGEO_REQUIRE_POSTGIS" not in os.environ, reason=ABSENT)

AT = "2026-05-06T08:00:00+00:00"
LINES = [[f"50%-{column}" for column in LINE_COLUMNS]]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as started:
        yield started


@pytest.fixture
def ledger(server: Server, request: pytest.FixtureRequest) -> Ledger:
    return Ledger(made(server, f"t{abs(hash(request.node.name))}"), "450221", wait_s=0.5)


def made(server: Server, name: str) -> str:
    """Make an empty database and return its address."""
    with server.connect() as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}/{name}"


def test_what_was_written_is_read_again_and_stays(ledger: Ledger) -> None:
    assert entries(ledger) == ()
    append(ledger, [Draft("run", AT, {"of": "柳江 100%"}, LINES), Draft("reviews", AT, {"row": {}})])
    append(Ledger(ledger.address, "450224"), [Draft("run", AT, {"of": "鹿寨"})])
    assert [(one.seq, one.kind) for one in entries(ledger)] == [(1, "run"), (2, "reviews")]
    assert [list(row.values()) for row in lines_of(ledger, 1)] == LINES
    assert chain_problems(ledger) == ()
    with psycopg.connect(ledger.address, autocommit=True) as connection:
        for statement in (
            "UPDATE ecogeo_entry SET body = '{}'",
            "DELETE FROM ecogeo_answer",
            "TRUNCATE ecogeo_entry",
            "INSERT INTO ecogeo_answer SELECT 1, 2, " + ", ".join(LINE_COLUMNS) + " FROM ecogeo_answer",  # noqa: S608
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="only ever appended"):
                connection.execute(statement)
        connection.execute("ALTER TABLE ecogeo_entry DISABLE TRIGGER ALL")
        connection.execute("UPDATE ecogeo_entry SET at = '2020' WHERE seq = 1")
    assert [one.en for one in chain_problems(ledger)] == ["entry 1 was changed after it was written"]


def test_an_office_writing_at_once_loses_nothing(ledger: Ledger) -> None:
    patient = Ledger(ledger.address, ledger.county, wait_s=30)

    def write(writer: int) -> list[str]:
        return [append(patient, [Draft("run", AT, {"w": writer, "n": n}, LINES)])[0].sha256 for n in range(8)]

    with ThreadPoolExecutor(4) as pool:
        written = [one for some in pool.map(write, range(4)) for one in some]
    assert sorted(written) == sorted(one.sha256 for one in entries(ledger))
    assert [one.seq for one in entries(ledger)] == list(range(1, 33))
    assert chain_problems(ledger) == ()


def test_one_who_holds_it_too_long_is_told(ledger: Ledger) -> None:
    append(ledger, [Draft("run", AT, {})])
    with psycopg.connect(ledger.address) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({0x45434F47})")
        with pytest.raises(UnusableFileError, match="another program is writing to the ledger"):
            append(ledger, [Draft("run", AT, {})])
    assert len(entries(ledger)) == 1


def test_a_copy_comes_back_into_a_new_database(ledger: Ledger, server: Server, tmp_path: Path) -> None:
    append(ledger, [Draft("run", AT, {}, LINES)])
    append(Ledger(ledger.address, "450224"), [Draft("run", AT, {})])
    copy = tmp_path / "b.sqlite"
    assert backup(ledger, copy) == 2
    assert chain_problems(Ledger(str(copy))) == ()
    with pytest.raises(UsageError, match="is not empty"):
        restore(ledger, copy)
    fresh = Ledger(made(server, "fresh"), "450221")
    assert restore(fresh, copy) == (2, None)
    assert entries(fresh) == entries(ledger)
    assert chain_problems(fresh) == ()


def test_a_server_that_is_not_there_is_told_without_a_password() -> None:
    with pytest.raises(UnusableFileError) as refused:
        append(Ledger("postgresql://u:geheim@127.0.0.1:1/x"), [Draft("run", AT, {})])
    assert refused.value.say("en") == (
        "postgresql://u@127.0.0.1:1/x: the database cannot be reached, or the connection broke: have it started, see "
        "by ecogeo runs whether this was recorded, and do it again if not"
    )


def test_a_run_without_its_database_says_what_to_do(
    ledger: Ledger,
    server: Server,
    county_folder: Path,
    run: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ECOGEO_LEDGER", ledger.address)
    server.stop()
    try:
        for lang, says in (("zh", "请让数据库恢复"), ("en", "have it started")):
            out = county_folder / "out" / "check"
            words = ("check", "site_in_redline", "-w", county_folder, "-o", out, "-q", "--exit-zero")
            status, _output, told = run(*words, "--lang", lang)
            assert (status, says in told, "Traceback" in told, PASSWORD in told) == (2, True, False, False)
    finally:
        server.start()


def test_a_database_that_goes_away_loses_nothing_it_confirmed(ledger: Ledger, server: Server) -> None:
    append(ledger, [Draft("run", AT, {"n": 0}, LINES)])

    def cut_off() -> None:
        with writing(ledger) as held:
            append_held(held, [Draft("run", AT, {"n": 1}, LINES)])
            server.stop()

    with pytest.raises(UnusableFileError, match="see by ecogeo runs whether this was recorded"):
        cut_off()
    server.start()
    assert [one.body["n"] for one in entries(ledger)] == [0], "what was not confirmed is not there"
    confirmed: list[str] = []

    def write() -> None:
        with contextlib.suppress(UnusableFileError):
            while True:
                confirmed.extend(one.sha256 for one in append(ledger, [Draft("run", AT, {}, LINES)]))

    writers = [threading.Thread(target=write) for _writer in range(2)]
    for writer in writers:
        writer.start()
    while len(confirmed) < 10:
        time.sleep(0.01)
    server.stop()
    for writer in writers:
        writer.join(30)
    server.start()
    assert set(confirmed) <= {one.sha256 for one in entries(ledger)}
    assert chain_problems(ledger) == ()
    append(ledger, [Draft("run", AT, {})])


def test_the_command_line_records_there(
    ledger: Ledger,
    county_folder: Path,
    tmp_path: Path,
    run: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ECOGEO_LEDGER", ledger.address)
    for name in ("a", "b"):
        words = ("-w", county_folder, "-o", tmp_path / name, "-q", "--exit-zero")
        assert run("check", "site_in_redline", *words)[0] == 0
    assert not (county_folder / "data" / "decisions").exists()
    status, output, _ = run("diff", 1, 2, "-w", county_folder, "--lang", "en")
    assert status == 0
    assert output.endswith(": no difference\n")
