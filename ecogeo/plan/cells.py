"""What is done to the text of a cell, and nothing else: odd spacing goes, words stay.

Blanks of every kind (also no-break and ideographic) that touch a Chinese character or Chinese punctuation are remains
of typesetting and are removed; other runs of blanks become one. A TAB inside a cell sets two things apart and becomes
one blank. Line feeds inside names, funding and departments are
line wraps and are removed; in units, targets, values and contents they are paragraphs and are kept.
"""

from __future__ import annotations

import re
import unicodedata

NUMERALS = "一二三四五六七八九十"
COUNT = rf"(?:[0-9]{{1,4}}|[{NUMERALS}两]{{1,3}})"
"""A count in digits or in Chinese."""
_NUMBER = re.compile(
    r"[(\[]?(?:No\.?)?(?P<number>(?:[A-Za-z]{1,6}|[一-鿿]{1,3}(?=[-–—]))?[-–—]?[0-9]{1,4}(?:[-–—.][0-9]{1,4})*)[)\]]?[.、)]?"
)
_CHINESE = r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’]"
_TWO_FIGURES = re.compile(r"[0-9０-９%％‰][^\S\n]*\n\s*[-+−≥≤≧≦＞＜><﹥﹤约〔\[【]?[0-9０-９]")
_NEAR_CHINESE = re.compile(rf"(?<={_CHINESE})\s+|\s+(?={_CHINESE})")


def paragraphs(text: str) -> str:
    r"""Tidy the spacing of every paragraph, and keep the paragraphs.

    Examples
    --------
    >>> paragraphs("柳江区进 德镇，  20 MW\n\n 2. 三都镇")
    '柳江区进德镇，20 MW\n2.三都镇'
    """
    lines = (_tidy(line) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def has_several(text: str) -> bool:
    r"""Whether a figure ends a line of a cell and another begins the next: they are two, and never one number.

    Examples
    --------
    >>> has_several("100\n95"), has_several("≥80\n%"), has_several("96%\n≥81%")
    (True, False, True)
    """
    return bool(_TWO_FIGURES.search(text))


def one_line(text: str) -> str:
    r"""Tidy the spacing of a text whose line feeds are line wraps.

    Examples
    --------
    >>> one_line("（九） \n生活方式绿色\n化")
    '（九）生活方式绿色化'
    """
    return _tidy(text.replace("\n", " "))


def head_word(text: str) -> str:
    r"""Return a head cell in the one form in which heads are compared: half-width, no blanks.

    Examples
    --------
    >>> head_word("计划总投资\n（万元）")
    '计划总投资(万元)'
    """
    return "".join(unicodedata.normalize("NFKC", text).split())


def unnumbered(text: str) -> str:
    r"""Return a row's number as printed, without the marks around it; empty where it is none.

    Examples
    --------
    >>> [unnumbered(text) for text in ("1、", "（２）", "A-1", "1.2.", "③", "合计")]
    ['1', '2', 'A-1', '1.2', '3', '']
    """
    found = _NUMBER.fullmatch(head_word(text))
    return found["number"] if found else ""


def counted(text: str) -> int:
    """Read a count in digits or in Chinese.

    Examples
    --------
    >>> counted("35"), counted("三十五"), counted("两")
    (35, 35, 2)
    """
    plain = head_word(text)
    return int(plain) if plain.isdecimal() else numeral_value(plain.replace("两", "二"))


def numeral_value(numeral: str) -> int:
    """Return the value of a Chinese numeral from 一 to 九十九.

    Examples
    --------
    >>> numeral_value("六"), numeral_value("十二"), numeral_value("二十一")
    (6, 12, 21)
    """
    tens, has_tens, ones = numeral.rpartition("十")
    digit = {character: value for value, character in enumerate(NUMERALS[:9], start=1)}
    return (digit.get(tens, 1) * 10 if has_tens else 0) + digit.get(ones, 0)


def _tidy(line: str) -> str:
    """Tidy the spacing of one line."""
    parts = (" ".join(_NEAR_CHINESE.sub("", part).split()) for part in line.split("\t"))
    return " ".join(filter(None, parts))
