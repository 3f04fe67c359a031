"""The way to a PostGIS database: its address, a connection that can change nothing, and the table asked for.

A password may stand in the URL, in ``PGPASSWORD`` or in the password file of PostgreSQL. It is never shown: messages
name a source by `shown_source`, and what the database says is passed on without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ecogeo.errors import UnusableFileError
from ecogeo.formats.addresses import is_wellformed, shown_source
from ecogeo.wording import Text, list_en, list_zh

CONNECT_TIMEOUT_S = 10
STATEMENT_TIMEOUT_MS = 600_000

Connection = psycopg.Connection[tuple[Any, ...]]

_TABLE = re.compile(r'(?:(?P<schema>"(?:[^"]|"")+"|[^".]+)\.)?(?P<table>"(?:[^"]|"")+"|[^".]+)')
_GEOMETRY_TYPES = frozenset({"geometry", "geography"})
_SETTINGS = {
    "bytea_output": "hex",
    "DateStyle": "ISO",
    "extra_float_digits": "1",
    "IntervalStyle": "iso_8601",
    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
    "TimeZone": "UTC",
}
"""Set for every connection, so that values have one text wherever the server runs."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, with the name of its type."""

    name: str
    type_name: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view with exactly one geometry column."""

    schema: str
    name: str
    columns: tuple[Column, ...]
    geometry: str

    @property
    def identifier(self) -> sql.Identifier:
        """The qualified name, quoted."""
        return sql.Identifier(self.schema, self.name)

    @property
    def attributes(self) -> tuple[Column, ...]:
        """The columns without geometry, in the order of the table."""
        return tuple(column for column in self.columns if column.name != self.geometry)


@contextmanager
def connected(source: str, table: str) -> Iterator[Connection]:
    """Connect for reading one state of a database, and turn whatever goes wrong into one message without the password.

    Parameters
    ----------
    source, table
        As for `ecogeo.formats.postgis.read_postgis`; the table is for messages.

    Raises
    ------
    UnusableFileError
        Where the address is wrong, or the database cannot be reached or answers with an error.
    """
    parts = _parts(source)
    if parts is None:
        problem = Text(
            "数据库地址写法不对，应为 postgresql://用户@主机:端口/数据库（特殊字符用 %xx 表示）",
            "the address is not well formed; write postgresql://user@host:port/database, special characters as %xx",
        )
        raise unusable(source, table, problem)
    address = make_conninfo(**{"connect_timeout": CONNECT_TIMEOUT_S, **parts, "client_encoding": "UTF8"})
    try:
        with psycopg.connect(address) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            for setting, value in _SETTINGS.items():
                connection.execute("SELECT set_config(%s, %s, true)", [setting, value])
            yield connection
    except psycopg.Error as error:
        raise unusable(source, table, _sentence(error, str(parts.get("password") or ""))) from None
    except UnicodeDecodeError:
        problem = Text("文字不是 UTF-8，请核对数据库编码", "its text is not UTF-8: check the encoding of the database")
        raise unusable(source, table, problem) from None


def _parts(source: str) -> dict[str, Any] | None:
    """Take an address apart; None where it is not well formed."""
    if not is_wellformed(source):
        return None
    try:
        return dict(conninfo_to_dict(source))
    except psycopg.Error:
        return None


def _sentence(error: psycopg.Error, password: str) -> Text:
    """Say what the database refused, and what to do."""
    cause = " ".join(str(error).split())
    for secret in {password, quote(password, safe="")} - {""}:
        cause = cause.replace(secret, "***")
    cause = cause[:300]
    if isinstance(error, psycopg.errors.QueryCanceled):
        seconds = STATEMENT_TIMEOUT_MS // 1000
        return Text(
            f"查询超过 {seconds} 秒，已放弃；请为该表建索引，或改用较小的视图",
            f"the query took more than {seconds} s and was given up; index the table, or name a smaller view",
        )
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return Text(
            f"没有读取权限，请管理员授予 SELECT（{cause}）",
            f"the user may not read it: have the administrator grant SELECT ({cause})",
        )
    if isinstance(error, psycopg.OperationalError) and (error.sqlstate or "").startswith(("57P", "08")):
        return Text(
            f"数据库停止服务或连接中断，没有读完；请让数据库恢复后重做（{cause}）",
            f"the database stopped or the connection broke before all was read: have it started, then do it again "
            f"({cause})",
        )
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return Text(
            f"无法连接数据库，请核对主机、端口、数据库、用户和密码（密码可放在 PGPASSWORD 或密码文件中）（{cause}）",
            "the database cannot be reached: check host, port, database, user and password (which may stand in "
            f"PGPASSWORD or the password file) ({cause})",
        )
    return Text(f"数据库报错（{cause}）", f"the database answered with an error ({cause})")


def unusable(source: str, table: str, problem: Text) -> UnusableFileError:
    """Return the error that a table cannot be used, named without the password."""
    return UnusableFileError(f"{shown_source(source)} {table}", problem)


def find_relation(connection: Connection, source: str, table: str) -> Relation:
    """Find a table or view, its columns and its one geometry column.

    Parameters
    ----------
    connection
        From `connected`.
    source, table
        As for `ecogeo.formats.postgis.read_postgis`.

    Raises
    ------
    UnusableFileError
        Where there is no such table, or it has no geometry column or several.
    """
    matched = _TABLE.fullmatch(table)
    if matched is None:
        problem = Text(
            "表名应写为 schema.table；名称中有点或引号时用双引号括起",
            "write the table as schema.table; a name with a dot or quotes in it stands in double quotes",
        )
        raise unusable(source, table, problem)
    schema, name = _plain(matched["schema"] or "public"), _plain(matched["table"])
    found = connection.execute(
        "SELECT a.attname, t.typname FROM pg_catalog.pg_attribute AS a "
        "JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid "
        "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
        "JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid "
        "WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
        "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        [schema, name],
    ).fetchall()
    columns = tuple(Column(str(column), str(type_name)) for column, type_name in found)
    geometries = [column.name for column in columns if column.type_name in _GEOMETRY_TYPES]
    if not columns:
        raise unusable(source, table, _no_table(connection))
    if not geometries:
        names = [column.name for column in columns]
        problem = Text(
            f"没有 geometry 字段（现有 {list_zh(names, most=40)}），不能作为图层",
            f"there is no geometry column (it has {list_en(names, most=40)}), so it is no layer",
        )
        raise unusable(source, table, problem)
    if len(geometries) > 1:
        problem = Text(
            f"有 {len(geometries)} 个 geometry 字段（{list_zh(geometries)}），请建一个只含其一的视图，再用视图名",
            f"it has {len(geometries)} geometry columns ({list_en(geometries)}): make a view with one of them, "
            "and name the view",
        )
        raise unusable(source, table, problem)
    _look_in_postgis_only(connection)
    return Relation(schema, name, columns, geometries[0])


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _no_table(connection: Connection) -> Text:
    """Say which tables with geometry there are."""
    rows = connection.execute(
        "SELECT DISTINCT n.nspname || '.' || c.relname AS shown FROM pg_catalog.pg_attribute AS a "
        "JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid "
        "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
        "JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid "
        "WHERE t.typname = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT a.attisdropped ORDER BY shown",
        [sorted(_GEOMETRY_TYPES)],
    ).fetchall()
    names = [str(row[0]) for row in rows]
    if not names:
        return Text(
            "没有这个表，数据库中也没有任何空间表（是否装了 PostGIS、数据库名是否正确？）",
            "there is no such table, nor any table with geometry (is PostGIS installed, is it the right database?)",
        )
    return Text(
        f"没有这个表（大小写须一致）；空间表有 {list_zh(names, most=20)}",
        f"there is no such table (letter case counts); tables with geometry are {list_en(names, most=20)}",
    )


def _look_in_postgis_only(connection: Connection) -> None:
    """Have names of functions found in the catalogue and in PostGIS' own schema alone, wherever that was installed."""
    connection.execute(
        "SELECT set_config('search_path', 'pg_catalog, ' || quote_ident(n.nspname), true) "
        "FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace "
        "WHERE e.extname = 'postgis'"
    )
