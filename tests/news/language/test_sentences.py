"""Sentences of a text and the clauses of a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.news.language.lexicon import load_lexicon
from potash.news.language.sentences import Sentence, split_sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, 0, len(text))]


def sentence(text: str) -> Sentence:
    return Sentence.of(text, 0, len(text), load_lexicon())


def clause_of(text: str, word: str) -> int:
    own = sentence(text)
    return own.clauses[own.lows.index(word)]


@pytest.mark.parametrize(
    "expected",
    [
        ["The mill stands still.", "Nobody knows why."],
        ["Is it over?", "Yes!", "The trains run again."],
        ["Mr. Novak met Dr. Lee at noon.", "They spoke about freight."],
        ["Sen. Grant and Rep. Poe agreed.", "Gov. Hall did not."],
        ["The U.S. Treasury acted.", "The E.U. did not."],
        ["Prices fell in the U.S.", "The bank waited."],
        ["He works in Washington, D.C. and in Minsk.", "She does not."],
        ["J. P. Holm left the board.", "Nobody followed him."],
        ["Nutrien Ltd. cut its range.", "Mosaic Co. did not."],
        ["Sales rose to 3.5 million tonnes.", "Profit fell by 2.25 percent."],
        ["It cost $2.4 billion (about 2.1 bn euros).", "Who pays?"],
        ["Output is down by a fifth (approx. 9 mln tonnes).", "Stocks are low."],
        ["On Feb. 1 the trains stopped.", "On Aug. 9 they ran again."],
        ["Loadings began at 6 a.m. on Monday.", "The crew went home at 6 p.m.", "The pier was empty."],
        ["The ship left the St. Petersburg pier.", "It never came back."],
        ['"We are done."', "He left the room."],
        ["“We are done,” he said.", "“Go home.”"],
        ['He asked "why?" and left.', "No one knew."],
        ["Wait… is what they said.", "So we waited…", "Then it came."],
    ],
)
@pytest.mark.parametrize("space", [" ", "\n"])
def test_sentences_end_where_a_reader_ends_them(expected, space):
    assert split(space.join(expected)) == expected


def test_points_of_a_list_are_sentences():
    assert split("- One thing is salt\n- Another is freight") == ["- One thing is salt", "- Another is freight"]


def test_a_stretch_of_a_text_is_split_with_offsets_into_the_text():
    text = "Title here\n\n  The mill stands still. Nobody knows why.  \n\nMore text."
    start, end = text.index("  The"), text.index("\n\nMore")
    spans = list(split_sentences(text, start, end))
    assert [text[a:b] for a, b in spans] == ["The mill stands still.", "Nobody knows why."]
    assert all(start <= a < b <= end for a, b in spans)


def test_nothing_to_split():
    assert split("") == split(" \n ") == []


@given(st.text(alphabet='Ab .,!?"\n“”-$3…', max_size=120))
def test_spans_are_in_order_and_leave_only_space_out(text):
    spans = list(split_sentences(text, 0, len(text)))
    at, left_out = 0, ""
    for start, end in spans:
        assert at <= start < end
        assert text[start:end] == text[start:end].strip()
        left_out += text[at:start]
        at = end
    assert not (left_out + text[at:]).strip()


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("Trains stopped after the bridge collapsed.", "trains", "collapsed"),
        ("The mine, which flooded twice, makes salt again.", "makes", "flooded"),
        ("The mine cut output, and the port followed.", "cut", "followed"),
        ("The mine cut output, but the port did not.", "output", "port"),
        ("Prices fell; buyers waited.", "fell", "waited"),
        ("Prices fell – buyers waited.", "fell", "waited"),
        ('He said: "The ban stays."', "said", "stays"),
        ("“The ban stays,” he said.", "said", "stays"),
        ("If trains stop, prices rise.", "stop", "rise"),
        ("When drones came, the border was closed.", "came", "closed"),
        ("The ban holds until trains run.", "holds", "run"),
        ("The ban was lifted, while tariffs stayed.", "lifted", "stayed"),
    ],
)
def test_what_stands_in_two_clauses(text, one, other):
    assert clause_of(text, one) != clause_of(text, other)


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("The mine, which flooded twice, makes salt again.", "mine", "makes"),
        ("Nutrien, Mosaic and others cut output.", "nutrien", "cut"),
        ("He sold 3,500 tonnes, 20 trucks and a boat.", "sold", "boat"),
        ("The council has since widened its ban.", "council", "ban"),
        ("Once again the council widened its ban.", "once", "ban"),
        ("The council, as planned on Friday, widened its ban.", "planned", "friday"),
    ],
)
def test_what_stands_in_one_clause(text, one, other):
    assert clause_of(text, one) == clause_of(text, other)


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("If trains stop, prices rise.", "stop", True),
        ("If trains stop, prices rise.", "rise", False),
        ("Nothing moves unless the ban ends.", "ends", True),
        ("Nobody knows whether the ban ends.", "ends", True),
        ("Nothing moves until the ban ends.", "ends", True),
        ("Nothing moved until the council lifted its ban.", "lifted", False),
        ("Trains stopped after the ban began.", "began", False),
    ],
)
def test_conditions(text, word, expected):
    assert (clause_of(text, word) in sentence(text).conditional) is expected


def test_offsets_of_tokens_are_those_of_the_article():
    text = "Old news.\nThe U.S. lifted its ban on potash.\nMore."
    start = text.index("The")
    own = Sentence.of(text, start, text.index("\nMore"), load_lexicon())
    (match,) = own.labelled("good")
    first, last = own.span(match.first, match.last)
    assert text[first:last] == "potash"
    assert own.tokens[own.token_at(text.index("lifted") - start)].low == "lifted"
