"""What machines read, of a whole migration: each output fits its published schema."""

import json

from harness import json_schema


def lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_a_whole_migration(migration):
    migration.source.sql("""CREATE TABLE part (id int PRIMARY KEY, said text) PARTITION BY RANGE (id);
        CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (500); CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (500) TO (2000);
        INSERT INTO part SELECT i, md5(i::text) FROM generate_series(1, 1000) i; CREATE TABLE "Odd" (a int); CREATE VIEW v AS SELECT 1 AS one""")
    migration.export_schema()
    migration.import_schema()
    events = lines(migration.export_data("--progress", "json").err) + lines(migration.import_data("--progress", "json").err)
    assert {"notice"} < {event["event"] for event in events}, events
    assert [(event, wrong) for event in events if (wrong := json_schema.errors(event, "progress-event"))] == []
    for side in ("export", "import"):
        assert json_schema.errors(migration.status(side), f"{side}-data-status") == []
    migration.finalize()
    migration.target.sql("DROP VIEW v; DELETE FROM part WHERE id = 7")
    found = json.loads(migration.verify("--output-format", "json", expect=9).out)
    assert found["objects"] and not all(table["equal"] for table in found["tables"])
    assert json_schema.errors(found, "verify") == []
    migration.command("analyze-schema", "--export-dir", migration.export_dir, "--target-db-version", "2025.1.0.0")
    made = {pattern for pattern in json_schema.DOCUMENTS if list(migration.export_dir.glob(pattern))}
    assert {"reports/objects.json", "reports/runs/*.json", "metainfo/dataFileDescriptor.json", "reports/import-data-status-report.json"} <= made
    assert json_schema.wrong_documents(migration.export_dir) == {}
    (run := next(migration.export_dir.glob("reports/runs/*.json"))).write_text(run.read_text().replace('"exit_code"', '"exit"'))
    assert json_schema.wrong_documents(migration.export_dir), "the check itself works"
    run.unlink()


def test_errors(migration):
    refused = migration.export_data("--progress", "json", "--source-db-name", "no_such_database", expect=None)
    told = [line for line in lines(refused.err) if "code" in line]
    assert told and [wrong for line in told if (wrong := json_schema.errors(line, "error"))] == [], refused.err
