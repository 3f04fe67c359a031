"""The tables of the one file: projects, findings, indicators, shorelines; rows as data, never as markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ecogeo.board.indicators import KINDS, STATUSES, Indicator
from ecogeo.board.plans import PlanBoard
from ecogeo.board.records import ProjectRecord
from ecogeo.finding import Report, Severity, Verdict
from ecogeo.present.plain_map import Pair, pair
from ecogeo.rounding import rounded
from ecogeo.wording import Text

_COORDINATES = re.compile(r"[\[(（]?-?\d{2,3}\.\d{3,}°?[EWew]?\s*[ ,，;；]\s*-?\d{1,3}\.\d{3,}°?[NSns]?[\])）]?")
"""Two numbers with three decimals or more beside one another, as longitude and latitude are written."""

_PLANE = re.compile(r"\d{6,8}\.\d+\s*[ ,，;；]\s*\d{6,8}\.\d+")
"""Two numbers beside one another, as metres of a plane are written."""

_NO_COORDINATES = Text("（坐标已略去）", "(coordinates left out)")

Row = list[Any]


def project_rows(records: Sequence[ProjectRecord]) -> dict[str, Any]:
    """Return the table of projects and sites, with the answer on every layer."""
    return {
        "title": pair(Text("项目与用地", "Projects and sites")),
        "columns": _columns(
            ("编号", "No.", "code"),
            ("名称", "Name", "text"),
            ("体系", "System", "choice"),
            ("乡镇", "Town", "choice"),
            ("年份", "Years", "code"),
            ("投资（万元）", "Investment (10,000 yuan)", "number"),
            ("判断", "Answer", "answer"),
            ("重叠（公顷）", "Overlap (ha)", "number"),
            ("结论", "Verdict", "choice"),
            ("说明", "Notes", "text"),
        ),
        "rows": [_project_row(record) for record in records],
        "details": [_answers(record) for record in records],
        "ids": [record.record_id for record in records],
    }


def finding_rows(report: Report, title: Callable[[str], Text], *, with_coordinates: bool) -> dict[str, Any]:
    """Return the table of findings.

    Parameters
    ----------
    report
        The outcome of the checks.
    title
        What the layer of a role is called.
    with_coordinates
        Whether sentences may tell coordinates; they are taken out of them otherwise.
    """
    rows: list[Row] = []
    told = ((run, one) for run in report.runs for one in run.findings)
    gravest_first = sorted(told, key=lambda both: list(Severity).index(both[1].severity))
    for run, one in gravest_first:
        message = one.message if with_coordinates else without_coordinates(one.message)
        rows.append(
            [
                pair(one.severity.text),
                pair(run.title),
                pair(title(one.layer)) if one.layer else "",
                " ".join(part for part in (one.feature_id, one.feature_name) if part),
                one.town.replace(";", "、"),
                pair(message),
                pair(one.verdict.text) if one.verdict is not None else "",
                one.clause,
            ]
        )
    return {
        "title": pair(Text("检查结果", "Findings")),
        "columns": _columns(
            ("级别", "Severity", "choice"),
            ("检查", "Check", "choice"),
            ("图层", "Layer", "choice"),
            ("对象", "Feature", "text"),
            ("乡镇", "Town", "text"),
            ("内容", "What was found", "text"),
            ("结论", "Verdict", "choice"),
            ("条款", "Clause", "text"),
        ),
        "rows": rows,
    }


def indicator_rows(plans: Iterable[PlanBoard]) -> dict[str, Any]:
    """Return the table of the indicators of the county's own plans."""
    rows: list[Row] = []
    for plan in plans:
        for indicator in plan.indicators:
            rows += _indicator_rows(plan, indicator)
    return {
        "title": pair(Text("规划指标", "Indicators")),
        "columns": _columns(
            ("编号", "No.", "code"),
            ("领域", "Domain", "choice"),
            ("指标", "Indicator", "text"),
            ("单位", "Unit", "text"),
            ("现状", "Value", "text"),
            ("年份", "Year", "text"),
            ("目标", "Target", "text"),
            ("状态", "Standing", "choice"),
            ("性质", "Kind", "choice"),
            ("规划", "Plan", "choice"),
        ),
        "rows": rows,
    }


def shoreline_rows(report: Report) -> dict[str, Any]:
    """Return the table of reaches and their protected shore; no rows where none was measured."""
    table = report.tables.get("shoreline")
    lengths = ("bank_m", "protected_m", "reserved_m", "controlled_m", "developed_m", "unzoned_m")
    rows: list[Row] = []
    for row in [] if table is None else table.to_dict("records"):
        shares = [_figure(row[name], 2) for name in ("protection_pct", "target_pct")]
        rows.append(
            [
                *(_text(row[name]) for name in ("reach_id", "river", "basin")),
                *(_figure(row[name], 2) for name in lengths),
                *shares,
            ]
        )
    return {
        "title": pair(Text("岸线", "Shorelines")),
        "columns": _columns(
            ("河段", "Reach", "code"),
            ("河流", "River", "choice"),
            ("流域", "Basin", "choice"),
            ("两岸（米）", "Both banks (m)", "number"),
            ("保护区（米）", "Protected (m)", "number"),
            ("保留区（米）", "Reserved (m)", "number"),
            ("控制利用区（米）", "Controlled (m)", "number"),
            ("开发利用区（米）", "Developed (m)", "number"),
            ("未划区（米）", "Unzoned (m)", "number"),
            ("保护率（%）", "Protected (%)", "number"),
            ("目标（%）", "Target (%)", "number"),
        ),
        "rows": rows,
    }


def without_coordinates(text: Text) -> Text:
    """Return a sentence without the coordinates it tells.

    Examples
    --------
    >>> without_coordinates(Text("自相交[109.459518 24.164873]，面积 12.5", "at 109.4595, 24.1649.")).zh
    '自相交（坐标已略去），面积 12.5'
    """
    zh, en = (
        _PLANE.sub(mark, _COORDINATES.sub(mark, told))
        for told, mark in ((text.zh, _NO_COORDINATES.zh), (text.en, _NO_COORDINATES.en))
    )
    return Text(zh, en)


def _columns(*named: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [{"label": pair(Text(zh, en)), "kind": kind} for zh, en, kind in named]


def _project_row(record: ProjectRecord) -> Row:
    told = record.undertaking
    years = sorted({year for year in (told.start_year, told.end_year) if year is not None})
    verdicts = {entry.verdict for entry in record.answers if entry.verdict is not None}
    gravest = next((verdict for verdict in Verdict if verdict in verdicts), None)
    notes = pair(record.why_open) if record.why_open is not None else ""
    return [
        record.record_id,
        record.name,
        told.system,
        "、".join(record.towns),
        "–".join(str(year) for year in years),
        _figure(told.invest_wan_yuan, 2),
        str(record.answer),
        _figure(record.overlap_ha, 4),
        "" if gravest is None else pair(gravest.text),
        notes,
    ]


def _answers(record: ProjectRecord) -> list[list[Pair]]:
    """Return a line for every layer: site, layer, answer, how much, verdict and clause, next step, review."""
    lines = []
    for entry in record.answers:
        much = Text("", "")
        if entry.overlap_ha:
            much = Text(f"{rounded(entry.overlap_ha, 4):,.4f} 公顷", f"{rounded(entry.overlap_ha, 4):,.4f} ha")
        elif entry.length_m:
            much = Text(f"{rounded(entry.length_m, 2):,.2f} 米", f"{rounded(entry.length_m, 2):,.2f} m")
        elif entry.distance_m:
            metres = f"{rounded(entry.distance_m, 2):,.2f}"
            much = Text(f"相距 {metres} 米", f"{metres} m away")
        review = "" if entry.review is None else pair(entry.review.answer.text)
        verdict = "" if entry.verdict is None else pair(entry.verdict.text)
        lines.append(
            [
                entry.site_id,
                pair(entry.title),
                str(entry.answer),
                pair(much),
                verdict,
                entry.clause,
                entry.next_step,
                review,
            ]
        )
    return lines


def _indicator_rows(plan: PlanBoard, indicator: Indicator) -> list[Row]:
    rows = []
    for row in indicator.rows:
        last = row.last
        rows.append(
            [
                f"{row.indicator_no}.{row.sub_no}" if row.sub_no else row.indicator_no,
                row.domain,
                row.name,
                row.unit,
                "" if last is None else last.text,
                "" if last is None or last.year is None else str(last.year),
                "；".join(dict.fromkeys(one.text for one in row.milestones)),
                pair(STATUSES[row.status]) if row.status in STATUSES else row.status,
                pair(KINDS[row.kind]) if row.kind in KINDS else row.kind,
                plan.title,
            ]
        )
    return rows


def _text(value: object) -> str:
    """Return a cell as text; empty for none."""
    return "" if value is None or value != value else str(value)  # noqa: PLR0124  NaN is no text


def _figure(value: float | None, decimals: int) -> str:
    """Return a figure, half-up; empty for none."""
    if value is None or value != value:  # noqa: PLR0124  NaN is no figure
        return ""
    return f"{rounded(float(value), decimals):,.{decimals}f}"
