"""The calendar-time form: the firms' portfolio regressed on the market, the controls and the signed days of events."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float1D, Float2D
from potash.sessions import Window
from potash.study.alignment import day_numbers
from potash.study.answer.pooled.shared_days import counted_days
from potash.study.answer.pooled.signed_events import HOLE, SignedEvents
from potash.study.expected_returns.controls import CONTROLS
from potash.study.inference.significance import t_pvalue
from potash.study.study import EventStudy


def calendar_form(study: EventStudy, events: SignedEvents, window: Window, controls: bool) -> pd.DataFrame:
    """Return the slope of the signed days of events, times the sessions of the window, with three standard errors.

    Rows ``ols``, ``hc3`` and ``hac`` in the column ``errors``; ``effect``, ``std_error``, ``tstat``, ``pvalue``, ``n_days``
    (days of events), ``nobs``, ``df``. No row where days of events are missing or nothing is left to estimate from.

    Notes
    -----
    Constant and slopes are those of each stretch of prices. A day that lies in the windows of two events is that of the
    nearer one. Lags of the HAC form: ``floor(4 (T / 100)^(2 / 9))``. The robust errors rest on the residuals of the days of
    events alone, so their t has one degree of freedom less than there are such days.

    References
    ----------
    .. [1] Jaffe, J. F. (1974). Journal of Business 47(3), 410-428.
    .. [2] Long, J. S. and Ervin, L. H. (2000). The American Statistician 54(3), 217-224: HC3. Imbens, G. W. and Kolesar, M.
       (2016). Review of Economics and Statistics 98(4), 701-712: the degrees of freedom.
    .. [3] Newey, W. K. and West, K. D. (1987). Econometrica 55(3), 703-708.
    """
    y, x, signed = _series(study, events, window, controls)
    whole = ~np.isnan(y) & ~np.isnan(x).any(axis=1)
    y, x, signed, days = y[whole], x[whole], signed[whole], day_numbers(pd.DatetimeIndex(study.returns.index[whole]))
    design = _design(x, signed, days)
    nobs, n_days = len(y), int((signed != 0).sum())
    if n_days < 2 or nobs <= design.shape[1]:
        return pd.DataFrame()
    from statsmodels.regression.linear_model import OLS  # heavy

    lags = int(4 * (nobs / 100) ** (2 / 9))
    model = OLS(y, design)
    forms: dict[str, dict[str, Any]] = {
        "ols": {}, "hc3": {"cov_type": "HC3"},
        "hac": {"cov_type": "HAC", "cov_kwds": {"maxlags": lags, "use_correction": True}},
    }  # fmt: skip
    rows = []
    for name, options in forms.items():
        fit = model.fit(**options)
        effect, error = (float(value[0]) * len(window) for value in (fit.params, fit.bse))
        df = nobs - design.shape[1] if name == "ols" else n_days - 1
        pvalue = float(t_pvalue(np.array(effect / error), np.array(float(df))))
        rows.append((name, effect, error, effect / error, pvalue, n_days, nobs, df))
    return pd.DataFrame(rows, columns=["errors", "effect", "std_error", "tstat", "pvalue", "n_days", "nobs", "df"])


def _series(
    study: EventStudy, events: SignedEvents, window: Window, controls: bool
) -> tuple[Float1D, Float2D, Float1D]:
    """Return the portfolio's return, the factors, and the sign of each session's event, by the rows of the returns."""
    index = study.returns.index
    named = {ticker for tickers in events.tickers for ticker in tickers.split(",")}
    columns = study.returns.set_axis(study.returns.columns.astype(str), axis=1)
    y = columns[[column for column in columns if column in named]].mean(axis=1)
    factors = study.model.factors
    if factors.columns.nlevels > 1:
        factors = factors.T.groupby(level=1, sort=False).mean().T
    factors = factors.reindex(index)
    counted = counted_days(events.days, events.signs, events.event, window)
    numbers = day_numbers(pd.DatetimeIndex(index))
    signed = np.zeros(len(index))
    mean = None
    if controls and study.controls is not None:
        mean = study.controls.mean(study.controls.tickers).reindex(index)
    for i, event_id in enumerate(events.ids):
        days = np.isin(numbers, events.days[i][counted[i]])
        signed[days] = events.signs[i]
        if mean is not None and study.controls is not None and study.controls.of_event(event_id):
            own = study.controls.mean(study.controls.of_event(event_id)).reindex(index)
            mean = mean.mask(np.asarray(days), own)
    if mean is not None:
        factors = factors.assign(**{CONTROLS: mean})
    return y.to_numpy(float), factors.to_numpy(float).reshape(len(index), -1), signed


def _design(x: Float2D, signed: Float1D, days: Any) -> Float2D:
    """Return the signed days, and a constant and slopes for each stretch that has some of them."""
    lot = np.cumsum(np.diff(days, prepend=days[:1]) > HOLE)
    blocks = [signed]
    for number in np.unique(lot):
        inside: Bool1D = lot == number
        blocks.extend([inside.astype(float), *(np.where(inside, column, 0.0) for column in x.T)])
    return np.column_stack(blocks)
