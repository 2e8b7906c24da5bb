"""P-values corrected over firms and windows, with their labels."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError, OptionError
from potash.study.engine.least_squares import fit_windows
from potash.study.inference.multiple import holm
from tests.study.made_up import DAYS, events, made_returns, study


@pytest.fixture(scope="module")
def results():
    return study(made_returns(4, seed=5), events(180, 220)).fit()


def test_corrected_pvalues_have_a_row_per_firm_and_a_column_per_window(results):
    windows = [(0, 0), (-1, 1)]
    corrected = results.adjusted_pvalues(windows, "holm")
    raw = np.column_stack([results.car(w)["pvalue"] for w in windows])
    np.testing.assert_allclose(corrected.to_numpy(), holm(raw))
    assert corrected.columns.tolist() == ["[0, 0]", "[-1, +1]"]
    one = results.for_event("e0").adjusted_pvalues(windows, draws=199)
    assert one.shape == (4, 2)
    size = np.abs(np.column_stack([results.for_event("e0").car(w)["tstat"] for w in windows])).ravel()
    assert (np.diff(one.to_numpy().ravel()[np.argsort(-size)]) >= 0).all(), "a larger statistic has no larger p-value"
    assert one.to_numpy().min() < one.to_numpy().max()
    with pytest.raises(InputError, match="these results hold 2 events"):
        results.adjusted_pvalues(windows)
    with pytest.raises(OptionError, match="'romano_wolf', 'holm', 'benjamini_hochberg'"):
        results.adjusted_pvalues(windows, "bonferroni")


class OwnFactors:
    """Least squares on a factor of each security's own, or that factor taken off without an estimate."""

    name = "own factors"

    def __init__(self, estimated: bool) -> None:
        noise = np.random.default_rng(3).normal(0, 0.01, (len(DAYS), 4))
        columns = pd.MultiIndex.from_product([list("ABCD"), ["own"]])
        self.factors = pd.DataFrame(noise, index=DAYS, columns=columns)
        self.param_names = ("alpha", "beta") if estimated else ()

    def fit(self, y, x, y_event, x_event):
        if self.param_names:
            return fit_windows(y, x, y_event, x_event)
        none = x[:, :, :0], x_event[:, :, :0]
        return fit_windows(y - x[:, :, 0], none[0], y_event - x_event[:, :, 0], none[1])


def test_romano_wolf_needs_the_factors_in_common():
    own = study(made_returns(4), events(200), model=OwnFactors(True)).fit()
    with pytest.raises(InputError, match=r"these firms have factors of their own\. Choose method='holm'"):
        own.adjusted_pvalues([(0, 0)])
    assert own.adjusted_pvalues([(0, 0)], "holm").notna().all(axis=None)
    taken_off = study(made_returns(4), events(200), model=OwnFactors(False)).fit()
    assert taken_off.adjusted_pvalues([(0, 0)], draws=99).notna().all(axis=None)


@pytest.mark.parametrize("gap", [None, 90])
def test_romano_wolf_does_not_resample_returns_over_several_days(gap):
    returns = made_returns(2, seed=6)
    prices = 50 * np.exp(returns[["A", "B"]].cumsum())
    if gap:
        prices.iloc[gap, 1] = np.nan
    trades = potash.trade_to_trade(prices, returns["M"], returns_kind="log")
    model = potash.TradeToTrade(trades)
    corrected = potash.EventStudy(trades.returns, events(200), returns_kind="log", model=model).fit()
    with pytest.raises(InputError, match=r"returns of the trade to trade model span several\. Choose method='holm'"):
        corrected.adjusted_pvalues([(0, 0)])


def test_a_market_missing_on_a_day_that_no_window_sums_stops_nothing():
    returns = made_returns(3)
    holed = returns.copy()
    holed.iloc[205, 3] = np.nan
    windows = [(0, 0), (-1, 1)]
    corrected = study(holed, events(200)).fit().adjusted_pvalues(windows, draws=99)
    pd.testing.assert_frame_equal(corrected, study(returns, events(200)).fit().adjusted_pvalues(windows, draws=99))


def test_corrections_need_a_window_draws_and_a_seed(results):
    one = results.for_event("e0")
    for method in ("romano_wolf", "holm"):
        with pytest.raises(InputError, match=r"windows=\[\] holds none"):
            one.adjusted_pvalues([], method)
    with pytest.raises(InputError, match="draws=0 must be a whole number, 1 or more"):
        one.adjusted_pvalues([(0, 0)], draws=0)
    with pytest.raises(InputError, match="seed=-1 must be a whole number, 0 or more"):
        one.adjusted_pvalues([(0, 0)], seed=-1)
