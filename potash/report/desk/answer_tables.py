"""What stands beside single verdicts: all moves in parts, other securities, other choices, money, and power."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from potash.errors import InputError
from potash.market.market_values import load_market_values, market_values_before
from potash.report.desk.setting import IMPACT, Setting
from potash.report.desk.verdict_tables import percent_or_missing, sessions_words, with_error
from potash.report.pages.publish import ShownFigure
from potash.report.pages.tables import ShownTable
from potash.sessions import Window
from potash.study.answer.decomposition import decompose
from potash.study.answer.robustness import effect_in_usd
from potash.study.answer.space import placebo_in_space
from potash.study.answer.specification.curve import specification_curve
from potash.study.answer.specification.result import SpecificationCurve
from potash.study.answer.words import p_value, percent, size_of, when
from potash.study.plots import plot_power

SIGNS = {"positive": 1, "negative": -1}
EXPECTED = {"positive": "up", "negative": "down", "none": "none"}


def moves_table(setting: Setting, window: Window = IMPACT) -> ShownTable:
    """Return the move of the portfolio at each event as market, control group and specific part.

    As in the pool, a firm with major news of its own on day 0 or the next session takes no part in that event.
    """
    study = setting.study(setting.firms, setting.newest, own_news=False)
    frame = decompose(study, {"primary": (window.start, window.end)})
    rows = frame[frame["kind"] == "portfolio"]
    days = study.fit().panel.labels.drop_duplicates("event_id").set_index("event_id")["session"]
    rows = rows.assign(session=rows["event_id"].map(days)).sort_values("session", ascending=False, kind="stable")
    specific = "potash-specific" if "potash" in setting.pool else "specific"
    shown = pd.DataFrame(
        {
            "event": [setting.title(event_id) for event_id in rows["event_id"]],
            "expected": [EXPECTED.get(setting.expected(event_id), "unclear") for event_id in rows["event_id"]],
            "price change": rows["price_change"].map(percent_or_missing),
            setting.market: rows["market_price_change"].map(percent_or_missing),
            "market": rows["market"].map(percent_or_missing),
            "fertilizer-wide": rows["controls"].map(percent_or_missing),
            f"{specific} (standard error)": [
                with_error(*pair) for pair in zip(rows["specific"], rows["specific_std_error"], strict=True)
            ],
            "beyond the market": rows["abnormal"].map(percent_or_missing),
        }
    )
    if rows["specific"].isna().all():
        shown = shown.drop(columns=["fertilizer-wide", f"{specific} (standard error)"])
    note = (
        f"Of the equal-weighted portfolio {when(window)}, without firms that had major news of their own, as in the pool. The "
        f"parts market, fertilizer-wide and {specific} add up; beyond the market: the last two. Standard errors follow the "
        "volatility of the days around. missing: no control without news of its own, or a day without a price."
    )
    return ShownTable(frame, shown, note)


def space_table(setting: Setting) -> ShownTable | None:
    """Return where the firms stand among all securities of the day, event by event; None without another security."""
    others = [t for t in setting.beside if t in setting.universe.one_per_issuer([*setting.firms, *setting.beside])]
    try:
        placebo = placebo_in_space(setting.whole, setting.returns[others])
    except InputError:
        return None
    tests = placebo.tests.set_index("event_id").loc[setting.newest]
    best = placebo.frame.sort_values("rank").groupby("event_id", sort=False)["ticker"].agg(", ".join)
    shown = pd.DataFrame(
        {
            "event": [setting.title(event_id) for event_id in tests.index],
            "sessions": tests["window"].map(sessions_words),
            "firms less others": tests["CAR_difference"].map(percent_or_missing),
            "p": tests["pvalue"].map(p_value),
            "smallest p possible": tests["smallest_pvalue"].map(p_value),
            "firms, others": tests["n_firms"].astype(str) + ", " + tests["n_others"].astype(str),
            "from the largest statistic to the smallest": best[tests.index],
        }
    )
    note = (
        "Each security against the market alone, over a standard error of its own. p: the share of all choices of as many "
        "securities whose mean lies as far from that of the others."
    )
    return ShownTable(placebo.frame, shown, note)


def money_table(setting: Setting) -> ShownTable | None:
    """Return what the verdicts' windows were in US dollars for each firm with a dated value; None where there is none."""
    values = market_values_before(load_market_values(), setting.whole.fit().events.reset_index())
    pieces = []
    for event_id in setting.newest:
        window = setting.verdict(event_id).window
        own = values[values["event_id"] == event_id]
        pieces.append(effect_in_usd(setting.whole.fit().for_event(event_id), own, (window.start, window.end)))
    frame = pd.concat(pieces, ignore_index=True)
    rows = frame[frame["effect_usd"].notna()]
    if rows.empty:
        return None
    shown = pd.DataFrame(
        {
            "event": [setting.timeline.events.at[event_id, "date"] for event_id in rows["event_id"]],
            "firm": rows["ticker"],
            "effect": rows["CAR"].map(percent_or_missing),
            "worth, USD bn": [f"{value / 1e9:.1f}" for value in rows["market_value"]],
            "as of": [f"{day:%Y-%m-%d}" for day in rows["valued_on"]],
            "effect, USD bn": [f"{value / 1e9:+.1f}".replace("-", "−") for value in rows["effect_usd"]],
            "95 % interval, USD bn": [
                f"{low / 1e9:+.1f} to {high / 1e9:+.1f}".replace("-", "−")
                for low, high in zip(rows["lower_usd"], rows["upper_usd"], strict=True)
            ],
        }
    )
    missing = frame.loc[frame["effect_usd"].isna(), "ticker"].unique()
    note = "Beyond the market. The value of all shares is the last one with a source before the event, at most 400 days old."
    if len(missing):
        note += f" None is known for {', '.join(missing)} at one event or more."
    return ShownTable(frame, shown, note)


def power_figure(setting: Setting) -> ShownFigure | None:
    """Return the power of each verdict by true effect; None where no verdict has one."""
    curves = {}
    for event_id in setting.newest:
        verdict = setting.verdict(event_id)
        if np.isfinite(verdict.detectable):
            curves[str(setting.timeline.events.at[event_id, "date"])] = (verdict.power, verdict.detectable)
    if not curves:
        return None
    alt = "Power by true effect; found in four cases out of five: " + ", ".join(
        f"{date} {size_of(detectable)}" for date, (_, detectable) in curves.items()
    )
    title = (
        "How large a true effect has to be for the verdict to find it, at each event's own volatility; marked: found in four "
        "cases out of five"
    )
    data = pd.concat([curve.assign(event=date) for date, (curve, _) in curves.items()], ignore_index=True)
    return ShownFigure.of(plot_power(curves), title, alt, data=data)


@lru_cache(maxsize=8)
def curve_of(setting: Setting, event_id: str) -> SpecificationCurve:
    """Return the specification curve of an event: all firms, every benchmark with prices, the sign that was expected."""
    markets = [ticker for ticker in setting.universe.with_role("market") if ticker in setting.returns]
    benchmarks = list(dict.fromkeys([setting.market, *markets]))
    expected = SIGNS.get(setting.expected(event_id), 0)
    return specification_curve(setting.whole, event_id, benchmarks=setting.returns[benchmarks], expected=expected)


def curve_figure(setting: Setting, curve: SpecificationCurve) -> ShownFigure | None:
    """Return the estimates in order above the choices behind them; None where no specification has an estimate."""
    if curve.estimated.empty:
        return None
    axes = curve.plot()
    axes[0].set_title("")
    estimates = curve.estimated["estimate"]
    title = f"{len(estimates):,} specifications of one event: {setting.title(curve.event_id)}"
    alt = (
        f"{curve.sentence()} The smallest estimate is {percent(estimates.min())}, the largest {percent(estimates.max())}; below, "
        "the choices that each was made of."
    )
    return ShownFigure.of(axes[0], title, alt, data=curve.estimated)


def curve_table(curve: SpecificationCurve) -> ShownTable:
    """Return whether the curve as a whole is unusual among those of ordinary days."""
    frame = curve.joint.reset_index()
    shown = pd.DataFrame(
        {
            "statistic of the curve": frame["meaning"],
            "this event": [
                _deviate(stat) if name.endswith("_z") else _share(stat)
                for name, stat in zip(frame["statistic"], frame["stat"], strict=True)
            ],
            "p by ordinary days": frame["pvalue"].map(p_value),
        }
    )
    note = (
        f"The same curve on {len(curve.ordinary)} ordinary days. z: the statistic of a specification as a standard normal "
        "deviate. The last row was chosen in advance as the one that counts."
    )
    return ShownTable(frame, shown, note)


def _deviate(value: float) -> str:
    return "missing" if pd.isna(value) else f"{value:+.2f}".replace("-", "−")


def _share(value: float) -> str:
    return "missing" if pd.isna(value) else f"{value:.0%}".replace("%", " %")


def choices_table(curve: SpecificationCurve) -> ShownTable:
    """Return what the specifications that share a choice say; the file has every specification."""
    frame = curve.by_choice().reset_index()
    shown: dict[str, Any] = {
        "choice": frame["choice"].replace({"length": "estimation sessions", "gap": "gap to day 0", "pool": "firms"}),
        "value": frame["value"].astype(str),
        "specifications": frame["n"],
        "median": frame["median"].map(percent_or_missing),
        "positive": frame["share_positive"].map(_share),
        "significant at 5 %": frame["share_significant"].map(_share),
    }
    missing = "; ".join(f"{n} without an estimate: {reason}" for reason, n in curve.missing.items())
    note = f"{len(curve.estimated):,} specifications with an estimate" + (f"; {missing}." if missing else ".")
    return ShownTable(curve.frame, pd.DataFrame(shown), note)
