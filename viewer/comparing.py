"""The measured values of a plan's indicators beside the reported ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from ecogeo.board.comparisons import CHECK, Comparison, comparisons
from ecogeo.board.missing import role_words
from ecogeo.board.plans import PlanBoard
from viewer.charts import Series, Stacked
from viewer.map_links import map_link
from viewer.measured import checked_words, said, section
from viewer.phrases import DASH, figure, say
from viewer.prepared import board

_ON_MAP = {"shorelines": ("shorelines", "banks"), "mines": ("mines", "mine-parts"), "dem": ("steep",)}
"""What is switched on for a layer a measure was taken on, where that is not the layer alone."""


def compared(plan: PlanBoard) -> dict[str, Any]:
    """Return what the page shows of a plan: why there is nothing, or its lines, their figure and what was found."""
    report = board().report
    found = comparisons(report, plan.name)
    run = next((one for one in report.runs if one.name == CHECK), None)
    outcome = section(report, CHECK, "", "")
    far = {one.number for one in found if one.finding is not None}
    return {
        "why": outcome.why,
        "missing": outcome.missing,
        "lines": [_line(one, is_far=one.number in far) for one in found],
        "chart": _chart(found),
        "findings": () if run is None else [one for one in run.findings if _is_of(one.message.zh, plan.name)],
    }


def _is_of(sentence: str, plan: str) -> bool:
    return sentence.startswith((f"{plan} ", f"{plan}："))


def _line(one: Comparison, *, is_far: bool) -> dict[str, Any]:
    names = [name for role in one.layers for name in _ON_MAP.get(role, (role,))]
    difference = DASH if one.difference is None else f"{'+' if one.difference > 0 else ''}{figure(one.difference, 2)}"
    return {
        "line": one,
        "checked": checked_words(one.checked),
        "layers": str(_("、")).join(say(role_words(role)) for role in one.layers),
        "address": map_link(*names),
        "difference": difference,
        "verdict": str(_("更接近的口径另列一行") if is_far else _("差异不大")),
        "denominator": _denominator(one),
        "denominator_of": said(one.denominator_of) if one.denominator_of else "",
        "note": said(one.note) if one.note else "",
    }


def _denominator(one: Comparison) -> str:
    if one.denominator is None:
        return DASH
    if one.denominator_unit == "m":
        return f"{figure(one.denominator / 1000, 3)} km"
    return f"{figure(one.denominator / 1e6, 4)} km²"


def _chart(found: Sequence[Comparison]) -> Stacked | None:
    """Return shares as bars: each definition's, then the reported one; None where there is none."""
    bars: list[tuple[str, float, bool]] = []
    shares = [one for one in found if one.unit == "%" and one.measured is not None]
    told = str(_("上报值"))
    for place, one in enumerate(shares):
        bars.append((f"{one.number} {one.name} · {say(one.definition)}", one.measured or 0.0, False))
        is_last = place + 1 == len(shares) or shares[place + 1].number != one.number
        if is_last and one.reported is not None:
            bars.append((f"{one.number} {one.name} · {told}", one.reported, True))
    if not bars:
        return None
    return Stacked(
        bars=tuple(name for name, _value, _is_reported in bars),
        ends=tuple(f"{figure(value, 2)}%" for _name, value, _is_reported in bars),
        unit="%",
        series=(
            Series(str(_("量算值")), "value", tuple(0.0 if is_told else value for _name, value, is_told in bars)),
            Series(str(_("上报值")), "disturbed", tuple(value if is_told else 0.0 for _name, value, is_told in bars)),
        ),
    )
