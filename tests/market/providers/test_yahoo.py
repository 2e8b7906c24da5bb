"""Yahoo's bars through yfinance: values as served, every fault told by its cause, and nothing left behind."""

import datetime as dt
import json
import logging
import threading
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from potash.errors import BadAnswerError, NoDataError, ProviderError, RateLimitedError, UnreachableError
from potash.market.providers.yahoo import Yahoo
from potash.market.series import SeriesKey
from tests.support.fake_market import yahoo as fake
from tests.support.fake_market.server import FakeMarket, Reply, Request, run_python

FIRST, LAST = pd.Timestamp("2025-09-02"), pd.Timestamp("2025-12-19")
NOW = dt.datetime(2025, 12, 20, 12, 0, tzinfo=dt.UTC)
ASKED = Request(
    "query2.finance.yahoo.com",
    "/v8/finance/chart/NTR",
    {"period1": "1765756800", "period2": "1766188800", "events": "div,splits,capitalGains"},  # 15 to 20 December 2025
)


def is_chart(request):
    return request.path.startswith("/v8/finance/chart/")


def edited(change):
    """Return a fault that changes the one result of a chart."""

    def fault(normal):
        content = json.loads(normal.body)
        change(content["chart"]["result"][0])
        return replace(normal, body=json.dumps(content).encode())

    return fault


@pytest.fixture
def market():
    with FakeMarket() as market:
        yield market


@pytest.fixture
def yahoo(market):
    return fake.FakeYahoo(market, fake.random_walk("NTR", "XNYS", FIRST, LAST))


@pytest.fixture
def ntr(yahoo):
    return yahoo.listings["NTR"]


@pytest.fixture
def provider(market, yahoo):
    return Yahoo(market.session(), timeout=5, exchanges={"NTR": "XNYS"})


def pull(provider, symbol="NTR", first=FIRST, last=LAST, now=NOW):
    return provider.fetch(symbol, pd.Timestamp(first), pd.Timestamp(last), now)


# Values


def test_values_are_those_served(provider, ntr):
    ntr.add_dividend("2025-10-01", 0.545)
    ntr.add_split("2025-11-03", 3, 2)
    answer = pull(provider)
    expected = ntr.bars.assign(adj_close=ntr.adjusted_close())
    pd.testing.assert_frame_equal(
        answer.values[list(expected)], expected, check_exact=True, check_names=False, check_freq=False
    )
    assert answer.key == SeriesKey("yahoo", "NTR")
    assert answer.values["dividend"].dropna().to_dict() == {pd.Timestamp("2025-10-01"): 0.545 / 1.5}
    assert answer.values["split"].dropna().to_dict() == {pd.Timestamp("2025-11-03"): 1.5}
    assert (answer.first, answer.last, answer.notes) == (FIRST, LAST, ())


def test_facts_say_what_the_numbers_are(provider):
    answer = pull(provider)
    assert answer.facts == {
        "frequency": "daily",
        "currency": "USD",
        "unit": "per share",
        "exchange": "XNYS",
        "name": "Made-up Potash Inc.",
        "instrument": "EQUITY",
        "timezone": "America/New_York",
        "adjustment": "close: splits; adj_close: splits+dividends",
    }
    assert answer.source.startswith("yfinance ")
    assert provider.symbols(NOW) is None


def test_exchange_is_yahoos_where_the_caller_knows_none(market, yahoo):
    assert pull(Yahoo(market.session())).facts["exchange"] == "NYQ"


def test_adjusted_close_holds_a_dividend_after_the_window(provider, ntr):
    before = pull(provider, last="2025-10-31")
    ntr.add_dividend("2025-12-01", 0.55)
    after = pull(provider, last="2025-10-31")
    factor = 1 - 0.55 / ntr.bars.at[pd.Timestamp("2025-11-28"), "close"]
    np.testing.assert_allclose(after.values["adj_close"], before.values["close"] * factor, rtol=1e-15)
    pd.testing.assert_series_equal(after.values["close"], before.values["close"])
    assert after.values["dividend"].isna().all()


def test_split_rewrites_what_was_before_it(provider, ntr):
    before = pull(provider)
    ntr.add_split("2025-12-10", 2)
    after = pull(provider)
    ratio = before.values["close"] / after.values["close"]
    assert set(ratio[:"2025-12-09"]) == {2.0}
    assert set(ratio["2025-12-10":]) == {1.0}


def test_window_is_cut_at_both_ends(provider, ntr):
    ntr.add_dividend("2025-10-10", 1.0)
    ntr.add_dividend("2025-10-15", 2.0)
    answer = pull(provider, first="2025-10-11", last="2025-10-14")
    assert list(answer.values.index) == [pd.Timestamp("2025-10-13"), pd.Timestamp("2025-10-14")]
    assert answer.values["dividend"].isna().all()


def test_sunday_sessions_and_agorot(market, yahoo):
    yahoo.listings["ICL.TA"] = listing = fake.random_walk(
        "ICL.TA", "XTAE", "2025-11-02", "2025-11-27", 1800, currency="ILA", timezone="Asia/Jerusalem", opens="09:59"
    )
    answer = pull(Yahoo(market.session()), "ICL.TA", "2025-11-02", "2025-11-27")
    assert answer.facts["currency"] == "ILA"
    assert list(answer.values.index) == list(listing.bars.index)
    assert answer.values.index[0].day_name() == "Sunday"


def test_window_may_start_on_a_day_whose_midnight_is_skipped(market, yahoo):
    yahoo.listings["SQM-B.SN"] = fake.random_walk(
        "SQM-B.SN", "XSGO", "2025-09-01", "2025-09-30", currency="CLP", timezone="America/Santiago"
    )
    answer = pull(Yahoo(market.session()), "SQM-B.SN", "2025-09-07", "2025-09-12")  # clocks went forward at 00:00
    assert answer.values.index[0] == pd.Timestamp("2025-09-08")


def test_bars_stamped_an_hour_before_midnight_belong_to_the_next_day(provider, market, ntr):
    ntr.add_dividend("2025-10-06", 0.5)

    def shift(result):
        result["timestamp"] = [moment - int(10.5 * 3600) for moment in result["timestamp"]]  # 09:30 to 23:00
        for event in result.get("events", {}).get("dividends", {}).values():
            event["date"] -= int(10.5 * 3600)

    market.fault("NTR", [edited(shift)], always=True)
    answer = pull(provider)
    assert list(answer.values.index) == list(ntr.bars.index)
    assert answer.values["dividend"].dropna().to_dict() == {pd.Timestamp("2025-10-06"): 0.5}


def test_exchange_rate_has_no_volume(market, yahoo):
    listing = fake.random_walk(
        "CADUSD=X", "XNYS", FIRST, LAST, 0.72, timezone="Europe/London", opens="00:00", closes="23:59",
        instrument="CURRENCY", exchange_name="CCY", name="CAD/USD",
    )  # fmt: skip
    listing.bars["volume"] = 0.0
    yahoo.listings["CADUSD=X"] = listing
    answer = pull(Yahoo(market.session()), "CADUSD=X")
    assert "volume" not in answer.values
    assert answer.facts["unit"] == "per unit"
    assert list(answer.values["close"]) == list(listing.bars["close"]) == list(answer.values["adj_close"])
    assert list(answer.values.index) == list(listing.bars.index)  # midnight in London, summer time and winter time


def test_capital_gains_of_a_fund_are_counted_in_the_dividend(provider, ntr):
    ntr.instrument = "ETF"
    ntr.add_dividend("2025-12-12", 0.30)
    ntr.capital_gains[pd.Timestamp("2025-12-12")] = 0.20
    answer = pull(provider)
    assert answer.values["dividend"].dropna().to_dict() == {pd.Timestamp("2025-12-12"): 0.50}
    assert answer.notes == ("capital gains of 0.2 on 2025-12-12 counted in the dividend",)


def test_dividend_in_another_currency_is_left_out(provider, ntr):
    ntr.dividend_currency = "CAD"
    ntr.add_dividend("2025-12-12", 0.30)
    answer = pull(provider)
    assert answer.values["dividend"].isna().all()
    assert answer.notes == ("dividend of 0.3 CAD on 2025-12-12 left out: prices are in USD",)


def test_dividend_on_a_day_without_a_bar_keeps_its_date(provider, ntr):
    ntr.add_dividend("2025-12-12", 0.30)
    ntr.remove("2025-12-12")
    answer = pull(provider)
    assert answer.values["dividend"].dropna().to_dict() == {pd.Timestamp("2025-12-12"): 0.30}
    assert answer.values.loc["2025-12-12"].drop("dividend").isna().all()
    assert answer.notes == ("dividend or split on days without prices: 2025-12-12",)


# What is left out


def test_null_rows_become_no_rows(provider, ntr):
    ntr.blank("2025-10-06", "2025-10-07")
    ntr.remove("2025-10-09")
    answer = pull(provider)
    missing = [pd.Timestamp(day) for day in ("2025-10-06", "2025-10-07", "2025-10-09")]
    assert not set(missing) & set(answer.values.index)
    assert len(answer.values) == len(ntr.bars) - 2
    assert answer.notes == ("2 rows without any price left out: 2025-10-06, 2025-10-07",)


def test_missing_volume_is_not_zero(provider, ntr):
    ntr.bars.loc["2025-10-06", "volume"] = np.nan
    ntr.bars.loc["2025-10-07", "volume"] = 0.0
    ntr.bars.loc["2025-10-08", "close"] = np.nan
    volume = pull(provider).values["volume"]
    assert list(volume[["2025-10-06", "2025-10-07", "2025-10-08"]].isna()) == [True, False, True]


def test_repeated_and_unordered_rows_are_noted(provider, yahoo, ntr):
    def shuffle(rows):
        # yfinance asks for a row or two first, for the zone.
        return [*rows[5:], {**rows[3], "close": 1.0, "adjclose": 1.0}, *rows[:5]] if len(rows) > 5 else rows

    yahoo.shuffle = shuffle
    answer = pull(provider)
    assert list(answer.values.index) == list(ntr.bars.index)
    assert answer.values["close"].iloc[3] in {1.0, ntr.bars["close"].iloc[3]}
    assert answer.values["close"].drop(answer.values.index[3]).equals(ntr.bars["close"].drop(ntr.bars.index[3]))
    assert answer.notes == (
        "more than one row for 2025-09-05; yfinance keeps one of each",
        "rows came out of order and were sorted",
    )


LIVE = {"open": 60.0, "high": 61.0, "low": 59.0, "close": 60.5, "volume": 1000.0}


@pytest.mark.parametrize("exchanges", [{"NTR": "XNYS"}, {}, {"NTR": "XAMM"}], ids=["calendar", "hours", "no calendar"])
@pytest.mark.parametrize("twice", [True, False])
def test_bar_of_an_open_session_is_left_out(market, yahoo, ntr, exchanges, twice):
    now = dt.datetime(2025, 12, 19, 18, 0, tzinfo=dt.UTC)
    ntr.live = (pd.Timestamp(now), LIVE)
    if not twice:
        ntr.remove("2025-12-19")
    answer = pull(Yahoo(market.session(), exchanges=exchanges), now=now)
    assert answer.last == answer.values.index[-1] == pd.Timestamp("2025-12-18")
    assert answer.notes == ("left out, session not over at 2025-12-19 18:00 UTC: 2025-12-19",)
    assert 60.5 not in set(answer.values["close"])


def test_latest_trade_after_the_window_is_not_in_it(provider, ntr):
    ntr.live = (pd.Timestamp("2025-12-19 18:00", tz="UTC"), LIVE)
    answer = pull(provider, last="2025-11-28", now=dt.datetime(2025, 12, 19, 18, 0, tzinfo=dt.UTC))
    assert (answer.values.index[-1], answer.last, answer.notes) == (pd.Timestamp("2025-11-28"),) * 2 + ((),)


@pytest.mark.parametrize(("minute", "last"), [(19, "2025-12-18"), (20, "2025-12-19")])
def test_session_is_over_twenty_minutes_after_its_close(provider, ntr, minute, last):
    answer = pull(provider, now=dt.datetime(2025, 12, 19, 21, minute, tzinfo=dt.UTC))
    assert answer.last == answer.values.index[-1] == pd.Timestamp(last)


def test_calendar_knows_of_early_closes(market, yahoo):
    listing = fake.random_walk("MOS", "XNYS", "2025-12-01", "2025-12-24")  # closed at 13:00, 18:00 UTC
    yahoo.listings["MOS"] = listing
    now = dt.datetime(2025, 12, 24, 18, 30, tzinfo=dt.UTC)
    with_calendar = Yahoo(market.session(), exchanges={"MOS": "XNYS"})
    assert pull(with_calendar, "MOS", last="2025-12-24", now=now).last == pd.Timestamp("2025-12-24")
    assert pull(Yahoo(market.session()), "MOS", last="2025-12-24", now=now).last == pd.Timestamp("2025-12-23")


def test_without_calendar_and_hours_a_day_is_over_after_midnight(market, yahoo):
    market.fault("NTR", [edited(lambda result: result["meta"].pop("currentTradingPeriod"))], always=True)
    provider = Yahoo(market.session())
    evening, night = (dt.datetime(2025, 12, 20, 4, 50, tzinfo=dt.UTC), dt.datetime(2025, 12, 20, 5, 30, tzinfo=dt.UTC))
    assert pull(provider, now=evening).last == pd.Timestamp("2025-12-18")
    assert pull(provider, now=night).last == pd.Timestamp("2025-12-19")


def test_only_an_open_session_is_no_data(provider):
    with pytest.raises(NoDataError, match="session not over at 2025-12-19 18:00 UTC: 2025-12-19"):
        pull(provider, first="2025-12-19", now=dt.datetime(2025, 12, 19, 18, 0, tzinfo=dt.UTC))


def test_fund_without_adjusted_closes_gets_none(provider, market):
    market.fault("NTR", [edited(lambda result: result["indicators"].pop("adjclose"))], always=True)
    answer = pull(provider)
    assert answer.values["adj_close"].isna().all()
    assert answer.notes == ("no adjusted closes came",)


# Faults

FAULTS = {
    "too many": (fake.TOO_MANY, RateLimitedError, "fewer requests (HTTP 429)"),
    "503": (fake.UNAVAILABLE, BadAnswerError, "answered with an error: HTTP 503, text/plain"),
    "503 with JSON": (Reply(503, b'{"message":"oops"}'), BadAnswerError, "HTTP 503, application/json"),
    "html": (fake.SORRY, BadAnswerError, "an HTML page where JSON was due: HTTP 200, text/html"),
    "html in another name": (replace(fake.SORRY, content_type="application/json"), BadAnswerError, "an HTML page"),
    "truncated": (fake.truncated, BadAnswerError, "JSON that is broken at byte"),
    "empty": (Reply(), BadAnswerError, "JSON that is broken at byte 0 of 0"),
    "no result": (fake.NO_RESULT, BadAnswerError, "JSON without a chart"),
    "another JSON": (Reply(body=b"[1]"), BadAnswerError, "answered with an error: HTTP 200"),
    "dropped": (fake.DROPPED, UnreachableError, "no whole answer from query2.finance.yahoo.com/v8/finance/chart/NTR"),
    "broken off": (fake.broken_off, UnreachableError, "no whole answer"),
    "delisted": (
        fake.chart_error("Not Found", "No data found, symbol may be delisted"),
        NoDataError,
        "'No data found, symbol may be delisted' (HTTP 404)",
    ),
    "no such span": (
        fake.chart_error("Bad Request", "Data doesn't exist for startDate = 1, endDate = 2", 400),
        NoDataError,
        "Data doesn't exist for startDate = 1, endDate = 2",
    ),
    "refused": (
        fake.chart_error("Unauthorized", "Invalid Crumb", 401),
        BadAnswerError,
        "Yahoo refuses, in its words: 'Invalid Crumb' (HTTP 401)",
    ),
    "no currency": (edited(lambda r: r["meta"].pop("currency")), BadAnswerError, "cannot read what came: KeyError"),
    "no zone": (edited(lambda r: r["meta"].pop("exchangeTimezoneName")), BadAnswerError, "exchangeTimezoneName"),
    "no times": (edited(lambda r: r.pop("timestamp")), BadAnswerError, "KeyError('timestamp')"),
    "short column": (edited(lambda r: r["indicators"]["quote"][0]["close"].pop()), BadAnswerError, "ValueError"),
    "words": (edited(lambda r: r["indicators"]["quote"][0]["close"].append("x")), BadAnswerError, "Error"),
    "no volumes": (edited(lambda r: r["indicators"]["quote"][0].pop("volume")), BadAnswerError, "KeyError('volume')"),
    "split by nothing": (
        edited(lambda r: r.update(events={"splits": {"1": {"date": r["timestamp"][0], "numerator": 1, "denominator": 0}}})),
        BadAnswerError,
        "ZeroDivisionError",
    ),
    "infinite": (
        edited(lambda r: r["indicators"]["quote"][0]["high"].__setitem__(0, float("inf"))),
        BadAnswerError,
        "values must be finite",
    ),
    "nulls only": (
        edited(lambda r: [column.__setitem__(slice(None), [None] * len(column)) for column in (
            *r["indicators"]["quote"][0].values(), r["indicators"]["adjclose"][0]["adjclose"])]),
        NoDataError,
        "rows without any price left out",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_told_by_its_cause_and_is_gone_with_it(provider, market, ntr, name):
    fault, kind, words = FAULTS[name]
    market.fault("NTR", [fault], always=True)
    with pytest.raises(kind) as caught:
        pull(provider)
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert str(caught.value).startswith("yahoo:NTR: ")
    market.clear_faults()
    assert len(pull(provider).values) == len(ntr.bars)  # the same provider, the same process, the same past window


def places(node, path=()):
    """Return the paths of all parts of a JSON value, the first entry of each list only."""
    items = node.items() if isinstance(node, dict) else enumerate(node[:1]) if isinstance(node, list) else ()
    return [path] * bool(path) + [place for key, part in items for place in places(part, (*path, key))]


@pytest.mark.parametrize("junk", [None, "x", [], {}, [None], -1, 1e300], ids=repr)
def test_no_other_error_gets_out_whatever_part_is_junk(market, junk):
    listing = fake.random_walk("NTR", "XNYS", "2025-12-15", "2025-12-19")
    listing.add_dividend("2025-12-17", 0.5)
    listing.add_split("2025-12-18", 2)
    whole = json.loads(fake.FakeYahoo(market, listing).answer(ASKED).body)
    provider = Yahoo(market.session())
    errors = 0
    for *parents, last in places(whole):
        content = json.loads(json.dumps(whole))
        node = content
        for key in parents:
            node = node[key]
        node[last] = junk
        market.fault("NTR", [Reply(body=json.dumps(content).encode())], always=True)
        try:
            answer = pull(provider, first="2025-12-15")
        except ProviderError:
            errors += 1
        else:
            assert len(answer.values) in {4, 5}
        market.clear_faults()
    assert errors >= 10


@pytest.mark.parametrize("fault", [fake.UNAVAILABLE, fake.SORRY, fake.NO_RESULT], ids=["503", "html", "no result"])
def test_bad_answer_about_a_past_window_is_not_given_again(provider, market, fault):
    pull(provider)  # the zone is known from here on, so that the fault meets the request for prices
    market.fault(lambda request: "period1" in request.query, [fault], always=True)
    with pytest.raises(BadAnswerError):
        pull(provider)
    market.clear_faults()
    pull(provider)
    assert any("period1" in request.query for request in market.requests)


def test_unknown_symbol(provider):
    with pytest.raises(NoDataError, match=r"symbol may be delisted.*Check the ticker"):
        pull(provider, "NOPE")


def test_delisted_symbol(provider, ntr):
    pull(provider)
    ntr.delisted = True
    with pytest.raises(NoDataError, match="may be delisted"):
        pull(provider)


def test_renamed_symbol_names_the_new_one(provider, yahoo, ntr):
    yahoo.rename("NTR", "NTRX")
    with pytest.raises(NoDataError, match=r"in the name of NTRX.*Replace NTR by NTRX in the universe"):
        pull(provider)
    assert len(pull(provider, "NTRX").values) == len(ntr.bars)


def test_span_before_the_first_trade(provider):
    with pytest.raises(NoDataError, match="Data doesn't exist"):
        pull(provider, first="2001-01-02", last="2001-02-01")


def test_span_without_sessions(provider):
    with pytest.raises(NoDataError, match=r"no (bar|price) in 2025-11-01\.\.2025-11-02"):
        pull(provider, first="2025-11-01", last="2025-11-02")


@pytest.mark.parametrize("slow", [is_chart, lambda request: True], ids=["chart", "everything"])
def test_time_out_is_ours(market, yahoo, slow):
    market.fault(slow, [fake.slow(3)], always=True)
    provider = Yahoo(market.session(), timeout=0.5)
    began = time.monotonic()
    with pytest.raises(UnreachableError, match="Timeout"):
        pull(provider)
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/", fake.DROPPED),
        ("/", fake.UNAVAILABLE),
        ("/v1/test/getcrumb", fake.TOO_MANY),
        ("/v1/test/getcrumb", fake.DROPPED),
        ("/v1/test/getcrumb", fake.UNAVAILABLE),
        ("/v1/test/getcrumb", fake.SORRY),
    ],
)
def test_cookie_or_crumb_that_fails_does_not_stop_the_prices(provider, market, ntr, path, fault):
    market.fault(lambda request: request.path == path, [fault], always=True)
    assert len(pull(provider).values) == len(ntr.bars)
    assert any(request.path == path for request in market.requests)


def test_consent_page_that_yfinance_cannot_read_does_not_stop_the_prices(provider, market, ntr):
    market.fault(lambda r: r.path.endswith("getcrumb"), [Reply(body=b"<html>", content_type="text/html")], always=True)
    page = Reply(body=b'<html><input name="csrfToken" value="1"></html>', content_type="text/html")
    market.fault(lambda r: r.host == "guce.yahoo.com", [page], always=True)
    assert len(pull(provider).values) == len(ntr.bars)
    assert any(request.host == "guce.yahoo.com" for request in market.requests)


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_new_session_asks_for_a_crumb(provider, market, time):
    """Whatever ran before in this process: the tests of failing cookies rest on it."""
    pull(provider)
    assert any(request.path.endswith("getcrumb") for request in market.requests)


def test_no_network_is_unreachable(monkeypatch):
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UnreachableError, match=r"no whole answer from query2\.finance\.yahoo\.com"):
        pull(Yahoo(timeout=5))


# What is left behind


def test_two_providers_in_one_process_do_not_meet():
    with FakeMarket() as here, FakeMarket() as there:
        listings = [fake.random_walk("NTR", "XNYS", FIRST, LAST, price) for price in (50, 500)]
        fake.FakeYahoo(here, listings[0])
        fake.FakeYahoo(there, listings[1])
        providers = [Yahoo(here.session(), timeout=10), Yahoo(there.session(), timeout=10)]
        pulled: list[tuple[int, float]] = []

        def work(which):
            pulled.extend((which, pull(providers[which]).values["close"].iloc[0]) for _ in range(3))

        threads = [threading.Thread(target=work, args=(which,)) for which in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(pulled) == [(which, listings[which].bars["close"].iloc[0]) for which in (0, 0, 0, 1, 1, 1)]


def test_crumb_of_one_provider_is_not_given_to_the_host_of_another():
    for crumb in ("one", "two"):
        with FakeMarket() as market:
            fake.FakeYahoo(market, fake.random_walk("NTR", "XNYS", FIRST, LAST)).crumb = crumb
            pull(Yahoo(market.session()))
            assert {request.query.get("crumb") for request in market.requests if is_chart(request)} == {crumb}


def test_crumb_is_fetched_once_for_several_pulls(provider, market, ntr):
    pull(provider)
    pull(provider)
    assert [request.path for request in market.requests].count("/v1/test/getcrumb") == 1


def test_yfinance_is_as_it_was(provider, market):
    import yfinance
    from yfinance.data import YfData

    def settings():
        shared = YfData()
        return (
            shared._session, shared._cookie, shared._crumb, shared._cookie_strategy,
            yfinance.config.debug.hide_exceptions, yfinance.config.network.retries, logging.getLogger("yfinance").disabled,
        )  # fmt: skip

    before = settings()
    pull(provider)
    assert settings() == before
    market.fault("NTR", [fake.UNAVAILABLE], always=True)
    with pytest.raises(BadAnswerError):
        pull(provider)
    assert settings() == before


SCRIPT = """
import datetime as dt, sys
import pandas as pd
from potash.errors import ProviderError
from potash.market.providers.yahoo import Yahoo
assert not {"yfinance", "curl_cffi"} & set(sys.modules)
now = dt.datetime(2025, 12, 20, tzinfo=dt.UTC)
for ticker, expected in {"NTR": "none", "MOS": "BadAnswerError", "CF": "RateLimitedError"}.items():
    outcome = "none"
    try:
        Yahoo(timeout=10).fetch(ticker, pd.Timestamp("2025-09-02"), pd.Timestamp("2025-12-19"), now)
    except ProviderError as error:
        outcome = type(error).__name__
    assert outcome == expected, (ticker, outcome)
"""


@pytest.mark.parametrize("cookie", [True, False], ids=["cookie", "no cookie"])
def test_nothing_is_printed_and_heavy_imports_wait(market, yahoo, cookie):
    market.fault("MOS", [fake.UNAVAILABLE], always=True)
    market.fault("CF", [fake.TOO_MANY], always=True)
    if not cookie:
        market.fault(lambda request: not is_chart(request), [fake.DROPPED], always=True)
    done = run_python(market, SCRIPT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert any(is_chart(request) for request in market.requests)
