"""The declarations of a county folder read from their two files, and every fault of both named at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pydantic

from ecogeo.catalog import RASTER_ROLES, ROLES, ZONING_ROLES, Catalog
from ecogeo.errors import UnusableCatalogError
from ecogeo.formats.addresses import is_postgis
from ecogeo.wording import Text


def read_catalog(root: Path) -> Catalog:
    """Read and check the declarations of a county folder.

    Parameters
    ----------
    root
        The folder that holds ``layers/layers.toml`` and, if the county has tables, ``data/tables.toml``.

    Raises
    ------
    UnusableCatalogError
        With every fault of both files: missing, not TOML, unknown or missing entries, two layers of one role,
        joins of what is not declared.
    """
    problems: list[Text] = []
    layers = _read_toml(root / "layers" / "layers.toml", problems, is_needed=True)
    tables = _read_toml(root / "data" / "tables.toml", problems, is_needed=False)
    if problems:
        raise UnusableCatalogError(problems)
    try:
        catalog = Catalog.model_validate({**layers, **tables})
    except pydantic.ValidationError as error:
        raise UnusableCatalogError([_sentence(dict(fault)) for fault in error.errors()]) from error
    problems = _contradictions(catalog)
    if problems:
        raise UnusableCatalogError(problems)
    return catalog


def _read_toml(path: Path, problems: list[Text], *, is_needed: bool) -> dict[str, Any]:
    shown = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        if is_needed:
            problems.append(
                Text(
                    f"{path.parent.parent} 不是县域文件夹：缺少 {shown}。可用 -w 指定文件夹，或照样例县的 {shown} 新建",
                    f"{path.parent.parent} is not a county folder: {shown} is missing. Name another with -w, "
                    f"or write one after the sample county's {shown}",
                )
            )
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(
            Text(f"{shown} 不是有效的 TOML（UTF-8）文件：{error}", f"{shown} is not valid TOML in UTF-8: {error}")
        )
        return {}


def _sentence(fault: dict[str, Any]) -> Text:
    """Turn one fault found by the schema into a sentence."""
    place = ".".join(str(part) for part in fault["loc"])
    file = "data/tables.toml" if fault["loc"][:1] in (("tables",), ("plans",), ("joins",)) else "layers/layers.toml"
    given = fault.get("input", "")
    found = "" if isinstance(given, dict) or is_postgis(str(given)) else str(given)[:60]
    if fault["type"] == "missing":
        return Text(f"{file}：缺少 {place}", f"{file}: {place} is missing")
    if fault["type"] == "extra_forbidden":
        return Text(f"{file}：不认识 {place}", f"{file}: {place} is not known")
    if fault["type"] == "literal_error" and fault["loc"][-1] == "role":
        return Text(
            f"{file}：{place} = “{found}” 不是已知的图层角色；可用：{' '.join(ROLES)}",
            f"{file}: {place} = “{found}” is no known role; the roles are {' '.join(ROLES)}",
        )
    return Text(f"{file}：{place} = “{found}”：{fault['msg']}", f"{file}: {place} = “{found}”: {fault['msg']}")


def _contradictions(catalog: Catalog) -> list[Text]:
    """Find what a schema cannot: two layers of one role, joins and coverages of what is not declared."""
    problems: list[Text] = []
    by_role: dict[str, list[str]] = {}
    for name, layer in catalog.layers.items():
        by_role.setdefault(layer.role, []).append(name)
        if not layer.is_raster and not layer.key:
            problems.append(
                Text(
                    f"layers/layers.toml：layers.{name} 缺少 key（主键字段）",
                    f"layers/layers.toml: layers.{name} has no key",
                )
            )
        if layer.buffer_m is not None and layer.role in ZONING_ROLES | RASTER_ROLES:
            problems.append(
                Text(
                    f"layers/layers.toml：layers.{name}.buffer_m 对角色 {layer.role} 没有意义，请删去",
                    f"layers/layers.toml: layers.{name}.buffer_m means nothing for the role {layer.role}: take it out",
                )
            )
        if layer.coverage in ROLES and catalog.of_role(layer.coverage) is None:
            problems.append(
                Text(
                    f"layers/layers.toml：layers.{name}.coverage 指向的角色 {layer.coverage} 没有图层",
                    f"layers/layers.toml: layers.{name}.coverage names the role {layer.coverage}, which no layer plays",
                )
            )
    problems += [
        Text(
            f"layers/layers.toml：角色 {role} 有多个图层：{'、'.join(names)}；每个角色只能有一个",
            f"layers/layers.toml: the role {role} is played by {', '.join(names)}; one layer may play it",
        )
        for role, names in by_role.items()
        if len(names) > 1
    ]
    known_tables = {
        *catalog.tables,
        *(f"{plan}/{table}" for plan in catalog.plans for table in ("projects", "indicators")),
    }
    for name, join in catalog.joins.items():
        unknown = [join.layer] if join.layer not in catalog.layers else []
        unknown += [table for table in (join.table, join.aliases) if table and table not in known_tables]
        if unknown:
            problems.append(
                Text(
                    f"data/tables.toml：joins.{name} 引用了未声明的 {'、'.join(unknown)}",
                    f"data/tables.toml: joins.{name} names {', '.join(unknown)}, which is not declared",
                )
            )
        if not (join.layer_code and join.table_code) and not (join.layer_name and join.table_name):
            problems.append(
                Text(
                    f"data/tables.toml：joins.{name} 需要 layer_code 与 table_code，或 layer_name 与 table_name",
                    f"data/tables.toml: joins.{name} needs layer_code and table_code, or layer_name and table_name",
                )
            )
    return problems
