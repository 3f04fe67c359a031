"""Where a result comes from: layers with version, date and digest, rules, checks not run, and how it is rounded."""

from __future__ import annotations

from collections.abc import Iterator

from ecogeo import __version__
from ecogeo.report.material import Material
from ecogeo.report.sheet_writer import Cell, Column, Sheet
from ecogeo.wording import Lang, Text

SOURCES = Text("依据与来源", "Sources")

_COLUMNS = (
    Column(Text("类别", "what"), 14),
    Column(Text("名称", "name"), 26, "wrapped"),
    Column(Text("文件", "file"), 32, "wrapped"),
    Column(Text("版本", "version"), 12),
    Column(Text("数据日期", "date"), 12),
    Column(Text("说明或文件摘要（SHA-256）", "remark, or digest (SHA-256)"), 70, "wrapped"),
)
_ROUNDINGS = {
    "half-up": Text("四舍五入", "half-up"),
    "half-even": Text("四舍六入五成双", "half-even"),
}


def judged_on_text(material: Material) -> Text:
    """Say by which day's law hits were judged."""
    day = material.report.judged_on
    if not day:
        return Text("未给出判定日期，按没有截止日期的规则判断", "no day was given: rules without an end were applied")
    return Text(f"按 {day} 施行的规则判断", f"judged by the law of {day}")


def rounding_text(material: Material) -> Text:
    """Say how figures are rounded."""
    return _ROUNDINGS[material.report.rounding]


def not_run_texts(material: Material) -> tuple[Text, ...]:
    """Say which checks did not run or broke, and why: what they would have found is unknown."""
    return tuple(
        Text(f"{run.title.zh}：{why.zh}", f"{run.title.en}: {why.en}")
        for run in material.report.runs
        if (why := run.crash or run.not_run) is not None
    )


def source_sheet(material: Material, lang: Lang) -> Sheet:
    """Return what the results rest on.

    Parameters
    ----------
    material
        Of the run.
    lang
        Language of the sheet.
    """
    return Sheet(SOURCES, SOURCES, _COLUMNS, [[*row] for row in _rows(material, lang)], paper="A4")


def _rows(material: Material, lang: Lang) -> Iterator[tuple[Cell, ...]]:
    report = material.report
    if report.notice is not None:
        yield (Text("声明", "notice").say(lang), report.notice.say(lang), "", "", "", "")
    law = Text("判定日期", "law").say(lang)
    yield (law, report.judged_on, "", "", "", judged_on_text(material).say(lang))
    areas = Text(
        "CGCS2000 椭球面积；公顷、亩保留 4 位，平方米 2 位，" + rounding_text(material).zh,
        f"ellipsoidal areas on CGCS2000; 公顷 and 亩 to 4 decimals, m² to 2, {rounding_text(material).en}",
    )
    yield (Text("量算", "measures").say(lang), "", "", "", "", areas.say(lang))
    yield (Text("软件", "software").say(lang), "ecogeo", "", __version__, "", "")
    for text in not_run_texts(material):
        yield (Text("未完成的检查", "check not done").say(lang), "", "", "", "", text.say(lang))
    layers = material.workspace.catalog.layers
    for source in report.sources:
        declared = layers.get(source.name)
        title = source.name if declared is None else Text(declared.title, declared.title_en or declared.title).say(lang)
        kind = Text("数据", "data") if declared is not None else Text("规则或表", "rules or table")
        yield (kind.say(lang), title or source.name, source.path, source.version, source.date, source.sha256)
