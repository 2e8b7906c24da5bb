"""The answer to one question as a page that needs no other file."""

from __future__ import annotations

from potash.report.pages.publish import FOR_JUPYTER, highlight_html
from potash.report.pages.render import fill_alone
from potash.report.pages.tables import html_table
from potash.report.question.answer import Answer


def page_of(answer: Answer, title: str) -> str:
    """Return the answer as HTML: the verdict, its tables, and what was asked."""
    tables = [
        html_table(table.shown, table.title or name, note=table.note, index=False)
        for name, table in answer.tables.items()
    ]
    return fill_alone(
        "study.html.j2",
        title=title,
        subject=answer.title if answer.title != title else "",
        verdict=highlight_html(answer.box.text, answer.box.tone, answer.dates, answer.details).replace(FOR_JUPYTER, ""),
        tables=tables,
        question=answer.question,
    )
