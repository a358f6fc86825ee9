"""The status commands: words, columns and JSON keys that scripts read."""

import json

import pytest


@pytest.fixture
def moving(migration):
    migration.source.sql("""
        CREATE TABLE full_table (a int PRIMARY KEY); INSERT INTO full_table SELECT generate_series(1, 1000);
        CREATE TABLE empty_table (a int);
        CREATE TABLE parted (a int) PARTITION BY RANGE (a);
        CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
        CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (30);
        INSERT INTO parted SELECT generate_series(0, 29);""")
    migration.export_schema()
    migration.import_schema()
    return migration


def by_table(rows, key):
    return {row["table_name"].removeprefix("public."): row[key] for row in rows}


def test_before_anything(migration):
    done = migration.command("export", "data", "status", "--export-dir", migration.export_dir, expect=None)
    assert done.code in (1, 7) and done.err.strip(), done


def test_export_status(moving):
    moving.export_data()
    rows = moving.status("export")
    counts = by_table(rows, "exported_count")
    assert counts["full_table"] == 1000
    assert counts["parted"] == 30
    assert set(by_table(rows, "status").values()) == {"DONE"}
    assert json.loads((moving.export_dir / "reports" / "export-data-status-report.json").read_text())
    text = moving.command("export", "data", "status", "--export-dir", moving.export_dir).out
    header = next(line for line in text.splitlines() if "TABLE" in line)
    assert header.split() == ["TABLE", "STATUS", "EXPORTED", "ROWS"]


def test_import_status(moving):
    moving.export_data()
    assert "not started" in moving.command("import", "data", "status", "--export-dir", moving.export_dir, expect=7).said
    moving.import_data()
    rows = moving.status("import")
    row = next(r for r in rows if r["table_name"].endswith("full_table"))
    assert (row["status"], row["total_count"], row["imported_count"], row["errored_count"]) == ("DONE", 1000, 1000, 0)
    assert float(row["percentage_complete"]) == 100
    assert by_table(rows, "imported_count")["parted"] == 30
    assert json.loads((moving.export_dir / "reports" / "import-data-status-report.json").read_text())
    text = moving.command("import", "data", "status", "--export-dir", moving.export_dir).out
    assert "PERCENTAGE" in text and "ERRORED ROWS" in text


def test_documented_files_have_their_keys(moving):
    moving.export_data()
    descriptor = json.loads((moving.export_dir / "metainfo" / "dataFileDescriptor.json").read_text())
    assert {"FileFormat", "Delimiter", "HasHeader", "FileList", "TableNameToExportedColumns"} <= set(descriptor)
    assert sum(file["RowCount"] for file in descriptor["FileList"]) == 1030
    for file in descriptor["FileList"]:
        assert (moving.export_dir / "data" / file["FilePath"]).exists()
    status = json.loads((moving.export_dir / "metainfo" / "export_snapshot_status.json").read_text())
    assert {t["status"] for t in status["tables"].values()} == {"DONE"}
    assert sum(t["exported_row_count_snapshot"] for t in status["tables"].values()) == 1030


def test_answers_go_to_stdout_and_everything_else_does_not(moving):
    assert moving.export_data().out == ""
    status = moving.command("export", "data", "status", "--export-dir", moving.export_dir, "--output-format", "json")
    json.loads(status.out)


def test_export_summary_lists_tables_by_rows(moving):
    text = moving.export_data().text
    assert text.index("full_table") < text.rindex("parted")


def test_a_second_export_is_refused(moving):
    moving.export_data()
    again = moving.export_data(expect=7)
    assert "already" in again.said, again
    moving.source.sql("INSERT INTO full_table VALUES (5000)")
    moving.export_data("--start-clean", "true", "--yes")
    moving.import_data()
    assert moving.target.count("full_table") == 1001
