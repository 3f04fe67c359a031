"""The counter: sites somebody brought, judged at once against the whole county, and what is handed out for them."""

from ecogeo.counter.case import (
    Asked,
    Case,
    answer_sheet,
    case_files,
    case_map,
    drawing_ground,
    judge_case,
    make_ready,
    planes_near,
    zipped,
)
from ecogeo.counter.documents import sheets_zip, statement, workbook
from ecogeo.counter.evidence import evidence
from ecogeo.counter.recording import record_case

__all__ = [
    "Asked",
    "Case",
    "answer_sheet",
    "case_files",
    "case_map",
    "drawing_ground",
    "evidence",
    "judge_case",
    "make_ready",
    "planes_near",
    "record_case",
    "sheets_zip",
    "statement",
    "workbook",
    "zipped",
]
