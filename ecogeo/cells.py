"""Land cover in cells as a picture to lay into a map: the present raster and the version before, one colour a kind.

Every pixel shows the cell under its middle, so that no class appears that the file does not hold. Figures are never
taken from the picture: measures weight the cells themselves.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
import shapely
from affine import Affine
from PIL import Image
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds

from ecogeo import geodesy
from ecogeo.errors import UnusableFileError
from ecogeo.landuse.book import LandClass
from ecogeo.landuse.cover import meanings_of
from ecogeo.mapdata import source_of
from ecogeo.palette import COVER_COLOURS, UNNAMED_COVER
from ecogeo.raster import DRIVER, Raster, read_raster
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

MOST_PX = 2000
"""Longer side of a picture; a raster of more cells is shown by every so-manieth of them."""

EARLIER = ".earlier"
_ROLE = "landcover"
_WEB_MERCATOR = "EPSG:3857"
_MOST_CLASSES = 254
"""What a picture of one byte a pixel can tell apart, beside what is clear and what is left over."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class CellLayer:
    """A raster of classes that a map may show.

    Parameters
    ----------
    name
        Its declared name; of the version before, with ``.earlier``.
    role
        The role it plays.
    title
        Its name for people.
    source
        Data date and version as declared.
    """

    name: str
    role: str
    title: Text
    source: str


@dataclass(frozen=True, slots=True)
class CellClass:
    """One entry of the legend of a picture: what people read, and its colour."""

    label: Text
    colour: str


@dataclass(frozen=True, slots=True, eq=False)
class CellGrid:
    """A raster of classes as a map draws it.

    Parameters
    ----------
    places
        For each pixel 0 where it is clear, else one more than the position of its class.
    classes
        The classes that occur in it, by their value.
    box
        West, south, east and north in its own CRS.
    """

    places: npt.NDArray[np.uint8]
    classes: tuple[CellClass, ...]
    box: Bounds


@dataclass(frozen=True, slots=True)
class CellPicture:
    """A raster as a picture.

    Parameters
    ----------
    png
        The image in Web Mercator; ground without data is clear.
    bounds
        West, south, east and north in degrees.
    classes
        The classes that occur in it, by their value.
    pixel_m
        About how wide a pixel is on the ground, metres.
    cell_m
        About how wide a cell is, metres.
    """

    png: bytes
    bounds: Bounds
    classes: tuple[CellClass, ...]
    pixel_m: float
    cell_m: float


def cell_layers(workspace: Workspace) -> tuple[CellLayer, ...]:
    """Return the rasters of classes a county declares, the present one before its earlier version; none is opened."""
    name = workspace.catalog.of_role(_ROLE)
    if name is None:
        return ()
    declared = workspace.catalog.layers[name]
    title = Text(declared.title or name, declared.title_en or declared.title or name)
    now = CellLayer(name, _ROLE, title, source_of(declared))
    before = declared.as_earlier
    return (now,) if before is None else (now, replace(now, name=f"{name}{EARLIER}", source=source_of(before)))


def draw_cells(workspace: Workspace, layer: CellLayer, *, most_px: int = MOST_PX) -> CellPicture:
    """Draw a raster of classes.

    Parameters
    ----------
    workspace
        The county.
    layer
        One of its `cell_layers`.
    most_px
        Longer side of the picture, pixels.

    Raises
    ------
    UnusableFileError
        Where the file is missing or damaged, has no CRS, or holds measures instead of classes.
    """
    grid = cell_grid(workspace, layer, most_px=most_px)
    bounds = transform_bounds(_WEB_MERCATOR, "EPSG:4326", *grid.box)
    west, south, east, north = bounds
    middle = (south + north) / 2
    across_m = float(geodesy.length_m(np.array([shapely.LineString([(west, middle), (east, middle)])]))[0])
    return CellPicture(
        _png(grid),
        bounds,
        grid.classes,
        round(across_m / grid.places.shape[1], 1),
        round(across_m / _columns(_raster(workspace, layer), bounds), 1),
    )


def cell_grid(
    workspace: Workspace,
    layer: CellLayer,
    *,
    crs: pyproj.CRS | None = None,
    box: Bounds | None = None,
    most_px: int = MOST_PX,
) -> CellGrid:
    """Return a raster of classes as a map draws it.

    Parameters
    ----------
    workspace
        The county.
    layer
        One of its `cell_layers`.
    crs
        CRS of the map; None for Web Mercator.
    box
        West, south, east and north of the map in its CRS; None for all of the raster.
    most_px
        Longer side, pixels.

    Raises
    ------
    UnusableFileError
        As of `draw_cells`.
    """
    raster = _raster(workspace, layer)
    codes, is_known, shown = _read(raster, _WEB_MERCATOR if crs is None else crs.to_wkt(), box, most_px)
    present = np.unique(codes[is_known])
    meanings = meanings_of(raster, workspace.land_book())
    classes = _told_apart({code: _entry(code, meanings.get(code)) for code in present[:_MOST_CLASSES].tolist()})
    if len(present) > _MOST_CLASSES:
        classes.append(CellClass(Text("其余的值", "further values"), UNNAMED_COVER))
    place = np.minimum(np.searchsorted(present, codes), _MOST_CLASSES) + 1
    return CellGrid(np.where(is_known, place, 0).astype(np.uint8), tuple(classes), shown)


def _raster(workspace: Workspace, layer: CellLayer) -> Raster:
    name = layer.name.removesuffix(EARLIER)
    before = workspace.catalog.layers[name].as_earlier
    if layer.name == name or before is None:
        return workspace.raster(name)
    return read_raster(layer.name, before, workspace.layer_folder)


def _columns(raster: Raster, bounds: Bounds) -> float:
    """Return how many of its cells lie side by side in the picture."""
    west, _, east, _ = transform_bounds("EPSG:4326", raster.crs.to_wkt(), *bounds)
    return max(1.0, float(east - west) / abs(float(raster.transform.a)))


def _read(
    raster: Raster, crs: str, box: Bounds | None, most_px: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], Bounds]:
    """Return the classes of what a map shows, where they are known, and its box."""
    shown = raster.declaration.shown_path
    own = raster.crs.to_wkt()
    try:
        with rasterio.open(raster.path, driver=DRIVER) as source:
            most = most_px if box is not None else min(most_px, max(source.width, source.height))
            west, south, east, north = transform_bounds(own, crs, *source.bounds) if box is None else box
            pixel = max(east - west, north - south) / most
            grid = {
                "transform": Affine(pixel, 0.0, west, 0.0, -pixel, north),
                "width": max(2, round((east - west) / pixel)),
                "height": max(2, round((north - south) / pixel)),
            }
            clear = {"add_alpha": True} if source.nodata is None else {}
            with WarpedVRT(source, src_crs=own, crs=crs, resampling=Resampling.nearest, **grid, **clear) as warped:
                values, is_known = warped.read(1), warped.dataset_mask() > 0
                found = warped.bounds
    except (RasterioError, OSError) as error:
        broken = Text("无法读取：文件可能被截断或损坏", "it cannot be read: truncated or damaged")
        raise UnusableFileError(shown, broken) from error
    if values.dtype.kind == "f":
        is_known &= np.isfinite(values)
        values = np.where(is_known, values, 0)
        if (values != np.trunc(values)).any():
            problem = Text("格网值不是整数，是量值而不是地类编码", "its values are no whole numbers: no classes")
            raise UnusableFileError(shown, problem)
    return values.astype(np.int64), is_known, (found.left, found.bottom, found.right, found.top)


def _entry(code: int, meant: LandClass | None) -> CellClass:
    if meant is None:
        return CellClass(Text(f"值 {code}（未说明）", f"value {code} (not explained)"), UNNAMED_COVER)
    words, colour = COVER_COLOURS.get(meant.kind, (Text(meant.name, meant.name), UNNAMED_COVER))
    return CellClass(Text(meant.name, words.en), colour)


def _told_apart(told: Mapping[int, CellClass]) -> list[CellClass]:
    """Return the classes by their value, those of one kind in shades of its colour, and in English with their value."""
    seen: dict[str, int] = {}
    classes = []
    for code, one in told.items():
        before = seen.get(one.colour, 0)
        seen[one.colour] = before + 1
        english = one.label.en
        if sum(other.label.en == english for other in told.values()) > 1:
            english = f"{english} ({code})"
        classes.append(CellClass(Text(one.label.zh, english), _darker(one.colour, 0.8**before)))
    return classes


def _darker(colour: str, share: float) -> str:
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part * share):02X}" for part in parts)


def _png(grid: CellGrid) -> bytes:
    image = Image.fromarray(grid.places, mode="P")
    colours = ("#000000", *(one.colour for one in grid.classes))
    image.putpalette([int(colour[at : at + 2], 16) for colour in colours for at in (1, 3, 5)])
    stream = io.BytesIO()
    image.save(stream, "PNG", transparency=0, optimize=True)
    return stream.getvalue()
