"""Mines by state, held against the targets, and the sheet of each mine (一矿一策)."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, url_for
from flask_babel import gettext as _

from ecogeo.finding import Report
from ecogeo.mines.outline import Outline, outline_of
from viewer.measured import Cells, Column, Section, Shown, bars, met_words, rows_of, section, shown, yes_no
from viewer.phrases import figure
from viewer.prepared import board, prepared

pages = Blueprint("mines", __name__)

_STATES, _GROUND, _VIEW = "mine_not_restored", "mine_on_protected_ground", "mine_in_view_of_town"


@pages.get("/mines")
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
        outline=_outline(mine_id),
        overlaps=_overlaps([one for one in _of(report, "mine_overlaps") if one["mine_id"] == mine_id]),
        views=_seen([one for one in _of(report, "mine_views") if one["mine_id"] == mine_id]),
        findings=findings,
    )


def _of(report: Report, name: str) -> list[Cells]:
    return rows_of(report.tables.get(name))


def _outline(mine_id: str) -> Outline | None:
    layer = prepared().workspace.of_role("mines")
    return None if layer is None else outline_of(layer, mine_id)


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
            Column("to_restore_ha", str(_("应修复（公顷）")), 4),
            Column("disturbed_ha", str(_("仍扰动（公顷）")), 4),
            Column("restored_ha", str(_("已修复（公顷）")), 4),
            Column("reached_pct", str(_("达到（%%）") % {}), 2),
            Column("target_pct", str(_("目标（%%）") % {}), 1),
            Column("target_plan", str(_("目标来自")), words=_whose),
            Column("met", str(_("达标")), words=met_words),
        ],
        states,
    )
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
            Column("stated_ha", str(_("登记（公顷）")), 4),
            Column("restoration_pct", str(_("修复率（%%）") % {}), 2),
            Column("target_pct", str(_("目标（%%）") % {}), 1),
            Column("met", str(_("达标")), words=met_words),
        ],
        _of(report, "mines"),
    )
    note = _(
        "修复率 = 已修复 ÷（扰动 + 已修复），椭球面积；既记为扰动又记为已修复的按扰动计；绿色矿山按在产矿山个数计。"
        "本县规划没有目标时，用桂林市规划的目标作参照，并非法定。"
    )
    return section(report, _STATES, str(_("修复率与目标")), str(note), tables=[of_states, of_mines], chart=chart)


def _reached(row: Cells) -> str:
    reached = figure(row["reached_pct"], 2)
    return f"{reached}% / ≥{row['target_pct']:g}%" if row["target_pct"] is not None else f"{reached}%"


def _state(value: object, _row: Cells) -> str:
    return str(_("状态不明")) if value in {"", None, "unknown"} else str(value)


def _whose(value: object, row: Cells) -> str:
    if row["target_pct"] is None:
        return "—"
    return str(value) if value else str(_("桂林市规划（参照）"))


def _address(row: Cells) -> str:
    return url_for("mines.one", mine_id=row["mine_id"])


def _ground(report: Report) -> Section:
    note = _("矿山用地与红线、保护地、水源保护区、河道管理范围和岸线的重叠：椭球面积，岸线为长度。")
    overlaps = _overlaps(_of(report, "mine_overlaps"))
    return section(report, _GROUND, str(_("压占保护区域")), str(note), tables=[overlaps])


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
    views = _seen(_of(report, "mine_views"))
    return section(report, _VIEW, str(_("城镇视野")), str(note), tables=[views])


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
            Column("is_seen", str(_("可见")), words=yes_no),
        ],
        rows,
    )
