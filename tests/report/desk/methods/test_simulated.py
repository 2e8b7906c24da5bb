"""Simulated rates as a reader sees them: in parentheses where nothing is promised, tests in one order."""

import pytest

from potash.report.desk.methods.described import TESTS
from potash.report.desk.methods.simulated import few_firms_tables, size_tables, verdict_rates_table
from potash.study.simulated import simulated_size, simulated_verdicts


def test_rates_stand_in_parentheses_where_the_null_does_not_cover_the_design():
    first, second = size_tables()
    assert [first.name, second.name] == ["size-1", "size-2"]
    row = first.shown.set_index("test").loc["portfolio"]
    assert (row["independent dates"], row["variance doubled by the event"]) == ("5.4 %", "(17.4 %)")
    assert first.shown["test"].iloc[0] == "portfolio"
    assert len(first.shown) == len(TESTS)
    assert "cell" not in first.frame
    assert "1,000 studies" in first.title


def test_few_firms_are_columns():
    first, _ = few_firms_tables()
    assert next(name for name in first.shown if name.endswith("firms")) == "2 firms"
    assert not first.shown["residuals"].str.contains("_").any()
    size = simulated_size()
    shared = set(size.loc[(size["design"] == "shared_date") & size["covered"], "test"])
    assert set(first.frame["test"]) == shared


def test_the_verdict_has_a_row_for_each_shape_and_volatility():
    table = verdict_rates_table()
    grid = simulated_verdicts()
    grid = grid[grid["part"] == "grid"]
    assert len(grid) == 432
    assert len(table.shown) == 20
    calm = grid[(grid["shape"] == "normal") & (grid["volatility"] == 1)]
    assert table.shown.at[0, "days around the event"] == "as usual"
    assert float(table.shown.at[0, "false effects"].split()[0]) == pytest.approx(100 * calm["effect"].mean(), abs=0.051)
    assert float(table.shown.at[0, "effects noticed"].split()[0]) == pytest.approx(
        100 * calm["power"].mean(), abs=0.051
    )
    assert "controls as usual" in table.shown.at[3, "days around the event"]


def test_the_shapes_of_residuals_are_said_in_words():
    table = few_firms_tables()[0]
    assert set(table.shown["residuals"]) <= {"normal", "Student's t", "lognormal", "mildly lognormal", "GARCH"}
    assert table.note == "An empty cell: not simulated."
