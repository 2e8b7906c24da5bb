"""What the pages show: one study for all of them, its tables and its figures."""

from potash.report.desk.answer_tables import (
    choices_table,
    curve_figure,
    curve_of,
    curve_table,
    money_table,
    moves_table,
    power_figure,
    space_table,
)
from potash.report.desk.event.answer import verdict_box
from potash.report.desk.event.around import evidence_table, missing_table, news_table, without_prices
from potash.report.desk.event.checks import (
    normal_returns_table,
    power_table,
    robustness_table,
    significance_table,
)
from potash.report.desk.event.firms import firm_table
from potash.report.desk.event.headings import event_dates, event_title
from potash.report.desk.event.moves import decomposition_table, window_table
from potash.report.desk.event_figures import (
    daily_figure,
    estimates_figure,
    ordinary_days_figure,
    parts_figure,
    path_figure,
)
from potash.report.desk.methods.simulated import few_firms_tables, size_tables, verdict_rates_table
from potash.report.desk.methods.tables import (
    buy_and_hold_table,
    corrections_table,
    diagnostics_table,
    joint_table,
    models_table,
    tests_table,
)
from potash.report.desk.pool import Pool, pool_box, pool_figure, pool_of, pool_tables
from potash.report.desk.price_tables import (
    coverage_figure,
    findings_table,
    left_out_table,
    level_figures,
    monthly_figure,
    series_table,
)
from potash.report.desk.setting import Setting, set_up
from potash.report.desk.timeline_tables import (
    articles_table,
    background_table,
    confidence_table,
    day_zero_table,
    disagreements_table,
    not_studied_table,
    studied,
    studied_table,
    timeline_figure,
)
from potash.report.desk.verdict_tables import verdict_table

__all__ = [
    "Pool",
    "Setting",
    "articles_table",
    "background_table",
    "buy_and_hold_table",
    "choices_table",
    "confidence_table",
    "corrections_table",
    "coverage_figure",
    "curve_figure",
    "curve_of",
    "curve_table",
    "daily_figure",
    "day_zero_table",
    "decomposition_table",
    "diagnostics_table",
    "disagreements_table",
    "estimates_figure",
    "event_dates",
    "event_title",
    "evidence_table",
    "few_firms_tables",
    "findings_table",
    "firm_table",
    "joint_table",
    "left_out_table",
    "level_figures",
    "missing_table",
    "models_table",
    "money_table",
    "monthly_figure",
    "moves_table",
    "news_table",
    "normal_returns_table",
    "not_studied_table",
    "ordinary_days_figure",
    "parts_figure",
    "path_figure",
    "pool_box",
    "pool_figure",
    "pool_of",
    "pool_tables",
    "power_figure",
    "power_table",
    "robustness_table",
    "series_table",
    "set_up",
    "significance_table",
    "size_tables",
    "space_table",
    "studied",
    "studied_table",
    "tests_table",
    "timeline_figure",
    "verdict_box",
    "verdict_rates_table",
    "verdict_table",
    "window_table",
    "without_prices",
]
