"""Which columns of a sheet hold coordinates and what the others are, from the head's words or from the numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ecogeo.formats.coordinates import clean, is_coordinate_pair
from ecogeo.formats.corners.rows import Row

Role = Literal["north", "east", "x", "y", "corner", "ring", "parcel_no", "parcel_name", "name", "id"]

_HEAD_WITHIN_ROWS = 30
_SAMPLE_ROWS = 200

_DECORATION = re.compile(
    r"坐标|座标|值|向|轴|标|point|coord(?:inate)?s?|米|公尺|度|\bdeg\b|\bm\b|[\s_\-/:()（）\[\]【】°'\"]+"
)
_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("east", re.compile(r"东?经|lon|lng|longitude|[xy]?[横东][xy]?|e|east(?:ing)?")),
    ("north", re.compile(r"北?纬|lat|latitude|[xy]?[纵北][xy]?|n|north(?:ing)?")),
    ("x", re.compile(r"x")),
    ("y", re.compile(r"y")),
    ("corner", re.compile(r"(?:界址|拐|顶|边界|角|控制)?点(?:号|名|编号|序号)")),
    ("ring", re.compile(r"(?:地块|界址)?[圈环](?:号|序号)|ring(?:no)?")),
    ("parcel_no", re.compile(r"(?:地块|宗地|图斑|红线|用地)(?:编?号|代码)|parcel(?:no|id)")),
    ("parcel_name", re.compile(r"(?:地块|宗地|图斑|用地)(?:名称?)?|parcel(?:name)?")),
    ("name", re.compile(r"(?:.{0,8})名称?|name|site")),
    ("id", re.compile(r"序号|编号|id|fid|no\.?|objectid|.{0,6}编号")),
)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a sheet of coordinates, counted from 0.

    Parameters
    ----------
    head_rows
        How many rows stand in front of the data.
    first, second
        The columns of north and east, as the head or the order of columns has it.
    is_explicit
        Whether the head names directions (东, 北, 横, 纵, 经, 纬) and not just X and Y, or nothing.
    heads
        The word over each column.
    roles
        What the other columns are.
    """

    head_rows: int
    first: int
    second: int
    is_explicit: bool
    heads: tuple[str, ...]
    roles: dict[Role, int]

    @property
    def other(self) -> tuple[int, ...]:
        """The columns with a head that have no role."""
        known = {self.first, self.second, *self.roles.values()}
        return tuple(at for at, head in enumerate(self.heads) if head and at not in known)


def role_of(head: str) -> Role | None:
    """Return what the word over a column says it holds; 纵 and 横, 北 and 东 outweigh X and Y.

    Examples
    --------
    >>> role_of("X坐标(m)"), role_of("横坐标Y（米）"), role_of("Latitude"), role_of("备注")
    ('x', 'east', 'north', None)
    """
    word = clean(head).lower()
    for candidate in (_DECORATION.sub("", word), re.sub(r"\s", "", word)):
        for role, pattern in _ROLES:
            if candidate and pattern.fullmatch(candidate):
                return role
    return None


def find_columns(rows: Sequence[Row]) -> Columns | None:
    """Find the coordinates of a sheet.

    Parameters
    ----------
    rows
        All rows from the first.

    Returns
    -------
    The columns: under the first head with both coordinates, else, without a head, the two neighbouring columns most
    rows of which look like points in China; None where there are none.
    """
    for at, row in enumerate(rows[:_HEAD_WITHIN_ROWS]):
        columns = _under_head(rows, at)
        if columns is not None:
            return columns
        if _pair_in(row) is not None:
            break
    return _without_head(rows)


def _under_head(rows: Sequence[Row], at: int) -> Columns | None:
    """Read a row as a head; words missing in it are taken from the row above, over which cells may be merged."""
    above = rows[at - 1] if at else ()
    width = max(len(rows[at]), len(above))
    own = (*rows[at], *[""] * (width - len(rows[at])))
    heads = tuple(word or (above[column] if column < len(above) else "") for column, word in enumerate(own))
    roles: dict[Role, int] = {}
    for column, word in enumerate(heads):
        role = role_of(word)
        if role is not None:
            roles.setdefault(role, column)
    for first, second in (("north", "east"), ("x", "y")):
        if first in roles and second in roles:
            others = {role: column for role, column in roles.items() if role not in ("north", "east", "x", "y")}
            is_explicit = first == "north"
            return Columns(at + 1, roles[first], roles[second], is_explicit, heads, others)
    return None


def _without_head(rows: Sequence[Row]) -> Columns | None:
    pairs = Counter(pair for row in rows[:_SAMPLE_ROWS] if (pair := _pair_in(row)) is not None)
    if not pairs:
        return None
    first = pairs.most_common(1)[0][0]
    head_rows = next(at for at, row in enumerate(rows) if _pair_in(row) is not None)
    roles: dict[Role, int] = {}
    if first == 1:
        roles["id"] = 0
    elif first > 1:
        roles |= {"corner": first - 2, "ring": first - 1}
    return Columns(head_rows, first, first + 1, False, (), roles)


def _pair_in(row: Row) -> int | None:
    """Return the first column that makes a point with its right neighbour."""
    return next((at for at in range(len(row) - 1) if is_coordinate_pair(row[at], row[at + 1])), None)
