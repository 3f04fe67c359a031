"""What kind of undertaking a project is, read from its own words, with the words that say so.

The table of types is the county's (``data/project_types.csv``): anyone can see why a project was taken for what it is,
and mend it. An entry of ``words`` is one word, or words that must all occur (``屋顶+光伏``). Phrases of ``against`` are
taken out of the text before the words of that type are looked for (``田间道路`` makes no road). The rules:

1. Words of the *name* go before words found half in the name and half in the content, and these before words of the
   content alone.
2. Of words in the name the last one counts (a name ends in what it names), of words in the content alone the first; of
   words that overlap, the longest.
3. Every other type whose words occur is kept as an alternative.
4. Words listed for ``other`` say that the name cannot decide; where no word occurs at all, the type is ``other`` too.

A person's choice goes before the computed type, and both are kept.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ecogeo.project_types.kinds import OTHER, ProjectType, TypeChoice
from ecogeo.wording import Text

CLASS_COLUMNS = (
    "project_id",
    "project_type",
    "computed_type",
    "why",
    "alternatives",
    "chosen_by",
    "chosen_on",
    "reason",
)


class Where(enum.IntEnum):
    """Where the words of an entry were found; the less, the more they say."""

    NAME = 0
    BOTH = 1
    CONTENT = 2

    @property
    def text(self) -> Text:
        """In words."""
        return (Text("名称", "name"), Text("名称和内容", "name and content"), Text("内容", "content"))[self]


@dataclass(frozen=True, slots=True)
class Sign:
    """An entry of words that occurs in a project.

    Parameters
    ----------
    type_id
        The type it tells.
    words
        The words.
    where
        Where they were found.
    begin, end
        From the first character of the first word to behind the last one, in the name or, for words of the content
        alone, in the content.
    """

    type_id: str
    words: tuple[str, ...]
    where: Where
    begin: int
    end: int

    @property
    def text(self) -> Text:
        """What was found, for people."""
        shown = "+".join(self.words)
        return Text(f"{self.where.text.zh}中有“{shown}”", f"“{shown}” in the {self.where.text.en}")


@dataclass(frozen=True, slots=True)
class Classified:
    """What a project was taken for.

    Parameters
    ----------
    type_id
        The type; ``other`` where nothing tells it.
    reason
        The sign that decided; None where there is none.
    signs
        Every sign found, the deciding one first.
    """

    type_id: str
    reason: Sign | None
    signs: tuple[Sign, ...]

    @property
    def alternatives(self) -> tuple[str, ...]:
        """Other types that words of the project tell."""
        return tuple(dict.fromkeys(sign.type_id for sign in self.signs if sign.type_id not in {self.type_id, OTHER}))

    @property
    def text(self) -> Text:
        """Why, for people."""
        return Text("没有可识别的词", "no word that tells") if self.reason is None else self.reason.text


def classify(name: str, content: str, types: Sequence[ProjectType]) -> Classified:
    """Tell the type of a project by its words (see the module's rules).

    Parameters
    ----------
    name, content
        The project's own words.
    types
        The table of types.
    """
    return classify_texts([(name, content)], types)[0]


def classify_texts(texts: Iterable[tuple[str, str]], types: Sequence[ProjectType]) -> list[Classified]:
    """Tell the types of many projects by their words: each as `classify` does, those that say the same once.

    Parameters
    ----------
    texts
        Name and content of each.
    types
        The table of types.
    """
    beginning: dict[str, list[int]] = {}
    for place, kind in enumerate(types):
        for words in kind.words:
            beginning.setdefault(words[0], []).append(place)
    told: dict[tuple[str, str], Classified] = {}
    found = []
    for text in texts:
        if text not in told:
            name, content = text
            begun = (places for word, places in beginning.items() if word in name or word in content)
            likely = sorted({place for places in begun for place in places})
            told[text] = _told(name, content, [types[place] for place in likely])
        found.append(told[text])
    return found


def _told(name: str, content: str, types: Iterable[ProjectType]) -> Classified:
    """Weigh the signs of the types of which the first word of an entry, at least, occurs."""
    signs = sorted((sign for kind in types for sign in _signs(kind, name, content)), key=_weight)
    free = [sign for sign in signs if not any(_swallows(other, sign) for other in signs)]
    if not free:
        return Classified(OTHER, None, ())
    return Classified(free[0].type_id, free[0], tuple(free))


def classify_projects(
    projects: pd.DataFrame, types: Sequence[ProjectType], chosen: Mapping[str, TypeChoice] | None = None
) -> pd.DataFrame:
    """Tell the type of every project.

    Parameters
    ----------
    projects
        With the columns ``project_id, name, content``.
    types
        The table of types.
    chosen
        What persons chose, by project.

    Returns
    -------
    ``project_id, project_type`` (the person's, else the computed one), ``computed_type, why, alternatives`` (joined by
    ``|``), ``chosen_by, chosen_on, reason``, on the index of the projects.
    """
    picked = chosen or {}
    rows = []
    texts = zip(map(str, projects["name"]), map(str, projects["content"]), strict=True)
    for key, found in zip(projects["project_id"], classify_texts(texts, types), strict=True):
        choice = picked.get(key, TypeChoice(key, found.type_id, "", "", ""))
        why, alternatives = found.text.zh, "|".join(found.alternatives)
        rows.append((key, choice.type_id, found.type_id, why, alternatives, choice.by, choice.on, choice.reason))
    return pd.DataFrame(rows, columns=list(CLASS_COLUMNS), index=projects.index, dtype=object)


def _weight(sign: Sign) -> tuple[int, int, int]:
    """Order of signs, the deciding one first: the last of the name, else the first of the content, else the longest."""
    place = sign.begin if sign.where is Where.CONTENT else -sign.end
    return sign.where, place, sign.begin - sign.end


def _swallows(longer: Sign, sign: Sign) -> bool:
    """Whether a sign lies within a longer one of the same text."""
    is_longer = longer.end - longer.begin > sign.end - sign.begin
    return is_longer and longer.where is sign.where and longer.begin <= sign.begin and sign.end <= longer.end


def _signs(kind: ProjectType, name: str, content: str) -> Iterator[Sign]:
    """Find the entries of a type that occur; an entry of the name is not looked for in the content again."""
    in_name, in_content = _without(name, kind.against), _without(content, kind.against)
    for words in kind.words:
        named = [word for word in words if word in in_name]
        if len(named) == len(words):
            yield _sign(kind, words, Where.NAME, in_name, words)
        elif all(word in in_name or word in in_content for word in words):
            where, text = (Where.BOTH, in_name) if named else (Where.CONTENT, in_content)
            yield _sign(kind, words, where, text, named or words)


def _sign(kind: ProjectType, words: tuple[str, ...], where: Where, text: str, placed: Sequence[str]) -> Sign:
    """Return a sign with its place: the last one of the name, the first one of the content."""
    begins = [text.find(word) if where is Where.CONTENT else text.rfind(word) for word in placed]
    ends = [begin + len(word) for begin, word in zip(begins, placed, strict=True)]
    return Sign(kind.type_id, words, where, min(begins), max(ends))


def _without(text: str, phrases: Sequence[str]) -> str:
    """Return a text with phrases blanked out, the longest first; places stay what they were."""
    for phrase in sorted(phrases, key=len, reverse=True):
        text = text.replace(phrase, "\0" * len(phrase))
    return text
