"""All of other software's answers on the carried prices, where they are present; an excerpt is checked everywhere.

Conventions in which ours differs, each derived in the tests below:

- R package EventStudy 0.50: BMP and Kolari-Pynnonen standardize without the forecast-error term, and correlate residuals
  by relative day even if the dates differ. CAR t and multi-day Patell divide by sqrt(n days) and leave out the covariance
  that the estimated parameters induce. The market-adjusted model gets the forecast-error term of a mean, though no mean
  enters its abnormal returns. BHAR is not ours.
- R package estudy2 0.10: Patell and the crude dependence test ("lmb") take n - 1 where n - 2 belongs; Brown and Warner
  (1985) takes n - 1 and no forecast-error term. Its Brown and Warner (1980) assumes independent firms and is not ours.
"""

import gzip
import json

import numpy as np
import pandas as pd
import pytest

from potash.study.results import EventStudyResults
from tests.paths import SHARED
from tests.study.carried import DAYS, FIRMS, OFFSETS, cumulated, daily, fitted, returns

REFERENCE = SHARED / "reference"
pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="../shared/reference (other software's answers) is absent"
)
CASES = [(day, kind, n_obs) for day in DAYS for kind in ("log", "simple") for n_obs in (110, 120)]
POOLED = [("pooled", kind, n_obs) for kind in ("log", "simple") for n_obs in (110, 120)]
EVENTSTUDY_MODELS = {
    "market": "MarketModel",
    "market_adjusted": "MarketAdjustedModel",
    "mean_adjusted": "ComparisonPeriodMeanAdjustedModel",
}
ESTUDY2_MODELS = {"market": "sim", "market_adjusted": "mrkt_adj", "mean_adjusted": "mean_adj"}


def stored(name: str) -> dict:
    raw = (REFERENCE / name).read_bytes()
    return json.loads(gzip.decompress(raw) if name.endswith(".gz") else raw)


@pytest.fixture(scope="module")
def independent() -> dict:
    return stored("independent.json")


@pytest.fixture(scope="module")
def eventstudy() -> dict:
    return stored("eventstudy.json.gz")


@pytest.fixture(scope="module")
def estudy2() -> dict:
    return stored("estudy2.json.gz")


def same(ours: object, theirs: object) -> None:
    np.testing.assert_allclose(np.asarray(ours, float), np.asarray(theirs, float), rtol=0, atol=1e-9)


def test_every_stored_key_is_checked(independent, eventstudy, estudy2):
    assert set(independent) == {f"2020_2022|{day}|{kind}|est_{n}" for day, kind, n in CASES}
    r_windows = {110: "est_m120_m11", 120: "est_m130_m11"}
    assert set(eventstudy) == {
        f"{day}|{kind}|{name}|{r_windows[n]}" for day, kind, n in CASES + POOLED for name in EVENTSTUDY_MODELS.values()
    }
    assert set(estudy2) == {f"{d}|{kind}|{name}|est_{n}" for d, kind, n in CASES for name in ESTUDY2_MODELS.values()}


# -- closed forms of the papers, evaluated apart from the library ----------------------------------------------------


@pytest.mark.parametrize(("day", "kind", "n_obs"), CASES)
def test_regressions_and_cars_by_closed_forms(independent, day, kind, n_obs):
    told, found = independent[f"2020_2022|{day}|{kind}|est_{n_obs}"], fitted((day,), kind, "market", n_obs)
    assert told["firms"] == list(found.abnormal_returns.index.get_level_values("ticker"))
    for name in ("alpha", "beta", "sigma"):
        same(found.params[name], told[name])
    assert (found.params["nobs"] == n_obs).all()
    same(found.abnormal_returns, told["AR"])
    same(found.std_errors, told["AR_se"])
    for at, end in enumerate(OFFSETS):
        cars = found.car((-5, end))
        same(cars["CAR"], np.array(told["CAR"])[:, at])
        same(cars["tstat"], np.array(told["CAR_t"])[:, at])
    same(found.portfolio_fit.abnormal[0], told["portfolio_AR"])
    same(found.mean_correlation((0, 0)), told["rbar"])


@pytest.mark.parametrize(("day", "kind", "n_obs"), CASES)
def test_tests_by_closed_forms(independent, day, kind, n_obs):
    told, found = independent[f"2020_2022|{day}|{kind}|est_{n_obs}"], fitted((day,), kind, "market", n_obs)
    for name, key in [("bmp", "bmp"), ("kolari_pynnonen", "kp"), ("cross_sectional", "csect")]:
        same(daily(found, name), told[f"{key}_day"])
        same(cumulated(found, name), told[f"{key}_cum"])
    same(daily(found, "patell"), told["patell_day"])
    same(cumulated(found, "patell"), told["patell_cum_exact"])
    same(cumulated(found, "patell_simple"), told["patell_cum_simple"])
    same(daily(found, "adjusted_patell"), told["adjusted_patell_day"])
    same(daily(found, "portfolio"), told["portfolio_t"])
    same(cumulated(found, "portfolio"), told["portfolio_CAR_t"])


# -- R package estudy2 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ESTUDY2_MODELS)
@pytest.mark.parametrize(("day", "kind", "n_obs"), CASES)
def test_estudy2(estudy2, day, kind, n_obs, model):
    told, found = estudy2[f"{day}|{kind}|{ESTUDY2_MODELS[model]}|est_{n_obs}"], fitted((day,), kind, model, n_obs)
    theirs = told["parametric"]
    same(found.abnormal_returns.loc[day].loc[FIRMS].T, pd.DataFrame(told["abnormal"]["ar"])[FIRMS])
    same(found.aar()["AAR"], theirs["mean"])
    same(daily(found, "cross_sectional"), theirs["t_test_stat"])
    # Brown and Warner (1985) as they print it: n - 1 and no forecast-error term. Ours keeps both, so it is smaller;
    # with the market-adjusted model nothing is estimated and the two are one.
    ratio = np.array(theirs["bw_1985_stat"]) / daily(found, "portfolio")
    factors = found.portfolio_fit.scale[0].diagonal()
    lost = n_obs - found.portfolio_fit.df_resid[0]
    same(ratio, np.sqrt(factors * (n_obs - 1) / (n_obs - lost)))
    if model == "market":
        shrink = np.sqrt((n_obs - 2) / (n_obs - 1))
        same(daily(found, "patell"), np.array(theirs["pt_stat"]) * shrink)
        same(daily(found, "portfolio"), np.array(theirs["lmb_stat"]) * shrink)
        same(daily(found, "bmp"), theirs["bh_stat"])


@pytest.mark.parametrize(("day", "kind", "n_obs"), CASES)
def test_estudy2_took_the_same_sessions(estudy2, day, kind, n_obs):
    told, found = estudy2[f"{day}|{kind}|sim|est_{n_obs}"], fitted((day,), kind, "market", n_obs)
    own = returns(kind)["NTR"]
    for window, (start, end) in [(found.panel.y, told["estimation"]), (found.panel.y_event, told["event"])]:
        np.testing.assert_array_equal(window[0], own.loc[start:end])


# -- R package EventStudy --------------------------------------------------------------------------------------------


def bare(found: EventStudyResults) -> np.ndarray:
    """Return abnormal returns over the residual deviation alone, without the forecast-error term."""
    return found.fit.abnormal / np.sqrt(found.fit.variance)[:, None]


def t_of_mean(values: np.ndarray) -> np.ndarray:
    return values.mean(axis=0) / (values.std(axis=0, ddof=1) / np.sqrt(len(values)))


def both(eventstudy: dict, day: str, kind: str, model: str, n_obs: int) -> tuple[dict, EventStudyResults]:
    key = f"{day}|{kind}|{EVENTSTUDY_MODELS[model]}|est_m{n_obs + 10}_m11"
    return eventstudy[key], fitted(DAYS if day == "pooled" else (day,), kind, model, n_obs)


@pytest.mark.parametrize("model", EVENTSTUDY_MODELS)
@pytest.mark.parametrize(("day", "kind", "n_obs"), CASES)
def test_eventstudy_firms(eventstudy, day, kind, n_obs, model):
    told, found = both(eventstudy, day, kind, model, n_obs)
    assert len(told["firms"]) == len(found.abnormal_returns) == 7
    root_days, days = np.sqrt(np.arange(1, 12)), range(11)
    for firm in told["firms"]:
        key, theirs = (firm["event_date"], firm["firm"]), firm["model"]
        for name in set(found.params.columns) & {"alpha", "beta", "mean", "sigma"}:
            same(found.params.at[key, name], theirs[name])
        assert found.params.at[key, "nobs"] == n_obs
        same(found.abnormal_returns.loc[key], firm["ART"]["abnormal_returns"])
        cars = np.array([found.car((-5, end)).at[key, "CAR"] for end in OFFSETS])
        same(cars, firm["CART"]["car"])
        # Their market-adjusted model widens by 1 + 1/L as if a mean had been estimated and subtracted.
        mean_term = np.sqrt(1 + 1 / n_obs) if model == "market_adjusted" else 1
        same(found.std_errors.loc[key] * mean_term, theirs["fec_sigma"])
        # Their t statistics use the residual deviation alone, and sqrt(days).
        sigma, row = found.params.at[key, "sigma"], found.panel.labels["ticker"].tolist().index(firm["firm"])
        same(found.abnormal_returns.loc[key] / sigma, firm["ART"]["ar_t"])
        same(cars / sigma / root_days, firm["CART"]["car_t"])
        induced = [np.sqrt(found.fit.scale[row][: k + 1, : k + 1].sum() / (k + 1)) for k in days]
        ours = np.array([found.car((-5, end)).at[key, "tstat"] for end in OFFSETS])
        same(np.array(firm["CART"]["car_t"]), ours * induced)
        assert (max(induced) > 1.03) == (model != "market_adjusted")


@pytest.mark.parametrize("model", EVENTSTUDY_MODELS)
@pytest.mark.parametrize(("day", "kind", "n_obs"), CASES + POOLED)
def test_eventstudy_cross_section_and_patell(eventstudy, day, kind, n_obs, model):
    told, found = both(eventstudy, day, kind, model, n_obs)
    told = told["multi"]
    assert told["CSectT"]["n_valid_events"] == [len(found.abnormal_returns)] * 11
    same(found.aar()[["AAR", "CAAR"]].T, [told["CSectT"]["aar"], told["CSectT"]["caar"]])
    same(daily(found, "cross_sectional"), told["CSectT"]["aar_t"])
    same(cumulated(found, "cross_sectional"), told["CSectT"]["caar_t"])
    standardized = found.tstats.to_numpy()
    df = n_obs - (2 if model == "market" else 1)
    if model == "market_adjusted":  # their forecast-error term of a mean that no abnormal return contains
        standardized = standardized / np.sqrt(1 + 1 / n_obs)
    else:
        same(daily(found, "patell"), told["PatellZ"]["aar_z"])
    root = np.sqrt(len(standardized) * df / (df - 2))
    same(standardized.sum(axis=0) / root, told["PatellZ"]["aar_z"])
    simple = standardized.cumsum(axis=1).sum(axis=0) / root / np.sqrt(np.arange(1, 12))
    same(simple, told["PatellZ"]["caar_z"])
    # Ours divides by the exact deviation of a CAR; theirs leaves the covariance between days out and is larger.
    inflation = np.array(told["PatellZ"]["caar_z"])[-1] / cumulated(found, "patell")[-1]
    if model == "market_adjusted":
        same(inflation, 1 / np.sqrt(1 + 1 / n_obs))
    else:
        assert 1.01 < inflation < 1.1


@pytest.mark.parametrize("model", EVENTSTUDY_MODELS)
@pytest.mark.parametrize(("day", "kind", "n_obs"), CASES + POOLED)
def test_eventstudy_bmp_and_kolari_pynnonen(eventstudy, day, kind, n_obs, model):
    told, found = both(eventstudy, day, kind, model, n_obs)
    theirs_bmp, theirs_kp = np.array(told["multi"]["BMP"]["bmp_t"]), np.array(told["multi"]["KP"]["kp_t"])
    # Theirs: no forecast-error term, correlations by position in the estimation window.
    n, correlation = len(found.fit.residuals), np.corrcoef(found.fit.residuals)
    mean = (correlation.sum() - n) / (n * (n - 1))
    same(t_of_mean(bare(found)), theirs_bmp)
    same(t_of_mean(bare(found)) * np.sqrt((1 - mean) / (1 + (n - 1) * mean)), theirs_kp)
    ours_bmp, ours_kp = daily(found, "bmp"), daily(found, "kolari_pynnonen")
    if day != "pooled":
        # On one date every firm has the same forecast-error term, which cancels, and the positions are the dates.
        same(ours_bmp, theirs_bmp)
        same(ours_kp, theirs_kp)
        return
    # On several dates the term differs with the market's move; only the market model has such a term.
    assert (np.abs(ours_bmp - theirs_bmp).max() > 1e-3) == (model == "market")
    # Ours: only pairs that share their date count, with the correlation of that date.
    blocks = [np.corrcoef(found.fit.residuals[i : i + 7]) for i in (0, 7, 14)]
    within = sum(block[np.triu_indices(7, 1)].sum() for block in blocks) / (21 * 20 / 2)
    same(found.mean_correlation((0, 0)), within)
    same(ours_kp, ours_bmp * np.sqrt((1 - within) / (1 + 20 * within)))
    assert np.abs(ours_kp / theirs_kp - 1).max() > 0.001
