"""What a perfect reader finds in a folder of articles: reading and checking a gold file."""

from __future__ import annotations

import calendar
import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from potash.errors import EventsError, close_to, listed
from potash.news.tables.event_table import is_date

KINDS = (
    "sanctions_imposed", "sanctions_tightened", "sanctions_eased", "prisoner_release", "diplomatic_talks", "accident",
    "supply_disruption", "output_cut", "tariff", "contract_price", "company_news", "statement", "transport", "military",
    "election", "protest_crackdown", "aid", "legal", "policy",
)  # fmt: skip
_KIND_ALIASES = {"border/transport": "transport"}
ISO_DATE = re.compile(r"\b(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?\b(?!-)")
_PRECISION = re.compile(r"(time|day|month|year|range|none|undated|unresolved)\b")
_LENGTHS = {"time": (10,), "day": (10,), "month": (7,), "year": (4,), "range": (4, 7, 10)}
_UNDATED = {"", "none", "undated", "unresolved"}

# Who acts and what it is about, where the gold has no scope of its own: name, and the words that tell it.
_AUTHORITY_WORDS = {
    "US": r"United States|U\.S\.|US|American|Washington|White House|Trump|Biden|Coale|Treasury|OFAC|State Department",
    "EU": r"European|EU|Brussels", "UK": r"United Kingdom|UK|Britain|British", "Ukraine": r"Ukrain\w+|Kyiv",
    "Belarus": r"Belarus\w*|Lukashenk\w+|Minsk|Viasna|Tsikhanouskaya", "Russia": r"Russia\w*|Putin|Kremlin|Moscow",
    "Lithuania": r"Lithuania\w*|Klaip[eė]da|Vilnius", "Poland": r"Poland|Polish|Warsaw", "Morocco": r"Morocc\w+",
    "Canada": r"Canad\w+|Ottawa|Saskatchewan|Canpotex|Nutrien", "Germany": r"German\w*|Berlin", "Norway": r"Norw\w+|Oslo",
    "China": r"China|Chinese|Beijing", "India": r"Indian?|New Delhi", "Israel": r"Israel\w*|ICL",
    "Brazil": r"Brazil\w*", "Venezuela": r"Venezuela\w*|Maduro",
}  # fmt: skip
_GOODS_WORDS = {
    "potash": r"(?i:potash|potassium)|MOP|KCl|Belaruskali|BPC|Uralkali", "airline": r"(?i:airlines?)|Belavia",
    "nitrogen": r"(?i:nitrogen|urea|ammonia)", "phosphate": r"(?i:phosphates?)", "oil": r"(?i:oil|petroleum)",
    "fertilizer": r"(?i:fertili[sz]ers?)", "banks": r"(?i:banks?)|Belinvestbank", "grain": r"(?i:grain|wheat|corn)",
}  # fmt: skip
# Words of a scope that repeat the kind of event and name nothing traded.
_NO_GOODS = {"prisoners", "sanctions"}

# What a hard case may expect, and the fields that an object needs.
_EXPECTED: dict[str, tuple[str, ...]] = {
    "date": (), "date_end": (), "published": (), "no_event": (), "event": (), "actor": (), "source_chain": (),
    "dropped": (), "quantity": ("value", "unit"), "not_quantity_of": ("value", "kind", "role"),
    "price_claim": ("ticker", "date", "told"),
}  # fmt: skip
_LISTS, _DATES = ("no_event", "source_chain"), ("date", "date_end", "published")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Support:
    """Where an article tells something: character offsets into the file read as UTF-8, end exclusive."""

    file: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class GoldEvent:
    """One event of a gold file: ``kind`` of :data:`KINDS`, ``date`` (and ``date_end`` of a range) empty if undated.

    ``authorities`` and ``goods`` are the scope; ``quantities`` are values with units; ``apart`` are the ids of events
    that must not be merged with this one; ``status`` is the first word of the file's status.
    """

    gold_id: str
    title: str
    kind: str
    status: str
    date: str
    date_end: str
    authorities: tuple[str, ...]
    goods: tuple[str, ...]
    actors: tuple[str, ...]
    quantities: tuple[tuple[float, str], ...]
    apart: tuple[str, ...]
    supports: tuple[Support, ...]


@dataclass(frozen=True, slots=True)
class GoldCase:
    """A place where a naive reader errs: the span, the error, the right reading, and ``expect`` if the file states it."""

    kind: str
    support: Support
    naive_error: str
    right: str
    expect: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Gold:
    """A gold file: events, hard cases, each page's date (``None`` if not stated), and the ids that must be found."""

    path: Path
    events: tuple[GoldEvent, ...]
    cases: tuple[GoldCase, ...]
    published: Mapping[str, str | None]
    minimum: tuple[str, ...] = ()
    flagship: str = ""

    @property
    def files(self) -> set[str]:
        """Names of the files that the gold knows."""
        supports = [s for event in self.events for s in event.supports] + [case.support for case in self.cases]
        return {support.file for support in supports} | set(self.published)


def meets(span: tuple[str, int, int], support: Support) -> bool:
    """Return whether a span of a file (its name, start, end) overlaps a support."""
    return span[0] == support.file and span[1] < support.end and support.start < span[2]


def date_interval(date: str, date_end: str = "") -> tuple[dt.date, dt.date]:
    """Return the first and last day of a day, month, year or range; ``ValueError`` if there is none.

    Examples
    --------
    >>> date_interval("2022-02")
    (datetime.date(2022, 2, 1), datetime.date(2022, 2, 28))
    """
    last = (date_end or date) + "-12" * (len(date_end or date) == 4)
    if len(last) == 7:
        last += f"-{calendar.monthrange(int(last[:4]), int(last[5:]))[1]}"
    return dt.date.fromisoformat((date + "-01-01")[:10]), dt.date.fromisoformat(last[:10])


def dates_agree(gold: tuple[str, str], emitted: tuple[str, str]) -> bool:
    """Return whether a told date, with its end, agrees with the gold's at the gold's precision.

    A day wants that day, a range its start and its end, a month or year anything within; undated wants undated.

    Examples
    --------
    >>> dates_agree(("2022-02", ""), ("2022-02-17", "")), dates_agree(("2022-02-17", ""), ("2022-02", ""))
    (True, False)
    """
    if not gold[0] or not emitted[0]:
        return gold[0] == emitted[0]
    (first, last), (start, end) = date_interval(*gold), date_interval(*emitted)
    if (first, last) == (start, end):
        return True
    if gold[1]:
        return emitted[0].startswith(gold[0]) and emitted[1].startswith(gold[1])
    return len(gold[0]) < 10 and first <= start and end <= last


def read_gold(path: str | Path) -> Gold:
    """Read and check a gold file (JSON, UTF-8): ``events``, and if present ``hard_cases`` and ``publication``.

    Raises
    ------
    EventsError
        If the file cannot be read or breaks the form; up to eight faults are named with their place.
    """
    source = Path(path)
    document = _document(source)
    problems: list[str] = []
    events = tuple(_each(document, "events", _event, problems))
    ids = [event.gold_id for event in events]
    cases = tuple(_each(document, "hard_cases", partial(_case, ids=ids), problems))
    pages = dict(_each(document, "publication", _page, problems))
    minimum, flagship = tuple(document.get("minimum_for_a_good_extractor", ())), str(document.get("flagship", ""))
    problems += [f"event id {name!r} stands more than once" for name in sorted({n for n in ids if ids.count(n) > 1})]
    references = [(event.gold_id, other) for event in events for other in event.apart]
    references += [("minimum_for_a_good_extractor", name) for name in minimum] + [("flagship", flagship)] * bool(
        flagship
    )
    problems += [f"{where} names {name!r}, which is no event" for where, name in references if name not in ids]
    if problems:
        raise EventsError(f"gold {source}: {listed(problems)}. Correct the file and run again.")
    return Gold(source, events, cases, pages, minimum, flagship)


def _document(source: Path) -> dict[str, Any]:
    try:
        document = json.loads(source.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise EventsError(f"gold {source}: cannot be read ({error.strerror}). Name a JSON file.") from error
    except ValueError as error:
        raise EventsError(f"gold {source}: is no JSON in UTF-8 ({error}). Correct the file.") from error
    if not isinstance(document, dict) or not document.get("events"):
        content = listed(document) if isinstance(document, dict) else type(document).__name__
        raise EventsError(f"gold {source}: needs an object with a list of events that is not empty; found {content}.")
    return document


def _each(document: dict[str, Any], name: str, parse: Callable[..., _T], problems: list[str]) -> Iterable[_T]:
    """Yield the parsed items of a list of the file; what is wrong with an item goes to ``problems``."""
    items = document.get(name, [])
    if not isinstance(items, list):
        problems.append(f"{name} is {type(items).__name__}, not a list")
        return
    for number, item in enumerate(items, 1):
        try:
            if not isinstance(item, dict):
                raise EventsError(f"{item!r} is not an object")
            yield parse(item)
        except EventsError as error:
            label = item.get("id", "") if isinstance(item, dict) else ""
            problems.append(f"{name}[{number}] {label}: {str(error).rstrip('.')}")


def _field(item: dict[str, Any], name: str, form: type[_T]) -> _T:
    value = item.get(name)
    if not isinstance(value, form) or isinstance(value, bool):
        raise EventsError(f"{name} is {value!r}, not {form.__name__}; found the fields {listed(item, 20)}")
    return value


def _texts(item: dict[str, Any], name: str) -> tuple[str, ...]:
    return tuple(map(str, _field(item, name, list))) if item.get(name) is not None else ()


def _page(item: dict[str, Any]) -> tuple[str, str | None]:
    stamp = re.match(r"\d{4}-\d\d-\d\d(T\d\d:\d\d)?", _field(item, "published", str))
    return _field(item, "file", str), stamp[0] if stamp else None


def _support(item: object) -> Support:
    if not isinstance(item, dict):
        raise EventsError(f"support {item!r} is not an object")
    start, end, quote = _field(item, "start", int), _field(item, "end", int), _field(item, "quote", str)
    if not 0 <= start < end or len(quote) != end - start:
        raise EventsError(
            f"support {start}-{end} with a quote of {len(quote)} characters: end is exclusive, and the quote fills the span"
        )
    return Support(_field(item, "file", str), start, end, quote)


def _event(item: dict[str, Any]) -> GoldEvent:
    date, date_end = _when(item)
    authorities, goods = _scope(item)
    status = re.match(r"[a-z]*", str(item.get("status", "")).lower())
    return GoldEvent(
        gold_id=_field(item, "id", str), title=_field(item, "title", str), kind=_kind(_field(item, "type", str)),
        status=status[0] if status else "", date=date, date_end=date_end, authorities=authorities, goods=goods,
        actors=_texts(item, "actors"), quantities=tuple(_quantity(q) for q in item.get("quantities") or ()),
        apart=_texts(item, "must_not_merge_with"), supports=tuple(_support(s) for s in _field(item, "supports", list)),
    )  # fmt: skip


def _kind(name: str) -> str:
    kind = _KIND_ALIASES.get(name, name)
    if kind not in KINDS:
        raise EventsError(f"type {name!r}{close_to(name, KINDS)} is not one of {listed(KINDS, 30)}")
    return kind


def _quantity(item: object) -> tuple[float, str]:
    value = item.get("value") if isinstance(item, dict) else None
    if not isinstance(item, dict) or isinstance(value, bool) or not isinstance(value, int | float):
        raise EventsError(f"quantity {item!r} needs a value that is a number")
    return float(value), str(item.get("unit", ""))


def _when(item: dict[str, Any]) -> tuple[str, str]:
    """Return date and end; a precision may be told in words (``day (implied)``, ``range 2020 to 2025``)."""
    date, end, words = _field(item, "date", str), str(item.get("date_end") or ""), str(item.get("date_precision") or "")
    match = _PRECISION.match(words.lower())
    if words and not match:
        raise EventsError(f"date_precision {words!r} does not start with one of {listed(_LENGTHS)}, none")
    precision = match[1] if match else ""
    if (date in _UNDATED) != (precision in _UNDATED) and words:
        raise EventsError(f"date {date!r} does not go with date_precision {words!r}")
    if date in _UNDATED:
        return "", ""
    if precision == "range" and len(ISO_DATE.findall(words)) == 2:
        date, end = ISO_DATE.findall(words)
    allowed = _LENGTHS["range" if end or not precision else precision]
    for value in filter(None, (date, end)):
        if not _is_iso(value) or len(value) not in allowed:
            raise EventsError(f"date {value!r} is no date of precision {precision or 'day, month or year'}")
    if end and date_interval(date)[0] > date_interval(end)[1]:
        raise EventsError(f"the range ends on {end} before it starts on {date}")
    return date, end


def _is_iso(value: object) -> bool:
    return isinstance(value, str) and bool(ISO_DATE.fullmatch(value)) and is_date(value)


def _scope(item: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return authorities and goods; in a scope the names of authorities have a capital, goods have none."""
    if item.get("scope") is not None:
        words = _texts(item, "scope")
        authorities = tuple(word for word in words if word[:1].isupper())
        return authorities, tuple(word for word in words if word not in {*authorities, *_NO_GOODS})
    title = str(item.get("title", ""))
    goods = named_in(_GOODS_WORDS, " | ".join([title, *_texts(item, "commodities"), *_texts(item, "companies")]))
    special = goods if len(goods) == 1 else tuple(good for good in goods if good != "fertilizer")
    return named_in(_AUTHORITY_WORDS, " | ".join([title, *_texts(item, "actors")])), special


def named_in(table: Mapping[str, str], text: str) -> tuple[str, ...]:
    """Return the names of a table whose pattern stands in a text as whole words."""
    return tuple(name for name, words in table.items() if re.search(rf"(?<!\w)(?:{words})(?!\w)", text))


def _case(item: dict[str, Any], ids: list[str]) -> GoldCase:
    expect = _field(item, "expect", dict) if item.get("expect") is not None else None
    for name, value in (expect or {}).items():
        _check_expected(name, value, ids)
    texts = (str(item.get("naive_error", "")), str(item.get("right", "")))
    return GoldCase(_field(item, "kind", str), _support(item.get("support")), *texts, expect)


def _check_expected(name: str, value: Any, ids: list[str]) -> None:
    """Raise :class:`EventsError` unless an expectation is known and its value has its form."""
    if name not in _EXPECTED:
        raise EventsError(f"expect {name!r}{close_to(name, _EXPECTED)} is not one of {listed(_EXPECTED, 20)}")
    absent = [field for field in _EXPECTED[name] if not isinstance(value, dict) or field not in value]
    if absent:
        raise EventsError(f"expect {name} is {value!r} and lacks {listed(absent)}")
    if name in _LISTS and not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
        raise EventsError(f"expect {name} is {value!r}, not a list of names")
    if name in _DATES and value is not None and not _is_iso(str(value)[:10]):
        raise EventsError(f"expect {name} is {value!r}, not a date (YYYY-MM-DD) or null")
    if name == "event" and value not in ids:
        raise EventsError(f"expect event {value!r}: there is no such event")
    for kind in value if name == "no_event" else [value["kind"]] if name == "not_quantity_of" else []:
        _kind(kind)
