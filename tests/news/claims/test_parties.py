"""Whose act a sentence tells, and against whom."""

import pytest

from tests.support.claims import claims_of, reach

EASED, IMPOSED, TIGHTENED = "sanctions_eased", "sanctions_imposed", "sanctions_tightened"


def targets(claim) -> set[str]:
    return set(claim.fields.get("target", "").split("; ")) - {""}


@pytest.mark.parametrize(
    ("kind", "text", "whose", "against"),
    [
        (EASED, "The United States lifted sanctions on Belarusian potash.", {"US"}, {"Belarus"}),
        (EASED, "U.S. sanctions on Belarusian potash were lifted on Saturday.", {"US"}, {"Belarus"}),
        (EASED, "Trump lifted the sanctions on Belarusian potash.", {"US"}, {"Belarus"}),
        (EASED, "The United States agreed with Minsk to lift sanctions on Belavia.", {"US"}, set()),
        (IMPOSED, "The sanctions on potash were imposed by the Biden administration in August 2021.", {"US"}, set()),
        (IMPOSED, "Sanctions against Belarus were imposed by the European Union in 2021.", {"EU"}, {"Belarus"}),
        (
            IMPOSED,
            "The EU and the United States imposed sanctions on Belarusian potash in June 2021.",
            {"EU", "US"},
            {"Belarus"},
        ),
        (IMPOSED, "Western sanctions against Belarus were imposed in 2020.", {"EU", "US"}, {"Belarus"}),
        (IMPOSED, "Canada imposed sanctions on Belarus in August 2021.", {"Canada"}, {"Belarus"}),
        (TIGHTENED, "EU sanctions on Belarusian potash were widened in March 2022.", {"EU"}, {"Belarus"}),
        (TIGHTENED, "Brussels tightened its sanctions against Belarus in March 2022.", {"EU"}, {"Belarus"}),
        ("tariff", "Brussels imposed tariffs on Russian and Belarusian fertilizer.", {"EU"}, {"Russia", "Belarus"}),
        ("tariff", "Tariffs on Canadian potash were imposed by the United States.", {"US"}, {"Canada"}),
    ],
)
def test_whose_measure_it_is_and_against_whom(claim, kind, text, whose, against):
    found = claim(kind, text)
    assert (set(found.authorities), targets(found)) == (whose, against)


def test_the_one_it_is_against_is_never_its_author(read):
    for text in (
        "Sanctions on Belarus were lifted on Saturday.",
        "The sanctions against Belarus have been eased.",
        "Sanctions on Belarusian potash were imposed by the United States in 2021.",
    ):
        assert all("Belarus" not in c.authorities for c in read(text).claims)


def test_a_release_that_does_not_say_by_whom(claim):
    assert claim("prisoner_release", "Fifty prisoners were freed on Saturday.").authorities == ()
    assert claim("prisoner_release", "Lukashenko freed fifty prisoners on Saturday.").authorities == ("Belarus",)


def test_which_stands_for_the_party_before_it(read):
    reading = read("Lukashenko met a guest of the United States, which sanctioned Belaruskali in August 2021.")
    (found,) = [c for c in reading.claims if c.kind == IMPOSED]
    assert found.authorities == ("US",)


def parties(text: str):
    return [(c.authorities, c.fields.get("target", "")) for c in claims_of(text)]


@pytest.mark.parametrize(
    ("template", "words", "expected"),
    [
        ("Belarus was hit {}by U.S. sanctions on Monday.", 2, (("US",), "Belarus")),
        ("The EU imposed sanctions on Russia and {}Belarus.", 1, (("EU",), "Russia; Belarus")),
        ("The U.S., {}which imposed sanctions on Belarus.", 1, (("US",), "Belarus")),
        ("U.S. sanctions {}on Belarusian potash were lifted.", 14, (("US",), "Belarus")),
        ("Sanctions were imposed {}by the EU on Belarus.", 0, (("EU",), "Belarus")),
        ("The {}EU and Canada imposed sanctions on Belarus.", 0, (("EU", "Canada"), "Belarus")),
        ("Lukashenko said {}the United States lifted sanctions on potash.", 0, (("US",), "")),
        ("Belarus won {}relief from U.S. sanctions.", 9, (("US",), "Belarus")),
    ],
)
def test_how_far_a_party_may_stand_from_its_measure(template, words, expected):
    assert parties(template.format("")) == [expected]
    assert reach(template, parties) == words
