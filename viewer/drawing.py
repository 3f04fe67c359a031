"""The map people draw on, at the counter and for a search: its scripts, and the words they write."""

from __future__ import annotations

from pathlib import Path

from flask import current_app, url_for
from flask_babel import gettext as _

from ecogeo.intake import MOST_BYTES
from ecogeo.offline import read_assets


def drawing_assets() -> dict[str, str]:
    """Return the addresses of the vendored scripts and styles, by what they are called."""
    folder = Path(current_app.static_folder or "")
    return read_assets(folder / "vendor" / "manifest.json", url_for("static", filename="vendor/"))


def drawing_words(*, drawn: str, busy: str) -> dict[str, str]:
    """Return the words the drawing script writes.

    Parameters
    ----------
    drawn
        What the map is for.
    busy
        What is said while the form is being sent.
    """
    return {
        "map": drawn,
        "zoomIn": _("放大地图"),
        "zoomOut": _("缩小地图"),
        "corner": _("第 %(number)s 点", number="__n__"),
        "corners": _("已有 %(number)s 个点", number="__n__"),
        "plane": _("坐标不是经纬度，提交后才能画在地图上"),
        "chosen": _("已选择："),
        "comma": _("、"),
        "failed": _("底图载入失败，仍可输入坐标"),
        "tooLarge": _("文件太大，最多 %(most)s MB", most=MOST_BYTES >> 20),
        "busy": busy,
    }
