"""The widgets of notebook 00-explore: each change is another question, and a wrong one is answered with what is wrong."""

import re
import time

import pytest

import potash
from potash.errors import InputError, NoUsableEventsError
from potash.report.desk import set_up
from potash.report.explore import WINDOWS, explore, view_of
from tests.report.desk.made_up import files

FLAGSHIP = "2025-12-13-us-lifts-potash"


@pytest.fixture
def explorer():
    return explore(left_out=["MOS"])


def text(explorer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", explorer.answer.value))


def test_it_begins_with_the_question_of_the_report(explorer):
    setting = set_up(left_out=["MOS"])
    assert explorer.event.value == FLAGSHIP
    assert explorer.market.value == "SPY"
    assert explorer.window.value == "fixed in advance"
    assert {ticker for ticker, box in explorer.firms.items() if box.value} == set(setting.firms)
    assert {ticker for ticker, box in explorer.controls.items() if box.value} == set(setting.controls)
    assert setting.verdict(FLAGSHIP).sentence("negative") in text(explorer)
    assert "<svg" in explorer.answer.value
    assert "<table" in explorer.answer.value
    assert {event for _, event in explorer.event.options} == set(setting.dated)


def test_each_widget_changes_the_answer_to_that_of_the_package(explorer):
    explorer.firms["MOS"].value = False
    explorer.firms["IPI"].value = False
    explorer.controls["DE"].value = False
    explorer.window.value = "0 to +2"
    explorer.event.value = "2025-03-06-potash-tariff-10"
    asked = set_up(firms=["NTR", "ICL"], controls=["CF", "CTVA"], window=(0, 2), events=["2025-03-06-potash-tariff-10"])
    verdict = asked.verdict("2025-03-06-potash-tariff-10")
    assert verdict.sentence(asked.expected("2025-03-06-potash-tariff-10")) in text(explorer)
    assert "over sessions 0 to +2" in text(explorer)
    assert explorer.choices.firms == ("NTR", "ICL")
    assert explorer.choices.left_out == ()


def test_what_excludes_itself_is_said_and_the_next_click_may_mend_it(explorer):
    explorer.firms["CF"].value = True
    assert "CF cannot be control and firm at once" in text(explorer)
    explorer.controls["CF"].value = False
    assert "returned" in text(explorer)
    explorer.market.value = "CF"
    assert "CF is the market" in text(explorer)
    for box in explorer.firms.values():
        box.value = False
    assert "firms is empty" in text(explorer)
    assert "Traceback" not in explorer.answer.value


def test_an_event_without_prices_has_its_reason(explorer):
    explorer.event.value = "2026-03-19-us-to-delist-belaruskali"
    assert "cannot be studied: prices end 2026-01-29" in text(explorer)
    with pytest.raises(NoUsableEventsError, match="prices end"):
        explorer.view()


def test_an_error_that_is_none_of_ours_stays_in_the_widget(explorer, monkeypatch):
    monkeypatch.setattr("potash.report.explore.view_of", lambda *_: 1 / 0)
    explorer.window.value = "day 0"
    assert "ZeroDivisionError: division by zero" in text(explorer)


def test_text_of_users_is_escaped(tmp_path):
    prices, events = files(tmp_path, ["NTR", "MOS", "CF"])
    events.write_text(events.read_text().replace("A planted rise", "<img src=x onerror=alert(1)>"))
    title = potash.load_timeline(events).events["title"].iloc[0]
    html = explore(str(prices), str(events)).answer.value
    assert "<img" not in html
    assert ("onerror" in title) == ("onerror" in html)


def test_windows_outside_the_event_window_are_not_offered():
    offered = explore(event_window=(-1, 2), window=(-1, 2)).window
    assert offered.value == "as given"
    assert "0 to +5" not in offered.options
    assert "0 to +2" in offered.options
    assert WINDOWS[0][1] is None


def test_a_page_shows_the_first_answer_without_widgets(explorer, tmp_path, capsys):
    explorer.publish(potash.Publisher(tmp_path, "00-explore"))
    shown = capsys.readouterr().out
    assert "returned" in shown
    assert (tmp_path / "tables" / "explore-firms.csv").is_file()
    assert (tmp_path / "figures" / "explore-path.png").is_file()
    explorer.firms["CF"].value = True
    explorer.publish(potash.Publisher())
    assert "CF cannot be control and firm at once" in capsys.readouterr().out


def test_the_first_event_can_be_any_with_a_day():
    assert explore(event="2025-12-15-general-license-13").event.value == "2025-12-15-general-license-13"
    with pytest.raises(InputError, match="2025-12-13-us-lift"):
        explore(events=["2025-12-13-us-lift"])


def test_a_click_takes_less_than_a_second_of_work(explorer):
    explorer.firms["MOS"].value = False
    start = time.process_time()
    explorer.window.value = "0 to +1"
    assert "over sessions 0 to +1" in text(explorer)
    assert time.process_time() - start < 1


def test_views_differ_by_event_alone(explorer):
    one = view_of(explorer.choices, "2025-09-11-belavia-relief")
    assert "Belavia" in one.title
    assert len(one.firms.shown)
