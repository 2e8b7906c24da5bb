from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from potash.report.run.marks import MARKS, PriceChanges, changed_prices, price_marks


def written(folder: Path, prices: pd.DataFrame) -> Path:
    folder.mkdir()
    (folder / MARKS).write_text(json.dumps(price_marks(prices)))
    return folder / MARKS


def prices() -> pd.DataFrame:
    days = pd.bdate_range("2025-12-01", periods=4)
    return pd.DataFrame({"NTR": [50.0, 51, 52, 53], "MOS": [20.0, np.nan, 22, 23]}, index=days)


def test_added_rewritten_and_gone_prices_are_counted(tmp_path: Path) -> None:
    new = prices()
    new.loc["2025-12-02", "NTR"] = 51.5
    new.loc["2025-12-03", "MOS"] = np.nan  # gone for one ticker alone: the session still has a price
    new = new.drop(pd.Timestamp("2025-12-01"))
    new.loc[pd.Timestamp("2025-12-05")] = [54.0, 24.0]
    new.loc[pd.Timestamp("2025-12-08")] = [55.0, np.nan]
    new["ICL"] = 6.0
    changes = changed_prices(written(tmp_path / "a", prices()), written(tmp_path / "b", new))
    assert changes == PriceChanges(
        sessions_added=2, sessions_gone=1, first_added="2025-12-05", last_added="2025-12-08", rewritten=1,
        tickers_rewritten=("NTR",), tickers_added=("ICL",),
    )  # fmt: skip
    assert str(changes) == (
        "Prices of 2 sessions added (2025-12-05 to 2025-12-08); 1 rewritten (NTR); 1 sessions gone; new: ICL."
    )


def test_the_same_prices_do_not_differ(tmp_path: Path) -> None:
    changes = changed_prices(written(tmp_path / "a", prices()), written(tmp_path / "b", prices()))
    assert changes == PriceChanges()
    assert str(changes) == "Prices as before."


def test_a_report_without_marks_says_nothing(tmp_path: Path) -> None:
    there = written(tmp_path / "a", prices())
    (tmp_path / "broken").write_text('{"sessions": 1}')
    assert changed_prices(there, tmp_path / "missing") is None
    assert changed_prices(tmp_path / "broken", there) is None
