"""Notes that stand below a table: 注：, a footnote mark, and numbered ones behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ecogeo.formats.text_tables import RawTable
from ecogeo.plan.cells import one_line
from ecogeo.plan.passages import Passage
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text

_NOTE = re.compile(r"(?:<p>)?\s*(?:注|备注|说明)[：:]|[①-⑳]")
_NUMBERED_NOTE = re.compile(r"[0-9]{1,2}[.．、]")
_EXCERPT = 40


def is_note(text: str) -> bool:
    """Whether a text is a note below a table."""
    return bool(_NOTE.match(text))


def note(title: str, line: int, text: str) -> Unused:
    """Describe a note below a table."""
    words = one_line(re.sub("<[^>]*>", "", text))[:_EXCERPT]
    return Unused(title, line, line, Text(f"表下的注：{words}…", f"a note below the table: {words}…"))


def notes_below(tables: Sequence[RawTable], passages: Sequence[Passage]) -> list[Unused]:
    """List the notes that stand right below tables: from 注： or a footnote mark on, numbered ones behind it too."""
    found: list[Unused] = []
    for table in tables:
        is_begun = False
        for passage in (item for item in passages if item.line > table.last_line):
            if not is_note(passage.text) and not (is_begun and _NUMBERED_NOTE.match(passage.text)):
                break
            is_begun = True
            found.append(note(table.title, passage.line, passage.text))
    return found
