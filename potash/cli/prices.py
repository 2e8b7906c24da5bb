"""The command line: ``potash prices``. Heavy imports wait until a command runs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potash.cli.exit_codes import ExitCode
from potash.cli.terminal import bars, count, errors_as_messages, say, say_table
from potash.errors import OptionError, ProviderError, check_option

if TYPE_CHECKING:
    import pandas as pd

    from potash.market.providers.base import Provider
    from potash.market.providers.patience import Patience
    from potash.market.pulling import Pulled
    from potash.universe import Universe

PROVIDERS = ("yahoo", "pink_sheet", "french", "files", "carried")
UNCHANGED = "the price store"
_LONG_WAIT = 5.0

prices_app = typer.Typer(
    help="Prices: pulled from providers, kept for good, checked, and handed out as of a date.", no_args_is_help=True
)

Tickers = Annotated[list[str] | None, typer.Argument(metavar="TICKERS", help="Which ones; all by default.")]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", metavar="PLACE", help="A file or postgresql://...; POTASH_STORE or your data folder by default."
    ),
]
UniverseOption = Annotated[
    Path | None, typer.Option("--universe", metavar="FILE", help="Your instruments instead of the carried ones.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what went wrong.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="What was known at the end of that day (UTC), or then.")
]


@prices_app.command()
def pull(
    tickers: Tickers = None,
    provider: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="yahoo, pink_sheet, french, files or carried; may be repeated. Default: yahoo and pink_sheet.",
        ),
    ] = None,
    folder: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Your files, for --provider files.")] = None,
    since: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="Where the history starts; 2000-01-01, or where it was pulled from, by default.",
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Ask for the whole history again, to see what was rewritten in it.")
    ] = False,
    fx: Annotated[
        str | None, typer.Option(metavar="CURRENCY", help="Also the exchange rates of the listings to it: --fx USD.")
    ] = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Store an answer that lacks much of what was given before.")
    ] = False,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where the Pink Sheet's workbook, or French's folder, lies now, if it moved."),
    ] = None,
    attempts: Annotated[int, typer.Option(min=1, max=10, help="Requests for a series before it has failed.")] = 4,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that a request may take.")] = 20.0,
    pause: Annotated[float, typer.Option(min=0.0, help="Seconds between two series.")] = 0.4,
    store: StoreOption = None,
    universe: UniverseOption = None,
    quiet: Quiet = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also say what was left out, and why.")] = False,
    debug: Debug = False,
) -> None:
    """Ask providers for what is new, and store what changed.

    Exit code 0: every series answered. 1: none did. 2: a wrong option or ticker. 3: some did not answer; they are named,
    the rest is stored, and the same command goes on where it stopped.
    """
    with errors_as_messages(debug, UNCHANGED):
        import pandas as pd

        from potash.clock import utc_now
        from potash.market.providers.patience import Patience
        from potash.market.pulling import pull as pull_series
        from potash.market.store.store import PriceStore
        from potash.universe import load_universe

        names = list(dict.fromkeys(provider or (["yahoo"] if tickers else ["yahoo", "pink_sheet"])))
        for name in names:
            check_option("--provider", name, PROVIDERS)
        _check_goes_with(names, url, folder, fx)
        if since is not None and since.date() > utc_now().date():
            raise OptionError(f"--since {since:%Y-%m-%d} lies in the future. Give the day on which the history starts.")
        instruments = load_universe(universe)
        patience = Patience(attempts, pause, _wait)
        outcomes: Counter[str] = Counter()
        with _stopped_between_series(), PriceStore(store, create=True) as opened:
            for name in names:
                chosen = _provider(name, folder, url, timeout, instruments)
                try:
                    symbols = _symbols(chosen, tickers, instruments, fx, patience)
                except ProviderError as error:
                    say(f"{name}: {error}", err=True)
                    outcomes["failed"] += 1
                    continue
                done = pull_series(
                    opened,
                    chosen,
                    symbols,
                    utc_now,
                    since=None if since is None else pd.Timestamp(since),
                    full=full,
                    accept_loss=accept_loss,
                    exchanges=instruments.exchanges if name == "yahoo" else None,
                    patience=patience,
                )
                outcomes += _say_pulled(done, name, len(symbols), quiet, verbose)
                _say_strangers(name, tickers, instruments)
            if not quiet:
                words = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items())
                say(f"{count(outcomes.total(), 'series')}: {words}. Store: {opened.where}")
    bad = outcomes["failed"] + outcomes["left"]
    if bad:
        raise typer.Exit(ExitCode.INCOMPLETE if bad < outcomes.total() else ExitCode.INTERNAL)


def _wait(seconds: float) -> None:
    """Wait, and say so where it is long enough to wonder."""
    import time

    if seconds >= _LONG_WAIT:
        say(f"waiting {seconds:.0f} s before asking again (Ctrl-C stops; what came is stored)", err=True)
    time.sleep(seconds)


def _check_goes_with(names: Sequence[str], url: str | None, folder: Path | None, fx: str | None) -> None:
    """Raise :class:`OptionError` for an option that none of the providers heeds."""
    words = " and ".join(names)
    if url is not None and len([name for name in names if name in {"pink_sheet", "french"}]) != 1:
        raise OptionError(f"--url goes with --provider pink_sheet or --provider french, not with {words}.")
    if folder is not None and "files" not in names:
        raise OptionError(f"--folder goes with --provider files, not with {words}.")
    if fx is not None and "yahoo" not in names:
        raise OptionError(f"--fx goes with --provider yahoo, not with {words}.")


@contextmanager
def _stopped_between_series() -> Iterator[None]:
    """Turn Ctrl-C into exit code 130 and say what became of the store: what came before is stored."""
    try:
        yield
    except KeyboardInterrupt:
        say("potash: stopped; each series is stored whole or not at all. The same command goes on.", err=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def _provider(name: str, folder: Path | None, url: str | None, timeout: float, universe: Universe) -> Provider:
    from potash.market.providers.carried import Carried
    from potash.market.providers.files import Files
    from potash.market.providers.french import French
    from potash.market.providers.pink_sheet import PinkSheet
    from potash.market.providers.yahoo import Yahoo

    if name == "files":
        if folder is None:
            raise OptionError("--provider files needs --folder: the folder of your CSV or Parquet files.")
        currencies = {str(ticker): str(code) for ticker, code in universe.frame["currency"].items()}
        return Files(folder, currencies, universe.exchanges)
    if name == "carried":
        return Carried()
    if name == "pink_sheet":
        return PinkSheet(url=url, timeout=max(timeout, 60.0))
    if name == "french":
        return French(timeout=max(timeout, 60.0)) if url is None else French(timeout=max(timeout, 60.0), base=url)
    return Yahoo(timeout=timeout, exchanges=universe.exchanges)


def _symbols(
    provider: Provider, tickers: Sequence[str] | None, universe: Universe, fx: str | None, patience: Patience
) -> list[str]:
    from potash.clock import utc_now
    from potash.market.currency import fx_symbol
    from potash.market.providers.patience import list_symbols

    if tickers:
        symbols = list(dict.fromkeys(tickers))
        small = [symbol for symbol in symbols if symbol != symbol.upper()]
        if small and provider.name == "yahoo":
            # Yahoo answers to both, and the same prices would be stored twice.
            words = ", ".join(map(repr, small))
            raise OptionError(
                f"Yahoo's tickers have capital letters only, not {words}: write {' '.join(small).upper()}."
            )
    elif provider.name == "yahoo":
        symbols = universe.pulled
    else:
        symbols = list_symbols(provider, utc_now, patience)
    if fx is not None and provider.name == "yahoo":
        listed = [t for t in symbols if t in universe.frame.index]
        needed = [fx_symbol(str(code), fx) for code in dict.fromkeys(universe.frame.loc[listed, "currency"])]
        symbols += [symbol for symbol in needed if symbol is not None and symbol not in symbols]
    return symbols


def _say_strangers(name: str, tickers: Sequence[str] | None, universe: Universe) -> None:
    """Say which tickers asked for are not in the universe: they are stored, and handed out to nobody."""
    from potash.errors import close_to

    strange = [t for t in tickers or () if t not in universe.frame.index and not t.endswith("=X")]
    if name in {"yahoo", "files"} and strange:
        words = ", ".join(f"{ticker}{close_to(ticker, universe.frame.index)}" for ticker in strange)
        say(
            f"not in the universe: {words}. Prices, checks and reports leave them out until you hand over a universe that "
            "has them with --universe.",
            err=True,
        )


def _say_pulled(done: Iterable[Pulled], name: str, total: int, quiet: bool, verbose: bool) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    with bars() as shown:
        task = None if shown is None or quiet else shown.add_task(name, total=total)
        for one in done:
            outcomes[one.outcome] += 1
            line = _line(one)
            if shown is not None and task is not None:
                shown.advance(task)
                if verbose or one.outcome in {"failed", "left"}:
                    shown.console.print(line, highlight=False, markup=False)
            elif one.outcome in {"failed", "left"}:
                say(line, err=True)
            elif not quiet:
                say(line)
            if verbose and not quiet:
                for note in one.notes:
                    say(f"    {note}", err=shown is not None)
    return outcomes


def _line(one: Pulled) -> str:
    if one.written is None or one.written.known_from is None:
        if one.outcome == "superseded":
            return f"{one.key}: superseded: another process stored a later answer meanwhile"
        return f"{one.key}: {one.outcome}" + (f": {one.error.removeprefix(f'{one.key}: ')}" if one.error else "")
    written = one.written
    parts = [f"{number:,} {what}" for what in ("added", "revised", "withdrawn") if (number := getattr(written, what))]
    words = [f"values {', '.join(parts)}"] if parts else []
    words += [f"{fact} is now {value!r}" for fact, value in written.facts.items()]
    return f"{one.key}: {one.outcome}: {'; '.join(words)}"


@prices_app.command()
def status(
    provider: Annotated[str | None, typer.Option(metavar="NAME", help="Only its series.")] = None,
    store: StoreOption = None,
    universe: UniverseOption = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Show how far each stored series reaches, and when its next session is due.

    Exit code 0: every series is current. 2: there is no such store or provider. 3: some are behind or old.
    """
    with errors_as_messages(debug, UNCHANGED):
        from potash.clock import utc_now
        from potash.market.status import status as status_of
        from potash.market.store.store import PriceStore
        from potash.universe import load_universe

        if provider is not None:
            check_option("--provider", provider, PROVIDERS)
        with PriceStore(store) as opened:
            table = status_of(opened, load_universe(universe), utc_now(), provider)
            where = opened.where
        if not quiet:
            columns = ["series", "last", "expected", "behind", "next", "age_days", "known_from", "state"]
            say_table(table[columns].rename(columns={"age_days": "age (days)", "known_from": "last change known from"}))
        late = table[table["state"] != "current"]
        if not quiet or len(late):
            names = f": {', '.join(late['series'])}" if quiet else ""
            say(f"{len(table)} series, {len(late)} not current{names}. Store: {where}", err=quiet)
    if len(late):
        raise typer.Exit(ExitCode.INCOMPLETE)


@prices_app.command()
def revisions(
    ticker: Annotated[str, typer.Argument(metavar="TICKER", help="A ticker, or provider:symbol.")],
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Only what was learnt after that day.")] = None,
    field: Annotated[str | None, typer.Option(metavar="NAME", help="Only this field: close, adj_close, ...")] = None,
    as_of: AsOf = None,
    store: StoreOption = None,
    debug: Debug = False,
) -> None:
    """Show what a provider rewrote in a series, and how its returns changed."""
    with errors_as_messages(debug, UNCHANGED):
        from potash.market.series import FIELDS
        from potash.market.store.revisions import revisions as revisions_of
        from potash.market.store.series import find_key
        from potash.market.store.store import PriceStore

        if field is not None:
            check_option("--field", field, FIELDS)
        with PriceStore(store) as opened:
            key = find_key(opened, ticker)
            table = revisions_of(opened, key, since=since, as_of=as_of)
            pulls = len(opened.pulls([key], as_of))
        if field is not None:
            table = table[table["field"] == field]
        if table.empty:
            say(f"{key}: nothing was rewritten in {count(pulls, 'pull')} that told something new.")
            return
        for moment, rows in table.groupby("known_from", sort=True):
            say(f"{key}, known from {moment:%Y-%m-%d %H:%M} UTC")
            for line in _revision_lines(rows):
                say(f"    {line}")


def _revision_lines(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.to_dict("records"):
        first, last = row["first"], row["last"]
        days = f"{first:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d}..{last:%Y-%m-%d}"
        parts = [f"{row[what]:,} {what}" for what in ("added", "revised", "withdrawn") if row[what]]
        text = f"{row['field']}: {', '.join(parts)} in {days}"
        if row["level"] == row["level"]:
            text += f", level x{row['level']:.6g}" + (
                "" if row["constant"] or row["revised"] == 1 else " in the median"
            )
        yield text + _returns_text(row)


def _returns_text(row: Mapping[str, Any]) -> str:
    from pandas import isna

    if isna(row["returns_changed"]):
        return ""
    if not row["returns_changed"]:
        return "; no return changed"
    size = (
        "" if isna(row["on"]) else f", the largest by {100 * row['largest_change']:+.2f} points on {row['on']:%Y-%m-%d}"
    )
    return f"; {count(row['returns_changed'], 'return')} changed{size}"
