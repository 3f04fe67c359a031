"""What a planning document says of itself: title, issuer, area, period, base year.

Each fact is taken from one phrase of official prose, the title's line or a caption; where none is there, it is absent.
A five-year period (十四五) is the years it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_CJK = "[\u4e00-\u9fff]"
_DASH = "[-—–―−－~～至到]+"
_PLAN = "(?:规划|方案|计划|纲要|意见|要点|清单|任务分解表)"
_PLACE = f"{_CJK}{{1,8}}?(?:壮族自治区|自治[区州县]|省|市|县|区)"
_ISSUED = re.compile(
    rf"(?:^|[，。；、])(?P<issuer>{_CJK}{{2,16}}(?:人民政府|委员会|局))组织编制了?《(?P<title>[^》\n]+)》", re.MULTILINE
)
_NOTICE = re.compile(
    rf"(?P<issuer>{_CJK}{{2,20}}(?:人民政府|委员会|局|厅)(?:办公[厅室])?)关于印发(?P<title>[^\n]+?)的通知"
)
_TITLE = re.compile(
    rf"(?:{_CJK}|[0-9“”（）()、—－-])+?{_PLAN}(?:[（(](?:20[0-9]{{2}}{_DASH}20[0-9]{{2}}年?|[^（）()]{{1,12}})[）)])?"
)
_SCOPE = re.compile(rf"规划范围为(?P<area>{_CJK}{{2,12}}?)行政(?:区域|区|辖区)")
_LAND = re.compile(r"(?:土地)?总面积(?:为|约)?(?P<km2>[0-9]+(?:\.[0-9]+)?)(?P<wan>万)?(?:km2|km²|平方公里|平方千米)")
_PERIOD = re.compile(rf"规划期(?:限)?为(?P<start>20[0-9]{{2}})年?{_DASH}(?P<end>20[0-9]{{2}})年")
_TITLE_PERIOD = re.compile(rf"[（(](?P<start>20[0-9]{{2}})年?{_DASH}(?P<end>20[0-9]{{2}})年?[）)]")
_TITLE_YEAR = re.compile(r"(?P<year>20[0-9]{2})年")
_FIVE_YEARS = re.compile("“?十(?P<ordinal>[二三四五六])五”?")
_BASE = re.compile(r"规划?基准年为(?P<year>20[0-9]{2})年")
_CAPTION = re.compile(r"^(?:续?附?表|附件|专栏)\s*[0-9一二三四五六七八九十]+\s*")
_FIRST_LINES, _LONGEST_TITLE = 12, 60
_FIRST_YEAR = {"二": 2011, "三": 2016, "四": 2021, "五": 2026, "六": 2031}

PlanValue = str | int | float | tuple[int, ...]


def read_facts(
    text: str, source_file: str, *, captions: Sequence[str] = (), current_years: Sequence[int] = ()
) -> dict[str, PlanValue]:
    """Find what a document says of itself.

    Parameters
    ----------
    text
        Its paragraphs, each on a line of its own.
    source_file
        The base name of its file.
    captions
        The captions of its tables; they tell area and year where the text does not.
    current_years
        The years of the current values of its indicators; a single one is the base year where the text names none.

    Returns
    -------
    Some of ``title, issuer, area, area_km2, period, base_year``, and always ``source_file``.

    Examples
    --------
    >>> read_facts("规划基准年为2022年，规划期为2023-2030年。", "a.txt")
    {'period': (2023, 2030), 'base_year': 2022, 'source_file': 'a.txt'}
    """
    facts: dict[str, PlanValue] = _title_and_issuer(text)
    title = str(facts.get("title", ""))
    names = [title, *(_CAPTION.sub("", caption) for caption in captions)]
    facts |= _area(text, [*names, str(facts.get("issuer", ""))])
    if period := _period(text, names):
        facts["period"] = period
    years = set(current_years)
    if base := _BASE.search(text):
        facts["base_year"] = int(base["year"])
    elif len(years) == 1:
        facts["base_year"] = years.pop()
    return facts | {"source_file": source_file}


def _title_and_issuer(text: str) -> dict[str, PlanValue]:
    """Find the title and, where it is said, who issued the document."""
    facts: dict[str, PlanValue] = {}
    if issued := _ISSUED.search(text):
        return {"title": issued["title"], "issuer": issued["issuer"]}
    lines = [line for line in text.split("\n") if line.strip()][:_FIRST_LINES]
    heads = [line for line in lines if len(line) <= _LONGEST_TITLE]
    if title := next((line for line in heads if _TITLE.fullmatch(line)), ""):
        facts["title"] = title
    for line in lines:
        if notice := _NOTICE.search("".join(line.split())):
            facts = {"title": notice["title"].strip("《》")} | facts | {"issuer": notice["issuer"]}
            break
    return facts


def _area(text: str, names: Sequence[str]) -> dict[str, PlanValue]:
    """Find the area, and how large the text says it is."""
    facts: dict[str, PlanValue] = {}
    if scope := _SCOPE.search(text):
        facts["area"] = scope["area"]
        end_of_paragraph = (text.find("\n", scope.end()) + 1 or len(text) + 1) - 1
        if land := _LAND.search(text, scope.end(), end_of_paragraph):
            facts["area_km2"] = round(float(land["km2"]) * (10_000 if land["wan"] else 1), 4)
    elif area := next((found[0] for name in names if (found := re.match(_PLACE, name))), ""):
        facts["area"] = area
    return facts


def _period(text: str, names: Sequence[str]) -> tuple[int, int] | None:
    """Find the first and the last year of a plan."""
    if period := _PERIOD.search(text):
        return int(period["start"]), int(period["end"])
    for name in names:
        if period := _TITLE_PERIOD.search(name):
            return int(period["start"]), int(period["end"])
        if five := _FIVE_YEARS.search(name):
            return _FIRST_YEAR[five["ordinal"]], _FIRST_YEAR[five["ordinal"]] + 4
        if single := _TITLE_YEAR.search(name):
            return int(single["year"]), int(single["year"])
    return None
