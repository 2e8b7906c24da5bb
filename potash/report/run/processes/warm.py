"""What all notebooks of a report need is imported and computed once, before any of them runs."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from typing import Any

_SHARED = ("potash.plots", "potash.report.desk", "potash.market.quality.checking", "IPython.display")


def load_packages() -> None:
    """Import what notebooks of a report import, and draw once: fonts are read then."""
    for name in _SHARED:
        import_module(name)
    from matplotlib import pyplot as plt

    plt.close(plt.subplots()[0])


def setting_of(values: Mapping[str, object]) -> Any:
    """Return the setting that a notebook with these parameters sets up; equal ones share it."""
    from potash.report import desk

    names = inspect.signature(desk.set_up).parameters
    return desk.set_up(**{name: value for name, value in values.items() if name in names})  # type: ignore[arg-type]


def compute_events(values: Mapping[str, object]) -> None:
    """Compute what the pages of events share; what raises does so again in the notebook."""
    with suppress(Exception):
        _compute(setting_of(values))


@lru_cache(maxsize=8)
def _compute(setting: Any) -> None:
    """Compute verdicts, and the studies behind their parts and without one firm."""
    from potash.report import desk

    for event_id in setting.newest:
        desk.decomposition_table(setting, event_id)
        desk.robustness_table(setting, event_id)


def compute_pool(values: Mapping[str, object]) -> None:
    """Compute what all events say together, and the newest one in other ways; what raises does so again in the notebook."""
    from potash.report import desk

    with suppress(Exception):
        setting = setting_of(values)
        desk.pool_of(setting)
        desk.curve_of(setting, setting.newest[0])


def events_of(values: Mapping[str, object]) -> list[str] | None:
    """Return the ids of the events that a notebook can be about, the newest first; None where the set-up raises."""
    from potash.errors import NoUsableEventsError

    try:
        return [str(event_id) for event_id in setting_of(values).newest]
    except NoUsableEventsError:
        return []
    except Exception:  # noqa: BLE001 - the notebook raises it again, with its traceback, where a reader sees it
        return None
