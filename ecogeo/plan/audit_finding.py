"""What an audit has to say of a plan's tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ecogeo.finding import Severity
from ecogeo.wording import Text

TableName = Literal["indicators", "projects", "tasks"]


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing that is wrong in a plan's tables, or worth a look.

    Parameters
    ----------
    check
        What is wrong, by name.
    severity
        A contradiction in the figures is a fault, something to look into a warning, an open end a note.
    table
        The table it concerns.
    row
        The key of its row; empty where it concerns several.
    message
        What was found and what was expected, for a reader who sees nothing else.
    """

    check: str
    severity: Severity
    table: TableName
    row: str
    message: Text
