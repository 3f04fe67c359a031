"""Serving: it listens at once, says where, and refuses a taken port in a sentence."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ecogeo.accounts import AccountBook, add_account
from ecogeo.errors import UsageError
from ecogeo.workspace import open_workspace
from viewer.security import LOOPBACK_HOSTS
from viewer.serve import _address, _trusted_hosts, county_places, serve

HOME = Path(__file__).parent.parent


SERVE = """
import signal
import sys
from pathlib import Path
from ecogeo.workspace import open_workspace
from viewer.serve import serve
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it starts behind itself ignore Ctrl+C
serve(open_workspace(Path(sys.argv[1])), port=0, announce=lambda address: print(address, flush=True))
"""


def test_it_listens_says_where_and_ends_on_interrupt(county_folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(county_folder)], cwd=HOME, stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        port = urlsplit(server.stdout.readline().decode()).port
        connection = HTTPConnection("127.0.0.1", port or 0, timeout=30)
        answers = []
        for path in ("/healthz", "/projects/P1"):
            connection.request("GET", path)
            answers.append(connection.getresponse().read().decode("utf-8"))
        connection.close()
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=10) == 0
    assert json.loads(answers[0]) == {"status": "ok"}
    assert "红线内项目" in answers[1]


def test_a_taken_port_is_refused_in_a_sentence(county_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="the port may be taken"):
            serve(open_workspace(county_folder), port=taken.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:80/"),
        ("0.0.0.0", "http://127.0.0.1:80/"),  # noqa: S104  compared, not bound
        ("::1", "http://[::1]:80/"),
        ("10.1.2.3", "http://10.1.2.3:80/"),
    ],
)
def test_the_address_is_one_people_can_open(host: str, expected: str) -> None:
    assert _address(host, 80) == expected


def test_other_machines_are_served_with_accounts_and_an_admin_alone(county_folder: Path, tmp_path: Path) -> None:
    county, book = open_workspace(county_folder), AccountBook(tmp_path / "accounts")
    for told in ({"host": "10.1.2.3"}, {"host": "0.0.0.0"}, {"proxy": "127.0.0.1"}):  # noqa: S104  refused
        with pytest.raises(UsageError, match="needs accounts"):
            serve(county, port=0, **told)  # type: ignore[arg-type]
        with pytest.raises(UsageError, match=r"nobody manages Square County yet.*ecogeo users add"):
            serve(county, port=0, accounts=book, **told)  # type: ignore[arg-type]
    add_account(book, "root", "河堤 灯塔 石榴 三月 七个", {"*": "admin"}, 0.0)
    with pytest.raises(UsageError, match="--proxy is the proxy's IP address"):
        serve(county, port=0, accounts=book, proxy="all")


def test_counties_that_cannot_be_told_apart_are_refused(county_folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(county_folder, other)
    both = [open_workspace(county_folder), open_workspace(other)]
    with pytest.raises(UsageError, match=r"county and other have the same code \(000001\)"):
        county_places(both)
    assert [place.prefix for place in county_places(both[:1])] == [""]
    declared = other / "layers" / "layers.toml"
    declared.write_text(declared.read_text("utf-8").replace('code = "000001"\n', "").replace("方县", "圆县"), "utf-8")
    places = county_places([both[0], open_workspace(other)])
    assert [(place.county_id, place.prefix) for place in places] == [("000001", "000001"), ("圆县", "other")]
    unfit = other.rename(tmp_path / "圆 县")
    with pytest.raises(UsageError, match="give code in"):
        county_places([both[0], open_workspace(unfit)])


SERVE_OPEN = """
import sys
from pathlib import Path
from ecogeo.accounts import AccountBook
from ecogeo.workspace import open_workspace
from viewer.serve import serve
serve(open_workspace(Path(sys.argv[1])), port=0, accounts=AccountBook(Path(sys.argv[2])), proxy="127.0.0.1",
      names=("gis.county.local",), prefix="/gis", announce=lambda address: print(address, flush=True))
"""


def test_a_proxy_is_believed_and_the_system_may_ask_it_to_end(county_folder: Path, tmp_path: Path) -> None:
    book = AccountBook(tmp_path / "accounts")
    add_account(book, "root", "河堤 灯塔 石榴 三月 七个", {"*": "admin"}, 0.0)
    with subprocess.Popen(
        [sys.executable, "-c", SERVE_OPEN, str(county_folder), str(book.folder)], cwd=HOME, stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        announced = urlsplit(server.stdout.readline().decode().strip())
        port = announced.port or 0
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        told = {
            "X-Forwarded-Prefix": "/evil",
            "X-Forwarded-Host": "gis.county.local",
            "X-Forwarded-For": "10.9.9.9",
            "X-Forwarded-Proto": "https",
        }
        connection.request("GET", "/projects", headers=told)
        answer = connection.getresponse()
        answer.read()
        secure = answer.headers["Strict-Transport-Security"]
        connection.request("GET", "/gis/projects", headers=told)
        whole = connection.getresponse()
        whole.read()
        connection.request("GET", "/metrics", headers=told)
        metrics = connection.getresponse()
        metrics.read()
        connection.request("GET", "/projects", headers={**told, "X-Forwarded-Host": "evil.example"})
        other = connection.getresponse()
        other.read()
        connection.close()
        slow = [socket.create_connection(("127.0.0.1", port)) for _each in range(60)]
        for one in slow:
            one.sendall(b"GET / HTTP/1.1\r\nHost: gis.county.local\r\nX-Slow: ")
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/healthz", headers=told)
        quick = connection.getresponse()
        quick.read()
        connection.request("GET", "/healthz", headers={**told, "X-Long": "x" * (300 << 10)})
        oversized = connection.getresponse()
        oversized.read()
        connection.close()
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0
    assert announced.path == "/gis/"
    for one in (answer, whole):  # whether or not the proxy passes its path on
        assert (one.status, one.headers["Location"]) == (303, "/gis/login?next=/gis/projects")
    assert secure is not None
    for one in slow:
        one.close()
    assert quick.status == 200, "those that never end their request keep nobody waiting"
    assert oversized.status == 431
    assert metrics.status == 404, "the proxy asks for somebody else"
    assert other.status == 400


def test_on_the_loopback_no_other_name_is_trusted() -> None:
    assert _trusted_hosts("127.0.0.1") == LOOPBACK_HOSTS
    assert set(LOOPBACK_HOSTS) < set(_trusted_hosts("10.1.2.3"))
    assert "10.1.2.3" in _trusted_hosts("10.1.2.3")


@pytest.mark.parametrize("prefix", ["gis", "/gis/../x", "//evil.example", "/gis?x", "/县", "/a b"])
def test_only_a_path_is_taken_for_one(county_folder: Path, prefix: str) -> None:
    with pytest.raises(UsageError, match="--prefix is a path such as /gis"):
        serve(open_workspace(county_folder), port=0, prefix=prefix)
