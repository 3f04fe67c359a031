"""The words in which targets are written: signs, words around a number, changes, and targets without a number.

All of them are meant for the plain form of a wording (`ecogeo.plan.plain_text.plain_form`).
"""

from __future__ import annotations

import re
from typing import Literal

Comparator = Literal[
    "", ">=", "<=", ">", "<", "=", "between", "about", "rise", "fall", "rise_yearly", "fall_yearly",
    "no_decrease", "no_increase", "steady_or_better", "assigned", "in_place", "wording",
]  # fmt: skip
CHANGES: dict[Comparator, int] = {"rise": 1, "rise_yearly": 1, "fall": -1, "fall_yearly": -1}
"""Comparators that ask for a change against a base, with its sense."""

NUMBER = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_MEASURE = (
    "小时|分钟|分|公顷|平方公里|平方千米|平方米|立方米|公里|千米|米|吨标准煤|吨标煤|吨|亩|微克|毫克|公斤|千克|克|千瓦时|千瓦|天|人次|场次|人|户|个|项|处"
    "|座|家|件|辆|次|GDP|元|km2|km|m2|m3|ha|kg|t|μg|mg|L|升"
)
UNIT = rf"(?:个?百分点|%|‰|℃|倍|[万亿]?(?:{_MEASURE})(?:/[万亿]?(?:{_MEASURE}))?|)"
_MOST_YEARS = r"(?:19|20)[0-9]{2}"

_SOFT = "(?:力争|争取|确保|保证|努力|原则上|总体上?|基本上?|应当?|须|需|要|逐步|实现|使|全面)*"
_NOT = "不(?:得|能|应当?|可|宜|准|许)?"
SIGNS: tuple[tuple[str, Comparator], ...] = (
    (r"(?:≥|≧|⩾|>=|=>|≮)", ">="),
    (r"(?:≤|⩽|≦|<=|=<|≯)", "<="),
    (r">", ">"),
    (r"<", "<"),
    (rf"{_NOT}(?:低于|少于|小于|短于)|大于(?:或)?等于|达到(?:或|并|和)(?:超过|高于|大于)|至少|最少|最低", ">="),
    (rf"{_NOT}(?:高于|超过|超出|大于|多于|突破|长于|超)|小于(?:或)?等于|至多|最多|最高|上限为?", "<="),
    (r"(?:建成|新?建设?|完成|创建|培育|打造|治理|修复)", ">="),
    (r"(?:高于|大于|超过|多于|超|突破)", ">"),
    (r"(?:低于|小于|少于|不足)", "<"),
    (r"(?:提高|提升|上升|增加|增长|扩大|恢复|增|升)(?:到|至)", ">="),
    (r"(?:降低|下降|减少|压减|压缩|控制|降|减)(?:到|至)", "<="),
)
"""Signs and words in front of a number that settle how a value stands to it."""

NEUTRAL: tuple[tuple[str, Comparator], ...] = (
    (r"控制在", "<="),
    (r"(?:稳定|保持|维持)?(?:达到|达|在|为)|保持|维持|稳定", ">="),
    (r"=", "="),
)
"""Words in front of a number that a word behind it (以上, 以内) overrules."""

AFTER: tuple[tuple[str, Comparator], ...] = (
    (r"(?:及|或)?以上(?:\(含[^()]*\))?", ">="),
    (r"(?:及|或)?以[下内](?:\(含[^()]*\))?|之内|范围内", "<="),
    (r"全覆盖|达标|合格", "="),
    (r"\+", ">="),
)
ABOUT = r"(?:左右|上下)"
_RISE = "(?:提高|提升|上升|增长|增加|扩大|增幅|增速|新增|净增|增)"
_FALL = "(?:下降|降低|减少|削减|压减|减排|降幅|降|减)"
_BASE = (
    rf"(?:(?:以|较|比|相[比较]|相对|与|按)?于?(?P<base>{_MOST_YEARS})年?(?:为基(?:数|准))?(?:(?:的)?水平)?(?:相比)?"
    r"|(?:较|比)(?:基准年|基期|现状|上年|上一年|[“\"]?十(?P<plan>[二三四五])五[”\"]?(?:期?末)?|规划基期)(?:水平)?)?[,，]?"
)
CHANGE = re.compile(
    rf"(?P<label>(?![一-鿿]*不)[一-鿿A-Za-z0-9.()]{{0,20}}?){_BASE}(?P<yearly>年均|年平均|每年|逐年)?(?:累计|总体|分别|再|应|要|力争|实现|平均|只|共)*"
    rf"(?:(?P<rise>{_RISE})|(?P<fall>{_FALL}))(?:率|幅度|幅|量)?(?:达到?|为|率|≥|>=|{_NOT}(?:低于|少于|小于))?"
    rf"(?P<about>约)?(?P<number>{NUMBER})(?:{UNIT}(?:[-—–―−~～]+|[至到])(?P<upper>{NUMBER}))?(?P<unit>{UNIT})"
    r"(?P<after>及?以上|左右|上下|)"
)
"""A change of so much, against a base year where one is named: 较2020年下降13.5%, 提高5个百分点, 年均增长6%."""

MOVED = re.compile(
    rf"[由从]{NUMBER}(?P<first>{UNIT})(?:(?P<rise>提高|提升|增加|增长|上升|扩大)|降低|下降|减少)[到至](?P<to>{NUMBER})(?P<unit>{UNIT})(?:以上|以下|以内)?"
)
"""From a level to another: 由62%提高到65% asks for at least 65 %."""

AROUND = re.compile(rf"(?P<middle>{NUMBER})±(?P<by>{NUMBER})(?P<unit>{UNIT})")
ALSO = re.compile(
    rf"(?:且|并)?(?:力争|争取|努力)(?:达到?|实现|至|到)?{NUMBER}{UNIT}(?:以上|以下)?|(?:且|并)?不(?:退化|降低|下降|恶化|减少|反弹)"
)
"""What may stand behind a figure without changing it: an aim beyond it, or that it shall not get worse."""

POLLUTANT = re.compile(r"^(?:PM2\.5|PM10|CO2|SO2|NO2|O3)(?:年均)?(?:平均)?(?:浓度)?(?=[^0-9.]*[0-9])")
PER = re.compile("(?<=[克吨元米人升])每(?=[立平公亩人万])")

DOUBLED = re.compile(rf"{_BASE}(?:增加|增长)?翻(?P<times>一|两|二|三)番")
_LEVEL = (
    rf"(?:现状|现有|上年|基准年|基期|往年|目前|规划基期|(?P<base>{_MOST_YEARS})年?)(?:的)?(?:水平|面积|规模|值|指标)?"
)
FLOOR = re.compile(
    rf"[一-鿿]{{0,8}}?(?:{_NOT}(?:降低|减少|下降|退化|变差|恶化|缩小|倒退)|只增不减|只升不降|只增不降|有增无减"
    rf"|{_NOT}(?:低于|少于|小于|劣于|差于){_LEVEL})"
)
CEILING = re.compile(
    rf"[一-鿿]{{0,8}}?(?:{_NOT}(?:增加|上升|升高|突破|增长|反弹|扩大)|只减不增|只降不升|有减无增|零(?:新?增|增长)|不新增|(?:实现)?负增长"
    rf"|{_NOT}(?:高于|超过|大于|多于){_LEVEL})"
)
ASSIGNED = re.compile(
    "(?:上级|国家|自治区|[全省市县区][级里]?).{0,6}(?:规定|下达|核定|管控|考核|要求|标准|任务|目标|指标|规范)|双控|约束性指标要求"
)
BETTER = (
    "(?:(?:持续|巩固|稳步|逐[年步]|进一步|不断|有所|明显|显著|逐渐|总体|大幅|稳定|平稳)?"
    "(?:改善|好转|提高|提升|下降|降低|减少|增长|增加|优化|扩大|上升|向好|变好)|稳中[有向趋][升降好进])"
)
_AGO = "(?:上年|上一年|往年|现状|基准年|基期)(?:度|同期|水平)?"
STEADY = re.compile(
    rf"(?:(?:优于|好于){_AGO}|(?:较|比|与){_AGO}(?:相比)?{BETTER}|(?:总体|基本)?(?:保持|维持)?稳定|(?:保持|维持)(?:不变|现状)"
    rf"|{BETTER}|或|并|且|,|;|、|。)+"
)
_DOING = "(?:制定|编制|实施|开展|建立|推行|执行|落实|完善|消除|建成|启用|出台|印发|清零|覆盖|推进|健全|运行)"
IN_PLACE = re.compile(
    rf"(?:配合|全面|有效|依法|按要求|已|持续|基本|全部|实现|动态|严格)*{_DOING}(?:[并和、]?{_DOING})*"
    r"|(?:按要求|全面|全部|按[时期]|基本|如期)?完成[一-鿿]{0,8}(?:计划|任务|目标|工作)?|(?:全面|全部|稳定|基本)?达标"
)
FULL = re.compile("(?:实现|全面|达到|基本)*全(?:域|面)?覆盖|全部覆盖|百分之百")
LABEL_END = (
    "率|比例|比重|占比|面积|量|额|指数|浓度|规模|长度|程度|覆盖|度|总值|数值|天数|个数|数|值|速|幅|容积|里程|断面|级"
)
LABEL = (
    rf"(?:(?![^:]*不(?:得|能|应)?(?:低|高|超|少|大|小))[一-鿿A-Za-z、和()0-9.]{{0,24}}?(?:{LABEL_END}):?"
    "|[一-鿿]{1,12}:)"
)
"""What a number counts, in front of it: 完成率, 优良率, 县级：."""

BY_YEAR = re.compile(rf"(?:到|至|在)?(?P<year>{_MOST_YEARS})年(?:底|末)?(?:前|之前)?,?")
"""The year by which a target is set, in front of it."""


def any_of(words: tuple[tuple[str, Comparator], ...]) -> str:
    """Return a pattern for any of some words."""
    return "|".join(pattern for pattern, _ in words)


def meaning(word: str, *tables: tuple[tuple[str, Comparator], ...]) -> Comparator:
    """Return what a word means by the first of some tables that has it; empty where none does."""
    for table in tables:
        for pattern, comparator in table:
            if re.fullmatch(pattern, word):
                return comparator
    return ""


SIGNED = re.compile(
    rf"{_SOFT}(?P<label>{LABEL}|){_SOFT}(?P<neutral>{any_of(NEUTRAL)}|)(?P<sign>{any_of(SIGNS)}|)(?P<about>约|大约|近|)"
    rf"(?P<number>-?{NUMBER})(?P<unit>{UNIT})(?P<after>{any_of(AFTER)}|{ABOUT}|)(?:\([^()]*\))?"
)
BETWEEN = re.compile(
    rf"{_SOFT}(?P<label>{LABEL}|){_SOFT}(?:{any_of(NEUTRAL)}|控制在|介于|)"
    rf"(?P<least>{NUMBER})(?P<first>{UNIT})(?:[-—–―−~～]+|[至到])(?P<most>{NUMBER})(?P<unit>{UNIT})(?:之间|区间|范围|以内)?(?:\([^()]*\))?"
)
