"""Figures in the words of officers: targets in per cent and widths in metres."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import numpy as np

from ecogeo import geodesy
from ecogeo.layer import Layer

_TARGET = re.compile(r"(?:≥|>=|不低于|不小于|大于等于|大于或等于)?(\d+(?:\.\d+)?)(%?)")
_WIDTH = re.compile(r"(\d+(?:\.\d+)?)(?:米|m)?")


def read_target_pct(text: str) -> float:
    """Read a least share in per cent; NaN where the text is none from 0 to 100, or below 1 and without %.

    0.6 without a sign may be 60 % or 0.6 %: nobody can tell.

    Examples
    --------
    >>> read_target_pct("≥60%"), read_target_pct("不低于 62.5％"), read_target_pct("完成上级"), read_target_pct("150")
    (60.0, 62.5, nan, nan)
    >>> read_target_pct("0.6"), read_target_pct("0.6%"), read_target_pct("0")
    (nan, 0.6, 0.0)
    """
    found = _TARGET.fullmatch(_plain(text))
    if found is None or (0.0 < float(found[1]) < 1.0 and not found[2]):
        return float("nan")
    return value if (value := float(found[1])) <= 100.0 else float("nan")


def read_width_m(text: str) -> float:
    """Read a width in metres; NaN where the text is none above 0.

    Examples
    --------
    >>> read_width_m("100米"), read_width_m("40.5"), read_width_m("-100"), read_width_m("约百米")
    (100.0, 40.5, nan, nan)
    """
    found = _WIDTH.fullmatch(_plain(text))
    return value if found and (value := float(found[1])) > 0.0 else float("nan")


def words_of(layer: Layer, meaning: str) -> list[str]:
    """Return what features have in a field; empty where there is nothing, or where the layer has no such field."""
    field = layer.declaration.fields.get(meaning, meaning)
    return layer.text(field).str.strip().tolist() if field in layer.sound else [""] * len(layer.sound)


def figures_of(layer: Layer, meaning: str, read: Callable[[str], float]) -> geodesy.Floats:
    """Return the figures of a field a layer may have; NaN where there is none that `read` can read."""
    return np.array([read(word) for word in words_of(layer, meaning)], dtype=float)


def _plain(text: str) -> str:
    """Return a text without differences of width, case and space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
