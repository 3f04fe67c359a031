"""What is known of the county before anything is drawn, and the control points of what is drawn by hand.

Facts: the county's area, its towns and the areas on record, the rivers' names, basins and lengths of works, the names
of the red-line units, the highest summit's height. Everything else here (outline, courses, radii, shares) is schematic.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

NOTICE: Final = "示意数据，不作为法定依据"
NOTICE_EN: Final = "Schematic sample data, not a legal basis"
DATA_DATE: Final = "2026-01-01"

COUNTY_CODE: Final = "450206"
COUNTY_NAME: Final = "柳江区"
COUNTY_AREA_KM2: Final = 1773.0

# Longitude and latitude, each vertex within some 2 km of the truth.
OUTLINE: Final = (
    (108.92, 24.26),
    (108.92, 24.37),
    (109.04, 24.41),
    (109.15, 24.30),
    (109.28, 24.32),
    (109.42, 24.22),
    (109.47, 24.23),
    (109.52, 24.07),
    (109.49, 23.98),
    (109.42, 23.91),
    (109.37, 23.92),
    (109.29, 24.04),
    (109.23, 24.06),
    (109.18, 24.02),
    (109.03, 24.13),
    (108.97, 24.13),
)

SUMMIT_LONLAT: Final = (109.005, 24.315)
SUMMIT_M: Final = 712


@dataclass(frozen=True, slots=True)
class Town:
    """A town: where its area is drawn from, how large it is drawn, and the area on record if there is one."""

    code: str
    name: str
    middle: tuple[float, float]
    seat: tuple[float, float]
    drawn_km2: float
    recorded_km2: float | None


# The codes are the sample's own. Areas without one figure on record share what the others leave of 1,773 km².
TOWNS: Final = (
    Town("LJ01", "拉堡镇", (109.330, 24.258), (109.33415, 24.25985), 39.5, 39.5),
    Town("LJ02", "百朋镇", (109.262, 24.130), (109.27, 24.14), 200.0, None),
    Town("LJ03", "穿山镇", (109.430, 24.060), (109.44, 24.04), 463.2, 463.2),
    Town("LJ04", "进德镇", (109.372, 24.195), (109.363, 24.215), 150.0, None),
    Town("LJ05", "成团镇", (109.240, 24.262), (109.235, 24.262), 200.0, None),
    Town("LJ06", "三都镇", (109.160, 24.210), (109.167, 24.21), 170.0, None),
    Town("LJ07", "土博镇", (109.000, 24.300), (109.04, 24.235), 412.0, None),  # 408 to 416 on record
    Town("LJ08", "里高镇", (109.105, 24.130), (109.083, 24.134), 138.3, None),
)

FARMLAND_MISSING_TOWN: Final = "土博镇"

REDLINE_UNITS: Final = MappingProxyType(
    {
        "红水河流域岩溶山地水土保持生态保护红线": "水土保持",
        "柳江-黔江流域水源涵养生态保护红线": "水源涵养",
        "柳江区其他优先保护单元": "其他",
    }
)


@dataclass(frozen=True, slots=True)
class River:
    """A river: its basin, its course from source to mouth, its width at both ends, the length of works if on record.

    A river with `into` ends at the bank of that river; the others end at the county's border.
    """

    name: str
    basin: str
    course: tuple[tuple[float, float], ...]
    width_m: tuple[float, float]
    reaches: int
    length_km: float | None = None
    into: str | None = None


RIVERS: Final = (
    River(
        "水源河",
        "红水河",
        (
            (109.062, 24.352),
            (109.045, 24.300),
            (108.992, 24.262),
            (108.968, 24.205),
            (108.990, 24.160),
            (108.985, 24.10),
        ),
        (18.0, 55.0),
        3,
    ),
    River(
        "大渡河",
        "红水河",
        (
            (109.325, 24.105),
            (109.372, 24.078),
            (109.415, 24.062),
            (109.430, 24.020),
            (109.415, 23.975),
            (109.398, 23.940),
            (109.395, 23.89),
        ),
        (22.0, 78.0),
        3,
    ),
    River(
        "凤山河",
        "柳江",
        ((109.140, 24.238), (109.190, 24.232), (109.238, 24.252), (109.268, 24.285), (109.305, 24.33)),
        (16.0, 48.0),
        2,
    ),
    River(
        "大桥河",
        "柳江",
        ((109.100, 24.112), (109.150, 24.142), (109.200, 24.150), (109.222, 24.190), (109.238, 24.252)),
        (15.0, 36.0),
        2,
        into="凤山河",
    ),
    River(
        "九曲河",
        "柳江",
        ((109.300, 24.236), (109.330, 24.250), (109.345, 24.278), (109.35, 24.30)),
        (22.0, 32.0),
        1,
        3.862,
    ),
    River(
        "三千河",
        "柳江",
        (
            (109.205, 24.068),
            (109.262, 24.092),
            (109.320, 24.142),
            (109.372, 24.172),
            (109.412, 24.190),
            (109.456, 24.204),
            (109.53, 24.225),
        ),
        (16.0, 62.0),
        4,
        35.903,
    ),
    River(
        "保村河",
        "柳江",
        ((109.372, 24.236), (109.354, 24.246), (109.338, 24.262)),
        (15.0, 18.0),
        1,
        2.19,
        into="九曲河",
    ),
    River("进德河", "柳江", ((109.360, 24.212), (109.372, 24.235), (109.39, 24.27)), (15.5, 20.0), 1, 1.63),
)


@dataclass(frozen=True, slots=True)
class Reservoir:
    """A reservoir by its name in the gazetteer; place, outline and size are drawn."""

    name: str
    centre: tuple[float, float]
    radius_m: float


RESERVOIRS: Final = (
    Reservoir("龙怀水库", (109.112, 24.305), 620.0),
    Reservoir("工农水库", (109.128, 24.196), 430.0),
    Reservoir("北弓水库", (109.196, 24.288), 510.0),
)
