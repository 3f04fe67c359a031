"""What ecogeo's kernel spends its time on: reading, indexing and screening, one by one, in one warm process."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from benchmark.cases import CASES, make_files
from benchmark.comparing import Row, Say
from ecogeo.kernel import Polygons, ZoneIndex, overlap_area
from ecogeo.kernel.parquet import read_polygons

READING = "reading both files, geopandas (shapes), to flat arrays"
_THREADS = 2


def time_steps(name: str, folder: Path, *, sites: int | None, repeat: int, say: Say) -> list[Row]:
    """Time each step of a case, with files in the system's cache and everything compiled.

    Parameters
    ----------
    name
        Of `CASES`.
    folder
        Where files are kept.
    sites
        Another number of sites than the case has.
    repeat, say
        As in `compare_peers`.
    """
    case = CASES[name] if sites is None else replace(CASES[name], sites=sites)
    paths = make_files(case, folder)
    known = [read_polygons(path) for path in paths]
    index = ZoneIndex.build(known[1], threads=_THREADS)
    overlap_area(known[0], index, threads=_THREADS)
    steps: dict[str, Callable[[], Any]] = {
        READING: lambda: [_by_geopandas(path) for path in paths],
        "reading both files, ecogeo": lambda: _read(paths),
        "indexing the zones": lambda: ZoneIndex.build(known[1], threads=_THREADS),
        "screening": lambda: overlap_area(known[0], index, threads=_THREADS),
    }
    seconds: dict[str, list[float]] = {title: [] for title in steps}
    worked: dict[str, list[float]] = {title: [] for title in steps}
    for number in range(repeat):
        for title, step in steps.items():
            began, worked_s = time.perf_counter(), time.process_time()
            step()
            seconds[title].append(time.perf_counter() - began)
            worked[title].append(time.process_time() - worked_s)
            say(f"{number + 1}/{repeat} {title}: {seconds[title][-1]:.2f} s")
    return [Row(title, "", tuple(seconds[title]), cpu_s=float(np.median(worked[title]))) for title in steps]


def _by_geopandas(path: Path) -> Any:  # noqa: ANN401  shapely's own tuple
    return shapely.to_ragged_array(np.asarray(gpd.read_parquet(path, columns=["geometry"]).geometry))


def _read(paths: tuple[Path, Path]) -> list[Polygons]:
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(read_polygons, paths))
