"""What was inferred when a layer was read must be known to whoever relies on it: encodings, datums, kinds left out.

Source: no clause; the builders' own: nothing is taken for granted in silence.
"""

from __future__ import annotations

from collections.abc import Mapping

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, Severity
from ecogeo.layer import Layer
from ecogeo.wording import Text


@check(family="data", title=Text("读取图层时的疑点", "layers read with doubts"))
def layer_read_with_doubts(layers: Mapping[str, Layer]) -> Outcome:
    """Tell everything that was inferred when the county's layers were read.

    Parameters
    ----------
    layers
        Every vector layer of the county.

    Yields
    ------
    One note per doubt; above all, by which operation coordinates of another datum were moved, and how good it is.
    """
    for layer in layers.values():
        for doubt in layer.doubts:
            yield Finding(
                message=Text(f"{layer.title.zh}：{doubt.zh}", f"{layer.title.en}: {doubt.en}"),
                severity=Severity.NOTE,
                layer=layer.declaration.role,
            )
