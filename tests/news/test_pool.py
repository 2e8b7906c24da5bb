"""Which events are pooled and with what sign; chains of events."""

import pandas as pd
import pytest

from potash.errors import EventsError
from potash.news.pool import chains_of, pool_table, signs_of
from potash.news.timeline import load_timeline

FLAGSHIP = "2025-12-13-us-lifts-potash"
DESIGNATION = "2021-08-09-us-designates-belaruskali"
COLUMNS = [
    "event_id", "date", "precision", "kind", "status", "expected_direction", "relevance", "basis", "chain_id", "title",
]  # fmt: skip


def events(*rows):
    """Return events by id, date, precision, direction, relevance and basis."""
    filled = [(i, d, p, "tariff", "done", e, r, b, "", i.upper()) for i, d, p, e, r, b in rows]
    return pd.DataFrame(filled, columns=COLUMNS).set_index("event_id")


def test_each_rule_keeps_an_event_out_with_its_reason():
    table = pool_table(
        events(
            ("in", "2025-01-02", "day", "positive", "market", "legal act"),
            ("timed", "2025-01-02", "time", "negative", "headline", "announcement elsewhere"),
            ("blank", "2025-01-02", "day", "negative", "market", ""),
            ("month", "2025-01", "month", "negative", "market", "legal act"),
            ("unclear", "2025-01-02", "day", "unclear", "market", "legal act"),
            ("none", "2025-01-02", "day", "none", "market", "legal act"),
            ("prices", "2025-01-02", "day", "positive", "headline", "known from price commentary"),
            ("all", "2025", "year", "none", "market", "known from price commentary"),
            ("background", "2025-01-02", "day", "positive", "background", "legal act"),
        )
    )
    assert table.index[table["in_pool"]].tolist() == ["in", "timed", "blank"]
    assert table["reason"].to_dict() == {
        "in": "",
        "timed": "",
        "blank": "",
        "month": "no single day: precision month",
        "unclear": "no sign: the expected direction is unclear",
        "none": "no sign: the expected direction is none",
        "prices": "known from price commentary: in the list because prices moved",
        "all": "no single day: precision year; no sign: the expected direction is none; "
        "known from price commentary: in the list because prices moved",
    }
    assert table["sign"].fillna(0).tolist() == [1, -1, -1, -1, 0, 0, 1, 0]
    assert table["dated"].tolist() == [True, True, True, False, True, True, True, False]


def test_a_tightening_is_plus_one_and_a_relief_minus_one():
    table = events(
        ("ban", "2025-01-02", "day", "positive", "market", ""),
        ("relief", "2025-01-03", "day", "negative", "market", ""),
    )
    signs = signs_of(table)
    assert signs.to_dict() == {"ban": 1, "relief": -1}
    assert (signs.name, signs.dtype.kind) == ("sign", "i")


def test_an_event_without_a_sign_is_refused_by_name(timeline):
    message = r"neither positive nor negative for '2025-12-08-canada-tariff-threat' \(unclear\).*Leave these events out"
    with pytest.raises(EventsError, match=message):
        timeline.signs([FLAGSHIP, "2025-12-08-canada-tariff-threat"])
    with pytest.raises(EventsError, match="did you mean"):
        timeline.signs(["2025-12-13-us-lift-potash"])


def test_the_pool_of_the_carried_timeline(timeline):
    assert timeline.pool() == [
        "2021-06-24-eu-sectoral-sanctions",
        DESIGNATION,
        "2021-12-02-ofac-designates-bpc",
        "2022-01-12-lithuania-voids-rail",
        "2022-02-24-invasion-of-ukraine",
        "2022-03-02-eu-potash-ban",
        "2022-04-08-eu-fifth-package",
        "2025-09-11-belavia-relief",
        FLAGSHIP,
        "2026-03-19-us-to-delist-belaruskali",
    ]
    table = timeline.pool_table()
    assert set(timeline.headline()) <= set(timeline.pool())
    assert table["reason"].eq("").equals(table["in_pool"])
    commentary = table.index[table["reason"].str.contains("price commentary")]
    assert [event_id[:10] for event_id in commentary] == ["2013-07-30", "2022-02-17", "2024-11-04", "2025-12-11"]


def test_signs_by_default_are_those_of_all_dated_events_with_one(timeline):
    signs = timeline.signs()
    assert set(timeline.pool()) < set(signs.index)
    assert signs["2025-12-11-drones-acron-dorogobuzh"] == 1
    assert "2026-02-26-eu-extends-sanctions" not in signs.index
    assert set(signs.unique()) == {1, -1}
    pd.testing.assert_series_equal(timeline.signs([FLAGSHIP, DESIGNATION]), signs[[FLAGSHIP, DESIGNATION]])
    assert timeline.signs(FLAGSHIP).tolist() == [-1]


def test_an_undated_event_has_no_default_sign(tmp_path):
    file = tmp_path / "events.csv"
    file.write_text("event_id,date,expected_direction\nA,2025-12,positive\nB,2025-12-11,negative\n")
    assert load_timeline(file).signs().to_dict() == {"B": -1}
    assert load_timeline(file).pool() == ["B"]


def test_chains_are_in_the_order_of_their_dates_with_undated_links_last():
    table = events(
        ("late", "2025-03-01", "day", "none", "market", ""),
        ("other", "2024-01-01", "day", "none", "market", ""),
        ("undated", "", "unresolved", "none", "background", ""),
        ("early", "2025-01-01", "day", "none", "background", ""),
        ("alone", "2023-01-01", "day", "none", "market", ""),
    ).assign(chain_id=["b", "a", "b", "b", ""])
    chains = chains_of(table)
    assert chains[["chain_id", "link", "event_id"]].to_numpy().tolist() == [
        ["a", 1, "other"],
        ["b", 1, "early"],
        ["b", 2, "late"],
        ["b", 3, "undated"],
    ]
    assert chains.index.tolist() == [0, 1, 2, 3]
    assert chains_of(table.assign(chain_id="")).empty


def test_each_carried_chain_has_two_links_or_more(timeline):
    chains = timeline.chains()
    assert chains.groupby("chain_id")["link"].max().min() >= 2
    relief = chains[chains["chain_id"] == "us-potash-relief-2025"]
    assert relief["event_id"].tolist() == [FLAGSHIP, "2025-12-15-general-license-13"]
    assert list(chains) == ["chain_id", "link", "event_id", "date", "status", "relevance", "title"]
