"""A Folium figure whose every link is one of our own files: what is not vendored is refused, never fetched."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from branca.element import CssLink, Element, Figure, JavascriptLink

from ecogeo.errors import UsageError
from ecogeo.wording import Text

_FIGURE_META = "meta_http"
_BLANKS = re.compile(r"(?<=[\]\d]), (?=[\[\d-])")
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FigureParts:
    """What a page needs of a figure.

    Parameters
    ----------
    stylesheets, scripts
        Addresses of vendored files, in the order Folium asks for them.
    body
        The figure's elements.
    script
        What Folium runs once the body is there; no text of the data is in it.
    """

    stylesheets: tuple[str, ...]
    scripts: tuple[str, ...]
    body: str
    script: str


def read_assets(manifest: Path, base_url: str) -> dict[str, str]:
    """Read which vendored file stands for which link of Folium.

    Parameters
    ----------
    manifest
        ``manifest.json`` as written by ``scripts/vendor.py``.
    base_url
        Where the manifest's folder is served, ending in a slash.

    Returns
    -------
    Address by the name Folium gives the link, such as ``leaflet_css``.
    """
    packages = json.loads(manifest.read_text(encoding="utf-8"))["packages"]
    files = [file for package in packages for file in package["files"]]
    return {file["link"]: f"{base_url}{file['path']}" for file in files if "link" in file}


class OfflineFigure(Figure):
    """A figure that resolves every link from vendored files and raises on any other.

    Parameters
    ----------
    assets
        Address of the vendored file by the name of the link.
    """

    def __init__(self, assets: Mapping[str, str]) -> None:
        super().__init__()
        self._assets = assets

    def render(self, **kwargs: object) -> str:
        """Return the figure as a page of its own.

        Raises
        ------
        UsageError
            Where an element asks for a link that is not vendored.
        """
        self._settle(**kwargs)
        return str(self._template.render(this=self, kwargs=kwargs))

    def parts(self) -> FigureParts:
        """Return the figure in parts, to be laid into a page.

        The sizes, fonts and viewport Folium would set for the whole page are left out: the page has its own.

        Raises
        ------
        UsageError
            Where an element asks for a link that is not vendored.
        """
        self._settle()
        head = self.header._children.values()
        return FigureParts(
            stylesheets=tuple(link.url for link in head if isinstance(link, CssLink)),
            scripts=tuple(link.url for link in head if isinstance(link, JavascriptLink)),
            body=self.html.render(),
            script=_squeezed(self.script.render()),
        )

    def _settle(self, **kwargs: object) -> None:
        """Render the children into head, body and script, and put our own address into every link."""
        for child in self._children.values():
            child.render(**kwargs)
        unknown: list[str] = []
        for name, child in self.header._children.items():
            if isinstance(child, CssLink | JavascriptLink):
                if name in self._assets:
                    child.url = self._assets[name]
                else:
                    unknown.append(name)
        unknown += [name for part in (self.html, self.script) for name in _with_address(part)]
        if unknown:
            raise UsageError(
                Text(
                    f"地图用到未随附的外部资源：{'、'.join(unknown)}；请先用 scripts/vendor.py 收录",
                    f"the map asks for links not vendored: {', '.join(unknown)}; add them by scripts/vendor.py",
                )
            )


def _squeezed(script: str) -> str:
    """Return a script without the blanks between numbers and before lines; it holds no text of the data.

    Examples
    --------
    >>> _squeezed("  add([[1.5, -2], [3, 4]], {})")
    'add([[1.5,-2],[3,4]], {})'
    """
    return _BLANKS.sub(",", _INDENT.sub("", script))


def _with_address(part: Element) -> list[str]:
    """Return the names of the elements that carry an address of their own; text of the data is never in them."""
    return [name for name, child in part._children.items() if name != _FIGURE_META and "://" in child.render()]
