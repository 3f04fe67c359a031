"""Chinese and English: chosen by ``?lang=``, remembered in a cookie, Chinese where nothing was chosen."""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, current_app, g, request
from flask_babel import Babel

from ecogeo.wording import Lang

LANGS: tuple[Lang, ...] = ("zh", "en")
HTML_LANGS = {"zh": "zh-CN", "en": "en"}
_COOKIE = "lang"
_YEAR_S = 365 * 24 * 3600


def set_up(app: Flask, default: Lang) -> None:
    """Let the application speak the language of each request."""
    app.config["ECOGEO_LANG"] = default
    Babel(app, default_locale="zh", locale_selector=current_lang)
    app.after_request(_remember)


def current_lang() -> Lang:
    """Return the language of the current request."""
    if "lang" not in g:
        choices = (request.args.get("lang"), request.cookies.get(_COOKIE))
        g.lang = next((choice for choice in choices if choice in LANGS), current_app.config["ECOGEO_LANG"])
    return cast(Lang, g.lang)


def _remember(response: Response) -> Response:
    if (chosen := request.args.get("lang")) in LANGS:
        response.set_cookie(_COOKIE, cast(str, chosen), max_age=_YEAR_S, httponly=True, samesite="Strict")
    return response
