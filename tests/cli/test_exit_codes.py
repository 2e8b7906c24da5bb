from __future__ import annotations

import re

import pytest

from potash import errors
from potash.cli.exit_codes import ExitCode, exit_code_of
from tests.paths import ROOT


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.PotashError("x"), 1),
        (errors.ReportError("no space"), 1),
        (errors.StoreError("damaged"), 1),
        (errors.UnreachableError("no network"), 1),
        (RuntimeError("a defect"), 1),
        (errors.OptionError("x"), 2),
        (errors.EventsError("x"), 2),
        (errors.ReportInputError("x"), 2),
        (errors.NothingStoredError("x"), 2),
        (errors.StorePlaceError("x"), 2),
        (errors.MissingPackageError("x"), 2),
        (errors.NotebookError("x"), 5),
        (errors.ReportLockedError("x"), 6),
        (KeyboardInterrupt(), 130),
    ],
)
def test_the_code_of_an_error(error: BaseException, code: int) -> None:
    assert exit_code_of(error) == code


def test_the_page_about_schedules_lists_every_code_once() -> None:
    text = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)] == list(ExitCode)


def test_commands_end_with_names_of_the_table_and_not_with_numbers() -> None:
    for path in sorted((ROOT / "potash" / "cli").glob("*.py")):
        assert not re.search(r"Exit\(\d", path.read_text(encoding="utf-8")), path.name
