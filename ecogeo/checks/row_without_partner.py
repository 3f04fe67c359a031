"""Every feature and every row of a declared join must find its partner; those that do not are listed.

Source: own rule of honest joins: figures are never dropped because a name was written otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.join import Matching
from ecogeo.wording import Text

_NO_PARTNER = "none"
_SEVERAL = "several"


@check(family="data", title=Text("表格与图层的对应", "figures matched to features"))
def row_without_partner(joins: Mapping[str, Matching]) -> Outcome:
    """Report how the declared joins came out.

    Parameters
    ----------
    joins
        Every declared join.

    Yields
    ------
    One note per join with its counts; table ``joins``: each pair with its basis (``code``, ``name``, ``alias``), each
    feature and row left over (``none``), each feature whose name fits several rows (``several``).
    """
    for name, matching in joins.items():
        yield Finding(
            message=Text(f"{name}：{matching.summary.zh}", f"{name}: {matching.summary.en}"), severity=Severity.NOTE
        )
        yield ResultTable("joins", _rows(name, matching))


def _rows(name: str, matching: Matching) -> pd.DataFrame:
    alone = pd.DataFrame(
        {
            "feature_id": [*matching.unmatched_features, *([""] * len(matching.unmatched_rows))],
            "row_id": [*([""] * len(matching.unmatched_features)), *matching.unmatched_rows],
        },
        dtype=str,
    )
    alone["basis"] = [_SEVERAL if feature in matching.ambiguous else _NO_PARTNER for feature in alone["feature_id"]]
    rows = pd.concat([matching.pairs, alone], ignore_index=True)
    rows.insert(0, "join", name)
    return rows
