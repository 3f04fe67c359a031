"""Documents of many projects: workbooks, statements, map sheets and evidence bundles, with one index."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ecogeo import __version__, bundle
from ecogeo.check import find_checks
from ecogeo.decisions import DecisionFiles, decision_files
from ecogeo.errors import EcogeoError, UsageError
from ecogeo.finding import Report
from ecogeo.jobs.task import Made, Task
from ecogeo.judging import judge_county
from ecogeo.law import read_law
from ecogeo.layer import digest
from ecogeo.ledger import Draft, append, ledger_of, why_closed
from ecogeo.report.document_index import Entry, read_index, write_index
from ecogeo.report.documents import KINDS, Wanted, write_documents
from ecogeo.report.mapsheet import Paper
from ecogeo.report.material import Case, material_of
from ecogeo.reviews import read_reviews
from ecogeo.rounding import Rounding
from ecogeo.wording import Lang, Text
from ecogeo.workspace import Workspace, open_workspace

BUNDLE = "bundle"
EVERY_KIND = (*KINDS, BUNDLE)
BUNDLE_TITLE = Text("证据包", "evidence bundle")
_JUDGING, _WRITING = Text("核查", "judging"), Text("制作", "making")


@dataclass(frozen=True, slots=True)
class Order:
    """What is ordered.

    Parameters
    ----------
    ids
        Projects and sites of the county; none for all.
    kinds
        Of `EVERY_KIND`.
    lang
        Language of the documents.
    paper
        Of the map sheets.
    with_coordinates
        False for people outside the office.
    on
        The day whose law is applied, ISO; empty for none.
    rounding
        How figures are rounded; empty as the county declares.
    at
        When it was ordered, ISO 8601, which bundles are recorded under.
    """

    ids: tuple[str, ...] = ()
    kinds: tuple[str, ...] = KINDS
    lang: Lang = "zh"
    paper: Paper = "A4"
    with_coordinates: bool = True
    on: str = ""
    rounding: str = ""
    at: str = ""

    def parameters(self) -> dict[str, Any]:
        """Return it as the parameters of a job."""
        names = ("lang", "paper", "with_coordinates", "on", "rounding", "at")
        return {"ids": list(self.ids), "kinds": list(self.kinds), **{name: getattr(self, name) for name in names}}


def read_order(parameters: Mapping[str, Any]) -> Order:
    """Return what the parameters of a job order.

    Raises
    ------
    UsageError
        Where they are none.
    """
    try:
        order = Order(**{**parameters, "ids": tuple(parameters["ids"]), "kinds": tuple(parameters["kinds"])})
    except (KeyError, TypeError) as error:
        raise UsageError(Text("任务参数不全", "the parameters of the job are incomplete")) from error
    if not order.kinds or set(order.kinds) - set(EVERY_KIND):
        raise UsageError(Text("没有选成果种类", "no kind of document was chosen"))
    return order


def make_documents(task: Task) -> Made:
    """Make the documents of some projects of a county, as a job.

    What an earlier run of the same job made of the same inputs is kept.

    Parameters
    ----------
    task
        With the parameters of `Order.parameters`.

    Raises
    ------
    EcogeoError
        Where the county's files cannot be used, or there are no such projects.
    """
    order = read_order(task.parameters)
    county = open_workspace(task.root).with_rounding(cast("Rounding | None", order.rounding or None))
    files = decision_files(county.data_folder)
    law = read_law(
        county,
        on=dt.date.fromisoformat(order.on) if order.on else None,
        answers=files.answers,
        types=files.types,
    )
    reviews = None if files.reviews is None else read_reviews(files.reviews)
    chosen = [one for one in find_checks() if one.family == "screening"]

    titles = {one.name: one.title for one in chosen}

    def judging(name: str, done: int, of: int) -> None:
        title = titles.get(name, Text(name, name))
        task.tell(Text(f"{_JUDGING.zh}：{title.zh}", f"{_JUDGING.en}: {title.en}"), done, of)

    report = judge_county(county, chosen, law=law, reviews=reviews, progress=judging)
    material = material_of(county, report, law=law, reviews=reviews)
    cases = material.chosen(order.ids)
    wants_bundles = BUNDLE in order.kinds
    bundled = [case for case in cases if case.record.sites] if wants_bundles else []

    def writing(name: str, done: int, of: int) -> None:
        task.tell(Text(f"{_WRITING.zh}：{name}", f"{_WRITING.en}: {name}"), done, of + len(bundled))

    wanted = Wanted(
        kinds=tuple(kind for kind in KINDS if kind in order.kinds),
        lang=order.lang,
        paper=order.paper,
        forms=("pdf",),
        with_coordinates=order.with_coordinates,
    )
    written = write_documents(material, cases, task.folder, wanted, writing)
    count = len(written.paths) - 2
    notes = [Text(f"未能生成 {file}：{why.zh}", f"could not make {file}: {why.en}") for file, why in written.problems]
    notes += _crashes(report)
    problems = list(written.problems)
    entries, of = [], count + len(problems)
    for number, case in enumerate(bundled, start=1):
        title = Text(f"{BUNDLE_TITLE.zh} {case.case_id}", f"{BUNDLE_TITLE.en} {case.case_id}")
        task.tell(Text(f"{_WRITING.zh}：{title.zh}", f"{_WRITING.en}: {title.en}"), of + number - 1, of + len(bundled))
        try:
            entry, left_out = _bundled(_Bundled(task, county, report, order, files), case, number)
        except EcogeoError as error:
            why = Text(error.say("zh"), error.say("en"))
            problems.append((title.say(order.lang), why))
            notes.append(Text(f"未能生成 {title.zh}：{why.zh}", f"could not make {title.en}: {why.en}"))
            continue
        entries.append(entry)
        notes += left_out
    notes += [
        Text(f"{case.case_id} 没有用地图形，不做证据包", f"{case.case_id} has no geometry: no evidence bundle of it")
        for case in cases
        if wants_bundles and not case.record.sites
    ]
    if entries:
        before = read_index(task.folder).entries
        write_index(task.folder, material, {**before, **{one.file: one for one in entries}}, problems, order.lang)
    facts = {"files": count + len(entries), "kept": written.kept, "projects": len(cases)}
    return Made(tuple(dict.fromkeys(notes)), facts)


@dataclass(frozen=True, slots=True, eq=False)
class _Bundled:
    """What every bundle of a job has in common."""

    task: Task
    county: Workspace
    report: Report
    order: Order
    files: DecisionFiles


def _bundled(common: _Bundled, case: Case, number: int) -> tuple[Entry, list[Text]]:
    """Write the bundle of a case unless an earlier run of this job did; return its entry, and what it leaves out."""
    order, folder = common.order, common.task.folder
    name = f"{BUNDLE}_{number:04d}.zip"
    path, side = folder / name, folder.parent / f"{name}.json"
    sources = [[one.path, one.sha256] for one in common.report.sources]
    asked = {**order.parameters(), "at": ""}
    told = json.dumps([__version__, asked, case.case_id, sources], ensure_ascii=False)
    key = hashlib.sha256(told.encode()).hexdigest()
    before = json.loads(side.read_text("utf-8")) if side.is_file() else {}
    if not (path.is_file() and before.get("key") == key and before.get("sha256") == digest(path)):
        before = {"key": key, **_written(common, case, path)}
        side.write_text(json.dumps(before, ensure_ascii=False), "utf-8")
    entry = Entry(
        file=name,
        title=BUNDLE_TITLE.say(order.lang),
        case_id=case.case_id,
        name=case.name,
        run=key,
        key=key,
        sha256=before["sha256"],
        has_coordinates="yes" if order.with_coordinates else "no",
    )
    return entry, [Text(*one) for one in before["left_out"]]


def _written(common: _Bundled, case: Case, path: Path) -> dict[str, Any]:
    """Write a bundle, note in the ledger that it was issued, and return its digest and what it leaves out."""
    order = common.order
    asked = bundle.Case(
        ids=(case.case_id,),
        checks=tuple(one.name for one in find_checks() if one.family == "screening"),
        on=order.on,
        rounding=common.county.county.rounding,
        lang=order.lang,
        without_coordinates=not order.with_coordinates,
    )
    made = bundle.write_bundle(common.county, asked, path, decisions=common.files)
    ledger = ledger_of(common.county.data_folder)
    if ledger is not None and why_closed(ledger) is None:
        body = {"file": path.name, "manifest_sha256": made.sha256, "ids": [case.case_id]}
        append(ledger, [Draft(BUNDLE, order.at, body)])
    left_out = [
        [f"{case.case_id} 的证据包未携带 {place}：{why.zh}", f"{case.case_id}: {place} is not in its bundle: {why.en}"]
        for place, why in made.left_out
    ]
    return {"sha256": digest(path), "left_out": left_out}


def _crashes(report: Report) -> Sequence[Text]:
    """Return what to say of checks that broke: the others went on."""
    return [
        Text(f"检查 {run.title.zh} 出错：{run.crash.zh}", f"the check {run.title.en} broke: {run.crash.en}")
        for run in report.runs
        if run.crash is not None
    ]


__all__ = ["BUNDLE", "EVERY_KIND", "Order", "make_documents", "read_order"]
