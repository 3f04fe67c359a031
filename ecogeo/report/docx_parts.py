"""Parts of a Word document in the look of an official note: Chinese faces, page numbers, tables that repeat their head.

The same parts give the same bytes: no clock, and zip entries of a fixed time.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence

from docx import Document
from docx.document import Document as DocumentPart
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph

BODY, HEADING, TABLE, LATIN = "仿宋", "黑体", "宋体", "Times New Roman"
_WRITTEN = dt.datetime(2000, 1, 1)  # noqa: DTZ001  a fixed day, so that the same inputs give the same bytes
_MOST_ROWS_KEPT = 15
"""A table of no more rows is not parted by the end of a page."""

_PICTURE_CM = 21.6
"""Breadth of a map sheet in a statement: its height, 15.3 cm, leaves room for the caption."""

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def new_document(title: str, mark: str) -> DocumentPart:
    """Return an empty A4 document with the styles of a note, page numbers, and a mark at the head of every page."""
    document = Document()
    package = document.part.package
    for key in [key for key, one in package.rels.items() if one.reltype.endswith("/thumbnail")]:
        del package.rels[key]  # a picture of the empty form, of no use to anybody
    for name, face, size, is_bold in (
        ("Normal", BODY, 14, False),
        ("Title", HEADING, 20, False),
        ("Heading 1", HEADING, 15, False),
        ("Heading 2", HEADING, 14, False),
        ("Caption", TABLE, 10.5, False),
    ):
        style = document.styles[name]
        if isinstance(style, ParagraphStyle):
            _face(style, face, size, is_bold=is_bold)
    defaults = document.styles.element.find(qn("w:docDefaults"))
    for language in () if defaults is None else defaults.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN")
    for theme in document.settings.element.iter(qn("w:themeFontLang")):
        theme.set(qn("w:eastAsia"), "zh-CN")
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    properties = document.core_properties
    properties.title, properties.author, properties.language = clean(title)[:255], "ecogeo", "zh-CN"
    properties.created = properties.modified = _WRITTEN
    properties.comments, properties.last_modified_by, properties.revision = "", "ecogeo", 1
    head = section.header.paragraphs[0]
    head.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _run(head, mark, TABLE, 9, "B91C1C")
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot, "— ", TABLE, 10.5)
    _page_field(foot)
    _run(foot, " —", TABLE, 10.5)
    return document


def add_title(document: DocumentPart, text: str) -> None:
    """Write the title in the middle."""
    paragraph = document.add_paragraph(clean(text), style="Title")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def add_heading(document: DocumentPart, text: str, level: int = 1) -> None:
    """Write a heading that stays with what follows."""
    document.add_paragraph(clean(text), style=f"Heading {level}").paragraph_format.keep_with_next = True


def add_text(document: DocumentPart, text: str) -> Paragraph:
    """Write a paragraph, its first line two characters in; it fills a page to the last line, as official notes do."""
    paragraph = document.add_paragraph(clean(text))
    form = paragraph.paragraph_format
    form.widow_control = False
    form.first_line_indent, form.line_spacing, form.space_after = Pt(28), Pt(26), Pt(0)
    return paragraph


def add_table(
    document: DocumentPart, caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], widths_cm: Sequence[float]
) -> None:
    """Write a table with a caption above and a head that is repeated on every page; a short one stays on one page.

    Parameters
    ----------
    document
        The document.
    caption
        What stands above it.
    head, rows
        The cells; figures are set to the right.
    widths_cm
        Of the columns, centimetres.
    """
    paragraph = document.add_paragraph(clean(caption), style="Caption")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    form = paragraph.paragraph_format
    form.keep_with_next, form.space_before, form.space_after = True, Pt(8), Pt(3)
    table = document.add_table(rows=1, cols=len(head))
    table.style = document.styles["Table Grid"]
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, widths_cm, strict=True):
        column.width = Cm(width)
    for cell, text, width in zip(table.rows[0].cells, head, widths_cm, strict=True):
        _fill(cell, text, HEADING, width, WD_ALIGN_PARAGRAPH.CENTER)
        _shade(cell)
    _mark_row(table.rows[0]._tr, "w:tblHeader")
    for row in rows:
        added = table.add_row()
        _mark_row(added._tr, "w:cantSplit")
        for cell, text, width in zip(added.cells, row, widths_cm, strict=True):
            is_figure = text.replace(",", "").replace(".", "").replace("%", "").isdigit()
            _fill(cell, text, TABLE, width, WD_ALIGN_PARAGRAPH.RIGHT if is_figure else WD_ALIGN_PARAGRAPH.LEFT)
    if len(rows) <= _MOST_ROWS_KEPT:
        for element in [row._tr for row in table.rows][:-1]:
            for part in element.iter(qn("w:p")):
                Paragraph(part, table).paragraph_format.keep_with_next = True
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def add_pictures(document: DocumentPart, pictures: Sequence[tuple[str, bytes]]) -> None:
    """Write pictures, each with its caption below, on a page of its own that lies across, as large as it can be."""
    if not pictures:
        return
    section = document.add_section(WD_SECTION.NEW_PAGE)
    for form in [document.paragraphs[-1].paragraph_format]:  # it ends the pages before and takes no room on them
        form.line_spacing, form.space_after = Pt(1), Pt(0)
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    section.left_margin = section.right_margin = section.bottom_margin = Mm(20)
    section.top_margin = Mm(22)
    for number, (caption, picture) in enumerate(pictures):
        paragraph = document.add_paragraph()
        form = paragraph.paragraph_format
        form.page_break_before, form.keep_with_next, form.space_after = number > 0, True, Pt(0)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run().add_picture(io.BytesIO(picture), width=Cm(_PICTURE_CM))
        below = document.add_paragraph(clean(caption), style="Caption")
        below.paragraph_format.space_after = Pt(0)
        below.alignment = WD_ALIGN_PARAGRAPH.CENTER


def document_bytes(document: DocumentPart) -> bytes:
    """Return a document as the bytes of its file."""
    content = io.BytesIO()
    document.save(content)
    return stable_zip(content.getvalue())


def stable_zip(content: bytes) -> bytes:
    """Pack a zip anew with its entries in order of name but for the first, all of one fixed time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after:
        names = before.namelist()
        first = "[Content_Types].xml"
        for name in [*(one for one in names if one == first), *sorted(one for one in names if one != first)]:
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            after.writestr(entry, before.read(name))
    return packed.getvalue()


def clean(text: str) -> str:
    """Return a text without the control characters a document cannot hold."""
    return "".join(one for one in text if one in "\t\n" or (ord(one) >= 0x20 and ord(one) not in {0xFFFE, 0xFFFF}))


def _face(style: ParagraphStyle, face: str, size: float, *, is_bold: bool) -> None:
    """Set a style's faces, Latin and Chinese, and take away those of the theme, which would win."""
    style.font.name, style.font.size, style.font.bold = LATIN, Pt(size), is_bold
    style.font.italic = False
    style.font.color.rgb = RGBColor(0, 0, 0)
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for attribute in [name for name in fonts.attrib if "Theme" in name or "theme" in name]:
        del fonts.attrib[attribute]
    for kind in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(kind), LATIN)
    fonts.set(qn("w:eastAsia"), face)
    for border in style.element.iter(qn("w:pBdr")):
        border.getparent().remove(border)


def _run(paragraph: Paragraph, text: str, face: str, size: float, colour: str = "") -> None:
    run = paragraph.add_run(clean(text))
    run.font.name, run.font.size = LATIN, Pt(size)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)


def _page_field(paragraph: Paragraph) -> None:
    run = paragraph.add_run()
    run.font.name, run.font.size = LATIN, Pt(10.5)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            part.set(qn("xml:space"), "preserve")
            part.text = text
        else:
            part.set(qn("w:fldCharType"), kind)
        run._element.append(part)


def _fill(cell: _Cell, text: str, face: str, width_cm: float, alignment: WD_ALIGN_PARAGRAPH) -> None:
    cell.width = Cm(width_cm)
    paragraph = cell.paragraphs[0]
    paragraph.alignment = alignment
    paragraph.paragraph_format.space_after = Pt(0)
    _run(paragraph, text, face, 9)


def _shade(cell: _Cell) -> None:
    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", "E5E7EB")):
        shading.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shading)


def _mark_row(row: object, mark: str) -> None:
    row.get_or_add_trPr().append(OxmlElement(mark))  # type: ignore[attr-defined]
