"""What the server counts of itself, in the text format of Prometheus; it tells nothing of the county or of people."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import Counter
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, g, request

from ecogeo.accounts import count_sessions
from ecogeo.errors import EcogeoError
from viewer.accounts.access import access, current_role

pages = Blueprint("metrics", __name__)

BUCKETS_S = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_HELP = {
    "ecogeo_requests_total": ("counter", "Requests answered, by kind and class of status."),
    "ecogeo_request_seconds": ("histogram", "Time to answer, by kind of request."),
    "ecogeo_requests_running": ("gauge", "Requests being answered."),
    "ecogeo_sign_ins_total": ("counter", "Attempts to sign in, by outcome."),
    "ecogeo_audit_failures_total": ("counter", "Entries of the log of deeds that could not be written."),
    "ecogeo_sessions": ("gauge", "People signed in."),
}


class Metrics:
    """Counts of one server, shared by its applications."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._sums: Counter[str] = Counter()
        self._running = 0

    def count(self, name: str, labels: str = "") -> None:
        """Count one more."""
        with self._lock:
            self._counts[name + labels] += 1

    def begin(self) -> None:
        """Count a request as being answered."""
        with self._lock:
            self._running += 1

    def end(self, kind: str, status: int, seconds: float) -> None:
        """Count a request as answered."""
        with self._lock:
            self._running -= 1
            self._counts[f'ecogeo_requests_total{{kind="{kind}",status="{status // 100}xx"}}'] += 1
            for bucket in BUCKETS_S:
                self._counts[f'ecogeo_request_seconds_bucket{{kind="{kind}",le="{bucket:g}"}}'] += seconds <= bucket
            self._counts[f'ecogeo_request_seconds_bucket{{kind="{kind}",le="+Inf"}}'] += 1
            self._counts[f'ecogeo_request_seconds_count{{kind="{kind}"}}'] += 1
            self._sums[f'ecogeo_request_seconds_sum{{kind="{kind}"}}'] += seconds  # type: ignore[assignment]

    def text(self, sessions: int | None) -> str:
        """Return everything in the text format of Prometheus."""
        with self._lock:
            shown = {name: f"{count}" for name, count in self._counts.items()}
            shown |= {name: f"{total:.6f}" for name, total in self._sums.items()}
            shown["ecogeo_requests_running"] = f"{self._running}"
        if sessions is not None:
            shown["ecogeo_sessions"] = f"{sessions}"
        lines = []
        for name, (kind, words) in _HELP.items():
            own = [f"{one} {value}" for one, value in shown.items() if one.startswith(name)]
            if own:
                lines += [f"# HELP {name} {words}", f"# TYPE {name} {kind}", *own]
        return "\n".join(lines) + "\n"


def set_up(app: Flask, held: Metrics) -> None:
    """Count what an application answers."""
    app.extensions["ecogeo_metrics"] = held

    def begin() -> None:
        g.began = time.perf_counter()
        held.begin()

    def end(response: Response) -> Response:
        if (began := g.pop("began", None)) is not None:
            held.end(_kind(), response.status_code, time.perf_counter() - began)
        return response

    app.before_request(begin)
    app.after_request(end)


def metrics() -> Metrics:
    """Return the counts of the server."""
    return cast(Metrics, current_app.extensions["ecogeo_metrics"])


@pages.get("/metrics")
def show() -> Response:
    """Show the counts, to the machine itself or to whoever manages the server."""
    held = access()
    if not _is_from_here() and (held is None or current_role() != "admin"):
        abort(404)
    sessions = None
    if held is not None:
        try:
            sessions = count_sessions(held.book, held.now())
        except EcogeoError:
            metrics().count("ecogeo_audit_failures_total")
    return Response(metrics().text(sessions), mimetype="text/plain; version=0.0.4")


def _is_from_here() -> bool:
    """Whether the machine itself asks: by the loopback in every respect, and through no proxy."""
    if any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")):
        return False
    host = request.host.rpartition(":")[0].strip("[]") or request.host
    try:
        is_loopback = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    return is_loopback and (host in {"localhost", "127.0.0.1", "::1"})


def _kind() -> str:
    """Return what kind of request it is: few kinds, so that counts stay few."""
    group = (request.endpoint or "none").partition(".")[0]
    if group in {"static", "tiles", "api", "features"}:
        return group
    return "page" if request.method in {"GET", "HEAD"} else "form"
