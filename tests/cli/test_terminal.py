"""What reaches a terminal is text and never a command to it."""

import re

import pandas as pd
import pytest
import typer

from potash.cli.terminal import errors_as_messages, say, say_table, visible
from potash.errors import InputError
from tests.paths import ROOT

COMMANDS = ["\x1b[31m", "\x1b]0;title\x07", "\x9b2J", "a\rb", "\x7f", "\x08", "\u202egpj", "\u2028"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_to_the_terminal_is_written_out(command, capfd):
    say(f"a {command}")
    say_table(pd.DataFrame({"title": [command]}))
    with pytest.raises(typer.Exit), errors_as_messages(False, "nothing"):
        raise InputError(f"event {command}: no date")
    out, err = capfd.readouterr()
    assert command not in out + err
    assert re.fullmatch(r"[ -~\n]*", out + err), "as it would be typed"
    assert "potash: error: event " in err


def test_other_text_stays_as_it_is():
    text = "\u22121.4\u00a0% \u00b7 \u0160iauliai \u2192 \u4e2d\n\tnext"
    assert visible(text) == text
    assert visible("a name of a file\udc80") == r"a name of a file\udc80", "half a character cannot be printed"


def test_nothing_else_prints():
    """Commands print with ``say``, or JSON, in which such characters are escaped, and the version."""
    for file in (ROOT / "potash" / "cli").rglob("*.py"):
        calls = re.findall(r"typer\.echo\(\s*([\w.]+)", file.read_text())
        assert set(calls) <= {"json.dumps", "_json", "visible", "f"}, file.name
