"""What running text says the projects of a plan cost, together and by system, and which share that is.

An amount is the plan's total where its clause holds nothing but words for it (规划总投资, 估算总投资), beside a count
of all projects, or under a heading on the investment; never one of a single project, of a source of money, of one year
or of a part of the period. 约 allows what rounding to the digits given allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

import pandas as pd

from ecogeo.plan.passages import Passage
from ecogeo.plan.scope import Scope, is_of_others
from ecogeo.plan.statements import Statement
from ecogeo.plan.text_counts import statement

_AMOUNT = r"(?P<value>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)(?P<unit>亿元|万元|千元|元|亿(?!元)|万(?!元))"
_LINK = "(?:约|为|额|估算|匡算|概算|达到?|需要?|共计?|合计|总计|是|[:：])*"
_TOTAL = re.compile(
    rf"(?:总投资|投资总额|(?:投资|资金)(?:合计|总计|共计)|(?:总计|合计|共计?)(?:需要?|约)*投资|(?:估算|计划|规划|预计|概算|匡算|拟)投资|投资估算|总概算|总投入){_LINK}{_AMOUNT}"
)
_OF_ALL = (
    "(?:本?规划(?:期内?|项目|工程|方案)?|本方案|重点(?:建设|工程|项目)*|(?:全部|各类|所有|上述|以上)(?:重点|建设|工程|项目)*|工程项目建设"
    "|工程建设|项目建设)"
)
_PLAIN = re.compile(
    rf"(?:{_OF_ALL}|建设|工程|项目|期|内|估算|概算|匡算|预计|计划|共|总计|合计|需要?|全部|的|其|所需|资金|经)*"
)
_STRONG = re.compile(rf"{_OF_ALL}|估算|匡算")
_HEADING = re.compile("投资|资金|效益|估算|概算|重点(?:工程|项目)|工程(?:项目)?汇总")
_SHARE = re.compile(
    r"(?:占(?:规划|项目|工程|全部)?(?:总投资|投资总额|投资|总额)(?:额)?的?|投资占比|占投资比[例重]|(?<=[0-9]亿元，占)|(?<=[0-9]万元，占))(?:比[例重])?(?:约|为|达到?|[:：])*"
    r"(?P<value>[0-9]+(?:\.[0-9]+)?)(?P<unit>%)"
)
_OF_MONEY = re.compile("资金|财政|中央|地方|自筹|贷款|企业|社会|合计|补助")
_FIGURE = re.compile(r"(?P<value>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)(?P<unit>亿元|万元|元|%|)")
_EACH = re.compile(
    r"分别(?:为|投资|占|需|约|估算|达|总投资的?)*(?P<figures>[0-9][0-9,.]*(?:亿元|万元|元|%)?(?:[、，和及与]+[0-9][0-9,.]*(?:亿元|万元|元|%)?)+)"
)
_ALL_KINDS = re.compile("[二两三四五六七八九十0-9]大?(?:类|体系|领域|系统)[^，。；]{0,8}(?:占比|比[例重]|占总?投资)")
_SOME = re.compile(
    "[0-9一二三四五六七八九十](?:项|个)[^，。；]{0,8}?(?:项目|工程)(?:已|均|列入|纳入|入选|属于?|位于|获得|开工|建成|竣工|在建|完成)"
)
"""What is said of some of the projects, so that the money told next is theirs."""

_SINGLE = re.compile("该(?:项目|工程)|单个|其中一|(?:项目|工程)[：:]")
_SHORTEST = 4
_STAGE = re.compile(
    r"(?P<first>20[0-9]{2})年?(?:[-—–―−－~～]+|至|到)(?P<last>20[0-9]{2})年[）)]?(?:期间)?(?:[^，。；：0-9]{0,6})(?:投资|投入|资金)"
    rf"{_LINK}{_AMOUNT}"
)
_PAYER = (
    "(?:中央|国家|自治区|省|市|县|区|镇|本级|地方|上级|业主|群众|政府|财政|预算内|专项|债券|银行|贷款"
    "|社会|企业|自筹|配套|其他)"
)
_PAYS = rf"{_PAYER}[一-鿿]{{0,10}}?(?:约|为|[:：])*"
_NUMBER = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_PAID = re.compile(rf"{_PAYS}(?P<value>{_NUMBER})(?P<unit>亿元|万元|元)")
_PART = rf"{_PAYS}{_NUMBER}(?:亿元|万元|元)"
_SPLIT = re.compile(rf"[，,（(]+(?:其中|包括|含)?[：:，,]?(?P<parts>{_PART}(?:[、，,和及与]+{_PART})+)")
_SIZES = {"亿元": Decimal(10_000), "亿": Decimal(10_000), "万元": Decimal(1), "万": Decimal(1), "千元": Decimal("0.1")}


def money_of(
    passage: Passage, heading: str, systems: Sequence[str], projects: pd.DataFrame, scope: Scope, *, is_counted: bool
) -> Iterator[Statement]:
    """Yield what a paragraph says that all projects, or those of a system, cost.

    Parameters
    ----------
    passage
        The paragraph.
    heading
        The heading it stands under.
    systems
        The names of the systems.
    projects
        The project table.
    scope
        What the plan is about.
    is_counted
        Whether the paragraph counts all projects of the plan.
    """
    text = passage.text
    if not re.search("[元亿万%]", text):
        return
    for match in _TOTAL.finditer(text):
        clause = re.split("[，。；：、,;]", text[: match.start()])[-1]
        if is_of_others(text, match.start("value"), scope) or _is_of_one(text, match, projects):
            continue
        if _is_of_some(text, match.start(), systems) or _SOME.search(re.split("[。；]", text[: match.start()])[-1]):
            continue
        if is_counted or (_PLAIN.fullmatch(clause) and _is_of_plan(text, clause, heading, match, projects)):
            yield statement("projects", "", "invest", match, passage)
            if split := _SPLIT.match(text, match.end()):
                yield _added("funding", split["parts"], list(_PAID.finditer(split["parts"])), passage)
    yield from _of_stages(passage, scope)
    for system in systems:
        yield from _of_system(passage, system, systems, scope)
    yield from _of_each(passage, systems, projects, scope)
    for match in _SHARE.finditer(text):
        sentence = re.split("[。；]", text[: match.start()])[-1]
        clauses = re.split("[，：]", sentence)
        named = [(sentence.rfind(system), system) for system in systems if system in sentence]
        nearest = next((clause for clause in reversed(clauses) if any(one in clause for one in systems)), "")
        is_several = sum(system in nearest for system in systems) > 1
        is_other = _OF_MONEY.search(clauses[-1]) or is_of_others(text, match.start("value"), scope)
        if named and not is_several and not is_other:
            yield statement("projects", max(named)[1], "share", match, passage)


def _of_system(passage: Passage, system: str, systems: Sequence[str], scope: Scope) -> Iterator[Statement]:
    """Yield the money that follows the name of a system, or its count."""
    if system not in passage.text:
        return
    longer = [other for other in systems if system in other and other != system]
    behind = re.compile(
        rf"(?<![一-鿿]){re.escape(system)}|(?<=其中){re.escape(system)}|(?<=[包括含和及与]){re.escape(system)}|(?<=、){re.escape(system)}"
    )
    money = re.compile(
        rf"(?:体系|领域|方面)?(?:建设|治理)?类?(?:项目|工程)?(?:的|[（(：:])?(?:[^，。；：0-9]{{0,6}}[0-9一二三四五六七八九十]{{1,4}}(?:项|个)(?:项目|工程)?[）)]?[：:，,、]?)?"
        rf"(?:计划|估算|概算|匡算|规划|预计|共|约|总)*(?:投资|资金|投入)?{_LINK}{_AMOUNT}"
    )
    for at in behind.finditer(passage.text):
        if any(passage.text.startswith(other, at.start()) for other in longer):
            continue
        match = money.match(passage.text, at.end())
        if match is None or is_of_others(passage.text, match.start("value"), scope):
            continue
        clause = re.split("[，。；：]", passage.text[: at.end()])[-1]
        is_listed = sum(one in clause for one in systems) - len(longer) > 1 and re.search("[，：]", match[0])
        if not is_listed:
            yield statement("projects", system, "invest", match, passage)


def _of_stages(passage: Passage, scope: Scope) -> Iterator[Statement]:
    """Yield what the stages of a plan cost together, where one begins behind the other and they are the whole of it."""
    for sentence in re.split("[。]", passage.text):
        stages = list(_STAGE.finditer(sentence))
        ends = [int(stage["last"]) for stage in stages]
        begins = [int(stage["first"]) for stage in stages]
        is_whole = len(stages) > 1 and scope.period == (begins[0], ends[-1])
        if is_whole and begins[1:] == [end + 1 for end in ends[:-1]]:
            yield _added("stages", "，".join(stage[0] for stage in stages), stages, passage)


def _added(measure: str, wording: str, amounts: Sequence[re.Match[str]], passage: Passage) -> Statement:
    """Make a statement of several amounts together, in 万元."""
    numbers = [Decimal(one["value"].replace(",", "")) * _SIZES.get(one["unit"], Decimal("0.0001")) for one in amounts]
    return Statement("projects", "", measure, float(sum(numbers)), "万元", "text", passage.line, wording)


def _of_each(passage: Passage, systems: Sequence[str], projects: pd.DataFrame, scope: Scope) -> Iterator[Statement]:
    """Yield the amounts or shares listed for several systems (甲、乙投资分别为300万元、200万元), each its own.

    Shares of all systems, none named (三类工程投资占比分别为…), go to them in the order of their sizes.
    """
    invested = projects.groupby("system")["invest_wan_yuan"].sum()
    by_size = sorted(systems, key=lambda system: float(invested[system]))
    for match in _EACH.finditer(passage.text):
        sentence = re.split("[。；]", passage.text[: match.start()])[-1]
        named = sorted((sentence.rfind(system), system) for system in systems if system in sentence)
        figures = list(_FIGURE.finditer(match["figures"]))
        is_share = figures[-1]["unit"] == "%"
        is_told = "投资" in sentence or "投资" in match[0]
        is_all = is_share and not named and len(figures) == len(systems) and bool(_ALL_KINDS.search(sentence))
        if is_all:
            figures.sort(key=lambda figure: float(figure["value"].replace(",", "")))
            named = list(enumerate(by_size))
            is_told = True
        if len(named) != len(figures) or not is_told or is_of_others(passage.text, match.start("figures"), scope):
            continue
        for (_, system), figure in zip(named, figures, strict=True):
            unit = figure["unit"] or figures[-1]["unit"]
            value = float(figure["value"].replace(",", ""))
            measure = "share" if is_share else "invest"
            yield Statement("projects", system, measure, value, unit, "text", passage.line, f"{figure['value']}{unit}")


def _is_of_some(text: str, at: int, systems: Sequence[str]) -> bool:
    """Whether an amount stands in a part of a sentence that names some of the systems before it, and not all."""
    part = re.split("[。；]", text[:at])[-1]
    named = {system for system in systems if system in part}
    named = {system for system in named if not any(system in other and system != other for other in named)}
    return bool(named) and len(named) < len(systems)


def _is_of_one(text: str, match: re.Match[str], projects: pd.DataFrame) -> bool:
    """Whether an amount is that of the one project its own clause, or the paragraph up to it, names."""
    said = re.split("[。；]", text[: match.start()])[-1]
    return bool(_SINGLE.search(said)) or any(name in said for name in projects["name"] if len(name) > _SHORTEST)


def _is_of_plan(text: str, clause: str, heading: str, match: re.Match[str], projects: pd.DataFrame) -> bool:
    """Whether a total without a count is that of the plan: its own words say so, or the heading does."""
    if any(name in text for name in projects["name"] if len(name) > _SHORTEST):
        return bool(re.search("规划", clause))
    sentence = text[: match.start()].rpartition("。")[2] + text[match.start() :].partition("。")[0]
    is_said = bool(_STRONG.search(clause) or re.search(_OF_ALL, sentence))
    return is_said or bool(_HEADING.search(heading) and not re.match("[0-9（(]", text))
