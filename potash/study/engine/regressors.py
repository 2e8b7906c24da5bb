"""The rules for regressors and for what they leave of a return, everywhere the same."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from potash._typing import Bool1D, Float1D, Float2D
from potash.errors import InputError, listed
from potash.study.engine.moments import NO_VARIATION

# Of a return's squares: below this share nothing but rounding is left, so the factors explain all of it.
NO_RESIDUAL = 1e-20
# Below this share the residual squares are summed from the residuals: a difference of moments would lose their digits.
SMALL_RESIDUAL = 1e-5
# The share of a factor's variation that the others leave unexplained: below this it repeats them.
COLLINEAR = 1e-10


def check_independent(x: Float2D, names: Iterable[object]) -> None:
    """Raise :class:`InputError` if regressors (T, k) are linearly dependent, whatever units they are in."""
    sizes: Float1D = np.sqrt((x**2).sum(axis=0))
    if np.linalg.matrix_rank(x / np.where(sizes > 0, sizes, 1), tol=COLLINEAR) < x.shape[1]:
        raise InputError(f"regressors {listed(names, 20)} are linearly dependent. Leave one out.")


def collinear(x: Float2D) -> list[int]:
    """Return which columns of factors (L, K) are combinations of one another and a constant; NaN rows are left out."""
    used = x[~np.isnan(x).any(axis=1)]
    centred = used - used.mean(axis=0) if len(used) else used
    scale = np.sqrt((centred**2).sum(axis=0))
    if not len(used) or (scale <= NO_VARIATION * np.abs(used).max(axis=0) * np.sqrt(len(used))).any():
        return []
    values, vectors = np.linalg.eigh((centred / scale).T @ (centred / scale))
    dependent = np.abs(vectors[:, values < COLLINEAR * values.max(initial=0.0)]) > 1e-4
    return [int(k) for k in np.flatnonzero(dependent.any(axis=1))]


def has_residual(y: Float2D, x: Float2D) -> Bool1D:
    """Return which columns of ``y`` (T, n) vary and are no combination of independent regressors ``x`` (T, k)."""
    basis, _ = np.linalg.qr(x / np.sqrt((x**2).sum(axis=0)))
    mean = y.mean(axis=0)
    total, left = ((y - mean) ** 2).sum(axis=0), ((y - basis @ (basis.T @ y)) ** 2).sum(axis=0)
    return np.asarray((total > (NO_VARIATION * mean) ** 2 * len(y)) & (left > NO_RESIDUAL * total))
