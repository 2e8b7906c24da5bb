"""What there is to choose from: names are held against prices, universe and timeline before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

import pandas as pd

from potash.errors import InputError, close_to, listed
from potash.news.timeline import Timeline
from potash.report.desk.choices import Choices
from potash.universe import Universe

# Sessions of half a year: listings are compared by their number of prices in steps of it.
HALF_YEAR = 125
PRODUCER = "potash producer"
MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who is studied against what around which events, after the defaults have been filled in.

    Attributes
    ----------
    market : str
    firms, beside, controls, events : tuple of str
        As in :class:`potash.report.desk.setting.Setting`.
    """

    market: str
    firms: tuple[str, ...]
    beside: tuple[str, ...]
    controls: tuple[str, ...]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Available:
    """What a question can be about.

    Attributes
    ----------
    timeline : Timeline
    universe : Universe
    prices : DataFrame
        Sessions x tickers.
    """

    timeline: Timeline
    universe: Universe
    prices: pd.DataFrame

    @property
    def tickers(self) -> list[str]:
        """The tickers that have prices."""
        return [str(ticker) for ticker in self.prices]

    @property
    def dated(self) -> list[str]:
        """The ids of the market and headline events that became known on a single day, in the order of the file."""
        ids = self.timeline.with_relevance("headline", "market")
        return [event_id for event_id in ids if self.timeline.announcement(event_id) is not None]

    def chosen(self, choices: Choices) -> Chosen:
        """Return who is studied and around what.

        Raises
        ------
        InputError
            If a name is unknown, has no prices or stands on two sides; all such names are in one message.
        UniverseError
            If no market is named and not exactly one security with prices has that role.
        """
        self._check_names(choices)
        market = choices.market or self.universe.benchmark(self.tickers)
        producers = self._producers(market)
        others = self._but([*producers, market])
        if not (choices.firms or producers or others):
            raise InputError(
                f"the prices hold {market} alone, and a study needs a firm beside the market. Add its prices."
            )
        firms = list(choices.firms or producers or others)
        controls = choices.controls
        if controls is None:
            by_role = self.universe.controls(self.tickers) if choices.firms or producers else []
            taken = self._issuers([*firms, market])
            controls = tuple(ticker for ticker in by_role if self._issuer(ticker) not in taken)
        self._check_sides(firms, market, controls, choices)
        return Chosen(
            market=market, firms=tuple(firms), beside=tuple(self._but([*firms, market])), controls=tuple(controls),
            events=tuple(self.dated if choices.events is None else choices.events),
        )  # fmt: skip

    def _producers(self, market: str) -> list[str]:
        """Return the producers with prices, one listing each: the one with more prices, then the first in the universe."""
        listings = [t for t in self.universe.with_role(PRODUCER) if t in self.prices and t != market]
        fullest = self.universe.one_per_issuer(sorted(listings, key=lambda t: -(self.prices[t].count() // HALF_YEAR)))
        return [ticker for ticker in listings if ticker in fullest]

    def _but(self, taken: Sequence[str]) -> list[str]:
        benchmarks = self.universe.with_role("market")
        return [ticker for ticker in self.tickers if ticker not in taken and ticker not in benchmarks]

    def _issuer(self, ticker: str) -> str:
        frame = self.universe.frame
        return (str(frame.at[ticker, "issuer"]) if "issuer" in frame else "") or f"ticker {ticker}"

    def _issuers(self, tickers: Sequence[str]) -> set[str]:
        return {self._issuer(ticker) for ticker in tickers}

    def _check_names(self, choices: Choices) -> None:
        market = () if choices.market is None else (choices.market,)
        wrong = [
            *self._wrong_tickers("firms", choices.firms or ()),
            *self._wrong_tickers("market", market),
            *self._wrong_tickers("controls", choices.controls or ()),
            *self._wrong_tickers("left_out", choices.left_out, priced=False),
        ]
        if wrong:
            wrong.append(f"There are prices of: {listed(self.tickers, MOST_SHOWN)}.")
        wrong += self._wrong_events(choices.events or ())
        if wrong:
            raise InputError(" ".join(wrong))

    def _wrong_tickers(self, name: str, tickers: Sequence[str], *, priced: bool = True) -> list[str]:
        universe = self.universe.frame.index
        unknown = [f"{ticker!r}{close_to(ticker, universe)}" for ticker in tickers if ticker not in universe]
        lacking = [
            t for t in tickers if t in universe and priced and not (t in self.prices and self.prices[t].count() > 1)
        ]
        texts = []
        if unknown:
            texts.append(
                f"{name}: not in the universe: {listed(unknown)}. Add a row for each to a copy of data/universe.csv, hand it "
                "over as universe_file (--universe), and its prices in a folder of your own (--prices)."
            )
        if lacking:
            texts.append(f"{name}: no prices of {listed(lacking)}. Add them, or choose another.")
        return texts

    def _wrong_events(self, events: Sequence[str]) -> list[str]:
        frame = self.timeline.events
        unknown = [event_id for event_id in events if event_id not in frame.index]
        undated = [e for e in events if e in frame.index and self.timeline.announcement(e) is None]
        texts = [f"events: {e!r} is not in the timeline. Nearest: {'; '.join(self.nearest(e))}." for e in unknown]
        if undated:
            places = zip(undated, *(frame.loc[undated, column] for column in ("date", "precision")), strict=True)
            whens = listed(f"{e} ({date or 'no date'}, precision {precision})" for e, date, precision in places)
            texts.append(
                f"events: without a single day, so without a day 0: {whens}. Dated are: {listed(self.dated, MOST_SHOWN)}."
            )
        return texts

    def nearest(self, event_id: str, number: int = 3) -> list[str]:
        """Return the events nearest to what was written, by id and title, each as ``id (title)``."""
        titles = self.timeline.events["title"]
        text = event_id.casefold()
        by_id = get_close_matches(text, list(titles.index), n=number, cutoff=0.5)
        scores = {e: SequenceMatcher(None, text, title.casefold()).ratio() for e, title in titles.items()}
        by_title = sorted(scores, key=lambda e: -scores[e])
        return [f"{e} ({titles[e]})" for e in list(dict.fromkeys([*by_id, *by_title]))[:number]]

    def _check_sides(self, firms: Sequence[str], market: str, controls: Sequence[str], choices: Choices) -> None:
        texts = []
        if market in firms:
            texts.append(f"{market} is the market and among the firms, which it would explain by itself.")
        if market in controls:
            texts.append(f"{market} is the market and among the controls, so it would count twice.")
        both = [ticker for ticker in controls if self._issuer(ticker) in self._issuers(firms)]
        if both:
            texts.append(f"{listed(both)} cannot be control and firm at once, under another ticker neither.")
        for issuer in dict.fromkeys(map(self._issuer, firms)):
            listings = [ticker for ticker in firms if self._issuer(ticker) == issuer]
            if len(listings) > 1:
                texts.append(f"{listed(listings)} are listings of one firm, which would count twice.")
        if texts:
            given = f"firms {listed(firms, MOST_SHOWN)}; market {market}; controls {listed(controls, MOST_SHOWN)}"
            raise InputError(
                f"{' '.join(texts)} Each security has one part in a study ({given}). There are prices of: "
                f"{listed(self.tickers, MOST_SHOWN)}."
            )
