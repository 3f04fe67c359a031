"""The judging process: one case after the other, asked for on standard input, told on standard output.

What it is given was read before by the process for strangers' files (`ecogeo.intake`): plain shapes and texts. Both
ends are our own program, which alone writes to these pipes.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ecogeo.board.records import ProjectRecord
from ecogeo.catalog import Catalog
from ecogeo.counter.case import Asked, judge_case, make_ready
from ecogeo.counter.recording import record_case
from ecogeo.errors import EcogeoError
from ecogeo.finding import Report
from ecogeo.inspection import Inspection
from ecogeo.law import Law
from ecogeo.priority import give_way
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

SIZE = struct.Struct(">Q")
"""In front of each message."""


@dataclass(frozen=True, slots=True)
class Start:
    """Of which county cases are judged."""

    root: Path
    catalog: Catalog


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A case to be judged; `layer`, `assume` and `at` as `record_case` takes them."""

    inspection: Inspection
    sha256: str
    asked: Asked
    layer: str = ""
    assume: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What came of a case: either its outcome or, where there is none, the problems."""

    law: Law | None = None
    report: Report | None = None
    records: tuple[ProjectRecord, ...] = ()
    unrecorded: tuple[Text, ...] = ()
    problems: tuple[Text, ...] = ()


def judge(county: Workspace, request: Request) -> Judged:
    """Judge a case and record it in the county's ledger; what makes that impossible is told, not raised."""
    try:
        case = judge_case(county, request.inspection, request.sha256, request.asked)
    except EcogeoError as error:
        return Judged(problems=error.problems)
    unrecorded = record_case(case, layer=request.layer, assume=request.assume, at=request.at)
    return Judged(case.law, case.report, case.records, unrecorded)


def send(stream: IO[bytes], message: object) -> None:
    """Write a message, its size in front."""
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(SIZE.pack(len(content)))
    stream.write(content)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:  # noqa: ANN401  one of the messages above
    """Return the next message.

    Raises
    ------
    EOFError
        Where the other end is gone.
    """
    head = stream.read(SIZE.size)
    if len(head) < SIZE.size:
        raise EOFError
    size = SIZE.unpack(head)[0]
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return pickle.loads(content)  # noqa: S301  written by `send` alone


def work(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Judge cases as asked until nobody asks any more."""
    try:
        start: Start = receive(requests)
    except EOFError:
        return
    county = Workspace(start.root, start.catalog)
    try:
        make_ready(county)
    except EcogeoError:  # told to whoever brings a case
        county = Workspace(start.root, start.catalog)
    send(answers, Judged())
    while True:
        try:
            request: Request = receive(requests)
        except EOFError:
            return
        try:
            send(answers, judge(county, request))
        except MemoryError:
            lack = Text("内存不足，没有核查完", "there was not enough memory to judge it")
            send(answers, Judged(problems=(lack,)))


def main() -> None:
    """Serve until standard input ends; nothing but answers reaches standard output."""
    give_way()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    work(sys.stdin.buffer, answers)
