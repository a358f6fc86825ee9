"""The whole path onto the stand-in for YugabyteDB: nodes, refusals that must be tried again, adaptive parallelism."""

import json
import signal

import pytest

from harness.application import wait_for
from harness.cluster import free_port
from harness.metrics import scraped
from harness.migration import Result, assert_same_rows
from harness.printed_commands import printed_in
from harness.proxy import Proxy
from harness.standin import StandinCluster
from harness.terminal import on_a_terminal

SOURCE = """
CREATE TABLE t (id int PRIMARY KEY, body text, n int); INSERT INTO t SELECT g, md5(g::text), g % 10 FROM generate_series(1, 30000) g;
CREATE INDEX t_n ON t (n); CREATE UNIQUE INDEX t_body ON t (body);
CREATE TABLE child (id int PRIMARY KEY, t_id int REFERENCES t); INSERT INTO child SELECT g, g FROM generate_series(1, 500) g;
CREATE TABLE parted (a int, b text) PARTITION BY RANGE (a);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (500);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (500) TO (1000);
INSERT INTO parted SELECT g, 'p' FROM generate_series(0, 999) g;
"""


@pytest.fixture(scope="session")
def standin_cluster():
    with StandinCluster() as cluster:
        yield cluster


@pytest.fixture
def yb(migration, standin_cluster, request):
    migration.source.sql(SOURCE)
    migration.target = standin_cluster.create()
    yield migration
    standin_cluster.drop(migration.target.name)


def refuse(yb, table, sqlstate, message, times):
    yb.target.sql(f"SELECT yb_standin.fail_next('public.{table}', '{sqlstate}', '{message}', {times})")


def test_whole_path(yb):
    yb.export_schema()
    told = yb.import_schema().text
    assert "2025.2.3.0" in told
    assert yb.target.value("SELECT to_regclass('public.t_n') IS NOT NULL") == "t", "indexes are made before the rows here"
    yb.export_data()
    yb.import_data()
    yb.finalize()
    assert_same_rows(yb.source, yb.target)
    yb.verify()
    yb.end()


def test_a_database_without_colocation_is_asked_about(yb):
    report = yb.folder / "report.json"
    report.write_text(json.dumps({"Sizing": {"SizingRecommendation": {"ShardedTables": ["public.t"], "ColocatedTables": ["public.child"]}, "FailureReasoning": ""}}))
    yb.export_schema("--assessment-report-path", report)
    line = yb.line("import schema")
    shown = on_a_terminal(line, yb.env, answer="no\n", expect=10)
    refused = Result(line, 10, "", shown.replace("[y/N] ", "[y/N]\n"))   # What was typed at once is shown above.
    assert "Import all the same?" in refused.said
    yb.command(*printed_in(refused, "SCH-004", "export schema --skip-colocation-recommendations true --start-clean true"), "--yes")
    yb.import_schema()


def test_copied_without_files(yb):
    """Batches in random order, keys and foreign keys there before the rows; killed on the way."""
    yb.export_schema()
    yb.import_schema()
    killed = yb.copy_data("--batch-size", "700", env={"YB_VOYAGER_FAULT": "import_data.batch_committed:9"}, expect=None)
    assert killed.code == -signal.SIGKILL
    yb.copy_data()
    yb.finalize()
    assert_same_rows(yb.source, yb.target)
    yb.verify()


# What YugabyteDB says when a transaction has to be tried again.
RETRYABLE = [
    ("40001", "Restart read required at: { read: { physical: 1 } }"),
    ("40001", "could not serialize access due to concurrent update"),
    ("40P01", "deadlock detected"),
    ("XX000", "schema version mismatch for table 000033e8: expected 1, got 0"),
    ("XX000", "The catalog snapshot used for this transaction has been invalidated: expected: 2, got: 1: MISMATCHED_SCHEMA"),
    ("57P03", "the database system is starting up"),
    ("53300", "sorry, too many clients already"),
]


@pytest.mark.parametrize("sqlstate,message", RETRYABLE, ids=[m.split(":")[0][:40] for _, m in RETRYABLE])
def test_refusals_are_tried_again(yb, sqlstate, message):
    yb.export_schema()
    yb.import_schema()
    yb.export_data()
    refuse(yb, "child", sqlstate, message, 2)
    yb.import_data("--yes", timeout=120)
    assert yb.target.value("SELECT yb_standin.refused('public.child')") == "2"
    yb.target.sql("SELECT yb_standin.stop_failing('public.child')")
    yb.finalize()
    yb.verify()


def test_a_row_too_long_for_a_message_is_not_tried_again(yb):
    yb.export_schema()
    yb.import_schema()
    yb.export_data()
    refuse(yb, "child", "XX000", "Sending too long RPC message (300000000 bytes)", 1000)
    refused = yb.import_data("--yes", expect=1, timeout=60)
    assert "too long RPC" in refused.said
    assert yb.target.value("SELECT yb_standin.refused('public.child')") < "3"


def test_adaptive_parallelism_minds_a_busy_node(yb):
    yb.export_schema()
    yb.import_schema()
    yb.export_data()
    yb.target.sql("UPDATE yb_standin.metric SET cpu_user = 0.99 WHERE uuid = 'node-2'")
    port, busy = free_port(), {}

    def told():
        if (now := scraped(port)):
            busy.update({labels: value for (name, labels), value in now.samples.items() if name == "yb_voyager_cluster_node_cpu_percent"})
        return len(busy) > 1 and max(busy.values()) >= 99

    with yb.target.held("LOCK TABLE child IN EXCLUSIVE MODE"):   # It goes on until it was looked at.
        importing = yb.start(*yb.line("import data"), "--adaptive-parallelism", "balanced", "--batch-size", "500", "--metrics-port", port,
                             env={"ADAPTIVE_PARALLELISM_FREQUENCY_SECONDS": "1"})
        wait_for(lambda: told() or not importing.running(), "the node is busy")
    assert importing.finish().code == 0
    assert len(busy) > 1 and max(busy.values()) >= 99, busy
    yb.finalize()
    yb.verify()


@pytest.mark.parametrize("flags,code", [(["--parallel-jobs", "3"], 0), (["--adaptive-parallelism", "disabled"], 0),
                                        (["--adaptive-parallelism", "aggressive", "--adaptive-parallelism-max", "4"], 0),
                                        (["--adaptive-parallelism", "balanced", "--parallel-jobs", "3"], 2),
                                        (["--batch-size", "20001"], 2)], ids=str)
def test_flags(yb, flags, code):
    yb.export_schema()
    yb.import_schema()
    yb.export_data()
    yb.import_data(*flags, expect=code)


def test_connections_are_spread_over_the_nodes(migration, standin_cluster):
    migration.source.sql(SOURCE)
    with Proxy(standin_cluster.port) as one, Proxy(standin_cluster.port) as two:
        migration.target = standin_cluster.create(nodes=[("127.0.0.1", one.port), ("127.0.0.1", two.port)])
        migration.target_port = one.port
        migration.export_schema()
        migration.import_schema()
        migration.export_data()
        migration.import_data("--batch-size", "1000", "--parallel-jobs", "4")
        assert one.connections > 0 and two.connections > 0
        migration.target_port = 0
        migration.finalize()


def test_a_node_goes_away_in_the_middle(migration, standin_cluster):
    migration.source.sql(SOURCE)
    with Proxy(standin_cluster.port) as one, Proxy(standin_cluster.port, rate=300_000) as two:
        migration.target = standin_cluster.create(nodes=[("127.0.0.1", one.port), ("127.0.0.1", two.port)])
        migration.target_port = one.port
        migration.export_schema()
        migration.import_schema()
        migration.export_data()
        running = migration.start(*migration.line("import data"), "--batch-size", "1000", "--parallel-jobs", "4")
        while running.running() and not two.connections:
            pass
        two.close()
        done = running.finish(200)
        assert done.code in (0, 5), done
        if done.code:
            migration.import_data()
        migration.finalize()
        migration.target_port = 0
    migration.verify()


def test_endpoints_replace_the_discovered_nodes(yb):
    yb.export_schema()
    yb.import_schema()
    yb.export_data()
    yb.target.sql("UPDATE yb_standin.server SET host = '127.0.0.99', public_ip = '127.0.0.99'")
    yb.import_data("--target-endpoints", f"127.0.0.2:{yb.target.port},127.0.0.3:{yb.target.port}")
    yb.finalize()


def test_a_host_that_is_no_node_is_a_load_balancer(yb):
    yb.target.sql("UPDATE yb_standin.server SET host = '10.255.255.1', public_ip = '10.255.255.1'")
    yb.export_schema()
    yb.import_schema()
    yb.export_data()
    told = yb.import_data(timeout=60)
    assert "load balancer" in told.err.lower()


def test_replication_slots_on_the_target_stop_the_import(yb):
    yb.export_schema()
    yb.import_schema()
    yb.export_data()
    yb.target.sql("SELECT pg_create_logical_replication_slot('a_consumer', 'pgoutput')")
    try:
        yb.import_data(expect=6)
        yb.import_data("--skip-replication-checks", "true")
    finally:
        yb.target.cluster.socket_db().sql("SELECT pg_drop_replication_slot('a_consumer')")


def test_a_user_without_powers_is_asked_before_the_schema_is_imported(yb):
    yb.export_schema()
    name = "weak_" + yb.target.name[-6:]
    admin = yb.target
    admin.sql(f'CREATE ROLE {name} LOGIN; GRANT CREATE ON DATABASE "{admin.name}" TO {name};'
              f"GRANT CREATE, USAGE ON SCHEMA public TO {name}; GRANT USAGE ON SCHEMA yb_standin TO {name}")
    yb.target = admin.as_user(name)
    try:
        asked = yb.import_schema(expect=10)
        assert f"user {name} is neither superuser nor member of yb_superuser" in asked.said, asked
        assert admin.value("SELECT to_regclass('public.t') IS NULL") == "t", "nothing has run yet"
        yb.import_schema("--yes")
        assert admin.value("SELECT to_regclass('public.t') IS NULL") == "f"
    finally:
        yb.target = admin
        admin.sql(f"DROP OWNED BY {name}; DROP ROLE {name};")
