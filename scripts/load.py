"""Load on the loopback: people browse while screenings run; errors, percentiles and memory are told at the end.

It starts a server of its own, asks nothing but that, and stops by itself.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
PAGES = (
    "/",
    "/projects",
    "/projects?view=money",
    "/indicators",
    "/checks",
    "/shorelines",
    "/mines",
    "/land",
    "/healthz",
)
CORNERS = "109.30 24.20\n109.32 24.20\n109.32 24.22\n109.30 24.22\n109.30 24.20"
SERVE = """
import sys
from pathlib import Path
from ecogeo.workspace import open_workspace
from viewer.serve import serve
serve(open_workspace(Path(sys.argv[1])), port=0, announce=lambda address: print(address, flush=True))
"""
_SEED = 11
_THINK_S = (0.5, 2.5)
"""People read for a while before they ask for the next page."""


@dataclass
class Seen:
    """What was measured, by many threads."""

    pages: list[float] = field(default_factory=list)
    screenings: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    beside_mb: list[float] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)


def main() -> int:
    """Run the load and print what came out; status 1 where anything failed or the pages were too slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--county", type=Path, default=HOME, help="county folder (default: the sample)")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--screenings", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--most-p95-ms", type=float, default=300.0)
    told = parser.parse_args()
    minutes = min(told.minutes, 60.0)
    with subprocess.Popen(  # noqa: S603  this very interpreter
        [sys.executable, "-c", SERVE, str(told.county)], cwd=HOME, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None  # noqa: S101  it is a pipe
            port = urllib.parse.urlsplit(server.stdout.readline()).port or 0
            seen = _load(port, server.pid, told.people, told.screenings, minutes * 60)
        finally:
            server.terminate()
    outcome = _outcome(seen, told.people, told.screenings, minutes)
    sys.stdout.write(json.dumps(outcome, indent=2) + "\n")
    return int(bool(seen.errors) or not seen.pages or outcome["page_p95_ms"] > told.most_p95_ms)


def _load(port: int, pid: int, people: int, screenings: int, seconds: float) -> Seen:
    """Let people browse and screenings run until the time is up."""
    warm = Seen()
    for page in PAGES:
        _get(HTTPConnection("127.0.0.1", port, timeout=300), page, warm.pages, warm)
    _screen(port, warm)
    seen = Seen(errors=warm.errors)
    until = time.monotonic() + seconds
    work = [threading.Thread(target=_browse, args=(port, number, until, seen)) for number in range(people)]
    work += [threading.Thread(target=_screen_on, args=(port, until, seen)) for _number in range(screenings)]
    for one in work:
        one.start()
    while any(one.is_alive() for one in work):
        seen.memory_mb.append(_memory_mb(pid))
        seen.beside_mb.append(sum(map(_memory_mb, _children(pid))))
        seen.loads.append(os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0)
        time.sleep(1)
    return seen


def _browse(port: int, number: int, until: float, seen: Seen) -> None:
    chance = random.Random(_SEED + number)  # noqa: S311  no secret
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    time.sleep(chance.uniform(0, _THINK_S[1]))
    while time.monotonic() < until:
        _get(connection, chance.choice(PAGES), seen.pages, seen)
        time.sleep(chance.uniform(*_THINK_S))
    connection.close()


def _get(connection: HTTPConnection, path: str, times: list[float], seen: Seen) -> str:
    began = time.perf_counter()
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, HTTPException) as error:
        seen.errors.append(f"{path}: {type(error).__name__}")
        connection.close()
        return ""
    times.append(time.perf_counter() - began)
    if answer.status >= 400:
        seen.errors.append(f"{path}: {answer.status}")
    return content.decode("utf-8", "replace")


def _screen_on(port: int, until: float, seen: Seen) -> None:
    while time.monotonic() < until:
        _screen(port, seen)


def _screen(port: int, seen: Seen) -> None:
    """Screen a site as the counter does: the form with its token, the corners, the case."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    page = _get(connection, "/screen", [], seen)
    token = re.search(r'name="token" value="([^"]+)"', page)
    if token is None:
        seen.errors.append("/screen: no form")
        return
    body = urllib.parse.urlencode({"token": token[1], "corners": CORNERS, "name": "load", "shape": "polygon"})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"http://127.0.0.1:{port}",
        "Sec-Fetch-Site": "same-origin",
    }
    began = time.perf_counter()
    try:
        connection.request("POST", "/screen", body, headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException) as error:
        seen.errors.append(f"screening: {type(error).__name__}")
        return
    finally:
        connection.close()
    seen.screenings.append(time.perf_counter() - began)
    if answer.status != 303:
        seen.errors.append(f"screening: {answer.status}")


def _memory_mb(pid: int) -> float:
    """Return the memory a process holds, MB; 0 where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/statm").read_text("ascii").split()
    except OSError:
        return 0.0
    return int(told[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _children(pid: int) -> list[int]:
    """Return the processes a server has beside it; nothing where the system does not tell."""
    found = []
    for told in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = told.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if words[1] == str(pid):
            found.append(int(told.parent.name))
    return found


def _outcome(seen: Seen, people: int, screenings: int, minutes: float) -> dict[str, float]:
    cuts = statistics.quantiles(seen.pages, n=100) if len(seen.pages) > 1 else [0.0] * 99
    for error, count in itertools.islice(sorted({one: seen.errors.count(one) for one in seen.errors}.items()), 10):
        sys.stderr.write(f"{count} × {error}\n")
    quarter = max(1, len(seen.memory_mb) // 4)
    return {
        "people": people,
        "screenings_at_once": screenings,
        "minutes": minutes,
        "pages": len(seen.pages),
        "page_p50_ms": round(cuts[49] * 1000, 1),
        "page_p95_ms": round(cuts[94] * 1000, 1),
        "page_p99_ms": round(cuts[98] * 1000, 1),
        "screenings": len(seen.screenings),
        "screening_median_s": round(statistics.median(seen.screenings), 2) if seen.screenings else 0.0,
        "errors": len(seen.errors),
        "memory_first_quarter_mb": round(statistics.median(seen.memory_mb[:quarter]), 1),
        "memory_last_quarter_mb": round(statistics.median(seen.memory_mb[-quarter:]), 1),
        "processes_beside_mb": round(max(seen.beside_mb, default=0.0), 1),
        "cores": os.cpu_count() or 0,
        "load_median": round(statistics.median(seen.loads), 1) if seen.loads else 0.0,
    }


if __name__ == "__main__":
    sys.exit(main())
