"""The statement: sentences by the county's table, figures of the results, Chinese faces, the county's own template."""

import io
import re
import zipfile
from pathlib import Path

import docx
import pytest
from conftest import block, write_layer
from docx.oxml.ns import qn
from PIL import Image
from report_county import HOME, material, with_landuse, with_rules

from ecogeo.errors import UnusableFileError
from ecogeo.finding import Answer
from ecogeo.report.law_story import questions_in
from ecogeo.report.sentences import SENTENCES_FILE, filled, read_sentences
from ecogeo.report.statement import statement_bytes
from ecogeo.report.story import case_story

SAMPLE = HOME / "data"


def words(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.fixture
def county(county_folder: Path) -> Path:
    with_landuse(county_folder)
    with_rules(county_folder)
    return county_folder


def answered(root: Path, site: str, *given: tuple[str, str]) -> Path:
    path = root / "given.csv"
    rows = [
        f"{'' if site != 'inside' else 'P1'},{site},{question},{answer},张三,2026-01-01,核实"
        for question, answer in given
    ]
    path.write_text("project_id,site_id,question_id,answer,by,on,reason\n" + "\n".join(rows) + "\n", "utf-8-sig")
    return path


@pytest.mark.parametrize(
    ("role", "answer", "rule", "verdict", "chosen"),
    [
        ("redlines", "clear", "", "", "clear-zone"),
        ("mines", "clear", "", "", "clear"),
        ("redlines", "possible", "E07", "prohibited", "possible"),
        ("redlines", "undetermined", "", "", "undetermined"),
        ("redlines", "involved", "E09", "notice", "crossing"),
        ("redlines", "involved", "E04", "conditional", "limited"),
        ("redlines", "involved", "E05a", "conditional", "limited"),
        ("redlines", "involved", "E06", "conditional", "national-major"),
        ("redlines", "involved", "E07", "prohibited", "prohibited"),
        ("redlines", "involved", "", "undetermined", "open"),
        ("urban_boundary", "clear", "", "", "clear-boundary"),
    ],
)
def test_each_case_has_its_sentence(role: str, answer: str, rule: str, verdict: str, chosen: str) -> None:
    sentences = read_sentences(SAMPLE, SAMPLE)
    assert sentences.choose(role=role, answer=answer, rule_id=rule, verdict=verdict).sentence_id == chosen


def test_every_rule_a_sentence_names_is_in_the_sample_pack() -> None:
    packs = "".join(path.read_text("utf-8-sig") for path in (SAMPLE / "rules").glob("*.csv"))
    named = {rule for row in read_sentences(SAMPLE, SAMPLE).rows for rule in row.rules}
    assert named
    assert all(re.search(rf"^{rule},", packs, flags=re.MULTILINE) for rule in named)


def test_a_county_keeps_sentences_of_its_own(county: Path) -> None:
    (county / "data" / "report").mkdir()
    text = (SAMPLE / SENTENCES_FILE).read_text("utf-8-sig").replace("项目用地不位于{layer}范围内", "不占{layer}")
    (county / "data" / SENTENCES_FILE).write_text(text, "utf-8-sig")
    made = material(county)
    assert "不占生态保护红线，最近距离" in words(statement_bytes(made, made.chosen(["outside"])))


def test_everything_wrong_with_the_table_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    rows = [
        "sentence_id,layer_role,answer,rule_id,verdict,zh,en",
        "a,roads,involved,*,*,在{layers}内,x",
        "a,*,perhaps,*,maybe,{未完,",
        "b,*,clear,*,*,不涉及,clear",
    ]
    (tmp_path / SENTENCES_FILE).write_text("\n".join(rows) + "\n", "utf-8-sig")
    with pytest.raises(UnusableFileError) as refused:
        read_sentences(tmp_path, SAMPLE)
    said = refused.value.say("zh")
    for part in (
        "sentence_id 重复",
        "roads",
        "layers",
        "perhaps",
        "maybe",
        "花括号没有成对",
        "en 为空",
        "无法判断",
        "可能涉及",
    ):
        assert part in said


def test_braces_in_the_data_are_not_filled() -> None:
    assert filled("{layer}{zones}", {"layer": "{zones}", "zones": "乙"}) == "{zones}乙"


def test_a_hit_is_told_with_its_figures_and_open_questions(county: Path) -> None:
    made = material(county)
    case = made.chosen(["half"])[0]
    story = case_story(made, case, read_sentences(SAMPLE, SAMPLE), "zh")
    row = made.report.tables["screening"].set_index("site_id").loc["half"]
    assert f"面积 {row['overlap_ha']:.4f} 公顷" in story.layers[0].sentence
    assert "占用地 50.00%" in story.layers[0].sentence
    assert story.questions
    assert any("视答案可能适用" in one for one in story.candidates)
    text = words(statement_bytes(made, [case]))
    assert all(question in text for question in story.questions)


def test_a_crossing_without_land_is_told_as_such_with_its_clause_unverified(county: Path) -> None:
    given = answered(county, "pipeline", ("is_linear", "yes"), ("crosses_without_land", "yes"), ("is_temporary", "no"))
    made = material(county, given)
    case = made.chosen(["pipeline"])[0]
    text = words(statement_bytes(made, [case]))
    assert re.search(r"项目穿越（跨越）生态保护红线，长度 (999|1000)\.\d\d 米，不在其范围内申请用地", text)
    assert "（E09）" in text
    assert "未核实：据转载" in text
    assert "施行日期不明" in text


def test_a_prohibition_names_clause_date_and_next_step(county: Path) -> None:
    no = [(question, "no") for question in ("is_limited_activity", "is_national_major", "is_temporary", "is_linear")]
    made = material(county, answered(county, "half", *no, ("crosses_without_land", "no")))
    text = words(statement_bytes(made, made.chosen(["half"])))
    basis = "（依据：自然资发〔2022〕142号一（一），规则 E07，未核实）。"
    assert f"按所引条款属于禁止情形；调整选址避让生态保护红线{basis}" in text
    assert "自然资发〔2022〕142号一（一）（E07）" in text
    assert "2022-08 起" in text


YES, NO = "yes", "no"


@pytest.mark.parametrize(
    ("site", "given", "said"),
    [
        ("outside", {}, r"项目用地不位于生态保护红线范围内，最近距离 [\d,]+\.\d\d 米。"),
        (
            "half",
            {"is_limited_activity": YES, "has_new_construction_land": NO, "has_actual_construction": YES},
            "允许的有限人为活动；.*，由县级以上人民政府出具意见（依据：.*规则 E05a，未核实）。",
        ),
        (
            "half",
            {"is_limited_activity": YES, "has_new_construction_land": YES},
            "允许的有限人为活动.*，由省级人民政府出具意见（依据：.*规则 E04，未核实）。",
        ),
        (
            "half",
            {"is_national_major": YES, "is_limited_activity": NO},
            "国家重大项目，确实难以避让生态保护红线，占用面积 .*由省级人民政府（论证意见）、国务院（批准）办理（依据",
        ),
        ("half", {"is_temporary": YES}, "项目为临时用地，位于生态保护红线内.*规则 E08，未核实"),
    ],
)
def test_each_variant_is_told_of_real_results(county: Path, site: str, given: dict[str, str], said: str) -> None:
    others = {"is_temporary": NO, "is_linear": NO, "crosses_without_land": NO}
    made = material(county, answered(county, site, *({**others, **given} if given else {}).items()))
    sentence = case_story(made, made.chosen([site])[0], read_sentences(SAMPLE, SAMPLE), "zh").layers[0].sentence
    assert re.search(said, sentence), sentence
    assert "未写明" not in sentence


def test_a_question_with_a_semicolon_stays_one() -> None:
    known = {"甲；乙？", "丙？"}
    assert list(questions_in("丙？；甲；乙？；项目类型", known)) == ["丙？", "甲；乙？", "项目类型"]
    assert list(questions_in("", known)) == []
    assert filled("{next_step}。", {"next_step": "待补充：甲？；丙？"}) == "待补充：甲；丙？"


def test_a_statement_of_nothing_drawn_claims_no_overlay(county: Path) -> None:
    made = material(county)
    text = words(statement_bytes(made, made.chosen(["P2"])))
    assert "没有用地图形，未与图层套合" in text
    assert "逐一套合" not in text


def test_map_sheets_stand_on_pages_that_lie_across_and_the_signature_is_not_alone(county: Path) -> None:
    made = material(county)
    picture = io.BytesIO()
    Image.new("RGB", (297, 210)).save(picture, "PNG")
    content = statement_bytes(made, made.chosen(["half"]), pictures=[("位置图", picture.getvalue())] * 2)
    document = docx.Document(io.BytesIO(content))
    upright, across = document.sections
    assert (upright.page_width.mm, across.page_width.mm) == pytest.approx((210, 297), abs=0.1)
    shape = document.inline_shapes[0]
    assert shape.width.cm == pytest.approx(21.6, abs=0.01)
    assert shape.height + across.top_margin + across.bottom_margin < across.page_height
    signed = [one for one in document.paragraphs if one.text.startswith(("本说明由", "编制单位"))]
    assert [one.paragraph_format.keep_with_next for one in signed] == [True, True]


def test_nothing_drawn_is_undetermined_and_never_clear(county: Path) -> None:
    made = material(county)
    text = words(statement_bytes(made, made.chosen(["P2"])))
    assert "不等于不涉及" in text
    assert "项目用地不位于" not in text


def test_a_batch_counts_the_answers(county: Path) -> None:
    made = material(county)
    text = words(statement_bytes(made, made.cases))
    counts = {answer: sum(case.record.answer is answer for case in made.cases) for answer in Answer}
    for answer, count in counts.items():
        assert f"{answer.text.zh} {count}" in text
    assert f"共核查 {len(made.cases)} 个" in text
    assert "P2" in text.split("四、没有用地图形")[1]


def test_faces_language_pages_and_time_are_set(county: Path) -> None:
    made = material(county)
    content = statement_bytes(made, made.chosen(["half"]))
    document = docx.Document(io.BytesIO(content))
    for name, face in (("Normal", "仿宋"), ("Heading 1", "黑体"), ("Caption", "宋体")):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == face
        assert not [attribute for attribute in fonts.attrib if "heme" in attribute]
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        every = {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}
    assert 'w:eastAsia="zh-CN"' in every["word/styles.xml"]
    assert not [name for name in every if name.endswith((".jpeg", ".png"))]  # nor a thumbnail of the empty form
    assert "ja-JP" not in "".join(every.values())
    assert "PAGE" in every["word/footer1.xml"]
    assert content == statement_bytes(material(county), material(county).chosen(["half"]))


def test_names_that_look_like_markup_stay_words(county: Path) -> None:
    name = "<w:p>&{{ case }}\x07养殖场"
    columns: dict[str, list[object]] = {
        "site_id": ["x"], "name": [name], "accuracy_m": [0.0], "project_id": [""], "location_basis": ["drawn polygon"],
    }  # fmt: skip
    write_layer(county, "sites.gpkg", columns, [block(1200, 1200, 100, 100)])
    made = material(county)
    assert "<w:p>&{{ case }}养殖场" in words(statement_bytes(made, made.chosen(["x"])))


def own_template(path: Path, *lines: str) -> Path:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(str(path))
    return path


def test_the_countys_own_template_is_filled(county: Path, tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "site_id": ["x"], "name": ["甲<乙>&丙\x07"], "accuracy_m": [0.0], "project_id": [""],
        "location_basis": ["drawn polygon"],
    }  # fmt: skip
    write_layer(county, "sites.gpkg", columns, [block(1200, 1200, 100, 100)])
    made = material(county)
    lines = ("关于{{ case.name }}的函", "{% for one in case.layers %}{{ one.layer }}：{{ one.sentence }}{% endfor %}尾")
    template = own_template(tmp_path / "own.docx", *lines)
    content = statement_bytes(made, made.chosen(["x"]), template=template)
    text = words(content)
    assert "关于甲<乙>&丙的函" in text
    assert "生态保护红线：项目用地涉及生态保护红线，面积" in text
    assert text.strip().endswith("尾")
    assert content == statement_bytes(made, made.chosen(["x"]), template=template)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{{ case.nothing }}", "没有的内容"),
        ("{{ case.name", "标记有误"),
        ("{{ case.__class__.__mro__ }}", "没有的内容"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(county: Path, tmp_path: Path, line: str, said: str) -> None:
    made = material(county)
    template = own_template(tmp_path / "own.docx", line)
    with pytest.raises(UnusableFileError) as refused:
        statement_bytes(made, made.chosen(["half"]), template=template)
    assert said in refused.value.say("zh")
    assert "own.docx" in refused.value.say("zh")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"not a document"])
def test_what_is_no_word_document_is_no_template(county: Path, tmp_path: Path, content: bytes) -> None:
    made = material(county)
    path = tmp_path / "own.docx"
    path.write_bytes(content)
    with pytest.raises(UnusableFileError, match="no Word document"):
        statement_bytes(made, made.chosen(["half"]), template=path)


def test_english_is_complete(county: Path) -> None:
    made = material(county)
    text = words(statement_bytes(made, made.chosen(["half"]), lang="en"))
    assert "The site involves Red lines" in text
    assert "Open questions" in text
