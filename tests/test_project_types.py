"""What kind of undertaking a project is, by its words: the plan's projects judged by eye, and traps."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.errors import UnusableFileError
from ecogeo.project_types import (
    OTHER,
    ProjectType,
    Where,
    classify,
    classify_projects,
    classify_texts,
    read_project_types,
    read_type_choices,
)
from ecogeo.project_types.classifying import _signs, _swallows, _weight
from ecogeo.questions import read_questions
from ecogeo.table import read_cells

COUNTY = Path(__file__).parent.parent / "data"
QUESTIONS = read_questions(COUNTY / "questions.csv")
TYPES = read_project_types(COUNTY / "project_types.csv", QUESTIONS)

BY_EYE = {
    "P1-01": "soft",
    "P2-01": "river_works",
    "P2-02": "building",
    "P2-03": "building",
    "P2-04": "river_works",
    "P2-05": "river_works",
    "P2-06": "restoration",
    "P3-01": "farmland_works",
    "P3-02": "restoration",
    "P4-01": "ground_pv",
    "P4-02": "roof_pv",
    "P4-03": "energy_station",
    "P4-04": "pipeline",
    "P4-05": "tourism",
    "P4-06": "tourism",
    "P4-07": "factory",
    "P4-08": "livestock",
    "P4-09": "factory",
    "P4-10": "forestry",
    "P4-11": "farming",
    "P4-12": "industrial_park",
    "P4-13": "farming",
    "P4-14": "farmland_works",
    "P4-15": "logistics",
    "P4-16": "wind",
    "P4-17": "other",
    "P4-18": "roof_pv",
    "P4-19": "wind",
    "P4-20": "pumped_storage",
    "P4-21": "irrigation",
    "P4-22": "irrigation",
    "P4-23": "village_improvement",
    "P4-24": "water_supply",
    "P4-25": "tourism",
    "P4-26": "tourism",
    "P4-27": "tourism",
    "P4-28": "village_improvement",
    "P4-29": "other",
    "P4-30": "forestry",
    "P4-31": "farming",
    "P4-32": "livestock",
    "P4-33": "other",
    "P5-01": "village_improvement",
    "P5-02": "water_supply",
    "P5-03": "water_supply",
    "P5-04": "water_supply",
    "P5-05": "pipeline",
    "P5-06": "sewage",
    "P5-07": "sewage",
    "P5-08": "village_improvement",
    "P5-09": "road",
    "P5-10": "transport_station",
    "P5-11": "transport_station",
    "P5-12": "road",
    "P6-01": "building",
    "P6-02": "building",
    "P6-03": "soft",
    "P6-04": "tourism",
}


def projects() -> pd.DataFrame:
    return read_cells(COUNTY / "liujiang" / "projects.csv")


def kind(type_id: str) -> ProjectType:
    return next(one for one in TYPES if one.type_id == type_id)


def test_the_plans_projects_are_what_a_reader_takes_them_for() -> None:
    found = classify_projects(projects(), TYPES)
    assert dict(zip(found["project_id"], found["project_type"], strict=True)) == BY_EYE
    assert (found["why"] != "").all()


def test_mixed_projects_show_what_else_they_may_be() -> None:
    found = classify_projects(projects(), TYPES).set_index("project_id")["alternatives"]
    assert found["P4-11"] == "livestock|aquaculture"
    assert found["P4-29"] == "farming|farmland_works|river_works"
    assert found["P4-17"] == "industrial_park"
    assert found["P2-01"] == ""


@pytest.mark.parametrize(
    ("name", "content", "type_id"),
    [
        ("农光互补发电项目", "管理房屋顶另装光伏板", "ground_pv"),
        ("光伏发电项目", "", OTHER),
        ("光伏发电项目", "在学校楼顶铺设组件", "roof_pv"),
        ("光伏发电项目", "总用地面积300亩", "ground_pv"),
        ("乡村风貌改造工程", "沿高铁线", "village_improvement"),
        ("台风灾后重建项目", "", OTHER),
        ("大渡河风景区提升", "", "tourism"),
        ("三河水厂扩建工程", "", "water_supply"),
        ("城北污水处理厂", "", "sewage"),
        ("某某矿泉水厂", "", "factory"),
        ("废弃矿山生态修复工程", "", "restoration"),
        ("石灰岩矿开采项目", "", "mine"),
        ("冷链物流园", "", "logistics"),
        ("畜禽粪污治理", "", OTHER),
        ("稻田水产养殖", "", "aquaculture"),
        ("生猪养殖场", "配套道路硬化", "livestock"),
        ("工业园道路工程", "", "road"),
        ("高标准农田建设", "灌溉排水工程、田间道路", "farmland_works"),
        ("灌区供水规划编制", "", "soft"),
        ("", "", OTHER),
    ],
)
def test_traps(name: str, content: str, type_id: str) -> None:
    found = classify(name, content, TYPES)
    assert found.type_id == type_id, [sign.text.zh for sign in found.signs]


def test_it_says_which_words_and_where() -> None:
    by_name = classify("柳江区风电场项目", "新建风电场道路", TYPES)
    assert by_name.text.zh == "名称中有“风电场”"
    assert by_name.alternatives == ()
    both = classify("分布式光伏项目", "农村居民屋顶", TYPES)
    assert both.text.en == "“光伏+屋顶” in the name and content"
    by_content = classify("示范区项目", "新建标准厂房和物流仓储", TYPES)
    assert (by_content.reason and by_content.reason.where) is Where.CONTENT
    assert by_content.alternatives == ("logistics",)
    assert classify("甲", "乙", TYPES).text.en == "no word that tells"


def test_types_answer_what_they_can() -> None:
    assert [kind(one).facts.get("is_linear") for one in ("road", "pipeline", "river_works")] == [True] * 3
    assert kind("factory").facts["is_linear"] is False
    assert "is_linear" not in kind("wind").facts
    assert not kind("roof_pv").takes_ground
    assert all(one.basis for one in TYPES if set(one.facts) - {"is_linear"})


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_words_get_a_type_and_its_reason(name: str, content: str) -> None:
    found = classify(name, content, TYPES)
    assert found.type_id in {one.type_id for one in TYPES}
    assert (found.reason is None) == (found.signs == ())


WORDS = sorted({word for one in TYPES for words in (*one.words, one.against) for word in words})
TELLING_TEXTS = st.lists(st.sampled_from([*WORDS, "村", "路", "工程", " S1"]), max_size=5).map("".join)


@given(st.lists(st.tuples(TELLING_TEXTS, TELLING_TEXTS), max_size=6))
def test_many_texts_are_told_as_one_by_one_and_type_by_type(texts: list[tuple[str, str]]) -> None:
    for (name, content), found in zip(texts, classify_texts(texts, TYPES), strict=True):
        signs = sorted((sign for kind in TYPES for sign in _signs(kind, name, content)), key=_weight)
        free = tuple(sign for sign in signs if not any(_swallows(other, sign) for other in signs))
        assert found.signs == free
        assert found.reason == (free[0] if free else None)
        assert found == classify(name, content, TYPES)


@given(st.permutations(TYPES))
def test_the_order_of_the_table_does_not_matter(types: list[ProjectType]) -> None:
    rows = projects().head(40)
    shuffled, straight = classify_projects(rows, types), classify_projects(rows, TYPES)
    assert shuffled["project_type"].equals(straight["project_type"])


def test_a_persons_choice_stands_beside_the_computed_type(tmp_path: Path) -> None:
    path = tmp_path / "types.csv"
    path.write_text("project_id,project_type,by,on,reason\nP4-17,wind,张某,2026-05-06,可研\n", encoding="utf-8-sig")
    found = classify_projects(projects(), TYPES, read_type_choices(path, TYPES).current).set_index("project_id")
    row = found.loc["P4-17"]
    assert list(row[["project_type", "computed_type", "chosen_by", "chosen_on", "reason"]]) == [
        "wind",
        "other",
        "张某",
        "2026-05-06",
        "可研",
    ]
    assert (found.drop(index="P4-17")["chosen_by"] == "").all()


def test_every_fault_of_the_choices_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "types.csv"
    path.write_text("project_id,project_type,by,on,reason\nP1,castle,,x,\n", encoding="utf-8")
    with pytest.raises(UnusableFileError) as refused:
        read_type_choices(path, TYPES)
    message = refused.value.say("en")
    for part in ("no project type “castle”", "must be filled", "the date “x”"):
        assert part in message


def test_every_fault_of_the_types_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "project_types.csv"
    path.write_text(
        "type_id,zh,en,nature,words,against,answers_yes,answers_no,basis\n"
        "a,甲,A,round,风|+,,is_z,,\n"
        "a,乙,B,site,风,,is_temporary,is_temporary,x\n"
        "b,,B,site,,,is_linear,,x\n",
        encoding="utf-8",
    )
    with pytest.raises(UnusableFileError) as refused:
        read_project_types(path, QUESTIONS)
    message = refused.value.say("en")
    for part in (
        "type_id occurs more than once: a",
        "words occurs more than once: 风",
        "row 2: the nature “round” must be one of linear site mixed none",
        "row 2: “+” among its words holds no word",
        "row 2: there is no question is_z",
        "row 2: answers need their basis",
        "row 3: is_temporary is answered both yes and no",
        "row 4: type_id, zh and en must be filled",
        "row 4: is_linear follows from the nature",
        "there is no type other",
    ):
        assert part in message
    assert len(message.splitlines()) == 10
