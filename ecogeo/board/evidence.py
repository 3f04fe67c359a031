"""What proves the values of a plan's indicators: files beside its tables, who attached or withdrew them, when and why.

The files lie in ``evidence/<indicator_no>/`` of the plan's folder. Those attached through the viewer are named by us,
after their content; what they were called, who gave them and why stands in ``evidence/evidence.csv``, which is only
ever appended to. A file somebody lays into the folder by hand is listed too, with nobody beside it. A withdrawn file
is not shown as proof any more, and stays where it is.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from ecogeo.errors import UsageError
from ecogeo.handkept import append_row, at, column_problems, is_day, numbered, read_decisions, refuse
from ecogeo.wording import Text, list_en, list_zh

EVIDENCE = "evidence"
"""The folder beside a plan's tables that holds, by number of the indicator, what proves its values."""

EVIDENCE_TABLE = "evidence.csv"
EVIDENCE_COLUMNS = ("indicator_no", "file", "sha256", "bytes", "title", "act", "by", "on", "why")
MOST_FILE_BYTES = 20 * 1024 * 1024
"""Largest file: a scanned report of a hundred pages takes less."""

MOST_FILES = 50
"""Most files of one indicator."""

MOST_LETTERS = {"title": 120, "by": 40, "why": 400}
_ZIP, _OLE = (b"PK\x03\x04",), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
KINDS: dict[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF-",),
    ".docx": _ZIP,
    ".xlsx": _ZIP,
    ".pptx": _ZIP,
    ".ofd": _ZIP,
    ".doc": _OLE,
    ".xls": _OLE,
    ".wps": (*_OLE, *_ZIP),
    ".et": (*_OLE, *_ZIP),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".tif": (b"II*\x00", b"MM\x00*"),
    ".csv": (),
    ".txt": (),
}
"""The kinds of files that are taken, each with how its content begins; text begins with anything but holds no zero."""

_ACTS = ("attached", "withdrawn")
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that proves a value.

    Parameters
    ----------
    indicator_no
        The indicator.
    file
        Its name in the folder.
    title
        What it was called when it was attached; of a file laid there by hand its name.
    sha256, bytes
        Its content and size as they are now; empty and 0 where it is not there any more.
    by, on, why
        Who attached it (or withdrew it), when and why; empty where it was laid there by hand.
    state
        ``here``; ``withdrawn``; ``missing`` where it is not in the folder; ``changed`` where its content is not what
        was attached.
    """

    indicator_no: str
    file: str
    title: str
    sha256: str
    bytes: int
    by: str
    on: str
    why: str
    state: str

    @property
    def is_proof(self) -> bool:
        """Whether it counts as proof."""
        return self.state in {"here", "changed"}


STATES = {
    "here": Text("有效", "attached"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "missing": Text("文件不在了", "file missing"),
    "changed": Text("内容已改动", "content changed since"),
}
"""What the state of a piece of evidence says."""


def evidence_files(folder: Path, indicator_no: str) -> tuple[Path, ...]:
    """Return the files in the folder of an indicator, by name; links and hidden files are none.

    Parameters
    ----------
    folder
        The plan's folder.
    indicator_no
        Number of the indicator; what is no plain name of a folder has no evidence.
    """
    home = _home(folder, indicator_no)
    if home is None or not home.is_dir() or home.is_symlink() or home.parent.is_symlink():
        return ()
    files = [path for path in home.iterdir() if path.is_file() and not path.is_symlink()]
    return tuple(sorted(path for path in files if not path.name.startswith(".")))


def evidence_list(folder: Path, indicator_no: str) -> tuple[Evidence, ...]:
    """Return everything that was ever attached to an indicator, and what lies in its folder besides, by title.

    Parameters
    ----------
    folder
        The plan's folder.
    indicator_no
        Number of the indicator.

    Raises
    ------
    UnusableFileError
        Where ``evidence.csv`` cannot be used, with everything that is wrong.
    """
    there = {path.name: path for path in evidence_files(folder, indicator_no)}
    last: dict[str, Mapping[str, str]] = {}
    for row in _rows(folder):
        if row["indicator_no"] == indicator_no:
            last[row["file"]] = row
    found = [_of_row(row, there.get(name)) for name, row in last.items()]
    found += [_by_hand(indicator_no, path) for name, path in there.items() if name not in last]
    return tuple(sorted(found, key=lambda one: (one.title, one.file)))


def attach(folder: Path, indicator_no: str, content: bytes, *, title: str, by: str, on: str, why: str) -> Evidence:
    """Keep a file as proof of an indicator's values, under a name of our own.

    Parameters
    ----------
    folder
        The plan's folder.
    indicator_no
        Number of the indicator; the caller knows it to be one of the plan.
    content
        The file.
    title
        What it is called, with its ending: that tells its kind, and is never opened or written to.
    by, on, why
        Who gives it, on which day (ISO), and why.

    Raises
    ------
    UsageError
        With everything that is wrong; nothing is kept then.
    UnusableFileError
        Where ``evidence.csv`` cannot be used.
    OSError
        Where the folder cannot be written.
    """
    title = plain_title(title)
    kind = PurePosixPath(title).suffix.lower()
    digest = hashlib.sha256(content).hexdigest()
    home = _home(folder, indicator_no)
    given = {"title": title, "by": by, "why": why}
    known = [one for one in evidence_list(folder, indicator_no) if one.is_proof]
    problems = [*_content_problems(content, kind), *_word_problems(given, on)]
    if home is None:
        problems.append(Text(f"指标编号“{indicator_no}”不能作文件夹名", f"“{indicator_no}” cannot name a folder"))
    if any(one.sha256 == digest for one in known):
        problems.append(Text("这份文件已经附在该指标下", "this very file is attached already"))
    if len(known) >= MOST_FILES:
        problems.append(Text(f"一个指标最多附 {MOST_FILES} 份文件", f"an indicator has {MOST_FILES} files at most"))
    if problems or home is None:
        raise UsageError(problems)
    name = f"{digest[:16]}{kind}"
    home.mkdir(parents=True, exist_ok=True)
    part = home / f".{name}.part"
    part.write_bytes(content)
    part.replace(home / name)
    kept = {"indicator_no": indicator_no, "file": name, "sha256": digest, "bytes": str(len(content))}
    _append(folder, **kept, **given, act="attached", on=on)
    return Evidence(indicator_no, name, title, digest, len(content), by, on, why, "here")


def withdraw(folder: Path, indicator_no: str, file: str, *, by: str, on: str, why: str) -> None:
    """Say that a file is no proof any more; it stays in its folder, and what was said of it in the table.

    Parameters
    ----------
    folder, indicator_no, file
        The plan's folder, the indicator, and the file's name in its folder.
    by, on, why
        Who says so, on which day (ISO), and why.

    Raises
    ------
    UsageError
        With everything that is wrong: no such file, or no name or reason given.
    UnusableFileError
        Where ``evidence.csv`` cannot be used.
    """
    known = next((one for one in evidence_list(folder, indicator_no) if one.file == file and one.is_proof), None)
    given = {"title": known.title if known else "-", "by": by, "why": why}
    problems = list(_word_problems(given, on))
    if known is None:
        problems.append(Text("没有这份佐证材料，或已撤回", "there is no such evidence, or it was withdrawn"))
    if problems or known is None:
        raise UsageError(problems)
    kept = {"indicator_no": indicator_no, "file": file, "sha256": known.sha256, "bytes": str(known.bytes)}
    _append(folder, **kept, **given, act="withdrawn", on=on)


def plain_title(name: str) -> str:
    r"""Return what a file is called, without folders and signs that cannot be seen.

    Examples
    --------
    >>> plain_title("C:\\统计\\公报 2025.PDF"), plain_title("../../x.pdf")
    ('公报 2025.PDF', 'x.pdf')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    return " ".join("".join(letter if letter.isprintable() else " " for letter in last).split()).lstrip(".")


def _home(folder: Path, indicator_no: str) -> Path | None:
    """Return the folder of an indicator; ``None`` for what is no plain name of one."""
    is_plain = indicator_no not in {"", ".", ".."} and not set(indicator_no) & set("/\\:\0")
    return folder / EVIDENCE / indicator_no if is_plain and indicator_no.isprintable() else None


def _rows(folder: Path) -> list[Mapping[str, str]]:
    """Read the table of what was attached and withdrawn."""
    path = folder / EVIDENCE / EVIDENCE_TABLE
    if not path.is_file():
        return []
    cells = read_decisions(path)
    refuse(path.name, column_problems(cells, EVIDENCE_COLUMNS))
    refuse(path.name, [at(row, problem) for row, one in numbered(cells) for problem in _row_problems(one)])
    return [one for _, one in numbered(cells)]


def _row_problems(cells: Mapping[str, str]) -> Iterator[Text]:
    if cells["act"] not in _ACTS:
        yield Text(
            f"act“{cells['act']}”应为 attached 或 withdrawn", f"act “{cells['act']}” must be attached or withdrawn"
        )
    if not cells["file"] or set(cells["file"]) & set("/\\:"):
        yield Text(f"file“{cells['file']}”不是文件名", f"file “{cells['file']}” is no name of a file")
    if not _SHA256.fullmatch(cells["sha256"]):
        yield Text("sha256 应为 64 位十六进制", "sha256 must be 64 hexadecimal digits")
    if not is_day(cells["on"]):
        yield Text(f"on“{cells['on']}”应为日期，如 2026-03-01", f"on “{cells['on']}” must be a day, as 2026-03-01")


def _word_problems(given: Mapping[str, str], on: str) -> Iterator[Text]:
    labels = {
        "title": Text("文件名", "the file's name"),
        "by": Text("提交人", "who gives it"),
        "why": Text("说明", "the reason"),
    }
    for name, text in labels.items():
        if not given[name].strip():
            yield Text(f"请填写{text.zh}", f"{text.en} is missing")
        elif len(given[name]) > MOST_LETTERS[name]:
            yield Text(f"{text.zh}超过 {MOST_LETTERS[name]} 个字", f"{text.en}: more than {MOST_LETTERS[name]} letters")
    if not is_day(on):
        yield Text(f"“{on}”不是日期", f"“{on}” is no day")


def _content_problems(content: bytes, kind: str) -> Iterator[Text]:
    """Yield what is wrong with a file: none, too large, of another kind, or not what its name says."""
    if not content:
        yield Text("文件是空的", "the file is empty")
    if len(content) > MOST_FILE_BYTES:
        most = MOST_FILE_BYTES // (1024 * 1024)
        yield Text(f"文件超过 {most} MB", f"the file is larger than {most} MB")
    if kind not in KINDS:
        yield Text(
            f"不收“{kind or '没有后缀'}”文件，可用 {list_zh(KINDS, most=20)}",
            f"“{kind or 'no ending'}” is not taken; {list_en(KINDS, most=20)} are",
        )
    elif content and not (content.startswith(KINDS[kind]) if KINDS[kind] else b"\0" not in content):
        yield Text(f"内容不是 {kind} 文件，请核对后缀", f"its content is no {kind} file: look at the ending")


def _append(folder: Path, **row: str) -> None:
    append_row(folder / EVIDENCE / EVIDENCE_TABLE, EVIDENCE_COLUMNS, row, ())


def _of_row(row: Mapping[str, str], path: Path | None) -> Evidence:
    """Make a piece of evidence of the last row about it and the file that is there."""
    digest, size = _content(path) if path is not None else ("", 0)
    state = "here" if digest == row["sha256"] else "missing" if path is None else "changed"
    state = "withdrawn" if row["act"] == "withdrawn" else state
    by, on, why = (row[name] for name in ("by", "on", "why"))
    return Evidence(row["indicator_no"], row["file"], row["title"], digest, size, by, on, why, state)


def _by_hand(indicator_no: str, path: Path) -> Evidence:
    digest, size = _content(path)
    return Evidence(indicator_no, path.name, path.name, digest, size, "", "", "", "here")


def _content(path: Path) -> tuple[str, int]:
    """Return the SHA-256 and the size of a file."""
    told = path.stat()
    return _digest(path, told.st_size, told.st_mtime_ns), told.st_size


@lru_cache(maxsize=2048)
def _digest(path: Path, _size: int, _changed_ns: int) -> str:
    """Return the SHA-256 of a file; it is read anew only after it changed."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
