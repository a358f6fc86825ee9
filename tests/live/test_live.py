"""Live migration with the real program: snapshot, changes while the application writes, cutover."""

import random
import secrets
import shutil
import signal
import time

import pytest

from harness.application import Application, TABLES, wait_for
from harness.cluster import Cluster
from harness.migration import Migration, assert_same_rows, fault_points
from live.test_way_back import ITERATION_POINTS, POINTS as BACK_POINTS

@pytest.fixture(scope="module")
def logical_cluster():
    with Cluster("logical", settings={"wal_level": "logical", "max_replication_slots": 20, "max_wal_senders": 20}) as cluster:
        yield cluster


@pytest.fixture
def live(logical_cluster, target, folder):
    name = "live_" + secrets.token_hex(4)
    source = logical_cluster.create(name)
    source.sql(TABLES)
    one = Migration(source, target, folder)
    one.export_schema()
    one.import_schema()
    yield one
    logical_cluster.drop(name, slots=True)


def cutover(live, *extra, **options):
    return live.command("initiate", "cutover", "to", "target", "--export-dir", live.export_dir, "--prepare-for-fall-back", "false",
                        "--yes", *extra, **options)


def cutover_status(live):
    return live.command("cutover", "status", "--export-dir", live.export_dir).out


def start_export(live):
    return live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes")


def streams(live):
    return lambda: "ExportDataDone" in live.log_text() or live.source.value("SELECT count(*) FROM pg_stat_replication WHERE application_name = 'yb-voyager' AND state = 'streaming'") != "0"


def assert_cut_over(live, export, importing):
    for one in (export, importing):
        done = one.finish(120)
        assert done.code == 0, done
    assert "COMPLETED" in cutover_status(live)
    assert_same_rows(live.source, live.target)
    # The next insert on the target cannot collide.
    live.target.sql("INSERT INTO customer (name) VALUES ('first on the target'); INSERT INTO orders (customer) VALUES (1)")
    assert live.source.rows("SELECT slot_name FROM pg_replication_slots WHERE database = current_database()") == []
    assert live.source.rows("SELECT pubname FROM pg_publication") == []
    assert live.source.value("SELECT relreplident FROM pg_class WHERE relname = 'log'") == "d"


def test_changes_follow_the_snapshot_until_the_cutover(live):
    application = Application(live.source, 1)
    export, importing = start_export(live), live.start(*live.line("import data"))
    wait_for(streams(live), "the changes are streamed")
    assert "NOT_INITIATED" in cutover_status(live)
    before = application.done
    wait_for(lambda: application.done > before + 500, "the application works")
    application.finish()
    cutover(live)
    assert_cut_over(live, export, importing)
    assert "before" in cutover(live).err
    live.end()


def test_killed_again_and_again(live):
    application = Application(live.source, 2)
    export, importing = start_export(live), live.start(*live.line("import data"))
    wait_for(streams(live), "the changes are streamed")
    chance = random.Random(3)
    for _ in range(6):
        time.sleep(chance.uniform(0.2, 1.0))
        if chance.random() < 0.5:
            export.kill(signal.SIGKILL)
            export.finish()
            export = start_export(live)
        else:
            importing.kill(signal.SIGKILL)
            importing.finish()
            importing = live.start(*live.line("import data"))
    application.finish()
    cutover(live)
    assert_cut_over(live, export, importing)


def test_an_export_that_is_begun_anew_is_imported_anew(live):
    """What the importer has noted is of the earlier export: its rows and changes would be taken for those of the new one."""
    export, importing = start_export(live), live.start(*live.line("import data"))
    wait_for(streams(live), "the changes are streamed")
    live.source.sql("INSERT INTO customer (name) SELECT 'changed' FROM generate_series(1, 50)")
    wait_for(lambda: live.target.value("SELECT count(*) FROM customer WHERE name = 'changed'") == "50", "changes are applied")
    for one in (export, importing):
        one.kill(signal.SIGINT)
        one.finish()
    behind = live.export_dir.with_name("behind")
    shutil.copytree(live.export_dir, behind)
    live.source.sql("DELETE FROM orders WHERE id % 2 = 0")
    export = live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--start-clean", "true", "--yes")
    wait_for(streams(live), "the changes are streamed")
    live.import_schema("--start-clean", "true", "--yes")  # The tables are others now.
    refused = live.command(*live.line("import data"), expect=7)
    assert "IMP-006" in refused.err and "--start-clean true --truncate-tables true" in " ".join(refused.err.split())
    assert "the import has to begin anew too" in " ".join(export.err_so_far().split()), "and the export has said so"
    noted = "SELECT run FROM ybvoyager_metadata.ybvoyager_import_data_runs"
    before = live.target.value(noted)
    importing = live.start(*live.line("import data"), "--start-clean", "true", "--truncate-tables", "true", "--yes")
    wait_for(lambda: live.target.value(noted) not in ("", before), "the import has begun")
    first, live.export_dir = live.export_dir, behind
    assert "IMP-007" in live.command(*live.line("import data"), "--yes", expect=7).err, "a copy that stayed behind"
    live.export_dir = first
    live.source.sql("UPDATE orders SET amount = 0; INSERT INTO log SELECT now(), 'late' FROM generate_series(1, 100)")
    cutover(live)
    assert_cut_over(live, export, importing)


POINTS = {"live.segment_noted": "export", "live.synced": "export", "live.noted": "export", "live.segment_closed": "export",
          "live.changes_committed": "import", "live.columns_changed": "import", "live.cutover_captured": "export", "live.cutover_exported": "export",
          "live.cutover_applied": "import", "live.cutover_sequences": "import"}


def test_every_fault_point_of_a_live_migration_is_tried():
    """Those of the way back in test_way_back.py."""
    assert {p for p in fault_points() if p.startswith("live.")} == set(POINTS) | BACK_POINTS | ITERATION_POINTS


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(live, point):
    """The whole way in steps, so that the point is met: the command dies there, is run again, and both sides are equal."""
    fault = {"YB_VOYAGER_FAULT": point, "QUEUE_SEGMENT_MAX_BYTES": "20000"}
    export = live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes",
                        env=fault if POINTS[point] == "export" else {"QUEUE_SEGMENT_MAX_BYTES": "20000"})
    importing = live.start(*live.line("import data"), env=fault if POINTS[point] == "import" else {})
    killed = export if POINTS[point] == "export" else importing
    wait_for(lambda: streams(live)() or not export.running(), "the changes are streamed")
    live.source.sql("UPDATE orders SET amount = 0 WHERE id % 10 = 3; INSERT INTO log SELECT now(), 'late' FROM generate_series(1, 300)")
    if point == "live.columns_changed":
        live.source.sql("ALTER TABLE orders ADD COLUMN colour text DEFAULT 'red'; UPDATE orders SET colour = 'blue' WHERE id <= 10")
    if "cutover" in point or point == "live.segment_closed":
        cutover(live)
    assert killed.finish().code == -signal.SIGKILL, killed.finish()
    if POINTS[point] == "export":
        export = start_export(live)
    else:
        importing = live.start(*live.line("import data"))
    if "cutover" not in point and point != "live.segment_closed":
        wait_for(streams(live), "the changes are streamed")
        cutover(live)
    assert_cut_over(live, export, importing)


def test_ended_in_the_middle_nothing_is_left_on_the_source(live):
    export = start_export(live)
    wait_for(streams(live), "the changes are streamed")
    export.kill(signal.SIGKILL)
    export.finish()
    live.end()
    assert live.source.rows("SELECT slot_name FROM pg_replication_slots WHERE database = current_database()") == []
    assert live.source.rows("SELECT pubname FROM pg_publication") == []
    assert live.source.value("SELECT relreplident FROM pg_class WHERE relname = 'log'") == "d"


def test_killed_in_the_snapshot(live):
    """The capture stays what it is; what is exported again holds changes that come once more, and they are left out."""
    application = Application(live.source, 4)
    live.command(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes", "--parallel-jobs", "1",
                 env={"YB_VOYAGER_FAULT": "export_data.chunk_done:3"}, expect=None)
    time.sleep(1)
    export = start_export(live)
    importing = live.start(*live.line("import data"))
    wait_for(streams(live), "the changes are streamed")
    time.sleep(1)
    application.finish()
    cutover(live)
    assert_cut_over(live, export, importing)


def test_tables_of_two_moments_get_their_foreign_keys_behind_the_changes(logical_cluster, target, folder):
    """The export is killed between two tables that refer to each other, and rows of both go before it is run again."""
    name = "live_" + secrets.token_hex(4)
    source = logical_cluster.create(name)
    source.sql("CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int); INSERT INTO a SELECT g, g FROM generate_series(1, 500) g; "
               "INSERT INTO b SELECT * FROM a; ALTER TABLE a ADD CONSTRAINT to_b FOREIGN KEY (b) REFERENCES b; ALTER TABLE b ADD CONSTRAINT to_a FOREIGN KEY (a) REFERENCES a")
    one = Migration(source, target, folder)
    one.export_schema()
    one.import_schema()
    one.command(*one.line("export data"), "--export-type", "snapshot-and-changes", "--yes", "--parallel-jobs", "1",
                env={"YB_VOYAGER_FAULT": "export_data.chunk_done"}, expect=-signal.SIGKILL)
    source.sql("UPDATE a SET b = NULL WHERE id <= 100; UPDATE b SET a = NULL WHERE id <= 100; DELETE FROM a WHERE id <= 50; DELETE FROM b WHERE id <= 50")
    export, importing = start_export(one), one.start(*one.line("import data"))
    wait_for(lambda: "Applying changes" in importing.err_so_far() or not importing.running(), "the snapshot is imported")
    assert " not built yet: " in " ".join(importing.err_so_far().split())
    cutover(one)
    for done in (export.finish(120), importing.finish(120)):
        assert done.code == 0, done
    one.finalize()
    assert_same_rows(source, target)
    assert target.rows("SELECT conname FROM pg_constraint WHERE contype = 'f' AND convalidated ORDER BY 1") == [("to_a",), ("to_b",)]
    logical_cluster.drop(name, slots=True)


def test_keys_that_nothing_comes_for_are_refused_although_another_table_is_read_later(logical_cluster, target, folder):
    """Only a key with an end at a table of another moment may wait for changes; and not for rows that were set aside."""
    name = "live_" + secrets.token_hex(4)
    source = logical_cluster.create(name)
    source.sql("CREATE TABLE a (id int PRIMARY KEY, b int, filler text); CREATE TABLE b (id int PRIMARY KEY, filler text); CREATE TABLE c (id int PRIMARY KEY, b int); "
               "INSERT INTO b SELECT g, repeat('b', 100) FROM generate_series(1, 3000) g; INSERT INTO a SELECT g, g, repeat('a', 200) FROM generate_series(1, 3000) g; INSERT INTO c VALUES (1, 1), (2, 2); "
               "ALTER TABLE a ADD CONSTRAINT a_b FOREIGN KEY (b) REFERENCES b; ALTER TABLE c ADD CONSTRAINT c_b FOREIGN KEY (b) REFERENCES b; "
               "SET session_replication_role = replica; UPDATE a SET b = 7777 WHERE id = 1")
    one = Migration(source, target, folder)
    one.export_schema()
    one.import_schema()
    one.command(*one.line("export data"), "--export-type", "snapshot-and-changes", "--yes", "--parallel-jobs", "1",
                env={"YB_VOYAGER_FAULT": "export_data.chunk_done:2"}, expect=-signal.SIGKILL)
    source.sql("INSERT INTO b VALUES (5000, 'later'); INSERT INTO c VALUES (3, 5000)")
    export, importing = start_export(one), one.start(*one.line("import data"))
    refused = importing.finish()
    assert refused.code == 1 and "IMP-003" in refused.err and "a_b" in refused.said and "set aside" not in refused.said, refused
    target.sql("SET session_replication_role = replica; UPDATE a SET b = 1 WHERE id = 1")
    importing = one.start(*one.line("import data"))
    wait_for(lambda: "Applying changes" in importing.err_so_far() or not importing.running(), "the snapshot is imported")
    assert "not built yet: c_b on public.c." in " ".join(importing.err_so_far().split()), importing.err_so_far()
    source.sql("SET session_replication_role = replica; UPDATE a SET b = 1 WHERE id = 1")
    cutover(one)
    for done in (export.finish(120), importing.finish(120)):
        assert done.code == 0, done
    one.finalize()
    assert target.rows("SELECT conname FROM pg_constraint WHERE contype = 'f' AND convalidated ORDER BY 1") == [("a_b",), ("c_b",)]
    logical_cluster.drop(name, slots=True)


def test_a_key_whose_rows_were_set_aside_is_refused_with_the_reason(logical_cluster, target, folder):
    name = "live_" + secrets.token_hex(4)
    source = logical_cluster.create(name)
    source.sql("CREATE TABLE a (id int PRIMARY KEY, b int, filler text); CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b SELECT generate_series(1, 50); "
               "INSERT INTO a SELECT g, 1 + g % 50, repeat('a', 200) FROM generate_series(1, 3000) g; ALTER TABLE a ADD CONSTRAINT a_b FOREIGN KEY (b) REFERENCES b")
    one = Migration(source, target, folder)
    one.export_schema()
    one.import_schema()
    target.sql("ALTER TABLE b ADD CONSTRAINT small CHECK (id <> 7)")
    one.command(*one.line("export data"), "--export-type", "snapshot-and-changes", "--yes", "--parallel-jobs", "1",
                env={"YB_VOYAGER_FAULT": "export_data.chunk_done"}, expect=-signal.SIGKILL)
    source.sql("INSERT INTO b VALUES (60)")
    export = start_export(one)
    line = [*one.line("import data"), "--error-policy-snapshot", "stash-and-continue"]
    refused = one.start(*line).finish()
    assert refused.code == 1 and "IMP-003" in refused.err and "Rows of public.b were set aside (1)" in refused.said, refused
    target.sql("ALTER TABLE b DROP CONSTRAINT small; INSERT INTO b VALUES (7)")
    importing = one.start(*line)
    wait_for(lambda: "Applying changes" in importing.err_so_far() or not importing.running(), "the snapshot is imported")
    cutover(one)
    for process in (export, importing):
        done = process.finish(120)
        assert done.code in (0, 8), done
    assert target.rows("SELECT conname FROM pg_constraint WHERE contype = 'f' AND convalidated") == [("a_b",)]
    logical_cluster.drop(name, slots=True)


def test_what_is_missing_is_said_before_anything_is_touched(live, logical_cluster):
    live.source.sql("DROP ROLE IF EXISTS weak; CREATE ROLE weak LOGIN; GRANT USAGE ON SCHEMA public TO weak; GRANT SELECT ON ALL TABLES IN SCHEMA public TO weak; GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO weak")
    weak = Migration(live.source.as_user("weak"), live.target, live.folder)
    refused = weak.export_data("--export-type", "snapshot-and-changes", "--yes", expect=6)
    assert "ALTER ROLE" in refused.said and "REPLICATION" in refused.said
    assert "the user weak does not own" in refused.said and f'GRANT "{live.source.value("SELECT current_user")}" TO "weak"' in refused.said
    assert live.source.rows("SELECT slot_name FROM pg_replication_slots WHERE database = current_database()") == []
    live.source.sql("DROP OWNED BY weak; DROP ROLE weak")


def test_a_source_without_a_logical_log(migration):
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    migration.export_schema()
    refused = migration.export_data("--export-type", "snapshot-and-changes", "--yes", expect=6)
    assert "ALTER SYSTEM SET wal_level = logical" in refused.said


def test_a_cutover_needs_a_live_migration(migration):
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    migration.export_schema()
    migration.export_data()
    assert "no changes to cut over" in cutover(migration, expect=7).said
