"""What the first page states, computed from the study behind the pages: the same verdicts and the same pool."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pandas as pd

from potash.errors import NoUsableEventsError
from potash.report.desk.answer_tables import curve_of
from potash.report.desk.pool import Pool, pool_of
from potash.report.desk.setting import Setting
from potash.report.desk.unstudied import months_without
from potash.report.front.facts import (
    CurveFacts,
    DataFacts,
    EventFacts,
    Front,
    NotStudied,
    OtherPortfolio,
    OwnNews,
    PoolFacts,
    Security,
    Share,
)
from potash.report.front.words import qualification, sentence
from potash.sessions import Window
from potash.study.answer.pooled.result import MARKET, Pooled
from potash.study.answer.verdict import Verdict
from potash.study.answer.verdicts import MARGIN

RUN_UP = (-5, -1)
# A hole is a stretch without a price of more than this many calendar days: longer than any closure of an exchange.
HOLE = 45


def front_of(setting: Setting, pool: Pool | None = None) -> Front:
    """Return what the first page states of a study: verdicts, pool, data, and what could not be studied.

    Parameters
    ----------
    setting : Setting
        As the notebooks set it up, so that a page and the first page give one answer.
    pool : Pool, optional
        Of the same setting; computed by default.

    Returns
    -------
    Front
        Numbers as fractions at full precision; None where one is missing. ``to_json()`` is what ``highlights.json`` holds.

    Examples
    --------
    >>> import potash
    >>> from potash.report.front.answer import front_of
    >>> front = front_of(potash.desk.set_up(left_out=["MOS"]))
    >>> front.events[0].date, front.events[0].outcome, front.pool.n_events
    ('2025-12-13', 'ruled out', 9)
    """
    pool = pool_of(setting) if pool is None else pool
    events = tuple(_event(setting, event_id) for event_id in _studied(setting))
    together = pool_facts(setting, pool)
    data, rest = data_facts(setting), not_studied(setting)
    return Front(
        sentence=sentence(events, together, data),
        qualification=qualification(events, together, data, rest),
        events=events,
        pool=together,
        data=data,
        not_studied=rest,
        curve=_curve(setting, events[0].event_id) if events else None,
    )


def _studied(setting: Setting) -> list[str]:
    try:
        return setting.newest
    except NoUsableEventsError:
        return []


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) or math.isinf(value) else float(value)


def _event(setting: Setting, event_id: str) -> EventFacts:
    verdict, other = setting.verdict(event_id), setting.other_verdict(event_id)
    row = setting.timeline.events.loc[event_id]
    out = setting.controls_left_out(event_id)
    table = setting.timeline.pool_table()
    numbers = (
        "CAR", "std_error", "lower", "upper", "beyond_market", "run_up", "run_up_pvalue", "volatility", "scaled_pvalue",
        "randomization_pvalue", "holm_pvalue", "detectable", "ruled_out_beyond",
    )  # fmt: skip
    return EventFacts(
        event_id=str(event_id),
        title=str(row["title"]),
        date=str(row["date"]),
        day_zero=f"{setting.day_zero(event_id):%Y-%m-%d}",
        expected=setting.expected(event_id),
        window=(verdict.window.start, verdict.window.end),
        firms=verdict.tickers,
        controls=verdict.controls,
        controls_left_out=tuple((str(o.ticker), str(o.title)) for o in out.drop_duplicates("ticker").itertuples()),
        **{name: _number(getattr(verdict, name)) for name in numbers},
        margin=verdict.margin,
        outcome=verdict.outcome,
        sentence=verdict.sentence(setting.expected(event_id)),
        not_pooled=_against_pooling(table, event_id),
        own_news=_own_news(setting, verdict, other),
        other=None if other is None else _other(other),
    )


def _other(verdict: Verdict) -> OtherPortfolio:
    return OtherPortfolio(
        firms=verdict.tickers,
        CAR=_number(verdict.CAR),
        lower=_number(verdict.lower),
        upper=_number(verdict.upper),
        outcome=verdict.outcome,
        margin=verdict.margin,
    )


def _own_news(setting: Setting, verdict: Verdict, other: Verdict | None) -> tuple[OwnNews, ...]:
    """Return the major news of single firms in a verdict's window: of its portfolio, and of the firms it does without."""
    firms = dict.fromkeys([*verdict.tickers, *(() if other is None else other.tickers)])
    news = setting.own_news(verdict.event_id, verdict.window, list(firms), "major")
    return tuple(
        OwnNews(str(item.ticker), str(item.title), item.ticker not in verdict.tickers) for item in news.itertuples()
    )


def _against_pooling(table: pd.DataFrame, event_id: str) -> str:
    if event_id not in table.index:
        return "background"
    return "" if table.at[event_id, "in_pool"] else str(table.at[event_id, "reason"])


def pool_facts(setting: Setting, pool: Pool) -> PoolFacts:
    """Return what all signed events say together, and how far that hangs on one event or one firm."""
    answer = pool.answer
    if answer is None:
        return PoolFacts("unknown", reason=pool.reason, margin=MARGIN)
    row, signs = answer.headline, _signs(answer)
    alone = _row(answer, MARKET, str(answer.primary))
    before = _row(answer, answer.against, str(Window.of(RUN_UP)))
    return PoolFacts(
        outcome=answer.outcome(),
        sentence=answer.sentence(),
        n_events=int(row["n_events"]),
        n_tightening=signs.count(1),
        n_relief=signs.count(-1),
        window=(answer.primary.start, answer.primary.end),
        controls=answer.against != MARKET,
        average=_number(row["average"]),
        std_error=_number(row["std_error"]),
        lower=_number(row["lower"]),
        upper=_number(row["upper"]),
        max_t_pvalue=_number(row["max_t_pvalue"]),
        detectable=_number(row["detectable"]),
        pvalue=_number(answer.pvalue),
        n_sets=int(row["n_sets"]),
        beyond_market=None if alone is None else _number(alone["average"]),
        run_up=None if before is None else _number(before["average"]),
        margin=MARGIN,
        variants=tuple(
            Share(name, _number(h["average"]), _number(h["randomization_pvalue"]), int(h["n_events"]))
            for name, h in ((name, other.headline) for name, other in pool.variants.items())
        ),
        without_event=_range(setting, answer, "event"),
        without_firm=_range(setting, answer, "firm"),
    )


def _signs(answer: Pooled) -> list[int]:
    rows = answer.events[
        (answer.events["against"] == answer.against) & (answer.events["window"] == str(answer.primary))
    ]
    return rows.drop_duplicates("event_id").dropna(subset="CAR")["sign"].tolist()


def _row(answer: Pooled, against: str, window: str) -> pd.Series | None:
    rows = answer.effects[(answer.effects["against"] == against) & (answer.effects["events"] == "all")]
    rows = rows[rows["window"] == window]
    return rows.iloc[0] if len(rows) else None


def _range(setting: Setting, answer: Pooled, kind: str) -> tuple[Share, Share] | None:
    """Return the pool without the event or firm that leaves the smallest p-value, and without that which leaves the largest."""
    table = answer.leave_one_out
    rows = table[(table["against"] == answer.against) & (table["kind"] == kind)].dropna(subset="randomization_pvalue")
    if len(rows) < 2:
        return None
    rows = rows.sort_values("randomization_pvalue", kind="stable")
    least, most = (
        Share(
            _left_out(setting, kind, str(row["left_out"])),
            _number(row["average"]),
            _number(row["randomization_pvalue"]),
            int(row["n_events"]),
        )
        for row in (rows.iloc[0], rows.iloc[-1])
    )
    return least, most


def _left_out(setting: Setting, kind: str, left_out: str) -> str:
    return str(setting.timeline.events.at[left_out, "date"]) if kind == "event" else left_out


def data_facts(setting: Setting) -> DataFacts:
    """Return who is studied, against what, and from when to when there are prices."""
    prices = setting.prices[[setting.market, *setting.firms, *setting.controls]].dropna(how="all")
    return DataFacts(
        first=_day(prices.index[0]),
        last=_day(prices.index[-1]),
        firms_are=setting.pool,
        market=security(setting, setting.market),
        firms=tuple(security(setting, ticker) for ticker in setting.firms),
        controls=tuple(security(setting, ticker) for ticker in setting.controls),
        event_window=(setting.event_window[0], setting.event_window[1]),
        estimation_window=(setting.estimation_window[0], setting.estimation_window[1]),
        returns_kind=str(setting.returns_kind),
        remarks=tuple(setting.remarks),
    )


def security(setting: Setting, ticker: str) -> Security:
    """Return a security's name, the span of its prices, and the holes in it in words."""
    days = setting.prices[ticker].dropna().index
    gaps = [(before, after) for before, after in pairwise(days) if (after - before).days > HOLE]
    name = str(setting.universe.frame.at[ticker, "name"]) if ticker in setting.universe.frame.index else ticker
    return Security(
        ticker, name or ticker, _day(days[0]), _day(days[-1]),
        tuple(f"no prices {months_without(before, after)}" for before, after in gaps),
    )  # fmt: skip


def _day(day: pd.Timestamp) -> str:
    return f"{day:%Y-%m-%d}"


def not_studied(setting: Setting) -> tuple[NotStudied, ...]:
    """Return the dated events without a verdict, the newest first, with the reason in words."""
    events = setting.timeline.events
    rows = [
        NotStudied(event_id, str(events.at[event_id, "title"]), str(events.at[event_id, "date"]), reason)
        for event_id, reason in setting.not_studied.items()
    ]
    return tuple(sorted(rows, key=lambda event: event.date, reverse=True))


def _curve(setting: Setting, event_id: str) -> CurveFacts | None:
    curve = curve_of(setting, event_id)
    if curve.estimated.empty:
        return None
    return CurveFacts(
        event_id, len(curve.estimated), _number(curve.share_expected), _number(curve.share_significant),
        _number(curve.median), _number(curve.pvalue),
    )  # fmt: skip
