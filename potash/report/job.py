"""A report is made in a folder of its own, and ``latest`` points to it only when it is whole."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from potash.bundled import sha256_of
from potash.errors import EventsError, NotebookError, OptionError, ReportError, ReportInputError, check_whole
from potash.report.front.task import FACTS, NAME, front_node, question_of, read_facts
from potash.report.pages.facts import DataDescription, Published, collect_published, file_facts
from potash.report.pages.publish import RECORDS
from potash.report.pages.safety import check_files, check_text
from potash.report.run.execute import NotebookFailedError, Progress, Task, processes_ready, run_notebooks
from potash.report.run.folders import (
    FORMAT,
    KEEP,
    KIND,
    adopt_latest,
    check_replaceable,
    latest_run,
    name_of_run,
    put_in_place,
    read_manifest,
    remove_old,
    unchanged_run,
)
from potash.report.run.key import input_key
from potash.report.run.lock import RunLock, locked
from potash.report.run.manifest import describe_inputs, versions, write_manifest
from potash.report.run.marks import MARKS
from potash.report.run.notebooks import (
    STANDARD,
    Notebook,
    check_parameters,
    effective_parameters,
    find_notebooks,
    fitted,
    read_notebook,
    with_parameters,
)

if TYPE_CHECKING:
    from potash.report.front.facts import Front
    from potash.report.pages.render import Frame
    from potash.report.run.processes.forked import Server

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


@dataclass(frozen=True, slots=True)
class _Plan:
    """Notebooks and inputs of a report, checked before any kernel starts: parameters as shown and as set."""

    notebooks: tuple[Notebook, ...]
    parameters: dict[str, object]
    values: dict[str, object]
    inputs: DataDescription
    title: str | None = None
    key: str = ""


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
    paths, settings = find_notebooks(notebooks), dict(parameters or {})
    key = input_key(files, paths, {**settings, "title": title})
    same = None if force else unchanged_run(out, key)
    if same is not None:
        return _result(out, same, start, unchanged=True)
    with processes_ready() as ready:
        plan = replace(_plan(paths, settings, files, describe), title=title, key=key)
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
                failures = _make(plan, lock, name, workers, progress, publish_partial, ready)
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
) -> _Plan:
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
    return _Plan(notebooks, {**parameters, **{name: _shown(path) for name, path in replaced.items()}}, values, inputs)


def _check_texts(parameters: Mapping[str, object], files: Mapping[str, Path | None]) -> None:
    """Raise :class:`InputError` for a text that no page could show: in a parameter, a table, the name of a price file."""
    for name, value in parameters.items():
        for text in value if isinstance(value, list | tuple) else [value]:
            check_text(str(text), f"parameter {name}")
    given = [path for path in files.values() if path is not None]
    check_files(path for path in given if path.is_file())
    for folder in given:
        for path in folder.iterdir() if folder.is_dir() else ():
            check_text(path.name, f"the name of a file in {folder.name}")


def _checked_question(notebooks: Sequence[Notebook], values: Mapping[str, object]) -> dict[str, object]:
    """Raise if the question that the notebooks ask cannot be answered; return the firms that it leaves out, where not usual.

    Names of own notebooks that mean something else are theirs: only notebooks that declare ``left_out`` ask the question.
    """
    usual = next((notebook.declared["left_out"] for notebook in notebooks if "left_out" in notebook.declared), None)
    if not isinstance(usual, list | tuple):
        return {}
    from potash.report.desk.setting import setting_of
    from potash.report.question.names import MEANINGS, choices_of

    choices = choices_of(values)
    setting = setting_of(choices)
    if any(values.get(name) is not None for name in MEANINGS if name not in STANDARD):
        _ = setting.newest  # raises where nothing of what was chosen can be studied
    return {} if list(choices.left_out) == list(usual) else {"left_out": list(choices.left_out)}


def _make(
    plan: _Plan,
    lock: RunLock,
    name: str,
    workers: int,
    progress: Callable[[Progress], None] | None,
    publish_partial: bool,
    ready: Server | None,
) -> dict[str, str]:
    """Fill the folder with the report; return the pages whose notebooks failed, with the reasons."""
    folder, out = lock.building, lock.folder
    tasks = [_task(notebook, plan.values) for notebook in plan.notebooks]
    question = question_of(plan.notebooks, plan.values)
    answer = [] if question is None else [Task(NAME, front_node(question), NAME, question)]
    try:
        outcome = run_notebooks(
            [*answer, *tasks],
            folder,
            workers=workers,
            progress=progress,
            keep_going=publish_partial,
            meanwhile=_load_renderer,
            ready=ready,
        )
    except NotebookFailedError as failure:
        saved = _save_failed([failure.task], out)
        raise NotebookError(
            f"{failure.task.name}.ipynb, {failure.reason.rstrip('.')}. The notebook with its traceback is {saved}"
            + (f"; {out / 'latest'} is unchanged." if (out / "latest").exists() else ".")
        ) from failure
    failures = {failure.task.name: failure.reason for failure in outcome.failures}
    if failures:
        _save_failed([failure.task for failure in outcome.failures], out)
    published = collect_published(folder, [task.name for task in outcome.tasks])
    shutil.rmtree(folder / RECORDS, ignore_errors=True)
    content = read_facts(folder, published.highlights)
    _write(folder / FACTS, json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    if plan.inputs.marks:
        _write(folder / MARKS, json.dumps(plan.inputs.marks) + "\n")
    pages = [task for task in outcome.tasks if task.name != NAME]
    _write_pages(plan, pages, folder, published, content, failures, _Place(latest_run(out), name))
    return failures


@dataclass(frozen=True, slots=True)
class _Place:
    """The report before this one, and the name that this one will have."""

    previous: Path | None
    name: str


def _task(notebook: Notebook, values: Mapping[str, object]) -> Task:
    settings = effective_parameters(notebook, values)
    stated = {name: value for name, value in settings.items() if value is not ...}
    return Task(notebook.name, with_parameters(notebook, values), notebook.name, stated)


def _load_renderer() -> None:
    """Import what makes pages, while the notebooks' processes start."""
    import nbconvert  # noqa: F401

    import potash.report.pages.render  # noqa: F401


def _write_pages(
    plan: _Plan,
    tasks: Sequence[Task],
    folder: Path,
    published: Published,
    highlights: dict[str, Any],
    failures: Mapping[str, str],
    place: _Place,
) -> None:
    from potash.report.front.facts import Front
    from potash.report.pages.partial import with_banner, with_traceback
    from potash.report.pages.render import SITE, Frame, page_of, render_index, render_page

    pages = [page_of(task.name, task.node) for task in tasks]
    parameters = {"": _as_text(plan.parameters)}
    notebooks = {notebook.name: notebook for notebook in plan.notebooks}
    for task in tasks:
        settings = {
            n: v
            for n, v in effective_parameters(notebooks[task.notebook], plan.parameters).items()
            if n not in STANDARD or n in plan.parameters
        }
        own = {"event": task.values["event"]} if "event" in settings else {}
        parameters[task.name] = _as_text(settings | own)
    frame = Frame(pages, plan.inputs, versions(), parameters, plan.title or SITE)
    (folder / "notebooks").mkdir()
    for page, task in zip(pages, tasks, strict=True):
        html = with_traceback(render_page(page, task.node, frame), task.node) if task.name in failures else ""
        _write(folder / page.file, with_banner(html or render_page(page, task.node, frame), failures))
        _write(folder / "notebooks" / f"{task.name}.ipynb", _notebook_text(task.node))
    entries = [{"title": page.title, "name": page.name, **file_facts(folder, page.file)} for page in pages]
    content: dict[str, Any] = {
        "kind": KIND,
        "format": FORMAT,
        "key": plan.key,
        "versions": dict(frame.versions),
        "parameters": {name: _jsonable(value) for name, value in plan.parameters.items()},
        "data": {"snapshot": plan.inputs.snapshot, "files": plan.inputs.files},
        "notebooks": {notebook.path.name: sha256_of(notebook.path) for notebook in plan.notebooks},
        "pages": entries,
        "tables": published.tables,
        "figures": published.figures,
        **({"failed": dict(failures)} if failures else {}),
    }
    front = Front.from_json(highlights) if "answer" in highlights else None
    index = (
        render_index(frame, published)
        if front is None
        else _front_page(front, frame, published, folder, content, place)
    )
    _write(folder / "index.html", with_banner(index, failures))
    write_manifest(folder, {**content, "index": file_facts(folder, "index.html")})


def _front_page(
    front: Front, frame: Frame, published: Published, folder: Path, manifest: Mapping[str, Any], place: _Place
) -> str:
    """Return the first page with what changed since the report before."""
    from potash.report.compare import compare_reports
    from potash.report.front.page import Since, render_front

    if place.previous is None:
        return render_front(front, frame, published)
    changes = compare_reports(place.previous, folder, manifest=manifest, name=place.name)
    return render_front(front, frame, published, Since(changes.word, changes.sentences()))


def _notebook_text(node: Any) -> str:
    import nbformat

    text: str = nbformat.writes(node, version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    return text.rstrip("\n") + "\n"


def _save_failed(tasks: Sequence[Task], out: Path) -> Path:
    """Keep the notebooks that failed and no others; return the first."""
    failed = out / "failed"
    shutil.rmtree(failed, ignore_errors=True)
    failed.mkdir(exist_ok=True)
    for task in tasks:
        _write(failed / f"{task.name}.ipynb", _notebook_text(task.node))
    return failed / f"{tasks[0].name}.ipynb"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _as_text(values: Mapping[str, object]) -> dict[str, str]:
    return {name: "computed" if value is ... else repr(value) for name, value in values.items()}


def _jsonable(value: object) -> object:
    return value if isinstance(value, (str, int, float, bool, list, dict)) or value is None else repr(value)
