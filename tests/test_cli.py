"""The command line as its users meet it: files, statuses, messages without a traceback."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from conftest import LAYERS_TOML

Run = Callable[..., tuple[int, str, str]]

SCREENING_COLUMNS = [
    "site_id",
    "site_name",
    "layer",
    "answer",
    "certainty_m",
    "overlap_m2",
    "overlap_ha",
    "overlap_mu",
    "length_m",
    "share",
    "distance_m",
    "verdict",
    "rule_id",
    "clause",
    "next_step",
    "issuer",
    "layer_version",
    "coverage",
]
SHORELINE_COLUMNS = [
    "reach_id",
    "river",
    "basin",
    "bank_m",
    "protected_m",
    "reserved_m",
    "controlled_m",
    "developed_m",
    "unzoned_m",
    "protection_pct",
    "target_pct",
    "met",
]
FINDING_COLUMNS = [
    "check",
    "severity",
    "layer",
    "feature_id",
    "feature_name",
    "town",
    "message",
    "value",
    "unit",
    "verdict",
    "rule_id",
    "clause",
]


def rows(path: Path) -> pd.DataFrame:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "Excel needs the BOM"
    assert b"\r" not in path.read_bytes()
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def test_check_writes_the_files_of_the_contract(county_folder: Path, tmp_path: Path, run: Run) -> None:
    status, output, progress = run("check", "-w", county_folder, "-o", tmp_path / "out")
    assert status == 1, "red lines are touched"
    assert "涉及 4" in output
    assert re.search(r"\[2/\d+\] geometry_not_valid", progress)
    screening = rows(tmp_path / "out" / "screening.csv")
    assert list(screening.columns) == SCREENING_COLUMNS
    assert set(screening["layer"]) == {"redlines", "shorelines"}
    screening = screening[screening["layer"] == "redlines"]
    half = screening.set_index("site_id").loc["half"]
    assert half["overlap_m2"] == f"{float(half['overlap_m2']):.2f}"
    assert float(half["overlap_ha"]) == round(float(half["overlap_m2"]) / 1e4, 4)
    assert float(half["overlap_mu"]) == pytest.approx(float(half["overlap_m2"]) * 15 / 1e4, abs=1e-3)
    assert half["share"] == "0.500000"
    assert half["layer_version"] == "v1"
    assert list(rows(tmp_path / "out" / "shoreline.csv").columns) == SHORELINE_COLUMNS
    assert list(rows(tmp_path / "out" / "findings.csv").columns) == FINDING_COLUMNS
    dropped = rows(tmp_path / "out" / "dropped.csv").query("layer == 'redlines'")
    assert list(dropped.columns) == ["site_id", "layer", "zone_id", "area_m2", "width_m", "reason"]
    assert "mean width under 0.1 m" in dropped.set_index("site_id").loc["sliver", "reason"]
    assert rows(tmp_path / "out" / "unlocated.csv")["project_id"].tolist() == ["P2"]
    package = gpd.read_file(tmp_path / "out" / "findings.gpkg")
    assert package.crs.to_epsg() == 4490
    assert len(package) == len(rows(tmp_path / "out" / "findings.csv"))
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["answers"]["redlines"] == {"involved": 4, "possible": 2, "clear": 3, "undetermined": 3}
    assert summary["answers"]["shorelines"] == {"involved": 0, "possible": 0, "clear": 9, "undetermined": 3}
    assert {one["name"]: one["status"] for one in summary["checks"]}["site_in_redline"] == "run"
    assert {one["path"] for one in summary["inputs"]} >= {"layers/redlines.gpkg", "data/plan/projects.csv"}


def test_same_inputs_same_bytes(county_folder: Path, tmp_path: Path, run: Run) -> None:
    for name in ("one", "two"):
        run("check", "-w", county_folder, "-o", tmp_path / name, "-q")
    first = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    second = {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    assert first == second
    assert str(tmp_path).encode() not in b"".join(first.values())


def test_nothing_of_an_earlier_run_stays_beside_the_summary(county_folder: Path, tmp_path: Path, run: Run) -> None:
    run("check", "-w", county_folder, "-o", tmp_path, "-q")
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    run("check", "shoreline_protection_rate", "-w", county_folder, "-o", tmp_path, "-q")
    left = {path.name for path in tmp_path.iterdir() if path.is_file()}
    shoreline = {f"shoreline{part}.csv" for part in ("", "_banks", "_segments", "_totals")}
    tables = {*shoreline, "findings.csv", "findings.gpkg", "summary.json"}
    assert left == {*tables, "notes.txt"}


def test_exit_zero_and_quiet_and_english(county_folder: Path, tmp_path: Path, run: Run) -> None:
    status, output, progress = run("check", "-w", county_folder, "-o", tmp_path, "--exit-zero", "-q", "--lang", "en")
    assert status == 0
    assert progress == ""
    assert "Square County" in output
    assert "involved 4" in output
    assert "the point lies inside" in rows(tmp_path / "findings.csv")["message"].str.cat()


def test_one_check_by_name(county_folder: Path, tmp_path: Path, run: Run) -> None:
    status, *_ = run("check", "shoreline_protection_rate", "-w", county_folder, "-o", tmp_path)
    assert status == 0, "the target is met; gaps and overlaps are warnings"
    assert not (tmp_path / "screening.csv").exists()


def test_scripts_are_the_same_commands(county_folder: Path, tmp_path: Path) -> None:
    home = Path(__file__).parent.parent / "scripts"
    for name, written, status in (("check_redlines", "screening.csv", 1), ("check_shorelines", "shoreline.csv", 0)):
        done = subprocess.run(
            [sys.executable, home / f"{name}.py", "-w", county_folder, "-o", tmp_path], capture_output=True, check=False
        )
        assert (done.returncode, (tmp_path / written).is_file()) == (status, True), done.stderr.decode()


def break_nothing_declared(root: Path) -> None:
    (root / "layers" / "layers.toml").unlink()


def break_missing_layer(root: Path) -> None:
    (root / "layers" / "redlines.gpkg").unlink()


def break_truncated_layer(root: Path) -> None:
    path = root / "layers" / "redlines.gpkg"
    path.write_bytes(path.read_bytes()[:4096])


def break_key_twice(root: Path) -> None:
    path = root / "layers" / "redlines.gpkg"
    gpd.read_file(path).assign(redline_id="A").to_file(path)


def break_no_crs(root: Path) -> None:
    frame = gpd.read_file(root / "layers" / "redlines.gpkg")
    frame.to_file(root / "layers" / "redlines.shp")
    (root / "layers" / "redlines.prj").unlink()
    (root / "layers" / "layers.toml").write_text(LAYERS_TOML.replace("redlines.gpkg", "redlines.shp"), "utf-8")


def break_columns(root: Path) -> None:
    path = root / "data" / "plan" / "projects.csv"
    head, body = path.read_text("utf-8-sig").split("\n", 1)
    path.write_text(head.replace("nature", "a").replace("funding", "b") + "\n" + body, "utf-8")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (break_nothing_declared, ["layers/layers.toml is missing", "-w"]),
        (break_missing_layer, ["redlines.gpkg", "does not exist"]),
        (break_truncated_layer, ["redlines.gpkg", "truncated or damaged"]),
        (break_key_twice, ["redlines.gpkg", "redline_id", "more than once: A"]),
        (break_no_crs, ["redlines.shp", "no CRS", "EPSG:4545"]),
        (break_columns, ["projects.csv", "nature", "funding"]),
    ],
)
def test_bad_input_is_status_2_and_one_clear_message(
    county_folder: Path, tmp_path: Path, run: Run, damage: Callable[[Path], None], words: list[str]
) -> None:
    damage(county_folder)
    status, output, message = run("check", "-w", county_folder, "-o", tmp_path / "out", "-q", "--lang", "en")
    assert status == 2
    assert output == ""
    for word in words:
        assert word in message
    assert "Traceback" not in message
    assert not (tmp_path / "out").exists(), "nothing half judged is left behind"
    chinese = run("check", "-w", county_folder, "-o", tmp_path / "out", "-q")[2]
    assert chinese.startswith("错误")


def test_debug_shows_the_traceback(tmp_path: Path, run: Run) -> None:
    assert "Traceback" in run("check", "-w", tmp_path, "--debug")[2]


def test_bad_arguments(county_folder: Path, run: Run) -> None:
    assert run("check", "nonsense", "-w", county_folder)[0] == 2
    assert run("check", "--nonsense")[0] == 2
    assert run("import", "nowhere.txt")[0] == 2
    assert run("serve", "-w", "nowhere")[0] == 2


def test_named_check_that_cannot_run_is_status_2(county_folder: Path, tmp_path: Path, run: Run) -> None:
    text = LAYERS_TOML.replace('role = "shorelines"', 'role = "water_bodies"')
    (county_folder / "layers" / "layers.toml").write_text(text, "utf-8")
    status, _, message = run("check", "shoreline_protection_rate", "-w", county_folder, "-o", tmp_path, "--lang", "en")
    assert status == 2
    assert "the county has no layer for shorelines" in message


def test_document_without_a_table(tmp_path: Path, run: Run) -> None:
    (tmp_path / "empty.txt").write_text("没有表格的文字。\n", "utf-8")
    status, output, message = run("import", tmp_path / "empty.txt", "-o", tmp_path / "plan")
    assert (status, output) == (2, "")
    assert "empty.txt" in message
    assert not (tmp_path / "plan").exists()


def test_a_plan_without_projects_is_no_failure(tmp_path: Path, run: Run) -> None:
    head = "序号\t指标名称\t单位\t目标值\t责任单位"
    (tmp_path / "plan.txt").write_text(f"附表 指标\n{head}\n1\t森林覆盖率\t%\t≥60\t林业局\n", "utf-8")
    status, output, _ = run("import", tmp_path / "plan.txt", "-o", tmp_path / "plan")
    assert status == 0
    assert "指标 1 项" in output
    assert "项目" not in output.splitlines()[0]
    audit = rows(tmp_path / "plan" / "audit.csv")
    assert list(audit.columns) == ["check", "severity", "table", "row", "message", "message_en"]


def test_the_audit_of_the_sample_finds_the_contradictions(tmp_path: Path, run: Run) -> None:
    status, output, _ = run("audit", "liujiang", "-o", tmp_path)
    assert status == 1
    assert "问题 4 条" in output
    found = rows(tmp_path / "audit.csv")
    assert set(found["plan"]) == {"liujiang"}
    faults = found[found["severity"] == "fault"]["check"].tolist()
    contradictions = ["stated_count_differs", "stated_count_differs", "stated_sum_differs"]
    assert sorted(faults) == ["index_in_percent", *contradictions], "indicator 9 is an index, printed with a %"
    assert run("audit", "liujiang", "--exit-zero")[0] == 0
    assert run("audit", "guilin")[0] == 0, "notes alone are no fault"


def test_the_audit_takes_all_plans_or_a_folder(county_folder: Path, run: Run) -> None:
    beside = county_folder / "data" / "other"
    beside.mkdir()
    for path in (county_folder / "data" / "plan").iterdir():
        (beside / path.name).write_bytes(path.read_bytes())
    whole = run("audit", "-w", county_folder, "--lang", "en")[1]
    assert "(plan)" in whole
    assert "(other)" in whole
    assert run("audit", "other", "-w", county_folder)[1].count("(other)") == 1
    assert "(other)" in run("audit", beside, "-w", county_folder)[1]
    status, _, message = run("audit", "absent", "-w", county_folder, "--lang", "en")
    assert status == 2
    assert "there is no plan “absent”" in message


def test_the_audit_names_every_broken_plan(county_folder: Path, run: Run) -> None:
    (county_folder / "data" / "broken").mkdir()
    (county_folder / "data" / "broken" / "plan.toml").write_text("", "utf-8")
    status, _, message = run("audit", "-w", county_folder)
    assert status == 2
    assert all(name in message for name in ("indicators.csv", "projects.csv", "tasks.csv"))
    (county_folder / "data" / "plan" / "values.csv").write_text("nothing\n", "utf-8-sig")
    status, _, message = run("audit", "-w", county_folder)
    assert status == 2
    assert "values.csv：缺少列" in message


def test_unwritable_output(county_folder: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    status, _, message = run("check", "-w", county_folder, "-o", tmp_path / "taken")
    assert status == 2
    assert "Traceback" not in message


def test_help_is_quick_and_imports_no_geometry() -> None:
    code = "import sys, ecogeo.cli; print([m for m in ('geopandas', 'pandas', 'shapely', 'flask') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


def test_attributes_cannot_become_formulas(county_folder: Path, tmp_path: Path, run: Run) -> None:
    path = county_folder / "layers" / "sites.gpkg"
    gpd.read_file(path).assign(name="=HYPERLINK(1)").to_file(path)
    run("check", "site_in_redline", "-w", county_folder, "-o", tmp_path)
    names = rows(tmp_path / "screening.csv")["site_name"]
    assert set(names) == {"'=HYPERLINK(1)", "无处项目"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("check", "--nonsense"), "错误: 没有选项 --nonsense"),
        (("check", "--reveiws", "x"), "是否指 --reviews"),
        (("screen",), "错误: 缺少参数 FILE"),
        (("check", "--on", "6.5.2026"), "选项 --on 的值不对：应为日期 YYYY-MM-DD"),
        (("check", "--rounding", "up"), "应为 half-up、half-even 之一"),
        (("check", "--jobs", "0"), "应为整数，不小于 1"),
        (("screen", "x", "--corridor-m", "0"), "应为数字，大于 0"),
        (("check", "--on"), "选项 --on 缺少值"),
        (("chekc",), "错误: 命令或参数不认识"),
    ],
)
def test_a_mistyped_command_is_told_in_chinese(arguments: tuple[str, ...], told: str, run: Run) -> None:
    status, output, message = run(*arguments)
    assert (status, output) == (2, "")
    assert told in message
    assert "--help" in message
    assert "Traceback" not in message


def test_a_mistyped_command_is_told_in_english_where_asked(run: Run) -> None:
    status, _, message = run("check", "--lang", "en", "--on", "soon")
    assert status == 2
    assert message.startswith("error: Invalid value for '--on': 'soon'")
    assert message.endswith("\nHelp: ecogeo check --help\n")


def test_help_names_the_options_of_a_signed_screening(run: Run) -> None:
    for command, options in (
        ("check", ("--reviews", "--answers", "--types", "--on", "--rounding", "--jobs")),
        ("screen", ("--reviews", "--corridor-m", "--rounding", "--jobs")),
        ("demo", ("--rounding", "--jobs")),
    ):
        status, output, _ = run(command, "--help")
        assert status == 0
        assert all(option in output for option in options)


def test_rules_are_listed_among_the_inputs_by_their_place(tmp_path: Path, run: Run) -> None:
    run("check", "site_in_reserve", "-o", tmp_path, "-q")
    summary = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    home = "data/rules/"
    assert [path for path in summary["rule_packs"] if path.endswith(".csv")] == [
        f"{home}guangxi.csv",
        f"{home}national.csv",
    ]
    assert "data/questions.csv" in {one["path"] for one in summary["inputs"]}


def test_a_bare_call_shows_the_help(run: Run) -> None:
    status, output, message = run()
    assert status in {0, 2}
    assert "screen" in output + message
    assert "错误" not in message
