"""Reading articles: text and its place in the file, metadata, furniture, repeats, sources, and what broken files say."""

import datetime as dt

import pytest

from potash.errors import ArticleError
from potash.news.articles.reading import read_article, read_articles, repeated_sentences
from tests.paths import SHARED
from tests.support.articles import LEAD, SECOND, STORY, THIRD, texts

OURS = SHARED / "articles"


# -- files -----------------------------------------------------------------------------------------------------------


def test_a_folder_is_read_in_order_of_names_and_nothing_below_it(write):
    folder = write(b__txt=STORY, a__md=STORY.replace("Brazil", "India"), notes__csv="x,y", c__html="")
    (folder / "below").mkdir()
    (folder / "below" / "d.txt").write_text(STORY)
    found = read_articles(folder)
    assert [article.article_id for article in found] == ["a", "b"]
    assert len(found) == 2
    assert [problem.path.name for problem in found.problems] == ["c.html"]


def test_a_list_of_files_and_folders_reads_each_file_once(write):
    folder = write(a__txt=STORY, b__txt=STORY)
    assert [article.article_id for article in read_articles([folder / "b.txt", folder])] == ["a", "b"]
    assert [article.article_id for article in read_articles(str(folder / "b.txt"))] == ["b"]


@pytest.mark.parametrize("names", [{}, {"x__csv": "a,b"}])
def test_nothing_to_read_is_an_error(write, names):
    with pytest.raises(ArticleError, match=r"no articles.*\.txt"):
        read_articles(write(**names))


def test_a_file_that_is_not_there_is_a_problem(write):
    folder = write(a__txt=STORY)
    found = read_articles([folder / "a.txt", folder / "gone.txt"])
    assert [article.article_id for article in found] == ["a"]
    assert "gone.txt is not there" in found.problems[0].reason


def test_progress_is_told_before_each_file(write):
    seen = []
    read_articles(write(a__txt=STORY, b__txt=STORY), progress=lambda *told: seen.append(told))
    assert [(done, total, path.name) for done, total, path in seen] == [(0, 2, "a.txt"), (1, 2, "b.txt")]


FRENCH = (
    "Le producteur a suspendu ses livraisons vers le Brésil mercredi, après la fermeture de la ligne de chemin de fer qui "
    "mène à la côte. La société n'a pas dit quand les trains pourraient circuler de nouveau dans la région."
)
RUSSIAN = (
    "Компания остановила поставки в Бразилию и Китай в среду, после того как железная дорога к побережью была закрыта."
)
BROKEN = {
    "empty": ("txt", b"", "is empty"),
    "blank": ("txt", b"\xef\xbb\xbf \r\n\n", "is empty"),
    "binary": ("txt", b"\x89PNG\r\n\x00\x00\x00\rIHDR" + bytes(range(256)), "is binary"),
    "large": ("txt", b"word " * 1_200_000, "6.0 MB; articles of up to 5 MB"),
    "undecodable": ("txt", bytes(range(128, 256)) * 5, "no known encoding"),
    "french": ("txt", FRENCH, "not in English"),
    "russian": ("txt", RUSSIAN, "not in English"),
    "russian_1251": ("txt", (RUSSIAN * 4).encode("cp1251"), "not in English"),
    "chinese": ("txt", "白俄罗斯钾肥公司周三停止向巴西和中国交货。" * 4, "not in English"),
    "furniture": ("txt", "Menu\nShare\nSubscribe\n2 min read\nNo comments yet\n", "no text of an article"),
    "login": ("html", "<html><body><nav><a href='/'>Home</a></nav><p>Please log in.</p></body></html>", "HTML without"),
    "no_text": ("html", "<html><body><script>var a = 1;</script></body></html>", "HTML without an article"),
    "future": ("txt", f"Rail line shut to salt trains\nPublished 3 March 2031\n{STORY}", "after today (2026-01-01)"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_with_its_reason_and_the_rest_goes_on(write, name):
    ending, content, reason = BROKEN[name]
    found = read_articles(write(**{f"{name}__{ending}": content, "whole__txt": STORY}), today=dt.date(2026, 1, 1))
    assert [article.article_id for article in found] == ["whole"]
    fatal = [problem for problem in found.problems if problem.fatal]
    assert [problem.path.name for problem in fatal] == [f"{name}.{ending}"]
    assert reason in fatal[0].reason
    assert f"{name}.{ending}" in fatal[0].reason


def test_read_article_raises(write):
    with pytest.raises(ArticleError, match="is empty"):
        read_article(write(a__txt="") / "a.txt")


def test_two_articles_with_one_id(write):
    found = read_articles(write(a__md=STORY, a__txt=STORY))
    assert [article.path.name for article in found] == ["a.md"]
    assert "a.txt" in found.problems[0].reason
    assert "a.md" in found.problems[0].reason
    assert found.problems[0].fatal


@pytest.mark.parametrize(("encoding", "name"), [("cp1252", "windows-1252"), ("utf-16", "utf-16")])
def test_another_encoding_is_read_with_a_doubt(write, encoding, name):
    text = STORY.replace("halted", "“halted”").replace("largest", "largest – and oldest –")
    found = read_articles(write(a__txt=text.encode(encoding)))
    assert "“halted”" in found.articles[0].text
    assert [problem.fatal for problem in found.problems] == [False]
    assert f"read as {name}" in found.problems[0].reason


def test_text_is_kept_as_it_stands_with_its_mark_and_line_ends(read):
    raw = "\ufeffRail line shut to salt trains\r\n\r\n" + STORY.replace("\n", "\r\n")
    article = read(raw)
    assert article.text == raw
    assert texts(article) == ["Rail line shut to salt trains", LEAD, SECOND, THIRD]
    assert article.offsets is None


def test_a_short_english_text_is_not_refused(read):
    assert texts(read("Eastern Salt cuts output again.")) == ["Eastern Salt cuts output again."]


# -- metadata --------------------------------------------------------------------------------------------------------

FRONT = '---\ntitle: "Salt trains stop"\npublisher: Broad Field\npublished: 2022-02-17\nurl: https://x.example/1\n---\n'


@pytest.mark.parametrize("ending", ["md", "txt"])
def test_front_matter(read, ending):
    article = read(f"{FRONT}\n# Salt trains stop\n\n{STORY}", ending)
    assert (article.title, article.publisher, article.url) == ("Salt trains stop", "Broad Field", "https://x.example/1")
    assert (article.published.date, article.published.source) == ("2022-02-17", "front matter")
    assert article.text.startswith("---\ntitle")
    assert texts(article) == ["Salt trains stop", LEAD, SECOND, THIRD]


def test_a_rule_at_the_top_is_no_front_matter(read):
    assert texts(read(f"---\n\n{STORY}")) == [LEAD, SECOND, THIRD]


@pytest.mark.parametrize("ending", ["yaml", "yml"])
def test_a_sidecar_comes_before_front_matter(write, ending):
    folder = write(
        **{"a__md": FRONT + STORY, f"a__{ending}": "published: 2022-02-18 07:00\npublisher: Other\nfrom: Belta\n"}
    )
    article = read_articles(folder).articles[0]
    assert (article.published.date, article.published.source) == ("2022-02-18T07:00", "sidecar")
    assert (article.publisher, article.title, article.sources) == ("Other", "Salt trains stop", ("Belta",))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("pub_lished: 2022-02-17\n", "did you mean 'published'"),
        ("title: [unclosed\n", "no YAML"),
        ("only words\n", "has no keys"),
        ("published: next week\n", "no date"),
        ("published: 03/02/2022\n", "ambiguous"),
        (b"title: caf\xe9\n", "no YAML"),
    ],
)
def test_a_sidecar_that_is_wrong_is_a_doubt(write, content, reason):
    found = read_articles(write(a__txt=STORY, a__yaml=content))
    assert len(found) == 1
    assert found.articles[0].published.date == ""
    assert [problem.fatal for problem in found.problems] == [False]
    assert reason in found.problems[0].reason


def test_a_sidecar_without_an_article_is_named(write):
    found = read_articles(write(a__txt=STORY, b__yaml="title: x\n"))
    assert [(problem.path.name, problem.fatal) for problem in found.problems] == [("b.yaml", False)]


def test_a_given_time_comes_first(write):
    folder = write(a__md=FRONT + STORY)
    article = read_articles(folder, published={"a": "2022-02-19T08:00 Europe/Minsk"}).articles[0]
    assert (article.published.date, article.published.zone) == ("2022-02-19T08:00", "Europe/Minsk")
    assert article.published.source == "given"
    with pytest.raises(ArticleError, match=r"'aa', which is no article .*'a'"):
        read_articles(folder, published={"aa": "2022-02-19"})
    with pytest.raises(ArticleError, match="is no date"):
        read_articles(folder, published={"a": "soon"})
    with pytest.raises(ArticleError, match="is no date"):
        read_article(folder / "a.md", published="soon")


def test_a_page_without_a_date_has_none(read):
    assert read(STORY).published.date == ""
    assert read(STORY).published.note == ""


def test_the_order_of_the_page_is_told_whatever_dates_it(write):
    folder = write(a__txt=STORY.replace("Wednesday", "Wednesday, 16/02/2022,"), a__yaml="published: 2022-02-17\n")
    assert read_articles(folder).articles[0].published.note == "DD/MM page"


def test_other_articles_settle_the_year_of_a_dateline(write):
    wire = f"VILNIUS, Feb 16 (Reuters) - {STORY}"
    assert read_articles(write(wire__txt=wire)).articles[0].published.date == ""
    found = {a.article_id: a for a in read_articles(write(wire__txt=wire, other__txt=f"17 February 2022\n{THIRD}\n"))}
    assert found["wire"].published.date == "2022-02-16"
    assert found["wire"].publisher == "Reuters"
    assert texts(found["wire"])[0] == LEAD


# -- paragraphs and furniture ----------------------------------------------------------------------------------------


# -- repeats and copies ----------------------------------------------------------------------------------------------


def test_a_paragraph_printed_twice_is_marked(read):
    article = read(f"{LEAD}\n\n{SECOND}\n\n{LEAD}\n\n{SECOND.replace('largest', 'biggest')}\n\n{THIRD}\n")
    assert [p.repeats for p in article.paragraphs] == [None, None, 0, 1, None]


def test_a_paragraph_that_repeats_and_goes_on_loses_nothing(read):
    article = read(f"{LEAD}\n\n{LEAD} {SECOND}\n\n{THIRD}\n")
    assert [p.repeats for p in article.paragraphs] == [None, None, None]
    assert [article.text[a:b] for a, b in repeated_sentences(article)] == [LEAD]


@pytest.mark.parametrize(
    ("form", "words", "same"),
    [
        ("Belarus let {} of its many prisoners go on Thursday evening.", ("52", "123"), False),
        ("The firm said that it would {} its trains to the coast today.", ("stop", "not stop"), False),
        ("The ministers in Brussels have {} their sanctions on the large salt mine.", ("lifted", "imposed"), False),
        ("President {} has met the envoy for two days of talks in Minsk.", ("Lukashenko", "Lukashenka"), True),
        ("{} trains to the northern coast early on Monday.", ("The firm stopped its", "THE FIRM STOPPED ITS"), True),
        ("The trains {} on Monday.", ("stopped", "stopped"), False),
    ],
)  # fmt: skip
def test_repeated_sentences(read, form, words, same):
    earlier, later = (form.format(word) for word in words)
    article = read(f"{LEAD} {earlier}\n\n{SECOND} {later}\n")
    assert [article.text[a:b] for a, b in repeated_sentences(article)] == ([later] if same else [])


def test_a_heading_is_no_first_telling(read):
    article = read(
        f"{SECOND}\n\nThe line to the coast has been shut for good\n\nThe line to the coast has been shut for good. {THIRD}\n"
    )
    assert repeated_sentences(article) == []


# -- sources, publisher, software ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "sources"),
    [
        ("The line was shut, officials told Reuters.", ("Reuters",)),
        ("According to a report from Xinhua News Agency and other media, it was shut.", ("Xinhua",)),
        ("It was shut, state news agency Belta reported.", ("Belta",)),
        ("The Belarusian News Agency said that it was shut.", ("Belta",)),
        ("The Associated Press noted that it had been shut.", ("AP",)),
        ("It was shut, Interfax reported, citing TASS.", ("Interfax", "TASS")),
        ("He wrote on X that it was shut, then said so in a post on Telegram.", ("X", "Telegram")),
        ("This article is from Cai Lian Society.", ("Cailian Press",)),
        ("It was shut, according to the Northern Statistical Committee.", ("Northern Statistical Committee",)),
        ("According to Olga Ivanova, it was shut.", ()),
        ("Reuters shares rose and Bloomberg hired ninety people.", ()),
        ("The X factor and Telegram chats were discussed.", ()),
        ("It sold Argus, its old horse.", ()),
    ],
)
def test_sources(read, sentence, sources):
    assert read(f"{LEAD} {sentence}\n\n{THIRD}\n").sources == sources


def test_the_agency_of_the_dateline_is_the_nearest_source(read):
    article = read(f"MINSK, Feb 16 (Belta) - {LEAD}\n\n{SECOND} It told Reuters nothing.\n")
    assert article.sources == ("Belta", "Reuters")
    assert article.publisher == "Belta"


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        (
            "This article is exclusive to Broad Field Daily, and unauthorized reproduction is prohibited.",
            "Broad Field Daily",
        ),
        ("© 2019-2026 Broad Field. All rights reserved.", "Broad Field"),
        ("(c) Broad Field Letters LLC | Terms", "Broad Field Letters LLC"),
        ("Read more", ""),
    ],
)
def test_publisher_of_the_text(read, line, publisher):
    assert read(f"{STORY}\n{line}\n").publisher == publisher


@pytest.mark.parametrize(
    ("line", "machine"),
    [
        ("Generated by AI AgentAnna SmithReviewed byDesk", True),
        ("Written by Broad Field AutomationChecked by Desk", True),
        ("Created with ChatGPT", True),
        ("By Anna Smith and Ben Jones", False),
        ("Written by Anna Smith", False),
        ("Generated by Aida Smith", False),
    ],
)
def test_machine_written(read, line, machine):
    assert read(f"Rail line shut to salt trains\n{line}\n{STORY}").machine_written is machine


def test_a_story_about_software_is_not_written_by_it(read):
    assert not read(
        f"{LEAD}\n\nMaps generated by AI show the trains where they stand and have stood since the line was shut.\n"
    ).machine_written


# -- HTML ------------------------------------------------------------------------------------------------------------


# -- the five articles -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def five():
    if not OURS.is_dir():
        pytest.skip("../shared/articles (news articles, not ours to carry) is absent")
    return {article.article_id[:3]: article for article in read_articles(OURS, today=dt.date(2025, 12, 31))}


@pytest.mark.parametrize(
    ("name", "date", "zone", "source"),
    [
        ("000", "2025-12-14T08:21", "", "text"),
        ("001", "2025-12-13", "", "text"),
        ("002", "", "", ""),
        ("003", "2025-12-13T07:03", "America/New_York", "text"),
        ("004", "2025-12-13", "", "dateline"),
    ],
)
def test_publication_of_the_five(five, name, date, zone, source):
    assert len(five) == 5
    published = five[name].published
    assert (published.date, published.zone, published.source) == (date, zone, source)


def test_a_dateline_of_the_five_is_dated_without_today_too():
    if not OURS.is_dir():
        pytest.skip("../shared/articles (news articles, not ours to carry) is absent")
    assert read_articles(OURS).articles[4].published.date == "2025-12-13"


def test_content_of_the_five(five):
    assert len(repeated_sentences(five["000"])) == 1
    assert "Xinhua" in five["000"].sources
    assert {"Reuters", "Belta"} <= set(five["004"].sources)
    assert {name for name, article in five.items() if article.machine_written} == {"003"}
    kept = " ".join(texts(five["003"]))
    assert not [word for word in ("Aime", "min read", "avatar", "Marion", "omment") if word in kept]
    assert five["003"].text[-15:] == "No comments yet"
    assert not any(article.same_as for article in five.values())
