"""The lexicon: forms of verbs, words with capitals, what an analyst may add, and that its own tables fit together."""

import re
import tomllib

import pytest

from potash.errors import EventsError
from potash.news.events.reading import read_timeline
from potash.news.language.lexicon import BUILT_IN, forms_of, load_lexicon, tokens_of
from potash.news.language.sentences import Sentence
from potash.universe import load_universe

# What the requirement names; the lexicon may know more.
KINDS = {
    "sanctions_imposed", "sanctions_eased", "sanctions_tightened", "prisoner_release", "diplomatic_talks", "supply_disruption",
    "accident", "output_cut", "tariff", "contract_price", "company_news",
}  # fmt: skip
STORY = """---
publisher: Delta Post
published: 2025-12-14
---

Prairie Nutrient House curtailed zalkite output at its second mill on Friday.

Osterholm mothballed its only zalkite mine on Saturday.
"""
TABLES = tomllib.loads(BUILT_IN.read_text(encoding="utf-8"))


@pytest.fixture
def extra(tmp_path):
    """Return a function that writes a lexicon file and returns its path."""

    def extra(text: str):
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return extra


@pytest.fixture
def cuts(tmp_path):
    """Return a function that reads the story with a lexicon and returns day, company and goods of its output cuts."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "story.md").write_text(STORY, encoding="utf-8")

    def cuts(lexicon=None):
        events = read_timeline(folder, lexicon=lexicon).events
        return [(e.date, e.actors, e.goods) for e in events if e.kind == "output_cut"]

    return cuts


def labels(text: str, sort: str, lexicon=None) -> list[str]:
    sentence = Sentence.of(text, 0, len(text), lexicon or load_lexicon())
    # Two spellings of one name may be the same tokens; US and EU may stand on the same words.
    return [name for _, name in sorted({(match.first, match.label.name) for match in sentence.labelled(sort)})]


# -- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("lift", {"lift", "lifts", "lifted", "lifting"}),
        ("ease", {"ease", "eases", "eased", "easing"}),
        ("free", {"free", "frees", "freed", "freeing"}),
        ("carry", {"carry", "carries", "carried", "carrying"}),
        ("pay", {"pay", "pays", "paid", "paying"}),
        ("stop", {"stop", "stops", "stopped", "stopping"}),
        ("visit", {"visit", "visits", "visited", "visiting"}),
        ("push", {"push", "pushes", "pushed", "pushing"}),
        ("cut", {"cuts", "cut", "cutting"}),
        ("take", {"take", "takes", "took", "taken", "taking"}),
        ("have", {"have", "has", "had", "having"}),
        ("roll back", {"roll back", "rolls back", "rolled back", "rolling back"}),
        ("break out", {"break out", "breaks out", "broke out", "broken out", "breaking out"}),
    ],
)
def test_forms_of_a_verb(verb, expected):
    assert {form for form, _ in forms_of(verb, TABLES["irregular"], {})} == expected


def test_a_form_that_is_present_and_past_counts_as_past():
    assert dict(forms_of("cut", TABLES["irregular"], {}))["cut"] == "past"


def test_nouns_made_of_verbs_are_forms_of_them():
    assert ("imposition", "nominal") in forms_of("impose", TABLES["irregular"], TABLES["nominal"])


@pytest.mark.parametrize(
    ("text", "sort", "expected"),
    [
        ("The US acted first.", "auth", ["US"]),
        ("The news gave us hope.", "auth", []),
        ("Mosaic cut its forecast.", "actor", ["Mosaic"]),
        ("The floor is a mosaic of salt.", "actor", []),
        ("Mines in New Mexico are old.", "auth", ["US"]),
        ("Mines in Mexico are old.", "auth", ["Mexico"]),
        ("POTASH and Potash and potash", "good", ["potash"] * 3),
        ("Muriate of potash is dear.", "good", ["potash"]),
        ("Lukashenka and Lukashenko", "actor", ["Alexander Lukashenko"] * 2),
        ("Envoys Coale and Cole", "actor", ["John Coale"] * 2),
        ("Belarus’s foreign ministry spoke.", "actor", ["Belarusian foreign ministry"]),
        ("Belarus's foreign ministry spoke.", "actor", ["Belarusian foreign ministry"]),
        ("Western allies agreed.", "auth", ["EU", "US"]),
        ("The U.S. and the E.U. agreed.", "auth", ["US", "EU"]),
        ("K+S and K + S", "actor", ["K+S"] * 2),
    ],
)
def test_names_are_found_under_all_their_spellings(text, sort, expected):
    assert labels(text, sort) == expected


# -- what an analyst adds --------------------------------------------------------------------------------------------


def test_without_the_additions_the_names_are_not_known(cuts):
    assert not any(actors or goods for _, actors, goods in cuts())


def test_added_names_goods_and_verbs_are_read(cuts, extra):
    path = extra(
        """
        [goods]
        potash = ["zalkite"]

        [[actors]]
        name = "Nutrien"
        variants = ["Prairie Nutrient House"]

        [[actors]]
        name = "Osterholm"
        kind = "company"
        of = ["Norway"]
        variants = ["Osterholm"]

        [[frames]]
        kind = "output_cut"
        verbs = ["mothball"]
        objects = ["output"]
        """
    )
    assert cuts(path) == [("2025-12-12", ("Nutrien",), ("potash",)), ("2025-12-13", ("Osterholm",), ("potash",))]
    assert cuts(str(path)) == cuts(path)


def test_an_addition_takes_nothing_away(extra):
    path = extra('[goods]\npotash = ["zalkite"]\n[[actors]]\nname = "Nutrien"\nvariants = ["Prairie Nutrient House"]\n')
    added = load_lexicon(path)
    assert labels("Zalkite is potash.", "good", added) == ["potash", "potash"]
    assert labels("Nutrien is Prairie Nutrient House.", "actor", added) == ["Nutrien", "Nutrien"]
    assert added.actors["Nutrien"] == load_lexicon().actors["Nutrien"]
    assert labels("Zalkite is potash.", "good") == ["potash"]


def test_a_new_authority_and_a_new_word_of_speech(extra):
    added = load_lexicon(extra('[authorities]\nPeru = ["Peru", "Lima"]\n[words]\nspeech = ["murmur"]\n'))
    assert labels("Lima and Peru and Minsk", "auth", added) == ["Peru", "Peru", "Belarus"]
    assert "murmured" in added.words["speech"]
    assert "said" in added.words["speech"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[goodz]\npotash = ["zalkite"]', r"own\.toml.*'?goodz.*did you mean 'goods'"),
        ("[nonsense]\na = 1", r"nonsense.*authorities, groups, goods"),
        ('[[frames]]\nkind = "sanctions_easd"\nverbs = ["soften"]', r"'sanctions_easd'.*sanctions_eased"),
        ('[[frames]]\nverbs = ["soften"]', r"own\.toml.*kind"),
        ('[[actors]]\nname = "Osterholm"', r"own\.toml.*variants"),
        ('[[actors]]\nvariants = ["Osterholm"]', r"own\.toml.*name"),
        ("[goods\npotash = 1", r"own\.toml.*TOML"),
    ],
)
def test_a_broken_addition_says_what_to_change(extra, text, message):
    with pytest.raises(EventsError, match=re.compile(message, re.DOTALL)):
        load_lexicon(extra(text))


def test_a_lexicon_that_is_not_there(tmp_path):
    with pytest.raises(EventsError, match=r"none\.toml"):
        load_lexicon(tmp_path / "none.toml")


def test_a_broken_addition_stops_the_reading(cuts, extra):
    with pytest.raises(EventsError, match="goodz"):
        cuts(extra('[goodz]\npotash = ["zalkite"]'))


# -- its own tables --------------------------------------------------------------------------------------------------


def test_frames_name_only_objects_that_exist():
    known = {*TABLES["objects"], *TABLES["more_objects"], "number"}
    for frame in TABLES["frames"]:
        for name in (*frame.get("objects", ()), *frame.get("needs", ()), *frame.get("also", ())):
            sort, colon, rest = name.partition(":")
            allowed = {
                "auth": {"any", *TABLES["authorities"]},
                "good": {"any", *TABLES["goods"]},
                "actor": {"any", "person", "company", "office", "group", *(a["name"] for a in TABLES["actors"])},
            }
            assert rest in allowed[sort] if colon else name in known, f"{frame['kind']}: {name}"


def test_every_kind_has_frames_and_a_title():
    kinds = {frame["kind"] for frame in TABLES["frames"]}
    assert kinds >= KINDS
    assert set(TABLES["titles"]) >= kinds | {"statement"}
    assert set(TABLES["directions"]) <= kinds


def test_actors_speak_for_authorities_that_exist():
    for actor in TABLES["actors"]:
        assert set(actor.get("of", ())) <= set(TABLES["authorities"]), actor["name"]
        assert actor.get("kind", "person") in {"person", "company", "office", "group"}
    assert {name for names in TABLES["groups"].values() for name in names} <= set(TABLES["authorities"])


def test_actors_are_named_once_and_no_spelling_means_two():
    names = [actor["name"] for actor in TABLES["actors"]]
    assert len(names) == len(set(names))
    spellings = [(v, actor["name"]) for actor in TABLES["actors"] for v in actor["variants"]]
    assert not {v for v, name in spellings for w, other in spellings if v == w and name != other}


def test_tickers_are_those_of_the_universe():
    tickers = [actor["ticker"] for actor in TABLES["actors"] if actor.get("ticker")]
    assert load_universe().check(tickers) == tickers


def test_a_run_is_not_found_beyond_the_end_of_the_text():
    lexicon = load_lexicon()
    tokens = tokens_of("The licence covers the European")
    assert all(match.last < len(tokens) for match in lexicon.match(tokens))
    for length in range(1, len(tokens)):
        assert all(match.last < length for match in lexicon.match(tokens[:length]))
