"""Moves of share prices as articles tell them: company, day, sign and stretch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.news.records import Article, Paragraph
from potash.news.share_moves.reading import find_price_claims
from tests.support.articles import page

FRIDAY, SATURDAY = "2025-12-12", "2025-12-13"


def told(text: str, published: str = "2025-12-14") -> list[tuple[str, str, float]]:
    return [(c.ticker, c.date, c.percent) for c in find_price_claims(page(text, published))]


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
    (claim,) = find_price_claims(page(text))
    assert (claim.measure, (claim.date, claim.date_end)) == (measure, dates)


def test_the_close_told_and_the_place_of_the_sentence_are_kept():
    text = "Quiet day.\n\nMosaic closed 4.05% higher at $26.21 on Friday. Rain fell."
    (claim,) = find_price_claims(page(text))
    assert claim.level == 26.21
    assert text[claim.start : claim.end] == "Mosaic closed 4.05% higher at $26.21 on Friday."


def test_repeated_paragraphs_count_once():
    text = "Mosaic rose 4% on Friday.\n\nMosaic rose 4% on Friday."
    story = page(text)
    first, second = story.paragraphs
    again = Article(
        **{name: getattr(story, name) for name in story.__slots__}
        | {"paragraphs": (first, Paragraph(second.start, second.end, "body", 0))}
    )
    assert len(find_price_claims(again)) == 1


@given(st.integers(10, 9900).map(lambda cents: f"{cents / 100:.2f}"), st.sampled_from(["rose", "fell"]))
def test_the_figure_is_read_with_its_sign_and_rounding(size, verb):
    (claim,) = find_price_claims(page(f"Mosaic {verb} {size}% on Friday."))
    assert claim.percent == (1 if verb == "rose" else -1) * float(size)
    assert claim.rounding == 0.005
