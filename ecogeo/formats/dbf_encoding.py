"""In which encoding text was written that does not say so, or says so wrongly: attribute tables above all.

Names and values are judged as a whole from their bytes: strict UTF-8 first, then GB18030; a stated code page (.cpg, or
the language byte of the table) is believed only where the bytes allow it and no other reading is far more plausible.
Plausible means, for GB18030, the common characters of GB 2312; for Big5, its common half; for others, letters.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ecogeo.wording import Text, list_en, list_zh

UTF8, CHINESE, ASCII = "UTF-8", "GB18030", "ASCII"

_PLAUSIBLE = 0.6
_CLEARLY_MORE = 0.15
_SURELY_CHINESE = 0.9
_AMONG_LETTERS = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f]|[^\x00-\x7f](?=[A-Za-z])")
_UTF8_NAMES = {"utf8", "utf-8", "65001", "cp65001"}
_CHINESE_NAMES = {"gbk", "gb2312", "gb18030", "cp936", "936", "54936", "ansi936", "ansi_936", "euc-cn", "x-gbk"}
_LATIN_NAMES = {"88591": "ISO-8859-1", "iso88591": "ISO-8859-1"}
_TRADITIONAL, _KOREAN = ("BIG5", "CP950", "BIG5HKSCS"), ("CP949", "EUC_KR", "JOHAB")
_JAPANESE = ("CP932", "SHIFT_JIS", "EUC_JP")
_MANY_BYTES = (*_TRADITIONAL, *_KOREAN, *_JAPANESE)
_LANGUAGE_BYTES = (
    dict.fromkeys((0x4D, 0x7A), "936")
    | dict.fromkeys((0x4F, 0x78), "950")
    | dict.fromkeys((0x4E, 0x79), "949")
    | dict.fromkeys((0x13, 0x7B), "932")
    | dict.fromkeys((0x03, 0x57, 0x58, 0x59), "1252")
    | {0x01: "437", 0x02: "850", 0xC8: "1250", 0xC9: "1251"}
)

Value = tuple[bytes, int]
"""Bytes of a text and the width of its field in bytes (0 where nothing limits it)."""


@dataclass(slots=True)
class Decoding:
    """How the texts of a file were decoded.

    Parameters
    ----------
    encoding
        The encoding of the file as a whole.
    cut
        Number of texts that ended in half a character, by column.
    other
        Number of texts in another encoding than the file's, by column.
    lost
        Number of texts with bytes in no known encoding, by column.
    """

    encoding: str
    cut: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def doubts(self) -> tuple[Text, ...]:
        """What was trimmed, read otherwise or lost, as sentences."""
        said = []
        if self.cut:
            columns, total = list(self.cut), self.cut.total()
            said.append(
                Text(
                    f"{total} 处文字在字段宽度处被截去半个汉字，已去掉半个字（{list_zh(columns)}）",
                    f"{total} texts were cut in mid-character at the field's width; the half was left off "
                    f"({list_en(columns)})",
                )
            )
        if self.other:
            columns, total = list(self.other), self.other.total()
            said.append(
                Text(
                    f"编码混杂：{total} 处文字不是 {self.encoding}，已逐个判断（{list_zh(columns)}）",
                    f"its encodings are mixed: {total} texts are not {self.encoding} and were judged one by one "
                    f"({list_en(columns)})",
                )
            )
        if self.lost:
            columns, total = list(self.lost), self.lost.total()
            said.append(
                Text(
                    f"{total} 处文字有无法识别的字节，以“�”代替（{list_zh(columns)}）",
                    f"{total} texts hold bytes in no known encoding, shown as “�” ({list_en(columns)})",
                )
            )
        return tuple(said)


def known_encoding(stated: str) -> str:
    """Return the encoding a .cpg file or a DXF header means; empty where it is none that is known.

    Examples
    --------
    >>> known_encoding("936"), known_encoding("utf8"), known_encoding("ANSI 1252"), known_encoding("OEM")
    ('GB18030', 'UTF-8', 'CP1252', '')
    """
    name = stated.strip().strip("\0").lower().replace(" ", "").removeprefix("ansi_").removeprefix("ansi")
    if name in _UTF8_NAMES:
        return UTF8
    if name in _CHINESE_NAMES:
        return CHINESE
    if name in _LATIN_NAMES:
        return _LATIN_NAMES[name]
    try:
        found = codecs.lookup(f"cp{name}" if name.isdigit() else name)
    except (LookupError, ValueError):
        return ""
    return found.name.upper() if found._is_text_encoding else ""


def language_encoding(language_byte: int) -> str:
    """Return the encoding the language byte of a DBF hints at; empty where it says nothing.

    Examples
    --------
    >>> language_encoding(0x4D)
    'GB18030'
    """
    return known_encoding(_LANGUAGE_BYTES.get(language_byte, ""))


def judge_encoding(values: Iterable[Value], stated: str = "") -> str:
    """Return the encoding of a body of texts.

    Parameters
    ----------
    values
        Texts as bytes; those that are plain ASCII say nothing.
    stated
        What the file states, as `known_encoding` returns it.

    Returns
    -------
    ``ASCII`` where no text needs an encoding.

    Examples
    --------
    >>> judge_encoding([("水源涵养".encode("gbk"), 0)])
    'GB18030'
    >>> judge_encoding([("水源涵养".encode("utf-8"), 0)], stated="GB18030")
    'UTF-8'
    """
    telling = [value for value in dict.fromkeys(values) if not value[0].isascii()]
    if not telling:
        return ASCII
    as_utf8 = [_strict(*value, UTF8)[0] for value in telling]
    as_chinese = [_strict(*value, CHINESE)[0] for value in telling]
    share = sum(text is not None for text in as_utf8) / len(telling)
    if share == 1 and (stated == UTF8 or not _is_chance(as_utf8, as_chinese)):
        return UTF8
    if share > 0.5 and not _is_chance(as_utf8, as_chinese):
        return UTF8
    candidates = {CHINESE: as_chinese}
    if stated and stated not in (UTF8, CHINESE, ASCII):
        candidates[stated] = [_strict(*value, stated)[0] for value in telling]
    weights = {
        encoding: plausibility("".join(text or "" for text in texts), encoding)
        * (sum(text is not None for text in texts) / len(telling))
        + (_CLEARLY_MORE if encoding == stated else 0.0)
        for encoding, texts in candidates.items()
    }
    if weights[CHINESE] >= _PLAUSIBLE and stated not in _MANY_BYTES:
        return CHINESE
    if weights[CHINESE] >= _SURELY_CHINESE and stated in _TRADITIONAL:
        return CHINESE  # nearly any bytes are Big5 too; common simplified characters throughout are no chance
    return max(weights, key=lambda encoding: weights[encoding])


def plausibility(text: str, encoding: str) -> float:
    """Return how common the characters of a text are among those an encoding is used for, 0 to 1.

    Examples
    --------
    >>> plausibility("水源", "GB18030")
    1.0
    >>> plausibility("姘存簮", "GB18030") < 0.6
    True
    """
    counts = Counter(character for character in text if not character.isascii())
    total = counts.total()
    return (
        sum(_commonness(character, encoding) * count for character, count in counts.items()) / total if total else 0.0
    )


def decode_value(raw: bytes, width: int, decoding: Decoding, column: str) -> str:
    """Decode one text in the file's encoding, or in the one it alone is in; note what that took.

    Parameters
    ----------
    raw
        The bytes, blanks at the end stripped.
    width
        Width of its field in bytes; only a text that fills it can have been cut there. 0 where nothing limits it.
    decoding
        The file's encoding; what happens is counted in it.
    column
        The column to count it for.
    """
    if raw.isascii():
        return raw.decode("ascii")
    main = CHINESE if decoding.encoding == ASCII else decoding.encoding
    text, is_cut = _strict(raw, width, main)
    second = CHINESE if main == UTF8 else UTF8
    other, is_other_cut = _strict(raw, width, second)
    if text is None and other is None:
        decoding.lost[column] += 1
        return raw.decode(main, errors="replace")
    if text is None or (main != UTF8 and other is not None and _is_rather_utf8(text, other, main)):
        decoding.other[column] += 1
        decoding.cut[column] += is_other_cut
        text = other or ""
    else:
        decoding.cut[column] += is_cut
    decoding.cut = +decoding.cut
    return text


def decode_column(raw: pd.Series, width: int, decoding: Decoding, column: str) -> pd.Series:
    """Decode a column that was read byte by byte (as ISO-8859-1); missing values stay missing.

    Parameters
    ----------
    raw
        Texts whose characters stand for bytes.
    width, decoding, column
        As of `decode_value`; a text that occurs twice is counted twice.
    """
    codes, distinct = pd.factorize(raw)
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    texts: list[str | None] = []
    for value, count in zip(distinct, counts, strict=True):
        one = Decoding(decoding.encoding)
        texts.append(decode_value(bytes_of(value), width, one, column))
        for total, part in ((decoding.cut, one.cut), (decoding.other, one.other), (decoding.lost, one.lost)):
            if part:
                total[column] += int(count)
    decoded = np.array([*texts, None], dtype=object)[codes]
    return pd.Series(decoded, index=raw.index, name=raw.name, dtype="str")


def bytes_of(text: str) -> bytes:
    """Return the bytes a text stands for that was read byte by byte; one that was not, in UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", errors="replace")


def _strict(raw: bytes, width: int, encoding: str) -> tuple[str | None, bool]:
    """Return a text decoded strictly (None where it cannot be) and whether half a character had to be left off."""
    try:
        return raw.decode(encoding), False
    except UnicodeDecodeError as error:
        is_half = bool(width) and len(raw) >= width and error.start >= len(raw) - 3
        if not is_half or error.end < len(raw):
            return None, False
        try:
            return raw[: error.start].decode(encoding), True
        except UnicodeDecodeError:
            return None, False


def _is_chance(as_utf8: Sequence[str | None], as_chinese: Sequence[str | None]) -> bool:
    """Whether bytes are UTF-8 by chance only: no character of three bytes, but common Chinese in GB18030."""
    if any(character >= "\u0800" for text in as_utf8 if text for character in text):
        return False
    chinese = " ".join(text for text in as_chinese if text)
    among_letters = len(_AMONG_LETTERS.findall(chinese))
    is_accent = 2 * among_letters >= sum(not character.isascii() for character in chinese)
    return not is_accent and plausibility(chinese, CHINESE) >= _PLAUSIBLE


def _is_rather_utf8(text: str, other: str, main: str) -> bool:
    """Whether a text of a file in another encoding is itself Chinese in UTF-8."""
    is_chinese = all("\u2e80" <= character <= "\uffef" for character in other if not character.isascii())
    return is_chinese and plausibility(text, main) < _PLAUSIBLE


def _commonness(character: str, encoding: str) -> float:
    """Return 1 for a common character of an encoding, 0.5 for a less common and 0 for a rare one."""
    if encoding == CHINESE:
        lead = _lead_byte(character, "gb2312")
        return 1.0 if 0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3 else 0.5 if lead else 0.0
    if encoding in _TRADITIONAL:
        lead = _lead_byte(character, "big5")
        return 1.0 if 0xA1 <= lead <= 0xC6 else 0.5 if lead else 0.0
    if encoding in _KOREAN:
        return float("가" <= character <= "힣")
    if encoding in _JAPANESE:
        return 1.0 if "ぁ" <= character <= "ヿ" else 0.5 if _lead_byte(character, "shift_jis") else 0.0
    return float(character.isalpha())


def _lead_byte(character: str, encoding: str) -> int:
    """Return the first byte of a character, 0 where the encoding does not have it."""
    try:
        return character.encode(encoding)[0]
    except UnicodeEncodeError:
        return 0
