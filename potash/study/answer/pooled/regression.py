"""The calendar-time form: the firms' portfolio regressed on the market, the controls and the signed days of events."""

from __future__ import annotations

import numpy as np
import pandas as pd

from potash._typing import Float1D, Float2D, Int1D
from potash.sessions import Window
from potash.study.alignment import day_numbers
from potash.study.answer.pooled.shared_days import counted_days
from potash.study.answer.pooled.signed_events import HOLE, SignedEvents
from potash.study.inference.significance import t_pvalue
from potash.study.study import EventStudy


def calendar_form(study: EventStudy, events: SignedEvents, window: Window, controls: bool) -> pd.DataFrame:
    """Return the slope of the signed days of events, times the sessions of the window, with three standard errors.

    Rows ``ols``, ``hc3`` and ``hac`` in the column ``errors``; ``effect``, ``std_error``, ``tstat``, ``pvalue``, ``n_days``
    (days of events), ``nobs``, ``df``. No row where days of events are missing or nothing is left to estimate from.

    Notes
    -----
    Constant and slopes are those of each stretch of prices. A day that lies in the windows of two events is that of the
    nearer one; a day of an event without controls is measured against the other factors alone. Lags of the HAC form:
    ``floor(4 (T / 100)^(2 / 9))``. The robust errors rest on the residuals of the days of events alone, so their t has one
    degree of freedom less than there are such days.

    References
    ----------
    .. [1] Jaffe, J. F. (1974). Journal of Business 47(3), 410-428.
    .. [2] Long, J. S. and Ervin, L. H. (2000). The American Statistician 54(3), 217-224: HC3. Imbens, G. W. and Kolesar, M.
       (2016). Review of Economics and Statistics 98(4), 701-712: the degrees of freedom.
    .. [3] Newey, W. K. and West, K. D. (1987). Econometrica 55(3), 703-708.
    """
    index = pd.DatetimeIndex(study.returns.index)
    y, x = _portfolio(study, events), _factors(study)
    signed, mean = _event_days(study, events, window, controls)
    whole = ~np.isnan(y) & ~np.isnan(x).any(axis=1)
    if mean is not None:
        whole &= ~np.isnan(mean)
        mean = mean[whole]
    y, x, signed = y[whole], x[whole], signed[whole]
    design = _design(x, mean, signed, day_numbers(index[whole]))
    nobs, n_days = len(y), int((signed != 0).sum())
    if n_days < 2 or nobs <= design.shape[1]:
        return pd.DataFrame()
    slope, errors = _estimated(y, design)
    rows, effect = [], slope * len(window)
    for name, one in errors.items():
        error = one * len(window)
        df = nobs - design.shape[1] if name == "ols" else n_days - 1
        pvalue = float(t_pvalue(np.array(effect / error), np.array(float(df))))
        rows.append((name, effect, error, effect / error, pvalue, n_days, nobs, df))
    return pd.DataFrame(rows, columns=["errors", "effect", "std_error", "tstat", "pvalue", "n_days", "nobs", "df"])


def _estimated(y: Float1D, x: Float2D) -> tuple[float, dict[str, float]]:
    """Return the slope of the first regressor by least squares, and its standard errors by name.

    The formulas written out: statsmodels has the same, but takes seconds to import.
    """
    nobs, k = x.shape
    inverse = np.linalg.pinv(x, rcond=1e-15)
    params, bread = inverse @ y, inverse @ inverse.T
    residuals = y - x @ params
    plain = residuals @ residuals / (nobs - np.linalg.matrix_rank(x)) * bread[0, 0]
    leverage = ((x @ bread) * x).sum(axis=1)
    hc3 = inverse[0] ** 2 @ (residuals / (1 - leverage)) ** 2
    scores = x * residuals[:, None]
    lags = int(4 * (nobs / 100) ** (2 / 9))
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        shifted = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (shifted + shifted.T)
    hac = bread[0] @ meat @ bread[0] * nobs / (nobs - k)
    return float(params[0]), {name: float(np.sqrt(v)) for name, v in {"ols": plain, "hc3": hc3, "hac": hac}.items()}


def _portfolio(study: EventStudy, events: SignedEvents) -> Float1D:
    """Return the mean return of the firms in the portfolios of the events, by session: of those that have one."""
    named = {ticker for tickers in events.tickers for ticker in tickers.split(",")}
    columns = study.returns.set_axis(study.returns.columns.astype(str), axis=1)
    return columns[[column for column in columns if column in named]].mean(axis=1).to_numpy(float)


def _factors(study: EventStudy) -> Float2D:
    """Return the model's factors by session; where each firm has its own, their mean."""
    factors = study.model.factors
    if factors.columns.nlevels > 1:
        factors = factors.T.groupby(level=1, sort=False).mean().T
    index = study.returns.index
    return factors.reindex(index).to_numpy(float).reshape(len(index), -1)


def _event_days(
    study: EventStudy, events: SignedEvents, window: Window, controls: bool
) -> tuple[Float1D, Float1D | None]:
    """Return the sign of each session's event, and the controls' mean: infinite on days of events that have none."""
    index = study.returns.index
    counted = counted_days(events.days, events.signs, events.event, window)
    numbers, signed = day_numbers(pd.DatetimeIndex(index)), np.zeros(len(index))
    group = study.controls if controls else None
    mean = None if group is None else group.mean(group.tickers).reindex(index).to_numpy(float).copy()
    for i, event_id in enumerate(events.ids):
        days = np.isin(numbers, events.days[i][counted[i]])
        signed[days] = events.signs[i]
        if mean is not None and group is not None:
            own = group.mean(group.of_event(event_id)).reindex(index).to_numpy(float) if events.controls[i] else None
            mean[days] = np.inf if own is None else own[days]
    return signed, mean


def _design(x: Float2D, mean: Float1D | None, signed: Float1D, days: Int1D) -> Float2D:
    """Return the signed days, and a constant and slopes for each stretch.

    Of the controls' mean what the other factors leave is a regressor, zero on days whose event has none: such a day is
    measured against the other factors alone, as the event is.
    """
    lot = np.cumsum(np.diff(days, prepend=days[:1]) > HOLE)
    blocks = [signed]
    for number in np.unique(lot):
        inside = lot == number
        base = np.column_stack([inside.astype(float), *(np.where(inside, column, 0.0) for column in x.T)])
        blocks.extend(base.T)
        if mean is not None:
            has_controls = inside & np.isfinite(mean)
            slopes = np.linalg.lstsq(base[has_controls], mean[has_controls], rcond=None)[0]
            blocks.append(np.where(has_controls, np.where(has_controls, mean, 0.0) - base @ slopes, 0.0))
    return np.column_stack(blocks)
