"""What an answer owes to one firm or one control, and what it is in money."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from potash.errors import InputError, NoUsableEventsError, OptionError, check_option, listed
from potash.sessions import Window
from potash.study.answer.all_days import the_study, with_event
from potash.study.answer.event_volatility import scaled_cars
from potash.study.expected_returns.controls import ControlGroup
from potash.study.inference.significance import t_pvalue, t_quantile
from potash.study.results import EventStudyResults
from potash.study.study import EventStudy

VALUE_COLUMNS = ("event_id", "ticker", "market_value", "currency")


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
        (event_id, ", ".join(out + left), kind, *_estimate(study, event_id, window, firms, out, controls, left))
        for kind, out, left in cases
    ]


def _estimate(
    study: EventStudy, event_id: Any, window: Window, firms: list[str], out: list[str], controls: list[str],
    left: list[str],
) -> tuple[float, ...]:  # fmt: skip
    """Return CAR, standard error, t, degrees of freedom, p, and how many firms and controls are behind them."""
    n_firms = sum(ticker not in out for ticker in firms)
    others = [ticker for ticker in controls if ticker not in left]
    nothing = (float("nan"),) * 5
    if not n_firms:
        return (*nothing, 0, len(others))
    try:
        results = with_event(_without(study, out, left), event_id).fit()
    except NoUsableEventsError:
        return (*nothing, n_firms, len(others))
    if event_id not in results.event_ids:
        return (*nothing, n_firms, len(others))
    scaled = scaled_cars(results.for_event(event_id).portfolio_fit, study.windows.event, window)
    pvalue = t_pvalue(scaled.stats, scaled.df)
    numbers = (scaled.cars, scaled.std_errors, scaled.stats, scaled.df, pvalue)
    return (*(float(values[0]) for values in numbers), n_firms, len(others))


def _without(study: EventStudy, firms: list[str], controls: list[str]) -> EventStudy:
    """Return the study of all its events without some firms and controls, made once: as quick as that of one event."""
    made: dict[Any, EventStudy] = study.kept.setdefault("left out", {})
    key = tuple(firms), tuple(controls)
    if key not in made:
        labels, group = study.fit().panel.labels, study.controls
        if group is not None:
            staying = [ticker for ticker in group.tickers if ticker not in controls]
            returns = group.returns.set_axis(list(group.tickers), axis=1)[staying]
            out = group.left_out
            out = None if out is None else out[~out["ticker"].astype(str).isin(controls)]
            group = ControlGroup(returns, out) if staying else None
        made[key] = study.changed(events=labels[~labels["ticker"].isin(firms)], controls=group)
    return made[key]


def effect_in_usd(
    results: EventStudyResults, market_values: pd.DataFrame, window: Sequence[int] = (0, 0), level: float = 0.95
) -> pd.DataFrame:
    """Return what each firm's abnormal return is in US dollars: CAR times what the firm was worth before the event.

    Parameters
    ----------
    results : EventStudyResults
    market_values : DataFrame
        From :func:`potash.market_values_before`, or any frame with ``event_id`` and ``ticker``, ``market_value`` (in units of
        the currency, not millions; NaN where not known) and ``currency``; ``valued_on``, ``source`` and ``reason`` are
        handed on. At most one row per firm-event.
    window : pair of int
        Offsets, both ends included.
    level : float
        Of the confidence limits, by Student's t with standard errors that follow the event's volatility.

    Returns
    -------
    DataFrame
        A row per firm-event: ``event_id``, ``ticker``, ``CAR``, ``lower``, ``upper`` (fractions), ``market_value``,
        ``valued_on``, ``source``, ``effect_usd``, ``lower_usd``, ``upper_usd`` (dollars), and ``reason`` why there is no
        effect in dollars, empty where there is one. A value in another currency gives none: nothing is converted and nothing
        guessed. CARs of log returns become simple ones first: ``exp(CAR) - 1``.

    Raises
    ------
    InputError
        If ``market_values`` lacks a column, has two rows for a firm-event, or holds what is not a positive number.

    References
    ----------
    .. [1] Malatesta, P. H. (1983). Journal of Financial Economics 11(1-4), 155-181: abnormal dollar returns.

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
    >>> values = pd.DataFrame({"event_id": ["news"], "ticker": ["A"], "market_value": [2e9], "currency": ["USD"]})
    >>> row = potash.effect_in_usd(results, values).iloc[0]
    >>> bool(np.isclose(row["effect_usd"], 2e9 * row["CAR"]))
    True
    """
    values, chosen = _checked_values(market_values), Window.of(tuple(window))
    if not 0 < level < 1:
        raise OptionError(f"level={level} must lie between 0 and 1, for example 0.95.")
    results.columns(chosen)
    scaled = scaled_cars(results.fit, results.windows.event, chosen)
    half = t_quantile(0.5 + level / 2, scaled.df) * scaled.std_errors
    frame = results.panel.labels[["event_id", "ticker"]].reset_index(drop=True)
    frame = frame.assign(CAR=scaled.cars, lower=scaled.cars - half, upper=scaled.cars + half)
    frame = frame.merge(values, how="left", on=["event_id", "ticker"])
    frame["reason"] = [_why_none(row) for row in frame.to_dict("records")]
    in_dollars = frame["market_value"].where(frame["currency"] == "USD")
    grow = np.expm1 if results.returns_kind == "log" else np.asarray
    for name in ("CAR", "lower", "upper"):
        frame[name.replace("CAR", "effect") + "_usd"] = grow(frame[name].to_numpy(float)) * in_dollars
    return frame[[column for column in frame if column not in ("currency", "reason")] + ["reason"]]


def _why_none(row: dict[Any, Any]) -> str:
    """Return why a firm-event has no effect in dollars; empty if it has one."""
    if pd.isna(row["market_value"]):
        return str(row["reason"]) if pd.notna(row["reason"]) and row["reason"] else "no market value is given"
    if row["currency"] != "USD":
        return f"the market value is in {row['currency']}, not in USD"
    return "a day of the window is missing" if np.isnan(row["CAR"]) else ""


def _checked_values(values: pd.DataFrame) -> pd.DataFrame:
    absent = [column for column in VALUE_COLUMNS if column not in values]
    if absent:
        raise InputError(
            f"market_values has no column {listed(absent)}; it needs {listed(VALUE_COLUMNS)}, as "
            "potash.market_values_before(...) returns them."
        )
    twice = values[values.duplicated(["event_id", "ticker"])]
    if len(twice):
        pairs = listed(f"{row.ticker} at {row.event_id}" for row in twice.itertuples())
        raise InputError(f"market_values has more than one row for {pairs}. Keep one value for each.")
    number = pd.to_numeric(values["market_value"], errors="coerce")
    wrong = values.loc[(number.isna() & values["market_value"].notna()) | ~(number.fillna(1) > 0) | np.isinf(number)]
    if len(wrong):
        raise InputError(
            f"market_values holds {listed(map(repr, wrong['market_value']))}, no positive numbers. Leave the cell empty where "
            "a value is not known."
        )
    handed_on = {name: values.get(name) for name in ("valued_on", "source", "reason")}
    return values[list(VALUE_COLUMNS)].assign(market_value=number, **handed_on)
