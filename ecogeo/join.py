"""Figures onto features: by code first, then by name, and every row without a partner is listed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import pandas as pd

from ecogeo.wording import Text

_TRADITIONAL = str.maketrans("鎮鄉縣區灣龍東門馬寨陽", "镇乡县区湾龙东门马寨阳")


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """Which table row belongs to which feature, and what is left on either side.

    Parameters
    ----------
    pairs
        Columns ``feature_id, row_id, basis`` (``code``, ``name`` or ``alias``), in the order of the features.
    unmatched_features, unmatched_rows
        Keys that found no partner, in their order.
    ambiguous
        Keys of features whose name fits several rows; they are left unmatched.
    """

    pairs: pd.DataFrame
    unmatched_features: tuple[str, ...]
    unmatched_rows: tuple[str, ...]
    ambiguous: tuple[str, ...] = ()

    @property
    def summary(self) -> Text:
        """The outcome in one sentence."""
        by = self.pairs["basis"].value_counts()
        code, name, alias = (int(by.get(basis, 0)) for basis in ("code", "name", "alias"))
        left, right = len(self.unmatched_features), len(self.unmatched_rows)
        return Text(
            f"按代码 {code}、按名称 {name}、按别名 {alias} 对应；图层未对应 {left}，表格未对应 {right}",
            f"{code} matched by code, {name} by name, {alias} by alias; unmatched: {left} features, {right} rows",
        )


def plain_name(name: str) -> str:
    """Return a name in the one form in which names are compared.

    Full-width forms become half-width, traditional characters of place names become simplified, spaces go.

    Examples
    --------
    >>> plain_name("里高鎮 ")
    '里高镇'
    """
    return "".join(unicodedata.normalize("NFKC", name).translate(_TRADITIONAL).split())


def match_rows(
    features: pd.DataFrame,
    rows: pd.DataFrame,
    *,
    feature_key: str,
    row_key: str,
    codes: tuple[str, str] | None = None,
    names: tuple[str, str] | None = None,
    aliases: pd.DataFrame | None = None,
) -> Matching:
    """Match table rows to features by code, then by name, then by another name.

    Parameters
    ----------
    features, rows
        The two sides, text cells. Several features may take the same row (a project with three sites); a feature takes
        one row at most.
    feature_key, row_key
        Their key columns.
    codes, names
        Columns (of the features, of the rows) that hold the same code, the same name.
    aliases
        Columns ``alias`` and ``name``: the former is another word for the latter.

    Returns
    -------
    The matching; nothing is dropped.

    Examples
    --------
    >>> towns = pd.DataFrame({"id": ["1", "2"], "name": ["里高鎮", "白沙镇"]})
    >>> figures = pd.DataFrame({"row": ["a"], "town": ["里高镇"]})
    >>> found = match_rows(towns, figures, feature_key="id", row_key="row", names=("name", "town"))
    >>> found.pairs.values.tolist(), found.unmatched_features
    ([['1', 'a', 'name']], ('2',))
    """
    attempts: list[tuple[str, pd.Series[str], pd.Series[str]]] = []
    if codes is not None:
        attempts.append(("code", features[codes[0]].astype(str), rows[codes[1]].astype(str)))
    if names is not None:
        feature_names = features[names[0]].astype(str).map(plain_name)
        row_names = rows[names[1]].astype(str).map(plain_name)
        attempts.append(("name", feature_names, row_names))
        if aliases is not None and len(aliases):
            other = dict(zip(aliases["alias"].map(plain_name), aliases["name"].map(plain_name), strict=True))
            attempts.append(("alias", feature_names.replace(other), row_names.replace(other)))
    feature_ids, row_ids = features[feature_key].astype(str), rows[row_key].astype(str)
    matched: dict[str, tuple[str, str]] = {}
    ambiguous: list[str] = []
    for basis, left, right in attempts:
        partners: dict[str, list[str]] = {}
        for value, row_id in zip(right, row_ids, strict=True):
            if value:
                partners.setdefault(value, []).append(row_id)
        for value, feature_id in zip(left, feature_ids, strict=True):
            found = partners.get(value, []) if value and feature_id not in matched else []
            if len(found) == 1:
                matched[feature_id] = (found[0], basis)
            elif len(found) > 1 and feature_id not in ambiguous:
                ambiguous.append(feature_id)
    pairs = [(feature_id, *matched[feature_id]) for feature_id in feature_ids if feature_id in matched]
    taken = {row_id for _, row_id, _ in pairs}
    return Matching(
        pairs=pd.DataFrame(pairs, columns=["feature_id", "row_id", "basis"], dtype=str),
        unmatched_features=tuple(feature_id for feature_id in feature_ids if feature_id not in matched),
        unmatched_rows=tuple(row_id for row_id in row_ids if row_id not in taken),
        ambiguous=tuple(feature_id for feature_id in ambiguous if feature_id not in matched),
    )
