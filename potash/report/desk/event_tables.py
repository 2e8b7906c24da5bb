"""The tables of one event: its windows, what its move consists of, each firm, the tests, and other news."""

from __future__ import annotations

from typing import Any

import pandas as pd

from potash.report.desk.setting import Setting
from potash.report.desk.verdict_tables import (
    interval_or_missing,
    percent_or_missing,
    size_or_missing,
    window_words,
    with_error,
)
from potash.report.pages.tables import ShownTable
from potash.sessions import Window
from potash.study.answer.all_days import window_family
from potash.study.answer.decomposition import decompose
from potash.study.answer.words import p_value
from potash.study.results import EventStudyResults

TEST_NAMES = {
    "portfolio": "portfolio",
    "cross_sectional": "cross-sectional t",
    "skewness_adjusted": "skewness-adjusted t",
    "jackknife": "jackknife",
    "patell": "Patell",
    "patell_simple": "Patell, simple",
    "adjusted_patell": "adjusted Patell",
    "bmp": "BMP",
    "kolari_pynnonen": "Kolari-Pynnonen",
    "rank": "Corrado rank",
    "corrado_zivney": "Corrado-Zivney",
    "grank": "GRANK-T",
    "grank_z": "GRANK-Z",
    "sign": "sign",
    "generalized_sign": "generalized sign",
    "wilcoxon": "Wilcoxon",
}


def window_table(setting: Setting, event_id: str) -> ShownTable:
    """Return the portfolio of an event in the windows fixed in advance, the run-up first."""
    frame = window_family(setting.counting(event_id).fit().for_event(event_id))
    counts = frame[frame["against"] == frame["against"].iloc[0]]
    shown = pd.DataFrame(
        {
            "window": [window_words(*pair) for pair in zip(counts["name"], counts["window"], strict=True)],
            "CAR": counts["CAR"].map(percent_or_missing),
            "95 % interval": [
                interval_or_missing(*pair) for pair in zip(counts["lower"], counts["upper"], strict=True)
            ],
            "volatility": [f"{value:.1f}" if value == value else "missing" for value in counts["volatility"]],
            "p scaled": counts["pvalue"].map(p_value),
            "p all days": counts["randomization_pvalue"].map(p_value),
            "p corrected": counts["max_t_pvalue"].map(p_value),
            "detectable": counts["detectable"].map(size_or_missing),
            "ruled out": counts["ruled_out_beyond"].map(size_or_missing),
        }
    )
    if len(counts) < len(frame):
        market = frame[frame["against"] == "market"]
        shown["beyond the market"] = _with_errors(market["CAR"], market["std_error"])
    against = "the market" if len(counts) == len(frame) else "market and control group"
    note = (
        f"CAR: beyond {against}. The windows were fixed before any number was looked at. p corrected: for looking at all of "
        "them, from the largest statistic of each ordinary day. The verdict rests on one window alone."
    )
    own = setting.own_news(event_id, setting.event_window, setting.controls_of(event_id), "major")
    if len(own):
        note += f" News of controls in these windows: {'; '.join(_dated_news(own))}."
    return ShownTable(frame, shown, note)


def decomposition_table(setting: Setting, event_id: str) -> ShownTable:
    """Return an event's move as market, control group and specific part: the portfolio by window, and each security.

    The file holds every security in every window; the page shows the securities in the window of the verdict.
    """
    frame = decompose(setting.counting(event_id).fit().for_event(event_id))
    window = str(setting.verdict(event_id).window)
    rows = frame[(frame["kind"] == "portfolio") | (frame["window"] == window)]
    columns: dict[str, Any] = {
        "window": rows["window"],
        "security": rows["ticker"].where(rows["kind"] != "control", rows["ticker"] + " (control)"),
        "price change": rows["price_change"].map(percent_or_missing),
        "of the market": rows["market_price_change"].map(percent_or_missing),
        "beta": rows["beta"].map("{:.2f}".format),
        "market's part": rows["market"].map(percent_or_missing),
    }
    if rows["specific"].notna().any():
        columns["control group's"] = rows["controls"].map(percent_or_missing)
        columns["specific"] = _with_errors(rows["specific"], rows["specific_std_error"])
    else:
        columns["abnormal"] = _with_errors(rows["abnormal"], rows["abnormal_std_error"])
    kind = "returns" if setting.returns_kind == "simple" else "log returns"
    note = (
        f"price change: as a terminal shows it. The parts are sums of {kind} and add up to the sum of the security's; the "
        "market's part holds alpha. In parentheses the standard error, which follows the volatility of the days around the "
        "window. A control is measured against the market and the mean of the other controls."
    )
    return ShownTable(frame, pd.DataFrame(columns), note)


def _with_errors(values: pd.Series, errors: pd.Series) -> list[str]:
    return [with_error(value, error) for value, error in zip(values, errors, strict=True)]


def firm_table(setting: Setting, event_id: str) -> ShownTable:
    """Return the abnormal returns of every security beyond the market, and of the portfolios."""
    windows = {"AR[0]": (0, 0), "CAR[-1,+1]": (-1, 1), "CAR[0,+1]": (0, 1)}
    event = Window.of(setting.event_window)
    windows = {name: window for name, window in windows.items() if Window.of(window) in event}
    alone = setting.everyone.for_event(event_id)
    frame = pd.DataFrame(index=alone.events.index).reset_index()
    frame["role"] = [setting.universe.frame.at[ticker, "role"] for ticker in frame["ticker"]]
    for name, window in windows.items():
        car = alone.car(window)
        frame[name], frame[f"{name} s.e."], frame[f"{name} p"] = (
            car[column].to_numpy() for column in ("CAR", "std_error", "pvalue")
        )
    frame = pd.concat([frame, _portfolio_rows(setting, event_id, windows)], ignore_index=True)
    frame = frame.drop(columns="event_id").rename(columns={"ticker": "firm"})
    labels = {"AR[0]": ("AR, day 0", "p, day 0"), "CAR[-1,+1]": ("CAR [-1, +1]", "p [-1, +1]"),
              "CAR[0,+1]": ("CAR [0, +1]", "p [0, +1]")}  # fmt: skip
    shown = frame[["firm", "role"]].copy()
    for name in windows:
        shown[labels[name][0]] = _with_errors(frame[name], frame[f"{name} s.e."])
        shown[labels[name][1]] = frame[f"{name} p"].map(p_value)
    own = setting.own_news(event_id, (-1, 1), [*setting.firms, *setting.beside])
    lines = [f"{item.ticker} {item.offset:+d}".replace("+0", "0") + f": {item.title}" for item in own.itertuples()]
    news = (
        f"Own news, by session: {'; '.join(lines)}."
        if lines
        else "No own news of these firms in these sessions is known."
    )
    note = (
        f"In parentheses the standard error; p two-sided by Student's t. Market: {setting.market}, {setting.returns_kind} "
        f"returns. {news}"
    )
    return ShownTable(frame, shown, note)


def _dated_news(own: pd.DataFrame) -> list[str]:
    return [
        f"{item.ticker} {item.offset:+d}".replace("+0", "0").replace("-", "−") + f": {item.title}"
        for item in own.itertuples()
    ]


def portfolios(setting: Setting, event_id: str) -> dict[str, EventStudyResults]:
    """Return the results of an event's portfolios by name: of all firms, and without those left out."""
    whole, part = setting.whole.fit(), setting.part
    results = {f"all {setting.pool.split()[-1]}": whole.for_event(event_id)}
    if part is not None and event_id in part.fit().event_ids:
        results["without " + ", ".join(setting.left_out)] = part.fit().for_event(event_id)
    return results


def _portfolio_rows(setting: Setting, event_id: str, windows: dict[str, tuple[int, int]]) -> pd.DataFrame:
    rows = []
    for label, results in portfolios(setting, event_id).items():
        row: dict[str, Any] = {"event_id": event_id, "ticker": f"equal-weighted, {label}", "role": "portfolio"}
        for name, window in windows.items():
            car = results.portfolio(window).iloc[0]
            row |= {name: car["CAR"], f"{name} s.e.": car["std_error"], f"{name} p": car["pvalue"]}
        rows.append(row)
    return pd.DataFrame(rows)


def significance_table(setting: Setting, event_id: str) -> ShownTable:
    """Return all significance tests of the window of an event's verdict, against the market, and whether they hold."""
    window = setting.verdict(event_id).window
    tests = setting.counting(event_id).fit().for_event(event_id).tests((window.start, window.end)).reset_index()
    frame = tests[["test", "stat", "pvalue", "distribution", "n", "holds", "reason"]].assign(
        test=tests["test"].map(TEST_NAMES), holds=tests["holds"].map({True: "yes", False: "no"})
    )
    shown = frame.rename(columns={"stat": "statistic", "pvalue": "p"}).assign(
        statistic=[f"{value:+.2f}".replace("-", "−") if value == value else "missing" for value in frame["stat"]],
        p=frame["pvalue"].map(p_value),
    )
    note = (
        "Measured against the market alone, with standard errors of the estimation window. holds: whether the test's assumptions "
        "hold for this design. None of them has a vote in the verdict."
    )
    return ShownTable(frame, shown, note)


def news_table(setting: Setting, event_id: str) -> pd.DataFrame:
    """Return what else happened around an event, a row per piece of news with the firms it names; no row if nothing."""
    near = setting.news[setting.news["event_id"] == event_id]
    near = near.sort_values("timeline_event", key=lambda ids: ids != "", kind="stable")
    grouped = near.groupby(["offset", "date", "scope", "title"], dropna=False, sort=False)
    tickers = grouped["ticker"].agg(lambda members: ", ".join(dict.fromkeys(members))).reset_index(name="firms")
    ordered = tickers.sort_values(["offset", "date"], kind="stable")
    return ordered[["offset", "date", "firms", "scope", "title"]]


def normal_returns_table(setting: Setting) -> ShownTable:
    """Return the parameters of the market model of every firm and event."""
    params = setting.everyone.params.reset_index()
    frame = params[["ticker", "alpha", "beta", "sigma", "nobs", "rsquared"]].copy()
    frame.insert(0, "event", params["event_id"].map(setting.timeline.events["title"]))
    frame.insert(4, "beta s.e.", setting.everyone.param_std_errors["beta"].to_numpy())
    shown = frame.assign(
        alpha=[f"{value:+.3%}".replace("-", "−").replace("%", " %") for value in frame["alpha"]],
        sigma=[f"{value:.2%}".replace("%", " %") for value in frame["sigma"]],
        **{name: frame[name].map("{:.2f}".format) for name in ("beta", "beta s.e.", "rsquared")},
    )
    return ShownTable(frame, shown, f"Market: {setting.market}, {setting.returns_kind} returns.")
