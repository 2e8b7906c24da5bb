"""Which specifications a grid holds."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError, OptionError
from potash.study.answer.specification.grid import NormalReturn, chosen_grid, normal_returns
from tests.study.answer.with_controls import made_study
from tests.study.made_up import DAYS, made_returns


def normals(event_study, **options):
    return normal_returns(event_study, "e0", options.get("benchmarks"), options.get("models", ("market + controls",)))[
        1
    ]


def grid_of(event_study, firms=("A", "B", "C"), lengths=(60,), gaps=None, windows=None, kinds=("log",)):
    return chosen_grid(event_study, (NormalReturn("market", "M"),), firms, lengths, gaps, windows, kinds)


def test_controls_are_all_and_each_left_out_of_those_that_traded_on_day_0():
    event_study = made_study(200)
    assert [(n.controls, n.members) for n in normals(event_study)] == [
        ("all", ("XA", "XB", "XC")),
        ("without XA", ("XB", "XC")), ("without XB", ("XA", "XC")), ("without XC", ("XA", "XB")),
    ]  # fmt: skip
    event_study.controls.returns.loc[DAYS[200], "XB"] = np.nan
    assert [n.members for n in normals(event_study)] == [("XA", "XC"), ("XC",), ("XA",)]
    event_study.controls.returns.loc[DAYS[200], "XA"] = np.nan
    assert normals(event_study) == (NormalReturn("market + controls", "M", "all", ("XC",)),)


def test_a_control_left_out_of_the_event_is_in_no_mean():
    group = made_returns(3, seed=9).drop(columns="M").add_prefix("X")
    out = pd.DataFrame({"event_id": ["e0"], "ticker": ["XB"]})
    event_study = made_study(200, controls=0)
    event_study.controls = potash.ControlGroup(group, out)
    assert [n.members for n in normals(event_study)] == [("XA", "XC"), ("XC",), ("XA",)]


def test_benchmarks_multiply_what_needs_one():
    event_study = made_study(200, controls=1)
    both = made_returns(1, seed=3).set_axis(["N", "M"], axis=1)
    made = normals(
        event_study, benchmarks=both, models=("mean-adjusted", "market-adjusted", "market", "market + controls")
    )
    assert [(n.model, n.benchmark, n.controls) for n in made] == [
        ("mean-adjusted", "none", "none"), ("market-adjusted", "N", "none"), ("market-adjusted", "M", "none"),
        ("market", "N", "none"), ("market", "M", "none"), ("market + controls", "N", "all"), ("market + controls", "M", "all"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("firms", "pools"),
    [
        ("A", ["all"]),
        ("AB", ["all", "A alone", "B alone"]),
        ("ABC", ["all", "without A", "without B", "without C", "A alone", "B alone", "C alone"]),
        ("ABCDEF", ["all", *(f"without {firm}" for firm in "ABCDEF")]),
    ],
)
def test_pools_of_firms(firms, pools):
    made = grid_of(made_study(200), tuple(firms)).pools
    assert list(made) == pools
    assert made["all"] == tuple(range(len(firms)))
    assert all(
        0 not in made[f"without {firms[0]}"] and len(made[f"without {firms[0]}"]) == len(firms) - 1 for _ in pools[3:4]
    )


def test_five_firms_are_few():
    assert len(grid_of(made_study(200), tuple("ABCDE")).pools) == 11


def test_windows_are_those_of_the_family_from_day_0_on_and_gaps_keep_clear_of_the_event_window():
    grid = grid_of(made_study(200))
    assert [str(window) for window in grid.windows] == ["[0, 0]", "[0, +1]", "[0, +5]", "[0, +10]"]
    assert grid.gaps == (11, 21, 31)
    wide = made_study(200, event_window=(-11, 5), estimation_window=(-130, -12))
    assert grid_of(wide).gaps == (21, 31)
    assert grid_of(made_study(200, event_window=(-40, 5), estimation_window=(-160, -41))).gaps == (41,)
    before = made_study(200, event_window=(-4, -1))
    assert [str(window) for window in grid_of(before).windows] == ["[-4, -1]"]


def test_the_frame_has_a_row_for_each_specification_and_estimations_are_four_fifths_full():
    grid = grid_of(made_study(200), lengths=(60, 126), gaps=(11, 12), kinds=("simple", "log"))
    assert len(grid) == len(grid.frame) == 2 * 4 * 4 * 7
    assert not grid.frame.duplicated().any()
    assert [(w.estimation.start, w.estimation.end, w.min_estimation) for w in grid.estimation(2)] == [
        (-70, -11, 48), (-71, -12, 48), (-136, -11, 101), (-137, -12, 101),
    ]  # fmt: skip
    assert (grid.span.estimation.start, grid.span.estimation.end) == (-137, -11)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"lengths": ()}, InputError, "lengths=.. holds none"),
        ({"gaps": ()}, InputError, "gaps=.. holds none"),
        ({"lengths": (0,)}, InputError, "whole number"),
        ({"gaps": (11.5,)}, InputError, "whole number"),
        ({"kinds": ("logs",)}, OptionError, "did you mean 'log'"),
    ],
)
def test_choices_are_checked(options, error, words):
    with pytest.raises(error, match=words):
        grid_of(made_study(200), **options)


def test_the_default_estimation_windows_hold_60_120_and_250_sessions():
    frame = potash.specification_curve(made_study(200)).frame
    assert frame["length"].unique().tolist() == [60, 120, 250]
    assert frame["gap"].unique().tolist() == [11, 21, 31]


def test_models_and_benchmarks_are_checked():
    event_study = made_study(200)
    with pytest.raises(OptionError, match="models='markt'"):
        normals(event_study, models=("markt",))
    with pytest.raises(InputError, match="without columns"):
        normals(event_study, benchmarks=made_returns(1)["M"])
    with pytest.raises(InputError):
        normals(event_study, benchmarks=made_returns(1) * 10_000)
