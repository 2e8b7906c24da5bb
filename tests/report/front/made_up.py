"""Facts of a first page, made up: one event and a pool, to be changed by each test."""

from typing import Any

from potash.report.front.facts import DataFacts, EventFacts, Front, PoolFacts, Security

NTR = Security("NTR", "Nutrien", "2020-07-01", "2026-01-29", ("no prices from 2022-05 to 2024-08",))
MOS = Security("MOS", "Mosaic", "2020-07-01", "2026-01-29")
SPY = Security("SPY", "SPDR S&P 500 ETF", "2020-07-01", "2026-01-29")
CF = Security("CF", "CF Industries", "2020-07-01", "2026-01-29")


def event(**changes: Any) -> EventFacts:
    """Return a verdict with some facts changed."""
    facts: dict[str, Any] = {
        "event_id": "2025-12-13-relief", "title": "Relief is announced", "date": "2025-12-13", "day_zero": "2025-12-15",
        "expected": "negative", "window": (0, 0), "firms": ("NTR",), "controls": ("CF",), "controls_left_out": (),
        "CAR": -0.0143, "std_error": 0.0127, "lower": -0.0394, "upper": 0.0108, "beyond_market": -0.0137, "run_up": 0.0097,
        "run_up_pvalue": 0.9, "volatility": 0.8, "scaled_pvalue": 0.26, "randomization_pvalue": 0.16, "holm_pvalue": 1.0,
        "detectable": 0.0358, "ruled_out_beyond": 0.0353, "margin": 0.05, "outcome": "ruled out", "sentence": "No effect.",
    }  # fmt: skip
    return EventFacts(**{**facts, **changes})


def pool(**changes: Any) -> PoolFacts:
    """Return a pool with some facts changed."""
    facts: dict[str, Any] = {
        "outcome": "ruled out", "n_events": 9, "n_tightening": 7, "n_relief": 2, "controls": True, "average": 0.0111,
        "std_error": 0.0104, "lower": -0.0109, "upper": 0.019, "pvalue": 0.5596, "max_t_pvalue": 0.98, "n_sets": 82799,
        "detectable": 0.0208, "beyond_market": 0.0206, "run_up": 0.0252,
    }  # fmt: skip
    return PoolFacts(**{**facts, **changes})


def data(**changes: Any) -> DataFacts:
    """Return who is studied, with some facts changed."""
    facts: dict[str, Any] = {
        "first": "2020-07-01", "last": "2026-01-29", "firms_are": "potash producers", "market": SPY, "firms": (NTR, MOS),
        "controls": (CF,), "event_window": (-5, 10), "estimation_window": (-130, -11), "returns_kind": "log",
    }  # fmt: skip
    return DataFacts(**{**facts, **changes})


def front(**changes: Any) -> Front:
    """Return the facts of a page, with some changed."""
    facts: dict[str, Any] = {
        "sentence": "An answer.", "qualification": "What qualifies it.", "events": (event(),), "pool": pool(), "data": data(),
    }  # fmt: skip
    return Front(**{**facts, **changes})
