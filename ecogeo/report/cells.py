"""Figures and text as they stand in a sheet: rounded by their unit, safe to open."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from ecogeo.handkept import safe_text
from ecogeo.rounding import Rounding, rounded

_DECIMALS = {"_m2": 2, "_ha": 4, "_mu": 4, "_m": 2, "_km": 4, "_pct": 2, "share": 6, "value": 6}
"""Digits kept, by the ending of a column's name (contract: m² 2, 公顷 and 亩 4, shares 6)."""


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


def as_cells(frame: pd.DataFrame, law: Rounding = "half-up") -> pd.DataFrame:
    """Return a frame with every cell as the text a sheet shows, figures rounded by a law."""
    cells = {}
    for column in map(str, frame.columns):
        values = frame[column]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            cells[column] = [number_text(column, float(value), law) for value in values.astype(float)]
        else:
            cells[column] = [safe_text("" if pd.isna(value) else _same_ends(str(value))) for value in values.tolist()]
    return pd.DataFrame(cells, columns=list(cells))


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
    as_cells(frame, law).to_csv(part, index=False, encoding="utf-8-sig", lineterminator="\n")
    part.replace(path)
