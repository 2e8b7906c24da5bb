"""The first page: what its first screen holds, that text stays text, and how it looks in a browser."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from potash.report.front.facts import CurveFacts, NotStudied, OtherPortfolio, OwnNews, PoolFacts, Share
from potash.report.front.page import Since, cards, render_front, rests_on, what_would_change
from potash.report.pages.facts import DataDescription, Published
from potash.report.pages.render import Frame, Page
from tests.report.front.made_up import NTR, data, event, front, pool
from tests.support.browser import browser, chromium_path
from tests.support.pages import axe_path

ANSWER = Page("04-answer", "04-answer.html", "Pool and robustness", "The answer", "")
HOSTILE = '<![CDATA[><img src=x onerror="document.title=1">]]><script>document.title=2</script>" onmouseover="x'


def page(facts, *, since=None, published=None) -> str:
    pages = [Page(f"event-{e.event_id}", f"event-{e.event_id}.html", e.date, e.title, "") for e in facts.events]
    names = [*pages, ANSWER]
    frame = Frame(
        names, DataDescription("carried-25e5abcd", {}), {"pandas": "3"}, {"": {}, **{p.name: {} for p in names}}
    )
    return render_front(facts, frame, published or Published(), since)


def words(text: str) -> str:
    shown = html.unescape(re.sub(r"<[^>]*>", " ", text)).replace("\u00a0", " ")
    return re.sub(r" (?=[;,.:])", "", " ".join(shown.split()))


class Tags(HTMLParser):
    """The tags of a page, and the names of their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


def test_the_first_screen_has_the_answer_the_cards_and_the_forest():
    share = Share("MOS", 0.0089, 0.951, 9)
    facts = front(
        pool=pool(
            without_firm=(share, share), variants=(Share("with firms that had news of their own", 0.015, 0.246, 9),)
        ),
        not_studied=(NotStudied("e", "US to delist Belaruskali", "2026-03-19", "prices end 2026-01-29"),),
        curve=CurveFacts("e", 2856, 0.8186, 0.115, -0.02, 0.2525),
    )
    text = words(page(facts, since=Since("same", ("Prices of 5 sessions added; 0 rewritten; verdicts as before.",))))
    for expected in (
        "An answer. What qualifies it. Nutrien (NTR), Mosaic (MOS), equal weights, beyond the market, SPDR S&P 500 ETF (SPY), "
        "and a control group, CF Industries (CF). Data through 2026-01-29. 1 of 2 dated events studied. No investment advice.",
        "9 events together +1.1 % over sessions 0 to +1; −1.1 to +1.9 %; p = 0.560 by "
        "randomization of dates",
        "Relief of 2025-12-13 −1.4 % NTR on day 0, Mon 2025-12-15; −3.9 to +1.1 %; run-up +1.0 %",
        "Would have been seen 3.6 % four times in five, at that week’s volatility; 2.1 % over all together",
        "Since the last run same Prices of 5 sessions added; 0 rewritten; verdicts as before.",
        "Nutrien (NTR), 2020-07-01 to 2026-01-29, no prices from 2022-05 to 2024-08; Mosaic (MOS)",
        "2026-03-19 US to delist Belaruskali: prices end 2026-01-29",
        "With firms that had news of their own: +1.5 % over 9 events (p = 0.246).",
        "Without one firm at a time: from +0.9 % (p = 0.951) without MOS",
        "2,856 other ways (windows, benchmarks, firms, models): 82 % have the expected sign, 12 % are significant at 5 %; joint "
        "p = 0.253.",
    ):  # fmt: skip
        assert expected in text, expected


def test_rows_link_to_pages_that_are_there():
    text = page(front())
    assert '<a href="event-2025-12-13-relief.html" title="Relief is announced">Relief is announced</a>' in text
    assert re.search(r'<a href="04-answer.html"[^>]*>9 events together</a>', text)
    facts = front()
    frame = Frame([], DataDescription("s", {}), {}, {"": {}})
    alone = render_front(facts, frame, Published())
    assert "event-2025-12-13-relief.html" not in alone
    assert "04-answer.html" not in alone


def test_the_page_answers_where_little_can_be_said():
    nothing = front(events=(), pool=PoolFacts("unknown", reason="There is nothing to pool."), data=data(controls=()))
    text = words(page(nothing))
    assert "<figure" not in page(nothing)
    assert "No event can be studied with these prices." in text
    assert "0 of 0 dated events studied" in text
    assert "All events together – There is nothing to pool." in text
    assert "none: returns are measured against the market alone" in text
    assert "There is no earlier run to compare with." in text
    alone = page(front(pool=pool(n_events=1)))
    assert 'class="pool"' not in alone
    assert "all together count" not in alone
    one = front(events=(event(outcome="unknown", CAR=None, lower=None, upper=None, run_up=None, detectable=None),))
    assert "Relief of 2025-12-13 – a day of a firm is missing" in words(page(one))


def test_cards_are_four_whatever_is_missing():
    for facts in (front(), front(events=()), front(pool=PoolFacts("unknown"))):
        assert len(cards(facts, Since(), "", set())) == 4


def test_what_changed_links_to_all_of_it_where_a_card_cannot_hold_it():
    assert cards(front(), Since("numbers moved", ("One.", "Two.")), "", set())[3].href == "#since"
    assert cards(front(), Since(), "", set())[3].href == ""
    as_before = Since("verdicts as before", ("Verdicts as before.", "Prices as before."))
    assert cards(front(), as_before, "", set())[3].text == "Prices as before."


def test_what_it_rests_on_names_companies():
    terms = dict(rests_on(data(remarks=("Returns are in two currencies.",))))
    assert terms["Firms"].startswith("Nutrien (NTR), 2020-07-01 to 2026-01-29, no prices from 2022-05 to 2024-08")
    assert terms["Control group"].startswith("CF Industries (CF)")
    assert terms["Normal return"] == "estimated on sessions −130 to −11 before each event. Logarithmic returns."
    assert terms["Note"] == "Returns are in two currencies."
    assert what_would_change(front()) == []


def test_text_of_users_stays_text():
    news = (OwnNews(HOSTILE, HOSTILE, True), OwnNews("NTR", HOSTILE, False))
    item = event(
        title=HOSTILE, own_news=news, firms=(HOSTILE,), controls_left_out=((HOSTILE, HOSTILE),), not_pooled=HOSTILE,
        other=OtherPortfolio((HOSTILE,), 0.1, 0.0, 0.2, "effect", 0.05),
    )  # fmt: skip
    facts = front(
        sentence=HOSTILE, qualification=HOSTILE, events=(item,),
        data=data(firms=(NTR,), remarks=(HOSTILE,)), not_studied=(NotStudied(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
    )  # fmt: skip
    text = page(facts, since=Since(HOSTILE, (HOSTILE,)))
    page_tags = Tags(text)
    assert "img" not in page_tags.tags
    assert "<script>document" not in text
    assert not [name for name in page_tags.attributes if name.startswith("on")]
    assert words(text).count("document.title=2") >= 8


def test_a_title_of_one_s_own_stands_above_the_answer():
    names = [ANSWER]
    frame = Frame(names, DataDescription("s", {}), {}, {"": {}, ANSWER.name: {}}, "Potash & <news>")
    text = render_front(front(), frame, Published())
    assert '<p class="own-title">Potash &amp; &lt;news&gt;</p>' in text
    assert '<p class="own-title">' not in page(front())


def test_only_what_notebooks_of_one_s_own_highlight_is_repeated():
    boxes = [
        {"notebook": n, "text": f"By {n} <i>", "tone": "plain", "heading": ""}
        for n in ("04-answer", "event-e", "07-mine")
    ]
    text = page(front(), published=Published(highlights=boxes))
    assert "By 07-mine &lt;i&gt;" in text
    assert "By 04-answer" not in text
    assert "By event-e" not in text


def test_the_page_has_no_inline_style():
    assert "style" not in Tags(page(front())).attributes


@pytest.mark.browser
@pytest.mark.skipif(chromium_path() is None, reason="needs Chromium")
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_first_screen_fits(tmp_path: Path, width: int, height: int):
    events = tuple(
        event(event_id=f"e{i}", title="US order exempts USMCA goods and sets 10% on other potash") for i in range(9)
    )
    facts = front(
        sentence="Neither supply news on average (+1.1 %) nor the relief of 2025-12-13 (−1.4 %) moved potash producers by more "
        "than 5 %.",
        qualification="With Mosaic (MOS), left out for its own news then, the move of 2025-12-13 is −2.6 %, an effect.",
        events=events,
    )  # fmt: skip
    file = tmp_path / "index.html"
    file.write_text(page(facts), encoding="utf-8")
    with browser() as tab:
        tab.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        tab.open(file.as_uri(), settle=0.1)

        def box(selector: str) -> tuple[float, float]:
            place = f"document.querySelector({selector!r}).getBoundingClientRect()"
            return tab.evaluate(f"{place}.top"), tab.evaluate(f"{place}.bottom")

        assert box("h1")[0] < 200
        assert box(".cards")[1] < 700
        assert box("figure.forest")[0] < 700
        assert box("table.forest tbody:last-of-type tr")[1] < height
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        rows = tab.evaluate(
            "[...document.querySelectorAll('table.forest tbody:last-of-type tr')].map(r => r.offsetHeight)"
        )
        assert max(rows) < (60 if width > 800 else 70), "two lines an event"


@pytest.mark.browser
@pytest.mark.skipif(chromium_path() is None, reason="needs Chromium")
def test_rows_sort_by_value_below_all_together_and_the_page_is_accessible(tmp_path: Path):
    events = [event(event_id=f"e{i}", CAR=move) for i, move in enumerate((0.02, None, -0.1, 0.0999))]
    file = tmp_path / "index.html"
    file.write_text(page(front(events=tuple(events))), encoding="utf-8")
    with browser() as tab:
        tab.open(file.as_uri(), settle=0.1)
        tab.evaluate("document.querySelector('th.estimate button').click()")
        cells = "[...document.querySelectorAll('table.forest td.estimate')].map(c => c.innerText.replace(/\\s/g, ' '))"
        assert tab.evaluate(cells) == ["+1.1 %", "−10.0 %", "+2.0 %", "+10.0 %", "–"]
        axe = axe_path()
        if axe is not None:
            tab.evaluate(axe.read_text(encoding="utf-8"))
            for theme in ("light", "dark"):
                tab.evaluate(f"document.documentElement.setAttribute('data-theme', {theme!r})")
                run = "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
                answer = tab.call("Runtime.evaluate", expression=run, awaitPromise=True, returnByValue=True)
                assert answer["result"]["value"] == [], theme
