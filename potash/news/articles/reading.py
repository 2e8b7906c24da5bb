"""News articles from .txt, .md and .html files: text with its place in the file, publication, sources, repeats."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from potash.errors import ArticleError, close_to, listed
from potash.news.articles.copies import mark_copies
from potash.news.articles.html import read_html
from potash.news.articles.page_text import lay_out, pattern, text_lines
from potash.news.articles.published import PAGE_WORDS, day_first, find_dateline, find_published, read_stamp
from potash.news.language.sentences import split_sentences
from potash.news.records import Article, Paragraph, Problem, Publication

ENDINGS = (".txt", ".md", ".html", ".htm")
KEYS = ("title", "publisher", "published", "url", "from")
MAX_MEGABYTES = 5
_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(?=\w+[ \t]*:)(.*?)\r?\n---[ \t]*(?:\r?\n|$)", re.DOTALL)
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_WORDS = {name: frozenset(values) for name, values in PAGE_WORDS["words"].items()}


@dataclass(frozen=True, slots=True)
class Articles:
    """Articles in the order of their files' names, and what went wrong with files.

    Attributes
    ----------
    articles : tuple of Article
    problems : tuple of Problem
        Fatal ones name files that are not among the articles, the others tell doubts.
    """

    articles: tuple[Article, ...]
    problems: tuple[Problem, ...] = ()

    def __iter__(self) -> Iterator[Article]:
        return iter(self.articles)

    def __len__(self) -> int:
        return len(self.articles)


def read_articles(
    sources: str | Path | Sequence[str | Path],
    *,
    today: dt.date | None = None,
    published: Mapping[str, str] | None = None,
    progress: Callable[[int, int, Path], None] | None = None,
) -> Articles:
    """Return the articles of a folder, a file or a list of both; a broken file becomes a problem and the rest goes on.

    Parameters
    ----------
    sources : path or sequence of paths
        Of a folder, the .txt, .md, .html and .htm files in it, sorted, without those of folders below. ``NAME.yaml`` or
        ``NAME.yml`` beside an article may state ``title``, ``publisher``, ``published``, ``url`` and ``from``.
    today : date, optional
        An article published later is refused, and a dateline without a year is not placed later.
    published : mapping of article_id to text, optional
        Times of publication that override what the pages say: ``2025-12-13`` or ``2025-12-13T07:03 America/New_York``.
    progress : callable, optional
        Called before each file with the number of files done, the number of all files and the file.

    Raises
    ------
    ArticleError
        If there is no article among the sources, or ``published`` names one that is not there or a value that is no date.
    """
    files, problems = _files(sources)
    moments = dict(published or {})
    _check_given(moments, [path.stem for path in files])
    articles: dict[str, Article] = {}
    for number, path in enumerate(files):
        if progress:
            progress(number, len(files), path)
        try:
            if path.stem in articles:
                kept = articles[path.stem].path
                raise ArticleError(f"{path} and {kept} have one id {path.stem!r}; the latter is kept. Rename one.")
            articles[path.stem], doubts = _read(path, today, moments.get(path.stem, ""))
            problems += doubts
        except ArticleError as error:
            problems.append(Problem(path, str(error)))
        except OSError as error:
            name = Path(error.filename or path).name  # may be the sidecar
            problems.append(Problem(path, f"{name} cannot be read: {error.strerror or error}."))
    return Articles(tuple(mark_copies(_date_by_others(list(articles.values()), today))), tuple(problems))


def read_article(path: Path, *, today: dt.date | None = None, published: str = "") -> Article:
    """Return one article; see :func:`read_articles`.

    Raises
    ------
    ArticleError
        If the file is empty, too large, binary, undecodable, not in English or without an article, if it was published
        after ``today``, or if ``published`` is no date.
    """
    _check_given({Path(path).stem: published} if published else {}, [Path(path).stem])
    return _read(Path(path), today, published)[0]


def repeated_sentences(article: Article) -> list[tuple[int, int]]:
    """Return the spans of sentences that repeat an earlier one of the same article, in order.

    Only sentences of eight words or more count. A later sentence with another number, a denial or a word of its own that
    is no variant spelling is no repeat, however much the two share.
    """
    repeats = []
    originals: list[set[str]] = []
    body = (p for p in article.paragraphs if p.role == "body")
    spans = (span for p in body for span in split_sentences(article.text, p.start, p.end))
    for start, end in spans:
        words = _WORD.findall(article.text[start:end].lower())
        if len(words) < 8:
            continue
        now = set(words)
        if any(_same_sentence(now, earlier) for earlier in originals):
            repeats.append((start, end))
        else:
            originals.append(now)
    return repeats


def _files(sources: str | Path | Sequence[str | Path]) -> tuple[list[Path], list[Problem]]:
    files: list[Path] = []
    problems: list[Problem] = []
    for path in map(Path, [sources] if isinstance(sources, str | Path) else sources):
        if path.is_dir():
            inside = _inside(path, problems)
            articles = [item for item in inside if item.suffix.lower() in ENDINGS]
            stems = {article.stem for article in articles}
            lone = [item for item in inside if item.suffix in (".yaml", ".yml") and item.stem not in stems]
            problems += [Problem(item, f"{item.name} has no article of its name beside it.", False) for item in lone]
            files += articles
        elif path.is_file() and path.suffix.lower() in ENDINGS:
            files.append(path)
        else:
            what = f"no {', '.join(ENDINGS)} file" if path.exists() else "not there"
            problems.append(Problem(path, f"{path.name} is {what}."))
    if not files:
        place = sources if isinstance(sources, str | Path) else listed(sources)
        raise ArticleError(f"{place}: no articles; {listed(ENDINGS)} files are read, those of folders below are not.")
    return sorted(dict.fromkeys(files), key=lambda path: (path.name, str(path))), problems


def _inside(folder: Path, problems: list[Problem]) -> list[Path]:
    """Return the files in a folder; a link to one that is gone counts, so that it is told and not passed over."""
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        problems.append(Problem(folder, f"{folder.name} cannot be listed: {error.strerror or error}."))
        return []
    return [p for p in inside if not p.name.startswith(".") and (p.is_file() or (p.is_symlink() and not p.exists()))]


def _check_given(moments: Mapping[str, str], ids: Sequence[str]) -> None:
    for article_id, moment in moments.items():
        if article_id not in ids:
            hint = close_to(article_id, ids)
            raise ArticleError(f"published names {article_id!r}, which is no article{hint}. Articles: {listed(ids)}.")
        if not (stamp := read_stamp(moment, "given")) or not stamp.date:
            raise ArticleError(
                f"published[{article_id!r}]={moment!r} is no date. Write 2025-12-13 or 2025-12-13T07:03."
            )


def _read(path: Path, today: dt.date | None, moment: str) -> tuple[Article, list[Problem]]:
    doubts: list[tuple[Path, str]] = []
    content = _decoded(path, doubts)
    page = read_html(content) if path.suffix.lower() in (".html", ".htm") else None
    if page and not page.text:
        raise ArticleError(
            f"{path.name} is HTML without an article: fewer than 25 words in sentences outside menus and notices."
        )
    front, start = ({}, 0) if page else _front_matter(path, content, doubts)
    statements = {"sidecar": _sidecar(path, doubts), "front matter": front, "markup": page.stated if page else {}}
    stated = {key: value for statement in reversed(statements.values()) for key, value in statement.items() if value}
    text, lines = (page.text, page.lines) if page else (content, text_lines(content, start))
    all_lines = page.every_line if page else tuple(text[line.start : line.end].strip() for line in lines)
    paragraphs, furniture = lay_out(text, lines, stated.get("title", ""))
    body = " ".join(text[p.start : p.end] for p in paragraphs if p.role == "body")
    _check_english(path, body or text)
    if not body:
        raise ArticleError(f"{path.name} has no text of an article, only headings or what stands around articles.")
    notices = "\n".join([*furniture, *(line for line in (all_lines if page else ()) if len(line) <= 240)])
    address = pattern("notices", "address").search(notices)
    url = stated.get("url") or (address[1] if address else "")
    moments = [
        ("given", moment),
        *((source, statement.get("published", "")) for source, statement in statements.items()),
    ]
    published = _stated_date(path, moments, doubts) or find_published(all_lines, address=url, today=today)
    if today and published.day and published.day > today:
        raise ArticleError(f"{path.name} was published on {published.date}, after today ({today}). Correct either.")
    order = {True: "DD/MM page", False: "MM/DD page", None: ""}[day_first(text)]
    if order not in published.note:
        published = replace(published, note="; ".join(filter(None, (published.note, order))))
    title = next((text[p.start : p.end] for p in paragraphs if p.role == "title"), "")
    datelines = (find_dateline(text[line.start : line.end]) for line in lines[:12])
    agency = next((dateline.agency for dateline in datelines if dateline and dateline.agency), "")
    article = Article(
        path.stem, path, stated.get("title") or title, stated.get("publisher") or _publisher(agency, notices), url, published,
        text, _mark_repeats(text, paragraphs), page.offsets if page else None,
        _sources(text, [*re.split(r"\s*[,;]\s*", stated.get("from", "")), agency]),
        bool(pattern("notices", "software").search(notices)),
    )  # fmt: skip
    return article, [Problem(place, reason, fatal=False) for place, reason in doubts]


def _decoded(path: Path, doubts: list[tuple[Path, str]]) -> str:
    size = path.stat().st_size
    if size > MAX_MEGABYTES * 1_000_000:
        raise ArticleError(f"{path.name} has {size / 1e6:.1f} MB; articles of up to {MAX_MEGABYTES} MB are read.")
    content = path.read_bytes()
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ArticleError(f"{path.name} is empty.")
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not wide and (b"\0" in content or len(re.findall(rb"[\x01-\x08\x0e-\x1f]", content)) > len(content) / 200):
        raise ArticleError(f"{path.name} is binary, no text. Save the article as .txt, .md or .html.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes
    # Among the encodings that fit English with a few signs, windows-1252 is the one in use; others only if it fails.
    best = from_bytes(content, cp_isolation=["utf_16" if wide else "cp1252"]).best() or from_bytes(content).best()
    if best is None:
        raise ArticleError(f"{path.name} is in no known encoding. Save it as UTF-8.")
    name = {"cp1252": "windows-1252"}.get(best.encoding, best.encoding.replace("_", "-"))
    doubts.append((path, f"{path.name} is not UTF-8; read as {name}. Check its quotes and accents."))
    return str(best)


def _front_matter(path: Path, text: str, doubts: list[tuple[Path, str]]) -> tuple[dict[str, str], int]:
    match = _FRONT_MATTER.match(text)
    return (_keys(path, match[1], "front matter", doubts), match.end()) if match else ({}, 0)


def _sidecar(path: Path, doubts: list[tuple[Path, str]]) -> dict[str, str]:
    beside = next((file for ending in (".yaml", ".yml") if (file := path.with_suffix(ending)).is_file()), None)
    return _keys(beside, beside.read_bytes(), "sidecar", doubts) if beside else {}


def _keys(path: Path, content: str | bytes, what: str, doubts: list[tuple[Path, str]]) -> dict[str, str]:
    """Return the known keys of a YAML block; what is wrong with it becomes a doubt."""
    import yaml

    try:
        values = yaml.load(content, Loader=yaml.BaseLoader)  # texts only: dates keep the form they were written in
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        doubts.append((path, f"{path.name}: the {what} is no YAML and is left out: {' '.join(str(error).split())}."))
        return {}
    if not isinstance(values, dict):
        doubts.append((path, f"{path.name}: the {what} has no keys; write for example 'published: 2025-12-13'."))
        return {}
    doubts += [
        (path, f"{path.name}: {what} key {key!r} is left out{close_to(str(key), KEYS)}. Known: {listed(KEYS)}.")
        for key in values
        if key not in KEYS
    ]
    kept = {key: values[key] if isinstance(values[key], list) else [values[key]] for key in KEYS if key in values}
    odd = {key for key, parts in kept.items() if not all(isinstance(part, str) for part in parts)}
    doubts += [(path, f"{path.name}: {what} key {key!r} is no text and is left out.") for key in sorted(odd)]
    return {key: ", ".join(parts).strip() for key, parts in kept.items() if key not in odd}


def _stated_date(path: Path, statements: list[tuple[str, str]], doubts: list[tuple[Path, str]]) -> Publication | None:
    """Return the first stated time of publication that is one."""
    for source, value in statements:
        stamp = read_stamp(value, source)
        if stamp and stamp.date:
            return stamp
        if value:
            why = stamp.note if stamp else "no date"
            doubts.append((path, f"{path.name}: published {value!r} of the {source}: {why}. Write 2025-12-13T07:03."))
    return None


def _check_english(path: Path, body: str) -> None:
    words = re.findall(r"\w+", body.lower())[:400]
    letters = [letter for letter in body[:2000] if letter.isalpha()]
    language = "" if sum(letter.isascii() for letter in letters) >= 0.7 * len(letters) else "another script"
    # A few words tell no language; English of any length has these small words.
    if len(words) >= 20 and sum(word in _WORDS["english"] for word in words) < 0.2 * len(words):
        import py3langid

        language = py3langid.classify(body)[0]
    if language not in ("", "en"):
        raise ArticleError(f"{path.name} is not in English (language: {language}); other languages are not supported.")


def _publisher(agency: str, notices: str) -> str:
    exclusive, owner = (pattern("notices", name).search(notices) for name in ("exclusive", "owner"))
    top = notices.splitlines()[:8]
    masthead = next(
        (line for line in top if line in _spellings() or pattern("notices", "masthead").fullmatch(line)), ""
    )
    name = agency or masthead or (exclusive or owner or [""] * 2)[1].strip()
    return _spellings().get(name, name)


@cache
def _spellings() -> dict[str, str]:
    return {spelling: name for name, spellings in PAGE_WORDS["names"].items() for spelling in spellings}


@cache
def _named() -> re.Pattern[str]:
    longest_first = sorted(_spellings(), key=len, reverse=True)
    return re.compile(rf"(?<![\w/])(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _sources(text: str, nearest: Sequence[str]) -> tuple[str, ...]:
    """Return whom an article rests on: those stated, then those that it cites, in order."""
    places = {}
    for match in _named().finditer(text):
        name, behind = _spellings()[match[0]], text[match.end() : match.end() + 60]
        before = text[max(0, match.start() - 90) : match.start()]
        if name in ("X", "Telegram"):
            cited = pattern("citing", "posted").search(before) or (
                name != "X" and behind.startswith((" channel", " post"))
            )
        else:
            cited = (
                pattern("citing", "before").search(before)
                or pattern("citing", "behind").match(behind)
                or (before.endswith("(") and behind.startswith(")"))
            )
        if cited:
            places[match.start()] = name
    for match in pattern("citing", "organisation").finditer(text):
        name = re.sub(r"(?:\s(?:of|and|for))+$", "", (match["cited"] or match["telling"]).strip())
        if pattern("citing", "office").search(name) and not _named().search(name):
            places[match.start()] = name
    stated = [_spellings().get(name, name) for name in nearest if name]
    return tuple(dict.fromkeys([*stated, *(places[place] for place in sorted(places))]))


def _date_by_others(articles: list[Article], today: dt.date | None) -> list[Article]:
    """Return articles with datelines completed by the days of the other articles, where exactly one year fits."""
    days = [article.published.day for article in articles if article.published.day]
    return [
        replace(a, published=find_published(a.text.splitlines(), address=a.url, today=today, near=days))
        if a.published.note.startswith("dateline") and not a.published.date else a
        for a in articles
    ]  # fmt: skip


def _mark_repeats(text: str, paragraphs: Sequence[Paragraph]) -> tuple[Paragraph, ...]:
    """Return paragraphs with ``repeats`` set where an earlier one says all that they say.

    A paragraph that repeats one and then goes on is not marked, or its news would be lost with it; its repeated sentences
    are found by :func:`repeated_sentences`.
    """
    marked = []
    originals: list[tuple[int, list[str]]] = []
    for index, paragraph in enumerate(paragraphs):
        words = _WORD.findall(text[paragraph.start : paragraph.end].lower())
        is_prose = paragraph.role == "body" and len(words) >= 8
        earlier = (
            next((place for place, other in originals if _same_paragraph(words, other)), None) if is_prose else None
        )
        marked.append(replace(paragraph, repeats=earlier))
        if is_prose and earlier is None:
            originals.append((index, words))
    return tuple(marked)


def _same_paragraph(later: list[str], earlier: list[str]) -> bool:
    words, other_words = set(later), set(earlier)
    if len(later) > 1.2 * len(earlier) or (2 * len(later) < len(earlier) and later[:12] != earlier[:12]):
        return False
    return len(words & other_words) >= 0.8 * len(words) and _marks(words) <= _marks(other_words)


def _same_sentence(later: set[str], earlier: set[str]) -> bool:
    if len(later & earlier) < 0.9 * max(len(later), len(earlier)) or _marks(later) != _marks(earlier):
        return False
    unshared = (later ^ earlier) - _WORDS["repeat"]
    return all(
        any(SequenceMatcher(None, word, other).ratio() >= 0.75 for other in unshared if other != word)
        for word in unshared
    )


def _marks(words: set[str]) -> set[str]:
    """Return the words in which two sentences must agree to say the same."""
    return {word for word in words if word[0].isdigit() or word in _WORDS["denial"] or word.endswith(("n't", "n’t"))}
