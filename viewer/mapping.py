"""What a page hands its map's script, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from ecogeo.basemap import CREDIT, Basemap
from ecogeo.board.choosing import NONE, project_choices, years_of
from ecogeo.board.records import ProjectRecord
from ecogeo.finding import Answer, Verdict
from ecogeo.mapdata import DrawnLayer
from ecogeo.mappage import page_data
from ecogeo.webmap import WebMap
from viewer.boards import Board
from viewer.languages import current_lang
from viewer.phrases import review_words, say
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
    data = page_data(web_map, current_lang(), lambda name: url_for("api.layer", name=name), tile_url=_tile_url)
    return {
        **data,
        "signs": [{**sign, **_beside(sign["id"], sign["site"])} for sign in data["signs"]],
        "relief": None if relief is None else {"url": url_for("api.relief"), "bounds": relief.bounds},
        "words": _words(),
        "projectUrl": project_url,
        "identifyUrl": url_for("tiles.identify"),
    }


def atlas_data(shown: Board, basemap: Basemap | None) -> dict[str, Any]:
    """Return what the county map's own script needs: projects to filter by, addresses and words.

    Parameters
    ----------
    shown
        What the pages draw from.
    basemap
        The online basemap that may be switched on; None where there is none.
    """
    return {
        "projects": [_project(record) for record in shown.records],
        "urls": {
            "search": url_for("tiles.find"),
            "measure": url_for("measuring.measure"),
            "choropleth": url_for("measuring.classes"),
            "identify": url_for("tiles.identify"),
        },
        "basemap": None if basemap is None else [_sheet(sheet) for sheet in basemap.sheets],
        "basemapCredit": CREDIT.say(current_lang()),
        "words": _atlas_words(),
    }


def filter_choices(records: Sequence[ProjectRecord]) -> list[tuple[str, str, list[tuple[str, str, int]]]]:
    """Return what projects on the map are chosen by: name, label, and the values with how many projects have each."""
    choices = project_choices(records)
    years: Counter[int] = Counter()
    verdicts: Counter[str] = Counter()
    for record in records:
        years.update(years_of(record))
        verdicts.update({str(entry.verdict) for entry in record.answers if entry.verdict is not None})
    return [
        ("town", _("乡镇"), [(one.value, _named(one.value), one.count) for one in choices.towns]),
        ("department", _("部门"), [(one.value, _named(one.value), one.count) for one in choices.departments]),
        ("system", _("体系"), [(one.value, _named(one.value), one.count) for one in choices.systems]),
        ("year", _("实施年份"), [(str(year), str(year), years[year]) for year in sorted(years)]),
        ("answer", _("判断"), [(one.value, say(Answer(one.value).text), one.count) for one in choices.answers]),
        (
            "verdict",
            _("结论"),
            [(str(one), say(one.text), verdicts[str(one)]) for one in Verdict if verdicts[str(one)]],
        ),
    ]


def _named(value: str) -> str:
    return str(_("（未写明）")) if value == NONE else value


def _project(record: ProjectRecord) -> dict[str, Any]:
    told = record.undertaking
    return {
        "id": record.record_id,
        "name": record.name,
        "town": list(record.towns) or [NONE],
        "department": list(told.departments) or [NONE],
        "system": [told.system or NONE],
        "years": [told.start_year or told.end_year, told.end_year or told.start_year],
        "answer": [str(record.answer)],
        "verdict": sorted({str(entry.verdict) for entry in record.answers if entry.verdict is not None}),
        "invest": told.invest_wan_yuan,
        "overlap": record.overlap_ha,
        "sites": [site.site_id for site in record.sites],
        "isPlaced": any(site.geometry is not None for site in record.sites),
        "words": " ".join([record.place, *(f"{site.site_id} {site.name} {site.place}" for site in record.sites)]),
    }


def _tile_url(layer: DrawnLayer) -> str:
    """Return the address of a layer's tiles; it names what they are drawn from, so that a browser may keep them."""
    address = url_for("tiles.picture", layer=layer.name, z=0, x=0, y=0, v=layer.drawn_from)
    return address.replace("/0/0/0.png", "/{z}/{x}/{y}.png")


def _sheet(sheet: str) -> str:
    return url_for("measuring.basemap", sheet=sheet, z=0, x=0, y=0).replace("/0/0/0", "/{z}/{x}/{y}")


def _beside(record_id: str, site_id: str) -> dict[str, Any]:
    """Return what stands beside a sign's computed answer: reviews, and whether somebody has to draw the site."""
    record = board().by_id[record_id]
    return {
        "reviews": [review_words(entry) for entry in record.reviewed if entry.site_id == site_id],
        "needsGeometry": record.needs_geometry,
    }


def _atlas_words() -> dict[str, str]:
    """Return the words the county map's own script writes."""
    return {
        "found": _("找到 %(count)s 个"),
        "foundMore": _("找到 %(count)s 个，列出前 %(shown)s 个"),
        "none": _("没有找到"),
        "project": _("项目"),
        "place": _("坐标位置"),
        "noShape": _("没有图形，打开项目页"),
        "figures": _("符合条件 %(count)s 个，共 %(total)s 个；投资 %(invest)s 万元；重叠 %(overlap)s 公顷"),
        "filtered": _("%(count)s 项条件"),
        "copied": _("链接已复制"),
        "copyFailed": _("复制不了，请从地址栏复制"),
        "addPoint": _("在地图上点出各个角点，双击或回车结束，Esc 取消"),
        "length": _("长度"),
        "around": _("周长"),
        "area": _("面积"),
        "metres": _("米"),
        "kilometres": _("千米"),
        "hectares": _("公顷"),
        "mu": _("亩"),
        "ellipsoid": _("CGCS2000 椭球面"),
        "measureFailed": _("量算失败，请重试"),
        "clear": _("清除"),
        "noFigure": _("没有数据"),
        "source": _("来源"),
        "earlier": _("旧版"),
        "now": _("现行"),
        "basemapFailed": _("在线底图取不到，已改用地形阴影"),
        "moved": _("图层次序已调整"),
        "failed": _("查找失败，请重试"),
        "classed": _("已按 %(title)s 设色"),
        "notChosen": _("未选的乡镇"),
        "unfiltered": _("这项数据不是按项目统计的，不随项目筛选变化"),
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
        "here": _("这里还有"),
        "coarse": _("栅格较大，图上每像素约 %(pixel)s 米（原格 %(cell)s 米）", pixel="__pixel__", cell="__cell__"),
    }
