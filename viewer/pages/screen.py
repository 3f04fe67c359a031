"""The counter: a file or a drawn site, what was understood of it, and what the county's layers and rules say."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ecogeo.board.pieces import Sliver, pieces_of, slivers_of
from ecogeo.counter import Asked, case_map, drawing_ground, planes_near
from ecogeo.errors import EcogeoError
from ecogeo.inspection import as_object, page
from ecogeo.intake import MOST_BYTES, MOST_PARTS, Part, shown_name
from ecogeo.mappage import page_data
from ecogeo.webmap import WebMap
from viewer.accounts.access import current_person
from viewer.casebook import KEPT_SECONDS, Held, new_mark
from viewer.clock import today
from viewer.counter_desk import (
    MARK_COOKIE,
    browser_mark,
    cases,
    judges,
    known_planes,
    known_types,
    own_case,
    owner,
    project_types,
    reader,
    set_up,
    warm_up,
)
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
from viewer.counter_work import answered, chosen_site, of_type, read_otherwise, understood
from viewer.drawing import drawing_assets, drawing_words
from viewer.forms import MOST_LETTERS, Problem
from viewer.handouts import FORMS, Given
from viewer.languages import current_lang
from viewer.mapping import map_data
from viewer.prepared import prepared
from viewer.security import require_own_form

pages = Blueprint("screen", __name__)

_MOST_SITES = 200
"""More sites than anybody reads on a page; the files have them all."""


@pages.record_once
def _registered(state: Any) -> None:  # noqa: ANN401  Flask's own
    set_up(state.app)


@pages.get("/screen")
def form() -> str:
    """Show where to drop a file, draw a site or type its corners."""
    threading.Thread(target=warm_up, args=(reader(), judges(), prepared().workspace), daemon=True).start()
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
    reading, of_reading = read_reading(request.form, known_planes())
    asked, of_asked = read_asked(request.form, known_types(), Asked())
    if problems := [*problems, *of_reading, *of_asked]:
        return make_response(_form_page(problems), 400)
    is_drawn = not any(file.filename for file in request.files.getlist("file"))
    held = understood(Held(parts, _shown(parts), reading.layer, reading.assume, asked, is_drawn=is_drawn))
    mark = browser_mark() or new_mark()
    number = cases().keep(owner() or mark, held)
    answer = make_response(redirect(url_for("screen.show", number=number), code=303))
    if current_person() is None:
        kept = int(KEPT_SECONDS)
        answer.set_cookie(
            MARK_COOKIE, mark, max_age=kept, path="/", httponly=True, samesite="Strict", secure=request.is_secure
        )
    return answer


@pages.get("/screen/<number>")
def show(number: str) -> str:
    """Show a case to its owner; ``?site=`` chooses one of several sites."""
    return _case_page(number, own_case(number))


@pages.post("/screen/<number>")
def change(number: str) -> Response:
    """Do with a case what ``form`` says: ``reading``, ``type``, ``answers`` or ``forget``."""
    require_own_form()
    held = own_case(number)
    kind = request.form.get("form")
    if kind == "forget":
        cases().forget(owner(), number)
        return make_response(redirect(url_for("screen.form"), code=303))
    if kind == "reading":
        changed, problems = read_otherwise(held)
    elif kind == "type":
        changed, problems = of_type(held)
    elif kind == "answers":
        changed, problems = answered(held)
    else:
        abort(400)
    if changed is None:
        return make_response(_case_page(number, held, str(kind), problems), 400)
    cases().replace(owner(), number, changed)
    chosen = request.form.get("site") or None
    return make_response(redirect(url_for("screen.show", number=number, site=chosen), code=303))


@pages.get("/screen/<number>/files/<name>")
def download(number: str, name: str) -> Response:
    """Hand out a form of a case."""
    held = own_case(number)
    case, wanted = held.case, next((one for one in FORMS if one.name == name), None)
    if case is None or wanted is None:
        abort(404)
    record = chosen_site(case, request.args.get("site", ""))
    try:
        with reader().scratch() as scratch:
            given = Given(prepared().workspace, held, case, record.record_id, current_lang(), scratch)
            content = wanted.render(given)
    except EcogeoError as error:
        problems = [Problem("", problem.say(current_lang())) for problem in error.problems]
        return make_response(_case_page(number, held, "download", problems), 409)
    answer = Response(content, mimetype=wanted.kind)
    answer.headers.set("Content-Disposition", "attachment", filename=wanted.name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _form_page(problems: Sequence[Problem] = ()) -> str:
    return render_template(
        "screen.html",
        problems=problems,
        filled=request.form if problems else {},
        types=project_types(),
        planes=planes_near(prepared().workspace),
        now={"accuracy": "0", "on": today().isoformat()},
        most_mb=MOST_BYTES >> 20,
        most_parts=MOST_PARTS,
        own=cases().own(owner()),
        assets=drawing_assets(),
        draw={
            "ground": url_for("screen.ground"),
            "most": MOST_BYTES,
            "words": drawing_words(drawn=_("画用地的地图"), busy=_("正在读取并核查…")),
        },
    )


def _case_page(number: str, held: Held, refused: str = "", problems: Sequence[Problem] = ()) -> str:
    case = held.case
    record = None if case is None else chosen_site(case, request.values.get("site", ""))
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
        offered=readings_named([problem.zh for problem in held.problems], known_planes()),
        types=project_types(),
        planes=planes_near(prepared().workspace),
        now=in_use(held, known_planes()),
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


def _shown(parts: Sequence[Part]) -> str:
    shapes = [part for part in parts if part.suffix == ".shp"]
    return shown_name((shapes or list(parts))[0].name)
