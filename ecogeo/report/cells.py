"""Figures and text as they stand in a sheet: rounded by their unit, safe to open."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ecogeo.handkept import safe_text
from ecogeo.report.text_columns import TEXT, changed, changed_with, csv_head, csv_lines, decimal_texts, text_bytes
from ecogeo.rounding import Floats, Rounding, rounded, rounded_all

_DECIMALS = {"_m2": 2, "_ha": 4, "_mu": 4, "_m": 2, "_km": 4, "_pct": 2, "share": 6, "value": 6}
"""Digits kept, by the ending of a column's name (contract: m² 2, 公顷 and 亩 4, shares 6)."""

_NO_LETTER_FIRST = r"^[^\p{L}\p{N}]"
"""Texts to look at more closely: what begins with a letter or a digit is no formula."""


def decimals_of(column: str) -> int | None:
    """Return the digits a column keeps, by the unit its name ends in; None for a plain number.

    Examples
    --------
    >>> decimals_of("overlap_ha"), decimals_of("rows")
    (4, None)
    """
    return next((digits for ending, digits in _DECIMALS.items() if column.endswith(ending)), None)


def number_text(column: str, value: float, law: Rounding = "half-up") -> str:
    """Write a figure with the digits its unit demands; a missing figure is an empty cell.

    Parameters
    ----------
    column
        Name of the column; its ending tells the unit.
    value
        The figure.
    law
        How it is rounded.

    Examples
    --------
    >>> number_text("overlap_ha", 1.96), number_text("share", 0.5), number_text("length_m", float("nan"))
    ('1.9600', '0.500000', '')
    """
    if math.isnan(value):
        return ""
    decimals = decimals_of(column)
    if column == "value":
        return f"{rounded(value, 6, law):.6f}".rstrip("0").rstrip(".")
    return f"{value:g}" if decimals is None else f"{rounded(value, decimals, law):.{decimals}f}"


def number_texts(column: str, values: Floats, law: Rounding = "half-up") -> pa.Array:
    """Write the figures of a column, each as `number_text` does.

    Parameters
    ----------
    column
        Its name.
    values
        Shape (n,), the figures.
    law
        How they are rounded.
    """
    decimals = decimals_of(column)
    if decimals is None:
        return pa.array([number_text(column, value, law) for value in values.tolist()], TEXT)
    texts = decimal_texts(rounded_all(values, decimals, law), decimals)
    if column == "value":
        texts = pc.utf8_rtrim(pc.utf8_rtrim(texts, "0"), ".")
    return pc.if_else(np.isnan(values), pa.scalar("", TEXT), texts)


def as_cells(frame: pd.DataFrame, law: Rounding = "half-up") -> pa.Table:
    """Return a frame with every cell as the text a sheet shows, figures rounded by a law; no cell is null."""
    return pa.table({column: _cells(column, frame[column], law) for column in map(str, frame.columns)})


def _cells(column: str, values: pd.Series, law: Rounding) -> pa.Array:
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return number_texts(column, np.asarray(values.astype(float), dtype=np.float64), law)
    return changed(changed_with("\r", _texts(values), _same_ends), _NO_LETTER_FIRST, safe_text)


def _texts(values: pd.Series) -> pa.Array:
    """Return text as it stands, anything else as Python writes it, and nothing for what is missing."""
    if isinstance(values.dtype, pd.StringDtype):
        found = pa.array(values, TEXT)
        return pc.fill_null(found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found, "")
    pairs = zip(values.tolist(), values.isna().tolist(), strict=True)
    return pa.array(["" if is_missing else str(value) for value, is_missing in pairs], TEXT)


def _same_ends(text: str) -> str:
    """Let lines within a cell end as those of the file do."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def write_csv(frame: pd.DataFrame, path: Path, law: Rounding = "half-up") -> None:
    """Write a frame as CSV that Excel opens: UTF-8 with BOM, figures rounded by unit, one line end everywhere.

    Parameters
    ----------
    frame
        The rows.
    path
        The file; replaced only once it is written whole.
    law
        How figures are rounded.
    """
    part = path.with_name(f"{path.name}.part")
    cells = as_cells(frame, law)
    with part.open("wb") as sink:
        sink.write(csv_head(cells.column_names))
        sink.write(text_bytes(csv_lines(cells)))
    part.replace(path)
