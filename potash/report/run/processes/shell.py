"""The shell in which cells are run, and the outputs that it catches as a Jupyter front end would."""

from __future__ import annotations

import base64
import itertools
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.page import as_hook, display_page
from traitlets import Type
from traitlets.config import Config

Output: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class Outputs:
    """The outputs of the cells run so far, those of the running one last."""

    cells: list[list[Output]] = field(default_factory=lambda: [[]])
    displays: dict[str, list[Output]] = field(default_factory=dict)
    clear_first: bool = False
    changed: bool = False  # whether a display of a cell that is done was given other content

    def add(self, output: Output, display_id: str = "") -> None:
        """Add an output to the running cell; text of a stream goes to what that stream has written there."""
        if self.clear_first:
            self.clear()
        cell = self.cells[-1]
        if output["output_type"] == "stream":
            for earlier in cell:
                if earlier.get("name") == output["name"]:
                    earlier["text"].append(output["text"])
                    return
            output = {
                **output,
                "text": [output["text"]],
            }  # joined at the end: adding to a long text copies it each time
        cell.append(output)
        if display_id:
            self.displays.setdefault(display_id, []).append(output)

    def clear(self, wait: bool = False) -> None:
        """Forget the outputs of the running cell; with ``wait``, when the next one comes."""
        self.clear_first = wait
        if not wait:
            self.cells[-1].clear()

    def replace(self, display_id: str, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Give the outputs with an id other content, in whichever cell they are."""
        for output in self.displays.get(display_id, []):
            output["data"], output["metadata"] = data, metadata
            self.changed = self.changed or not any(output is other for other in self.cells[-1])

    def finish(self) -> list[Output]:
        """Return the outputs of the running cell, in the order of a front end, and begin those of the next."""
        cell = self.cells[-1]
        for output in cell:
            if output["output_type"] == "stream":
                output["text"] = "\n".join(map(_overwritten, "".join(output["text"]).split("\n")))
        for i, (first, second) in enumerate(itertools.pairwise(cell)):
            if first.get("name") == "stderr" and second.get("name") == "stdout":
                cell[i], cell[i + 1] = second, first
        self.clear_first = False
        self.cells.append([])
        return cell


class _Results(DisplayHook):
    """Takes the value of the last expression of a cell."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        shell: Any = self.shell
        output = {"output_type": "execute_result", "execution_count": self.prompt_count}
        shell.caught.add(output | _bundle(format_dict, md_dict))


class _Displays(DisplayPublisher):
    """Takes what a cell displays."""

    def publish(
        self, data: Any, metadata: Any = None, *_: Any, transient: Any = None, update: bool = False, **__: Any
    ) -> None:
        bundle, display_id = _bundle(data, metadata), str((transient or {}).get("display_id") or "")
        caught: Outputs = self.shell.caught
        if display_id:
            caught.replace(display_id, **bundle)
        if not update:
            caught.add({"output_type": "display_data", **bundle}, display_id)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.caught.clear(wait)


class Shell(InteractiveShell):
    """A shell without a terminal: ``caught`` are the outputs of its cells."""

    displayhook_class = Type(_Results)
    display_pub_class = Type(_Displays)
    caught: Outputs

    def init_hooks(self) -> None:
        """Show what IPython would page."""
        super().init_hooks()  # type: ignore[no-untyped-call]
        self.set_hook("show_in_pager", as_hook(display_page), 99)  # type: ignore[no-untyped-call]

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: there is no window."""

    def ask_exit(self) -> NoReturn:
        """Raise what ``sys.exit`` raises."""
        raise SystemExit

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        error = {"ename": str(etype.__name__), "evalue": str(evalue), "traceback": list(stb)}
        self.caught.add({"output_type": "error", **error})


def new_shell() -> Shell:
    """Return the shell of this process."""
    config = Config()
    config.HistoryManager.enabled = False  # no file, and no thread that writes it
    shell = Shell.instance(config=config)
    shell.caught = Outputs()
    return shell


def _overwritten(line: str) -> str:
    """Return a line as a terminal shows it that was sent back to its beginning."""
    return line[line.rfind("\r", 0, -1) + 1 :]


def _bundle(data: Any, metadata: Any) -> dict[str, dict[str, Any]]:
    ready = {
        mime: base64.b64encode(value).decode() if isinstance(value, bytes) else value for mime, value in data.items()
    }
    return {"data": ready, "metadata": dict(metadata or {})}
