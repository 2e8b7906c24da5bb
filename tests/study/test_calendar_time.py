"""Calendar-time portfolios by hand, against statsmodels, and their size where events cluster."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.api import OLS, add_constant

from potash.errors import InputError, NoUsableEventsError
from potash.study.calendar_time import calendar_time
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
    found = calendar_time(firms, STAGGERED, market, window=(0, 9)).days
    assert found.index.tolist() == [*DAYS[200:215], *DAYS[230:240]]
    assert found["members"].tolist() == ["A"] * 5 + ["A,B"] * 5 + ["B"] * 5 + ["C"] * 10
    assert found["n_firms"].tolist() == [1] * 5 + [2] * 5 + [1] * 15
    assert found.loc[DAYS[207], "portfolio"] == close(firms.loc[DAYS[207], ["A", "B"]].mean())


def test_a_firm_with_two_events_counts_once_and_a_missing_return_is_no_member():
    firms, market = split(made_returns(2))
    firms.loc[DAYS[203], "A"] = np.nan
    rows = pd.concat([firm_events(A=200, B=200), firm_events(A=202)]).assign(event_id=["x", "x", "y"])
    found = calendar_time(firms, rows, market, window=(1, 5)).days
    assert found.index.tolist() == list(DAYS[201:208])
    assert found.loc[DAYS[204], "portfolio"] == close(firms.loc[DAYS[204]].mean())
    assert (found.loc[DAYS[203], "members"], found.loc[DAYS[206], "members"]) == ("B", "A")


def test_alpha_is_statsmodels():
    firms, market = split(made_returns(4))
    found = calendar_time(firms, STAGGERED, market, window=(0, 9), hac_lags=3)
    model = OLS(found.days["portfolio"], add_constant(market.loc[found.days.index]))
    plain = model.fit()
    robust = model.fit(cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True)
    for name, told in [("ols", plain), ("hac", robust)]:
        row = found.alpha.loc[name]
        assert (row["alpha"], row["std_error"]) == (close(told.params["const"]), close(told.bse["const"]))
        assert (row["pvalue"], row["nobs"], row["df"]) == (close(told.pvalues["const"]), 25, 23)
    assert found.slopes["M"] == close(plain.params["M"])


def test_hac_by_hand():
    """Newey and West without factors: Bartlett weights on the autocovariances, times T / (T - 1)."""
    firms, market = split(made_returns(3))
    found = calendar_time(firms, STAGGERED, market[[]], window=(0, 19), hac_lags=2)
    y = found.days["portfolio"].to_numpy()
    e, t = y - y.mean(), len(y)
    long_run = e @ e + 2 * (2 / 3 * e[1:] @ e[:-1] + 1 / 3 * e[2:] @ e[:-2])
    assert found.alpha.loc["hac", "std_error"] == close(np.sqrt(long_run) / t * np.sqrt(t / (t - 1)))


def test_one_event_is_the_portfolio_of_the_event_study():
    """Same members throughout: the abnormal and standardized returns are those of EventStudy's portfolio."""
    returns = made_returns(3)
    firms, market = split(returns)
    rows = pd.DataFrame({"event_id": ["e0"], "session": [DAYS[200]]})
    found = calendar_time(firms, rows, market, window=(0, 10), estimation_window=(-130, -11))
    told = study(returns, rows, event_window=(0, 10), estimation_window=(-130, -11)).fit()
    portfolio = [told.portfolio((k, k)).iloc[0] for k in range(11)]
    np.testing.assert_allclose(found.days["abnormal"], [p["CAR"] for p in portfolio], rtol=1e-9)
    np.testing.assert_allclose(found.days["standardized"], [p["tstat"] for p in portfolio], rtol=1e-9)
    scale = told.portfolio_fit.scale[0]
    root = np.sqrt(np.diag(scale))
    mean = ((scale / np.outer(root, root)).sum() - 11) / 110
    plain = stats.ttest_1samp(found.days["standardized"], 0).statistic
    test = found.jaffe_mandelker
    assert test.stat == close(plain * np.sqrt((1 - mean) / (1 + 10 * mean)))
    assert (test.name, test.distribution, test.n_obs) == ("jaffe_mandelker", "t(10)", 11)
    assert 1.02 < plain / test.stat < 1.1


def test_members_are_estimated_before_the_earliest_of_their_events():
    """While A (day 200) and B (day 205) are both in, their portfolio is estimated before day 200."""
    returns = made_returns(2)
    firms, market = split(returns)
    found = calendar_time(firms, firm_events(A=200, B=205), market, window=(0, 9)).days
    pooled = returns[["M"]].assign(P=firms.mean(axis=1), B=firms["B"])
    for ticker, at, days in [("P", 200, range(5, 10)), ("B", 205, range(5, 10))]:
        told = study(pooled[[ticker, "M"]], firm_events(**{ticker: at}), event_window=(0, 9)).fit()
        for k in days:
            row = found.loc[DAYS[at + k]]
            car = told.car((k, k)).iloc[0]
            assert [row["abnormal"], row["standardized"]] == close([car["CAR"], car["tstat"]])


def test_the_same_members_after_another_event_are_estimated_anew():
    returns = made_returns(1)
    firms, market = split(returns)
    rows = pd.concat([firm_events(A=200), firm_events(A=240).assign(event_id="later")])
    found = calendar_time(firms, rows, market, window=(0, 4)).days
    told = study(returns, rows, event_window=(0, 4)).fit()
    np.testing.assert_allclose(found["standardized"], told.tstats.to_numpy().ravel(), rtol=1e-9)


def test_days_of_different_members_share_parameters():
    """A alone, A with B, B alone: the mean correlation between the 15 days, day by day from its definition."""
    firms, market = split(made_returns(2))
    found = calendar_time(firms, firm_events(A=200, B=205), market, window=(0, 9))
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
    plain = stats.ttest_1samp(found.days["standardized"], 0).statistic
    assert found.jaffe_mandelker.stat == close(plain * np.sqrt((1 - mean) / (1 + 14 * mean)), rel=1e-9)
    assert mean > 0.003


def test_ledger_names_each_day_left_out():
    firms, market = split(made_returns(3))
    market.loc[DAYS[207]] = np.nan
    rows = firm_events(A=30, B=202, C=204)
    found = calendar_time(firms, rows, market, window=(0, 9), min_firms=2)
    told = found.dropped.set_index("session")
    assert told.loc[DAYS[30], ["n_firms", "reason"]].tolist() == [1, "too few firms"]
    assert told.loc[DAYS[207], "reason"] == "missing factor"
    assert len(told) == 10 + 2 + 1 + 2
    assert found.days.index.tolist() == [DAYS[i] for i in range(204, 212) if i != 207]
    loose = calendar_time(firms, rows, market, window=(0, 9))
    assert loose.dropped["reason"].value_counts().to_dict() == {"not standardized": 10, "missing factor": 1}
    assert loose.jaffe_mandelker.n_obs == len(loose.days) - 10


def test_events_off_the_sessions_are_listed():
    firms, market = split(made_returns(3))
    rows = pd.concat([STAGGERED, pd.DataFrame({"event_id": ["s"], "ticker": ["A"], "session": ["2024-01-06"]})])
    found = calendar_time(firms, rows, market)
    assert found.unplaced[["event_id", "reason"]].to_numpy().tolist() == [["s", "not a session of the returns"]]


def test_errors():
    firms, market = split(made_returns(2))
    with pytest.raises(InputError, match="must end before window"):
        calendar_time(firms, firm_events(A=200), market, window=(-20, 5))
    with pytest.raises(InputError, match="min_firms=0"):
        calendar_time(firms, firm_events(A=200), market, min_firms=0)
    with pytest.raises(NoUsableEventsError, match="3 days have a portfolio, the regression on 2 parameters needs 5"):
        calendar_time(firms, firm_events(A=200), market, window=(0, 2))


def test_size_where_events_cluster():
    """Six firms correlated .5 with events within four weeks; a t over firm-days takes 126 draws for 41 days."""
    studies, rejected = 400, []
    for seed in range(studies):
        returns = made_returns(6, seed=2000 + seed, correlation=0.5)
        firms, market = split(returns)
        rows = firm_events(A=200, B=200, C=205, D=210, E=215, F=220)
        found = calendar_time(firms, rows, market, window=(0, 20))
        residuals = (firms.sub(market["M"], axis=0)).to_numpy()
        cells = np.concatenate([residuals[at : at + 21, i] for i, at in enumerate([200, 200, 205, 210, 215, 220])])
        rejected.append(
            [found.alpha.loc["ols", "pvalue"] < 0.05, found.alpha.loc["hac", "pvalue"] < 0.05,
             found.jaffe_mandelker.pvalue < 0.05, stats.ttest_1samp(cells, 0).pvalue < 0.05]
        )  # fmt: skip
    ols, hac, jaffe_mandelker, naive = np.mean(rejected, axis=0)
    three_deviations = 3 * np.sqrt(0.05 * 0.95 / studies)
    assert ols == close(0.05, abs=three_deviations)
    assert jaffe_mandelker == close(0.05, abs=three_deviations)
    # HAC on 41 days is known to reject somewhat too often.
    assert 0.03 < hac < 0.13
    assert naive > 0.15
