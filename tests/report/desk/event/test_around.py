"""What stands around an event is said once, in words, and nothing is made up."""

from potash.report.desk import evidence_table, missing_table, news_table, without_prices

FLAGSHIP = "2025-12-13-us-lifts-potash"


def test_news_stands_once_with_all_firms_it_names(carried, alone):
    table = news_table(carried, FLAGSHIP)
    assert not table.frame.duplicated(["date", "title"]).any()
    assert "handling" not in table.frame, "a note on how to work with a piece of news is for the analyst"
    k3 = table.shown[table.shown["what happened"].str.contains("K3 mine")].iloc[0]
    assert (k3["firms"], k3["session"], k3["kind"]) == ("MOS", "day 0", "own\u00a0news")
    licence = table.shown[table.shown["what happened"].str.startswith("OFAC General License 13")].iloc[0]
    assert (licence["firms"], licence["kind"]) == ("all", "fertilizers")
    assert table.shown["session"].iloc[-1] == "day not known"
    assert news_table(alone, "planted") is None


def test_evidence_points_to_passages_and_shows_who_disagrees(carried):
    table = evidence_table(carried, FLAGSHIP)
    rows = table.shown[table.shown["about"] == "order"]
    assert set(rows["agrees"]) == {"yes", "no"}
    date = table.shown[table.shown["about"] == "date"].iloc[0]
    assert date["stated"] == "2025-12-13"
    assert "Reuters (53–242)" in date["where"]
    assert not table.shown["about"].str.startswith(("tense", "spelling")).any()
    assert len(table.frame) > len(table.shown), "the file has every statement"


def test_an_event_without_articles_has_its_sources(carried):
    table = evidence_table(carried, "2021-06-24-eu-sectoral-sanctions")
    assert "www.lrt.lt" in set(table.shown["publisher"])
    assert table.note.startswith("No article of the timeline reports it. It is in the timeline by legal act.")


def test_an_event_of_a_user_without_sources_is_an_empty_table(alone):
    assert evidence_table(alone, "planted").shown.empty


def test_firms_that_are_missing_have_a_reason_and_their_prices_in_words(carried, alone):
    table = missing_table(carried, "2025-09-11-belavia-relief")
    rows = table.shown.set_index("firm")
    assert rows.at["Intrepid Potash (IPI)", "its prices"] == "from 2020-07-01 to 2022-04-29"
    assert rows.at["ICL Group (ICL)", "reason"] == "too few prices before the event"
    assert rows.at["ICL Group (ICL)", "its prices"].startswith("since 2025-06")
    assert missing_table(alone, "planted") is None


def test_producers_without_prices_are_named_once_an_issuer(carried):
    assert without_prices(carried) == (
        "Potash producers without any prices here: K+S (SDF.DE), Arab Potash (APOT.AM), Qinghai Salt Lake (000792.SZ)."
    )
