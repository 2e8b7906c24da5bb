"""An answer as plain values and as files."""

import json

import numpy as np
import pandas as pd
import pytest

from potash.errors import InputError
from potash.report.desk.choices import Choices
from potash.report.question.answer import answer_of


@pytest.fixture(scope="module")
def answer():
    return answer_of("newest", Choices(left_out=("MOS",)))


def test_a_record_survives_json_with_full_precision(answer):
    content = json.loads(json.dumps(answer.record(), allow_nan=False))
    verdict = answer.setting.verdict(answer.event_id)
    assert content["verdict"]["CAR"] == verdict.CAR
    assert content["verdict"]["spread_pvalue"] == verdict.firms.spread_pvalue
    missing = int(answer.tables["firms"].frame.isna().to_numpy().sum())
    assert missing > 0
    assert sum(value is None for row in content["tables"]["firms"] for value in row.values()) == missing
    assert content["question"]["events"] == [answer.event_id]
    assert content["question"]["left_out"] == ["MOS"]


def test_the_question_says_what_was_filled_in(answer):
    asked = dict(answer.question)
    assert asked["firms"] == "NTR, MOS, IPI, ICL; also without MOS"
    assert (asked["market"], asked["controls"], asked["window of the verdict"]) == ("SPY", "CF, DE, CTVA", "[0, 0]")
    assert asked["prices"].endswith("2020-07-01 to 2026-01-29")


def test_tables_are_written_at_full_precision(answer, tmp_path):
    paths = answer.write_tables(tmp_path / "new" / "folder")
    assert [path.stem for path in paths] == list(answer.tables)
    read = pd.read_csv(tmp_path / "new" / "folder" / "windows.csv", float_precision="round_trip")
    np.testing.assert_allclose(read["CAR"], answer.tables["windows"].frame["CAR"], rtol=1e-11)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="tables cannot be written there"):
        answer.write_tables(tmp_path / "file")


def test_a_firm_left_out_that_is_not_studied_is_an_error_where_it_was_named():
    choices = Choices(firms=("NTR", "ICL"), left_out=("MOS",))
    with pytest.raises(InputError, match=r"left_out: MOS is none of the firms studied \(NTR, ICL\)"):
        answer_of("newest", choices, named_left_out=True)
    assert answer_of("newest", choices).setting.verdict(answer_of("newest", choices).event_id).tickers == ("NTR", "ICL")
