"""The protected share of the shore, per reach and added up, and the land along it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Blueprint, render_template
from flask_babel import gettext as _

from ecogeo.board.measures.drawn import Bounds
from ecogeo.board.measures.places import around, feature_bounds
from ecogeo.finding import Report
from viewer.charts import Stacked
from viewer.kept_pages import kept
from viewer.map_links import map_link
from viewer.measured import Cells, Column, Section, against_target, bars, rows_of, section, shown
from viewer.phrases import figure
from viewer.prepared import board, prepared

pages = Blueprint("shorelines", __name__)

_CHECK = "shoreline_protection_rate"
_ON_MAP = ("river_reaches", "banks")


@pages.get("/shorelines")
@kept
def table() -> str:
    """Show the tables of the shoreline check, or why there are none, and what lies along the banks."""
    report = board().report
    reaches = rows_of(report.tables.get("shoreline"))
    totals = rows_of(report.tables.get("shoreline_totals"))
    boxes = feature_bounds(prepared().workspace.of_role("river_reaches"))
    outcome = section(report, _CHECK, "", "")
    return render_template(
        "shorelines.html",
        run=next((run for run in report.runs if run.name == _CHECK), None),
        reaches=[_of_reach(row, boxes) for row in reaches],
        totals=_with_places(totals, reaches, boxes),
        rivers=_rivers(totals),
        towns=_towns(totals),
        measures_shown=[_segments(report), _naturalness(report), _uses(report)],
        layers=outcome.layers,
        missing=outcome.missing,
    )


def _of_reach(row: Cells, boxes: Mapping[str, Bounds]) -> Cells:
    """Return a reach with what it lacks for its target, and where it is on the map."""
    known = row["target_pct"] is not None and row["protection_pct"] is not None
    held = (row["protected_m"] or 0.0) + (row["reserved_m"] or 0.0)
    short_m = max(0.0, row["target_pct"] / 100 * row["bank_m"] - held) if known else None
    box = boxes.get(str(row["reach_id"]))
    return {
        **row,
        "rate": against_target(row["protection_pct"], row),
        "short_m": short_m,
        "address": None if box is None else map_link(*_ON_MAP, box=box),
    }


def _with_places(totals: list[Cells], reaches: list[Cells], boxes: Mapping[str, Bounds]) -> list[Cells]:
    """Return the sums with where they are on the map."""
    towns = feature_bounds(prepared().workspace.of_role("towns"), by_name=True)

    def box_of(row: Cells) -> Bounds | None:
        if row["level"] == "town":
            return towns.get(str(row["name"]))
        if row["level"] == "county":
            return None
        own = [
            boxes[one["reach_id"]] for one in reaches if one[row["level"]] == row["name"] and one["reach_id"] in boxes
        ]
        return around(own) if own else None

    return [{**row, "address": map_link(*_ON_MAP, box=box_of(row))} for row in totals]


def _zones() -> list[tuple[str, str, str]]:
    return [
        ("protected_m", str(_("保护区")), "protected"),
        ("reserved_m", str(_("保留区")), "reserved"),
        ("controlled_m", str(_("控制利用区")), "controlled"),
        ("developed_m", str(_("开发利用区")), "developed"),
        ("unzoned_m", str(_("未划区")), "unzoned"),
    ]


def _rivers(totals: list[Cells]) -> Stacked | None:
    """Return the shore of each river by zone, kilometres; None without zoned rivers."""
    return _chart(row for row in totals if row["level"] == "river")


def _towns(totals: list[Cells]) -> Stacked | None:
    """Return the shore in each town by zone, kilometres; None without towns."""
    return _chart(row for row in totals if row["level"] == "town")


def _chart(rows: Iterable[Cells]) -> Stacked | None:
    kept = [row for row in rows if row["bank_m"]]
    if not kept:
        return None
    return bars(
        kept,
        lambda row: str(row["name"] or "—"),
        _zones(),
        unit=str(_("千米")),
        end=lambda row: f"{figure(row['protection_pct'], 2)}%",
        scale=1e-3,
    )


def _segments(report: Report) -> Section:
    kinds = {"gap": _("未划功能区"), "overlap": _("功能区重叠"), "in water": _("在其他水面内")}
    sides = {"left": _("左岸"), "right": _("右岸"), "shore": _("岸线"), "island": _("岛岸")}
    columns = [
        Column("reach_id", str(_("河段")), address=_of_segment),
        Column("river", str(_("河流"))),
        Column("side", str(_("岸别")), words=lambda value, _row: str(sides.get(str(value), str(value)))),
        Column("kind", str(_("情况")), words=lambda value, _row: str(kinds.get(str(value), str(value)))),
        Column("zones", str(_("功能区"))),
        Column("town", str(_("乡镇"))),
        Column("from_m", str(_("起点（米）")), 2),
        Column("length_m", str(_("长度（米）")), 2),
        Column("start_lon", str(_("地图")), words=lambda _value, _row: str(_("查看")), address=_of_segment),
    ]
    rows = rows_of(report.tables.get("shoreline_segments"))
    tables = [shown(str(_("未划区、重叠与汇合处的岸段")), "shoreline_segments.csv", columns, rows)]
    return section(report, _CHECK, str(_("需要核对的岸段")), "", tables=tables)


def _of_segment(row: Cells) -> str:
    """Return where a stretch is on the map, by its two ends."""
    west, east = sorted((float(row["start_lon"]), float(row["end_lon"])))
    south, north = sorted((float(row["start_lat"]), float(row["end_lat"])))
    return map_link(*_ON_MAP, "bank-segments", box=(west, south, east, north))


def _naturalness(report: Report) -> Section:
    rows = rows_of(report.tables.get("bank_naturalness"))
    boxes = feature_bounds(prepared().workspace.of_role("river_reaches"))
    for row in rows:
        row["other_ha"] = max(0.0, (row["strip_ha"] or 0.0) - (row["natural_ha"] or 0.0) - (row["unknown_ha"] or 0.0))
    chart = bars(
        [row for row in rows if row["strip_ha"]],
        lambda row: f"{row['river']} {row['reach_id']}",
        [
            ("natural_ha", str(_("自然地类")), "restored"),
            ("other_ha", str(_("其他地类")), "controlled"),
            ("unknown_ha", str(_("地类不明")), "unclear"),
        ],
        unit=str(_("公顷")),
        end=lambda row: f"{figure(row['natural_pct'], 2)}%",
    )

    def place(row: Cells) -> str:
        return map_link("naturalness", box=boxes.get(str(row["reach_id"])))

    columns = [
        Column("reach_id", str(_("河段")), address=place),
        Column("river", str(_("河流"))),
        Column("within_m", str(_("宽度（米）")), 0),
        Column("strip_ha", str(_("岸边带（公顷）")), 4),
        Column("natural_ha", str(_("自然地类（公顷）")), 4),
        Column("unknown_ha", str(_("地类不明（公顷）")), 4),
        Column("natural_pct", str(_("自然化率（%%）") % {}), 2),
    ]
    note = _("两岸向陆一定宽度内，自然地类占已知土地覆盖的比例；宽度和哪些算自然是编者口径。")
    tables = [shown(str(_("各河段自然化率")), "bank_naturalness.csv", columns, rows)]
    return section(report, "bank_naturalness_rate", str(_("岸线自然化率")), str(note), tables=tables, chart=chart)


def _uses(report: Report) -> Section:
    grounds = {"strip": _("岸边缓冲带"), "management area": _("河道管理范围")}
    layers = {"project_sites": _("项目用地"), "mines": _("矿山"), "landuse": _("地类图斑")}
    columns = [
        Column("use_name", str(_("对象"))),
        Column("layer", str(_("图层")), words=lambda value, _row: str(layers.get(str(value), str(value)))),
        Column("use_kind", str(_("类别"))),
        Column("ground", str(_("范围")), words=lambda value, _row: str(grounds.get(str(value), str(value)))),
        Column("river", str(_("河流"))),
        Column("strip_m", str(_("带宽（米）")), 0),
        Column("overlap_ha", str(_("面积（公顷）")), 4),
        Column("length_m", str(_("长度（米）")), 2),
    ]
    note = _("缓冲带宽度取河段的 strip_m，没有时用编者缺省值，并非法定。")
    rows = rows_of(report.tables.get("river_strip_uses"))
    tables = [shown(str(_("河道管理范围和缓冲带内的对象")), "river_strip_uses.csv", columns, rows)]
    chart = _uses_chart(rows, {key: str(value) for key, value in layers.items()})
    return section(report, "use_in_river_strip", str(_("河道管理范围和缓冲带")), str(note), tables=tables, chart=chart)


def _uses_chart(rows: list[Cells], layers: Mapping[str, str]) -> Stacked:
    """Return the ground of uses in strips and managed areas by river; points and lines have none."""
    rivers = dict.fromkeys(str(row["river"]) for row in rows if row["overlap_ha"])
    sums = [
        {
            "river": river,
            **{
                layer: sum(row["overlap_ha"] or 0.0 for row in rows if (row["river"], row["layer"]) == (river, layer))
                for layer in layers
            },
        }
        for river in rivers
    ]
    paints = {"project_sites": "removed", "mines": "disturbed", "landuse": "land-cropland"}
    return bars(
        sums,
        lambda row: str(row["river"]),
        [(layer, title, paints[layer]) for layer, title in layers.items()],
        unit=str(_("公顷")),
        end=lambda row: figure(sum(row[layer] for layer in layers), 4),
    )
