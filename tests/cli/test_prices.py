"""``potash prices pull``, ``status`` and ``revisions`` from end to end against a made-up market on this machine."""

from __future__ import annotations

import datetime as dt
import os
import signal
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from potash.calendars import sessions_between
from potash.cli import prices as prices_cli
from potash.market import pulling
from potash.market.providers.carried import carried_snapshot
from potash.market.providers.french import FILES
from potash.market.store.store import PriceStore
from tests.support.fake_market import yahoo as fake
from tests.support.fake_market.files import (
    PAGE_HOST,
    UNITS,
    KenFrench,
    WorldBank,
    document,
    factor_zip,
    made_up_factors,
    made_up_prices,
    workbook,
)
from tests.support.fake_market.server import FakeMarket, Reply
from tests.support.fake_market.yahoo import PRICES, random_walk
from tests.support.prices_market import (
    FIELDS,
    FIRST,
    FRIDAY,
    LAST,
    MONDAY,
    NEXT_FRIDAY,
    SESSIONS,
    VALUES,
    digest,
    lines_of,
    make_terminal,
    potash_process,
    stock,
    until,
    write_bars,
)

STOPPED = "potash: stopped; each series is stored whole or not at all. The same command goes on.\n"


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    with FakeMarket() as market:
        yield make_terminal(market, tmp_path / "home", monkeypatch)


@pytest.fixture
def stocked(terminal):
    """A terminal that pulled both listings."""
    return stock(terminal)


def universe_file(folder, *rows):
    path = folder / "universe.csv"
    path.write_text("ticker,name,exchange,currency,role\n" + "".join(f"{row}\n" for row in rows))
    return path


# ---------------------------------------------------------------------------------------------------------- pull


def test_a_first_pull_stores_every_session_that_is_over(terminal):
    done = terminal.pull("NTR", "MOS")
    assert done.exit_code == 0
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"yahoo:NTR: new: values {VALUES:,} added",
        f"yahoo:MOS: new: values {VALUES:,} added",
        f"2 series: 2 new. Store: {terminal.store}",
    ]
    for symbol in ("NTR", "MOS"):
        bars, stored = terminal.listing(symbol).bars.loc[SESSIONS], terminal.stored(symbol)
        assert stored.index.equals(SESSIONS)
        columns = [*PRICES, "volume"]
        np.testing.assert_array_equal(stored[columns], bars[columns])


def test_a_second_pull_asks_nothing_and_changes_no_byte(stocked):
    before = digest(stocked.store)
    done = stocked.pull("NTR", "MOS")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "yahoo:NTR: up to date",
        "yahoo:MOS: up to date",
        f"2 series: 2 up to date. Store: {stocked.store}",
    ]
    assert stocked.charts() == []
    assert digest(stocked.store) == before
    done = stocked.pull("NTR", "MOS", "--full")
    assert "yahoo:NTR: unchanged" in done.stdout
    assert stocked.charts() == ["NTR", "MOS"]
    assert digest(stocked.store) == before


def test_the_next_pull_asks_for_the_last_sessions_only(stocked):
    stocked.now = MONDAY
    done = stocked.pull("NTR")
    assert done.stdout.splitlines()[0] == f"yahoo:NTR: changed: values {len(FIELDS)} added"
    assert stocked.charts() == ["NTR"]
    (asked,) = [request for request in stocked.market.requests if "period1" in request.query]
    # A day's room for the zones of the earth at the start of the span.
    earliest = pd.Timestamp("2026-01-30") - pd.Timedelta(days=pulling.OVERLAP_DAYS + 1)
    assert int(asked.query["period1"]) >= earliest.timestamp()


def test_quiet_says_nothing_and_the_store_may_lie_elsewhere(terminal, tmp_path):
    done = terminal.pull("NTR", "--quiet", "--store", tmp_path / "deep" / "mine.sqlite")
    assert (done.exit_code, done.output) == (0, "")
    assert (tmp_path / "deep" / "mine.sqlite").is_file()
    assert not terminal.store.exists()


def test_without_tickers_the_universe_and_the_pink_sheet_are_asked(terminal, tmp_path):
    mine = universe_file(tmp_path, "NTR,One,XNYS,USD,potash producer", "MOS,Two,XNYS,USD,potash producer")
    bank = WorldBank(terminal.market)
    bank.publish(document(2026), workbook(made_up_prices("2024-01", "2025-12")))
    done = terminal.pull("--universe", mine, "--quiet")
    assert done.exit_code == 0, done.output
    assert len(terminal.series()) == 2 + len(UNITS)
    assert {"yahoo:NTR", "yahoo:MOS", "pink_sheet:potassium_chloride"} < set(terminal.series())


def test_a_session_that_is_not_over_is_left_out_and_said(terminal):
    terminal.now = FRIDAY.replace(hour=18)
    done = terminal.pull("NTR", "-v")
    told = "    left out, session not over at 2026-01-30 18:30 UTC: 2026-01-30"
    assert told in done.stdout.splitlines()
    assert terminal.stored("NTR").index[-1] == pd.Timestamp("2026-01-29")
    assert "left out" not in terminal.pull("MOS").stdout


def test_rows_without_a_price_are_said_with_v(terminal):
    terminal.listing("NTR").blank("2025-12-31", "2026-01-02")
    done = terminal.pull("NTR", "-v")
    assert "    2 rows without any price left out: 2025-12-31, 2026-01-02" in done.stdout.splitlines()
    assert len(terminal.stored("NTR")) == len(SESSIONS) - 2


def test_a_limit_that_stays_leaves_the_rest_and_the_next_run_goes_on(terminal):
    terminal.yahoo.listings["IPI"] = random_walk("IPI", "XNYS", FIRST, LAST)
    terminal.fault("MOS", fake.TOO_MANY, always=True)
    done = terminal.pull("NTR", "MOS", "IPI")
    assert done.exit_code == 3
    assert "yahoo:MOS: failed: Yahoo asks for fewer requests (HTTP 429)." in done.stderr
    left = "yahoo:IPI: left: not asked, since yahoo limits requests; run the same command again later"
    assert done.stderr.splitlines()[-1] == left
    assert f"3 series: 1 new, 1 failed, 1 left. Store: {terminal.store}" in done.stdout
    assert "IPI" not in terminal.charts()
    assert terminal.series() == ["yahoo:NTR"]
    terminal.market.clear_faults()
    again = terminal.pull("NTR", "MOS", "IPI")
    assert again.exit_code == 0
    assert terminal.charts() == ["MOS", "IPI"]
    assert "3 series: 1 up to date, 2 new." in again.stdout


def test_where_no_series_answers_the_exit_code_is_1(terminal):
    terminal.fault("NTR", fake.TOO_MANY, always=True)
    done = terminal.pull("NTR", "MOS", "--quiet")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == ["failed", "left"]
    assert terminal.series() == []


def test_one_error_page_is_asked_again(terminal):
    terminal.fault("NTR", fake.UNAVAILABLE)
    done = terminal.pull("NTR", "--attempts", 2)
    assert done.exit_code == 0, done.output
    assert terminal.charts() == ["NTR", "NTR"]
    assert len(terminal.stored("NTR")) == len(SESSIONS)


ILL = {
    "503": (fake.UNAVAILABLE, "HTTP 503"),
    "html": (fake.SORRY, "an HTML page where JSON was due"),
    "truncated": (fake.truncated, "JSON that is broken at byte"),
    "broken off": (fake.broken_off, "no whole answer"),
    "no result": (fake.NO_RESULT, "JSON without a chart"),
}


@pytest.mark.parametrize(("fault", "words"), ILL.values(), ids=ILL)
def test_an_answer_that_is_not_the_data_costs_its_own_series_only(terminal, fault, words):
    terminal.fault("NTR", fault, always=True)
    done = terminal.pull("NTR", "MOS")
    assert done.exit_code == 3
    assert done.stderr.startswith("yahoo:NTR: failed: ")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert f"yahoo:MOS: new: values {VALUES:,} added" in done.stdout
    assert terminal.series() == ["yahoo:MOS"]


def test_a_delisted_ticker_keeps_what_is_stored(stocked):
    stocked.listing("NTR").delisted = True
    stocked.now = MONDAY
    asked = []
    for attempts in (1, 3):
        stocked.market.clear_faults()
        done = stocked.pull("NTR", "MOS", "--attempts", attempts)
        assert done.exit_code == 3
        assert "'No data found, symbol may be delisted'" in done.stderr
        assert "keeps the prices that are stored" in done.stderr
        asked.append(stocked.charts().count("NTR"))
    assert asked[0] == asked[1], "a plain no is not asked again"
    assert stocked.stored("NTR").index.equals(SESSIONS)
    assert stocked.stored("MOS").index[-1] == pd.Timestamp("2026-02-02")


def test_a_renamed_ticker_is_refused_with_the_new_name(stocked):
    stocked.yahoo.rename("NTR", "NTRX")
    stocked.now = MONDAY
    done = stocked.pull("NTR", "MOS")
    assert done.exit_code == 3
    assert "Yahoo answers in the name of NTRX, so the ticker has changed. Replace NTR by NTRX" in done.stderr
    assert stocked.stored("NTR").index.equals(SESSIONS)


def test_much_less_than_before_is_refused_unless_accepted(stocked):
    stocked.listing("NTR").remove(*SESSIONS[10:30].astype(str))
    done = stocked.pull("NTR", "MOS", "--full")
    assert done.exit_code == 3
    assert f"the answer lacks 20 of {len(SESSIONS)} sessions that were given before" in done.stderr
    assert stocked.stored("NTR").index.equals(SESSIONS)
    done = stocked.pull("NTR", "--full", "--accept-loss")
    assert done.exit_code == 0
    assert f"yahoo:NTR: changed: values {20 * len(FIELDS)} withdrawn" in done.stdout
    assert stocked.stored("NTR").index.equals(SESSIONS.delete(range(10, 30)))


MISUSE = {
    "unknown provider": (["--provider", "yaho"], "--provider='yaho' is not known (did you mean 'yahoo'?)"),
    "files without a folder": (["--provider", "files"], "--provider files needs --folder"),
    "a folder without files": (["NTR", "--folder", "."], "--folder goes with --provider files"),
    "an address for Yahoo": (["NTR", "--url", "https://a.org"], "not with yahoo"),
    "an address for two": (
        ["--provider", "pink_sheet", "--provider", "french", "--url", "https://a.org"],
        "not with pink_sheet and french",
    ),
    "an address that is none": (["--provider", "pink_sheet", "--url", "here.xlsx"], "'here.xlsx' is no address"),
    "rates without Yahoo": (["--provider", "french", "--fx", "USD"], "--fx goes with --provider yahoo"),
    "no such currency": (["NTR", "--fx", "XYZ"], "XYZ"),
    "small letters": (["NTR", "mos"], "Yahoo's tickers have capital letters only, not 'mos': write MOS."),
    "no such folder": (["--provider", "files", "--folder", "nowhere"], "nowhere"),
    "no such universe": (["NTR", "--universe", "nowhere.csv"], "nowhere.csv"),
}


@pytest.mark.parametrize(("arguments", "words"), MISUSE.values(), ids=MISUSE)
def test_misuse_is_one_message_and_code_2(terminal, arguments, words):
    done = terminal.pull(*arguments)
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert terminal.market.requests == []
    assert terminal.series() == []


@pytest.mark.parametrize("arguments", [["--attempts", 0], ["--pause", -1], ["--since", "lately"], ["--nothing"]])
def test_a_usage_error_is_code_2(terminal, arguments):
    assert terminal.prices("pull", "NTR", *arguments).exit_code == 2
    assert terminal.market.requests == []


def test_debug_shows_the_error(terminal):
    with pytest.raises(ValueError, match="'yaho' is not known"):
        terminal.pull("--provider", "yaho", "--debug")


def test_ctrl_c_keeps_what_came_and_says_that_it_can_go_on(terminal, monkeypatch):
    real = PriceStore.put

    def put(self, answer, *arguments, **options):
        if answer.key.symbol == "MOS":
            raise KeyboardInterrupt
        return real(self, answer, *arguments, **options)

    monkeypatch.setattr(PriceStore, "put", put)
    done = terminal.pull("NTR", "MOS")
    assert done.exit_code == 130
    assert done.stderr == STOPPED
    assert terminal.series() == ["yahoo:NTR"]


def test_rates_of_the_listings_come_with_fx(terminal):
    toronto = random_walk("NTR.TO", "XTSE", FIRST, LAST, currency="CAD", timezone="America/Toronto")
    rate = random_walk(
        "CADUSD=X", "XNYS", FIRST, LAST, 0.72, timezone="Europe/London", opens="00:00", closes="23:59",
        instrument="CURRENCY", name="CAD/USD",
    )  # fmt: skip
    terminal.yahoo.listings |= {"NTR.TO": toronto, "CADUSD=X": rate}
    done = terminal.pull("NTR.TO", "NTR", "--fx", "USD")
    assert done.exit_code == 0, done.output
    assert terminal.charts() == ["NTR.TO", "NTR", "CADUSD=X"]
    stored = terminal.stored("CADUSD=X")["close"]
    np.testing.assert_array_equal(stored, rate.bars["close"].loc[stored.index])


# ------------------------------------------------------------------------------------ folders, French, the Pink Sheet


def test_a_folder_of_csv_and_parquet_is_stored_like_any_prices(terminal, tmp_path):
    bars = {symbol: until(terminal.listing(symbol).bars, FRIDAY) for symbol in ("NTR", "MOS")}
    folder = write_bars(tmp_path / "mine", "NTR", bars["NTR"])
    write_bars(folder, "MOS", bars["MOS"], ".parquet")
    done = terminal.pull("--provider", "files", "--folder", folder)
    assert done.exit_code == 0, done.output
    count = len(SESSIONS) * len(bars["NTR"].columns)
    assert f"files:NTR: new: values {count:,} added" in done.stdout
    assert f"files:MOS: new: values {count:,} added" in done.stdout
    for symbol, frame in bars.items():
        stored = terminal.stored(symbol, "files")
        np.testing.assert_array_equal(stored[list(frame.columns)], frame)
    assert terminal.market.requests == []
    one = terminal.pull("GONE", "NTR", "--provider", "files", "--folder", folder, "--full")
    assert one.exit_code == 3
    assert "files:GONE: failed: no file of" in one.stderr


def library(last="2025-11-28"):
    return {name: factor_zip(made_up_factors(list(columns.values()), last=last)) for name, columns in FILES.items()}


def test_factors_of_french_are_stored_as_published(terminal):
    KenFrench(terminal.market, library())
    done = terminal.pull("--provider", "french", "--since", "2025-01-01")
    assert done.exit_code == 0, done.output
    assert terminal.series() == sorted(f"french:{symbol}" for columns in FILES.values() for symbol in columns)
    three = made_up_factors(list(next(iter(FILES.values())).values()), last="2025-11-28")
    np.testing.assert_array_equal(terminal.stored("hml", "french")["value"], three["HML"])
    assert len(terminal.market.requests) == len(FILES), "each file is asked for once"


def test_a_library_that_moved_is_found_with_url(terminal):
    KenFrench(terminal.market, library("2025-03-31"))
    files = library()
    terminal.market.route("data.example.org", lambda request: Reply(body=files[request.path.rpartition("/")[2]]))
    old = terminal.pull("rf", "--provider", "french")
    assert old.exit_code == 1, "nothing that was asked for could be stored"
    assert "the last day is 2025-03-31" in old.stderr
    new = terminal.pull("rf", "--provider", "french", "--url", "https://data.example.org/factors")
    assert new.exit_code == 0, new.output
    assert terminal.stored("rf", "french").index[-1] == pd.Timestamp("2025-11-28")


def test_the_pink_sheet_is_stored_and_its_revisions_are_told(terminal):
    bank, prices = WorldBank(terminal.market), made_up_prices("2023-01", "2025-12")
    bank.publish(document(2026), workbook(prices))
    arguments = ("potassium_chloride", "dap", "--provider", "pink_sheet", "--since", "2023-01-01")
    assert terminal.pull(*arguments).exit_code == 0
    potash = prices["Potassium chloride **"]
    np.testing.assert_array_equal(terminal.stored("potassium_chloride", "pink_sheet")["value"], potash)
    revised = prices.copy()
    revised.loc["2025-06", "Potassium chloride **"] = potash["2025-06"] * 2
    bank.publish(document(2026, "0aa0"), workbook(revised))
    done = terminal.pull(*arguments)
    assert "pink_sheet:potassium_chloride: changed: values 1 revised" in done.stdout
    assert "pink_sheet:dap: unchanged" in done.stdout
    told = terminal.prices("revisions", "potassium_chloride").stdout
    assert "    value: 1 revised in 2025-06-01, level x2; 2 returns changed" in told


def test_a_pink_sheet_that_moved_is_refused_by_its_month_and_found_with_url(terminal):
    bank = WorldBank(terminal.market)
    bank.publish(document(2025), workbook(made_up_prices("2023-01", "2025-05"), updated="June 03, 2025"))
    done = terminal.pull("--provider", "pink_sheet")
    assert done.exit_code == 1, "nothing that was asked for could be stored"
    assert "the last month with a price is 2025-05, 8 months before 2026-01" in done.stderr
    assert "--url" in done.stderr
    assert terminal.series() == []
    bank.files[document(2026)] = workbook(made_up_prices("2023-01", "2025-12"))
    arguments = ("potassium_chloride", "--provider", "pink_sheet", "--url", document(2026))
    assert terminal.pull(*arguments).exit_code == 0
    assert terminal.stored("potassium_chloride", "pink_sheet").index[-1] == pd.Timestamp("2025-12-01")


def test_a_provider_whose_list_does_not_come_does_not_stop_the_others(terminal, tmp_path):
    mine = universe_file(tmp_path, "NTR,One,XNYS,USD,potash producer")
    terminal.market.route(PAGE_HOST, lambda request: fake.UNAVAILABLE)
    done = terminal.pull("--universe", mine, "--provider", "pink_sheet", "--provider", "yahoo")
    assert done.exit_code == 3
    assert done.stderr.startswith("pink_sheet: https://www.worldbank.org/en/research/commodity-markets: HTTP 503")
    assert terminal.series() == ["yahoo:NTR"]


def test_the_carried_prices_are_a_provider_without_a_network(terminal):
    done = terminal.pull("--provider", "carried", "--since", "2000-01-01")
    assert done.exit_code == 0, done.output
    carried = carried_snapshot().series
    assert terminal.series() == sorted(str(one.key) for one in carried)
    one = next(one for one in carried if one.key.symbol.endswith(":NTR"))
    pd.testing.assert_frame_equal(
        terminal.stored(one.key.symbol, "carried").dropna(), one.values.dropna(), check_freq=False, check_names=False
    )
    before = digest(terminal.store)
    assert terminal.pull("--provider", "carried", "--since", "2000-01-01", "--quiet").output == ""
    assert digest(terminal.store) == before
    assert terminal.market.requests == []


# ----------------------------------------------------------------------------------------------- what was rewritten


def test_a_dividend_rescales_the_past_and_no_return(stocked):
    listing = stocked.listing("NTR")
    listing.add_dividend("2026-02-02", 0.55)
    stocked.now = MONDAY
    done = stocked.pull("NTR", "-v")
    added = len(FIELDS) + 1
    assert f"yahoo:NTR: changed: values {added} added, {len(SESSIONS)} revised" in done.stdout
    assert "values since 2026-01-09 were rewritten, so the whole history was asked for" in done.stdout
    factor = 1 - 0.55 / listing.bars.at[pd.Timestamp("2026-01-30"), "close"]
    assert stocked.prices("revisions", "NTR").stdout.splitlines() == [
        "yahoo:NTR, known from 2026-02-02 22:30 UTC",
        f"    adj_close: {len(SESSIONS)} revised in 2025-09-02..2026-01-30, level x{factor:.6g}; no return changed",
        "    dividend: 1 added in 2026-02-02",
    ]
    assert stocked.prices("revisions", "MOS").stdout == (
        "yahoo:MOS: nothing was rewritten in 1 pull that told something new.\n"
    )


def test_a_dividend_told_late_changes_one_return(stocked):
    bars = stocked.listing("NTR").bars["close"]
    stocked.listing("NTR").add_dividend("2025-12-31", 0.55)
    stocked.now = MONDAY
    stocked.pull("NTR", "--full")
    day, before = pd.Timestamp("2025-12-31"), pd.Timestamp("2025-12-30")
    factor = 1 - 0.55 / bars[before]
    size = 100 * (bars[day] / (bars[before] * factor) - bars[day] / bars[before])
    past = SESSIONS.get_loc(day)
    assert stocked.prices("revisions", "yahoo:NTR").stdout.splitlines()[1:] == [
        f"    adj_close: {past} revised in 2025-09-02..2025-12-30, level x{factor:.6g}; 1 return changed, the largest "
        f"by {size:+.2f} points on 2025-12-31",
        "    dividend: 1 added in 2025-12-31",
    ]
    assert stocked.prices("revisions", "NTR", "--field", "dividend").stdout.splitlines()[1:] == [
        "    dividend: 1 added in 2025-12-31"
    ]
    nothing = "yahoo:NTR: nothing was rewritten in "
    assert stocked.prices("revisions", "NTR", "--as-of", "2026-02-01").stdout.startswith(nothing + "1 pull")
    assert stocked.prices("revisions", "NTR", "--since", "2026-02-02").stdout.startswith(nothing)


def test_a_split_halves_the_past_and_no_return(stocked):
    listing = stocked.listing("NTR")
    listing.bars.loc["2026-02-02":, list(PRICES)] /= 2
    listing.add_split("2026-02-02", 2)
    stocked.now = MONDAY
    done = stocked.pull("NTR")
    assert f"{len(SESSIONS) * len(FIELDS):,} revised" in done.stdout
    told = stocked.prices("revisions", "NTR").stdout.splitlines()[1:]
    span = f"{len(SESSIONS)} revised in 2025-09-02..2026-01-30"
    assert told == [
        *(f"    {name}: {span}, level x0.5; no return changed" for name in sorted({*PRICES, "adj_close"})),
        "    split: 1 added in 2026-02-02",
        f"    volume: {span}, level x2",
    ]


def test_a_changed_close_and_a_removed_session_are_told(stocked):
    listing, day = stocked.listing("NTR"), pd.Timestamp("2025-11-14")
    old = listing.bars["close"].copy()
    listing.bars.loc[day, "close"] = new = round(old[day] * 1.01, 2)
    listing.remove("2025-12-12")
    done = stocked.pull("NTR", "--full")
    # The close and the adjusted close of one day; all that a bar has on the other.
    assert f"yahoo:NTR: changed: values 2 revised, {len(FIELDS)} withdrawn" in done.stdout
    told = stocked.prices("revisions", "NTR", "--field", "close").stdout.splitlines()
    before, after = SESSIONS[SESSIONS.get_loc(day) - 1], SESSIONS[SESSIONS.get_loc(day) + 1]
    up, down = (new - old[day]) / old[before], old[after] / new - old[after] / old[day]
    size, on = max((up, day), (down, after), key=lambda one: abs(one[0]))
    # Into and out of the changed close; into and out of the session that is gone.
    assert told[1] == (
        f"    close: 1 revised, 1 withdrawn in 2025-11-14..2025-12-12, level x{new / old[day]:.6g}; 4 returns changed, "
        f"the largest by {100 * size:+.2f} points on {on:%Y-%m-%d}"
    )
    assert pd.Timestamp("2025-12-12") not in stocked.stored("NTR").index
    assert stocked.stored("NTR", as_of=FRIDAY).index.equals(SESSIONS)


def test_revisions_of_what_is_not_there_say_what_is(stocked):
    done = stocked.prices("revisions", "NTX")
    assert done.exit_code == 2
    assert "holds no 'NTX' (did you mean 'NTR'?). It holds: yahoo:MOS, yahoo:NTR." in done.stderr
    wrong = stocked.prices("revisions", "NTR", "--field", "closes")
    assert wrong.exit_code == 2
    assert "(did you mean 'close'?)" in wrong.stderr


# ----------------------------------------------------------------------------------------------------------- status


def test_status_tells_how_far_each_series_is_behind(stocked):
    done = stocked.prices("status")
    assert done.exit_code == 0
    header = "series last expected behind next age (days) last change known from state"
    row = "2026-01-30 2026-01-30 0 2026-02-02 0 2026-01-30 22:30 current"
    end = f"2 series, 0 not current. Store: {stocked.store}"
    assert lines_of(done.stdout) == [header, f"yahoo:MOS {row}", f"yahoo:NTR {row}", end]
    stocked.now = NEXT_FRIDAY
    stocked.pull("MOS")
    late = stocked.prices("status")
    assert late.exit_code == 3
    days = len(sessions_between("XNYS", "2026-02-02", "2026-02-06"))
    row = f"2026-01-30 2026-02-06 {days} 2026-02-09 7 2026-01-30 22:30 behind"
    assert f"yahoo:NTR {row}" in lines_of(late.stdout)
    assert lines_of(late.stdout)[-1].startswith("2 series, 1 not current.")
    quiet = stocked.prices("status", "--quiet")
    assert (quiet.exit_code, quiet.stdout) == (3, "")
    assert quiet.stderr == f"2 series, 1 not current: yahoo:NTR. Store: {stocked.store}\n"


def test_status_of_one_provider(stocked, tmp_path):
    folder = write_bars(tmp_path / "mine", "NTR", until(stocked.listing("NTR").bars, FRIDAY))
    stocked.pull("--provider", "files", "--folder", folder)
    done = stocked.prices("status", "--provider", "files")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["series", "files:NTR", "1"]
    wrong = stocked.prices("status", "--provider", "file")
    assert wrong.exit_code == 2
    assert "--provider='file' is not known (did you mean 'files'?)" in wrong.stderr


@pytest.mark.parametrize("command", [["status"], ["check"], ["revisions", "NTR"], ["freeze", "one"]], ids=" ".join)
def test_without_a_store_the_commands_say_how_to_make_one(terminal, command):
    done = terminal.prices(*command)
    assert done.exit_code == 2
    assert f"there is no price store at {terminal.store}. Make one with: potash prices pull." in done.stderr
    assert done.stderr.count("\n") == 1
    assert not terminal.store.exists()


@pytest.mark.parametrize("command", [["status"], ["pull", "NTR"], ["check"]], ids=" ".join)
def test_a_file_that_is_no_store_is_refused_and_left_alone(terminal, command):
    terminal.home.mkdir(parents=True)
    terminal.store.write_text("a letter to a friend, long enough to be no empty database\n" * 99)
    before = digest(terminal.store)
    done = terminal.prices(*command)
    assert done.exit_code == 2
    assert "the file is not a SQLite database: give another with --store" in done.stderr
    assert digest(terminal.store) == before


# ---------------------------------------------------------------------------------------------- processes and help


def finish(process, seconds=60):
    """Return the exit code, output and messages of a command."""
    out, messages = process.communicate(timeout=seconds)
    return process.returncode, out, messages


def process_pull(terminal, *arguments):
    fixed = ("prices", "pull", "--pause", 0, "--since", FIRST)
    return potash_process(terminal.market.environment(), terminal.home, *fixed, *arguments)


EVERY = len(sessions_between("XNYS", FIRST, LAST))


def test_the_command_pulls_and_pulls_again(terminal):
    code, out, messages = finish(process_pull(terminal, "NTR", "MOS"))
    assert (code, messages) == (0, "")
    new = f"new: values {EVERY * len(FIELDS):,} added"
    told = [f"yahoo:NTR: {new}", f"yahoo:MOS: {new}", f"2 series: 2 new. Store: {terminal.store}"]
    assert out.splitlines() == told
    before = digest(terminal.store)
    terminal.fault("NTR", fake.UNAVAILABLE, always=True)
    code, out, messages = finish(process_pull(terminal, "NTR", "MOS", "--attempts", 1))
    assert code == 3
    fault = "query2.finance.yahoo.com/v8/finance/chart/NTR answered with an error: HTTP 503"
    assert messages.startswith(f"yahoo:NTR: failed: {fault}")
    assert out.splitlines()[0] == "yahoo:MOS: unchanged"
    assert digest(terminal.store) == before
    assert not list(terminal.home.glob("*-wal"))
    assert terminal.market.refused == []


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_a_stopped_command_goes_on_where_it_stopped(terminal, name):
    number, killed = getattr(signal, name), name == "SIGKILL"
    terminal.fault("MOS", fake.slow(60))
    # A request is not broken off by a signal that can be handled: it ends with its time-out.
    process = process_pull(terminal, "NTR", "MOS", "--timeout", 60 if killed else 1)
    deadline = time.monotonic() + 60
    while "MOS" not in terminal.charts() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    code, _, messages = finish(process)
    assert code == (-number if killed else 130)
    assert messages == ("" if killed else STOPPED)
    assert terminal.charts() == ["NTR", "MOS"]
    with PriceStore(terminal.store) as store:
        assert store.verify() == []
    assert terminal.series() == ["yahoo:NTR"]
    terminal.now = dt.datetime.now(dt.UTC)
    done = terminal.pull("NTR", "MOS")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "yahoo:NTR: unchanged"
    for symbol in ("NTR", "MOS"):
        columns = [*PRICES, "volume"]
        np.testing.assert_array_equal(terminal.stored(symbol)[columns], terminal.listing(symbol).bars[columns])
    with PriceStore(terminal.store) as store:
        assert list(store.pulls()["series"]) == ["yahoo:NTR", "yahoo:MOS"]


def test_a_ticker_that_is_not_in_the_universe_is_stored_and_told(terminal):
    terminal.yahoo.listings["NTRX"] = replace(terminal.listing("NTR"), symbol="NTRX")
    done = terminal.pull("NTRX")
    assert done.exit_code == 0
    assert "not in the universe: NTRX (did you mean 'NTR'?). Prices, checks and reports leave them out" in done.stderr
    assert terminal.series() == ["yahoo:NTRX"]


def test_a_long_wait_is_told(monkeypatch, capsys):
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)
    prices_cli._wait(1.0)
    assert capsys.readouterr().err == ""
    prices_cli._wait(30.0)
    assert capsys.readouterr().err == "waiting 30 s before asking again (Ctrl-C stops; what came is stored)\n"
    assert slept == [1.0, 30.0]


def test_a_start_in_the_future_is_refused_and_an_earlier_one_fills_the_years_before(stocked):
    done = stocked.prices("pull", "NTR", "--since", "2030-01-01")
    assert done.exit_code == 2
    assert "--since 2030-01-01 lies in the future" in done.stderr
    asked = len(stocked.charts())
    assert "up to date" in stocked.prices("pull", "NTR", "--pause", 0).stdout
    assert len(stocked.charts()) == asked, "without --since nothing before the stored history is asked for"
    assert stocked.prices("pull", "NTR", "--pause", 0, "--since", "2025-01-02").exit_code == 0
    assert len(stocked.charts()) == asked + 1
