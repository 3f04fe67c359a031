"""Dated rules: what is refused, what is found, and what is said of a hit."""

import csv
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.finding import Severity, Verdict
from ecogeo.rules import (
    RULE_COLUMNS,
    Condition,
    Judgement,
    RulePack,
    Standing,
    holds,
    judge,
    names_in,
    pack_findings,
    parse_condition,
    read_rules,
    render_condition,
)
from ecogeo.rules.conditions import ALWAYS, MOST_WORDS, AllOf, AnyOf, Name, Not

COUNTY = Path(__file__).parent.parent / "data"
BEFORE, AFTER = dt.date(2026, 3, 1), dt.date(2026, 4, 1)

PLAIN = {
    "rule_id": "R1",
    "layer_role": "redlines",
    "zone_value": "*",
    "project_types": "*",
    "verdict": "prohibited",
    "clause": "甲法第1条",
    "level": "国家",
}


def write(path: Path, columns: tuple[str, ...], rows: list[Mapping[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def folder_of(tmp_path: Path, **tables: list[Mapping[str, str]]) -> Path:
    """Write rule tables beside three questions and three types; return their folder."""
    data = tmp_path / "data"
    questions = [{"question_id": name, "zh": f"{name}？", "en": f"{name}?"} for name in ("is_a", "is_b", "is_linear")]
    write(data / "questions.csv", ("question_id", "zh", "en"), questions)
    types = [
        {"type_id": "road", "nature": "linear", "words": "公路"},
        {"type_id": "mill", "nature": "site", "words": "磨坊", "answers_no": "is_a", "basis": "手工"},
        {"type_id": "plan", "nature": "none", "words": "规划"},
        {"type_id": "other", "nature": "mixed"},
    ]
    columns = ("type_id", "zh", "en", "nature", "words", "against", "answers_yes", "answers_no", "basis")
    write(data / "project_types.csv", columns, [{"zh": "类", "en": "kind", **row} for row in types])
    for name, rows in tables.items():
        write(data / "rules" / f"{name}.csv", RULE_COLUMNS, [{**PLAIN, **row} for row in rows])
    (data / "rules").mkdir(exist_ok=True)
    return data / "rules"


def pack_of(tmp_path: Path, **tables: list[Mapping[str, str]]) -> RulePack:
    return read_rules(folder_of(tmp_path, **tables))


def refusal(folder: Path, lang: str = "en") -> str:
    with pytest.raises(UnusableFileError) as refused:
        read_rules(folder)
    return refused.value.say("zh" if lang == "zh" else "en")


def asked(
    pack: RulePack,
    role: str = "redlines",
    zone: str = "",
    project_type: str = "road",
    on: dt.date | None = AFTER,
    **answers: bool | None,
) -> Judgement:
    return judge(pack, role=role, zone=zone, project_type=project_type, answers=answers, on=on)


def said(judgement: Judgement) -> str:
    return "\n".join(note.en for note in judgement.notes)


@pytest.fixture(scope="module")
def county() -> RulePack:
    return read_rules(COUNTY / "rules")


# conditions


def conditions() -> st.SearchStrategy[Condition]:
    names = st.sampled_from(["is_a", "is_b", "is_c", "x1"]).map(Name)
    return st.recursive(
        names,
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: AllOf(tuple(parts))),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        ),
        max_leaves=8,
    )


def spelled(condition: Condition) -> str:
    """Write a condition with every bracket there can be."""
    match condition:
        case Name(word):
            return word
        case Not(of):
            return f"(not {spelled(of)})"
        case AllOf(parts):
            return f"({' and '.join(spelled(part) for part in parts)})"
        case AnyOf(parts):
            return f"({' or '.join(spelled(part) for part in parts)})"


@given(conditions(), st.fixed_dictionaries(dict.fromkeys(["is_a", "is_b", "is_c", "x1"], st.booleans())))
def test_a_condition_means_the_same_however_it_is_written(condition: Condition, answers: dict[str, bool]) -> None:
    brief, full = parse_condition(render_condition(condition)), parse_condition(spelled(condition))
    assert brief == full
    assert holds(brief, answers) == holds(condition, answers)
    assert names_in(brief) == names_in(condition)
    assert parse_condition(render_condition(brief)) == brief


@given(st.text(alphabet="ab_ ()notrd1.;\n否", max_size=40))
def test_any_text_is_a_condition_or_is_refused(text: str) -> None:
    try:
        condition = parse_condition(text)
    except UsageError:
        condition = ALWAYS
    assert parse_condition(render_condition(condition)) == condition


def test_not_binds_before_and_before_or() -> None:
    read = parse_condition("not is_a and is_b or is_c")
    assert read == AnyOf((AllOf((Not(Name("is_a")), Name("is_b"))), Name("is_c")))
    assert holds(ALWAYS, {})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("is_a and", "the end"),
        ("is_a is_b", "“is_b”"),
        ("(is_a", "the end"),
        ("is_a)", "“)”"),
        ("not", "the end"),
        ("and is_a", "“and”"),
        ("is_a == 1", "“==”"),
        ("__import__('os')", "“__import__”"),
        ("Is_a", "“Is_a”"),
        ("是", "“是”"),
    ],
)
def test_what_is_no_condition_is_refused_with_the_place(text: str, found: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_condition(text)
    assert f"found {found}" in refused.value.say("en")


def test_a_condition_nobody_can_check_is_refused() -> None:
    assert parse_condition("(" * 39 + "is_a" + ")" * 39) == Name("is_a")
    with pytest.raises(UsageError, match=f"at most {MOST_WORDS}"):
        parse_condition("not " * MOST_WORDS + "is_a")


# reading


def test_every_fault_of_a_pack_is_named_at_once(tmp_path: Path) -> None:
    rows: list[Mapping[str, str]] = [
        {"rule_id": "A", "layer_role": "moon", "verdict": "maybe", "level": "村"},
        {"rule_id": "B", "project_types": "road|-castle", "extra_condition": "is_a and is_z"},
        {"rule_id": "C", "extra_condition": "is_a or", "valid_from": "2022-13", "valid_to": "20220801"},
        {"rule_id": "D", "valid_from": "2024-02", "valid_to": "2024-01-31", "replaced_by": "Nowhere"},
        {"rule_id": "E", "valid_to": "2026-03-15", "replaced_by": "F", "clause": ""},
        {"rule_id": "F", "valid_from": "2026-03-15", "checked_by": "王某"},
        {"rule_id": "G", "replaced_by": "F", "checked_by": "王某", "checked_on": "昨天"},
        {"rule_id": "H", "valid_to": "2020"},
        {"rule_id": "H", "valid_from": "2020-12-31"},
    ]
    message = refusal(folder_of(tmp_path, national=rows))
    for part in (
        "rules: national.csv: row 2: A the layer_role “moon” must be one of",
        "A the verdict “maybe” must be one of",
        "A the level “村” must be one of",
        "row 3: B there is no project type castle",
        "B there is no question is_z",
        "row 4: C expected a question",
        "C the valid_from “2022-13” must be",
        "C the valid_to “20220801” must be",
        "row 5: D valid_from 2024-02 is after valid_to 2024-01-31",
        "D is replaced by “Nowhere”, which does not exist",
        "row 6: E clause is empty",
        "E (to 2026-03-15) overlaps F (from 2026-03-15)",
        "row 7: F checked_by names a person, so checked_on must be filled",
        "G (to …) overlaps F (from 2026-03-15)",
        "row 8: G the checked_on “昨天” must be",
        "H occurs 2 times and their periods overlap",
    ):
        assert part in message
    assert len(message.splitlines()) == 16


def test_columns_are_exactly_those_of_the_contract(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    columns = tuple(column for column in RULE_COLUMNS if column not in {"clause", "level"})
    write(folder / "national.csv", (*columns, "remark"), [])
    assert refusal(folder) == (
        "rules: national.csv: the columns clause, level are missing\n"
        "rules: national.csv: the columns remark are not known"
    )


def test_every_unreadable_table_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, national=[{"verdict": "maybe"}])
    (folder / "empty.csv").write_bytes(b"")
    (folder / "wide.csv").write_text("a,b\n1,2,3\n", encoding="utf-8")
    problems = refusal(folder).splitlines()
    assert [problem.split(": ")[1] for problem in problems] == ["empty.csv", "national.csv", "wide.csv"]


def test_an_end_far_away_is_no_way_to_write_an_open_one(tmp_path: Path) -> None:
    assert "empty if unknown or open" in refusal(folder_of(tmp_path, national=[{"valid_to": "9999-12-31"}]))


def test_a_folder_without_tables_and_neighbours_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "rules", "zh").splitlines() == [
        "rules：questions.csv：文件不存在",
        "rules：project_types.csv：文件不存在",
        "rules：没有规则表（*.csv）",
    ]


def test_faults_of_the_neighbours_do_not_make_faults_of_the_rules(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, national=[{"extra_condition": "is_a", "project_types": "road"}])
    (folder.parent / "questions.csv").unlink()
    assert refusal(folder).splitlines() == ["rules: questions.csv: the file does not exist"]


def test_periods_that_only_meet_are_right(tmp_path: Path) -> None:
    rows: list[Mapping[str, str]] = [
        {"rule_id": "old", "valid_to": "2026-03-14", "replaced_by": "new"},
        {"rule_id": "new", "valid_from": "2026-03-15", "verdict": "conditional"},
    ]
    pack = pack_of(tmp_path, national=rows)
    assert not pack.gaps
    assert not pack.clashes
    days = [dt.date(2026, 3, 14), dt.date(2026, 3, 15)]
    assert [asked(pack, on=day).rule_id for day in days] == ["old", "new"]


def test_more_questions_than_anyone_answers_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, national=[{"extra_condition": " and ".join(f"q{number}" for number in range(13))}])
    names = [{"question_id": f"q{number}", "zh": "？", "en": "?"} for number in range(13)]
    write(folder.parent / "questions.csv", ("question_id", "zh", "en"), [*names, {**names[0], "question_id": "is_a"}])
    assert refusal(folder) == "rules: the rules about redlines ask 13 questions of one project; at most 12"


def test_sources_are_named_below_the_county_with_their_digests(county: RulePack) -> None:
    assert [source.path for source in county.sources] == [
        "data/project_types.csv",
        "data/questions.csv",
        "data/rules/guangxi.csv",
        "data/rules/national.csv",
    ]
    assert all(len(source.sha256) == 64 for source in county.sources)


# gaps and clashes


def test_gaps_name_zone_type_days_and_answers(tmp_path: Path) -> None:
    rows: list[Mapping[str, str]] = [
        {"rule_id": "A", "zone_value": "甲|乙", "project_types": "road", "valid_from": "2020", "valid_to": "2021-06"},
        {"rule_id": "B", "zone_value": "甲", "project_types": "-road|*", "extra_condition": "is_a or is_b"},
    ]
    pack = pack_of(tmp_path, national=rows)
    assert [(gap.zones, gap.project_types, gap.since, gap.until, gap.when) for gap in pack.gaps] == [
        (("甲", "乙"), ("road",), None, dt.date(2019, 12, 31), ""),
        (("甲", "乙"), ("road",), dt.date(2021, 7, 1), None, ""),
        (("甲",), ("mill", "other"), None, None, "not is_a and not is_b"),
        (("乙",), ("mill", "other"), None, None, ""),
    ]
    messages = [finding.message.en for finding in pack_findings(pack)]
    assert "no rule until 2019-12-31: redlines 甲, 乙, project types road" in messages
    assert "no rule when not is_a and not is_b: redlines 甲, project types mill, other" in messages
    assert {finding.severity for finding in pack_findings(pack)} == {Severity.NOTE}


def test_types_that_take_no_ground_need_no_rule(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, national=[{"project_types": "road|mill|other"}])
    assert not pack.gaps
    judgement = asked(pack, project_type="plan")
    assert judgement.verdict is Verdict.UNDETERMINED
    assert "takes no ground of its own" in said(judgement)


def test_rules_that_contradict_each_other_are_found_and_the_gravest_counts(tmp_path: Path) -> None:
    rows: list[Mapping[str, str]] = [
        {"rule_id": "A", "extra_condition": "is_a", "verdict": "notice"},
        {"rule_id": "B", "extra_condition": "not is_b", "verdict": "restricted"},
        {"rule_id": "C", "extra_condition": "not is_a and is_b"},
        {"rule_id": "D", "layer_role": "reserves"},
    ]
    pack = pack_of(tmp_path, national=rows)
    assert [(clash.rule_ids, clash.when) for clash in pack.clashes] == [(("A", "B"), "is_a and not is_b")]
    assert [f.message.en for f in pack_findings(pack) if f.severity is Severity.WARNING] == [
        "rules A B of one level apply together and differ (when is_a and not is_b); the gravest counts"
    ]
    judgement = asked(pack, is_a=True, is_b=False)
    assert (judgement.rule_id, [rule.rule_id for rule in judgement.also]) == ("B", ["A"])
    assert "rules of the same level apply too: A (notice, unverified); the gravest counts" in said(judgement)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "zone_value": st.sampled_from(["*", "甲", "甲|乙"]),
            "project_types": st.sampled_from(["*", "road", "*|-road"]),
            "extra_condition": st.sampled_from(["", "is_a", "not is_a", "is_a or is_b", "not is_b and is_a"]),
            "verdict": st.sampled_from(["prohibited", "conditional", "notice"]),
            "level": st.sampled_from(["国家", "自治区"]),
            "valid_from": st.sampled_from(["", "2026-03-15"]),
            "valid_to": st.sampled_from(["", "2026-03-31"]),
        }
    ),
    min_size=1,
    max_size=5,
)
HITS = st.tuples(st.sampled_from(["甲", "乙"]), st.sampled_from([BEFORE, AFTER]), st.booleans(), st.booleans())


@given(ROWS, HITS)
def test_no_two_rules_of_one_rank_apply_at_once_unreported(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], hit: tuple[str, dt.date, bool, bool]
) -> None:
    numbered = [{**row, "rule_id": f"R{number}"} for number, row in enumerate(rows)]
    pack = pack_of(tmp_path_factory.mktemp("pack"), national=list(numbered))
    zone, day, is_a, is_b = hit
    judgement = asked(pack, zone=zone, on=day, is_a=is_a, is_b=is_b)
    met = [rule for rule in judgement.considered if holds(rule.condition, {"is_a": is_a, "is_b": is_b})]
    assert {rule.rule_id for rule in met} == {
        rule.rule_id for rule in (judgement.rule, *judgement.also, *judgement.overridden) if rule
    }
    for other in judgement.also:
        assert judgement.rule is not None
        assert other.rank == judgement.rule.rank
        assert other.rule_id in said(judgement)
        if other.verdict is not judgement.rule.verdict:
            assert {other.rule_id, judgement.rule_id} in [set(clash.rule_ids) for clash in pack.clashes]
    assert bool(met) == (judgement.rule is not None)
    known = {value for rule in pack.rules for value in rule.zones} - {"*"} or {"*"}
    if not met and (zone in known or known == {"*"}):
        assert any(
            {zone, "*"} & set(gap.zones)
            and {"road", "*"} & set(gap.project_types)
            and (gap.since or day) <= day <= (gap.until or day)
            and holds(parse_condition(gap.when), {"is_a": is_a, "is_b": is_b})
            for gap in pack.gaps
        )


# judging


def test_the_law_of_the_day_is_applied(county: RulePack) -> None:
    before, after = (asked(county, "reserves", "一般控制区", on=day) for day in (BEFORE, AFTER))
    assert (before.rule_id, before.verdict) == ("E02-old", Verdict.UNDETERMINED)
    assert (after.rule_id, after.verdict, after.issuer) == ("E02", Verdict.CONDITIONAL, "林业主管部门")
    core = [asked(county, "reserves", "核心保护区", on=day, is_core_exempt=False) for day in (BEFORE, AFTER)]
    assert [one.rule_id for one in core] == ["E01-old", "E01"]
    assert [one.verdict for one in core] == [Verdict.PROHIBITED] * 2
    assert "旧文本" in core[0].clause
    assert "第830号" in core[1].clause
    change = [dt.date(2026, 3, 14), dt.date(2026, 3, 15)]
    assert [asked(county, "reserves", "一般控制区", on=day).rule_id for day in change] == ["E02-old", "E02"]


def test_a_zone_of_former_law_has_no_rule_today(county: RulePack) -> None:
    assert asked(county, "reserves", "实验区", on=BEFORE).rule_id == "E02-old"
    today = asked(county, "reserves", "实验区")
    assert (today.rule, today.verdict, today.open_questions) == (None, Verdict.UNDETERMINED, ())
    assert "none is in force on 2026-04-01: E02-old（? – 2026-03-14）" in said(today)


def test_without_a_day_the_rules_in_force_are_applied_and_it_is_said(county: RulePack) -> None:
    judgement = asked(county, "reserves", "一般控制区", on=None)
    assert (judgement.rule_id, judgement.on) == ("E02", "")
    assert judgement.notes[0].zh.startswith("未给出判定日期")


LIMITED: dict[str, bool | None] = {
    "is_limited_activity": True,
    "has_new_construction_land": False,
    "is_temporary": False,
    "crosses_without_land": False,
}


def test_the_region_goes_before_the_state_and_both_are_shown(county: RulePack) -> None:
    judgement = asked(county, "redlines", "水土保持", **LIMITED)
    assert (judgement.rule_id, judgement.issuer) == ("E05a", "县级以上人民政府")
    assert [rule.rule_id for rule in judgement.overridden] == ["E03"]
    assert {"E03", "E05a"} <= {rule.rule_id for rule in judgement.considered}
    assert "E05a (自治区) goes before E03 (conditional, unverified) (国家)" in said(judgement)


def test_before_the_region_ruled_the_state_does(county: RulePack) -> None:
    assert asked(county, "redlines", "", on=dt.date(2023, 7, 31), **LIMITED).rule_id == "E03"
    judgement = asked(county, "redlines", "", on=dt.date(2023, 8, 5), **LIMITED)
    assert judgement.rule_id == "E05a"
    assert "some day of 2023-08" in said(judgement)


def test_a_region_laxer_than_the_state_is_pointed_out(tmp_path: Path) -> None:
    rows: list[Mapping[str, str]] = [{"rule_id": "gx", "level": "自治区", "verdict": "notice"}]
    judgement = asked(pack_of(tmp_path, national=[{}], region=rows))
    assert (judgement.rule_id, [rule.rule_id for rule in judgement.overridden]) == ("gx", ["R1"])
    assert "is laxer: have it checked" in said(judgement)


def test_an_unanswered_question_leaves_the_verdict_open(county: RulePack) -> None:
    judgement = asked(county, "redlines", "", **{**LIMITED, "has_new_construction_land": None})
    assert judgement.verdict is Verdict.UNDETERMINED
    assert judgement.text.zh == "待补充"
    assert judgement.open_questions == ("has_new_construction_land",)
    assert {rule.rule_id for rule in judgement.may_decide} == {"E04", "E05a"}
    assert (judgement.rule_id, judgement.clause, judgement.next_step) == ("", "", "")
    assert "answer needed, has_new_construction_land: " in said(judgement)


def test_only_questions_that_make_a_difference_are_asked(tmp_path: Path) -> None:
    rows: list[Mapping[str, str]] = [
        {"rule_id": "A", "extra_condition": "is_a"},
        {"rule_id": "B", "extra_condition": "not is_a and is_b"},
        {"rule_id": "C", "extra_condition": "not is_a and not is_b", "verdict": "notice"},
    ]
    pack = pack_of(tmp_path, national=rows)
    assert asked(pack, is_a=True).rule_id == "A"
    assert asked(pack, is_a=True).open_questions == ()
    assert asked(pack, is_a=False).open_questions == ("is_b",)
    assert asked(pack).open_questions == ("is_a", "is_b")


def test_one_rule_whatever_the_answers_needs_none(tmp_path: Path) -> None:
    rows: list[Mapping[str, str]] = [{"rule_id": "A"}, {"rule_id": "B", "extra_condition": "is_a"}]
    judgement = asked(pack_of(tmp_path, national=rows))
    assert (judgement.rule_id, judgement.also, judgement.open_questions) == ("A", (), ())


def test_questions_are_open_too_where_no_rule_may_apply(tmp_path: Path) -> None:
    judgement = asked(pack_of(tmp_path, national=[{"extra_condition": "is_a"}]))
    assert judgement.open_questions == ("is_a",)
    assert "or no rule may apply" in said(judgement)


def test_the_type_answers_and_a_person_goes_before_it(tmp_path: Path) -> None:
    rows: list[Mapping[str, str]] = [
        {"rule_id": "A", "extra_condition": "is_a"},
        {"rule_id": "B", "extra_condition": "not is_a", "verdict": "notice"},
    ]
    pack = pack_of(tmp_path, national=rows)
    by_type = asked(pack, project_type="mill")
    assert by_type.rule_id == "B"
    assert "answered by the project type “kind”: is_a = no (basis: 手工)" in said(by_type)
    assert asked(pack, project_type="mill", is_a=True).rule_id == "A"
    assert asked(pack, project_type="mill", is_a=None).open_questions == ("is_a",)


def test_an_unknown_type_is_asked_for_where_it_matters(tmp_path: Path) -> None:
    rows: list[Mapping[str, str]] = [
        {"rule_id": "A", "project_types": "road"},
        {"rule_id": "B", "project_types": "*|-road", "verdict": "notice"},
    ]
    judgement = asked(pack_of(tmp_path / "one", national=rows), project_type="other")
    assert judgement.open_questions == ("project_type",)
    assert "of which type is the project?" in said(judgement)
    assert asked(pack_of(tmp_path / "two", national=[{}]), project_type="other").rule_id == "R1"


def test_every_rule_of_the_county_says_it_is_unverified(county: RulePack) -> None:
    assert {rule.standing for rule in county.rules} == {Standing.REPOST, Standing.RECALLED}
    assert asked(county, "farmland", project_type="ground_pv").standing is Standing.RECALLED
    assert "unverified: recalled" in said(asked(county, "farmland", project_type="ground_pv"))
    road = asked(county, "urban_boundary", "outside")
    assert (road.rule_id, road.verdict) == ("U02", Verdict.RESTRICTED)
    assert "unverified: from a re-post" in said(road)


def test_a_checked_rule_is_not_called_unverified(tmp_path: Path) -> None:
    row = {"checked_by": "李某", "checked_on": "2026-05-01", "valid_from": "2020-01-01"}
    judgement = asked(pack_of(tmp_path, national=[row]))
    assert judgement.standing is Standing.VERIFIED
    assert judgement.notes == ()


def test_a_rule_of_unknown_beginning_or_issuer_says_so(tmp_path: Path) -> None:
    judgement = asked(pack_of(tmp_path, national=[{"verdict": "conditional"}]))
    assert "unknown since when rule R1 is in force" in said(judgement)
    assert "who issues the opinion of rule R1 is not on record" in said(judgement)


@pytest.mark.parametrize(
    ("hit", "reason"),
    [
        ({"role": "county"}, "no rule is about county"),
        ({"zone": "丙"}, "do not know the zone “丙” (known: 甲)"),
        ({"zone": "甲", "on": BEFORE}, "none is in force on 2026-03-01: R1（2026-03-15 – …）"),
        ({"zone": "甲", "project_type": "mill"}, "no rule about redlines concerns the project type “kind”"),
        ({"zone": "甲", "is_a": False}, "the condition of none of the rules R1 holds"),
    ],
)
def test_a_hit_without_a_rule_says_why(tmp_path: Path, hit: dict[str, object], reason: str) -> None:
    row = {"zone_value": "甲", "project_types": "road", "extra_condition": "is_a", "valid_from": "2026-03-15"}
    judgement = asked(pack_of(tmp_path, national=[row]), **hit)  # type: ignore[arg-type]
    assert (judgement.verdict, judgement.rule, judgement.open_questions) == (Verdict.UNDETERMINED, None, ())
    assert reason in said(judgement)
    assert "a person must judge" in said(judgement)


def test_unknown_names_are_refused(county: RulePack) -> None:
    with pytest.raises(UsageError, match="no project type “castle”"):
        asked(county, project_type="castle")
    with pytest.raises(UsageError, match="no question “is_z”"):
        asked(county, is_z=True)
    with pytest.raises(UsageError, match="no rule “E99”"):
        county.rule("E99")


def test_the_countys_rules_agree_and_ask_known_questions(county: RulePack) -> None:
    assert county.clashes == ()
    assert len(county.rules) == 51
    assert [rule.rule_id for rule in county.rules if rule.rank] == ["E05a", "E05b", "Z01a", "Z01b", "Z01c"]
    assert county.needing("is_temporary")[:2] == ("E03", "E04")
    assert all(county.needing(question.question_id) for question in county.questions)
    dated = {rule.rule_id: rule.valid_from for rule in county.rules if len(rule.valid_from) == len("YYYY-MM-DD")}
    in_2025 = dict.fromkeys(("F01b", "F02b", "F05"), "2025-10-01")
    assert dated == {"E01": "2026-03-15", "E02": "2026-03-15", **in_2025}
    assert {rule.rule_id for rule in county.rules if rule.valid_to} == {"E01-older", "E01-old", "E02-old", "F02a"}


YES, NO = True, False
ROAD = {"is_temporary": NO, "crosses_without_land": NO}


@pytest.mark.parametrize(
    ("hit", "answers", "rule_id"),
    [
        (("redlines", "", "wind"), {"is_linear": NO, "is_national_major": NO}, "E07"),
        (("redlines", "", "livestock"), {"is_national_major": NO}, "E07"),
        (("redlines", "", "pumped_storage"), {**ROAD, "is_limited_activity": NO, "is_national_major": YES}, "E06"),
        (("redlines", "", "road"), {"is_temporary": NO, "crosses_without_land": YES}, "E09"),
        (("redlines", "", "pipeline"), {"is_temporary": YES}, "E08"),
        (("redlines", "", "road"), {**ROAD, "is_limited_activity": YES, "has_new_construction_land": YES}, "E04"),
        (("farmland", "", "factory"), {"is_national_key": NO}, "F01b"),
        (("farmland", "", "ground_pv"), {}, "F06"),
        (("farmland", "", "livestock"), {"is_unavoidable": YES}, "F04a"),
        (("farmland", "", "livestock"), {"is_unavoidable": NO}, "F01c"),
        (("farmland", "", "forestry"), {}, "F03"),
        (("farmland", "", "mine"), {"is_strategic_mineral": YES}, "F05"),
        (("urban_boundary", "outside", "industrial_park"), {}, "U01"),
        (("urban_boundary", "outside", "wind"), {}, "U02"),
        (("urban_boundary", "特别用途区", "urban_housing"), {}, "U03"),
        (("control_units", "重点管控单元", "factory"), {}, "Z02"),
        (("control_units", "一般管控单元", "factory"), {}, "Z03"),
        (("control_units", "优先保护单元", "road"), {"is_large_scale_development": NO}, "Z01c"),
        (("water_sources", "一级", "factory"), {}, "W01"),
        (("water_sources", "二级", "livestock"), {"discharges_pollutants": YES}, "W02"),
        (("water_sources", "准保护区", "factory"), {"has_outfall": YES}, "W04"),
        (("river_management", "", "pipeline"), {"obstructs_flow": NO, "works_on_floodplain": NO}, "H03"),
        (("river_management", "", "factory"), {"obstructs_flow": YES}, "H01"),
        (("shorelines", "保护区", "tourism"), {"is_protection_related": NO}, "L01"),
        (("shorelines", "保留区", "road"), {"is_public_interest": YES}, "L02b"),
        (("shorelines", "控制利用区", "road"), {}, "L03a"),
        (("dem", "slope>25", "farmland_works"), {"opens_cropland": YES}, "S01"),
        (("livestock_bans", "", "livestock"), {"is_scale_farm": YES}, "A01"),
        (("mines", "在产", "road"), {}, "M01"),
        (("geohazards", "", "building"), {}, "G01"),
    ],
)
def test_the_countys_rules_by_hand(
    county: RulePack, hit: tuple[str, str, str], answers: dict[str, bool], rule_id: str
) -> None:
    judgement = asked(county, *hit, **answers)
    assert judgement.rule_id == rule_id, said(judgement)
