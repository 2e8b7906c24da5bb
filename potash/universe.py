"""The instruments of a study: ticker, exchange, currency and role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from potash._display import Displayed
from potash.bundled import verified
from potash.errors import UniverseError, close_to, listed
from potash.files import read_text_table

REQUIRED_COLUMNS = ("ticker", "name", "exchange", "currency", "role")
CONTROL_ROLES = ("nitrogen control", "crop equity")
ROLES = ("potash producer", "diversified", "nitrogen control", "crop equity", "market", "buyer")


@dataclass(frozen=True, slots=True, repr=False)
class Universe(Displayed):
    """Instruments by ticker.

    Attributes
    ----------
    frame : DataFrame
        Indexed by ticker; columns ``name``, ``exchange`` (MIC), ``currency`` (ISO 4217), ``role``, and where known
        ``issuer`` (one firm behind several listings), ``potash_revenue_share`` (fraction of revenue) and ``pulled``
        (``no`` for a ticker that Yahoo does not have).
    """

    frame: pd.DataFrame

    def _line(self) -> str:
        return f"{len(self.frame)} instruments on {self.frame['exchange'].nunique()} exchanges"

    def _facts(self) -> dict[str, object]:
        return {str(role): ", ".join(rows.index) for role, rows in self.frame.groupby("role", sort=False)}

    def check(self, tickers: Iterable[str]) -> list[str]:
        """Return the tickers as a list after checking that each is known.

        Raises
        ------
        UniverseError
            Naming the unknown ones, near names and how to add them.
        """
        chosen = list(tickers)
        unknown = [ticker for ticker in chosen if ticker not in self.frame.index]
        if unknown:
            hints = listed(f"{ticker!r}{close_to(ticker, self.frame.index)}" for ticker in unknown)
            raise UniverseError(
                f"not in the universe: {hints}. Known are: {listed(self.frame.index, 40)}. Add a row for each to a copy of "
                f"data/universe.csv (columns {', '.join(REQUIRED_COLUMNS)}) and hand it over with universe=FILE (or --universe)."
            )
        return chosen

    def exchange(self, ticker: str) -> str:
        """Return the MIC of a ticker's exchange."""
        self.check([ticker])
        return str(self.frame.at[ticker, "exchange"])

    @property
    def exchanges(self) -> dict[str, str]:
        """MIC by ticker."""
        return {str(ticker): str(mic) for ticker, mic in self.frame["exchange"].items()}

    def benchmark(self, available: Iterable[str]) -> str:
        """Return the ticker with the role ``market`` among those available.

        Raises
        ------
        UniverseError
            If there is none, or more than one.
        """
        there = [str(ticker) for ticker in available]
        benchmarks = [ticker for ticker in self.with_role("market") if ticker in there]
        if not benchmarks:
            raise UniverseError(
                "no ticker with the role 'market' has prices, and the market model needs one. Add its prices, or give a ticker "
                f"that has prices ({listed(there)}) this role in the universe."
            )
        if len(benchmarks) > 1:
            raise UniverseError(
                f"{len(benchmarks)} tickers with prices have the role 'market': {listed(benchmarks)}. Name the one to measure "
                f"against, for example market='{benchmarks[0]}' (--market {benchmarks[0]})."
            )
        return benchmarks[0]

    @property
    def pulled(self) -> list[str]:
        """The tickers that a pull of the universe asks for: all but those marked ``no`` in the column ``pulled``."""
        if "pulled" not in self.frame:
            return [str(ticker) for ticker in self.frame.index]
        return [str(ticker) for ticker in self.frame.index[self.frame["pulled"] != "no"]]

    def one_per_issuer(self, tickers: Iterable[str]) -> list[str]:
        """Return the first of the tickers of each issuer: two listings of one firm are one firm hit by the news.

        A ticker without an issuer stands for itself.
        """
        chosen: dict[str, str] = {}
        for ticker in self.check(tickers):
            issuer = str(self.frame.at[ticker, "issuer"]) if "issuer" in self.frame else ""
            chosen.setdefault(issuer or f"ticker {ticker}", ticker)
        return list(chosen.values())

    def controls(self, available: Iterable[str]) -> list[str]:
        """Return the control group: what fertilizers and farming do without potash.

        Chosen by role and never by result: the tickers with the role ``nitrogen control`` or ``crop equity`` that have
        prices, the first listing of each issuer, in the order of the file. Firms that buy or sell potash have other roles,
        since news about it hits them too. Which of them own news hits is for ``Timeline.controls_hit`` to say.

        Parameters
        ----------
        available : iterable of str
            Tickers that have prices; unknown ones are passed over.

        Examples
        --------
        >>> import potash
        >>> potash.load_universe().controls(["SPY", "NTR", "DE", "CF"])
        ['CF', 'DE']
        """
        there = set(available)
        return self.one_per_issuer(ticker for ticker in self.with_role(*CONTROL_ROLES) if ticker in there)

    def with_role(self, *roles: str) -> list[str]:
        """Return the tickers that have one of the roles, in the order of the file."""
        return [str(ticker) for ticker in self.frame.index[self.frame["role"].isin(roles)]]


def load_universe(file: str | Path | None = None) -> Universe:
    """Return the universe: the carried one, or the one in ``file``.

    Parameters
    ----------
    file : path, optional
        CSV with the columns ticker, name, exchange (MIC), currency and role; others are kept.

    Raises
    ------
    UniverseError
        If a column is missing, a ticker stands twice, a cell is empty, or a role is unknown.
    ChecksumError
        If the carried file was changed.

    Examples
    --------
    >>> import potash
    >>> universe = potash.load_universe()
    >>> universe.exchange("ICL"), universe.controls(["NTR", "CF", "DE"])
    ('XNYS', ['CF', 'DE'])
    """
    path = verified("universe.csv") if file is None else Path(file)
    hint = "A comma inside a cell needs quotes around the cell."
    frame = read_text_table(path, "instruments", UniverseError, hint=hint, pad=True).frame()
    return _checked(frame, str(path))


def _checked(frame: pd.DataFrame, where: str) -> Universe:
    missing = [column for column in REQUIRED_COLUMNS if column not in frame]
    if missing:
        raise UniverseError(f"{where}: no column {listed(missing)}. Found: {listed(frame.columns, 20)}.")
    empty = [f"{c} in line {line}" for c in REQUIRED_COLUMNS for line in frame.index[frame[c] == ""]]
    if empty:
        raise UniverseError(f"{where}: empty cells: {listed(empty)}. Fill them in.")
    twice = frame.loc[frame["ticker"].duplicated(), "ticker"]
    if len(twice):
        raise UniverseError(f"{where}: tickers that stand more than once: {listed(twice)}. Keep one row for each.")
    strange = sorted(set(frame["role"]) - set(ROLES))
    if strange:
        raise UniverseError(f"{where}: unknown role {listed(map(repr, strange))}. Roles are: {', '.join(ROLES)}.")
    if "pulled" in frame:
        strange = sorted(set(frame["pulled"]) - {"", "yes", "no"})
        if strange:
            raise UniverseError(f"{where}: pulled is {listed(map(repr, strange))}. Write yes, no, or leave it empty.")
    if "potash_revenue_share" in frame:
        share = pd.to_numeric(frame["potash_revenue_share"], errors="coerce")
        wrong = frame.loc[share.isna() & (frame["potash_revenue_share"] != ""), "potash_revenue_share"]
        if len(wrong):
            raise UniverseError(f"{where}: potash_revenue_share {listed(map(repr, wrong))} is not a number.")
        frame = frame.assign(potash_revenue_share=share)
    return Universe(frame.set_index("ticker"))
