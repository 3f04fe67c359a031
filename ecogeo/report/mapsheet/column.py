"""The column beside the map: legend, north, scale, results or points, sources and marks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from ecogeo import geodesy
from ecogeo.catalog import ZONING_ROLES
from ecogeo.finding import Answer
from ecogeo.gauss import zone_text
from ecogeo.report.mapsheet.contents import Drawn
from ecogeo.report.mapsheet.furniture import convergence, draw_legend, draw_north, draw_scale_bar, wrapped
from ecogeo.report.mapsheet.page import Look, View
from ecogeo.report.material import Case, Material
from ecogeo.rounding import rounded
from ecogeo.screening_tables import layer_version
from ecogeo.wording import Lang, Text


def draw_column(axes: Axes, material: Material, case: Case, drawn: Drawn, view: View, *, look: Look) -> None:
    """Draw the column from the top: what the site is, legend, results or points; from the foot: scale, north, sources.

    Parameters
    ----------
    axes
        The column, in millimetres.
    material
        Of the run.
    case
        The project.
    drawn
        What is in the frame.
    view
        What ground it shows.
    look
        How the sheet looks.
    """
    page, font, lang = look.page, look.font, look.lang
    size = page.text_pt
    small, common, head = (FontProperties(fname=str(font), size=one) for one in (size - 1.2, size, size + 1.5))
    line = size * 25.4 / 72 * 1.45
    inner = page.side.width - 6.0
    axes.add_patch(
        Rectangle(
            (0, 0), page.side.width, page.side.height, fill=False, edgecolor="#111827", linewidth=0.8, clip_on=False
        )
    )

    foot = 3.0
    for text in reversed([*_sources(drawn, lang), *_foot(view, lang)]):
        for row in reversed(wrapped(text, inner, size - 1.2)):
            axes.text(3.0, foot, row, ha="left", va="bottom", fontproperties=small, color="#374151")
            foot += line * 0.82
        foot += 0.7
    foot += 2.0
    draw_scale_bar(axes, 3.0, foot, view, small, most_mm=inner - 16.0)
    draw_north(axes, page.side.width - 7.0, foot + 2.0, common)
    axes.text(3.0, foot + 6.5, f"1:{view.scale:,}", ha="left", va="bottom", fontproperties=head)
    foot += 18.0
    axes.plot([0, page.side.width], [foot, foot], color="#111827", linewidth=0.5)

    top = page.side.height - 3.0
    for text in _about(material, case, lang):
        for row in wrapped(text, inner, size):
            axes.text(3.0, top, row, ha="left", va="top", fontproperties=common)
            top -= line
    top -= 1.0
    axes.text(3.0, top, Text("图例", "Legend").say(lang), ha="left", va="top", fontproperties=head)
    top -= line * 1.4
    step = min(5.0, max(3.6, (top - foot - 4.0) / max(len(drawn.entries), 1)))
    columns = 1 if (top - foot) / step >= len(drawn.entries) else 2
    top = draw_legend(
        axes, drawn.entries, 3.0, top, lang=lang, font=common if columns == 1 else small, step=step, columns=columns
    )
    top -= 2.5
    room = int((top - foot - 2.0) / line)
    rows = list(_points(drawn, room)) if drawn.kind == "corners" else list(_results(case, inner, size, lang))
    if drawn.kind not in {"corners", "overlay"} or room < 3:
        return
    title = (
        Text("界址点坐标（X 北，Y 东，米）", "points (X north, Y east, m)")
        if drawn.kind == "corners"
        else Text("套合结果", "Results")
    )
    axes.text(3.0, top, title.say(lang), ha="left", va="top", fontproperties=common, weight="bold")
    top -= line
    shown = (
        rows
        if len(rows) < room
        else [*rows[: room - 2], Text("……其余见成果表", "… the rest stands in the sheets").say(lang)]
    )
    for row in shown:
        axes.text(3.0, top, row, ha="left", va="top", fontproperties=small)
        top -= line * 0.92


def _about(material: Material, case: Case, lang: Lang) -> Iterator[str]:
    yield Text(f"编号：{case.case_id}", f"No. {case.case_id}").say(lang)
    if case.record.towns:
        yield Text("位置：" + "、".join(case.record.towns), "place: " + ", ".join(case.record.towns)).say(lang)
    law = material.report.rounding
    area = sum(float(geodesy.area_m2(_array(shape))[0]) for shape in case.grounds.values())
    length = sum(
        float(geodesy.length_m(_array(shape))[0])
        for shape in case.grounds.values()
        if int(shapely.get_dimensions(shape)) == 1
    )
    if area > 0:
        ha = rounded(geodesy.hectares(area), 4, law)
        yield Text(f"用地面积：{ha:.4f} 公顷", f"area: {ha:.4f} ha").say(lang)
    if length > 0:
        yield Text(f"长度：{rounded(length, 2, law):.2f} 米", f"length: {rounded(length, 2, law):.2f} m").say(lang)
    if case.record.accuracy_m:
        metres = f"{case.record.accuracy_m:g}"
        yield Text(f"位置精度：{metres} 米（示意位置）", f"placed to {metres} m only").say(lang)


def _array(shape: shapely.Geometry) -> geodesy.Geometries:
    return np.array([shape], dtype=object)


def _foot(view: View, lang: Lang) -> Iterator[str]:
    angle = convergence(view)
    minutes = round(abs(angle) * 60)
    turned = f"{'+' if angle >= 0 else '−'}{minutes // 60}°{minutes % 60:02d}′"
    plane = zone_text(view.crs)
    yield Text(f"坐标系：{plane.zh}", f"plane: {plane.en}").say(lang)
    yield Text(f"上方为坐标北，图幅中心子午线收敛角 {turned}", f"grid north is up; convergence {turned}").say(lang)
    yield Text("制图单位：                制图日期：", "drawn by:                on:").say(lang)


def _sources(drawn: Drawn, lang: Lang) -> Iterator[str]:
    """Name the layers with version and date, those of one version together."""
    by_version: dict[str, list[Text]] = {}
    for layer in drawn.layers:
        version = layer_version(layer) or Text("版本、日期未声明", "no version declared").say(lang)
        by_version.setdefault(version, []).append(layer.title)
    parts = [
        Text("、".join(one.zh for one in titles), ", ".join(one.en for one in titles)).say(lang) + f"（{version}）"
        for version, titles in by_version.items()
    ]
    yield Text("资料：" + "；".join(parts), "Data: " + "; ".join(parts)).say(lang)


def _results(case: Case, width_mm: float, size: float, lang: Lang) -> Iterator[str]:
    """Say of each layer how the site stands to it, the grave answers first."""
    order = {answer: place for place, answer in enumerate(Answer)}
    for entry in sorted(case.record.answers, key=lambda one: order[one.answer]):
        if entry.layer in ZONING_ROLES:
            continue
        figure = ""
        if entry.answer is Answer.INVOLVED and entry.overlap_ha:
            figure = Text(f" {entry.overlap_ha:.4f} 公顷", f" {entry.overlap_ha:.4f} ha").say(lang)
        elif entry.answer is Answer.INVOLVED and entry.length_m:
            figure = Text(f" {entry.length_m:.2f} 米", f" {entry.length_m:.2f} m").say(lang)
        colon = Text("：", ": ").say(lang)
        yield from wrapped(f"{entry.title.say(lang)}{colon}{entry.answer.text.say(lang)}{figure}", width_mm, size - 1.2)


def _points(drawn: Drawn, room: int) -> Iterator[str]:
    for ring in drawn.rings:
        for place, (x, y) in enumerate(zip(ring.north.tolist(), ring.east.tolist(), strict=True)):
            yield f"J{ring.first + place}  {rounded(x, 3):.3f}  {rounded(y, 3):.3f}"
            room -= 1
            if room < 0:
                return
