"""The steps of a meeting made from the findings: every word of them is computed, named with its date and source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.board.choosing import answer_counts
from ecogeo.board.plans import PlanBoard
from ecogeo.board.records import GRAVEST_FIRST, LayerAnswer, ProjectRecord
from ecogeo.catalog import ZONING_ROLES
from ecogeo.finding import Answer, CheckRun, Finding, Report, Severity, Verdict
from ecogeo.present.figures import indicator_step, money_step, shoreline_step
from ecogeo.present.steps import MOST_LETTERS, MOST_TITLE, Bounds, Comparison, Step
from ecogeo.rounding import rounded
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

MOST_SPOTLIGHTS = 3
MOST_LISTED = 4
"""How much a step lists, so that it stays readable from the back of a room: the builders' choice."""

_FRAME = ("county", "towns")
_SITES = "project_sites"
_OWN_STEP = ("shoreline_protection_rate",)
_NO_STEP = ("screening", "data")
_LEAST_SPAN_DEG = 0.02
_GRAVEST_VERDICT_FIRST = (
    Verdict.PROHIBITED,
    Verdict.RESTRICTED,
    Verdict.CONDITIONAL,
    Verdict.UNDETERMINED,
    Verdict.NOTICE,
)
_GRAVEST_SEVERITY_FIRST = (Severity.FAULT, Severity.WARNING, Severity.NOTE)


def default_steps(
    workspace: Workspace, report: Report, records: Sequence[ProjectRecord], plans: Sequence[PlanBoard]
) -> tuple[Step, ...]:
    """Make the steps of a meeting from what the checks found.

    The county first; then each constraint sites touch, the one with the gravest rule first; the gravest sites one by
    one; what other checks found, faults first; indicators behind, shorelines, money; what nobody could judge.

    Parameters
    ----------
    workspace
        The county.
    report
        The outcome of its checks.
    records
        Its projects and sites.
    plans
        Its plans; those that only lie beside it are left out.

    Raises
    ------
    EcogeoError
        Where a declared layer cannot be used.
    """
    own = [plan for plan in plans if plan.is_own]
    steps = [
        _overview(workspace, report, records),
        *_constraints(workspace, report, records),
        *_spotlights(workspace, records),
        *_other_checks(workspace, report),
        *(made for plan in own if (made := indicator_step(plan, _layers(workspace, *_FRAME))) is not None),
        *shoreline_step(report, _layers(workspace, *_FRAME, "water_bodies", "shorelines")),
        *money_step(records, _layers(workspace, *_FRAME, _SITES)),
        _open_questions(workspace, report, records),
    ]
    return tuple(_within_limits(step) for step in steps)


def _overview(workspace: Workspace, report: Report, records: Sequence[ProjectRecord]) -> Step:
    counts = answer_counts(records)
    county = workspace.county.title
    told = [(answer.text, counts.get(answer, 0)) for answer in GRAVEST_FIRST]
    listed = Text(
        "，".join(f"{text.zh} {count} 个" for text, count in told),
        ", ".join(f"{count} {text.en}" for text, count in told),
    )
    placed = sum(any(site.geometry is not None for site in record.sites) for record in records)
    words = [
        Text(
            f"项目和用地共 {len(records)} 个，其中 {placed} 个有图形。",
            f"{len(records)} projects and sites, {placed} of them drawn.",
        ),
        Text(f"{listed.zh}。", f"{listed.en}."),
    ]
    if report.judged_on:
        words.append(Text(f"按 {report.judged_on} 施行的规则判断。", f"Judged by the rules of {report.judged_on}."))
    if report.notice is not None:
        words.append(report.notice)
    return Step(Text(f"{county.zh}：总体情况", f"{county.en}: overview"), tuple(words))


def _constraints(workspace: Workspace, report: Report, records: Sequence[ProjectRecord]) -> Iterator[Step]:
    """Yield a step for each layer that sites touch or may touch, the gravest first."""
    by_layer: dict[str, list[tuple[ProjectRecord, LayerAnswer]]] = {}
    for record in records:
        for entry in record.answers:
            by_layer.setdefault(entry.layer, []).append((record, entry))
    found = [
        (layer, entries)
        for layer, entries in by_layer.items()
        if layer not in ZONING_ROLES and any(entry.answer in {Answer.INVOLVED, Answer.POSSIBLE} for _, entry in entries)
    ]
    for layer, entries in sorted(found, key=lambda pair: (_rank(entry for _, entry in pair[1]), pair[0])):
        yield _constraint(workspace, report, layer, entries)


def _constraint(
    workspace: Workspace, report: Report, layer: str, entries: Sequence[tuple[ProjectRecord, LayerAnswer]]
) -> Step:
    counts = Counter(entry.answer for _, entry in entries)
    hits = sorted(
        ((record, entry) for record, entry in entries if entry.answer in {Answer.INVOLVED, Answer.POSSIBLE}),
        key=lambda pair: _gravity(pair[1]),
    )
    title = entries[0][1].title
    words = [_counted(counts)]
    if verdicts := _verdicts((entry for _, entry in hits), report.judged_on):
        words.append(verdicts)
    words += [_told(entry.site_name or entry.site_id, entry) for _, entry in hits[:MOST_LISTED]]
    if (more := len(hits) - MOST_LISTED) > 0:
        words.append(Text(f"另有 {more} 处，见项目表。", f"{more} more: see the table of projects."))
    if version := next((entry.layer_version for _, entry in hits if entry.layer_version), ""):
        words.append(Text(f"图层版本：{version}", f"version of the layer: {version}"))
    if not _layers(workspace, layer):
        words.append(
            Text(
                f"{title.zh}没有可画的面（由栅格算出或没有图层），图上只画用地，不画其范围。",
                f"{title.en} has no shapes to draw (computed from a raster, or no layer): the map shows the sites, "
                "not its extent.",
            )
        )
    sites = {entry.site_id for _, entry in hits}
    shapes = [
        site.geometry
        for record, _ in hits
        for site in record.sites
        if site.site_id in sites and site.geometry is not None
    ]
    return Step(
        Text(f"项目用地与{title.zh}", f"Sites and {title.en}"),
        tuple(words),
        bounds=_bounds(shapes),
        layers=_layers(workspace, *_FRAME, layer, _SITES),
        theme=layer,
    )


def _spotlights(workspace: Workspace, records: Sequence[ProjectRecord]) -> Iterator[Step]:
    """Yield a step for each of the gravest projects that can be shown on the map."""
    shown = [
        record
        for record in records
        if record.answer is Answer.INVOLVED and any(site.geometry is not None for site in record.sites)
    ]
    for record in sorted(shown, key=_record_gravity)[:MOST_SPOTLIGHTS]:
        entries = sorted(
            (
                entry
                for entry in record.answers
                if entry.layer not in ZONING_ROLES and entry.answer in {Answer.INVOLVED, Answer.POSSIBLE}
            ),
            key=_gravity,
        )
        words = [_told(entry.title, entry) for entry in entries[: MOST_LISTED + 1]]
        gravest = entries[0]
        if gravest.clause:
            words.append(Text(f"依据：{gravest.clause}", f"clause: {gravest.clause}"))
        if gravest.next_step:
            words.append(Text(f"下一步：{gravest.next_step}", f"next: {gravest.next_step}"))
        accuracy = record.accuracy_m
        words.append(
            Text("位置精度不明", "nobody knows how surely it is placed")
            if accuracy is None
            else Text(f"位置精度 ±{accuracy:g} 米", f"placed to ±{accuracy:g} m")
        )
        yield Step(
            Text(record.name, record.name),
            tuple(words),
            bounds=_bounds([site.geometry for site in record.sites if site.geometry is not None], least=0.03),
            layers=_layers(workspace, *_FRAME, *(entry.layer for entry in entries[:4]), _SITES),
            spotlight=record.record_id,
        )


def _other_checks(workspace: Workspace, report: Report) -> Iterator[Step]:
    """Yield a step for each other check that found a fault or something doubtful, faults first."""
    told = [
        (run, grave)
        for run in report.runs
        if run.family not in _NO_STEP
        and run.name not in _OWN_STEP
        and (grave := [one for one in run.findings if one.severity is not Severity.NOTE])
    ]
    for run, grave in sorted(told, key=lambda pair: (min(map(_severity_place, pair[1])), -len(pair[1]), pair[0].name)):
        yield _check_step(workspace, run, sorted(grave, key=_severity_place))


def _check_step(workspace: Workspace, run: CheckRun, grave: Sequence[Finding]) -> Step:
    counts = Counter(finding.severity for finding in run.findings)
    present = [severity for severity in _GRAVEST_SEVERITY_FIRST if counts[severity]]
    counted = Text(
        "，".join(f"{severity.text.zh} {counts[severity]} 条" for severity in present) + "。",
        ", ".join(f"{counts[severity]} × {severity.text.en}" for severity in present) + ".",
    )
    words = [counted, *(finding.message for finding in grave[:MOST_LISTED])]
    if (more := len(grave) - MOST_LISTED) > 0:
        words.append(Text(f"另有 {more} 条，见检查结果。", f"{more} more: see the findings."))
    roles = list(dict.fromkeys(finding.layer for finding in grave if finding.layer))
    compared = _comparison(workspace, roles)
    placed = sorted((one for one in grave if one.geometry is not None), key=lambda one: -(one.value or 0.0))
    return Step(
        run.title,
        tuple(words),
        bounds=_bounds([one.geometry for one in (placed[:1] if compared else placed)]),
        layers=_layers(workspace, *_FRAME, *roles[:4]),
        comparison=compared,
    )


def _comparison(workspace: Workspace, roles: Sequence[str]) -> Comparison | None:
    """Return the two versions of the one layer a check compared, where the county has both."""
    for role in roles:
        name = workspace.catalog.of_role(role)
        if name is None or name not in workspace.vector_names:
            continue
        has = workspace.catalog.layers[name]
        if (was := has.as_earlier) is not None:
            return Comparison(
                (f"{name}.earlier",),
                (name,),
                _state(Text("旧版", "before"), was.date, was.version),
                _state(Text("现行", "now"), has.date, has.version),
            )
    return None


def _state(text: Text, *dated: str) -> Text:
    told = " · ".join(part for part in dated if part)
    return Text(f"{text.zh} {told}".rstrip(), f"{text.en} {told}".rstrip())


def _open_questions(workspace: Workspace, report: Report, records: Sequence[ProjectRecord]) -> Step:
    """Return the last step: what nobody could judge, and why."""
    nowhere = [record for record in records if all(site.geometry is None for site in record.sites)]
    missing = [run for run in report.runs if run.not_run is not None]
    broken = [run for run in report.runs if run.crash is not None]
    absent = [run.title for run in (*missing, *broken)]
    words = [
        Text(
            f"{len(nowhere)} 个项目没有可用的图形，不上图，各图层均为无法判断。",
            f"{len(nowhere)} projects have no usable shape: they are on no map and undetermined on every layer.",
        ),
        Text(
            f"检查 {len(report.runs)} 项：未运行 {len(missing)} 项，运行出错 {len(broken)} 项。",
            f"{len(report.runs)} checks: {len(missing)} not run, {len(broken)} broke.",
        ),
    ]
    if absent:
        words.append(Text("、".join(text.zh for text in absent[:6]), ", ".join(text.en for text in absent[:6])))
    doubtful = sum(
        finding.severity is not Severity.NOTE for run in report.runs if run.family == "data" for finding in run.findings
    )
    if doubtful:
        words.append(
            Text(
                f"资料本身有 {doubtful} 条待核对，见检查结果。",
                f"{doubtful} things in the data itself are to be looked at: see the findings.",
            )
        )
    words.append(
        Text(
            f"输入资料 {len(report.sources)} 份，校验值见汇总文件；结果供内部核对，不代替法定审查。",
            f"{len(report.sources)} inputs, their digests in the summary; for internal checking, not a legal review.",
        )
    )
    return Step(
        Text("尚不能判断的和说明", "What is open, and notes"), tuple(words), layers=_layers(workspace, *_FRAME, _SITES)
    )


def _counted(counts: Counter[Answer]) -> Text:
    present = [answer for answer in GRAVEST_FIRST if counts[answer]]
    return Text(
        "，".join(f"{answer.text.zh} {counts[answer]} 处" for answer in present) + "。",
        ", ".join(f"{counts[answer]} {answer.text.en}" for answer in present) + ".",
    )


def _verdicts(entries: Iterable[LayerAnswer], judged_on: str) -> Text | None:
    counts = Counter(entry.verdict for entry in entries if entry.verdict is not None)
    if not counts:
        return None
    present = [verdict for verdict in _GRAVEST_VERDICT_FIRST if counts[verdict]]
    by_zh = f"（含可能涉及的，{judged_on} 施行的规则）" if judged_on else "（含可能涉及的）"
    by_en = f" (possible ones too, rules of {judged_on})" if judged_on else " (possible ones too)"
    return Text(
        f"结论{by_zh}：" + "，".join(f"{verdict.text.zh} {counts[verdict]} 处" for verdict in present) + "。",
        f"Verdicts{by_en}: " + ", ".join(f"{counts[verdict]} {verdict.text.en}" for verdict in present) + ".",
    )


def _told(subject: Text | str, entry: LayerAnswer) -> Text:
    """Say of one answer how much, and what the rules say."""
    name = Text(subject, subject) if isinstance(subject, str) else subject
    zh, en = [entry.answer.text.zh], [entry.answer.text.en]
    if entry.overlap_ha:
        zh.append(f"{rounded(entry.overlap_ha, 4):,.4f} 公顷")
        en.append(f"{rounded(entry.overlap_ha, 4):,.4f} ha")
        if entry.share is not None:
            zh.append(f"占用地 {rounded(entry.share * 100, 2):.2f}%")
            en.append(f"{rounded(entry.share * 100, 2):.2f}% of the site")
    elif entry.length_m:
        zh.append(f"{rounded(entry.length_m, 2):,.2f} 米")
        en.append(f"{rounded(entry.length_m, 2):,.2f} m")
    elif entry.distance_m:
        zh.append(f"相距 {rounded(entry.distance_m, 2):,.2f} 米")
        en.append(f"{rounded(entry.distance_m, 2):,.2f} m away")
    if entry.answer is Answer.POSSIBLE and entry.certainty_m:
        zh.append(f"位置只精确到 {entry.certainty_m:,.0f} 米")
        en.append(f"placed to {entry.certainty_m:,.0f} m only")
    if entry.verdict is not None:
        is_sure = entry.answer is Answer.INVOLVED
        zh.append(entry.verdict.text.zh if is_sure else f"若涉及则{entry.verdict.text.zh}")
        en.append(entry.verdict.text.en if is_sure else f"if it is touched, {entry.verdict.text.en}")
    if entry.review is not None:
        zh.append(f"复核：{entry.review.answer.text.zh}")
        en.append(f"reviewed: {entry.review.answer.text.en}")
    return Text(f"{name.zh}：{'，'.join(zh)}", f"{name.en}: {', '.join(en)}")


def _gravity(entry: LayerAnswer) -> tuple[int, int, float, str]:
    verdict = len(_GRAVEST_VERDICT_FIRST) if entry.verdict is None else _GRAVEST_VERDICT_FIRST.index(entry.verdict)
    return (verdict, GRAVEST_FIRST.index(entry.answer), -(entry.overlap_ha or 0.0), entry.site_id)


def _rank(entries: Iterable[LayerAnswer]) -> tuple[int, int, float]:
    """Return how grave a layer's answers are together: less is graver."""
    hits = [entry for entry in entries if entry.answer in {Answer.INVOLVED, Answer.POSSIBLE}]
    return (
        *min((_gravity(entry)[0], _gravity(entry)[1]) for entry in hits),
        -sum(one.overlap_ha or 0.0 for one in hits),
    )


def _record_gravity(record: ProjectRecord) -> tuple[tuple[int, int], float, str]:
    counting = [entry for entry in record.answers if entry.layer not in ZONING_ROLES] or list(record.answers)
    gravest = min((_gravity(entry)[:2] for entry in counting), default=(99, 99))
    return gravest, -(record.overlap_ha or 0.0), record.record_id


def _severity_place(finding: Finding) -> int:
    return _GRAVEST_SEVERITY_FIRST.index(finding.severity)


def _layers(workspace: Workspace, *roles: str) -> tuple[str, ...]:
    """Return the names of the layers the county has of some roles, each once; rasters are no layers of the map."""
    names = (workspace.catalog.of_role(role) for role in dict.fromkeys(roles))
    return tuple(name for name in names if name is not None and name in workspace.vector_names)


def _bounds(shapes: Sequence[shapely.Geometry | None], *, least: float = _LEAST_SPAN_DEG) -> Bounds | None:
    """Return the ground around shapes with a little room, or None where there is none."""
    held: geodesy.Geometries = np.array(shapes, dtype=object)
    held = held[~shapely.is_empty(held)] if len(held) else held
    if not len(held):
        return None
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(held))
    wide, high = max(east - west, least) * 0.58, max(north - south, least) * 0.58
    x, y = (west + east) / 2, (south + north) / 2
    return (round(x - wide, 5), round(y - high, 5), round(x + wide, 5), round(y + high, 5))


def _within_limits(step: Step) -> Step:
    """Cut what is longer than a step may be, with a sign that it was cut."""
    return replace(step, title=_cut(step.title, MOST_TITLE), words=tuple(_cut(one, MOST_LETTERS) for one in step.words))


def _cut(text: Text, most: int) -> Text:
    zh, en = (one if len(one) <= most else f"{one[: most - 1]}…" for one in (text.zh, text.en))
    return Text(zh, en)
