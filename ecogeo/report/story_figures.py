"""Figures in the sentences of a story, rounded as the county rounds; empty where there is none."""

from __future__ import annotations

from ecogeo.rounding import Rounding, rounded
from ecogeo.wording import Text


def number_text(value: float | None, decimals: int, law: Rounding) -> Text:
    """Return a number with these decimals, the same in both languages."""
    if value is None:
        return Text("", "")
    text = f"{rounded(value, decimals, law):.{decimals}f}"
    return Text(text, text)


def metres_text(value: float | None, law: Rounding) -> Text:
    """Return a length in metres, to the centimetre, with its unit."""
    if value is None:
        return Text("", "")
    text = f"{rounded(value, 2, law):,.2f}"
    return Text(f" {text} 米", f"{text} m")
