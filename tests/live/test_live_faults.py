"""What goes wrong around a live migration: servers that crash, people who meddle, clocks that jump. Then equal, or a clear word."""

import random
import re
import secrets
import shutil
import subprocess
import time

import pytest

from harness.application import Application, TABLES, wait_for
from harness.cluster import Cluster
from harness.migration import assert_same_rows
from live.test_way_back import LOGICAL, Live, live, remove, servers, work  # noqa: F401


@pytest.fixture(scope="module")
def crash_safe_pair():
    """Two servers that may be shut down at once: what is committed is on disk."""
    with Cluster("faultsrc", settings=LOGICAL, crash_safe=True) as source, Cluster("faulttgt", settings=LOGICAL, crash_safe=True) as target:
        yield source, target


class Supervised(Live):
    """Processes that died are started again, as somebody who looks after them does. `words` says what they died of."""

    def start_export(self):
        return self.start(*self.line("export data"), "--export-type", "snapshot-and-changes", "--yes", env=self.knobs)

    def start_import(self):
        return self.start(*self.line("import data"), env=self.knobs)

    def keep_running(self):
        for name, again in (("export", self.start_export), ("importing", self.start_import)):
            process = getattr(self, name)
            if process.running():
                continue
            done = process.finish()
            # Killed by us, or told why: a server that does not answer, or its words.
            assert done.code in (-9, 4, 5, 7, 1), done
            assert done.code == -9 or "error" in done.err, done
            setattr(self, name, again())

    def until_cut_over(self, seconds=300):
        self.cutover("target", "--prepare-for-fall-back", "false")
        end = time.monotonic() + seconds
        while self.cutover_status()["target"] != "COMPLETED":
            assert time.monotonic() < end, (self.export.err_so_far()[-2000:], self.importing.err_so_far()[-2000:])
            for name, again in (("export", self.start_export), ("importing", self.start_import)):
                process = getattr(self, name)
                if not process.running() and process.finish().code != 0:
                    setattr(self, name, again())
            time.sleep(0.2)


@pytest.mark.parametrize("seconds", [15, pytest.param(75, marks=pytest.mark.long)])
def test_processes_and_servers_crash_at_random_under_load(crash_safe_pair, folder, seconds, request):
    seed = request.config.getoption("--seed", None) or secrets.randbelow(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    source_server, target_server = crash_safe_pair
    name = "crash_" + secrets.token_hex(3)
    one = Supervised(source_server.create(name + "_s"), target_server.create(name + "_t"), folder)
    one.knobs = {"QUEUE_SEGMENT_MAX_BYTES": "200000"}
    one.source.sql(TABLES)
    one.begin()
    application = Application(one.source, seed)
    end, kinds = time.monotonic() + seconds, set()
    while time.monotonic() < end or len(kinds) < 4:
        time.sleep(chance.uniform(0.3, 1.5))
        kind = chance.choice(["capture", "apply", "source", "target"])
        kinds.add(kind)
        if kind in ("capture", "apply"):
            (one.export if kind == "capture" else one.importing).kill()
        else:
            (source_server if kind == "source" else target_server).restart("immediate")
        one.keep_running()
    application.finish()
    one.until_cut_over()
    assert_same_rows(one.source, one.target)
    for server in crash_safe_pair:
        assert server.db().rows("SELECT slot_name FROM pg_replication_slots") == []


@pytest.fixture
def supervised(live):  # noqa: F811
    live.__class__ = Supervised
    return live


def test_prepared_transactions_come_when_they_are_committed(supervised):
    supervised.begin()
    ids = ["p_" + secrets.token_hex(3) for _ in range(3)]
    for n, name in enumerate(ids):
        supervised.source.sql(f"BEGIN; INSERT INTO customer (name) VALUES ('prepared {n}'); DELETE FROM part WHERE id = {10 + n}; PREPARE TRANSACTION '{name}'")
    supervised.source.sql("UPDATE orders SET amount = 2 WHERE id < 50")
    wait_for(lambda: supervised.target.value("SELECT count(*) FROM orders WHERE amount = 2 AND id < 50") == "49", "what came after them is applied")
    assert supervised.target.value("SELECT count(*) FROM customer WHERE name LIKE 'prepared%'") == "0"
    supervised.source.sql(f"COMMIT PREPARED '{ids[0]}'")
    supervised.export.kill()
    supervised.export.finish()
    supervised.source.sql(f"COMMIT PREPARED '{ids[1]}'")
    supervised.source.sql(f"ROLLBACK PREPARED '{ids[2]}'")
    supervised.export = supervised.start_export()
    supervised.until_cut_over()
    assert supervised.target.rows("SELECT name FROM customer WHERE name LIKE 'prepared%' ORDER BY 1") == [("prepared 0",), ("prepared 1",)]
    assert_same_rows(supervised.source, supervised.target)


def test_a_table_taken_out_of_the_publication_stops_the_capture(supervised):
    """One that is not logged was never in it: that stops nothing."""
    supervised.source.sql("CREATE UNLOGGED TABLE scratch (id int PRIMARY KEY); INSERT INTO scratch SELECT generate_series(1, 9)")
    supervised.begin()
    publication = supervised.source.value("SELECT pubname FROM pg_publication")
    supervised.source.sql(f'ALTER PUBLICATION "{publication}" DROP TABLE orders; UPDATE customer SET name = name WHERE id = 1')
    done = supervised.export.finish()
    assert done.code == 7 and "CDC-008" in done.err and "public.orders" in done.said, done
    supervised.source.sql(f'ALTER PUBLICATION "{publication}" ADD TABLE orders')
    supervised.export = supervised.start_export()
    supervised.source.sql("DELETE FROM orders WHERE id < 20")
    supervised.until_cut_over()
    assert_same_rows(supervised.source, supervised.target)


def test_a_table_taken_out_right_before_the_cutover_stops_it(supervised):
    """The capture looks at its tables every ten seconds, and once more before it ends."""
    supervised.begin()
    publication = supervised.source.value("SELECT pubname FROM pg_publication")
    supervised.source.sql(f'ALTER PUBLICATION "{publication}" DROP TABLE orders; UPDATE orders SET amount = -1 WHERE id < 20')
    supervised.cutover("target", "--prepare-for-fall-back", "false")
    done = supervised.export.finish()
    assert done.code == 7 and "CDC-008" in done.err and "public.orders" in done.said, done
    assert supervised.cutover_status()["target"] == "INITIATED" and supervised.importing.running()


@pytest.mark.long
def test_a_publication_that_is_dropped_is_told(supervised):
    supervised.begin()
    publication = supervised.source.value("SELECT pubname FROM pg_publication")
    supervised.source.sql(f'DROP PUBLICATION "{publication}"; UPDATE customer SET name = name WHERE id = 1')
    done = supervised.export.finish()
    assert done.code != 0 and (publication in done.said or "CDC-008" in done.err), done
    supervised.importing.kill()
    supervised.end()


def test_a_target_that_is_read_only_for_a_while(supervised):
    supervised.begin()
    application = Application(supervised.source, 71)
    wait_for(lambda: "Applying changes" in supervised.importing.err_so_far(), "the rows are on the target")
    name = supervised.target.name
    server = supervised.target.cluster.db()
    server.sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    time.sleep(3)
    before = supervised.target.value("SELECT sum(num_inserts) FROM ybvoyager_metadata.ybvoyager_imported_event_count_by_table")
    time.sleep(1)
    assert supervised.target.value("SELECT sum(num_inserts) FROM ybvoyager_metadata.ybvoyager_imported_event_count_by_table") == before
    if not supervised.importing.running():
        done = supervised.importing.finish()
        assert "read-only" in done.said, done
    server.sql(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    application.finish()
    supervised.until_cut_over()
    assert_same_rows(supervised.source, supervised.target)


def test_a_damaged_segment_is_told_and_nothing_of_it_applied(supervised):
    supervised.begin()
    supervised.importing.kill()
    supervised.importing.finish()
    supervised.source.sql("UPDATE orders SET note = 'before' WHERE id < 2000")
    segment = supervised.export_dir / "data/queue/segment.0"
    wait_for(lambda: segment.exists() and segment.stat().st_size > 2000, "changes are captured")
    time.sleep(1)
    supervised.export.kill()
    supervised.export.finish()
    whole = segment.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0xFF
    segment.write_bytes(damaged)
    supervised.importing = supervised.start_import()
    done = supervised.importing.finish()
    assert done.code != 0 and "DIR-006" in done.err and "segment" in done.said, done
    segment.write_bytes(whole)
    supervised.export, supervised.importing = supervised.start_export(), supervised.start_import()
    supervised.until_cut_over()
    assert_same_rows(supervised.source, supervised.target)


JUMP = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec* at) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, at);
  if (clock == CLOCK_REALTIME) {
    FILE* file = fopen(getenv("JUMP_FILE"), "r");
    long by = 0;
    if (file) { if (fscanf(file, "%ld", &by) != 1) by = 0; fclose(file); }
    at->tv_sec += by;
  }
  return result;
}
"""


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")
def test_the_machine_s_clock_jumps(supervised):
    """A day ahead and two days back, under load."""
    code, library, by = supervised.folder / "jump.c", supervised.folder / "jump.so", supervised.folder / "by"
    code.write_text(JUMP)
    by.write_text("0")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, code, "-ldl"], check=True)
    supervised.knobs = {"LD_PRELOAD": str(library), "JUMP_FILE": str(by)}
    supervised.begin()
    wait_for(lambda: "Applying changes" in supervised.importing.err_so_far(), "the rows are on the target")
    application = Application(supervised.source, 81)
    for jump in (86_400, -172_800, 0):
        before = int(supervised.target.value("SELECT coalesce(max(id), 0) FROM customer"))
        by.write_text(str(jump))
        wait_for(lambda: int(supervised.target.value("SELECT max(id) FROM customer")) > before, "changes go on arriving")
    application.finish()
    assert supervised.export.running() and supervised.importing.running()
    supervised.until_cut_over()
    assert_same_rows(supervised.source, supervised.target)
    assert "-" not in [line.split("|")[2].strip()[:1] for line in supervised.importing.err_so_far().splitlines() if "Remaining" in line or "Rate" in line]


@pytest.mark.parametrize("altered, restored", [
    ("SET (publish = 'insert')", "SET (publish = 'insert, update, delete, truncate')"),
    ("DROP TABLE orders; ALTER PUBLICATION {name} ADD TABLE orders WHERE (id > 100)", "DROP TABLE orders; ALTER PUBLICATION {name} ADD TABLE orders"),
    ("DROP TABLE orders; ALTER PUBLICATION {name} ADD TABLE orders (id, customer)", "DROP TABLE orders; ALTER PUBLICATION {name} ADD TABLE orders")])
def test_a_publication_that_leaves_out_changes_stops_the_capture(supervised, altered, restored):
    if "ADD TABLE" in altered and int(supervised.source.value("SHOW server_version_num")) < 150000:
        pytest.skip("the server has no such publications")
    supervised.begin()
    name = '"' + supervised.source.value("SELECT pubname FROM pg_publication") + '"'
    supervised.source.sql(f"ALTER PUBLICATION {name} " + altered.format(name=name))
    done = supervised.export.finish()
    assert done.code == 7 and "CDC-008" in done.err, done
    printed = re.findall(r"ALTER PUBLICATION [^;]*;", done.said)
    assert restored.split()[0] in printed[0] and name in printed[0], done
    supervised.source.sql(" ".join(printed))
    supervised.export = supervised.start_export()
    supervised.source.sql("DELETE FROM orders WHERE id < 20")
    supervised.until_cut_over()
    assert_same_rows(supervised.source, supervised.target)


def test_a_sequence_that_the_target_does_not_have_is_left_out(supervised):
    supervised.begin()
    supervised.source.sql("CREATE TABLE newcomer (id serial PRIMARY KEY); INSERT INTO newcomer DEFAULT VALUES; INSERT INTO customer (name) VALUES ('last')")
    wait_for(lambda: supervised.target.value("SELECT count(*) FROM customer WHERE name = 'last'") == "1", "the changes are applied")
    rehearsed = supervised.cutover("target", "--dry-run", "true", expect=6)  # The new table is not captured.
    assert "newcomer_id_seq" in rehearsed.out and "required flag" not in rehearsed.err, rehearsed
    supervised.until_cut_over()
    done = supervised.importing.finish()
    assert done.code == 0 and "the sequence public.newcomer_id_seq is not there on the target" in done.said, done
    supervised.target.sql("INSERT INTO customer (name) VALUES ('first on the target')")
    supervised.source.sql("DROP TABLE newcomer")


def test_rows_of_changes_in_a_table_that_was_empty_ask_nothing(supervised):
    supervised.source.sql("CREATE TABLE filled_later (id int PRIMARY KEY)")
    supervised.begin()
    supervised.source.sql("INSERT INTO filled_later SELECT generate_series(1, 10)")
    wait_for(lambda: supervised.target.value("SELECT count(*) FROM filled_later") == "10", "the changes are applied")
    supervised.importing.kill()
    supervised.importing.finish()
    supervised.importing = supervised.start(*supervised.line("import data"), "--no-input")
    supervised.until_cut_over()
    assert_same_rows(supervised.source, supervised.target)


def test_connections_that_end_while_the_apply_begins_are_waited_for(supervised):
    supervised.begin()
    wait_for(lambda: "Applying changes" in supervised.importing.err_so_far(), "the rows are on the target")
    server, name = supervised.target.cluster.db(), supervised.target.name
    for _ in range(20):  # Also the first connections of all lanes.
        server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        time.sleep(0.02)
    supervised.source.sql("UPDATE orders SET amount = 7 WHERE id < 50")
    wait_for(lambda: supervised.target.value("SELECT count(*) FROM orders WHERE amount = 7 AND id < 50") == "49", "the changes are applied")
    assert supervised.importing.running()
    supervised.until_cut_over()


def test_a_snapshot_that_is_taken_again_takes_its_slot_from_a_killed_run(supervised):
    supervised.export_schema()
    supervised.import_schema()
    line = [*supervised.line("export data"), "--export-type", "snapshot-and-changes", "--yes"]
    supervised.start(*line, env={"YB_VOYAGER_FAULT": "export_data.chunk_done:3"}).finish()
    held = "held_" + secrets.token_hex(3)
    supervised.source.sql(f"BEGIN; INSERT INTO log VALUES (now(), 'held'); PREPARE TRANSACTION '{held}'")
    waits = lambda: supervised.source.rows("SELECT slot_name FROM pg_replication_slots WHERE database = current_database() AND slot_name LIKE '%again'") != []
    killed = supervised.start(*line)
    wait_for(waits, "the second snapshot waits for its slot")
    killed.kill()
    killed.finish()
    supervised.export = supervised.start_export()
    time.sleep(2)
    supervised.source.sql(f"COMMIT PREPARED '{held}'")
    supervised.importing = supervised.start_import()
    wait_for(lambda: "Streaming changes" in supervised.export.err_so_far(), "the changes are streamed")
    supervised.until_cut_over()
    assert_same_rows(supervised.source, supervised.target)
