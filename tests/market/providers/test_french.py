"""Daily factors of Kenneth R. French: as published, with the missing ones missing, or an error."""

import datetime as dt
import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from potash.errors import BadAnswerError, NoDataError, RateLimitedError, StaleSourceError, UnreachableError
from potash.market.providers.french import FILES, LIBRARY, SYMBOLS, French
from potash.market.series import SeriesKey
from tests.paths import SHARED
from tests.support.fake_market.files import KenFrench, factor_zip, made_up_factors
from tests.support.fake_market.server import FakeMarket, Reply

REFERENCE = SHARED / "data" / "reference" / "ff_daily.csv.gz"

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
FIRST, LAST = pd.Timestamp("1926-07-01"), pd.Timestamp("2026-06-15")
THREE, FIVE, MOMENTUM = FILES
FACTORS = {
    THREE: made_up_factors(["Mkt-RF", "SMB", "HML", "RF"]),
    FIVE: made_up_factors(["Mkt-RF", "SMB", "HML", "RMW", "CMA", "RF"]) + 0.25,
    MOMENTUM: made_up_factors(["Mom"], first="2025-02-03"),
}


@pytest.fixture
def market():
    with FakeMarket() as market:
        yield market


@pytest.fixture
def library(market):
    files = {name: factor_zip(frame, commas_at_end=name == MOMENTUM) for name, frame in FACTORS.items()}
    return KenFrench(market, files)


@pytest.fixture
def provider(library, market):
    with market.requests_session() as session:
        yield French(session)


def fetched(provider, symbol="mkt_rf", first=FIRST, last=LAST, now=NOW):
    return provider.fetch(symbol, first, last, now)


@pytest.mark.parametrize(
    ("symbol", "file", "column"),
    [
        ("mkt_rf", THREE, "Mkt-RF"),
        ("smb", THREE, "SMB"),
        ("hml", THREE, "HML"),
        ("rf", THREE, "RF"),
        ("smb5", FIVE, "SMB"),
        ("rmw", FIVE, "RMW"),
        ("cma", FIVE, "CMA"),
        ("mom", MOMENTUM, "Mom"),
    ],
)
def test_factor_is_that_of_its_file_in_percent_per_day(provider, symbol, file, column):
    answer = fetched(provider, symbol)
    assert answer.key == SeriesKey("french", symbol)
    assert answer.values.index.tolist() == FACTORS[file].index.tolist()
    np.testing.assert_array_equal(answer.values["value"], FACTORS[file][column])
    assert answer.facts == {
        "frequency": "daily",
        "currency": "USD",
        "unit": "percent per day",
        "exchange": "XNYS",
        "name": f"{column} ({file.removesuffix('_CSV.zip')})",
    }


def test_both_kinds_of_smb_differ(provider):
    assert (fetched(provider, "smb").values != fetched(provider, "smb5").values).to_numpy().all()


def test_symbols_need_no_download(market, provider):
    assert provider.symbols(NOW) == SYMBOLS
    assert market.requests == []


def test_each_file_is_downloaded_once(market, provider):
    for symbol in SYMBOLS:
        fetched(provider, symbol)
    assert [request.path.rsplit("/", 1)[-1] for request in market.requests] == [THREE, FIVE, MOMENTUM]


def test_threads_share_one_download(market, provider):
    market.fault(THREE, [lambda reply: replace(reply, delay=0.2)])
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda symbol: fetched(provider, symbol), ("mkt_rf", "smb", "hml", "rf")))
    assert [answer.key.symbol for answer in answers] == ["mkt_rf", "smb", "hml", "rf"]
    assert len(market.requests) == 1


def test_source_names_the_database(library, provider):
    assert fetched(provider).source == "Kenneth R. French Data Library, 202604 CRSP database"
    library.files[FIVE] = factor_zip(FACTORS[FIVE], changes={" using the 202604 CRSP database": ""})
    assert fetched(provider, "rmw").source == "Kenneth R. French Data Library"


def test_revised_factor_is_seen_by_a_new_provider(library, provider):
    before = fetched(provider).values
    frame = FACTORS[THREE].copy()
    frame.loc["2026-03-02", "Mkt-RF"] = 9.87
    library.files[THREE] = factor_zip(frame)
    after = fetched(French(provider._session)).values
    assert after.index[(after != before)["value"]].tolist() == [pd.Timestamp("2026-03-02")]


def test_span_has_both_ends(provider):
    answer = fetched(provider, first=pd.Timestamp("2025-03-03"), last=pd.Timestamp("2025-03-05"))
    assert [f"{day:%m-%d}" for day in answer.values.index] == ["03-03", "03-04", "03-05"]


@pytest.mark.parametrize("missing", ["-99.99", "-999", "-999.00", " -99.990"])
def test_both_codes_of_a_missing_value_are_missing(library, provider, missing):
    frame = FACTORS[THREE].copy()
    frame.loc[["2025-01-02", "2025-08-05"], "SMB"] = np.nan
    library.files[THREE] = factor_zip(frame, missing=missing)
    np.testing.assert_array_equal(fetched(provider, "smb").values["value"], frame["SMB"])
    assert fetched(provider, "hml").values["value"].notna().all()


def test_value_near_the_codes_is_a_value(library, provider):
    frame = FACTORS[THREE].copy()
    frame.loc["2025-08-05", "SMB"] = -99.98
    library.files[THREE] = factor_zip(frame)
    assert fetched(provider, "smb").values.loc["2025-08-05", "value"] == -99.98


def test_unknown_symbol_names_near_ones(market, provider):
    with pytest.raises(NoDataError, match=r"french:mkt-rf: no such factor \(did you mean 'mkt_rf'\?\).*smb5"):
        fetched(provider, "mkt-rf")
    assert market.requests == []


def test_span_without_value_says_what_there_is(provider):
    with pytest.raises(
        NoDataError, match=r"french:mom: no value in 1926-07-01..2025-01-31; it has 2025-02-03 to 2026-04-30"
    ):
        fetched(provider, "mom", last=pd.Timestamp("2025-01-31"))


def test_factor_without_any_value_is_told(library, provider):
    library.files[THREE] = factor_zip(FACTORS[THREE].assign(RF=np.nan))
    with pytest.raises(NoDataError, match="it has none at all"):
        fetched(provider, "rf")


def test_day_that_is_not_over_is_left_out_and_noted(provider):
    answer = fetched(provider, now=dt.datetime(2026, 4, 29, 23, tzinfo=dt.UTC))
    assert answer.values.index[-1] == pd.Timestamp("2026-04-28")
    assert [note.split(":")[0] for note in answer.notes] == ["2026-04-29 left out", "2026-04-30 left out"]


@pytest.mark.parametrize(("days", "fresh"), [(150, True), (151, False)])
def test_file_is_stale_after_150_days(provider, days, fresh):
    now = dt.datetime(2026, 4, 30, 12, tzinfo=dt.UTC) + dt.timedelta(days=days)
    if fresh:
        assert len(fetched(provider, now=now).values) == len(FACTORS[THREE])
        return
    with pytest.raises(
        StaleSourceError, match=rf"{LIBRARY}{THREE}: the last day is 2026-04-30, 151 days before .*base="
    ):
        fetched(provider, now=now)


def test_days_without_any_value_do_not_make_a_file_fresh(library, provider):
    frame = FACTORS[THREE].copy()
    frame.loc["2025-06-02":] = np.nan
    library.files[THREE] = factor_zip(frame)
    with pytest.raises(StaleSourceError, match="the last day is 2025-05-30"):
        fetched(provider)


@pytest.mark.parametrize("blank_line", [True, False])
@pytest.mark.parametrize("commas_at_end", [True, False])
@pytest.mark.parametrize("member", ["F-F.csv", "F-F.CSV"])
def test_layouts_of_the_library_are_read(library, provider, blank_line, commas_at_end, member):
    library.files[THREE] = factor_zip(FACTORS[THREE], blank_line=blank_line, commas_at_end=commas_at_end, member=member)
    np.testing.assert_array_equal(fetched(provider, "rf").values["value"], FACTORS[THREE]["RF"])


LINE = 6  # of the first day, counted from one: four lines of prose and the header stand before it


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"20250110,": "2025O110,"}, rf"line {LINE + 6} '2025O110,.* is not a day of the table and line {LINE + 7} is"),
        ({"20250110,": "\r\n20250110,"}, rf"line {LINE + 6} '' is not a day of the table and line {LINE + 7} is"),
        ({"20250110,": "20250230,"}, "no such day: 20250230"),
        ({"20250110,": "20250109,"}, "days that stand twice: 20250109"),
        ({"20250110,": "20250106,"}, "days that stand twice: 20250106"),
        ({"20250110,": "20250105,"}, "days out of order: 20250105 stands after a later day"),
        ({"20250110,": "20250110,1.0,"}, rf"line {LINE + 6} '20250110,.* has 5 values for 4 names"),
        ({"20250110,": "20250110 "}, rf"line {LINE + 6} '20250110 "),
        (
            {",Mkt-RF,SMB,HML,RF": ",Mkt-RF,SMB,HML"},
            "line 5 names Mkt-RF, SMB, HML; wanted once each: Mkt-RF, SMB, HML, RF",
        ),
        ({",Mkt-RF,SMB,HML,RF": ",Mkt-RF,SMB,HML,RF,SMB"}, "line 5 names Mkt-RF, SMB, HML, RF, SMB; wanted once each"),
        ({",Mkt-RF,": "Mkt-RF,"}, "no header line that starts with a comma; wanted: ,Mkt-RF,SMB,HML,RF"),
    ],
)
def test_line_that_breaks_a_rule_is_named(library, provider, changes, says):
    library.files[THREE] = factor_zip(FACTORS[THREE], changes=changes)
    with pytest.raises(BadAnswerError, match=f"{THREE}: F-F_daily.csv: .*{says}"):
        fetched(provider)


@pytest.mark.parametrize("content", ["n.a.", "", "nan", "inf", "1_0", "1e3", "--1"])
def test_cell_that_is_no_number_is_named(library, provider, content):
    library.files[THREE] = factor_zip(FACTORS[THREE], changes={"20250110,": f"20250110,{content},"})
    library.files[THREE] = rewritten(library.files[THREE], lambda line: drop_one(line, "20250110"))
    with pytest.raises(BadAnswerError, match=rf"line {LINE + 6} '20250110,.*: {content!r} is not a number"):
        fetched(provider)


def drop_one(line: str, day: str) -> str:
    """Take the second value away, so that the number of values is right."""
    cells = line.split(",")
    return ",".join(cells[:2] + cells[3:]) if cells[0] == day else line


def rewritten(body: bytes, change) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        name = archive.namelist()[0]
        lines = archive.read(name).decode().splitlines()
    return zipped({name: "\n".join(map(change, lines))})


def zipped(members: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


def test_monthly_file_is_refused(library, provider):
    library.files[THREE] = rewritten(
        library.files[THREE], lambda line: line[:6] + line[8:] if line[:2] == "20" else line
    )
    with pytest.raises(BadAnswerError, match="no line under the header starts with a day like 20240131"):
        fetched(provider)


def test_second_table_is_refused(library, provider):
    table = ",Mkt-RF,SMB,HML,RF\n20250102,1,2,3,4\n"
    library.files[THREE] = zipped({"a.csv": f"{table}\n  Another weighting\n{table}\n"})
    with pytest.raises(BadAnswerError, match=r"a.csv: line 3 '' is not a day of the table and line 6 is again"):
        fetched(provider)


@pytest.mark.parametrize("names", [[], ["readme.txt"], ["a.csv", "b.csv"]])
def test_zip_holds_one_file(library, provider, names):
    library.files[THREE] = zipped(dict.fromkeys(names, "x"))
    with pytest.raises(BadAnswerError, match=f"{THREE}: one CSV file was expected in the zip"):
        fetched(provider)


def test_page_instead_of_a_zip_is_shown(library, provider):
    library.files[THREE] = b"<html>moved</html>"
    with pytest.raises(
        BadAnswerError, match=r"not a whole zip file .* 18 bytes of application/zip that begin with '<html>"
    ):
        fetched(provider)


@pytest.mark.parametrize("share", [0.4, 0.95, 0.99])
def test_zip_that_is_cut_is_refused(library, provider, share):
    body = library.files[THREE]
    library.files[THREE] = body[: int(len(body) * share)]
    with pytest.raises(BadAnswerError, match="not a whole zip file"):
        fetched(provider)


def test_zip_with_damaged_content_is_refused(library, provider):
    body = bytearray(library.files[THREE])
    body[len(body) // 2] ^= 0xFF
    library.files[THREE] = bytes(body)
    with pytest.raises(BadAnswerError, match="not a whole zip file"):
        fetched(provider)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(drop="before"), UnreachableError),
        (Reply(body=b"x" * 99, drop="within"), UnreachableError),
        (Reply(429), RateLimitedError),
        (Reply(404), BadAnswerError),
        (Reply(503), BadAnswerError),
    ],
)
def test_fault_of_the_net_is_told_and_the_next_attempt_works(market, provider, reply, error):
    market.fault(THREE, [reply])
    with pytest.raises(error, match=f"{LIBRARY}{THREE}"):
        fetched(provider)
    assert len(fetched(provider).values) == len(FACTORS[THREE])


def test_other_folder_is_asked_where_it_is_given(market, library, provider):
    market.route("mirror.example.org", lambda request: Reply(body=library.files[THREE]))
    answer = fetched(French(provider._session, base="https://mirror.example.org/factors"))
    assert len(answer.values) == len(FACTORS[THREE])
    assert market.requests[-1].path == f"/factors/{THREE}"


@pytest.mark.skipif(not REFERENCE.exists(), reason="shared/data/reference is not on this machine")
def test_every_value_of_the_real_files_comes_back(library, provider):
    table = pd.read_csv(REFERENCE, index_col="date", parse_dates=True)
    wanted = {}
    for file, columns in FILES.items():
        frame = table[list(columns)].dropna(how="all")
        wanted |= {symbol: frame[symbol] for symbol in columns}
        library.files[file] = factor_zip(frame.rename(columns=columns), commas_at_end=file == MOMENTUM)
    assert len(wanted["mkt_rf"]) > 26_000
    for symbol in SYMBOLS:
        got = fetched(provider, symbol).values["value"]
        pd.testing.assert_series_equal(
            got, wanted[symbol], check_names=False, check_exact=True, check_freq=False, check_index_type=False
        )
