"""Sheets of corner points (.xlsx, .csv, .tsv): polygons from lists of 界址点, or one point per row.

A sheet lists the corners of parcels where it has a column for 点号, 圈号 or the parcel, where its numbers run on from
row to row (1, 2, 3 … or J1, J2, J3 …), or where at least three rows bear no name at all. A sheet whose rows bear names
or other numbers lists places, one point each. Which it was taken for is always said.

X is north where surveyors write it and east where GIS programs do: 横, 纵, 东, 北, 经, 纬 in the head decide, then the
surveyors' order, and the magnitude of the figures overrules both; that, too, is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from ecogeo.errors import UnusableFileError
from ecogeo.formats.boundary.doubts import stated_datum
from ecogeo.formats.boundary.file import Corner, Parcel, number_of, positions
from ecogeo.formats.boundary.rings import build_shapes, refusals
from ecogeo.formats.coordinates import (
    magnitude_doubts,
    numeral,
    odd_magnitudes,
    packed_problem,
    recognise_axes,
)
from ecogeo.formats.corners.columns import Columns, Role, find_columns
from ecogeo.formats.corners.doubts import (
    angle_doubts,
    axis_doubts,
    expected,
    filled_doubts,
    nothing_found,
    other_sheet_doubts,
    passed_doubts,
)
from ecogeo.formats.corners.rows import Row, Sheet, formula_cells, read_sheets
from ecogeo.formats.reading import CrsHint, Reading
from ecogeo.wording import Text, list_en, list_zh

_LEAST_CORNERS = 3
_PARCEL: tuple[Role, ...] = ("parcel_no", "parcel_name")
_GROUP: tuple[Role, ...] = (*_PARCEL, "ring")

_CRS_WORDS = ("坐标系", "西安", "北京", "CGCS", "子午线", "经线")
_FOOTER = re.compile(r"合计|总计|小计|面积|制表|填表|审核|校核|日期|备注|说明|单位|坐标系")
_MERIDIAN = re.compile(r"中央(?:子午线|经线)\D{0,4}(\d{2,3})")


@dataclass(frozen=True, slots=True)
class _Record:
    """A row with coordinates, or one that should have them.

    Parameters
    ----------
    corner
        The point; unread where a coordinate is missing or no figure.
    parcel
        Number and name of its parcel, taken from the row above where the cells are empty.
    cells
        The whole row.
    is_after_blank
        Whether a blank row stands in front.
    """

    corner: Corner
    parcel: tuple[str, str]
    cells: Row
    is_after_blank: bool


def read_corner_sheet(path: Path, layer: str = "") -> Reading:
    """Read the parcels or places a sheet lists by their coordinates.

    Parameters
    ----------
    path
        An .xlsx, .csv or .tsv file.
    layer
        The sheet; empty takes the first that holds coordinates.

    Returns
    -------
    One row per parcel (parcel_no, parcel_name, geometry) or per place (its other columns, geometry); east before
    north, in the unit of the file. A parcel with an unreadable row, and a place without coordinates, is set aside.

    Raises
    ------
    UnusableFileError
        Where no sheet holds coordinates or not one row is usable; see also `read_sheets`.
    """
    sheets = read_sheets(path)
    found = [(sheet, find_columns(sheet.rows)) for sheet in sheets if not layer or sheet.name == layer]
    usable = [(sheet, columns) for sheet, columns in found if columns is not None]
    if not usable:
        raise UnusableFileError(path.name, nothing_found([sheet.name for sheet in sheets], layer))
    sheet, columns = usable[0]
    records, doubts = _records(sheet.rows, columns)
    records = _explained(records, columns, path, sheet)
    corners = [record.corner for record in records if record.corner.is_read]
    xy = positions(corners)
    axes = recognise_axes(xy[:, 1], xy[:, 0])
    if axes.kind == "packed":
        raise UnusableFileError(path.name, packed_problem())
    if axes.is_east_first:
        records = [replace(record, corner=_turned(record.corner)) for record in records]
        xy = xy[:, ::-1]
    odd = [(corners[at].name, corners[at].line) for at in odd_magnitudes(xy[:, 1], xy[:, 0], axes)]
    are_corners = _are_corners(records, columns)
    result = _parcels(records, columns) if are_corners else _places(records, columns)
    if result.frame.empty:
        raise UnusableFileError(path.name, [expected(), *refusals(result.set_aside)])
    return replace(
        result,
        driver="CSV" if sheet.encoding else "XLSX",
        layer=sheet.name,
        encoding=sheet.encoding,
        doubts=(
            *other_sheet_doubts(sheet.name, [other.name for other in sheets if other.rows]),
            *axis_doubts(axes, columns),
            *magnitude_doubts(axes, odd),
            *angle_doubts(corners),
            *(_wide_doubts(xy) if are_corners else []),
            *doubts,
            *result.doubts,
        ),
        hint=_hint(sheet.rows, columns.head_rows),
    )


def _wide_doubts(xy: npt.NDArray[np.float64]) -> list[Text]:
    """Doubt that rows many kilometres apart are corners of one parcel, and not places of their own."""
    widest = float(np.ptp(xy, axis=0).max())
    if widest <= (0.1 if np.abs(xy).max() <= 360.0 else 10_000.0):
        return []
    return [
        Text(
            "各行相距超过 10 千米，连成的面可能不对；若每行是一个地点，请加“名称”列",
            "the rows lie more than 10 km apart and may be no parcel; if each is a place, give them a column 名称",
        )
    ]


def _hint(rows: Sequence[Row], head_rows: int) -> CrsHint:
    """Return what the words of a sheet say of its coordinates, in its title or in any cell; an old datum goes first."""
    words = [cell for row in rows[:head_rows] for cell in row if cell]
    words += [cell for row in rows[head_rows:] for cell in row if any(sign in cell for sign in _CRS_WORDS)]
    datums = list(dict.fromkeys(filter(None, map(stated_datum, words))))
    old = [datum for datum in datums if "2000" not in datum]
    meridians = {int(found[1]) for word in words if (found := _MERIDIAN.search(word))}
    zones = [meridian // 3 for meridian in meridians if meridian % 3 == 0]
    is_told = len(zones) == 1
    return CrsHint(next(iter((*old, *datums)), ""), 3 if is_told else None, zones[0] if is_told else None)


def _records(rows: Sequence[Row], columns: Columns) -> tuple[list[_Record], list[Text]]:
    """Read the rows under the head; tell of those passed over and of cells filled from above."""
    records: list[_Record] = []
    passed: list[int] = []
    filled: list[int] = []
    is_after_blank = False
    group: dict[Role, str] = dict.fromkeys(_GROUP, "")
    for number, row in enumerate(rows[columns.head_rows :], start=columns.head_rows + 1):
        if not any(row):
            is_after_blank = True
            continue
        pair = _cell(row, columns.first), _cell(row, columns.second)
        name = _point_name(row, columns)
        if _is_no_record(pair, name, columns):
            passed.append(number)
            continue
        group, is_filled = _grouped(row, columns, group)
        if is_filled:
            filled.append(number)
        first, second = numeral(pair[0]), numeral(pair[1])
        if first is None or second is None:
            corner = Corner(f"{name}#{number}", group["ring"], "", "", line=number)
        else:
            corner = Corner(name, group["ring"], first, second, line=number)
        records.append(_Record(corner, (group["parcel_no"], group["parcel_name"]), row, is_after_blank))
        is_after_blank = False
    return records, [*passed_doubts(passed), *filled_doubts(filled)]


def _is_no_record(pair: tuple[str, str], name: str, columns: Columns) -> bool:
    """Whether a row is a remark, a total or the head again: without coordinates, and no point that lost them."""
    if _FOOTER.match(name.replace(" ", "")):
        return True
    if any(sign.isdigit() for cell in pair for sign in cell):
        return False
    return number_of(name) is None if "name" not in columns.roles else not name


def _grouped(row: Row, columns: Columns, above: dict[Role, str]) -> tuple[dict[Role, str], bool]:
    """Return parcel and ring of a row; empty cells, as merged ones come, take what stands above in the parcel."""
    own = {role: _cell(row, columns.roles[role]) if role in columns.roles else "" for role in _GROUP}
    if any(own[role] and own[role] != above[role] for role in _PARCEL):
        return own, False
    filled = {role: own[role] or above[role] for role in _GROUP}
    return filled, filled != own


def _cell(row: Row, column: int) -> str:
    return row[column] if column < len(row) else ""


def _point_name(row: Row, columns: Columns) -> str:
    roles: tuple[Role, ...] = ("corner", "name", "id")
    return next((_cell(row, columns.roles[role]) for role in roles if role in columns.roles), "")


def _explained(records: list[_Record], columns: Columns, path: Path, sheet: Sheet) -> list[_Record]:
    """Mark the rows whose coordinates are formulas that were never computed."""
    unread = [record for record in records if not record.corner.is_read]
    if not unread or sheet.encoding:
        return records
    formulas = formula_cells(path, sheet.name)
    at = (columns.first + 1, columns.second + 1)
    return [
        replace(record, corner=replace(record.corner, rest=("formula",)))
        if not record.corner.is_read and any((record.corner.line, column) in formulas for column in at)
        else record
        for record in records
    ]


def _turned(corner: Corner) -> Corner:
    return replace(corner, north=corner.east, east=corner.north)


def _are_corners(records: Sequence[_Record], columns: Columns) -> bool:
    """Whether the rows are corners of parcels rather than places of their own."""
    if {"corner", "ring", "parcel_no", "parcel_name"} & columns.roles.keys():
        return True
    if len(records) < _LEAST_CORNERS:
        return False
    if "name" in columns.roles or "id" in columns.roles:
        return _runs_on([record.corner.name for record in records if record.corner.is_read])
    return True


def _runs_on(names: Sequence[str]) -> bool:
    """Whether names are numbers that run on from the first: 1, 2, 3 or J1, J2, J3, or begin anew."""
    numbers = [number_of(name) for name in names]
    prefixes = {name.rstrip("0123456789") for name in names}
    if len(prefixes) != 1 or numbers[0] is None:
        return False
    first = numbers[0]
    return all(before is not None and after in (before + 1, first) for before, after in pairwise(numbers))


def _parcels(records: Sequence[_Record], columns: Columns) -> Reading:
    """Draw the parcels."""
    groups: dict[tuple[str, str, int], list[Corner]] = {}
    block = 0
    parts_at_blanks = not {"ring", "parcel_no", "parcel_name"} & columns.roles.keys() and _blanks_part(records)
    for record in records:
        block += parts_at_blanks and record.is_after_blank
        groups.setdefault((*record.parcel, block), []).append(record.corner)
    parcels = [
        Parcel(("", "", number, name, "面"), tuple(corners), corners[0].line)
        for (number, name, _), corners in groups.items()
    ]
    kept, shapes, set_aside, doubts = build_shapes(parcels)
    frame = gpd.GeoDataFrame(
        {
            "parcel_no": [parcel.parcel_no for parcel in kept],
            "parcel_name": [parcel.parcel_name for parcel in kept],
        },
        geometry=shapes,
    )
    said = [Text(f"各行按界址点连成 {len(kept)} 个面", f"the rows were joined as corners into {len(kept)} polygons")]
    left = [columns.heads[at] for at in columns.other]
    left += [columns.heads[columns.roles[role]] for role in ("name", "id") if role in columns.roles and columns.heads]
    if left:
        said.append(
            Text(
                f"列 {list_zh(left)} 属于各点，未带入面",
                f"columns {list_en(left)} belong to the points, not the polygons",
            )
        )
    return Reading(frame, "", doubts=(*said, *doubts), set_aside=(*set_aside, *_formula_reasons(records)))


def _blanks_part(records: Sequence[_Record]) -> bool:
    """Whether blank rows separate parcels: three corners or more between them."""
    sizes = [0]
    for record in records:
        if record.is_after_blank and sizes[-1]:
            sizes.append(0)
        sizes[-1] += 1
    return min(sizes) >= _LEAST_CORNERS


def _places(records: Sequence[_Record], columns: Columns) -> Reading:
    """Draw one point per row, with its other columns."""
    kept = [record for record in records if record.corner.is_read]
    attributes: dict[str, list[str]] = {}
    for at in sorted({*columns.other, *columns.roles.values()}):
        head = columns.heads[at] if at < len(columns.heads) else "name"
        attributes[head if head not in attributes else f"{head}_{at + 1}"] = [
            _cell(record.cells, at) for record in kept
        ]
    attributes.pop("geometry", None)
    frame = gpd.GeoDataFrame(attributes, geometry=shapely.points(positions([record.corner for record in kept])))
    set_aside = [
        (
            record.corner.name.rpartition("#")[0] or str(record.corner.line),
            Text(f"第 {record.corner.line} 行读不出坐标", f"no coordinates can be read on row {record.corner.line}"),
        )
        for record in records
        if not record.corner.is_read
    ]
    said = Text(f"每行作为一个点，共 {len(kept)} 个", f"each row was taken as a place of its own: {len(kept)} points")
    return Reading(frame, "", doubts=(said,), set_aside=(*set_aside, *_formula_reasons(records)))


def _formula_reasons(records: Sequence[_Record]) -> list[tuple[str, Text]]:
    rows = [record.corner.line for record in records if record.corner.rest]
    reason = Text(
        "坐标是没有计算结果的公式；请在 Excel 中打开并保存后再用",
        "the coordinates are formulas without results; open the file in Excel and save it first",
    )
    return [(str(row), reason) for row in rows]
