"""The language in which officials write targets and values.

A target becomes a `Target`: a comparator, and a number where one is given.

- ``>=``, ``<=``, ``>``, ``<`` with a number: ≥20, 不低于35, ﹥50, 不超过30, 80以上.
- ``=`` with a number: a bare 100 or 62.60; which way is good is not said.
- ``no_decrease``: 不降低, 不减少, 不下降, 不退化.
- ``steady_or_better``: 保持稳定, 持续改善, 保持稳定或持续改善.
- ``assigned``: 完成上级…, 达到自治区考核要求, 以国家下达指标为准. Of wordings joined in one target
  (``完成上级规定的考核任务；保持稳定或持续改善``) it is enough that one is of this class.
- ``in_place``: 制定实施, 有效开展, 全面推行, 建立: a thing is done or it is not.
- ``wording``: any other words, also a list of different wordings (``面积不减少，性质不改变，功能不降低``).
- empty: nothing is written, or a dash.

A status is one of

- ``met``, ``not_met``: the numbers say so, or the value is worded as the target is, or as not begun (未开展);
- ``set_from_above``: the target is whatever the higher level assigns, so the document alone cannot tell;
- ``no_data``: no target, no value, or one not counted yet (尚未统计);
- ``text``: only words stand against each other, and they differ; or a bare number is not hit, and nothing says which
  way is good.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Comparator = Literal[
    "", ">=", "<=", ">", "<", "=", "no_decrease", "steady_or_better", "assigned", "in_place", "wording"
]
Status = Literal["met", "not_met", "set_from_above", "no_data", "text"]

_NUMBER = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_MEASURE = (
    "公顷|平方公里|平方千米|平方米|立方米|公里|千米|米|吨标准煤|吨|亩|微克|毫克|天|人|户|个|项|处|元"
    "|km2|km|m2|m3|ha|t|μg|mg"
)
_UNIT = rf"(?:%|‰|℃|[万亿]?(?:{_MEASURE})(?:/[万亿]?(?:{_MEASURE}))?|)"
_FOOTNOTE = re.compile(r"\^?[①-⑳]|\[[0-9]{1,2}\]|(?<=[0-9])[¹²³⁰⁴-⁹]|\*+\s*$")
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
    "高于": ">",
    "大于": ">",
    "超过": ">",
    "低于": "<",
    "小于": "<",
    "≥": ">=",
    "≧": ">=",
    ">=": ">=",
    "≤": "<=",
    "≦": "<=",
    "<=": "<=",
    ">": ">",
    "<": "<",
    "=": "=",
}
_WORDS_AFTER: dict[str, Comparator] = {"": "=", "以上": ">=", "及以上": ">=", "以下": "<=", "及以下": "<="}
_SIGNED = re.compile(
    rf"(?P<before>{'|'.join(sorted(map(re.escape, _WORDS_BEFORE), key=len, reverse=True))}|)"
    rf"(?P<number>{_NUMBER}){_UNIT}(?P<after>及?以[上下]|)[。;,]?"
)
_LEADING_VALUE = re.compile(rf"(?P<number>-?{_NUMBER}){_UNIT}(?:$|[,;。(、])")
_DASHES = frozenset("-—–―─/")
_ASSIGNED = re.compile(r"(?:上级|国家|自治区|[省市县][级里]?).{0,4}(?:规定|下达|核定|管控|考核|要求)")
_STEADY = re.compile(r"(?:保持稳定|持续改善|稳定|改善|或|,|;|。)+")
_NO_DECREASE = re.compile(r"[一-鿿]{0,6}不(?:降低|减少|下降|退化)。?")
_IN_PLACE = re.compile(
    r"(?:配合|全面|有效|依法|按要求|已|持续)*(?:制定|编制|实施|开展|建立|推行|执行|落实|完善)(?:并?(?:制定|实施|开展|建立|推行|执行|落实))?。?"
)
_NOT_BEGUN = re.compile(r"(?:尚?未|没有)(?:开展|制定|建立|实施|编制|推行|完成|启动)")
_NOT_COUNTED = re.compile(r"(?:尚?未|没有|无|暂无)(?:统计|监测|数据|核算|公布)")
_MARKS = re.compile(r"[（(]\s*([0-9０-９]{1,2})\s*[）)]")
_GAP = re.compile(r"\n|[ \t\u00a0\u3000]{2,}")
_WORST_FIRST: tuple[Status, ...] = ("not_met", "no_data", "text", "set_from_above", "met")


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
    """

    comparator: Comparator
    value: float | None
    text: str


def parse_target(text: str) -> Target:
    """Read a target as an official wrote it.

    Parameters
    ----------
    text
        The wording of one target; numbered lists are split first (`split_items`).

    Examples
    --------
    >>> parse_target("不低于35")
    Target(comparator='>=', value=35.0, text='不低于35')
    >>> parse_target("完成上级规定的考核任务；保持稳定或持续改善").comparator
    'assigned'
    """
    plain = _plain(text)
    if not plain or set(plain) <= _DASHES:
        return Target("", None, text)
    if signed := _SIGNED.fullmatch(plain):
        comparator = _WORDS_BEFORE.get(signed["before"]) or _WORDS_AFTER[signed["after"]]
        return Target(comparator, _number(signed["number"]), text)
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
    found = _LEADING_VALUE.match(_plain(text))
    return _number(found["number"]) if found else None


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


def _item(text: str) -> str:
    """Return the text of an item without what sets it apart from the next."""
    return text.strip().rstrip("；;。").rstrip()


def judge(target: Target, current_text: str, unit: str = "") -> Status:
    """Compare a current value with its target.

    Parameters
    ----------
    target
        The target.
    current_text
        The current value as written.
    unit
        The unit of both; a share cannot exceed a target of 100 % nor fall below one of 0 %: any other misses it.
    """
    current, value = _plain(current_text), parse_value(current_text)
    if target.value is not None and value is not None:
        return _judge_number(target.comparator, target.value, value, is_share="%" in _plain(unit + target.text))
    if _NOT_BEGUN.search(current):
        return "not_met"
    if not current or set(current) <= _DASHES or _NOT_COUNTED.search(current) or not target.comparator:
        return "no_data"
    if target.comparator == "assigned":
        return "set_from_above"
    wanted = _plain(target.text)
    is_said = current == wanted or (target.comparator == "steady_or_better" and current in re.split("[或;,]", wanted))
    return "met" if is_said and target.value is None else "text"


def worst(statuses: Sequence[Status]) -> Status:
    """Return the status of a whole from those of its parts: missed before unknown before met.

    Examples
    --------
    >>> worst(["met", "no_data", "not_met"])
    'not_met'
    """
    return min(statuses, key=_WORST_FIRST.index)


def _judge_number(comparator: Comparator, target: float, value: float, *, is_share: bool) -> Status:
    """Compare two numbers."""
    if comparator == "=":
        if value == target:
            return "met"
        return "not_met" if is_share and target in (0, 100) and 0 <= value <= 100 else "text"
    holds = {">=": value >= target, "<=": value <= target, ">": value > target, "<": value < target}[comparator]
    return "met" if holds else "not_met"


def _comparator_of_words(plain: str) -> Comparator:
    """Class a target without a number."""
    if _ASSIGNED.search(plain):
        return "assigned"
    if _NO_DECREASE.fullmatch(plain):
        return "no_decrease"
    if _STEADY.fullmatch(plain):
        return "steady_or_better"
    return "in_place" if _IN_PLACE.fullmatch(plain) else "wording"


def _plain(text: str) -> str:
    """Return a wording in half-width forms, without blanks and without footnote marks (①, ^②, [3], 100², *)."""
    unmarked = _FOOTNOTE.sub("", text)
    return "".join(unicodedata.normalize("NFKC", unmarked).split())


def _number(digits: str) -> float:
    """Read a number with or without thousands separators."""
    return float(digits.replace(",", ""))
