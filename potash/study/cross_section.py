"""Cross-sectional regression of CARs on characteristics of the firms and events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from potash.errors import InputError, OptionError, check_option, listed
from potash.study.inference.parametric import t_quantile

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
        Numbers by the same index; a constant is added.
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
        If indexes differ, a value is not a finite number, regressors are dependent or too many, or there are fewer
        than two clusters.

    Notes
    -----
    A row with any missing value is left out and listed in ``dropped``. Cluster errors carry the correction
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
    _check_design(x)
    weights = np.ones(len(x)) if std_errors is None else 1 / kept["__std_error"].to_numpy(float) ** 2
    model, options, n_clusters = WLS(kept["__car"].astype(float), x, weights=weights), {}, None
    if groups is not None:
        codes, found = pd.factorize(kept["__group"])
        n_clusters = len(found)
        if n_clusters < 2:
            raise InputError(
                f"groups: every CAR is in cluster {listed(found)}; at least 2 are needed, better {FEW_CLUSTERS}."
            )
        options = {"cov_kwds": {"groups": codes, "use_correction": True, "df_correction": True}}
    fit = model.fit(cov_type=covariance, use_t=True, **options)
    return CrossSection(
        params=fit.params, std_errors=fit.bse, tstats=fit.tvalues,
        pvalues=pd.Series(fit.pvalues, index=x.columns), nobs=int(fit.nobs), rsquared=float(fit.rsquared),
        df=len(x) - x.shape[1] if n_clusters is None else n_clusters - 1, covariance=covariance,
        weighted=std_errors is not None, n_clusters=n_clusters,
        few_clusters=n_clusters is not None and n_clusters < FEW_CLUSTERS, dropped=dropped,
    )  # fmt: skip


def _complete(
    cars: pd.Series, characteristics: pd.DataFrame, groups: pd.Series | None, std_errors: pd.Series | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows without a missing value, and the ledger of the others."""
    extra = {"__car": cars, "__group": groups, "__std_error": std_errors}
    given: dict[str, Any] = {name: column for name, column in extra.items() if column is not None}
    for name, column in [("characteristics", characteristics), *given.items()]:
        if not column.index.equals(cars.index):
            raise InputError(f"{name.strip('_')}: its index differs from that of the CARs. Use .loc[cars.index].")
    if cars.index.has_duplicates or characteristics.columns.has_duplicates or "const" in characteristics:
        raise InputError("rows and characteristics are named once each, and 'const' is added. Rename or drop one.")
    if std_errors is not None and (std_errors <= 0).any():
        raise InputError(f"std_errors: {std_errors.min()} is not above zero, so it cannot weigh a CAR.")
    every = characteristics.assign(**given)
    infinite = np.isinf(characteristics.to_numpy(float)).any() or np.isinf(cars.to_numpy(float)).any()
    if infinite:
        raise InputError("a CAR or characteristic is infinite. Was the logarithm of zero taken?")
    missing = every.isna()
    gone = missing.any(axis=1)
    names = [str(c).removeprefix("__") for c in every.columns]
    details = [
        "missing: " + listed(n for n, m in zip(names, row, strict=True) if m) for row in missing[gone].to_numpy()
    ]
    return every[~gone], pd.DataFrame({"row": list(every.index[gone]), "detail": details})


def _check_design(x: pd.DataFrame) -> None:
    values = x.to_numpy()
    if len(x) <= x.shape[1]:
        raise InputError(f"{len(x)} complete rows for {x.shape[1]} regressors. Drop characteristics or add events.")
    scaled = values / np.where((size := np.sqrt((values**2).sum(axis=0))) > 0, size, 1)
    if np.linalg.matrix_rank(scaled, tol=1e-10) < x.shape[1]:
        raise InputError(f"regressors {listed(x.columns, 20)} are linearly dependent. Leave one out.")
