"""Serving: it listens at once, says where, and refuses a taken port in a sentence."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ecogeo.errors import UsageError
from ecogeo.workspace import open_workspace
from viewer.security import LOOPBACK_HOSTS
from viewer.serve import _address, _trusted_hosts, serve

HOME = Path(__file__).parent.parent


SERVE = """
import sys
from pathlib import Path
from ecogeo.workspace import open_workspace
from viewer.serve import serve
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


def test_on_the_loopback_no_other_name_is_trusted() -> None:
    assert _trusted_hosts("127.0.0.1") == LOOPBACK_HOSTS
    assert set(LOOPBACK_HOSTS) < set(_trusted_hosts("10.1.2.3"))
    assert "10.1.2.3" in _trusted_hosts("10.1.2.3")
