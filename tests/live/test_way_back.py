"""The way back of a live migration with the real program: fall-back to the source, fall-forward to a source-replica."""

import json
import random
import re
import secrets
import signal
import time

import pytest

from harness.application import Application, TABLES, wait_for
from harness import json_schema
from harness.cluster import Cluster, free_port
from harness.metrics import scraped
from harness.printed_commands import printed_in
from harness.migration import Migration, REPOSITORY, assert_same_rows
from harness.standin import StandinCluster, YugabyteGrammar
from harness.versions import Unavailable, newer_pg_dump, server_programs

LOGICAL = {"wal_level": "logical", "max_replication_slots": 20, "max_wal_senders": 20, "max_prepared_transactions": 10}
ITERATION_POINTS = {"live.iteration_made", "live.iteration_emptied"}
POINTS = {"live.turned", "live.target_slot_made", "live.target_capture_noted", "live.source_prepared"}


@pytest.fixture(scope="module")
def servers():
    """One server for all databases: what a migration sets up on it must not get into its own way."""
    with Cluster("waybk", settings=LOGICAL) as cluster:
        yield cluster


class Live(Migration):
    """A live migration, both processes of it, and where its application writes."""

    export = importing = None

    def begin(self, *of_export_schema, of_export=(), of_import=(), seconds=180):
        self.export_schema(*of_export_schema)
        self.import_schema()
        self.export = self.start(*self.line("export data"), "--export-type", "snapshot-and-changes", "--yes", *of_export, env=self.knobs)
        self.importing = self.start(*self.line("import data"), *of_import, env=self.knobs)
        wait_for(lambda: "Streaming changes" in self.export.err_so_far(), "the changes are streamed", seconds)
        return self

    knobs = {}

    def cutover(self, side, *extra, **options):
        fall_back = ["--prepare-for-fall-back", "true"] if side == "target" and not extra else []
        return self.command("initiate", "cutover", "to", side, "--export-dir", self.export_dir, "--yes", *fall_back, *extra, **options)

    def cutover_status(self):
        return {line.split()[2]: line.split()[3] for line in
                self.command("cutover", "status", "--export-dir", self.export_dir).out.splitlines()[1:]}

    def completed(self, side):
        for one in (self.export, self.importing):
            assert one is None or one.running() or one.finish().code == 0, one.finish()
        return self.cutover_status()[side] == "COMPLETED"

    def wait_completed(self, side, seconds=180):
        wait_for(lambda: self.completed(side), f"cutover to {side}", seconds)

    def lock(self, command_id):
        path = self.export_dir / f".{command_id}Lockfile.lck"
        return int(path.read_text()) if path.exists() else None

    def from_target(self):
        return self.start("export", "data", "from", "target", "--export-dir", self.export_dir)

    def to_source(self):
        return self.start("import", "data", "to", "source", "--export-dir", self.export_dir)


@pytest.fixture
def live(servers, folder):
    name = "wb_" + secrets.token_hex(4)
    source, target = servers.create(name + "_s"), servers.create(name + "_t")
    source.sql(TABLES)
    one = Live(source, target, folder)
    yield one
    for process in (one.export, one.importing):
        if process is not None:
            process.kill()
    remove(servers, source, target)


def remove(servers, *databases):
    """With whatever slot a failed test has left in them."""
    for database in databases:
        servers.drop(database.name, slots=True)


def assert_nothing_left(database):
    assert database.rows("SELECT slot_name FROM pg_replication_slots WHERE database = current_database()") == []
    assert database.rows("SELECT pubname FROM pg_publication") == []
    assert database.value("SELECT relreplident FROM pg_class WHERE relname = 'log'") == "d"


def assert_back(live):
    """The source has taken over again: equal to the target, free of the capture, and its next insert does not collide."""
    for one in (live.export, live.importing):
        done = one.finish(120)
        assert done.code == 0, done
    assert live.cutover_status() == {"target": "COMPLETED", "source": "COMPLETED"}
    assert_same_rows(live.target, live.source)
    live.verify()
    live.source.sql("INSERT INTO customer (name) VALUES ('first after the way back'); INSERT INTO orders (customer) VALUES (1)")
    assert_nothing_left(live.source)
    assert_nothing_left(live.target)


def work(database, seed, seconds=1.5, least=200):
    application = Application(database, seed)
    end = time.monotonic() + seconds
    wait_for(lambda: application.done > least and time.monotonic() > end, "the application works")
    application.finish()


def named_in(text) -> set:
    return set(re.findall(r"yb_voyager_\w+", text))


# Told by targets that know their nodes only: tests/scenario/test_yugabytedb.py.
OF_CLUSTERS = {"yb_voyager_cluster_node_cpu_percent"}


def test_all_roles_are_watched(live):
    """Metrics of one process through its roles; the board, the alerts and the page name what is told, and nothing else; `status`."""
    def state(role):
        found = json.loads(live.command("status", "--export-dir", live.export_dir, "--output-format", "json").out)
        assert json_schema.errors(found, "status") == []
        return found[role]

    ports = free_port(), free_port()
    names = set()

    def scrape(which):
        now = scraped(ports[which])
        names.update(now.names())
        return now

    live.begin(of_export=("--metrics-port", ports[0]), of_import=("--metrics-port", ports[1]))
    applied = lambda kind: scrape(1).value("import_data_cdc_events_total", table_name="log", event_type=kind)
    wait_for(lambda: (scrape(1).value("import_data_snapshot_rows_total", table_name="orders") or 0) >= 10000, "the snapshot is in")
    wait_for(lambda: scrape(1).value("import_data_cdc_events_pending") == 0, "changes are applied")
    live.source.sql("INSERT INTO log SELECT now(), 'watched' FROM generate_series(1, 50); DELETE FROM log WHERE line = 'watched'")
    wait_for(lambda: applied("insert") == 50 and applied("delete") == 50, "changes are counted")
    captured = lambda which, **of: scrape(which).value("export_data_cdc_events_total", **of)
    wait_for(lambda: captured(0, table_name="log", event_type="insert", exporter_role="source_db_exporter") == 50, "they are told once a second", 30)
    (slot,) = live.source.rows("SELECT slot_name FROM pg_replication_slots WHERE database = current_database()")[0]
    assert scrape(0).value("source_replication_slot_retained_wal_bytes", slot_name=slot) is not None
    assert scrape(1).value("import_data_parallelism", importer_role="target_db_importer") > 0
    wait_for(lambda: state("importer")["changes"] == 100 and state("importer")["lag_s"] == 0, "the state tells of changes", 30)
    assert (state("exporter")["command"], state("exporter")["process"], state("exporter")["state"]) == ("export data", live.export.pid, "running")
    with live.target.held("LOCK TABLE log IN EXCLUSIVE MODE"):
        live.source.sql("INSERT INTO log VALUES (now(), 'last')")
        live.cutover("target")
        wait_for(lambda: scrape(1).value("cutover_requested_timestamp_seconds", to="target"), "the cutover is told")
    live.wait_completed("target")
    live.target.sql("UPDATE part SET v = 'back' WHERE id <= 20")
    wait_for(lambda: scrape(0).value("import_data_cdc_events_total", importer_role="source_db_importer", table_name="part", event_type="update") == 20,
             "changes flow back, and are told by the same process on the same port")
    wait_for(lambda: captured(1, exporter_role="target_db_exporter", table_name="part", event_type="update") == 20, "the other one tells them too", 30)
    wait_for(lambda: (state("exporter")["command"], state("importer")["command"]) == ("export data from target", "import data to source"), "the state tells of the roles")
    board = (REPOSITORY / "share/grafana/yb-voyager.json").read_text()
    json.loads(board)
    used = named_in(board) | named_in((REPOSITORY / "share/grafana/alerts.yaml").read_text())
    assert used - names - OF_CLUSTERS == set()
    page = (REPOSITORY / "docs/how-to/metrics.md").read_text()
    page = named_in(page) | named_in(page.replace("yb_voyager_…", "yb_voyager_import")) | named_in(page.replace("yb_voyager_…", "yb_voyager_export"))
    assert {re.sub("_(bucket|sum|count)$", "", name) for name in names} - page == set()
    live.importing.kill(signal.SIGKILL)
    live.importing.finish()
    assert state("exporter")["state"] == "stopped" and state("importer")["state"] == "running"


def test_there_and_back_under_load(live):
    live.begin()
    application = Application(live.source, 1)
    wait_for(lambda: application.done > 300, "the application works on the source")
    pids = live.export.pid, live.importing.pid
    assert "comes after" in live.cutover("source", expect=7).said
    assert "initiate cutover to target" in live.command("export", "data", "from", "target", "--export-dir", live.export_dir, expect=7).said
    assert "initiate cutover to target" in live.command("import", "data", "to", "source", "--export-dir", live.export_dir, expect=7).said
    application.finish()
    assert "prepare-for-fall-back" in live.cutover("target", "--use-yb-grpc-connector", "false", expect=2).said
    live.cutover("target")
    again = live.command("initiate", "cutover", "to", "target", "--export-dir", live.export_dir, "--prepare-for-fall-back", "false", "--yes")
    assert "before with --prepare-for-fall-back true, and that stays" in " ".join(again.said.split()), again
    live.wait_completed("target")
    assert live.cutover_status() == {"target": "COMPLETED", "source": "NOT_INITIATED"}
    assert_nothing_left(live.source)
    # Each is the same process, under its new name.
    wait_for(lambda: (live.lock("import-data-to-source"), live.lock("export-data-from-target")) == pids and (live.lock("export-data"), live.lock("import-data")) == (None, None),
             "each has turned")
    assert "This process goes on as: yb-voyager import data to source --export-dir" in live.export.err_so_far()
    # A second one of each is refused.
    assert "is running" in live.from_target().finish().err
    assert "is running" in live.to_source().finish().err
    customers = live.source.count("customer")
    application = Application(live.target, 2)
    wait_for(lambda: live.source.count("customer") > customers + 20, "changes flow back")
    application.finish()
    live.cutover("source", "--restart-data-migration-source-target", "false")
    assert "before" in live.cutover("source").err
    assert_back(live)
    logs = {p.name for p in live.files("logs/*")}
    assert {"yb-voyager-export-data-from-target.log", "yb-voyager-import-data-to-source.log"} <= logs
    runs = {p.name.split("-2")[0] for p in live.files("reports/runs/*")}
    assert {"export-data", "import-data", "export-data-from-target", "import-data-to-source"} <= runs
    live.end()
    for database in (live.source, live.target):
        assert database.rows("SELECT nspname FROM pg_namespace WHERE nspname = 'ybvoyager_metadata'") == []


def test_killed_again_and_again_on_the_way_back(live):
    """By hand after each kill, as the program said it; what the application writes meanwhile is not lost."""
    live.knobs = {"QUEUE_SEGMENT_MAX_BYTES": "50000"}
    live.begin()
    work(live.source, 3, 0.5)
    live.cutover("target")
    live.wait_completed("target")
    application = Application(live.target, 4)
    chance = random.Random(5)
    for _ in range(6):
        time.sleep(chance.uniform(0.2, 0.8))
        if chance.random() < 0.5:
            live.importing.kill()
            live.importing.finish()
            live.importing = live.from_target()
        else:
            live.export.kill()
            live.export.finish()
            live.export = live.to_source()
    application.finish()
    live.cutover("source")
    assert_back(live)


def killed_at(live, which, point, *line, before=lambda: None):
    """Starts the process `which` anew with that fault, and waits until it has died there."""
    process = getattr(live, which)
    process.kill()
    process.finish()
    process = live.start(*line, "--export-dir", live.export_dir, env={"YB_VOYAGER_FAULT": point})
    before()
    done = process.finish()
    assert done.code == -signal.SIGKILL, f"{point} was not met\n{done}"


def test_killed_at_every_point_of_the_turn(live):
    """The command that the program named goes on; where nothing of the new role is begun, the earlier one does as well."""
    live.begin()
    work(live.source, 6, 0.2)
    exports = ["export", "data", *live.source_flags(), "--export-type", "snapshot-and-changes"]
    imports = ["import", "data", *live.target_flags()]
    from_target, to_source = ["export", "data", "from", "target"], ["import", "data", "to", "source"]
    killed_at(live, "export", "live.source_prepared", *exports, before=lambda: live.cutover("target"))
    live.export = live.to_source()
    killed_at(live, "importing", "live.turned", *imports)
    killed_at(live, "importing", "live.target_slot_made", *imports)
    assert live.cutover_status()["target"] == "INITIATED"
    killed_at(live, "importing", "live.target_capture_noted", *from_target)
    live.importing = live.from_target()
    live.wait_completed("target")
    work(live.target, 7, 0.2)
    killed_at(live, "importing", "live.synced", *from_target, before=lambda: live.target.sql("UPDATE orders SET amount = 1 WHERE id % 9 = 1"))
    killed_at(live, "export", "live.changes_committed", *to_source, before=lambda: setattr(live, "importing", live.from_target()))
    live.cutover("source")
    live.importing.kill()
    live.importing.finish()
    for point in ("live.cutover_captured", "live.cutover_exported"):
        killed_at(live, "importing", point, *from_target)
    live.importing = live.from_target()
    for point in ("live.cutover_applied", "live.cutover_sequences"):
        killed_at(live, "export", point, *to_source)
    live.export = live.to_source()
    assert_back(live)


def test_triggers_and_foreign_keys_of_the_source_wait_for_their_owner(live, servers):
    """The user may not switch them off: no change is applied until the file is run, which the program has written."""
    role = "weak_" + secrets.token_hex(3)
    live.source.sql(f"""
        CREATE TABLE audit (n int, what text);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO audit VALUES (1, TG_OP); RETURN NEW; END';
        CREATE TRIGGER noted AFTER INSERT OR UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION note();
        CREATE ROLE {role} LOGIN REPLICATION;
        GRANT CREATE ON DATABASE "{live.source.name}" TO {role};
        DO $$ DECLARE t record; BEGIN
          FOR t IN SELECT c.oid::regclass AS name FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S')
               AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND c.relkind = 'S' AND d.deptype IN ('a', 'i')) LOOP
            EXECUTE format('ALTER TABLE %s OWNER TO {role}', t.name);
          END LOOP;
        END $$;""")
    owner = live.source
    live.source = live.source.as_user(role)
    live.begin()
    work(owner, 9, 0.3)
    said = live.cutover("target").err
    off = live.export_dir / "schema/way-back/source-triggers-and-foreign-keys-off.sql"
    on = live.export_dir / "schema/way-back/source-triggers-and-foreign-keys-on.sql"
    assert str(off.name) in said
    live.wait_completed("target")
    audited = owner.count("audit")
    live.target.sql("INSERT INTO customer (name) SELECT 'back' FROM generate_series(1, 10)")
    time.sleep(1)
    assert owner.value("SELECT count(*) FROM customer WHERE name = 'back'") == "0"
    owner.load(off)
    wait_for(lambda: owner.value("SELECT count(*) FROM customer WHERE name = 'back'") == "10", "changes are applied")
    assert owner.count("audit") == audited + 10, "what the target's trigger wrote has come, and nothing else"
    work(live.target, 10, 0.3)
    live.cutover("source")
    live.importing.finish()
    done = live.export.finish()
    assert done.code == 0 and on.name in done.err, done
    assert_same_rows(live.target, owner)
    owner.load(on)
    assert owner.value("SELECT count(*) FROM pg_constraint WHERE contype = 'f'") == live.target.value("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")
    before = owner.count("audit")
    owner.sql("INSERT INTO customer (name) VALUES ('x')")
    assert owner.count("audit") == before + 1
    live.export = live.importing = None
    live.end()


def test_a_target_that_cannot_be_captured_is_told_before_the_cutover(live, target_cluster):
    """wal_level of the target is not logical: the application is not stopped for a cutover that cannot be completed."""
    plain = target_cluster.create("wb_plain_" + secrets.token_hex(3))
    one = Live(live.source, plain, live.folder)
    one.begin()
    refused = one.cutover("target", expect=6)
    assert "on the target" in refused.said and "wal_level" in refused.said
    assert one.cutover_status() == {"target": "NOT_INITIATED"}
    one.cutover("target", "--prepare-for-fall-back", "false")
    for process in (one.export, one.importing):
        assert process.finish().code == 0
    target_cluster.drop(plain.name)


@pytest.fixture
def replica(servers):
    """A database like the source, with rows of its own that are to go."""
    database = servers.create("wb_" + secrets.token_hex(4) + "_r")
    database.sql(TABLES)
    yield database
    remove(servers, database)


def to_replica(live, replica, *extra, **options):
    return live.start("import", "data", "to", "source-replica", "--export-dir", live.export_dir, "--source-replica-db-host", replica.host,
                      "--source-replica-db-port", replica.port, "--source-replica-db-user", replica.user, "--source-replica-db-name",
                      replica.name, *extra, **options)


def test_a_replica_follows_the_source_and_then_the_target(live, replica):
    live.begin()
    anew = ["--start-clean", "true", "--truncate-tables", "true"]
    following = to_replica(live, replica, *anew)
    application = Application(live.source, 21)
    # A killed one is started again: at its beginning with the same flags, and without them when its own rows are coming.
    replica.sql("INSERT INTO log VALUES (now(), 'of the replica')")
    time.sleep(0.1)
    following.kill()
    following.finish()
    following = to_replica(live, replica, *anew)
    wait_for(lambda: replica.value("SELECT count(*) FROM log WHERE line = 'of the replica'") == "0" and replica.count("customer") > 0 or not following.running(), "rows come")
    following.kill()
    following.finish()
    following = to_replica(live, replica)
    wait_for(lambda: "Applying changes" in following.err_so_far(), "the snapshot is on the replica")
    wait_for(lambda: application.done > 300, "the application works on the source")
    application.finish()
    assert "source-replica" in live.cutover("target", "--prepare-for-fall-back", "true", expect=2).said
    assert "comes after" in live.cutover("source-replica", expect=7).said
    live.cutover("target", "--prepare-for-fall-back", "false")
    wait_for(lambda: live.cutover_status()["target"] == "COMPLETED", "the cutover to the target")
    assert live.export.finish().code == 0   # It has no successor.
    assert live.cutover_status() == {"target": "COMPLETED", "source-replica": "NOT_INITIATED"}
    wait_for(lambda: live.lock("export-data-from-target") == live.importing.pid, "the importer has turned")
    assert "no way back" in live.cutover("source", expect=7).said
    application = Application(live.target, 22)
    for _ in range(2):
        time.sleep(0.7)
        following.kill()
        following.finish()
        following = to_replica(live, replica)
        live.importing.kill()
        live.importing.finish()
        live.importing = live.from_target()
    application.finish()
    # Asked for while nobody is there to carry it out: it says who is missing, and goes on when they are started.
    for one in (live.importing, following):
        one.kill()
        one.finish()
    requested = live.cutover("source-replica")
    told = live.command(*printed_in(requested, "initiate cutover to source-replica", "cutover status"))
    assert "export data from target is not running" in told.said and "import data to source-replica is not running" in told.said
    live.importing, following = live.from_target(), live.start(*printed_in(told, "cutover status", "import data to source-replica"))
    for one in (live.importing, following):
        done = one.finish(120)
        assert done.code == 0, done
    assert live.cutover_status() == {"target": "COMPLETED", "source-replica": "COMPLETED"}
    assert_same_rows(live.target, replica)
    replica.sql("INSERT INTO customer (name) VALUES ('first on the replica'); INSERT INTO orders (customer) VALUES (1)")
    for database in (live.source, live.target):
        assert_nothing_left(database)
    live.end()
    for database in (live.target, replica):
        assert database.rows("SELECT nspname FROM pg_namespace WHERE nspname = 'ybvoyager_metadata'") == []


def test_a_replica_comes_before_the_cutover(live, replica):
    live.begin()
    live.cutover("target", "--prepare-for-fall-back", "false")
    for one in (live.export, live.importing):
        assert one.finish().code == 0
    refused = to_replica(live, replica).finish()
    assert refused.code == 7 and "CUT-003" in refused.err
    assert live.cutover_status() == {"target": "COMPLETED"}


@pytest.mark.parametrize("kind", ["fall-back", "fall-forward"])
def test_the_template_runs_whole(live, replica, kind):
    """Filled in as a user would, and every command with nothing but the file."""
    archive = live.folder / "archive"
    archive.mkdir()
    text = next(REPOSITORY.glob(f"**/config-templates/live-migration-with-{kind}.yaml")).read_text()
    values = {"absolute-path-to-export-dir": live.export_dir, "absolute-path-to-archive-dir": archive, "source-db-type": "postgresql",
              "source-db-schema": "public", "source-replica-db-schema": "public"}
    for side, database in (("source-replica", replica), ("source", live.source), ("target", live.target)):
        values |= {f"{side}-db-host": database.host, f"{side}-db-name": database.name, f"{side}-db-user": database.user}
        text = re.sub(rf"(?m)^{side}:$", f"{side}:\n  db-port: {database.port}", text)
    for name, value in values.items():
        text = text.replace(f"<{name}>", str(value))
    file = live.folder / "live.yaml"
    file.write_text(text)
    live.env["SOURCE_REPLICA_DB_PASSWORD"] = "not-asked-for"

    def command(words, *extra, **options):
        return live.command(*words.split(), "--config-file", file, *extra, **options)

    replica.sql("TRUNCATE customer, orders, log, part")
    command("export schema", "--yes")
    command("import schema", "--yes")
    live.export = live.start("export", "data", "from", "source", "--config-file", file, "--yes")
    live.importing = live.start("import", "data", "to", "target", "--config-file", file, "--yes")
    wait_for(lambda: "Streaming changes" in live.export.err_so_far(), "the changes are streamed")
    processes = [live.export, live.importing]
    if kind == "fall-forward":
        processes.append(live.start("import", "data", "to", "source-replica", "--config-file", file, "--yes"))
        wait_for(lambda: "Applying changes" in processes[-1].err_so_far(), "the snapshot is on the replica")
    processes.append(live.start("archive", "changes", "--config-file", file))
    work(live.source, 31, 0.3)
    command("initiate cutover to target", "--yes")
    live.wait_completed("target")
    command("finalize-schema-post-data-import")
    work(live.target, 32, 0.3)
    side, back = ("source", live.source) if kind == "fall-back" else ("source-replica", replica)
    command(f"initiate cutover to {side}", "--yes")
    for one in processes:
        done = one.finish()
        assert done.code == 0, done
    assert live.cutover_status() == {"target": "COMPLETED", side: "COMPLETED"}
    assert_same_rows(live.target, back)
    assert list(archive.iterdir()) and not live.files("data/queue/*")
    assert "source-replica" in command("get data-migration-report").out or kind == "fall-back"
    command("end migration", "--yes")


@pytest.mark.parametrize("major", [11, *(pytest.param(one, marks=pytest.mark.long) for one in (14, 18))])
def test_there_and_back_on_other_versions(major, folder):
    try:
        programs, pg_dump = server_programs(major), newer_pg_dump()
    except Unavailable as reason:
        pytest.skip(str(reason))
    with Cluster(f"wb{major}", programs=programs, settings=LOGICAL) as cluster:
        live = Live(cluster.create("there"), cluster.create("back"), folder)
        live.source.sql(TABLES)
        live.begin("--pg-dump-path", pg_dump)
        work(live.source, 41, 0.3)
        live.cutover("target")
        live.wait_completed("target")
        work(live.target, 42, 0.3)
        live.cutover("source")
        assert_back(live)


def test_there_and_back_with_a_target_that_plays_yugabytedb(live, servers):
    with StandinCluster("wbyb", settings=LOGICAL) as cluster, YugabyteGrammar(cluster.port) as proxy:
        one = Live(live.source, cluster.create("back"), live.folder, target_port=proxy.port)
        one.begin()
        work(one.source, 51, 0.3)
        one.cutover("target")
        one.wait_completed("target")
        work(one.target, 52, 0.3)
        one.cutover("source")
        for process in (one.export, one.importing):
            done = process.finish()
            assert done.code == 0, done
        assert_same_rows(one.target, one.source)


def test_columns_that_exchange_their_names_on_the_way_back(live):
    exchange = "BEGIN; ALTER TABLE swap RENAME a TO x; ALTER TABLE swap RENAME b TO a; ALTER TABLE swap RENAME x TO b; COMMIT;"
    live.source.sql("CREATE TABLE swap (id int PRIMARY KEY, a text, b text); INSERT INTO swap SELECT g, 'A', 'B' FROM generate_series(1, 20) g")
    live.begin()
    live.cutover("target")
    live.wait_completed("target")
    live.target.sql(exchange + "UPDATE swap SET a = 'B1', b = 'A1' WHERE id = 1")
    done = live.export.finish()
    assert done.code == 7 and "another one" in done.said and "RENAME COLUMN" in done.said, done
    live.source.sql(re.search(r"BEGIN; ALTER TABLE .*? COMMIT;", done.said).group(0))
    live.export = live.to_source()
    rows = "SELECT id, a, b FROM swap ORDER BY id"
    wait_for(lambda: live.source.rows(rows) == live.target.rows(rows), "they are equal")
    live.cutover("source")
    assert_back(live)


def test_tables_that_are_renamed_on_both_sides_have_no_way_back(live):
    """The way back is captured by the names that the migration knows: what has another one would be left behind in silence."""
    live.source.sql("CREATE TABLE older (id int PRIMARY KEY, a text); INSERT INTO older VALUES (1, 'A'), (2, 'A')")
    live.begin()
    wait_for(lambda: "Applying changes" in live.importing.err_so_far(), "the snapshot is imported")
    for database in (live.target, live.source):
        database.sql("ALTER TABLE older RENAME TO newer")
    live.source.sql("UPDATE newer SET a = 'B' WHERE id = 1")
    wait_for(lambda: live.target.value("SELECT a FROM newer WHERE id = 1") == "B", "changes flow")
    refused = live.cutover("target", expect=6)
    assert "tables are not there: public.older" in " ".join(refused.said.split()), refused
    assert live.cutover_status()["target"] == "NOT_INITIATED"
    for database in (live.target, live.source):
        database.sql("ALTER TABLE newer RENAME TO older")
    live.cutover("target")
    live.wait_completed("target")
    live.target.sql("UPDATE older SET a = 'back' WHERE id = 2")
    wait_for(lambda: live.source.value("SELECT a FROM older WHERE id = 2") == "back", "changes flow back")
    live.cutover("source")
    assert_back(live)
