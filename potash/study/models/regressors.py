"""The rules for regressors, and for the whole numbers that go with them, in regressions beyond a single window."""

from __future__ import annotations

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float1D, Float2D
from potash.errors import InputError, listed


def check_whole(name: str, value: object, least: int, most: int | None = None) -> None:
    """Raise :class:`InputError` unless a value is a whole number from ``least`` to ``most``, both included."""
    span = f"{least} or more" if most is None else f"from {least} to {most}"
    top = np.inf if most is None else most
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= top:
        raise InputError(f"{name}={value!r} must be a whole number, {span}.")


def check_factor_frame(factors: object) -> None:
    """Raise :class:`InputError` unless ``factors`` is a DataFrame, which may have no columns."""
    if not isinstance(factors, pd.DataFrame):
        raise InputError(
            f"factors is a {type(factors).__name__}, not a DataFrame of sessions x factors. Hand over columns, for example "
            "returns[['SPY']]; without columns, as returns[[]], a constant is alone."
        )


def check_independent(x: pd.DataFrame) -> None:
    """Raise :class:`InputError` if regressors are linearly dependent, whatever units they are in."""
    sizes: Float1D = np.sqrt((x.to_numpy() ** 2).sum(axis=0))
    if np.linalg.matrix_rank(x.to_numpy() / np.where(sizes > 0, sizes, 1), tol=1e-10) < x.shape[1]:
        raise InputError(f"regressors {listed(x.columns, 20)} are linearly dependent. Leave one out.")


def varies(y: Float2D, x: Float2D) -> Bool1D:
    """Return which columns of ``y`` vary and are no combination of independent regressors: the rule of ``fit_windows``."""
    basis, _ = np.linalg.qr(x / np.sqrt((x**2).sum(axis=0)))
    mean = y.mean(axis=0)
    total, left = ((y - mean) ** 2).sum(axis=0), ((y - basis @ (basis.T @ y)) ** 2).sum(axis=0)
    return np.asarray((total > (1e-12 * mean) ** 2 * len(y)) & (left > 1e-20 * total))
