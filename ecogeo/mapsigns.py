"""Signs and labels on a map: where each site's sign stands and how surely, and the names of towns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import shapely

from ecogeo.board.records import GRAVEST_FIRST, ProjectRecord
from ecogeo.finding import Answer
from ecogeo.layer import Layer
from ecogeo.wording import Text

VAGUE_M = 100.0
"""A point known less surely than this is not drawn as a place: the builders' choice."""

TownLabel = tuple[str, float, float]
"""Name, longitude, latitude."""


@dataclass(frozen=True, slots=True)
class SiteSign:
    """A site's sign on the map.

    Parameters
    ----------
    record_id
        The project, or the site that belongs to none, whose page it leads to.
    site_id, name
        The site's key and name.
    answer
        Its answer.
    why_open
        Why nobody can tell, where that is the answer; else None.
    overlap_ha
        Ground in constraint layers, 公顷; None where nothing was measured or the site has no area.
    lon, lat
        Where the sign stands.
    accuracy_m
        How far from there the site may really lie; None where nobody knows.
    is_point
        Whether the site itself is known as a point only.
    by_layer
        What the site was held against: role and title of each layer, and the answer there.
    """

    record_id: str
    site_id: str
    name: str
    answer: Answer
    why_open: Text | None
    overlap_ha: float | None
    lon: float
    lat: float
    accuracy_m: float | None
    is_point: bool
    by_layer: tuple[tuple[str, Text, Answer], ...] = ()

    @property
    def answers(self) -> dict[str, Answer]:
        """The answer to each layer, by its role."""
        return {role: answer for role, _, answer in self.by_layer}

    @property
    def is_vague(self) -> bool:
        """Whether the sign only says whereabouts the site is."""
        return self.is_point and (self.accuracy_m is None or self.accuracy_m > VAGUE_M)


def site_signs(records: Iterable[ProjectRecord]) -> tuple[SiteSign, ...]:
    """Return a sign for every site that has a geometry, one for each of its points."""
    return tuple(
        SiteSign(
            record.record_id,
            site.site_id,
            site.name,
            site.answer,
            record.why_open if site.answer is Answer.UNDETERMINED else None,
            record.overlap_ha,
            lon,
            lat,
            site.accuracy_m,
            bool(shapely.get_dimensions(site.geometry) == 0),
            _answers_of(record, site.site_id),
        )
        for record in records
        for site in record.sites
        if site.geometry is not None
        for lon, lat in anchors(site.geometry)
    )


def themed_signs(signs: Iterable[SiteSign], theme: str) -> tuple[SiteSign, ...]:
    """Return signs that show the answer to one layer alone, for a map that is about it.

    Parameters
    ----------
    signs
        The signs.
    theme
        Role of the layer; empty leaves the signs as they are.

    Returns
    -------
    Without the signs of sites that were not held against it.
    """
    if not theme:
        return tuple(signs)
    return tuple(
        replace(sign, answer=answer, why_open=None) for sign in signs if (answer := sign.answers.get(theme)) is not None
    )


def theme_title(signs: Iterable[SiteSign], theme: str) -> Text | None:
    """Return what people call the layer of a role the sites were held against; None where none was."""
    return next((title for sign in signs for role, title, _ in sign.by_layer if role == theme), None)


def _answers_of(record: ProjectRecord, site_id: str) -> tuple[tuple[str, Text, Answer], ...]:
    """Return the gravest answer of a site to each layer."""
    held: dict[str, tuple[str, Text, Answer]] = {}
    for entry in record.answers:
        if entry.site_id == site_id:
            told = held.get(entry.layer, (entry.layer, entry.title, entry.answer))[2]
            held[entry.layer] = (entry.layer, entry.title, min(entry.answer, told, key=GRAVEST_FIRST.index))
    return tuple(held.values())


def town_labels(towns: Layer | None) -> tuple[TownLabel, ...]:
    """Return the name of every town with a point inside it; none where the county has no towns."""
    if towns is None:
        return ()
    return tuple((name, *anchors(shape)[0]) for name, shape in zip(towns.names, towns.geometries, strict=True))


def anchors(shape: shapely.Geometry) -> list[tuple[float, float]]:
    """Return where to put a shape's sign: each point, the middle of the longest line, a point inside the largest area.

    Returns
    -------
    Longitude and latitude, at least one pair.
    """
    parts = shapely.get_parts(shapely.get_parts(shape))
    dimension = int(shapely.get_dimensions(shape))
    parts = parts[shapely.get_dimensions(parts) == dimension]
    if dimension == 0:
        points = parts
    elif dimension == 1:
        longest = parts[np.argmax(shapely.length(parts))]
        points = np.array([shapely.line_interpolate_point(longest, 0.5, normalized=True)])
    else:
        points = np.array([shapely.point_on_surface(parts[np.argmax(shapely.area(parts))])])
    return [(round(float(x), 6), round(float(y), 6)) for x, y in shapely.get_coordinates(points)]
