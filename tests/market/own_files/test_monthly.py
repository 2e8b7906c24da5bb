"""Monthly prices are read strictly."""

import pandas as pd
import pytest

from potash.errors import PricesError
from potash.market.own_files.monthly import read_monthly_csv


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "prices.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_monthly_file(write):
    monthly = read_monthly_csv(write("month,urea\n2025-02,2\n2025-01,1\n"))
    assert monthly.index.equals(pd.period_range("2025-01", "2025-02", freq="M", name="month"))
    assert monthly["urea"].tolist() == [1.0, 2.0]
    with pytest.raises(PricesError, match="line 2: '2025-13' is not a month"):
        read_monthly_csv(write("month,urea\n2025-13,2\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("date,urea\n2025-01,1\n", "no column 'month'"),
        ("month,urea\n2025-01,1\n2025-01,2\n", "more than once: 2025-01"),
        ("month,urea\n2025-01,1\n2025-03,2\n2025-02,2\n", "line 4: 2025-02-01 follows 2025-03-01"),
        ("month,urea,dap\n2025-01,1,0\n", r"line 2 \(2025-01\), dap: 0 is not a positive price"),
    ],
)
def test_a_broken_file_says_what_and_where(write, text, expected):
    with pytest.raises(PricesError, match=expected):
        read_monthly_csv(write(text))
