"""Throw-away PostgreSQL clusters on loopback, and the databases in them."""

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import libpq

SERVER_USER = "postgres"


def bin_dir() -> Path:
    """The newest installed server, or PG_BIN."""
    if os.environ.get("PG_BIN"):
        return Path(os.environ["PG_BIN"])
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if not on_path:
        raise RuntimeError("no PostgreSQL server programs found: run scripts/setup")
    return Path(on_path).parent


def unprivileged() -> dict:
    """Arguments for subprocess: servers refuse to run as root, so root becomes the package's user."""
    if os.getuid() != 0:
        return {}
    return {"user": SERVER_USER, "group": SERVER_USER, "extra_groups": []}


PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")   # of which outgoing connections are given theirs
PORTS = 16_000
reserved = []


def free_port() -> int:
    """One that is ours as long as this process lives, whether something listens there or not: no other run is given it, and
    no outgoing connection. A name in the abstract namespace is held by one process, and goes with it."""
    lowest = int(PORT_RANGE.read_text().split()[0]) if PORT_RANGE.exists() else 32768
    chance = random.SystemRandom()   # Tests seed the other.
    for _ in range(1000):
        port = chance.randrange(max(1024, lowest - PORTS), lowest)
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0voy-port-{port}")
            with socket.create_server(("", port)):
                reserved.append(name)
                return port
        except OSError:
            name.close()
    raise RuntimeError("no port is free")


def _conninfo_value(value) -> str:
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


CREATOR = "creator.pid"


def stop_others(folder: Path):
    """A server that is no PostgreSQL and names the folder in its arguments."""
    for entry in os.listdir("/proc"):
        try:
            words = Path("/proc", entry, "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(w == f"--datadir={folder}/data".encode() for w in words):
            os.kill(int(entry), signal.SIGKILL)


def remove_orphans():
    """Servers whose test run was killed before it could stop them."""
    for mark in Path(tempfile.gettempdir()).glob(f"voy-*/{CREATOR}"):
        try:
            creator = mark.read_text()
        except OSError:
            continue
        if creator and not Path("/proc", creator).exists():
            subprocess.run([bin_dir() / "pg_ctl", "-D", mark.parent / "data", "-m", "immediate", "stop"], capture_output=True, **unprivileged())
            stop_others(mark.parent)
            shutil.rmtree(mark.parent, ignore_errors=True)


class SqlError(Exception):
    pass


def is_one_statement(text: str) -> bool:
    """Surely one, and nothing that psql does itself: it can go without psql, which takes longer to start than most statements take."""
    return ";" not in text.strip().rstrip(";") and not re.search(r"^\s*\\|\bstdin\b", text, re.IGNORECASE | re.MULTILINE)


@dataclass
class Database:
    """One database as one role. `sql` raises SqlError with the server's words."""

    cluster: "Cluster"
    name: str
    user: str = "postgres"
    host: str = "127.0.0.1"
    through: int = 0   # a proxy's port

    @property
    def port(self):
        return self.through or self.cluster.port

    @property
    def conninfo(self):
        parts = {"host": self.host, "port": self.port, "user": self.user, "dbname": self.name}
        return " ".join(f"{key}={_conninfo_value(value)}" for key, value in parts.items())

    def psql(self, *args, text=None, env=None) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [bin_dir() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo, *map(str, args)],
            input=(text or "").encode(errors="surrogateescape"), capture_output=True,
            env={**os.environ, "PGCLIENTENCODING": "UTF8", **(env or {})})
        # Decoded by hand: text mode would turn a carriage return of a value into a newline.
        done.stdout, done.stderr = (out.decode(errors="surrogateescape") for out in (done.stdout, done.stderr))
        return done

    def sql(self, text: str) -> str:
        """As psql -At shows it."""
        if is_one_statement(text):
            return "".join("|".join(row) + "\n" for row in self._ask(text))
        done = self.psql("-At", "-f", "-", text=text)
        if done.returncode:
            raise SqlError(done.stderr.strip())
        return done.stdout

    def load(self, path, *args, stop_on_error=True) -> str:
        """Runs a file; returns what psql complained about."""
        done = self.psql("-v", f"ON_ERROR_STOP={int(stop_on_error)}", *args, "-f", path)
        if done.returncode:
            raise SqlError(done.stderr.strip()[-2000:])
        return done.stderr

    def _ask(self, statement: str) -> list[tuple]:
        found = libpq.rows(self.conninfo, statement)
        if isinstance(found, str):
            raise SqlError(found.strip())
        return found

    def rows(self, query: str) -> list[tuple]:
        if is_one_statement(query):
            return self._ask(query)
        out = self.psql("-At", "-F", "\x1f", "-R", "\x1e", "-f", "-", text=query)
        if out.returncode:
            raise SqlError(out.stderr.strip())
        text = out.stdout.removesuffix("\n")
        return [tuple(row.split("\x1f")) for row in text.split("\x1e")] if text else []

    def value(self, query: str) -> str:
        found = self.rows(query)
        return found[0][0] if found else ""

    def count(self, table: str) -> int:
        return int(self.value(f"SELECT count(*) FROM {table}"))

    @contextmanager
    def held(self, query: str, end="ROLLBACK"):
        """Another session holds what `query` locks or leaves open, in a transaction that ends behind it. Gives its process id."""
        session = subprocess.Popen([bin_dir() / "psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        try:
            session.stdin.write(f"BEGIN; {query}; SELECT 'held by ' || pg_backend_pid();\n")
            session.stdin.flush()
            while not (line := session.stdout.readline()).startswith("held by "):
                assert line, f"it is not held: {query}"
            yield int(line.split()[-1])
        finally:
            session.communicate(f"{end};\n")

    def as_user(self, user: str) -> "Database":
        return Database(self.cluster, self.name, user, self.host)


@dataclass
class Cluster:
    """A server in a folder of its own. Use as a context manager, or call stop()."""

    name: str = "pg"
    settings: dict = field(default_factory=dict)
    crash_safe: bool = False      # keep fsync: for tests that kill the server itself
    hba: str = ""                 # replaces pg_hba.conf; default trusts every loopback connection
    listen: str = "127.0.0.1"
    port: int = 0
    programs: Path = None         # initdb, pg_ctl and postgres of another version than the installed one
    folder: Path = None
    _serial: int = 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def program(self, name: str) -> Path:
        return (self.programs or bin_dir()) / name

    def _run(self, *command, check=True):
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, cwd=self.folder, **unprivileged())
        if check and done.returncode:
            raise RuntimeError(f"{command}: {done.stderr or done.stdout}\n{self.log_tail()}")
        return done

    def _make_folder(self):
        self.folder = Path(tempfile.mkdtemp(prefix=f"voy-{self.name}-"))
        (self.folder / CREATOR).write_text(str(os.getpid()))
        self.folder.chmod(0o755)
        if os.getuid() == 0:
            shutil.chown(self.folder, SERVER_USER, SERVER_USER)

    def start(self) -> "Cluster":
        remove_orphans()
        self._make_folder()
        self._run(self.program("initdb"), "-N", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-D", self.data)
        self.port = self.port or free_port()
        options = {
            "listen_addresses": self.listen, "port": self.port, "unix_socket_directories": str(self.folder),
            "autovacuum": "off", "max_connections": 60, "shared_buffers": "128MB", "max_wal_size": "4GB",
            "fsync": "on" if self.crash_safe else "off", "synchronous_commit": "on" if self.crash_safe else "off",
            "full_page_writes": "on" if self.crash_safe else "off", "log_min_messages": "warning", "timezone": "UTC",
            **self.settings,
        }
        with open(self.data / "postgresql.conf", "a") as conf:
            conf.writelines(f"{key} = '{value}'\n" for key, value in options.items())
        if self.hba:
            (self.data / "pg_hba.conf").write_text(self.hba)
        self.up()
        return self

    def replica(self, name="replica") -> "Cluster":
        """A read replica of this server, started and following. Stop it before this one."""
        copy = Cluster(name, self.settings, self.crash_safe, listen=self.listen)
        copy._make_folder()
        copy.port = free_port()
        self._run(bin_dir() / "pg_basebackup", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-D", copy.data,
                  "-R", "-X", "stream", "-c", "fast", "--no-sync")
        with open(copy.data / "postgresql.conf", "a") as conf:
            conf.writelines([f"port = {copy.port}\n", f"unix_socket_directories = '{copy.folder}'\n"])
        copy.up()
        self.wait_for("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming')")
        return copy

    def up(self):
        self._run(self.program("pg_ctl"), "-D", self.data, "-w", "-t", "180", "-l", self.folder / "log", "start")

    def down(self, mode="immediate"):
        self._run(self.program("pg_ctl"), "-D", self.data, "-w", "-t", "180", "-m", mode, "stop", check=False)

    def restart(self, mode="immediate"):
        """Default: as if the server process was killed; committed work comes back from the log."""
        self.down(mode)
        self.up()

    def stop(self):
        if self.folder and self.folder.exists():
            self.down()
            shutil.rmtree(self.folder, ignore_errors=True)

    def log_tail(self, lines=20) -> str:
        log = self.folder / "log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""

    def db(self, name="postgres", user="postgres") -> Database:
        return Database(self, name, user)

    def socket_db(self, name="postgres") -> Database:
        """Over the socket, where every role is trusted."""
        return Database(self, name, host=str(self.folder))

    def create(self, name=None, options="") -> Database:
        """A new empty database."""
        self._serial += 1
        name = name or f"db{self._serial}"
        if not self.programs:   # Of version 15 or later: files are copied quicker than written to the log page by page.
            options += " STRATEGY file_copy"
        self.socket_db().sql(f'CREATE DATABASE "{name}" {options}')
        return self.db(name)

    def drop_slot(self, slot: str, seconds=180.0):
        """A process that a failed test has left connects again between the two."""
        end = time.monotonic() + seconds
        while True:
            self.free_slot(slot)
            try:
                self.socket_db().sql(f"SELECT pg_drop_replication_slot('{slot}')")
                return
            except SqlError:
                if time.monotonic() > end:
                    raise

    def free_slot(self, slot: str):
        """Ends whoever streams from it, and waits until the server lets go of it, some time after the signal."""
        server = self.socket_db()
        server.sql(f"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '{slot}' AND active_pid IS NOT NULL")
        if not self.wait_for(f"SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{slot}' AND active", "0"):
            raise RuntimeError(f"the slot {slot} is still in use\n{self.log_tail()}")

    def drop(self, name: str, slots=False):
        """`slots`: with the replication slots that are in it, which would keep the server from dropping it."""
        server = self.socket_db()
        for (slot,) in server.rows(f"SELECT slot_name FROM pg_replication_slots WHERE database = '{name}'") if slots else []:
            self.drop_slot(slot)
        server.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE);')

    def wait_for(self, query: str, wanted="t", db="postgres", seconds=180.0) -> bool:
        """Polls until `query` answers `wanted`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.socket_db(db).value(query) == wanted:
                return True
            time.sleep(0.02)
        return False
