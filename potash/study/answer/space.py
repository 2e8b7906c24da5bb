"""Where the firms stand among all securities of the day: a placebo in space beside the one in time."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Float1D
from potash.errors import InputError, close_to, listed
from potash.sessions import Window
from potash.study.answer.all_days import the_study
from potash.study.answer.event_volatility import scaled_cars
from potash.study.answer.verdicts import usual_window
from potash.study.answer.words import p_is, p_value, percent, when
from potash.study.results import EventStudyResults
from potash.study.study import EventStudy

MOST_SUBSETS = 100_000
DRAWS = 99_999
# A statistic that rounding leaves a whisker under the observed one is as large.
WHISKER = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class PlaceboInSpace:
    """Where the firms of each event stand among all securities of the day.

    Attributes
    ----------
    frame : DataFrame
        A row per event and security: ``event_id``, ``window``, ``ticker``, ``kind`` (``"firm"`` or ``"other"``), ``CAR`` beyond
        the study's factors and its ``std_error`` (fractions; it follows the security's own volatility), ``tstat``, ``rank`` (1
        for the largest statistic), ``reason`` (why the rest is missing, else empty).
    tests : DataFrame
        A row per event: ``event_id``, ``window``, ``n_firms``, ``n_others``, ``CAR_difference`` and ``difference`` (mean CAR
        and mean statistic of the firms less those of the others), ``pvalue``, ``smallest_pvalue`` (the smallest that so few
        securities allow), ``n_subsets`` (looked at), ``exact`` (whether these are all). NaN with no firm or no other.
    """

    frame: pd.DataFrame
    tests: pd.DataFrame

    def sentence(self, event_id: Any) -> str:
        """Return the answer for an event in words.

        Raises
        ------
        InputError
            If the event is not among these.
        """
        rows = self.tests[self.tests["event_id"] == event_id]
        if rows.empty:
            ids = [str(i) for i in self.tests["event_id"]]
            raise InputError(
                f"no event is called {event_id!r}{close_to(str(event_id), ids)}. There are: {listed(ids, 12)}."
            )
        row = rows.iloc[0]
        if np.isnan(row["pvalue"]):
            return "No other security has an abnormal return to compare with."
        start, end = self._window(row["window"])
        firms, others = (f"{n} {word}{'s' if n != 1 else ''}" for n, word in
                         ((row["n_firms"], "firm"), (row["n_others"], "other")))  # fmt: skip
        return (
            f"The mean of {firms} lay {percent(row['CAR_difference'])} from that of {others} {when(Window(start, end))}, "
            f"{p_is(row['pvalue'])}; so few securities allow none below {p_value(row['smallest_pvalue'])}."
        )

    @staticmethod
    def _window(text: str) -> tuple[int, int]:
        start, end = text.strip("[]").split(",")
        return int(start), int(end)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(str(event_id))}</td><td>{escape(self.sentence(event_id))}</td></tr>"
            for event_id in self.tests["event_id"]
        )
        return (
            f"<table><thead><tr><th>event</th><th>among all securities</th></tr></thead><tbody>{rows}</tbody></table>"
        )


def placebo_in_space(
    study: EventStudy | EventStudyResults,
    others: pd.DataFrame | None = None,
    window: tuple[int, int] | None = None,
    seed: int = 0,
) -> PlaceboInSpace:
    """Return where the firms of each event stand among all securities of the day, by exact permutation.

    If the news was no news to these firms in particular, any of the securities could as well have been them: the difference
    between the mean statistic of the firms and that of the others is compared with the difference for every choice of as
    many securities. All are measured against the study's factors alone, so that nothing of the others is in the firms'
    numbers; a statistic is a CAR over a standard error that follows the security's own volatility.

    Parameters
    ----------
    study : EventStudy or EventStudyResults
        Its firms are the ones in question; its controls, but for those left out of an event, count among the others.
    others : DataFrame, optional
        Returns of further securities, sessions x tickers, as fractions of the kind of the study's. Columns that are firms or
        controls of the study are passed over. Their day 0 is that of the event's first firm.
    window : pair of int, optional
        Offsets, both ends included; by default that of :func:`potash.verdicts`, event by event.
    seed : int
        Of the draws where there are more than 100,000 choices.

    Raises
    ------
    InputError
        If there is no other security, or each firm has factors of its own.

    Notes
    -----
    Two-sided: p is the share of choices whose difference is at least as large in absolute value, the actual one among them;
    of 99,999 random choices and the actual one where there are more than 100,000. It takes the securities for exchangeable,
    which firms of one industry are not quite: what moves fertilizers as a whole moves firms and part of the others.

    References
    ----------
    .. [1] Fisher, R. A. (1935). The Design of Experiments, ch. 3.
    .. [2] Abadie, A., Diamond, A. and Hainmueller, J. (2010). Journal of the American Statistical Association 105, 493-505:
       placebos in space.

    Examples
    --------
    >>> import numpy as np, pandas as pd, potash
    >>> days = pd.bdate_range("2024-01-01", periods=200)
    >>> made_up = np.random.default_rng(1).normal(0, 0.01, (200, 7))
    >>> made_up[180, :2] -= 0.08
    >>> returns = pd.DataFrame(made_up, index=days, columns=[*"ABVWXY", "M"])
    >>> study = potash.EventStudy(
    ...     returns[["A", "B"]], pd.DataFrame({"event_id": ["news"], "session": [days[180]]}), returns_kind="log",
    ...     model=potash.MarketModel(returns["M"]), event_window=(-5, 10),
    ... )
    >>> placebo = potash.placebo_in_space(study, returns[[*"VWXY"]])
    >>> placebo.tests[["n_subsets", "pvalue", "smallest_pvalue"]].round(3).to_numpy().tolist()
    [[15.0, 0.067, 0.067]]
    """
    made_by = the_study(study)
    if made_by.model.factors.columns.nlevels > 1:
        raise InputError(
            "each firm of this study has factors of its own, which the other securities do not have. Use factors that all share."
        )
    ids = study.event_ids if isinstance(study, EventStudyResults) else made_by.fit().event_ids
    pool = _others(made_by, others)
    frames, tests = [], []
    for event_id in ids:
        chosen = Window.of(window or usual_window(made_by.fit(), event_id))
        frame = _of_event(made_by, pool, event_id, chosen)
        frames.append(frame)
        tests.append({"event_id": event_id, "window": str(chosen), **_permuted(frame, seed)})
    return PlaceboInSpace(pd.concat(frames, ignore_index=True), pd.DataFrame(tests))


def _others(study: EventStudy, others: pd.DataFrame | None) -> pd.DataFrame:
    """Return the returns of all other securities: controls first."""
    firms = {str(column) for column in study.returns.columns}
    pieces = [] if study.controls is None else [study.controls.returns]
    pieces += [] if others is None else [others]
    named = [piece.set_axis([str(column) for column in piece.columns], axis=1) for piece in pieces]
    joined = pd.concat(named, axis=1) if named else pd.DataFrame(index=study.returns.index)
    joined = joined.loc[:, ~joined.columns.duplicated() & ~joined.columns.isin(firms)]
    if joined.empty:
        raise InputError(
            "there is no other security: the study has no controls, and others holds none but its firms. Hand over the returns "
            "of further securities, for example returns[['CF', 'DE']]."
        )
    return joined


def _of_event(study: EventStudy, pool: pd.DataFrame, event_id: Any, window: Window) -> pd.DataFrame:
    """Return the statistics of an event's firms and of all others, with their ranks."""
    labels = study.fit().for_event(event_id).panel.labels
    hit: set[str] = set()
    if study.controls is not None:
        hit = set(study.controls.tickers) - set(study.controls.of_event(event_id))
    others = [ticker for ticker in pool if ticker not in hit]
    columns = ["event_id", "ticker", "session", *(["exchange"] if "exchange" in labels else [])]
    places = labels[columns].iloc[[0]].drop(columns="ticker").merge(pd.DataFrame({"ticker": others}), how="cross")
    returns, events = (
        study.returns.join(pool[others], how="left"),
        pd.concat([labels[columns], places], ignore_index=True),
    )
    results = study.changed(returns=returns, events=events).fit()
    scaled = scaled_cars(results.fit, study.windows.event, window)
    tickers = results.panel.labels["ticker"].astype(str)
    firms = set(labels["ticker"].astype(str))
    frame = pd.DataFrame({"ticker": tickers, "CAR": scaled.cars, "std_error": scaled.std_errors, "tstat": scaled.stats})
    dropped = results.dropped
    if len(dropped):
        frame = pd.concat([frame, dropped[["ticker", "reason"]].astype(str)], ignore_index=True)
    else:
        frame["reason"] = ""
    missing = frame["tstat"].isna()
    frame["reason"] = (
        frame["reason"].fillna("").where(~(missing & (frame["reason"].fillna("") == "")), "a day is missing")
    )
    frame["kind"] = np.where(frame["ticker"].isin(firms), "firm", "other")
    frame["rank"] = frame["tstat"].rank(ascending=False, method="min").astype("Int64")
    frame = frame.assign(event_id=event_id, window=str(window))
    return frame[["event_id", "window", "ticker", "kind", "CAR", "std_error", "tstat", "rank", "reason"]]


def _permuted(frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Return the difference of an event's firms from the others, and its place among all choices of as many securities."""
    there = frame.dropna(subset="tstat")
    is_firm = (there["kind"] == "firm").to_numpy()
    n, size = int(is_firm.sum()), len(there)
    answer: dict[str, Any] = {"n_firms": n, "n_others": size - n}
    if not 0 < n < size:
        nothing = dict.fromkeys(("CAR_difference", "difference", "pvalue", "smallest_pvalue"), float("nan"))
        return answer | nothing | {"n_subsets": 0, "exact": True}
    stats, cars = there["tstat"].to_numpy(), there["CAR"].to_numpy()
    differences, exact = permuted_differences(stats, n, seed)
    observed = stats[is_firm].mean() - stats[~is_firm].mean()
    as_large = int((np.abs(differences) >= abs(observed) - WHISKER).sum())
    # Half of the securities and the other half lie as far apart: the most extreme choice is then one of two.
    least = (2 if 2 * n == size else 1) / comb(size, n)
    if not exact:
        as_large, least = as_large + 1, 1 / (DRAWS + 1)
    return answer | {
        "CAR_difference": float(cars[is_firm].mean() - cars[~is_firm].mean()), "difference": float(observed),
        "pvalue": as_large / (len(differences) + (0 if exact else 1)), "smallest_pvalue": least,
        "n_subsets": len(differences), "exact": exact,
    }  # fmt: skip


def permuted_differences(stats: Float1D, n: int, seed: int) -> tuple[Float1D, bool]:
    """Return the mean of ``n`` statistics less that of the rest, for every choice of ``n`` of them, and whether it is every.

    With more than 100,000 choices: for 99,999 drawn at random.
    """
    size, total = len(stats), stats.sum()
    exact = comb(size, n) <= MOST_SUBSETS
    if exact:
        sums = stats[np.array(list(combinations(range(size), n)))].sum(axis=1)
    else:
        random = np.random.default_rng(seed).random((DRAWS, size))
        sums = stats[np.argpartition(random, n, axis=1)[:, :n]].sum(axis=1)
    return np.asarray(sums / n - (total - sums) / (size - n)), exact
