"""The evidence of a case: complete, the same bytes each time, proved by judging again; a stranger's is not trusted."""

import csv
import hashlib
import io
import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import block, write_layer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from two_rules import write_rules

from ecogeo.bundle import Case, Sent, verify_bundle, write_bundle
from ecogeo.bundle.masking import masked_text, without_coordinates
from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.inspection import inspect_file
from ecogeo.layer import digest
from ecogeo.workspace import open_workspace

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def county(county_folder: Path) -> Path:
    """The small county with rules, and decisions on two of its sites."""
    write_rules(county_folder)
    kept = county_folder / "data" / "decisions"
    kept.mkdir()
    (kept / "answers.csv").write_text(
        "site_id,question_id,answer,by,on,reason\ninside,is_temporary,否,张三,2026-05-06,图\n", "utf-8-sig"
    )
    (kept / "reviews.csv").write_text(
        "site_id,layer,answer,reason,by,on\nhalf,redlines,clear,界桩在外,张三,2026-05-06\n"
        "inside,redlines,clear,见 109.18312，24.22417,李四,2026-05-06\n",
        "utf-8-sig",
    )
    return county_folder


@pytest.fixture
def bundle(county: Path, tmp_path: Path, run: Run) -> Path:
    path = tmp_path / "b.zip"
    assert run("bundle", "P1", "half", "-w", county, "-o", path, "-q", "--exit-zero", "--on", "2025-06-01")[0] == 0
    return path


@pytest.fixture
def whole(bundle: Path) -> bytes:
    return bundle.read_bytes()


def content(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def table(path: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(path, name).decode("utf-8-sig"))))


def repacked(path: Path, out: Path, change: Callable[[str, bytes], bytes | None], **added: bytes) -> Path:
    """Pack a bundle anew with members changed, left out or added."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            new = change(entry.filename, source.read(entry))
            if new is not None:
                target.writestr(entry.filename, new)
        for name, more in added.items():
            target.writestr(name.replace("__", "/"), more)
    return out


def test_a_bundle_holds_the_case_and_nothing_of_others(bundle: Path) -> None:
    manifest = json.loads(content(bundle, "manifest.json"))
    assert manifest["case"]["ids"] == ["P1", "half"]
    assert manifest["case"]["on"] == "2025-06-01"
    redlines = next(one for one in manifest["inputs"] if one.get("role") == "redlines")
    assert (redlines["version"], redlines["coverage"], redlines["members"]) == (
        "v1",
        "county",
        ["inputs/layers/redlines.gpkg"],
    )
    assert any(one["path"] == "data/rules/national.csv" and one["members"] for one in manifest["inputs"])
    rows = table(bundle, "results/screening.csv")
    assert {row["site_id"] for row in rows} == {"inside", "half"}
    hit = next(row for row in rows if row["site_id"] == "inside" and row["layer"] == "redlines")
    assert (hit["answer"], hit["verdict"], hit["rule_id"], hit["reviewed_answer"]) == (
        "involved",
        "prohibited",
        "R2",
        "clear",
    )
    judged = next(row for row in table(bundle, "results/judgements.csv") if row["site_id"] == "inside")
    assert (judged["rule_id"], judged["valid_from"]) == ("R2", "2020")
    assert [row["reason"] for row in table(bundle, "inputs/data/decisions/reviews.csv")] == [
        "界桩在外",
        "见 109.18312，24.22417",
    ]
    with zipfile.ZipFile(bundle) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        named = {entry.filename for entry in archive.infolist()} - {"manifest.json"}
    assert named == set(manifest["members"])


def test_decisions_on_others_stay_at_home(county: Path, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "b.zip"
    assert run("bundle", "half", "-w", county, "-o", path, "-q", "--exit-zero")[0] == 0
    assert [row["site_id"] for row in table(path, "inputs/data/decisions/reviews.csv")] == ["half"]
    with zipfile.ZipFile(path) as archive:
        assert "inputs/data/decisions/answers.csv" not in archive.namelist()
    assert verify_bundle(path).is_proven


def test_the_same_case_gives_the_same_bytes_and_is_proved(bundle: Path, county: Path, tmp_path: Path, run: Run) -> None:
    again = tmp_path / "again" / "b.zip"
    words = ("-w", county, "-o", again, "-q", "--exit-zero", "--on", "2025-06-01")
    assert run("bundle", "P1", "half", *words)[0] == 0
    assert again.read_bytes() == bundle.read_bytes()
    status, output, error = run("verify", bundle, "-q", "--lang", "en")
    assert (status, error) == (0, "")
    assert output.splitlines()[-1] == "judged again, every result came out the same, byte for byte"


def test_the_whole_county_is_a_case_too(county: Path, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    case = Case(checks=("site_in_redline", "shoreline_protection_rate"))
    write_bundle(open_workspace(county), case, path)
    assert {row["site_id"] for row in table(path, "results/screening.csv")} > {"inside", "half", "outside"}
    assert verify_bundle(path).is_proven


@pytest.mark.parametrize("suffix", ["gpkg", "shp"])
def test_a_screened_file_is_carried_whole(county: Path, tmp_path: Path, suffix: str, run: Run) -> None:
    (tmp_path / "layers").mkdir()
    name = f"redlines.{suffix}"  # as a layer of the county is called: both are carried, each in its place
    write_layer(tmp_path, name, {"name": ["送审"]}, [block(1950, 1500, 100, 100)])
    path = tmp_path / "b.zip"
    words = ("-w", county, "-o", path, "-q", "--exit-zero", "--type", "works", "--accuracy-m", "5")
    assert run("bundle", "--file", tmp_path / "layers" / name, *words)[0] == 0
    with zipfile.ZipFile(path) as archive:
        assert {f"inputs/sites/{name}", "inputs/layers/redlines.gpkg"} <= set(archive.namelist())
    assert table(path, "results/screening.csv")[0]["site_id"] == "S1"
    assert verify_bundle(path).is_proven


def test_every_change_shows(bundle: Path, tmp_path: Path, run: Run) -> None:
    changed = repacked(
        bundle,
        tmp_path / "changed.zip",
        lambda name, one: one.replace(b"involved", b"clear   ") if name == "results/screening.csv" else one,
    )
    cut = repacked(bundle, tmp_path / "cut.zip", lambda name, one: None if name.endswith("towns.gpkg") else one)
    added = repacked(bundle, tmp_path / "added.zip", lambda _, one: one, results__more=b"x")
    for path, words in (
        (changed, "results/screening.csv is not what the manifest says"),
        (cut, "inputs/layers/towns.gpkg is missing"),
        (added, "results/more was added"),
    ):
        status, output, _ = run("verify", path, "--lang", "en")
        assert status == 1
        assert words in output


def test_a_forged_manifest_is_found_by_judging_again(bundle: Path, tmp_path: Path, run: Run) -> None:
    forged = content(bundle, "results/screening.csv").replace(b"involved", b"clear   ")
    manifest = json.loads(content(bundle, "manifest.json"))
    manifest["members"]["results/screening.csv"] = {"sha256": hashlib.sha256(forged).hexdigest(), "bytes": len(forged)}
    new = {"manifest.json": json.dumps(manifest).encode(), "results/screening.csv": forged}
    path = repacked(bundle, tmp_path / "forged.zip", new.get)
    status, output, _ = run("verify", path, "--lang", "en")
    assert status == 1
    assert "screening.csv came out otherwise" in output
    assert run("verify", path, "--no-rerun")[0] == 0


def test_inputs_that_are_not_carried_come_from_the_county(county: Path, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "b.zip"
    assert run("bundle", "half", "-w", county, "-o", path, "-q", "--exit-zero", "--inputs", "none")[0] == 0
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if name.startswith("inputs/")]
    status, output, _ = run("verify", path, "--lang", "en")
    assert status == 2
    assert "layers/redlines.gpkg is not carried: name it by -w" in output
    assert run("verify", path, "-w", county)[0] == 0
    other = tmp_path / "other"
    shutil.copytree(county, other)
    write_layer(other, "redlines.gpkg", {"redline_id": ["A"], "name": ["甲"]}, [block(1000, 1000, 500, 1000)])
    status, output, _ = run("verify", path, "-w", other, "--lang", "en")
    assert status == 2
    assert "layers/redlines.gpkg is not what was judged by" in output
    assert "towns.gpkg" not in output


def test_without_coordinates_nothing_tells_where(county: Path, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "b.zip"
    words = ("-w", county, "-o", path, "-q", "--exit-zero", "--without-coordinates")
    assert run("bundle", "inside", "half", *words)[0] == 0
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        whole = b"".join(archive.read(name) for name in names)
    assert not [name for name in names if name.endswith((".gpkg", ".shp", ".tif"))]
    assert {name for name in names if name.startswith("inputs/")} == {
        "inputs/data/project_types.csv",
        "inputs/data/questions.csv",
        "inputs/data/rules/national.csv",
    }
    assert b"109.18312" not in whole
    assert table(path, "decisions/reviews.csv")[1]["reason"] == "见 〔坐标已略〕"
    assert table(path, "results/screening.csv")[0]["overlap_m2"] != ""
    assert run("verify", path)[0] == 2
    assert run("verify", path, "-w", county)[0] == 0


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("顶点 (109.18312, 24.22417) 自相交", "顶点 (〔坐标已略〕) 自相交"),
        ("东经109°12′30″北纬24°13′", "东经〔坐标已略〕"),
        ("2684701.721，632017.749", "〔坐标已略〕"),
        ("632017.749 2684701.721", "〔坐标已略〕"),
        ("36632017.749,2684701.721", "〔坐标已略〕"),
        ("占 25.1234 公顷（100.1234 亩）", "占 25.1234 公顷（100.1234 亩）"),
        ("157885.75 m²", "157885.75 m²"),
        ("某文〔2023〕150号，450221", "某文〔2023〕150号，450221"),
    ],
)
def test_pairs_of_coordinates_are_masked_and_figures_are_not(text: str, masked: str) -> None:
    assert masked_text(text) == masked


@given(st.lists(st.floats(73.0001, 134.9999), min_size=1, max_size=4), st.floats(15.0001, 54.9999))
def test_no_pair_of_degrees_gets_through(east: list[float], north: float) -> None:
    text = "；".join(f"{one:.6f}，{north:.6f}" for one in east)
    written = without_coordinates("x.csv", f"a,lon\n{text},{east[0]:.6f}\n".encode("utf-8-sig"))
    assert written is not None
    assert f"{north:.6f}".encode() not in written
    assert b"lon" not in written


def test_an_unknown_project_is_refused(county: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no project or site nobody"):
        write_bundle(open_workspace(county), Case(ids=("nobody",)), tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def archive_of(path: Path, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, one in entries:
            archive.writestr(name, one)
    return path


LINK = zipfile.ZipInfo("inputs/layers/link")
LINK.external_attr = (stat.S_IFLNK | 0o777) << 16


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ([("a.txt", b"x")], "there is no manifest.json"),
        ([("manifest.json", b"{")], "is not valid JSON"),
        ([("manifest.json", b"[" * 100_000)], "is not valid JSON"),
        ([("manifest.json", b"{}")], "is no manifest of an evidence bundle"),
        ([("manifest.json", b"{}"), ("../out.txt", b"x")], "an unsafe path: ../out.txt"),
        ([("manifest.json", b"{}"), ("/etc/x", b"x")], "an unsafe path: /etc/x"),
        ([("manifest.json", b"{}"), ("a/con.txt", b"x")], "an unsafe path: a/con.txt"),
        ([("manifest.json", b"{}"), (LINK, b"/etc/passwd")], "a link: inputs/layers/link"),
        ([("manifest.json", b"{}"), ("A.txt", b"x"), ("a.TXT", b"x")], "a name twice: a.txt"),
        ([("manifest.json", b"{}"), ("bomb", b"\0" * (20 << 20))], "as bombs are"),
        ([("manifest.json", b" " * (9 << 20) + b"x")], "is not valid JSON"),
        ([("manifest.json", b"{}"), *((f"{n}", b"") for n in range(5001))], "at most 5000"),
    ],
)
def test_a_suspect_archive_is_refused(tmp_path: Path, entries: list[tuple[str, bytes]], problem: str, run: Run) -> None:
    path = archive_of(tmp_path / "b.zip", *entries)
    status, _, error = run("verify", path, "--lang", "en")
    assert status == 2
    assert problem in error
    assert "Traceback" not in error


@pytest.mark.parametrize("cut", [0, 30, 2000, -60])
def test_a_torn_archive_is_refused(bundle: Path, cut: int, run: Run) -> None:
    bundle.write_bytes(bundle.read_bytes()[:cut])
    status, _, error = run("verify", bundle, "--lang", "en")
    assert status == 2
    assert "damaged or no ZIP" in error
    assert run("verify", bundle.parent / "none.zip")[0] == 2


@pytest.mark.parametrize(
    "path", ["../../../etc/passwd", "/etc/passwd", "postgresql://nobody@127.0.0.1:1/x", "/vsicurl/http://127.0.0.1/x"]
)
def test_a_strangers_declarations_lead_nowhere(bundle: Path, tmp_path: Path, path: str) -> None:
    toml = content(bundle, "inputs/layers/layers.toml")
    extra = '\nlayer = "a.b"' if path.startswith("postgresql") else ""
    evil = toml.replace(b'path = "redlines.gpkg"', f'path = "{path}"{extra}'.encode())
    assert evil != toml
    manifest = json.loads(content(bundle, "manifest.json"))
    digest = hashlib.sha256(evil).hexdigest()
    manifest["members"]["inputs/layers/layers.toml"] = {"sha256": digest, "bytes": len(evil)}
    for one in manifest["inputs"]:
        if one["path"] == "layers/layers.toml":
            one["sha256"] = digest
    new = {"manifest.json": json.dumps(manifest).encode(), "inputs/layers/layers.toml": evil}
    forged = repacked(bundle, tmp_path / "evil.zip", new.get)
    with pytest.raises(UnusableFileError, match="it declares paths that lead elsewhere"):
        verify_bundle(forged)


@pytest.mark.parametrize(
    "case", [{"on": "yesterday"}, {"accuracy_m": "far"}, {"file_name": "../x.shp"}, {"lang": "xx"}, {"ids": 3}]
)
def test_a_strangers_case_is_checked(bundle: Path, tmp_path: Path, case: dict[str, object], run: Run) -> None:
    manifest = json.loads(content(bundle, "manifest.json"))
    manifest["case"] |= case
    new = json.dumps(manifest).encode()
    path = repacked(bundle, tmp_path / "evil.zip", lambda name, one: new if name == "manifest.json" else one)
    status, _, error = run("verify", path, "--lang", "en")
    assert status == 2
    assert "evil.zip: " in error
    assert "Traceback" not in error


def test_a_bundle_is_noted_in_the_ledger(
    county: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecogeo.ledger import entries, ledger_of

    monkeypatch.delenv("ECOGEO_LEDGER")
    path = tmp_path / "b.zip"
    _, output, _ = run("bundle", "half", "-w", county, "-o", path, "-q", "--exit-zero", "--lang", "en")
    ledger = ledger_of(county / "data")
    assert ledger is not None
    (noted,) = entries(ledger, "bundle")
    assert noted.body["manifest_sha256"] == verify_bundle(path, is_run_again=False).sha256
    assert noted.body["manifest_sha256"] in output


def small_bundle(folder: Path) -> Path:
    """Pack a bundle of two members by hand."""
    files = {"results/a.csv": b"a,b\n1,2\n" * 40, "results/summary.json": b"{}\n"}
    members = {name: {"sha256": hashlib.sha256(one).hexdigest(), "bytes": len(one)} for name, one in files.items()}
    told = {"software": "ecogeo", "format": 1, "version": "0", "inputs": [], "case": {}, "members": members}
    return archive_of(folder / "b.zip", ("manifest.json", json.dumps(told).encode()), *files.items())


@settings(max_examples=150)
@given(st.data())
def test_one_bit_changed_is_never_taken_for_whole(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = small_bundle(tmp_path_factory.mktemp("b"))
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        before = {name: archive.read(name) for name in archive.namelist()}
    assert verify_bundle(path, is_run_again=False).is_proven
    place, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
    try:
        found = verify_bundle(path, is_run_again=False)
    except UnusableFileError:
        return
    if found.is_proven:  # the bit was of no member: a time, a system, an attribute
        with zipfile.ZipFile(path) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == before


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_file_that_was_read_before_is_not_read_again(
    county: Path, tmp_path: Path, is_kept: bool, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    (tmp_path / "layers").mkdir()
    write_layer(tmp_path, "送审.gpkg", {"name": ["甲"]}, [block(1950, 1500, 100, 100)])
    file = tmp_path / "layers" / "送审.gpkg"
    asked = Case(kind="works", accuracy_m=5.0)
    whole = open_workspace(county)
    outline = whole.of_role("county")
    assert outline is not None
    found = inspect_file(file, county=outline.box, is_county_sure=True, outline=outline.coverage, is_whole=True)
    expected = write_bundle(whole, asked, tmp_path / "by_file.zip", file=file, decisions=None)
    monkeypatch.setattr("ecogeo.bundle.case.inspect_for_county", None)  # who calls it, breaks
    sent = Sent(found, digest(file), file if is_kept else None)
    made = write_bundle(whole, asked, tmp_path / "b.zip", file=sent)
    monkeypatch.undo()
    if is_kept:
        assert (tmp_path / "b.zip").read_bytes() == (tmp_path / "by_file.zip").read_bytes()
        assert made.sha256 == expected.sha256
        assert verify_bundle(tmp_path / "b.zip").is_proven
        return
    assert ("sites/送审.gpkg", "the file itself was not kept, its digest alone") in [
        (path, why.en) for path, why in made.left_out
    ]
    status, output, _ = run("verify", tmp_path / "b.zip", "--lang", "en")
    assert status == 2
    assert "sites/送审.gpkg is not carried: name it by --file" in output
    assert verify_bundle(tmp_path / "b.zip", file=file).is_proven


def test_a_file_other_than_the_one_read_is_refused(county: Path, tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    write_layer(tmp_path, "a.gpkg", {"name": ["甲"]}, [block(1950, 1500, 100, 100)])
    file = tmp_path / "layers" / "a.gpkg"
    sent = Sent(inspect_file(file, is_whole=True), "0" * 64, file)
    with pytest.raises(UsageError, match="is not what was read"):
        write_bundle(open_workspace(county), Case(), tmp_path / "b.zip", file=sent)


def test_a_county_that_was_changed_since_is_told_and_the_bundle_still_holds(
    bundle: Path, county: Path, run: Run
) -> None:
    assert verify_bundle(bundle, county=county).notes == ()
    write_layer(county, "redlines.gpkg", {"redline_id": ["A"], "name": ["甲"]}, [block(1000, 1000, 500, 1000)])
    status, output, _ = run("verify", bundle, "-w", county, "--lang", "en")
    assert status == 0
    assert "the county's files are others by now" in output
    assert "layers/redlines.gpkg" in output
    assert "layers/towns.gpkg" not in output


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_flipped_bit_goes_unseen_or_breaks_the_reader(whole: bytes, place: float, bit: int, tmp_path: Path) -> None:
    """A flipped bit is told or refused, or lies in what says nothing (a member's attributes, a time)."""
    changed = bytearray(whole)
    changed[int(place * len(changed))] ^= 1 << bit
    path = tmp_path / "flipped.zip"
    path.write_bytes(changed)
    try:
        found = verify_bundle(path, is_run_again=False)
    except UnusableFileError:
        return
    if not found.tampered:
        with zipfile.ZipFile(path) as archive, zipfile.ZipFile(io.BytesIO(whole)) as before:
            assert {name: archive.read(name) for name in archive.namelist()} == {
                name: before.read(name) for name in before.namelist()
            }
