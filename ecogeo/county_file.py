"""A file that somebody brings to a county, inspected against its outline."""

from __future__ import annotations

from pathlib import Path

from ecogeo.crs import Assumption
from ecogeo.datum_shift import DatumShift
from ecogeo.inspection import Inspection, inspect_file
from ecogeo.workspace import Workspace


def inspect_for_county(
    county: Workspace,
    path: Path,
    *,
    layer: str = "",
    is_county_sure: bool = True,
    assumption: Assumption | None = None,
    shift: DatumShift | None = None,
    is_whole: bool | None = True,
) -> Inspection:
    """Read a file as `inspect_file` does, with the box and the outline of the county it should belong to.

    Parameters
    ----------
    county
        The county; one without an outline says nothing of where a file should lie.
    path
        The file.
    layer
        The layer inside it; empty takes the only one.
    is_county_sure
        Whether a file that leads elsewhere is refused or only doubted.
    assumption, shift
        What a person says of its coordinates, and parameters for an old datum.
    is_whole
        Whether to read every feature, or no more than the first ones; None decides by the size of the file.

    Raises
    ------
    EcogeoError
        Where the file cannot be read, or nobody can tell where it lies.
    """
    outline = county.of_role("county")
    return inspect_file(
        path,
        layer=layer,
        county=None if outline is None else outline.box,
        is_county_sure=is_county_sure,
        outline=None if outline is None else outline.coverage,
        assumption=assumption,
        shift=shift,
        is_whole=is_whole,
    )
