"""A MariaDB to PostgreSQL, side by side on the same servers in one run: pgloader, the target alone, and ours; then a backlog of changes, beside the same from a PostgreSQL."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(REPOSITORY / "tests"), str(HERE.parent / "live"), str(HERE.parent / "e2e")]

from harness.cluster import Cluster, bin_dir  # noqa: E402
from harness.mariadb import MariaServer, MySqlMigration  # noqa: E402
from harness.migration import clean_environment  # noqa: E402
from measure import Cost, Started, Watch, timed  # noqa: E402
import run as live_bench  # noqa: E402

TABLE = """CREATE TABLE t (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, customer int NOT NULL, amount decimal(12,2), name varchar(60), mail varchar(80),
    note varchar(200), created datetime NOT NULL, changed timestamp(6) NULL, flags int unsigned, ratio double, KEY by_customer (customer), KEY by_created (created))"""
ROWS = """INSERT INTO t (customer, amount, name, mail, note, created, changed, flags, ratio)
    SELECT seq % 50000, seq * 1.37, concat('customer ', seq), concat('c', seq, '@example.org'), repeat(md5(seq), 1 + seq % 3), '2020-01-01' + INTERVAL seq MINUTE,
    '2021-01-01' + INTERVAL seq SECOND, seq, seq / 7 FROM seq_{first}_to_{last}"""
INDEXES = ["ALTER TABLE t ADD PRIMARY KEY (id)", "CREATE INDEX by_customer ON t (customer)", "CREATE INDEX by_created ON t (created)"]
STREAMS = os.cpu_count()
# As native logical replication is measured: transactions of a hundred rows.
EACH = 100


class Bench:
    def __init__(self, options, source_server, target_server, folder):
        self.options, self.folder, self.source_server, self.target_server = options, folder, source_server, target_server
        self.source = source_server.create("shop")
        self.source.sql(TABLE + ";" + ROWS.format(first=1, last=options.rows))
        self.env = clean_environment()
        self.results = {}
        self.seconds = {}  # of our steps, by step

    def psql(self, database, *args):
        return [bin_dir() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database.conninfo, *args]

    def ours(self, target, *steps) -> Cost:
        place = self.folder / "ours"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        migration = MySqlMigration(self.source, target, place)
        total = Cost()
        for step in steps:
            cost = timed([self.options.program, *migration.line(step), "--yes"], {**self.env, **migration.env}, self.folder / "ours.log")
            self.seconds.setdefault(step, []).append(cost.seconds)
            total += cost
        return total

    def copied(self, target):
        return self.ours(target, "export schema", "import schema", "copy data", "finalize")

    def by_files(self, target):
        return self.ours(target, "export schema", "import schema", "export data", "import data", "finalize")

    def pgloader(self, target):
        source = f"mysql://bench@127.0.0.1:{self.source_server.port}/shop"
        return timed(["pgloader", source, f"postgresql://{target.user}@{target.host}:{target.port}/{target.name}"], self.env, self.folder / "pgloader.log")

    def target_alone(self, target):
        """The same rows from prepared files of COPY, then the key and the indexes, in as many streams as there are cores."""
        target.sql((self.folder / "table.sql").read_text())
        with Watch() as watch:
            for commands in ([f"\\copy t FROM '{file}'" for file in sorted(self.folder.glob("rows.*"))], INDEXES):
                running = [Started(self.psql(target, "-c", one), self.env, self.folder / "alone.log") for one in commands]
                for one in running:
                    one.finish()
        return watch.cost

    def pipes(self, target):
        """What is not to be undercut by much on one machine: the server's own client into psql, then the key and the indexes. It knows neither nulls nor values that do not fit."""
        target.sql((self.folder / "table.sql").read_text())
        client = " ".join(["mariadb", "--no-defaults", "-S", self.source_server.socket, "-u", "root", "-B", "-N", "--quick", "shop"])
        copy = " ".join(map(str, self.psql(target)[:-2])) + f" -d '{target.conninfo}' -c '\\copy t FROM STDIN'"
        part = self.options.rows // STREAMS + 1
        with Watch() as watch:
            pipes = [["sh", "-c", f"{client} -e 'SELECT * FROM t WHERE id > {i * part} AND id <= {(i + 1) * part}' | {copy}"] for i in range(STREAMS)]
            for commands in (pipes, [self.psql(target, "-c", one) for one in INDEXES]):
                running = [Started(one, self.env, self.folder / "pipes.log") for one in commands]
                for one in running:
                    one.finish()
        return watch.cost

    def prepare(self, filled):
        """What the target alone gets is what ours has made."""
        dump = subprocess.run([bin_dir() / "pg_dump", "-d", filled.conninfo, "--schema-only", "--section=pre-data", "-t", "t"], check=True, capture_output=True, text=True).stdout
        (self.folder / "table.sql").write_text(dump.replace("SELECT pg_catalog.set_config('search_path', '', false);", ""))
        for stream in range(STREAMS):
            subprocess.run(self.psql(filled, "-c", f"\\copy (SELECT * FROM t WHERE id % {STREAMS} = {stream}) TO '{self.folder}/rows.{stream}'"), check=True)

    def offline(self):
        filled = self.target_server.create("filled")
        self.copied(filled)
        self.prepare(filled)
        contenders = {"ours, copy data": self.copied, "ours, by files": self.by_files, "the target alone": self.target_alone, "pipes of the clients": self.pipes}
        if shutil.which("pgloader"):
            contenders["pgloader"] = self.pgloader
        else:
            print("bench: pgloader is not installed (apt-get install pgloader): not measured", file=sys.stderr)
        costs = {name: [] for name in contenders}
        for _ in range(self.options.runs):
            for name, contender in contenders.items():
                target = self.target_server.create("bench")
                target.sql("CHECKPOINT")
                costs[name].append(contender(target))
                # pgloader puts tables into a schema that is called as the source's database.
                table = "shop.t" if name == "pgloader" else "t"
                found = target.value(f"SELECT count(*) || ' ' || sum(customer) FROM {table}")
                wanted = " ".join(self.source.rows("SELECT count(*), sum(customer) FROM t")[0])
                if found != wanted:
                    raise SystemExit(f"bench: {name}: {found} instead of {wanted}\n" + (self.folder / "pgloader.log").read_text()[-3000:])
                self.target_server.drop("bench")
        self.target_server.drop("filled")
        for name, several in costs.items():
            self.results[name] = {"seconds": round(statistics.median(one.seconds for one in several), 2), "cpu_seconds": round(statistics.median(one.own_cpu for one in several), 2),
                                  "peak_rss_mib": round(max(one.rss_mib for one in several))}

    def backlog(self):
        rows = self.options.changes
        source, target = self.source_server.create("changes"), self.target_server.create("changed")
        source.sql("CREATE TABLE t (id bigint PRIMARY KEY, a int, b numeric(12,2), c text, d timestamp(6) NULL)")
        place = self.folder / "live"
        place.mkdir()
        migration = MySqlMigration(source, target, place)
        migration.export_schema()
        migration.import_schema()
        env = {**self.env, **migration.env}
        follow = [self.options.program, *migration.line("export data"), "--export-type", "snapshot-and-changes", "--yes"]
        setup = Started(follow, env, self.folder / "setup.log")
        live_bench.wait_for(lambda: "Streaming changes" in (self.folder / "setup.log").read_text(errors="replace"), 60, [setup])
        setup.process.terminate()
        setup.finish((143,))
        procedure = f"""DELIMITER //
            CREATE PROCEDURE fill() BEGIN DECLARE lo bigint DEFAULT 1; WHILE lo <= {rows} DO
              INSERT INTO t SELECT lo + seq, (lo + seq) % 1000, (lo + seq) * 1.5, md5(lo + seq), now() FROM seq_0_to_{EACH - 1}; SET lo = lo + {EACH}; END WHILE;
              SET lo = 1; WHILE lo <= {rows} DO UPDATE t SET a = a + 1, b = b + 0.25, d = now() WHERE id BETWEEN lo AND lo + {EACH - 1}; SET lo = lo + {EACH}; END WHILE; END //
            DELIMITER ;
            CALL fill();"""
        source.sql(procedure)
        begun = time.monotonic()
        export = Started(follow, env, self.folder / "export.log")
        importing = Started([self.options.program, *migration.line("import data"), "--yes"], env, self.folder / "import.log")
        done = f"SELECT count(*) FROM t WHERE id <= {rows} AND b = id * 1.5 + 0.25"
        live_bench.wait_for(lambda: target.value(
            "SELECT to_regclass('ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo') IS NOT NULL") == "t", 60, [export, importing])
        applied = "SELECT coalesce(sum(num_inserts + num_updates + num_deletes), 0) FROM ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo"
        live_bench.wait_for(lambda: target.value(applied) == str(2 * rows), processes=[export, importing])
        seconds = time.monotonic() - begun
        for one in (export, importing):
            one.process.terminate()
        costs = [one.finish((143,)) for one in (export, importing)]
        if target.value(done) != str(rows):
            raise SystemExit("bench: the changed rows are not equal")
        self.results["backlog from MariaDB"] = {"seconds": round(seconds, 2), "events_per_second": round(2 * rows / seconds), "cpu_seconds": round(sum(one.own_cpu for one in costs), 2),
                                                "peak_rss_mib": round(max(one.rss_mib for one in costs))}


def postgresql_backlog(options, folder):
    options = argparse.Namespace(rows=options.changes, singles=1, big=1, lanes=STREAMS, apart=False, program=options.program)
    with Cluster("live-source", settings=live_bench.SERVER) as source, Cluster("live-target", settings=live_bench.SERVER) as target:
        bench = live_bench.Bench(options, source, target, folder)
        load = live_bench.loads(options)[0]
        bench.run(load)
        return bench.results[load.name]["ours, capture and apply"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--changes", type=int, default=500_000, help="rows inserted and then updated, in transactions of 100; 0: leave that out")
    parser.add_argument("--runs", type=int, default=3, help="of each contender; the median counts")
    parser.add_argument("--program", type=Path, default=REPOSITORY / "build/release/bin/yb-voyager")
    parser.add_argument("--keep", type=Path, default=None, help="file for the numbers")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="voy-bench-"))
    folder.chmod(0o755)
    try:
        with MariaServer("bench", settings=["--binlog-format=ROW", "--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M", "--max-binlog-size=1G"]) as source, \
                Cluster("bench-target", settings=live_bench.SERVER) as target:
            source.root("CREATE USER bench; GRANT ALL ON *.* TO bench")
            bench = Bench(options, source, target, folder)
            bench.offline()
            if options.changes:
                bench.backlog()
        if options.changes:
            bench.results["backlog from PostgreSQL"] = postgresql_backlog(options, folder)
        for name, one in bench.results.items():
            print(f"{name:26} " + "   ".join(f"{key} {value:,}" for key, value in one.items()))
        ours, peers = bench.results["ours, copy data"]["seconds"], bench.results
        for name in ("pgloader", "pipes of the clients"):
            if name in peers:
                print(f"ours, copy data: {ours / peers[name]['seconds']:.2f} x {name}")
        steps = {name: statistics.median(several) for name, several in bench.seconds.items()}
        print("our steps: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in steps.items()))
        print(f"rows, key and indexes (the step copy data): {steps['copy data'] / peers['the target alone']['seconds']:.2f} x the target alone")
        if options.changes:
            print(f"a backlog from MariaDB: {peers['backlog from MariaDB']['events_per_second'] / peers['backlog from PostgreSQL']['events_per_second']:.2f} x that from PostgreSQL")
        if options.keep:
            options.keep.write_text(json.dumps({"cpus": os.cpu_count(), "rows": options.rows, "changes": options.changes, **bench.results}, indent=2) + "\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
