"""The same parcels in every outside format, written anew for each test."""

from __future__ import annotations

import io
import json
import shutil
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

WEST, SOUTH = 109.2, 24.2
PARCEL = shapely.box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.01)
"""One parcel, by its corners in degrees."""

RING = shapely.difference(shapely.box(109.3, 24.3, 109.32, 24.32), shapely.box(109.305, 24.305, 109.31, 24.31))
TWO_PARTS = shapely.MultiPolygon([shapely.box(109.4, 24.2, 109.41, 24.21), shapely.box(109.42, 24.2, 109.43, 24.21)])


def parcels(crs: str = "EPSG:4490") -> gpd.GeoDataFrame:
    """Return one parcel with Chinese text and a key of eighteen digits."""
    columns = {"名称": ["水源河红线"], "BSM": ["450221000000000123"], "MJ": [112.5222]}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([PARCEL], crs=crs))


def mixed() -> gpd.GeoDataFrame:
    """Return parcels with holes, parts, gaps and numbers."""
    frame = gpd.GeoDataFrame(
        {"名称": ["水源河", None, "百朋镇", "无图形"], "数": [1, 2, 3, 4], "面积": [1.5, np.nan, 3.25, 0.0]},
        geometry=gpd.GeoSeries([PARCEL, RING, TWO_PARTS, None], crs="EPSG:4490"),
    )
    frame["日期"] = np.array(["2024-01-01", "2024-02-29", "NaT", "2025-12-31"], dtype="datetime64[ms]")
    return frame


def vertices_of(shape: shapely.Polygon) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(shape)]


def kml_text(name: str = "水源河红线", extra: str = "") -> str:
    ring = " ".join(f"{x!r},{y!r},0" for x, y in vertices_of(PARCEL))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
        f"<name>红线</name><Placemark><name>{name}</name><description>说明 &lt;b&gt;</description>"
        '<ExtendedData><Data name="BSM"><value>450221000000000123</value></Data></ExtendedData>'
        f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
        f"</Placemark>{extra}</Folder></Document></kml>"
    )


def gpx_text() -> str:
    fixes = "".join(f'<trkpt lat="{y!r}" lon="{x!r}"><ele>1</ele></trkpt>' for x, y in vertices_of(PARCEL))
    return (
        '<?xml version="1.0"?><gpx version="1.1"><trk><name>界线</name>'
        f"<trkseg>{fixes}</trkseg><trkseg>{fixes}</trkseg></trk></gpx>"
    )


def dxf_pairs(*pairs: tuple[int, object]) -> str:
    return "".join(f"{code:>3}\n{value}\n" for code, value in pairs)


def dxf_text(*entities: str, head: str = "") -> str:
    section = dxf_pairs((0, "SECTION"), (2, "ENTITIES"))
    return head + section + "".join(entities) + dxf_pairs((0, "ENDSEC"), (0, "EOF"))


def polyline(vertices: list[tuple[float, float]], *, layer: str, is_closed: bool, bulge: float = 0.0) -> str:
    pairs: list[tuple[int, object]] = [(0, "LWPOLYLINE"), (8, layer), (90, len(vertices)), (70, int(is_closed))]
    for x, y in vertices:
        pairs += [(10, repr(x)), (20, repr(y))]
        if bulge:
            pairs.append((42, bulge))
    return dxf_pairs(*pairs)


def zip_of(members: dict[str, bytes], *, encoding: str | None = None) -> bytes:
    """Return an archive; with an encoding its names are written raw in it, without the UTF-8 mark."""
    packed = io.BytesIO()
    stand_ins = {}
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(members.items()):
            raw = name.encode(encoding) if encoding else name.encode()
            stand_in = f"{number:03}".ljust(len(raw), "x").encode() if encoding else raw
            stand_ins[stand_in] = raw
            archive.writestr(zipfile.ZipInfo(stand_in.decode()), content, zipfile.ZIP_DEFLATED)
    content = packed.getvalue()
    for stand_in, raw in stand_ins.items():
        content = content.replace(stand_in, raw)
    return content


def write_shapefile(
    folder: Path, stem: str, *, encoding: str = "GBK", cpg: str | None = None, frame: gpd.GeoDataFrame | None = None
) -> Path:
    """Write a shapefile in an encoding, with the .cpg asked for or none."""
    path = folder / f"{stem}.shp"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (parcels() if frame is None else frame).to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    return path


def write_every_format(folder: Path, frame: gpd.GeoDataFrame) -> dict[str, Path]:
    """Write a frame in every format a library writes, and by hand in the others; return paths by kind."""
    paths = {"shp": write_shapefile(folder, "地块", frame=frame)}
    for kind, driver in (("gpkg", "GPKG"), ("fgb", "FlatGeobuf"), ("gdb", "OpenFileGDB"), ("geojson", "GeoJSON")):
        paths[kind] = folder / f"地块.{kind}"
        written = frame[frame.geometry.notna()] if kind == "fgb" else frame
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pyogrio.write_dataframe(written, paths[kind], driver=driver, layer="地块", promote_to_multi=True)
    paths["parquet"] = folder / "地块.parquet"
    frame.to_parquet(paths["parquet"])
    members = {
        f"资料/地块{p.suffix}": p.read_bytes() for p in sorted(folder.glob("地块.*")) if p.suffix[1:] in SHAPEFILE
    }
    paths["zip"] = folder / "地块.zip"
    paths["zip"].write_bytes(zip_of(members, encoding="gbk"))
    paths["gdb_zip"] = folder / "库.gdb.zip"
    paths["gdb_zip"].write_bytes(zip_of({f"库.gdb/{p.name}": p.read_bytes() for p in sorted(paths["gdb"].iterdir())}))
    texts = {
        "kml": kml_text(),
        "gpx": gpx_text(),
        "array": json.dumps(json.loads(paths["geojson"].read_text("utf-8"))["features"], ensure_ascii=False),
        "topojson": topology_text(),
        "dxf": dxf_text(
            polyline(vertices_of(PARCEL)[:-1], layer="红线", is_closed=True),
            polyline(vertices_of(PARCEL)[:-1], layer="弧", is_closed=True, bulge=0.5),
            dxf_pairs((0, "TEXT"), (8, "注记"), (10, 1.0), (20, 1.0), (40, 2.5), (1, "地块一")),
        ),
    }
    for kind, text in texts.items():
        paths[kind] = folder / f"{kind}.{'json' if kind in ('array', 'topojson') else kind}"
        paths[kind].write_text(text, "utf-8")
    paths["kmz"] = folder / "地块.kmz"
    paths["kmz"].write_bytes(zip_of({"doc.kml": kml_text().encode(), "files/icon.png": b"-"}))
    return paths


SHAPEFILE = ("shp", "shx", "dbf", "prj")


def topology_text() -> str:
    """Return a TopoJSON with the parcel as its only object."""
    arcs = [[[x, y] for x, y in vertices_of(PARCEL)]]
    shape = {"type": "Polygon", "arcs": [[0]], "properties": {"名称": "水源河红线"}}
    collection = {"type": "GeometryCollection", "geometries": [shape]}
    return json.dumps({"type": "Topology", "objects": {"地块": collection}, "arcs": arcs}, ensure_ascii=False)


def copy_of(source: Path, target: Path) -> Path:
    """Copy a sample, with the companions of a shapefile or the files of a folder."""
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.suffix == ".shp":
        for part in source.parent.iterdir():
            if part.stem == source.stem and part.suffix[1:] in (*SHAPEFILE, "cpg"):
                shutil.copy(part, target.with_suffix(part.suffix))
    else:
        shutil.copy(source, target)
    return target
