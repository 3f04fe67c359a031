"""A project must keep its distance from homes, schools and clinics (敏感点); this tells which are near it.

Source: no clause. The distance is the builders' own choice, to be replaced by the one that the project's noise, dust or
blasting standard sets: declare it as ``buffer_m`` of the layer.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecogeo.check import Outcome, check
from ecogeo.corridor import corridors
from ecogeo.finding import ResultTable
from ecogeo.geodesy import Geometries
from ecogeo.hits import Cases, screen_role
from ecogeo.layer import Layer
from ecogeo.overlay import within_distance
from ecogeo.placing import corridor_widths_m
from ecogeo.wording import Text


@check(family="screening", title=Text("项目用地周边的敏感点", "receptors near a project site"))
def site_near_receptor(cases: Cases, receptors: Layer, *, buffer_m: float = 200.0) -> Outcome:
    """Answer for every project whether it lies within a distance of a receptor.

    Answers by exact distance: see `ecogeo.setback.answered_by_distance`. ``distance_m`` is that to the nearest receptor
    itself, ``overlap_m2`` the site's ground within the distance of any. There is no threshold for pieces.

    Parameters
    ----------
    cases
        The sites, with projects, law and towns.
    receptors
        Points, lines or polygons; ``kind`` tells what each is, where the county has such a field.
    buffer_m
        The distance in metres; the ``buffer_m`` the county declares for the layer wins.

    Yields
    ------
    Findings; tables ``screening``, ``screening_zones``, ``judgements``, ``dropped`` and ``receptors``: every pair that
    lies within the distance as drawn.
    """
    yield from screen_role(cases, receptors, least_m2=0.0, least_width_m=0.0, dimension=0, buffer_m=buffer_m)
    declared_m = receptors.declaration.buffer_m
    yield ResultTable("receptors", near_pairs(cases.sites, receptors, buffer_m if declared_m is None else declared_m))


def near_pairs(sites: Layer, receptors: Layer, within_m: float) -> pd.DataFrame:
    """List every site and receptor within a distance of each other.

    Parameters
    ----------
    sites, receptors
        The two layers.
    within_m
        Metres.

    Returns
    -------
    ``site_id, receptor_id, receptor_name, kind, distance_m`` (geodesic, from the corridor of a line that has one; 0
    where they touch): by the site's place in its layer, then distance, then receptor.
    """
    width_m = corridor_widths_m(sites)
    grounds: Geometries = np.array(sites.geometries, dtype=object)
    grounds[width_m > 0] = corridors(grounds[width_m > 0], width_m[width_m > 0])
    pairs = within_distance(grounds, receptors.geometries, np.full(len(grounds), within_m))
    field = receptors.declaration.fields.get("kind", "kind")
    kinds = receptors.text(field) if field in receptors.sound.columns else receptors.ids.map(lambda _: "")
    site, receptor = pairs["site"].to_numpy(), pairs["zone"].to_numpy()
    frame = pd.DataFrame(
        {
            "site_id": sites.ids.to_numpy()[site],
            "receptor_id": receptors.ids.to_numpy()[receptor],
            "receptor_name": receptors.names.to_numpy()[receptor],
            "kind": kinds.to_numpy()[receptor],
            "distance_m": pairs["distance_m"].to_numpy(float),
        }
    )
    keys = ["place", "distance_m", "receptor_id"]
    return frame.assign(place=site).sort_values(keys, ignore_index=True).drop(columns="place")
