"""Tests by resampling firm-events, as pure functions of arrays.

Both draw or leave out firm-events one by one, which is right only where these are independent. Firms hit on one shared
date are not: leaving out or redrawing single firms cannot show the variation that they have in common.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from potash._typing import Float1D, Float2D
from potash.errors import OptionError, check_option
from potash.study.inference.parametric import varies
from potash.study.inference.significance import SignificanceTest, by_t, not_applicable

FEWEST = 4  # leaving one out must leave a deviation that is not mere chance


def jackknife_test(standardized: Float1D) -> SignificanceTest:
    """Test that the mean standardized CAR is zero, by the jackknife of its ratio to the deviation across firm-events.

    Parameters
    ----------
    standardized : ndarray of shape (n,)
        CARs over their own forecast standard error; unitless. NaN entries are left out and not counted.

    Notes
    -----
    The jackknife of a plain mean is the t test over again, so what is jackknifed is the ratio ``mean / deviation``,
    which the event's variance cancels from. Its pseudo-values ``n R - (n - 1) R_i``, with ``R_i`` the ratio without
    firm-event ``i``, are tested as a sample of independent values by Student's t with ``n - 1`` degrees of freedom
    (Tukey). At least 4 firm-events are needed.

    References
    ----------
    .. [1] Giaccotto, C. and Sfiridis, J. M. (1996). Journal of Economics and Business 48(4), 349-370.
    .. [2] Miller, R. G. (1974). The jackknife: a review. Biometrika 61(1), 1-15.
    """
    null = "mean standardized CAR = 0; independent firm-events, event-induced variance allowed"
    values = standardized[~np.isnan(standardized)]
    n = len(values)
    if n < FEWEST:
        return not_applicable("jackknife", null, n, f"needs {FEWEST} standardized CARs, {n} available")
    if not varies(values):
        return not_applicable("jackknife", null, n, "the standardized CARs do not vary")
    whole, others = _ratios(values)
    pseudo = n * whole - (n - 1) * others
    std_error = pseudo.std(ddof=1) / np.sqrt(n)
    if not (np.isfinite(pseudo).all() and std_error > 0):
        return not_applicable("jackknife", null, n, "all standardized CARs but one are the same")
    return by_t("jackknife", null, float(pseudo.mean() / std_error), n - 1, n)


def skewness_adjusted_test(
    cars: Float1D,
    rng: np.random.Generator | int | None = None,
    draws: int = 1000,
    resample: int | None = None,
    form: Literal["hall", "johnson"] = "hall",
) -> SignificanceTest:
    """Test that the mean CAR is zero, with the t statistic corrected for the skewness of CARs.

    Parameters
    ----------
    cars : ndarray of shape (n,)
        Cumulative abnormal returns; NaN entries are left out and not counted.
    rng : numpy.random.Generator or int, optional
        A generator, or the seed of one. Given: the p-value comes from ``draws`` bootstrap samples. Left out: from
        Student's t with ``n - 1`` degrees of freedom.
    draws : int
        Bootstrap samples.
    resample : int, optional
        CARs in each bootstrap sample, at least 3. By default ``n // 4``, as in Lyon, Barber and Tsai, who have 200; of
        fewer than 60 not less than 15, or half of them.
    form : {"hall", "johnson"}
        Which correction, see the notes.

    Raises
    ------
    OptionError
        If ``form`` is not one of the two, ``rng`` is neither generator nor seed, ``draws`` is below 1 or ``resample``
        below 3.

    Notes
    -----
    With ``S = mean / deviation`` (``n - 1``) and ``g`` the skewness, Johnson's statistic is
    ``sqrt(n) (S + g S^2 / 3 + g / (6 n))``, ``g = sum((x - mean)^3) / (n deviation^3)``, which Lyon, Barber and Tsai
    use. It falls where ``S`` is large and of the other sign than ``g``, so a strong effect can come out with the wrong
    sign. Hall adds ``g^2 S^3 / 27``, which makes it rise throughout; there ``g`` is the usual estimate, multiplied by
    ``n^2 / ((n - 1) (n - 2))``, as EventStudyTools has it. Hall's is the default.

    The bootstrap draws CARs of firm-events one by one with replacement and computes the same statistic about the
    sample's own mean. The p-value is twice the smaller share of draws on one side of the statistic, which is one of
    them. Samples without variation have no statistic and are not counted. Of 7 normal CARs a quarter is one, and
    samples of 7 reject 10 % of true nulls at 5 %; samples of half reject 4 to 5 % of them for 7 to 60.

    References
    ----------
    .. [1] Johnson, N. J. (1978). Journal of the American Statistical Association 73(363), 536-544.
    .. [2] Hall, P. (1992). Journal of the Royal Statistical Society B 54(1), 221-228.
    .. [3] Lyon, J. D., Barber, B. M. and Tsai, C.-L. (1999). Journal of Finance 54(1), 165-201, pp. 173-175.
    """
    check_option("form", form, ("hall", "johnson"))
    if draws < 1 or (resample is not None and resample < 3):
        raise OptionError(f"draws={draws}, resample={resample}: at least 1 draw of at least 3 CARs is needed.")
    if not (rng is None or isinstance(rng, np.random.Generator) or _is_seed(rng)):
        raise OptionError(f"rng={rng!r} must be a numpy.random.Generator or a seed, a whole number from 0 on.")
    name, null = "skewness_adjusted", "mean CAR = 0; independent firm-events of one distribution, skewness allowed"
    values = cars[~np.isnan(cars)]
    n = len(values)
    if n < 3:
        return not_applicable(name, null, n, f"needs 3 CARs, {n} available")
    stat = float(_skewness_adjusted(values[None, :], 0.0, form)[0])
    if np.isnan(stat):
        return not_applicable(name, null, n, "the CARs do not vary")
    mean, std_error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(n))
    if rng is None:
        return by_t(name, null, stat, n - 1, n, estimate=mean, std_error=std_error)
    generator = np.random.default_rng(rng)
    size = max(3, n // 4, min(n // 2, 15)) if resample is None else resample
    drawn = _skewness_adjusted(generator.choice(values, size=(draws, size)), mean, form)
    drawn = drawn[~np.isnan(drawn)]
    smaller = min((drawn <= stat).sum(), (drawn >= stat).sum())
    pvalue = min(1.0, float(2 * (1 + smaller) / (1 + len(drawn))))
    return SignificanceTest(name, null, stat, pvalue, f"bootstrap of {size} in {draws} draws", n, mean, std_error)


def _is_seed(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= 0)


def _ratios(values: Float1D) -> tuple[float, Float1D]:
    """Return mean over deviation of all values, and without each one; NaN where those left do not vary."""
    n, mean = len(values), values.mean()
    centred = values - mean
    squares = (centred**2).sum()
    left = squares - centred**2 * n / (n - 1)
    has_spread = left > 1e-12 * squares  # less is rounding of the difference
    with np.errstate(divide="ignore", invalid="ignore"):
        others = (mean - centred / (n - 1)) / np.sqrt(np.where(has_spread, left, np.nan) / (n - 2))
        return float(mean / np.sqrt(squares / (n - 1))), others


def _skewness_adjusted(samples: Float2D, mean: float, form: str) -> Float1D:
    """Return the skewness-adjusted statistic of each row about ``mean``; NaN where a row does not vary."""
    n = samples.shape[1]
    centred = samples - samples.mean(axis=1, keepdims=True)
    deviation = samples.std(axis=1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(varies(samples), (samples.mean(axis=1) - mean) / deviation, np.nan)
        skewness = (centred**3).mean(axis=1) / deviation**3
    cubic = np.zeros(len(samples))
    if form == "hall":
        skewness = skewness * n**2 / ((n - 1) * (n - 2))
        cubic = skewness**2 * ratio**3 / 27
    return np.asarray(np.sqrt(n) * (ratio + skewness * ratio**2 / 3 + cubic + skewness / (6 * n)))
