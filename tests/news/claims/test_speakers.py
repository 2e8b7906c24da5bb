"""Who says something in a sentence, and what becomes a statement."""

import pytest

from potash.news.claims.speakers import find_speech
from potash.news.events.reading import read_timeline
from tests.support.claims import reach, sentence_of


def speech_in(text: str, last: str = "", heading: bool = False, company: str = ""):
    return find_speech(sentence_of(text, heading), last, company)


@pytest.fixture
def statements(tmp_path):
    """Return a function that reads paragraphs published on Sunday 2025-12-14: speaker and day of each statement."""

    def statements(*paragraphs: str):
        text = "---\npublished: 2025-12-14\npublisher: Delta Post\n---\n\n" + "\n\n".join(paragraphs) + "\n"
        (tmp_path / "page.md").write_text(text, encoding="utf-8")
        events = read_timeline(tmp_path).events
        return [(e.claims[0].speaker, e.date) for e in events if e.kind == "statement"]

    return statements


@pytest.mark.parametrize(
    ("speaker", "text"),
    [
        ("Alexander Lukashenko", "Lukashenko said that potash would find its buyers."),
        ("Alexander Lukashenko", '"We want our airline back," said Lukashenko.'),
        ("Alexander Lukashenko", '"We want our airline back," Lukashenko said on Friday.'),
        ("John Coale", 'Coale said: "The ban on potash is history."'),
        ("Keith Kellogg", "Speaking in Minsk, Kellogg said that sanctions would be eased."),
        ("Keith Kellogg", "Kellogg, who visited Minsk in June, said sanctions could be eased."),
        ("Kestutis Budrys", "Budrys told Kellogg that potash would not travel again."),
        ("Joc O'Rourke", "Joc O'Rourke said potash stocks were low."),
        ("Nutrien", "Nutrien said potash demand was strong."),
    ],
)
def test_a_known_speaker(speaker, text):
    assert speech_in(text).speaker == speaker


@pytest.mark.parametrize(
    ("speaker", "text"),
    [
        ("Humphrey Wold", '"Prices will stay firm," said Humphrey Wold, a potash analyst.'),
        ("Petr Sykora", "Mr. Petr Sykora told the paper that potash was dear."),
        ("Ana Sousa", "Ana Sousa said that potash was dear."),
        ("Ana Sousa", "Ana Sousa, who trades potash in Santos, said that buyers waited."),
        ("Dara O'Neill", "Dara O'Neill said that potash was dear."),
    ],
)
def test_a_name_that_the_lexicon_does_not_hold(speaker, text):
    found = speech_in(text)
    assert (found.speaker, found.person) == (speaker, True)


@pytest.mark.parametrize("pronoun", ["he", "she"])
def test_a_pronoun_means_who_spoke_last(pronoun):
    assert speech_in(f'"The mill is ready," {pronoun} said on Monday.', "Ana Sousa").speaker == "Ana Sousa"
    assert (
        speech_in(f"{pronoun.title()} told reporters that buyers of potash waited.", "Ana Sousa").speaker == "Ana Sousa"
    )
    assert speech_in(f'"The mill is ready," {pronoun} said on Monday.') is None


@pytest.mark.parametrize(
    ("speaker", "text"),
    [
        ("Viasna", "According to Viasna, 900 prisoners are still held."),
        ("Viasna", "More than 900 prisoners remain in jail, according to Viasna."),
        ("Keith Kellogg", "The sanctions will be eased, according to Kellogg."),
    ],
)
def test_according_to(speaker, text):
    assert speech_in(text).speaker == speaker


@pytest.mark.parametrize(
    ("speaker", "text"),
    [
        ("White House", "The White House said sanctions on potash would stay."),
        ("European Commission", "The European Commission said the ban on potash would stay."),
        ("Russia", "Russia earlier stated that potash exports would go on."),
        ("Lithuania minister", "The Lithuanian foreign minister said the port would stay closed to potash."),
        ("Lithuania officials", '"The port will stay closed to potash," Lithuanian officials said.'),
    ],
)
def test_an_office_is_no_person(speaker, text):
    found = speech_in(text)
    assert (found.speaker, found.person) == (speaker, False)


@pytest.mark.parametrize(
    "text",
    [
        "Prices are said to have fallen in Brazil.",
        "Potash, sold by Nutrien, is said to be scarce.",
        "Lukashenko was told that sanctions on potash would stay.",
        "The claim was rejected by the court in Vilnius.",
        "The call lasted for an hour.",
        "Its statement about the ban runs to three pages.",
        "Nutrien added 3 percent on Friday.",
        "The ban on potash stays.",
    ],
)
def test_a_passive_or_a_noun_is_no_speech(text):
    assert speech_in(text, "Ana Sousa") is None


def test_a_headline_makes_no_statement():
    assert speech_in("Lukashenko says potash will travel again", heading=True) is None


@pytest.mark.parametrize(
    ("text", "earlier"),
    [
        ("Lukashenko said that potash would find its buyers.", False),
        ("Lukashenko has said that potash would find its buyers.", True),
        ("Lukashenko had earlier warned that potash would be dear.", True),
        ("Lukashenko previously said that potash would be dear.", True),
    ],
)
def test_what_is_told_as_past(text, earlier):
    assert speech_in(text).earlier is earlier


@pytest.mark.parametrize(
    ("text", "weighty"),
    [
        ("Lukashenko said that potash would find its buyers.", True),
        ("Kallas said that the EU would wait.", True),
        ("Lukashenko said good night.", False),
        (
            "Lukashenko said that he had slept well, eaten well and walked for an hour along the lake before breakfast.",
            True,
        ),
        ("The White House said good night.", False),
    ],
)
def test_what_bears_on_the_market_or_is_long_enough_weighs(text, weighty):
    assert speech_in(text).weighty is weighty


def test_one_statement_for_each_speaker_and_day(statements):
    assert statements(
        '"Our potash will travel again," said Lukashenko on Saturday.',
        "Lukashenko said on Saturday that buyers of potash were waiting.",
        "Kallas said on Saturday that the EU would wait.",
        "Lukashenko said on Sunday that sales of potash would rise.",
    ) == [("Kaja Kallas", "2025-12-13"), ("Alexander Lukashenko", "2025-12-13"), ("Alexander Lukashenko", "2025-12-14")]


def test_a_pronoun_goes_on_with_the_statement_of_the_sentence_before(statements):
    assert statements(
        "Lukashenko said on Saturday that buyers of potash were waiting.",
        "On Saturday he told reporters that the port was open to potash.",
    ) == [("Alexander Lukashenko", "2025-12-13")]


def test_a_statement_without_a_day_is_of_the_day_of_publication(statements):
    assert statements("Lukashenko said that buyers of potash were waiting.") == [("Alexander Lukashenko", "2025-12-14")]


def test_what_was_said_at_some_earlier_time_is_not_dated_today(statements):
    told = statements("Lukashenko has earlier said that buyers of potash were waiting.")
    assert told in ([], [("Alexander Lukashenko", "")])


def shape(text: str):
    """Return all of a speech but where its verb stands."""
    speech = speech_in(text, "Jane Roe", company="Acme")
    return speech and (speech.speaker, speech.person, speech.earlier, speech.weighty)


@pytest.mark.parametrize(
    ("template", "words", "speech"),
    [
        ("Lukashenko {}said that potash would sell.", 14, ("Alexander Lukashenko", True, False, True)),
        ("Lukashenko has {}said that potash would sell.", 4, ("Alexander Lukashenko", True, True, True)),
        ('"Potash will sell," said {}Lukashenko.', 1, ("Alexander Lukashenko", True, False, True)),
        ("According to {}Lukashenko potash would sell.", 3, ("Alexander Lukashenko", True, False, True)),
        ("Potash would sell, according to {}Lukashenko.", 3, ("Alexander Lukashenko", True, False, True)),
        ("He {}said that potash would sell.", 4, ("Jane Roe", True, False, True)),
        ("The company {}said that potash would sell.", 15, ("Acme", False, False, True)),
        ("Maria Lopez {}said that potash would sell.", 15, ("Maria Lopez", True, False, True)),
        ('"Potash will sell," said {}Maria Lopez.', 1, ("Maria Lopez", True, False, True)),
        ("The foreign ministry {}of Belarus said that potash would sell.", 1, ("Belarus ministry", False, False, True)),
        ("A spokesman for Belarus {}said that potash would sell.", 16, ("Belarus", False, False, True)),
        ("Belarus {}officials said that potash would sell.", 2, ("Belarus officials", False, False, True)),
        ("Officials in {}Belarus said that potash would sell.", 2, ("Belarus officials", False, False, True)),
    ],
)
def test_how_far_a_speaker_may_stand_from_the_verb(template, words, speech):
    assert shape(template.format("")) == speech
    assert reach(template, shape) == words


@pytest.mark.parametrize(
    "template",
    ["{}Lukashenko waited, but said potash would sell.", "{}Lukashenko met buyers, and said potash would sell."],
)
def test_the_subject_of_a_second_clause_stands_at_the_head_of_the_first(template):
    assert shape(template.format("")) == ("Alexander Lukashenko", True, False, True)
    assert reach(template, lambda text: speech_in(text) is None, "then ") == 5


def test_titles_and_names_of_two_to_four_words():
    assert reach('"Potash will sell," said minister {}Lukashenko.', shape, "the ") == 3
    assert shape("Maria Ann Lisa Lopez said that potash would sell.")[0] == "Maria Ann Lisa Lopez"
    assert shape("Maria Ann Lisa Joan Lopez said that potash would sell.") is None
    assert shape("Maria said that potash would sell.") is None


@pytest.mark.parametrize(("words", "weighty"), [(10, False), (11, True)])
def test_a_person_who_says_much_says_something(words, weighty):
    assert speech_in(f"Lukashenko said{' again' * words}.").weighty is weighty
