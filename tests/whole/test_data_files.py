"""The files under data/ keep their own rules: checksums, columns, dates, references, and no text of the articles."""

import csv
import hashlib
import re
import tomllib
from collections import defaultdict
from zoneinfo import ZoneInfo

import pytest

from tests.paths import ROOT

DATA = ROOT / "data"
ARTICLES = ROOT.parent / "shared" / "articles"
TEXTS = [*sorted(DATA.rglob("*.csv")), *sorted(DATA.glob("*.toml")), DATA / "README.md"]

DATE = {
    "time": r"\d{4}-\d\d-\d\d",
    "day": r"\d{4}-\d\d-\d\d",
    "month": r"\d{4}-\d\d",
    "year": r"\d{4}",
    "range": r"\d{4}-\d\d(-\d\d)?",
    "unresolved": r"",
}
EVENT_VALUES = {
    "kind": "sanctions_imposed sanctions_eased sanctions_tightened prisoner_release diplomatic_talks supply_disruption "
    "accident output_cut tariff contract_price company_news statement military election protest_crackdown aid "
    "transport legal policy",
    "status": "announced decided effective done reported intended opinion aggregate",
    "expected_direction": "positive negative none unclear",
    "relevance": "headline market background",
    "origin": "articles context",
    "basis": "legal act|announcement in the articles|announcement elsewhere|known from price commentary",
    "precision": " ".join(DATE),
}
EVENT_COLUMNS = (
    "event_id date time zone precision date_end kind scope status expected_direction relevance origin basis chain_id "
    "title sources note internal_note confidence reasons"
)
CONTEXT_COLUMNS = EVENT_COLUMNS.replace("origin ", "").removesuffix(" confidence reasons")
EVIDENCE_COLUMNS = "event_id article_id publisher published start end role field value unit"
CONFOUNDER_COLUMNS = "date date_end precision tickers scope weight after_close title note internal_note status sources"
UNIVERSE_COLUMNS = "ticker name issuer exchange currency role pulled potash_revenue_share potash_revenue_source note"
MARKET_VALUE_COLUMNS = "ticker date market_value currency source status"
HEADLINES = {
    "2021-08-09-us-designates-belaruskali",
    "2022-02-24-invasion-of-ukraine",
    "2025-09-11-belavia-relief",
    "2025-12-13-us-lifts-potash",
}
DISAGREEMENTS = {
    ("2020-08-09-belarus-election", "date"),
    ("2020-us-eu-sanctions", "date of potash sanctions"),
    ("2025-09-11-belavia-relief", "order"),
    ("2025-09-11-belavia-relief", "relief for"),
    ("2025-09-us-embassy-minsk", "embassy"),
    ("2025-12-12-minsk-talks", "envoy"),
    ("2025-12-12-minsk-talks", "spelling of John Coale"),
    ("2025-12-13-123-released", "order"),
    ("2025-12-13-123-released", "who was freed"),
    ("2025-12-13-more-relief-intended", "other sanctions"),
    ("2025-12-13-us-lifts-potash", "harm laid to"),
    ("2025-12-13-us-lifts-potash", "order"),
    ("2025-12-13-us-lifts-potash", "spelling of John Coale"),
    ("2025-12-13-us-lifts-potash", "tense"),
    ("undated-klaipeda-cutoff", "closed by"),
}
MISSED = "read in the articles by a person, not found by the reader"


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file under data/ as text."""
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def shared_articles() -> dict[str, str]:
    """Return the articles by id, or skip the test."""
    if not ARTICLES.is_dir():
        pytest.skip("shared articles are not on this machine")
    return {path.stem: path.read_bytes().decode("utf-8") for path in ARTICLES.glob("*.txt")}


def runs_of_words(text: str, length: int = 10) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(*(words[start:] for start in range(length)), strict=False))


EVENTS = rows("events.csv")
CONTEXT = rows("context_events.csv")
EVIDENCE = rows("evidence.csv")
CONFOUNDERS = rows("confounders.csv")
UNIVERSE = rows("universe.csv")
MARKET_VALUES = rows("market_values.csv")
IDS = {row["event_id"] for row in EVENTS}
TICKERS = {row["ticker"] for row in UNIVERSE}


# All files


def test_checksums_match_sources_and_every_file_is_described():
    described = {row["path"]: row for row in tomllib.loads((DATA / "SOURCES.toml").read_text(encoding="utf-8"))["file"]}
    files = {path.relative_to(DATA).as_posix() for path in [*DATA.rglob("*.csv"), *DATA.rglob("*.toml")]}
    assert files - {"SOURCES.toml"} == set(described)
    found = {path: hashlib.sha256((DATA / path).read_bytes()).hexdigest() for path in described}
    assert found == {path: row["sha256"] for path, row in described.items()}


def test_each_price_column_has_one_series_row():
    described = tomllib.loads((DATA / "SOURCES.toml").read_text(encoding="utf-8"))["file"]
    for row in described:
        if not row["path"].startswith(("prices/", "monthly/")):
            continue
        header = (DATA / row["path"]).read_text(encoding="utf-8").splitlines()[0].split(",")[1:]
        tickers = [ticker for series in row["series"] for ticker in series["tickers"]]
        assert sorted(tickers) == sorted(header), row["path"]
        assert all(re.fullmatch(r"\d{4}-\d\d", series["known_as_of"]) for series in row["series"])
        assert {series["adjustment"] for series in row["series"]} <= {"splits+dividends", "splits", "nominal"}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_files_are_plain_ascii_with_unix_line_ends(path):
    raw = path.read_bytes()
    assert raw.isascii()
    assert b"\r" not in raw
    assert raw.endswith(b"\n")


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (EVENTS, EVENT_COLUMNS),
        (CONTEXT, CONTEXT_COLUMNS),
        (EVIDENCE, EVIDENCE_COLUMNS),
        (CONFOUNDERS, CONFOUNDER_COLUMNS),
        (UNIVERSE, UNIVERSE_COLUMNS),
        (MARKET_VALUES, MARKET_VALUE_COLUMNS),
    ],
    ids=["events", "context", "evidence", "confounders", "universe", "market values"],
)
def test_columns_and_cells(table, columns):
    for row in table:
        assert list(row) == columns.split()
        assert all(value is not None and value == value.strip() for value in row.values()), row


# Events


def test_event_ids_are_unique_sorted_slugs():
    ids = [row["event_id"] for row in EVENTS]
    assert ids == sorted(set(ids))
    assert [i for i in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", i) or len(i) > 36] == []


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["event_id"])
def test_event_dates_follow_precision(event):
    precision = event["precision"]
    assert re.fullmatch(DATE[precision], event["date"])
    assert event["event_id"].startswith(event["date"] or "undated")
    assert bool(event["date_end"]) == (precision == "range")
    assert re.fullmatch(DATE["range"] if precision == "range" else "", event["date_end"])
    assert precision != "range" or event["date"] < event["date_end"]
    assert re.fullmatch(r"\d\d:\d\d" if precision == "time" else "", event["time"])
    assert event["zone"] or precision != "time"
    if event["zone"]:
        ZoneInfo(event["zone"])


@pytest.mark.parametrize("column", EVENT_VALUES)
def test_event_values_are_allowed_and_documented(column):
    allowed = set(EVENT_VALUES[column].split("|" if column == "basis" else None))
    assert {row[column] for row in EVENTS} <= allowed
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert {value for value in allowed if f"`{value}`" not in readme} == set()


def test_exactly_four_headline_events():
    assert {row["event_id"] for row in EVENTS if row["relevance"] == "headline"} == HEADLINES


def test_market_events_have_a_day():
    assert {row["precision"] for row in EVENTS if row["relevance"] != "background"} <= {"day", "time"}


def test_titles_fit_a_table():
    assert [row["title"] for row in EVENTS if not 0 < len(row["title"]) <= 80] == []
    assert [row["title"] for row in CONFOUNDERS if not 0 < len(row["title"]) <= 110] == []


def test_each_of_the_38_events_of_the_articles_occurs_once():
    numbers = {row["event_id"]: row["internal_note"][5:8] for row in EVENTS if row["internal_note"].startswith("gold ")}
    assert sorted(numbers.values()) == [f"E{number:02d}" for number in range(1, 39)]
    missed = {row["event_id"] for row in CONTEXT if row["internal_note"].endswith(MISSED)}
    assert set(numbers) - missed == {row["event_id"] for row in EVENTS if row["origin"] == "articles"}


def test_context_events_go_into_the_timeline_as_they_are():
    told = [{name: row[name] for name in CONTEXT_COLUMNS.split()} for row in EVENTS if row["origin"] == "context"]
    assert told == CONTEXT


def test_events_that_stand_here_for_a_move_are_known_from_price_commentary():
    """What is no legal act and in no article is, where its note or the address of a source tells of a move, marked so."""
    move = re.compile(
        r"rall(y|ies)|reported (moves|closes)|fertilizer shares|stocks?-traded|sinks|roils|aktie-fokus|price-peak"
    )
    others = [row for row in EVENTS if row["basis"] in {"announcement elsewhere", "known from price commentary"}]
    texts = {row["event_id"]: " ".join((row["event_id"], row["note"], row["sources"])) for row in others}
    contracts = {row["event_id"] for row in others if row["kind"] == "contract_price"}
    marked = {row["event_id"] for row in others if row["basis"] == "known from price commentary"}
    assert marked == contracts | {event for event, text in texts.items() if move.search(text)}
    market = {row["event_id"][:10] for row in EVENTS if row["event_id"] in marked and row["relevance"] == "market"}
    assert market == {"2013-07-30", "2022-02-17", "2024-11-04", "2025-12-11"}


def test_events_of_the_articles_were_announced_there_or_are_law():
    assert {row["basis"] for row in EVENTS if row["origin"] == "articles"} == {
        "legal act",
        "announcement in the articles",
    }


def test_chains_have_dated_links_in_order_and_one_direction():
    chains = defaultdict(list)
    for row in EVENTS:
        if row["chain_id"]:
            chains[row["chain_id"]].append(row)
    assert {name: [row["date"] for row in links] for name, links in chains.items()} == {
        "belavia-relief-2025": ["2025-09-11", "2025-11-04"],
        "eu-potash-ban-2022": ["2022-03-02", "2022-04-08"],
        "us-potash-relief-2025": ["2025-12-13", "2025-12-15"],
        "us-potash-relief-2026": ["2026-03-19", "2026-03-26"],
        "us-tariff-2025": ["2025-03-04", "2025-03-06"],
    }
    for links in chains.values():
        assert len({row["expected_direction"] for row in links} - {"none"}) == 1


def test_events_of_the_articles_say_how_sure_they_are():
    for row in EVENTS:
        assert row["confidence"] in ({"high", "medium", "low"} if row["origin"] == "articles" else {""})
        assert bool(row["confidence"]) == row["reasons"].startswith("told by ")


def test_every_event_names_a_source():
    assert [row["event_id"] for row in EVENTS if not row["sources"]] == []


# Evidence


def test_evidence_refers_to_events():
    assert {row["event_id"] for row in EVIDENCE} <= IDS


def test_events_name_the_articles_that_their_evidence_comes_from():
    articles = {row["article_id"] for row in EVIDENCE}
    named = {row["event_id"]: set(row["sources"].split("; ")) & articles for row in EVENTS}
    cited = defaultdict(set)
    for row in EVIDENCE:
        cited[row["event_id"]].add(row["article_id"])
    assert cited == {event: found for event, found in named.items() if found}


def test_each_event_of_the_articles_has_supporting_evidence():
    assert {row["role"] for row in EVIDENCE} == {"supports", "contradicts"}
    supported = {row["event_id"] for row in EVIDENCE if row["role"] == "supports"}
    read = {row["event_id"] for row in EVENTS if row["origin"] == "articles" or row["internal_note"].endswith(MISSED)}
    assert supported == read


def test_claims_have_a_value():
    assert [row for row in EVIDENCE if not row["field"] or not row["value"]] == []
    claims = [tuple(row.values()) for row in EVIDENCE]
    assert len(claims) == len(set(claims))


def test_numbers_of_one_field_share_a_unit():
    units = defaultdict(set)
    for row in EVIDENCE:
        units[row["event_id"], row["field"]].add(row["unit"])
    assert {key: found for key, found in units.items() if len(found) > 1} == {}


def test_grouping_shows_the_disagreements_and_no_others():
    values = defaultdict(set)
    for row in EVIDENCE:
        values[row["event_id"], row["field"]].add(row["value"])
    several = {key for key, found in values.items() if len(found) > 1}
    assert several >= DISAGREEMENTS
    assert {field for _, field in several} - {field for _, field in DISAGREEMENTS} <= {"status", "speaker", "target"}
    flagship = "2025-12-13-us-lifts-potash"
    assert values[flagship, "spelling of John Coale"] == {"Cole", "Coale"}
    assert values[flagship, "tense"] == {"done", "under way", "to come"}
    assert values[flagship, "order"] == {"release before relief", "relief before release", "in exchange"}
    assert values["2020-08-09-belarus-election", "date"] == {"2020", "2021-08-02"}
    assert values["2025-12-13-123-released", "prisoners"] == {"123"}


def test_spans_lie_within_the_articles():
    texts = shared_articles()
    for row in EVIDENCE:
        assert 0 <= int(row["start"]) < int(row["end"]) <= len(texts[row["article_id"]]), row


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_run_of_ten_words_of_an_article(path):
    ours = runs_of_words(path.read_text(encoding="utf-8"))
    assert {
        name: ours & runs_of_words(text) for name, text in shared_articles().items() if ours & runs_of_words(text)
    } == {}


# Confounders and universe


def test_confounders_keep_their_values():
    for row in CONFOUNDERS:
        assert row["precision"] in {"day", "month", "range"}
        assert re.fullmatch(DATE[row["precision"]], row["date"])
        assert bool(row["date_end"]) == (row["precision"] == "range")
        assert row["scope"] in {"firm", "sector", "market"}
        assert row["status"] in {"verified", "day_not_verified", "weak", "not_verified"}
        assert row["sources"] or row["status"] == "not_verified"
        assert row["tickers"] == "all" or set(row["tickers"].split(";")) <= TICKERS
        assert row["note"] or row["internal_note"]


def test_mosaic_accident_and_drone_strikes_are_confounders_of_the_flagship():
    found = {(row["date"], row["tickers"]) for row in CONFOUNDERS}
    assert {("2025-12-15", "MOS"), ("2025-12-16", "MOS"), ("2025-12-11", "all")} <= found


def test_results_after_the_close_of_the_designation_are_confounders():
    found = {(row["date"], row["tickers"]) for row in CONFOUNDERS}
    assert {("2021-08-09", "NTR;NTR.TO"), ("2021-08-09", "CF"), ("2022-02-22", "MOS")} <= found


def test_universe_holds_every_price_column():
    columns = [
        path.read_text(encoding="utf-8").splitlines()[0].split(",")[1:] for path in (DATA / "prices").glob("*.csv")
    ]
    assert {ticker for header in columns for ticker in header} <= TICKERS
    assert len(UNIVERSE) == len(TICKERS)


def test_universe_values():
    mics = {"XNYS", "XTSE", "XETR", "XOSL", "XTAE", "XHKG", "XSHE", "XSGO", "XMOS", "XAMM", "XASX"}
    assert {row["exchange"] for row in UNIVERSE} <= mics
    assert {row["role"] for row in UNIVERSE} == {
        "potash producer", "diversified", "nitrogen control", "crop equity", "market", "buyer"
    }  # fmt: skip
    assert [row["ticker"] for row in UNIVERSE if not re.fullmatch(r"[A-Z]{3}", row["currency"])] == []
    for row in UNIVERSE:
        assert bool(row["potash_revenue_share"]) == bool(row["potash_revenue_source"])
        assert 0 <= float(row["potash_revenue_share"] or 0) <= 1


def test_market_values_stand_in_the_order_of_the_universe_and_then_of_their_dates():
    order = [row["ticker"] for row in UNIVERSE]
    keys = [(order.index(row["ticker"]), row["date"]) for row in MARKET_VALUES]
    assert keys == sorted(set(keys))
    currencies = {row["ticker"]: row["currency"] for row in UNIVERSE}
    assert [row for row in MARKET_VALUES if row["currency"] != currencies[row["ticker"]]] == []
    assert {row["status"] for row in MARKET_VALUES} == {"verified", "weak"}
    assert [row for row in MARKET_VALUES if not re.fullmatch(r"[1-9]\d*", row["market_value"])] == []


def test_listings_of_one_issuer_agree_on_role_and_share():
    facts = defaultdict(set)
    for row in UNIVERSE:
        facts[row["issuer"]].add((row["role"], row["potash_revenue_share"]))
    assert {issuer: found for issuer, found in facts.items() if len(found) > 1} == {}
