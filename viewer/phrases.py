"""What templates need to speak: both languages, figures, signs of answers."""

from __future__ import annotations

from typing import Any

from flask import Flask, request, url_for
from flask_babel import gettext as _

from ecogeo import __version__
from ecogeo.board.dossier import ANSWER_TEXTS
from ecogeo.board.indicators import KINDS, STATUSES
from ecogeo.board.records import COVERAGE_STATES, LOCATION_BASES, LayerAnswer
from ecogeo.catalog import ZONING_ROLES
from ecogeo.finding import Answer
from ecogeo.mappaths import hatch_id
from ecogeo.palette import ANSWER_MARKS
from ecogeo.rounding import rounded
from ecogeo.wording import Text
from ecogeo.workspace import Workspace
from viewer.languages import HTML_LANGS, LANGS, current_lang

DASH = "—"

_RULE_LEVELS = {
    "国家": Text("国家", "national"),
    "自治区": Text("自治区", "autonomous region"),
    "省": Text("省", "province"),
    "市": Text("市", "city"),
    "县": Text("县", "county"),
}
"""Whose rule it is, in the words of the rule packs."""


def set_up(app: Flask, workspace: Workspace) -> None:
    """Hand the templates their filters and what stands on every page."""
    app.add_template_filter(say)
    app.add_template_filter(figure)
    app.add_template_filter(plain)
    app.add_template_filter(coded)
    app.add_template_filter(review_words)
    county = workspace.county

    @app.context_processor
    def _common() -> dict[str, Any]:
        lang = current_lang()
        return {
            "county": county.title.say(lang),
            "notice": county.mark.say(lang) if county.mark is not None else "",
            "lang": lang,
            "html_lang": HTML_LANGS[lang],
            "other_lang": next(other for other in LANGS if other != lang),
            "language_url": _language_url,
            "version": __version__,
            "marks": ANSWER_MARKS,
            "answer_of": Answer,
            "answers_in_words": ANSWER_TEXTS,
            "bases": LOCATION_BASES,
            "statuses": STATUSES,
            "kinds": KINDS,
            "hatch_id": hatch_id,
            "coverages": COVERAGE_STATES,
            "zoning_layers": ZONING_ROLES,
            "rule_levels": _RULE_LEVELS,
        }


def say(text: Text | None) -> str:
    """Return a sentence in the language of the request."""
    return "" if text is None else text.say(current_lang())


def figure(value: float | None, decimals: int = 0) -> str:
    """Return a figure with separators of thousands, rounded half-up; a dash for none.

    Examples
    --------
    >>> figure(4988555.07, 2), figure(None)
    ('4,988,555.07', '—')
    """
    return DASH if value is None else f"{rounded(value, decimals):,.{decimals}f}"


def plain(value: float) -> str:
    """Return a figure as short as it is, without noise behind the point.

    Examples
    --------
    >>> plain(3.20000001), plain(40.0)
    ('3.2', '40')
    """
    return f"{value:.6g}"


def coded(value: str, wordings: dict[str, Text]) -> str:
    """Return the wording of a code of the data; a code nobody worded as it is, a dash for none."""
    return say(wordings[value]) if value in wordings else value or DASH


def review_words(entry: LayerAnswer) -> str:
    """Return what a reviewer said of a layer, as it stands beside the computed answer; empty where nobody did."""
    if entry.review is None:
        return ""
    layer, answer, by = say(entry.title), say(entry.review.answer.text), entry.review.by
    return str(_("复核 %(layer)s：%(answer)s（%(by)s）", layer=layer, answer=answer, by=by))


def _language_url(lang: str) -> str:
    """Return the address of the current page in another language."""
    if request.endpoint is None or request.endpoint == "static":
        return url_for("county.show", lang=lang)
    chosen = {key: value for key, value in request.args.items() if key != "lang"}
    return url_for(request.endpoint, **{**(request.view_args or {}), **chosen, "lang": lang})
