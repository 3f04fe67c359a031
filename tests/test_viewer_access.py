"""Who may do what: signing in, roles, forged and replayed requests, several counties, the log."""

from __future__ import annotations

import base64
import csv
import io
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import argon2
import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from ecogeo.accounts import AccountBook, add_account, deeds, list_accounts, remove_account, set_grants
from ecogeo.accounts.sessions import IDLE_S
from ecogeo.errors import UnusableFileError
from ecogeo.workspace import open_workspace
from viewer import create_app
from viewer.accounts.access import Access
from viewer.accounts.rights import OPEN, VIEWERS_MAY_SEND
from viewer.counties import Counties, front_app
from viewer.metrics import Metrics
from viewer.serve import county_places

pytestmark = pytest.mark.usefixtures("warm_viewer")

SECRET = "河堤 灯塔 石榴 三月 七个"  # noqa: S105  a sample
HERE = "http://localhost"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("ecogeo.accounts.passwords._hasher", lambda: cheap)


@dataclass
class Clock:
    """A clock the tests move."""

    at: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Office:
    """A server with its accounts and its clock."""

    app: Any
    book: AccountBook
    clock: Clock
    places: list[str] = field(default_factory=list)

    def browser(self, name: str = "", password: str = SECRET) -> Browser:
        opened = Browser(Client(self.app))
        if name:
            assert opened.sign_in(name, password).status_code == 303
        return opened

    def told(self) -> list[tuple[str, str, str, str]]:
        return [(one.who, one.county, one.what, one.outcome) for one in reversed(deeds(self.book, None))]


@dataclass
class Browser:
    """What keeps cookies and sends forms as a browser does."""

    client: Client

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, base_url=HERE, **options)

    def send(self, path: str, form: dict[str, str], *, seen_on: str = "", **options: Any) -> TestResponse:
        token = "" if not seen_on else re.findall(r'name="token" value="([^"]+)"', self.get(seen_on).text)[0]
        headers = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
        return self.client.post(path, base_url=HERE, data={"token": token, **form}, headers=headers, **options)

    def sign_in(self, name: str, password: str = SECRET, wanted: str = "") -> TestResponse:
        return self.send("/login", {"name": name, "password": password, "next": wanted}, seen_on="/login")


def people(book: AccountBook, county: str) -> None:
    for name in ("viewer", "reviewer", "admin"):
        add_account(book, name, SECRET, {county: name}, 0.0)


@pytest.fixture
def office(county_folder: Path, tmp_path: Path) -> Office:
    book, clock = AccountBook(tmp_path / "accounts"), Clock()
    people(book, "000001")
    workspace = open_workspace(county_folder)
    held = Access(book, county_places([workspace]), clock)
    return Office(create_app(workspace, access=held, county_id="000001"), book, clock)


@pytest.fixture
def two(county_folder: Path, tmp_path: Path) -> Office:
    other = tmp_path / "other"
    shutil.copytree(county_folder, other)
    declared = other / "layers" / "layers.toml"
    declared.write_text(declared.read_text("utf-8").replace("000001", "000002").replace("方县", "圆县"), "utf-8")
    counties = [open_workspace(county_folder), open_workspace(other)]
    book, clock = AccountBook(tmp_path / "accounts"), Clock()
    people(book, "000001")
    add_account(book, "other", SECRET, {"000002": "reviewer"}, 0.0)
    add_account(book, "root", SECRET, {"*": "admin"}, 0.0)
    places = county_places(counties)
    held, counts = Access(book, places, clock), Metrics()
    apps = {
        place: create_app(one, access=held, county_id=place.county_id, counts=counts)
        for place, one in zip(places, counties, strict=True)
    }
    front = front_app(places, held, counts, lang="zh", trusted_hosts=("localhost",))
    return Office(Counties(front, apps, held), book, clock)


def rules(app: Flask, method: str) -> list[tuple[str, str]]:
    """Return every endpoint that takes a method with an address of it."""
    found = []
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            address = re.sub(r"<int:[^>]+>", "1", rule.rule)
            found.append((str(rule.endpoint), re.sub(r"<[^>]+>", "x", address)))
    return sorted(found)


def test_nothing_is_shown_to_whoever_has_not_signed_in(office: Office) -> None:
    stranger = office.browser()
    asked = 0
    for endpoint, path in rules(office.app, "GET"):
        answer = stranger.get(path)
        if endpoint in OPEN:
            assert answer.status_code != 303, path
            continue
        asked += 1
        if "/ogc" in path:
            assert (answer.status_code, answer.headers["WWW-Authenticate"][:5]) == (401, "Basic"), path
        else:
            assert (answer.status_code, answer.headers["Location"][:6]) == (303, "/login"), path
        assert "红线" not in answer.text
    assert asked > 30
    assert stranger.get("/no/such/page").status_code == 303, "nor what exists"
    for endpoint, path in rules(office.app, "POST"):
        if endpoint not in OPEN:
            assert stranger.send(path, {}).status_code == 401, path


def test_signing_in_leads_to_the_page_that_was_wanted(office: Office) -> None:
    stranger = office.browser()
    answer = stranger.get("/projects?town=x")
    assert answer.headers["Location"] == "/login?next=/projects?town%3Dx"
    page = stranger.get(answer.headers["Location"])
    assert 'name="next" value="/projects?town=x"' in page.text
    assert stranger.sign_in("viewer", wanted="/projects?town=x").headers["Location"] == "/projects?town=x"
    assert "红线内项目" in stranger.get("/projects").text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "evil",
        "/\n/e",
        "http://[",
    ],
)
def test_signing_in_leads_to_no_other_server(office: Office, elsewhere: str) -> None:
    assert office.browser().sign_in("viewer", wanted=elsewhere).headers["Location"] == "/"


def test_a_wrong_name_and_a_wrong_password_are_told_alike(office: Office) -> None:
    answers = [office.browser().sign_in(name, "wrong password") for name in ("viewer", "nobody12")]
    assert [answer.status_code for answer in answers] == [403, 403]
    shown = [re.sub(r"nonce|viewer|nobody12|value=\"[^\"]*\"", "", answer.text) for answer in answers]
    assert shown[0] == shown[1]


def test_too_many_attempts_wait_and_say_so(office: Office) -> None:
    stranger = office.browser()
    codes = [stranger.sign_in("viewer", "wrong password").status_code for _each in range(6)]
    assert codes == [403] * 5 + [429]
    late = stranger.sign_in("viewer")
    assert late.status_code == 429
    assert late.headers["Retry-After"] == "900"
    office.clock.at += 901
    assert stranger.sign_in("viewer").status_code == 303


def test_the_cookie_is_safe(office: Office) -> None:
    def cookie(base: str) -> str:
        client = Client(office.app)
        page = client.get("/login", base_url=base)
        token = re.findall(r'name="token" value="([^"]+)"', page.text)[0]
        form = {"name": "viewer", "password": SECRET, "token": token}
        answer = client.post("/login", base_url=base, data=form, headers={"Origin": base})
        return next(one for one in answer.headers.getlist("Set-Cookie") if one.partition("=")[2][:20].isprintable())

    plain, safe = cookie("http://localhost"), cookie("https://localhost")
    for one in (plain, safe):
        assert "HttpOnly" in one
        assert "SameSite=Strict" in one
        assert "Path=/" in one
        assert "Domain" not in one
    assert "Secure" not in plain
    assert safe.startswith("__Host-ecogeo=")
    assert "Secure" in safe


def test_the_session_is_another_after_signing_in(office: Office) -> None:
    client = Client(office.app)
    client.set_cookie("ecogeo", "chosen-by-an-attacker", domain="localhost")
    browser = Browser(client)
    assert browser.sign_in("viewer").status_code == 303
    first = client.get_cookie("ecogeo", domain="localhost")
    assert first is not None
    assert first.value != "chosen-by-an-attacker"
    office.browser()
    browser.get("/logout")
    again = Browser(client)
    again.client.set_cookie("ecogeo", first.value, domain="localhost")
    token = re.findall(r'name="token" value="([^"]+)"', again.get("/account").text)[0]
    again.client.post("/logout", base_url=HERE, data={"token": token}, headers={"Origin": HERE})
    thief = office.browser()
    thief.client.set_cookie("ecogeo", first.value, domain="localhost")
    assert thief.get("/projects").status_code == 303, "a stolen cookie is worth nothing after signing out"


def test_a_session_ends_by_itself(office: Office) -> None:
    browser = office.browser("viewer")
    office.clock.at += IDLE_S + 1
    assert browser.get("/projects").status_code == 303


def test_a_removed_account_and_a_lost_role_hold_at_once(office: Office) -> None:
    browser, other = office.browser("viewer"), office.browser("reviewer")
    remove_account(office.book, "viewer")
    assert browser.get("/projects").status_code == 303
    set_grants(office.book, "reviewer", {"999999": "admin"})
    answer = other.get("/projects")
    assert answer.status_code == 403
    assert "红线内项目" not in answer.text


def review(browser: Browser, by: str = "somebody else", **more: str) -> TestResponse:
    form = {
        "form": "reviews",
        "layer": "redlines|inside",
        "outcome": "false_hit",
        "reason": "现场核实",
        "by": by,
        **more,
    }
    return browser.send("/projects/P1", form, seen_on="/account")


def test_a_viewer_cannot_override(office: Office, county_folder: Path) -> None:
    browser = office.browser("viewer")
    answer = review(browser)
    assert answer.status_code == 403
    assert "您的账户没有这项权限" in answer.text
    assert not (county_folder / "data" / "decisions").exists()
    page = browser.get("/projects/P1").text
    assert "保存复核" not in page
    assert "保存类型" not in page
    assert "保存作答" not in page
    assert "保存复核" in office.browser("reviewer").get("/projects/P1").text
    assert ("viewer", "000001", "refused", "refused") in office.told()


def test_a_viewer_may_send_nothing_but_what_only_computes(office: Office) -> None:
    browser = office.browser("viewer")
    refused = {
        endpoint: browser.send(path, {}, seen_on="/account").status_code
        for endpoint, path in rules(office.app, "POST")
        if endpoint not in {"accounts.leave", "accounts.enter"}
    }
    allowed = {endpoint for endpoint, code in refused.items() if code not in {403}}
    assert {"projects.record_decision", "values.report", "evidence.record", "people.change"} <= set(refused) - allowed
    assert allowed <= VIEWERS_MAY_SEND


def test_a_reviewer_decides_under_the_name_of_the_account(office: Office, county_folder: Path) -> None:
    assert review(office.browser("reviewer"), by="局长").status_code == 303
    kept = (county_folder / "data" / "decisions" / "reviews.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(kept)))
    assert [row["by"] for row in rows] == ["reviewer"]
    told = [one for one in reversed(deeds(office.book, None)) if one.what == "decided"]
    assert [one.outcome for one in told] == ["begun", "done"]
    assert told[0].about == "POST /projects/P1"
    assert f"#{told[0].seq} form=reviews layer=redlines|inside outcome=false_hit" in told[1].about
    assert "现场核实" not in told[1].about


def test_nothing_is_decided_that_the_log_cannot_tell(
    office: Office, county_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = office.browser("reviewer")

    def full(*_given: object, **_named: object) -> int:
        raise UnusableFileError("audit.sqlite", [])

    monkeypatch.setattr("viewer.accounts.gate.write_deed", full)
    answer = review(browser)
    assert answer.status_code == 503
    assert "日志" in answer.text
    assert not (county_folder / "data" / "decisions").exists()
    assert browser.get("/projects").status_code == 200, "looking goes on"
    assert browser.get("/indicators.xlsx").status_code in {404, 503}


@pytest.mark.parametrize("lie", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}])
def test_forged_forms_are_refused(office: Office, county_folder: Path, lie: dict[str, str]) -> None:
    browser = office.browser("reviewer")
    token = re.findall(r'name="token" value="([^"]+)"', browser.get("/account").text)[0]
    form = {"form": "reviews", "layer": "redlines|inside", "outcome": "false_hit", "reason": "x", "token": token}
    assert browser.client.post("/projects/P1", base_url=HERE, data=form, headers=lie).status_code == 403
    assert not (county_folder / "data" / "decisions").exists()


def test_the_token_of_one_session_is_worth_nothing_in_another(office: Office) -> None:
    mine, theirs = office.browser("reviewer"), office.browser("admin")
    stolen = re.findall(r'name="token" value="([^"]+)"', theirs.get("/account").text)[0]
    assert review(mine, token=stolen).status_code == 403
    assert review(mine).status_code == 303


def test_cases_of_the_counter_do_not_pass_to_who_signs_in_next(office: Office) -> None:
    browser = office.browser("viewer")
    corners = "109.2 24.3\n109.21 24.3\n109.21 24.31\n109.2 24.3"
    taken = browser.send("/screen", {"corners": corners, "name": "甲"}, seen_on="/account")
    assert taken.status_code == 303, taken.text[-900:]
    address = taken.headers["Location"]
    assert browser.get(address).status_code == 200
    browser.send("/logout", {}, seen_on="/account")
    assert browser.sign_in("reviewer").status_code == 303
    assert browser.get(address).status_code == 404


def test_the_log_tells_who_looked_uploaded_and_exported_what(office: Office) -> None:
    browser = office.browser("viewer")
    browser.get("/projects/P1")
    browser.get("/api/layers/redlines.geojson")
    browser.get("/indicators.xlsx")
    browser.send("/screen", {"corners": "1 1", "name": "甲"}, seen_on="/account")
    told = office.told()
    assert told[0] == ("viewer", "000001", "signed in", "done")
    assert told.count(("viewer", "000001", "looked", "done")) >= 2
    assert ("viewer", "000001", "uploaded", "begun") in told
    assert not any("1 1" in one.about for one in deeds(office.book, None))
    table = office.browser("admin").get("/people/log").text
    assert "/projects/P1" in table
    exported = office.browser("admin").get("/people/log.csv")
    rows = list(csv.DictReader(io.StringIO(exported.text.removeprefix("\ufeff"))))
    assert {row["who"] for row in rows} >= {"viewer"}
    assert office.told()[-1] == ("admin", "000001", "exported", "done")


@pytest.mark.parametrize("name", ["viewer", "reviewer"])
def test_the_log_and_the_accounts_are_the_managers(office: Office, name: str) -> None:
    browser = office.browser(name)
    for path in ("/people", "/people/log", "/people/log.csv"):
        assert browser.get(path).status_code == 403, path
    assert "/people" not in browser.get("/projects").text
    assert "/people" in office.browser("admin").get("/projects").text


def test_a_manager_adds_changes_and_removes_people(office: Office) -> None:
    admin = office.browser("admin")
    form = {"form": "add", "name": "李四", "county": "000001", "role": "viewer"}
    page = admin.send("/people", form, seen_on="/people").text
    (given,) = re.findall(r"<code>([a-z2-9-]+)</code>", page)
    new = office.browser("李四", given)
    assert new.get("/projects").headers["Location"] == "/account", "somebody has seen the password"
    changed = new.send("/account", {"password": given, "new": SECRET, "again": SECRET}, seen_on="/account")
    assert changed.status_code == 303
    assert new.get("/projects").status_code == 200
    admin.send("/people", {"form": "roles", "name": "李四", "county": "000001", "role": "reviewer"}, seen_on="/people")
    assert dict(next(one for one in list_accounts(office.book) if one.name == "李四").grants) == {"000001": "reviewer"}
    admin.send("/people", {"form": "remove", "name": "李四"}, seen_on="/people")
    assert new.get("/projects").status_code == 303
    assert admin.send("/people", {"form": "remove", "name": "admin"}, seen_on="/people").status_code == 403
    bad = admin.send("/people", {**form, "name": "<script>"}, seen_on="/people")
    assert bad.status_code == 400
    assert "<script>" not in bad.text.replace("<script nonce", "")


def test_one_changes_the_own_password_with_the_present_one(office: Office) -> None:
    mine, elsewhere = office.browser("viewer"), office.browser("viewer")
    new = SECRET + " 新"
    wrong = [
        {"password": "wrong password", "new": new, "again": new},
        {"password": SECRET, "new": new, "again": new + "x"},
        {"password": SECRET, "new": SECRET, "again": SECRET},
        {"password": SECRET, "new": "short", "again": "short"},
    ]
    assert [mine.send("/account", form, seen_on="/account").status_code for form in wrong] == [400] * 4
    right = {"password": SECRET, "new": new, "again": new}
    assert mine.send("/account", right, seen_on="/account").status_code == 303
    assert mine.get("/projects").status_code == 200
    assert elsewhere.get("/projects").status_code == 303, "every other session ended"


def basic(name: str, password: str = SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def test_programs_send_name_and_password_and_only_where_programs_ask(office: Office) -> None:
    stranger = office.browser()
    assert stranger.get("/ogc", headers=basic("viewer")).status_code in {200, 404}
    assert stranger.get("/ogc", headers=basic("viewer", "wrong password")).status_code == 401
    assert stranger.get("/projects", headers=basic("viewer")).status_code == 303
    for _each in range(6):
        stranger.get("/ogc", headers=basic("reviewer", "wrong password"))
    assert stranger.get("/ogc", headers=basic("reviewer")).status_code == 401, "throttled like everybody"


def test_nobody_sees_another_county(two: Office) -> None:
    one, other = two.browser("reviewer"), two.browser("other")
    assert "红线内项目" in one.get("/000001/projects").text
    assert "红线内项目" in other.get("/000002/projects").text
    for path in ("/000002/", "/000002/projects", "/000002/api/projects", "/000002/static/app/style.css", "/000003/"):
        answer = one.get(path)
        assert answer.status_code == 404, path
        assert "圆县" not in answer.text
    assert one.get("/000002/").text == one.get("/000003/").text.replace("000003", "000002"), "nor that it exists"
    listed = one.get("/").text
    assert "方县" in listed
    assert "圆县" not in listed
    assert review_in(one, "/000002").status_code == 404
    assert two.browser().get("/000001/projects").headers["Location"].startswith("/login?next=/000001/projects")
    assert two.browser().get("/000002/ogc", headers=basic("reviewer")).status_code in {401, 404}


def review_in(browser: Browser, prefix: str) -> TestResponse:
    return browser.send(f"{prefix}/projects/P1", {"form": "reviews"}, seen_on="/account")


def test_a_manager_of_one_county_manages_no_other(two: Office) -> None:
    admin = two.browser("admin")
    page = admin.get("/people").text
    assert "reviewer" in page
    assert "other" not in re.findall(r'<th scope="row">([^<]*)', page)
    forms = [
        {"form": "add", "name": "李四", "county": "000002", "role": "admin"},
        {"form": "add", "name": "李四", "county": "*", "role": "admin"},
        {"form": "roles", "name": "reviewer", "county": "*", "role": "admin"},
        {"form": "roles", "name": "other", "county": "000001", "role": "viewer"},
        {"form": "remove", "name": "other"},
        {"form": "password", "name": "root"},
    ]
    codes = [admin.send("/people", form, seen_on="/people").status_code for form in forms]
    assert set(codes) <= {403, 404}
    assert {one.name for one in list_accounts(two.book)} == {"viewer", "reviewer", "admin", "other", "root"}
    two.browser("other").get("/000002/projects")
    assert "圆县" not in admin.get("/people/log").text
    assert "圆县" in two.browser("root").get("/people/log").text
    assert two.browser("root").get("/000002/people/log").status_code == 200


def test_links_of_a_county_stay_in_the_county(two: Office) -> None:
    page = two.browser("reviewer").get("/000001/projects").text
    links = re.findall(r'(?:href|action)="(/[^"]*)"', page)
    assert len(links) > 15
    assert all(link.startswith("/000001/") for link in links), links


def test_metrics_are_for_the_machine_itself_and_for_managers(office: Office) -> None:
    office.browser("viewer").get("/projects")
    stranger = office.browser()
    here = {"REMOTE_ADDR": "127.0.0.1"}
    text = stranger.get("/metrics", environ_overrides=here).text
    assert re.search(r'^ecogeo_requests_total\{kind="page",status="2xx"\} \d+$', text, re.MULTILINE)
    assert re.search(r"^ecogeo_sessions 1$", text, re.MULTILINE)
    assert 'ecogeo_sign_ins_total{outcome="done"} 1' in text
    away = {"REMOTE_ADDR": "10.0.0.7"}
    assert stranger.get("/metrics", environ_overrides=away).status_code == 404
    through = {"X-Forwarded-For": "10.0.0.7"}
    assert stranger.get("/metrics", environ_overrides=here, headers=through).status_code == 404
    assert office.browser("viewer").get("/metrics", environ_overrides=away).status_code == 404
    assert office.browser("admin").get("/metrics", environ_overrides=away).status_code == 200


def test_no_answer_may_be_kept_by_a_browser_or_read_by_another_page(office: Office) -> None:
    answer = office.browser("viewer").get("/projects", headers={"Origin": "http://evil.example"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert not [name for name, _value in answer.headers if name.startswith("Access-Control")]


def test_without_accounts_nothing_is_asked_for(county_folder: Path) -> None:
    client = create_app(open_workspace(county_folder)).test_client()
    assert client.get("/projects").status_code == 200
    assert client.get("/login").status_code == 404
    assert client.get("/people").status_code == 404
    assert "退出" not in client.get("/projects").text


Run = Callable[..., tuple[int, str, str]]


def test_the_command_line_manages_accounts(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = ("--accounts", tmp_path / "accounts")
    monkeypatch.setattr("sys.stdin", io.StringIO(SECRET + "\n"))
    assert run("users", "add", "王五", "--role", "admin", "--all-counties", *where)[0] == 0
    code, out, _err = run("users", "add", "李四", "--county", "450206", "--generate", *where)
    assert code == 0
    assert re.search(r"^[a-z2-9]{4}(-[a-z2-9]{4}){4}$", out, re.MULTILINE)
    assert run("users", "list", *where)[1].splitlines() == ["李四\t450206: 浏览", "王五\t所有县: 管理"]
    assert run("users", "remove", "李四", *where)[0] == 0
    code, _out, err = run("users", "remove", "李四", "--lang", "en", *where)
    assert (code, err.strip()) == (2, "error: there is no account “李四”: see ecogeo users list")
    code, _out, err = run("users", "add", "赵六", *where)
    assert code == 2
    assert "--county" in err
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert run("users", "password", "王五", *where)[0] == 2
    assert run("users", "log", *where)[0] == 0
