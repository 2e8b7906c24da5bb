"""Rank tests of abnormal returns, as pure functions of arrays.

Each firm's abnormal returns of estimation and event window are ranked together and divided by one more than their
number, so that under the null every rank is a draw from the same uniform distribution. How much the mean rank of a day
varies is learnt from the estimation window: correlation among firms whose windows cover the same days enters there.
"""

from __future__ import annotations

import numpy as np

from potash._typing import Bool2D, Float1D, Float2D, Float3D, Int1D, Int2D
from potash.study.inference.parametric import varies
from potash.study.inference.significance import SignificanceTest, by_normal, by_t, not_applicable


def average_ranks(values: Float2D) -> Float2D:
    """Return the rank of each value within its row, from 1 up; tied values share their mean rank.

    Parameters
    ----------
    values : ndarray of shape (n, T)
        NaN entries are not ranked and stay NaN.
    """
    if not values.size:
        return values.copy()
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    place = np.arange(values.shape[1])
    differs = ordered[:, 1:] != ordered[:, :-1]
    edge = np.ones((len(values), 1), dtype=bool)
    first = np.maximum.accumulate(np.where(np.hstack([edge, differs]), place, 0), axis=1)
    ends = np.where(np.hstack([differs, edge]), place, place[-1])
    last = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, (first + last) / 2 + 1, axis=1)
    return np.where(np.isnan(values), np.nan, ranks)


def centred_ranks(values: Float2D) -> Float2D:
    """Return ``rank / (1 + M) - 1/2`` within each row, ``M`` its number of known values; NaN where missing.

    References
    ----------
    .. [1] Corrado, C. J. and Zivney, T. L. (1992). Journal of Financial and Quantitative Analysis 27(3), 465-478.
    """
    ranked = (~np.isnan(values)).sum(axis=1, keepdims=True)
    return average_ranks(values) / (1 + ranked) - 0.5


def rank_sums(values: Float2D, cell: Int1D, n_cells: int) -> tuple[Float2D, Float2D]:
    """Return sums by cell and day of ``rank / (1 + M) - 1/2``, and how many ranks entered, (n_cells, T) each.

    Parameters
    ----------
    values : ndarray of shape (n, T)
        Ranked within each row; NaN entries are not, and ``M`` is the number of the others.
    cell : ndarray of shape (n,)
        Cell of each row, ascending from 0; each of the ``n_cells`` has a row.

    Notes
    -----
    Whole numbers sort several times faster than an order of floats is found: a value's bits, in an order that whole
    numbers share, give way in the last few places to the number of its day. Rows in which two values agree but for
    those places are ranked exactly.
    """
    n_days, missing = values.shape[1], np.isnan(values)
    ranked = n_days - missing.sum(axis=1)
    bits = int(n_days).bit_length()
    keys = _sortable(values, missing, bits)
    keys.sort(axis=1)
    leading = keys >> bits
    tied = (leading[:, 1:] == leading[:, :-1]).any(axis=1)
    keys &= (1 << bits) - 1
    keys += (cell * (n_days + 1))[:, None]
    share = np.multiply.outer(np.where(tied, 0.0, 1 / (1 + ranked)), np.arange(1.0, n_days + 1))
    table = np.bincount(keys.ravel(), share.ravel(), n_cells * (n_days + 1)).reshape(n_cells, -1)[:, :-1]
    if tied.any():
        np.add.at(table, cell[tied], np.where(missing[tied], 0.0, centred_ranks(values[tied]) + 0.5))
    bounds = np.flatnonzero(np.diff(cell, prepend=-1))
    count = np.zeros((n_cells, n_days))
    count[cell[bounds]] = np.add.reduceat(~missing, bounds, axis=0, dtype=np.int64)
    return table - count / 2, count


def _sortable(values: Float2D, missing: Bool2D, bits: int) -> Int2D:
    """Return whole numbers in the order of the values, a day's number in the low bits; missing ones last, all distinct."""
    keys = (values + 0.0).view(np.int64)  # adding zero makes the negative zero a plain one
    day = np.arange(values.shape[1])
    keys ^= (keys >> 63) & 0x7FFF_FFFF_FFFF_FFFF
    keys &= -1 << bits
    keys |= day
    # Above every number and infinity; the low bits name a day that does not exist.
    last = 0x7FF8_0000_0000_0000 + (day << bits) + values.shape[1]
    np.copyto(keys, last, where=missing)
    return keys


def corrado_rank_test(residuals: Float2D, abnormal: Float2D, columns: slice) -> SignificanceTest:
    """Test that abnormal returns in a window rank like those of the estimation window.

    Parameters
    ----------
    residuals : ndarray of shape (n, L)
        Estimation residuals; NaN on sessions that were not used.
    abnormal : ndarray of shape (n, W)
        All abnormal returns of the event window, whatever part of it is tested: the whole of both windows is ranked,
        as in the papers, so that the days of one event window share one set of ranks. NaN where missing.
    columns : slice
        The days tested, as columns of ``abnormal``.

    Notes
    -----
    A day's score is the sum of its centred ranks over the square root of the number of firms known on it (Corrado and
    Zivney's form for missing values). The statistic is the sum of the tested days' scores over
    ``sqrt(days) * S``, with ``S`` the root mean square of the scores of all ``L + W`` days. With nothing missing this
    is Corrado's statistic on one day and Cowan's on several. A firm-event without any tested day is left out; a firm
    with some of them enters on those. A tested day without any firm leaves no answer.

    Correlation among firms is allowed for when row by row the columns are the same calendar days. Variance that the
    event induces is not: see :func:`corrado_zivney_test`. Ranks of a day are taken as uncorrelated with the next
    day's, though abnormal returns of one window share the error of their estimated parameters.

    References
    ----------
    .. [1] Corrado, C. J. (1989). Journal of Financial Economics 23(2), 385-395.
    .. [2] Cowan, A. R. (1992). Review of Quantitative Finance and Accounting 2(4), 343-358, p. 346.
    .. [3] Corrado, C. J. and Zivney, T. L. (1992). Journal of Financial and Quantitative Analysis 27(3), 465-478.
    """
    null = "abnormal returns rank as in the estimation window; cross-correlation allowed, no event-induced variance"
    entered = ~np.isnan(abnormal[:, columns]).all(axis=1)
    return _rank_test("rank", null, residuals[entered], abnormal[entered], columns)


def corrado_zivney_test(
    residuals: Float2D,
    abnormal: Float2D,
    columns: slice,
    scale: Float3D,
    variance: Float1D,
    mean_correlation: float = 0.0,
) -> SignificanceTest:
    """Test as :func:`corrado_rank_test`, on standardized abnormal returns, with event-induced variance taken out.

    Parameters
    ----------
    residuals, abnormal, columns
        As for :func:`corrado_rank_test`.
    scale : ndarray of shape (n, W, W)
        Covariance of the event window's prediction errors in units of ``variance``.
    variance : ndarray of shape (n,)
        Residual variances of the estimation regressions.
    mean_correlation : float
        Average correlation of the firms' abnormal returns over all pairs; 0 gives the statistic as published.

    Notes
    -----
    Residuals are divided by their regression's deviation, abnormal returns by their forecast standard error. Those of a
    tested day are divided once more by their own standard deviation across firms, each tested day by its own (Kolari
    and Pynnonen's reading for several days); the other days of the event window are not.

    With correlated firms the deviation across them is too small by ``sqrt(1 - mean correlation)``, which puts event
    days too far out. Given ``mean_correlation``, it is divided by that root, which is Kolari and Pynnonen's (2010)
    estimate of the variance.

    References
    ----------
    .. [1] Corrado, C. J. and Zivney, T. L. (1992). Journal of Financial and Quantitative Analysis 27(3), 465-478.
    .. [2] Cowan, A. R. (1992). Review of Quantitative Finance and Accounting 2(4), 343-358, p. 346.
    .. [3] Kolari, J. W. and Pynnonen, S. (2011). Journal of Empirical Finance 18(5), 953-971.
    """
    name = "corrado_zivney"
    null = "standardized abnormal returns rank as in the estimation window; event-induced variance allowed"
    entered = ~np.isnan(abnormal[:, columns]).all(axis=1) & np.isfinite(variance)
    deviation = np.sqrt(variance[entered, None])
    leverage = np.sqrt(np.einsum("nww->nw", scale[entered]))
    standardized = abnormal[entered] / (deviation * leverage)
    tested = standardized[:, columns]
    if ((~np.isnan(tested)).sum(axis=0) < 2).any():
        return not_applicable(name, null, int(entered.sum()), "needs 2 firm-events on each day of the window")
    if not varies(tested, axis=0).all() or not mean_correlation < 1:
        return not_applicable(name, null, int(entered.sum()), _spread_reason(mean_correlation))
    standardized[:, columns] = tested * np.sqrt(1 - mean_correlation) / np.nanstd(tested, axis=0, ddof=1)
    return _rank_test(name, null, residuals[entered] / deviation, standardized, columns)


def day_scores(sums: Float2D, count: Float2D) -> Float2D:
    """Return each day's score: the sum of its centred ranks over the root of their number; NaN on days without one."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums / np.sqrt(count))


def rank_statistics(scores: Float2D, tested: Float2D) -> Float1D:
    """Return the rank statistic of each group from the scores of all its days (G, T) and of the tested ones (G, d).

    The sum of the tested scores over ``sqrt(d)`` times the root mean square of all; NaN where scores do not vary or a tested
    day has none.
    """
    days = (~np.isnan(scores)).sum(axis=1)
    spread = np.sqrt(np.nansum(scores**2, axis=1) / np.where(days > 0, days, np.nan))
    return np.asarray(tested.sum(axis=1) / (np.sqrt(tested.shape[1]) * np.where(spread > 0, spread, np.nan)))


def _rank_test(name: str, null: str, residuals: Float2D, event: Float2D, columns: slice) -> SignificanceTest:
    n = len(event)
    if n < 1 or np.isnan(event[:, columns]).all(axis=0).any():
        return not_applicable(name, null, n, "a day of the window has no abnormal return")
    scores = day_scores(*rank_sums(np.hstack([residuals, event]), np.zeros(n, dtype=np.int64), 1))
    stat = float(rank_statistics(scores, scores[:, residuals.shape[1] :][:, columns])[0])
    if np.isnan(stat):
        return not_applicable(name, null, n, "the mean ranks of the days do not vary")
    return by_normal(name, null, stat, n)


def grank_t_test(
    residuals: Float2D, standardized: Float1D, variance: Float1D, mean_correlation: float = 0.0
) -> SignificanceTest:
    """Test that standardized CARs rank like the standardized abnormal returns of single estimation days: GRANK-T.

    Parameters
    ----------
    residuals : ndarray of shape (n, L)
        Estimation residuals; NaN on sessions that were not used.
    standardized : ndarray of shape (n,)
        CARs over their own forecast standard error; unitless. NaN entries are left out and not counted.
    variance : ndarray of shape (n,)
        Residual variances of the estimation regressions.
    mean_correlation : float
        Average correlation of the firms' CARs over all pairs, see
        :func:`potash.study.inference.correlation.mean_correlation`; 0 gives the statistic as published.

    Notes
    -----
    The event window is one day: the CAR over its forecast standard error, divided by the standard deviation of these
    across firms. It is ranked among the residuals over their regression's deviation, ``T = 1 +`` estimation days in
    all; with days missing each firm divides its ranks by one more than its own number, and a day counts in the variance
    with its share of firms. Estimation days are standardized, as in Stata's eventstudy2, without their leverage, which
    averages (parameters) / (estimation days).

    ``mean_correlation`` widens the deviation across firms as in :func:`corrado_zivney_test`, after Kolari and Pynnonen
    (2010); Stata's eventstudy2 cites footnote 6 of the paper for a correction of this kind. In simulated studies of 30
    firms on one shared date with correlation .3 the test rejects 7 to 8 % of true nulls at 5 % without it, 5 to 6 %
    with it. With fewer than ten firms the deviation across them is rough: with 7 on separate dates 8 to 9 % are
    rejected.

    References
    ----------
    .. [1] Kolari, J. W. and Pynnonen, S. (2011). Journal of Empirical Finance 18(5), 953-971.
    .. [2] Kolari, J. W. and Pynnonen, S. (2010). Review of Financial Studies 23(11), 3996-4025.
    """
    name = "grank"
    null = "standardized CARs rank as single estimation days; cross-correlation and event-induced variance allowed"
    values, reason = _generalized(residuals, standardized, variance, mean_correlation)
    n = len(values)
    if reason:
        return not_applicable(name, null, n, reason)
    sums, count = (part[0] for part in rank_sums(values, np.zeros(n, dtype=np.int64), 1))
    used = count > 0
    means, days = sums[used] / count[used], int(used.sum())
    spread = np.sqrt((count[used] / n * means**2).sum() / days)
    ratio = means[-1] / spread if spread > 0 else np.nan
    if not days - 1 - ratio**2 > 0:
        return not_applicable(name, null, n, "the mean ranks of the estimation days do not vary")
    return by_t(name, null, float(ratio * np.sqrt((days - 2) / (days - 1 - ratio**2))), days - 2, n)


def grank_z_test(
    residuals: Float2D, standardized: Float1D, variance: Float1D, mean_correlation: float = 0.0
) -> SignificanceTest:
    """Test as :func:`grank_t_test`, with the variance that ranks of independent firms have: GRANK-Z.

    Notes
    -----
    The centred rank of the event among a firm's ``T`` days has variance ``(T - 1) / (12 (T + 1))``. The mean rank is
    divided by the root of the mean of these over ``n``, for one ``T`` the paper's ``sqrt(12 n (T + 1) / (T - 1))``.

    References
    ----------
    .. [1] Kolari, J. W. and Pynnonen, S. (2011). Journal of Empirical Finance 18(5), 953-971.
    """
    name, null = "grank_z", "standardized CARs rank as single estimation days; independent firm-events"
    values, reason = _generalized(residuals, standardized, variance, mean_correlation)
    n = len(values)
    if reason:
        return not_applicable(name, null, n, reason)
    days = (~np.isnan(values)).sum(axis=1)
    # The rank of the last value is one more than the number of values below it, half a place more for each it equals.
    event = values[:, -1:]
    below, equal = (values < event).sum(axis=1), (values == event).sum(axis=1)
    centred = (below + (equal + 1) / 2) / (1 + days) - 0.5
    return by_normal(name, null, float(centred.sum() / np.sqrt(((days - 1) / (12 * (days + 1))).sum())), n)


def _generalized(
    residuals: Float2D, standardized: Float1D, variance: Float1D, mean_correlation: float
) -> tuple[Float2D, str]:
    """Return what is ranked, the estimation days and in the last column the CAR, in one unit; and why there is nothing."""
    entered = np.isfinite(standardized) & np.isfinite(variance)
    values, n = standardized[entered], int(entered.sum())
    none = np.full((n, 1), np.nan)
    if n < 2:
        return none, f"needs 2 standardized CARs, {n} available"
    if not varies(values) or not mean_correlation < 1:
        return none, _spread_reason(mean_correlation)
    event = values * np.sqrt(1 - mean_correlation) / values.std(ddof=1)
    estimation = residuals[entered] / np.sqrt(variance[entered, None])
    return np.column_stack([estimation, event]), ""


def _spread_reason(mean_correlation: float) -> str:
    if np.isnan(mean_correlation):
        return "the correlation of the firms' residuals is not known: too few common estimation days"
    if not mean_correlation < 1:
        return f"mean correlation {mean_correlation:.3f} leaves no variance across firms"
    return "the standardized abnormal returns of the window do not vary across firms"
