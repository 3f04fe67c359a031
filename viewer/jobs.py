"""Long work as pages tell it: the jobs of the application, how far one is, and what a form does with it."""

from __future__ import annotations

from flask import abort, current_app
from flask_babel import gettext as _

from ecogeo.jobs import Job, KeptJobs
from viewer.languages import current_lang


def kept_jobs() -> KeptJobs:
    """Return the jobs of the application of the current request."""
    held: KeptJobs = current_app.extensions["ecogeo_jobs"]
    return held


def ahead_of(job: Job) -> int:
    """Return how many jobs wait before one that waits; 0 for others."""
    return kept_jobs().ahead_of(job.number) if job.state == "waiting" else 0


def state_words() -> dict[str, str]:
    """Return how far a job came, in words."""
    return {
        "waiting": _("排队"),
        "running": _("进行中"),
        "done": _("已完成"),
        "failed": _("未做成"),
        "cancelled": _("已取消"),
        "interrupted": _("已中断"),
    }


def progress_of(job: Job) -> dict[str, object]:
    """Return how far a job is, for the script of its page."""
    return {
        "state": job.state.value,
        "doing": job.told.doing.say(current_lang()),
        "done": job.told.done,
        "of": job.told.of,
        "ahead": ahead_of(job),
    }


def change_job(number: str, what: str | None) -> bool:
    """Do with a job what a form says, ``cancel``, ``resume`` or ``remove``, and tell whether the job is still there.

    Raises
    ------
    BadRequest
        If it says anything else.
    """
    jobs = kept_jobs()
    if what == "cancel":
        jobs.cancel(number)
    elif what == "resume":
        jobs.resume(number)
    elif what == "remove":
        jobs.remove(number)
        return False
    else:
        abort(400)
    return True


def unwritable() -> str:
    """Say that the folder of results cannot be written."""
    return str(_("结果文件夹写不进去：磁盘可能已满，或没有写入权限，请联系管理员"))
