"""Seconds and peak memory of reading articles on one core: ``python -m tests.benchmarks.articles``.

Made-up articles of about 5,000 characters, a third each as text, markdown with front matter and HTML with menus, on days
of 2021 to 2026. Two things happen each week; an article tells those of its last seven days and some earlier ones, beside
remarks that are its own. Prints figures and judges none: machines differ, so quote ratios from one run. Each line runs in
its own process, so that its peak memory is its own.
"""

import datetime as dt
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.benchmarks.mass import ONE_CORE, peak_megabytes

CHARACTERS = 5000
FIRST_DAY, WEEKS = dt.date(2021, 1, 4), 280

DEEDS = (
    "{party} lifted its sanctions on Belarusian {good} {when}, the {office} said.",
    "{party} imposed sanctions on {company} {when}, naming {number} persons and {few} firms.",
    "{party} widened its sanctions against Belarus {when} to cover {good}.",
    "Belarus released {number} political prisoners {when} after talks with {party}.",
    "{person} met a delegation of {party} in {city} {when}, and the two spoke of {good} for {few} hours.",
    "{company} cut its {good} output by {number},000 tonnes {when} and laid off workers at its mine near {city}.",
    "{company} declared force majeure on {good} deliveries {when} because trains no longer crossed the border.",
    "A fire at the {company} mine near {city} killed {few} workers {when}, and the shaft was shut.",
    "{company} signed a contract {when} to supply {good} to buyers in {city} at ${number} a tonne.",
    "{company} raised its guidance {when} and said that quarterly profit was up {few} percent at ${few}.{few} billion.",
    "{party} put a tariff of {few} percent on {good} from Canada {when}.",
    "The railway stopped carrying {good} of {company} to the port of {city} {when}.",
)
REMARKS = (
    "\"We expect that {good} prices will go on rising until {month},\" {person} told reporters in {city} on {weekday}.",
    "{person} said that {party} could ease more of its measures next year if the talks went well.",
    "Analysts in {city} put the share of {company} at about {few} percent of world exports of {good}.",
    "Since {month} {year} the price of {good} has gone from ${number} to ${few}{few}0 a tonne, CFR {city}.",
    "Shares of {company} fell {few}.{few} percent on {weekday}, while those of its rivals hardly moved.",
    "The ministry did not answer questions, and {company} has not published figures since {month} {year}.",
    "In {year} the country sold {few}.{few} million tonnes of {good} abroad, most of it through {city}.",
    "Farmers there buy {good} twice a year, and dealers reckon that stocks will last for {few} more months.",
    "It was the {few}th round since {year}, when {party} first wrote {company} into its list.",
    "Nobody in {city} would say how long the loading would take or what it would cost in the end.",
)  # fmt: skip
SLOTS = {
    "party": ("The United States", "The European Union", "Canada", "The United Kingdom", "Lithuania", "Brazil"),
    "good": ("potash", "potassium chloride", "urea", "phosphate", "fertilizer", "ammonia"),
    "company": ("Belaruskali", "Nutrien", "Mosaic", "K+S", "Uralkali", "ICL", "SQM", "Yara", "Intrepid Potash"),
    "office": ("finance ministry", "Treasury Department", "foreign office", "press service"),
    "person": ("Alexander Lukashenko", "John Coale", "Marco Rubio", "Gitanas Nauseda", "Antony Blinken"),
    "city": ("Minsk", "Vilnius", "Santos", "Houston", "Klaipeda", "Winnipeg", "Mumbai", "Oslo"),
    "weekday": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
    "month": ("January", "March", "April", "June", "August", "October", "December"),
    "year": ("2019", "2020", "2021", "2022", "2023"),
}


def words(chance: random.Random) -> dict[str, object]:
    """Return a word for each slot of a sentence."""
    figures = {"number": chance.randrange(100, 999), "few": chance.randrange(2, 9)}
    return {name: chance.choice(values) for name, values in SLOTS.items()} | figures


def history() -> list[tuple[dt.date, str]]:
    """Return what happened, two things a week, the day left open in the sentence."""
    chance = random.Random(0)
    days = [FIRST_DAY + dt.timedelta(days=7 * week + chance.randrange(7)) for week in range(WEEKS) for _ in "ab"]
    return [(day, chance.choice(DEEDS).format_map(words(chance) | {"when": "{when}"})) for day in sorted(days)]


def sentences(chance: random.Random, day: dt.date, deeds: list[tuple[dt.date, str]]) -> Iterator[str]:
    """Yield the sentences of an article of that day without end: a third tell deeds, each of them once."""
    latest = [deed for deed in deeds if dt.timedelta(0) <= day - deed[0] < dt.timedelta(days=7)]
    earlier = [deed for deed in deeds if day - deed[0] >= dt.timedelta(days=7)]
    chosen = latest + chance.sample(earlier, min(8, len(earlier)))
    while True:
        if chosen and chance.random() < 1 / 3:
            told, sentence = chosen.pop(0)
            when = f"on {told:%A}" if (day - told).days < 7 else f"on {told.day} {told:%B %Y}"
            yield sentence.format(when=when)
        else:
            yield chance.choice(REMARKS).format_map(words(chance))


def article(chance: random.Random, day: dt.date, deeds: list[tuple[dt.date, str]], ending: str) -> str:
    """Return a page of one of the three forms."""
    told, paragraphs = sentences(chance, day, deeds), list[str]()
    while sum(map(len, paragraphs)) < CHARACTERS:
        paragraphs.append(" ".join(islice(told, chance.randrange(2, 5))))
    title = f"{chance.choice(SLOTS['company'])} and the {chance.choice(SLOTS['good'])} market of {chance.choice(SLOTS['city'])}"
    if ending == "md":
        return f"---\ntitle: {title}\npublished: {day}T09:30\n---\n# {title}\n\n" + "\n\n".join(paragraphs)
    if ending == "txt":
        return f"{title}\nPublished {day:%d %B %Y} 09:30 GMT\nShare\n\n" + "\n\n".join(paragraphs) + "\n\nRead more\n"
    menu = "".join(f"<li><a href='/{name.lower()}'>{name}</a></li>" for name in SLOTS["city"])
    head = f"<title>{title}</title><meta property='article:published_time' content='{day}T09:30:00+00:00'>"
    body = "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs)
    page = f"<nav><ul>{menu}</ul></nav><article><h1>{title}</h1>\n{body}</article><footer>All rights reserved.</footer>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{page}</body></html>"


def write(folder: Path, number: int, undated: int = 0) -> None:
    """Write that many articles; so many of those as text do not say when they appeared."""
    chance, deeds = random.Random(0), history()
    for index in range(number):
        day, ending = FIRST_DAY + dt.timedelta(days=chance.randrange(7 * WEEKS)), ("txt", "md", "html")[index % 3]
        page = article(chance, day, deeds, ending)
        if ending == "txt" and index < 3 * undated:
            page = re.sub(r"Published.*\n", "", page)
        (folder / f"page{index:05}.{ending}").write_text(page, encoding="utf-8")


def read(number: int, undated: int = 0) -> None:
    """Time the reading of that many articles, and print it."""
    from potash.news.events.reading import read_timeline

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), number, undated)
        before, start, cpu = peak_megabytes(), time.perf_counter(), time.process_time()
        reading = read_timeline(folder)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    assert len(reading.articles) == number
    line = f"{seconds:6.1f} s ({cpu:6.1f} s processor), {number / seconds:5.1f} articles a second"
    memory = f"peak {peak_megabytes():5.0f} MB, of which {before:3.0f} MB before"
    print(f"{line}; {memory}; {len(reading.claims)} claims, {len(reading.events)} events", flush=True)


WORK = [(250, 0), (1000, 0), (1000, 20), (4000, 0)]


def main() -> None:
    """Read each number of articles in a process of its own on one core."""
    for number, undated in WORK:
        print(f"{number:5} articles, {undated:2} undated", end=" ", flush=True)
        command = [sys.executable, "-c", f"from tests.benchmarks import articles; articles.read({number}, {undated})"]
        subprocess.run(command, check=True, env={**os.environ, **ONE_CORE})


if __name__ == "__main__":
    main()
