"""The universe: the carried one, files of one's own, and what each refusal says."""

import pandas as pd
import pytest

from potash.errors import UniverseError
from potash.universe import REQUIRED_COLUMNS, ROLES, Universe, load_universe

HEADER = "ticker,name,exchange,currency,role"
ROW = "NTR,Nutrien,XNYS,USD,potash producer"


@pytest.fixture
def write(tmp_path):
    def write(text: str | bytes):
        path = tmp_path / "universe.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def test_carried_universe_knows_listings_exchanges_and_roles():
    universe = load_universe()
    assert universe.frame.index.is_unique
    assert universe.frame.index.name == "ticker"
    assert set(REQUIRED_COLUMNS) - {"ticker"} <= set(universe.frame.columns)
    expected = {
        "NTR": "XNYS",
        "NTR.TO": "XTSE",
        "ICL.TA": "XTAE",
        "SDF.DE": "XETR",
        "YAR.OL": "XOSL",
        "APOT.AM": "XAMM",
    }
    assert expected.items() <= universe.exchanges.items()
    assert universe.exchange("000792.SZ") == "XSHE"
    assert universe.with_role("nitrogen control") == ["CF"]
    assert universe.with_role("buyer") == ["YAR.OL", "0297.HK"]
    assert universe.with_role("market") == ["SPY"]
    assert universe.with_role("potash producer", "market")[:3] == ["SPY", "NTR", "MOS"]
    assert universe.with_role() == []


def test_revenue_shares_are_fractions_and_missing_ones_stay_missing():
    share = load_universe().frame["potash_revenue_share"]
    assert share.dtype == float
    assert share["MOS"] == 0.201
    assert pd.isna(share["CF"])
    assert share.dropna().between(0, 1).all()


def test_controls_are_chosen_by_role_in_the_order_of_the_file():
    universe = load_universe()
    assert universe.controls(["FMC", "CTVA", "DE", "CF", "SPY", "NTR", "elsewhere"]) == ["CF", "DE", "CTVA", "FMC"]
    assert universe.controls(["NTR", "SPY"]) == []
    assert universe.controls(universe.frame.index) == ["CF", "DE", "CTVA", "FMC"]


def test_what_buys_or_sells_potash_is_no_control():
    """News about potash hits it too, so that it would hide what it is to be compared with."""
    universe = load_universe()
    notes = universe.frame.loc[universe.controls(universe.frame.index), "note"]
    assert not notes.str.contains("buys potash").any()
    assert universe.frame.at["YAR.OL", "role"] == "buyer"


def test_a_control_with_two_listings_counts_once(write):
    header = "ticker,name,issuer,exchange,currency,role"
    rows = ["A.L,A,a,XLON,GBP,crop equity", "A,A,a,XNYS,USD,crop equity", "B,B,,XNYS,USD,nitrogen control"]
    universe = load_universe(write("\n".join([header, *rows]) + "\n"))
    assert universe.controls(["A", "B", "A.L"]) == ["A.L", "B"]
    assert universe.controls(["B", "A"]) == ["A", "B"]


def test_a_file_of_ones_own_keeps_further_columns_and_digits_of_tickers(write):
    universe = load_universe(write(f"{HEADER},sector\n{ROW},chemicals\n000792,Salt Lake,XSHE,CNY,market,\n"))
    assert list(universe.frame.index) == ["NTR", "000792"]
    assert universe.frame.loc["NTR", "sector"] == "chemicals"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(write):
    assert load_universe(write(f"\ufeff{HEADER}\r\n{ROW}\r\n")).exchanges == {"NTR": "XNYS"}


def test_a_ticker_that_would_read_as_missing_is_a_ticker(write):
    universe = load_universe(write(f"{HEADER}\nNA,National Bank,XTSE,CAD,market\nNAN,Nuveen,XNYS,USD,market\n"))
    assert universe.check(["NA", "NAN"]) == ["NA", "NAN"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ticker,name,exchange\nNTR,Nutrien,XNYS\n", r"no column currency, role. Found: ticker, name, exchange"),
        (f"{HEADER}\n{ROW}\nNTR,Again,XNYS,USD,market\n", "stand more than once: NTR. Keep one row"),
        (f"{HEADER}\n{ROW}\nMOS,,XNYS,USD,market\n", "empty cells: name in line 3"),
        (f"{HEADER}\n{ROW}\nMOS,Mosaic,  ,USD,market\n", "empty cells: exchange in line 3"),
        (f"{HEADER}\nNTR,Nutrien,XNYS,USD\n", "empty cells: role in line 2"),
        (f"{HEADER}\nNTR,Nutrien,XNYS,USD,potash\n", "unknown role 'potash'. Roles are: potash producer, diversified"),
        (f"{HEADER}\n{ROW}\nMOS,Mosaic,XNYS,USD,market,x\n", "has 6 cells and the header has 5"),
        (
            f"{HEADER}\nMOS,Mosaic, Inc.,XNYS,USD,market\n",
            "A comma inside a cell needs quotes",
        ),  # a comma that needs quotes
        (f'{HEADER}\nMOS,"Mosaic,XNYS,USD,market\n', "line 2: not a CSV table"),
        ("", "the file is empty. Instruments need"),
        (f"{HEADER}\n", "no row|at least one row"),
        (f"{HEADER}\nMOS,caf\xe9,XNYS,USD,market\n".encode("latin-1"), "UTF-8"),
        (f"{HEADER},potash_revenue_share\n{ROW},half\n", "potash_revenue_share"),
    ],
)
def test_a_file_that_breaks_a_rule_is_an_error_that_names_file_and_rule(write, text, message):
    path = write(text)
    with pytest.raises(UniverseError, match=message) as caught:
        load_universe(path)
    assert str(path) in str(caught.value)


def test_spaces_around_a_ticker_are_no_part_of_it(write):
    assert load_universe(write(f"{HEADER}\n NTR ,Nutrien,XNYS,USD,potash producer\n")).check(["NTR"]) == ["NTR"]


def test_no_file_is_an_error(tmp_path):
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(UniverseError, match=r"cannot be read \(.*\). Check the path"):
            load_universe(path)


def test_roles_of_the_message_are_roles_that_are_taken(write):
    rows = "\n".join(f"T{n},name,XNYS,USD,{role}" for n, role in enumerate(ROLES))
    universe = load_universe(write(f"{HEADER}\n{rows}\n"))
    assert universe.with_role(*ROLES) == [f"T{n}" for n in range(len(ROLES))]


def test_check_returns_known_tickers_in_their_order():
    assert load_universe().check(["MOS", "NTR"]) == ["MOS", "NTR"]
    assert load_universe().check([]) == []


def test_check_names_every_unknown_ticker_with_near_ones_and_what_to_do():
    with pytest.raises(UniverseError) as caught:
        load_universe().check(["NTR", "NRT", "SDF", "QQQQQ"])
    message = str(caught.value)
    assert message.startswith(
        "not in the universe: 'NRT' (did you mean 'NTR'?), 'SDF' (did you mean 'SDF.DE'?), 'QQQQQ'. Known are: SPY, NTR"
    )
    assert message.endswith("universe=FILE (or --universe).")
    with pytest.raises(UniverseError, match="'NRT'"):
        load_universe().exchange("NRT")


def test_the_benchmark_is_a_market_that_has_prices():
    assert load_universe().benchmark(["NTR", "SPY"]) == "SPY"
    with pytest.raises(UniverseError, match=r"no ticker with the role 'market' has prices.*\(NTR, MOS\)"):
        load_universe().benchmark(["NTR", "MOS"])


def test_two_markets_with_prices_need_a_choice():
    frame = load_universe().frame.copy()
    frame.loc["DE", "role"] = "market"
    both = r"2 tickers with prices have the role 'market': SPY, DE\. Name the one to measure against, .*market='SPY'"
    with pytest.raises(UniverseError, match=both):
        Universe(frame).benchmark(["DE", "SPY"])
    assert Universe(frame).benchmark(["DE", "NTR"]) == "DE"
