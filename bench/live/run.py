"""Changes of a backlog, side by side on the same servers in one run: a bare receive loop, native logical replication, and ours."""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(REPOSITORY / "tests"), str(HERE.parent / "e2e")]

from harness.cluster import Cluster, bin_dir  # noqa: E402
from harness.migration import Migration, clean_environment  # noqa: E402
from measure import Started, machine_cpu_seconds  # noqa: E402

# Durability is on: what is measured waits for the disk as it would in earnest.
SERVER = {"wal_level": "logical", "max_replication_slots": "20", "max_wal_senders": "20", "shared_buffers": "512MB", "max_wal_size": "16GB",
          "checkpoint_timeout": "1h", "autovacuum": "off", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
          "logical_decoding_work_mem": "64MB", "wal_sender_timeout": "60s"}

TABLE = "CREATE TABLE t (id bigint PRIMARY KEY, a int, b numeric(12,2), c text, d timestamptz)"
UNIQUE_TABLE = TABLE.replace("c text", "c text UNIQUE")
ROW = "i, i % 1000, i * 1.5, md5(i::text), now()"


def in_transactions(first, last, each, statement):
    """`statement` speaks of the rows lo..hi."""
    return f"""SET synchronous_commit = off; DO $$ DECLARE lo bigint := {first}; BEGIN
        WHILE lo <= {last} LOOP {statement.format(hi=f'lo + {each - 1}')}; COMMIT; lo := lo + {each}; END LOOP; END $$"""


INSERT = f"INSERT INTO t SELECT {ROW} FROM generate_series(lo, {{hi}}) i"
UPDATE = "UPDATE t SET a = a + 1, b = b + 0.25, d = now() WHERE id BETWEEN lo AND {hi}"
# One row of ten gives its unique value to the next one.
SWAP = """UPDATE t SET c = NULL, a = a + 1 WHERE id BETWEEN lo AND {hi} AND id % 10 = 0;
          UPDATE t SET c = md5((id - 1)::text), a = a + 1 WHERE id BETWEEN lo AND {hi} AND id % 10 = 1 AND id > 1"""


class Load:
    def __init__(self, name, table, before, statements, events):
        self.name, self.table, self.before, self.statements, self.events = name, table, before, statements, events


def loads(options):
    rows, singles, big = options.rows, options.singles, options.big
    return [
        Load("100 rows a transaction", TABLE, None,
             [in_transactions(1, rows, 100, INSERT), in_transactions(1, rows, 100, UPDATE)], 2 * rows),
        Load("one row a transaction", TABLE, None,
             [in_transactions(1, singles, 1, INSERT), in_transactions(1, singles, 1, UPDATE)], 2 * singles),
        Load("unique values handed over", UNIQUE_TABLE, f"INSERT INTO t SELECT {ROW} FROM generate_series(1, {singles}) i",
             [in_transactions(1, singles, 100, UPDATE + "; " + SWAP)], None),
        Load("one transaction of everything", TABLE, None, [f"INSERT INTO t SELECT {ROW} FROM generate_series(1, {big}) i"], big),
    ]


def wait_for(condition, seconds=1_800, processes=()):
    end = time.monotonic() + seconds
    while not condition():
        for one in processes:
            if one.process.poll() is not None:
                raise SystemExit(f"bench: ended too early: {one.log.read_text(errors='replace')[-3000:]}")
        if time.monotonic() > end:
            raise SystemExit("bench: a contender does not come to its end")
        time.sleep(0.1)  # Each look is a psql: more of them would take time from what is measured.


class Bench:
    def __init__(self, options, source_server, target_server, folder):
        self.options, self.folder, self.source_server, self.target_server = options, folder, source_server, target_server
        self.results = {}

    def ours(self, migration, step, *extra):
        command = [self.options.program, *migration.line(step), "--yes", *extra]
        return Started(command, clean_environment(migration.env), self.folder / f"{step.replace(' ', '-')}.log")

    def run(self, load: Load):
        print(f"bench: {load.name}", file=sys.stderr, flush=True)
        source, native, ours = (server.create(name) for server, name in
                                ((self.source_server, "src"), (self.target_server, "native"), (self.target_server, "ours")))
        for database in (source, native, ours):
            database.sql(load.table)
            if load.before:
                database.sql(load.before)
        place = self.folder / "run"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        migration = Migration(source, ours, place)
        # All begin at the same place, before the backlog.
        source.sql("CREATE PUBLICATION bench FOR TABLE t")
        source.sql("SELECT pg_create_logical_replication_slot('bare', 'pgoutput')")
        place_of_source = source.conninfo.replace("'", "''")
        native.sql(f"CREATE SUBSCRIPTION bench CONNECTION '{place_of_source}' PUBLICATION bench WITH (copy_data = false, create_slot = false, enabled = false, slot_name = 'native')")
        source.sql("SELECT pg_create_logical_replication_slot('native', 'pgoutput')")
        subprocess.run([self.options.program, *map(str, migration.line("export schema"))], env=clean_environment(migration.env), check=True, capture_output=True)
        setup = self.ours(migration, "export data", "--export-type", "changes-only")
        wait_for(lambda: source.value("SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE 'voyager_%' AND active") == "1", 60)
        setup.process.terminate()
        setup.finish((143,))
        for statement in load.statements:
            source.sql(statement)
            source.sql("ANALYZE t")
        end = source.value("SELECT pg_current_wal_insert_lsn()")
        source.sql("UPDATE t SET a = a WHERE id = 1")  # The receive loop ends when it sees something behind the end.
        events = load.events + 1 if load.events else self.count_events(source)
        source.sql("CHECKPOINT")
        self.results[load.name] = {
            "events": events,
            "bare receive loop": self.bare(source, end),
            "native logical replication": self.native(source, native, end),
            **self.our_capture_and_apply(source, ours, migration, events),
        }
        for name, result in self.results[load.name].items():
            if name != "events":
                print(f"bench:   {name:32} {result}", file=sys.stderr, flush=True)
        digest = "SELECT count(*), sum(id), sum(a), sum(b), count(c), sum(hashtext(c)) FROM t"
        for database in (native, ours):
            if database.value(digest) != source.value(digest):
                raise SystemExit(f"bench: {load.name}: {database.name} is not equal to the source")
        native.sql("ALTER SUBSCRIPTION bench DISABLE; ALTER SUBSCRIPTION bench SET (slot_name = NONE); DROP SUBSCRIPTION bench")
        wait_for(lambda: source.value("SELECT count(*) FROM pg_replication_slots WHERE active") == "0", 60)
        source.sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()")
        for server, name in ((self.source_server, "src"), (self.target_server, "native"), (self.target_server, "ours")):
            server.drop(name)

    def count_events(self, source):
        return int(source.value("""SELECT count(*) FROM pg_logical_slot_peek_binary_changes('bare', NULL, NULL, 'proto_version', '1', 'publication_names', 'bench')
            WHERE get_byte(data, 0) IN (73, 85, 68)"""))

    def cost(self, events, seconds, cpu=None, rss=None):
        out = {"seconds": round(seconds, 2), "events_per_second": round(events / seconds)}
        if cpu is not None:
            out |= {"cpu_seconds": round(cpu, 2), "peak_rss_mib": round(rss)}
        return out | {"events": events}

    def bare(self, source, end):
        """Rows are decoded, sent and thrown away."""
        begun = time.monotonic()
        used = Started([bin_dir() / "pg_recvlogical", "-d", source.conninfo, "-S", "bare", "--start", "--endpos", end, "-f", "/dev/null", "--no-loop",
                        "-F", "0", "-o", "proto_version=1", "-o", "publication_names=bench"], clean_environment(), self.folder / "bare.log").finish()
        seconds = time.monotonic() - begun
        return {"seconds": round(seconds, 2), "cpu_seconds": round(used.own_cpu, 2)}

    def native(self, source, native, end):
        begun = time.monotonic()
        native.sql("ALTER SUBSCRIPTION bench ENABLE")
        wait_for(lambda: source.value(f"SELECT coalesce(bool_and(confirmed_flush_lsn >= '{end}'), false) FROM pg_replication_slots WHERE slot_name = 'native'") == "t")
        seconds = time.monotonic() - begun
        native.sql("ALTER SUBSCRIPTION bench DISABLE")
        return {"seconds": round(seconds, 2)}

    def our_capture_and_apply(self, source, ours, migration, events):
        state = migration.export_dir / "metainfo" / "meta.db"

        def captured():
            with sqlite3.connect(f"file:{state}?mode=ro", uri=True) as db:
                return (db.execute("SELECT total(num_total) FROM exported_events_stats").fetchone()[0] or 0) >= events

        def applied():
            return ours.value("SELECT coalesce(sum(num_inserts + num_updates + num_deletes), 0) FROM ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo") == str(events)

        out = {}
        if self.options.apart:
            begun = time.monotonic()
            export = self.ours(migration, "export data", "--export-type", "changes-only")
            wait_for(captured, processes=[export])
            seconds = time.monotonic() - begun
            export.process.terminate()
            used = export.finish((143,))
            out["ours, capture alone"] = self.cost(events, seconds, used.own_cpu, used.rss_mib)
            begun = time.monotonic()
            importing = self.ours(migration, "import data", "--parallel-jobs", str(self.options.lanes))
            ours.sql("SELECT 1")
            wait_for(lambda: ours.value("SELECT to_regclass('ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo') IS NOT NULL") == "t")
            wait_for(applied, processes=[importing])
            seconds = time.monotonic() - begun
            importing.process.terminate()
            used = importing.finish((143,))
            out["ours, apply alone"] = self.cost(events, seconds, used.own_cpu, used.rss_mib)
            return out
        begun = time.monotonic()
        export = self.ours(migration, "export data", "--export-type", "changes-only")
        importing = self.ours(migration, "import data", "--parallel-jobs", str(self.options.lanes))
        wait_for(lambda: ours.value("SELECT to_regclass('ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo') IS NOT NULL") == "t", processes=[export, importing])
        wait_for(applied, processes=[export, importing])
        seconds = time.monotonic() - begun
        export.process.terminate()
        importing.process.terminate()
        first, second = export.finish((143,)), importing.finish((143,))
        return {"ours, capture and apply": self.cost(events, seconds, first.own_cpu + second.own_cpu, max(first.rss_mib, second.rss_mib))}


def show(results):
    for name, result in results.items():
        events = result["events"]
        print(f"\n{name}: {events:,} changes")
        native, bare = result["native logical replication"]["seconds"], result["bare receive loop"]["seconds"]
        for contender, one in result.items():
            if contender == "events":
                continue
            line = f"  {contender:32}{one['seconds']:9.2f} s {events / one['seconds']:12,.0f}/s   x native {native / one['seconds']:5.2f}   x bare {bare / one['seconds']:5.2f}"
            if "peak_rss_mib" in one:
                line += f"   CPU {one['cpu_seconds']:6.2f} s   {one['peak_rss_mib']} MiB"
            print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows inserted and updated in transactions of 100")
    parser.add_argument("--singles", type=int, default=100_000, help="rows inserted and updated in transactions of one")
    parser.add_argument("--big", type=int, default=5_000_000, help="rows of the one big transaction")
    parser.add_argument("--lanes", type=int, default=4)
    parser.add_argument("--apart", action="store_true", help="capture first and apply afterwards, each alone")
    parser.add_argument("--only", default="", help="loads whose name holds this text")
    parser.add_argument("--program", type=Path, default=REPOSITORY / "build/release/bin/yb-voyager")
    parser.add_argument("--keep", type=Path, default=None, help="file for the numbers")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="voy-bench-"))
    busy = machine_cpu_seconds()
    try:
        with Cluster("live-source", settings=SERVER) as source_server, Cluster("live-target", settings=SERVER) as target_server:
            bench = Bench(options, source_server, target_server, folder)
            for load in loads(options):
                if options.only in load.name:
                    bench.run(load)
        show(bench.results)
        print(f"\nprocessor seconds of the machine meanwhile: {machine_cpu_seconds() - busy:.0f}")
        if options.keep:
            options.keep.write_text(json.dumps({"cpus": os.cpu_count(), "settings": SERVER, "loads": bench.results}, indent=2) + "\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
