"""What `ecogeo siting` hands over: candidates with their score taken apart, what was asked of them, and the surface."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio

from ecogeo import geodesy
from ecogeo.formats.geopackage import write_geopackage
from ecogeo.formats.refusing import whole_or_nothing
from ecogeo.report.cells import write_csv
from ecogeo.rounding import Rounding
from ecogeo.siting import Route, Search

_NO_SCORE = -1.0


def write_search(search: Search, folder: Path, law: Rounding = "half-up") -> tuple[Path, ...]:
    """Write the files of a search.

    Parameters
    ----------
    search
        What was found.
    folder
        Where to; it is made if need be.
    law
        How figures are rounded.

    Returns
    -------
    ``siting.csv`` (one row per candidate), ``siting_scores.csv`` (its score taken apart), ``siting_rules.csv`` (every
    layer's answer, verdict, clause and what is still to be asked), ``siting_judgements.csv`` (the rules behind them),
    ``siting_sensitivity.csv`` (which weights decide), ``siting.gpkg`` (EPSG:4490) and ``suitability.tif`` (score 0 to 1
    of free cells; no data where ground is blocked or unknown).
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "siting.csv": _candidates(search),
        "siting_scores.csv": _scores(search),
        "siting_rules.csv": search.screening,
        "siting_judgements.csv": search.judgements,
        "siting_sensitivity.csv": search.sensitivity,
    }
    for name, frame in tables.items():
        write_csv(frame, folder / name, law)
    shapes = folder / "siting.gpkg"
    ids = [one.site_id for one in search.candidates]
    frame = gpd.GeoDataFrame(
        {"site_id": ids, "score": [round(one.score, 6) for one in search.candidates]},
        geometry=gpd.GeoSeries([one.site for one in search.candidates], crs=geodesy.LONLAT),
    )
    write_geopackage(frame, shapes, "siting")
    surface = folder / "suitability.tif"
    _write_surface(search, surface)
    return (*(folder / name for name in tables), shapes, surface)


def write_route(route: Route, folder: Path, law: Rounding = "half-up") -> tuple[Path, ...]:
    """Write the files of a route: ``route.csv`` (crossings by layer), ``route_rules.csv`` and ``route.gpkg``."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = (folder / "route.csv", folder / "route_rules.csv")
    write_csv(route.crossings.assign(length_m=route.length_m, straight_m=route.straight_m), tables[0], law)
    write_csv(route.screening, tables[1], law)
    shapes = folder / "route.gpkg"
    write_geopackage(gpd.GeoDataFrame({"site_id": ["L1"]}, geometry=[route.line], crs=geodesy.LONLAT), shapes, "route")
    return (*tables, shapes)


def _candidates(search: Search) -> pd.DataFrame:
    """Lay out the candidates, best first."""
    centres = [one.site.representative_point() for one in search.candidates]
    return pd.DataFrame(
        {
            "site_id": [one.site_id for one in search.candidates],
            "area_ha": [one.area_m2 / geodesy.M2_PER_HA for one in search.candidates],
            "score": [round(one.score, 6) for one in search.candidates],
            "compactness": [round(one.compactness, 4) for one in search.candidates],
            "lon": [f"{centre.x:.7f}" for centre in centres],
            "lat": [f"{centre.y:.7f}" for centre in centres],
        }
    )


def _scores(search: Search) -> pd.DataFrame:
    """Take each score apart: what a criterion gives, times its share of the weights; the parts add up to the score."""
    criteria = search.surface.criteria
    total = sum(one.weight for one in criteria)
    rows = [
        {
            "site_id": candidate.site_id,
            "criterion": criterion.criterion,
            "weight": criterion.weight,
            "criterion_score": round(part, 6),
            "contribution": round(part * criterion.weight / total, 6) if criterion.weight > 0 else 0.0,
        }
        for candidate in search.candidates
        for criterion, part in zip(criteria, candidate.parts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["site_id", "criterion", "weight", "criterion_score", "contribution"])


def _write_surface(search: Search, path: Path) -> None:
    grid = search.surface.grid
    scores = np.where(np.isnan(found := search.surface.scores()), np.float32(_NO_SCORE), found)
    with whole_or_nothing(path) as part:
        with rasterio.open(
            part,
            "w",
            driver="GTiff",
            height=grid.rows,
            width=grid.columns,
            count=1,
            dtype="float32",
            crs=grid.raster_crs,
            transform=grid.transform,
            nodata=_NO_SCORE,
            compress="deflate",
            tiled=True,
        ) as target:
            target.write(scores, 1)
        with rasterio.open(part) as written:
            written.checksum(1)  # what was cut off by a full disk shows only when it is read
