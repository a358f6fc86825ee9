"""A steady load, native logical replication and ours one after the other: how far behind each is, and what waiting costs."""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from run import REPOSITORY, SERVER, wait_for

sys.path[:0] = [str(REPOSITORY / "tests"), str(REPOSITORY / "bench" / "e2e")]

from harness.cluster import Cluster  # noqa: E402
from harness.migration import Migration, clean_environment, run  # noqa: E402
from measure import Started  # noqa: E402

# When a row's last version was written on the source is in it. When it can be seen on the target, somebody who looks there each
# millisecond notes by transaction: what the target says of a commit's time is the source's, where native replication applied it.
TABLES = """CREATE TABLE added (id bigint PRIMARY KEY, payload text, sent timestamptz);
            CREATE TABLE changed (id bigint PRIMARY KEY, payload text, sent timestamptz)"""
# A transaction every ten milliseconds, half inserts and half updates, no row twice. Late ones are not made up for.
LOAD = """DO $$ DECLARE n bigint := 0; begun timestamptz := clock_timestamp(); BEGIN
    WHILE n < {rows} LOOP
      INSERT INTO added SELECT i, md5(i::text), clock_timestamp() FROM generate_series(n + 1, n + {each}) i;
      UPDATE changed SET sent = clock_timestamp() WHERE id > n AND id <= n + {each};
      COMMIT;
      n := n + {each};
      PERFORM pg_sleep(greatest(0, extract(epoch FROM begun + n / {each} * interval '10 ms' - clock_timestamp())));
    END LOOP; END $$"""
# By the key, as no plan from when the table was empty would, and in short transactions, which keep no dead row alive.
SEEN = "CREATE UNLOGGED TABLE seen (behind bigint PRIMARY KEY, at timestamptz)"
WATCH = """DO $$ DECLARE n bigint := 0; there bigint; BEGIN
    WHILE n < {rows} LOOP
      SELECT (SELECT count(*) FROM added WHERE id > n AND id <= n + {each})
        + (SELECT count(sent) FROM changed WHERE id > n AND id <= n + {each}) INTO there;
      IF there = 2 * {each} THEN
        INSERT INTO seen VALUES (n, clock_timestamp());
        COMMIT;
        n := n + {each};
      ELSE
        PERFORM pg_sleep(0.001);
      END IF;
    END LOOP; END $$"""
BEHIND = """SELECT percentile_cont(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY 1000 * extract(epoch FROM at - sent))
            FROM (SELECT id, sent FROM added UNION ALL SELECT id, sent FROM changed WHERE sent IS NOT NULL) x
            JOIN seen ON behind = (id - 1) / {each} * {each}"""


def cpu_seconds(pid) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Steady:
    def __init__(self, options, source_server, target_server, folder):
        self.options, self.folder = options, folder
        self.source_server, self.target_server = source_server, target_server
        self.each = options.changes // 200
        self.rows = self.each * 100 * options.seconds

    def databases(self, name):
        source, target = self.source_server.create(f"{name}_src"), self.target_server.create(f"{name}_dst")
        for database in (source, target):
            database.sql(TABLES)
            database.sql(f"INSERT INTO changed SELECT i, md5(i::text), NULL FROM generate_series(1, {self.rows}) i; ANALYZE; CHECKPOINT")
        return source, target

    def load(self, source, target):
        target.sql(SEEN)
        with ThreadPoolExecutor(1) as beside:
            watch = beside.submit(target.sql, "SET statement_timeout = '200s'; SET enable_seqscan = off;" + WATCH.format(rows=self.rows, each=self.each))
            begun = time.monotonic()
            source.sql(LOAD.format(rows=self.rows, each=self.each))
            seconds = time.monotonic() - begun
            watch.result()
        median, p99, longest = (float(n) for n in target.value(BEHIND.format(each=self.each)).strip("{}").split(","))
        return {"changes_per_second": round(2 * self.rows / seconds), "behind_ms": {"median": round(median, 1), "p99": round(p99, 1), "longest": round(longest, 1)}}

    def native(self, commits):
        """`commits`: whether a transaction of the subscription waits for the disk. By default none does."""
        source, target = self.databases("native")
        source.sql("CREATE PUBLICATION bench FOR ALL TABLES")
        source.sql("SELECT pg_create_logical_replication_slot('native', 'pgoutput')")
        place = source.conninfo.replace("'", "''")
        target.sql(f"CREATE SUBSCRIPTION bench CONNECTION '{place}' PUBLICATION bench WITH (copy_data = false, create_slot = false, slot_name = 'native', synchronous_commit = {commits})")
        wait_for(lambda: source.value("SELECT active FROM pg_replication_slots WHERE slot_name = 'native'") == "t", 60)
        out = self.load(source, target)
        target.sql("ALTER SUBSCRIPTION bench DISABLE; ALTER SUBSCRIPTION bench SET (slot_name = NONE); DROP SUBSCRIPTION bench")
        wait_for(lambda: source.value("SELECT active FROM pg_replication_slots WHERE slot_name = 'native'") == "f", 60)
        source.sql("SELECT pg_drop_replication_slot('native')")
        for server, database in ((self.source_server, source), (self.target_server, target)):
            server.drop(database.name)
        return out

    def ours(self):
        source, target = self.databases("ours")
        place = self.folder / "run"
        place.mkdir()
        migration = Migration(source, target, place)
        run(*migration.line("export schema"), env=clean_environment(migration.env), program=self.options.program)
        start = lambda step, *extra: Started([self.options.program, *migration.line(step), *extra, "--yes"], clean_environment(migration.env),
                                             self.folder / f"{step.replace(' ', '-')}.log")
        processes = [start("export data", "--export-type", "changes-only")]
        streams = "SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE 'voyager_%' AND active"
        wait_for(lambda: source.value(streams) == "1" and (migration.export_dir / "data" / "queue" / "segment.0").exists(), 60, processes)
        processes.append(start("import data"))
        begun = time.monotonic()
        source.sql("INSERT INTO added VALUES (0, 'first', NULL)")
        wait_for(lambda: target.count("added") == 1, 60, processes)
        first = time.monotonic() - begun
        source.sql("DELETE FROM added")
        wait_for(lambda: target.count("added") == 0, 60, processes)
        out = self.load(source, target) | {"first_change_seconds": round(first, 2)}
        before = [cpu_seconds(one.process.pid) for one in processes]
        time.sleep(self.options.idle)
        after = [cpu_seconds(one.process.pid) for one in processes]
        out["idle_percent_of_a_core"] = [round(100 * (b - a) / self.options.idle, 2) for a, b in zip(before, after)]
        for one in processes:
            one.process.terminate()
        out["peak_rss_mib"] = [round(one.finish((143,)).rss_mib) for one in processes]
        return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=5_000, help="changes a second")
    parser.add_argument("--seconds", type=int, default=30, help="how long")
    parser.add_argument("--idle", type=int, default=20, help="seconds without a change, afterwards")
    parser.add_argument("--program", type=Path, default=REPOSITORY / "build/release/bin/yb-voyager")
    parser.add_argument("--keep", type=Path, default=None, help="file for the numbers")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="voy-bench-"))
    try:
        with Cluster("steady-source", settings=SERVER) as source_server, Cluster("steady-target", settings=SERVER) as target_server:
            bench = Steady(options, source_server, target_server, folder)
            results = {"native logical replication": bench.native("off"), "native, on disk when committed": bench.native("on"), "ours": bench.ours()}
        for name, one in results.items():
            print(f"{name:32}{one['changes_per_second']:8,} changes/s   behind, ms: median {one['behind_ms']['median']}, p99 {one['behind_ms']['p99']}, longest {one['behind_ms']['longest']}")
        ours = results["ours"]
        against = " and ".join(f"{ours['behind_ms']['p99'] / one['behind_ms']['p99']:.2f} x {name}" for name, one in results.items() if name != "ours")
        print(f"ours: p99 {against}; the first change {ours['first_change_seconds']} s; "
              f"idle (export, import) {ours['idle_percent_of_a_core']} % of a core; peak {ours['peak_rss_mib']} MiB")
        if options.keep:
            options.keep.write_text(json.dumps({"cpus": os.cpu_count(), "results": results}, indent=2) + "\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
