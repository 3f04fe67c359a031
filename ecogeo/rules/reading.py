"""Read a folder of rule tables, and refuse it with everything that is wrong."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ecogeo.errors import EcogeoError, UnusableFileError, UsageError
from ecogeo.finding import SourceFile, Verdict
from ecogeo.handkept import at, column_problems, is_day, numbered
from ecogeo.layer import digest
from ecogeo.project_types import ProjectType, read_project_types
from ecogeo.questions import Question, read_questions
from ecogeo.rules.conditions import ALWAYS, Condition, names_in, parse_condition
from ecogeo.rules.coverage import find_clashes, find_gaps
from ecogeo.rules.pack import ANY, LEVELS, RULE_ROLES, Rule, RulePack, Standing, first_day, last_day
from ecogeo.table import read_cells
from ecogeo.wording import Text, list_en, list_zh

RULE_COLUMNS = (
    "rule_id",
    "layer_role",
    "zone_value",
    "project_types",
    "extra_condition",
    "verdict",
    "next_step",
    "issuer",
    "clause",
    "level",
    "valid_from",
    "valid_to",
    "replaced_by",
    "source_url",
    "checked_by",
    "checked_on",
)
QUESTIONS_FILE, TYPES_FILE = "questions.csv", "project_types.csv"

MOST_QUESTIONS = 12
"""Of one hit: every way of answering them is gone through, and nobody answers more."""

_NEEDED = ("rule_id", "layer_role", "zone_value", "project_types", "verdict", "clause", "level")


@dataclass(frozen=True, slots=True)
class _Known:
    """The names that rules may use."""

    types: frozenset[str]
    questions: frozenset[str]


def read_rules(folder: Path) -> RulePack:
    """Read every rule table of a folder, with the questions and project types beside it.

    Parameters
    ----------
    folder
        Holds ``*.csv`` with exactly `RULE_COLUMNS`; lists within a cell are separated by ``|``. The folder above it
        holds ``questions.csv`` and ``project_types.csv``.

    Returns
    -------
    The pack, the state's rules first. Gaps and clashes are in it; they are findings.

    Raises
    ------
    UnusableFileError
        With everything that is wrong in any of the files: missing, columns missing or unknown, empty cells, unknown
        roles, verdicts, levels, types and questions, conditions that cannot be read, bad dates, ids twice, a
        ``replaced_by`` that names no rule or one that begins before the replaced one ends, more questions than a person
        can answer.
    """
    problems: list[Text] = []
    questions: tuple[Question, ...] = ()
    types: tuple[ProjectType, ...] = ()
    try:
        questions = read_questions(folder.parent / QUESTIONS_FILE)
    except EcogeoError as error:
        problems += error.problems
    try:
        types = read_project_types(folder.parent / TYPES_FILE, questions)
    except EcogeoError as error:
        problems += error.problems
    known = _Known(frozenset(kind.type_id for kind in types), frozenset(one.question_id for one in questions))
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        problems.append(Text("没有规则表（*.csv）", "there is no rule table (*.csv)"))
    rules: list[Rule] = []
    for path in paths:
        found, faults = _read_file(path, known)
        rules += found
        problems += faults
    problems += [*_repeated(rules), *_succession(rules), *_overloaded(rules, types)]
    if problems:
        raise UnusableFileError(folder.name, problems)
    ordered = tuple(sorted(rules, key=lambda rule: rule.rank))
    files = [*paths, folder.parent / QUESTIONS_FILE, folder.parent / TYPES_FILE]
    sources = sorted((_source(path, folder.parent.parent) for path in files), key=lambda source: source.name)
    return RulePack(ordered, types, questions, find_gaps(ordered, types), find_clashes(ordered, types), tuple(sources))


def _source(path: Path, county: Path) -> SourceFile:
    shown = path.relative_to(county)
    return SourceFile("/".join(shown.with_suffix("").parts[1:]), shown.as_posix(), digest(path))


def _read_file(path: Path, known: _Known) -> tuple[list[Rule], list[Text]]:
    """Read one table; return its rules, also faulty ones, with what is wrong."""
    try:
        cells = read_cells(path)
    except EcogeoError as error:
        return [], list(error.problems)
    problems = column_problems(cells, RULE_COLUMNS)
    if unknown := [column for column in cells.columns if column not in RULE_COLUMNS]:
        problems.append(Text(f"不认识列 {list_zh(unknown)}", f"the columns {list_en(unknown)} are not known"))
    rules: list[Rule] = []
    for row, entry in numbered(cells) if not problems else ():
        rule, faults = _read_row(entry, known)
        problems += [at(row, Text(f"{rule.rule_id} {fault.zh}", f"{rule.rule_id} {fault.en}")) for fault in faults]
        rules.append(rule)
    return rules, [Text(f"{path.name}：{problem.zh}", f"{path.name}: {problem.en}") for problem in problems]


def _read_row(cells: Mapping[str, str], known: _Known) -> tuple[Rule, list[Text]]:
    """Read one rule with what is wrong in it; a cell that cannot be read counts as empty."""
    faults = list(_cell_faults(cells, known))
    condition: Condition = ALWAYS
    try:
        condition = parse_condition(cells["extra_condition"])
    except UsageError as error:
        faults += error.problems
    if known.questions and (unknown := sorted(names_in(condition) - known.questions)):
        faults.append(
            Text(f"extra_condition 中没有问题 {list_zh(unknown)}", f"there is no question {list_en(unknown)}")
        )
    dates = {column: cells[column] if _is_date(cells[column]) else "" for column in ("valid_from", "valid_to")}
    rule = Rule(
        cells["rule_id"],
        cells["layer_role"],
        _listed(cells["zone_value"]),
        _listed(cells["project_types"]),
        condition,
        Verdict(cells["verdict"]) if cells["verdict"] in set(Verdict) else Verdict.UNDETERMINED,
        cells["next_step"],
        cells["issuer"],
        cells["clause"],
        cells["level"] if cells["level"] in LEVELS else next(iter(LEVELS)),
        dates["valid_from"],
        dates["valid_to"],
        cells["replaced_by"],
        cells["source_url"],
        cells["checked_by"],
        cells["checked_on"],
    )
    if rule.starts and rule.ends and rule.starts > rule.ends:
        faults.append(
            Text(
                f"valid_from {rule.valid_from} 晚于 valid_to {rule.valid_to}",
                f"valid_from {rule.valid_from} is after valid_to {rule.valid_to}",
            )
        )
    if rule.standing is Standing.VERIFIED and not cells["checked_on"]:
        faults.append(Text("填了核对人就要填 checked_on", "checked_by names a person, so checked_on must be filled"))
    return rule, faults


def _cell_faults(cells: Mapping[str, str], known: _Known) -> Iterator[Text]:
    """Yield what is wrong with single cells."""
    if empty := [column for column in _NEEDED if not cells[column]]:
        yield Text(f"{list_zh(empty)} 为空", f"{list_en(empty)} is empty")
    for column, allowed in (("layer_role", RULE_ROLES), ("verdict", tuple(Verdict)), ("level", tuple(LEVELS))):
        if cells[column] and cells[column] not in allowed:
            zh, en = list_zh(allowed, most=40), list_en(allowed, most=40)
            yield Text(f"{column}“{cells[column]}”应为 {zh}", f"the {column} “{cells[column]}” must be one of {en}")
    named = {entry.removeprefix("-") for entry in _listed(cells["project_types"])} - {ANY}
    if known.types and (unknown := sorted(named - known.types)):
        yield Text(f"没有项目类型 {list_zh(unknown)}", f"there is no project type {list_en(unknown)}")
    for column in ("valid_from", "valid_to"):
        if cells[column] and not _is_date(cells[column]):
            yield Text(
                f"{column}“{cells[column]}”应为 YYYY-MM-DD、YYYY-MM 或 YYYY，不明或长期有效则留空",
                f"the {column} “{cells[column]}” must be YYYY-MM-DD, YYYY-MM or YYYY; empty if unknown or open",
            )
    if cells["checked_on"] and not is_day(cells["checked_on"]):
        yield Text(
            f"checked_on“{cells['checked_on']}”应为 YYYY-MM-DD",
            f"the checked_on “{cells['checked_on']}” must be YYYY-MM-DD",
        )


def _repeated(rules: Sequence[Rule]) -> Iterator[Text]:
    """Yield ids that more than one rule bears, and whether their periods overlap."""
    ids = pd.Series([rule.rule_id for rule in rules], dtype=str)
    for rule_id in sorted(set(ids[ids.duplicated()]) - {""}):
        same = sorted((rule for rule in rules if rule.rule_id == rule_id), key=_beginning)
        overlap = any(_ending(one) >= _beginning(other) for one, other in itertools.pairwise(same))
        how, how_en = ("，且有效期重叠", " and their periods overlap") if overlap else ("", "")
        yield Text(
            f"规则编号 {rule_id} 出现 {len(same)} 次{how}；各版本应各有编号，用 replaced_by 相连",
            f"the rule id {rule_id} occurs {len(same)} times{how_en}; give each version an id of its own, joined by "
            "replaced_by",
        )


def _succession(rules: Sequence[Rule]) -> Iterator[Text]:
    """Yield rules replaced by none that exists, or by one that is in force before they end."""
    by_id = {rule.rule_id: rule for rule in rules}
    for rule in rules:
        if not rule.replaced_by:
            continue
        successor = by_id.get(rule.replaced_by)
        if successor is None:
            yield Text(
                f"{rule.rule_id} 的 replaced_by“{rule.replaced_by}”不存在",
                f"{rule.rule_id} is replaced by “{rule.replaced_by}”, which does not exist",
            )
        elif _ending(rule) >= _beginning(successor):
            yield Text(
                f"{rule.rule_id}（至 {rule.valid_to or '…'}）与接替它的 {successor.rule_id}"
                f"（自 {successor.valid_from or '?'}）有效期重叠",
                f"{rule.rule_id} (to {rule.valid_to or '…'}) overlaps {successor.rule_id} "
                f"(from {successor.valid_from or '?'}), which replaces it",
            )


def _overloaded(rules: Sequence[Rule], types: Sequence[ProjectType]) -> Iterator[Text]:
    """Yield the roles whose rules ask too many questions of one project."""
    for role in dict.fromkeys(rule.layer_role for rule in rules):
        own = [rule for rule in rules if rule.layer_role == role]
        asked = max(
            (len({name for rule in own if rule.concerns(kind.type_id) for name in rule.questions}) for kind in types),
            default=0,
        )
        if asked > MOST_QUESTIONS:
            yield Text(
                f"{role} 的规则对同一项目要问 {asked} 个问题，最多 {MOST_QUESTIONS} 个",
                f"the rules about {role} ask {asked} questions of one project; at most {MOST_QUESTIONS}",
            )


def _beginning(rule: Rule) -> dt.date:
    return rule.starts or dt.date.min


def _ending(rule: Rule) -> dt.date:
    return rule.ends or dt.date.max


def _is_date(text: str) -> bool:
    try:
        return first_day(text) <= last_day(text)
    except ValueError:
        return False


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())
