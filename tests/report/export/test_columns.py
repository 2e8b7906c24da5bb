"""What the columns of tables mean: by name, then by how the name is made."""

import pytest

from potash.report.export.columns import COLUMNS, OTHER, column_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("CAR", "effect"), ("AR[0]", "effect"), ("CAR[-1,+1]", "effect"), ("AR[0] s.e.", "share"), ("AR[0] p", "p"),
        ("specific_std_error", "share"), ("BHAR tstat", "statistic"), ("any_firm_pvalue", "p"), ("Holm", "p"),
        ("n_firms", "count"), ("ljung_box_5", "statistic"), ("ljung_box_5_pvalue", "p"), ("largest", "statistic"),
        ("market_value", "money"), ("ruled_out", "share"), ("not corrected", "p"), ("ticker", "text"),
    ],
)  # fmt: skip
def test_kind(name, kind):
    assert column_of(name).kind == kind


def test_a_column_that_nobody_knows_is_a_number_without_a_meaning():
    assert column_of("largest session") is OTHER
    assert OTHER.meaning == ""


def test_every_meaning_is_a_phrase_without_a_full_stop():
    assert not [name for name, column in COLUMNS.items() if not column.meaning or column.meaning.endswith(".")]
