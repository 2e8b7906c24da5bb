"""Aliases that say shapes: what array functions take and return below the line of ``study/alignment.py``."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Float1D: TypeAlias = npt.NDArray[np.float64]
Float2D: TypeAlias = npt.NDArray[np.float64]
Float3D: TypeAlias = npt.NDArray[np.float64]
Int1D: TypeAlias = npt.NDArray[np.int64]
Int2D: TypeAlias = npt.NDArray[np.int64]
Bool1D: TypeAlias = npt.NDArray[np.bool_]
Bool2D: TypeAlias = npt.NDArray[np.bool_]
