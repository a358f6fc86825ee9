"""All contenders in turn on the same two servers and the same data; medians; a table of ratios; bench/results/latest.json."""

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
sys.path[:0] = [str(REPOSITORY / "tests"), str(HERE)]

import contenders  # noqa: E402
import csv_load  # noqa: E402
from contenders import Run  # noqa: E402
from harness.cluster import Cluster, bin_dir  # noqa: E402
from measure import Cost  # noqa: E402

# Equal for both servers. Durability is off: the disk of a test machine is no part of the question.
SERVER = {
    "shared_buffers": "1GB", "max_wal_size": "16GB", "checkpoint_timeout": "1h", "maintenance_work_mem": "256MB", "work_mem": "64MB",
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "max_connections": "100",
    "max_locks_per_transaction": "1024",  # pg_dump holds a lock on every table
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of each contender; the median counts")
    parser.add_argument("--scale", type=int, default=100, help="per cent of the full 1 GB")
    parser.add_argument("--only", default="", help="contenders whose name holds one of these texts, | between them")
    parser.add_argument("--program", type=Path, default=REPOSITORY / "build/release/bin/yb-voyager")
    parser.add_argument("--keep", type=Path, default=REPOSITORY / "bench/results/latest.json", help="file for the numbers")
    return parser.parse_args()


class Bench:
    def __init__(self, options, source_server, target_server, folder):
        self.options, self.folder = options, folder
        self.source_server, self.target_server = source_server, target_server
        self.costs: dict[str, list[Cost]] = {}

    def database(self, name, script, **variables):
        db = self.source_server.create(name)
        db.load(HERE / script, *[part for key, value in variables.items() for part in ("-v", f"{key}={value}")])
        self.source_server.socket_db().sql("CHECKPOINT")
        size = int(db.value("SELECT pg_database_size(current_database())"))
        print(f"bench: {name}: {size / 2**20:.0f} MiB with indexes", file=sys.stderr)
        return db

    def wanted(self, name) -> bool:
        return any(part in name for part in self.options.only.split("|"))

    def turn(self, field, source):
        """One run of each contender, so that a slow minute of the machine hits all of them."""
        for _ in range(self.options.runs):
            for name, call in field.items():
                if self.wanted(name):
                    self.costs.setdefault(name, []).append(self.once(name, call, source))

    def once(self, name, call, source) -> Cost:
        self.target_server.drop("bench")
        target = self.target_server.create("bench")
        for server in (self.source_server, self.target_server):
            server.socket_db().sql("CHECKPOINT")
        os.sync()
        place = self.folder / "run"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        cost = call(Run(source, target, place, self.options.program))
        if source is not None and not name.startswith("csv"):
            self.check(source, target, name)
        print(f"bench: {name:34} {cost.seconds:7.2f} s", file=sys.stderr, flush=True)
        return cost

    def check(self, source, target, name):
        count = "SELECT sum(cnt) FROM (SELECT (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %s', oid::regclass), false, true, '')))[1]::text::bigint AS cnt FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace) s"
        indexes = "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace AND i.indisvalid"
        for query in (count, indexes):
            if source.value(query) != target.value(query):
                raise SystemExit(f"bench: {name} lost something: {target.value(query)} of {source.value(query)}")

    def median(self, name) -> float:
        return statistics.median(c.seconds for c in self.costs[name]) if name in self.costs else float("nan")


def ratios(bench: Bench) -> list[tuple]:
    """What the numbers are for: name, ratio, what it should be at most."""
    def ratio(one, other):
        return bench.median(one) / bench.median(other)
    together, after = "ours, export and import together", "ours, one after the other"
    return [
        ("one after the other / pg_dump + pg_restore", ratio(after, "pg_dump + pg_restore"), 1.0),
        ("together / pgcopydb", ratio(together, "pgcopydb"), 0.85),
        ("together / floor, binary", ratio(together, "floor, binary"), 1.1),
        ("copy data / together", ratio("ours, copy data", together), 0.9),
        ("copy data / floor, binary", ratio("ours, copy data", "floor, binary"), 1.0),
        ("together / floor, text", ratio(together, "floor, text"), None),
        ("one table / twenty tables (together)", ratio("skew: one table", "skew: twenty tables"), 1.15),
        ("many tables: ours / pg_dump + pg_restore", ratio("many tables: ours", "many tables: pg_dump + pg_restore"), 1.0),
        ("csv: import data file / psql copy", ratio("csv: import data file", "csv: psql copy"), 1.1),
    ]


def cpu_share(costs: list[Cost]) -> float:
    return statistics.median(c.own_cpu / c.all_cpu for c in costs if c.all_cpu)


def is_ours(name: str) -> bool:
    return name.startswith(("ours", "skew", "csv: import", "many tables: ours"))


def report(bench: Bench, options) -> dict:
    runs = {name: {"median_s": round(bench.median(name), 2), "runs_s": [round(c.seconds, 2) for c in costs],
                   "own_cpu_share": round(cpu_share(costs), 3) if is_ours(name) else None,
                   "rss_mib": round(max(c.rss_mib for c in costs)) if is_ours(name) else None}
            for name, costs in bench.costs.items()}
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True).stdout.strip()
    return {
        "format_version": 1, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "commit": commit, "scale_percent": options.scale,
        "cpus": os.cpu_count(), "server": subprocess.run([bin_dir() / "postgres", "--version"], capture_output=True, text=True).stdout.strip(),
        "pgcopydb": contenders.pgcopydb_version(), "settings": SERVER, "contenders": runs,
        "ratios": [{"name": n, "ratio": None if r != r else round(r, 3), "at_most": limit} for n, r, limit in ratios(bench)],
    }


def show(result: dict):
    print(f"\n{'contender':36}{'median s':>10}{'runs':>26}{'CPU share':>11}{'RSS MiB':>9}")
    for name, c in result["contenders"].items():
        share = f"{c['own_cpu_share']:.1%}" if c["own_cpu_share"] is not None else ""
        print(f"{name:36}{c['median_s']:10.2f}{' '.join(f'{s:.2f}' for s in c['runs_s']):>26}{share:>11}{c['rss_mib'] or '':>9}")
    print(f"\n{'ratio':48}{'is':>8}{'at most':>10}")
    for r in result["ratios"]:
        if r["ratio"] is not None:
            verdict = "" if r["at_most"] is None else ("  ok" if r["ratio"] <= r["at_most"] else "  ABOVE")
            print(f"{r['name']:48}{r['ratio']:8.2f}{r['at_most'] or '':>10}{verdict}")
    print(f"\n{result['server']}, pgcopydb {result['pgcopydb'] or 'not installed'}, {result['cpus']} processors")


def main():
    options = arguments()
    if not options.program.exists():
        raise SystemExit(f"bench: {options.program} is not built: run scripts/bench")
    folder = Path(tempfile.mkdtemp(prefix="voy-bench-"))
    try:
        with Cluster("bench-source", settings=SERVER) as source_server, Cluster("bench-target", settings=SERVER) as target_server:
            bench = Bench(options, source_server, target_server, folder)
            measure_all(bench, options)
            result = report(bench, options)
        show(result)
        options.keep.parent.mkdir(parents=True, exist_ok=True)
        options.keep.write_text(json.dumps(result, indent=2) + "\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure_all(bench: Bench, options):
    shop = bench.database("shop", "shop.sql", scale=options.scale)
    field = {"floor, text": contenders.floor("FORMAT text"), "floor, binary": contenders.floor("FORMAT binary"),
             "pg_dump + pg_restore": contenders.pg_dump_restore}
    if contenders.pgcopydb_version():
        field["pgcopydb"] = contenders.pgcopydb
    field["ours, one after the other"] = contenders.ours_one_after_the_other
    field["ours, export and import together"] = contenders.ours_together
    field["ours, copy data"] = contenders.ours_copy
    bench.turn(field, shop)

    if any(bench.wanted(name) for name in ("csv: psql copy", "csv: import data file")):
        place = bench.folder / "csv"
        place.mkdir()
        file = csv_load.write_csv(shop, place, options.scale * 10_000_000)
        parts_place = bench.folder / "parts"
        parts_place.mkdir()
        parts = [Path(shutil.move(part, parts_place)) for part in csv_load.cut(file)]
        bench.turn({"csv: psql copy": csv_load.psql_copy(parts), "csv: import data file": csv_load.ours(file)}, shop)
        shutil.rmtree(place), shutil.rmtree(parts_place)
    bench.source_server.drop("shop")

    skew = {"skew: one table": 1, "skew: twenty tables": 20}
    sources = {name: bench.database(f"skew{parts}", "skew.sql", parts=parts, scale=options.scale)
               for name, parts in skew.items() if bench.wanted(name)}
    for _ in range(options.runs):
        for name, source in sources.items():
            bench.costs.setdefault(name, []).append(bench.once(name, contenders.ours_together, source))
    for source in sources.values():
        bench.source_server.drop(source.name)

    field = {"many tables: pg_dump + pg_restore": contenders.pg_dump_restore, "many tables: ours": contenders.ours_one_after_the_other}
    if any(options.only in name for name in field):
        bench.turn(field, bench.database("many", "many_tables.sql", tables=options.scale * 200))


if __name__ == "__main__":
    main()
