"""What the checks of quality have in common: a finding, the table of findings, and runs of equal cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from potash._typing import Bool1D

Severity: TypeAlias = Literal["info", "warning", "error"]

COLUMNS = ["series", "kind", "severity", "start", "end", "detail", "suggestion"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a reader of a series should know.

    Attributes
    ----------
    series : str
        Ticker or commodity; several are joined with ``", "``.
    kind : str
        What kind of thing it is, in snake case.
    severity : {"info", "warning", "error"}
        ``info``: true or harmless, but bears on the reading. ``warning``: can bias a result. ``error``: wrong data.
    start, end : Timestamp
        First and last day it touches, both included.
    detail : str
        The values behind it.
    suggestion : str
        What to do about it.
    """

    series: str
    kind: str
    severity: Severity
    start: pd.Timestamp
    end: pd.Timestamp
    detail: str
    suggestion: str


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a table with the columns of :class:`Finding`, in the order given."""
    frame = pd.DataFrame([asdict(finding) for finding in findings], columns=COLUMNS)
    return frame.astype({"start": "datetime64[ns]", "end": "datetime64[ns]"})


def true_runs(flags: Bool1D) -> Iterator[tuple[int, int]]:
    """Yield the first and last position of each run of true cells."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        yield int(start), int(stop) - 1


def days(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """Return ``2025-12-26..2025-12-30``, or one date if both are the same."""
    return f"{start:%Y-%m-%d}" if start == end else f"{start:%Y-%m-%d}..{end:%Y-%m-%d}"
