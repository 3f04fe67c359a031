"""What is handed out for a case of the counter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _

from ecogeo.counter import Case, case_files, evidence, sheets_zip, statement, workbook, zipped
from ecogeo.wording import Lang
from ecogeo.workspace import Workspace
from viewer.casebook import Held


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What a form is made of.

    Parameters
    ----------
    county
        The county, with its own sites.
    held, case
        What is kept of the case, and its outcome.
    site_id
        The site that is shown.
    lang
        Language of the words.
    scratch
        An empty folder to work in; the caller removes it.
    """

    county: Workspace
    held: Held
    case: Case
    site_id: str
    lang: Lang
    scratch: Path


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
        Makes it.
    """

    name: str
    title: Callable[[], str]
    kind: str
    render: Callable[[Given], bytes]


def _one_file(name: str) -> Callable[[Given], bytes]:
    return lambda given: case_files(given.case, given.lang, given.scratch)[name]


def _evidence(given: Given) -> bytes:
    held = given.held
    return evidence(
        *(given.county, given.case, held.parts),
        layer=held.layer,
        assume=held.assume,
        lang=given.lang,
        scratch=given.scratch,
    )


FORMS = [
    Form(
        "statement.docx",
        lambda: _("套合情况说明（Word）"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        lambda given: statement(given.case, given.site_id, given.lang, given.scratch),
    ),
    Form(
        "workbook.xlsx",
        lambda: _("套合分析表（Excel）"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda given: workbook(given.case, given.lang),
    ),
    Form(
        "sheets.zip",
        lambda: _("附图（PDF）"),
        "application/zip",
        lambda given: sheets_zip(given.case, given.site_id, given.lang),
    ),
    Form(
        "screening.zip",
        lambda: _("全部结果（ZIP）"),
        "application/zip",
        lambda given: zipped(case_files(given.case, given.lang, given.scratch)),
    ),
    Form("evidence.zip", lambda: _("证据包（可核对，ZIP）"), "application/zip", _evidence),
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
