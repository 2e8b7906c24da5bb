"""What an answer owes to one firm or one control, and what it is in money."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from potash.errors import InputError, NoUsableEventsError, check_option, listed
from potash.sessions import Window
from potash.study.answer.all_days import the_study, with_event
from potash.study.answer.event_volatility import scaled_cars
from potash.study.expected_returns.controls import ControlGroup
from potash.study.inference.significance import t_pvalue, t_quantile
from potash.study.results import EventStudyResults
from potash.study.study import EventStudy

VALUE_COLUMNS = ("ticker", "date", "market_value", "currency", "source")
# A firm that grew or shrank in more than a year has another value.
OLDEST = pd.Timedelta(days=400)


def leave_one_out(
    study: EventStudy | EventStudyResults, window: Sequence[int] = (0, 0), flagged: Iterable[str] = ()
) -> pd.DataFrame:
    """Return each event's portfolio without one firm, without one control, and without the firms that are flagged.

    Against the study's factors and the mean of the event's controls where there are any.

    Parameters
    ----------
    study : EventStudy or EventStudyResults
    window : pair of int
        Offsets, both ends included.
    flagged : iterable of str
        Firms with news of their own around an event; they are left out together.

    Returns
    -------
    DataFrame
        A row per event and what is left out of it: ``event_id``, ``left_out`` (empty in the first row, which has all),
        ``kind`` (``all``, ``firm``, ``control``, ``flagged firms``), ``CAR`` (a fraction), ``std_error`` (follows the event's
        volatility), ``tstat``, ``df``, ``pvalue`` (two-sided, Student's t), ``n_firms``, ``n_controls``. NaN where nothing is
        left to study. Without its only control an event stands against the study's factors; an only firm is not left out.

    Raises
    ------
    WindowError
        If the window reaches outside the event window.
    OptionError
        If a flagged ticker is no firm of the study.

    Examples
    --------
    >>> import numpy as np, pandas as pd, potash
    >>> days = pd.bdate_range("2024-01-01", periods=200)
    >>> made_up = np.random.default_rng(1).normal(0, 0.01, (200, 5))
    >>> returns = pd.DataFrame(made_up, index=days, columns=["A", "B", "X", "Y", "M"])
    >>> study = potash.EventStudy(
    ...     returns[["A", "B"]], pd.DataFrame({"event_id": ["news"], "session": [days[180]]}), returns_kind="log",
    ...     model=potash.MarketModel(returns["M"]), event_window=(-5, 10), controls=returns[["X", "Y"]],
    ... )
    >>> potash.leave_one_out(study)[["kind", "left_out"]].to_numpy().tolist()
    [['all', ''], ['firm', 'A'], ['firm', 'B'], ['control', 'X'], ['control', 'Y']]
    """
    made_by, chosen = the_study(study), Window.of(tuple(window))
    results = made_by.fit()
    results.columns(chosen)
    without = list(dict.fromkeys(flagged))
    for ticker in without:
        check_option("flagged", ticker, [str(column) for column in made_by.returns.columns])
    ids = study.event_ids if isinstance(study, EventStudyResults) else results.event_ids
    rows = [row for event_id in ids for row in _event_rows(made_by, event_id, chosen, without)]
    columns = ["CAR", "std_error", "tstat", "df", "pvalue", "n_firms", "n_controls"]
    return pd.DataFrame(rows, columns=["event_id", "left_out", "kind", *columns])


def _event_rows(study: EventStudy, event_id: Any, window: Window, flagged: list[str]) -> list[tuple[Any, ...]]:
    labels = study.fit().for_event(event_id).panel.labels
    firms = list(labels["ticker"])
    controls = [] if study.controls is None else list(study.controls.of_event(event_id))
    cases: list[tuple[str, list[str], list[str]]] = [("all", [], [])]
    if len(firms) > 1:
        cases += [("firm", [ticker], []) for ticker in firms]
    cases += [("control", [], [ticker]) for ticker in controls]
    hit = [ticker for ticker in flagged if ticker in firms]
    if hit:
        cases.append(("flagged firms", hit, []))
    return [
        (event_id, ", ".join(out + left), kind, *_estimate(study, event_id, window, labels, out, controls, left))
        for kind, out, left in cases
    ]


def _estimate(
    study: EventStudy, event_id: Any, window: Window, labels: pd.DataFrame, out: list[str], controls: list[str],
    left: list[str],
) -> tuple[float, ...]:  # fmt: skip
    """Return CAR, standard error, t, degrees of freedom, p, and how many firms and controls are behind them."""
    rows = labels[~labels["ticker"].isin(out)]
    others = [ticker for ticker in controls if ticker not in left]
    nothing = (float("nan"),) * 5
    if rows.empty:
        return (*nothing, 0, len(others))
    group = None
    if others and study.controls is not None:
        group = ControlGroup(study.controls.returns.set_axis(list(study.controls.tickers), axis=1)[others])
    windows = study.windows
    variant = EventStudy(
        study.returns, rows, returns_kind=study.returns_kind, model=study.model,
        event_window=(windows.event.start, windows.event.end),
        estimation_window=(windows.estimation.start, windows.estimation.end), min_estimation=windows.min_estimation,
        exclude_events=False if study.skipped is None else study.skipped, controls=group,
    )  # fmt: skip
    try:
        fit = with_event(variant, event_id).fit().for_event(event_id).portfolio_fit
    except NoUsableEventsError:
        return (*nothing, len(rows), len(others))
    scaled = scaled_cars(fit, windows.event, window)
    pvalue = t_pvalue(scaled.stats, scaled.df)
    numbers = (scaled.cars, scaled.std_errors, scaled.stats, scaled.df, pvalue)
    return (*(float(values[0]) for values in numbers), len(rows), len(others))


def effect_in_usd(
    results: EventStudyResults, market_values: pd.DataFrame, window: Sequence[int] = (0, 0), level: float = 0.95
) -> pd.DataFrame:
    """Return what each firm's abnormal return is in US dollars: CAR times the firm's market value before the event.

    Parameters
    ----------
    results : EventStudyResults
    market_values : DataFrame
        Columns ``ticker``, ``date``, ``market_value`` (in units of the currency, not millions), ``currency`` and ``source``.
    window : pair of int
        Offsets, both ends included.
    level : float
        Of the confidence limits, by Student's t with standard errors that follow the event's volatility.

    Returns
    -------
    DataFrame
        A row per firm-event: ``event_id``, ``ticker``, ``CAR``, ``lower``, ``upper`` (fractions), ``market_value``,
        ``value_date``, ``source``, ``effect_usd``, ``lower_usd``, ``upper_usd`` (dollars), and ``reason`` why there is no
        effect in dollars, empty where there is one. The value is the last one dated before the window begins, at most 400
        days older than day 0 and in USD; nothing is converted and nothing guessed. CARs of log returns become simple ones
        first: ``exp(CAR) - 1``.

    Raises
    ------
    InputError
        If ``market_values`` lacks a column or holds a value that is not a positive number.

    References
    ----------
    .. [1] Campbell, C. J., Cowan, A. R. and Salotti, V. (2010). Journal of Banking and Finance 34(12), 3078-3090: abnormal
       returns in home currency and in dollars.

    Examples
    --------
    >>> import numpy as np, pandas as pd, potash
    >>> days = pd.bdate_range("2024-01-01", periods=200)
    >>> made_up = np.random.default_rng(1).normal(0, 0.01, (200, 2))
    >>> returns = pd.DataFrame(made_up, index=days, columns=["A", "M"])
    >>> results = potash.EventStudy(
    ...     returns[["A"]], pd.DataFrame({"event_id": ["news"], "session": [days[180]]}), returns_kind="simple",
    ...     model=potash.MarketModel(returns["M"]),
    ... ).fit()
    >>> values = pd.DataFrame({
    ...     "ticker": ["A"], "date": ["2024-06-28"], "market_value": [2e9], "currency": ["USD"], "source": ["annual report"],
    ... })
    >>> row = potash.effect_in_usd(results, values).iloc[0]
    >>> bool(np.isclose(row["effect_usd"], 2e9 * row["CAR"]))
    True
    """
    values, chosen = _checked_values(market_values), Window.of(tuple(window))
    results.columns(chosen)
    scaled = scaled_cars(results.fit, results.windows.event, chosen)
    half = t_quantile(0.5 + level / 2, scaled.df) * scaled.std_errors
    labels = results.panel.labels
    first = chosen.start - results.windows.event.start
    begins = pd.DatetimeIndex(results.panel.days_event[:, first].astype("datetime64[D]"))
    nearest = [
        _value(values, ticker, begin, session)
        for ticker, begin, session in zip(labels["ticker"], begins, labels["session"], strict=True)
    ]
    frame = labels[["event_id", "ticker"]].reset_index(drop=True).assign(
        CAR=scaled.cars, lower=scaled.cars - half, upper=scaled.cars + half
    )  # fmt: skip
    frame[["market_value", "value_date", "source", "reason"]] = pd.DataFrame(nearest, index=frame.index)
    frame.loc[frame["CAR"].isna() & (frame["reason"] == ""), "reason"] = "a day of the window is missing"
    grow = np.expm1 if results.returns_kind == "log" else np.asarray
    for name, column in (("effect_usd", "CAR"), ("lower_usd", "lower"), ("upper_usd", "upper")):
        frame[name] = grow(frame[column].to_numpy(float)) * frame["market_value"]
    columns = [c for c in frame.columns if c != "reason"]
    return frame[[*columns, "reason"]]


def _value(values: pd.DataFrame, ticker: str, begin: pd.Timestamp, session: pd.Timestamp) -> tuple[Any, ...]:
    """Return market value, its date and source, or why there is none."""
    nothing = (float("nan"), pd.NaT, "")
    own = values[values["ticker"] == ticker]
    if own.empty:
        return (*nothing, "no market value is given")
    dated = own[(own["date"] < begin) & (own["date"] >= session - OLDEST)]
    if dated.empty:
        return (*nothing, "no market value of the 400 days before the event")
    dollars = dated[dated["currency"] == "USD"]
    if dollars.empty:
        return (*nothing, f"the market value is in {listed(dated['currency'].unique())}, not in USD")
    last = dollars.loc[dollars["date"].idxmax()]
    return float(last["market_value"]), last["date"], str(last["source"]), ""


def _checked_values(values: pd.DataFrame) -> pd.DataFrame:
    absent = [column for column in VALUE_COLUMNS if column not in values]
    if absent:
        raise InputError(
            f"market_values has no column {listed(absent)}; it needs {listed(VALUE_COLUMNS)}, a row for each value."
        )
    number = pd.to_numeric(values["market_value"], errors="coerce")
    wrong = values.loc[~(number > 0) | ~np.isfinite(number), "market_value"]
    if len(wrong):
        raise InputError(
            f"market_values holds {listed(map(repr, wrong))}, no positive numbers. Leave out the rows of firms without one."
        )
    return values.assign(
        market_value=number, date=pd.to_datetime(values["date"]), ticker=values["ticker"].astype(str)
    ).reset_index(drop=True)
