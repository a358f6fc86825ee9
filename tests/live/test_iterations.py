"""A live migration that goes there and back again: each cutover to the source begins another iteration."""

import json
import random
import signal
import time

import pytest

from harness import json_schema
from harness.application import Application, wait_for
from harness.migration import assert_same_rows
from live.test_way_back import Live, assert_nothing_left, killed_at, live, servers, work  # noqa: F401

AGAIN = ["--restart-data-migration-source-target", "true"]


def iteration(live, number):
    return live.export_dir / f"live-data-migration-iterations/live-data-migration-iteration-{number}/export-dir"


class There(Live):
    """As Live, and each role started by hand as the program has said it."""

    def statuses(self):
        """(iteration, side): status"""
        out, number = {}, 0
        for line in self.command("cutover", "status", "--export-dir", self.export_dir).out.splitlines():
            if line.startswith("Iteration "):
                number = int(line.split()[1])
            elif line and not line.startswith("CUTOVER"):
                out[number, line.split()[2]] = line.split()[3]
        return out

    def wait(self, number, side, seconds=180):
        def done():
            for one in (self.export, self.importing):
                assert one.running(), one.finish()
            return self.statuses()[number, side] == "COMPLETED"
        wait_for(done, f"cutover to {side} of iteration {number}", seconds)


@pytest.fixture
def there(live):  # noqa: F811
    live.__class__ = There
    return live


def test_five_cutovers_there_and_back_under_load(there):
    """Equal each time; some of the processes are killed and started again by hand."""
    chance = random.Random(3)
    pids = None
    there.begin()
    for number in range(5):
        application = Application(there.source, 100 + number)
        wait_for(lambda: application.done > 100, "the application works on the source")
        if number in (1, 3):
            # Where it is streaming already, the command is the one that a first iteration has.
            there.export.kill()
            there.export.finish()
            there.export = there.start("export", "data", *there.source_flags(), "--export-dir", there.export_dir)
        if number in (2, 3):
            there.importing.kill()
            there.importing.finish()
            there.importing = there.start(*there.line("import data"))
        time.sleep(chance.uniform(0.1, 0.4))
        application.finish()
        there.cutover("target")
        there.wait(number, "target")
        assert_same_rows(there.source, there.target)
        assert_nothing_left(there.source)
        pids = pids or (there.export.pid, there.importing.pid)
        application = Application(there.target, 200 + number)
        wait_for(lambda: application.done > 100, "the application works on the target")
        if number in (1, 4):
            there.export.kill()
            there.export.finish()
            there.export = there.to_source()
            there.importing.kill()
            there.importing.finish()
            there.importing = there.from_target()
        application.finish()
        last = number == 4
        there.cutover("source", *(AGAIN if not last else ["--restart-data-migration-source-target", "false"]))
        assert "before" in there.cutover("source").err
        if number == 0:
            there.wait(0, "source")
            assert (there.export.pid, there.importing.pid) == pids
            wait_for(lambda: "export data --export-dir" in there.export.err_so_far(), "it says as what it goes on")
        elif not last:
            there.wait(number, "source")
        else:
            for one in (there.export, there.importing):
                done = one.finish()
                assert done.code == 0, done
        assert_same_rows(there.target, there.source)
        assert_nothing_left(there.target)
    there.verify()
    assert set(there.statuses().values()) == {"COMPLETED"} and len(there.statuses()) == 10
    there.source.sql("INSERT INTO customer (name) VALUES ('x'); INSERT INTO orders (customer) VALUES (1)")


def report(live, *extra, **options):
    return live.command("get", "data-migration-report", "--export-dir", live.export_dir, *extra, **options)


def test_killed_at_every_point_of_the_turn_to_the_next_iteration(there):
    """What was told to be started by hand goes on; too early it is refused; the report adds up; nothing is left at the end."""
    there.begin()
    archive = there.folder / "archive"
    archive.mkdir()
    archiving = there.start("archive", "changes", "--export-dir", there.export_dir, "--policy", "archive", "--archive-dir", archive)
    work(there.source, 1, 0.1, 20)
    there.cutover("target")
    there.wait(0, "target")
    work(there.target, 2, 0.1, 20)
    exports = ["export", "data", *there.source_flags()]
    imports = ["import", "data", *there.target_flags()]
    killed = there.cutover("source", *AGAIN, expect=-signal.SIGKILL, env={"YB_VOYAGER_FAULT": "live.iteration_made"})
    assert "initiated" not in killed.err
    assert there.statuses() == {(0, "target"): "COMPLETED", (0, "source"): "NOT_INITIATED"}
    there.export.kill()
    there.export.finish()
    there.cutover("source", *AGAIN)
    for early in (exports, ["initiate", "cutover", "to", "target", "--prepare-for-fall-back", "true", "--yes"]):
        refused = there.command(*early, "--export-dir", there.export_dir, expect=7)
        assert "iteration" in refused.said, refused
    wait_for(lambda: not there.importing.running() or "import data --export-dir" in there.importing.err_so_far(), "the exporter has turned")
    said = there.command("cutover", "status", "--export-dir", there.export_dir).said
    assert "Nobody works on the cutover to the source: import data to source is not running" in said
    start = f"yb-voyager import data to source --export-dir {there.export_dir}"
    assert start in said
    status = there.command("cutover", "status", "--export-dir", there.export_dir, "--output-format", "json")
    assert json_schema.errors(status.json(), "cutover-status") == [] and "Nobody" not in status.err
    to_source = status.json()["iterations"][0]["cutovers"][1]
    assert (to_source["to"], to_source["status"]) == ("source", "INITIATED") and to_source["requested_at"]
    assert [one["command"] for one in to_source["not_running"]] == ["import data to source"] and start in to_source["not_running"][0]["start"]
    there.export = there.to_source()
    killed_at(there, "export", "live.turned", "import", "data", "to", "source")
    said = there.command("cutover", "status", "--export-dir", there.export_dir).said
    assert "export data is not running" in said and "--export-type" in said
    for point in ("live.target_slot_made", "live.target_capture_noted"):
        killed_at(there, "export", point, *exports)
    there.export = there.start(*exports, "--export-dir", there.export_dir)
    there.wait(0, "source")
    assert "Nobody" not in there.command("cutover", "status", "--export-dir", there.export_dir).err
    work(there.source, 3, 0.1, 20)
    there.source.sql("TRUNCATE log; INSERT INTO log VALUES (now(), 'after'); DELETE FROM part WHERE id < 10")
    # What is through does not begin again: it turns into what runs already.
    assert "before" in there.cutover("source").err
    for one in ("import data to source", "export data from target"):
        assert "is running" in there.command(*one.split(), "--export-dir", there.export_dir, expect=7).said
    there.cutover("target")
    there.wait(1, "target")
    work(there.target, 4, 0.1, 20)
    there.cutover("source")
    for one in (there.export, there.importing, archiving):
        done = one.finish()
        assert done.code == 0, done
    assert_same_rows(there.target, there.source)
    rows = json.loads(report(there, "--verify-counts", "true", "--output-format", "json").out)
    assert {row["check"] for row in rows} == {"equal"} and len(rows) == 8, rows
    detailed = json.loads(report(there, "--include-detailed-iterations-stats", "true", "--output-format", "json").out)
    assert len(detailed) == 16 and {row["iteration_number"] for row in detailed} == {0, 1}
    sums = {(row["table_name"], row["db_type"]): row for row in rows}
    for row in detailed:
        if row["iteration_number"] == 1:
            assert row["cumulative_final_row_count"] == sums[row["table_name"], row["db_type"]]["final_row_count"]
    assert "CUMULATIVE" in report(there, "--include-detailed-iterations-stats", "true").out
    assert sorted(str(p.relative_to(archive).parent) for p in archive.glob("**/segment.*"))[-1] == "live-data-migration-iterations/live-data-migration-iteration-1"
    killed = there.end(expect=-signal.SIGKILL, env={"YB_VOYAGER_FAULT": "live.iteration_emptied"}, keep=True)
    assert iteration(there, 1).exists()
    there.end(keep=True)
    assert not iteration(there, 1).exists()
    assert (there.folder / "backup/live-data-migration-iterations/live-data-migration-iteration-1/logs").exists()
    for database in (there.source, there.target):
        assert_nothing_left(database)
        assert database.rows("SELECT nspname FROM pg_namespace WHERE nspname = 'ybvoyager_metadata'") == []


def test_a_column_that_was_filled_before_an_iteration_is_not_made_up(there):
    """Its values are in no change: the target has to get them from somebody. What comes later is carried as ever."""
    there.begin()
    there.cutover("target")
    there.wait(0, "target")
    there.source.sql("ALTER TABLE orders ADD COLUMN extra int")
    there.source.sql("UPDATE orders SET extra = id")
    there.cutover("source", *AGAIN)
    there.wait(0, "source")
    there.source.sql("UPDATE orders SET note = 'x' WHERE id = 1")
    done = there.importing.finish()
    assert done.code == 7 and "CDC-004" in done.err and "no column extra" in " ".join(done.said.split()), done
    there.target.sql("ALTER TABLE orders ADD COLUMN extra int; UPDATE orders SET extra = id")
    there.importing = there.start(*there.line("import data"))
    there.source.sql("ALTER TABLE orders ADD COLUMN later int DEFAULT 5; UPDATE orders SET later = 6, extra = 7 WHERE id < 10")
    wait_for(lambda: there.target.value("SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'later'") == "1", "the column is carried")
    there.cutover("target", "--prepare-for-fall-back", "false")
    for one in (there.export, there.importing):
        done = one.finish()
        assert done.code == 0, done
    assert_same_rows(there.source, there.target)


def test_an_iteration_can_be_ended_while_it_runs(there):
    """What the source may keep of its log, and what becomes of the migration beyond, holds for each iteration."""
    there.begin(of_export=["--retained-wal-budget-mb", "8", "--retained-wal-policy", "stop"])
    there.cutover("target")
    there.wait(0, "target")
    there.cutover("source", *AGAIN)
    there.wait(0, "source")
    there.source.sql("UPDATE customer SET name = 'again' WHERE id < 5")
    wait_for(lambda: there.target.value("SELECT count(*) FROM customer WHERE name = 'again'") == "4", "changes flow in the next iteration")
    with there.source.held("INSERT INTO log VALUES (now(), 'open'); CREATE TABLE elsewhere AS SELECT g, repeat('x', 500) AS x FROM generate_series(1, 100000) g", end="COMMIT"):
        gone = there.export.finish()
    assert gone.code == 3 and "--retained-wal-policy is stop" in gone.said, gone
    there.end()
    for database in (there.source, there.target):
        assert_nothing_left(database)
        assert database.rows("SELECT nspname FROM pg_namespace WHERE nspname = 'ybvoyager_metadata'") == []
