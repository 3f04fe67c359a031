"""Siting: choose a type and a size, watch the search, look at the ground it found, weigh it anew, hand it on."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from ecogeo.errors import EcogeoError
from ecogeo.finding import Verdict
from ecogeo.inspection import Inspection
from ecogeo.intake import MOST_BYTES, MOST_PARTS, Part
from ecogeo.jobs import Job
from ecogeo.siteboard import (
    COLOURS,
    MOST_CANDIDATES,
    compare_found,
    constraint_titles,
    criteria_table,
    parameters_of,
    ranked,
    read_wanted,
    require_cells,
    shown_corners,
)
from ecogeo.siting import Criterion, read_criteria
from ecogeo.wording import Text
from viewer.accounts.access import current_name
from viewer.accounts.gate import require_job
from viewer.clock import today
from viewer.counter_desk import how_to_read, known_types, project_types, reader
from viewer.counter_forms import MOST_FORM_PARTS, MOST_SENT_BYTES, MOST_TYPED_BYTES, read_parts
from viewer.drawing import drawing_assets, drawing_words
from viewer.forms import Problem
from viewer.jobs import ahead_of, change_job, kept_jobs, progress_of, state_words, unwritable
from viewer.languages import current_lang
from viewer.prepared import prepared
from viewer.security import require_own_form
from viewer.siting_forms import ALLOWABLE, MOST_NAME, Choices, read_search

pages = Blueprint("siting", __name__)

KIND = "siting"
_TOLD, _SURFACE = "told.json", "surface.png"
_MOST_TOLD_BYTES = 64 << 20


@pages.get("/siting")
def form() -> str:
    """Show where to choose type, size, area, weights and layers; ``?from=`` fills in an earlier search."""
    earlier = kept_jobs().get(request.args.get("from", ""))
    return _form_page(filled=_filled(earlier))


@pages.post("/siting")
def start() -> Response:
    """Take a search and lead to the page that tells how far it is; ``from`` changes weights and layers of another."""
    require_own_form(most_bytes=MOST_SENT_BYTES, most_typed_bytes=MOST_TYPED_BYTES, most_parts=MOST_FORM_PARTS + 200)
    number = request.form.get("from", "")
    earlier = kept_jobs().get(number) if number else None
    if number and (earlier is None or earlier.kind != KIND):
        abort(404)
    choices = _choices()
    files = [file for file in request.files.getlist("file") if file.filename]
    parts: tuple[Part, ...] = ()
    problems: list[Problem] = []
    if files or request.form.get("corners", "").strip():
        parts, problems = read_parts(request.form, files)
    before = None if earlier is None else read_wanted(earlier.parameters["wanted"])
    wanted, of_search = read_search(request.form, parts, choices, _understood, before)
    problems = [*problems, *of_search]
    now = dt.datetime.now(dt.UTC)
    try:
        if not problems:
            require_cells(prepared().workspace, wanted)
            parameters: dict[str, Any] = {"wanted": parameters_of(wanted), "at": now.isoformat(timespec="seconds")}
            if earlier is not None:
                parameters["before"] = earlier.number
            begun = kept_jobs().start(KIND, parameters, at=now, by=current_name())
            return make_response(redirect(url_for("siting.one", number=begun), code=303))
    except EcogeoError as error:
        problems = [Problem("cell", problem.say(current_lang())) for problem in error.problems]
    except OSError:
        problems = [Problem("", unwritable())]
    return make_response(_form_page(problems, filled=request.form), 400)


@pages.get("/siting/<number>")
def one(number: str) -> str:
    """Show how far a search is, or what it found; ``w0`` … weigh the candidates anew."""
    job = _job(number)
    told = _told(job)
    return _progress_page(job) if told is None else _result_page(job, told)


@pages.get("/siting/<number>/state.json")
def state(number: str) -> Response:
    """Return how far a search is, for the script of its page."""
    return jsonify(progress_of(_job(number)))


@pages.post("/siting/<number>")
def change(number: str) -> Response:
    """Do with a search what ``form`` says: ``cancel``, ``resume`` or ``remove``."""
    require_own_form()
    job, what = _job(number), request.form.get("form")
    require_job(job)
    try:
        if not change_job(number, what):
            return make_response(redirect(url_for("siting.form"), code=303))
    except EcogeoError as error:
        return make_response(_progress_page(job, [problem.say(current_lang()) for problem in error.problems]), 409)
    except OSError:
        return make_response(_progress_page(job, [unwritable()]), 503)
    return make_response(redirect(url_for("siting.one", number=number), code=303))


@pages.get("/siting/<number>/surface.png")
def surface(number: str) -> Response:
    """Return the picture of the surface."""
    path = _result(_job(number))
    if path is None:
        abort(404)
    with zipfile.ZipFile(path) as archive:
        if _SURFACE not in archive.namelist():
            abort(404)
        answer = Response(archive.read(_SURFACE), mimetype="image/png")
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


def _form_page(problems: Sequence[Problem] = (), *, filled: Mapping[str, Any]) -> str:
    workspace = prepared().workspace
    try:
        criteria: Sequence[Criterion] = read_criteria(criteria_table(workspace))
    except EcogeoError as error:
        criteria = ()
        problems = [*problems, *(Problem("weights", one.say(current_lang())) for one in error.problems)]
    layers = constraint_titles(workspace)
    is_new = "shape" not in filled
    chosen = filled if isinstance(filled, MultiDict) else MultiDict(filled)
    return render_template(
        "siting.html",
        problems=problems,
        filled=filled,
        types=project_types(),
        criteria=criteria,
        layers=layers,
        asked=[role for role, _title in layers] if is_new else chosen.getlist("layer"),
        verdicts=[(name, Verdict(name).text) for name in ALLOWABLE],
        allowed=chosen.getlist("allow"),
        most_name=MOST_NAME,
        most_candidates=MOST_CANDIDATES,
        most_mb=MOST_BYTES >> 20,
        most_parts=MOST_PARTS,
        today=today().isoformat(),
        jobs=[_listed(job) for job in kept_jobs().every() if job.kind == KIND],
        assets=drawing_assets(),
        draw={
            "ground": url_for("screen.ground"),
            "most": MOST_BYTES,
            "words": drawing_words(drawn=_("画选址范围或线路两端的地图"), busy=_("正在提交…")),
        },
    )


def _progress_page(job: Job, problems: Sequence[str] = ()) -> str:
    ahead = ahead_of(job)
    return render_template(
        "siting_job.html", job=job, told=job.told, listed=_listed(job), problems=problems, ahead=ahead
    )


def _result_page(job: Job, told: Mapping[str, Any]) -> str:
    wanted = read_wanted(job.parameters["wanted"])
    is_route = told["mode"] == "route"
    weights, problems = _weights_asked(told)
    order = () if is_route else ranked(told, weights)
    by_id = {} if is_route else {one["id"]: one for one in told["candidates"]}
    layers = constraint_titles(prepared().workspace)
    return render_template(
        "siting_found.html",
        job=job,
        told=told,
        wanted=wanted,
        listed=_listed(job),
        problems=problems,
        weights=weights,
        total=sum(weights),
        order=[(place, by_id[place.site_id]) for place in order],
        layers=layers,
        verdicts=[(name, Verdict(name).text) for name in ALLOWABLE],
        colours=COLOURS,
        moved=_moved(job, told),
        assets=drawing_assets(),
        map_data=None if not drawing_assets() else _map_data(job, told),
    )


def _map_data(job: Job, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the script draws and weighs."""
    shared = {"ground": url_for("screen.ground"), "words": _map_words(), "mode": told["mode"]}
    if told["mode"] == "route":
        return {**shared, "route": told["geometry"]}
    west, south, east, north = told["overlay"]["bounds"]
    return {
        **shared,
        "surface": {"url": url_for("siting.surface", number=job.number), "bounds": [[south, west], [north, east]]},
        "candidates": [
            {"id": one["id"], "geometry": one["geometry"], "parts": one["parts"]} for one in told["candidates"]
        ],
    }


def _weights_asked(told: Mapping[str, Any]) -> tuple[list[float], list[str]]:
    """Return the weights the address asks for, else those of the search."""
    if told["mode"] == "route":
        return [], []
    own = [float(one["weight"]) for one in told["criteria"]]
    asked = list(own)
    for at, criterion in enumerate(told["criteria"]):
        text = request.args.get(f"w{at}", "").strip()
        if not text or not criterion["is_measured"]:
            continue
        try:
            value = float(text)
        except ValueError:
            return own, [_("权重应为 0 至 1000 的数")]
        if not 0 <= value <= 1000:
            return own, [_("权重应为 0 至 1000 的数")]
        asked[at] = value
    return (asked, []) if sum(asked) > 0 else (own, [_("至少要有一项权重大于 0")])


def _moved(job: Job, told: Mapping[str, Any]) -> list[Any]:
    """Return how the ranks moved since the search this one was made from."""
    before = kept_jobs().get(str(job.parameters.get("before", "")))
    earlier = None if before is None else _told(before)
    if earlier is None or "candidates" not in earlier or "candidates" not in told:
        return []
    return list(compare_found(earlier["candidates"], told["candidates"]))


def _told(job: Job) -> Mapping[str, Any] | None:
    path = _result(job)
    return None if path is None else _read_told(path, path.stat().st_mtime_ns)


def _result(job: Job) -> Path | None:
    return kept_jobs().result(job.number) if job.kind == KIND and job.state == "done" else None


@lru_cache(maxsize=8)
def _read_told(path: Path, _changed_ns: int) -> Mapping[str, Any] | None:
    """Return what a search told; None where its result holds nothing such."""
    with zipfile.ZipFile(path) as archive:
        if _TOLD not in archive.namelist() or archive.getinfo(_TOLD).file_size > _MOST_TOLD_BYTES:
            return None
        told: Mapping[str, Any] = json.loads(archive.read(_TOLD))
        return told


def _job(number: str) -> Job:
    job = kept_jobs().get(number)
    if job is None or job.kind != KIND:
        abort(404)
    return job


def _understood(parts: Sequence[Part]) -> Inspection:
    return reader().read(parts, how_to_read()).inspection


def _choices() -> Choices:
    workspace = prepared().workspace
    roles = [role for role, _title in constraint_titles(workspace)]
    return Choices(known_types(), read_criteria(criteria_table(workspace)), roles)


def _listed(job: Job) -> dict[str, Any]:
    """Return a search as lists name it."""
    wanted = read_wanted(job.parameters["wanted"])
    known = {kind.type_id: kind.text for kind in project_types()}
    title = known.get(wanted.type_id, Text("未选类型", "no type"))
    return {
        "number": job.number,
        "wanted": wanted,
        "type": title.say(current_lang()),
        "at": dt.datetime.fromisoformat(job.at).astimezone().strftime("%Y-%m-%d %H:%M"),
        "state": state_words()[job.state.value],
        "count": job.told.facts.get("candidates"),
    }


def _filled(job: Job | None) -> Mapping[str, Any]:
    """Return the entries that would order a search again."""
    if job is None or job.kind != KIND:
        return {}
    wanted = read_wanted(job.parameters["wanted"])
    roles = [role for role, _title in constraint_titles(prepared().workspace)]
    entries: MultiDict[str, str] = MultiDict(
        {
            "shape": "line" if wanted.mode == "route" else "polygon",
            "type": wanted.type_id,
            "name": wanted.name,
            "area": f"{wanted.area_ha:g}",
            "count": str(wanted.count),
            "cell": f"{wanted.cell_m:g}",
            "width": f"{wanted.least_width_m:g}",
            "on": wanted.on,
            "corners": shown_corners(wanted),
            "through_unknown": "1" if wanted.through_unknown else "",
        }
    )
    for at, criterion in enumerate(_choices().criteria):
        entries[f"weight-{at}"] = f"{wanted.weights.get(criterion.criterion, criterion.weight):g}"
    entries.setlist("layer", [role for role in roles if role not in wanted.left_out])
    entries.setlist("allow", list(wanted.allowed))
    return entries


def _map_words() -> dict[str, str]:
    """Return the words the script of a result writes."""
    return {
        "map": _("备选地块地图"),
        "zoomIn": _("放大地图"),
        "zoomOut": _("缩小地图"),
        "failed": _("底图载入失败"),
        "up": _("升 %(count)s 位", count="__n__"),
        "down": _("降 %(count)s 位", count="__n__"),
        "same": _("不变"),
        "noWeight": _("至少要有一项权重大于 0"),
        "reranked": _("已按新权重重排"),
    }
