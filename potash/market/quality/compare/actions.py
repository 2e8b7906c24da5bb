"""Dividends and splits that two sources of one ticker tell differently: in what they list, or in their returns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from potash._typing import Bool1D
from potash.market.quality.compare.pair import Pair
from potash.market.quality.findings import Finding, Severity

Field: TypeAlias = Literal["dividend", "split"]

SPLIT_RATIOS = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 50.0, 100.0)
_SPLIT_SLACK, _LEAST_SPLIT = 0.01, np.log(1.4)
_AMOUNT_SLACK = 0.005
_DATE_SLACK = pd.Timedelta(days=5)
# An amount over an adjusted price overstates the yield by what was paid since: within a tenth for some years.
_YIELD_SLACK = 0.1


@dataclass(frozen=True, slots=True)
class Action:
    """A dividend or split that one source lists, or both.

    Attributes
    ----------
    field : {"dividend", "split"}
    day : Timestamp
        Its date in the lists.
    at : int
        Position of the first common session on that date or after it.
    amounts : tuple of float
        What left and right list, NaN for nothing.
    """

    field: Field
    day: pd.Timestamp
    at: int
    amounts: tuple[float, float]

    @property
    def listed(self) -> list[float]:
        """The amounts that are listed, each once."""
        return sorted({amount for amount in self.amounts if not np.isnan(amount)})


def compare_actions(pair: Pair) -> tuple[list[Finding], Bool1D]:
    """Return findings about dividends and splits, and the sessions whose difference of returns they explain.

    Kinds: ``dividend_lacking``, ``dividend_differs``, ``split_lacking``, ``split_differs``. A difference of returns
    that fits an action makes one finding together with what the lists say of it.
    """
    actions = [action for field in ("split", "dividend") for action in _listed(pair, field)]
    findings: list[Finding] = []
    explained = np.zeros(len(pair.sessions), dtype=np.bool_)
    explaining: set[Action] = set()
    for at in np.flatnonzero(pair.beyond):
        here = [action for action in actions if action.at == at]
        finding = _behind(pair, int(at), here)
        if finding is not None:
            findings.append(finding)
            explained[at] = True
            explaining.update(action for action in here if finding.kind.startswith(action.field))
    for action in actions:
        if action not in explaining:
            findings += _lists_differ(pair, action)
    return findings, explained


def _listed(pair: Pair, field: Field) -> Iterator[Action]:
    """Yield the actions of the common span that a source lists, in order of date."""
    first, last = pair.sessions[0], pair.sessions[-1]
    lists = [source.listed(field) for source in pair.sources]
    spans = [pd.Series(dtype=float) if each is None else each.loc[first:last] for each in lists]
    for day in spans[0].index.union(spans[1].index):
        amounts = (float(spans[0].get(day, np.nan)), float(spans[1].get(day, np.nan)))
        yield Action(field, pd.Timestamp(day), int(pair.sessions.searchsorted(day)), amounts)


def _behind(pair: Pair, at: int, here: list[Action]) -> Finding | None:
    """Return the action that explains why the returns of a session differ, or ``None``."""
    for action in here:
        for amount in action.listed:
            finding = (
                _split(pair, at, action, amount) if action.field == "split" else _dividend(pair, at, action, amount)
            )
            if finding is not None:
                return finding
    return _implied_split(pair, at) or _implied_dividend(pair, at)


def _split(pair: Pair, at: int, action: Action, shares: float) -> Finding | None:
    """Return a finding if one source's return carries a listed split as a move of the price."""
    if abs(np.log(shares)) < 3 * _SPLIT_SLACK:
        return None
    step = pair.log_ratio[at] - pair.log_ratio[at - 1]
    for lacking, sign in ((0, -1), (1, 1)):
        if abs(step - sign * np.log(shares)) <= _SPLIT_SLACK:
            return _split_finding(pair, at, action.day, lacking, shares, _who_lists(pair, action))
    return None


def _implied_split(pair: Pair, at: int) -> Finding | None:
    """Return a finding if one return is a split's ratio away from the other and the prices stay apart."""
    step = pair.log_ratio[at] - pair.log_ratio[at - 1]
    ratio = next((r for r in SPLIT_RATIOS if abs(abs(step) - np.log(r)) <= _SPLIT_SLACK), None)
    if _comes_back(pair, at) or _comes_back(pair, at - 1):
        return None
    if ratio is None or abs(step) < _LEAST_SPLIT:
        return None
    logs = np.log1p(pair.returns[at])
    lacking = int(np.argmax(np.abs(logs)))
    shares = ratio if logs[lacking] < 0 else 1 / ratio
    return _split_finding(pair, at, pair.sessions[at], lacking, shares, "no source lists it, so its ratio is a guess")


def _comes_back(pair: Pair, at: int) -> bool:
    """Return whether the prices part in a session and meet again in the next, as they do in a bad print."""
    if not 0 < at < len(pair.sessions) - 1:
        return False
    before, here, after = pair.log_ratio[at - 1 : at + 2]
    return bool(abs(after - before) < abs(here - before) / 4)


def _split_finding(pair: Pair, at: int, day: pd.Timestamp, lacking: int, shares: float, lists: str) -> Finding:
    name, other = pair.names[lacking], pair.names[1 - lacking]
    detail = f"{name} is not adjusted for a split of {shares:g} new for 1 old: {pair.told(at)}; {lists}"
    unit = " A ratio of 100 may also be a change from pence to pounds." if round(max(shares, 1 / shares)) == 100 else ""
    advice = f"Divide the prices of {name} before {day:%Y-%m-%d} by {shares:g}, or take those of {other}.{unit}"
    return _finding(pair, "split_lacking", day, pair.sessions[at], detail, advice)


def _dividend(pair: Pair, at: int, action: Action, amount: float) -> Finding | None:
    """Return a finding if returns differ by the yield of a listed dividend, or by what the lists differ by."""
    if "adj_close" not in {source.field for source in pair.sources}:
        return None
    lacking = 1 if pair.difference[at] > 0 else 0
    base, slack = _price_before(pair, at, 1 - lacking)
    parted = abs(action.amounts[0] - action.amounts[1]) / base
    if _is_yield(pair, at, parted, slack * parted):
        detail = f"{_who_lists(pair, action)}, and the returns differ by that: {pair.told(at)}"
        return _finding(pair, "dividend_differs", action.day, pair.sessions[at], detail, _AMOUNT_ADVICE)
    if _is_yield(pair, at, amount / base, slack * amount / base):
        return _dividend_finding(pair, at, action.day, lacking, f"{amount:g}", _who_lists(pair, action))
    return None


_AMOUNT_ADVICE = "Look the amount up at the company: the other source's return is wrong by the difference."


def _is_yield(pair: Pair, at: int, dividend_yield: float, slack: float) -> bool:
    """Return whether two returns differ by a dividend yield, whether it was added to the price or divided out of it."""
    if not 0 < dividend_yield < 1:
        return False
    apart = abs(pair.difference[at])
    ways = (dividend_yield, (1 + pair.returns[at].min()) * dividend_yield / (1 - dividend_yield))
    return bool(min(abs(apart - way) for way in ways) <= min(pair.allowance[at] + slack, dividend_yield / 2))


def _implied_dividend(pair: Pair, at: int) -> Finding | None:
    """Return a finding if the unadjusted close of the source with the higher return moved like the other source."""
    lacking = 1 if pair.difference[at] > 0 else 0
    carrying = 1 - lacking
    closes = pair.sources[carrying].closes(pair.sessions)
    if pair.sources[carrying].field != "adj_close" or closes is None or np.isnan(closes[at - 1 : at + 1]).any():
        return None
    raw = closes[at] / closes[at - 1] - 1
    paid = 1 - (1 + raw) / (1 + pair.returns[at, carrying])
    if abs(raw - pair.returns[at, lacking]) > pair.allowance[at] or paid <= pair.allowance[at]:
        return None
    lists = f"its amount follows from adj_close and close of {pair.names[carrying]}; no source lists it"
    amount = f"about {closes[at - 1] * paid:.3g}"
    return _dividend_finding(pair, at, pair.sessions[at], lacking, amount, lists)


def _dividend_finding(pair: Pair, at: int, day: pd.Timestamp, lacking: int, amount: str, lists: str) -> Finding:
    name, other = pair.names[lacking], pair.names[1 - lacking]
    detail = f"the return of {name} lacks a dividend of {amount} with ex-date {day:%Y-%m-%d}: {pair.told(at)}; {lists}"
    advice = f"Take the return of {other}, or add the dividend to {name}."
    return _finding(pair, "dividend_lacking", day, pair.sessions[at], detail, advice)


def _price_before(pair: Pair, at: int, preferred: int) -> tuple[float, float]:
    """Return the unadjusted close of the session before, else the compared price, and the slack of the latter."""
    for source in (pair.sources[preferred], pair.sources[1 - preferred]):
        closes = source.closes(pair.sessions)
        if closes is not None and np.isfinite(closes[at - 1]):
            return float(closes[at - 1]), 0.0
    return float(pair.prices[at - 1, preferred]), _YIELD_SLACK


def _who_lists(pair: Pair, action: Action) -> str:
    """Return in words what each source lists of an action."""
    parts = []
    for name, source, amount in zip(pair.names, pair.sources, action.amounts, strict=True):
        amounts = source.listed(action.field)
        if amounts is None:
            parts.append(f"{name} has no {action.field} column")
        elif not np.isnan(amount):
            parts.append(f"{name} lists {amount:g}")
        else:
            near = amounts[(abs(amounts.index - action.day) <= _DATE_SLACK) & amounts.isin(action.listed)]
            parts.append(f"{name} lists " + (f"the same on {near.index[0]:%Y-%m-%d}" if len(near) else "none"))
    return ", ".join(parts)


def _lists_differ(pair: Pair, action: Action) -> Iterator[Finding]:
    """Yield a finding if both sources list actions and differ on this one."""
    if any(source.listed(action.field) is None for source in pair.sources):
        return
    left, right = action.amounts
    end = pair.sessions[action.at]
    agree = "the returns differ in another way" if pair.beyond[action.at] else "the returns agree"
    detail = f"{action.field} of {action.day:%Y-%m-%d}: {_who_lists(pair, action)}; {agree}"
    if len(action.listed) == 1 and np.isnan(left + right):
        advice = f"Look it up at the company before you add or adjust by a {action.field} of one source."
        yield _finding(pair, f"{action.field}_lacking", action.day, end, detail, advice)
    elif abs(left / (right * _scale(pair, action)) - 1) > _AMOUNT_SLACK:
        yield _finding(pair, f"{action.field}_differs", action.day, end, detail, _AMOUNT_ADVICE)


def _scale(pair: Pair, action: Action) -> float:
    """Return the ratio of the closes, left over right: amounts are adjusted for splits as closes are."""
    left, right = (source.closes(pair.sessions) for source in pair.sources)
    if action.field == "split" or left is None or right is None:
        return 1.0
    ratio = float(left[action.at] / right[action.at])
    return ratio if np.isfinite(ratio) else 1.0


def _finding(pair: Pair, kind: str, day: pd.Timestamp, end: pd.Timestamp, detail: str, advice: str) -> Finding:
    severity: Severity = "error" if kind.startswith("split") else "warning"
    return Finding(pair.ticker, kind, severity, day, end, detail, advice)
