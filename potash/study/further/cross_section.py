"""Cross-sectional regression of CARs on characteristics of the firms and events."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Number
from typing import Any, Literal

import numpy as np
import pandas as pd

from potash._typing import Float1D, Float2D, Int1D
from potash.errors import InputError, OptionError, check_option, listed
from potash.study.engine.moments import NO_VARIATION
from potash.study.engine.regressors import COLLINEAR, check_independent, has_residual
from potash.study.inference.significance import t_pvalue, t_quantile

Covariance = Literal["HC1", "HC3", "cluster"]
FEW_CLUSTERS = 40


@dataclass(frozen=True)
class CrossSection:
    """A regression of CARs on characteristics; made by :func:`cross_section`.

    Attributes
    ----------
    params, std_errors, tstats, pvalues : Series
        By regressor, ``const`` first; p-values two-sided by Student's t with ``df`` degrees of freedom.
    nobs : int
        CARs that entered.
    rsquared : float
        Share of the (weighted) variance explained.
    df : int
        Degrees of freedom of the t: ``nobs`` minus regressors, or clusters minus one.
    covariance : {"HC1", "HC3", "cluster"}
        How the standard errors were made.
    weighted : bool
        Whether CARs were weighted by ``1 / std_error ** 2``.
    n_clusters : int or None
        Clusters, ``None`` without.
    few_clusters : bool
        Whether they are fewer than 40, so that even t with ``G - 1`` degrees of freedom rejects too often.
    dropped : DataFrame
        The ledger: ``row`` (its label) and ``detail`` of each CAR left out because a value is missing.
    """

    params: pd.Series
    std_errors: pd.Series
    tstats: pd.Series
    pvalues: pd.Series
    nobs: int
    rsquared: float
    df: int
    covariance: Covariance
    weighted: bool
    n_clusters: int | None
    few_clusters: bool
    dropped: pd.DataFrame

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Return ``lower`` and ``upper`` by Student's t with ``df`` degrees of freedom."""
        if not 0 < level < 1:
            raise OptionError(f"level={level} must lie between 0 and 1, for example 0.95.")
        half = float(t_quantile(0.5 + level / 2, self.df)) * self.std_errors
        return pd.DataFrame({"lower": self.params - half, "upper": self.params + half})

    def summary(self) -> str:
        """Return the regression as text."""
        named = {"param": self.params, "std_error": self.std_errors, "tstat": self.tstats, "pvalue": self.pvalues}
        weights = "weighted by 1 / std_error^2" if self.weighted else "unweighted"
        lines = [
            f"Cross-sectional regression of {self.nobs} CARs, {weights}; R-squared {self.rsquared:.3f}",
            f"Standard errors: {self.covariance}"
            + (f" on {self.n_clusters} clusters" if self.n_clusters else "")
            + f"; p-values by t({self.df})",
            pd.DataFrame(named).to_string(float_format="{:.4f}".format),
        ]
        if self.few_clusters:
            lines.append(
                f"Few clusters: {self.n_clusters} of the {FEW_CLUSTERS} that cluster-robust errors need; p-values are too small."
            )
        lines += [f"Dropped: {row.row}: {row.detail}" for row in self.dropped.itertuples()]
        return "\n".join(lines)


def cross_section(
    cars: pd.Series, characteristics: pd.DataFrame, *, covariance: Covariance, groups: pd.Series | None = None,
    std_errors: pd.Series | None = None,
) -> CrossSection:  # fmt: skip
    """Return the regression of CARs on a constant and characteristics, with robust standard errors.

    Parameters
    ----------
    cars : Series of shape (n,)
        CARs by firm-event, e.g. ``results.car((-1, 1))["CAR"]``.
    characteristics : DataFrame of shape (n, k)
        Numbers by the same index, in any units; a constant is added.
    covariance : {"HC1", "HC3", "cluster"}
        No default. HC3 is the better of the two in small samples (Long and Ervin 2000). Neither allows for firms that
        share a date: ``"cluster"`` with the event date for ``groups`` does.
    groups : Series of shape (n,), optional
        Cluster of each CAR, e.g. ``results.events["session"]``; needed for ``"cluster"``.
    std_errors : Series of shape (n,), optional
        Standard errors of the CARs: weighted least squares with ``1 / std_error ** 2``.

    Raises
    ------
    InputError
        If what comes in is no Series or frame, indexes differ, a value is not a finite number, regressors are dependent
        or too many, CARs do not vary or equal a combination of regressors, clusters are no more than regressors, or one
        row (with ``"cluster"``: one cluster) alone determines a coefficient.

    Notes
    -----
    A row with any missing value is left out and listed in ``dropped``. A coefficient that one row or cluster determines,
    as that of a dummy for one event date, fits it exactly whatever its CARs are: its residuals (their sum over the
    cluster) are zero, so no robust standard error knows how it scatters. Cluster errors carry the correction
    ``G / (G - 1) * (n - 1) / (n - k)`` and t has ``G - 1`` degrees of freedom.

    References
    ----------
    .. [1] MacKinnon, J. G. and White, H. (1985). Journal of Econometrics 29(3), 305-325: HC1 and HC3.
    .. [2] Long, J. S. and Ervin, L. H. (2000). The American Statistician 54(3), 217-224.
    .. [3] Cameron, A. C. and Miller, D. L. (2015). Journal of Human Resources 50(2), 317-372: few is below 20 to 50.
    .. [4] Sefcik, S. E. and Thompson, R. (1986). Journal of Accounting Research 24(2), 316-334: correlated CARs.
    """
    from statsmodels.regression.linear_model import WLS  # heavy

    check_option("covariance", covariance, ("HC1", "HC3", "cluster"))
    if (groups is None) == (covariance == "cluster"):
        raise InputError(
            "groups goes with covariance='cluster', and only with it. Name the cluster of each CAR, or none."
        )
    kept, dropped = _complete(cars, characteristics, groups, std_errors)
    x = kept[list(characteristics.columns)].astype(float)
    x.insert(0, "const", 1.0)
    cars_kept = kept["__car"].astype(float)
    weights = np.ones(len(x)) if std_errors is None else 1 / kept["__std_error"].to_numpy(float) ** 2
    scaled, back = _scaled(x, weights)
    weighted = scaled.mul(np.sqrt(weights), axis=0)
    _check_design(weighted, cars_kept * np.sqrt(weights))
    codes, options, n_clusters = np.arange(len(x)), {}, None
    names = [f"row {label}" for label in x.index]
    if groups is not None:
        codes, clusters = pd.factorize(kept["__group"])
        n_clusters, names = len(clusters), [f"cluster {label}" for label in clusters]
        _check_clusters(names, x)
        options = {"cov_kwds": {"groups": codes, "use_correction": True, "df_correction": True}}
    _check_identified(weighted, codes, names)
    fit = WLS(cars_kept, scaled, weights=weights).fit(cov_type=covariance, use_t=True, **options)
    params = pd.Series(back @ fit.params.to_numpy(), index=x.columns)
    errors = pd.Series(np.sqrt(np.diag(back @ fit.cov_params().to_numpy() @ back.T)), index=x.columns)
    df = len(x) - x.shape[1] if n_clusters is None else n_clusters - 1
    return CrossSection(
        params=params, std_errors=errors, tstats=params / errors,
        pvalues=pd.Series(t_pvalue((params / errors).to_numpy(), df), index=x.columns), nobs=int(fit.nobs),
        rsquared=float(fit.rsquared), df=df, covariance=covariance, weighted=std_errors is not None,
        n_clusters=n_clusters, few_clusters=n_clusters is not None and n_clusters < FEW_CLUSTERS, dropped=dropped,
    )  # fmt: skip


def _complete(
    cars: pd.Series, characteristics: pd.DataFrame, groups: pd.Series | None, std_errors: pd.Series | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows without a missing value, and the ledger of the others."""
    extra = {"__car": cars, "__group": groups, "__std_error": std_errors}
    given: dict[str, Any] = {name: column for name, column in extra.items() if column is not None}
    _check_kinds(characteristics, {"cars": cars, "groups": groups, "std_errors": std_errors})
    for name, column in [("characteristics", characteristics), *given.items()]:
        if not column.index.equals(cars.index):
            raise InputError(f"{name.strip('_')}: its index differs from that of the CARs. Use .loc[cars.index].")
    if cars.index.has_duplicates or characteristics.columns.has_duplicates or "const" in characteristics:
        raise InputError("rows and characteristics are named once each, and 'const' is added. Rename or drop one.")
    if std_errors is not None and (std_errors <= 0).any():
        raise InputError(f"std_errors: {std_errors.min()} is not above zero, so it cannot weigh a CAR.")
    rows = characteristics.assign(**given)
    numbers = {str(c).removeprefix("__"): rows[c].dropna().astype(float) for c in rows if c != "__group"}
    infinite = [name for name, column in numbers.items() if np.isinf(column).any()]
    if infinite:
        raise InputError(
            f"a value of {listed(infinite)} is infinite. Was something divided by zero, or its logarithm taken?"
        )
    missing = rows.isna()
    gone = missing.any(axis=1)
    names = [str(c).removeprefix("__") for c in rows.columns]
    details = [
        "missing: " + listed(n for n, m in zip(names, row, strict=True) if m) for row in missing[gone].to_numpy()
    ]
    return rows[~gone], pd.DataFrame({"row": list(rows.index[gone]), "detail": details})


def _check_kinds(characteristics: object, series: dict[str, object]) -> None:
    for name, value in series.items():
        if value is not None and not isinstance(value, pd.Series):
            raise InputError(
                f"{name} is a {type(value).__name__}, not a Series by firm-event. Hand over one column with the index of the "
                "CARs, as results.car((-1, 1))['CAR'] has it."
            )
    if not isinstance(characteristics, pd.DataFrame):
        raise InputError(
            f"characteristics is a {type(characteristics).__name__}, not a DataFrame of firm-events x characteristics. A "
            "Series becomes one by .to_frame()."
        )
    numbers = {name: value for name, value in series.items() if isinstance(value, pd.Series) and name != "groups"}
    for name, column in [*characteristics.items(), *numbers.items()]:
        if not _holds_numbers(column):
            raise InputError(
                f"{name} holds {column.dtype} values, not numbers. Hand over numbers; for kinds, a dummy for each but one: "
                "pd.get_dummies(..., drop_first=True)."
            )


def _holds_numbers(column: pd.Series) -> bool:
    if column.dtype != object:
        return bool(pd.api.types.is_numeric_dtype(column))
    return bool(column.dropna().map(lambda value: isinstance(value, Number | np.bool_)).all())


def _scaled(x: pd.DataFrame, weights: Float1D) -> tuple[pd.DataFrame, Float2D]:
    """Return regressors about their weighted means and in units of their weighted length, and the way back for parameters.

    Statsmodels drops what is small beside another regressor, and a level (a year, a market value) costs precision.
    """
    values = x.to_numpy()
    mean = weights @ values / weights.sum()
    mean[0] = 0.0
    centred = values - mean
    centred[:, np.abs(centred).max(axis=0) <= NO_VARIATION * np.abs(mean)] = 0.0
    size = np.sqrt(weights @ centred**2)
    size[size == 0] = 1.0
    back = np.diag(1 / size)
    back[0, 1:] = -(mean / size)[1:]
    return pd.DataFrame(centred / size, index=x.index, columns=x.columns), back


def _check_design(x: pd.DataFrame, cars: pd.Series) -> None:
    """Raise unless regressors and CARs, both weighted, allow a regression."""
    if len(x) <= x.shape[1]:
        raise InputError(f"{len(x)} complete rows for {x.shape[1]} regressors. Drop characteristics or add events.")
    check_independent(x.to_numpy(), x.columns)
    if not has_residual(cars.to_numpy()[:, None], x.to_numpy()).all():
        raise InputError("the CARs do not vary, or equal a combination of the regressors. Nothing is left to test.")


def _check_clusters(names: list[str], x: pd.DataFrame) -> None:
    if len(names) < 2:
        raise InputError(f"groups: every CAR is in {listed(names)}; at least 2 are needed, better {FEW_CLUSTERS}.")
    if len(names) <= x.shape[1]:
        raise InputError(
            f"groups: {len(names)} clusters for the {x.shape[1]} regressors {listed(x.columns, 20)}: cluster errors need more "
            f"clusters than regressors, better {FEW_CLUSTERS}. Drop characteristics, or add events."
        )


def _check_identified(x: pd.DataFrame, codes: Int1D, names: list[str]) -> None:
    """Raise if rows with one code alone determine a coefficient: they then have leverage 1 in some direction."""
    basis, triangle = np.linalg.qr(x.to_numpy())
    leverage = np.bincount(codes, weights=(basis**2).sum(axis=1))
    for code in np.flatnonzero(leverage > 1 - COLLINEAR).tolist():
        _, lengths, directions = np.linalg.svd(basis[codes == code], full_matrices=False)
        if lengths[0] ** 2 <= 1 - COLLINEAR:
            continue
        parts = np.abs(np.linalg.solve(triangle, directions[0]))
        involved = [c for c, part in zip(x.columns, parts, strict=True) if part > 1e-6 * parts.max() and c != "const"]
        raise InputError(
            f"{names[code]} alone determines the coefficient of {listed(map(repr, involved))}, so no robust standard error "
            "knows how it scatters. Leave the regressor out, and test those CARs by themselves: "
            "results.for_event(...).test('portfolio'), or placebo days."
        )
