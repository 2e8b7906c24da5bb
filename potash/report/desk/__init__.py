"""What the pages about the shares show: one study for all of them, its tables and its figures."""

from potash.report.desk.event_figures import daily_figure, estimates_figure, ordinary_days_figure, path_figure
from potash.report.desk.event_tables import (
    decomposition_table,
    firm_table,
    news_table,
    normal_returns_table,
    significance_table,
    window_table,
)
from potash.report.desk.setting import Setting, set_up
from potash.report.desk.verdict_tables import verdict_box, verdict_table

__all__ = [
    "Setting",
    "daily_figure",
    "decomposition_table",
    "estimates_figure",
    "firm_table",
    "news_table",
    "normal_returns_table",
    "ordinary_days_figure",
    "path_figure",
    "set_up",
    "significance_table",
    "verdict_box",
    "verdict_table",
    "window_table",
]
