"""What is done to the text of a cell, and nothing else: odd spacing goes, words stay.

Blanks of every kind (also no-break and ideographic) that touch a Chinese character or Chinese punctuation are remains
of typesetting and are removed; other runs of blanks become one. Line feeds inside names, funding and departments are
line wraps and are removed; in units, targets, values and contents they are paragraphs and are kept.
"""

from __future__ import annotations

import re
import unicodedata

NUMERALS = "一二三四五六七八九十"
_CHINESE = r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’]"
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
    return " ".join(_NEAR_CHINESE.sub("", line).split())
