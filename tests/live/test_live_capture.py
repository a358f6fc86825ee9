"""What happens around a capture: tables that come and change, truncations, transactions that stay open, a source's log that grows."""

import json
import re
import signal
import subprocess
import time

from harness.cluster import bin_dir
from harness.migration import assert_same_rows
from test_live import assert_cut_over, cutover, live, logical_cluster, start_export, streams, wait_for  # noqa: F401


def run_both(live, *extra):
    export = live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes", *extra)
    importing = live.start(*live.line("import data"))
    wait_for(streams(live), "the changes are streamed")
    return export, importing


def finish(live, export, importing):
    cutover(live)
    for one in (export, importing):
        done = one.finish(120)
        assert done.code == 0, done


def test_truncations_empty_what_was_emptied(live):
    live.source.sql("CREATE TABLE kept (id int PRIMARY KEY, other int); INSERT INTO kept SELECT g, g FROM generate_series(1, 10) g")
    live.target.sql("CREATE TABLE kept (id int PRIMARY KEY, other int)")
    export, importing = run_both(live)
    # One partition; two tables of which one refers to the other; emptied and filled again in one transaction.
    live.source.sql("TRUNCATE part_1")
    live.source.sql("TRUNCATE customer, orders RESTART IDENTITY")
    live.source.sql("BEGIN; DELETE FROM kept WHERE id > 5; TRUNCATE kept; INSERT INTO kept VALUES (1, 1), (7, 7); COMMIT")
    live.source.sql("INSERT INTO customer (name) VALUES ('again'); INSERT INTO part VALUES (77777, 1, 'again')")
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)
    assert int(live.target.value("SELECT count(*) FROM part WHERE k = 0")) == 500
    assert live.target.value("SELECT count(*) FROM part WHERE k = 1") == "1"
    assert live.target.value("SELECT count(*) FROM kept") == "2"


def test_the_application_goes_on_with_a_key_that_is_checked_late(live):
    """A deferrable key is no identity of a row: published with it, the source would refuse the application's changes."""
    for database in (live.source, live.target):
        database.sql("CREATE TABLE late (id int PRIMARY KEY DEFERRABLE, v text)")
    live.source.sql("INSERT INTO late SELECT g, 'a' FROM generate_series(1, 5) g")
    export, importing = run_both(live)
    live.source.sql("UPDATE late SET v = 'b' WHERE id = 1; DELETE FROM late WHERE id = 2")
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)
    assert live.source.value("SELECT relreplident FROM pg_class WHERE relname = 'late'") == "d", "put back"


def test_tables_whose_changes_would_go_wrong_are_refused_first(live):
    for database in (live.source, live.target):
        database.sql("""CREATE TABLE parent (id int PRIMARY KEY, v text); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent);
            CREATE TABLE nothing (); CREATE TABLE computed (a int, k int GENERATED ALWAYS AS (a + 1) STORED PRIMARY KEY)""")
    refused = live.command(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes", expect=6)
    for word in ("public.parent: other tables inherit from it", "public.nothing: it has no columns", "public.computed: its key is computed"):
        assert word in refused.said, refused
    export, importing = run_both(live, "--exclude-table-list", "parent,nothing,computed")
    live.source.sql("INSERT INTO child VALUES (1, 'a'); UPDATE child SET v = 'b'")
    finish(live, export, importing)
    assert live.target.value("SELECT v FROM child") == "b"


def test_a_new_partition_is_captured_and_a_new_table_is_told(live):
    export, importing = run_both(live)
    for database in (live.target, live.source):  # The target first: rows may come at once.
        database.sql("CREATE TABLE part_2 PARTITION OF part FOR VALUES IN (2)")
    live.source.sql("INSERT INTO part SELECT g, 2, 'in a new partition' FROM generate_series(1, 50) g; UPDATE part SET v = 'x' WHERE k = 2 AND id < 10; DELETE FROM part WHERE k = 2 AND id > 40")
    live.source.sql("CREATE TABLE fresh (id int PRIMARY KEY); INSERT INTO fresh VALUES (1)")
    wait_for(lambda: "fresh is new on the source" in " ".join(export.err_so_far().split()), "the new table is told", 30)
    finish(live, export, importing)
    assert live.target.value("SELECT count(*), count(*) FILTER (WHERE v = 'x') FROM part_2") == live.source.value("SELECT count(*), count(*) FILTER (WHERE v = 'x') FROM part_2")
    assert live.target.value("SELECT count(*) FROM part WHERE k = 2") == "40"
    told = live.command("get", "data-migration-report", "--export-dir", live.export_dir)
    assert "fresh was made on the source" in told.said and "part_2" not in told.said
    live.source.sql("DROP TABLE fresh")
    assert_same_rows(live.source, live.target)


def test_columns_that_change_are_carried_or_stop_cleanly(live):
    export, importing = run_both(live)
    live.source.sql("ALTER TABLE orders ADD COLUMN colour text DEFAULT 'red'; UPDATE orders SET colour = 'blue' WHERE id <= 10; INSERT INTO orders (amount) VALUES (3)")
    stopped = importing.finish(60)
    assert stopped.code == 7 and "has no column colour" in stopped.said and "run the same command again" in stopped.said, stopped
    live.target.sql("ALTER TABLE orders ADD COLUMN colour text DEFAULT 'red'")
    importing = live.start(*live.line("import data"))
    wait_for(lambda: live.target.value("SELECT count(*) FROM orders WHERE colour = 'blue'") == "10", "the changes are applied")
    # A type that is wider on the source: refused with the server's words until the target's is, too.
    live.source.sql("ALTER TABLE orders ALTER COLUMN amount TYPE numeric(20,2); UPDATE orders SET amount = 12345678901234.5 WHERE id = 1")
    stopped = importing.finish(60)
    assert stopped.code != 0 and "numeric field overflow" in stopped.said, stopped
    live.target.sql("ALTER TABLE orders ALTER COLUMN amount TYPE numeric(20,2)")
    importing = live.start(*live.line("import data"))
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)


def test_an_open_transaction_that_the_capture_waits_for_is_named(live):
    session = subprocess.Popen([bin_dir() / "psql", "-X", "-qAt", "-d", live.source.conninfo], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    session.stdin.write("BEGIN; SELECT txid_current(); SELECT pg_backend_pid();\n")
    session.stdin.flush()
    session.stdout.readline()
    pid = session.stdout.readline().strip()
    time.sleep(6)
    export = start_export(live)
    wait_for(lambda: f"process {pid}" in " ".join(export.err_so_far().split()), "it is named")
    assert "pg_terminate_backend" in export.err_so_far()
    session.stdin.write("ROLLBACK;\n")
    session.stdin.close()
    session.wait()
    importing = live.start(*live.line("import data"))
    wait_for(streams(live), "the changes are streamed")
    finish(live, export, importing)


def test_an_idle_slot_holds_no_log(live, logical_cluster):
    export, importing = run_both(live)
    slot = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), {}) FROM pg_replication_slots WHERE database = current_database()"
    other = logical_cluster.create("busy")
    try:
        other.sql("CREATE TABLE t AS SELECT g, repeat('x', 100) FROM generate_series(1, 200000) g")
        def let_go():
            other.sql("CHECKPOINT")  # What a server logs now and then anyway: which transactions run.
            return int(live.source.value(slot.format("restart_lsn"))) < 2_000_000
        wait_for(let_go, "the slot lets go of the log", 60)
    finally:
        logical_cluster.drop("busy")
    finish(live, export, importing)


def test_a_budget_for_the_source_s_log(live):
    export, importing = run_both(live, "--retained-wal-budget-mb", "8", "--retained-wal-policy", "stop")
    importing.kill(signal.SIGKILL)
    importing.finish()
    # The transaction stays open, so that its beginning has to be kept.
    live.source.sql("""BEGIN; INSERT INTO log VALUES (now(), 'open');
        CREATE TABLE elsewhere AS SELECT g, repeat('x', 500) AS x FROM generate_series(1, 100000) g; SELECT pg_sleep(8); COMMIT""")
    gone = export.finish(60)
    assert gone.code == 3 and "--retained-wal-policy is stop" in gone.said, gone
    assert live.source.rows("SELECT slot_name FROM pg_replication_slots WHERE database = current_database()") == []
    again = live.command(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes", expect=7)
    assert "--start-clean true" in again.said, again
    # From the start: rows that are on the target give way, and what the first capture changed of the tables is put back at the end.
    live.source.sql("DROP TABLE elsewhere")
    export = live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes", "--start-clean", "true")
    wait_for(streams(live), "the changes are streamed")
    importing = live.start(*live.line("import data"), "--yes", "--start-clean", "true", "--truncate-tables", "true")
    wait_for(lambda: live.target.value("SELECT count(*) FROM log WHERE line = 'open'") == "1", "the rows are on the target")
    live.source.sql("INSERT INTO log VALUES (now(), 'last')")
    cutover(live)
    assert_cut_over(live, export, importing)


def test_changes_only(live):
    live.target.sql("INSERT INTO log SELECT now(), 'there' FROM generate_series(1, 3)")
    rows = live.source.value("SELECT count(*) FROM log")
    export = live.start(*live.line("export data"), "--export-type", "changes-only", "--yes")
    wait_for(streams(live), "the changes are streamed")
    importing = live.start(*live.line("import data"))
    live.source.sql("INSERT INTO log SELECT now(), 'changed' FROM generate_series(1, 40); INSERT INTO customer (name) VALUES ('late')")
    wait_for(lambda: live.target.value("SELECT count(*) FROM log") == "43", "the changes are applied")
    # Lanes that had nothing to do know how far the others are, so that a run that begins again need not read all of it again.
    lanes = "SELECT count(*), count(DISTINCT last_applied_vsn) FROM ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo"
    wait_for(lambda: live.target.rows(lanes) == [("4", "1")], "all lanes are told")
    for one in (export, importing):
        one.kill(signal.SIGKILL)
        one.finish()
    live.source.sql("INSERT INTO log VALUES (now(), 'changed')")
    export = live.start(*live.line("export data"), "--export-type", "changes-only", "--yes")
    importing = live.start(*live.line("import data"))
    finish(live, export, importing)
    assert live.target.value("SELECT count(*) FROM log") == "44"
    assert live.target.value("SELECT count(*) FROM customer") == "1"
    assert live.source.value("SELECT count(*) FROM log") == str(int(rows) + 41)
    live.end()


def test_a_segment_as_json_lines(live):
    export, importing = run_both(live)
    live.source.sql("INSERT INTO part VALUES (5000, 1, NULL); UPDATE part SET v = 'null' WHERE id = 5000; DELETE FROM part WHERE id = 5000; TRUNCATE log")
    finish(live, export, importing)
    said = live.command("debug", "segment", "--segment-file", live.export_dir / "data/queue/segment.0").out
    events = [json.loads(line) for line in said.splitlines()]
    assert [event["op"] for event in events] == ["c", "u", "d", "t", "cutover.target"]
    assert [event["vsn"] for event in events] == [1, 2, 3, 4, 5]
    first = events[0]
    assert (first["schema_name"], first["table_name"], first["partition_table_name"]) == ("public", "part", "part_1")
    assert first["key"] == {"id": "5000", "k": "1"} and first["fields"] == {"id": "5000", "k": "1", "v": None}
    assert events[1]["fields"]["v"] == "null" and events[2]["fields"] == {}
    assert all(event["exporter_role"] == "source_db_exporter" for event in events)
    assert re.fullmatch(r"\d+,1,1", first["event_id"]) and events[4]["table_name"] is None
