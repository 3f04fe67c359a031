"""The server attacked: stolen cookies, replays, other people's jobs, other counties, odd methods, odd requests."""

from __future__ import annotations

import datetime as dt
import errno
import re
from pathlib import Path
from unittest import mock

import pytest
from test_viewer_access import HERE, SECRET, Browser, Office, cheap_hashes, office, review, two
from werkzeug.test import Client

from ecogeo.jobs import KeptJobs
from ecogeo.jobs.kept import CANCEL
from ecogeo.workspace import open_workspace
from viewer import create_app
from viewer.kept_pages import MOST_PAGES, KeptPages

pytestmark = pytest.mark.usefixtures("warm_viewer")

__all__ = ["cheap_hashes", "office", "two"]

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)


def cookie_of(browser: Browser) -> str:
    held = browser.client.get_cookie("ecogeo")
    assert held is not None
    return held.value


def with_cookie(office: Office, value: str) -> Browser:
    thief = Browser(office.browser().client)
    thief.client.set_cookie("ecogeo", value)
    return thief


def token_on(browser: Browser, path: str) -> str:
    return re.findall(r'name="token" value="([^"]+)"', browser.get(path).text)[0]


def test_a_stolen_cookie_is_worth_nothing_after_the_password_was_changed(office: Office) -> None:
    victim = office.browser("viewer")
    thief = with_cookie(office, cookie_of(victim))
    assert thief.get("/projects").status_code == 200, "so it was worth stealing"
    new = SECRET + " 新"
    form = {"password": SECRET, "new": new, "again": new}
    assert victim.send("/account", form, seen_on="/account").status_code == 303
    assert thief.get("/projects").status_code == 303
    assert cookie_of(victim) != thief.client.get_cookie("ecogeo").value  # type: ignore[union-attr]
    assert victim.get("/projects").status_code == 200


def test_a_cookie_planted_before_signing_in_is_not_the_session(office: Office) -> None:
    victim = with_cookie(office, "planted-by-somebody-else")
    assert victim.sign_in("viewer").status_code == 303
    assert cookie_of(victim) != "planted-by-somebody-else"
    assert with_cookie(office, "planted-by-somebody-else").get("/projects").status_code == 303


def test_a_form_replayed_after_signing_out_changes_nothing(office: Office, county_folder: Path) -> None:
    browser = office.browser("reviewer")
    token, cookie = token_on(browser, "/account"), cookie_of(browser)
    form = {"token": token, "form": "reviews", "layer": "redlines|inside", "outcome": "false_hit", "reason": "看过"}
    headers = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
    browser.send("/logout", {}, seen_on="/account")
    replayed = with_cookie(office, cookie).client.post("/projects/P1", base_url=HERE, data=form, headers=headers)
    assert replayed.status_code in {303, 401, 403}
    again = office.browser("reviewer").client.post("/projects/P1", base_url=HERE, data=form, headers=headers)
    assert again.status_code == 403, "the token was that of the session before"
    assert not (county_folder / "data" / "decisions").exists()


def test_a_form_replayed_in_its_session_stands_twice_and_says_so(office: Office, county_folder: Path) -> None:
    """Deciding again is no fault: the last row counts, and both are kept."""
    browser = office.browser("reviewer")
    assert [review(browser).status_code for _each in range(2)] == [303, 303]
    kept = (county_folder / "data" / "decisions" / "reviews.csv").read_text("utf-8-sig").splitlines()
    assert len(kept) == 3


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no job begin."""
    monkeypatch.setattr(KeptJobs, "_enqueue", lambda _jobs, _number: None)


def ordered(browser: Browser, prefix: str = "") -> str:
    form = {"kind": "xlsx", "paper": "A4", "lang": "zh", "scope": "every"}
    answer = browser.send(f"{prefix}/report", form, seen_on=f"{prefix}/report")
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)[-400:]
    return answer.headers["Location"].rpartition("/")[2]


@pytest.mark.usefixtures("still")
def test_a_job_is_changed_by_who_ordered_it_and_by_admins_alone(office: Office, county_folder: Path) -> None:
    viewer, reviewer, admin = (office.browser(name) for name in ("viewer", "reviewer", "admin"))
    number = ordered(viewer)
    folder = county_folder / "out" / "jobs" / number
    page = reviewer.get(f"/report/{number}").text
    assert "由 viewer 提交" in page, "everybody of the county sees it"
    assert 'value="cancel"' not in page
    assert 'value="remove"' not in page
    for what in ("cancel", "resume", "remove"):
        for path in (f"/report/{number}", f"/siting/{number}"):
            assert reviewer.send(path, {"form": what}, seen_on="/account").status_code in {403, 404}, what
    assert folder.is_dir()
    assert not (folder / CANCEL).exists()
    assert 'value="remove"' in viewer.get(f"/report/{number}").text
    assert viewer.send(f"/report/{number}", {"form": "remove"}, seen_on="/account").status_code == 303
    assert not folder.exists()
    number = ordered(reviewer)
    assert viewer.send(f"/report/{number}", {"form": "remove"}, seen_on="/account").status_code == 403
    assert admin.send(f"/report/{number}", {"form": "remove"}, seen_on="/account").status_code == 303


@pytest.mark.usefixtures("still")
def test_jobs_of_another_county_are_not_there(two: Office) -> None:
    number = ordered(two.browser("viewer"), "/000001")
    other, root = two.browser("other"), two.browser("root")
    for path in (f"/000002/report/{number}", f"/000002/report/{number}/result.zip", f"/000002/siting/{number}"):
        assert other.get(path).status_code == 404, path
        assert root.get(path).status_code == 404, "not even to who manages both"
    assert other.get(f"/000001/report/{number}").status_code == 404
    assert other.send(f"/000002/report/{number}", {"form": "remove"}, seen_on="/account").status_code in {403, 404}
    assert root.get(f"/000001/report/{number}").status_code == 200


def test_other_methods_are_refused(office: Office, county_folder: Path) -> None:
    admin = office.browser("admin")
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "CONNECT"):
        for path in ("/", "/projects/P1", "/report", "/people", "/api/projects", "/static/app/style.css"):
            answer = admin.client.open(path, method=method, base_url=HERE)
            assert answer.status_code in {403, 405, 501}, (method, path)
            assert "Traceback" not in answer.text
    assert not (county_folder / "data" / "decisions").exists()


def test_asking_for_the_head_or_the_options_shows_nothing_more(office: Office) -> None:
    stranger, viewer = office.browser(), office.browser("viewer")
    for path in ("/", "/projects", "/projects/P1", "/api/projects", "/ogc/collections"):
        for method in ("HEAD", "OPTIONS"):
            assert stranger.client.open(path, method=method, base_url=HERE).status_code in {303, 401}, path
        assert viewer.client.head(path, base_url=HERE).data == b""
        told = viewer.client.options(path, base_url=HERE)
        assert "Access-Control-Allow-Origin" not in told.headers


PATHS = [
    "/static/../app.py",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static/app/..%2f..%2f..%2fapp.py",
    "/static/app/%00style.css",
    "/static//etc/passwd",
    "/report/..%2f..%2f..%2fetc%2fpasswd/result.zip",
    "/tiles/..%2f..%2flayers.toml/0/0/0.png",
    "/projects/..%2f..%2flayers",
    "/evidence/..%2f..%2flayers.toml",
    "/" + "a" * 9000,
    "/%ff%fe",
]


def test_no_path_leads_out(office: Office) -> None:
    admin = office.browser("admin")
    for path in PATHS:
        answer = admin.get(path)
        assert answer.status_code in {400, 404, 405, 414}, path
        for inside in ("root:", "[county]", "Traceback", "site-packages", "def create_app"):
            assert inside not in answer.text, path


def test_a_forged_host_is_refused_before_anything_else(office: Office) -> None:
    admin = office.browser("admin")
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example", "127.0.0.1.nip.io"):
        answer = admin.client.get("/projects", base_url=HERE, headers={"Host": host})
        assert answer.status_code == 400, host
        assert "红线内项目" not in answer.text
        assert "evil" not in answer.headers.get("Location", "")


def test_headers_of_a_proxy_nobody_named_are_not_believed(office: Office) -> None:
    lies = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    lies |= {"X-Forwarded-Prefix": "/evil", "X-Original-Url": "/people", "X-Rewrite-Url": "/people"}
    browser = office.browser("viewer")
    page = browser.get("/projects", headers=lies)
    assert page.status_code == 200
    assert "evil" not in page.text
    assert "Strict-Transport-Security" not in page.headers
    assert browser.get("/people", headers=lies).status_code == 403


def test_what_breaks_inside_shows_nothing_of_the_inside(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = office.browser("viewer")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("/srv/secret/path: SELECT password")

    monkeypatch.setattr("viewer.pages.projects.render_template", broken)
    answer = browser.get("/projects")
    assert answer.status_code == 500
    assert "服务器内部出错" in answer.text
    for inside in ("secret", "SELECT", "RuntimeError", "Traceback", ".py"):
        assert inside not in answer.text


def test_a_disk_that_fails_under_a_page_says_what_to_do(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = office.browser("viewer")
    for code in (errno.ENOSPC, errno.EIO, errno.EACCES):
        broken = mock.Mock(side_effect=OSError(code, "no", "/srv/secret/path"))
        monkeypatch.setattr("viewer.pages.projects.render_template", broken)
        answer = browser.get("/projects?lang=en")
        assert answer.status_code == 503
        assert "do it again" in answer.text
        assert "secret" not in answer.text


def test_a_role_taken_away_holds_for_the_form_that_is_open(office: Office, county_folder: Path) -> None:
    from ecogeo.accounts import set_grants

    browser = office.browser("reviewer")
    token = token_on(browser, "/account")
    set_grants(office.book, "reviewer", {"000001": "viewer"})
    form = {"token": token, "form": "reviews", "layer": "redlines|inside", "outcome": "false_hit", "reason": "看过"}
    headers = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
    assert browser.client.post("/projects/P1", base_url=HERE, data=form, headers=headers).status_code == 403
    assert not (county_folder / "data" / "decisions").exists()


def test_a_form_of_too_many_or_too_large_parts_is_refused(office: Office) -> None:
    browser = office.browser("reviewer")
    many = {f"field{number}": "x" for number in range(3000)}
    assert browser.send("/projects/P1", many, seen_on="/account").status_code in {400, 413}
    assert browser.send("/projects/P1", {"reason": "长" * 60_000}, seen_on="/account").status_code == 413
    assert browser.get("/projects?words=" + "x" * 20_000).status_code in {200, 400, 414}


def test_every_answer_carries_what_browsers_need(office: Office) -> None:
    browser = office.browser("viewer")
    for path in ("/", "/projects", "/nothing", "/api/projects", "/static/app/style.css", "/login", "/people"):
        with browser.get(path) as answer:
            headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        policy = headers["Content-Security-Policy"]
        (scripts,) = re.findall(r"script-src ([^;]*)", policy)
        assert "unsafe" not in scripts
        assert "frame-ancestors 'self'" in policy
        assert headers.get("Server", "ecogeo") == "ecogeo"
    first, second = (re.findall(r"nonce-([^']+)", browser.get("/").headers["Content-Security-Policy"]) for _ in "12")
    assert first != second


ADDRESSES = re.compile(r"""(?:href|src|action|data-[a-z-]+|url)["']?\s*[=:]\s*["'](/[^"']*)""")

ROOMS = re.compile(r"""["'](/(?:api|checks|ogc|present|projects|report|screen|siting|static|tiles)[/?"'][^"']*)""")


def test_below_a_path_of_a_proxy_every_address_has_it(county_folder: Path) -> None:
    app = create_app(open_workspace(county_folder), prefix="/gis")
    client = Client(app)
    seen: set[str] = set()
    paths = [rule.rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())]
    for path in [*paths, "/projects/P1", "/nothing"]:
        with client.get(path, base_url=HERE, environ_overrides={"SCRIPT_NAME": "/gis"}) as answer:
            if answer.mimetype not in {"text/html", "application/json"}:
                continue
            told = [
                *ADDRESSES.findall(answer.text),
                *ROOMS.findall(answer.text),
                *([answer.location] if answer.location else []),
            ]
        wrong = [one for one in told if not one.startswith(("/gis/", "http://localhost/gis/"))]
        assert wrong == [], path
        seen.update(told)
    assert len(seen) > 40
    with client.get(next(one for one in seen if one.endswith("style.css")).removeprefix("/gis"), base_url=HERE) as css:
        assert css.status_code == 200
        assert "url(/" not in css.text


def test_a_page_written_once_is_told_each_reader_with_their_own_token_and_rights(
    office: Office, county_folder: Path
) -> None:
    viewer, reviewer = office.browser("viewer"), office.browser("reviewer")
    first, again, other = viewer.get("/projects"), viewer.get("/projects"), reviewer.get("/projects")
    assert again.text == first.text, "nothing was decided meanwhile"
    assert not any("\0" in answer.text for answer in (first, again, other))
    tokens = [re.findall(r'name="token" value="([^"]+)"', answer.text) for answer in (first, again, other)]
    assert tokens[0] == tokens[1] != tokens[2]
    assert "reviewer" in other.text
    assert "reviewer" not in again.text
    assert 'lang="en"' in viewer.get("/projects?lang=en").text
    before = first.text.count("误判")
    assert review(reviewer).status_code == 303
    assert viewer.get("/projects?lang=zh").text.count("reviewer") > 0, "what was decided since is shown"
    assert before == 0
    assert (county_folder / "data" / "decisions" / "reviews.csv").is_file()


def test_no_more_pages_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, other = mock.Mock(), mock.Mock()
    held = KeptPages()
    for number in range(MOST_PAGES + 5):
        held.put(shown, number, "x")
    assert held.get(shown, 4) is None
    assert held.get(shown, 5) == "x"
    monkeypatch.setattr("viewer.kept_pages.MOST_BYTES", 10)
    held.put(shown, "long", "x" * 20)
    assert held.get(shown, 5) is None
    assert held.get(shown, "long") == "x" * 20
    assert held.get(other, "long") is None, "another board says other things"


def test_a_case_of_the_counter_is_its_accounts_whatever_cookie_comes_with_it(office: Office) -> None:
    viewer, reviewer = office.browser("viewer"), office.browser("reviewer")
    for browser in (viewer, reviewer):
        browser.client.set_cookie("counter", "a")
    corners = "109.300,24.280\n109.304,24.280\n109.304,24.284"
    answer = viewer.send("/screen", {"corners": corners, "shape": "polygon", "name": "甲"}, seen_on="/screen")
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)[-400:]
    address = answer.headers["Location"]
    assert viewer.get(address).status_code == 200
    assert "counter=" not in answer.headers.get("Set-Cookie", "")
    for planted in ("a", "account viewer", "viewer"):
        reviewer.client.set_cookie("counter", planted)
        assert reviewer.get(address).status_code == 404
        assert address not in reviewer.get("/screen").text
    again = office.browser("viewer")
    assert again.get(address).status_code == 200, "it is the person's, at another desk too"
