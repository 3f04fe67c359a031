"""Figures of a form: rounded by a named law, parts forced to their total, every adjustment listed."""

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.finding import CheckRun, Finding, Report, Severity
from ecogeo.report.balance import ADJUSTMENT_COLUMNS, balanced_dropped, balanced_zones
from ecogeo.report.cells import number_text, write_csv
from ecogeo.report.run_files import write_run
from ecogeo.rounding import Floats, Rounding, rounded, rounded_all
from ecogeo.wording import Text

Run = Callable[..., tuple[int, str, str]]


def zones(*parts_m2: float, site: str = "S1") -> pd.DataFrame:
    figures = {"overlap_m2": list(parts_m2), "overlap_ha": [part / 1e4 for part in parts_m2]}
    names = [f"z{number}" for number in range(len(parts_m2))]
    frame = pd.DataFrame({"site_id": site, "layer": "redlines", "zone": names, **figures})
    return frame.assign(net_m2=math.nan, net_ha=math.nan, length_m=0.0)


def total(area_m2: float, site: str = "S1") -> pd.DataFrame:
    row = {"site_id": site, "layer": "redlines", "overlap_m2": area_m2, "overlap_ha": area_m2 / 1e4, "length_m": 0.0}
    return pd.DataFrame([row])


def test_parts_add_up_to_the_printed_total_and_say_what_changed() -> None:
    # 1.00004 + 2.00003 + 3.00003 = 6.00010 ha: printed 6.0001, the rounded parts add up to 6.0000 only.
    forced, adjusted = balanced_zones(zones(10_000.4, 20_000.3, 30_000.3), total(60_001.0), "half-up")
    assert forced["overlap_ha"].tolist() == [1.0001, 2.0, 3.0]
    assert forced["overlap_m2"].tolist() == [10_000.4, 20_000.3, 30_000.3]
    assert adjusted.columns.tolist() == list(ADJUSTMENT_COLUMNS)
    assert adjusted.to_numpy().tolist() == [["S1", "redlines", "z0", "overlap_ha", "1.0000", "1.0001", "0.0001"]]


def test_too_much_is_taken_off_again() -> None:
    # 0.00005 ha rounds up to 0.0001 twice: printed total 0.0001.
    forced, adjusted = balanced_zones(zones(0.5, 0.5), total(1.0), "half-up")
    assert forced["overlap_ha"].tolist() == [0.0, 0.0001]
    assert adjusted["by_how_much"].tolist() == ["-0.0001"]
    forced, adjusted = balanced_zones(zones(0.5, 0.5), total(1.0), "half-even")
    assert forced["overlap_ha"].tolist() == [0.0001, 0.0]
    assert adjusted["by_how_much"].tolist() == ["0.0001"]


def test_zones_that_overlap_each_other_are_left_alone() -> None:
    parts = zones(10_000.4, 10_000.4)
    forced, adjusted = balanced_zones(parts, total(15_000.4), "half-up")
    assert forced["overlap_ha"].tolist() == [1.0, 1.0]
    assert adjusted.empty


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=9))
def test_any_parts_add_up_and_none_moves_by_more_than_a_digit(parts: list[float]) -> None:
    for law in ("half-up", "half-even"):
        forced, adjusted = balanced_zones(zones(*parts), total(math.fsum(parts)), law)  # type: ignore[arg-type]
        shown = [float(number_text("overlap_ha", part, law)) for part in forced["overlap_ha"]]  # type: ignore[arg-type]
        printed = float(number_text("overlap_ha", math.fsum(parts) / 1e4, law))  # type: ignore[arg-type]
        assert math.isclose(math.fsum(shown), printed, abs_tol=1e-9)
        assert set(adjusted.query("column == 'overlap_ha'")["by_how_much"]) <= {"0.0001", "-0.0001"}


def test_the_law_reaches_every_file(tmp_path: Path) -> None:
    half = Finding(Text("半", "half"), Severity.NOTE, value=0.125, unit="m2")
    runs = (CheckRun("one", "data", Text("一", "one"), (half,)),)
    table = pd.DataFrame({"site_id": ["S1"], "area_m2": [0.125]})
    for law, shown in (("half-up", "0.13"), ("half-even", "0.12")):
        report = Report("", runs, {"dropped": table}, rounding=law)  # type: ignore[arg-type]
        write_run(report, tmp_path, "zh")
        assert (tmp_path / "dropped.csv").read_text("utf-8-sig").splitlines()[1] == f"S1,{shown}"
        assert f",{shown},m2," in (tmp_path / "findings.csv").read_text("utf-8-sig")
        assert json.loads((tmp_path / "summary.json").read_text("utf-8"))["rounding"] == law


def test_the_county_or_the_user_says_by_which_law(county_folder: Path, tmp_path: Path, run: Run) -> None:
    toml = county_folder / "layers" / "layers.toml"
    toml.write_text(toml.read_text("utf-8").replace('name_en = "Square', 'rounding = "half-even"\nname_en = "Square'))
    _, output, _ = run("check", "-w", county_folder, "-o", tmp_path, "-q")
    assert "四舍六入五成双" in output
    _, output, _ = run("check", "-w", county_folder, "-o", tmp_path, "-q", "--rounding", "half-up", "--lang", "en")
    assert "figures rounded half-up" in output
    assert json.loads((tmp_path / "summary.json").read_text("utf-8"))["rounding"] == "half-up"


@pytest.mark.parametrize(("column", "law", "shown"), [("a_ha", "half-even", "0.0002"), ("a_ha", "half-up", "0.0003")])
def test_a_tie_is_broken_by_the_law(column: str, law: str, shown: str) -> None:
    assert number_text(column, 0.00025, law) == shown  # type: ignore[arg-type]


def test_sentences_are_rounded_by_the_same_law(
    county_folder: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    laws: set[str] = set()

    def noted(value: float, decimals: int, law: Rounding = "half-up") -> float:
        laws.add(law)
        return rounded(value, decimals, law)

    def all_noted(values: Floats, decimals: int, law: Rounding = "half-up") -> Floats:
        laws.add(law)
        return rounded_all(values, decimals, law)

    for module in ("checks.shoreline_protection_rate", "checks.geometry_not_valid", "report.cells"):
        monkeypatch.setattr(sys.modules[f"ecogeo.{module}"], "rounded", noted)
    for module in ("hit_findings", "report.cells", "report.balance", "report.run_files"):
        monkeypatch.setattr(sys.modules[f"ecogeo.{module}"], "rounded_all", all_noted)
    run("check", "-w", county_folder, "-o", tmp_path, "-q", "--rounding", "half-even")
    assert laws == {"half-even"}


def test_one_and_two_workers_write_the_same_bytes(county_folder: Path, tmp_path: Path, run: Run) -> None:
    for jobs in ("1", "2"):
        run("check", "-w", county_folder, "-o", tmp_path / jobs, "-q", "--jobs", jobs)
    first, second = ({one.name: one.read_bytes() for one in (tmp_path / jobs).iterdir()} for jobs in ("1", "2"))
    assert first == second


def test_a_cell_has_one_kind_of_line_end(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"name": ["一\r\n二\r三", None]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes().decode("utf-8-sig") == 'name\n"一\n二\n三"\n""\n'


def test_dropped_pieces_add_up_to_their_rounded_sum() -> None:
    # 4 x 0.0049 = 0.0196 m2: each rounds to 0.00, together they are 0.02.
    dropped = pd.DataFrame(
        {"site_id": "S1", "layer": "redlines", "zone_id": list("ABCD"), "area_m2": 0.0049, "width_m": 0.01}
    )
    forced, adjusted = balanced_dropped(dropped, "half-up")
    assert forced["area_m2"].tolist() == [0.01, 0.01, 0.0, 0.0]
    assert adjusted["zone"].tolist() == ["A", "B"]
    assert set(adjusted["column"]) == {"area_m2"}
