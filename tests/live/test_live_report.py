"""What a live migration shows and keeps: the report, the tables of metrics, the archive, the disk of the queue."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager

import pytest

from harness.migration import Result, assert_same_rows, fault_points
from harness.printed_commands import printed_in
from test_live import Application, assert_cut_over, cutover, live, logical_cluster, start_export, streams, wait_for  # noqa: F401

HEADER = ["TABLE", "DB_TYPE", "EXPORTED", "IMPORTED", "ERRORED-IMPORTED", "EXPORTED", "EXPORTED", "EXPORTED", "IMPORTED", "IMPORTED",
          "IMPORTED", "FINAL_ROW_COUNT"]
ARCHIVE_POINTS = ["archive.half_copied", "archive.copied", "archive.noted", "archive.removed"]
SMALL = {"QUEUE_SEGMENT_MAX_BYTES": "2000"}


def report(live, *extra, **options):
    return live.command("get", "data-migration-report", "--export-dir", live.export_dir, *extra, **options)


def report_rows(live, *extra, **options):
    rows = json.loads(report(live, "--output-format", "json", *extra, **options).out)
    return {(row["table_name"], row["db_type"]): row for row in rows}


def archive(live, *extra, **options):
    return live.command("archive", "changes", "--export-dir", live.export_dir, *extra, **options)


def segments(live):
    return sorted(int(p.suffix[1:]) for p in live.files("data/queue/segment.*"))


def run_both(live, **env):
    export = live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes", env={**SMALL, **env})
    importing = live.start(*live.line("import data"))
    wait_for(streams(live), "the changes are streamed")
    return export, importing


def test_the_report_adds_up_through_kills_and_truncations(live):
    export, importing = run_both(live, YB_VOYAGER_FAULT="live.synced:4")
    live.source.sql("INSERT INTO customer (name) SELECT 'x' FROM generate_series(1, 100); DELETE FROM orders WHERE id <= 40; UPDATE log SET line = 'other'")
    for n in range(40):  # A change, a while, a change: several syncs, so that the fault is met.
        if not export.running():
            break
        live.source.sql(f"INSERT INTO part SELECT g + 10000 + {n} * 10, {n % 2}, 'n' FROM generate_series(1, 5) g")
        time.sleep(0.3)
    assert export.finish().code == -signal.SIGKILL
    export = start_export(live)
    live.source.sql("TRUNCATE log, part_1; INSERT INTO log VALUES (now(), 'after')")
    cutover(live)
    for one in (export, importing):
        assert one.finish(120).code == 0
    assert_same_rows(live.source, live.target)
    rows = report_rows(live, "--verify-counts", "true")
    for (table, side), row in rows.items():
        assert row["check"] == "equal", (table, side, row)
    assert {side for _, side in rows} == {"source", "target"}
    customers = rows["public.customer", "source"], rows["public.customer", "target"]
    assert customers[0]["exported_snapshot_rows"] == customers[1]["imported_snapshot_rows"] == 2000
    assert customers[0]["exported_inserts"] == customers[1]["imported_inserts"] == 100
    assert rows["public.orders", "source"]["exported_deletes"] == rows["public.orders", "target"]["imported_deletes"] == 40
    assert rows["public.log", "target"]["imported_updates"] == 500 and rows["public.log", "target"]["truncated_rows"] == 500
    assert rows["public.log", "target"]["final_row_count"] == 1
    assert (live.export_dir / "reports" / "data-migration-report.json").exists()
    lines = [[cell.strip() for cell in line.split("|")] for line in report(live).out.splitlines()]
    assert lines[0] == HEADER and lines[1][2:11] == ["SNAPSHOT_ROWS"] * 3 + ["INSERTS", "UPDATES", "DELETES"] * 2
    assert lines[2][:4] == ["public.customer", "source", "2000", "0"] and lines[3][:4] == ["", "target", "0", "2000"]
    # A row that nobody migrated is a difference.
    live.target.sql("INSERT INTO log VALUES (now(), 'by somebody else')")
    wrong = report(live, "--verify-counts", "true", expect=9)
    assert re.search(r"\| +differs by \+1$", wrong.out, re.MULTILINE)
    for side in ("export", "import"):
        refused = live.command(side, "data", "status", "--export-dir", live.export_dir, expect=7)
        assert "get data-migration-report" in refused.said
    live.end(keep=True)
    assert json.loads((live.folder / "backup" / "reports" / "data_migration_report.json").read_text())


def test_an_offline_migration_is_told_where_to_look(migration):
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    migration.export_schema()
    migration.export_data()
    assert "export data status" in report(migration, expect=7).said
    assert "no changes to archive" in archive(migration, "--policy", "delete", expect=7).said


def test_the_documented_tables_of_metrics_in_plain_mode(live):
    export = live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes", "--progress-interval", "1")
    importing = live.start(*live.line("import data"), "--progress-interval", "1")
    wait_for(streams(live), "the changes are streamed")
    live.source.sql("INSERT INTO log SELECT now(), 'x' FROM generate_series(1, 700)")
    wait_for(lambda: live.target.value("SELECT count(*) FROM log WHERE line = 'x'") == "700", "the changes are applied")
    cutover(live)
    said = export.finish().err, importing.finish().err
    assert "| Metric                                   |                          Value |\n" in said[0]
    assert "| Total Exported Events                    |                            700 |\n" in said[0]
    assert "| Total Exported Events (Current Run)      |                            700 |\n" in said[0]
    assert re.search(r"^\| Export Rate\(Last 10 min\) +\| +\d+/sec \|$", said[0], re.MULTILINE)
    assert "| Total Imported events          |                            700 |\n" in said[1]
    assert "| Remaining Events               |                              0 |\n" in said[1]
    assert "| Estimated Time to catch up     |                             0s |\n" in said[1]


def test_every_fault_point_of_the_archive_is_tried():
    assert {p for p in fault_points() if p.startswith("archive.")} == set(ARCHIVE_POINTS)



def test_applied_changes_move_to_the_archive_whenever_it_is_killed(live):
    folder = live.folder / "archive"
    folder.mkdir()
    export, importing = run_both(live)
    for n in range(9):
        live.source.sql("INSERT INTO log SELECT now(), gen_random_uuid()::text FROM generate_series(1, 400)")
        wait_for(lambda: live.target.value("SELECT count(*) FROM log") == live.source.value("SELECT count(*) FROM log"), "the changes are applied")
    before = segments(live)
    assert len(before) > 7
    for point in ARCHIVE_POINTS:
        killed = archive(live, "--policy", "archive", "--archive-dir", folder, env={"YB_VOYAGER_FAULT": point}, expect=None)
        assert killed.code == -signal.SIGKILL, killed
    # Both sides begin again beside an archive that is half done.
    for one in (export, importing):
        one.kill(signal.SIGKILL)
        one.finish()
    mover = live.start("archive", "changes", "--export-dir", live.export_dir, "--move-to", folder)
    wait_for(lambda: len(list(folder.glob("segment.*"))) >= len(before) - 5, "segments are moved")
    left = segments(live)
    assert len(left) >= 4 and 0 not in left
    export, importing = start_export(live), live.start(*live.line("import data"))
    live.source.sql("UPDATE orders SET amount = -1 WHERE id % 3 = 0")
    cutover(live)
    assert_cut_over(live, export, importing)
    done = mover.finish()
    assert done.code == 0 and "moved to" in done.err, done
    # Everything that was ever captured is in the archive, once.
    assert segments(live) == []
    moved = sorted(int(p.suffix[1:]) for p in folder.glob("segment.*"))
    assert moved == list(range(len(moved))) and len(moved) >= len(before)
    assert not list(folder.glob("*.partial"))


def test_deleting_waits_for_the_disk_to_fill(live):
    export, importing = run_both(live)
    for n in range(6):
        live.source.sql("INSERT INTO log SELECT now(), gen_random_uuid()::text FROM generate_series(1, 400)")
        wait_for(lambda: live.target.value("SELECT count(*) FROM log") == live.source.value("SELECT count(*) FROM log"), "the changes are applied")
    before = segments(live)
    waits = live.start("archive", "changes", "--export-dir", live.export_dir, "--policy", "delete", "--fs-utilization-threshold", "100")
    wait_for(lambda: "policy: delete" in waits.err_so_far(), "it looks")
    waits.kill(signal.SIGTERM)
    assert waits.finish().code == 143
    assert segments(live)[:len(before)] == before
    deletes = live.start("archive", "changes", "--export-dir", live.export_dir, "--policy", "delete", "--fs-utilization-threshold", "0")
    wait_for(lambda: 0 not in segments(live), "segments are deleted")
    cutover(live)
    assert_cut_over(live, export, importing)
    assert deletes.finish().code == 0
    assert segments(live) == []


@pytest.mark.parametrize("flags, said", [
    ([], "--policy is needed"),
    (["--policy", "retain"], "retain"),
    (["--policy", "archive"], "--archive-dir is needed"),
    (["--policy", "archive", "--archive-dir", "/no/such/folder"], "is not a directory"),
    (["--policy", "delete", "--archive-dir", "/tmp"], "--archive-dir is not for --policy delete"),
    (["--policy", "archive", "--archive-dir", "/tmp", "--fs-utilization-threshold", "5"], "only for --policy delete"),
])
def test_archive_flags_that_contradict(live, flags, said):
    assert said in archive(live, *flags, expect=2).said


@contextmanager
def small_disk(folder, mebibytes):
    """A disk of its own for a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", folder], capture_output=True).returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_of_the_queue_is_waited_for(live):
    data = live.export_dir / "data"
    with small_disk(data, 256):
        export, importing = run_both(live, QUEUE_FREE_BYTES_MIN=str(100 << 20))
        # As much as another process takes: blocks that nothing is written to.
        filler = data / "filler"
        with open(filler, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, 200 << 20)
        wait_for(lambda: "nearly full" in export.err_so_far(), "it says so")
        live.source.sql("INSERT INTO log SELECT now(), 'while full' FROM generate_series(1, 50)")
        time.sleep(2)
        assert live.target.value("SELECT count(*) FROM log WHERE line = 'while full'") == "0" and export.running()
        filler.unlink()
        wait_for(lambda: live.target.value("SELECT count(*) FROM log WHERE line = 'while full'") == "50", "it goes on")
        cutover(live)
        assert_cut_over(live, export, importing)


def test_a_small_disk_holds_the_capture_back_and_archive_frees_it(live):
    """Faster than anybody looks a second time: the disk is never filled to its end, and nothing is lost."""
    queue = live.export_dir / "data" / "queue"
    with small_disk(queue, 32):
        export = live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes",
                            env={"QUEUE_FREE_BYTES_MIN": str(10 << 20), "QUEUE_SEGMENT_MAX_BYTES": str(2 << 20)})
        wait_for(streams(live), "the changes are streamed")
        for n in range(20):  # Not to be compressed.
            live.source.sql("INSERT INTO log SELECT now(), string_agg(md5(random()::text), '') FROM generate_series(1, 3000) r, generate_series(1, 30) g GROUP BY r")
        wait_for(lambda: "nearly full" in export.err_so_far(), "it says so")
        time.sleep(1)
        left = shutil.disk_usage(queue).free
        assert export.running() and 2 << 20 < left < 11 << 20, (left, export.err_so_far()[-2000:])
        segments = {path.name for path in queue.iterdir()}
        importing = live.start(*live.line("import data"))
        shown = Result(export.args, 0, "", export.err_so_far())
        putting_away = live.start(*printed_in(shown, "export data", "archive changes --policy delete"), "--fs-utilization-threshold", "10", "--yes")
        rows = live.source.value("SELECT count(*) FROM log")
        wait_for(lambda: live.target.value("SELECT count(*) FROM log") == rows, "what was held back comes")
        wait_for(lambda: "There is space again" in " ".join(export.err_so_far().split()), "it is told")
        assert not segments <= {path.name for path in queue.iterdir()}
        cutover(live)
        assert_cut_over(live, export, importing)
        done = putting_away.finish()
        assert done.code == 0, done
