"""Prices in another currency: each converts with the rate of its own date, and nothing is filled unless asked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float1D
from potash.errors import CurrencyError, OptionError, close_to, listed
from potash.market.price_frame import check_prices

MINOR_UNITS: Mapping[str, tuple[str, float]] = {
    "GBp": ("GBP", 0.01),
    "GBX": ("GBP", 0.01),
    "ILA": ("ILS", 0.01),
    "ZAc": ("ZAR", 0.01),
    "ZAC": ("ZAR", 0.01),
    "USX": ("USD", 0.01),
    "KWF": ("KWD", 0.001),
}
"""Units that providers quote prices in that are a part of a currency: pence, agorot, cents."""

# ISO 4217, currencies in circulation, and CNH, the yuan traded outside China.
_ISO_4217 = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP "
    "CNH CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG "
    "HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD "
    "RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX "
    "USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW"
)
CURRENCIES = frozenset(_ISO_4217.split())

LOSS_LIMIT = 0.05


def major_unit(code: str) -> tuple[str, float]:
    """Return the ISO currency of a provider's code and how much of it one quoted unit is.

    Raises
    ------
    CurrencyError
        If the code is neither in :data:`CURRENCIES` nor in :data:`MINOR_UNITS`.

    Examples
    --------
    >>> major_unit("ILA"), major_unit("CAD")
    (('ILS', 0.01), ('CAD', 1.0))
    """
    if code in MINOR_UNITS:
        return MINOR_UNITS[code]
    if code in CURRENCIES:
        return code, 1.0
    hint = close_to(code, [*MINOR_UNITS, *sorted(CURRENCIES)])
    raise CurrencyError(
        f"{code!r} is no known currency{hint}. Use a code of ISO 4217 (case counts), or for a part of a currency one "
        f"of {listed(MINOR_UNITS, 20)}."
    )


def fx_symbol(currency: str, to: str = "USD") -> str | None:
    """Return the symbol under which Yahoo keeps a rate, ``CADUSD=X``, or ``None`` where none is needed.

    Parameters
    ----------
    currency : str
        A provider's code; for a part of a currency the symbol of the whole (``ILSUSD=X`` for ``ILA``).
    to : str
        ISO code. The rate is in units of it for one unit of ``currency``.

    Raises
    ------
    CurrencyError
        If a code is not known, or ``to`` is a part of a currency.

    Examples
    --------
    >>> fx_symbol("CAD"), fx_symbol("ILA", to="EUR"), fx_symbol("USD")
    ('CADUSD=X', 'ILSEUR=X', None)
    """
    target = _target(to)
    major, _ = major_unit(currency)
    return None if major == target else f"{major}{target}=X"


def convert_currency(
    prices: pd.DataFrame,
    currencies: Mapping[str, str],
    rates: pd.DataFrame,
    to: str = "USD",
    *,
    fill_sessions: int = 0,
    allow_missing: bool = False,
) -> pd.DataFrame:
    """Return prices in one currency: ``price x part of the currency x rate of the same date``.

    A log return in the new currency is the log return of the price plus that of the rate. Rates and closes are rarely
    of the same minute (Yahoo's daily rate is of the night in London), so a day's move of the rate may fall on the
    session after.

    Parameters
    ----------
    prices : DataFrame of shape (n_sessions, n_tickers)
        Positive prices; index of naive dates, increasing. NaN is missing and stays so. Not changed.
    currencies : mapping of str to str
        Ticker to the provider's code of what it is quoted in: an ISO code or one of :data:`MINOR_UNITS`. Tickers that
        are not in ``prices`` are passed over.
    rates : DataFrame of shape (n_dates, n_currencies)
        Columns named by ISO code (``CAD``), in units of ``to`` for one unit of it. Quotes the other way round (USDCAD)
        go through :func:`invert`, rates to another currency through :func:`cross_rates`: no column is taken for what
        its name does not say. Index of naive dates, increasing. Prices in ``to`` itself need no rate.
    to : str
        ISO code of the currency wanted.
    fill_sessions : int
        How many sessions old a rate may be, where a session has none of its own: rows of ``prices`` after the date of
        the rate, the session itself included. 0 fills nothing. 1 gives a Sunday session in Tel Aviv the rate of Friday.
    allow_missing : bool
        Whether more than 5 % of a ticker's prices may be lost for lack of a rate.

    Returns
    -------
    DataFrame of shape (n_sessions, n_tickers)
        Rows, columns and ``attrs`` of ``prices``, with ``attrs["currency"]`` set to ``to``. NaN where the price or its
        rate is missing.

    Raises
    ------
    CurrencyError
        If a ticker has no currency, a code is not known, ``rates`` has no column for a currency, breaks a rule or holds
        a rate that is not positive, or more than 5 % of a ticker's prices would be lost.
    PricesError
        If ``prices`` breaks a rule of :func:`potash.market.price_frame.check_prices`.
    OptionError
        If ``fill_sessions`` is not a whole number from 0.

    Examples
    --------
    >>> days = pd.DatetimeIndex(["2025-01-06", "2025-01-07"], name="session")
    >>> prices = pd.DataFrame({"NTR.TO": [70.0, 72.0], "ICL.TA": [1800.0, 1825.0]}, index=days)
    >>> rates = pd.DataFrame({"CAD": [0.70, 0.69], "ILS": [0.25, 0.28]}, index=days)
    >>> convert_currency(prices, {"NTR.TO": "CAD", "ICL.TA": "ILA"}, rates).round(2).to_numpy().tolist()
    [[49.0, 4.5], [49.68, 5.11]]
    """
    target = _target(to)
    if isinstance(fill_sessions, bool) or not isinstance(fill_sessions, int | np.integer) or fill_sessions < 0:
        raise OptionError(f"fill_sessions={fill_sessions!r} must be a whole number of sessions, 0 to fill nothing.")
    checked = check_prices(prices)
    units = {ticker: _unit_of(ticker, currencies) for ticker in checked.columns}
    checked_rates = _check_rates(rates)
    _check_columns(checked_rates, {major for major, _ in units.values()} - {target}, target)
    converted = checked.copy()
    lost: list[str] = []
    for ticker, (major, part) in units.items():
        rate = 1.0 if major == target else _rates_of(checked_rates[major], checked.index, int(fill_sessions))
        converted[ticker] = checked[ticker].to_numpy() * part * rate
        gone = checked[ticker].notna().to_numpy() & converted[ticker].isna().to_numpy()
        if not allow_missing and gone.sum() > LOSS_LIMIT * checked[ticker].notna().sum():
            lost.append(_loss(str(ticker), major, checked[ticker], gone))
    if lost:
        raise CurrencyError(
            f"{'; '.join(lost)}. Pull the rates of these dates, pass fill_sessions=1 to use the last rate before, or "
            "allow_missing=True to lose the prices."
        )
    converted.attrs = {**prices.attrs, "currency": target}
    return converted


def invert(rates: pd.DataFrame, to: str = "USD") -> pd.DataFrame:
    """Return rates for :func:`convert_currency` from quotes the other way round: one over each.

    Parameters
    ----------
    rates : DataFrame of shape (n_dates, n_currencies)
        Columns named ``to`` and currency (``USDCAD``): units of that currency for one unit of ``to``. Yahoo keeps them
        under ``CAD=X``. NaN stays NaN.
    to : str
        ISO code that the names begin with.

    Returns
    -------
    DataFrame of shape (n_dates, n_currencies)
        Columns named by currency (``CAD``).

    Raises
    ------
    CurrencyError
        If a column is not named so, or the frame breaks a rule.

    Examples
    --------
    >>> invert(pd.DataFrame({"USDCAD": [1.25]}, index=pd.DatetimeIndex(["2025-01-06"])))["CAD"].tolist()
    [0.8]
    """
    target = _target(to)
    checked = _check_rates(rates)
    strange = [c for c in checked.columns if not (str(c)[:3] == target and str(c)[3:] in CURRENCIES - {target})]
    if strange:
        raise CurrencyError(
            f"invert: column {listed(strange)} is not named {target} and a currency, like {target}CAD for CAD per "
            f"{target}. Rename what is such a quote, and leave out the rest."
        )
    inverted = 1.0 / checked
    inverted.columns = pd.Index([str(column)[3:] for column in checked.columns], name=checked.columns.name)
    return inverted


def cross_rates(rates: pd.DataFrame, to: str, through: str = "USD") -> pd.DataFrame:
    """Return rates to one currency from rates to another: each over that of ``to`` on the same date.

    Parameters
    ----------
    rates : DataFrame of shape (n_dates, n_currencies)
        Columns named by ISO code, units of ``through`` for one unit of each; ``to`` must be among them.
    to : str
        ISO code of the currency wanted.
    through : str
        ISO code of the currency that ``rates`` are in.

    Returns
    -------
    DataFrame of shape (n_dates, n_currencies)
        The other columns and, last, ``through``; units of ``to``. NaN where one of the two rates is missing.

    Raises
    ------
    CurrencyError
        If ``rates`` breaks a rule or has no column ``to``, or ``to`` is ``through``.
    """
    target, base = _target(to), _target(through)
    checked = _check_rates(rates)
    if target == base or base in checked.columns:
        raise CurrencyError(f"cross_rates: rates are in {base}, so neither to= nor a column can be {base}.")
    _check_columns(checked, {target}, base)
    crossed = checked.drop(columns=target).div(checked[target], axis=0)
    crossed[base] = 1.0 / checked[target]
    return crossed


def _target(code: str) -> str:
    major, part = major_unit(code)
    if part != 1.0:
        raise CurrencyError(f"to={code!r} is a part of {major}. Convert to {major}.")
    return major


def _unit_of(ticker: str, currencies: Mapping[str, str]) -> tuple[str, float]:
    if ticker not in currencies:
        raise CurrencyError(
            f"currencies has no entry for {ticker!r}{close_to(ticker, currencies)}. It has: {listed(currencies, 20)}. "
            "Add the code that the provider quotes it in."
        )
    try:
        return major_unit(currencies[ticker])
    except CurrencyError as error:
        raise CurrencyError(f"{ticker}: {error}") from None


def _check_rates(rates: pd.DataFrame) -> pd.DataFrame:
    """Return rates as float64 after checking their dates, names and signs."""
    if not isinstance(rates, pd.DataFrame):
        raise CurrencyError(f"rates is a {type(rates).__name__}, not a DataFrame. Write series.to_frame('CAD').")
    index = rates.index
    if not isinstance(index, pd.DatetimeIndex) and len(index):
        raise CurrencyError(f"rates: the index is a {type(index).__name__}, not dates.")
    if len(index) and (index.tz is not None or index.hasnans or (index != index.normalize()).any()):
        raise CurrencyError(
            "rates: the index must hold naive dates at midnight. Use index.tz_localize(None).normalize()."
        )
    if not index.is_unique or not index.is_monotonic_increasing:
        twice = index[index.duplicated()].unique()
        what = (
            f"dates that stand twice: {listed(f'{d:%Y-%m-%d}' for d in twice)}" if len(twice) else "dates out of order"
        )
        raise CurrencyError(f"rates: {what}. Keep one row for each date, in order.")
    if not rates.columns.is_unique:
        raise CurrencyError(
            f"rates: columns twice: {listed(rates.columns[rates.columns.duplicated()])}. Keep one of each."
        )
    try:
        checked = rates.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise CurrencyError(f"rates: not all numbers ({error}). Correct them, or use pd.to_numeric.") from None
    bad = np.argwhere((checked.to_numpy() <= 0) | np.isinf(checked.to_numpy()))
    if len(bad):
        cells = [f"{checked.columns[c]} {checked.iloc[r, c]:g} on {checked.index[r]:%Y-%m-%d}" for r, c in bad]
        raise CurrencyError(f"rates must be positive and finite: {listed(cells, 5)}. Remove or correct them.")
    return checked


def _check_columns(rates: pd.DataFrame, needed: set[str], to: str) -> None:
    for currency in sorted(needed - set(rates.columns)):
        columns = f"{listed(rates.columns, 12)}"
        inverse = f" {to}{currency} is the quote the other way round: pass it through invert()." * (
            f"{to}{currency}" in rates.columns
        )
        raise CurrencyError(
            f"rates has no column {currency} (units of {to} for one {currency}); it has: {columns}.{inverse} Pull "
            f"{fx_symbol(currency, to)} and name its close {currency}, or make it of rates in another currency with "
            "cross_rates()."
        )


def _rates_of(rates: pd.Series, sessions: pd.Index, fill: int) -> Float1D:
    """Return the rate of each session, NaN where there is none of its date or, if asked, of at most ``fill`` before."""
    same_day: Float1D = rates.reindex(sessions).to_numpy(dtype=np.float64)
    given = rates.dropna()
    if not fill or given.empty:
        return same_day
    at = given.index.searchsorted(sessions, side="right") - 1
    last = given.index[np.maximum(at, 0)]
    age = np.arange(1, len(sessions) + 1) - sessions.searchsorted(last, side="right")
    usable = np.isnan(same_day) & (at >= 0) & (age <= fill)
    return np.where(usable, given.to_numpy()[np.maximum(at, 0)], same_day)


def _loss(ticker: str, major: str, prices: pd.Series, gone: Bool1D) -> str:
    count, total = int(gone.sum()), int(prices.notna().sum())
    where = listed((f"{day:%Y-%m-%d}" for day in prices.index[gone]), 6)
    return f"{ticker}: {count} of {total} prices have no {major} rate of their date ({count / total:.1%}): {where}"
