"""Protected ground over time: red lines and reserves of two versions, construction inside, and areas stated."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from ecogeo.finding import Report
from viewer.charts import Stacked
from viewer.map_links import map_link
from viewer.measured import Cells, Column, Section, Shown, bars, rows_of, section, shown
from viewer.phrases import figure

_NEAR_DEG = 0.006


def protected_sections(report: Report, _level: str) -> list[Section]:
    """Show what two versions of protected ground differ in, what was built inside, and the areas stated."""
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
