"""The facts of the first page are those of the package: the same verdicts, the same pool, and honest where there is none."""

import json

import numpy as np
import pandas as pd
import pytest

import potash
from potash.report.desk import pool_of, set_up
from potash.report.front.answer import data_facts, front_of, security
from potash.report.front.facts import Front
from potash.report.front.words import NOTHING
from tests.report.desk.made_up import DAYS, files

FLAGSHIP = "2025-12-13-us-lifts-potash"


@pytest.fixture(scope="module")
def setting():
    return set_up(left_out=["MOS"])


@pytest.fixture(scope="module")
def pool(setting):
    return pool_of(setting)


@pytest.fixture(scope="module")
def front(setting, pool):
    return front_of(setting, pool)


def test_verdicts_are_those_of_the_study(setting, front):
    assert [event.event_id for event in front.events] == setting.newest
    for event in front.events:
        verdict = setting.verdict(event.event_id)
        for name in ("CAR", "std_error", "lower", "upper", "detectable", "beyond_market", "run_up", "holm_pvalue"):
            value = getattr(verdict, name)
            assert getattr(event, name) == (None if np.isnan(value) else value), name
        assert (event.outcome, event.firms, event.controls) == (verdict.outcome, verdict.tickers, verdict.controls)
        assert event.window == (verdict.window.start, verdict.window.end)
        assert event.sentence == verdict.sentence(event.expected)
    plain = {verdict.event_id: verdict for verdict in potash.verdicts(setting.whole)}
    event = next(event for event in front.events if event.event_id == "2022-03-02-eu-potash-ban")
    assert event.CAR == plain[event.event_id].CAR, "no firm is left out there"


def test_the_pool_is_the_one_of_the_other_pages(pool, front):
    row = pool.answer.headline
    assert (front.pool.n_events, front.pool.n_tightening, front.pool.n_relief) == (row["n_events"], 7, 2)
    assert front.pool.average == row["average"]
    assert (front.pool.lower, front.pool.upper) == (row["lower"], row["upper"])
    assert front.pool.pvalue == pool.answer.pvalue
    assert front.pool.outcome == pool.answer.outcome() == "ruled out"
    market = pool.answer.effects.query("against == 'market' and events == 'all' and window == '[0, +1]'")
    assert front.pool.beyond_market == market["average"].iloc[0]
    run_up = pool.answer.effects.query("against != 'market' and events == 'all' and window == '[-5, -1]'")
    assert front.pool.run_up == run_up["average"].iloc[0]
    assert {event.event_id for event in front.pooled_events} == set(pool.answer.events["event_id"]), (
        "an event without a remark is in the pool"
    )
    least, most = front.pool.without_event
    one = pool.answer.leave_one_out.query("kind == 'event' and against != 'market'")["randomization_pvalue"]
    assert (least.pvalue, most.pvalue) == (one.min(), one.max())
    assert [share.n_events for share in front.pool.variants] == [9, 11]


def test_the_first_page_says_the_answer_and_what_mosaic_would_change(setting, front):
    assert front.sentence == (
        "Neither supply news on average (+1.1 %) nor the relief of 2025-12-13 (−1.4 %) moved potash producers by more than 5 %."
    )
    assert front.qualification.startswith(
        "With Mosaic (MOS), left out for its own news then, the move of 2025-12-13 is −2.6 %"
    )
    newest = front.events[0]
    other = setting.other_verdict(FLAGSHIP)
    assert (newest.other.firms, newest.other.CAR, newest.other.outcome) == (other.tickers, other.CAR, other.outcome)
    assert [(news.ticker, news.left_out) for news in newest.own_news] == [("MOS", True)]


def test_every_dated_event_is_studied_or_has_a_reason(setting, front):
    assert len(front.events) + len(front.not_studied) == 18
    assert {event.event_id: event.reason for event in front.not_studied} == setting.not_studied
    assert [event.date for event in front.not_studied] == sorted((e.date for e in front.not_studied), reverse=True)
    august = next(event for event in front.events if event.event_id.startswith("2021-08-09"))
    assert dict(august.controls_left_out)["CTVA"] == "no prices then"


def test_data_are_named_with_their_holes(setting, front):
    assert front.data == data_facts(setting)
    assert (front.data.last, front.data.market.name) == ("2026-01-29", "SPDR S&P 500 ETF")
    assert [firm.name for firm in front.data.firms] == ["Nutrien", "Mosaic", "Intrepid Potash", "ICL Group"]
    assert security(setting, "ICL").holes == ("no prices from 2022-05 to 2025-06",)
    assert security(setting, "IPI").last == "2022-04-29"
    assert front.curve.n_specifications > 2_000


def test_facts_are_json_without_nan(front):
    text = json.dumps(front.to_json(), allow_nan=False)
    assert Front.from_json({**json.loads(text), "notebooks": []}) == front


def test_own_firms_that_are_no_producers_have_no_control_group(tmp_path):
    prices, events = files(tmp_path, ["CF", "DE"])
    front = front_of(set_up(prices, events))
    assert (front.data.firms_are, front.data.controls, front.events[0].controls) == ("firms", (), ())
    assert front.events[0].outcome == "effect"
    assert front.sentence.startswith("The tightening of ")
    assert front.sentence.endswith("as expected.")
    assert "moved the firms by +" in front.sentence
    assert front.qualification.startswith("Measured against SPDR S&P 500 ETF (SPY) alone")
    assert front.pool.n_events == 1
    assert not front.pool.controls


def test_without_an_expected_direction_there_is_nothing_to_pool(tmp_path):
    prices, events = files(tmp_path, ["NTR", "MOS"], direction="unclear")
    front = front_of(set_up(prices, events))
    assert (front.pool.outcome, front.pool.n_events) == ("unknown", 0)
    assert "nothing to pool" in front.pool.reason
    assert front.sentence.startswith("The event of ")
    assert front.events[0].not_pooled.startswith("no sign")


def test_where_no_event_has_prices_the_page_says_so(tmp_path):
    prices, events = files(tmp_path, ["NTR", "MOS"])
    text = events.read_text().replace(f"{DAYS[200]:%Y-%m-%d}", "2029-05-07")
    events.write_text(text)
    front = front_of(set_up(prices, events))
    assert front.sentence == NOTHING
    assert (front.events, front.curve) == ((), None)
    assert front.not_studied[0].reason.startswith("prices end")
    assert front.qualification.startswith("The newest, of 2029-05-07: prices end ")
    assert front.pool.outcome == "unknown"
    assert front.pool.reason


def test_a_missing_number_is_none(tmp_path):
    prices, events = files(tmp_path, ["NTR", "MOS"])
    frame = pd.read_csv(prices / "mine.csv", index_col="date")
    frame.iloc[201, 1:] = np.nan
    frame.to_csv(prices / "mine.csv")
    front = front_of(set_up(prices, events, window=(0, 1)))
    assert all(value is None or value == value for event in front.events for value in (event.CAR, event.std_error))
