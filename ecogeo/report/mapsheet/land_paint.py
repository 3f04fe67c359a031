"""How land-use patches are painted on a sheet of present land: by the first two digits of their code.

Source: colours after appendix B of 市级国土空间总体规划制图规范（试行）, from a public transcription that nobody
compared with the issuer's own file: unverified. They claim to be nobody's standard.
"""

from __future__ import annotations

import numpy as np

from ecogeo.landuse.patches import land_class_field
from ecogeo.layer import Layer
from ecogeo.style import LayerClass, Paint
from ecogeo.wording import Text

_LEVEL_ONE = (
    ("01", Text("耕地", "cropland"), "#F5F8DC"),
    ("02", Text("园地", "orchard"), "#BFE9AA"),
    ("03", Text("林地", "forest"), "#68B167"),
    ("04", Text("草地", "grassland"), "#CDF57A"),
    ("00", Text("湿地", "wetland"), "#65CDAA"),
    ("05", Text("商业服务业用地", "shops and services"), "#FF7F7F"),
    ("06", Text("工矿用地", "industry and mining"), "#BB9674"),
    ("07", Text("住宅用地", "housing"), "#FFD380"),
    ("08", Text("公共管理与公共服务用地", "public services"), "#F2A6C8"),
    ("09", Text("特殊用地", "special use"), "#859156"),
    ("10", Text("交通运输用地", "transport"), "#B7B7B7"),
    ("11", Text("水域及水利设施用地", "water"), "#8EC5E8"),
    ("12", Text("其他土地", "other land"), "#EEEEEE"),
)

LAND_CLASSES = (
    *(LayerClass(label, Paint("#8A8A8A", 0.5, colour, 1.0), (code,)) for code, label, colour in _LEVEL_ONE),
    LayerClass(Text("地类不明", "class unknown"), Paint("#8A8A8A", 0.5, "#FFFFFF", 1.0, hatch="cross")),
)


def land_class_numbers(landuse: Layer) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return, for each patch, the position of its class in `LAND_CLASSES`; the last where its code is unknown."""
    codes = landuse.text(land_class_field(landuse)).str.strip().str.slice(0, 2)
    place = {entry.values[0]: number for number, entry in enumerate(LAND_CLASSES[:-1])}
    return codes.map(lambda code: place.get(code, len(LAND_CLASSES) - 1)).to_numpy(dtype=np.int64)
