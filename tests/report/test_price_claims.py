"""What the carried prices say to the price moves that articles tell."""

import pandas as pd
import pytest

import potash
from potash.news.articles.reading import read_article
from potash.news.records import Article
from potash.report.price_claims import BEFORE_THE_NEWS, PRICE_CLAIM_COLUMNS, check_price_claims, find_price_claims
from tests.paths import OWN_ARTICLES
from tests.support.articles import page

OWN = OWN_ARTICLES / "second"
FRIDAY, SATURDAY = "2025-12-12", "2025-12-13"


@pytest.fixture(scope="module")
def prices() -> pd.DataFrame:
    return potash.load_prices()


def checked(text: str, prices: pd.DataFrame, published: str = "2025-12-14", zone: str = "") -> pd.DataFrame:
    return check_price_claims(find_price_claims(page(text, published, zone)), prices)


def test_the_row_holds_offsets_in_the_file(prices):
    text = "Mosaic rose 4.05% on Friday."
    story = page(text)
    shifted = Article(
        **{name: getattr(story, name) for name in story.__slots__} | {"offsets": tuple(range(7, 7 + len(text)))}
    )
    row = check_price_claims(find_price_claims(shifted), prices).iloc[0]
    assert (row["start"], row["end"]) == (7, 7 + len(text))


def test_without_a_publication_date_a_weekday_stays_open(prices):
    (row,) = checked("Mosaic rose 4.05% on Friday.", prices, published="").to_dict("records")
    assert (row["date"], row["verdict"]) == ("", "unclear")


@pytest.mark.parametrize(
    "text",
    [
        "Nutrien rallied 3.02% on Friday after the announcement on Saturday.",
        "Nutrien gained 3.02% after the sanctions were dropped on Saturday.",
        "After Saturday's announcement, Nutrien shares rose 3.02% on Friday.",
        "Saturday's announcement sent shares of Nutrien up 3.02%.",
        "The relief announced on Saturday triggered a rally in potash shares, with Nutrien up 3.02%.",
        "Investors cheered Saturday's deal: Nutrien climbed 3.02 per cent.",
        "The relief of December 13 led Nutrien's stock to climb by 3.02%.",
        "An envoy spoke in Minsk on Saturday.\n\nNutrien rallied on the news, gaining 3.02%.",
        "Nutrien gains 3.02% as US lifts Belarus sanctions\n\nThe US ended its sanctions on Belarus on Saturday.",
        "The accord was made on Saturday. Fertilizer shares rose after the announcement. Nutrien gained 3.02%.",
    ],
)
def test_a_move_that_came_before_its_news_is_contradicted(text, prices):
    (row,) = checked(text, prices).to_dict("records")
    assert row["verdict"] == BEFORE_THE_NEWS, row["reason"]
    assert row["told_cause"] == SATURDAY
    assert row["session"] == pd.Timestamp(FRIDAY)
    assert row["actual_return"] == pytest.approx(3.01, abs=0.01)


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("Nutrien fell 3.02% and Mosaic lost 4.05% on Friday.", {"NTR": 3.01, "MOS": 4.05}),
        ("Sellers ruled: Nutrien -3.02%, Mosaic -4.05%.", {"NTR": 3.01, "MOS": 4.05}),
        ("Shares of Nutrien and Mosaic slid 3.02% and 4.05% after the deal on Saturday.", {"NTR": 3.01, "MOS": 4.05}),
    ],
)
def test_a_rise_told_as_a_fall_is_contradicted_with_the_returns(text, signs, prices):
    table = checked(text, prices)
    assert set(table["verdict"]) == {"contradicted"}
    assert dict(zip(table["ticker"], table["actual_return"].round(2), strict=True)) == signs
    assert table["reason"].str.contains("the other way").all()
    assert table["reason"].str.contains(FRIDAY).all()


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [
        ("Mosaic rose 4.05% on Friday.", "agrees", "+4.05 %"),
        ("Mosaic rose more than 4% on Friday.", "agrees", "+4.05 %"),
        ("Mosaic rose 4% on Friday after Thursday's announcement.", "agrees", "+4.05 %"),
        ("CF rose 3.37% on Thursday and another 0.68% on Friday.", "agrees", "%"),
        ("Mosaic rose 4.3% on Friday.", "unclear", "0.25 points apart"),
        ("Mosaic rose 6.4% on Friday.", "contradicted", "2.35 points apart"),
        ("Nutrien tumbled as much as 5% on Thursday.", "unclear", "intraday"),
        ("Nutrien gained 3.02% on Saturday.", "unclear", "no session"),
        ("Intrepid Potash rose 5% on Friday.", "unclear", "reach from"),
        ("K+S rose 5% on Friday.", "unclear", "no prices of SDF.DE"),
        ("Mosaic rose 2.5% lately.", "unclear", "does not say"),
        ("Mosaic ended the week 11% higher.", "agrees", "+11.01 %"),
        ("Mosaic ended the week 2% lower.", "contradicted", "the other way"),
    ],
)
def test_verdicts_say_what_the_closes_give(text, verdict, words, prices):
    table = checked(text, prices)
    assert set(table["verdict"]) == {verdict}, list(table["reason"])
    assert table["reason"].str.contains(words, regex=False).all()


def test_a_closed_day_shows_the_sessions_around_it(prices):
    (row,) = checked("Nutrien gained 3.02% on Saturday.", prices).to_dict("records")
    assert pd.isna(row["actual_return"])
    for part in ("+3.01 %", "2025-12-11", FRIDAY, "-1.57 %", "2025-12-15"):
        assert part in row["reason"]


@pytest.mark.parametrize(
    ("published", "zone", "verdict"),
    [
        (f"{FRIDAY}T11:00", "America/New_York", "unclear"),
        (f"{FRIDAY}T11:00", "-05:00", "unclear"),
        (FRIDAY, "", "unclear"),
        (f"{FRIDAY}T17:00", "America/New_York", "contradicted"),
        (f"{FRIDAY}T17:00", "-05:00", "contradicted"),
    ],
)
def test_an_article_of_the_day_may_have_appeared_before_the_close(published, zone, verdict, prices):
    assert checked("Mosaic rose 1.2% on Friday.", prices, published, zone)["verdict"].tolist() == [verdict]


def test_a_missing_close_is_not_filled(prices):
    gap = prices.copy()
    gap.loc["2025-12-11", "MOS"] = float("nan")
    (row,) = checked("Mosaic rose 4.05% on Friday.", gap).to_dict("records")
    assert row["verdict"] == "unclear"
    assert "missing" in row["reason"]


def test_no_claims_make_an_empty_table(prices):
    table = check_price_claims([], prices)
    assert list(table.columns) == PRICE_CLAIM_COLUMNS
    assert table.empty


def test_the_letter_of_our_own_is_read_and_judged(prices):
    table = check_price_claims(find_price_claims(read_article(OWN / "sunday_letter.txt")), prices)
    found = {(row.ticker, row.date, row.told): row.verdict for row in table.itertuples()}
    assert found == {
        ("NTR", FRIDAY, -3.02): "contradicted",
        ("MOS", FRIDAY, 4.05): "agrees",
        ("CF", "2025-12-11", 3.37): "agrees",
        ("CF", FRIDAY, 0.68): "agrees",
        ("SPY", FRIDAY, -1.08): "agrees",
        ("ICL", "2025-11-06", -17.1): "agrees",
    }


def test_the_news_may_stand_in_a_line_about_shares(prices):
    text = (
        "Fertilizer stocks rallied after the United States lifted sanctions on Belarusian potash on Saturday.\n\n"
        "Nutrien rose 3.02% and Mosaic gained 4.05% on Friday in reaction to the news."
    )
    table = checked(text, prices)
    assert dict(zip(table["ticker"], table["verdict"], strict=True)) == dict.fromkeys(["NTR", "MOS"], BEFORE_THE_NEWS)
