"""What was answered on a project before, run by run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ecogeo.finding import Answer
from ecogeo.ledger import Ledger, entries, lines_about
from ecogeo.runs.recording import RUN, SENT
from ecogeo.runs.standing import changes_since, look, superseded_layers
from ecogeo.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """One recorded answer.

    Parameters
    ----------
    run, at
        The run, and when it was recorded.
    judged_on
        Date whose law was applied, ISO; empty for none.
    site_id, layer, answer
        What was answered, of what.
    overlap_m2
        As the files of the run had it, m²; empty for none.
    verdict, rule_id
        What the rules said.
    layer_version
        Which version of the layer said so.
    is_superseded
        Whether an input changed since.
    """

    run: int
    at: str
    judged_on: str
    site_id: str
    layer: str
    answer: Answer
    overlap_m2: str
    verdict: str
    rule_id: str
    layer_version: str
    is_superseded: bool


def past_answers(ledger: Ledger, workspace: Workspace, site_ids: Sequence[str]) -> tuple[PastAnswer, ...]:
    """Return what runs on the county's own sites answered on some of them, newest run first.

    Parameters
    ----------
    ledger
        The county's ledger.
    workspace
        The county as it is now.
    site_ids
        Sites, and projects that have none. Sites of files somebody sent are others, whatever they are called.

    Raises
    ------
    UnusableFileError
        Where the ledger cannot be read.
    """
    own = {run.seq: run for run in entries(ledger, RUN) if run.body["command"] not in SENT}
    now, old = look(workspace), dict[int, tuple[str, ...]]()
    found = []
    for seq, line in lines_about(ledger, site_ids):
        if seq not in own:
            continue
        run = own[seq]
        if seq not in old:
            old[seq] = superseded_layers(run, changes_since(run, now))
        found.append(_past(seq, run.at, run.body, line, is_superseded=line["layer"] in old[seq]))
    return tuple(sorted(found, key=lambda one: -one.run))


def _past(seq: int, at: str, body: Any, line: dict[str, str], *, is_superseded: bool) -> PastAnswer:  # noqa: ANN401
    return PastAnswer(
        run=seq,
        at=at,
        judged_on=str(body["judged_on"]),
        site_id=line["site_id"],
        layer=line["layer"],
        answer=Answer(line["answer"]),
        overlap_m2=line["overlap_m2"],
        verdict=line["verdict"],
        rule_id=line["rule_id"],
        layer_version=line["layer_version"],
        is_superseded=is_superseded,
    )
