"""The palette of the project: how layers, answers and kinds of land cover are drawn where a county says nothing else.

The palette was chosen for projection: edges have a contrast of at least 3 : 1 on the base colour; hatches, dashes and
signs say again what colours say. No default here claims to be the mapping standard's.

Source: fills of land use after appendix B of 《市级国土空间总体规划制图规范（试行）》 (2021-03), from a public
transcription that nobody compared with the issuer's own file: *unverified*.
"""

from __future__ import annotations

from ecogeo.finding import Answer
from ecogeo.style import AnswerMark, LayerClass, LayerStyle, Paint
from ecogeo.wording import Text

BASE_COLOUR = "#EEF0EC"
"""What lies under the layers where there is no base map."""

ANSWER_MARKS = {
    Answer.INVOLVED: AnswerMark("#B91C1C", "✕"),
    Answer.POSSIBLE: AnswerMark("#B45309", "!"),
    Answer.UNDETERMINED: AnswerMark("#4B5563", "?"),
    Answer.CLEAR: AnswerMark("#166534", "✓"),
}

OVERLAP = LayerClass(
    Text("重叠部分（按所画位置）", "overlap as drawn"),
    Paint("#7F1D1D", 1.6, "#DC2626", 0.65, hatch="cross", line_px=7.0),
)

REACH = LayerClass(Text("可能范围", "may lie within"), Paint("#B45309", 2.0, "#B45309", 0.07, "6 6"))

_OTHER = Text("其他", "other")
_KIND = ("zone", Text("类别", "class"))
_TOWN = ("town", Text("乡镇", "town"))
_RIVER = ("river", Text("河流", "river"))


def _single(
    role: str, title: Text, paint: Paint, *, is_on: bool = True, facts: tuple[tuple[str, Text], ...] = ()
) -> LayerStyle:
    return LayerStyle(role, title, (LayerClass(title, paint),), is_on=is_on, facts=facts)


_SITE_CLASSES = tuple(
    LayerClass(answer.text, Paint(mark.colour, 2.4, mark.colour, 0.35, line_px=4.0), (str(answer),))
    for answer, mark in ANSWER_MARKS.items()
)
_SITE_FACTS = (
    ("location_basis", Text("位置依据", "placed by")),
    ("place", Text("地点", "place")),
    ("accuracy_m", Text("位置精度（米）", "accuracy (m)")),
    ("purpose", Text("说明", "note")),
)

_LAND = (
    ("01", Text("耕地", "cropland"), "#F5F8DC"),
    ("02", Text("园地", "orchard"), "#BFE9AA"),
    ("03", Text("林地", "forest"), "#68B167"),
    ("04", Text("草地", "grassland"), "#CDF57A"),
    ("00", Text("湿地", "wetland"), "#65CDAA"),
    ("05", Text("商业服务业用地", "shops and services"), "#FF7F7F"),
    ("06", Text("工矿用地", "industry and mining"), "#BB9674"),
    ("07", Text("住宅用地", "housing"), "#FFD380"),
    ("08", Text("公共管理与公共服务用地", "public services"), "#F2A6C8"),
    ("09", Text("特殊用地", "special use"), "#859156"),
    ("10", Text("交通运输用地", "transport"), "#B7B7B7"),
    ("11", Text("水域及水利设施用地", "water"), "#8EC5E8"),
    ("12", Text("其他土地", "other land"), "#EEEEEE"),
)
"""Land classes of the first level, by the first two digits of their codes."""

UNNAMED_COVER = "#9CA3AF"
"""Cells whose class nobody names, or says nothing of the ground."""

COVER_COLOURS = {
    "cropland": (Text("耕地", "cropland"), "#F3E39B"),
    "orchard": (Text("园地", "orchard"), "#C6DA7E"),
    "forest": (Text("林地", "forest"), "#4F9A5A"),
    "shrub": (Text("灌木", "shrub"), "#8FB264"),
    "grass": (Text("草地", "grassland"), "#CBE7A4"),
    "wetland": (Text("湿地", "wetland"), "#5CC7B2"),
    "water": (Text("水域", "water"), "#5BA3D6"),
    "built": (Text("建设用地", "built-up"), "#D2695E"),
    "green": (Text("绿地", "urban green"), "#7BC96F"),
    "bare": (Text("裸地", "bare ground"), "#BFA98A"),
    "snow": (Text("冰雪", "snow and ice"), "#F8FAFC"),
    "other": (Text("其他", "other"), "#D6D3D1"),
    "nothing": (Text("未分类", "not classified"), UNNAMED_COVER),
}
"""What a kind of land cover is called, and its colour in a picture of cells: the builders' choice."""

_TOP_DOWN = (
    LayerStyle("project_sites", Text("项目用地", "Project sites"), _SITE_CLASSES, facts=_SITE_FACTS),
    LayerStyle(
        "receptors",
        Text("敏感点", "Sensitive receptors"),
        (
            LayerClass(Text("学校", "school"), Paint("#1E3A8A", 1.5, "#60A5FA", 1.0, radius_px=5), ("学校",)),
            LayerClass(Text("卫生院", "clinic"), Paint("#9F1239", 3.0, "#FFFFFF", 1.0, radius_px=5), ("卫生院",)),
            LayerClass(Text("居民点", "settlement"), Paint("#44403C", 1.5, "#A8A29E", 1.0, radius_px=3.5), ("居民点",)),
            LayerClass(_OTHER, Paint("#44403C", 1.0, "#E7E5E4", 1.0, radius_px=3)),
        ),
        class_by="kind",
        is_on=False,
        facts=(("kind", Text("类别", "kind")),),
    ),
    LayerStyle(
        "pollution_sources",
        Text("污染源", "Pollution sources"),
        (
            LayerClass(
                Text("重工业", "heavy industry"), Paint("#4C0519", 2.0, "#E11D48", 1.0, radius_px=6), ("重工业",)
            ),
            LayerClass(
                Text("规模化养殖", "livestock"), Paint("#422006", 2.0, "#F59E0B", 1.0, radius_px=6), ("规模化养殖",)
            ),
            LayerClass(Text("噪声源", "noise"), Paint("#3B0764", 2.0, "#C084FC", 1.0, radius_px=6), ("噪声源",)),
            LayerClass(_OTHER, Paint("#3F3F46", 1.5, "#D4D4D8", 1.0, radius_px=5)),
        ),
        class_by="kind",
        is_on=False,
        facts=(("kind", Text("类别", "kind")),),
    ),
    _single(
        "villages",
        Text("村和社区", "Villages"),
        Paint("#374151", 1.5, "#FFFFFF", 1.0, radius_px=3.5),
        is_on=False,
        facts=(_TOWN, ("accuracy_m", Text("位置精度（米）", "accuracy (m)"))),
    ),
    _single(
        "county",
        Text("县界", "County line"),
        Paint("#1F2937", 3.0),
        facts=(("area_km2", Text("面积（平方千米）", "area (km²)")),),
    ),
    _single(
        "towns",
        Text("乡镇界", "Town lines"),
        Paint("#6B7280", 1.2, dash="8 3 2 3"),
        facts=(("recorded_area_km2", Text("资料面积（平方千米）", "recorded area (km²)")),),
    ),
    LayerStyle(
        "shorelines",
        Text("岸线功能区", "Shoreline zones"),
        (
            LayerClass(Text("保护区", "protected"), Paint("#166534", 3.2), ("保护区", "岸线保护区")),
            LayerClass(Text("保留区", "reserved"), Paint("#1D4ED8", 3.2, dash="10 5"), ("保留区", "岸线保留区")),
            LayerClass(
                Text("控制利用区", "controlled use"),
                Paint("#B45309", 3.2, dash="4 4"),
                ("控制利用区", "岸线控制利用区"),
            ),
            LayerClass(
                Text("开发利用区", "development"), Paint("#BE123C", 3.2, dash="1 5"), ("开发利用区", "岸线开发利用区")
            ),
            LayerClass(_OTHER, Paint("#6B7280", 3.2)),
        ),
        class_by="zone",
        facts=(_KIND, ("bank", Text("岸别", "bank")), ("reach_id", Text("河段", "reach"))),
    ),
    _single(
        "river_reaches",
        Text("河段两岸", "River banks by reach"),
        Paint("#155E75", 1.8),
        is_on=False,
        facts=(
            ("basin", Text("流域", "basin")),
            ("width_m", Text("平均宽度（米）", "mean width (m)")),
            ("target_pct", Text("岸线保护率目标（%）", "target of protected shore (%)")),
        ),
    ),
    LayerStyle(
        "mines",
        Text("矿山", "Mines"),
        (
            LayerClass(
                Text("历史遗留", "legacy"), Paint("#7C2D12", 1.8, "#C2410C", 0.55, hatch="cross"), ("历史遗留",)
            ),
            LayerClass(
                Text("有责任主体", "liable owner"),
                Paint("#78350F", 1.8, "#D97706", 0.5, hatch="falling"),
                ("有责任主体",),
            ),
            LayerClass(Text("闭坑", "closed"), Paint("#44403C", 1.8, "#A8A29E", 0.6), ("闭坑",)),
            LayerClass(Text("在产", "producing"), Paint("#581C87", 1.8, "#A855F7", 0.5), ("在产",)),
            LayerClass(_OTHER, Paint("#44403C", 1.2, "#D6D3D1", 0.5)),
        ),
        class_by="zone",
        facts=(("zone", Text("状态", "state")), ("part", Text("部位", "part")), ("mine", Text("矿山编号", "mine no."))),
    ),
    LayerStyle(
        "reserves",
        Text("自然保护地", "Nature reserves"),
        (
            LayerClass(
                Text("核心保护区", "core zone"), Paint("#064E3B", 2.4, "#047857", 0.4, hatch="cross"), ("核心保护区",)
            ),
            LayerClass(
                Text("一般控制区", "general zone"),
                Paint("#064E3B", 1.8, "#34D399", 0.25, "7 4", "falling"),
                ("一般控制区",),
            ),
            LayerClass(_OTHER, Paint("#064E3B", 1.8, "#A7F3D0", 0.25, "2 4")),
        ),
        class_by="zone",
        facts=(_KIND,),
    ),
    _single(
        "redlines",
        Text("生态保护红线", "Ecological red lines"),
        Paint("#0B5123", 2.2, "#1B7837", 0.3, hatch="rising"),
        facts=(_KIND,),
    ),
    LayerStyle(
        "water_sources",
        Text("饮用水水源保护区", "Drinking-water sources"),
        (
            LayerClass(Text("一级", "grade 1"), Paint("#1E3A8A", 2.2, "#2563EB", 0.35, hatch="falling"), ("一级",)),
            LayerClass(Text("二级", "grade 2"), Paint("#1E40AF", 1.8, "#60A5FA", 0.25, "9 4"), ("二级",)),
            LayerClass(Text("准保护区", "quasi"), Paint("#1E40AF", 1.4, "#BFDBFE", 0.25, "3 4"), ("准保护区",)),
            LayerClass(_OTHER, Paint("#1E40AF", 1.4, "#E0F2FE", 0.25, "1 5")),
        ),
        class_by="zone",
        facts=(("zone", Text("级别", "grade")),),
    ),
    _single(
        "river_management",
        Text("河道管理范围", "River management area"),
        Paint("#0E7490", 1.4, "#A5F3FC", 0.25, "6 3"),
        is_on=False,
        facts=(_RIVER,),
    ),
    LayerStyle(
        "water_bodies",
        Text("水域", "Water bodies"),
        (
            LayerClass(Text("河流水面", "river"), Paint("#1F6F9F", 0.9, "#6DB3DC", 0.8), ("河流水面",)),
            LayerClass(Text("水库水面", "reservoir"), Paint("#0C4A6E", 1.6, "#3B8FC4", 0.8), ("水库水面",)),
            LayerClass(_OTHER, Paint("#1F6F9F", 0.9, "#A9D3EC", 0.8)),
        ),
        class_by="kind",
        facts=(("kind", Text("类别", "kind")),),
    ),
    LayerStyle(
        "urban_boundary",
        Text("城镇开发边界", "Urban development boundary"),
        (
            LayerClass(
                Text("城镇集中建设区", "built-up core"),
                Paint("#C2410C", 2.6, "#F97316", 0.14, "14 6"),
                ("城镇集中建设区",),
            ),
            LayerClass(
                Text("弹性发展区", "flexible"),
                Paint("#C2410C", 1.8, "#FDBA74", 0.16, "6 5"),
                ("城镇弹性发展区", "弹性发展区"),
            ),
            LayerClass(
                Text("特别用途区", "special use"), Paint("#9A3412", 1.8, "#FED7AA", 0.16, "2 5"), ("特别用途区",)
            ),
            LayerClass(_OTHER, Paint("#C2410C", 1.4, "#FFEDD5", 0.2, "14 6")),
        ),
        class_by="zone",
        facts=(_KIND,),
    ),
    LayerStyle(
        "control_units",
        Text("生态环境管控单元", "Environmental control units"),
        (
            LayerClass(
                Text("优先保护单元", "priority"), Paint("#3F6212", 1.4, "#84CC16", 0.28, "2 4"), ("优先保护单元",)
            ),
            LayerClass(Text("重点管控单元", "focus"), Paint("#9D174D", 1.4, "#F472B6", 0.24, "2 4"), ("重点管控单元",)),
            LayerClass(
                Text("一般管控单元", "general"), Paint("#475569", 1.4, "#CBD5E1", 0.35, "2 4"), ("一般管控单元",)
            ),
            LayerClass(_OTHER, Paint("#475569", 1.4, "#F1F5F9", 0.35, "1 4")),
        ),
        class_by="zone",
        is_on=False,
        facts=(_KIND,),
    ),
    _single(
        "farmland",
        Text("永久基本农田", "Permanent basic farmland"),
        Paint("#A8841C", 0.8, "#E9C46A", 0.75),
        is_on=False,
        facts=(
            _TOWN,
            ("land_class", Text("地类编码", "land class")),
            ("stated_area_ha", Text("填报面积（公顷）", "stated area (ha)")),
        ),
    ),
    LayerStyle(
        "landuse",
        Text("国土利用现状", "Land use"),
        (
            *(LayerClass(label, Paint("#57534E", 0.6, colour, 0.9), (code,)) for code, label, colour in _LAND),
            LayerClass(Text("地类不明", "class unknown"), Paint("#57534E", 0.6, "#FFFFFF", 0.9, hatch="cross")),
        ),
        class_by="land_class",
        is_coded=True,
        is_on=False,
        facts=(("land_class", Text("地类编码", "land class")),),
    ),
)

LAYER_STYLES = {style.role: style for style in _TOP_DOWN}
"""The style of every vector role, in the order of the legend: what is drawn on top comes first."""


def draw_order(role: str) -> int:
    """Return where a role is drawn: 0 at the bottom."""
    return len(LAYER_STYLES) - 1 - list(LAYER_STYLES).index(role)
