"""Documents: one of a project at once, those of many made in the background, with progress and a ZIP at the end."""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
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
    send_file,
    url_for,
)
from flask_babel import gettext as _

from ecogeo.board.choosing import NONE, chosen_projects, project_choices
from ecogeo.board.records import ProjectRecord
from ecogeo.counter.case import zipped
from ecogeo.errors import EcogeoError, UsageError
from ecogeo.jobs import KINDS, Job, KeptJobs, jobs_folder
from ecogeo.jobs.bench import KEPT_DAYS, MOST_JOBS
from ecogeo.jobs.documents import BUNDLE, EVERY_KIND
from ecogeo.report.documents import Wanted, write_documents
from ecogeo.report.material import Material, material_of
from ecogeo.wording import Lang, Text
from viewer.accounts.access import current_name
from viewer.accounts.gate import require_job
from viewer.boards import Board
from viewer.forms import Problem
from viewer.jobs import ahead_of, change_job, kept_jobs, progress_of, unwritable
from viewer.languages import current_lang
from viewer.ordering import EVERY, FILTERS, PAPERS, kind_titles, order_of, read_order_form, shown_job, wanted_of
from viewer.pages import runs
from viewer.prepared import board, prepared
from viewer.security import require_own_form

pages = Blueprint("report", __name__)
pages.register_blueprint(runs.pages)

_KIND = "documents"

MOST_LISTED = 500
"""More projects than anybody ticks one by one; the filter takes them all."""

_MOST_SENT_BYTES, _MOST_PARTS = 1 << 20, 5000
_OFFICE = "application/vnd.openxmlformats-officedocument."
_FILES = {
    "xlsx": ("workbook.xlsx", f"{_OFFICE}spreadsheetml.sheet"),
    "docx": ("statement.docx", f"{_OFFICE}wordprocessingml.document"),
    "maps": ("sheets.zip", "application/zip"),
}
"""What a single document is called when it is handed out: never by anybody's words."""


@dataclass(slots=True)
class _Desk:
    """What single documents are made of, kept for the board it belongs to; one is made at a time."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    material: tuple[Board, Material] | None = None


@pages.record_once
def _registered(state: Any) -> None:  # noqa: ANN401  Flask's own
    """Give an application its jobs."""
    workspace = state.app.extensions["ecogeo"].workspace
    state.app.extensions["ecogeo_jobs"] = KeptJobs(workspace.root, jobs_folder(workspace))
    state.app.extensions["ecogeo_desk"] = _Desk()


@pages.get("/report")
def show() -> str:
    """Show what can be made of which projects (``town, department, system, answer, words``), and what was ordered."""
    return _page(())


@pages.post("/report")
def order() -> Response:
    """Order documents, and lead to the page that tells how far they are."""
    require_own_form(most_bytes=_MOST_SENT_BYTES, most_typed_bytes=_MOST_SENT_BYTES, most_parts=_MOST_PARTS)
    now = _now()
    asked, problems = read_order_form(request.form, board(), now.isoformat(timespec="seconds"))
    if asked is None:
        return make_response(_page(problems), 400)
    return _started(asked.parameters(), now)


@pages.post("/report/one")
def single() -> Response:
    """Hand out one document of one project: ``project`` and ``kind``; a bundle takes its time and becomes a job."""
    require_own_form()
    shown, kind, now = board(), request.form.get("kind", ""), _now()
    record = shown.by_id.get(request.form.get("project", ""))
    if record is None or kind not in EVERY_KIND:
        abort(404)
    if kind == BUNDLE:
        stamp = now.isoformat(timespec="seconds")
        return _started(order_of(shown, (record.record_id,), (kind,), stamp, lang=current_lang()).parameters(), now)
    try:
        content = _document(shown, record, kind, current_lang())
    except EcogeoError as error:
        return make_response(_page(_said(error), title=_("没有做成：")), 409)
    name, media_type = _FILES[kind]
    answer = Response(content, mimetype=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/report/<number>")
def one(number: str) -> str:
    """Show a job: how far it is, or what came of it."""
    return _job_page(_job(number))


@pages.get("/report/<number>/state.json")
def state(number: str) -> Response:
    """Return how far a job is, for the script of its page."""
    return jsonify(progress_of(_job(number)))


@pages.post("/report/<number>")
def change(number: str) -> Response:
    """Do with a job what ``form`` says: ``cancel``, ``resume`` or ``remove``."""
    require_own_form()
    job, what = _job(number), request.form.get("form")
    require_job(job)
    try:
        if not change_job(number, what):
            return make_response(redirect(url_for("report.show", _anchor="jobs"), code=303))
    except EcogeoError as error:
        return make_response(_job_page(job, _said(error)), 409)
    except OSError:
        return make_response(_job_page(job, [Problem("", unwritable())]), 503)
    return make_response(redirect(url_for("report.one", number=number), code=303))


@pages.get("/report/<number>/result.zip")
def result(number: str) -> Response:
    """Hand out the result of a job."""
    job, path = _job(number), kept_jobs().result(number)
    if path is None or job.state != "done":
        abort(404)
    kind = KINDS.get(job.kind)
    name = "result.zip" if kind is None else kind.file_name
    answer = send_file(path, mimetype="application/zip", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _started(parameters: dict[str, Any], now: dt.datetime) -> Response:
    try:
        number = kept_jobs().start(_KIND, parameters, at=now, by=current_name())
    except EcogeoError as error:
        return make_response(_page(_said(error)), 409)
    except OSError:
        return make_response(_page([Problem("", unwritable())]), 503)
    return make_response(redirect(url_for("report.one", number=number), code=303))


def _document(shown: Board, record: ProjectRecord, kind: str, lang: Lang) -> bytes:
    """Return one document of a project; its map sheets in a ZIP.

    Raises
    ------
    EcogeoError
        Where it cannot be made, such as for want of a font or of a geometry.
    """
    desk: _Desk = current_app.extensions["ecogeo_desk"]
    with desk.lock, tempfile.TemporaryDirectory() as folder:
        if desk.material is None or desk.material[0] is not shown:
            reviews = shown.reviews if shown.reviews.sha256 else None
            made = material_of(prepared().workspace, shown.report, law=shown.law, reviews=reviews)
            desk.material = shown, made
        material = desk.material[1]
        wanted = Wanted(kinds=(kind,), lang=lang, forms=("pdf",))
        written = write_documents(material, material.chosen([record.record_id]), Path(folder), wanted)
        if written.problems:
            raise UsageError([why for _file, why in written.problems])
        files = {path.name: path.read_bytes() for path in written.paths[2:]}
    if not files:
        raise UsageError(Text("这个项目没有用地图形，做不出这种成果", "the project has no geometry to make it of"))
    return zipped(files) if kind == "maps" else next(iter(files.values()))


def _page(problems: Sequence[Problem], title: str = "") -> str:
    shown, is_sent = board(), request.method == "POST" and request.endpoint == "report.order"
    wanted = wanted_of(request.form if is_sent else request.args)
    chosen = chosen_projects(shown.records, wanted)
    return render_template(
        "report.html",
        problems=problems,
        refused_title=title or _("没有开始，请改正后再提交："),
        wanted=wanted,
        filters={part: getattr(wanted, part) for part in FILTERS},
        choices=project_choices(shown.records),
        without=NONE,
        records=chosen[:MOST_LISTED],
        chosen=len(chosen),
        total=len(shown.records),
        kinds=kind_titles(),
        papers=PAPERS,
        scope=request.form.get("scope", EVERY) if is_sent else EVERY,
        ticked=set(request.form.getlist("id")) if is_sent else set(),
        picked=request.form.getlist("kind") if is_sent else [kind for kind in EVERY_KIND if kind != BUNDLE],
        paper=request.form.get("paper", "A4") if is_sent else "A4",
        document_lang=request.form.get("lang", "") if is_sent else current_lang(),
        is_masked=is_sent and bool(request.form.get("without_coordinates")),
        jobs=[shown_job(job) for job in kept_jobs().every() if job.kind == _KIND],
        kept_days=KEPT_DAYS,
        most_jobs=MOST_JOBS,
    )


def _job_page(job: Job, problems: Sequence[Problem] = ()) -> str:
    return render_template(
        "report_job.html",
        job=job,
        told=job.told,
        shown=shown_job(job),
        problems=problems,
        ahead=ahead_of(job),
        has_result=job.state == "done" and kept_jobs().result(job.number) is not None,
        kept_days=KEPT_DAYS,
    )


def _job(number: str) -> Job:
    job = kept_jobs().get(number)
    if job is None:
        abort(404)
    return job


def _said(error: EcogeoError) -> list[Problem]:
    return [Problem("", problem.say(current_lang())) for problem in error.problems]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
