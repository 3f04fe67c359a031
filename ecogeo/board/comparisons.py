"""What was measured of a plan's indicators beside what the plan reports: one line per indicator and definition."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecogeo.finding import Finding, Report
from ecogeo.spatial_indicators import COLUMNS
from ecogeo.wording import Text

CHECK = "spatial_indicator"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One indicator by one definition.

    Parameters
    ----------
    indicator_no, sub_no, name, unit
        The indicator as the plan has it.
    definition, checked
        What counts, and how far that was checked; empty where nothing could be measured.
    layers
        Roles of the layers it was measured on.
    data_year
        Year of their data; empty where they declare none.
    measured, by_geometry, most
        The value; by the area of the county's geometry in place of that on record; and at most, were all unknown ground
        to count. None where nothing could be measured.
    denominator, denominator_of
        What it is a share of, in m² or m (`denominator_unit`), and what that is; None and empty for an area.
    reported, reported_year, target
        What the plan reports and aims at.
    difference
        Measured less reported; None where the two cannot be compared.
    met
        ``yes``, ``no``, or empty where nothing tells.
    note
        What the figure leaves out, or why there is none; a word of the table.
    finding
        What the check says of a difference that is large by every definition; it stands with the nearest one.
    """

    indicator_no: str
    sub_no: str
    name: str
    unit: str
    definition: Text
    checked: str
    layers: tuple[str, ...]
    data_year: str
    measured: float | None
    by_geometry: float | None
    most: float | None
    denominator: float | None
    denominator_unit: str
    denominator_of: str
    reported: float | None
    reported_year: int | None
    target: str
    difference: float | None
    met: str
    note: str
    finding: Finding | None

    @property
    def number(self) -> str:
        """Its number, with that of the sub-item."""
        return f"{self.indicator_no}-{self.sub_no}" if self.sub_no else self.indicator_no


def comparisons(report: Report, plan: str) -> tuple[Comparison, ...]:
    """Return every indicator of a plan a map can tell, by every definition; none where nothing was measured.

    Parameters
    ----------
    report
        The run.
    plan
        Name of the plan.
    """
    table = report.tables.get("indicators")
    if table is None or not set(COLUMNS) <= set(table.columns):
        return ()
    own = table[table["plan"] == plan]
    rows: list[dict[Any, Any]] = own.astype(object).where(own.notna(), None).to_dict("records")
    said = {
        (one.feature_id, one.feature_name, one.value): one
        for run in report.runs
        if run.name == CHECK
        for one in run.findings
        if one.feature_id and one.message.zh.startswith(f"{plan} ")
    }
    return tuple(_comparison(row, said) for row in rows)


def by_number(found: Sequence[Comparison]) -> dict[tuple[str, str], tuple[Comparison, ...]]:
    """Return comparisons by number and sub-item of their indicator, of each the one nearest to the reported first."""
    kept: dict[tuple[str, str], list[Comparison]] = {}
    for one in found:
        kept.setdefault((one.indicator_no, one.sub_no), []).append(one)
    return {key: tuple(sorted(ones, key=_apart)) for key, ones in kept.items()}


def _apart(one: Comparison) -> float:
    return math.inf if one.difference is None else abs(one.difference)


def _comparison(row: Mapping[Any, Any], said: Mapping[tuple[str, str, float | None], Finding]) -> Comparison:
    sub_no = str(row["sub_no"] or "")
    number = f"{row['indicator_no']}-{sub_no}" if sub_no else str(row["indicator_no"])
    is_length = row["denominator_m"] is not None
    is_share = row["unit"] == "%"
    year = row["reported_year"]
    return Comparison(
        indicator_no=str(row["indicator_no"]),
        sub_no=sub_no,
        name=str(row["name"]),
        unit=str(row["unit"] or ""),
        definition=Text(str(row["definition"]), str(row["definition_en"])),
        checked=str(row["definition_checked"]),
        layers=tuple(filter(None, str(row["numerator_layer"] or "").split(";"))),
        data_year=str(row["data_year"] or ""),
        measured=row["measured_value"],
        by_geometry=row["by_geometry_value"],
        most=row["most_value"],
        denominator=row["denominator_m"] if is_length else row["denominator_m2"] if is_share else None,
        denominator_unit="m" if is_length else "m2",
        denominator_of="" if is_length or not is_share else str(row["denominator_source"] or ""),
        reported=row["reported_value"],
        reported_year=None if year is None or pd.isna(year) else int(year),
        target=str(row["target_text"] or ""),
        difference=row["difference_value"],
        met=str(row["met"] or ""),
        note=str(row["note"] or ""),
        finding=said.get((number, str(row["name"]), row["difference_value"])),
    )
