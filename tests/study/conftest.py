"""Results that several tests of the study read; nothing can change them."""

import numpy as np
import pytest

from potash.study.results import EventStudyResults
from tests.study.made_up import DAYS, events, made_returns, study


@pytest.fixture(scope="session")
def results() -> EventStudyResults:
    """Four firms at two events far apart; a third event lies past the prices."""
    returns = made_returns(4, seed=5)
    returns.attrs["snapshot"] = "made-up-1"
    return study(returns, events(180, 220, 299)).fit()


@pytest.fixture(scope="session")
def holed() -> EventStudyResults:
    """The same firms at one event; A has no return on day +1, and no firm has one on day +3."""
    returns = made_returns(4, seed=5)
    returns.loc[DAYS[201], "A"] = np.nan
    returns.loc[DAYS[203], list("ABCD")] = np.nan
    return study(returns, events(200)).fit()
