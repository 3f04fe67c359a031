"""Land: cover, use, slopes, protected ground over time, and distances of sources to those they may harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _

from ecogeo.finding import Report
from viewer.charts import SERIES_PAINTS, Stacked
from viewer.kept_pages import kept
from viewer.map_links import map_link
from viewer.measured import Cells, Column, Section, Shown, bars, checked_words, rows_of, said, section, shown, yes_no
from viewer.phrases import figure
from viewer.prepared import board, prepared

pages = Blueprint("land", __name__)

_LEVELS = ("town", "county", "control_unit", "redline", "site")
_SHARE = 100.0
_NEAR_DEG = 0.006
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


@pages.get("/land")
@kept
def table() -> str:
    """Show one group of measures: ``?show=`` cover, use, slope, protected or distances; ``?level=`` of the cover.

    Without ``show`` it is the first that has results.
    """
    name, level = request.args.get("show") or _first_with_results(board().report), request.args.get("level", _LEVELS[0])
    ways = _ways()
    if name not in ways or level not in _LEVELS:
        abort(404)
    return render_template(
        "land.html",
        ways=_names(),
        current=name,
        measures_shown=ways[name](board().report, level),
        levels=_level_names() if name == "cover" else {},
        level=level,
    )


_TABLES = {
    "cover": ("landcover",),
    "use": ("landuse",),
    "slope": ("slope",),
    "protected": ("redline_balance", "reserve_balance", "redline_construction", "redline_areas"),
    "distances": ("source_distances",),
}


def _first_with_results(report: Report) -> str:
    """Return the first group one of whose tables has a row; the cover where none has."""
    return next(
        (name for name, tables in _TABLES.items() if any(rows_of(report.tables.get(one)) for one in tables)), "cover"
    )


def _ways() -> Mapping[str, Callable[[Report, str], list[Section]]]:
    return {"cover": _cover, "use": _use, "slope": _slope, "protected": _protected, "distances": _distances}


def _names() -> dict[str, str]:
    return {
        "cover": str(_("土地覆盖")),
        "use": str(_("地类图斑")),
        "slope": str(_("坡度")),
        "protected": str(_("红线与保护地变化")),
        "distances": str(_("距离")),
    }


def _level_names() -> dict[str, str]:
    return {
        "town": str(_("乡镇")),
        "county": str(_("全区")),
        "control_unit": str(_("管控单元")),
        "redline": str(_("生态保护红线")),
        "site": str(_("项目用地")),
    }


def _unit(row: Cells) -> str:
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
    return bars(rows, _unit, parts, unit="%", end=lambda _row: "", scale=_SHARE)


def _cover(report: Report, level: str) -> list[Section]:
    frame = _of_level(report.tables.get("landcover"), level)
    rows, classes = _shares(frame)
    note = _("格网按被地块覆盖的比例加权，面积按椭球面；无数据的地面单列，仍计入总面积。")
    tables = [_share_table("landcover.csv", rows, classes), _definitions("landcover.csv", frame)]
    book = prepared().workspace.land_book()
    chart = _share_chart(rows, classes, {label: book.kind_of(label) for _name, label in classes})
    title = str(_("各类土地覆盖占比"))
    return [section(report, "land_cover_share", title, str(note), tables=tables, chart=chart)]


def _share_table(file: str, rows: list[Cells], classes: list[tuple[str, str]]) -> Shown:
    columns = [Column("unit_name", str(_("范围")), words=lambda _value, row: _unit(row))]
    columns += [
        Column(name, str(_("%(name)s（%%）", name=_class_label(name, label))), 2, scale=_SHARE)
        for name, label in classes
    ]
    return shown(str(_("各类占比")), file, columns, rows)


def _definitions(file: str, frame: pd.DataFrame | None) -> Shown:
    """Return the covers by each definition."""
    rows = [] if frame is None else rows_of(frame[frame["definition"] != ""])
    columns = [
        Column("unit_name", str(_("范围")), words=lambda _value, row: _unit(row)),
        Column("class_name", str(_("指标"))),
        Column("definition", str(_("口径"))),
        Column("area_m2", str(_("面积（公顷）")), 4, scale=1e-4),
        Column("share", str(_("占比（%%）") % {}), 2, scale=_SHARE),
        Column("nodata_share", str(_("地类不明（%%）") % {}), 2, scale=_SHARE),
        Column("definition_checked", str(_("口径核对")), words=checked_words),
    ]
    return shown(str(_("按口径的覆盖率")), file, columns, rows)


def _use(report: Report, _level: str) -> list[Section]:
    frame = report.tables.get("landuse")
    rows, classes = _shares(frame)
    note = _("三调图斑（DLTB）按地类编码汇总，跨界图斑在界线处切开；净面积按扣除系数扣除。")
    of_classes = shown(
        str(_("各地类面积")),
        "landuse.csv",
        [
            Column("unit_name", str(_("范围")), words=lambda _value, row: _unit(row)),
            Column("class", str(_("地类编码"))),
            Column("class_name", str(_("地类"))),
            Column("patches", str(_("图斑数")), 0),
            Column("area_m2", str(_("面积（公顷）")), 4, scale=1e-4),
            Column("net_m2", str(_("净面积（公顷）")), 4, scale=1e-4),
            Column("share", str(_("占比（%%）") % {}), 2, scale=_SHARE),
        ],
        [] if frame is None else rows_of(frame[frame["definition"] == ""]),
    )
    tables = [of_classes, _definitions("landuse.csv", frame)]
    book = prepared().workspace.land_book()
    within = {label: book.kinds_within(name[:4]) for name, label in classes if name[:4].isdigit()}
    kinds = {label: next(iter(own)) for label, own in within.items() if len(own) == 1}
    chart = _share_chart(rows, classes, kinds)
    return [section(report, "land_use_share", str(_("各地类占比")), str(note), tables=tables, chart=chart)]


def _slope(report: Report, _level: str) -> list[Section]:
    rows = rows_of(report.tables.get("slope"))
    sources = {"landcover": _("土地覆盖"), "landuse": _("地类图斑")}
    chart = bars(
        [row for row in rows if row["cropland_source"] == (rows[0]["cropland_source"] if rows else "")],
        _unit,
        [("steep_share", str(_("坡度大于 25°")), "steep")],
        unit="%",
        end=lambda row: f"{figure(None if row['steep_share'] is None else row['steep_share'] * _SHARE, 2)}%",
        scale=_SHARE,
    )
    columns = [
        Column("unit_name", str(_("范围")), words=lambda _value, row: _unit(row)),
        Column("steep_m2", str(_("陡坡地（公顷）")), 4, scale=1e-4),
        Column("steep_share", str(_("占比（%%）") % {}), 2, scale=_SHARE),
        Column("unknown_share", str(_("坡度不明（%%）") % {}), 2, scale=_SHARE),
        Column("cropland_source", str(_("耕地依据")), words=lambda value, _row: str(sources.get(str(value), "—"))),
        Column("cropland_m2", str(_("耕地（公顷）")), 4, scale=1e-4),
        Column("steep_cropland_m2", str(_("陡坡耕地（公顷）")), 4, scale=1e-4),
        Column("steep_cropland_share", str(_("占耕地（%%）") % {}), 4, scale=_SHARE),
    ]
    note = _("坡度按 Horn（1981），用格网的真实尺寸；没有八个邻格的格网坡度不明，不当作平地。")
    tables = [shown(str(_("陡坡地与陡坡耕地")), "slope.csv", columns, rows)]
    return [section(report, "steep_land_share", str(_("陡坡地")), str(note), tables=tables, chart=chart)]


def _protected(report: Report, _level: str) -> list[Section]:
    note = _("调出减调入为面积是否减少的依据；沿原界线的窄条视为测量误差，另列。上一版由 layers.toml 的 earlier 声明。")
    found = [
        section(
            report,
            check,
            title,
            str(note),
            tables=_version_tables(report, name),
            chart=_version_chart(report, name),
        )
        for check, name, title in (
            ("redline_reduced", "redline", str(_("生态保护红线两版对照"))),
            ("reserve_reduced", "reserve", str(_("自然保护地两版对照"))),
        )
    ]
    turned = shown(
        str(_("红线内的建设用地")),
        "redline_construction.csv",
        [
            Column("redline_id", str(_("红线"))),
            Column("unit_name", str(_("单元"))),
            Column("patch_id", str(_("图斑"))),
            Column("land_class", str(_("地类编码"))),
            Column("changed", str(_("由其他地类转来")), words=_turned),
            Column("area_ha", str(_("面积（公顷）")), 4),
        ],
        rows_of(report.tables.get("redline_construction")),
    )
    stated = shown(
        str(_("登记面积与图形面积")),
        "redline_areas.csv",
        [
            Column("redline_id", str(_("红线"))),
            Column("unit_name", str(_("单元"))),
            Column("field", str(_("字段"))),
            Column("stated", str(_("登记"))),
            Column("stated_ha", str(_("登记（公顷）")), 4),
            Column("area_ha", str(_("图形（公顷）")), 4),
            Column("difference_pct", str(_("相差（%%）") % {}), 2),
        ],
        rows_of(report.tables.get("redline_areas")),
    )
    areas = rows_of(report.tables.get("redline_areas"))
    built = rows_of(report.tables.get("redline_construction"))
    nature = _("两版地类图斑相比，红线内由其他地类转为建设用地的为性质改变；没有上一版地类时只列现状。")
    return [
        *found,
        section(
            report,
            "redline_turned_to_construction",
            str(_("性质是否改变")),
            str(nature),
            tables=[turned],
            chart=_construction_chart(built),
        ),
        section(report, "redline_area_misstated", str(_("登记面积")), "", tables=[stated], chart=_stated_chart(areas)),
    ]


def _construction_chart(rows: list[Cells]) -> Stacked:
    """Return the construction land inside red lines by unit."""
    parts = {"yes": "removed", "no": "steep", "unknown": "unclear"}
    sums: dict[str, Cells] = {}
    for row in rows:
        own = sums.setdefault(str(row["unit_name"]), {"unit_name": row["unit_name"], **dict.fromkeys(parts, 0.0)})
        own[row["changed"] if row["changed"] in parts else "unknown"] += row["area_ha"] or 0.0
    return bars(
        list(sums.values()),
        lambda row: str(row["unit_name"]),
        [(name, _turned(name, {}), paint) for name, paint in parts.items()],
        unit=str(_("公顷")),
        end=lambda row: figure(sum(row[name] for name in parts), 4),
    )


def _stated_chart(rows: list[Cells]) -> Stacked:
    """Return by how much stated areas are off the drawn ones, per cent of the drawn, without the sign."""
    known = [{**row, "off_pct": abs(row["difference_pct"])} for row in rows if row["difference_pct"] is not None]
    return bars(
        sorted(known, key=lambda row: -row["off_pct"]),
        lambda row: f"{row['redline_id']} {row['unit_name']}",
        [("off_pct", str(_("登记与图形相差")), "value")],
        unit="%",
        end=lambda row: f"{row['difference_pct']:+.2f}%",
    )


def _turned(value: object, _row: Cells) -> str:
    words = {"yes": _("是"), "no": _("否，上一版已是"), "unknown": _("无上一版，无法判断")}
    return str(words.get(str(value), str(value)))


_VERSION_LEVELS = ("county", "town", "unit")


def _version_name(row: Cells) -> str:
    return str(_("全区")) if row["level"] == "county" else str(row["name"])


def _version_chart(report: Report, name: str) -> Stacked:
    rows = [row for row in rows_of(report.tables.get(f"{name}_balance")) if row["removed_m2"] or row["added_m2"]]
    rows.sort(key=lambda row: _VERSION_LEVELS.index(row["level"]))
    return bars(
        rows,
        _version_name,
        [("removed_m2", str(_("调出")), "removed"), ("added_m2", str(_("调入")), "added")],
        unit=str(_("公顷")),
        end=lambda row: f"{row['pieces_change_m2'] * 1e-4:+,.4f}",
        scale=1e-4,
    )


def _version_tables(report: Report, name: str) -> list[Shown]:
    said = {
        "yes": _("减少"),
        "no": _("未减少"),
        "to another unit": _("划归其他单元"),
        "shifted one way": _("界线整体内移，须核实"),
        "by noise only": _("仅测量误差"),
        "undetermined": _("无法判断"),
    }
    levels = {"county": _("全区"), "unit": _("单元"), "town": _("乡镇")}
    columns = [Column("name", str(_("范围")), words=lambda _value, row: _version_name(row))]
    columns += [Column("level", str(_("层级")), words=lambda value, _row: str(levels.get(str(value), str(value))))]
    columns += [
        Column(column, label, 4, scale=1e-4)
        for column, label in (
            ("earlier_m2", str(_("上一版（公顷）"))),
            ("now_m2", str(_("本版（公顷）"))),
            ("removed_m2", str(_("调出（公顷）"))),
            ("added_m2", str(_("调入（公顷）"))),
            ("noise_change_m2", str(_("测量误差净值（公顷）"))),
        )
    ]
    columns.append(
        Column("reduced", str(_("面积是否减少")), words=lambda value, _row: str(said.get(str(value), value)))
    )
    kinds = {"removed": _("调出"), "added": _("调入")}
    pieces = [row for row in rows_of(report.tables.get(f"{name}_changes")) if row["reason"] == "change"]
    return [
        shown(str(_("面积增减")), f"{name}_balance.csv", columns, rows_of(report.tables.get(f"{name}_balance"))),
        shown(
            str(_("调出、调入的地块")),
            f"{name}_changes.csv",
            [
                Column("change_id", str(_("编号")), address=_of_piece(f"{name}-changes")),
                Column("kind", str(_("变化")), words=lambda value, _row: str(kinds.get(str(value), str(value)))),
                Column("unit", str(_("单元"))),
                Column("town", str(_("乡镇"))),
                Column("area_ha", str(_("面积（公顷）")), 4),
                Column("width_m", str(_("平均宽度（米）")), 2),
                Column("lon", str(_("经度"))),
                Column("lat", str(_("纬度"))),
            ],
            pieces,
        ),
    ]


def _of_piece(layer: str) -> Callable[[Cells], str]:
    """Return what leads from a piece to its place on the map."""

    def address(row: Cells) -> str:
        if row["lon"] in {None, ""} or row["lat"] in {None, ""}:
            return ""
        lon, lat = float(row["lon"]), float(row["lat"])
        return map_link(layer, box=(lon - _NEAR_DEG, lat - _NEAR_DEG, lon + _NEAR_DEG, lat + _NEAR_DEG))

    return address


def _band_source(value: object, row: Cells) -> str:
    words = {"builders' choice": _("编者缺省值，并非法定"), "layers.toml buffer_m": _("本县声明")}
    clause = str(row["clause"] or "")
    unverified = str(_("（未核实）")) if row["is_verified"] == "no" else ""
    return f"{clause}{unverified}" if clause else str(words.get(str(value), str(value)))


def _distances(report: Report, _level: str) -> list[Section]:
    rows = rows_of(report.tables.get("source_distances"))
    nearest: dict[str, Cells] = {}
    for row in rows:
        own = nearest.get(row["source_id"])
        if own is None or row["distance_m"] < own["distance_m"]:
            nearest[row["source_id"]] = row
    chart = bars(
        list(nearest.values()),
        lambda row: f"{said(row['source_kind'])} {row['source_name']}".strip("— "),
        [("distance_m", str(_("到最近敏感目标的距离")), "value")],
        unit=str(_("米")),
        end=lambda row: f"{figure(row['distance_m'], 0)} · {row['target_name']}",
    )
    columns = [
        Column("source_name", str(_("污染源"))),
        Column("source_kind", str(_("类别"))),
        Column("target_name", str(_("敏感目标"))),
        Column("target_kind", str(_("目标类别"))),
        Column("distance_m", str(_("距离（米）")), 2),
        Column("band_m", str(_("判断距离（米）")), 0),
        Column("is_within", str(_("在距离内")), words=yes_no),
        Column("is_nearest", str(_("同类中最近")), words=yes_no),
        Column("band_source", str(_("距离来自")), words=_band_source),
    ]
    note = _("椭球面上的最短大地线，相接为 0；每个污染源列出各类最近的目标，以及判断距离内的全部目标。")
    tables = [shown(str(_("污染源到敏感目标的距离")), "source_distances.csv", columns, rows)]
    return [section(report, "source_near_receptor", str(_("污染源与敏感目标")), str(note), tables=tables, chart=chart)]
