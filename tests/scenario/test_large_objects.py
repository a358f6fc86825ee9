"""Large objects arrive with number, content, owner, rights and comment, exactly once."""

import signal
import sqlite3
from contextlib import closing

import pytest

from harness.migration import assert_same_rows

OBJECTS = """SELECT m.oid, pg_get_userbyid(m.lomowner), m.lomacl, obj_description(m.oid, 'pg_largeobject'),
    (SELECT md5(string_agg(p.pageno || md5(p.data), '' ORDER BY p.pageno)) FROM pg_largeobject p WHERE p.loid = m.oid)
    FROM pg_largeobject_metadata m ORDER BY 1"""


@pytest.fixture
def roles(source_cluster, target_cluster):
    """`keeper` and `reader` on both sides, `stranger` on the source only."""
    for cluster, names in ((source_cluster, ("keeper", "reader", "stranger")), (target_cluster, ("keeper", "reader"))):
        for name in names:
            cluster.db().sql(f"DO $$ BEGIN CREATE ROLE lo_{name} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")


@pytest.fixture
def objects(migration, roles):
    """Of many sizes, among them none, exactly one piece, and several."""
    migration.source.sql("""
        CREATE TABLE picture (id int PRIMARY KEY, img oid);
        INSERT INTO picture SELECT g, lo_from_bytea(0, decode(repeat('ab', g * 100), 'hex')) FROM generate_series(0, 300) g;
        INSERT INTO picture VALUES (1000, lo_from_bytea(0, decode(repeat('0123', 1024 * 512), 'hex'))),
          (1001, lo_from_bytea(0, decode(repeat('4567', 1024 * 512) || 'ff', 'hex'))),
          (1002, lo_from_bytea(0, decode(repeat('89abcdef', 1024 * 1024), 'hex')));
        ALTER TABLE picture ADD note text;
        DO $$ DECLARE p record; BEGIN FOR p IN SELECT * FROM picture WHERE id < 20 LOOP
          EXECUTE format('ALTER LARGE OBJECT %s OWNER TO lo_keeper', p.img);
          EXECUTE format('COMMENT ON LARGE OBJECT %s IS %L', p.img, 'it''s picture ' || p.id);
        END LOOP; END $$;
        DO $$ DECLARE n oid; BEGIN
          SELECT img INTO n FROM picture WHERE id = 5;
          EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO lo_reader WITH GRANT OPTION; GRANT UPDATE ON LARGE OBJECT %1$s TO PUBLIC', n);
          SELECT img INTO n FROM picture WHERE id = 6;
          EXECUTE format('REVOKE UPDATE ON LARGE OBJECT %s FROM lo_keeper', n);
        END $$;""")
    migration.export_schema()
    migration.import_schema()
    return migration


def assert_same_objects(migration):
    assert migration.target.rows(OBJECTS) == migration.source.rows(OBJECTS)
    assert_same_rows(migration.source, migration.target)


def test_many_of_another_owner_and_a_long_one(migration, roles):
    """More than the target can lock in one transaction. Which of them has the bytes is not known before they are read: not all go to one reader."""
    migration.source.sql("""SET ROLE lo_keeper; SELECT count(lo_create(0)) FROM generate_series(1, 15000);
        SELECT lo_from_bytea(0, decode(string_agg(md5(i::text), ''), 'hex')) FROM generate_series(1, 1500000) i""")
    migration.export_schema()
    migration.import_schema()
    migration.export_data("--parallel-jobs", "2")
    with closing(sqlite3.connect(migration.export_dir / "metainfo" / "meta.db")) as state:
        assert state.execute("SELECT count(*) FROM chunk WHERE table_name = 'large object pieces'").fetchone()[0] > 1
    migration.import_data()
    assert migration.target.rows(OBJECTS) == migration.source.rows(OBJECTS)
    migration.import_data("--start-clean", "true", "--truncate-tables", "true", "--yes")
    assert migration.target.rows(OBJECTS) == migration.source.rows(OBJECTS)


def test_they_arrive_with_everything(objects):
    exported = objects.export_data()
    assert "large objects" in exported.err
    objects.import_data("--parallel-jobs", "3", "--batch-size", "40")
    assert_same_objects(objects)
    status = {r["table_name"]: r["imported_count"] for r in objects.status("import")}
    assert status['"pg_catalog"."large objects"'] == 304 and status['"pg_catalog"."large object pieces"'] == 4
    again = objects.import_data()
    assert "already imported" in again.said
    assert_same_objects(objects)
    objects.import_data("--start-clean", "true", "--truncate-tables", "true", "--yes")
    assert_same_objects(objects)


@pytest.mark.parametrize("fault", ["import_data.batch_sent:3", "import_data.batch_committed:3", "import_data.batch_noted:2",
                                   "export_data.chunk_renamed:2", "export_data.chunk_half_written:3"])
def test_killed_anywhere_they_arrive_once(objects, fault):
    step = objects.export_data if fault.startswith("export") else objects.import_data
    if step == objects.import_data:
        objects.export_data()
    killed = step("--parallel-jobs", "2", env={"YB_VOYAGER_FAULT": fault}, expect=None)
    assert killed.code == -signal.SIGKILL, killed
    if step == objects.export_data:
        objects.export_data("--yes")
    objects.import_data("--batch-size", "30")
    assert_same_objects(objects)


def test_an_export_that_goes_on_under_another_snapshot_reads_all_of_them_again(objects):
    """Else pieces would come without their objects."""
    killed = objects.export_data("--parallel-jobs", "1", env={"YB_VOYAGER_FAULT": "export_data.chunk_done:2"}, expect=None)
    assert killed.code == -signal.SIGKILL, killed
    objects.source.sql("INSERT INTO picture VALUES (2000, lo_from_bytea(0, decode(repeat('fe', 3000000), 'hex')))")
    objects.export_data("--yes")
    objects.import_data()
    assert objects.target.rows(OBJECTS) == objects.source.rows(OBJECTS)


def test_roles_that_are_not_there_are_said(objects):
    objects.source.sql("""DO $$ DECLARE n oid; BEGIN SELECT img INTO n FROM picture WHERE id = 30;
        EXECUTE format('ALTER LARGE OBJECT %s OWNER TO lo_stranger; GRANT SELECT ON LARGE OBJECT %1$s TO lo_reader', n); END $$""")
    objects.export_data()
    objects.target.sql(f'ALTER DATABASE "{objects.target.name}" SET client_min_messages = error')
    told = objects.import_data()
    assert "role lo_stranger belong to postgres" in told.said, told
    number = objects.source.value("SELECT img FROM picture WHERE id = 30")
    assert objects.target.rows(f"SELECT pg_get_userbyid(lomowner), lomacl FROM pg_largeobject_metadata WHERE oid = {number}") == [
        ("postgres", "{postgres=rw/postgres,lo_reader=r/postgres}")]


def test_what_is_left_out_is_told_by_the_run_that_ends_though_another_was_killed(objects):
    """And nothing else is: what functions say while rows are loaded is not of large objects, however much it is."""
    objects.source.sql("""INSERT INTO picture (id) SELECT g FROM generate_series(5000, 6500) g;
        DO $$ DECLARE n oid; BEGIN SELECT img INTO n FROM picture WHERE id = 30;
        EXECUTE format('ALTER LARGE OBJECT %s OWNER TO lo_stranger', n); END $$""")
    objects.target.sql("""CREATE FUNCTION chatty(int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'row % comes', $1; RETURN true; END $$;
        ALTER TABLE picture ADD CHECK (chatty(id))""")
    objects.export_data()
    told = []
    while True:
        run = objects.import_data("--parallel-jobs", "1", env={"YB_VOYAGER_FAULT": "import_data.batch_committed"}, expect=None)
        told.append("role lo_stranger belong to" in run.said)
        assert "comes" not in run.said, run
        if run.code == 0:
            break
        assert run.code == -signal.SIGKILL, run
    assert len(told) > 3 and told[-1], told


OWN = "\\x616e6f74686572"


@pytest.mark.parametrize("policy", ["abort", "stash-and-continue"])
def test_an_object_of_the_target_that_has_the_number_is_not_touched(objects, policy):
    """A long one with owner and comment on the source: none of its pieces and rights may reach the target's."""
    long = objects.source.value("SELECT img FROM picture WHERE id = 1002")
    short = objects.source.value("SELECT img FROM picture WHERE id = 7")
    objects.source.sql(f"ALTER LARGE OBJECT {long} OWNER TO lo_keeper; COMMENT ON LARGE OBJECT {long} IS 'of the source'")
    for number in (short, long):
        objects.target.sql(f"SELECT lo_from_bytea({number}, 'another')")
    before = objects.target.rows(OBJECTS)
    objects.export_data()
    flags = ("--error-policy-snapshot", policy)
    for more in ((), (), ("--on-primary-key-conflict", "IGNORE", "--start-clean", "true", "--yes"), ("--start-clean", "true", "--truncate-tables", "true", "--yes")):
        refused = objects.import_data(*flags, *more, expect=7)
        assert "TGT-006" in refused.err and short in refused.err and "this migration did not make" in refused.said, refused
        assert [row for row in objects.target.rows(OBJECTS) if row[0] in (short, long)] == before
    removed = refused.said[refused.said.index("SELECT lo_unlink"):].split(";")[0]
    objects.target.sql(removed)
    if long not in removed:  # Of another batch.
        objects.target.sql(f"SELECT lo_unlink({long})")
    objects.import_data(*flags)
    assert_same_objects(objects)


def test_beginning_anew_replaces_only_what_this_migration_made(objects):
    own = objects.target.value("SELECT lo_from_bytea(4000000000, 'another')")
    objects.export_data()
    objects.import_data("--batch-size", "40")
    objects.target.sql("TRUNCATE picture")
    again = objects.import_data("--start-clean", "true", "--yes", expect=7)
    assert "an earlier import of this migration made" in again.said and "--truncate-tables true" in again.said, again
    objects.target.sql(f"SELECT lo_unlink({objects.source.value('SELECT img FROM picture WHERE id = 3')})")
    objects.import_data("--start-clean", "true", "--truncate-tables", "true", "--yes")
    assert objects.target.value(f"SELECT lo_get({own})") == OWN
    objects.target.sql(f"SELECT lo_unlink({own})")
    assert_same_objects(objects)


def test_they_can_be_left_out(objects):
    told = objects.export_data("--table-list", "picture")
    assert "304 large objects are left out" in told.said
    objects.import_data()
    assert objects.target.value("SELECT count(*) FROM pg_largeobject_metadata") == "0"


def test_without_a_superuser(objects, source_cluster, target_cluster):
    """What may not be read is named with the statement that mends it; on the target everybody may make objects of his own."""
    for side in (objects.source, objects.target):
        side.sql("DO $$ BEGIN CREATE ROLE lo_mover LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    objects.source.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO lo_mover")
    objects.target.sql(f"""GRANT ALL ON ALL TABLES IN SCHEMA public TO lo_mover; GRANT CREATE ON DATABASE "{objects.target.name}" TO lo_mover;
        DO $$ BEGIN IF to_regnamespace('ybvoyager_metadata') IS NOT NULL THEN GRANT ALL ON SCHEMA ybvoyager_metadata TO lo_mover; END IF; END $$""")
    admin_source, admin_target = objects.source, objects.target
    objects.source, objects.target = admin_source.as_user("lo_mover"), admin_target.as_user("lo_mover")
    refused = objects.export_data(expect=6)
    assert "no right to read" in refused.said and "GRANT SELECT ON LARGE OBJECT" in refused.said, refused
    statement = refused.said[refused.said.index("DO $$ DECLARE"):refused.said.index("END $$;") + len("END $$;")]
    admin_source.sql(statement)
    objects.export_data()
    told = objects.import_data("--yes")
    assert "role lo_keeper belong to lo_mover" in told.said, told
    digest = OBJECTS.replace("pg_get_userbyid(m.lomowner), m.lomacl,", "")
    assert admin_target.rows(digest) == admin_source.rows(digest)
