"""The names of a question, from a file and as a list."""

import inspect
from dataclasses import fields
from pathlib import Path

import pytest

from potash.errors import InputError, OptionError
from potash.report.desk import set_up
from potash.report.desk.choices import Choices
from potash.report.question.names import MEANINGS, choices_of, defaults, parameter_rows, read_config
from potash.report.run.notebooks import find_notebooks, read_notebook
from tests.report.made_up import write_notebook


def written(folder: Path, text: str) -> Path:
    file = folder / "question.toml"
    file.write_text(text)
    return file


def test_set_up_the_names_and_the_choices_are_one_list():
    names = set(MEANINGS)
    assert names == {field.name for field in fields(Choices)}
    assert names == set(inspect.signature(set_up).parameters)
    assert names == set(defaults())


def test_a_file_sets_names_and_its_paths_are_its_own(tmp_path):
    file = written(
        tmp_path,
        'firms = ["NTR", "MOS"]\nwindow = [-1, 1]\nas_of = 2026-01-05\nprices_folder = "mine"\nout_folder = "out"\n'
        'universe_file = "/data/universe.csv"\ntitle = "Ours"\n',
    )
    assert read_config(file) == {
        "firms": ["NTR", "MOS"], "window": [-1, 1], "as_of": "2026-01-05", "prices_folder": str(tmp_path / "mine"),
        "out_folder": str(tmp_path / "out"), "universe_file": "/data/universe.csv", "title": "Ours",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (
            "frms = ['NTR']",
            OptionError,
            r"unknown name 'frms' \(did you mean 'firms'\?\)\. Names are: events, firms, market",
        ),
        ("horizon = 3", OptionError, "unknown name 'horizon'"),
        ("firms = [", InputError, "not TOML"),
        ("title = 3", OptionError, r"question\.toml: title = 3 is not a text\. Change it there"),
        ("out_folder = ['a']", OptionError, "out_folder = .* is not a text"),
        ("events_file = 3", OptionError, "events_file = 3 is not a text"),
        ("left_out = 'MOS'", OptionError, r"left_out = 'MOS' is not a list of texts, for example \['NTR', 'MOS'\]"),
        ("firms = ['NTR', 3]", OptionError, "is not a list of texts"),
        ("window = '0,1'", OptionError, r"window = '0,1' is not two whole numbers of sessions in brackets"),
        ("as_of = 10:00:00", OptionError, "is not a day"),
    ],
)
def test_a_file_with_a_mistake_is_refused(tmp_path, text, error, message):
    with pytest.raises(error, match=message):
        read_config(written(tmp_path, text))


def test_a_file_may_set_what_notebooks_declare(tmp_path):
    assert read_config(written(tmp_path, "horizon = 3"), ["horizon"]) == {"horizon": 3}
    with pytest.raises(InputError, match="there is no such file"):
        read_config(tmp_path / "absent.toml")
    with pytest.raises(InputError, match="is a folder, and a TOML file is needed"):
        read_config(tmp_path)
    with pytest.raises(OptionError, match=r"confounders_file, as_of, out_folder, title, event, horizon\.$"):
        read_config(written(tmp_path, "nothing = 3"), {"out_folder", "horizon", "firms", "event"})


def test_a_file_may_begin_with_the_mark_of_an_editor(tmp_path):
    file = tmp_path / "question.toml"
    file.write_bytes(b'\xef\xbb\xbffirms = ["NTR"]')
    assert read_config(file) == {"firms": ["NTR"]}


def test_a_firm_is_usually_left_out_unless_firms_were_chosen_or_the_universe_lacks_it(tmp_path):
    universe = tmp_path / "universe.csv"
    universe.write_text("ticker,name,exchange,currency,role\nSPY,S,XNYS,USD,market\nNTR,N,XNYS,USD,potash producer\n")
    assert choices_of({}).left_out == ("MOS",)
    assert choices_of({"firms": "NTR,MOS"}).left_out == ()
    assert choices_of({"universe_file": universe}).left_out == ()
    assert choices_of({"firms": "NTR,MOS", "left_out": ["MOS"]}).left_out == ("MOS",)
    assert choices_of({"left_out": []}).left_out == ()
    assert choices_of({"horizon": 3, "out_folder": "x"}) == choices_of({}), "names that are no part of the question"


def test_every_parameter_is_listed_with_the_notebooks_that_use_it(tmp_path):
    source = (
        'out_folder = None\nhorizon = 5  # sessions to look at\nas_of = None\nfirms = ["NTR"]\nstep = horizon + 1\n'
    )
    notebook = read_notebook(write_notebook(tmp_path / "01-mine.ipynb", ["# Mine", source]))
    rows = {row[0]: row[1:] for row in parameter_rows([notebook])}
    assert rows["horizon"] == ("5", "sessions to look at", "01-mine")
    assert rows["step"] == ("computed", "", "01-mine")
    assert rows["firms"] == ("None", MEANINGS["firms"], "01-mine")
    assert rows["market"][2] == "none of these notebooks"
    assert "out_folder" not in rows
    assert list(rows)[: len(MEANINGS)] == list(MEANINGS)


def test_defaults_of_the_carried_notebooks_are_those_of_the_question():
    usual = {name: list(value) if isinstance(value, tuple) else value for name, value in defaults().items()}
    for path in find_notebooks():
        for name, value in read_notebook(path).declared.items():
            if name in usual:
                assert value == usual[name], (path.name, name)
