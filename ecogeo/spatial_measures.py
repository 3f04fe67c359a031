"""What a map can tell of plans' indicators: told by their names, measured by every definition the layers allow.

Source: definitions in data/cover_definitions.csv, each with its own source; names as plans print them. That a measure
without a definition there counts ground of layers, overlaps once, is the builders' choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.guarded import joined, shared
from ecogeo.landuse.book import CHOICE, LandBook
from ecogeo.landuse.cover import cover_shares
from ecogeo.landuse.patches import deductions_of, net_m2, read_patches
from ecogeo.landuse.steep import steep_shares
from ecogeo.landuse.units import Units
from ecogeo.landuse.use import use_shares
from ecogeo.layer import Layer
from ecogeo.mines import UNTOLD, mines_of, unknown_m2
from ecogeo.raster import Raster
from ecogeo.shoreline import measure_shoreline, with_banks_paired
from ecogeo.shoreline.naturalness import NATURALNESS, bank_naturalness
from ecogeo.shoreline.strips import strips_of
from ecogeo.shoreline.tables import reach_rows, total_rows
from ecogeo.spatial_names import (
    PROTECTED,
    SHORELINES,
    STEEP_CROPLAND,
    WATER,
    WETLAND,
    Measure,
)
from ecogeo.wording import Text


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure by one definition.

    Parameters
    ----------
    definition, checked
        What counts, and how far that was checked.
    layer
        Role of the layer it was measured on.
    data_year
        Year of the layer's data, as declared; empty where it declares none.
    numerator_m2, unknown_m2
        Ground that counts, and ground that might; infinite where nobody knows how much.
    whole_m2, whole
        What the ground is a share of, where that is not the county, and what that is in words.
    numerator_m, denominator_m, unknown_m
        For a rate, the lengths instead; the unknown one is in neither.
    note
        What the figure leaves out; Chinese, as it stands in the table.
    """

    definition: Text
    checked: str
    layer: str
    data_year: str
    numerator_m2: float = float("nan")
    unknown_m2: float = 0.0
    whole_m2: float = float("nan")
    whole: str = ""
    numerator_m: float = float("nan")
    denominator_m: float = float("nan")
    unknown_m: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """The layers measures are taken on, each None where the county has none.

    Parameters
    ----------
    snap_m
        As `ecogeo.shoreline.measure_shoreline` has it, metres.
    within_m
        As `ecogeo.shoreline.naturalness.bank_naturalness` has it, metres.
    """

    county: Layer
    book: LandBook
    landcover: Raster | None = None
    landuse: Layer | None = None
    redlines: Layer | None = None
    reserves: Layer | None = None
    river_reaches: Layer | None = None
    shorelines: Layer | None = None
    water_bodies: Layer | None = None
    mines: Layer | None = None
    farmland: Layer | None = None
    urban_boundary: Layer | None = None
    water_sources: Layer | None = None
    dem: Raster | None = None
    snap_m: float = 5.0
    within_m: float = 50.0


def measured_by_all(measure: Measure, maps: Maps) -> Iterator[Measured]:
    """Take a measure by every definition the layers allow.

    Parameters
    ----------
    measure
        One of `measures_of`.
    maps
        The layers.
    """
    key = measure.key
    grounds = {
        "redlines": maps.redlines,
        "reserves": maps.reserves,
        "farmland": maps.farmland,
        "urban_boundary": maps.urban_boundary,
    }
    if key == SHORELINES:
        yield from _shoreline(maps)
    elif key == NATURALNESS:
        yield from _naturalness(maps)
    elif key in grounds:
        layer = grounds[key]
        if layer is not None:
            yield _union([layer], maps.county)
            if key == "farmland":
                yield from _net(layer, maps.county)
    elif key == PROTECTED:
        yield from _protected(maps)
    elif key == WETLAND:
        yield from _wetland(maps)
    elif key == WATER:
        yield from _water(maps)
    elif key.startswith(STEEP_CROPLAND):
        yield from _steep_cropland(maps, float(key.partition(":")[2]))
    elif measure.form == "part":
        if maps.mines is not None:
            yield _restored(key, maps.mines)
    else:
        yield from _cover(key, maps)


def _shoreline(maps: Maps) -> Iterator[Measured]:
    """Take the county's rate from the shoreline's own totals."""
    if maps.river_reaches is None or maps.shorelines is None:
        return
    paired = with_banks_paired(maps.river_reaches)
    shore = measure_shoreline(
        paired.reaches,
        maps.shorelines,
        water_bodies=maps.water_bodies,
        snap_m=maps.snap_m,
        other_ids=paired.other_id,
    )
    reaches = reach_rows(shore, paired.reaches)
    totals = total_rows(shore, reaches)
    unknown_m = float(reaches.loc[reaches["protection_pct"].isna(), "bank_m"].sum())
    is_endless = bool(reaches["bank_m"].isna().any())
    for row in totals[totals["level"] == "county"].to_dict("records"):
        yield Measured(
            Text("（保护区＋保留区）÷岸线总长，沿两岸", "protected and reserved over all shoreline, along both banks"),
            CHOICE,
            "shorelines",
            maps.shorelines.declaration.date[:4],
            numerator_m=float(row["protected_m"] + row["reserved_m"]),
            denominator_m=float(row["bank_m"]),
            unknown_m=float("inf") if is_endless else unknown_m,
            note=f"另有 {row['reaches_unzoned']} 个河段未划功能区，未计入" if row["reaches_unzoned"] else "",
        )


def _naturalness(maps: Maps) -> Iterator[Measured]:
    """Take the natural share of the land along the banks."""
    if maps.river_reaches is None or maps.landcover is None:
        return
    reaches = with_banks_paired(maps.river_reaches).reaches
    width_m = np.full(len(reaches.sound), maps.within_m)
    strips = strips_of(reaches, width_m, water_bodies=maps.water_bodies, snap_m=maps.snap_m).shapes
    rows = bank_naturalness(reaches, maps.landcover, maps.book, strips, within_m=maps.within_m)
    natural_m2, unknown_m2 = (float(rows[name].sum()) * geodesy.M2_PER_HA for name in ("natural_ha", "unknown_ha"))
    yield Measured(
        Text(
            f"两岸 {maps.within_m:g} 米内自然地类÷已知地类（遥感土地覆盖）",
            f"natural over known ground within {maps.within_m:g} m of both banks, by the land cover",
        ),
        CHOICE,
        maps.landcover.declaration.role,
        maps.landcover.declaration.date[:4],
        numerator_m2=natural_m2,
        whole_m2=float(rows["strip_ha"].sum()) * geodesy.M2_PER_HA - unknown_m2,
        unknown_m2=unknown_m2,
        whole="岸边带内地类已知的面积",
    )


def _ground(layers: Sequence[Layer], county: Layer) -> shapely.Geometry:
    """Return the ground of layers within the county."""
    shapes = np.concatenate([layer.geometries for layer in layers])
    polygons = shapes[shapely.get_dimensions(shapes) == 2]
    pair = np.array([joined(polygons), joined(county.geometries)], dtype=object)
    ground: shapely.Geometry = shared(pair[:1], pair[1:])[0]
    return ground


def _union(layers: Sequence[Layer], county: Layer) -> Measured:
    """Measure the ground of layers within the county, ground under several features once."""
    names = Text("＋".join(one.title.zh for one in layers), " + ".join(one.title.en for one in layers))
    several = Text(f"（{names.zh}）", f" ({names.en})") if len(layers) > 1 else Text("", "")
    return Measured(
        Text(
            f"图层在县域内的椭球面积，重叠处计一次{several.zh}",
            f"ground of the layer within the county, overlaps once{several.en}",
        ),
        CHOICE,
        ";".join(one.declaration.role for one in layers),
        ";".join(dict.fromkeys(one.declaration.date[:4] for one in layers)),
        numerator_m2=float(geodesy.area_m2(np.array([_ground(layers, county)], dtype=object))[0]),
    )


def _net(layer: Layer, county: Layer) -> Iterator[Measured]:
    """Take the ground of a layer less what its features deduct (扣除系数), where it has such a field."""
    deductions = deductions_of(layer)
    if deductions is None:
        return
    whole = joined(county.geometries)
    shapes = layer.geometries.copy()
    shapes[shapely.get_dimensions(shapes) != 2] = shapely.Polygon()
    own_m2 = geodesy.area_m2(shared(shapes, np.full(len(shapes), whole, dtype=object)))
    gross = _union([layer], county)
    share = float(net_m2(own_m2, deductions).sum() / own_m2.sum()) if own_m2.sum() else 1.0
    absent = int(np.isnan(deductions).sum())
    yield replace(
        gross,
        definition=Text(
            f"{gross.definition.zh}，扣除系数扣除后（净面积）",
            f"{gross.definition.en}, less the deductions (扣除系数) of its features",
        ),
        numerator_m2=gross.numerator_m2 * share,
        note=f"另有 {absent} 个要素没有可用的扣除系数，未扣除" if absent else "",
    )


def _water(maps: Maps) -> Iterator[Measured]:
    """Take the water of the county: by land cover, by patches, and by the layer of water bodies."""
    if maps.landcover is not None:
        cover = cover_shares(_county(joined(maps.county.geometries)), maps.landcover, maps.book)
        kinds = {str(code): one.kind for code, one in cover.meanings.items()}
        yield _water_of(cover.classes, kinds, maps.landcover.declaration, Text("遥感土地覆盖", "land cover"))
    if maps.landuse is not None:
        use = use_shares(_county(joined(maps.county.geometries)), read_patches(maps.landuse, maps.book), maps.book)
        kinds = {code: one.kind for code, one in maps.book.patch_classes.items()}
        codes = use.classes.assign(**{"class": use.classes["class"].str[:4]})
        yield _water_of(codes, kinds, maps.landuse.declaration, Text("地类图斑", "patches"))
    if maps.water_bodies is not None:
        yield _union([maps.water_bodies], maps.county)


def _water_of(classes: pd.DataFrame, kinds: Mapping[str, str], declaration: LayerDeclaration, source: Text) -> Measured:
    """Add up the classes that are water; those that nobody knows might be."""
    kind = classes["class"].map(lambda code: kinds.get(code, ""))
    return Measured(
        Text(f"归为水域的地类（{source.zh}）", f"classes that count as water ({source.en})"),
        CHOICE,
        declaration.role,
        declaration.date[:4],
        numerator_m2=float(classes.loc[kind == "water", "area_m2"].sum()),
        unknown_m2=float(classes.loc[kind == "", "area_m2"].sum()),
    )


def _protected(maps: Maps) -> Iterator[Measured]:
    """Take protected ground in three widths: reserves, with red lines, with water source zones too."""
    layers: list[Layer] = []
    for layer in (maps.reserves, maps.redlines, maps.water_sources):
        if layer is not None:
            layers = [*layers, layer]
            yield _union(layers, maps.county)


def _wetland(maps: Maps) -> Iterator[Measured]:
    """Take the wetlands that lie in reserves, and in reserves or red lines, as a part of all wetlands."""
    layers: list[Layer] = []
    for layer in (maps.reserves, maps.redlines):
        if layer is None:
            continue
        layers = [*layers, layer]
        inside = _ground(layers, maps.county)
        if shapely.is_empty(inside):
            continue
        own = {one.definition: one for one in _cover("湿地占比", maps, inside)}
        for one in _cover("湿地占比", maps):
            within = Text("＋".join(of.title.zh for of in layers), " + ".join(of.title.en for of in layers))
            yield Measured(
                Text(f"{within.zh}内的湿地÷全部湿地（{one.definition.zh}）", f"in {within.en}; {one.definition.en}"),
                CHOICE,
                one.layer,
                one.data_year,
                numerator_m2=own[one.definition].numerator_m2,
                whole_m2=one.numerator_m2,
                unknown_m2=one.unknown_m2,
                whole="县域内湿地面积",
            )


def _steep_cropland(maps: Maps, over_deg: float) -> Iterator[Measured]:
    """Take the cropland steeper than a limit, by land cover and by patches."""
    if maps.dem is None:
        return
    patches = None if maps.landuse is None else read_patches(maps.landuse, maps.book)
    rows = steep_shares(
        _county(joined(maps.county.geometries)),
        maps.dem,
        over_deg=over_deg,
        landcover=maps.landcover,
        book=maps.book,
        cropland=None if patches is None else patches.shapes[patches.is_cropland],
    ).rows
    layers = {"landcover": maps.landcover, "landuse": maps.landuse}
    words = {"landcover": Text("遥感土地覆盖", "land cover"), "landuse": Text("地类图斑", "patches")}
    for row in rows[rows["cropland_source"] != ""].to_dict("records"):
        source, by = layers[row["cropland_source"]], words[row["cropland_source"]]
        limit = f"{over_deg:g}°"
        yield Measured(
            Text(f"坡度大于 {limit}（Horn）的耕地，耕地依据{by.zh}", f"cropland steeper than {limit}, by {by.en}"),
            CHOICE,
            f"{row['cropland_source']};dem",
            "" if source is None else source.declaration.date[:4],
            numerator_m2=float(row["steep_cropland_m2"]),
            unknown_m2=float(row["cropland_unknown_m2"]),
        )


def _restored(state: str, mines: Layer) -> Measured:
    """Measure the restored ground of the mines of a state."""
    rows = mines_of(mines).rows
    rows = rows[rows["state"] == state]
    own = rows[rows["basis"] != UNTOLD]
    restored_m2, disturbed_m2, unclear_m2 = own[["restored_m2", "disturbed_m2", "unclear_m2"]].sum()
    notes = []
    if ((rows["lost"] > 0) | (rows["groundless"] > 0)).any():
        notes.append("另有矿山要素没有图形面积，未计入")
    if unclear_m2 > 0:
        notes.append(f"另有 {unclear_m2 / geodesy.M2_PER_HA:.4f} 公顷未写明扰动或已修复，未计入")
    if len(own) < len(rows):
        notes.append(f"另有 {len(rows) - len(own)} 座矿山没有区分扰动与已修复，未计入")
    return Measured(
        Text(
            "已修复÷（扰动＋已修复），两者重叠处计为扰动",
            "restored over all; ground called both is disturbed",
        ),
        CHOICE,
        mines.declaration.role,
        mines.declaration.date[:4],
        numerator_m2=float(restored_m2),
        unknown_m2=float(unknown_m2(rows).sum()),
        whole_m2=float(restored_m2 + disturbed_m2),
        whole="矿山图层中应修复的面积",
        note="；".join(notes),
    )


def _county(ground: shapely.Geometry) -> Units:
    """Return a ground as the one unit that is measured."""
    shapes = np.array([ground], dtype=object)
    names = pd.DataFrame({"unit_kind": ["county"], "unit_id": [""], "unit_name": [""]})
    return Units(names, shapes, geodesy.area_m2(shapes))


def _cover(key: str, maps: Maps, ground: shapely.Geometry | None = None) -> Iterator[Measured]:
    """Take a cover of the county, or of a part of it, by land cover and by patches."""
    unit = _county(joined(maps.county.geometries) if ground is None else ground)
    covers = []
    if maps.landcover is not None:
        declared = maps.landcover.declaration
        covers.append((declared, cover_shares(unit, maps.landcover, maps.book).covers, "cover"))
    if maps.landuse is not None:
        declared = maps.landuse.declaration
        covers.append((declared, use_shares(unit, read_patches(maps.landuse, maps.book), maps.book).covers, "dlbm"))
    for declaration, rows, scheme in covers:
        definitions = {one.wording.zh: one for one in maps.book.definitions_of(scheme)}
        for row in rows[rows["class_name"] == key].to_dict("records"):
            yield Measured(
                definitions[row["definition"]].wording,
                definitions[row["definition"]].checked,
                declaration.role,
                declaration.date[:4],
                numerator_m2=float(row["area_m2"]),
                unknown_m2=float(row["nodata_share"] * unit.area_m2[0]),
            )
