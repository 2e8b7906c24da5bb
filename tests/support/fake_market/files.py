"""Files of the World Bank and of Kenneth R. French as bytes, made from frames, and the hosts that hand them out.

A frame is what a test revises; the file follows from it. Prices and factors here are made up.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from tests.support.fake_market.server import FakeMarket, Reply, Request

PAGE_HOST, DOCS_HOST, FRENCH_HOST = "www.worldbank.org", "thedocs.worldbank.org", "mba.tuck.dartmouth.edu"
PAGE_PATH = "/en/research/commodity-markets"
WORKBOOK_NAME = "CMO-Historical-Data-Monthly.xlsx"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FRENCH_PATH = "/pages/faculty/ken.french/ftp/"

# Names and units as the World Bank prints them, blanks at the end and asterisks included.
UNITS = {
    "Crude oil, average": "($/bbl)",
    "Crude oil, Brent": "($/bbl)",
    "Natural gas, US": "($/mmbtu)",
    "Natural gas index": "(2010=100)",
    "Soybeans": "($/mt)",
    "Maize": "($/mt)",
    "Rice, Thai 5% ": "($/mt)",
    "Sugar, world": "($/kg)",
    "Plywood": "(cents/sheet)",
    "Cocoa": "(¢/kg)",
    "Phosphate rock": "($/mt)",
    "DAP": "($/mt)",
    "Urea ": "($/mt)",
    "Potassium chloride **": "($/mt)",
}
# The row, as a spreadsheet counts, in which the plain workbook has its first month.
FIRST_PRICE_ROW = 7
FERTILIZERS = ("Phosphate rock", "DAP", "Urea ", "Potassium chloride **")


def document(year: int, digits: str = "74e8be41") -> str:
    """Return the address of the workbook in a year: another folder each time."""
    return f"https://{DOCS_HOST}/en/doc/{digits}-00500120{year % 100:02d}/related/{WORKBOOK_NAME}"


def made_up_prices(first: str = "2015-01", last: str = "2026-05") -> pd.DataFrame:
    """Return prices of every series of :data:`UNITS`, two decimals, no two months of a series near each other alike."""
    months = pd.period_range(first, last, freq="M")
    n = np.array([month.ordinal for month in months])
    prices = {name: np.round(20 + 30 * j + n % 97 + ((n * (7 + j)) % 89) / 100, 2) for j, name in enumerate(UNITS)}
    return pd.DataFrame(prices, index=months)


def revised(frame: pd.DataFrame, when: str, name: str, value: float) -> pd.DataFrame:
    """Return a copy with another value in one place."""
    copy = frame.copy()
    copy.loc[when, name] = value
    return copy


def repeated(prices: pd.DataFrame, month: str = "2017-02", of: str = "2016-02") -> pd.DataFrame:
    """Return a copy in which the fertilizers of one month are those of another: an error that the sheet had."""
    copy = prices.copy()
    copy.loc[month, list(FERTILIZERS)] = copy.loc[of, list(FERTILIZERS)].to_numpy()
    return copy


def workbook(
    prices: pd.DataFrame,
    *,
    units: Mapping[str, str] = UNITS,
    updated: str | None = "June 02, 2026",
    markers: pd.DataFrame | None = None,
    titles: Sequence[str] = (),
    codes: bool = False,
    sheet: str = "Monthly Prices",
    cells: Mapping[str, object] | None = None,
) -> bytes:
    """Return the workbook with a frame's prices: rows of months (a PeriodIndex), columns named as printed.

    Parameters
    ----------
    markers : DataFrame, optional
        What stands in place of each missing price. By default ``...`` before the first price of a series, the one
        character ``…`` inside it, and an empty cell after the last.
    titles : sequence of str
        More rows of text above the table.
    codes : bool
        Whether a row of codes stands between units and prices, as in older editions.
    cells : mapping of str to object, optional
        What to write over cells, by their place: ``{"C12": "n.a."}``.
    """
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "AFOSHEET"
    table = book.create_sheet(sheet)
    table.append(["World Bank Commodity Price Data (The Pink Sheet)"])
    table.append(["monthly prices in nominal US dollars, 1960 to present"])
    for title in (*titles, "(monthly series are available only in nominal US dollars)"):
        table.append([title])
    table.append([None if updated is None else f"Updated on {updated}"])
    table.append([None, *prices.columns])
    table.append([None, *(units[name] for name in prices.columns)])
    if codes:
        table.append([None, *(name.upper()[:6] for name in prices.columns)])
    filled = prices.astype(object).where(prices.notna(), _markers(prices) if markers is None else markers)
    for month, row in zip(prices.index, filled.to_numpy(), strict=True):
        table.append([f"{month.year}M{month.month:02d}", *row])
    for place, content in (cells or {}).items():
        table[place] = content
    book.create_sheet("Description").append(["Potassium chloride: made up for a test"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _markers(prices: pd.DataFrame) -> pd.DataFrame:
    before, after = prices.ffill().isna(), prices.bfill().isna()
    inside = pd.DataFrame("…", index=prices.index, columns=prices.columns).astype(object)
    return inside.mask(before, "...").mask(after & ~before, None)


def landing_page(links: Sequence[str]) -> bytes:
    """Return a page that links to workbooks, between links to other files."""
    others = [
        f"https://{DOCS_HOST}/en/doc/1a/related/CMO-Historical-Data-Annual.xlsx",
        "/en/research",
        "mailto:a@b.org",
    ]
    anchors = "\n".join(f'<li><a class="x" href="{link}" target="_blank">file</a></li>' for link in (*others, *links))
    return f"<!DOCTYPE html>\n<html><head><title>Markets</title></head><body><ul>{anchors}</ul></body></html>".encode()


class WorldBank:
    """The page and the files of the World Bank.

    Attributes
    ----------
    files : dict of str to bytes
        What each address answers; an address stays when the page moves on, as the real one does.
    links : list of str
        What the page links to.
    """

    def __init__(self, market: FakeMarket) -> None:
        self.files: dict[str, bytes] = {}
        self.links: list[str] = []
        market.route(PAGE_HOST, self._page)
        market.route(DOCS_HOST, self._document)

    def publish(self, address: str, body: bytes) -> None:
        """Put a file at an address and let the page link to it alone; files published before stay where they are."""
        self.files[address] = body
        self.links = [address]

    def _page(self, request: Request) -> Reply:
        if request.path != PAGE_PATH:
            return Reply(404, b"<html>no such page</html>", "text/html")
        return Reply(body=landing_page(self.links), content_type="text/html; charset=utf-8")

    def _document(self, request: Request) -> Reply:
        body = next((body for url, body in self.files.items() if urlsplit(url).path == request.path), None)
        if body is None:
            return Reply(404, b"<html>no such document</html>", "text/html")
        return Reply(body=body, content_type=WORKBOOK_TYPE, headers={"Last-Modified": "Tue, 02 Jun 2026 14:00:00 GMT"})


def made_up_factors(columns: Sequence[str], first: str = "2025-01-02", last: str = "2026-04-30") -> pd.DataFrame:
    """Return factors in percent per day, two decimals, on weekdays."""
    days = pd.bdate_range(first, last)
    n = np.arange(len(days))
    return pd.DataFrame({name: ((n * (31 + j)) % 401 - 200) / 100 for j, name in enumerate(columns)}, index=days)


def factor_zip(
    frame: pd.DataFrame,
    *,
    missing: str = "-99.99",
    commas_at_end: bool = False,
    blank_line: bool = True,
    member: str = "F-F_daily.csv",
    changes: Mapping[str, str] | None = None,
) -> bytes:
    """Return a zip of the library with a frame of factors, columns as published.

    Parameters
    ----------
    missing : str
        What stands for NaN.
    commas_at_end : bool
        Whether every line ends with a comma, as in the momentum file.
    blank_line : bool
        Whether the line of the copyright is set off.
    changes : mapping of str to str, optional
        Pieces of the text and what to put in their place; each must be there.
    """
    end = "," if commas_at_end else ""
    lines = [
        "This file was created by CMPT_ME_BEME_RETS_DAILY using the 202604 CRSP database.",
        "The Tbill return is the simple daily rate that, over the number of trading days",
        "in the month, compounds to 1-month TBill rate.",
        "",
        "," + ",".join(frame.columns) + end,
    ]
    for day, row in zip(frame.index, frame.to_numpy(), strict=True):
        values = ",".join(f"{missing if np.isnan(value) else repr(float(value)):>9}" for value in row)
        lines.append(f"{day:%Y%m%d},{values}{end}")
    lines += [*([""] if blank_line else []), "Copyright 2026 Eugene F. Fama and Kenneth R. French", ""]
    text = "\r\n".join(lines)
    for old, new in (changes or {}).items():
        assert old in text, f"{old!r} is not in the file that the test wants to change"
        text = text.replace(old, new)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, text)
    return out.getvalue()


class KenFrench:
    """The folder of the data library.

    Attributes
    ----------
    files : dict of str to bytes
        By name.
    """

    def __init__(self, market: FakeMarket, files: Mapping[str, bytes] | None = None) -> None:
        self.files = dict(files or {})
        market.route(FRENCH_HOST, self._file)

    def _file(self, request: Request) -> Reply:
        folder, _, name = request.path.rpartition("/")
        if folder + "/" != FRENCH_PATH or name not in self.files:
            return Reply(404, b"<html>not found</html>", "text/html")
        return Reply(body=self.files[name], content_type="application/zip")
