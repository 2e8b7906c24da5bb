"""How often each test rejects a true null in simulated studies, as ``python -m tests.evaluation.simulation`` writes it."""

from __future__ import annotations

import pandas as pd

from potash.bundled import verified


def simulated_size() -> pd.DataFrame:
    """Return the share of simulated studies without any effect in which each test rejects at 5 %.

    Returns
    -------
    DataFrame
        ``test``, ``window``, ``design``, ``firms`` (how many), ``residuals`` (their distribution), ``rate`` (a fraction of
        the studies with an answer, NaN where none has one), ``n_studies`` (those with an answer), ``covered`` (whether the
        null of the test covers the design, so that ``rate`` should be near .05), ``holds`` (share of the studies whose
        results say that the test's assumptions hold).

    Raises
    ------
    ChecksumError
        If the carried file was changed.
    """
    return pd.read_csv(verified("simulated_size.csv"))
