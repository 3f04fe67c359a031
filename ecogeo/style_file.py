"""A county's own styles: ``layers/styles.toml``, over the palette of the project or that of the mapping standard.

Source: the colours of ``palette = "gh2021"`` are those of appendix B of 《市级国土空间总体规划制图规范（试行）》
(2021-03) as transcribed elsewhere; *unverified* against the document, and said so wherever they are shown.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import pydantic

from ecogeo.errors import UnusableFileError
from ecogeo.palette import LAYER_STYLES
from ecogeo.style import Hatch, LayerClass, LayerStyle, Paint
from ecogeo.wording import Text

STYLE_FILE = "styles.toml"
PALETTES = {"gh2021": "style_gh2021.toml"}
"""Palettes that come with the package, by the name a county calls them by."""

_UNVERIFIED = Text(
    "配色按《市级国土空间总体规划制图规范（试行）》附录 B 转抄，未与原文核对",
    "colours transcribed from appendix B of the mapping standard of 2021, not verified against the document",
)

Colour = Annotated[str, pydantic.Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
Pixels = Annotated[float, pydantic.Field(ge=0, le=40, allow_inf_nan=False)]


class _Paint(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    edge: Colour | None = None
    edge_px: Pixels | None = None
    line_px: Pixels | None = None
    fill: Colour | None = None
    fill_opacity: float | None = pydantic.Field(default=None, ge=0, le=1)
    dash: str | None = pydantic.Field(default=None, pattern=r"^(\d+(\.\d+)? \d+(\.\d+)?( \d+(\.\d+)? \d+(\.\d+)?)*)?$")
    hatch: Hatch | None = None
    radius_px: Pixels | None = None

    def over(self, paint: Paint) -> Paint:
        """Return a paint with what is set here in place of its own."""
        names = ("edge", "edge_px", "line_px", "fill", "fill_opacity", "dash", "hatch", "radius_px")
        told: dict[str, Any] = {name: value for name in names if (value := getattr(self, name)) is not None}
        return replace(paint, **told)


class _Class(_Paint):
    label: str = pydantic.Field(min_length=1)
    label_en: str = ""
    values: tuple[str, ...] = ()


class _Layer(_Paint):
    class_by: str | None = None
    is_on: bool | None = None
    classes: tuple[_Class, ...] = ()


class _File(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    palette: str = ""
    layers: dict[str, _Layer] = {}


def styles_of(layer_folder: Path) -> dict[str, LayerStyle]:
    """Return the styles a county uses, in the order of the legend: those of the project, changed by its own file.

    Parameters
    ----------
    layer_folder
        Folder of its layers; `STYLE_FILE` in it is optional.

    Raises
    ------
    UnusableFileError
        With everything in the file that is no style.
    """
    path = layer_folder / STYLE_FILE
    if not path.is_file():
        return dict(LAYER_STYLES)
    told = _read(path.name, path.read_bytes())
    styles = dict(LAYER_STYLES)
    if told.palette:
        packaged = resources.files("ecogeo").joinpath(PALETTES[told.palette]).read_bytes()
        styles = _changed(styles, _read(PALETTES[told.palette], packaged))
    return _changed(styles, told)


def style_note(layer_folder: Path) -> Text | None:
    """Return what is to be said of the colours on every map; None where they are the project's or the county's own."""
    path = layer_folder / STYLE_FILE
    return _UNVERIFIED if path.is_file() and _read(path.name, path.read_bytes()).palette == "gh2021" else None


def _changed(styles: dict[str, LayerStyle], told: _File) -> dict[str, LayerStyle]:
    return {
        role: _restyled(style, told.layers[role]) if role in told.layers else style for role, style in styles.items()
    }


def _restyled(style: LayerStyle, told: _Layer) -> LayerStyle:
    """Return a style with what a county sets: new classes, or one paint over all of the old."""
    last = style.classes[-1]
    if told.classes:
        own = tuple(
            LayerClass(Text(one.label, one.label_en or one.label), one.over(told.over(last.paint)), one.values)
            for one in told.classes
        )
        rest = () if not own[-1].values else (last,)
        classes = (*own, *rest)
    else:
        classes = tuple(replace(entry, paint=told.over(entry.paint)) for entry in style.classes)
    return replace(
        style,
        classes=classes,
        class_by=style.class_by if told.class_by is None else told.class_by,
        is_on=style.is_on if told.is_on is None else told.is_on,
    )


def _read(shown: str, data: bytes) -> _File:
    """Read a file of styles.

    Raises
    ------
    UnusableFileError
        With everything wrong in it.
    """
    try:
        told = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problem = Text(f"不是 UTF-8 的 TOML 文件：{error}", f"it is no TOML file in UTF-8: {error}")
        raise UnusableFileError(shown, problem) from error
    palette = told.pop("palette", "")
    problems: list[Text] = []
    if palette not in {"", *PALETTES}:
        problems.append(
            Text(
                f"没有配色“{palette}”，可写：{'、'.join(PALETTES)}",
                f"there is no palette “{palette}”: {', '.join(PALETTES)}",
            )
        )
    problems += [
        Text(f"没有图层角色“{role}”", f"there is no role of layers “{role}”")
        for role in told
        if role not in LAYER_STYLES
    ]
    file = _File()
    try:
        file = _File(palette=palette if isinstance(palette, str) else "", layers=told)
    except pydantic.ValidationError as error:
        for fault in error.errors():
            place = ".".join(map(str, fault["loc"][1:]))
            problems.append(Text(f"{place}：{fault['msg']}", f"{place}: {fault['msg']}"))
    if problems:
        raise UnusableFileError(shown, problems)
    return file
