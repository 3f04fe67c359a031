"""What was seen in a document and not understood: it is listed, never left out."""

from __future__ import annotations

from dataclasses import dataclass

from ecogeo.formats.document import Counted
from ecogeo.wording import Text

_PLACES: dict[Counted, Text] = {
    "line": Text("行", "line"),
    "paragraph": Text("段", "paragraph"),
    "row": Text("行", "row"),
}


@dataclass(frozen=True, slots=True)
class Unused:
    """Something that was seen in a document and not understood.

    Parameters
    ----------
    title
        The caption of its table; may be empty.
    first_line, last_line
        Where it stands, counted from 1; 0 for the document as a whole.
    reason
        What it is and why it was not taken over.
    is_loss
        Whether it belongs to an indicator, project or task table, so that something of the plan is missing from the
        result.
    counted
        What the places count: lines of a text, paragraphs of a Word document, rows of a sheet.
    """

    title: str
    first_line: int
    last_line: int
    reason: Text
    is_loss: bool = False
    counted: Counted = "line"

    @property
    def message(self) -> Text:
        """The whole in one sentence: where it stands, and why it was not taken over."""
        lines = f"{self.first_line}-{self.last_line}" if self.last_line > self.first_line else f"{self.first_line}"
        title_zh, title_en = (f"（{self.title}）", f" ({self.title})") if self.title else ("", "")
        place = _PLACES[self.counted]
        if not self.last_line:
            return self.reason
        return Text(
            f"第 {lines} {place.zh}{title_zh}：{self.reason.zh}", f"{place.en} {lines}{title_en}: {self.reason.en}"
        )
