"""An event's move in three parts that add up: the market, the control group, and what belongs to the firms studied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from potash._typing import Float1D, Float2D
from potash.errors import InputError, NoUsableEventsError
from potash.sessions import Window
from potash.study.answer.all_days import covered, the_study, with_event
from potash.study.answer.event_volatility import scaled_cars
from potash.study.engine.window_fit import WindowFit
from potash.study.expected_returns.controls import CONTROLS
from potash.study.expected_returns.ordinary import FactorModel
from potash.study.fitted import PORTFOLIO
from potash.study.results import EventStudyResults
from potash.study.study import EventStudy

KINDS = ("firm", "portfolio", "control")
_ControlsResults: TypeAlias = tuple[EventStudyResults, EventStudyResults | None]


def decompose(study: EventStudy | EventStudyResults, windows: dict[str, tuple[int, int]] | None = None) -> pd.DataFrame:
    """Return each event's move as market, control group and specific part, beside the raw returns.

    Two models are fitted, fixed before any number: the study's own, and the same with the mean of the controls as one more
    factor. What the first explains is the market's part; what the second explains more is the control group's; the rest is
    specific to the firm. A control is measured against the market and the mean of the *other* controls.

    Parameters
    ----------
    study : EventStudy or EventStudyResults
        With a market or factor model; ``controls`` for the control group.
    windows : dict, optional
        Name to pair of offsets, both ends included; by default the family of :func:`potash.window_family`.

    Returns
    -------
    DataFrame
        A row per event, window and ticker (``kind``: ``firm``, ``portfolio`` of the firms, ``control``), with the columns
        ``event_id``, ``name``, ``window``, ``kind``, ``ticker``; ``price_change`` over the window, compounded and simple, as a
        terminal shows it, and ``market_price_change`` (of the model's first factor); the sums ``raw_return`` and
        ``market_return`` of the study's returns, and ``beta`` (slope of the first model); the three parts ``market`` (alpha
        and beta times the market), ``controls`` and ``specific``, which add up to ``raw_return``;
        ``abnormal`` (``controls`` + ``specific``) with ``abnormal_std_error``; ``specific_std_error``; ``controls_return``
        and ``controls_beta``; ``volatility`` of the days around the window (standard deviation over that expected).
        Standard errors follow that volatility. Returns are fractions. NaN where a day is missing; without controls
        ``controls`` is NaN and ``specific`` too.

    Raises
    ------
    InputError
        If the model has no factor, so that there is no market's part.

    References
    ----------
    .. [1] MacKinlay, A. C. (1997). Journal of Economic Literature 35(1), 13-39, section 4: further factors.
    .. [2] Frisch, R. and Waugh, F. V. (1933). Econometrica 1(4), 387-401: the control group's part is its slope times what
       the market leaves of its mean.

    Examples
    --------
    >>> import numpy as np, pandas as pd, potash
    >>> days = pd.bdate_range("2024-01-01", periods=200)
    >>> made_up = np.random.default_rng(1).normal(0, 0.01, (200, 4))
    >>> returns = pd.DataFrame(made_up, index=days, columns=["A", "X", "Y", "M"])
    >>> study = potash.EventStudy(
    ...     returns[["A"]], pd.DataFrame({"event_id": ["news"], "session": [days[180]]}), returns_kind="log",
    ...     model=potash.MarketModel(returns["M"]), event_window=(-5, 5), controls=returns[["X", "Y"]],
    ... )
    >>> parts = potash.decompose(study, {"impact": (0, 0)}).set_index("ticker")
    >>> parts["kind"].tolist()
    ['firm', 'portfolio', 'control', 'control']
    >>> bool(np.isclose(parts.loc["A", ["market", "controls", "specific"]].sum(), returns.loc[days[180], "A"]))
    True
    """
    made_by = the_study(study)
    if not len(made_by.model.factors.columns) or not made_by.model.param_names:
        raise InputError(
            f"{made_by.model.name} estimates no beta, so a move has no market's part. Choose MarketModel or FactorModel."
        )
    ids = study.event_ids if isinstance(study, EventStudyResults) else made_by.fit().event_ids
    family = covered(made_by) if windows is None else {name: Window.of(pair) for name, pair in windows.items()}
    pieces = []
    for event_id in ids:
        of_event = _results_of(made_by, event_id)
        pieces += [_parts(made_by, event_id, name, window, of_event) for name, window in family.items()]
    return pd.concat(pieces, ignore_index=True)


@dataclass(frozen=True, slots=True)
class _OfEvent:
    """The results of an event's firms against the market, against the controls too, and those of the controls."""

    market: EventStudyResults
    specific: EventStudyResults | None
    controls: _ControlsResults | None


def _results_of(study: EventStudy, event_id: Any) -> _OfEvent:
    """Return the results of an event, made once: its parts are asked for again in other windows."""
    made: dict[Any, _OfEvent] = study.kept.setdefault("decomposition", {})
    if event_id not in made:
        results, against, specific = study.fit().for_event(event_id), with_event(study, event_id), None
        if against is not study:
            # A firm that the second model cannot be fitted to has no specific part, and the portfolio then has none either.
            other = against.fit().for_event(event_id)
            alike = list(other.panel.labels["ticker"]) == list(results.panel.labels["ticker"])
            specific = other if alike else None
        made[event_id] = _OfEvent(results, specific, _controls_results(study, event_id))
    return made[event_id]


def _parts(study: EventStudy, event_id: Any, name: str, window: Window, of_event: _OfEvent) -> pd.DataFrame:
    results, specific = of_event.market, of_event.specific
    columns = results.columns(window)
    tickers = list(results.panel.labels["ticker"])
    raw, market = results.panel.y_event[:, columns], results.panel.x_event[:, columns, 0]
    rows = [
        _rows(tickers, "firm", raw, market, results.fit, None if specific is None else specific.fit, study, window),
        _rows([PORTFOLIO], "portfolio", raw, market, results.portfolio_fit,
              None if specific is None else specific.portfolio_fit, study, window),
    ]  # fmt: skip
    if specific is not None:
        mean = specific.panel.x_event[:, columns, -1].sum(axis=1)
        rows[0] = rows[0].assign(controls_return=mean)
        rows[1] = rows[1].assign(controls_return=mean.mean())
        rows.append(_controls(study, window, of_event.controls))
    whole = pd.concat(rows, ignore_index=True)
    whole.insert(0, "event_id", event_id)
    whole.insert(1, "name", name)
    whole.insert(2, "window", str(window))
    return whole


def _rows(
    tickers: list[str], kind: str, raw: Float2D, market: Float2D, fit: WindowFit, against: WindowFit | None,
    study: EventStudy, window: Window,
) -> pd.DataFrame:  # fmt: skip
    """Return the parts of some securities, or of the portfolio of several; ``raw`` and ``market`` are (n, days)."""
    event, nothing = study.windows.event, np.full(len(tickers), np.nan)
    changes = [_price_change(returns, study.returns_kind) for returns in (raw, market)]
    sums = [returns.sum(axis=1) for returns in (raw, market)]
    if kind == "portfolio":
        changes, sums = ([part.mean(keepdims=True) for part in parts] for parts in (changes, sums))
    own = scaled_cars(fit, event, window)
    rest = own if against is None else scaled_cars(against, event, window)
    data = {
        "kind": kind, "ticker": tickers, "price_change": changes[0], "market_price_change": changes[1],
        "raw_return": sums[0], "market_return": sums[1], "beta": fit.params[:, 1],
        "market": sums[0] - own.cars,
        "controls": nothing if against is None else own.cars - rest.cars,
        "specific": nothing if against is None else rest.cars,
        "specific_std_error": nothing if against is None else rest.std_errors,
        "abnormal": own.cars, "abnormal_std_error": own.std_errors,
        "controls_return": nothing,
        "controls_beta": nothing if against is None else against.params[:, -1],
        "volatility": np.sqrt(rest.ratio),
    }  # fmt: skip
    return pd.DataFrame(data)


def _price_change(returns: Float2D, kind: str) -> Float1D:
    """Return compounded simple returns (n,) of simple or log returns (n, days)."""
    return np.asarray(np.expm1(returns.sum(axis=1)) if kind == "log" else np.prod(1 + returns, axis=1) - 1)


def _controls_results(study: EventStudy, event_id: Any) -> _ControlsResults | None:
    """Return the results of an event's controls against the market, and against the mean of the others too, where it has some."""
    tickers = () if study.controls is None else study.controls.of_event(event_id)
    if not tickers or with_event(study, event_id) is study:
        return None
    made: dict[tuple[str, ...], Any] = study.kept.setdefault("controls", {})
    if tickers not in made:
        made[tickers] = [None if each is None else _fitted(each) for each in _controls_studies(study, list(tickers))]
    market, against = made[tickers]
    # An event is missing where each control has a day missing that the mean over all of them does not.
    if market is None or event_id not in market.event_ids:
        return None
    if against is None:
        return (market.for_event(event_id), None) if len(tickers) < 2 else None
    return (market.for_event(event_id), against.for_event(event_id)) if event_id in against.event_ids else None


def _fitted(study: EventStudy) -> EventStudyResults | None:
    try:
        return study.fit()
    except NoUsableEventsError:
        return None


def _controls(study: EventStudy, window: Window, controls: _ControlsResults | None) -> pd.DataFrame:
    """Return the parts of the controls themselves, each against the market and the mean of the others."""
    if controls is None:
        return pd.DataFrame()
    results, other = controls
    columns = results.columns(window)
    own = list(results.panel.labels["ticker"])
    raw, first = results.panel.y_event[:, columns], results.panel.x_event[:, columns, 0]
    if other is not None and list(other.panel.labels["ticker"]) != own:
        other = None
    rows = _rows(own, "control", raw, first, results.fit, None if other is None else other.fit, study, window)
    if other is not None:
        rows = rows.assign(controls_return=other.panel.x_event[:, columns, -1].sum(axis=1))
    return rows


def _controls_studies(study: EventStudy, tickers: list[str]) -> tuple[EventStudy, EventStudy | None]:
    """Return the study of controls against the market, and that against the mean of the others too.

    Around all events that have these controls: as quick as around one.
    """
    assert study.controls is not None
    group = study.controls
    returns = group.returns.set_axis(list(group.tickers), axis=1)[tickers]
    labels = study.fit().panel.labels.drop_duplicates("event_id")
    same = [group.of_event(event_id) == tuple(tickers) for event_id in labels["event_id"]]
    place = labels.loc[same, ["event_id", "session", *(["exchange"] if "exchange" in labels else [])]]
    events = place.merge(pd.DataFrame({"ticker": tickers}), how="cross")
    factors = study.model.factors
    shared = factors.columns.nlevels == 1
    base = {t: factors if shared else factors[factors.columns.get_level_values(0)[0]] for t in tickers}
    market = study.changed(returns=returns, events=events, model=FactorModel(pd.concat(base, axis=1)))
    if len(tickers) < 2:
        return market, None
    others = {
        t: base[t].join(group.mean(tuple(o for o in tickers if o != t)).rename(CONTROLS), how="left") for t in tickers
    }
    return market, study.changed(returns=returns, events=events, model=FactorModel(pd.concat(others, axis=1)))
