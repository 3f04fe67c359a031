"""Projects set as running text outside tables and boxes: they are listed, not read."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from ecogeo.plan.cells import head_word
from ecogeo.plan.passages import Passage
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text

_PROJECT = re.compile(
    r"(?:[0-9]{1,2}[.．、]|[（(][0-9一二三四五六七八九十]{1,3}[）)]|[①-⑳]|——?)\s*"
    r"(?P<name>[^：。；，、《》]{2,40})[：。，](?P<content>.*投资.{0,8}?[0-9].*元.*)"
)


def unread_projects(passages: Sequence[Passage], projects: pd.DataFrame) -> list[Unused]:
    """List the numbered paragraphs that name something with an investment and are no project that was read.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    projects
        The projects of tables and boxes.

    Examples
    --------
    >>> none = pd.DataFrame({"name": []})
    >>> unread_projects([Passage(3, 3, "1.甲河治理工程：治理3公里，投资1.2亿元。")], none)[0].reason.zh
    '像是项目而没有读出的段落：1.甲河治理工程：治理3公里，投资1.2亿元。'
    """
    known = {head_word(name) for name in projects["name"]}
    found: list[Unused] = []
    for passage in passages:
        project = _PROJECT.fullmatch(passage.text)
        if project and head_word(project["name"]) not in known:
            reason = Text(
                f"像是项目而没有读出的段落：{passage.text}", f"a paragraph like a project, not read: {passage.text}"
            )
            found.append(Unused("", passage.line, passage.last_line, reason, is_loss=True))
    return found
