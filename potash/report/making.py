"""The folder of a report is filled: notebooks run, their pages, the first page, other formats, and the manifest."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from potash.bundled import sha256_of
from potash.errors import NotebookError
from potash.report.export.formats import EXPORTS, export_report
from potash.report.front.task import FACTS, NAME, front_node, question_of, read_facts
from potash.report.pages.facts import DataDescription, Published, collect_published, file_facts
from potash.report.pages.publish import RECORDS
from potash.report.run.execute import NotebookFailedError, Progress, Task, run_notebooks
from potash.report.run.folders import FORMAT, KIND, latest_run
from potash.report.run.lock import RunLock
from potash.report.run.manifest import versions, write_manifest
from potash.report.run.marks import MARKS
from potash.report.run.notebooks import STANDARD, Notebook, effective_parameters, with_parameters

if TYPE_CHECKING:
    from potash.report.front.facts import Front
    from potash.report.pages.render import Frame
    from potash.report.run.processes.forked import Server


@dataclass(frozen=True, slots=True)
class Plan:
    """Notebooks and inputs of a report, checked before any kernel starts: parameters as shown and as set."""

    notebooks: tuple[Notebook, ...]
    parameters: dict[str, object]
    values: dict[str, object]
    inputs: DataDescription
    title: str | None = None
    key: str = ""
    exports: tuple[str, ...] = ()


def make(
    plan: Plan,
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
    plan: Plan,
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
    frame = Frame(pages, plan.inputs, versions(), parameters, plan.title or SITE, plan.exports)
    (folder / "notebooks").mkdir()
    for page, task in zip(pages, tasks, strict=True):
        html = render_page(page, task.node, frame)
        if task.name in failures:
            html = with_traceback(html, task.node)
        _write(folder / page.file, with_banner(html, failures))
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
    content["index"] = file_facts(folder, "index.html")
    write_manifest(folder, content)
    if plan.exports:
        # Written last, from the report as it stands; the manifest then names their files too.
        paths = export_report(folder, plan.exports, folder / EXPORTS)
        files = [file_facts(folder, path.relative_to(folder).as_posix()) for path in paths]
        write_manifest(folder, {**content, "exports": files})


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
