"""Two sources side by side: rounding, columns, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from potash.errors import OptionError, PricesError
from potash.market.quality.compare.check import cross_check
from potash.market.quality.compare.pair import relative_rounding
from tests.market.quality.compare.made_pairs import bars, walk


def test_rounding_is_half_of_the_last_decimal_over_the_price():
    prices = pd.Series([9.01, 9.10, 9.04, 9.00, 8.97, 9.03, 9.11])
    assert relative_rounding(prices).tolist() == pytest.approx((0.005 / prices).tolist())


def test_noise_of_32_bit_floats_is_no_decimal():
    prices = pd.Series(np.array([52.22, 52.6, 51.59, 50.45, 51.03, 50.22], dtype=np.float32).astype(float))
    assert (prices.round(2) != prices).all()
    assert relative_rounding(prices).tolist() == pytest.approx((0.005 / prices).tolist())


def test_quotes_in_tenths_are_rounded_to_tenths():
    prices = pd.Series([8.9, 9.3, 9.1, 9.5, 8.6, 8.5, 9.0])
    assert relative_rounding(prices).tolist() == pytest.approx((0.05 / prices).tolist())


def test_a_few_round_prices_are_no_proof_of_coarse_rounding():
    prices = pd.Series([50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 55.0])
    assert relative_rounding(prices).tolist() == pytest.approx((0.005 / prices).tolist())


def test_decimals_are_those_of_the_sessions_around():
    rng = np.random.default_rng(1)
    prices = pd.Series(np.concatenate([rng.integers(80, 100, 200) / 10, np.round(rng.uniform(8, 10, 200), 4)]))
    rounding = relative_rounding(prices) * prices
    assert rounding.iloc[:150].tolist() == pytest.approx([0.05] * 150)
    assert rounding.iloc[-200:].tolist() == pytest.approx([0.00005] * 200)


def test_the_column_is_that_of_both_or_the_one_asked_for():
    prices, close = walk(), walk(1)
    left, right = bars(prices, close=close), pd.DataFrame({"close": close, "open": close})
    assert cross_check("A", left, right).summary.compared == ("close", "close")
    assert cross_check("A", left, left).summary.compared == ("adj_close", "adj_close")
    assert cross_check("A", left, left, field="close").summary.compared == ("close", "close")
    with pytest.raises(PricesError, match=r"A: left has no open\. Its columns with values: adj_close, close"):
        cross_check("A", left, right, field="open")
    with pytest.raises(OptionError, match="field='volume' is not known"):
        cross_check("A", left, right, field="volume")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.set_axis(f.index + pd.Timedelta(days=900)), "A: no common sessions .* left 60 prices 2025-01-02"),
        (lambda f: f.iloc[:1], "A: 1 common session with a price, and returns need two"),
        (lambda f: f.rename(columns={"adj_close": "price"}), "A: right has no adj_close or close.* price"),
        (
            lambda f: pd.concat([f.iloc[:5], f.iloc[4:]]),
            "A, right: prices: dates that stand more than once: 2025-01-08",
        ),
        (lambda f: f.iloc[::-1], "A, right: prices: .* comes after"),
        (lambda f: f.reset_index(drop=True), "A, right: prices: the index is a RangeIndex"),
        (lambda f: f.astype(str), "A, right: prices: .* in a column of type"),
    ],
)
def test_broken_input_is_refused_with_the_source_named(change, message):
    frame = bars(walk())
    with pytest.raises(PricesError, match=message):
        cross_check("A", frame, change(frame))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": ("a", "a")}, "must be two different names"),
        ({"names": ("a", "difference")}, "must be two different names"),
        ({"tolerance": -0.1}, "tolerance=-0.1 must be a fraction"),
        ({"tolerance": float("nan")}, "tolerance=nan must be a fraction"),
    ],
)
def test_options_that_break_a_rule(options, message):
    with pytest.raises(PricesError, match=message):
        cross_check("A", bars(walk()), bars(walk()), **options)
