"""What a planning document says of itself: title, issuer, area, period, base year.

Each fact is taken from one phrase of official prose; where the phrase is not there, the fact is absent.
"""

from __future__ import annotations

import re

_CJK = "[\u4e00-\u9fff]"
_DASH = "[-—–―−－~～至到]+"
_ISSUED = re.compile(
    rf"(?:^|[，。；、])(?P<issuer>{_CJK}{{2,16}}(?:人民政府|委员会|局))组织编制了?《(?P<title>[^》\n]+)》", re.MULTILINE
)
_SCOPE = re.compile(rf"规划范围为(?P<area>{_CJK}{{2,12}}?)行政(?:区域|区|辖区)")
_LAND = re.compile(r"(?:土地)?总面积(?:为|约)?(?P<km2>[0-9]+(?:\.[0-9]+)?)(?:km2|km²|平方公里|平方千米)")
_PERIOD = re.compile(rf"规划期(?:限)?为(?P<start>20[0-9]{{2}})年?{_DASH}(?P<end>20[0-9]{{2}})年")
_BASE = re.compile(r"规划?基准年为(?P<year>20[0-9]{2})年")

PlanValue = str | int | float | tuple[int, ...]


def read_facts(text: str, source_file: str) -> dict[str, PlanValue]:
    """Find what a document says of itself.

    Parameters
    ----------
    text
        The whole document.
    source_file
        The base name of its file.

    Returns
    -------
    Some of ``title, issuer, area, area_km2, period, base_year``, and always ``source_file``.

    Examples
    --------
    >>> read_facts("规划基准年为2022年，规划期为2023-2030年。", "a.txt")
    {'period': (2023, 2030), 'base_year': 2022, 'source_file': 'a.txt'}
    """
    facts: dict[str, PlanValue] = {}
    if issued := _ISSUED.search(text):
        facts |= {"title": issued["title"], "issuer": issued["issuer"]}
    if scope := _SCOPE.search(text):
        facts["area"] = scope["area"]
        end_of_paragraph = (text.find("\n", scope.end()) + 1 or len(text) + 1) - 1
        if land := _LAND.search(text, scope.end(), end_of_paragraph):
            facts["area_km2"] = float(land["km2"])
    if period := _PERIOD.search(text):
        facts["period"] = (int(period["start"]), int(period["end"]))
    if base := _BASE.search(text):
        facts["base_year"] = int(base["year"])
    return facts | {"source_file": source_file}
