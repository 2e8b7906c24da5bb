"""What all figures share: colours that everyone can tell apart, and an axis to draw on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito (2008): told apart with any colour vision; their yellow is left out, it vanishes on white paper.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#7F7F7F"
FAINT = "#DDDDDD"


def new_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Return the axis handed in, or that of a new figure of this size in inches."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt  # heavy

    return plt.subplots(figsize=(width, height), layout="constrained")[1]
