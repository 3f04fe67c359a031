"""Sheets of areas: what is taken of each layer by town and land class, its totals by layer, zones, and the slivers.

Totals are live formulas over the parts, and stand beside the figure the screening gave, so that anyone can see that
they agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import numpy as np
import pandas as pd

from ecogeo import geodesy
from ecogeo.board.records import COVERAGE_STATES, LayerAnswer
from ecogeo.report.area_columns import (
    HA,
    LENGTH,
    M2,
    MU,
    OCCUPATION_COLUMNS,
    SCREENED,
    SLIVER_COLUMNS,
    SUMMARY_COLUMNS,
    TOTAL_LENGTH,
    ZONE_COLUMNS,
    letter_of,
)
from ecogeo.report.balance import balanced_dropped, balanced_zones
from ecogeo.report.material import Case, Material
from ecogeo.report.occupation import NO_PATCH, NO_TOWN, NOT_PARTED, TWICE, WHOLE
from ecogeo.report.sheet_writer import HEAD_ROW, Cell, Column, Formula, Sheet
from ecogeo.rounding import Rounding, rounded
from ecogeo.wording import Lang, Text

OCCUPATION = Text("套合分析表", "Overlay analysis")
SUMMARY = Text("占用汇总", "Totals by layer")
ZONES = Text("分区明细", "By zone")
SLIVERS = Text("细碎图斑台账", "Sliver ledger")
WHOLE_SITE = Text("用地总面积", "whole site")

_LABELS = {text.zh: text for text in (NO_TOWN, NO_PATCH, TWICE, NOT_PARTED)}


def area_sheets(material: Material, cases: Sequence[Case], lang: Lang) -> tuple[Sheet, ...]:
    """Return the sheets of areas of some cases.

    Parameters
    ----------
    material
        Of the run.
    cases
        Those to be told of.
    lang
        Language of the names of layers and answers.
    """
    occupation, places = _occupation(material, cases, lang)
    return (
        occupation,
        _summary(material, cases, places, lang),
        _zones(material, cases, lang),
        _slivers(material, cases, lang),
    )


def _figure(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else value


def _title(material: Material, layer: str, lang: Lang) -> str:
    return WHOLE_SITE.say(lang) if layer == WHOLE else material.workspace.catalog.answer_title(layer).say(lang)


def _occupation(
    material: Material, cases: Sequence[Case], lang: Lang
) -> tuple[Sheet, Mapping[tuple[str, str, str], tuple[int, int]]]:
    """Lay the parts out; return where the rows of each case, site and layer stand, first and last, from 1."""
    rows: list[list[Cell]] = []
    places: dict[tuple[str, str, str], tuple[int, int]] = {}
    for case in cases:
        said = {(entry.site_id, entry.layer): entry.answer.text.say(lang) for entry in case.record.answers}
        for key, parts in case.occupation.groupby(["site_id", "layer"], sort=False):
            site_id, layer = map(str, cast(tuple[object, object], key))
            first = HEAD_ROW + len(rows) + 1
            places[case.case_id, site_id, layer] = (first, first + len(parts) - 1)
            whole = places.get((case.case_id, site_id, WHOLE))
            total = case.occupation[(case.occupation["site_id"] == site_id) & (case.occupation["layer"] == WHOLE)]
            for number, part in enumerate(parts.to_dict("records"), start=first):
                rows.append(
                    [
                        *(case.case_id, case.name, site_id),
                        _title(material, layer, lang),
                        said.get((site_id, layer), ""),
                        _label(part["town"], lang),
                        part["class"],
                        _label(part["class_name"], lang),
                        *(_figure(part[name]) for name in ("area_m2", "area_ha", "area_mu")),
                        _hectares(part["net_m2"], material.report.rounding),
                        _figure(part["length_m"]),
                        _share(part, number, whole, total),
                    ]
                )
    remark = Text(
        "面积为 CGCS2000 椭球面积；各部分按合计强制调平，合计见“占用汇总”。"
        "判断为“可能涉及”的用地按所画位置量算，实际位置可能不同。",
        "Areas are ellipsoidal, on CGCS2000; parts are forced to the totals on “Totals by layer”. "
        "Sites that are possibly involved are measured as drawn; they may lie elsewhere.",
    )
    sheet = Sheet(OCCUPATION, _headed(material, OCCUPATION), OCCUPATION_COLUMNS, rows, remark, "A3", frozen=3)
    return sheet, places


def _share(
    part: Mapping[object, object], row: int, whole: tuple[int, int] | None, total: pd.DataFrame
) -> Formula | None:
    """Return the part's share of the whole site as a formula: of its area, else of its length."""
    name, column = ("area_m2", M2) if not pd.isna(part["area_m2"]) else ("length_m", LENGTH)  # type: ignore[call-overload]
    sum_of_all = float(total[name].sum())
    if whole is None or sum_of_all == 0:
        return None
    letter = letter_of(column, OCCUPATION_COLUMNS)
    text = f"{letter}{row}/SUM({letter}${whole[0]}:{letter}${whole[1]})"
    return Formula(text, float(str(part[name])) / sum_of_all)


def _summary(
    material: Material, cases: Sequence[Case], places: Mapping[tuple[str, str, str], tuple[int, int]], lang: Lang
) -> Sheet:
    rows: list[list[Cell]] = []
    for case in cases:
        if not case.record.sites:
            rows.append(_nothing_drawn(case, lang))
            continue
        for entry in case.record.answers:
            rows.append(_total_row(material, case, entry, places, row=HEAD_ROW + len(rows) + 1, lang=lang))
    remark = Text(
        "面积、长度为对“套合分析表”各部分求和的公式；“核对”将其与筛查结果（screening.csv）比较。"
        "“无法判断”表示图层未覆盖或位置不明，不等于不涉及。",
        "Areas and lengths are formulas over the parts on “Overlay analysis”; “agrees” compares them with the "
        "screening. “Undetermined” means that the layer does not cover the site, or nobody knows where it is: "
        "it is not “clear”.",
    )
    return Sheet(SUMMARY, _headed(material, SUMMARY), SUMMARY_COLUMNS, rows, remark, "A3", frozen=3)


def _total_row(
    material: Material,
    case: Case,
    entry: LayerAnswer,
    places: Mapping[tuple[str, str, str], tuple[int, int]],
    *,
    row: int,
    lang: Lang,
) -> list[Cell]:
    law = material.report.rounding
    of_site = case.occupation[case.occupation["site_id"] == entry.site_id]
    parts, whole = of_site[of_site["layer"] == entry.layer], of_site[of_site["layer"] == WHOLE]
    place, all_of_it = (
        places.get((case.case_id, entry.site_id, entry.layer)),
        places.get((case.case_id, entry.site_id, WHOLE)),
    )
    is_area = place is not None and not parts["area_m2"].isna().all()
    sums: dict[Column, Cell] = dict.fromkeys((M2, HA, MU, LENGTH))
    share: Cell = None
    agrees: Cell = ""
    screened = entry.overlap_m2 if is_area else entry.length_m
    figure = None if screened is None or place is None else rounded(screened, 2, law)
    if place is not None and figure is not None:
        names = {M2: "area_m2", HA: "area_ha", MU: "area_mu"} if is_area else {LENGTH: "length_m"}
        for column, name in names.items():
            exact = rounded(float(parts[name].sum()), 4 if column in {HA, MU} else 2, law)
            sums[column] = Formula(f"SUM({_span(column, place, lang)})", exact)
        column = M2 if is_area else LENGTH
        total = float(whole[names[column]].sum())
        if all_of_it is not None and total > 0:
            text = f"SUM({_span(column, place, lang)})/SUM({_span(column, all_of_it, lang)})"
            share = Formula(text, float(parts[names[column]].sum()) / total)
        agrees = _agreement(parts, names[column], figure, row, lang, is_area=is_area)
    verdict = "" if entry.verdict is None else entry.verdict.text.say(lang)
    return [
        *(case.case_id, case.name, entry.site_id, entry.title.say(lang), entry.answer.text.say(lang)),
        COVERAGE_STATES[entry.coverage].say(lang) if entry.coverage in COVERAGE_STATES else "",
        *(sums[M2], sums[HA], sums[MU], share),
        _net_of_layer(case, entry, law),
        sums[LENGTH] if sums[LENGTH] is not None else _rounded(entry.length_m, law) if place is None else None,
        _rounded(entry.distance_m, law),
        _rounded(entry.certainty_m, law),
        verdict,
        figure,
        agrees,
    ]


def _nothing_drawn(case: Case, lang: Lang) -> list[Cell]:
    """Tell of a project without a site in one row: nobody can say what it touches."""
    layer = Text("全部图层（没有用地图形）", "every layer (nothing is drawn)").say(lang)
    row: list[Cell] = [case.case_id, case.name, "", layer, case.record.answer.text.say(lang)]
    return row + [None if column.kind not in {"text", "wrapped"} else "" for column in SUMMARY_COLUMNS[len(row) :]]


def _agreement(parts: pd.DataFrame, name: str, figure: float, row: int, lang: Lang, *, is_area: bool) -> Formula:
    """Compare the total with the screening, and hectares and 亩 with the square metres they are of."""
    yes, no = Text("相符", "yes").say(lang), Text("不符", "no").say(lang)
    of_sum, screened, m2, ha, mu = (
        letter_of(one, SUMMARY_COLUMNS) for one in (M2 if is_area else TOTAL_LENGTH, SCREENED, M2, HA, MU)
    )
    tests = [f"ABS({of_sum}{row}-{screened}{row})<0.005"]
    is_same = abs(float(parts[name].sum()) - figure) < 0.005
    if is_area:
        tests.append(f"ABS({m2}{row}/10000-{ha}{row})<0.00006")
        tests.append(f"ABS({m2}{row}*15/10000-{mu}{row})<0.00007")
        total = float(parts["area_m2"].sum())
        is_same &= abs(total / geodesy.M2_PER_HA - float(parts["area_ha"].sum())) < 0.00006
        is_same &= abs(total * geodesy.MU_PER_HA / geodesy.M2_PER_HA - float(parts["area_mu"].sum())) < 0.00007
    return Formula(f'IF(AND({",".join(tests)}),"{yes}","{no}")', yes if is_same else no)


def _span(column: Column, place: tuple[int, int], lang: Lang) -> str:
    letter = letter_of(column, OCCUPATION_COLUMNS)
    return f"'{OCCUPATION.say(lang)}'!{letter}{place[0]}:{letter}{place[1]}"


def _net_of_layer(case: Case, entry: LayerAnswer, law: Rounding) -> float | None:
    """Return the overlap less the layer's own deduction, 公顷; None where it has none."""
    if case.zones.empty:
        return None
    rows = case.zones[(case.zones["site_id"] == entry.site_id) & (case.zones["layer"] == entry.layer)]
    return _hectares(float(rows["net_m2"].sum(min_count=1)), law) if len(rows) else None


def _zones(material: Material, cases: Sequence[Case], lang: Lang) -> Sheet:
    law, report = material.report.rounding, material.report
    rows: list[list[Cell]] = []
    balanced = (
        balanced_zones(report.tables["screening_zones"], report.tables["screening"], law)[0]
        if {"screening_zones", "screening"} <= report.tables.keys()
        else pd.DataFrame(columns=["site_id"])
    )
    for case, part in _of_cases(cases, balanced):
        zone = str(part["zone"]) or Text("（未分区）", "(no zone)").say(lang)
        if zone == "outside":
            zone = Text("边界以外", "outside").say(lang)
        rows.append(
            [
                *(case.case_id, case.name, str(part["site_id"]), _title(material, str(part["layer"]), lang), zone),
                _rounded(_number(part["overlap_m2"]), law),
                _hectares(_number(part["overlap_m2"]), law),
                _hectares(_number(part["net_m2"]), law),
                _rounded(_number(part["length_m"]), law),
            ]
        )
    remark = Text(
        "同一图层的分区可以互相重叠，此时各分区之和大于“占用汇总”的合计。",
        "Zones of one layer may overlap each other; their sum is then more than the total on “Totals by layer”.",
    )
    return Sheet(ZONES, _headed(material, ZONES), ZONE_COLUMNS, rows, remark, "A4", frozen=3)


def _slivers(material: Material, cases: Sequence[Case], lang: Lang) -> Sheet:
    dropped = material.report.tables.get("dropped", pd.DataFrame(columns=["site_id"]))
    forced = balanced_dropped(dropped, material.report.rounding)[0] if len(dropped) else dropped
    rows: list[list[Cell]] = [
        [
            *(case.case_id, case.name, str(part["site_id"]), _title(material, str(part["layer"]), lang)),
            str(part["zone_id"]),
            _figure(_number(part["area_m2"])),
            rounded(_number(part["width_m"]), 4),
            reason_text(str(part["reason"])).say(lang),
        ]
        for case, part in _of_cases(cases, forced)
    ]
    remark = Text(
        "小于阈值、未计入占用面积的重叠碎片，逐一列出：计入的面积与这里的面积之和就是全部重叠面积。",
        "Pieces of overlap below the thresholds: not counted; with what is counted they make up all the overlap.",
    )
    return Sheet(SLIVERS, _headed(material, SLIVERS), SLIVER_COLUMNS, rows, remark, "A4", frozen=3)


def _of_cases(cases: Sequence[Case], rows: pd.DataFrame) -> Iterator[tuple[Case, Mapping[object, object]]]:
    """Yield rows with the case they are of, in the order of the cases."""
    groups = rows.groupby("site_id", sort=False).indices if len(rows) else {}
    for case in cases:
        for site_id in [site.site_id for site in case.record.sites]:
            for record in rows.iloc[groups.get(site_id, [])].to_dict("records"):
                yield case, record


def reason_text(reason: str) -> Text:
    """Say in both languages why a piece is not counted.

    Examples
    --------
    >>> reason_text("mean width under 0.1 m; shared boundary").zh
    '平均宽度小于 0.1 米；两图共同边界的画线差异'
    """
    zh = re.sub(r"area under (\S+) m2", r"面积小于 \1 平方米", reason)
    zh = zh.replace("mean width under 1 mm", "平均宽度小于 1 毫米")
    zh = re.sub(r"mean width under (\S+) m", r"平均宽度小于 \1 米", zh)
    zh = zh.replace("shared boundary", "两图共同边界的画线差异").replace("digitising", "数字化误差")
    return Text(zh.replace("; ", "；"), reason)


def _label(name: object, lang: Lang) -> str:
    text = str(name)
    return _LABELS[text].say(lang) if text in _LABELS else text


def _headed(material: Material, name: Text) -> Text:
    county = material.workspace.county.title
    return Text(f"{county.zh}{name.zh}", f"{county.en}: {name.en}")


def _number(value: object) -> float:
    return float(pd.to_numeric(pd.Series([value]), errors="coerce").iloc[0])


def _rounded(value: float | None, law: Rounding) -> float | None:
    return None if value is None else _figure(rounded(value, 2, law))


def _hectares(area_m2: float, law: Rounding) -> float | None:
    return _figure(rounded(area_m2 / geodesy.M2_PER_HA, 4, law))
