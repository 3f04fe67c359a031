"""For each site of a file: the part that is clear, the nearest clear place, and what either still touches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo import geodesy
from ecogeo.errors import UnusableFileError
from ecogeo.finding import Report, Verdict
from ecogeo.inspection import Inspection
from ecogeo.judging import judge_county
from ecogeo.law import Law
from ecogeo.layer import Layer
from ecogeo.rounding import rounded
from ecogeo.sites import sites_of
from ecogeo.siting.blocked import Blocker, look_around, screening_checks
from ecogeo.siting.cutting import joined
from ecogeo.siting.ground import as_drawn, blocked_ground, plane_of
from ecogeo.siting.shifting import Shift, nearest_shift
from ecogeo.siting.trimming import Trimmed, TrimOptions, blocks, trim
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

TOUCHING_COLUMNS = (
    *("site_id", "proposal", "layer", "answer", "overlap_m2", "distance_m", "coverage"),
    *("verdict", "rule_id", "clause"),
)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class AvoidOptions:
    """What is avoided, and how.

    Parameters
    ----------
    verdicts
        Ground of these verdicts is kept off; what nobody has judged yet may turn out prohibited.
    trim
        Margin, smoothing, least piece and width.
    limit_m
        Longest move of a site, metres; 0 for none.
    accuracy_m
        How far from where they are drawn the sites may really lie: it is added to the margin.
    takes_unknown
        Whether ground that a layer does not cover is taken off as well. Otherwise it is kept and told; a site is never
        moved onto such ground of a layer that covers it where it is.
    """

    verdicts: tuple[Verdict, ...] = (Verdict.PROHIBITED, Verdict.CONDITIONAL, Verdict.UNDETERMINED)
    trim: TrimOptions = field(default_factory=TrimOptions)
    limit_m: float = 500.0
    accuracy_m: float = 0.0
    takes_unknown: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """What could be done with one site.

    Parameters
    ----------
    site_id, site_name
        The site.
    site
        Polygons of the plane.
    blockers
        What blocks ground of the site itself.
    blocked
        All ground in it and around it that is taken off, in the plane.
    trimmed
        The site parted.
    shift
        The nearest move; None where there is none within the limit.
    """

    site_id: str
    site_name: str
    site: BaseGeometry
    blockers: tuple[Blocker, ...]
    blocked: BaseGeometry
    trimmed: Trimmed
    shift: Shift | None

    @property
    def is_in_conflict(self) -> bool:
        """Whether anything that is avoided lies in the site."""
        return not self.trimmed.is_whole

    @property
    def shifted(self) -> BaseGeometry | None:
        """The site where it would be clear; None where there is no such place within the limit."""
        if self.shift is None:
            return None
        by = np.array([self.shift.dx_m, self.shift.dy_m])
        return shapely.transform(self.site, lambda xy: xy + by)


@dataclass(frozen=True, slots=True, eq=False)
class Avoidance:
    """Proposals for all sites of a file.

    Parameters
    ----------
    crs
        The plane they are in.
    proposals
        In the order of the file.
    sites, touching
        Tables: one row per site; one row per site, proposal and layer that the site as it was, trimmed or moved touches
        or may touch.
    blind
        Layers that can clear no site, because nobody says where they are complete.
    drawn, report
        The sites as they were drawn, and what the screening says of them.
    """

    crs: pyproj.CRS
    proposals: tuple[Proposal, ...]
    sites: pd.DataFrame
    touching: pd.DataFrame
    blind: tuple[Text, ...]
    drawn: Layer
    report: Report

    @property
    def is_any_in_conflict(self) -> bool:
        """Whether any site has to be changed."""
        return any(one.is_in_conflict for one in self.proposals)


def avoid_sites(
    county: Workspace,
    inspection: Inspection,
    path: Path,
    law: Law | None,
    options: AvoidOptions,
    *,
    progress: Progress = lambda _name, _done, _of: None,
) -> Avoidance:
    """Propose for each site of a file the least change that frees it, and screen what is proposed again.

    Parameters
    ----------
    county
        The county.
    inspection, path
        The file, and how it was read.
    law
        What hits are judged by.
    options
        What is avoided, and how.
    progress
        Told the step, the steps done and their number.

    Raises
    ------
    UnusableFileError
        Where a site is no polygon: only ground can be trimmed.
    EcogeoError
        Where a layer is unusable or a check broke.
    """
    sites = sites_of(inspection, path, accuracy_m=options.accuracy_m)
    _require_polygons(sites, inspection)
    progress("surroundings", 0, 3)
    margin_m = options.trim.margin_m + options.accuracy_m
    reach_m = max(options.limit_m, 0.0) + margin_m + options.trim.smooth_m
    around = look_around(county, sites, law, reach_m=reach_m, verdicts=options.verdicts)
    crs = plane_of(inspection)
    drawn = as_drawn(inspection, crs)[~shapely.is_missing(inspection.sound.geometries)]
    progress("proposals", 1, 3)
    proposals = tuple(
        _proposal((site_id, name, shape), around.blockers[site_id], crs, options)
        for site_id, name, shape in zip(sites.ids, sites.names, drawn, strict=True)
    )
    progress("screening", 2, 3)
    touching, report = _screened_again(county, sites, proposals, crs, law)
    progress("", 3, 3)
    return Avoidance(crs, proposals, _site_rows(proposals, crs), touching, around.blind, sites, report)


def _require_polygons(sites: Layer, inspection: Inspection) -> None:
    if (other := np.flatnonzero(shapely.get_dimensions(sites.geometries) != 2)).size:
        keys = sites.ids.iloc[other].tolist()
        raise UnusableFileError(
            inspection.file,
            Text(
                f"只有面状用地可以裁剪或平移：{'、'.join(keys)} 不是面",
                f"only polygons can be trimmed or moved: {', '.join(keys)}",
            ),
        )


def _proposal(
    site: tuple[str, str, BaseGeometry], blockers: Sequence[Blocker], crs: pyproj.CRS, options: AvoidOptions
) -> Proposal:
    """Trim and move one site of the plane."""
    site_id, name, shape = site
    grounds = blocked_ground([one.ground for one in blockers], crs)
    is_here = np.array([blocks(shape, ground, options.accuracy_m) for ground in grounds], dtype=bool)
    is_known = np.array([one.verdict is not None for one in blockers], dtype=bool)
    is_taken = is_known | options.takes_unknown
    taken = joined(grounds[is_taken])
    obstacles = joined(grounds[is_taken | ~is_here])
    trimmed = trim(shape, taken, options.trim, accuracy_m=options.accuracy_m)
    margin_m = options.trim.margin_m + options.accuracy_m
    shift = (
        Shift(0.0, 0.0)
        if trimmed.is_whole
        else nearest_shift(shape, obstacles, margin_m=margin_m, limit_m=options.limit_m)
    )
    here = tuple(one for one, there in zip(blockers, is_here, strict=True) if there)
    return Proposal(site_id, name, shape, here, taken, trimmed, shift)


def _screened_again(
    county: Workspace, sites: Layer, proposals: Sequence[Proposal], crs: pyproj.CRS, law: Law | None
) -> tuple[pd.DataFrame, Report]:
    """Screen the sites as drawn, trimmed and moved, and list what each touches, may touch, or cannot be cleared of.

    Returns the list, and the report on the sites as drawn.
    """
    as_drawn_report = judge_county(county.with_sites(sites), screening_checks(), law=law)
    reports = [("as drawn", as_drawn_report)]
    for kind, shapes in (
        ("trimmed", [one.trimmed.kept for one in proposals]),
        ("moved", [one.shifted for one in proposals]),
    ):
        placed = np.array([None if shape is None or shape.is_empty else shape for shape in shapes], dtype=object)
        if not shapely.is_missing(placed).all():
            changed = county.with_sites(_with_shapes(sites, placed, crs))
            reports.append((kind, judge_county(changed, screening_checks(), law=law)))
    columns = list(TOUCHING_COLUMNS)
    tables = [
        report.tables["screening"].assign(proposal=kind) for kind, report in reports if "screening" in report.tables
    ]
    if not tables:
        return pd.DataFrame(columns=columns), as_drawn_report
    rows = pd.concat(tables, ignore_index=True)
    return rows.loc[rows["answer"] != "clear", columns].reset_index(drop=True), as_drawn_report


def _with_shapes(sites: Layer, shapes: geodesy.Geometries, crs: pyproj.CRS) -> Layer:
    """Return the sites that have a shape, in that shape."""
    lonlat = geodesy.to_lonlat(shapes, crs)
    frame = sites.sound.set_geometry(gpd.GeoSeries(lonlat, index=sites.sound.index, crs=geodesy.LONLAT))
    frame = frame[~shapely.is_missing(lonlat)]
    return replace(sites, frame=frame, sound=frame, set_aside=())


def _site_rows(proposals: Sequence[Proposal], crs: pyproj.CRS) -> pd.DataFrame:
    """Lay out what each site keeps and loses, in ellipsoidal square metres."""
    parts = {
        "area_m2": [one.site for one in proposals],
        "kept_m2": [one.trimmed.kept for one in proposals],
        "blocked_m2": [one.trimmed.blocked for one in proposals],
        "margin_m2": [one.trimmed.beside for one in proposals],
        "narrow_m2": [one.trimmed.narrow for one in proposals],
        "small_m2": [one.trimmed.small for one in proposals],
    }
    areas = {
        name: geodesy.area_m2(geodesy.to_lonlat(np.array(shapes, dtype=object), crs)) for name, shapes in parts.items()
    }
    shifts = [one.shift for one in proposals]
    return pd.DataFrame(
        {
            "site_id": [one.site_id for one in proposals],
            "site_name": [one.site_name for one in proposals],
            **{name: [rounded(float(value), 2) for value in values] for name, values in areas.items()},
            "kept_share": np.round(areas["kept_m2"] / areas["area_m2"], 6),
            "kept_pieces": [
                len(shapely.get_parts(one.trimmed.kept)) if not one.trimmed.kept.is_empty else 0 for one in proposals
            ],
            "move_east_m": [np.nan if one is None else one.dx_m for one in shifts],
            "move_north_m": [np.nan if one is None else one.dy_m for one in shifts],
            "move_m": [np.nan if one is None else rounded(one.distance_m, 2) for one in shifts],
            "blocked_by": [";".join(dict.fromkeys(one.name for one in proposal.blockers)) for proposal in proposals],
        }
    )
