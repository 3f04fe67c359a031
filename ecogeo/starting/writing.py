"""Write a new county folder: layers.toml and tables.toml, with every entry a person must still fill in as a comment."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from ecogeo.catalog import ROLES
from ecogeo.errors import UsageError
from ecogeo.starting.proposal import Found, Proposal, companions
from ecogeo.wording import Text

_HEAD = """\
# 县域图层清单 / the layers of the county. 路径相对于本文件夹或为绝对路径 / paths: relative to this folder, or absolute.
# 以 # 开头的条目请核实后填写并去掉 # / fill in the entries behind a # and take the # away.
"""
_ASKED = """\
# coverage = "county"     # 图层在哪里是完整的：一个角色或一个面文件；不填则永远不会得出“不涉及” / where it is complete
# origin = ""             # 来源 / where it comes from
{date}
# licence = ""            # 使用许可或保密要求 / licence or secrecy
# version = ""            # 版本 / version
"""
_ASKED_CRS = """\
# crs = "EPSG:4545"       # 文件没有坐标系：请核实后填写，如 EPSG:4490（经纬度）、EPSG:4545（3度带36带，无带号）
#                         # the file names no CRS: find out and give it; nothing was assumed
"""
_ASKED_KEY = """\
# key = ""                # 必填：唯一标识每个要素的字段 / needed: the field that identifies each feature
"""
_EMPTY = f"""\
# role: {" ".join(ROLES)}
# [layers.redlines]
# role = "redlines"
# path = "redlines.gpkg"  # 或 / or postgresql://user@host/database
# layer = ""              # 文件中有多个图层时 / where the file holds several; of a database: schema.table
# key = "BSM"
# name = "MC"
# fields = {{ zone = "LXDM" }}
# crs = "EPSG:4545"       # 仅当文件没有坐标系 / only where the file names none
# coverage = "county"
# origin = ""
# date = "2025-01-01"
# licence = ""
# version = ""
"""
_TABLES = """\
# 县域表格、规划与连接 / tables, plans and joins of the county. 路径相对于本文件夹 / paths are relative to this folder.
# 去掉 # 并改成实际内容 / take the # away and put in what the county has.

# gazetteer = "mycounty"    # 地名表所在文件夹 / folder of the place names

# [plans.myplan]
# path = "myplan"           # ecogeo import 的输出文件夹 / what `ecogeo import` wrote
# title = ""

# [tables.towns]
# path = "towns.csv"
# key = "town_code"

# [joins.sites_to_projects]
# layer = "project_sites"
# table = "myplan/projects"
# layer_code = "project_id"
# table_code = "project_id"
"""


def write_county(
    proposal: Proposal, folder: Path, *, name: str = "", code: str = "", copy: bool = False
) -> tuple[Path, ...]:
    """Write a new county folder for the layers of a proposal.

    Parameters
    ----------
    proposal
        What was found.
    folder
        The new county folder; it may exist, but hold no ``layers/layers.toml``.
    name, code
        The county's name and administrative code; empty takes what its own layer says. What nobody knows stays a
        comment, and the folder does not open before a person gave the name.
    copy
        Whether to copy the chosen files below ``layers/``, in the folders they lie in now; else they are declared
        where they lie.

    Returns
    -------
    The files written, ``layers.toml`` first.

    Raises
    ------
    UsageError
        Where something would be overwritten; then nothing is written.
    """
    layer_folder = folder / "layers"
    copies = _copies(proposal, layer_folder) if copy else {}
    _refuse_overwriting(layer_folder / "layers.toml", *copies.values())
    head = [_HEAD, _county_table(name or proposal.county_name, code or proposal.county_code)]
    blocks = [_layer_table(found, _declared_path(found.head.path, layer_folder, copies)) for found in proposal.chosen]
    rivals = [_rival(found, _declared_path(found.head.path, layer_folder, {})) for found in proposal.rivals]
    unplaced = [
        _comment(f"未归类 / not placed: {entry.shown}: {'；'.join(reason.zh for reason in entry.reasons)}")
        for entry in proposal.unplaced
    ]
    text = "\n".join([*head, *(blocks or [_EMPTY]), *rivals, "".join(unplaced)])
    for source, target in copies.items():
        _copy(source, target)
    return (*_write_declarations(folder, text), *copies.values())


def write_skeleton(folder: Path, *, name: str = "", code: str = "") -> tuple[Path, ...]:
    """Write an empty county folder, whose files say in comments what belongs in them.

    Parameters
    ----------
    folder
        The new county folder; it may exist, but hold no ``layers/layers.toml``.
    name, code
        The county's name and administrative code; empty leaves them to a person.

    Raises
    ------
    UsageError
        Where it holds a ``layers/layers.toml`` already.
    """
    _refuse_overwriting(folder / "layers" / "layers.toml")
    return _write_declarations(folder, "\n".join([_HEAD, _county_table(name, code), _EMPTY]))


def _refuse_overwriting(*targets: Path) -> None:
    if present := [target for target in targets if target.exists()]:
        raise UsageError(
            [Text(f"{path} 已存在，不会覆盖", f"{path} exists already and is not overwritten") for path in present]
        )


def _write_declarations(folder: Path, layers: str) -> tuple[Path, ...]:
    """Write layers.toml, and tables.toml where there is none."""
    written = []
    for path, text in ((folder / "layers" / "layers.toml", layers), (folder / "data" / "tables.toml", _TABLES)):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            written.append(path)
    return tuple(written)


def _county_table(name: str, code: str) -> str:
    asked = {"name": "必填：县域名称 / needed: name of the county", "code": "行政区代码 / administrative code"}
    known = {"name": name, "code": code}
    entries = [
        f"{entry} = {_quoted(value)}" if value else f'# {entry} = ""  # {asked[entry]}'
        for entry, value in known.items()
    ]
    return "\n".join(
        [
            "[county]",
            *entries,
            '# name_en = ""',
            '# notice = ""  # 凡显示其数据处必须注明的话 / what must stand wherever its data are shown',
            "",
        ]
    )


def _layer_table(found: Found, path: str) -> str:
    """Return the declaration of a layer, what is unknown as comments."""
    guess, head = found.guess, found.head
    lines = [_comment("；".join(reason.zh for reason in guess.reasons)), f"[layers.{found.role}]\n"]
    lines += [f"role = {_quoted(found.role)}\n", f"path = {_quoted(path)}\n"]
    lines += [f"layer = {_quoted(head.layer)}\n"] if head.layer else []
    if head.raster is None:
        lines.append(f"key = {_quoted(guess.key)}\n" if guess.key else _ASKED_KEY)
        lines.append(f"name = {_quoted(guess.name_field)}\n" if guess.name_field else '# name = ""\n')
    if guess.fields:
        meanings = ", ".join(f"{meaning} = {_quoted(column)}" for meaning, column in guess.fields.items())
        lines.append(f"fields = {{ {meanings} }}\n")
    lines += [] if head.crs else [_ASKED_CRS]
    said = found.date_in_name
    asked = "名称中的日期，请核实 / as its name says: verify" if said else "数据日期 / data date"
    return "".join([*lines, _ASKED.format(date=f'# date = "{said}"  # {asked}')])


def _rival(found: Found, path: str) -> str:
    """Return a comment on a layer that has the same role as the one chosen."""
    layer = f", layer = {_quoted(found.head.layer)}" if found.head.layer else ""
    return _comment(f"备选 / also {found.role}: path = {_quoted(path)}{layer}")


def _comment(text: str) -> str:
    """Return a text as one line of comment; TOML allows no control character in it."""
    return "# " + "".join(letter if letter.isprintable() else " " for letter in text) + "\n"


def _quoted(text: str) -> str:
    """Return a text as a TOML string; JSON escapes the same way but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _declared_path(path: Path, layer_folder: Path, copies: dict[Path, Path]) -> str:
    """Return how layers.toml names a file: relative to its folder where it lies below it, else absolute."""
    place, home = copies.get(path, path).resolve(), layer_folder.resolve()
    return place.relative_to(home).as_posix() if place.is_relative_to(home) else place.as_posix()


def _copies(proposal: Proposal, layer_folder: Path) -> dict[Path, Path]:
    """Return where each chosen file and its companions go, but for those that lie below the folder already."""
    home = layer_folder.resolve()
    chosen = dict.fromkeys(found.head.path for found in proposal.chosen)
    return {
        path: layer_folder / path.relative_to(proposal.folder)
        for path in _with_companions(chosen)
        if not path.resolve().is_relative_to(home)
    }


def _with_companions(paths: Iterable[Path]) -> list[Path]:
    return [file for path in paths for file in (path, *companions(path))]


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)
