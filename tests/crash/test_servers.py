"""Servers and networks that fail in the middle: restarts, ended sessions, cut connections."""

import time

import pytest

from harness.cluster import Cluster
from harness.migration import Migration
from harness.proxy import Proxy
from crash.steps import assert_equal, run_step, start_step

RATE = 6_000_000   # Bytes a second through a proxy, so that there is a middle.


@pytest.fixture(scope="module")
def safe_target_cluster():
    """Keeps what it has confirmed when it is killed."""
    with Cluster("safe-target", crash_safe=True) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def safe_source_cluster():
    with Cluster("safe-source", crash_safe=True) as cluster:
        yield cluster


@pytest.fixture
def ready(doomed):
    run_step(doomed, "export schema")
    run_step(doomed, "import schema")
    return doomed


def until(condition, running, seconds=180):
    end = time.monotonic() + seconds
    while running.running() and not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


def finish_import(migration, running):
    """A command may survive a failure or end with exit code 5; then it is run again."""
    done = running.finish()
    assert done.code in (0, 5), done
    migration.target_port = 0
    if done.code:
        run_step(migration, "import data", again=True)
    run_step(migration, "finalize")
    assert_equal(migration)


def finish_export(migration, running):
    done = running.finish()
    assert done.code in (0, 4), done
    migration.source_port = 0
    if done.code:
        run_step(migration, "export data", again=True)
    run_step(migration, "import data")
    run_step(migration, "finalize")
    assert_equal(migration)


def test_target_restarts_in_the_middle_of_copy(crash_source, safe_target_cluster, folder):
    migration = Migration(crash_source, safe_target_cluster.create("restarted"), folder)
    for step in ("export schema", "import schema", "export data"):
        run_step(migration, step)
    with Proxy(safe_target_cluster.port, rate=RATE) as slow:
        migration.target_port = slow.port
        running = start_step(migration, "import data")
        until(lambda: migration.target.count("big") > 0, running)
        assert running.running(), "it was done before the restart"
        safe_target_cluster.restart("immediate")
        finish_import(migration, running)


def test_source_restarts_in_the_middle_of_copy(safe_source_cluster, target, folder, crash_source):
    from pathlib import Path
    source = safe_source_cluster.create("restarted")
    source.load(Path(__file__).parent / "source.sql")
    source.sql("CHECKPOINT")   # Else a crash moves sequences on by what they had logged ahead.
    migration = Migration(source, target, folder)
    run_step(migration, "export schema")
    run_step(migration, "import schema")
    with Proxy(safe_source_cluster.port, rate=RATE) as slow:
        migration.source_port = slow.port
        running = start_step(migration, "export data")
        until(lambda: any(p.stat().st_size > 100_000 for p in migration.files("data/**/*")), running)
        assert running.running(), "it was done before the restart"
        safe_source_cluster.restart("immediate")
        finish_export(migration, running)


def end_sessions(db, verb):
    copying = "AND pid IN (SELECT pid FROM pg_stat_progress_copy)" if verb == "COPY" else ""
    return int(db.value(f"""SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() {copying}"""))


def test_sessions_ended_on_the_target(ready):
    run_step(ready, "export data")
    with Proxy(ready.target.port, rate=RATE // 6) as slow:
        ready.target_port = slow.port
        running = start_step(ready, "import data")
        ended = 0
        while ended < 3 and running.running():
            ended += end_sessions(ready.target, "COPY") > 0
        assert ended > 0
        finish_import(ready, running)


def test_sessions_ended_on_the_source(ready):
    with Proxy(ready.source.port, rate=RATE) as slow:
        ready.source_port = slow.port
        running = start_step(ready, "export data")
        until(lambda: end_sessions(ready.source, "COPY") > 0, running)
        assert running.running()
        finish_export(ready, running)


def test_every_session_of_the_source_ended(ready):
    """The snapshot is lost with them."""
    with Proxy(ready.source.port, rate=RATE) as slow:
        ready.source_port = slow.port
        running = start_step(ready, "export data")
        until(lambda: any(p.stat().st_size > 100_000 for p in ready.files("data/**/*")), running)
        assert end_sessions(ready.source, "") > 0
        finish_export(ready, running)


# A target says little, so its direction is cut early.
@pytest.mark.parametrize("direction,after", [("to_server", 1), ("to_server", 3000), ("to_server", 200_000), ("to_server", 1_500_000),
                                             ("to_client", 1), ("to_client", 400)])
def test_cut_on_the_way_to_the_target(ready, direction, after):
    run_step(ready, "export data")
    with Proxy(ready.target.port, cut_after=after, direction=direction, cuts=2) as proxy:
        ready.target_port = proxy.port
        running = start_step(ready, "import data")
        done = running.finish()
        assert proxy.cuts_done > 0
        assert done.code in (0, 5), done
    ready.target_port = 0
    if done.code:
        run_step(ready, "import data", again=True)
    run_step(ready, "finalize")
    assert_equal(ready)


@pytest.mark.parametrize("after", [1, 5000, 300_000, 2_000_000])
def test_cut_on_the_way_from_the_source(ready, after):
    with Proxy(ready.source.port, cut_after=after, direction="to_client", cuts=1) as proxy:
        ready.source_port = proxy.port
        running = start_step(ready, "export data")
        done = running.finish()
        assert proxy.cuts_done == 1
        assert done.code in (0, 4), done
    ready.source_port = 0
    if done.code:
        run_step(ready, "export data", again=True)
    run_step(ready, "import data")
    run_step(ready, "finalize")
    assert_equal(ready)


def test_killed_while_the_server_builds_an_index(migration):
    """The server goes on building; the next run meets it, waits for it, and does not build a second one."""
    migration.source.sql("""
        CREATE FUNCTION slow(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.001); RETURN a; END $$;
        CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 1000);
        CREATE UNIQUE INDEX t_slow ON t (slow(a));""")
    migration.export_schema()
    migration.import_schema()
    migration.export_data()
    running = migration.start(*migration.line("import data"))
    until(lambda: migration.target.value("SELECT count(*) FROM pg_stat_progress_create_index") == "1", running)
    assert running.running(), running.finish()
    running.kill()
    running.finish()
    migration.import_data()
    migration.finalize()
    assert_equal(migration)
