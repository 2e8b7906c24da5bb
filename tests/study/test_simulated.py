"""The carried tables of simulated size and of simulated verdicts."""

import pytest

from potash.study.simulated import simulated_size, simulated_verdicts


def test_rates_are_shares_of_studies_and_near_five_percent_where_the_null_covers_the_design():
    table = simulated_size()
    assert table.columns.tolist() == [
        "test", "window", "design", "firms", "residuals", "rate", "n_studies", "covered", "holds",
    ]  # fmt: skip
    answered = table[table["n_studies"] > 0]
    assert answered["rate"].between(0, 1).all()
    assert answered["holds"].between(0, 1).all()
    assert table.loc[table["n_studies"] == 0, "rate"].isna().all()
    assert (answered["n_studies"] >= 1000).mean() > 0.95
    table = answered
    covered = table[table["covered"]]
    assert 0 < len(covered) < len(table)
    assert covered["rate"].mean() == pytest.approx(0.05, abs=0.01)
    assert table.loc[~table["covered"], "rate"].mean() > covered["rate"].mean()


def test_the_verdict_is_wrong_about_as_often_as_it_says():
    table = simulated_verdicts()
    grid = table[table["part"] == "grid"]
    assert grid[["effect", "power", "wrong_sign"]].stack().between(0, 1).all()
    assert grid["shared"].dtype == bool
    assert not grid["shared"].all()
    assert grid["effect"].mean() == pytest.approx(0.05, abs=0.01)
    assert grid["power"].mean() == pytest.approx(0.8, abs=0.03)
