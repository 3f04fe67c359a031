"""Screened sites as rows of the files of the contract."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
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
    distinct = {id(one): one for one in gravest_ones}  # most sites are judged alike, by one and the same judgement
    places = {key: place for place, key in enumerate(distinct)}
    whose = np.array([places[id(one)] for one in gravest_ones], dtype=np.int64)

    def said(of: Callable[[Judgement], str], otherwise: str = "") -> npt.NDArray[np.object_]:
        texts = [otherwise if one is None else of(one) for one in distinct.values()]
        return np.array(texts, dtype=object)[whose]

    overlap_m2 = rows["overlap_m2"].to_numpy(float)
    return pd.DataFrame(
        {
            "site_id": sites.ids.to_numpy(),
            "site_name": sites.names.to_numpy(),
            "layer": zones.declaration.role,
            "answer": rows["answer"].astype(str),
            "certainty_m": rows["certainty_m"],
            "overlap_m2": overlap_m2,
            "overlap_ha": overlap_m2 / geodesy.M2_PER_HA,
            "overlap_mu": overlap_m2 * geodesy.MU_PER_HA / geodesy.M2_PER_HA,
            "length_m": rows["length_m"],
            "share": rows["share"],
            "distance_m": rows["distance_m"],
            "verdict": np.where(is_hit, said(lambda one: str(one.verdict), str(Verdict.UNDETERMINED)), ""),
            "rule_id": said(lambda one: one.rule_id),
            "clause": said(cited),
            "next_step": _with_strips(said(judged.next_step), screened),
            "issuer": said(lambda one: one.issuer),
            "layer_version": layer_version(zones),
            "coverage": rows["coverage"],
        }
    )


_COMPARE = "核对两图边界（重叠均为沿共同边界的窄条）"


def _with_strips(steps: npt.NDArray[np.object_], screened: Screened) -> npt.NDArray[np.object_]:
    """Tell whoever reads of a site that overlaps in strips along shared boundaries alone to compare both drawings."""
    are_strips = screened.kept.groupby("site")["is_strip"].all()
    told = steps.copy()
    for site in are_strips.index[are_strips].tolist():
        told[site] = "；".join(filter(None, [_COMPARE, steps[site]]))
    return told


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
    kept = _set_aside(sites)
    aside = [
        {"project_id": project or key, "name": name, "reason": why.zh}
        for (key, project, name), (_, why) in zip(kept, sites.set_aside, strict=True)
    ]
    left = _without_site(projects, sites)
    rows = left[[column for column in UNLOCATED_COLUMNS if column != "reason"]].assign(reason=_NO_SITE.zh)
    listed = pd.concat([rows, pd.DataFrame(aside)], ignore_index=True) if aside else rows.reset_index(drop=True)
    return listed.reindex(columns=list(UNLOCATED_COLUMNS))


def undetermined_rows(sites: Layer, projects: pd.DataFrame, zones: Layer) -> list[pd.DataFrame]:
    """Return screening rows of what has no geometry, projects and single sites: nobody can say what they touch."""
    left = _without_site(projects, sites)
    who = [
        *zip(left["project_id"], left["name"], strict=True),
        *((key, name) for key, _, name in _set_aside(sites)),
    ]
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


def _set_aside(sites: Layer) -> list[tuple[str, str, str]]:
    """Return key, project and name of every site set aside; of one that is not in the frame, its key."""
    if not sites.set_aside:
        return []
    declared, frame = sites.declaration, sites.frame
    field = declared.fields.get("project_id", "project_id")
    projects = as_text(frame[field]).tolist() if field in frame.columns else [""] * len(frame)
    names = as_text(frame[declared.name or declared.key]).tolist()
    known = dict(zip(as_text(frame[declared.key]).tolist(), zip(projects, names, strict=True), strict=True))
    return [(key, *known.get(key, ("", key))) for key, _ in sites.set_aside]


def _without_site(projects: pd.DataFrame, sites: Layer) -> pd.DataFrame:
    """Return the projects nobody drew or placed a site of."""
    if projects.empty:
        return projects
    field = sites.declaration.fields.get("project_id", "project_id")
    drawn = set(as_text(sites.frame[field])) if field in sites.frame.columns else {""}
    return projects[~projects["project_id"].isin(drawn)]
