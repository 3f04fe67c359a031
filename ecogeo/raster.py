"""A raster fit to be measured: unusable files are refused, a usable one is read window by window, never whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
import shapely
from affine import Affine
from rasterio.errors import RasterioError

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.errors import DatumError, UnusableFileError
from ecogeo.wording import Text

MOST_STRETCH = 0.002
"""How far a plane may stretch or shrink the ground; a 3° or 6° Gauss-Krüger zone or UTM stays within."""

_METRE = frozenset({"", "m", "metre", "meter", "metres", "meters", "米"})
"""What a file may say its heights are in; one that names no unit is taken to be in metres."""

_MOST_LOOKS = 16
"""In how many of its blocks a raster of classes held as fractions is looked at before it is used."""

_DEGREE = float(np.radians(1.0))
DRIVER = "GTiff"
"""A file of its own: a raster that points to others, or into a network, is not followed."""

_BROKEN = Text(
    "无法读取：文件可能被截断或损坏，请重新拷贝；只支持 GeoTIFF",
    "it cannot be read: truncated or damaged, copy it again; only GeoTIFF is known",
)


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of cells, ends excluded.

    Parameters
    ----------
    top, bottom
        First row, and the row after the last.
    left, right
        First column, and the column after the last.
    """

    top: int
    bottom: int
    left: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """One theme held as cells: a single band, its rows and columns along the axes of its CRS.

    Parameters
    ----------
    name
        Its declared name.
    declaration
        What the county declares of it.
    path
        The file; nothing of its cells is held.
    crs
        Horizontal CRS of the cells.
    transform
        From column and row to the coordinates of `crs`, without rotation.
    shape
        Rows and columns.
    unit
        What the file says its values are in; ``""`` where it says nothing.
    coverage
        Where the county declares it complete, longitude and latitude; None where it declares nothing.
    """

    name: str
    declaration: LayerDeclaration
    path: Path
    crs: pyproj.CRS
    transform: Affine
    shape: tuple[int, int]
    unit: str = ""
    coverage: shapely.Geometry | None = None

    @property
    def title(self) -> Text:
        """The raster's name for people."""
        title = self.declaration.title or self.name
        return Text(title, self.declaration.title_en or title)


def require_raster(path: Path, *, shown: str) -> None:
    """Refuse a raster that is missing, is none, or ends too early: its first and last blocks are read.

    Parameters
    ----------
    path
        The file.
    shown
        How a message names it.

    Raises
    ------
    UnusableFileError
        With what is wrong.
    """
    if not path.is_file():
        raise UnusableFileError(shown, Text("文件不存在", "the file does not exist"))
    try:
        with rasterio.open(path, driver=DRIVER) as raster:
            windows = [window for _, window in raster.block_windows(1)]
            for window in (windows[0], windows[-1]):
                raster.read(1, window=window)
    except (RasterioError, OSError) as error:
        raise UnusableFileError(shown, _BROKEN) from error


def read_raster(name: str, declaration: LayerDeclaration, folder: Path) -> Raster:
    """Open a declared raster and make sure that its cells can be placed on the ground.

    Parameters
    ----------
    name
        Its declared name.
    declaration
        What the county declares of it.
    folder
        The folder its path is relative to (``layers/``).

    Returns
    -------
    The raster, without the coverage the county may declare: that may depend on layers (see `ecogeo.workspace`).

    Raises
    ------
    UnusableFileError
        With everything that makes it unusable: missing, truncated, several bands, rotated, without a CRS or with one
        other than declared, on an old datum; of heights, in another unit than metres; of classes, values that are no
        whole numbers. Any plane will do: areas and slopes are those of the ground.
    """
    path, shown = folder / declaration.path, declaration.shown_path
    require_raster(path, shown=shown)
    with rasterio.open(path, driver=DRIVER) as source:
        bands, size, transform = source.count, (source.height, source.width), source.transform
        wkt = source.crs.to_wkt() if source.crs is not None else ""
        unit = source.units[0] or source.tags(1).get("UNIT") or source.tags().get("UNIT") or ""
    problems: list[Text] = []
    if bands != 1:
        problems.append(Text(f"有 {bands} 个波段，应为 1 个", f"it has {bands} bands, one is expected"))
    if transform.b or transform.d:
        problems.append(
            Text("格网是旋转的，请重采样为正北方向", "its grid is rotated: resample it along the axes of its CRS")
        )
    if declaration.role == "landcover" and bands == 1:
        problems += _class_problems(path, shown)
    crs = _crs_of(wkt, declaration, problems)
    vertical_unit = "" if crs is None else _parts(crs)[1]
    if declaration.role == "dem":
        problems += _unit_problems(unit or vertical_unit)
    if crs is not None:
        horizontal = _parts(crs)[0]
        try:
            geodesy.transformer_to_lonlat(horizontal)
        except DatumError as error:
            problems += error.problems
        else:
            problems += _plane_problems(horizontal)
        if not problems:
            return Raster(name, declaration, path, horizontal, transform, size, unit or vertical_unit)
    raise UnusableFileError(shown, problems)


def _unit_problems(unit: str) -> list[Text]:
    """Refuse heights in any other unit than metres."""
    if unit.strip().lower() in _METRE:
        return []
    return [
        Text(
            f"高程单位为“{unit}”，应为米：请换算后重新导出，或在波段中写明 scale 并把单位改为 m",
            f"its heights are in “{unit}”, metres are expected: convert it, or give the band a scale and the unit m",
        )
    ]


def _class_problems(path: Path, shown: str) -> list[Text]:
    """Refuse classes that are no whole numbers, as far as some of the blocks tell; whole floats are classes."""
    try:
        with rasterio.open(path, driver=DRIVER) as source:
            is_scaled = source.scales[0] != 1.0 or source.offsets[0] != 0.0
            if np.issubdtype(source.dtypes[0], np.integer) and not is_scaled:
                return []
            windows = [window for _, window in source.block_windows(1)]
            looked = np.unique(np.linspace(0, len(windows) - 1, _MOST_LOOKS).astype(int))
            values = np.concatenate([source.read(1, window=windows[at], masked=True).compressed() for at in looked])
    except (RasterioError, OSError) as error:
        raise UnusableFileError(shown, _BROKEN) from error
    values = values[~np.isnan(values)]
    if not is_scaled and bool((values == np.trunc(values)).all()):
        return []
    return [Text("格网值不是整数，是量值而不是地类编码", "its values are no whole numbers: measures, not classes")]


def _crs_of(wkt: str, declaration: LayerDeclaration, problems: list[Text]) -> pyproj.CRS | None:
    """Return the CRS of the file, else the declared one; note what is wrong with them."""
    found = pyproj.CRS.from_user_input(wkt) if wkt else None
    if declaration.crs:
        try:
            declared = pyproj.CRS.from_user_input(declaration.crs)
        except pyproj.exceptions.CRSError:
            problems.append(
                Text(
                    f"layers.toml 中的 crs = “{declaration.crs}” 无法识别",
                    f"crs = “{declaration.crs}” in layers.toml is not known",
                )
            )
            return found
        if found is not None and not found.equals(declared, ignore_axis_order=True):
            problems.append(
                Text(
                    f"文件的坐标系（{found.name}）与 layers.toml 所写（{declared.name}）不同",
                    f"its CRS ({found.name}) is not the one layers.toml gives ({declared.name})",
                )
            )
        return found or declared
    if found is None:
        problems.append(
            Text(
                "没有坐标系，请在 layers.toml 中写明 crs", "it has no CRS: give crs in layers.toml (such as EPSG:4545)"
            )
        )
    return found


def _parts(crs: pyproj.CRS) -> tuple[pyproj.CRS, str]:
    """Take a compound CRS apart: its horizontal part, and the unit of its heights (``""`` where it has none)."""
    if not crs.is_compound:
        return crs, ""
    horizontal, vertical = crs.sub_crs_list[:2]
    return horizontal, vertical.axis_info[0].unit_name


def _plane_problems(crs: pyproj.CRS) -> list[Text]:
    """Tell whether cells have a place: longitude and latitude are in degrees."""
    if crs.is_geographic and not np.isclose(crs.axis_info[0].unit_conversion_factor, _DEGREE):
        return [Text("经纬度的单位不是度", "its longitude and latitude are not in degrees")]
    return []


def is_true_to_scale(raster: Raster) -> bool:
    """Tell whether the cells of a plane are on the ground what they are there, within `MOST_STRETCH`."""
    places = np.array([(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.5)]) * raster.shape
    cells = raster.transform
    x, y = cells.c + places[:, 1] * cells.a, cells.f + places[:, 0] * cells.e
    to_lonlat = geodesy.transformer_to_lonlat(raster.crs)
    lon, lat = (x, y) if to_lonlat is None else to_lonlat.transform(x, y)
    factors = pyproj.Proj(raster.crs).get_factors(lon, lat)
    scales = np.concatenate([np.ravel(factors.meridional_scale), np.ravel(factors.parallel_scale)])
    return bool(np.abs(scales - 1.0).max() <= MOST_STRETCH)


def read_cells(raster: Raster, window: Window) -> geodesy.Floats:
    """Read the values of a window.

    Parameters
    ----------
    raster
        The raster.
    window
        Cells; it may reach beyond the raster.

    Returns
    -------
    Shape of the window, with the band's scale and offset applied; NaN without data and beyond the raster.

    Raises
    ------
    UnusableFileError
        Where the file is damaged there.
    """
    values = np.full(window.shape, np.nan)
    top, left = max(window.top, 0), max(window.left, 0)
    bottom, right = min(window.bottom, raster.shape[0]), min(window.right, raster.shape[1])
    if top >= bottom or left >= right:
        return values
    try:
        with rasterio.open(raster.path, driver=DRIVER) as source:
            cells = source.read(1, window=((top, bottom), (left, right)), masked=True).astype(float).filled(np.nan)
            cells = cells * source.scales[0] + source.offsets[0]
    except (RasterioError, OSError) as error:
        raise UnusableFileError(raster.declaration.shown_path, _BROKEN) from error
    values[top - window.top : bottom - window.top, left - window.left : right - window.left] = cells
    return values


def cell_size_m(raster: Raster, window: Window) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Return how wide and how high the cells of each row are on the ground.

    Parameters
    ----------
    raster
        The raster.
    window
        Cells.

    Returns
    -------
    Width (west to east) and height (south to north) in metres, each of shape (rows,). Of cells in degrees: on the
    ellipsoid, by the latitude of the row's middle. Of a plane: as they are there, where it is true to scale; else as
    they are on the ground, in the middle column.
    """
    a, e = abs(raster.transform.a), abs(raster.transform.e)
    rows = np.arange(window.top, window.bottom)
    if not raster.crs.is_geographic and not is_true_to_scale(raster):
        return _on_ground_m(raster, rows, (window.left + window.right) / 2)
    if not raster.crs.is_geographic:
        unit_m = raster.crs.axis_info[0].unit_conversion_factor
        return np.full(len(rows), a * unit_m), np.full(len(rows), e * unit_m)
    middle = raster.transform.f + (rows + 0.5) * raster.transform.e
    nil = np.zeros(len(rows))
    width: geodesy.Floats = np.asarray(geodesy.GEOD.inv(nil, middle, nil + a, middle)[2])
    height: geodesy.Floats = np.asarray(geodesy.GEOD.inv(nil, middle - e / 2, nil, middle + e / 2)[2])
    return width, height


def _on_ground_m(raster: Raster, rows: npt.NDArray[np.intp], column: float) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Return width and height on the ellipsoid of the cells of one column of a plane."""
    to_lonlat = geodesy.transformer_to_lonlat(raster.crs)
    cells = raster.transform

    def place(row: geodesy.Floats, at: float) -> tuple[geodesy.Floats, geodesy.Floats]:
        x, y = np.full(len(row), cells.c + at * cells.a), cells.f + row * cells.e
        return (x, y) if to_lonlat is None else to_lonlat.transform(x, y)

    middle: geodesy.Floats = rows.astype(np.float64) + 0.5
    width: geodesy.Floats = np.asarray(geodesy.GEOD.inv(*place(middle, column - 0.5), *place(middle, column + 0.5))[2])
    height: geodesy.Floats = np.asarray(geodesy.GEOD.inv(*place(middle - 0.5, column), *place(middle + 0.5, column))[2])
    return width, height
