"""The way back of a live migration with the real program: fall-back to the source."""

import random
import secrets
import signal
import time

import pytest

from harness.application import Application, TABLES, wait_for
from harness.cluster import Cluster
from harness.migration import Migration, assert_same_rows

POINTS = {"live.turned", "live.target_slot_made", "live.target_capture_noted", "live.source_prepared"}


@pytest.fixture(scope="module")
def servers():
    """One server for all databases: what a migration sets up on it must not get into its own way."""
    with Cluster("waybk", settings={"wal_level": "logical", "max_replication_slots": 20, "max_wal_senders": 20}) as cluster:
        yield cluster


class Live(Migration):
    """A live migration, both processes of it, and where its application writes."""

    export = importing = None

    def begin(self):
        self.export_schema()
        self.import_schema()
        self.export = self.start(*self.line("export data"), "--export-type", "snapshot-and-changes", "--yes", env=self.knobs)
        self.importing = self.start(*self.line("import data"), env=self.knobs)
        wait_for(lambda: "Streaming changes" in self.export.err_so_far(), "the changes are streamed")
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

    def wait_completed(self, side, seconds=60):
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
    server = servers.db()
    for database in databases:
        for (slot,) in server.rows(f"SELECT slot_name FROM pg_replication_slots WHERE database = '{database.name}'"):
            server.sql(f"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '{slot}' AND active_pid IS NOT NULL")
            wait_for(lambda: server.rows(f"SELECT FROM pg_replication_slots WHERE slot_name = '{slot}' AND active") == [], "the slot is free", 10)
            server.sql(f"SELECT pg_drop_replication_slot('{slot}')")
        servers.drop(database.name)


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
    live.wait_completed("target")
    assert live.cutover_status() == {"target": "COMPLETED", "source": "NOT_INITIATED"}
    assert_nothing_left(live.source)
    # Each is the same process, under its new name.
    assert (live.lock("import-data-to-source"), live.lock("export-data-from-target")) == pids
    assert (live.lock("export-data"), live.lock("import-data")) == (None, None)
    assert "SOURCE_DB_PASSWORD=***" in live.export.err_so_far() and "import data to source --export-dir" in live.export.err_so_far()
    # A second one of each is refused.
    assert "is running" in live.from_target().finish().err
    assert "is running" in live.to_source().finish().err
    customers = live.source.count("customer")
    application = Application(live.target, 2)
    wait_for(lambda: live.source.count("customer") > customers + 20, "changes flow back")
    application.finish()
    live.cutover("source")
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
    done = process.finish(60)
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
    live.importing.finish(60)
    done = live.export.finish(60)
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
        assert process.finish(60).code == 0
    target_cluster.drop(plain.name)
