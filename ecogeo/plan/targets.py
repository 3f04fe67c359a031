"""The language in which officials write targets and values.

A target becomes a `Target`: a comparator, and a number where one is given.

- ``>=``, ``<=``, ``>``, ``<`` with a number: ≥20, 不低于35, ﹥50, 不超过30, 80以上.
- ``=`` with a number: a bare 100 or 62.60; which way is good is not said.
- A number in square brackets (``[13.5]``), as tables mark what is counted over the whole period, is that number.
- Words behind a number that only ask to keep or improve it (``≥80，持续改善``), and brackets that tell what it counts
  (``100（国控断面）``), leave it what it is.
- ``no_decrease``: 不降低, 不减少, 不下降, 不退化.
- ``no_increase``: 不增加, 不上升, 不突破.
- ``steady_or_better``: 保持稳定, 持续改善, 保持稳定或持续改善, 稳步提高, 逐年下降.
- ``assigned``: 完成上级…, 达到自治区考核要求, 以国家下达指标为准. Of wordings joined in one target
  (``完成上级规定的考核任务；保持稳定或持续改善``) it is enough that one is of this class.
- ``in_place``: 制定实施, 有效开展, 全面推行, 建立, 完成年度计划, 基本消除: a thing is done or it is not.
- ``wording``: any other words, also a list of different wordings (``面积不减少，性质不改变，功能不降低``).
- empty: nothing is written, or a dash.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Comparator = Literal[
    "", ">=", "<=", ">", "<", "=", "no_decrease", "no_increase", "steady_or_better", "assigned", "in_place", "wording"
]

_NUMBER = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_MEASURE = (
    "公顷|平方公里|平方千米|平方米|立方米|公里|千米|米|吨标准煤|吨|亩|微克|毫克|公斤|千克|千瓦时|天|人次|场次|人|户|个|项|处"
    "|座|家|件|辆|次|GDP|元|km2|km|m2|m3|ha|kg|t|μg|mg"
)
_UNIT = rf"(?:%|‰|℃|[万亿]?(?:{_MEASURE})(?:/[万亿]?(?:{_MEASURE}))?|)"
_FOOTNOTE = re.compile(r"\^?[①-⑳]|(?<=\S)\s*\[[0-9]{1,2}\]|(?<=[0-9])[¹²³⁰⁴-⁹]|\*+\s*$")
_CUMULATIVE = re.compile(r"[\[〔【](?P<inner>[^\[\]〔〕【】]*[0-9][^\[\]〔〕【】]*)[\]〕】]")
_WORDS_BEFORE: dict[str, Comparator] = {
    "不低于": ">=",
    "不少于": ">=",
    "不小于": ">=",
    "大于等于": ">=",
    "达到": ">=",
    "不高于": "<=",
    "不超过": "<=",
    "不大于": "<=",
    "不多于": "<=",
    "小于等于": "<=",
    "大于或等于": ">=",
    "小于或等于": "<=",
    "至少": ">=",
    "达": ">=",
    "稳定在": ">=",
    "稳定达到": ">=",
    "保持在": ">=",
    "提高到": ">=",
    "控制在": "<=",
    "高于": ">",
    "大于": ">",
    "超过": ">",
    "低于": "<",
    "小于": "<",
    "≥": ">=",
    "≧": ">=",
    ">=": ">=",
    "⩾": ">=",
    "≤": "<=",
    "⩽": "<=",
    "≦": "<=",
    "<=": "<=",
    ">": ">",
    "<": "<",
    "=": "=",
}
_WORDS_AFTER: dict[str, Comparator] = {
    "": "=",
    "以上": ">=",
    "及以上": ">=",
    "以下": "<=",
    "及以下": "<=",
    "以内": "<=",
    "之内": "<=",
}
_SIGNED = re.compile(
    rf"(?P<before>{'|'.join(sorted(map(re.escape, _WORDS_BEFORE), key=len, reverse=True))}|)"
    rf"(?P<number>-?{_NUMBER})(?P<unit>{_UNIT})(?P<after>及?以[上下]|[以之]内|)(?:\([^()]*\))?"
)
_LEADING_VALUE = re.compile(rf"(?P<number>-?{_NUMBER})(?P<unit>{_UNIT})(?:$|[,;。(、])")
_DASHES = frozenset("-—–―─/")
_ASSIGNED = re.compile(r"(?:上级|国家|自治区|[省市县][级里]?).{0,4}(?:规定|下达|核定|管控|考核|要求)")
_BETTER = "(?:持续|稳步|逐[年步]|进一步|不断)(?:改善|好转|提高|提升|下降|降低|减少|增长|增加|优化|扩大)"
_STEADY = re.compile(rf"(?:保持稳定|{_BETTER}|稳定|改善|或|,|;|。)+")
_NO_DECREASE = re.compile(r"[一-鿿]{0,6}不(?:降低|减少|下降|退化)")
_NO_INCREASE = re.compile(r"[一-鿿]{0,6}不(?:增加|上升|升高|突破|增长)")
_IN_PLACE = re.compile(
    r"(?:配合|全面|有效|依法|按要求|已|持续|基本)*(?:制定|编制|实施|开展|建立|推行|执行|落实|完善|消除|建成)"
    r"(?:[并和、]?(?:制定|实施|开展|建立|推行|执行|落实|完善))*|(?:按要求|全面)?完成[一-鿿]{0,8}(?:计划|任务|目标)"
)
FORMULA = {"\\geq": "≥", "\\ge": "≥", "\\leq": "≤", "\\le": "≤", "\\%": "%", "$": "", "**": ""}
_BRACKETED_UNIT = re.compile(r"(?P<name>.+?)\s*[（(](?P<unit>[^（）()]+)[）)]\s*", re.DOTALL)
_NAME_MARK = re.compile(r"\^?[①-⑳]|\[[0-9]{1,2}\]")
_MARKS = re.compile(r"[（(]\s*([0-9０-９]{1,2})\s*[）)]")
_JOINT = re.compile(r"[;,](?![0-9]{3}(?![0-9]))并?")
_GAP = re.compile(r"\n|[ \t\u00a0\u3000]{2,}")


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached.

    Parameters
    ----------
    comparator
        How a value stands to it; see the module's table.
    value
        The number, in the unit of its indicator; ``None`` where words alone are given.
    text
        The original wording.
    unit
        The unit written behind the number; empty where there is none.
    """

    comparator: Comparator
    value: float | None
    text: str
    unit: str = ""


def parse_target(text: str) -> Target:
    """Read a target as an official wrote it.

    Parameters
    ----------
    text
        The wording of one target; numbered lists are split first (`split_items`).

    Examples
    --------
    >>> parse_target("不低于35")
    Target(comparator='>=', value=35.0, text='不低于35', unit='')
    >>> parse_target("完成上级规定的考核任务；保持稳定或持续改善").comparator
    'assigned'
    """
    plain = _unbracketed(text).rstrip("。;,")
    if is_blank(plain):
        return Target("", None, text)
    figure, *rest = _JOINT.split(plain, maxsplit=1)
    signed = _SIGNED.fullmatch(figure)
    if signed and all(_STEADY.fullmatch(words) for words in rest):
        comparator = _WORDS_BEFORE.get(signed["before"]) or _WORDS_AFTER[signed["after"]]
        return Target(comparator, _number(signed["number"]), text, signed["unit"])
    return Target(_comparator_of_words(plain), None, text)


def parse_value(text: str) -> float | None:
    """Read the number a current value begins with; ``None`` where it begins with words.

    Examples
    --------
    >>> parse_value("0.335，持续改善")
    0.335
    >>> parse_value("2024年底完成治理") is None
    True
    """
    found = _LEADING_VALUE.match(_unbracketed(text))
    return _number(found["number"]) if found else None


def unit_of_value(text: str) -> str:
    """Return the unit written behind the number a current value begins with; empty where there is none.

    Examples
    --------
    >>> unit_of_value("4.78万公顷，持续增加"), unit_of_value("70")
    ('万公顷', '')
    """
    found = _LEADING_VALUE.match(_unbracketed(text))
    return found["unit"] if found else ""


def split_items(text: str, count: int) -> tuple[str, ...] | None:
    """Split a cell into the texts of an indicator's sub-items, or return ``None`` where it is one text for all.

    It is split where it numbers them （1）（2）…, without a gap and as many as there are sub-items, or where it has
    exactly as many paragraphs, or parts set apart by two blanks and more, as there are sub-items.

    Parameters
    ----------
    text
        The cell; its paragraphs joined by a line feed.
    count
        How many sub-items there are.

    Examples
    --------
    >>> split_items("（1）≥90（2）≥95（3）≥80", 3)
    ('≥90', '≥95', '≥80')
    >>> split_items("≥43", 2) is None
    True
    """
    lead, items = split_numbered(text)
    if items:
        return items if len(items) == count and not lead else None
    parts = tuple(_item(part) for part in _GAP.split(text) if part.strip())
    return parts if count > 1 and len(parts) == count else None


def split_numbered(text: str) -> tuple[str, tuple[str, ...]]:
    """Split a text at （1）（2）… into what stands in front and the numbered items.

    The numbers must run 1, 2, 3 … from the first on; otherwise the text is left whole.

    Examples
    --------
    >>> split_numbered("环境空气质量（1）优良天数比例（2）PM2.5浓度下降幅度")
    ('环境空气质量', ('优良天数比例', 'PM2.5浓度下降幅度'))
    """
    marks = list(_MARKS.finditer(text))
    if not marks or [int(mark[1]) for mark in marks] != list(range(1, len(marks) + 1)):
        return text.strip(), ()
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    items = tuple(_item(text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True))
    return text[: marks[0].start()].strip(), items


def unit_of(name: str) -> tuple[str, str]:
    r"""Split a name from the unit in brackets behind it; the unit is empty where the brackets hold something else.

    Examples
    --------
    >>> unit_of("生态保护红线面积\n（平方公里）"), unit_of("水质（Ⅲ类）")
    (('生态保护红线面积', '平方公里'), ('水质（Ⅲ类）', ''))
    """
    found = _BRACKETED_UNIT.fullmatch(name)
    unit = plain_form(found["unit"]) if found else ""
    return (found["name"], unit) if found and re.fullmatch(_UNIT, unit) else (name, "")


def _unbracketed(text: str) -> str:
    """Return the plain form of a wording, square brackets around the whole of it taken off."""
    plain = plain_form(text)
    cumulative = _CUMULATIVE.fullmatch(plain)
    return cumulative["inner"] if cumulative else plain


def strip_marks(name: str) -> str:
    """Return a name without footnote marks.

    Examples
    --------
    >>> strip_marks("近岸海域优良水质比例③")
    '近岸海域优良水质比例'
    """
    return _NAME_MARK.sub("", name).strip()


def is_blank(text: str) -> bool:
    """Whether nothing is written, or a dash."""
    return set(plain_form(text)) <= _DASHES


def is_figure(text: str) -> bool:
    """Whether a text reads as a value or a target: a number, a dash, or one of the fixed wordings.

    Examples
    --------
    >>> is_figure("﹥50"), is_figure("以国家下达指标为准"), is_figure("县级")
    (True, True, False)
    """
    target = parse_target(text)
    return bool(text.strip()) and (target.comparator != "wording" or parse_value(text) is not None)


def _item(text: str) -> str:
    """Return the text of an item without what sets it apart from the next."""
    return text.strip().rstrip("；;。").rstrip()


def _comparator_of_words(plain: str) -> Comparator:
    """Class a target without a number."""
    if _ASSIGNED.search(plain):
        return "assigned"
    if _NO_DECREASE.fullmatch(plain):
        return "no_decrease"
    if _NO_INCREASE.fullmatch(plain):
        return "no_increase"
    if _STEADY.fullmatch(plain):
        return "steady_or_better"
    return "in_place" if _IN_PLACE.fullmatch(plain) else "wording"


def plain_form(text: str) -> str:
    r"""Return a wording in half-width forms, without blanks, footnote marks (①, ^②, [3], 100², *) and formula signs.

    Examples
    --------
    >>> plain_form("＞ ５０％^②"), plain_form("$\\geq 20\\%$")
    ('>50%', '≥20%')
    """
    unmarked = _FOOTNOTE.sub("", text)
    for written, meant in FORMULA.items():
        unmarked = unmarked.replace(written, meant)
    return "".join(unicodedata.normalize("NFKC", unmarked).split())


def _number(digits: str) -> float:
    """Read a number with or without thousands separators."""
    return float(digits.replace(",", ""))
