"""What every answer carries so that a browser runs our own scripts only, and nobody else frames or reads the pages."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")

_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'; object-src 'none'"
)
"""Leaflet and Folium write ``style`` attributes; scripts are never inline without the nonce."""


def set_up(app: Flask) -> None:
    """Give every answer its headers, and the templates the nonce of the request."""
    app.after_request(_guard)
    app.context_processor(lambda: {"nonce": nonce()})


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
