"""The index of a folder of documents: what is in it, of which inputs; a page for people, a table for the next run."""

from __future__ import annotations

import html
import json
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd

from ecogeo.handkept import plain_text
from ecogeo.report.cells import write_csv
from ecogeo.report.material import Material
from ecogeo.report.source_sheet import judged_on_text
from ecogeo.table import read_cells
from ecogeo.wording import Lang, Text

INDEX_TABLE, INDEX_PAGE, JOURNAL = "index.csv", "index.html", "index.part.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file.

    Parameters
    ----------
    file
        Its place in the folder.
    title
        What it is.
    case_id, name
        The project; the id is empty for a file of all.
    run, key
        Digests of the run's inputs, and of all the file depends on.
    sha256
        Digest of the file.
    has_coordinates
        ``yes``, or ``no`` for people outside the office.
    """

    file: str
    title: str
    case_id: str
    name: str
    run: str
    key: str
    sha256: str
    has_coordinates: str


_COLUMNS = tuple(one.name for one in fields(Entry))


@dataclass(frozen=True, slots=True)
class KeptIndex:
    """What an earlier run wrote, finished or broken off, by file."""

    entries: Mapping[str, Entry]

    def note(self, folder: Path, entry: Entry) -> None:
        """Write down that a file is whole, so that a run that is broken off can be taken up."""
        with (folder / JOURNAL).open("a", encoding="utf-8", newline="\n") as journal:
            journal.write(json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True) + "\n")


def read_index(folder: Path) -> KeptIndex:
    """Read what an earlier run wrote; a last line that was cut off in the middle does not count.

    Raises
    ------
    UnusableFileError
        Where ``index.csv`` cannot be read.
    """
    entries: dict[str, Entry] = {}
    table = folder / INDEX_TABLE
    if table.is_file():
        cells = read_cells(table).map(plain_text)
        if set(_COLUMNS) <= set(cells.columns):
            rows = cells[list(_COLUMNS)].itertuples(index=False, name=None)
            entries = {row[0]: Entry(*map(str, row)) for row in rows}
    journal = folder / JOURNAL
    for line in journal.read_text("utf-8").splitlines() if journal.is_file() else ():
        if line.endswith("}"):
            entry = Entry(**json.loads(line))
            entries[entry.file] = entry
    return KeptIndex({file: one for file, one in entries.items() if _is_inside(file)})


def _is_inside(file: str) -> bool:
    """Tell whether a file named in an index lies in its folder: a table can be edited by anyone."""
    parts = file.replace("\\", "/").split("/")
    return bool(file) and not file.startswith("/") and ":" not in file and not {"..", ""} & set(parts)


def write_index(
    folder: Path, material: Material, entries: Mapping[str, Entry], problems: Sequence[tuple[str, Text]], lang: Lang
) -> tuple[Path, Path]:
    """Write the index as a page and as a table, by project, and end the journal.

    Parameters
    ----------
    folder
        The folder.
    material
        Of the run.
    entries
        Its files.
    problems
        Files that could not be made, and why.
    lang
        Language of the page.
    """
    order = {case.case_id: place for place, case in enumerate(material.cases)}
    rows = sorted(entries.values(), key=lambda one: (order.get(one.case_id, -1), one.file))
    table, page = folder / INDEX_TABLE, folder / INDEX_PAGE
    write_csv(pd.DataFrame([asdict(one) for one in rows], columns=list(_COLUMNS)), table)
    part = page.with_name(f"{page.name}.part")
    part.write_text(_page(material, rows, problems, lang), "utf-8", newline="\n")
    part.replace(page)
    (folder / JOURNAL).unlink(missing_ok=True)
    return page, table


def _link(entry: Entry) -> str:
    ending = entry.file.rpartition(".")[2].upper()
    return f'<a href="{urllib.parse.quote(entry.file)}">{html.escape(entry.title)} {ending}</a>'


def _page(material: Material, rows: Sequence[Entry], problems: Sequence[tuple[str, Text]], lang: Lang) -> str:
    county = material.workspace.county.title
    title = Text(f"{county.zh}套合分析成果目录", f"{county.en}: documents").say(lang)
    notice = "" if material.notice is None else material.notice.say(lang)
    by_case: dict[tuple[str, str], list[Entry]] = {}
    for row in rows:
        by_case.setdefault((row.case_id, row.name), []).append(row)
    body = []
    for (case_id, name), files in by_case.items():
        links = "　".join(map(_link, files))
        body.append(f"<tr><td>{html.escape(case_id)}</td><td>{html.escape(name)}</td><td>{links}</td></tr>")
    head = "".join(
        f"<th>{text.say(lang)}</th>"
        for text in (Text("编号", "No."), Text("项目或用地", "project or site"), Text("文件", "files"))
    )
    faults = "".join(f"<li>{html.escape(file)}：{html.escape(why.say(lang))}</li>" for file, why in problems)
    if faults:
        faults = f"<h2>{Text('未能生成', 'Could not be made').say(lang)}</h2><ul>{faults}</ul>"
    language = "zh-CN" if lang == "zh" else "en"
    style = (
        "body{font:15px/1.6 sans-serif;margin:2em auto;max-width:70em;padding:0 1em}"
        "table{border-collapse:collapse;width:100%}"
        "td,th{border:1px solid #9ca3af;padding:.3em .6em;text-align:left;vertical-align:top}.notice{color:#b91c1c}"
    )
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{style}</style></head>\n<body><h1>{html.escape(title)}</h1>\n"
        f'<p class="notice">{html.escape(notice)}</p>\n'
        f"<p>{html.escape(judged_on_text(material).say(lang))}</p>\n{faults}"
        f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(body) + "\n</tbody></table></body></html>\n"
    )
