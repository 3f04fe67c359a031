"""Measure ecogeo against other programs: same files, same question, whole processes, answers compared."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from benchmark.cases import CASES
from benchmark.comparing import compare_peers
from benchmark.page import Result, as_object, busy_programs, machine, render_section, render_table, write_section
from benchmark.registry import PEERS, ours_for
from benchmark.single import READ_SITES, time_reading, time_start

ROOT = Path(__file__).resolve().parent.parent
_PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> int:
    """Read the arguments, run the cases, show and keep the tables; 1 where answers differ."""
    arguments = _arguments()
    results = []
    for case in arguments.case:
        load = busy_programs()
        result = replace(_measured(case, arguments), load=load)
        results.append(result)
        print(f"{result.about}\n\n{render_table(result)}\n")
        if arguments.write:
            write_section(_PAGE, case, render_section(result, arguments.repeat))
    if arguments.json:
        found = {"machine": machine(), "repeat": arguments.repeat, "cases": [as_object(result) for result in results]}
        arguments.json.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return int(any(row.agreement and not row.agreement.is_same for result in results for row in result.rows))


def _measured(name: str, arguments: argparse.Namespace) -> Result:
    """Run one case."""
    rounds = {"repeat": arguments.repeat, "limit_s": arguments.limit_s, "say": _say}
    if name == "reading":
        rows = time_reading(arguments.data, sites=arguments.sites, **rounds)
        return Result(name, f"{arguments.sites or READ_SITES:,} sites read.", "", tuple(rows))
    if name == "start":
        return Result(name, "From a cold process to its end.", "", tuple(time_start(**rounds)))
    case = CASES[name] if arguments.sites is None else replace(CASES[name], sites=arguments.sites)
    rows = compare_peers(case, arguments.peers, arguments.data, **rounds)
    return Result(name, case.about, case.measure, tuple(rows), ours_for(arguments.peers, case.measure))


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _peers(words: str) -> list[str]:
    """Read names of peers, parted by commas."""
    names = words.split(",")
    unknown = sorted(set(names) - set(PEERS))
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known: {', '.join(PEERS)}")
    return names


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    cases = [*CASES, "reading", "start"]
    parser.add_argument("--case", nargs="+", choices=cases, default=["county"], help="default: county")
    parser.add_argument("--sites", type=int, help="another number of sites or lines than the case has")
    parser.add_argument("--peers", type=_peers, default=list(PEERS), help=f"of {','.join(PEERS)} (default: all)")
    parser.add_argument("--repeat", type=int, default=3, help="rounds; the median counts (default: 3)")
    parser.add_argument("--limit-s", type=float, default=1800.0, help="longest run of a program (default: 1800)")
    parser.add_argument(
        "--data", type=Path, default=ROOT / "bench-data", help="where files are kept (default: bench-data/)"
    )
    parser.add_argument("--json", type=Path, help="write the results there, too")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    arguments = parser.parse_args()
    if arguments.write and "tiny" in arguments.case:
        parser.error("the tiny case has no place in the page")
    arguments.data = arguments.data.resolve()  # the programs run in another folder
    return arguments


if __name__ == "__main__":
    sys.exit(main())
