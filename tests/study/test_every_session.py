"""Statistics of every session against the study of that session alone."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.calendars import sessions_between
from potash.errors import InputError, WindowError

WINDOWS = [(0, 0), (-1, 1), (0, 4)]


def made(n_firms=4, n_sessions=260, missing=0.01, index=None):
    rng = np.random.default_rng(3)
    days = pd.bdate_range("2023-01-02", periods=n_sessions) if index is None else index
    market = rng.normal(0, 0.01, len(days))
    common = rng.normal(0, 0.01, (len(days), 1))
    firms = market[:, None] + common + rng.normal(0, 0.02, (len(days), n_firms))
    firms[rng.random(firms.shape) < missing] = np.nan
    return pd.DataFrame(firms, index=days, columns=list("ABCDEFGH"[:n_firms])).assign(M=market)


def study(returns, events, **options):
    firms = returns.drop(columns="M")
    options = {"event_window": (-2, 4), "estimation_window": (-90, -11), **options}
    model = options.pop("model", potash.MarketModel(returns["M"]))
    return potash.EventStudy(firms, events, returns_kind="log", model=model, **options)


def alone(returns, row, exchanges=None, **options):
    """Return the tests of all firms on one session, as a study of it gives them."""
    rows = {"event_id": "e", "session": row.session}
    if exchanges is None:
        events = pd.DataFrame(rows, index=[0])
    else:
        events = pd.DataFrame([{**rows, "ticker": t, "exchange": mic} for t, mic in exchanges.items()])
    window = tuple(int(part) for part in row.window.strip("[]").split(", "))
    results = study(returns, events, **options).fit()
    return results.tests(window), results.portfolio(window).iloc[0]


def check(table, returns, picked, **options):
    for row in picked:
        tests, portfolio = alone(returns, row, **options)
        for name in ("patell", "bmp", "kolari_pynnonen"):
            np.testing.assert_allclose(getattr(row, name), tests.at[name, "stat"], rtol=1e-9, equal_nan=True)
        np.testing.assert_allclose(row.CAR, portfolio["CAR"], rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(row.portfolio, portfolio["tstat"], rtol=1e-9)
        assert row.n == tests.at["bmp", "n"]


@pytest.mark.parametrize("missing", [0.0, 0.02])
def test_each_session_is_the_study_of_it_alone(missing):
    returns = made(missing=missing)
    table = study(returns, pd.DataFrame({"event_id": ["e"], "session": [returns.index[150]]})).every_session(WINDOWS)
    assert list(dict.fromkeys(table["window"])) == ["[0, 0]", "[-1, +1]", "[0, +4]"]
    picked = [row for row in table.sample(25, random_state=1).itertuples() if row.n > 1]
    assert len(picked) > 20
    check(table, returns, picked)


def test_exchanges_count_their_own_sessions():
    index = sessions_between("XNYS", "2024-01-02", "2025-06-30").union(
        sessions_between("XTAE", "2024-01-02", "2025-06-30")
    )
    exchanges = {"A": "XNYS", "B": "XNYS", "C": "XTAE", "D": "XTAE"}
    returns = made(missing=0.0, index=index)
    for ticker, mic in exchanges.items():
        returns.loc[~index.isin(sessions_between(mic, index[0], index[-1])), ticker] = np.nan
    events = pd.DataFrame(
        [
            {"event_id": "e", "ticker": t, "exchange": mic, "session": pd.Timestamp("2025-03-03")}
            for t, mic in exchanges.items()
        ]
    )
    table = study(returns, events).every_session(WINDOWS)
    both = table[table["n"] == 4]
    assert set(table["n"]) >= {2, 4}
    check(table, returns, list(both.sample(12, random_state=2).itertuples()), exchanges=exchanges)


def test_firms_with_factors_of_their_own():
    returns = made(missing=0.01)
    rng = np.random.default_rng(5)
    local = {
        t: pd.DataFrame({"M": returns["M"], "local": rng.normal(0, 0.01, len(returns))}, returns.index) for t in "ABCD"
    }
    model = potash.FactorModel(pd.concat(local, axis=1))
    events = pd.DataFrame({"event_id": ["e"], "session": [returns.index[150]]})
    table = study(returns, events, model=model).every_session(WINDOWS)
    picked = [row for row in table.sample(10, random_state=1).itertuples() if row.n > 1]
    check(table, returns, picked, model=model)


def test_sessions_that_cannot_be_studied_have_no_row():
    returns = made(missing=0.0)
    table = study(returns, pd.DataFrame({"event_id": ["e"], "session": [returns.index[150]]})).every_session()
    # The window must have four fifths of its 80 sessions, the last of them eleven before day 0; four follow day 0.
    assert table["session"].min() == returns.index[64 + 10]
    assert table["session"].max() == returns.index[-5]
    assert len(table) == len(returns) - 4 - 74


def test_a_model_that_is_not_least_squares_is_refused():
    returns = made()
    events = pd.DataFrame({"event_id": ["e"], "session": [returns.index[150]]})
    with pytest.raises(InputError, match="needs a model estimated by least squares; market-adjusted is not"):
        study(returns, events, model=potash.MarketAdjusted(returns["M"])).every_session()
    with pytest.raises(InputError, match="holds none"):
        study(returns, events).every_session([])
    with pytest.raises(WindowError, match="reaches outside event_window"):
        study(returns, events).every_session([(0, 9)])
