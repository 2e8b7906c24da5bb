"""The lexicon of the article reader: who, what, and the words for what happened; data that an analyst can extend."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from potash.errors import EventsError, close_to, listed

BUILT_IN = Path(__file__).with_name("lexicon.toml")

# An abbreviation with points, a word, a number, or one other sign; a hyphen and an apostrophe stand alone.
TOKEN = re.compile(r"(?:[A-Za-z]\.){2,}|[^\W\d_]+|\d+(?:[.,]\d+)*|[^\s\w]|_")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'"})
_VOWEL_Y = re.compile(r"[^aeiou]y$")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign: as it stands, in lower case, and where."""

    text: str
    low: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Label:
    """What a run of tokens is: ``sort`` is ``auth``, ``good``, ``actor``, ``obj``, ``noun``, ``verb`` or ``word``.

    ``form`` is ``base``, ``s``, ``past``, ``ing`` or ``nominal`` for verbs, and the kind of actor for actors.
    """

    sort: str
    name: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A label on tokens ``first`` to ``last``, both included."""

    first: int
    last: int
    label: Label


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, company, office or group, and the authorities it speaks for."""

    name: str
    kind: str
    of: tuple[str, ...]
    ticker: str = ""


@dataclass(frozen=True, slots=True)
class EventFrame:
    """Words for one kind of event; see the comments of ``lexicon.toml``."""

    kind: str
    verbs: tuple[str, ...]
    objects: tuple[str, ...]
    alone: tuple[str, ...]
    needs: frozenset[str]
    actors: int
    dated: bool
    subject: bool
    persons: bool
    parties: bool
    also: frozenset[str]
    without: frozenset[str]
    number: int
    context: bool


@dataclass(frozen=True)
class Lexicon:
    """The words, ready to be looked up."""

    actors: Mapping[str, Actor]
    groups: Mapping[str, tuple[str, ...]]
    frames: tuple[EventFrame, ...]
    words: Mapping[str, frozenset[str]]
    phrases: Mapping[str, tuple[tuple[str, ...], ...]]
    directions: Mapping[str, str]
    titles: Mapping[str, str]
    runs: Mapping[tuple[str, ...], tuple[tuple[tuple[str, ...], tuple[Label, ...]], ...]]

    def match(self, tokens: list[Token]) -> list[Match]:
        """Return every labelled run of tokens; of runs that begin at one token the longest of each sort."""
        matches: list[Match] = []
        lows = [token.low for token in tokens]
        for at, low in enumerate(lows):
            sorts: set[str] = set()
            for length in self.lengths.get(low, ()):
                run = tuple(lows[at : at + length])
                for exact, labels in self.runs.get(run, ()) if len(run) == length else ():
                    if any(want and tokens[at + i].text != want for i, want in enumerate(exact)):
                        continue
                    matches += [Match(at, at + length - 1, label) for label in labels if label.sort not in sorts]
                    sorts |= {label.sort for label in labels}
        return matches

    @cached_property
    def lengths(self) -> Mapping[str, tuple[int, ...]]:
        """How long the runs are that begin with a word, the longest first."""
        by_word: dict[str, set[int]] = {}
        for run in self.runs:
            by_word.setdefault(run[0], set()).add(len(run))
        return {word: tuple(sorted(lengths, reverse=True)) for word, lengths in by_word.items()}

    @cached_property
    def context(self) -> Mapping[str, tuple[str, ...]]:
        """The phrases of what some frames may take from anywhere in an article."""
        needs = {need for frame in self.frames if frame.context for need in (*frame.needs, *frame.also)}
        phrases_of: dict[str, list[str]] = {}
        for run, content in self.runs.items():
            for name in {
                label.name for _, labels in content for label in labels if label.sort.startswith("obj:")
            } & needs:
                phrases_of.setdefault(name, []).append(" ".join(run))
        return {name: tuple(phrases) for name, phrases in phrases_of.items()}

    @cached_property
    def by_word(self) -> Mapping[str, tuple[int, ...]]:
        """The frames that a verb, or the number of a frame's phrases, calls for."""
        frames: dict[str, list[int]] = {}
        for frame in self.frames:
            for word in (*frame.verbs, *frame.alone, str(frame.number)):
                frames.setdefault(word, []).append(frame.number)
        return {word: tuple(numbers) for word, numbers in frames.items()}


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a text, offsets into it."""
    plain = text.translate(_APOSTROPHES)
    return [Token(m[0], m[0].lower(), m.start(), m.end()) for m in TOKEN.finditer(plain)]


@lru_cache(maxsize=8)
def load_lexicon(extra: Path | None = None) -> Lexicon:
    """Return the built-in lexicon, extended by a user's file of the same form.

    Raises
    ------
    EventsError
        If the file cannot be read as TOML, or holds a section, kind or object that is not known.
    """
    tables = tomllib.loads(BUILT_IN.read_text(encoding="utf-8"))
    if extra is not None:
        tables = _extended(tables, _read(extra), extra)
    return _compiled(tables)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EventsError(
            f"{path}: the lexicon cannot be read: {error.strerror}. Give the path of a TOML file."
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise EventsError(f"{path}: the lexicon cannot be read as TOML: {error}.") from None


def _extended(tables: dict[str, Any], more: dict[str, Any], path: Path) -> dict[str, Any]:
    out = dict(tables)
    for section, content in more.items():
        if section not in tables:
            raise EventsError(
                f"{path}: section [{section}]{close_to(section, tables)} is not one of {listed(tables, 20)}."
            )
        if isinstance(content, list):
            out[section] = _merged_entries(section, tables[section], content, path)
        else:
            merged = dict(tables[section])
            for name, value in content.items():
                built_in = merged.get(name)
                merged[name] = [*built_in, *value] if isinstance(built_in, list) and isinstance(value, list) else value
            out[section] = merged
    return out


def _merged_entries(section: str, built_in: list[Any], more: list[Any], path: Path) -> list[Any]:
    if section == "frames":
        kinds = {frame["kind"] for frame in built_in} | {"statement"}
        wrong = [str(frame.get("kind")) for frame in more if frame.get("kind") not in kinds]
        if wrong:
            raise EventsError(
                f"{path}: frames of kind {listed(map(repr, wrong))}; kinds are {listed(sorted(kinds), 30)}."
            )
        return [*built_in, *more]
    by_name = {entry["name"]: dict(entry) for entry in built_in}
    for entry in more:
        if "name" not in entry or "variants" not in entry:
            raise EventsError(f"{path}: an entry of [[{section}]] needs name and variants; it has {listed(entry)}.")
        old = by_name.get(entry["name"], {"variants": []})
        by_name[entry["name"]] = {**old, **entry, "variants": [*old["variants"], *entry["variants"]]}
    return list(by_name.values())


def _compiled(tables: dict[str, Any]) -> Lexicon:
    runs: dict[tuple[str, ...], dict[tuple[str, ...], list[Label]]] = {}

    def add(phrase: str, label: Label) -> None:
        tokens = tokens_of(phrase)
        low = tuple(token.low for token in tokens)
        exact = tuple(token.text if token.text != token.low else "" for token in tokens)
        labels = runs.setdefault(low, {}).setdefault(exact, [])
        if label not in labels:
            labels.append(label)

    for name, label in _labels(tables):
        add(name, label)
    actors = {
        entry["name"]: Actor(
            entry["name"], entry.get("kind", "person"), tuple(entry.get("of", ())), entry.get("ticker", "")
        )
        for entry in tables["actors"]
    }
    words = {name: list(content) for name, content in tables["words"].items()}
    forms = [pair for verb in words["speech"] for pair in forms_of(verb, tables["irregular"], {})]
    words["speech"] = [word for word, form in forms if form in {"past", "s"} and word not in words["not_speech"]]
    return Lexicon(
        actors=actors,
        groups={name: tuple(content) for name, content in tables["groups"].items()},
        frames=tuple(_frame(number, entry) for number, entry in enumerate(tables["frames"])),
        words={name: frozenset(content) for name, content in words.items()},
        phrases={name: tuple(tuple(t.low for t in tokens_of(phrase)) for phrase in content) for name, content in words.items()},
        directions=tables["directions"],
        titles=tables["titles"],
        runs={
            low: tuple((exact, tuple(labels)) for exact, labels in content.items()) for low, content in runs.items()
        },
    )  # fmt: skip


def _labels(tables: dict[str, Any]) -> Iterator[tuple[str, Label]]:
    for sort, section in (("auth", "authorities"), ("good", "goods"), ("obj", "objects"), ("obj", "more_objects")):
        for name, phrases in tables[section].items():
            for phrase in phrases:
                # Labels of unlike objects may stand on the same words: their sort carries the name.
                yield phrase, Label(f"{sort}:{name}" if sort == "obj" else sort, name)
    for phrase, names in tables["groups"].items():
        for name in names:
            yield phrase, Label("auth", name)
    for entry in tables["actors"]:
        for phrase in entry["variants"]:
            yield phrase, Label("actor", entry["name"], entry.get("kind", "person"))
    for number, entry in enumerate(tables["frames"]):
        for phrase in entry.get("nouns", ()):
            yield phrase, Label(f"noun:{number}", entry["kind"])
    verbs = {verb for entry in tables["frames"] for verb in (*entry.get("verbs", ()), *entry.get("alone", ()))}
    for verb in sorted(verbs):
        for phrase, form in forms_of(verb, tables["irregular"], tables["nominal"]):
            yield phrase, Label("verb:" + verb, verb, form)


def _frame(number: int, entry: Mapping[str, Any]) -> EventFrame:
    return EventFrame(
        kind=entry["kind"], verbs=tuple(entry.get("verbs", ())), objects=tuple(entry.get("objects", ())),
        alone=tuple(entry.get("alone", ())), needs=frozenset(entry.get("needs", ())), actors=entry.get("actors", 0),
        dated=entry.get("dated", False), subject=entry.get("subject", False), persons=entry.get("persons", False),
        parties=entry.get("parties", False), also=frozenset(entry.get("also", ())), number=number,
        context=entry.get("context", False),
        without=frozenset(entry.get("without", ())),
    )  # fmt: skip


def forms_of(verb: str, irregular: Mapping[str, list[str]], nominal: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """Return the forms of a verb, each with its name; of a phrasal verb the first word is bent."""
    head, _, particle = verb.partition(" ")
    tail = f" {particle}" if particle else ""
    past = irregular.get(head, [_with(head, "ed")])
    forms = [(_third(head), "s"), (_with(head, "ing"), "ing"), *((form, "past") for form in past)]
    if head not in past:  # "cut" is taken for the past; the words before it say otherwise
        forms.append((head, "base"))
    forms += [(form, "nominal") for form in nominal.get(head, ())]
    return [(form + tail, name) for form, name in forms]


def _third(head: str) -> str:
    if head == "have":
        return "has"
    if head == "go":
        return "goes"
    if _VOWEL_Y.search(head):
        return head[:-1] + "ies"
    return head + ("es" if head.endswith(("s", "sh", "ch", "x", "z")) else "s")


_DOUBLED = frozenset({
    "annul", "ban", "bar", "begin", "bid", "commit", "cut", "defer", "dip", "drop", "forbid", "get", "hit", "let",
    "occur", "permit", "plug", "put", "rig", "rip", "scrap", "set", "shed", "ship", "shut", "sit", "slap", "slip",
    "step", "stop", "submit", "swap", "top", "transfer", "trap", "trim", "win", "wrap",
})  # fmt: skip


def _with(head: str, ending: str) -> str:
    if head == "die" and ending == "ing":
        return "dying"
    if head in _DOUBLED:
        return head + head[-1] + ending
    if ending == "ed" and _VOWEL_Y.search(head):
        return head[:-1] + "ied"
    if head.endswith("e") and not (ending == "ing" and head.endswith(("ee", "oe", "ye"))):
        return head[:-1] + ending
    return head + ending
