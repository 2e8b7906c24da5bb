"""Strict reading: what is taken, and what each refusal says."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from potash.errors import PricesError
from potash.market.own_files.readers import check_prices, read_folder, read_monthly_csv, read_price_file, read_wide_csv


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str, name: str = "prices.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_wide_file_keeps_missing_cells_and_names_its_axes(write):
    frame = read_wide_csv(write("\ufeffDate,NTR,MOS\n2025-01-02,50.5,\n2025-01-03,51,20\n\n"))
    assert frame.index.name == "session"
    assert frame.columns.name == "ticker"
    assert frame.loc["2025-01-03"].to_dict() == {"NTR": 51.0, "MOS": 20.0}
    assert np.isnan(frame.loc["2025-01-02", "MOS"])


def test_newest_first_is_turned_round(write):
    frame = read_wide_csv(write("date,NTR\n2025-01-06,3\n2025-01-03,2\n2025-01-02,1\n"))
    assert frame["NTR"].tolist() == [1.0, 2.0, 3.0]
    assert frame.index.is_monotonic_increasing


def test_long_and_single_files_prefer_the_adjusted_close(write):
    long = read_price_file(
        write("ticker,DATE,Close,adj_close\nMOS,2025-01-02,9,8\nNTR,2025-01-02,5,4\nMOS,2025-01-03,9,7\n")
    )
    assert (long.layout, long.adjustment["MOS"]) == ("long", "adjusted (provider)")
    assert long.prices["MOS"].tolist() == [8.0, 7.0]
    assert np.isnan(long.prices.loc["2025-01-03", "NTR"])
    single = read_price_file(write("Date,Open,Close,Volume\n2025-01-02,1,2,3\n", "NTR.TO.csv"))
    assert (single.layout, single.adjustment) == ("single", {"NTR.TO": "not stated"})
    assert single.prices["NTR.TO"].tolist() == [2.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["empty", "header"]),
        ("date,NTR\n", ["no rows"]),
        ("day,NTR\n2025-01-02,1\n", ["no column 'date'", "day, NTR"]),
        ("date\n2025-01-02\n", ["no price columns"]),
        ("date,Open,Volume\n2025-01-02,1,2\n", ["Open, Volume", "no close"]),
        ("date,NTR,NTR\n2025-01-02,1,2\n", ["more than once: NTR"]),
        ("date,NTR,\n2025-01-02,1,2\n", ["column 3 of 3 has no name"]),
        ("date;NTR\n2025-01-02;1\n", ["not separated by commas"]),
        ("date,NTR\n2025-02-30,1\n", ["line 2", "'2025-02-30'", "not in the calendar"]),
        ("date,NTR\n2025-01-02,1\nnext,1\n", ["line 3", "'next' is not a date"]),
        ("date,NTR\n02/01/2025,1\n", ["'02/01/2025'", "not guessed", "YYYY-MM-DD"]),
        ("date,NTR\n20250102,1\n", ["not guessed"]),
        ("date,NTR\n2025-01-02 00:00:00-05:00,1\n", ["time zone", "tz_localize(None)"]),
        ("date,NTR\n2025-01-02 16:00,1\n", ["time of day"]),
        ("date,NTR\n2025-01-02,1\n2025-01-03,1\n2025-01-02,1\n", ["more than once: 2025-01-02"]),
        (
            "date,NTR\n2025-01-02,1\n2025-01-06,1\n2025-01-03,1\n",
            ["line 4", "2025-01-03 follows 2025-01-06", "sort_values"],
        ),
        ("date,NTR\n2025-01-02,n/a\n", ["line 2 (2025-01-02), NTR", "'n/a' is not a number", "empty"]),
        ('date,NTR\n2025-01-02,"1,234.5"\n', ["thousands separator", "1234.5"]),
        ('date,NTR\n2025-01-02,"12,34"\n', ["decimal comma"]),
        ("date,NTR\n2025-01-02,1,234.5\n", ["line 2 has 3 cells", "header has 2"]),
        ("date,NTR\n2025-01-02,0\n", ["2025-01-02", "NTR", "0 is not a positive price"]),
        ("date,NTR\n2025-01-02,-3.5\n", ["-3.5 is not a positive price"]),
        ("date,NTR\n2025-01-02,inf\n", ["'inf' is infinite"]),
        ("date,NTR,MOS\n2025-01-02,1,\n", ["no price at all for MOS"]),
        ("date,ticker,close\n2025-01-02,,1\n", ["line 2 has no ticker"]),
        ("date,ticker,close\n2025-01-02,MOS,1\n2025-01-02,MOS,2\n", ["MOS", "more than once: 2025-01-02"]),
    ],
)
def test_a_broken_file_says_what_and_where(write, text, expected):
    path = write(text)
    with pytest.raises(PricesError) as caught:
        read_price_file(path)
    for part in [path.name, *expected]:
        assert part in str(caught.value)


def test_other_encodings_and_missing_files_say_what_to_do(tmp_path):
    path = tmp_path / "NTR.csv"
    path.write_bytes("date,Schluß\n2025-01-02,1\n".encode("cp1252"))
    with pytest.raises(PricesError, match=r"not UTF-8.*CSV UTF-8"):
        read_wide_csv(path)
    with pytest.raises(PricesError, match=r"absent\.csv: cannot be read"):
        read_wide_csv(tmp_path / "absent.csv")


def test_folder_reads_every_csv_by_name(write, tmp_path):
    write("date,close\n2025-01-02,2\n", "NTR.csv")
    write("date,MOS\n2025-01-02,3\n", "a.CSV")
    write("not read", "notes.txt")
    assert [(f.path.name, f.layout) for f in read_folder(tmp_path)] == [("NTR.csv", "single"), ("a.CSV", "wide")]


def test_folder_refuses_two_sources_of_a_day_and_takes_two_segments(write, tmp_path):
    write("date,NTR\n2024-01-02,2\n2024-01-03,2\n", "old.csv")
    write("date,NTR\n2024-01-05,2\n", "new.csv")
    assert len(read_folder(tmp_path)) == 2
    write("date,NTR\n2024-01-03,2\n2024-01-05,2\n", "new.csv")
    with pytest.raises(
        PricesError, match=r"NTR stands in old.csv \(to 2024-01-03\) and in new.csv \(from 2024-01-03\)"
    ):
        read_folder(tmp_path)


def test_folder_without_csv_lists_what_is_there(write, tmp_path):
    write("x", "prices.xlsx")
    with pytest.raises(PricesError, match=r"no CSV file in it. Found: prices.xlsx"):
        read_folder(tmp_path)
    with pytest.raises(PricesError, match="no such folder"):
        read_folder(tmp_path / "absent")


def test_monthly_file(write):
    monthly = read_monthly_csv(write("month,urea\n2025-02,2\n2025-01,1\n"))
    assert monthly.index.equals(pd.period_range("2025-01", "2025-02", freq="M", name="month"))
    assert monthly["urea"].tolist() == [1.0, 2.0]
    with pytest.raises(PricesError, match="line 2: '2025-13' is not a month"):
        read_monthly_csv(write("month,urea\n2025-13,2\n"))


DAYS = pd.DatetimeIndex(["2025-01-02", "2025-01-03"])


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (pd.Series([1.0, 2.0], DAYS), "a Series, not a DataFrame"),
        (pd.DataFrame(index=DAYS), "nothing in it"),
        (pd.DataFrame({"A": [1.0, 2.0]}), "RangeIndex, not dates"),
        (pd.DataFrame({"A": [1.0, 2.0]}, DAYS.tz_localize("America/New_York")), "America/New_York.*tz_localize"),
        (pd.DataFrame({"A": [1.0, 2.0]}, DAYS + pd.Timedelta(hours=16)), "2025-01-02 16:00:00 has a time of day"),
        (pd.DataFrame({"A": [1.0, 2.0]}, pd.DatetimeIndex(["2025-01-02", None])), "row 2 has no date"),
        (pd.DataFrame({"A": [1.0, 2.0]}, DAYS[[0, 0]]), "more than once: 2025-01-02"),
        (pd.DataFrame({"A": [1.0, 2.0]}, DAYS[::-1]), r"2025-01-02 comes after 2025-01-03.*sort_index"),
        (pd.DataFrame([[1.0, 2.0]] * 2, DAYS, columns=["A", "A"]), "more than once: A"),
        (pd.DataFrame({"A": ["1.0", "x"]}, DAYS), "2025-01-02, A: '1.0' in a column of type"),
        (pd.DataFrame({"A": [True, True]}, DAYS), "A: True in a column of type bool"),
        (pd.DataFrame({"A": [1.0, 0.0]}, DAYS), "2025-01-03, A: 0.0 is not a positive price"),
        (pd.DataFrame({"A": [1.0, -2.0], "B": [-1.0, 1.0]}, DAYS), r"2025-01-02, B: -1.0 .*\(1 more cells"),
        (pd.DataFrame({"A": [np.inf, 1.0]}, DAYS), "2025-01-02, A: inf"),
    ],
)
def test_a_broken_frame_says_what_and_where(frame, expected):
    with pytest.raises(PricesError, match=f"(?s){expected}"):
        check_prices(frame)


def test_check_prices_takes_integers_nullable_columns_and_leaves_the_frame_alone():
    frame = pd.DataFrame({"A": [1, 2], "B": pd.array([1.5, None], dtype="Float64")}, DAYS)
    before = frame.copy()
    checked = check_prices(frame)
    assert (checked.dtypes == np.float64).all()
    assert np.isnan(checked.loc[DAYS[1], "B"])
    checked.iloc[0, 0] = 99.0
    pd.testing.assert_frame_equal(frame, before)
