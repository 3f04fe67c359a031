"""An online basemap, off unless a county switches it on: Tianditu, fetched by the server so that no page holds the key.

Maps whose coordinates are shifted (GCJ-02, BD-09) are refused: under a decision they would lie hundreds of metres off.

Source: the addresses are those of Tianditu's WMTS (``*_w``: Web Mercator); its grid is that of CGCS2000, unshifted.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from ecogeo.errors import UsageError
from ecogeo.tiles.grid import Tile
from ecogeo.wording import Text

KIND_SETTING = "ECOGEO_BASEMAP"
KEY_SETTING = "ECOGEO_TIANDITU_KEY"

KINDS = {
    "tianditu-vec": ("vec", "cva", Text("天地图 矢量", "Tianditu streets")),
    "tianditu-img": ("img", "cia", Text("天地图 影像", "Tianditu imagery")),
    "tianditu-ter": ("ter", "cta", Text("天地图 地形", "Tianditu terrain")),
}
"""Layer, its names, and what people call it."""

CREDIT = Text("天地图", "Tianditu")

_SHIFTED = re.compile(r"gaode|amap|autonavi|高德|qq|tencent|腾讯|baidu|百度|bd-?09|gcj|google|谷歌|火星", re.IGNORECASE)
_KEY = re.compile(r"^[0-9A-Za-z]{16,64}$")
_MOST_BYTES = 2_000_000
_SECONDS = 8.0

Fetch = Callable[[str, float], tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Basemap:
    """An online basemap.

    Parameters
    ----------
    kind
        One of `KINDS`.
    key
        The office's key; it is never shown.
    """

    kind: str
    key: str = field(repr=False)

    @property
    def title(self) -> Text:
        """What people call it."""
        return KINDS[self.kind][2]

    @property
    def sheets(self) -> tuple[str, str]:
        """The layer and its names, the lower first."""
        return KINDS[self.kind][:2]

    def address(self, sheet: str, tile: Tile) -> str:
        """Return where a tile is fetched from; the server's part alone knows it."""
        return (
            f"https://t{(tile.x + tile.y) % 8}.tianditu.gov.cn/{sheet}_w/wmts?SERVICE=WMTS&REQUEST=GetTile"
            f"&VERSION=1.0.0&LAYER={sheet}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
            f"&TILEMATRIX={tile.z}&TILEROW={tile.y}&TILECOL={tile.x}&tk={quote(self.key)}"
        )


def read_basemap(settings: Mapping[str, str]) -> Basemap | None:
    """Return the basemap that settings switch on; None where they switch on none.

    Parameters
    ----------
    settings
        `KEY_SETTING` switches it on; `KIND_SETTING` chooses which, the streets by default.

    Raises
    ------
    UsageError
        Where the source is shifted or unknown, or the key cannot be one.
    """
    kind, key = settings.get(KIND_SETTING, "").strip(), settings.get(KEY_SETTING, "").strip()
    if not kind and not key:
        return None
    problems = []
    if kind and kind not in KINDS:
        if _SHIFTED.search(kind):
            zh = f"底图“{kind}”的坐标有偏移（GCJ-02 或 BD-09，数百米），不能垫在管控图层下面"
            en = (
                f"the basemap “{kind}” is shifted (GCJ-02 or BD-09, hundreds of metres): it may not lie under decisions"
            )
        else:
            zh = f"不认识底图“{kind}”，可写：{'、'.join(KINDS)}"
            en = f"there is no basemap “{kind}”: write {', '.join(KINDS)}"
        problems.append(Text(zh, en))
    if not _KEY.match(key):
        problems.append(Text(f"{KEY_SETTING} 不是天地图密钥", f"{KEY_SETTING} is no key of Tianditu"))
    if problems:
        raise UsageError(problems)
    return Basemap(kind or next(iter(KINDS)), key)


def basemap_tile(basemap: Basemap, sheet: str, tile: Tile, *, fetch: Fetch | None = None) -> tuple[str, bytes] | None:
    """Fetch a tile.

    Parameters
    ----------
    basemap
        The basemap.
    sheet
        One of its `sheets`.
    tile
        Which tile.
    fetch
        Returns type and content of an address within a number of seconds; None asks the network.

    Returns
    -------
    Type and content of the picture; None where there is none to be had.
    """
    if sheet not in basemap.sheets or not tile.is_there:
        return None
    try:
        kind, data = (fetch or _fetched)(basemap.address(sheet, tile), _SECONDS)
    except OSError:
        return None
    return (kind, data) if kind in {"image/png", "image/jpeg"} else None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: the server asks this one host and no other."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _fetched(address: str, seconds: float) -> tuple[str, bytes]:
    asked = urllib.request.Request(address, headers={"User-Agent": "ecogeo"})  # noqa: S310  https, our own host
    with urllib.request.build_opener(_NoRedirect).open(asked, timeout=seconds) as answer:
        return answer.headers.get_content_type(), answer.read(_MOST_BYTES)
