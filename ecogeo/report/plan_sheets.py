"""Sheets of a plan: indicators, projects, what the audit of its tables found; and all projects against all layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from ecogeo.board.indicators import KINDS, STATUSES
from ecogeo.board.records import LOCATION_BASES
from ecogeo.catalog import ROLES
from ecogeo.finding import Answer, Verdict
from ecogeo.plan import PlanTables, audit_plan
from ecogeo.plan.columns import later_years
from ecogeo.report.material import Case, Material
from ecogeo.report.sheet_writer import HEAD_ROW, Cell, Column, Formula, Sheet
from ecogeo.wording import Lang, Text

MATRIX = Text("判断矩阵", "Matrix")
INDICATORS = Text("指标表", "Indicators")
PROJECTS = Text("项目表", "Projects")
AUDIT = Text("审计清单", "Audit")

_PLAN = Column(Text("规划", "plan"), 14, "wrapped")
_INDICATORS = (
    _PLAN,
    Column(Text("序号", "No."), 6),
    Column(Text("分项", "sub-item"), 6),
    Column(Text("领域", "domain"), 10, "wrapped"),
    Column(Text("指标", "indicator"), 32, "wrapped"),
    Column(Text("性质", "kind"), 8),
    Column(Text("单位", "unit"), 9),
    Column(Text("现状年", "year"), 7, "int"),
    Column(Text("现状值", "value"), 16, "wrapped"),
    Column(Text("指标值", "target"), 16, "wrapped"),
    Column(Text("自报达标", "reported"), 9),
    Column(Text("复算", "recomputed"), 10),
)
_PROJECTS = (
    _PLAN,
    Column(Text("项目编号", "project"), 9),
    Column(Text("工程类别", "system"), 16, "wrapped"),
    Column(Text("项目名称", "name"), 30, "wrapped"),
    Column(Text("性质", "nature"), 7),
    Column(Text("建设内容", "content"), 60, "wrapped"),
    Column(Text("起始年", "from"), 7, "int"),
    Column(Text("完成年", "to"), 7, "int"),
    Column(Text("投资（万元）", "investment (10⁴ yuan)"), 14, "m2"),
    Column(Text("资金来源", "funding"), 16, "wrapped"),
    Column(Text("责任单位", "departments"), 22, "wrapped"),
    Column(Text("位置依据", "placed by"), 11),
    Column(Text("地点", "place"), 20, "wrapped"),
)
_AUDIT = (
    Column(Text("规划", "plan"), 16, "wrapped"),
    Column(Text("程度", "severity"), 7),
    Column(Text("表", "table"), 12),
    Column(Text("行", "row"), 9),
    Column(Text("内容", "finding"), 70, "wrapped"),
    Column(Text("检查", "check"), 24),
)


def matrix_sheet(material: Material, cases: Sequence[Case], lang: Lang) -> Sheet:
    """Return all cases against all layers, one row each, the gravest answer of several sites.

    Parameters
    ----------
    material
        Of the run; without a screening the sheet has no rows.
    cases
        Those to be told of.
    lang
        Language of answers and heads.
    """
    table = material.report.tables.get("matrix", pd.DataFrame(columns=["id"]))
    layers = [role for role in ROLES if role in table.columns]
    titles = [material.workspace.catalog.answer_title(role) for role in layers]
    columns = (
        Column(Text("编号", "id"), 10),
        Column(Text("名称", "name"), 32, "wrapped"),
        Column(Text("项目类型", "type"), 14, "wrapped"),
        Column(Text("位置精度（米）", "accuracy (m)"), 9, "int"),
        *(Column(title, 10) for title in titles),
        Column(Text("最重判断", "gravest answer"), 10),
        Column(Text("最重结论", "gravest verdict"), 10),
    )
    wanted = {case.record.subject_id for case in cases} | {site.site_id for case in cases for site in case.record.sites}
    answers = {str(answer): answer.text.say(lang) for answer in Answer}
    verdicts = {str(verdict): verdict.text.say(lang) for verdict in Verdict}
    kinds = {case.record.subject_id: case.kind.say(lang) for case in cases}
    rows: list[list[Cell]] = [
        [
            *(str(row["id"]), str(row["name"]), kinds.get(str(row["id"]), str(row["project_type"]))),
            None if pd.isna(row["accuracy_m"]) else float(row["accuracy_m"]),
            *(answers[str(row[role])] for role in layers),
            answers[str(row["gravest_answer"])],
            verdicts.get(str(row["gravest_verdict"]), ""),
        ]
        for row in table[table["id"].isin(wanted)].to_dict("records")
    ]
    remark = Text(
        "“最重判断”不计把全县分区的图层（管控单元、开发边界）。没有一项“不涉及”是在图层未覆盖该用地时给出的。",
        "“Gravest answer” leaves out layers that divide the whole county. No “clear” was given where a layer does not "
        "cover the site.",
    )
    return Sheet(MATRIX, MATRIX, columns, rows, remark, "A3", frozen=2)


def plan_sheets(material: Material, lang: Lang) -> tuple[Sheet, ...]:
    """Return the indicators, projects and audit of every plan; nothing where the county has none.

    Parameters
    ----------
    material
        Of the run.
    lang
        Language of heads and codes; words of a plan are as it has them.
    """
    workspace = material.workspace
    plans = {
        str(workspace.plan(name).plan.get("title") or declared.title or name): workspace.plan(name)
        for name, declared in workspace.catalog.plans.items()
    }
    if not plans:
        return ()
    years = sorted({year for plan in plans.values() for year in later_years(list(plan.indicators.columns))})
    targets = tuple(Column(Text(f"{year} 年目标", f"target {year}"), 14, "wrapped") for year in years)
    return (
        Sheet(
            INDICATORS,
            INDICATORS,
            (*_INDICATORS, *targets, Column(Text("责任单位", "departments"), 26, "wrapped")),
            [row for name, plan in plans.items() for row in _indicators(name, plan, years, lang)],
            Text(
                "词句与数值照录规划文本；“复算”为按目标式重新比较的结果。",
                "Words and values are the plan's own; “recomputed” compares them anew.",
            ),
            "A3",
            frozen=5,
        ),
        _projects(plans, lang),
        Sheet(
            AUDIT,
            AUDIT,
            _AUDIT,
            [
                [name, one.severity.text.say(lang), one.table, str(one.row), one.message.say(lang), one.check]
                for name, plan in plans.items()
                for one in audit_plan(plan)
            ],
            Text(
                "规划文本与自身表格的出入，逐条列出，未作改动。",
                "Where a plan's text and tables contradict each other; nothing was changed.",
            ),
            "A4",
        ),
    )


def _indicators(name: str, plan: PlanTables, years: Sequence[int], lang: Lang) -> Iterator[list[Cell]]:
    for row in plan.indicators.to_dict("records"):
        year = row["current_year"]
        yield [
            *(name, str(row["indicator_no"]), str(row["sub_no"]), str(row["domain"]), str(row["name"])),
            _coded(KINDS, row["kind"], lang),
            str(row["unit"]),
            None if pd.isna(year) else int(year),
            *(str(row["current_text"]), str(row["target_text"]), str(row["status_reported"])),
            _coded(STATUSES, row["status"], lang),
            *(str(row.get(f"target_text_{later}", "")) for later in years),
            str(row["departments"]),
        ]


def _projects(plans: dict[str, PlanTables], lang: Lang) -> Sheet:
    rows: list[list[Cell]] = [
        [
            *(name, *(str(row[column]) for column in ("project_id", "system", "name", "nature", "content"))),
            *(None if pd.isna(row[column]) else int(row[column]) for column in ("start_year", "end_year")),
            None if pd.isna(row["invest_wan_yuan"]) else float(row["invest_wan_yuan"]),
            *(str(row["funding"]), str(row["departments"]), _coded(LOCATION_BASES, row["location_basis"], lang)),
            str(row["place"]),
        ]
        for name, plan in plans.items()
        for row in plan.projects.to_dict("records")
    ]
    if rows:
        last = HEAD_ROW + len(rows)
        amounts = [cell for row in rows if isinstance(cell := row[8], float)]
        total: list[Cell] = ["", "", "", Text("合计", "total").say(lang), *([""] * 2), None, None]
        total += [Formula(f"SUM(I{HEAD_ROW + 1}:I{last})", round(sum(amounts), 2)), "", "", "", ""]
        rows.append(total)
    remark = Text("照录规划的项目表；合计为公式。", "The plan's own table of projects; the total is a formula.")
    return Sheet(PROJECTS, PROJECTS, _PROJECTS, rows, remark, "A3", frozen=4)


def _coded(wordings: dict[str, Text], code: object, lang: Lang) -> str:
    return wordings[str(code)].say(lang) if str(code) in wordings else str(code)
