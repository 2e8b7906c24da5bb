"""Dimson and Scholes-Williams against statsmodels, closed forms, linearmodels and simulation."""

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from potash.calendars import sessions_between
from potash.errors import InputError, OptionError
from potash.study.expected_returns.nonsynchronous import Dimson, ScholesWilliams
from potash.study.expected_returns.ordinary import MarketModel
from tests.paths import ROOT
from tests.study.made_up import DAYS, events, made_returns, study

LENGTH, WIDTH = 120, 5


def market_series(values, name="M") -> pd.Series:
    return pd.Series(values, index=pd.bdate_range("2024-01-01", periods=len(values)), name=name)


def fitted(model, y: pd.DataFrame, start: int = 5):
    """Return the model's fit of each column of y: LENGTH sessions from ``start`` on, then WIDTH sessions after 10 more."""
    rows = np.arange(start, start + LENGTH), np.arange(start + LENGTH + 10, start + LENGTH + 10 + WIDTH)
    x = model.factors.reindex(y.index).to_numpy()
    pieces = [piece for at in rows for piece in (y.to_numpy()[at].T, np.repeat(x[at][None], y.shape[1], axis=0))]
    return model.fit(*pieces)


def delayed(seed: int, stale: float, n: int):
    """Return market and n securities with beta 1.2 whose close is the day before's with probability ``stale``."""
    rng = np.random.default_rng(seed)
    sessions = LENGTH + 40
    market = rng.normal(0, 0.01, sessions)
    true = (1.2 * market[:, None] + rng.normal(0, 0.01, (sessions, n))).cumsum(axis=0)
    is_stale = rng.random((sessions, n)) < stale
    seen = np.where(is_stale, np.vstack([true[:1], true[:-1]]), true)
    m = market_series(market)
    return m, pd.DataFrame(np.diff(seen, axis=0, prepend=np.nan), index=m.index)


def three_factors() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(rng.normal(0, 0.01, (300, 3)), index=DAYS, columns=["market", "corn", "BRL"])


@pytest.mark.parametrize(("lags", "leads"), [(1, 1), (2, 0), (0, 1)])
def test_dimson_is_ols_on_lags_and_leads_and_beta_their_sum(lags, leads):
    m, y = delayed(1, 0.3, n=3)
    model = Dimson(m, lags=lags, leads=leads)
    fit = fitted(model, y)
    offsets = [0, *(-k for k in range(1, lags + 1)), *range(1, leads + 1)]
    design = sm.add_constant(np.column_stack([np.roll(m.to_numpy(), -k) for k in offsets]))
    for i in range(3):
        ols = sm.OLS(y[i].to_numpy()[5:125], design[5:125]).fit()
        total = ols.t_test([0, *[1] * len(offsets)])
        np.testing.assert_allclose(fit.params[i, :2], [ols.params[0], total.effect[0]], rtol=1e-9)
        np.testing.assert_allclose(fit.param_std_errors[i, :2], [ols.bse[0], total.sd[0, 0]], rtol=1e-9)
        np.testing.assert_allclose(fit.params[i, 2:], ols.params[2:], rtol=1e-8)
        np.testing.assert_allclose(fit.param_std_errors[i, 2:], ols.bse[2:], rtol=1e-8)
        ahead = design[135:140]
        np.testing.assert_allclose(fit.abnormal[i], y[i].to_numpy()[135:140] - ahead @ ols.params, rtol=1e-8)
        covariance = ols.mse_resid * np.eye(WIDTH) + ahead @ ols.cov_params() @ ahead.T
        np.testing.assert_allclose(fit.variance[i] * fit.scale[i], covariance, rtol=1e-9, atol=1e-15)
        assert fit.df_resid[i] == ols.df_resid == LENGTH - len(model.param_names)


def test_dimson_names_its_parameters():
    m = market_series(np.arange(9.0), name="SPY")
    assert Dimson(m, lags=2).param_names == ("alpha", "beta", "beta_lag1", "beta_lag2", "beta_lead1")
    assert Dimson(m).name == "Dimson, lags 1, leads 1"
    factors = Dimson(m).factors
    assert factors.columns.tolist() == ["SPY", "SPY[-1]", "SPY[+1]"]
    assert factors.iloc[4].tolist() == [4, 3, 5]
    assert factors.isna().sum().tolist() == [0, 1, 1]


def test_lags_and_leads_count_the_sessions_that_have_a_market_return():
    m = market_series(np.arange(9.0))
    m.iloc[4] = np.nan
    factors = Dimson(m).factors
    assert [np.flatnonzero(factors[c].isna()).tolist() for c in factors] == [[4], [0, 4], [4, 8]]
    assert factors.iloc[5].tolist() == [5, 3, 6]
    assert factors.iloc[3].tolist() == [3, 2, 5]


@pytest.mark.parametrize("model", [MarketModel, Dimson, ScholesWilliams])
def test_rows_of_another_exchange_change_nothing(model):
    """Sundays, on which Tel Aviv trades and the market does not, stand between Friday and Monday."""
    returns = made_returns(1)
    both = returns.reindex(pd.date_range(DAYS[0], DAYS[-1])).loc[lambda frame: frame.index.dayofweek != 5]
    rows = events(200).assign(exchange="XNYS")
    # Without the days on which New York is closed and the made-up market trades on.
    sessions = sessions_between("XNYS", DAYS[0], DAYS[-1])
    alone, among = returns.loc[sessions], both.loc[both.index.isin(sessions) | (both.index.dayofweek == 6)]
    expected, results = (study(frame, rows, model=model(frame["M"])).fit() for frame in (alone, among))
    assert results.params["nobs"].tolist() == [120]
    pd.testing.assert_frame_equal(results.params, expected.params)
    pd.testing.assert_frame_equal(results.car(), expected.car())


def test_lags_of_a_market_with_a_day_twice_are_refused_by_the_study():
    returns = made_returns(1)
    market = pd.concat([returns["M"].iloc[:1], returns["M"]])
    with pytest.raises(InputError, match="sessions that stand more than once: 2024-01-01"):
        study(returns, events(200), model=Dimson(market)).fit()


@pytest.mark.parametrize("options", [{"lags": -1}, {"leads": 1.0}, {"lags": True}, {"lags": 0, "leads": 0}])
def test_lags_and_leads_that_make_no_sense(options):
    with pytest.raises(OptionError, match=r"lags|leads"):
        Dimson(market_series(np.arange(9.0)), **options)


@pytest.mark.parametrize("model", [Dimson, ScholesWilliams])
def test_the_market_is_one_column(model):
    with pytest.raises(InputError, match="DataFrame, not a Series"):
        model(three_factors())


@pytest.mark.parametrize("model", [Dimson, ScholesWilliams])
def test_an_event_on_the_last_session_has_no_next_market_return(model):
    returns = made_returns(2)
    made = study(returns, events(200, 299), model=model(returns["M"]), event_window=(0, 0)).fit()
    assert made.event_ids == ["e0"]
    assert made.dropped["reason"].unique().tolist() == ["missing day 0"]


def test_scholes_williams_is_the_ratio_of_the_paper():
    """(b- + b0 + b+) / (1 + 2 rho), every slope over the variance of the same sessions."""
    m, y = delayed(2, 0.3, n=1)
    fit = fitted(ScholesWilliams(m), y)
    r, at = y[0].to_numpy()[5:125], np.arange(5, 125)
    now, before, after = (m.to_numpy()[at + k] - m.to_numpy()[at + k].mean() for k in (0, -1, 1))
    slopes = [(shifted * r).sum() / (now @ now) for shifted in (before, now, after)]
    rho = (now @ before + now @ after) / 2 / (now @ now)
    beta = sum(slopes) / (1 + 2 * rho)
    assert fit.params[0, 1] == pytest.approx(beta, rel=1e-12)
    assert fit.params[0, 0] == pytest.approx(r.mean() - beta * m.to_numpy()[at].mean(), rel=1e-9)
    # Each slope over its own variance and one of the two autocorrelations: other sessions at the window's edges, and a
    # difference well inside the standard error.
    textbook = sum((d @ r) / (d @ d) for d in (before, now, after)) / (1 + 2 * np.corrcoef(now, before)[0, 1])
    assert 1e-3 < abs(fit.params[0, 1] - textbook) < 0.3 * fit.param_std_errors[0, 1]


def instrument_by_hand(y, m, z, ahead):
    x, w = np.column_stack([np.ones_like(m), m]), np.column_stack([np.ones_like(z), z])
    inverse = np.linalg.inv(w.T @ x)
    params = inverse @ w.T @ y
    resid = y - x @ params
    variance = resid @ resid / (len(y) - 2)
    covariance = variance * inverse @ w.T @ w @ inverse.T
    x_event = np.column_stack([np.ones_like(ahead), ahead])
    return params, covariance, variance, resid, variance * np.eye(len(ahead)) + x_event @ covariance @ x_event.T


def test_scholes_williams_is_the_instrumental_variable_estimate():
    m, y = delayed(3, 0.3, n=4)
    y.iloc[[20, 50], 0] = np.nan
    fit = fitted(ScholesWilliams(m), y)
    factors = ScholesWilliams(m).factors.to_numpy()
    for i in range(4):
        r = y[i].to_numpy()[5:125]
        used = ~np.isnan(r)
        x = factors[5:125][used]
        ahead = m.to_numpy()[135:140]
        params, covariance, variance, resid, forecast = instrument_by_hand(r[used], x[:, 0], x.sum(axis=1), ahead)
        np.testing.assert_allclose(fit.params[i], params, rtol=1e-9)
        np.testing.assert_allclose(fit.param_std_errors[i], np.sqrt(np.diag(covariance)), rtol=1e-9)
        np.testing.assert_allclose(fit.variance[i], variance, rtol=1e-9)
        np.testing.assert_allclose(fit.residuals[i][used], resid, rtol=1e-8)
        np.testing.assert_allclose(fit.variance[i] * fit.scale[i], forecast, rtol=1e-9, atol=1e-15)
        expected = y[i].to_numpy()[135:140] - params[0] - params[1] * ahead
        np.testing.assert_allclose(fit.abnormal[i], expected, rtol=1e-8)
        assert (fit.nobs[i], fit.df_resid[i]) == (used.sum(), used.sum() - 2)


def test_scholes_williams_agrees_with_linearmodels():
    answers = json.loads((ROOT / "tests/reference/linearmodels.json").read_text(encoding="utf-8"))["scholes_williams"]
    m, y = delayed(3, 0.3, n=1)
    fit = fitted(ScholesWilliams(m), y)
    np.testing.assert_allclose(fit.params[0], answers["params"], rtol=1e-9)
    np.testing.assert_allclose(fit.param_std_errors[0], answers["std_errors"], rtol=1e-9)
    assert fit.rsquared[0] == pytest.approx(answers["rsquared"], abs=1e-10)


def test_windows_that_scholes_williams_cannot_use_are_nan_alone():
    m, y = delayed(4, 0.3, n=4)
    y[1] = 0.001
    y.iloc[:123, 2] = np.nan
    fit = fitted(ScholesWilliams(m), y)
    for name in ("params", "param_std_errors", "variance", "abnormal", "scale"):
        values = getattr(fit, name)
        assert np.isnan(values[[1, 2]]).all(), name
        assert np.isfinite(values[[0, 3]]).all(), name
    flat = fitted(ScholesWilliams(m * 0 + 0.1), y)
    assert np.isnan(flat.variance).all()


def test_missing_days_of_the_event_window_stay_missing():
    m, y = delayed(4, 0.3, n=2)
    y.iloc[136, 0] = np.nan
    fit = fitted(ScholesWilliams(m), y)
    assert np.argwhere(np.isnan(fit.abnormal)).tolist() == [[0, 1]]
    assert np.isnan(fit.scale).sum() == 2 * WIDTH - 1


@pytest.mark.parametrize("stale", [0.3, 1.0])
def test_betas_are_unbiased_when_closes_are_a_day_old_and_that_of_ols_is_not(stale):
    betas = {"market model": [], "Dimson, lags 1, leads 1": [], "Scholes-Williams": []}
    for seed in range(20):  # securities on one market share its luck, so there are 20 markets
        m, y = delayed(100 + seed, stale, n=50)
        for model in (MarketModel(m), Dimson(m), ScholesWilliams(m)):
            betas[model.name].append(fitted(model, y).params[:, 1].mean())
    means = {name: (np.mean(actual), np.std(actual, ddof=1) / np.sqrt(20)) for name, actual in betas.items()}
    for name in ("Dimson, lags 1, leads 1", "Scholes-Williams"):
        mean, error = means[name]
        assert mean == pytest.approx(1.2, abs=4 * error)
        assert error < 0.06
    assert means["market model"][0] == pytest.approx(1.2 * (1 - stale), abs=0.1)


def test_a_market_of_stale_prices_biases_dimson_and_not_scholes_williams():
    """Fowler and Rorke (1983): the sum of coefficients is wrong when the market itself is autocorrelated."""
    betas = {Dimson: [], ScholesWilliams: []}
    for seed in range(40):
        m, y = delayed(500 + seed, 0.5, n=50)
        index = 0.6 * m + 0.4 * m.shift(1)
        for model, actual in betas.items():
            actual.append(fitted(model(index), y, start=6).params[:, 1].mean())
    bias = {model: (np.mean(actual) - 1.2) / (np.std(actual, ddof=1) / np.sqrt(40)) for model, actual in betas.items()}
    assert abs(bias[ScholesWilliams]) < 3
    assert bias[Dimson] > 4


@pytest.mark.simulation
def test_forecast_errors_have_the_size_they_claim():
    """Closes a day old: Dimson's regression keeps its size; Scholes-Williams by day too, while its CAR is conservative."""
    beyond = {Dimson: [], ScholesWilliams: []}
    for seed in range(80):
        m, y = delayed(700 + seed, 1.0, n=25)
        for model, actual in beyond.items():
            fit = fitted(model(m), y)
            day = fit.abnormal[:, 2] / np.sqrt(fit.variance * fit.scale[:, 2, 2])
            car = fit.abnormal.sum(axis=1) / np.sqrt(fit.variance * fit.scale.sum(axis=(1, 2)))
            actual.append(np.mean(np.abs([day, car]) > 1.98, axis=1))
    # Securities on one market and day share its moves in Scholes-Williams' errors: the spread is taken over markets.
    rates = {model: np.mean(actual, axis=0) for model, actual in beyond.items()}
    binomial = 4 * np.sqrt(0.05 * 0.95 / 2000)
    np.testing.assert_allclose(rates[Dimson], 0.05, atol=binomial)
    error = np.std([day for day, _ in beyond[ScholesWilliams]], ddof=1) / np.sqrt(80)
    assert rates[ScholesWilliams][0] == pytest.approx(0.05, abs=4 * error)
    assert rates[ScholesWilliams][1] < 0.02
