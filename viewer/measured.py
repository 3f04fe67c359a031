"""What the pages of the measures show: a section per measure, with its tables, its figure and what was found."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from flask import g
from flask_babel import gettext as _

from ecogeo.board.measures import MEASURE_LAYERS
from ecogeo.board.missing import Missing, missing_layers, role_words
from ecogeo.board.vocabulary import in_both, vocabulary
from ecogeo.finding import CheckRun, Finding, Report
from ecogeo.shortfall import shown_below
from ecogeo.wording import Text
from viewer.charts import Series, Stacked
from viewer.languages import current_lang
from viewer.map_links import map_link
from viewer.phrases import DASH, figure, say
from viewer.prepared import prepared

MOST_ROWS = 300
"""Rows of a table that are shown; the file of the run holds all."""

MOST_BARS = 40
MOST_FINDINGS = 100
_PLAIN_LAYERS = {"land_cover_share": "landcover", "land_use_share": "landuse"}
"""Layers of the county that show by themselves what a check measured."""

Cells = dict[str, Any]
_CHINESE = re.compile(r"[\u3400-\u9fff]")
Words = Callable[[Any, Cells], str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        Column of the run's table.
    label
        What stands over it.
    decimals
        Of a figure; None for text.
    words
        Turns a value into what is shown; None shows it as it is.
    address
        Turns a row into the address its cell leads to.
    scale
        What a figure is multiplied by, such as 100 for a share in per cent.
    """

    name: str
    label: str
    decimals: int | None = None
    words: Words | None = None
    address: Callable[[Cells], str] | None = None
    scale: float = 1.0

    @property
    def is_figure(self) -> bool:
        """Whether it holds figures."""
        return self.decimals is not None

    def cell(self, row: Cells) -> str:
        """Return what is shown of a row."""
        value = row.get(self.name)
        if self.words is not None:
            return self.words(value, row)
        if self.decimals is not None:
            return figure(None if value is None else float(value) * self.scale, self.decimals)
        return said(value)

    def lang(self, row: Cells) -> str:
        """Return the language of a cell where it is not that of the page: Chinese words of the data; else nothing."""
        return "zh-CN" if current_lang() == "en" and not self.is_figure and _CHINESE.search(self.cell(row)) else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as a page shows it; `count` is how many rows there are in all."""

    title: str
    file: str
    columns: tuple[Column, ...]
    rows: tuple[Cells, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Section:
    """One measure.

    Parameters
    ----------
    name
        Of its check.
    title
        For people.
    note
        The definition in words.
    why
        Why there is nothing to show; empty where there is.
    tables
        What was measured.
    chart
        Its figure; None where there is nothing to draw.
    findings
        What was found, the first of them, and how many there are.
    layers
        Its layers on the county map: name and address.
    missing
        The layers for want of which it was not measured.
    """

    name: str
    title: str
    note: str = ""
    why: str = ""
    tables: tuple[Shown, ...] = ()
    chart: Stacked | None = None
    findings: tuple[Finding, ...] = ()
    finding_count: int = 0
    layers: tuple[tuple[str, str], ...] = ()
    missing: tuple[Missing, ...] = ()


def section(
    report: Report,
    name: str,
    title: str,
    note: str,
    *,
    tables: Sequence[Shown] = (),
    chart: Stacked | None = None,
) -> Section:
    """Return the section of a check: with its findings, or why it was not run."""
    run = next((one for one in report.runs if one.name == name), None)
    why = _why(run)
    if why or run is None:
        missing = missing_layers(prepared().workspace, name) if run is not None and run.not_run is not None else ()
        return Section(name, title, note, why, missing=missing)
    findings = run.findings
    has_bars = chart is not None and bool(chart.bars) and bool(chart.series)
    shown = chart if has_bars else None
    layers = [(say(one.title), map_link(one.name)) for one in MEASURE_LAYERS if one.check == name]
    if name in _PLAIN_LAYERS:
        layers.insert(0, (say(role_words(_PLAIN_LAYERS[name])), map_link(_PLAIN_LAYERS[name])))
    return Section(
        name, title, note, "", tuple(tables), shown, tuple(findings[:MOST_FINDINGS]), len(findings), tuple(layers)
    )


def _why(run: CheckRun | None) -> str:
    """Say why a check has no outcome; nothing where it has."""
    if run is None:
        return str(_("这次没有要求做这项检查"))
    return say(run.crash or run.not_run)


def rows_of(frame: pd.DataFrame | None) -> list[Cells]:
    """Return rows with missing figures as None."""
    if frame is None:
        return []
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(column): value for column, value in row.items()} for row in rows]


def shown(title: str, file: str, columns: Sequence[Column], rows: Sequence[Cells]) -> Shown:
    """Return a table with as many rows as a page can bear."""
    return Shown(title, file, tuple(columns), tuple(rows[:MOST_ROWS]), len(rows))


def bars(
    rows: Sequence[Cells],
    name: Callable[[Cells], str],
    parts: Sequence[tuple[str, str, str]],
    *,
    unit: str,
    end: Callable[[Cells], str],
    scale: float = 1.0,
) -> Stacked:
    """Return a stacked bar per row.

    Parameters
    ----------
    rows
        The first `MOST_BARS` are drawn.
    name
        What a bar stands for.
    parts
        Column, name and paint of each part.
    unit
        Of the sizes.
    end
        What is written at the end of a bar.
    scale
        What sizes are multiplied by.
    """
    drawn = rows[:MOST_BARS]
    return Stacked(
        bars=tuple(name(row) for row in drawn),
        ends=tuple(end(row) for row in drawn),
        unit=unit,
        series=tuple(
            Series(label, paint, tuple(float(row.get(column) or 0.0) * scale for row in drawn))
            for column, label, paint in parts
        ),
    )


def said(value: object) -> str:
    """Return a cell of a table for people: words the tables know in the language of the page, a dash for nothing."""
    if value is None or value == "":
        return DASH
    if "words_of_tables" not in g:
        g.words_of_tables = vocabulary(prepared().workspace.land_book())
    words: Mapping[str, Text] = g.words_of_tables
    return str(_("、")).join(say(in_both(part.strip(), words)) for part in str(value).split(";"))


def met_words(value: Any, _row: Cells) -> str:  # noqa: ANN401  a cell of a table
    """Return what a column ``met`` says."""
    words = {"yes": _("达标"), "no": _("未达标")}
    return str(words.get(value, _("未量算或无目标")))


def against_target(value: Any, row: Cells) -> str:  # noqa: ANN401  a cell of a table
    """Return a share in per cent, with as many digits as it takes to be seen below a target that is missed."""
    if value is None:
        return DASH
    if row["target_pct"] is not None and value < row["target_pct"]:
        return shown_below(float(value), float(row["target_pct"]), 2)
    return figure(float(value), 2)


def yes_no(value: Any, _row: Cells) -> str:  # noqa: ANN401  a cell of a table
    """Return a column of yes and no in words."""
    words = {"yes": _("是"), "no": _("否")}
    return str(words.get(value, "—"))


def checked_words(value: object, _row: Cells | None = None) -> str:
    """Return how far a definition was checked."""
    words = {
        "unverified": _("凭记忆，未核对"),
        "builders' choice": _("编者口径"),
        "read in a plan": _("见于规划文本"),
    }
    return str(words.get(str(value), str(value)))
