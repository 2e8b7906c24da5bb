"""The answer to one question: the verdict on an event and the tables behind it, for a terminal, a file or a page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from potash.errors import InputError, listed
from potash.report import desk
from potash.report.desk.choices import Choices
from potash.report.desk.setting import Setting
from potash.report.desk.verdict_tables import VerdictBox
from potash.report.pages.tables import ShownTable, csv_text
from potash.report.question.events import setting_around
from potash.study.answer.verdicts import Verdicts


@dataclass(frozen=True, eq=False)
class Answer:
    """What the desk says of one event.

    Attributes
    ----------
    setting : Setting
        With the verdict on this event alone.
    event_id, title, dates : str
    box : VerdictBox
    tables : dict of ShownTable
        By name: ``parts``, ``windows``, ``firms``, ``tests``, and ``news`` where there is some.
    """

    setting: Setting
    event_id: str
    title: str
    dates: str
    box: VerdictBox
    tables: dict[str, ShownTable]

    @property
    def details(self) -> tuple[str, ...]:
        """What qualifies the sentence, and what stands behind it, a sentence or two each."""
        return (*self.box.details, *self.setting.verdict(self.event_id).details())

    @property
    def question(self) -> list[tuple[str, str]]:
        """What was asked, in words, defaults filled in: pairs of name and value."""
        setting, verdict = self.setting, self.setting.verdict(self.event_id)
        controls = ", ".join(setting.controls_of(self.event_id)) or "none"
        firms = ", ".join(setting.firms)
        prices = setting.prices
        return [
            ("firms", firms + (f"; also without {', '.join(setting.left_out)}" if setting.part is not None else "")),
            ("market", setting.market),
            ("controls", controls),
            ("window of the verdict", str(verdict.window)),
            (
                "estimation",
                f"sessions {setting.estimation_window[0]} to {setting.estimation_window[1]}".replace("-", "−"),
            ),
            ("returns", setting.returns_kind),
            (
                "prices",
                f"{prices.attrs.get('snapshot', 'own')}, {prices.index[0]:%Y-%m-%d} to {prices.index[-1]:%Y-%m-%d}",
            ),
        ]

    def record(self) -> dict[str, Any]:
        """Return the answer as plain values for JSON: returns as fractions at full precision, None for what is missing."""
        setting, verdict = self.setting, self.setting.verdict(self.event_id)
        other = setting.other_verdict(self.event_id)
        choices = asdict(setting.choices)
        resolved = {
            "firms": setting.firms, "market": setting.market, "controls": setting.controls, "window": _offsets(verdict.window),
        }  # fmt: skip
        return {
            "event": {
                "event_id": self.event_id, "title": self.title, "day_zero": f"{setting.day_zero(self.event_id):%Y-%m-%d}",
                "date": str(setting.timeline.events.at[self.event_id, "date"]),
            },
            "question": _plain({**choices, **resolved, "events": [self.event_id]}),
            "prices": str(setting.prices.attrs.get("snapshot", "")),
            "sentence": self.box.text,
            "verdict": _verdict(verdict),
            "other_portfolio": None if other is None else _verdict(other),
            "tables": {name: _plain(table.frame.to_dict("records")) for name, table in self.tables.items()},
        }  # fmt: skip

    def write_tables(self, folder: str | Path) -> list[Path]:
        """Write one CSV file a table, at full precision, and return their paths."""
        place = Path(folder)
        try:
            place.mkdir(parents=True, exist_ok=True)
            paths = []
            for name, table in self.tables.items():
                paths.append(place / f"{name}.csv")
                paths[-1].write_text(csv_text(table.frame, index=False), encoding="utf-8", newline="\n")
        except OSError as error:
            raise InputError(
                f"{place}: tables cannot be written there: {error.strerror}. Give another --csv."
            ) from error
        return paths


def check_left_out(setting: Setting) -> None:
    """Raise :class:`InputError` where leaving firms out would change nothing, or leave nobody."""
    named, firms = setting.choices.left_out, setting.firms
    strangers = [ticker for ticker in named if ticker not in firms]
    if strangers:
        raise InputError(
            f"left_out: {listed(strangers)} is none of the firms studied ({listed(firms, 20)}), so leaving it out "
            "changes nothing. Name one of them."
        )
    if set(firms) <= set(named):
        raise InputError(f"left_out: {listed(named, 20)} are all firms studied, so nobody would be left. Name fewer.")


def answer_of(event: str, choices: Choices, *, named_left_out: bool = False) -> Answer:
    """Return the verdict on one event with its tables.

    Parameters
    ----------
    event : str
        As in :func:`potash.report.question.events.setting_around`.
    choices : Choices
    named_left_out : bool
        Whether the firms left out were named, so that one that is not studied is an error.

    Raises
    ------
    InputError
        If something chosen is not there, or the event cannot be studied.
    """
    setting, event_id = setting_around(event, choices)
    if named_left_out:
        check_left_out(setting)
    setting = setting.of_event(event_id)
    tables = {
        "parts": desk.decomposition_table(setting, event_id),
        "windows": desk.window_table(setting, event_id),
        "firms": desk.firm_table(setting, event_id),
        "tests": desk.significance_table(setting, event_id),
    }
    news = desk.news_table(setting, event_id)
    if news is not None:
        tables["news"] = news
    return Answer(
        setting, event_id, desk.event_title(setting, event_id), desk.event_dates(setting, event_id),
        desk.verdict_box(setting, event_id), tables,
    )  # fmt: skip


def _verdict(verdict: Any) -> dict[str, Any]:
    row: dict[str, Any] = Verdicts([verdict]).frame.iloc[0].to_dict()
    row |= {"firms": list(verdict.tickers), "controls": list(verdict.controls), "window": _offsets(verdict.window)}
    return {name: _plain(value) for name, value in row.items()}


def _offsets(window: Any) -> list[int]:
    return [window.start, window.end]


def _plain(value: Any) -> Any:
    """Return a value that JSON has: lists for tuples, ISO dates, None for what is missing."""
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if pd.isna(value):
        return None
    number = value.item() if hasattr(value, "item") else value
    return None if isinstance(number, float) and not math.isfinite(number) else number
