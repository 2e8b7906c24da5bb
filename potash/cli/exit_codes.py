"""The one table of exit codes: what the end of any command says to the program that started it."""

from __future__ import annotations

from enum import IntEnum

from potash.errors import InputError, MissingPackageError, NotebookError, ReportLockedError


class ExitCode(IntEnum):
    """What a command ends with. A code of its own for each thing that a scheduler would do differently.

    Attributes
    ----------
    DONE
        All of it is done, or there was nothing to do because nothing had changed.
    INTERNAL
        It failed, and not because of what was given: no space on the disk, a provider that does not answer at all, a
        damaged store, or a defect of potash.
    INPUT
        What was given breaks a rule: an option, a file, a ticker, a date. The same command fails again.
    INCOMPLETE
        It is done, but something is missing or stale, and the command names it.
    CHECK
        It ran, and what it checked has errors.
    NOTEBOOK
        A notebook failed; the last report stands.
    LOCKED
        Another run works on the same folder.
    INTERRUPTED
        Ctrl-C, or the system asked it to end (SIGTERM).
    """

    DONE = 0
    INTERNAL = 1
    INPUT = 2
    INCOMPLETE = 3
    CHECK = 4
    NOTEBOOK = 5
    LOCKED = 6
    INTERRUPTED = 130


def exit_code_of(error: BaseException) -> ExitCode:
    """Return the exit code of an error that ends a command.

    Examples
    --------
    >>> from potash.errors import PricesError, StoreError
    >>> exit_code_of(PricesError("two rows of one day")).name, exit_code_of(StoreError("the disk is full")).name
    ('INPUT', 'INTERNAL')
    """
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    if isinstance(error, ReportLockedError):
        return ExitCode.LOCKED
    if isinstance(error, NotebookError):
        return ExitCode.NOTEBOOK
    if isinstance(error, (InputError, MissingPackageError)):
        return ExitCode.INPUT
    return ExitCode.INTERNAL
