"""What is handed out for a case of the counter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _

from ecogeo.counter import Case, case_files, sheets_zip, statement, workbook, zipped
from ecogeo.wording import Lang


@dataclass(frozen=True, slots=True)
class Form:
    """Something handed out for a case.

    Parameters
    ----------
    name
        Its file name.
    title
        Says what stands on its button.
    kind
        Its media type.
    render
        Makes it of a case, the site that is shown, a language and an empty folder.
    """

    name: str
    title: Callable[[], str]
    kind: str
    render: Callable[[Case, str, Lang, Path], bytes]


def _one_file(name: str) -> Callable[[Case, str, Lang, Path], bytes]:
    return lambda case, _site, lang, scratch: case_files(case, lang, scratch)[name]


FORMS = [
    Form(
        "statement.docx",
        lambda: _("套合情况说明（Word）"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        statement,
    ),
    Form(
        "workbook.xlsx",
        lambda: _("套合分析表（Excel）"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda case, _site, lang, _scratch: workbook(case, lang),
    ),
    Form(
        "sheets.zip",
        lambda: _("附图（PDF）"),
        "application/zip",
        lambda case, site, lang, _scratch: sheets_zip(case, site, lang),
    ),
    Form(
        "screening.zip",
        lambda: _("全部结果（ZIP）"),
        "application/zip",
        lambda case, _site, lang, scratch: zipped(case_files(case, lang, scratch)),
    ),
    Form("screening.csv", lambda: _("核查结果表（CSV）"), "text/csv", _one_file("screening.csv")),
    Form("findings.csv", lambda: _("逐处重叠（CSV）"), "text/csv", _one_file("findings.csv")),
    Form(
        "findings.gpkg",
        lambda: _("重叠图形（GeoPackage）"),
        "application/geopackage+sqlite3",
        _one_file("findings.gpkg"),
    ),
]
"""What is handed out for a case; a module that makes another form appends it here."""
