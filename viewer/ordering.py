"""What an officer orders on the page of documents, read and checked, and how orders are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from ecogeo.board.choosing import Wanted, chosen_projects
from ecogeo.board.records import ProjectRecord
from ecogeo.jobs import KINDS, Job
from ecogeo.jobs.documents import EVERY_KIND, Order
from viewer.boards import Board
from viewer.forms import Problem
from viewer.jobs import state_words
from viewer.languages import LANGS, current_lang

FILTERS = ("town", "department", "system", "answer", "words")
EVERY, TICKED = "every", "ticked"
PAPERS = ("A4", "A3")


def kind_titles() -> dict[str, str]:
    """Return what each kind of document is called."""
    return {
        "xlsx": _("套合分析表（Excel）"),
        "docx": _("情况说明（Word）"),
        "maps": _("附图（PDF）"),
        "bundle": _("证据包（ZIP）"),
    }


def wanted_of(entries: Mapping[str, str]) -> Wanted:
    """Return what is looked for, of a query or a form."""
    town, department, system, answer, words = (entries.get(part, "").strip() for part in FILTERS)
    return Wanted(town=town, department=department, system=system, answer=answer, words=words)


def read_order_form(form: MultiDict[str, str], shown: Board, at: str) -> tuple[Order | None, list[Problem]]:
    """Read an order: ``kind, paper, lang, without_coordinates``, ``scope`` with its filter or the ``id`` ticked.

    Parameters
    ----------
    form
        The entries.
    shown
        The county's board.
    at
        When it is ordered, ISO 8601.
    """
    problems = []
    kinds = tuple(kind for kind in EVERY_KIND if kind in form.getlist("kind"))
    if not kinds:
        problems.append(Problem("kind", _("请至少选一种成果")))
    if form.get("scope") == TICKED:
        ticked = set(form.getlist("id"))
        records: Sequence[ProjectRecord] = [one for one in shown.records if one.record_id in ticked]
        if len(records) < len(ticked):
            problems.append(Problem("id", _("勾选的项目中有的已不存在，请刷新页面后再选")))
    else:
        records = chosen_projects(shown.records, wanted_of(form))
    if not records:
        problems.append(Problem("id", _("请至少选一个项目")))
    paper, lang = form.get("paper", "A4"), form.get("lang", "zh")
    if paper not in PAPERS or lang not in LANGS:
        problems.append(Problem("paper", _("请选择纸张和语言")))
    if problems:
        return None, problems
    is_every = len(records) == len(shown.records)
    with_coordinates = not form.get("without_coordinates")
    if not with_coordinates and kinds == ("maps",):
        return None, [Problem("kind", _("脱敏成果不含附图，请另选成果种类"))]
    ids = () if is_every else tuple(one.record_id for one in records)
    return order_of(shown, ids, kinds, at, lang=lang, paper=paper, with_coordinates=with_coordinates), []


def order_of(
    shown: Board,
    ids: tuple[str, ...],
    kinds: tuple[str, ...],
    at: str,
    *,
    lang: str,
    paper: str = "A4",
    with_coordinates: bool = True,
) -> Order:
    """Return an order judged and rounded as the board is."""
    return Order(
        ids=ids,
        kinds=kinds,
        lang="en" if lang == "en" else "zh",
        paper="A3" if paper == "A3" else "A4",
        with_coordinates=with_coordinates,
        on=shown.report.judged_on,
        rounding=shown.report.rounding,
        at=at,
    )


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job as pages tell it.

    Parameters
    ----------
    job
        The job.
    title, what
        What it is, and of what.
    at
        When it was ordered, by the server's clock.
    state
        How far it came, in words.
    """

    job: Job
    title: str
    what: str
    at: str
    state: str

    @property
    def address(self) -> str:
        """Its page."""
        return url_for("report.one", number=self.job.number)


def shown_job(job: Job) -> ShownJob:
    """Return a job as pages tell it; one of a kind nobody knows any more by its bare name."""
    kind = KINDS.get(job.kind)
    title = job.kind if kind is None else kind.title.say(current_lang())
    at = dt.datetime.fromisoformat(job.at).astimezone().strftime("%Y-%m-%d %H:%M")
    return ShownJob(job, title, _what(job), at, state_words()[job.state.value])


def _what(job: Job) -> str:
    """Say of what a job is: how many projects, and which documents."""
    ids, kinds, titles = job.parameters.get("ids"), job.parameters.get("kinds"), kind_titles()
    if not isinstance(ids, list) or not isinstance(kinds, list):
        return ""
    whom = _("全部项目与用地") if not ids else str(ids[0]) if len(ids) == 1 else _("%(count)s 个项目", count=len(ids))
    told = [titles[kind] for kind in kinds if kind in titles]
    if job.parameters.get("with_coordinates") is False:
        told.append(_("脱敏"))
    return f"{whom}{_('：')}{_('、').join(told)}"
