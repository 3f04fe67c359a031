"""Where a county keeps what persons decided: answers to questions, project types, reviews."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["answers", "types", "reviews"]


@dataclass(frozen=True, slots=True)
class DecisionFiles:
    """The files of decisions a run takes; None where there is none."""

    answers: Path | None
    types: Path | None
    reviews: Path | None


def decision_path(data_folder: Path, kind: Kind) -> Path:
    """Return where a county keeps decisions of a kind, whether the file is there yet or not.

    Examples
    --------
    >>> decision_path(Path("data"), "reviews").as_posix()
    'data/decisions/reviews.csv'
    """
    return data_folder / "decisions" / f"{kind}.csv"


def decision_files(
    data_folder: Path, *, answers: Path | None = None, types: Path | None = None, reviews: Path | None = None
) -> DecisionFiles:
    """Return the files a run takes: those given, else the county's own where it keeps them.

    Parameters
    ----------
    data_folder
        The folder ``data`` of the county.
    answers, types, reviews
        What the user gave.
    """
    return DecisionFiles(
        answers or _kept(data_folder, "answers"),
        types or _kept(data_folder, "types"),
        reviews or _kept(data_folder, "reviews"),
    )


def shown_decisions(path: Path, kind: Kind) -> str:
    """Return how outputs name a file of decisions: the county's own by its place, any other by its kind."""
    home = decision_path(Path("data"), kind)
    return home.as_posix() if path.parts[-len(home.parts) :] == home.parts else kind


def _kept(data_folder: Path, kind: Kind) -> Path | None:
    path = decision_path(data_folder, kind)
    return path if path.is_file() else None
