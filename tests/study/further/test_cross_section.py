"""The cross-sectional regression against closed forms, statsmodels, and the size of its cluster errors."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.api import OLS, WLS, add_constant

from potash.errors import InputError, OptionError
from potash.study.further.cross_section import cross_section
from tests.study.made_up import events, made_returns, study

close = pytest.approx


def made(n: int = 30, seed: int = 0) -> tuple[pd.Series, pd.DataFrame, pd.Series]:
    """Return CARs, characteristics and dates of ``n`` firm-events, five to a date."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([[f"e{i}" for i in range(n // 5)], list("ABCDE")], names=["event_id", "ticker"])
    x = pd.DataFrame({"size": rng.normal(0, 1, n), "exposed": (rng.random(n) < 0.5).astype(float)}, index=index)
    dates = pd.Series(pd.bdate_range("2024-01-01", periods=n // 5).repeat(5), index=index)
    cars = 0.01 + 0.02 * x["exposed"] + rng.normal(0, 0.02, n) * (1 + x["exposed"])
    return cars.rename("CAR"), x, dates


def sandwich(y: np.ndarray, x: np.ndarray, meat) -> tuple[np.ndarray, np.ndarray]:
    inverse = np.linalg.inv(x.T @ x)
    params = inverse @ x.T @ y
    return params, np.sqrt(np.diag(inverse @ meat(y - x @ params, inverse) @ inverse))


@pytest.mark.parametrize("covariance", ["HC1", "HC3", "cluster"])
def test_closed_forms(covariance):
    cars, characteristics, dates = made()
    x = np.column_stack([np.ones(30), characteristics])

    def meat(e, inverse):
        if covariance == "HC1":
            return x.T @ (x * e[:, None] ** 2) * 30 / 27
        if covariance == "HC3":
            leverage = np.einsum("ij,jk,ik->i", x, inverse, x)
            return x.T @ (x * ((e / (1 - leverage)) ** 2)[:, None])
        scores = (x * e[:, None]).reshape(6, 5, 3).sum(axis=1)
        return scores.T @ scores * 6 / 5 * 29 / 27

    groups = dates if covariance == "cluster" else None
    actual = cross_section(cars, characteristics, covariance=covariance, groups=groups)
    params, errors = sandwich(cars.to_numpy(), x, meat)
    np.testing.assert_allclose(actual.params, params, rtol=1e-9)
    np.testing.assert_allclose(actual.std_errors, errors, rtol=1e-9)
    df = 5 if covariance == "cluster" else 27
    np.testing.assert_allclose(actual.pvalues, 2 * stats.t.sf(np.abs(params / errors), df), rtol=1e-9)
    np.testing.assert_allclose(actual.tstats, params / errors, rtol=1e-9)
    np.testing.assert_allclose(actual.conf_int()["upper"], params + stats.t.ppf(0.975, df) * errors)
    assert (actual.nobs, actual.df, list(actual.params.index)) == (30, df, ["const", "size", "exposed"])
    assert actual.rsquared == close(OLS(cars.to_numpy(), x).fit().rsquared)
    assert (actual.n_clusters, actual.few_clusters) == ((6, True) if covariance == "cluster" else (None, False))


def test_weights_are_one_over_variance():
    cars, x, _ = made()
    std_errors = pd.Series(np.linspace(0.01, 0.04, 30), index=cars.index)
    actual = cross_section(cars, x, covariance="HC3", std_errors=std_errors)
    told = WLS(cars, add_constant(x), weights=1 / std_errors**2).fit(cov_type="HC3", use_t=True)
    np.testing.assert_allclose(actual.std_errors, told.bse)
    np.testing.assert_allclose(actual.params, told.params)
    root = 1 / std_errors.to_numpy()
    design = np.column_stack([np.ones(30), x]) * root[:, None]
    np.testing.assert_allclose(actual.params, np.linalg.lstsq(design, cars.to_numpy() * root, rcond=None)[0])
    assert actual.weighted


def test_missing_values_are_left_out_and_listed():
    cars, x, dates = made()
    holed, gaps = cars.copy(), x.copy()
    holed.iloc[3], gaps.iloc[8, 1], gaps.iloc[3, 0] = np.nan, np.nan, np.nan
    actual = cross_section(holed, gaps, covariance="cluster", groups=dates)
    rest = [i for i in range(30) if i not in (3, 8)]
    told = cross_section(cars.iloc[rest], x.iloc[rest], covariance="cluster", groups=dates.iloc[rest])
    pd.testing.assert_series_equal(actual.std_errors, told.std_errors)
    assert actual.dropped.to_dict("list") == {
        "row": [("e0", "D"), ("e1", "D")],
        "detail": ["missing: size, car", "missing: exposed"],
    }
    assert holed.isna().sum() == 1


def test_summary_says_how_and_flags_few_clusters():
    cars, x, dates = made()
    text = cross_section(cars, x, covariance="cluster", groups=dates).summary()
    assert "cluster on 6 clusters; p-values by t(5)" in text
    assert "Few clusters: 6 of the 40" in text
    plain = cross_section(cars, x, covariance="HC3").summary()
    assert "30 CARs, unweighted" in plain
    assert "Few" not in plain


def test_with_a_study():
    results = study(made_returns(8), events(180, 200, 220)).fit()
    cars = results.car((-1, 1))
    x = pd.DataFrame({"beta": results.params["beta"]})
    actual = cross_section(
        cars["CAR"], x, covariance="cluster", groups=results.events["session"], std_errors=cars["std_error"]
    )
    assert (actual.nobs, actual.n_clusters, actual.df) == (24, 3, 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"covariance": "cluster", "groups": None}, "groups goes with"),
        ({"covariance": "HC1"}, "groups goes with"),
        ({"cars": made()[0].iloc[1:]}, "its index differs"),
        ({"characteristics": made()[1].assign(twice=made()[1]["size"] * 2)}, "linearly dependent"),
        ({"characteristics": made()[1].assign(const=1.0)}, "'const' is added"),
        ({"characteristics": made()[1].assign(size=np.inf)}, "infinite"),
        ({"groups": pd.Series("d", index=made()[0].index)}, "every CAR is in cluster d"),
        ({"std_errors": pd.Series(0.0, index=made()[0].index)}, "not above zero"),
    ],
)
def test_errors(change, message):
    cars, x, dates = made()
    arguments = {"cars": cars, "characteristics": x, "covariance": "cluster", "groups": dates, **change}
    with pytest.raises(InputError, match=message):
        cross_section(**arguments)


def test_covariance_has_no_other_names():
    cars, x, _ = made()
    with pytest.raises(OptionError, match="covariance='hc3' is not known"):
        cross_section(cars, x, covariance="hc3")


@pytest.mark.simulation
def test_size_of_cluster_and_hc3_where_firms_of_a_date_move_together():
    """A characteristic of the date and CARs correlated .5 in it: 40 dates x 5 firms."""
    rng, studies, rejected = np.random.default_rng(5), 400, []
    for _ in range(studies):
        dates = np.repeat(np.arange(40), 5)
        cars = pd.Series((rng.normal(0, 1, 40)[dates] + rng.normal(0, 1, 200)) * 0.02)
        x = pd.DataFrame({"policy": rng.normal(0, 1, 40)[dates]})
        clustered = cross_section(cars, x, covariance="cluster", groups=pd.Series(dates))
        rejected.append([f.pvalues["policy"] < 0.05 for f in (clustered, cross_section(cars, x, covariance="HC3"))])
    cluster, hc3 = np.mean(rejected, axis=0)
    # Above 5 % by a little even with 40 clusters, as Cameron and Miller (2015) report.
    assert 0.02 < cluster < 0.05 + 4 * np.sqrt(0.05 * 0.95 / studies)
    assert hc3 > 0.15


# -- units -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("covariance", ["HC1", "HC3", "cluster"])
@pytest.mark.parametrize("unit", [1e13, 1e-9])
def test_units_do_not_matter(covariance, unit):
    """A market value of 1e13 beside a volatility of .02, or an illiquidity of 1e-9: as if all were near one."""
    cars, x, dates = made()
    x = x.assign(value=np.random.default_rng(1).uniform(0.2, 2, 30))
    groups = dates if covariance == "cluster" else None
    std_errors = pd.Series(np.linspace(0.01, 0.04, 30), index=cars.index)
    plain = cross_section(cars, x, covariance=covariance, groups=groups, std_errors=std_errors)
    units = pd.Series({"const": 1.0, "size": 1 / unit, "exposed": 1.0, "value": unit})
    scaled = cross_section(
        cars, x * units.drop("const"), covariance=covariance, groups=groups, std_errors=std_errors
    )  # fmt: skip
    np.testing.assert_allclose(scaled.tstats, plain.tstats, rtol=1e-8)
    np.testing.assert_allclose(scaled.params * units, plain.params, rtol=1e-8)
    np.testing.assert_allclose(scaled.std_errors * units, plain.std_errors, rtol=1e-8)
    assert scaled.rsquared == close(plain.rsquared)


@pytest.mark.parametrize("level", [2020.0, 1e6])
def test_a_level_costs_no_precision(level):
    cars, x, _ = made()
    plain = cross_section(cars, x, covariance="HC3")
    raised = cross_section(cars, x.assign(size=level + 1e-2 * x["size"]), covariance="HC3")
    assert raised.tstats["size"] == close(plain.tstats["size"], rel=1e-6)
    assert raised.params["const"] == close(plain.params["const"] - 100 * level * plain.params["size"], rel=1e-6)


# -- coefficients without a standard error ---------------------------------------------------------------------------


@pytest.mark.parametrize("covariance", ["HC1", "HC3"])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("others", [False, True])
def test_a_row_that_determines_a_coefficient_is_an_error(covariance, weighted, others):
    """Its residual is zero whatever its CAR is; HC3 divides it by zero, HC1 takes it for knowledge."""
    cars, x, _ = made()
    only = pd.Series((np.arange(30) == 4).astype(float), index=cars.index)
    std_errors = pd.Series(np.linspace(0.01, 0.04, 30), index=cars.index) if weighted else None
    for dummy in (only, 1 - only, 1e9 * only):
        with pytest.raises(InputError, match=r"row \('e0', 'E'\) alone determines the coefficient of 'only'"):
            cross_section(
                cars, x.assign(only=dummy) if others else dummy.to_frame("only"), covariance=covariance,
                std_errors=std_errors,
            )  # fmt: skip


def test_two_rows_determine_nothing_alone():
    cars, x, _ = made()
    pair = pd.Series((np.arange(30) < 2).astype(float), index=cars.index)
    assert np.isfinite(cross_section(cars, x.assign(pair=pair), covariance="HC3").std_errors).all()


def test_clusters_must_outnumber_regressors():
    cars, x, dates = made(15)
    assert cross_section(cars, x[["size"]], covariance="cluster", groups=dates).df == 2
    with pytest.raises(InputError, match="3 clusters for the 3 regressors const, size, exposed"):
        cross_section(cars, x, covariance="cluster", groups=dates)


@pytest.mark.parametrize("within", [False, True])
def test_a_cluster_that_determines_a_coefficient_is_an_error(within):
    """A dummy of one date, or a characteristic that varies on one date only once the others are held fixed."""
    cars, x, dates = made()
    third = (dates == dates.iloc[10]).astype(float)
    policy = third * x["size"] if within else third
    with pytest.raises(InputError, match=r"cluster 2024-01-03 .* alone determines the coefficient of 'policy'"):
        cross_section(cars, x.assign(policy=policy), covariance="cluster", groups=dates)
    with pytest.raises(InputError, match="alone determines the coefficient of 'size', 'policy'"):
        cross_section(cars, x.assign(policy=policy + x["size"]), covariance="cluster", groups=dates)
    two = dates.isin(dates.iloc[[10, 20]]).astype(float)
    assert np.isfinite(cross_section(cars, x.assign(two=two), covariance="cluster", groups=dates).std_errors).all()


# -- values ----------------------------------------------------------------------------------------------------------


def test_an_infinite_std_error_is_no_weight():
    cars, x, _ = made()
    std_errors = pd.Series(0.02, index=cars.index)
    std_errors.iloc[3] = np.inf
    with pytest.raises(InputError, match="a value of std_error is infinite"):
        cross_section(cars, x, covariance="HC1", std_errors=std_errors)


@pytest.mark.parametrize(
    "values",
    [
        ["US", "CA"] * 15,
        pd.Categorical([1, 2] * 15),
        pd.Timestamp("2020-01-01"),
        [pd.Timestamp("2020-01-01"), None] * 15,
        pd.Series(["1"] * 30, dtype=object).to_numpy(),
    ],
)
def test_a_characteristic_that_holds_no_numbers_is_named(values):
    cars, x, _ = made()
    with pytest.raises(InputError, match=r"country holds .* values, not numbers"):
        cross_section(cars, x.assign(country=values), covariance="HC1")


@pytest.mark.parametrize(
    "values", [[True, False] * 15, pd.array([1, 0, None] * 10, dtype="Int64"), np.array([1, 0.0, None] * 10, object)]
)
def test_numbers_come_in_several_types(values):
    cars, x, _ = made()
    plain = pd.Series([np.nan if pd.isna(value) else float(value) for value in values], index=cars.index)
    actual = cross_section(cars, x.assign(kind=values), covariance="HC1")
    told = cross_section(cars, x.assign(kind=plain), covariance="HC1")
    pd.testing.assert_series_equal(actual.tstats, told.tstats)
    assert len(actual.dropped) == plain.isna().sum()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cars": made()[0].to_numpy()}, "cars is a ndarray, not a Series"),
        ({"cars": made()[0].to_frame()}, "cars is a DataFrame, not a Series"),
        ({"cars": made()[0].astype(str)}, "cars holds .* values, not numbers"),
        ({"groups": np.arange(30)}, "groups is a ndarray, not a Series"),
        ({"std_errors": np.ones(30)}, "std_errors is a ndarray, not a Series"),
        ({"characteristics": made()[1]["size"]}, "characteristics is a Series, not a DataFrame"),
        ({"cars": made()[0] * 0 + 0.01}, "CARs do not vary"),
        ({"cars": 0.01 + 2 * made()[1]["size"]}, "equal a combination of the regressors"),
    ],
)
def test_what_is_no_series_or_leaves_nothing_to_test(change, message):
    cars, x, dates = made()
    arguments = {"cars": cars, "characteristics": x, "covariance": "cluster", "groups": dates, **change}
    with pytest.raises(InputError, match=message):
        cross_section(**arguments)
