"""All signed events of a timeline together: what they did on average, and how often other dates give as much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Float2D
from potash.errors import InputError, NoUsableEventsError, listed
from potash.sessions import Window
from potash.study.answer.all_days import covered, the_study
from potash.study.answer.event_volatility import scaled_cars
from potash.study.answer.pooled.exposure import by_firm, dose_response
from potash.study.answer.pooled.regression import calendar_form
from potash.study.answer.pooled.result import CONTROLLED, MARKET, Pooled
from potash.study.answer.pooled.shared_days import counted_days, shared_share
from potash.study.answer.pooled.signed_events import SignedEvents, signed_events
from potash.study.inference.correlation import mean_correlation
from potash.study.inference.parametric import (
    adjusted_patell_test,
    bmp_test,
    cross_sectional_test,
    kolari_pynnonen_test,
    patell_test,
    portfolio_test,
)
from potash.study.inference.placebo import placebo_pvalue
from potash.study.inference.significance import SignificanceTest, by_normal, not_applicable
from potash.study.results import EventStudyResults
from potash.study.study import EventStudy

PRIMARY = (0, 1)
GROUPS = {"tightening": 1, "relief": -1}
FRAMES = (
    "effects", "events", "left_out", "leave_one_out", "by_kind", "chains", "exposure", "dose_response", "tests",
    "calendar_time",
)  # fmt: skip
INDEPENDENT = ("sum_of_t", "portfolio", "cross_sectional", "patell", "bmp")


def pooled(
    study: EventStudy | EventStudyResults,
    signs: pd.Series | dict[Any, int],
    *,
    kinds: pd.Series | dict[Any, str] | None = None,
    chains: pd.Series | dict[Any, str] | None = None,
    exposure: pd.Series | dict[str, float] | None = None,
    primary: Sequence[int] = PRIMARY,
    windows: dict[str, Sequence[int]] | None = None,
    seed: int = 0,
    behind: bool = True,
) -> Pooled:
    """Return the average effect of a study's signed events, each in its expected direction.

    Parameters
    ----------
    study : EventStudy or EventStudyResults
        With ``controls`` the events are measured against the market and the controls' mean too, and that counts.
    signs : Series or dict
        ``event_id`` to +1 (tightening: expected to lift the firms) or -1 (relief); see :meth:`potash.Timeline.signs`.
    kinds : Series or dict, optional
        ``event_id`` to a kind, for averages by kind.
    chains : Series or dict, optional
        ``event_id`` to the id of the chain that it is a link of; empty for none.
    exposure : Series or dict, optional
        Ticker to the share of its revenue that comes from potash.
    primary : pair of int
        The window that counts, fixed before any number is looked at.
    windows : dict, optional
        Name to pair of offsets, by default the family of :func:`potash.window_family`; those that the event window does not
        cover are left out of the default.
    seed : int
        Of the sample of sets of dates where there are more than 250,000, and of orders of more than eight firms.
    behind : bool
        Whether what stands behind the answer is computed too. Without it ``effects``, ``events`` and ``left_out`` are the same,
        and the other frames are empty: to compare the answer with another in a third of the time.

    Raises
    ------
    InputError
        If a sign is neither +1 nor -1, or one of the series names something twice.
    NoUsableEventsError
        If no event of the study has a sign; the message lists the reasons.
    WindowError
        If a window that was named reaches outside the event window.

    Notes
    -----
    The statistic is the sum of the events' signed t over the root of their number; its standard errors are those of the
    estimation window times the root of the variance ratio of the days around each event, where that is below one too: a
    floor would make calm days' statistics smaller than those of volatile weeks. It is compared with the same statistic on
    all other sets of dates that have the same gaps: the events of each stretch of prices are shifted together along its
    sessions, circularly, and all combinations of the stretches' shifts are taken. Days that events share are shared in every
    set, so the p-value is right for events that overlap. It assumes that, without an effect, returns over their standard
    errors look alike along a stretch. Sets that hold days of the events themselves are among them, which makes it a little
    cautious.

    References
    ----------
    .. [1] Hemerik, J. and Goeman, J. (2018). Exact testing with random permutations. TEST 27, 811-825.
    .. [2] Westfall, P. H. and Young, S. S. (1993). Resampling-Based Multiple Testing, ch. 2: max-t.
    .. [3] Jaffe, J. F. (1974). Journal of Business 47(3), 410-428: the calendar-time form.
    .. [4] Kolari, J. W. and Pynnonen, S. (2010). Review of Financial Studies 23(11), 3996-4025.

    Examples
    --------
    >>> import numpy as np, pandas as pd, potash
    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> made_up = np.random.default_rng(1).normal(0, 0.01, (300, 3))
    >>> returns = pd.DataFrame(made_up, index=days, columns=["A", "B", "M"])
    >>> returns.loc[days[200], ["A", "B"]] += 0.03
    >>> returns.loc[days[240], ["A", "B"]] -= 0.03
    >>> events = pd.DataFrame({"event_id": ["ban", "relief"], "session": days[[200, 240]]})
    >>> study = potash.EventStudy(
    ...     returns[["A", "B"]], events, returns_kind="log", model=potash.MarketModel(returns["M"]), event_window=(-5, 10)
    ... )
    >>> answer = potash.pooled(study, {"ban": 1, "relief": -1}, primary=(0, 0))
    >>> answer.sentence().split(":")[0], round(answer.pvalue, 3)
    ('An effect', 0.005)
    """
    made_by = the_study(study)
    stated = checked_signs(signs)
    first = Window.of(primary)
    family = covered(made_by) if windows is None else {name: Window.of(pair) for name, pair in windows.items()}
    if first not in family.values():
        family = {"primary": first, **family}
    for window in family.values():
        made_by.fit().columns(window)
    left_out = _not_pooled(made_by, stated)
    if not any(event_id in stated.index for event_id in made_by.fit().event_ids):
        reasons = listed(f"{row.event_id}: {row.reason}" for row in left_out.itertuples() if not row.ticker)
        raise NoUsableEventsError(f"no event of the study has a sign. Left out: {reasons}.")
    kind = _by_event(kinds, "kinds")
    chain = _by_event(chains, "chains")
    shares = None if exposure is None else _by_event(exposure, "exposure").astype(float)
    models = [MARKET] if made_by.controls is None else [CONTROLLED, MARKET]
    parts: dict[str, list[pd.DataFrame]] = {}
    places: dict[Any, EventStudyResults] = {}
    for against in models:
        events = signed_events(made_by, stated, tuple(family.values()), against == CONTROLLED, places=places)
        pieces = {
            "effects": _effects(events, family, seed),
            "events": _events(events, family, kind),
            "left_out": _missing(events, family),
        }
        if behind:
            pieces |= {
                "leave_one_out": _leave_one_out(made_by, events, first, seed, places),
                "by_kind": _by_kind(events, kind, first, seed),
                "chains": _chains(events, chain, first, seed),
                **_by_exposure(events, shares, first, seed),
                "tests": _tests(events, family),
                "calendar_time": _calendar_time(made_by, events, family, against == CONTROLLED),
            }
        for name, piece in pieces.items():
            if len(piece.columns):
                piece.insert(0, "against", against)
            parts.setdefault(name, []).append(piece)
    frames = {name: pd.concat(pieces, ignore_index=True) for name, pieces in parts.items()}
    whole = pd.concat([left_out, frames["left_out"]], ignore_index=True)[list(left_out.columns)]
    if shares is not None and behind:
        whole = pd.concat([whole, _without_exposure(frames["exposure"])], ignore_index=True)
    frames["left_out"] = whole.fillna("")
    frames = {name: frames.get(name, pd.DataFrame()) for name in FRAMES}
    return Pooled(**frames, primary=first, against=models[0], all_sets=events.sets(seed).whole)


def _by_exposure(events: SignedEvents, shares: pd.Series | None, window: Window, seed: int) -> dict[str, pd.DataFrame]:
    """Return the average of each firm, and where exposures are stated how it goes with them."""
    firms = by_firm(events, window)
    if shares is None:
        return {"exposure": firms}
    firms.insert(1, "exposure", firms["ticker"].map(shares))
    both = firms.dropna(subset=["exposure", "average"])
    response = dose_response(both["exposure"].to_numpy(), both["average"].to_numpy(), seed)
    return {"exposure": firms, "dose_response": pd.DataFrame([response])}


def checked_signs(signs: object) -> pd.Series:
    """Return the signs as a Series of +1 and -1; :class:`InputError` names those that are neither."""
    stated = _by_event(signs, "signs")
    wrong = {event_id: value for event_id, value in stated.items() if value not in (1, -1)}
    if wrong or stated.empty:
        shown = listed(f"{event_id!r}: {value!r}" for event_id, value in wrong.items()) or "none at all"
        raise InputError(f"signs: {shown}. Each is +1 (tightening) or -1 (relief); leave out events without one.")
    return stated.astype(int)


def _by_event(values: object, what: str) -> pd.Series:
    """Return values by id as a Series without those that are missing or empty."""
    if values is None:
        return pd.Series(dtype=object)
    series = pd.Series(values) if isinstance(values, dict) else values
    if not isinstance(series, pd.Series):
        raise InputError(f"{what} is a {type(values).__name__}; a Series or dict by id is needed.")
    twice = series.index[series.index.duplicated()]
    if len(twice):
        raise InputError(f"{what}: these ids stand more than once: {listed(twice)}.")
    kept = series[series.notna()]
    return kept[kept.astype(str) != ""]


def _not_pooled(study: EventStudy, signs: pd.Series) -> pd.DataFrame:
    """Return the events that take no part, and the firms that some of them lack, with the reasons."""
    results = study.fit()
    ids = results.event_ids
    ledger = results.dropped
    rows: list[tuple[Any, ...]] = [(event_id, "", "no sign") for event_id in ids if event_id not in signs.index]
    dropped = ledger["event_id"].unique()
    elsewhere = [event_id for event_id in signs.index if event_id not in ids and event_id not in dropped]
    rows.extend((event_id, "", "not in the study") for event_id in elsewhere)
    for event_id, lost in ledger.groupby("event_id", sort=False):
        if event_id in ids and event_id in signs.index:
            rows.extend((event_id, row.ticker, row.reason) for row in lost.itertuples())
        elif event_id not in ids:
            why = f"dropped by the study: {listed(lost['reason'].unique())}"
            rows.append((event_id, "", why if event_id in signs.index else f"no sign; {why}"))
    frame = pd.DataFrame(rows, columns=["event_id", "ticker", "reason"])
    frame.insert(2, "against", "")
    frame.insert(3, "window", "")
    return frame


def _missing(events: SignedEvents, family: dict[str, Window]) -> pd.DataFrame:
    """Return the events that have no CAR in a window."""
    rows = [
        (event_id, "", str(window), "a day of the window is missing, or too few days around it")
        for window in family.values()
        for event_id, errors in zip(events.ids, events.std_errors, strict=True)
        if np.isnan(errors[0, events.at(window)])
    ]
    return pd.DataFrame(rows, columns=["event_id", "ticker", "window", "reason"])


def _without_exposure(firms: pd.DataFrame) -> pd.DataFrame:
    lacking = firms.loc[firms["exposure"].isna(), "ticker"].unique()
    return pd.DataFrame(
        {
            "event_id": "",
            "ticker": lacking,
            "against": "",
            "window": "",
            "reason": "no exposure: not in dose and response",
        }
    )


def _effects(events: SignedEvents, family: dict[str, Window], seed: int) -> pd.DataFrame:
    pieces = []
    for group, rows in {"all": events.signs != 0, **{n: events.signs == s for n, s in GROUPS.items()}}.items():
        if not rows.any():
            continue
        chosen = events.only(rows)
        sets = chosen.sets(seed)
        statistics = chosen.statistics(sets)
        lower, upper = statistics.limits()
        averages = [_average(chosen, window) for window in family.values()]
        once = [chosen.days_once(window, sets) for window in family.values()]
        data = {
            "name": list(family), "window": [str(window) for window in family.values()], "events": group,
            "n_events": [average[2] for average in averages], "average": [average[0] for average in averages],
            "std_error": [average[1] for average in averages], "sum_of_t": statistics.stats[0],
            "randomization_pvalue": statistics.pvalues, "max_t_pvalue": statistics.max_t_pvalues,
            "n_sets": statistics.n_sets, "weighted": statistics.weighted, "lower": lower, "upper": upper,
            "detectable": statistics.detectable(), "average_days_once": [each[0] for each in once],
            "days_once_std_error": [each[1] for each in once], "n_days": [each[2] for each in once],
            "days_once_pvalue": [_share(each[3]) for each in once],
        }  # fmt: skip
        pieces.append(pd.DataFrame(data))
    return pd.concat(pieces, ignore_index=True)


def _share(stats: Float2D) -> float:
    return placebo_pvalue(float(stats[0, 0]), stats[1:, 0])


def _average(events: SignedEvents, window: Window) -> tuple[float, float, int]:
    """Return the plain mean of the signed CARs, its standard error with the days that events share, and their number."""
    scaled = scaled_cars(events.own, events.event, window)
    cars, errors = events.signs * scaled.cars, events.signs * scaled.std_errors
    there = ~np.isnan(cars) & ~np.isnan(errors)
    n = int(there.sum())
    if not n:
        return np.nan, np.nan, 0
    shares = shared_share(events.days, events.event, window)
    correlation = events.correlation * shares
    np.fill_diagonal(correlation, 1.0)
    errors, correlation = errors[there], correlation[np.ix_(there, there)]
    return float(cars[there].mean()), float(np.sqrt(np.maximum(errors @ correlation @ errors, 0))) / n, n


def _events(events: SignedEvents, family: dict[str, Window], kind: pd.Series) -> pd.DataFrame:
    own, pieces = events.own, []
    for name, window in family.items():
        j = events.at(window)
        scaled = scaled_cars(own, events.event, window)
        shares = shared_share(events.days, events.event, window)
        counted = counted_days(events.days, events.signs, events.event, window)
        beside = [",".join(str(events.ids[j]) for j in np.flatnonzero(row) if j != i) for i, row in enumerate(shares)]
        data = {
            "name": name, "window": str(window), "event_id": events.ids, "sign": events.signs,
            "kind": [kind.get(event_id, "") for event_id in events.ids], "session": events.sessions,
            "tickers": events.tickers, "controls": events.controls, "CAR": scaled.cars,
            "std_error": scaled.std_errors, "tstat": scaled.stats, "df": scaled.df, "volatility": np.sqrt(scaled.ratio),
            "own_tstat": [c[0, j] / e[0, j] for c, e in zip(events.cars, events.std_errors, strict=True)],
            "in_expected_direction": events.signs * scaled.cars, "days_counted": counted.sum(axis=1),
            "shares_days_with": beside,
        }  # fmt: skip
        pieces.append(pd.DataFrame(data))
    return pd.concat(pieces, ignore_index=True)


def _one_window(events: SignedEvents, window: Window, seed: int) -> dict[str, Any]:
    """Return what the frames about some of the events have in common."""
    average, _, n = _average(events, window)
    statistics = events.statistics(events.sets(seed))
    column = events.at(window)
    return {
        "n_events": n, "average": average, "sum_of_t": statistics.stats[0, column],
        "randomization_pvalue": statistics.pvalues[column],
    }  # fmt: skip


def _leave_one_out(
    study: EventStudy, events: SignedEvents, window: Window, seed: int, places: dict[Any, EventStudyResults]
) -> pd.DataFrame:
    rows = []
    if len(events.ids) > 1:
        for i, event_id in enumerate(events.ids):
            others = events.only([j for j in range(len(events.ids)) if j != i])
            rows.append({"left_out": event_id, "kind": "event", **_one_window(others, window, seed)})
    tickers = dict.fromkeys(",".join(events.tickers).split(","))
    controls, signs = any(events.controls), pd.Series(events.signs, index=events.ids)
    for ticker in tickers if len(tickers) > 1 else ():
        others = signed_events(study, signs, events.windows, controls, without=ticker, places=places)
        rows.append({"left_out": ticker, "kind": "firm", **_one_window(others, window, seed)})
    columns = ["left_out", "kind", "n_events", "average", "sum_of_t", "randomization_pvalue"]
    return pd.DataFrame(rows, columns=columns)


def _by_kind(events: SignedEvents, kind: pd.Series, window: Window, seed: int) -> pd.DataFrame:
    of_event = np.array([str(kind.get(event_id, "")) for event_id in events.ids])
    rows = [
        {"kind": name, **_one_window(events.only(of_event == name), window, seed)}
        for name in sorted({*of_event} - {""})
    ]
    return pd.DataFrame(rows, columns=["kind", "n_events", "average", "sum_of_t", "randomization_pvalue"])


def _chains(events: SignedEvents, chain: pd.Series, window: Window, seed: int) -> pd.DataFrame:
    of_event = np.array([str(chain.get(event_id, "")) for event_id in events.ids])
    rows = []
    for name in dict.fromkeys(of_event[of_event != ""]):
        links = events.only(of_event == name)
        for i, event_id in enumerate(links.ids):
            rows.append({"chain_id": name, "event_id": event_id, **_link(links.only([i]), window, seed)})
        rows.append({"chain_id": name, "event_id": "", **_link(links, window, seed)})
    columns = ["chain_id", "event_id", "sign", "n_days", "in_expected_direction", "std_error", "tstat"]
    return pd.DataFrame(rows, columns=[*columns, "randomization_pvalue"])


def _link(events: SignedEvents, window: Window, seed: int) -> dict[str, Any]:
    """Return the sum over some links of a chain, each day counted once."""
    effect, error, n_days, stats = events.days_once(window, events.sets(seed))
    each = n_days / len(window)
    return {
        "sign": int(events.signs[0]) if len(events.ids) == 1 else 0, "n_days": n_days,
        "in_expected_direction": effect * each, "std_error": error * each, "tstat": effect / error,
        "randomization_pvalue": _share(stats),
    }  # fmt: skip


def _tests(events: SignedEvents, family: dict[str, Window]) -> pd.DataFrame:
    own, rows = events.own, []
    residuals = own.residuals * events.signs[:, None]
    days = events.days_estimation
    for name, window in family.items():
        columns = slice(window.start - events.event.start, window.end - events.event.start + 1)
        plain, errors = own.cars(columns)
        there = ~np.isnan(plain) & ~np.isnan(errors)
        cars, errors, df = (events.signs * plain)[there], errors[there], own.df_resid[there]
        standardized = cars / errors
        correlation = mean_correlation(residuals[there], days[there], events.days[there][:, columns])
        shares = shared_share(events.days[there], events.event, window)
        overlapping = bool((shares[~np.eye(len(shares), dtype=bool)] > 0).any())
        tests = [
            _sum_of_t(standardized), portfolio_test(cars, errors, df), cross_sectional_test(cars),
            patell_test(standardized, df), adjusted_patell_test(standardized, df, correlation),
            bmp_test(standardized), kolari_pynnonen_test(standardized, correlation),
        ]  # fmt: skip
        for test in tests:
            holds = test.holds and not (overlapping and test.name in INDEPENDENT)
            rows.append(
                (name, str(window), test.name, test.stat, test.pvalue, test.n_obs, correlation, holds, test.null)
            )
    labels = ["name", "window", "test", "stat", "pvalue", "n", "mean_correlation", "holds", "null"]
    return pd.DataFrame(rows, columns=labels)


def _sum_of_t(standardized: Any) -> SignificanceTest:
    null = "mean standardized CAR of the events = 0; events independent, no event-induced variance"
    n = len(standardized)
    if not n:
        return not_applicable("sum_of_t", null, 0, "no event with all its days")
    return by_normal("sum_of_t", null, float(standardized.sum() / np.sqrt(n)), n)


def _calendar_time(study: EventStudy, events: SignedEvents, family: dict[str, Window], controls: bool) -> pd.DataFrame:
    pieces = []
    for name, window in family.items():
        piece = calendar_form(study, events, window, controls)
        if len(piece):
            piece.insert(0, "name", name)
            piece.insert(1, "window", str(window))
            pieces.append(piece)
    return pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame()
