"""The workbook that is handed in: overlay analysis, totals, boundary points, slivers, plan tables and sources."""

from __future__ import annotations

from collections.abc import Sequence

from ecogeo.report.area_sheets import area_sheets
from ecogeo.report.corner_sheet import corner_sheet
from ecogeo.report.material import Case, Material
from ecogeo.report.plan_sheets import matrix_sheet, plan_sheets
from ecogeo.report.sheet_writer import Sheet, render_workbook
from ecogeo.report.source_sheet import source_sheet
from ecogeo.wording import Lang, Text


def workbook_bytes(
    material: Material, cases: Sequence[Case], *, lang: Lang = "zh", with_coordinates: bool = True
) -> bytes:
    """Render the workbook of some cases.

    Parameters
    ----------
    material
        Of the run.
    cases
        One case, several, or all. The sheets of the plans are added where it is more than one.
    lang
        Language of heads, titles and codes; words of the data are as they are.
    with_coordinates
        False leaves out the sheet of boundary points, for people outside the office.

    Returns
    -------
    An ``.xlsx``; the same inputs give the same bytes.
    """
    sheets: list[Sheet] = [*area_sheets(material, cases, lang)]
    if len(cases) != 1:
        sheets.append(matrix_sheet(material, cases, lang))
    if with_coordinates:
        sheets.append(corner_sheet(material, cases, lang))
    if len(cases) != 1:
        sheets += plan_sheets(material, lang)
    sheets.append(source_sheet(material, lang))
    county = material.workspace.county.title
    title = Text(f"{county.zh}套合分析成果", f"{county.en}: overlay analysis")
    mark = material.notice or Text("内部资料", "for official use")
    return render_workbook(sheets, title=title, mark=mark, lang=lang)
