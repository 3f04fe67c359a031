"""What is filled in to search for ground: read into plain values, with what is wrong of them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from ecogeo.errors import EcogeoError
from ecogeo.inspection import Inspection
from ecogeo.intake import Part
from ecogeo.siteboard import Wanted, ends_of, ground_wkt, wanted_problems
from ecogeo.siting import Criterion
from viewer.forms import Problem, text_problems
from viewer.languages import current_lang

MOST_NAME = 60
_NUMBERS = {"area": "area_ha", "count": "count", "cell": "cell_m", "width": "least_width_m"}
ALLOWABLE = ("restricted", "notice", "conditional", "undetermined")
"""Verdicts that may lie under a site if somebody says so; what is prohibited never does."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the county has to choose from.

    Parameters
    ----------
    types
        Ids of project types.
    criteria
        The criteria, with the weights of the table.
    roles
        Roles of the layers that constrain.
    """

    types: Collection[str]
    criteria: Sequence[Criterion]
    roles: Sequence[str]


def read_search(
    form: MultiDict[str, str],
    parts: Sequence[Part],
    choices: Choices,
    understood: Callable[[Sequence[Part]], Inspection],
    before: Wanted | None,
) -> tuple[Wanted, list[Problem]]:
    """Return the search a form asks for, and what is wrong with it.

    Parameters
    ----------
    form
        ``shape`` (``polygon`` for sites, ``line`` for a route), ``type``, ``name``, ``area``, ``count``, ``cell``,
        ``width``, ``on``, ``weight-0`` … in the order of the criteria, ``layer`` of each layer to ask, ``allow`` and
        ``through_unknown``. Where the form is the short one of a result, all else stays as it was.
    parts
        The file or the corners that say where; none for the whole county.
    choices
        What the county has.
    understood
        Reads the parts.
    before
        The search that is changed; None for a new one.
    """
    problems: list[Problem] = []
    if before is None:
        wanted = Wanted(mode="route" if form.get("shape") == "line" else "sites")
        wanted = _with_numbers(form, wanted, problems)
        wanted = _with_words(form, wanted, choices, problems)
        wanted = _with_ground(wanted, parts, understood, problems)
    else:
        wanted = before
    weights = _weights(form, choices, problems)
    asked = set(form.getlist("layer"))
    left_out = tuple(role for role in choices.roles if role not in asked)
    allowed = tuple(one for one in ALLOWABLE if one in form.getlist("allow"))
    wanted = replace(wanted, weights=weights, left_out=left_out, allowed=allowed)
    told = {problem.field for problem in problems}
    problems += [
        Problem(field, text.say(current_lang())) for field, text in wanted_problems(wanted) if field not in told
    ]
    return wanted, problems


def _with_numbers(form: Mapping[str, str], wanted: Wanted, problems: list[Problem]) -> Wanted:
    values: dict[str, float] = {}
    for field, name in _NUMBERS.items():
        text = form.get(field, "").strip()
        if not text:
            continue
        value = _number(text)
        if value is None or (field == "count" and value != int(value)):
            problems.append(Problem(field, _("“%(text)s”不是数", text=text[:20])))
        else:
            values[name] = int(value) if field == "count" else value
    return replace(wanted, **values)  # type: ignore[arg-type]


def _with_words(form: Mapping[str, str], wanted: Wanted, choices: Choices, problems: list[Problem]) -> Wanted:
    type_id, name, on = form.get("type", ""), " ".join(form.get("name", "").split()), form.get("on", "").strip()
    if type_id and type_id not in choices.types:
        problems.append(Problem("type", _("请选择项目类型")))
        type_id = ""
    problems += text_problems("name", name, MOST_NAME)
    if on:
        try:
            dt.date.fromisoformat(on)
        except ValueError:
            problems.append(Problem("on", _("日期应写作 2026-01-31")))
            on = ""
    is_through = bool(form.get("through_unknown"))
    return replace(wanted, type_id=type_id, name=name, on=on, through_unknown=is_through)


def _with_ground(
    wanted: Wanted,
    parts: Sequence[Part],
    understood: Callable[[Sequence[Part]], Inspection],
    problems: list[Problem],
) -> Wanted:
    if not parts:
        return wanted
    try:
        inspection = understood(parts)
        if wanted.mode == "route":
            return replace(wanted, ends=ends_of(inspection))
        return replace(wanted, within=ground_wkt(inspection))
    except EcogeoError as error:
        problems += [Problem("corners", problem.say(current_lang())) for problem in error.problems]
        return wanted


def _weights(form: Mapping[str, str], choices: Choices, problems: list[Problem]) -> dict[str, float]:
    weights = {}
    for at, one in enumerate(choices.criteria):
        text = form.get(f"weight-{at}", "").strip()
        value = one.weight if not text else _number(text)
        if value is None or not 0 <= value <= 1000:
            problems.append(Problem("weights", _("权重应为 0 至 1000 的数")))
            return {}
        weights[one.criterion] = value
    if not any(weight > 0 for weight in weights.values()):
        problems.append(Problem("weights", _("至少要有一项权重大于 0")))
    return weights


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
