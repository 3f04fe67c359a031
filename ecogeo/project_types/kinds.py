"""A kind of undertaking, and what a person chose."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from ecogeo.wording import Text

OTHER = "other"
"""The type of what no word, or too vague a word, tells."""


class Nature(enum.StrEnum):
    """How a type of project lies on the ground; it answers ``is_linear``, except for mixed ones."""

    LINEAR = "linear"
    SITE = "site"
    MIXED = "mixed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ProjectType:
    """One kind of undertaking.

    Parameters
    ----------
    type_id
        As the rules name it.
    text
        Its name for people.
    nature
        How it lies on the ground; ``none`` for what takes no ground of its own: plans, campaigns, panels on roofs.
    words, against
        What tells it: entries of words that must all occur; and phrases in which they do not count.
    facts
        Questions that the type itself answers, whatever the project.
    basis
        Why the type answers them.
    """

    type_id: str
    text: Text
    nature: Nature
    words: tuple[tuple[str, ...], ...]
    against: tuple[str, ...]
    facts: Mapping[str, bool]
    basis: str = ""

    @property
    def takes_ground(self) -> bool:
        """Whether it takes ground of its own."""
        return self.nature is not Nature.NONE


@dataclass(frozen=True, slots=True)
class TypeChoice:
    """A type that a person chose for a project."""

    project_id: str
    type_id: str
    by: str
    on: str
    reason: str
