"""What is looked for, as plain values that a form fills in, a job carries and the ledger keeps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo.catalog import ROLES, ZONING_ROLES
from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.finding import Verdict
from ecogeo.inspection import Inspection
from ecogeo.siting import Criterion, SearchOptions, read_criteria
from ecogeo.siting.blocked import screening_checks
from ecogeo.wording import Text
from ecogeo.workspace import Workspace, sample_root

Mode = Literal["sites", "route"]

MOST_CANDIDATES = 40
"""More sheets than anybody reads on a page; the command line finds more."""

MOST_CELLS = 60_000_000
"""A province at 100 m; more cells take more memory than a server should give one search."""

_WKT_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search as it is asked for.

    Parameters
    ----------
    mode
        ``sites``, or a ``route`` between two points.
    type_id
        Project type; empty for none: then every zone blocks.
    area_ha
        Least area of a site, hectares.
    count
        How many candidates.
    cell_m
        Side of a cell, metres.
    least_width_m
        Narrower places are cut off, metres.
    weights
        By criterion; those not named keep the weight of the table.
    allowed
        Verdicts that may lie under a site.
    left_out
        Roles of layers that are not asked.
    within
        Where to look, WKT in longitude and latitude; empty for the whole county.
    ends
        Longitude and latitude of the ends of a route.
    through_unknown
        Whether a route may cross ground nobody knows.
    on
        The day whose law is applied, ISO; empty for none.
    name
        What a person calls it.
    """

    mode: Mode = "sites"
    type_id: str = ""
    area_ha: float = 10.0
    count: int = 8
    cell_m: float = 30.0
    least_width_m: float = 30.0
    weights: Mapping[str, float] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    within: str = ""
    ends: tuple[tuple[float, float], ...] = ()
    through_unknown: bool = False
    on: str = ""
    name: str = ""

    @property
    def options(self) -> SearchOptions:
        """The same for the search itself."""
        allowed = tuple(Verdict(one) for one in self.allowed)
        return SearchOptions(self.area_ha * 1e4, self.count, self.cell_m, self.least_width_m, allowed, self.left_out)

    @property
    def ground(self) -> BaseGeometry | None:
        """Where to look, longitude and latitude; None for the whole county."""
        return shapely.from_wkt(self.within) if self.within else None


def parameters_of(wanted: Wanted) -> dict[str, Any]:
    """Return a search as values JSON can hold."""
    return asdict(wanted) | {
        "weights": dict(sorted(wanted.weights.items())),
        "allowed": list(wanted.allowed),
        "left_out": list(wanted.left_out),
        "ends": [list(end) for end in wanted.ends],
    }


def read_wanted(parameters: Mapping[str, Any]) -> Wanted:
    """Return the search that some parameters ask for.

    Raises
    ------
    UsageError
        With everything that is wrong.
    """
    try:
        wanted = Wanted(
            **{
                **parameters,
                "allowed": tuple(parameters["allowed"]),
                "left_out": tuple(parameters["left_out"]),
                "ends": tuple((float(lon), float(lat)) for lon, lat in parameters["ends"]),
                "weights": {str(name): float(weight) for name, weight in parameters["weights"].items()},
            }
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(Text("选址参数不全", "the parameters of the search are incomplete")) from error
    if problems := wanted_problems(wanted):
        raise UsageError([text for _, text in problems])
    return wanted


def wanted_problems(wanted: Wanted) -> list[tuple[str, Text]]:
    """Return what is wrong with a search, each with the name of its field."""
    problems = []
    if wanted.mode not in get_args(Mode):
        problems.append(("mode", Text("请选择选址或选线", "choose sites or a route")))
    if wanted.mode == "sites" and not 0 < wanted.area_ha <= 1_000_000:
        problems.append(("area", Text("用地面积应大于 0 公顷", "the area is more than 0 hectares")))
    if not 1 <= wanted.count <= MOST_CANDIDATES:
        problems.append(("count", Text(f"备选数为 1 至 {MOST_CANDIDATES}", f"1 to {MOST_CANDIDATES} candidates")))
    if not (math.isfinite(wanted.cell_m) and 1 <= wanted.cell_m <= 5000):
        problems.append(("cell", Text("格网边长为 1 至 5000 米", "a cell is 1 to 5000 metres wide")))
    if not (math.isfinite(wanted.least_width_m) and 0 <= wanted.least_width_m <= 100_000):
        problems.append(("width", Text("最小宽度应为不小于 0 的数", "the least width is a number from 0 up")))
    if any(not (math.isfinite(weight) and 0 <= weight <= 1000) for weight in wanted.weights.values()):
        problems.append(("weights", Text("权重应为 0 至 1000 的数", "a weight is a number from 0 to 1000")))
    if set(wanted.allowed) - set(map(str, Verdict)):
        problems.append(("allowed", Text("没有这种判定", "there is no such verdict")))
    if set(wanted.left_out) - set(ROLES):
        problems.append(("left_out", Text("没有这个图层", "there is no such layer")))
    if wanted.mode == "route" and (
        len(wanted.ends) != 2 or not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in wanted.ends)
    ):
        problems.append(("corners", Text("选线要起点、终点两个经纬度", "a route needs two ends in degrees")))
    return problems


def require_cells(county: Workspace, wanted: Wanted) -> None:
    """Refuse a search of more cells than a server can hold.

    Raises
    ------
    UsageError
        With the cell size that would do.
    """
    outline = county.of_role("county")
    ground = wanted.ground if wanted.ground is not None else None if outline is None else outline.coverage
    if ground is None:
        return
    west, south, east, north = shapely.bounds(ground)
    width_m = math.radians(east - west) * math.cos(math.radians((south + north) / 2)) * 6_378_137.0
    area_m2 = width_m * math.radians(north - south) * 6_378_137.0
    if area_m2 / wanted.cell_m**2 > MOST_CELLS:
        least = math.ceil(math.sqrt(area_m2 / MOST_CELLS))
        raise UsageError(
            Text(
                f"格网太细：这个范围的格网边长至少要 {least} 米，或缩小范围",
                f"the cells are too small: take {least} metres at least, or a smaller area",
            )
        )


def criteria_table(county: Workspace) -> Path:
    """Return the county's own table of criteria, else the sample's."""
    own = county.data_folder / "siting" / "criteria.csv"
    return own if own.is_file() else sample_root() / "data" / "siting" / "criteria.csv"


def weighted_criteria(county: Workspace, weights: Mapping[str, float]) -> tuple[Criterion, ...]:
    """Return the county's criteria with some weights changed.

    Raises
    ------
    UsageError
        Where a weight names no criterion, or none is above 0.
    UnusableFileError
        Where the table cannot be used.
    """
    criteria = read_criteria(criteria_table(county))
    if strange := sorted(set(weights) - {one.criterion for one in criteria}):
        raise UsageError(Text(f"没有准则 {'、'.join(strange)}", f"there is no criterion {', '.join(strange)}"))
    chosen = tuple(replace(one, weight=weights.get(one.criterion, one.weight)) for one in criteria)
    if not any(one.weight > 0 for one in chosen):
        raise UsageError(Text("至少要有一项权重大于 0", "at least one weight is above 0"))
    return chosen


def constraint_titles(county: Workspace) -> list[tuple[str, Text]]:
    """Return role and name of every layer of the county that constrains sites, in the order of their checks."""
    roles = set(ROLES) - ZONING_ROLES - {"landcover"}
    found = dict.fromkeys(role for one in screening_checks() for role in one.uses if role in roles)
    return [(role, county.catalog.answer_title(role)) for role in found if county.catalog.of_role(role) is not None]


def shown_corners(wanted: Wanted) -> str:
    """Return where a search looks, or between what it leads, as a person would type it; empty for the whole county."""
    if wanted.ends:
        return "\n".join(f"{lon:.7f}, {lat:.7f}" for lon, lat in wanted.ends)
    ground = wanted.ground
    return "" if ground is None else corners_of(ground, 7)


def corners_of(shape: BaseGeometry, decimals: int) -> str:
    """Return the corners of a shape as the counter takes them: one a line, rings and lines parted by a blank one."""
    parts = shapely.get_parts(shape)
    paths = shapely.get_rings(parts) if int(shapely.get_dimensions(shape)) == 2 else parts
    return "\n\n".join(
        "\n".join(f"{lon:.{decimals}f}, {lat:.{decimals}f}" for lon, lat in shapely.get_coordinates(path).tolist())
        for path in paths
    )


def ground_wkt(inspection: Inspection) -> str:
    """Return the polygons of a file as one ground, WKT in longitude and latitude.

    Raises
    ------
    UnusableFileError
        Where it holds none.
    """
    return str(shapely.to_wkt(ground_of(inspection), rounding_precision=_WKT_DECIMALS))


def ground_of(inspection: Inspection) -> BaseGeometry:
    """Return the polygons of a file as one ground, longitude and latitude.

    Raises
    ------
    UnusableFileError
        Where it holds none.
    """
    shapes = inspection.sound.geometries
    polygons = shapes[shapely.get_dimensions(shapes) == 2]
    if not len(polygons):
        raise UnusableFileError(inspection.file, Text("其中没有面，不能作为选址范围", "it holds no polygon to look in"))
    ground: BaseGeometry = shapely.union_all(polygons)
    return ground


def ends_of(inspection: Inspection) -> tuple[tuple[float, float], ...]:
    """Return the first and the last corner of what was drawn, longitude and latitude."""
    shapes: Sequence[BaseGeometry] = [one for one in inspection.sound.geometries if one is not None]
    corners = shapely.get_coordinates(np.array(shapes, dtype=object))
    places = [(float(lon), float(lat)) for lon, lat in corners.tolist()]
    return () if len(places) < 2 else (places[0], places[-1])
