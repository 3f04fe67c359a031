"""PostGIS: a table or view of a database as a layer, and a digest of what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from psycopg import sql

from ecogeo.formats.postgis_source import Column, Connection, Relation, connected, find_relation, unusable
from ecogeo.formats.reading import Reading
from ecogeo.wording import Text, list_en, list_zh

BLOCK_FEATURES = 5_000

_KEPT_TYPES = frozenset({"bool", "int2", "int4", "int8", "float4", "float8"})
_UNKNOWN_TO_GEOS = frozenset({"ST_PolyhedralSurface", "ST_Tin", "ST_Triangle"})


def read_postgis(source: str, *, table: str, key: str) -> Reading:
    """Read a table or view of a PostGIS database.

    Parameters
    ----------
    source
        ``postgresql://user@host:port/database``.
    table
        ``schema.table``, written as the database does; without a schema ``public`` is meant. A name with a dot or
        quotes in it stands in double quotes.
    key
        The column that identifies a feature. It is read as text, and the features come in its order (by code point),
        so that the same content gives the same layer whatever order the server keeps it in.

    Returns
    -------
    Whole and floating numbers and booleans keep their type, ``numeric`` becomes a floating number, everything else
    is text (dates as ISO 8601, times in UTC). Curves are stroked and Z and M left behind by the server, which is said
    as a doubt. Features of kinds nothing here can hold (TIN, polyhedral surfaces) keep their row, without geometry.

    Raises
    ------
    UnusableFileError
        Where the address is wrong, the database cannot be reached or asked, there is no such table or key, not exactly
        one geometry column, or more than one SRID.

    Notes
    -----
    The transaction is read-only and sees one state of the database; a statement that takes longer than ten minutes is
    given up. Rows come in blocks through a cursor on the server.
    """
    with connected(source, table) as connection:
        return _read(connection, source, table, key)


def read_with_fingerprint(source: str, *, table: str, key: str) -> tuple[Reading, str]:
    """Read a table as `read_postgis` does, with its `fingerprint`, both of one state of the database.

    Raises
    ------
    UnusableFileError
        As `read_postgis`.
    """
    with connected(source, table) as connection:
        reading = _read(connection, source, table, key)
        return reading, _fingerprint(connection, find_relation(connection, source, table))


def _read(connection: Connection, source: str, table: str, key: str) -> Reading:
    """Read a table through an open connection."""
    relation = find_relation(connection, source, table)
    names = [column.name for column in relation.attributes]
    if key not in names:
        problem = Text(
            f"没有主键字段“{key}”；现有 {list_zh(names, most=40)}",
            f"there is no key column “{key}”; it has {list_en(names, most=40)}",
        )
        raise unusable(source, table, problem)
    with connection.cursor(name="ecogeo") as cursor:
        cursor.execute(_features_query(relation, key), binary=True)
        rows = _Rows(len(names))
        while block := cursor.fetchmany(BLOCK_FEATURES):
            rows.add(block)
    crs, crs_doubts = _crs(connection, source, table, rows.srids)
    frame = pd.DataFrame(dict(zip(names, (pd.Series(cells) for cells in rows.columns), strict=True)))
    geometries = np.concatenate(rows.geometries) if rows.geometries else np.empty(0, dtype=object)
    shapes = gpd.GeoSeries(geometries, index=frame.index, name=relation.geometry, crs=crs)
    return Reading(
        gpd.GeoDataFrame(pd.concat([frame, shapes], axis=1), geometry=relation.geometry, crs=crs),
        "PostGIS",
        layer=f"{relation.schema}.{relation.name}",
        encoding="UTF-8",
        doubts=(*crs_doubts, *rows.doubts()),
        set_aside=rows.set_aside(names.index(key)),
    )


def fingerprint(source: str, *, table: str) -> str:
    """Return a digest of everything a table holds, worked out by the server.

    Parameters
    ----------
    source, table
        As for `read_postgis`.

    Returns
    -------
    64 hexadecimal digits: the SHA-256 of the names and types of the columns, then of the SHA-256 of each row's text
    (geometries as EWKB), sorted. It does not depend on the order of the rows, the clock, the host or the session; a
    changed, added, repeated or missing row changes it.

    Raises
    ------
    UnusableFileError
        As for `read_postgis`.
    """
    with connected(source, table) as connection:
        return _fingerprint(connection, find_relation(connection, source, table))


def _fingerprint(connection: Connection, relation: Relation) -> str:
    """Work out the digest of a table through an open connection."""
    described = "\n".join(f"{column.name} {column.type_name}" for column in relation.columns)
    query = sql.SQL(
        "WITH digests AS (SELECT encode(sha256(convert_to((t.*)::text, 'UTF8')), 'hex') COLLATE \"C\" AS digest "
        "FROM {table} AS t) "
        "SELECT encode(sha256(convert_to(%s || coalesce(string_agg(digest, '' ORDER BY digest), ''), 'UTF8')), "
        "'hex') FROM digests"
    ).format(table=relation.identifier)
    found = connection.execute(query, [described]).fetchone()
    return str(found[0]) if found else ""


class _Rows:
    """The rows of a table as they come in, column by column."""

    def __init__(self, attributes: int) -> None:
        self.columns: list[list[Any]] = [[] for _ in range(attributes)]
        self.geometries: list[Any] = []
        self.srids: Counter[int] = Counter()
        self._unknown: list[tuple[int, str]] = []
        self._with_curves = 0
        self._with_heights = 0

    def add(self, block: Sequence[tuple[Any, ...]]) -> None:
        """Take in a block: attributes, then WKB, SRID, kind, whether it has curves, whether it has Z or M."""
        before = len(self.columns[0])
        *attributes, wkb, srids, kinds, curves, heights = zip(*block, strict=True)
        for column, cells in zip(self.columns, attributes, strict=True):
            column.extend(cells)
        is_known = [kind not in _UNKNOWN_TO_GEOS for kind in kinds]
        content = np.array([shape if known else None for shape, known in zip(wkb, is_known, strict=True)], dtype=object)
        self.geometries.append(shapely.from_wkb(content))
        self.srids.update(srid for srid in srids if srid is not None)
        self._unknown += [
            (before + row, str(kind))
            for row, (kind, known) in enumerate(zip(kinds, is_known, strict=True))
            if not known
        ]
        self._with_curves += sum(map(bool, curves))
        self._with_heights += sum(map(bool, heights))

    def doubts(self) -> tuple[Text, ...]:
        """Return what the server changed."""
        found = []
        if count := self._with_curves:
            found.append(
                Text(
                    f"{count} 个要素含曲线，已化为折线（每四分之一圆 32 段）",
                    f"{count} features hold curves, stroked into lines (32 a quarter circle)",
                )
            )
        if count := self._with_heights:
            found.append(Text(f"{count} 个要素带 Z 或 M 值，已舍去", f"{count} features hold Z or M, left behind"))
        return tuple(found)

    def set_aside(self, key: int) -> tuple[tuple[str, Text], ...]:
        """Return the features of kinds that cannot be held."""
        return tuple(
            (str(self.columns[key][row]), Text(f"不支持的图形类型 {kind}", f"unsupported kind of geometry {kind}"))
            for row, kind in self._unknown
        )


def _features_query(relation: Relation, key: str) -> sql.Composed:
    """Return the query for the attributes, the geometry and what is to be said of it, in the order of the key."""
    shape = sql.SQL("{}::geometry").format(sql.Identifier(relation.geometry))
    measured = [
        "ST_AsBinary(ST_Force2D(ST_CurveToLine({shape})), 'NDR')",
        "ST_SRID({shape})",
        "ST_GeometryType({shape})",
        "ST_HasArc({shape})",
        "ST_NDims({shape}) > 2",
    ]
    parts = [_attribute(column, key) for column in relation.attributes]
    return sql.SQL('SELECT {parts} FROM {table} ORDER BY {key}::text COLLATE "C"').format(
        parts=sql.SQL(", ").join([*parts, *(sql.SQL(part).format(shape=shape) for part in measured)]),
        table=relation.identifier,
        key=sql.Identifier(key),
    )


def _attribute(column: Column, key: str) -> sql.Composable:
    name = sql.Identifier(column.name)
    if column.name != key and column.type_name in _KEPT_TYPES:
        return name
    if column.name != key and column.type_name == "numeric":
        return sql.SQL("{}::float8").format(name)
    return sql.SQL("{}::text").format(name)


def _crs(
    connection: Connection, source: str, table: str, srids: Counter[int]
) -> tuple[pyproj.CRS | None, tuple[Text, ...]]:
    """Return the CRS of the one SRID the features have; SRID 0 means none."""
    if len(srids) > 1:
        told = [f"{srid} × {count}" for srid, count in sorted(srids.items())]
        problem = Text(
            f"要素的 SRID 不一致（{list_zh(told)}），请先统一坐标系",
            f"its features have several SRIDs ({list_en(told)}): bring them to one",
        )
        raise unusable(source, table, problem)
    srid = next(iter(srids), 0)
    if srid == 0:
        return None, ()
    found = connection.execute(
        "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s", [srid]
    ).fetchone()
    try:
        if found is None:
            inferred = Text(
                f"spatial_ref_sys 中没有 SRID {srid}，按 EPSG:{srid} 读取",
                f"SRID {srid} is not in spatial_ref_sys; it was read as EPSG:{srid}",
            )
            return pyproj.CRS.from_epsg(srid), (inferred,)
        authority, code, wkt = found
        return (pyproj.CRS.from_epsg(code) if authority == "EPSG" else pyproj.CRS.from_wkt(wkt)), ()
    except pyproj.exceptions.CRSError:
        unknown = Text(f"SRID {srid} 不是已知的坐标系", f"SRID {srid} is no known CRS")
        raise unusable(source, table, unknown) from None
