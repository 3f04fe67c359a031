"""Patches 图斑 of the national survey: their codes, deductions and stated areas, each with what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.landuse.book import LandBook
from ecogeo.layer import Layer
from ecogeo.mines.words import read_area_m2, read_figure, says_nothing
from ecogeo.stated_area import UNIT_NAMES, UNITS, unit_of_each
from ecogeo.wording import Text

STATED_UNITS = tuple(UNIT_NAMES[unit] for unit in ("ha", "mu", "km2"))
"""Units other than m² that stated areas are met in."""

_STANDARD = {"land_class": "DLBM", "deduction": "KCXS", "stated_area_m2": "TBMJ", "land_name": "DLMC"}
_SHORT = re.compile(r"[1-9][0-9]{2}[A-Z]?")
_THREE = re.compile(r"[0-9]{3}")


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """Patches with sound figures; arrays of shape (n,).

    Parameters
    ----------
    ids
        Keys.
    shapes
        Polygons, longitude and latitude in degrees.
    area_m2
        On the ellipsoid.
    code
        As written, tidied: ``0101``, ``0201K``, ``1104A``; ``""`` where unknown.
    base
        The code of the book it belongs to, without suffix; ``""`` where unknown.
    written
        The code as it stands in the file.
    deduction
        扣除系数, 0 to 1; NaN where it is missing or impossible.
    stated_m2
        图斑面积 TBMJ; NaN where the file states none.
    stated_unit
        The unit the stated area was found to be in: ``""`` for m², as it should be.
    has_deduction, has_stated
        Whether the file has such a field at all.
    impossible_deduction
        Whether a deduction is written and is none: below 0, 1 or more, no number.
    is_zero_lost
        Whether a code of three digits had lost its leading zero.
    is_zero_doubted
        Whether such a code may as well be one of the second survey, and so is left unknown.
    groundless
        Keys of the features that are no polygons, and so left out.
    """

    ids: npt.NDArray[np.object_]
    shapes: geodesy.Geometries
    area_m2: geodesy.Floats
    code: npt.NDArray[np.object_]
    base: npt.NDArray[np.object_]
    written: npt.NDArray[np.object_]
    deduction: geodesy.Floats
    stated_m2: geodesy.Floats
    stated_unit: npt.NDArray[np.object_]
    has_deduction: bool
    has_stated: bool
    impossible_deduction: npt.NDArray[np.bool_]
    is_zero_lost: npt.NDArray[np.bool_]
    is_zero_doubted: npt.NDArray[np.bool_]
    groundless: tuple[str, ...]

    @property
    def is_cropland(self) -> npt.NDArray[np.bool_]:
        """Whether each is cropland (01)."""
        return np.array([base.startswith("01") for base in self.base], dtype=bool)

    @property
    def net_m2(self) -> geodesy.Floats:
        """Area less the deduction."""
        return net_m2(self.area_m2, self.deduction)


def net_m2(area_m2: geodesy.Floats, deduction: geodesy.Floats) -> geodesy.Floats:
    """Return the net area 图斑地类面积 of patches: less 扣除面积, which is the area times 扣除系数.

    Parameters
    ----------
    area_m2
        Areas.
    deduction
        0 to 1; where it is NaN nothing is deducted.

    Notes
    -----
    Source: practice of the third national survey (TBDLMJ), from memory: unverified.

    Examples
    --------
    >>> net_m2(np.array([10_000.0, 10_000.0]), np.array([0.06, np.nan])).tolist()
    [9400.0, 10000.0]
    """
    return area_m2 * (1.0 - np.nan_to_num(deduction))


def tidy_code(written: str, book: LandBook) -> tuple[str, str]:
    """Tidy a code and tell which class it belongs to.

    Parameters
    ----------
    written
        As in the file: full-width digits, spaces, small letters, a lost leading zero, a suffix (``K`` 可调整, ``A``
        sub-kind).
    book
        The classes there are.

    Returns
    -------
    The code tidied, suffix kept, and the class of the book without it, or a first-level class of two digits; two empty
    texts where there is no such class.

    Examples
    --------
    >>> from ecogeo.landuse.book import LandBook, LandClass
    >>> known = ("0101", "0201", "1104", "05H1")
    >>> book = LandBook(dict.fromkeys(known, LandClass("", "")), {}, (), ())
    >>> [tidy_code(written, book) for written in ("０１０１", "201k", "1104A", "01", "05h1", "0000", "无")]
    [('0101', '0101'), ('0201K', '0201'), ('1104A', '1104'), ('01', '01'), ('05H1', '05H1'), ('', ''), ('', '')]
    """
    code = unicodedata.normalize("NFKC", written).strip().upper()
    if _SHORT.fullmatch(code):
        code = f"0{code}"
    if code in book.patch_classes:
        return code, code
    if len(code) == 5 and code[-1] in "KA" and code[:-1] in book.patch_classes:
        return code, code[:-1]
    is_level_one = len(code) == 2 and any(known.startswith(code) for known in book.patch_classes)
    return (code, code) if is_level_one else ("", "")


def _tidied(
    written: npt.NDArray[np.object_], names: npt.NDArray[np.object_], book: LandBook
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """Tidy codes, shape (n, 2), and tell which of three digits were left unknown, as they may be of the second survey.

    A zero is put back in front of three digits where the name of the class says so too, or where there is none and no
    code of the layer is one of three digits that the third survey does not have.
    """
    pairs = sorted(set(zip(written, names, strict=True)))
    plain = {word: unicodedata.normalize("NFKC", word).strip() for word in written}
    is_other = any(_THREE.fullmatch(plain[word]) and not tidy_code(word, book)[1] for word, _ in pairs)
    found, doubted = {}, set()
    for word, name in pairs:
        found[word, name] = tidy_code(word, book)
        base = found[word, name][1]
        if base and _SHORT.fullmatch(plain[word].upper()):
            told, meant = unicodedata.normalize("NFKC", name).strip(), book.patch_classes[base].name
            is_alike = (told in meant or meant in told) if not says_nothing(name) else not is_other
            if not is_alike:
                found[word, name] = ("", "")
                doubted.add((word, name))
    rows = list(zip(written, names, strict=True))
    codes = np.array([found[row] for row in rows], dtype=object).reshape(-1, 2)
    return codes, np.array([row in doubted for row in rows], dtype=bool)


def read_patches(landuse: Layer, book: LandBook) -> Patches:
    """Take the figures of patches from a layer.

    Parameters
    ----------
    landuse
        Polygons with ``land_class`` (DLBM) and, where there are such fields, ``land_name`` (DLMC), ``deduction``
        (KCXS) and ``stated_area_m2`` (TBMJ).
    book
        The classes there are.

    Raises
    ------
    UnusableFileError
        Where there is no field of land classes.
    """
    is_ground = shapely.get_dimensions(landuse.geometries) == 2
    written = landuse.text(land_class_field(landuse)).to_numpy(dtype=object)[is_ground]
    named = _field(landuse, "land_name") or ""
    blank = np.full(len(written), "", dtype=object)
    names = landuse.text(named).to_numpy(dtype=object)[is_ground] if named in landuse.sound.columns else blank
    codes, is_doubted = _tidied(written, names, book)
    shapes = landuse.geometries[is_ground]
    area_m2 = geodesy.area_m2(shapes)
    deduction, impossible = _deductions(landuse, is_ground)
    stated, unit = _stated(landuse, is_ground, area_m2)
    return Patches(
        ids=landuse.ids.to_numpy(dtype=object)[is_ground],
        shapes=shapes,
        area_m2=area_m2,
        code=codes[:, 0],
        base=codes[:, 1],
        written=written,
        deduction=deduction,
        stated_m2=stated,
        stated_unit=unit,
        has_deduction=_field(landuse, "deduction") is not None,
        has_stated=_field(landuse, "stated_area_m2") is not None,
        impossible_deduction=impossible,
        is_zero_lost=np.array([_SHORT.fullmatch(word.strip().upper()) is not None for word in written], dtype=bool),
        is_zero_doubted=is_doubted,
        groundless=tuple(landuse.ids[~is_ground]),
    )


def class_name(code: str, base: str, book: LandBook) -> str:
    """Return the name of a tidied code; of a first-level code, and of none, that it is such."""
    if not base:
        return Text("地类不明", "unknown").zh
    known = book.patch_classes.get(base)
    name = known.name if known else f"一级类 {base}"
    return f"{name}（可调整）" if code.endswith("K") and code != base else name


def land_class_field(landuse: Layer) -> str:
    """Return the field of land classes: as declared, else ``DLBM``.

    Raises
    ------
    UnusableFileError
        Where there is neither.
    """
    return _field(landuse, "land_class") or landuse.field("land_class")


def _field(landuse: Layer, meaning: str) -> str | None:
    """Return the field of a meaning, as declared or by its standard name; None where there is none."""
    declared = landuse.declaration.fields.get(meaning)
    if declared is not None:
        return declared
    by_name = {str(column).upper(): str(column) for column in landuse.sound.columns}
    return by_name.get(_STANDARD[meaning])


def _numbers(landuse: Layer, meaning: str, is_ground: npt.NDArray[np.bool_]) -> tuple[geodesy.Floats, pd.Series[str]]:
    """Return a field as numbers, and as it is written; without the field NaN and ``""``."""
    field = _field(landuse, meaning)
    if field is None:
        blank = pd.Series([""] * int(is_ground.sum()), dtype=object)
        return np.full(len(blank), np.nan), blank
    words = landuse.text(field)[is_ground].reset_index(drop=True).str.strip()
    return pd.to_numeric(words, errors="coerce").to_numpy(dtype=float), words


def _deductions(landuse: Layer, is_ground: npt.NDArray[np.bool_]) -> tuple[geodesy.Floats, npt.NDArray[np.bool_]]:
    _, words = _numbers(landuse, "deduction", is_ground)
    values = np.array([read_deduction(word) for word in words], dtype=float)
    is_sound = (values >= 0.0) & (values < 1.0)
    impossible: npt.NDArray[np.bool_] = ~is_sound & ~np.array([says_nothing(word) for word in words], dtype=bool)
    return np.where(is_sound, values, np.nan), impossible


def deductions_of(layer: Layer) -> geodesy.Floats | None:
    """Return the deductions 扣除系数 of features, NaN where one is missing or impossible; None without such a field."""
    if _field(layer, "deduction") not in layer.sound.columns:
        return None
    return _deductions(layer, np.ones(len(layer.sound), dtype=bool))[0]


def read_deduction(text: str) -> float:
    """Read a deduction 扣除系数; NaN where the text is no number.

    Examples
    --------
    >>> read_deduction("0.06"), read_deduction("６％"), read_deduction("6"), read_deduction("无")
    (0.06, 0.06, 6.0, nan)
    """
    word = unicodedata.normalize("NFKC", text).strip()
    number = word.removesuffix("%")
    try:
        value = float(number)
    except ValueError:
        return float("nan")
    return value / 100.0 if number != word else value


def _stated(
    landuse: Layer, is_ground: npt.NDArray[np.bool_], area_m2: geodesy.Floats
) -> tuple[geodesy.Floats, npt.NDArray[np.object_]]:
    """Return stated areas in m², each read by itself, and the other unit a bare figure was found to be in."""
    _, words = _numbers(landuse, "stated_area_m2", is_ground)
    written_m2 = np.array([read_area_m2(word) for word in words], dtype=float)
    figures = np.array([read_figure(word) for word in words], dtype=float)
    unit = unit_of_each(figures, area_m2, unit="m2")
    stated = np.where(np.isfinite(written_m2), written_m2, figures * np.array([UNITS[one] for one in unit]))
    is_other = np.isfinite(figures) & (unit != "m2")
    return stated, np.where(is_other, np.array([UNIT_NAMES[one] for one in unit], dtype=object), "")
