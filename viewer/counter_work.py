"""What is done with a case of the counter: it is read, judged, and done so anew as a form says."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import replace

from flask import abort, request
from flask_babel import gettext as _

from ecogeo.board.records import ProjectRecord
from ecogeo.counter import Case, judge_case, record_case
from ecogeo.errors import EcogeoError
from ecogeo.inspection import as_drawn
from ecogeo.intake import Received
from ecogeo.questions import GivenAnswer
from ecogeo.wording import Text
from viewer.casebook import Held
from viewer.clock import today
from viewer.counter_desk import how_to_read, judges, known_planes, known_types, reader
from viewer.counter_forms import read_asked, read_reading, readings_named
from viewer.forms import Problem, read_answers_form
from viewer.prepared import prepared

_LOG = logging.getLogger(__name__)


def understood(held: Held) -> Held:
    """Return a case read and judged; where that cannot be, with the reasons."""
    wanted = how_to_read(held.layer, held.assume)
    received = held.received
    try:
        if received is None:
            received = reader().read(held.parts, wanted)
            if held.is_drawn and received.inspection.placement.source == "stated":
                received = replace(received, inspection=as_drawn(received.inspection))
        case, unrecorded = _judged(held, received)
    except EcogeoError as error:
        _LOG.info("counter: %d bytes refused", held.size)
        return replace(held, received=received, case=None, problems=error.problems)
    driver, sites = received.inspection.reading.driver, len(case.records)
    _LOG.info("counter: %s, %d bytes, %s, %d sites", received.sha256, held.size, driver, sites)
    return replace(held, received=received, case=case, problems=(), unrecorded=unrecorded)


def _judged(held: Held, received: Received) -> tuple[Case, tuple[Text, ...]]:
    """Judge and record a case, beside the server where it has processes for that; else by ourselves."""
    workspace, at = prepared().workspace, dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    sent, apart = (received.inspection, received.sha256, held.asked), judges()
    if apart is not None:
        return apart.judge(workspace, *sent, layer=held.layer, assume=held.assume, at=at)
    case = judge_case(workspace, *sent)
    return case, record_case(case, layer=held.layer, assume=held.assume, at=at)


def read_otherwise(held: Held) -> tuple[Held | None, list[Problem]]:
    """Return a case read or judged as the form says."""
    reading, problems = read_reading(request.form, known_planes())
    if told := request.form.get("assume", ""):
        offered = readings_named([problem.zh for problem in held.problems], known_planes())
        if told not in offered:
            abort(400)
        reading = replace(reading, assume=told)
    asked, of_asked = read_asked(request.form, known_types(), held.asked)
    if problems := [*problems, *of_asked]:
        return None, problems
    is_same = (reading.layer, reading.assume) == (held.layer, held.assume)
    received = held.received if is_same else None
    if not is_same:
        asked = replace(asked, answers=())  # other ground may be other sites
    return understood(replace(held, layer=reading.layer, assume=reading.assume, asked=asked, received=received)), []


def of_type(held: Held) -> tuple[Held | None, list[Problem]]:
    """Return a case judged as of the chosen type."""
    type_id = request.form.get("type", "")
    if type_id and type_id not in known_types():
        return None, [Problem("type", _("请选择项目类型"))]
    return understood(replace(held, asked=replace(held.asked, type_id=type_id))), []


def answered(held: Held) -> tuple[Held | None, list[Problem]]:
    """Return a case judged anew by what was answered for one site, or for every site."""
    case = held.case
    if case is None:
        abort(409)
    record = chosen_site(case, request.form.get("site", ""))
    subjects = case.records if request.form.get("scope") == "all" else (record,)
    given, problems = list(held.asked.answers), []
    for subject in subjects:
        filled = read_answers_form(_without_site(), subject, case.dossier(subject), today().isoformat())
        if subject is record:
            problems = list(filled.problems)
        given += [one for one in filled.decided if isinstance(one, GivenAnswer)]
    if problems:
        return None, problems
    latest = {one.subject: one for one in given}
    asked = replace(held.asked, answers=tuple(latest.values()))
    return understood(replace(held, asked=asked)), []


def _without_site() -> dict[str, str]:
    """Return the entries without the site: it says whose page this is, not whom one of several the answer is about."""
    return {name: value for name, value in request.form.items() if name != "site"}


def chosen_site(case: Case, site_id: str) -> ProjectRecord:
    """Return the site that is asked for, else the first."""
    if not site_id:
        return case.records[0]
    record = case.by_id.get(site_id)
    if record is None:
        abort(404)
    return record
