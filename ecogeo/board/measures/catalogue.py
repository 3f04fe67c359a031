"""Every measure that a map shows: its name, how it is drawn, which check measured it and which page has its table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import shapely

from ecogeo.board.measures import ground, pictures, water
from ecogeo.board.measures.drawn import Picture, Shapes
from ecogeo.board.measures.settings import layer_of, threshold
from ecogeo.finding import CheckRun, Report
from ecogeo.shoreline import ZONES
from ecogeo.style import LayerClass, Paint
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

Draw = Callable[[Workspace, Report], Shapes | Picture]


@dataclass(frozen=True, slots=True)
class MeasureLayer:
    """One measure as a layer.

    Parameters
    ----------
    name
        What stands for it in addresses.
    title
        For people.
    check
        Name of the check that measures it.
    page
        Endpoint of the page that has its table and figure, and what it is asked for.
    classes
        Its legend; the positions are the classes of what is drawn, of a picture the numbers less 1.
    draw
        Makes what is drawn; it may take seconds.
    dimension
        0 for points, 1 for lines, 2 for areas.
    is_picture
        Whether it is a picture of cells.
    """

    name: str
    title: Text
    check: str
    page: tuple[str, str]
    classes: tuple[LayerClass, ...]
    draw: Draw
    dimension: int = 2
    is_picture: bool = False

    @property
    def role(self) -> str:
        """What stands for it beside the roles of layers on a map."""
        return f"measure-{self.name}"

    def run(self, report: Report) -> CheckRun | None:
        """Return its check's run; None where it was not asked for."""
        return next((run for run in report.runs if run.name == self.check), None)

    def is_there(self, report: Report) -> bool:
        """Whether it was measured."""
        run = self.run(report)
        return run is not None and run.status == "run"


def measure_layer(name: str) -> MeasureLayer | None:
    """Return a measure by its name; None where there is none."""
    return next((one for one in MEASURE_LAYERS if one.name == name), None)


def _ground_of(workspace: Workspace) -> shapely.Geometry:
    shape: shapely.Geometry = shapely.union_all(layer_of(workspace, "county").geometries)
    return shape


def _picture(
    pixels_of: Callable[[Workspace, pictures.Grid], pictures.Pixels | None], classes: tuple[LayerClass, ...]
) -> Draw:
    def draw(workspace: Workspace, _report: Report) -> Picture:
        grid = pictures.grid_of(_ground_of(workspace))
        pixels = pixels_of(workspace, grid)
        if pixels is None:
            msg = "no raster"
            raise LookupError(msg)
        return pictures.picture(pixels, {place + 1: entry.paint for place, entry in enumerate(classes)}, grid)

    return draw


def _line(colour: str, width: float = 5.0, dash: str = "") -> Paint:
    return Paint(colour, width, dash=dash, line_px=width)


def _area(edge: str, fill: str, opacity: float = 0.6, dash: str = "") -> Paint:
    return Paint(edge, 1.6, fill, opacity, dash, line_px=4.0)


_SLOPE = (
    LayerClass(Text("陡坡地", "steep land"), Paint("#7C2D12", 0.5, "#B45309", 0.75)),
    LayerClass(
        Text("陡坡耕地（按土地覆盖）", "steep cropland (by land cover)"), Paint("#86198F", 0.5, "#C026D3", 0.75)
    ),
    LayerClass(Text("坡度不明", "slope unknown"), Paint("#6B7280", 0.5, "#9CA3AF", 0.75)),
)

_ZONES = tuple(
    LayerClass(Text(zone, english), _line(colour, dash=dash))
    for zone, english, colour, dash in zip(
        ZONES,
        ("protected", "reserved", "controlled use", "development"),
        ("#166534", "#1D4ED8", "#B45309", "#BE123C"),
        ("", "10 5", "5 5", "2 6"),
        strict=True,
    )
)

_CHANGES = (
    LayerClass(Text("调出", "taken out"), _area("#7F1D1D", "#DC2626")),
    LayerClass(Text("调入", "put in"), _area("#14532D", "#22C55E", dash="6 3")),
    LayerClass(Text("测量误差", "survey noise"), _area("#4B5563", "#9CA3AF", 0.5, "2 3")),
)

_NATURAL = (
    *(
        LayerClass(Text(text, text), _area("#14532D", colour, 0.85))
        for text, colour in zip(
            ("0–20%", "20–40%", "40–60%", "60–80%", "80–100%"),
            ("#9A3412", "#D97706", "#FACC15", "#84CC16", "#15803D"),
            strict=True,
        )
    ),
    LayerClass(Text("不明", "unknown"), _area("#4B5563", "#D1D5DB", 0.85, "2 3")),
)


def _steep(workspace: Workspace, grid: pictures.Grid) -> pictures.Pixels | None:
    return pictures.steep_picture(workspace, grid, float(threshold(workspace, "steep_land_share", "over_deg")))


MEASURE_LAYERS = (
    MeasureLayer(
        "banks",
        Text("岸线量算结果", "shore as measured"),
        water.RATE,
        ("shorelines.table", ""),
        (
            *_ZONES,
            LayerClass(Text("未划区", "no zone"), _line("#111827", 5.0, "1 7")),
            LayerClass(Text("不计入（岛岸、其他水面内）", "not counted (islands, other water)"), _line("#6B7280", 3.0)),
        ),
        water.banks_by_zone,
        1,
    ),
    MeasureLayer(
        "bank-segments",
        Text("需要核对的岸段", "stretches to check"),
        water.RATE,
        ("shorelines.table", ""),
        (
            LayerClass(Text("未划功能区", "no zone"), _line("#111827", 8.0, "2 8")),
            LayerClass(Text("功能区重叠", "zones overlap"), _line("#A21CAF", 8.0)),
            LayerClass(Text("在其他水面内", "in other water"), _line("#0E7490", 8.0, "10 6")),
        ),
        water.segments,
        1,
    ),
    MeasureLayer(
        "strips",
        Text("岸边缓冲带与带内对象", "strips along banks, and what lies in them"),
        water.STRIPS,
        ("shorelines.table", ""),
        (
            LayerClass(Text("岸边缓冲带", "strip along the bank"), _area("#0E7490", "#67E8F9", 0.4, "6 3")),
            LayerClass(Text("项目用地", "project site"), _area("#4C1D95", "#7C3AED", 0.75)),
            LayerClass(Text("矿山", "mine"), _area("#7C2D12", "#C2410C", 0.75)),
        ),
        water.strips,
    ),
    MeasureLayer(
        "naturalness",
        Text("岸线自然化率", "bank naturalness"),
        water.NATURAL,
        ("shorelines.table", ""),
        _NATURAL,
        water.naturalness,
    ),
    MeasureLayer(
        "mine-parts",
        Text("矿山扰动与修复", "mines: disturbed and restored"),
        "mine_not_restored",
        ("mines.table", ""),
        (
            LayerClass(Text("扰动", "disturbed"), _area("#7C2D12", "#B45309", 0.7)),
            LayerClass(Text("已修复", "restored"), _area("#14532D", "#2F855A", 0.7, "6 3")),
            LayerClass(Text("未写明", "not told"), _area("#374151", "#9AA5AD", 0.7, "2 3")),
        ),
        ground.mine_parts,
    ),
    MeasureLayer(
        "mine-overlaps",
        Text("矿山压占保护区域", "mines on protected ground"),
        ground.PROTECTED,
        ("mines.table", ""),
        (LayerClass(Text("压占", "in common"), _area("#7F1D1D", "#DC2626", 0.7)),),
        ground.mines_on_protected,
    ),
    MeasureLayer(
        "mine-views",
        Text("矿山与城镇视野", "mines in view of towns"),
        ground.VIEWS,
        ("mines.table", ""),
        (
            LayerClass(Text("可见", "in sight"), _line("#B91C1C", 3.0)),
            LayerClass(Text("地形遮挡", "hidden by the terrain"), _line("#166534", 3.0, "8 5")),
            LayerClass(Text("未判断", "not judged"), _line("#4B5563", 2.0, "2 5")),
        ),
        ground.mine_views,
        1,
    ),
    MeasureLayer(
        "redline-changes",
        Text("生态保护红线两版变化", "red lines: what changed"),
        ground.REDLINES_REDUCED,
        ("land.table", "protected"),
        _CHANGES,
        ground.versions_of("redlines", ground.REDLINES_REDUCED),
    ),
    MeasureLayer(
        "reserve-changes",
        Text("自然保护地两版变化", "nature reserves: what changed"),
        ground.RESERVES_REDUCED,
        ("land.table", "protected"),
        _CHANGES,
        ground.versions_of("reserves", ground.RESERVES_REDUCED),
    ),
    MeasureLayer(
        "redline-construction",
        Text("红线内建设用地", "construction in red lines"),
        ground.TURNED,
        ("land.table", "protected"),
        (
            LayerClass(Text("由其他地类转来", "was other land"), _area("#7F1D1D", "#DC2626", 0.8)),
            LayerClass(Text("上一版已是", "was construction before"), _area("#78350F", "#F59E0B", 0.8, "6 3")),
            LayerClass(Text("无上一版，无法判断", "no earlier version"), _area("#374151", "#9CA3AF", 0.8, "2 3")),
        ),
        ground.construction_in_redlines,
    ),
    MeasureLayer(
        "redline-areas",
        Text("红线登记面积对照", "red lines: stated areas"),
        ground.MISSTATED,
        ("land.table", "protected"),
        (
            LayerClass(Text("不符", "off"), _area("#7F1D1D", "#DC2626")),
            LayerClass(Text("相符", "agrees"), _area("#14532D", "#86EFAC", 0.5, "6 3")),
        ),
        ground.stated_redlines,
    ),
    MeasureLayer(
        "steep",
        Text("陡坡地", "steep land"),
        "steep_land_share",
        ("land.table", "slope"),
        _SLOPE,
        _picture(_steep, _SLOPE),
        is_picture=True,
    ),
    MeasureLayer(
        "distances",
        Text("污染源到敏感目标", "sources to receptors"),
        ground.DISTANCES,
        ("land.table", "distances"),
        (
            LayerClass(Text("在判断距离内", "within the distance"), _line("#B91C1C", 4.0)),
            LayerClass(Text("各类最近，在距离外", "nearest of its kind, beyond"), _line("#4B5563", 1.6, "6 5")),
        ),
        ground.distances,
        1,
    ),
)
"""In the order in which the pages show them."""
