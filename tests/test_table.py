"""Tables: kept as text, refused with everything that is wrong."""

from pathlib import Path

import pytest

from ecogeo.catalog import TableDeclaration
from ecogeo.errors import UnusableFileError
from ecogeo.table import Table, read_table


def read(folder: Path, content: bytes, **declared: object) -> Table:
    (folder / "t.csv").write_bytes(content)
    return read_table("t", TableDeclaration.model_validate({"path": "t.csv", "key": "code", **declared}), folder)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_text_and_leading_zeros_survive(tmp_path: Path, encoding: str) -> None:
    frame = read(tmp_path, "code,name,area\n0450206,穿山镇,463.2\n2, 土博镇 ,\n".encode(encoding)).frame
    assert frame.to_numpy().tolist() == [["0450206", "穿山镇", "463.2"], ["2", "土博镇", ""]]


def test_quoted_cells_may_hold_commas_and_lines(tmp_path: Path) -> None:
    frame = read(tmp_path, '\ufeffcode,name\n1,"甲,\n乙"\n'.encode()).frame
    assert frame["name"].tolist() == ["甲,\n乙"]


def test_every_missing_column_and_every_double_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError) as refused:
        read(tmp_path, b"code,name\n1,a\n1,b\n,c\n", required=("area", "year"))
    message = refused.value.say("en")
    for part in ("area, year are missing", "is empty in 1 rows", "more than once: 1"):
        assert part in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"code,code\n1,2\n", "columns occur twice: code"),
        (b"code\n1,2\n", "rows 2 have more cells"),
        (b"code,name\n1,2\n3\n", "rows 3 have fewer cells"),
        (b'code,name\n1,"torn\n2,b\n', "a quote is never closed"),
        (b"code\n\xff\xff\xff\n", "no text in UTF-8, GB18030 or UTF-16: line 2"),
    ],
)
def test_unusable_tables(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(UnusableFileError, match=message):
        read(tmp_path, content)


def test_missing_table(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="does not exist"):
        read_table("t", TableDeclaration(path="t.csv", key="code"), tmp_path)
