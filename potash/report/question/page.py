"""The answer to one question as a page that needs no other file."""

from __future__ import annotations

from potash.report import desk
from potash.report.pages.figures import draw
from potash.report.pages.publish import FOR_JUPYTER, ShownFigure, figure_html, highlight_html
from potash.report.pages.render import fill_alone
from potash.report.pages.tables import html_table
from potash.report.question.answer import Answer


def page_of(answer: Answer, title: str) -> str:
    """Return the answer as HTML: the verdict, what the move consists of, the days around it, its tables, and the question."""
    tables = {
        name: html_table(table.shown, table.title or name, note=table.note, index=False)
        for name, table in answer.tables.items()
    }
    setting, event_id = answer.setting, answer.event_id
    figures = {
        "parts": _drawn("parts", desk.parts_figure(setting, event_id)),
        "windows": _drawn("path", desk.path_figure(setting, event_id)),
    }
    return fill_alone(
        "study.html.j2",
        title=title,
        subject=answer.title if answer.title != title else "",
        verdict=highlight_html(answer.box.text, answer.box.tone, answer.dates, answer.details).replace(FOR_JUPYTER, ""),
        parts=[part for name, table in tables.items() for part in (figures.get(name, ""), table) if part],
        question=answer.question,
    )


def _drawn(name: str, figure: ShownFigure) -> str:
    import matplotlib.pyplot as plt  # heavy

    drawing = draw(figure.figure, name, figure.title, figure.alt, png=False)
    plt.close(figure.figure)
    return figure_html(drawing.inline, name, figure.title)
