"""The World Bank's monthly prices: the file that the page links to today, every cell accounted for, or an error."""

import datetime as dt
import io
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from potash.errors import (
    BadAnswerError,
    NoDataError,
    OptionError,
    RateLimitedError,
    StaleSourceError,
    UnreachableError,
)
from potash.market.providers.pink_sheet import PAGE, PinkSheet, find_links
from potash.market.providers.web import Download
from potash.market.providers.workbook import read_workbook
from potash.market.series import SeriesKey
from tests.paths import ROOT
from tests.support.fake_market.files import (
    FERTILIZERS,
    FIRST_PRICE_ROW,
    UNITS,
    WorldBank,
    document,
    landing_page,
    made_up_prices,
    repeated,
    revised,
    workbook,
)
from tests.support.fake_market.server import FakeMarket, Reply

REFERENCE = ROOT.parent / "shared" / "data" / "reference" / "pink_sheet_monthly.csv.gz"

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
FIRST, LAST = pd.Timestamp("2015-01-01"), pd.Timestamp("2026-12-31")
PRICES = made_up_prices()
POTASH = "Potassium chloride **"
ADDRESS = document(2026)


@pytest.fixture
def market():
    with FakeMarket() as market:
        yield market


@pytest.fixture
def bank(market):
    bank = WorldBank(market)
    bank.publish(ADDRESS, workbook(PRICES))
    return bank


@pytest.fixture
def session(market):
    with market.requests_session() as session:
        yield session


@pytest.fixture
def provider(bank, session):
    return PinkSheet(session)


def page(body: bytes, kind: str = "application/octet-stream") -> Download:
    return Download(ADDRESS, 200, kind, body, None)


def fetched(provider, symbol="potassium_chloride", first=FIRST, last=LAST, now=NOW):
    return provider.fetch(symbol, first, last, now)


# What is handed out


def test_prices_are_those_of_the_sheet_at_first_days_of_months(provider):
    answer = fetched(provider)
    assert answer.key == SeriesKey("pink_sheet", "potassium_chloride")
    assert answer.values.index.tolist() == PRICES.index.to_timestamp().tolist()
    np.testing.assert_array_equal(answer.values["value"], PRICES[POTASH])
    assert (answer.first, answer.last, answer.notes) == (FIRST, LAST, ())


@pytest.mark.parametrize(("symbol", "name"), [("urea", "Urea"), ("rice_thai_5", "Rice, Thai 5%")])
def test_name_is_as_printed_without_blanks_around(provider, symbol, name):
    assert fetched(provider, symbol).facts["name"] == name


@pytest.mark.parametrize(
    ("symbol", "unit", "currency"),
    [
        ("potassium_chloride", "USD per tonne", "USD"),
        ("crude_oil_brent", "USD per bbl", "USD"),
        ("sugar_world", "USD per kg", "USD"),
        ("natural_gas_us", "USD per mmbtu", "USD"),
        ("cocoa", "US cents per kg", "USX"),
        ("plywood", "US cents per sheet", "USX"),
    ],
)
def test_facts_state_unit_in_words(provider, symbol, unit, currency):
    facts = dict(fetched(provider, symbol).facts)
    assert facts.pop("name")
    assert facts == {"frequency": "monthly", "currency": currency, "unit": unit, "adjustment": "nominal"}


def test_footnote_marks_stay_in_the_name(provider):
    assert fetched(provider).facts["name"] == POTASH


def test_index_has_a_base_and_no_currency(provider):
    facts = fetched(provider, "natural_gas_index").facts
    assert facts["unit"] == "2010=100"
    assert "currency" not in facts


def test_unit_in_another_currency_stays_as_printed(bank, provider):
    bank.publish(ADDRESS, workbook(PRICES, units={**UNITS, "Maize": "(EUR/mt)"}))
    facts = fetched(provider, "maize").facts
    assert facts["unit"] == "EUR/mt"
    assert "currency" not in facts


def test_source_tells_when_the_sheet_was_updated(provider):
    assert fetched(provider).source == "World Bank Pink Sheet, updated 2026-06-02"


@pytest.mark.parametrize("line", [None, "a day in June", "Juno 42, 2026"])
def test_sheet_without_a_day_of_update_is_read(bank, provider, line):
    bank.publish(ADDRESS, workbook(PRICES, updated=line))
    assert fetched(provider).source == "World Bank Pink Sheet"


def test_symbols_of_the_carried_series_are_the_names_of_its_columns(provider):
    carried = (ROOT / "data" / "monthly" / "monthly_2015_2026.csv").read_text(encoding="utf-8").splitlines()[0]
    assert set(carried.split(",")[1:]) <= set(provider.symbols(NOW))


def test_symbols_are_names_in_lower_case(provider):
    some = ("crude_oil_average", "crude_oil_brent", "natural_gas_us", "rice_thai_5", "sugar_world", "phosphate_rock")
    assert set(some) <= set(provider.symbols(NOW))
    assert len(provider.symbols(NOW)) == len(UNITS)


def test_span_has_both_ends(provider):
    answer = fetched(provider, first=pd.Timestamp("2020-03-01"), last=pd.Timestamp("2020-05-01"))
    assert [f"{day:%Y-%m-%d}" for day in answer.values.index] == ["2020-03-01", "2020-04-01", "2020-05-01"]
    later = fetched(provider, first=pd.Timestamp("2020-03-02"), last=pd.Timestamp("2020-05-31"))
    assert [f"{day:%Y-%m-%d}" for day in later.values.index] == ["2020-04-01", "2020-05-01"]


def test_error_of_the_sheet_is_handed_out_as_it_stands(bank, provider):
    bank.publish(ADDRESS, workbook(repeated(PRICES)))
    for symbol in ("phosphate_rock", "dap", "urea", "potassium_chloride"):
        values = fetched(provider, symbol).values["value"]
        assert values["2017-02-01"] == values["2016-02-01"]
    assert all(PRICES.loc["2017-02", name] != PRICES.loc["2016-02", name] for name in FERTILIZERS)


def test_revised_price_is_seen_by_a_new_provider_and_not_by_the_old(bank, session):
    old = PinkSheet(session)
    assert fetched(old).values.loc["2026-04-01", "value"] == PRICES.loc["2026-04", POTASH]
    bank.publish(ADDRESS, workbook(revised(PRICES, "2026-04", POTASH, 411.25)))
    assert fetched(old).values.loc["2026-04-01", "value"] == PRICES.loc["2026-04", POTASH]
    assert fetched(PinkSheet(session)).values.loc["2026-04-01", "value"] == 411.25


def test_workbook_is_downloaded_once(market, provider):
    for symbol in provider.symbols(NOW):
        fetched(provider, symbol)
    assert [request.host for request in market.requests] == ["www.worldbank.org", "thedocs.worldbank.org"]


def test_threads_share_one_download(market, provider):
    market.fault("commodity-markets", [lambda reply: replace(reply, delay=0.2)])
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda symbol: fetched(provider, symbol), ("dap", "urea", "maize", "soybeans")))
    assert [answer.key.symbol for answer in answers] == ["dap", "urea", "maize", "soybeans"]
    assert len(market.requests) == 2


# Missing values


def with_gaps() -> pd.DataFrame:
    prices = PRICES.copy()
    prices.loc[:"2016-12", "DAP"] = np.nan
    prices.loc["2020-07":"2020-08", "DAP"] = np.nan
    prices.loc["2026-05", "DAP"] = np.nan
    return prices


def test_both_markers_and_empty_cells_are_missing(bank, provider):
    prices = with_gaps()
    body = workbook(prices)
    rows = FIRST_PRICE_ROW + np.flatnonzero(prices["DAP"].isna())
    column = prices.columns.get_loc("DAP") + 2
    assert {cell_of(body, row, column) for row in rows} == {"...", "…", None}
    bank.publish(ADDRESS, body)
    np.testing.assert_array_equal(fetched(provider, "dap").values["value"], prices["DAP"])


def cell_of(body: bytes, row: int, column: int) -> object:
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(body))["Monthly Prices"].cell(row, column).value


def test_span_without_price_says_what_there_is(bank, provider):
    bank.publish(ADDRESS, workbook(with_gaps()))
    with pytest.raises(
        NoDataError, match=r"pink_sheet:dap: no price in 2015-01-01..2016-12-31; it has 2017-01 to 2026-04"
    ):
        fetched(provider, "dap", last=pd.Timestamp("2016-12-31"))


def test_series_without_any_price_is_told(bank, provider):
    prices = PRICES.assign(DAP=np.nan)
    bank.publish(ADDRESS, workbook(prices))
    with pytest.raises(NoDataError, match="it has none at all"):
        fetched(provider, "dap")


def test_unknown_symbol_names_near_ones(provider):
    with pytest.raises(
        NoDataError, match=r"pink_sheet:potasium_chloride: no such series \(did you mean 'potassium_chl"
    ):
        fetched(provider, "potasium_chloride")


@pytest.mark.parametrize("content", ["n.a.", "12.5", "..", True, "#N/A", dt.datetime(2020, 1, 1)])
def test_cell_that_is_no_number_refuses_its_series_alone(bank, provider, content):
    column = PRICES.columns.get_loc(POTASH)
    place = f"{'ABCDEFGHIJKLMNOP'[column + 1]}{FIRST_PRICE_ROW + 5}"
    bank.publish(ADDRESS, workbook(PRICES, cells={place: content}))
    with pytest.raises(
        BadAnswerError, match=rf"potassium_chloride: {ADDRESS}: sheet 'Monthly Prices', cell {place} "
    ) as caught:
        fetched(provider)
    assert repr(content) in str(caught.value)
    np.testing.assert_array_equal(fetched(provider, "urea").values["value"], PRICES["Urea "])


def test_month_that_is_not_over_is_left_out_and_noted(bank, provider):
    prices = made_up_prices(last="2026-06")
    bank.publish(ADDRESS, workbook(prices))
    answer = fetched(provider)
    assert answer.values.index[-1] == pd.Timestamp("2026-05-01")
    assert answer.notes == ("2026-06 left out: not over at 2026-06-15",)
    over = fetched(provider, now=dt.datetime(2026, 7, 1, tzinfo=dt.UTC))
    assert over.values["value"].iloc[-1] == prices.loc["2026-06", POTASH]
    assert over.notes == ()


def test_running_month_without_a_price_needs_no_note(bank, provider):
    prices = made_up_prices(last="2026-06")
    prices.loc["2026-06"] = np.nan
    bank.publish(ADDRESS, workbook(prices))
    assert fetched(provider).notes == ()


def test_month_of_now_is_that_of_utc(bank, provider):
    bank.publish(ADDRESS, workbook(made_up_prices(last="2026-06")))
    east = dt.timezone(dt.timedelta(hours=9))
    assert fetched(provider, now=dt.datetime(2026, 7, 1, 8, 59, tzinfo=east)).notes != ()
    assert fetched(provider, now=dt.datetime(2026, 7, 1, 9, 0, tzinfo=east)).notes == ()


# Where the table begins


@pytest.mark.parametrize("titles", [(), ("A title more",), ("Two (2)", "titles more")])
@pytest.mark.parametrize("codes", [False, True])
def test_table_is_found_wherever_it_begins(bank, provider, titles, codes):
    bank.publish(ADDRESS, workbook(PRICES, titles=titles, codes=codes))
    np.testing.assert_array_equal(fetched(provider).values["value"], PRICES[POTASH])
    assert fetched(provider).facts["unit"] == "USD per tonne"
    assert fetched(provider).source == "World Bank Pink Sheet, updated 2026-06-02"


def test_extent_that_a_sheet_states_wrongly_is_not_believed(bank, provider):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(PRICES))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content, changed = re.subn(rb'<dimension ref="A1:[^"]*"', b'<dimension ref="A1:C20"', old.read(name))
            assert changed == name.startswith("xl/worksheets/")
            new.writestr(name, content)
    bank.publish(ADDRESS, out.getvalue())
    np.testing.assert_array_equal(fetched(provider).values["value"], PRICES[POTASH])


def test_text_under_the_table_is_not_part_of_it(bank, provider):
    end = FIRST_PRICE_ROW + len(PRICES)
    bank.publish(ADDRESS, workbook(PRICES, cells={f"A{end + 1}": "** changed definition", f"B{end + 2}": "a note"}))
    assert len(fetched(provider).values) == len(PRICES)


def test_number_without_a_month_is_refused(bank, provider):
    row = FIRST_PRICE_ROW + 3
    bank.publish(ADDRESS, workbook(PRICES, cells={f"A{row}": "2015M13"}))
    with pytest.raises(BadAnswerError, match=rf"cell A{row} holds '2015M13', which is no month like 1960M01"):
        fetched(provider)


@pytest.mark.parametrize(
    ("label", "rule"),
    [
        ("2015M03", "2015-03 stands twice"),
        ("2015M05", "2015-05 follows 2015-03"),
        ("2014M02", "2014-02 follows 2015-03"),
    ],
)
def test_months_follow_each_other(bank, provider, label, rule):
    row = FIRST_PRICE_ROW + 3
    bank.publish(ADDRESS, workbook(PRICES, cells={f"A{row}": label}))
    with pytest.raises(BadAnswerError, match=f"cell A{row}: the month {rule}"):
        fetched(provider)


def test_missing_month_is_refused(bank, provider):
    bank.publish(ADDRESS, workbook(PRICES.drop(pd.Period("2019-05", "M"))))
    with pytest.raises(BadAnswerError, match="the month 2019-06 follows 2019-04: months are missing"):
        fetched(provider)


def test_two_columns_of_one_symbol_are_refused(bank, provider):
    bank.publish(ADDRESS, workbook(PRICES.assign(**{"DAP **": 1.0}), units={**UNITS, "DAP **": "($/mt)"}))
    with pytest.raises(BadAnswerError, match=r"'DAP' and 'DAP \*\*' are both called dap"):
        fetched(provider)


@pytest.mark.parametrize(("row", "says"), [(5, r"the name '' and the unit '\$/bbl'"), (6, "and the unit ''")])
def test_column_without_name_or_unit_is_refused(bank, provider, row, says):
    bank.publish(ADDRESS, workbook(PRICES, cells={f"C{row}": None}))
    with pytest.raises(BadAnswerError, match=f"column C5 has .*{says}"):
        fetched(provider)


def test_empty_column_is_no_series(bank, provider):
    last = f"{'ABCDEFGHIJKLMNOPQRST'[len(UNITS) + 2]}5"
    bank.publish(ADDRESS, workbook(PRICES, cells={last: " "}))
    assert len(provider.symbols(NOW)) == len(UNITS)


def test_sheet_without_units_is_refused(bank, provider):
    bank.publish(ADDRESS, workbook(PRICES, units=dict.fromkeys(UNITS, "USD")))
    with pytest.raises(BadAnswerError, match=r"no row of units like \(\$/mt\) under a row of names above row 7"):
        fetched(provider)


def test_sheet_without_months_is_refused(bank, provider):
    bank.publish(ADDRESS, workbook(PRICES.iloc[:0]))
    with pytest.raises(BadAnswerError, match="no cell like 1960M01"):
        fetched(provider)


def test_sheet_without_prices_is_refused(bank, provider):
    bank.publish(ADDRESS, workbook(PRICES * np.nan))
    with pytest.raises(BadAnswerError, match="has no price in any month"):
        fetched(provider)


def test_workbook_without_the_sheet_is_refused(bank, provider):
    bank.publish(ADDRESS, workbook(PRICES, sheet="Prices"))
    with pytest.raises(
        BadAnswerError, match="no sheet 'Monthly Prices'; the workbook has AFOSHEET, Prices, Description"
    ):
        fetched(provider)


def test_page_instead_of_a_workbook_is_shown(market, provider):
    market.fault("CMO-Historical-Data-Monthly.xlsx", [Reply(body=b"<html>Log in", content_type="text/html")])
    with pytest.raises(
        BadAnswerError, match=r"not a whole workbook .* 12 bytes of text/html that begin with '<html>Log in'"
    ):
        fetched(provider)


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_workbook_that_is_cut_is_refused(share):
    body = workbook(PRICES.tail(24))
    with pytest.raises(BadAnswerError, match="not a whole workbook"):
        read_workbook(page(body[: int(len(body) * share)]))


def test_workbook_with_a_damaged_part_is_refused():
    body = bytearray(workbook(PRICES.tail(24)))
    middle = len(body) // 2
    body[middle : middle + 40] = bytes(40)
    with pytest.raises(BadAnswerError, match="not a whole workbook"):
        read_workbook(page(bytes(body)))


# Which file


def test_moved_file_is_followed_while_the_old_address_still_answers(market, bank, session):
    frozen = workbook(PRICES.loc[:"2025-12"], updated="January 05, 2026")
    bank.files = {document(2025, "18675f1d"): frozen}
    bank.publish(ADDRESS, workbook(PRICES))
    assert fetched(PinkSheet(session)).values.index[-1] == pd.Timestamp("2026-05-01")
    old = PinkSheet(session, url=document(2025, "18675f1d"))
    with pytest.raises(StaleSourceError) as caught:
        fetched(old)
    for part in (document(2025, "18675f1d"), "2025-12", "6 months before 2026-06", "2026-01-05", "url=", "--url", PAGE):
        assert part in str(caught.value)
    assert [request.path for request in market.requests][-1] == "/en/doc/18675f1d-0050012025/related/" + find_name()


def find_name() -> str:
    return ADDRESS.rsplit("/", 1)[-1]


def test_server_date_does_not_make_a_file_fresh(market, bank, provider):
    bank.publish(ADDRESS, workbook(PRICES.loc[:"2025-12"], updated=None))
    market.fault(find_name(), [lambda reply: Reply(200, reply.body, reply.content_type, {"Last-Modified": "today"})])
    with pytest.raises(StaleSourceError, match="does not say when"):
        provider.symbols(NOW)


@pytest.mark.parametrize(
    ("last", "now", "fresh"),
    [
        ("2026-05", "2026-06-15", True),
        ("2026-04", "2026-06-01", True),
        ("2026-04", "2026-06-30", True),
        ("2026-04", "2026-07-01", False),
        ("2025-11", "2026-01-31", True),
        ("2025-10", "2026-01-01", False),
    ],
)
def test_two_months_before_the_present_one_is_fresh(bank, provider, last, now, fresh):
    bank.publish(ADDRESS, workbook(PRICES.loc[:last]))
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)
    if fresh:
        assert f"{fetched(provider, now=moment).values.index[-1]:%Y-%m}" == last
    else:
        with pytest.raises(StaleSourceError, match=f"last month with a price is {last}"):
            fetched(provider, now=moment)


def test_file_goes_stale_while_a_provider_lives(provider):
    fetched(provider)
    with pytest.raises(StaleSourceError):
        fetched(provider, now=dt.datetime(2026, 8, 1, tzinfo=dt.UTC))


def test_rows_without_a_price_do_not_make_a_file_fresh(bank, provider):
    prices = PRICES.copy()
    prices.loc["2026-01":] = np.nan
    bank.publish(ADDRESS, workbook(prices))
    with pytest.raises(StaleSourceError, match="2025-12"):
        fetched(provider)


def test_of_several_links_the_one_with_the_newest_month_is_taken(bank, provider):
    bank.files = {document(2025, "aa"): workbook(PRICES.loc[:"2025-12"]), document(2026, "bb"): workbook(PRICES)}
    bank.links = list(bank.files)
    assert len(fetched(provider).values) == len(PRICES)
    bank.links.reverse()
    assert len(fetched(PinkSheet(provider._session)).values) == len(PRICES)


def test_of_two_files_with_the_same_last_month_the_one_updated_later_is_taken(bank, provider):
    new = revised(PRICES, "2026-05", POTASH, 1.5)
    bank.files = {
        document(2026, "aa"): workbook(new, updated="June 12, 2026"),
        document(2026, "bb"): workbook(PRICES, updated="June 02, 2026"),
    }
    bank.links = list(bank.files)
    assert fetched(provider).values["value"].iloc[-1] == 1.5


def test_two_equally_new_files_that_differ_are_named(bank, provider):
    new = revised(PRICES, "2026-05", POTASH, 1.5)
    bank.files = {document(2026, "aa"): workbook(new), document(2026, "bb"): workbook(PRICES)}
    bank.links = list(bank.files)
    with pytest.raises(BadAnswerError, match="2 workbooks that are equally new and differ") as caught:
        fetched(provider)
    assert all(link in str(caught.value) for link in bank.links)


def test_two_addresses_of_one_file_are_no_trouble(bank, provider):
    bank.files = {document(2026, "aa"): workbook(PRICES), document(2026, "bb"): workbook(PRICES)}
    bank.links = list(bank.files)
    assert len(fetched(provider).values) == len(PRICES)


def test_page_without_the_link_says_what_to_do(bank, provider):
    bank.links = []
    with pytest.raises(BadAnswerError, match=rf"{PAGE}: no link to CMO-Historical-Data-Monthly.xlsx .*url="):
        fetched(provider)


def test_links_are_absolute_and_each_once():
    links = [
        "/en/doc/1/related/CMO-Historical-Data-Monthly.xlsx?x=1&amp;y=2",
        "/en/doc/1/related/CMO-Historical-Data-Monthly.xlsx?x=1&amp;y=2",
        "//thedocs.worldbank.org/CMO-Historical-Data-Monthly.xlsx",
        "https://other.org/a/CMO-Historical-Data-Monthly.xlsx#top",
        "/en/doc/1/related/CMO-Historical-Data-Monthly.xlsx.html",
        "/read?file=CMO-Historical-Data-Monthly.xlsx",
    ]
    addresses = find_links(Download(PAGE, 200, "text/html", landing_page(links), None))
    assert addresses == [
        "https://www.worldbank.org/en/doc/1/related/CMO-Historical-Data-Monthly.xlsx?x=1&y=2",
        "https://thedocs.worldbank.org/CMO-Historical-Data-Monthly.xlsx",
        "https://other.org/a/CMO-Historical-Data-Monthly.xlsx#top",
    ]


def test_given_address_is_asked_and_the_page_is_not(market, bank, session):
    assert len(fetched(PinkSheet(session, url=ADDRESS)).values) == len(PRICES)
    assert [request.host for request in market.requests] == ["thedocs.worldbank.org"]


@pytest.mark.parametrize("url", ["CMO.xlsx", "ftp://a.org/CMO.xlsx", "", "https:///x"])
def test_url_that_is_no_address_is_refused(url):
    with pytest.raises(OptionError, match="url='"):
        PinkSheet(url=url)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(drop="before"), UnreachableError),
        (Reply(body=b"x" * 99, drop="within"), UnreachableError),
        (Reply(429), RateLimitedError),
        (Reply(404), BadAnswerError),
        (Reply(500), BadAnswerError),
    ],
)
@pytest.mark.parametrize("what", ["commodity-markets", "CMO-Historical-Data-Monthly.xlsx"])
def test_fault_of_the_net_is_told_and_the_next_attempt_works(market, provider, what, reply, error):
    market.fault(what, [reply])
    with pytest.raises(error, match=what):
        fetched(provider)
    assert len(fetched(provider).values) == len(PRICES)


@pytest.mark.skipif(not REFERENCE.exists(), reason="shared/data/reference is not on this machine")
def test_every_value_of_the_real_sheet_comes_back(bank, session):
    table = pd.read_csv(REFERENCE, keep_default_na=False, dtype=str)
    table["month"] = pd.PeriodIndex(table["month"].str[:7], freq="M")
    names = table.drop_duplicates("pink_sheet_name").set_index("pink_sheet_name")

    def wide(column):
        return table.pivot(index="month", columns="pink_sheet_name", values=column)[names.index]

    prices, markers = wide("price").apply(pd.to_numeric), wide("missing_marker")
    assert prices.shape == (797, 16)
    assert set(table["missing_marker"]) == {"", "...", "…"}
    bank.publish(ADDRESS, workbook(prices, units=("(" + names["unit"] + ")").to_dict(), markers=markers))
    provider = PinkSheet(session)
    symbols = provider.symbols(NOW)
    assert len(symbols) == 16
    read = {}
    for symbol in symbols:
        answer = fetched(provider, symbol, first=pd.Timestamp("1960-01-01"))
        read[answer.facts["name"]] = answer.values["value"]
    got = pd.DataFrame(read).set_axis(prices.index)
    pd.testing.assert_frame_equal(got, prices, check_exact=True, check_names=False)
