"""Calendar-time portfolios by hand, against statsmodels, and their size where events cluster."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.api import OLS, add_constant

from potash.errors import InputError, NoUsableEventsError, WindowError
from potash.study.further.calendar_time import calendar_time
from tests.study.made_up import DAYS, made_returns, study

close = pytest.approx


def firm_events(**positions: int) -> pd.DataFrame:
    rows = [(f"e{i}", ticker, DAYS[at]) for i, (ticker, at) in enumerate(positions.items())]
    return pd.DataFrame(rows, columns=["event_id", "ticker", "session"])


def split(returns: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return returns.drop(columns="M"), returns[["M"]]


STAGGERED = firm_events(A=200, B=205, C=230)


def test_members_by_day():
    firms, market = split(made_returns(4))
    actual = calendar_time(firms, STAGGERED, market, window=(0, 9)).days
    assert actual.index.tolist() == [*DAYS[200:215], *DAYS[230:240]]
    assert actual["members"].tolist() == ["A"] * 5 + ["A,B"] * 5 + ["B"] * 5 + ["C"] * 10
    assert actual["n_firms"].tolist() == [1] * 5 + [2] * 5 + [1] * 15
    assert actual.loc[DAYS[207], "portfolio"] == close(firms.loc[DAYS[207], ["A", "B"]].mean())


def test_a_firm_with_two_events_counts_once_and_a_missing_return_is_no_member():
    firms, market = split(made_returns(2))
    firms.loc[DAYS[203], "A"] = np.nan
    rows = pd.concat([firm_events(A=200, B=200), firm_events(A=202)]).assign(event_id=["x", "x", "y"])
    actual = calendar_time(firms, rows, market, window=(1, 5)).days
    assert actual.index.tolist() == list(DAYS[201:208])
    assert actual.loc[DAYS[204], "portfolio"] == close(firms.loc[DAYS[204]].mean())
    assert (actual.loc[DAYS[203], "members"], actual.loc[DAYS[206], "members"]) == ("B", "A")


def test_alpha_is_statsmodels():
    firms, market = split(made_returns(4))
    actual = calendar_time(firms, STAGGERED, market, window=(0, 9), hac_lags=3)
    model = OLS(actual.days["portfolio"], add_constant(market.loc[actual.days.index]))
    plain = model.fit()
    robust = model.fit(cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True)
    for name, told in [("ols", plain), ("hac", robust)]:
        row = actual.alpha.loc[name]
        assert (row["alpha"], row["std_error"]) == (close(told.params["const"]), close(told.bse["const"]))
        assert (row["pvalue"], row["nobs"], row["df"]) == (close(told.pvalues["const"]), 25, 23)
    assert actual.slopes["M"] == close(plain.params["M"])


def test_hac_by_hand():
    """Newey and West without factors: Bartlett weights on the autocovariances, times T / (T - 1)."""
    firms, market = split(made_returns(3))
    actual = calendar_time(firms, STAGGERED, market[[]], window=(0, 19), hac_lags=2)
    y = actual.days["portfolio"].to_numpy()
    e, t = y - y.mean(), len(y)
    long_run = e @ e + 2 * (2 / 3 * e[1:] @ e[:-1] + 1 / 3 * e[2:] @ e[:-2])
    assert actual.alpha.loc["hac", "std_error"] == close(np.sqrt(long_run) / t * np.sqrt(t / (t - 1)))


def test_one_event_is_the_portfolio_of_the_event_study():
    """Same members throughout: the abnormal and standardized returns are those of EventStudy's portfolio."""
    returns = made_returns(3)
    firms, market = split(returns)
    rows = pd.DataFrame({"event_id": ["e0"], "session": [DAYS[200]]})
    actual = calendar_time(firms, rows, market, window=(0, 10), estimation_window=(-130, -11))
    told = study(returns, rows, event_window=(0, 10), estimation_window=(-130, -11)).fit()
    portfolio = [told.portfolio((k, k)).iloc[0] for k in range(11)]
    np.testing.assert_allclose(actual.days["abnormal"], [p["CAR"] for p in portfolio], rtol=1e-9)
    np.testing.assert_allclose(actual.days["standardized"], [p["tstat"] for p in portfolio], rtol=1e-9)
    scale = told.portfolio_fit.scale[0]
    root = np.sqrt(np.diag(scale))
    mean = ((scale / np.outer(root, root)).sum() - 11) / 110
    plain = stats.ttest_1samp(actual.days["standardized"], 0).statistic
    test = actual.jaffe_mandelker
    assert test.stat == close(plain * np.sqrt((1 - mean) / (1 + 10 * mean)))
    assert (test.name, test.distribution, test.n_obs) == ("jaffe_mandelker", "t(10)", 11)
    assert 1.02 < plain / test.stat < 1.1


def test_members_are_estimated_before_the_earliest_of_their_events():
    """While A (day 200) and B (day 205) are both in, their portfolio is estimated before day 200."""
    returns = made_returns(2)
    firms, market = split(returns)
    actual = calendar_time(firms, firm_events(A=200, B=205), market, window=(0, 9)).days
    pooled = returns[["M"]].assign(P=firms.mean(axis=1), B=firms["B"])
    for ticker, at, days in [("P", 200, range(5, 10)), ("B", 205, range(5, 10))]:
        told = study(pooled[[ticker, "M"]], firm_events(**{ticker: at}), event_window=(0, 9)).fit()
        for k in days:
            row = actual.loc[DAYS[at + k]]
            car = told.car((k, k)).iloc[0]
            assert [row["abnormal"], row["standardized"]] == close([car["CAR"], car["tstat"]])


def test_the_same_members_after_another_event_are_estimated_anew():
    returns = made_returns(1)
    firms, market = split(returns)
    rows = pd.concat([firm_events(A=200), firm_events(A=240).assign(event_id="later")])
    actual = calendar_time(firms, rows, market, window=(0, 4)).days
    told = study(returns, rows, event_window=(0, 4)).fit()
    np.testing.assert_allclose(actual["standardized"], told.tstats.to_numpy().ravel(), rtol=1e-9)


def test_days_of_different_members_share_parameters():
    """A alone, A with B, B alone: the mean correlation between the 15 days, day by day from its definition."""
    firms, market = split(made_returns(2))
    actual = calendar_time(firms, firm_events(A=200, B=205), market, window=(0, 9))
    m, rows, series = market["M"].to_numpy(), [], []
    for day in range(200, 215):
        members, before = (["A"], 70) if day < 205 else (["A", "B"], 70) if day < 210 else (["B"], 75)
        design = np.column_stack([np.ones(120), m[before : before + 120]])
        hat = np.array([1, m[day]]) @ np.linalg.inv(design.T @ design) @ design.T
        row, y, residuals = np.zeros(300), firms[members].mean(axis=1).to_numpy()[before : before + 120], np.zeros(300)
        row[day], row[before : before + 120] = 1, -hat
        residuals[before : before + 120] = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        rows.append(row / np.sqrt(row @ row))
        series.append((before, residuals))

    def between(i, j):
        (first, a), (second, b) = series[i], series[j]
        common = slice(max(first, second), min(first, second) + 120)
        return np.corrcoef(a[common], b[common])[0, 1]

    pairs = [(i, j) for i in range(15) for j in range(15) if i != j]
    mean = np.mean([rows[i] @ rows[j] * between(i, j) for i, j in pairs])
    plain = stats.ttest_1samp(actual.days["standardized"], 0).statistic
    assert actual.jaffe_mandelker.stat == close(plain * np.sqrt((1 - mean) / (1 + 14 * mean)), rel=1e-9)
    assert mean > 0.003


def test_ledger_names_each_day_left_out():
    firms, market = split(made_returns(3))
    market.loc[DAYS[207]] = np.nan
    rows = firm_events(A=30, B=202, C=204)
    actual = calendar_time(firms, rows, market, window=(0, 9), min_firms=2)
    told = actual.dropped.set_index("session")
    assert told.loc[DAYS[30], ["n_firms", "reason"]].tolist() == [1, "too few firms"]
    assert told.loc[DAYS[207], "reason"] == "missing factor"
    assert len(told) == 10 + 2 + 1 + 2
    assert actual.days.index.tolist() == [DAYS[i] for i in range(204, 212) if i != 207]
    loose = calendar_time(firms, rows, market, window=(0, 9))
    assert loose.dropped["reason"].value_counts().to_dict() == {"not standardized": 10, "missing factor": 1}
    assert loose.jaffe_mandelker.n_obs == len(loose.days) - 10


def test_events_off_the_sessions_are_listed():
    firms, market = split(made_returns(3))
    rows = pd.concat([STAGGERED, pd.DataFrame({"event_id": ["s"], "ticker": ["A"], "session": ["2024-01-06"]})])
    actual = calendar_time(firms, rows, market)
    assert actual.unplaced[["event_id", "reason"]].to_numpy().tolist() == [["s", "not a session of the returns"]]


def test_errors():
    firms, market = split(made_returns(2))
    with pytest.raises(InputError, match="must end before window"):
        calendar_time(firms, firm_events(A=200), market, window=(-20, 5))
    with pytest.raises(InputError, match="min_firms=0"):
        calendar_time(firms, firm_events(A=200), market, min_firms=0)
    with pytest.raises(NoUsableEventsError, match="3 days have a portfolio, the regression on 2 parameters needs 5"):
        calendar_time(firms, firm_events(A=200), market, window=(0, 2))


@pytest.mark.simulation
def test_size_where_events_cluster():
    """Six firms correlated .5 with events within four weeks; a t over firm-days takes 126 draws for 41 days."""
    studies, rejected = 400, []
    for seed in range(studies):
        returns = made_returns(6, seed=2000 + seed, correlation=0.5)
        firms, market = split(returns)
        rows = firm_events(A=200, B=200, C=205, D=210, E=215, F=220)
        actual = calendar_time(firms, rows, market, window=(0, 20))
        residuals = (firms.sub(market["M"], axis=0)).to_numpy()
        cells = np.concatenate([residuals[at : at + 21, i] for i, at in enumerate([200, 200, 205, 210, 215, 220])])
        rejected.append(
            [actual.alpha.loc["ols", "pvalue"] < 0.05, actual.alpha.loc["hac", "pvalue"] < 0.05,
             actual.jaffe_mandelker.pvalue < 0.05, stats.ttest_1samp(cells, 0).pvalue < 0.05]
        )  # fmt: skip
    ols, hac, jaffe_mandelker, naive = np.mean(rejected, axis=0)
    three_deviations = 3 * np.sqrt(0.05 * 0.95 / studies)
    assert ols == close(0.05, abs=three_deviations)
    assert jaffe_mandelker == close(0.05, abs=three_deviations)
    # HAC on 41 days is known to reject somewhat too often.
    assert 0.03 < hac < 0.13
    assert naive > 0.15


# -- windows and their ledger ----------------------------------------------------------------------------------------


def test_a_window_before_the_data_begin_makes_no_member():
    firms, market = split(made_returns(2))
    rows = firm_events(A=3, B=200)
    actual = calendar_time(firms, rows, market, window=(-10, -5), estimation_window=(-130, -31))
    assert actual.days["members"].tolist() == ["B"] * 6
    alone = calendar_time(firms, rows[1:], market, window=(-10, -5), estimation_window=(-130, -31))
    pd.testing.assert_frame_equal(actual.alpha, alone.alpha)
    assert actual.unplaced[["ticker", "reason", "days"]].to_numpy().tolist() == [["A", "window outside the returns", 0]]


@pytest.mark.parametrize(
    ("at", "window", "reason", "days"),
    [
        (298, (5, 20), "window outside the returns", 0),
        (295, (0, 20), "window partly outside the returns", 5),
        (3, (-5, 0), "window partly outside the returns", 4),
        (250, (0, 20), "no return in the window", 0),
        (225, (0, 20), "no day of the window entered", 0),
    ],
)
def test_ledger_of_firm_events(at, window, reason, days):
    firms, market = split(made_returns(2))
    firms.iloc[250:271, 0] = np.nan
    market.iloc[225:246] = np.nan
    rows = firm_events(A=at, B=150)
    actual = calendar_time(firms, rows, market, window=window, estimation_window=(-60, -11))
    assert actual.unplaced.to_numpy().tolist() == [["e0", "A", DAYS[at], reason, days]]
    assert actual.days["members"].str.contains("A").sum() == days


def test_a_window_inside_the_data_is_not_in_the_ledger():
    firms, market = split(made_returns(3))
    assert calendar_time(firms, firm_events(A=279, B=200), market, window=(0, 20)).unplaced.empty


def test_too_few_days_say_why():
    firms, market = split(made_returns(2))
    rows = firm_events(A=200, B=298)
    with pytest.raises(NoUsableEventsError, match="left out: 2 not a session of the returns; days: none"):
        calendar_time(firms, rows.assign(session="2024-01-06"), market)
    with pytest.raises(NoUsableEventsError, match=r"1 no day of the window entered.*days: 21 too few firms"):
        calendar_time(firms, rows[:1], market, min_firms=2)
    with pytest.raises(NoUsableEventsError, match="days: 21 missing factor"):
        calendar_time(firms, rows[:1], market[:200])
    with pytest.raises(InputError, match="none of their sessions, 2034-12-14 to 2036-02-04, is one of the returns"):
        calendar_time(firms, rows, market.set_axis(market.index + pd.Timedelta(days=4000)))


# -- numbers and factors ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lags", [-1, 21, 500, 2.5, True])
def test_hac_lags_are_whole_and_fewer_than_the_days(lags):
    firms, market = split(made_returns(2))
    with pytest.raises(InputError, match=f"hac_lags={lags} must be a whole number, from 0 to 20"):
        calendar_time(firms, firm_events(A=200), market, hac_lags=lags)


def test_hac_without_lags_is_whites():
    firms, market = split(made_returns(2))
    actual = calendar_time(firms, firm_events(A=200), market, hac_lags=0)
    told = OLS(actual.days["portfolio"], add_constant(market.loc[actual.days.index])).fit(cov_type="HC1", use_t=True)
    assert actual.alpha.loc["hac", "std_error"] == close(told.bse["const"])


@pytest.mark.parametrize("number", [1.5, "2", True, 0])
def test_min_firms_is_whole(number):
    firms, market = split(made_returns(2))
    with pytest.raises(InputError, match=f"min_firms={number!r} must be a whole number, 1 or more"):
        calendar_time(firms, firm_events(A=200), market, min_firms=number)


@pytest.mark.parametrize("other", [lambda m: 2 * m, lambda m: 1.0 + 0 * m, lambda m: 0 * m, lambda m: 0.1 - m])
def test_dependent_factors_are_an_error(other):
    firms, market = split(made_returns(2))
    with pytest.raises(InputError, match="regressors const, M, N are linearly dependent"):
        calendar_time(firms, firm_events(A=200), market.assign(N=other(market["M"])))


def test_units_of_the_factors_do_not_matter():
    firms, market = split(made_returns(2))
    small = market.assign(N=np.random.default_rng(1).normal(0, 1, 300))
    actual = calendar_time(firms, firm_events(A=200, B=210), small)
    scaled = calendar_time(firms, firm_events(A=200, B=210), small * [1e-9, 1e13])
    np.testing.assert_allclose(scaled.alpha, actual.alpha, rtol=1e-9)
    np.testing.assert_allclose(scaled.slopes * [1e-9, 1e13], actual.slopes, rtol=1e-9)


@pytest.mark.parametrize("flat", [lambda m: 0.0 * m, lambda m: 0.001 + 0 * m, lambda m: m])
def test_a_portfolio_that_does_not_vary_or_equals_a_factor_is_an_error(flat):
    firms, market = split(made_returns(2))
    with pytest.raises(InputError, match="does not vary, or equals a combination of the factors"):
        calendar_time(firms.assign(A=flat(market["M"])), firm_events(A=200), market)


def test_factors_must_be_a_frame():
    firms, market = split(made_returns(2))
    with pytest.raises(InputError, match="factors is a Series"):
        calendar_time(firms, firm_events(A=200), market["M"])


def test_estimation_window_must_hold_a_regression():
    firms, market = split(made_returns(2))
    with pytest.raises(WindowError, match=r"\[-4, -1\] has 4 sessions, and a regression on 2 parameters needs 5"):
        calendar_time(firms, firm_events(A=200), market, estimation_window=(-4, -1))
