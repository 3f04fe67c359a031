"""Joins: code before name, names before aliases, and nobody lost."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.join import match_rows, plain_name

FEATURES = pd.DataFrame(
    {"id": ["1", "2", "3", "4"], "code": ["a", "", "x", ""], "name": ["甲镇", "里高鎮", "丙镇", "柳江县"]}
)
ROWS = pd.DataFrame(
    {"row": ["r1", "r2", "r3", "r4"], "code": ["a", "b", "c", "d"], "name": ["别名", "里高镇", "丁镇", "柳江区"]}
)
ALIASES = pd.DataFrame({"alias": ["柳江县"], "name": ["柳江区"]})


def test_code_then_name_then_alias() -> None:
    found = match_rows(
        FEATURES, ROWS, feature_key="id", row_key="row", codes=("code", "code"), names=("name", "name"), aliases=ALIASES
    )
    assert found.pairs.to_numpy().tolist() == [["1", "r1", "code"], ["2", "r2", "name"], ["4", "r4", "alias"]]
    assert found.unmatched_features == ("3",)
    assert found.unmatched_rows == ("r3",)
    assert found.summary.en == "1 matched by code, 1 by name, 1 by alias; unmatched: 1 features, 1 rows"


def test_empty_codes_never_match() -> None:
    rows = ROWS.assign(code="")
    found = match_rows(FEATURES, rows, feature_key="id", row_key="row", codes=("code", "code"))
    assert found.pairs.empty
    assert len(found.unmatched_features) == len(found.unmatched_rows) == 4


def test_a_name_that_fits_several_rows_is_left_and_said() -> None:
    rows = pd.DataFrame({"row": ["r1", "r2"], "name": ["甲镇", "甲镇"]})
    found = match_rows(FEATURES, rows, feature_key="id", row_key="row", names=("name", "name"))
    assert found.ambiguous == ("1",)
    assert "1" in found.unmatched_features
    assert found.unmatched_rows == ("r1", "r2")


def test_several_features_may_share_a_row() -> None:
    features = pd.DataFrame({"id": ["1", "2"], "code": ["a", "a"]})
    found = match_rows(features, ROWS, feature_key="id", row_key="row", codes=("code", "code"))
    assert found.pairs["row_id"].tolist() == ["r1", "r1"]


@given(
    left=st.lists(st.text("甲乙丙鎮镇 ", max_size=3), max_size=12),
    right=st.lists(st.text("甲乙丙鎮镇 ", max_size=3), max_size=12),
)
def test_nobody_is_lost(left: list[str], right: list[str]) -> None:
    features = pd.DataFrame({"id": [f"f{n}" for n in range(len(left))], "name": left}, dtype=str)
    rows = pd.DataFrame({"row": [f"r{n}" for n in range(len(right))], "name": right}, dtype=str)
    found = match_rows(features, rows, feature_key="id", row_key="row", names=("name", "name"))
    assert sorted([*found.pairs["feature_id"], *found.unmatched_features]) == sorted(features["id"])
    assert {*found.pairs["row_id"], *found.unmatched_rows} == set(rows["row"])
    assert not set(found.pairs["row_id"]) & set(found.unmatched_rows)
    names = dict(zip(features["id"], left, strict=True)), dict(zip(rows["row"], right, strict=True))
    for feature, row in zip(found.pairs["feature_id"], found.pairs["row_id"], strict=True):
        assert plain_name(names[0][feature]) == plain_name(names[1][row]) != ""
