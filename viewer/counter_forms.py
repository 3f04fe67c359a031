"""What is filled in at the counter: files or corners, how to read them, and how to judge them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from ecogeo.counter import Asked
from ecogeo.errors import EcogeoError
from ecogeo.intake import MOST_BYTES, MOST_PARTS, SHAPES, Part, typed_part
from viewer.casebook import Held
from viewer.forms import Problem, text_problems
from viewer.languages import current_lang

MOST_SENT_BYTES = MOST_BYTES + (2 << 20)
"""A whole upload with the entries beside it."""

MOST_TYPED_BYTES = 2 << 20
MOST_FORM_PARTS = MOST_PARTS + 20
MOST_METRES = 100_000.0
MOST_LETTERS = {"name": 60, "layer": 100}
OTHER_CRS = "other"

_CODE = re.compile(r"(?:EPSG:)?([0-9]{4,6})", re.IGNORECASE)
_ASSUMED = re.compile(r"--assume ([A-Za-z0-9:,-]+)")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read."""

    layer: str
    assume: str


def read_parts(form: Mapping[str, str], files: Sequence[FileStorage]) -> tuple[tuple[Part, ...], list[Problem]]:
    """Return what was sent: files, or else the corners that were typed or drawn."""
    sent = [file for file in files if file.filename]
    if sent:
        return tuple(_part(file) for file in sent), []
    corners, name = form.get("corners", ""), " ".join(form.get("name", "").split())
    if not corners.strip():
        return (), [Problem("file", _("请选择文件，或在地图上画出用地，或输入坐标"))]
    problems = list(text_problems("name", name, MOST_LETTERS["name"]))
    shape = next((one for one in SHAPES if one == form.get("shape", "polygon")), None)
    if shape is None:
        problems.append(Problem("shape", _("请选择面、线或点")))
    if problems or shape is None:
        return (), problems
    try:
        return (typed_part(corners, shape, name=name or _("手绘用地")),), []
    except EcogeoError as error:
        return (), [Problem("corners", problem.say(current_lang())) for problem in error.problems]


def _part(file: FileStorage) -> Part:
    """Take a file into memory and let go of its temporary one."""
    content = file.stream.read(MOST_BYTES + 1)
    file.close()
    return Part(file.filename or "", content)


def read_reading(form: Mapping[str, str], known: Collection[str]) -> tuple[Reading, list[Problem]]:
    """Return how to read a file: ``layer``, ``crs`` (one that is listed, or ``other`` with ``code``) and ``swapped``.

    Nothing but these words reaches whoever reads coordinate systems: a system in words of the user's could name files.
    """
    layer = " ".join(form.get("layer", "").split())
    problems = list(text_problems("layer", layer, MOST_LETTERS["layer"]))
    chosen, words = form.get("crs", ""), []
    if chosen == OTHER_CRS:
        code = _CODE.fullmatch(form.get("code", "").strip())
        if code is None:
            problems.append(Problem("code", _("请填写 EPSG 代码，如 4545")))
        else:
            words.append(f"EPSG:{code[1]}")
    elif chosen in {*known, "as-stated", "GCJ-02", "BD-09"}:
        words.append(chosen)
    elif chosen:
        problems.append(Problem("crs", _("请选择坐标系")))
    if form.get("swapped"):
        words.append("swapped")
    return Reading(layer, ",".join(words)), problems


def read_asked(form: Mapping[str, str], types: Collection[str], before: Asked) -> tuple[Asked, list[Problem]]:
    """Return how to judge: ``type``, ``accuracy`` and ``corridor`` in metres, ``on`` the day; answers stay."""
    problems = []
    type_id = form.get("type", "")
    if type_id and type_id not in types:
        problems.append(Problem("type", _("请选择项目类型")))
    accuracy, corridor = _metres(form.get("accuracy", "")), _metres(form.get("corridor", ""))
    if accuracy is None and form.get("accuracy", "").strip():
        problems.append(Problem("accuracy", _("位置精度应为 0 至 100000 米的数")))
    if form.get("corridor", "").strip() and not corridor:
        problems.append(Problem("corridor", _("廊道宽度应为大于 0、不超过 100000 米的数")))
    day: dt.date | None = None
    if told := form.get("on", "").strip():
        try:
            day = dt.date.fromisoformat(told)
        except ValueError:
            problems.append(Problem("on", _("日期应写作 2026-01-31")))
    return Asked(day, type_id, accuracy or 0.0, corridor or None, before.answers), problems


def in_use(held: Held, known: Collection[str]) -> dict[str, str]:
    """Return the entries that would read and judge a case as it is."""
    words = [word for word in held.assume.split(",") if word]
    chosen = next((word for word in words if word != "swapped"), "")
    is_listed = chosen in {*known, "as-stated", "GCJ-02", "BD-09", ""}
    asked = held.asked
    return {
        "type": asked.type_id,
        "accuracy": f"{asked.accuracy_m:g}",
        "corridor": "" if asked.corridor_m is None else f"{asked.corridor_m:g}",
        "on": "" if asked.on is None else asked.on.isoformat(),
        "layer": held.layer,
        "crs": chosen if is_listed else OTHER_CRS,
        "code": "" if is_listed else chosen,
        "swapped": "1" if "swapped" in words else "",
    }


def readings_named(problems: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """Return the ways of reading a refusal names, as far as a button may offer them.

    Examples
    --------
    >>> readings_named(["3°带第 36 带 → 109.3°E（--assume EPSG:4524,swapped）"], ["EPSG:4524"])
    ('EPSG:4524,swapped',)
    """
    allowed = {*known, "as-stated", "swapped"}
    named = dict.fromkeys(match for problem in problems for match in _ASSUMED.findall(problem))
    return tuple(
        one for one in named if all(word in allowed or _CODE.fullmatch(word) is not None for word in one.split(","))
    )


def _metres(text: str) -> float | None:
    """Return a number of metres; None where it is none, or none that makes sense."""
    try:
        metres = float(text.strip())
    except ValueError:
        return None
    return metres if math.isfinite(metres) and 0 <= metres <= MOST_METRES else None
