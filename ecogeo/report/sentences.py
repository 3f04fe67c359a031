"""The sentences of a statement: a table the county edits, matched from the top, its braces filled from the results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ecogeo.catalog import ROLES
from ecogeo.finding import Answer, Verdict
from ecogeo.handkept import at, column_problems, duplicate_problems, numbered, refuse
from ecogeo.layer import digest
from ecogeo.table import read_cells
from ecogeo.wording import Text, list_en, list_zh

SENTENCES_FILE = "report/sentences.csv"
COLUMNS = ("sentence_id", "layer_role", "answer", "rule_id", "verdict", "zh", "en")
BRACES = (
    *(
        "layer",
        "extent",
        "area_ha",
        "area_mu",
        "share_pct",
        "length_m",
        "distance",
        "nearest",
        "accuracy",
        "zones",
        "verdict",
    ),
    *("clause", "next_step", "issuer", "opinion", "reason", "version"),
)
"""What a sentence may name in braces."""

UNTOLD = Text("未写明", "not stated")
_BRACE = re.compile(r"\{([^{}]*)\}")
_ANY = "*"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One row of the table; an empty tuple fits everything."""

    sentence_id: str
    roles: tuple[str, ...]
    answer: str
    rules: tuple[str, ...]
    verdicts: tuple[str, ...]
    text: Text

    def fits(self, role: str, answer: str, rule_id: str, verdict: str) -> bool:
        """Tell whether it is meant for a case."""
        return (
            (not self.roles or role in self.roles)
            and answer == self.answer
            and (not self.rules or rule_id in self.rules)
            and (not self.verdicts or verdict in self.verdicts)
        )


@dataclass(frozen=True, slots=True)
class Sentences:
    """The table, with the digest of its file."""

    rows: tuple[Sentence, ...]
    sha256: str

    def choose(self, *, role: str, answer: str, rule_id: str, verdict: str) -> Sentence:
        """Return the first row that fits; there always is one, for every answer has a general row."""
        return next(row for row in self.rows if row.fits(role, answer, rule_id, verdict))


def read_sentences(folder: Path, otherwise: Path) -> Sentences:
    """Read the table of sentences.

    Parameters
    ----------
    folder
        The county's ``data/``.
    otherwise
        That of the sample county, where the county keeps none of its own.

    Raises
    ------
    UnusableFileError
        With everything that is wrong: columns, ids twice, unknown roles, answers, verdicts or braces, an empty
        sentence, an answer without a general row.
    """
    own = folder / SENTENCES_FILE
    path = own if own.is_file() else otherwise / SENTENCES_FILE
    shown = f"data/{SENTENCES_FILE}"
    cells = read_cells(path, shown=shown)
    refuse(shown, column_problems(cells, COLUMNS))
    problems = [*duplicate_problems(cells["sentence_id"], "sentence_id"), *_row_problems(cells), *_gaps(cells)]
    refuse(shown, problems)
    return Sentences(tuple(_sentence(row) for _, row in numbered(cells)), digest(path))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Fill the braces of a sentence; values are put in as they are, braces in them are not filled again.

    Examples
    --------
    >>> filled("位于{layer}内", {"layer": "{x}红线"})
    '位于{x}红线内'
    """
    full = _BRACE.sub(lambda found: values[found[1]], text)
    return full.replace("？。", "？").replace("？；", "；").replace("？.", "？").replace("。。", "。")


def _sentence(row: Mapping[str, str]) -> Sentence:
    return Sentence(
        row["sentence_id"],
        _listed(row["layer_role"]),
        row["answer"],
        _listed(row["rule_id"]),
        _listed(row["verdict"]),
        Text(row["zh"], row["en"]),
    )


def _listed(cell: str) -> tuple[str, ...]:
    return () if cell == _ANY else tuple(one.strip() for one in cell.split("|"))


def _row_problems(cells: pd.DataFrame) -> Iterator[Text]:
    known = {"layer_role": set(ROLES), "verdict": {str(one) for one in Verdict}}
    for number, row in numbered(cells):
        for column, names in known.items():
            if strange := [one for one in _listed(row[column]) if one not in names]:
                yield at(number, Text(f"{column} 不认识 {list_zh(strange)}", f"{column}: unknown {list_en(strange)}"))
        if row["answer"] not in set(Answer):
            yield at(number, Text(f"answer 不认识“{row['answer']}”", f"answer: unknown “{row['answer']}”"))
        for column in ("zh", "en"):
            if not row[column]:
                yield at(number, Text(f"{column} 为空", f"{column} is empty"))
            braces = _BRACE.findall(row[column])
            if strange := [one for one in braces if one not in BRACES]:
                yield at(
                    number, Text(f"{column} 中不认识 {{{'}、{'.join(strange)}}}", f"{column}: unknown braces {strange}")
                )
            if "{" in _BRACE.sub("", row[column]) or "}" in _BRACE.sub("", row[column]):
                yield at(number, Text(f"{column} 中花括号没有成对", f"{column}: a brace stands alone"))


def _gaps(cells: pd.DataFrame) -> Iterator[Text]:
    is_general = (cells[["layer_role", "rule_id", "verdict"]] == _ANY).all(axis=1)
    for answer in Answer:
        if not (is_general & (cells["answer"] == str(answer))).any():
            yield Text(
                f"“{answer.text.zh}”（{answer}）没有通用的一行（其余三列都为 *）",
                f"“{answer}” has no general row, with * in the three other columns",
            )
