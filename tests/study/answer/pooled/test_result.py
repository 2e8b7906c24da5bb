"""The answer in words, as a table for a page, and as a figure."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import potash
from potash.sessions import Window
from tests.study.made_up import events, made_returns, study

SIGNS = {"e0": 1, "e1": -1, "e2": 1}


@pytest.fixture(scope="module")
def answer():
    controls = made_returns(2, seed=5)[["A"]].set_axis(["X"], axis=1)
    event_study = study(made_returns(3), events(180, 200, 240), event_window=(-5, 10), controls=controls)
    return potash.pooled(event_study, SIGNS)


def with_headline(answer, **values):
    effects = answer.effects.copy()
    for name, value in values.items():
        effects.loc[effects["window"] == "[0, +1]", name] = value
    return replace(answer, effects=effects)


def test_an_effect_is_told_with_its_size_and_the_number_of_sets(answer):
    text = with_headline(answer, average=0.0213, sum_of_t=2.5, randomization_pvalue=0.0123, n_sets=1234).sentence()
    assert text == (
        "An effect: over 3 signed events the firms moved +2.1 % on average in the expected direction over sessions 0 to +1, "
        "beyond market and control group (randomization p = 0.012, 1,234 other sets of dates)."
    )


def test_an_effect_of_the_other_sign_is_against_what_was_expected(answer):
    text = with_headline(answer, average=-0.02, sum_of_t=-2.5, randomization_pvalue=0.01).sentence()
    assert text.startswith("An effect against what was expected: over 3 signed events the firms moved −2.0 %")


def test_undecided_says_what_would_have_been_found(answer):
    plain = replace(answer, against="market")
    text = with_headline(plain, average=0.005, upper=0.06, randomization_pvalue=0.05, detectable=0.0312).sentence()
    assert text == (
        "Undecided: over 3 signed events the firms moved +0.5 % on average in the expected direction over sessions 0 to +1, "
        "beyond the market (randomization p = 0.050); 3.1 % would usually have been found."
    )
    assert with_headline(plain, randomization_pvalue=0.05).sentence(size=0.1).startswith("An effect")
    without = with_headline(plain, upper=0.06, randomization_pvalue=0.05, detectable=np.nan).sentence()
    assert without.endswith("(randomization p = 0.050).")


def test_none_beyond_the_margin_is_said_where_both_intervals_lie_inside(answer):
    inside = {"average": 0.011, "std_error": 0.019, "lower": -0.0109, "upper": 0.0499, "randomization_pvalue": 0.05}
    calm = with_headline(answer, **inside)
    assert calm.outcome() == "ruled out"
    assert calm.sentence().startswith("No average effect beyond 5 %: over 3 signed events the firms moved +1.1 %")
    assert calm.sentence().endswith("(randomization p = 0.050; −1.1 to +5.0 % fit).")
    assert with_headline(answer, **{**inside, "lower": -0.05}).outcome() == "undecided"
    assert with_headline(answer, **{**inside, "upper": 0.05}).outcome() == "undecided"
    assert with_headline(answer, **{**inside, "std_error": 0.0199}).outcome() == "undecided", "0.011 + 1.96 x 0.0199"
    assert with_headline(answer, **{**inside, "average": -0.011}).outcome() == "ruled out"
    assert calm.outcome(margin=0.04) == "undecided"
    assert calm.outcome(size=0.1) == "effect"
    assert with_headline(answer, **{**inside, "upper": np.nan}).outcome() == "undecided"


def test_without_other_sets_there_is_no_verdict(answer):
    text = with_headline(answer, randomization_pvalue=np.nan, n_events=1).sentence()
    assert text == "No verdict over 1 signed event: too few other sets of dates, or a day of each event is missing."


@pytest.mark.parametrize("pvalue", [0.01, 0.5, np.nan])
def test_no_sentence_has_more_than_forty_words(answer, pvalue):
    for stat in (-3, 3):
        changed = with_headline(answer, randomization_pvalue=pvalue, sum_of_t=stat, detectable=0.031)
        assert len(changed.sentence().split()) <= 40


def test_the_page_has_the_sentence_first_and_a_row_for_each_window_of_what_counts(answer):
    html = answer._repr_html_()
    assert html.startswith(f"<p>{answer.sentence()}</p><table")
    counting = answer.effects[answer.effects["against"] == "market and controls"]
    assert html.count("<tr") == 1 + len(counting)
    assert f"<Pooled: {answer.sentence()}>" == repr(answer)


def test_the_figure_has_a_row_for_each_event_and_the_pooled_effect_below(answer):
    ax = answer.plot()
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["e0, 2024-09-09", "e1, 2024-10-07", "e2, 2024-12-02", "all 3 events"]
    assert (
        ax.get_title(loc="left")
        == "Moved in the expected direction over sessions 0 to +1 beyond market and control group"
    )
    rows = answer.events[(answer.events["against"] == "market and controls") & (answer.events["window"] == "[0, +1]")]
    marks = [line.get_xdata()[0] for line in ax.get_lines() if line.get_marker() in ("^", "v")]
    assert marks == rows["in_expected_direction"].tolist()
    diamond = next(line for line in ax.get_lines() if line.get_marker() == "D")
    assert diamond.get_xdata()[0] == answer.headline["average"]
    assert diamond.get_ydata()[0] == 0
    texts = [text.get_text() for text in ax.texts]
    assert "▲ tightening" in texts
    assert "▼ relief" in texts
    plt.close(ax.figure)
    named = answer.plot(names={"e0": "the first"})
    assert [label.get_text() for label in named.get_yticklabels()][:2] == ["the first", "e1, 2024-10-07"]
    plt.close(named.figure)


def test_the_figure_draws_on_the_axis_handed_in_and_keeps_dated_names(answer):
    rows = answer.events[(answer.events["against"] == "market") & (answer.events["window"] == "[0, 0]")]
    rows = rows.assign(event_id=[f"{day:%Y-%m-%d}-news" for day in rows["session"]])
    rows.loc[rows.index[0], "in_expected_direction"] = np.nan
    figure, ax = plt.subplots()
    assert potash.plots.plot_pooled(rows, answer.headline, ax=ax, title="it") is ax
    assert [label.get_text() for label in ax.get_yticklabels()][:2] == ["2024-10-07-news", "2024-12-02-news"]
    plt.close(figure)


def test_the_headline_is_the_primary_window_of_all_events_with_controls(answer):
    row = answer.headline
    assert (row["against"], row["events"], row["window"]) == ("market and controls", "all", str(Window(0, 1)))
    assert answer.pvalue == row["randomization_pvalue"]
    assert isinstance(row, pd.Series)
