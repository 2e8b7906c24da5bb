"""The joint regression of the event that a study's results are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from potash.errors import InputError, check_option, listed
from potash.study.alignment import EventPanel
from potash.study.engine.least_squares import fit_windows
from potash.study.engine.window_fit import WindowFit
from potash.study.further.joint import JointRegression, joint_regression

if TYPE_CHECKING:
    from potash.study.fitted import Fitted


def results_regression(results: Fitted, firms: list[str] | None = None) -> JointRegression:
    """Return the joint regression of the event that results are about; see :meth:`Fitted.joint`."""
    if len(results.event_ids) != 1:
        raise InputError(
            f"a joint regression is about one event; these results hold {len(results.event_ids)} events. Call "
            "for_event(...) first."
        )
    panel, fit = results.panel, results.fit
    if firms is not None:
        if not isinstance(firms, list) or not firms:
            raise InputError(f"firms={firms!r}: a list of tickers is needed, or leave it out for all of them.")
        for firm in firms:
            check_option("firm", firm, panel.labels["ticker"])
        chosen = panel.labels["ticker"].isin(firms).to_numpy()
        panel, fit = panel.only(chosen), fit.only(chosen)
    least = fit_windows(panel.y, panel.x, panel.y_event, panel.x_event)
    if not _same_fit(fit, least):
        raise InputError(
            f"a joint regression is least squares on factors that all firms share; the {results.model_name} gives other "
            "abnormal returns or variances. Fit a MarketModel or FactorModel."
        )
    names, offsets = _factor_names(results.param_names, fit, least), results.windows.event.offsets
    equations = event_equations(panel, results.event_ids[0], names, offsets)
    _check_event_days(panel, offsets)
    return joint_regression(*equations)


def _same_fit(fit: WindowFit, least: WindowFit) -> bool:
    unit = np.sqrt(least.variance)[:, None]
    missing = np.isnan(fit.abnormal) & np.isnan(least.abnormal)
    same = missing | (np.abs(fit.abnormal - least.abnormal) <= 1e-6 * unit)
    return fit.spans is None and bool(same.all()) and np.allclose(fit.variance, least.variance, rtol=1e-6, atol=0)


def _factor_names(param_names: tuple[str, ...], fit: WindowFit, least: WindowFit) -> list[str]:
    """Return the parameter that each slope is, or ``factor 1``... where a parameter is another thing, as Dimson's sum."""
    n_factors = least.params.shape[1] - 1
    names = [f"factor {k}" for k in range(1, n_factors + 1)]
    if fit.params.shape[1] == n_factors + 1:
        apart = (np.abs(fit.params - least.params) / least.param_std_errors).max(axis=0)
        names = [param_names[k] if apart[k] <= 1e-6 else name for k, name in enumerate(names, start=1)]
    return names


def _check_event_days(panel: EventPanel, offsets: range) -> None:
    lacking = np.isnan(panel.x_event[0]).any(axis=1)
    if lacking.any():
        raise InputError(
            f"a factor has no return on offsets {listed(np.array(offsets)[lacking])}, so no firm has an abnormal return there. "
            "Fit with an event_window without them."
        )
    holed = np.isnan(panel.y_event).any(axis=1)
    if holed.any():
        tickers = panel.labels["ticker"].to_numpy()
        advice = f"Leave them out: joint(firms={tickers[~holed].tolist()})." if not holed.all() else "No firm has all."
        raise InputError(
            f"{listed(tickers[holed])}: no return on a day of the event window, and a system needs every day. {advice}"
        )


def event_equations(
    panel: EventPanel, event_id: Any, factor_names: list[str], offsets: range
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return ``returns``, ``factors`` and ``dummies`` of one event for :func:`potash.joint_regression`.

    Parameters
    ----------
    panel : EventPanel
        Of a study, e.g. ``results.panel``.
    event_id : object
        The event; its firms must have their windows on the same calendar days.
    factor_names : list of str
        Names of the panel's factors.
    offsets : range
        Offsets of the event window: one dummy each, named by its offset.

    Raises
    ------
    InputError
        If the firms' windows lie on different days, as on exchanges with different holidays, firms have factors of their
        own, or names are missing.
    OptionError
        If no firm-event of that event was kept.
    """
    check_option("event_id", event_id, list(dict.fromkeys(panel.labels["event_id"])))
    part = panel.only((panel.labels["event_id"] == event_id).to_numpy())
    if not part.members_share_days():
        tickers = listed(part.labels["ticker"])
        raise InputError(
            f"event {event_id} ({tickers}): the windows lie on different calendar days, and a system needs the same ones. "
            "Take firms of one exchange, or leave the column exchange out of the events."
        )
    if not all(np.array_equal(part.x[0], x, equal_nan=True) for x in part.x) or not all(
        np.array_equal(part.x_event[0], x, equal_nan=True) for x in part.x_event
    ):
        raise InputError(
            f"event {event_id} ({listed(part.labels['ticker'])}): the firms have factors of their own, and a system has the "
            "same ones in every equation. Take a model with factors that all share."
        )
    if len(factor_names) != part.x.shape[2]:
        raise InputError(f"factor_names {factor_names}: the panel has {part.x.shape[2]} factors. Name each of them.")
    if len(offsets) != part.y_event.shape[1]:
        raise InputError(
            f"offsets {offsets}: {len(offsets)} of them, and the event window of the panel has {part.y_event.shape[1]}. Hand "
            "over results.windows.event.offsets; joint tests may then choose among the dummies."
        )
    inside = part.days[0] >= 0
    days = np.r_[part.days[0][inside], part.days_event[0]]
    sessions = pd.DatetimeIndex(days.astype("datetime64[D]"), name="session")
    y = np.hstack([part.y[:, inside], part.y_event]).T
    x = np.vstack([part.x[0][inside], part.x_event[0]])
    marks = np.vstack([np.zeros((inside.sum(), len(offsets))), np.eye(len(offsets))])
    return (
        pd.DataFrame(y, index=sessions, columns=list(part.labels["ticker"])),
        pd.DataFrame(x, index=sessions, columns=factor_names),
        pd.DataFrame(marks, index=sessions, columns=list(offsets)),
    )
