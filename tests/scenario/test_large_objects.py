"""Large objects arrive with number, content, owner, rights and comment, exactly once."""

import signal

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


def test_they_arrive_with_everything(objects):
    exported = objects.export_data()
    assert "large objects" in exported.err
    objects.import_data("--parallel-jobs", "3", "--batch-size", "40")
    assert_same_objects(objects)
    status = {r["table_name"]: r["imported_count"] for r in objects.status("import")}
    assert status["pg_catalog.\"large objects\""] == 304 and status["pg_catalog.\"large object pieces\""] == 4
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
    told = objects.import_data()
    assert "role lo_stranger belong to postgres" in told.said, told
    number = objects.source.value("SELECT img FROM picture WHERE id = 30")
    assert objects.target.rows(f"SELECT pg_get_userbyid(lomowner), lomacl FROM pg_largeobject_metadata WHERE oid = {number}") == [
        ("postgres", "{postgres=rw/postgres,lo_reader=r/postgres}")]


def test_a_number_that_is_taken_is_refused(objects):
    number = objects.source.value("SELECT img FROM picture WHERE id = 7")
    objects.target.sql(f"SELECT lo_from_bytea({number}, 'another')")
    objects.export_data()
    refused = objects.import_data(expect=1)
    assert "IMP-001" in refused.err and number in refused.err, refused
    assert objects.target.value(f"SELECT lo_get({number})") == "\\x616e6f74686572"


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
