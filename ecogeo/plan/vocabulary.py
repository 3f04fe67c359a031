"""The words that head the columns of indicator, project and task tables, and what each column is.

Heads are compared in half-width forms without blanks (`ecogeo.plan.cells.head_word`); a nested head is its upper cell
and its lower one in a row, or, where that is no head word, the lower alone, or the upper where nothing else stands
under it. Footnote marks behind a head word are no part of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from ecogeo.plan.cells import head_word
from ecogeo.wording import Text

Kind = Literal["indicators", "projects", "tasks"]

KIND_NAMES: dict[Kind, Text] = {
    "indicators": Text("指标表", "indicator table"),
    "projects": Text("项目表", "project table"),
    "tasks": Text("任务表", "task table"),
}
YEAR = "20[0-9]{2}"
_NUMBER = "序号?|序次|项号|(?:项目|工程|指标)?编号|(?:项目|指标)序号|No\\.?"
_UNITS = "(?:部门|单位|机构|主体|[科处股]室)(?:[及和与/](?:配合)?(?:部门|单位|责任人))?(?:\\((?:部门|单位)\\))?"
_LEVEL = "(?:[省市县区]级?)?"
_LEAD = _LEVEL + "(?:第一)?(?:牵头|主管|主责|主要负责|主要责任|主办|第一责任)(?:\\(?责任\\)?)?"
_HELP = "(?:配合|协同|协助|参与|协办|协作|参加)(?:责任)?"
_OWNS = (
    "(?:责任|负责|实施|落实|承接|承办|承担|主要|具体|组织|任务|指标|项目|工程|建设|申报|业主|完成"
    "|涉及|相关|归口|考核|主体|行业|主管|管理)"
)
_OWNERS = f"{_LEVEL}{_OWNS}+{_UNITS}|部门|责任分工|责任(?:乡镇|[县市]?区)"
_WHEN = "(?:时限|期限|时间|日期|年限|年份|年月|时点|时间节点|时间要求)"
_WANTED = "(?:指标|目标|规划|预期|考核|任务|控制)(?:目标|要求|任务)?值?|标准值?|目标任务|考核要求"
_AHEAD = "(?:规划|目标|远景|展望|愿景|预期|[近中远]期|末期|期末|第[一二三]阶段|指标|拟?达到|考核|控制|任务|要求|标准)"
_SET = "(?:国家级?|自治区|省级?|示范[县市区]|考核|建设|创建|评价|达标)+(?:标准|要求|目标|指标)值?"
_TERM = "(?:[近中远]期|规划期?末|期末)"
_FIVE_YEARS = '[“”"]?十[三四五六]五[“”"]?'
_LAST_YEARS = {"十三五": 2020, "十四五": 2025, "十五五": 2030, "十六五": 2035}
_STANDING = "(?:现状|基期|基准|基础|基年|基数|本底|当前|目前|实际|完成|实现|实际完成|指标现状)"
_STAND = f"(?:规划)?{_STANDING}(?:水平年|值|年|情况|数|水平)?(?:数据)?"
_YEARLY = "年均(?:增长率?|增速|变化)?(?:\\(%\\))?"
_CUMULATED = "(?:五年)?[\\[(〔]?(?:五年)?累计(?:变化|值|目标|数)?[\\])〕]?(?:变化|值|目标|数)?"
_MET = "是否(?:已?达标|完成|满足|达到要求)|达标(?:与否|情况|状况|性|评价|状态)(?:分析)?|(?:评价|考核)结果|完成状态"
_SPAN = (
    "(?:计划|规划|项目)?(?:建设|实施|治理|项目|工程|开竣工|时间|进度)?(?:起止|计划)?"
    "(?:年限|期限|年月|年份|时间|时限|周期|日期|工期|起止|时序|年度|(?<=[施设])期|(?<=[施间])进度|(?<=施)阶段|(?<=[间度])安排)"
    "(?:\\(年\\))?"
)
_MONEY = "亿元|[百千]?万元|千元|元"
_INVEST = (
    "(?:计划|项目|估算|预计|匡算|概算|工程|建设|规划|拟|预算)*(?:总?投资|总?资金|总?经费|总?费用|总?金额|(?<!.)预算)"
    "(?:额|估算|规模|金额|概算|匡算|总额|资金|情况|需求|投入|预算)*"
)
_ANY_UNIT = "[(/、:](?:单位:)?"
_WHERE = (
    "(?:建设|项目|实施|工程|治理|涉及|所在|分布|布局|空间)*(?:地点|位置|区域|地址|选址|区位|(?<=.)范围|地区|单元|所在地|(?<=.)乡镇|布局)"
    "(?:\\([^()]{1,6}\\))?"
)
HEADS: dict[Kind, dict[str, str]] = {
    "indicators": {
        "domain": "(?:生态文明)?(?:建设|任务|指标|目标|工作)?(?:领域|类别|方面|分类|体系|维度|专题)|一级指标"
        "|目标层|准则层",
        "task": "(?:主要|重点)?任务(?:名称)?|二级指标|建设任务|目标任务类",
        "indicator_no": _NUMBER,
        "name": "(?:具体|主要|三级|规划|建设|考核|核心|评价|绩效|约束性|预期性)?指标(?:名称)?"
        "(?:\\(单位\\)|及单位)?|指标层|指标项目?"
        "|指标内容",
        "unit": "(?:计量|指标|数据)?单位|量纲",
        "target": f"(?!目标$)(?:国家|自治区|省级?)?(?:{_WANTED})|指标要求|考核指标|{_SET}|(?:指标)?参考值"
        f"|(?:{_WANTED})?(?:第一阶段|近期)",
        "cumulative": f"(?:{_YEARLY}(?:[/、或])?)?{_CUMULATED}(?:\\(%\\))?",
        "current": rf"(?:{YEAR}年?[度末底]?)?\(?{_STAND}\)?|{_STAND}\(?{YEAR}年?\)?(?:年|值)?|{YEAR}年?数据"
        f"|{_FIVE_YEARS}完成情况",
        "status_reported": f"(?:{YEAR}年?|现状|指标)*(?:{_MET})",
        "target_later": rf"{_TERM}(?:{_WANTED})?\(?{YEAR}年?\)?(?:{_WANTED})?|{YEAR}年?\(?{_TERM}\)?(?:{_WANTED})?"
        rf"|{_FIVE_YEARS}(?:时?期)?末?(?:{_WANTED})(?:\({YEAR}年?[末底]?\))?"
        rf"|(?=.*{_AHEAD})(?:{_AHEAD}(?:水平)?[年值]?\(?)*{YEAR}年?[度末底]?(?:{_AHEAD}|[()年值])*"
        rf"|(?:.*\()?{YEAR}年?\)?.*(?:{_WANTED})\)?|(?:{_WANTED})\(?{YEAR}年?\)?",
        "year": rf"[到至]?{YEAR}年?\(?[末底]?\)?(?:数?值)?|{_FIVE_YEARS}(?:时?期)?末(?:\({YEAR}年?[末底]?\))?",
        "kind": "(?:指标|目标)?(?:属性|性质)(?:类别)?|类型属性|约束性?/(?:参考|预期)性?|(?:参考|预期)性?/约束性?",
        "lead_departments": _LEAD + _UNITS,
        "other_departments": f"{_HELP}{_UNITS}|{_OWNS}+单位\\(配合\\)",
        "departments": _OWNERS,
        "deadline": f"(?:预计|计划)?(?:完成|达标|办结)?{_WHEN}(?:要求)?",
    },
    "projects": {
        "system": "(?!建设类型)(?:重点)?(?:项目|工程|建设|任务|专项|一级)?(?:工程)?(?:类别|类型|领域|大类|分类|板块)"
        "|重点领域|所属(?:领域|工程|任务)|一级工程|专项工程|工程名称/类别",
        "project_no": _NUMBER,
        "name": r"(?:重点|主要|建设|重大|支撑|具体|子|二级)*(?:项目|工程)(?:\((?:工程|项目|任务)\)|工程|项目)?名称"
        "|子(?:项目|工程)|二级工程|具体项目|支撑项目|工程项目",
        "place": _WHERE,
        "nature": "(?:项目|建设|工程)?性质|建设类型|新建/续建",
        "content": "(?:主要|项目|工程|实施|任务|工作|建设)*(?:目标及)?(?:建设|工程)?(?:主要)?(?:内容|任务|概况)"
        "(?:[及与和、](?:建设)?规模)?(?:\\(规模\\))?|(?:建设|工程)规模(?:[及与和](?:主要)?(?:建设)?内容)?",
        "start": rf"(?:{_SPAN})?(?:计划|拟|建设|项目)*(?:开工|开始|起始|启动|起)(?:{_WHEN}|年)?",
        "end": rf"(?:{_SPAN})?(?:计划|拟|建设|项目)*(?:完工|竣工|完成|建成|结束|终止|投产|止)(?:{_WHEN}|年)?",
        "years": f"{_SPAN}|分期",
        "invest": rf"{_INVEST}(?:{_ANY_UNIT}(?P<unit>{_MONEY})\)?)?(?:合计|总计|小计|总额|总投资|总量)?"
        rf"(?:\((?P<lower_unit>{_MONEY})\))?",
        "funding": "(?:拟申请)?(?:资金|经费|投资)(?:来源|渠道|筹措)(?:方式|渠道|及构成|及渠道)*|筹资(?:渠道|方式)",
        "lead_departments": _LEAD + _UNITS,
        "other_departments": _HELP + _UNITS,
        "departments": f"{_OWNERS}|(?:项目)?业主|项目法人",
    },
    "tasks": {
        "task_no": _NUMBER,
        "category": "(?:任务|工作|建设|重点)?(?:类别|领域|分类|方面|类型|板块)|一级任务",
        "name": "(?:工作|重点|主要|具体|年度|建设|目标|二级|整改)*任务(?:名称|事项)?|(?:工作|重点)事项"
        "|(?:重点|主要)工作|工作项目"
        "|措施名称|工作要点",
        "content": "(?:主要|工作|任务|具体|重点|建设|落实|推进|目标|实施|整改)*(?:内容|措施|要求|举措|标准|分解)"
        "(?:[及与和](?:要求|标准|措施|目标))?|工作目标|工作任务及要求",
        "deadline": f"(?:完成|实施|办结|办理|推进|工作|整改|计划|预计)*{_WHEN}(?:要求)?"
        "|进度(?:安排|要求)|时间(?:进度|安排)",
        "lead_departments": _LEAD + _UNITS,
        "other_departments": f"{_HELP}{_UNITS}|责任单位及配合单位",
        "departments": _OWNERS,
    },
}
WEAK: dict[Kind, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "indicators": (
        ("kind", "(?:指标)?类型", ()),
        ("domain", "(?:指标)?类型|目标", ("kind",)),
        ("domain", "目标", ("target|year",)),
        ("target", "目标", ()),
        ("name", "名称|项目|指标项目", ("target|year", "unit|kind")),
        ("kind_binding", "约束性(?:指标)?", ("target|year",)),
        ("kind_expected", "(?:预期|参考)性(?:指标)?", ("kind_binding",)),
    ),
    "projects": (
        ("name", "(?:重点|主要|重大)?(?:建设)?(?:工程|项目)", ()),
        ("name", "(?:任务)?名称|(?:矿山|矿区|图斑|地块|流域|河流|水库|湖泊|片区|单元)名称", ("invest",)),
        ("content", "(?:工程|治理|修复|保护|主要|技术)*(?:措施|方式)", ("invest",)),
        ("content", "(?:实施|治理|修复)(?:规模|面积)(?:\\(.*\\))?", ("invest",)),
        ("system", "(?:重点|主要|重大)?(?:建设)?(?:工程|项目)(?:名称)?", ("name",)),
        ("scale", "(?:建设|工程|项目|用地|实施|治理|修复|整治)(?:规模|面积)(?:\\(.*\\))?", ("name",)),
        ("scale_unit", "(?:规模|计量)?单位", ("scale|content",)),
    ),
    "tasks": (
        ("category", "(?:重点|主要|目标|工作|建设)*(?:任务|工作)(?:名称)?", ("name",)),
        ("name", "重点举措", ("departments|lead_departments|deadline",)),
    ),
}
"""Words that head a column where no other does: its name, the words, and other columns that must be there."""
_FINEST: dict[Kind, re.Pattern[str]] = {
    "indicators": re.compile("(?!)"),
    "projects": re.compile("(?:子|二级|具体|支撑)(?:项目|工程)(?:名称)?"),
    "tasks": re.compile("(?:子|二级|具体|分项)(?:任务|事项|工作)(?:名称|事项)?|任务名称"),
}
"""Where a head has one of these, a row's name stands there, and a wider word is that of its system or category."""
REQUIRED: dict[Kind, tuple[tuple[tuple[str, ...], str], ...]] = {
    "indicators": ((("name",), "指标名称"), (("target", "target_later"), "指标值")),
    "projects": ((("name",), "项目名称"), (("content", "invest", "scale", "place"), "主要建设内容及规模")),
    "tasks": ((("name",), "任务名称"), (("content", "departments", "lead_departments", "deadline"), "主要内容")),
}
NESTED = "\x1f"
"""Stands between the upper and the lower cell of a nested head."""

_LEAST_COLUMNS = 3
_UNIT_BEHIND = re.compile(r"\((?:%|‰|[万亿]?[一-鿿]{1,5}|[a-zA-Zμ]{1,3}[0-9]?)\)$")
"""A unit that is set behind the year of a head (2025年目标（%）)."""
_LONGEST = 60
_MARKS = re.compile(
    r"\^?[①-⑳]|[\[［〔](?:[0-9]{1,2}|注[0-9]{0,2})[\]］〕]|[（(]注[0-9]{0,2}[)）]|(?<=[一-鿿)）])[*＊¹²³⁰⁴-⁹]+"
)


@dataclass(frozen=True, slots=True)
class Columns:
    """What the cells of a head stand for.

    Parameters
    ----------
    kind
        What its rows are.
    words
        The head cells as compared.
    places
        Logical column to the places of its cells; more than one where the head cell is merged over several.
    years
        Logical column to the year its head names.
    unknown
        The head cells that name no known column, or one that came before.
    """

    kind: Kind
    words: tuple[str, ...]
    places: dict[str, tuple[int, ...]]
    years: dict[str, int]
    unknown: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The columns without which the table says nothing."""
        have = {"target_later" if name.startswith("target_") else name for name in self.places}
        return tuple(word for names, word in REQUIRED[self.kind] if have.isdisjoint(names))


def read_head(row: Sequence[str], *, before: int = 0) -> Columns | None:
    """Read a row as the head of the kind of table that most of its cells speak for; ``None`` where it is none.

    Parameters
    ----------
    row
        The cells; the words of a nested head set apart by `NESTED`.
    before
        The last year that lies before the plan; 0 where it is not known.
    """
    words = tuple(NESTED.join(head_word(_MARKS.sub("", part)) for part in cell.split(NESTED)) for cell in row)
    heads = [_columns(kind, words, before) for kind in HEADS]
    best = max(heads, key=lambda head: ("name" in head.places, len(head.places)))
    return best if "name" in best.places and len(best.places) >= _LEAST_COLUMNS else None


def _columns(kind: Kind, words: tuple[str, ...], before: int) -> Columns:
    """Read a head as that of one kind of table."""
    places: dict[str, tuple[int, ...]] = {}
    years: dict[str, int] = {}
    unknown: list[str] = []
    last = ""
    for place, (word, (name, year)) in enumerate(zip(words, _named(kind, words), strict=True)):
        if not word and last:
            places[last] += (place,)
            continue
        if not name:
            unknown.append(word.replace(NESTED, ""))
            last = ""
            continue
        places[name], last = (place,), name
        if year:
            years[name] = year
    plain = tuple(word.replace(NESTED, "") for word in words)
    return _with_bare_years(Columns(kind, plain, places, years, tuple(word for word in unknown if word)), before)


def _named(kind: Kind, words: Sequence[str]) -> list[tuple[str, int]]:
    """Name the column of every head cell, each but once, with the year it names."""
    uppers = Counter(word.rpartition(NESTED)[0] for word in words)
    is_fine = any(map(_FINEST[kind].fullmatch, words))
    named: list[tuple[str, int]] = []
    taken: set[str] = set()
    for word in words:
        readings = _readings(word, is_alone=uppers[word.rpartition(NESTED)[0]] == 1)
        found = next((known for part in readings if (known := column_of(kind, part))[0]), ("", 0))
        is_wider = is_fine and found[0] == "name" and not _FINEST[kind].fullmatch(word)
        named.append(("", 0) if found[0] in taken or is_wider else found)
        taken.add(named[-1][0])
    if kind == "indicators" and "name" not in taken and "二级指标" in words:  # of two levels the lower holds the names
        named[words.index("二级指标")] = ("name", 0)
        taken = (taken - {"task"}) | {"name"}
    first = next((at for at, (name, _) in enumerate(named) if name == "name"), len(words))
    for name, pattern, needed in WEAK[kind]:
        have = {re.sub("_(?:[0-9]{4}|later)$", "", one) for one in taken}
        at = next((at for at, word in enumerate(words) if not named[at][0] and re.fullmatch(pattern, word)), None)
        is_placed = name != "domain" or (at is not None and at < first)
        if at is not None and is_placed and name not in taken and all(have & set(one.split("|")) for one in needed):
            named[at] = (name, 0)
            taken.add(name)
    return named


def _readings(word: str, *, is_alone: bool) -> tuple[str, ...]:
    """Return what a head cell may be read as: all its words, the lower ones, the first and the last, the upper alone.

    Examples
    --------
    >>> _readings(NESTED.join(("指标值", "基期", "2020年")), is_alone=True)
    ('指标值基期2020年', '基期2020年', '指标值2020年', '2020年', '指标值基期')
    """
    upper, _, lower = word.rpartition(NESTED)
    parts = word.split(NESTED)
    ends = ["".join(parts[at:]) for at in range(len(parts))]
    outer = [parts[0] + lower] if len(parts) > 2 else []
    above = [upper.replace(NESTED, "")] if upper and is_alone else []
    return (*ends[:-1], *outer, ends[-1], *above)


def _with_bare_years(columns: Columns, before: int) -> Columns:
    """Tell which columns headed by a year alone are values and which targets; name the first target.

    The first of several such columns holds current values, unless a column is headed as such; the others hold targets.
    Years that lie before the plan hold what was, and so do those in a row with them that a gap parts from the others
    (2019, 2020, 2021, 2025); where columns are headed as targets of later years, so do all before those. The last of
    them is the current one, and those before it are not taken over.
    """
    places, years = columns.places, columns.years
    bare = sorted(name for name in places if name.startswith("year_"))
    targets = [years[name] for name in places if name.startswith("target_") and name in years]
    if "current" not in places and len(targets) > 1 and min(targets) <= before:  # 2020年指标值 of a plan from 2021 on
        places["current"], years["current"] = places.pop(f"target_{min(targets)}"), years.pop(f"target_{min(targets)}")
        targets.remove(min(targets))
    ahead = max(map(year_named, columns.unknown), default=0)  # a later year in a head cell that was not read
    if "current" not in places and targets and targets == [min(targets)] and targets[0] <= min(before, ahead - 1):
        places["current"], years["current"] = places.pop(f"target_{targets[0]}"), years.pop(f"target_{targets[0]}")
        targets = []
    past = _past([years[name] for name in bare], before)
    history = [name for name in bare if years[name] in past or (targets and years[name] < min(targets))]
    latest = [] if "current" in places else history[-1:]
    columns = replace(
        columns, unknown=(*columns.unknown, *(f"{years[name]}年" for name in history if name not in latest))
    )
    for name in history:
        year, where = years.pop(name), places.pop(name)
        if name in latest:
            places["current"], years["current"] = where, year
    bare = [name for name in bare if name not in history]
    is_after = any(
        int(found[0]) < years[bare[0]] for word in columns.unknown if bare and (found := re.search(YEAR, word))
    )
    for name in bare:
        year = years.pop(name)
        is_first = name == bare[0] and "current" not in places and not is_after
        is_current = is_first and (len(bare) > 1 or _has_target(places) or year < ahead)
        renamed = "current" if is_current else f"target_{year}"
        if renamed not in places:
            places[renamed], years[renamed] = places.pop(name), year
    dated = sorted(name for name in places if name.startswith("target_") and name in years)
    if columns.kind == "indicators" and "target" not in places and dated:
        places["target"] = places[dated[0]]
    return columns


def _past(years: Sequence[int], before: int) -> frozenset[int]:
    """Return the years, of columns headed by years alone, that hold what was; none where all would.

    Examples
    --------
    >>> sorted(_past([2019, 2020, 2021, 2025], 2020)), sorted(_past([2020, 2021, 2022], 0))
    ([2019, 2020, 2021], [])
    """
    run = [year for at, year in enumerate(years) if year == years[0] + at]
    is_parted = 1 < len(run) < len(years) and (not before or run[0] <= before)
    past = {*(year for year in years if year <= before), *(run if is_parted else ())}
    return frozenset(past) if len(past) < len(years) else frozenset()


def _has_target(places: dict[str, tuple[int, ...]]) -> bool:
    """Whether a head names a target."""
    return any(name.startswith("target") for name in places)


@lru_cache(maxsize=50_000)
def column_of(kind: Kind, word: str) -> tuple[str, int]:
    """Name the logical column of a head cell, ``""`` for none, with the year it names, 0 for none.

    Examples
    --------
    >>> column_of("indicators", "2025年规划值"), column_of("indicators", "2022年现状值")
    (('target_2025', 2025), ('current', 2022))
    """
    if len(word) > _LONGEST:
        return "", 0
    dated = re.search(YEAR, word)
    year = int(dated[0]) if dated else year_named(word)
    for name, pattern in HEADS[kind].items():
        if re.fullmatch(pattern, word):
            names = {"target_later": f"target_{year}", "year": f"year_{year}"}
            return names.get(name, name), year
    unit = _UNIT_BEHIND.search(word) if kind == "indicators" and year else None
    return column_of(kind, word[: unit.start()]) if unit else ("", 0)


def year_named(word: str) -> int:
    """Return the last year a head cell names, that a five-year plan ends with too; 0 where it names none.

    Examples
    --------
    >>> year_named("2025年较2020年"), year_named("“十四五”安排"), year_named("备注")
    (2025, 2025, 0)
    """
    years = [int(found) for found in re.findall(YEAR, word)]
    return max([*years, *(year for name, year in _LAST_YEARS.items() if name in word)], default=0)
