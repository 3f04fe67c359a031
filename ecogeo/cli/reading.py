"""How commands read a file of sites, and tell how it was read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ecogeo.wording import Lang

if TYPE_CHECKING:
    from ecogeo.inspection import Inspection
    from ecogeo.workspace import Workspace


def read_sites_file(
    county: Workspace, file: Path, *, layer: str, assume: str, is_county_sure: bool, lang: Lang, quiet: bool
) -> Inspection:
    """Read every feature of a file against the county, and say how it was read unless it is to be quiet."""
    from ecogeo.county_file import inspect_for_county
    from ecogeo.crs import read_assumption
    from ecogeo.inspection import page

    assumption = read_assumption(assume)
    found = inspect_for_county(county, file, layer=layer, is_county_sure=is_county_sure, assumption=assumption)
    if not quiet:
        click.echo("\n".join(line.say(lang) for line in page(found)), err=True)
    return found
