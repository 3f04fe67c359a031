"""What a project's page holds beside the figures, and judging anew without measuring anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from two_rules import write_rules

from ecogeo.board.dossier import Dossier, project_dossier
from ecogeo.board.projects import project_records
from ecogeo.board.rejudging import concerned_sites, rejudged
from ecogeo.check import run_checks
from ecogeo.finding import Answer, Report, Verdict
from ecogeo.law import Law, read_law
from ecogeo.project_types import TypeChoice, TypeChoices
from ecogeo.questions import Answers, GivenAnswer
from ecogeo.reviews import Review, Reviews
from ecogeo.workspace import Workspace, open_workspace


@pytest.fixture
def county(county_folder: Path) -> Workspace:
    write_rules(county_folder)
    return open_workspace(county_folder)


def lawful(county: Workspace) -> Law:
    law = read_law(county)
    assert law is not None
    return law


def answered(law: Law, *given: GivenAnswer) -> Law:
    return replace(law, answers=Answers(given))


def about(project_id: str = "", site_id: str = "", *, value: bool | None = False, by: str = "甲") -> GivenAnswer:
    return GivenAnswer(project_id, site_id, "is_temporary", value, by, "2026-01-02", "")


def texts(report: Report) -> list[str]:
    tables = [table.astype(str).to_csv() for _, table in sorted(report.tables.items())]
    return [*tables, *(f"{run.name} {finding}" for run in report.runs for finding in run.findings)]


@pytest.mark.parametrize(
    ("given", "sites"),
    [
        ((), set()),
        ((about("P1"),), {"inside"}),
        ((about("P2"),), set()),
        ((about(site_id="half"),), {"half"}),
        ((about("P1"), about(site_id="deep", value=True)), {"inside", "deep"}),
    ],
)
def test_an_answer_concerns_its_project_or_site(
    county: Workspace, given: tuple[GivenAnswer, ...], sites: set[str]
) -> None:
    layer = county.of_role("project_sites")
    assert layer is not None
    before = lawful(county)
    assert concerned_sites(layer, before, answered(before, *given)) == sites
    assert concerned_sites(layer, answered(before, *given), before) == sites


def test_an_answer_for_all_projects_concerns_every_site(county: Workspace) -> None:
    layer = county.of_role("project_sites")
    assert layer is not None
    before = lawful(county)
    assert concerned_sites(layer, before, answered(before, about("*"))) == set(layer.ids)


def test_the_same_words_again_after_others_count(county: Workspace) -> None:
    layer = county.of_role("project_sites")
    assert layer is not None
    law = lawful(county)
    yes, no = about("P1", value=True), about("P1", value=False)
    assert concerned_sites(layer, answered(law, yes, no), answered(law, yes, no, yes)) == {"inside"}


def test_a_chosen_type_concerns_the_sites_of_its_project(county: Workspace) -> None:
    layer = county.of_role("project_sites")
    assert layer is not None
    before = lawful(county)
    law = replace(before, types={**before.types, "P1": ("road", before.types["P1"][1])})
    assert concerned_sites(layer, before, law) == {"inside"}


@pytest.mark.parametrize(
    "given",
    [(about("P1"),), (about("P1", value=True), about(site_id="deep")), (about("*"), about("P1", value=None)), ()],
)
def test_judging_anew_gives_what_a_whole_run_gives(county: Workspace, given: tuple[GivenAnswer, ...]) -> None:
    before = answered(lawful(county), about("P1", value=True), about(site_id="half"))
    law = answered(before, *given)
    held = run_checks(county, law=before)
    assert texts(rejudged(county, held, before=before, law=law)) == texts(run_checks(county, law=law))


def test_what_does_not_fit_is_run_as_a_whole(county: Workspace) -> None:
    before = lawful(county)
    law = answered(before, about("P1"))
    held = run_checks(county, law=before)
    torn = replace(held, tables={**held.tables, "judgements": held.tables["judgements"].iloc[:0]})
    assert texts(rejudged(county, torn, before=before, law=law)) == texts(run_checks(county, law=law))


def test_a_county_without_sites_has_nothing_to_judge(county_folder: Path) -> None:
    write_rules(county_folder)
    toml = county_folder / "layers" / "layers.toml"
    (county_folder / "data" / "tables.toml").write_text('[plans.plan]\npath = "plan"\n', "utf-8")
    text = toml.read_text("utf-8")
    toml.write_text(text.replace('role = "project_sites"', 'role = "mines"'), "utf-8")
    county = open_workspace(county_folder)
    law = lawful(county)
    report = run_checks(county, law=law)
    assert rejudged(county, report, before=law, law=answered(law, about("P1"))).runs == report.runs


def dossier(county: Workspace, law: Law | None, key: str, reviews: Reviews | None = None) -> Dossier:
    report = run_checks(county, law=law)
    records = {record.record_id: record for record in project_records(county, report, reviews)}
    return project_dossier(records[key], report, law, reviews or Reviews())


def test_a_hit_is_told_as_the_run_judged_it(county: Workspace) -> None:
    law = answered(lawful(county), about("P1"))
    told = dossier(county, law, "P1")
    row = run_checks(county, law=law).tables["judgements"].query("site_id == 'inside'").to_dict("records")
    assert [(hit.site_id, str(hit.judgement.verdict), hit.judgement.rule_id) for hit in told.hits] == [
        (one["site_id"], one["verdict"], one["rule_id"]) for one in row
    ]
    assert told.hits[0].judgement.verdict is Verdict.PROHIBITED
    assert told.hits[0].answer is Answer.INVOLVED


def test_a_question_is_open_until_it_is_answered(county: Workspace) -> None:
    law = lawful(county)
    told = dossier(county, law, "P1")
    assert [(one.question.question_id, one.is_about_involved, one.given) for one in told.open_questions] == [
        ("is_temporary", True, ())
    ]
    assert told.settled == ()
    unknown = dossier(county, answered(law, about("P1", value=None)), "P1")
    assert [one.given for one in unknown.open_questions] == [(about("P1", value=None),)]
    settled = dossier(county, answered(law, about("P1")), "P1")
    assert (settled.open_questions, len(settled.settled)) == ((), 1)


def test_hits_that_are_not_sure_come_last(county: Workspace) -> None:
    told = dossier(county, lawful(county), "near")
    assert [hit.answer for hit in told.hits] == [Answer.POSSIBLE]
    assert not told.open_questions[0].is_about_involved
    assert [title.zh for title in told.open_questions[0].layers] == ["生态保护红线"]


def test_the_type_is_told_with_why_and_what_else(county: Workspace) -> None:
    told = dossier(county, lawful(county), "P1").told
    assert told is not None
    assert (told.kind.type_id, told.why.zh, told.is_asked) == ("works", "依据：名称中有“项目”", False)
    plain = dossier(county, lawful(county), "half").told
    assert plain is not None
    assert plain.kind.type_id == "other"


def test_without_rules_only_reviews_are_told(county_folder: Path) -> None:
    county = open_workspace(county_folder)
    reviews = Reviews((Review("inside", "redlines", Answer.CLEAR, "看过", "甲", "2026-01-02"),))
    told = dossier(county, None, "P1", reviews)
    assert (told.hits, told.told, told.open_questions) == ((), None, ())
    assert [(one.kind, one.row, one.said.zh, one.is_current) for one in told.decisions] == [
        ("reviews", 2, "不涉及", True)
    ]


def test_decisions_are_told_newest_first_with_what_replaced_them(county: Workspace) -> None:
    law = answered(lawful(county), about("P1", value=True), about("P2"), about("P1"), about("*", value=None))
    law = replace(law, choices=TypeChoices((TypeChoice("P1", "road", "乙", "2026-03-04", "改"),)))
    told = dossier(county, law, "P1").decisions
    assert [(one.kind, one.row, one.said.zh, one.is_current) for one in told] == [
        ("types", 2, "道路", True),
        ("answers", 5, "未知", True),
        ("answers", 4, "否", True),
        ("answers", 2, "是", False),
    ]
    assert told[1].about.zh == "是否临时用地？（对所有项目）"


def test_a_review_is_kept_beside_the_answer_of_its_site(county: Workspace) -> None:
    review = Review("inside", "redlines", Answer.CLEAR, "看过", "甲", "2026-01-02", Answer.INVOLVED)
    law = lawful(county)
    report = run_checks(county, law=law)
    records = {record.record_id: record for record in project_records(county, report, Reviews((review,)))}
    assert [(entry.layer, entry.answer, entry.review) for entry in records["P1"].reviewed] == [
        ("redlines", Answer.INVOLVED, review)
    ]
    assert records["P1"].answer is Answer.INVOLVED
    assert records["half"].reviewed == ()


def test_what_needs_a_geometry_is_marked(county: Workspace) -> None:
    report = run_checks(county)
    listed = pd.DataFrame({"id": ["P2"], "name": ["无处项目"]})
    report = replace(report, tables={**report.tables, "needs_geometry": listed})
    marks = {record.record_id: record.needs_geometry for record in project_records(county, report)}
    assert [key for key, needs in marks.items() if needs] == ["P2"]
