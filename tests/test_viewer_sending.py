"""What is sent compressed: the same text, kept by browsers, and never a page whose length could tell its token."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ecogeo.finding import Report
from ecogeo.workspace import open_workspace
from viewer import create_app

pytestmark = pytest.mark.usefixtures("warm_viewer")

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(open_workspace(Path(__file__).parent.parent), report=Report("", ())).test_client()


@pytest.mark.parametrize("path", ["/mines", "/static/vendor/leaflet/leaflet.js", "/static/app/style.css", "/ogc/api"])
def test_texts_are_compressed_for_those_who_ask(client: FlaskClient, path: str) -> None:
    plain, small = client.get(path, buffered=True), client.get(path, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 1.8
    text, same = plain.data, gzip.decompress(small.data)
    if path == "/mines":
        assert abs(len(text) - len(same)) < 200, "the nonce is another"
    else:
        assert text == same


def test_what_a_browser_keeps_is_not_sent_again(client: FlaskClient) -> None:
    small = client.get("/static/app/map.js", headers=GZIP)
    etag = small.headers["ETag"]
    assert etag.startswith("W/")
    again = client.get("/static/app/map.js", headers={**GZIP, "If-None-Match": etag}, buffered=True)
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/healthz", GZIP),
        ("/mines", {"Accept-Encoding": "br"}),
        ("/mines", {"Accept-Encoding": "gzip;q=0"}),
        ("/api/relief.png", GZIP),
        ("/static/app/map.js", {**GZIP, "Range": "bytes=0-99"}),
    ],
)
def test_what_is_small_asked_for_otherwise_or_a_picture_is_sent_as_it_is(
    client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    answer = client.get(path, headers=headers, buffered=True)
    assert answer.status_code in (200, 206)
    assert "Content-Encoding" not in answer.headers


def test_an_encrypted_page_tells_nothing_by_its_length(client: FlaskClient) -> None:
    secure = "https://localhost"
    assert "Content-Encoding" not in client.get("/mines", headers=GZIP, base_url=secure).headers
    assert "Content-Encoding" in client.get("/static/app/map.js", headers=GZIP, base_url=secure).headers
