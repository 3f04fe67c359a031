"""The four zones of a shoreline."""

from __future__ import annotations

ZONES = ("保护区", "保留区", "控制利用区", "开发利用区")
"""The four shoreline zones, the strictest first (水利部 河湖岸线保护与利用规划, names as in public reports)."""

UNZONED = "unzoned"


def zone_name(text: str) -> str:
    """Return the zone a text names, empty where it names none.

    Examples
    --------
    >>> zone_name("岸线保护区"), zone_name("待定")
    ('保护区', '')
    """
    return next((zone for zone in ZONES if text.strip().removeprefix("岸线") == zone), "")
