"""Where a project's own words say that it is: precision before recall."""

from __future__ import annotations

import pandas as pd
import pytest

from ecogeo.errors import EcogeoError
from ecogeo.plan import locate, read_gazetteer

GAZETTEER = """\
name,kind,lon,lat,precision_km,basis
东山镇,town_seat,109.1,24.1,1.5,sourced
西河镇,town_seat,109.2,24.2,4,sourced
白鹤镇,town_seat,109.3,24.3,6,unverified
青石村(东山镇),village,109.11,24.11,9,inferred
白鹤河,river_point,109.3,24.3,8,inferred
双溪河(西河镇双溪村),river_point,109.2,24.2,2,inferred
云亭景区/云亭山庄(东山镇),scenic_area,109.1,24.1,5,inferred
某某新城,urban_area,109.2,24.2,4,inferred
湖心湿地公园/公园,park,109.2,24.2,4,inferred
某某市,city,109.4,24.3,1,sourced
"""
VILLAGES = """\
town,village_or_community
东山镇,青石村
东山镇,世界村
东山镇,新桥村
东山镇,云亭社区
西河镇,双溪村
西河镇,新桥村
白鹤镇,白鹤村
白鹤镇,中村
"""
RIVERS = "river,basin\n白鹤河,甲江\n双溪河,乙江\n"
ALIASES = """\
kind,alias,name,note
county,某某县,某某区,2016
former_town,旧镇,邻区,2018
town,东岭镇,东山镇,旧名
river,白鹭河,白鹤河,旧名
place,湖心公园,湖心湿地公园/公园,另一写法
"""


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    for name, text in (("gazetteer", GAZETTEER), ("villages", VILLAGES), ("river_works", RIVERS), ("aliases", ALIASES)):
        (folder / f"{name}.csv").write_text("\ufeff" + text, encoding="utf-8")
    return read_gazetteer(folder)


def located(gazetteer, name, content=""):
    projects = pd.DataFrame({"project_id": ["P1-01"], "name": [name], "content": [content]})
    row = locate(projects, gazetteer).iloc[0]
    accuracy = None if pd.isna(row["accuracy_m"]) else row["accuracy_m"]
    return row["location_basis"], row["place"], accuracy


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        # rivers: only in the name, and only the river itself
        ("某某区白鹤河整治工程", "位于西河镇", ("line", "白鹤河", 8000.0)),
        ("白鹤河、双溪河综合整治", "", ("line", "白鹤河;双溪河", 8000.0)),
        ("白鹭河清淤", "", ("line", "白鹤河", 8000.0)),
        ("白鹤河流域治理", "", ("none", "", None)),
        ("白鹤河风景区配套", "", ("none", "", None)),
        ("绿道项目", "沿白鹤河建设", ("none", "", None)),
        # villages
        ("养殖项目", "位于东山镇青石村，200亩", ("village", "东山镇青石村", 9000.0)),
        ("养殖项目", "选址西河鎮双溪村", ("village", "西河镇双溪村", None)),
        ("养殖项目", "东 山镇青石 村", ("village", "东山镇青石村", 9000.0)),
        ("青石村·美丽乡村", "", ("village", "东山镇青石村", 9000.0)),
        ("某某市某某区青石村改造", "", ("village", "东山镇青石村", 9000.0)),
        (
            "风貌改造",
            "东山镇青石村委和世界村委、西河镇双溪村",
            ("village", "东山镇青石村;东山镇世界村;西河镇双溪村", None),
        ),
        ("风貌改造", "让世界村民受益，建青石村式样板", ("none", "", None)),
        ("桥梁", "位于新桥村", ("none", "", None)),
        ("桥梁", "位于西河镇新桥村", ("village", "西河镇新桥村", None)),
        ("中村改造", "", ("none", "", None)),
        ("白鹤镇中村改造", "", ("village", "白鹤镇中村", None)),
        # towns
        ("电池项目", "选址西河镇，152亩", ("town", "西河镇", 4000.0)),
        ("电池项目", "选址东岭镇", ("town", "东山镇", 1500.0)),
        ("风电项目", "选址东山镇、西河镇一带；白鹤镇", ("town", "东山镇;西河镇;白鹤镇", 6000.0)),
        ("供水—东山、西河及白鹤水厂", "", ("town", "东山镇;西河镇;白鹤镇", 6000.0)),
        ("客运站", "建设东山、白鹤两个镇的客运站", ("town", "东山镇;白鹤镇", 6000.0)),
        ("东山十里画廊", "", ("town", "东山镇", 1500.0)),
        ("某某区东山旱片供水", "", ("town", "东山镇", 1500.0)),
        ("东山种畜场改建", "", ("none", "", None)),
        ("西河水厂扩建", "", ("none", "", None)),
        ("扩建项目", "扩建东山污水处理厂", ("none", "", None)),
        ("东山村道路", "", ("none", "", None)),
        ("协调项目", "由东山镇人民政府组织", ("none", "", None)),
        ("绿化", "旧镇至县城", ("none", "", None)),
        # a village beats its own town, and gives way to another town
        ("东山镇示范项目", "位于东山镇青石村", ("village", "东山镇青石村", 9000.0)),
        ("两地项目", "东山镇青石村及西河镇", ("town", "东山镇;西河镇", 4000.0)),
        # places with and without a town
        ("云亭景区提升", "", ("town", "东山镇", 5000.0)),
        ("云亭山庄改造", "选址东山镇", ("town", "东山镇", 5000.0)),
        ("云亭景区灌区", "", ("none", "", None)),
        ("湖心公园运营", "建设休闲公园", ("none", "湖心湿地公园", None)),
        ("某某新城区管网", "", ("none", "某某新城", None)),
        # the whole county, and nothing
        ("光伏", "某某区整区屋顶", ("county", "某某区", None)),
        ("文明创建", "全区村镇", ("county", "某某区", None)),
        ("一镇一馆", "3个乡镇各建一座", ("county", "某某区", None)),
        ("一镇一馆", "三个镇各建一座", ("county", "某某区", None)),
        ("两镇项目", "2个镇各建一座", ("none", "", None)),
        ("治理项目", "在全区域开展", ("none", "", None)),
        ("某某市某某区石漠化治理", "治理45平方公里", ("none", "", None)),
    ],
)
def test_places(gazetteer, name, content, expected):
    assert located(gazetteer, name, content) == expected


def test_rows_keep_order_and_index(gazetteer):
    projects = pd.DataFrame({"project_id": ["b", "a"], "name": ["东山镇项目", "无"], "content": ["", ""]}, index=[7, 3])
    frame = locate(projects, gazetteer)
    assert frame.index.tolist() == [7, 3]
    assert frame["project_id"].tolist() == ["b", "a"]
    assert list(frame.columns) == ["project_id", "location_basis", "place", "accuracy_m"]


def test_no_projects_no_places(gazetteer):
    assert len(locate(pd.DataFrame({"project_id": [], "name": [], "content": []}), gazetteer)) == 0


def test_gazetteer_tells_spellings_towns_and_county(gazetteer):
    places = gazetteer.places.set_index("name")
    assert places.loc["云亭景区/云亭山庄(东山镇)", "forms"] == ("云亭景区", "云亭山庄")
    assert places.loc["云亭景区/云亭山庄(东山镇)", "town"] == "东山镇"
    assert places.loc["湖心湿地公园/公园", "forms"] == ("湖心湿地公园",)
    assert gazetteer.towns == ("东山镇", "西河镇", "白鹤镇")
    assert gazetteer.county == "某某区"


def test_everything_wrong_with_a_gazetteer_at_once(tmp_path):
    (tmp_path / "gazetteer.csv").write_text(GAZETTEER.replace("1.5", "近"), encoding="utf-8")
    (tmp_path / "villages.csv").write_text("town\n东山镇\n", encoding="utf-8")
    (tmp_path / "aliases.csv").write_text(ALIASES, encoding="utf-8")
    with pytest.raises(EcogeoError) as caught:
        read_gazetteer(tmp_path)
    message = caught.value.say("zh")
    assert all(word in message for word in ("precision_km 第 2 行", "village_or_community", "river_works.csv"))
