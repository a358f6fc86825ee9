"""A schema of 100,000 statements passes, in memory that does not grow with it much and with the threads of a small one."""

import re
import time
from pathlib import Path

import pytest

from harness.cluster import Cluster
from harness.migration import Migration

TABLES = 34_000   # Each is three statements: the table, its key, its index.


def fill(database, tables):
    """In transactions of their own: a server holds a lock for every table of one."""
    for first in range(0, tables, 500):
        database.sql(f"""DO $$ BEGIN FOR g IN {first}..{min(first + 500, tables) - 1} LOOP
            EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, v text)', g);
            EXECUTE format('CREATE INDEX t%s_v ON t%s (v)', g, g);
            END LOOP; END $$""")


def watched(running):
    """The command's end, after it never had more than a handful of threads."""
    while "State:\tZ" not in (status := Path(f"/proc/{running.pid}/status").read_text()):
        assert int(re.search(r"Threads:\s+(\d+)", status)[1]) < 10
        time.sleep(0.05)
    done = running.finish()
    assert done.code == 0, done
    return done


@pytest.mark.long
def test_100_000_statements(folder):
    # pg_dump locks every table at once.
    with Cluster("many", settings={"max_locks_per_transaction": 1024}) as cluster:
        migration = Migration(cluster.create("many_source"), cluster.create("many_target"), folder)
        fill(migration.source, TABLES)
        used = {}

        def timed(step, command):
            begun = time.monotonic()
            done = command()
            used[step] = done.rss_kib
            print(f"{step} {time.monotonic() - begun:.0f} s, {done.rss_kib // 1024} MiB")

        timed("export schema", lambda: watched(migration.start(*migration.line("export schema"))))
        timed("analyze-schema", lambda: migration.command("analyze-schema", "--export-dir", migration.export_dir, timeout=900))
        timed("import schema", lambda: migration.import_schema(timeout=900))
        assert migration.target.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == str(TABLES)
        assert max(used.values()) < 512 * 1024, used
