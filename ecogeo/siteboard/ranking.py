"""Candidates ranked anew by other weights, from the parts of their scores alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecogeo.rounding import rounded


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate by some weights.

    Parameters
    ----------
    site_id
        The candidate.
    score
        Weighted mean of its parts, 0 to 1.
    rank
        From 1.
    before
        Its rank by the weights of the search.
    """

    site_id: str
    score: float
    rank: int
    before: int

    @property
    def moved(self) -> int:
        """How many places it rose; negative where it fell."""
        return self.before - self.rank


def ranked(facts: Mapping[str, Any], weights: Sequence[float]) -> tuple[Ranked, ...]:
    """Rank the candidates of a search by other weights; of equals the one that came first stays first.

    Parameters
    ----------
    facts
        As `ecogeo.siteboard.told_search` tells them.
    weights
        One of each criterion, 0 or more, at least one above; a criterion without a value at a candidate scores 0 there.

    Examples
    --------
    >>> facts = {"candidates": [{"id": "C1", "parts": [0.9, 0.1]}, {"id": "C2", "parts": [0.5, 0.7]}]}
    >>> [(one.site_id, round(one.score, 3), one.moved) for one in ranked(facts, [1, 2])]
    [('C2', 0.633, 1), ('C1', 0.367, -1)]
    """
    total = sum(weights)
    scores = []
    for place, one in enumerate(facts["candidates"], start=1):
        parts = [0.0 if part is None else float(part) for part in one["parts"]]
        mean = sum(part * weight for part, weight in zip(parts, weights, strict=True)) / total
        scores.append((-rounded(mean, 9), place, one["id"]))
    return tuple(
        Ranked(site_id, -score, rank, place) for rank, (score, place, site_id) in enumerate(sorted(scores), start=1)
    )
