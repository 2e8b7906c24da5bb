"""Articles that repeat another one nearly word for word."""

from potash.news.articles.reading import read_articles
from tests.support.articles import LEAD, SECOND, THIRD

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
