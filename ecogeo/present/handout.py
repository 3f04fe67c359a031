"""The steps of a meeting as sheets of A3 in one PDF: maps to an exact scale, words, legend, sources.

The same steps, inputs and font give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.text import Text as Label
from PIL import Image

from ecogeo.board.records import ProjectRecord
from ecogeo.errors import UsageError
from ecogeo.finding import Report
from ecogeo.gauss import home_plane, zone_text
from ecogeo.mapsigns import SiteSign, site_signs, theme_title, themed_signs
from ecogeo.palette import BASE_COLOUR
from ecogeo.present.handout_map import Painted, default_layers, draw_signs, draw_spotlight, paint_step_layers
from ecogeo.present.steps import Bounds, Step
from ecogeo.report.mapsheet import ONE_AT_A_TIME as DRAWING  # one sheet at a time, whoever draws it
from ecogeo.report.mapsheet import PRINT_SETTINGS as SETTINGS
from ecogeo.report.mapsheet.fonts import find_font, missing_characters
from ecogeo.report.mapsheet.furniture import draw_graticule, draw_legend, draw_north, draw_scale_bar, wrapped
from ecogeo.report.mapsheet.page import Box, View, projected, view_of
from ecogeo.wording import Lang, Text
from ecogeo.workspace import Workspace

WIDTH_MM, HEIGHT_MM = 420.0, 297.0
_MARGIN_MM = 14.0
_HEAD_MM = 20.0
_SIDE_MM = 128.0
_GAP_MM = 4.0
_WORDS_PT = (16.0, 14.0, 12.0, 10.5, 9.0)
"""Sizes of type the words are tried in, until they fit."""

_MOST_PICTURE_MM = 85.0


@dataclass(frozen=True, slots=True, eq=False)
class Handout:
    """What every sheet is drawn from.

    Parameters
    ----------
    workspace
        The county.
    report
        The outcome of its checks.
    signs
        The sites' signs.
    font
        File of the font.
    lang
        Language of titles; words of the data are as they are.
    pictures
        Folder of the pictures; None for none.
    """

    workspace: Workspace
    report: Report
    signs: tuple[SiteSign, ...]
    font: Path
    lang: Lang
    pictures: Path | None

    def letters(self, size: float) -> FontProperties:
        """Return the font in a size, points."""
        return FontProperties(fname=str(self.font), size=size)


def handout_bytes(
    workspace: Workspace,
    report: Report,
    records: Sequence[ProjectRecord],
    steps: Sequence[Step],
    *,
    lang: Lang = "zh",
    pictures: Path | None = None,
    font: Path | None = None,
) -> bytes:
    """Draw steps as a PDF of A3 sheets, one for each.

    Parameters
    ----------
    workspace
        The county.
    report
        The outcome of its checks.
    records
        Its projects and sites, for their signs.
    steps
        The steps.
    lang
        Language of titles and legend.
    pictures
        Folder of the steps' pictures; None leaves them out.
    font
        A font file; None looks for one.

    Raises
    ------
    UsageError
        Where there is no font with Chinese, or it lacks a character of the steps.
    EcogeoError
        Where a layer cannot be used.
    """
    made = Handout(workspace, report, site_signs(records), find_font(font), lang, pictures)
    content = io.BytesIO()
    metadata = {"CreationDate": None, "ModDate": None, "Creator": "ecogeo", "Producer": None}
    with (
        DRAWING,
        mpl.rc_context(SETTINGS),  # type: ignore[arg-type]
        PdfPages(content, metadata=metadata) as pdf,
    ):
        for number, step in enumerate(steps, start=1):
            figure = _sheet(made, step, number, len(steps))
            _require_glyphs(figure, made.font)
            pdf.savefig(figure)
            figure.clear()
    return content.getvalue()


def _sheet(made: Handout, step: Step, number: int, total: int) -> Figure:
    figure = Figure(figsize=(WIDTH_MM / 25.4, HEIGHT_MM / 25.4), facecolor="white")
    lang = made.lang
    top = HEIGHT_MM - _MARGIN_MM - _HEAD_MM / 2
    title = step.title.say(lang)
    size = next((one for one in (26.0, 22.0, 18.0, 14.0) if len(wrapped(title, 300.0, one)) == 1), 12.0)
    figure.text(
        _MARGIN_MM / WIDTH_MM, top / HEIGHT_MM, title, ha="left", va="center", fontproperties=made.letters(size)
    )
    page = f"{number} / {total}"
    figure.text(
        (WIDTH_MM - _MARGIN_MM) / WIDTH_MM, top / HEIGHT_MM, page, ha="right", va="center",
        fontproperties=made.letters(13.0),
    )  # fmt: skip
    height = HEIGHT_MM - 2 * _MARGIN_MM - _HEAD_MM
    whole = Box(_MARGIN_MM, _MARGIN_MM, WIDTH_MM - 2 * _MARGIN_MM - _SIDE_MM - _GAP_MM, height)
    bounds = step.bounds or _county_bounds(made)
    painted, view = Painted(), None
    if bounds is not None:
        frames = _frames(whole, step, made)
        for frame, names, name in frames:
            view = _view(bounds, frame)
            painted = painted.with_more(_map(figure, made, step, frame, view, names=names, name=name))
    side = Box(whole.left + whole.width + _GAP_MM, _MARGIN_MM, _SIDE_MM, height)
    _column(figure, made, step, side, painted=painted, view=view)
    return figure


def _frames(whole: Box, step: Step, made: Handout) -> list[tuple[Box, tuple[str, ...] | None, str]]:
    """Return the frames of a sheet, what each shows, and what its state is called."""
    both = step.comparison
    if both is None:
        return [(whole, step.layers, "")]
    differing = {*both.before, *both.after}
    shown = default_layers(made.workspace) if step.layers is None else step.layers
    base = tuple(name for name in shown if name not in differing)
    half = (whole.width - _GAP_MM) / 2
    left = Box(whole.left, whole.bottom, half, whole.height)
    right = Box(whole.left + half + _GAP_MM, whole.bottom, half, whole.height)
    return [
        (left, (*base, *both.before), both.before_title.say(made.lang)),
        (right, (*base, *both.after), both.after_title.say(made.lang)),
    ]


def _county_bounds(made: Handout) -> Bounds | None:
    county = made.workspace.of_role("county")
    if county is not None and len(county.sound):
        return county.box
    if not made.signs:
        return None
    lons, lats = [sign.lon for sign in made.signs], [sign.lat for sign in made.signs]
    return (min(lons) - 0.02, min(lats) - 0.02, max(lons) + 0.02, max(lats) + 0.02)


def _view(bounds: Bounds, frame: Box) -> View:
    crs = home_plane((bounds[0] + bounds[2]) / 2)
    ground = shapely.segmentize(shapely.box(*bounds), (bounds[2] - bounds[0]) / 20)
    return view_of(projected(np.array([ground], dtype=object), crs)[0], crs, frame, margin=0.01, least=1_000)


def _map(
    figure: Figure, made: Handout, step: Step, frame: Box, view: View, *, names: tuple[str, ...] | None, name: str
) -> Painted:
    axes = _axes(figure, frame)
    axes.set_xlim(view.west, view.east)
    axes.set_ylim(view.south, view.north)
    axes.add_patch(Rectangle((0, 0), 1, 1, transform=axes.transAxes, facecolor=BASE_COLOUR, linewidth=0, zorder=-1))
    signs = themed_signs(made.signs, step.theme)
    painted = paint_step_layers(
        axes, made.workspace, names, signs, view, font=made.letters(11.0), is_themed=bool(step.theme)
    )
    if painted.has_sites:
        about = theme_title(signs, step.theme)
        painted = painted.with_signs(draw_signs(axes, signs, view, made.letters(10.0), about=about))
    if step.spotlight:
        draw_spotlight(axes, made.signs, step.spotlight, view)
    draw_graticule(axes, view, made.letters(7.5))
    axes.add_patch(
        Rectangle((0, 0), 1, 1, transform=axes.transAxes, fill=False, edgecolor="#111827", linewidth=1.4, zorder=95)
    )
    if name:
        axes.text(
            0.5, 0.985, name, transform=axes.transAxes, ha="center", va="top", fontproperties=made.letters(13.0),
            zorder=96, bbox={"facecolor": "white", "edgecolor": "#0b5c8a", "boxstyle": "round,pad=0.3"},
        )  # fmt: skip
    return painted


def _column(figure: Figure, made: Handout, step: Step, side: Box, *, painted: Painted, view: View | None) -> None:
    """Write words, picture and legend from the top; scale, north and sources from the foot."""
    axes = _axes(figure, side)
    axes.set_xlim(0, side.width)
    axes.set_ylim(0, side.height)
    lang, inner = made.lang, side.width - 4.0
    foot = _foot(axes, made, painted, view, inner=inner)
    entries = painted.entries
    columns = 1 if len(entries) <= 9 else 2
    legend = 0.0 if not entries else 9.0 + 5.4 * -(-len(entries) // columns)
    picture = _picture(made, step)
    needed = 0.0 if picture is None else min(_MOST_PICTURE_MM, side.height * 0.4)
    room = side.height - foot - legend - needed - 4.0
    top = _words(axes, made, step, side.height, inner=inner, room=room)
    if picture is not None:
        top = _show_picture(axes, picture, top, inner, needed)
    if entries:
        axes.text(
            2.0, foot + legend, Text("图例", "Legend").say(lang), ha="left", va="top", fontproperties=made.letters(12.0)
        )
        draw_legend(
            axes, entries, 2.0, foot + legend - 6.5, lang=lang, font=made.letters(9.5), step=5.4, columns=columns
        )


def _words(axes: Axes, made: Handout, step: Step, top: float, *, inner: float, room: float) -> float:
    """Write the words as large as they fit; what does not fit at the smallest size is told to be left out."""
    told = [one.say(made.lang) for one in step.words]
    for size in _WORDS_PT:
        line = size * 25.4 / 72 * 1.38
        rows = [(row, place == 0) for text in told for place, row in enumerate(_rows(text, inner, size))]
        needed = sum(line + (line * 0.35 if is_first else 0.0) for _, is_first in rows)
        if needed <= room:
            break
    at = top
    for number, (row, is_first) in enumerate(rows):
        at -= line * 0.35 if is_first and number else 0.0
        if top - at + 2 * line > room and number < len(rows) - 1:
            rest = Text("……文字未印完，见演示", "… the rest of the words stands in the steps").say(made.lang)
            axes.text(2.0, at, rest, ha="left", va="top", fontproperties=made.letters(size), color="#B91C1C")
            return at - line
        axes.text(2.0, at, row, ha="left", va="top", fontproperties=made.letters(size))
        at -= line
    return at


def _rows(text: str, inner: float, size: float) -> list[str]:
    return [row for part in text.split("\n") for row in wrapped(part, inner, size)]


def _picture(made: Handout, step: Step) -> Image.Image | None:
    if not step.picture or made.pictures is None:
        return None
    path = made.pictures / step.picture
    if not path.is_file():
        return None
    with Image.open(path, formats=["PNG", "JPEG"]) as opened:
        return opened.convert("RGB")


def _show_picture(axes: Axes, picture: Image.Image, top: float, inner: float, most: float) -> float:
    high = min(most, inner * picture.height / picture.width)
    wide = high * picture.width / picture.height
    left = 2.0 + (inner - wide) / 2
    axes.imshow(np.asarray(picture), extent=(left, left + wide, top - 2.0 - high, top - 2.0), aspect="auto", zorder=5)
    return top - 4.0 - high


def _foot(axes: Axes, made: Handout, painted: Painted, view: View | None, *, inner: float) -> float:
    """Write notice, sources, plane and scale from the foot; return how far up they reach, mm."""
    lang = made.lang
    texts = list(painted.notes(lang))
    if view is not None:
        plane = zone_text(view.crs)
        texts.append(Text(f"坐标系：{plane.zh}", f"plane: {plane.en}").say(lang))
    if made.report.judged_on:
        texts.append(Text(f"规则日期：{made.report.judged_on}", f"rules of {made.report.judged_on}").say(lang))
    texts.append(Text("结果供内部核对，不代替法定审查。", "For internal checking; not a legal review.").say(lang))
    at = 1.0
    for text in reversed(texts):
        for row in reversed(wrapped(text, inner, 8.0)):
            axes.text(2.0, at, row, ha="left", va="bottom", fontproperties=made.letters(8.0), color="#374151")
            at += 3.6
        at += 0.6
    if made.report.notice is not None:
        axes.text(
            2.0,
            at + 0.5,
            made.report.notice.say(lang),
            ha="left",
            va="bottom",
            fontproperties=made.letters(12.0),
            color="#B91C1C",
        )
        at += 7.0
    if view is not None:
        at += 2.0
        draw_scale_bar(axes, 2.0, at, view, made.letters(9.0), most_mm=inner - 50.0)
        axes.text(2.0, at + 7.0, f"1:{view.scale:,}", ha="left", va="bottom", fontproperties=made.letters(13.0))
        draw_north(axes, inner - 6.0, at + 2.0, made.letters(10.0))
        at += 17.0
    return at


def _axes(figure: Figure, box: Box) -> Axes:
    place = (box.left / WIDTH_MM, box.bottom / HEIGHT_MM, box.width / WIDTH_MM, box.height / HEIGHT_MM)
    axes = figure.add_axes(place)
    axes.set_axis_off()
    return axes


def _require_glyphs(figure: Figure, font: Path) -> None:
    """Refuse a sheet whose font lacks a character: it would stand there as an empty box."""
    texts = [label.get_text() for label in figure.findobj(Label) if isinstance(label, Label)]
    if missing := missing_characters(font, texts):
        raise UsageError(
            Text(
                f"字体 {font.name} 缺少字符 {missing}，讲义会出现空框：请去掉这些字符或换字体",
                f"the font {font.name} lacks the characters {missing}, which would be empty boxes: take them out or "
                "use another font",
            )
        )
