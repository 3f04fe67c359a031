"""The folder of parts of a screening: what came of each block, until the files of the run are put together.

A block counts as done once what it told is there, with every fragment it names, whole. Only one program works in a
folder of results at a time.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecogeo.engine.judging import JudgedBlock
from ecogeo.errors import UsageError
from ecogeo.locking import is_held, is_taken
from ecogeo.wording import Text

_PARTS = re.compile(r"parts-[0-9a-f]{16}(-removed)?")
_REMOVED = "-removed"
_LOCK = ".lock"
_FRAGMENTS = "fragments"


@contextmanager
def own_parts(out: Path, fingerprint: str) -> Iterator[Path]:
    """Hold the folder of parts of a job for as long as it is worked on; those of jobs never finished are removed.

    Parameters
    ----------
    out
        The folder of the run.
    fingerprint
        What names the job.

    Raises
    ------
    UsageError
        Where another program screens into the same folder.
    """
    parts = out / f"parts-{fingerprint}"
    _others(parts)
    parts.mkdir(parents=True, exist_ok=True)
    with (parts / _LOCK).open("ab") as stream:
        stream.seek(0)
        if not is_taken(stream):
            raise _busy(out)
        # Whoever came since the first look sees this lock, or is seen now: no parts are removed while in use.
        for folder in _others(parts):
            remove_parts(folder)
        yield parts


def _others(parts: Path) -> list[Path]:
    """Return the folders of other jobs' parts, if nobody works on them."""
    out = parts.parent
    if not out.is_dir():
        return []
    others = [one for one in out.iterdir() if one.is_dir() and _PARTS.fullmatch(one.name) and one != parts]
    if any(is_held(one / _LOCK) for one in others):
        raise _busy(out)
    return others


def _busy(out: Path) -> UsageError:
    return UsageError(
        Text(
            f"另一个程序正在向 {out.name} 写入筛查结果（或该磁盘不支持文件锁）：请等它结束，或用 -o 指定另一个文件夹",
            f"another program is screening into {out.name} (or the drive knows no locks): wait for it to end, or give "
            "another folder with -o",
        )
    )


def remove_parts(parts: Path) -> None:
    """Remove a folder of parts, so that a run killed meanwhile leaves none that could be taken for one to go on from.

    Parameters
    ----------
    parts
        The folder.
    """
    doomed = parts if parts.name.endswith(_REMOVED) else parts.with_name(parts.name + _REMOVED)
    if doomed != parts:
        shutil.rmtree(doomed, ignore_errors=True)
        parts.rename(doomed)
    shutil.rmtree(doomed)


def keep(judged: JudgedBlock, parts: Path) -> None:
    """Keep what came of a block; what it told comes last, with the size of every fragment it names."""
    for name, fragment in judged.fragments.items():
        write_part(parts / name / f"{judged.number:09d}.arrow", fragment)
    sizes = {name: len(fragment) for name, fragment in judged.fragments.items()}
    told = json.dumps({**judged.told, _FRAGMENTS: sizes}, ensure_ascii=False)
    write_part(parts / f"{judged.number:09d}.json", told.encode())


def write_part(path: Path, content: bytes) -> None:
    """Write a file of parts; it is there only once it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def done_blocks(parts: Path) -> set[int]:
    """Return the numbers of the blocks that need not be judged again."""
    return {int(path.stem) for path in parts.glob("*.json") if _is_whole(path, parts)}


def _is_whole(path: Path, parts: Path) -> bool:
    """Tell whether a block told all it had to, and all it names is there; a power cut may leave empty files."""
    try:
        sizes = json.loads(path.read_bytes())[_FRAGMENTS]
        found = {name: (parts / name / f"{path.stem}.arrow").stat().st_size for name in sizes}
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(found == sizes)


def told_by_blocks(parts: Path) -> list[Mapping[str, Any]]:
    """Return what all blocks told, in their order."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(parts.glob("*.json"))]
