"""The carried files: each is the one that SOURCES.toml describes, and a changed one is refused by name."""

import hashlib
import shutil

import pytest

import potash.bundled
from potash.bundled import carried_files, data_dir, notebooks_dir, sha256_of, verified
from potash.errors import ChecksumError, InputError
from potash.market.load import load_prices
from potash.news.timeline import load_timeline
from potash.universe import load_universe


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Return a copy of data/ that potash takes for its own; the rows of SOURCES.toml are those of the copy."""
    folder = tmp_path / "data"
    shutil.copytree(data_dir(), folder)
    monkeypatch.setattr(potash.bundled, "data_dir", lambda: folder)
    carried_files.cache_clear()
    yield folder
    carried_files.cache_clear()


def change_one_byte(path):
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("relative", sorted(carried_files()))
def test_every_described_file_verifies(relative):
    path = verified(relative)
    assert path == data_dir() / relative
    assert carried_files()[relative].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_row_tells_source_date_and_licence():
    files = carried_files()
    assert len(files) == 12
    assert [path for path, file in files.items() if file.path != path] == []
    assert [path for path, file in files.items() if not (file.source and file.retrieved and file.licence)] == []
    assert {path for path, file in files.items() if file.series} == {path for path in files if "/" in path}


def test_sha256_of_is_that_of_other_software(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_of(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("relative", sorted(carried_files()))
def test_one_changed_byte_is_an_error_that_names_the_file(relative, copy):
    assert verified(relative) == copy / relative
    change_one_byte(copy / relative)
    with pytest.raises(ChecksumError, match="the file was changed after it was described") as caught:
        verified(relative)
    assert str(copy / relative) in str(caught.value)
    assert carried_files()[relative].sha256[:12] in str(caught.value)


@pytest.mark.parametrize(
    ("relative", "load"),
    [
        ("universe.csv", load_universe),
        ("events.csv", load_timeline),
        ("evidence.csv", load_timeline),
        ("confounders.csv", load_timeline),
        ("prices/daily_2024_2026.csv", load_prices),
    ],
)
def test_loaders_refuse_a_changed_file(relative, load, copy):
    change_one_byte(copy / relative)
    with pytest.raises(ChecksumError, match=relative):
        load()


def test_another_folder_is_compared_with_the_same_rows(tmp_path):
    shutil.copy(data_dir() / "universe.csv", tmp_path)
    assert verified("universe.csv", tmp_path) == tmp_path / "universe.csv"
    change_one_byte(tmp_path / "universe.csv")
    with pytest.raises(ChecksumError, match=r"universe\.csv"):
        verified("universe.csv", tmp_path)
    assert verified("universe.csv") == data_dir() / "universe.csv"


def test_a_missing_file_is_an_error_that_names_it(tmp_path):
    with pytest.raises(ChecksumError, match=r"events\.csv: the file is missing, though SOURCES.toml describes it"):
        verified("events.csv", tmp_path)


def test_a_file_that_no_row_describes_is_an_error_with_the_described_ones():
    with pytest.raises(ChecksumError, match=r"README\.md: no row in SOURCES.toml. Described are: .*universe\.csv"):
        verified("README.md")


def test_a_missing_folder_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(potash.bundled, "_PACKAGE", tmp_path / "potash")
    for folder in (data_dir, notebooks_dir):
        with pytest.raises(InputError, match=r"is missing: looked in .*_carried and .*Install potash again"):
            folder()


def test_files_inside_the_package_come_first(tmp_path, monkeypatch):
    """In a wheel the files lie in the package; a folder data/ beside it belongs to someone else."""
    inside = tmp_path / "potash" / "_carried" / "data"
    inside.mkdir(parents=True)
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(potash.bundled, "_PACKAGE", tmp_path / "potash")
    assert data_dir() == inside
