"""The one file: data, scripts and styles in it, and a policy that lets a browser run and fetch nothing else."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ecogeo import __version__
from ecogeo.board.plans import PlanBoard
from ecogeo.board.records import ProjectRecord
from ecogeo.cells import cell_layers, draw_cells
from ecogeo.errors import EcogeoError, UsageError
from ecogeo.export.tables import finding_rows, indicator_rows, project_rows, shoreline_rows, without_coordinates
from ecogeo.export.words import EXPORT_WORDS
from ecogeo.finding import Report
from ecogeo.mapexport import portable_map
from ecogeo.present.plain_cells import drawn_cells, plain_cells
from ecogeo.present.plain_map import Pair, answer_marks, pair, plain_map
from ecogeo.present.steps import Step, step_doubts, steps_object
from ecogeo.present.words import WORDS, plain_words
from ecogeo.relief import county_relief
from ecogeo.style_file import style_note
from ecogeo.wording import Lang, Text
from ecogeo.workspace import Workspace

MOST_MAP_BYTES = 4_500_000
"""What the layers may take, counted as text; as whole numbers they take less than half of it."""

MOST_RASTER_PX, MOST_RASTER_BYTES = 1100, 250_000
"""Of the picture of a raster of classes: its longer side, and what it may take."""

NEAR_KM = 3.0

_STYLES = ("vendor/leaflet/leaflet.css", "app/style.css", "app/present.css", "app/export.css")
_SCRIPTS = ("vendor/leaflet/leaflet.js", "app/plainmap.js", "app/present.js", "app/export.js")
_LICENCE = "vendor/leaflet/LICENSE"
_URL = re.compile(r"url\(\s*(['\"]?)(?!data:|#)([^)'\"]*)\1\s*\)")
_MAP_LINE = re.compile(r"^\s*(//|/\*)[#@] sourceMappingURL=.*$", re.MULTILINE)
_LINKS = ("leaflet", "leaflet_css")
"""What a map asks for; its scripts are laid into the file otherwise."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What a file holds.

    Parameters
    ----------
    page
        The file.
    notes
        What was simplified or left out, as the file says it itself.
    """

    page: bytes
    notes: tuple[Text, ...]


def export_page(
    workspace: Workspace,
    report: Report,
    records: Sequence[ProjectRecord],
    plans: Sequence[PlanBoard],
    steps: Sequence[Step],
    *,
    static: Path,
    pictures: Path | None = None,
    lang: Lang = "zh",
    with_coordinates: bool = True,
) -> Exported:
    """Put a county into one file.

    Parameters
    ----------
    workspace
        The county.
    report
        The outcome of its checks.
    records
        Its projects and sites.
    plans
        Its plans; those that only lie beside it are left out.
    steps
        The steps of a meeting.
    static
        Folder of the viewer's scripts and styles, ``vendor`` and ``app`` in it.
    pictures
        Folder of the steps' pictures; None leaves them out.
    lang
        Language the file opens in; it holds both.
    with_coordinates
        Whether the file holds the map; without it there is no coordinate in it.

    Raises
    ------
    EcogeoError
        Where a layer cannot be used, or a script is missing.
    """
    notes: list[Text] = []
    held = _pictures(steps, pictures)
    drawn = None
    names: list[str] = []
    if with_coordinates:
        portable = portable_map(
            workspace, records, dict.fromkeys(_LINKS, ""), most_bytes=MOST_MAP_BYTES, near_km=NEAR_KM
        )
        notes += portable.left_out
        drawn = plain_map(portable.web_map, relief=county_relief(workspace), with_words=True)
        rasters, of_rasters = _rasters(workspace)
        drawn["layers"] += rasters
        notes += of_rasters
        names = [told["name"] for told in drawn["layers"]]
        notes += _missing_earlier(workspace, names)
        absent = portable.web_map.absent
        if absent:
            titles = (", ".join(text.en for text in absent), "、".join(text.zh for text in absent))
            notes.append(Text(f"本县没有的图层：{titles[1]}", f"layers the county does not have: {titles[0]}"))
        notes += step_doubts(steps, layers=names, subjects=_subjects(records), pictures=held)
    else:
        steps = [_without_places(step) for step in steps]
        notes.append(
            Text(
                "脱敏：不含地图、图形和坐标，文字中的坐标已略去；图片未放入",
                "no coordinates: no map and no shapes; coordinates were taken out of sentences; no pictures",
            )
        )
        held = {}
    notes.append(
        Text(
            "只含本县规划的指标；各检查的明细表、图形成果见 ecogeo check 的输出",
            "indicators of the county's own plans alone; detailed tables and shapes are what ecogeo check writes",
        )
    )
    if (styled := style_note(workspace.layer_folder)) is not None and with_coordinates:
        notes.append(styled)
    own = [plan for plan in plans if plan.is_own]
    title = workspace.catalog.answer_title
    data = {
        "county": pair(workspace.county.title),
        "notice": None if report.notice is None else pair(report.notice),
        "lang": lang,
        "map": drawn,
        **steps_object(steps),
        "pictures": held,
        "words": {**plain_words(WORDS), **plain_words(EXPORT_WORDS)},
        "answers": answer_marks(),
        "tables": {
            "projects": project_rows(records),
            "findings": finding_rows(report, title, with_coordinates=with_coordinates),
            "indicators": indicator_rows(own),
            "shorelines": shoreline_rows(report),
        },
        "about": _about(workspace, report, notes, static / _LICENCE, with_coordinates=with_coordinates),
    }
    return Exported(_page(data, workspace.county.title.say(lang), lang, static), tuple(notes))


def _page(data: Mapping[str, Any], title: str, lang: Lang, static: Path) -> bytes:
    """Lay data, styles and scripts into a page whose policy names the digest of each."""
    styles = "\n".join(_style(static / name) for name in _STYLES)
    scripts = [_script(static / name) for name in _SCRIPTS]
    policy = "; ".join(
        [
            "default-src 'none'",
            "script-src " + " ".join(_digest(script) for script in scripts),
            f"style-src {_digest(styles)}",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "object-src 'none'",
        ]
    )
    held = html.escape(title)
    plain = Text(
        "这份文件需要浏览器脚本；请用较新的 Edge、Chrome 或 360 极速模式打开。",
        "This file needs scripts: open it in a recent Edge, Chrome or Firefox.",
    ).say(lang)
    lines = [
        "<!doctype html>",
        f'<html lang="{"zh-CN" if lang == "zh" else "en"}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f'<meta name="generator" content="ecogeo {__version__}">',
        f"<title>{held}</title>",
        f"<style>{styles}</style>",
        "</head>",
        '<body class="export">',
        f"<noscript><p>{html.escape(plain)}</p></noscript>",
        '<div id="export"></div>',
        f'<script type="application/json" id="county-data">{_json(data)}</script>',
        *(f"<script>{script}</script>" for script in scripts),
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(lines).encode()


def _json(data: Mapping[str, Any]) -> str:
    """Return data as JSON that ends no script: what a page could take for markup is written as an escape."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text.encode("utf-8", "replace").decode()


def _style(path: Path) -> str:
    """Return a style sheet that fetches nothing: pictures of the vendored one are not used and left out."""
    return _URL.sub("none", _asset(path)).replace("</", "<\\/")


def _script(path: Path) -> str:
    text = _MAP_LINE.sub("", _asset(path))
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _asset(path: Path) -> str:
    if not path.is_file():
        raise UsageError(
            Text(f"缺少随附文件 {path.name}，请重新安装 ecogeo", f"{path.name} is missing: install ecogeo again")
        )
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def _pictures(steps: Sequence[Step], folder: Path | None) -> dict[str, str]:
    """Return the pictures of steps as addresses that hold them."""
    held: dict[str, str] = {}
    for step in steps:
        path = None if folder is None or not step.picture else folder / step.picture
        if path is not None and path.is_file():
            kind = "png" if path.suffix == ".png" else "jpeg"
            held[step.picture] = f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
    return held


def _rasters(workspace: Workspace) -> tuple[list[dict[str, Any]], list[Text]]:
    """Return rasters of classes as layers of the page, and what is to be said of them."""
    told, notes = [], []
    for layer in cell_layers(workspace):
        title = f"{layer.title.zh} {layer.source}".strip(), f"{layer.title.en} {layer.source}".strip()
        try:
            picture = draw_cells(workspace, layer, most_px=MOST_RASTER_PX)
        except EcogeoError as error:
            notes.append(Text(f"{title[0]}：没有放入，{error.say('zh')}", f"{title[1]}: left out, {error.say('en')}"))
            continue
        if len(picture.png) > MOST_RASTER_BYTES:
            notes.append(Text(f"{title[0]}：栅格太大，没有放入", f"{title[1]}: too large a raster, left out"))
            continue
        told.append(plain_cells(layer) | drawn_cells(picture))
        notes.append(
            Text(
                f"{title[0]}：图上每像素约 {picture.pixel_m:g} 米（原格 {picture.cell_m:g} 米）",
                f"{title[1]}: a pixel shows about {picture.pixel_m:g} m (its cells are {picture.cell_m:g} m)",
            )
        )
    return told, notes


def _without_places(step: Step) -> Step:
    words = tuple(without_coordinates(one) for one in step.words)
    title = without_coordinates(step.title)
    return replace(
        step,
        title=title,
        words=words,
        bounds=None,
        layers=None,
        spotlight="",
        comparison=None,
        picture="",
        picture_alt="",
    )


def _missing_earlier(workspace: Workspace, names: Sequence[str]) -> list[Text]:
    """Say which earlier versions the county has and the file has not."""
    missing = [
        name
        for name, declared in workspace.catalog.layers.items()
        if declared.as_earlier is not None and not declared.is_raster and f"{name}.earlier" not in names
    ]
    return [Text(f"未放入旧版图层：{name}", f"the earlier version of {name} is left out") for name in missing]


def _subjects(records: Sequence[ProjectRecord]) -> set[str]:
    return {record.record_id for record in records} | {site.site_id for record in records for site in record.sites}


def _about(
    workspace: Workspace, report: Report, notes: Sequence[Text], licence: Path, *, with_coordinates: bool
) -> dict[str, Any]:
    """Return what the file says of itself: what is left out, by which law, from which inputs, with whose scripts."""
    catalog = workspace.catalog
    layers: list[list[Pair]] = []
    for name, declared in catalog.layers.items():
        title = declared.title or name
        layers.append(
            [
                pair(Text(title, declared.title_en or title)),
                declared.version,
                declared.date,
                declared.origin,
                declared.licence,
            ]
        )
    missing = [[pair(run.title), pair(why)] for run in report.runs if (why := run.crash or run.not_run) is not None]
    return {
        "notes": [pair(note) for note in notes],
        "judgedOn": report.judged_on,
        "layers": layers,
        "sources": [
            [source.name, source.path, source.version, source.date, source.sha256] for source in report.sources
        ],
        "notRun": missing,
        "withCoordinates": with_coordinates,
        "version": __version__,
        "licence": _asset(licence),
    }
