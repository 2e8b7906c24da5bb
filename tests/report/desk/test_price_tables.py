"""The page about prices says where there are none, puts what matters first, and marks the events in its charts."""

import pandas as pd
import pytest

from potash.market.load import load_snapshot
from potash.market.quality.checking import check_snapshot
from potash.news.timeline import load_timeline
from potash.report.desk.price_tables import (
    coverage_figure,
    events_between,
    findings_table,
    holes,
    left_out_table,
    level_figures,
    monthly_figure,
    series_table,
)
from potash.universe import load_universe


@pytest.fixture(scope="module")
def universe():
    return load_universe()


@pytest.fixture(scope="module")
def snapshot(universe):
    return load_snapshot(None, universe)


def spans(*pairs):
    return pd.DataFrame(pairs, columns=["start", "end"]).apply(pd.to_datetime)


WHOLE = pd.Timestamp("2020-01-01"), pd.Timestamp("2020-12-31")


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([("2020-01-01", "2020-12-31")], []),
        ([("2020-01-02", "2020-12-31")], ["no prices before 2020-01-02"]),
        ([("2020-01-01", "2020-12-30")], ["no prices after 2020-12-30"]),
        (
            [("2020-06-01", "2020-12-31"), ("2020-01-01", "2020-03-31")],
            ["no prices from 2020-04-01 to 2020-05-31"],
        ),
        ([("2020-01-01", "2020-03-06"), ("2020-03-10", "2020-12-31")], []),
        ([("2020-02-03", "2020-03-31"), ("2020-06-01", "2020-06-30")],
         ["no prices before 2020-02-03", "none from 2020-04-01 to 2020-05-31", "none after 2020-06-30"]),
    ],
)  # fmt: skip
def test_a_hole_is_said_in_words(parts, words):
    assert holes(spans(*parts), WHOLE) == words


def test_each_security_has_one_row_with_its_holes(snapshot, universe):
    table = series_table(snapshot, universe)
    rows = table.shown.set_index("security")
    assert len(table.frame) == 16
    assert len(rows) == 9
    assert rows.at["Nutrien (NTR)", "holes"] == "no prices from 2022-04-30 to 2024-08-21"
    assert rows.at["Mosaic (MOS)", "holes"] == "no prices from 2022-04-30 to 2024-08-21; none after 2026-01-26"
    assert rows.at["Intrepid Potash (IPI)", "holes"] == "no prices after 2022-04-29"
    assert rows.at["ICL Group (ICL)", "adjusted for"] == "splits and dividends (total return); splits only"
    assert rows.at["Mosaic (MOS)", "as known in"] == "2024-03; 2026-01"
    assert rows.at["Mosaic (MOS)", "sessions"] == 462 + 357
    assert "currency" not in rows
    assert "without a price" not in rows
    assert "no session is without a price" in table.note


def test_errors_come_first_and_like_remarks_share_a_row():
    findings = pd.DataFrame(
        [
            ("NTR", "large_move", "info", "2025-01-02", "2025-01-02", "1 to 2 (-5.0%)", "Keep it."),
            ("NTR", "large_move", "info", "2025-02-03", "2025-02-04", "2 to 1 (+5.0%)", "Keep it."),
            ("ICL", "ends_early", "warning", "2025-03-03", "2025-03-03", "2025-03-03..2025-03-04", "Look."),
            ("MOS", "bad_price", "error", "2025-04-01", "2025-04-01", "zero", "Remove it."),
        ],
        columns=["series", "kind", "severity", "start", "end", "detail", "suggestion"],
    ).astype({"start": "datetime64[ns]", "end": "datetime64[ns]"})
    table = findings_table(findings)
    assert table.shown["how serious"].tolist() == ["error", "warning", "remark"]
    assert table.shown["what"].tolist() == ["bad price", "ends early", "large move"]
    last = table.shown.iloc[-1]
    assert last["when"] == "2025-01-02; 2025-02-03 to 2025-02-04"
    assert last["in detail"] == "1 to 2 (−5.0\u00a0%); 2 to 1 (+5.0\u00a0%)"
    assert table.shown.at[1, "in detail"] == "2025-03-03 to 2025-03-04"
    assert len(table.frame) == 4
    assert findings_table(findings, ["info"]).frame["severity"].unique().tolist() == ["info"]
    assert findings_table(findings.iloc[:0]).shown.empty


def test_the_charts_have_a_line_at_each_event_of_their_span(snapshot, universe):
    timeline = load_timeline()
    assert list(events_between(timeline, pd.Timestamp("2025-09-11"), pd.Timestamp("2025-12-08")).index) == [
        "2025-09-11", "2025-11-07", "2025-12-08"
    ]  # fmt: skip
    first, second = level_figures(snapshot, universe, timeline)
    days = [line.get_xdata()[0] for line in first.figure.axes[0].lines if line.get_linestyle() == "--"]
    assert len([day for day in days if isinstance(day, float)]) == 8
    assert "2022-02-24" in first.alt
    assert "2025-12-11" in second.alt


def test_the_other_figures_say_what_they_show(snapshot, universe):
    findings = check_snapshot(snapshot, universe)
    assert "2020-07-01 to 2026-01-29" in coverage_figure(snapshot, findings).alt
    months = pd.DataFrame(
        {"potassium_chloride": [200.0, 1202.4]}, index=pd.period_range("2022-03", periods=2, freq="M", name="month")
    )
    none = findings.iloc[:0]
    assert "peaks at 1,202 USD per tonne in 2022-04" in monthly_figure(months, none).alt
    assert "January 2020" not in monthly_figure(months, none).title
    assert left_out_table(snapshot).frame.empty
