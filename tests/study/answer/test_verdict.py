"""The verdict in words: what it says first, in how many words, and what stands behind it."""

from dataclasses import replace

import numpy as np
import pytest

from potash.sessions import Window
from potash.study.answer.all_days import AcrossFirms
from potash.study.answer.verdict import Verdict

NAN = float("nan")
SPAN = "2020-12 to 2021-11 and 2026-01"
PLAIN = Verdict(
    event_id="e0", window=Window(0, 0), tickers=("NTR", "MOS", "ICL"), controls=("CF", "DE"), CAR=-0.05, std_error=0.012,
    lower=-0.074, upper=-0.026, df=13, volatility=1.42, scaled_pvalue=0.0004, randomization_pvalue=0.004,
    regime_pvalue=0.012, n_days=236, days=SPAN, holm_pvalue=0.016, beyond_market=-0.06, beyond_market_std_error=0.015,
    critical=2.16, detectable=0.0363, ruled_out_beyond=0.0713, margin=0.05,
    firms=AcrossFirms(0.004, 0.31, "MOS", 236), kolari_pynnonen_pvalue=0.08, run_up=0.041, run_up_pvalue=0.35,
    outcome="effect",
)  # fmt: skip
RULED_OUT = replace(PLAIN, outcome="ruled out", CAR=0.005, lower=-0.02, upper=0.03, scaled_pvalue=0.7,
                    randomization_pvalue=0.6, ruled_out_beyond=0.028)  # fmt: skip
UNDECIDED = replace(PLAIN, outcome="undecided", CAR=-0.02, lower=-0.09, upper=0.05, std_error=0.032, detectable=0.096,
                    scaled_pvalue=0.5, randomization_pvalue=0.4, ruled_out_beyond=0.077)  # fmt: skip


def test_an_effect_says_direction_size_interval_and_what_the_market_alone_leaves():
    assert PLAIN.sentence("negative") == (
        "An effect, negative as expected: NTR, MOS and ICL returned −5.0 % (95 % confidence −7.4 to −2.6 %) on day 0 beyond "
        "market and control group; −6.0 % beyond the market alone."
    )
    assert PLAIN.sentence().startswith("An effect, negative: ")
    assert PLAIN.sentence("positive").startswith("An effect, negative where positive was expected: ")
    assert replace(PLAIN, CAR=0.05).sentence("positive").startswith("An effect, positive as expected: ")


def test_without_controls_there_is_the_market_alone():
    text = replace(PLAIN, controls=()).sentence()
    assert text.endswith("on day 0 beyond the market.")
    assert "control" not in text


def test_no_effect_is_said_with_the_size_that_is_ruled_out():
    assert RULED_OUT.sentence("positive").startswith("No effect beyond 5 %: NTR, MOS and ICL returned +0.5 %")
    assert replace(RULED_OUT, margin=0.025).sentence().startswith("No effect beyond 2.5 %: ")


def test_undecided_says_what_fits():
    assert UNDECIDED.sentence().startswith("Undecided: ")
    assert UNDECIDED.sentence().endswith("which fits no effect as well as one of 5 %.")
    one_vote = replace(UNDECIDED, randomization_pvalue=0.03)
    assert one_vote.sentence().endswith("which fits no effect by one vote only.")


def test_without_a_statistic_there_is_no_verdict():
    unknown = replace(PLAIN, outcome="unknown", CAR=NAN, std_error=NAN)
    assert unknown.sentence().startswith("No verdict: the portfolio of NTR, MOS and ICL")
    assert "nan" not in unknown.sentence()
    assert unknown.details() == []


@pytest.mark.parametrize("verdict", [PLAIN, RULED_OUT, UNDECIDED, replace(UNDECIDED, randomization_pvalue=0.03)])
@pytest.mark.parametrize("tickers", [("NTR",), ("NTR", "MOS", "ICL", "IPI"), tuple("ABCDEFG")])
@pytest.mark.parametrize("expected", ["positive", "negative", "unclear"])
def test_the_sentence_has_at_most_forty_words(verdict, tickers, expected):
    longest = replace(verdict, tickers=tickers, window=Window(-5, -1), size=0.01)
    for each in (longest, replace(longest, outcome="unknown")):
        assert len(each.sentence(expected).split()) <= 40


def test_the_details_hold_votes_detectable_effect_run_up_and_single_firms():
    votes, detecting, run_up, firms = PLAIN.details()
    assert votes == (
        "Votes: scaled test p < 0.001, all days p = 0.004; 236 ordinary days (2020-12 to 2021-11 and 2026-01), p = 0.012 among "
        "days as volatile; days around the window were 1.4 times as volatile as before."
    )
    assert detecting == (
        "These data find a true effect of 3.6 % in four cases out of five, and rule out one beyond 7.1 %."
    )
    assert run_up == "Sessions −5 to −1 had brought +4.1 % already, p = 0.350 corrected for the windows looked at."
    assert firms == (
        "Of single firms MOS stands out most (any firm moved: p = 0.004); that firms differ this much: p = 0.310."
    )
    assert len(replace(PLAIN, tickers=("NTR",), run_up=NAN).details()) == 2
    assert replace(PLAIN, n_verdicts=4).details()[-1] == (
        "This is one of 4 verdicts; corrected for their number (Holm) p = 0.016."
    )


def test_undecided_says_what_would_decide():
    text = UNDECIDED.details()[1]
    assert "A standard error of 1.7 % instead of 3.2 % would decide about 5 %" in text
    precise = replace(UNDECIDED, detectable=0.03, std_error=0.01)
    assert "Several events together" in precise.details()[1]


def test_votes_that_are_missing_are_said():
    apart = replace(PLAIN, scaled_pvalue=NAN)
    assert set(apart.pvalues) == {"all days"}
    assert "The firms trade on different days" in apart.details()[0]
    alone = replace(PLAIN, randomization_pvalue=NAN, regime_pvalue=NAN, n_days=7)
    assert set(alone.pvalues) == {"scaled test"}
    assert "Only 7 ordinary days are there, too few for a vote." in alone.details()[0]


def test_the_p_value_is_the_larger_vote():
    assert PLAIN.pvalue == 0.004
    assert np.isnan(replace(PLAIN, scaled_pvalue=NAN, randomization_pvalue=NAN).pvalue)


def test_the_power_curve_is_that_of_the_verdict():
    curve = PLAIN.power
    near = curve.iloc[(curve["effect"] - PLAIN.detectable).abs().argmin()]
    assert near["power"] == pytest.approx(0.8, abs=0.05)
