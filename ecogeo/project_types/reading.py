"""Read the county's table of project types, and the types that persons chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from ecogeo.handkept import at, column_problems, duplicate_problems, is_day, numbered, read_decisions, refuse
from ecogeo.layer import digest
from ecogeo.ledger import append_decision
from ecogeo.project_types.kinds import OTHER, Nature, ProjectType, TypeChoice, TypeChoices
from ecogeo.questions import Question
from ecogeo.table import read_cells
from ecogeo.wording import Text, list_en, list_zh

TYPE_COLUMNS = ("type_id", "zh", "en", "nature", "words", "against", "answers_yes", "answers_no", "basis")
CHOICE_COLUMNS = ("project_id", "project_type", "by", "on", "reason")


def read_project_types(path: Path, questions: Sequence[Question]) -> tuple[ProjectType, ...]:
    """Read the table of project types.

    Parameters
    ----------
    path
        CSV with `TYPE_COLUMNS`; lists within a cell are separated by ``|``.
    questions
        The questions there are; none leaves the facts unchecked.

    Raises
    ------
    UnusableFileError
        With everything that is wrong: columns missing, ids twice or missing, an unknown nature, words that stand for
        two types, facts about unknown questions, a fact both yes and no, or facts without a basis; no type ``other``.
    """
    cells = read_cells(path)
    refuse(path.name, column_problems(cells, TYPE_COLUMNS))
    problems = list(duplicate_problems(cells["type_id"], "type_id"))
    known = {question.question_id for question in questions}
    problems += [at(row, problem) for row, entry in numbered(cells) for problem in _type_problems(entry, known)]
    words = pd.Series([word for cell in cells["words"] for word in _listed(cell)], dtype=str)
    problems += duplicate_problems(words, "words")
    if OTHER not in set(cells["type_id"]):
        problems.append(Text("缺少类型 other", "there is no type other"))
    refuse(path.name, problems)
    return tuple(_project_type(entry) for _, entry in numbered(cells))


def read_type_choices(path: Path, types: Sequence[ProjectType]) -> TypeChoices:
    """Read the types that persons chose.

    Parameters
    ----------
    path
        CSV with ``project_id, project_type, by, on, reason``; all but the reason must be filled. In the place of a
        project may stand a site that belongs to none.
    types
        The types there are.

    Returns
    -------
    Every row, in the order of the file; the last one on a project counts.

    Raises
    ------
    UnusableFileError
        With everything that is wrong: columns missing, unknown types, no one who chose, bad dates.
    """
    cells = read_decisions(path)
    refuse(path.name, column_problems(cells, CHOICE_COLUMNS))
    known = {kind.type_id for kind in types}
    problems = [at(row, problem) for row, entry in numbered(cells) for problem in _choice_problems(entry, known)]
    refuse(path.name, problems)
    rows = (TypeChoice(*(entry[column] for column in CHOICE_COLUMNS)) for _, entry in numbered(cells))
    return TypeChoices(tuple(rows), digest(path))


def append_type(path: Path, choice: TypeChoice, types: Sequence[ProjectType]) -> None:
    """Append a choice to a file of types, where it counts from now on.

    Parameters
    ----------
    path
        The file; made where there is none.
    choice
        The choice.
    types
        The types there are.

    Raises
    ------
    EcogeoError
        With everything that is wrong with the choice or the file; nothing is written then.
    """
    cells = (choice.project_id, choice.type_id, choice.by.strip(), choice.on, choice.reason)
    row = dict(zip(CHOICE_COLUMNS, cells, strict=True))
    problems = list(_choice_problems(row, {kind.type_id for kind in types}))
    append_decision(path, "types", CHOICE_COLUMNS, row, problems, require=lambda kept: read_type_choices(kept, types))


def _choice_problems(entry: Mapping[str, str], known: set[str]) -> Iterator[Text]:
    if not entry["project_id"] or not entry["by"]:
        yield Text("project_id 和 by 不能为空", "project_id and by must be filled")
    if entry["project_type"] not in known:
        yield _no_type(entry["project_type"], known)
    if not is_day(entry["on"]):
        on = entry["on"]
        yield Text(f"日期“{on}”应为 YYYY-MM-DD", f"the date “{on}” must be YYYY-MM-DD")


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _type_problems(entry: Mapping[str, str], known: set[str]) -> Iterator[Text]:
    if not (entry["type_id"] and entry["zh"] and entry["en"]):
        yield Text("type_id、zh、en 不能为空", "type_id, zh and en must be filled")
    if entry["nature"] not in set(Nature):
        found, natures = entry["nature"], " ".join(Nature)
        yield Text(f"nature“{found}”应为 {natures} 之一", f"the nature “{found}” must be one of {natures}")
    if bare := [words for words in _listed(entry["words"]) if not words.strip("+ ")]:
        yield Text(f"words 中“{bare[0]}”没有词", f"“{bare[0]}” among its words holds no word")
    yes, no = set(_listed(entry["answers_yes"])), set(_listed(entry["answers_no"]))
    if known and (unknown := sorted((yes | no) - known)):
        yield Text(f"没有问题 {list_zh(unknown)}", f"there is no question {list_en(unknown)}")
    if both := sorted(yes & no):
        yield Text(f"{list_zh(both)} 既是又否", f"{list_en(both)} is answered both yes and no")
    if "is_linear" in yes | no:
        yield Text("is_linear 由 nature 决定，不要另填", "is_linear follows from the nature and is not given again")
    if (yes or no) and not entry["basis"]:
        yield Text("填了答案就要填依据（basis）", "answers need their basis")


def _project_type(entry: Mapping[str, str]) -> ProjectType:
    nature = Nature(entry["nature"])
    facts = {Nature.LINEAR: {"is_linear": True}, Nature.SITE: {"is_linear": False}}.get(nature, {})
    facts |= dict.fromkeys(_listed(entry["answers_yes"]), True) | dict.fromkeys(_listed(entry["answers_no"]), False)
    words = tuple(tuple(filter(None, listed.split("+"))) for listed in _listed(entry["words"]))
    text = Text(entry["zh"], entry["en"])
    return ProjectType(entry["type_id"], text, nature, words, _listed(entry["against"]), facts, entry["basis"])


def _no_type(type_id: str, known: set[str]) -> Text:
    listed = sorted(known)
    return Text(
        f"没有项目类型“{type_id}”，已有：{list_zh(listed, most=60)}",
        f"there is no project type “{type_id}”; there are {list_en(listed, most=60)}",
    )
