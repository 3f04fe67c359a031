"""The reading process: one file after the other, asked for on standard input, told on standard output.

It is started with every driver off that no reader of ours asks for (see `ecogeo.intake.reader`). Before the first file
it gives up what reading does not need: network, other programs, writing outside the folder of the file, and memory
beyond a limit where the system knows such limits (not on Windows).
"""

from __future__ import annotations

import json
import os
import struct
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.crs import read_assumption
from ecogeo.errors import EcogeoError, UnusableFileError
from ecogeo.inspection import Inspection, inspect_file
from ecogeo.intake.parts import OWN_STEM
from ecogeo.intake.passing import packed
from ecogeo.layer import digest
from ecogeo.priority import give_way
from ecogeo.wording import Text

if sys.platform != "win32":
    import resource

MOST_MEMORY_BYTES = 3 << 30
MOST_FILE_BYTES = 400 << 20
MOST_FEATURES = 5000
MOST_VERTICES = 2_000_000
SIZE = struct.Struct(">cQ")
"""In front of each message: what it is, and how many bytes follow."""

READY, TOLD, REFUSED = b"!", b"+", b"-"

_REFUSED_EVENTS = (
    *("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"),
    *(
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "os.fork",
        "os.forkpty",
        "os.startfile",
    ),
    *("os.kill", "ctypes.dlopen", "ftplib.connect", "http.client.connect", "urllib.Request", "webbrowser.open"),
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def work(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Read files as asked until nobody asks any more.

    Parameters
    ----------
    requests
        Lines of JSON, see `ecogeo.intake.reader`.
    answers
        For each a message, with its kind and size in front.
    """
    _send(answers, READY, b"")
    for line in requests:
        request = json.loads(line)
        try:
            _send(answers, TOLD, _read(request))
        except EcogeoError as error:
            _send(answers, REFUSED, _problems(error.problems, request))
        except MemoryError:
            problem = Text("内存超过限额：文件太大或太复杂", "it takes more memory than is allowed")
            refusal = UnusableFileError(request["shown"], problem)
            _send(answers, REFUSED, _problems(refusal.problems, request))


def _read(request: dict[str, Any]) -> bytes:
    """Return the digest of a file, and how it was read."""
    path = Path(request["path"])
    tempfile.tempdir = str(path.parent)
    box = request["county"]
    inspection = inspect_file(
        path,
        layer=request["layer"],
        county=None if box is None else tuple(box),
        outline=shapely.from_wkb(bytes.fromhex(request["outline"])) if request["outline"] else None,
        assumption=read_assumption(request["assume"]),
        is_whole=True,
    )
    _require_limits(inspection, path)
    return bytes.fromhex(digest(path)) + packed(_under_own_name(inspection, path.name, request["shown"]))


def _require_limits(inspection: Inspection, path: Path) -> None:
    """Refuse what no counter takes, though it could be read."""
    problems = []
    vertices = int(shapely.get_num_coordinates(inspection.sound.geometries).sum())
    if inspection.features > MOST_FEATURES:
        problems.append(
            Text(
                f"有 {inspection.features} 个要素，最多 {MOST_FEATURES} 个；请用命令行 ecogeo screen",
                f"it holds {inspection.features} features, at most {MOST_FEATURES}; use the command ecogeo screen",
            )
        )
    if vertices > MOST_VERTICES:
        problems.append(
            Text(
                f"有 {vertices} 个顶点，最多 {MOST_VERTICES} 个；请用命令行 ecogeo screen",
                f"it holds {vertices} vertices, at most {MOST_VERTICES}; use the command ecogeo screen",
            )
        )
    if problems:
        raise UnusableFileError(path.name, problems)


def _under_own_name(inspection: Inspection, name: str, shown: str) -> Inspection:
    """Return an inspection that names the file as people know it."""
    stem = shown.rpartition(".")[0] or shown
    layer = inspection.reading.layer
    return replace(
        inspection,
        file=shown,
        reading=replace(inspection.reading, layer=stem if layer == OWN_STEM else layer),
        doubts=tuple(_renamed(doubt, name, shown) for doubt in inspection.doubts),
    )


def _renamed(text: Text, name: str, shown: str) -> Text:
    stem = shown.rpartition(".")[0] or shown
    zh, en = (one.replace(name, shown).replace(OWN_STEM, stem) for one in (text.zh, text.en))
    return Text(zh, en)


def _problems(problems: Sequence[Text], request: dict[str, Any]) -> bytes:
    name, shown = Path(request["path"]).name, str(request["shown"])
    renamed = [_renamed(problem, name, shown) for problem in problems]
    return json.dumps([[one.zh, one.en] for one in renamed], ensure_ascii=False).encode("utf-8", "replace")


def _send(answers: IO[bytes], kind: bytes, message: bytes) -> None:
    answers.write(SIZE.pack(kind, len(message)))
    answers.write(message)
    answers.flush()


def _load_measures() -> None:
    """Measure a square once: the compiled loops are a library, and may have to be compiled, which is refused later."""
    square = np.array([shapely.box(109.0, 24.0, 109.001, 24.001)], dtype=object)
    geodesy.area_m2(square)
    geodesy.length_m(shapely.boundary(square))


def _give_up(folder: Path) -> None:
    """Give up network, other programs, writing elsewhere, and memory beyond the limit."""
    if sys.platform != "win32":
        for limit, most in (
            (resource.RLIMIT_AS, MOST_MEMORY_BYTES),
            (resource.RLIMIT_FSIZE, MOST_FILE_BYTES),
            (resource.RLIMIT_CORE, 0),
        ):
            hard = resource.getrlimit(limit)[1]
            within = most if hard == resource.RLIM_INFINITY else min(most, hard)
            try:
                resource.setrlimit(limit, (within, within))
            except (ValueError, OSError):  # this system knows the limit and cannot set it
                continue
    home = os.path.realpath(folder)

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _REFUSED_EVENTS:
            raise PermissionError(event)
        if event == "open" and isinstance(arguments[0], str | bytes):
            mode, flags = arguments[1] or "", arguments[2] or 0
            writes = any(sign in mode for sign in "wax+") if isinstance(mode, str) and mode else bool(flags & _WRITING)
            place = os.path.realpath(os.fsdecode(arguments[0]))
            if writes and place != os.devnull and os.path.commonpath([home, place]) != home:
                raise PermissionError(place)

    sys.addaudithook(refuse)


def main() -> None:
    """Serve until standard input ends; nothing but answers reaches standard output."""
    give_way()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _load_measures()
    _give_up(Path.cwd())
    work(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
