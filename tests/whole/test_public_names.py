"""The study as people will write it, with the public names alone, on every event of the carried timeline."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import potash


@pytest.fixture(scope="module")
def results():
    prices = potash.load_prices()
    returns = potash.log_returns(prices)
    timeline = potash.load_timeline()
    events = timeline.align(["NTR", "MOS", "CF"])
    assert {"event_id", "ticker", "session", "ambiguous"} <= set(events)
    study = potash.EventStudy(
        returns[["NTR", "MOS", "CF"]], events, returns_kind="log",
        model=potash.MarketModel(market=returns["SPY"]),
        event_window=(-5, 5), estimation_window=(-130, -11),
    )  # fmt: skip
    return study.fit()


def test_every_event_is_kept_or_in_the_ledger(results):
    asked = potash.load_timeline().with_relevance("headline", "market")
    assert len(results.events) + len(results.dropped) == 3 * len(asked)
    reasons = results.dropped.drop_duplicates("event_id").set_index("event_id")["reason"]
    assert reasons.to_dict() == {
        "2013-07-30-uralkali-leaves-bpc": "outside the prices",
        "2024-11-04-output-cut-idea": "too few estimation returns",
        "2026-02-26-eu-extends-sanctions": "outside the prices",
        "2026-03-19-us-to-delist-belaruskali": "outside the prices",
    }


def test_frames_have_the_shapes_that_are_promised(results):
    assert results.abnormal_returns.index.names == ["event_id", "ticker"]
    assert list(results.abnormal_returns.columns) == list(range(-5, 6))
    assert list(results.car((-1, 1)).columns) == ["CAR", "std_error", "tstat", "pvalue"]
    assert np.isfinite(results.test("kolari_pynnonen", window=(0, 0)).stat)
    table = results.tests(window=(-1, 1))
    assert isinstance(table, pd.DataFrame)
    assert not table.at["cross_sectional", "holds"], "three firms share each date"
    assert "Event study" in results.summary()
    axis = results.plot_car()
    plt.close(axis.figure)


def test_overlapping_events_are_said_to_overlap(results):
    assert "overlap" in results.tests(window=(-5, 5)).at["portfolio", "reason"]


def test_known_moves_are_found_with_their_sign():
    """The output cut floated on 4 November 2024 moved potash shares up on the day; a tool that misses it is broken."""
    returns = potash.log_returns(potash.load_prices())
    event = potash.load_timeline().align(["NTR", "MOS"], ["2024-11-04-output-cut-idea"])
    study = potash.EventStudy(
        returns[["NTR", "MOS"]], event, returns_kind="log", model=potash.MarketModel(returns["SPY"]),
        event_window=(-1, 1), estimation_window=(-50, -2),
    )  # fmt: skip
    portfolio = study.fit().portfolio((0, 0)).iloc[0]
    assert portfolio["CAR"] > 0.04
    assert portfolio["pvalue"] < 0.01
