"""Files of a county that are replaced while it is served: pages say so, and show the new as soon as it is judged."""

from __future__ import annotations

import logging
import threading
from typing import Any

from flask import Flask

from ecogeo.errors import EcogeoError
from ecogeo.reuse import file_stamps
from ecogeo.reuse.inputs import Stamps
from ecogeo.wording import Text, list_en, list_zh
from ecogeo.workspace import open_workspace
from viewer.languages import current_lang
from viewer.prepared import Prepared

_LOG = logging.getLogger(__name__)
_EXTENSION = "ecogeo_watch"


class Watch:
    """Looks after the files of one county.

    Parameters
    ----------
    app
        The application of the county.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._shown = file_stamps(self._held.workspace)
        self._before = self._shown
        self._refused: Stamps | None = None
        self._looking = threading.Lock()
        self.told: Text | None = None
        """What people are told of it on every page; None where nothing changed."""

    @property
    def _held(self) -> Prepared:
        held: Prepared = self._app.extensions["ecogeo"]
        return held

    def look(self) -> None:
        """Look once: what changed is told, and judged as soon as two looks find the same."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            self._look()
        finally:
            self._looking.release()

    def _look(self) -> None:
        now = file_stamps(self._held.workspace)
        is_settled, self._before = now == self._before, now
        if now == self._shown:
            self.told, self._refused = None, None
            return
        if now == self._refused:
            return
        names = _changed(self._held, self._shown, now)
        self.told = Text(
            f"县域资料有变化：{list_zh(names)}。正在重新读取和核查，完成前各页仍是原来的数据和结果",
            f"files of the county changed: {list_en(names)}. They are being read and judged; until that is done the "
            "pages show the data and results from before",
        )
        if is_settled:
            self._renew(now, names)

    def _renew(self, now: Stamps, names: list[str]) -> None:
        """Make the board of the files as they are, and put it in place; where it cannot be made, say why."""
        old = self._held
        try:
            county = open_workspace(old.workspace.root)
            shown = file_stamps(county)  # before anything is read: what changes meanwhile is found by the next look
            new = old.renewed(county)
            old.hand_over(new, lambda: self._put(new))
        except EcogeoError as error:
            self._refused = now
            why = Text(error.say("zh"), error.say("en"))
        except Exception:  # noqa: BLE001  the old board goes on being served, and says that it is old
            _LOG.exception("the county cannot be read anew")
            self._refused = now
            why = Text("内部出错，已记入日志", "something broke, see the log")
        else:
            self._shown, self._before, self._refused, self.told = shown, shown, None, None
            return
        self.told = Text(
            f"县域资料有变化（{list_zh(names)}），但不能使用，各页仍是原来的数据和结果：{why.zh}",
            f"files of the county changed ({list_en(names)}) and cannot be used; the pages show the data and results "
            f"from before: {why.en}",
        )

    def _put(self, new: Prepared) -> None:
        self._app.extensions["ecogeo"] = new


def set_up(app: Flask) -> None:
    """Have every page of a county tell of files that changed, and speak of the county as its files now call it."""
    app.extensions[_EXTENSION] = Watch(app)

    @app.context_processor
    def _told() -> dict[str, Any]:
        lang, county = current_lang(), app.extensions["ecogeo"].workspace.county
        told = watch_of(app).told
        return {
            "county": county.title.say(lang),
            "notice": county.mark.say(lang) if county.mark is not None else "",
            "changed": "" if told is None else told.say(lang),
        }


def watch_of(app: Flask) -> Watch:
    """Return what looks after the files of an application's county."""
    watch: Watch = app.extensions[_EXTENSION]
    return watch


def _changed(held: Prepared, before: Stamps, now: Stamps) -> list[str]:
    """Return the files that changed, came or went, as people know them."""
    paths = sorted(path for path in {*before, *now} if before.get(path) != now.get(path))
    root = held.workspace.root
    return [path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name for path in paths]
