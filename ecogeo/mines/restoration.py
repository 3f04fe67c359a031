"""How much of the ground that mines disturbed is restored."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

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


def rate_bounds_pct(
    disturbed_m2: geodesy.Floats, restored_m2: geodesy.Floats, unknown_m2: geodesy.Floats
) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Return the least and the most the restored share can be, were all unknown ground disturbed, or restored.

    Parameters
    ----------
    disturbed_m2, restored_m2
        Shape (n,), as of `restoration_pct`.
    unknown_m2
        Shape (n,), ground to restore of which nobody tells whether it is restored, square metres; infinite where nobody
        knows how much there is.

    Returns
    -------
    Both in per cent; NaN where there is nothing to restore.

    Examples
    --------
    30 ha disturbed, 60 ha restored: 67 %. With 10 ha unknown from 60 to 70 %, with an unknown amount anything.

    >>> ground = np.array([30e4, 30e4]), np.array([60e4, 60e4]), np.array([10e4, np.inf])
    >>> [bound.round(6).tolist() for bound in rate_bounds_pct(*ground)]
    [[60.0, 0.0], [70.0, 100.0]]
    """
    is_endless = np.isinf(unknown_m2)
    unknown = np.where(is_endless, 0.0, unknown_m2)
    least, most = (
        restoration_pct(disturbed_m2 + unknown, restored_m2),
        restoration_pct(disturbed_m2, restored_m2 + unknown),
    )
    below = np.where(disturbed_m2 > 0, np.nextafter(100.0, 0.0), 100.0)
    return np.where(is_endless, 0.0, least), np.where(is_endless, below, most)


def told_met(least_pct: geodesy.Floats, most_pct: geodesy.Floats, target_pct: geodesy.Floats) -> npt.NDArray[np.str_]:
    """Tell whether targets are met, each ``yes``, ``no``, or nothing where unknown ground decides or there is none.

    Parameters
    ----------
    least_pct, most_pct
        Shape (n,), of `rate_bounds_pct`.
    target_pct
        Shape (n,), least shares in per cent; NaN for none.

    Examples
    --------
    >>> told_met(np.array([60.0, 60.0, 60.0]), np.array([70.0, 70.0, 70.0]), np.array([60.0, 65.0, 75.0])).tolist()
    ['yes', '', 'no']
    """
    return np.where(least_pct >= target_pct, "yes", np.where(most_pct < target_pct, "no", ""))
