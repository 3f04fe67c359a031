"""Runs on record: what they judged, whether they still hold, and how two of them differ."""

from ecogeo.runs.comparing import DIFF_COLUMNS, Cause, Difference, compare_runs
from ecogeo.runs.decided import take_in, taken_text
from ecogeo.runs.history import PastAnswer, past_answers
from ecogeo.runs.recording import RUN, Asked, record_report, record_run
from ecogeo.runs.standing import Change, changes_since, is_superseded, look, superseded_layers

__all__ = [
    "DIFF_COLUMNS",
    "RUN",
    "Asked",
    "Cause",
    "Change",
    "Difference",
    "PastAnswer",
    "changes_since",
    "compare_runs",
    "is_superseded",
    "look",
    "past_answers",
    "record_report",
    "record_run",
    "superseded_layers",
    "take_in",
    "taken_text",
]
