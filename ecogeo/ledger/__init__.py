"""The memory of an office: every run and every decision, only ever appended to."""

from ecogeo.ledger.copies import backup, restore
from ecogeo.ledger.decided import Taken, append_decision, take_in_table
from ecogeo.ledger.entries import LINE_COLUMNS, Draft, Entry
from ecogeo.ledger.places import OFF, VARIABLE, Ledger, ledger_of, why_closed
from ecogeo.ledger.store import append, chain_problems, entries, entry_of, lines_about, lines_of

__all__ = [
    "LINE_COLUMNS",
    "OFF",
    "VARIABLE",
    "Draft",
    "Entry",
    "Ledger",
    "Taken",
    "append",
    "append_decision",
    "backup",
    "chain_problems",
    "entries",
    "entry_of",
    "ledger_of",
    "lines_about",
    "lines_of",
    "restore",
    "take_in_table",
    "why_closed",
]
