"""What an event's move consists of, and the portfolio in the windows that were fixed in advance."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from potash.report.desk.event.headings import file_name, session_words, specific_words
from potash.report.desk.setting import Setting
from potash.report.desk.verdict_tables import (
    about_controls,
    interval_or_missing,
    percent_or_missing,
    size_or_missing,
    times_or_missing,
    window_words,
)
from potash.report.pages.tables import ShownTable
from potash.sessions import Window
from potash.study.answer.all_days import covered, window_family
from potash.study.answer.decomposition import decompose
from potash.study.answer.words import names, p_value, when
from potash.study.fitted import PORTFOLIO


@lru_cache(maxsize=4)
def parts_frame(setting: Setting, event_id: str) -> pd.DataFrame:
    """Return the parts of the move of the verdict's portfolio, its firms and its controls, in every window fixed in advance.

    The window of the verdict is among them; the columns are those of :func:`potash.decompose`.
    """
    study = setting.counting(event_id)
    window = setting.verdict(event_id).window
    windows = {name: (part.start, part.end) for name, part in covered(study).items()}
    if window not in map(Window.of, windows.values()):
        windows["verdict"] = (window.start, window.end)
    return decompose(study.fit().for_event(event_id), windows)


def decomposition_table(setting: Setting, event_id: str) -> ShownTable:
    """Return how the move of the portfolio in the verdict's window adds up: market, fertilizer-wide, potash-specific.

    The file holds the portfolio, its firms and its controls in every window.
    """
    frame, verdict = parts_frame(setting, event_id), setting.verdict(event_id)
    row = frame[(frame["ticker"] == PORTFOLIO) & (frame["window"] == str(verdict.window))].iloc[0]
    moved = percent_or_missing(row["market_return"])
    market = f"alpha, and beta {row['beta']:.2f} times {setting.market}, which moved {moved}"
    lines = [("market", market, row["market"])]
    if verdict.controls:
        mean = f"{names(verdict.controls)}, whose mean moved {percent_or_missing(row['controls_return'])}"
        slope = f"slope {row['controls_beta']:.2f} times what the market leaves of {mean}"
        lines += [
            ("fertilizer-wide", slope, row["controls"]),
            (specific_words(setting), "what is left: the effect that the verdict is about", row["specific"]),
        ]
    else:
        lines.append(
            (specific_words(setting), "what the market leaves: the effect that the verdict is about", row["abnormal"])
        )
    kind = "returns" if setting.returns_kind == "simple" else "log returns"
    lines += [
        ("together", f"sum of {kind} of the equal-weighted portfolio", row["raw_return"]),
        ("price change", "the same as a terminal shows it", row["price_change"]),
    ]
    shown = pd.DataFrame(
        {
            "part": [part for part, _, _ in lines],
            "where it comes from": [source for _, source, _ in lines],
            when(verdict.window).removeprefix("on ").removeprefix("over "): [percent_or_missing(v) for *_, v in lines],
        }
    )
    title = f"The portfolio ({', '.join(verdict.tickers)}) part by part"
    return ShownTable(frame, shown, about_controls(setting, verdict), file_name("parts", event_id), title)


def window_table(setting: Setting, event_id: str) -> ShownTable:
    """Return the portfolio of an event in the windows fixed in advance, the run-up first, and that of the verdict."""
    frame = window_family(setting.counting(event_id).fit().for_event(event_id))
    counts = frame[frame["against"] == frame["against"].iloc[0]]
    verdict = setting.verdict(event_id)
    alone = frame[frame["against"] == "market"].set_index("window")["CAR"]
    rows = [
        {
            "window": _marked(window_words(row["name"], row["window"]), row["window"] == str(verdict.window)),
            "effect": percent_or_missing(row["CAR"]),
            "95 % interval": interval_or_missing(row["lower"], row["upper"]),
            "beyond the market alone": percent_or_missing(alone.get(row["window"], float("nan"))),
            "volatility": times_or_missing(row["volatility"]),
            "p, Student's t": p_value(row["pvalue"]),
            "p, all days": p_value(row["randomization_pvalue"]),
            "p, all windows": p_value(row["max_t_pvalue"]),
            "usually found from": size_or_missing(row["detectable"]),
            "ruled out beyond": size_or_missing(row["ruled_out_beyond"]),
        }
        for row in counts.to_dict("records")
    ]
    if str(verdict.window) not in set(counts["window"]):
        rows.insert(0, _of_verdict(setting, event_id))
    shown = pd.DataFrame(rows)
    if len(counts) == len(frame):
        shown = shown.drop(columns="beyond the market alone")
    title = "The portfolio in the windows fixed in advance"
    return ShownTable(frame, shown, _about_windows(setting, event_id), file_name("windows", event_id), title)


def _marked(words: str, counts: bool) -> str:
    return f"{words}, the verdict's" if counts else words


def _of_verdict(setting: Setting, event_id: str) -> dict[str, str]:
    """Return the row of a verdict whose window was chosen and is not among those fixed in advance."""
    verdict = setting.verdict(event_id)
    return {
        "window": _marked(window_words("chosen", str(verdict.window)), True),
        "effect": percent_or_missing(verdict.CAR),
        "95 % interval": interval_or_missing(verdict.lower, verdict.upper),
        "beyond the market alone": percent_or_missing(verdict.beyond_market),
        "volatility": times_or_missing(verdict.volatility),
        "p, Student's t": p_value(verdict.scaled_pvalue),
        "p, all days": p_value(verdict.randomization_pvalue),
        "p, all windows": "not one of them",
        "usually found from": size_or_missing(verdict.detectable),
        "ruled out beyond": size_or_missing(verdict.ruled_out_beyond),
    }


def _about_windows(setting: Setting, event_id: str) -> str:
    verdict = setting.verdict(event_id)
    against = "market and control group" if verdict.controls else "the market"
    note = (
        f"Effect: cumulative abnormal return (CAR) beyond {against}. The verdict rests on its own window; p, all windows, "
        "corrects for looking at all of them. Usually found from: the smallest true effect found in four cases out of five. "
        "Volatility: of the days around, against the usual."
    )
    own = setting.own_news(event_id, setting.event_window, setting.controls_of(event_id), "major")
    if len(own):
        lines = "; ".join(f"{item.ticker} {session_words(item.offset)}: {item.title}" for item in own.itertuples())
        note += f" News of controls in these windows: {lines}."
    return note
