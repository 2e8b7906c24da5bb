"""What the first page states, as plain records that survive JSON: full precision, dates as ISO text, None for what is missing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

VERSION = 2
Offsets = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Security:
    """A security by ticker and name, with its first and last session with a price, and the holes between, in words."""

    ticker: str
    name: str
    first: str
    last: str
    holes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnNews:
    """Major news of one firm in the window of a verdict; ``left_out`` where the portfolio does without the firm."""

    ticker: str
    title: str
    left_out: bool


@dataclass(frozen=True, slots=True)
class OtherPortfolio:
    """The verdict on the other portfolio, with or without firms that had news of their own."""

    firms: tuple[str, ...]
    CAR: float | None
    lower: float | None
    upper: float | None
    outcome: str
    margin: float


@dataclass(frozen=True, slots=True)
class EventFacts:
    """A verdict with the event it is about: attributes as of :class:`potash.study.answer.verdict.Verdict`.

    Attributes
    ----------
    day_zero : str
        Of the first firm.
    expected : {"positive", "negative", "none", "unclear"}
        Direction expected before prices were looked at.
    controls_left_out : tuple of (ticker, reason)
    not_pooled : str
        Why the event is not in the pool; empty where it is.
    other : OtherPortfolio or None
    """

    event_id: str
    title: str
    date: str
    day_zero: str
    expected: str
    window: Offsets
    firms: tuple[str, ...]
    controls: tuple[str, ...]
    controls_left_out: tuple[tuple[str, str], ...]
    CAR: float | None
    std_error: float | None
    lower: float | None
    upper: float | None
    beyond_market: float | None
    run_up: float | None
    run_up_pvalue: float | None
    volatility: float | None
    scaled_pvalue: float | None
    randomization_pvalue: float | None
    holm_pvalue: float | None
    detectable: float | None
    ruled_out_beyond: float | None
    margin: float
    outcome: str
    sentence: str
    not_pooled: str = ""
    own_news: tuple[OwnNews, ...] = ()
    other: OtherPortfolio | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What is left of the pool, or of one event, under another choice: an average and its p-value, over so many events."""

    name: str
    average: float | None
    pvalue: float | None
    n_events: int


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """All signed events together: attributes as of :class:`potash.study.answer.pooled.result.Pooled`, in its primary window.

    Attributes
    ----------
    outcome : {"effect", "against", "ruled out", "undecided", "unknown"}
    reason : str
        Why there is no answer; else empty.
    run_up : float or None
        Average of sessions -5 to -1, in the direction expected.
    variants : tuple of Share
        What else could have been pooled.
    without_event, without_firm : pair of Share or None
        The smallest and the largest p-value of the pool without one of them.
    """

    outcome: str
    reason: str = ""
    sentence: str = ""
    n_events: int = 0
    n_tightening: int = 0
    n_relief: int = 0
    window: Offsets = (0, 1)
    controls: bool = False
    average: float | None = None
    std_error: float | None = None
    lower: float | None = None
    upper: float | None = None
    pvalue: float | None = None
    max_t_pvalue: float | None = None
    n_sets: int = 0
    detectable: float | None = None
    beyond_market: float | None = None
    run_up: float | None = None
    margin: float = 0.05
    variants: tuple[Share, ...] = ()
    without_event: tuple[Share, Share] | None = None
    without_firm: tuple[Share, Share] | None = None


@dataclass(frozen=True, slots=True)
class CurveFacts:
    """The specification curve of the newest event: how many ways to study it, and what they say."""

    event_id: str
    n_specifications: int
    share_expected: float | None
    share_significant: float | None
    median: float | None
    pvalue: float | None


@dataclass(frozen=True, slots=True)
class NotStudied:
    """A dated event without a verdict, and the reason in words."""

    event_id: str
    title: str
    date: str
    reason: str


@dataclass(frozen=True, slots=True)
class DataFacts:
    """Who is studied, against what, on which prices."""

    first: str
    last: str
    firms_are: str
    market: Security
    firms: tuple[Security, ...]
    controls: tuple[Security, ...]
    event_window: Offsets
    estimation_window: Offsets
    returns_kind: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Front:
    """What the first page states.

    Attributes
    ----------
    sentence, qualification : str
        The answer, and what qualifies it: at most 25 words each.
    events : tuple of EventFacts
        Those studied, the newest first.
    pool : PoolFacts
    data : DataFacts
    not_studied : tuple of NotStudied
    curve : CurveFacts or None
    """

    sentence: str
    qualification: str
    events: tuple[EventFacts, ...]
    pool: PoolFacts
    data: DataFacts
    not_studied: tuple[NotStudied, ...] = ()
    curve: CurveFacts | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the content of ``highlights.json``."""
        content: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        answer = {"sentence": content.pop("sentence"), "qualification": content.pop("qualification")}
        return {"version": VERSION, "answer": answer, **content}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Front:
        """Return what :meth:`to_json` wrote."""
        pool, data, curve = content["pool"], content["data"], content["curve"]
        return cls(
            **content["answer"],
            events=tuple(_event(event) for event in content["events"]),
            pool=PoolFacts(
                **{
                    **pool,
                    "window": _pair(pool["window"]),
                    "variants": tuple(Share(**variant) for variant in pool["variants"]),
                    **{name: _without(pool[name]) for name in ("without_event", "without_firm")},
                }
            ),
            data=DataFacts(
                **{
                    **data,
                    "market": _security(data["market"]),
                    **{name: tuple(map(_security, data[name])) for name in ("firms", "controls")},
                    **{name: _pair(data[name]) for name in ("event_window", "estimation_window")},
                    "remarks": tuple(data["remarks"]),
                }
            ),
            not_studied=tuple(NotStudied(**event) for event in content["not_studied"]),
            curve=None if curve is None else CurveFacts(**curve),
        )

    @property
    def pooled_events(self) -> tuple[EventFacts, ...]:
        """The events that are in the pool, the newest first."""
        return tuple(event for event in self.events if not event.not_pooled)


def _pair(values: Any) -> Offsets:
    first, last = values
    return int(first), int(last)


def _security(values: dict[str, Any]) -> Security:
    return Security(**{**values, "holes": tuple(values["holes"])})


def _event(values: dict[str, Any]) -> EventFacts:
    other = values["other"]
    return EventFacts(
        **{
            **values,
            "window": _pair(values["window"]),
            **{name: tuple(values[name]) for name in ("firms", "controls")},
            "controls_left_out": tuple((ticker, reason) for ticker, reason in values["controls_left_out"]),
            "own_news": tuple(OwnNews(**news) for news in values["own_news"]),
            "other": None if other is None else OtherPortfolio(**{**other, "firms": tuple(other["firms"])}),
        }
    )


def _without(pair: Any) -> tuple[Share, Share] | None:
    if pair is None:
        return None
    least, most = pair
    return Share(**least), Share(**most)
