"""What effect a verdict could have detected, and which effects it rules out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtr

from potash._typing import Float1D
from potash.errors import OptionError
from potash.study.inference.significance import t_quantile


def power_of(effect: float | Float1D, std_error: float, df: float, critical: float) -> Float1D:
    """Return the chance that a verdict calls true effects (k,) an effect, at the event's own volatility.

    Parameters
    ----------
    effect : float or ndarray of shape (k,)
        True CARs, fractions.
    std_error, df : float
        Of the CAR, with the event's volatility in it.
    critical : float
        Absolute statistic from which on every vote rejects.

    Notes
    -----
    The statistic is taken as Student's t about ``effect / std_error``. ``docs/simulated-verdicts.md`` has the share of
    simulated studies in which the verdict finds the effect that it states as detectable.
    """
    shift = np.asarray(effect, dtype=float) / std_error
    return np.asarray(stdtr(df, shift - critical) + stdtr(df, -shift - critical))


def detectable_by(std_error: float, df: float, critical: float, power: float = 0.8) -> float:
    """Return the smallest true CAR that a verdict finds with a power, as a fraction; parameters as :func:`power_of`.

    NaN where the standard error is, infinite where no statistic is large enough.

    References
    ----------
    .. [1] Bloom, H. S. (1995). Minimum detectable effects. Evaluation Review 19(5), 547-556.
    """
    if not 0 < power < 1:
        raise OptionError(f"power={power} must lie between 0 and 1, for example 0.8.")
    # The other tail adds less than a thousandth of the size to a power of one half and more.
    return float((critical + t_quantile(power, df)) * std_error)


def ruled_out_beyond(
    car: float | Float1D, std_error: float | Float1D, df: float | Float1D, size: float = 0.05
) -> Float1D:
    """Return the smallest x such that two one-sided tests rule out an effect beyond plus or minus x, as a fraction.

    Of one CAR with its standard error and degrees of freedom, or of several (k,).

    References
    ----------
    .. [1] Schuirmann, D. J. (1987). Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657-680.
    """
    return np.asarray(np.abs(car) + t_quantile(1 - size, df) * std_error)


def power_curve(std_error: float, df: float, critical: float, points: int = 101) -> pd.DataFrame:
    """Return ``effect`` (fractions, from none to where nearly all are found) and ``power`` of a verdict."""
    effects = np.linspace(0, (critical + t_quantile(0.99, df)) * std_error, points)
    return pd.DataFrame({"effect": effects, "power": power_of(effects, std_error, df, critical)})
