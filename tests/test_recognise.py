"""Which role a layer plays, by signs in a visible table, and never by a silent guess."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.catalog import RASTER_ROLES, ROLES
from ecogeo.recognise import RasterHead, RoleGuess, recognise, recognise_raster
from ecogeo.role_signs import sign_table


def columns(names: str) -> list[str]:
    return names.split()


SURVEY = columns("BSM YSDM XJXZQHDM LXDM SLDM MC RKSL STGNYBHMB DLWZ QYMJ STXTYZBLX RWHDLX STHJWT GKCS SLSJ BZ")
PLANNING = columns("BSM YSDM XJXZQDM XJXZQMC LHLX MJ")
ENVIRONMENT = columns("ZDSTXTFWGN HXLX LXBM HXMM HXBM BHDMC BHDJB ZYRWHDLX GKCS TBBM TBMJ")
DLTB = columns(
    "BSM YSDM TBYBH TBBH DLBM DLMC QSXZ QSDWDM QSDWMC ZLDWDM ZLDWMC TBMJ KCDLBM KCXS KCMJ TBDLMJ GDLX GDPDJB XZDWKD "
    "TBXHDM TBXHMC ZZSXDM ZZSXMC GDDB FRDBS CZCSXM SJNF MSSM HDMC BZ"
)
FARMLAND = columns("BSM YSDM YJJBNTTBBH TBBH DLBM QSXZ ZLDWDM YJJBNTTBMJ YJJBNTMJ GDPDJB KCXS SJNF BHKSSJ WDGD")
OLD_FARMLAND = columns("BSM JBNTTBBH JBNTLX PDJB TKMJ TBMJ JBNTMJ")
BOUNDARY = columns("BSM YSDM XZQDM XZQMC GHFQDM GHFQMC MJ")
LANDUSE_MEANINGS = {"land_class": "DLBM", "deduction": "KCXS", "stated_area_m2": "TBMJ"}
FARMLAND_MEANINGS = {"land_class": "DLBM", "deduction": "KCXS", "stated_area_m2": "YJJBNTMJ"}


def told(guess: RoleGuess) -> str:
    return " | ".join(reason.en for reason in guess.reasons)


@pytest.mark.parametrize(
    ("name", "fields", "role", "uses"),
    [
        ("STBHHX", SURVEY, "redlines", ("BSM", "MC", {"zone": "LXDM", "stated_area_km2": "QYMJ"})),
        ("STBHHX", PLANNING, "redlines", ("BSM", "LHLX", {"zone": "LHLX", "stated_area_m2": "MJ"})),
        ("图层1", ENVIRONMENT, "redlines", ("TBBM", "HXMM", {"zone": "HXLX"})),
        ("export", DLTB, "landuse", ("BSM", "DLMC", LANDUSE_MEANINGS)),
        ("YJJBNTTB_450206", FARMLAND, "farmland", ("BSM", "YJJBNTTBBH", FARMLAND_MEANINGS)),
        ("JBNTBHTB", OLD_FARMLAND, "farmland", ("BSM", "JBNTTBBH", {"stated_area_m2": "JBNTMJ"})),
        ("CZKFBJ", BOUNDARY, "urban_boundary", ("BSM", "GHFQMC", {"zone": "GHFQMC", "stated_area_m2": "MJ"})),
        ("保护地2023", ["BSM", "BHQMC", "BHQJB"], "reserves", ("BSM", "BHQMC", {})),
        ("CKQ", ["许可证号", "采矿权人", "矿山名称"], "mines", ("许可证号", "矿山名称", {"mine": "许可证号"})),
        ("柳江区生态保护红线", ["OBJECTID", "名称"], "redlines", ("", "名称", {})),
        ("乡镇界", ["XZQDM", "XZQMC"], "towns", ("XZQDM", "XZQMC", {})),
    ],
)
def test_dialects(name: str, fields: list[str], role: str, uses: tuple[str, str, dict[str, str]]) -> None:
    guess = recognise(name, fields, "MultiPolygon")
    assert guess.role == role
    assert (guess.key, guess.name_field, guess.fields) == uses
    assert guess.reasons


def test_letter_case_does_not_matter_and_is_kept() -> None:
    guess = recognise("stbhhx", [field.lower() for field in SURVEY], "3D Multi Polygon")
    assert (guess.role, guess.key, guess.fields["zone"]) == ("redlines", "bsm", "lxdm")


@pytest.mark.parametrize(
    ("name", "fields", "kind", "expected"),
    [
        ("CZKFBJ", ["BSM", "XZQDM", "XZQMC", "MJ"], "Polygon", "too weak.*urban_boundary.*also used for 村庄开发边界"),
        ("村庄开发边界CZKFBJ", BOUNDARY, "Polygon", "its name says “村庄开发边界”"),
        ("STBHHX", DLTB, "Polygon", "tie.*redlines.*landuse"),
        ("生态保护红线内永久基本农田", ["ID"], "Polygon", "tie.*redlines.*farmland"),
        ("STBHHX", SURVEY, "Point", "redlines.*but its geometry is points"),
        ("永久基本农田储备区", FARMLAND, "Polygon", "its name says “储备区”"),
        ("红线", ["ID", "MJ"], "Polygon", "no known sign"),
        ("data", ["GHFQMC"], "Polygon", "too weak.*only the fields GHFQMC; .*needs 2"),
        ("", [], "", "no known sign"),
        ("farmland_coverage", [], "Polygon", "its name says “coverage”"),
    ],
)
def test_nothing_is_guessed(name: str, fields: list[str], kind: str, expected: str) -> None:
    guess = recognise(name, fields, kind)
    assert guess.role is None
    assert (guess.score, guess.key, guess.fields) == (0, "", {})
    assert re.search(expected, told(guess)), told(guess)


def test_the_first_values_tell_county_town_and_village_apart() -> None:
    fields = ["BSM", "XZQDM", "XZQMC"]
    codes = {
        "county": ["450206"],
        "towns": ["450206100", "450206101", "450206102000"],
        "villages": ["450206100201", "450206100202"],
    }
    for role, values in codes.items():
        guess = recognise("XZQ", fields, "Polygon", values={"XZQDM": values})
        assert guess.role == role
        assert "unverified" in told(guess)
    assert recognise("XZQ", fields, "Polygon").role == "towns", "as the layer code is mostly used"
    assert recognise("CJDCQ", ["ZLDWDM"], "Polygon").role == "villages"
    assert recognise("data", fields, "Polygon", values={"XZQDM": ["450206"]}).role is None, "values only confirm"


def test_a_key_that_repeats_or_is_empty_is_passed_over() -> None:
    fields = ["BSM", "TBYBH", *DLTB[4:]]
    repeated = recognise("DLTB", fields, "Polygon", values={"BSM": ["0", "0"], "TBYBH": ["1", "2"]})
    assert repeated.key == "TBYBH"
    assert "BSM holds empty or repeated values" in told(repeated)
    empty = recognise("DLTB", fields, "Polygon", values={"BSM": ["1", ""], "TBYBH": ["", ""]})
    assert empty.key == ""


def test_unverified_signs_are_said_to_be() -> None:
    assert "layer code CKQ (unverified)" in told(recognise("CKQ", ["ID"], "Polygon"))


@pytest.mark.parametrize(
    ("name", "head", "role"),
    [
        ("DEM_30m", RasterHead("int16", 1, 61, 902, 700), "dem"),
        ("柳江区土地覆盖2023", RasterHead("uint8", 1, 1, 8, 8), "landcover"),
        ("DEM_30m", RasterHead("uint8", 3, 0, 255, 256), None),
        ("dem", RasterHead("float32", 1, -32768.0, 902.0, 700, is_whole=False), None),
        ("landcover", RasterHead("float32", 1, 0.0, 1.0, 900, is_whole=False), None),
        ("landcover", RasterHead("uint8", 1, 0, 255, 256), None),
        ("坡度_dem", RasterHead("float32", 1, 0.0, 60.0, 900, is_whole=False), None),
        ("data", RasterHead("int16", 1, 61, 902, 700), None),
        ("dem", RasterHead("int16", 1), None),
    ],
)
def test_rasters(name: str, head: RasterHead, role: str | None) -> None:
    guess = recognise_raster(name, head)
    assert guess.role == role
    assert guess.reasons


def test_the_table_knows_every_role_and_no_other() -> None:
    table = sign_table()
    assert set(table.roles) == set(ROLES) - RASTER_ROLES
    assert set(table.rasters) == RASTER_ROLES
    for signs in table.roles.values():
        assert set(signs.geometry) <= {"point", "line", "polygon"}
        for dialect in signs.dialects:
            assert 0 < dialect.needs <= len(dialect.marks)
    marks = [mark for signs in table.roles.values() for dialect in signs.dialects for mark in dialect.marks]
    assert len(marks) == len(set(marks)), "a mark of two dialects tells neither"


@given(
    name=st.text(max_size=30),
    fields=st.lists(st.one_of(st.text(max_size=10), st.sampled_from(SURVEY + DLTB + FARMLAND)), max_size=12),
    kind=st.sampled_from(["Polygon", "Point", "MultiLineString", "Unknown", ""]),
)
def test_any_name_and_fields_give_a_role_with_its_signs_or_none_with_reasons(
    name: str, fields: list[str], kind: str
) -> None:
    guess = recognise(name, fields, kind)
    assert guess.reasons
    assert guess.role is None or guess.role in ROLES
    assert {guess.key, guess.name_field, *guess.fields.values()} <= {*fields, ""}
    assert recognise(name, fields, kind) == guess
