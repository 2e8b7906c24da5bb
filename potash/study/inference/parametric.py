"""Parametric tests of abnormal returns, as pure functions of arrays.

Each returns a :class:`SignificanceTest` that states its null. A test that cannot be computed has NaN for its statistic
and says why; nothing is imputed.
"""

from __future__ import annotations

import numpy as np

from potash._typing import Bool1D, Float1D, Float2D, Int1D
from potash.errors import OptionError
from potash.study.engine.moments import NO_VARIATION
from potash.study.inference.significance import SignificanceTest, by_normal, by_t, not_applicable, t_quantile

PATELL_SIMPLE_NULL = "mean standardized AR = 0; independent firm-events and days, no event-induced variance"


def varies(values: Float2D, axis: int = -1) -> Bool1D:
    """Return whether observed values differ along an axis by more than rounding, which has no distribution to test with."""
    return _beyond_rounding(np.nanmax(values, axis=axis), np.nanmin(values, axis=axis))


def moments_by_group(values: Float1D, group: Int1D, n_groups: int) -> tuple[Int1D, Float1D, Float1D]:
    """Return number, mean and standard deviation of each group's values; no deviation where values are the same.

    Parameters
    ----------
    values : ndarray of shape (n,)
        None missing.
    group : ndarray of shape (n,)
        Group of each value, from 0 to ``n_groups - 1``.
    """
    n = np.bincount(group, minlength=n_groups)
    count = np.where(n > 0, n, np.nan)
    mean = np.bincount(group, values, n_groups) / count
    squares = np.bincount(group, (values - mean[group]) ** 2, n_groups)
    high, low = np.full(n_groups, -np.inf), np.full(n_groups, np.inf)
    np.maximum.at(high, group, values)
    np.minimum.at(low, group, values)
    apart = (n > 1) & (high > low)
    apart[apart] = _beyond_rounding(high[apart], low[apart])
    return n, mean, np.sqrt(squares / np.where(apart, count - 1, np.nan))


def _beyond_rounding(high: Float1D, low: Float1D) -> Bool1D:
    return np.asarray(high - low > NO_VARIATION * np.maximum(np.abs(high), np.abs(low)))


def patell_statistics(standardized: Float1D, df_resid: Int1D, group: Int1D, n_groups: int) -> Float1D:
    """Return Patell's statistic of each group: see :func:`patell_test`; NaN where one has 2 or fewer degrees of freedom."""
    df = np.where(df_resid > 2, df_resid, np.nan)
    expected = np.bincount(group, df / (df - 2), n_groups)
    sums = np.bincount(group, standardized, n_groups)
    return np.asarray(sums / np.sqrt(np.where(np.bincount(group, minlength=n_groups) > 0, expected, np.nan)))


def bmp_statistics(standardized: Float1D, group: Int1D, n_groups: int) -> Float1D:
    """Return Boehmer, Musumeci and Poulsen's statistic of each group: see :func:`bmp_test`; NaN where values are the same."""
    n, mean, deviation = moments_by_group(standardized, group, n_groups)
    return np.asarray(mean / (deviation / np.sqrt(n)))


def widened_for_correlation(n: int | Int1D, mean_correlation: float | Float1D) -> Float1D:
    """Return how much correlation widens the variance of a mean of ``n`` values; NaN where it leaves no positive one."""
    widening = 1 + (n - 1) * np.asarray(mean_correlation, dtype=float)
    return np.where(widening > 0, widening, np.nan)


def adjusted_bmp_statistics(bmp: float | Float1D, n: int | Int1D, mean_correlation: float | Float1D) -> Float1D:
    """Return Kolari and Pynnonen's adjusted BMP statistic of each group: see :func:`kolari_pynnonen_test`."""
    free = np.where(np.asarray(mean_correlation) < 1, 1 - np.asarray(mean_correlation, dtype=float), np.nan)
    return np.asarray(bmp * np.sqrt(free / widened_for_correlation(n, mean_correlation)))


def cross_sectional_test(cars: Float1D) -> SignificanceTest:
    """Test that the mean CAR is zero, with the standard deviation across firm-events.

    Parameters
    ----------
    cars : ndarray of shape (n,)
        Cumulative abnormal returns; NaN entries are left out and not counted.

    References
    ----------
    .. [1] Brown, S. J. and Warner, J. B. (1980). Journal of Financial Economics 8(3), 205-258.
    """
    null = "mean CAR = 0; CARs independent across firm-events, with one variance"
    values = cars[~np.isnan(cars)]
    n = len(values)
    if n < 2:
        return not_applicable("cross_sectional", null, n, f"needs 2 CARs, {n} available")
    _, mean, deviation = (float(part[0]) for part in moments_by_group(values, np.zeros(n, dtype=np.int64), 1))
    if np.isnan(deviation):
        return not_applicable("cross_sectional", null, n, "the CARs do not vary")
    std_error = deviation / np.sqrt(n)
    return by_t("cross_sectional", null, mean / std_error, n - 1, n, estimate=mean, std_error=std_error)


def patell_test(standardized: Float1D, df_resid: Int1D) -> SignificanceTest:
    """Test that the mean standardized abnormal return is zero, with the variances of the estimation windows.

    Parameters
    ----------
    standardized : ndarray of shape (n,)
        CARs over their own forecast standard error, which carries the covariance that the estimated parameters induce
        between days (the exact multi-day form); unitless. NaN entries are left out and not counted.
    df_resid : ndarray of shape (n,)
        Residual degrees of freedom of each estimation regression, above 2.

    References
    ----------
    .. [1] Patell, J. M. (1976). Journal of Accounting Research 14(2), 246-276.
    """
    null = "mean standardized CAR = 0; independent firm-events, no event-induced variance"
    entered = ~np.isnan(standardized)
    values, df = standardized[entered], df_resid[entered]
    n = len(values)
    if n < 1 or (df <= 2).any():
        why = "no standardized CAR" if n < 1 else "an estimation window has 2 or fewer degrees of freedom"
        return not_applicable("patell", null, n, why)
    return by_normal("patell", null, patell_statistics(values, df, np.zeros(n, dtype=np.int64), 1)[0], n)


def patell_simple_test(standardized_days: Float2D, df_resid: Int1D) -> SignificanceTest:
    """Test as :func:`patell_test`, summing standardized abnormal returns over days as if days were independent.

    Parameters
    ----------
    standardized_days : ndarray of shape (n, d)
        Abnormal returns of each tested day over their own forecast standard error; a row with a missing day is left out.
    df_resid : ndarray of shape (n,)
        Residual degrees of freedom of each estimation regression, above 2.

    Notes
    -----
    The form that most software prints for several days. It leaves out the covariance that the estimated parameters induce
    between days, so it is too large by a factor near ``sqrt(1 + d / L)`` (5 % for eleven days on 110 observations); it is
    here to compare with. On one day it equals :func:`patell_test`.

    References
    ----------
    .. [1] Patell, J. M. (1976). Journal of Accounting Research 14(2), 246-276.
    """
    null = PATELL_SIMPLE_NULL
    entered = ~np.isnan(standardized_days).any(axis=1)
    values, df = standardized_days[entered], df_resid[entered]
    n = len(values)
    if n < 1 or (df <= 2).any():
        why = "no firm-event with every day" if n < 1 else "an estimation window has 2 or fewer degrees of freedom"
        return not_applicable("patell_simple", null, n, why)
    return by_normal("patell_simple", null, values.sum() / np.sqrt(values.shape[1] * (df / (df - 2)).sum()), n)


def bmp_test(standardized: Float1D) -> SignificanceTest:
    """Test that the mean standardized abnormal return is zero, with its standard deviation across firm-events.

    Parameters
    ----------
    standardized : ndarray of shape (n,)
        CARs over their own forecast standard error; unitless. NaN entries are left out and not counted.

    References
    ----------
    .. [1] Boehmer, E., Musumeci, J. and Poulsen, A. B. (1991). Journal of Financial Economics 30(2), 253-272.
    """
    null = "mean standardized CAR = 0; independent firm-events, event-induced variance allowed"
    values = standardized[~np.isnan(standardized)]
    n = len(values)
    if n < 2:
        return not_applicable("bmp", null, n, f"needs 2 standardized CARs, {n} available")
    stat = float(bmp_statistics(values, np.zeros(n, dtype=np.int64), 1)[0])
    if np.isnan(stat):
        return not_applicable("bmp", null, n, "the standardized CARs do not vary")
    return by_t("bmp", null, stat, n - 1, n)


def adjusted_patell_test(standardized: Float1D, df_resid: Int1D, mean_correlation: float) -> SignificanceTest:
    """Test as :func:`patell_test`, with the variance of the mean widened for correlated abnormal returns.

    ``mean_correlation`` is the average over all pairs, see :func:`potash.study.inference.correlation.mean_correlation`.

    References
    ----------
    .. [1] Kolari, J. W. and Pynnonen, S. (2010). Review of Financial Studies 23(11), 3996-4025.
    """
    null = "mean standardized CAR = 0; cross-correlation allowed, no event-induced variance"
    plain = patell_test(standardized, df_resid)
    stat = plain.stat / np.sqrt(float(widened_for_correlation(plain.n_obs, mean_correlation)))
    if np.isnan(stat):
        reason = plain.reason or _correlation_reason(mean_correlation)
        return not_applicable("adjusted_patell", null, plain.n_obs, reason)
    return by_normal("adjusted_patell", null, stat, plain.n_obs)


def kolari_pynnonen_test(standardized: Float1D, mean_correlation: float) -> SignificanceTest:
    """Test as :func:`bmp_test`, adjusted for correlated abnormal returns: the adjusted BMP test.

    Parameters
    ----------
    standardized : ndarray of shape (n,)
        CARs over their own forecast standard error; unitless. NaN entries are left out and not counted.
    mean_correlation : float
        Average correlation of the abnormal returns over all pairs, see
        :func:`potash.study.inference.correlation.mean_correlation`.

    References
    ----------
    .. [1] Kolari, J. W. and Pynnonen, S. (2010). Review of Financial Studies 23(11), 3996-4025, eq. 11.
    """
    null = "mean standardized CAR = 0; cross-correlation and event-induced variance allowed"
    plain = bmp_test(standardized)
    n = plain.n_obs
    stat = float(adjusted_bmp_statistics(plain.stat, n, mean_correlation))
    if np.isnan(stat):
        return not_applicable("kolari_pynnonen", null, n, plain.reason or _correlation_reason(mean_correlation))
    return by_t("kolari_pynnonen", null, stat, n - 1, n)


def _correlation_reason(mean_correlation: float) -> str:
    if np.isnan(mean_correlation):
        return "the correlation of the firms' residuals is not known: too few common estimation days"
    return f"mean correlation {mean_correlation:.3f} leaves the mean without a positive variance"


def portfolio_test(cars: Float1D, std_errors: Float1D, df_resid: Int1D) -> SignificanceTest:
    """Test that the mean CAR of equal-weighted portfolios, one an event, is zero.

    Parameters
    ----------
    cars, std_errors : ndarrays of shape (n_events,)
        CAR of each event's portfolio and its forecast standard error from the portfolio's own estimation window.
    df_resid : ndarray of shape (n_events,)
        Residual degrees of freedom of each portfolio's regression.

    Notes
    -----
    Correlation among the firms of one event enters through the portfolio's own variance (the crude dependence
    adjustment). With several events their portfolios are taken as independent, and the degrees of freedom are
    Satterthwaite's.

    References
    ----------
    .. [1] Brown, S. J. and Warner, J. B. (1985). Journal of Financial Economics 14(1), 3-31.
    .. [2] Jaffe, J. F. (1974). Journal of Business 47(3), 410-428.
    """
    null = "mean portfolio CAR = 0; portfolios of different events independent"
    entered = ~np.isnan(cars) & ~np.isnan(std_errors)
    n = int(entered.sum())
    if n < 1:
        return not_applicable("portfolio", null, n, "no portfolio has all its days and a variance")
    variances, df = std_errors[entered] ** 2, df_resid[entered]
    mean, std_error = float(cars[entered].mean()), float(np.sqrt(variances.sum()) / n)
    if not std_error > 0:
        return not_applicable("portfolio", null, n, "the portfolio has no variance in its estimation window")
    effective = float(variances.sum() ** 2 / (variances**2 / df).sum())
    return by_t("portfolio", null, mean / std_error, effective, n, estimate=mean, std_error=std_error)


def detectable_effect(std_error: Float1D, df: Float1D, power: float = 0.8, size: float = 0.05) -> Float1D:
    """Return the smallest true effect that a two-sided t test finds with the given power, in units of ``std_error``'s.

    Raises
    ------
    OptionError
        Unless ``0 < size < power < 1``.

    References
    ----------
    .. [1] Bloom, H. S. (1995). Minimum detectable effects. Evaluation Review 19(5), 547-556.
    """
    if not 0 < size < power < 1:
        raise OptionError(
            f"power={power}, size={size}: shares are needed, 0 < size < power < 1; for example 0.8 and 0.05."
        )
    return np.asarray((t_quantile(1 - size / 2, df) + t_quantile(power, df)) * std_error)
