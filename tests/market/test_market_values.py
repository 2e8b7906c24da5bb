"""Market values: the carried ones, files of one's own, and which value was known before a day."""

import pandas as pd
import pytest

from potash.errors import OptionError, PricesError
from potash.market.market_values import load_market_values, market_values_before
from potash.news.timeline import load_timeline
from potash.universe import load_universe

HEADER = "ticker,date,market_value,currency,source"


@pytest.fixture
def write(tmp_path):
    def write(*lines):
        path = tmp_path / "values.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def days(*pairs):
    frame = pd.DataFrame(pairs, columns=["ticker", "session"])
    return frame.assign(session=pd.to_datetime(frame["session"]))


def test_the_carried_values_belong_to_the_universe_in_its_currencies():
    values = load_market_values()
    frame = load_universe().frame
    assert set(values["ticker"]) <= set(frame.index)
    assert (values["currency"] == values["ticker"].map(frame["currency"])).all()
    assert values["market_value"].between(1e8, 1e11).all()
    assert values["date"].between("2020-12-30", "2026-11-28").all()
    assert values["source"].str.startswith("http").all()
    assert not values.duplicated(["ticker", "date"]).any()
    assert values.columns.tolist() == [*HEADER.split(","), "status"]


def test_two_listings_of_one_firm_are_worth_the_same():
    """The same day in New York and in Toronto: the ratio is the rate of the two currencies, 1.25 to 1.50 in these years."""
    values = load_market_values()
    both = values.pivot(index="date", columns="ticker", values="market_value")[["NTR", "NTR.TO"]].dropna()
    assert len(both) >= 4
    assert (both["NTR.TO"] / both["NTR"]).between(1.25, 1.50).all()


def test_every_headline_event_has_a_value_for_the_pooled_firms_with_prices():
    timeline = load_timeline()
    aligned = timeline.align(["NTR", "MOS"], timeline.headline())
    known = market_values_before(load_market_values(), aligned)
    assert known["market_value"].notna().all()
    assert known["event_id"].tolist() == aligned["event_id"].tolist()
    assert (known["valued_on"] < known["session"]).all()
    assert set(known["status"]) == {"verified"}


def test_a_file_of_ones_own(write):
    values = load_market_values(write(HEADER, "X,2025-01-02,1.5e9,USD,a page", "X,2025-02-03,2000000000,USD,a page"))
    assert values["market_value"].tolist() == [1.5e9, 2e9]
    assert values["date"].tolist() == [pd.Timestamp("2025-01-02"), pd.Timestamp("2025-02-03")]
    assert values["status"].tolist() == ["verified", "verified"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("X,2025-01-02,,USD,page", "line 2: no market_value"),
        ("X,2025-01-02,1e9,,", "line 2: no currency, source"),
        ("X,02.01.2025,1e9,USD,page", "line 2: date '02.01.2025' is no day; write YYYY-MM-DD"),
        ("X,2025-02-30,1e9,USD,page", "line 2: date '2025-02-30' is no day"),
        ("X,2025-01-02,29.2bn,USD,page", "line 2: market_value '29.2bn' is no number above zero"),
        ("X,2025-01-02,-1,USD,page", "line 2: market_value '-1' is no number above zero"),
        ("X,2025-01-02,0,USD,page", "'0' is no number above zero"),
        ("X,2025-01-02,inf,USD,page", "'inf' is no number above zero"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named_with_its_line(write, line, message):
    with pytest.raises(PricesError, match=message) as caught:
        load_market_values(write(HEADER, line))
    assert "values.csv: " in str(caught.value)


def test_a_row_may_leave_out_the_status(write):
    values = load_market_values(write(f"{HEADER},status", "X,2025-01-02,0.5,USD,page"))
    assert (values["market_value"].tolist(), values["status"].tolist()) == ([0.5], ["verified"])


def test_an_unknown_status_a_second_value_and_a_missing_column_are_refused(write):
    with pytest.raises(
        PricesError, match=r"line 2: status 'weeak' \(did you mean 'weak'\?\) is not one of verified, weak"
    ):
        load_market_values(write(f"{HEADER},status", "X,2025-01-02,1e9,USD,page,weeak"))
    row = "X,2025-01-02,1e9,USD,page"
    with pytest.raises(PricesError, match="line 3: a second value of X on that day"):
        load_market_values(write(HEADER, row, row))
    with pytest.raises(PricesError, match=r"no column source\. Found: ticker, date"):
        load_market_values(write("ticker,date,market_value,currency", "X,2025-01-02,1e9,USD"))


@pytest.fixture
def values(write):
    rows = [
        "X,2025-02-03,2e9,USD,late,verified",
        "X,2024-01-01,1e9,USD,early,verified",
        "X,2025-02-10,9e9,USD,blog,weak",
    ]
    return load_market_values(write(f"{HEADER},status", *rows))


def test_the_last_value_before_the_day_counts_and_never_that_of_the_day(values):
    known = market_values_before(values, days(("X", "2025-02-03"), ("X", "2025-02-04"), ("X", "2024-01-02")))
    assert known["market_value"].tolist() == [1e9, 2e9, 1e9]
    assert known["source"].tolist() == ["early", "late", "early"]
    assert known["reason"].tolist() == ["", "", ""]


def test_weak_values_count_only_if_asked_for(values):
    day = days(("X", "2025-02-20"))
    assert market_values_before(values, day)["market_value"].tolist() == [2e9]
    weak = market_values_before(values, day, weak=True)
    assert (weak["market_value"].tolist(), weak["status"].tolist()) == ([9e9], ["weak"])


@pytest.mark.parametrize(("day", "value"), [("2026-03-10", 2e9), ("2026-03-11", None)])
def test_a_value_of_400_days_counts_and_one_of_401_does_not(values, day, value):
    known = market_values_before(values, days(("X", day))).iloc[0]
    if value is None:
        assert pd.isna(known["market_value"])
        assert pd.isna(known["valued_on"])
        assert known["reason"] == "the last value, of 2025-02-03, is 401 days old"
    else:
        assert known["market_value"] == value
    assert market_values_before(values, days(("X", "2026-03-11")), most_days=401)["market_value"].tolist() == [2e9]


def test_what_is_not_known_is_missing_with_its_reason(values):
    known = market_values_before(values, days(("X", None), ("Y", "2025-02-20"), ("X", "2024-01-01")))
    assert known["market_value"].isna().all()
    assert known["valued_on"].dtype.kind == "M"
    assert known["reason"].tolist() == ["no day 0", "no value before that day", "no value before that day"]
    assert market_values_before(values, days()).columns.tolist() == [c for c in known if c != "event_id"]


def test_a_value_of_the_day_before_is_one_day_old(values):
    known = market_values_before(values, days(("X", "2025-02-04"), ("X", "2025-02-05")), most_days=1)
    assert known["reason"].tolist() == ["", "the last value, of 2025-02-03, is 2 days old"]


def test_an_age_below_one_day_is_refused(values):
    with pytest.raises(OptionError, match="most_days is 0"):
        market_values_before(values, days(("X", "2025-02-20")), most_days=0)
