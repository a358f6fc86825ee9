"""Throw-away MariaDB servers on loopback, and migrations from them."""

import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from .cluster import CREATOR, SERVER_USER, SqlError, free_port, unprivileged
from .migration import Migration

PASSWORD = "it's a secret"


@dataclass
class MariaDatabase:
    """One database as one user. `sql` raises SqlError with the server's words."""

    server: "MariaServer"
    name: str
    user: str = "mover"
    password: str = PASSWORD
    host: str = "127.0.0.1"

    @property
    def port(self):
        return self.server.port

    def _run(self, text: str, *args, force=False) -> subprocess.CompletedProcess:
        done = subprocess.run([*self.server.client, *(["--force"] if force else []), *args, self.name],
                              input=text.encode(errors="surrogateescape"), capture_output=True)
        if done.returncode and not force:
            raise SqlError(done.stderr.decode(errors="replace").strip())
        return done

    def sql(self, text: str, force=False) -> str:
        """As root, whoever the user is."""
        return self._run(text, "-N", "-B", force=force).stdout.decode(errors="surrogateescape")

    def rows(self, query: str) -> list[tuple]:
        return [tuple(line.split("\t")) for line in self.sql(query).splitlines()]

    def load(self, path: Path, force=False) -> str:
        """A file; returns what the client complained about."""
        return self._run(Path(path).read_text(errors="surrogateescape"), force=force).stderr.decode(errors="replace")

    def count(self, table: str) -> int:
        return int(self.sql(f"SELECT count(*) FROM `{table}`"))


@dataclass
class MariaServer:
    """A server in a folder of its own. Use as a context manager."""

    name: str = "maria"
    settings: list = field(default_factory=list)
    port: int = 0
    folder: Path = None
    process: subprocess.Popen = None
    database = MariaDatabase

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix=f"voy-{self.name}-"))
        (self.folder / CREATOR).write_text(str(os.getpid()))
        self.folder.chmod(0o755)
        if os.getuid() == 0:
            shutil.chown(self.folder, SERVER_USER, SERVER_USER)
        self.port = self.port or free_port()
        done = subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={self.data}", "--auth-root-authentication-method=normal",
                               "--skip-test-db"], capture_output=True, text=True, cwd=self.folder, env=self.environment, **unprivileged())
        assert done.returncode == 0, done.stdout + done.stderr
        self.up()
        self.root("CREATE USER mover IDENTIFIED BY 'it''s a secret'; GRANT ALL ON *.* TO mover;")
        return self

    def __exit__(self, *_):
        self.down()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def environment(self) -> dict:
        """Two servers that start at once take each other's temporary files for their own."""
        return {**os.environ, "TMPDIR": str(self.folder)}

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def socket(self) -> str:
        return str(self.folder / "s.sock")

    @property
    def client(self) -> list:
        return ["mariadb", "--no-defaults", "-S", self.socket, "-u", "root", "--default-character-set=utf8mb4"]

    @property
    def admin(self) -> list:
        return ["mariadb-admin", "--no-defaults", "-S", self.socket, "-u", "root"]

    def server_command(self) -> list:
        return [shutil.which("mariadbd") or "/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.data}", f"--socket={self.socket}",
                f"--port={self.port}", "--bind-address=127.0.0.1", "--log-bin=bin", "--server-id=1", "--skip-name-resolve",
                "--innodb-flush-log-at-trx-commit=2", "--innodb-doublewrite=0", "--innodb-buffer-pool-size=64M",
                "--innodb-log-file-size=16M", "--lower-case-table-names=0", "--event-scheduler=0", *self.settings]

    def process_options(self) -> dict:
        return {"cwd": self.folder, "env": self.environment, **unprivileged()}

    def up(self):
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(self.server_command(), stdout=log, stderr=log, **self.process_options())
        end = time.monotonic() + 180
        while time.monotonic() < end:
            if subprocess.run([*self.admin, "ping"], capture_output=True).returncode == 0:
                return
            assert self.process.poll() is None, self.log_tail()
            time.sleep(0.05)
        raise AssertionError(self.log_tail())

    def down(self):
        """As if the process was killed."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def log_tail(self) -> str:
        return "\n".join((self.folder / "log").read_text(errors="replace").splitlines()[-20:])

    def root(self, text: str) -> str:
        return self.database(self, "mysql").sql(text)

    def create(self, name: str) -> MariaDatabase:
        self.root(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return self.database(self, name)

    def drop(self, name: str):
        self.root(f"DROP DATABASE IF EXISTS `{name}`")


@dataclass
class MySqlMigration(Migration):
    """From a MariaDatabase."""

    def __post_init__(self):
        super().__post_init__()
        self.env["SOURCE_DB_PASSWORD"] = self.source.password

    def source_flags(self) -> list:
        return ["--source-db-type", "mysql", "--source-db-host", self.source.host, "--source-db-port", self.source_port or self.source.port,
                "--source-db-user", self.source.user, "--source-db-name", self.source.name]
