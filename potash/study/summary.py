"""The study as text, for a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from potash.sessions import Window

if TYPE_CHECKING:
    from potash.study.results import EventStudyResults, WindowLike

RULE = "-" * 100


def summary_text(results: EventStudyResults, window: WindowLike | None = None) -> str:
    """Return set-up, parameters, CARs over a window (the event window by default), tests and ledger as text."""
    chosen = results.windows.event if window is None else Window.of(window)
    labels = results.panel.labels
    cars = results.car(chosen)
    limits = results.conf_int(chosen)
    table = cars.join(limits)
    shown = table.to_string(
        formatters={
            **dict.fromkeys(("CAR", "lower", "upper"), "{:+.2%}".format),
            "std_error": "{:.2%}".format, "tstat": "{:+.2f}".format, "pvalue": "{:.4f}".format,
        },
        na_rep="missing",
    )  # fmt: skip
    battery = results.tests(chosen)[["stat", "pvalue", "distribution", "n", "holds"]]
    lines = [
        "Event study".center(100).rstrip(),
        RULE,
        f"Model              {results.model_name} on {results.returns_kind} returns",
        f"Windows            event {results.windows.event}, estimation {results.windows.estimation} in sessions, ends included",
        f"Firm-events        {len(labels)} of {labels['event_id'].nunique()} events; {len(results.panel.dropped)} dropped",
        f"Prices             {results.source or 'snapshot not stated'}",
        RULE,
        f"CAR {chosen} with 95 % confidence limits",
        shown,
        RULE,
        f"Tests of the mean over firm-events {chosen}; holds: do its assumptions fit this design",
        battery.to_string(float_format="{:.4f}".format, na_rep="-"),
        RULE,
        *_ledger(results.panel.dropped),
    ]
    return "\n".join(lines)


def _ledger(dropped: pd.DataFrame) -> list[str]:
    if dropped.empty:
        return ["Dropped: none"]
    rows = [f"  {r.event_id} ({r.ticker}): {r.reason}: {r.detail}" for r in dropped.itertuples()]
    return ["Dropped:", *rows]
