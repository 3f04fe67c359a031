"""The side that asks: a reading process per hand, killed after a time, its traces removed."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyogrio
import shapely

from ecogeo import GDAL_WITHOUT_NETWORK
from ecogeo.crs import read_assumption
from ecogeo.errors import EcogeoError, UnusableFileError, UsageError
from ecogeo.gauss import Box
from ecogeo.inspection import Inspection
from ecogeo.intake.folder import OwnFolder
from ecogeo.intake.parts import LaidDown, Part, lay_down
from ecogeo.intake.passing import unpacked
from ecogeo.intake.worker import READY, REFUSED, SIZE, TOLD
from ecogeo.wording import Text

SECONDS_PER_FILE = 30.0
SECONDS_TO_START = 90.0
MOST_ANSWER_BYTES = 512 << 20
DRIVERS = ("DXF", "ESRI Shapefile", "FlatGeobuf", "GPKG", "GeoJSON", "OpenFileGDB", "TopoJSON")
"""The drivers our readers ask for; KML, GPX, TXT, CSV and XLSX are read by ourselves."""

_DIGEST_BYTES = 32
_KEPT = ("PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PROJ_DATA", "PROJ_LIB")
_PACKAGE_HOME = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be read.

    Parameters
    ----------
    layer
        The layer inside it; empty takes the only one.
    assume
        What a person says of its coordinates, as `ecogeo.crs.read_assumption` takes it.
    county
        Box of the county it should belong to, degrees; None where nobody knows.
    outline
        The county's outline, to recognise the shift of a web map.
    """

    layer: str = ""
    assume: str = ""
    county: Box | None = None
    outline: shapely.Geometry | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Received:
    """An upload as it was understood.

    Parameters
    ----------
    inspection
        How it was read, under its own name.
    sha256
        Its digest; of the parts of a shapefile together.
    doubts
        What came with it and was not read.
    """

    inspection: Inspection
    sha256: str
    doubts: tuple[Text, ...]


class Reader:
    """Reads uploads in processes apart, each started when it is first needed and used for file after file.

    Parameters
    ----------
    hands
        How many files may be read at the same time.
    seconds
        How long one file may take before its process is killed.
    home
        Where temporary folders are made; None takes the system's.
    """

    def __init__(self, *, hands: int = 2, seconds: float = SECONDS_PER_FILE, home: Path | None = None) -> None:
        self._seconds = seconds
        self._home = home
        self._folder: OwnFolder | None = None
        self._making = threading.Lock()
        self._is_closed = False
        self._free: queue.LifoQueue[_Hand] = queue.LifoQueue()
        self._hands = [_Hand() for _ in range(hands)]
        for hand in self._hands:
            self._free.put(hand)
        self._end = weakref.finalize(self, _end, self._hands)

    @property
    def folder(self) -> OwnFolder:
        """The temporary folder, made when it is first needed."""
        with self._making:
            if self._is_closed:
                raise EcogeoError(Text("服务正在停止", "the server is stopping"))
            if self._folder is None:
                self._folder = OwnFolder(self._home)
            return self._folder

    def warm_up(self) -> None:
        """Start a process ahead of the first file, unless all are busy."""
        with contextlib.suppress(queue.Empty):
            hand = self._free.get_nowait()
            try:
                hand.start(self.folder.path)
            finally:
                self._free.put(hand)

    def read(self, parts: Sequence[Part], wanted: Wanted) -> Received:
        """Read an upload.

        Parameters
        ----------
        parts
            One file, or the loose parts of one shapefile.
        wanted
            How.

        Raises
        ------
        EcogeoError
            Where it cannot be used, with everything that is wrong; where it took too long or broke its reader; where
            all readers are busy.
        """
        read_assumption(wanted.assume)
        with self.scratch() as folder:
            laid = lay_down(parts, folder)
            try:
                hand = self._free.get(timeout=self._seconds)
            except queue.Empty:
                problem = Text("正在读取的文件太多，请稍后再试", "too many files are being read: try again later")
                raise UsageError(problem) from None
            try:
                hand.start(self.folder.path)
                answer = hand.ask(_request(laid, wanted), laid.shown, self._seconds)
            finally:
                self._free.put(hand)
        return Received(unpacked(answer[_DIGEST_BYTES:]), answer[:_DIGEST_BYTES].hex(), laid.doubts)

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give a folder of our own that is removed afterwards."""
        folder = self.folder.new()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """End the processes and remove the temporary folder."""
        with self._making:
            self._is_closed = True
        _end(self._hands)
        if self._folder is not None:
            self._folder.close()


class _Hand:
    """One reading process."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, folder: Path) -> None:
        """Start the process where it is not running."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ecogeo.intake.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=_environment(folder),
            close_fds=True,
        )
        if self._message(SECONDS_TO_START)[0] != READY:
            self.stop()
            problem = Text(
                "读取进程没有启动，请告知管理员", "the reading process does not start: tell whoever runs this"
            )
            raise EcogeoError(problem)

    def ask(self, request: Mapping[str, object], shown: str, seconds: float) -> bytes:
        """Have a file read and return what was told of it; a process that fails is ended."""
        process = self._process
        if process is None or process.stdin is None:
            raise _broken(shown)
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
        except OSError:
            self.stop()
            raise _broken(shown) from None
        kind, message, is_late = self._message(seconds)
        if kind == TOLD:
            return message
        if kind == REFUSED:
            raise EcogeoError(_refusal(message, shown))
        self.stop()
        if is_late:
            raise UnusableFileError(
                shown,
                Text(
                    f"{seconds:.0f} 秒内没有读完，已中止：文件太大、太复杂或有意拖延",
                    f"it was not read within {seconds:.0f} s and was stopped: too large, too complex, or made to last",
                ),
            )
        raise _broken(shown)

    def stop(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _message(self, seconds: float) -> tuple[bytes, bytes, bool]:
        """Return kind and content of the next message, and whether the process was killed for not sending it."""
        process = self._process
        if process is None or process.stdout is None:
            return b"", b"", False
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            kind, content = _next_message(process.stdout)
        except (OSError, ValueError):  # it was ended meanwhile
            kind, content = b"", b""
        finally:
            timer.cancel()
        return kind, content, late.is_set()


def _end(hands: Sequence[_Hand]) -> None:
    for hand in hands:
        hand.stop()


def _next_message(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """Return the next message; nothing where the stream ends or the message is none."""
    head = stream.read(SIZE.size)
    if len(head) < SIZE.size:
        return b"", b""
    kind, size = SIZE.unpack(head)
    if size > MOST_ANSWER_BYTES:
        return b"", b""
    content = stream.read(size)
    return (kind, content) if len(content) == size else (b"", b"")


def _broken(shown: str) -> UnusableFileError:
    return UnusableFileError(
        shown,
        Text(
            "读取中断：文件可能已损坏、太大（内存超限）或有意破坏读取程序",
            "reading broke off: the file may be damaged, too large for the memory allowed, or made to break readers",
        ),
    )


def _refusal(message: bytes, shown: str) -> list[Text]:
    """Return the sentences of a refusal, as far as they are sentences."""
    try:
        return [Text(str(zh), str(en)) for zh, en in json.loads(message)] or list(_broken(shown).problems)
    except ValueError:
        return list(_broken(shown).problems)


def _request(laid: LaidDown, wanted: Wanted) -> Mapping[str, object]:
    outline = wanted.outline
    return {
        "path": str(laid.path),
        "shown": laid.shown,
        "layer": wanted.layer,
        "assume": wanted.assume,
        "county": None if wanted.county is None else list(wanted.county),
        "outline": "" if outline is None else shapely.to_wkb(outline).hex(),
    }


def _environment(folder: Path) -> dict[str, str]:
    """Return what the process sees: nothing of the server's own settings, every other driver off, no network.

    The list is made of the drivers there are, so that a driver that comes with a new release is off too.
    """
    skipped = sorted(set(pyogrio.list_drivers()) - set(DRIVERS))
    paths = [str(_PACKAGE_HOME), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    own = {
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OGR_SKIP": ",".join(skipped),
        **GDAL_WITHOUT_NETWORK,
        "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP", "HOME", "USERPROFILE"), str(folder)),
    }
    return {**{name: os.environ[name] for name in _KEPT if name in os.environ}, **own}
