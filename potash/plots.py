"""All figures in one place: axes-level functions that take and return an axis and show nothing by themselves."""

from potash.market.plots import plot_coverage, plot_monthly, plot_prices_indexed
from potash.news.plots import plot_timeline
from potash.study.answer.plots import plot_pooled, plot_specification_curve
from potash.study.plots import plot_ar, plot_car, plot_estimates, plot_parts, plot_placebo, plot_power

__all__ = [
    "plot_ar",
    "plot_car",
    "plot_coverage",
    "plot_estimates",
    "plot_monthly",
    "plot_parts",
    "plot_placebo",
    "plot_pooled",
    "plot_power",
    "plot_prices_indexed",
    "plot_specification_curve",
    "plot_timeline",
]
