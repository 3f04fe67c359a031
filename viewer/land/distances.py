"""Distances of sources of pollution to those they may harm."""

from __future__ import annotations

from flask_babel import gettext as _

from ecogeo.finding import Report
from viewer.measured import Cells, Column, Section, bars, rows_of, said, section, shown, yes_no
from viewer.phrases import figure


def _band_source(value: object, row: Cells) -> str:
    words = {"builders' choice": _("编者缺省值，并非法定"), "layers.toml buffer_m": _("本县声明")}
    clause = str(row["clause"] or "")
    unverified = str(_("（未核实）")) if row["is_verified"] == "no" else ""
    return f"{clause}{unverified}" if clause else str(words.get(str(value), str(value)))


def distance_sections(report: Report, _level: str) -> list[Section]:
    """Show how far each source lies from the nearest of each kind, and from all within the distance that counts."""
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
