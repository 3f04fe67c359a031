"""Sentences for people, in Chinese and English side by side.

Every sentence a person reads is written once as a pair, so that neither language can lag behind the other.
Words of the data (names of places, clauses) are never translated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages.

    Parameters
    ----------
    zh
        The Chinese wording, which officers see first.
    en
        The English wording of the same sentence.

    Examples
    --------
    >>> Text("共 58 个项目", "58 projects").say("en")
    '58 projects'
    """

    zh: str
    en: str

    def say(self, lang: Lang) -> str:
        """Return the wording in one language."""
        return self.zh if lang == "zh" else self.en

    def __str__(self) -> str:
        """Return the Chinese wording."""
        return self.zh


def list_zh(names: Iterable[object], *, most: int = 8) -> str:
    """Join names for a Chinese sentence, cutting a long list short and saying how many there are.

    Examples
    --------
    >>> list_zh(["甲", "乙"])
    '甲、乙'
    >>> list_zh("abcd", most=2)
    'a、b 等 4 个'
    """
    words = [str(name) for name in names]
    return "、".join(words) if len(words) <= most else f"{'、'.join(words[:most])} 等 {len(words)} 个"


def list_en(names: Iterable[object], *, most: int = 8) -> str:
    """Join names for an English sentence, cutting a long list short and saying how many there are.

    Examples
    --------
    >>> list_en("abcd", most=2)
    'a, b and 2 more'
    """
    words = [str(name) for name in names]
    return ", ".join(words) if len(words) <= most else f"{', '.join(words[:most])} and {len(words) - most} more"
