"""What the site does beyond its builder's own: an index for the search, and names in place of links that leave it."""

from __future__ import annotations

import json
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

_OUTSIDE = re.compile(r"(?<!!)\[([^\]]+)\]\((\.\./[^)#\s]*)(#[^)]*)?\)")
_FENCES = re.compile(r"(^ *```.*?^ *```[ ]*$)", re.DOTALL | re.MULTILINE)
_CHINESE = r"[\u2014\u2018-\u201d\u2026\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_BROKEN = re.compile(rf"(?<={_CHINESE})\n *(?={_CHINESE})")
_HEADINGS = ("h1", "h2", "h3", "h4")
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link"})
_ENGLISH_FOLDERS = ("developers", "decisions")
_CHINESE_PAGES = ("index.md", "measures.zh.md")
_entries: list[dict[str, str]] = []


def slug(text: str, separator: str) -> str:
    """Return the anchor of a heading as forges make it, Chinese characters kept.

    Examples
    --------
    >>> slug("返回值 Exit status", "-")
    '返回值-exit-status'
    """
    plain = unicodedata.normalize("NFC", text).strip().lower()
    return re.sub(r"\s", separator, re.sub(r"[^\w\- ]", "", plain)).replace(" ", separator)


def on_pre_build(config: Any) -> None:  # noqa: ANN401, ARG001  the builder's own types are not typed
    """Begin an index anew."""
    _entries.clear()


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:  # noqa: ANN401, ARG001
    """Show files outside the folder of the documents by their names: the site does not hold them."""
    depth = page.file.src_uri.count("/")

    def told(found: re.Match[str]) -> str:
        up = found[2].count("../")
        if up <= depth:
            return found[0]
        path = found[2].replace("../", "")
        return found[1] if found[1].strip("`") == path else f"{found[1]} (`{path}`)"

    return joined(_OUTSIDE.sub(told, markdown))


def joined(markdown: str) -> str:
    r"""Join lines that end and go on in Chinese, where a browser would put a space; fences stay as they are.

    Examples
    --------
    >>> joined("放在一起，\n核查用地\n\nEnglish\nlines")
    '放在一起，核查用地\n\nEnglish\nlines'
    """
    parts = _FENCES.split(markdown)
    return "".join(part if at % 2 else _BROKEN.sub("", part) for at, part in enumerate(parts))


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:  # noqa: ANN401, ARG001
    """Take a page into the index, section by section."""
    reader = _Sections()
    reader.feed(html)
    for anchor, title, words in reader.sections:
        where = page.url + (f"#{anchor}" if anchor else "")
        text = " ".join("".join(words).split())
        _entries.append(
            {"where": where, "page": str(page.title or title), "title": title or str(page.title), "text": text}
        )
    return html


def on_post_page(output: str, page: Any, config: Any) -> str:  # noqa: ANN401, ARG001
    """Say of a page in English that it is, so that it is read aloud as such."""
    folder, _, name = page.file.src_uri.rpartition("/")
    is_english = folder in _ENGLISH_FOLDERS or (not folder and name not in _CHINESE_PAGES)
    return output.replace('<html lang="zh"', '<html lang="en"', 1) if is_english else output


def on_post_build(config: Any) -> None:  # noqa: ANN401
    """Write the index as a script, which a page opened from a folder may read."""
    text = json.dumps(_entries, ensure_ascii=False, separators=(",", ":"))
    path = Path(config["site_dir"]) / "assets" / "search_index.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"var ecogeoIndex = {text};\n", encoding="utf-8")


class _Sections(HTMLParser):
    """Parts a page at its headings."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[tuple[str, str, list[str]]] = []
        self._in_heading = False
        self._in_permalink = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in _HEADINGS:
            self.sections.append((told.get("id") or "", "", []))
            self._in_heading = True
        elif tag == "a" and "headerlink" in (told.get("class") or ""):
            self._in_permalink = True
        if self.sections and not self._in_heading and tag not in _VOID:
            self.sections[-1][2].append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._in_heading = False
        elif tag == "a":
            self._in_permalink = False

    def handle_data(self, data: str) -> None:
        if self._in_permalink or not self.sections:
            return
        anchor, title, words = self.sections[-1]
        if self._in_heading:
            self.sections[-1] = (anchor, title + data, words)
        else:
            words.append(data)
