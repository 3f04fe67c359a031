"""All that is handed in, written to a folder: workbook, statements and map sheets, with an index.

Files are written one by one, each whole or not at all, and nothing of one is kept in memory for the next. A run that
was broken off goes on where it stopped: what was written of the same inputs is kept. What a person changed by hand is
put aside under another name, never overwritten.
"""

from __future__ import annotations

import gc
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import shapely

from ecogeo import __version__
from ecogeo.errors import EcogeoError, UsageError
from ecogeo.layer import digest
from ecogeo.report.document_index import Entry, KeptIndex, read_index, write_index
from ecogeo.report.mapsheet import (
    SHEET_TITLES,
    SHEETS,
    Form,
    Paper,
    Sheet,
    SheetKind,
    can_draw,
    draw_sheet,
    find_font,
    rendered,
)
from ecogeo.report.material import Case, Material
from ecogeo.report.statement import sentences_digest, statement_bytes
from ecogeo.report.workbook import workbook_bytes
from ecogeo.wording import Lang, Text

KINDS = ("xlsx", "docx", "maps")
WORKBOOK = Text("套合分析成果", "overlay")
STATEMENT = Text("情况说明", "statement")
_PICTURE_DPI = 150
_FORBIDDEN = '<>:"/\\|?*'
_RESERVED = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{name}{number}" for name in ("COM", "LPT") for number in range(1, 10))}
)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written, and how.

    Parameters
    ----------
    kinds
        Of `KINDS`.
    lang
        Language of documents and of the files' names.
    paper, forms, dpi
        Of the map sheets; forms are ``pdf`` and ``png``.
    with_coordinates
        False for people outside the office: no boundary points, no map sheets and no pictures.
    template
        The county's own Word template; None for the built-in form.
    font
        A font file for map sheets; None to look for one.
    """

    kinds: tuple[str, ...] = KINDS
    lang: Lang = "zh"
    paper: Paper = "A4"
    forms: tuple[Form, ...] = ("pdf", "png")
    dpi: int = 300
    with_coordinates: bool = True
    template: Path | None = None
    font: Path | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it.

    Parameters
    ----------
    paths
        The files, the index first.
    kept
        How many of them an earlier run had written of the same inputs.
    put_aside
        Files a person had changed, under their new names.
    problems
        File and reason of each that could not be made; the others were.
    """

    paths: tuple[Path, ...]
    kept: int
    put_aside: tuple[Path, ...]
    problems: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """One file: its place in the folder, what it is, of whom, what it depends on, and how to make it."""

    file: str
    title: Text
    case_id: str
    name: str
    key: str
    make: Callable[[], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """The sheets of the case at hand, each drawn once for all its forms; those of the one before are let go."""

    material: Material
    wanted: Wanted
    sheets: dict[tuple[str, SheetKind, Paper], Sheet] = field(default_factory=dict)

    def render(self, case: Case, kind: SheetKind, paper: Paper, form: Form, dpi: int) -> bytes:
        """Return a sheet in one form."""
        key = (case.case_id, kind, paper)
        if key not in self.sheets:
            others = [one for one in self.sheets if one[0] != case.case_id]
            for other in others:
                self.sheets.pop(other).let_go()
            if others:
                gc.collect()  # what is drawn refers to itself in rings, which are seldom looked for unasked
            lang, font = self.wanted.lang, self.wanted.font
            self.sheets[key] = draw_sheet(self.material, case, kind, lang=lang, paper=paper, font=font)
        return rendered(self.sheets[key], form, dpi)


def write_documents(
    material: Material,
    cases: Sequence[Case],
    folder: Path,
    wanted: Wanted = Wanted(),
    progress: Progress = lambda _name, _done, _of: None,
) -> Written:
    """Write the documents of some cases.

    Parameters
    ----------
    material
        Of the run.
    cases
        Those to be written: each in a folder of its own, and where they are several a workbook and statement of all.
    folder
        Where to; it is made if need be.
    wanted
        What, and how.
    progress
        Told the file before it is made, how many were done, and of how many; what it raises ends the run, which can be
        taken up again.

    Raises
    ------
    UsageError
        Where a folder that holds coordinates is to take files for people outside.
    UnusableFileError
        Where the sentences, template or font cannot be used.
    """
    kept_index = read_index(folder)
    _require_apart(kept_index, folder, wanted)
    folder.mkdir(parents=True, exist_ok=True)
    run = _run_digest(material)
    tasks = list(_tasks(material, cases, wanted, _options_digest(material, wanted)))
    entries: dict[str, Entry] = {}
    put_aside: list[Path] = []
    problems: list[tuple[str, Text]] = []
    kept = 0
    for number, task in enumerate(tasks):
        progress(f"{task.case_id} {task.title.say(wanted.lang)}".strip(), number, len(tasks))
        before = kept_index.entries.get(task.file)
        path = folder / task.file
        state = "absent" if not path.is_file() else "same" if before and digest(path) == before.sha256 else "changed"
        if before is not None and before.key == task.key and state == "same":
            entries[task.file] = before
            kept += 1
            continue
        try:
            content = task.make()
        except EcogeoError as error:
            problems.append((task.file, Text(error.say("zh"), error.say("en"))))
            continue
        if state == "changed":
            put_aside.append(_put_aside(path, wanted.lang))
        _replace(path, content)
        made = hashlib.sha256(content).hexdigest()
        entry = Entry(
            *(task.file, task.title.say(wanted.lang), task.case_id, task.name, run, task.key, made),
            "yes" if wanted.with_coordinates else "no",
        )
        entries[task.file] = entry
        kept_index.note(folder, entry)
    progress("", len(tasks), len(tasks))
    others = {
        file: entry
        for file, entry in kept_index.entries.items()
        if file not in entries and _is_current(folder, entry, run)
    }
    index = write_index(folder, material, {**others, **entries}, problems, wanted.lang)
    paths = [*index, *(folder / file for file in entries)]
    return Written(tuple(paths), kept, tuple(put_aside), tuple(problems))


def safe_name(text: str) -> str:
    """Return a text that can be the name of a file or folder on every system.

    Examples
    --------
    >>> safe_name("P1/02: 甲*"), safe_name("con"), safe_name("..")
    ('P1_02_ 甲_', 'con_', '_')
    """
    tidy = (
        "".join("_" if one in _FORBIDDEN or not one.isprintable() else one for one in text)
        .strip(" .")[:80]
        .rstrip(" .")
    )
    return f"{tidy}_" if not tidy or tidy.split(".")[0].upper() in _RESERVED else tidy


def _tasks(material: Material, cases: Sequence[Case], wanted: Wanted, options: str) -> Iterator[_Task]:
    """Yield every file, those of all cases first."""
    drawn = _Drawn(material, wanted)
    lang, digests = wanted.lang, {case.case_id: _case_digest(material, case) for case in cases}
    if len(cases) > 1:
        every = _key(options, "all", *digests.values())
        yield from _sheets_and_words(drawn, cases, "", every)
    taken: dict[str, int] = {}
    for case in cases:
        name = safe_name(case.case_id)
        taken[name.casefold()] = taken.get(name.casefold(), 0) + 1
        if taken[name.casefold()] > 1:
            name = f"{name}_{taken[name.casefold()]}"
        home, own = f"{name}/", _key(options, case.case_id, digests[case.case_id])
        yield from _sheets_and_words(drawn, [case], home, own)
        if "maps" not in wanted.kinds or not wanted.with_coordinates:
            continue
        for kind in SHEETS:
            for form in wanted.forms if can_draw(case, kind) else ():
                title = SHEET_TITLES[kind]
                make = partial(drawn.render, case, kind, wanted.paper, form, wanted.dpi)
                file = f"{home}{title.say(lang).replace(' ', '_')}_{wanted.paper}.{form}"
                yield _Task(file, title, case.case_id, case.name, _key(own, kind, wanted.paper, form, wanted.dpi), make)


def _sheets_and_words(drawn: _Drawn, cases: Sequence[Case], home: str, key: str) -> Iterator[_Task]:
    """Yield workbook and statement of one case, or of all."""
    material, wanted = drawn.material, drawn.wanted
    lang, is_one = wanted.lang, len(cases) == 1
    who = (cases[0].case_id, cases[0].name) if is_one else ("", Text("全部", "all").say(lang))
    if "xlsx" in wanted.kinds and (not is_one or cases[0].record.sites):
        make = partial(workbook_bytes, material, cases, lang=lang, with_coordinates=wanted.with_coordinates)
        yield _Task(f"{home}{WORKBOOK.say(lang)}.xlsx", WORKBOOK, *who, _key(key, "xlsx"), make)
    if "docx" in wanted.kinds:
        make = partial(_statement, drawn, cases)
        yield _Task(f"{home}{STATEMENT.say(lang)}.docx", STATEMENT, *who, _key(key, "docx"), make)


def _statement(drawn: _Drawn, cases: Sequence[Case]) -> bytes:
    """Make a statement; that of a single case shows its map sheets."""
    material, wanted = drawn.material, drawn.wanted
    pictures = []
    if len(cases) == 1 and wanted.with_coordinates:
        for kind in SHEETS:
            if can_draw(cases[0], kind):
                picture = drawn.render(cases[0], kind, "A4", "png", _PICTURE_DPI)
                pictures.append((SHEET_TITLES[kind].say(wanted.lang), picture))
    return statement_bytes(
        material,
        cases,
        lang=wanted.lang,
        pictures=pictures,
        template=wanted.template,
        with_coordinates=wanted.with_coordinates,
    )


def _require_apart(index: KeptIndex, folder: Path, wanted: Wanted) -> None:
    """Refuse to mix files with and without coordinates in one folder."""
    mine = "yes" if wanted.with_coordinates else "no"
    if any(entry.has_coordinates != mine for entry in index.entries.values()):
        raise UsageError(
            Text(
                f"{folder.name} 中已有{'不含' if wanted.with_coordinates else '含'}坐标的成果，"
                "请换一个文件夹（-o），以免混在一起",
                f"{folder.name} already holds files {'without' if wanted.with_coordinates else 'with'} coordinates: "
                "choose another folder (-o), so that they are not mixed",
            )
        )


def _is_current(folder: Path, entry: Entry, run: str) -> bool:
    """Tell whether a file of an earlier call is still of these inputs; if not, it goes, unless a person changed it."""
    path = folder / entry.file
    if not path.is_file() or digest(path) != entry.sha256:
        return False
    if entry.run != run:
        path.unlink()
        return False
    return True


def _put_aside(path: Path, lang: Lang) -> Path:
    """Give a file that a person changed another name."""
    word, number = Text("人工改动", "changed").say(lang), 1
    while (aside := path.with_name(f"{path.stem}_{word}{number}{path.suffix}")).exists():
        number += 1
    return path.rename(aside)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()


def _run_digest(material: Material) -> str:
    report = material.report
    sources = [(one.name, one.path, one.sha256, one.version, one.date) for one in report.sources]
    states = [(run.name, run.status) for run in report.runs]
    return _key(__version__, sources, states, report.judged_on, report.rounding, report.notice)


def _options_digest(material: Material, wanted: Wanted) -> str:
    """Return the digest of what all files depend on: the run, how they are wanted, sentences, template and font."""
    has_maps = wanted.with_coordinates and bool({"docx", "maps"} & set(wanted.kinds))
    files = (wanted.template, find_font(wanted.font) if has_maps else None)
    digests = ["" if one is None else digest(one) if one.is_file() else one.name for one in files]
    words = sentences_digest(material) if "docx" in wanted.kinds else ""
    return _key(_run_digest(material), wanted.lang, wanted.with_coordinates, words, *digests)


def _case_digest(material: Material, case: Case) -> str:
    """Return the digest of all a case's documents tell of it."""
    frames = (case.judgements, case.zones, case.dropped, case.occupation)
    record = case.record
    told = (record.name, record.undertaking, record.towns, record.accuracy_m, record.answers, case.kind)
    findings = [one for _, one in material.report.findings if one.feature_id in case.grounds]
    shapes = [shapely.to_wkb(one.geometry).hex() for one in findings if one.geometry is not None]
    grounds = [(key, shapely.to_wkb(shape).hex()) for key, shape in sorted(case.grounds.items())]
    return _key(told, grounds, shapes, *(frame.to_csv() for frame in frames))
