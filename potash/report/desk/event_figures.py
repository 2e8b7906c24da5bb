"""The figures of one event: paths with the run-up shaded, sessions, estimates, and the event among ordinary days."""

from __future__ import annotations

import numpy as np
import pandas as pd

from potash._display import months_of
from potash.report.desk.event.firms import portfolios
from potash.report.desk.setting import Setting
from potash.report.pages.publish import ShownFigure
from potash.study.answer.all_days import all_days, with_event
from potash.study.answer.decomposition import decompose
from potash.study.answer.words import p_is, p_value, percent, size_of, when
from potash.study.fitted import PORTFOLIO
from potash.study.plots import plot_ar, plot_car, plot_estimates, plot_parts, plot_placebo

FEWEST_DAYS = 20


def path_figure(setting: Setting, event_id: str) -> ShownFigure:
    """Return the cumulative abnormal returns of each firm and of the portfolio of the verdict, the run-up shaded."""
    path = _of_verdict(setting, event_id, "car_path")
    whole = path[path["ticker"] == PORTFOLIO].set_index("offset")
    zero, first = whole.loc[0], setting.event_window[0]
    shaded = (first, -1) if first < 0 else None
    before = f"; on session −1 at {percent(whole.at[-1, 'CAR'])}" if first < 0 else ""
    title = (
        f"Cumulative abnormal returns beyond {_against(setting, event_id)} around {_dated(setting, event_id)}; grey: 95 % band "
        f"of the equal-weighted portfolio of {_firms(setting, event_id)}"
    )
    alt = (
        f"CAR paths from session {first} to {setting.event_window[1]}{before}; on day 0 the equal-weighted portfolio stands at "
        f"{percent(zero['CAR'])}, with a 95 % band from {percent(zero['lower'])} to {percent(zero['upper'])}."
    )
    window = setting.verdict(event_id).window
    axes = plot_car(path, shaded=shaded, window=(window.start, window.end))
    return ShownFigure.of(axes, title, alt, data=path)


def daily_figure(setting: Setting, event_id: str) -> ShownFigure:
    """Return the abnormal return of each session: firms, and the portfolio of the verdict with its interval."""
    path = _of_verdict(setting, event_id, "ar_path")
    zero = path[(path["ticker"] == PORTFOLIO) & (path["offset"] == 0)].iloc[0]
    title = (
        f"Abnormal return beyond {_against(setting, event_id)} of each session around {_dated(setting, event_id)}; the "
        f"equal-weighted portfolio of {_firms(setting, event_id)} with its 95 % interval"
    )
    alt = (
        f"Abnormal returns by session; on day 0 the portfolio's is {percent(zero['AR'])} ({percent(zero['lower'])} to "
        f"{percent(zero['upper'])})."
    )
    return ShownFigure.of(plot_ar(path), title, alt, data=path)


def estimates_figure(setting: Setting, event_id: str) -> ShownFigure:
    """Return each security's estimate in the window of the verdict, beside what the data could not have detected."""
    window = setting.verdict(event_id).window
    pair = (window.start, window.end)
    cars = setting.everyone.for_event(event_id)
    bars = cars.conf_int(pair).join(cars.car(pair)["CAR"]).join(cars.detectable(pair)["detectable"])
    tickers = bars.index.get_level_values("ticker")
    bars.index = pd.Index([f"{ticker} ({setting.universe.frame.at[ticker, 'role']})" for ticker in tickers])
    heavy = []
    for label, results in portfolios(setting, event_id).items():
        line = results.conf_int_portfolio(pair).join(results.portfolio(pair)["CAR"]).iloc[0]
        line["detectable"] = results.detectable(pair)["detectable"].iloc[-1]
        bars.loc[f"portfolio, {label}"] = line
        heavy.append(f"portfolio, {label}")
    verdict, controls = setting.verdict(event_id), ""
    if verdict.controls:
        label, controls = (
            f"{', '.join(verdict.tickers)} beyond controls",
            "; last row: the verdict's, beyond the control group too",
        )
        bars.loc[label, ["CAR", "lower", "upper", "detectable"]] = [
            verdict.CAR, verdict.lower, verdict.upper, verdict.detectable,
        ]  # fmt: skip
        heavy.append(label)
    title = (
        f"Abnormal return beyond the market {when(window)} by firm, announcement of {_dated(setting, event_id)}, beside what "
        f"these data could not have detected{controls}"
    )
    alt = "; ".join(
        f"{label}: {percent(row['CAR'])} ({percent(row['lower'])} to {percent(row['upper'])})"
        for label, row in bars.dropna(subset=["CAR"]).iterrows()
    )
    data = bars.rename_axis("row").reset_index()
    return ShownFigure.of(plot_estimates(bars, emphasised=heavy), title, alt, data=data)


def ordinary_days_figure(setting: Setting, event_id: str) -> ShownFigure | None:
    """Return the statistic of the verdict among those of all ordinary days; None with fewer than twenty such days."""
    verdict = setting.verdict(event_id)
    days = all_days(with_event(setting.counting(event_id), event_id), event_id, (verdict.window,))
    stats = pd.Series(days.ordinary_stats[:, 0], name="tstat").dropna()
    if len(stats) < FEWEST_DAYS or pd.isna(verdict.CAR) or pd.isna(days.stats[0]) or not verdict.days:
        return None
    sessions = days.sessions[~np.isnan(days.ordinary_stats[:, 0])]
    title = (
        f"The same portfolio ({_firms(setting, event_id)}) on {len(stats)} ordinary days ({months_of(sessions)}), and "
        f"{when(verdict.window)} after {_dated(setting, event_id)}"
    )
    alt = (
        f"Histogram of {len(stats)} abnormal returns over their standard errors; the event's, {percent(verdict.CAR)} over "
        f"{size_of(verdict.std_error)}, has p = {p_value(verdict.randomization_pvalue)} among them."
    )
    label = f"the event: {percent(verdict.CAR)}\n{p_is(verdict.randomization_pvalue)}"
    axes = plot_placebo(stats.to_frame(), float(days.stats[0]), column="tstat", label=label)
    data = pd.DataFrame({"day": "ordinary", "tstat": stats}).reset_index(drop=True)
    data.loc[len(data)] = ["event", float(days.stats[0])]
    return ShownFigure.of(axes, title, alt, data=data)


def parts_figure(setting: Setting, event_id: str) -> ShownFigure:
    """Return the raw return in the window of the verdict as market, control group and potash-specific part, by firm."""
    window, study = setting.verdict(event_id).window, setting.counting(event_id)
    parts = decompose(study.fit().for_event(event_id), {"verdict": (window.start, window.end)})
    order = pd.concat([parts[parts["kind"] == kind] for kind in ("portfolio", "firm")])
    rows = order.set_axis(pd.Index(order["ticker"], name="row"))
    whole = rows.iloc[0]
    pieces = {
        "the market": whole["market"],
        "all fertilizer names": whole["controls"],
        "potash alone": whole["specific"],
    }
    if pd.isna(whole["controls"]):
        pieces = {"the market": whole["market"], "the rest": whole["abnormal"]}
    made_of = ", ".join(f"{percent(value)} of {name}" for name, value in pieces.items())
    columns = ["market", "controls", "specific", "abnormal", "raw_return"]
    return ShownFigure.of(
        plot_parts(rows),
        f"Portfolio and firms {when(window)}: parts that add up to the raw return",
        f"The portfolio's raw return of {percent(whole['raw_return'])} is made of {made_of}.",
        data=rows[columns].reset_index(),
    )


def _of_verdict(setting: Setting, event_id: str, path: str) -> pd.DataFrame:
    """Return the lines of every firm, and the portfolio that the verdict is about, against what the verdict is against."""
    every = getattr(with_event(setting.whole, event_id).fit().for_event(event_id), path)()
    own = getattr(with_event(setting.counting(event_id), event_id).fit().for_event(event_id), path)()
    return pd.concat([every[every["ticker"] != PORTFOLIO], own[own["ticker"] == PORTFOLIO]])


def _against(setting: Setting, event_id: str) -> str:
    return "market and control group" if setting.verdict(event_id).controls else "the market"


def _firms(setting: Setting, event_id: str) -> str:
    return ", ".join(setting.verdict(event_id).tickers)


def _dated(setting: Setting, event_id: str) -> str:
    return str(setting.timeline.events.at[event_id, "date"])
