"""Notebooks become a report: published results, executed notebooks, self-contained pages."""

from potash.report.job import ReportResult, build_report
from potash.report.pages.publish import Publisher

__all__ = ["Publisher", "ReportResult", "build_report"]
