"""A replication slot and a queue that do not belong together: what is between them is gone, and that is said."""

import shutil
import signal

from test_live import assert_cut_over, cutover, live, logical_cluster, start_export, streams, wait_for  # noqa: F401

SLOT = "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()"


def end(*processes):
    for one in processes:
        one.kill(signal.SIGKILL)
        one.finish()


def wait_until_confirmed(live):
    place = live.source.value("SELECT pg_current_wal_lsn()")
    confirmed = f"SELECT confirmed_flush_lsn >= '{place}' FROM pg_replication_slots WHERE database = current_database()"
    wait_for(lambda: live.source.value(confirmed) == "t", "the server may forget it", 60)


def begin(live):
    export = start_export(live)
    wait_for(streams(live), "the changes are streamed")
    live.source.sql("SET synchronous_commit = on; INSERT INTO customer (name) VALUES ('captured')")
    return export


def assert_gap(live):
    refused = live.command(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes", expect=7)
    assert "CDC-006" in refused.err and "behind which this export directory has nothing" in " ".join(refused.said.split()), refused


def test_one_that_was_moved_on_is_refused(live):
    end(begin(live))
    slot = live.source.value(SLOT)
    live.source.cluster.free_slot(slot)
    live.source.sql("SET synchronous_commit = on; INSERT INTO customer (name) VALUES ('lost')")
    live.source.sql(f"SELECT pg_replication_slot_advance('{slot}', pg_current_wal_lsn())")
    assert_gap(live)


def test_one_that_was_made_again_is_refused(live):
    end(begin(live))
    slot = live.source.value(SLOT)
    live.source.cluster.free_slot(slot)
    live.source.sql(f"SELECT pg_drop_replication_slot('{slot}')")
    live.source.sql("SET synchronous_commit = on; INSERT INTO customer (name) VALUES ('lost')")
    live.source.sql(f"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')")
    assert_gap(live)


def test_one_that_was_moved_on_within_a_transaction_is_refused(live):
    """The queue ends in a transaction of which it has a part."""
    export = begin(live)
    wait_until_confirmed(live)
    end(export)
    live.source.sql("SET synchronous_commit = on; INSERT INTO customer (name) SELECT repeat('large', 1000) FROM generate_series(1, 5000)")
    export = live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes", env={"YB_VOYAGER_FAULT": "live.noted"})
    export.finish()
    slot = live.source.value(SLOT)
    live.source.cluster.free_slot(slot)
    live.source.sql("SET synchronous_commit = on; INSERT INTO customer (name) VALUES ('lost')")
    live.source.sql(f"SELECT pg_replication_slot_advance('{slot}', pg_current_wal_lsn())")
    assert_gap(live)


def test_a_directory_that_stayed_behind_its_copy_is_refused(live):
    end(begin(live))
    older = live.export_dir.with_name("older")
    shutil.copytree(live.export_dir, older)
    export = start_export(live)
    live.source.sql("SET synchronous_commit = on; INSERT INTO customer (name) VALUES ('captured by the copy')")
    wait_until_confirmed(live)
    end(export)
    newer = live.export_dir.rename(live.export_dir.with_name("newer"))
    older.rename(live.export_dir)
    assert_gap(live)
    shutil.rmtree(live.export_dir)
    newer.rename(live.export_dir)
    export, importing = start_export(live), live.start(*live.line("import data"))
    cutover(live)
    assert_cut_over(live, export, importing)


def test_one_that_was_told_of_what_concerns_no_table_goes_on(live):
    """Beyond the queue's end the server writes for others, and is told that this may go."""
    export = begin(live)
    live.source.sql("CREATE SCHEMA others; CREATE TABLE others.t AS SELECT generate_series(1, 1000) g")
    wait_until_confirmed(live)
    end(export)
    export = start_export(live)
    wait_for(streams(live), "it goes on")
    export.kill()
    export.finish()
