"""The page of the county folder: roles of layers with their fields, and every entry of the declarations."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from typing import Any

from documents.markup import HOME, code, codes, page, table, words
from ecogeo.catalog import RASTER_ROLES, ROLES
from ecogeo.check import Check, find_checks

_KINDS = {"polygon": "面 polygon", "line": "线 line", "point": "点 point"}
_ENTRIES = {
    "county": "`[county]`，layers/layers.toml",
    "layers": "`[layers.<名>]`，layers/layers.toml",
    "earlier": "`[layers.<名>.earlier]`，layers/layers.toml",
    "tables": "`[tables.<名>]`，data/tables.toml",
    "plans": "`[plans.<名>]`，data/tables.toml",
    "joins": "`[joins.<名>]`，data/tables.toml",
}


def county_page() -> str:
    """Return the page of the county folder."""
    return page(
        "县域文件夹与图层 County folder and layers",
        '程序按**角色**认图层，不按文件名。字段名与下面不同时，在 `fields` 里写明：`fields = { zone = "LXDM" }`。'
        "识别用的名称见 `ecogeo/role_signs.toml`；标“未核实”的代码凭记忆记录。\n\n"
        "A layer is bound by its **role**, never by its file name. Where its fields are called otherwise, `fields` "
        "says so. Names by which `ecogeo init` knows a role stand in `ecogeo/role_signs.toml`.",
        "## 图层角色 Roles of layers",
        *(_role(role) for role in ROLES),
        "## 声明 Declarations",
        *(_entries(section, title) for section, title in _ENTRIES.items()),
        "不认识的项、缺少的项、两个图层同一角色，都一次列出并停止读取。"
        "检查的阈值写在 `[checks.<检查名>]` 下，见[检查](checks.md)。\n\n"
        "Unknown or missing entries, and two layers of one role, are named all at once and stop the reading. "
        "Thresholds of checks stand under `[checks.<name>]`: see [checks](checks.md).",
    )


@functools.cache
def _signs() -> Mapping[str, Any]:
    """Return the signs roles are recognised by."""
    return tomllib.loads((HOME / "ecogeo" / "role_signs.toml").read_text("utf-8"))


@functools.cache
def _sample() -> Mapping[str, Any]:
    """Return the layers of the sample county."""
    found: Mapping[str, Any] = tomllib.loads((HOME / "layers" / "layers.toml").read_text("utf-8"))["layers"]
    return found


def meanings_of(role: str) -> tuple[str, ...]:
    """Return the meanings a field of a layer of this role may have: those recognised, and those the sample declares."""
    signs = _signs()["roles"].get(role, {})
    found = set(signs.get("meanings", {}))
    for dialect in signs.get("dialects", []):
        found |= set(dialect.get("meanings", {}))
    for layer in _sample().values():
        if layer["role"] == role:
            found |= set(layer.get("fields", {})) | set(layer.get("earlier", {}).get("fields", {}))
    further = {"project_sites": {"corridor_width_m"}, "river_reaches": {"strip_m"}}
    return tuple(sorted(found | further.get(role, set())))


def users_of(role: str) -> tuple[Check, ...]:
    """Return the checks that are handed the layer of a role."""
    also = {"cases"} if role == "project_sites" else set()
    return tuple(one for one in find_checks() if ({role, f"earlier_{role}"} | also) & set(one.uses))


def _role(role: str) -> str:
    """Return the part of one role."""
    zh, en = words()["roles"][role]
    signs = _signs()["rasters" if role in RASTER_ROLES else "roles"].get(role, {})
    kinds = "栅格 cells" if role in RASTER_ROLES else "、".join(_KINDS[kind] for kind in signs.get("geometry", []))
    rows = [
        ("几何 geometry", kinds),
        ("识别名称 known by", "、".join([*signs.get("names_zh", []), *signs.get("names_en", [])])),
        ("代码 codes", codes(signs.get("codes", []))),
        ("代码（未核实） codes, unverified", codes(signs.get("unverified", []))),
        ("检查 checks", " ".join(f"[`{one.name}`](checks.md#{one.name})" for one in users_of(role))),
    ]
    told = [(code(name), *words()["meanings"][name]) for name in meanings_of(role)]
    return "\n\n".join(
        part
        for part in (
            f"### {role}",
            f"{zh} · {en}",
            table(("", ""), (row for row in rows if row[1])),
            table(("`fields` 含义", "说明", "Meaning"), told),
        )
        if part
    )


def _entries(section: str, title: str) -> str:
    """Return the part of one kind of declaration."""
    rows = [(code(name), zh, en) for name, (zh, en) in words()["entries"][section].items()]
    return f"### {title}\n\n{table(('项', '含义', 'Meaning'), rows)}"
