"""Cases without a question of pairs: reading alone, and the cold start of the command line."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd

from benchmark.cases import CASES, make_files
from benchmark.comparing import SCRIPTS, Row, Say, row_of
from benchmark.running import Run, run_program

READ_SITES = 200_000
_PARCEL = "POLYGON ((109.30 24.25, 109.31 24.25, 109.31 24.26, 109.30 24.26, 109.30 24.25))"
_READERS = {"ecogeo_formats": "ecogeo", "geopandas_file": "geopandas", "geopandas_arrow": "geopandas, use_arrow"}


def time_reading(folder: Path, *, sites: int | None, repeat: int, limit_s: float, say: Say) -> list[Row]:
    """Time reading the province's sites, as GeoParquet and as GeoPackage.

    Parameters
    ----------
    folder
        Where files are kept.
    sites
        How many; None for 200,000.
    repeat, limit_s, say
        As in `compare_peers`.
    """
    case = replace(CASES["province"], sites=sites or READ_SITES, zones=1)
    parquet, _ = make_files(case, folder)
    package = parquet.with_suffix(".gpkg")
    if not package.exists():
        gpd.read_parquet(parquet).to_file(package, layer="sites", engine="pyogrio")
    commands = {}
    for path in (parquet, package):
        for reader, title in _READERS.items():
            if reader != "geopandas_arrow" or path is package:
                commands[f"{title}: {path.suffix[1:]}"] = _python("-m", f"benchmark.readers.{reader}", path, case.sites)
    return _timed(commands, repeat=repeat, limit_s=limit_s, say=say)


def time_start(*, repeat: int, limit_s: float, say: Say) -> list[Row]:
    """Time how long the command line takes from nothing to its help, and to the screening of one small file."""
    with TemporaryDirectory() as folder:
        parcel = Path(folder, "parcel.geojson")
        gpd.GeoSeries.from_wkt([_PARCEL], crs="EPSG:4490").to_frame("geometry").to_file(parcel)
        screen = (
            "-m",
            "ecogeo",
            "screen",
            parcel,
            "-w",
            SCRIPTS.parent,
            "-o",
            Path(folder, "out"),
            "-q",
            "--exit-zero",
        )
        commands = {
            "python, doing nothing": _python("-c", "pass"),
            "python, importing geopandas": _python("-c", "import geopandas"),
            "ecogeo --help": _python("-m", "ecogeo", "--help"),
            "ecogeo screen, one parcel, sample county": _python(*screen),
        }
        return _timed(commands, repeat=repeat, limit_s=limit_s, say=say)


def _python(*words: object) -> list[str]:
    """Return a command for this Python."""
    return [sys.executable, *(str(word) for word in words)]


def _timed(commands: Mapping[str, Sequence[str]], *, repeat: int, limit_s: float, say: Say) -> list[Row]:
    """Run commands in turn, round by round, after one round that does not count."""
    for command in commands.values():
        run_program(command, cwd=SCRIPTS, limit_s=limit_s)
    runs: dict[str, list[Run]] = {title: [] for title in commands}
    for number in range(repeat):
        for title, command in commands.items():
            run = run_program(command, cwd=SCRIPTS, limit_s=limit_s)
            runs[title].append(run)
            say(f"{number + 1}/{repeat} {title}: {run.trouble or f'{run.seconds:.2f} s'}")
    return [row_of(title, "", found) for title, found in runs.items()]
