"""A font that can write the Chinese of a sheet: the one named, else one of the system, else the file of zhplot."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.wording import Text

SYSTEM_FONTS = (
    *("Microsoft YaHei", "SimHei", "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC"),
    *("Source Han Sans CN", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Heiti SC", "STHeiti"),
)
"""Names of system fonts with simplified Chinese, the likelier first."""

_PROBE = "县域生态保护红线用地界址点图例比例尺"


def find_font(configured: Path | None = None) -> Path:
    """Return the file of a font with simplified Chinese.

    Parameters
    ----------
    configured
        The font somebody chose; None to look for one.

    Returns
    -------
    The configured file, else a font of the system by name, else the file that comes with zhplot.

    Raises
    ------
    UnusableFileError
        Where the configured file is no font, or cannot write Chinese.
    UsageError
        Where there is none, with what to do: a sheet is never drawn with empty boxes in the place of characters.
    """
    if configured is not None:
        return _checked(configured)
    found = _system_font() or _carried_font()
    if found is None:
        raise UsageError(
            Text(
                "没有可用的中文字体：请安装一种（如 思源黑体、微软雅黑），或用 --font 指明字体文件，"
                "或安装 zhplot（自带 Noto Sans SC）",
                "there is no font with Chinese: install one (Source Han Sans, Microsoft YaHei), name a file by --font, "
                "or install zhplot, which carries Noto Sans SC",
            )
        )
    return found


def missing_characters(font: Path, texts: Iterable[str]) -> str:
    """Return the characters a font cannot write, each once, in the order of their codes."""
    known = _characters(font)
    return "".join(sorted({one for text in texts for one in text if one not in known and not one.isspace()}))


@lru_cache(maxsize=4)
def _characters(font: Path) -> frozenset[str]:
    return frozenset(map(chr, FT2Font(str(font)).get_charmap()))


def _checked(font: Path) -> Path:
    if not font.is_file():
        raise UnusableFileError(font.name, Text("字体文件不存在", "the font file does not exist"))
    try:
        missing = missing_characters(font, [_PROBE])
    except (RuntimeError, OSError) as error:
        problem = Text("不是可用的字体文件（TTF、OTF、TTC）", "it is no usable font file (TTF, OTF, TTC)")
        raise UnusableFileError(font.name, problem) from error
    if missing:
        zh, en = f"缺少汉字 {missing}，不能用于图件", f"it lacks the characters {missing} and cannot be used for sheets"
        raise UnusableFileError(font.name, Text(zh, en))
    return font


@lru_cache(maxsize=1)
def _system_font() -> Path | None:
    """Return a font of the system by name, whose file has it as its first face: that is the one drawn.

    The first face of a collection may be Japanese, whose characters are written otherwise. Only outlines a PDF takes as
    they are (TrueType) will do.
    """
    by_name: dict[str, Path] = {}
    for entry in font_manager.fontManager.ttflist:
        if entry.weight in {400, "normal", "regular"} and getattr(entry, "index", 0) == 0:
            by_name.setdefault(entry.name, Path(entry.fname))
    for name in SYSTEM_FONTS:
        font = by_name.get(name)
        if font is not None and font.is_file() and _is_truetype(font) and not missing_characters(font, [_PROBE]):
            return font
    return None


def _is_truetype(font: Path) -> bool:
    """Tell whether the first face of a font file has TrueType outlines."""
    with font.open("rb") as file:
        head = file.read(16)
        if head[:4] == b"ttcf":
            file.seek(int.from_bytes(head[12:16], "big"))
            head = file.read(4)
    return head[:4] in {b"\x00\x01\x00\x00", b"true"}


def _carried_font() -> Path | None:
    """Return the font file of zhplot; the package itself is not imported, for it changes matplotlib's settings."""
    spec = importlib.util.find_spec("zhplot")
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).parent / "fonts" / "NotoSansSC-Regular.ttf"
    return file if file.is_file() else None
