"""What a hard case of a gold file expects of a reader, where the file does not state it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.evaluation.gold import ISO_DATE, Gold, GoldCase, GoldEvent, Support, meets, named_in

# What a naive error speaks of, and the names of agencies.
_NAIVE_KINDS = {
    "sanctions_eased": r"sanctions_eased|(?i:eas(?:es?|ed|ing)|lift\w*|cancel\w*|relax\w*)",
    "sanctions_imposed": r"sanctions_imposed|(?i:impos\w+)", "output_cut": r"output_cut|(?i:curtail\w*)",
    "prisoner_release": r"prisoner_release|(?i:releas\w+|freed|pardon\w*)", "election": r"(?i:elections?)",
    "tariff": r"(?i:tariffs?)", "contract_price": r"contract_price|(?i:contracts?)",
}  # fmt: skip
_AGENCIES = {
    "Belta": r"(?i:belta)|Belaruss?ian (?:National )?News Agency", "AP": "AP|Associated Press", "Reuters": "Reuters",
    "Xinhua": "Xinhua", "AFP": "AFP", "TASS": "TASS|Tass", "Interfax": "Interfax", "Bloomberg": "Bloomberg",
    "Argus": "Argus", "CRU": "CRU",
}  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.,-])[€$£]?(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\s?(m|bn|million|billion|thousand)?\b")
_SCALE = {"thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
# First words of a status that is a sum over events.
_SUMS = {"aggregate", "background", "total"}


def expectation(case: GoldCase, gold: Gold) -> Mapping[str, Any]:
    """Return what a hard case expects: as the file states it, else derived from its kind and its words.

    Empty if nothing that could be checked follows from them.
    """
    if case.expect is not None:
        return case.expect
    kind = case.kind.casefold()
    derive = next((derive for words, derive in _DERIVED if re.search(words, kind)), _named_or_dated)
    return derive(case, gold)


def _date_named_last(text: str) -> dict[str, str]:
    """Return the date, or the pair ``A and B``, that a text ends on: brackets aside, after the last ``=``."""
    answer = re.sub(r"\([^)]*\)", "", text).split("=")[-1]
    dates = list(ISO_DATE.finditer(answer))
    if not dates:
        return {}
    pair = len(dates) > 1 and answer[dates[0].end() : dates[1].start()].strip() in ("and", "to", "-")
    return {"date": dates[0][0], "date_end": dates[1][0] if pair else ""}


def _named_ids(text: str, gold: Gold) -> list[str]:
    """Return the events that a text names, ``E11-E13`` meaning all three."""
    ids = [event.gold_id for event in gold.events]
    pairs = [(first, last or first) for first, last in re.findall(r"\b(E\d+)(?:-(E\d+))?", text)]
    return [name for a, b in pairs if {a, b} <= set(ids) for name in ids[ids.index(a) : ids.index(b) + 1]]


def _numbers(text: str) -> list[float]:
    return [float(digits.replace(",", "")) * _SCALE.get(scale, 1.0) for digits, scale in _NUMBER.findall(text)]


def _held_by(value: float, gold: Gold) -> list[GoldEvent]:
    """Return the events other than statements that have a value among their quantities."""
    return [e for e in gold.events if e.kind != "statement" and any(math.isclose(value, q[0]) for q in e.quantities)]


def _figure(case: GoldCase, gold: Gold, role: str = "") -> dict[str, Any]:
    """Expect no flow of the kind that the naive error speaks of, or else of events with the figures told beside it."""
    of_events = {value for event in gold.events if stands_on(event, case.support) for value, _ in event.quantities}
    values = sorted(_numbers(case.support.quote), key=lambda value: value not in of_events)
    if not values:
        return {}
    beside = [value for value in _numbers(f"{case.naive_error}; {case.right}") if value != values[0]]
    kinds = [
        *named_in(_NAIVE_KINDS, case.naive_error),
        *(e.kind for value in beside for e in _held_by(value, gold)),
        None,
    ]
    return {"not_quantity_of": {"value": values[0], "kind": kinds[0], "role": role}}


def _once(case: GoldCase, gold: Gold) -> dict[str, Any]:
    holders = [(value, event.kind) for value in _numbers(case.support.quote) for event in _held_by(value, gold)]
    return {"once": holders[0]} if holders else {}


def _contradiction(case: GoldCase, gold: Gold) -> dict[str, Any]:
    once = _once(case, gold)
    return once and {**once, "quantity": {"value": once["once"][0], "unit": case.right}}


def _parts(case: GoldCase, gold: Gold) -> dict[str, Any]:
    holders = [event for value in _numbers(case.right) for event in _held_by(value, gold)]
    single = [event.gold_id for event in holders if event.status not in _SUMS]
    return {"found": single, **_once(case, gold)} if len(single) > 1 else {}


def _announced(case: GoldCase, gold: Gold) -> dict[str, Any]:
    announced = [
        event.gold_id for event in gold.events if event.status == "announced" and stands_on(event, case.support)
    ]
    return {"announced": announced} if announced else {}


def stands_on(event: GoldEvent, support: Support) -> bool:
    """Return whether a support of a gold event overlaps another."""
    return any(meets((s.file, s.start, s.end), support) for s in event.supports)


def _background(case: GoldCase, gold: Gold) -> dict[str, Any]:
    """Expect the events named, the flagship, and every event that a further date of the text belongs to."""
    dated = [event.gold_id for event in gold.events if event.date in ISO_DATE.findall(case.right)]
    return {"event": _named_ids(case.right, gold), "found": [*filter(None, [gold.flagship]), *dated]}


def _stamp_or_dropped(case: GoldCase, gold: Gold) -> dict[str, Any]:
    if not re.search(r"\d\d:\d\d", case.right):
        return {"dropped": True}
    zone = re.search(r"[A-Z]\w+/[A-Z]\w+", case.right)
    return {"published": gold.published.get(case.support.file), **({"zone": zone[0]} if zone else {})}


def _named_or_dated(case: GoldCase, gold: Gold) -> dict[str, Any]:
    ids = _named_ids(case.right, gold)
    return {"event": ids} if ids else _date_named_last(case.right)


def _no_event(case: GoldCase, gold: Gold) -> dict[str, Any]:
    ids = [] if "no event" in case.right else _named_ids(case.right, gold)
    return {"event": ids} if ids else {"no_event": list(named_in(_NAIVE_KINDS, case.naive_error))}


def _no_scope(case: GoldCase, gold: Gold) -> dict[str, Any]:
    kinds, names = named_in(_NAIVE_KINDS, case.naive_error), re.findall(r"\b(?:US|EU|UK)\b", case.naive_error)
    return {"not_scope": (kinds[0], names[0])} if kinds and names else {}


def _naive_date(case: GoldCase, gold: Gold) -> dict[str, Any]:
    kinds, dates = named_in(_NAIVE_KINDS, case.naive_error), _date_named_last(case.naive_error)
    return {"not_dated": (kinds[0] if kinds else None, dates["date"])} if dates else {}


def _stamp_and_event(case: GoldCase, gold: Gold) -> dict[str, Any]:
    answer = _date_named_last(case.right)
    stamp = {"published": gold.published.get(case.support.file), **_naive_date(case, gold)}
    return {**stamp, "told_on": answer["date"]} if answer else {}


def _sources(case: GoldCase, gold: Gold) -> dict[str, Any]:
    names = named_in(_AGENCIES, case.support.quote) or named_in(_AGENCIES, case.right)
    return {"source_chain": list(names)} if names else {}


def _session(case: GoldCase, gold: Gold) -> dict[str, Any]:
    answer = _date_named_last(case.right)
    return {"session": answer["date"]} if answer and "NYSE" in case.right else {}


# Words in the kind of a hard case, and what follows from the case; the first that fits counts.
_DERIVED: tuple[tuple[str, Callable[[GoldCase, Gold], dict[str, Any]]], ...] = (
    (r"publication date", _stamp_and_event),
    (r"duplicate|twice|repeated", _once),
    (r"contradiction|mistranslation", _contradiction),
    (r"to be done|tense", _announced),
    (r"background year", _background),
    (r"wrong background", _naive_date),
    (r"polarity", lambda case, gold: {"found": [gold.flagship], "foreground": False} if gold.flagship else {}),
    (r"contains parts", _parts),
    (r"aggregate|cumulative|total", lambda case, gold: _figure(case, gold, "total")),
    (r"stock", lambda case, gold: _figure(case, gold, "stock")),
    (r"target", lambda case, gold: _figure(case, gold, "target")),
    (r"subset|part of", _figure),
    (r"undated", lambda case, gold: {"date": None}),
    (r"agency|source chain|syndication", _sources),
    (r"ai-written|machine", lambda case, gold: {"machine_written": True}),
    (r"name variant|spelling", lambda case, gold: {"actor": case.right}),
    (r"furniture|boilerplate", _stamp_or_dropped),
    (r"no trading", _session),
    (r"broken", lambda case, gold: {"joined": True}),
    (r"typo", lambda case, gold: {"read": True}),
    (r"synonym", lambda case, gold: {"good": case.right.split("=")[-1].strip()}),
    (r"\bvs\b", _no_scope),
    (r"intention|forecast|hope|threat|title word|quoted|attribution", _no_event),
)
