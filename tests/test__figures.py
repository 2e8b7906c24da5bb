"""A ticker looks the same everywhere; labels do not overlap."""

import itertools
import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.text import Text

from potash import _figures
from potash._figures import (
    OTHER,
    SERIES,
    VARIABLES,
    colour_of,
    label_ends,
    new_axes,
    percent_axis,
    plain,
    spread,
    style_of,
    tell,
)
from potash.universe import load_universe

mpl.use("Agg")


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_ticker_has_one_colour_whatever_stands_beside_it():
    assert colour_of("NTR") == "#0072B2"
    assert [colour_of(t) for t in ("MOS", "ICL", "IPI")] == ["#CC4E00", "#00805B", "#B0508C"]
    assert colour_of("ZZZ9") == colour_of("ZZZ9")
    assert colour_of("ZZZ9") in SERIES


def test_two_listings_of_one_firm_share_a_hue_and_not_a_line():
    for one, other in (("NTR", "NTR.TO"), ("ICL", "ICL.TA"), ("SQM", "SQM-B.SN")):
        assert colour_of(one) == colour_of(other)
        assert style_of(one).line != style_of(other).line


def test_securities_of_the_carried_universe_with_one_colour_differ_in_line_or_marker():
    looks = {t: (colour_of(t), *style_of(t)) for t in load_universe().frame.index}
    same = [pair for pair in itertools.combinations(looks, 2) if looks[pair[0]] == looks[pair[1]]]
    assert not same


def test_colours_can_be_read_on_white():
    for colour in (*SERIES, OTHER):
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5
    assert len(set(SERIES)) == 10
    assert sorted(v for v in VARIABLES.values() if re.fullmatch(r"--c-\d+", v)) == sorted(
        f"--c-{n}" for n in range(1, 11)
    )


def test_places_are_moved_apart_as_little_as_possible_and_stay_inside():
    assert spread([0.1, 0.5, 0.9], 0.1) == [0.1, 0.5, 0.9]
    assert spread([0.5, 0.5, 0.9], 0.1) == [0.45, 0.55, 0.9]
    assert spread([0.98, 0.99], 0.1) == [0.9, 1.0]
    assert spread([0.0, 0.01], 0.1) == [0.0, 0.1]
    assert spread([], 0.1) == []


def test_labels_at_line_ends_do_not_overlap():
    ax = new_axes(None, 6, 3)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    label_ends(
        ax, {name: (1.0, y, "#000000") for name, y in (("A", 0.5), ("B", 0.51), ("C", 0.49), ("D", np.nan))}, bold=["A"]
    )
    ax.figure.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in ax.texts]
    assert len(boxes) == 3
    for one, other in itertools.combinations(boxes, 2):
        assert not (one.y0 < other.y1 and other.y0 < one.y1)
    assert {t.get_text(): t.get_fontweight() for t in ax.texts} == {"A": "bold", "B": "normal", "C": "normal"}
    plt.close("all")


def test_ticks_are_percentages_with_a_sign_where_they_are_effects():
    ax = new_axes(None, 3, 2)
    percent_axis(ax.yaxis)
    percent_axis(ax.xaxis, signed=False)
    assert [ax.yaxis.get_major_formatter()(v, 0) for v in (-0.02, 0, 0.025)] == ["−2\u00a0%", "0\u00a0%", "+2.5\u00a0%"]
    assert ax.xaxis.get_major_formatter()(0.2, 0) == "20\u00a0%"
    plt.close("all")


def test_a_text_of_a_user_is_no_formula():
    assert plain("US$ 5\n\x00 and $6") == "US\\$ 5  and \\$6"


def test_each_point_says_one_thing():
    ax = new_axes(None, 3, 2)
    (line,) = ax.plot([1, 2], [1, 2])
    tell(line, ["one", None])
    assert getattr(line, _figures.TEXTS) == ["one", None]
    with pytest.raises(ValueError, match="1 texts for 2 points"):
        tell(line, ["one"])
    plt.close("all")
