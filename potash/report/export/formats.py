"""A finished report in other formats, by name: ``xlsx``, ``pdf``, ``md``, ``tex``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from potash.errors import OptionError, check_option
from potash.report.export.shown import manifest_of

EXPORTS = "export"
Writer = Callable[[Path, Path], list[Path]]


def export_report(report: str | Path, formats: Sequence[str], out: str | Path) -> list[Path]:
    """Write a finished report in other formats and return the paths of what was written.

    Parameters
    ----------
    report : path
        The folder of a report, for example ``reports/latest``.
    formats : sequence of str
        Of ``xlsx`` (a workbook: a sheet a table), ``pdf`` (the report, and two pages an event), ``md`` (the first page for
        the body of a mail) and ``tex`` (tables with booktabs rules, a file a page).
    out : path
        Folder for the files; made if it is not there. Files of the same name are replaced.

    Raises
    ------
    OptionError
        If a format is unknown, or none is named.
    ReportError
        If the folder is no report, or has no first page of this version to write about.
    MissingPackageError
        If a PDF is wanted and WeasyPrint is not there.

    Examples
    --------
    A report of one notebook, and its tables for LaTeX:

    >>> import pathlib, tempfile, potash
    >>> from potash.bundled import notebooks_dir
    >>> out = pathlib.Path(tempfile.mkdtemp())
    >>> report = potash.build_report(out, notebooks=notebooks_dir() / "02-prices.ipynb")
    >>> [path.name for path in potash.export_report(report.folder, ["tex"], out / "export")]
    ['02-prices.tex']
    """
    if not formats:
        raise OptionError(f"no format was named. Name one of {', '.join(WRITERS)}.")
    check_formats(formats)
    folder, target = Path(report), Path(out)
    manifest_of(folder)
    target.mkdir(parents=True, exist_ok=True)
    return [path for name in dict.fromkeys(formats) for path in WRITERS[name](folder, target)]


def check_formats(formats: Sequence[str]) -> None:
    """Raise :class:`OptionError` for a format that there is not."""
    for name in formats:
        check_option("format", name, WRITERS)


def check_packages(formats: Sequence[str]) -> None:
    """Raise :class:`MissingPackageError` if a format needs what is not installed, before anything is made."""
    if "pdf" in formats:
        from potash.report.export.pdf import weasyprint

        weasyprint()


def facts_of(folder: Path) -> dict[str, Any]:
    """Return ``highlights.json`` of a report; empty where there is none, as in reports without the study's question."""
    path = folder / "highlights.json"
    content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return content if isinstance(content, dict) and "answer" in content else {}


def about(folder: Path) -> dict[str, str]:
    """Return what a cover says of a report: its prices, its firms, and that it is no investment advice."""
    manifest, facts = manifest_of(folder), facts_of(folder)
    data: Mapping[str, Any] = facts.get("data", {})
    lines = {"Price snapshot": str(manifest.get("data", {}).get("snapshot", "not stated"))}
    if data:
        lines = {
            "Prices": f"{data['first']} to {data['last']}",
            "Portfolio": _names(data["firms"]),
            "Market": _names([data["market"]]),
            "Control group": _names(data["controls"]) or "none",
            **lines,
        }
    return {**lines, "Note": "Daily closes cannot part two pieces of news of one day. No investment advice."}


def _names(securities: Sequence[Mapping[str, str]]) -> str:
    return ", ".join(f"{security['name']} ({security['ticker']})" for security in securities)


def _workbook(folder: Path, out: Path) -> list[Path]:
    from potash.report.export.workbook import write_workbook

    return [write_workbook(folder, manifest_of(folder).get("tables", []), out / "report.xlsx", about(folder))]


def _pdf(folder: Path, out: Path) -> list[Path]:
    from potash.report.export.pdf import write_event_pdfs, write_pdf

    cover, facts = about(folder), facts_of(folder)
    stand = f"Prices to {facts['data']['last']}" if facts else cover["Price snapshot"]
    whole = write_pdf(folder, out / "report.pdf", cover, stand=stand)
    return [whole, *write_event_pdfs(folder, out, stand)]


def _mail(folder: Path, out: Path) -> list[Path]:
    from potash.report.export.mail import mail_of
    from potash.report.front.facts import Front

    facts = facts_of(folder)
    if not facts:
        raise OptionError(
            f"{folder}: its notebooks ask no question about events, so there is no answer to mail. Export it as pdf or xlsx."
        )
    path = out / "report.md"
    path.write_text(mail_of(Front.from_json(facts)), encoding="utf-8", newline="\n")
    return [path]


def _latex(folder: Path, out: Path) -> list[Path]:
    from potash.report.export.latex import write_latex

    return write_latex(folder, out / "tex")


WRITERS: dict[str, Writer] = {"xlsx": _workbook, "pdf": _pdf, "md": _mail, "tex": _latex}
