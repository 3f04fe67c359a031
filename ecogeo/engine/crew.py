"""Who does the work: this process, processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ecogeo.errors import EcogeoError, UsageError
from ecogeo.wording import Text

if TYPE_CHECKING:
    from distributed import Client

Task = TypeVar("Task")
Result = TypeVar("Result")

_AHEAD = 2
"""Tasks each worker has in hand: the one it does and the next. More would only fill the memory."""

_RETRIES = 3


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the work. Whoever does it, the results are the same.

    Parameters
    ----------
    engine
        ``local``: processes of this machine; ``dask``: the workers of a Dask cluster.
    jobs
        How many processes; one local job works in this process.
    scheduler
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``; empty starts a cluster of `jobs` workers on this
        machine, that answers on the loopback interface only.

    Raises
    ------
    UsageError
        For less than one job, or a scheduler for an engine that has none.
    """

    engine: Literal["local", "dask"] = "local"
    jobs: int = 1
    scheduler: str = ""

    def __post_init__(self) -> None:
        problems = []
        if self.jobs < 1:
            problems.append(Text(f"并行数应至少为 1，不能是 {self.jobs}", f"at least 1 job is needed, not {self.jobs}"))
        if self.scheduler and self.engine != "dask":
            problems.append(
                Text("只有 --engine dask 才有调度器（--scheduler）", "only --engine dask has a scheduler (--scheduler)")
            )
        if problems:
            raise UsageError(problems)


@dataclass(frozen=True, slots=True)
class _Refused:
    """What stopped a task, in a shape that travels between processes."""

    problems: tuple[Text, ...]


def work(crew: Crew, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """Do tasks and yield their results as they come, in any order.

    Parameters
    ----------
    crew
        Who does them.
    function
        What is done: a function of a module, so that other processes find it.
    tasks
        Taken as they are needed, so that no more are held than are worked on.

    Raises
    ------
    EcogeoError
        What a task raised, that a worker was lost again and again, or that the scheduler was lost.
    UsageError
        Where Dask is wanted and not installed, or its scheduler does not answer.
    """
    if crew.engine == "dask":
        yield from _by_dask(crew, function, tasks)
    elif crew.jobs == 1:
        yield from (_undisturbed(function, task) for task in tasks)
    else:
        yield from _by_processes(crew.jobs, function, tasks)


def _guarded(function: Callable[[Task], Result], task: Task) -> Result | _Refused:
    """Do a task; an error of ours comes back as a value, because it would not survive the journey as an exception."""
    try:
        return _undisturbed(function, task)
    except EcogeoError as error:
        return _Refused(error.problems)


def _undisturbed(function: Callable[[Task], Result], task: Task) -> Result:
    """Do a task without looking for garbage meanwhile: hundreds of thousands of findings are held until its end."""
    was_looked_for = gc.isenabled()
    gc.disable()
    try:
        return function(task)
    finally:
        if was_looked_for:
            gc.enable()


def _told(result: Result | _Refused) -> Result:
    if isinstance(result, _Refused):
        raise EcogeoError(result.problems)
    return result


def _by_processes(jobs: int, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    waiting = iter(tasks)
    # Processes are spawned on every platform: a fork would copy threads and locks of the libraries in mid-air.
    # Ctrl-C reaches them, too: it is for this process to end the work, and for them to end with it, without a word.
    with ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    ) as pool:
        try:
            running: set[Future[Result | _Refused]] = set()
            while True:
                more = islice(waiting, _AHEAD * jobs - len(running))
                running |= {pool.submit(_guarded, function, task) for task in more}
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield _told(future.result())
        except BrokenProcessPool as error:
            raise EcogeoError(
                Text(
                    "一个工作进程意外结束（可能内存不足）；已完成的部分保留，请减少 --jobs 后重新运行",
                    "a worker process ended unexpectedly (out of memory?); what is done is kept: run again with fewer "
                    "--jobs",
                )
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _by_dask(crew: Crew, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    with _client(crew) as client:
        from distributed import KilledWorker, as_completed  # noqa: PLC0415  an extra
        from distributed.client import ClosedClientError  # noqa: PLC0415
        from distributed.comm.core import CommClosedError  # noqa: PLC0415

        def submit(task: Task) -> Any:  # noqa: ANN401  Dask's own future
            try:
                return client.submit(_guarded, function, task, pure=False, retries=_RETRIES)
            except (ClosedClientError, CancelledError, OSError) as error:
                raise _lost_scheduler() from error

        try:
            threads = len(client.nthreads())
        except (ClosedClientError, CancelledError, OSError) as error:
            raise _lost_scheduler() from error
        waiting = iter(tasks)
        first = islice(waiting, _AHEAD * max(1, threads))
        running = as_completed([submit(task) for task in first], loop=client.loop)
        for future in running:
            try:
                result = future.result()
            except KilledWorker as error:
                raise EcogeoError(
                    Text(
                        "同一任务多次使工作节点中断（可能内存不足）；已完成的部分保留，请给工作节点更多内存后重新运行",
                        "one task cost several workers their life (out of memory?); what is done is kept: give the "
                        "workers more memory and run again",
                    )
                ) from error
            except (ClosedClientError, CancelledError, CommClosedError) as error:
                raise _lost_scheduler() from error
            future.release()
            for task in islice(waiting, 1):
                running.add(submit(task))
            yield _told(result)


def _lost_scheduler() -> EcogeoError:
    return EcogeoError(
        Text(
            "与 Dask 调度器的连接中断；已完成的部分保留，请确认调度器在运行后重新运行",
            "the Dask scheduler was lost; what is done is kept: see that it is up and run again",
        )
    )


@contextmanager
def _client(crew: Crew) -> Iterator[Client]:
    """Connect to the cluster, or start one that is gone when the work is done."""
    try:
        from distributed import Client, LocalCluster  # noqa: PLC0415  an extra
    except ModuleNotFoundError as error:
        raise UsageError(
            Text(
                "使用 --engine dask 需要安装 ecogeo[dask]（pip install ecogeo[dask]）",
                "--engine dask needs the extra: pip install ecogeo[dask]",
            )
        ) from error
    if crew.scheduler:
        try:
            client = Client(crew.scheduler, timeout=15, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(
                Text(
                    f"Dask 调度器 {crew.scheduler} 没有响应",
                    f"the Dask scheduler {crew.scheduler} does not answer",
                )
            ) from error
        with client:
            yield client
        return
    with (
        LocalCluster(
            n_workers=crew.jobs,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client
