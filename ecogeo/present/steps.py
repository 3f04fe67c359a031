"""The steps of a meeting: a view of the map, the layers shown, words and a picture; and their form as JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecogeo.errors import UsageError
from ecogeo.wording import Text

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

VERSION = 1
MOST_STEPS = 100
MOST_TITLE = 120
MOST_WORDS = 20
MOST_LETTERS = 600
MOST_LAYERS = 40
MOST_BYTES = 400_000
"""A file of steps is no larger; pictures lie beside it."""

PICTURE_NAME = re.compile(r"[0-9a-f]{16}\.(png|jpg)")
"""How pictures are called: by their content, never by the name they came with."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states of the map to be held against one another.

    Parameters
    ----------
    before, after
        Names of the layers that differ; the other layers of the step stay.
    before_title, after_title
        What each state is called.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    before_title: Text
    after_title: Text


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a meeting.

    Parameters
    ----------
    title
        Its head.
    words
        Its paragraphs, short enough to be read from the back of a room.
    bounds
        The ground shown; None for the whole county.
    layers
        Names of the layers shown; None for those that are on at first.
    spotlight
        Number of a project or site around which the rest is dimmed; empty for none.
    comparison
        Two states to be compared; None for one map.
    picture
        Name of a picture file; empty for none.
    picture_alt
        What the picture shows, in words.
    theme
        Role of the layer the step is about: signs of sites show the answer to it alone. Empty for the sites' answer
        over all layers.
    """

    title: Text
    words: tuple[Text, ...] = ()
    bounds: Bounds | None = None
    layers: tuple[str, ...] | None = None
    spotlight: str = ""
    comparison: Comparison | None = None
    picture: str = ""
    picture_alt: str = ""
    theme: str = ""


def steps_object(steps: Sequence[Step]) -> dict[str, Any]:
    """Return steps as the object their file holds: sentences in two languages as pairs, what a person wrote as text."""
    return {"version": VERSION, "steps": [_object(step) for step in steps]}


def steps_json(steps: Sequence[Step]) -> str:
    """Return steps as one line of JSON; the same steps give the same line."""
    return json.dumps(steps_object(steps), ensure_ascii=False, separators=(",", ":"))


def parse_steps(text: str) -> tuple[Step, ...]:
    """Read steps from JSON.

    Parameters
    ----------
    text
        What `steps_json` wrote, or a person or the browser in the same form.

    Raises
    ------
    UsageError
        With everything that is wrong in it.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        most = MOST_BYTES // 1000
        raise UsageError(Text(f"步骤超过 {most} kB", f"the steps take more than {most} kB"))
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(Text("步骤不是有效的 JSON", "the steps are no valid JSON")) from error
    return read_steps(told)


def read_steps(told: object) -> tuple[Step, ...]:
    """Read steps from what JSON held (see `parse_steps`)."""
    rows = told.get("steps") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(rows, list):
        raise UsageError(Text("没有步骤表 steps", "there is no list “steps”"))
    problems: list[Text] = []
    if told.get("version") != VERSION:
        problems.append(Text(f"version 应为 {VERSION}", f"version must be {VERSION}"))
    if not rows:
        problems.append(Text("一个步骤也没有", "there is no step"))
    if len(rows) > MOST_STEPS:
        problems.append(Text(f"步骤多于 {MOST_STEPS} 个", f"there are more than {MOST_STEPS} steps"))
    steps = []
    for number, row in enumerate(rows[:MOST_STEPS], start=1):
        found = [Text("应为对象", "must be an object")] if not isinstance(row, dict) else list(_problems(row))
        problems += [Text(f"第 {number} 步：{one.zh}", f"step {number}: {one.en}") for one in found]
        if not found:
            steps.append(_step(row))
    if problems:
        raise UsageError(problems)
    return tuple(steps)


def step_doubts(
    steps: Sequence[Step], *, layers: Iterable[str], subjects: Iterable[str], pictures: Iterable[str]
) -> tuple[Text, ...]:
    """Return what steps name that is not there any more: such a step is shown without it, and this is said.

    Parameters
    ----------
    steps
        The steps.
    layers, subjects, pictures
        The layers of the map, numbers of projects and sites, and picture files there are.
    """
    known = (frozenset(layers), frozenset(subjects), frozenset(pictures))
    doubts = []
    for number, step in enumerate(steps, start=1):
        compared = () if step.comparison is None else (*step.comparison.before, *step.comparison.after)
        missing = [name for name in (*(step.layers or ()), *compared) if name not in known[0]]
        named = [
            *(("图层", "the layer", name) for name in missing),
            *(
                ("项目或用地", "the project or site", name)
                for name in [step.spotlight]
                if name and name not in known[1]
            ),
            *(("图片", "the picture", name) for name in [step.picture] if name and name not in known[2]),
        ]
        doubts += [
            Text(f"第 {number} 步：{zh} {name} 已不存在", f"step {number}: {en} {name} is not there any more")
            for zh, en, name in named
        ]
    return tuple(doubts)


def _pair(text: Text) -> str | dict[str, str]:
    return text.zh if text.zh == text.en else {"zh": text.zh, "en": text.en}


def _object(step: Step) -> dict[str, Any]:
    made: dict[str, Any] = {"title": _pair(step.title), "words": [_pair(one) for one in step.words]}
    if step.bounds is not None:
        made["bounds"] = list(step.bounds)
    if step.layers is not None:
        made["layers"] = list(step.layers)
    if step.spotlight:
        made["spotlight"] = step.spotlight
    if step.theme:
        made["theme"] = step.theme
    if (both := step.comparison) is not None:
        made["comparison"] = {
            "before": list(both.before),
            "after": list(both.after),
            "before_title": _pair(both.before_title),
            "after_title": _pair(both.after_title),
        }
    if step.picture:
        made |= {"picture": step.picture, "picture_alt": step.picture_alt}
    return made


def _step(row: Mapping[str, Any]) -> Step:
    both = row.get("comparison")
    bounds, layers = row.get("bounds"), row.get("layers")
    return Step(
        title=_text(row["title"]),
        words=tuple(_text(one) for one in row.get("words", [])),
        bounds=None if bounds is None else (float(bounds[0]), float(bounds[1]), float(bounds[2]), float(bounds[3])),
        layers=None if layers is None else tuple(layers),
        spotlight=row.get("spotlight", ""),
        comparison=None
        if both is None
        else Comparison(
            tuple(both["before"]), tuple(both["after"]), _text(both["before_title"]), _text(both["after_title"])
        ),
        picture=row.get("picture", ""),
        picture_alt=row.get("picture_alt", ""),
        theme=row.get("theme", ""),
    )


def _text(told: str | Mapping[str, str]) -> Text:
    return Text(told, told) if isinstance(told, str) else Text(told["zh"], told["en"])


def _problems(row: Mapping[str, Any]) -> Iterator[Text]:
    yield from _text_problems("title", row.get("title"), MOST_TITLE)
    words = row.get("words", [])
    if not isinstance(words, list) or len(words) > MOST_WORDS:
        yield Text(f"words 应为至多 {MOST_WORDS} 段文字", f"words must be at most {MOST_WORDS} paragraphs")
    else:
        for one in words:
            yield from _text_problems("words", one, MOST_LETTERS)
    if row.get("bounds") is not None and not _is_bounds(row["bounds"]):
        yield Text("bounds 应为西、南、东、北四个经纬度", "bounds must be west, south, east and north in degrees")
    if row.get("layers") is not None and not _is_names(row["layers"]):
        yield Text("layers 应为图层名称的列表", "layers must be a list of names of layers")
    for name in ("spotlight", "picture_alt", "theme"):
        if not _is_plain(row.get(name, ""), MOST_LETTERS):
            yield Text(f"{name} 应为文字", f"{name} must be a text")
    picture = row.get("picture", "")
    if not isinstance(picture, str) or (picture and not PICTURE_NAME.fullmatch(picture)):
        yield Text("picture 不是本系统的图片名", "picture is no name this system gave a picture")
    both = row.get("comparison")
    if both is None:
        return
    if not isinstance(both, dict) or not all(_is_names(both.get(side)) for side in ("before", "after")):
        yield Text("comparison 应有 before 和 after 两组图层", "comparison needs the layers “before” and “after”")
        return
    for side in ("before_title", "after_title"):
        yield from _text_problems(side, both.get(side), MOST_TITLE)


def _text_problems(name: str, told: object, most: int) -> Iterator[Text]:
    parts = [told.get("zh"), told.get("en")] if isinstance(told, dict) else [told]
    if not all(_is_plain(part, most) for part in parts):
        yield Text(f"{name} 应为至多 {most} 字的文字", f"{name} must be a text of at most {most} letters")
    elif name == "title" and not all(str(part).strip() for part in parts):
        yield Text("没有标题", "there is no title")


def _is_plain(told: object, most: int) -> bool:
    """Whether it is a text that can be written to a file."""
    return isinstance(told, str) and len(told) <= most and not any("\ud800" <= one <= "\udfff" for one in told)


def _is_names(told: object) -> bool:
    return isinstance(told, list) and len(told) <= MOST_LAYERS and all(_is_plain(one, MOST_TITLE) for one in told)


def _is_bounds(told: object) -> bool:
    if not isinstance(told, list) or len(told) != 4:
        return False
    if not all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in told):
        return False
    west, south, east, north = told
    return bool(-180 <= west < east <= 180 and -90 <= south < north <= 90)
