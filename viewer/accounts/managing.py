"""Managing people and reading the log, for those who manage a county."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask_babel import gettext as _

from ecogeo.accounts import (
    EVERY_COUNTY,
    ROLES,
    Account,
    Deed,
    add_account,
    change_password,
    deeds,
    find_account,
    first_password,
    list_accounts,
    log_problem,
    remove_account,
    set_grants,
)
from ecogeo.accounts.people import MOST_LETTERS
from ecogeo.errors import EcogeoError
from ecogeo.wording import Text
from viewer.accounts.access import Access, access, current_county, current_person
from viewer.languages import current_lang
from viewer.security import require_own_form

pages = Blueprint("people", __name__)

_ROWS = 200
_MOST_EXPORTED = 100_000
_COLUMNS = ("seq", "at", "who", "address", "county", "what", "outcome", "about")


@pages.get("/people")
def table() -> str:
    """Show the accounts of the counties whoever asks manages."""
    held, actor = _manager()
    return _page(held, actor)


@pages.post("/people")
def change() -> Response:
    """Add or remove an account, give it other roles, or a first password: ``form`` says which."""
    held, actor = _manager()
    require_own_form()
    kind, name = request.form.get("form", ""), request.form.get("name", "")
    try:
        if kind == "add":
            password = first_password()
            made = add_account(held.book, name, password, _granted(held, actor, {}), held.now(), is_first=True)
            return make_response(_page(held, actor, told=(made.name, password)))
        known = find_account(held.book, name)
        if known is None or not _may_see(held, actor, known):
            abort(404)
        if kind == "roles":
            set_grants(held.book, known.name, _granted(held, actor, known.grants))
        elif kind in {"password", "remove"}:
            if known.name == actor.name or not _may_own(held, actor, known):
                abort(403)
            if kind == "remove":
                remove_account(held.book, known.name)
            else:
                password = first_password()
                change_password(held.book, known.name, password, first_at=held.now())
            held.forget_programs()
            if kind == "password":
                return make_response(_page(held, actor, told=(known.name, password)))
        else:
            abort(400)
    except EcogeoError as error:
        return make_response(_page(held, actor, [problem.say(current_lang()) for problem in error.problems]), 400)
    return make_response(_page(held, actor, is_saved=True))


@pages.get("/people/log")
def log() -> str:
    """Show who did what, the newest first; ``?before=`` goes on from an entry."""
    held, actor = _manager()
    found = deeds(held.book, _counties_shown(held, actor), most=_ROWS, before=request.args.get("before", type=int))
    return render_template(
        "people_log.html",
        deeds=found,
        names=_county_names(held),
        words=_WORDS,
        outcomes=_OUTCOMES,
        further=found[-1].seq if len(found) == _ROWS else None,
        problem=log_problem(held.book) if held.manages_all(actor) else None,
    )


@pages.get("/people/log.csv")
def exported_log() -> Response:
    """Hand out the log as a table."""
    held, actor = _manager()
    found = deeds(held.book, _counties_shown(held, actor), most=_MOST_EXPORTED)
    rows = [",".join(_COLUMNS), *(",".join(_cell(getattr(one, name)) for name in _COLUMNS) for one in found)]
    answer = Response("\ufeff" + "\n".join(rows) + "\n", mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="log.csv")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _cell(value: object) -> str:
    """Return a cell of a table that no program takes for a formula."""
    text = str(value)
    if text[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if any(letter in text for letter in ',"\n\r') else text


def _manager() -> tuple[Access, Account]:
    """Return whoever manages something here; the gate has seen to that already."""
    held, person = access(), current_person()
    if held is None or person is None or not held.managed_by(person.account):
        abort(404)
    return held, person.account


def _counties_shown(held: Access, actor: Account) -> tuple[str, ...] | None:
    """Return the counties whose log is shown: this one, or in front of several all that somebody manages."""
    if county := current_county():
        return (county,)
    return None if held.manages_all(actor) else tuple(one.county_id for one in held.managed_by(actor))


def _may_see(held: Access, actor: Account, one: Account) -> bool:
    managed = {place.county_id for place in held.managed_by(actor)}
    return held.manages_all(actor) or bool(managed & set(one.grants))


def _may_own(held: Access, actor: Account, one: Account) -> bool:
    """Whether an account is used in no county but those somebody manages."""
    managed = {place.county_id for place in held.managed_by(actor)}
    return held.manages_all(actor) or set(one.grants) <= managed


def _granted(held: Access, actor: Account, before: Mapping[str, str]) -> dict[str, str]:
    """Return an account's roles with those of one county as the form says; of no county but those somebody manages."""
    county, role = request.form.get("county", ""), request.form.get("role", "")
    allowed = {place.county_id for place in held.managed_by(actor)}
    if held.manages_all(actor):
        allowed.add(EVERY_COUNTY)
    if county not in allowed:
        abort(403)
    kept = {one: given for one, given in before.items() if one != county}
    return {**kept, county: role} if role else kept


def _page(
    held: Access,
    actor: Account,
    problems: list[str] | None = None,
    *,
    told: tuple[str, str] | None = None,
    is_saved: bool = False,
) -> str:
    return render_template(
        "people.html",
        accounts=[
            (one, _may_own(held, actor, one) and one.name != actor.name)
            for one in list_accounts(held.book)
            if _may_see(held, actor, one)
        ],
        names=_county_names(held),
        managed=held.managed_by(actor),
        manages_all=held.manages_all(actor),
        every=EVERY_COUNTY,
        roles=ROLES,
        problems=problems or [],
        told=told,
        saved=is_saved,
        most=MOST_LETTERS,
        here=current_county(),
    )


def _county_names(held: Access) -> dict[str, str]:
    names = {place.county_id: place.title.say(current_lang()) for place in held.counties}
    return {**names, EVERY_COUNTY: _("所有县"), "": _("服务器")}


_WORDS = {
    "looked": Text("查看", "looked"),
    "uploaded": Text("上传", "uploaded"),
    "decided": Text("判定", "decided"),
    "exported": Text("导出", "exported"),
    "managed": Text("管理账户", "managed people"),
    "asked": Text("量算、核查", "asked"),
    "changed": Text("改动", "changed"),
    "refused": Text("越权被拒", "refused"),
    "signed in": Text("登录", "signed in"),
    "signed out": Text("退出", "signed out"),
    "changed the password": Text("改密码", "changed the password"),
}
_OUTCOMES = {
    "begun": Text("开始", "begun"),
    "done": Text("完成", "done"),
    "refused": Text("被拒", "refused"),
    "failed": Text("失败", "failed"),
}


def deed_words(deed: Deed) -> str:
    """Return what was done, in the language of the request."""
    text = _WORDS.get(deed.what)
    return deed.what if text is None else text.say(current_lang())
