"""Who moves the database: the bare servers, what Debian has, and our program. Each takes a Run and returns its Cost."""

import os
import queue
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from harness.cluster import Database, bin_dir
from harness.migration import clean_environment

from measure import Cost, Started, Watch, timed

STREAMS = 2
CHUNK_BYTES = 32 * 1024 * 1024
SMALL_BYTES = 1024 * 1024


@dataclass
class Run:
    source: Database
    target: Database
    folder: Path           # Empty when a contender starts.
    program: Path

    @property
    def log(self):
        return self.folder / "log"

    @property
    def env(self):
        return {**clean_environment({"SOURCE_DB_PASSWORD": "x", "TARGET_DB_PASSWORD": "x"}), "PGOPTIONS": ""}


def tool(name: str) -> str:
    return str(bin_dir() / name)


# The floor: COPY piped to COPY, and the indexes afterwards.

def floor(form: str):
    def move(run: Run) -> Cost:
        with Watch() as watch:
            schema(run, "pre-data")
            copy_all(run, form)
            schema(run, "post-data")
        return watch.cost
    return move


def schema(run: Run, section: str):
    dump = run.folder / f"{section}.dump"
    subprocess.run([tool("pg_dump"), "-Fc", f"--section={section}", "-f", dump, "-d", run.source.conninfo], check=True)
    subprocess.run([tool("pg_restore"), "-j", str(STREAMS), "-d", run.target.conninfo, dump], check=True)


def copy_all(run: Run, form: str):
    """Page ranges, the largest tables first, in STREAMS pipes; small tables share one pipe, for starting psql costs more than they do."""
    work, small = queue.SimpleQueue(), []
    for table, pages, size in run.source.rows("""
            SELECT oid::regclass, relpages, pg_table_size(oid) FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 3 DESC"""):
        if int(size) < SMALL_BYTES:
            small += ["-t", table]
            continue
        step = max(1, int(int(pages) * CHUNK_BYTES / max(int(size), 1)))
        for begin in range(0, max(int(pages), 1), step):
            last = begin + step >= int(pages)
            bound = "" if last else f" AND ctid < '({begin + step},0)'"
            work.put(([tool("psql"), "-Xq", "-d", run.source.conninfo, "-c",
                       f"COPY (SELECT * FROM {table} WHERE ctid >= '({begin},0)'{bound}) TO STDOUT ({form})"],
                      [tool("psql"), "-Xq", "-d", run.target.conninfo, "-c", f"COPY {table} FROM STDIN ({form})"]))
    if small:
        work.put(([tool("pg_dump"), "-a", *small, "-d", run.source.conninfo],
                  [tool("psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-d", run.target.conninfo]))
    failures = []

    def pipe():
        while True:
            try:
                reading, writing = work.get_nowait()
            except queue.Empty:
                return
            out = subprocess.Popen(reading, stdout=subprocess.PIPE)
            into = subprocess.Popen(writing, stdin=out.stdout)
            out.stdout.close()
            failures.extend(code for code in (out.wait(), into.wait()) if code)

    threads = [threading.Thread(target=pipe) for _ in range(STREAMS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit("bench: the floor failed")


# Debian's tools.

def pg_dump_restore(run: Run) -> Cost:
    dump = run.folder / "dump"
    cost = timed([tool("pg_dump"), "-Fd", "-Z0", "-j", STREAMS, "-f", dump, "-d", run.source.conninfo], run.env, run.log)
    return cost + timed([tool("pg_restore"), "-j", STREAMS, "-d", run.target.conninfo, dump], run.env, run.log)


def pgcopydb_version() -> str:
    if not shutil.which("pgcopydb"):
        return ""
    out = subprocess.run(["pgcopydb", "--version"], capture_output=True, text=True)
    return next((line.split()[-1] for line in (out.stdout + out.stderr).splitlines() if line.startswith("pgcopydb version")), "unknown")


def pgcopydb(run: Run) -> Cost:
    def uri(db):
        return f"postgresql://{db.user}@{db.host}:{db.port}/{db.name}"
    return timed(["pgcopydb", "clone", "--source", uri(run.source), "--target", uri(run.target), "--table-jobs", STREAMS,
                  "--index-jobs", STREAMS, "--split-tables-larger-than", "64MB", "--dir", run.folder / "work", "--no-owner", "--no-acl"],
                 {**run.env, "XDG_DATA_HOME": str(run.folder), "PATH": f"{bin_dir()}:{os.environ['PATH']}"}, run.log)


# Our program.

def source_flags(run: Run):
    return ["--source-db-type", "postgresql", "--source-db-host", run.source.host, "--source-db-port", run.source.port,
            "--source-db-user", run.source.user, "--source-db-name", run.source.name, "--source-db-schema", "public"]


def target_flags(run: Run):
    return ["--target-db-host", run.target.host, "--target-db-port", run.target.port, "--target-db-user", run.target.user,
            "--target-db-name", run.target.name]


def lines(run: Run):
    export_dir = run.folder / "export-dir"
    export_dir.mkdir(exist_ok=True)
    place = ["--export-dir", export_dir]
    return {
        "export schema": [run.program, "export", "schema", *place, *source_flags(run), "--target-db-type", "postgresql"],
        "import schema": [run.program, "import", "schema", *place, *target_flags(run)],
        "export data": [run.program, "export", "data", *place, *source_flags(run), "--parallel-jobs", STREAMS],
        "import data": [run.program, "import", "data", *place, *target_flags(run), "--parallel-jobs", STREAMS],
        "copy data": [run.program, "copy", "data", *place, *source_flags(run), *target_flags(run), "--parallel-jobs", STREAMS],
        "finalize": [run.program, "finalize-schema-post-data-import", *place, *target_flags(run)],
    }


def ours_one_after_the_other(run: Run) -> Cost:
    total = Cost()
    for step, line in lines(run).items():
        if step != "copy data":
            total += timed(line, run.env, run.log)
    return total


def ours_copy(run: Run) -> Cost:
    line = lines(run)
    total = Cost()
    for step in ("export schema", "import schema", "copy data", "finalize"):
        total += timed(line[step], run.env, run.log)
    return total


def ours_together(run: Run) -> Cost:
    line = lines(run)
    total = timed(line["export schema"], run.env, run.log) + timed(line["import schema"], run.env, run.log)
    with Watch() as watch:
        parts = [Started(line[step], run.env, run.log) for step in ("export data", "import data")]
        own = [part.finish() for part in parts]
    total += watch.cost + own[0] + own[1]
    return total + timed(line["finalize"], run.env, run.log)
