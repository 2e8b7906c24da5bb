"""A name that cannot be studied is an error that lists what can, before anything is computed."""

import re

import pandas as pd
import pytest

from potash import load_prices, load_timeline, load_universe
from potash.errors import InputError, UniverseError
from potash.report.desk.available import Available
from potash.report.desk.choices import Choices
from potash.universe import Universe

WITH_PRICES = "There are prices of: SPY, NTR, MOS, IPI, ICL, SQM, CF, DE, CTVA."


@pytest.fixture(scope="module")
def carried():
    return Available(load_timeline(), load_universe(), load_prices())


@pytest.fixture(scope="module")
def two_markets(carried):
    frame = carried.universe.frame.copy()
    frame.loc["DE", "role"] = "market"
    return Available(carried.timeline, Universe(frame), carried.prices)


def test_without_a_choice_everything_follows_from_roles(carried):
    chosen = carried.chosen(Choices())
    assert (chosen.market, chosen.firms) == ("SPY", ("NTR", "MOS", "IPI", "ICL"))
    assert chosen.controls == ("CF", "DE", "CTVA")
    assert chosen.beside == ("SQM", "CF", "DE", "CTVA")
    assert chosen.events == tuple(carried.dated)


def test_what_is_named_is_taken_as_named(carried):
    chosen = carried.chosen(
        Choices.of(firms="MOS,NTR", market="DE", controls="CF", events=["2020-08-09-belarus-election"])
    )
    assert (chosen.firms, chosen.market, chosen.controls) == (("MOS", "NTR"), "DE", ("CF",))
    assert chosen.beside == ("IPI", "ICL", "SQM", "CF", "CTVA"), "SPY is a benchmark and no share"
    assert chosen.events == ("2020-08-09-belarus-election",), "a background event may be named"


def test_controls_by_role_do_without_firms_and_market(carried):
    assert carried.chosen(Choices(firms=("CF",))).controls == ("DE", "CTVA")
    assert carried.chosen(Choices(market="DE")).controls == ("CF", "CTVA")
    assert carried.chosen(Choices(controls=())).controls == ()


ADD = (
    "Add a row for each to a copy of data/universe.csv, hand it over as universe_file (--universe), and its prices in a folder "
    "of your own (--prices)."
)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (Choices(firms=("NTX",)), f"firms: not in the universe: 'NTX' (did you mean 'NTR'?). {ADD}"),
        (Choices(market="XLB"), f"market: not in the universe: 'XLB'. {ADD}"),
        (Choices(controls=("FMC",)), "controls: no prices of FMC. Add them, or choose another."),
        (Choices(left_out=("mos",)), f"left_out: not in the universe: 'mos' (did you mean 'MOS'?). {ADD}"),
    ],
)
def test_an_unknown_ticker_lists_what_there_is(carried, choices, message):
    with pytest.raises(InputError) as error:
        carried.chosen(choices)
    assert str(error.value) == f"{message} {WITH_PRICES}"


def test_all_wrong_names_are_in_one_message(carried):
    with pytest.raises(
        InputError, match=r"firms: .*'A1'.*'B2'.*market: .*'C3'.*controls: .*'D4'.*left_out: .*'E5'.*events: 'f'"
    ):
        carried.chosen(Choices(firms=("A1", "B2"), market="C3", controls=("D4",), left_out=("E5",), events=("f",)))


def test_a_firm_left_out_needs_no_prices(carried):
    assert carried.chosen(Choices(left_out=("SDF.DE",))).firms == ("NTR", "MOS", "IPI", "ICL")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (Choices(firms=("NTR", "CF"), controls=("CF", "DE")), "CF cannot be control and firm at once, under another"),
        (Choices(firms=("NTR", "SPY")), "SPY is the market and among the firms, which it would explain by itself."),
        (Choices(market="CF", controls=("CF",)), "CF is the market and among the controls, so it would count twice."),
    ],
)  # fmt: skip
def test_each_security_has_one_part(carried, choices, message):
    with pytest.raises(InputError, match=re.escape(message)) as error:
        carried.chosen(choices)
    assert str(error.value).endswith(WITH_PRICES)


def test_two_listings_of_one_firm_do_not_count_twice(carried):
    prices = carried.prices.assign(**{"NTR.TO": carried.prices["NTR"]})
    both = Available(carried.timeline, carried.universe, prices)
    with pytest.raises(InputError, match=r"NTR, NTR\.TO are listings of one firm, which would count twice\."):
        both.chosen(Choices(firms=("NTR", "NTR.TO")))
    assert both.chosen(Choices()).firms == ("NTR", "MOS", "IPI", "ICL")


def test_two_markets_need_a_choice(two_markets):
    with pytest.raises(UniverseError, match="2 tickers with prices have the role 'market': SPY, DE"):
        two_markets.chosen(Choices())
    chosen = two_markets.chosen(Choices(market="DE"))
    assert (chosen.market, chosen.controls) == ("DE", ("CF", "CTVA"))
    assert "SPY" not in chosen.beside


def test_an_unknown_event_lists_the_nearest_by_id_and_title(carried):
    with pytest.raises(InputError) as error:
        carried.chosen(Choices(events=("2025-12-13-us-lift-potash",)))
    assert str(error.value).startswith(
        "events: '2025-12-13-us-lift-potash' is not in the timeline. Nearest: 2025-12-13-us-lifts-potash (US envoy"
    )
    assert carried.nearest("Disputed election in Belarus", 1) == [
        "2020-08-09-belarus-election (Disputed presidential election in Belarus)"
    ]


def test_an_event_without_a_day_cannot_be_studied(carried):
    with pytest.raises(
        InputError, match=r"a single day, .*: 2021-turn-to-asia \(2021, precision year\)\. Dated are: 2013"
    ):
        carried.chosen(Choices(events=("2021-turn-to-asia", "2025-12-13-us-lifts-potash")))


def test_a_column_without_prices_is_no_price(carried):
    empty = carried.prices.assign(MOS=float("nan"))
    with pytest.raises(InputError, match="firms: no prices of MOS"):
        Available(carried.timeline, carried.universe, empty).chosen(Choices(firms=("MOS",)))


def test_the_market_alone_is_no_study(carried):
    with pytest.raises(InputError, match="the prices hold SPY alone"):
        Available(carried.timeline, carried.universe, pd.DataFrame(carried.prices["SPY"])).chosen(Choices())
