"""How a file was read, in a page a person reads and an object a program reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.china_offset import likely_offset
from ecogeo.crs import Assumption, Placement, place_geometries
from ecogeo.datum_shift import DatumShift
from ecogeo.formats import read_features
from ecogeo.formats.head import Head, read_head
from ecogeo.formats.reading import Reading
from ecogeo.gauss import Box, home_plane, zone_text
from ecogeo.rounding import rounded
from ecogeo.soundness import Sound, make_sound, oddities
from ecogeo.stated_area import stated_areas
from ecogeo.wording import Lang, Text, list_en, list_zh

LARGE_BYTES = 200_000_000
HEAD_FEATURES = 10_000
"""Of a file larger than that, only so many features are read."""


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """Everything found out about a file.

    Parameters
    ----------
    file
        Its name.
    reading
        What its format gave.
    placement
        Where its coordinates lie, and how that was found.
    sound
        Its geometries fit to measure, longitude and latitude.
    area_m2, planar_area_m2
        Shape (n,): ellipsoidal area, and area in the plane it came in (of degrees, in the 3-degree zone of its middle).
    stated_area_ha
        Sum of the areas it states; None where it states none.
    doubts
        Everything inferred or odd.
    features
        How many features the file holds; of a large file only the first are in `reading`.
    """

    file: str
    reading: Reading
    placement: Placement
    sound: Sound
    area_m2: geodesy.Floats
    planar_area_m2: geodesy.Floats
    stated_area_ha: float | None
    doubts: tuple[Text, ...]
    features: int

    @property
    def is_head(self) -> bool:
        """Whether only the first features were read."""
        return self.features != len(self.reading.frame)

    @property
    def set_aside(self) -> tuple[tuple[str, Text], ...]:
        """Features that cannot be measured, by number or name, with the reason."""
        named = {key for key, _ in self.reading.set_aside}
        entries = [*self.reading.set_aside, *(entry for entry in self.sound.set_aside if entry[0] not in named)]
        return tuple(sorted(entries, key=lambda entry: int(entry[0]) if entry[0].isdigit() else 0))

    @property
    def geometry_type(self) -> str:
        """The kinds of geometry there are, joined by ``+``."""
        shapes = np.asarray(self.reading.frame.geometry.array, dtype=object)
        shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
        _, first = np.unique(shapely.get_type_id(shapes), return_index=True)
        return "+".join(sorted(str(shape.geom_type) for shape in shapes[first]))

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of its fields."""
        frame = self.reading.frame
        return tuple(str(column) for column in frame.columns if column != frame.geometry.name)


def inspect_file(
    path: Path,
    *,
    layer: str = "",
    county: Box | None = None,
    is_county_sure: bool = True,
    outline: shapely.Geometry | None = None,
    assumption: Assumption | None = None,
    shift: DatumShift | None = None,
    is_whole: bool | None = None,
) -> Inspection:
    """Read a file and find out all there is to say of it.

    Parameters
    ----------
    path
        The file.
    layer
        The layer inside it; empty takes the only one.
    county
        Box of the county it should belong to, degrees; None where nobody knows.
    is_county_sure
        Whether a file that leads elsewhere is refused or only doubted.
    outline
        The county's outline, to recognise the shift of a web map.
    assumption, shift
        What a person says of its coordinates, and parameters for an old datum.
    is_whole
        Whether to read every feature, or no more than the first ones; None decides by the size of the file.

    Raises
    ------
    EcogeoError
        Where the file cannot be read, or nobody can tell where it lies.
    """
    is_whole = not _is_large(path) if is_whole is None else is_whole
    head = None if is_whole else read_head(path, layer, most=HEAD_FEATURES)
    reading = head.reading if head is not None else read_features(path, layer)
    shapes = np.asarray(reading.frame.geometry.array, dtype=object)
    stated = None if reading.frame.crs is None else pyproj.CRS.from_user_input(reading.frame.crs)
    placement = place_geometries(
        shapes,
        stated=stated,
        hint=reading.hint,
        county=county,
        is_county_sure=is_county_sure,
        assumption=assumption,
        shift=shift,
    )
    keys = np.array([str(number) for number in range(1, len(shapes) + 1)], dtype=object)
    sound = make_sound(placement.lonlat, keys)
    area_m2 = geodesy.area_m2(sound.geometries)
    stated_fields = stated_areas(reading.frame, area_m2)
    offset = likely_offset(sound.geometries, outline) if placement.crs.is_geographic else ""
    doubts = [
        *([_head_doubt(head)] if head is not None else []),
        *reading.doubts,
        *placement.doubts,
        *filter(None, [geodesy.datum_doubt(placement.crs, sound.geometries)]),
        *oddities(shapes),
        *(entry.doubt for entry in stated_fields if entry.doubt is not None),
        *([_offset_doubt(offset)] if offset else []),
    ]
    stated_ha = reading.stated_area_ha
    if stated_ha is None:
        stated_ha = next((entry.total_ha for entry in stated_fields if not np.isnan(entry.total_ha)), None)
    return Inspection(
        file=path.name,
        reading=reading,
        placement=placement,
        sound=sound,
        area_m2=area_m2,
        planar_area_m2=_planar_area_m2(shapes, placement, sound),
        stated_area_ha=None if head is not None else stated_ha,
        doubts=tuple(doubts),
        features=len(shapes) if head is None else head.features,
    )


def _is_large(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > LARGE_BYTES


def _head_doubt(head: Head) -> Text:
    seen = len(head.reading.frame)
    return Text(
        f"文件很大，只看了前 {seen} 个要素（共 {head.features} 个），没有合计面积",
        f"it is large: only the first {seen} of {head.features} features were looked at, and no area was summed",
    )


def _offset_doubt(offset: str) -> Text:
    return Text(
        f"与县界相比，像是 {offset} 坐标（互联网地图偏移数百米），不可用于量算；确认后可用 --assume {offset}",
        f"against the county's outline it looks like {offset}, some hundred metres off, and must not be measured; "
        f"if so, give --assume {offset}",
    )


def _planar_area_m2(shapes: geodesy.Geometries, placement: Placement, sound: Sound) -> geodesy.Floats:
    """Return the area of each sound feature in the plane it came in, or of degrees in the zone of their middle."""
    is_sound = ~shapely.is_missing(sound.geometries)
    flat: geodesy.Floats = np.zeros(len(shapes))
    if not is_sound.any():
        return flat
    if placement.crs.is_projected:
        factor = placement.crs.axis_info[0].unit_conversion_factor
        flat[is_sound] = shapely.area(shapely.make_valid(shapely.force_2d(shapes[is_sound]))) * factor**2
        return flat
    west, _, east, _ = shapely.total_bounds(sound.geometries)
    to_plane = pyproj.Transformer.from_crs(geodesy.LONLAT, home_plane((west + east) / 2), always_xy=True)
    plane = shapely.transform(
        sound.geometries[is_sound], lambda xy: np.column_stack(to_plane.transform(xy[:, 0], xy[:, 1]))
    )
    flat[is_sound] = shapely.area(plane)
    return flat


def as_drawn(inspection: Inspection) -> Inspection:
    """Return an inspection of what was drawn on the map or typed in, which no file states.

    Parameters
    ----------
    inspection
        Of the file that was made of it.
    """
    return replace(inspection, placement=replace(inspection.placement, source="drawn"))


def as_object(inspection: Inspection, lang: Lang) -> dict[str, Any]:
    """Return an inspection as the object of ``inspect --json``.

    Parameters
    ----------
    inspection
        What was found.
    lang
        Language of the sentences.
    """
    crs, stated = inspection.placement.crs, inspection.stated_area_ha
    code = crs.to_epsg()
    return {
        "file": inspection.file,
        "driver": inspection.reading.driver,
        "layer": inspection.reading.layer,
        "encoding": inspection.reading.encoding,
        "crs": f"EPSG:{code}" if code else crs.name,
        "zone": zone_text(crs).say(lang),
        "axis_order": "north, east" if inspection.placement.is_swapped else "east, north",
        "geometry_type": inspection.geometry_type,
        "features": inspection.features,
        "set_aside": [{"feature": key, "reason": reason.say(lang)} for key, reason in inspection.set_aside],
        "area_m2": None if inspection.is_head else rounded(float(inspection.area_m2.sum()), 2),
        "planar_area_m2": None if inspection.is_head else rounded(float(inspection.planar_area_m2.sum()), 2),
        "stated_area_ha": None if stated is None else rounded(stated, 4),
        "repairs": [_repair_text(inspection, number).say(lang) for number in range(len(inspection.sound.repairs))],
        "doubts": [doubt.say(lang) for doubt in inspection.doubts],
        "fields": list(inspection.fields),
    }


def page(inspection: Inspection) -> tuple[Text, ...]:
    """Return an inspection as the lines of a page."""
    crs, reading = inspection.placement.crs, inspection.reading
    area = float(inspection.area_m2.sum())
    planar, stated = float(inspection.planar_area_m2.sum()), inspection.stated_area_ha
    how = _SOURCES[inspection.placement.source]
    layer, count, odd = reading.layer or "—", inspection.features, len(inspection.set_aside)
    kinds = inspection.geometry_type or "—"
    lines = [
        Text(
            f"{inspection.file}：{reading.driver}，图层 {layer}，文字编码 {reading.encoding or '格式自带'}",
            f"{inspection.file}: {reading.driver}, layer {layer}, text in {reading.encoding or 'its own encoding'}",
        ),
        Text(f"坐标系：{zone_text(crs).zh}（{how.zh}）", f"CRS: {zone_text(crs).en} ({how.en})"),
        Text(
            f"要素 {count} 个：{kinds}；不能量算 {odd} 个",
            f"{count} features: {kinds}; {odd} of them cannot be measured",
        ),
    ]
    if area > 0 and not inspection.is_head:
        lines.append(
            Text(
                f"椭球面积 {area:,.2f} 平方米 = {rounded(geodesy.hectares(area), 4)} 公顷"
                f" = {rounded(geodesy.mu(area), 4)} 亩；平面面积 {planar:,.2f} 平方米",
                f"ellipsoidal area {area:,.2f} m² = {rounded(geodesy.hectares(area), 4)} ha"
                f" = {rounded(geodesy.mu(area), 4)} 亩; planar area {planar:,.2f} m²",
            )
        )
    if stated is not None:
        lines.append(Text(f"文件所写面积 {stated:.4f} 公顷", f"it states {stated:.4f} ha"))
    if inspection.fields:
        names = inspection.fields
        lines.append(Text(f"字段：{list_zh(names, most=30)}", f"fields: {list_en(names, most=30)}"))
    lines += [_repair_text(inspection, number) for number in range(len(inspection.sound.repairs))]
    lines += [Text(f"第 {key} 个要素：{why.zh}", f"feature {key}: {why.en}") for key, why in inspection.set_aside]
    lines += [Text(f"注意：{doubt.zh}", f"note: {doubt.en}") for doubt in inspection.doubts]
    return tuple(lines)


_SOURCES = {
    "stated": Text("文件所写", "as the file says"),
    "inferred": Text("推断", "inferred"),
    "assumed": Text("按指定", "as told"),
    "drawn": Text("在地图上画出或键入", "drawn on the map or typed in"),
}


def _repair_text(inspection: Inspection, number: int) -> Text:
    repair = inspection.sound.repairs[number]
    before, after = rounded(repair.area_before_m2, 2), rounded(repair.area_after_m2, 2)
    return Text(
        f"第 {repair.feature_id} 个要素图形无效（{repair.reason}）：原面积 {before}，按有效图形 {after} 平方米",
        f"feature {repair.feature_id} is not valid ({repair.reason}): {before} m² as drawn, {after} m² made valid",
    )
