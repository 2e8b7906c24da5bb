"""How sure an event is: sources, dates, software, and what articles tell differently."""

import pytest

from potash.news.events.confidence import confidence_of, conflicts_of
from potash.news.records import Publication, Quantity
from tests.support.records import article, claim, day

NINTH, TENTH, MAY = day("2024-05-09"), day("2024-05-10"), day("2024-05")


def figure(value, unit="prisoners", role="flow"):
    return Quantity(0, 1, value, unit, role)


def versions(*claims):
    return {conflict.field: dict(conflict.versions) for conflict in conflicts_of(claims)}


@pytest.mark.parametrize(
    ("kind", "first", "second", "expected"),
    [
        ("aid", {"when": NINTH}, {"when": TENTH}, {"date": {"2024-05-09": ("a",), "2024-05-10": ("b",)}}),
        ("aid", {"when": NINTH}, {"when": MAY}, {}),
        ("aid", {"when": NINTH}, {"when": None}, {}),
        ("aid", {"when": NINTH}, {"when": day("", precision="time")}, {}),
        ("aid", {"when": MAY}, {"when": day("2024-06")}, {}),
        ("election", {"when": MAY}, {"when": day("2024-06")}, {"date": {"2024-05": ("a",), "2024-06": ("b",)}}),
        ("election", {"when": MAY}, {"when": NINTH}, {}),
        (
            "tariff", {"fields": {"tense": "past"}}, {"fields": {"tense": "future"}},
            {"tense": {"done": ("a",), "to come": ("b",)}},
        ),
        ("tariff", {"fields": {"tense": "past"}}, {"fields": {}}, {}),
        ("aid", {"fields": {"tense": "past"}}, {"fields": {"tense": "future"}}, {}),
        ("aid", {"fields": {"order": "x"}}, {"fields": {"order": "y"}}, {"order": {"x": ("a",), "y": ("b",)}}),
        (
            "prisoner_release", {"quantities": (figure(52),)}, {"quantities": (figure(52, "citizens"),)},
            {"people": {"prisoners": ("a",), "citizens": ("b",)}},
        ),
        ("prisoner_release", {"quantities": (figure(52),)}, {"quantities": (figure(52, "people"),)}, {}),
        (
            "prisoner_release", {"quantities": (figure(52),)}, {"quantities": (figure(50),)},
            {"figure": {"52": ("a",), "50": ("b",)}},
        ),
        ("prisoner_release", {"quantities": (figure(52),)}, {"quantities": (figure(430, role="total"),)}, {}),
        ("aid", {"quantities": (figure(52),)}, {"quantities": (figure(50, "people"),)}, {}),
    ],
)  # fmt: skip
def test_fields_that_articles_tell_in_unlike_versions(kind, first, second, expected):
    assert versions(claim("a", kind=kind, **first), claim("b", kind=kind, **second)) == expected


def test_unlike_spellings_of_one_name():
    one, two = (
        claim(n, fields={"spellings": f"Jane Smith={s}; Ann Lee=Lee"}) for n, s in (("a", "Smith"), ("b", "Smyth"))
    )
    assert versions(one, two, one) == {"spelling of Jane Smith": {"Smith": ("a",), "Smyth": ("b",)}}


def judged(*articles, when=NINTH, rule="full date", conflicts=()):
    by_id = {each.article_id: each for each in articles}
    return confidence_of([claim(name) for name in by_id], when, rule, conflicts, by_id)


TWO = (article("a", publisher="Salt"), article("b", publisher="Rail"))


@pytest.mark.parametrize(
    ("articles", "fields", "expected"),
    [
        (TWO, {}, "high"),
        (TWO, {"when": None}, "low"),
        (TWO, {"when": day("2024-05-09", bound="since")}, "medium"),
        (TWO, {"rule": "told as of the day of publication"}, "medium"),
        ((TWO[0],), {}, "medium"),
        ((TWO[0], article("b", publisher="Salt")), {}, "medium"),
        ((TWO[0], article("b", publisher="Rail", machine_written=True)), {}, "high"),
        ((article("a", machine_written=True),), {}, "low"),
    ],
)
def test_confidence(articles, fields, expected):
    assert judged(*articles, **fields)[0] == expected


def test_reasons():
    undated = article("c", published=Publication("2024-05-10", "", "other articles"), machine_written=True)
    assert judged(TWO[0]) == ("medium", ("told by 1 article resting on 1 source", "date: full date"))
    _, reasons = judged(
        *TWO, undated, when=day("2024-05-09", bound="since"), conflicts=conflicts_of(
            [claim("a", when=NINTH), claim("b", when=TENTH)]
        ),
    )  # fmt: skip
    assert reasons == (
        "told by 3 articles resting on 3 sources",
        "date: full date (since it)",
        "1 of them written by software",
        "articles disagree on date",
        "1 of them dated by other articles",
    )
