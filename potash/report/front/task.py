"""The first page's facts are computed as one more task beside the notebooks, in the same warmed process."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from potash.report.front.facts import VERSION
from potash.report.run.notebooks import Notebook

NAME = "index"
FACTS = "highlights.json"
# A notebook that declares it asks the study's question, so its report opens with the answer.
ASKS = "left_out"


def question_of(notebooks: Sequence[Notebook], values: Mapping[str, object]) -> dict[str, object] | None:
    """Return the parameters that the notebooks of a report share; None where none of them asks the study's question.

    Values that were set win; else the default of the first notebook that declares the name.
    """
    asking = [notebook for notebook in notebooks if ASKS in notebook.declared]
    if not asking:
        return None
    question: dict[str, object] = {}
    for notebook in asking:
        for name, default in notebook.declared.items():
            if isinstance(default, (str, int, float, list, type(None))):
                question.setdefault(name, default)
    return {**question, **values}


def front_node(question: Mapping[str, object]) -> Any:
    """Return a notebook of one cell that computes the facts in the folder of the report."""
    import nbformat

    source = f"from potash.report.front.task import write_facts\nwrite_facts({dict(question)!r})"
    cell = nbformat.from_dict(  # type: ignore[no-untyped-call]
        {
            "cell_type": "code", "id": "front", "metadata": {}, "source": source, "outputs": [], "execution_count": None,
        }
    )  # fmt: skip
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return nbformat.from_dict(  # type: ignore[no-untyped-call]
        {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": [cell]}
    )


def write_facts(question: Mapping[str, Any], folder: str | Path = ".") -> None:
    """Write ``highlights.json`` and the table of verdicts of a question into a folder."""
    from potash.report.desk.setting import set_up
    from potash.report.front.answer import front_of

    names = inspect.signature(set_up).parameters
    front = front_of(set_up(**{name: value for name, value in question.items() if name in names}))
    text = json.dumps(front.to_json(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (Path(folder) / FACTS).write_text(text, encoding="utf-8", newline="\n")


def read_facts(folder: Path, highlights: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return what ``highlights.json`` of a report holds: the facts, where there are some, and what notebooks highlighted."""
    path = folder / FACTS
    facts = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"version": VERSION}
    return {**facts, "notebooks": [dict(highlight) for highlight in highlights]}
