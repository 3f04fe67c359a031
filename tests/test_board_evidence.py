"""What proves a value: kept under names of our own, listed with its hash, withdrawn and never lost."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.board import evidence
from ecogeo.board.evidence import EVIDENCE_TABLE, attach, evidence_files, evidence_list, plain_title, withdraw
from ecogeo.errors import UnusableFileError, UsageError

PDF = b"%PDF-1.7 report"
GIVEN = {"title": "统计公报 2025.pdf", "by": "张三", "on": "2026-03-01", "why": "证明 2025 年的值"}


def test_a_file_is_kept_under_a_name_of_our_own(tmp_path: Path) -> None:
    kept = attach(tmp_path, "10", PDF, **GIVEN)
    digest = hashlib.sha256(PDF).hexdigest()
    assert (kept.file, kept.sha256, kept.bytes, kept.state) == (f"{digest[:16]}.pdf", digest, len(PDF), "here")
    assert evidence_list(tmp_path, "10") == (kept,)
    assert evidence_list(tmp_path, "1") == ()
    assert [path.name for path in evidence_files(tmp_path, "10")] == [kept.file]
    rows = (tmp_path / "evidence" / EVIDENCE_TABLE).read_text("utf-8-sig").splitlines()
    assert rows[1] == f"10,{kept.file},{digest},15,统计公报 2025.pdf,attached,张三,2026-03-01,证明 2025 年的值"


def test_what_is_withdrawn_is_kept(tmp_path: Path) -> None:
    kept = attach(tmp_path, "10", PDF, **GIVEN)
    withdraw(tmp_path, "10", kept.file, by="李四", on="2026-03-02", why="年份错了")
    (found,) = evidence_list(tmp_path, "10")
    assert (found.state, found.is_proof, found.by, found.why) == ("withdrawn", False, "李四", "年份错了")
    assert (tmp_path / "evidence" / "10" / kept.file).read_bytes() == PDF
    assert len((tmp_path / "evidence" / EVIDENCE_TABLE).read_text("utf-8-sig").splitlines()) == 3
    assert attach(tmp_path, "10", PDF, **GIVEN).is_proof, "it may be attached anew"
    with pytest.raises(UsageError, match="no such evidence"):
        withdraw(tmp_path, "10", "nope.pdf", by="李四", on="2026-03-02", why="x")


def test_files_laid_there_by_hand_changed_or_gone_are_told(tmp_path: Path) -> None:
    kept = attach(tmp_path, "10", PDF, **GIVEN)
    second = attach(tmp_path, "10", PDF + b"2", **(GIVEN | {"title": "b.pdf"}))
    home = tmp_path / "evidence" / "10"
    (home / "by hand.jpg").write_bytes(b"\xff\xd8\xff")
    (home / kept.file).write_bytes(PDF + b" altered")
    (home / second.file).unlink()
    states = {one.title: (one.state, one.by) for one in evidence_list(tmp_path, "10")}
    assert states == {
        "统计公报 2025.pdf": ("changed", "张三"),
        "b.pdf": ("missing", "张三"),
        "by hand.jpg": ("here", ""),
    }


@pytest.mark.parametrize(
    ("content", "changed", "problem"),
    [
        (b"", {}, "空的"),
        (b"<html>", {}, "内容不是 .pdf"),
        (PDF, {"title": "x.html"}, "不收“.html”"),
        (PDF, {"title": "x.pdf.exe"}, "不收“.exe”"),
        (PDF, {"title": "x"}, "没有后缀"),
        (PDF, {"title": ""}, "文件名"),
        (b"PK\x03\x04", {"title": "x.png"}, "内容不是 .png"),
        (b"a\x00b", {"title": "x.txt"}, "内容不是 .txt"),
        (PDF, {"by": " "}, "提交人"),
        (PDF, {"why": ""}, "说明"),
        (PDF, {"why": "x" * 401}, "超过 400"),
        (PDF, {"on": "yesterday"}, "不是日期"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_kept(tmp_path: Path, content: bytes, changed: dict, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        attach(tmp_path, "10", content, **(GIVEN | changed))
    assert problem in caught.value.say("zh")
    assert not (tmp_path / "evidence").exists()


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        attach(tmp_path, "../x", b"", title="x.exe", by="", on="", why="")
    assert len(caught.value.problems) == 6


def test_a_file_has_a_largest_size_and_an_indicator_a_largest_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST_FILE_BYTES", 20)
    monkeypatch.setattr(evidence, "MOST_FILES", 1)
    with pytest.raises(UsageError, match="larger than"):
        attach(tmp_path, "10", PDF + b"123456", **GIVEN)
    attach(tmp_path, "10", PDF, **GIVEN)
    with pytest.raises(UsageError, match="attached already"):
        attach(tmp_path, "10", PDF, **GIVEN)
    with pytest.raises(UsageError, match="1 files at most"):
        attach(tmp_path, "10", PDF + b"2", **GIVEN)


def test_a_broken_table_is_told_with_every_fault(tmp_path: Path) -> None:
    home = tmp_path / "evidence"
    home.mkdir()
    head = "indicator_no,file,sha256,bytes,title,act,by,on,why"
    (home / EVIDENCE_TABLE).write_text(f"{head}\n10,../x,12,1,a,lost,b,soon,c\n", "utf-8-sig")
    with pytest.raises(UnusableFileError) as caught:
        evidence_list(tmp_path, "10")
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize("number", ["..", "", "a/b", "a\\b", "c:d", "."])
def test_a_number_that_names_no_folder_has_none(tmp_path: Path, number: str) -> None:
    assert evidence_list(tmp_path, number) == ()


def test_links_are_none(tmp_path: Path) -> None:
    (tmp_path / "secret.pdf").write_bytes(PDF)
    home = tmp_path / "evidence" / "10"
    home.mkdir(parents=True)
    (home / "x.pdf").symlink_to(tmp_path / "secret.pdf")
    assert evidence_files(tmp_path, "10") == ()


@given(st.text(max_size=60))
def test_any_name_becomes_a_plain_one(name: str) -> None:
    title = plain_title(name)
    assert not set(title) & set("/\\\0\n\r")
    assert title.isprintable()
    assert plain_title(title) == title
