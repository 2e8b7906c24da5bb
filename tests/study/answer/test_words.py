"""Numbers and windows in words."""

import pytest

from potash.sessions import Window
from potash.study.answer.words import interval, names, p_is, p_value, percent, size_of, when


def test_numbers():
    assert [percent(-0.0134), percent(0.2, 0), percent(0.0)] == ["−1.3 %", "+20 %", "+0.0 %"]
    assert [percent(-0.0004), percent(-0.0006), percent(float("nan"))] == ["+0.0 %", "−0.1 %", "+nan %"]
    assert [size_of(0.05), size_of(-0.0386), size_of(0.1, 0), size_of(0.95, 0)] == ["5 %", "3.9 %", "10 %", "95 %"]
    assert interval(-0.033, 0.007) == "−3.3 to +0.7 %"
    assert interval(-0.0519, -0.00002) == "−5.2 to −0.0 %"
    assert interval(-0.0519, 0.0) == "−5.2 to +0.0 %"
    assert [p_value(v) for v in (0.0009, 0.001, 0.014, 1.0, float("nan"))] == [
        "<0.001", "0.001", "0.014", "1.000", "missing",
    ]  # fmt: skip
    assert [p_is(v) for v in (0.0009, 0.014)] == ["p < 0.001", "p = 0.014"]


@pytest.mark.parametrize(
    ("window", "text"),
    [(Window(0, 0), "on day 0"), (Window(0, 5), "over sessions 0 to +5"), (Window(-5, -1), "over sessions −5 to −1")],
)
def test_windows(window, text):
    assert when(window) == text


def test_firms():
    assert names(["NTR"]) == "NTR"
    assert names(["NTR", "MOS", "ICL"]) == "NTR, MOS and ICL"
    assert names(list("ABCDE")) == "5 firms"
