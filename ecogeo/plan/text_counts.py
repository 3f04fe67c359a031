"""How many rows, groups and targets met running text says a plan's tables have, read into statements.

A count is one of the plan's table only where its own words say so (共35项指标, 4类13项指标, 重点工程共计5个), or a word
for the plan stands beside it (本规划, 附表); of a system, domain or kind where its name stands right in front of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import pandas as pd

from ecogeo.plan.cells import COUNT, NUMERALS, counted
from ecogeo.plan.drafts import KINDS
from ecogeo.plan.passages import Passage
from ecogeo.plan.scope import Scope, is_of_others
from ecogeo.plan.statements import Statement

NOUNS = {"项目": "projects", "指标": "indicators", "任务": "tasks", "工程": "projects"}
_NOUN = "(?P<noun>项目|指标|任务|工程)"
N = rf"(?<![0-9.{NUMERALS}百])(?P<value>{COUNT})(?P<unit>项|个|条)(?!方面|领域|体系|板块|部分|大?类|[县区镇乡村市月年])"
SETS = (
    "(?:设置|设立|设定|设计|(?<!建)设|确定|提出|制定|安排|包括|包含|涵盖|涉及|列入|列出|列|纳入|谋划|规划|实施|分解为?|部署|明确|分为"
    "|有|为|计)"
)
_KIND_OF = "(?:具体|主要|规划|建设|考核|重点|目标|核心|评价|工作|创建|工程|(?<=类)别?)*"
_ALL = "(?:共计?|合计|总计|总共|一共)"
_GROUPS = (
    rf"(?<![0-9.{NUMERALS}])(?P<groups>{COUNT})(?:个|项)?(?:大?(?:类别?|领域|板块|体系|系统|方面|部分)|大(?:重点)?工程)"
)
_TOTALS = (
    re.compile(rf"{_NOUN}(?:{_ALL}|总数|数量|个数)(?:有|为|达)?(?:{COUNT}(?:个?大?类|大领域|个方面)[，、]?)?{N}"),
    re.compile(rf"{SETS}了?{_KIND_OF}{_NOUN}(?:共|总计)?{N}"),
    re.compile(rf"{_ALL}[^。；]{{0,20}}?{N}[^，。；0-9]{{0,8}}?{_NOUN}"),
    re.compile(rf"{_ALL}{SETS}*了?[^，。；0-9]{{0,6}}?{_NOUN}{N}"),
    re.compile(rf"{SETS}了?(?:[一-鿿、]{{0,30}}?(?:领域|方面|大?类|体系))?{N}{_KIND_OF}{_NOUN}"),
)
"""Wordings of a total that need a word for the plan beside them."""

_COMPOSED = (
    re.compile(rf"由{N}[^，。；0-9]{{0,8}}?{_NOUN}(?:组成|构成)"),
    re.compile(rf"{_ALL}{SETS}*了?{N}{_KIND_OF}(?P<noun>指标)"),
    re.compile(rf"{_ALL}{SETS}*了?{_KIND_OF}(?P<noun>指标){N}"),
    re.compile(rf"(?P<noun>任务|项目|指标)(?:清单|表|体系|一览表|汇总表){_ALL}(?:列有?|有|为)*{N}"),
    re.compile(rf"(?P<noun>指标)(?:总数|{_ALL})(?:有|为|达)*{N}"),
    re.compile(rf"(?:重点|主要|规划|工程)(?P<noun>工程|项目)(?:总数|{_ALL})(?:有|为|达|安排)*{N}"),
    re.compile(rf"{_ALL}(?:安排|谋划|规划|设置|列入){_KIND_OF}(?P<noun>工程|项目){N}"),
    re.compile(rf"{_ALL}(?:安排|谋划|规划|设置|列入){N}{_KIND_OF}(?P<noun>工程|项目)"),
    re.compile(rf"(?:{_ALL})?(?:分解|部署|安排|明确|提出|确定)(?:为|成|出|了)*{N}{_KIND_OF}(?P<noun>任务)"),
    re.compile(rf"(?:{_ALL})?(?:分解|部署|安排|明确|提出|确定)(?:为|成|出|了)*{_KIND_OF}(?P<noun>任务)(?:{_ALL})?{N}"),
    re.compile(rf"{_ALL}{SETS}+了?{_KIND_OF}(?P<noun>任务){N}"),
    re.compile(rf"{_ALL}{SETS}+了?{N}{_KIND_OF}(?P<noun>任务)"),
    re.compile(rf"{_GROUPS}[，、,]?(?:的|{_ALL}|{SETS})*{N}{_KIND_OF}{_NOUN}"),
    re.compile(rf"{_GROUPS}[，、,]?(?:的|{_ALL}|{SETS})*{_KIND_OF}{_NOUN}(?:{_ALL})?{N}"),
)
"""Wordings that speak of the plan's table wherever they stand."""

_UNNAMED = re.compile(rf"{_GROUPS}[，、,]?(?:的|{_ALL}|{SETS})*{N}(?![一-鿿]*(?:项目|指标|任务|工程|措施|制度))")
"""Groups and a count without a noun: 重点项目分为三类共十五项 speaks of what its clause names before it."""

_OF_THE_PLAN = re.compile("本规划|本方案|本计划|规划共|[附下]表|指标体系|建设指标|工程建设|总投资")
_PREDICATE = re.compile(
    "(?:中|的)?(?:已|均|未|尚|达到|达标|完成|不|提前|有望|需|低于|高于|优于|落后|实现|列为|列入|纳入|入选|属于?|位于|获得|开工|建成|竣工|在建"
    "|为(?:约束|参考|预期))"
)
"""What is said of some of the rows: 共有3项指标已达到目标 counts those that did."""

_MET = re.compile(
    rf"(?:(?P<missed>未|不|尚未|没有)|已经?|均|全部)*(?:达标|达到(?:目标|要求|标准|考核)要?求?)(?:的)?(?:指标)?(?:有|为|共|计)*{N}(?![一-鿿]*[达完])"
)
_IS_MET = re.compile(
    rf"{N}(?:建设|考核)?(?:指标)?(?:均|已经?)*(?P<missed>未|不|尚未)?(?:能)?(?:达标|达到(?:目标|要求|标准))"
)
_ABOVE = re.compile("国家|上级|自治区|省级?|考核中")
_COUNT_SHARE = re.compile(
    r"占(?:全部|所有)?(?:(?P<noun>项目|指标|任务|工程)(?:总)?(?:数量?|个数)?的?|总数的?|比)(?:比[例重])?"
    r"(?:约|为|达到?|[:：])*(?P<value>[0-9]+(?:\.[0-9]+)?)(?P<unit>%)"
)
_BEGIN = "(?:(?<![一-鿿])|(?<=其中)|(?<=包括)|(?<=包含)|(?<=含)|(?<=分为)|(?<=[和及与]))"
_EXCERPT = 30


def subjects_of(indicators: pd.DataFrame, projects: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return what counts and sums may be of: the word, the subject and the table of every system, domain and kind."""
    return [
        *((name, name, "projects") for name in projects["system"].unique() if name),
        *((name, name, "indicators") for name in indicators["domain"].unique() if name),
        *((word, kind, "indicators") for word, kind in KINDS.items() if (indicators["kind"] == kind).any()),
    ]


def counts_of(
    passage: Passage, subjects: Sequence[tuple[str, str, str]], frames: dict[str, pd.DataFrame], scope: Scope
) -> Iterator[Statement]:
    """Yield the counts a paragraph states, those of single subjects first.

    Parameters
    ----------
    passage
        The paragraph.
    subjects
        Systems, domains and kinds (`subjects_of`).
    frames
        The tables there are, by name.
    scope
        What the plan is about.
    """
    names = Counter(word for word, _, _ in subjects)
    for word, subject, about in subjects:
        is_shared = names[word] > 1 and word not in KINDS
        yield from _of_subject(passage, word, subject, about, scope, is_shared=is_shared)
    words = [word for word, _, _ in subjects]
    seen: set[tuple[str, int]] = set()
    for noun, match in _total_matches(passage.text):
        at = match.start("value")
        is_told = (noun, at) in seen or noun not in frames or not len(frames[noun])
        is_told = is_told or bool(_PREDICATE.match(passage.text, match.end()))
        if is_told or is_of_others(passage.text, at, scope) or _is_of_part(passage.text, match, noun, subjects):
            continue
        seen.add((noun, at))
        yield statement(noun, "", "count", match, passage)
        if match.groupdict().get("groups"):
            yield _groups(noun, match, passage)
    if "指标" in passage.text:
        yield from _met(passage, words, scope)
        yield from _shares(passage, subjects, scope)


def _total_matches(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield every wording of a total with the table it is of; those that tell groups too come first."""
    patterns = [*reversed(_COMPOSED), *(_TOTALS if _OF_THE_PLAN.search(text) else ())]
    for pattern in patterns:
        yield from ((NOUNS[match["noun"]], match) for match in pattern.finditer(text))
    for match in _UNNAMED.finditer(text):
        clause = re.split("[。；]", text[: match.start()])[-1]
        if nouns := re.findall("项目|指标|任务|工程", clause):
            yield NOUNS[nouns[-1]], match


def statement(about: str, subject: str, measure: str, match: re.Match[str], passage: Passage) -> Statement:
    """Make a statement of words that were found; the value of all but counts is a decimal number."""
    words = match[0] if len(match[0]) <= _EXCERPT else f"…{match[0][-_EXCERPT:]}"
    is_count = measure == "count"
    value = float(counted(match["value"])) if is_count else float(match["value"].replace(",", ""))
    return Statement(about, subject, measure, value, "" if is_count else match["unit"], "text", passage.line, words)


def _groups(about: str, match: re.Match[str], passage: Passage) -> Statement:
    words = match[0] if len(match[0]) <= _EXCERPT else f"{match[0][:_EXCERPT]}…"
    return Statement(about, "", "groups", float(counted(match["groups"])), "", "text", passage.line, words)


def _met(passage: Passage, words: Sequence[str], scope: Scope) -> Iterator[Statement]:
    """Yield how many indicators are said to be met or missed, of all of them."""
    for match in [*_MET.finditer(passage.text), *_IS_MET.finditer(passage.text)]:
        sentence = re.split("[。；]", passage.text[: match.start()])[-1]
        around = sentence + match[0]
        is_part = any(word in around for word in words) or bool(_ABOVE.search(around)) or sentence == "其中"
        is_part |= is_of_others(_of_no_year(passage.text, scope), match.start("value"), scope)
        if "指标" in around and not is_part:
            yield statement("indicators", "not_met" if match["missed"] else "met", "count", match, passage)


def _of_no_year(text: str, scope: Scope) -> str:
    """Return a text without the year the current values are of, every place kept: what is met is met in it."""
    return text.replace(f"{scope.current_year}年", "．．．．．") if scope.current_year else text


def _shares(passage: Passage, subjects: Sequence[tuple[str, str, str]], scope: Scope) -> Iterator[Statement]:
    """Yield which share of the rows a subject is said to have."""
    for match in _COUNT_SHARE.finditer(passage.text):
        sentence = re.split("[。；]", passage.text[: match.start()])[-1]
        about = NOUNS[match["noun"]] if match["noun"] else "indicators"
        named = [(sentence.rfind(word), subject) for word, subject, of in subjects if of == about and word in sentence]
        if not named or is_of_others(passage.text, match.start("value"), scope):
            continue
        at, subject = max(named)
        if match["noun"] or "指标" in sentence[at:]:
            yield statement(about, subject, "count_share", match, passage)


def _is_of_part(text: str, match: re.Match[str], about: str, subjects: Sequence[tuple[str, str, str]]) -> bool:
    """Whether a count is that of some of the domains, systems or kinds, which its own clause names, but not of all."""
    clause = re.split("[，。；：]", text[: match.start("value")])[-1] + text[match.start("value") : match.end()]
    for is_kind in (False, True):
        words = [word for word, _, of in subjects if of == about and (word in KINDS) == is_kind]
        named = {word for word in words if word in clause}
        named = {word for word in named if not any(word in other and word != other for other in named)}
        if named and len(named) < len(words):
            return True
    return False


def _other_table(text: str, match: re.Match[str], about: str) -> bool:
    """Whether the sentence of a count speaks of the other table alone."""
    sentence = re.split("。", text[: match.start()])[-1] + re.split("。", text[match.start() :])[0]
    has = {"indicators": "指标" in sentence, "projects": bool(re.search("项目|工程|投资", sentence))}
    return not has[about] and any(has.values())


def _of_subject(
    passage: Passage, word: str, subject: str, about: str, scope: Scope, *, is_shared: bool
) -> Iterator[Statement]:
    """Yield the count stated right behind a subject, or right in front of a kind.

    A name that indicators and projects share is that of the table its sentence speaks of.
    """
    if word not in passage.text:
        return
    name, nouns = re.escape(word), "项目|工程" if about == "projects" else "指标"
    behind = re.compile(
        rf"{'' if word in KINDS else _BEGIN}(?:(?<![{NUMERALS}])[（(]?[{NUMERALS}]{{1,3}}[）)、.])?{name}"
        rf"(?:体系|领域|方面)?(?:建设|治理)?类?(?:{nouns})?[（(]?(?:{_ALL}|{SETS})*{N}"
    )
    ahead = re.compile(rf"{N}(?:为|是|属于)?{name}指标")
    matches = [*behind.finditer(passage.text), *(ahead.finditer(passage.text) if word in KINDS else ())]
    for match in matches:
        is_listed = bool(re.search("[、和及与]$", passage.text[: match.start()]) and re.search(_ALL, match[0]))
        if is_listed or is_of_others(passage.text, match.start("value"), scope):
            continue
        if not (is_shared and _other_table(passage.text, match, about)):
            yield statement(about, subject, "count", match, passage)
