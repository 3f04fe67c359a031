"""Runs of text as office files set them: raised marks, text struck out or hidden, signs of symbol fonts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecogeo.wording import Text, list_en, list_zh

_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_NOTE = re.compile(r"[(（\[]?注?\s*(?P<number>[0-9]{1,2})[)）\]]?")
_OFF = {"0", "false", "off", "none", "baseline"}
_SYMBOLS = {
    0xB3: "≥", 0xA3: "≤", 0xB1: "±", 0xB9: "≠", 0xBB: "≈", 0xB4: "×", 0xB8: "÷", 0xB0: "°", 0x2D: "−", 0x6D: "μ",
    0xA2: "′", 0xB2: "″", 0xB7: "•", 0xD7: "·", 0xB5: "∝", 0xA5: "∞",
}  # fmt: skip
_WINGDINGS = {0xFC: "✓", 0xFE: "☑", 0xFB: "✗", 0xA8: "□", 0x6F: "□", 0x9F: "•", 0x6C: "●", 0xD8: "➢"} | {
    0x81 + at: chr(ord("①") + at) for at in range(10)
}
_FONTS = {"symbol": _SYMBOLS, "wingdings": _WINGDINGS}
_PRIVATE = range(0xF000, 0xF100)
UNKNOWN = "〓"
"""Stands for a sign of a symbol font that is not known; no figure holds it."""
_EXCERPT = 20


@dataclass(slots=True)
class Run:
    """How a run of text is set.

    Parameters
    ----------
    is_raised, is_struck, is_hidden
        Whether it is a superscript, struck through, or hidden.
    """

    is_raised: bool = False
    is_struck: bool = False
    is_hidden: bool = False

    @property
    def is_out(self) -> bool:
        """Whether its text is not to be read."""
        return self.is_struck or self.is_hidden

    def take(self, name: str, value: str) -> None:
        """Take a property of the run by its element's name and its value."""
        is_on = value.lower() not in _OFF
        if name == "vertAlign":
            self.is_raised = value == "superscript"
        elif name in ("strike", "dstrike"):
            self.is_struck = is_on
        elif name == "vanish":
            self.is_hidden = is_on


def raised(text: str) -> str:
    """Return a superscript so that it joins no figure in front of it.

    Examples
    --------
    >>> raised("1"), raised("注2"), raised("(3)"), raised("①"), raised("a")
    ('¹', '[2]', '[3]', '①', '^a')
    """
    if found := _NOTE.fullmatch(text.strip()):
        bare = found["number"] == text.strip()
        return text.strip().translate(_RAISED) if bare else f"[{found['number']}]"
    moved = text.translate(_RAISED)
    return f"^{text}" if moved == text and text[:1].isascii() and text[:1].isalpha() else moved


def symbol(font: str, char: str) -> str:
    """Return a sign that a symbol font gives for a code; 〓 where it is not known.

    Parameters
    ----------
    font
        The name of the font.
    char
        The code in hexadecimal digits; those of F000 and above are codes of the font.

    Examples
    --------
    >>> symbol("Symbol", "F0B3"), symbol("Wingdings", "F081"), symbol("Elsewhere", "F0B3")
    ('≥', '①', '〓')
    """
    if not re.fullmatch("[0-9A-Fa-f]{1,6}", char):
        return UNKNOWN
    code = int(char, 16)
    low = code - _PRIVATE.start if code in _PRIVATE else code
    signs = _FONTS.get(font.strip().lower())
    if signs is not None and low < len(_PRIVATE):
        plain = chr(low) if signs is _SYMBOLS and 0x20 < low < 0x40 else UNKNOWN
        return signs.get(low, plain)
    return UNKNOWN if code in _PRIVATE or code > 0x10FFFF or 0xD800 <= code < 0xE000 else chr(code)


def left_out(places: Sequence[tuple[str, str]], *, of_book: bool) -> tuple[Text, ...]:
    """Say which text was left out for being struck through or hidden.

    Parameters
    ----------
    places
        Where each stands, and its text.
    of_book
        Whether the places are cells of a workbook; else they are paragraphs.
    """
    if not places:
        return ()
    zh = (f"{where if of_book else f'第 {where} 段'}“{text[:_EXCERPT]}”" for where, text in places)
    en = (f'{where if of_book else f"paragraph {where}"} "{text[:_EXCERPT]}"' for where, text in places)
    return (
        Text(
            f"带删除线或隐藏的文字没有读入：{list_zh(zh, most=20)}",
            f"text that is struck through or hidden was not read: {list_en(en, most=20)}",
        ),
    )
