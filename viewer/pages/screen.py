"""The counter: a file or a drawn site, what was understood of it, and what the county's layers and rules say."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _

from ecogeo.board.pieces import Sliver, pieces_of, slivers_of
from ecogeo.board.records import ProjectRecord
from ecogeo.counter import Asked, Case, case_map, drawing_ground, judge_case, make_ready, planes_near, record_case
from ecogeo.counter.apart import JudgesApart
from ecogeo.errors import EcogeoError
from ecogeo.inspection import as_drawn, as_object, page
from ecogeo.intake import MOST_BYTES, MOST_PARTS, Part, Reader, Received, Wanted, shown_name
from ecogeo.mappage import page_data
from ecogeo.questions import GivenAnswer
from ecogeo.webmap import WebMap
from ecogeo.wording import Text
from ecogeo.workspace import Workspace
from viewer.accounts.access import current_person
from viewer.casebook import KEPT_SECONDS, Casebook, Held, is_mark, new_mark
from viewer.counter_forms import (
    MOST_FORM_PARTS,
    MOST_SENT_BYTES,
    MOST_TYPED_BYTES,
    in_use,
    read_asked,
    read_parts,
    read_reading,
    readings_named,
)
from viewer.drawing import drawing_assets, drawing_words
from viewer.forms import MOST_LETTERS, Problem, read_answers_form
from viewer.handouts import FORMS, Given
from viewer.languages import current_lang
from viewer.mapping import map_data
from viewer.prepared import prepared
from viewer.security import require_own_form

pages = Blueprint("screen", __name__)

_LOG = logging.getLogger(__name__)
_COOKIE = "counter"
_MOST_SITES = 200
"""More sites than anybody reads on a page; the files have them all."""


def set_up(app: Any) -> None:  # noqa: ANN401  a Flask application
    """Give an application its reader of uploads and its cases."""
    app.extensions["ecogeo_reader"] = Reader()
    app.extensions["ecogeo_cases"] = Casebook()


@pages.record_once
def _registered(state: Any) -> None:  # noqa: ANN401  Flask's own
    set_up(state.app)


@pages.get("/screen")
def form() -> str:
    """Show where to drop a file, draw a site or type its corners."""
    threading.Thread(target=_warm_up, args=(_reader(), _judges(), prepared().workspace), daemon=True).start()
    return _form_page()


@pages.get("/screen/ground.json")
def ground() -> Response:
    """Return what lies under the map on which a site is drawn."""
    return jsonify(drawing_ground(prepared().workspace, current_lang()))


@pages.post("/screen")
def take() -> Response:
    """Take a file or corners, read and judge them, and lead to the case."""
    require_own_form(most_bytes=MOST_SENT_BYTES, most_typed_bytes=MOST_TYPED_BYTES, most_parts=MOST_FORM_PARTS)
    parts, problems = read_parts(request.form, request.files.getlist("file"))
    reading, of_reading = read_reading(request.form, _planes())
    asked, of_asked = read_asked(request.form, _types(), Asked())
    if problems := [*problems, *of_reading, *of_asked]:
        return make_response(_form_page(problems), 400)
    is_drawn = not any(file.filename for file in request.files.getlist("file"))
    held = _understood(Held(parts, _shown(parts), reading.layer, reading.assume, asked, is_drawn=is_drawn))
    mark = _mark() or new_mark()
    number = _cases().keep(_owner() or mark, held)
    answer = make_response(redirect(url_for("screen.show", number=number), code=303))
    if current_person() is None:
        kept = int(KEPT_SECONDS)
        answer.set_cookie(
            _COOKIE, mark, max_age=kept, path="/", httponly=True, samesite="Strict", secure=request.is_secure
        )
    return answer


@pages.get("/screen/<number>")
def show(number: str) -> str:
    """Show a case to its owner; ``?site=`` chooses one of several sites."""
    return _case_page(number, _held(number))


@pages.post("/screen/<number>")
def change(number: str) -> Response:
    """Do with a case what ``form`` says: ``reading``, ``type``, ``answers`` or ``forget``."""
    require_own_form()
    held = _held(number)
    kind = request.form.get("form")
    if kind == "forget":
        _cases().forget(_owner(), number)
        return make_response(redirect(url_for("screen.form"), code=303))
    if kind == "reading":
        changed, problems = _read_otherwise(held)
    elif kind == "type":
        changed, problems = _of_type(held)
    elif kind == "answers":
        changed, problems = _answered(held)
    else:
        abort(400)
    if changed is None:
        return make_response(_case_page(number, held, str(kind), problems), 400)
    _cases().replace(_owner(), number, changed)
    chosen = request.form.get("site") or None
    return make_response(redirect(url_for("screen.show", number=number, site=chosen), code=303))


@pages.get("/screen/<number>/files/<name>")
def download(number: str, name: str) -> Response:
    """Hand out a form of a case."""
    held = _held(number)
    case, wanted = held.case, next((one for one in FORMS if one.name == name), None)
    if case is None or wanted is None:
        abort(404)
    record = _chosen(case, request.args.get("site", ""))
    try:
        with _reader().scratch() as scratch:
            given = Given(prepared().workspace, held, case, record.record_id, current_lang(), scratch)
            content = wanted.render(given)
    except EcogeoError as error:
        problems = [Problem("", problem.say(current_lang())) for problem in error.problems]
        return make_response(_case_page(number, held, "download", problems), 409)
    answer = Response(content, mimetype=wanted.kind)
    answer.headers.set("Content-Disposition", "attachment", filename=wanted.name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _understood(held: Held) -> Held:
    """Return a case read and judged; where that cannot be, with the reasons."""
    workspace = prepared().workspace
    outline = workspace.of_role("county")
    received = held.received
    try:
        if received is None:
            wanted = Wanted(
                held.layer,
                held.assume,
                None if outline is None else outline.box,
                None if outline is None else outline.coverage,
            )
            received = _reader().read(held.parts, wanted)
            if held.is_drawn and received.inspection.placement.source == "stated":
                received = replace(received, inspection=as_drawn(received.inspection))
        case, unrecorded = _judged(workspace, held, received)
    except EcogeoError as error:
        _LOG.info("counter: %d bytes refused", held.size)
        return replace(held, received=received, case=None, problems=error.problems)
    driver, sites = received.inspection.reading.driver, len(case.records)
    _LOG.info("counter: %s, %d bytes, %s, %d sites", received.sha256, held.size, driver, sites)
    return replace(held, received=received, case=case, problems=(), unrecorded=unrecorded)


def _judged(workspace: Workspace, held: Held, received: Received) -> tuple[Case, tuple[Text, ...]]:
    """Judge and record a case, beside the server where it has processes for that; else by ourselves."""
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    sent, judges = (received.inspection, received.sha256, held.asked), _judges()
    if judges is not None:
        return judges.judge(workspace, *sent, layer=held.layer, assume=held.assume, at=at)
    case = judge_case(workspace, *sent)
    return case, record_case(case, layer=held.layer, assume=held.assume, at=at)


def _read_otherwise(held: Held) -> tuple[Held | None, list[Problem]]:
    """Return a case read or judged as the form says."""
    reading, problems = read_reading(request.form, _planes())
    if told := request.form.get("assume", ""):
        offered = readings_named([problem.zh for problem in held.problems], _planes())
        if told not in offered:
            abort(400)
        reading = replace(reading, assume=told)
    asked, of_asked = read_asked(request.form, _types(), held.asked)
    if problems := [*problems, *of_asked]:
        return None, problems
    is_same = (reading.layer, reading.assume) == (held.layer, held.assume)
    received = held.received if is_same else None
    if not is_same:
        asked = replace(asked, answers=())  # other ground may be other sites
    return _understood(replace(held, layer=reading.layer, assume=reading.assume, asked=asked, received=received)), []


def _of_type(held: Held) -> tuple[Held | None, list[Problem]]:
    """Return a case judged as of the chosen type."""
    type_id = request.form.get("type", "")
    if type_id and type_id not in _types():
        return None, [Problem("type", _("请选择项目类型"))]
    return _understood(replace(held, asked=replace(held.asked, type_id=type_id))), []


def _answered(held: Held) -> tuple[Held | None, list[Problem]]:
    """Return a case judged anew by what was answered for one site, or for every site."""
    case = held.case
    if case is None:
        abort(409)
    record = _chosen(case, request.form.get("site", ""))
    subjects = case.records if request.form.get("scope") == "all" else (record,)
    given, problems = list(held.asked.answers), []
    for subject in subjects:
        filled = read_answers_form(_without_site(), subject, case.dossier(subject), _today().isoformat())
        if subject is record:
            problems = list(filled.problems)
        given += [one for one in filled.decided if isinstance(one, GivenAnswer)]
    if problems:
        return None, problems
    latest = {one.subject: one for one in given}
    asked = replace(held.asked, answers=tuple(latest.values()))
    return _understood(replace(held, asked=asked)), []


def _without_site() -> dict[str, str]:
    """Return the entries without the site: it says whose page this is, not whom one of several the answer is about."""
    return {name: value for name, value in request.form.items() if name != "site"}


def _form_page(problems: Sequence[Problem] = ()) -> str:
    return render_template(
        "screen.html",
        problems=problems,
        filled=request.form if problems else {},
        types=_pack_types(),
        planes=planes_near(prepared().workspace),
        now={"accuracy": "0", "on": _today().isoformat()},
        most_mb=MOST_BYTES >> 20,
        most_parts=MOST_PARTS,
        own=_cases().own(_owner()),
        assets=drawing_assets(),
        draw={
            "ground": url_for("screen.ground"),
            "most": MOST_BYTES,
            "words": drawing_words(drawn=_("画用地的地图"), busy=_("正在读取并核查…")),
        },
    )


def _case_page(number: str, held: Held, refused: str = "", problems: Sequence[Problem] = ()) -> str:
    case = held.case
    record = None if case is None else _chosen(case, request.values.get("site", ""))
    web_map = None if case is None or record is None else case_map(case, record, drawing_assets())
    inspection = None if held.received is None else held.received.inspection
    lang = current_lang()
    slivers: tuple[Sliver, ...] = ()
    sliver_count = 0
    if case is not None and record is not None:
        slivers, sliver_count = slivers_of(record, case.report, case.county.catalog.answer_title)
    return render_template(
        "screen_case.html",
        number=number,
        held=held,
        case=case,
        record=record,
        records=() if case is None else case.records[:_MOST_SITES],
        dossier=None if case is None or record is None else case.dossier(record),
        read_as=None if inspection is None else as_object(inspection, lang),
        read_lines=() if inspection is None else page(inspection),
        areas=_areas(held),
        web_map=web_map,
        map_data=None if web_map is None else _map_data(web_map),
        pieces=[] if record is None else pieces_of(record),
        slivers=slivers,
        sliver_count=sliver_count,
        judged_on="" if case is None else case.report.judged_on,
        not_run=[] if case is None else [run for run in case.report.runs if run.status != "run"],
        offered=readings_named([problem.zh for problem in held.problems], _planes()),
        types=_pack_types(),
        planes=planes_near(prepared().workspace),
        now=in_use(held, _planes()),
        forms=FORMS,
        refused=refused,
        problems=problems,
        filled=request.form if refused else {},
        most=MOST_LETTERS,
        piece_words={"shown": _("已在地图上标出")},
    )


def _areas(held: Held) -> dict[str, float]:
    """Return the area of the sites by id, square metres."""
    if held.received is None:
        return {}
    return {f"S{at}": float(area) for at, area in enumerate(held.received.inspection.area_m2.tolist(), 1)}


def _map_data(web_map: WebMap) -> dict[str, Any]:
    """Return a map's data; its signs are those of the case and not the county's own."""
    lang = current_lang()
    signs = page_data(web_map, lang, lambda name: url_for("api.layer", name=name))["signs"]
    shared = map_data(replace(web_map, signs=()), project_url=None)
    return {**shared, "signs": [{**sign, "reviews": [], "needsGeometry": False} for sign in signs]}


def _chosen(case: Case, site_id: str) -> ProjectRecord:
    """Return the site that is asked for, else the first."""
    if not site_id:
        return case.records[0]
    record = case.by_id.get(site_id)
    if record is None:
        abort(404)
    return record


def _held(number: str) -> Held:
    held = _cases().get(_owner(), number)
    if held is None:
        abort(404)
    return held


def _owner() -> str:
    """Return whose cases these are: the account's where there are accounts, else the browser's; empty for nobody's.

    No account is called as a browser's mark, which is one only where it carries our signature.
    """
    person = current_person()
    return _mark() if person is None else f"account {person.name}"


def _mark() -> str:
    """Return the mark this server gave a browser; empty where it brings none or one of its own making."""
    mark = request.cookies.get(_COOKIE, "")
    return mark if is_mark(mark) else ""


def _cases() -> Casebook:
    held: Casebook = current_app.extensions["ecogeo_cases"]
    return held


def _reader() -> Reader:
    held: Reader = current_app.extensions["ecogeo_reader"]
    return held


def _judges() -> JudgesApart | None:
    """Return what judges beside the server; None in an application that has no processes of its own for it."""
    held: JudgesApart | None = current_app.extensions.get("ecogeo_judges")
    return held


def _warm_up(reader: Reader, judges: JudgesApart | None, workspace: Workspace) -> None:
    """Have everything ready before the first file comes; what is wrong is told to whoever sends it."""
    try:
        reader.warm_up()
        if judges is not None:
            judges.warm_up(workspace)
        else:
            make_ready(workspace)
    except EcogeoError:
        _LOG.info("counter: not ready ahead of the first file")


def _today() -> dt.date:
    today: Callable[[], dt.date] = current_app.config["ECOGEO_TODAY"]
    return today()


def _planes() -> list[str]:
    return [code for code, _words in planes_near(prepared().workspace)]


def _pack_types() -> Sequence[Any]:
    pack = prepared().workspace.rules()
    return () if pack is None else pack.types


def _types() -> list[str]:
    return [kind.type_id for kind in _pack_types()]


def _shown(parts: Sequence[Part]) -> str:
    shapes = [part for part in parts if part.suffix == ".shp"]
    return shown_name((shapes or list(parts))[0].name)
