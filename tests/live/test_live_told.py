"""What is told of a live migration that is held up, or whose databases are not as they were: the cause, and what to do."""

import shutil
import signal
import time

from harness.migration import Migration, assert_same_rows
from test_live import cutover, live, logical_cluster, start_export, streams, wait_for  # noqa: F401
from test_live_capture import finish, run_both, told_by


def test_a_sequence_that_is_renamed_goes_on_where_it_stood(live):
    export, importing = run_both(live)
    live.source.sql("ALTER SEQUENCE orders_id_seq RENAME TO another; SELECT setval('another', 70000); ALTER SEQUENCE customer_id_seq RENAME TO yet_another; INSERT INTO customer (name) VALUES ('behind it')")
    rehearsed = cutover(live, "--dry-run", "true", expect=(0, 6))
    assert "left out:" not in rehearsed.out and "another" not in rehearsed.out, rehearsed
    finish(live, export, importing)
    assert live.target.value("SELECT last_value FROM orders_id_seq") == "70000"
    assert live.target.value("SELECT last_value FROM customer_id_seq") == live.source.value("SELECT last_value FROM yet_another")
    assert_same_rows(live.source, live.target)
    live.target.sql("INSERT INTO customer (name) VALUES ('first on the target'); INSERT INTO orders (customer) VALUES (1)")


def test_the_snapshot_stays_imported_while_an_import_of_changes_begins_again(live):
    export, importing = run_both(live)
    importing.kill(signal.SIGKILL)
    importing.finish()
    # As it stands in the first moments of the run: what is asked then is not that the rows are missing.
    live.command(*live.line("import data"), env={"YB_VOYAGER_FAULT": "import_data.before_sequences"}, expect=-signal.SIGKILL)
    refused = live.verify(expect=7)
    assert "CUT-006" in refused.err and "import data is not running" in refused.said, refused
    importing = live.start(*live.line("import data"))
    finish(live, export, importing)


def owned_by(live, role):
    """The source's tables belong to a plain user, who migrates them."""
    live.source.sql(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN REPLICATION; GRANT ALL ON SCHEMA public TO {role}; GRANT CREATE ON DATABASE \"{live.source.name}\" TO {role}; "
                    + "".join(f"ALTER TABLE {table} OWNER TO {role}; " for table in ("customer", "orders", "log", "part", "part_0", "part_1")))
    plain = Migration(live.source.as_user(role), live.target, live.folder)
    plain.export_dir = live.export_dir
    return plain


def run_both_as(plain):
    """Who is not privileged does not see who streams."""
    export, importing = start_export(plain), plain.start(*plain.line("import data"))
    wait_for(lambda: "Streaming changes" in export.err_so_far(), "the changes are streamed")
    return export, importing


def test_rights_on_sequences_that_are_taken_before_the_cutover_are_told_with_the_grant(live):
    plain = owned_by(live, "seqless")
    export, importing = run_both_as(plain)
    live.source.sql("CREATE SEQUENCE apart OWNED BY NONE; GRANT SELECT ON apart TO seqless; SELECT nextval('apart')")
    live.source.sql("REVOKE SELECT ON apart FROM seqless")
    refused = cutover(live, expect=6)
    assert "PRE-001" in refused.err and 'GRANT SELECT ON SEQUENCE "public"."apart" TO "seqless";' in refused.said, refused
    # Taken behind the request, by the process that reads them.
    live.source.sql("GRANT SELECT ON apart TO seqless; BEGIN; INSERT INTO log VALUES (now(), 'held'); SELECT pg_sleep(0); COMMIT")
    export.kill()
    export.finish()
    cutover(live)
    live.source.sql("REVOKE SELECT ON apart FROM seqless")
    done = start_export(plain).finish()
    assert done.code == 6 and "PRE-001" in done.err and "GRANT SELECT ON SEQUENCE" in done.said and "goes on where it was" in done.said, done
    live.source.sql("GRANT SELECT ON apart TO seqless")
    for one in (start_export(plain), importing):
        done = one.finish(120)
        assert done.code == 0, done
    assert_same_rows(live.source, live.target)


def test_a_source_that_takes_no_writes_is_told_first(live):
    plain = owned_by(live, "frozen")
    live.source.sql("ALTER ROLE frozen SET default_transaction_read_only = on")
    refused = plain.command(*plain.line("export data"), "--export-type", "snapshot-and-changes", "--yes", expect=6)
    assert "the source takes no writes" in refused.said, refused
    mend = f'ALTER ROLE "frozen" IN DATABASE "{live.source.name}" SET default_transaction_read_only TO off;'
    assert mend in refused.said, refused
    live.source.sql(mend)
    export, importing = run_both_as(plain)
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)


def test_a_standby_is_no_source_of_changes(live, logical_cluster):
    standby = logical_cluster.replica()
    try:
        database = standby.db(live.source.name)
        wait_for(lambda: database.value("SELECT count(*) FROM part") == "1000", "the standby has the rows")
        one = Migration(database, live.target, live.folder)
        one.export_dir = live.export_dir
        refused = one.command(*one.line("export data"), "--export-type", "snapshot-and-changes", "--yes", expect=6)
        assert "it is a standby" in refused.said and "give the primary as --source-db-host" in refused.said, refused
    finally:
        standby.stop()


def test_a_target_that_was_put_back_is_told_as_that(live):
    export, importing = run_both(live)
    live.source.sql("UPDATE orders SET amount = 3 WHERE id <= 200")
    wait_for(lambda: live.target.value("SELECT count(*) FROM orders WHERE amount = 3 AND id <= 200") == "200", "the changes are applied")
    live.target.sql("UPDATE ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo SET last_applied_vsn = last_applied_vsn - 1")
    live.source.sql("UPDATE orders SET amount = 4 WHERE id <= 200")
    done = importing.finish()
    assert done.code == 7 and "CDC-002" in done.err and "put back to an earlier state" in done.said and "somebody else" not in done.said, done
    importing = live.start(*live.line("import data"))
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)


def test_a_cutover_that_waits_for_space_says_so(live):
    export = live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes", env={"QUEUE_FREE_BYTES_MIN": str(10**17)})
    importing = live.start(*live.line("import data"))
    wait_for(lambda: "is nearly full" in told_by(export), "the disk is full")
    time.sleep(2)
    asked = cutover(live)
    words = "the cutover to the target waits for export data: the disk of the queue is nearly full"
    assert words in asked.said, asked
    status = live.command("cutover", "status", "--export-dir", live.export_dir)
    assert words in status.said, status
    export.kill()
    export.finish()
    for one in (start_export(live), importing):
        done = one.finish(120)
        assert done.code == 0, done
    assert words not in live.command("cutover", "status", "--export-dir", live.export_dir).said
    assert_same_rows(live.source, live.target)


def test_a_second_copy_of_the_directory_is_told_that_the_slot_is_read(live):
    export, importing = run_both(live)
    copy = live.folder / "copy"
    shutil.copytree(live.export_dir, copy)
    other = Migration(live.source, live.target, live.folder)
    other.export_dir = copy
    second = start_export(other)
    wait_for(lambda: "nothing is captured for now, and it is tried again" in told_by(second), "it is told")
    assert "is active for PID" in told_by(second), second.err_so_far()
    second.kill()
    second.finish()
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)
