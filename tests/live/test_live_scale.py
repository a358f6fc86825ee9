"""How long a cutover takes with many tables, and what an idle migration costs. Prints its figures (-s)."""

import os
import time
from pathlib import Path

import pytest

from harness.application import wait_for
from harness.migration import assert_same_rows
from live.test_way_back import Live, remove, servers  # noqa: F401

TABLES = 2000


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.long
def test_cutover_of_many_tables_and_an_idle_migration(servers, folder):
    source, target = servers.create("scale_s"), servers.create("scale_t")
    for first in range(0, TABLES, 500):
        source.sql("".join(f"CREATE TABLE t{n} (id bigserial PRIMARY KEY, v text); INSERT INTO t{n} (v) VALUES ('a'), ('b');\n"
                           for n in range(first, first + 500)))
    live = Live(source, target, folder)
    try:
        live.begin(seconds=600)
        wait_for(lambda: "Applying changes" in live.importing.err_so_far(), "the rows are on the target", 600)
        source.sql("".join(f"INSERT INTO t{n} (v) VALUES ('c');\n" for n in range(TABLES)))
        wait_for(lambda: target.value(f"SELECT count(*) FROM t{TABLES - 1} WHERE v = 'c'") == "1", "changes are applied", 300)
        time.sleep(15)
        before = [cpu_seconds(one.pid) for one in (live.export, live.importing)]
        time.sleep(20)
        idle = [100 * (cpu_seconds(one.pid) - was) / 20 for one, was in zip((live.export, live.importing), before)]
        source.sql("UPDATE t0 SET v = 'last'")
        begun = time.monotonic()
        live.cutover("target", "--prepare-for-fall-back", "false")
        wait_for(lambda: live.cutover_status()["target"] == "COMPLETED", "the cutover")
        took = time.monotonic() - begun
        print(f"\ncutover of {TABLES} tables, from the last write to sequences set: {took:.1f} s; "
              f"idle: export {idle[0]:.2f} % of a core, import {idle[1]:.2f} %")
        assert took < 10
        assert max(idle) < 1
        for one in (live.export, live.importing):
            assert one.finish().code == 0
        assert target.value("SELECT nextval('t7_id_seq')") == "4"
        assert_same_rows(source, target)
    finally:
        for one in (live.export, live.importing):
            if one is not None:
                one.kill()
        remove(servers, source, target)
