"""What the figures hold: bars, marks, levels and labels."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from potash._figures import TEXTS, colour_of
from potash.errors import PricesError
from potash.market.load import load_snapshot
from potash.market.load_factors import load_monthly
from potash.market.plots import plot_coverage, plot_monthly, plot_prices_indexed
from potash.market.quality.checking import check_daily, check_monthly


@pytest.fixture(autouse=True)
def _close():
    with mpl.rc_context({"backend": "agg"}):
        yield
        plt.close("all")


def labels(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def days(*texts: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(texts, name="session")


def test_coverage_has_a_bar_per_segment_and_marks_once_in_the_legend():
    snapshot = load_snapshot()
    ax = plot_coverage(snapshot.series, check_daily(snapshot.prices, series=snapshot.series))
    assert sum(bar.get_height() == pytest.approx(0.62) for bar in ax.patches) == len(snapshot.series)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(snapshot.prices.columns)
    assert labels(ax).count("move above 6 robust s.d.") == 1
    assert "adjusted otherwise than the panel" in labels(ax)
    words = [text.get_text() for text in ax.texts]
    assert words.count("no prices from 2022-05 to 2024-08") == 6
    assert {"no prices after 2022-04", "no prices before 2024-08", "no prices from 2022-05 to 2025-06"} <= set(words)
    assert getattr(ax.patches[0], TEXTS) == ["SPY: prices from 2020-07-01 to 2022-04-29"]


def test_coverage_of_prices_breaks_the_bar_at_a_gap():
    prices = pd.DataFrame({"A": [1.0, np.nan, 2.0]}, index=days("2025-01-02", "2025-01-03", "2025-01-06"))
    _, given = plt.subplots()
    ax = plot_coverage(prices, ax=given)
    assert ax is given
    assert [bar.get_width() for bar in ax.patches] == [1.0, 1.0]
    assert ax.get_legend() is None


def test_monthly_shows_the_series_its_marks_and_its_unit():
    monthly = load_monthly()
    ax = plot_monthly(monthly, check_monthly(monthly))
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), monthly["potassium_chloride"])
    assert ax.get_ylabel() == "potassium chloride, USD per tonne"
    assert "repeats an earlier month" in labels(ax)
    assert [t.get_text() for t in ax.texts] == ["f.o.b. Vancouver to 2019-12", "c.f.r. Brazil from 2020-01"]
    maize = plot_monthly(monthly, check_monthly(monthly), series="maize")
    assert labels(maize) == ["maize"]
    with pytest.raises(PricesError, match=r"'potasium_chloride' is no column \(did you mean 'potassium_chloride'"):
        plot_monthly(monthly, series="potasium_chloride")


def test_indexed_prices_are_100_on_the_base_day_and_stay_in_their_segment():
    snapshot = load_snapshot()
    ax = plot_prices_indexed(snapshot.prices[["NTR", "ICL"]], "2025-06-09", series=snapshot.series)
    ntr, icl = ax.lines[:2]
    assert len(ntr.get_xdata()) == 360
    assert len(icl.get_xdata()) == 162
    assert icl.get_ydata()[0] == 100.0
    assert ntr.get_ydata()[-1] == pytest.approx(
        100 * snapshot.prices["NTR"].iloc[-1] / snapshot.prices.at[pd.Timestamp("2025-06-09"), "NTR"]
    )
    assert ax.get_ylabel() == "price, 2025-06-09 = 100 (log scale)"


def test_indexed_prices_stop_at_a_gap_without_segments():
    prices = pd.DataFrame({"A": [1.0, 2.0, np.nan, 9.0]}, index=pd.bdate_range("2025-01-06", periods=4))
    assert plot_prices_indexed(prices, "2025-01-06").lines[0].get_ydata().tolist() == [100.0, 200.0]
    with pytest.raises(PricesError, match=r"base_date=2025-01-08: no price for A. Choose"):
        plot_prices_indexed(prices, "2025-01-08")
    with pytest.raises(
        PricesError, match=r"base_date=2025-01-11 is no session of the frame \(2025-01-06 to 2025-01-09\)"
    ):
        plot_prices_indexed(prices, "2025-01-11")


def test_lines_of_prices_have_the_colour_of_their_ticker_their_name_at_the_end_and_tell_month_ends():
    prices = load_snapshot().prices.loc["2024-08-22":, ["SPY", "NTR", "MOS"]]
    for columns in (["SPY", "NTR", "MOS"], ["MOS", "NTR"]):
        ax = plot_prices_indexed(prices[columns], prices.index[0])
        assert {line.get_label(): line.get_color() for line in ax.lines if line.get_label() in columns} == {
            ticker: colour_of(ticker) for ticker in columns
        }
        assert {text.get_text() for text in ax.texts} == set(columns)
    said = [text for text in getattr(ax.lines[0], TEXTS) if text]
    assert len(said) == prices.index.to_period("M").nunique()
    assert said[0].startswith("MOS, 2024-08-30: ")


def test_events_are_dated_where_there_is_room_and_numbered_where_not():
    prices = pd.DataFrame({"A": np.linspace(1, 2, 260)}, index=pd.bdate_range("2025-01-06", periods=260))
    few = plot_prices_indexed(prices, prices.index[0], events=pd.Series({"2025-03-03": "One", "2025-09-01": "Two"}))
    assert {"2025-03-03", "2025-09-01"} <= {text.get_text() for text in few.texts}
    near = plot_prices_indexed(prices, prices.index[0], events=pd.Series({"2025-03-03": "One", "2025-03-05": "Two"}))
    assert {"1", "2"} <= {text.get_text() for text in near.texts}
    assert near.get_xlabel() == "1: 2025-03-03 · 2: 2025-03-05"
    assert [getattr(line, TEXTS)[1] for line in near.lines if hasattr(line, TEXTS)][-1] == "2025-03-05: Two"
