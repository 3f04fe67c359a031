"""Slopes: steep ground, and how much of the cropland lies on it."""

from __future__ import annotations

from flask_babel import gettext as _

from ecogeo.finding import Report
from viewer.land.shares import PER_CENT, unit_shown
from viewer.measured import Column, Section, bars, rows_of, section, shown
from viewer.phrases import figure


def slope_sections(report: Report, _level: str) -> list[Section]:
    """Show steep ground and steep cropland on each ground."""
    rows = rows_of(report.tables.get("slope"))
    sources = {"landcover": _("土地覆盖"), "landuse": _("地类图斑")}
    chart = bars(
        [row for row in rows if row["cropland_source"] == (rows[0]["cropland_source"] if rows else "")],
        unit_shown,
        [("steep_share", str(_("坡度大于 25°")), "steep")],
        unit="%",
        end=lambda row: f"{figure(None if row['steep_share'] is None else row['steep_share'] * PER_CENT, 2)}%",
        scale=PER_CENT,
    )
    columns = [
        Column("unit_name", str(_("范围")), words=lambda _value, row: unit_shown(row)),
        Column("steep_m2", str(_("陡坡地（公顷）")), 4, scale=1e-4),
        Column("steep_share", str(_("占比（%%）") % {}), 2, scale=PER_CENT),
        Column("unknown_share", str(_("坡度不明（%%）") % {}), 2, scale=PER_CENT),
        Column("cropland_source", str(_("耕地依据")), words=lambda value, _row: str(sources.get(str(value), "—"))),
        Column("cropland_m2", str(_("耕地（公顷）")), 4, scale=1e-4),
        Column("steep_cropland_m2", str(_("陡坡耕地（公顷）")), 4, scale=1e-4),
        Column("steep_cropland_share", str(_("占耕地（%%）") % {}), 4, scale=PER_CENT),
    ]
    note = _("坡度按 Horn（1981），用格网的真实尺寸；没有八个邻格的格网坡度不明，不当作平地。")
    tables = [shown(str(_("陡坡地与陡坡耕地")), "slope.csv", columns, rows)]
    return [section(report, "steep_land_share", str(_("陡坡地")), str(note), tables=tables, chart=chart)]
