import re
from xml.etree import ElementTree

import pytest

from potash.report.front.facts import OwnNews
from potash.report.front.forest import (
    Remark,
    Scale,
    axis,
    event_plot,
    event_row,
    headers_of,
    pool_plot,
    pool_row,
    scale_of,
)
from tests.report.front.made_up import data, event, front, pool

TEN = Scale(0.1, 0.05)


def test_the_scale_holds_the_values_and_puts_zero_in_the_middle():
    scale = Scale.of([0.012, -0.04, None, 0.07, -0.09])
    assert (scale.limit, scale.step) == (0.1, 0.05)
    assert scale.ticks == [-0.1, -0.05, 0.0, 0.05, 0.1]
    assert scale.at(0) == 50
    assert scale.at(0.1) - 50 == pytest.approx(46)
    assert scale.at(0.05) - 50 == pytest.approx(23)
    assert scale.at(-0.025) == pytest.approx(50 - 11.5)
    assert scale.at(0.4) == scale.at(0.1), "held at the edge"


def test_one_wild_interval_does_not_squeeze_the_others():
    assert Scale.of([0.03, 0.03, 0.04, 0.05, 0.9]).limit == 0.1
    assert Scale.of([]).limit == 0.06


def places(svg: str, tag: str, kind: str, *names: str) -> list[float]:
    element = next(e for e in ElementTree.fromstring(svg).iter(tag) if kind in e.get("class", "").split())
    return [float(element.get(name).removesuffix("%")) for name in names]


def test_marks_lie_where_the_numbers_say():
    svg = event_plot(event(CAR=-0.02, lower=-0.05, upper=0.01, detectable=0.04, run_up=0.03), TEN)
    per = 46 / 0.1
    assert places(svg, "circle", "est", "cx") == pytest.approx([50 - 0.02 * per])
    assert places(svg, "line", "est", "x1", "x2") == pytest.approx([50 - 0.05 * per, 50 + 0.01 * per])
    assert places(svg, "rect", "band", "x", "width") == pytest.approx([50 - 0.04 * per, 0.08 * per])
    assert places(svg, "circle", "before", "cx") == pytest.approx([50 + 0.03 * per])
    svg = pool_plot(pool(average=0.02, lower=-0.01, upper=0.05, detectable=0.02, run_up=None), TEN)
    marks = [e.get("x") for e in ElementTree.fromstring(svg).iter("svg") if e.find("path") is not None]
    assert marks == [f"{round(50 + 0.02 * per, 2)}%"]
    assert places(svg, "line", "pooled", "x1", "x2") == pytest.approx([50 - 0.01 * per, 50 + 0.05 * per])


def test_an_interval_beyond_the_scale_ends_in_an_arrow():
    inside = event_plot(event(lower=-0.1, upper=0.1), TEN)
    beyond = event_plot(event(lower=-0.3, upper=0.3), TEN)
    assert inside.count("<path") == 0
    assert beyond.count("<path") == 2
    assert places(beyond, "line", "est", "x1", "x2") == pytest.approx([4, 96])


def test_marks_tell_their_values_and_use_no_style():
    svg = event_plot(event(), TEN)
    titles = [title.text for title in ElementTree.fromstring(svg).iter("title")]
    assert titles == [
        "effects below 3.6 % would usually not be seen", "sessions −5 to −1: +1.0 %",
        "−1.4 %, 95 % interval −3.9 to +1.1 %",
    ]  # fmt: skip
    assert "style=" not in svg + axis(TEN)
    assert ElementTree.fromstring(event_plot(event(CAR=None, run_up=None, detectable=None), TEN)).get("aria-label") == (
        "no estimate"
    )


def test_the_axis_has_a_label_at_each_tick():
    labels = ElementTree.fromstring(axis(TEN))
    assert [(e.text, e.get("x"), e.get("class")) for e in labels] == [
        ("−10", "4.0%", None), ("−5", "27.0%", "minor"), ("0", "50.0%", None), ("+5", "73.0%", "minor"),
        ("+10 %", "96.0%", None),
    ]  # fmt: skip


def test_a_row_states_numbers_with_what_they_are_sorted_by():
    facts = front()
    row = event_row(facts.events[0], TEN, {"MOS": "Mosaic"}, headers_of(facts))
    assert row.href == "event-2025-12-13-relief.html"
    assert (row.arrow, row.direction) == ("▼", "expected down")
    assert row.cells == (
        ("estimate", "−1.4 %", "-0.0143"), ("interval", "−3.9 to +1.1 %", "-0.0394"), ("sessions", "0", "0"),
        ("market", "−1.4 %", "-0.0137"), ("run-up", "+1.0 %", "0.0097"),
    )  # fmt: skip
    assert (row.tone, row.verdict, row.remarks) == ("ruled-out", "no effect beyond 5 %", ())
    pooled = pool_row(facts.pool, TEN, headers_of(facts), "04-answer.html")
    assert [cell[1] for cell in pooled.cells] == ["+1.1 %", "−1.1 to +1.9 %", "0 to +1", "+2.1 %", "+2.5 %"]
    assert (pooled.title, pooled.date) == (
        "9 events together", "7 of tightening and 2 of relief",
    )  # fmt: skip
    assert pooled.remarks == (Remark("randomization p = 0.560"),)


def test_without_controls_the_market_has_no_second_column():
    facts = front(events=(event(controls=()),), pool=pool(controls=False), data=data(controls=()))
    headers = headers_of(facts)
    assert [words for _, words in headers] == ["Beyond market", "95 % interval", "Sessions", "Run-up"]
    row = event_row(facts.events[0], TEN, {}, headers)
    assert [cell[0] for cell in row.cells] == ["estimate", "interval", "sessions", "run-up"]
    assert row.remarks == ()
    mixed = event_row(facts.events[0], TEN, {}, headers_of(front()))
    assert mixed.remarks == (Remark("beyond the market alone"),)
    assert headers_of(front())[0] == ("estimate", "Potash-specific")
    assert headers_of(front(data=data(firms_are="firms")))[0] == ("estimate", "Specific")


def test_own_news_and_what_is_not_pooled_stand_beside_the_verdict():
    news = (OwnNews("MOS", "A mine", True), OwnNews("MOS", "Again", True), OwnNews("NTR", "Results", False))
    item = event(
        own_news=news, not_pooled="known from price commentary: in the list because prices moved", expected="none"
    )
    row = event_row(item, TEN, {"MOS": "Mosaic"}, headers_of(front()))
    assert row.remarks == (
        Remark("without Mosaic: own news"), Remark("own news: NTR"),
        Remark("not pooled: known from prices", minor=True),
    )  # fmt: skip
    assert (row.arrow, row.direction) == ("·", "no direction expected")


def test_the_scale_of_a_page_is_that_of_all_its_rows():
    wide = event(lower=-0.07, upper=0.02, detectable=0.09)
    assert scale_of(front(events=(event(), wide))).limit == 0.1
    assert not re.search(r"nan|None", event_plot(wide, scale_of(front(events=(wide,)))))
