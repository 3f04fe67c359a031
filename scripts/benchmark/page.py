"""Rows as a table for people, on the screen and in docs/benchmarks.md, and as an object for programs."""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmark.comparing import Row

_SHORT_S = 0.1
"""What takes less is told to a tenth of a millisecond."""

_UNITS = {"area_m2": "m²", "length_m": "m", "share": "of the polygon", "any": ""}
_TIMES = ("program", "median s", "least – most s", "CPU s", "peak MiB")
_ANSWERS = ("× ecogeo", "pairs", "largest difference", "same answer")


@dataclass(frozen=True, slots=True)
class Result:
    """One case, measured.

    Parameters
    ----------
    case
        Its name.
    about
        One sentence: what was asked, and how large it was.
    measure
        ``area_m2``, ``length_m``, ``share`` or ``any``; empty where nothing is compared.
    rows
        What each program took.
    ours
        Title of the row the others are divided by; empty for none.
    load
        How many programs were busy on the machine before the first run; NaN where the system does not tell.
    """

    case: str
    about: str
    measure: str
    rows: tuple[Row, ...]
    ours: str = ""
    load: float = math.nan


def machine() -> str:
    """Say what it was measured on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def busy_programs() -> float:
    """Return how many programs were busy here, on average over the last minute; NaN where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else math.nan


def render_table(result: Result) -> str:
    """Return a result as a table in Markdown; where nothing is compared, of times and memory alone."""
    lines: list[Sequence[str]] = [_TIMES, ["---"] * len(_TIMES), *(_times(row) for row in result.rows)]
    if result.measure:
        base_s = next((row.median_s for row in result.rows if row.title == result.ours), math.nan)
        answers = [_answers(row, base_s, _UNITS[result.measure]) for row in result.rows]
        lines = [
            [*left, *right] for left, right in zip(lines, [_ANSWERS, ["---"] * len(_ANSWERS), *answers], strict=True)
        ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def render_section(result: Result, repeat: int) -> str:
    """Return a result with what a reader has to know about it."""
    return f"{result.about}\n\n{conditions(result.load, repeat)}\n\n{render_table(result)}"


def conditions(load: float, repeat: int) -> str:
    """Say on what, how often and beside how much other work it was measured."""
    rounds = "one round" if repeat == 1 else f"{repeat} rounds"
    busy = "" if math.isnan(load) else f"; load {load:.1f} before the first run"
    return f"{machine()}; {rounds}{busy}."


def write_section(page: Path, case: str, section: str) -> None:
    """Put a section between the marks of its case in the page.

    Raises
    ------
    ValueError
        Where the page has no such marks.
    """
    marks = f"<!-- {case} -->", f"<!-- end of {case} -->"
    text = page.read_text("utf-8")
    between = re.compile("(?<={})(.*?)(?={})".format(*map(re.escape, marks)), flags=re.DOTALL)
    if not between.search(text):
        raise ValueError(f"{page.name} has no marks {marks[0]} … {marks[1]}")
    page.write_text(between.sub(lambda _: f"\n{section}\n", text), "utf-8")


def as_object(result: Result) -> dict[str, Any]:
    """Return a result for JSON; what is not known is null."""
    found: dict[str, Any] = known(asdict(result))
    for row, shown in zip(result.rows, found["rows"], strict=True):
        shown["median_s"] = known(row.median_s)
    return found


def _times(row: Row) -> list[str]:
    """Return name, times and memory of a row; a program without a time says why."""
    title = f"{row.title} {row.version}".strip()
    if row.trouble:
        return [title, row.trouble.replace("|", "/"), *("" for _ in _TIMES[2:])]
    digits = 2 if row.median_s >= _SHORT_S else 4
    spread = f"{min(row.seconds):.{digits}f} – {max(row.seconds):.{digits}f}"
    return [title, f"{row.median_s:.{digits}f}", spread, _shown(row.cpu_s, digits), _shown(row.peak_mib, 0)]


def _shown(figure: float, decimals: int) -> str:
    """Write a figure, or nothing where it is not known."""
    return "" if math.isnan(figure) else f"{figure:.{decimals}f}"


def _answers(row: Row, base_s: float, unit: str) -> list[str]:
    """Return how long a row took by that of ecogeo, and how its answer compares."""
    shown = _shown(row.median_s / base_s, 2)
    if row.agreement is None:
        return [shown, "", "", ""]
    agreement = row.agreement
    same = "yes" if agreement.is_same else f"**no** ({agreement.odd_pairs} odd pairs)"
    return [shown, f"{agreement.pairs}", f"{agreement.worst:.2g} {unit}", same]


def known(value: Any) -> Any:  # noqa: ANN401  whatever JSON can hold
    """Return a value with every NaN as None."""
    if isinstance(value, dict):
        return {key: known(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [known(inner) for inner in value]
    return None if isinstance(value, float) and math.isnan(value) else value
