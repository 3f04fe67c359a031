"""The documents against the code: the reference, the commands of every page, the tutorial, the links, the site."""

from __future__ import annotations

import ast
import doctest
import os
import re
import shutil
import sys
import tomllib
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pandas as pd
import pytest
from click.testing import CliRunner

from ecogeo import catalog
from ecogeo.board.evidence import EVIDENCE_COLUMNS
from ecogeo.check import find_checks
from ecogeo.cli import commands
from ecogeo.law import JUDGEMENT_COLUMNS
from ecogeo.plan.audit import AUDIT_COLUMNS
from ecogeo.plan.values import VALUE_COLUMNS
from ecogeo.project_types.reading import CHOICE_COLUMNS
from ecogeo.questions import ANSWER_COLUMNS, SUBJECT_COLUMNS
from ecogeo.report.balance import ADJUSTMENT_COLUMNS
from ecogeo.report.document_index import Entry
from ecogeo.report.run_files import FINDING_COLUMNS
from ecogeo.reviews import ALL_REVIEW_COLUMNS
from ecogeo.runs import DIFF_COLUMNS

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME / "scripts"))

from documents import fences as fences_module  # noqa: E402
from documents import hooks as hooks_module  # noqa: E402
from documents import markup as markup_module  # noqa: E402
from documents.address_page import addresses  # noqa: E402
from documents.command_page import every_command  # noqa: E402
from documents.county_page import meanings_of  # noqa: E402
from documents.fences import command_of, faults_of, fences, is_usage, typed_commands  # noqa: E402
from documents.file_page import said  # noqa: E402
from documents.hooks import slug  # noqa: E402
from documents.markup import words  # noqa: E402
from documents.reference import PAGES  # noqa: E402

DOCS = HOME / "docs"
READMES = [HOME / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md")]
EVERY_PAGE = [*READMES, *sorted(DOCS.rglob("*.md"))]
TUTORIAL = sorted((DOCS / "tutorial").glob("[0-9]*.md"))
CHROMIUM = Path("/usr/bin/chromium")


def named(path: Path) -> str:
    return path.relative_to(HOME).as_posix()


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_says_what_the_code_says(name: str) -> None:
    written = (DOCS / "reference" / name).read_text("utf-8")
    assert written == PAGES[name](), "write it anew: python scripts/build_docs.py --reference-only"


def test_every_role_entry_and_meaning_has_its_words() -> None:
    assert tuple(words()["roles"]) == catalog.ROLES
    told = words()["entries"]
    declared = {
        "county": catalog.County,
        "layers": catalog.LayerDeclaration,
        "earlier": catalog.EarlierVersion,
        "tables": catalog.TableDeclaration,
        "plans": catalog.PlanDeclaration,
        "joins": catalog.JoinDeclaration,
    }
    assert {name: set(entries) for name, entries in told.items()} == {
        name: set(model.model_fields) for name, model in declared.items()
    }
    used = {meaning for role in catalog.ROLES for meaning in meanings_of(role)}
    assert set(words()["meanings"]) == used


def test_every_setting_of_the_environment_has_its_words() -> None:
    asked = set()
    for path in [*(HOME / "ecogeo").rglob("*.py"), *(HOME / "viewer").rglob("*.py")]:
        text = path.read_text("utf-8")
        asked |= set(re.findall(r'(?:VARIABLE|SETTING) = "(ECOGEO_\w+)"', text))
        asked |= set(re.findall(r'environ(?:\.get\(|\[)"(ECOGEO_\w+)"', text))
    assert asked == set(words()["settings"])


def test_every_address_of_the_viewer_says_what_it_does() -> None:
    assert not [path for path, _, said in addresses() if not said.endswith(".")]


def test_every_finding_of_the_audit_has_its_words() -> None:
    made = set()
    for path in (HOME / "ecogeo" / "plan").glob("audit*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).endswith(("AuditFinding", "_finding"))
                and node.args
            ):
                first = node.args[0]
                made |= {first.value} if isinstance(first, ast.Constant) and isinstance(first.value, str) else set()
    assert made == set(words()["audit"])


@pytest.mark.parametrize("name", [found.name for found in find_checks()])
def test_every_check_has_its_part_of_the_page(name: str) -> None:
    text = (DOCS / "reference" / "checks.md").read_text("utf-8")
    part = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert "依据 source" in part


def test_every_option_of_every_command_has_its_line() -> None:
    text = (DOCS / "reference" / "commands.md").read_text("utf-8")
    shared = text.partition("## 共用选项")[2].partition("\n## ecogeo")[0]
    for path, command in every_command():
        part = text.partition(f"\n## ecogeo {path}\n")[2].partition("\n## ")[0]
        assert part, path
        for one in command.params:
            if isinstance(one, click.Option) and "--help" not in one.opts:
                assert all(f"`{option}`" in part + shared for option in one.opts), (path, one.opts)
                assert one.help, f"{path} {one.opts} says nothing of itself"


def plan_columns(name: str) -> list[str]:
    """Return the columns of a table of the sample's own plan, but those of later years."""
    return [one for one in columns_of(HOME / "data" / "liujiang" / f"{name}.csv") if not re.search(r"_\d{4}$", one)]


def columns_of(path: Path) -> list[str]:
    return list(pd.read_csv(path, encoding="utf-8-sig", nrows=0).columns)


def test_the_columns_of_fixed_tables_are_those_of_the_code() -> None:
    fixed = {
        **{f"plan/{name}.csv": plan_columns(name) for name in ("indicators", "projects", "tasks", "stated")},
        "plan/audit.csv": AUDIT_COLUMNS,
        "plan/values.csv": VALUE_COLUMNS,
        "plan/evidence/evidence.csv": EVIDENCE_COLUMNS,
        "answers.csv": (*SUBJECT_COLUMNS, *ANSWER_COLUMNS),
        "types.csv": (CHOICE_COLUMNS[0], "site_id", *CHOICE_COLUMNS[1:]),
        "reviews.csv": ALL_REVIEW_COLUMNS,
        "findings.csv": FINDING_COLUMNS,
        "judgements.csv": JUDGEMENT_COLUMNS,
        "adjustments.csv": ADJUSTMENT_COLUMNS,
        "diff.csv": DIFF_COLUMNS,
        "index.csv": tuple(Entry.__dataclass_fields__),
    }
    for name, columns in fixed.items():
        assert tuple(words()["files"][name]["columns"].split()) == tuple(columns), name
    for name, told in words()["files"].items():
        for column in told["columns"].split():
            assert all(said(name, column)), (name, column)
    used = {f"{name}:{column}" for name, told in words()["files"].items() for column in told["columns"].split()}
    used |= {column for told in words()["files"].values() for column in told["columns"].split()}
    assert set(words()["columns"]) <= used, "words for columns no file has"


@pytest.mark.parametrize("path", EVERY_PAGE, ids=named)
def test_every_command_of_a_page_exists_and_takes_its_options(path: Path) -> None:
    faults = {" ".join(given.words): faults_of(given) for given in typed_commands(path)}
    assert not {typed: found for typed, found in faults.items() if found}


def test_no_command_somebody_would_type_is_passed_over() -> None:
    lines = [
        line for path in EVERY_PAGE if path.parent.name != "reference" for one in fences(path) for line in one.lines
    ]
    typed = [line for line in lines if line.startswith("ecogeo ")]
    assert len(typed) > 80
    assert not [line for line in typed if is_usage(line)]
    assert is_usage("ecogeo avoid [OPTIONS] FILE")
    assert is_usage("ecogeo diff A B")


def test_a_wrong_command_is_told() -> None:
    wrong = (
        "ecogeo scren a",
        "ecogeo screen a --typ b",
        "ecogeo screen",
        "ecogeo check --jobs none",
        "ecogeo runs 1 2",
    )
    for line in (*wrong, "ecogeo report --paper A5", "ecogeo users ad x", "ecogeo screen a --type"):
        given = command_of(line)
        assert given is not None
        assert faults_of(given), line


def anchors(path: Path) -> set[str]:
    """Return the anchors of the headings of a page, as forges and the site make them."""
    text = re.sub(r"^ *```.*?^ *```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    plain = (
        re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", r"\1", head)
        for head in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    )
    return {slug(head, "-") for head in plain}


@pytest.mark.parametrize("path", EVERY_PAGE, ids=named)
def test_no_link_is_dead(path: Path) -> None:
    text = re.sub(r"^ *```.*?^ *```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        meant = (path.parent / file).resolve() if file else path
        assert meant.exists(), f"{named(path)}: {target}"
        if anchor and meant.suffix == ".md":
            assert anchor in anchors(meant), f"{named(path)}: {target}"


def test_every_decision_is_in_the_index_and_says_its_three_parts() -> None:
    index = (DOCS / "decisions" / "index.md").read_text("utf-8")
    pages = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in pages] == list(range(1, len(pages) + 1))
    for path in pages:
        text = path.read_text("utf-8")
        title = re.match(r"# \d{4} (.+)\n\n摘要：(.+)\n", text)
        assert title, path.name
        assert f"| {path.name[:4]} | [{title[1]}]({path.name}) | {title[2]} |" in index
        assert all(f"\n## {part}\n" in text for part in ("Context", "Decision", "Consequences"))


# The tutorial, from its first to its last command.


@dataclass
class Lesson:
    """What the tutorial left behind."""

    folder: Path
    outputs: dict[str, str]


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    """Do what the tutorial says, word by word, in a copy of the repository's folders."""
    root = tmp_path_factory.mktemp("tutorial")
    house = root / "ecogeo"
    house.mkdir()
    shutil.copytree(HOME / "layers", house / "layers", ignore=shutil.ignore_patterns(".index"))
    shutil.copytree(HOME / "data", house / "data", ignore=shutil.ignore_patterns("decisions", "present"))
    outputs: dict[str, str] = {}
    before = Path.cwd()
    os.chdir(house)
    try:
        for page in TUTORIAL:
            for fence in fences(page):
                if fence.title:
                    Path(fence.title).write_text("\n".join(fence.lines) + "\n", encoding="utf-8")
                elif fence.kind == "powershell":
                    for line in fence.lines:
                        outputs |= _done(line)
    finally:
        os.chdir(before)
    return Lesson(root, outputs)


def _done(line: str) -> dict[str, str]:
    """Do one line, and return what it printed; what belongs to the machine (pip, venv, the server) is not done."""
    if line.startswith("Copy-Item "):
        *_, source, target = line.split()
        copy = shutil.copytree if "-Recurse" in line else shutil.copy
        copy(source, target)
        return {}
    given = command_of(line)
    if given is None or given.words[0] == "serve":
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        done = CliRunner().invoke(commands, list(given.words), env={"ECOGEO_LEDGER": None})
    assert done.exit_code == given.status, f"{line}: {done.exit_code}\n{done.output[-2000:]}"
    if given.status == 2:  # the page says what to mend before it goes on
        declared = Path("../我的县/layers/layers.toml")
        declared.write_text(
            declared.read_text("utf-8").replace('# coverage = "county"', 'coverage = "county"'), "utf-8"
        )
    return {" ".join(given.words): done.output}


def test_the_tutorial_runs_as_it_stands(lesson: Lesson) -> None:
    given = [command_of(line) for page in TUTORIAL for fence in fences(page) for line in fence.lines]
    typed = {" ".join(one.words) for one in given if one is not None and one.words[0] != "serve"}
    assert typed == set(lesson.outputs)
    text = "".join(page.read_text("utf-8") for page in TUTORIAL)

    def row(run: str, layer: str) -> dict[str, Any]:
        table = pd.read_csv(
            lesson.folder / run / "screening.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False
        )
        return dict(table.set_index("layer").loc[layer])

    assert row("结果一", "redlines")["answer"] == "involved"
    assert (row("结果一", "reserves")["answer"], row("结果二", "reserves")["answer"]) == ("undetermined", "clear")
    red = row("结果二", "redlines")
    assert (red["answer"], red["coverage"]) == ("involved", "full")
    for figure in (red["overlap_m2"], red["overlap_ha"], red["overlap_mu"]):
        assert figure in text
    assert (row("结果四", "redlines")["verdict"], row("结果四", "redlines")["rule_id"]) == ("prohibited", "E07")
    assert row("结果五", "mines")["reviewed_answer"] == "clear"
    assert "23.9896" in lesson.outputs["inspect 申请用地.txt -w ../我的县"]
    assert (lesson.folder / "成果" / "S1" / "情况说明.docx").is_file()
    assert (lesson.folder / "避让" / "trimmed.txt").is_file()
    check_columns_of_a_real_run(lesson)  # here, so that the lesson is done once whichever worker runs what


def check_columns_of_a_real_run(lesson: Lesson) -> None:
    """Hold the words of the reference to the files of the run, in both directions."""
    told = words()["files"]
    seen = {}
    for folder in (lesson.folder / "ecogeo" / "out", lesson.folder / "避让"):
        seen |= {path.name: columns_of(path) for path in folder.glob("*.csv")}
    wanted = {name for name, one in told.items() if one["group"] in ("run", "avoid")}
    assert set(seen) == wanted
    for name, columns in seen.items():
        own = [column for column in columns if name != "matrix.csv" or column not in catalog.ROLES]
        assert own == told[name]["columns"].split(), name
    assert set(pd.read_json(lesson.folder / "ecogeo" / "out" / "summary.json", typ="series").index) == set(
        words()["summary"]
    )
    read = pd.read_json(lesson.folder / "结果二" / "inspection.json", typ="series").index
    assert set(read) == set(words()["inspection"])


# The site.


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site; dead links and anchors stop it."""
    from documents.site import build_site

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the builder's own
        return build_site(tmp_path_factory.mktemp("site")).parent


def test_the_site_names_nothing_it_would_load_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 60
    loaded = re.compile(
        r"<(?!a\b)[^>]*\b(?:src|href|srcset|data|poster|action)=[\"']?(?:https?:)?//[^>]*>", re.IGNORECASE
    )
    for page in pages:
        assert not loaded.findall(page.read_text("utf-8")), page.name
    for sheet in site.rglob("*.css"):
        text = sheet.read_text("utf-8")
        assert not re.findall(r"@import|url\([\"']?(?:https?:)?//", text), sheet.name
    assert (site / "licenses").is_dir()
    for name, lang in (
        ("index.html", "zh"),
        ("howto/index.html", "zh"),
        ("developers/index.html", "en"),
        ("server.html", "en"),
    ):
        assert f'<html lang="{lang}"' in (site / name).read_text("utf-8"), name


def test_the_navigation_names_every_page() -> None:
    text = (HOME / "scripts" / "documents" / "mkdocs.yml").read_text("utf-8")
    listed = set(re.findall(r"- (?:[^:\n]+: )?([\w/.-]+\.md)$", text, flags=re.MULTILINE))
    present = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert listed == {name for name in present if not re.match(r"decisions/\d", name)}


@pytest.mark.browser
@pytest.mark.skipif(
    not CHROMIUM.exists() and not os.environ.get("ECOGEO_REQUIRE_BROWSER"),
    reason="the system's Chromium is not installed (apt install chromium)",
)
def test_the_site_works_from_a_folder_without_any_network(site: Path) -> None:
    from playwright.sync_api import expect, sync_playwright

    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        for name in ("index.html", "tutorial/4-first-screening.html", "reference/checks.html", "decisions/index.html"):
            page.goto((site / name).as_uri())
            expect(page.locator("h1").first).to_be_visible()
        field = page.get_by_role("searchbox")
        field.fill("岸线保护率")
        first = page.locator(".eg-search ol a").first
        expect(first).to_be_visible()
        first.click()
        expect(page).to_have_url(re.compile(r"\.html"))
        page.get_by_role("searchbox").fill("不存在的词句")
        expect(page.locator(".eg-tally")).to_have_text("没有找到 nothing found")
        browser.close()
    assert not faults
    assert not [address for address in asked if not address.startswith(("file:", "data:", "blob:"))]


def test_the_pictures_are_those_the_script_takes() -> None:
    from draw_pictures import SHOTS

    used = {
        (path.parent / target).resolve().name
        for path in EVERY_PAGE
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", path.read_text("utf-8"))
    }
    taken = {f"{name}.png" for name in SHOTS}
    assert used <= taken
    assert {path.name for path in (DOCS / "images").iterdir()} == taken


@pytest.mark.parametrize("module", [fences_module, hooks_module, markup_module], ids=lambda module: module.__name__)
def test_the_examples_of_the_writers_hold(module: ModuleType) -> None:
    done = doctest.testmod(module)
    assert (done.failed, done.attempted > 0) == (0, True)


def test_the_words_are_a_table_both_languages_fill() -> None:
    raw = tomllib.loads((HOME / "scripts" / "documents" / "words.toml").read_text("utf-8"))
    pairs = [
        pair
        for section in ("groups", "columns", "summary", "inspection", "roles", "settings")
        for pair in raw[section].values()
    ]
    pairs += [pair for entries in raw["entries"].values() for pair in entries.values()]
    assert all(len(pair) == 2 and all(text.strip() for text in pair) for pair in pairs)
