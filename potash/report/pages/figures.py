"""A figure becomes SVG for a page and for a file, and PNG: its layout is solved once and nothing of it is an inline style.

On a page its text is real text, its colours are the variables of the style sheet, and what a mark stands for is told where a
reader points at it (:func:`potash._figures.tell`).
"""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd

from potash._figures import FONT, TEXTS, VARIABLES, plain
from potash._typing import Float2D

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

PNG_DPI, POINTS = 200, 72
# A longer line is thinned for the page to what can be seen, two points a point of width; the file of its data has all.
LONG = 600
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif"
_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_TITLE = "potash-title"
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_DEFAULTS = {("fill-rule", "nonzero"), ("stroke-dashoffset", "0"), ("opacity", "1"), ("stroke-opacity", "1")}
# What parts get from their group; a clip path is not handed down and cuts the group as it cuts its parts.
_INHERITED = {
    "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "stroke-opacity", "fill-opacity",
    "font-size", "font-weight", "text-anchor", "clip-path",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as it is shown and as it is saved.

    Attributes
    ----------
    inline : str
        SVG for a page: no size but a ``viewBox``, colours as CSS variables with a fallback, no ``style``, ids with the
        figure's name before them.
    svg : str
        SVG that stands alone: light, on white, the title in it.
    png : bytes or None
        The same at 200 dpi; None where it was not wanted.
    """

    inline: str
    svg: str
    png: bytes | None


def draw(fig: Figure, name: str, title: str, alt: str, *, png: bool = True) -> Drawing:
    """Return a figure drawn; its title is added above it, its layout is solved once and then kept.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Changed: it grows by the height of the title.
    name : str
        Goes before each id, so that ids differ between the figures of a page.
    title, alt : str
        What stands above the figure, and what it shows for a reader who cannot see it.
    png : bool
        Whether a PNG is wanted.
    """
    import matplotlib as mpl

    band = _add_title(fig, title)
    with warnings.catch_warnings(), mpl.rc_context({"svg.hashsalt": "potash", "svg.fonttype": "none"}):
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a title in any script
        engine = fig.get_layout_engine()
        if engine is not None:
            engine.execute(fig)
        fig.set_layout_engine("none")
        raster = _as_png(fig) if png else None
        hits = list(_hits(fig))
        with _Thinned(fig):
            vector = _as_svg(fig)
    size = tuple(float(length) * POINTS for length in fig.get_size_inches())
    tree = ElementTree.fromstring(vector)
    return Drawing(
        inline=_inline(tree, name, alt, (size[0], size[1] - band), band, hits),
        svg=_alone(ElementTree.fromstring(vector), name, title, alt, size, hits),
        png=raster,
    )


def data_of(fig: Figure) -> pd.DataFrame | None:
    """Return the points of the named lines of a figure, long: ``line``, ``x``, ``y``; None where it has none.

    What a figure brings where its maker handed over no table. Dates on an axis of dates are written as dates.
    """
    pieces = []
    for ax in fig.axes:
        for line in ax.lines:
            if str(line.get_label()).startswith("_"):
                continue
            x = np.asarray(line.get_xdata())
            pieces.append(pd.DataFrame({"line": str(line.get_label()), "x": x, "y": np.asarray(line.get_ydata())}))
    return pd.concat(pieces, ignore_index=True) if pieces else None


def _add_title(fig: Figure, title: str) -> float:
    """Make room above the figure, write the title there and return the height of the room in points."""
    width, height = (float(length) for length in fig.get_size_inches())
    lines = textwrap.wrap(title, max(20, int(width * POINTS / (0.56 * FONT)))) or [""]
    band = (len(lines) * 1.25 * FONT + 10) if title else 0.0
    fig.set_size_inches(width, height + band / POINTS)
    part = height * POINTS / (height * POINTS + band)
    if fig.get_layout_engine() is None:
        fig.set_layout_engine("constrained")
    engine: Any = fig.get_layout_engine()
    if "rect" in engine.get():
        engine.set(rect=(0, 0, 1, part))
    text = fig.text(
        4 / (width * POINTS), 1 - 6 / (height * POINTS + band), "\n".join(plain(line) for line in lines),
        fontsize=FONT, fontweight="bold", va="top", ha="left", linespacing=1.25, gid=_TITLE,
    )  # fmt: skip
    text.set_in_layout(False)
    return band


# Through the canvases, because savefig draws everything once more for the layout. No date and no program in the files: the same
# figure is the same bytes.
def _as_png(fig: Figure) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    stream, dpi = io.BytesIO(), fig.dpi
    fig.set_dpi(PNG_DPI)
    fig.set_facecolor("white")
    FigureCanvasAgg(fig).print_png(stream, metadata={"Software": None}, pil_kwargs={"compress_level": 1})
    fig.set_dpi(dpi)
    return stream.getvalue()


def _as_svg(fig: Figure) -> bytes:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    stream = io.BytesIO()
    fig.set_facecolor("none")  # the page shows through
    for ax in fig.axes:
        ax.set_facecolor("none")
    FigureCanvasSVG(fig).print_svg(stream, metadata={"Date": None, "Creator": None})
    return stream.getvalue()


class _Thinned:
    """The long lines of a figure hold, for a while, only the points that can be told apart on a page."""

    def __init__(self, fig: Figure) -> None:
        self._lines = [line for ax in fig.axes for line in ax.lines if len(np.asarray(line.get_xdata())) > LONG]
        self._data: list[tuple[Any, Any]] = []

    def __enter__(self) -> None:
        for line in self._lines:
            x, y = line.get_data()
            self._data.append((x, y))
            kept = visible(_in_points(line), LONG // 2)
            line.set_data(np.asarray(x)[kept], np.asarray(y)[kept])

    def __exit__(self, *_: object) -> None:
        for line, (x, y) in zip(self._lines, self._data, strict=True):
            line.set_data(x, y)


def visible(points: Float2D, columns: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the places of the points of a line that can be seen: the first, last, lowest and highest of each column.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        In ascending x. A point with NaN is kept where it parts two stretches.
    columns : int
        Parts of equal width that the line is cut into.
    """
    x, y = points[:, 0], points[:, 1]
    finite = np.isfinite(x) & np.isfinite(y)
    if finite.sum() <= 4 * columns:
        return np.arange(len(x))
    span = np.ptp(x[finite]) or 1.0
    column = np.zeros(len(x), dtype=np.int64)
    column[finite] = np.minimum((x[finite] - x[finite].min()) / span * columns, columns - 1).astype(np.int64)
    column[~finite] = -1
    edges = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
    kept = []
    for first, last in zip(edges, [*(edges[1:] - 1), len(x) - 1], strict=True):
        part = y[first : last + 1]
        kept += [first, last] if column[first] < 0 else [first, last, first + part.argmin(), first + part.argmax()]
    return np.unique(kept)


def _in_points(line: Line2D) -> Float2D:
    """Return the vertices of a line in points of the page, y upwards: shape (n, 2)."""
    factor = POINTS / line.get_figure().dpi  # type: ignore[union-attr]
    return np.asarray(line.get_transform().transform(line.get_xydata())) * factor


def _hits(fig: Figure) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield tag, attributes and text of each mark that says something: a circle on a point, a frame on a bar."""
    from matplotlib.lines import Line2D

    height, factor = float(fig.get_figheight()) * POINTS, POINTS / fig.dpi
    for artist in fig.findobj(lambda artist: hasattr(artist, TEXTS)):
        texts = getattr(artist, TEXTS)
        if isinstance(artist, Line2D):
            points = _in_points(artist)
            for (x, y), text in zip(points, texts, strict=True):
                if text and np.isfinite(x) and np.isfinite(y):
                    yield "circle", {"cx": _short(x), "cy": _short(height - y), "r": "5"}, text
        elif texts[0]:
            box = artist.get_window_extent()
            left, bottom, right, top = (float(value) * factor for value in box.extents)
            wide, high = max(right - left, 2.0), max(top - bottom, 2.0)
            place = {
                "x": _short(left),
                "y": _short(height - bottom - high),
                "width": _short(wide),
                "height": _short(high),
            }
            yield "rect", place, texts[0]


def _inline(
    tree: ElementTree.Element, name: str, alt: str, size: tuple[float, float], band: float,
    hits: list[tuple[str, dict[str, str], str]],
) -> str:  # fmt: skip
    for parent in list(tree.iter()):
        for child in list(parent):
            if child.get("id") == _TITLE:
                parent.remove(child)
    body = _body(tree, name, variables=True)
    box = f"0 {_short(band)} {_short(size[0])} {_short(size[1])}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img" aria-label={quoteattr(clean(alt))} '
        f'fill="var(--ink,#000)" stroke-linejoin="round">{body}{_hit_group(hits)}</svg>'
    )


def _alone(
    tree: ElementTree.Element, name: str, title: str, alt: str, size: tuple[float, ...],
    hits: list[tuple[str, dict[str, str], str]],
) -> str:  # fmt: skip
    body = _body(tree, name, variables=False)
    width, height = (_short(length) for length in size)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}pt" height="{height}pt" '
        f'role="img" font-family="{FONTS}" stroke-linejoin="round"><title>{_escaped(title)}</title>'
        f'<desc>{_escaped(alt)}</desc><rect width="{width}" height="{height}" fill="#fff"/>{body}{_hit_group(hits)}</svg>\n'
    )


def _hit_group(hits: list[tuple[str, dict[str, str], str]]) -> str:
    marks = []
    for tag, place, text in hits:
        where = " ".join(f'{key}="{value}"' for key, value in place.items())
        marks.append(f"<{tag} {where}><title>{_escaped(text)}</title></{tag}>")
    return f'<g class="hits" fill="none" pointer-events="all">{"".join(marks)}</g>' if marks else ""


def _body(tree: ElementTree.Element, name: str, variables: bool) -> str:
    """Return what a figure holds, tidied: no styles, short numbers, ids that somebody refers to, and no empty groups."""
    for element in list(tree):
        if element.tag == f"{_SVG}metadata" or element.find(f"{_SVG}style") is not None:
            tree.remove(element)
    used = set(re.findall(r"url\(#([^)]+)\)", " ".join(v for e in tree.iter() for v in e.attrib.values())))
    used |= {value[1:] for element in tree.iter() if (value := element.get(_LINK))}
    ids = {old: f"{name}-{number}" for number, old in enumerate(sorted(used), start=1)}
    for element in tree.iter():
        _tidy(element, ids, variables)
    for element in tree.iter(f"{_SVG}g"):
        _share(element)
    return "".join(_written(child) for child in tree)


def _tidy(element: ElementTree.Element, ids: dict[str, str], variables: bool) -> None:
    """Turn styles into attributes and rename or drop the ids of an element."""
    attributes = dict(element.attrib)
    element.attrib.clear()
    for declaration in attributes.pop("style", "").split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key and key != "font-family" and (key, value) not in _DEFAULTS:  # the family is the page's own
            attributes[key] = value.removesuffix("px") if key == "font-size" else value
    for key, value in attributes.items():
        if key == "id":
            if value in ids:
                element.set("id", ids[value])
        elif key == _LINK:
            element.set("href", f"#{ids[value[1:]]}")
        elif key == "clip-path":
            element.set(key, re.sub(r"#([^)]+)", lambda match: f"#{ids[match[1]]}", value))
        elif not (key == "transform" and value.startswith("rotate(-0 ")):
            element.set(key, _value(key, value, variables))


def _share(group: ElementTree.Element) -> None:
    """Write what all parts of a group have in common once, at the group."""
    parts = [part for part in group if part.tag != f"{_SVG}defs"]
    if len(parts) < 3 or len({part.tag for part in parts}) > 1:
        return
    for key in sorted(_INHERITED & parts[0].attrib.keys()):
        if len({part.get(key) for part in parts}) == 1 and key not in group.attrib:
            group.set(key, parts[0].attrib[key])
            for part in parts:
                del part.attrib[key]


def _value(key: str, value: str, variables: bool) -> str:
    if key in {"fill", "stroke"}:
        variable = VARIABLES.get(value.lower()) if variables else None
        return f"var({variable},{value})" if variable else value
    if key == "d":
        packed = " ".join(_NUMBER.sub(_rounded, value).split())
        return re.sub(r" ?([A-Za-z]) ?", r"\1", packed)
    return _NUMBER.sub(_rounded, value)


def _written(element: ElementTree.Element) -> str:
    """Return an element as text; a group without attributes is only what it holds."""
    tag = element.tag.removeprefix(_SVG)
    inner = "".join(_written(child) for child in element)
    text = "" if tag in {"g", "defs"} else _escaped(element.text or "")
    if tag == "g" and (not element.attrib or not inner):
        return inner
    if (tag == "defs" and not inner) or (
        tag == "path" and element.get("fill") == "none" and "stroke" not in element.attrib
    ):
        return ""
    attributes = "".join(f" {key.removeprefix(_SVG)}={quoteattr(value)}" for key, value in element.attrib.items())
    tail = _escaped(element.tail or "") if tag == "tspan" else ""
    return (f"<{tag}{attributes}>{text}{inner}</{tag}>" if text or inner else f"<{tag}{attributes}/>") + tail


def _escaped(text: str) -> str:
    from xml.sax.saxutils import escape

    return re.sub(r"(?<=\d) %", "\u00a0%", escape(clean(text)))


def clean(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return re.sub(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+", " ", text)


def _rounded(match: re.Match[str]) -> str:
    return _short(float(match[0]))


def _short(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
