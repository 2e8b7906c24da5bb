"""The members a model needs, and the factors it is made with."""

import numpy as np
import pandas as pd
import pytest

from potash.errors import InputError
from potash.study.engine.least_squares import fit_windows
from potash.study.expected_returns.ordinary import FactorModel
from tests.study.made_up import DAYS, events, made_returns, study


def three_factors() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(rng.normal(0, 0.01, (300, 3)), index=DAYS, columns=["market", "corn", "BRL"])


def columns(*names: tuple[str, ...]) -> pd.DataFrame:
    values = np.random.default_rng(2).normal(0, 0.01, (300, len(names)))
    return pd.DataFrame(values, index=DAYS, columns=pd.MultiIndex.from_tuples(names))


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        (three_factors()["corn"], "factors is a Series"),
        (three_factors()[[]], "there is no column"),
        (three_factors()[["corn", "corn"]], "more than once: corn"),
        (pd.DataFrame([[1.0, 2.0]], columns=[1, "1"]), "more than once: 1"),
        (
            columns(("A", "index"), ("A", "corn"), ("B", "index")),
            "A has index, corn; B has index. A factor that differs",
        ),
        (columns(("A", "index"), ("B", "corn")), "A has index; B has corn"),
        (
            columns(("A", "index"), ("B", "index"), ("A", "corn"), ("B", "corn")),
            "side by side; A has index; B has corn",
        ),
        (columns(("A", "index", "x")), "columns have 3 levels"),
    ],
)
def test_factors_that_cannot_be_used(factors, said):
    with pytest.raises(InputError, match=said):
        FactorModel(factors)


class BetaOne:
    """A model of one's own: beta is one, alpha is estimated."""

    name, param_names = "beta of one", ("alpha",)

    def __init__(self, market: pd.Series):
        self.factors = market.to_frame()

    def fit(self, y, x, y_event, x_event):
        return fit_windows(y - x[:, :, 0], x[:, :, :0], y_event - x_event[:, :, 0], x_event[:, :, :0])


def test_a_model_of_ones_own_needs_the_four_members_only():
    returns = made_returns(2)
    results = study(returns, events(200), model=BetaOne(returns["M"])).fit()
    excess = returns["A"] - returns["M"]
    assert results.abnormal_returns.loc[("e0", "A"), 0] == pytest.approx(excess.iloc[200] - excess.iloc[70:190].mean())
    deviation = excess.iloc[70:190].std() * np.sqrt(1 + 1 / 120)
    assert results.std_errors.loc[("e0", "A"), 0] == pytest.approx(deviation)
    assert results.tests((-1, 1)).loc["kolari_pynnonen", "n"] == 2
