"""Figures and text as they stand in a sheet: rounded by their unit, safe to open."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from ecogeo.rounding import rounded

_DECIMALS = {"_m2": 2, "_ha": 4, "_mu": 4, "_m": 2, "_km": 4, "_pct": 2, "share": 6, "value": 6}
"""Digits kept, by the ending of a column's name (contract: m² 2, 公顷 and 亩 4, shares 6, half-up)."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def number_text(column: str, value: float) -> str:
    """Write a figure with the digits its unit demands; a missing figure is an empty cell.

    Parameters
    ----------
    column
        Name of the column; its ending tells the unit.
    value
        The figure.

    Examples
    --------
    >>> number_text("overlap_ha", 1.96), number_text("share", 0.5), number_text("length_m", float("nan"))
    ('1.9600', '0.500000', '')
    """
    if math.isnan(value):
        return ""
    decimals = next((digits for ending, digits in _DECIMALS.items() if column.endswith(ending)), None)
    if column == "value":
        return f"{rounded(value, 6):.6f}".rstrip("0").rstrip(".")
    return f"{value:g}" if decimals is None else f"{rounded(value, decimals):.{decimals}f}"


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that begins like it gets an apostrophe in front.

    Examples
    --------
    >>> safe_text("=HYPERLINK(1)"), safe_text("三千河")
    ("'=HYPERLINK(1)", '三千河')
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def as_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with every cell as the text a sheet shows."""
    cells = {}
    for column in map(str, frame.columns):
        values = frame[column]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            cells[column] = [number_text(column, float(value)) for value in values.astype(float)]
        else:
            cells[column] = [safe_text("" if pd.isna(value) else str(value)) for value in values.tolist()]
    return pd.DataFrame(cells, columns=list(cells))


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV that Excel opens: UTF-8 with BOM, figures rounded by unit, one line end everywhere.

    Parameters
    ----------
    frame
        The rows.
    path
        The file; replaced only once it is written whole.
    """
    part = path.with_name(f"{path.name}.part")
    as_cells(frame).to_csv(part, index=False, encoding="utf-8-sig", lineterminator="\n")
    part.replace(path)
