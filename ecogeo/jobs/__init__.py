"""Long work beside the server: jobs of a named kind, each in a process and a folder of its own."""

from ecogeo.jobs.bench import MOST_JOBS, KeptJobs, jobs_folder
from ecogeo.jobs.kept import Job, State
from ecogeo.jobs.kinds import KINDS, JobKind
from ecogeo.jobs.task import Made, Task

__all__ = ["KINDS", "MOST_JOBS", "Job", "JobKind", "KeptJobs", "Made", "State", "Task", "jobs_folder"]
