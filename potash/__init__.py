"""Event studies of potash producers: did this news move them, by how much, and how sure are we.

The names below are the public ones. They are imported when first used, so that ``import potash`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from potash import plots
    from potash.calendars import offset, sessions_between
    from potash.errors import PotashError, PotashWarning
    from potash.market.assemble import Snapshot
    from potash.market.currency import convert_currency
    from potash.market.load import load_prices, load_snapshot
    from potash.market.load_factors import load_factors, load_monthly, load_rates
    from potash.market.market_values import load_market_values, market_values_before
    from potash.market.quality.checking import check_daily, check_monthly, check_snapshot
    from potash.market.quality.compare.check import cross_check
    from potash.market.returns import log_returns, simple_returns
    from potash.market.store.store import PriceStore
    from potash.news.timeline import Timeline, load_timeline
    from potash.report import desk
    from potash.report.compare import compare_reports
    from potash.report.explore import explore
    from potash.report.export.formats import export_report
    from potash.report.job import build_report
    from potash.report.pages.publish import Publisher
    from potash.sessions import Announcement, Window, first_session
    from potash.study.answer.all_days import window_family
    from potash.study.answer.decomposition import decompose
    from potash.study.answer.pooled.pool import pooled
    from potash.study.answer.pooled.result import Pooled
    from potash.study.answer.robustness import effect_in_usd, leave_one_out
    from potash.study.answer.space import PlaceboInSpace, placebo_in_space
    from potash.study.answer.specification.curve import specification_curve
    from potash.study.answer.specification.result import SpecificationCurve
    from potash.study.answer.verdict import Verdict
    from potash.study.answer.verdicts import Verdicts, verdicts
    from potash.study.engine.mass import mass_fit
    from potash.study.expected_returns.controls import ControlGroup
    from potash.study.expected_returns.nonsynchronous import Dimson, ScholesWilliams
    from potash.study.expected_returns.ordinary import FactorModel, MarketAdjusted, MarketModel, MeanAdjusted
    from potash.study.expected_returns.protocol import ReturnModel
    from potash.study.expected_returns.robust import RobustModel
    from potash.study.expected_returns.trade_to_trade import TradeToTrade, trade_to_trade
    from potash.study.expected_returns.volatility import EGARCH, GARCH
    from potash.study.further.calendar_time import calendar_time
    from potash.study.further.cross_section import cross_section
    from potash.study.further.joint import joint_regression
    from potash.study.further.joint_event import event_equations
    from potash.study.inference.groups import group_tests
    from potash.study.inference.significance import SignificanceTest
    from potash.study.results import EventStudyResults
    from potash.study.simulated import simulated_size, simulated_verdicts
    from potash.study.study import EventStudy
    from potash.study.volume import abnormal_volume, log_turnover
    from potash.universe import Universe, load_universe

_HOME = {
    "PotashError": "potash.errors",
    "PotashWarning": "potash.errors",
    "check_daily": "potash.market.quality.checking",
    "check_monthly": "potash.market.quality.checking",
    "check_snapshot": "potash.market.quality.checking",
    "cross_check": "potash.market.quality.compare.check",
    "convert_currency": "potash.market.currency",
    "load_factors": "potash.market.load_factors",
    "load_monthly": "potash.market.load_factors",
    "load_rates": "potash.market.load_factors",
    "load_market_values": "potash.market.market_values",
    "market_values_before": "potash.market.market_values",
    "PriceStore": "potash.market.store.store",
    "log_returns": "potash.market.returns",
    "simple_returns": "potash.market.returns",
    "Snapshot": "potash.market.assemble",
    "load_prices": "potash.market.load",
    "load_snapshot": "potash.market.load",
    "Timeline": "potash.news.timeline",
    "load_timeline": "potash.news.timeline",
    "Announcement": "potash.sessions",
    "Window": "potash.sessions",
    "first_session": "potash.sessions",
    "offset": "potash.calendars",
    "sessions_between": "potash.calendars",
    "EventStudy": "potash.study.study",
    "SignificanceTest": "potash.study.inference.significance",
    "MarketAdjusted": "potash.study.expected_returns.ordinary",
    "MarketModel": "potash.study.expected_returns.ordinary",
    "MeanAdjusted": "potash.study.expected_returns.ordinary",
    "ReturnModel": "potash.study.expected_returns.protocol",
    "mass_fit": "potash.study.engine.mass",
    "group_tests": "potash.study.inference.groups",
    "abnormal_volume": "potash.study.volume",
    "log_turnover": "potash.study.volume",
    "calendar_time": "potash.study.further.calendar_time",
    "cross_section": "potash.study.further.cross_section",
    "event_equations": "potash.study.further.joint_event",
    "joint_regression": "potash.study.further.joint",
    "FactorModel": "potash.study.expected_returns.ordinary",
    "Dimson": "potash.study.expected_returns.nonsynchronous",
    "ScholesWilliams": "potash.study.expected_returns.nonsynchronous",
    "RobustModel": "potash.study.expected_returns.robust",
    "GARCH": "potash.study.expected_returns.volatility",
    "EGARCH": "potash.study.expected_returns.volatility",
    "simulated_size": "potash.study.simulated",
    "simulated_verdicts": "potash.study.simulated",
    "TradeToTrade": "potash.study.expected_returns.trade_to_trade",
    "trade_to_trade": "potash.study.expected_returns.trade_to_trade",
    "EventStudyResults": "potash.study.results",
    "Verdict": "potash.study.answer.verdict",
    "verdicts": "potash.study.answer.verdicts",
    "Verdicts": "potash.study.answer.verdicts",
    "window_family": "potash.study.answer.all_days",
    "decompose": "potash.study.answer.decomposition",
    "pooled": "potash.study.answer.pooled.pool",
    "Pooled": "potash.study.answer.pooled.result",
    "specification_curve": "potash.study.answer.specification.curve",
    "SpecificationCurve": "potash.study.answer.specification.result",
    "leave_one_out": "potash.study.answer.robustness",
    "effect_in_usd": "potash.study.answer.robustness",
    "placebo_in_space": "potash.study.answer.space",
    "PlaceboInSpace": "potash.study.answer.space",
    "ControlGroup": "potash.study.expected_returns.controls",
    "Publisher": "potash.report.pages.publish",
    "build_report": "potash.report.job",
    "compare_reports": "potash.report.compare",
    "export_report": "potash.report.export.formats",
    "explore": "potash.report.explore",
    "Universe": "potash.universe",
    "load_universe": "potash.universe",
}

_MODULES = {"plots": "potash.plots", "desk": "potash.report.desk"}

__all__ = [  # noqa: RUF022 - in the order of a study
    "load_prices", "load_snapshot", "load_monthly", "load_factors", "load_rates",
    "load_market_values", "market_values_before", "Snapshot", "PriceStore",
    "log_returns", "simple_returns", "convert_currency", "check_snapshot", "check_daily", "check_monthly",
    "cross_check", "load_universe", "Universe", "load_timeline", "Timeline", "Announcement", "first_session",
    "offset", "sessions_between", "Window", "EventStudy", "ControlGroup", "EventStudyResults", "MarketModel", "MarketAdjusted",
    "MeanAdjusted", "FactorModel", "Dimson", "ScholesWilliams", "RobustModel", "GARCH", "EGARCH", "TradeToTrade",
    "trade_to_trade", "ReturnModel", "SignificanceTest", "joint_regression", "event_equations", "calendar_time",
    "cross_section", "abnormal_volume", "log_turnover", "mass_fit", "group_tests", "simulated_size",
    "simulated_verdicts", "verdicts", "Verdicts", "window_family",
    "decompose", "pooled", "Pooled", "specification_curve", "SpecificationCurve",
    "leave_one_out", "effect_in_usd", "placebo_in_space", "PlaceboInSpace",
    "Verdict", "plots", "desk", "Publisher", "build_report",
    "compare_reports", "export_report", "explore", "PotashError", "PotashWarning",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'potash' has no attribute {name!r}; public names are: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__", "__doc__", "__all__"})
