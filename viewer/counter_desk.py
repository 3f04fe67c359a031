"""What the counter works with: its reader, its judges, its cases and whose they are, and what the county offers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from flask import abort, current_app, request

from ecogeo.counter import make_ready, planes_near
from ecogeo.counter.apart import JudgesApart
from ecogeo.errors import EcogeoError
from ecogeo.intake import Reader, Wanted
from ecogeo.project_types import ProjectType
from ecogeo.workspace import Workspace
from viewer.accounts.access import current_person
from viewer.casebook import Casebook, Held, is_mark
from viewer.prepared import prepared

MARK_COOKIE = "counter"
_LOG = logging.getLogger(__name__)


def set_up(app: Any) -> None:  # noqa: ANN401  a Flask application
    """Give an application its reader of uploads and its cases."""
    app.extensions["ecogeo_reader"] = Reader()
    app.extensions["ecogeo_cases"] = Casebook()


def own_case(number: str) -> Held:
    """Return a case of whoever asks; anybody else's is not there."""
    held = cases().get(owner(), number)
    if held is None:
        abort(404)
    return held


def owner() -> str:
    """Return whose cases these are: the account's where there are accounts, else the browser's; empty for nobody's.

    No account is called as a browser's mark, which is one only where it carries our signature.
    """
    person = current_person()
    return browser_mark() if person is None else f"account {person.name}"


def browser_mark() -> str:
    """Return the mark this server gave a browser; empty where it brings none or one of its own making."""
    mark = request.cookies.get(MARK_COOKIE, "")
    return mark if is_mark(mark) else ""


def cases() -> Casebook:
    """Return the cases of the application."""
    held: Casebook = current_app.extensions["ecogeo_cases"]
    return held


def reader() -> Reader:
    """Return what reads uploads, in a process apart."""
    held: Reader = current_app.extensions["ecogeo_reader"]
    return held


def how_to_read(layer: str = "", assume: str = "") -> Wanted:
    """Return how an upload is to be read: the layer inside it, what is assumed of it, and the county it is for."""
    outline = prepared().workspace.of_role("county")
    box, ground = (None, None) if outline is None else (outline.box, outline.coverage)
    return Wanted(layer, assume, box, ground)


def judges() -> JudgesApart | None:
    """Return what judges beside the server; None in an application that has no processes of its own for it."""
    held: JudgesApart | None = current_app.extensions.get("ecogeo_judges")
    return held


def warm_up(reader: Reader, judges: JudgesApart | None, workspace: Workspace) -> None:
    """Have everything ready before the first file comes; what is wrong is told to whoever sends it."""
    try:
        reader.warm_up()
        if judges is not None:
            judges.warm_up(workspace)
        else:
            make_ready(workspace)
    except EcogeoError:
        _LOG.info("counter: not ready ahead of the first file")


def known_planes() -> list[str]:
    """Return the planes a file may be said to be in, by their codes."""
    return [code for code, _words in planes_near(prepared().workspace)]


def project_types() -> Sequence[ProjectType]:
    """Return the types of project the county's rules know."""
    pack = prepared().workspace.rules()
    return () if pack is None else pack.types


def known_types() -> list[str]:
    """Return the types of project the county's rules know, by their ids."""
    return [kind.type_id for kind in project_types()]
