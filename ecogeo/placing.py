"""How surely each site is placed, and how wide a line is: believed only where it can be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.wording import Text

EXACT_BASES = ("surveyed polygon", "drawn polygon", "line")
VAGUE_BASES = ("village", "town", "county", "none")
"""Words of ``location_basis``. On a vague one a site stands for ground somewhere near: 0 m is a false claim."""


def placed_within_m(sites: Layer) -> geodesy.Floats:
    """Return the metres within which each sound site may really lie; NaN where nobody knows.

    Parameters
    ----------
    sites
        With ``accuracy_m`` and, where the county has it, ``location_basis``. A negative accuracy, one that is no
        number, an unknown basis, and 0 m on a vague basis are taken as unknown.
    """
    accuracy_m = sites.numbers("accuracy_m").copy()
    accuracy_m[_is_unsure(sites, accuracy_m)] = np.nan
    return accuracy_m


def unsure_sites(sites: Layer) -> Iterator[tuple[int, Text]]:
    """Yield the position of each site whose accuracy cannot be believed, with the reason."""
    accuracy_m = sites.numbers("accuracy_m")
    unsure = np.flatnonzero(_is_unsure(sites, accuracy_m))
    if not len(unsure):
        return
    words, bases = sites.text(sites.field("accuracy_m")).to_numpy(), _bases(sites)
    for position in unsure.tolist():
        word, metres, basis = words[position], accuracy_m[position], None if bases is None else bases[position]
        if np.isnan(metres):
            said = f"“{word}”" if word else "空"
            yield position, Text(f"accuracy_m 不是数字（{said}）", f"accuracy_m is no number (“{word}”)")
        elif metres < 0:
            yield position, Text(f"accuracy_m 为负数（{word}）", f"accuracy_m is negative ({word})")
        elif basis not in VAGUE_BASES:
            yield position, Text(f"不认识的 location_basis（“{basis}”）", f"location_basis “{basis}” is not known")
        else:
            yield position, Text(f"位置依据为 {basis}，精度却为 0", f"placed by {basis}, yet to 0 m")


def _is_unsure(sites: Layer, accuracy_m: geodesy.Floats) -> npt.NDArray[np.bool_]:
    """Tell whose accuracy cannot be believed."""
    is_unsure: npt.NDArray[np.bool_] = ~(accuracy_m >= 0)
    bases = _bases(sites)
    if bases is not None:
        is_vague = np.isin(bases, VAGUE_BASES)
        is_unsure |= np.where(is_vague, accuracy_m == 0, ~np.isin(bases, EXACT_BASES))
    return is_unsure


def _bases(sites: Layer) -> npt.NDArray[np.object_] | None:
    """Return what each sound site is placed by; None where the layer has no such field."""
    field = sites.declaration.fields.get("location_basis", "location_basis")
    return sites.text(field).to_numpy(dtype=object) if field in sites.sound.columns else None


def corridor_widths_m(sites: Layer) -> geodesy.Floats:
    """Return the width of the ground each sound site takes up if it is a line, in metres.

    Parameters
    ----------
    sites
        Where the county has it, with ``corridor_width_m``; a line without one has no corridor.

    Returns
    -------
    0 for no corridor; NaN where the width told cannot be believed, so that nobody knows how wide the ground is.
    """
    field = sites.declaration.fields.get("corridor_width_m", "corridor_width_m")
    if field not in sites.sound.columns:
        return np.zeros(len(sites.sound))
    width_m = np.where(sites.text(field) == "", 0.0, sites.numbers("corridor_width_m"))
    width_m[~((width_m >= 0) & np.isfinite(width_m))] = np.nan
    return np.where(shapely.get_dimensions(sites.geometries) == 1, width_m, 0.0)


def doubtful_corridors(sites: Layer) -> Iterator[tuple[int, Text]]:
    """Yield the position of each site whose corridor width is not used, with the reason and what follows."""
    field = sites.declaration.fields.get("corridor_width_m", "corridor_width_m")
    if field not in sites.sound.columns:
        return
    words, width_m = sites.text(field).to_numpy(dtype=object), corridor_widths_m(sites)
    is_no_width = np.isnan(width_m)
    is_no_line = shapely.get_dimensions(sites.geometries) != 1
    for position in np.flatnonzero(is_no_width | (is_no_line & ~np.isin(words, ["", "0"]))).tolist():
        word = words[position]
        if is_no_width[position]:
            yield (
                position,
                Text(
                    f"corridor_width_m 不是有效宽度（“{word}”），按宽度不明处理，只判断中心线",
                    f"corridor_width_m is no width (“{word}”); taken as a line nobody knows how wide",
                ),
            )
        else:
            yield (
                position,
                Text(
                    f"corridor_width_m 只用于线，未使用（“{word}”）",
                    f"corridor_width_m is for lines alone and was not used (“{word}”)",
                ),
            )
