"""A question asked with the mouse: event, firms, benchmark, controls and window, with verdict, path and table at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from potash.errors import InputError, NoUsableEventsError, PotashError
from potash.report.desk.choices import Choices
from potash.report.desk.event.answer import verdict_box
from potash.report.desk.event.firms import firm_table
from potash.report.desk.event_figures import path_figure
from potash.report.desk.setting import Setting, setting_of
from potash.report.desk.verdict_tables import VerdictBox
from potash.report.pages.figures import draw
from potash.report.pages.publish import Publisher, ShownFigure, figure_html, highlight_html
from potash.report.pages.tables import ShownTable, html_table
from potash.sessions import Window

if TYPE_CHECKING:
    from ipywidgets import VBox

# The windows that a person can choose, where the event window holds them; the first is fixed before any look at the data.
WINDOWS: tuple[tuple[str, tuple[int, int] | None], ...] = (
    ("fixed in advance", None),
    ("day 0", (0, 0)),
    ("\u22121 to +1", (-1, 1)),
    ("0 to +1", (0, 1)),
    ("0 to +2", (0, 2)),
    ("0 to +5", (0, 5)),
    ("0 to +10", (0, 10)),
    ("run-up, \u22125 to \u22121", (-5, -1)),
)

WIDTH = "6.5em"


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The answer to one question: the event's title, the verdict, the path of the firms, and the firms one by one."""

    title: str
    verdict: VerdictBox
    path: ShownFigure
    firms: ShownTable


def view_of(choices: Choices, event_id: str) -> View:
    """Return the answer to a question about one event.

    Parameters
    ----------
    choices : Choices
        Whose ``events`` make no difference.
    event_id : str

    Raises
    ------
    InputError, WindowError
        If choices exclude one another; the message says which and what to change.
    NoUsableEventsError
        If the event cannot be studied with these choices, with the reason.
    """
    setting = setting_of(replace(choices, events=(event_id,)))
    if event_id in setting.not_studied:
        raise NoUsableEventsError(f"{setting.title(event_id)} cannot be studied: {setting.not_studied[event_id]}.")
    title, verdict = setting.title(event_id), verdict_box(setting, event_id)
    return View(title, verdict, path_figure(setting, event_id), firm_table(setting, event_id))


class Explorer:
    """Widgets that ask a question, and show its answer each time one of them changes.

    Made by :func:`explore`. A notebook shows it by its name in the last line of a cell.

    Attributes
    ----------
    event, market, window : ipywidgets.Dropdown
        An id, a ticker, and the words of one of :data:`WINDOWS`.
    firms, controls : dict of str to ipywidgets.Checkbox
        By ticker.
    answer : ipywidgets.HTML
        Verdict, path and table of what is chosen; the text of the error where choices exclude one another.
    """

    def __init__(self, setting: Setting, event_id: str | None = None) -> None:
        import ipywidgets

        self._start = setting.choices
        ids = list(reversed(setting.dated)) if setting.choices.events is None else list(setting.events)
        if not ids:
            raise InputError(
                "no event of the timeline has a single day, so there is none to look at. Add one with a day."
            )
        if event_id is not None and event_id not in ids:
            ids.insert(0, event_id)
        tickers = [str(ticker) for ticker in setting.prices]
        style = {"description_width": WIDTH}
        wide = ipywidgets.Layout(width="auto", max_width="46em")
        self.event = ipywidgets.Dropdown(
            options=[(setting.title(i), i) for i in ids], value=event_id or _first(setting, ids),
            description="Event", style=style, layout=wide,
        )  # fmt: skip
        self.market = ipywidgets.Dropdown(options=tickers, value=setting.market, description="Benchmark", style=style)
        span = Window.of(setting.event_window)
        self._windows = {words: pair for words, pair in WINDOWS if pair is None or Window.of(pair) in span}
        chosen = next((words for words, pair in self._windows.items() if pair == setting.window), "as given")
        self._windows.setdefault(chosen, setting.window)
        self.window = ipywidgets.Dropdown(options=list(self._windows), value=chosen, description="Window", style=style)
        self.firms = _boxes(tickers, setting.firms)
        self.controls = _boxes(tickers, setting.controls)
        self.answer = ipywidgets.HTML()
        for widget in (self.event, self.market, self.window, *self.firms.values(), *self.controls.values()):
            widget.observe(self._changed, names="value")
        self._changed()

    @property
    def choices(self) -> Choices:
        """The question as the widgets stand; hand it to :func:`potash.report.desk.setting.setting_of`, or read it off."""
        firms, controls = (
            tuple(ticker for ticker, box in boxes.items() if box.value) for boxes in (self.firms, self.controls)
        )
        return Choices.of(
            **{
                **{name: getattr(self._start, name) for name in self._start.__slots__},
                "firms": firms, "controls": controls, "market": self.market.value, "window": self._windows[self.window.value],
                "left_out": [ticker for ticker in self._start.left_out if ticker in firms],
            }
        )  # fmt: skip

    def view(self) -> View:
        """Return the answer to what is chosen; see :func:`view_of` for what can be wrong with it."""
        return view_of(self.choices, self.event.value)

    def publish(self, show: Publisher) -> None:
        """Show the answer without widgets, as a page can: verdict, path and table."""
        try:
            view = self.view()
        except PotashError as error:
            show.text(str(error))
            return
        show.text("\n\n".join([f"**{view.title}**", view.verdict.text, view.verdict.heading, *view.verdict.details]))
        show.figure(view.path, "explore-path")
        show.table(view.firms, "explore-firms", "The firms one by one")

    def panel(self) -> VBox:
        """Return the widgets in the order in which a question is put, above the answer."""
        import ipywidgets

        return ipywidgets.VBox(
            [
                self.event,
                ipywidgets.HBox([self.market, self.window]),
                _row("Firms", self.firms.values()),
                _row("Controls", self.controls.values()),
                self.answer,
            ]
        )

    def _changed(self, _: object = None) -> None:
        self.answer.value = _answered(self.view)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        # A front end asks for it each time the object is shown: all panels are views of the same widgets.
        return self.panel()._repr_mimebundle_(**options)

    def __repr__(self) -> str:
        return f"<Explorer: {self.event.value}, {', '.join(t for t, box in self.firms.items() if box.value)}>"


def explore(
    prices_folder: str | None = None,
    events_file: str | None = None,
    universe_file: str | None = None,
    *,
    event: str | None = None,
    **choices: Any,
) -> Explorer:
    """Return widgets for event, firms, benchmark, controls and window; each change shows the new answer at once.

    Parameters
    ----------
    prices_folder, events_file, universe_file : path, optional
        As for :func:`potash.desk.set_up`.
    event : str, optional
        Id of the event to begin with; by default the newest that has prices.
    **choices
        The other choices of :func:`potash.desk.set_up`, with which the widgets begin.

    Raises
    ------
    InputError, WindowError
        If what to begin with excludes itself.

    Examples
    --------
    >>> import potash
    >>> explorer = potash.explore(firms=["NTR", "ICL"])
    >>> explorer.view().verdict.tone
    'none'
    >>> explorer.firms["MOS"].value = True
    >>> "NTR, MOS and ICL returned" in explorer.answer.value
    True
    """
    return Explorer(
        setting_of(
            Choices.of(prices_folder=prices_folder, events_file=events_file, universe_file=universe_file, **choices)
        ),
        event,
    )


def _first(setting: Setting, ids: Sequence[str]) -> str:
    """Return the newest event that can be studied, or the newest of all."""
    return next((event_id for event_id in ids if event_id not in setting.not_studied), ids[0])


def _boxes(tickers: Sequence[str], chosen: Sequence[str]) -> dict[str, Any]:
    import ipywidgets

    layout = ipywidgets.Layout(width="6em")
    return {
        ticker: ipywidgets.Checkbox(value=ticker in chosen, description=ticker, indent=False, layout=layout)
        for ticker in tickers
    }


def _row(words: str, boxes: Any) -> Any:
    import ipywidgets

    label = ipywidgets.Label(words, layout=ipywidgets.Layout(width=WIDTH, display="flex", justify_content="flex-end"))
    return ipywidgets.HBox([label, *boxes], layout=ipywidgets.Layout(flex_flow="row wrap"))


def _answered(ask: Callable[[], View]) -> str:
    """Return the answer as HTML, or what is wrong with the question."""
    try:
        view = ask()
    except PotashError as error:
        return highlight_html(str(error), "warning")
    except Exception as error:  # noqa: BLE001 - a widget has no other place to say it
        return highlight_html(f"{type(error).__name__}: {error}", "warning")
    from matplotlib import pyplot as plt

    path, box = view.path, view.verdict
    svg = draw(path.figure, "explore-path", path.title, path.alt, png=False).inline
    plt.close(path.figure)
    return (
        highlight_html(box.text, box.tone, view.title, [*filter(None, [box.heading]), *box.details])
        + figure_html(svg, "explore-path", path.title)
        + html_table(view.firms.shown, "The firms one by one", note=view.firms.note, index=False)
    )
