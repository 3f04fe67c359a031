"""Several counties in one server: each below its own address, and nobody comes near one that is not theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Blueprint, Flask, current_app, render_template, request
from werkzeug.wrappers import Request

from ecogeo import __version__
from ecogeo.errors import EcogeoError
from ecogeo.wording import Lang
from viewer import failures, languages, metrics, phrases, security, sending
from viewer.accounts import gate, managing
from viewer.accounts import pages as accounts
from viewer.accounts.access import Access, CountyPlace, access, current_person
from viewer.accounts.gate import is_for_programs
from viewer.languages import HTML_LANGS, LANGS, current_lang
from viewer.pages.api import health
from viewer.security import answer_only_to

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

pages = Blueprint("counties", __name__)
signs_of_life = Blueprint("api", __name__)
signs_of_life.get("/healthz")(health)


@pages.get("/")
def show() -> str:
    """Show the counties whoever asks may see."""
    held, person = access(), current_person()
    shown = places()
    if held is not None and person is not None:
        shown = tuple(one for one in shown if person.account.role_in(one.county_id) is not None)
    return render_template("counties.html", places=shown)


def places() -> tuple[CountyPlace, ...]:
    """Return every county of the server."""
    held: tuple[CountyPlace, ...] = current_app.extensions["ecogeo_places"]
    return held


def front_app(
    counties: tuple[CountyPlace, ...],
    held: Access | None,
    counts: metrics.Metrics,
    *,
    lang: Lang,
    trusted_hosts: Iterable[str],
) -> Flask:
    """Build what stands before several counties: signing in, the list of one's counties, people and the log.

    Parameters
    ----------
    counties
        The counties.
    held
        The accounts; None for none.
    counts
        The counts of the server.
    lang
        Language shown to those who have not chosen one.
    trusted_hosts
        Names under which the server may be called.
    """
    app = Flask("viewer")
    answer_only_to(app, trusted_hosts)
    app.extensions["ecogeo_places"] = counties
    sending.set_up(app)
    metrics.set_up(app, counts)
    languages.set_up(app, lang)
    security.set_up(app)
    app.add_template_filter(phrases.say)
    app.context_processor(_words)
    gate.set_up(app, held, "")
    failures.set_up(app)
    for blueprint in (pages, signs_of_life, accounts.pages, managing.pages, metrics.pages):
        app.register_blueprint(blueprint)
    return app


def _words() -> dict[str, Any]:
    """Return what the pages in front of the counties need to speak."""
    lang = current_lang()
    return {
        "county": "",
        "notice": "",
        "lang": lang,
        "html_lang": HTML_LANGS[lang],
        "other_lang": next(other for other in LANGS if other != lang),
        "language_url": lambda wanted: f"{request.script_root}{request.path}?lang={wanted}",
        "version": __version__,
    }


class Counties:
    """One server of several counties.

    Parameters
    ----------
    front
        What answers where no county does.
    apps
        The application of each county, by its place.
    held
        The accounts; None lets everybody see every county.
    """

    def __init__(self, front: Flask, apps: Mapping[CountyPlace, Flask], held: Access | None) -> None:
        self._front = front
        self._apps = {place.prefix: (place, app) for place, app in apps.items()}
        self._held = held

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401  WSGI's own
        """Hand a request to its county, if whoever asks may see it; else it is as if there were no such county."""
        prefix, slash, rest = environ.get("PATH_INFO", "").removeprefix("/").partition("/")
        found = self._apps.get(prefix)
        if found is None or not self._may_see(found[0], environ):
            return self._front(environ, start_response)
        inner = {**environ, "SCRIPT_NAME": f"{environ.get('SCRIPT_NAME', '')}/{prefix}", "PATH_INFO": slash + rest}
        return found[1](inner, start_response)

    def _may_see(self, place: CountyPlace, environ: dict[str, Any]) -> bool:
        if self._held is None:
            return True
        asked = Request(environ)
        try:
            person = self._held.person(asked, with_password=is_for_programs(asked.path))
        except EcogeoError:
            return False
        return person is not None and person.account.role_in(place.county_id) is not None
