"""Tasks written as running text: numbered paragraphs that end with the units responsible in brackets.

A task is numbered by the heading it stands under (（三）) and its own number (2.), as 3.2; its name is its first
sentence, of a long one the first clause, or, where it has no number of its own, the heading. Dates of the form
2023年6月前 are its deadline, or what 完成时限 names. Where several parts (一、) number their headings anew,
the part's number stands in front.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ecogeo.plan.cells import head_word, numeral_value
from ecogeo.plan.columns import LEAD_COLUMN
from ecogeo.plan.departments import Units, units_of_words, without_when
from ecogeo.plan.owners import with_owners
from ecogeo.plan.passages import Passage
from ecogeo.plan.tasks import task_frame

_NUMERAL = r"[（(](?P<numeral>[一二三四五六七八九十]{1,3})[）)]"
_UNITS = re.compile(
    r"[（(〔【\[](?P<units>(?:牵头|责任|配合|实施|负责|主管)(?:单位|部门|[市县区]?领导)?[：:](?:[^（）()]|[（(][^（）()]*[）)])+?)"
    r"[）)〕】\]]。?$"
)
_BEGIN = re.compile(rf"(?:{_NUMERAL}|(?P<number>[0-9]{{1,2}})[.．、])?\s*(?P<rest>.+)", re.DOTALL)
_PART = re.compile(r"(?:第[一二三四五六七八九十]+章|[一二三四五六七八九十]{1,3}、)")
_DEADLINE = re.compile(r"20[0-9]{2}年(?:[0-9]{1,2}月(?:底|末|[0-9]{1,2}日)?|年?底|年?末)?(?:之?前)")
_WHEN = re.compile(r"(?:完成|办结)(?:时限|期限|时间)(?:要求)?[：:](?P<when>[^。；，]+)")
_LONGEST_HEADING = 40


@dataclass(frozen=True, slots=True)
class ProseTask:
    """A task as its paragraph gives it.

    Parameters
    ----------
    line
        Where it stands.
    heading
        The heading it stands under; empty where there is none.
    number, name, content
        What it is called, and the whole paragraph without number and units.
    units
        Who is responsible.
    deadline
        The time by which, where it is named beside the units or as 完成时限.
    """

    line: int
    heading: str
    number: str
    name: str
    content: str
    units: Units
    deadline: str = ""


def find_prose_tasks(passages: Sequence[Passage]) -> tuple[ProseTask, ...]:
    """Find the tasks in running text.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    """
    tasks: list[ProseTask] = []
    parts: list[int] = []
    part, part_heading, numeral, heading = 0, "", 0, ""
    for passage in with_owners(passages):
        begin = _BEGIN.fullmatch(passage.text)
        units = _UNITS.search(passage.text)
        if not begin or (found := _PART.match(passage.text)):
            part, part_heading = part + 1, passage.text[found.end() :] if begin and found else ""
            numeral, heading = 0, ""
            continue
        if begin["numeral"]:
            numeral, heading = numeral_value(begin["numeral"]), ""
        if not units:
            heading = begin["rest"] if begin["numeral"] and len(begin["rest"]) <= _LONGEST_HEADING else heading
            continue
        content = begin["rest"][: units.start() - begin.start("rest")].strip()
        numbers = [str(numeral) if numeral else "", head_word(begin["number"] or "")]
        is_named = bool(begin["number"] or begin["numeral"]) or not heading
        name = _title(content) if is_named else heading
        number = ".".join(filter(None, numbers)) or str(len(tasks) + 1)
        parts.append(part)
        above = heading or (part_heading if begin["numeral"] else "")
        named, when = without_when(units["units"])
        own = _WHEN.search(content)
        deadline = when or (own["when"] if own else "")
        tasks.append(ProseTask(passage.line, above, number, name, content, units_of_words(named), deadline))
    if len({task.number for task in tasks}) == len(tasks):
        return tuple(tasks)
    order = {part: str(at) for at, part in enumerate(dict.fromkeys(parts), start=1)}
    return tuple(replace(task, number=f"{order[part]}.{task.number}") for part, task in zip(parts, tasks, strict=True))


def _title(content: str) -> str:
    """Return the name of a task: its first sentence, or the first clause of a long one."""
    sentence = content.partition("。")[0]
    return sentence if len(sentence) <= _LONGEST_HEADING else sentence.partition("，")[0]


def unowned(passages: Sequence[Passage]) -> tuple[ProseTask, ...]:
    """Return every paragraph as a task that names nobody, for the targets of a text without tasks."""
    return tuple(ProseTask(item.line, "", "", "", item.text, Units("", "")) for item in passages)


def prose_task_frame(tasks: Sequence[ProseTask]) -> pd.DataFrame:
    """Return prose tasks as a frame with the columns of the contract."""
    rows: list[dict[str, object]] = [
        {
            "task_no": task.number,
            "name": task.name,
            "content": task.content,
            "deadline": task.deadline or "；".join(dict.fromkeys(_DEADLINE.findall(task.content))),
            "departments": task.units.departments,
            LEAD_COLUMN: task.units.lead,
        }
        for task in tasks
    ]
    return task_frame(rows)
