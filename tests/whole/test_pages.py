"""Pages as people use them: sorting, copying, downloading and themes by clicking, by keyboard, and to axe-core's rules."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from potash.report.job import ReportResult
from tests.report.made_up import report, write_notebook
from tests.support.browser import Browser, browser, chromium_path
from tests.support.pages import axe_path, violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium_path() is None, reason="Chromium is not installed"),
]

CELLS = [
    "# A page\n\nWhat it is about.\n\n## One\n\n<details><summary>more</summary>text</details>\n\n## Two\n\n## Three",
    "out_folder = None",
    "import numpy as np, pandas as pd\nfrom matplotlib import pyplot as plt\nfrom potash.report import Publisher\n"
    "from potash.report.pages.tables import ShownTable\npublish = Publisher(out_folder)",
    'frame = pd.DataFrame({"firm": ["b", "C", "a", "d"], "effect": [-0.014, 0.2, np.nan, 0.03], "day": '
    'pd.to_datetime(["2025-12-13", "2021-06-24", "2022-03-02", None])})\n'
    'shown = pd.DataFrame({"firm": frame.firm, "effect": ["\u22121.4\u00a0%", "+20.0\u00a0%", None, "+3.0\u00a0%"],\n'
    '    "p": ["0.014", "<0.001", "0.5", ""], "day": frame.day, "note": ["=1+1", "-1+x", "x,y", \'say "so"\']})\n'
    'publish.table(ShownTable(frame, shown, "A note.", "effects", "Effects of all firms"))',
    'publish.table(pd.DataFrame({f"column {i}": range(40) for i in range(12)}), "wide", "Long and wide")',
    'pd.DataFrame({"plain": [3, 1, 2]})',
    'fig, ax = plt.subplots(figsize=(4, 2))\nax.plot([1, 2])\npublish.figure(fig, "line", "A line", "A line that rises")',
    'publish.highlight("They moved by +2 %", "effect", details=["a", "b"])\nprint("text")\n1/3',
]
HEAD = "table[data-name=effects] thead th"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> ReportResult:
    folder = tmp_path_factory.mktemp("pages")
    for name in ("01-page", "event-2025-a", "event-2024-b"):
        write_notebook(folder / "notebooks" / f"{name}.ipynb", CELLS if name == "01-page" else ["# An event", "1"])
    return report(
        folder / "reports", [folder / "notebooks" / f"{n}.ipynb" for n in ("event-2025-a", "event-2024-b", "01-page")]
    )  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as page:
        page.show_as()
        yield page


@pytest.fixture
def page(chromium: Browser, made: ReportResult) -> Browser:
    chromium.show_as()
    chromium.open((made.folder / "01-page.html").resolve().as_uri(), settle=0.2)
    return chromium


def column(page: Browser, name: str, number: int) -> list[str]:
    rows = f"[...document.querySelectorAll('table[data-name={name}] tbody tr')]"
    return list(page.evaluate(f"{rows}.map(r => r.cells[{number}].innerText.trim())"))


@pytest.mark.parametrize(
    ("number", "up"),
    [
        (0, ["a", "b", "C", "d"]),
        (1, ["\u22121.4\u00a0%", "+3.0\u00a0%", "+20.0\u00a0%", "–"]),
        (2, ["<0.001", "0.014", "0.5", ""]),
        (3, ["2021-06-24", "2022-03-02", "2025-12-13", "–"]),
    ],
)
def test_a_click_sorts_up_a_second_down_and_a_third_restores(page: Browser, number: int, up: list[str]) -> None:
    before = column(page, "effects", number)

    def shown() -> list[str]:
        return [text.split("\n")[0] for text in column(page, "effects", number)]

    states = []
    for _ in range(3):
        page.click(f"{HEAD} .sort", number)
        head = page.evaluate(f"document.querySelectorAll('{HEAD}')[{number}].getAttribute('aria-sort')")
        states.append((head, shown()))
    # What is missing stays last, whichever way.
    present = [text for text in up if text not in ("–", "")]
    down = [*reversed(present), *[text for text in up if text in ("–", "")]]
    assert states[0] == ("ascending", up)
    assert states[1] == ("descending", down)
    assert states[2][0] == "none"
    assert column(page, "effects", number) == before


def test_the_keyboard_sorts_and_one_column_at_a_time_says_so(page: Browser) -> None:
    page.evaluate(f"document.querySelectorAll('{HEAD} .sort')[0].focus()")
    page.press("Enter", 13, "\r")
    assert column(page, "effects", 0) == ["a", "b", "C", "d"]
    page.click(f"{HEAD} .sort", 3)
    states = page.evaluate(f"[...document.querySelectorAll('{HEAD}')].map(h => h.getAttribute('aria-sort'))")
    assert states == ["none", "none", "none", "ascending", "none"]


def test_a_plain_frame_sorts_too(page: Browser) -> None:
    page.click("table.dataframe .sort", 0)
    assert page.evaluate(
        "[...document.querySelectorAll('table.dataframe tbody tr')].map(r => r.cells[1].innerText)"
    ) == ["1", "2", "3"]


COPIED = (
    "firm\teffect\tp\tday\tnote\nb\t-1.4%\t0.014\t2025-12-13\t'=1+1\nC\t+20.0%\t<0.001\t2021-06-24\t'-1+x\n"
    'a\t\t0.5\t2022-03-02\tx,y\nd\t+3.0%\t\t\tsay "so"'
)


@pytest.mark.parametrize("clipboard", [True, False])
def test_copying_gives_numbers_that_a_spreadsheet_reads_and_no_formula(page: Browser, clipboard: bool) -> None:
    page.evaluate("window.copied = null")
    if clipboard:
        page.evaluate(
            "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async t => { window.copied = t; }}})"
        )
    else:
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        page.evaluate("document.addEventListener('copy', () => { window.copied = document.activeElement.value; })")
    page.click("figure.table .tools button", 0)
    time.sleep(0.2)
    assert page.evaluate("window.copied") == COPIED
    assert page.evaluate("document.querySelector('figure.table .tools [role=status]').textContent") == "5 rows copied"


def test_a_page_that_travels_alone_saves_what_it_shows(page: Browser, tmp_path: Path) -> None:
    page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.click("figure.table .tools button", 1)
    path = waited_for(tmp_path / "effects.csv")
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "firm,effect,p,day,note"
    assert lines[3] == 'a,,0.5,2022-03-02,"x,y"'
    assert lines[4] == 'd,+3.0%,,,"say ""so"""'


def test_the_file_with_all_digits_lies_beside_the_page(page: Browser, made: ReportResult, tmp_path: Path) -> None:
    link = page.evaluate("document.querySelector('figure.table .tools a').getAttribute('href')")
    assert (made.folder / link).read_text().splitlines()[0] == "firm,effect,day"
    page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.click("figure.table .tools a", 0)
    assert waited_for(tmp_path / "effects.csv").read_text().splitlines()[1] == "b,-0.014,2025-12-13"


def waited_for(path: Path) -> Path:
    deadline = time.monotonic() + 10
    while not path.is_file() and time.monotonic() < deadline:
        time.sleep(0.05)
    return path


def background(page: Browser) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


LIGHT, DARK = "rgb(251, 250, 247)", "rgb(20, 22, 26)"


def test_the_theme_follows_the_system_until_a_reader_chooses_and_is_remembered(
    page: Browser, made: ReportResult
) -> None:
    page.evaluate("localStorage.clear()")
    page.call("Page.reload")
    time.sleep(0.5)
    page.show_as(scheme="dark")
    assert background(page) == DARK
    page.show_as(scheme="light")
    assert background(page) == LIGHT
    seen = []
    for _ in range(3):
        page.click("[data-theme-button]")
        seen.append((page.evaluate("document.querySelector('[data-theme-button]').innerText"), background(page)))
    assert seen == [("Theme: light", LIGHT), ("Theme: dark", DARK), ("Theme: auto", LIGHT)]
    page.click("[data-theme-button]")
    page.click("[data-theme-button]")
    page.open((made.folder / "event-2025-a.html").resolve().as_uri(), settle=0.2)
    assert background(page) == DARK
    page.show_as(media="print")
    assert background(page) == "rgb(255, 255, 255)"
    page.evaluate("localStorage.clear()")


def test_the_list_of_events_opens_without_a_script_and_leads_on(page: Browser) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.call("Page.reload")
        time.sleep(0.5)
        page.click(".events-button")
        assert page.evaluate("document.querySelector('#events').matches(':popover-open')")
        assert page.evaluate("[...document.querySelectorAll('#events a')].map(a => a.getAttribute('href'))") == [
            "event-2025-a.html", "event-2024-b.html",
        ]  # fmt: skip
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)


def test_the_header_stays_and_nothing_is_wider_than_a_telephone(page: Browser) -> None:
    page.show_as(390, 844)
    page.evaluate("scrollTo(0, 900)")
    assert page.evaluate("document.querySelector('header.site').getBoundingClientRect().top") == 0
    assert page.overflow(390) == 0


def test_on_paper_there_is_nothing_to_click_and_nothing_folded(page: Browser) -> None:
    page.show_as(794, 1123, media="print")
    clickable = "[...document.querySelectorAll('header.site, .tools, nav, .skip')]"
    assert page.evaluate(f"{clickable}.every(e => getComputedStyle(e).display === 'none')")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("[...document.querySelectorAll('main details')].every(d => d.open)")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not page.evaluate("document.querySelector('main details').open")
    assert page.evaluate("getComputedStyle(document.querySelector('.scroll.long')).maxHeight") == "none"


@pytest.mark.skipif(axe_path() is None, reason="axe-core is not installed")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_and_the_console_is_empty(
    chromium: Browser, made: ReportResult, scheme: str, width: int
) -> None:
    for path in (made.index, *made.pages):
        assert violations(chromium, path, width, scheme) == []
