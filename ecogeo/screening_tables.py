"""Screened sites as rows of the files of the contract."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.finding import Answer, Verdict
from ecogeo.law import Judged, cited, zone_values
from ecogeo.layer import Layer, as_text
from ecogeo.overlay import crossed_m, groups_of, merged_pieces
from ecogeo.rules import Judgement
from ecogeo.screening import Screened
from ecogeo.wording import Text

UNLOCATED_COLUMNS = ("project_id", "name", "system", "location_basis", "place", "accuracy_m", "reason")
_NO_SITE = Text("没有用地图形", "no site geometry")


def layer_version(layer: Layer) -> str:
    """Return the version of a layer and the date of its data, as far as they are declared, with a space between."""
    return f"{layer.declaration.version} {layer.declaration.date}".strip()


def screening_rows(screened: Screened, sites: Layer, zones: Layer, judged: Judged) -> pd.DataFrame:
    """Lay the answers out as rows of ``screening.csv``.

    Parameters
    ----------
    screened
        Answers, in the order of the sites.
    sites, zones
        The two layers.
    judged
        The judgements; a hit nobody judged has the verdict undetermined.

    Returns
    -------
    The columns of the contract.
    """
    rows = screened.rows
    is_hit = rows["answer"].isin([str(Answer.INVOLVED), str(Answer.POSSIBLE)])
    gravest_ones = [judged.gravest_of(site) for site in range(len(rows))]

    def said(of: Callable[[Judgement], str]) -> list[str]:
        return [of(one) if one is not None else "" for one in gravest_ones]

    verdicts = [str(one.verdict) if one is not None else str(Verdict.UNDETERMINED) for one in gravest_ones]
    return pd.DataFrame(
        {
            "site_id": sites.ids.to_numpy(),
            "site_name": sites.names.to_numpy(),
            "layer": zones.declaration.role,
            "answer": rows["answer"].map(str),
            "certainty_m": rows["certainty_m"],
            "overlap_m2": rows["overlap_m2"],
            "overlap_ha": rows["overlap_m2"].map(geodesy.hectares),
            "overlap_mu": rows["overlap_m2"].map(geodesy.mu),
            "length_m": rows["length_m"],
            "share": rows["share"],
            "distance_m": rows["distance_m"],
            "verdict": np.where(is_hit, verdicts, ""),
            "rule_id": said(lambda one: one.rule_id),
            "clause": said(cited),
            "next_step": _with_strips(said(judged.next_step), screened),
            "issuer": said(lambda one: one.issuer),
            "layer_version": layer_version(zones),
            "coverage": rows["coverage"],
        }
    )


_COMPARE = "核对两图边界（重叠均为沿共同边界的窄条）"


def _with_strips(steps: list[str], screened: Screened) -> list[str]:
    """Tell whoever reads of a site that overlaps in strips along shared boundaries alone to compare both drawings."""
    are_strips = screened.kept.groupby("site")["is_strip"].all()
    return [
        "；".join(filter(None, [_COMPARE, step])) if are_strips.get(site, default=False) else step
        for site, step in enumerate(steps)
    ]


def zone_rows(screened: Screened, sites: Layer, zones: Layer) -> pd.DataFrame:
    """Lay the overlaps out by value of the zone, ground under several zones of one value counted once.

    Parameters
    ----------
    screened
        The pieces.
    sites, zones
        The two layers. Where the zones carry ``deduction`` (扣除系数, 0–1), ``net_m2`` is the overlap less that share
        of each piece, ground under several zones counted once, with the least share; else it is empty. Source of the
        net area: practice of 三调 net areas, unverified.

    Returns
    -------
    ``site_id, layer, zone, overlap_m2, overlap_ha, net_m2, net_ha, length_m``.
    """
    values = np.array(zone_values(zones), dtype=object)[screened.kept["zone"]]
    grouped = screened.kept.assign(value=values).groupby(["site", "value"], sort=True)
    group = grouped.ngroup().to_numpy()
    first = np.unique(group, return_index=True)[1]
    site = screened.kept["site"].to_numpy()[first]
    pieces = screened.kept.assign(site=group)
    ground = merged_pieces(pieces, screened.grounds[site], zones.geometries)
    area_m2, length_m = geodesy.area_m2(ground), geodesy.length_m(ground)
    length_m += crossed_m(sites.geometries[site], pieces[pieces["area_m2"] > 0], zones.geometries)
    net_m2 = _net_m2(pieces, len(first), zones)
    return pd.DataFrame(
        {
            "site_id": sites.ids.to_numpy()[site],
            "layer": zones.declaration.role,
            "zone": values[first],
            "overlap_m2": area_m2,
            "overlap_ha": area_m2 / geodesy.M2_PER_HA,
            "net_m2": net_m2,
            "net_ha": net_m2 / geodesy.M2_PER_HA,
            "length_m": length_m,
        }
    )


def _net_m2(pieces: gpd.GeoDataFrame, groups: int, zones: Layer) -> geodesy.Floats:
    """Return the net area of each group of pieces (``site`` is its number); NaN where the zones have no deduction."""
    field = zones.declaration.fields.get("deduction", "deduction")
    if field not in zones.sound.columns:
        return np.full(groups, np.nan)
    group = pieces["site"].to_numpy()
    deduction = np.nan_to_num(zones.numbers("deduction"))[pieces["zone"]]
    shapes = np.asarray(pieces.geometry.array, dtype=object)
    is_alone = np.bincount(group, minlength=groups)[group] == 1
    net: geodesy.Floats = np.zeros(groups)
    net[group[is_alone]] = geodesy.area_m2(shapes[is_alone]) * (1.0 - deduction[is_alone])
    several = np.flatnonzero(~is_alone)
    for number, own in groups_of(group[several]):
        net[number] = _net_of_several(shapes[several[own]], deduction[several[own]])
    return net


def _net_of_several(shapes: geodesy.Geometries, deduction: geodesy.Floats) -> float:
    """Sum pieces less their deduction; where they overlap, the ground counts with the least deduction."""
    order = np.argsort(deduction, kind="stable")
    shapes = shapes[order]
    area = geodesy.area_m2(shapes)
    for later in range(1, len(shapes)):
        earlier = shapes[:later][shapely.intersects(shapes[:later], shapes[later])]
        area[later] = geodesy.area_m2(np.array([shapely.difference(shapes[later], shapely.union_all(earlier))]))[0]
    return float((area * (1.0 - deduction[order])).sum())


def dropped_rows(screened: Screened, site_ids: pd.Series[str], zones: Layer) -> pd.DataFrame:
    """Lay the pieces under a threshold out as rows of ``dropped.csv``.

    Parameters
    ----------
    screened
        The pieces.
    site_ids
        Shape (n,), the sites.
    zones
        The layer they were screened against.
    """
    dropped = screened.dropped
    return pd.DataFrame(
        {
            "site_id": site_ids.to_numpy()[dropped["site"]],
            "layer": zones.declaration.role,
            "zone_id": zones.ids.to_numpy()[dropped["zone"]],
            "area_m2": dropped["area_m2"],
            "width_m": dropped["width_m"],
            "reason": dropped["reason"],
        }
    )


def unlocated_rows(sites: Layer, projects: pd.DataFrame) -> pd.DataFrame:
    """Return the projects and sites there is no geometry to judge of, with the reason: ``unlocated.csv``.

    Parameters
    ----------
    sites
        The sites; those set aside are listed, under their project where they belong to one.
    projects
        The projects of every plan; those without any site are listed.
    """
    known = _known_sites(sites)
    aside = [
        {"project_id": known[key][0] or key, "name": known[key][1], "reason": why.zh} for key, why in sites.set_aside
    ]
    left = _without_site(projects, known)
    rows = left[[column for column in UNLOCATED_COLUMNS if column != "reason"]].assign(reason=_NO_SITE.zh)
    listed = pd.concat([rows, pd.DataFrame(aside)], ignore_index=True) if aside else rows.reset_index(drop=True)
    return listed.reindex(columns=list(UNLOCATED_COLUMNS))


def undetermined_rows(sites: Layer, projects: pd.DataFrame, zones: Layer) -> list[pd.DataFrame]:
    """Return screening rows of what has no geometry, projects and single sites: nobody can say what they touch."""
    known = _known_sites(sites)
    left = _without_site(projects, known)
    who = [*zip(left["project_id"], left["name"], strict=True), *((key, known[key][1]) for key, _ in sites.set_aside)]
    if not who:
        return []
    return [
        pd.DataFrame(
            {
                "site_id": [one for one, _ in who],
                "site_name": [name for _, name in who],
                "layer": zones.declaration.role,
                "answer": str(Answer.UNDETERMINED),
                "layer_version": layer_version(zones),
                "coverage": "unknown",
            }
        )
    ]


def _known_sites(sites: Layer) -> dict[str, tuple[str, str]]:
    """Return project and name of every site as read, by key, also of those set aside."""
    declared, frame = sites.declaration, sites.frame
    field = declared.fields.get("project_id", "project_id")
    projects = as_text(frame[field]) if field in frame.columns else [""] * len(frame)
    rows = zip(as_text(frame[declared.key]), projects, as_text(frame[declared.name or declared.key]), strict=True)
    known = {key: (project, name) for key, project, name in rows}
    return {**{key: ("", key) for key, _ in sites.set_aside}, **known}


def _without_site(projects: pd.DataFrame, known: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Return the projects nobody drew or placed a site of."""
    return projects[~projects["project_id"].isin({project for project, _ in known.values()})]
