"""What objects show of themselves: a line in a terminal, a small table in a notebook, and never a frame in full."""

import pandas as pd
import pytest

import potash
from potash._display import MOST_ROWS, Displayed, months_of, span_of

MOST_CHARACTERS = 260  # two lines of a wide terminal


class Listing(Displayed):
    def __init__(self, rows):
        self.rows = rows

    def _line(self):
        return "<b>a & b</b>"

    def _facts(self):
        return {"<script>": "1 < 2"}

    def _table(self):
        return pd.DataFrame({"<i>": ["x < y"] * self.rows})


def test_what_comes_from_users_is_escaped():
    html = Listing(1)._repr_html_()
    assert "&lt;b&gt;a &amp; b&lt;/b&gt;" in html
    assert "&lt;script&gt;" in html
    assert "1 &lt; 2" in html
    assert "x &lt; y" in html
    assert "<i>" not in html


def test_a_long_table_is_cut_and_says_so():
    assert "First" not in Listing(MOST_ROWS)._repr_html_()
    html = Listing(MOST_ROWS + 1)._repr_html_()
    assert f"First {MOST_ROWS} of {MOST_ROWS + 1} rows." in html
    assert html.count("x &lt; y") == MOST_ROWS


def test_an_empty_table_and_no_facts_leave_nothing_behind():
    class Bare(Displayed):
        def _line(self):
            return "nothing more"

    assert Bare()._repr_html_() == "<p><strong>Bare</strong>: nothing more</p>"
    assert repr(Bare()) == "<Bare: nothing more>"


def test_a_span_without_sessions_says_so():
    assert span_of(pd.DatetimeIndex([])) == "no sessions"


@pytest.fixture(scope="module")
def objects():
    setting = potash.desk.set_up(left_out=["MOS"])
    results, market = setting.whole.fit(), setting.returns["SPY"]
    return {
        "EventStudy": setting.whole, "EventStudyResults": results, "Verdict": setting.verdict(setting.newest[0]),
        "Timeline": setting.timeline, "Universe": setting.universe, "Snapshot": potash.load_snapshot(),
        "SignificanceTest": results.test("portfolio"),
        "ControlGroup": setting.whole.controls, "MarketModel": potash.MarketModel(market), "Dimson": potash.Dimson(market),
        "MeanAdjusted": potash.MeanAdjusted(), "FactorModel": potash.FactorModel(setting.returns[["SPY", "DE"]]),
        "RobustModel": potash.RobustModel(market), "ScholesWilliams": potash.ScholesWilliams(market),
        "GARCH": potash.GARCH(market), "EGARCH": potash.EGARCH(market), "MarketAdjusted": potash.MarketAdjusted(market),
    }  # fmt: skip


def test_every_object_is_short_in_a_terminal_and_has_a_look_in_a_notebook(objects):
    for name, shown in objects.items():
        text, html = repr(shown), shown._repr_html_()
        assert text.startswith(f"<{name}: "), name
        assert text.endswith(">"), name
        assert len(text) <= MOST_CHARACTERS, text
        assert "\n" not in text, name
        assert html.startswith(f"<p><strong>{name}</strong>: "), name
        assert len(html) < 12_000, name


def test_what_is_shown_is_what_a_reader_asks_first(objects):
    assert "control group</th>" in objects["Verdict"]._repr_html_()
    assert "nitrogen control" in objects["Universe"]._repr_html_()
    assert "2025-12-13-us-lifts-potash" in objects["Timeline"]._repr_html_()
    assert "AR on day 0" in objects["EventStudyResults"]._repr_html_()
    assert "SPY, DE" in objects["FactorModel"]._repr_html_()
    assert "factors</th>" in objects["MeanAdjusted"]._repr_html_()
    assert "1,402 sessions, 2020-07-01 to 2026-01-29" in repr(objects["Snapshot"])


def test_months_of_days_leave_out_holes_of_more_than_a_quarter():
    def months(*days):
        return months_of(pd.DatetimeIndex(days))

    assert months("2021-02-01", "2020-12-01") == "2020-12 to 2021-02", "in any order"
    assert months("2021-01-01", "2021-04-03") == "2021-01 to 2021-04", "92 days"
    assert months("2021-01-01", "2021-04-04") == "2021-01 and 2021-04", "93 days"
    assert months("2021-01-01", "2022-01-01", "2023-01-01") == "2021-01, 2022-01 and 2023-01"
    assert months() == ""
