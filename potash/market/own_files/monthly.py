"""Monthly prices from a CSV file, strictly: what breaks a rule is an error, not a guess."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from potash.market.own_files.cells import month_of, price_of
from potash.market.own_files.sheets import order_of, read_sheet
from potash.market.price_frame import check_unique


def read_monthly_csv(path: str | Path) -> pd.DataFrame:
    """Return monthly prices: index ``month`` (periods), a column per series; NaN where a cell is empty.

    Raises
    ------
    PricesError
        If there is no ``month`` column, a month is not written ``YYYY-MM``, stands twice or out of order, or a cell is no
        positive number.
    """
    sheet = read_sheet(path)
    at = sheet.position("month")
    months = [month_of(row[at], sheet.place(number)) for number, row in sheet.rows]
    check_unique([str(month) for month in months], str(sheet.path))
    order = order_of([m.to_timestamp() for m in months], [number for number, _ in sheet.rows], str(sheet.path))
    prices = {
        name: [
            price_of(row[i], f"{sheet.place(number)} ({month}), {name}")
            for (number, row), month in zip(sheet.rows, months, strict=True)
        ]
        for i, name in enumerate(sheet.header)
        if i != at
    }
    index = pd.PeriodIndex([months[i] for i in order], freq="M", name="month")
    return pd.DataFrame({name: [values[i] for i in order] for name, values in prices.items()}, index=index)
