"""Frozen snapshots: what goes in comes out, every changed byte is found, and a failure leaves nothing."""

import dataclasses
import datetime as dt
import errno
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings

from potash.errors import SnapshotError
from potash.market.series import BAR_FIELDS, PriceSeries, SeriesKey
from potash.market.snapshots import folder as frozen
from potash.market.snapshots.folder import list_snapshots, read_snapshot, write_snapshot

CREATED = dt.datetime(2026, 1, 31, 6, 30, tzinfo=dt.UTC)
VERSIONS = {"potash": "0.1.0", "pyarrow": "26.0.1"}
DAYS = pd.DatetimeIndex(["2025-01-02", "2025-01-03", "2025-01-06"])
BARS = pd.DataFrame(
    {"close": [50.5, np.nan, 51.25], "volume": [0.0, 7.0, 9.0], "dividend": [np.nan, 0.54, np.nan]}, DAYS
)


def series(symbol="NTR", values=BARS, *, provider="yahoo", frequency="daily", **changes):
    facts = {"frequency": frequency, "currency": "USD", "name": "Nutrien Ltd. – ünïcode"}
    said = {"adjustment": "none", "source": "yfinance 1.7.0", "ticker": symbol}
    return PriceSeries(**{"key": SeriesKey(provider, symbol), "values": values, "facts": facts, **said, **changes})


def monthly(symbol="urea"):
    days = pd.date_range("2024-01-01", periods=4, freq="MS")
    return series(
        symbol, pd.DataFrame({"value": [1.5, 2.5, np.nan, 3.0]}, days), provider="pink_sheet", frequency="monthly"
    )


def factor(symbol="mkt_rf"):
    return series(symbol, pd.DataFrame({"value": [0.1, -0.2, 0.0]}, DAYS), provider="french")


def everything():
    learnt = ("2026-01-30T21:05:00+00:00", "2026-01-31T06:00:00+00:00")
    ntr = series(known_from=learnt)
    return [monthly(), series("MOS", BARS[["close"]]), ntr, factor()]


def write(folder, name="one", what=None, **changes):
    said = {"as_of": "2026-01-30", "created": CREATED, "versions": VERSIONS, **changes}
    return write_snapshot(folder, name, everything() if what is None else what, **said)


def assert_same_series(given_series, expected):
    pd.testing.assert_frame_equal(given_series.values, expected.values, check_exact=True)
    for name in ("key", "ticker", "facts", "adjustment", "source", "known_from"):
        assert getattr(given_series, name) == getattr(expected, name), name


def nothing_in(folder):
    return not folder.exists() or not list(folder.iterdir())


def test_everything_comes_back_as_it_went_in(tmp_path):
    written = write(tmp_path)
    read = read_snapshot(tmp_path / "one")
    for snapshot in (written, read):
        assert (snapshot.name, snapshot.folder, snapshot.as_of) == ("one", tmp_path / "one", "2026-01-30")
        assert (snapshot.created, snapshot.versions) == (CREATED, VERSIONS)
        assert [str(one.key) for one in snapshot.series] == [
            "french:mkt_rf",
            "pink_sheet:urea",
            "yahoo:MOS",
            "yahoo:NTR",
        ]
        by_key = {one.key: one for one in snapshot.series}
        for one in everything():
            assert_same_series(by_key[one.key], one)
    assert read.digest == written.digest
    assert set(read.files) == {"daily.parquet", "monthly.parquet", "factors.parquet"}


def test_values_are_kept_exactly_in_the_given_frame_left_alone(tmp_path):
    values = BARS[["dividend", "close"]].rename_axis(columns="field")
    values.attrs = {"note": "of the caller"}
    before = values.copy()
    one = series(values=values)
    (read,) = write(tmp_path, what=[one]).series
    assert list(read.values.columns) == ["close", "dividend"]
    assert (read.values.index.dtype, read.values.index.name) == (np.dtype("datetime64[ns]"), "session")
    pd.testing.assert_frame_equal(
        read.values[["dividend", "close"]],
        values.rename_axis(index="session"),
        check_names=False,
        check_index_type=False,
        check_exact=True,
    )
    pd.testing.assert_frame_equal(values, before)
    assert values.attrs


number = st.floats(allow_nan=True, allow_infinity=False, width=64)
texts = st.text(st.characters(categories=["L", "M", "N", "P", "S"]), min_size=1, max_size=8)


@st.composite
def any_series(draw):
    days = draw(st.lists(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), min_size=1, max_size=5, unique=True))
    fields = draw(st.lists(st.sampled_from((*BAR_FIELDS, "value")), min_size=1, unique=True))
    values = draw(
        st.lists(st.lists(number, min_size=len(fields), max_size=len(fields)), min_size=len(days), max_size=len(days))
    )
    frame = pd.DataFrame(values, pd.DatetimeIndex(sorted(days)), fields, dtype=np.float64)
    if frame.isna().all(axis=None):
        frame.iloc[0, 0] = 1.0
    facts = {"frequency": draw(st.sampled_from(["daily", "monthly"])), "name": draw(texts)}
    named = {name: draw(texts) for name in ("ticker", "adjustment", "source")}
    return PriceSeries(SeriesKey(draw(texts), draw(texts)), frame, facts, **named)


@given(given_series=st.lists(any_series(), min_size=1, max_size=4, unique_by=lambda one: one.key))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_series_survive_the_round_trip_bit_by_bit(tmp_path, given_series):
    folder = tmp_path / "any"
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, what=given_series)
    read = read_snapshot(folder / "one").series
    for one, expected in zip(read, sorted(given_series, key=lambda s: s.key), strict=True):
        assert_same_series(one, expected)
        signs = [np.signbit(s.values.to_numpy()) & s.values.notna().to_numpy() for s in (one, expected)]
        np.testing.assert_array_equal(*signs)


def test_the_files_are_plain_parquet_that_other_programs_read(tmp_path):
    write(tmp_path)
    table = pq.read_table(tmp_path / "one" / "daily.parquet")
    assert table.column_names == ["provider", "symbol", "session", "close", "volume", "dividend"]
    assert [str(kind) for kind in table.schema.types] == ["string", "string", "date32[day]", *["double"] * 3]
    assert table["symbol"].to_pylist() == ["MOS"] * 3 + ["NTR"] * 3
    assert table["close"].to_pylist() == [50.5, None, 51.25] * 2
    assert table["volume"].to_pylist() == [None, None, None, 0.0, 7.0, 9.0]
    details = pq.ParquetFile(tmp_path / "one" / "daily.parquet").metadata
    assert details.metadata is None  # neither that of pandas nor that of Arrow
    assert {details.row_group(0).column(i).compression for i in range(6)} == {"ZSTD"}
    assert set(pq.read_table(tmp_path / "one" / "monthly.parquet").column_names) == {
        "provider",
        "symbol",
        "session",
        "value",
    }


def test_only_the_files_that_are_needed_are_written(tmp_path):
    write(tmp_path, what=[monthly()])
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["manifest.json", "monthly.parquet"]


def test_the_manifest_says_what_is_in_it(tmp_path):
    write(tmp_path)
    text = (tmp_path / "one" / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert (manifest["format"], manifest["created"], manifest["versions"]) == (1, "2026-01-31T06:30:00+00:00", VERSIONS)
    entry = manifest["series"][3]
    assert (entry["symbol"], entry["first"], entry["last"], entry["sessions"]) == ("NTR", "2025-01-02", "2025-01-06", 3)
    assert entry["observations"] == {"close": 2, "volume": 3, "dividend": 1}
    assert (entry["revisions"], entry["known_from"][0]) == ({}, "2026-01-30T21:05:00+00:00")
    daily = manifest["files"]["daily.parquet"]
    assert (daily["rows"], daily["bytes"]) == (6, (tmp_path / "one" / "daily.parquet").stat().st_size)
    assert list(manifest) == sorted(manifest)


def test_the_same_content_gives_the_same_bytes_and_digest(tmp_path):
    first = write(tmp_path / "a")
    second = write(tmp_path / "b", "two", reversed(everything()), created=CREATED + dt.timedelta(days=1))
    assert first.files == second.files
    for file in first.files:
        assert (tmp_path / "a/one" / file).read_bytes() == (tmp_path / "b/two" / file).read_bytes()
    one, two = (json.loads((tmp_path / p / "manifest.json").read_text()) for p in ("a/one", "b/two"))
    assert {key for key in one if one[key] != two[key]} == {"name", "created", "seal"}
    assert first.digest == second.digest


@pytest.mark.parametrize(
    "changes",
    [
        {"values": BARS.replace(50.5, np.nextafter(50.5, 51))},
        {"values": BARS.drop(columns="volume")},
        {"values": BARS.set_axis(DAYS + pd.Timedelta(days=7))},
        {"values": BARS.iloc[:2]},
        {"facts": {"frequency": "daily", "currency": "CAD"}},
        {"ticker": "NTR.TO"},
        {"adjustment": "splits"},
        {"key": SeriesKey("files", "NTR")},
    ],
)
def test_other_content_has_another_digest(tmp_path, changes):
    assert write(tmp_path, "one", [series()]).digest != write(tmp_path, "two", [series(**changes)]).digest


def test_program_and_learning_time_do_not_change_the_digest(tmp_path):
    learnt = ("2026-01-30T21:05:00Z", "2026-01-30T21:05:00Z")
    other = series(source="yfinance 1.8.0", known_from=learnt)
    assert write(tmp_path, "one", [series()]).digest == write(tmp_path, "two", [other]).digest


def test_files_are_read_only_and_a_name_is_never_written_over(tmp_path):
    write(tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    for path in (tmp_path / "one").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o444
    with pytest.raises(SnapshotError, match=r"one: the name is taken, .* never written over"):
        write(tmp_path, what=[factor()])
    assert {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()} == before
    (tmp_path / "empty").mkdir()
    with pytest.raises(SnapshotError, match="taken"):
        write(tmp_path, "empty")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SnapshotError, match="taken"):
        write(tmp_path, "dangling")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling", "empty", "one"]


def test_of_two_writers_of_a_name_one_wins_whole(tmp_path, monkeypatch):
    replace = os.replace

    def beaten(source, target):
        monkeypatch.setattr(os, "replace", replace)
        write(tmp_path, what=[factor()])
        replace(source, target)

    monkeypatch.setattr(os, "replace", beaten)
    with pytest.raises(SnapshotError, match="taken"):
        write(tmp_path)
    assert [str(one.key) for one in read_snapshot(tmp_path / "one").series] == ["french:mkt_rf"]
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


@pytest.mark.parametrize("name", ["", "carried", "Jan", "a/b", "../x", ".hidden", "-x", "a b", "ä", "a\n"])
def test_a_name_that_is_not_allowed_says_which_are(tmp_path, name):
    with pytest.raises(SnapshotError, match="small letters, digits"):
        write(tmp_path / "in", name)
    assert nothing_in(tmp_path / "in")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: {"what": []}, "no series"),
        (lambda: {"what": [series(), series()]}, "more than once: yahoo:NTR"),
        (lambda: {"created": dt.datetime(2026, 1, 31)}, "with its zone"),
        (lambda: {"as_of": ""}, "as_of=''"),
    ],
)
def test_what_cannot_be_frozen_is_refused_before_anything_is_written(tmp_path, make, expected):
    with pytest.raises(SnapshotError, match=expected):
        write(tmp_path / "in", **make())
    assert nothing_in(tmp_path / "in")


def fails(error):
    def fail(*_, **__):
        raise error

    return fail


@pytest.mark.parametrize(
    ("module", "name", "error", "raised"),
    [
        (os, "replace", OSError(errno.EIO, "Input/output error"), SnapshotError),
        (os, "fsync", OSError(errno.ENOSPC, "No space left on device"), SnapshotError),
        (os, "mkdir", OSError(errno.EROFS, "Read-only file system"), SnapshotError),
        (pq, "write_table", pa.ArrowInvalid("schema at row -1"), SnapshotError),
        (frozen, "manifest_bytes", OSError(errno.ENOSPC, "No space left on device"), SnapshotError),
        (os, "replace", KeyboardInterrupt(), KeyboardInterrupt),
        (os, "fsync", MemoryError(), MemoryError),
    ],
)
def test_a_write_that_fails_leaves_nothing_and_says_why(tmp_path, monkeypatch, module, name, error, raised):
    write(tmp_path, "before")
    with monkeypatch.context() as patch:
        patch.setattr(module, name, fails(error))
        with pytest.raises(raised) as caught:
            write(tmp_path)
    if raised is SnapshotError:
        assert (getattr(error, "strerror", None) or str(error)) in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["before"]
    assert read_snapshot(tmp_path / "before").digest == write(tmp_path).digest


def test_a_disk_that_loses_bytes_is_noticed_before_the_snapshot_stands(tmp_path, monkeypatch):
    real = frozen.write_through
    monkeypatch.setattr(
        frozen, "write_through", lambda path, data: real(path, data[:-1] if path.suffix == ".parquet" else data)
    )
    with pytest.raises(SnapshotError, match=r"sha256 .* differs"):
        write(tmp_path)
    assert nothing_in(tmp_path)


def run_apart(code, folder):
    """Run code in a process of its own with this module as ``t`` and the folder as ``folder``; 7 is the refusal."""
    head = f"import os, pathlib, resource, signal, sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
    head += f"import test_folder as t\nfolder = pathlib.Path({str(folder)!r})\n"
    done = subprocess.run([sys.executable, "-B", "-c", head + code], capture_output=True, text=True, check=False)
    assert done.returncode == 7, done.stderr


def test_a_full_disk_leaves_nothing(tmp_path):
    """A real limit on the size of a file: the system refuses in the middle of a write."""
    code = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (700, resource.RLIM_INFINITY))
try:
    t.write(folder)
except t.SnapshotError as error:
    assert "File too large" in str(error), error
    raise SystemExit(7)
"""
    run_apart(code, tmp_path)
    assert nothing_in(tmp_path)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become another user")
def test_a_folder_that_may_not_be_written_is_refused_with_the_reason():
    code = """
t.frozen.encode(t.frozen.checked_series([t.factor()]))  # loads pyarrow while everything may be read
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
assert len(t.read_snapshot(folder / "one").series) == 4
try:
    t.write(folder, "two")
except t.SnapshotError as error:
    assert "Permission denied" in str(error), error
    raise SystemExit(7)
"""
    with tempfile.TemporaryDirectory() as folder:  # tmp_path lies in a folder that others may not enter
        Path(folder).chmod(0o755)
        write(Path(folder))
        run_apart(code, folder)
        assert [path.name for path in Path(folder).iterdir()] == ["one"]


def change_byte(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 0x01
    path.chmod(0o644)
    path.write_bytes(data)


@pytest.mark.parametrize("file", ["daily.parquet", "monthly.parquet", "factors.parquet", "manifest.json"])
def test_one_changed_byte_anywhere_is_found_and_the_file_named(tmp_path, file):
    write(tmp_path)
    path = tmp_path / "one" / file
    whole = path.read_bytes()
    for at in {*range(0, len(whole), max(1, len(whole) // 150)), len(whole) - 1}:
        change_byte(path, at)
        with pytest.raises(SnapshotError) as caught:
            read_snapshot(tmp_path / "one")
        assert file in str(caught.value)
        path.write_bytes(whole)
    assert read_snapshot(tmp_path / "one")


def test_blanks_and_truncation_count_as_changes(tmp_path):
    write(tmp_path)
    path = tmp_path / "one" / "manifest.json"
    whole = path.read_bytes()
    path.chmod(0o644)
    for data in (whole + b"\n", whole.replace(b"\n", b"\r\n"), whole[:-20], b"", b"[]", b"{}"):
        path.write_bytes(data)
        with pytest.raises(SnapshotError, match=r"manifest\.json: changed after it was frozen"):
            read_snapshot(tmp_path / "one")


def test_files_that_are_missing_or_foreign_are_named(tmp_path):
    write(tmp_path)
    place = tmp_path / "one"
    (place / "notes.txt").write_text("of the user")
    assert read_snapshot(place)
    shutil.copy(place / "daily.parquet", place / "more.PARQUET")
    with pytest.raises(SnapshotError, match=r"more\.PARQUET: not a file of this snapshot\. Remove it"):
        read_snapshot(place)
    (place / "more.PARQUET").unlink()
    (place / "factors.parquet").unlink()
    with pytest.raises(SnapshotError, match=r"factors\.parquet: missing from the snapshot\. Restore it"):
        read_snapshot(place)
    (place / "manifest.json").unlink()
    with pytest.raises(SnapshotError, match=r"manifest\.json: missing"):
        read_snapshot(place)


def test_absent_and_renamed_snapshots_say_what_there_is(tmp_path):
    write(tmp_path, "2026-01-30")
    with pytest.raises(SnapshotError, match=r"no such snapshot \(did you mean '2026-01-30'\?\)"):
        read_snapshot(tmp_path / "2026-01-31")
    with pytest.raises(SnapshotError, match="Snapshots there: none"):
        read_snapshot(tmp_path / "absent" / "one")
    (tmp_path / "latest").symlink_to("2026-01-30", target_is_directory=True)
    assert read_snapshot(tmp_path / "latest").name == "2026-01-30"
    (tmp_path / "latest").unlink()
    (tmp_path / "2026-01-30").rename(tmp_path / "other")
    with pytest.raises(SnapshotError, match=r"its manifest names '2026-01-30'\. Give the folder that name again"):
        read_snapshot(tmp_path / "other")


def test_a_later_format_is_refused_by_its_number(tmp_path):
    write(tmp_path)
    path = tmp_path / "one" / "manifest.json"
    path.chmod(0o644)
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(SnapshotError, match="format 2; this version of potash reads format 1"):
        read_snapshot(tmp_path / "one")


def test_values_that_read_otherwise_than_written_are_refused(tmp_path, monkeypatch):
    write(tmp_path)
    real = frozen.decode
    monkeypatch.setattr(frozen, "decode", lambda data, rows: [frame * 2 for frame in real(data, rows)])
    with pytest.raises(SnapshotError, match="read as other values than were written"):
        read_snapshot(tmp_path / "one")


def test_the_list_tells_what_is_there_and_what_is_damaged(tmp_path):
    assert list_snapshots(tmp_path / "absent").empty
    assert list_snapshots(tmp_path).columns.tolist() == frozen.LIST_COLUMNS
    whole = write(tmp_path, "a")
    for name in ("b", "c", "d"):
        write(tmp_path, name, [series()])
    change_byte(tmp_path / "b" / "daily.parquet", 100)
    change_byte(tmp_path / "c" / "manifest.json", 100)
    (tmp_path / "d" / "manifest.json").unlink()
    (tmp_path / ".building-1-x").mkdir()
    (tmp_path / "notes").mkdir()
    table = list_snapshots(tmp_path).set_index("name")
    assert table["intact"].to_dict() == {"a": True, "b": False, "c": False, "d": False}
    a = table.loc["a"]
    assert (a["as_of"], a["created"], a["series"], a["digest"]) == ("2026-01-30", CREATED, 4, whole.digest)
    assert (a["first"], a["last"]) == (pd.Timestamp("2024-01-01"), pd.Timestamp("2025-01-06"))
    assert (table.at["b", "series"], table.at["b", "last"]) == (1, pd.Timestamp("2025-01-06"))
    assert table.loc[["c", "d"], ["series", "first", "digest"]].isna().all(axis=None)


def test_results_cannot_be_changed(tmp_path):
    snapshot = write(tmp_path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.digest = ""
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.series[0].ticker = ""


def test_thirty_tickers_over_twenty_years_are_written_and_read_in_seconds(tmp_path, capsys):
    days = pd.bdate_range("2006-01-02", periods=20 * 252)
    values = np.random.default_rng(5).uniform(1, 100, (len(days), 8))
    given_series = [series(f"T{i}", pd.DataFrame(values + i, days, list(BAR_FIELDS))) for i in range(30)]
    start = time.perf_counter()
    write(tmp_path, what=given_series)
    middle = time.perf_counter()
    read = read_snapshot(tmp_path / "one")
    with capsys.disabled():
        size = (tmp_path / "one" / "daily.parquet").stat().st_size / 1e6
        print(
            f"\n30 x 20 years: write {middle - start:.2f} s, read {time.perf_counter() - middle:.2f} s, {size:.1f} MB"
        )
    assert len(read.series) == 30
    assert_same_series(read.series[0], given_series[0])
