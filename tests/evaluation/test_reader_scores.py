"""The figures of docs/reader-scores.md are those of the reader, and the carried articles are read as well as we say."""

import pytest

from tests.evaluation.reader_scores import OWN, PAGE, SETS, SHARED, row, rows, scored


def test_the_page_tells_what_the_reader_scores_today():
    told = PAGE.read_text(encoding="utf-8")
    assert [line for line in rows() if line not in told] == []


def test_the_five_articles_are_read_as_well_as_promised():
    if not (SHARED / "articles").is_dir():
        pytest.skip("../shared/articles (news articles, not ours to carry) is absent")
    found = scored(SHARED / "articles", SHARED / "truth" / "timeline_gold.json")
    assert found.precision >= 0.9
    assert found.recall >= 0.6
    assert all(known for _, known in found.minimum)
    assert len(found.minimum) == 9
    assert sum(case.outcome == "right" for case in found.hard_cases) >= 34
    releases = [e for e in found.events if "release-123" in str(e)]
    assert len(releases) == 1
    assert row("the five articles of the carried timeline", found) in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SETS)
def test_every_set_has_a_gold(name):
    assert (OWN / name / "gold.json").is_file()
