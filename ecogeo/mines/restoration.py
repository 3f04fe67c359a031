"""How much of the ground that mines disturbed is restored."""

from __future__ import annotations

import numpy as np

from ecogeo import geodesy


def restoration_pct(disturbed_m2: geodesy.Floats, restored_m2: geodesy.Floats) -> geodesy.Floats:
    """Return the restored share of grounds, per cent; NaN where there is nothing to restore.

    Parameters
    ----------
    disturbed_m2
        Shape (n,), ground still disturbed, square metres.
    restored_m2
        Shape (n,), ground restored, square metres.

    Notes
    -----
    Source: 历史遗留矿山生态修复面积比 = 已修复面积 ÷ 应修复面积, as 桂林市 plans it (data/guilin).

    Examples
    --------
    漓江流域 in the plan of 桂林市: 2641 ha to restore, 1011 with a liable owner and 1630 legacy. With targets of 60 %
    and 70 % the plan asks for 606.6 ha and 1141 ha, together 1747.6 ha or 66.17 %.

    >>> to_restore_ha, asked_ha = np.array([1011.0, 1630.0, 2641.0]), np.array([606.6, 1141.0, 1747.6])
    >>> restoration_pct((to_restore_ha - asked_ha) * 1e4, asked_ha * 1e4).round(2).tolist()
    [60.0, 70.0, 66.17]
    """
    whole = disturbed_m2 + restored_m2
    rate: geodesy.Floats = np.divide(restored_m2 * 100, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return rate
