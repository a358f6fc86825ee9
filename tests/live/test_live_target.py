"""What of the target acts on changes, and what of it changes while they are applied."""

import dataclasses
import json
import secrets
import shutil
import signal
import sqlite3
import time

from harness.application import Application
from harness.migration import assert_same_rows
from harness.proxy import Proxy
from test_live import cutover, live, logical_cluster, start_export, streams, wait_for  # noqa: F401


def test_a_trigger_that_comes_while_changes_are_applied_acts_on_none(live):
    for database in (live.source, live.target):
        database.sql("CREATE TABLE audit (n int)")
    export, importing = start_export(live), live.start(*live.line("import data"), "--yes")
    wait_for(streams(live), "the changes are streamed")
    live.source.sql("INSERT INTO customer (name) VALUES ('before')")
    wait_for(lambda: live.target.value("SELECT count(*) FROM customer WHERE name = 'before'") == "1", "changes are applied")
    live.target.sql("""
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO audit VALUES (1); RETURN NEW; END';
        CREATE TRIGGER noted AFTER INSERT ON customer FOR EACH ROW EXECUTE FUNCTION note(); ALTER TABLE customer ENABLE ALWAYS TRIGGER noted""")
    live.source.sql("INSERT INTO customer (name) VALUES ('behind')")
    done = importing.finish()
    assert done.code == 7 and "CDC-009" in done.err and "would act on changes now: trigger" in " ".join(done.said.split()), done
    importing = live.start(*live.line("import data"), "--yes")
    off = live.export_dir / "schema/way-forward/target-triggers-and-foreign-keys-off.sql"
    wait_for(lambda: off.name in importing.err_so_far(), "it says what acts")
    assert live.target.value("SELECT count(*) FROM customer WHERE name = 'behind'") == "0"
    live.target.load(off)
    cutover(live)
    for one in (export, importing):
        done = one.finish(120)
        assert done.code == 0, done
    assert_same_rows(live.source, live.target)
    assert live.target.count("audit") == 0


def test_a_foreign_key_that_fires_always_acts_on_no_change(live):
    """No setting of a session switches it off: what it would delete stays, also in a run that finds it when it starts."""
    for database in (live.source, live.target):
        database.sql("CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY, parent int)")
    live.source.sql("INSERT INTO parent SELECT generate_series(1, 10); INSERT INTO child SELECT g, g FROM generate_series(1, 10) g")
    export, importing = start_export(live), live.start(*live.line("import data"), "--yes")
    wait_for(streams(live), "the changes are streamed")
    live.source.sql("INSERT INTO parent VALUES (11)")
    wait_for(lambda: live.target.count("parent") == 11, "changes are applied")
    live.target.sql("""ALTER TABLE child ADD CONSTRAINT follows FOREIGN KEY (parent) REFERENCES parent ON DELETE CASCADE;
        DO $$ DECLARE one name; BEGIN
          FOR one IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'parent'::regclass LOOP EXECUTE format('ALTER TABLE parent ENABLE ALWAYS TRIGGER %I', one); END LOOP;
        END $$""")
    live.source.sql("DELETE FROM parent WHERE id < 3")
    done = importing.finish()
    assert done.code == 7 and "CDC-009" in done.err and "would act on changes now: foreign key follows on public.child" in " ".join(done.said.split()), done
    importing = live.start(*live.line("import data"), "--yes")
    off, on = (live.export_dir / f"schema/way-forward/target-triggers-and-foreign-keys-{which}.sql" for which in ("off", "on"))
    wait_for(lambda: off.name in importing.err_so_far(), "it says what acts")
    said = " ".join(importing.err_so_far().split())
    assert "by foreign key follows on public.child, which no setting of a session switches off" in said, said
    time.sleep(1)
    assert (live.target.count("parent"), live.target.count("child")) == (11, 10)
    live.target.load(off)
    finish(live, export, importing)
    assert live.target.count("child") == 10
    assert "follows" in on.read_text()


def test_a_table_that_is_renamed_before_its_first_change(live):
    export, importing = start_export(live), live.start(*live.line("import data"), "--yes")
    wait_for(streams(live), "the changes are streamed")
    live.source.sql("INSERT INTO customer (name) VALUES ('before')")
    wait_for(lambda: live.target.value("SELECT count(*) FROM customer WHERE name = 'before'") == "1", "changes are applied")
    live.target.sql("ALTER TABLE orders RENAME TO elsewhere")
    live.source.sql("INSERT INTO orders (customer, note) SELECT min(id), 'behind' FROM customer")
    done = importing.finish()
    assert done.code == 7 and "CDC-009" in done.err and "has another name now, or is gone" in " ".join(done.said.split()), done
    live.target.sql("ALTER TABLE elsewhere RENAME TO orders")
    finish(live, export, live.start(*live.line("import data"), "--yes"))


def test_an_export_directory_that_is_moved_while_both_run(live):
    export, importing = start_export(live), live.start(*live.line("import data"), "--yes")
    wait_for(streams(live), "the changes are streamed")
    live.source.sql("INSERT INTO customer (name) VALUES ('before')")
    wait_for(lambda: live.target.value("SELECT count(*) FROM customer WHERE name = 'before'") == "1", "changes are applied")
    moved = live.export_dir.rename(live.export_dir.with_name("moved"))
    live.source.sql("INSERT INTO customer (name) VALUES ('behind')")
    for one in (export, importing):
        done = one.finish()
        assert done.code == 7 and "DIR-013" in done.err and "yb-voyager" not in done.err[done.err.index("  then"):].split("  more")[0], done
    live.export_dir = moved
    finish(live, start_export(live), live.start(*live.line("import data"), "--yes"))


def test_triggers_and_foreign_keys_of_the_target_wait_for_their_owner(live):
    """The user may not switch them off: no change is applied until the file is run, which the program has written."""
    role = "weak_" + secrets.token_hex(3)
    owner = live.target
    for database in (live.source, owner):
        database.sql("""
            CREATE TABLE audit (n int, what text);
            CREATE TABLE places (id int PRIMARY KEY, u int UNIQUE DEFERRABLE); CREATE TABLE emptied (id int);
            CREATE TABLE later (id int PRIMARY KEY DEFERRABLE, n int);
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO audit VALUES (1, TG_OP); RETURN NEW; END';
            CREATE TRIGGER noted AFTER INSERT OR UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION note();""")
    live.source.sql("INSERT INTO places VALUES (1, 1), (2, 2)")
    owner.sql(f"""
        CREATE ROLE {role} LOGIN; GRANT CREATE ON DATABASE "{owner.name}" TO {role}; GRANT CREATE, USAGE ON SCHEMA public TO {role};
        DO $$ DECLARE t record; BEGIN
          FOR t IN SELECT c.oid::regclass AS name FROM pg_class c WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'ybvoyager_metadata'))
               AND relkind IN ('r', 'p', 'S') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND c.relkind = 'S' AND d.deptype IN ('a', 'i')) LOOP
            EXECUTE format('ALTER TABLE %s OWNER TO {role}', t.name);
          END LOOP;
          FOR t IN SELECT nspname AS name FROM pg_namespace WHERE nspname = 'ybvoyager_metadata' LOOP
            EXECUTE format('ALTER SCHEMA %I OWNER TO {role}', t.name);
          END LOOP;
        END $$;""")
    live.target = owner.as_user(role)
    import_line = [*live.line("import data"), "--yes"]
    export, importing = start_export(live), live.start(*import_line)
    wait_for(streams(live), "the changes are streamed")
    folder = live.export_dir / "schema/way-forward"
    off, on = (folder / f"target-triggers-and-foreign-keys-{which}.sql" for which in ("off", "on"))
    wait_for(lambda: off.exists() and off.name in importing.err_so_far(), "the files are written")
    assert "psql -h" in importing.err_so_far() and "-U OWNER" in importing.err_so_far() and on.exists()
    # Parent and child in one transaction go through different lanes.
    live.source.sql("""BEGIN; INSERT INTO customer (name) SELECT 'parent' FROM generate_series(1, 20);
        INSERT INTO orders (customer, note) SELECT id, 'child' FROM customer WHERE name = 'parent'; COMMIT; UPDATE customer SET name = 'x' WHERE id <= 10;
        BEGIN; SET CONSTRAINTS ALL DEFERRED; UPDATE places SET u = 2 WHERE id = 1; TRUNCATE emptied; UPDATE places SET u = 1 WHERE id = 2; COMMIT;
        INSERT INTO later SELECT i, i FROM generate_series(1, 9) i; UPDATE later SET n = -n WHERE id > 5;""")
    time.sleep(1)
    importing.kill(signal.SIGKILL)
    importing.finish()
    importing = live.start(*import_line)
    wait_for(lambda: off.name in importing.err_so_far(), "it is told again")
    assert owner.value("SELECT count(*) FROM customer WHERE name = 'parent'") == "0"
    owner.load(off)
    wait_for(lambda: owner.value("SELECT count(*) FROM orders WHERE note = 'child'") == "20", "changes are applied")
    cutover(live)
    for one in (export, importing):
        done = one.finish(120)
        assert done.code == 0, done
    assert on.name in done.err, done
    assert_same_rows(live.source, owner)
    assert owner.count("audit") == 30, "what the source's trigger wrote has come, and nothing else"
    owner.load(on)
    assert owner.value("SELECT count(*) FROM pg_constraint WHERE conname = 'orders_customer_fkey' AND convalidated") == "1"
    assert owner.value("SELECT condeferrable FROM pg_constraint WHERE conname = 'places_u_key'") == "t"
    owner.sql("INSERT INTO customer (name) VALUES ('on the target')")
    assert owner.count("audit") == 31


def finish(live, export, importing):
    cutover(live)
    for one in (export, importing):
        done = one.finish(120)
        assert done.code == 0, done
    assert_same_rows(live.source, live.target)


def test_transactions_are_kept_whole_and_in_their_order(live):
    """Whoever reads the target sees what a reader of the source could have seen: the sum of two tables never changes."""
    for database in (live.source, live.target):
        database.sql("CREATE TABLE here (id int PRIMARY KEY, amount int); CREATE TABLE there (LIKE here INCLUDING ALL)")
    live.source.sql("INSERT INTO here SELECT g, 100 FROM generate_series(1, 40) g; INSERT INTO there SELECT g, 100 FROM generate_series(1, 40) g")
    export, importing = start_export(live), live.start(*live.line("import data"), "--keep-transactions", "true")
    wait_for(streams(live), "the changes are streamed")
    total = "SELECT (SELECT sum(amount) FROM here) + (SELECT sum(amount) FROM there)"
    wait_for(lambda: live.target.value(total) == "8000", "the rows are there")
    move = """BEGIN; UPDATE here SET amount = amount - 1 WHERE id < 41 AND id % 3 = {n}; UPDATE there SET amount = amount + 1 WHERE id % 3 = {n};
        SELECT pg_sleep(0.01); COMMIT;"""
    fill = "BEGIN; CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM there; TRUNCATE there; INSERT INTO there SELECT * FROM kept; COMMIT;"
    live.source.sql("BEGIN; INSERT INTO here SELECT g, 0 FROM generate_series(1000, 30000) g; UPDATE there SET amount = amount + 1 WHERE id = 1; UPDATE here SET amount = amount - 1 WHERE id = 1; COMMIT")
    for round_ in range(6):
        live.source.sql("".join(move.format(n=n % 3) for n in range(20)))
        assert live.target.value(total) == "8000", round_
    for _ in range(20):
        assert live.target.value(total) == "8000"
    live.source.sql(fill + move.format(n=1) + fill)  # Not read meanwhile: readers see a truncation at once.
    assert live.target.value("SELECT count(*) FROM ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo") == "1"
    importing.kill(signal.SIGKILL)
    importing.finish()
    refused = live.command(*live.line("import data"), "--keep-transactions", "false", expect=7)
    assert "CDC-003" in refused.said and "leave --keep-transactions out" in refused.said
    assert "--keep-transactions false" not in refused.said, "the command to go on with leaves it out"
    importing = live.start(*live.line("import data"))
    finish(live, export, importing)


def test_partition_keys_decide_the_lane(live):
    for database in (live.source, live.target):
        database.sql("CREATE TABLE nokey (a int NOT NULL)")
    line = [*live.line("import data"), "--cdc-partition-key", "table", "--cdc-partition-key-overrides", "public.orders:pk;public.part:(k)"]
    export, importing = start_export(live), live.start(*line)
    wait_for(streams(live), "the changes are streamed")
    application = Application(live.source, 5)
    wait_for(lambda: application.done > 200, "the application works")
    importing.kill(signal.SIGKILL)
    importing.finish()
    # What is wrong is told, and not kept.
    for wrong, word in (("public.nowhere:pk", "no table public.nowhere"), ("public.part:(nothing)", "no column nothing"),
                        ("public.orders:(amount)", "column amount is not part"), ("public.nokey:(a)", "has no key")):
        refused = live.command(*live.line("import data"), "--cdc-partition-key-overrides", wrong, expect=2)
        assert word in " ".join(refused.said.split()), refused
    importing = live.start(*live.line("import data"))
    applied = "SELECT coalesce(sum(num_updates), 0) > {} FROM ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo"
    before = live.target.value(applied.replace(" > {}", ""))
    wait_for(lambda: live.target.value(applied.format(before)) == "t" or not importing.running(), "it goes on as it was settled before")
    importing.kill(signal.SIGKILL)
    assert importing.finish().code == -9
    importing = live.start(*live.line("import data"), "--cdc-partition-key", "auto", "--cdc-partition-key-overrides", "public.part:pk")
    wait_for(lambda: application.done > 400, "the application works")
    importing.kill(signal.SIGKILL)
    importing.finish()
    importing = live.start(*line)
    wait_for(lambda: application.done > 500, "the application works")
    application.finish()
    finish(live, export, importing)


def test_changes_of_many_tables_take_few_round_trips(live):
    tables = range(40)
    for database in (live.source, live.target):
        database.sql("".join(f"CREATE TABLE many_{i} (id int PRIMARY KEY, n int);" for i in tables))
    direct = live.target
    with Proxy(direct.port) as proxy:
        live.target = dataclasses.replace(direct, through=proxy.port)
        export, importing = start_export(live), live.start(*live.line("import data"), env={"NUM_EVENT_CHANNELS": "1"})
        wait_for(streams(live), "the changes are streamed")

        def trips(statement, wanted):
            live.source.sql("BEGIN;" + "".join(statement.format(i=i) for i in tables) + "COMMIT")
            before = proxy.round_trips
            wait_for(lambda: direct.value("SELECT " + " + ".join(f"(SELECT coalesce(sum(n), 0) FROM many_{i})" for i in tables)) == str(wanted), "it is applied")
            return proxy.round_trips - before

        trips("INSERT INTO many_{i} VALUES (1, 1);", len(tables))  # Statements are made, once.
        trips("UPDATE many_{i} SET n = 2;", 2 * len(tables))
        assert trips("UPDATE many_{i} SET n = 3;", 3 * len(tables)) < len(tables) / 2
        finish(live, export, importing)


def test_an_index_that_comes_between_two_runs_hides_no_change(live):
    """With it all changes of the table go through one lane; those that an earlier run has applied, it applied by lanes of their keys."""
    for database in (live.source, live.target):
        database.sql("CREATE TABLE counted (id int PRIMARY KEY, n int)")
    live.source.sql("INSERT INTO counted SELECT g, 0 FROM generate_series(1, 200) g")
    lanes = {"NUM_EVENT_CHANNELS": "8", "LANES_TOGETHER_ROWS_MAX": "1"}
    export, importing = start_export(live), live.start(*live.line("import data"), env=lanes)
    wait_for(streams(live), "the changes are streamed")
    applied = "SELECT max(last_applied_vsn) - min(last_applied_vsn) FROM ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo"
    wait_for(lambda: live.target.value("SELECT to_regclass('ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo') IS NOT NULL") == "t" and live.target.value(applied) == "0", "it applies")
    for index in ("CREATE UNIQUE INDEX counted_x ON counted ((id + 0))", "DROP INDEX counted_x"):
        # One row is held, so its lane stands still while the others go on.
        with live.target.held("SELECT FROM counted WHERE id = 7 FOR UPDATE"):
            live.source.sql("UPDATE counted SET n = n + 1 WHERE id = 7")
            wait_for(lambda: live.target.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == "1", "its lane waits")
            live.source.sql("UPDATE counted SET n = n + 1 WHERE id <> 7; INSERT INTO counted SELECT max(id) + g, 0 FROM counted, generate_series(1, 100) g GROUP BY g")
            wait_for(lambda: int(live.target.value(applied)) > 0, "the other lanes are ahead")
            importing.kill(signal.SIGKILL)
            importing.finish()
        live.target.sql(index)
        importing = live.start(*live.line("import data"), env=lanes)
        live.source.sql("UPDATE counted SET n = n + 1 WHERE id % 2 = 0")
        wait_for(lambda: live.target.value("SELECT sum(n) FROM counted") == live.source.value("SELECT sum(n) FROM counted"), "they are equal")
    finish(live, export, importing)


def test_one_large_transaction_that_is_kept_whole_shows_movement(live):
    export = start_export(live)
    importing = live.start(*live.line("import data"), "--keep-transactions", "true", "--progress", "json", "--progress-interval", "1")
    wait_for(streams(live), "the changes are streamed")
    wait_for(lambda: live.target.value("SELECT count(*) FROM customer") == "2000", "the rows are there")
    with live.target.held("INSERT INTO part VALUES (39999, 1, 'of another session')"):
        # The first table's rows are taken, the second's wait for somebody who may have the same key: nothing is committed, and that is said.
        live.source.sql("BEGIN; INSERT INTO orders (customer, amount) SELECT 1, g FROM generate_series(1, 30000) g; INSERT INTO part SELECT g, 1, 'large' FROM generate_series(10000, 40000) g; COMMIT")
        def sent():
            events = [json.loads(line) for line in importing.err_so_far().splitlines() if line.startswith("{") and "changes.progress" in line]
            return any(one["sent"] >= 20000 and one["remaining"] > 50000 for one in events)
        wait_for(sent, "it is told how much of it was sent")
    finish(live, export, importing)


SEGMENTS = {"QUEUE_SEGMENT_MAX_BYTES": "20000"}
IMPORTED = "SELECT count(*) FROM queue_segment_meta WHERE imported_by_target_db_importer"


def imported_segments(live):
    with sqlite3.connect(f"file:{live.export_dir}/metainfo/meta.db?mode=ro", uri=True) as db:
        return db.execute(IMPORTED).fetchone()[0]


def over_segments(live):
    """Changes that fill several segments, which are imported and noted as that."""
    export = live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes", env=SEGMENTS)
    importing = live.start(*live.line("import data"))
    wait_for(streams(live), "the changes are streamed")
    fill_segments(live, 3)
    return export, importing


def fill_segments(live, more):
    before = imported_segments(live)
    application = Application(live.source, 5)
    wait_for(lambda: imported_segments(live) >= before + more, "segments are imported")
    application.finish()


def kill(*processes):
    for one in processes:
        one.kill(signal.SIGKILL)
        one.finish()


def test_an_import_that_begins_anew_gets_every_segment_again(live):
    export, importing = over_segments(live)
    kill(importing)
    importing = live.start(*live.line("import data"), "--start-clean", "true", "--truncate-tables", "true", "--yes")
    finish(live, export, importing)


def test_a_target_that_was_restored_gets_what_it_has_lost(live):
    """The directory notes as imported what the older database does not have: the database is believed."""
    export, importing = over_segments(live)
    kill(importing)
    server, name = live.target.cluster.socket_db(), live.target.name
    server.sql(f'CREATE DATABASE "{name}_backup" TEMPLATE "{name}"')
    importing = live.start(*live.line("import data"))
    fill_segments(live, 3)
    kill(importing)
    server.sql(f'DROP DATABASE "{name}"')
    server.sql(f'ALTER DATABASE "{name}_backup" RENAME TO "{name}"')
    importing = live.start(*live.line("import data"))
    finish(live, export, importing)


def test_a_run_that_was_only_mistyped_settles_nothing(live):
    """The number of lanes is settled by the run that begins to apply."""
    export = start_export(live)
    wait_for(streams(live), "the changes are streamed")
    live.command(*live.line("import data"), "--cdc-partition-key-overrides", "public.nothing:table", expect=2)
    finish(live, export, live.start(*live.line("import data"), "--keep-transactions", "true"))


def test_a_directory_that_is_older_than_the_target_is_refused(live):
    """Copied while its processes ran: what is captured next gets numbers that the target's lanes call applied."""
    export, importing = over_segments(live)
    for one in (export, importing):
        one.kill(signal.SIGSTOP)
    older = live.export_dir.with_name("older")
    shutil.copytree(live.export_dir, older)
    for one in (export, importing):
        one.kill(signal.SIGCONT)
    fill_segments(live, 3)
    kill(export, importing)
    newer = live.export_dir.rename(live.export_dir.with_name("newer"))
    older.rename(live.export_dir)
    refused = live.command(*live.line("import data"), expect=7)
    assert "IMP-007" in refused.err and "restored from an older copy" in " ".join(refused.said.split()), refused
    shutil.rmtree(live.export_dir)
    newer.rename(live.export_dir)
    finish(live, start_export(live), live.start(*live.line("import data")))


def test_deferrable_keys_are_not_checked_while_changes_flow(live):
    """Two rows may have one value in the middle of a transaction, parts of which are applied by themselves: here where lanes wait for one another, at a
    truncation, and at a table that gets a column. What is applied together with such rows fires no trigger and no foreign key either."""
    for database in (live.source, live.target):
        database.sql("""
            CREATE TABLE places (id int PRIMARY KEY, u int UNIQUE DEFERRABLE INITIALLY DEFERRED);
            CREATE TABLE shifted (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v int);
            CREATE TABLE emptied (id int PRIMARY KEY); CREATE TABLE wider (id int PRIMARY KEY);
            CREATE TABLE taken (id int PRIMARY KEY, k text UNIQUE);
            CREATE TABLE parents (id int PRIMARY KEY); CREATE TABLE watched (id int PRIMARY KEY, parent int REFERENCES parents);
            CREATE TABLE seen (id int);
            CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO seen VALUES (NEW.id); RETURN NEW; END';
            CREATE TRIGGER sees AFTER INSERT ON watched FOR EACH ROW EXECUTE FUNCTION see();""")
    live.source.sql("INSERT INTO places SELECT g, g FROM generate_series(1, 40) g; INSERT INTO shifted SELECT g, g FROM generate_series(1, 400) g; INSERT INTO taken SELECT g FROM generate_series(1, 200) g; ALTER TABLE taken REPLICA IDENTITY FULL")
    export, importing = start_export(live), live.start(*live.line("import data"))
    wait_for(streams(live), "the changes are streamed")
    wait_for(lambda: live.target.count("places") == 40, "the rows are there")
    first, second = (f"UPDATE places SET u = 41 - u WHERE id {half} 20;" for half in ("<=", ">"))
    live.source.sql(f"""DO $$ BEGIN FOR n IN 1..150 LOOP
          INSERT INTO parents VALUES (n); {first}
          UPDATE taken SET k = NULL WHERE id = n; UPDATE taken SET k = 'one' WHERE id = n + 1;
          {second} INSERT INTO watched VALUES (n, n); COMMIT;
        END LOOP; END $$""")
    live.source.sql(f"BEGIN; {first} TRUNCATE emptied; INSERT INTO emptied VALUES (1); {second} COMMIT")
    live.source.sql(f"BEGIN; {first} ALTER TABLE wider ADD more int; INSERT INTO wider VALUES (1, 2); {second} COMMIT")
    # A row gets the key of the next one, which has it as well for a moment.
    live.source.sql("UPDATE shifted SET id = id + 1, v = id; UPDATE shifted SET v = -v WHERE id % 3 = 0; BEGIN; UPDATE shifted SET id = id - 1; DELETE FROM shifted WHERE id % 7 = 0; COMMIT")
    # More rows than a lane takes at once.
    live.source.sql("BEGIN; INSERT INTO places SELECT g, g FROM generate_series(41, 30000) g; UPDATE places SET u = 30001 - u; COMMIT")
    finish(live, export, importing)
    assert live.target.count("seen") == 150, "what the source's trigger wrote has come, and nothing else"


def test_a_transaction_that_is_open_at_the_cutover_is_told(live):
    export, importing = start_export(live), live.start(*live.line("import data"), "--yes")
    wait_for(streams(live), "the changes are streamed")
    with live.source.held("INSERT INTO customer (name) VALUES ('late')"):
        long_open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL AND xact_start < now() - interval '5 seconds'"
        wait_for(lambda: live.source.value(long_open) == "1", "it is open for long")
        cutover(live)
        for one in (export, importing):
            done = one.finish(120)
            assert done.code == 0, done
            if one is export:
                assert "What it commits after the cutover is left behind" in " ".join(done.said.split()), done
