"""The carried timeline is what `potash timeline build` makes of the articles, the decisions of people and the context."""

import pytest
from typer.testing import CliRunner

from potash.cli import app as cli
from potash.news.tables.overrides import read_overrides
from tests.paths import ROOT

DATA = ROOT / "data"
ARTICLES = ROOT.parent / "shared" / "articles"


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    if not ARTICLES.is_dir():
        pytest.skip("the articles are not on this machine; they are their publishers' and not carried")
    out = tmp_path_factory.mktemp("rebuilt")
    options = ["--overrides", DATA / "overrides.toml", "--today", "2026-11-22", "--strict", "--quiet", "--out", out]
    done = CliRunner().invoke(cli.app, ["timeline", "build", str(ARTICLES), *map(str, options)])
    assert done.exit_code == 0, done.output
    return out


@pytest.mark.parametrize("name", ["events.csv", "evidence.csv"])
def test_a_rebuild_gives_the_carried_files(rebuilt, name):
    assert (rebuilt / name).read_bytes() == (DATA / name).read_bytes(), (
        f"the reader now finds something else: `potash timeline diff data {rebuilt}` shows what"
    )


def test_the_decisions_can_be_read_and_name_the_context():
    overrides = read_overrides(DATA / "overrides.toml")
    assert [path.name for path in overrides.files] == ["context_events.csv"]
    assert {override.entry.get("by", "potash desk") for override in overrides.overrides} == {"potash desk"}
    twice = [o.event_id for o in overrides.overrides if o.action == "correct"]
    assert len(twice) == len(set(twice))
