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


def outcome_words(verdict: Verdict) -> str:
    """Return what a verdict says in two or three words: ``an effect``, ``no effect beyond 5 %``, ``undecided``."""
    return WORDS[verdict.outcome].format(size_of(verdict.margin).replace(" ", "\u00a0"))


def about_controls(setting: Setting, verdict: Verdict) -> str:
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
    counting = {event_id: setting.verdict(event_id) for event_id in setting.newest}
    shown = pd.DataFrame(
        [
            _shown(setting.title(event_id), verdict)
            for event_id, verdict in rows
            if verdict is counting[event_id] or verdict.outcome != counting[event_id].outcome
        ]
    )
    return ShownTable(frame, shown, NOTE)


NOTE = (
    "Where the other portfolio, with or without the firms left out, has another verdict it stands below the one that counts; the "
    "file has both of every event. Effect: cumulative abnormal return (CAR) beyond the market and the control group, or beyond "
    "the market where no control is left. Two votes: p, Student's t, with a standard error that follows the volatility of the "
    "days around, and p, all days, the share of ordinary days. p, Holm: the larger vote, corrected for the number of events. "
    "Usually found from: the smallest true effect found in four cases out of five."
)


def _shown(title: str, verdict: Verdict) -> dict[str, str]:
    return {
        "event": title,
        "firms": ", ".join(verdict.tickers),
        "sessions": sessions_words(str(verdict.window)),
        "verdict": outcome_words(verdict),
        "effect": percent_or_missing(verdict.CAR),
        "95 % interval": interval_or_missing(verdict.lower, verdict.upper),
        "volatility": times_or_missing(verdict.volatility),
        "p, Student's t": p_value(verdict.scaled_pvalue),
        "p, all days": p_value(verdict.randomization_pvalue),
        "p, Holm": p_value(verdict.holm_pvalue),
        "usually found from": size_or_missing(verdict.detectable),
    }


def times_or_missing(value: float) -> str:
    """Return how volatile days were, as a multiple of the usual: ``1.4 times``, or ``missing``."""
    return "missing" if pd.isna(value) else f"{value:.1f}\u00a0times"


def percent_or_missing(value: float) -> str:
    """Return a signed percentage with one decimal, or ``missing``."""
    return "missing" if pd.isna(value) else percent(value)


def size_or_missing(value: float) -> str:
    """Return a percentage without a sign, with one decimal; ``missing``, and ``no size`` for what has no limit."""
    if value == float("inf"):
        return "no size"
    return "missing" if pd.isna(value) else f"{abs(value):.1%}".replace("%", " %")


def interval_or_missing(lower: float, upper: float) -> str:
    """Return confidence limits in percent, or ``missing``."""
    return "missing" if pd.isna(lower) or pd.isna(upper) else interval(lower, upper)


def with_error(value: float, std_error: float) -> str:
    """Return an estimate in percent with its standard error in parentheses, or ``missing``."""
    return "missing" if pd.isna(value) else f"{percent(value)} ({size_or_missing(std_error)})"


def window_words(name: str, window: str) -> str:
    """Return a window with its name; its offsets stay on one line."""
    offsets = window.replace(", ", ",\u00a0").replace("-", "−")
    return f"{name} {offsets}"


def sessions_words(window: str) -> str:
    """Return a window's sessions: ``day 0``, ``0 to +1``.

    Examples
    --------
    >>> sessions_words("[0, 0]"), sessions_words("[-1, +1]")
    ('day 0', '−1 to +1')
    """
    first, last = window.strip("[]").replace("-", "−").split(", ")
    return first.replace("0", "day 0") if first == last == "0" else f"{first} to {last}"
