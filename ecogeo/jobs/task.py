"""What a kind of job is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecogeo.wording import Text

Tell = Callable[[Text, int, int], None]
"""Told what is being done, how much of it was done, and of how much."""


@dataclass(frozen=True, slots=True)
class Task:
    """One job, as its process sees it.

    Parameters
    ----------
    root
        The county's folder.
    parameters
        As ordered: what JSON can hold.
    folder
        Where to write; what a run that was broken off left there is still there. All of it goes into the result.
    tell
        To be called as the work goes on.
    """

    root: Path
    parameters: Mapping[str, Any]
    folder: Path
    tell: Tell


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a job beside its files.

    Parameters
    ----------
    notes
        What could not be made or should be known, for people; the rest was made.
    facts
        Figures for the page that shows it: what JSON can hold.
    """

    notes: tuple[Text, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
