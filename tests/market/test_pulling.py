"""What is asked for, what is written, and when a pull tries again, waits or gives up."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from potash.calendars import sessions_between
from potash.errors import BadAnswerError, NoDataError, RateLimitedError, StaleSourceError, UnreachableError
from potash.market.providers.patience import Patience
from potash.market.pulling import last_closed_session, pull
from potash.market.series import PriceSeries, SeriesKey
from potash.market.store.store import PriceStore

SESSIONS = sessions_between("XNYS", "2025-01-02", "2026-02-27")
MONDAY = dt.datetime(2026, 1, 12, 22, tzinfo=dt.UTC)  # after the close in New York
DAY = dt.timedelta(days=1)


class Made:
    """A provider whose history a test can rewrite, and that fails as told before it answers."""

    name = "made"

    def __init__(self, *symbols, whole=False):
        rng = np.random.default_rng(7)
        self.bars = {}
        for symbol in symbols:
            closes = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, len(SESSIONS))))
            frame = pd.DataFrame({"close": closes, "adj_close": closes}, index=SESSIONS)
            self.bars[symbol] = frame.assign(dividend=np.nan)
        self.whole = whole
        self.failures = []
        self.asked = []

    def symbols(self, now):
        return list(self.bars)

    def fetch(self, symbol, first, last, now):
        self.asked.append((symbol, first))
        if self.failures:
            error = self.failures.pop(0)
            if error is not None:
                raise error
        if symbol not in self.bars:
            raise NoDataError(f"made has nothing under {symbol}")
        over = self.bars[symbol].loc[first:last]
        over = over[over.index <= last_closed_session("XNYS", now)]
        return PriceSeries(
            SeriesKey("made", symbol),
            over,
            {"frequency": "daily"},
            source="made 1",
            first=first,
            last=last,
            notes=("a note",),
        )

    def pay(self, symbol, day, amount):
        frame = self.bars[symbol]
        at = frame.index.get_loc(pd.Timestamp(day))
        factor = 1 - amount / frame["close"].iloc[at - 1]
        frame.loc[frame.index[:at], "adj_close"] *= factor
        frame.loc[frame.index[at], "dividend"] = amount


@pytest.fixture
def store(tmp_path):
    with PriceStore(tmp_path / "prices.sqlite", create=True) as opened:
        yield opened


def run(store, provider, moment=MONDAY, symbols=None, waits=None, **options):
    patience = Patience(sleep=(waits if waits is not None else []).append)
    chosen = symbols or provider.symbols(moment)
    options = {"since": pd.Timestamp("2025-01-01"), "exchanges": dict.fromkeys(chosen, "XNYS"), **options}
    return list(pull(store, provider, chosen, lambda: moment, patience=patience, **options))


def stored(store, symbol="NTR", **options):
    key = SeriesKey("made", symbol)
    return store.read([key], **options)[key]


def test_a_first_pull_takes_the_whole_history_up_to_the_last_closed_session(store):
    provider = Made("NTR")
    (done,) = run(store, provider)
    assert done.outcome == "new"
    assert done.notes == ("a note",)
    expected = provider.bars["NTR"].loc[:"2026-01-12"]
    assert stored(store)["close"].tolist() == expected["close"].tolist()
    assert done.written.added == 2 * len(expected)
    assert provider.asked == [("NTR", pd.Timestamp("2025-01-01"))]


def test_a_series_that_is_up_to_date_is_not_asked_for(store):
    provider = Made("NTR")
    run(store, provider)
    (done,) = run(store, provider, MONDAY + dt.timedelta(hours=3))
    assert done.outcome == "up to date"
    # Tuesday's session is open: Monday's is still the last.
    (done,) = run(store, provider, dt.datetime(2026, 1, 13, 16, tzinfo=dt.UTC))
    assert done.outcome == "up to date"
    assert len(provider.asked) == 1
    (done,) = run(store, provider, full=True)
    assert done.outcome == "unchanged"
    assert len(provider.asked) == 2


def test_without_a_calendar_a_series_is_always_asked_for(store):
    provider = Made("APOT.AM")
    run(store, provider)
    (done,) = run(store, provider, exchanges={})
    assert done.outcome == "unchanged"
    assert len(provider.asked) == 2


def test_the_next_pull_asks_for_the_last_weeks_only(store):
    provider = Made("NTR")
    run(store, provider)
    (done,) = run(store, provider, MONDAY + 2 * DAY)
    assert (done.outcome, done.written.added, done.written.revised) == ("changed", 4, 0)
    assert provider.asked[1:] == [("NTR", pd.Timestamp("2026-01-12") - pd.Timedelta(days=21))]
    assert stored(store).index[-1] == pd.Timestamp("2026-01-14")


def test_a_dividend_that_rescales_history_leads_to_a_pull_of_all_of_it(store):
    provider = Made("NTR")
    run(store, provider)
    provider.pay("NTR", "2026-01-14", 0.55)
    (done,) = run(store, provider, MONDAY + 2 * DAY)
    assert [first for _, first in provider.asked[1:]] == [pd.Timestamp("2025-12-22"), pd.Timestamp("2025-01-01")]
    assert "were rewritten" in done.notes[-1]
    before = len(SESSIONS[SESSIONS <= "2026-01-12"])
    assert done.written.revised == before
    expected = provider.bars["NTR"].loc[:"2026-01-14", "adj_close"]
    assert stored(store)["adj_close"].tolist() == expected.tolist()
    assert stored(store, as_of="2026-01-12")["adj_close"].tolist() == stored(store)["close"].tolist()[:before]


def test_an_old_revision_is_found_by_a_full_pull(store):
    provider = Made("NTR")
    run(store, provider)
    provider.bars["NTR"].loc["2025-03-03", ["close", "adj_close"]] = 48.0
    (done,) = run(store, provider, MONDAY + DAY)
    assert done.written.revised == 0
    (done,) = run(store, provider, MONDAY + DAY, full=True)
    assert done.written.revised == 2
    assert stored(store).at[pd.Timestamp("2025-03-03"), "close"] == 48.0


def test_an_earlier_start_fills_the_years_before(store):
    provider = Made("NTR")
    run(store, provider, since=pd.Timestamp("2025-06-01"))
    (done,) = run(store, provider)
    assert done.outcome == "changed"
    assert stored(store).index[0] == SESSIONS[0]
    assert done.written.revised == done.written.withdrawn == 0
    # And a later start than the one stored does not shorten it.
    (done,) = run(store, provider, since=pd.Timestamp("2025-09-01"), full=True)
    assert provider.asked[-1] == ("NTR", pd.Timestamp("2025-01-01"))


def test_a_file_that_is_read_whole_is_compared_whole(store):
    provider = Made("maize", whole=True)
    run(store, provider, exchanges={})
    provider.bars["maize"].iloc[3] = 99.0
    (done,) = run(store, provider, exchanges={})
    assert done.written.revised == 2
    assert [first for _, first in provider.asked] == [pd.Timestamp("2025-01-01")] * 2


@pytest.mark.parametrize("error", [UnreachableError("slow"), BadAnswerError("an error page")])
def test_a_passing_fault_is_tried_again_after_doubling_waits(store, error):
    provider, waits = Made("NTR"), []
    provider.failures = [error, error, None]
    (done,) = run(store, provider, waits=waits)
    assert done.outcome == "new"
    assert waits == [1.0, 2.0]


def test_a_limit_is_waited_for_longer(store):
    provider, waits = Made("NTR"), []
    provider.failures = [RateLimitedError("429"), RateLimitedError("429")]
    (done,) = run(store, provider, waits=waits)
    assert done.outcome == "new"
    assert waits == [30.0, 60.0]


@pytest.mark.parametrize("error", [NoDataError("delisted"), StaleSourceError("frozen")])
def test_what_will_not_pass_is_not_tried_again_and_the_rest_goes_on(store, error):
    provider, waits = Made("NTR", "MOS"), []
    provider.failures = [error]
    first, second = run(store, provider, waits=waits)
    assert (first.outcome, first.error) == ("failed", str(error))
    assert second.outcome == "new"
    assert waits == [0.4]
    assert store.series_keys() == [SeriesKey("made", "MOS")]


def test_a_limit_that_stays_leaves_the_rest_for_later_and_the_next_run_goes_on(store):
    provider = Made("NTR", "MOS", "CF")
    provider.failures = [None, *[RateLimitedError("429: too many requests")] * 4]
    outcomes = run(store, provider)
    assert [done.outcome for done in outcomes] == ["new", "failed", "left"]
    assert "limits requests; run the same command again" in outcomes[2].error
    asked = len(provider.asked)
    assert [done.outcome for done in run(store, provider)] == ["up to date", "new", "new"]
    assert [symbol for symbol, _ in provider.asked[asked:]] == ["MOS", "CF"]


def test_a_provider_that_cannot_be_reached_twice_is_given_up(store):
    provider = Made("A", "B", "C", "D")
    provider.failures = [UnreachableError("no route")] * 8
    assert [done.outcome for done in run(store, provider)] == ["failed", "failed", "left", "left"]
    assert len(provider.asked) == 8


def test_one_slow_series_does_not_end_the_pull(store):
    provider = Made("A", "B", "C", "D")
    slow = [UnreachableError("slow")] * 4
    provider.failures = [*slow, None, *slow, None]
    assert [done.outcome for done in run(store, provider)] == ["failed", "new", "failed", "new"]


def test_a_broken_answer_is_not_stored(store):
    provider = Made("NTR")
    run(store, provider)
    provider.bars["NTR"] = provider.bars["NTR"].iloc[150:]
    (done,) = run(store, provider, full=True)
    assert done.outcome == "failed"
    assert "lacks 150 of" in done.error
    assert stored(store).index[0] == SESSIONS[0]
    (done,) = run(store, provider, full=True, accept_loss=True)
    assert done.outcome == "changed"
    assert stored(store).index[0] == SESSIONS[150]


def test_last_closed_session():
    assert last_closed_session("XNYS", MONDAY) == pd.Timestamp("2026-01-12")
    assert last_closed_session("XNYS", dt.datetime(2026, 1, 12, 20, 59, tzinfo=dt.UTC)) == pd.Timestamp("2026-01-09")
    assert last_closed_session("XNYS", dt.datetime(2026, 1, 11, 3, tzinfo=dt.UTC)) == pd.Timestamp("2026-01-09")
    assert last_closed_session("XTAE", dt.datetime(2025, 12, 14, 20, tzinfo=dt.UTC)) == pd.Timestamp("2025-12-14")
    assert last_closed_session("XAMM", MONDAY) is None
    assert last_closed_session(None, MONDAY) is None


def test_a_history_that_another_process_rewrote_meanwhile_is_asked_for_as_a_whole(store):
    provider = Made("NTR")
    run(store, provider)
    slow, fetch = provider, provider.fetch

    def meanwhile(symbol, first, last, now):
        answer = fetch(symbol, first, last, now)
        if (
            len(slow.asked) == 2
        ):  # the incremental request: before it is stored another puller stores a dividend's history
            provider.pay("NTR", "2026-01-13", 0.55)
            whole = fetch(symbol, pd.Timestamp("2025-01-01"), last, now)
            store.put(whole, lambda: MONDAY + DAY, asked_at=MONDAY)
        return answer

    provider.fetch = meanwhile
    (done,) = run(store, provider, MONDAY + DAY)
    assert done.outcome in {"changed", "unchanged"}
    assert any("another process rewrote the history" in note for note in done.notes)
    expected = provider.bars["NTR"].loc[:"2026-01-13", "adj_close"]
    assert stored(store)["adj_close"].tolist() == expected.tolist()
