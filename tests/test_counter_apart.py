"""Cases judged beside the server: the same outcome, and a process that dies, lasts or stops is told in a sentence."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ORIGIN
from two_rules import write_rules

from ecogeo.counter import Asked, apart, case_files, judge_case
from ecogeo.counter.apart import JudgesApart
from ecogeo.errors import EcogeoError
from ecogeo.inspection import Inspection, inspect_file
from ecogeo.intake import typed_part
from ecogeo.ledger import entries, ledger_of
from ecogeo.workspace import Workspace, open_workspace

ASKED = Asked(dt.date(2026, 11, 22))
TOLD = {"layer": "", "assume": "", "at": "2026-11-22T10:00:00+00:00"}


@pytest.fixture
def county(county_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("ECOGEO_LEDGER")
    write_rules(county_folder)
    return open_workspace(county_folder)


@pytest.fixture
def sent(county: Workspace, tmp_path: Path) -> tuple[Inspection, str]:
    west, south = ORIGIN[0] + 1500, ORIGIN[1] + 1000
    corners = [(west, south), (west + 1000, south), (west + 1000, south + 1000), (west, south + 1000)]
    path = tmp_path / "site.geojson"
    path.write_bytes(typed_part("\n".join(f"{x},{y}" for x, y in corners), "polygon", name="地块").content)
    outline = county.of_role("county")
    assert outline is not None
    return inspect_file(path, county=outline.box, is_whole=True), "0" * 64


@pytest.fixture
def judges() -> Iterator[JudgesApart]:
    held = JudgesApart(hands=1)
    yield held
    held.close()


def process_of(judges: JudgesApart) -> subprocess.Popen[bytes]:
    process = judges._hands[0]._process
    assert process is not None
    return process


def test_a_case_judged_apart_is_the_case_judged_here_whatever_befell_the_process_before(
    county: Workspace,
    sent: tuple[Inspection, str],
    judges: JudgesApart,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case, unrecorded = judges.judge(county, *sent, ASKED, **TOLD)
    here = judge_case(county, *sent, ASKED)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert case_files(case, "zh", tmp_path / "a") == case_files(here, "zh", tmp_path / "b")
    assert [one.answers for one in case.records] == [one.answers for one in here.records]
    assert case.dossier(case.records[0]).open_questions == here.dossier(here.records[0]).open_questions
    ledger = ledger_of(county.data_folder)
    assert ledger is not None
    assert unrecorded == ()
    assert [one.body["command"] for one in entries(ledger, "run")] == ["screen"]

    first = process_of(judges)
    if sys.platform == "linux":
        assert os.getpriority(os.PRIO_PROCESS, first.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    first.kill()
    first.wait()
    judges.judge(county, *sent, ASKED, **TOLD)
    second = process_of(judges)
    assert second is not first, "one that had died is started again, and nobody notices"

    sent[0].sound.geometries[:] = None
    monkeypatch.setattr(apart, "IDLE_SECONDS", 0.05)
    with pytest.raises(EcogeoError, match="no usable geometry"):
        judges.judge(county, *sent, ASKED, **TOLD)
    assert second.wait(timeout=20) != 0, "a refusal is no breakdown: it goes on until it has nothing to do for too long"
    monkeypatch.setattr(apart, "SECONDS_TO_START", 0.0)
    with pytest.raises(EcogeoError, match="stopped"):
        judges.judge(county, *sent, ASKED, **TOLD)


def test_who_comes_when_too_many_wait_is_asked_to_come_later(
    county: Workspace, sent: tuple[Inspection, str], judges: JudgesApart
) -> None:
    for _place in range(apart.MOST_WAITING):
        assert judges._places.acquire(blocking=False)
    with pytest.raises(EcogeoError, match="try again later"):
        judges.judge(county, *sent, ASKED, **TOLD)
    judges.close()
    judges._places.release()
    with pytest.raises(EcogeoError, match="the server is stopping"):
        judges.judge(county, *sent, ASKED, **TOLD)
