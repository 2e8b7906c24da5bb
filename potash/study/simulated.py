"""How often each test rejects a true null in simulated studies, as ``python -m tests.evaluation.simulation`` writes it."""

from __future__ import annotations

import pandas as pd

from potash.bundled import verified


def simulated_size() -> pd.DataFrame:
    """Return the share of simulated studies without any effect in which each test rejects at 5 %.

    Returns
    -------
    DataFrame
        ``test``, ``window``, ``design``, ``rate`` (a fraction), ``n_studies``, ``covered`` (whether the null of the test
        covers the design, so that ``rate`` should be near .05).

    Raises
    ------
    ChecksumError
        If the carried file was changed.
    """
    return pd.read_csv(verified("simulated_size.csv"))
