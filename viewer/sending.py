"""What is sent, made small: texts are compressed for whoever can read them so."""

from __future__ import annotations

import functools
import gzip
from pathlib import Path

from flask import Flask, Response, request

_LEAST_BYTES = 1024
"""Less fits into one packet as it is."""

_LEVEL = 5
_FILE_LEVEL = 9
_MOST_KEPT = 256
_KINDS = frozenset(
    {
        *("text/html", "text/css", "text/plain", "text/csv", "text/javascript", "application/javascript"),
        *("application/json", "application/geo+json", "application/vnd.oai.openapi+json", "image/svg+xml"),
        "application/vnd.mapbox-vector-tile",
    }
)


def set_up(app: Flask) -> None:
    """Compress answers by gzip: pages and data as they are made, files of the viewer once."""
    folder = Path(app.static_folder or "").resolve()

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype not in _KINDS:
            return response
        response.vary.add("Accept-Encoding")
        if not _may_be(response):
            return response
        content = _of_file(app, folder) if response.direct_passthrough else _compressed(response)
        if content is None:
            return response
        etag, _ = response.get_etag()
        if callable(close := getattr(response.response, "close", None)):
            close()  # the file that would have been sent
        response.direct_passthrough = False
        response.set_data(content)
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("Accept-Ranges", None)  # a part of this is no part of the file
        if etag is not None:
            response.set_etag(etag, weak=True)  # the same text, not the same bytes
        return response


def _may_be(response: Response) -> bool:
    """Tell whether an answer may be compressed.

    A page holds the token of its forms and may repeat words of its address; where it is encrypted, its length must not
    tell how well the two go together. What is not encrypted tells everything anyway.
    """
    if response.status_code != 200 or "Content-Encoding" in response.headers or request.method != "GET":
        return False
    if request.is_secure and response.mimetype == "text/html":
        return False
    return request.accept_encodings["gzip"] > 0


def _compressed(response: Response) -> bytes | None:
    if response.is_streamed:
        return None
    content = response.get_data()
    return gzip.compress(content, _LEVEL, mtime=0) if len(content) >= _LEAST_BYTES else None


def _of_file(app: Flask, folder: Path) -> bytes | None:
    """Return a file of the viewer, compressed once; nothing for a file of any other place."""
    if request.endpoint != "static" or app.static_folder is None:
        return None
    path = (folder / str((request.view_args or {}).get("filename", ""))).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        return None
    found = path.stat()
    return _file(path, found.st_mtime_ns, found.st_size) if found.st_size >= _LEAST_BYTES else None


@functools.lru_cache(maxsize=_MOST_KEPT)
def _file(path: Path, *_stamp: int) -> bytes:
    return gzip.compress(path.read_bytes(), _FILE_LEVEL, mtime=0)
