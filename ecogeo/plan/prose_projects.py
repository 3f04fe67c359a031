"""Projects set as running text: numbered paragraphs that name a project, what it does and what it costs.

They are read where a document has no project table and no boxes; beside those they are listed, for the same projects
may be told there under other names. The investment is the one amount the paragraph gives behind 投资; of several, or an
amount that is only about right (约), none is taken and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal

import pandas as pd

from ecogeo.plan.cells import NUMERALS, head_word
from ecogeo.plan.columns import PROJECT_COLUMNS, typed_frame
from ecogeo.plan.departments import units_of_words
from ecogeo.plan.money_units import invest_factor
from ecogeo.plan.passages import Passage
from ecogeo.plan.unused import Unused
from ecogeo.plan.years import parse_years
from ecogeo.wording import Text

_PROJECT = re.compile(
    r"(?:(?P<number>[0-9]{1,2})[.．、]|[（(](?P<bracketed>[0-9一二三四五六七八九十]{1,3})[）)]|[①-⑳]|——?)\s*"
    r"(?P<name>[^：。；，、《》]{2,40})[：。，](?P<content>.*投资.{0,8}?[0-9].*元.*)"
)
_HEADING = re.compile(
    rf"(?:第[{NUMERALS}]+[章节]|[{NUMERALS}]{{1,3}}、|[（(][{NUMERALS}]{{1,3}}[）)])\s*(?P<name>[^。；：]{{2,30}})"
)
_NAME_END = re.compile(
    r"(?:项目|工程|建设|治理|整治|修复|改造|扩建|新建|提升|保护|监测|处置|复绿|绿化|造林|行动|[厂站园馆库])(?:[（(][^（）()]*[）)])?$"
)
_INVEST = re.compile(
    r"投资(?:额|估算|匡算|概算)?(?P<about>大?约|近)?(?:为|共|共计|需|[：:])?(?P<about_too>大?约|近)?"
    r"(?P<number>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)(?P<unit>亿元|万元|千元|元)"
)
_SPAN = re.compile(
    r"(?<![0-9])20[0-9]{2}年?[-—–~～至到]+20[0-9]{2}年?|(?<![0-9到至])20[0-9]{2}年(?=(?:实施|建设|开工|建成|完工|完成))"
)
_DONE = re.compile("已(?:经)?(?:完成|投资|建成)|累计完成投资|完成投资")
_OWNER = re.compile(
    r"由(?P<units>[一-鿿、（）()]{2,60}?)(?:负责|牵头|实施|组织|承担)|(?:责任|实施|建设|牵头)(?:单位|部门|主体)[：:](?P<listed>[^。；）)]+)"
)


def prose_projects(
    passages: Sequence[Passage], taken: AbstractSet[int] = frozenset()
) -> tuple[pd.DataFrame, tuple[Unused, ...]]:
    """Read the projects of running text.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    taken
        Lines of paragraphs that are tasks.

    Returns
    -------
    The projects, their ids ``T<heading>-<number>`` by the headings they stand under, in order; and the amounts that
    were not taken over.

    Examples
    --------
    >>> found, _ = prose_projects([Passage(3, 3, "1.甲河治理工程：治理3公里，投资1.2亿元，2022-2024年实施。")])
    >>> found[["project_id", "name", "start_year", "end_year", "invest_wan_yuan"]].values.tolist()
    [['T1-01', '甲河治理工程', 2022, 2024, 12000.0]]
    """
    rows: list[dict[str, object]] = []
    unused: list[Unused] = []
    system, group, count = "", 0, 0
    for passage in passages:
        found = None if passage.line in taken else _project(passage)
        heading = _HEADING.fullmatch(passage.text)
        if found is None and heading:
            system, count = heading["name"].strip(), 0
        if found is None:
            continue
        group, count = group + (count == 0), count + 1
        content = found["content"].strip()
        invest, is_open = told_invest(content)
        start, end = _years(content)
        rows.append(
            {
                "project_id": f"T{group}-{count:02d}",
                "system": system,
                "project_no": found["number"] or found["bracketed"] or str(count),
                "name": found["name"].strip(),
                "content": content,
                "start_year": start,
                "end_year": end,
                "invest_wan_yuan": invest,
                "departments": _departments(content),
                "location_basis": "none",
            }
        )
        if is_open:
            reason = Text(
                f"项目“{found['name']}”的投资有几个数或只是约数，没有读入：{content}",
                f'project "{found["name"]}": of several amounts, or one only about right, none was taken: {content}',
            )
            unused.append(Unused("", passage.line, passage.last_line, reason, is_loss=True))
    return typed_frame(rows, PROJECT_COLUMNS), tuple(unused)


def unread_projects(passages: Sequence[Passage], projects: pd.DataFrame) -> list[Unused]:
    """List the numbered paragraphs that name something with an investment and are no project that was read.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    projects
        The projects that were read.

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


def _project(passage: Passage) -> re.Match[str] | None:
    """Return a paragraph as a project; ``None`` where its name is not one's, or it tells what was done."""
    found = _PROJECT.fullmatch(passage.text)
    is_project = found is not None and _NAME_END.search(found["name"].strip()) and not _DONE.search(found["content"])
    return found if is_project else None


def told_invest(content: str) -> tuple[float | None, bool]:
    """Return the one investment of a text in 万元, and whether it gives several or one that is only about right.

    Examples
    --------
    >>> told_invest("治理3公里，投资1.2亿元。"), told_invest("投资约800万元"), told_invest("完成勘界立标。")
    ((12000.0, False), (None, True), (None, False))
    """
    if "投资" not in content:
        return None, False
    amounts = list(_INVEST.finditer(content))
    if len(amounts) != 1 or amounts[0]["about"] or amounts[0]["about_too"] or content.count("投资") > 1:
        return None, True
    factor = invest_factor(amounts[0]["unit"])
    return None if factor is None else float(Decimal(amounts[0]["number"].replace(",", "")) * factor), False


def _years(content: str) -> tuple[int | None, int | None]:
    """Return the first and the last year of the one span of years a text names."""
    spans = _SPAN.findall(content)
    return (parse_years(spans[0]) or (None, None)) if len(spans) == 1 else (None, None)


def _departments(content: str) -> str:
    """Return the units that are to carry a project out."""
    found = _OWNER.search(content)
    if not found:
        return ""
    return units_of_words(f"责任单位：{found['units'] or found['listed']}").departments
