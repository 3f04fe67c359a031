"""A county's hand-kept tables of decisions and its ledger, held against each other before a run reads them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ecogeo.decisions import Kind, decision_path
from ecogeo.ledger import Taken, take_in_table
from ecogeo.project_types import CHOICE_COLUMNS, read_type_choices
from ecogeo.questions import ANSWER_COLUMNS, SUBJECT_COLUMNS, read_answers
from ecogeo.reviews import COMPUTED_COLUMN, REVIEW_COLUMNS, read_reviews
from ecogeo.wording import Text
from ecogeo.workspace import Workspace


def take_in(workspace: Workspace, *, at: str) -> tuple[Taken, ...]:
    """Take what people wrote into a county's tables of decisions into its ledger, and put back what they lost.

    Parameters
    ----------
    workspace
        The county.
    at
        When this is recorded, ISO 8601.

    Returns
    -------
    What was taken in and put back, for those tables where something was.

    Raises
    ------
    EcogeoError
        With everything that is wrong with the tables, before anything is taken in; or with what is wrong with the
        ledger.
    """
    pack = workspace.rules()
    questions, types = ((), ()) if pack is None else (pack.questions, pack.types)
    kinds: dict[Kind, tuple[tuple[str, ...], Callable[[Path], object]]] = {
        "answers": ((*SUBJECT_COLUMNS, *ANSWER_COLUMNS), lambda path: read_answers(path, questions)),
        "types": (CHOICE_COLUMNS, lambda path: read_type_choices(path, types)),
        "reviews": ((*REVIEW_COLUMNS, COMPUTED_COLUMN), read_reviews),
    }
    if pack is None:  # without rules, answers and types decide nothing; the run itself says so
        kinds = {"reviews": kinds["reviews"]}
    there = [(kind, decision_path(workspace.data_folder, kind)) for kind in kinds]
    workspace.require([partial(kinds[kind][1], path) for kind, path in there if path.is_file()])
    taken = [take_in_table(workspace.data_folder, kind, columns, at=at) for kind, (columns, _) in kinds.items()]
    return tuple(one for one in taken if one.taken_in or one.put_back)


def taken_text(taken: Taken) -> Text:
    """Say what was taken in and put back."""
    return Text(
        f"data/decisions/{taken.kind}.csv：{taken.taken_in} 行记入台账，{taken.put_back} 行据台账补回",
        f"data/decisions/{taken.kind}.csv: {taken.taken_in} rows taken into the ledger, {taken.put_back} put back "
        "from it",
    )
