from itertools import product

import pytest

from potash.report.front.facts import NotStudied, OtherPortfolio, OwnNews, PoolFacts
from potash.report.front.words import NOTHING, pool_reading, qualification, reading, sentence
from tests.report.front.made_up import MOS, NTR, data, event, pool

OUTCOMES = ["effect", "ruled out", "undecided", "unknown"]
POOLS = ["effect", "against", "ruled out", "undecided", "unknown"]
LONG = data(firms=(NTR, MOS), firms_are="firms")


@pytest.mark.parametrize(
    ("together", "newest", "words"),
    [
        (
            pool(), event(),
            "Neither supply news on average (+1.1 %) nor the relief of 2025-12-13 (−1.4 %) moved potash producers by more "
            "than 5 %.",
        ),
        (
            pool(outcome="effect", average=0.03, pvalue=0.01), event(outcome="effect", CAR=-0.042),
            "Supply news moved potash producers by 3.0 % on average, as expected; the relief of 2025-12-13 moved them by −4.2 %, "
            "as expected.",
        ),
        (
            pool(outcome="against", average=-0.03, pvalue=0.01), event(outcome="effect", CAR=0.042),
            "Supply news moved potash producers by 3.0 % on average, against expectation; the relief of 2025-12-13 moved "
            "them by +4.2 %, against expectation.",
        ),
        (
            pool(outcome="undecided"), event(outcome="undecided", expected="unclear", CAR=0.033),
            "Whether supply news moves potash producers is undecided (+1.1 % on average); the event of 2025-12-13 (+3.3 %) is "
            "undecided.",
        ),
        (
            pool(), event(outcome="unknown", CAR=None, expected="positive"),
            "Supply news has no average effect beyond 5 % on potash producers (+1.1 %); the tightening of 2025-12-13 has no "
            "verdict.",
        ),
        (
            pool(outcome="undecided"), event(),
            "Whether supply news moves potash producers is undecided (+1.1 % on average); the relief of 2025-12-13 has no effect "
            "beyond 5 % (−1.4 %).",
        ),
    ],
)  # fmt: skip
def test_the_answer_in_a_sentence(together, newest, words):
    assert sentence([newest], together, data()) == words


@pytest.mark.parametrize(
    ("newest", "words"),
    [
        (event(), "The relief of 2025-12-13 moved potash producers by no more than 5 % (−1.4 %)."),
        (event(outcome="effect"), "The relief of 2025-12-13 moved potash producers by −1.4 %, as expected."),
        (event(outcome="undecided"), "Whether the relief of 2025-12-13 moved potash producers is undecided (−1.4 %)."),
        (event(outcome="unknown", CAR=None), "The relief of 2025-12-13 has no verdict."),
    ],
)
@pytest.mark.parametrize("together", [pool(n_events=1), PoolFacts("unknown", reason="There is nothing to pool.")])
def test_one_event_is_no_pool(newest, words, together):
    assert sentence([newest], together, data()) == words


def test_without_an_event_the_answer_says_so():
    assert sentence([], PoolFacts("unknown"), data()) == NOTHING
    assert sentence([], pool(), data()) == "Supply news has no average effect beyond 5 % on potash producers (+1.1 %)."


def test_firms_that_are_no_producers_are_not_called_so():
    text = sentence([event()], pool(), data(firms_are="firms"))
    assert text.startswith("Neither the news on average")
    assert "moved the firms" in text


@pytest.mark.parametrize(("together", "newest", "direction"), list(product(POOLS, OUTCOMES, ["positive", "none"])))
def test_no_sentence_passes_25_words(together, newest, direction):
    news = (OwnNews("MOS", "A mine", True), OwnNews("NTR", "Results", False))
    other = OtherPortfolio(("NTR", "MOS"), -0.026, -0.05, 0.0, "undecided", 0.05)
    for own_news, portfolio, controls in product([(), news, news[1:]], [None, other], [(), ("CF", "DE")]):
        item = event(outcome=newest, expected=direction, own_news=own_news, other=portfolio, controls=controls)
        for text in (
            sentence([item], pool(outcome=together), LONG),
            sentence([item], pool(outcome=together), data()),
            qualification([item], pool(outcome=together), LONG),
        ):
            assert len(text.split(" ")) <= 25, text
            assert "No detectable effect" not in text
            assert text[0].isupper()
            assert text.endswith(".")


def test_what_qualifies_the_answer_most():
    other = OtherPortfolio(("NTR", "MOS"), -0.026, -0.05, 0.0, "effect", 0.05)
    out, inside = OwnNews("MOS", "A mine", True), OwnNews("NTR", "Results", False)
    item = event(own_news=(out, out, inside), other=other)
    assert qualification([item], pool(), data()) == (
        "With Mosaic (MOS), left out for its own news then, the move of 2025-12-13 is −2.6 %, an effect."
    )
    item = event(own_news=(inside,), run_up_pvalue=0.01)
    assert qualification([item], pool(), data()) == (
        "Nutrien (NTR) had news of its own in that window, which the portfolio’s return holds too."
    )
    item = event(run_up=0.08, run_up_pvalue=0.049)
    assert qualification([item], pool(), data()).startswith("The five sessions before had brought +8.0 % already")
    item = event(run_up=0.08, run_up_pvalue=0.05, controls=())
    assert qualification([item], pool(), data()).startswith("Measured against SPDR S&P 500 ETF (SPY) alone")
    assert qualification([event()], pool(), data()).startswith("Beyond SPDR S&P 500 ETF (SPY) and 1 fertilizer")
    nothing = PoolFacts("unknown", reason="Nothing to pool.")
    assert qualification([], nothing, data()) == "Nothing to pool."
    late = NotStudied("e", "Later", "2029-05-07", "prices end 2026-01-29")
    assert qualification([], nothing, data(), [late]) == "The newest, of 2029-05-07: prices end 2026-01-29."
    long = NotStudied("e", "Later", "2029-05-07", " ".join(["word"] * 22))
    assert qualification([], nothing, data(), [long]) == "Nothing to pool."
    just = NotStudied("e", "Later", "2029-05-07", " ".join(["word"] * 21))
    assert len(qualification([], nothing, data(), [just]).split()) == 25


def test_a_verdict_in_words():
    assert reading(event()) == "no effect beyond 5 %"
    assert reading(event(outcome="effect")) == "an effect, as expected"
    assert reading(event(outcome="effect", CAR=0.04)) == "an effect, against expectation"
    assert reading(event(outcome="effect", expected="unclear")) == "an effect"
    assert pool_reading(pool(outcome="against")) == "an effect, against expectation"
    assert pool_reading(pool(outcome="undecided")) == "undecided"
