"""import data file against `psql \\copy` of the same file in the same number of streams."""

import subprocess
from pathlib import Path

from contenders import STREAMS, Run, target_flags, tool
from measure import Cost, Started, Watch, timed

TABLE = """CREATE TABLE wide (id bigint, customer int, price numeric(12,2), tax numeric, at timestamptz, changed timestamptz,
  key uuid, tags text[], detail jsonb, name text, note text)"""


def write_csv(source, folder: Path, wanted_bytes: int) -> Path:
    """The wide table again and again until the file is large enough. No value holds a newline, so `split` may cut it."""
    file = folder / "wide.csv"
    with open(file, "wb") as out:
        while out.tell() < wanted_bytes:
            subprocess.run([tool("psql"), "-Xq", "-d", source.conninfo, "-c", "COPY wide TO STDOUT (FORMAT csv)"], stdout=out, check=True)
            out.seek(0, 2)
    return file


def cut(file: Path) -> list[Path]:
    """For psql, which cannot share a file. Not part of the time."""
    subprocess.run(["split", "-n", f"l/{STREAMS}", "-d", file, file.with_name("part.")], check=True)
    return sorted(file.parent.glob("part.*"))


def psql_copy(parts):
    def load(run: Run) -> Cost:
        run.target.sql(TABLE)
        with Watch() as watch:
            started = [Started([tool("psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-d", run.target.conninfo, "-c",
                                f"\\copy wide FROM '{part}' (FORMAT csv)"], run.env, run.log) for part in parts]
            for one in started:
                one.finish()
        return watch.cost
    return load


def ours(file: Path):
    def load(run: Run) -> Cost:
        run.target.sql(TABLE)
        export_dir = run.folder / "export-dir"
        export_dir.mkdir()
        return timed([run.program, "import", "data", "file", "--export-dir", export_dir, *target_flags(run), "--data-dir", file.parent,
                      "--file-table-map", f"{file.name}:wide", "--format", "csv", "--parallel-jobs", STREAMS], run.env, run.log)
    return load
