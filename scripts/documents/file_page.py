"""The page of the files: every table the program writes or reads, column by column."""

from __future__ import annotations

from documents.markup import code, page, table, words


def file_page() -> str:
    """Return the page of all files."""
    parts = []
    for group, (zh, en) in words()["groups"].items():
        parts.append(f"## {zh} {en}")
        parts += [_section(name) for name, told in words()["files"].items() if told["group"] == group]
        if group == "run":
            parts += [_keys("summary.json", "summary"), _keys("inspection.json", "inspection")]
    return page(
        "文件 Files",
        "CSV 为 UTF-8，带 BOM，Excel 可直接打开；相同的输入得到相同的字节。面积一律为 CGCS2000 椭球面积。\n\n"
        "CSV is UTF-8 with BOM, so that Excel opens it; the same inputs give the same bytes. "
        "Areas are those of the ellipsoid of CGCS2000.",
        *parts,
    )


def _section(name: str) -> str:
    """Return the part of one table."""
    told = words()["files"][name]
    zh, en = told["say"]
    rows = [(code(column), *said(name, column)) for column in told["columns"].split()]
    return f"### {name}\n\n{zh}\n\n{en}\n\n{table(('列', '含义', 'Meaning'), rows)}"


def said(file: str, column: str) -> tuple[str, str]:
    """Return what a column of a file holds, in both languages: what is said of it there, else what it is anywhere.

    Raises
    ------
    KeyError
        Where nothing is said of it.
    """
    known = words()["columns"]
    zh, en = known.get(f"{file}:{column}") or known[column]
    return zh, en


def _keys(title: str, section: str) -> str:
    """Return the part of a JSON file: its entries."""
    rows = [(code(key), zh, en) for key, (zh, en) in words()[section].items()]
    return f"### {title}\n\n{table(('项', '含义', 'Meaning'), rows)}"
