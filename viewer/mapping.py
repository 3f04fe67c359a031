"""What a page hands its map's script, as data."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from ecogeo.mappage import page_data
from ecogeo.webmap import WebMap
from viewer.languages import current_lang
from viewer.phrases import review_words
from viewer.prepared import board


def map_data(web_map: WebMap, *, project_url: str | None) -> dict[str, Any]:
    """Return a map's data for its script.

    Parameters
    ----------
    web_map
        The map.
    project_url
        Address of a project's page with ``__id__`` for its number; None on that page itself.
    """
    relief = board().relief
    data = page_data(web_map, current_lang(), lambda name: url_for("api.layer", name=name))
    return {
        **data,
        "signs": [{**sign, **_beside(sign["id"], sign["site"])} for sign in data["signs"]],
        "relief": None if relief is None else {"url": url_for("api.relief"), "bounds": relief.bounds},
        "words": _words(),
        "projectUrl": project_url,
    }


def _beside(record_id: str, site_id: str) -> dict[str, Any]:
    """Return what stands beside a sign's computed answer: reviews, and whether somebody has to draw the site."""
    record = board().by_id[record_id]
    return {
        "reviews": [review_words(entry) for entry in record.reviewed if entry.site_id == site_id],
        "needsGeometry": record.needs_geometry,
    }


def _words() -> dict[str, str]:
    """Return the words the map's script writes."""
    return {
        "map": _("县域地图"),
        "zoomIn": _("放大地图"),
        "zoomOut": _("缩小地图"),
        "whole": _("显示全图"),
        "close": _("关闭窗口"),
        "loading": _("正在载入图层…"),
        "failed": _("图层载入失败，请刷新页面后重试"),
        "loaded": _("图层已载入"),
        "open": _("查看详情"),
        "sites": _("处用地，位置相近"),
        "overlap": _("重叠面积（公顷）"),
        "accuracy": _("位置精度（米）"),
        "unknown": _("不明"),
        "needsGeometry": _("需补图形"),
        "vague": _("只知大致位置，圆圈为可能范围"),
        "key": _("编号"),
        "source": _("数据日期与版本"),
    }
