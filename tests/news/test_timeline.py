"""The timeline: day 0 of each event and security, where articles disagree, and other news near an event."""

import csv

import pandas as pd
import pytest

from potash.bundled import data_dir
from potash.errors import EventsError, UniverseError
from potash.news.timeline import ALIGNED_COLUMNS, load_timeline
from potash.universe import Universe, load_universe

FLAGSHIP = "2025-12-13-us-lifts-potash"
DESIGNATION = "2021-08-09-us-designates-belaruskali"
HEADLINES = [DESIGNATION, "2022-02-24-invasion-of-ukraine", "2025-09-11-belavia-relief", FLAGSHIP]


def day(value: object) -> str:
    return "" if pd.isna(value) else str(pd.Timestamp(value).date())


def told(news: pd.DataFrame, ticker: str, words: str) -> list[object]:
    """Return the offsets of the news of a ticker whose title holds the words."""
    found = news[(news["ticker"] == ticker) & news["title"].str.contains(words, regex=False)]
    return [None if pd.isna(offset) else int(offset) for offset in found["offset"]]


# Events


def test_carried_timeline_has_four_headlines(timeline):
    assert timeline.headline() == HEADLINES
    assert timeline.events.index.is_unique
    assert set(timeline.evidence["event_id"]) <= set(timeline.events.index)
    assert timeline.name == "carried timeline"


def test_announcement_of_each_precision(timeline):
    assert timeline.announcement(DESIGNATION).instant == pd.Timestamp("2021-08-09T14:57Z")
    flagship = timeline.announcement(FLAGSHIP)
    assert (str(flagship.date), flagship.time, flagship.zone) == ("2025-12-13", None, "Europe/Minsk")
    for event_id in (
        "2025-12-12-minsk-talks",
        "2025-06-china-contract",
        "2025-over-430-released",
        "undated-eu-30m-aid",
    ):
        assert timeline.announcement(event_id) is None
    with pytest.raises(EventsError, match="did you mean"):
        timeline.announcement("2025-12-13-us-lift-potash")


def test_headline_falls_back_on_market(own):
    assert own("event_id,date\nB,2025-12-13\nA,2025-12-14\n").headline() == ["B", "A"]
    events = "event_id,date,relevance\nB,2025-12-13,market\nA,2025-12-14,headline\nC,2025-12-14,background\n"
    assert own(events).headline() == ["A"]
    assert own(events).with_relevance("market", "background") == ["B", "C"]


def test_own_events_come_without_the_carried_evidence(own):
    timeline = own("event_id,date\nA,2025-12-13\n")
    assert timeline.evidence.empty
    assert timeline.conflicts().empty
    assert list(timeline.conflicts()) == ["event_id", "field", "value", "unit", "articles"]
    assert not timeline.confounders.empty
    assert timeline.name == "events.csv"


def test_how_and_by_whom_news_is_told_is_no_disagreement(own):
    rows = "A,1,North,,0,9,supports,{0},x,\nA,2,South,,3,7,contradicts,{0},y,\n"
    told = [rows.format(field) for field in ("status", "speaker", "target", "cause")]
    timeline = own("event_id,date\nA,2025-12-15\n", evidence=HEADER + "".join(told))
    assert timeline.conflicts()[["field", "value"]].to_numpy().tolist() == [["cause", "x"], ["cause", "y"]]


HEADER = "event_id,article_id,publisher,published,start,end,role,field,value,unit\n"
NEWS = "date,date_end,precision,tickers,scope,title,note,status,sources\n"


def test_evidence_and_confounders_of_ones_own(own):
    evidence = HEADER + "A,1,North,,0,9,supports,people,5,\nA,2,South,,3,7,supports,people,6,\n"
    timeline = own(
        "event_id,date\nA,2025-12-15\n", evidence=evidence, confounders=NEWS + "2025-12-16,,day,NTR,firm,x,,,\n"
    )
    assert list(timeline.conflicts()["value"]) == ["5", "6"]
    assert list(timeline.evidence["end"]) == [9, 7]
    assert told(timeline.other_news(timeline.align(["NTR", "MOS"])), "NTR", "x") == [1]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"evidence": "event_id,field\nA,people\n"}, "evidence.csv: no column article_id, publisher, published, start"),
        ({"confounders": "date,title\n2025-12-16,x\n"}, "confounders.csv: no column date_end, precision, tickers"),
        ({"evidence": HEADER + "A,1,North,,ten,20,supports,people,5,\n"}, "evidence.csv.*ten"),
        ({"confounders": NEWS + "soon,,day,all,sector,x,,,\n"}, "confounders.csv.*soon"),
    ],
    ids=["evidence columns", "confounder columns", "evidence offset", "confounder date"],
)
def test_bad_evidence_and_confounders_are_refused_when_they_are_loaded(own, files, message):
    with pytest.raises(EventsError, match=message):
        own("event_id,date\nA,2025-12-13\n", **files)


# Day 0


def test_the_flagship_on_every_exchange(timeline):
    aligned = timeline.align(list(load_universe().frame.index), [FLAGSHIP]).set_index("ticker")
    assert day(aligned.loc["ICL.TA", "session"]) == "2025-12-14"
    assert day(aligned.loc["APOT.AM", "session"]) == ""
    others = aligned.drop(index=["ICL.TA", "APOT.AM"])
    assert set(map(day, others["session"])) == {"2025-12-15"}
    assert not aligned["ambiguous"].any()
    assert aligned["alternative"].isna().all()
    assert set(aligned["date"]) == {"2025-12-13"}
    assert aligned["exchange"].to_dict() == load_universe().exchanges


def test_an_exchange_without_a_calendar_keeps_its_row_with_the_reason(timeline):
    row = timeline.align(["APOT.AM"], [FLAGSHIP]).iloc[0]
    assert (row["exchange"], day(row["session"]), row["reason"]) == (
        "XAMM",
        "",
        "exchange XAMM has no trading calendar",
    )


def test_a_time_in_its_zone_is_not_ambiguous(timeline):
    aligned = timeline.align(["NTR", "SDF.DE", "ICL.TA", "0297.HK"], [DESIGNATION])
    assert list(map(day, aligned["session"])) == ["2021-08-09", "2021-08-09", "2021-08-10", "2021-08-10"]
    assert not aligned["ambiguous"].any()
    assert set(aligned["date"]) == {"2021-08-09 10:57 America/New_York"}


def test_a_date_on_a_trading_day_is_ambiguous_with_the_next_session_of_its_exchange(timeline):
    aligned = timeline.align(["NTR", "ICL.TA"], ["2025-09-11-belavia-relief"])
    assert list(aligned["ambiguous"]) == [True, True]
    assert list(map(day, aligned["session"])) == ["2025-09-11", "2025-09-11"]
    assert list(map(day, aligned["alternative"])) == ["2025-09-12", "2025-09-14"]


@pytest.mark.parametrize(
    ("event_id", "reason"),
    [
        ("undated-eu-30m-aid", "announced on an unknown date (precision unresolved): no single day"),
        ("2025-12-12-minsk-talks", "announced 2025-12-12 to 2025-12-13 (precision range): no single day"),
        ("2025-06-china-contract", "announced 2025-06 (precision month): no single day"),
        ("2025-over-430-released", "announced 2025 (precision year): no single day"),
    ],
)
def test_events_without_a_day_keep_their_rows_with_the_reason(timeline, event_id, reason):
    aligned = timeline.align(["NTR", "APOT.AM"], [event_id])
    assert list(aligned["reason"]) == [reason, reason]
    assert aligned["session"].isna().all()
    assert not aligned["ambiguous"].any()


def test_events_out_of_the_calendar_keep_their_rows_with_its_range(own):
    aligned = own("event_id,date\nA,2027-02-22\nB,1998-01-05\n").align(["000792.SZ"])
    assert aligned["session"].isna().all()
    assert aligned["reason"].str.contains("XSHE, which covers 2000-01-01 to 2026-12-31", regex=False).all()


def test_the_default_is_headline_and_market_events(timeline):
    with (data_dir() / "events.csv").open(encoding="utf-8", newline="") as stream:
        wanted = [row["event_id"] for row in csv.DictReader(stream) if row["relevance"] != "background"]
    aligned = timeline.align(["NTR", "MOS"])
    assert list(aligned["event_id"]) == [event_id for event_id in wanted for _ in range(2)]
    assert list(aligned["ticker"]) == ["NTR", "MOS"] * len(wanted)
    assert aligned["session"].notna().all()


def test_background_events_take_part_where_they_are_named(timeline):
    named = ["2025-12-15-general-license-13", FLAGSHIP]
    assert list(timeline.align(["NTR"], named)["event_id"]) == named


def test_a_single_text_is_one_ticker_and_one_event(timeline):
    pd.testing.assert_frame_equal(timeline.align("NTR", FLAGSHIP), timeline.align(["NTR"], [FLAGSHIP]))


@pytest.mark.parametrize(("tickers", "ids"), [(["NTR"], []), ([], [FLAGSHIP]), (["NTR"], ["undated-eu-30m-aid"])])
def test_columns_keep_their_kinds_where_there_is_nothing_to_say(timeline, tickers, ids):
    aligned = timeline.align(tickers, ids)
    assert list(aligned) == ALIGNED_COLUMNS
    assert aligned["session"].dtype.kind == "M"
    assert aligned["alternative"].dtype.kind == "M"
    assert aligned["ambiguous"].dtype == bool
    assert timeline.other_news(aligned).empty


def test_unknown_names_are_errors_with_near_ones(timeline):
    with pytest.raises(UniverseError, match=r"'NRT' \(did you mean 'NTR'\?\)"):
        timeline.align(["NRT"])
    with pytest.raises(
        EventsError, match=r"'2025-12-13-us-lift-potash' \(did you mean '2025-12-13-us-lifts-potash'\?\)"
    ):
        timeline.align(["NTR"], ["2025-12-13-us-lift-potash"])


def test_another_universe_gives_another_exchange(timeline):
    frame = pd.DataFrame({"exchange": ["XTAE"]}, index=["NTR"])
    row = timeline.align(["NTR"], [FLAGSHIP], universe=Universe(frame)).iloc[0]
    assert (row["exchange"], day(row["session"])) == ("XTAE", "2025-12-14")


def test_nothing_changes_the_timeline_or_its_arguments(timeline):
    before = [frame.copy() for frame in (timeline.events, timeline.evidence, timeline.confounders)]
    tickers, ids = ["NTR", "MOS"], [FLAGSHIP]
    aligned = timeline.align(tickers, ids)
    copy = aligned.copy()
    timeline.conflicts()
    timeline.other_news(aligned)
    pd.testing.assert_frame_equal(aligned, copy)
    assert (tickers, ids) == (["NTR", "MOS"], [FLAGSHIP])
    for now, then in zip((timeline.events, timeline.evidence, timeline.confounders), before, strict=True):
        pd.testing.assert_frame_equal(now, then)


# Where articles disagree


def test_conflicts_of_the_flagship(timeline):
    conflicts = timeline.conflicts()
    flagship = conflicts[conflicts["event_id"] == FLAGSHIP]
    values = flagship.groupby("field")["value"].agg(set).to_dict()
    assert values["spelling of John Coale"] == {"Cole", "Coale"}
    assert values["tense"] == {"done", "under way", "to come"}
    assert values["order"] == {"release before relief", "relief before release", "in exchange"}
    articles = flagship.set_index("value")["articles"].str.split(", ").map(set)
    assert "GMT Eight" in articles["Cole"]
    assert {"AInvest", "Reuters"} <= articles["Coale"]
    assert {"GMT Eight", "AInvest", "Reuters"} <= articles["to come"]
    assert {"Guancha", "Reuters"} == articles["under way"]


def test_conflicts_hold_no_field_on_which_articles_agree(timeline):
    conflicts = timeline.conflicts()
    assert conflicts.groupby(["event_id", "field"])["value"].nunique().min() > 1
    assert not conflicts.duplicated(["event_id", "field", "value"]).any()
    fields = set(map(tuple, conflicts[["event_id", "field"]].to_numpy()))
    assert ("2025-12-13-123-released", "prisoners") not in fields
    assert ("2025-12-13-123-released", "who was freed") in fields
    assert (conflicts["value"] != "").all()


def test_remarks_of_those_who_keep_the_files_are_not_in_a_timeline(tmp_path):
    timeline = load_timeline()
    assert "internal_note" not in timeline.events
    assert "internal_note" not in timeline.confounders
    assert (timeline.confounders["note"] != "").any()
    (tmp_path / "events.csv").write_text("event_id,date,internal_note\nmine,2025-12-10,ask again\n")
    (tmp_path / "news.csv").write_text(NEWS.replace("note", "internal_note") + "2025-12-10,,day,all,sector,x,look,,\n")
    own_files = load_timeline(tmp_path / "events.csv", confounders=tmp_path / "news.csv")
    assert "internal_note" not in own_files.events
    assert own_files.confounders["note"].tolist() == [""]
    assert "internal_note" not in own_files.confounders


def test_the_old_column_of_other_news_says_what_to_do_with_it(tmp_path):
    (tmp_path / "news.csv").write_text(NEWS.replace("note", "handling") + "2025-12-10,,day,all,sector,x,look,,\n")
    with pytest.raises(
        EventsError, match=r"news\.csv: the column 'handling' is no longer read.*'note'.*'internal_note'"
    ):
        load_timeline(confounders=tmp_path / "news.csv")


def test_other_news_say_which_of_them_are_events_of_the_timeline(timeline):
    aligned = timeline.align(["NTR"], ["2025-12-13-us-lifts-potash"])
    near = timeline.other_news(aligned, (-5, 0)).set_index("title")["timeline_event"]
    assert near["Drones hit the Acron and Dorogobuzh fertilizer plants"] == "2025-12-11-drones-acron-dorogobuzh"
    assert "" in set(near)


def test_evidence_beside_a_file_of_events_is_read(tmp_path):
    (tmp_path / "events.csv").write_text("event_id,date\nmine,2026-01-05\n")
    assert load_timeline(tmp_path / "events.csv").evidence.empty
    (tmp_path / "evidence.csv").write_text("other,columns\n1,2\n")
    assert load_timeline(tmp_path / "events.csv").evidence.empty
    columns = "event_id,article_id,publisher,published,start,end,role,field,value,unit"
    (tmp_path / "evidence.csv").write_text(f"{columns}\nmine,page,Delta,2026-01-06,0,20,supports,status,done,\n")
    assert list(load_timeline(tmp_path / "events.csv").evidence["event_id"]) == ["mine"]
