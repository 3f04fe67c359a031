"""What makes ground good for a project, as a table a person can change: criteria with weights."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np
import pandas as pd

from ecogeo.catalog import RASTER_ROLES, ROLES
from ecogeo.errors import UnusableFileError
from ecogeo.geodesy import Floats
from ecogeo.wording import Text, list_en, list_zh

Measure = Literal["slope_deg", "distance_m", "height_m", "class"]
_FILE = re.compile(r"[^/\\\\:*?\"<>|]+\.(?:gpkg|shp|geojson|fgb|parquet|kml)")
"""A file beside the layers, by its name alone: nothing here leads out of the folder."""

COLUMNS = ("criterion", "title", "title_en", "measure", "source", "worst", "best", "weight")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that makes ground better or worse.

    Parameters
    ----------
    criterion
        Its name in tables.
    title
        Its name for people.
    measure
        ``slope_deg`` and ``height_m`` of the terrain, ``distance_m`` to the nearest feature of a layer, ``class`` of
        the land cover.
    source
        Role of the layer or raster; of a distance also a file of the county's folder of layers, such as ``roads.gpkg``.
    worst, best
        The values that score 0 and 1; between them the score goes in a straight line, beyond them it stays.
    classes
        For ``class``: the score of each code; a code that is not named scores 0.
    weight
        How much it counts, 0 or more; only the ratios matter.
    """

    criterion: str
    title: Text
    measure: Measure
    source: str
    worst: float
    best: float
    weight: float
    classes: tuple[tuple[int, float], ...] = ()

    def score(self, values: Floats) -> Floats:
        """Return the score of values, 0 to 1; NaN where the value is unknown.

        Examples
        --------
        A slope of 10° between worst 25° and best 0° scores 0.6:

        >>> flat = Criterion("slope", Text("坡度", "slope"), "slope_deg", "dem", 25.0, 0.0, 1.0)
        >>> round(float(flat.score(np.array([10.0]))[0]), 6)
        0.6
        """
        if self.measure == "class":
            scores: Floats = np.zeros_like(values)
            for code, score in self.classes:
                scores[values == code] = score
            scores[np.isnan(values)] = np.nan
            return scores
        return np.clip((values - self.worst) / (self.best - self.worst), 0.0, 1.0)


def read_criteria(path: Path) -> tuple[Criterion, ...]:
    """Read a table of criteria.

    Parameters
    ----------
    path
        CSV, UTF-8: ``criterion, title, title_en, measure, source, worst, best, weight``. For the measure ``class``,
        ``best`` holds the codes with their scores, such as ``4=1|2=0.6``.

    Raises
    ------
    UnusableFileError
        With every fault, by row.
    """
    try:
        frame = pd.read_csv(io.BytesIO(path.read_bytes()), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UnusableFileError(path.name, Text("不是 UTF-8 编码的 CSV 表", "it is no CSV in UTF-8")) from error
    if missing := [name for name in COLUMNS if name not in frame.columns]:
        raise UnusableFileError(
            path.name, Text(f"缺少列：{list_zh(missing)}", f"columns are missing: {list_en(missing)}")
        )
    problems: list[Text] = []
    criteria = [_criterion(row, number, problems) for number, row in enumerate(_rows(frame), start=2)]
    names = [one.criterion for one in criteria if one is not None]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        problems.append(Text(f"重复的准则：{list_zh(twice)}", f"named twice: {list_en(twice)}"))
    if not problems and not sum(one.weight for one in criteria if one is not None) > 0:
        problems.append(Text("没有权重大于 0 的准则", "no criterion has a weight above 0"))
    if problems:
        raise UnusableFileError(path.name, problems)
    return tuple(one for one in criteria if one is not None)


def weighted(scores: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Return the weighted mean of scores; NaN where one that counts is unknown.

    Examples
    --------
    >>> weighted([np.array([1.0, np.nan]), np.array([0.0, 0.5])], [3.0, 1.0]).tolist()
    [0.75, nan]
    """
    total: Floats = np.zeros_like(scores[0])
    for score, weight in zip(scores, weights, strict=True):
        if weight > 0:
            total = total + score * weight
    return total / sum(weights)


def _criterion(row: dict[str, str], number: int, problems: list[Text]) -> Criterion | None:
    faults: list[tuple[str, str]] = []
    measure, source = row["measure"].strip(), row["source"].strip()
    if measure not in get_args(Measure):
        faults.append(
            (f"measure 应为 {'、'.join(get_args(Measure))}", f"measure is one of {', '.join(get_args(Measure))}")
        )
    needed = "dem" if measure in {"slope_deg", "height_m"} else "landcover" if measure == "class" else ""
    is_vector = (source in ROLES and source not in RASTER_ROLES) or _FILE.fullmatch(source) is not None
    if (needed and source != needed) or (not needed and not is_vector):
        faults.append((f"source“{source}”不适用于 {measure}", f"source “{source}” does not go with {measure}"))
    weight = _number(row["weight"])
    if weight is None or weight < 0:
        faults.append(("weight 应为不小于 0 的数", "weight is a number from 0 up"))
    worst, best, classes = _number(row["worst"]), _number(row["best"]), _classes(row["best"])
    if measure == "class" and not classes:
        faults.append(("best 应写成 代码=得分|代码=得分，得分 0 至 1", "best is code=score|code=score, scores 0 to 1"))
    if measure != "class" and (worst is None or best is None or worst == best):
        faults.append(("worst 与 best 应为两个不同的数", "worst and best are two different numbers"))
    if not row["criterion"].strip():
        faults.append(("criterion 为空", "criterion is empty"))
    problems += [Text(f"第 {number} 行：{zh}", f"row {number}: {en}") for zh, en in faults]
    if faults:
        return None
    title = Text(row["title"].strip() or row["criterion"], row["title_en"].strip() or row["criterion"])
    kind = cast(Measure, measure)
    return Criterion(row["criterion"].strip(), title, kind, source, worst or 0.0, best or 0.0, weight or 0.0, classes)


def _rows(frame: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(name): str(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _classes(text: str) -> tuple[tuple[int, float], ...]:
    found = []
    for part in text.split("|"):
        code, _, score = part.partition("=")
        value = _number(score)
        if not code.strip().isdigit() or value is None or not 0 <= value <= 1:
            return ()
        found.append((int(code), value))
    return tuple(found)
