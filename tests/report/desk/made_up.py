"""A user's own prices and events: made-up shares around one planted rise, under tickers of the universe."""

from pathlib import Path

import numpy as np
import pandas as pd

from potash import sessions_between
from tests.paths import ROOT

DAYS = pd.DatetimeIndex(pd.read_csv(ROOT / "data" / "prices" / "daily_2024_2026.csv")["date"])[:260]
AT = 200


def files(
    folder: Path, tickers: list[str], *, direction: str = "positive", rise: float = 0.12, short: str = ""
) -> tuple[Path, Path]:
    """Write prices and events; return the folder and the file. The prices of ``short`` begin too late to be studied."""
    rng = np.random.default_rng(7)
    market = rng.normal(0, 0.008, len(DAYS))
    columns = {"SPY": market}
    for ticker in tickers:
        columns[ticker] = market + rng.normal(0, 0.01, len(DAYS))
        columns[ticker][AT] += rise
    prices = pd.DataFrame(columns, index=DAYS).cumsum().apply(np.exp) * 50
    if short:
        prices.loc[: DAYS[AT - 60], short] = np.nan
    if "NTR.TO" in prices:
        prices.loc[~prices.index.isin(sessions_between("XTSE", DAYS[0], DAYS[-1])), "NTR.TO"] = np.nan
    (folder / "prices").mkdir(parents=True)
    prices.round(4).rename_axis("date").to_csv(folder / "prices" / "mine.csv")
    events = folder / "events.csv"
    events.write_text(
        "event_id,date,time,zone,title,expected_direction\n"
        f"planted,{DAYS[AT]:%Y-%m-%d},09:00,America/New_York,A planted rise,{direction}\n"
    )
    return folder / "prices", events
