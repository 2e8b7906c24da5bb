"""How often each test and the verdict are wrong in simulated studies, as ``python -m tests.evaluation`` writes it."""

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


def simulated_verdicts() -> pd.DataFrame:
    """Return how often the verdict is each outcome in simulated studies and on ordinary days of real prices.

    Returns
    -------
    DataFrame
        A row per design: ``part`` (``grid`` holds all combinations of firms, controls, residuals and volatility), ``case``,
        ``window``, ``firms``, ``controls`` (how many), ``shape`` (of the residuals), ``volatility`` (of the days around the
        event, as a multiple), ``shared`` (whether the controls share it), ``n`` (studies); without an effect the rates
        ``effect``, ``ruled_out``, ``undecided``; with the effect stated as detectable ``power`` and ``wrong_sign``. The
        other columns: ``docs/simulated-verdicts.md``. Rates are fractions.

    Raises
    ------
    ChecksumError
        If the carried file was changed.

    Examples
    --------
    >>> import potash
    >>> rates = potash.simulated_verdicts()
    >>> len(rates) > 400
    True
    """
    frame = pd.read_csv(verified("simulated_verdicts.csv"), dtype={"shared": object})
    return frame.assign(shared=frame["shared"].eq("True"))
