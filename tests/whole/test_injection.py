"""Text of others through every input of a report, in a browser: nothing runs, nothing is asked for, the text is shown."""

from __future__ import annotations

import re
from itertools import cycle
from pathlib import Path

import pandas as pd
import pytest

from potash.bundled import data_dir, notebooks_dir
from potash.errors import InputError
from potash.report.job import ReportResult, build_report
from potash.report.pages.facts import DataDescription
from tests.report.made_up import write_notebook
from tests.support.browser import browser, chromium_path
from tests.support.injections import INJECTIONS
from tests.support.pages import dangers

needs_chromium = pytest.mark.skipif(chromium_path() is None, reason="Chromium is not installed")

TITLE = INJECTIONS[7]
# What potash writes for a notebook: every text has to be on the page as it came.
PUBLISHED = [
    f"# A title {INJECTIONS[0]} of a notebook\n\nSummary {INJECTIONS[10]}.",
    f"out_folder = None\nnote = {INJECTIONS[13]!r}",
    "import pandas as pd\nfrom matplotlib import pyplot as plt\nfrom potash.report import Publisher\n"
    "from tests.support.injections import INJECTIONS\npublish = Publisher(out_folder)",
    'frame = pd.DataFrame({"ticker": INJECTIONS, "security": INJECTIONS[::-1], "note": note}, index=list(INJECTIONS))\n'
    'frame.index.name = INJECTIONS[3]\nframe[INJECTIONS[4]] = 1.5\npublish.table(frame, "t", INJECTIONS[5], note=INJECTIONS[6])',
    "for text in INJECTIONS:\n    publish.text(text)",
    'publish.highlight(INJECTIONS[1], "effect", INJECTIONS[2], INJECTIONS[:9])\npublish.highlight(INJECTIONS[9], "none")',
    "for number, text in enumerate(INJECTIONS[:8]):\n    fig, ax = plt.subplots(figsize=(2, 1))\n"
    '    ax.plot([0, 1], label=text.replace("$", ""))\n    ax.set_title(text.replace("$", ""))\n'
    '    publish.figure(fig, f"f-{number}", text, text)',
    'fig, ax = plt.subplots(figsize=(2, 1))\npublish.figure(fig, "formula", INJECTIONS[47], INJECTIONS[47])',
    "publish.title(INJECTIONS[7])",
]
# What notebooks show otherwise: HTML of theirs loses what is not on the list.
SHOWN = [
    f"# {INJECTIONS[47]}\n\n" + "\n\n".join(INJECTIONS),
    "out_folder = None",
    "import sys\nimport pandas as pd\nfrom IPython.display import HTML, Markdown, SVG, display\n"
    "from tests.support.injections import INJECTIONS",
    "for text in INJECTIONS:\n    display(HTML(text), Markdown(text), Markdown(f'# {text}'))\n    print(text)\n"
    "    print(text, file=sys.stderr)",
    'pd.DataFrame({"x": INJECTIONS})',
    "INJECTIONS",
]
EVENT = [
    "# One event",
    "out_folder = None",
    *PUBLISHED[2:3],
    "publish.title(INJECTIONS[8])",
    "publish.text(INJECTIONS[9])",
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> ReportResult:
    folder = tmp_path_factory.mktemp("injected")
    for name, cells in (("01-published", PUBLISHED), ("02-shown", SHOWN), ("event-a", EVENT)):
        write_notebook(folder / "notebooks" / f"{name}.ipynb", cells)
    files = {f"prices/{text}.csv": "ab" * 32 for text in INJECTIONS}
    notebooks = [folder / "notebooks" / f"{name}.ipynb" for name in ("event-a", "01-published", "02-shown")]
    return build_report(
        folder / "reports", notebooks=notebooks,
        parameters={"note": INJECTIONS[14]}, title=TITLE, describe=lambda *_: DataDescription(INJECTIONS[12], files),
    )  # fmt: skip


def test_there_are_fifty_texts() -> None:
    assert len(set(INJECTIONS)) == 50


def test_no_page_has_anything_that_runs_or_loads(report: ReportResult) -> None:
    for path in (report.index, *report.pages):
        assert dangers(path.read_text(encoding="utf-8")) == []


@needs_chromium
@pytest.mark.browser
def test_nothing_runs_nothing_is_asked_for_and_the_text_is_shown(report: ReportResult) -> None:
    with browser() as page:
        for path in (report.index, *report.pages):
            assert page.requests(path.resolve().as_uri()) == []
            assert page.messages() == []
            assert page.evaluate("window.hit") is None
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            text = squeezed(page.text())
            # All of them among the file names of the footer; the published page has them in its own content, too.
            missing = [given for given in INJECTIONS if squeezed(given) not in text]
            assert missing == []
            if path.name == "01-published.html":
                content = squeezed(page.evaluate("document.querySelector('main').innerText"))
                assert [given for given in INJECTIONS if content.count(squeezed(given)) < 3] == []
                assert page.evaluate("document.querySelector('h1').textContent") == TITLE
            if path.name == "02-shown.html":
                content = squeezed(page.evaluate("document.querySelector('main').innerText"))
                assert [given for given in INJECTIONS if content.count(squeezed(given)) < 2] == []
            assert TITLE in page.evaluate("document.title")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> ReportResult:
    """The carried notebooks over a timeline, its evidence, other news and a universe whose texts are hostile."""
    folder = tmp_path_factory.mktemp("study")
    texts = cycle(INJECTIONS)
    for name, columns in HOSTILE.items():
        frame = pd.read_csv(data_dir() / name, dtype=str, keep_default_na=False)
        for column in columns:
            frame[column] = [next(texts) if value or column == "note" else value for value in frame[column]]
        frame.to_csv(folder / name, index=False)
    return build_report(
        folder / "reports", events=folder / "events.csv", universe=folder / "universe.csv",
        confounders=folder / "confounders.csv", parameters={"event": EVENT_ID}, title=TITLE,
        notebooks=[notebooks_dir() / f"{name}.ipynb" for name in ("01-timeline", "02-prices", "03-event-study")],
    )  # fmt: skip


EVENT_ID = "2025-12-13-us-lifts-potash"
HOSTILE = {
    "events.csv": ("title", "note", "scope"),
    "evidence.csv": ("publisher", "value"),
    "confounders.csv": ("title", "note"),
    "universe.csv": ("name", "note", "issuer"),
}


@needs_chromium
@pytest.mark.browser
@pytest.mark.slow
def test_a_study_of_hostile_texts_shows_them(study: ReportResult) -> None:
    titles = pd.read_csv(study.folder.parent.parent / "events.csv", keep_default_na=False).set_index("event_id")[
        "title"
    ]
    with browser() as page:
        for path in (study.index, *study.pages):
            assert dangers(path.read_text(encoding="utf-8")) == []
            assert page.requests(path.resolve().as_uri()) == []
            assert page.messages() == []
            assert page.evaluate("window.hit") is None
            assert squeezed(titles[EVENT_ID]) in squeezed(page.evaluate("document.body.textContent")), path.name


def squeezed(text: str) -> str:
    """Return the text without what a page may break or join: white space and the marks of bold."""
    return re.sub(r"[\s\u00a0]+", "", text)


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"title": "A\u202etitle"}, "title"),
        ({"parameters": {"note": "a\x07b"}}, "note"),
        ({"parameters": {"note": "a" * 6000}}, "note"),
    ],
)
def test_text_that_cannot_be_shown_is_refused_before_anything_runs(
    tmp_path: Path, options: dict[str, object], where: str
) -> None:
    write_notebook(tmp_path / "01-a.ipynb", PUBLISHED[:2])
    with pytest.raises(InputError, match=where):
        build_report(tmp_path / "out", notebooks=tmp_path, describe=lambda *_: DataDescription("s", {}), **options)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_files_with_text_that_cannot_be_shown_are_refused_before_anything_runs(tmp_path: Path) -> None:
    write_notebook(tmp_path / "01-a.ipynb", PUBLISHED[:2])
    universe = tmp_path / "own.csv"
    universe.write_text("ticker,name\nNTR,Nu\u202etrien\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.csv, row 2, column name"):
        build_report(
            tmp_path / "out", notebooks=tmp_path, universe=universe, describe=lambda *_: DataDescription("s", {})
        )
    assert not (tmp_path / "out").exists()
