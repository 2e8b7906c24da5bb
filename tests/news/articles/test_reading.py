"""Reading articles: text and its place in the file, metadata, furniture, repeats, sources, and what broken files say."""

import datetime as dt
from pathlib import Path

import pytest

from potash.errors import ArticleError
from potash.news.articles.reading import read_article, read_articles, repeated_sentences
from tests.paths import SHARED

OURS = SHARED / "articles"
LEAD = "Eastern Salt halted deliveries to its buyers in Brazil and China on Wednesday after the rail line to the coast was shut."
SECOND = "The company, which is the largest employer of the region, did not say when the trains would be allowed to run again."
THIRD = "Traders in Santos said that spare cargoes were hard to find and that prices had gone up by a tenth within four days."
STORY = f"{LEAD}\n\n{SECOND}\n\n{THIRD}\n"


@pytest.fixture
def write(tmp_path):
    """Return a function that writes files by name and returns their folder."""

    def write(**files: str | bytes) -> Path:
        for name, content in files.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    return write


@pytest.fixture
def read(write):
    """Return a function that reads one text as an article."""

    def read(text: str | bytes, ending: str = "txt", **given):
        return read_article(write(**{f"a__{ending}": text}) / f"a.{ending}", **given)

    return read


def told(article, role=None) -> list[str]:
    return [article.text[p.start : p.end] for p in article.paragraphs if role in (None, p.role)]


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
    assert told(article) == ["Rail line shut to salt trains", LEAD, SECOND, THIRD]
    assert article.offsets is None


def test_a_short_english_text_is_not_refused(read):
    assert told(read("Eastern Salt cuts output again.")) == ["Eastern Salt cuts output again."]


# -- metadata --------------------------------------------------------------------------------------------------------

FRONT = '---\ntitle: "Salt trains stop"\npublisher: Broad Field\npublished: 2022-02-17\nurl: https://x.example/1\n---\n'


@pytest.mark.parametrize("ending", ["md", "txt"])
def test_front_matter(read, ending):
    article = read(f"{FRONT}\n# Salt trains stop\n\n{STORY}", ending)
    assert (article.title, article.publisher, article.url) == ("Salt trains stop", "Broad Field", "https://x.example/1")
    assert (article.published.date, article.published.source) == ("2022-02-17", "front matter")
    assert article.text.startswith("---\ntitle")
    assert told(article) == ["Salt trains stop", LEAD, SECOND, THIRD]


def test_a_rule_at_the_top_is_no_front_matter(read):
    assert told(read(f"---\n\n{STORY}")) == [LEAD, SECOND, THIRD]


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
    assert told(found["wire"])[0] == LEAD


# -- paragraphs and furniture ----------------------------------------------------------------------------------------

FURNITURE = [
    "Share    Save    Print    Text size A A A", "Home | Markets | Weather | Sign in", "Skip to content", "Advertisement",
    "By Anna Smith and Ben Jones", "by Anna Smith", "(Reporting by Anna Smith in Vilnius; editing by Ben Jones)",
    "Generated by AI AgentAnna SmithReviewed byDesk", "5 min read", "Anna Smith · 11 min read · Listen", "No comments yet",
    "Add a public comment...", "Be the first to comment. Log in to post.", "© The Broad Field 2014-2026. All rights reserved.",
    "Sign up for our morning newsletter", "Original: page.example.com/article/77/", "https://page.example.com/77", "avatar",
    "Reproduction without the written permission of the publisher is not allowed.", "Terms | Privacy | Cookie settings",
    "This column reflects the personal opinions of its author.", "Nothing here is meant as, and is not, investment advice.",
    "Media contact: newsroom desk, Tampa", "Tags: potash, rail", "Read more", "17 February 2022", "#potash #rail", "* * *",
    "Ad · Trade salt shares without fees · Ad", "Updated 6h ago", "【Authored by Anna Smith】", "Follow us",
]  # fmt: skip


@pytest.mark.parametrize("line", FURNITURE)
@pytest.mark.parametrize("place", ["top", "bottom"])
def test_furniture_is_no_paragraph(read, line, place):
    title = "Rail line shut to salt trains"
    text = f"{line}\n\n{title}\n\n{STORY}" if place == "top" else f"{title}\n\n{STORY}\n{line}\n"
    assert told(read(text)) == [title, LEAD, SECOND, THIRD]


@pytest.mark.parametrize(
    "line",
    [
        "Its market share on the exchange fell.",
        "By March the company had lost a fifth of its buyers.",
        "Reading more into it would be wrong.",
        "The firm said it would comment later.",
        "Deliveries by rail and by road stopped.",
        "It pays $40 to register a cargo.",
        "- Granular, Santos: $360",
        "Copyrighted maps show the line.",
    ],
)
def test_short_sentences_and_items_are_kept(read, line):
    assert line.removeprefix("- ") in told(read(f"{LEAD}\n\n{line}\n\n{THIRD}\n"), "body")


def test_roles(read):
    text = (
        f"EUROPE / TRADE\n\nRail line shut to salt trains\n\n{LEAD}\n\nWHAT TRADERS SAY\n\n"
        f"[Photo] A train at the border. Handout via the railway\n\n{SECOND}\n\n{THIRD}\n\nUntil next week\n"
    )
    article = read(text)
    assert [p.role for p in article.paragraphs] == ["title", "body", "heading", "caption", "body", "body"]
    assert article.title == "Rail line shut to salt trains"


def test_a_title_with_a_full_stop_stands_above_furniture(read):
    title = "Eastern Salt has stopped its trains to the coast."
    assert read(f"{title}\n\n17 February 2022\nOne Desk\n{STORY}").title == title
    assert read(f"{title}\n\n{STORY}").title == ""


def test_glued_menus_are_no_title(read):
    assert read(f"HomeMarketsWeather and NewsSign in\nPhosBel cuts output at its mine\n{STORY} PhosBel.\n").title == (
        "PhosBel cuts output at its mine"
    )


@pytest.mark.parametrize("heading", ["READ NEXT", "Related stories", "Most read", "More from this desk"])
def test_links_to_other_stories_end_with_the_next_prose(read, heading):
    links = "- Old sanctions were lifted once before\n- Ministers impose a new tariff"
    assert told(read(f"{LEAD}\n\n{heading}\n{links}\n\n{SECOND}\n\n{THIRD}\n")) == [LEAD, SECOND, THIRD]


def test_notices_end_with_the_next_heading_and_comments_with_the_page(read):
    notice = "This release speaks of sanctions that may be lifted or imposed, and of strikes, floods and results that may differ."
    text = (
        f"{STORY}\nForward-looking statements\n\n{notice}\n\nAbout the line\n\n{LEAD} {THIRD}\n\nComments\n\n{SECOND}\n"
    )
    assert told(read(text), "body") == [LEAD, SECOND, THIRD, f"{LEAD} {THIRD}"]


def test_an_author_box_below_the_story_is_dropped(read):
    box = "Anna Smith turns filings into plain words and serves readers who want both speed and depth. She writes from Tampa."
    assert told(read(f"{STORY}\n{LEAD} Again.\n\nauthor avatar\nAnna Smith\n\n{box}\n"), "body")[-1] == f"{LEAD} Again."


def test_dates_of_a_chronology_are_headings(read):
    text = f"How the line was shut\n{LEAD}\n9 August 2021\n{SECOND}\n2 December 2021\n{THIRD}\n2 March 2022\n{LEAD} Again.\n"
    assert told(read(text), "heading") == ["9 August 2021", "2 December 2021", "2 March 2022"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The government has shut the line,", "made of old rails, to every train with salt from abroad."),
        (
            "The government shut the only line to the coast after midnight",
            ". The decision hits the largest miner of the land.",
        ),
        ("Some say that more than ninety wagons are waiting,", "."),
        (
            "The government shut the only line to the coast after midnight",
            "and told nobody about it until the next day.",
        ),
    ],
)
def test_a_sentence_broken_by_a_lost_link_is_one_paragraph(read, before, after):
    article = read(f"{LEAD}\n\n{before}\n\n{after}\n\n{THIRD}\n")
    assert told(article) == [LEAD, f"{before}\n\n{after}", THIRD]


def test_hard_wrapped_lines_are_put_together(read):
    words, lines = f"{LEAD} {SECOND} {THIRD}".split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 64:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    paragraph = "\n".join(lines)
    assert told(read(f"Rail line shut to salt trains\n\n{paragraph}\n\n{paragraph} Again.\n"), "body")[0] == paragraph


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


LONG = f"{LEAD} {SECOND} {THIRD}"
OTHER = (
    "Farmers in the south had bought early this year, so that most of them waited and watched the river for barges, while "
    "dealers counted bags and wrote down what they had paid for urea before the spring."
)


def test_a_copy_names_the_article_that_appeared_first(write):
    other = (
        "Nobody in the ministry wanted to talk about wagons, tolls or the coast, and the miners went home to a cold supper. "
        * 3
    )
    folder = write(
        a__txt=f"18 February 2022\n{LONG} This is the copy.\n",
        b__txt=f"17 February 2022\n{LONG}\n",
        c__txt=other,
        d__txt=LONG[:230],
    )
    assert [article.same_as for article in read_articles(folder)] == ["b", "", "", "b"]


def test_an_article_with_much_more_to_tell_is_no_copy(write):
    more = (
        "Nobody in the ministry wanted to talk about wagons or tolls, and the miners went home to a cold supper.",
        OTHER,
    )
    folder = write(a__txt=f"17 February 2022\n{LONG}\n", b__txt=f"18 February 2022\n{LONG}\n\n{' '.join(more)}\n")
    assert [article.same_as for article in read_articles(folder)] == ["", ""]


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

PAGE = f"""<!DOCTYPE html>
<html lang="en"><head><title>Rail line shut | Broad Field</title>
<meta property="og:title" content="Rail line shut to salt trains"><meta property="og:site_name" content="Broad Field">
<link rel="canonical" href="https://x.example/2022/rail">
HEAD</head>
<body><nav><a href="/">Home</a> <a href="/m">Markets</a></nav>
<article><h1>Rail line shut to salt trains</h1>
<p class="by">By Anna Smith BYLINE</p>
<p>{LEAD} K&#43;S &amp; others said: <q>We&nbsp;wait.</q></p>
<h2>What traders   say</h2>
<p>{SECOND}</p><p>{THIRD}
{THIRD.replace("Traders", "Brokers")}</p></article>
<aside><h3>Most read</h3><ul><li>Old sanctions were lifted once before</li></ul></aside>
<footer>© Broad Field 2014-2026, 12 Coast Road</footer></body></html>"""


def page(head: str = "", byline: str = "") -> str:
    return PAGE.replace("HEAD", head).replace("BYLINE", byline)


def test_html_gives_the_article_only(read):
    article = read(page(), "html")
    assert [p.role for p in article.paragraphs] == ["title", "body", "heading", "body", "body"]
    assert told(article)[0] == article.title == "Rail line shut to salt trains"
    assert told(article)[1] == f"{LEAD} K+S & others said: “We wait.”"
    assert told(article)[2] == "What traders say"
    assert (article.publisher, article.url) == ("Broad Field", "https://x.example/2022/rail")
    assert "Most read" not in article.text
    assert article.published.date == ""


def test_html_offsets_lead_back_to_the_file(read):
    raw = page()
    article = read(raw, "html")
    assert len(article.offsets) == len(article.text)
    assert list(article.offsets) == sorted(article.offsets)
    for character, offset in zip(article.text, article.offsets, strict=True):
        if character.isalnum():
            assert raw[offset] == character
    assert raw[article.offsets[article.text.index("K+S") + 1] :].startswith("&#43;")
    assert raw[article.offsets[article.text.index("& others")] :].startswith("&amp;")
    start = article.text.index(SECOND)
    begin, end = article.file_span(start, start + len(SECOND))
    assert raw[begin:end] == SECOND


META = '<meta property="article:published_time" content="2022-02-17T08:30:00+01:00">'
LD = '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "datePublished": "2022-02-17T08:30:00Z"}]}</script>'


@pytest.mark.parametrize(
    ("head", "byline", "published"),
    [
        (META, "", ("2022-02-17T08:30", "+01:00", "markup")),
        (LD, "", ("2022-02-17T08:30", "UTC", "markup")),
        ('<meta name="parsely-pub-date" content="2022-02-17">', "", ("2022-02-17", "", "markup")),
        ("", '<time datetime="2022-02-17T08:30Z">Thursday</time>', ("2022-02-17T08:30", "UTC", "markup")),
        ("", "</p><p>17 February 2022, 08:30 CET", ("2022-02-17T08:30", "Europe/Berlin", "text")),
        ('<script type="application/ld+json">{broken</script>', "", ("", "", "")),
        ('<meta name="copyright" content="2014-2026 Broad Field">', "", ("", "", "")),
    ],
)  # fmt: skip
def test_html_publication(read, head, byline, published):
    found = read(page(head, byline), "html").published
    assert (found.date, found.zone, found.source) == published


def test_a_day_marked_in_a_sentence_is_not_the_page_s_own(read):
    marked = page().replace("on Wednesday", 'on <time datetime="2021-08-09">Wednesday</time>')
    assert read(marked, "html").published.date == ""


def test_html_whose_menu_is_never_closed(read):
    assert LEAD in read(page().replace("</nav>", ""), "html").text


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
    kept = " ".join(told(five["003"]))
    assert not [word for word in ("Aime", "min read", "avatar", "Marion", "omment") if word in kept]
    assert five["003"].text[-15:] == "No comments yet"
    assert not any(article.same_as for article in five.values())
