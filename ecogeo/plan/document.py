"""A planning document into the tables of its plan."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ecogeo.errors import UnusableFileError
from ecogeo.formats.text_tables import RawTable, read_text, read_text_tables
from ecogeo.plan.cells import head_word
from ecogeo.plan.columns import TASK_COLUMNS, typed_frame
from ecogeo.plan.facts import read_facts
from ecogeo.plan.gazetteer import Gazetteer
from ecogeo.plan.heads import split_sections
from ecogeo.plan.indicators import build_indicators
from ecogeo.plan.places import locate
from ecogeo.plan.projects import build_projects
from ecogeo.plan.tables import PlanTables
from ecogeo.wording import Text, list_en, list_zh


def import_plan(path: Path, gazetteer: Gazetteer | None = None) -> PlanTables:
    """Read the tables of a plan from the plain-text export of its document.

    Parameters
    ----------
    path
        The document, in UTF-8 or GB18030.
    gazetteer
        The county's names; with it each project is given the place its own words name, without it none.

    Raises
    ------
    UnusableFileError
        With everything that makes it unusable: it cannot be read, holds no table, none that is an indicator or
        project table, a table lacks columns, or two projects or indicators have the same number.
    """
    tables = read_text_tables(path)
    sections, unused, problems = split_sections(tables)
    if not sections:
        raise UnusableFileError(path.name, _nothing_known(tables))
    if problems:
        raise UnusableFileError(path.name, problems)
    indicators, unused_indicators = build_indicators([item for item in sections if item.kind == "indicators"])
    projects, unused_projects = build_projects([item for item in sections if item.kind == "projects"])
    if twice := [*_twice(indicators["indicator_no"] + "-" + indicators["sub_no"]), *_twice(projects["project_id"])]:
        problem = Text(f"编号重复：{list_zh(twice)}", f"numbers occur more than once: {list_en(twice)}")
        raise UnusableFileError(path.name, problem)
    if gazetteer is not None:
        places = locate(projects, gazetteer)
        projects = projects.assign(**{name: places[name] for name in ("location_basis", "place", "accuracy_m")})
    return PlanTables(
        plan=read_facts(read_text(path), path.name),
        indicators=indicators,
        projects=projects,
        tasks=typed_frame([], TASK_COLUMNS),
        unused=tuple(sorted((*unused, *unused_indicators, *unused_projects), key=lambda item: item.first_line)),
    )


def _twice(keys: pd.Series) -> list[str]:
    """Return the keys that occur more than once, in order."""
    return sorted({str(key).removesuffix("-") for key in keys[keys.duplicated()]})


def _nothing_known(tables: tuple[RawTable, ...]) -> Text:
    """Say that no table is an indicator or project table, and which there are."""
    seen = [f"{table.first_line}: {' '.join(head_word(cell) for cell in table.rows[0])[:40]}" for table in tables]
    return Text(
        f"没有指标表（表头应有“指标名称”等）或项目表（表头应有“项目名称”等）；看到的表（行号：表头）{list_zh(seen)}",
        "it has no indicator table (with 指标名称 in its head) and no project table (with 项目名称); "
        f"tables seen (line: head) {list_en(seen)}",
    )
