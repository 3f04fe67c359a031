"""A plan as one value, kept in a folder as plan.toml, indicators.csv, projects.csv, tasks.csv and stated.csv."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pandas as pd

from ecogeo.errors import EcogeoError, UnusableFileError, merged
from ecogeo.plan.columns import (
    INDICATOR_COLUMNS,
    PROJECT_COLUMNS,
    STATED_COLUMNS,
    TASK_COLUMNS,
    is_number,
    is_whole,
    later_columns,
    later_years,
    typed_frame,
)
from ecogeo.plan.facts import PlanValue
from ecogeo.plan.unused import Unused
from ecogeo.table import read_cells
from ecogeo.wording import Text, list_en, list_zh

_FILES: dict[str, tuple[str, ...]] = {
    "indicators.csv": INDICATOR_COLUMNS,
    "projects.csv": PROJECT_COLUMNS,
    "tasks.csv": TASK_COLUMNS,
}
_STATED = "stated.csv"
_KEYS: dict[str, tuple[str, ...]] = {
    "indicators.csv": ("indicator_no", "sub_no"),
    "projects.csv": ("project_id",),
    "tasks.csv": ("task_no",),
    _STATED: (),
}
_WHOLE_FORM = r"[+-]?[0-9]+"
_NUMBER_FORM = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"


@dataclass(frozen=True, slots=True, eq=False)
class PlanTables:
    """The tables of one planning document.

    Parameters
    ----------
    plan
        What the document says of itself.
    indicators, projects, tasks
        Frames with the columns of `ecogeo.plan.columns`; investments in 万元, ``accuracy_m`` in metres.
    stated
        What the document states of these tables (`ecogeo.plan.statements`).
    unused
        Everything that was seen in the document and not understood.
    """

    plan: Mapping[str, PlanValue]
    indicators: pd.DataFrame
    projects: pd.DataFrame
    tasks: pd.DataFrame
    unused: tuple[Unused, ...] = ()
    stated: pd.DataFrame = field(default_factory=lambda: typed_frame([], STATED_COLUMNS))


def write_plan(tables: PlanTables, folder: Path) -> tuple[Path, ...]:
    """Write a plan's tables; the same tables give the same bytes.

    Parameters
    ----------
    tables
        The tables.
    folder
        Where they go; it is made if it is not there.

    Returns
    -------
    The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "plan.toml": _toml(tables),
        "indicators.csv": render_csv(tables.indicators),
        "projects.csv": render_csv(tables.projects),
        "tasks.csv": render_csv(tables.tasks),
        _STATED: render_csv(tables.stated),
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return tuple(folder / name for name in texts)


def read_plan(folder: Path) -> PlanTables:
    """Read a plan's tables back from their folder.

    Parameters
    ----------
    folder
        The folder with plan.toml, indicators.csv, projects.csv and tasks.csv; stated.csv may be missing.

    Raises
    ------
    EcogeoError
        With everything that makes any of the files unusable: missing files, all missing columns, keys that are
        empty or occur twice, and cells that ought to be numbers, with their rows (the head is row 1).
    """
    errors: list[EcogeoError] = []
    frames = {}
    has_stated = (folder / _STATED).is_file()
    for name, columns in (_FILES | ({_STATED: STATED_COLUMNS} if has_stated else {})).items():
        try:
            frames[name] = _read_frame(folder / name, columns, _KEYS[name])
        except EcogeoError as error:
            errors.append(error)
    try:
        plan, unused = _read_toml(folder / "plan.toml")
    except EcogeoError as error:
        errors.append(error)
    if errors:
        raise merged(errors)
    stated = frames.get(_STATED, typed_frame([], STATED_COLUMNS))
    return PlanTables(plan, frames["indicators.csv"], frames["projects.csv"], frames["tasks.csv"], unused, stated)


def render_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV text with a BOM, lines ended by a line feed, and numbers without noise."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    cells = [[_cell(cell) for cell in frame[column]] for column in frame.columns]
    writer.writerows(zip(*cells, strict=True))
    return "\ufeff" + out.getvalue()


def _cell(value: object) -> str:
    """Return one cell as text.

    Examples
    --------
    >>> _cell(28.0), _cell(12234.59), _cell(float("nan"))
    ('28', '12234.59', '')
    """
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124
        return ""
    if isinstance(value, float):
        return f"{Decimal(repr(float(value))).normalize():f}"
    return str(value)


def _read_frame(path: Path, columns: Sequence[str], key: Sequence[str]) -> pd.DataFrame:
    """Read one table and check it."""
    cells = read_cells(path)
    wanted = [*columns, *later_columns(later_years(list(cells.columns)))]
    if missing := [column for column in wanted if column not in cells.columns]:
        problem = Text(
            f"缺少列 {list_zh(missing, most=40)}；现有 {list_zh(cells.columns, most=40)}",
            f"the columns {list_en(missing, most=40)} are missing; it has {list_en(cells.columns, most=40)}",
        )
        raise UnusableFileError(path.name, problem)
    extra = [column for column in cells.columns if column not in wanted]
    problems = [
        *_key_problems(cells, key),
        *(text for column in cells.columns for text in _number_problems(cells, column)),
    ]
    if problems:
        raise UnusableFileError(path.name, problems)
    rows = [
        {column: _value(column, cell) for column, cell in zip(cells.columns, row, strict=True)}
        for row in cells.itertuples(index=False, name=None)
    ]
    return typed_frame(rows, [*wanted, *extra])


def _value(column: str, cell: str) -> object:
    """Return a cell as the type of its column; an empty number as ``None``."""
    if not is_number(column):
        return cell
    if not cell:
        return None
    return int(cell) if is_whole(column) else float(cell)


def _key_problems(cells: pd.DataFrame, key: Sequence[str]) -> list[Text]:
    """Name keys that are empty or occur more than once."""
    problems: list[Text] = []
    if not key:
        return problems
    names = cells[list(key)].agg("-".join, axis=1).str.removesuffix("-") if len(cells) else pd.Series(dtype=str)
    if empty := [number + 2 for number in range(len(cells)) if not cells[key[0]].iloc[number]]:
        problems.append(Text(f"第 {list_zh(empty)} 行没有 {key[0]}", f"rows {list_en(empty)} have no {key[0]}"))
    if twice := sorted(names[names.duplicated() & (cells[key[0]] != "")].unique()):
        what = "、".join(key), ", ".join(key)
        problems.append(Text(f"{what[0]} 重复：{list_zh(twice)}", f"{what[1]} occur more than once: {list_en(twice)}"))
    return problems


def _number_problems(cells: pd.DataFrame, column: str) -> list[Text]:
    """Name the cells of a column that ought to be numbers and are not."""
    if not is_number(column):
        return []
    form = _WHOLE_FORM if is_whole(column) else _NUMBER_FORM
    wrong = [
        (number, cell) for number, cell in enumerate(cells[column], start=2) if cell and not re.fullmatch(form, cell)
    ]
    if not wrong:
        return []
    return [
        Text(
            f"列 {column} 应为数字：{list_zh(f'第 {number} 行“{cell}”' for number, cell in wrong)}",
            f"the column {column} must hold numbers: " + list_en(f'row {number} "{cell}"' for number, cell in wrong),
        )
    ]


def _toml(tables: PlanTables) -> str:
    """Return the facts of a plan, and what was not understood, as TOML."""
    lines = [f"{name} = {_toml_value(value)}" for name, value in tables.plan.items()]
    for item in tables.unused:
        lines += [
            "",
            "[[not_understood]]",
            f"title = {_toml_value(item.title)}",
            f"lines = {_toml_value((item.first_line, item.last_line))}",
            f"reason = {_toml_value(item.reason.zh)}",
            f"reason_en = {_toml_value(item.reason.en)}",
            *(("is_loss = true",) if item.is_loss else ()),
            *((f"counted = {_toml_value(item.counted)}",) if item.counted != "line" else ()),
        ]
    return "\n".join(lines) + "\n"


def _toml_value(value: PlanValue) -> str:
    """Return a value in the notation of TOML; JSON strings are TOML strings but for DEL."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return repr(value)


def _read_toml(path: Path) -> tuple[dict[str, PlanValue], tuple[Unused, ...]]:
    """Read the facts of a plan, and what was not understood."""
    if not path.is_file():
        raise UnusableFileError(path.name, Text("文件不存在", "the file does not exist"))
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        listed = found.pop("not_understood", [])
        unused = tuple(
            Unused(
                item["title"],
                item["lines"][0],
                item["lines"][1],
                Text(item["reason"], item["reason_en"]),
                is_loss=bool(item.get("is_loss", False)),
                counted=item.get("counted", "line"),
            )
            for item in listed
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, IndexError, TypeError) as error:
        problem = Text(f"不是有效的 plan.toml（{error}）", f"it is no valid plan.toml ({error})")
        raise UnusableFileError(path.name, problem) from error
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}, unused
