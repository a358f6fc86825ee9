"""assess-migration of a source with very many tables, analyze-schema of a very long file: time and memory against limits."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(REPOSITORY / "tests"), str(REPOSITORY / "bench/e2e"), str(HERE)]

import schema_file  # noqa: E402
from harness.cluster import Cluster, bin_dir  # noqa: E402
from harness.migration import clean_environment  # noqa: E402
from measure import Cost, Started, Watch  # noqa: E402

# pg_dump locks every table in one transaction.
SERVER = {
    "shared_buffers": "1GB", "max_wal_size": "16GB", "checkpoint_timeout": "1h", "fsync": "off", "synchronous_commit": "off",
    "full_page_writes": "off", "autovacuum": "off", "max_connections": "50", "max_locks_per_transaction": "8000",
}
VERSION = "2025.2.3.0"
ASSESS_SECONDS, ASSESS_MIB = 60, 512
ANALYZE_SECONDS, ANALYZE_MIB = 3, 512
STATEMENTS, FILE_BYTES = 20_000, 5_000_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=50_000, help="of the source; a multiple of 500")
    parser.add_argument("--only", choices=["assess", "analyze"], help="one of the two")
    parser.add_argument("--program", type=Path, default=REPOSITORY / "build/release/bin/yb-voyager")
    parser.add_argument("--keep", type=Path, default=REPOSITORY / "bench/results/assess.json", help="file for the numbers")
    return parser.parse_args()


def source_flags(db, schemas) -> list:
    return ["--source-db-type", "postgresql", "--source-db-host", "127.0.0.1", "--source-db-port", db.port,
            "--source-db-user", "postgres", "--source-db-name", db.name, "--source-db-schema", schemas]


class OwnPeak:
    """The largest resident size of one process, without its children's, looked at until it ends."""

    def __init__(self, pid):
        self.mib, self._file, self._done = 0, Path(f"/proc/{pid}/status"), threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _look(self):
        while not self._done.wait(0.02):
            try:
                peak = re.search(r"VmHWM:\s+(\d+) kB", self._file.read_text())
            except OSError:
                return
            if peak:
                self.mib = int(peak.group(1)) / 1024


class Bench:
    def __init__(self, program: Path, folder: Path):
        self.program, self.folder = program, folder
        self.environment = clean_environment({"SOURCE_DB_PASSWORD": "not-asked-for"})
        self.results = []

    def run(self, *words, codes=(0,)) -> Cost:
        """What the program itself costs; pg_dump, which it starts, has a memory of its own."""
        with Watch() as watch:
            started = Started([self.program, *words], self.environment, self.folder / "log")
            with OwnPeak(started.process.pid) as own:
                whole = started.finish(codes)
        return Cost(watch.cost.seconds, whole.own_cpu, watch.cost.all_cpu, own.mib)

    def export_dir(self, name) -> Path:
        path = self.folder / name
        path.mkdir()
        return path

    def keep(self, name, cost: Cost, seconds, mib, what):
        self.results.append({"name": name, "what": what, "seconds": round(cost.seconds, 2), "seconds_at_most": seconds,
                             "rss_mib": round(cost.rss_mib), "rss_mib_at_most": mib})
        print(f"bench: {name:20} {cost.seconds:7.2f} s {cost.rss_mib:6.0f} MiB", file=sys.stderr, flush=True)

    def assess(self, server, tables):
        begun = time.monotonic()
        source = server.create("many")
        source.load(HERE / "many_tables.sql", "-v", f"tables={tables}")
        found = source.count("pg_class WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text LIKE 'part_%'")
        if found != tables:
            raise SystemExit(f"bench: {found} tables were made instead of {tables}")
        print(f"bench: {tables} tables made in {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        place = self.export_dir("assess")
        schemas = ",".join(f"part_{i}" for i in range(10))
        # So many tables fit into no cluster that was measured: the reports are written, and then the command ends with 1.
        cost = self.run("assess-migration", "--export-dir", place, *source_flags(source, schemas),
                        "--target-db-version", VERSION, "--iops-capture-interval", 0, "--yes", codes=(0, 1))
        report = json.loads((place / "assessment/reports/migration_assessment_report.json").read_text())
        seen = sum(not one["IsIndex"] for one in report["TableIndexStats"])
        if seen < tables - tables // 500:
            raise SystemExit(f"bench: the report has {seen} of {tables} tables")
        self.keep("assess-migration", cost, ASSESS_SECONDS, ASSESS_MIB, f"{tables} tables, interval 0")

    def analyze(self, server):
        source = server.create("small")
        source.sql("CREATE TABLE t (a int)")
        place = self.export_dir("analyze")
        self.run("export", "schema", "--export-dir", place, *source_flags(source, "public"), "--yes")
        text = schema_file.text(STATEMENTS, FILE_BYTES)
        (place / "schema/tables/table.sql").write_text(text)
        cost = self.run("analyze-schema", "--export-dir", place, "--target-db-version", VERSION)
        report = json.loads((place / "reports/schema_analysis_report.json").read_text())
        if report["Statements"] < STATEMENTS or len(report["Issues"]) < STATEMENTS // 50:
            raise SystemExit(f"bench: {report['Statements']} statements and {len(report['Issues'])} issues are too few")
        self.keep("analyze-schema", cost, ANALYZE_SECONDS, ANALYZE_MIB,
                  f"{report['Statements']} statements, {len(text) / 1e6:.1f} MB, {len(report['Issues'])} issues, both reports")


def summary(bench: Bench, options) -> dict:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True).stdout.strip()
    return {
        "format_version": 1, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "commit": commit, "tables": options.tables,
        "cpus": os.cpu_count(), "server": subprocess.run([bin_dir() / "postgres", "--version"], capture_output=True, text=True).stdout.strip(),
        "settings": SERVER, "results": bench.results,
    }


def show(result: dict) -> bool:
    """True when every limit holds."""
    print(f"\n{'command':20}{'s':>8}{'at most':>9}{'RSS MiB':>9}{'at most':>9}  what")
    well = True
    for one in result["results"]:
        above = one["seconds"] > one["seconds_at_most"] or one["rss_mib"] > one["rss_mib_at_most"]
        well &= not above
        print(f"{one['name']:20}{one['seconds']:8.2f}{one['seconds_at_most']:9}{one['rss_mib']:9}{one['rss_mib_at_most']:9}  "
              f"{one['what']}  {'ABOVE' if above else 'ok'}")
    print(f"\n{result['server']}, {result['cpus']} processors")
    return well


def main():
    options = arguments()
    if not options.program.exists():
        raise SystemExit(f"bench: {options.program} is not built: run scripts/bench assess")
    folder = Path(tempfile.mkdtemp(prefix="voy-bench-"))
    try:
        bench = Bench(options.program, folder)
        with Cluster("bench-assess", settings=SERVER) as server:
            if options.only != "assess":
                bench.analyze(server)
            if options.only != "analyze":
                bench.assess(server, options.tables)
        result = summary(bench, options)
        options.keep.parent.mkdir(parents=True, exist_ok=True)
        options.keep.write_text(json.dumps(result, indent=2) + "\n")
        sys.exit(0 if show(result) else 1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
