"""A grid of reasonable choices, fixed in advance: models, benchmarks, controls, windows, kinds of returns, pools of firms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, get_args

import pandas as pd

from potash.errors import InputError, check_option, check_whole
from potash.sessions import Window
from potash.study.answer.all_days import covered
from potash.study.engine.windows import Windows
from potash.study.inputs import check_kind, check_returns, check_units
from potash.study.study import EventStudy

Kind = Literal["simple", "log"]
NONE = "none"
CHOICES = ("returns", "model", "benchmark", "controls", "length", "gap", "window", "pool")
MARKET, AGAINST_CONTROLS, ADJUSTED, MEAN = "market", "market + controls", "market-adjusted", "mean-adjusted"
MODELS = (MARKET, AGAINST_CONTROLS, ADJUSTED, MEAN)
LENGTHS, GAPS = (60, 120, 250), (11, 21, 31)
# Up to so many firms each also stands alone; with more a single firm says little about the event.
FEW_FIRMS = 5


@dataclass(frozen=True, slots=True)
class NormalReturn:
    """A way to say what a firm would have returned: a model, its benchmark, and the controls whose mean is a factor."""

    model: str
    benchmark: str = NONE
    controls: str = NONE
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """The choices; a specification is one of each.

    Attributes
    ----------
    kinds : tuple of str
        Kinds of returns.
    normals : tuple of NormalReturn
    lengths, gaps : tuples of int
        Sessions of the estimation window, and from its last one to day 0.
    event : Window
        Event window of the study, in which the volatility is looked at.
    windows : tuple of Window
        Windows of the CARs, inside it.
    pools : dict
        Name to the columns of the firms in it.
    """

    kinds: tuple[Kind, ...]
    normals: tuple[NormalReturn, ...]
    lengths: tuple[int, ...]
    gaps: tuple[int, ...]
    event: Window
    windows: tuple[Window, ...]
    pools: dict[str, tuple[int, ...]]

    def __len__(self) -> int:
        """Return the number of specifications."""
        blocks = len(self.kinds) * len(self.normals) * len(self.lengths) * len(self.gaps)
        return blocks * len(self.windows) * len(self.pools)

    @property
    def frame(self) -> pd.DataFrame:
        """The choices of each specification, a row each, in the columns :data:`CHOICES`."""
        rows = [
            (kind, normal.model, normal.benchmark, normal.controls, length, gap, str(window), pool)
            for kind, normal, length, gap, window, pool in product(
                self.kinds, self.normals, self.lengths, self.gaps, self.windows, self.pools
            )
        ]
        return pd.DataFrame(rows, columns=list(CHOICES))

    def estimation(self, n_factors: int) -> Iterator[Windows]:
        """Yield the windows of each length and gap; an estimation window must be four fifths full."""
        for length, gap in product(self.lengths, self.gaps):
            yield Windows.of(self.event, (-gap - length + 1, -gap), None, 1 + n_factors)

    @property
    def span(self) -> Windows:
        """The sessions that any specification needs."""
        return Windows.of(self.event, (-max(self.gaps) - max(self.lengths) + 1, -min(self.gaps)), None, 1)


def normal_returns(
    study: EventStudy, event_id: Any, benchmarks: pd.DataFrame | None, models: Sequence[str]
) -> tuple[pd.DataFrame, tuple[NormalReturn, ...]]:
    """Return benchmarks and controls as columns, and the ways to say a normal return."""
    for model in models:
        check_option("models", model, MODELS)
    markets = _benchmarks(study, benchmarks) if set(models) - {MEAN} else pd.DataFrame(index=study.returns.index)
    controls: tuple[str, ...] = ()
    pieces = {"benchmark": markets}
    if study.controls is not None:
        group = study.controls.returns.set_axis(list(study.controls.tickers), axis=1)
        day_zero = study.fit().for_event(event_id).panel.labels["session"]
        there = group.reindex(pd.DatetimeIndex(day_zero)).notna().any()
        controls = tuple(ticker for ticker in study.controls.of_event(event_id) if there[ticker])
        pieces["control"] = group
    groups: dict[str, tuple[str, ...]] = {"all": controls} if controls else {}
    if len(controls) > 1:
        groups |= {f"without {t}": tuple(o for o in controls if o != t) for t in controls}
    normals = []
    for model in dict.fromkeys(models):
        names = [NONE] if model == MEAN else list(markets.columns)
        if model == AGAINST_CONTROLS:
            normals += [NormalReturn(model, name, *group) for name in names for group in groups.items()]
        else:
            normals += [NormalReturn(MEAN) if model == MEAN else NormalReturn(model, name) for name in names]
    if not normals:
        raise InputError(
            f"models={tuple(models)!r} leaves nothing to compute: the study has no controls for this event. Hand some over "
            "with controls=, or choose another model."
        )
    return pd.concat(pieces, axis=1), tuple(normals)


def _benchmarks(study: EventStudy, benchmarks: pd.DataFrame | None) -> pd.DataFrame:
    if benchmarks is None:
        factors = study.model.factors
        if not len(factors.columns) or factors.columns.nlevels > 1:
            raise InputError(
                f"the study's model, {study.model.name}, has no market that all firms share. Hand one or several over, for "
                "example benchmarks=returns[['SPY']]."
            )
        benchmarks = factors.iloc[:, [0]]
    if not isinstance(benchmarks, pd.DataFrame) or not len(benchmarks.columns):
        raise InputError(
            f"benchmarks is a {type(benchmarks).__name__} without columns. Hand over sessions x benchmarks, for example "
            "returns[['SPY', 'XLB']]."
        )
    check_kind(benchmarks, study.returns_kind, "benchmarks")
    if study.check_units:
        check_units({"benchmarks": benchmarks, "returns": study.returns})
    checked = check_returns(benchmarks, "benchmarks")
    return checked.set_axis([str(name) for name in checked.columns], axis=1)


def chosen_grid(
    study: EventStudy, normals: tuple[NormalReturn, ...], tickers: tuple[str, ...], lengths: Sequence[int],
    gaps: Sequence[int] | None, windows: Sequence[Sequence[int]] | None, kinds: Sequence[Kind],
) -> Grid:  # fmt: skip
    """Return the grid of choices that were checked; see :func:`potash.specification_curve`."""
    event = study.windows.event
    for name, values in (("lengths", lengths), ("gaps", (1,) if gaps is None else gaps), ("returns_kinds", kinds)):
        if not len(values):
            raise InputError(f"{name}={values!r} holds none. Name at least one.")
    for value in (*lengths, *(gaps or ())):
        check_whole("lengths and gaps: one of them", value, 1)
    for kind in kinds:
        check_option("returns_kinds", kind, get_args(Kind))
    if windows is None:
        family = [window for window in covered(study).values() if window.start == 0] or [event]
    else:
        family = [Window.of(tuple(pair)) for pair in windows]
    for window in family:
        study.fit().columns(window)
    clear = gaps if gaps is not None else [gap for gap in GAPS if gap > -event.start] or [1 - event.start]
    unique = [tuple(dict.fromkeys(values)) for values in (kinds, lengths, clear, family)]
    return Grid(unique[0], normals, unique[1], unique[2], event, unique[3], _pools(tickers))  # type: ignore[arg-type]


def _pools(tickers: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    n = len(tickers)
    pools = {"all": tuple(range(n))}
    if n > 2:
        pools |= {f"without {t}": tuple(j for j in range(n) if j != i) for i, t in enumerate(tickers)}
    if 1 < n <= FEW_FIRMS:
        pools |= {f"{t} alone": (i,) for i, t in enumerate(tickers)}
    return pools
