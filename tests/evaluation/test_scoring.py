"""Gold files are checked, and a reading is scored as a sceptic would: one to one, at the gold's precision, with evidence."""

import json
import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from potash.errors import EventsError
from potash.news.records import Article, Claim, DateMention, Paragraph, Publication, Quantity
from tests.evaluation.gold import Gold, dates_agree, read_gold
from tests.evaluation.scoring import combine, format_score, score
from tests.paths import OWN_ARTICLES, SHARED

OWN = OWN_ARTICLES / "second" / "gold.json"
GIVEN = SHARED / "truth" / "timeline_gold.json"

# A page of our own; sentences are told apart by their first words.
SENTENCES = (
    "Menu | Prices | Log in",
    "Kiel, 14 March 2023. Norway ended its ban on Belarusian potash on Monday, the ministry told Reuters.",
    "Two days before, Minsk freed 40 prisoners in one group.",
    "In Minsk, 9 of the 40 were kept under house arrest.",
    "More than 600 prisoners have walked out since the thaw began.",
    "The ministry had imposed the ban in 2021 after the flight was forced down.",
    "More relief will come, said envoy Jon Cole, once all prisoners are home.",
    "A tender in India is under way.",
)
TEXT = "\n".join(SENTENCES)
FILE = "page.txt"


def span(words: str, text: str = TEXT) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def sentence(opening: str) -> str:
    return next(each for each in SENTENCES if each.startswith(opening))


def support(words: str, file: str = FILE) -> dict:
    start, end = span(words)
    return {"file": file, "start": start, "end": end, "quote": words, "role": "support"}


def gold_event(name: str, kind: str, date: str, *openings: str, **more: object) -> dict:
    shape = {10: "day", 7: "month", 4: "year"}.get(len(date), "none")
    precision = "none" if date == "undated" else shape
    return {
        "id": name, "title": f"event {name}", "type": kind, "date": date, "date_end": None, "date_precision": precision,
        "scope": [], "status": "done", "foreground": True, "actors": [], "quantities": [], "must_not_merge_with": [],
        "supports": [support(sentence(opening)) for opening in openings],
    } | more  # fmt: skip


RELIEF = gold_event("E01", "sanctions_eased", "2023-03-13", "Kiel", scope=["Norway", "potash"], status="announced")
RELEASE = gold_event(
    "E02", "prisoner_release", "2023-03-11", "Two days", scope=["Belarus", "prisoners"],
    quantities=[{"value": 40, "unit": "prisoners"}], must_not_merge_with=["E04"],
)  # fmt: skip
BAN = gold_event("E03", "sanctions_imposed", "2021", "The ministry", scope=["Norway"])
TOTAL = gold_event(
    "E04", "prisoner_release", "undated", "More than 600", scope=["Belarus"], status="aggregate",
    quantities=[{"value": 600, "unit": "prisoners, cumulative"}],
)  # fmt: skip


def write(folder: Path, events: list[dict], cases: list[dict] = (), **more: object) -> Path:
    path = folder / "gold.json"
    pages = [{"file": FILE, "published": "2023-03-14", "timezone": None, "publisher": "Harbour Notes"}]
    content = {"about": "a page", "publication": pages, "events": events, "hard_cases": list(cases)} | more
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def gold_of(folder: Path, events: list[dict], cases: list[dict] = (), **more: object) -> Gold:
    return read_gold(write(folder, events, cases, **more))


@dataclass(frozen=True, slots=True)
class Event:
    event_id: str
    kind: str
    date: str
    claims: tuple[Claim, ...]
    date_end: str = ""
    precision: str = "day"
    authorities: tuple[str, ...] = ()
    goods: tuple[str, ...] = ()
    status: str = "done"
    actors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceClaim:
    article_id: str
    start: int
    end: int
    ticker: str
    date: str
    percent: float


@dataclass(frozen=True, slots=True)
class MadeReading:
    articles: tuple[Article, ...]
    events: tuple[Event, ...]
    loose: tuple[Claim, ...] = ()
    date_mentions: tuple[DateMention, ...] = ()
    found_quantities: tuple[Quantity, ...] = ()
    found_actors: tuple[tuple[int, int, str], ...] = ()
    price_claims: tuple[PriceClaim, ...] = ()
    problems: tuple[object, ...] = field(default=())

    @property
    def claims(self) -> tuple[Claim, ...]:
        return (*(claim for event in self.events for claim in event.claims), *self.loose)

    def dates(self, article_id: str) -> tuple[DateMention, ...]:
        return self.date_mentions

    def quantities(self, article_id: str) -> tuple[Quantity, ...]:
        return self.found_quantities

    def actors(self, article_id: str) -> tuple[tuple[int, int, str], ...]:
        return self.found_actors


def page(text: str = TEXT, **more: object) -> Article:
    places = [span(each, text) for each in SENTENCES[1:] if each in text]
    parts = tuple(Paragraph(start, end) for start, end in places)
    made = Article(FILE[:-4], Path(FILE), "", "", "", Publication("2023-03-14", source="text"), text, parts)
    return replace(made, **more)


def claim(opening: str, kind: str, **more: object) -> Claim:
    start, end = span(sentence(opening))
    return Claim(FILE[:-4], start, end, (start, end), kind, **more)


def event(name: str, kind: str, date: str, *openings: str, quantities: tuple = (), **more: object) -> Event:
    claims = tuple(claim(opening, kind, quantities=quantities) for opening in openings)
    return Event(name, kind, date, claims, **more)


def people(value: float, role: str = "flow", words: str = "") -> Quantity:
    return Quantity(*(span(words) if words else (0, 1)), value, "people", role)


OUR_RELIEF = event(
    "t1", "sanctions_eased", "2023-03-13", "Kiel", authorities=("Norway",), goods=("potash",), status="announced"
)
OUR_RELEASE = event(
    "t2", "prisoner_release", "2023-03-11", "Two days", quantities=(people(40),), authorities=("Belarus",)
)
OUR_BAN = event("t3", "sanctions_imposed", "2021-05", "The ministry", authorities=("Norway",))
OUR_TOTAL = event(
    "t4", "prisoner_release", "", "More than 600", quantities=(people(600, "total"),), authorities=("Belarus",)
)


def reading(*events: Event, **more: object) -> MadeReading:
    return MadeReading(more.pop("articles", (page(),)), events, **more)


# --- the gold file


@pytest.mark.parametrize(
    ("told", "date", "end"),
    [
        ({"date": "2022-02-17", "date_precision": "day (implied)"}, "2022-02-17", ""),
        ({"date": "2022-02", "date_precision": "month (implied)"}, "2022-02", ""),
        ({"date": "2022", "date_precision": 'year, open ended ("after")'}, "2022", ""),
        ({"date": "2022", "date_precision": "year (open range)"}, "2022", ""),
        ({"date": "2022-02-17", "date_end": "2022-02-18", "date_precision": "day"}, "2022-02-17", "2022-02-18"),
        ({"date": "2022-02-17", "date_end": "2022-02-18", "date_precision": "day range"}, "2022-02-17", "2022-02-18"),
        ({"date": "2022", "date_precision": "range 2021 to 2022"}, "2021", "2022"),
        ({"date": "undated", "date_precision": "none (outside: 2021-08-09)"}, "", ""),
        ({"date": "undated", "date_precision": None}, "", ""),
        ({"date": "2022-02", "date_precision": None}, "2022-02", ""),
    ],
)
def test_precision_told_in_words_is_read(tmp_path, told, date, end):
    found = gold_of(tmp_path, [BAN | told]).events[0]
    assert (found.date, found.date_end) == (date, end)


def test_scope_of_a_gold_file_splits_into_authorities_and_goods(tmp_path):
    relief, release = gold_of(tmp_path, [RELIEF, RELEASE, TOTAL]).events[:2]
    assert (relief.authorities, relief.goods) == (("Norway",), ("potash",))
    assert (release.authorities, release.goods) == (("Belarus",), ())


@pytest.mark.parametrize(
    ("fields", "authorities", "goods"),
    [
        ({"title": "US lifts curbs on the carrier", "companies": ["Belavia"]}, {"US"}, {"airline"}),
        ({"title": "Ban extended", "actors": ["European Union"], "commodities": ["potash (MOP)"]}, {"EU"}, {"potash"}),
        ({"title": "Klaipeda closed", "actors": ["Alexander Lukashenko"]}, {"Lithuania", "Belarus"}, set()),
        ({"title": "Duty on potash fertilizer"}, set(), {"potash"}),
        ({"title": "Duty on fertilizer"}, set(), {"fertilizer"}),
        ({"title": "Thus far unsold"}, set(), set()),
    ],
)
def test_scope_is_derived_where_the_gold_has_none(tmp_path, fields, authorities, goods):
    bare = {name: value for name, value in BAN.items() if name != "scope"}
    found = gold_of(tmp_path, [bare | fields]).events[0]
    assert (set(found.authorities), set(found.goods)) == (authorities, goods)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"type": "sanctions_erased"}, "did you mean 'sanctions_eased'"),
        ({"date": "2021-02-30", "date_precision": "day"}, "2021-02-30"),
        ({"date": "2021", "date_precision": "day"}, "no date of precision day"),
        ({"date": "2021", "date_precision": "roughly"}, "roughly"),
        ({"date": "undated", "date_precision": "day"}, "does not go with"),
        ({"date": "2021", "date_precision": "none"}, "does not go with"),
        ({"date": "2021", "date_end": "2020", "date_precision": "range"}, "before it starts"),
        ({"date": None}, "date is None"),
        ({"supports": [{"file": FILE, "start": 3, "end": 3, "quote": ""}]}, "support 3-3"),
        ({"supports": [{"file": FILE, "start": 3, "end": 9, "quote": "ab"}]}, "2 characters"),
        ({"supports": ["page"]}, "is not an object"),
        ({"must_not_merge_with": ["E77"]}, "'E77', which is no event"),
        ({"quantities": [{"value": "many"}]}, "a value that is a number"),
        ({"scope": "Norway"}, "scope is 'Norway', not list"),
    ],
)
def test_a_malformed_event_is_named_with_its_place(tmp_path, change, says):
    with pytest.raises(EventsError, match=r"events\[2\] E03|E03 names") as error:
        gold_of(tmp_path, [RELIEF, BAN | change])
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ({"dates": "2021"}, "did you mean 'date'"),
        ({"event": "E55"}, "there is no such event"),
        ({"no_event": "tariff"}, "not a list"),
        ({"no_event": ["tarif"]}, "did you mean 'tariff'"),
        ({"not_quantity_of": {"value": 4, "kind": "tariff"}}, "lacks role"),
        ({"date": "13/03/2023"}, "not a date"),
    ],
)
def test_a_malformed_expectation_is_named(tmp_path, expect, says):
    with pytest.raises(EventsError, match=r"hard_cases\[1\]") as error:
        gold_of(tmp_path, [BAN], [hard("x", "in 2021", expect)])
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "no JSON"),
        (b"[]", "list of events"),
        (b'{"events": []}', "not empty"),
        (b'{"events": "x"}', "str, not a list"),
    ],
)
def test_a_file_that_is_no_gold_says_so(tmp_path, content, says):
    path = tmp_path / "gold.json"
    path.write_bytes(content)
    with pytest.raises(EventsError, match=says):
        read_gold(path)


def test_an_absent_gold_file_and_a_repeated_id_say_so(tmp_path):
    with pytest.raises(EventsError, match="cannot be read"):
        read_gold(tmp_path / "none.json")
    with pytest.raises(EventsError, match="'E03' stands more than once"):
        gold_of(tmp_path, [BAN, BAN])


@pytest.mark.parametrize(
    ("gold", "told", "agree"),
    [
        (("2022-02-17", ""), ("2022-02-17", ""), True),
        (("2022-02-17", ""), ("2022-02-18", ""), False),
        (("2022-02-17", ""), ("2022-02", ""), False),
        (("2022-02-17", ""), ("2022-02-17", "2022-02-18"), False),
        (("2022-02-17", "2022-02-18"), ("2022-02-17", "2022-02-18"), True),
        (("2022-02-17", "2022-02-18"), ("2022-02-17", ""), False),
        (("2022-01", "2022-03"), ("2022-01-01", "2022-03-31"), True),
        (("2022-01", "2022-03"), ("2022-01-10", "2022-03-02"), True),
        (("2022-01", "2022-03"), ("2022-01", "2022-04"), False),
        (("2022-02", ""), ("2022-02-17", ""), True),
        (("2022-02", ""), ("2022-02-01", "2022-02-10"), True),
        (("2022-02", ""), ("2022-02-17", "2022-03-02"), False),
        (("2022-02", ""), ("2022", ""), False),
        (("2022", ""), ("2022-02-17", ""), True),
        (("2022", ""), ("2021", ""), False),
        (("", ""), ("", ""), True),
        (("", ""), ("2022", ""), False),
        (("2022", ""), ("", ""), False),
    ],
)
def test_dates_agree_at_the_precision_of_the_gold(gold, told, agree):
    assert dates_agree(gold, told) is agree


# --- events


def test_a_perfect_reading_scores_one_and_an_empty_one_has_no_precision(tmp_path):
    gold = gold_of(tmp_path, [RELIEF, RELEASE, BAN, TOTAL], minimum_for_a_good_extractor=["E01", "E02"])
    full = score(reading(OUR_RELIEF, OUR_RELEASE, OUR_BAN, OUR_TOTAL), gold)
    assert (full.precision, full.recall, full.f1, full.date_accuracy, full.quantity_accuracy) == (1, 1, 1, 1, 1)
    assert full.minimum == (("E01", True), ("E02", True))
    none = score(reading(), gold)
    assert math.isnan(none.precision)
    assert (none.recall, none.f1, len(none.missed)) == (0, 0, 4)


def test_figures_of_a_reading_with_every_kind_of_error(tmp_path):
    """Two matched, one misdated, one missed, one extra: precision 2/4, recall 2/4, F1 4/8, dates 2/3."""
    gold = gold_of(tmp_path, [RELIEF, RELEASE, BAN, TOTAL])
    late = replace(OUR_BAN, date="2020")
    extra = event("t9", "tariff", "2023", "A tender")
    result = score(reading(OUR_RELIEF, OUR_RELEASE, late, extra), gold)
    assert (result.precision, result.recall, result.f1) == (0.5, 0.5, 0.5)
    assert result.date_accuracy == pytest.approx(2 / 3)
    assert [row.gold_id for row in result.rows("misdated")] == ["E03"]
    assert [row.gold_id for row in result.rows("missed")] == ["E04"]
    assert [row.event_id for row in result.extra] == ["t3", "t9"]


@pytest.mark.parametrize(
    ("gold", "ours", "outcome"),
    [
        (RELIEF, OUR_RELIEF, "matched"),
        (RELIEF, replace(OUR_RELIEF, kind="sanctions_imposed"), "missed"),
        (RELIEF, replace(OUR_RELIEF, authorities=("EU",)), "missed"),
        (RELIEF, replace(OUR_RELIEF, authorities=()), "matched"),
        (RELIEF, replace(OUR_RELIEF, goods=("airline",)), "missed"),
        (RELIEF, replace(OUR_RELIEF, authorities=("EU", "Norway"), goods=()), "matched"),
        (RELIEF | {"scope": ["Norway", "Belarus"]}, replace(OUR_RELIEF, authorities=("EU", "Belarus")), "missed"),
        (RELIEF, replace(OUR_RELIEF, date="2023-03-14"), "misdated"),
        (RELIEF, replace(OUR_RELIEF, date=""), "misdated"),
        (RELIEF, replace(OUR_RELIEF, claims=(claim("A tender", "sanctions_eased"),)), "missed"),
        (RELIEF | {"type": "border/transport"}, replace(OUR_RELIEF, kind="transport", goods=("oil",)), "matched"),
        (RELIEF | {"type": "statement"}, replace(OUR_RELIEF, kind="statement", authorities=("EU",)), "matched"),
        (
            RELIEF | {"type": "statement"},
            replace(OUR_RELIEF, kind="statement", authorities=("EU",), goods=()),
            "missed",
        ),
        (
            RELIEF | {"type": "statement", "actors": ["Jon Coale"]},
            replace(OUR_RELIEF, kind="statement", authorities=("EU",), goods=(), actors=("John Coale",)),
            "matched",
        ),
    ],
)
def test_an_event_matches_by_kind_date_scope_and_evidence(tmp_path, gold, ours, outcome):
    result = score(reading(ours), gold_of(tmp_path, [gold]))
    assert result.events[0].outcome == outcome


def test_each_event_is_matched_once_and_the_one_with_more_evidence_wins(tmp_path):
    gold = gold_of(
        tmp_path, [RELEASE | {"supports": [support(sentence("Two days")), support(sentence("In Minsk"))]}, TOTAL]
    )
    thin = replace(OUR_RELEASE, event_id="thin")
    full = event("full", "prisoner_release", "2023-03-11", "Two days", "In Minsk")
    result = score(reading(thin, full), gold)
    assert [row.event_id for row in result.matched] == ["full"]
    assert [row.event_id for row in result.rows("extra")] == ["thin"]


def test_as_many_events_as_possible_are_matched(tmp_path):
    """Taken one by one, the broad event would take the only partner that the narrow one has."""
    both = [support(sentence("Two days")), support(sentence("In Minsk"))]
    gold = gold_of(
        tmp_path,
        [RELEASE | {"supports": both, "must_not_merge_with": []}, RELEASE | {"id": "E09", "must_not_merge_with": []}],
    )
    broad = event("broad", "prisoner_release", "2023-03-11", "Two days", "In Minsk")
    narrow = event("narrow", "prisoner_release", "2023-03-11", "In Minsk")
    assert len(score(reading(broad, narrow), gold).matched) == 2


def test_events_of_files_that_the_gold_does_not_know_are_set_aside(tmp_path):
    other = page(article_id="other", path=Path("other.txt"))
    foreign = replace(OUR_BAN, event_id="t8", claims=(replace(OUR_BAN.claims[0], article_id="other"),))
    result = score(reading(OUR_RELIEF, foreign, articles=(page(), other)), gold_of(tmp_path, [RELIEF]))
    assert result.precision == 1
    assert [row.event_id for row in result.rows("outside")] == ["t8"]
    assert "t8" in format_score(result)


def test_an_event_without_claims_is_extra(tmp_path):
    result = score(reading(replace(OUR_RELIEF, claims=())), gold_of(tmp_path, [RELIEF]))
    assert [row.event_id for row in result.extra] == ["t1"]


def test_a_file_that_was_not_read_is_listed_and_its_events_are_missed(tmp_path):
    away = BAN | {"supports": [support(sentence("The ministry"), "gone.txt")]}
    result = score(
        reading(OUR_RELIEF), gold_of(tmp_path, [RELIEF, away], [hard("date", "in 2021", {"date": "2021"}, "gone.txt")])
    )
    assert result.unread == ("gone.txt",)
    assert [row.gold_id for row in result.missed] == ["E03"]
    assert result.hard_cases[0].outcome == "not checkable"


def test_a_gold_of_another_folder_or_another_version_is_refused(tmp_path):
    gold = gold_of(tmp_path, [RELIEF])
    with pytest.raises(EventsError, match=r"is about page\.txt; read were other\.txt"):
        score(reading(articles=(page(path=Path("other.txt")),)), gold)
    with pytest.raises(EventsError, match="another version"):
        score(reading(articles=(page("x" + TEXT),)), gold)


def test_offsets_of_html_are_those_of_the_file(tmp_path):
    text = sentence("Kiel")
    shift = span(text)[0]
    made = page(text, offsets=tuple(range(shift, shift + len(text))), paragraphs=(Paragraph(0, len(text)),))
    ours = replace(OUR_RELIEF, claims=(replace(OUR_RELIEF.claims[0], start=0, end=len(text)),))
    assert score(reading(ours, articles=(made,)), gold_of(tmp_path, [RELIEF])).recall == 1


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "found"),
    [
        (40, "prisoners", {"value": 40, "unit": "political prisoners (a part)"}, True),
        (40, "citizens", {"value": 40, "unit": "people"}, True),
        (41, "prisoners", {"value": 40, "unit": "prisoners"}, False),
        (40, "%", {"value": 40, "unit": "prisoners"}, False),
        (2.4e9 * (1 + 1e-12), "USD", {"value": 2400000000.0, "unit": "USD"}, True),
        (40, "USD", {"value": 40, "unit": "USD/t"}, False),
        (40, "USD/tonne", {"value": 40, "unit": "USD/t"}, True),
        (40, "EUR", {"value": 40, "unit": "USD"}, False),
        (40, "tonnes", {"value": 40, "unit": "t"}, True),
        (40, "tonnes", {"value": 40, "unit": "t/month"}, False),
        (40, "percent", {"value": 40, "unit": "% of world exports"}, True),
        (40, "meeting", {"value": 40, "unit": "meetings"}, True),
    ],
)
def test_a_quantity_counts_with_its_value_and_unit(tmp_path, value, unit, wanted, found):
    gold = gold_of(tmp_path, [RELEASE | {"quantities": [wanted]}, TOTAL])
    ours = event("t2", "prisoner_release", "2023-03-11", "Two days", quantities=(Quantity(0, 1, value, unit),))
    assert score(reading(ours), gold).quantity_accuracy == float(found)


# --- merges


@pytest.mark.parametrize(
    ("ours", "outcome"),
    [
        ((OUR_RELEASE, OUR_TOTAL), "right"),
        ((event("t5", "prisoner_release", "2023-03-11", "Two days", "More than 600"),), "wrong"),
        ((OUR_RELEASE,), "not checkable"),
        ((event("t6", "statement", "2023-03-11", "Two days", "More than 600"),), "not checkable"),
    ],
)
def test_one_event_with_evidence_of_two_is_a_wrong_merge(tmp_path, ours, outcome):
    result = score(reading(*ours), gold_of(tmp_path, [RELEASE, TOTAL]))
    assert [case.outcome for case in result.merges] == [outcome]


def test_evidence_that_tells_both_events_is_no_merge(tmp_path):
    shared = TOTAL | {"supports": [support(sentence("Two days")), support(sentence("More than 600"))]}
    result = score(reading(OUR_RELEASE, OUR_TOTAL), gold_of(tmp_path, [RELEASE, shared]))
    assert result.merges[0].outcome != "wrong"


# --- hard cases that state what they expect


def hard(kind: str, words: str, expect: dict | None = None, file: str = FILE, naive: str = "", right: str = "") -> dict:
    case = {"kind": kind, "support": support(words, file), "naive_error": naive, "right": right}
    return case if expect is None else case | {"expect": expect}


def outcome_of(folder: Path, case: dict, made: MadeReading, **more: object) -> str:
    gold = gold_of(folder, [RELIEF, RELEASE, BAN, TOTAL], [case], **more)
    result = score(made, gold).hard_cases[0]
    assert result.why
    return result.outcome


def mention(words: str, date: str, end: str = "") -> DateMention:
    return DateMention(*span(words), date, end, "day" if date else "unresolved", "made up")


def told(*events: Event) -> dict:
    return {"ours": events}


def dated(words: str, date: str, end: str = "") -> dict:
    return {"date_mentions": (mention(words, date, end),)}


def pages(**more: object) -> dict:
    return {"articles": (page(**more),)}


def named(words: str, name: str) -> dict:
    return {"found_actors": ((*span(words), name),)}


def counted(*quantities: Quantity, ours: tuple[Event, ...] = ()) -> dict:
    return {"ours": ours, "found_quantities": quantities}


RESTS_ON_MORE = event("t7", "sanctions_eased", "2023-03-13", "More relief", authorities=("Norway",))
TWICE_TOLD = event("t7", "sanctions_eased", "2023-03-13", "More relief", "Kiel", authorities=("Norway",))
MANY = {"quantity": {"value": 600, "unit": "people"}}


@pytest.mark.parametrize(
    ("words", "expect", "made", "outcome"),
    [
        ("on Monday", {"date": "2023-03-13"}, dated("on Monday", "2023-03-13"), "right"),
        ("on Monday", {"date": "2023-03-13"}, dated("on Monday", "2023-03"), "wrong"),
        ("in 2021", {"date": "2021"}, dated("in 2021", "2021-01-01"), "wrong"),
        (
            "in 2021", {"date": "2021-01", "date_end": "2021-03"},
            dated("in 2021", "2021-01-01", "2021-03-31"), "right",
        ),
        ("on Monday", {"date": "2023-03-13", "date_end": None}, told(OUR_RELIEF), "right"),
        ("on Monday", {"date": "2023-03-14"}, told(OUR_RELIEF), "wrong"),
        ("on Monday", {"date": "2023-03-13"}, {}, "not checkable"),
        ("More than", {"date": None}, dated("More than", ""), "right"),
        ("More than", {"date": None}, dated("More than", "2023"), "wrong"),
        ("More than", {"date": None}, told(OUR_TOTAL), "right"),
        ("More than", {"date": None}, told(replace(OUR_TOTAL, date="2023-03-14")), "wrong"),
        ("More than", {"date": None}, {}, "not checkable"),
        ("will come", {"no_event": ["sanctions_eased"]}, told(OUR_RELIEF), "right"),
        ("will come", {"no_event": ["sanctions_eased"]}, told(RESTS_ON_MORE), "wrong"),
        ("will come", {"no_event": ["tariff"]}, told(RESTS_ON_MORE), "right"),
        ("will come", {"no_event": []}, told(RESTS_ON_MORE), "wrong"),
        ("will come", {"no_event": []}, told(replace(RESTS_ON_MORE, kind="statement")), "right"),
        ("will come", {"no_event": []}, {}, "not checkable"),
        ("on Monday", {"no_event": ["sanctions_eased"]}, told(OUR_RELIEF), "right"),
        ("will come", {"no_event": ["sanctions_eased"]}, told(TWICE_TOLD), "right"),
        ("ended its ban", {"event": "E01"}, told(OUR_RELIEF), "right"),
        ("ended its ban", {"event": "E01"}, told(replace(OUR_RELIEF, date="2023-03-14")), "wrong"),
        ("in 2021", {"event": "E01"}, told(OUR_RELIEF), "wrong"),
        ("ended its ban", {"event": "E01"}, told(OUR_RELIEF, replace(OUR_RELIEF, event_id="t8", date="2023")), "wrong"),
        ("in 2021", {"date_end": None}, told(OUR_RELIEF), "not checkable"),
        ("600 prisoners", MANY, counted(people(600, words="600 prisoners")), "right"),
        ("600 prisoners", MANY, counted(people(600, words="40 prisoners")), "wrong"),
        ("Jon Cole", {"actor": "John Coale"}, named("Cole", "John Coale"), "right"),
        ("Jon Cole", {"actor": "John Coale"}, named("Norway", "John Coale"), "wrong"),
        ("told Reuters", {"source_chain": ["Reuters"]}, pages(sources=("AP", "reuters")), "right"),
        ("told Reuters", {"source_chain": ["Reuters", "Belta"]}, pages(sources=("Reuters",)), "wrong"),
        ("Log in", {"dropped": True}, {}, "right"),
        ("A tender", {"dropped": True}, {}, "wrong"),
        ("14 March 2023", {"published": "2023-03-14"}, {}, "right"),
        ("14 March 2023", {"published": "2023-03-13"}, {}, "wrong"),
        ("14 March 2023", {"published": None}, {}, "wrong"),
        ("14 March 2023", {"published": None}, pages(published=Publication()), "right"),
    ],
)  # fmt: skip
def test_a_stated_expectation_is_checked(tmp_path, words, expect, made, outcome):
    made = dict(made)
    assert outcome_of(tmp_path, hard("x", words, expect), reading(*made.pop("ours", ()), **made)) == outcome


@pytest.mark.parametrize(
    ("role", "ours", "outcome"),
    [
        ("part", (OUR_RELEASE,), "right"),
        ("total", (OUR_RELEASE,), "wrong"),
        ("part", (event("t5", "prisoner_release", "2023-03-11", "In Minsk", quantities=(people(9),)),), "wrong"),
        ("part", (event("t5", "legal", "2023-03-11", "In Minsk", quantities=(people(9),)),), "right"),
        ("", (OUR_RELEASE,), "not checkable"),
    ],
)
def test_a_figure_that_no_event_moved(tmp_path, role, ours, outcome):
    expect = {"not_quantity_of": {"value": 9, "kind": "prisoner_release", "role": role or "part"}}
    made = reading(*ours, found_quantities=(people(9, "part", "9 of the 40"),) if role else ())
    assert outcome_of(tmp_path, hard("x", "9 of the 40", expect), made) == outcome


@pytest.mark.parametrize(
    ("told", "outcome"),
    [(("NTR", "2023-03-13", -1.5), "right"), (("NTR", "2023-03-13", 1.5), "wrong"), (None, "wrong")],
)
def test_a_price_claim_is_compared_by_ticker_date_and_move(tmp_path, told, outcome):
    expect = {"price_claim": {"ticker": "NTR", "date": "2023-03-13", "told": -1.5}}
    claims = (PriceClaim(FILE[:-4], *span("A tender"), *told),) if told else ()
    assert outcome_of(tmp_path, hard("x", "A tender", expect), reading(price_claims=claims)) == outcome


# --- hard cases whose kind and words say what they expect

LATE = replace(OUR_BAN, date="2023-03-14")
UNION = replace(OUR_RELIEF, authorities=("EU", "Norway"))
OF_POTASH = replace(OUR_RELIEF, claims=(claim("Kiel", "sanctions_eased", goods=("potash",)),))
STAMP = Publication("2023-03-14T08:21", "Europe/Oslo")
CONFUSED = replace(OUR_BAN, event_id="t5", kind="election", date="2021-05-04")
DOUBLE = event("t5", "prisoner_release", "2023-03-11", "In Minsk", quantities=(people(40),), authorities=("Belarus",))
ALL = (OUR_RELIEF, OUR_RELEASE, OUR_BAN, OUR_TOTAL)
DONE = replace(OUR_RELIEF, status="done")
NINE = people(9, "part", "9 of the 40")
KEPT = event("t5", "prisoner_release", "2023-03-11", "In Minsk", quantities=(people(9),), authorities=("Belarus",))
ARREST = event("t5", "legal", "2023-03-11", "In Minsk", quantities=(people(9),))
READ_40, READ_600 = people(40, words="40 prisoners"), people(600, "total", "600 prisoners")
HELD = replace(READ_600, role="stock")


@pytest.mark.parametrize(
    ("kind", "words", "naive", "right", "made", "outcome"),
    [
        ("weekday", "on Monday", "", "last before 2023-03-14 = 2023-03-13", dated("on Monday", "2023-03-13"), "right"),
        ("weekday pair", "on Monday", "", "2023-03-12 and 2023-03-13", dated("on Monday", "2023-03-12", "2023-03-13"), "right"),
        ("weekday pair", "on Monday", "", "2023-03-12 and 2023-03-13", dated("on Monday", "2023-03-13"), "wrong"),
        ("publication date vs event date", "14 March 2023", "on 2023-03-14", "on 2023-03-13", told(*ALL), "right"),
        ("publication date vs event date", "14 March 2023", "on 2023-03-14", "on 2023-03-13", told(OUR_RELIEF, LATE), "wrong"),
        ("duplicate paragraph", "40 prisoners", "80", "one release", told(*ALL), "right"),
        ("duplicate paragraph", "40 prisoners", "80", "one release", told(*ALL, DOUBLE), "wrong"),
        ("internal contradiction", "40 prisoners", "40 foreigners", "40 people", counted(READ_40, ours=ALL), "right"),
        ("done, doing, to be done", "ended its ban", "a legal act", "announced", told(*ALL), "right"),
        ("done, doing, to be done", "ended its ban", "a legal act", "announced", told(DONE), "wrong"),
        ("future intention", "will come", "a sanctions_eased event", "no event", told(*ALL), "right"),
        ("future intention", "will come", "a sanctions_eased event", "no event", told(RESTS_ON_MORE), "wrong"),
        ("future intention", "will come", "a sanctions_eased event", "no event; see E01", told(*ALL), "right"),
        ("future intention", "ended its ban", "a second event", "E01", told(*ALL), "right"),
        ("forecast of a third party", "will come", "Norway eases", "an opinion", told(RESTS_ON_MORE), "wrong"),
        ("title word", "will come", "an event", "an aim", told(RESTS_ON_MORE), "wrong"),
        ("wrong background in the source", "in 2021", "election on 2021-05-04", "no election", told(*ALL), "right"),
        ("wrong background in the source", "in 2021", "election on 2021-05-04", "no election", told(CONFUSED), "wrong"),
        ("wrong background in the source", "in 2021", "election on 2021-05-02", "no election", told(CONFUSED), "wrong"),
        ("wrong background in the source", "on Monday", "election on 2021-05-02", "no election", told(CONFUSED), "right"),
        ("background year mistaken", "in 2021", "relief in 2021", "event E03", told(*ALL), "right"),
        ("background year mistaken", "in 2021", "relief in 2021", "event E03", told(OUR_BAN), "wrong"),
        ("relief vs imposition polarity", "in 2021", "imposed", "background", told(*ALL), "right"),
        ("relief vs imposition polarity", "in 2021", "imposed", "background", told(OUR_BAN), "wrong"),
        ("aggregate vs event", "600 prisoners", "release of 600", "a sum", counted(READ_600, ours=ALL), "right"),
        ("aggregate vs event", "600 prisoners", "release of 600", "a sum", counted(HELD, ours=ALL), "wrong"),
        ("aggregate vs event", "600 prisoners", "release of 600", "a sum", told(*ALL), "not checkable"),
        ("subset", "9 of the 40", "release of 49", "in the 40", counted(NINE, ours=ALL), "right"),
        ("subset", "9 of the 40", "release of 49", "in the 40", counted(NINE, ours=(KEPT,)), "wrong"),
        ("subset", "9 of the 40", "40+9 = 49", "in the 40", counted(NINE, ours=(KEPT,)), "wrong"),
        ("subset", "9 of the 40", "40+9 = 49", "in the 40", counted(NINE, ours=(ARREST,)), "right"),
        ("stock, not flow", "600 prisoners", "600 released", "held", counted(READ_600, ours=ALL), "wrong"),
        ("undated", "More than", "dated 2023", "undated", told(*ALL), "right"),
        ("source chain", "told Reuters", "own news", "rests on Reuters", pages(sources=("Reuters",)), "right"),
        ("source chain", "told Reuters", "own news", "rests on Reuters", {}, "wrong"),
        ("AI-written source", "Menu", "", "low weight", pages(machine_written=True), "right"),
        ("AI-written source", "Menu", "", "low weight", {}, "wrong"),
        ("name variants", "Jon Cole", "", "John Coale", named("Jon Cole", "John Coale"), "right"),
        ("page furniture", "Log in", "text", "drop", {}, "right"),
        ("page furniture glued", "Log in", "", "08:21 Europe/Oslo", pages(published=STAMP), "right"),
        ("page furniture glued", "Log in", "", "08:21 Europe/Oslo", pages(published=replace(STAMP, zone="")), "wrong"),
        ("sentence broken by links", "freed 40", "", "one sentence", {}, "right"),
        ("sentence broken by links", "Two days", "", "one sentence", {}, "wrong"),
        ("typo in source", "walked out", "", "", told(*ALL), "right"),
        ("typo in source", "A tender", "", "", told(*ALL), "wrong"),
        ("commodity synonyms", "Belarusian potash", "", "MOP = potash", told(OF_POTASH), "right"),
        ("commodity synonyms", "Belarusian potash", "", "MOP = potash", told(*ALL), "wrong"),
        ("EU vs US", "on Monday", "EU lifted", "only Norway", told(*ALL), "right"),
        ("EU vs US", "on Monday", "EU lifted", "only Norway", told(UNION), "wrong"),
        ("EU vs US", "on Monday", "EU lifted", "only Norway", {}, "wrong"),
        ("no trading on that day", "on Monday", "", "first NYSE session 2023-03-13", told(*ALL), "right"),
        ("a riddle", "A tender", "", "who knows", told(*ALL), "not checkable"),
    ],
)  # fmt: skip
def test_an_expectation_is_derived_from_kind_and_words(tmp_path, kind, words, naive, right, made, outcome):
    made = dict(made)
    made = reading(*made.pop("ours", ()), **made)
    assert outcome_of(tmp_path, hard(kind, words, None, naive=naive, right=right), made, flagship="E01") == outcome


def test_parts_of_a_sum_must_stay_events_of_their_own(tmp_path):
    case = hard(
        "aggregate contains parts", "40 prisoners", naive="sum of 600 and 40", right="40 is in 600; 9 came after"
    )
    later = gold_event("E05", "prisoner_release", "2023-03-13", "In Minsk", quantities=[{"value": 9, "unit": "people"}])
    gold = gold_of(tmp_path, [RELEASE, TOTAL, later], [case])
    ours = event("t5", "prisoner_release", "2023-03-13", "In Minsk", quantities=(people(9),))
    assert score(reading(OUR_RELEASE, ours), gold).hard_cases[0].outcome == "right"
    assert score(reading(OUR_RELEASE, OUR_TOTAL), gold).hard_cases[0].outcome == "wrong"


# --- what is handed on


def test_frames_and_text_hold_every_row(tmp_path):
    gold = gold_of(tmp_path, [RELIEF, RELEASE, TOTAL], [hard("x", "on Monday", {"date": "2023-03-13"})])
    result = score(reading(OUR_RELIEF, OUR_BAN), gold)
    frames = result.to_frames()
    assert list(frames["events"]["outcome"]) == ["matched", "missed", "missed", "extra"]
    assert list(frames["hard_cases"]["outcome"]) == ["right"]
    assert list(frames["quantities"].columns)[-1] == "is_read"
    text = format_score(result)
    for expected in (
        "precision",
        "50.0%",
        "1 of 2 emitted events",
        "Missed events (2)",
        "E02",
        "Extra events (1)",
        "t3",
        "right",
    ):
        assert expected in text


def test_scores_of_many_gold_files_add_their_counts(tmp_path):
    full = score(reading(OUR_RELIEF), gold_of(tmp_path, [RELIEF]))
    poor = score(reading(OUR_RELIEF), gold_of(tmp_path, [RELIEF, BAN, RELEASE, TOTAL]))
    both = combine([full, poor])
    assert (both.precision, both.recall) == (1, 0.4)
    assert math.isnan(combine([]).f1)


# --- the gold at hand: a reading made of it must come out perfect


def oracle(gold: Gold, folder: Path) -> MadeReading:
    texts = {file: (folder / file).read_bytes().decode("utf-8") for file in gold.files}
    articles = tuple(
        Article(
            file, Path(file), "", "", "", Publication(gold.published.get(file) or ""), text, (Paragraph(0, len(text)),)
        )
        for file, text in sorted(texts.items())
    )
    events = tuple(
        Event(
            "t" + each.gold_id, each.kind, each.date, date_end=each.date_end, status=each.status,
            authorities=each.authorities, goods=each.goods, actors=each.actors,
            claims=tuple(
                Claim(s.file, s.start, s.end, (s.start, s.end), each.kind,
                      quantities=tuple(Quantity(s.start, s.end, *q) for q in each.quantities))
                for s in each.supports
            ),
        )
        for each in gold.events
    )  # fmt: skip
    return MadeReading(articles, events)


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        pytest.param(OWN, OWN.parent, id="own", marks=pytest.mark.skipif(not OWN.is_file(), reason="no own gold yet")),
        pytest.param(
            GIVEN, GIVEN.parents[1] / "articles", id="given",
            marks=pytest.mark.skipif(not GIVEN.is_file(), reason="../shared/truth (the given gold) is absent"),
        ),
    ],
)  # fmt: skip
def test_a_reading_made_of_the_gold_is_perfect(path, folder):
    gold = read_gold(path)
    made = oracle(gold, folder)
    result = score(made, gold)
    assert (result.precision, result.recall, result.date_accuracy, result.quantity_accuracy) == (1, 1, 1, 1)
    assert {row.gold_id: row.event_id for row in result.matched} == {e.gold_id: "t" + e.gold_id for e in gold.events}
    assert not [case for case in result.merges if case.outcome == "wrong"]
    assert all(found for _, found in result.minimum)
    assert len(result.hard_cases) == len(gold.cases)
    late = replace(made, events=tuple(replace(each, date="2019-01-01", date_end="") for each in made.events))
    wrong = score(late, gold)
    assert (wrong.recall, wrong.date_accuracy) == (0, 0)
