"""What every answer carries so that a browser runs our own scripts only, and nobody else frames or reads the pages."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import SecurityError

from viewer.accounts.access import current_person

LOOPBACK_HOSTS = ("localhost",)
ANY_ADDRESS = "*"
"""Among the hosts: whoever asks by an address and not by a name. A page of elsewhere that was given our address by a
forged name server asks by a name, so an address is safe."""

MOST_FORM_BYTES = 64 * 1024
"""A form with every reason at its longest takes less."""

_FORM_KEY = "ECOGEO_FORM_KEY"

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'; object-src 'none'"
)
"""Leaflet and Folium write ``style`` attributes; scripts are never inline without the nonce."""


def set_up(app: Flask) -> None:
    """Give every answer its headers, and the templates the nonce and the token of the request."""
    app.config[_FORM_KEY] = secrets.token_urlsafe(32)
    app.after_request(_guard)
    app.context_processor(lambda: {"nonce": nonce(), "form_token": form_token})


def is_ours(host: str, hosts: Iterable[str]) -> bool:
    """Tell whether a request asked for this server: by one of its names, by the loopback, or by address if it is open.

    Examples
    --------
    >>> is_ours("[::1]:8000", LOOPBACK_HOSTS), is_ours("evil.example", LOOPBACK_HOSTS)
    (True, False)
    >>> is_ours("10.0.0.8:8000", LOOPBACK_HOSTS), is_ours("10.0.0.8:8000", (*LOOPBACK_HOSTS, ANY_ADDRESS))
    (False, True)
    """
    name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    names = {one.casefold() for one in hosts}
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name.casefold() in names
    return address.is_loopback or ANY_ADDRESS in names


def answer_only_to(app: Flask, hosts: Iterable[str]) -> None:
    """Refuse requests that asked for another server, as a page of elsewhere does through a forged name."""
    names = tuple(hosts)

    def guard() -> None:
        if not is_ours(request.host, names):
            raise SecurityError

    app.before_request(guard)


def form_token() -> str:
    """Return what every form carries, to show that it came from a page of this server.

    It is drawn anew when the server starts, and is another for each session; a page of elsewhere can neither read nor
    guess it.
    """
    key, person = str(current_app.config[_FORM_KEY]), current_person()
    return key if person is None else hmac.digest(key.encode(), person.key.encode(), "sha256").hex()


def require_own_form(
    *, most_bytes: int = MOST_FORM_BYTES, most_typed_bytes: int | None = None, most_parts: int | None = None
) -> None:
    """Refuse a form that was not sent from a page of this server, or is too large to be one.

    Browsers say where a form comes from; what says nothing at all is no browser and is refused too.

    Parameters
    ----------
    most_bytes
        Size of the largest form, its files included.
    most_typed_bytes
        Size of its largest entries that are no files; None leaves Flask's own limit.
    most_parts
        Number of its entries and files; None leaves Flask's own limit.
    """
    request.max_content_length = most_bytes
    if most_typed_bytes is not None:
        request.max_form_memory_size = most_typed_bytes
    if most_parts is not None:
        request.max_form_parts = most_parts
    if not _is_same_origin() or not hmac.compare_digest(request.form.get("token", "").encode(), form_token().encode()):
        abort(403)
    _sign()


def _sign() -> None:
    """Put the account's name where a form says by whom it is: whoever has signed in decides under no other."""
    if (person := current_person()) is not None:
        entries = MultiDict(request.form)
        entries["by"] = person.name
        request.form = ImmutableMultiDict(entries)


def require_same_origin() -> None:
    """Refuse a request a browser says another page sent; one that says nothing, as a script's does, saves nothing.

    For requests that only compute: what saves asks `require_own_form`.
    """
    says_something = "Origin" in request.headers or "Sec-Fetch-Site" in request.headers
    if says_something and not _is_same_origin():
        abort(403)


def _is_same_origin() -> bool:
    """Whether everything the browser says of where the form comes from names this server, and it says something."""
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    site = request.headers.get("Sec-Fetch-Site")
    if origin is None and site is None:
        return False
    return site in {None, "same-origin"} and (origin is None or _server_of(origin) == _server_of(request.host_url))


def _server_of(address: str) -> tuple[str, str]:
    """Return scheme and host of an address; of what is none, nothing any server has."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc.casefold()


def nonce() -> str:
    """Return the nonce of the current request."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def _guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce())
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if response.mimetype in {"text/html", "application/json"}:
        response.headers["Cache-Control"] = "no-store"
    return response
