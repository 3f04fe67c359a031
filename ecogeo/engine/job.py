"""What is asked of a screening: the county, the file, and how it is judged; small enough to send to every worker."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache, partial
from pathlib import Path

from ecogeo import __version__
from ecogeo.catalog import RASTER_ROLES, ROLES
from ecogeo.check import Check, find_checks
from ecogeo.crs import Assumption
from ecogeo.decisions import DecisionFiles
from ecogeo.formats.addresses import is_postgis
from ecogeo.law import Law, read_law
from ecogeo.layer import digest
from ecogeo.reviews import Reviews, read_reviews
from ecogeo.rounding import Rounding
from ecogeo.wording import Lang
from ecogeo.workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class ScreeningOptions:
    """How sites are judged.

    Parameters
    ----------
    accuracy_m
        How far from where they are drawn the sites may really lie, metres.
    corridor_width_m
        Full width of the ground the lines take up, metres; None for lines without a corridor.
    chosen_type
        One project type for every site; empty for what their names tell.
    on
        The day whose law is applied.
    decisions
        Files of answers, project types and reviews.
    rounding
        How figures are rounded; None for the county's own law.
    lang
        Language of the messages.
    """

    accuracy_m: float = 0.0
    corridor_width_m: float | None = None
    chosen_type: str = ""
    on: dt.date | None = None
    decisions: DecisionFiles = field(default_factory=lambda: DecisionFiles(None, None, None))
    rounding: Rounding | None = None
    lang: Lang = "zh"


@dataclass(frozen=True, slots=True)
class Job:
    """A screening of one file against one county.

    Parameters
    ----------
    root
        The county folder, as every worker finds it.
    file
        Name of the file, as outputs show it.
    features
        How many it holds.
    sha256
        Its digest.
    assumption
        What a person says of its coordinates.
    options
        How it is judged.
    inputs
        Digest of everything else that is judged by: who holds another county has to read it anew.
    """

    root: Path
    file: str
    features: int
    sha256: str
    assumption: Assumption
    options: ScreeningOptions
    inputs: str = ""

    def county(self) -> Workspace:
        """Return the county, opened once per process."""
        return _opened(self.root, self.inputs).with_rounding(self.options.rounding)

    def law(self, county: Workspace) -> Law | None:
        """Return what the sites of a county are judged by."""
        options, files = self.options, self.options.decisions
        return read_law(
            county, on=options.on, answers=files.answers, types=files.types, chosen_type=options.chosen_type
        )

    def reviews(self) -> Reviews | None:
        """Return what reviewers answered."""
        path = self.options.decisions.reviews
        return None if path is None else read_reviews(path)

    def fingerprint(self, cut: Mapping[str, object]) -> str:
        """Return what names the parts of this very job: another file, cut, county, option or version gives another."""
        told = {one.name: repr(getattr(self.options, one.name)) for one in fields(self.options)}
        assumed = {one.name: str(getattr(self.assumption, one.name)) for one in fields(self.assumption)}
        whole = [__version__, self.file, self.sha256, dict(cut), self.inputs, told, assumed]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]


def screening_checks() -> tuple[Check, ...]:
    """Return the checks a file of sites is screened by, sorted by name."""
    return tuple(one for one in find_checks() if one.family == "screening")


def prepared(job: Job) -> Job:
    """Read everything a job needs besides its sites, and note the digest of it all.

    Raises
    ------
    EcogeoError
        With everything that is unusable, before any site is judged.
    """
    county = open_workspace(job.root)
    _read_constraints(county)
    roles = _roles()
    layers = {name: declared for name, declared in county.catalog.layers.items() if declared.role in roles}
    read = {name: county.layer(name).sha256 for name, declared in layers.items() if not declared.is_raster}
    paths = [county.layer_folder / "layers.toml", county.data_folder / "tables.toml"]
    paths += [county.layer_folder / one.path for one in layers.values() if one.is_raster and not is_postgis(one.path)]
    paths += [county.layer_folder / one.coverage for one in layers.values() if "." in one.coverage]
    paths += sorted((county.data_folder / "rules").glob("*"))
    given = job.options.decisions
    paths += [path for path in (given.answers, given.types, given.reviews) if path is not None]
    files = {str(number): digest(path) for number, path in enumerate(paths) if path.is_file()}
    inputs = hashlib.sha256(json.dumps([read, files, county.county.rounding], sort_keys=True).encode()).hexdigest()
    return replace(job, inputs=inputs)


@lru_cache(maxsize=1)
def _opened(root: Path, inputs: str) -> Workspace:
    """Open a county and read what sites are screened against; another digest of its inputs opens it anew."""
    del inputs
    county = open_workspace(root)
    _read_constraints(county)
    return county


def _read_constraints(county: Workspace) -> None:
    """Read every layer and rule once, so that the sites of all blocks are laid over the same ones."""
    vectors = [role for role in sorted(_roles()) if role not in RASTER_ROLES]
    rasters = [role for role in sorted(_roles()) if role in RASTER_ROLES]
    county.require(
        [
            *(partial(county.of_role, role) for role in vectors),
            *(partial(county.raster_of_role, role) for role in rasters),
            county.rules,
        ]
    )


def _roles() -> frozenset[str]:
    """Return the roles of the layers the checks are handed, without the sites."""
    used = {use for one in screening_checks() for use in one.uses} | {"towns", "county"}
    return frozenset(used & set(ROLES)) - {"project_sites"}
