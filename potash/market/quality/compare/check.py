"""Two sources of one ticker compared session by session: where they differ, by how much, and what it looks like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from potash.market.quality.compare.actions import compare_actions
from potash.market.quality.compare.pair import ComparedPrices, Pair, make_pair
from potash.market.quality.compare.runs import (
    LEAST_RETURNS,
    NO_CORRELATION,
    differing_runs,
    find_shift,
    rank_correlation,
    shift_finding,
)
from potash.market.quality.findings import Finding, findings_frame, true_runs

_LEVEL, _STEADY_SHARE, _DRIFT = 0.005, 0.95, 0.01


@dataclass(frozen=True, slots=True)
class CrossCheckSummary:
    """What two sources have in common, in numbers.

    Attributes
    ----------
    sessions_common, sessions_only_left, sessions_only_right : int
        Sessions with a price of both, and of one only, from the later first to the earlier last price of the two.
    largest_difference : float
        Largest absolute difference of two returns, a fraction.
    share_beyond : float
        Share of the returns that differ by more than tolerance and rounding.
    correlation : float
        Spearman's rank correlation of the returns, which one bad print hardly moves; NaN for fewer than three returns
        or where one source never moves.
    compared : tuple of str
        The column of left and of right.
    adjustment : str
        Whether both columns are adjusted alike, as far as their names tell.
    """

    sessions_common: int
    sessions_only_left: int
    sessions_only_right: int
    largest_difference: float
    share_beyond: float
    correlation: float
    compared: tuple[str, str]
    adjustment: str


@dataclass(frozen=True, slots=True, eq=False)
class CrossCheck:
    """What a comparison of two sources found.

    Attributes
    ----------
    findings : tuple of Finding
        In order of date; see :func:`cross_check` for the kinds.
    returns : DataFrame of shape (n_common - 1, 3)
        Simple returns between consecutive common sessions: a column per source by name, and ``difference``, left less
        right. Fractions; none missing. Index ``session``: where each return ends.
    summary : CrossCheckSummary
        Counts and sizes.
    """

    findings: tuple[Finding, ...]
    returns: pd.DataFrame
    summary: CrossCheckSummary

    @property
    def table(self) -> pd.DataFrame:
        """The findings as a table with the columns of :class:`potash.market.quality.findings.Finding`."""
        return findings_frame(self.findings)


def cross_check(
    ticker: str,
    left: pd.DataFrame,
    right: pd.DataFrame,
    names: Sequence[str] = ("left", "right"),
    *,
    tolerance: float = 0.0005,
    field: str | None = None,
) -> CrossCheck:
    """Return where two sources of one ticker differ, with findings, returns of both and a summary.

    Returns are compared, not prices: simple returns between consecutive sessions for which both have a price. Two
    returns differ if they are further apart than ``tolerance`` plus what rounding explains. Rounding is half a unit of
    the last decimal that a source gives around a session, over its price (two decimals on a share of 9 dollars are
    0.06 %), summed over the two prices of each of the two returns; see
    :func:`potash.market.quality.compare.pair.relative_rounding`.

    ======================== ======== ==================================================================================
    kind                     severity what it is
    ======================== ======== ==================================================================================
    ``price_not_positive``   error    a price of zero or below; taken as missing
    ``adjustment_differs``   warning  one source has only adj_close and the other only close; compared all the same
    ``sessions_lacking``     warning  a run of sessions in one source only
    ``dates_shifted``        error    one source dates its returns a session or a day later than the other
    ``series_differ``        error    the returns are not those of one security
    ``levels_differ``        info     equal returns at prices of a constant ratio
    ``levels_drift``         warning  prices part by 1 % in differences that are each within the tolerance
    ``split_lacking``        error    a split that one source lists, or is adjusted for, and the other not
    ``split_differs``        error    two ratios for one split
    ``dividend_lacking``     warning  a dividend that one source lists, or is adjusted for, and the other not
    ``dividend_differs``     warning  two amounts for one dividend
    ``stale_in_one``         warning  one source repeats its price while the other moves
    ``partial_last_bar``     warning  the last common session differs and the one before does not
    ``returns_differ``       warning  a run of sessions with other returns; told apart if undone in the next session
    ======================== ======== ==================================================================================

    A difference that fits a dividend or a split is told as that, and as nothing else. A dividend fits if the difference
    is its yield (listed by either source) or if the unadjusted close of the source with the higher return moved like
    the other source. Dates that are shifted and series of different securities explain all differences, so nothing
    else is told of returns, levels and actions then.

    Parameters
    ----------
    ticker : str
        Named in the findings.
    left, right : DataFrame of shape (n_sessions, n_fields)
        Bars as in :class:`potash.market.series.PriceSeries`, index of naive dates, increasing: ``adj_close`` or ``close``,
        and of ``dividend``, ``split`` and ``volume`` what there is. NaN is missing. Not changed.
    names : sequence of two str
        What findings call the two.
    tolerance : float
        By how much returns may differ beyond rounding, a fraction.
    field : str, optional
        The price to compare. By default ``adj_close`` if both have it, else ``close``, else whichever each has.

    Returns
    -------
    CrossCheck
        ``findings``, ``table``, ``returns`` and ``summary``.

    Raises
    ------
    PricesError
        If there are fewer than two common sessions, a source lacks the column, dates are doubled, out of order or no
        dates, a price is no number, or names or tolerance break their rule.
    OptionError
        If ``field`` is no price.

    Examples
    --------
    >>> days = pd.DatetimeIndex(["2025-06-27", "2025-06-30", "2025-07-01"], name="session")
    >>> one = pd.DataFrame({"adj_close": [57.57, 58.24, 58.51], "dividend": [float("nan"), 0.545, float("nan")]}, days)
    >>> other = pd.DataFrame({"adj_close": [58.12, 58.24, 58.51]}, days)
    >>> check = cross_check("NTR", one, other, ("yahoo", "file"))
    >>> [(finding.kind, str(finding.start.date())) for finding in check.findings]
    [('dividend_lacking', '2025-06-30')]
    """
    pair = make_pair(ticker, (left, right), names, tolerance, field)
    findings = sorted(_findings(pair), key=lambda finding: (finding.start, finding.end))
    columns = {**dict(zip(pair.names, pair.returns.T, strict=True)), "difference": pair.difference}
    returns = pd.DataFrame(columns, index=pair.sessions.rename("session")).iloc[1:]
    return CrossCheck(tuple(findings), returns, _summary(pair))


def _summary(pair: Pair) -> CrossCheckSummary:
    only = _present(pair)
    fields = pair.sources[0].field, pair.sources[1].field
    alike = f"{fields[0]} of both" if fields[0] == fields[1] else f"{fields[0]} against {fields[1]}: not adjusted alike"
    return CrossCheckSummary(
        sessions_common=len(pair.sessions),
        sessions_only_left=int((only[pair.names[0]] & ~only[pair.names[1]]).sum()),
        sessions_only_right=int((only[pair.names[1]] & ~only[pair.names[0]]).sum()),
        largest_difference=float(np.abs(pair.difference[1:]).max()),
        share_beyond=float(pair.beyond[1:].mean()),
        correlation=rank_correlation(*pair.returns[1:].T),
        compared=fields,
        adjustment=alike,
    )


def _findings(pair: Pair) -> Iterator[Finding]:
    for source in pair.sources:
        yield from _not_positive(pair.ticker, source)
    yield from _adjustment_differs(pair)
    shift = find_shift(pair)
    if shift is not None:
        yield shift_finding(pair, shift, 0, len(pair.sessions) - 1)
        return
    yield from _sessions_lacking(pair)
    if _unrelated(pair):
        yield _series_differ(pair)
        return
    yield from _levels(pair)
    of_actions, explained = compare_actions(pair)
    yield from of_actions
    yield from differing_runs(pair, explained)


def _not_positive(ticker: str, source: ComparedPrices) -> Iterator[Finding]:
    values = source.bars[source.field]
    for first, last in true_runs((values <= 0).to_numpy(dtype=np.bool_, na_value=False)):
        detail = (
            f"{source.name}: {source.field} from {values.iloc[first : last + 1].min():g}, {last - first + 1} prices"
        )
        advice = "Taken as missing. Too many dividends taken out look like this: use close and the dividends instead."
        yield Finding(ticker, "price_not_positive", "error", values.index[first], values.index[last], detail, advice)


def _adjustment_differs(pair: Pair) -> Iterator[Finding]:
    left, right = pair.sources
    if left.field != right.field:
        detail = f"{left.name} has only {left.field}, {right.name} only {right.field}"
        advice = (
            "Returns on ex-dividend days differ by the dividend: get the same column of both, or keep off these days."
        )
        first, last = pair.sessions[0], pair.sessions[-1]
        yield Finding(pair.ticker, "adjustment_differs", "warning", first, last, detail, advice)


def _present(pair: Pair) -> pd.DataFrame:
    """Return which source has a price in each session that one of them has, within the span of both."""
    left, right = (source.prices.index for source in pair.sources)
    union = left.union(right)
    union = union[(union >= max(left[0], right[0])) & (union <= min(left[-1], right[-1]))]
    return pd.DataFrame({s.name: union.isin(s.prices.index) for s in pair.sources}, index=union)


def _sessions_lacking(pair: Pair) -> Iterator[Finding]:
    present = _present(pair)
    for lacking, having in (pair.names, pair.names[::-1]):
        for first, last in true_runs((~present[lacking]).to_numpy()):
            count = last - first + 1
            detail = f"{count} session{'s' if count > 1 else ''} in {having} and not in {lacking}"
            advice = f"Check the calendar of the exchange: pull {lacking} again, or remove the prices from {having}."
            days = present.index[first], present.index[last]
            yield Finding(pair.ticker, "sessions_lacking", "warning", *days, detail, advice)


def _unrelated(pair: Pair) -> bool:
    correlation = rank_correlation(*pair.returns[1:].T)
    many = len(pair.sessions) > 2 * LEAST_RETURNS and pair.beyond[1:].mean() > 0.5
    return bool(many and correlation < NO_CORRELATION)


def _series_differ(pair: Pair) -> Finding:
    (left, right), prices = pair.names, pair.prices[0]
    share, correlation = pair.beyond[1:].mean(), rank_correlation(*pair.returns[1:].T)
    detail = (
        f"{share:.0%} of {len(pair.sessions) - 1} returns differ, rank correlation {correlation:.2f}; first {left} "
        f"{prices[0]:g} against {right} {prices[1]:g}"
    )
    advice = "One source may have another company under this ticker, or another listing: check names and exchanges."
    return Finding(pair.ticker, "series_differ", "error", pair.sessions[0], pair.sessions[-1], detail, advice)


def _levels(pair: Pair) -> Iterator[Finding]:
    """Yield if prices stand in a constant ratio other than one, or part slowly."""
    (left, right), ratio = pair.names, pair.log_ratio
    first, last = pair.sessions[0], pair.sessions[-1]
    middle = float(np.median(ratio))
    steady = np.abs(ratio - middle) <= pair.tolerance + pair.rounding.sum(axis=1)
    if abs(middle) > _LEVEL and steady.mean() >= _STEADY_SHARE:
        at = int(np.flatnonzero(steady)[-1])
        example = (
            f"{left} {pair.prices[at, 0]:g} against {right} {pair.prices[at, 1]:g} on {pair.sessions[at]:%Y-%m-%d}"
        )
        detail = f"ratio {np.exp(middle):.6g} in {steady.mean():.0%} of the sessions, so returns are equal: {example}"
        advice = (
            "One is adjusted for a later split or later dividends, or quoted in a part of the currency. Do not splice."
        )
        yield Finding(pair.ticker, "levels_differ", "info", first, last, detail, advice)
    small = np.where(pair.beyond, 0.0, np.diff(ratio, prepend=ratio[0]))
    drift = float(small.sum())
    # In a noisy pair the other half of a difference may be one of those left out, and the sum says nothing.
    if abs(drift) > _DRIFT + pair.rounding[[0, -1]].sum() and pair.beyond.mean() <= 1 - _STEADY_SHARE:
        detail = f"{left} gains {np.expm1(drift):+.2%} on {right} in differences within the tolerance"
        advice = "Small dividends that one source lacks, or a fee, look like this: compare with a lower tolerance."
        yield Finding(pair.ticker, "levels_drift", "warning", first, last, detail, advice)
