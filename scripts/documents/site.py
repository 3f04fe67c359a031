"""The site of the documents: pages, pictures and a search that ask nobody."""

from __future__ import annotations

import shutil
from importlib.metadata import files
from pathlib import Path
from typing import Any

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from documents.markup import HOME

_SETTINGS = Path(__file__).with_name("mkdocs.yml")


def build_site(out: Path) -> Path:
    """Build the site; a page that is missing, a dead link or a dead anchor stops it.

    Parameters
    ----------
    out
        Its folder, emptied first.

    Returns
    -------
    The page to open.

    Raises
    ------
    SystemExit
        With the builder's words, where anything is wrong.
    """
    config: Any = load_config(str(_SETTINGS), site_dir=str(out.resolve()), strict=True)
    decisions = sorted((HOME / "docs" / "decisions").glob("[0-9]*.md"))
    _, pages = next(iter(config["nav"][-1].items()))
    pages.extend(f"decisions/{path.name}" for path in decisions)
    try:
        build(config)
    except Abort as error:
        raise SystemExit(str(error)) from error
    for unused in ("assets/javascripts/lunr", "assets/javascripts/workers"):
        shutil.rmtree(out / unused, ignore_errors=True)  # of the builder's own search, which needs a server
    for unused in ("sitemap.xml", "sitemap.xml.gz"):
        (out / unused).unlink(missing_ok=True)
    _add_licences(out / "licenses")
    return out / "index.html"


def _add_licences(folder: Path) -> None:
    """Put the licence of the theme, whose scripts and styles the site carries, beside it."""
    folder.mkdir(exist_ok=True)
    for path in files("mkdocs-material") or ():
        if path.name.startswith("LICENSE") and "dist-info" in str(path):
            shutil.copy(str(path.locate()), folder / f"mkdocs-material-{path.name}")
