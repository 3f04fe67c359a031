"""Land cover and land use: the share of each class on each ground, and the covers by each definition."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from flask_babel import gettext as _

from ecogeo.finding import Report
from viewer.charts import SERIES_PAINTS, Stacked
from viewer.measured import Cells, Column, Section, Shown, bars, checked_words, rows_of, said, section, shown
from viewer.prepared import prepared

PER_CENT = 100.0

_KIND_PAINTS = {
    f"land-{kind}"
    for kind in (
        "cropland",
        "orchard",
        "forest",
        "shrub",
        "grass",
        "wetland",
        "water",
        "built",
        "green",
        "bare",
        "snow",
    )
} | {"land-nothing"}
"""Colours of the stylesheet for what a class of land cover counts as."""


def unit_shown(row: Cells) -> str:
    """Return what the ground of a row is called."""
    return str(row["unit_name"] or row["unit_id"])


def _of_level(frame: pd.DataFrame | None, level: str) -> pd.DataFrame | None:
    """Return the rows of a kind of ground, the county's first; without them None."""
    if frame is None:
        return None
    return frame[frame["unit_kind"].isin(["county", level])]


def _shares(frame: pd.DataFrame | None) -> tuple[list[Cells], list[tuple[str, str]]]:
    """Return one row per ground with the share of each class, and the classes, the largest first; the rest as one."""
    if frame is None:
        return [], []
    classes = frame[frame["definition"] == ""]
    names = dict(zip(classes["class"], classes["class_name"], strict=True))
    order = classes.groupby("class")["area_m2"].sum().sort_values(ascending=False, kind="stable").index.tolist()
    most = SERIES_PAINTS - 1
    kept, rest = (order, []) if len(order) <= SERIES_PAINTS else (order[:most], order[most:])
    wide = classes.pivot_table(index=["unit_kind", "unit_id", "unit_name"], columns="class", values="share", sort=False)
    wide = wide.fillna(0.0)
    rows = wide[kept].assign(**({_REST: wide[rest].sum(axis=1)} if rest else {})).reset_index()
    listed = [(str(one), str(names[one] or one)) for one in kept]
    return rows_of(rows), [*listed, *([(_REST, "")] if rest else [])]


_REST = "__rest__"


def _class_label(name: str, label: str) -> str:
    return str(_("其他各类")) if name == _REST else said(label)


def _share_chart(rows: list[Cells], classes: list[tuple[str, str]], kinds: Mapping[str, str]) -> Stacked:
    """Return the shares as bars; a class has the colour of its kind, unless another has it already."""
    parts: list[tuple[str, str, str]] = []
    used: set[str] = set()
    for place, (name, label) in enumerate(classes):
        paint = f"land-{kinds.get(label, '')}"
        is_free = paint in _KIND_PAINTS and paint not in used
        parts.append((name, _class_label(name, label), paint if is_free else f"series-{place % SERIES_PAINTS}"))
        used.add(paint)
    return bars(rows, unit_shown, parts, unit="%", end=lambda _row: "", scale=PER_CENT)


def cover_sections(report: Report, level: str) -> list[Section]:
    """Show the shares of land cover on each ground of a level, and the covers by definition."""
    frame = _of_level(report.tables.get("landcover"), level)
    rows, classes = _shares(frame)
    note = _("格网按被地块覆盖的比例加权，面积按椭球面；无数据的地面单列，仍计入总面积。")
    tables = [_share_table("landcover.csv", rows, classes), _definitions("landcover.csv", frame)]
    book = prepared().workspace.land_book()
    chart = _share_chart(rows, classes, {label: book.kind_of(label) for _name, label in classes})
    title = str(_("各类土地覆盖占比"))
    return [section(report, "land_cover_share", title, str(note), tables=tables, chart=chart)]


def _share_table(file: str, rows: list[Cells], classes: list[tuple[str, str]]) -> Shown:
    columns = [Column("unit_name", str(_("范围")), words=lambda _value, row: unit_shown(row))]
    columns += [
        Column(name, str(_("%(name)s（%%）", name=_class_label(name, label))), 2, scale=PER_CENT)
        for name, label in classes
    ]
    return shown(str(_("各类占比")), file, columns, rows)


def _definitions(file: str, frame: pd.DataFrame | None) -> Shown:
    """Return the covers by each definition."""
    rows = [] if frame is None else rows_of(frame[frame["definition"] != ""])
    columns = [
        Column("unit_name", str(_("范围")), words=lambda _value, row: unit_shown(row)),
        Column("class_name", str(_("指标"))),
        Column("definition", str(_("口径"))),
        Column("area_m2", str(_("面积（公顷）")), 4, scale=1e-4),
        Column("share", str(_("占比（%%）") % {}), 2, scale=PER_CENT),
        Column("nodata_share", str(_("地类不明（%%）") % {}), 2, scale=PER_CENT),
        Column("definition_checked", str(_("口径核对")), words=checked_words),
    ]
    return shown(str(_("按口径的覆盖率")), file, columns, rows)


def use_sections(report: Report, _level: str) -> list[Section]:
    """Show the areas and shares of the classes of land use."""
    frame = report.tables.get("landuse")
    rows, classes = _shares(frame)
    note = _("三调图斑（DLTB）按地类编码汇总，跨界图斑在界线处切开；净面积按扣除系数扣除。")
    of_classes = shown(
        str(_("各地类面积")),
        "landuse.csv",
        [
            Column("unit_name", str(_("范围")), words=lambda _value, row: unit_shown(row)),
            Column("class", str(_("地类编码"))),
            Column("class_name", str(_("地类"))),
            Column("patches", str(_("图斑数")), 0),
            Column("area_m2", str(_("面积（公顷）")), 4, scale=1e-4),
            Column("net_m2", str(_("净面积（公顷）")), 4, scale=1e-4),
            Column("share", str(_("占比（%%）") % {}), 2, scale=PER_CENT),
        ],
        [] if frame is None else rows_of(frame[frame["definition"] == ""]),
    )
    tables = [of_classes, _definitions("landuse.csv", frame)]
    book = prepared().workspace.land_book()
    within = {label: book.kinds_within(name[:4]) for name, label in classes if name[:4].isdigit()}
    kinds = {label: next(iter(own)) for label, own in within.items() if len(own) == 1}
    chart = _share_chart(rows, classes, kinds)
    return [section(report, "land_use_share", str(_("各地类占比")), str(note), tables=tables, chart=chart)]
