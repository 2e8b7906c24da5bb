"""The parts of a move add up, and the windows hold the one that the verdict rests on."""

import numpy as np
import pytest

from potash.report.desk import decomposition_table, set_up, window_table
from potash.report.desk.event.moves import parts_frame

FLAGSHIP = "2025-12-13-us-lifts-potash"


def as_number(text: str) -> float:
    return float(text.removesuffix(" %").replace("−", "-"))


def test_parts_add_up_to_the_return_of_the_portfolio(carried):
    table = decomposition_table(carried, FLAGSHIP)
    np.testing.assert_allclose(
        table.frame[["market", "controls", "specific"]].sum(axis=1), table.frame["raw_return"], atol=1e-12
    )
    assert list(table.shown["part"]) == ["market", "fertilizer-wide", "potash-specific", "together", "price change"]
    numbers = [as_number(text) for text in table.shown["day 0"]]
    assert sum(numbers[:3]) == pytest.approx(numbers[3], abs=0.15), "rounded to one decimal"
    row = table.frame[(table.frame["ticker"] == "portfolio") & (table.frame["window"] == "[0, 0]")].iloc[0]
    verdict = carried.verdict(FLAGSHIP)
    assert row["specific"] == pytest.approx(verdict.CAR, abs=1e-12)
    assert numbers[2] == pytest.approx(100 * verdict.CAR, abs=0.05)
    assert f"beta {row['beta']:.2f} times SPY" in table.shown["where it comes from"].iloc[0]
    assert table.note == "Control group: CF, DE and CTVA."
    assert table.name == f"parts-{FLAGSHIP}"


def test_without_controls_the_market_alone(alone):
    parts = decomposition_table(alone, "planted")
    assert list(parts.shown["part"]) == ["market", "potash-specific", "together", "price change"]
    table = window_table(alone, "planted")
    assert table.note.startswith("Effect: cumulative abnormal return (CAR) beyond the market.")
    assert "beyond the market alone" not in table.shown
    assert list(table.shown["window"]) == [
        "impact [0,\u00a00], the verdict's", "impact, two sessions [0,\u00a0+1]",
    ], "those inside the event window"  # fmt: skip


def test_windows_have_the_run_up_and_mark_that_of_the_verdict(carried):
    table = window_table(carried, FLAGSHIP)
    assert list(table.shown["window"])[:2] == ["run-up [−5,\u00a0−1]", "impact [0,\u00a00], the verdict's"]
    assert len(table.shown) == 5
    assert len(table.frame) == 10
    verdict = carried.verdict(FLAGSHIP)
    impact = table.frame.set_index(["against", "window"]).loc[("market and controls", "[0, 0]")]
    assert impact["CAR"] == verdict.CAR
    assert impact["randomization_pvalue"] == verdict.randomization_pvalue
    shown = table.shown.iloc[1]
    assert (shown["effect"], shown["beyond the market alone"]) == ("−1.4 %", "−1.4 %")
    assert shown["95 % interval"] == "−3.9 to +1.1 %"
    assert table.shown["usually found from"].iloc[-1] == "no size"
    assert "News of controls" not in table.note
    february = window_table(carried, "2022-02-24-invasion-of-ukraine").note
    assert february.endswith("DE −3: Deere reports its first quarter.")


def test_a_window_of_ones_own_is_a_row_of_its_own():
    setting = set_up(left_out=["MOS"], window=(-1, 1), events=[FLAGSHIP])
    shown = window_table(setting, FLAGSHIP).shown
    assert shown["window"].iloc[0] == "chosen [−1,\u00a0+1], the verdict's"
    assert shown["p, all windows"].iloc[0] == "not one of them"
    assert len(shown) == 6
    assert "[-1, +1]" in set(parts_frame(setting, FLAGSHIP)["window"])
