"""Every command that the README and the pages under docs/ print can be typed: its words and options exist."""

import re
import shlex

import pytest
import typer.main

from potash.cli.app import app
from tests.paths import ROOT

PAGES = [ROOT / "README.md", ROOT / "data" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ROOT_COMMAND = typer.main.get_command(app)


def commands():
    """Yield the words after ``potash`` of each command of an indented line, those joined by ``&&`` one by one."""
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").splitlines():
            if not line.startswith("    ") or "potash" not in line:
                continue
            for part in re.split(r"&&|\|\||;", line.split("#")[0]):
                try:
                    words = shlex.split(re.sub(r"\d?[<>]\S+", "", part.replace('"$(date +\\%F)"', "name")))
                except ValueError:  # prose with an apostrophe
                    continue
                at = next((i for i, word in enumerate(words) if word.rsplit("/", 1)[-1] == "potash"), None)
                if at is not None and words[at + 1 :] and words[at + 1] in ROOT_COMMAND.commands:
                    yield pytest.param(words[at + 1 :], id=f"{page.name}: {' '.join(words[at:])}")


def parsed(words):
    command, rest = ROOT_COMMAND, list(words)
    # `report` does something without a command below it.
    while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        assert rest[0] in command.commands, f"no command {rest[0]!r}"
        command = command.commands[rest.pop(0)]
    return command.make_context(command.name, rest)


@pytest.mark.parametrize("words", list(commands()))
def test_a_printed_command_can_be_typed(words):
    parsed(words)


def test_there_are_commands_and_a_wrong_one_is_seen():
    assert len(list(commands())) >= 12
    with pytest.raises(Exception, match=r"(?i)no such option"):
        parsed(["prices", "pull", "--nonsense"])
    with pytest.raises(AssertionError, match="no command 'pul'"):
        parsed(["prices", "pul"])
