"""A kind of undertaking, and what a person chose."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ecogeo.handkept import backdated, latest, superseded
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
    """A type that a person chose for a project, or for a site that belongs to none."""

    project_id: str
    type_id: str
    by: str
    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class TypeChoices:
    """All choices of a file, in its order.

    Parameters
    ----------
    given
        Every row; of several for one project the last one counts, and the others are its history.
    sha256
        Digest of the file.
    """

    given: tuple[TypeChoice, ...] = ()
    sha256: str = ""

    @property
    def current(self) -> dict[str, TypeChoice]:
        """The choices that count, by project."""
        return latest(self.given, lambda one: one.project_id)

    @property
    def superseded(self) -> tuple[TypeChoice, ...]:
        """The choices that a later one replaces."""
        return superseded(self.given, lambda one: one.project_id)

    @property
    def backdated(self) -> tuple[TypeChoice, ...]:
        """The choices dated before an earlier one for the same project."""
        return backdated(self.given, lambda one: one.project_id, lambda one: one.on)

    def strangers(self, known: Iterable[str]) -> tuple[str, ...]:
        """Return the projects a type was chosen for that are not among these, in the order of the file."""
        ids = set(known)
        return tuple(project_id for project_id in self.current if project_id not in ids)
