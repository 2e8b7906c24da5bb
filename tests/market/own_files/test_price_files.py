"""All the bars of a user's files: fields and their names, both kinds of file, and what each refusal says."""

import datetime as dt
import hashlib
from decimal import Decimal

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings

from potash.errors import PricesError
from potash.market.own_files.price_files import ADJUSTED, read_price_file, read_price_folder
from potash.market.series import NOT_STATED, by_ticker, joined

EXPORT = """Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits,Capital Gains
2025-01-02,10,12,9,11,10.5,1000,0.0,0.0,0.0
2025-01-03,11,11.5,10,10.25,10,0,0.54,0,0.0
2025-01-06,,,,5.5,5.4,,,2,0.0
"""
FIELDS = ["open", "high", "low", "close", "adj_close", "volume", "dividend", "split"]


@pytest.fixture
def write(tmp_path):
    def write(text, name="NTR.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def save(tmp_path):
    def save(columns, name="NTR.parquet"):
        table = columns if isinstance(columns, pa.Table) else pa.table(columns)
        pq.write_table(table, tmp_path / name)
        return tmp_path / name

    return save


def bars_of(file):
    return {one.ticker: one.values for one in file.series}


def adjustments(file):
    return {one.ticker: one.adjustment for one in file.series}


def test_a_single_file_gives_every_field_of_a_bar(write):
    path = write(EXPORT)
    file = read_price_file(path)
    assert (file.path, file.layout, list(bars_of(file))) == (path, "single", ["NTR"])
    assert adjustments(file) == {"NTR": ADJUSTED}
    assert file.sha256 == hashlib.sha256(EXPORT.encode()).hexdigest()
    bars = bars_of(file)["NTR"]
    assert (list(bars.columns), bars.index.name, set(bars.dtypes)) == (FIELDS, "session", {np.dtype("float64")})
    assert bars.loc["2025-01-02"].dropna().to_dict() == {
        "open": 10, "high": 12, "low": 9, "close": 11, "adj_close": 10.5, "volume": 1000,
    }  # fmt: skip
    assert bars.loc["2025-01-03"].dropna()[["volume", "dividend"]].to_dict() == {"volume": 0, "dividend": 0.54}
    assert bars.loc["2025-01-06"].dropna().to_dict() == {"close": 5.5, "adj_close": 5.4, "split": 2}


def test_a_long_file_gives_bars_per_ticker_newest_first_or_oldest_first(write):
    file = read_price_file(
        write("TICKER,date,CLOSE,adj_close,source\nMOS,2025-01-03,9,8,a\nNTR,2025-01-02,5,,b\nMOS,2025-01-02,8,7,c\n")
    )
    assert (file.layout, adjustments(file)) == ("long", {"MOS": ADJUSTED, "NTR": NOT_STATED})
    assert bars_of(file)["MOS"]["adj_close"].tolist() == [7.0, 8.0]
    assert list(bars_of(file)["NTR"].columns) == ["close"]


def test_a_wide_file_gives_closes_of_the_days_that_have_one(write):
    file = read_price_file(write("date,NTR,MOS\n2025-01-02,50.5,\n2025-01-03,51,20\n", "all.csv"))
    assert (file.layout, adjustments(file)) == ("wide", {"NTR": NOT_STATED, "MOS": NOT_STATED})
    assert bars_of(file)["MOS"].to_dict("list") == {"close": [20.0]}
    assert bars_of(file)["MOS"].index.tolist() == [pd.Timestamp("2025-01-03")]


def test_rows_without_a_value_and_actions_that_are_none_are_left_out(write):
    bars = bars_of(
        read_price_file(write("date,close,dividend,split\n2025-01-02,1,0,1\n2025-01-03,,,0.0\n2025-01-06,,.5,\n"))
    )
    assert list(bars["NTR"].columns) == ["close", "dividend"]
    assert bars["NTR"].index.tolist() == [pd.Timestamp("2025-01-02"), pd.Timestamp("2025-01-06")]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("last", "close"),
        ("Adj Close", "adj_close"),
        ("DIVIDENDS", "dividend"),
        ("splits", "split"),
        ("Stock Splits", "split"),
    ],
)
def test_other_names_of_a_field(write, header, field):
    cells = {"close": "7"} | {header: "3"} if header != "last" else {header: "3"}
    text = f"date,{','.join(cells)}\n2025-01-02,{','.join(cells.values())}\n"
    assert bars_of(read_price_file(write(text)))["NTR"][field].tolist() == [3.0]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("2025-01-02,1,-5,,", ["line 2 (2025-01-02), NTR volume: -5 is negative"]),
        ("2025-01-02,1,,-0.5,", ["NTR dividend: -0.5 is negative"]),
        ("2025-01-02,1,,,-2", ["NTR split: -2 is negative"]),
        ("2025-01-02,1,,,2:1", ["NTR split: '2:1' is not a number"]),
        ('2025-01-02,1,"1,000",,', ["NTR volume: '1,000' has a thousands separator"]),
        ("2025-01-02,1,inf,,", ["NTR volume: 'inf' is infinite"]),
        ("2025-01-02,0,1,,", ["NTR close: 0 is not a positive price"]),
        ("2025-01-02,,1,,", ["no price at all for NTR"]),
    ],
)
def test_a_cell_that_breaks_a_rule_is_named_with_its_field(write, row, expected):
    path = write(f"date,close,volume,dividend,split\n{row}\n")
    with pytest.raises(PricesError) as caught:
        read_price_file(path)
    for part in [str(path), *expected]:
        assert part in str(caught.value)


@pytest.mark.parametrize("header", ["dividends", "Stock Splits", "ticker", "price"])
def test_fields_without_a_close_are_no_wide_file(write, header):
    with pytest.raises(PricesError, match=f"columns {header} and no close"):
        read_price_file(write(f"date,{header}\n2025-01-02,1\n"))


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
    path = write(text, "prices.csv")
    with pytest.raises(PricesError) as caught:
        read_price_file(path)
    for part in [path.name, *expected]:
        assert part in str(caught.value)


def test_other_encodings_and_missing_files_say_what_to_do(tmp_path):
    path = tmp_path / "NTR.csv"
    path.write_bytes("date,Schluß\n2025-01-02,1\n".encode("cp1252"))
    with pytest.raises(PricesError, match=r"not UTF-8.*CSV UTF-8"):
        read_price_file(path)
    with pytest.raises(PricesError, match=r"absent\.csv: cannot be read"):
        read_price_file(tmp_path / "absent.csv")


def test_newest_first_is_turned_round_and_a_byte_order_mark_is_no_name(write):
    (one,) = read_price_file(write("\ufeffDate,NTR\n2025-01-06,3\n2025-01-03,2\n\n2025-01-02,1\n")).series
    assert one.values["close"].tolist() == [1.0, 2.0, 3.0]
    assert (one.first, one.last) == (pd.Timestamp("2025-01-02"), pd.Timestamp("2025-01-06"))
    assert (one.source, one.known_as_of, one.file) == ("own files", NOT_STATED, "NTR.csv")


# Parquet

DATES = [dt.date(2025, 1, 2), dt.date(2025, 1, 3)]
TIMES = [dt.datetime(2025, 1, 2), dt.datetime(2025, 1, 3)]


@pytest.mark.parametrize(
    "dates",
    [
        pa.array(DATES, pa.date32()),
        pa.array(DATES, pa.date64()),
        pa.array(TIMES, pa.timestamp("s")),
        pa.array(TIMES, pa.timestamp("us")),
        pa.array(TIMES, pa.timestamp("ns")),
        pa.array(["2025-01-02", "2025-01-03"]),
        pa.array(["2025-01-02", "2025-01-03"]).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
def test_parquet_takes_dates_of_every_plain_kind(save, dates):
    bars = bars_of(read_price_file(save({"date": dates, "close": [1.5, 2.5]})))["NTR"]
    assert bars.index.tolist() == [pd.Timestamp("2025-01-02"), pd.Timestamp("2025-01-03")]
    assert bars["close"].tolist() == [1.5, 2.5]


@pytest.mark.parametrize(
    "values",
    [
        pa.array([3, 4]),
        pa.array([3.0, 4.0], pa.float32()),
        pa.array([Decimal("3.00"), Decimal("4.00")]),
        pa.array(["3", "4"]),
    ],
    ids=lambda array: str(array.type),
)
def test_parquet_takes_numbers_of_every_kind(save, values):
    bars = bars_of(read_price_file(save({"date": DATES, "close": values, "volume": values})))["NTR"]
    assert bars["close"].tolist() == [3.0, 4.0]


def test_nan_and_null_are_missing_alike_in_parquet(save):
    volume = pa.array([np.nan, 5.0], from_pandas=False)
    bars = bars_of(read_price_file(save({"date": DATES, "close": [1.0, None], "volume": volume})))["NTR"]
    assert bars["close"].dropna().tolist() == [1.0]
    assert bars["volume"].dropna().tolist() == [5.0]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"day": DATES, "close": [1.0, 2.0]}, ["no column 'date'", "day, close"]),
        ({"date": DATES[::-1] + DATES[:1], "close": [1.0] * 3}, ["more than once: 2025-01-02"]),
        ({"date": [*DATES, dt.date(2024, 1, 2)], "close": [1.0] * 3}, ["row 3: 2024-01-02 follows 2025-01-03"]),
        ({"date": DATES, "close": [1.0, -2.0]}, ["row 2 (2025-01-03), NTR close: -2.0 is not a positive price"]),
        ({"date": DATES, "close": [1.0, np.inf]}, ["row 2 (2025-01-03), NTR close: 'inf' is infinite"]),
        ({"date": DATES, "close": [1.0, None], "volume": [1, -1]}, ["row 2", "NTR volume: -1 is negative"]),
        ({"date": DATES, "close": [True, False]}, ["row 1 (2025-01-02), NTR close: 'True' is not a number"]),
        ({"date": DATES, "close": ["1", "n/a"]}, ["row 2 (2025-01-03), NTR close: 'n/a' is not a number"]),
        ({"date": DATES, "close": [[1.0], [2.0]]}, ["NTR close: '[1.0]' is not a number"]),
        ({"date": [20250102, 20250103], "close": [1.0, 2.0]}, ["row 1: '20250102' can be read", "YYYY-MM-DD"]),
        ({"date": [DATES[0], None], "close": [1.0, 2.0]}, ["row 2: '' is not a date"]),
        (
            {"date": pa.array([dt.datetime(2025, 1, 2, 16)], pa.timestamp("ns")), "close": [1.0]},
            ["row 1: '2025-01-02 16:00:00' has a time of day"],
        ),
        (
            {"date": pa.array([dt.datetime(2025, 1, 2, 5)], pa.timestamp("us", "America/New_York")), "close": [1.0]},
            ["row 1: '2025-01-02 00:00:00-05:00' carries a time zone"],
        ),
        ({"date": DATES, "ticker": ["NTR", ""], "close": [1.0, 2.0]}, ["row 2 has no ticker"]),
        ({"date": DATES, "NTR": [1.0, 2.0], "MOS": pa.nulls(2)}, ["no price at all for MOS"]),
        ({"date": DATES, "('Close', 'NTR')": [1.0, 2.0]}, ["two levels of columns", "frame['Close']"]),
        ({"date": pa.array([], pa.date32()), "close": pa.array([], pa.float64())}, ["no rows"]),
        ({}, ["no rows"]),
        ({"date": DATES, " ": [1.0, 2.0]}, ["column 2 of 2 has no name"]),
        (pa.Table.from_arrays([pa.array(DATES), *[pa.array([1.0, 2.0])] * 2], ["date", "NTR", "NTR"]), ["once: NTR"]),
        (
            pa.table({"date": DATES, "close": pa.array([b"\xff", b"1"]).view(pa.string())}),
            ["cannot be read as Parquet"],
        ),
    ],
)
def test_a_broken_parquet_file_says_what_and_where(save, columns, expected):
    path = save(columns)
    with pytest.raises(PricesError) as caught:
        read_price_file(path)
    for part in [path.name, *expected]:
        assert part in str(caught.value)


def test_what_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "NTR.parquet").write_text("date,close\n2025-01-02,1\n")
    with pytest.raises(PricesError, match=r"NTR\.parquet: cannot be read as Parquet \(.+\)\. Save the table again"):
        read_price_file(tmp_path / "NTR.parquet")
    with pytest.raises(PricesError, match=r"absent\.parquet: cannot be read as Parquet \(No such file"):
        read_price_file(tmp_path / "absent.parquet")


price = st.floats(min_value=1e-9, max_value=1e12) | st.none()


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from("ABC"), price, price),
        min_size=1,
        max_size=20,
        unique_by=lambda r: r[:2],
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_csv_and_parquet_of_a_frame_give_the_same_bars_bit_by_bit(tmp_path, rows):
    frame = pd.DataFrame(sorted(rows), columns=["date", "ticker", "close", "volume"]).astype(
        {"close": float, "volume": float}
    )
    frame["date"] = pd.Timestamp("2025-01-02") + pd.to_timedelta(frame["date"], unit="D")
    frame = frame[frame.groupby("ticker")["close"].transform("count") > 0]
    if frame.empty:
        return
    frame.to_csv(tmp_path / "x.csv", index=False)
    frame.to_parquet(tmp_path / "x.parquet", index=False)
    one, two = (bars_of(read_price_file(tmp_path / f"x.{kind}")) for kind in ("csv", "parquet"))
    assert list(one) == list(two)
    for ticker, bars in one.items():
        pd.testing.assert_frame_equal(bars, two[ticker], check_exact=True)
        mine = frame[frame["ticker"] == ticker].set_index("date")[["close", "volume"]].dropna(how="all")
        assert bars["close"].dropna().to_dict() == mine["close"].dropna().to_dict()
        assert bars.index.tolist() == mine.index.tolist()


# Folders


def test_a_folder_joins_the_files_of_both_kinds(write, save, tmp_path):
    write(EXPORT)
    write("date,NTR,MOS\n2024-12-30,20,7\n", "old.csv")
    save({"date": DATES, "CF": [1.0, 2.0]}, "b.PARQUET")
    write("not read", "notes.txt")
    files = read_price_folder(tmp_path)
    assert [(file.path.name, file.layout) for file in files] == [
        ("NTR.csv", "single"), ("b.PARQUET", "wide"), ("old.csv", "wide"),
    ]  # fmt: skip
    parts = by_ticker(one for file in files for one in file.series)["NTR"]
    assert [one.file for one in parts] == ["old.csv", "NTR.csv"]
    bars = joined(parts).values
    assert list(bars.columns) == FIELDS
    assert bars["close"].tolist() == [20.0, 11.0, 10.25, 5.5]
    assert np.isnan(bars["adj_close"].iloc[0])


def test_files_that_touch_on_no_day_are_parts_of_a_ticker(write, tmp_path):
    write("date,NTR\n2024-01-02,2\n2024-01-03,2\n", "old.csv")
    write("date,NTR\n2024-01-05,2\n", "new.csv")
    assert len(read_price_folder(tmp_path)) == 2
    write("date,NTR\n2024-01-03,2\n2024-01-05,2\n", "new.csv")
    with pytest.raises(PricesError, match=r"old.csv \(to 2024-01-03\) and in new.csv \(from 2024-01-03\)"):
        read_price_folder(tmp_path)


def test_two_files_of_the_same_days_of_a_ticker_are_refused(write, save, tmp_path):
    write("date,close\n2025-01-02,1\n2025-01-06,1\n")
    save({"date": DATES[1:], "close": [2.0]})
    with pytest.raises(
        PricesError, match=r"NTR stands in NTR.csv \(to 2025-01-06\) and in NTR.parquet \(from 2025-01-03\)"
    ):
        read_price_folder(tmp_path)


def test_a_folder_without_prices_says_what_is_there(write, tmp_path):
    write("x", "prices.xlsx")
    with pytest.raises(PricesError, match=r"no Parquet and no CSV file in it. Found: prices.xlsx. Save .* \*.parquet"):
        read_price_folder(tmp_path)
    with pytest.raises(PricesError, match="no such folder"):
        read_price_folder(tmp_path / "absent")
