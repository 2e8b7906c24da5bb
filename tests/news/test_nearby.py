"""Other news near a firm-event, in sessions from its day 0, and which of it takes a control out of the control group."""

import pandas as pd
import pytest

from potash.errors import PotashError
from potash.news.nearby import NEARBY_COLUMNS, near_each
from potash.news.timeline import CONTROLS_HIT_COLUMNS, load_timeline
from potash.sessions import Window
from potash.universe import load_universe

FLAGSHIP = "2025-12-13-us-lifts-potash"
NEWS = "date,date_end,precision,tickers,scope,weight,after_close,title,note,status,sources\n"
DESIGNATION = "2021-08-09-us-designates-belaruskali"


def told(news: pd.DataFrame, ticker: str, words: str) -> list[object]:
    """Return the offsets of the news of a ticker whose title holds the words."""
    found = news[(news["ticker"] == ticker) & news["title"].str.contains(words, regex=False)]
    return [None if pd.isna(offset) else int(offset) for offset in found["offset"]]


# Other news


@pytest.fixture(scope="module")
def flagship_news(timeline):
    return timeline.other_news(timeline.align(["NTR", "MOS", "CF", "ICL.TA", "APOT.AM"], [FLAGSHIP]))


def test_news_of_mosaic_are_not_news_of_nutrien(flagship_news):
    assert told(flagship_news, "MOS", "Death at Mosaic's K3 mine") == [0]
    assert told(flagship_news, "MOS", "Mosaic idles SSP") == [1]
    assert told(flagship_news, "NTR", "Mosaic") == []
    assert told(flagship_news, "CF", "Mosaic") == []


def test_sector_news_are_news_of_every_firm_counted_in_its_own_sessions(flagship_news):
    assert told(flagship_news, "NTR", "Drones hit") == [-2]
    assert told(flagship_news, "MOS", "Drones hit") == [-2]
    assert told(flagship_news, "ICL.TA", "Drones hit") == [-1]  # Thursday; day 0 is Sunday in Tel Aviv
    assert told(flagship_news, "NTR", "General License 13") == [0]
    assert told(flagship_news, "ICL.TA", "General License 13") == [1]


def test_news_without_a_day_have_no_offset(flagship_news):
    assert told(flagship_news, "NTR", "US export terminal") == [None]
    assert told(flagship_news, "NTR", "Profertil sale pending") == [None]
    assert told(flagship_news, "ICL.TA", "ICL buys Bartek") == [None]
    row = flagship_news[flagship_news["title"].str.startswith("Profertil sale")].iloc[0]
    assert row["date"] == "2025-12-01 to 2025-12-31"


def test_securities_without_a_day_0_have_no_news(flagship_news):
    assert "APOT.AM" not in set(flagship_news["ticker"])


def test_news_lie_in_the_window_and_in_order(flagship_news):
    assert flagship_news["offset"].dropna().between(-10, 10).all()
    for _, news in flagship_news.groupby("ticker"):
        assert news["offset"].dropna().is_monotonic_increasing
    assert told(flagship_news, "CF", "CIBC starts coverage") == [-9]
    assert told(flagship_news, "NTR", "trades without its dividend") == []  # day +11


@pytest.mark.parametrize(("window", "titles"), [((1, 1), ["Mosaic idles"]), ((2, 2), []), ((-2, -2), ["Drones hit"])])
def test_the_window_holds_both_ends(timeline, window, titles):
    news = timeline.other_news(timeline.align(["MOS"], [FLAGSHIP]), window)
    assert [title[: len(wanted)] for title, wanted in zip(news["title"], titles, strict=True)] == titles


def test_news_of_a_weekend_count_for_the_next_session(timeline):
    news = timeline.other_news(timeline.align(["SQM"], [FLAGSHIP]))
    assert told(news, "SQM", "Kast wins") == [0]


def test_other_events_of_the_timeline_are_news(timeline):
    news = timeline.other_news(timeline.align(["NTR"], ["2022-02-24-invasion-of-ukraine"]))
    assert told(news, "NTR", "force majeure") == [-4]
    assert told(news, "NTR", "EU bans all Belarusian potash") == [4]
    later = timeline.other_news(timeline.align(["NTR"], ["2022-04-08-eu-fifth-package"]), (-31, 0))
    assert told(later, "NTR", "Russia invades Ukraine") == [-31]


def test_events_that_both_files_tell_stand_once(timeline):
    news = timeline.other_news(timeline.align(["NTR", "MOS"]))
    assert not news.duplicated(["event_id", "ticker", "title"]).any()
    flagship = news[(news["event_id"] == FLAGSHIP) & (news["ticker"] == "NTR")]
    assert told(flagship, "NTR", "Canadian fertilizer") == [-5]
    assert told(flagship, "NTR", "Drones") == [-2]
    assert told(news[news["event_id"] == "2022-02-24-invasion-of-ukraine"], "MOS", "force majeure") == [-4]


@pytest.mark.parametrize(
    ("event_id", "words"),
    [
        (FLAGSHIP, "announces relief from potash sanctions"),
        ("2022-02-17-force-majeure", "force majeure"),
        ("2022-03-02-eu-potash-ban", "EU bans all Belarusian potash"),
        ("2025-12-08-canada-tariff-threat", "Canadian fertilizer"),
        ("2025-12-11-drones-acron-dorogobuzh", "Drones"),
    ],
)
def test_an_event_is_no_news_to_itself(timeline, event_id, words):
    """Also where the confounders tell it in words of their own."""
    assert told(timeline.other_news(timeline.align(["NTR"], [event_id])), "NTR", words) == []


def test_a_sector_row_for_some_firms_hides_no_event_from_the_others(timeline):
    """The confounders tell the tariff threat of NTR, MOS and IPI only; for CF it stands in the timeline."""
    assert told(timeline.other_news(timeline.align(["CF"], [FLAGSHIP])), "CF", "Canadian fertilizer") == [-5]


def test_sector_news_hide_no_other_event_of_the_same_day(own):
    confounders = NEWS + "2025-12-11,,day,all,sector,major,no,Drones hit a plant,,,drone-source\n"
    timeline = own("event_id,date,title\nA,2025-12-11,A strike in Chile\nB,2025-12-12,\n", confounders=confounders)
    news = timeline.other_news(timeline.align(["NTR"], ["B"]))
    assert told(news, "NTR", "A strike in Chile") == [-1]
    assert told(news, "NTR", "Drones") == [-1]


def test_other_news_near_the_end_of_a_calendar(own):
    """Shanghai's calendar ends in December 2026; the search must stop there and not fail."""
    timeline = own("event_id,date\nA,2026-12-10\nB,2026-12-11\n")
    assert told(timeline.other_news(timeline.align(["000792.SZ"], ["A"])), "000792.SZ", "B") == [1]


@pytest.mark.parametrize("window", [(10, -10), (-1.5, 1), (0,)])
def test_a_window_that_is_none_is_refused(timeline, window):
    with pytest.raises(PotashError, match="window"):
        timeline.other_news(timeline.align(["NTR"], [FLAGSHIP]), window)
    with pytest.raises(PotashError, match="window"):
        timeline.controls_hit(timeline.align(["CF"], [FLAGSHIP]), window)


def test_a_window_object_is_taken(timeline):
    aligned = timeline.align(["NTR"], [FLAGSHIP])
    pd.testing.assert_frame_equal(timeline.other_news(aligned, Window(-2, 0)), timeline.other_news(aligned, (-2, 0)))


def test_news_after_the_close_belongs_to_the_next_session(timeline):
    news = timeline.other_news(timeline.align(["NTR", "CF"], ["2021-08-09-us-designates-belaruskali"]), (-2, 2))
    results = news[news["title"].str.contains("after the close")].set_index("ticker")
    assert results["offset"].to_dict() == {"CF": 1, "NTR": 1}


# Controls that are hit


@pytest.fixture
def hit(tmp_path):
    """Return a function that says which controls the news hit near an event of Monday 2025-06-16."""

    def hit(*rows, window=(-5, 10), tickers=("DE", "CF")):
        (tmp_path / "events.csv").write_text("event_id,date\nA,2025-06-16\n")
        (tmp_path / "news.csv").write_text(NEWS + "".join(f"{row}\n" for row in rows))
        timeline = load_timeline(tmp_path / "events.csv", confounders=tmp_path / "news.csv")
        frame = timeline.controls_hit(timeline.align(list(tickers)), window)
        assert list(frame) == CONTROLS_HIT_COLUMNS
        assert frame.index.tolist() == list(range(len(frame)))
        return [(t, None if pd.isna(o) else int(o)) for t, o in frame[["ticker", "offset"]].itertuples(index=False)]

    return hit


def row(date="2025-06-17", tickers="CF", scope="firm", weight="major", after="no", end="", precision="day"):
    return f"{date},{end},{precision},{tickers},{scope},{weight},{after},results,,verified,page"


def test_major_news_of_the_firm_hit_it_and_no_other(hit):
    assert hit(row()) == [("CF", 1)]
    assert hit(row(tickers="CF;DE")) == [("CF", 1), ("DE", 1)]
    assert hit(row(tickers="NTR")) == []


@pytest.mark.parametrize("kind", [{"weight": "minor"}, {"scope": "sector"}, {"scope": "market"}])
def test_minor_news_and_news_of_the_sector_hit_none(hit, kind):
    assert hit(row(**kind)) == []
    assert hit(row(tickers="all", **kind)) == []


@pytest.mark.parametrize(
    ("date", "after", "offset"),
    [
        ("2025-06-09", "no", -5),
        ("2025-06-06", "yes", -5),
        ("2025-07-01", "no", 10),
        ("2025-06-30", "yes", 10),
        ("2025-06-06", "no", None),
        ("2025-07-01", "yes", None),
    ],
)
def test_the_window_holds_both_ends_in_the_session_first_traded(hit, date, after, offset):
    assert hit(row(date, after=after)) == ([] if offset is None else [("CF", offset)])
    if offset is not None:
        assert hit(row(date, after=after), window=(offset, offset)) == [("CF", offset)]
        assert hit(row(date, after=after), window=(0, 0)) == []


def test_news_without_a_day_hit_where_a_day_of_theirs_could_lie_in_the_window(hit):
    assert hit(row("2025-06", precision="month")) == [("CF", None)]
    assert hit(row("2025-05", precision="month"), window=(0, 1)) == []
    assert hit(row("2025-06-10", end="2025-06-16", precision="range"), window=(0, 1)) == [("CF", None)]


def test_the_carried_controls_near_the_headline_events(timeline):
    """CF reports after the close of the designation, Deere before the invasion, and Corteva's split is told in September."""
    controls = load_universe().controls(["CF", "DE", "CTVA"])
    aligned = timeline.align(controls, timeline.headline())
    impact = timeline.controls_hit(aligned, (0, 1)).drop(columns=["date", "title"])
    assert impact.index.tolist() == [0, 1]
    assert impact.to_numpy().tolist() == [[DESIGNATION, "CF", 1], ["2025-09-11-belavia-relief", "CTVA", 1]]
    every = timeline.controls_hit(aligned)
    run_up = every[every["event_id"].str.contains("invasion")]
    assert run_up[["ticker", "offset", "date"]].to_numpy().tolist() == [
        ["CF", -5, "2022-02-15"],
        ["DE", -3, "2022-02-18"],
    ]
    assert set(timeline.controls_hit(aligned, (0, 10))["event_id"]) == {DESIGNATION, "2025-09-11-belavia-relief"}
    assert "2025-12-13-us-lifts-potash" not in set(every["event_id"])


def test_a_firm_event_without_a_session_has_no_news():
    columns = ["event_id", "ticker", "exchange", "session"]
    aligned = pd.DataFrame([["A", "CF", "XNYS", pd.NaT]], columns=columns)
    frame = near_each(aligned, load_timeline().confounders.assign(timeline_event=""), Window(-5, 5))
    assert frame.empty
    assert list(frame) == NEARBY_COLUMNS
    assert frame["offset"].dtype == "Int64"
