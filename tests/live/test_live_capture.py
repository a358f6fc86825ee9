"""What happens around a capture: tables that come and change, truncations, transactions that stay open, a source's log that grows."""

import json
import re
import signal
import time

import pytest

from harness.migration import Migration, assert_same_rows
from test_live import assert_cut_over, cutover, live, logical_cluster, start_export, streams, wait_for  # noqa: F401


def run_both(live, *extra):
    export = live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes", *extra)
    importing = live.start(*live.line("import data"))
    wait_for(streams(live), "the changes are streamed")
    # Until then the import asks what is in the tables, and who writes there is a stranger.
    wait_for(lambda: "Applying changes" in importing.err_so_far() or not importing.running(), "the snapshot is imported")
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


def test_tables_that_inherit_that_have_no_columns_or_a_computed_key(live):
    """A change of a table is none of the rows of its children; a row whose key the log does not hold is named by its other values."""
    for database in (live.source, live.target):
        database.sql("""CREATE TABLE parent (id int PRIMARY KEY, v text); CREATE TABLE child (z int, PRIMARY KEY (id)) INHERITS (parent);
            CREATE TABLE bag (v text); CREATE TABLE bag_child () INHERITS (bag); CREATE TABLE nothing ();
            CREATE TABLE computed (a int, v text, k int GENERATED ALWAYS AS (a + 1) STORED PRIMARY KEY);
            CREATE TABLE named (a int, k int GENERATED ALWAYS AS (a + 1) STORED NOT NULL UNIQUE); ALTER TABLE named REPLICA IDENTITY USING INDEX named_k_key""")
    live.source.sql("""INSERT INTO parent SELECT g, 'p' FROM generate_series(1, 6) g; INSERT INTO child SELECT g, 'c', 1 FROM generate_series(1, 8) g;
        INSERT INTO bag SELECT 'same' FROM generate_series(1, 4); INSERT INTO bag_child SELECT 'same' FROM generate_series(1, 4);
        INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES;
        INSERT INTO computed SELECT g, 'a' FROM generate_series(1, 6) g; INSERT INTO named SELECT g FROM generate_series(1, 6) g""")
    export, importing = run_both(live)
    live.source.sql("""UPDATE ONLY parent SET v = 'P' WHERE id = 1; DELETE FROM ONLY parent WHERE id = 2; UPDATE parent SET v = 'both' WHERE id = 3;
        UPDATE ONLY parent SET id = 40 WHERE id = 4; DELETE FROM ONLY bag WHERE ctid IN (SELECT ctid FROM ONLY bag LIMIT 2); INSERT INTO bag_child VALUES ('same');
        INSERT INTO nothing SELECT FROM generate_series(1, 3); DELETE FROM nothing WHERE ctid IN (SELECT ctid FROM nothing LIMIT 2);
        UPDATE computed SET a = a + 100 WHERE a < 3; UPDATE computed SET v = 'b' WHERE a = 4; DELETE FROM computed WHERE a = 5;
        UPDATE named SET a = a + 100 WHERE a < 3; DELETE FROM named WHERE a = 5""")
    live.source.sql("CREATE TABLE late_child () INHERITS (parent); INSERT INTO late_child VALUES (90, 'late')")
    wait_for(lambda: "late_child is new on the source" in " ".join(export.err_so_far().split()), "the new child is told")
    live.source.sql("DROP TABLE late_child")
    own = "SELECT tableoid::regclass, t.* FROM {} t ORDER BY t::text, 1"
    wait_for(lambda: all(live.target.rows(own.format(t)) == live.source.rows(own.format(t)) for t in ("parent", "bag", "computed")), "they are equal")
    live.source.sql("TRUNCATE ONLY parent; INSERT INTO parent VALUES (77, 'x'); TRUNCATE bag; INSERT INTO bag_child VALUES ('new'); TRUNCATE nothing; INSERT INTO nothing DEFAULT VALUES")
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)
    for table in ("parent", "bag"):
        assert live.target.rows(own.format(table)) == live.source.rows(own.format(table))
    assert live.target.count("nothing") == 1
    report = live.command("get", "data-migration-report", "--export-dir", live.export_dir, "--verify-counts", "true")
    assert "different" not in report.said, report
    identities = "SELECT relname, relreplident FROM pg_class WHERE relname IN ('computed', 'named', 'bag', 'nothing') ORDER BY 1"
    assert live.source.rows(identities) == [("bag", "d"), ("computed", "d"), ("named", "i"), ("nothing", "d")], "put back"


# By type, two values each.
TYPES = {
    "real": ["1111926.4", "'NaN'"], "float8": ["1e16/3", "'-0'"], "numeric": ["1.00", "'NaN'"], "numeric(65,30)": ["1.1", "-0.1"],
    "char(10)": ["'ab'", "''"], "varchar(50)": ["'ab  '", r"E'\\'"], "text": ["''", r"E'\\N'"], "bytea": [r"'\x00ff5c'", "''"],
    "bit(13)": ["B'1111111111111'", "B'0000000000001'"], "varbit": ["B'101'", "B''"], "date": ["'infinity'", "'0044-03-15 BC'"],
    "timestamp": ["'2024-02-29 23:59:59.000001'", "'-infinity'"], "timestamptz": ["'2024-03-31 01:30:00.12+05'", "'1900-01-01 00:00+00 BC'"],
    "timestamptz[]": ["'{2024-01-01 00:00+00}'", "'{}'"], "tstzrange": ["'[2024-01-01 00:00+00,)'", "'empty'"], "timetz": ["'23:59:59.999+05:30'", "'10:00+03'"],
    "interval": ["'1 year -2 mons 3 days -04:05:06.7'", "'-1 day +1 hour'"], "json": ["'{\"a\": 1.0 ,\"a\":2}'", "'[1, 2]'"], "jsonb": ["'{\"a\": 1.0}'", "'null'"],
    "point": ["point(1.5,-2)", "point(1e20,0.1)"], "circle": ["'<(1,2),3>'", "'<(0,0),0>'"], "money": ["'12.34'", "'-0.01'"], "inet": ["'1.2.3.4/8'", "'::1'"],
    "int[]": ["'{1,NULL,3}'", "'[0:1]={1,2}'"], "text[]": ["'{\"NULL\",NULL}'", "'{}'"], "char(5)[]": ["'{ab,c}'", "'{}'"], '"char"': ["'a'", "''"],
    "bool": ["true", "false"], "pair": ["ROW(1,'a b')", "ROW(NULL,NULL)"], "positive": ["5", "7"], "regclass": ["'pg_class'", "'pg_proc'"]}


def test_rows_without_a_key_are_found_whatever_the_settings_of_both_sides(live):
    """Both databases print moments, dates and numbers in ways of their own."""
    tables = {f"typed_{n}": (kind, values) for n, (kind, values) in enumerate(TYPES.items())}
    for database in (live.source, live.target):
        database.sql("CREATE TYPE pair AS (a int, b char(5)); CREATE DOMAIN positive AS int CHECK (value > 0)"
                     + "".join(f"; CREATE TABLE {table} (v int, c {kind})" for table, (kind, _) in tables.items()))
    rows = "".join(f"INSERT INTO {table} VALUES (1, {a}), (2, {b}), (2, {b}), (3, NULL);" for table, (_, (a, b)) in tables.items())
    live.source.sql(rows)
    odd = [(live.source, {"TimeZone": "'Asia/Kolkata'", "DateStyle": "'German, DMY'", "IntervalStyle": "sql_standard", "extra_float_digits": "-10", "bytea_output": "escape"}),
           (live.target, {"TimeZone": "'America/New_York'", "DateStyle": "'SQL, MDY'", "IntervalStyle": "iso_8601", "extra_float_digits": "-5", "array_nulls": "off"})]
    for database, settings in odd:
        for name, value in settings.items():
            database.sql(f'ALTER DATABASE "{database.name}" SET {name} = {value}')
    export, importing = run_both(live)
    live.source.sql("SET array_nulls = on; SET datestyle = ISO;" + rows)
    live.source.sql("".join(f"UPDATE {table} SET v = v + 10; DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} WHERE v IN (11, 12) LIMIT 3);" for table in tables))
    finish(live, export, importing)
    for database, _ in odd:
        database.sql(f'ALTER DATABASE "{database.name}" RESET ALL')
    assert_same_rows(live.source, live.target)
    assert {live.target.count(table) for table in tables} == {5}


def test_bytes_of_no_known_encoding_are_carried_as_they_are(logical_cluster, folder):
    raw = "TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
    source, target = logical_cluster.create(options=raw), logical_cluster.create(options=raw)
    source.sql("CREATE TABLE memo (id int PRIMARY KEY, body text); CREATE TABLE loose (body text)")
    as_bytes = r"SELECT convert_from('\xe9fc5c'::bytea, 'SQL_ASCII')"
    source.sql(f"INSERT INTO memo SELECT g, ({as_bytes}) FROM generate_series(1, 5) g; INSERT INTO loose {as_bytes}")
    moved = Migration(source, target, folder)
    moved.export_schema()
    moved.import_schema()
    export, importing = run_both(moved)
    source.sql(f"UPDATE memo SET body = body || ({as_bytes}) WHERE id < 4; INSERT INTO loose {as_bytes}; DELETE FROM memo WHERE id = 5")
    source.sql("DELETE FROM loose WHERE ctid IN (SELECT ctid FROM loose LIMIT 1)")
    finish(moved, export, importing)
    hex = "SELECT id, encode(convert_to(body, 'SQL_ASCII'), 'hex') FROM memo ORDER BY 1"
    assert target.rows(hex) == source.rows(hex) and target.count("loose") == source.count("loose") == 1


def test_a_new_partition_is_captured_and_a_new_table_is_told(live):
    export, importing = run_both(live)
    for database in (live.target, live.source):  # The target first: rows may come at once.
        database.sql("CREATE TABLE part_2 PARTITION OF part FOR VALUES IN (2)")
    live.source.sql("INSERT INTO part SELECT g, 2, 'in a new partition' FROM generate_series(1, 50) g; UPDATE part SET v = 'x' WHERE k = 2 AND id < 10; DELETE FROM part WHERE k = 2 AND id > 40")
    live.source.sql("CREATE TABLE fresh (id int PRIMARY KEY); INSERT INTO fresh VALUES (1)")
    wait_for(lambda: "fresh is new on the source" in " ".join(export.err_so_far().split()), "the new table is told")
    finish(live, export, importing)
    assert live.target.value("SELECT count(*), count(*) FILTER (WHERE v = 'x') FROM part_2") == live.source.value("SELECT count(*), count(*) FILTER (WHERE v = 'x') FROM part_2")
    assert live.target.value("SELECT count(*) FROM part WHERE k = 2") == "40"
    told = live.command("get", "data-migration-report", "--export-dir", live.export_dir)
    assert "fresh is new on the source" in told.said and "part_2" not in told.said
    live.source.sql("DROP TABLE fresh")
    assert_same_rows(live.source, live.target)


def columns(database, table):
    return database.rows(f"""SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attcollation
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = '{table}'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1""")


def test_columns_that_are_added_and_types_that_widen_are_carried(live):
    for database in (live.source, live.target):
        database.sql('ALTER TABLE log ADD COLUMN s varchar(5) COLLATE "C"')
    export, importing = run_both(live)
    live.source.sql("""ALTER TABLE orders ADD COLUMN colour text NOT NULL DEFAULT 'it''s red', ADD COLUMN perhaps int, ADD COLUMN c text COLLATE "C";
        UPDATE orders SET colour = 'blue', perhaps = id WHERE id <= 10; INSERT INTO orders (amount) VALUES (3)""")
    # What the column's default is now is not what the rows of before have; the rows of a table without a key, too.
    live.source.sql("""ALTER TABLE log ADD COLUMN at2 timestamptz DEFAULT now(); ALTER TABLE log ALTER COLUMN at2 SET DEFAULT '2000-01-01 00:00Z';
        INSERT INTO log (line) VALUES ('new'); DELETE FROM log WHERE ctid IN (SELECT ctid FROM log LIMIT 3)""")
    live.source.sql("""ALTER TABLE part ADD COLUMN w varchar(3) DEFAULT 'abc'; UPDATE part SET w = 'x' WHERE id = 5""")
    wait_for(lambda: live.target.value("SELECT count(*) FROM pg_attribute WHERE attrelid = 'part'::regclass AND attname = 'w'") == "1", "the column is there")
    live.source.sql("ALTER TABLE orders ALTER COLUMN amount TYPE numeric(20,2); UPDATE orders SET amount = 12345678901234.5 WHERE id = 1")
    live.source.sql("ALTER TABLE part ALTER COLUMN v TYPE text; ALTER TABLE part ALTER COLUMN id TYPE bigint; INSERT INTO part VALUES (5000000000, 1, 'far')")
    live.source.sql("""ALTER TABLE log ALTER COLUMN s TYPE varchar(9) COLLATE "C"; INSERT INTO log (line, s) VALUES ('wider', '123456789')""")
    wait_for(lambda: live.target.value("SELECT count(*) FROM part WHERE v = 'far'") == "1", "the changes are applied")
    assert "ADD COLUMN" in importing.err_so_far() and "numeric(20,2)" in importing.err_so_far()
    importing.kill(signal.SIGKILL)
    importing.finish()
    importing = live.start(*live.line("import data"))
    live.source.sql("UPDATE orders SET colour = 'green' WHERE id = 12")
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)
    for table in ("orders", "log", "part"):
        assert columns(live.source, table) == columns(live.target, table)


def test_columns_that_cannot_be_carried_stop_cleanly(live):
    for database in (live.source, live.target):
        database.sql("CREATE TABLE gone (id serial PRIMARY KEY); INSERT INTO gone DEFAULT VALUES")
    live.target.sql("TRUNCATE gone")
    export, importing = run_both(live)
    told = lambda done: " ".join(done.said.split())

    def stopped(process, *words):
        done = process.finish()
        assert done.code == 7 and all(word in told(done) for word in words) and "run the same command again" in told(done), done
        return lambda: live.start(*live.line("import data"))

    # Each row has another value in it.
    live.source.sql("ALTER TABLE orders ADD COLUMN number bigserial; UPDATE orders SET note = 'n' WHERE id <= 10; INSERT INTO gone DEFAULT VALUES; INSERT INTO orders (amount) VALUES (3)")
    again = stopped(importing, "has no column number")
    assert live.target.rows("SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'number'") == []
    live.target.sql("ALTER TABLE orders ADD COLUMN number bigint")
    importing = again()
    # A type that the target does not have.
    live.source.sql("CREATE TYPE mood AS ENUM ('fine'); ALTER TABLE customer ADD COLUMN m mood; UPDATE customer SET m = 'fine' WHERE id = 3")
    again = stopped(importing, "has no column m", "mood", "does not exist")
    live.target.sql("CREATE TYPE mood AS ENUM ('fine'); ALTER TABLE customer ADD COLUMN m mood")
    importing = again()
    # Renamed: what was written under the earlier name is in before the command ends.
    live.source.sql("""UPDATE orders SET note = 'before' WHERE id > 20; ALTER TABLE orders RENAME COLUMN note TO remark; UPDATE orders SET remark = 'after' WHERE id % 7 = 0;
        ALTER TABLE log RENAME COLUMN line TO text; ALTER TABLE log ADD COLUMN line int; INSERT INTO log VALUES (now(), 'renamed')""")
    again = stopped(importing, "has no column remark", 'ALTER TABLE "public"."orders" RENAME COLUMN "note" TO "remark"')
    assert live.target.value("SELECT count(*) FROM orders WHERE note = 'before'") == live.source.value("SELECT count(*) FROM orders WHERE id > 20")
    live.target.sql("ALTER TABLE orders RENAME COLUMN note TO remark")
    again = stopped(again(), "has no column text")
    live.target.sql("ALTER TABLE log RENAME COLUMN line TO text; ALTER TABLE log ADD COLUMN line int")
    importing = again()
    # Dropped on the source, then on the target: also a run that begins again goes on.
    live.source.sql("ALTER TABLE customer DROP COLUMN at; ALTER TABLE orders DROP COLUMN remark; UPDATE customer SET name = 'late' WHERE id = 9; INSERT INTO orders (customer) VALUES (9)")
    wait_for(lambda: live.target.value("SELECT name FROM customer WHERE id = 9") == "late", "the changes are applied")
    live.target.sql("ALTER TABLE customer DROP COLUMN at; ALTER TABLE orders DROP COLUMN remark, DROP COLUMN number")
    live.source.sql("ALTER TABLE orders DROP COLUMN number")
    for database in (live.source, live.target):
        database.sql("DROP TABLE gone")
    importing.kill(signal.SIGKILL)
    importing.finish()
    importing = again()
    live.source.sql("UPDATE customer SET name = 'last' WHERE id = 9")
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)


def test_an_open_transaction_that_the_capture_waits_for_is_named(live):
    with live.source.held("SELECT txid_current()") as pid:
        time.sleep(6)   # It is open for longer than a moment.
        export = start_export(live)
        wait_for(lambda: f"process {pid}" in " ".join(export.err_so_far().split()), "it is named")
        assert "pg_terminate_backend" in export.err_so_far()
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
        wait_for(let_go, "the slot lets go of the log")
    finally:
        logical_cluster.drop("busy")
    finish(live, export, importing)


def test_a_budget_for_the_source_s_log(live):
    export, importing = run_both(live, "--retained-wal-budget-mb", "8", "--retained-wal-policy", "stop")
    importing.kill(signal.SIGKILL)
    importing.finish()
    # The transaction stays open, so that its beginning has to be kept.
    with live.source.held("INSERT INTO log VALUES (now(), 'open'); CREATE TABLE elsewhere AS SELECT g, repeat('x', 500) AS x FROM generate_series(1, 100000) g", end="COMMIT"):
        gone = export.finish()
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


def test_changes_only_begun_anew(live):
    def begin(*extra):
        one = live.start(*live.line("export data"), "--export-type", "changes-only", "--yes", *extra)
        wait_for(streams(live), "the changes are streamed")
        return one
    export, importing = begin(), live.start(*live.line("import data"))
    live.source.sql("INSERT INTO log SELECT now(), 'first' FROM generate_series(1, 40)")
    wait_for(lambda: live.target.value("SELECT count(*) FROM log") == "40", "the changes are applied")
    for one in (export, importing):
        one.kill(signal.SIGKILL)
        one.finish()
    export = begin("--start-clean", "true")
    live.source.sql("INSERT INTO log SELECT now(), 'second' FROM generate_series(1, 20)")
    assert "IMP-006" in live.command(*live.line("import data"), expect=7).err
    importing = live.start(*live.line("import data"), "--start-clean", "true")
    finish(live, export, importing)
    assert live.target.rows("SELECT line, count(*) FROM log GROUP BY 1 ORDER BY 1") == [("first", "40"), ("second", "20")]


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


def told_by(process):
    return " ".join(process.err_so_far().split())


# What holds rows when it is attached: they were written by another transaction, by the one that made the table, or by the one that attaches it.
FILLED = {"earlier": "CREATE TABLE came (id int, k int, v text, PRIMARY KEY (id, k)); INSERT INTO came SELECT g, 2, 'early' FROM generate_series(1, 20) g; ALTER TABLE part ATTACH PARTITION came FOR VALUES IN (2)",
          "with the table": "BEGIN; CREATE TABLE came (id int, k int, v text, PRIMARY KEY (id, k)); INSERT INTO part VALUES (9001, 1, 'x'); INSERT INTO came SELECT g, 2, 'early' FROM generate_series(1, 20) g; COMMIT; ALTER TABLE part ATTACH PARTITION came FOR VALUES IN (2)",
          "referred to": "ALTER TABLE part ADD FOREIGN KEY (id, k) REFERENCES part; BEGIN; CREATE TABLE came (id int, k int, v text, PRIMARY KEY (id, k)); INSERT INTO came SELECT g, 2, 'early' FROM generate_series(1, 20) g; COMMIT; ALTER TABLE part ATTACH PARTITION came FOR VALUES IN (2)",
          "unlogged": "BEGIN; CREATE UNLOGGED TABLE came (id int, k int, v text, PRIMARY KEY (id, k)); INSERT INTO came SELECT g, 2, 'early' FROM generate_series(1, 20) g; COMMIT; ALTER TABLE part ATTACH PARTITION came FOR VALUES IN (2)",
          "at once": "BEGIN; CREATE TABLE came (id int, k int, v text, PRIMARY KEY (id, k)); INSERT INTO came SELECT g, 2, 'early' FROM generate_series(1, 20) g; ALTER TABLE part ATTACH PARTITION came FOR VALUES IN (2); COMMIT"}


@pytest.mark.parametrize("way", FILLED)
def test_a_partition_that_is_attached_with_rows_stops_the_capture_until_they_are_written_anew(live, way):
    export, importing = run_both(live)
    live.target.sql("CREATE TABLE came PARTITION OF part FOR VALUES IN (2)")
    for statement in FILLED[way].split("; ") if way == "earlier" else [FILLED[way]]:
        live.source.sql(statement)
    live.source.sql("INSERT INTO part VALUES (9000, 2, 'behind it'); UPDATE part SET v = 'changed' WHERE k = 2 AND id = 3")
    done = export.finish()
    assert done.code == 7 and "CDC-015" in done.err and "public.came to public.part" in done.said, done
    # Started again it says so again; what the message says mends it.
    done = start_export(live).finish()
    assert done.code == 7 and "CDC-015" in done.err, done
    live.source.sql(re.search(r"BEGIN; LOCK TABLE.*?COMMIT;", done.said).group())
    export = start_export(live)
    live.source.sql("DELETE FROM part WHERE k = 2 AND id = 7")
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)
    assert live.target.value("SELECT count(*) FROM part WHERE k = 2") == "20"


def test_partitions_that_are_unlogged_are_told(live):
    """A publication holds them with the table that they belong to; the log does not."""
    live.source.sql("CREATE UNLOGGED TABLE left_alone (id int PRIMARY KEY)")
    live.target.sql("CREATE TABLE left_alone (id int PRIMARY KEY)")
    export, importing = run_both(live)
    live.source.sql("CREATE UNLOGGED TABLE made_unlogged PARTITION OF part FOR VALUES IN (2)")
    wait_for(lambda: "public.made_unlogged is new on the source and is not captured" in told_by(export), "the partition is told", 30)
    live.source.sql("DROP TABLE made_unlogged; ALTER TABLE part_1 SET UNLOGGED")
    done = export.finish(40)
    assert done.code == 7 and "CDC-008" in done.err and "public.part_1 do not come" in done.said, done
    assert "left_alone" not in done.said.split("CDC-008")[1].split("begin again")[0], done
    live.source.sql(re.search(r"ALTER TABLE \S+ SET LOGGED;", done.said).group())
    export = start_export(live)
    live.source.sql("INSERT INTO part VALUES (9000, 1, 'logged again')")
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)


def test_partitions_that_come_empty_or_whose_rows_are_captured_stop_nothing(live):
    export, importing = run_both(live)
    for database in (live.target, live.source):
        database.sql("CREATE TABLE attached_empty (id int, k int, v text, PRIMARY KEY (id, k))")
        database.sql("ALTER TABLE part ATTACH PARTITION attached_empty FOR VALUES IN (2)")
        database.sql("CREATE TABLE branch PARTITION OF part FOR VALUES IN (3, 4) PARTITION BY LIST (k); CREATE TABLE leaf PARTITION OF branch FOR VALUES IN (3)")
    live.target.sql("CREATE TABLE made PARTITION OF part FOR VALUES IN (5)")
    live.source.sql("BEGIN; CREATE TABLE made PARTITION OF part FOR VALUES IN (5); INSERT INTO part SELECT g, 5, 'made' FROM generate_series(1, 20) g; COMMIT")
    live.source.sql("INSERT INTO part SELECT g, 3, 'leaf' FROM generate_series(1, 20) g; BEGIN; SELECT FROM made FOR UPDATE; COMMIT")
    time.sleep(12)
    live.source.sql("INSERT INTO part SELECT g, 2, 'later' FROM generate_series(1, 20) g")
    finish(live, export, importing)
    assert "attached" not in told_by(export), export.err_so_far()
    assert_same_rows(live.source, live.target)


def test_what_cannot_be_told_of_an_attached_partition_is_a_warning(live):
    """Rows that are younger than the attach: whether there were others is not known. And a captured table that becomes a partition."""
    for database in (live.source, live.target):
        database.sql("CREATE TABLE alone (id int, k int, v text, PRIMARY KEY (id, k))")
    live.source.sql("INSERT INTO alone SELECT g, 3, 'captured' FROM generate_series(1, 20) g")
    export, importing = run_both(live)
    for database in (live.target, live.source):
        database.sql("CREATE TABLE young (id int, k int, v text, PRIMARY KEY (id, k))")
        # At once, or a look in between would find it empty.
        later = "INSERT INTO part SELECT g, 2, 'later' FROM generate_series(1, 20) g;" if database is live.source else ""
        database.sql(f"BEGIN; ALTER TABLE part ATTACH PARTITION young FOR VALUES IN (2); {later} COMMIT")
        database.sql("ALTER TABLE part ATTACH PARTITION alone FOR VALUES IN (3)")
    # Rows below a savepoint have a number of their own, which is younger than that of the attach.
    live.target.sql("CREATE TABLE saved PARTITION OF part FOR VALUES IN (5)")
    live.source.sql("BEGIN; CREATE TABLE saved (id int, k int, v text, PRIMARY KEY (id, k)); SAVEPOINT a; INSERT INTO saved SELECT g, 5, 'by hand' FROM generate_series(1, 5) g; "
                    "RELEASE a; ALTER TABLE part ATTACH PARTITION saved FOR VALUES IN (5); COMMIT")
    live.source.sql("DELETE FROM part WHERE k = 3 AND id < 5; INSERT INTO part VALUES (99, 3, 'as a partition')")
    for table in ("young", "alone", "saved"):
        wait_for(lambda: f"the table public.{table} was attached to public.part on the source" in told_by(export), f"{table} is told")
    report = live.command("get", "data-migration-report", "--export-dir", live.export_dir)
    assert "public.young was attached" in report.said, report
    live.target.sql("INSERT INTO saved SELECT g, 5, 'by hand' FROM generate_series(1, 5) g")
    finish(live, export, importing)
    assert told_by(export).count("public.young was attached") == 1
    assert_same_rows(live.source, live.target)


def test_tables_that_are_dropped_are_told_once_and_stop_nothing(live):
    export, importing = run_both(live)
    live.source.sql("DROP TABLE part_1; DROP TABLE log; UPDATE customer SET name = 'after' WHERE id = 1")
    for table in ("part_1", "log"):
        wait_for(lambda: f"the table public.{table} was dropped on the source" in told_by(export), f"{table} is told")
    export.kill(signal.SIGKILL)
    export.finish()
    export = start_export(live)
    time.sleep(2)
    rehearsed = cutover(live, "--dry-run", "true", expect=(0, 6))
    assert "public.log was dropped on the source" in rehearsed.out, rehearsed
    report = live.command("get", "data-migration-report", "--export-dir", live.export_dir)
    assert "public.log was dropped on the source" in report.said and "public.part_1 was dropped" in report.said, report
    live.target.sql("DROP TABLE part_1; DROP TABLE log")
    finish(live, export, importing)
    assert "dropped" not in told_by(export), "told once"
    assert_same_rows(live.source, live.target)


@pytest.mark.parametrize("statement, words", [
    ("DROP TABLE orders; CREATE TABLE orders (id serial PRIMARY KEY, customer int, amount numeric, note text)", "dropped and made again"),
    ("CREATE TABLE other (LIKE orders); ALTER TABLE orders RENAME TO gone; ALTER TABLE other RENAME TO orders", "dropped and made again"),
    ("ALTER TABLE part DETACH PARTITION part_1", "it was a partition and is none any more")])
def test_why_changes_of_a_table_do_not_come_is_told(live, statement, words):
    export, importing = run_both(live)
    live.source.sql(statement)
    done = export.finish()
    assert done.code == 7 and "CDC-008" in done.err and words in done.said and "publication" not in done.said, done
