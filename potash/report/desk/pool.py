"""All signed events of a timeline together, with and without what could be held against them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from potash.errors import NoUsableEventsError
from potash.news.plots import shortened
from potash.report.desk.setting import IMPACT, Setting
from potash.report.desk.verdict_tables import (
    TEST_NAMES,
    VerdictBox,
    interval_or_missing,
    percent_or_missing,
    size_or_missing,
    window_words,
    with_error,
)
from potash.report.pages.publish import ShownFigure, Tone
from potash.report.pages.tables import ShownTable
from potash.study.answer.pooled.pool import pooled
from potash.study.answer.pooled.result import MARKET, Pooled, PooledOutcome
from potash.study.answer.words import p_is, p_value, percent, when

SIZE = 0.05
# Letters of a title beside a row of the forest.
ROOM = 38
TONES: dict[PooledOutcome, Tone] = {
    "effect": "effect", "against": "effect", "ruled out": "none", "undecided": "undecided", "unknown": "plain",
}  # fmt: skip
MARKET_ALONE = "beyond the market alone"
SIGN_WORDS = {1: "tightening", -1: "relief", 0: ""}


@dataclass(frozen=True, eq=False)
class Pool:
    """The signed events of a timeline together.

    Attributes
    ----------
    setting : Setting
    answer : Pooled or None
        Of the events of :meth:`potash.Timeline.pool`, without firms that had major news of their own; None where no event
        can be studied.
    reason : str
        Why there is no answer, in a sentence; else empty.
    variants : dict
        What else could have been pooled, by name, without what stands behind it: the answer with these firms, and with the
        events that are in the list because prices moved.
    """

    setting: Setting
    answer: Pooled | None
    reason: str
    variants: dict[str, Pooled]


@lru_cache(maxsize=8)
def pool_of(setting: Setting) -> Pool:
    """Return all signed events of the timeline together; one answer for all pages that share a setting."""
    ids = [event_id for event_id in setting.timeline.pool() if event_id in setting.events]
    signed = [str(event_id) for event_id in setting.timeline.signs().index if event_id in setting.events]
    answer = _pooled(setting, ids, own_news=False, behind=True)
    if answer is None:
        why = (
            "no event of this timeline has a day and an expected direction"
            if not ids
            else "the prices cover none of them"
        )
        return Pool(setting, None, f"There is nothing to pool: {why}.", {})
    if pd.isna(answer.pvalue):
        return Pool(setting, None, answer.sentence(), {})
    others = {
        "with firms that had news of their own": _pooled(setting, ids, own_news=True),
        "with events known from price commentary": _pooled(setting, signed, own_news=False) if signed != ids else None,
    }
    variants = {n: o for n, o in others.items() if o is not None and not _members(o).equals(_members(answer))}
    return Pool(setting, answer, "", variants)


def _members(answer: Pooled) -> pd.DataFrame:
    return answer.events[["event_id", "tickers"]]


def _pooled(setting: Setting, ids: list[str], own_news: bool, behind: bool = False) -> Pooled | None:
    if not ids:
        return None
    events, frame = setting.timeline.events, setting.universe.frame
    shares = frame.get("potash_revenue_share")
    try:
        study = setting.study(setting.firms, ids, own_news=own_news)
        return pooled(
            study,
            setting.timeline.signs(ids),
            kinds=events["kind"],
            chains=events["chain_id"],
            exposure=shares,
            primary=(IMPACT.start, IMPACT.end),
            behind=behind,
        )
    except NoUsableEventsError:
        return None


def pool_box(pool: Pool) -> VerdictBox:
    """Return what all events say together, with what could be held against it."""
    answer = pool.answer
    if answer is None:
        return VerdictBox("All signed events together", pool.reason, (), "plain")
    rows = _primary_rows(answer).set_index("events")
    signs = [name for name in ("tightening", "relief") if name in rows.index]
    counts = " and ".join(f"{int(rows.at[name, 'n_events'])} of {name}" for name in signs)
    tone = TONES[answer.outcome(SIZE)]
    details = tuple(_ranges(pool, answer))
    return VerdictBox(f"All signed events together: {counts}", answer.sentence(), details, tone)


def _primary_rows(answer: Pooled) -> pd.DataFrame:
    rows = answer.effects[
        (answer.effects["against"] == answer.against) & (answer.effects["window"] == str(answer.primary))
    ]
    return rows.drop_duplicates("events")


def _ranges(pool: Pool, answer: Pooled) -> list[str]:
    """Return how far the answer hangs on one event or one firm."""
    table = answer.leave_one_out[answer.leave_one_out["against"] == answer.against].dropna(
        subset="randomization_pvalue"
    )
    texts = []
    for kind in ("event", "firm"):
        rows = table[table["kind"] == kind].sort_values("randomization_pvalue")
        if len(rows) > 1:
            least, most = rows.iloc[0], rows.iloc[-1]
            texts.append(
                f"Without one {kind} at a time p lies between {p_value(least['randomization_pvalue'])} (without "
                f"{_name(pool, kind, least['left_out'])}) and {p_value(most['randomization_pvalue'])} (without "
                f"{_name(pool, kind, most['left_out'])})."
            )
    return texts


def _name(pool: Pool, kind: str, left_out: str) -> str:
    return pool.setting.timeline.events.at[left_out, "date"] if kind == "event" else left_out


def _other_headlines(pool: Pool, answer: Pooled) -> dict[str, pd.Series]:
    """Return the numbers that count of what else could have been asked: of the market alone, and of the variants."""
    rows = answer.effects[(answer.effects["against"] == MARKET) & (answer.effects["events"] == "all")]
    alone = {} if answer.against == MARKET else {MARKET_ALONE: rows[rows["window"] == str(answer.primary)].iloc[0]}
    return alone | {name: other.headline for name, other in pool.variants.items()}


def pool_figure(pool: Pool) -> ShownFigure | None:
    """Return the signed effect of each event above that of all together; None where there is nothing to pool."""
    answer = pool.answer
    if answer is None:
        return None
    listed = pool.setting.timeline.events.loc[answer.events["event_id"].unique(), ["date", "title"]]
    axes = answer.plot(
        names={row.Index: f"{row.date}\u2002{shortened(row.title, ROOM)}" for row in listed.itertuples()}
    )
    axes.set_title("", loc="left")
    row = answer.headline
    against = "the market and the control group" if "controls" in answer.against else "the market"
    title = f"What the portfolio did in the direction expected of each event, {when(answer.primary)} beyond {against}"
    alt = (
        f"A row for each of {int(row['n_events'])} events and one for all: {percent(row['average'])} on average, "
        f"{p_is(row['randomization_pvalue'])}; not rejected are effects of {interval_or_missing(row['lower'], row['upper'])}."
    )
    events = _of_answer(answer, answer.events)
    return ShownFigure.of(axes, title, alt, "pooled", events[events["window"] == str(answer.primary)])


def pool_tables(pool: Pool) -> list[ShownTable]:
    """Return the tables behind the answer, those that have a row: windows, events, what hangs on one, kinds, chains, exposure."""
    if pool.answer is None:
        return []
    made = [
        _effects(pool.answer),
        _variants(pool),
        _events(pool),
        _without_one(pool),
        _kinds(pool.answer),
        _chains(pool),
    ]
    made += [_exposure(pool.answer), _other_tests(pool.answer)]
    return [table for table in made if len(table.shown)]


def _of_answer(answer: Pooled, frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["against"] == answer.against] if len(frame) else frame


def _effects(answer: Pooled) -> ShownTable:
    rows = _of_answer(answer, answer.effects).drop_duplicates(["window", "events"])
    shown = pd.DataFrame(
        {
            "window": [window_words(*pair) for pair in zip(rows["name"], rows["window"], strict=True)],
            "events": rows["events"] + ",\u00a0" + rows["n_events"].astype(str),
            "average (standard error)": [
                with_error(*pair) for pair in zip(rows["average"], rows["std_error"], strict=True)
            ],
            "not rejected": [interval_or_missing(*pair) for pair in zip(rows["lower"], rows["upper"], strict=True)],
            "p": rows["randomization_pvalue"].map(p_value),
            "p, all windows": rows["max_t_pvalue"].map(p_value),
            "each day once": rows["average_days_once"].map(percent_or_missing),
            "p, each day once": rows["days_once_pvalue"].map(p_value),
            "usually found from": rows["detectable"].map(size_or_missing),
        }
    )
    note = (
        "In the direction expected: each event's effect times its sign. p: by randomization of the set of dates, gaps between "
        "events kept. Not rejected: effects that it does not reject at 5 %, around the average weighted by precision. p, all "
        "windows: corrected for looking at all of them. Each day once: a calendar day in the windows of two events counts for "
        "the nearer."
    )
    return ShownTable(answer.effects, shown, note, "pooled-effects", "All signed events together, by window")


def _variants(pool: Pool) -> ShownTable:
    assert pool.answer is not None
    counts = {"counts: no firm with news of its own, no event known from price commentary": pool.answer.headline}
    rows = counts | _other_headlines(pool, pool.answer)
    frame = pd.DataFrame([{"pool": name, **row.to_dict()} for name, row in rows.items()])
    shown = pd.DataFrame(
        {
            "pool": frame["pool"],
            "events": frame["n_events"],
            "average (standard error)": [
                with_error(*pair) for pair in zip(frame["average"], frame["std_error"], strict=True)
            ],
            "p": frame["randomization_pvalue"].map(p_value),
            "usually found from": frame["detectable"].map(size_or_missing),
        }
    )
    note = (
        "An event that is known from price commentary is in the list because prices moved: it would show a move whatever is "
        f"true. All {when(pool.answer.primary)}."
    )
    return ShownTable(frame, shown, note, "pooled-variants", "What the choice of events, firms and benchmark does")


def _events(pool: Pool) -> ShownTable:
    answer = pool.answer
    assert answer is not None
    rows = _of_answer(answer, answer.events)
    rows = (
        rows[rows["window"] == str(answer.primary)].drop_duplicates("event_id").sort_values("session", ascending=False)
    )
    shown = pd.DataFrame(
        {
            "event": [pool.setting.title(event_id) for event_id in rows["event_id"]],
            "expected": rows["sign"].map(SIGN_WORDS),
            "firms": rows["tickers"].str.replace(",", ", "),
            "controls": rows["controls"].str.replace(",", ", ").where(rows["controls"] != "", "none"),
            "effect (standard error)": [with_error(*pair) for pair in zip(rows["CAR"], rows["std_error"], strict=True)],
            "as expected": rows["in_expected_direction"].map(percent_or_missing),
            "volatility": [f"{value:.1f}" if value == value else "missing" for value in rows["volatility"]],
        }
    )
    out = _left_out(pool, answer)
    note = "As expected: the effect times the sign. Volatility: of the days around, as a multiple of the usual one."
    return ShownTable(
        answer.events, shown, f"{note} {out}".strip(), "pooled-events", f"Each event {when(answer.primary)}"
    )


def _left_out(pool: Pool, answer: Pooled) -> str:
    """Return which market events are not in the pool, and why."""
    table = pool.setting.timeline.pool_table()
    reasons = {
        event_id: str(reason) for event_id, reason in table["reason"].items() if not table.at[event_id, "in_pool"]
    }
    whole = answer.left_out[answer.left_out["ticker"] == ""]
    reasons |= dict(zip(whole["event_id"], whole["reason"], strict=True))
    grouped: dict[str, list[str]] = {}
    for event_id, reason in reasons.items():
        grouped.setdefault(reason, []).append(str(pool.setting.timeline.events.at[event_id, "date"] or event_id))
    texts = [f"{', '.join(dates)} ({reason})" for reason, dates in grouped.items()]
    return f"Not in the pool: {'; '.join(texts)}." if texts else ""


def _without_one(pool: Pool) -> ShownTable:
    answer = pool.answer
    assert answer is not None
    rows = _of_answer(answer, answer.leave_one_out).reset_index(drop=True)
    names = [pool.setting.title(o) if k == "event" else o for k, o in zip(rows["kind"], rows["left_out"], strict=True)]
    shown = pd.DataFrame(
        {
            "without": names,
            "events": rows["n_events"],
            "average": rows["average"].map(percent_or_missing),
            "p": rows["randomization_pvalue"].map(p_value),
        }
    )
    return ShownTable(
        answer.leave_one_out, shown, "", "pooled-without-one", "All signed events without one event or one firm"
    )


def _kinds(answer: Pooled) -> ShownTable:
    rows = _of_answer(answer, answer.by_kind)
    shown = pd.DataFrame()
    if len(rows) > 1:
        shown = pd.DataFrame(
            {
                "kind": rows["kind"].str.replace("_", " "),
                "events": rows["n_events"],
                "average": rows["average"].map(percent_or_missing),
                "p": rows["randomization_pvalue"].map(p_value),
            }
        )
    return ShownTable(answer.by_kind, shown, "", "pooled-kinds", "By kind of event")


def _chains(pool: Pool) -> ShownTable:
    answer = pool.answer
    assert answer is not None
    rows = _of_answer(answer, answer.chains)
    if len(rows):
        links = rows[rows["event_id"] != ""].groupby("chain_id")["event_id"].transform("count")
        several = set(rows.loc[links.index[links > 1], "chain_id"])
        rows = rows[rows["chain_id"].isin(several)]
    shown = pd.DataFrame()
    if len(rows):
        shown = pd.DataFrame(
            {
                "chain": rows["chain_id"].str.replace("-", " "),
                "link": [pool.setting.title(e) if e else "all links, each day once" for e in rows["event_id"]],
                "as expected (standard error)": [
                    with_error(*p) for p in zip(rows["in_expected_direction"], rows["std_error"], strict=True)
                ],
                "p": rows["randomization_pvalue"].map(p_value),
            }
        )
    note = "Announcement, licence and effect of one measure, those that are in the pool; chains with one such link are left out."
    return ShownTable(answer.chains, shown, note, "pooled-chains", "Chains of events")


def _exposure(answer: Pooled) -> ShownTable:
    rows = _of_answer(answer, answer.exposure)
    stated = rows.dropna(subset="exposure") if "exposure" in rows else rows.iloc[:0]
    shown, note = pd.DataFrame(), ""
    if len(stated) > 1:
        shown = pd.DataFrame(
            {
                "firm": stated["ticker"],
                "share of revenue from potash": [f"{share:.0%}".replace("%", " %") for share in stated["exposure"]],
                "events": stated["n_events"],
                "average (standard error)": [
                    with_error(*pair) for pair in zip(stated["average"], stated["std_error"], strict=True)
                ],
            }
        )
        line = _of_answer(answer, answer.dose_response).iloc[0]
        note = (
            f"{percent(line['slope'] / 10)} for ten points more of revenue from potash, {p_is(line['pvalue'])} by all orders of "
            f"{int(line['n_firms'])} firms, which allow none below {p_value(line['smallest_pvalue'])}: to be shown, and no proof."
        )
    return ShownTable(
        answer.exposure, shown, note, "pooled-exposure", "Dose and response: firms by their exposure to potash"
    )


def _other_tests(answer: Pooled) -> ShownTable:
    tests = _of_answer(answer, answer.tests)
    tests = tests[tests["window"] == str(answer.primary)].drop_duplicates("test")
    days = _of_answer(answer, answer.calendar_time)
    days = days[days["window"] == str(answer.primary)].drop_duplicates("errors")
    names = {"ols": "calendar time, plain", "hc3": "calendar time, HC3", "hac": "calendar time, HAC"}
    shown = pd.DataFrame(
        {
            "test": [*tests["test"].map({**TEST_NAMES, "sum_of_t": "sum of t"}), *days["errors"].map(names)],
            "statistic": [f"{value:+.2f}".replace("-", "−") for value in [*tests["stat"], *days["tstat"]]],
            "p": [p_value(value) for value in [*tests["pvalue"], *days["pvalue"]]],
            "assumptions hold": [*tests["holds"].map({True: "yes", False: "no"}), *["yes"] * len(days)],
        }
    )
    note = (
        "Not scaled to the volatility of the events' days. The assumptions do not hold where a test takes events for "
        "independent that share days. Calendar time: the daily return of the portfolio on the factors and the signed days of "
        "events."
    )
    return ShownTable(
        answer.tests, shown, note, "pooled-tests", f"The same question put to other tests, {when(answer.primary)}"
    )
