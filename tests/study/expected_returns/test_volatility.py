"""GARCH and EGARCH against arch itself, closed forms and simulation."""

import sys

import numpy as np
import pandas as pd
import pytest

from potash.errors import InputError, MissingPackageError, OptionError
from potash.study.expected_returns.ordinary import MarketModel
from potash.study.expected_returns.protocol import ReturnModel
from potash.study.expected_returns.volatility import EGARCH, GARCH
from tests.study.made_up import events, made_returns, study

univariate = pytest.importorskip("arch.univariate")

LENGTH, WIDTH = 250, 4
ANY = pd.Series([0.0, 1.0], name="M")


def clustered(n=1, seed=0, length=LENGTH, width=0, burst=0.0):
    """Return y and x of GARCH(1, 1) residuals (.05, .1, .85) with a daily deviation of 2 %, beta 1."""
    rng = np.random.default_rng(seed)
    variance, residuals = np.ones(n), []
    for day in range(length + width):
        shock = rng.normal(size=n) if day != length - 1 or not burst else np.full(n, burst)
        residuals.append(np.sqrt(variance) * shock)
        variance = 0.05 + 0.1 * residuals[-1] ** 2 + 0.85 * variance
    x = rng.normal(0, 0.01, (n, length + width))
    return 0.001 + x + 0.02 * np.array(residuals).T, x[:, :, None]


def event_days(seed=9, n=1):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.02, (n, WIDTH)), rng.normal(0, 0.01, (n, WIDTH, 1))


CASES = [
    (GARCH(ANY, gap=3), univariate.GARCH(p=1, q=1)),
    (GARCH(ANY, p=2, q=1, gap=3), univariate.GARCH(p=2, q=1)),
    (GARCH(ANY, p=1, q=0, gap=3), univariate.GARCH(p=1, q=0)),
    (EGARCH(ANY, gap=3), univariate.EGARCH(p=1, o=1, q=1)),
    (EGARCH(ANY, p=2, o=1, q=2, gap=3), univariate.EGARCH(p=2, o=1, q=2)),
]


@pytest.mark.parametrize(("model", "volatility"), CASES, ids=lambda case: getattr(case, "name", ""))
def test_fit_is_that_of_arch(model, volatility):
    (y, x), (y_event, x_event) = clustered(), event_days()
    fit = model.fit(y, x, y_event, x_event)
    unit = 300.0  # another scale than the model's own
    theirs = univariate.LS(unit * y[0], unit * x[0], volatility=volatility, rescale=False).fit(disp="off")
    mean = theirs.params.to_numpy()[:2] / [unit, 1]
    np.testing.assert_allclose(fit.params[0, :2], mean, rtol=1e-2, atol=2e-5)
    residuals = y[0] - fit.params[0, 0] - fit.params[0, 1] * x[0, :, 0]
    np.testing.assert_allclose(fit.residuals[0], residuals, atol=1e-12)
    np.testing.assert_allclose(fit.param_std_errors[0, 1], theirs.std_err.iloc[1], rtol=0.02)
    # arch's own forecasts, from 40,000 paths where it has no formula.
    method = {} if isinstance(model, GARCH) else {"method": "simulation", "simulations": 40_000}
    draws = np.random.RandomState(1)
    ahead = (
        theirs.forecast(horizon=7, x=np.zeros(7), random_state=draws, **method).variance.to_numpy()[-1, 3:] / unit**2
    )
    design, event = np.column_stack([np.ones(LENGTH), x[0, :, 0]]), np.column_stack([np.ones(WIDTH), x_event[0, :, 0]])
    weighted = design / (theirs.conditional_volatility[:, None] / unit) ** 2
    covariance = np.diag(ahead) + event @ np.linalg.inv(design.T @ weighted) @ event.T
    rtol = 5e-3 if isinstance(model, GARCH) else 0.03
    np.testing.assert_allclose(fit.variance[0] * fit.scale[0], covariance, rtol=rtol, atol=1e-6)
    np.testing.assert_allclose(fit.abnormal[0], y_event[0] - event @ fit.params[0, :2], atol=1e-12)
    assert (fit.nobs[0], fit.df_resid[0]) == (LENGTH, LENGTH - len(model.param_names))
    assert fit.variance[0] == pytest.approx((residuals**2).sum() / fit.df_resid[0])


@pytest.mark.parametrize("kind", [GARCH, EGARCH])
def test_sessions_between_the_windows_are_steps_of_the_forecast(kind):
    (y, x), (y_event, x_event) = clustered(burst=4.0), event_days()
    x_event = np.zeros_like(x_event)  # so that what the parameters add is the same for every pair of days
    near, far = (kind(ANY, gap=gap).fit(y, x, y_event, x_event) for gap in (0, 2))
    forecasts = [f.scale[0].diagonal() - f.scale[0, 0, 1] for f in (near, far)]
    np.testing.assert_allclose(forecasts[1][:2], forecasts[0][2:], rtol=1e-9)
    assert np.ptp(forecasts[0]) > 1e-3
    # Days missing at the end of the window are steps too.
    longer = np.concatenate([y, np.full((1, 2), np.nan)], axis=1), np.concatenate([x, np.zeros((1, 2, 1))], axis=1)
    short = kind(ANY, gap=0).fit(*longer, y_event, x_event)
    np.testing.assert_array_equal(short.scale, far.scale)


def test_missing_sessions_are_left_out_and_the_rest_closed_up():
    (y, x), (y_event, x_event) = clustered(), event_days()
    y[0, [30, 31, 200]] = np.nan
    y_event[0, 2] = np.nan
    fit = GARCH(ANY, gap=0).fit(y, x, y_event, x_event)
    keep = ~np.isnan(y[0])
    closed = GARCH(ANY, gap=0).fit(y[:, keep], x[:, keep], y_event, x_event)
    np.testing.assert_array_equal(fit.params, closed.params)
    np.testing.assert_array_equal(fit.residuals[0, keep], closed.residuals[0])
    assert np.isnan(fit.residuals[0, ~keep]).all()
    assert np.argwhere(np.isnan(fit.abnormal)).tolist() == [[0, 2]]
    assert np.isnan(fit.scale).sum() == 2 * WIDTH - 1


@pytest.mark.parametrize("kind", [GARCH, EGARCH])
def test_results_scale_with_returns(kind):
    (y, x), (y_event, x_event) = clustered(), event_days()
    once, twice = (kind(ANY, gap=1).fit(c * y, c * x, c * y_event, c * x_event) for c in (1, 2))
    np.testing.assert_allclose(twice.abnormal, 2 * once.abnormal, rtol=1e-9)
    np.testing.assert_allclose(twice.variance * twice.scale.T, 4 * once.variance * once.scale.T, rtol=1e-9)
    if kind is GARCH:
        assert twice.params[0, 2] == pytest.approx(4 * once.params[0, 2], rel=1e-9)
    else:  # log h is higher by log 4, of which the lag carries its share
        assert twice.params[0, 2] - once.params[0, 2] == pytest.approx(np.log(4) * (1 - once.params[0, 5]), rel=1e-6)


# -- the model in a study --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [GARCH, EGARCH])
def test_a_study_with_moving_variance(kind):
    returns = made_returns(2)
    model = kind(returns["M"], gap=5)
    assert isinstance(model, ReturnModel)
    results = study(returns, events(200), model=model).fit()
    assert results.params.columns[:3].tolist() == ["alpha", "beta", "omega"]
    assert results.params.loc[("e0", "A"), "beta"] == pytest.approx(1, abs=0.6)
    assert (results.car((-1, 1))["std_error"] > 0).all()
    assert results.model_name == model.name


def test_the_gap_has_to_be_known():
    y, x = clustered(length=60)
    with pytest.raises(InputError, match=r"GARCH\(1, 1\) forecasts the variance across"):
        GARCH(ANY).fit(y, x, *event_days())
    assert GARCH(ANY).with_gap(4).gap == 4
    assert EGARCH(ANY, gap=4).with_gap(4).gap == 4
    with pytest.raises(OptionError, match="gap=3 does not fit the windows, which are 4 sessions apart"):
        GARCH(ANY, gap=3).with_gap(4)


def test_parameters_on_their_bound_have_no_standard_error():
    """Residuals without any clustering: the optimizer often ends where a parameter, or the room to a sum of one, is zero."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 0.01, (12, LENGTH, 1))
    y = 0.5 * x[:, :, 0] + rng.normal(0, 0.01, (12, LENGTH))
    fit = GARCH(ANY, gap=0).fit(y, x, *event_days(n=12))
    lags, errors = fit.params[:, 3:], fit.param_std_errors[:, 3:]
    bound = (lags < 1e-6) | (lags.sum(axis=1, keepdims=True) > 1 - 1e-6)
    assert bound.any()
    assert not bound.all()
    np.testing.assert_array_equal(np.isnan(errors), bound)
    assert np.isfinite(fit.param_std_errors[:, :2]).all()


def test_what_is_no_market_is_named():
    for kind in (GARCH, EGARCH):
        with pytest.raises(InputError, match="market is a ndarray, neither a Series of returns by session nor"):
            kind(np.zeros(3))


@pytest.mark.parametrize("options", [{"p": 0}, {"q": -1}, {"p": 1.5}, {"gap": -1}, {"q": True}])
def test_orders_that_make_no_sense(options):
    with pytest.raises(OptionError, match="must be a whole number"):
        GARCH(ANY, **options)


@pytest.mark.simulation
def test_after_a_burst_the_abnormal_returns_have_the_variance_forecast():
    """The last session before the window is a 4 sigma day: OLS rejects far too often on the next, GARCH does not."""
    n = 150
    y, x = clustered(n, seed=5, width=1, burst=4.0)
    windows = y[:, :LENGTH], x[:, :LENGTH], y[:, LENGTH:], x[:, LENGTH:]
    spread = {}
    for model in (MarketModel(ANY), GARCH(ANY, gap=0)):
        fit = model.fit(*windows)
        stats = fit.abnormal[:, 0] / np.sqrt(fit.variance * fit.scale[:, 0, 0])
        spread[model.name] = np.nanstd(stats)
        assert np.isnan(stats).mean() < 0.03
    assert spread["market model"] > 1.35
    assert spread["GARCH(1, 1)"] == pytest.approx(1, abs=4 / np.sqrt(2 * n))


@pytest.mark.parametrize("model", [GARCH(ANY, gap=3), EGARCH(ANY, gap=3)])
def test_without_arch_the_message_says_what_to_install(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "arch", None)
    (y, x), (y_event, x_event) = clustered(), event_days()
    with pytest.raises(MissingPackageError, match=rf"^{model.name[:5]}.* pip install 'potash\[garch\]'$"):
        model.fit(y, x, y_event, x_event)
