"""What a person says of a file's coordinates."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyproj

from ecogeo.errors import UsageError
from ecogeo.wording import Text


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a person says of a file's coordinates, against or beyond what it says itself.

    Parameters
    ----------
    crs
        The CRS to read it in.
    is_swapped
        Whether north stands before east.
    is_as_stated
        Whether the file's own CRS is right although it leads outside the county.
    offset
        ``GCJ-02`` or ``BD-09``, to be undone; empty for none.
    """

    crs: pyproj.CRS | None = None
    is_swapped: bool = False
    is_as_stated: bool = False
    offset: str = ""


def read_assumption(text: str) -> Assumption:
    """Read what a person gave as ``--assume``.

    Parameters
    ----------
    text
        Words parted by commas: ``EPSG:4545``, ``swapped``, ``as-stated``, ``GCJ-02``, ``BD-09``.

    Raises
    ------
    UsageError
        For any other word.

    Examples
    --------
    >>> read_assumption("swapped").is_swapped
    True
    """
    assumption = Assumption()
    for word in filter(None, (part.strip() for part in text.split(","))):
        if word.lower() == "swapped":
            assumption = replace(assumption, is_swapped=True)
        elif word.lower() == "as-stated":
            assumption = replace(assumption, is_as_stated=True)
        elif word.upper() in ("GCJ-02", "BD-09"):
            assumption = replace(assumption, offset=word.upper())
        else:
            try:
                assumption = replace(assumption, crs=pyproj.CRS.from_user_input(word))
            except pyproj.exceptions.CRSError as error:
                raise UsageError(
                    Text(
                        f"--assume 不认识“{word}”，可用：EPSG:代码、swapped、as-stated、GCJ-02、BD-09",
                        f"--assume does not know “{word}”; use EPSG:code, swapped, as-stated, GCJ-02, BD-09",
                    )
                ) from error
    return assumption
