"""Which way is good of indicators whose target is a bare number: 森林覆盖率 71.90, 劣V类水体比例 0.

A table that prints ``62.6`` does not say whether 63 is good. It is judged only where the indicator is named here, each
entry with what says so; of any other it is said that nobody can tell.

Source: the signs printed with the 35 targets of 国家生态文明建设示范区建设指标 (2021 修订版, county set) and with
those of its prefecture set, as printed in the plans of Liujiang, Luzhai and Guigang; the signs of the Guangxi plan
(大陆自然岸线保有率不低于35) and of the Guilin plan (蓝绿空间占比 >50). Entries marked *by its name* rest on the meaning
of the word alone (保有量 is what must at least be kept; 劣V类 is the worst class of GB 3838-2002): *unverified*, not
checked against a list of signs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ecogeo.plan.plain_text import plain_form

Way = Literal["more", "less"]


@dataclass(frozen=True, slots=True)
class Direction:
    """Which way is good of the indicators a pattern finds, and what says so."""

    pattern: str
    way: Way
    source: str


_SET = "国家生态文明建设示范区建设指标（2021）"
_NAME = "by its name"
DIRECTIONS: tuple[Direction, ...] = (
    Direction(r"占(?:党政)?(?:实绩)?考核的?比[例重]", "more", f"{_SET} 3: ≥20"),
    Direction(r"信息公开率", "more", f"{_SET} 5: 100, the most a share can be"),
    Direction(r"优良天数(?:比[例率])?", "more", f"{_SET} 7"),
    Direction(r"(?:优于|好于)III类.{0,6}比[例率](?!.*幅度)", "more", f"{_SET} 8"),
    Direction(r"劣(?:V|五)类.{0,8}比[例率](?!.*幅度)", "less", _NAME),
    Direction(r"黑臭水体(?:消除|治理|整治).{0,4}(?:比[例率]|率)", "more", f"{_SET} 8"),
    Direction(r"生态环境(?:状况|质量)指数|生态质量指数|EQI", "more", f"{_SET} 9: ≥60"),
    Direction(r"林草覆盖率", "more", f"{_SET} 10: ≥40"),
    Direction(r"森林覆盖率|森林蓄积量", "more", _NAME),
    Direction(r"保护率$", "more", f"{_SET} 11: ≥95"),
    Direction(
        r"(?:利用|处置|处理|治理|回收|合格|达标|普及|收集|安全利用|完成|绿化|修复)率", "more", f"{_SET} 12, 20-29: ≥"
    ),
    Direction(r"水质优良比例", "more", f"{_SET} 23: 100"),
    Direction(r"自然岸线保有率|岸线(?:保护|保有)率|自然化率", "more", "广西生态环境保护“十四五”规划: 不低于35"),
    Direction(r"蓝绿空间占比", "more", "桂林市生态环境保护规划: >50"),
    Direction(r"处理村占比", "more", f"{_SET} 28: ≥80"),
    Direction(r"绿色建筑(?:比例|占比)", "more", f"{_SET} 30: ≥50"),
    Direction(r"绿色采购比例", "more", f"{_SET} 32: ≥80"),
    Direction(r"培训的?人数比例", "more", f"{_SET} 33: 100"),
    Direction(r"满意(?:度|率)|参与度", "more", f"{_SET} 34-35: ≥80"),
    Direction(r"公园绿地面积", "more", f"{_SET} prefecture set: ≥15 m² a head"),
    Direction(r"分担率", "more", f"{_SET} prefecture set: ≥50"),
    Direction(r"建设用地使用面积下降率", "more", f"{_SET} 19: ≥4.5"),
    Direction(
        r"(?:能耗|能源消耗|用水量|二氧化碳|碳排放|排放量?|浓度).{0,6}(?:下降|降低|减少|削减)(?:率|幅度|比例)?$",
        "more",
        _NAME,
    ),
    Direction(r"保有量", "more", _NAME),
    Direction(r"(?:细颗粒物|PM2\.?5|PM10|可吸入颗粒物|臭氧).{0,12}浓度(?!.*(?:下降|降低))", "less", _NAME),
    Direction(
        r"单位(?:地区|国内)?(?:生产总值|GDP).{0,2}(?:能耗|能源消耗|用水量|二氧化碳排放量?)$", "less", f"{_SET} 17-18"
    ),
    Direction(r"(?:能源消费|用水|排放)总量$|(?:重点污染物|污染物)排放量$", "less", _NAME),
)


def direction_of(name: str) -> Direction | None:
    """Return which way is good of an indicator, by its name; ``None`` where nothing says so.

    Examples
    --------
    >>> [found and found.way for found in map(direction_of, ("森林覆盖率", "劣V类水体比例", "示范区（个）"))]
    ['more', 'less', None]
    """
    plain = re.sub(r"\([^()]*\)$", "", plain_form(name))
    return next((one for one in DIRECTIONS if re.search(one.pattern, plain)), None)


def judged_name(name: str, whole: str) -> str:
    """Return the name an indicator or sub-item is judged by: its own, with that of its whole in front where needed.

    Examples
    --------
    >>> judged_name("县级", "水源地水质达标率"), judged_name("秸秆综合利用率", "农业废弃物综合利用率")
    ('水源地水质达标率县级', '秸秆综合利用率')
    """
    return name if name == whole or direction_of(name) else f"{whole}{name}"
