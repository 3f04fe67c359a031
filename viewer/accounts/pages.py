"""Signing in and out, and one's own password."""

from __future__ import annotations

import math
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ecogeo.accounts import (
    Account,
    Refused,
    begin_session,
    change_password,
    end_session,
    sign_in,
)
from ecogeo.accounts.passwords import FEWEST_LETTERS, MOST_LETTERS
from ecogeo.errors import EcogeoError
from viewer.accounts.access import Access, Person, access, current_person, give_token, take_token, token_of
from viewer.accounts.gate import home_address, note
from viewer.languages import current_lang
from viewer.metrics import metrics
from viewer.security import require_own_form

pages = Blueprint("accounts", __name__)

_MOST_TYPED = 512


@pages.get("/login")
def login() -> Response:
    """Show where to sign in; ``?next=`` is the page somebody wanted."""
    _held()
    if current_person() is not None:
        return make_response(redirect(_wanted(request.args.get("next", "")), code=303))
    return _login_page(200)


@pages.post("/login")
def enter() -> Response:
    """Sign somebody in: a new session, whatever the browser held before."""
    held = _held()
    require_own_form()
    name, password = request.form.get("name", "")[:_MOST_TYPED], request.form.get("password", "")[:_MOST_TYPED]
    found = sign_in(held.book, name, password, request.remote_addr or "", held.now())
    if isinstance(found, Refused):
        metrics().count("ecogeo_sign_ins_total", f'{{outcome="{"throttled" if found.wait_s else "refused"}"}}')
        note("signed in", "too many attempts" if found.wait_s else "", who="", outcome="refused")
        if found.wait_s:
            answer = _login_page(
                429, _("尝试次数过多，请 %(minutes)s 分钟后再试", minutes=math.ceil(found.wait_s / 60))
            )
            answer.headers["Retry-After"] = str(math.ceil(found.wait_s))
            return answer
        return _login_page(403, _("账户名或密码不对"))
    metrics().count("ecogeo_sign_ins_total", '{outcome="done"}')
    note("signed in", who=found.name, must=True)
    if old := token_of(request):
        end_session(held.book, old)
    answer = make_response(redirect(_wanted(request.form.get("next", "")), code=303))
    give_token(answer, request, begin_session(held.book, found.name, held.now()))
    _forget_counter(answer)
    return answer


@pages.post("/logout")
def leave() -> Response:
    """End the session here and with the server."""
    held = _held()
    require_own_form()
    end_session(held.book, token_of(request))
    answer = make_response(redirect(url_for("accounts.login"), code=303))
    take_token(answer, request)
    _forget_counter(answer)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@pages.get("/account")
def own() -> Response:
    """Show one's own account."""
    return _own_page(_person())


@pages.post("/account")
def change_own() -> Response:
    """Give oneself another password: with the present one, and all other sessions end."""
    held = _held()
    require_own_form()
    person = _person()
    told = {name: request.form.get(name, "")[:_MOST_TYPED] for name in ("password", "new", "again")}
    found = sign_in(held.book, person.name, told["password"], request.remote_addr or "", held.now())
    if isinstance(found, Refused):
        return _own_page(person, [_("现在的密码不对，或尝试次数过多")])
    if told["new"] != told["again"]:
        return _own_page(person, [_("两次输入的新密码不同")])
    if told["new"] == told["password"]:
        return _own_page(person, [_("新密码与现在的相同")])
    try:
        change_password(held.book, person.name, told["new"])
    except EcogeoError as error:
        return _own_page(person, [problem.say(current_lang()) for problem in error.problems])
    held.forget_programs()
    answer = make_response(redirect(url_for("accounts.own", saved=1), code=303))
    give_token(answer, request, begin_session(held.book, person.name, held.now()))
    return answer


def _forget_counter(answer: Response) -> None:
    """Have the browser forget whose cases of the counter it held: another person may sit there now."""
    answer.delete_cookie("counter", path="/", httponly=True, samesite="Strict", secure=request.is_secure)


def _held() -> Access:
    held = access()
    if held is None:
        abort(404)
    return held


def _person() -> Person:
    person = current_person()
    if person is None:
        abort(404)
    return person


def _wanted(address: str) -> str:
    """Return a page of this server to lead to; anything else leads to the first page."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return home_address()
    is_own = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith("//")
    is_plain = all(letter.isprintable() and letter != "\\" for letter in address)
    return address if is_own and is_plain else home_address()


def _login_page(code: int, problem: str = "") -> Response:
    wanted = request.values.get("next", "")
    return make_response(
        render_template("login.html", problem=problem, wanted=wanted, name=request.form.get("name", "")[:_MOST_TYPED]),
        code,
    )


def _own_page(person: Person, problems: list[str] | None = None) -> Response:
    account: Account = person.account
    return make_response(
        render_template(
            "account.html",
            account=account,
            problems=problems or [],
            saved=bool(request.args.get("saved")),
            fewest=FEWEST_LETTERS,
            most=MOST_LETTERS,
        ),
        400 if problems else 200,
    )
