"""The program under test, driven the way a user drives it."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import afterwards, printed_commands
from .cluster import Database
from .standin import StandinCluster

REPOSITORY = Path(__file__).resolve().parents[2]


def binary() -> Path:
    """VOY_BINARY, or what the preset `dev` builds. A missing program is a failure, never a skip."""
    path = Path(os.environ.get("VOY_BINARY", REPOSITORY / "build/dev/bin/yb-voyager"))
    if not path.exists():
        raise AssertionError(f"{path} is not built: run scripts/test, or set VOY_BINARY")
    return path


def title_of(args) -> str:
    return " ".join(["yb-voyager", *printed_commands.words_of(list(map(str, args)))])


@dataclass(repr=False)
class Result:
    args: list
    code: int
    out: str
    err: str
    rss_kib: int = 0

    @property
    def text(self):
        return self.out + self.err

    @property
    def said(self):
        """Standard error on one line: errors are wrapped for people."""
        return " ".join(self.err.split())

    def json(self):
        return json.loads(self.out)

    @property
    def title(self):
        return title_of(self.args)

    def __repr__(self):
        """In one line, because an assertion shows no more of a value. The rest stands in the report's sections."""
        wrong = re.search(r"^error.*", self.err, re.MULTILINE)
        return f"<{self.title} -> {self.code}{': ' + wrong[0][:150] if wrong else ''}>"

    def __str__(self):
        return (f"$ yb-voyager {' '.join(map(str, self.args))}\n-> {self.code}\n"
                f"--- stdout\n{self.out[-3000:]}\n--- stderr\n{self.err[-6000:]}")


def clean_environment(extra=None) -> dict:
    """Ours without anything that the program or libpq would read."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("PG", "YB_VOYAGER", "SOURCE_", "TARGET_", "YBVOYAGER")) and k not in ("NO_COLOR", "CLICOLOR_FORCE")}
    env.setdefault("HOME", "/tmp")
    return {**env, **{k: str(v) for k, v in (extra or {}).items()}}


def run(*args, expect=0, env=None, stdin=subprocess.DEVNULL, timeout=300, program=None, cwd=None, **popen) -> Result:
    """Runs `yb-voyager args...` to its end. `expect` is an exit code, a collection of them, or None for any."""
    done = start(*args, env=env, stdin=stdin, program=program, cwd=cwd, **popen).finish(timeout)
    wanted = None if expect is None else ((expect,) if isinstance(expect, int) else tuple(expect))
    if wanted is not None and done.code not in wanted:
        raise AssertionError(f"expected exit code {expect}\n{done}")
    return done


class Running:
    """A started command. Output goes to temporary files, so a full pipe never stops it."""

    def __init__(self, args, env, stdin, program, cwd, **popen):
        import tempfile
        self.args, self.cwd = args, cwd
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.process = subprocess.Popen([str(program or binary()), *map(str, args)], stdin=stdin, stdout=self._out,
                                        stderr=self._err, env=clean_environment(env), cwd=cwd, **popen)
        afterwards.began(self)

    @property
    def title(self):
        return title_of(self.args)

    @property
    def pid(self):
        return self.process.pid

    def running(self) -> bool:
        return self.process.poll() is None

    def kill(self, number=signal.SIGKILL):
        if self.running():
            self.process.send_signal(number)

    def err_so_far(self) -> str:
        self._err.seek(0)
        return self._err.read().decode(errors="surrogateescape")

    def finish(self, timeout=300) -> Result:
        end = time.monotonic() + timeout
        usage = None
        while self.process.returncode is None:
            # wait4 also tells the peak memory; Popen does not.
            pid, status, used = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                usage, self.process.returncode = used, os.waitstatus_to_exitcode(status)
                break
            if time.monotonic() > end:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"still running after {timeout} s\n{self._result(0)}")
            time.sleep(0.005)
        done = self._result(usage.ru_maxrss if usage else 0)
        afterwards.ended(self, done)
        printed_commands.check_text(binary(), done.args, done.out, done.err, env=clean_environment(), cwd=self.cwd)
        return done

    def _result(self, rss) -> Result:
        texts = []
        for file in (self._out, self._err):
            file.seek(0)
            texts.append(file.read().decode(errors="surrogateescape"))
        return Result(list(self.args), self.process.returncode, *texts, rss_kib=rss)


def start(*args, env=None, stdin=subprocess.DEVNULL, program=None, cwd=None, **popen) -> Running:
    return Running(args, env, stdin, program, cwd, **popen)


def fault_points() -> list[str]:
    """The names that `debug fault-points` prints, one a line."""
    return run("debug", "fault-points").out.split()


@dataclass
class Migration:
    """One export directory between two databases. Every method is one command; extra flags follow."""

    source: Database
    target: Database
    folder: Path
    schemas: str = "public"
    env: dict = field(default_factory=dict)
    source_port: int = 0   # a proxy's, when set
    target_port: int = 0

    def __post_init__(self):
        self.export_dir = Path(self.folder) / "export-dir"
        self.export_dir.mkdir(exist_ok=True)
        self.env = {"SOURCE_DB_PASSWORD": "not-asked-for", "TARGET_DB_PASSWORD": "not-asked-for", **self.env}

    def source_flags(self) -> list:
        return ["--source-db-type", "postgresql", "--source-db-host", self.source.host,
                "--source-db-port", self.source_port or self.source.port, "--source-db-user", self.source.user,
                "--source-db-name", self.source.name, "--source-db-schema", self.schemas]

    def target_flags(self) -> list:
        return ["--target-db-host", self.target.host, "--target-db-port", self.target_port or self.target.port,
                "--target-db-user", self.target.user, "--target-db-name", self.target.name]

    def command(self, *args, env=None, **options) -> Result:
        return run(*args, env={**self.env, **(env or {})}, **options)

    def start(self, *args, env=None, **options) -> Running:
        return start(*args, env={**self.env, **(env or {})}, **options)

    def target_type(self) -> list:
        """What the schema is written for. The tests of the rewriting for YugabyteDB have the stand-in as their target; the
        others compare what they export with what they find on a plain server."""
        return [] if isinstance(self.target.cluster, StandinCluster) else ["--target-db-type", "postgresql"]

    def line(self, step: str) -> list:
        """The command line of a step."""
        place = ["--export-dir", self.export_dir]
        return {
            "export schema": ["export", "schema", *place, *self.source_flags(), *self.target_type()],
            "import schema": ["import", "schema", *place, *self.target_flags()],
            "export data": ["export", "data", *place, *self.source_flags()],
            "import data": ["import", "data", *place, *self.target_flags()],
            "copy data": ["copy", "data", *place, *self.source_flags(), *self.target_flags()],
            "finalize": ["finalize-schema-post-data-import", *place, *self.target_flags()],
            "end": ["end", "migration", *place, "--yes"],
        }[step]

    def step(self, step: str, *extra, **options) -> Result:
        return self.command(*self.line(step), *extra, **options)

    def export_schema(self, *extra, **options):
        return self.step("export schema", *extra, **options)

    def import_schema(self, *extra, **options):
        return self.step("import schema", *extra, **options)

    def export_data(self, *extra, **options):
        return self.step("export data", *extra, **options)

    def import_data(self, *extra, **options):
        return self.step("import data", *extra, **options)

    def copy_data(self, *extra, **options):
        return self.step("copy data", *extra, **options)

    def finalize(self, *extra, **options):
        return self.step("finalize", *extra, **options)

    def end(self, *extra, keep=False, **options):
        flags = []
        for name in ("backup-schema-files", "backup-data-files", "save-migration-reports", "backup-log-files"):
            flags += [f"--{name}", "true" if keep else "false"]
        if keep:
            backup = self.folder / "backup"
            backup.mkdir(exist_ok=True)
            flags += ["--backup-dir", backup]
        return self.step("end", *flags, *extra, **options)

    def move(self, refresh_mviews=True):
        """The whole offline path up to finalize."""
        self.export_schema()
        self.import_schema()
        self.export_data()
        self.import_data()
        self.finalize("--refresh-mviews", str(refresh_mviews).lower())
        return self

    def verify(self, *extra, alone=False, **options) -> Result:
        """Exit code 0: both sides are equal in objects, counts and content, as far as this migration carries them. `alone`:
        without its export directory, so that nobody knows what was left out."""
        real = type(self)(self.source, self.target, self.folder, self.schemas, dict(self.env))
        place = [] if alone or "--export-dir" in extra or not (self.export_dir / "metainfo").exists() else ["--export-dir", self.export_dir]
        return run("verify", *place, *real.source_flags(), *real.target_flags(), *extra, env=self.env, **options)

    # What is on disk.

    def files(self, pattern="**/*") -> list[Path]:
        return sorted(p for p in self.export_dir.glob(pattern) if p.is_file())

    def data_files(self) -> list[Path]:
        return [p for p in self.files("data/*") if re.search(r"_data\.", p.name)]

    def schema_text(self) -> str:
        return "\n".join(p.read_text(errors="surrogateescape") for p in self.files("schema/**/*.sql"))

    def log_text(self) -> str:
        return "\n".join(p.read_text(errors="replace") for p in self.files("logs/*"))

    def status(self, side: str) -> list:
        """The rows of `export data status` or `import data status`."""
        rows = self.command(side, "data", "status", "--export-dir", self.export_dir, "--output-format", "json").json()
        return rows if isinstance(rows, list) else rows.get("tables", rows)

    def remove(self):
        shutil.rmtree(self.export_dir, ignore_errors=True)


def contents(db: Database, tables=None) -> dict:
    """Digest and count of every table's rows: an opinion on equality that owes nothing to `verify`."""
    wanted = tables if tables is not None else [r[0] for r in db.rows("""
        SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated) AND n.nspname !~ '^pg_'
          AND n.nspname NOT IN ('information_schema', 'ybvoyager_metadata', 'yb_standin') ORDER BY 1""")]
    queries = [f"SELECT {_literal(t)}, md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), count(*) FROM ONLY {t} t"
               for t in wanted]
    return {name: tuple(rest) for name, *rest in db.rows("\nUNION ALL\n".join(queries))} if queries else {}


def assert_same_rows(source: Database, target: Database):
    """Views that the source never filled may be filled on the target."""
    wanted, found = contents(source), contents(target)
    assert {t: found.get(t) for t in wanted} == wanted
    extra = set(found) - set(wanted)
    assert not extra or {target.value(f"SELECT relkind FROM pg_class WHERE oid = {_literal(t)}::regclass") for t in extra} == {"m"}, extra


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
