"""The first page as HTML: the facts of a study in front of the files of its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from potash.bundled import notebooks_dir
from potash.report.front.facts import DataFacts, EventFacts, Front, PoolFacts, Security, Share
from potash.report.front.forest import axis, event_row, headers_of, pool_row, scale_of, shown, window
from potash.report.front.words import label
from potash.report.pages.facts import Published
from potash.report.pages.publish import highlight_html
from potash.report.pages.render import SITE, Frame, fill, markup
from potash.study.answer.words import interval, names, p_is, percent, size_of

POOL_PAGE = "04-answer"
# Terms of what the answer rests on whose texts are about the prices of single securities.
PRICES_OF = ("Firms", "Market", "Control group")
MOST_NAMES = 5
VERDICT = (
    "an effect if two tests reject at 5 %, one by the volatility of the event’s days, one by its place among all ordinary days; "
    "no effect beyond 5 %, the smallest that matters, if two one-sided tests at 5 % rule a larger one out; else undecided."
)
FIRST_RUN = "There is no earlier run to compare with."


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since the last run: a word for the card, and sentences."""

    word: str = "first run"
    sentences: tuple[str, ...] = (FIRST_RUN,)


@dataclass(frozen=True, slots=True)
class Card:
    """A number of the first screen: what it is, the number, and a line that says how to take it."""

    name: str
    value: str
    text: str
    href: str = ""


def render_front(front: Front, frame: Frame, published: Published, since: Since | None = None) -> str:
    """Return the HTML of the first page.

    Parameters
    ----------
    front : Front
        What it states.
    frame : Frame
        Pages, data and versions of the report around it.
    published : Published
        Tables and figures, for the list of files.
    since : Since, optional
        What changed since the last run; by default there was none.
    """
    since = since or Since()
    names_by = {security.ticker: security.name for security in front.data.firms}
    pages = {page.file for page in frame.pages}
    pool_page = next((page.file for page in frame.pages if page.name == POOL_PAGE), "")
    scale = scale_of(front)
    headers = headers_of(front)
    rows = [event_row(event, scale, names_by, headers) for event in front.events]
    return fill(
        "front.html.j2",
        frame,
        title=frame.site,
        own_title="" if frame.site == SITE else frame.site,
        current="",
        styles=("style.css", "front.css"),
        front=front,
        cards=cards(front, since, pool_page, pages),
        axis=axis(scale),
        headers=headers,
        caption=_caption(front),
        pool=pool_row(front.pool, scale, headers, pool_page) if front.pool.n_events > 1 else None,
        rows=rows,
        linked=pages,
        stands_on=stands_on(front.data),
        rests=rests_on(front.data),
        prices_of=PRICES_OF,
        span=f"{front.data.first} to {front.data.last}",
        controls_out=controls_left_out(front.events),
        studied=studied(front),
        changes=what_would_change(front),
        since=since,
        published=published,
        boxes=_boxes(published),
    )


def _boxes(published: Published) -> list[Any]:
    """Return what notebooks of a user's own highlighted: that of the carried ones is what this page says."""
    carried = {path.stem for path in notebooks_dir().glob("*.ipynb")}
    return [
        markup(highlight_html(box["text"], box["tone"], box["heading"]))
        for box in published.highlights
        if box["notebook"] not in carried and not box["notebook"].startswith("event-")
    ]


def _caption(front: Front) -> str:
    against = "market and control group" if headers_of(front)[0][1] != "Beyond market" else "the market"
    return f"Return of the {front.data.firms_are} beyond {against}."


def cards(front: Front, since: Since, pool_page: str, pages: set[str]) -> list[Card]:
    """Return the four cards: the pool, the newest event, what would have been seen, and what changed."""
    newest = front.events[0] if front.events else None
    return [
        _pool_card(front.pool, pool_page),
        Card("Newest event", MISSING, "No event can be studied with these prices.")
        if newest is None
        else _newest_card(newest, pages),
        _seen_card(newest, front.pool),
        Card("Since the last run", since.word, _more_than(since), "#since" if len(since.sentences) > 1 else ""),
    ]


def _more_than(since: Since) -> str:
    """Return the sentences that say more than the word above them."""
    return " ".join(text for text in since.sentences if text.rstrip(".").lower() != since.word.lower())


MISSING = "–"


def _pool_card(pool: PoolFacts, href: str) -> Card:
    if pool.average is None or pool.pvalue is None:
        return Card("All events together", MISSING, pool.reason or "No verdict.", href)
    events = f"{pool.n_events} events together" if pool.n_events != 1 else "1 event with a direction"
    limits = "" if pool.lower is None or pool.upper is None else f"; {interval(pool.lower, pool.upper)}"
    text = f"over {_sessions(pool.window)}{limits}; {p_is(pool.pvalue)} by randomization of dates"
    return Card(events, percent(pool.average), text, href)


def _newest_card(event: EventFacts, pages: set[str]) -> Card:
    href = f"event-{event.event_id}.html"
    before = "" if event.run_up is None else f"; run-up {percent(event.run_up)}"
    if event.CAR is None or event.lower is None or event.upper is None:
        text = "a day of a firm is missing, or too few days around it"
    else:
        day_zero = f"{date.fromisoformat(event.day_zero):%a} {event.day_zero}"
        days = (
            f"on day 0, {day_zero}" if event.window == (0, 0) else f"over {_sessions(event.window)}, day 0 {day_zero}"
        )
        text = f"{names(event.firms)} {days}; {interval(event.lower, event.upper)}{before}"
    return Card(label(event)[4:].capitalize(), shown(event.CAR), text, href if href in pages else "")


def _seen_card(event: EventFacts | None, pool: PoolFacts) -> Card:
    together = "" if pool.detectable is None else f"; {size_of(pool.detectable)} over all together"
    if event is None or event.detectable is None:
        return Card("Would have been seen", MISSING, f"Nothing is measured at a single event{together}.")
    text = f"four times in five, at that week’s volatility{together}"
    return Card("Would have been seen", size_of(event.detectable), text)


def _sessions(offsets: tuple[int, int]) -> str:
    first = window(offsets)
    return f"sessions {first}" if offsets[0] != offsets[1] else f"day {first}"


def stands_on(data: DataFacts) -> str:
    """Return in one sentence who is studied, and against what: firms, market and control group by name."""
    against = f"the market, {_company(data.market)}"
    if data.controls:
        against += f", and a control group, {_companies(data.controls)}"
    return f"{_companies(data.firms)}, equal weights, beyond {against}."


def _company(security: Security) -> str:
    return f"{security.name} ({security.ticker})"


def _companies(securities: Sequence[Security]) -> str:
    """Return securities by name; by ticker where there are more than a line holds."""
    return ", ".join(_company(each) if len(securities) <= MOST_NAMES else each.ticker for each in securities)


def rests_on(data: DataFacts) -> list[tuple[str, str]]:
    """Return who and what the answer rests on: a term and a text each."""
    controls = "; ".join(map(_named, data.controls)) or "none: returns are measured against the market alone"
    start, end = data.estimation_window
    kind = "Logarithmic" if data.returns_kind == "log" else "Simple"
    return [
        ("Firms", f"{'; '.join(map(_named, data.firms))}. Equal weights."),
        ("Market", _named(data.market)),
        ("Control group", controls),
        ("Normal return", f"estimated on sessions {window((start, end))} before each event. {kind} returns."),
        ("Verdict", VERDICT),
        *(("Note", remark) for remark in data.remarks),
    ]


def _named(security: Security) -> str:
    holes = f", {', '.join(security.holes)}" if security.holes else ""
    return f"{_company(security)}, {security.first} to {security.last}{holes}"


def controls_left_out(events: tuple[EventFacts, ...]) -> list[tuple[str, str, str]]:
    """Return the controls that take no part in an event's mean: date, ticker, reason."""
    return [(event.date, ticker, reason) for event in events for ticker, reason in event.controls_left_out]


def studied(front: Front) -> str:
    """Return how many of the dated events are studied."""
    n, every = len(front.events), len(front.events) + len(front.not_studied)
    return f"{n} of {every} dated events studied"


def what_would_change(front: Front) -> list[str]:
    """Return how far the answer hangs on one event, one firm, or one choice, in sentences with their numbers."""
    pool, texts = front.pool, []
    for kind, pair in (("event", pool.without_event), ("firm", pool.without_firm)):
        if pair is not None:
            least, most = pair
            texts.append(f"Without one {kind} at a time: from {_share(least)} to {_share(most)}.")
    texts += [
        f"{variant.name.capitalize()}: {shown(variant.average)} over {variant.n_events} events{_p(variant)}."
        for variant in pool.variants
    ]
    curve = front.curve
    if curve is not None and curve.share_expected is not None and curve.share_significant is not None:
        joint = "" if curve.pvalue is None else f"; joint {p_is(curve.pvalue)}"
        texts.append(
            f"The newest event in {curve.n_specifications:,} other ways (windows, benchmarks, firms, models): "
            f"{size_of(curve.share_expected, 0)} have the expected sign, {size_of(curve.share_significant, 0)} are "
            f"significant at 5 %{joint}."
        )
    return texts


def _share(share: Share) -> str:
    return f"{shown(share.average)}{_p(share)} without {share.name}"


def _p(share: Share) -> str:
    return "" if share.pvalue is None else f" ({p_is(share.pvalue)})"
