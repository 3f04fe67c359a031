"""Pages that say the same until something is decided or replaced: written once, and handed out again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps

from flask import Flask, current_app, request

from viewer.accounts.access import current_person, current_role
from viewer.boards import Board
from viewer.languages import current_lang
from viewer.prepared import board
from viewer.security import form_token, nonce
from viewer.watching import watch_of

MOST_PAGES = 96
MOST_BYTES = 48 << 20
_NONCE, _TOKEN = "\0nonce\0", "\0token\0"
"""Stand for what is another in every answer; no page holds such signs of its own."""

_EXTENSION = "ecogeo_kept_pages"


class KeptPages:
    """The pages of one application, as long as they say what its board says."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, str] = OrderedDict()
        self._board: Board | None = None
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, shown: Board, key: Hashable) -> str | None:
        """Return a page; None where it was not written since the board was made."""
        with self._lock:
            self._begin(shown)
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
            return found

    def put(self, shown: Board, key: Hashable, text: str) -> None:
        """Keep a page that was written from a board; those not asked for the longest go."""
        with self._lock:
            self._begin(shown)
            self._bytes += len(text) - len(self._pages.pop(key, ""))
            self._pages[key] = text
            while len(self._pages) > MOST_PAGES or (self._bytes > MOST_BYTES and len(self._pages) > 1):
                self._bytes -= len(self._pages.popitem(last=False)[1])

    def _begin(self, shown: Board) -> None:
        if self._board is not shown:
            self._pages.clear()
            self._board, self._bytes = shown, 0


def set_up(app: Flask) -> None:
    """Give an application its kept pages."""
    app.extensions[_EXTENSION] = KeptPages()


def kept(view: Callable[[], str]) -> Callable[[], str]:
    """Have a page written once for each board, address, language and reader.

    Parameters
    ----------
    view
        Shows nothing but what the board, the address, the language and the reader's rights say.
    """

    @wraps(view)
    def show() -> str:
        held: KeptPages = current_app.extensions[_EXTENSION]
        shown, key = board(), _key()
        text = held.get(shown, key)
        if text is None:
            written = view()
            if "\0" in written:
                return written
            text = written.replace(nonce(), _NONCE).replace(form_token(), _TOKEN)
            held.put(shown, key, text)
        return text.replace(_NONCE, nonce()).replace(_TOKEN, form_token())

    return show


def _key() -> Hashable:
    """Return everything beside the board that a page depends on."""
    person, told = current_person(), watch_of(current_app).told
    reader = None if person is None else (person.name, tuple(sorted(person.account.grants.items())))
    address = (request.endpoint, request.script_root, request.full_path)
    return address, current_lang(), reader, current_role(), told, current_app.config["ECOGEO_TODAY"]()
