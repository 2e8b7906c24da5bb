import json
from pathlib import Path

from potash.report.front.facts import Front
from potash.report.front.task import FACTS, front_node, question_of, read_facts, write_facts
from potash.report.run.notebooks import UNKNOWN, Notebook
from tests.report.desk.made_up import files


def notebook(**declared: object) -> Notebook:
    return Notebook("03-event-study", Path("03-event-study.ipynb"), None, declared)


def test_notebooks_that_ask_the_study_s_question_share_it():
    first = notebook(left_out=["MOS"], returns_kind="log", made=UNKNOWN)
    second = notebook(left_out=[], event_window=[-5, 5])
    own = notebook(rows=3, event_window="a name of its own")
    assert question_of([own], {"prices_folder": "/x"}) is None
    assert question_of([own, first, second], {"returns_kind": "simple"}) == {
        "left_out": ["MOS"], "returns_kind": "simple", "event_window": [-5, 5],
    }  # fmt: skip


def test_the_task_is_a_cell_that_writes_the_facts(tmp_path, monkeypatch):
    prices, events = files(tmp_path, ["NTR", "MOS"])
    monkeypatch.chdir(tmp_path)
    node = front_node({"prices_folder": str(prices), "events_file": str(events), "rows": 3, "out_folder": "."})
    exec(node.cells[0].source, {})
    content = json.loads((tmp_path / FACTS).read_text())
    assert Front.from_json({**content, "notebooks": []}).events[0].event_id == "planted"
    first = (tmp_path / FACTS).read_bytes()
    write_facts({"prices_folder": str(prices), "events_file": str(events)}, tmp_path)
    assert (tmp_path / FACTS).read_bytes() == first


def test_what_notebooks_highlight_stands_beside_the_facts(tmp_path):
    highlight = {"notebook": "own", "text": "It moved", "tone": "effect", "heading": ""}
    assert read_facts(tmp_path, [highlight]) == {"version": 2, "notebooks": [highlight]}
    (tmp_path / FACTS).write_text('{"version": 2, "answer": {}}')
    assert read_facts(tmp_path, []) == {"version": 2, "answer": {}, "notebooks": []}
