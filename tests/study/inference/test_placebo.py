"""The p-value among ordinary days."""

import numpy as np
import pytest

from potash.study.inference.placebo import placebo_pvalue

close = pytest.approx


def test_placebo_pvalue_counts_the_event_among_the_draws():
    ordinary = np.r_[np.zeros(18), 2.0, -3.0]
    assert placebo_pvalue(2.5, ordinary) == close(2 / 21)
    assert placebo_pvalue(-2.0, ordinary) == close(3 / 21)
    assert placebo_pvalue(4.0, ordinary) == close(1 / 21)
    assert placebo_pvalue(0.0, ordinary) == 1.0


def test_placebo_pvalue_needs_twenty_days():
    assert np.isnan(placebo_pvalue(1.0, np.r_[np.zeros(19), np.nan]))
    assert placebo_pvalue(1.0, np.r_[np.zeros(20), np.nan]) == close(1 / 21)
    assert np.isnan(placebo_pvalue(np.nan, np.zeros(30)))
