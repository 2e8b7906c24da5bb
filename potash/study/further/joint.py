"""The joint regression form of an event study: one equation per firm, with a dummy for each session of the event.

The dummies' coefficients are the abnormal returns, and tests over all equations use the firms' residual covariance as
it is, where averages of firms use one number for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from potash.errors import InputError, check_option, listed
from potash.sessions import Window
from potash.study.engine.regressors import check_independent, has_residual
from potash.study.inference.multivariate import wilks_test
from potash.study.inference.significance import SignificanceTest, t_pvalue
from potash.study.inputs import check_factor_frame, check_returns

NULLS = {
    "mean_effect": "the effects average to zero over the firms",
    "no_effect": "the effect on every firm is zero",
    "equal_effects": "the effect is the same for every firm",
}
ASSUMED = "residuals normal and independent between days, with any covariance between firms"


@dataclass(frozen=True)
class JointRegression:
    """Effects of an event on each firm, from equations estimated as one system; made by :func:`joint_regression`.

    Attributes
    ----------
    params, std_errors : DataFrame of shape (n_firms, k)
        Coefficients by ticker: ``const``, the factors, the dummies.
    dummies : list
        Names of the dummies among the columns, the offsets if made by :func:`potash.event_equations`.
    covariance : DataFrame of shape (n_firms, n_firms)
        Of the residuals of one session, on ``df_resid`` degrees of freedom.
    unscaled : DataFrame of shape (k, k)
        Inverse of the regressors' cross-products: a coefficient's variance in units of the residual variance.
    nobs, df_resid : int
        Sessions that entered, and those left after ``k`` coefficients.
    dropped : DataFrame
        The ledger: ``session`` and ``detail`` of each session left out because a return or factor is missing.
    """

    params: pd.DataFrame
    std_errors: pd.DataFrame
    dummies: list[Any]
    covariance: pd.DataFrame
    unscaled: pd.DataFrame
    nobs: int
    df_resid: int
    dropped: pd.DataFrame

    @property
    def tstats(self) -> pd.DataFrame:
        """Coefficients over their standard errors."""
        return self.params / self.std_errors

    @property
    def pvalues(self) -> pd.DataFrame:
        """Two-sided p-values of :attr:`tstats` by Student's t with ``df_resid`` degrees of freedom."""
        stats = self.tstats
        return pd.DataFrame(t_pvalue(stats.to_numpy(), self.df_resid), index=stats.index, columns=stats.columns)

    def car(self, dummies: Any = None) -> pd.DataFrame:
        """Return ``CAR std_error tstat pvalue`` per firm: the sum of the chosen dummies' coefficients, all by default.

        ``dummies`` as in :meth:`test`.
        """
        chosen = self._chosen(dummies)
        cars = self.params[chosen].sum(axis=1)
        spread = float(self.unscaled.loc[chosen, chosen].to_numpy().sum())
        std_error = pd.Series(np.sqrt(np.diag(self.covariance) * spread), index=cars.index)
        stats = cars / std_error
        pvalues = t_pvalue(stats.to_numpy(), self.df_resid)
        return pd.DataFrame({"CAR": cars, "std_error": std_error, "tstat": stats, "pvalue": pvalues})

    def test(self, name: str, dummies: Any = None, cumulated: bool = False) -> SignificanceTest:
        """Return a test over all equations of the chosen dummies' coefficients.

        Parameters
        ----------
        name : {"mean_effect", "no_effect", "equal_effects"}
            The null: effects average to zero over firms, are zero for each firm, or are equal for all firms.
        dummies : list, pair of int or Window, optional
            Dummies tested, all by default: a list names each of them, a pair is a window of offsets with both ends
            included. Each session's effects enter the null by themselves.
        cumulated : bool
            Test the sums over these sessions, the CARs, instead.

        Raises
        ------
        InputError
            If dummies are none, named twice, or not a list or pair (a child, if one is not known).

        Notes
        -----
        Wilks' lambda of the multivariate linear hypothesis with Rao's F. It is exact for one dummy or ``cumulated``
        (Hotelling's), for ``mean_effect``, and wherever at most two dummies or two equations are involved; else an
        approximation good to a few digits. Wald's chi-squared for the
        same null rejects 9 % in place of 5 % for eleven sessions of four firms on 120 days, and is not offered.

        References
        ----------
        .. [1] Binder, J. J. (1985). Journal of Accounting Research 23(1), 370-383: the hypotheses.
        .. [2] Rao, C. R. (1973). Linear Statistical Inference and Its Applications, 2nd ed., section 8c.5.
        .. [3] Schipper, K. and Thompson, R. (1985). Journal of Accounting Research 23(1), 408-415: exact F.
        """
        check_option("name", name, NULLS)
        chosen = self._chosen(dummies)
        n, null = len(self.params), f"{NULLS[name]}; {ASSUMED}"
        effects, unscaled = self.params[chosen].to_numpy().T, self.unscaled.loc[chosen, chosen].to_numpy()
        if cumulated:
            effects, unscaled = effects.sum(axis=0, keepdims=True), unscaled.sum().reshape(1, 1)
        contrast = {"mean_effect": np.full((n, 1), 1 / n), "no_effect": np.eye(n)}.get(name, np.eye(n)[:, 1:] - 1 / n)
        products = self.covariance.to_numpy() * self.df_resid
        error = contrast.T @ products @ contrast
        # What is left when firms cancel one another is rounding.
        most = (np.abs(contrast).T @ np.sqrt(np.diag(products))) ** 2
        error[np.diag_indices(len(error))] *= np.diag(error) > 1e-14 * most
        return wilks_test(name, null, effects @ contrast, unscaled, error, self.df_resid, n)

    def tests(self, dummies: Any = None, cumulated: bool = False) -> pd.DataFrame:
        """Return every test of :meth:`test` as one tidy table, indexed by ``test``."""
        tests = [self.test(name, dummies, cumulated) for name in NULLS]
        rows = [(t.name, t.stat, t.pvalue, t.distribution, t.n_obs, t.holds, t.reason, t.null) for t in tests]
        columns = ["test", "stat", "pvalue", "distribution", "n", "holds", "reason", "null"]
        return pd.DataFrame(rows, columns=columns).set_index("test")

    def _chosen(self, dummies: Any) -> list[Any]:
        if dummies is None:
            return list(self.dummies)
        if isinstance(dummies, tuple | Window):
            dummies = Window.of(dummies, "dummies").offsets
        elif isinstance(dummies, np.ndarray | pd.Index | pd.Series):
            dummies = dummies.tolist()
        if not isinstance(dummies, list | range) or not len(dummies):
            raise InputError(
                f"dummies={dummies!r}: a list with at least one of them is needed, or a window such as (-1, 1). There are "
                f"{listed(self.dummies, 20)}; leave dummies out for all."
            )
        for dummy in dummies:
            check_option("dummy", dummy, self.dummies)
        if len(set(dummies)) < len(dummies):
            raise InputError(f"dummies={dummies!r}: one is named more than once. Name each session once.")
        return list(dummies)


def joint_regression(returns: pd.DataFrame, factors: pd.DataFrame, dummies: pd.DataFrame) -> JointRegression:
    """Return the regressions of all firms on a constant, the factors and event dummies, as one system (SUR).

    Parameters
    ----------
    returns : DataFrame of shape (n_sessions, n_firms)
        Sessions of the estimation and event windows together.
    factors : DataFrame of shape (n_sessions, n_factors)
        The same sessions; no columns for a mean-adjusted model.
    dummies : DataFrame of shape (n_sessions, n_dummies)
        The same sessions, see :func:`potash.event_equations`.

    Raises
    ------
    InputError
        If something else than frames comes in, sessions differ, regressors are linearly dependent (a dummy without a
        session counts as such), fewer than three degrees of freedom remain, or a firm's returns do not vary or equal a
        combination of the regressors.

    Notes
    -----
    A system needs every return of a session: a session with a missing one is left out for all firms and listed in
    ``dropped``. With one dummy per session of the event window a coefficient is the abnormal return out of sample, and
    its standard error carries the forecast-error term (Salkever). A single dummy over several sessions differs from
    their mean abnormal return, because the slopes are then estimated from those sessions too; sum the coefficients of
    session dummies for CARs (:meth:`JointRegression.car`). All equations have the same regressors, so the generalized
    least squares of SUR equal ordinary least squares (Zellner); the latter do not invert the firms' covariance.

    References
    ----------
    .. [1] Zellner, A. (1962). Journal of the American Statistical Association 57, 348-368.
    .. [2] Salkever, D. S. (1976). Journal of Econometrics 4(4), 393-397.
    .. [3] Binder, J. J. (1985). Journal of Accounting Research 23(1), 370-383.
    .. [4] Karafiath, I. (1988). Financial Review 23(3), 351-357.
    """
    system = _checked(returns, factors, dummies)
    missing = system.isna()
    gone = missing.any(axis=1)
    details = [f"missing: {listed(system.columns[row])}" for row in missing[gone].to_numpy()]
    dropped = pd.DataFrame({"session": system.index[gone], "detail": details})
    kept = system[~gone]
    y, x = kept[returns.columns], kept.drop(columns=returns.columns)
    x.insert(0, "const", 1.0)
    df_resid = len(x) - x.shape[1]
    _check_rank(x, df_resid, list(dummies.columns))
    moving = has_residual(y.to_numpy(), x.to_numpy())
    if not moving.all():
        raise InputError(
            f"returns of {listed(y.columns[~moving])} do not vary, or equal a combination of the regressors: no residual is "
            "left to take standard errors from. Leave them out."
        )
    observed, design = y.to_numpy(), x.to_numpy()
    inverse = np.linalg.inv(design.T @ design)
    params = np.linalg.lstsq(design, observed, rcond=None)[0].T
    residuals = observed - design @ params.T
    covariance = residuals.T @ residuals / df_resid
    labels = {"index": y.columns, "columns": x.columns}
    return JointRegression(
        params=pd.DataFrame(params, **labels),
        std_errors=pd.DataFrame(np.sqrt(np.outer(np.diag(covariance), np.diag(inverse))), **labels),
        dummies=list(dummies.columns),
        covariance=pd.DataFrame(covariance, index=y.columns, columns=y.columns),
        unscaled=pd.DataFrame(inverse, index=x.columns, columns=x.columns),
        nobs=len(x), df_resid=df_resid, dropped=dropped,
    )  # fmt: skip


def _checked(returns: pd.DataFrame, factors: pd.DataFrame, dummies: pd.DataFrame) -> pd.DataFrame:
    """Return the three frames side by side as floats."""
    check_factor_frame(factors)
    frames = [check_returns(returns, "returns"), check_returns(dummies, "dummies")]
    if len(factors.columns):
        frames.insert(1, check_returns(factors, "factors"))
    if any(not frame.index.equals(returns.index) for frame in frames):
        raise InputError("returns, factors and dummies must have the same sessions. Use .loc[sessions] on each.")
    system = pd.concat(frames, axis=1)
    names = [*system.columns, "const"]
    if len(set(names)) < len(names):
        twice = sorted({str(name) for name in names if names.count(name) > 1})
        raise InputError(f"these names stand for more than one column: {listed(twice)}. Rename one.")
    return system


def _check_rank(x: pd.DataFrame, df_resid: int, dummies: list[Any]) -> None:
    if df_resid < 3:
        raise InputError(
            f"{len(x)} complete sessions for {x.shape[1]} regressors: at least {x.shape[1] + 3} are needed."
        )
    empty = [dummy for dummy in dummies if (x[dummy] == 0).all()]
    if empty:
        raise InputError(
            f"no complete session for dummy {listed(empty)}: a return or factor is missing there. Leave out the dummy, or the "
            "firms without a return."
        )
    check_independent(x.to_numpy(), x.columns)
