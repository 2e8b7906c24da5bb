"""Files that are no articles, through the command line: each is named with its reason, the others are read."""

import errno
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from potash.cli import app as cli
from potash.news.tables.writing import FILES

GOOD = """A flood at the northern mine

Published 4 May 2023 07:15 GMT

Nutrien cut its potash output by 300,000 tonnes on Tuesday because the river flooded the rail yard. The company said that
its other five mines would not be touched and that buyers in Brazil had been told the same evening.

Dealers in Santos had waited for such news since the rain began. One of them said that nobody there was short of stock, and
that spare cargoes could be had from three other sellers within the month.
"""
FRENCH = """Le groupe a annoncé mardi que la production de potasse serait réduite de trois cent mille tonnes en raison des
inondations qui ont touché la gare de triage. Les autres mines ne sont pas concernées et les acheteurs du Brésil ont été
prévenus le soir même. Selon les négociants de Santos, personne ne manque de stocks pour le moment et les prix ne devraient
pas monter avant la fin du mois, car trois autres vendeurs disposent encore de cargaisons.
"""
RUSSIAN = """Компания сообщила во вторник, что добыча калийных солей будет сокращена на триста тысяч тонн из-за наводнения на
станции. Остальные рудники работают как обычно, а покупателей в Бразилии предупредили в тот же вечер. По словам торговцев,
запасов пока хватает всем, и до конца месяца цены вряд ли вырастут, потому что у трёх других продавцов есть свободные партии.
"""
MENU = (
    "<html><body><nav>" + "<a href='/x'>Markets</a> " * 40 + "</nav><footer>All rights reserved.</footer></body></html>"
)
STORY = "".join(f"<p>{paragraph}</p>" for paragraph in GOOD.split("\n\n")[2:])
DEEP = f"<script type='application/ld+json'>{'[' * 5000}</script>"
NESTED = f"<html><head>{DEEP}</head><body><article>{STORY}</article></body></html>"
ODD_MARKUP = f"<!DOCTYPE html><html><body><![endif <br><article><h1>Flood</h1>{STORY}</article></body></html>"
# A day that only htmldate finds, and that it would drop as lying after this machine's own.
LATER = f"<html><body><abbr class='published' title='2031-05-04'>new</abbr><article>{STORY}</article></body></html>"

# Name of the file, what is in it, what the message says.
FATAL = [
    ("empty.txt", b"", "empty.txt is empty."),
    ("blank.md", b"\xef\xbb\xbf \r\n\r\n", "blank.md is empty."),
    ("picture.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8, "picture.txt is binary, no text."),
    ("document.html", b"%PDF-1.7\n" + bytes(range(1, 32)) * 50, "document.html is binary, no text."),
    ("huge.txt", GOOD.encode() * 15_000, "MB; articles of up to 5 MB are read."),
    ("huge.html", f"<html><body>{STORY * 18_000}</body></html>".encode(), "MB; articles of up to 5 MB are read."),
    ("front.html", MENU.encode(), "front.html is HTML without an article"),
    ("tags.html", b"<html><head><title>Potash</title></head><body></body></html>", "tags.html is HTML without an article"),
    ("french.txt", FRENCH.encode(), "french.txt is not in English (language: fr)"),
    ("french.html", f"<html><body><article><p>{FRENCH}</p></article></body></html>".encode(), "(language: fr)"),
    ("russian.txt", RUSSIAN.encode(), "russian.txt is not in English (language: ru)"),
    ("russian-1251.txt", RUSSIAN.encode("cp1251"), "russian-1251.txt is not in English"),
    ("ahead.txt", GOOD.replace("2023", "2031").encode(), "ahead.txt was published on 2031-05-04T07:15, after today"),
    ("later.html", LATER.encode(), "later.html was published on 2031-05-04, after today"),
    ("links.txt", b"Markets\nEnergy\nMetals\nAbout us\nContact\n", "links.txt has no text of an article"),
    ("oneword.txt", b"a" * 2_000_000, "oneword.txt"),
]  # fmt: skip
READ = [
    ("latin.txt", GOOD.replace("One of them", "José Núñez").encode("cp1252"), "latin.txt is not UTF-8; read as windows-1252."),
    ("wide.txt", GOOD.encode("utf-16"), "wide.txt is not UTF-8; read as utf-16."),
    ("matter.md", f"---\ntitle: [unclosed\n---\n{GOOD}".encode(), "matter.md: the front matter is no YAML and is left out"),
    ("deep.md", f"---\ntitle: {'[' * 5000}\n---\n{GOOD}".encode(), "deep.md: the front matter is no YAML and is left out"),
    ("list.md", f"---\ntitle:\n  a: b\n---\n{GOOD}".encode(), "list.md: front matter key 'title' is no text"),
    ("nested.html", NESTED.encode(), ""),
    ("odd.html", ODD_MARKUP.encode(), ""),
    ("returns.txt", GOOD.replace("\n", "\r").encode(), ""),
    ("cut.html", f"<html><body><article>{STORY}<!-- never closed".encode(), ""),
]  # fmt: skip


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Return a function that builds a timeline of files by name, with a good article among them unless told otherwise."""
    monkeypatch.chdir(tmp_path)
    Path("pages").mkdir()

    def build(files, *options, good=True):
        for name, content in {**({"good.txt": GOOD.encode()} if good else {}), **dict(files)}.items():
            Path("pages", name).write_bytes(content)
        return CliRunner().invoke(
            cli.app, ["timeline", "build", "pages", "--out", "out", "--today", "2025-01-01", *options]
        )

    return build


def table(name):
    return pd.read_csv(Path("out", name), dtype=str, keep_default_na=False)


def is_whole():
    names = {path.name for path in Path("out").iterdir()}
    return names == {*FILES, "timeline.html", "price_claims.csv"}


@pytest.mark.parametrize(("name", "content", "reason"), FATAL, ids=[case[0] for case in FATAL])
def test_a_broken_file_is_named_and_the_other_is_read(build, name, content, reason):
    result = build([(name, content)])
    assert result.exit_code == 3, result.output
    [line] = [line for line in result.stderr.splitlines() if line.startswith("not read: ")]
    assert name in line
    assert reason in line
    assert "Traceback" not in result.output
    assert "1 article read, 1 not" in result.stdout
    assert list(table("articles.csv")["article_id"]) == ["good"]
    [row] = table("problems.csv").to_dict("records")
    assert (row["file"], row["fatal"]) == (name, "yes")
    assert reason in row["reason"]
    assert is_whole()


@pytest.mark.parametrize(("name", "content", "reason"), FATAL, ids=[case[0] for case in FATAL])
def test_a_broken_file_alone_is_an_error_and_nothing_is_written(build, name, content, reason):
    result = build([(name, content)], good=False)
    assert result.exit_code == 2
    assert reason in result.stderr
    assert result.stderr.splitlines()[-1].startswith("potash: error: none of 1 file could be read")
    assert not Path("out").exists()


@pytest.mark.parametrize(("name", "content", "reason"), READ, ids=[case[0] for case in READ])
def test_an_odd_file_is_read_and_the_doubt_told(build, name, content, reason):
    result = build([(name, content)], good=False)
    assert result.exit_code == 0, result.output
    assert list(table("articles.csv")["article_id"]) == [name.partition(".")[0]]
    assert "output_cut" in set(table("events.csv")["kind"])
    notes = [line for line in result.stderr.splitlines() if line.startswith("note: ")]
    told = [line for line in notes if "when it appeared" not in line]
    assert bool(told) == bool(reason)
    assert all(reason in line for line in told)


def test_all_of_them_at_once_change_nothing_about_the_good_one(build):
    alone = build([])
    assert alone.exit_code == 0
    events = table("events.csv")
    result = build([case[:2] for case in FATAL])
    assert result.exit_code == 3
    assert f"1 article read, {len(FATAL)} not" in result.stdout
    assert set(table("problems.csv")["file"]) == {name for name, *_ in FATAL}
    pd.testing.assert_frame_equal(table("events.csv"), events)


def test_of_two_articles_with_one_id_the_first_is_kept(build):
    result = build([("good.md", GOOD.replace("300,000", "700,000").encode())])
    assert result.exit_code == 3
    assert "have one id 'good'" in result.stderr
    assert "Rename one." in result.stderr
    assert list(table("articles.csv")["article_id"]) == ["good"]
    assert is_whole()


@pytest.mark.parametrize(
    ("sidecar", "reason"),
    [
        (b"published: [2023", "good.yaml: the sidecar is no YAML and is left out"),
        (b"\xff\xfe\x00", "good.yaml: the sidecar is no YAML and is left out"),
        (b"just words", "good.yaml: the sidecar has no keys"),
        (b"", "good.yaml: the sidecar has no keys"),
        (b"publishd: 2023-05-04", "good.yaml: sidecar key 'publishd' is left out (did you mean 'published'?)"),
        (b"published: soon", "published 'soon' of the sidecar: no date"),
        (b"publisher: {a: b}", "good.yaml: sidecar key 'publisher' is no text and is left out."),
    ],
)
def test_a_broken_sidecar_is_a_note_and_the_article_is_read(build, sidecar, reason):
    result = build([("good.yaml", sidecar)])
    assert result.exit_code == 0, result.output
    assert f"note: {reason}" in result.stderr or reason in result.stderr
    [row] = table("articles.csv").to_dict("records")
    assert row["published"].startswith("2023-05-04")
    assert list(table("problems.csv")["fatal"]) == ["no"]


def test_a_sidecar_without_its_article_is_a_note(build):
    result = build([("lost.yaml", b"published: 2023-05-04")])
    assert result.exit_code == 0
    assert "lost.yaml has no article of its name beside it." in result.stderr


@pytest.mark.parametrize("files", [[], [("prices.csv", b"date,NTR\n")], [(".hidden.txt", GOOD.encode())]])
def test_a_folder_without_articles_is_an_error(build, files):
    result = build(files, good=False)
    assert result.exit_code == 2
    [line] = result.stderr.splitlines()
    assert line.startswith("potash: error: pages: no articles; .txt, .md, .html, .htm files are read")
    assert not Path("out").exists()


def test_a_path_that_is_not_there_is_named_and_the_folder_is_read(build):
    result = build([], "elsewhere.txt")
    assert result.exit_code == 3
    assert "not read: elsewhere.txt is not there." in result.stderr
    assert list(table("articles.csv")["article_id"]) == ["good"]


@pytest.mark.parametrize("name", ["shut.txt", "shut.yaml"])
def test_a_file_that_may_not_be_read_is_named(build, monkeypatch, name):
    real = Path.read_bytes

    def refused(path):
        if path.name == name:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    result = build([("shut.txt", GOOD.encode()), ("shut.yaml", b"published: 2023-05-04")])
    assert result.exit_code == 3
    assert f"not read: {name} cannot be read: Permission denied." in result.stderr.replace(
        "shut.txt: shut.yaml", "shut.yaml"
    )
    assert list(table("articles.csv")["article_id"]) == ["good"]


def test_a_link_to_a_file_that_is_gone_is_named(build):
    Path("pages/gone.txt").symlink_to("nowhere.txt")
    result = build([])
    assert result.exit_code == 3
    assert "not read: gone.txt cannot be read: No such file or directory." in result.stderr


def test_a_folder_that_may_not_be_listed_is_named(build, monkeypatch):
    real = Path.iterdir

    def refused(path):
        if path.name == "shut":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    Path("shut").mkdir()
    monkeypatch.setattr(Path, "iterdir", refused)
    result = build([], "shut")
    assert result.exit_code == 3
    assert "not read: shut cannot be listed: Permission denied." in result.stderr


def test_a_failed_build_leaves_the_old_timeline(build):
    build([])
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    Path("pages/good.txt").write_bytes(b"")
    result = build([], good=False)
    assert result.exit_code == 2
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before
