"""How a wording is written, before anybody asks what it means: half-width forms, marks, brackets, and blanks."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from ecogeo.plan.cells import NUMERALS, numeral_value
from ecogeo.plan.target_words import PER

FORMULA = {
    "\\geqslant": "≥",
    "\\leqslant": "≤",
    "\\geq": "≥",
    "\\ge": "≥",
    "\\leq": "≤",
    "\\le": "≤",
    "\\%": "%",
    "$": "",
    "**": "",
}
"""Signs of formulas and bold type as texts write them, and what stands for them in plain words."""

_FOOTNOTE = re.compile(
    r"\^?[①-⑳](?!\s*[^\s①-⑳，。；、(（)）%％℃])|(?<=[^\s≥≤≧≦⩾⩽＞＜><﹥﹤于过到约为])\s*\[[0-9]{1,2}\]|(?<=[0-9])[¹²³⁰⁴-⁹]|\*+\s*$"
)
CUMULATIVE = re.compile(r"[\[〔【](?P<inner>[^\[\]〔〕【】]*[0-9][^\[\]〔〕【】]*)[\]〕】]")
"""A wording wholly in square brackets, as tables mark what is counted over the whole period."""

_COUNTED_OVER = re.compile(
    r"(?P<before>[^\[\]〔〕【】0-9]{0,8})[\[〔【](?P<inner>[0-9][0-9.,]*)(?P<unit>%?)[\]〕】](?P<after>%?(?:左右|上下|以[上下内])?)"
)
_POWER = re.compile(
    r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*[×x]\s*10(?:\^?(?P<raised>[⁰¹²³⁴-⁹])|\^(?P<plain>[0-9]))(?![0-9])"
)
_DASHES = frozenset("-—–―─/")
_NAME_MARK = re.compile(r"\^?[①-⑳]|\[[0-9]{1,2}\]")
_HUNDREDTHS = re.compile(f"百分之([{NUMERALS}]+)")
_TENTHS = re.compile("(?<![一-鿿])([一二三四五六七八九])成(?=以上|以下|左右|$)")
_COUNTED = re.compile(f"^([{NUMERALS}]{{1,3}}|两)(?=(?:个|项|处|座|家|条|户|公里|公顷)(?:及?以上|以下)?$)")
_NOT_KNOWN = re.compile("(?:暂无|尚?无|未)(?:数据|统计|资料|监测)?")


def unbracketed(text: str) -> str:
    """Return the plain form of a wording, square brackets around the whole of it taken off."""
    plain = plain_form(text)
    if cumulative := CUMULATIVE.fullmatch(plain):
        return cumulative["inner"]
    over = _COUNTED_OVER.fullmatch(plain)
    return f"{over['before']}{over['inner']}{over['unit']}{over['after']}" if over else plain


def strip_marks(name: str) -> str:
    """Return a name without footnote marks.

    Examples
    --------
    >>> strip_marks("近岸海域优良水质比例③")
    '近岸海域优良水质比例'
    """
    return _NAME_MARK.sub("", name).strip()


def is_blank(text: str) -> bool:
    """Whether nothing is written, or a dash, or that nothing is known (暂无数据)."""
    plain = plain_form(text)
    return set(plain) <= _DASHES or bool(_NOT_KNOWN.fullmatch(plain) and plain not in ("无", "未"))


def plain_form(text: str) -> str:
    r"""Return a wording in half-width forms, without blanks, footnote marks (①, ^②, [3], 100², *) and formula signs.

    Examples
    --------
    >>> plain_form("＞ ５０％^②"), plain_form("$\\geq 20\\%$")
    ('>50%', '≥20%')
    """
    unmarked = _FOOTNOTE.sub("", _POWER.sub(_written_out, text))
    for written, meant in FORMULA.items():
        unmarked = unmarked.replace(written, meant)
    plain = "".join(_as_numbered(unmarked).split())
    return _as_percent(PER.sub("/", plain.replace("(含)", "")))


def _written_out(found: re.Match[str]) -> str:
    """Return a number times a power of ten (3.0×10³) as digits."""
    power = unicodedata.normalize("NFKC", found["raised"] or found["plain"])
    return f"{(Decimal(found['number']).scaleb(int(power))).normalize():f}"


def _as_numbered(text: str) -> str:
    """Return half-width forms; circled and bracketed numerals stay: they are no digits of a figure."""
    return "".join(sign if "①" <= sign <= "⒇" else unicodedata.normalize("NFKC", sign) for sign in text)


def _as_percent(plain: str) -> str:
    """Return shares in Chinese numerals as figures: 百分之八十以上, 八成以上."""
    plain = _HUNDREDTHS.sub(lambda found: f"{numeral_value(found[1])}%", plain)
    plain = _COUNTED.sub(lambda found: str(numeral_value(found[1].replace("两", "二"))), plain)
    return _TENTHS.sub(lambda found: f"{numeral_value(found[1])}0%", plain)
