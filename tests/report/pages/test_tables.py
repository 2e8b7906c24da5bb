from __future__ import annotations

import csv
import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest

from potash.errors import OptionError
from potash.report.pages.tables import as_it_was, csv_text, format_cell, format_float, html_table, unbroken_dates


def test_everything_is_escaped() -> None:
    frame = pd.DataFrame({"<a>": ["<script>alert(1)</script>"]}, index=pd.Index(["R&D"], name="x<y"))
    html = html_table(frame, "T & <t>", note="<n>")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    for text in ("&lt;a&gt;", "R&amp;D", "x&lt;y", "<caption><span>T &amp; &lt;t&gt;</span></caption>", "&lt;n&gt;"):
        assert text in html


@pytest.mark.parametrize("value", [None, float("nan"), np.nan, pd.NaT, pd.NA])
def test_missing_is_a_dash_that_says_so(value: object) -> None:
    dash = '<span class="missing"><span aria-hidden="true">–</span><span class="hidden">not available</span></span>'
    assert format_cell(value) == dash
    assert format_cell(value, "{:+.2%}") == dash


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (pd.Timestamp("2022-03-02"), "2022-03-02"),
        (dt.date(2022, 3, 2), "2022-03-02"),
        (pd.Timestamp("2022-03-02 14:30"), "2022-03-02 14:30"),
        (pd.Timestamp("2022-03-02", tz="UTC"), "2022-03-02 00:00 UTC"),
        (2024, "2024"),
        (np.int64(7), "7"),
        (True, "yes"),
        (np.bool_(False), "no"),
        (0.5, "0.5000"),
        (float("inf"), "∞"),
        ("a<b", "a&lt;b"),
        ("on 2022-03-02", 'on <span class="date">2022-03-02</span>'),
    ],
)
def test_cells(value: object, text: str) -> None:
    assert format_cell(value) == text


def test_small_and_large_floats_keep_four_digits() -> None:
    assert [format_float(x) for x in (-0.00012346, 3.14159, 99999.5, 1e20)] == [
        "-0.0001235",
        "3.142",
        "100000",
        "1.000e+20",
    ]


def test_numbers_stand_right_and_headers_have_a_scope() -> None:
    frame = pd.DataFrame({"name": ["a"], "n": [1.5], "day": pd.to_datetime(["2022-03-02"])})
    html = html_table(frame, "T")
    assert '<td class="num" data-v="1.5">1.500</td>' in html
    assert '<td class="date">2022-03-02</td>' in html
    assert "00:00" not in html
    assert '<th scope="col">name</th>' in html
    assert '<th scope="row">0</th>' in html
    # An unnamed index must not become an empty header.
    assert "<tr><td></td><th" in html
    assert '<th scope="col"></th>' not in html


def test_written_estimates_stand_right_with_and_without_parentheses() -> None:
    frame = pd.DataFrame(
        {"rate": ["4.5%", "(56.1%)"], "car": ["+1.43 % (1.64 %)", "<0.001"], "word": ["(none)", "4.5%"]}
    )
    html = html_table(frame, "T", index=False)
    for text in ("4.5%", "(56.1%)", "+1.43 % (1.64 %)", "&lt;0.001"):
        assert f'<td class="num">{text}</td>' in html
    assert "<td>(none)</td>" in html


def test_levels_of_columns_are_joined() -> None:
    columns = pd.MultiIndex.from_product([["CAR"], ["value", "p"]])
    frame = pd.DataFrame(
        [[0.1, 0.2]], columns=columns, index=pd.MultiIndex.from_tuples([("E1", "NTR")], names=["a", "b"])
    )
    html = html_table(frame, "T", formats={"CAR value": "{:+.1%}", "a": "{}!"})
    assert ">+10.0%<" in html
    assert ">E1!<" in html
    assert csv_text(frame).splitlines()[0] == "a,b,CAR value,CAR p"


def test_an_unknown_format_names_the_columns() -> None:
    with pytest.raises(OptionError, match=r"'carr'.*did you mean 'car'.*It has: car"):
        html_table(pd.DataFrame({"car": [1.0]}), "T", formats={"carr": "{}"})


def test_rows_left_out_are_said() -> None:
    html = html_table(pd.DataFrame({"x": range(5)}), "T", max_rows=2, note="Note.")
    assert html.count("<tr>") == 3
    assert "Note. First 2 of 5 rows." in html


def test_csv_keeps_twelve_digits_and_leaves_the_frame_alone() -> None:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"x": rng.normal(size=50) * 10.0 ** rng.integers(-9, 9, size=50), "t": ['a,"b"\nc'] * 50})
    before = frame.copy()
    text = csv_text(frame, index=False)
    back = pd.read_csv(io.StringIO(text))
    np.testing.assert_allclose(back["x"], frame["x"], rtol=1e-11)
    assert list(back["t"]) == list(frame["t"])
    assert "\r" not in text
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(1)", "+1+1", "-2+3+cmd|' /C calc'!A0", "\t=1", "-x", "+1 to cmd"])
def test_no_text_of_a_csv_is_a_formula(text: str) -> None:
    frame = pd.DataFrame({text: [text, "a"]}, index=pd.Index([text, "b"], name=text))
    rows = list(csv.reader(io.StringIO(csv_text(frame))))
    assert rows == [[f"'{text}"] * 2, [f"'{text}"] * 2, ["b", "a"]]
    assert as_it_was(rows[1][0]) == text


@pytest.mark.parametrize(
    "text", ["-2.5", "+5", "-1,234.5", "-3.9 to +1.1 %", "-1.4 %", "-", "-inf", "-1e-07", "'quoted'", "a=b"]
)
def test_numbers_and_words_of_a_csv_stay_as_they_are(text: str) -> None:
    assert csv_text(pd.DataFrame({"x": [text]}), index=False) in (f"x\n{text}\n", f'x\n"{text}"\n')
    assert as_it_was(text) == text


def test_an_empty_cell_does_not_move_a_column_of_estimates() -> None:
    html = html_table(pd.DataFrame({"rate": ["4.4%", "", "(7.6%)"]}), "T", index=False)
    assert html.count('class="num"') == 4


def test_words_for_no_number_stand_right_among_numbers_and_a_row_of_tickers_has_room():
    frame = pd.DataFrame(
        {
            "size": ["3.6 %", "no size"], "volatility": ["0.8\u00a0times", "missing"], "none": ["missing", "missing"],
            "firms": ["NTR, MOS, ICL", "NTR"],
        }
    )  # fmt: skip
    html = html_table(frame, "A table", index=False)
    assert html.count('<td class="num">') == 4
    assert html.count('<td class="list">') == 2


def test_a_date_stays_with_its_weekday():
    assert unbroken_dates("on Mon 2025-12-15") == 'on <span class="date">Mon 2025-12-15</span>'
    assert unbroken_dates("Moon 2025-12-15") == 'Moon <span class="date">2025-12-15</span>'


def test_short_names_in_the_first_column_do_not_break() -> None:
    html = html_table(pd.DataFrame({"firm": ["CF Industries (CF)"], "part": ["control"]}), "A table", index=False)
    assert html.count('class="name"') == 2, "of the head and of the row"
    assert 'class="name"' not in html_table(pd.DataFrame({"n": [1, 2]}), "A table", index=False)
