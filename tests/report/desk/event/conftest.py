"""The carried study, and one firm alone with a short window."""

import pytest

from potash.report.desk import set_up
from tests.report.desk.made_up import files


@pytest.fixture(scope="session")
def carried():
    return set_up(left_out=["MOS"])


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    return set_up(*files(tmp_path_factory.mktemp("alone"), ["NTR"]), event_window=(0, 3))
