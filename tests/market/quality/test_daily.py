"""Factors and decimals of daily series."""

import numpy as np
import pandas as pd
import pytest

from potash.market.quality.daily import check_factors, decimals_of
from tests.support.made_bars import kinds, only


def test_a_rate_of_zero_for_a_year_and_one_given_too_coarsely():
    index = pd.bdate_range("2020-01-01", periods=600)
    rng = np.random.default_rng(2)
    rate = np.repeat(rng.uniform(0.001, 0.03, 30), 20)
    frame = pd.DataFrame({"mkt_rf": rng.normal(0, 1, 600).round(2), "rf": rate}, index=index)
    assert check_factors(frame) == []
    frame["rf"] = frame["rf"].round(2)
    assert kinds(check_factors(frame)) == ["coarse_values"]
    frame.loc[index[100:350], "rf"] = 0.0
    frame.loc[index[99], "rf"] = frame.loc[index[350], "rf"] = 0.01
    constant, coarse = check_factors(frame)
    assert (constant.kind, constant.severity) == ("constant_value", "warning")
    assert (constant.start, constant.end) == (index[100], index[349])
    assert constant.detail == "250 sessions at exactly 0"
    assert "steps of 0.01" in coarse.detail
    assert only(check_factors(frame[["rf"]].iloc[100:350]), "constant_value").severity == "warning"


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ([1.0, 20.0], 0),
        ([52.6, 52.599998], 1),
        ([1.25, np.nan, 3.1], 2),
        ([np.pi, np.e, np.sqrt(2)], None),
        ([np.nan], None),
    ],
)
def test_decimals_are_read_from_the_values(values, decimals):
    assert decimals_of(np.array(values)) == decimals
