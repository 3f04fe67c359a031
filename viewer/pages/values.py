"""Values of later years: the sheet to fill in, what an upload would change, and everything that was reported."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ecogeo.board.indicators import Indicator, IndicatorRow, indicator_list
from ecogeo.board.plans import PlanBoard
from ecogeo.errors import EcogeoError, UnusableFileError
from ecogeo.formats.workbooks import render_workbook
from ecogeo.handkept import superseded
from ecogeo.plan.value_rules import doubt_of
from ecogeo.plan.value_sheet import Signed, changes, read_value_sheet, value_sheet
from ecogeo.plan.values import MOST_LETTERS, Key, ReportedValue, year_problem
from ecogeo.wording import Text
from viewer.clock import today
from viewer.forms import Problem, text_problems
from viewer.languages import current_lang
from viewer.pages.indicators import chosen_plan, known_plan, workbook
from viewer.pending import Waiting
from viewer.prepared import board, prepared
from viewer.security import require_own_form

pages = Blueprint("values", __name__)

MOST_UPLOAD_BYTES = 4 * 1024 * 1024
"""A filled sheet of a thousand indicators takes a tenth."""

_WORDS = ("by", "source", "why")


@pages.get("/indicators/values")
def table() -> str:
    """Show how values are reported, and what was; ``?plan=`` names the plan, ``?saved=`` tells how many were."""
    plan = chosen_plan()
    if plan is None:
        abort(404)
    return _page(plan)


@pages.get("/indicators/<plan_name>/values.xlsx")
def sheet(plan_name: str) -> Response:
    """Return the sheet to fill in for ``?year=``."""
    plan = known_plan(plan_name)
    year = request.args.get("year", "")
    if year_problem(year) is not None:
        abort(400)
    content = render_workbook([value_sheet(plan.tables.indicators, plan.values, int(year), current_lang())])
    return workbook(content, f"values-{plan.name}-{year}.xlsx")


@pages.post("/indicators/values")
def report() -> Response:
    """Take a filled sheet and show what it would change, or save what was confirmed; nothing is saved unasked."""
    require_own_form(most_bytes=MOST_UPLOAD_BYTES)
    plan = known_plan(request.form.get("plan", ""))
    if (closed := prepared().why_closed) is not None:
        return _refused(plan, 403, [Problem("", closed.say(current_lang()))])
    if request.form.get("form") == "confirm":
        return _confirmed(plan)
    return _previewed(plan)


def _previewed(plan: PlanBoard) -> Response:
    """Show what a filled sheet would change."""
    words = {name: " ".join(request.form.get(name, "").split()) for name in _WORDS}
    problems = [problem for name in _WORDS for problem in text_problems(name, words[name], MOST_LETTERS[name])]
    problems += [Problem(name, _("请填写")) for name in ("by", "why") if not words[name]]
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        problems.append(Problem("file", _("请选择填好的 Excel 文件")))
    if problems or upload is None:
        return _refused(plan, 400, problems)
    signed = Signed(words["by"], today().isoformat(), words["source"], words["why"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "values.xlsx"  # a name of our own: the user's is never opened
        upload.save(path)
        try:
            values = read_value_sheet(path, plan.tables.indicators, signed)
        except UnusableFileError as error:
            named = UnusableFileError(PureWindowsPath(upload.filename or path.name).name, error.reasons)
            return _refused(plan, 400, [Problem("file", problem.say(current_lang())) for problem in named.problems])
        except EcogeoError as error:
            return _refused(plan, 400, [Problem("file", problem.say(current_lang())) for problem in error.problems])
    changed = changes(values, plan.values)
    if not changed:
        return _refused(plan, 400, [Problem("file", _("表中没有新的数值：“实际值”都空着，或与现有的相同"))])
    number = waiting().keep(plan.name, changed)
    return make_response(_page(plan, preview=_preview(plan, changed), number=number))


def _confirmed(plan: PlanBoard) -> Response:
    """Save what was shown."""
    upload = waiting().take(request.form.get("number", ""))
    if upload is None or upload.plan != plan.name:
        return _refused(plan, 409, [Problem("", _("没有等待确认的数值：可能已经保存，或服务器重新启动过，请重新上传"))])
    try:
        prepared().save_values(plan.name, upload.values)
    except EcogeoError as error:
        return _refused(plan, 409, [Problem("", problem.say(current_lang())) for problem in error.problems])
    except OSError:
        words = _("values.csv 写不进去：可能正被 Excel 或 WPS 打开，请关闭后再上传")
        return _refused(plan, 503, [Problem("", words)])
    return make_response(redirect(url_for("values.table", plan=plan.name, saved=len(upload.values)), code=303))


def waiting() -> Waiting:
    """Return the uploads of the application that wait for a confirmation."""
    held: Waiting = current_app.extensions["ecogeo_waiting"]
    return held


def _preview(plan: PlanBoard, values: Sequence[ReportedValue]) -> list[dict[str, object]]:
    """Return what each value would change: what stood before, and how the indicator stands after."""
    before = _rows(plan.indicators)
    after = _rows(indicator_list(plan.tables.indicators, [*plan.values, *values]))
    return [
        {
            "value": one,
            "before": before[one.key],
            "after": after[one.key],
            "now": _reading(before[one.key], one.year),
            "doubt": _doubt(one, before[one.key]),
        }
        for one in values
    ]


def _doubt(value: ReportedValue, row: IndicatorRow) -> Text | None:
    """Say where a value is far from all that the plan has for its indicator."""
    others = [reading.text for reading in row.readings if reading.year != value.year]
    return doubt_of(value.text, row.unit, [*others, *(milestone.text for milestone in row.milestones)])


def _rows(indicators: Sequence[Indicator]) -> dict[Key, IndicatorRow]:
    return {(row.indicator_no, row.sub_no): row for one in indicators for row in one.rows}


def _reading(row: IndicatorRow, year: int) -> str:
    return next((reading.text for reading in row.readings if reading.year == year), "")


def _refused(plan: PlanBoard, code: int, problems: Sequence[Problem]) -> Response:
    """Show the page again with what is wrong and what was filled in; a file must be chosen anew."""
    return make_response(_page(plan, problems=problems, filled=request.form), code)


def _page(plan: PlanBoard, **shown: object) -> str:
    saved = request.args.get("saved", "")
    gone = {id(one) for one in superseded(plan.values, lambda one: (one.key, one.year))}
    return render_template(
        "values.html",
        **{
            "plan": board().plans[plan.name],
            "plans": board().plans,
            "names": {key: row.name for key, row in _rows(plan.indicators).items()},
            "history": [(one, id(one) in gone) for one in reversed(plan.values)],
            "saved": int(saved) if saved.isdigit() and len(saved) < 5 else 0,
            "closed": prepared().why_closed,
            "problems": (),
            "filled": {},
            "most": MOST_LETTERS,
            **shown,
        },
    )
