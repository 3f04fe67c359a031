"""The condition of a rule: question ids joined by ``and``, ``or``, ``not`` and brackets.

``not`` binds before ``and``, ``and`` before ``or``. An empty condition always holds. Nothing is ever evaluated as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ecogeo.errors import UsageError
from ecogeo.wording import Text

MOST_WORDS = 80
"""A condition of more words and brackets than this is refused: nobody could check it by eye."""

_TOKEN = re.compile(r"[()]|[^()\s]+")
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_KEYWORDS = frozenset({"and", "or", "not"})


@dataclass(frozen=True, slots=True)
class Name:
    """A question."""

    word: str


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of a condition."""

    of: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; of no parts, always."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = Name | Not | AllOf | AnyOf

ALWAYS = AllOf(())


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Parameters
    ----------
    text
        As a person writes it; empty for a rule without condition.

    Raises
    ------
    UsageError
        Where it cannot be read, with the place.

    Examples
    --------
    >>> render_condition(parse_condition("is_linear and not (is_temporary or is_unavoidable)"))
    'is_linear and not (is_temporary or is_unavoidable)'
    """
    if not text.strip():
        return ALWAYS
    tokens = _TOKEN.findall(text)
    if len(tokens) > MOST_WORDS:
        raise UsageError(
            Text(
                f"条件过长（{len(tokens)} 个词和括号，最多 {MOST_WORDS}），请拆成几条规则",
                f"the condition is too long ({len(tokens)} words and brackets, at most {MOST_WORDS}): make it several "
                "rules",
            )
        )
    condition, rest = _any_of(tokens)
    if rest:
        raise _unreadable(rest, Text("and、or 或结尾", "and, or, or the end"))
    return condition


def names_in(condition: Condition) -> frozenset[str]:
    """Return the questions a condition hangs on."""
    match condition:
        case Name(word):
            return frozenset({word})
        case Not(of):
            return names_in(of)
        case AllOf(parts) | AnyOf(parts):
            return frozenset().union(*(names_in(part) for part in parts))


def holds(condition: Condition, answers: Mapping[str, bool]) -> bool:
    """Tell whether a condition holds, all of its questions being answered.

    Examples
    --------
    >>> holds(parse_condition("not is_linear or is_temporary"), {"is_linear": True, "is_temporary": False})
    False
    """
    match condition:
        case Name(word):
            return answers[word]
        case Not(of):
            return not holds(of, answers)
        case AllOf(parts):
            return all(holds(part, answers) for part in parts)
        case AnyOf(parts):
            return any(holds(part, answers) for part in parts)


def render_condition(condition: Condition) -> str:
    """Write a condition as a person would, with no bracket too many."""
    match condition:
        case Name(word):
            return word
        case Not(of):
            return f"not {_enclosed(of, Name, Not)}"
        case AllOf(parts):
            return " and ".join(_enclosed(part, Name, Not) for part in parts)
        case AnyOf(parts):
            return " or ".join(_enclosed(part, Name, Not, AllOf) for part in parts)


def _enclosed(condition: Condition, *plain: type) -> str:
    written = render_condition(condition)
    return written if isinstance(condition, plain) else f"({written})"


def _any_of(tokens: list[str]) -> tuple[Condition, list[str]]:
    """Read parts joined by ``or``; return them with the tokens left."""
    part, rest = _all_of(tokens)
    parts = [part]
    while rest[:1] == ["or"]:
        part, rest = _all_of(rest[1:])
        parts.append(part)
    return _joined(AnyOf, parts), rest


def _all_of(tokens: list[str]) -> tuple[Condition, list[str]]:
    """Read parts joined by ``and``; return them with the tokens left."""
    part, rest = _single(tokens)
    parts = [part]
    while rest[:1] == ["and"]:
        part, rest = _single(rest[1:])
        parts.append(part)
    return _joined(AllOf, parts), rest


def _single(tokens: list[str]) -> tuple[Condition, list[str]]:
    """Read a question, a bracket or the contrary of one; return it with the tokens left."""
    first, rest = tokens[:1], tokens[1:]
    if first == ["not"]:
        contrary, rest = _single(rest)
        return Not(contrary), rest
    if first == ["("]:
        inner, rest = _any_of(rest)
        if rest[:1] != [")"]:
            raise _unreadable(rest, Text("右括号", "a closing bracket"))
        return inner, rest[1:]
    if not first or first[0] in _KEYWORDS or not _WORD.fullmatch(first[0]):
        raise _unreadable(tokens, Text("问题编号、not 或左括号", "a question, not, or an opening bracket"))
    return Name(first[0]), rest


def _joined(kind: type[AllOf] | type[AnyOf], parts: Iterable[Condition]) -> Condition:
    """Return parts as one condition, a part of the same kind taken apart."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,))]
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _unreadable(rest: list[str], expected: Text) -> UsageError:
    found = Text(f"“{rest[0]}”", f"“{rest[0]}”") if rest else Text("结尾", "the end")
    return UsageError(Text(f"条件应在此处有{expected.zh}，却是{found.zh}", f"expected {expected.en}, found {found.en}"))
