from __future__ import annotations

from pathlib import Path

import pytest

from potash.report.job import ReportResult
from tests.report.made_up import report, two_notebooks


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReportResult, Path]:
    """A report of two notebooks, and the folder of the notebooks."""
    folder = tmp_path_factory.mktemp("made")
    notebooks = two_notebooks(folder / "notebooks")
    return report(folder / "reports", notebooks), notebooks
