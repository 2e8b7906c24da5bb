"""The answer as a page."""

import re

import matplotlib.pyplot as plt

from potash.report.desk.choices import Choices
from potash.report.question.answer import answer_of
from potash.report.question.page import page_of


def test_the_page_needs_no_other_file_and_escapes_its_title():
    answer = answer_of("newest", Choices(left_out=("MOS",)))
    html = page_of(answer, "<script>alert(1)</script>")
    assert "<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>" in html
    assert f"<strong>{answer.title}</strong>" in html
    assert "<script>alert" not in html
    assert re.search(r"Content-Security-Policy\" content=\"default-src 'none'", html)
    assert not re.search(r"<[^>]+ (src|style|on\w+)=", html.split("<body>")[1])
    assert html.count("<table") == len(answer.tables)
    assert list(re.findall(r'id="figure-(\w+)"', html)) == ["parts", "path"]
    assert html.index('id="figure-parts"') < html.index("<table"), "a picture of the parts before their numbers"
    assert not plt.get_fignums(), "figures are closed"
    assert re.search(r"<dt>market</dt>\s*<dd>SPY</dd>", html)
    assert answer.title in re.search(r"<h1>(.*)</h1>", page_of(answer, answer.title))[1]
