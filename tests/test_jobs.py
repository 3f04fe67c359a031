"""Jobs in processes of their own: done, cancelled, interrupted, continued, failed, kept and removed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecogeo.errors import UsageError
from ecogeo.jobs import KINDS, Job, JobKind, KeptJobs, State, bench, jobs_folder, kept, worker
from ecogeo.jobs.kept import ORDER, RESULT, TOLD, WORK, Told, is_number, pack, read_job, read_told, write_order
from ecogeo.jobs.task import Made, Task
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace

NOW = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
DOING = Text("数", "counting")


def counts(task: Task) -> Made:
    """Write as many files as are asked for, each after a while; keep those an earlier run wrote."""
    kept_files = 0
    for number in range(task.parameters["count"]):
        path = task.folder / f"{number}.txt"
        kept_files += path.exists()
        if not path.exists():
            time.sleep(task.parameters.get("seconds", 0))
            part = path.with_suffix(".part")
            part.write_text(str(number), "utf-8")
            part.replace(path)
        task.tell(DOING, number + 1, task.parameters["count"])
    return Made((Text("注意", "note"),), {"kept": kept_files})


def dies(_task: Task) -> Made:
    """End the process without a word, as the system does when memory is short."""
    import os

    os._exit(9)


def breaks(_task: Task) -> Made:
    """Break, as a program does that has a fault."""
    msg = "a secret path"
    raise RuntimeError(msg)


def fills_the_disk(_task: Task) -> Made:
    """Find the disk full."""
    import errno

    raise OSError(errno.ENOSPC, "No space left on device")


def refuses(_task: Task) -> Made:
    """Find what it needs unusable."""
    raise UsageError([Text("图层坏了", "the layer is broken"), Text("表也坏了", "so is the table")])


WORKS: dict[str, Callable[[Task], Made]] = {
    one.__name__: one for one in (counts, dies, breaks, fills_the_disk, refuses)
}


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptJobs]:
    """Jobs whose kinds are the functions above; processes find them as this module does."""
    monkeypatch.setattr(bench, "_process", _process)
    for name in WORKS:
        monkeypatch.setitem(KINDS, name, JobKind(Text(name, name), f"test_jobs:{name}", "numbers.zip"))
    opened = KeptJobs(tmp_path, tmp_path / "jobs")
    yield opened
    opened.close()


def _process(root: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start the process of a job with the kinds of this module."""
    start = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import test_jobs\nfrom ecogeo.jobs import KINDS, JobKind, worker\nfrom ecogeo.wording import Text\n"
        "KINDS.update({n: JobKind(Text(n, n), f'test_jobs:{n}', 'numbers.zip') for n in test_jobs.WORKS})\n"
        f"raise SystemExit(worker.main({str(root)!r}, {str(folder)!r}))"
    )
    with (folder / kept.LOG).open("ab") as log:
        return subprocess.Popen([sys.executable, "-c", start], stdin=subprocess.PIPE, stderr=log)


def until(jobs: KeptJobs, number: str, wanted: Callable[[Job], bool]) -> Job:
    """Wait for a job to come so far."""
    for _ in range(600):
        job = jobs.get(number)
        assert job is not None
        if wanted(job):
            return job
        time.sleep(0.1)
    pytest.fail("the job never came so far")


def over(job: Job) -> bool:
    return not job.state.is_under_way


def test_a_job_is_done_and_its_files_are_packed(jobs: KeptJobs, tmp_path: Path) -> None:
    number = jobs.start("counts", {"count": 3}, at=NOW)
    job = until(jobs, number, over)
    assert (job.state, job.kind, job.at) == (State.DONE, "counts", "2026-01-31T08:00:00+00:00")
    assert job.told.notes == (Text("注意", "note"),)
    assert job.told.facts == {"kept": 0}
    assert job.told.files == (("0.txt", 1), ("1.txt", 1), ("2.txt", 1))
    result = jobs.result(number)
    assert result is not None
    with zipfile.ZipFile(result) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "0.txt": b"0",
            "1.txt": b"1",
            "2.txt": b"2",
        }
    assert not (tmp_path / "jobs" / number / WORK).exists()


def test_jobs_are_done_one_after_the_other(jobs: KeptJobs) -> None:
    first = jobs.start("counts", {"count": 2, "seconds": 0.5}, at=NOW)
    second = jobs.start("counts", {"count": 1}, at=NOW + timedelta(seconds=1))
    waiting = jobs.get(second)
    assert waiting is not None
    assert waiting.state == State.WAITING
    assert jobs.ahead_of(second) == 1
    until(jobs, second, over)
    done = jobs.get(first)
    assert done is not None
    assert done.state == State.DONE
    assert [job.number for job in jobs.every()] == [second, first]


def test_a_cancelled_job_keeps_what_it_made_and_goes_on_from_there(jobs: KeptJobs, tmp_path: Path) -> None:
    number = jobs.start("counts", {"count": 4, "seconds": 0.6}, at=NOW)
    until(jobs, number, lambda job: job.told.done >= 2)
    jobs.cancel(number)
    job = until(jobs, number, over)
    assert job.state == State.CANCELLED
    assert jobs.result(number) is None
    made = len(list((tmp_path / "jobs" / number / WORK).glob("*.txt")))
    assert made >= 2
    jobs.resume(number)
    job = until(jobs, number, over)
    assert job.state == State.DONE
    assert job.told.facts["kept"] == made


def test_a_waiting_job_is_cancelled_before_it_begins(jobs: KeptJobs) -> None:
    first = jobs.start("counts", {"count": 1, "seconds": 1.0}, at=NOW)
    second = jobs.start("counts", {"count": 1}, at=NOW)
    jobs.cancel(second)
    job = jobs.get(second)
    assert job is not None
    assert job.state == State.CANCELLED
    assert until(jobs, first, over).state == State.DONE
    assert jobs.get(second) == job


def test_when_the_server_ends_its_job_is_listed_as_interrupted_and_goes_on(tmp_path: Path, jobs: KeptJobs) -> None:
    number = jobs.start("counts", {"count": 4, "seconds": 0.6}, at=NOW)
    until(jobs, number, lambda job: job.told.done >= 1)
    jobs.close()
    again = KeptJobs(tmp_path, tmp_path / "jobs")
    try:
        (job,) = again.every()
        assert job.state == State.INTERRUPTED
        again.resume(number)
        job = until(again, number, over)
        assert job.state == State.DONE
        assert job.told.facts["kept"] >= 1
    finally:
        again.close()


def test_the_process_of_a_job_ends_with_a_server_that_was_killed(tmp_path: Path) -> None:
    """Nobody tells it: it sees that the other end of its standard input is gone."""
    folder = tmp_path / "0123456789abcdef"
    folder.mkdir()
    write_order(folder, kept.Order("counts", {"count": 100, "seconds": 0.5}, NOW.isoformat()))
    process = _process(tmp_path, folder)
    for _ in range(300):
        if read_told(folder).done:
            break
        time.sleep(0.1)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=30) == worker.STOPPED
    job = read_job(folder)
    assert job is not None
    assert job.state == State.INTERRUPTED


def test_a_job_of_another_server_is_seen_running_and_can_be_cancelled(tmp_path: Path, jobs: KeptJobs) -> None:
    number = jobs.start("counts", {"count": 50, "seconds": 0.5}, at=NOW)
    until(jobs, number, lambda job: job.told.done >= 1)
    other = KeptJobs(tmp_path, tmp_path / "jobs")
    seen = other.get(number)
    assert seen is not None
    assert seen.state == State.RUNNING
    other.cancel(number)
    assert until(jobs, number, over).state == State.CANCELLED
    other.close()


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("refuses", ["图层坏了", "表也坏了"]),
        ("fills_the_disk", [kept.DISK_FULL.zh]),
        ("breaks", ["程序内部出错，没有做完；详情在服务器的任务记录里，请联系管理员"]),
        ("dies", ["处理进程意外结束（可能内存不足），没有做完；已做好的文件还在，可以点“继续”"]),
    ],
)
def test_a_job_that_fails_says_why(jobs: KeptJobs, kind: str, says: list[str]) -> None:
    number = jobs.start(kind, {}, at=NOW)
    job = until(jobs, number, over)
    assert job.state == State.FAILED
    assert [problem.zh for problem in job.told.problems] == says


def test_what_broke_is_in_the_log_and_not_on_the_page(jobs: KeptJobs, tmp_path: Path) -> None:
    number = jobs.start("breaks", {}, at=NOW)
    job = until(jobs, number, over)
    assert "a secret path" not in str(job)
    for _ in range(50):  # the process writes its last lines while it ends
        if "a secret path" in (tmp_path / "jobs" / number / kept.LOG).read_text("utf-8"):
            break
        time.sleep(0.1)
    assert "a secret path" in (tmp_path / "jobs" / number / kept.LOG).read_text("utf-8")


def test_no_job_begins_on_a_disk_that_is_all_but_full(jobs: KeptJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "LEAST_FREE_BYTES", 1 << 62)
    with pytest.raises(UsageError, match="make room"):
        jobs.start("counts", {"count": 1}, at=NOW)
    assert jobs.every() == ()


def test_an_unknown_kind_is_refused(jobs: KeptJobs) -> None:
    with pytest.raises(UsageError, match="no job of the kind"):
        jobs.start("nothing", {}, at=NOW)


@pytest.fixture
def still(jobs: KeptJobs, monkeypatch: pytest.MonkeyPatch) -> KeptJobs:
    """Jobs of which none is ever begun."""
    monkeypatch.setattr(jobs, "_enqueue", lambda _number: None)
    return jobs


def test_old_jobs_and_too_many_are_removed(still: KeptJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "MOST_JOBS", 3)
    numbers = [still.start("counts", {}, at=NOW + timedelta(minutes=minute)) for minute in range(5)]
    assert [job.number for job in still.every()] == numbers[:1:-1]
    late = still.start("counts", {}, at=NOW + timedelta(days=14, minutes=4, seconds=30))
    assert [job.number for job in still.every()] == [late]


def test_jobs_that_take_too_much_room_are_removed_the_oldest_first(
    still: KeptJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "MOST_BYTES", 2500)
    numbers = [still.start("counts", {}, at=NOW + timedelta(minutes=minute)) for minute in range(3)]
    for number in numbers:
        (tmp_path / "jobs" / number / RESULT).write_bytes(bytes(1000))
    assert still.clear(NOW + timedelta(hours=1)) == (numbers[0],)


def test_a_running_job_is_never_cleared(jobs: KeptJobs) -> None:
    number = jobs.start("counts", {"count": 20, "seconds": 0.5}, at=NOW)
    until(jobs, number, lambda job: job.told.done >= 1)
    assert jobs.clear(NOW + timedelta(days=100)) == ()
    jobs.remove(number)
    assert jobs.every() == ()
    assert jobs.get(number) is None


@pytest.mark.parametrize("number", ["", "..", "../../etc", "0123456789ABCDEF", "0123456789abcde", "0123456789abcdef\n"])
def test_nothing_but_a_number_becomes_part_of_a_path(jobs: KeptJobs, number: str) -> None:
    assert not is_number(number)
    assert jobs.get(number) is None
    assert jobs.result(number) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"kind": 1}', b"\xff"])
def test_what_was_cut_off_in_the_middle_is_no_job(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ORDER).write_bytes(content)
    assert read_job(tmp_path) is None
    write_order(tmp_path, kept.Order("counts", {}, NOW.isoformat()))
    (tmp_path / TOLD).write_bytes(content)
    assert read_told(tmp_path) == Told()


def test_the_same_files_are_packed_to_the_same_bytes(tmp_path: Path) -> None:
    packed = []
    for name in ("one", "two"):
        work = tmp_path / name / WORK
        (work / "甲").mkdir(parents=True)
        (work / "甲" / "表.csv").write_text("1,2\n", "utf-8")
        (work / "index.html").write_text("<p>", "utf-8")
        assert pack(tmp_path / name) == (("index.html", 3), ("甲/表.csv", 4))
        packed.append((tmp_path / name / RESULT).read_bytes())
    assert packed[0] == packed[1]


def test_last_words_find_room_on_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / kept.RESERVE).write_bytes(bytes(10))
    kept.write_told(tmp_path, Told(doing=DOING, done=2, of=5))
    kept.last_words(tmp_path, [kept.DISK_FULL])
    told = read_told(tmp_path)
    assert (told.outcome, told.done, told.of, told.problems) == ("failed", 2, 5, (kept.DISK_FULL,))
    assert not (tmp_path / kept.RESERVE).exists()


def test_jobs_are_kept_in_the_county_unless_it_is_closed(county_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = open_workspace(county_folder)
    assert jobs_folder(workspace) == county_folder / "out" / "jobs"
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    elsewhere = jobs_folder(workspace)
    assert county_folder not in elsewhere.parents
    assert elsewhere == jobs_folder(workspace)


def test_orders_are_told_as_they_are_read(tmp_path: Path) -> None:
    order = kept.Order("counts", {"ids": ["甲"]}, "2026-01-31T08:00:00+00:00", "张三")
    write_order(tmp_path, order)
    assert json.loads((tmp_path / ORDER).read_text("utf-8"))["parameters"] == {"ids": ["甲"]}
    assert kept.read_order(tmp_path) == order


def test_no_thread_is_left_when_nothing_waits(jobs: KeptJobs) -> None:
    number = jobs.start("counts", {"count": 1}, at=NOW)
    until(jobs, number, over)
    for _ in range(50):
        if not any(thread.name.endswith("(_work)") for thread in threading.enumerate()):
            break
        time.sleep(0.1)
    assert not any(thread.name.endswith("(_work)") for thread in threading.enumerate())
