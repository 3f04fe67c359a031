"""What proves an indicator's values: the files attached to it, and the way they are attached, handed out, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, send_file
from flask import url_for as address_of
from flask_babel import gettext as _

from ecogeo.board.evidence import (
    KINDS,
    MOST_FILE_BYTES,
    MOST_LETTERS,
    STATES,
    attach,
    evidence_files,
    evidence_list,
    withdraw,
)
from ecogeo.board.indicators import Indicator
from ecogeo.board.plans import PlanBoard
from ecogeo.errors import EcogeoError
from viewer.clock import today
from viewer.forms import Problem, text_problems
from viewer.languages import current_lang
from viewer.pages.indicators import chosen_plan, known_plan
from viewer.prepared import board, prepared
from viewer.security import require_own_form

pages = Blueprint("evidence", __name__)

_FORM_BYTES = 64 * 1024
"""What the fields of the form take beside the file."""

_WORDS = ("by", "why")


@pages.get("/indicators/evidence")
def table() -> str:
    """Show what proves an indicator's values; ``?plan=`` and ``?indicator=`` name it, ``?saved=`` what was done."""
    plan = chosen_plan()
    if plan is None:
        abort(404)
    return _page(plan, _indicator(plan, request.args.get("indicator", "")))


@pages.post("/indicators/evidence")
def record() -> Response:
    """Attach a file to an indicator, or withdraw one; all of it is right, or nothing is kept."""
    require_own_form(most_bytes=MOST_FILE_BYTES + _FORM_BYTES)
    plan = known_plan(request.form.get("plan", ""))
    indicator = _indicator(plan, request.form.get("indicator", ""))
    kind = request.form.get("form", "")
    if kind not in {"attach", "withdraw"}:
        abort(400)
    if (closed := prepared().why_closed) is not None:
        return _refused(plan, indicator, 403, [Problem("", closed.say(current_lang()))])
    words = {name: " ".join(request.form.get(name, "").split()) for name in _WORDS}
    problems = [problem for name in _WORDS for problem in text_problems(name, words[name], MOST_LETTERS[name])]
    upload = request.files.get("file")
    if kind == "attach" and (upload is None or not upload.filename):
        problems.append(Problem("file", _("请选择文件")))
    if problems:
        return _refused(plan, indicator, 400, problems)
    number, day = indicator.head.indicator_no, today().isoformat()
    try:
        if kind == "attach" and upload is not None:
            title, content = upload.filename or "", upload.stream.read(MOST_FILE_BYTES + 1)
            attach(plan.folder, number, content, title=title, by=words["by"], on=day, why=words["why"])
        else:
            withdraw(plan.folder, number, request.form.get("file", ""), by=words["by"], on=day, why=words["why"])
    except EcogeoError as error:
        found = [Problem("file", problem.say(current_lang())) for problem in error.problems]
        return _refused(plan, indicator, 400, found)
    except OSError:
        return _refused(plan, indicator, 503, [Problem("", _("文件夹写不进去，没有保存；请让管理员开放写入权限"))])
    address = address_of("evidence.table", plan=plan.name, indicator=number, saved=kind)
    return make_response(redirect(address, code=303))


@pages.get("/indicators/<plan_name>/evidence/<indicator_no>/<file_name>")
def hand_out(plan_name: str, indicator_no: str, file_name: str) -> Response:
    """Return a file that proves a value, to be kept and not opened in the page, under the name it was given with."""
    plan = known_plan(plan_name)
    path = next((path for path in evidence_files(plan.folder, indicator_no) if path.name == file_name), None)
    if path is None:
        abort(404)
    known = {one.file: one.title for one in evidence_list(plan.folder, indicator_no)}
    title = known.get(path.name, path.name)
    return send_file(path.resolve(), mimetype="application/octet-stream", as_attachment=True, download_name=title)


def _indicator(plan: PlanBoard, number: str) -> Indicator:
    """Return an indicator by number; a number the plan has not is no page."""
    found = next((one for one in plan.indicators if one.head.indicator_no == number), None)
    if found is None:
        abort(404)
    return found


def _refused(plan: PlanBoard, indicator: Indicator, code: int, problems: Sequence[Problem]) -> Response:
    """Show the page again with what is wrong and what was filled in; a file must be chosen anew."""
    return make_response(_page(plan, indicator, problems=problems, filled=request.form), code)


def _page(plan: PlanBoard, indicator: Indicator, **shown: object) -> str:
    number = indicator.head.indicator_no
    given: dict[str, object] = {
        "plan": board().plans[plan.name],
        "indicator": indicator,
        "files": evidence_list(plan.folder, number),
        "states": STATES,
        "kinds_taken": list(KINDS),
        "most_mb": MOST_FILE_BYTES // (1024 * 1024),
        "most": MOST_LETTERS,
        "saved": request.args.get("saved", ""),
        "closed": prepared().why_closed,
        "problems": (),
        "filled": {},
    }
    return render_template("evidence.html", **(given | shown))
