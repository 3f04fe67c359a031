"""A feature's geometry must be there and be valid; what is not is named, never repaired in silence.

Source: OGC 06-103r4 (Simple Features), validity of polygons.
"""

from __future__ import annotations

from collections.abc import Mapping

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, Severity
from ecogeo.layer import Layer
from ecogeo.rounding import Rounding, rounded
from ecogeo.wording import Text


@check(family="data", title=Text("图形无效", "geometry not valid"))
def geometry_not_valid(layers: Mapping[str, Layer], rounding: Rounding) -> Outcome:
    """Find features that were set aside or made valid before anything was measured.

    Parameters
    ----------
    layers
        Every vector layer of the county.
    rounding
        How the figures in sentences are rounded.

    Yields
    ------
    One finding per feature: a fault where it was set aside (no check sees it), a warning where it was made valid, with
    the difference in ellipsoidal area (m²) that makes.
    """
    for layer in layers.values():
        names = dict(zip(layer.ids, layer.names, strict=True))
        shapes = dict(zip(layer.ids, layer.geometries, strict=True))
        for feature_id, reason in layer.set_aside:
            yield Finding(
                message=Text(
                    f"{layer.name} {feature_id}：{reason.zh}，不参与任何检查",
                    f"{layer.name} {feature_id}: {reason.en}, left out of every check",
                ),
                severity=Severity.FAULT,
                layer=layer.declaration.role,
                feature_id=feature_id,
            )
        for repair in layer.repairs:
            which = f"{layer.name} {repair.feature_id}"
            change = rounded(repair.area_after_m2 - repair.area_before_m2, 2, rounding)
            yield Finding(
                message=Text(
                    f"{which}：图形无效（{repair.reason}），按有效图形量算，面积变化 {change} 平方米",
                    f"{which}: not valid ({repair.reason}), measured as made valid: {change} m²",
                ),
                severity=Severity.WARNING,
                layer=layer.declaration.role,
                feature_id=repair.feature_id,
                feature_name=names[repair.feature_id],
                value=change,
                unit="m2",
                geometry=shapes[repair.feature_id],
            )
