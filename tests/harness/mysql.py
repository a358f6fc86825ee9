"""A real MySQL server, in a chroot made by tools/mysql_chroot. Tests are skipped, with the reason, where it cannot be had."""

import os
import re
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from .cluster import free_port
from .mariadb import MariaDatabase, MariaServer

ROOT = Path(os.environ.get("VOY_MYSQL_ROOT", "/var/tmp/voy-mysql"))
TOOL = Path(__file__).parents[2] / "tools/mysql_chroot"


@cache
def missing() -> str:
    """Why there is no MySQL here; empty: there is one."""
    if os.getuid() != 0:
        return "only root can run MySQL in a chroot"
    try:
        done = subprocess.run([str(TOOL), str(ROOT)], capture_output=True, text=True, timeout=500)
    except subprocess.TimeoutExpired:
        return "tools/mysql_chroot did not end in time"
    return "" if done.returncode == 0 else f"MySQL cannot be had: {(done.stdout + done.stderr).strip() or 'tools/mysql_chroot failed'}"


class MySqlDatabase(MariaDatabase):
    """Numbers come from a table, as MySQL has no engine for them: seq_1_to_2000."""

    def _run(self, text, *args, force=False):
        text = re.sub(r"\bseq_1_to_(\d+)\b", r"(SELECT seq FROM numbers.numbers WHERE seq <= \1) AS seq_1_to_\1", text)
        return super()._run(text, *args, force=force)


@dataclass
class MySqlServer(MariaServer):
    """Use as a context manager; skips the test where there is no MySQL."""

    name: str = "mysql"
    database = MySqlDatabase

    def __enter__(self):
        if why := missing():
            pytest.skip(why)
        self.inside = "/voy-" + secrets.token_hex(4)  # the server's folder, as it sees it
        self.folder = ROOT / self.inside[1:]
        self.folder.mkdir(mode=0o755)
        self.port = self.port or free_port()
        made = subprocess.run(self.command("mysqld", "--initialize-insecure"), capture_output=True, text=True)
        assert made.returncode == 0, made.stdout + made.stderr
        self.up()
        self.root("CREATE USER mover IDENTIFIED BY 'it''s a secret'; GRANT ALL ON *.* TO mover; CREATE DATABASE numbers; "
                  "CREATE TABLE numbers.numbers (seq int PRIMARY KEY); SET cte_max_recursion_depth = 100000; "
                  "INSERT INTO numbers.numbers WITH RECURSIVE n AS (SELECT 1 AS seq UNION ALL SELECT seq + 1 FROM n WHERE seq < 60000) SELECT seq FROM n")
        return self

    def __exit__(self, *_):
        self.down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, program, *more) -> list:
        return ["chroot", str(ROOT), program, "--no-defaults", "--user=root", f"--datadir={self.inside}/data", *more]

    def process_options(self) -> dict:
        return {}

    @property
    def client(self) -> list:
        return ["chroot", str(ROOT), "mysql", "--no-defaults", "-S", f"{self.inside}/s.sock", "-u", "root", "--default-character-set=utf8mb4"]

    @property
    def admin(self) -> list:
        return ["chroot", str(ROOT), "mysqladmin", "--no-defaults", "-S", f"{self.inside}/s.sock", "-u", "root"]

    def server_command(self) -> list:
        return self.command("mysqld", f"--socket={self.inside}/s.sock", f"--port={self.port}", "--bind-address=127.0.0.1", "--mysqlx=0",
                            f"--pid-file={self.inside}/pid", "--log-bin=bin", "--server-id=1", "--skip-name-resolve",
                            "--innodb-flush-log-at-trx-commit=2", "--innodb-doublewrite=0", "--innodb-buffer-pool-size=64M",
                            "--lower-case-table-names=0", "--event-scheduler=OFF", "--secure-file-priv=NULL", *self.settings)
