"""A report is made in a folder of its own, and ``latest`` points to it only when it is whole."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from potash.errors import EventsError, InputError, OptionError, ReportError, ReportInputError, check_whole, listed
from potash.report.export.formats import check_formats, check_packages
from potash.report.making import Plan, make
from potash.report.pages.facts import DataDescription
from potash.report.pages.safety import check_inputs, check_text
from potash.report.run.execute import Progress, processes_ready
from potash.report.run.folders import (
    KEEP,
    adopt_latest,
    check_replaceable,
    name_of_run,
    put_in_place,
    read_manifest,
    remove_old,
    unchanged_run,
)
from potash.report.run.key import input_key
from potash.report.run.lock import locked
from potash.report.run.manifest import describe_inputs
from potash.report.run.notebooks import (
    STANDARD,
    Notebook,
    check_parameters,
    find_notebooks,
    fitted,
    read_notebook,
)

if TYPE_CHECKING:
    pass

Describe: TypeAlias = Callable[..., DataDescription]


@dataclass(frozen=True, slots=True)
class ReportResult:
    """Where a finished report is and what it holds.

    Attributes
    ----------
    folder, index : Path
        The report, and its first page.
    pages : tuple of Path
        The pages of the notebooks, in order.
    tables, figures : tuple of Path
        What the notebooks published.
    seconds : float
        How long it took.
    run : str
        Name of the folder that keeps the report when a newer one takes the place of ``latest``.
    unchanged : bool
        Whether nothing was made, because the newest report is of the same inputs.
    failed : tuple of str
        Pages whose notebooks failed; only with ``publish_partial``.
    """

    folder: Path
    index: Path
    pages: tuple[Path, ...]
    tables: tuple[Path, ...]
    figures: tuple[Path, ...]
    seconds: float
    run: str = ""
    unchanged: bool = False
    failed: tuple[str, ...] = ()


def build_report(
    out: str | Path = Path("reports"),
    *,
    prices: str | Path | None = None,
    events: str | Path | None = None,
    universe: str | Path | None = None,
    confounders: str | Path | None = None,
    notebooks: str | Path | Sequence[str | Path] | None = None,
    parameters: Mapping[str, object] | None = None,
    title: str | None = None,
    workers: int = 2,
    progress: Callable[[Progress], None] | None = None,
    describe: Describe = describe_inputs,
    now: dt.datetime | None = None,
    keep: int = KEEP,
    force: bool = False,
    wait: float = 0.0,
    publish_partial: bool = False,
    exports: Sequence[str] = (),
    begun: Callable[[str], None] | None = None,
) -> ReportResult:
    """Run the notebooks and put their report into a folder of its own below ``out``, to which ``out/latest`` points.

    Parameters
    ----------
    out : path
        Folder of reports. ``out/latest`` goes from one whole report to the next in one step; after a failure it is as
        it was, and ``out/failed`` holds the notebook that failed, with its traceback.
    prices : path, optional
        A folder of price files; the carried snapshot by default.
    events, universe, confounders : path, optional
        Files in place of the carried timeline, universe and other news.
    notebooks : path or sequence of paths, optional
        A folder, of which the numbered notebooks are run, or the notebooks themselves; the carried ones by default.
    parameters : mapping, optional
        Values for names that a parameters cell declares, those of :func:`potash.desk.set_up` among them; text is read in the
        type of the declared default.
    title : str, optional
        Of the report, in place of the usual one.
    workers : int
        Notebooks run at once, at least one.
    progress : callable, optional
        Called with :class:`~potash.report.run.execute.Progress`.
    describe : callable, optional
        Returns the data description from ``(prices, events, universe, confounders, as_of)``; for tests.
    now : datetime, optional
        With its zone: the time in the name of the run; by default that of the file system. Nothing in the report
        depends on it.
    keep : int
        Runs that are kept; older ones are removed, but never the one that ``latest`` points to.
    force : bool
        Whether to make the report again though all inputs are those of the newest one.
    wait : float
        Seconds to wait for another run in the same folder.
    publish_partial : bool
        Whether a report is published though notebooks failed: with their tracebacks, and a banner on every page.
    exports : sequence of str
        Other formats to write into the report's folder ``export``: ``xlsx``, ``pdf``, ``md``, ``tex``, as
        :func:`potash.report.export.formats.export_report` does.
    begun : callable, optional
        Called with the name of the run before anything runs.

    Raises
    ------
    OptionError
        If a parameter is declared nowhere or does not fit its default; nothing has been run.
    InputError
        If prices, events or universe break a rule; nothing has been run.
    NotebookError
        If a notebook fails.
    ReportLockedError
        If another run works in ``out`` for longer than ``wait``.
    ReportError
        If something is missing, or the report cannot be written.

    Examples
    --------
    The whole study for two firms is ``potash.build_report("reports", parameters={"firms": ["NTR", "MOS"]})``. One notebook
    takes less time:

    >>> import tempfile, potash
    >>> from potash.bundled import notebooks_dir
    >>> report = potash.build_report(tempfile.mkdtemp(), notebooks=notebooks_dir() / "02-prices.ipynb")
    >>> report.index.name, [page.name for page in report.pages]
    ('index.html', ['02-prices.html'])
    """
    start = time.perf_counter()
    out = Path(out)
    if workers < 1:
        raise OptionError(f"workers={workers} must be at least 1.")
    files = {
        "prices_folder": _existing(prices, "prices", folder=True),
        "events_file": _existing(events, "events"),
        "universe_file": _existing(universe, "universe"),
        "confounders_file": _existing(confounders, "confounders"),
    }
    check_whole("keep", keep, 1)
    check_replaceable(out)
    check_text(title or "", "the title")
    check_formats(exports)
    paths, settings = find_notebooks(notebooks), dict(parameters or {})
    key = input_key(files, paths, {**settings, "title": title, "exports": list(exports)})
    same = None if force else unchanged_run(out, key)
    if same is not None:
        return _result(out, same, start, unchanged=True)
    with processes_ready() as ready:
        plan = replace(_plan(paths, settings, files, describe), title=title, key=key, exports=tuple(exports))
        check_packages(exports)
        since = "" if now is None else f"{now.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
        try:
            out.mkdir(parents=True, exist_ok=True)
            with locked(out, since, wait=wait) as lock:
                # Another run may have made the same report while this one waited.
                same = None if force else unchanged_run(out, key)
                if same is not None:
                    return _result(out, same, start, unchanged=True)
                adopt_latest(lock)
                name = name_of_run(out, now or lock.taken, key)
                if begun is not None:
                    begun(name)
                lock.building.mkdir()
                failures = make(plan, lock, name, workers, progress, publish_partial, ready)
                folder = put_in_place(lock, name)
                remove_old(out, keep)
        except OSError as error:
            stands = f" {out / 'latest'} is unchanged." if (out / "latest").exists() else ""
            raise ReportError(f"{out}: cannot write there: {error}. Give another folder with --out.{stands}") from error
    if not failures:
        shutil.rmtree(out / "failed", ignore_errors=True)
    return _result(out, folder, start)


def _result(out: Path, run: Path, start: float, *, unchanged: bool = False) -> ReportResult:
    """Return what the manifest of a run says, with its files at ``latest``."""
    manifest, latest = read_manifest(run) or {}, out / "latest"
    return ReportResult(
        folder=latest,
        index=latest / "index.html",
        pages=tuple(latest / item["file"] for item in manifest["pages"]),
        tables=tuple(latest / item["file"] for item in manifest["tables"]),
        figures=tuple(latest / item["file"] for item in manifest["figures"]),
        seconds=time.perf_counter() - start,
        run=run.name,
        unchanged=unchanged,
        failed=tuple(manifest.get("failed", ())),
    )


def _shown(path: Path) -> str:
    """Return a file or folder as the report names it: a frozen snapshot by its name, which is the same on any machine."""
    frozen = path.is_dir() and (path / "manifest.json").is_file()
    return f"snapshot {path.name}" if frozen else str(path)


def _existing(path: str | Path | None, option: str, *, folder: bool = False) -> Path | None:
    if path is None:
        return None
    file = Path(path)
    if folder and not file.is_dir():
        what = "is a file, and a folder of CSV or Parquet files is needed" if file.exists() else "does not exist"
        raise ReportInputError(
            f"{option}={str(path)!r}: {what}. Give a folder, or leave it out for the carried prices."
        )
    if not folder and not file.is_file():
        what = "is a folder, and a file is needed" if file.exists() else "does not exist"
        raise ReportInputError(f"{option}={str(path)!r}: {what}. Give a CSV file, or leave it out for the carried one.")
    return file


def _plan(
    paths: Sequence[Path], parameters: dict[str, object], files: Mapping[str, Path | None], describe: Describe
) -> Plan:
    notebooks = tuple(read_notebook(path) for path in paths)
    check_parameters(notebooks, parameters)
    _check_texts(parameters, files)
    if files["events_file"] is not None:
        from potash.news.timeline import load_timeline

        timeline = load_timeline(files["events_file"])
        if all(timeline.announcement(event) is None for event in timeline.headline()):
            raise EventsError(
                f"{files['events_file']}: none of {len(timeline.events)} events has relevance headline or market and a day on "
                "which it became known, so there is nothing to study. Give one a date (YYYY-MM-DD) and that relevance."
            )
    inputs = describe(*(files[name] for name in STANDARD if name in files), parameters.get("as_of"))
    for name in parameters:
        default = next(notebook.declared[name] for notebook in notebooks if name in notebook.declared)
        parameters[name] = fitted(name, parameters[name], default)
    replaced = {name: path for name, path in files.items() if path is not None}
    # The kernels work in the report's folder: it is "." there, whatever it is called while it is made.
    values: dict[str, object] = {**parameters, "out_folder": "."}
    values.update({name: str(path.resolve()) for name, path in replaced.items()})
    values.update(_checked_question(notebooks, values))
    return Plan(notebooks, {**parameters, **{name: _shown(path) for name, path in replaced.items()}}, values, inputs)


def _check_texts(parameters: Mapping[str, object], files: Mapping[str, Path | None]) -> None:
    """Raise :class:`InputError` for a text that no page could show: in a parameter, a table, the name of a price file."""
    for name, value in parameters.items():
        for text in value if isinstance(value, list | tuple) else [value]:
            check_text(str(text), f"parameter {name}")
    check_inputs([path for path in files.values() if path is not None])


def _checked_question(notebooks: Sequence[Notebook], values: Mapping[str, object]) -> dict[str, object]:
    """Raise if the question that the notebooks ask cannot be answered; return the firms that it leaves out, where not usual.

    Names of own notebooks that mean something else are theirs: only notebooks that declare ``left_out`` ask the question.
    """
    usual = next((notebook.declared["left_out"] for notebook in notebooks if "left_out" in notebook.declared), None)
    if not isinstance(usual, list | tuple):
        return {}
    from potash.report.desk.setting import setting_of
    from potash.report.question.answer import check_left_out
    from potash.report.question.names import MEANINGS, choices_of

    choices = choices_of(values)
    setting = setting_of(choices)
    if any(values.get(name) is not None for name in MEANINGS if name not in STANDARD):
        _ = setting.newest  # raises where nothing of what was chosen can be studied
    if values.get("left_out") is not None:
        check_left_out(setting)
    if values.get("event") is not None and values["event"] not in setting.newest:
        raise InputError(
            f"event={values['event']!r} is none of the events that can be studied. These can, the newest first: "
            f"{listed(setting.newest, 40)}."
        )
    return {} if list(choices.left_out) == list(usual) else {"left_out": list(choices.left_out)}
