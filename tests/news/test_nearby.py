"""News of their own that take a control out of an event's control group."""

import pandas as pd
import pytest

from potash.errors import WindowError
from potash.news.nearby import NEARBY_COLUMNS, near_each
from potash.news.timeline import CONTROLS_HIT_COLUMNS, load_timeline
from potash.sessions import Window
from potash.universe import load_universe

NEWS = "date,date_end,precision,tickers,scope,weight,after_close,title,handling,status,sources\n"
DESIGNATION = "2021-08-09-us-designates-belaruskali"


@pytest.fixture
def hit(tmp_path):
    """Return a function that says which controls the news hit near an event of Monday 2025-06-16."""

    def hit(*rows, window=(-5, 10), tickers=("CF", "DE")):
        (tmp_path / "events.csv").write_text("event_id,date\nA,2025-06-16\n")
        (tmp_path / "news.csv").write_text(NEWS + "".join(f"{row}\n" for row in rows))
        timeline = load_timeline(tmp_path / "events.csv", confounders=tmp_path / "news.csv")
        frame = timeline.controls_hit(timeline.align(list(tickers)), window)
        assert list(frame) == CONTROLS_HIT_COLUMNS
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


def test_a_window_that_is_none_is_refused(hit):
    with pytest.raises(WindowError):
        hit(row(), window=(1, 0))


def test_the_carried_controls_near_the_headline_events():
    """CF reports after the close of the designation, Deere before the invasion, and Corteva's split is told in September."""
    timeline, universe = load_timeline(), load_universe()
    controls = universe.controls(["CF", "DE", "CTVA"])
    aligned = timeline.align(controls, timeline.headline())
    impact = timeline.controls_hit(aligned, (0, 1)).drop(columns=["date", "title"])
    assert impact.to_numpy().tolist() == [[DESIGNATION, "CF", 1], ["2025-09-11-belavia-relief", "CTVA", 1]]
    every = timeline.controls_hit(aligned)
    run_up = every[every["event_id"].str.contains("invasion")]
    assert run_up[["ticker", "offset", "date"]].to_numpy().tolist() == [["DE", -3, "2022-02-18"]]
    assert "2025-12-13-us-lifts-potash" not in set(every["event_id"])


def test_a_firm_event_without_a_session_has_no_news():
    columns = ["event_id", "ticker", "exchange", "session"]
    aligned = pd.DataFrame([["A", "CF", "XNYS", pd.NaT]], columns=columns)
    frame = near_each(aligned, load_timeline().confounders.assign(own_event=""), Window(-5, 5))
    assert frame.empty
    assert list(frame) == NEARBY_COLUMNS
    assert frame["offset"].dtype == "Int64"
