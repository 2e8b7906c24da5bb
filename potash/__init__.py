"""Event studies of potash producers: did this news move them, by how much, and how sure are we.

The names below are the public ones. They are imported when first used, so that ``import potash`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from potash import plots
    from potash.calendars import offset, sessions_between
    from potash.errors import PotashError
    from potash.market.cross.check import cross_check
    from potash.market.currency import convert_currency
    from potash.market.other_series import load_factors, load_monthly, load_rates
    from potash.market.quality import check_daily, check_monthly, check_snapshot
    from potash.market.returns import log_returns, simple_returns
    from potash.market.segments import Snapshot
    from potash.market.snapshots import load_prices, load_snapshot
    from potash.market.store.store import PriceStore
    from potash.news.timeline import Timeline, load_timeline
    from potash.report.job import build_report
    from potash.report.publish import Publisher
    from potash.sessions import Announcement, Window, first_session
    from potash.study.calendar_time import calendar_time
    from potash.study.cross_section import cross_section
    from potash.study.estimator import EventStudy
    from potash.study.factor_models import Dimson, FactorModel, ScholesWilliams
    from potash.study.inference.parametric import SignificanceTest
    from potash.study.joint import event_equations, joint_regression
    from potash.study.mass import mass_fit
    from potash.study.mass_tests import group_tests
    from potash.study.models import MarketAdjusted, MarketModel, MeanAdjusted, ReturnModel
    from potash.study.results import EventStudyResults
    from potash.study.robust_models import RobustModel
    from potash.study.simulated import simulated_size
    from potash.study.trade_to_trade import TradeToTrade, trade_to_trade
    from potash.study.verdict import Verdict, verdicts
    from potash.study.volatility_models import EGARCH, GARCH
    from potash.study.volume import abnormal_volume, log_turnover
    from potash.universe import Universe, load_universe

__version__ = "0.1.0"

_HOME = {
    "PotashError": "potash.errors",
    "check_daily": "potash.market.quality",
    "check_monthly": "potash.market.quality",
    "check_snapshot": "potash.market.quality",
    "cross_check": "potash.market.cross.check",
    "convert_currency": "potash.market.currency",
    "load_factors": "potash.market.other_series",
    "load_monthly": "potash.market.other_series",
    "load_rates": "potash.market.other_series",
    "PriceStore": "potash.market.store.store",
    "log_returns": "potash.market.returns",
    "simple_returns": "potash.market.returns",
    "Snapshot": "potash.market.segments",
    "load_prices": "potash.market.snapshots",
    "load_snapshot": "potash.market.snapshots",
    "Timeline": "potash.news.timeline",
    "load_timeline": "potash.news.timeline",
    "Announcement": "potash.sessions",
    "Window": "potash.sessions",
    "first_session": "potash.sessions",
    "offset": "potash.calendars",
    "sessions_between": "potash.calendars",
    "EventStudy": "potash.study.estimator",
    "SignificanceTest": "potash.study.inference.parametric",
    "MarketAdjusted": "potash.study.models",
    "MarketModel": "potash.study.models",
    "MeanAdjusted": "potash.study.models",
    "ReturnModel": "potash.study.models",
    "mass_fit": "potash.study.mass",
    "group_tests": "potash.study.mass_tests",
    "abnormal_volume": "potash.study.volume",
    "log_turnover": "potash.study.volume",
    "calendar_time": "potash.study.calendar_time",
    "cross_section": "potash.study.cross_section",
    "event_equations": "potash.study.joint",
    "joint_regression": "potash.study.joint",
    "FactorModel": "potash.study.factor_models",
    "Dimson": "potash.study.factor_models",
    "ScholesWilliams": "potash.study.factor_models",
    "RobustModel": "potash.study.robust_models",
    "GARCH": "potash.study.volatility_models",
    "EGARCH": "potash.study.volatility_models",
    "simulated_size": "potash.study.simulated",
    "TradeToTrade": "potash.study.trade_to_trade",
    "trade_to_trade": "potash.study.trade_to_trade",
    "EventStudyResults": "potash.study.results",
    "Verdict": "potash.study.verdict",
    "verdicts": "potash.study.verdict",
    "Publisher": "potash.report.publish",
    "build_report": "potash.report.job",
    "Universe": "potash.universe",
    "load_universe": "potash.universe",
}

__all__ = [  # noqa: RUF022 - in the order of a study
    "load_prices", "load_snapshot", "load_monthly", "load_factors", "load_rates", "Snapshot", "PriceStore",
    "log_returns", "simple_returns", "convert_currency", "check_snapshot", "check_daily", "check_monthly",
    "cross_check", "load_universe", "Universe", "load_timeline", "Timeline", "Announcement", "first_session",
    "offset", "sessions_between", "Window", "EventStudy", "EventStudyResults", "MarketModel", "MarketAdjusted",
    "MeanAdjusted", "FactorModel", "Dimson", "ScholesWilliams", "RobustModel", "GARCH", "EGARCH", "TradeToTrade",
    "trade_to_trade", "ReturnModel", "SignificanceTest", "joint_regression", "event_equations", "calendar_time",
    "cross_section", "abnormal_volume", "log_turnover", "mass_fit", "group_tests", "simulated_size", "verdicts",
    "Verdict", "plots", "Publisher", "build_report", "PotashError",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "plots":
        return import_module("potash.plots")
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'potash' has no attribute {name!r}; public names are: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__", "__doc__", "__all__"})
