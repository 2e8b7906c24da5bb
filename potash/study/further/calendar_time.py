"""Calendar-time portfolios: each day the firms that had an event lately, so that shared days are one observation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Bool2D, Float1D, Float2D, Int1D
from potash.errors import InputError, NoUsableEventsError, WindowError, check_whole
from potash.sessions import Window
from potash.study.engine.regressors import check_independent, has_residual
from potash.study.further.standardized_days import standardized_days
from potash.study.inference.parametric import kolari_pynnonen_test
from potash.study.inference.significance import SignificanceTest, t_pvalue
from potash.study.inputs import check_events, check_factor_frame, check_returns

NULL = "mean standardized abnormal return of the calendar-time portfolio = 0; days independent but for the parameters"


@dataclass(frozen=True)
class CalendarTimeResults:
    """Abnormal returns of calendar-time portfolios, with their tests; made by :func:`calendar_time`.

    Attributes
    ----------
    days : DataFrame
        By session that entered: ``n_firms``, ``members`` (tickers), ``portfolio`` (equal-weighted return), ``abnormal``
        and ``standardized`` (over its own standard error with the forecast-error term; NaN where the members lack an
        estimation window).
    alpha : DataFrame
        Rows ``ols`` and ``hac``: ``alpha``, ``std_error``, ``tstat``, ``pvalue`` (two-sided t), ``nobs``, ``df``: the
        intercept of the portfolio's return on the factors, as a return per session.
    slopes : Series
        Slopes of that regression by factor.
    jaffe_mandelker : SignificanceTest
        Test that the mean of ``standardized`` is zero.
    dropped : DataFrame
        The ledger: ``session``, ``n_firms``, ``reason``, ``detail`` of each day with a member that was left out of the
        regression or of the test.
    unplaced : DataFrame
        Firm-events without a place, or with a part of their window only: ``event_id``, ``ticker``, ``session``,
        ``reason``, and ``days``, the sessions of the window that entered the regression.
    """

    days: pd.DataFrame
    alpha: pd.DataFrame
    slopes: pd.Series
    jaffe_mandelker: SignificanceTest
    dropped: pd.DataFrame
    unplaced: pd.DataFrame


def calendar_time(
    returns: pd.DataFrame, events: pd.DataFrame, factors: pd.DataFrame, *, window: tuple[int, int] = (0, 20),
    min_firms: int = 1, estimation_window: tuple[int, int] = (-130, -11), hac_lags: int | None = None,
) -> CalendarTimeResults:  # fmt: skip
    """Return the equal-weighted portfolio of the firms within ``window`` of an event, day by day, and its tests.

    Parameters
    ----------
    returns : DataFrame
        Sessions x securities, as fractions. Missing stays missing: such a firm is no member that day.
    events : DataFrame
        ``event_id``, ``session``, and ``ticker`` (every security without it).
    factors : DataFrame
        Sessions x factors, in excess of the riskless rate if ``returns`` are; no columns for a constant alone.
    window : pair of int
        Sessions after the event in which a firm is a member, both ends included, in rows of ``returns``. A firm in the
        windows of two events counts once.
    min_firms : int
        Days with fewer members go into the ledger.
    estimation_window : pair of int
        Offsets from the earliest day 0 among the day's members: where the portfolio of the same members is estimated
        for the standardized test. It must be four fifths full and end before ``window`` starts.
    hac_lags : int, optional
        Lags of Newey and West's covariance, fewer than there are days; by default ``floor(4 (T / 100)^(2 / 9))``.

    Raises
    ------
    InputError
        If returns, events, factors, windows or numbers break a rule, the constant and the factors are linearly dependent
        on the days of the regression, or the portfolio's return does not vary or equals a combination of them.
    WindowError
        If the estimation window has fewer sessions than its regression needs.
    NoUsableEventsError
        If too few days remain for the regression; the message lists the reasons.

    Notes
    -----
    Days with members are taken as consecutive in the HAC covariance, whatever lies between them. With some forty days it
    rejects 8 % in place of 5 % (Bartlett's weights on few observations); ordinary least squares keeps its size there.

    ``jaffe_mandelker``: the abnormal return of each day's portfolio over the standard deviation of the *same* members'
    portfolio in an earlier window, averaged over days and divided by the standard error of that mean from the days
    themselves (Mitchell and Stafford 2000, p. 318; Jaffe takes unit variance instead, which event-induced variance
    breaks). Days whose members, or whose estimation windows, overlap share estimated parameters; the correlation which
    these induce enters as in Kolari and Pynnonen (2010, eq. 11), with the days in the place of firms.

    References
    ----------
    .. [1] Jaffe, J. F. (1974). Journal of Business 47(3), 410-428.
    .. [2] Mandelker, G. (1974). Journal of Financial Economics 1(4), 303-335.
    .. [3] Mitchell, M. L. and Stafford, E. (2000). Journal of Business 73(3), 287-329.
    .. [4] Kolari, J. W. and Pynnonen, S. (2010). Review of Financial Studies 23(11), 3996-4025.
    .. [5] Newey, W. K. and West, K. D. (1987). Econometrica 55(3), 703-708; (1994) for the lags.
    """
    checked = check_returns(returns, "returns")
    x = _factors(factors, checked.index)
    needed = x.shape[1] + 4
    active, estimation = _windows(window, estimation_window, needed)
    check_whole("min_firms", min_firms, 1)
    rows = check_events(events, [str(c) for c in checked.columns])
    places = _places(checked, rows, active)
    members, earliest = _members(checked, places)
    counts = members.sum(axis=1)
    incomplete = np.isnan(x).any(axis=1)
    used = (counts >= min_firms) & ~incomplete
    unplaced = _unplaced(checked, rows, places, used)
    if used.sum() < needed:
        days_lost = _ledger(checked.index, counts, used, incomplete, np.zeros(len(counts)), min_firms)
        raise NoUsableEventsError(
            f"{used.sum()} days have a portfolio, the regression on {needed - 3} parameters needs {needed}. Firm-events "
            f"left out: {_counted(unplaced)}; days: {_counted(days_lost)}. Widen window, lower min_firms, or load more."
        )
    values = checked.to_numpy()
    portfolio = np.where(members, values, 0.0).sum(axis=1)[used] / counts[used]
    alpha, slopes = _alpha(portfolio, x[used], list(factors.columns), hac_lags)
    abnormal, standardized, correlation = standardized_days(values, x, members, earliest, used, estimation)
    test = kolari_pynnonen_test(standardized[used], correlation)
    test = replace(
        test, name="jaffe_mandelker", null=NULL, reason=test.reason.replace("CARs", "days").replace("CAR", "day")
    )
    named = [",".join(str(c) for c in checked.columns[row]) for row in members[used]]
    days = pd.DataFrame(
        {"n_firms": counts[used], "members": named, "portfolio": portfolio, "abnormal": abnormal[used],
         "standardized": standardized[used]}, index=checked.index[used],
    )  # fmt: skip
    dropped = _ledger(checked.index, counts, used, incomplete, standardized, min_firms)
    return CalendarTimeResults(days, alpha, slopes, test, dropped, unplaced)


def _windows(window: object, estimation_window: object, needed: int) -> tuple[Window, Window]:
    """Return the window of membership and the estimation window; ``needed`` is the fewest sessions of the latter."""
    active, estimation = Window.of(window), Window.of(estimation_window, "estimation_window")
    if estimation.end >= min(active.start, 0):
        raise InputError(f"estimation_window {estimation} must end before window {active} and day 0 start.")
    if len(estimation) < needed:
        raise WindowError(
            f"estimation_window {estimation} has {len(estimation)} sessions, and a regression on {needed - 3} parameters needs "
            f"{needed}. Widen it."
        )
    return active, estimation


def _factors(factors: pd.DataFrame, index: pd.Index[Any]) -> Float2D:
    check_factor_frame(factors)
    if not len(factors.columns):
        return np.empty((len(index), 0))
    checked = check_returns(factors, "factors")
    if not checked.index.isin(index).any():
        raise InputError(
            f"factors: none of their sessions, {checked.index[0]:%Y-%m-%d} to {checked.index[-1]:%Y-%m-%d}, is one of the "
            f"returns, {index[0]:%Y-%m-%d} to {index[-1]:%Y-%m-%d}. Hand over factors of the same days."
        )
    aligned: Float2D = checked.reindex(index).to_numpy(float)
    return aligned


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a firm-event lies in the returns: its column, the row of day 0 (-1 if there is none), the rows of its window."""

    column: int
    day_zero: int
    start: int
    stop: int


def _places(returns: pd.DataFrame, rows: pd.DataFrame, window: Window) -> list[_Place]:
    at = returns.index.get_indexer(pd.DatetimeIndex(rows["session"])).tolist()
    columns = {str(c): i for i, c in enumerate(returns.columns)}
    return [
        _Place(columns[ticker], position, position + window.start, position + window.end + 1)
        for position, ticker in zip(at, rows["ticker"], strict=True)
    ]


def _inside(place: _Place) -> slice:
    """Return the rows of the window that the returns have; a negative stop would count from their end."""
    return slice(max(place.start, 0), max(place.stop, 0)) if place.day_zero >= 0 else slice(0, 0)


def _members(returns: pd.DataFrame, places: list[_Place]) -> tuple[Bool2D, Int1D]:
    """Return who is a member when (T, n), and the earliest day 0 of each day's members (T,)."""
    length = len(returns)
    members, first = np.zeros(returns.shape, dtype=bool), np.full(returns.shape, length)
    for place in places:
        cells = _inside(place), place.column
        members[cells] = True
        first[cells] = np.minimum(first[cells], place.day_zero)
    members &= returns.notna().to_numpy()
    earliest: Int1D = np.where(members, first, length).min(axis=1)
    return members, earliest


def _unplaced(returns: pd.DataFrame, rows: pd.DataFrame, places: list[_Place], used: Bool1D) -> pd.DataFrame:
    """Return the ledger of firm-events of which no day entered, or whose window the returns do not cover."""
    observed, reasons, days = returns.notna().to_numpy(), [], []
    for place in places:
        has_return = observed[_inside(place), place.column]
        days.append(int((has_return & used[_inside(place)]).sum()))
        reasons.append(_why_unplaced(place, len(returns), has_return, days[-1]))
    ledger = rows[["event_id", "ticker", "session"]].assign(reason=reasons, days=days)
    return ledger[ledger["reason"] != ""].reset_index(drop=True)


def _why_unplaced(place: _Place, length: int, has_return: Bool1D, entered: int) -> str:
    if place.day_zero < 0:
        return "not a session of the returns"
    if not len(has_return):
        return "window outside the returns"
    if not has_return.any():
        return "no return in the window"
    if not entered:
        return "no day of the window entered"
    return "window partly outside the returns" if place.start < 0 or place.stop > length else ""


def _counted(ledger: pd.DataFrame) -> str:
    """Return the reasons of a ledger with their numbers, for a message."""
    return ", ".join(f"{count} {reason}" for reason, count in ledger["reason"].value_counts().items()) or "none"


def _alpha(portfolio: Float1D, x: Float2D, names: list[Any], lags: int | None) -> tuple[pd.DataFrame, pd.Series]:
    from statsmodels.regression.linear_model import OLS  # heavy

    nobs, k = len(portfolio), x.shape[1] + 1
    chosen = int(4 * (nobs / 100) ** (2 / 9)) if lags is None else lags
    check_whole("hac_lags", chosen, 0, nobs - 1)
    design = np.column_stack([np.ones(nobs), x])
    check_independent(design, ["const", *names])
    if not has_residual(portfolio[:, None], design).all():
        raise InputError(
            "the portfolio's return does not vary, or equals a combination of the factors: no residual is left to take "
            "standard errors from. Leave out the security that does."
        )
    # In units of their own size: statsmodels drops what is small beside another regressor.
    size = np.sqrt((design**2).sum(axis=0))
    model = OLS(portfolio, design / size)
    plain = model.fit()
    robust = model.fit(cov_type="HAC", cov_kwds={"maxlags": chosen, "use_correction": True}, use_t=True)
    rows = []
    for fit in (plain, robust):
        alpha, error, stat = fit.params[0] / size[0], fit.bse[0] / size[0], fit.params[0] / fit.bse[0]
        rows.append((alpha, error, stat, float(t_pvalue(stat, nobs - k)), nobs, nobs - k))
    columns = ["alpha", "std_error", "tstat", "pvalue", "nobs", "df"]
    return pd.DataFrame(rows, index=["ols", "hac"], columns=columns), pd.Series((plain.params / size)[1:], index=names)


def _ledger(
    index: pd.Index[Any], counts: Int1D, used: Any, incomplete: Any, standardized: Float1D, min_firms: int
) -> pd.DataFrame:
    rows = []
    for day in np.flatnonzero((counts > 0) & (~used | np.isnan(standardized))):
        if counts[day] < min_firms:
            why = ("too few firms", f"{counts[day]} of the {min_firms} firms that min_firms asks for")
        elif incomplete[day]:
            why = ("missing factor", "no factor return")
        else:
            why = ("not standardized", "in the regression only: its members lack an estimation window")
        rows.append((index[day], counts[day], *why))
    return pd.DataFrame(rows, columns=["session", "n_firms", "reason", "detail"])
