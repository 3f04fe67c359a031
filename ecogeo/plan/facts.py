"""What a planning document says of itself: title, issuer, area, period, base year.

Each fact is taken from one phrase of official prose, the title's lines, the names of offices on the cover or below the
text, or a caption; where none is there, it is absent. A title may be set over several lines. A document that names
itself nowhere goes by the caption of its first table that begins with a place. A five-year period (十四五) is the years
it stands for. Of several places in a title the finest is the area (柳州市柳江区).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

_CJK = "[\u4e00-\u9fff]"
_DASH = "[-—–―−－~～至到]+"
_PLAN = "(?:规划|方案|计划|纲要|意见|要点|清单|分解表|行动)"
_LEVEL = "(?:壮族自治区|自治[区州县]|省|市|县|区)"
_PLACE = re.compile(f"{_CJK}{{1,8}}?{_LEVEL}")
_FINER = re.compile(
    f"(?!示范|重点|工业|自然|保护|开发|高新|经[开济]|功能|生态|城区|城市|新区|流域|全|各|园|景|水|山|湿|辖){_CJK}{{1,3}}?[市县区]"
)
_OFFICE = f"(?!各){_CJK}{{2,20}}?(?:人民政府|委员会|局|厅|[党县市区]委(?!员))(?:办公[厅室])?"
_ISSUED = re.compile(
    rf"(?:^|[，。；、])(?P<issuer>{_CJK}{{2,16}}(?:人民政府|委员会|局))组织编制了?《(?P<title>[^》\n]+)》", re.MULTILINE
)
_NOTICE = re.compile(
    rf"(?P<issuer>{_CJK}{{2,20}}(?:人民政府|委员会|局|厅)(?:办公[厅室])?)关于印发(?P<title>[^\n]+?)的通知"
)
_BY = re.compile(rf"(?:组织|牵头)?(?:编制|制定|发布|印发|填报|申报)(?:单位|机关|部门)\s*[：:]\s*(?P<issuer>{_OFFICE})")
_MADE_BY = re.compile(
    rf"本(?:规划|方案|计划|纲要)由(?P<issuer>{_OFFICE}?)(?:会同[^，。]*?)?(?:组织|牵头|负责)*(?:编制|制定|印发|发布)"
)
_OF_OFFICES = re.compile(rf"(?P<issuer>(?:(?:{_OFFICE})[、]?)+)关于")
_OFFICE_LINE = re.compile(_OFFICE)
_DAY_LINE = re.compile(
    r"[0-9〇○Oo零一二三四五六七八九]{4}年[0-9一二三四五六七八九十]{1,3}月(?:[0-9一二三四五六七八九十]{1,3}日)?"
)
_YEARS_LINE = re.compile(rf"[（(]20[0-9]{{2}}年?{_DASH}20[0-9]{{2}}年?[）)]")
_TITLE = re.compile(
    rf"(?:{_CJK}|[0-9“”（）()、—－《》·-])+?{_PLAN}(?:[（(](?:20[0-9]{{2}}年?{_DASH}20[0-9]{{2}}年?|[^（）()]{{1,12}})[）)])*"
)
_PART = re.compile(
    rf"(?P<title>{_TITLE.pattern})(?P<part>(?:重点|主要|建设|规划|考核)?(?:指标|项目|工程|任务)[一-鿿]{{0,10}}?|文本|附表)(?P<table>表|清单|库)?"
)
_ALONE = re.compile(r"[^，。；：:！？]{2,40}")
_SCOPE = re.compile(
    rf"规划范围(?:为|是|包括|涵盖|[：:])(?P<area>{_CJK}{{2,12}}?)(?:行政(?:区域|区|辖区|管辖)|全域|全境|所辖|辖区|[县市区]域)"
)
_LAND_WORDS = "(?:行政区域(?:土地|国土)?|辖区|国土|土地|区域)(?:总)?面积|总面积"
_LAND = re.compile(
    r"(?:土地|国土|辖区|区域|行政区域)*总?面积(?:为|约|共)*(?P<km2>[0-9]+(?:\.[0-9]+)?)(?P<wan>万)?(?:km2|km²|平方公里|平方千米)"
)
_PERIOD = re.compile(
    rf"(?:规划|实施|建设|工作|创建|计划)(?:期限?|时限|年限|时段|周期|时间)(?:为|是|[：:])?\s*(?P<start>20[0-9]{{2}})年?{_DASH}(?P<end>20[0-9]{{2}})年?"
)
_TITLE_PERIOD = re.compile(rf"[（(](?P<start>20[0-9]{{2}})年?{_DASH}(?P<end>20[0-9]{{2}})年?[）)]")
_TITLE_YEAR = re.compile(r"(?P<year>20[0-9]{2})年")
_FIVE_YEARS = re.compile("“?十(?P<ordinal>[二三四五六])五”?")
_BASE = re.compile(
    r"(?:基准年|基期年?)份?(?:为|是|[：:])\s*(?P<year>20[0-9]{2})年?|以(?P<other>20[0-9]{2})年?为(?:规划)?(?:基准年?|基期年?)"
)
_CAPTION = re.compile(r"^(?:续?附?表|附件|专栏|附录)\s*[-0-9一二三四五六七八九十.]*[：:]?\s*")
_FIRST_LINES, _LONGEST_TITLE, _LAST_LINES, _MOST_TITLE_LINES = 16, 60, 8, 3
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
    named = [_CAPTION.sub("", caption) for caption in captions]
    facts: dict[str, PlanValue] = _title_and_issuer(text, named)
    title = str(facts.get("title", ""))
    names = [title, *named]
    facts |= _area(text, [*names, str(facts.get("issuer", ""))])
    if period := _period(text, names):
        facts["period"] = period
    years = set(current_years)
    if base := _BASE.search(text):
        facts["base_year"] = int(base["year"] or base["other"])
    elif len(years) == 1:
        facts["base_year"] = years.pop()
    return facts | {"source_file": source_file}


def is_title(line: str) -> bool:
    """Whether a line reads as the title of a plan.

    Examples
    --------
    >>> [is_title(line) for line in ("甲县生态文明建设规划（2023—2030年）", "附件1 项目清单", "根据规划，制定")]
    [True, False, False]
    """
    return bool(_title_in("".join(line.split())))


def _title_in(line: str) -> str:
    """Return the title a line is, or, of a table's, begins with; empty where it reads as none."""
    line = line.removesuffix("》") if line.startswith("《") else line
    if len(line) > _LONGEST_TITLE or _CAPTION.match(line):
        return ""
    if _TITLE.fullmatch(line):
        return line.removeprefix("《")
    part = _PART.fullmatch(line)
    return (part["title"] if part["table"] else line) if part else ""


def _title_and_issuer(text: str, captions: Sequence[str]) -> dict[str, PlanValue]:
    """Find the title and, where it is said, who issued the document."""
    if issued := _ISSUED.search(text):
        return {"title": issued["title"], "issuer": issued["issuer"]}
    lines = ["".join(line.split()) for line in text.split("\n") if line.strip()]
    first = lines[:_FIRST_LINES]
    notice = next((found for part in (first, _pairs(first)) for line in part if (found := _NOTICE.search(line))), None)
    title = _title(first) or (notice["title"].strip("《》") if notice else "") or _title_of_captions(captions)
    issuer = notice["issuer"] if notice else _issuer(lines)
    if own := _OF_OFFICES.match(title):
        issuer = "、".join(re.findall(_OFFICE, own["issuer"])) or issuer
    return {name: value for name, value in (("title", title), ("issuer", issuer)) if value}


def _pairs(lines: Sequence[str]) -> Iterator[str]:
    """Yield each line put together with the next."""
    return (one + other for one, other in pairwise(lines))


def _title(lines: Sequence[str]) -> str:
    """Return the title among the first lines, put together where it is set over several."""
    found = next((at for at, line in enumerate(lines) if is_title(line)), None)
    if found is not None:
        title = _title_in(lines[found])
        above = lines[found - 1] if found and _ALONE.fullmatch(lines[found - 1]) else ""
        if above and not _PLACE.match(title) and _PLACE.match(above) and not _OFFICE_LINE.fullmatch(above):
            title = above + title
        below = lines[found + 1] if found + 1 < len(lines) else ""
        return title + below if _YEARS_LINE.fullmatch(below) else title
    for at in range(len(lines)):
        for count in range(2, _MOST_TITLE_LINES + 1):
            whole = "".join(lines[at : at + count])
            if all(map(_ALONE.fullmatch, lines[at : at + count])) and is_title(whole) and _PLACE.match(whole):
                return whole
    return ""


def _title_of_captions(captions: Sequence[str]) -> str:
    """Return the name of a plan as the first caption that begins with a place gives it."""
    for caption in ("".join(words.split()) for words in captions):
        if _PLACE.match(caption) and (title := _title_in(caption)):
            return title
    return ""


def _issuer(lines: Sequence[str]) -> str:
    """Return the office that a document names as its maker: in a phrase, on the cover, or above the date at its end."""
    for pattern in (_BY, _MADE_BY):
        if found := next((match for line in lines if (match := pattern.search(line))), None):
            return found["issuer"]
    cover = [line for line in lines[:_FIRST_LINES] if _OFFICE_LINE.fullmatch(line)]
    if cover:
        return cover[0]
    ends = pairwise(lines[-_LAST_LINES:])
    return next((line for line, below in ends if _OFFICE_LINE.fullmatch(line) and _DAY_LINE.fullmatch(below)), "")


def _area(text: str, names: Sequence[str]) -> dict[str, PlanValue]:
    """Find the area, and how large the text says it is."""
    facts: dict[str, PlanValue] = {}
    scope = _SCOPE.search(text)
    area = scope["area"] if scope and _PLACE.fullmatch(scope["area"]) and scope["area"][0] not in "全本整" else ""
    if area := area or next((found for name in names if (found := _finest(name))), ""):
        facts["area"] = area
    land = None
    if scope:
        end_of_paragraph = (text.find("\n", scope.end()) + 1 or len(text) + 1) - 1
        land = _LAND.search(text, scope.end(), end_of_paragraph)
    if land is None and area:
        own = (
            rf"(?:{re.escape(area)}|全{re.escape(area[-1])}|[县市区]域)(?:[^。；\n]{{0,60}}?[，,]|的)?(?={_LAND_WORDS})"
        )
        at = re.search(own, text)
        land = _LAND.match(text, at.end()) if at else None
    if land is not None:
        facts["area_km2"] = round(float(land["km2"]) * (10_000 if land["wan"] else 1), 4)
    return facts


def _finest(name: str) -> str:
    """Return the finest of the places a name begins with.

    Examples
    --------
    >>> _finest("柳州市柳江区生态规划"), _finest("贵港市国家生态文明建设示范市方案"), _finest("规划")
    ('柳江区', '贵港市', '')
    """
    found = _PLACE.match(name)
    place = ""
    while found:
        place = found[0].removeprefix("中共")
        found = _FINER.match(name, found.end())
    return "" if re.fullmatch("自治[区州县]|[全本我各][省市县区]", place) else place


def period_in(title: str) -> tuple[int, int] | None:
    """Return the years a title has in brackets.

    Examples
    --------
    >>> period_in("甲县生态文明建设规划（2022—2030年）")
    (2022, 2030)
    """
    found = _TITLE_PERIOD.search(title)
    return (int(found["start"]), int(found["end"])) if found else None


def _period(text: str, names: Sequence[str]) -> tuple[int, int] | None:
    """Find the first and the last year of a plan."""
    if period := _PERIOD.search(text):
        return int(period["start"]), int(period["end"])
    for name in names:
        if titled := period_in(name):
            return titled
        if five := _FIVE_YEARS.search(name):
            return _FIRST_YEAR[five["ordinal"]], _FIRST_YEAR[five["ordinal"]] + 4
        if single := _TITLE_YEAR.search(name):
            return int(single["year"]), int(single["year"])
    return None
