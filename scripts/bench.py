"""Measure ecogeo against other programs: same files, same question, whole processes, answers compared."""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmark.cases import CASES, Case
from benchmark.comparing import compare_peers
from benchmark.engines import LOCAL, time_engines
from benchmark.engines import SITES as ENGINE_SITES
from benchmark.geodesy_case import OURS as GEODESY_OURS
from benchmark.geodesy_case import POLYGONS, VERTICES, time_geodesy
from benchmark.growing import SIZES, WAYS, measure_growth, render_growth
from benchmark.page import (
    Result,
    as_object,
    busy_programs,
    conditions,
    known,
    machine,
    render_section,
    render_table,
    write_section,
)
from benchmark.raster_cases import RASTER_CASES
from benchmark.registry import PEERS, ours_for
from benchmark.single import READ_SITES, time_reading, time_start
from benchmark.steps import time_steps

ROOT = Path(__file__).resolve().parent.parent
_PAGE, _SCALE_PAGE = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "scale.md"
_GEODESY = {"geodesy-area": "area_m2", "geodesy-length": "length_m"}
_STEPS = {"steps-county": "county", "steps-province": "province"}
_GROWTH = {f"scale-{way}": way for way in WAYS}


def main() -> int:
    """Read the arguments, run the cases, show and keep the tables; 1 where answers differ."""
    arguments = _arguments()
    results, grown = [], []
    for case in arguments.case:
        load = busy_programs()
        if case in _GROWTH:
            grown.append(_grown(case, arguments, load))
            continue
        result = replace(_measured(case, arguments), load=load)
        results.append(result)
        print(f"{result.about}\n\n{render_table(result)}\n", flush=True)
        if arguments.write:
            write_section(_PAGE, case, render_section(result, arguments.repeat))
    if arguments.json:
        cases = [*(as_object(result) for result in results), *grown]
        found = {"machine": machine(), "repeat": arguments.repeat, "cases": cases}
        arguments.json.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return int(any(row.agreement and not row.agreement.is_same for result in results for row in result.rows))


def _grown(name: str, arguments: argparse.Namespace, load: float) -> dict[str, Any]:
    """Measure how cost grows with the number of sites, show it, and return it for JSON."""
    rounds = {"repeat": arguments.repeat, "limit_s": arguments.limit_s, "say": _say}
    costs = measure_growth(_GROWTH[name], arguments.data, sizes=arguments.sizes, **rounds)
    print(f"{render_growth(costs)}\n", flush=True)
    if arguments.write:
        write_section(_SCALE_PAGE, name, f"{conditions(load, arguments.repeat)}\n\n{render_growth(costs)}")
    return {"case": name, "costs": [known(asdict(cost)) for cost in costs]}


def _measured(name: str, arguments: argparse.Namespace) -> Result:
    """Run one case."""
    rounds = {"repeat": arguments.repeat, "limit_s": arguments.limit_s, "say": _say}
    sites: int | None = arguments.sites
    if name == "reading":
        rows = time_reading(arguments.data, sites=sites, **rounds)
        return Result(name, f"{sites or READ_SITES:,} sites read.", "", tuple(rows))
    if name == "start":
        return Result(name, "From a cold process to its end.", "", tuple(time_start(**rounds)))
    if name == "engines":
        rows = time_engines(arguments.data, sites=sites, **rounds)
        about = f"{sites or ENGINE_SITES:,} parcels against the layers of the sample county; the same bytes."
        return Result(name, about, "any", tuple(rows), LOCAL)
    if name in _GEODESY:
        rows = time_geodesy(_GEODESY[name], sites=sites, repeat=arguments.repeat, say=_say)
        about = f"{sites or POLYGONS:,} polygons of {VERTICES} vertices, in memory; no process is started."
        return Result(name, about, _GEODESY[name], tuple(rows), GEODESY_OURS)
    if name in _STEPS:
        rows = time_steps(_STEPS[name], arguments.data, sites=sites, repeat=arguments.repeat, say=_say)
        return Result(name, "In one warm process, on two threads; files in the system's cache.", "", tuple(rows))
    plain = RASTER_CASES.get(name) or CASES[name]
    case = plain if sites is None else replace(plain, sites=sites)
    peers = arguments.peers or [peer for peer in PEERS if case.measure in PEERS[peer].measures]
    rows = compare_peers(case, peers, arguments.data, **rounds)
    return Result(name, case.about, case.measure, tuple(rows), ours_for(peers, case.measure))


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _peers(words: str) -> list[str]:
    """Read names of peers, parted by commas."""
    names = words.split(",")
    unknown = sorted(set(names) - set(PEERS))
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known: {', '.join(PEERS)}")
    return names


def _sizes(words: str) -> list[int]:
    """Read rising numbers, parted by commas."""
    return sorted({_count(word) for word in words.split(",")})


def _count(word: str) -> int:
    """Read a whole number of at least 1; 1e6 is one."""
    number = _at_least_one(word)
    if number != int(number):
        raise argparse.ArgumentTypeError(f"not a whole number: {word!r}")
    return int(number)


def _at_least_one(word: str) -> float:
    """Read a number of at least 1."""
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 1):
        raise argparse.ArgumentTypeError(f"not a number of at least 1: {word!r}")
    return number


def _told(case: Case) -> str:
    """Tell what sets a case apart from those of as many sites and zones."""
    if case.line_m:
        return case.about
    return (
        f"{case.about} Zones{' long and narrow,' if case.is_winding else ''} as large as {case.cover:g} of the ground."
    )


def _cases() -> dict[str, str]:
    """Return every case with a line about it."""
    return {
        **{name: _told(case) for name, case in CASES.items()},
        **{name: case.about for name, case in RASTER_CASES.items()},
        "reading": f"{READ_SITES:,} sites read as GeoParquet and as GeoPackage, by ecogeo and by GeoPandas.",
        "start": "From a cold process to its end: what a start costs.",
        "engines": f"{ENGINE_SITES:,} parcels screened in blocks: processes of this machine, and Dask.",
        **{name: f"{measure} of whole layers in memory, by several libraries." for name, measure in _GEODESY.items()},
        **{name: f"The steps of the case {case}, one by one, in a warm process." for name, case in _STEPS.items()},
        "scale-overlap": "The overlap of parcels and 20,000 zones at powers of ten of parcels (--sizes).",
        "scale-screen": "The whole command, every check, at powers of ten of parcels (--sizes).",
    }


def _arguments() -> argparse.Namespace:
    cases = _cases()
    listed = "\n".join(f"  {name:<17}{about}" for name, about in cases.items())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=f"cases:\n{listed}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--case", nargs="+", choices=list(cases), metavar="CASE", default=["county"], help="see below (default: county)"
    )
    parser.add_argument("--sites", type=_count, help="another number of sites or lines than the case has")
    sizes = ",".join(str(size) for size in SIZES)
    parser.add_argument("--sizes", type=_sizes, default=list(SIZES), help=f"of the cases of scale (default: {sizes})")
    parser.add_argument("--peers", type=_peers, help=f"of {','.join(PEERS)} (default: all that measure it)")
    parser.add_argument("--repeat", type=_count, default=3, help="rounds; the median counts (default: 3)")
    parser.add_argument(
        "--timeout",
        "--limit-s",
        dest="limit_s",
        type=_at_least_one,
        default=1800.0,
        help="longest run of a program, seconds (default: 1800)",
    )
    parser.add_argument(
        "--data", type=Path, default=ROOT / "bench-data", help="where files are kept (default: bench-data/)"
    )
    parser.add_argument("--json", type=Path, help="write the results there, too")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md and docs/scale.md")
    arguments = parser.parse_args()
    if arguments.write and "tiny" in arguments.case:
        parser.error("the tiny case has no place in the page")
    arguments.data = arguments.data.resolve()  # the programs run in another folder
    return arguments


if __name__ == "__main__":
    sys.exit(main())
