"""The verdicts of a page: a box each, and one table of all numbers behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from potash.report.desk.setting import Setting
from potash.report.pages.publish import Tone
from potash.report.pages.tables import ShownTable
from potash.study.answer.verdict import Outcome, Verdict
from potash.study.answer.verdicts import Verdicts
from potash.study.answer.words import interval, names, p_value, percent, size_of

TONES: dict[Outcome, Tone] = {"effect": "effect", "ruled out": "none", "undecided": "undecided", "unknown": "plain"}
WORDS: dict[Outcome, str] = {
    "effect": "an effect",
    "ruled out": "no effect beyond\u00a0{}",
    "undecided": "undecided",
    "unknown": "no verdict",
}


@dataclass(frozen=True, slots=True)
class VerdictBox:
    """A verdict as a page shows it.

    Attributes
    ----------
    heading : str
        The event with its dates.
    text : str
        The verdict in one sentence; a second one where the other portfolio says something else.
    details : tuple of str
        What stands behind it, a sentence or two each.
    tone : str
        Of :meth:`potash.Publisher.highlight`.
    """

    heading: str
    text: str
    details: tuple[str, ...]
    tone: Tone


def verdict_box(setting: Setting, event_id: str) -> VerdictBox:
    """Return the verdict on an event, with what stands behind it and what the other portfolio says."""
    verdict, other = setting.verdict(event_id), setting.other_verdict(event_id)
    row = setting.timeline.events.loc[event_id]
    heading = f"{row['title']} (announced {row['date']}, day 0 {setting.day_zero(event_id):%a %d %b %Y})"
    details = [*verdict.details(), _about_controls(setting, verdict)]
    if other is not None and other.outcome != "unknown":
        details.append(f"{_change(verdict, other)}: {other.sentence(setting.expected(event_id))}")
    own = setting.own_news(event_id, verdict.window, setting.firms)
    if len(own):
        lines = "; ".join(f"{item.ticker}, {item.title}" for item in own.itertuples())
        details.append(f"News of single firms in that window: {lines}.")
    text = verdict.sentence(setting.expected(event_id))
    if other is not None and other.outcome not in ("unknown", verdict.outcome):
        text = f"{text} {_change(verdict, other)} it would be {_outcome(other)}."
    return VerdictBox(heading, text, tuple(filter(None, details)), TONES[verdict.outcome])


def _outcome(verdict: Verdict) -> str:
    return WORDS[verdict.outcome].format(size_of(verdict.margin).replace(" ", "\u00a0"))


def _change(verdict: Verdict, other: Verdict) -> str:
    more = [ticker for ticker in other.tickers if ticker not in verdict.tickers]
    fewer = [ticker for ticker in verdict.tickers if ticker not in other.tickers]
    return f"With {names(more)}" if more else f"Without {names(fewer)}"


def _about_controls(setting: Setting, verdict: Verdict) -> str:
    """Return who the controls of an event are, and which of the group are left out and why."""
    if not setting.controls:
        return ""
    out = setting.controls_left_out(verdict.event_id)
    reasons = "; ".join(
        f"{ticker} ({', '.join(f'{item.title}{_session(item.offset)}' for item in rows.itertuples())})"
        for ticker, rows in out.groupby("ticker", sort=False)
    )
    start = f"Control group: {names(verdict.controls)}." if verdict.controls else "No control is left for this event."
    return f"{start} Left out: {reasons}." if reasons else start


def _session(offset: Any) -> str:
    return "" if pd.isna(offset) else f", session {offset:+d}".replace("+0", "0").replace("-", "−")


def verdict_table(setting: Setting) -> ShownTable:
    """Return the numbers behind the verdicts: of each event the verdict that counts, then the one on the other portfolio."""
    rows = [
        (event_id, verdict)
        for event_id in setting.newest
        for verdict in (setting.verdict(event_id), setting.other_verdict(event_id))
        if verdict is not None
    ]
    frame = Verdicts(verdict for _, verdict in rows).frame
    frame.insert(1, "event", [setting.title(event_id) for event_id, _ in rows])
    frame["sentence"] = [verdict.sentence(setting.expected(event_id)) for event_id, verdict in rows]
    shown = pd.DataFrame([_shown(setting.timeline.events.at[event_id, "date"], verdict) for event_id, verdict in rows])
    return ShownTable(frame, shown, NOTE)


NOTE = (
    "event: the date of the announcement. Where an event has two rows the first is the one that counts. CAR: beyond the market "
    "and the control group, or beyond the market where no control is left; its standard error follows the volatility of the "
    "days around the event, which is given as a multiple of the usual one. The votes: p scaled (Student's t) and p all days "
    "(share of ordinary days); p as volatile counts the third of the days nearest in volatility and has no vote. p Holm: the "
    "larger vote, corrected for the number of events. detectable: the smallest true effect found in four cases out of five. "
    "ruled out: effects beyond plus or minus this."
)


def _shown(date: str, verdict: Verdict) -> dict[str, str]:
    return {
        "event": date,
        "firms": ", ".join(verdict.tickers),
        "window": str(verdict.window),
        "verdict": _outcome(verdict),
        "CAR": percent_or_missing(verdict.CAR),
        "95 % interval": interval_or_missing(verdict.lower, verdict.upper),
        "beyond the market": percent_or_missing(verdict.beyond_market),
        "volatility": "missing" if pd.isna(verdict.volatility) else f"{verdict.volatility:.1f}",
        "p scaled": p_value(verdict.scaled_pvalue),
        "p all days": p_value(verdict.randomization_pvalue),
        "p as volatile": p_value(verdict.regime_pvalue),
        "p Holm": p_value(verdict.holm_pvalue),
        "detectable": size_or_missing(verdict.detectable),
        "ruled out": size_or_missing(verdict.ruled_out_beyond),
    }


def percent_or_missing(value: float) -> str:
    """Return a signed percentage with one decimal, or ``missing``."""
    return "missing" if pd.isna(value) else percent(value)


def size_or_missing(value: float) -> str:
    """Return a percentage without a sign, with one decimal, or ``missing``."""
    return "missing" if pd.isna(value) else f"{abs(value):.1%}".replace("%", " %")


def interval_or_missing(lower: float, upper: float) -> str:
    """Return confidence limits in percent, or ``missing``."""
    return "missing" if pd.isna(lower) or pd.isna(upper) else interval(lower, upper)


def with_error(value: float, std_error: float) -> str:
    """Return an estimate in percent with its standard error in parentheses, or ``missing``."""
    return "missing" if pd.isna(value) else f"{percent(value)} ({size_or_missing(std_error)})"


def window_words(name: str, window: str) -> str:
    """Return a window with its name; its offsets stay on one line."""
    return f"{name} {window}".replace(", +", ",\u00a0+").replace(", -", ",\u00a0-")
