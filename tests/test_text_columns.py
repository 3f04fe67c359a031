"""Columns written whole hold what one cell at a time would: figures, safe text, and lines of CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_rounding import FIGURES

from ecogeo.handkept import safe_text
from ecogeo.report.cells import as_cells, number_text, number_texts, write_csv
from ecogeo.report.text_columns import TEXT, csv_head, csv_lines, decimal_texts, text_bytes
from ecogeo.rounding import Rounding

LAWS = st.sampled_from(["half-up", "half-even"])
COLUMNS = ["area_m2", "overlap_ha", "overlap_mu", "length_m", "length_km", "met_pct", "share", "value", "target_value"]
WORDS = st.text(st.sampled_from("a7镇'=+-@＝\t\r\n,\" .éⅣ"), max_size=6) | st.sampled_from(
    ["-1.5", "'=1", "\r=1", "é=1"]
)


@given(column=st.sampled_from([*COLUMNS, "rows"]), values=st.lists(FIGURES, max_size=20), law=LAWS)
@example(column="value", values=[100.0, 0.5, 1e15, 123456789.123456789], law="half-up")
def test_a_column_of_figures_reads_as_each_of_them(column: str, values: list[float], law: Rounding) -> None:
    wanted = [number_text(column, value, law) for value in values]
    assert number_texts(column, np.array(values, dtype=float), law).to_pylist() == wanted


@given(st.lists(st.integers(-(2**60), 2**60), max_size=20), st.integers(0, 6))
def test_digits_are_those_python_writes(digits: list[int], decimals: int) -> None:
    figures = [one / 10**decimals for one in digits]
    wanted = [f"{figure:.{decimals}f}" for figure in figures]
    assert decimal_texts(np.array(figures, dtype=float), decimals).to_pylist() == wanted


@given(st.lists(st.none() | WORDS, max_size=20))
def test_text_is_made_safe_and_keeps_its_words(words: list[str | None]) -> None:
    wanted = [safe_text((word or "").replace("\r\n", "\n").replace("\r", "\n")) for word in words]
    for dtype in (object, "str"):
        assert as_cells(pd.DataFrame({"name": pd.Series(words, dtype=dtype)})).column("name").to_pylist() == wanted


def test_what_is_no_text_is_written_as_python_does() -> None:
    day = pd.Timestamp("2026-11-22")
    frame = pd.DataFrame({"is_new": [True, False], "on": [day, None], "any": [None, 3], "rows": [1, 20]})
    assert as_cells(frame).to_pydict() == {
        "is_new": ["True", "False"],
        "on": ["2026-11-22 00:00:00", ""],
        "any": ["", "3"],
        "rows": ["1", "20"],
    }


@given(rows=st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(WORDS, min_size=width, max_size=width))))
@example(rows=[["="], [""], ["\n"]])
def test_lines_are_those_of_the_standard_writer(rows: list[list[str]]) -> None:
    rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    names = [str(place) for place in range(len(rows[0]) if rows else 1)]
    wanted = io.StringIO()
    csv.writer(wanted, lineterminator="\n").writerows(rows)
    cells = pa.table(
        [pa.array(column, TEXT) for column in zip(*rows, strict=True)] or [pa.array([], TEXT)], names=names
    )
    lines = csv_lines(cells)
    assert bytes(text_bytes(lines)).decode() == wanted.getvalue()
    assert b"".join(bytes(text_bytes(lines.slice(place, 1))) for place in range(len(lines))) == text_bytes(lines)


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"a,b": [], "c": []}), pd.DataFrame({"a": ["", "x"]})])
def test_a_file_is_what_pandas_would_write(tmp_path: Path, frame: pd.DataFrame) -> None:
    write_csv(frame, tmp_path / "own.csv")
    frame.to_csv(tmp_path / "pandas.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    assert (tmp_path / "own.csv").read_bytes() == (tmp_path / "pandas.csv").read_bytes()
    assert csv_head(["a,b"]) == '\ufeff"a,b"\n'.encode()
