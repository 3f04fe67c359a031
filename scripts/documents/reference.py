"""Every page of the reference, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from documents.address_page import address_page
from documents.check_page import check_page
from documents.command_page import command_page
from documents.county_page import county_page
from documents.file_page import file_page
from documents.rule_page import definition_page, rule_page

PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": command_page,
    "files.md": file_page,
    "layers.md": county_page,
    "checks.md": check_page,
    "rules.md": rule_page,
    "definitions.md": definition_page,
    "addresses.md": address_page,
}
"""The pages written from the code and the tables, by name."""


def write_reference(folder: Path) -> tuple[Path, ...]:
    """Write every page of the reference.

    Parameters
    ----------
    folder
        Where they go: ``docs/reference``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, write in PAGES.items():
        (folder / name).write_text(write(), encoding="utf-8", newline="\n")
    return tuple(folder / name for name in PAGES)
