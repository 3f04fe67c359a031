"""What had to be inferred of a sheet of corner points, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecogeo.formats.boundary.file import Corner
from ecogeo.formats.coordinates import Axes, is_angle
from ecogeo.formats.corners.columns import Columns
from ecogeo.wording import Text, list_en, list_zh


def expected() -> Text:
    """Say what a sheet of corner points looks like."""
    return Text(
        "没有可用的坐标行；应有坐标两列（X、Y，横坐标、纵坐标，或经度、纬度），可另有点号、圈号、地块编号、地块名称",
        "no row has usable coordinates; expected two columns of coordinates (X and Y, 横坐标 and 纵坐标, longitude and "
        "latitude), and if need be 点号, 圈号, 地块编号, 地块名称",
    )


def nothing_found(names: Sequence[str], layer: str) -> list[Text]:
    """Say why no sheet could be used: none has coordinates, or none the name asked for.

    Parameters
    ----------
    names
        All sheets of the file.
    layer
        The sheet asked for; empty for any.
    """
    if layer and layer not in names:
        return [Text(f"没有工作表“{layer}”，只有 {list_zh(names)}", f"no sheet “{layer}”, only {list_en(names)}")]
    return [expected()]


def other_sheet_doubts(name: str, names: Sequence[str]) -> list[Text]:
    """Name the sheets that were not read.

    Parameters
    ----------
    name
        The sheet that was.
    names
        All sheets that hold anything.
    """
    others = [other for other in names if other != name]
    if not others:
        return []
    return [
        Text(
            f"读取了工作表“{name}”，其余未读：{list_zh(others)}",
            f"sheet “{name}” was read, the others were not: {list_en(others)}",
        )
    ]


def axis_doubts(axes: Axes, columns: Columns) -> list[Text]:
    """Say how the two columns were told apart.

    Parameters
    ----------
    axes
        What their magnitude tells.
    columns
        What the head says.
    """
    if not columns.heads:
        return [Text("没有表头，坐标列按数值认定", "there is no head; the coordinates were told by their magnitude")]
    if not axes.is_east_first:
        return []
    pair = columns.heads[columns.first], columns.heads[columns.second]
    if columns.is_explicit:
        return [
            Text(
                f"表头“{pair[0]}”“{pair[1]}”与数值矛盾，南北东西按数值认定",
                f"the heads “{pair[0]}” and “{pair[1]}” contradict the figures; the figures decided",
            )
        ]
    return [
        Text(
            f"列“{pair[0]}”是东坐标，与测量习惯（X 为北）相反，按数值认定",
            f"column “{pair[0]}” holds the east coordinate, against surveyors' use (X is north); the figures decided",
        )
    ]


def angle_doubts(corners: Iterable[Corner]) -> list[Text]:
    """Say that angles were turned into decimal degrees."""
    if not any(is_angle(corner.north) for corner in corners):
        return []
    return [Text("度分秒已换算为十进制度", "degrees, minutes and seconds were turned into decimal degrees")]


def passed_doubts(rows: Sequence[int]) -> list[Text]:
    """Name the rows without coordinates that are no points."""
    if not rows:
        return []
    return [
        Text(f"第 {list_zh(rows)} 行没有坐标，已略过", f"row {list_en(rows)} has no coordinates and was passed over")
    ]


def filled_doubts(rows: Sequence[int]) -> list[Text]:
    """Name the rows whose parcel or ring was taken from the row above."""
    if not rows:
        return []
    return [
        Text(
            f"第 {list_zh(rows)} 行的地块或圈号为空（合并单元格），取自上一行",
            f"row {list_en(rows)} leaves parcel or ring empty (merged cells); it was taken from the row above",
        )
    ]
