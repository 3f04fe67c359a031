"""Who is responsible for a task of running text, brought into one form: behind the task, in brackets, by role.

Documents write it in brackets behind the task （责任单位：甲局）, as its last sentence, on lines of its own below it
(with 完成时限 on another), or as words around the units （甲局牵头，乙局配合）.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ecogeo.plan.passages import Passage

_ROLE = r"(?:牵头|责任|配合|实施|负责|主管|协同|参与|落实|主办|协办)(?:单位|部门|[市县区]?领导|科室)[：:]"
_LINE = re.compile(rf"[（(【\[]?(?P<units>{_ROLE}.+?)[）)】\]]?。?")
_WHEN_LINE = re.compile(r"[（(【\[]?(?P<when>(?:完成|办结)?(?:时限|期限|时间)(?:要求)?[：:].+?)[）)】\]]?。?")
_OWN = re.compile(rf"[（(〔【\[]{_ROLE}")
_LAST = re.compile(rf"(?<=。)(?P<units>{_ROLE}[^。]+)。?$")
_AROUND = re.compile(
    r"[（(〔【\[](?P<words>(?:[^（）()\[\]【】]|[（(][^（）()]*[）)])+?(?:牵头|负责|配合|参与|落实|协助))[）)〕】\]]。?$"
)
_SHARE = re.compile(
    r"(?P<units>.*?[局委办府院部厅处镇乡会司心等）)](?:、?各[^，；]*)?)(?:按(?:照)?职责(?:分工)?|等?分工|共同|分别|具体)*"
    r"(?P<role>牵头|负责|配合|参与|落实|协助)"
)
_CALLED = {"牵头": "牵头单位", "负责": "责任单位", "落实": "责任单位"}


def with_owners(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return paragraphs with the units responsible in brackets behind their task, wherever they stand.

    Parameters
    ----------
    passages
        The paragraphs outside tables.

    Examples
    --------
    >>> [item.text for item in with_owners([Passage(1, 1, "1.巡河。"), Passage(2, 2, "责任单位：甲局")])]
    ['1.巡河。（责任单位：甲局）']
    >>> with_owners([Passage(1, 1, "1.巡河。（甲局牵头，乙局配合）")])[0].text
    '1.巡河。（牵头单位：甲局；配合单位：乙局）'
    """
    found: list[Passage] = []
    for passage in passages:
        line, when = _LINE.fullmatch(passage.text), _WHEN_LINE.fullmatch(passage.text)
        if found and line:
            found[-1] = replace(found[-1], last_line=passage.last_line, text=_with(found[-1].text, line["units"]))
        elif found and when and (begun := _bracketed(found[-1].text)):
            found[-1] = replace(found[-1], last_line=passage.last_line, text=f"{begun[0]}{when['when']}。{begun[1]}")
        else:
            found.append(replace(passage, text=_in_brackets(passage.text)))
    return tuple(found)


def _with(text: str, units: str) -> str:
    """Return a task with further units in the brackets behind it."""
    begun = _bracketed(text)
    return f"{begun[0]}{begun[1][:-1]}；{units}）" if begun else f"{text}（{units}）"


def _bracketed(text: str) -> tuple[str, str] | None:
    """Split a task from the units in brackets behind it."""
    at = max((found.start() for found in re.finditer(rf"（(?={_ROLE})", text)), default=-1)
    return (text[:at], text[at:]) if at >= 0 and text.endswith("）") else None


def _in_brackets(text: str) -> str:
    """Return a paragraph whose last sentence, or words around units, name those responsible, with them in brackets."""
    if _OWN.search(text):
        return text
    if last := _LAST.search(text):
        return f"{text[: last.start()]}（{last['units']}）"
    around = _AROUND.search(text)
    if not around or re.match(_ROLE, around["words"]):
        return text
    shares = [_SHARE.fullmatch(part) for part in re.split("[，,；;](?![^（(]*[）)])", around["words"])]
    if not all(shares):
        return text
    named = (f"{_CALLED.get(share['role'], '配合单位')}：{share['units'].strip('、')}" for share in shares if share)
    return f"{text[: around.start()]}（{'；'.join(named)}）"
