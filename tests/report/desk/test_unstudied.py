"""The reasons why an event cannot be studied, in words."""

import numpy as np
import pandas as pd
import pytest

from potash.report.desk.unstudied import reasons_of

DAYS = pd.bdate_range("2024-01-01", periods=300)


def row(reason, ticker="A", session=DAYS[200], detail="detail"):
    return {"ticker": ticker, "session": session, "reason": reason, "detail": detail}


def prices(**gaps):
    frame = pd.DataFrame(1.0, index=DAYS, columns=["A", "B"])
    for ticker, gap in gaps.items():
        frame.loc[gap, ticker] = np.nan
    return frame


@pytest.mark.parametrize(
    ("rows", "gaps", "words"),
    [
        ([row("outside the prices", session=pd.Timestamp("2020-01-02"))], {}, "prices begin 2024-01"),
        ([row("outside the prices", session=pd.Timestamp("2026-01-02"))], {}, "prices end 2025-02-21"),
        ([row("event window not covered", session=DAYS[298])], {}, "too close to the last price (2025-02-21)"),
        ([row("event window not covered", session=DAYS[2])], {}, "too close to the first price (2024-01-01)"),
        (
            [row("missing day 0")],
            {"A": slice(DAYS[100], DAYS[220])},
            "no prices then: A (none from 2024-05 to 2024-11)",
        ),
        ([row("missing day 0")], {"A": slice(DAYS[100], None)}, "no prices then: A (last 2024-05)"),
        ([row("missing day 0")], {"A": slice(None, DAYS[220])}, "no prices then: A (first 2024-11)"),
        ([row("missing day 0")], {"A": slice(None)}, "no prices then: A"),
        (
            [row("no session", detail="exchange XAMM has no trading calendar")],
            {},
            "exchange XAMM has no trading calendar",
        ),
        ([row("no fit")], {}, "returns that do not vary"),
        (
            [row("too few estimation returns"), row("too few estimation returns", "B")],
            {"A": slice(None, DAYS[150]), "B": slice(None, DAYS[150])},
            "too few prices before it: A and B (from 2024-07 on)",
        ),
        ([], {}, ""),
    ],
)
def test_reasons_in_words(rows, gaps, words):
    frame = pd.DataFrame(rows, columns=["ticker", "session", "reason", "detail"])
    assert reasons_of(frame, prices(**gaps), (-130, -11)) == words
