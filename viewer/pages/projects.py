"""The table of projects, and the page of one with what officers record on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ecogeo.board.choosing import NONE, Wanted, answer_counts, chosen_projects, project_choices
from ecogeo.board.dossier import Decision, Dossier, project_dossier
from ecogeo.board.elsewhere import plan_records
from ecogeo.board.money import GROUPINGS, money_by, timeline
from ecogeo.board.pieces import pieces_of, slivers_of
from ecogeo.board.plans import PlanBoard
from ecogeo.board.records import ProjectRecord
from ecogeo.decisions import Kind
from ecogeo.errors import EcogeoError
from ecogeo.reviews import Outcome
from viewer.boards import Board
from viewer.charts import money_chart, phase_names, timeline_chart
from viewer.clock import today
from viewer.forms import MOST_LETTERS, Filled, Problem, read_answers_form, read_review_form, read_type_form, review_key
from viewer.kept_pages import kept
from viewer.languages import current_lang
from viewer.mapping import filter_choices, map_data
from viewer.pages.indicators import known_plan
from viewer.prepared import KeptInLedgerError, board, prepared
from viewer.security import require_own_form

pages = Blueprint("projects", __name__)

_VIEWS = {"list": "projects.html", "money": "project_money.html", "timeline": "project_timeline.html"}


@pages.get("/projects")
@kept
def table() -> str:
    """Show the projects that meet the query: ``plan, town, department, system, year, answer, verdict, words``.

    ``view`` shows them as a list, as ``money`` added up ``by`` a group, or on a ``timeline``.
    """
    view, grouping = request.args.get("view", "list"), request.args.get("by", GROUPINGS[0])
    if view not in _VIEWS or grouping not in GROUPINGS:
        abort(404)
    plan, records = _of_plan(request.args.get("plan", "").strip())
    parts = ("town", "department", "system", "answer", "verdict", "words")
    year = request.args.get("year", None, type=int)
    wanted = Wanted(**{part: request.args.get(part, "").strip() for part in parts}, year=year)
    chosen = chosen_projects(records, wanted)
    invested = [money for record in chosen if (money := record.undertaking.invest_wan_yuan) is not None]
    this_year = today().year
    added_up = money_by(chosen, grouping) if view == "money" else None
    laid_out = timeline(chosen, this_year) if view == "timeline" else None
    phases = phase_names()
    is_elsewhere = plan is not None and not plan.is_own
    return render_template(
        _VIEWS[view],
        view=view,
        records=chosen,
        total=len(records),
        planned=sum(record.in_plan for record in chosen),
        invested=math.fsum(invested) if invested else None,
        wanted=wanted,
        asked=(asked := {part: word for part in (*parts, "year") if (word := getattr(wanted, part))})
        | ({"plan": plan.name} if plan else {}),
        on_map=urlencode({f"f-{part}": word for part, word in asked.items() if part != "words"}),
        plan=plan,
        plans={name: one for name, one in board().plans.items() if len(one.tables.projects) or one is plan},
        is_elsewhere=is_elsewhere,
        choices=project_choices(records),
        further={name: (label, entries) for name, label, entries in filter_choices(records)},
        counts=answer_counts(chosen),
        without=NONE,
        grouping=grouping,
        money=added_up,
        timeline=laid_out,
        phases=phases,
        chart=money_chart(added_up, grouping)
        if added_up
        else laid_out and timeline_chart(laid_out, this_year, phases, has_pages=not is_elsewhere),
        this_year=this_year,
    )


def _of_plan(name: str) -> tuple[PlanBoard | None, Sequence[ProjectRecord]]:
    """Return the projects of a plan by name; of none every project and site of the county."""
    if not name:
        return None, board().records
    plan = known_plan(name)
    own = [record for record in board().records if record.undertaking.plan == plan.name]
    return plan, own if plan.is_own else plan_records(plan)


@pages.get("/projects/<path:record_id>")
def one(record_id: str) -> str:
    """Show one project, or a site that belongs to none: by its own number or by a site's key.

    ``?saved=`` names rows of the files of decisions; they are told at the top if they are about this project.
    """
    shown = board()
    return _page(_record(shown, record_id), shown)


@pages.post("/projects/<path:record_id>")
def record_decision(record_id: str) -> Response:
    """Record what an officer filled in: ``form`` is ``answers``, ``types`` or ``reviews``.

    Nothing is saved unless all of it is right; then the browser is sent to the page as it is after the save.
    """
    require_own_form()
    shown = board()
    record = _record(shown, record_id)
    kind = next((known for known in _READERS if known == request.form.get("form")), None)
    if kind is None:
        abort(400)
    if (closed := prepared().why_closed) is not None:
        return _refused(record, shown, kind, 403, [Problem("", closed.say(current_lang()))])
    filled = _READERS[kind](request.form, record, shown, today().isoformat())
    if filled.problems:
        return _refused(record, shown, kind, 400, filled.problems)
    try:
        rows = prepared().save(filled.decided)
    except KeptInLedgerError as error:
        said = [Problem("", problem.say(current_lang())) for problem in error.problems]
        return make_response(_page(record, board(), problems=said, is_kept=True), 202)
    except EcogeoError as error:
        problems = [Problem("", problem.say(current_lang())) for problem in error.problems]
        return _refused(record, board(), kind, 409, problems)
    except OSError:
        problem = _("data/decisions/%(name)s.csv 写不进去：可能正被 Excel 或 WPS 打开，请关闭后再保存", name=kind)
        return _refused(record, board(), kind, 503, [Problem("", problem)])
    saved = [f"{kind}-{row}" for row in rows]
    address = url_for("projects.one", record_id=record.record_id, saved=saved, _anchor="recorded")
    return make_response(redirect(address, code=303))


_READERS: Mapping[Kind, Callable[[Mapping[str, str], ProjectRecord, Board, str], Filled]] = {
    "answers": lambda form, record, shown, on: read_answers_form(form, record, _dossier(record, shown), on),
    "types": lambda form, record, shown, on: read_type_form(
        form, record, {kind.type_id: kind for kind in shown.law.pack.types} if shown.law else {}, on
    ),
    "reviews": lambda form, record, _shown, on: read_review_form(form, record, on),
}


def _record(shown: Board, record_id: str) -> ProjectRecord:
    record = shown.by_id.get(record_id)
    if record is None:
        abort(404)
    return record


def _dossier(record: ProjectRecord, shown: Board) -> Dossier:
    return project_dossier(record, shown.report, shown.law, shown.reviews)


def _refused(record: ProjectRecord, shown: Board, kind: Kind, code: int, problems: Sequence[Problem]) -> Response:
    """Show the page again with what is wrong and everything that was filled in."""
    return make_response(_page(record, shown, kind, problems), code)


def _page(
    record: ProjectRecord,
    shown: Board,
    refused: Kind | None = None,
    problems: Sequence[Problem] = (),
    *,
    is_kept: bool = False,
) -> str:
    web_map = prepared().project_map(record)
    dossier = _dossier(record, shown)
    slivers, sliver_count = slivers_of(record, shown.report, prepared().workspace.catalog.answer_title)
    return render_template(
        "project.html",
        record=record,
        web_map=web_map,
        map_data=None if web_map is None else map_data(web_map, project_url=None),
        dossier=dossier,
        types=shown.law.pack.types if shown.law else (),
        saved=_saved(dossier),
        closed=prepared().why_closed,
        refused=refused,
        problems=problems,
        is_kept=is_kept,
        filled=request.form if refused else {},
        most=MOST_LETTERS,
        review_key=review_key,
        outcomes=tuple(Outcome),
        pieces=pieces_of(record),
        piece_words={"shown": _("已在地图上标出")},
        slivers=slivers,
        sliver_count=sliver_count,
        judged_on=shown.report.judged_on,
    )


def _saved(dossier: Dossier) -> list[Decision]:
    """Return the rows the address names, as far as they are about this project."""
    named = set(request.args.getlist("saved"))
    return [one for one in dossier.decisions if f"{one.kind}-{one.row}" in named]
