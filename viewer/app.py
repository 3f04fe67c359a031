"""Build the Flask application of one county."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from flask import Flask

from ecogeo.finding import Report
from ecogeo.wording import Lang, Text
from ecogeo.workspace import Workspace
from viewer import failures, kept_pages, languages, metrics, phrases, sections, security, sending, watching
from viewer.accounts import gate, managing
from viewer.accounts import pages as accounts
from viewer.accounts.access import Access
from viewer.pages import BLUEPRINTS
from viewer.pending import Waiting
from viewer.prepared import Prepared


def _this_day() -> dt.date:
    """Return the day where the server stands; what is recorded bears it. Nothing else of ecogeo reads a clock."""
    return dt.datetime.now().astimezone().date()


def create_app(
    workspace: Workspace,
    *,
    report: Report | None = None,
    lang: Lang = "zh",
    trusted_hosts: Iterable[str] = security.LOOPBACK_HOSTS,
    today: Callable[[], dt.date] = _this_day,
    access: Access | None = None,
    county_id: str = "",
    counts: metrics.Metrics | None = None,
    prefix: str = "",
    is_reusing: bool = False,
    tell: Callable[[Text], None] = lambda _text: None,
) -> Flask:
    """Build the viewer of a county.

    Parameters
    ----------
    workspace
        The county.
    report
        The outcome of its checks; None runs them when a page first needs them.
    lang
        Language shown to those who have not chosen one.
    trusted_hosts
        Names under which the server may be called; a request for any other is refused.
    today
        Tells the day that answers, types and reviews are recorded under.
    access
        The accounts of the server; None for none: whoever reaches it may do everything.
    county_id
        What accounts call the county by.
    counts
        The counts of the server, where several applications share them.
    prefix
        The path of a proxy below which the server lies; empty where it lies at the root of its name.
    is_reusing
        Whether outcomes of checks are kept beside the layers from one start to the next (`ecogeo.reuse`).
    tell
        Called with which of them stand, and why others do not.
    """
    app = Flask(__name__)
    security.answer_only_to(app, trusted_hosts)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False  # a key may hold slashes
    app.url_map.strict_slashes = False
    app.config["ECOGEO_TODAY"] = today
    assets_url = f"{prefix}{app.static_url_path}/vendor/"
    app.extensions["ecogeo"] = Prepared(
        workspace, report, assets_url=assets_url, today=today, is_reusing=is_reusing, tell=tell
    )
    app.extensions["ecogeo_waiting"] = Waiting()
    sending.set_up(app)
    metrics.set_up(app, counts or metrics.Metrics())
    languages.set_up(app, lang)
    security.set_up(app)
    phrases.set_up(app, workspace)
    watching.set_up(app)
    kept_pages.set_up(app)
    sections.set_up(app)
    gate.set_up(app, access, county_id)
    failures.set_up(app)
    for blueprint in (*BLUEPRINTS, accounts.pages, managing.pages, metrics.pages):
        app.register_blueprint(blueprint)
    return app
