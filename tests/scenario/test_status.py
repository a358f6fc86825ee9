"""The status commands: words, columns and JSON keys that scripts read."""

import json
from pathlib import Path

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
    done = migration.command("export", "data", "status", "--export-dir", migration.export_dir, expect=7)
    assert "no migration has been started" in done.said, done


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
    row = next(r for r in rows if r["table_name"] == '"public"."full_table"')
    assert (row["status"], row["total_count"], row["imported_count"], row["errored_count"]) == ("DONE", 1000, 1000, 0)
    assert row["percentage_complete"] == 100 and isinstance(row["percentage_complete"], int)
    assert by_table(rows, "imported_count")['"public"."parted"'] == 30
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
    plain = status["tables"]['"public"."full_table"']
    assert plain["table_name"] == '"public"."full_table"' and (moving.export_dir / "data") in Path(plain["file_name"]).parents, plain
    assert Path(plain["file_name"]).is_file() and status["tables"]['"public"."parted_1"']["table_name"] == "parted"
    assert sum(t["exported_row_count_snapshot"] for t in status["tables"].values()) == 1030


def test_a_table_in_one_plain_file_is_as_pg_dump_writes_it(moving):
    """Name, rows, end of data and what import data and import data file make of it."""
    moving.source.sql("CREATE TABLE shows (a int, b text); INSERT INTO shows VALUES (1, E'\\\\.'), (2, NULL), (3, E'tab\\tline\\n')")
    moving.target.sql("CREATE TABLE shows (a int, b text)")
    moving.export_data("--data-format", "text", "--compress", "false")
    file = moving.export_dir / "data" / "shows_data.sql"
    assert file.read_bytes() == b"1\t\\\\.\n2\t\\N\n3\ttab\\tline\\n\n\\.\n\n\n"
    descriptor = json.loads((moving.export_dir / "metainfo" / "dataFileDescriptor.json").read_text())
    entry = next(f for f in descriptor["FileList"] if f["TableName"] == '"public"."shows"')
    assert (entry["FilePath"], entry["FileSize"], entry["RowCount"]) == ("shows_data.sql", file.stat().st_size, 3)
    moving.import_data()
    rows = "SELECT a, b FROM shows ORDER BY a"
    assert moving.target.rows(rows) == moving.source.rows(rows)
    moving.target.sql("CREATE TABLE again (a int, b text)")
    moving.export_dir = moving.export_dir.parent / "files"
    moving.export_dir.mkdir()
    moving.command("import", "data", "file", "--export-dir", moving.export_dir, *moving.target_flags(), "--data-dir", file.parent,
                   "--file-table-map", f"{file.name}:again", "--format", "text", "--yes")
    assert moving.target.rows("SELECT a, b FROM again ORDER BY a") == moving.source.rows(rows)


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
