"""What persons decided, kept in the ledger; the tables beside it are its copy for people and for spreadsheets.

The ledger is what counts. A row somebody writes into a table by hand is taken in with the digest of the table; a row
that is missing from a table is put back. Nothing that was decided once is lost by editing a table: an edited row
stands as a new one after the old.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ecogeo.decisions import Kind, decision_path
from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.handkept import append_row, as_kept, read_decisions, safe_text, write_whole
from ecogeo.layer import digest
from ecogeo.ledger.entries import Draft, Entry
from ecogeo.ledger.opening import writing
from ecogeo.ledger.places import Ledger, ledger_of, why_closed
from ecogeo.ledger.store import append_held, entries_held
from ecogeo.wording import Text

_Row = Mapping[str, str]
_Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of holding a table against the ledger.

    Parameters
    ----------
    kind
        Which table.
    taken_in
        Rows of the table that the ledger did not have.
    put_back
        Rows of the ledger that the table did not have.
    """

    kind: Kind
    taken_in: int = 0
    put_back: int = 0


def append_decision(
    path: Path,
    kind: Kind,
    columns: Sequence[str],
    row: _Row,
    problems: Sequence[Text],
    *,
    require: Callable[[Path], object],
) -> None:
    """Record a decision: where the table is a county's own, in its ledger first.

    Parameters
    ----------
    path, kind
        The table, and which it is.
    columns, row, problems
        As `ecogeo.handkept.append_row` takes them.
    require
        Reads the table and raises where it cannot be used.

    The time it is recorded under is the day the decision bears.

    Raises
    ------
    EcogeoError
        Where the row, the table or the ledger cannot be used; nothing is written then.
    """
    data_folder = path.parent.parent
    ledger = ledger_of(data_folder) if path == decision_path(data_folder, kind) else None
    if ledger is None:
        append_row(path, columns, row, problems)
        return
    if problems:
        raise UsageError(problems)
    if path.is_file():
        require(path)
    clean = {column: as_kept(row[column]) for column in columns}
    _write(ledger, path, kind, [clean], at=clean["on"])
    _mirror(ledger, path, kind, columns)


def take_in_table(data_folder: Path, kind: Kind, columns: Sequence[str], *, at: str) -> Taken:
    """Take the rows of a county's table into its ledger, and put back those the table has lost.

    Parameters
    ----------
    data_folder
        The folder ``data`` of the county.
    kind
        Which table; it was read before, and can be used.
    columns
        Its columns, for a table that is gone.
    at
        When this is recorded, ISO 8601.

    Raises
    ------
    UnusableFileError
        Where the ledger or the table cannot be read or written.
    """
    ledger = ledger_of(data_folder)
    path = decision_path(data_folder, kind)
    if ledger is None or why_closed(ledger) is not None:
        return Taken(kind)
    if not ledger.is_server and not ledger.path.exists() and not path.is_file():
        return Taken(kind)
    return Taken(kind, _write(ledger, path, kind, [], at=at), _mirror(ledger, path, kind, columns))


def _write(ledger: Ledger, path: Path, kind: Kind, further: Sequence[_Row], *, at: str) -> int:
    """Write what a table has more than the ledger, then further rows; return how many the table had more."""
    with writing(ledger) as held:
        kept = Counter(_key(row) for row in _rows_of(entries_held(held, kind)))
        new: list[tuple[_Row, str]] = []
        if path.is_file():
            source = digest(path)
            for row in _table_rows(path):
                if kept[_key(row)]:
                    kept[_key(row)] -= 1
                else:
                    new.append((row, source))
        every = [*new, *((row, "") for row in further)]
        append_held(held, [Draft(kind, at, {"row": _filled(row), "from": source}) for row, source in every])
    return len(new)


def _mirror(ledger: Ledger, path: Path, kind: Kind, columns: Sequence[str]) -> int:
    """Write the ledger's rows into the table where it differs; return how many it did not have.

    The ledger is held meanwhile, so that two who write do not overwrite each other's table.
    """
    with writing(ledger) as held:
        rows = _rows_of(entries_held(held, kind))
        there = _table_rows(path) if path.is_file() else []
        if [_key(row) for row in rows] == [_key(row) for row in there]:
            return 0
        heads = list(read_decisions(path).columns) if path.is_file() else list(columns)
        heads += [column for row in rows for column in row if column not in heads]
        heads = list(dict.fromkeys([*heads, *columns]))
        cells = [[safe_text(row.get(column, "")) for column in heads] for row in rows]
        try:
            write_whole(path, pd.DataFrame(cells, columns=heads, dtype=str))
        except OSError as error:
            problem = Text(
                f"意见已记入台账，但表格写不成（{error.strerror}）；可写时会自动补上",
                f"recorded in the ledger, but the table could not be written ({error.strerror}): it is mended as soon "
                "as it can be",
            )
            raise UnusableFileError(path.name, problem) from error
        more = Counter(map(_key, rows)) - Counter(map(_key, there))
        return sum(more.values())


def decided_rows(entries: Sequence[Entry]) -> list[_Row]:
    """Return the rows that entries of decisions hold, oldest first."""
    return _rows_of(entries)


def _rows_of(entries: Sequence[Entry]) -> list[_Row]:
    return [dict(entry.body["row"]) for entry in entries]


def _table_rows(path: Path) -> list[_Row]:
    cells = read_decisions(path)
    return [
        {str(column): str(cell) for column, cell in row.items()}
        for row in cells.to_dict("records")
        if any(row.values())
    ]


def _filled(row: _Row) -> dict[str, str]:
    return {column: cell for column, cell in row.items() if cell}


def _key(row: _Row) -> _Key:
    return tuple(sorted(_filled(row).items()))
