"""The command line: ``potash timeline``. Heavy imports wait until a command runs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from potash.cli.exit_codes import ExitCode
from potash.cli.terminal import bars, count, errors_as_messages, say
from potash.errors import EventsError

if TYPE_CHECKING:
    import pandas as pd

    from potash.news.records import Problem, Reading
    from potash.news.tables.diff import Build, Differences
    from potash.news.tables.overrides import Curated, Outcome
    from potash.news.tables.writing import TimelineTables
    from potash.report.price_claims import PriceClaim

_VIEW, _PRICES = "timeline.html", "price_claims.csv"
_SHOWN_CHANGES = 30
_Progress: TypeAlias = Callable[[int, int, Path], None]

timeline_app = typer.Typer(
    help="News articles to a timeline of dated events with their evidence.", no_args_is_help=True
)

LexiconFile = Annotated[Path | None, typer.Option(metavar="FILE", help="A lexicon that adds to the built-in one.")]
_Published = Annotated[
    list[str] | None,
    typer.Option(metavar="ID=DATE", help="When an article appeared, over what it says; may be repeated."),
]
Today = Annotated[
    dt.datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Articles of a later day are not read."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what went wrong.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


@timeline_app.command()
def build(
    articles: Annotated[list[Path], typer.Argument(metavar="ARTICLES...", help="Folders or files: .txt, .md, .html.")],
    out: Annotated[Path, typer.Option(help="Folder that the timeline goes to.")] = Path("timeline"),
    overrides: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Decisions of people (TOML): accept, reject, correct, merge, split."),
    ] = None,
    context: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Events that no article tells (CSV with columns of events.csv).")
    ] = None,
    lexicon: LexiconFile = None,
    published: _Published = None,
    today: Today = None,
    strict: Annotated[bool, typer.Option("--strict", help="An override without its event is an error.")] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Read articles and write events.csv, evidence.csv, a readable timeline.html, and what did not get in, to OUT.

    Exit code 0: built. 2: an error in what was given, and OUT is as it was. 3: built, but some files could not be read;
    they are listed.
    """
    with errors_as_messages(debug, "the previous timeline"):
        from potash.news.tables.diff import Build, compare_builds
        from potash.news.tables.overrides import apply_overrides, read_overrides
        from potash.news.tables.writing import timeline_tables, write_timeline

        decisions = read_overrides(overrides, context)
        _refuse_mixing(out, articles, [overrides, lexicon, *decisions.files])
        reading = read_or_report(articles, _assignments(published or []), today, lexicon, quiet)
        curated = apply_overrides(reading, decisions)
        _say_unused(curated.unused, strict)
        tables = timeline_tables(reading, curated)
        prices = _checked_prices(reading, lexicon)
        before = _previous(out)
        write_timeline(out, tables, {_VIEW: _view(reading, curated, prices), _PRICES: _csv(prices)})
        if not quiet:
            _say_built(out, reading, tables, prices)
            if before is not None:
                _say_changes(compare_builds(before, Build(tables.events, tables.evidence)), "the previous build")
    if any(problem.fatal for problem in reading.problems):
        raise typer.Exit(ExitCode.INCOMPLETE)


@timeline_app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Folder of a build.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Folder of another build.")],
    debug: Debug = False,
) -> None:
    """Show what differs between two builds: events, columns, evidence."""
    with errors_as_messages(debug, "the previous timeline"):
        from potash.news.tables.diff import compare

        differences = compare(old, new)
        say(f"{old} -> {new}: {differences.summary}")
        for line in differences.lines():
            say(line)


def _assignments(texts: Iterable[str]) -> dict[str, str]:
    moments: dict[str, str] = {}
    for text in texts:
        name, _, date = (part.strip() for part in text.partition("="))
        if not name or not date:
            raise typer.BadParameter(f"{text!r} is not of the form ID=DATE.", param_hint="--published")
        if name in moments:
            raise typer.BadParameter(f"{name!r} is given twice.", param_hint="--published")
        moments[name] = date
    return moments


def _refuse_mixing(out: Path, articles: Sequence[Path], inputs: Iterable[Path | None]) -> None:
    """Raise if the build would read what it writes, or write over what people keep."""
    from potash.news.tables.writing import FILES

    if out.resolve() in {
        folder.resolve() for path in articles for folder in (path, path.parent if path.is_file() else path)
    }:
        raise EventsError(
            f"--out {out}: the articles lie there, and the next build would read {_VIEW} as one. Choose another."
        )
    written = {(out / name).resolve() for name in (*FILES, _VIEW, _PRICES)}
    for path in (*articles, *inputs):
        if path is not None and path.resolve() in written:
            raise EventsError(f"{path}: the build would write over it. Keep it elsewhere, or choose another --out.")


def read_or_report(
    articles: Sequence[Path], published: Mapping[str, str], today: dt.datetime | None, lexicon: Path | None, quiet: bool
) -> Reading:
    """Return the reading of articles; files that could not be read are printed, and none at all is an error."""
    from potash.news.events.reading import read_timeline

    with _progress(quiet) as tell:
        reading = read_timeline(
            list(articles),
            today=None if today is None else today.date(),
            published=published,
            lexicon=lexicon,
            progress=tell,
        )
    for problem in reading.problems:
        if problem.fatal or not quiet:
            say(_problem_line(problem), err=True)
    if not reading.articles:
        raise EventsError(f"none of {count(len(reading.problems), 'file')} could be read, so nothing was written.")
    return reading


def _problem_line(problem: Problem) -> str:
    name = problem.path.name
    # Most reasons begin with the name of the file already.
    reason = problem.reason if problem.reason.startswith((name, str(problem.path))) else f"{name}: {problem.reason}"
    return f"{'not read' if problem.fatal else 'note'}: {reason}"


@contextmanager
def _progress(quiet: bool) -> Iterator[_Progress | None]:
    """Yield a callback: a bar on a terminal, otherwise a line per tenth of the files, on stderr."""
    if quiet:
        yield None
        return
    with bars() as bar:
        if bar is None:
            yield _plain_line
            return
        row = bar.add_task("articles", total=None)
        yield lambda done, total, _: bar.update(row, completed=done, total=total)
        bar.update(row, completed=bar.tasks[row].total)


def _plain_line(done: int, total: int, _: Path) -> None:
    if done and done * 10 // total > (done - 1) * 10 // total:
        say(f"read {done} of {count(total, 'file')}", err=True)


def _say_unused(unused: Sequence[Outcome], strict: bool) -> None:
    for outcome in unused:
        event = f" {outcome.event_id!r}" if outcome.event_id else ""
        say(f"unused override: {outcome.action}{event}: {outcome.detail}", err=True)
    if strict and unused:
        overrides = count(len(unused), "override")
        raise EventsError(
            f"{overrides} found nothing to change (--strict), so nothing was written. Correct or remove them."
        )


def _checked_prices(reading: Reading, lexicon: Path | None) -> pd.DataFrame:
    """Return what articles say about share prices, held against the carried prices."""
    from potash.market.load import load_prices
    from potash.report.price_claims import check_price_claims

    return check_price_claims(price_claims_of(reading, lexicon), load_prices())


def price_claims_of(reading: Reading, lexicon: Path | None) -> list[PriceClaim]:
    """Return what the articles of a reading say about share prices, copies left out."""
    from potash.report.price_claims import find_price_claims

    originals = [article for article in reading.articles if not article.same_as]
    return [claim for article in originals for claim in find_price_claims(article, lexicon=lexicon)]


def _view(reading: Reading, curated: Curated, prices: pd.DataFrame) -> Callable[[Path], object]:
    from potash.report.timeline_page import write_timeline_page

    events = tuple(item.event for item in curated.events)
    articles = [replace(a, publisher=curated.publishers.get(a.article_id, a.publisher)) for a in reading.articles]
    shown_reading = replace(reading, articles=tuple(articles))
    return lambda path: write_timeline_page(shown_reading, path, events=events, price_claims=prices)


def _csv(frame: pd.DataFrame) -> Callable[[Path], object]:
    return lambda path: frame.to_csv(path, index=False, lineterminator="\n")


def _previous(out: Path) -> Build | None:
    """Return the build that stands in a folder, or ``None``; one that cannot be read stops nothing."""
    from potash.news.tables.diff import read_build

    if not (out / "events.csv").exists():
        return None
    try:
        return read_build(out)
    except EventsError as error:
        say(f"note: not compared with the previous build: {error}", err=True)
        return None


def _say_built(out: Path, reading: Reading, tables: TimelineTables, prices: pd.DataFrame) -> None:
    kinds = Counter(tables.events["kind"]).most_common()
    from_articles = int((tables.events["origin"] != "context").sum())
    unread = sum(problem.fatal for problem in reading.problems)
    conflicts = tables.evidence[tables.evidence["role"] == "contradicts"]
    results = Counter(tables.curated["result"])
    contradicted = int(prices["verdict"].str.startswith("contradicted").sum())
    say(f"{count(len(reading.articles), 'article')} read" + (f", {unread} not" if unread else ""))
    say(f"{count(from_articles, 'event')} from articles, {len(tables.events) - from_articles} from context")
    for kind, number in sorted(kinds, key=lambda pair: (-pair[1], pair[0])):
        say(f"  {number:4} {kind}")
    fields = len(conflicts.drop_duplicates(["event_id", "field"]))
    say(f"{count(fields, 'conflict')} in {count(conflicts['event_id'].nunique(), 'event')}")
    say(f"{count(len(tables.unplaced), 'claim')} in no event: {out / 'unplaced.csv'}")
    if len(tables.curated):
        say(f"overrides: {results['applied']} applied, {results['unused']} unused: {out / 'curated.csv'}")
    if len(prices):
        say(f"{count(len(prices), 'claim')} about share prices, {contradicted} contradicted: {out / _PRICES}")
    say(f"Timeline: {out / 'events.csv'}, evidence: {out / 'evidence.csv'}, to read: {out / _VIEW}")


def _say_changes(differences: Differences, than: str) -> None:
    say(f"Compared with {than}: {differences.summary}")
    lines = differences.lines()
    for line in lines[:_SHOWN_CHANGES]:
        say(line)
    if len(lines) > _SHOWN_CHANGES:
        say(f"and {len(lines) - _SHOWN_CHANGES} more; build with another --out and run `potash timeline diff` for all")
