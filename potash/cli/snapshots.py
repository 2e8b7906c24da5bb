"""The command line: ``potash prices check``, ``crosscheck``, ``freeze``, ``snapshots`` and ``diff``."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potash.cli.exit_codes import ExitCode
from potash.cli.prices import UNCHANGED, AsOf, Debug, Quiet, StoreOption, Tickers, UniverseOption, prices_app
from potash.cli.terminal import count, errors_as_messages, say, say_table
from potash.errors import OptionError, check_option

if TYPE_CHECKING:
    import pandas as pd

    from potash.market.assemble import Snapshot
    from potash.market.snapshots.folder import FrozenSnapshot
    from potash.universe import Universe

__all__ = ["prices_app"]

SEVERITIES = ("error", "warning", "info")

SnapshotOption = Annotated[
    str | None, typer.Option("--snapshot", metavar="NAME", help="A frozen snapshot by name or folder; 'carried'.")
]
PricesOption = Annotated[Path | None, typer.Option("--prices", metavar="FOLDER", help="A folder of your files.")]


@prices_app.command()
def check(
    tickers: Tickers = None,
    snapshot: SnapshotOption = None,
    prices: PricesOption = None,
    as_of: AsOf = None,
    severity: Annotated[
        str, typer.Option(metavar="LEVEL", help="The least to show: error, warning or info.")
    ] = "warning",
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write every finding to a CSV file.")] = None,
    store: StoreOption = None,
    universe: UniverseOption = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Check stored prices, or those of a snapshot or a folder, against calendars and against themselves.

    Nothing is corrected. Exit code 0: no errors in the prices. 2: they could not be checked. 4: there are errors.
    """
    with errors_as_messages(debug, UNCHANGED):
        from potash.universe import load_universe

        check_option("--severity", severity, SEVERITIES)
        place = _Place(snapshot, prices, store, as_of)
        instruments = load_universe(universe)
        name, findings = _findings(place, instruments, tickers or None)
        if csv is not None:
            _write(csv, findings.to_csv(index=False, lineterminator="\n"))
        counts = Counter(findings["severity"])
        if not quiet:
            _say_findings(findings[findings["severity"].isin(SEVERITIES[: SEVERITIES.index(severity) + 1])])
        elif counts["error"]:
            _say_findings(findings[findings["severity"] == "error"], err=True)
        if not quiet or counts["error"]:
            numbers = (
                ", ".join(count(counts[level], level) for level in ("error", "warning")) + f", {counts['info']} info"
            )
            say(f"{name}: {numbers}.", err=quiet)
    if counts["error"]:
        raise typer.Exit(ExitCode.CHECK)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where prices are checked: a snapshot, a folder, or else the store."""

    snapshot: str | None
    prices: Path | None
    store: str | None
    as_of: str | None

    def __post_init__(self) -> None:
        if not self.in_store and (self.store is not None or self.as_of is not None):
            raise OptionError("--store and --as-of belong to the store; leave them out with --snapshot or --prices.")

    @property
    def in_store(self) -> bool:
        return self.snapshot is None and self.prices is None

    @property
    def options(self) -> dict[str, Any]:
        """What the loaders of :mod:`potash` take for it, a folder of files aside."""
        return {"store": self.store or "default", "as_of": self.as_of} if self.in_store else {"snapshot": self.snapshot}

    def load(self, universe: Universe, tickers: Sequence[str] | None) -> Snapshot:
        from potash.market.load import load_snapshot

        return load_snapshot(self.prices, universe, tickers=tickers or None, **self.options)


def _findings(place: _Place, universe: Universe, tickers: Sequence[str] | None) -> tuple[str, pd.DataFrame]:
    """Return what was checked in words, and findings about daily prices, facts that changed, months and factors."""
    import pandas as pd

    from potash.errors import NothingStoredError, SnapshotError
    from potash.market.load_factors import load_factors, load_monthly
    from potash.market.quality.checking import check_factors, check_facts, check_monthly, check_snapshot
    from potash.market.store.store import PriceStore

    parts: list[pd.DataFrame] = []
    name, missing = "no daily prices; monthly prices and factors", None
    try:
        snapshot = place.load(universe, tickers)
    except (NothingStoredError, SnapshotError) as error:
        missing = error
    else:
        name = f"{snapshot.name}: {count(snapshot.prices.shape[1], 'ticker')}"
        parts.append(check_snapshot(snapshot, universe))
        if place.in_store:
            with PriceStore(place.store) as opened:
                history = opened.fact_history([one.key for one in snapshot.given], place.as_of)
            parts.append(check_facts(history, snapshot))
    if place.prices is None and tickers is None:
        with contextlib.suppress(NothingStoredError, SnapshotError):
            parts.append(check_monthly(load_monthly(**place.options, series="all")))
        with contextlib.suppress(NothingStoredError, SnapshotError):
            parts.append(check_factors(load_factors(**place.options)))
    if missing is not None and not parts:
        raise missing
    return name, pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _say_findings(findings: pd.DataFrame, *, err: bool = False) -> None:
    order = {level: at for at, level in enumerate(SEVERITIES)}
    ranked = findings.assign(rank=findings["severity"].map(order)).sort_values(
        ["rank", "series", "start"], kind="stable"
    )
    for row in ranked.itertuples():
        days = f"{row.start:%Y-%m-%d}" if row.start == row.end else f"{row.start:%Y-%m-%d}..{row.end:%Y-%m-%d}"
        say(f"{row.severity}: {row.series} {days} {row.kind.replace('_', ' ')}: {row.detail}", err=err)
        say(f"    {row.suggestion}", err=err)


@prices_app.command()
def crosscheck(
    tickers: Annotated[list[str], typer.Argument(metavar="TICKERS", help="Which ones to compare.")],
    against: Annotated[
        str,
        typer.Option(
            metavar="PLACE", help="The other source: a folder of files, a snapshot's name, or a provider in the store."
        ),
    ],
    snapshot: SnapshotOption = None,
    provider: Annotated[str | None, typer.Option(metavar="NAME", help="Whose prices of the store.")] = None,
    tolerance: Annotated[float, typer.Option(min=0.0, help="Difference of returns that counts, a fraction.")] = 0.0005,
    as_of: AsOf = None,
    store: StoreOption = None,
    universe: UniverseOption = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Compare two sources of the same tickers: returns, dividends, splits and sessions.

    The first source is the store, or --snapshot. Exit code 0: they agree but for what is marked info. 2: they could not
    be compared. 4: they differ.
    """
    with errors_as_messages(debug, UNCHANGED):
        from potash.market.quality.compare.sources import series_from
        from potash.market.quality.findings import findings_frame

        if snapshot is not None and provider is not None:
            raise OptionError("--snapshot and --provider name two first sources. Give one; --against names the other.")
        place = None if store is None else store
        left = series_from(snapshot or provider or "store", tickers, place, as_of)
        right = series_from(against, tickers, place, as_of)
        names = (left[tickers[0]].source, right[tickers[0]].source)
        if names[0] == names[1]:
            raise OptionError(f"both sources are {names[0]}. Name another with --against, --snapshot or --provider.")
        serious = 0
        for ticker in tickers:
            from potash.market.quality.compare.check import cross_check

            result = cross_check(ticker, left[ticker].values, right[ticker].values, names, tolerance=tolerance)
            serious += sum(finding.severity != "info" for finding in result.findings)
            if not quiet:
                _say_findings(findings_frame(result.findings))
            s = result.summary
            if not quiet:
                say(
                    f"{ticker}: {s.sessions_common:,} common sessions, {s.sessions_only_left} only in {names[0]}, "
                    f"{s.sessions_only_right} only in {names[1]}; returns differ by {s.largest_difference:.2%} at most, "
                    f"{s.share_beyond:.1%} of them beyond {tolerance:.2%} and rounding."
                )
    if serious:
        raise typer.Exit(ExitCode.CHECK)


@prices_app.command()
def freeze(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits, '.', '_' and '-'.")],
    tickers: Tickers = None,
    as_of: AsOf = None,
    provider: Annotated[str | None, typer.Option(metavar="NAME", help="Whose daily prices.")] = None,
    folder: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where snapshots lie.")] = None,
    store: StoreOption = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write what the store knows, or knew, into a folder that never changes: for `potash report --snapshot NAME`."""
    with errors_as_messages(debug, "every snapshot"):
        from potash.clock import utc_now
        from potash.files import snapshots_home
        from potash.market.series import DAILY_PROVIDERS
        from potash.market.snapshots.freezing import freeze as freeze_store
        from potash.market.store.store import PriceStore
        from potash.report.run.manifest import PACKAGES, versions

        if provider is not None:
            check_option("--provider", provider, DAILY_PROVIDERS)
        with PriceStore(store) as opened:
            frozen = freeze_store(
                opened,
                folder or snapshots_home(),
                name,
                now=utc_now(),
                versions=versions((*PACKAGES, "pyarrow", "yfinance", "SQLAlchemy")),
                as_of=as_of,
                tickers=tickers or None,
                provider=provider,
            )
        if not quiet:
            last = max(one.values.index[-1] for one in frozen.series)
            moment = _shown_moment(frozen.as_of)
            say(f"Snapshot {frozen.name}: {count(len(frozen.series), 'series')} to {last:%Y-%m-%d}, as of {moment}.")
            say(f"Folder: {frozen.folder}")
            if any(one.key.provider in DAILY_PROVIDERS for one in frozen.series):
                place = frozen.name if folder is None else frozen.folder
                say(f"Run the study on it: potash report --snapshot {place}")


@prices_app.command()
def snapshots(
    folder: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where snapshots lie.")] = None,
    debug: Debug = False,
) -> None:
    """List the frozen snapshots, and whether each is as it was written.

    Exit code 4: one was changed after it was written.
    """
    with errors_as_messages(debug, "every snapshot"):
        import pandas as pd

        from potash.files import snapshots_home
        from potash.market.providers.carried import carried_snapshot
        from potash.market.snapshots.folder import list_snapshots

        place = folder or snapshots_home()
        if folder is not None and not folder.is_dir():
            raise OptionError(f"--folder {folder}: there is no such folder.")
        table = list_snapshots(place) if place.is_dir() else pd.DataFrame()
        carried = carried_snapshot()
        say(f"carried: what the project carries, {len(carried.series)} series, digest {carried.digest[:8]}")
        if len(table):
            columns = {
                "as_of": table["as_of"].map(_shown_moment),
                "digest": table["digest"].astype(str).str[:8],
                "intact": table["intact"].map({True: "yes", False: "NO"}),
            }
            say_table(table.assign(**columns))
        say(f"{count(len(table), 'snapshot')} in {place}")
    if len(table) and not table["intact"].all():
        raise typer.Exit(ExitCode.CHECK)


@prices_app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="A", help="A snapshot by name or folder; 'carried'.")],
    new: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    by: Annotated[str, typer.Option(help="Match series by 'series' (provider and symbol) or by 'ticker'.")] = "series",
    debug: Debug = False,
) -> None:
    """Show how two snapshots differ: series, facts, values, and how returns changed.

    Exit code 0: the same content. 2: they could not be compared. 4: they differ.
    """
    with errors_as_messages(debug, "every snapshot"):
        from potash.market.snapshots.diff import diff_snapshots

        check_option("--by", by, ("series", "ticker"))
        differences = diff_snapshots(_frozen(old), _frozen(new), by=by)  # type: ignore[arg-type]
        say(differences.format())
    if not differences.same_content:
        raise typer.Exit(ExitCode.CHECK)


def _frozen(name: str) -> FrozenSnapshot:
    from potash.market.providers.carried import carried_snapshot
    from potash.market.series import CARRIED
    from potash.market.snapshots.folder import find_snapshot, read_snapshot

    return carried_snapshot() if name == CARRIED else read_snapshot(find_snapshot(name))


def _shown_moment(as_of: object) -> str:
    """Return a moment without the fractions of its second; a plain date as it is."""
    return re.sub(r"(:\d\d)(\.\d+)?\+00:00$", r"\1Z", str(as_of))


def _write(path: Path, text: str) -> None:
    from potash.errors import ReportInputError

    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ReportInputError(
            f"{path}: cannot be written ({error.strerror}). Give another file with --csv."
        ) from error
