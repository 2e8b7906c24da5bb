"""What an answer is held against agrees with the functions that it comes from."""

import numpy as np

from potash.report.desk import normal_returns_table, power_table, robustness_table, significance_table

FLAGSHIP = "2025-12-13-us-lifts-potash"


def test_tests_have_names_and_say_whether_they_hold(carried):
    table = significance_table(carried, FLAGSHIP)
    results = carried.part.fit().for_event(FLAGSHIP)
    assert len(table.shown) == len(results.test_names) == 16
    row = table.shown.set_index("test").loc["portfolio"]
    stat = results.test("portfolio", (0, 0))
    assert row["statistic"] == f"{stat.stat:+.2f}".replace("-", "−")
    assert row["p"] == f"{stat.pvalue:.3f}"
    assert set(table.shown["assumptions hold"]) == {"yes", "no"}
    assert table.frame["test"].notna().all()


def test_answers_without_one_firm_or_control(carried):
    table = robustness_table(carried, FLAGSHIP)
    assert list(table.shown["portfolio"]) == [
        "all firms and controls", "without NTR", "without MOS", "without ICL", "without the control CF",
        "without the control DE", "without the control CTVA", "without firms with news of their own: MOS",
    ]  # fmt: skip
    assert (table.shown["effect"].iloc[0], table.shown["standard error"].iloc[0]) == ("−2.6 %", "1.3 %")
    assert table.note == "Effect on day 0 beyond the market and the controls that are left."


def test_power_is_that_of_the_verdict_and_grows_with_the_effect(carried, alone):
    table = power_table(carried, FLAGSHIP)
    curve = carried.verdict(FLAGSHIP).power
    at_five = np.interp(0.05, curve["effect"], curve["power"])
    row = table.shown.set_index("a true effect of").loc["5 %"]
    assert row["is found in"] == f"{at_five:.0%}".replace("%", " %") + " of cases"
    chances = [int(text.split()[0]) for text in table.shown["is found in"]]
    assert chances == sorted(chances)
    assert power_table(alone, "planted") is None, "no verdict was reached"


def test_normal_returns_are_parameters(carried):
    table = normal_returns_table(carried, FLAGSHIP)
    params = carried.everyone.for_event(FLAGSHIP).params
    np.testing.assert_array_equal(table.frame["beta"], params["beta"])
    assert "beta" not in table.shown, "it stands in the table of firms"
    assert table.shown["standard error of beta"].iloc[0] == f"{table.frame['beta_std_error'].iloc[0]:.2f}"
    assert table.note.startswith("Sessions −130 to −11 before day 0, log returns on those of SPY.")
