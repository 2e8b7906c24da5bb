"""The verdict on an event as its page opens with it: one sentence, and one line that qualifies it."""

from __future__ import annotations

from collections.abc import Iterator

from potash.report.desk.event.headings import event_dates
from potash.report.desk.setting import Setting
from potash.report.desk.verdict_tables import TONES, VerdictBox, outcome_words
from potash.study.answer.verdict import Verdict
from potash.study.answer.words import names, p_is


def verdict_box(setting: Setting, event_id: str) -> VerdictBox:
    """Return the verdict on an event in a sentence, and in one line what qualifies it."""
    verdict, other = setting.verdict(event_id), setting.other_verdict(event_id)
    text = verdict.sentence(setting.expected(event_id))
    if other is not None and other.outcome not in ("unknown", verdict.outcome):
        text = f"{text} {_change(verdict, other)} it would be {outcome_words(other)}."
    line = " ".join(filter(None, _qualifications(setting, verdict, other)))
    return VerdictBox(event_dates(setting, event_id), text, (line,) if line else (), TONES[verdict.outcome])


def _qualifications(setting: Setting, verdict: Verdict, other: Verdict | None) -> Iterator[str]:
    """Return what a reader has to know before quoting the sentence, what matters most first."""
    own = setting.own_news(verdict.event_id, verdict.window, setting.firms)
    for ticker, rows in own.groupby("ticker", sort=False):
        part = "had news of its own" if ticker in verdict.tickers else "is left out because of news of its own"
        yield f"{ticker} {part}: {'; '.join(rows['title'])}."
    if other is not None and other.outcome != "unknown":
        yield f"{_change(verdict, other)} the effect is {other.interval}."
    if setting.controls and not verdict.controls:
        yield "No control is left for this event, so it stands against the market alone."
    if len(verdict.window) > 1 and setting.everyone.for_event(verdict.event_id).events["ambiguous"].any():
        yield "The hour is not known: the window is day 0 and the next session."
    if verdict.outcome == "effect" and verdict.n_verdicts > 1:
        yield f"One of {verdict.n_verdicts} verdicts; corrected for their number (Holm) {p_is(verdict.holm_pvalue)}."


def _change(verdict: Verdict, other: Verdict) -> str:
    more = [ticker for ticker in other.tickers if ticker not in verdict.tickers]
    fewer = [ticker for ticker in verdict.tickers if ticker not in other.tickers]
    return f"With {names(more)}" if more else f"Without {names(fewer)}"
