"""The statement 情况说明 of one project, or of a batch: every figure and sentence from the results, none typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from docx.document import Document as DocumentPart
from docx.enum.text import WD_ALIGN_PARAGRAPH

from ecogeo import __version__
from ecogeo.finding import Answer
from ecogeo.report.docx_parts import (
    add_heading,
    add_pictures,
    add_table,
    add_text,
    add_title,
    document_bytes,
    new_document,
)
from ecogeo.report.material import Case, Material
from ecogeo.report.own_template import filled_template
from ecogeo.report.sentences import Sentences, read_sentences
from ecogeo.report.source_sheet import judged_on_text, not_run_texts, rounding_text
from ecogeo.report.story import CaseStory, case_story
from ecogeo.wording import Lang, Text
from ecogeo.workspace import sample_root

Picture = tuple[str, bytes]
"""A caption and a PNG."""

_NUMERALS = "一二三四五六七八九十"


def statement_bytes(
    material: Material,
    cases: Sequence[Case],
    *,
    lang: Lang = "zh",
    pictures: Sequence[Picture] = (),
    template: Path | None = None,
    with_coordinates: bool = True,
) -> bytes:
    """Render the statement of some cases.

    Parameters
    ----------
    material
        Of the run.
    cases
        One case, or several: a batch begins with a table of all and tells each in short.
    lang
        Language of the words; those of the data are as they are.
    pictures
        Map sheets to be shown, caption and PNG.
    template
        The county's own ``.docx`` with ``{{ }}``, in the place of the built-in form; None for the latter.
    with_coordinates
        False leaves out pictures, for people outside the office; coordinates in words there are none.

    Returns
    -------
    A ``.docx``; the same inputs give the same bytes.

    Raises
    ------
    UnusableFileError
        Where the county's sentences or its template cannot be used.
    UsageError
        Where a template is given and the extra that fills it is not installed.
    """
    sentences = _sentences(material)
    stories = [case_story(material, case, sentences, lang) for case in cases]
    shown = tuple(pictures) if with_coordinates else ()
    if template is not None:
        return filled_template(template, material, stories, shown, lang)
    title = _title(material, stories, lang)
    mark = (material.notice or Text("内部资料", "for official use")).say(lang)
    document = new_document(title, mark)
    add_title(document, title)
    if len(stories) == 1:
        _tell_one(document, material, stories[0], lang)
    else:
        _tell_batch(document, material, stories, lang)
    _sign(document, lang)
    numbered = [
        (Text(f"附图 {number}  {caption}", f"Map {number}  {caption}").say(lang), picture)
        for number, (caption, picture) in enumerate(shown, start=1)
    ]
    add_pictures(document, numbered)
    return document_bytes(document)


def sentences_digest(material: Material) -> str:
    """Return the digest of the sentences a statement is made of, for those who keep what they have made."""
    return _sentences(material).sha256


def _sentences(material: Material) -> Sentences:
    return read_sentences(material.workspace.data_folder, sample_root() / "data")


def _title(material: Material, stories: Sequence[CaseStory], lang: Lang) -> str:
    if len(stories) == 1:
        name = stories[0].name
        return Text(f"{name}用地与空间管控要素套合情况说明", f"{name}: statement on spatial constraints").say(lang)
    county = material.workspace.county.title
    return Text(
        f"{county.zh}建设项目用地与空间管控要素套合情况说明（{len(stories)} 个项目和用地）",
        f"{county.en}: statement on {len(stories)} projects and sites",
    ).say(lang)


def _tell_one(document: DocumentPart, material: Material, story: CaseStory, lang: Lang) -> None:
    numbers = iter(_NUMERALS)

    def heading(text: Text) -> None:
        add_heading(document, Text(f"{next(numbers)}、{text.zh}", text.en).say(lang))

    heading(Text("项目概况", "The project"))
    add_text(document, _overview(story).say(lang))
    if story.plan:
        head = [Text("项", "item").say(lang), Text("内容（照录规划）", "as the plan has it").say(lang)]
        add_table(document, Text("规划中的项目内容", "the plan's words").say(lang), head, story.plan, (3.2, 12.2))
    heading(Text("核查依据", "What it was checked against"))
    _tell_sources(document, material, [story], lang)
    heading(Text("核查情况", "Results"))
    _tell_results(document, story, lang)
    if story.laws:
        heading(Text("适用条款与办理要求", "Rules and next steps"))
        _tell_laws(document, story, lang)
    if story.questions:
        heading(Text("待补充事项", "Open questions"))
        for number, question in enumerate(story.questions, start=1):
            add_text(document, Text(f"（{number}）{question}", f"({number}) {question}").say(lang))
        for candidate in story.candidates:
            add_text(document, f"{candidate}。" if lang == "zh" else candidate)


def _overview(story: CaseStory) -> Text:
    zh = [f"{story.name}（编号 {story.case_id}）"]
    en = [f"{story.name} (no. {story.case_id})"]
    if story.kind:
        zh.append(f"项目类型：{story.kind}")
        en.append(f"type: {story.kind}")
    if story.towns:
        zh.append(f"位于{story.towns}")
        en.append(f"in {story.towns}")
    if story.area:
        zh.append(f"用地规模：{story.area}")
        en.append(f"size: {story.area}")
    zh.append(f"位置依据：{story.placed}")
    en.append(f"placed by: {story.placed}")
    return Text("，".join(zh) + "。", "; ".join(en) + ".")


def _tell_sources(document: DocumentPart, material: Material, stories: Sequence[CaseStory], lang: Lang) -> None:
    """Name the layers with their versions; for a single project also how much of its ground each covers."""
    law = judged_on_text(material)
    overlaid = Text(
        f"将用地图形与下表图层逐一套合，面积为 CGCS2000 椭球面积，{rounding_text(material).zh}；{law.zh}。",
        f"The site was laid over the layers below; areas are ellipsoidal, on CGCS2000, "
        f"rounded {rounding_text(material).en}; {law.en}. ",
    )
    said = overlaid if any(story.is_drawn for story in stories) else _NOTHING_DRAWN
    unverified = Text(
        "条款注明“未核实”的，尚未与发文机关原文核对，引用前应当核对。",
        "Clauses marked as unverified were not compared with the issuer's text: compare them before use.",
    )
    add_text(document, f"{said.say(lang)}{unverified.say(lang) if said is overlaid else ''}".strip())
    head = [Text("图层", "layer").say(lang), Text("版本与日期", "version, date").say(lang)]
    caption = Text("核查所用图层", "layers").say(lang)
    every = [one for story in stories for one in story.layers]
    if len(stories) == 1:
        head.append(Text("对用地的覆盖", "covers the site").say(lang))
        covered = list(dict.fromkeys((one.layer, one.version or "—", one.coverage or "—") for one in every))
        add_table(document, caption, head, covered, (6.0, 5.4, 4.0))
    else:
        named = list(dict.fromkeys((one.layer, one.version or "—") for one in every))
        add_table(document, caption, head, named, (8.0, 7.4))
    for text in not_run_texts(material):
        add_text(document, Text(f"未完成的检查——{text.zh}", f"A check that was not done — {text.en}").say(lang))


_NOTHING_DRAWN = Text(
    "没有用地图形，未与图层套合；取得用地范围后，应与下表图层套合。",
    "Nothing is drawn, so nothing was laid over the layers; once it is, these are the layers to hold it against.",
)


def _tell_results(document: DocumentPart, story: CaseStory, lang: Lang) -> None:
    if not story.is_drawn:
        add_text(
            document,
            Text(
                f"该项目{story.placed}。对全部图层的判断均为“无法判断”，不等于不涉及；取得用地范围后应重新核查。",
                f"{story.placed}. Every answer is “undetermined”, which is not “clear”: check again once it is drawn.",
            ).say(lang),
        )
        return
    sites = list(dict.fromkeys((one.site_id, one.site_name) for one in story.layers))
    for site_id, site_name in sites:
        if len(sites) > 1:
            add_heading(document, f"{site_name}（{site_id}）", 2)
        own = [one for one in story.layers if one.site_id == site_id]
        for number, one in enumerate(own, start=1):
            said, review = one.sentence, f"{one.review}。" if one.review else ""
            add_text(document, Text(f"{number}．{said}{review}", f"{number}. {said} {review}".rstrip()).say(lang))
        head = [
            text.say(lang)
            for text in (Text("图层", "layer"), Text("判断", "answer"), Text("占用", "extent"), Text("结论", "verdict"))
        ]
        rows = [(one.layer, one.answer, one.extent or "—", one.verdict or "—") for one in own]
        add_table(document, Text("套合结果", "overlay").say(lang), head, rows, (4.4, 2.2, 6.6, 2.2))
    if story.land:
        head = [
            text.say(lang)
            for text in (
                Text("乡镇", "town"),
                Text("地类", "land class"),
                Text("公顷或长度", "ha or length"),
                Text("亩", "mu"),
            )
        ]
        add_table(document, Text("用地现状地类", "present land use").say(lang), head, story.land, (3.6, 5.8, 3.6, 2.4))
    if story.slivers:
        add_text(
            document,
            Text(
                "未计入的细碎重叠：" + "；".join(story.slivers) + "。",
                "Slivers not counted: " + "; ".join(story.slivers) + ".",
            ).say(lang),
        )


def _tell_laws(document: DocumentPart, story: CaseStory, lang: Lang) -> None:
    head = [
        text.say(lang)
        for text in (
            Text("图层与分区", "layer and zone"),
            Text("条款", "clause"),
            Text("施行", "in force"),
            Text("核对情况", "checked"),
            Text("结论", "verdict"),
            Text("办理要求与出具单位", "next step, by whom"),
        )
    ]
    rows = [
        (
            f"{one.layer} {one.zone}".strip(),
            f"{one.clause}（{one.rule_id}）",
            one.in_force,
            one.standing,
            one.verdict,
            "；".join(filter(None, (one.next_step, one.issuer))) or "—",
        )
        for one in story.laws
    ]
    add_table(document, Text("适用条款", "rules").say(lang), head, rows, (2.6, 4.2, 1.9, 2.5, 1.3, 3.1))


def _tell_batch(document: DocumentPart, material: Material, stories: Sequence[CaseStory], lang: Lang) -> None:
    counts = Counter(story.answer for story in stories)
    told = [f"{answer.text.say(lang)} {counts[answer.text.say(lang)]}" for answer in Answer]
    law = judged_on_text(material)
    add_heading(document, Text("一、总体情况", "Overview").say(lang))
    add_text(
        document,
        Text(
            f"共核查 {len(stories)} 个项目和用地，按各图层中最重的判断计：{'、'.join(told)}。{law.zh}。"
            "“无法判断”不等于不涉及。",
            f"{len(stories)} projects and sites; by the gravest answer of each: {', '.join(told)}. {law.en}. "
            "“Undetermined” is not “clear”.",
        ).say(lang),
    )
    head = [
        text.say(lang)
        for text in (
            Text("编号", "no."),
            Text("名称", "name"),
            Text("类型", "type"),
            Text("位置", "placed"),
            Text("判断", "answer"),
        )
    ]
    rows = [(one.case_id, one.name, one.kind, one.placed if one.is_drawn else "—", one.answer) for one in stories]
    add_table(document, Text("项目一览", "all projects").say(lang), head, rows, (2.0, 5.8, 2.8, 3.0, 1.8))
    if stories:
        add_heading(document, Text("二、核查依据", "What they were checked against").say(lang))
        _tell_sources(document, material, stories, lang)
    add_heading(document, Text("三、各项目情况", "Project by project").say(lang))
    for story in (one for one in stories if one.is_drawn):
        add_heading(document, f"{story.name}（{story.case_id}）", 2)
        add_text(document, _overview(story).say(lang))
        add_text(document, _in_short(story, lang))
    missing = [one for one in stories if not one.is_drawn]
    if missing:
        add_heading(document, Text("四、没有用地图形、无法判断的项目", "Projects that are not drawn").say(lang))
        head = [text.say(lang) for text in (Text("编号", "no."), Text("名称", "name"), Text("原因", "why"))]
        open_rows = [(one.case_id, one.name, one.placed) for one in missing]
        add_table(document, Text("须先取得用地范围", "to be drawn first").say(lang), head, open_rows, (2.2, 6.6, 6.6))


def _in_short(story: CaseStory, lang: Lang) -> str:
    """Tell the sure hits in full, and of the other answers which layers they are about."""
    involved = Answer.INVOLVED.text.say(lang)
    words = [f"{one.sentence}{one.review}" for one in story.layers if one.answer == involved or one.review]
    for answer, remark in (
        (Answer.POSSIBLE, Text("，须以实测界址点复核后确定", ", to be checked with surveyed boundary points")),
        (Answer.UNDETERMINED, Text("，不等于不涉及", ", which is not clear")),
        (Answer.CLEAR, Text("", "")),
    ):
        said = answer.text.say(lang)
        if layers := [one.layer for one in story.layers if one.answer == said and not one.review]:
            zh, en = f"{said}：{'、'.join(layers)}{remark.zh}。", f"{said}: {', '.join(layers)}{remark.en}."
            words.append(Text(zh, en).say(lang))
    return "".join(words) if lang == "zh" else " ".join(words)


def _sign(document: DocumentPart, lang: Lang) -> None:
    """Write who made it and where it is signed, all on one page."""
    made = add_text(
        document,
        Text(
            f"本说明由 ecogeo {__version__} 根据核查结果生成，数字和表述未经人工改动；报送前应由经办人核对。",
            f"Made by ecogeo {__version__} of the results, nothing typed by hand; to be checked before it is sent in.",
        ).say(lang),
    )
    for text in (
        Text("编制单位（盖章）：                ", "by (seal):                "),
        Text("年    月    日", "date:            "),
    ):
        paragraph = add_text(document, text.say(lang))
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        made.paragraph_format.keep_with_next = made.paragraph_format.keep_together = True
        made = paragraph
