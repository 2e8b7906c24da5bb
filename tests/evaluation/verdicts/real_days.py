"""The verdict on ordinary days of real prices: each is taken for the event and compared with the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

import potash
from potash._typing import Bool1D, Bool2D, Float1D, Float2D
from potash.study.answer.event_volatility import AROUND, scaled_cars
from potash.study.inference.significance import t_pvalue, t_quantile
from tests.evaluation.verdicts.batch import FAMILY_WINDOWS, IMPACT, POWER, SIZE
from tests.evaluation.verdicts.markets import ESTIMATION_WINDOW, EVENT_WINDOW
from tests.paths import SHARED

REFERENCE = SHARED / "data" / "reference"
# Firms and controls by their business; the carried prices have no more.
CARRIED = ("NTR", "MOS", "IPI", "ICL"), ("CF", "DE", "CTVA")
LONGER = ("NTR", "MOS", "IPI", "ICL", "SQM"), ("CF", "UAN", "LXU", "DE", "CTVA", "FMC")
RATES = ("effect", "scaled", "randomization", "family", "up", "power", "wrong_sign")
# Days whose event windows share a session are this far apart, or less.
APART = EVENT_WINDOW[1] - EVENT_WINDOW[0]


def carried_returns() -> pd.DataFrame:
    """Return the log returns of the carried prices."""
    universe, prices = potash.load_universe(), potash.load_prices()
    return potash.log_returns(prices, {ticker: universe.exchange(ticker) for ticker in prices.columns})


def reference_returns(years: str) -> pd.DataFrame:
    """Return the log returns of New York sessions of one file of the reference series, ``2015_2024`` or ``2024_2026``."""
    frame = pd.read_csv(REFERENCE / f"equities_{years}.csv.gz", parse_dates=["date"])
    prices = frame.pivot(index="date", columns="ticker", values="adj_close")
    prices = prices.loc[prices["SPY"].notna()]
    return np.log(prices).diff().where(prices.notna() & prices.shift().notna())


def firm_sets(firms: Sequence[str]) -> list[tuple[str, ...]]:
    """Return each firm alone, each with its neighbour, and all that begin the list from three on."""
    singles = [(firm,) for firm in firms]
    pairs = [(first, second) for first, second in zip(firms, [*firms[1:], firms[0]], strict=True)]
    return [*singles, *pairs, *(tuple(firms[:n]) for n in range(3, len(firms) + 1))]


def ordinary_rows(returns: pd.DataFrame, firms: Sequence[str], controls: Sequence[str]) -> pd.DataFrame:
    """Return what the verdict says of each ordinary day of some firms: a row a day, see :func:`leave_one_out`."""
    chosen = [ticker for ticker in controls if ticker in returns]
    timeline, universe = potash.load_timeline(), potash.load_universe()
    events = timeline.align(list(firms), timeline.with_relevance("headline", "market"), universe)
    events = events[events["session"].isin(returns.index)]
    study = potash.EventStudy(
        returns[list(firms)], events, returns_kind="log", model=potash.MarketModel(returns["SPY"]),
        event_window=EVENT_WINDOW, estimation_window=ESTIMATION_WINDOW, controls=returns[chosen] if chosen else None,
    )  # fmt: skip
    # Events that lack a firm or a window have ordinary days too, and the same: the events left out are those of all.
    event_id = study.fit().event_ids[0]
    days = study.against_controls(event_id).ordinary_days(event_id)
    scaled = [scaled_cars(days.fit, study.windows.event, window) for window in FAMILY_WINDOWS]
    stats = np.stack([each.stats for each in scaled], axis=1)
    whole = np.isfinite(stats).all(axis=1)
    place = returns.index.get_indexer(days.sessions)
    impact = scaled[IMPACT]
    rows = leave_one_out(stats[whole], impact.df[whole], place[whole])
    market = market_volatility(returns["SPY"], place[whole])
    return rows.assign(ratio=impact.ratio[whole], market=market, firms=",".join(firms))


def leave_one_out(stats: Float2D, df: Float1D, place: np.ndarray) -> pd.DataFrame:
    """Return the verdict's votes on each of some ordinary days against all others that share no session with it.

    Columns ``scaled``, ``randomization``, ``effect``, ``family`` (whether each rejects), ``up`` (a positive effect), and with
    the effect that the verdict states as detectable, half the time of either sign: ``power`` and ``wrong_sign``, shares.
    """
    apart = apart_from(place)
    n_others = apart.sum(axis=1)
    day_zero = stats[:, IMPACT]
    size, largest = np.abs(day_zero), np.abs(stats).max(axis=1)

    def among(values: Float1D, others: Float1D, width: int = 1) -> Float1D:
        return pvalues_among(values, others, apart, width)

    def both(values: Float1D) -> Bool1D:
        return np.asarray((t_pvalue(values, df) <= SIZE) & (among(np.abs(values), size) <= SIZE))

    ordered = np.sort(np.where(apart, size[None, :], -np.inf), axis=1)[:, ::-1]
    as_large = np.floor(SIZE * (1 + n_others) - 1 + 1e-9).astype(int)
    critical = np.maximum(t_quantile(1 - SIZE / 2, df), ordered[np.arange(len(size)), as_large])
    detectable = critical + t_quantile(POWER, df)
    signed = {sign: day_zero + sign * detectable for sign in (1, -1)}
    widest = max(map(len, FAMILY_WINDOWS))
    effect = both(day_zero)
    return pd.DataFrame({
        "effect": effect, "scaled": t_pvalue(day_zero, df) <= SIZE, "randomization": among(size, size) <= SIZE,
        "family": among(largest, largest, widest) <= SIZE, "up": effect & (day_zero > 0),
        "power": np.mean([both(moved) for moved in signed.values()], axis=0),
        "wrong_sign": np.mean([both(moved) & (np.sign(moved) != sign) for sign, moved in signed.items()], axis=0),
    }).astype(float)  # fmt: skip


def apart_from(place: np.ndarray) -> Bool2D:
    """Return which days (n, n) share no session of their event windows, from their places in the calendar."""
    return np.asarray(np.abs(place[:, None] - place[None, :]) > APART)


def pvalues_among(values: Float1D, others: Float1D, apart: Bool2D, width: int = 1) -> Float1D:
    """Return each value's exact p-value (n,) among those of the days apart from it, as the verdict has it."""
    as_large = ((others[None, :] >= values[:, None]) & apart).sum(axis=1)
    return np.asarray((width + as_large) / (width + apart.sum(axis=1)))


def market_volatility(returns: pd.Series, place: np.ndarray) -> Float1D:
    """Return the root mean square of the market's days -3 to +10 but day 0, over that of the estimation window."""
    squares = returns.to_numpy() ** 2
    around = place[:, None] + np.array([offset for offset in range(AROUND.start, AROUND.end + 1) if offset])
    before = place[:, None] + np.arange(ESTIMATION_WINDOW[0], ESTIMATION_WINDOW[1] + 1)
    calm = np.nanmean(np.where(before >= 0, squares[np.maximum(before, 0)], np.nan), axis=1)
    return np.asarray(np.sqrt(np.nanmean(squares[around], axis=1) / calm))


def real_rates(source: str, returns: pd.DataFrame, firms: Sequence[str], controls: Sequence[str]) -> Iterator[dict]:
    """Return the rates over all sets of firms: on all ordinary days, and on calm and volatile ones.

    Days are sorted by the firms' own volatility around them, which is what the verdict scales by, and by the market's, which
    it does not see.
    """
    firms, controls = ([ticker for ticker in tickers if ticker in returns] for tickers in (firms, controls))
    for chosen in ([], controls):
        rows = pd.concat([ordinary_rows(returns, each, chosen) for each in firm_sets(firms)], ignore_index=True)
        own, market = (rows.groupby("firms")[column].rank(pct=True) for column in ("ratio", "market"))
        parts = {
            "all": own > 0, "calm half": own <= 0.5, "volatile half": own > 0.5, "most volatile tenth": own > 0.9,
            "market's calm half": market <= 0.5, "market's volatile half": market > 0.5,
            "market's most volatile tenth": market > 0.9,
        }  # fmt: skip
        for name, part in parts.items():
            rates = rows.loc[part, list(RATES)].mean()
            yield {"case": source, "controls": len(chosen), "days": name, "n": int(part.sum()), **rates}
