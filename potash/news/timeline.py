"""The event timeline: dated events, the evidence behind them, and day 0 for each security."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from potash._display import Displayed
from potash.bundled import verified
from potash.calendars import has_calendar
from potash.errors import CalendarError, EventsError, close_to, listed
from potash.news.nearby import near_each, same_as
from potash.news.pool import chains_of, pool_table, signs_of
from potash.news.tables.event_table import EVIDENCE_COLUMNS, check_event_table, is_date, read_table
from potash.sessions import Announcement, Window, first_session
from potash.universe import Universe, load_universe

ALIGNED_COLUMNS = ["event_id", "ticker", "exchange", "date", "session", "ambiguous", "alternative", "reason"]
CONTROLS_HIT_COLUMNS = ["event_id", "ticker", "offset", "date", "title"]
MANY_VALUED = ["status", "speaker", "target"]
OPTIONAL_COLUMNS = {"weight": "major", "after_close": "no", "note": ""}
# Remarks of those who keep the files; a timeline does not have them, so nothing made of it can show them.
INTERNAL = "internal_note"
CONFOUNDER_COLUMNS = ["date", "date_end", "precision", "tickers", "scope", "title", "status", "sources"]


@dataclass(frozen=True, slots=True, repr=False)
class Timeline(Displayed):
    """Events with their evidence, and other news that could explain the same price moves.

    Attributes
    ----------
    events : DataFrame
        Indexed by ``event_id``; ``date``, ``time``, ``zone``, ``precision`` (time, day, month, year, range or
        unresolved), ``date_end``, ``kind``, ``scope``, ``status``, ``expected_direction`` (for producers outside
        Belarus), ``relevance`` (headline, market or background), ``origin``, ``basis`` (why it is in the list: legal act,
        announcement in the articles, announcement elsewhere, known from price commentary, or empty), ``chain_id`` (the
        same for the links of one chain), ``title``, ``sources``, ``note``, ``confidence`` (high, medium or low, where
        articles tell the event) with its ``reasons``. Text.
    evidence : DataFrame
        A row per claim found in an article: ``event_id``, ``article_id``, ``publisher``, ``published``, ``start`` and
        ``end`` (character offsets), ``role``, ``field``, ``value``, ``unit``. No sentences.
    confounders : DataFrame
        Other news by date and ticker: ``date``, ``date_end``, ``precision``, ``tickers`` (joined by ``;``, or ``all``),
        ``scope``, ``weight`` (major or minor), ``after_close`` (yes: first traded in the next session), ``title``,
        ``note`` (what a reader should know), ``status``, ``sources``.
    name : str
        Where the events come from.
    """

    events: pd.DataFrame
    evidence: pd.DataFrame
    confounders: pd.DataFrame
    name: str

    def _line(self) -> str:
        dates = self.events.loc[self.events["date"] != "", "date"]
        span = f", {dates.min()} to {dates.max()}" if len(dates) else ""
        return f"{self.name}, {len(self.events)} events{span}, {len(self.headline())} of them headlines"

    def _facts(self) -> dict[str, object]:
        return {
            "evidence": f"{len(self.evidence):,} facts in {self.evidence['article_id'].nunique()} articles",
            "other news": f"{len(self.confounders):,} rows by date and ticker",
        }

    def _table(self) -> pd.DataFrame:
        market = self.events.loc[self.with_relevance("headline", "market"), ["date", "title", "expected_direction"]]
        return market.sort_values("date", ascending=False, kind="stable").rename(
            columns={"title": "event", "expected_direction": "expected of producers elsewhere"}
        )

    def with_relevance(self, *relevances: str) -> list[str]:
        """Return the ids of events with one of the relevances, in the order of the file."""
        return [str(i) for i in self.events.index[self.events["relevance"].isin(relevances)]]

    def headline(self) -> list[str]:
        """Return the ids of the headline events; of the market events where no event is a headline."""
        return self.with_relevance("headline") or self.with_relevance("market")

    def announcement(self, event_id: str) -> Announcement | None:
        """Return the date and time at which an event became public, or ``None`` if no single day is known."""
        row = self.events.loc[self._known([event_id])[0]]
        if row["precision"] not in ("time", "day"):
            return None
        time = dt.time.fromisoformat(row["time"]) if row["time"] else None
        return Announcement(dt.date.fromisoformat(row["date"]), time, row["zone"] or None)

    def align(
        self, tickers: Sequence[str], event_ids: Sequence[str] | None = None, universe: Universe | None = None
    ) -> pd.DataFrame:
        """Return day 0 of each event for each security, on the security's own exchange.

        Parameters
        ----------
        tickers : sequence of str
            Tickers of the universe.
        event_ids : sequence of str, optional
            Which events; by default those of relevance headline or market. Background events (statements, totals,
            events that share their first session with another one) take no part unless they are named.
        universe : Universe, optional
            The carried one by default.

        Returns
        -------
        DataFrame
            A row per event and security: ``event_id``, ``ticker``, ``exchange`` (MIC), ``date`` (as announced),
            ``session`` (day 0; NaT if there is none), ``ambiguous``, ``alternative`` (the other session day 0 could be),
            ``reason`` (how the session was found, or why there is none). An event without a single day, or an exchange
            without a calendar, keeps its row, so that a study can list it in its ledger.

        Raises
        ------
        UniverseError
            If a ticker is not in the universe.
        EventsError
            If an event is not in the timeline.
        """
        securities = universe or load_universe()
        checked = securities.check([tickers] if isinstance(tickers, str) else tickers)
        ids = self.with_relevance("headline", "market") if event_ids is None else self._known(event_ids)
        exchanges = {ticker: securities.exchange(ticker) for ticker in checked}
        places = {
            (e, mic): self._aligned(e, mic) for e in dict.fromkeys(ids) for mic in dict.fromkeys(exchanges.values())
        }
        rows = [(e, t, exchanges[t], *places[e, exchanges[t]]) for e in ids for t in checked]
        frame = pd.DataFrame(rows, columns=ALIGNED_COLUMNS)
        stamps = {name: pd.to_datetime(frame[name]) for name in ("session", "alternative")}
        return frame.assign(**stamps, ambiguous=frame["ambiguous"].astype(bool))

    def conflicts(self) -> pd.DataFrame:
        """Return the disagreements of articles: a row per value told of the same field of the same event.

        Columns ``event_id``, ``field``, ``value``, ``unit``, ``articles`` (publishers that tell it). Nothing is averaged.
        Status, speaker and target are no disagreements: an event may be announced by one and reported by another.
        """
        values = self.evidence[(self.evidence["value"] != "") & ~self.evidence["field"].isin(MANY_VALUED)]
        several = values.groupby(["event_id", "field"])["value"].transform("nunique") > 1
        keys = ["event_id", "field", "value", "unit"]
        grouped = values[several].groupby(keys, sort=False)["publisher"]
        return grouped.agg(lambda names: ", ".join(dict.fromkeys(names))).rename("articles").reset_index()

    def other_news(self, aligned: pd.DataFrame, window: tuple[int, int] | Window = (-10, 10)) -> pd.DataFrame:
        """Return other news near each aligned firm-event: confounders of the firm and other market events.

        Parameters
        ----------
        aligned : DataFrame
            From :meth:`align`; rows without a session are passed over.
        window : pair of int
            Offsets in sessions of the security's exchange around day 0, both ends included.

        Returns
        -------
        DataFrame
            ``event_id``, ``ticker``, ``offset`` (first session of the news relative to day 0, missing for news that is
            known by its month or range only), ``date``, ``scope`` (firm, sector or market), ``weight``, ``title``, ``note``,
            ``status``, ``sources``, ``timeline_event`` (its id in the timeline, empty where it is none); by event, ticker and
            offset. A timeline event that the confounders tell too (sector news of the same day) stands once.
        """
        events = self._as_news()
        news = pd.concat([same_as(self.confounders, events), events], ignore_index=True)
        return near_each(aligned, news, Window.of(window))

    def controls_hit(self, aligned: pd.DataFrame, window: tuple[int, int] | Window = (-5, 10)) -> pd.DataFrame:
        """Return the controls that news of their own hits near an event: they are left out of its control group.

        The rule looks at no return: a control is hit where :attr:`confounders` hold news of scope ``firm`` and weight
        ``major`` that names it and is first traded in the window. News known by its month or range only hits where any of
        its days could lie in the window. News of the sector or the market hits every name alike and leaves none out.

        Parameters
        ----------
        aligned : DataFrame
            From :meth:`align`, of the controls (``Universe.controls``); rows without a session are passed over.
        window : pair of int
            Offsets in sessions around day 0, both ends included; by default what the longest windows reach.

        Returns
        -------
        DataFrame
            A row per piece of news: ``event_id``, ``ticker``, ``offset`` (sessions after day 0; missing for news without
            a single day), ``date``, ``title``; by event, ticker and offset. No row: nothing is left out. Ask for the window
            that is reported: the longer it is, the fewer controls remain.

        Examples
        --------
        >>> import potash
        >>> timeline = potash.load_timeline()
        >>> controls = timeline.align(["CF", "DE"], ["2021-08-09-us-designates-belaruskali"])
        >>> timeline.controls_hit(controls, (0, 1))[["ticker", "offset", "title"]].to_numpy().tolist()
        [['CF', 1, 'CF reports its second quarter after the close']]
        """
        of_firms = self.confounders[(self.confounders["scope"] == "firm") & (self.confounders["weight"] == "major")]
        return near_each(aligned, of_firms.assign(timeline_event=""), Window.of(window))[CONTROLS_HIT_COLUMNS]

    def signs(self, event_ids: Sequence[str] | None = None) -> pd.Series[int]:
        """Return +1 for each event that was expected to be good for producers outside Belarus, and -1 for bad.

        A tightening (less potash from Belarus) is +1 and a relief is -1: a return times the sign is positive where it went
        as expected. It is the column ``expected_direction``, which is judged before looking at prices.

        Parameters
        ----------
        event_ids : sequence of str, optional
            Which events, each of which must have a sign. By default all of relevance headline or market that have a
            single day and a sign; :meth:`pool` leaves out some of them.

        Returns
        -------
        Series of int
            Indexed by ``event_id``, named ``sign``; in the order asked for, or of the file.

        Raises
        ------
        EventsError
            If an event is not in the timeline, or asked for and its direction is ``none`` or ``unclear``.

        Examples
        --------
        >>> import potash
        >>> events = ["2021-08-09-us-designates-belaruskali", "2025-12-13-us-lifts-potash"]
        >>> potash.load_timeline().signs(events).tolist()
        [1, -1]
        """
        if event_ids is None:
            table = pool_table(self.events)
            chosen = table[table["sign"].notna() & table["dated"]]
            return chosen["sign"].astype(int)
        return signs_of(self.events.loc[self._known(event_ids)])

    def pool(self) -> list[str]:
        """Return the ids of the events that are analysed together, in the order of the file; see :meth:`pool_table`.

        Examples
        --------
        >>> import potash
        >>> timeline = potash.load_timeline()
        >>> "2025-12-13-us-lifts-potash" in timeline.pool(), "2025-12-11-drones-acron-dorogobuzh" in timeline.pool()
        (True, False)
        """
        table = pool_table(self.events)
        return [str(i) for i in table.index[table["in_pool"]]]

    def pool_table(self) -> pd.DataFrame:
        """Return for each headline and market event whether it is in the pool, and why not.

        In are events with a single day and a sign that are not known from price commentary: those are in the list because
        prices moved, so that they would find a move whatever is true. The rule looks at no return. An event whose
        ``basis`` is empty, as in a file of one's own, is in.

        Returns
        -------
        DataFrame
            Indexed by ``event_id``, in the order of the file: ``date``, ``title``, ``kind``, ``relevance``, ``basis``,
            ``chain_id``, ``dated`` (has a single day), ``sign`` (1, -1 or missing), ``in_pool``, ``reason`` (all that
            keep it out; empty if it is in).

        Examples
        --------
        >>> import potash
        >>> potash.load_timeline().pool_table().loc["2025-12-08-canada-tariff-threat", "reason"]
        'no sign: the expected direction is unclear'
        """
        return pool_table(self.events)

    def chains(self) -> pd.DataFrame:
        """Return the links of each chain of events: announcement, licence, effect, in the order of their dates.

        Returns
        -------
        DataFrame
            ``chain_id``, ``link`` (1 is the first), ``event_id``, ``date``, ``status``, ``relevance``, ``title``; chains by
            the date of their first link. Events that stand alone are not in it.

        Examples
        --------
        >>> import potash
        >>> chains = potash.load_timeline().chains()
        >>> chains.loc[chains["chain_id"] == "us-potash-relief-2025", "event_id"].tolist()
        ['2025-12-13-us-lifts-potash', '2025-12-15-general-license-13']
        """
        return chains_of(self.events)

    def _as_news(self) -> pd.DataFrame:
        dated = self.events[self.events["precision"].isin(["time", "day"]) & (self.events["relevance"] != "background")]
        columns = {
            "date": dated["date"],
            "date_end": "",
            "precision": "day",
            "tickers": "all",
            "scope": "sector",
            **OPTIONAL_COLUMNS,
        }
        extra = {"title": dated["title"], "note": dated["note"], "status": dated["status"]}
        return pd.DataFrame({**columns, **extra, "sources": dated["sources"], "timeline_event": dated.index})

    def _known(self, event_ids: Sequence[str]) -> list[str]:
        ids = [event_ids] if isinstance(event_ids, str) else list(event_ids)
        unknown = [i for i in ids if i not in self.events.index]
        if unknown:
            hints = listed(f"{i!r}{close_to(str(i), self.events.index)}" for i in unknown)
            raise EventsError(f"not in the timeline: {hints}. It holds: {listed(self.events.index, 12)}.")
        return ids

    def _aligned(self, event_id: str, exchange: str) -> tuple[Any, ...]:
        """Return the columns of :meth:`align` after the first three, for an event on an exchange."""
        row = self.events.loc[event_id]
        announcement = self.announcement(event_id)
        dates = f"{row['date']} to {row['date_end']}" if row["precision"] == "range" else row["date"]
        announced = f"{row['date']} {row['time']} {row['zone']}".strip() if row["time"] else dates
        if announcement is None:
            why = f"announced {dates or 'on an unknown date'} (precision {row['precision']}): no single day"
            return announced, pd.NaT, False, pd.NaT, why
        if not has_calendar(exchange):
            why = f"exchange {exchange} has no trading calendar"
            return announced, pd.NaT, False, pd.NaT, why
        try:
            day_zero = first_session(announcement, exchange)
        except CalendarError as error:
            return announced, pd.NaT, False, pd.NaT, str(error)
        other = day_zero.alternative if day_zero.alternative is not None else pd.NaT
        return announced, day_zero.session, day_zero.ambiguous, other, day_zero.rule


def load_timeline(
    events: str | Path | None = None, evidence: str | Path | None = None, confounders: str | Path | None = None
) -> Timeline:
    """Return the timeline: the carried one, or the user's own.

    Parameters
    ----------
    events : path, optional
        CSV with ``event_id`` and ``date`` (YYYY-MM-DD), and where wanted ``time`` with ``zone``, ``title`` and the other
        columns of :attr:`Timeline.events`.
    evidence, confounders : path, optional
        CSV files with the columns of the carried ones. With a file of own events the carried evidence is not used, but an
        ``evidence.csv`` beside it is, as ``potash timeline build`` writes it; the carried confounders are used, since they
        go by date and ticker.

    Raises
    ------
    EventsError
        If a file is empty or a row breaks a rule: no date, a date that does not exist, a duplicate id, an unknown zone.
    ChecksumError
        If a carried file was changed.

    Examples
    --------
    >>> import potash
    >>> timeline = potash.load_timeline()
    >>> print(timeline.announcement("2025-12-13-us-lifts-potash").date)
    2025-12-13
    >>> timeline.align(["NTR", "ICL.TA"], ["2025-12-13-us-lifts-potash"])["session"].dt.day_name().tolist()
    ['Monday', 'Sunday']
    """
    path = verified("events.csv") if events is None else Path(events)
    table = check_event_table(read_table(path, "events"), str(path)).drop(columns=INTERNAL)
    proof = _part(evidence or _beside(events), "evidence.csv" if events is None else None, EVIDENCE_COLUMNS)
    news = _part(confounders, "confounders.csv", CONFOUNDER_COLUMNS).drop(columns=INTERNAL, errors="ignore")
    if "handling" in news:
        raise EventsError(
            f"{confounders}: the column 'handling' is no longer read. What a reader of the pages should know goes into 'note', "
            f"and what is for yourself into {INTERNAL!r}, which no page and no table shows. Rename it to one of the two."
        )
    news = news.assign(**{name: value for name, value in OPTIONAL_COLUMNS.items() if name not in news})
    for name in ("start", "end"):
        wrong = proof.loc[~proof[name].str.fullmatch(r"\d+"), name]
        if len(wrong):
            raise EventsError(f"{evidence}: {name} holds {listed(map(repr, wrong))}, which is no character offset.")
    proof = proof.assign(start=pd.to_numeric(proof["start"]), end=pd.to_numeric(proof["end"]))
    wrong = [date for name in ("date", "date_end") for date in news[name] if date and not is_date(date)]
    if wrong:
        raise EventsError(f"{confounders}: {listed(map(repr, wrong))} is no date. Write YYYY-MM-DD, YYYY-MM or YYYY.")
    return Timeline(table, proof, news, "carried timeline" if events is None else path.name)


def _beside(events: str | Path | None) -> Path | None:
    """Return the evidence that stands beside a file of events, if it has the form of evidence."""
    path = Path(events).with_name("evidence.csv") if events is not None else None
    if path is None or not path.is_file():
        return None
    with path.open(encoding="utf-8", errors="replace") as file:
        return path if set(EVIDENCE_COLUMNS) <= set(file.readline().strip().split(",")) else None


def _part(file: str | Path | None, carried: str | None, columns: list[str]) -> pd.DataFrame:
    if file is None and carried is None:
        return pd.DataFrame(columns=columns, dtype=str)
    path = Path(file) if file is not None else verified(str(carried))
    frame = read_table(path, path.stem)
    absent = [column for column in columns if column not in frame]
    if absent:
        raise EventsError(f"{path}: no column {listed(absent)}; found {listed(frame.columns, 20)}.")
    return frame
