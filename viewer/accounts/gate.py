"""The gate: nobody passes without an account or does more than its role allows, and the log tells what was done."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from flask import Flask, Response, abort, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import Forbidden

from ecogeo.accounts import Deed, write_deed
from ecogeo.errors import EcogeoError
from ecogeo.jobs import Job
from viewer.accounts.access import (
    Access,
    Person,
    access,
    current_county,
    current_name,
    current_person,
    current_role,
)
from viewer.accounts.rights import LOOKED_AT_DATA, OPEN, OWN_PASSWORD, TOLD, WHAT, may, may_change_job
from viewer.metrics import metrics

_LOG = logging.getLogger(__name__)
_MOST_TOLD = 80
_PROGRAMS = re.compile(r"(?:^|/)ogc(?:/|$)")
_HARMLESS = {"GET", "HEAD", "OPTIONS"}


class NotAllowed(Forbidden):
    """Something the role of an account does not allow."""


def set_up(app: Flask, held: Access | None, county_id: str) -> None:
    """Put the gate before an application; without accounts whoever reaches it may do everything."""
    app.extensions["ecogeo_access"] = held
    app.config["ECOGEO_COUNTY"] = county_id
    app.context_processor(_words)
    if held is not None:
        app.before_request(_enforce)
        app.after_request(_tell)


def is_for_programs(path: str) -> bool:
    """Whether programs ask for an address, which send a name and password instead of a cookie.

    Examples
    --------
    >>> is_for_programs("/ogc/collections"), is_for_programs("/450206/ogc"), is_for_programs("/projects/ogcx")
    (True, True, False)
    """
    return _PROGRAMS.search(path) is not None


def _enforce() -> ResponseReturnValue | None:
    """Let nobody pass without an account, unless what is asked for is open to all."""
    held, endpoint = access(), request.endpoint or ""
    if held is None or endpoint == "static":
        return None
    try:
        g.person = held.person(request, with_password=is_for_programs(request.path))
    except EcogeoError:
        if endpoint not in OPEN:
            raise
        g.person = None
    if endpoint in OPEN:
        return None
    person = current_person()
    if person is None:
        return _sign_in_first()
    if person.account.must_change and endpoint not in OWN_PASSWORD:
        return redirect(url_for("accounts.own"), code=303)
    if not _is_allowed(held, person, endpoint):
        note("refused", outcome="refused")
        raise NotAllowed
    _begin()
    return None


def _is_allowed(held: Access, person: Person, endpoint: str) -> bool:
    """Whether whoever asks may do what is asked, here."""
    group = endpoint.partition(".")[0]
    if group == "accounts":
        return True
    if not current_county():  # in front of several counties: each lists or manages what is theirs
        return group != "people" or bool(held.managed_by(person.account))
    return may(current_role(), endpoint, request.method)


def _sign_in_first() -> ResponseReturnValue:
    if is_for_programs(request.path):
        answer = make_response({"error": _("请用账户登录")}, 401)
        answer.headers["WWW-Authenticate"] = 'Basic realm="ecogeo", charset="UTF-8"'
        return answer
    if request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("Accept", "text/html"):
        asked = request.full_path.rstrip("?")
        return redirect(
            url_for("accounts.login", next=(request.script_root + asked) if asked != "/" else None), code=303
        )
    return make_response({"error": _("请用账户登录")}, 401)


def require_job(job: Job) -> None:
    """Refuse to change a job somebody else ordered; nothing is done then."""
    if not may_change_job(current_role(), current_name(), job.by):
        raise NotAllowed


def _begin() -> None:
    """Write down what is about to be done, so that nothing is done that the log does not know of."""
    if request.method in _HARMLESS:
        return
    try:
        g.begun = note(WHAT.get(request.endpoint or "", "changed"), outcome="begun", must=True)
    except EcogeoError:
        abort(503)


def _tell(response: Response) -> Response:
    """Write down how what was begun ended, what was handed out, and what was looked at."""
    response.vary.add("Cookie")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    person = current_person()
    if person is None or request.endpoint == "static":
        return response
    if (seq := g.pop("begun", None)) is not None:
        outcome = "done" if response.status_code < 400 else "refused" if response.status_code < 500 else "failed"
        note(WHAT.get(request.endpoint or "", "changed"), f"#{seq} {_told()}", outcome=outcome)
        return response
    if request.method != "GET" or response.status_code != 200:
        return response
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        try:
            note("exported", must=True)
        except EcogeoError:
            response.close()
            return make_response({"error": _("日志写不进去，没有导出；请让管理员查看磁盘")}, 503)
    elif _is_look(response):
        note("looked")
    return response


def note(
    what: str, about: str = "", *, who: str | None = None, outcome: str = "done", must: bool = False
) -> int | None:
    """Write something down in the log.

    Parameters
    ----------
    what, about, outcome
        See `Deed`; the address that was asked for stands before `about`.
    who
        The account; None for whoever asks.
    must
        Whether it must not happen unless it is written down; else the log's trouble is counted and told to the admin.

    Raises
    ------
    EcogeoError
        Where it cannot be written though it must.
    """
    held = access()
    if held is None:
        return None
    person = current_person()
    deed = Deed(
        at=dt.datetime.fromtimestamp(held.now(), dt.UTC).isoformat(timespec="seconds"),
        who=who if who is not None else "" if person is None else person.name,
        address=request.remote_addr or "",
        county=current_county(),
        what=what,
        about=f"{request.method} {request.path} {about}".strip(),
        outcome=outcome,
    )
    try:
        return write_deed(held.book, deed, is_lasting=what != "looked")
    except EcogeoError as error:
        metrics().count("ecogeo_audit_failures_total")
        _LOG.error("the log of deeds cannot be written: %s; %s", error, replace(deed, address=""))
        if must:
            raise
        return None


def _told() -> str:
    """Return what the log tells of a form that was read: chosen entries, names and sizes of files."""
    read: Mapping[str, Any] = cast(Any, request)._get_current_object().__dict__
    form, files = read.get("form"), read.get("files")
    words = []
    if form is not None:
        words += [f"{name}={form[name][:_MOST_TOLD]}" for name in TOLD if form.get(name)]
        words += sorted(f"{name}={form[name][:8]}" for name in form if name.startswith("answer-") and form[name])
    if files is not None:
        words += [f"file={one.filename[:_MOST_TOLD]}" for one in files.values() if one.filename]
        if request.content_length and len(files):
            words.append(f"bytes={request.content_length}")
    return " ".join(words)


def _is_look(response: Response) -> bool:
    endpoint = request.endpoint or ""
    if endpoint in LOOKED_AT_DATA:
        return True
    return response.mimetype == "text/html" and endpoint.partition(".")[0] not in {"accounts", "people", "counties"}


def home_address() -> str:
    """Return the first page of an application: a county's map, or the list of counties."""
    return url_for("county.show" if "county.show" in current_app.view_functions else "counties.show")


def _words() -> dict[str, Any]:
    """Return what templates ask of whoever reads them."""
    held, person, role = access(), current_person(), current_role()
    return {
        "person": person,
        "has_accounts": held is not None,
        "home_address": home_address,
        "may_decide": role in {"reviewer", "admin"},
        "may_change_job": lambda job: may_change_job(role, current_name(), job.by),
        "may_manage": held is not None and person is not None and bool(held.managed_by(person.account)),
    }
