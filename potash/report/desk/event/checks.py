"""How far an event's answer can be trusted: other tests, other firms, power, and the normal returns behind it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from potash.report.desk.event.headings import company, file_name
from potash.report.desk.setting import Setting
from potash.report.desk.verdict_tables import TEST_NAMES, percent_or_missing, size_or_missing
from potash.report.pages.tables import ShownTable
from potash.study.answer.robustness import leave_one_out
from potash.study.answer.words import p_value, size_of, when

EFFECTS = (0.01, 0.02, 0.03, 0.05, 0.08, 0.10)


def significance_table(setting: Setting, event_id: str) -> ShownTable:
    """Return all significance tests of the window of an event's verdict, against the market, and whether they hold."""
    window = setting.verdict(event_id).window
    tests = setting.counting(event_id).fit().for_event(event_id).tests((window.start, window.end)).reset_index()
    frame = tests[["test", "stat", "pvalue", "distribution", "n", "holds", "reason"]].assign(
        test=tests["test"].map(TEST_NAMES), holds=tests["holds"].map({True: "yes", False: "no"})
    )
    shown = pd.DataFrame(
        {
            "test": frame["test"],
            "statistic": [
                f"{value:+.2f}".replace("-", "−") if value == value else "missing" for value in frame["stat"]
            ],
            "p": frame["pvalue"].map(p_value),
            "assumptions hold": frame["holds"],
            "why": frame["reason"],
        }
    )
    note = "Beyond the market alone, with standard errors of the estimation window. None of these tests has a vote."
    title = f"All tests of the portfolio's firms {when(window)}"
    return ShownTable(frame, shown, note, file_name("tests", event_id), title)


def robustness_table(setting: Setting, event_id: str) -> ShownTable:
    """Return an event's portfolio, all firms in it, without one firm, one control, and the firms with news of their own."""
    window = setting.verdict(event_id).window
    own = setting.own_news(event_id, window, setting.firms, "major")["ticker"].unique()
    frame = leave_one_out(setting.whole.fit().for_event(event_id), (window.start, window.end), flagged=list(own))
    words = {
        "all": "all firms and controls",
        "firm": "without {}",
        "control": "without the control {}",
        "flagged firms": "without firms with news of their own: {}",
    }
    kinds, out = frame["kind"].tolist(), frame["left_out"].tolist()
    shown = pd.DataFrame(
        {
            "portfolio": [words[kind].format(ticker) for kind, ticker in zip(kinds, out, strict=True)],
            "effect": frame["CAR"].map(percent_or_missing),
            "standard error": frame["std_error"].map(size_or_missing),
            "p, Student's t": frame["pvalue"].map(p_value),
            "firms": frame["n_firms"],
            "controls": frame["n_controls"],
        }
    )
    note = f"Effect {when(window)} beyond the market and the controls that are left."
    title = f"The portfolio {when(window)} without one of its members"
    return ShownTable(frame, shown, note, file_name("without-one", event_id), title)


def power_table(setting: Setting, event_id: str) -> ShownTable | None:
    """Return the chance that the verdict finds a true effect of some sizes; None where there is no verdict."""
    verdict = setting.verdict(event_id)
    if not np.isfinite(verdict.detectable):
        return None
    frame = verdict.power
    chances = np.interp(EFFECTS, frame["effect"], frame["power"])
    shown = pd.DataFrame(
        {
            "a true effect of": [size_of(effect) for effect in EFFECTS],
            "is found in": [f"{chance:.0%}".replace("%", " %") + " of cases" for chance in chances],
        }
    )
    title = f"The chance to find an effect {when(verdict.window)}"
    note = "Of this portfolio, at the volatility of the days around this event."
    return ShownTable(frame, shown, note, file_name("power", event_id), title)


def normal_returns_table(setting: Setting, event_id: str) -> ShownTable:
    """Return the parameters of the market model of every security at an event; its beta stands in the table of firms."""
    results = setting.everyone.for_event(event_id)
    params = results.params.reset_index()
    frame = params[["event_id", "ticker", "alpha", "beta", "sigma", "nobs", "rsquared"]].copy()
    frame.insert(4, "beta_std_error", results.param_std_errors["beta"].to_numpy())
    shown = pd.DataFrame(
        {
            "firm": [company(setting, ticker) for ticker in frame["ticker"]],
            "alpha, a session": [f"{value:+.2%}".replace("-", "−").replace("%", " %") for value in frame["alpha"]],
            "standard error of beta": frame["beta_std_error"].map("{:.2f}".format),
            "usual move, a session": [f"{value:.1%}".replace("%", " %") for value in frame["sigma"]],
            "explained by the market": [f"{value:.0%}".replace("%", " %") for value in frame["rsquared"]],
            "sessions": frame["nobs"],
        }
    )
    first, last = (f"{offset:+d}".replace("-", "−") for offset in setting.estimation_window)
    note = (
        f"Sessions {first} to {last} before day 0, {setting.returns_kind} returns on those of {setting.market}. Usual move: "
        "standard deviation of what the market does not explain."
    )
    title = "The market model of each firm before the event"
    return ShownTable(frame, shown, note, file_name("normal-returns", event_id), title)
