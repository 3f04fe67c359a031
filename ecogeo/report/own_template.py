"""A county's own Word template in the place of the built-in statement, filled with the same words.

Its braces may name ``title``, ``county``, ``notice``, ``judged_on``, ``version``, ``cases`` (each a
`ecogeo.report.story.CaseStory`), ``case`` (the first of them) and ``pictures`` (each with ``caption`` and ``image``).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from docx.shared import Cm
from jinja2.sandbox import SandboxedEnvironment

from ecogeo import __version__
from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.report.docx_parts import clean, stable_zip
from ecogeo.report.material import Material
from ecogeo.report.source_sheet import judged_on_text
from ecogeo.report.story import CaseStory
from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from docxtpl import DocxTemplate  # type: ignore[import-untyped]


def filled_template(
    template: Path, material: Material, stories: Sequence[CaseStory], pictures: Sequence[tuple[str, bytes]], lang: Lang
) -> bytes:
    """Fill a county's own template.

    Parameters
    ----------
    template
        A ``.docx`` with ``{{ }}`` and ``{% %}``. It runs in a sandbox; text of the data is never taken for markup.
    material
        Of the run.
    stories
        The projects in words.
    pictures
        Captions and PNGs.
    lang
        Language of the words.

    Raises
    ------
    UnusableFileError
        Where it is no Word document, its braces are torn, or it names what there is not.
    UsageError
        Where the extra that fills templates is not installed.
    """
    document = _opened(template)
    environment = SandboxedEnvironment(autoescape=True, undefined=jinja2.StrictUndefined, finalize=_printable)
    county = material.workspace.county.title
    values = {
        "county": county.say(lang),
        "title": stories[0].name if len(stories) == 1 else county.say(lang),
        "notice": "" if material.notice is None else material.notice.say(lang),
        "judged_on": judged_on_text(material).say(lang),
        "version": __version__,
        "cases": list(stories),
        "case": stories[0] if stories else None,
        "pictures": [_image(document, caption, picture) for caption, picture in pictures],
    }
    try:
        document.render(values, environment, autoescape=True)
    except jinja2.TemplateSyntaxError as error:
        problem = Text(f"模板标记有误：{error.message}", f"its braces are torn: {error.message}")
        raise UnusableFileError(template.name, problem) from error
    except (jinja2.UndefinedError, jinja2.exceptions.SecurityError) as error:
        problem = Text(f"模板使用了没有的内容：{error.message}", f"it names what there is not: {error.message}")
        raise UnusableFileError(template.name, problem) from error
    content = io.BytesIO()
    document.save(content)
    return stable_zip(content.getvalue())


def require_template(template: Path) -> None:
    """Tell whether a template can be opened, before long work.

    Raises
    ------
    UnusableFileError
        Where it is no Word document.
    UsageError
        Where the extra that fills templates is not installed.
    """
    _opened(template)


def _printable(value: object) -> object:
    return clean(value) if type(value) is str else value


def _opened(template: Path) -> DocxTemplate:
    try:
        from docxtpl import DocxTemplate  # noqa: PLC0415  an extra
    except ImportError as error:
        raise UsageError(
            Text("使用自己的模板需要安装 ecogeo[template]", "a template of one's own needs ecogeo[template] installed")
        ) from error
    if not template.is_file():
        raise UnusableFileError(template.name, Text("模板文件不存在", "the template does not exist"))
    try:
        with zipfile.ZipFile(template) as package:
            is_document = "word/document.xml" in package.namelist()
        if is_document:
            document = DocxTemplate(str(template))
            document.init_docx()
            return document
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise UnusableFileError(template.name, _NO_DOCUMENT) from error
    raise UnusableFileError(template.name, _NO_DOCUMENT)


_NO_DOCUMENT = Text("不是 Word 文档（.docx）", "it is no Word document (.docx)")


def _image(document: DocxTemplate, caption: str, picture: bytes) -> dict[str, object]:
    from docxtpl import InlineImage  # noqa: PLC0415  an extra

    return {"caption": caption, "image": InlineImage(document, io.BytesIO(picture), width=Cm(15.6))}
