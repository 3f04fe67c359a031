"""The columns of the sheets of areas, each said once, and where those stand that formulas point to."""

from __future__ import annotations

from ecogeo.report.sheet_writer import Column, column_letter
from ecogeo.wording import Text

PROJECT = Column(Text("项目编号", "project"), 11)
SITE = Column(Text("用地编号", "site"), 11)
_WHO = (PROJECT, Column(Text("项目名称", "project name"), 24, "wrapped"), SITE)
_LAYER = Column(Text("管控图层", "layer"), 17, "wrapped")
_ANSWER = Column(Text("判断", "answer"), 9)
M2 = Column(Text("面积（平方米）", "area (m²)"), 15, "m2")
HA = Column(Text("面积（公顷）", "area (ha)"), 12, "ha")
MU = Column(Text("面积（亩）", "area (mu)"), 12, "mu")
_NET_HA = Column(Text("扣除后净面积（公顷）", "net area (ha)"), 12, "ha")
LENGTH = Column(Text("长度（米）", "length (m)"), 12, "m")
TOTAL_LENGTH = Column(LENGTH.head, 11, "m")
_SHARE = Column(Text("占用地比例", "share of the site"), 10, "share")
SCREENED = Column(Text("筛查结果（平方米或米）", "screening (m² or m)"), 15, "m2")

OCCUPATION_COLUMNS = (
    *_WHO,
    _LAYER,
    _ANSWER,
    Column(Text("乡镇", "town"), 12),
    Column(Text("地类编码", "class code"), 8),
    Column(Text("地类", "land class"), 13, "wrapped"),
    *(M2, HA, MU),
    _NET_HA,
    LENGTH,
    _SHARE,
)
SUMMARY_COLUMNS = (
    *_WHO,
    _LAYER,
    _ANSWER,
    Column(Text("覆盖", "coverage"), 9),
    *(M2, HA, MU),
    _SHARE,
    _NET_HA,
    TOTAL_LENGTH,
    Column(Text("最近距离（米）", "distance (m)"), 11, "m"),
    Column(Text("位置精度（米）", "accuracy (m)"), 10, "m"),
    Column(Text("结论", "verdict"), 9),
    SCREENED,
    Column(Text("核对", "agrees"), 8),
)
ZONE_COLUMNS = (*_WHO, _LAYER, Column(Text("分区", "zone"), 18, "wrapped"), M2, HA, _NET_HA, LENGTH)
SLIVER_COLUMNS = (
    *_WHO,
    _LAYER,
    Column(Text("要素编号", "feature"), 14),
    Column(M2.head, 14, "m2"),
    Column(Text("平均宽度（米）", "mean width (m)"), 11, "number"),
    Column(Text("未计入的原因", "why it is not counted"), 34, "wrapped"),
)


def letter_of(column: Column, columns: tuple[Column, ...]) -> str:
    """Return the letters of a column of a sheet, for formulas.

    Examples
    --------
    >>> letter_of(M2, OCCUPATION_COLUMNS), letter_of(M2, SUMMARY_COLUMNS)
    ('I', 'G')
    """
    return column_letter(columns.index(column))
