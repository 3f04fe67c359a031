"""What a check has to say: answers, verdicts, findings, tables of results, and the report that holds them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
import shapely

from ecogeo.rounding import Rounding
from ecogeo.wording import Text


class Answer(enum.StrEnum):
    """Whether a site touches a layer. There are four answers: no data is never taken for no constraint."""

    INVOLVED = "involved"
    POSSIBLE = "possible"
    CLEAR = "clear"
    UNDETERMINED = "undetermined"

    @property
    def text(self) -> Text:
        """The answer as officers say it."""
        return _ANSWERS[self]


_ANSWERS = {
    Answer.INVOLVED: Text("涉及", "involved"),
    Answer.POSSIBLE: Text("可能涉及", "possibly involved"),
    Answer.CLEAR: Text("不涉及", "clear"),
    Answer.UNDETERMINED: Text("无法判断", "undetermined"),
}


GRAVEST_ANSWER_FIRST = (Answer.INVOLVED, Answer.POSSIBLE, Answer.UNDETERMINED, Answer.CLEAR)
"""What nobody could judge outweighs a clear answer, never one that says something is touched."""


class Verdict(enum.StrEnum):
    """What a dated rule says of a hit."""

    PROHIBITED = "prohibited"
    CONDITIONAL = "conditional"
    RESTRICTED = "restricted"
    NOTICE = "notice"
    UNDETERMINED = "undetermined"

    @property
    def text(self) -> Text:
        """The verdict as officers say it."""
        return _VERDICTS[self]


_VERDICTS = {
    Verdict.PROHIBITED: Text("禁止", "prohibited"),
    Verdict.CONDITIONAL: Text("有条件", "conditional"),
    Verdict.RESTRICTED: Text("限制", "restricted"),
    Verdict.NOTICE: Text("提示", "notice"),
    Verdict.UNDETERMINED: Text("待判定", "undetermined"),
}


class Severity(enum.StrEnum):
    """How grave a finding is; a fault makes a run end with status 1."""

    FAULT = "fault"
    WARNING = "warning"
    NOTE = "note"

    @property
    def text(self) -> Text:
        """The severity in words."""
        return _SEVERITIES[self]


_SEVERITIES = {
    Severity.FAULT: Text("问题", "fault"),
    Severity.WARNING: Text("提醒", "warning"),
    Severity.NOTE: Text("说明", "note"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or one hit.

    Parameters
    ----------
    message
        What was found, for a reader who sees nothing else.
    severity
        How grave it is.
    layer
        Role of the layer it concerns.
    feature_id, feature_name
        Key and name of the feature it concerns.
    town
        Town it lies in; several are joined by ``;``.
    value, unit
        The measure behind it, with its unit.
    verdict, rule_id, clause
        What the rules say of it; empty where no rule was applied.
    geometry
        Where it is: longitude and latitude on CGCS2000 (EPSG:4490), or None.
    """

    message: Text
    severity: Severity
    layer: str = ""
    feature_id: str = ""
    feature_name: str = ""
    town: str = ""
    value: float | None = None
    unit: str = ""
    verdict: Verdict | None = None
    rule_id: str = ""
    clause: str = ""
    geometry: shapely.Geometry | None = None


@dataclass(frozen=True, slots=True)
class ResultTable:
    """Rows a check measured, under the name of the file they are written to.

    Parameters
    ----------
    name
        File name without ending, such as ``screening``; two checks may add rows to one table of the same columns.
    frame
        The rows, in the order and with the columns of the contract.
    """

    name: str
    frame: pd.DataFrame


@dataclass(frozen=True, slots=True)
class CheckRun:
    """What one check did: its findings, or why it did not run, or how it broke.

    Parameters
    ----------
    name, family
        The check.
    title
        Its name for people.
    findings
        In the order they were found.
    not_run
        Why the check was not run; None where it ran.
    crash
        What broke inside the check, or what made its input unusable; None where nothing did.
    """

    name: str
    family: str
    title: Text
    findings: tuple[Finding, ...] = ()
    not_run: Text | None = None
    crash: Text | None = None

    @property
    def status(self) -> str:
        """``run``, ``not run`` or ``crashed``."""
        if self.crash is not None:
            return "crashed"
        return "run" if self.not_run is None else "not run"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One input of a run, so that anyone can tell later what was judged.

    Parameters
    ----------
    name
        Declared name of the layer or table.
    path
        Path inside the county folder.
    sha256
        Digest of the file's bytes.
    version, date
        Version and data date as declared; empty where the county declared none.
    """

    name: str
    path: str
    sha256: str
    version: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class DecisionCount:
    """How many decisions of persons a run took from a file.

    Parameters
    ----------
    kind
        ``answers``, ``types`` or ``reviews``.
    rows
        Rows of the file.
    superseded
        Those of them that a later row on the same subject replaces; they are kept, and do not count.
    """

    kind: str
    rows: int
    superseded: int


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run.

    Parameters
    ----------
    judged_on
        Date whose law was applied, ISO; empty where no rule pack was used.
    runs
        One entry per check asked for, also those not run.
    tables
        Result tables by name.
    sources
        The inputs, sorted by name.
    notice
        What must stand wherever the results are shown, such as the mark of sample data.
    rounding
        How figures are rounded where they are written.
    decisions
        What persons decided, counted; empty where no file of decisions was given.
    """

    judged_on: str
    runs: tuple[CheckRun, ...]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    sources: tuple[SourceFile, ...] = ()
    notice: Text | None = None
    rounding: Rounding = "half-up"
    decisions: tuple[DecisionCount, ...] = ()

    @property
    def findings(self) -> tuple[tuple[str, Finding], ...]:
        """Every finding with the name of its check."""
        return tuple((run.name, finding) for run in self.runs for finding in run.findings)

    @property
    def is_faulty(self) -> bool:
        """Whether something prohibited or faulty was found."""
        return any(finding.severity is Severity.FAULT for _, finding in self.findings)

    @property
    def has_crashed(self) -> bool:
        """Whether a check broke."""
        return any(run.crash is not None for run in self.runs)
