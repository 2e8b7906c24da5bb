"""What the columns of the tables mean and in what unit they are: the sheet of conventions, and the formats of a workbook."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["effect", "share", "p", "statistic", "count", "number", "money", "text"]


class Column(NamedTuple):
    """How a column is shown and what it means.

    Attributes
    ----------
    kind : str
        ``effect``: a return, a fraction, shown as a percentage with its sign. ``share``: a fraction without one. ``p``: a
        p-value. ``statistic``: a test statistic or a coefficient. ``count``: a whole number. ``number``: any other.
        ``money``: US dollars. ``text``.
    meaning : str
        For a reader.
    """

    kind: Kind
    meaning: str


COLUMNS: dict[str, Column] = {
    "AR": Column("effect", "abnormal return of a session: the return less the one that the model expects"),
    "CAR": Column("effect", "cumulative abnormal return: abnormal returns summed over the window"),
    "BHAR": Column("effect", "buy-and-hold abnormal return: compounded instead of summed"),
    "std_error": Column("share", "standard error of the estimate beside it, in the same unit"),
    "lower": Column("effect", "lower confidence limit, 95 %"),
    "upper": Column("effect", "upper confidence limit, 95 %"),
    "tstat": Column("statistic", "estimate over its standard error"),
    "stat": Column("statistic", "value of a test statistic"),
    "z": Column("statistic", "statistic as a standard normal deviate"),
    "pvalue": Column("p", "two-sided p-value"),
    "df": Column("number", "degrees of freedom"),
    "alpha": Column("effect", "constant of the model of expected returns, per session"),
    "beta": Column("statistic", "slope on the market's return"),
    "controls_beta": Column("statistic", "slope on the mean return of the control group"),
    "sigma": Column("share", "standard deviation of the residuals of the estimation window, per session"),
    "rsquared": Column("share", "share of the variance of returns that the model explains"),
    "nobs": Column("count", "returns in the estimation window"),
    "price_change": Column("effect", "change of price as on a terminal, a simple return"),
    "market_price_change": Column("effect", "change of the benchmark's price, a simple return"),
    "raw_return": Column("effect", "return of the window, of the kind of the study (simple or log)"),
    "market_return": Column("effect", "return of the benchmark over the window"),
    "controls_return": Column("effect", "mean return of the control group over the window"),
    "market": Column("effect", "part of the return that the market explains, alpha included"),
    "controls": Column("effect", "part of the return that the control group explains beyond the market"),
    "specific": Column("effect", "what is left beyond market and control group: the potash-specific part"),
    "abnormal": Column("effect", "what is left beyond the market alone"),
    "beyond_market": Column("effect", "cumulative abnormal return beyond the market alone"),
    "run_up": Column("effect", "cumulative abnormal return of sessions -5 to -1, before day 0"),
    "volatility": Column("statistic", "volatility of the days around the window over that expected of them"),
    "detectable": Column("share", "smallest true effect that would be found in four cases out of five"),
    "ruled_out_beyond": Column("share", "effects beyond plus or minus this are ruled out at 5 %"),
    "in_expected_direction": Column(
        "effect", "abnormal return times the sign that was expected before looking at prices"
    ),
    "average": Column("effect", "average over events, each with the sign expected of it"),
    "weighted": Column("effect", "the same average, events weighted by precision"),
    "average_days_once": Column("effect", "the same average, a session that two events share counted once"),
    "sum_of_t": Column("statistic", "sum of the signed t-statistics over the root of their number"),
    "estimate": Column("effect", "estimate of one specification or of one test, a return"),
    "exposure": Column("share", "share of the firm's revenue that is potash"),
    "mean_correlation": Column("statistic", "mean correlation of abnormal returns over pairs of firms"),
    "market_value": Column("money", "value of all shares before the event, US dollars"),
    "effect_usd": Column("money", "abnormal return times the value of all shares, US dollars"),
    "lower_usd": Column("money", "its lower confidence limit"),
    "upper_usd": Column("money", "its upper confidence limit"),
    "zero_returns": Column("share", "share of sessions without a change of price"),
    "rate": Column("share", "share of simulated studies that reject"),
    "power": Column("share", "chance of finding a true effect of the size given"),
    "effect": Column("effect", "true effect supposed"),
    "return": Column("effect", "return of the session"),
    "skewness": Column("statistic", "skewness of the residuals"),
    "kurtosis": Column("statistic", "kurtosis of the residuals, 3 for a normal distribution"),
    "offset": Column("count", "sessions after day 0"),
    "sign": Column("count", "1 for an expected rise, -1 for an expected fall of producers outside Belarus"),
    "event_id": Column("text", "key of the event, the same in all tables"),
    "ticker": Column("text", "symbol of the security"),
    "session": Column("text", "trading day of the security's own exchange"),
    "window": Column("text", "first and last session around day 0, both included"),
    "holds": Column("number", "whether the assumptions of a test hold: yes or no, or the share of studies in which they do"),
    "date": Column("text", "of the announcement or of the news; a month or a year where no day is known"),
    "title": Column("text", "what happened, in a few words of ours"),
    "kind": Column("text", "what sort of event, security or finding the row is about"),
    "scope": Column("text", "whom the event concerns"),
    "status": Column("text", "what was done: announced, decided, effective, reported or the like"),
    "expected_direction": Column("text", "of producers outside Belarus, before prices were looked at"),
    "relevance": Column("text", "headline and market events are studied where there are prices; background is not"),
    "basis": Column("text", "why the event is in the list"),
    "chain_id": Column("text", "the same for events that follow from one another"),
    "confidence": Column("text", "how sure the date and the event are, by the sources behind them"),
    "exchange": Column("text", "exchange of the security, by MIC"),
    "ambiguous": Column("text", "whether the hour of the announcement could lead to another day 0"),
    "part": Column("text", "portfolio, left out, control or other: how the security counts at this event"),
    "role": Column("text", "what the security is in the universe, or what a fact does for the event"),
    "against": Column("text", "what returns are measured against: the market, or market and control group"),
    "null": Column("text", "the hypothesis that a test puts to the data"),
    "distribution": Column("text", "of the statistic under that hypothesis"),
    "model": Column("text", "of expected returns"),
    "benchmark": Column("text", "ticker of the market"),
    "left_out": Column("text", "firm, control or event that the row does without"),
    "reason": Column("text", "why a number is missing, or why a test holds or does not"),
    "note": Column("text", "what a reader should know of the row"),
    "sources": Column("text", "where it was read: addresses, or ids of articles"),
    "adjustment": Column("text", "what prices are adjusted for: splits+dividends gives total returns"),
    "known_as_of": Column("text", "month as of which prices were known"),
    "severity": Column("text", "error: unusable; warning: can distort a result; info: should be known"),
    "currency": Column("text", "of the prices"),
    "sentence": Column("text", "the verdict in words"),
    "outcome": Column("text", "effect, ruled out, undecided or unknown: by rules fixed before any number"),
}
# Families of columns by how their names end or begin: what a test or a model adds under names of its own.
_PATTERNS: tuple[tuple[str, Column], ...] = (
    (r"(.*[ _])?(pvalue|p|Holm|Romano-Wolf|Benjamini-Hochberg|raw|not corrected)", Column("p", "p-value")),
    (r".*([ _]std_error|s\.e\.)", Column("share", "standard error, in the unit of the estimate")),
    (r"(n|n_.*|events|firms|facts|observations|missing|rows|articles|segment|length|gap|rank|start|end|days_counted"
     r"|contradicting|contradicts|supports)", Column("count", "")),
    (r"ruled_out|undecided|scaled|randomization|family|up|wrong_sign|power_.*|ruled_out_at_margin", Column("share", "")),
    (r".*([ _]tstat|_z|_lm|_bera|_watson|box_\d+|chow|largest|statistic)", Column("statistic", "test statistic")),
    (r"(C?AR|BHAR).*", Column("effect", "abnormal return")),
)  # fmt: skip
OTHER = Column("number", "")


def column_of(name: str) -> Column:
    """Return kind and meaning of a column by its name; :data:`OTHER` where nothing is known of it.

    Examples
    --------
    >>> column_of("CAR").kind, column_of("max_t_pvalue").kind, column_of("largest session").kind
    ('effect', 'p', 'number')
    """
    if name in COLUMNS:
        return COLUMNS[name]
    return next((column for pattern, column in _PATTERNS if re.fullmatch(pattern, name)), OTHER)
