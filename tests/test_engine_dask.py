"""The Dask crew on a real cluster of two workers, one of which is killed in the middle of the work."""

from __future__ import annotations

import json
import operator
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_engine import files_of, write_sites

from ecogeo.engine import Crew, check_in_pieces, screen_in_blocks
from ecogeo.engine.crew import work
from ecogeo.errors import EcogeoError, UnusableFileError, UsageError
from ecogeo.judging import judge_county
from ecogeo.law import read_law
from ecogeo.report.run_files import write_run
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace

distributed = pytest.importorskip("distributed", reason="the extra ecogeo[dask] is not installed")

pytestmark = pytest.mark.filterwarnings("default")  # Dask warns of its own doings


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as started:
        yield started


def test_the_files_are_those_of_local_work_although_a_worker_is_killed(
    county_folder: Path, tmp_path: Path, cluster: distributed.LocalCluster
) -> None:
    file = write_sites(tmp_path / "sites.parquet")
    screen_in_blocks(file, tmp_path / "local", root=county_folder, rows=1)
    with distributed.Client(cluster) as client:
        workers = client.run(os.getpid)
    assert len(set(workers.values())) == 2
    killed: list[int] = []

    def progress(_name: str, done: int, _of: int) -> None:
        if done == 3 and not killed:
            killed.append(next(iter(workers.values())))
            os.kill(killed[0], signal.SIGKILL)

    crew = Crew("dask", scheduler=cluster.scheduler_address)
    screen_in_blocks(file, tmp_path / "dask", root=county_folder, rows=1, crew=crew, progress=progress)
    assert killed
    assert files_of(tmp_path / "dask") == files_of(tmp_path / "local")


def kill_itself_once(marker: str) -> str:
    """Kill the worker this runs on, the first time; the second time do the work."""
    path = Path(marker)
    if not path.exists():
        path.write_text("killed", "utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not known there")
def test_a_task_that_takes_its_worker_with_it_is_done_again(tmp_path: Path, cluster: distributed.LocalCluster) -> None:
    markers = [str(tmp_path / name) for name in "ab"]
    assert sorted(work(Crew("dask", scheduler=cluster.scheduler_address), kill_itself_once, markers)) == ["a", "b"]


def refuse_odd(number: int) -> int:
    if number % 2:
        raise UnusableFileError("a.gpkg", Text("坏", "it is bad"))
    return number * number


def test_an_error_of_a_worker_is_told_whole(cluster: distributed.LocalCluster) -> None:
    crew = Crew("dask", scheduler=cluster.scheduler_address)
    assert sorted(work(crew, refuse_odd, range(2, 20, 2))) == [4, 16, 36, 64, 100, 144, 196, 256, 324]
    with pytest.raises(EcogeoError, match=r"a\.gpkg: it is bad"):
        list(work(crew, refuse_odd, range(2, 9)))


def test_checks_on_workers_give_the_same_files(
    county_folder: Path, tmp_path: Path, cluster: distributed.LocalCluster
) -> None:
    county = open_workspace(county_folder)
    write_run(judge_county(county, law=read_law(county)), tmp_path / "local", "zh")
    crew = Crew("dask", scheduler=cluster.scheduler_address)
    write_run(check_in_pieces(county_folder, crew=crew), tmp_path / "dask", "zh")
    assert files_of(tmp_path / "dask") == files_of(tmp_path / "local")


def test_a_cluster_of_its_own_is_started_and_ended(county_folder: Path, tmp_path: Path) -> None:
    file = write_sites(tmp_path / "sites.parquet")
    screen_in_blocks(file, tmp_path / "local", root=county_folder)
    screen_in_blocks(file, tmp_path / "dask", root=county_folder, crew=Crew("dask"))
    assert files_of(tmp_path / "dask") == files_of(tmp_path / "local")


def test_a_scheduler_lost_in_the_middle_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really, impatient = distributed.Client, {"timeout": 5, "set_as_default": False}
    monkeypatch.setattr(distributed, "Client", lambda address, **_options: really(address, **impatient))
    file = tmp_path / "scheduler.json"
    here = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)]
    beside = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "60", "--scheduler-file", str(file)]
    started = [
        subprocess.Popen([sys.executable, "-m", f"distributed.cli.{name}", *options], stderr=subprocess.DEVNULL)
        for name, options in (("dask_scheduler", [*here, "--port", "0"]), ("dask_worker", beside))
    ]
    try:
        until = time.monotonic() + 60.0
        while not file.exists() or not file.read_text("utf-8").endswith("}"):
            assert time.monotonic() < until
            time.sleep(0.05)
        address = json.loads(file.read_text("utf-8"))["address"]
        results = work(Crew("dask", scheduler=address), operator.neg, range(40))
        next(results)
        started[0].kill()
        with pytest.raises(EcogeoError, match="scheduler was lost; what is done is kept"):
            list(results)
    finally:
        for one in started:
            one.kill()
            one.wait()


def test_a_scheduler_that_does_not_answer() -> None:
    with pytest.raises(UsageError, match="does not answer"):
        list(work(Crew("dask", scheduler="tcp://127.0.0.1:1"), refuse_odd, [2]))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"ecogeo\[dask\]"):
        list(work(Crew("dask"), refuse_odd, [2]))
