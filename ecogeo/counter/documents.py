"""The documents of a case: statement, workbook and map sheets, made when they are asked for."""

from __future__ import annotations

from pathlib import Path

from ecogeo.counter.case import Case, zipped
from ecogeo.report.documents import Wanted, write_documents
from ecogeo.report.mapsheet import SHEETS, can_draw, sheet_bytes
from ecogeo.report.material import Material, material_of
from ecogeo.report.workbook import workbook_bytes
from ecogeo.tiles.nearby import county_near
from ecogeo.wording import Lang

_ROOM = 3.0
"""A map sheet shows at most this many widths of a site around it, its scale being a round one."""


def statement(case: Case, site_id: str, lang: Lang, scratch: Path) -> bytes:
    """Return the statement of one site of a case with its map sheets, as ``.docx``.

    Parameters
    ----------
    case, site_id
        The case, and its site.
    lang
        Language of the words.
    scratch
        An empty folder to make it in; the caller removes it.

    Raises
    ------
    EcogeoError
        Where it cannot be made, such as for want of a font.
    """
    material = _material(case)
    write_documents(material, material.chosen([site_id]), scratch, Wanted(kinds=("docx",), lang=lang))
    (written,) = scratch.rglob("*.docx")
    return written.read_bytes()


def workbook(case: Case, lang: Lang) -> bytes:
    """Return the workbook of all sites of a case, as ``.xlsx``."""
    material = _material(case)
    return workbook_bytes(material, material.cases, lang=lang)


def sheets_zip(case: Case, site_id: str, lang: Lang) -> bytes:
    """Return the map sheets of one site of a case, A4 as PDF, in a ZIP.

    Raises
    ------
    EcogeoError
        Where they cannot be drawn, such as for want of a font.
    """
    material = _material(case)
    (one,) = material.chosen([site_id])
    return zipped(
        {f"{kind}.pdf": sheet_bytes(material, one, kind, lang=lang) for kind in SHEETS if can_draw(one, kind)}
    )


def _material(case: Case) -> Material:
    county, sites = case.county, case.county.of_role("project_sites")
    if sites is not None:
        county = county_near(county, sites, room=_ROOM)
    return material_of(county, case.report, law=case.law)
