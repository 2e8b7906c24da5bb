"""Every security around an event, so that its move can be held against a terminal."""

from __future__ import annotations

import pandas as pd

from potash.report.desk.event.headings import company, file_name, session_words
from potash.report.desk.event.moves import parts_frame
from potash.report.desk.setting import Setting
from potash.report.desk.verdict_tables import interval_or_missing, percent_or_missing
from potash.report.pages.tables import ShownTable
from potash.sessions import Window
from potash.study.answer.decomposition import decompose
from potash.study.answer.event_volatility import scaled_cars
from potash.study.answer.words import p_is, when
from potash.study.inference.significance import t_pvalue, t_quantile
from potash.study.results import EventStudyResults

WINDOWS = ((0, 0), (-1, 1), (0, 1))
COLUMNS = [
    "ticker", "name", "role", "part", "window", "price_change", "market_price_change", "raw_return", "market_return", "alpha",
    "beta", "CAR", "std_error", "scaled_std_error", "lower", "upper", "pvalue", "specific", "specific_std_error",
]  # fmt: skip
BEYOND_BOTH = "beyond market and controls"
PARTS = ("portfolio", "left out", "control", "other")


def firm_table(setting: Setting, event_id: str) -> ShownTable:
    """Return every security's price change, the market's, beta, and what is left beyond the market.

    The file has them in the window of the verdict, on day 0, and in the windows -1 to +1 and 0 to +1.
    """
    verdict = setting.verdict(event_id)
    frame = _frame(setting, event_id, verdict.window)
    rows = frame[frame["window"] == str(verdict.window)]
    shown = pd.DataFrame(
        {
            "firm": [company(setting, ticker) for ticker in rows["ticker"]],
            "counts as": rows["part"],
            "price change": rows["price_change"].map(percent_or_missing),
            f"{setting.market}": rows["market_price_change"].map(percent_or_missing),
            "beta": rows["beta"].map("{:.2f}".format),
            "beyond the market": rows["CAR"].map(percent_or_missing),
            "95 % interval": [interval_or_missing(*pair) for pair in zip(rows["lower"], rows["upper"], strict=True)],
            BEYOND_BOTH: rows["specific"].map(percent_or_missing),
            "own news": _own_news(setting, event_id, verdict.window, list(rows["ticker"])),
        }
    )
    if rows["specific"].isna().all():
        shown = shown.drop(columns=BEYOND_BOTH)
    title = f"Every firm {when(verdict.window)}"
    return ShownTable(
        frame, shown.reset_index(drop=True), _note(setting, event_id), file_name("firms", event_id), title
    )


def _frame(setting: Setting, event_id: str, window: Window) -> pd.DataFrame:
    alone = setting.everyone.for_event(event_id)
    event = Window.of(setting.event_window)
    windows = dict.fromkeys([window, *(Window.of(pair) for pair in WINDOWS)])
    pieces = [_in_window(setting, event_id, alone, each) for each in windows if each in event]
    frame = pd.concat(pieces, ignore_index=True)
    specific = _specific(setting, event_id, window)
    frame = frame.drop(columns=["specific", "specific_std_error"]).merge(specific, how="left", on=["ticker", "window"])
    order = {part: place for place, part in enumerate(PARTS)}
    chosen = frame.sort_values("part", key=lambda parts: parts.map(order), kind="stable")
    return chosen[COLUMNS].reset_index(drop=True)


def _specific(setting: Setting, event_id: str, window: Window) -> pd.DataFrame:
    """Return what market and controls leave of each firm and control; of a firm left out in the verdict's window alone."""
    pieces = [parts_frame(setting, event_id)]
    if setting.counting(event_id) is not setting.whole:
        whole = decompose(setting.whole.fit().for_event(event_id), {"verdict": (window.start, window.end)})
        pieces.append(whole[(whole["kind"] == "firm") & ~whole["ticker"].isin(pieces[0]["ticker"])])
    return pd.concat(pieces)[["ticker", "window", "specific", "specific_std_error"]]


def _in_window(setting: Setting, event_id: str, alone: EventStudyResults, window: Window) -> pd.DataFrame:
    """Return every security against the market alone; standard errors with and without the volatility of the days around."""
    pair = (window.start, window.end)
    parts = decompose(alone, {"window": pair})
    parts = parts[parts["kind"] == "firm"].reset_index(drop=True)
    scaled = scaled_cars(alone.fit, alone.windows.event, window)
    half = t_quantile(0.975, scaled.df) * scaled.std_errors
    tickers, frame = parts["ticker"], setting.universe.frame
    return parts.assign(
        name=[str(frame.at[ticker, "name"]) for ticker in tickers],
        role=[str(frame.at[ticker, "role"]) for ticker in tickers],
        part=[_part(setting, event_id, ticker) for ticker in tickers],
        alpha=alone.params["alpha"].to_numpy(),
        CAR=scaled.cars,
        std_error=alone.car(pair)["std_error"].to_numpy(),
        scaled_std_error=scaled.std_errors,
        lower=scaled.cars - half,
        upper=scaled.cars + half,
        pvalue=t_pvalue(scaled.stats, scaled.df),
    )


def _part(setting: Setting, event_id: str, ticker: str) -> str:
    if ticker in setting.verdict(event_id).tickers:
        return PARTS[0]
    if ticker in setting.firms:
        return PARTS[1]
    return PARTS[2] if ticker in setting.controls_of(event_id) else PARTS[3]


def _own_news(setting: Setting, event_id: str, window: Window, tickers: list[str]) -> list[str]:
    news = setting.own_news(event_id, window, tickers)
    lines = [f"{session_words(offset)}: {title}" for offset, title in zip(news["offset"], news["title"], strict=True)]
    by_ticker = pd.Series(lines, index=news["ticker"], dtype=object).groupby(level=0).agg("; ".join)
    return [str(by_ticker.get(ticker, "none\u00a0known")) for ticker in tickers]


def _note(setting: Setting, event_id: str) -> str:
    firms, tickers = setting.verdict(event_id).firms, setting.verdict(event_id).tickers
    note = (
        f"Price change: as a terminal shows it. Beyond the market: the return less alpha and beta times {setting.market}, in "
        f"{'simple' if setting.returns_kind == 'simple' else 'log'} returns; its interval follows the volatility of the days "
        "around."
    )
    if len(tickers) > 1 and not pd.isna(firms.any_pvalue):
        note += (
            f" Of the portfolio {firms.largest} stands out most (that any firm moved: {p_is(firms.any_pvalue)}; that firms "
            f"differ this much: {p_is(firms.spread_pvalue)})."
        )
    return note


def portfolios(setting: Setting, event_id: str) -> dict[str, EventStudyResults]:
    """Return the results of an event's portfolios by name: of all firms, and without those left out."""
    whole, part = setting.whole.fit(), setting.part
    results = {f"all {setting.pool.split()[-1]}": whole.for_event(event_id)}
    if part is not None and event_id in part.fit().event_ids:
        results["without " + ", ".join(setting.left_out)] = part.fit().for_event(event_id)
    return results
