"""A plan's board as the sheets of a workbook: indicators, values reported since, and what the audit found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from ecogeo.board.comparisons import Comparison
from ecogeo.board.evidence import evidence_list
from ecogeo.board.indicators import KINDS, STATUSES, IndicatorRow
from ecogeo.board.missing import role_words
from ecogeo.board.plans import PlanBoard
from ecogeo.board.vocabulary import in_both
from ecogeo.formats.workbooks import Cell, Sheet
from ecogeo.rounding import rounded
from ecogeo.wording import Lang, Text

_INDICATORS = (
    (Text("序号", "No."), 7),
    (Text("分项", "sub-item"), 7),
    (Text("领域", "domain"), 14),
    (Text("指标", "indicator"), 34),
    (Text("性质", "kind"), 9),
    (Text("单位", "unit"), 12),
    (Text("现状年", "year"), 8),
    (Text("现状值", "value"), 24),
    (Text("指标值", "target"), 24),
    (Text("自报", "reported"), 9),
    (Text("复算", "recomputed"), 12),
)
_LATER = (
    Text("{year} 年目标", "target {year}"),
    Text("{year} 年达标", "{year} reached"),
    Text("距 {year}", "to {year}"),
    Text("已完成 {year}（%）", "done {year} (%)"),
)
_LAST = ((Text("量算值", "measured"), 12), (Text("量算口径", "measured by"), 30), (Text("责任单位", "departments"), 30))
_PROOF = (Text("佐证材料", "evidence"), 30)
_VALUES = ("序号", "分项", "年份", "数值", "填报值", "来源", "填报人", "填报日期", "说明")
_VALUES_EN = ("No.", "sub-item", "year", "number", "value", "source", "by", "on", "why")
_AUDIT = (
    Text("程度", "severity"),
    Text("检查", "check"),
    Text("表", "table"),
    Text("行", "row"),
    Text("内容", "finding"),
)


def board_sheets(
    plan: PlanBoard, measured: Mapping[tuple[str, str], Sequence[Mapping[str, object]]], lang: Lang
) -> tuple[Sheet, ...]:
    """Return a plan's board as sheets.

    Parameters
    ----------
    plan
        The plan.
    measured
        What was measured, by number and sub-item.
    lang
        Language of heads and codes; words of the plan are as it has them.
    """
    rows = [row for indicator in plan.indicators for row in indicator.rows]
    years = sorted({one.year for row in rows for one in row.milestones if one.year is not None})
    later = [_filled(text, year).say(lang) for year in years for text in _LATER]
    head = [*(text.say(lang) for text, _ in _INDICATORS), *later, *(text.say(lang) for text, _ in (*_LAST, _PROOF))]
    widths = [*(width for _, width in _INDICATORS), *(14 for _ in later), *(width for _, width in (*_LAST, _PROOF))]
    values = [
        (one.indicator_no, one.sub_no, one.year, one.value, one.text, one.source, one.by, one.on, one.why)
        for one in plan.values
    ]
    findings = [
        (one.severity.text.say(lang), one.check, one.table, one.row, one.message.say(lang)) for one in plan.findings
    ]
    return (
        Sheet(
            Text("指标", "indicators").say(lang),
            head,
            [
                [*_cells(row, years, measured.get((row.indicator_no, row.sub_no), ()), lang), _proofs(plan, row)]
                for row in rows
            ],
            widths,
        ),
        Sheet(
            Text("填报记录", "reported values").say(lang),
            _VALUES if lang == "zh" else _VALUES_EN,
            values,
            (7, 7, 8, 12, 24, 24, 12, 12, 30),
        ),
        Sheet(Text("表格核对", "audit").say(lang), [text.say(lang) for text in _AUDIT], findings, (9, 26, 12, 10, 90)),
    )


_COMPARED = (
    (Text("序号", "No."), 8),
    (Text("指标", "indicator"), 34),
    (Text("单位", "unit"), 8),
    (Text("口径", "definition"), 44),
    (Text("口径核对", "definition checked"), 16),
    (Text("量算图层", "layers"), 24),
    (Text("数据年份", "year of data"), 9),
    (Text("量算值", "measured"), 12),
    (Text("至多", "at most"), 12),
    (Text("按图形面积", "by geometry"), 12),
    (Text("上报值", "reported"), 12),
    (Text("上报年份", "year reported"), 9),
    (Text("相差", "difference"), 12),
    (Text("分母（平方米或米）", "denominator (m² or m)"), 20),
    (Text("分母来源", "denominator is"), 24),
    (Text("目标", "target"), 18),
    (Text("达标", "met"), 8),
    (Text("说明", "note"), 40),
    (Text("差异较大", "large difference"), 60),
)
_MET = {"yes": Text("达标", "met"), "no": Text("未达标", "not met"), "": Text("", "")}


_CHECKED = {
    "unverified": Text("凭记忆，未核对", "from memory, unverified"),
    "builders' choice": Text("编者口径", "builders' choice"),
    "read in a plan": Text("见于规划文本", "read in a plan"),
}


def comparison_sheet(
    found: Sequence[Comparison], lang: Lang, words: Mapping[str, Text] = MappingProxyType({})
) -> tuple[Sheet, ...]:
    """Return what was measured beside what was reported as a sheet; none where nothing was measured.

    Parameters
    ----------
    found
        One row each.
    lang
        Language of heads and sentences; words of the plan are as it has them.
    words
        Words of the run's tables in both languages, as of `ecogeo.board.vocabulary.vocabulary`.
    """
    rows = [
        (
            one.number,
            one.name,
            one.unit,
            one.definition.say(lang),
            _coded(_CHECKED, one.checked, lang),
            ("、" if lang == "zh" else ", ").join(role_words(role).say(lang) for role in one.layers),
            one.data_year,
            *(_figure(value) for value in (one.measured, one.most, one.by_geometry, one.reported)),
            one.reported_year,
            _figure(one.difference),
            _figure(one.denominator),
            in_both(one.denominator_of, words).say(lang),
            one.target,
            _MET.get(one.met, Text(one.met, one.met)).say(lang),
            in_both(one.note, words).say(lang),
            "" if one.finding is None else one.finding.message.say(lang),
        )
        for one in found
    ]
    heads, widths = [text.say(lang) for text, _ in _COMPARED], [width for _, width in _COMPARED]
    return (Sheet(Text("量算对照", "measured").say(lang), heads, rows, widths),) if rows else ()


def _figure(value: float | None) -> float | None:
    return None if value is None else rounded(float(value), 4)


def _cells(
    row: IndicatorRow, years: Sequence[int], measured: Sequence[Mapping[str, object]], lang: Lang
) -> Iterator[Cell]:
    """Yield the cells of an indicator."""
    last = row.last
    yield from (row.indicator_no, row.sub_no, row.domain, row.name, _coded(KINDS, row.kind, lang), row.unit)
    yield from (last.year, last.text) if last is not None else (None, "")
    yield from (row.milestones[0].text, row.reported, _coded(STATUSES, row.status, lang))
    by_year = {one.year: one for one in row.milestones}
    for year in years:
        one = by_year.get(year)
        yield from ("", "", None, None) if one is None else (one.text, _coded(STATUSES, one.status, lang), one.gap)
        if one is not None:
            yield None if one.progress is None else rounded(one.progress * 100, 1)
    values = [rounded(float(str(found["measured_value"])), 4) for found in measured]
    yield values[0] if len(set(values)) == 1 else None
    yield "；".join(f"{value:g}：{found['definition']}" for value, found in zip(values, measured, strict=True))
    yield "、".join(row.departments)


def _proofs(plan: PlanBoard, row: IndicatorRow) -> str:
    """Return what the files are called that prove an indicator; they stand with the whole, not with its sub-items."""
    if row.sub_no:
        return ""
    return "；".join(one.title for one in evidence_list(plan.folder, row.indicator_no) if one.is_proof)


def _coded(wordings: Mapping[str, Text], code: str, lang: Lang) -> str:
    return wordings[code].say(lang) if code in wordings else code


def _filled(text: Text, year: int) -> Text:
    return Text(text.zh.format(year=year), text.en.format(year=year))
