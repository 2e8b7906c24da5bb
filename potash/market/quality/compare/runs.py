"""Sessions in which two sources of one ticker move differently, joined to runs and told by what they look like."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float1D
from potash.market.quality.compare.pair import FLOAT32, Pair
from potash.market.quality.findings import Finding, days, true_runs

SHIFT_CORRELATION, NO_CORRELATION, LEAST_RETURNS = 0.9, 0.5, 10
_CALENDAR_MATCH = 0.9
_RETURNS_ADVICE = "Ask a third source, or keep event windows away from these sessions."


def rank_correlation(left: Float1D, right: Float1D) -> float:
    """Return Spearman's rank correlation, NaN for fewer than three pairs or where one side never changes."""
    if len(left) < 3 or len(np.unique(left)) < 2 or len(np.unique(right)) < 2:
        return float("nan")
    return float(np.corrcoef(pd.Series(left).rank(), pd.Series(right).rank())[0, 1])


def find_shift(pair: Pair, first: int = 1, last: int | None = None) -> str | None:
    """Return how the right source's dates are shifted against the left, or ``None``.

    They are if the returns of one match those of the other one session, or one calendar day, later with a rank
    correlation above 0.9, while those of the same date stay below 0.5. Ten returns at least.

    Parameters
    ----------
    pair : Pair
    first, last : int
        Positions of the sessions looked at, both included; all by default. Calendar days are looked at only then.
    """
    returns = pair.returns[first : len(pair.sessions) if last is None else last + 1]
    if len(returns) <= LEAST_RETURNS or not rank_correlation(returns[:, 0], returns[:, 1]) < NO_CORRELATION:
        return None
    left, right = pair.names
    shifts = {
        f"{right} dates its returns one session after {left}": (returns[:-1, 0], returns[1:, 1]),
        f"{right} dates its returns one session before {left}": (returns[1:, 0], returns[:-1, 1]),
    }
    if last is None:
        # By calendar days a Friday becomes a Saturday, so whole weeks match; by sessions only four days of five do.
        later = {f"{right} dates its returns one day after {left}": _calendar_shift(pair, 1)}
        earlier = {f"{right} dates its returns one day before {left}": _calendar_shift(pair, -1)}
        shifts = later | earlier | shifts
    for words, (one, other) in shifts.items():
        correlation = rank_correlation(one, other) if len(one) >= LEAST_RETURNS else float("nan")
        if correlation > SHIFT_CORRELATION:
            return f"{words}: correlation {correlation:.2f} then, against {rank_correlation(*returns.T):.2f} as dated"
    return None


def _calendar_shift(pair: Pair, by: int) -> tuple[Float1D, Float1D]:
    """Return both sources' own returns with the right one's dates moved back, if nearly all then meet."""
    left, right = (source.prices.pct_change().iloc[1:] for source in pair.sources)
    moved = right.set_axis(right.index - pd.Timedelta(days=by))
    inside = moved.loc[left.index[0] : left.index[-1]] if len(left) else moved
    common = inside.index.intersection(left.index)
    if len(common) < _CALENDAR_MATCH * len(inside):
        return np.array([]), np.array([])
    return left[common].to_numpy(), moved[common].to_numpy()


def shift_finding(pair: Pair, words: str, first: int, last: int) -> Finding:
    """Return the finding of shifted dates, as told by :func:`find_shift`."""
    advice = "Check the time zone in which each source dates its bars, and pull again: no other finding counts before."
    return Finding(pair.ticker, "dates_shifted", "error", pair.sessions[first], pair.sessions[last], words, advice)


def differing_runs(pair: Pair, explained: Bool1D) -> Iterator[Finding]:
    """Yield findings for the sessions whose returns differ and that nothing has explained.

    Kinds: ``stale_in_one``, ``partial_last_bar``, ``dates_shifted`` (in a run of ten sessions or more),
    ``returns_differ``.
    """
    flags = pair.beyond & ~explained
    last = len(pair.sessions) - 1
    for side in (0, 1):
        unmoved = np.concatenate([[False], np.abs(pair.returns[1:, side]) <= FLOAT32])
        for start, end in true_runs(flags & unmoved):
            if end > start:
                stop = end + 1 if end < last and flags[end + 1] and _undone(pair, start, end + 1) else end
                flags[start : stop + 1] = False
                yield _stale(pair, side, start, end, stop > end)
    for start, end in true_runs(flags):
        yield _partial(pair, last) if start == end == last else _run(pair, start, end)


def _run(pair: Pair, start: int, end: int) -> Finding:
    if end > start and (shift := find_shift(pair, start, end)):
        return shift_finding(pair, shift, start, end)
    if end == start + 1 and _undone(pair, start, end):
        return _undone_next(pair, start)
    if start == end:
        unmoved = np.abs(pair.returns[start]) <= FLOAT32
        if unmoved.any():
            return _stale(pair, int(np.argmax(unmoved)), start, end, False)
        return _single(pair, start)
    apart = np.expm1(pair.log_ratio[end] - pair.log_ratio[start - 1])
    worst = start + int(np.argmax(np.abs(pair.difference[start : end + 1])))
    detail = (
        f"{end - start + 1} sessions, most on {pair.sessions[worst]:%Y-%m-%d}: {pair.told(worst)}; "
        + ("in sum undone" if _undone(pair, start, end) else f"in sum {apart:+.2%}")
        + _correlated(pair, start, end)
    )
    return _returns_differ(pair, start, end, detail, _RETURNS_ADVICE)


def _correlated(pair: Pair, start: int, end: int) -> str:
    if end - start + 1 < LEAST_RETURNS:
        return ""
    return f"; rank correlation of the returns {rank_correlation(*pair.returns[start : end + 1].T):.2f}"


def _single(pair: Pair, at: int) -> Finding:
    higher = 0 if pair.difference[at] > 0 else 1
    amount = abs(pair.difference[at]) * pair.prices[at - 1, 1 - higher]
    advice = (
        f"A dividend of about {amount:.3g} per share that {pair.names[1 - higher]} lacks looks like this: look for an "
        f"ex-date. Else ask a third source."
    )
    return _returns_differ(pair, at, at, f"{pair.told(at)}; it stays", advice)


def _undone_next(pair: Pair, at: int) -> Finding:
    """Return the finding of one price that differs between two that agree."""
    (left, right), (one, other) = pair.names, pair.prices[at]
    detail = (
        f"{left} {one:g} against {right} {other:g}: {pair.told(at)}, undone in the next session ({pair.told(at + 1)})"
    )
    for side in (0, 1):
        here, after = np.abs(pair.returns[at : at + 2, side]) <= FLOAT32
        if here or after:
            which = "before" if here else "after"
            advice = (
                f"{pair.names[side]} has the price of the session {which} here, shifted or repeated: take the other's."
            )
            return _returns_differ(pair, at, at + 1, detail, advice)
    moves = np.log1p(pair.returns[at : at + 2])
    # A bad print jumps and comes back; the right price of that session rarely does so by as much.
    jump = np.where(moves[0] * moves[1] < 0, np.abs(moves).min(axis=0), 0.0)
    suspect = f"{pair.names[int(np.argmax(jump))]} jumps and comes back: a bad print looks like this. "
    advice = (suspect if jump.max() > 2 * jump.min() else "One of the two prices is a bad print. ") + _RETURNS_ADVICE
    return _returns_differ(pair, at, at + 1, detail, advice)


def _returns_differ(pair: Pair, start: int, end: int, detail: str, advice: str) -> Finding:
    first, last = pair.sessions[start], pair.sessions[end]
    return Finding(pair.ticker, "returns_differ", "warning", first, last, detail, advice)


def _stale(pair: Pair, side: int, start: int, end: int, caught_up: bool) -> Finding:
    name, other = pair.names[side], pair.names[1 - side]
    count = end - start + 1
    moved = pair.prices[end, 1 - side] / pair.prices[start - 1, 1 - side] - 1
    detail = (
        f"{name} stays at {pair.prices[end, side]:g} for {count} session{'s' if count > 1 else ''}, "
        f"{other} moves by {moved:+.2%}" + ("; made up for in the next session" if caught_up else "")
    )
    advice = f"Check the volume of {name}: it repeats its last price, or did not trade. Take the returns of {other}."
    first, last = pair.sessions[start], pair.sessions[end]
    return Finding(pair.ticker, "stale_in_one", "warning", first, last, detail, advice)


def _partial(pair: Pair, at: int) -> Finding:
    """Return the finding of a last common session that differs where the one before does not."""
    day = pair.sessions[at]
    ends = [source.name for source in pair.sources if source.prices.index[-1] == day]
    who = f"{ends[0]} ends here, while the other goes on" if len(ends) == 1 else "both end here"
    volumes = [_volume(source.bars, day) for source in pair.sources]
    volume = f"; volume {volumes[0]:.4g} against {volumes[1]:.4g}" if np.isfinite(volumes).all() else ""
    name = ends[0] if len(ends) == 1 else "the source that was pulled before the close"
    detail = f"only the last common session differs here: {pair.told(at)}; {who}{volume}"
    advice = f"A bar taken before the close looks like this: drop {days(day, day)} from {name} and pull it again."
    return Finding(pair.ticker, "partial_last_bar", "warning", day, day, detail, advice)


def _volume(bars: pd.DataFrame, day: pd.Timestamp) -> float:
    return float(bars["volume"].get(day, np.nan)) if "volume" in bars else float("nan")


def _undone(pair: Pair, start: int, end: int) -> bool:
    """Return whether the prices stand to each other after a run as before it, but for rounding."""
    apart = abs(pair.log_ratio[end] - pair.log_ratio[start - 1])
    rounding = pair.rounding[[start - 1, end]].sum()
    peak = np.abs(pair.difference[start : end + 1]).max()
    return bool(apart <= pair.tolerance + rounding + peak / 10)
