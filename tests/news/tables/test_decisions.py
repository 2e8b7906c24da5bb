"""A file of decisions and the context files that it names: what is read of them, and what each refusal says."""

import pytest

from potash.errors import EventsError
from potash.news.tables.overrides import apply_overrides, read_overrides
from tests.support.records import entry, two_events


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[accepts]]\n", ["'accepts'", "did you mean 'accept'?"]),
        ("[accept]\nevent = 'x'\n", ["Start each with [[accept]]"]),
        ("[[accept]\n", ["not TOML", "line 1"]),
        ("\n" + entry("accept", 'evnt = "x"'), ["line 2, [[accept]]", "'evnt'", "did you mean 'event'?"]),
        ('[[accept]]\nevent = "x"\nby = "A"\n', ["no reason", 'Add reason = "..."']),
        ('[[accept]]\nevent = "x"\nby = " "\nreason = "r"\n', ["by = ' ' is malformed"]),
        (entry("correct", 'event = "x"'), ["no set"]),
        (entry("correct", 'event = "x"', 'set = {titles = "t"}'), ["'titles'", "did you mean 'title'?", "event_id, date"]),
        (entry("correct", 'event = "x"', "set = {title = true}"), ["set = {'title': True} is malformed"]),
        (entry("correct", 'event = "x"', "set = {}"), ["set = {} is malformed"]),
        (entry("merge", 'into = "x"', "events = []"), ["events = [] is malformed"]),
        (entry("split", 'event = "x"', 'as = "y"'), ["neither articles nor claims"]),
        (entry("split", 'event = "x"', 'as = "y"', 'claims = [["a", 9, 3]]'), ["claims", "offsets in its file"]),
        (entry("split", 'event = "x"', 'as = "y"', 'articles = ["a"]', 'set = {event_id = "z"}'), ["Keep as = 'y'"]),
        (entry("evidence", 'event = "x"', 'article = "a"', "start = 5", "end = 5", 'field = "f"', "value = 1"),
         ["start = 5, end = 5"]),
        (entry("evidence", 'event = "x"', 'article = "a"', "start = 5", "end = 6", 'field = "f"', "value = 1", 'role = "pro"'),
         ["role = 'pro'", '"supports" or "contradicts"']),
    ],
)  # fmt: skip
def test_a_malformed_file_is_refused_with_its_place(decide, text, words):
    with pytest.raises(EventsError) as caught:
        decide(text)
    for word in ["overrides.toml", *words]:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("context", "words"),
    [
        ("event_id,date\n2024-05-09-cut,2024-05-09\n", ["2024-05-09-cut", "twice"]),
        ("event_id,date,origin\nstrike,2024-05-09,articles\n", ["origin is not context", "strike"]),
        ("event_id,date,titles\nstrike,2024-05-09,x\n", ["'titles'", "did you mean 'title'?"]),
        ("event_id,date\nstrike,2024-13\n", ["line 2", "does not exist"]),
    ],
)
def test_context_events_obey_the_rules_too(tmp_path, context, words):
    (tmp_path / "c.csv").write_text(context)
    with pytest.raises(EventsError) as caught:
        apply_overrides(two_events(), read_overrides(context=tmp_path / "c.csv"))
    for word in words:
        assert word in str(caught.value)


def test_missing_and_misencoded_files_are_named(tmp_path):
    with pytest.raises(EventsError, match=r"nothing\.toml: cannot be read"):
        read_overrides(tmp_path / "nothing.toml")
    (tmp_path / "o.toml").write_bytes(b'[[accept]]\nevent = "\xff"\n')
    with pytest.raises(EventsError, match="UTF-8"):
        read_overrides(tmp_path / "o.toml")
