"""A frame of prices that is handed in is checked, and what each refusal says."""

import numpy as np
import pandas as pd
import pytest

from potash.errors import PricesError
from potash.market.price_frame import check_prices

DAYS = pd.DatetimeIndex(["2025-01-02", "2025-01-03"])


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (pd.Series([1.0, 2.0], DAYS), "a Series, not a DataFrame"),
        (pd.DataFrame(index=DAYS), "nothing in it"),
        (pd.DataFrame({"A": [1.0, 2.0]}), "RangeIndex, not dates"),
        (pd.DataFrame({"A": [1.0, 2.0]}, DAYS.tz_localize("America/New_York")), "America/New_York.*tz_localize"),
        (pd.DataFrame({"A": [1.0, 2.0]}, DAYS + pd.Timedelta(hours=16)), "2025-01-02 16:00:00 has a time of day"),
        (pd.DataFrame({"A": [1.0, 2.0]}, pd.DatetimeIndex(["2025-01-02", None])), "row 2 has no date"),
        (pd.DataFrame({"A": [1.0, 2.0]}, DAYS[[0, 0]]), "more than once: 2025-01-02"),
        (pd.DataFrame({"A": [1.0, 2.0]}, DAYS[::-1]), r"2025-01-02 comes after 2025-01-03.*sort_index"),
        (pd.DataFrame([[1.0, 2.0]] * 2, DAYS, columns=["A", "A"]), "more than once: A"),
        (pd.DataFrame({"A": ["1.0", "x"]}, DAYS), "2025-01-02, A: '1.0' in a column of type"),
        (pd.DataFrame({"A": [True, True]}, DAYS), "A: True in a column of type bool"),
        (pd.DataFrame({"A": [1.0, 0.0]}, DAYS), "2025-01-03, A: 0.0 is not a positive price"),
        (pd.DataFrame({"A": [1.0, -2.0], "B": [-1.0, 1.0]}, DAYS), r"2025-01-02, B: -1.0 .*\(1 more cells"),
        (pd.DataFrame({"A": [np.inf, 1.0]}, DAYS), "2025-01-02, A: inf"),
    ],
)
def test_a_broken_frame_says_what_and_where(frame, expected):
    with pytest.raises(PricesError, match=f"(?s){expected}"):
        check_prices(frame)


def test_check_prices_takes_integers_nullable_columns_and_leaves_the_frame_alone():
    frame = pd.DataFrame({"A": [1, 2], "B": pd.array([1.5, None], dtype="Float64")}, DAYS)
    before = frame.copy()
    checked = check_prices(frame)
    assert (checked.dtypes == np.float64).all()
    assert np.isnan(checked.loc[DAYS[1], "B"])
    checked.iloc[0, 0] = 99.0
    pd.testing.assert_frame_equal(frame, before)
