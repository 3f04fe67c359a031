"""Ten invented plans in every kind of file, each held to what was written down of it by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from plan_corpus import SAMPLES

from ecogeo.plan import import_plan


def _known(value: object) -> object:
    return None if value is pd.NA or value != value else value  # noqa: PLR0124  NaN


def _rows(frame: pd.DataFrame, columns: list[str]) -> list[tuple[object, ...]]:
    return [tuple(_known(cell) for cell in row) for row in frame[columns].astype(object).itertuples(index=False)]


@pytest.mark.parametrize("make", SAMPLES, ids=lambda make: make.__name__)
def test_an_invented_plan_is_read_as_it_was_written(tmp_path, make):
    sample = make()
    path = tmp_path / sample.file
    path.write_bytes(sample.content)
    found, truth = import_plan(path), sample.truth
    indicators = ["indicator_no", "sub_no", "name", "unit", "comparator", "target_value"]
    assert _rows(found.indicators, indicators) == truth.indicators
    projects = ["project_no", "system", "name", "start_year", "end_year", "invest_wan_yuan"]
    assert _rows(found.projects, projects) == truth.projects
    assert _rows(found.tasks, ["task_no", "name", "deadline", "departments"]) == truth.tasks
    for (table, row, column), cell in truth.also.items():
        assert (table, row, column, getattr(found, table)[column].iloc[row]) == (table, row, column, cell)
    assert dict(found.plan) == truth.plan | {"source_file": sample.file}
    assert set(_rows(found.stated, ["about", "subject", "measure", "value"])) == truth.stated
    said = [item.message.zh for item in found.unused]
    assert [words for words in truth.said if not any(words in one for one in said)] == []
    assert [one for one in said if not any(words in one for words in truth.said)] == []
