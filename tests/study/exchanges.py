"""Two exchanges with different holidays, and returns that tell the position of a session in its own calendar."""

from __future__ import annotations

import numpy as np
import pandas as pd

from potash.calendars import sessions_between

NEW_YORK = sessions_between("XNYS", "2024-01-02", "2025-03-31")
TEL_AVIV = sessions_between("XTAE", "2024-01-02", "2025-03-31")
BOTH_OPEN = NEW_YORK.intersection(TEL_AVIV)


def joined(index: pd.DatetimeIndex) -> pd.DataFrame:
    """Return a frame on ``index`` whose values tell the position of a session in its exchange's own calendar."""
    us = pd.Series(np.arange(len(NEW_YORK)) * 1e-4, index=NEW_YORK)
    israel = pd.Series(np.arange(len(TEL_AVIV)) * 1e-4, index=TEL_AVIV)
    return pd.DataFrame({"NTR": us.reindex(index), "ICL.TA": israel.reindex(index)})


def exchange_events(day: pd.Timestamp) -> pd.DataFrame:
    """Return one event of a firm on each exchange, on one day."""
    return pd.DataFrame({"event_id": "e", "ticker": ["NTR", "ICL.TA"], "session": day, "exchange": ["XNYS", "XTAE"]})
