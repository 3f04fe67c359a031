"""Accounts: passwords kept as hashes, sessions that end, attempts that are counted, a log nobody changes."""

from __future__ import annotations

import hashlib
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import argon2
import pytest

from ecogeo.accounts import (
    AccountBook,
    Deed,
    Refused,
    account_book,
    add_account,
    begin_session,
    change_password,
    count_sessions,
    deeds,
    end_session,
    end_sessions,
    find_account,
    find_session,
    first_password,
    has_admin,
    list_accounts,
    log_problem,
    remove_account,
    set_grants,
    sign_in,
    write_deed,
)
from ecogeo.accounts.people import FIRST_PASSWORD_S
from ecogeo.accounts.places import VARIABLE
from ecogeo.accounts.sessions import IDLE_S, LONGEST_S
from ecogeo.accounts.signing_in import WINDOW_S
from ecogeo.errors import UnusableFileError, UsageError

SECRET = "河堤 灯塔 石榴 三月 七个"  # noqa: S105  a sample
NOON = 1_800_000_000.0


@pytest.fixture(autouse=True)
def cheap_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hashes cost little, but for the test that looks at what they cost."""
    if "argon2" not in request.node.name:
        cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        monkeypatch.setattr("ecogeo.accounts.passwords._hasher", lambda: cheap)


@pytest.fixture
def book(tmp_path: Path) -> AccountBook:
    made = AccountBook(tmp_path / "accounts", wait_s=0.2)
    add_account(made, "张三", SECRET, {"450206": "reviewer"}, NOON)
    return made


def signed_in(
    book: AccountBook, at: float, password: str = SECRET, name: str = "张三", address: str = "10.0.0.1"
) -> bool:
    return not isinstance(sign_in(book, name, password, address, at), Refused)


def test_a_password_is_kept_as_an_argon2_hash_alone(book: AccountBook) -> None:
    content = b"".join(path.read_bytes() for path in book.folder.iterdir())
    assert b"$argon2id$v=19$m=65536,t=3,p=4$" in content
    assert SECRET.encode() not in content
    assert stat.S_IMODE(book.accounts_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(book.folder.stat().st_mode) == 0o700


def test_the_right_password_alone_lets_in(book: AccountBook) -> None:
    assert signed_in(book, NOON)
    assert not signed_in(book, NOON, SECRET + "x")
    assert not signed_in(book, NOON, "")
    assert not signed_in(book, NOON, name="李四")


@pytest.mark.parametrize("typed", ["张三", " 张三 ", "张三\u3000"])
def test_a_name_is_one_however_it_is_typed(book: AccountBook, typed: str) -> None:
    assert signed_in(book, NOON, name=typed)


@pytest.mark.parametrize(
    "bad", ["short", "aaaaaaaaaaaaaaaa", "123456789012", "abcdefghijklmn", "x" * 129, "my ecogeo 2026!"]
)
def test_a_password_that_is_easily_guessed_is_refused(book: AccountBook, bad: str) -> None:
    with pytest.raises(UsageError):
        add_account(book, "李四", bad, {"450206": "viewer"}, NOON)
    assert [one.name for one in list_accounts(book)] == ["张三"]


def test_a_password_of_an_offices_own_list_is_refused(book: AccountBook) -> None:
    words = ("梅兰竹菊一二三四五六七八", "correct horse battery staple", "Tr0ub4dor&3 again")
    hashed = hashlib.sha1(words[2].encode(), usedforsecurity=False).hexdigest().upper()
    book.known_passwords_path.write_text(f"\ufeff{words[0]}\r\n{words[1].upper()}\n{hashed}:57\n", "utf-8")
    for word in words:
        with pytest.raises(UsageError, match="list of known passwords"):
            add_account(book, "李四", word, {"450206": "viewer"}, NOON)
        with pytest.raises(UsageError, match="list of known passwords"):
            change_password(book, "张三", word)
    add_account(book, "李四", words[0] + "九", {"450206": "viewer"}, NOON)


def test_everything_wrong_with_an_account_is_told_at_once(book: AccountBook) -> None:
    with pytest.raises(UsageError) as refused:
        add_account(book, "<b>", "short", {"450206": "emperor"}, NOON)
    assert len(refused.value.problems) == 3


def test_names_are_taken_once_also_after_the_account_is_gone(book: AccountBook) -> None:
    with pytest.raises(UsageError, match="already"):
        add_account(book, "张三", SECRET, {"*": "admin"}, NOON)
    token = begin_session(book, "张三", NOON)
    remove_account(book, "张三")
    assert find_session(book, token, NOON) is None
    assert not signed_in(book, NOON)
    with pytest.raises(UsageError, match="was the name of an account"):
        add_account(book, "张三", SECRET, {"*": "admin"}, NOON)
    with pytest.raises(UsageError, match="no account"):
        remove_account(book, "张三")


def test_roles_hold_in_their_county_and_from_the_next_request_on(book: AccountBook) -> None:
    token = begin_session(book, "张三", NOON)
    session = find_session(book, token, NOON)
    assert session is not None
    assert [session.account.role_in(one) for one in ("450206", "450221")] == ["reviewer", None]
    set_grants(book, "张三", {"450206": "viewer", "*": "admin"})
    later = find_session(book, token, NOON + 1)
    assert later is not None
    assert [later.account.role_in(one) for one in ("450206", "450221")] == ["admin", "admin"]
    assert has_admin(book, "450221")


def test_a_session_ends_when_idle_when_old_and_when_signed_out(book: AccountBook) -> None:
    idle = begin_session(book, "张三", NOON)
    assert find_session(book, idle, NOON + IDLE_S) is not None  # which was a use
    assert find_session(book, idle, NOON + 2 * IDLE_S + 1) is None
    assert find_session(book, idle, NOON + 1) is None, "an ended session never comes back"
    busy, at = begin_session(book, "张三", NOON), NOON
    while at + IDLE_S / 2 <= NOON + LONGEST_S:
        at += IDLE_S / 2
        assert find_session(book, busy, at) is not None
    assert find_session(book, busy, NOON + LONGEST_S + 1) is None
    out = begin_session(book, "张三", NOON)
    end_session(book, out)
    assert find_session(book, out, NOON) is None
    for stranger in ("", "x", "' OR 1=1 --"):
        assert find_session(book, stranger, NOON) is None


def test_a_clock_that_was_set_back_ends_sessions(book: AccountBook) -> None:
    token = begin_session(book, "张三", NOON)
    assert find_session(book, token, NOON - 60) is not None, "clocks of two machines may differ a little"
    assert find_session(book, token, NOON - 3600) is None


def test_a_copied_file_opens_no_session(book: AccountBook) -> None:
    token = begin_session(book, "张三", NOON)
    with sqlite3.connect(book.accounts_path) as connection:
        kept = connection.execute("SELECT id FROM session").fetchone()[0]
    connection.close()
    assert kept != token
    assert find_session(book, kept, NOON) is None


def test_another_password_ends_every_session(book: AccountBook) -> None:
    tokens = [begin_session(book, "张三", NOON) for _each in range(2)]
    assert count_sessions(book, NOON) == 2
    change_password(book, "张三", SECRET + "新")
    assert [find_session(book, token, NOON) for token in tokens] == [None, None]
    assert signed_in(book, NOON, SECRET + "新")
    begin_session(book, "张三", NOON)
    end_sessions(book, "张三")
    assert count_sessions(book, NOON) == 0


def test_a_first_password_must_be_changed_and_lasts_a_week(book: AccountBook) -> None:
    given = first_password()
    assert given != first_password()
    add_account(book, "李四", given, {"450206": "viewer"}, NOON, is_first=True)
    account = sign_in(book, "李四", given, "a", NOON + FIRST_PASSWORD_S)
    assert not isinstance(account, Refused)
    assert account.must_change
    assert not signed_in(book, NOON + FIRST_PASSWORD_S + 1, given, "李四")
    change_password(book, "李四", SECRET)
    found = find_account(book, "李四")
    assert found is not None
    assert not found.must_change


@pytest.mark.parametrize("name", ["张三", "nobody has this name"])
def test_the_sixth_attempt_waits_whether_or_not_there_is_such_an_account(book: AccountBook, name: str) -> None:
    answers = [sign_in(book, name, "wrong password", "10.0.0.1", NOON + second) for second in range(6)]
    assert answers[:5] == [Refused(0.0)] * 5
    assert answers[5] == Refused(WINDOW_S - 5)
    right = sign_in(book, "张三", SECRET, "10.0.0.1", NOON + 6)
    assert isinstance(right, Refused) == (name == "张三"), "also the right password waits"
    assert signed_in(book, NOON + 6, address="10.0.0.2"), "who guesses from elsewhere locks nobody out"
    assert signed_in(book, NOON + WINDOW_S + 7)


def test_one_address_cannot_try_name_after_name(book: AccountBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecogeo.accounts.signing_in.is_password", lambda kept, password: False)
    answers = [sign_in(book, f"name {number}", "guess", "10.0.0.9", NOON) for number in range(61)]
    assert answers[59] == Refused(0.0)
    assert answers[60] == Refused(WINDOW_S)


def test_many_addresses_cannot_try_one_name_for_ever(book: AccountBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecogeo.accounts.signing_in.is_password", lambda kept, password: False)
    answers = [sign_in(book, "张三", "guess", f"10.0.1.{number}", NOON) for number in range(31)]
    assert answers[29] == Refused(0.0)
    assert answers[30] == Refused(WINDOW_S)


def test_a_clock_that_jumped_locks_nobody_out_for_ever(book: AccountBook) -> None:
    for _each in range(6):
        sign_in(book, "张三", "wrong password", "10.0.0.1", NOON + 10 * 365 * 86400)
    assert signed_in(book, NOON)


def deed(what: str = "looked", county: str = "450206") -> Deed:
    return Deed("2026-11-22T05:00:00+00:00", "张三", "10.0.0.1", county, what, "GET /projects/P1")


def test_the_log_tells_what_was_written_by_county(book: AccountBook) -> None:
    assert deeds(book, None) == ()
    assert log_problem(book) is None
    for what, county in (("looked", "450206"), ("exported", "450221"), ("decided", "450206")):
        write_deed(book, deed(what, county))
    assert [(one.seq, one.what) for one in deeds(book, None)] == [(3, "decided"), (2, "exported"), (1, "looked")]
    assert [one.what for one in deeds(book, ["450206"])] == ["decided", "looked"]
    assert [one.what for one in deeds(book, None, before=3, most=1)] == ["exported"]
    assert deeds(book, ["nowhere"]) == ()


def test_the_log_is_only_ever_appended_to_and_shows_what_was_changed_all_the_same(book: AccountBook) -> None:
    for what in ("looked", "decided", "looked"):
        write_deed(book, deed(what))
    assert log_problem(book) is None
    connection = sqlite3.connect(book.audit_path)
    for statement in ("UPDATE deed SET who = 'x'", "DELETE FROM deed"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
            connection.execute(statement)
    connection.execute("DROP TRIGGER deed_stays")
    connection.execute("UPDATE deed SET who = '李四' WHERE seq = 2")
    connection.commit()
    connection.close()
    problem = log_problem(book)
    assert problem is not None
    assert "entry 2" in problem.en


def test_a_log_entry_is_one_line(book: AccountBook) -> None:
    write_deed(book, Deed("t", "x\n2026 admin", "a", "", "looked", "\x1b[2J\u202egnp" + "y" * 900))
    (found,) = deeds(book, None)
    assert found.who.isprintable()
    assert found.about.isprintable()
    assert len(found.about) == 500


def test_files_that_are_none_of_ours_are_refused(tmp_path: Path) -> None:
    book = AccountBook(tmp_path)
    other = sqlite3.connect(book.accounts_path)
    other.execute("CREATE TABLE precious (a)")
    other.commit()
    other.close()
    with pytest.raises(UnusableFileError, match="no file of accounts"):
        list_accounts(book)
    book.audit_path.write_bytes(b"not a database at all, but long enough to be looked at" * 10)
    with pytest.raises(UnusableFileError, match="damaged"):
        write_deed(book, deed())


def test_a_full_disk_is_said_and_nothing_is_half_written(book: AccountBook, monkeypatch: pytest.MonkeyPatch) -> None:
    write_deed(book, deed())
    real = sqlite3.connect

    class Full(sqlite3.Connection):
        def execute(self, statement: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
            if statement == "BEGIN IMMEDIATE":
                super().execute("PRAGMA max_page_count = 1")
            return super().execute(statement, *values)  # type: ignore[arg-type]

    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, factory=Full, **k))
    long = Deed("t", "w", "a", "c", "looked", "y" * 500)
    with pytest.raises(UnusableFileError, match="the disk is full"):
        _written = [write_deed(book, long) for _each in range(200)]
    monkeypatch.undo()
    assert log_problem(book) is None


def test_a_writer_that_does_not_end_is_not_waited_for_for_ever(book: AccountBook) -> None:
    write_deed(book, deed())
    other = sqlite3.connect(book.audit_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnusableFileError, match="did not finish in time"):
        write_deed(book, deed())
    other.close()
    assert write_deed(book, deed()) == 2


WRITER = """
import sys
from pathlib import Path
from ecogeo.accounts import AccountBook, Deed, write_deed
book = AccountBook(Path(sys.argv[1]))
while True:
    print(write_deed(book, Deed("t", "w", "a", "c", "decided", "about")), flush=True)
"""


def test_a_process_killed_while_writing_leaves_a_whole_log_with_all_it_confirmed(book: AccountBook) -> None:
    confirmed = 0
    for _each in range(3):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(book.folder)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _line in range(20):
                confirmed = int(writer.stdout.readline())
            writer.kill()
            confirmed = max([confirmed, *map(int, writer.stdout.read().split())])
    assert log_problem(book) is None
    assert len(deeds(book, None)) >= confirmed >= 60


def test_where_accounts_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert account_book(tmp_path).folder == tmp_path
    monkeypatch.setenv(VARIABLE, str(tmp_path / "named"))
    assert account_book().folder == tmp_path / "named"
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert account_book().folder == tmp_path / "state" / "ecogeo" / "accounts"
