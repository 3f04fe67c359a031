"""The sections of the viewer, in the order of the navigation; one whose page is not built is left out."""

from __future__ import annotations

from flask import Flask, current_app
from flask_babel import gettext as _


def set_up(app: Flask) -> None:
    """Give the templates the sections."""
    app.context_processor(lambda: {"sections": sections()})


def sections() -> list[tuple[str, str]]:
    """Return endpoint and name of every section there is."""
    named = [
        ("county.show", _("地图")),
        ("projects.table", _("项目")),
        ("screen.form", _("用地核查")),
        ("siting.form", _("选址")),
        ("indicators.table", _("指标")),
        ("checks.table", _("检查结果")),
        ("shorelines.table", _("岸线")),
        ("mines.table", _("矿山")),
        ("land.table", _("土地")),
        ("present.show", _("演示")),
        ("report.show", _("报告")),
    ]
    return [(endpoint, name) for endpoint, name in named if endpoint in current_app.view_functions]
