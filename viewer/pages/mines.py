"""Mines by state, held against the targets, and the sheet of each mine (一矿一策)."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, render_template, url_for
from flask_babel import gettext as _

from ecogeo.board.measures.drawn import Bounds
from ecogeo.board.measures.places import around, feature_bounds
from ecogeo.board.mine_ground import ProtectedGround, absent_grounds, protected_grounds
from ecogeo.finding import Report
from ecogeo.mines.outline import Outline, outline_of
from viewer.kept_pages import kept
from viewer.map_links import map_link
from viewer.measured import (
    Cells,
    Column,
    Section,
    Shown,
    against_target,
    bars,
    met_words,
    rows_of,
    said,
    section,
    shown,
    yes_no,
)
from viewer.phrases import figure, say
from viewer.prepared import board, prepared

pages = Blueprint("mines", __name__)

_BY_PARTS = "drawn parts"
_STATES, _GROUND, _VIEW = "mine_not_restored", "mine_on_protected_ground", "mine_in_view_of_town"


@pages.get("/mines")
@kept
def table() -> str:
    """Show the states of mines, the mines, and what protected ground and towns they touch."""
    report = board().report
    return render_template("mines.html", measures_shown=[_states(report), _ground(report), _views(report)])


@pages.get("/mines/<path:mine_id>")
def one(mine_id: str) -> str:
    """Show the sheet of a mine."""
    report = board().report
    row = next((row for row in rows_of(report.tables.get("mines")) if row["mine_id"] == mine_id), None)
    if row is None:
        abort(404)
    findings = [
        finding
        for run in report.runs
        if run.name in {_STATES, _GROUND, _VIEW}
        for finding in run.findings
        if finding.feature_id == mine_id
    ]
    return render_template(
        "mine.html",
        mine=row,
        short_ha=_short_ha(row),
        met=met_words(row["met"], row),
        state=_state(row["state"], row),
        town=said(row["town"]),
        rate=against_target(row["restoration_pct"], row),
        map_address=map_link("mines", "mine-parts", "mine-overlaps", box=_box(mine_id)),
        outline=_outline(mine_id, is_drawn=row.get("basis", _BY_PARTS) == _BY_PARTS),
        basis=_basis(row.get("basis"), row),
        grounds=_grounds(report, mine_id),
        overlaps=_overlaps([one for one in _of(report, "mine_overlaps") if one["mine_id"] == mine_id]),
        views=_seen([one for one in _of(report, "mine_views") if one["mine_id"] == mine_id]),
        findings=findings,
    )


def _of(report: Report, name: str) -> list[Cells]:
    return rows_of(report.tables.get(name))


def _outline(mine_id: str, *, is_drawn: bool) -> Outline | None:
    """Return the drawing of a mine; of one whose parts are not drawn apart, none of it is shown as disturbed."""
    layer = prepared().workspace.of_role("mines")
    found = None if layer is None else outline_of(layer, mine_id)
    if found is None or is_drawn:
        return found
    return replace(found, parts=tuple(("unclear", path) for _kind, path in found.parts))


def _basis(value: object, _row: Cells) -> str:
    words = {
        _BY_PARTS: _("图上分别画出"),
        "stated areas": _("属性字段登记"),
        "unknown": _("未分开，无法计算修复率"),
    }
    return str(words.get(str(value), _("图上分别画出")))


def _grounds(report: Report, mine_id: str) -> list[tuple[str, str, str]]:
    """Return what is known of each kind of protected ground: its name, what is told, and how sure that is."""
    hits = [one for one in _of(report, "mine_overlaps") if one["mine_id"] == mine_id]
    return [
        (say(one.title), *_told(one, [hit for hit in hits if hit["layer"] == one.role]))
        for one in protected_grounds(prepared().workspace, mine_id)
    ]


def _told(ground: ProtectedGround, hits: list[Cells]) -> tuple[str, str]:
    if ground.known == "no layer":
        return str(_("无法判断：本县没有这个图层")), "undetermined"
    if hits:
        return str(_("重叠 %(count)s 处，见下表", count=len(hits))), "involved"
    if ground.known == "covered":
        return str(_("不重叠")), "clear"
    return str(_("无法判断：图层未覆盖该矿山的全部用地，或没有声明覆盖范围")), "undetermined"


def _box(mine_id: str) -> Bounds | None:
    layer = prepared().workspace.of_role("mines")
    if layer is None:
        return None
    field = layer.declaration.fields.get("mine", "mine_id")
    keys = layer.text(field).where(layer.text(field) != "", layer.ids) if field in layer.sound.columns else layer.ids
    boxes = feature_bounds(layer)
    own = [boxes[key] for key, mine in zip(layer.ids, keys, strict=True) if mine == mine_id and key in boxes]
    return around(own) if own else None


def _short_ha(row: Cells) -> float | None:
    """Return how much ground is still to be restored for the target, hectares; None where there is none."""
    if row["target_pct"] is None or row["to_restore_ha"] is None:
        return None
    return max(0.0, float(row["target_pct"]) / 100 * float(row["to_restore_ha"]) - float(row["restored_ha"]))


def _states(report: Report) -> Section:
    states = _of(report, "mine_states")
    ground = [row for row in states if row["measure"] == "restored area"]
    chart = bars(
        ground,
        lambda row: _state(row["state"], row),
        [("restored_ha", str(_("已修复")), "restored"), ("disturbed_ha", str(_("仍扰动")), "disturbed")],
        unit=str(_("公顷")),
        end=_reached,
    )
    kinds = {"restored area": str(_("修复面积")), "green mines": str(_("绿色矿山数"))}
    of_states = shown(
        str(_("各状态与目标")),
        "mine_states.csv",
        [
            Column("state", str(_("状态")), words=_state),
            Column("measure", str(_("量算内容")), words=lambda value, _row: kinds.get(value, str(value))),
            Column("mines", str(_("矿山数")), 0),
            Column("mines_untold", str(_("修复与否不明的矿山数")), 0),
            Column("untold_ha", str(_("修复与否不明（公顷）")), 4),
            Column("to_restore_ha", str(_("应修复（公顷）")), 4),
            Column("disturbed_ha", str(_("仍扰动（公顷）")), 4),
            Column("restored_ha", str(_("已修复（公顷）")), 4),
            Column("reached_pct", str(_("达到（%%）") % {}), 2, words=against_target),
            Column("target_pct", str(_("目标（%%）") % {}), 1),
            Column("target_plan", str(_("目标来自")), words=_whose),
            Column("met", str(_("达标")), words=met_words),
        ],
        states,
    )
    mines = [{**row, "short_ha": _short_ha(row) if row["met"] == "no" else None} for row in _of(report, "mines")]
    bases = {row.get("basis") or _BY_PARTS for row in mines}
    of_mines = shown(
        str(_("一矿一策")),
        "mines.csv",
        [
            Column("mine_id", str(_("编号")), address=_address),
            Column("mine_name", str(_("矿山")), address=_address),
            Column("state", str(_("状态")), words=_state),
            Column("town", str(_("乡镇"))),
            Column("to_restore_ha", str(_("应修复（公顷）")), 4),
            Column("disturbed_ha", str(_("仍扰动（公顷）")), 4),
            Column("restored_ha", str(_("已修复（公顷）")), 4),
            *([Column("stated_ha", str(_("登记（公顷）")), 4)] if any(row["stated_ha"] for row in mines) else []),
            *([Column("basis", str(_("扰动与修复依据")), words=_basis)] if bases != {_BY_PARTS} else []),
            Column("restoration_pct", str(_("修复率（%%）") % {}), 2, words=against_target),
            Column("target_pct", str(_("目标（%%）") % {}), 1),
            Column("met", str(_("达标")), words=met_words),
            Column("short_ha", str(_("还差（公顷）")), 4),
        ],
        mines,
    )
    note = _(
        "修复率 = 已修复 ÷（扰动 + 已修复），椭球面积；既记为扰动又记为已修复的按扰动计；绿色矿山按在产矿山个数计。"
        "修复与否不明的面积不计入；它会改变结论时，不判断是否达标。本县规划没有目标时，用桂林市规划的目标作参照，并非法定。"
    )
    return section(report, _STATES, str(_("修复率与目标")), str(note), tables=[of_states, of_mines], chart=chart)


def _reached(row: Cells) -> str:
    reached = against_target(row["reached_pct"], row)
    return f"{reached}% / ≥{row['target_pct']:g}%" if row["target_pct"] is not None else f"{reached}%"


def _state(value: object, _row: Cells) -> str:
    return str(_("状态不明")) if value in {"", None, "unknown"} else said(value)


def _whose(value: object, row: Cells) -> str:
    if row["target_pct"] is None:
        return "—"
    plans = board().plans
    if not value:
        return str(_("桂林市规划（参照）"))
    return plans[str(value)].title if str(value) in plans else str(value)


def _address(row: Cells) -> str:
    return url_for("mines.one", mine_id=row["mine_id"])


def _ground(report: Report) -> Section:
    note = _("矿山用地与红线、保护地、水源保护区、河道管理范围和岸线的重叠：椭球面积，岸线为长度。")
    absent = str(_("、")).join(say(title) for title in absent_grounds(prepared().workspace))
    if absent:
        note += _("本县没有以下图层，矿山与它们的关系无法判断：%(layers)s。", layers=absent)
    rows = _of(report, "mine_overlaps")
    sums: dict[str, Cells] = {}
    for row in rows:
        own = sums.setdefault(row["mine_id"], {"mine_name": row["mine_name"], "mine_id": row["mine_id"]})
        own[row["layer"]] = own.get(row["layer"], 0.0) + (row["overlap_ha"] or 0.0)
    chart = bars(
        list(sums.values()),
        lambda row: f"{row['mine_id']} {row['mine_name']}",
        [(role, _layer(role, {}), paint) for role, paint in _GROUND_PAINTS],
        unit=str(_("公顷")),
        end=lambda row: figure(sum(row.get(role, 0.0) for role, _paint in _GROUND_PAINTS), 4),
    )
    title = str(_("压占保护区域"))
    return section(report, _GROUND, title, str(note), tables=[_overlaps(rows)], chart=chart if rows else None)


_GROUND_PAINTS = (
    ("redlines", "removed"),
    ("reserves", "restored"),
    ("water_sources", "reserved"),
    ("river_management", "controlled"),
)


def _overlaps(rows: list[Cells]) -> Shown:
    return shown(
        str(_("重叠")),
        "mine_overlaps.csv",
        [
            Column("mine_name", str(_("矿山")), address=_address),
            Column("layer", str(_("图层")), words=_layer),
            Column("zone_id", str(_("编号"))),
            Column("zone_name", str(_("名称"))),
            Column("overlap_ha", str(_("面积（公顷）")), 4),
            Column("length_m", str(_("长度（米）")), 2),
        ],
        rows,
    )


def _layer(value: object, _row: Cells) -> str:
    words = {
        "redlines": _("生态保护红线"),
        "reserves": _("自然保护地"),
        "shorelines": _("河湖岸线"),
        "water_sources": _("水源保护区"),
        "river_management": _("河道管理范围"),
    }
    return str(words.get(str(value), str(value)))


def _views(report: Report) -> Section:
    note = _("到最近城镇的距离（大地线），以及地形是否遮挡；没有高程或途中高程不明的，不判断可见与否。")
    rows = _of(report, "mine_views")
    chart = bars(
        [{**row, "distance_km": None if row["distance_m"] is None else row["distance_m"] / 1000} for row in rows],
        lambda row: f"{row['mine_id']} {row['mine_name']}",
        [("distance_km", str(_("到最近城镇的距离")), "value")],
        unit=str(_("千米")),
        end=lambda row: f"{figure(row['distance_km'], 2)} · {_seen_words(row['is_seen'])}",
    )
    return section(report, _VIEW, str(_("城镇视野")), str(note), tables=[_seen(rows)], chart=chart)


def _seen_words(value: object, _row: Cells | None = None) -> str:
    words = {"yes": _("可见"), "no": _("地形遮挡")}
    return str(words.get(str(value), _("未判断")))


def _seen(rows: list[Cells]) -> Shown:
    return shown(
        str(_("城镇视野")),
        "mine_views.csv",
        [
            Column("mine_name", str(_("矿山")), address=_address),
            Column("state", str(_("状态")), words=_state),
            Column("boundary_id", str(_("城镇"))),
            Column("distance_m", str(_("距离（米）")), 2),
            Column("is_disturbed", str(_("仍有扰动")), words=yes_no),
            Column("is_seen", str(_("可见")), words=_seen_words),
        ],
        rows,
    )
