"""A target that is not empty: key conflicts, truncation, starting clean."""

import re
import shutil

import pytest

from harness.application import wait_for


@pytest.fixture
def half_full(migration):
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, 'source' FROM generate_series(1, 300) g;")
    migration.export_schema()
    migration.import_schema()
    migration.target.sql("INSERT INTO t SELECT g, 'target' FROM generate_series(201, 400) g;")
    migration.export_data()
    return migration


def test_conflicts_can_be_ignored(half_full):
    half_full.import_data("--on-primary-key-conflict", "IGNORE", "--yes")
    assert half_full.target.rows("SELECT v, count(*) FROM t GROUP BY v ORDER BY v") == [("source", "200"), ("target", "200")]


def test_the_conflict_action_cannot_change_on_resume(half_full):
    half_full.import_data("--on-primary-key-conflict", "IGNORE", "--yes")
    half_full.import_data("--on-primary-key-conflict", "ERROR-POLICY", "--yes", expect=7)


def test_a_table_with_rows_is_asked_about(half_full):
    asked = half_full.import_data(expect=10)
    assert "t" in asked.err and "--" in asked.err
    assert half_full.target.count("t") == 200


def test_an_export_that_is_begun_anew_ends_the_import_that_is_under_way(migration):
    """What the import meets is a file that is gone; what it says is why, and what to do."""
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, repeat(md5(g::text), 20) FROM generate_series(1, 8000) g;"
                         "CREATE TABLE u (id int PRIMARY KEY, v text); INSERT INTO u SELECT * FROM t")
    migration.export_schema()
    migration.import_schema()
    migration.export_data()
    with migration.target.held("LOCK TABLE t, u IN SHARE MODE"):
        importing = migration.start(*migration.line("import data"), "--parallel-jobs", "1", "--batch-size", "500")
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IN ('t'::regclass, 'u'::regclass)"
        wait_for(lambda: migration.target.value(waits) == "1" or not importing.running(), "the first rows wait for their table")
        migration.export_data("--start-clean", "true", "--yes")
    done = importing.finish()
    assert done.code == 7 and "IMP-006" in done.err and "--start-clean true --truncate-tables true" in " ".join(done.err.split()), done
    migration.import_data("--start-clean", "true", "--truncate-tables", "true", "--yes")
    migration.verify()


def test_a_copy_of_the_export_directory_that_stayed_behind_is_refused(migration):
    """Its files and those of the other one have the same names."""
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, 'source' FROM generate_series(1, 300) g;")
    migration.export_schema()
    migration.import_schema()
    migration.export_data()
    migration.target.sql("ALTER TABLE t ADD CONSTRAINT seven CHECK (id <> 7)")
    migration.import_data("--error-policy-snapshot", "stash-and-continue", expect=8)
    migration.target.sql("ALTER TABLE t DROP CONSTRAINT seven")
    first = migration.export_dir
    copy = first.with_name("copy")
    shutil.copytree(first, copy)
    migration.source.sql("UPDATE t SET v = 'later'; DELETE FROM t WHERE id > 100")
    anew = ["--start-clean", "true", "--yes"]
    told = migration.export_data(*anew)
    assert "the import has to begin anew too: import data with --start-clean true --truncate-tables true" in told.said
    assert "IMP-006" in migration.import_data(expect=7).err
    migration.import_data(*anew, "--truncate-tables", "true")
    migration.import_data()
    migration.export_dir = copy
    for refused in (migration.import_data(expect=7), migration.command("rejects", "retry", "--export-dir", copy, "--yes", expect=7)):
        assert "IMP-007" in refused.err, refused
    assert "in the export directory that was used last" in migration.import_data(expect=7).said
    migration.export_dir = first
    migration.import_data()
    migration.verify()
    # Where the other one is gone, the copy can begin anew.
    migration.export_dir = copy
    migration.export_data(*anew)
    migration.import_data(*anew, "--truncate-tables", "true")
    migration.export_dir = first
    assert "IMP-007" in migration.import_data(expect=7).err


def test_a_run_that_is_declined_takes_nothing_over(migration):
    """A copy that knows the last run is started by mistake: with another flag, and with a question that nobody answers."""
    migration.source.sql("CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 300); CREATE TABLE u (id int); INSERT INTO u VALUES (1)")
    migration.export_schema()
    migration.import_schema()
    migration.export_data()
    migration.import_data("--table-list", "t")
    first, copy = migration.export_dir, migration.export_dir.with_name("copy")
    shutil.copytree(first, copy)
    migration.export_dir = copy
    assert "another errorPolicySnapshot" in migration.import_data("--error-policy-snapshot", "stash-and-continue", expect=7).err
    migration.target.sql("INSERT INTO u VALUES (7)")
    assert "CLI-010" in migration.import_data(expect=None).err
    migration.target.sql("TRUNCATE u")
    migration.export_dir = first
    migration.import_data()
    migration.verify()


def test_two_copies_that_begin_at_once_are_one_too_many(migration):
    """Both have looked at the same mark: the one that is killed before it leaves its own, and the other one."""
    migration.source.sql("CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 300)")
    migration.export_schema()
    migration.import_schema()
    migration.export_data()
    first, copy = migration.export_dir, migration.export_dir.with_name("copy")
    shutil.copytree(first, copy)
    migration.export_dir = copy
    migration.import_data(env={"YB_VOYAGER_FAULT": "import_data.run_noted"}, expect=None)
    migration.export_dir = first
    migration.import_data()
    migration.export_dir = copy
    assert "IMP-007" in migration.import_data(expect=7).err
    migration.export_dir = first
    migration.verify()


def test_rows_whose_bookkeeping_is_gone_are_not_loaded_again(migration):
    migration.source.sql("CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 300)")
    migration.move()
    migration.target.sql("DROP SCHEMA ybvoyager_metadata CASCADE")
    assert "IMP-008" in migration.import_data(expect=7).err
    migration.verify()
    # A database that was made anew has none of them.
    migration.target.sql("TRUNCATE t")
    migration.import_data()
    migration.verify()


def test_a_copy_is_refused_by_copy_data(migration):
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 300)")
    migration.export_schema()
    migration.import_schema()
    behind = migration.export_dir.with_name("behind")
    migration.copy_data(env={"YB_VOYAGER_FAULT": "copy_data.chunk_half_read"}, expect=None)
    shutil.copytree(migration.export_dir, behind)
    migration.copy_data("--yes")
    first, migration.export_dir = migration.export_dir, behind
    assert "IMP-007" in migration.copy_data("--yes", expect=7).err
    migration.export_dir = first
    migration.verify()


def test_truncate(half_full):
    half_full.import_data("--start-clean", "true", "--truncate-tables", "true", "--yes")
    assert half_full.target.rows("SELECT DISTINCT v FROM t") == [("source",)]
    half_full.verify()


def test_truncate_needs_start_clean(half_full):
    half_full.import_data("--truncate-tables", "true", "--yes", expect=2)


def test_truncate_minds_foreign_keys(migration):
    migration.source.sql("""CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a);
        INSERT INTO a SELECT generate_series(1, 20); INSERT INTO b SELECT generate_series(1, 20);""")
    migration.move()
    migration.import_data("--start-clean", "true", "--truncate-tables", "true", "--yes")
    migration.finalize()
    migration.verify()


def test_import_schema_twice(migration):
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE); INSERT INTO t VALUES (1, 'a');")
    migration.export_schema()
    migration.import_schema()
    refused = migration.import_schema(expect=1)
    assert "already exists" in refused.err and "table.sql" in refused.err, refused
    migration.import_schema("--ignore-exist", "true")
    migration.import_schema("--start-clean", "true", "--yes")
    migration.export_data()
    migration.import_data()
    migration.finalize()
    migration.verify()


def test_continue_on_error_collects(migration):
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE good (id int);")
    migration.export_schema()
    file = migration.export_dir / "schema" / "tables" / "table.sql"
    file.write_text(file.read_text() + "\nCREATE TABLE public.bad (a no_such_type);\n")
    migration.import_schema(expect=1)
    migration.import_schema("--continue-on-error", "true", "--ignore-exist", "true")
    failed = (migration.export_dir / "schema" / "failed.sql").read_text()
    assert "no_such_type" in failed and "does not exist" in failed
    assert migration.target.value("SELECT to_regclass('good') IS NOT NULL") == "t"


def test_object_type_lists(migration):
    migration.source.sql("""CREATE TABLE t (id int PRIMARY KEY); CREATE VIEW v AS SELECT * FROM t;
        CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';""")
    migration.export_schema()
    migration.import_schema("--exclude-object-type-list", "VIEW,FUNCTION")
    assert migration.target.value("SELECT to_regclass('v') IS NULL") == "t"
    migration.import_schema("--object-type-list", "function,view", "--straight-order", "true")
    assert migration.target.value("SELECT to_regclass('v') IS NOT NULL") == "t"
    migration.import_schema("--object-type-list", "nonsense", expect=2)
    migration.import_schema("--object-type-list", "VIEW", "--exclude-object-type-list", "TABLE", expect=2)


def test_sequences_never_stand_below_the_largest_value(migration):
    migration.source.sql("CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (700), (701); SELECT setval('t_id_seq', 5);")
    migration.move()
    assert int(migration.target.value("SELECT nextval('t_id_seq')")) == 702


def test_a_target_that_sorts_otherwise_is_told_with_the_database_that_would_not(migration, target_cluster):
    migration.source.sql("CREATE TABLE t (a text PRIMARY KEY)")
    migration.target = target_cluster.create("sorted_by_bytes", "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    try:
        migration.export_schema()
        told = migration.import_schema().said
        assert "sorts otherwise than the source" in told and "collation C here, C.UTF-8 there" in told
        create = re.search(r'CREATE DATABASE "sorted_by_bytes_as_source" [^;]+;', told)[0]
        target_cluster.db().sql(create)
        migration.target = target_cluster.db("sorted_by_bytes_as_source")
        assert "sorts otherwise" not in migration.import_schema().said
    finally:
        for name in ("sorted_by_bytes", "sorted_by_bytes_as_source"):
            target_cluster.drop(name)
