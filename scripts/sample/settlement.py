"""Where people live and build: towns, villages, the urban boundary, schools and clinics."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sample.facts import TOWNS
from sample.frame import PLANE_EPSG, Floats, Shape, Shapes, ellipsoidal_m2, plane_point, shapes_of
from sample.noise import blob
from sample.relief import hilliness

BUILT, RESERVE, SPECIAL = "城镇集中建设区", "弹性发展区", "特别用途区"

# Zone, centre (lon, lat), radius in metres; where two overlap, the earlier one keeps the ground.
_URBAN = (
    (BUILT, (109.330, 24.258), 2_300.0),
    (BUILT, (109.347, 24.243), 1_900.0),
    (BUILT, (109.420, 24.170), 2_300.0),
    (SPECIAL, (109.318, 24.240), 900.0),
    (SPECIAL, (109.433, 24.188), 700.0),
    (RESERVE, (109.356, 24.232), 1_500.0),
    (RESERVE, (109.404, 24.156), 1_300.0),
    (BUILT, (109.270, 24.140), 620.0),
    (BUILT, (109.440, 24.040), 700.0),
    (BUILT, (109.363, 24.215), 650.0),
    (BUILT, (109.235, 24.262), 640.0),
    (BUILT, (109.167, 24.210), 600.0),
    (BUILT, (109.040, 24.235), 560.0),
    (BUILT, (109.083, 24.134), 540.0),
)
INDUSTRIAL_PARK = (2, 4, 6)

_SPACING_M = 900.0


def towns_layer(towns: Shapes) -> gpd.GeoDataFrame:
    """Return the layer of towns; areas on record are left empty where none is known."""
    return gpd.GeoDataFrame(
        {
            "town_code": [town.code for town in TOWNS],
            "town_name": [town.name for town in TOWNS],
            "recorded_area_km2": np.array([town.recorded_km2 for town in TOWNS], dtype=float),
            "area_km2": np.round(ellipsoidal_m2(towns) / 1e6, 4),
        },
        geometry=towns,
        crs=PLANE_EPSG,
    )


def urban_boundary(county: shapely.Polygon) -> gpd.GeoDataFrame:
    """Return the layer of the urban boundary's zones, without overlaps."""
    taken: Shape = shapely.Polygon()
    zones = []
    for number, (_, place, radius_m) in enumerate(_URBAN):
        zone = shapely.difference(blob(plane_point(place), radius_m, seed=700 + number, roughness=0.32), taken)
        zone = shapely.intersection(zone, shapely.buffer(county, -120.0))
        zones.append(max(shapely.get_parts(zone), key=shapely.area))
        taken = shapely.union(taken, zones[-1])
    return gpd.GeoDataFrame(
        {
            "boundary_id": [f"U{number + 1:02d}" for number in range(len(_URBAN))],
            "zone": [zone for zone, _, _ in _URBAN],
        },
        geometry=zones,
        crs=PLANE_EPSG,
    )


def draw_villages(names: pd.DataFrame, gazetteer: pd.DataFrame, towns: Shapes, water: Shapes) -> gpd.GeoDataFrame:
    """Place the villages: those in the gazetteer at its coordinates, the others anywhere in their town.

    Parameters
    ----------
    names
        Columns `town`, `village_or_community`.
    gazetteer
        Columns `name`, `kind`, `lon`, `lat`, `precision_km`; villages are named "<village>(<town>)".
    towns
        Polygons in the order of `facts.TOWNS`.
    water
        Where nobody lives.

    Returns
    -------
    Points; `accuracy_m` is the gazetteer's precision, or the distance to the farthest point of the town.
    """
    columns = gazetteer.loc[gazetteer["kind"] == "village", ["name", "lon", "lat", "precision_km"]]
    known = {name: (lon, lat, precision_km) for name, lon, lat, precision_km in columns.itertuples(index=False)}
    number_of = {town.name: number for number, town in enumerate(TOWNS)}
    dry = shapely.difference(shapely.buffer(towns, -150.0), shapely.union_all(shapely.buffer(water, 120.0)))
    rng = np.random.default_rng(710)
    points: list[shapely.Point] = []
    accuracy_m: list[float] = []
    is_known: list[bool] = []
    for town_name, village in names.itertuples(index=False):
        number = number_of[town_name]
        entry = f"{village}({town_name})"
        is_known.append(entry in known)
        if is_known[-1]:
            lon, lat, precision_km = known[entry]
            points.append(shapely.Point(plane_point((lon, lat))))
            accuracy_m.append(1_000.0 * precision_km)
        else:
            points.append(_settled_place(dry[number], points, rng))
            accuracy_m.append(float(np.ceil(shapely.hausdorff_distance(points[-1], towns[number].exterior))))
    return gpd.GeoDataFrame(
        {
            "village_code": [f"V{number + 1:03d}" for number in range(len(names))],
            "village_name": names["village_or_community"].to_numpy(),
            "town_name": names["town"].to_numpy(),
            "town_code": [TOWNS[number_of[name]].code for name in names["town"]],
            "is_placed_by_gazetteer": is_known,
            "accuracy_m": accuracy_m,
        },
        geometry=points,
        crs=PLANE_EPSG,
    )


def _settled_place(ground: Shape, taken: list[shapely.Point], rng: np.random.Generator) -> shapely.Point:
    """Return a place that is rather flat and away from the places taken: the best of some random ones."""
    west, south, east, north = ground.bounds
    xy: Floats = rng.uniform((west, south), (east, north), (160, 2))
    xy = xy[shapely.contains_xy(ground, xy)]
    apart = shapely.distance(shapely.points(xy), shapely.MultiPoint(taken)) if taken else np.full(len(xy), _SPACING_M)
    best = np.argmax(np.minimum(apart / _SPACING_M, 1.6) - 0.8 * hilliness(xy[:, 0], xy[:, 1]))
    return shapely.Point(xy[best])


def draw_receptors(villages: gpd.GeoDataFrame, urban: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Place schools, clinics and hamlets: near some villages, and a few in the towns' built zones."""
    rng = np.random.default_rng(720)
    chosen = villages.geometry.to_numpy()[::2]
    near = shapely.get_coordinates(chosen) + rng.normal(0.0, 260.0, (len(chosen), 2))
    centres = shapely.get_coordinates(shapely.centroid(urban.geometry[urban["zone"] == BUILT].to_numpy()))
    in_town = np.vstack([centres + rng.normal(0.0, 180.0, centres.shape) for _ in range(2)])
    kinds = [("居民点", "学校", "居民点", "卫生院")[number % 4] for number in range(len(near))]
    kinds += ["学校"] * len(centres) + ["卫生院"] * len(centres)
    ordinal = dict.fromkeys(kinds, 0)
    names = []
    for kind in kinds:
        ordinal[kind] += 1
        names.append(f"示意{kind}{ordinal[kind]}")
    return gpd.GeoDataFrame(
        {
            "receptor_id": [f"E{number + 1:03d}" for number in range(len(kinds))],
            "kind": kinds,
            "receptor_name": names,
        },
        geometry=shapely.points(np.vstack([near, in_town])),
        crs=PLANE_EPSG,
    )


def draw_pollution_sources(villages: gpd.GeoDataFrame, receptors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Place heavy industry, livestock farms and sources of noise: some near a receptor, some well away from all."""
    rng = np.random.default_rng(740)
    near = shapely.get_coordinates(receptors.geometry.to_numpy()[::16])
    far = shapely.get_coordinates(villages.geometry.to_numpy()[5::24])
    near += rng.normal(0.0, 230.0, near.shape)
    far += rng.normal(0.0, 1_300.0, far.shape)
    places = np.vstack([near, far])
    kinds = [("重工业", "规模化养殖", "噪声源")[number % 3] for number in range(len(places))]
    ordinal = dict.fromkeys(kinds, 0)
    names = []
    for kind in kinds:
        ordinal[kind] += 1
        names.append(f"示意{kind}{ordinal[kind]}")
    return gpd.GeoDataFrame(
        {
            "source_id": [f"PS{number + 1:02d}" for number in range(len(kinds))],
            "kind": kinds,
            "source_name": names,
        },
        geometry=shapely.points(places),
        crs=PLANE_EPSG,
    )


def built_patches(villages: gpd.GeoDataFrame) -> Shapes:
    """Return a small built-up patch around each village."""
    xy = shapely.get_coordinates(villages.geometry.to_numpy())
    return shapes_of(
        [blob(place, 110.0 + 14.0 * (number % 9), seed=730 + number, vertices=40) for number, place in enumerate(xy)]
    )
