"""Price moves told in articles: what is read, what is left alone, and what the prices say to it."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import potash
from potash.news.articles.reading import read_article
from potash.news.records import Article, Paragraph, Publication
from potash.report.price_claims import BEFORE_THE_NEWS, PRICE_CLAIM_COLUMNS, check_price_claims, find_price_claims
from tests.paths import OWN_ARTICLES

OWN = OWN_ARTICLES / "second"
FRIDAY, SATURDAY = "2025-12-12", "2025-12-13"


@pytest.fixture(scope="module")
def prices() -> pd.DataFrame:
    return potash.load_prices()


def article(text: str, published: str = "2025-12-14", zone: str = "") -> Article:
    paragraphs, at = [], 0
    for block in text.split("\n\n"):
        paragraphs.append(Paragraph(at, at + len(block)))
        at += len(block) + 2
    return Article("page", Path("page.txt"), "", "", "", Publication(published, zone), text, tuple(paragraphs))


def told(text: str, published: str = "2025-12-14") -> list[tuple[str, str, float]]:
    return [(c.ticker, c.date, c.percent) for c in find_price_claims(article(text, published))]


def checked(text: str, prices: pd.DataFrame, published: str = "2025-12-14", zone: str = "") -> pd.DataFrame:
    return check_price_claims(find_price_claims(article(text, published, zone)), prices)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nutrien fell 3.02% on Friday.", [("NTR", FRIDAY, -3.02)]),
        ("Shares of Mosaic (NYSE: MOS) rose 4.05 percent on Friday.", [("MOS", FRIDAY, 4.05)]),
        ("NTR: +3.02%", [("NTR", "", 3.02)]),
        ("NTR -3.02% | MOS −4.05% | CF +0.68%", [("NTR", "", -3.02), ("MOS", "", -4.05), ("CF", "", 0.68)]),
        (
            "Price board, Friday:\nNTR  61.29  +3.02%\nMOS  26.21  +4.05%",
            [("NTR", FRIDAY, 3.02), ("MOS", FRIDAY, 4.05)],
        ),
        ("- Nutrien (NTR): $61.29 (+3.02%)", [("NTR", "", 3.02)]),
        ("Mosaic up 4%, Nutrien gained 3 % on Friday.", [("MOS", FRIDAY, 4.0), ("NTR", FRIDAY, 3.0)]),
        (
            "Mosaic and Nutrien jumped 4.05% and 3.02% respectively on Friday.",
            [("MOS", FRIDAY, 4.05), ("NTR", FRIDAY, 3.02)],
        ),
        (
            "Nutrien and Mosaic closed 3.02 and 4.05 per cent lower, respectively, on Friday.",
            [("NTR", FRIDAY, -3.02), ("MOS", FRIDAY, -4.05)],
        ),
        ("Both fell on Friday: Nutrien by 3.02%, Mosaic by 4.05%.", [("NTR", FRIDAY, -3.02), ("MOS", FRIDAY, -4.05)]),
        (
            "Shares of Nutrien Ltd. (NYSE:NTR) and The Mosaic Company (NYSE:MOS) fell 3.02% and 4.05% on Friday.",
            [("NTR", FRIDAY, -3.02), ("MOS", FRIDAY, -4.05)],
        ),
        (
            "Nutrien stock dropped by 3.02%, and Mosaic's by 4.05%, on Friday.",
            [("NTR", FRIDAY, -3.02), ("MOS", FRIDAY, -4.05)],
        ),
        ("On Friday Nutrien and Mosaic each rose about three percent.", [("NTR", FRIDAY, 3.0), ("MOS", FRIDAY, 3.0)]),
        ("Nutrien rose 2% on Thursday, on Friday Mosaic added 4%.", [("NTR", "2025-12-11", 2.0), ("MOS", FRIDAY, 4.0)]),
        (
            "Mosaic climbed 4% on Friday after rising 6% on Thursday.",
            [("MOS", FRIDAY, 4.0), ("MOS", "2025-12-11", 6.0)],
        ),
        (
            "A 4.05% gain in Mosaic on Friday beat a 3.02% rise for Nutrien.",
            [("MOS", FRIDAY, 4.05), ("NTR", FRIDAY, 3.02)],
        ),
        ("Nutrien closed higher on Friday. The stock gained 3.02% to $61.29.", [("NTR", FRIDAY, 3.02)]),
        ("Nutrien, the largest potash producer, whose mines are full, fell 3.02% on Friday.", [("NTR", FRIDAY, -3.02)]),
        ("Nutrien fell $1.79, or 3.02%, to $61.29 on Friday.", [("NTR", FRIDAY, -3.02)]),
        ("On Friday Nutrien dropped to $59.50 from $61.29.", [("NTR", FRIDAY, -2.92)]),
        ("Mosaic gave up 4% on Friday.", [("MOS", FRIDAY, -4.0)]),
        ("K+S shares were 2.1 percent lower on Friday.", [("SDF.DE", FRIDAY, -2.1)]),
        ("The Dow fell 2% on Friday, but Mosaic added 4%.", [("MOS", FRIDAY, 4.0)]),
        ("Potash demand may grow 3%, says Nutrien; its stock rose 3% on Friday.", [("NTR", FRIDAY, 3.0)]),
    ],
)
def test_moves_are_read_with_company_day_and_sign(text, expected):
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Potash prices fell 3% on Friday, and urea gained 2%.",
        "Nutrien's potash sales rose 4% last quarter.",
        "Mosaic cut output by 5% and raised its dividend 10%.",
        "Nutrien, whose sales rose 3%, owns 20% of the terminal.",
        "Canada supplies 85% of the potash that Mosaic does not.",
        "Nutrien fell after reports that Brazil would charge 5%.",
        "Analysts expect Mosaic to rise 4% on Monday.",
        "Nutrien could fall 3%; Mosaic did not drop 4% on Friday.",
        "If Brussels follows, Nutrien loses 5%.",
        "Nutrien's price target was raised 5% on Friday.",
        "Nutrien pared a 3% loss on Friday.",
        "Mosaic shares changed hands on Friday; Belaruskali cut exports by 30%.",
        "Nutrien, Mosaic and CF rose 3% and 4% on Friday.",
        "The companies fell 3.02% and 4.05% on Friday.",
        "The S&P 500 lost 1.1% on Friday.",
        "Nutrien said margins widened by 3 percentage points.",
    ],
)
def test_what_is_no_share_move_or_only_possible_is_left_alone(text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "measure", "dates"),
    [
        ("Nutrien tumbled as much as 5% on Thursday.", "intraday", ("2025-12-11", "")),
        ("Mosaic was up 4% in early trading on Friday.", "intraday", (FRIDAY, "")),
        ("Nutrien has soared 35% over the past year.", "days", ("", "")),
        ("Mosaic is up 9% year to date.", "year", ("2025-01-01", "2025-12-14")),
        ("Mosaic ended the week 5.1% higher.", "week", ("2025-12-08", "2025-12-14")),
    ],
)
def test_stretches_other_than_a_day_are_told_apart(text, measure, dates):
    (claim,) = find_price_claims(article(text))
    assert (claim.measure, (claim.date, claim.date_end)) == (measure, dates)


def test_the_close_told_and_the_place_of_the_sentence_are_kept():
    text = "Quiet day.\n\nMosaic closed 4.05% higher at $26.21 on Friday. Rain fell."
    (claim,) = find_price_claims(article(text))
    assert claim.level == 26.21
    assert text[claim.start : claim.end] == "Mosaic closed 4.05% higher at $26.21 on Friday."


def test_the_row_holds_offsets_in_the_file(prices):
    text = "Mosaic rose 4.05% on Friday."
    page = article(text)
    shifted = Article(
        **{name: getattr(page, name) for name in page.__slots__} | {"offsets": tuple(range(7, 7 + len(text)))}
    )
    row = check_price_claims(find_price_claims(shifted), prices).iloc[0]
    assert (row["start"], row["end"]) == (7, 7 + len(text))


def test_repeated_paragraphs_count_once():
    text = "Mosaic rose 4% on Friday.\n\nMosaic rose 4% on Friday."
    page = article(text)
    first, second = page.paragraphs
    again = Article(
        **{name: getattr(page, name) for name in page.__slots__}
        | {"paragraphs": (first, Paragraph(second.start, second.end, "body", 0))}
    )
    assert len(find_price_claims(again)) == 1


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


@given(st.integers(10, 9900).map(lambda cents: f"{cents / 100:.2f}"), st.sampled_from(["rose", "fell"]))
def test_the_figure_is_read_with_its_sign_and_rounding(size, verb):
    (claim,) = find_price_claims(article(f"Mosaic {verb} {size}% on Friday."))
    assert claim.percent == (1 if verb == "rose" else -1) * float(size)
    assert claim.rounding == 0.005


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
