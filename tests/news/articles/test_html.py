"""The article of an HTML page, its offsets in the file, and when its markup says it appeared."""

import pytest

from tests.support.articles import LEAD, SECOND, THIRD, texts

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
    assert texts(article)[0] == article.title == "Rail line shut to salt trains"
    assert texts(article)[1] == f"{LEAD} K+S & others said: “We wait.”"
    assert texts(article)[2] == "What traders say"
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
