"""Numbers with their units in a sentence: what was counted, paid or priced, and in which role."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from potash.news.language import quantity_patterns as patterns
from potash.news.records import Quantity


@dataclass(frozen=True, slots=True)
class _Unit:
    """What stands behind a figure: name, kind, where it ends, and the factor from the figure to the unit."""

    name: str
    kind: str
    end: int
    factor: float = 1.0


@dataclass(slots=True)
class _Number:
    """A figure on its way to a Quantity; ``lead`` is where its own words ("more than") start."""

    lead: int
    start: int
    end: int
    value: float
    unit: _Unit
    money: str
    scale: str
    bound: str
    signed: bool
    joined: bool
    role: str = ""


def find_quantities(sentence: str) -> list[Quantity]:
    """Return the quantities of a sentence in order, without overlap; offsets count from its start.

    Money is in whole units of its currency (``USD``), a price per unit (``USD per tonne``), weights in ``tonnes`` unless
    ``short tons`` are meant; persons and things bear their plural noun, in lower case. A range gives two quantities, its
    ends. What rose or fell has the role ``change`` and a sign; ``capacity`` is what a plant can make; both stand beside
    the roles that :class:`Quantity` names. Dates, clock times, names and the numbers of laws, pages or telephones are no
    quantities, nor are "dozens" and "hundreds".
    """
    if not patterns.HINT.search(sentence):
        return []
    numbers = _scan(sentence)
    _name_bare(sentence, numbers)
    _assign_roles(sentence, numbers)
    return [
        Quantity(item.start, item.end, round(item.value * item.unit.factor, 6), item.unit.name, item.role, item.bound)
        for item in numbers
    ]


def _scan(text: str) -> list[_Number]:
    """Return the figures of a sentence with their units, still without roles."""
    numbers: list[_Number] = []
    for match in patterns.SCAN.finditer(text):
        if match["skip"] is not None or (numbers and match.start("figure") < numbers[-1].end):
            continue
        item = _read(text, match, numbers[-1] if numbers else None)
        if not _counts_nothing(text, match, item):
            if item.joined:
                _complete(numbers[-1], item)
            numbers.append(item)
        elif item.joined:
            numbers.pop()
    return numbers


def _before(text: str, end: int) -> str:
    """Return the words before a position, few enough that a long text is still read in linear time."""
    return text[max(0, end - 60) : end]


def _complete(first: _Number, second: _Number) -> None:
    """Give the lower end of a range what only its upper end says: ``10-12 million tonnes``."""
    if second.scale and not first.scale and first.value <= second.value / _factor(second.scale):
        first.value, first.scale = first.value * _factor(second.scale), second.scale
    first.unit = replace(second.unit, end=first.end)


def _read(text: str, match: re.Match[str], previous: _Number | None) -> _Number:
    start, symbol = match.start(), re.sub(r"[\s.]+$", "", match["currency"] or "").upper()
    if previous is not None and start < previous.end:  # "61.29 USD 3.02%": the code belongs to the figure before it
        start, symbol = match.start("figure"), ""
    money = patterns.CURRENCIES.get(symbol, symbol.removesuffix("$").rstrip() or symbol)
    joined = previous is not None and _joins(text, previous, start, money)
    if joined and previous is not None:
        money = previous.money
    scale, end = match["large"] or match["letter"] or "", match.end()
    if match["gap"] and not money and not patterns.TONNES_NEXT.match(text, end):
        scale, end = "", match.start("gap")
    figure = match["figure"].lower()
    value = (_digits(figure) if figure[0].isdigit() else _spelled(figure)) + (0.5 if match["half"] else 0.0)
    value *= _factor(scale) * (-1 if match["sign"] in {"-", "−"} else 1)
    unit = _unit(text, end, money, value, scale)
    bound, lead = _bound(text, start)
    return _Number(
        lead=lead, start=start, end=unit.end, value=value, unit=unit, money=money, scale=scale,
        bound="more than" if match["plus"] else bound, signed=bool(match["sign"]), joined=joined,
    )  # fmt: skip


def _joins(text: str, previous: _Number, start: int, money: str) -> bool:
    """Return whether a range goes on: ``10-12``, ``$40 to $45``, ``between 63 and 67``."""
    if previous.unit.kind not in {"bare", "money"} or (money and money != previous.money):
        return False
    between = text[previous.end : start].strip().lower()
    opened = patterns.BETWEEN.search(_before(text, previous.lead))
    return between in {"-", "–", "—", "to", "or"} or (between == "and" and opened is not None)


def _bound(text: str, start: int) -> tuple[str, int]:
    """Return the bound before a figure and where its words start."""
    match = patterns.BOUND.search(text, max(0, start - 30), start)
    if match is None or (
        match[0].strip().lower() in {"over", "about"} and patterns.SUBJECT.search(_before(text, match.start()))
    ):
        return "", start
    return {"less": "less than", "more": "more than"}.get(match.lastgroup or "", "about"), match.start()


def _factor(scale: str) -> float:
    return math.prod(patterns.LARGE[word.removesuffix("s")] for word in re.split(r"[\s-]+", scale.lower()) if word)


def _digits(figure: str) -> float:
    plain = re.sub(r"\s", "", figure)
    if re.fullmatch(r"\d+,\d{1,2}", plain):
        return float(plain.replace(",", "."))
    return float(plain.replace(",", "") if plain.count(".") < 2 else plain.replace(".", ""))


def _spelled(figure: str) -> float:
    if figure.startswith("half"):
        return 0.5
    total = current = 0.0
    for word in re.split(r"[\s,-]+", figure):
        if word == "hundred":
            current *= 100
        elif word == "thousand":
            total, current = total + current * 1000, 0.0
        else:
            current += patterns.SPELLED[word]
    return total + current


def _unit(text: str, end: int, money: str, value: float, scale: str) -> _Unit:
    """Return the unit that follows a figure, or the noun that it counts."""
    measure = None if money else patterns.MEASURE.match(text, end)
    if measure:
        return _measured(text, measure, value, scale)
    after = None if money else patterns.CURRENCY_AFTER.match(text, end)
    if after:
        name = after[0].strip(" -")
        codes = (code for pattern, code in patterns.CURRENCY_NAMES if re.fullmatch(pattern, name, re.I))
        money, end = next(codes, patterns.CURRENCIES.get(name, name)), after.end()
    if not money:
        return _counted(text, end, value)
    per = patterns.PER.match(text, end)
    if per is None:
        return _Unit(money, "money", end)
    name = re.sub(r"\s+", " ", per["per"].lower())
    name = patterns.PER_NAMES.get(name, name)
    return _Unit(f"{money} per {name}", "money" if name in patterns.TIMES else "price", per.end())


def _measured(text: str, match: re.Match[str], value: float, scale: str) -> _Unit:
    end = match.end()
    if match["tonnes"]:
        return _weight(text, match, value, scale)
    if match["time"]:
        span = (match["span"] or "hour").lower()
        aged = patterns.OLD.match(text, end)
        return _Unit(patterns.SHORT_TIMES.get(span, span) + "s", "age" if aged else "time", end)
    if match["points"]:
        return _Unit("basis points" if "b" in match["points"].lower() else "percentage points", "points", end)
    if match["percent"]:
        return _Unit("%", "percent", end)
    return _Unit("short tons" if match["short"] else match["other"].strip(), "other", end)


def _weight(text: str, match: re.Match[str], value: float, scale: str) -> _Unit:
    """Return tonnes with what scales to them; "Mt" and "12mt" are millions, "650,000 mt" metric tons."""
    words, prefix = match["tonnes"], (match["prefix"] or "").lower()
    factor = {"k": 1e3, "mm": 1e6}.get(prefix, 1.0)
    millions = match["rate"] or words.endswith("Mt") or (not words[0].isspace() and value < 100)
    if prefix == "m" and millions and not scale and value < 10_000:
        factor = 1e6
    period, end = match["rate"] or "", match.end()
    spread = None if period else patterns.RATE.match(text, end)
    if spread:
        period, end = spread["per"] or spread["adverb"], spread.end()
    period = patterns.PERIODS.get(period.lower(), period.lower())
    return _Unit(f"tonnes per {period}" if period else "tonnes", "tonnes", end, factor)


def _counted(text: str, end: int, value: float) -> _Unit:
    """Return the noun behind up to three adjectives, or no name if none follows."""
    cursor, adjectives = end, 0
    while adjectives <= 3 and (match := patterns.NEXT_WORD.match(text, cursor)):
        word = match[1].lower()
        noun = {"person": "people"}.get(word, word + "s") if value == 1 else word
        if noun in patterns.PERSONS or (value != 1 and _is_plural(word)):
            return _Unit(patterns.PERSONS.get(noun, noun), "count", match.end())
        if word in patterns.STOPS and not (word in {"and", "or"} and adjectives):
            break
        cursor, adjectives = match.end(), adjectives + 1
    return _Unit("", "bare", end)


def _is_plural(word: str) -> bool:
    ending = word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is", "'s", "’s"))
    return word in patterns.PLURALS or (ending and word not in patterns.STOPS and word not in patterns.PASSED)


def _counts_nothing(text: str, match: re.Match[str], item: _Number) -> bool:
    """Return whether a figure belongs to a date, a name or an expression that counts nothing."""
    before, kind, figure = _before(text, match.start()), item.unit.kind, match["figure"].lower()
    if kind == "time":
        one_day = figure == "one" and text[match.end() : item.end] == " day"
        dated = patterns.DATED_AFTER.match(text, item.end) and not patterns.LASTING.search(_before(text, item.lead))
        return one_day or bool(dated or patterns.DATED_BEFORE.search(_before(text, item.lead)))
    plain = not (item.money or item.scale or item.signed)
    has_unit = kind not in {"bare", "count"} or item.unit.name in patterns.PERSONS
    if plain and re.fullmatch(r"(?:19|20)\d\d", figure):
        return bool(patterns.YEAR_BEFORE.search(before)) if has_unit else kind == "bare" or not item.bound
    return not has_unit and (
        _is_label(before, text[match.end() : match.end() + 9], figure) or (plain and _is_name(text, match, kind))
    )


def _is_label(before: str, after: str, figure: str) -> bool:
    """Return whether a figure numbers a thing: ``5G``, ``[3]``, ``two-way``, ``1.`` at the start, ``Ann, 71,``."""
    if figure == "one":
        return patterns.ONE_TO_TWO.match(after) is None
    digits = figure.isdigit()
    return bool(
        patterns.WORDLIKE.match(after)
        or patterns.NUMBERED.search(before)
        or (digits and (len(figure) >= 7 or (len(figure) > 1 and figure[0] == "0")))
        or (digits and not before.strip(" (*") and re.match(r"[.)]\s", after))
        or (digits and len(figure) == 2 and after.startswith(",") and patterns.AGE_BEFORE.search(before))
    )


def _is_name(text: str, match: re.Match[str], kind: str) -> bool:
    """Return whether a figure is part of a name: ``Soligorsk 4``, ``Air Force One``. Capitals of headlines tell nothing."""
    words = re.findall(r"[^\W\d_]{4,}", text[:400])
    if len(words) > 2 and sum(word[0].isupper() for word in words) > 0.6 * len(words):
        return False
    before, figure = _before(text, match.start()), match["figure"]
    if not figure[0].isdigit():
        return figure[0].isupper() and re.search(r"\w\s+$", before) is not None
    return kind == "bare" and figure.isdigit() and len(figure) <= 4 and patterns.CAPITALISED.search(before) is not None


def _name_bare(text: str, numbers: list[_Number]) -> None:
    """Give a figure without a noun what its neighbour counts: ``14 of the 52 prisoners``, ``3 million tonnes from 5 million``."""
    persons = tonnes = ""
    for item, later in zip_longest(numbers, numbers[1:]):
        if item.unit.kind == "bare":
            if later and later.unit.name in patterns.PERSONS and patterns.OF_THE.fullmatch(text, item.end, later.lead):
                persons = later.unit.name
            freed = "people" if patterns.FREED_BARE.search(_before(text, item.lead)) else ""
            name = (tonnes if item.scale else persons) or freed
            item.unit = _Unit(name, "count" if name else "bare", item.end)
        elif item.unit.kind == "tonnes":
            tonnes = item.unit.name
        persons = item.unit.name if item.unit.name in patterns.PERSONS else persons


def _assign_roles(text: str, numbers: list[_Number]) -> None:
    """Set the role of every figure: by its own form first, by the words around it otherwise."""
    previous: _Number | None = None
    priced = {item.money for item in numbers if item.unit.kind == "price"}
    for chain in _linked(numbers, lambda _, item: item.joined):
        role, sign = _own_role(text, chain, previous, priced)
        for item in chain:
            item.role, item.value = role, item.value * sign
            previous = item
    counted = [item for item in numbers if not item.role]
    lists = list(_linked(counted, lambda last, item: patterns.LIST.fullmatch(text, last.end, item.lead) is not None))
    for at, group in enumerate(lists):
        left = text[lists[at - 1][-1].end if at else 0 : group[0].lead]
        right = text[group[-1].end : lists[at + 1][0].lead if at + 1 < len(lists) else len(text)]
        role = _role_around(left, right)
        for item in group:
            item.role = _fitting(text, item, role)


def _linked(numbers: list[_Number], link: Callable[[_Number, _Number], bool]) -> Iterator[list[_Number]]:
    """Yield runs of figures in which each is linked to the one before it."""
    run: list[_Number] = []
    for item in numbers:
        if run and not link(run[-1], item):
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _own_role(text: str, chain: list[_Number], previous: _Number | None, priced: set[str]) -> tuple[str, int]:
    """Return the role that a figure or range has by its own form, or an empty text, and the sign of a move."""
    first, last = chain[0], chain[-1]
    kind = last.unit.kind
    if kind in {"time", "age"}:
        return ("duration" if kind == "time" else "other"), 1
    if first.signed:
        return "change", 1
    if kind in {"bare", "count", "other"}:
        return "", 1
    if kind == "percent" and patterns.SHARE_BEFORE.search(_before(text, first.lead)):
        return "share", 1
    small = not first.scale and last.value < 10_000
    sign = _move(text, chain, previous) if kind != "money" or small else 0
    if sign:
        return "change", sign
    if kind == "percent":
        return ("share" if patterns.SHARE_AFTER.match(text, last.end) else ""), 1
    is_price = last.money in priced or patterns.PRICED.search(_before(text, first.lead))
    return ("price" if kind == "price" or (kind == "money" and small and is_price) else ""), 1


def _move(text: str, chain: list[_Number], previous: _Number | None) -> int:
    """Return 1 or -1 where the words say that something rose or fell by the figure, else 0."""
    first, last = chain[0], chain[-1]
    moved = patterns.MOVED.search(_before(text, first.lead))
    if moved and last.unit.kind == "tonnes" and not moved["by"] and moved[0].split()[0].lower() not in {"up", "down"}:
        moved = None
    moved = moved or patterns.MOVE_AFTER.match(text, last.end)
    if moved:
        return -1 if moved["down"] else 1
    if previous and previous.role == "change" and previous.unit.name == last.unit.name:
        goes_on = patterns.MOVE_GOES_ON.fullmatch(text, previous.end, first.lead) and not patterns.SHARE_AFTER.match(
            text, last.end
        )
        return (-1 if previous.value < 0 else 1) if goes_on else 0
    return 0


def _role_around(before: str, after: str) -> str:
    """Return the role that the words before and after a figure give it."""
    left, right = patterns.BORDER.split(before)[-1], patterns.BORDER.split(after, maxsplit=1)[0]
    for role, pattern_before, pattern_after in patterns.CUES:
        freeing = role == "stock" and patterns.FREEING.search(left)
        if pattern_before.search(left) or (pattern_after.search(right) and not freeing):
            return role
    for role, pattern in patterns.EITHER_SIDE:
        if _holds(pattern, patterns.AND.split(left)[-1], ahead=True) or _holds(
            pattern, patterns.AND.split(right, maxsplit=1)[0]
        ):
            return role
    return "flow"


def _holds(pattern: re.Pattern[str], words: str, *, ahead: bool = False) -> bool:
    """Return whether a cue among the words before (``ahead``) or behind a figure speaks of that figure.

    Between them stands no comma, unless the cue opens or closes its clause; "the largest since" compares.
    """
    cue = pattern.search(words)
    if cue is None or patterns.SUPERLATIVE.search(words[: cue.start()]):
        return False
    if ahead:
        return "," not in words[cue.end() :] or len(words[: cue.start()].strip(" ,")) < 12
    return "," not in words[: cue.start()].rstrip(" ,")


def _fitting(text: str, item: _Number, role: str) -> str:
    """Return the role unless it does not fit the figure: a percentage is no stock, "the two sides" are no flow."""
    if item.unit.kind == "percent" and role in {"total", "stock"}:
        return "flow"
    small = item.unit.kind == "count" and item.value <= 12 and item.unit.name not in patterns.PERSONS
    return "other" if small and patterns.DEFINITE.search(_before(text, item.lead)) else role
