"""The user's files as a provider: facts, spans, sessions that are not over, and files of a ticker that adjoin."""

import datetime as dt
import hashlib

import numpy as np
import pandas as pd
import pytest

from potash.errors import NoDataError, PricesError
from potash.market.own_files.price_files import ADJUSTED, NOT_STATED
from potash.market.providers.files import Files
from potash.market.pulling import pull
from potash.market.series import SeriesKey
from potash.market.store.store import PriceStore

NOW = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
FIRST, LAST = pd.Timestamp("2025-01-01"), pd.Timestamp("2025-12-31")
NTR = "date,close,adj_close,volume\n2025-01-02,50,49,10\n2025-01-03,51,50,0\n2025-01-06,52,51,\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "NTR.csv").write_text(NTR)
    (tmp_path / "wide.csv").write_text("date,MOS,CF\n2025-01-02,20,\n2025-01-03,,80\n")
    return tmp_path


def test_symbols_are_the_tickers_of_the_folder(folder):
    assert Files(folder).symbols(NOW) == ["CF", "MOS", "NTR"]
    assert Files.name == "files"


def test_an_answer_holds_the_bars_of_the_span_with_facts_and_checksum(folder):
    files = Files(folder, {"NTR": "USD", "ZZZ": "EUR"}, {"NTR": "XNYS"})
    answer = files.fetch("NTR", pd.Timestamp("2025-01-03"), LAST, NOW)
    assert answer.key == SeriesKey("files", "NTR")
    expected = {"close": [51.0, 52.0], "adj_close": [50.0, 51.0], "volume": [0.0, np.nan]}
    days = pd.DatetimeIndex(["2025-01-03", "2025-01-06"], name="session")
    pd.testing.assert_frame_equal(answer.values, pd.DataFrame(expected, days), check_index_type=False)
    assert answer.facts == {"frequency": "daily", "currency": "USD", "exchange": "XNYS", "adjustment": ADJUSTED}
    outside = ("1 rows from 2025-01-02 to 2025-01-02 lie outside 2025-01-03..2025-12-31",)
    assert (answer.first, answer.last, answer.notes) == (
        pd.Timestamp("2025-01-03"),
        pd.Timestamp("2025-01-06"),
        outside,
    )
    assert answer.source == f"file NTR.csv {hashlib.sha256(NTR.encode()).hexdigest()[:12]}"


def test_a_close_alone_has_no_stated_adjustment_and_no_currency_is_made_up(folder):
    answer = Files(folder).fetch("CF", FIRST, LAST, NOW)
    assert answer.facts == {"frequency": "daily", "adjustment": NOT_STATED}
    assert answer.values.index.tolist() == [pd.Timestamp("2025-01-03")]


def test_adjustment_speaks_of_the_ticker_and_not_of_the_file(tmp_path):
    (tmp_path / "long.csv").write_text("date,ticker,close,adj_close\n2025-01-02,MOS,9,8\n2025-01-02,NTR,5,\n")
    files = Files(tmp_path)
    stated = {ticker: files.fetch(ticker, FIRST, LAST, NOW) for ticker in ("MOS", "NTR")}
    assert {ticker: answer.facts["adjustment"] for ticker, answer in stated.items()} == {
        "MOS": ADJUSTED,
        "NTR": NOT_STATED,
    }
    assert list(stated["NTR"].values.columns) == ["close"]


def test_unknown_tickers_and_empty_spans_say_what_there_is(folder):
    with pytest.raises(NoDataError, match=r"holds 'NTT' \(did you mean 'NTR'\?\)\. Tickers there: CF, MOS, NTR"):
        Files(folder).fetch("NTT", FIRST, LAST, NOW)
    with pytest.raises(
        NoDataError, match=r"no bar in 2026-01-01\.\.2026-01-30; NTR\.csv reaches from 2025-01-02 to 2025-01-06"
    ):
        Files(folder).fetch("NTR", pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-30"), NOW)


def test_errors_of_the_folder_stay_errors_of_prices(folder):
    (folder / "bad.csv").write_text("date,close\n2025-01-02,n/a\n")
    with pytest.raises(PricesError, match=r"bad\.csv: line 2"):
        Files(folder).symbols(NOW)
    with pytest.raises(PricesError, match="no such folder"):
        Files(folder / "absent").fetch("NTR", FIRST, LAST, NOW)


# New York closed at 16:00 on these days, which is 21:00 UTC in January.
@pytest.mark.parametrize(
    ("now", "exchange", "kept"),
    [
        ("2025-01-06T20:59:00+00:00", "XNYS", 2),
        ("2025-01-06T21:00:00+00:00", "XNYS", 3),
        ("2025-01-06T16:00:00-05:00", "XNYS", 3),
        ("2025-01-06T23:59:00+00:00", None, 2),
        ("2025-01-07T00:00:00+00:00", None, 3),
        ("2025-01-07T00:00:00+00:00", "XAMM", 3),  # no calendar
    ],
)
def test_a_session_that_is_not_over_is_left_out_and_noted(folder, now, exchange, kept):
    files = Files(folder, exchanges={"NTR": exchange} if exchange else None)
    answer = files.fetch("NTR", FIRST, LAST, dt.datetime.fromisoformat(now))
    assert len(answer.values) == kept
    assert answer.notes == (() if kept == 3 else ("2025-01-06: the session is not over",))


def test_nothing_but_unfinished_sessions_is_no_data(folder):
    with pytest.raises(NoDataError, match=r"no bar in .* that was over at 2025-01-02 12:00 UTC"):
        Files(folder).fetch("NTR", FIRST, LAST, dt.datetime(2025, 1, 2, 12, tzinfo=dt.UTC))


def test_a_bar_on_a_closed_day_is_handed_on_for_the_checks_to_find(tmp_path):
    (tmp_path / "NTR.csv").write_text("date,close\n2025-01-03,50\n2025-01-04,50\n")  # a Saturday
    answer = Files(tmp_path, exchanges={"NTR": "XNYS"}).fetch("NTR", FIRST, LAST, NOW)
    assert len(answer.values) == 2


def two_files(folder, second):
    (folder / "a.csv").write_text("date,NTR\n2025-01-02,50\n2025-01-03,51\n")
    (folder / "b.csv").write_text(f"date,NTR\n{second},25\n")
    return folder


def test_two_files_apart_by_a_session_are_joined_and_both_named(tmp_path):
    files = Files(two_files(tmp_path, "2025-01-07"), exchanges={"NTR": "XNYS"})
    answer = files.fetch("NTR", FIRST, LAST, NOW)
    assert answer.values["close"].tolist() == [50.0, 51.0, 25.0]
    assert [part.split()[1] for part in answer.source.split(", ")] == ["a.csv", "b.csv"]
    late = files.fetch("NTR", pd.Timestamp("2025-01-06"), LAST, NOW)
    assert late.source.startswith("file b.csv ")
    assert "," not in late.source


@pytest.mark.parametrize(("second", "exchange"), [("2025-01-06", "XNYS"), ("2025-03-03", None), ("2025-03-03", "XAMM")])
def test_two_files_that_adjoin_or_might_are_refused(tmp_path, second, exchange):
    files = Files(two_files(tmp_path, second), exchanges={"NTR": exchange} if exchange else None)
    for last in (LAST, pd.Timestamp("2025-01-03")):
        with pytest.raises(
            PricesError, match=r"NTR: a\.csv ends 2025-01-03 and b\.csv starts .*adjusted as of different"
        ):
            files.fetch("NTR", FIRST, last, NOW)


def test_files_from_before_the_calendar_are_refused_too(tmp_path):
    (tmp_path / "a.csv").write_text("date,NTR\n1980-01-02,50\n")
    (tmp_path / "b.csv").write_text("date,NTR\n1981-01-02,50\n")
    with pytest.raises(PricesError, match="no session of a known calendar"):
        Files(tmp_path, exchanges={"NTR": "XNYS"}).fetch("NTR", pd.Timestamp("1980-01-01"), LAST, NOW)


def test_a_later_export_of_the_new_days_withdraws_nothing(tmp_path):
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    (tmp_path / "first" / "NTR.csv").write_text("date,close\n2025-01-02,50\n2025-01-03,51\n2025-01-06,52\n")
    (tmp_path / "second" / "NTR.csv").write_text("date,close\n2025-01-06,52\n2025-01-07,53\n")
    with PriceStore(tmp_path / "prices.sqlite", create=True) as store:
        for name in ("first", "second"):
            (done,) = pull(store, Files(tmp_path / name), ["NTR"], lambda: NOW)
            assert done.written.withdrawn == done.written.revised == 0
        assert store.read([SeriesKey("files", "NTR")])[SeriesKey("files", "NTR")]["close"].tolist() == [50, 51, 52, 53]
