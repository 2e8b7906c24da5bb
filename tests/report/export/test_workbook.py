"""A workbook holds every table of a report with numbers as numbers, and no cell of it is a formula."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from potash.errors import ReportError
from potash.report.export.workbook import _sheet_names, write_workbook

HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1", "http://example.org"]


def table(folder, name, text, notebook="04-answer", title=""):
    (folder / "tables").mkdir(exist_ok=True)
    file = f"tables/{name}.csv"
    (folder / file).write_text(text, encoding="utf-8")
    return {"name": name, "title": title or name.capitalize(), "file": file, "notebook": notebook}


def written(folder, tables, **about):
    return openpyxl.load_workbook(write_workbook(folder, tables, folder / "report.xlsx", about))


def rows_of(sheet):
    return [list(row) for row in sheet.iter_rows(min_row=3, values_only=True)]


def test_numbers_days_and_text_are_what_they_are_in_the_file(tmp_path):
    text = "ticker,CAR,pvalue,nobs,session,code\nNTR,-0.0143,0.262,120,2025-12-15,001\nMOS,,0.05,119,2025-12-16,002\n"
    book = written(tmp_path, [table(tmp_path, "firms", text)])
    assert rows_of(book["Firms"]) == [
        ["ticker", "CAR", "pvalue", "nobs", "session", "code"],
        ["NTR", -0.0143, 0.262, 120, dt.datetime(2025, 12, 15), "001"],
        ["MOS", None, 0.05, 119, dt.datetime(2025, 12, 16), "002"],
    ]


@pytest.mark.parametrize(
    ("column", "value", "number_format"),
    [
        ("CAR", "0.0143", '+0.0\\ %;"−"0.0\\ %;0.0\\ %'),
        ("std_error", "0.01", "0.0\\ %"),
        ("max_t_pvalue", "0.26", "0.000"),
        ("tstat", "1.5", '0.00;"−"0.00'),
        ("n_events", "9", '0;"−"0'),
        ("effect_usd", "1e9", '#,##0;"−"#,##0'),
        ("anything else", "3.5", "General"),
    ],
)
def test_a_column_has_the_format_of_what_it_holds(tmp_path, column, value, number_format):
    book = written(tmp_path, [table(tmp_path, "one", f"{column}\n{value}\n")])
    cell = book["One"]["A4"]
    assert (cell.value, cell.number_format) == (float(value), number_format)


def test_what_holds_in_a_share_of_studies_is_a_number_and_else_a_word(tmp_path):
    book = written(tmp_path, [table(tmp_path, "one", "holds\n0.969\n1\n"), table(tmp_path, "two", "holds\nyes\nno\n")])
    assert [row[0] for row in rows_of(book["One"])] == ["holds", 0.969, 1]
    assert [row[0] for row in rows_of(book["Two"])] == ["holds", "yes", "no"]


def test_an_infinite_number_is_a_sign_among_numbers(tmp_path):
    book = written(tmp_path, [table(tmp_path, "one", "detectable\n0.05\ninf\n-inf\n")])
    assert [row[0] for row in rows_of(book["One"])] == ["detectable", 0.05, "∞", "−∞"]


def test_no_cell_can_start_a_formula_or_a_link(tmp_path):
    quoted = "\n".join('"' + text.replace('"', '""') + '"' for text in HOSTILE)
    tables = [table(tmp_path, "titles", f"=title\n{quoted}\n", title="=1+1")]
    book = written(tmp_path, tables, **{"=name": "=2+2"})
    for sheet in book:
        for row in sheet.iter_rows():
            assert {cell.data_type for cell in row} <= {"s", "n", "d"}, [cell.value for cell in row]
    assert [row[0] for row in rows_of(book["=1+1"])] == ["=title", *HOSTILE]
    assert rows_of(written(tmp_path, [table(tmp_path, "inert", "title\n'=1+1\n'quoted'\n")])["Inert"])[1:] == [["=1+1"], ["'quoted'"]]
    with zipfile.ZipFile(tmp_path / "report.xlsx") as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
        assert not any(b"example.org" in parts.read(name) for name in parts.namelist() if name.endswith(".rels"))


def test_header_and_first_column_stay_in_sight(tmp_path):
    book = written(tmp_path, [table(tmp_path, "firms", "ticker,CAR\nNTR,0.1\n")])
    assert book["Firms"].freeze_panes == "B4"
    assert book["Firms"].auto_filter.ref == "A3:B4"


def test_tables_of_several_events_stand_on_one_sheet(tmp_path):
    tables = [
        table(tmp_path, "firms-2025-12-13-lifted", "ticker,CAR\nNTR,0.1\n", "event-2025-12-13-lifted"),
        table(tmp_path, "firms-2022-02-24-war", "ticker,CAR\nMOS,0.2\n", "event-2022-02-24-war"),
        table(tmp_path, "news-2022-02-24-war", "event_id,title\n2022-02-24-war,x\n", "event-2022-02-24-war"),
    ]
    book = written(tmp_path, tables)
    assert book.sheetnames == ["Contents", "Firms, by event", "News, by event", "Conventions"]
    assert rows_of(book["Firms, by event"]) == [
        ["event_id", "ticker", "CAR"],
        ["2025-12-13-lifted", "NTR", 0.1],
        ["2022-02-24-war", "MOS", 0.2],
    ]
    assert rows_of(book["News, by event"])[0] == ["event_id", "title"]


def test_tables_of_the_same_name_and_other_columns_are_not_mixed(tmp_path):
    tables = [
        table(tmp_path, "firms-a", "ticker,CAR\nNTR,0.1\n", "event-a"),
        table(tmp_path, "firms-b", "ticker,AR\nMOS,0.2\n", "event-b"),
    ]
    assert written(tmp_path, tables).sheetnames[1:-1] == ["Firms, by event", "Firms, by event 2"]


def test_the_first_sheet_says_what_the_workbook_rests_on_and_where_each_table_is(tmp_path):
    book = written(tmp_path, [table(tmp_path, "firms", "ticker\nNTR\n")], Snapshot="carried-1234")
    cells = [cell.value for row in book["Contents"].iter_rows() for cell in row if cell.value is not None]
    assert {"Snapshot", "carried-1234", "Firms", "tables/firms.csv"} <= set(cells)
    assert "#'Firms'!A1" in {link.hyperlink.location and f"#{link.hyperlink.location}"
                             for row in book["Contents"].iter_rows() for link in row if link.hyperlink}  # fmt: skip


def test_the_conventions_explain_the_columns_that_occur_and_no_others(tmp_path):
    book = written(tmp_path, [table(tmp_path, "firms", "CAR,odd\n0.1,2\n")])
    first = [row[0] for row in book["Conventions"].iter_rows(values_only=True)]
    assert "CAR" in first
    assert "beta" not in first
    assert "odd" not in first


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["a/b: [c]*?"], ["a b   c"]),
        (["Firms", "firms"], ["Firms", "firms 2"]),
        (["x" * 40, "x" * 40], ["x" * 30 + "…", "x" * 28 + "… 2"]),
        (["History"], ["History of"]),
        (["''"], ["Table"]),
    ],
)
def test_sheet_names_are_such_as_excel_takes(titles, names):
    assert _sheet_names(titles) == names


def test_the_same_report_gives_the_same_bytes(tmp_path):
    tables = [table(tmp_path, "firms", "ticker,CAR\nNTR,0.1\n")]
    first = write_workbook(tmp_path, tables, tmp_path / "a.xlsx").read_bytes()
    assert write_workbook(tmp_path, tables, tmp_path / "b.xlsx").read_bytes() == first


def test_a_text_longer_than_a_cell_says_that_it_was_cut(tmp_path):
    book = written(tmp_path, [table(tmp_path, "long", f"text\n{'x' * 40_000}\n")])
    value = book["Long"]["A4"].value
    assert value.endswith("(cut: a cell takes no more)")
    assert len(value) <= 32_767


def test_a_table_that_is_gone_is_named(tmp_path):
    entry = table(tmp_path, "firms", "ticker\nNTR\n")
    (tmp_path / entry["file"]).unlink()
    with pytest.raises(ReportError, match=r"firms\.csv: the table cannot be read.*Make the report again"):
        write_workbook(tmp_path, [entry], tmp_path / "x.xlsx")


def test_it_is_a_whole_file(tmp_path):
    path = write_workbook(tmp_path, [table(tmp_path, "firms", "ticker\nNTR\n")], tmp_path / "a.xlsx")
    assert zipfile.ZipFile(io.BytesIO(path.read_bytes())).testzip() is None
