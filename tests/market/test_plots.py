"""What the figures hold: bars, marks, levels and labels."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

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
