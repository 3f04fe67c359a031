"""Which weights decide: how a ranking moves when one of them changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.stats

from ecogeo.siting.criteria import Criterion

CHANGES = (0.0, 0.5, 1.5, 2.0)
"""What each weight is multiplied by, one at a time; 0 leaves the criterion out."""

SENSITIVITY_COLUMNS = (
    "criterion",
    "weight",
    "factor",
    "first",
    "first_changed",
    "kendall_tau",
    "most_moved",
    "ranks_moved",
)


def sensitivity_rows(parts: Sequence[Sequence[float]], criteria: Sequence[Criterion]) -> pd.DataFrame:
    """Return how the candidates' order changes with each weight.

    Parameters
    ----------
    parts
        Shape (candidates, criteria): the score of each candidate by each criterion, candidates by rank.
    criteria
        The criteria, with their weights.

    Returns
    -------
    One row per criterion that counts and change of its weight: the candidate that comes first, whether it is another,
    Kendall's tau between both orders (1 the same, -1 turned round; empty for fewer than two), the candidate that moves
    most and by how many ranks.
    """
    scores = np.array(parts, dtype=float).reshape(-1, len(criteria))
    weights = np.array([one.weight for one in criteria])
    rows = []
    if len(scores):
        before = _ranks(scores, weights)
        for at, criterion in enumerate(criteria):
            for factor in CHANGES if criterion.weight > 0 else ():
                changed = weights.copy()
                changed[at] *= factor
                if not changed.sum() > 0:
                    continue
                after = _ranks(scores, changed)
                moved = np.abs(after - before)
                tau = scipy.stats.kendalltau(before, after).statistic if len(scores) > 1 else np.nan
                rows.append(
                    {
                        "criterion": criterion.criterion,
                        "weight": criterion.weight,
                        "factor": factor,
                        "first": f"C{int(np.argmin(after)) + 1}",
                        "first_changed": bool(np.argmin(after) != np.argmin(before)),
                        "kendall_tau": round(float(tau), 4),
                        "most_moved": f"C{int(np.argmax(moved)) + 1}",
                        "ranks_moved": int(moved.max()),
                    }
                )
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))


def _ranks(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the rank of each candidate, from 1; of equals the earlier one comes first."""
    counts = weights > 0
    total = np.average(np.nan_to_num(scores[:, counts]), axis=1, weights=weights[counts])
    ranks = np.empty(len(total), dtype=int)
    ranks[np.argsort(-np.round(total, 9), kind="stable")] = np.arange(1, len(total) + 1)
    return ranks
