"""The tables of a ledger, in SQLite and in PostgreSQL; both refuse to change or remove what was written."""

from __future__ import annotations

from ecogeo.ledger.entries import LINE_COLUMNS

APPLICATION = 0x45434F47
"""How a ledger of ecogeo is told from other SQLite files."""
FORMAT = 1

_REFUSAL = "the ledger is only ever appended to"
_LINES = ", ".join(f"{column} TEXT NOT NULL" for column in LINE_COLUMNS)
_NUMBERED = f"seq BIGINT NOT NULL, number BIGINT NOT NULL, {_LINES}, PRIMARY KEY (seq, number)"
_REST = (
    "county TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL, "
    "previous TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL UNIQUE"
)


_COMES_LATE = "EXISTS (SELECT 1 FROM entry WHERE seq >= NEW.seq)"
"""Also where a row is to replace another, which fires no trigger of its own."""


def _sqlite_guard(table: str, verb: str, *, condition: str = "") -> str:
    """Return the trigger that refuses a verb on a table."""
    when = f" WHEN {condition}" if condition else ""
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_keeps_{verb.lower()} BEFORE {verb} ON {table}{when} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    )


SQLITE = (
    f"CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, {_REST})",
    f"CREATE TABLE IF NOT EXISTS answer ({_NUMBERED}) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS answer_of_site ON answer (site_id)",
    *(_sqlite_guard(table, verb) for table in ("entry", "answer") for verb in ("UPDATE", "DELETE")),
    *(_sqlite_guard(table, "INSERT", condition=_COMES_LATE) for table in ("entry", "answer")),
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {FORMAT}",
)


def _postgres_function(name: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _postgres_trigger(name: str, table: str, when: str, function: str) -> str:
    return f"CREATE OR REPLACE TRIGGER {name} BEFORE {when} EXECUTE FUNCTION {function}()".replace("@", table)


_RAISE = f"RAISE EXCEPTION '{_REFUSAL}';"

POSTGRES = (
    f"CREATE TABLE IF NOT EXISTS ecogeo_entry (seq BIGINT PRIMARY KEY, {_REST})",
    f"CREATE TABLE IF NOT EXISTS ecogeo_answer ({_NUMBERED})",
    "CREATE INDEX IF NOT EXISTS ecogeo_answer_of_site ON ecogeo_answer (site_id)",
    _postgres_function("ecogeo_keeps", _RAISE),
    _postgres_function(
        "ecogeo_comes_late",
        f"IF EXISTS (SELECT 1 FROM ecogeo_entry WHERE seq >= NEW.seq) THEN {_RAISE} END IF; RETURN NEW;",  # noqa: S608
    ),
    *(
        _postgres_trigger(
            f"{table}_keeps", table, "UPDATE OR DELETE OR TRUNCATE ON @ FOR EACH STATEMENT", "ecogeo_keeps"
        )
        for table in ("ecogeo_entry", "ecogeo_answer")
    ),
    _postgres_trigger("ecogeo_answer_late", "ecogeo_answer", "INSERT ON @ FOR EACH ROW", "ecogeo_comes_late"),
)
