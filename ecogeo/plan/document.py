"""A planning document into the tables of its plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ecogeo.errors import UnusableFileError
from ecogeo.formats.document import Document, Paragraph, read_document
from ecogeo.formats.text_tables import RawTable
from ecogeo.plan.boxes import Programme, split_boxes
from ecogeo.plan.captions import unread_captions
from ecogeo.plan.cells import head_word
from ecogeo.plan.facts import PlanValue, read_facts
from ecogeo.plan.flowed_heads import unread_heads
from ecogeo.plan.flowed_tables import split_flowed
from ecogeo.plan.gazetteer import Gazetteer
from ecogeo.plan.heads import Section, split_sections, unknown_table
from ecogeo.plan.indicators import build_indicators
from ecogeo.plan.numbering import with_distinct_numbers
from ecogeo.plan.passages import Passage, passages_of
from ecogeo.plan.places import locate
from ecogeo.plan.projects import build_projects, with_programmes
from ecogeo.plan.prose_projects import prose_projects, unread_projects
from ecogeo.plan.prose_targets import prose_indicators, targets_beside, unread_targets
from ecogeo.plan.prose_tasks import find_prose_tasks, prose_task_frame
from ecogeo.plan.spaced_tables import split_spaced
from ecogeo.plan.stated import read_statements, task_statements
from ecogeo.plan.statements import Statement, stated_frame
from ecogeo.plan.summaries import read_summaries
from ecogeo.plan.table_notes import notes_below
from ecogeo.plan.tables import PlanTables
from ecogeo.plan.tasks import build_tasks
from ecogeo.plan.text_figures import read_figures, unread_figures
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text, list_en, list_zh

_EXCERPT = 40


def import_plan(path: Path, gazetteer: Gazetteer | None = None) -> PlanTables:
    """Read the tables of a plan from its document.

    Parameters
    ----------
    path
        A Word document, a workbook, or a text (`ecogeo.formats.document`).
    gazetteer
        A county's names; with it each project is given the place its own words name, unless the document is another
        area's; without it none.

    Raises
    ------
    UnusableFileError
        With everything that makes it unusable: it cannot be read, holds nothing that is an indicator, project or task
        table, or a table lacks columns.
    """
    document = read_document(path)
    unmarked, doubts, outside = _unmarked(document)
    marked = replace(document, paragraphs=tuple(outside), tables=(*document.tables, *unmarked))
    programmes, tables, stray = split_boxes(marked)
    if document.counted != "row":  # the rows of a workbook are counted anew on each sheet
        tables = tuple(sorted(tables, key=lambda table: table.first_line))
    passages = passages_of(outside, is_wrapped=document.counted != "row")
    text = "\n".join(passage.text for passage in passages)
    ahead = read_facts(text, path.name, captions=[table.title for table in tables])
    sections, unknown, unused, unusable = split_sections(tables, before=_last_year_before(ahead))
    if unusable and not sections:
        raise UnusableFileError(path.name, [item.reason for item in unusable])
    frames, misfits, totals = _frames(sections, programmes)
    summed, others, unknown_rows = read_summaries(unknown, frames.projects)
    has_prose_targets = frames.indicators.empty
    captions = list(dict.fromkeys([*(table.title for table in tables), *(section.title for section in sections)]))
    period = read_facts(text, path.name, captions=captions).get("period", (0, 0))
    since = period[0] if isinstance(period, tuple) else 0
    frames, statements, unread_amounts = _with_prose(frames, passages, since=since)
    if has_prose_targets:
        unread = unread_targets(passages, frames.indicators, statements)
    else:
        unread = targets_beside(passages, frames.indicators, since=since)
        unread += unread_figures(passages, frames.indicators, statements)
    if frames.are_empty:
        refused = [item.message for item in (*doubts, *unread_heads(outside)) if item.is_loss]
        raise UnusableFileError(path.name, [_nothing_known(tables), *refused])
    frames, renumbered = _numbered(frames)
    current_years = [int(year) for year in frames.indicators["current_year"].dropna()]
    plan = read_facts(text, path.name, captions=captions, current_years=current_years)
    projects = frames.projects
    if gazetteer is not None and plan.get("area", gazetteer.county) == gazetteer.county:
        places = locate(projects, gazetteer)
        projects = projects.assign(**{name: places[name] for name in ("location_basis", "place", "accuracy_m")})
    remarks = [Unused("", 0, 0, remark) for remark in document.remarks]
    remarks += [Unused("", 0, 0, loss, is_loss=True) for loss in document.losses]
    left = [
        *remarks,
        *unused,
        *unusable,
        *misfits,
        *renumbered,
        *unknown_rows,
        *unread_amounts,
        *map(unknown_table, others),
        *map(_stray, stray),
    ]
    left = sorted(
        [
            *left,
            *doubts,
            *unread,
            *unread_heads(outside),
            *unread_projects(passages, frames.projects),
            *unread_captions(outside, tables, sections),
            *notes_below(tables, passages),
        ],
        key=lambda item: item.first_line,
    )
    return PlanTables(
        plan=plan,
        indicators=frames.indicators,
        projects=projects,
        tasks=frames.tasks,
        unused=tuple(replace(item, counted=document.counted) for item in left),
        stated=stated_frame([*statements, *totals, *summed]),
    )


def _unmarked(document: Document) -> tuple[tuple[RawTable, ...], list[Unused], list[Paragraph]]:
    """Find the tables whose cells nothing marks; with what wants checking, and the paragraphs outside."""
    spaced, doubts = split_spaced(document.paragraphs) if document.counted == "line" else ((), ())
    refused = [item for item in doubts if item.last_line > item.first_line]
    left = [
        item
        for item in document.paragraphs
        if not any(_is_in(item.line, table) for table in spaced)
        and not any(one.first_line <= item.line <= one.last_line for one in refused)
    ]
    flowed, others = split_flowed(left)
    outside = [item for item in left if not any(_is_in(item.line, table) for table in flowed)]
    return (*spaced, *flowed), [*doubts, *others], outside


def _last_year_before(facts: Mapping[str, PlanValue]) -> int:
    """Return the last year that lies before a plan, its base year or that before its first; 0 where neither is said."""
    period, base = facts.get("period"), facts.get("base_year", 0)
    first = period[0] - 1 if isinstance(period, tuple) else 0
    return max(first, base) if isinstance(base, int) else first


@dataclass(frozen=True, slots=True, eq=False)
class _Frames:
    """The three tables of a plan on their way."""

    indicators: pd.DataFrame
    projects: pd.DataFrame
    tasks: pd.DataFrame

    @property
    def are_empty(self) -> bool:
        """Whether nothing was found at all."""
        return self.indicators.empty and self.projects.empty and self.tasks.empty


def _frames(
    sections: Sequence[Section], programmes: Sequence[Programme]
) -> tuple[_Frames, list[Unused], tuple[Statement, ...]]:
    """Make the frames of a document's tables and boxes; with the totals its project tables state."""
    indicators, unused_indicators, counts = build_indicators([item for item in sections if item.kind == "indicators"])
    projects, unused_projects, totals = build_projects([item for item in sections if item.kind == "projects"])
    tasks, unused_tasks = build_tasks([item for item in sections if item.kind == "tasks"])
    frames = _Frames(indicators, with_programmes(projects, programmes), tasks)
    return frames, [*unused_indicators, *unused_projects, *unused_tasks], (*counts, *totals)


def _with_prose(
    frames: _Frames, passages: Sequence[Passage], *, since: int
) -> tuple[_Frames, list[Statement], tuple[Unused, ...]]:
    """Fill what no table gives from the running text, and take what the text states of the tables there are."""
    prose = find_prose_tasks(passages)
    statements = [
        *task_statements(prose, frames.tasks),
        *read_figures(passages, frames.indicators, frames.projects),
        *read_statements(passages, frames.indicators, frames.projects, frames.tasks),
    ]
    is_open = frames.indicators.empty
    indicators = prose_indicators(prose, passages, since=since) if is_open else frames.indicators
    tasks = prose_task_frame(prose) if frames.tasks.empty else frames.tasks
    projects, unused = frames.projects, tuple[Unused, ...]()
    if projects.empty:
        projects, unused = prose_projects(passages, frozenset(task.line for task in prose))
    return _Frames(indicators, projects, tasks), statements, unused


def _numbered(frames: _Frames) -> tuple[_Frames, tuple[Unused, ...]]:
    """Give every row a number of its own."""
    indicators, of_indicators = with_distinct_numbers(frames.indicators, "indicator_no")
    projects, of_projects = with_distinct_numbers(frames.projects, "project_id")
    tasks, of_tasks = with_distinct_numbers(frames.tasks, "task_no")
    return _Frames(indicators, projects, tasks), (*of_indicators, *of_projects, *of_tasks)


def _is_in(line: int, table: RawTable) -> bool:
    """Whether a line belongs to a table."""
    return table.first_line <= line <= table.last_line


def _stray(passage: Passage) -> Unused:
    """Describe a paragraph of a box that names no programme."""
    words = passage.text[:_EXCERPT]
    reason = Text(f"专栏中不是“名称：内容”的段落：{words}", f"a paragraph of a box that names no programme: {words}")
    return Unused("", passage.line, passage.last_line, reason, is_loss=True)


def _nothing_known(tables: tuple[RawTable, ...]) -> Text:
    """Say that nothing of a plan was found, and which tables there are."""
    seen = [f"{table.first_line}: {' '.join(head_word(cell) for cell in table.rows[0])[:40]}" for table in tables]
    return Text(
        "没有指标表（表头应有“指标名称”等）、项目表（“项目名称”）、任务表（“任务名称”），也没有写明责任单位的任务段落；"
        f"看到的表（位置：表头）{list_zh(seen) if seen else '无'}",
        "it has no indicator table (with 指标名称 in its head), no project table (项目名称), no task table (任务名称), "
        f"and no paragraphs that end with the units responsible; tables seen (place: head) {list_en(seen) or 'none'}",
    )
