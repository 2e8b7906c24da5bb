"""The study behind the pages: its firms, controls and events follow from the universe and the timeline."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError, NoUsableEventsError, StoreError, WindowError
from potash.report.desk import set_up
from tests.report.desk.made_up import files

FLAGSHIP = "2025-12-13-us-lifts-potash"


@pytest.fixture(scope="module")
def carried():
    return set_up(left_out=["MOS"])


def test_the_carried_study_pools_producers_against_names_without_potash(carried):
    assert carried.firms == ("NTR", "MOS", "IPI", "ICL")
    assert carried.beside == ("SQM", "CF", "DE", "CTVA")
    assert carried.controls == ("CF", "DE", "CTVA")
    assert (carried.market, carried.pool, carried.remarks) == ("SPY", "potash producers", [])
    assert [event[:10] for event in carried.newest[:3]] == ["2025-12-13", "2025-12-11", "2025-12-08"]
    assert (len(carried.newest), carried.newest[-1]) == (14, "2021-06-24-eu-sectoral-sanctions")
    assert set(carried.newest) <= set(carried.dated) == set(carried.events)
    assert carried.title(FLAGSHIP).endswith("(2025-12-13)")


def test_controls_with_major_news_on_the_days_of_a_verdict_or_without_prices_take_no_part(carried):
    assert carried.controls_of(FLAGSHIP) == ("CF", "DE", "CTVA")
    assert carried.controls_of("2022-02-24-invasion-of-ukraine") == ("CF", "DE"), (
        "Deere's results came three sessions before"
    )
    august = "2021-08-09-us-designates-belaruskali"
    assert carried.controls_of(august) == ("DE",)
    out = carried.controls_left_out(august).set_index("ticker")
    assert out["title"].to_dict() == {"CF": "CF reports its second quarter after the close", "CTVA": "no prices then"}
    assert out.at["CF", "offset"] == 1


def test_news_of_a_control_outside_day_0_and_the_next_session_leaves_it_in(carried):
    group = carried.control_group(["2024-11-04-output-cut-idea", "2025-09-11-belavia-relief"])
    assert group.of_event("2024-11-04-output-cut-idea") == ("CF", "DE", "CTVA"), "news two before and three after"
    assert group.of_event("2025-09-11-belavia-relief") == ("CF", "DE")


def test_dated_events_are_those_with_a_single_day(carried):
    assert "2022-03-02-eu-potash-ban" in carried.dated
    kept = carried.timeline.events.loc[carried.dated]
    assert set(kept["precision"]) <= {"day", "time"}
    assert set(kept["relevance"]) == {"headline", "market"}


def test_news_of_single_firms_by_weight(carried):
    every = carried.own_news(FLAGSHIP, (-5, 10), ["NTR", "MOS", "CF"])
    major = carried.own_news(FLAGSHIP, (-5, 10), ["NTR", "MOS", "CF"], "major")
    assert set(major["weight"]) == {"major"}
    assert len(every) > len(major) > 0
    assert every["offset"].between(-5, 10).all()


def test_firms_with_news_of_their_own_may_be_left_out_of_an_event(carried):
    clean = carried.study(carried.firms, [FLAGSHIP], own_news=False)
    assert "MOS" not in set(clean.events["ticker"])
    assert {"NTR", "ICL"} <= set(clean.events["ticker"])
    assert set(carried.study(carried.firms, [FLAGSHIP]).events["ticker"]) == set(carried.firms)


def test_ordinary_days_keep_clear_of_events_that_are_not_studied(carried):
    days = carried.whole.ordinary_days(FLAGSHIP).sessions
    for day in ("2021-12-02", "2022-01-12", "2025-12-08"):
        offsets = np.abs(carried.returns.index.get_indexer(days) - carried.returns.index.get_loc(pd.Timestamp(day)))
        assert offsets.min() > 4
    plain = potash.EventStudy(
        carried.returns[list(carried.firms)], carried.timeline.align(carried.firms, carried.timeline.headline()),
        returns_kind="log", model=potash.MarketModel(carried.returns["SPY"]), event_window=(-5, 10),
    )  # fmt: skip
    assert len(plain.ordinary_days(FLAGSHIP).sessions) > len(days)


def test_the_verdict_that_counts_leaves_out_a_firm_with_news_of_its_own(carried):
    assert carried.verdict(FLAGSHIP).tickers == ("NTR", "ICL")
    assert carried.other_verdict(FLAGSHIP).tickers == ("NTR", "MOS", "ICL")
    assert carried.counting(FLAGSHIP) is carried.part
    september = "2025-09-11-belavia-relief"
    assert carried.verdict(september).tickers == ("NTR", "MOS")
    assert carried.other_verdict(september).tickers == ("NTR",)
    assert carried.counting(september) is carried.whole


def test_every_event_that_is_not_studied_has_its_reason_in_words(carried):
    assert carried.not_studied == {
        "2026-03-19-us-to-delist-belaruskali": "prices end 2026-01-29",
        "2026-02-26-eu-extends-sanctions": "prices end 2026-01-29",
        "2024-11-04-output-cut-idea": "too few prices before it: NTR and MOS (from 2024-08 on); no prices then: "
        "IPI (last 2022-04), ICL (none from 2022-05 to 2025-06)",
        "2013-07-30-uralkali-leaves-bpc": "prices begin 2020-07",
    }
    timeline = carried.timeline.with_relevance("headline", "market")
    assert sorted([*carried.newest, *carried.not_studied]) == sorted(timeline)


@pytest.mark.parametrize("left_out", [(), ("IPI",), ("NTR", "MOS", "IPI", "ICL")])
def test_nobody_or_everybody_left_out_leaves_one_portfolio(left_out):
    setting = set_up(left_out=left_out, events=[FLAGSHIP])
    assert setting.part is None or left_out == ("IPI",), "no prices of IPI then"
    assert setting.other_verdict(FLAGSHIP) is None
    assert setting.verdict(FLAGSHIP).tickers == ("NTR", "MOS", "ICL")


def test_a_part_that_cannot_be_studied_is_none(tmp_path):
    prices, events = files(tmp_path, ["NTR", "MOS"], short="NTR")
    setting = set_up(prices, events, left_out=["MOS"])
    assert setting.part is None
    assert setting.verdict("planted").tickers == ("MOS",)


def test_without_producers_all_are_pooled_and_there_is_no_control(tmp_path):
    setting = set_up(*files(tmp_path, ["CF", "DE"]))
    assert (setting.firms, setting.beside, setting.controls) == (("CF", "DE"), (), ())
    assert setting.pool == "firms"
    assert "None of these securities has the role of a potash producer" in setting.remarks[0]
    assert setting.verdict("planted").outcome == "effect"
    assert setting.controls_left_out("planted").empty


def test_without_controls_the_market_alone_is_left(tmp_path):
    setting = set_up(*files(tmp_path, ["NTR"]))
    assert setting.controls == ()
    assert setting.day_zero("planted") == setting.whole.fit().events["session"].iloc[0]
    assert "measured against the market alone" in setting.remarks[0]
    assert setting.verdict("planted").controls == ()


def test_currencies_are_told(tmp_path):
    setting = set_up(*files(tmp_path, ["NTR", "NTR.TO", "CF"]))
    assert setting.firms == ("NTR",), "two listings are one firm"
    assert "in the currency of each listing (CAD, USD)" in setting.remarks[-1]


def test_prices_of_the_market_alone_are_refused(tmp_path):
    prices, events = files(tmp_path, ["NTR"])
    frame = pd.read_csv(prices / "mine.csv")
    frame[["date", "SPY"]].to_csv(prices / "mine.csv", index=False)
    with pytest.raises(InputError, match="the prices hold SPY alone, and a study needs a firm beside the market"):
        set_up(prices, events)


def test_simple_returns(tmp_path):
    prices, events = files(tmp_path, ["NTR"])
    simple, log = (set_up(prices, events, returns_kind=kind).returns for kind in ("simple", "log"))
    np.testing.assert_allclose(np.log1p(simple["NTR"]), log["NTR"])


def test_equal_choices_give_the_same_setting_until_a_file_changes(tmp_path):
    prices, events = files(tmp_path, ["NTR", "MOS"])
    first = set_up(prices, events, firms=["NTR"], event_window=[-5, 10])
    assert set_up(str(prices), events, firms=("NTR",)) is first
    assert set_up(prices, events, firms=["MOS"]) is not first
    frame = pd.read_csv(prices / "mine.csv")
    frame.assign(NTR=frame["NTR"] * 2).to_csv(prices / "mine.csv", index=False)
    assert set_up(prices, events, firms=["NTR"]).prices["NTR"].iloc[0] == 2 * first.prices["NTR"].iloc[0]


def test_the_asked_for_question():
    """Two firms against another benchmark, one control, three sessions, and 250 days of estimation."""
    setting = set_up(
        events=[FLAGSHIP],
        firms=["NTR", "MOS"],
        market="DE",
        controls=["CF"],
        window=[-1, 1],
        estimation_window=[-260, -11],
    )
    by_hand = potash.EventStudy(
        setting.returns[["NTR", "MOS"]], setting.timeline.align(["NTR", "MOS"], [FLAGSHIP]), returns_kind="log",
        model=potash.MarketModel(setting.returns["DE"]), event_window=(-5, 10), estimation_window=(-260, -11),
        controls=setting.returns[["CF"]],
        other_events=setting.timeline.align(
            ["NTR", "MOS"], [e for e in setting.timeline.with_relevance("headline", "market") if e != FLAGSHIP]
        ),
    )  # fmt: skip
    expected, stated = potash.verdicts(by_hand, (-1, 1))[0], setting.verdict(FLAGSHIP)
    assert stated == expected
    assert stated.window == potash.Window(-1, 1)
    assert (setting.newest, setting.not_studied) == ([FLAGSHIP], {})


def test_a_verdict_on_one_event_alone_is_the_same_and_not_corrected_for_others(carried):
    alone, among = carried.of_event(FLAGSHIP).verdict(FLAGSHIP), carried.verdict(FLAGSHIP)
    assert (alone.n_verdicts, among.n_verdicts) == (1, 14)
    assert alone.CAR == among.CAR
    assert alone.pvalues == among.pvalues
    assert alone.holm_pvalue < among.holm_pvalue
    august = "2021-08-09-us-designates-belaruskali"
    assert carried.of_event(august).other_verdict(august).tickers == carried.other_verdict(august).tickers


def test_windows_longer_than_the_prices_are_refused():
    with pytest.raises(
        WindowError, match=r"\[-2000, -11\] and .* span 2011 sessions, and the prices hold 1402 \(2020-07-01 to"
    ):
        set_up(estimation_window=[-2000, -11])
    with pytest.raises(NoUsableEventsError, match=r"none of the \d+ firm-events can be studied"):
        set_up(estimation_window=[-1391, -11]).newest  # noqa: B018


def test_named_firms_and_no_controls_are_told():
    setting = set_up(events=[FLAGSHIP], firms=["NTR", "CF"], controls=[])
    assert (setting.pool, setting.controls_of(FLAGSHIP)) == ("firms", ())
    assert setting.remarks == ["No control group was chosen, so returns are measured against the market alone."]
    assert repr(setting) == "<Setting: NTR and CF against SPY, 1 event>"


def test_events_named_are_all_that_is_pooled_and_explained():
    setting = set_up(events=["2013-07-30-uralkali-leaves-bpc", FLAGSHIP])
    assert setting.not_studied == {"2013-07-30-uralkali-leaves-bpc": "prices begin 2020-07"}
    assert set(potash.desk.pool_of(setting).answer.events["event_id"]) == {FLAGSHIP}


def test_prices_as_of_a_day_come_from_the_store(tmp_path, monkeypatch):
    monkeypatch.setenv("POTASH_STORE", str(tmp_path / "none.sqlite"))
    with pytest.raises(StoreError, match=r"none\.sqlite"):
        set_up(as_of="2026-01-05")
