"""The sample county as a whole: what is drawn after what, and which files come of it."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sample import cases, farmland, landcover, landuse, mines, partition, protection, rivers, settlement
from sample.facts import COUNTY_CODE, COUNTY_NAME
from sample.frame import PLANE_EPSG, Grid, Shapes, ellipsoidal_m2, shapes_of
from sample.places import places_to_sites
from sample.relief import burnt, draw_relief
from sample.shoreline import draw_shorelines
from sample.writing import write_layer, write_raster

RASTER_CELL_M = 30.0
DEM_NODATA = -9999
_MARGIN_M = 1_200.0
_UNZONED_REACH = "R09"
_OVERLAP_REACH = "R05"
_INTAKE_REACH = "R13"


def build_county(tables: Path, out: Path) -> list[Path]:
    """Draw every layer and write it.

    Parameters
    ----------
    tables
        Folder with gazetteer.csv, villages.csv and projects.csv.
    out
        Folder of the layers, made if need be.

    Returns
    -------
    The files written.
    """
    out.mkdir(parents=True, exist_ok=True)
    gazetteer, names, projects = (_read(tables / f"{name}.csv") for name in ("gazetteer", "villages", "projects"))
    outline = partition.draw_outline()
    urban = settlement.urban_boundary(outline)
    built = urban.geometry.to_numpy()
    grid = Grid.around(outline.bounds, partition.CELL_M, _MARGIN_M)
    divided = partition.draw_partition(outline, grid, built, built[list(settlement.INDUSTRIAL_PARK)])
    county, towns = divided.county, divided.towns()
    redlines = protection.redlines_layer(divided)
    courses = rivers.centre_lines(county)
    reaches = rivers.draw_reaches(courses)
    lakes = rivers.draw_reservoirs(reaches)
    water = rivers.water_bodies(reaches, lakes)
    villages = settlement.draw_villages(names, gazetteer, towns, water.geometry.to_numpy())
    patches = settlement.built_patches(villages)
    mine_parts = mines.draw_mines(
        county, redlines.geometry.to_numpy(), np.concatenate([built, water.geometry.to_numpy()])
    )
    occupied = np.concatenate(
        [built, shapely.buffer(water.geometry.to_numpy(), 25.0), patches, mine_parts.geometry.to_numpy()]
    )
    inside = burnt(shapes_of([county]), grid, touched=False)
    protected = redlines.geometry.to_numpy()
    fields = farmland.farmland_cells(grid, inside, protected, occupied)
    parcels = farmland.draw_farmland(grid, fields, protected, occupied, towns)
    sites = pd.concat(
        [cases.demonstration_sites(protected, county, towns), places_to_sites(projects, gazetteer, towns, courses)],
        ignore_index=True,
    )
    by_number = {reach.reach_id: reach for reach in reaches}
    receptors = settlement.draw_receptors(villages, urban)
    reserves = protection.reserves_layer(redlines)
    layers = {
        "county": _county_layer(county),
        "towns": settlement.towns_layer(towns),
        "villages": villages,
        "redlines": redlines,
        "redlines_earlier": protection.earlier_redlines(redlines, county),
        "reserves": reserves,
        "reserves_earlier": protection.earlier_reserves(reserves),
        "farmland": parcels,
        "farmland_coverage": farmland.farmland_coverage(towns),
        "urban_boundary": urban,
        "control_units": protection.control_units_layer(divided),
        "water_sources": protection.water_sources_layer(lakes, by_number[_INTAKE_REACH], county),
        "river_reaches": rivers.river_reaches(reaches),
        "water_bodies": water,
        "shorelines": draw_shorelines(reaches, unzoned_reach=_UNZONED_REACH, overlap_reach=_OVERLAP_REACH),
        "river_management": rivers.river_management(reaches, county),
        "mines": mine_parts,
        "receptors": receptors,
        "pollution_sources": settlement.draw_pollution_sources(villages, receptors),
        "project_sites": sites,
    }
    written = [write_layer(layer, role, out) for role, layer in layers.items()]
    return written + _rasters(county, layers, courses, out, patches)


def _read(path: Path) -> pd.DataFrame:
    """Return a table; an empty cell is an empty text."""
    return pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False)


def _county_layer(county: shapely.Polygon) -> gpd.GeoDataFrame:
    """Return the layer of the county."""
    area_km2 = ellipsoidal_m2(shapes_of([county]))[0] / 1e6
    return gpd.GeoDataFrame(
        {"county_code": [COUNTY_CODE], "county_name": [COUNTY_NAME], "area_km2": [round(area_km2, 4)]},
        geometry=[county],
        crs=PLANE_EPSG,
    )


def _rasters(
    county: shapely.Polygon,
    layers: dict[str, gpd.GeoDataFrame],
    courses: dict[str, shapely.LineString],
    out: Path,
    patches: Shapes,
) -> list[Path]:
    """Draw and write land cover and terrain, and the patches of land use drawn from it."""
    grid = Grid.around(county.bounds, RASTER_CELL_M, RASTER_CELL_M)
    inside = burnt(shapes_of([county]), grid, touched=False)
    water = layers["water_bodies"]
    lakes = water.geometry[water["kind"] == "水库水面"].to_numpy()
    relief = draw_relief(grid, shapes_of(list(courses.values())), lakes)
    parcels, urban = layers["farmland"].geometry, layers["urban_boundary"]
    mine_parts = layers["mines"]
    cover = landcover.draw_landcover(
        grid,
        inside,
        relief,
        parcels=parcels.to_numpy(),
        urban=urban.geometry[urban["zone"] == settlement.BUILT].to_numpy(),
        villages=patches,
        quarries=mine_parts.geometry[mine_parts["part"] == "扰动"].to_numpy(),
        water=water.geometry.to_numpy(),
    )
    heights = np.where(inside, np.round(relief.height_m), DEM_NODATA).astype(np.int16)
    classes = {f"CLASS_{value}": name for value, name in landcover.CLASSES.items()}
    uses = landuse.draw_landuse(cover, grid, county)
    earlier = landuse.earlier_landuse(uses, layers["redlines"].geometry.to_numpy())
    return [
        write_raster(cover, grid, out / "landcover.tif", nodata=landcover.NODATA, tags=classes, predictor=1),
        write_raster(heights, grid, out / "dem.tif", nodata=DEM_NODATA, tags={"UNIT": "metre"}, predictor=2),
        write_layer(uses, "landuse", out),
        write_layer(earlier, "landuse_earlier", out),
    ]
