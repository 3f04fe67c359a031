"""What English pages say in Chinese that is none of the county's own words: pages walked by their links, as text."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient

CHINESE = re.compile("[一-鿿]+")
PUNCTUATION = re.compile("[、。；：？！（）《》]")
OF_THE_RUN = ("周边", "坡度大于", "的地块", "名称中有", "内容中有", "待补充", "项目类型")
"""Parts of names and reasons that stand in the files of a run as they are: ground around a feature, steep ground, why a
project was taken for its type, what is to be told next."""

MOST_PER_PAGE = 2
"""Of pages that differ by their subject alone, as many are read."""

FILES = re.compile(r"\.(csv|xlsx|docx|zip|gpkg|pdf|png|json|geojson|html|toml)$|/static/|/tiles/|/files/|/evidence/")


class Reader(HTMLParser):
    """Gather what a page says: its texts, what is read aloud, its data blocks, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.blocks: list[str] = []
        self.links: list[str] = []
        self._held: list[tuple[str, bool]] = []
        self._script = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        is_chinese = told.get("lang", "").startswith("zh") or bool(self._held and self._held[-1][1])
        if tag not in {"meta", "link", "input", "br", "img", "hr", "path", "rect", "circle", "line", "source", "col"}:
            self._held.append((tag, is_chinese))
        self._script = told.get("type", "text/javascript") if tag in {"script", "style"} else ""
        if tag == "a":
            self.links.append(told.get("href", ""))
        if not is_chinese:
            self.texts += [told[name] for name in ("aria-label", "title", "placeholder", "alt") if name in told]
            self.texts += [told["value"]] if tag == "input" and told.get("type") == "submit" else []

    def handle_endtag(self, tag: str) -> None:
        while self._held and self._held.pop()[0] != tag:
            pass
        self._script = ""

    def handle_data(self, data: str) -> None:
        if self._script:
            if self._script == "application/json":
                self.blocks.append(data)
        elif data.strip() and not (self._held and self._held[-1][1]):
            self.texts.append(data.strip())


def cells(root: Path) -> Iterator[str]:
    """Yield every text of the county's own tables, layers and declarations."""
    for path in (root / "data").rglob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                yield from row
    for path in (root / "layers").glob("*.gpkg"):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as base:
            for (name,) in base.execute("select table_name from gpkg_contents").fetchall():
                for row in base.execute(f'select * from "{name}"'):  # noqa: S608  a name of our own sample
                    yield from (one for one in row if isinstance(one, str))
    for path in [*(root / "data").rglob("*.toml"), root / "layers" / "layers.toml"]:
        told = tomllib.loads(path.read_text("utf-8"))
        is_plan = path.name == "plan.toml"
        yield from (text for name, text in strings(told) if is_plan or name not in {"title", "notice", "name"})


def is_pair(told: Any) -> bool:
    """Whether something is a sentence in both languages, of which the page's script takes one."""
    if isinstance(told, dict):
        return told.keys() == {"zh", "en"}
    return isinstance(told, list) and len(told) == 2 and all(isinstance(one, str) for one in told)


def strings(told: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of something nested, with the name it stands under; of two languages the English."""
    if is_pair(told):
        yield name, told["en"] if isinstance(told, dict) else told[1]
    elif isinstance(told, dict):
        for key, value in told.items():
            yield from strings(value, str(key))
    elif isinstance(told, list):
        for value in told:
            yield from strings(value, name)
    elif isinstance(told, str):
        yield name, told


def pages(client: FlaskClient) -> Iterator[tuple[str, Reader]]:
    """Walk the pages by their links; of those that differ by their subject alone a few."""
    seen: set[str] = set()
    counts: dict[str, int] = {}
    waiting = ["/"]
    rules = client.application.url_map.bind("localhost")
    while waiting:
        address = waiting.pop(0)
        path = urlsplit(address).path
        if address in seen or FILES.search(path):
            continue
        seen.add(address)
        endpoint, _ = rules.match(path)  # a link to no page breaks the walk
        counts[endpoint] = counts.get(endpoint, 0) + 1
        if counts[endpoint] > MOST_PER_PAGE:
            continue
        answer = client.get(f"{address.partition('#')[0]}{'&' if '?' in address else '?'}lang=en")
        if answer.status_code != 200 or not answer.mimetype.startswith("text/html"):
            continue
        reader = Reader()
        reader.feed(answer.text)
        waiting += [link.partition("#")[0] for link in reader.links if link.startswith("/") and "lang=" not in link]
        yield address, reader


def left_in_chinese(client: FlaskClient, root: Path) -> dict[str, set[str]]:
    """Return what English pages say in Chinese and no data of the county does, with the pages."""
    told = set(cells(root))
    runs = {run for text in told for run in CHINESE.findall(text)}
    whole = "\n".join(told)
    strange: dict[str, set[str]] = {}
    for address, reader in pages(client):
        said = list(reader.texts)
        for block in reader.blocks:
            said += [text for _, text in strings(json.loads(block))]
        for text in said:
            for run in CHINESE.findall(text):
                if run not in runs and run not in OF_THE_RUN and not (len(run) > 3 and run in whole):
                    strange.setdefault(f"{run} in “{text[:80]}”", set()).add(address)
            if PUNCTUATION.search(text) and not CHINESE.search(text) and text not in whole:
                strange.setdefault(f"“{text[:80]}”", set()).add(address)
    return strange
