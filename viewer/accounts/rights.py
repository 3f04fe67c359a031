"""What each role may do. Whatever is not named here and changes something needs a reviewer."""

from __future__ import annotations

OPEN = frozenset({"static", "api.health", "metrics.show", "accounts.login", "accounts.enter"})
"""Endpoints that need no account: they show nothing of a county. ``metrics.show`` asks for its own."""

VIEWERS_MAY_SEND = frozenset(
    {
        "accounts.leave",
        "accounts.change_own",
        "measuring.measure",
        "present.handout",
        "screen.take",
        "screen.change",
        "siting.start",
        "siting.change",
        "report.order",
        "report.change",
        "report.single",
    }
)
"""What viewers may send: it computes or makes documents, and changes nothing of what was decided."""

FOR_ALL_BUT_VIEWERS = frozenset({"reviewer", "admin"})
"""Roles that may end a job nobody signed, such as one ordered before there were accounts."""

OWN_PASSWORD = frozenset({"static", "accounts.own", "accounts.change_own", "accounts.leave", "api.health"})
"""Where somebody may go whose password another person has seen."""

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


def may(role: str | None, endpoint: str, method: str) -> bool:
    """Tell whether a role may ask for an endpoint.

    Parameters
    ----------
    role
        In the county that is asked for; None for none.
    endpoint
        What is asked for.
    method
        How.

    Examples
    --------
    >>> may("viewer", "projects.one", "GET"), may("viewer", "projects.record_decision", "POST")
    (True, False)
    >>> may("viewer", "people.table", "GET"), may("viewer", "anything.new", "POST")
    (False, False)
    >>> may("reviewer", "anything.new", "POST"), may(None, "county.show", "GET")
    (True, False)
    """
    if role is None:
        return False
    group = endpoint.partition(".")[0]
    if group == "people":
        return role == "admin"
    if method in _HARMLESS or endpoint in VIEWERS_MAY_SEND:
        return True
    return role in {"reviewer", "admin"}


def may_change_job(role: str | None, name: str, by: str) -> bool:
    """Tell whether somebody may cancel, continue or remove a job; everybody of the county may look at it.

    Parameters
    ----------
    role
        In the county of the job.
    name
        The account; empty on a server without accounts.
    by
        The account that ordered the job; empty where nobody had to sign in.

    Examples
    --------
    >>> may_change_job("viewer", "张三", "张三"), may_change_job("reviewer", "李四", "张三")
    (True, False)
    >>> may_change_job("admin", "root", "张三"), may_change_job("viewer", "张三", "")
    (True, False)
    """
    return role == "admin" or (bool(by) and name == by) or (not by and role in FOR_ALL_BUT_VIEWERS)


WHAT = {
    "screen.take": "uploaded",
    "values.report": "uploaded",
    "evidence.record": "uploaded",
    "projects.record_decision": "decided",
    "screen.change": "asked",
    "measuring.measure": "asked",
    "siting.start": "asked",
    "report.order": "exported",
    "report.single": "exported",
    "present.handout": "exported",
    "people.change": "managed",
    "accounts.change_own": "changed the password",
    "accounts.leave": "signed out",
}
"""What the log calls what was sent; anything else is called ``changed``."""

TOLD = ("form", "name", "role", "county", "plan", "indicator", "layer", "outcome", "answer", "project_type", "site")
"""Entries of forms the log tells: no reasons, no coordinates, no passwords."""

LOOKED_AT_DATA = frozenset(
    {
        *("api.layer", "api.projects", "api.findings", "features.items", "features.item"),
        *("present.layer", "report.result", "measure_layers.shapes", "measure_layers.picture"),
    }
)
"""Endpoints that are no page, yet hand out what the county holds."""
