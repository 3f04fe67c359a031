"""A case of the counter on record: the ledger keeps every run and every answer, whoever asked."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ecogeo.counter.case import Case, answer_sheet
from ecogeo.decisions import DecisionFiles
from ecogeo.errors import EcogeoError
from ecogeo.ledger import ledger_of, why_closed
from ecogeo.runs import Asked, record_report
from ecogeo.wording import Text

NOT_RECORDED = Text("结果没有记入台账", "the results were not recorded in the ledger")


def record_case(case: Case, *, layer: str, assume: str, at: str) -> tuple[Text, ...]:
    """Record a case in its county's ledger, as ``ecogeo screen`` does; say why where that cannot be done.

    Parameters
    ----------
    case
        The case.
    layer, assume
        How its file was read.
    at
        When it is recorded, ISO 8601.

    Returns
    -------
    Nothing where it is recorded, or where the county keeps no record: the ledger is turned off, or its folder closed.
    """
    ledger = ledger_of(case.county.data_folder)
    if ledger is None or why_closed(ledger) is not None:
        return ()
    asked = case.asked
    parameters = {
        "layer": layer,
        "assume": assume,
        "type": asked.type_id,
        "accuracy_m": asked.accuracy_m,
        "corridor_m": asked.corridor_m,
    }
    with tempfile.TemporaryDirectory() as folder:
        answers = None
        if asked.answers:
            answers = Path(folder) / "answers.csv"
            answers.write_bytes(answer_sheet(asked.answers))
        run = Asked("screen", parameters, DecisionFiles(answers, None, None))
        try:
            sites = case.county.of_role("project_sites")
            record_report(ledger, case.county, case.report, run, at=at, sites=sites)
        except EcogeoError as error:
            return (NOT_RECORDED, *error.problems)
    return ()
