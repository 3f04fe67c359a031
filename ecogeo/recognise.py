"""What a layer of a county is, by the names, fields, geometry and first values of its file.

The signs stand in ``role_signs.toml``, marked where they were only recalled. Where they are weak or tie, nothing is
chosen: the candidates are named instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from ecogeo.role_signs import Dialect, FieldUse, RasterSigns, RoleSigns, ValueSign, sign_table
from ecogeo.wording import Text, list_en, list_zh

_WORDS = re.compile(r"[a-z]+|[0-9]+")
_KINDS = {"point": "point", "line": "line", "polygon": "polygon", "surface": "polygon", "curve": "line"}
_KIND_WORDS = {"point": Text("点", "points"), "line": Text("线", "lines"), "polygon": Text("面", "polygons")}
_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """What a layer most likely is.

    Parameters
    ----------
    role
        Its role; None where the signs are weak, tie or contradict one another.
    score
        Its points, by the table; 0 without a role.
    reasons
        The signs seen, or why they were not enough.
    key, name_field
        Fields that identify a feature and that people read; empty where none is known.
    fields
        Further meanings, each with the file's own field name.
    """

    role: str | None
    score: int = 0
    reasons: tuple[Text, ...] = ()
    key: str = ""
    name_field: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RasterHead:
    """What a look at a few blocks of a raster tells.

    Parameters
    ----------
    dtype
        Type of its cells, as numpy names it.
    bands
        Number of bands.
    least, most
        Smallest and largest value seen, cells without data left out; None where none was seen.
    distinct
        How many different values were seen.
    is_whole
        Whether all of them are whole numbers.
    """

    dtype: str
    bands: int
    least: float | None = None
    most: float | None = None
    distinct: int = 0
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A role with the points and signs that speak for it, and what speaks against it."""

    role: str
    score: int
    signs: tuple[Text, ...]
    objection: Text | None = None
    dialect: Dialect | None = None


def recognise(
    name: str, fields: Sequence[str], geometry_type: str, *, values: Mapping[str, Sequence[str]] = _NOTHING
) -> RoleGuess:
    """Tell which role a vector layer plays.

    Parameters
    ----------
    name
        Name of the layer, or of its file.
    fields
        Names of its fields, as the file writes them; letter case does not matter.
    geometry_type
        Kind of its geometry as GDAL names it; ``Unknown`` or empty speaks neither for nor against a role.
    values
        What the first features hold, by field, as text; empty where nobody looked.

    Returns
    -------
    The role whose signs weigh most. Where they are not enough, tie, or the role cannot have such a geometry, the role
    is None and the reasons name the candidates.

    Examples
    --------
    >>> recognise("STBHHX_2023", ["BSM", "XJXZQDM", "XJXZQMC", "LHLX", "MJ"], "MultiPolygon").role
    'redlines'
    >>> recognise("CZKFBJ", ["BSM", "MJ"], "Polygon").role is None
    True
    """
    own = {column.upper(): column for column in reversed(fields)}
    held = {column.upper(): cells for column, cells in values.items()}
    kind = _kind(geometry_type)
    best, reasons = _choose(
        _weigh(role, signs, name, own=own, kind=kind, held=held) for role, signs in sign_table().roles.items()
    )
    if best is None:
        return RoleGuess(None, reasons=reasons)
    uses: tuple[FieldUse, ...] = (sign_table().roles[best.role], sign_table().common)
    if best.dialect is not None:
        uses = (best.dialect, *uses)
    key, doubts = _key(uses, own, held)
    return RoleGuess(
        role=best.role,
        score=best.score,
        reasons=(*reasons, *doubts),
        key=key,
        name_field=_first((column for use in uses for column in use.name), own),
        fields=_meanings(uses, own),
    )


def recognise_raster(name: str, head: RasterHead) -> RoleGuess:
    """Tell which role a raster plays: its name says so, and its cells must not contradict.

    Parameters
    ----------
    name
        Name of the file.
    head
        What its cells look like.

    Examples
    --------
    >>> recognise_raster("柳江区高程", RasterHead("int16", 1, 61.0, 902.0, 700)).role
    'dem'
    """
    best, reasons = _choose(_weigh_raster(role, signs, name, head) for role, signs in sign_table().rasters.items())
    return RoleGuess(None, reasons=reasons) if best is None else RoleGuess(best.role, best.score, reasons)


def _choose(weighed: Iterable[_Candidate]) -> tuple[_Candidate | None, tuple[Text, ...]]:
    """Return the candidate far enough ahead with the signs for it, or None with all candidates as reasons."""
    points = sign_table().points
    candidates = sorted((found for found in weighed if found.score), key=lambda found: -found.score)
    if not candidates:
        return None, (Text("名称、字段和属性值中没有认识的标志", "no known sign in its name, fields or values"),)
    viable = [found for found in candidates if found.objection is None]
    if viable and viable[0].score >= points.enough:
        ahead = viable[0].score - (viable[1].score if len(viable) > 1 else 0)
        if ahead >= points.lead:
            return viable[0], viable[0].signs
        head = Text("标志不相上下，未作选择", "the signs tie, so none was chosen")
    else:
        head = Text("标志不足，未作选择", "the signs are too weak, so none was chosen")
    return None, (head, *(_described(found) for found in candidates))


def _described(found: _Candidate) -> Text:
    zh, en = "；".join(sign.zh for sign in found.signs), "; ".join(sign.en for sign in found.signs)
    if found.objection is not None:
        zh, en = f"{zh}；但{found.objection.zh}", f"{en}; but {found.objection.en}"
    return Text(f"可能是 {found.role}（{found.score} 分）：{zh}", f"perhaps {found.role} ({found.score} points): {en}")


def _weigh(
    role: str,
    signs: RoleSigns,
    name: str,
    *,
    own: Mapping[str, str],
    kind: str,
    held: Mapping[str, Sequence[str]],
) -> _Candidate:
    """Add up what speaks for a role."""
    points = sign_table().points
    found = _name_signs(signs, name)
    dialect, field_sign = _dialect(signs, own)
    found += [field_sign] if field_sign is not None else []
    if found:
        found += [(points.value, _value_text(sign)) for sign in signs.values if _holds(sign, held)]
    objection = None
    if against := [word for word in (*sign_table().common.against, *signs.against) if _mentions(name, word)]:
        objection = Text(f"名称中有“{against[0]}”", f"its name says “{against[0]}”")
    elif kind and kind not in signs.geometry:
        objection = Text(f"图形是{_KIND_WORDS[kind].zh}", f"its geometry is {_KIND_WORDS[kind].en}")
    return _Candidate(role, sum(score for score, _ in found), tuple(text for _, text in found), objection, dialect)


def _name_signs(signs: RoleSigns, name: str) -> list[tuple[int, Text]]:
    """Return the signs in a name: a layer code, a Chinese or English word."""
    points = sign_table().points
    found = [
        (points.code, Text(f"图层代码 {code}", f"layer code {code}")) for code in signs.codes if _mentions(name, code)
    ][:1]
    found += [
        (points.unverified, Text(f"图层代码 {code}（未核实）", f"layer code {code} (unverified)"))
        for code in signs.unverified
        if _mentions(name, code)
    ]
    found += [
        (
            points.ambiguous,
            Text(f"图层代码 {code}（也用于{other}）", f"layer code {code} (also used for {other})"),
        )
        for code, other in signs.ambiguous.items()
        if _mentions(name, code)
    ]
    words = [word for word in (*signs.names_zh, *signs.names_en) if _mentions(name, word)]
    if words:
        word = max(words, key=len)
        found.append((points.name, Text(f"名称“{word}”", f"name “{word}”")))
    return found


def _dialect(signs: RoleSigns, own: Mapping[str, str]) -> tuple[Dialect | None, tuple[int, Text] | None]:
    """Return the dialect most of whose marks are among the fields, and the sign that is; None where it lacks some."""
    points = sign_table().points
    seen = [(dialect, [mark for mark in dialect.marks if mark.upper() in own]) for dialect in signs.dialects]
    dialect, marks = max(
        seen, key=lambda pair: (len(pair[1]) >= pair[0].needs, len(pair[1]) / len(pair[0].marks)), default=(None, [])
    )
    if dialect is None or not marks:
        return None, None
    if len(marks) < dialect.needs:
        sign = Text(
            f"只有字段 {list_zh(marks)}，少于“{dialect.title.zh}”所需的 {dialect.needs} 个",
            f"only the fields {list_en(marks)}; “{dialect.title.en}” needs {dialect.needs}",
        )
        return None, (points.some_fields, sign)
    score = points.unverified if dialect.unverified else points.fields
    note = Text("（未核实）", " (unverified)") if dialect.unverified else Text("", "")
    sign = Text(f"{dialect.title.zh}{note.zh}：{list_zh(marks)}", f"{dialect.title.en}{note.en}: {list_en(marks)}")
    return dialect, (score, sign)


def _holds(sign: ValueSign, held: Mapping[str, Sequence[str]]) -> bool:
    cells = [cell for cell in held.get(sign.field.upper(), ()) if cell]
    return bool(cells) and all(re.fullmatch(sign.pattern, cell) for cell in cells)


def _value_text(sign: ValueSign) -> Text:
    note = Text("（未核实）", " (unverified)") if sign.unverified else Text("", "")
    return Text(f"{sign.field} 的取值相符{note.zh}", f"the values of {sign.field} fit{note.en}")


def _key(
    uses: Iterable[FieldUse], own: Mapping[str, str], held: Mapping[str, Sequence[str]]
) -> tuple[str, tuple[Text, ...]]:
    """Return the first key field whose first values are neither empty nor repeated, and a word on those passed over."""
    doubts: list[Text] = []
    wanted = dict.fromkeys(column.upper() for use in uses for column in use.key)
    for column in (own[wish] for wish in wanted if wish in own):
        cells = held.get(column.upper(), ())
        if "" not in cells and len(set(cells)) == len(cells):
            return column, tuple(doubts)
        doubts.append(
            Text(f"{column} 有空值或重复值，不作主键", f"{column} holds empty or repeated values, so it is no key")
        )
    return "", tuple(doubts)


def _meanings(uses: Iterable[FieldUse], own: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for use in uses:
        for meaning, columns in use.meanings.items():
            if meaning not in found and (column := _first(columns, own)):
                found[meaning] = column
    return dict(sorted(found.items()))


def _first(wanted: Iterable[str], own: Mapping[str, str]) -> str:
    return next((own[column.upper()] for column in wanted if column.upper() in own), "")


def _weigh_raster(role: str, signs: RasterSigns, name: str, head: RasterHead) -> _Candidate:
    """Add up what speaks for a role of rasters; without a name, cells alone tell too little."""
    points = sign_table().points
    words = [word for word in (*signs.names_zh, *signs.names_en) if _mentions(name, word)]
    objection = _raster_objection(signs, name, head)
    found = []
    if words:
        word = max(words, key=len)
        found.append((points.name, Text(f"名称“{word}”", f"name “{word}”")))
    if objection is None and head.least is not None and head.most is not None:
        told = f"{head.dtype} {head.least:g}…{head.most:g}"
        found.append((points.some_fields, Text(f"像元 {told}", f"cells {told}")))
    return _Candidate(role, sum(score for score, _ in found), tuple(text for _, text in found), objection)


def _raster_objection(signs: RasterSigns, name: str, head: RasterHead) -> Text | None:
    """Return what speaks against a role of rasters, or None."""
    if against := [word for word in (*sign_table().common.against, *signs.against) if _mentions(name, word)]:
        return Text(f"名称中有“{against[0]}”", f"its name says “{against[0]}”")
    if head.bands != 1:
        return Text(f"有 {head.bands} 个波段，像是影像", f"it has {head.bands} bands, as an image has")
    if head.least is None or head.most is None:
        return Text("抽查处没有数据", "no cell with data was seen")
    if head.least < signs.least or head.most > signs.most:
        told = f"{head.least:g}…{head.most:g}"
        expected = f"{signs.least:g}…{signs.most:g}"
        return Text(f"像元值 {told}，应在 {expected} 之内", f"its cells are {told}, expected within {expected}")
    if signs.most_classes is not None and not (head.is_whole and head.distinct <= signs.most_classes):
        return Text("像元值不是少数几个整数类别", "its cells are not a few whole-numbered classes")
    return None


def _mentions(name: str, word: str) -> bool:
    """Tell whether a name holds a word: Chinese anywhere, Latin letters as whole words."""
    if not word.isascii():
        return word in name
    return f" {_latin(word)} " in f" {_latin(name)} "


def _latin(text: str) -> str:
    return " ".join(_WORDS.findall(text.lower()))


def _kind(geometry_type: str) -> str:
    """Return point, line or polygon, or empty where the type does not say."""
    return next((kind for part, kind in _KINDS.items() if part in geometry_type.lower()), "")
