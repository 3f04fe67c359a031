"""Map sheets 附图 of a project to an exact scale: where it lies, present land, constraints, boundary points.

Sheets are drawn without pyplot, so that any thread may; a lock lets one be drawn at a time, for the settings of the
drawing library are of the whole process. The same inputs and the same font give the same bytes.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.text import Text as Label
from PIL import Image

from ecogeo.errors import UsageError
from ecogeo.palette import BASE_COLOUR
from ecogeo.report.mapsheet.column import draw_column
from ecogeo.report.mapsheet.contents import SHEET_TITLES, SHEETS, Drawn, SheetKind, draw_contents, view_of_sheet
from ecogeo.report.mapsheet.fonts import find_font, missing_characters
from ecogeo.report.mapsheet.furniture import breadth_em, draw_graticule
from ecogeo.report.mapsheet.page import Box, Look, Page, Paper, page_of
from ecogeo.report.material import Case, Material
from ecogeo.wording import Lang, Text

__all__ = [
    "SHEETS",
    "SHEET_TITLES",
    "Form",
    "Paper",
    "Sheet",
    "SheetKind",
    "can_draw",
    "draw_sheet",
    "find_font",
    "rendered",
    "sheet_bytes",
]

Form = Literal["pdf", "png"]

ONE_AT_A_TIME = threading.Lock()
PRINT_SETTINGS = {
    "pdf.fonttype": 42,
    "axes.unicode_minus": False,
    "text.parse_math": False,  # a name may hold dollar signs
    "hatch.linewidth": 0.45,
    "path.simplify": False,
    "svg.fonttype": "none",
}


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A sheet that is drawn, to be rendered in one form or several (`rendered`)."""

    figure: Figure = field(repr=False)

    def let_go(self) -> None:
        """Empty the sheet: its parts refer to each other, and their memory would not come back by itself for long."""
        self.figure.clear()


def can_draw(case: Case, kind: SheetKind) -> bool:
    """Tell whether a case has something to draw on a sheet: ground, and for boundary points a surely placed site."""
    return view_of_sheet(case, kind) is not None


def sheet_bytes(
    material: Material,
    case: Case,
    kind: SheetKind,
    *,
    lang: Lang = "zh",
    paper: Paper = "A4",
    form: Form = "pdf",
    dpi: int = 300,
    font: Path | None = None,
) -> bytes:
    """Draw one sheet.

    Parameters
    ----------
    material
        Of the run.
    case
        The project.
    kind
        One of `SHEETS`.
    lang
        Language of titles and legend; names of the data are as they are.
    paper
        A4 or A3, across.
    form
        ``pdf`` with searchable text, or ``png``.
    dpi
        Dots per inch of a picture.
    font
        A font file; None looks for one (`find_font`).

    Raises
    ------
    UsageError
        Where the case has nothing to draw on such a sheet, or there is no font with Chinese.
    UnusableFileError
        Where the font cannot be used, or lacks a character of the sheet.
    """
    sheet = draw_sheet(material, case, kind, lang=lang, paper=paper, font=font)
    content = rendered(sheet, form, dpi)
    sheet.let_go()
    return content


def draw_sheet(
    material: Material,
    case: Case,
    kind: SheetKind,
    *,
    lang: Lang = "zh",
    paper: Paper = "A4",
    font: Path | None = None,
) -> Sheet:
    """Draw one sheet; parameters and what is raised are those of `sheet_bytes`."""
    if not can_draw(case, kind):
        title = SHEET_TITLES[kind]
        raise UsageError(
            Text(
                f"{case.case_id} 没有可画的图形，不能出{title.zh}",
                f"{case.case_id} has nothing drawn that “{title.en}” could show",
            )
        )
    path = find_font(font)
    with ONE_AT_A_TIME, mpl.rc_context(PRINT_SETTINGS):  # type: ignore[arg-type]
        figure = _composed(material, case, kind, Look(page_of(paper), path, lang))
        _require_glyphs(figure, path)
    return Sheet(figure)


def rendered(sheet: Sheet, form: Form, dpi: int = 300) -> bytes:
    """Render a drawn sheet as ``pdf`` or ``png``; as often as need be, always to the same bytes.

    A picture is packed once, without a channel of opacity, and says how large it is on paper.
    """
    content = io.BytesIO()
    with ONE_AT_A_TIME, mpl.rc_context(PRINT_SETTINGS):  # type: ignore[arg-type]
        if form == "pdf":
            metadata = {"CreationDate": None, "Creator": "ecogeo", "Producer": None}
            sheet.figure.savefig(content, format="pdf", metadata=metadata)
        else:
            sheet.figure.set_dpi(dpi)
            canvas = FigureCanvasAgg(sheet.figure)
            canvas.draw()  # type: ignore[no-untyped-call]
            pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
            picture = Image.fromarray(np.ascontiguousarray(pixels[:, :, :3]))
            picture.save(content, "PNG", dpi=(dpi, dpi))
            FigureCanvasBase(sheet.figure)  # lets the pixels go
    return content.getvalue()


def _composed(material: Material, case: Case, kind: SheetKind, look: Look) -> Figure:
    page, font = look.page, look.font
    figure = Figure(figsize=(page.width / 25.4, page.height / 25.4), facecolor="white")
    frame = _axes(figure, page, page.frame)
    view = view_of_sheet(case, kind, material, page)
    if view is None:
        raise UsageError(Text(f"{case.case_id} 没有可画的图形", f"{case.case_id} has nothing drawn"))
    frame.set_xlim(view.west, view.east)
    frame.set_ylim(view.south, view.north)
    frame.set_facecolor(BASE_COLOUR if kind == "location" else "white")
    common = FontProperties(fname=str(font), size=page.text_pt)
    drawn: Drawn = draw_contents(frame, material, case, kind, view, font=common)
    draw_graticule(frame, view, FontProperties(fname=str(font), size=page.text_pt - 1.5))
    frame.add_patch(
        Rectangle((0, 0), 1, 1, transform=frame.transAxes, fill=False, edgecolor="#111827", linewidth=1.4, zorder=90)
    )
    column = _axes(figure, page, page.side)
    column.set_xlim(0, page.side.width)
    column.set_ylim(0, page.side.height)
    draw_column(column, material, case, drawn, view, look=look)
    _head(figure, material, case, kind, look)
    return figure


def _axes(figure: Figure, page: Page, box: Box) -> Axes:
    place = (box.left / page.width, box.bottom / page.height, box.width / page.width, box.height / page.height)
    axes = figure.add_axes(place)
    axes.set_axis_off()
    return axes


def _head(figure: Figure, material: Material, case: Case, kind: SheetKind, look: Look) -> None:
    """Write the title over the frame, small enough to fit, and the mark at the right."""
    page, font, lang = look.page, look.font, look.lang
    title = f"{case.name}{SHEET_TITLES[kind].zh}" if lang == "zh" else f"{case.name}: {SHEET_TITLES[kind].en}"
    most = page.frame.width * 72 / 25.4
    size = max(min(page.text_pt * 2.2, most / max(breadth_em(title), 1.0)), page.text_pt * 0.9)
    top = (page.frame.bottom + page.frame.height + 5.0) / page.height
    middle = (page.frame.left + page.frame.width / 2) / page.width
    figure.text(middle, top, title, ha="center", va="bottom", fontproperties=FontProperties(fname=str(font), size=size))
    mark = material.notice or Text("内部资料 注意保管", "for official use")
    right = (page.side.left + page.side.width) / page.width
    small = FontProperties(fname=str(font), size=page.text_pt)
    figure.text(right, top, mark.say(lang), ha="right", va="bottom", color="#B91C1C", fontproperties=small)


def _require_glyphs(figure: Figure, font: Path) -> None:
    """Refuse a sheet whose font lacks a character: it would stand there as an empty box."""
    texts = [label.get_text() for label in figure.findobj(Label) if isinstance(label, Label)]
    if missing := missing_characters(font, texts):
        raise UsageError(
            Text(
                f"字体 {font.name} 缺少字符 {missing}，图件会出现空框：请用 --font 指明含这些字的字体",
                f"the font {font.name} lacks the characters {missing}, which would be empty boxes: name another by "
                "--font",
            )
        )
