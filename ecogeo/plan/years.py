"""Spans of years as tables print them: 2021—2025年, 2023.01-2026.12, 2023年1月至2024年底, 2025年底前, “十四五”期间."""

from __future__ import annotations

import re
from calendar import monthrange

from ecogeo.plan.cells import head_word, numeral_value

_MONTH = "(?:0?[1-9]|1[0-2])月(?:[0-9]{1,2}[日号]|底|末|[上中下]旬)?"
_DAY = (
    rf"(?:年底|年末|年(?:{_MONTH}|[上下]半年|第?[一二三四]季度)?"
    r"|[./-](?:0?[1-9]|1[0-2])(?![0-9])(?:[./-](?:0?[1-9]|[12][0-9]|3[01])(?![0-9]))?月?|(?:0[1-9]|1[0-2])(?![0-9]))?"
)
_TO = r"(?:[-—–―−－~～至到]+)"
_YEARS = re.compile(
    rf"(?P<start>20[0-9]{{2}}){_DAY}(?:{_TO}(?:(?P<end>20[0-9]{{2}}){_DAY}|[0-9]{{1,2}}月?(?:底|末)?))?"
    r"(?:之?[前内])?(?:完成|完工|建成)?"
)
_MONTHS = re.compile(rf"(?P<year>20[0-9]{{2}})年[0-9]{{1,2}}月?{_TO}[0-9]{{1,2}}月底?")
_SHORT = re.compile(rf"(?P<first>20(?P<tens>[0-9]{{2}}))年?{_TO}(?P<last>[0-9]{{1,2}})年?")
"""A span whose second year may have lost its century (2024-26), or else a month (2024-05)."""
_MONTHS_OF_YEAR = 12
_LEAP_YEAR = 2024
_IN_YEAR = re.compile("(?P<year>(?:19|20)[0-9]{2})年(?P<month>[0-9]{1,2})月(?:份?(?P<day>[0-9]{1,2})[日号])?")
_IN_MONTH = re.compile("(?<![0-9年])(?P<year>)(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})[日号]")
_SPAN_OF_MONTHS = re.compile(
    rf"(?P<year>20[0-9]{{2}})[年./](?P<first>[0-9]{{1,2}})月?{_TO}(?P<last_year>20[0-9]{{2}})[年./](?P<last>[0-9]{{1,2}})(?:月|(?![0-9年]))"
)
_FIRST_FIVE = 2001
"""So that 十三五 begins in 2016 and 十四五 in 2021."""
_FIVE_YEARS = re.compile(r"[“\"”]?十(?P<ordinal>[三四五六])五[“\"”]?(?:期间|时期|规划期)?")
_UNTIL = re.compile(rf"(?P<end>20[0-9]{{2}}){_DAY}(?:之?前)(?:完成|完工|建成)?")
_FROM = re.compile(rf"(?P<start>20[0-9]{{2}}){_DAY}(?:起|开始|开工|启动)")


def impossible_dates(text: str) -> tuple[str, ...]:
    """Return the dates of a text that no calendar has, each once; of a year that is not told 29 February exists.

    Examples
    --------
    >>> impossible_dates("2024年13月开工，2023年2月29日前完成，2月29日验收，6月31日交付")
    ('2024年13月', '2023年2月29日', '6月31日')
    """
    plain = head_word(text)
    found = sorted([*_IN_YEAR.finditer(plain), *_IN_MONTH.finditer(plain)], key=lambda match: match.start())
    wrong = [(match.start(), match[0]) for match in found if not _is_date(match)]
    wrong += [(match.start(), match[0]) for match in _SPAN_OF_MONTHS.finditer(plain) if _is_backward(match)]
    return tuple(dict.fromkeys(words for _, words in sorted(wrong)))


def _is_backward(span: re.Match[str]) -> bool:
    """Whether a span within one year ends in an earlier month than it begins: 2022年9月-2022年3月."""
    return span["last_year"] == span["year"] and int(span["last"]) < int(span["first"])


def _is_date(found: re.Match[str]) -> bool:
    """Whether a month, or a day of a month, exists."""
    month, day = int(found["month"]), int(found["day"] or 1)
    if not 1 <= month <= _MONTHS_OF_YEAR:
        return False
    return 1 <= day <= monthrange(int(found["year"] or _LEAP_YEAR), month)[1]


def parse_years(text: str) -> tuple[int | None, int | None] | None:
    """Read the first and last year of a span; a single year is both; months and days are left out.

    What may be a month of the year or a later year (2023-5) is not read, nor is a date no calendar has (2024年13月).

    Examples
    --------
    >>> parse_years("2021—2025年"), parse_years("2023.01-2026.12"), parse_years("2023年3月")
    ((2021, 2025), (2023, 2026), (2023, 2023))
    >>> parse_years("2025年底前"), parse_years("2024年起"), parse_years("“十四五”期间")
    ((None, 2025), (2024, None), (2021, 2025))
    >>> parse_years("2024-26"), parse_years("2023-05"), parse_years("2023-5")
    ((2024, 2026), (2023, 2023), None)
    """
    plain = head_word(text)
    if (found := _SHORT.fullmatch(plain)) or impossible_dates(plain):
        return _short(found) if found else None
    if found := _FIVE_YEARS.fullmatch(plain):
        first = _FIRST_FIVE + 5 * numeral_value(found["ordinal"])
        return first, first + 4
    if found := _MONTHS.fullmatch(plain):
        return int(found["year"]), int(found["year"])
    if found := _UNTIL.fullmatch(plain):
        return None, int(found["end"])
    if found := _FROM.fullmatch(plain):
        return int(found["start"]), None
    found = _YEARS.fullmatch(plain)
    return (int(found["start"]), int(found["end"] or found["start"])) if found else None


def _short(found: re.Match[str]) -> tuple[int, int] | None:
    """Read a span of which the last number may be a month or a year without its century; ``None`` where it may be both.

    Examples
    --------
    >>> [_short(found) for text in ("2021-12", "2009—13", "2023-9") if (found := _SHORT.fullmatch(text))]
    [(2021, 2021), (2009, 2013), None]
    """
    first, tens, last = int(found["first"]), int(found["tens"]), int(found["last"])
    is_month = 1 <= last <= _MONTHS_OF_YEAR
    is_year = last > tens if len(found["last"]) > 1 else last > tens % 10
    if found["last"].startswith("0") and is_month and not (is_year and found[0].endswith("年")):
        return first, first
    if is_year and is_month and not found[0].endswith("年"):
        return None
    if is_year:
        return first, (first - tens if len(found["last"]) > 1 else first - tens % 10) + last
    return (first, first) if is_month else None
