"""Chinese words that stand in the tables of a run and mean one thing, such as 历史遗留 or 水田, in both languages.

Names of places, rivers and people are not among them: those are never translated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ecogeo.landuse.book import LandBook
from ecogeo.palette import LAYER_STYLES
from ecogeo.spatial_indicators import IN_LAYER, IN_PLAN, OF_GEOMETRY, OTHER_AREA
from ecogeo.wording import Text

_OTHERS = (
    *(IN_LAYER, IN_PLAN, OF_GEOMETRY, OTHER_AREA),
    Text("扰动", "disturbed"),
    Text("已修复", "restored"),
    Text("无数据", "no data"),
    Text("无图斑", "no patch"),
    Text("地类不明", "class unknown"),
    Text("没有可量算的图层", "there is no layer to measure it on"),
    Text("岸边带内地类已知的面积", "ground of known class in the strip along the banks"),
    Text("县域内湿地面积", "wetland in the county"),
    Text("矿山图层中应修复的面积", "ground to be restored in the layer of mines"),
    Text(
        "指标按植被盖度计，量算值是林草地面积占比，只作参照，未作比较",
        "the indicator is of how dense the plants are, what is measured is the share of forest and grass: shown for "
        "reference, not compared",
    ),
)
_PATTERNS = (
    (re.compile(r"(.+)（可调整）"), r"\1 (adjustable)"),
    (re.compile(r"一级类 (\S+)"), r"first-level class \1"),
    (re.compile(r"另有 (\S+) 个河段未划功能区，未计入"), r"\1 more reaches have no zone and are left out"),
    (
        re.compile(r"另有 (\S+) 公顷未写明扰动或已修复，未计入"),
        r"\1 ha more are called neither disturbed nor restored, and left out",
    ),
)


def vocabulary(book: LandBook) -> Mapping[str, Text]:
    """Return the words of tables by their Chinese form: classes of layers and of land, covers and their definitions.

    Parameters
    ----------
    book
        The county's land classes and definitions.

    Examples
    --------
    >>> vocabulary(LandBook({}, {}, (), (), {"水田": "paddy field"}))["水田"].en
    'paddy field'
    >>> vocabulary(LandBook({}, {}, (), ()))["历史遗留"].en
    'legacy'
    """
    known = {one.zh: one for one in _OTHERS}
    for style in LAYER_STYLES.values():
        for entry in style.classes:
            known |= {value: Text(value, entry.label.en) for value in entry.values if value == entry.label.zh}
    known |= {name: Text(name, english) for name, english in book.english.items()}
    for one in book.definitions:
        known |= {one.measure.zh: one.measure, one.wording.zh: one.wording}
    return known


def in_both(phrase: str, words: Mapping[str, Text]) -> Text:
    """Return what a table says in both languages; a word nobody translated stays as it is.

    Parameters
    ----------
    phrase
        A word, or several joined by ``；``.
    words
        As of `vocabulary`.

    Examples
    --------
    >>> in_both("果园（可调整）", {"果园": Text("果园", "orchard")}).en
    'orchard (adjustable)'
    >>> in_both("柳江", {}).en
    '柳江'
    """
    parts = [_in_english(part, words) for part in phrase.split("；")]
    return Text(phrase, "; ".join(parts))


def _in_english(word: str, words: Mapping[str, Text]) -> str:
    if word in words:
        return words[word].en
    for pattern, english in _PATTERNS:
        if (found := pattern.fullmatch(word)) is not None:
            inner = found[1]
            return english.replace(r"\1", words[inner].en if inner in words else inner)
    return word
