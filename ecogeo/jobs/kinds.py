"""The kinds of jobs there are; another one is another row."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from ecogeo.jobs.task import Made, Task
from ecogeo.wording import Text


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind.

    Parameters
    ----------
    title
        What it is called.
    entry
        ``module:function``: takes a `Task` and returns what it `Made`. It is imported by the job's process alone.
    file_name
        What its result is called when it is handed out.
    """

    title: Text
    entry: str
    file_name: str

    def work(self) -> Callable[[Task], Made]:
        """Return the function that does the work."""
        module, _, name = self.entry.partition(":")
        return cast("Callable[[Task], Made]", getattr(importlib.import_module(module), name))


KINDS = {
    "documents": JobKind(Text("成果文件", "documents"), "ecogeo.jobs.documents:make_documents", "ecogeo-documents.zip"),
    "siting": JobKind(Text("选址", "siting"), "ecogeo.jobs.siting:find_ground", "ecogeo-siting.zip"),
}
