"""The study behind the pages about the shares: its firms, its control group and its events, chosen by rule and set up once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from potash.errors import NoUsableEventsError, WindowError
from potash.market.load import load_prices
from potash.market.returns import log_returns, simple_returns
from potash.news.timeline import Timeline, load_timeline
from potash.report.desk.available import PRODUCER, Available
from potash.report.desk.choices import Choices
from potash.report.desk.unstudied import reasons_of
from potash.sessions import Window
from potash.study.alignment import align
from potash.study.answer.verdict import Verdict
from potash.study.answer.verdicts import verdicts
from potash.study.answer.words import names
from potash.study.expected_returns.controls import ControlGroup
from potash.study.expected_returns.ordinary import MarketModel
from potash.study.results import EventStudyResults
from potash.study.study import EventStudy, ReturnsKind
from potash.universe import Universe, load_universe

# Where verdicts rest: a control with major news of its own there takes no part. Its news around it widens standard errors, which
# follow the volatility of those days, and stands beside the windows that hold it.
IMPACT = Window(0, 1)


@dataclass(frozen=True, eq=False)
class Setting:
    """Who is studied, against what, and around which events.

    Attributes
    ----------
    choices : Choices
        What was asked for.
    timeline : Timeline
    universe : Universe
    prices, returns : DataFrame
        Sessions x tickers; returns as fractions of the kind ``returns_kind``.
    returns_kind : {"simple", "log"}
    event_window, estimation_window : tuple of int
    window : tuple of int or None
        That of the verdicts; None: day 0, or 0 to +1 where day 0 is ambiguous.
    market : str
        Ticker of the benchmark.
    firms : tuple of str
        In the portfolio: those named, else the potash producers, one listing each, else all other securities.
    beside : tuple of str
        Securities with prices that are reported beside the portfolio.
    controls : tuple of str
        The control group: those named, else by role; empty where there is none.
    left_out : tuple of str
        Firms to show the portfolio without, where they had news of their own.
    events : tuple of str
        Ids of those to study: those named, else every dated headline and market event.
    only : str, optional
        Id of the one event that verdicts are for; see :meth:`of_event`.
    """

    choices: Choices
    timeline: Timeline
    universe: Universe
    prices: pd.DataFrame
    returns: pd.DataFrame
    returns_kind: ReturnsKind
    event_window: tuple[int, int]
    estimation_window: tuple[int, int]
    window: tuple[int, int] | None
    market: str
    firms: tuple[str, ...]
    beside: tuple[str, ...]
    controls: tuple[str, ...]
    left_out: tuple[str, ...]
    events: tuple[str, ...]
    only: str | None = None

    def __repr__(self) -> str:
        controls = f" and {names(self.controls)}" if self.controls else ""
        events = "event" if len(self.events) == 1 else "events"
        return f"<Setting: {names(self.firms)} against {self.market}{controls}, {len(self.events)} {events}>"

    @property
    def pool(self) -> str:
        """What the firms of the portfolio are, in words."""
        return "potash producers" if self._producers else "firms"

    @property
    def _producers(self) -> bool:
        return all(self.universe.frame.at[ticker, "role"] == PRODUCER for ticker in self.firms)

    @property
    def remarks(self) -> list[str]:
        """What a reader has to know of the firms and their returns before any number."""
        texts = []
        if not self._producers and self.choices.firms is None:
            texts.append(
                "None of these securities has the role of a potash producer in the universe, so all of them are pooled, without "
                "a control group."
            )
        elif not self.controls and self.choices.controls is None:
            texts.append(
                "No security with prices has the role of a control, so returns are measured against the market alone."
            )
        elif not self.controls:
            texts.append("No control group was chosen, so returns are measured against the market alone.")
        currencies = {self.universe.frame.at[ticker, "currency"] for ticker in self.prices}
        if len(currencies) > 1:
            texts.append(
                f"Returns are in the currency of each listing ({', '.join(sorted(currencies))}); none was converted. An "
                "abnormal return of a listing abroad holds the move of its currency against that of the market, "
                f"{self.universe.frame.at[self.market, 'currency']}."
            )
        return texts

    def study(
        self,
        firms: Sequence[str],
        event_ids: Sequence[str] | None = None,
        controls: bool = True,
        own_news: bool = True,
    ) -> EventStudy:
        """Return the study of some firms around some events, by default all that are studied.

        Parameters
        ----------
        firms : sequence of str
        event_ids : sequence of str, optional
            Ordinary days keep clear of these, and of all other market and headline events.
        controls : bool
            Whether there is a control group; not where controls are among the firms.
        own_news : bool
            Whether a firm takes part in an event though it has major news of its own dated on day 0 or the next session.
        """
        ids = list(self.events if event_ids is None else event_ids)
        other = [e for e in self.timeline.with_relevance("headline", "market") if e not in ids]
        aligned = self.timeline.align(firms, ids, self.universe)
        if not own_news:
            hit = self.timeline.controls_hit(aligned, IMPACT).dropna(subset="offset")
            taken = set(zip(hit["event_id"], hit["ticker"], strict=True))
            pairs = zip(aligned["event_id"], aligned["ticker"], strict=True)
            aligned = aligned[[pair not in taken for pair in pairs]]
        return EventStudy(
            self.returns[list(firms)],
            aligned,
            returns_kind=self.returns_kind,
            model=MarketModel(self.returns[self.market]),
            event_window=self.event_window,
            estimation_window=self.estimation_window,
            other_events=self.timeline.align(firms, other, self.universe) if other else None,
            controls=self.control_group(ids) if controls and self.controls else None,
        )

    def control_group(self, event_ids: Sequence[str]) -> ControlGroup:
        """Return the control group without those that own news hits on day 0 or the next session, or without prices then."""
        aligned = self.timeline.align(self.controls, event_ids, self.universe)
        hit = self.timeline.controls_hit(aligned, IMPACT)[["event_id", "ticker", "offset", "title"]]
        days = aligned.dropna(subset="session")
        day_zero = [self._has_return(*place) for place in zip(days["ticker"], days["session"], strict=True)]
        absent = days.loc[~np.array(day_zero, dtype=bool), ["event_id", "ticker"]]
        reasons = absent.assign(offset=pd.NA, title="no prices then").astype({"offset": "Int64"})
        return ControlGroup(self.returns[list(self.controls)], pd.concat([hit, reasons], ignore_index=True))

    def _has_return(self, ticker: str, session: pd.Timestamp) -> bool:
        return session in self.returns.index and bool(pd.notna(self.returns.at[session, ticker]))

    @cached_property
    def everyone(self) -> EventStudyResults:
        """The results of all securities against the market, those beside the portfolio included."""
        return self.study([*self.firms, *self.beside], controls=False).fit()

    @cached_property
    def whole(self) -> EventStudy:
        """The study of all firms of the portfolio."""
        return self.study(self.firms)

    @cached_property
    def part(self) -> EventStudy | None:
        """The study without the firms of ``left_out``; None where nothing or nobody is left out."""
        without = [ticker for ticker in self.firms if ticker not in self.left_out]
        if not without or len(without) == len(self.firms):
            return None
        study = self.study(without)
        try:
            study.fit()
        except NoUsableEventsError:
            return None
        return study

    @cached_property
    def newest(self) -> list[str]:
        """The ids of the events studied, the newest first."""
        results = self.whole.fit()
        return sorted(results.event_ids, key=self.day_zero, reverse=True)

    @cached_property
    def not_studied(self) -> dict[str, str]:
        """The reason in words of each event that is not among :attr:`newest`, by id, the newest first.

        Of the headline and market events, those without a single day included; of the events named, where some were.
        """
        try:
            results = self.whole.fit()
            kept, dropped = set(results.event_ids), results.dropped
        except NoUsableEventsError:
            study = self.whole
            kept, dropped = set(), align(study.returns, study.events, study.model.factors, study.windows).dropped
        named = self.choices.events is not None
        ids = self.events if named else self.timeline.with_relevance("headline", "market")
        table = self.timeline.events
        reasons = {}
        for event_id in sorted(ids, key=lambda i: (str(table.at[i, "date"]), i), reverse=True):
            rows = dropped[dropped["event_id"] == event_id]
            if event_id not in kept:
                words = reasons_of(rows, self.prices, self.estimation_window)
                reasons[event_id] = words or f"no single day is known ({table.at[event_id, 'date'] or 'no date'})"
        return reasons

    @property
    def dated(self) -> list[str]:
        """The ids of all market and headline events that became known on a single day."""
        return Available(self.timeline, self.universe, self.prices).dated

    def day_zero(self, event_id: str) -> pd.Timestamp:
        """Return day 0 of an event, of its first firm."""
        return self.whole.fit().for_event(event_id).events["session"].iloc[0]

    def title(self, event_id: str) -> str:
        """Return an event's title and date."""
        row = self.timeline.events.loc[event_id]
        return f"{row['title']} ({row['date'] or 'no date'})"

    def expected(self, event_id: str) -> str:
        """Return the direction that was expected of an event."""
        return str(self.timeline.events.at[event_id, "expected_direction"])

    def of_event(self, event_id: str) -> Setting:
        """Return the same study with a verdict on one event alone: quicker, and with p-values corrected for no other."""
        return replace(self, only=event_id)

    @cached_property
    def _verdicts(self) -> tuple[dict[Any, Verdict], dict[Any, Verdict]]:
        studies = [study for study in (self.whole, self.part) if study is not None]
        both = [{v.event_id: v for v in self._of_study(study.fit())} for study in studies]
        return both[0], both[1] if len(both) > 1 else {}

    def _of_study(self, results: EventStudyResults) -> list[Verdict]:
        if self.only is None:
            return verdicts(results, self.window)
        return verdicts(results.for_event(self.only), self.window) if self.only in results.event_ids else []

    def verdict(self, event_id: str) -> Verdict:
        """Return the verdict that counts: without the firms of ``left_out`` where they had major news in its window."""
        return self._pair(event_id)[0]

    def other_verdict(self, event_id: str) -> Verdict | None:
        """Return the verdict on the other portfolio, with or without the firms of ``left_out``, where it differs."""
        return self._pair(event_id)[1]

    def counting(self, event_id: str) -> EventStudy:
        """Return the study of the portfolio that the verdict on an event is about."""
        without = self.part is not None and self.verdict(event_id) is self._verdicts[1].get(event_id)
        return self.part if without and self.part is not None else self.whole

    def _pair(self, event_id: str) -> tuple[Verdict, Verdict | None]:
        if event_id not in self._pairs:
            self._pairs[event_id] = self._paired(event_id)
        return self._pairs[event_id]

    @cached_property
    def _pairs(self) -> dict[str, tuple[Verdict, Verdict | None]]:
        """What was paired so far."""
        return {}

    def _paired(self, event_id: str) -> tuple[Verdict, Verdict | None]:
        whole, part = self._verdicts
        both, without = whole[event_id], part.get(event_id)
        if without is None or set(without.tickers) == set(both.tickers):
            return both, None
        contaminated = len(self.own_news(event_id, both.window, self.left_out, "major")) > 0
        return (without, both) if contaminated else (both, without)

    def own_news(
        self, event_id: str, window: Window | tuple[int, int], tickers: Sequence[str], weight: str | None = None
    ) -> pd.DataFrame:
        """Return the dated news of single firms in a window around an event: of some tickers, major news alone if wanted."""
        span, news = Window.of(window), self.news
        chosen = (news["event_id"] == event_id) & (news["scope"] == "firm") & news["ticker"].isin(list(tickers))
        if weight is not None:
            chosen &= news["weight"] == weight
        return news[chosen & news["offset"].between(span.start, span.end).fillna(False)]

    @cached_property
    def news(self) -> pd.DataFrame:
        """Other news of all securities in the event windows."""
        return self.timeline.other_news(self.everyone.events.reset_index(), self.event_window)

    def controls_of(self, event_id: str) -> tuple[str, ...]:
        """Return the controls that take part in an event's mean."""
        return () if self.whole.controls is None else self.whole.controls.of_event(event_id)

    def controls_left_out(self, event_id: str) -> pd.DataFrame:
        """Return the controls that take no part in an event's mean, with the ``title`` of the reason."""
        group = self.whole.controls
        if group is None or group.left_out is None:
            return pd.DataFrame(columns=["event_id", "ticker", "offset", "title"])
        return group.left_out[group.left_out["event_id"] == event_id]


def set_up(
    prices_folder: str | Path | None = None,
    events_file: str | Path | None = None,
    universe_file: str | Path | None = None,
    *,
    events: Sequence[str] | None = None,
    firms: Sequence[str] | None = None,
    market: str | None = None,
    controls: Sequence[str] | None = None,
    window: Sequence[int] | None = None,
    event_window: Sequence[int] = (-5, 10),
    estimation_window: Sequence[int] = (-130, -11),
    returns_kind: ReturnsKind = "log",
    left_out: Sequence[str] = (),
    confounders_file: str | Path | None = None,
    as_of: object = None,
) -> Setting:
    """Return the study of a timeline and prices: the carried ones, or one's own.

    Without a choice, who is in it follows from the universe and never from a result. The portfolio holds the potash
    producers; a firm with two listings is one firm, and the listing with more prices stands for it, compared by half years,
    so that a holiday more or less decides nothing, then the first in the universe. The control group holds the nitrogen and
    crop names that are no producers. What else has prices is reported beside the portfolio. The same choices give the same
    object as long as their files are unchanged.

    Parameters
    ----------
    prices_folder, events_file, universe_file : path, optional
        As for ``potash report``.
    events : sequence of str, optional
        Ids of the events to study, background events included; each needs a single day. By default every dated headline and
        market event.
    firms : sequence of str, optional
        Tickers of the portfolio; by default the potash producers, or all securities where there is none.
    market : str, optional
        Ticker of the benchmark; by default the one with the role ``market``.
    controls : sequence of str, optional
        The control group; by role by default, an empty one is none.
    window : pair of int, optional
        Window of the verdicts, offsets with both ends included; by default day 0, or 0 to +1 where day 0 is ambiguous.
    event_window, estimation_window : pair of int
        Offsets in sessions, both ends included.
    returns_kind : {"log", "simple"}
    left_out : sequence of str
        Firms to show the portfolio without, where they had news of their own.
    confounders_file : path, optional
        Other news, in place of the carried file.
    as_of : date, optional
        Takes the prices of the store as known on that day.

    Raises
    ------
    UniverseError
        If no market is named and not exactly one security with prices has the role ``market``.
    InputError
        If a name is unknown, has no prices or stands on two sides, or there are prices of the market alone.
    WindowError
        If windows overlap, do not hold one another, or reach outside the prices whatever the event.

    Examples
    --------
    >>> import potash
    >>> setting = potash.desk.set_up(left_out=["MOS"])
    >>> setting.firms, setting.controls
    (('NTR', 'MOS', 'IPI', 'ICL'), ('CF', 'DE', 'CTVA'))
    >>> setting.verdict("2025-12-13-us-lifts-potash").tickers
    ('NTR', 'ICL')
    >>> potash.desk.set_up(firms=["NTR", "MOS"], controls=["CF"], window=[-1, 1]).beside
    ('IPI', 'ICL', 'SQM', 'CF', 'DE', 'CTVA')
    """
    choices = Choices.of(
        events=events, firms=firms, market=market, controls=controls, window=window, event_window=event_window,
        estimation_window=estimation_window, returns_kind=returns_kind, left_out=left_out, prices_folder=prices_folder,
        events_file=events_file, universe_file=universe_file, confounders_file=confounders_file, as_of=as_of,
    )  # fmt: skip
    return setting_of(choices)


def setting_of(choices: Choices) -> Setting:
    """Return the study of some choices; the same object again as long as their files are unchanged."""
    return _setting(choices, choices.stamps())


@lru_cache(maxsize=2)
def _data(
    prices: str | None, events: str | None, instruments: str | None, news: str | None, as_of: str | None, stamps: object
) -> tuple[Timeline, Universe, pd.DataFrame]:
    """Return what is read from files, once for all questions put to them."""
    universe = load_universe(instruments)
    return load_timeline(events, confounders=news), universe, load_prices(prices, universe, as_of=as_of)


@lru_cache(maxsize=8)
def _setting(choices: Choices, stamps: object) -> Setting:
    files = (choices.prices_folder, choices.events_file, choices.universe_file, choices.confounders_file, choices.as_of)
    timeline, universe, prices = _data(*files, stamps)
    chosen = Available(timeline, universe, prices).chosen(choices)
    _check_span(choices, prices)
    compute = simple_returns if choices.returns_kind == "simple" else log_returns
    returns = compute(prices, {ticker: universe.exchange(ticker) for ticker in prices.columns})
    return Setting(
        choices=choices, timeline=timeline, universe=universe, prices=prices, returns=returns,
        returns_kind=choices.returns_kind, event_window=choices.event_window, estimation_window=choices.estimation_window,
        window=choices.window, market=chosen.market, firms=chosen.firms, beside=chosen.beside, controls=chosen.controls,
        left_out=choices.left_out, events=chosen.events,
    )  # fmt: skip


def _check_span(choices: Choices, prices: pd.DataFrame) -> None:
    """Raise :class:`WindowError` where no day of the prices has room for both windows around it."""
    reach = choices.event_window[1] - choices.estimation_window[0] + 1
    if reach > len(prices):
        raise WindowError(
            f"estimation_window {Window.of(choices.estimation_window)} and event_window {Window.of(choices.event_window)} span "
            f"{reach} sessions, and the prices hold {len(prices)} ({prices.index[0]:%Y-%m-%d} to {prices.index[-1]:%Y-%m-%d}). "
            "Let the estimation window start later."
        )
