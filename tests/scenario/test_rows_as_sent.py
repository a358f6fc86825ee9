"""Nothing of the target changes rows while they are loaded: not a column's other type, not a trigger, not the order of tables."""

import time

import pytest

from harness.migration import assert_same_rows
from harness.printed_commands import printed_in

CHANGE_ROW = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := ''changed''; RETURN NEW; END'; "


def prepare(migration, sql):
    migration.source.sql(sql)
    migration.export_schema()
    migration.import_schema()


@pytest.fixture
def altered(migration):
    """Both databases live in Berlin; columns of the target change their types after import schema."""
    for side in (migration.source, migration.target):
        side.sql(f"ALTER DATABASE \"{side.name}\" SET timezone = 'Europe/Berlin'")
    prepare(migration, """CREATE TABLE t (id int PRIMARY KEY, at timestamp, n int, f bigint);
        INSERT INTO t SELECT g, '2024-06-01 12:00', g, g FROM generate_series(1, 1000) g;
        CREATE TABLE same (id int PRIMARY KEY); INSERT INTO same VALUES (1);""")
    migration.alter = "ALTER TABLE t ALTER at TYPE timestamptz, ALTER n TYPE real, ALTER f TYPE double precision"
    migration.right = "SELECT count(*), min(at::text), sum(n), sum(f) FROM t"
    return migration


@pytest.mark.parametrize("before_export", [True, False])
def test_binary_rows_and_altered_columns(altered, before_export):
    """Binary was chosen when the columns were alike, or by what import schema had noted."""
    if before_export:
        altered.target.sql(altered.alter)
    altered.export_data()
    if not before_export:
        altered.target.sql(altered.alter)
    refused = altered.import_data("--yes", expect=7)
    assert "IMP-004" in refused.err and all(f"public.t.{c}:" in refused.said for c in ("at", "n", "f")), refused
    assert altered.target.count("t") == 0 and "public.t.id" not in refused.err
    # As text the values are read by the new types; that they may differ is said.
    altered.export_data("--start-clean", "true", "--yes", "--data-format", "text")
    told = altered.import_data()
    assert "warning" in told.err and "public.t.at: timestamp without time zone, now timestamp with time zone" in told.said, told
    assert altered.target.rows(altered.right) == [("1000", "2024-06-01 12:00:00+02", "500500", "500500")]


def test_columns_altered_while_rows_are_loaded(migration):
    """ALTER TABLE waits for the batch in hand; the next batch sees it. The run stops, and goes on when run again."""
    prepare(migration, "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT g, g FROM generate_series(1, 200000) g")
    migration.export_data()
    migration.target.sql("""CREATE FUNCTION slow(n int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
        'BEGIN IF n % 1000 = 0 THEN PERFORM pg_sleep(0.2); END IF; RETURN true; END'; ALTER TABLE t ADD CHECK (slow(n))""")
    importing = migration.start(*migration.line("import data"), "--batch-size", "1000", "--parallel-jobs", "2")
    while importing.running() and migration.target.count("t") == 0:
        time.sleep(0.02)
    migration.target.sql("ALTER TABLE t DROP CONSTRAINT t_n_check; ALTER TABLE t ALTER n TYPE real")
    stopped = importing.finish()
    assert stopped.code == 7 and "TGT-005" in stopped.err and "n (it was integer)" in stopped.said, stopped
    assert migration.target.value("SELECT bool_and(n = id) FROM t") == "t"
    assert "IMP-004" in migration.import_data(expect=7).err
    migration.target.sql("ALTER TABLE t ALTER n TYPE int")
    migration.command(*printed_in(stopped, "TGT-005", "again"))
    assert_same_rows(migration.source, migration.target)


def test_a_column_that_is_computed_on_one_side_only(migration):
    prepare(migration, """CREATE TABLE t (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED);
        INSERT INTO t SELECT generate_series(1, 10)""")
    migration.target.sql("ALTER TABLE t ALTER twice DROP EXPRESSION")
    migration.export_data()
    assert "public.t.twice: computed on the source" in migration.import_data("--yes", expect=7).said


def test_tables_that_are_complete_may_be_altered(altered):
    altered.export_data()
    altered.import_data()
    altered.target.sql(altered.alter)
    altered.import_data()
    assert altered.target.count("t") == 1000


@pytest.mark.parametrize("mode,more", [("REPLICA", ""), ("ALWAYS", ""), ("REPLICA", "CREATE TRIGGER o BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();")])
def test_triggers_change_nothing_and_are_back_afterwards(migration, mode, more):
    prepare(migration, f"""CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, 'v' FROM generate_series(1, 100) g;
        {CHANGE_ROW} CREATE TRIGGER repl BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); {more}
        ALTER TABLE t ENABLE {mode} TRIGGER repl;""")
    migration.export_data()
    migration.import_data()
    migration.finalize()
    assert_same_rows(migration.source, migration.target)
    migration.verify()
    enabled = "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
    assert migration.target.rows(enabled) == migration.source.rows(enabled)


def test_triggers_of_partitions_change_nothing(migration):
    prepare(migration, f"""CREATE TABLE t (id int, v text) PARTITION BY RANGE (id);
        CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (50); CREATE TABLE t2 PARTITION OF t DEFAULT;
        INSERT INTO t SELECT g, 'v' FROM generate_series(1, 100) g; {CHANGE_ROW}
        CREATE TRIGGER all_of_them BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
        ALTER TABLE ONLY t1 ENABLE ALWAYS TRIGGER all_of_them; ALTER TABLE ONLY t2 ENABLE REPLICA TRIGGER all_of_them;""")
    migration.export_data()
    migration.target.sql("ALTER TABLE ONLY t1 ENABLE ALWAYS TRIGGER all_of_them; ALTER TABLE ONLY t2 ENABLE REPLICA TRIGGER all_of_them;")
    migration.import_data()
    assert_same_rows(migration.source, migration.target)
    assert migration.target.rows("SELECT tgrelid::regclass::text, tgenabled FROM pg_trigger ORDER BY 1") == [("t", "O"), ("t1", "A"), ("t2", "R")]


def test_ending_a_migration_tells_what_still_waits(migration):
    prepare(migration, f"""CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, 'v' FROM generate_series(1, 100) g;
        {CHANGE_ROW} CREATE TRIGGER repl BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE t ENABLE ALWAYS TRIGGER repl""")
    migration.export_data()
    migration.import_data(env={"YB_VOYAGER_FAULT": "import_data.batch_committed"}, expect=None)
    told = migration.end()
    assert "still lacks repl on public.t" in told.said and "finalize-schema-post-data-import" in told.said, told


def test_without_the_right_to_switch_triggers_off_the_owner_disables_them(migration):
    migration.target.sql("DROP ROLE IF EXISTS plain_mover; CREATE ROLE plain_mover LOGIN")
    migration.target.sql(f'GRANT CREATE ON DATABASE "{migration.target.name}" TO plain_mover; GRANT ALL ON SCHEMA public TO plain_mover')
    migration.target = migration.target.as_user("plain_mover")
    prepare(migration, f"""CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, 'v' FROM generate_series(1, 100) g;
        {CHANGE_ROW} CREATE TRIGGER o BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();""")
    migration.export_data()
    migration.import_data()
    assert_same_rows(migration.source, migration.target)
    assert migration.target.value("SELECT tgenabled FROM pg_trigger WHERE tgname = 'o'") == "O"


def test_what_cannot_be_switched_off_is_asked_about_before_the_first_row(migration):
    """import data file goes into tables that others may write to, so it switches nothing off."""
    migration.target.sql(f"CREATE TABLE t (id int PRIMARY KEY, v text); {CHANGE_ROW}"
                         "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE t ENABLE ALWAYS TRIGGER x")
    data = migration.folder / "files"
    data.mkdir()
    (data / "t.csv").write_text("1,sent\n")
    line = ["import", "data", "file", "--export-dir", migration.export_dir, *migration.target_flags(), "--data-dir", data, "--file-table-map", "t.csv:t"]
    asked = migration.command(*line, expect=10)
    assert "x on public.t" in asked.said and migration.target.count("t") == 0, asked
    migration.command(*line, "--yes")
    assert migration.target.value("SELECT v FROM t") == "changed", "the user said yes"


def test_a_foreign_key_that_fires_always_is_asked_about(migration):
    prepare(migration, """CREATE TABLE parent (id int, k int PRIMARY KEY DEFERRABLE); CREATE TABLE part (id int, parent int) PARTITION BY LIST (id);
        CREATE TABLE part_1 PARTITION OF part DEFAULT; INSERT INTO parent VALUES (1, 1); INSERT INTO part VALUES (1, 1), (2, 2)""")
    migration.export_data()
    migration.target.sql("ALTER TABLE parent ADD UNIQUE (id); ALTER TABLE part ADD CONSTRAINT follows FOREIGN KEY (parent) REFERENCES parent (id)")
    migration.target.sql("""DO $$ DECLARE one name; BEGIN
        FOR one IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'part_1'::regclass LOOP EXECUTE format('ALTER TABLE part_1 ENABLE ALWAYS TRIGGER %I', one); END LOOP; END $$""")
    asked = migration.import_data(expect=10)
    assert "will be checked while rows are loaded: follows on public.part" in " ".join(asked.said.split()), asked
    assert "session_replication_role" not in asked.said
    migration.target.sql("ALTER TABLE part_1 ENABLE TRIGGER ALL")
    migration.import_data()
    assert_same_rows(migration.source, migration.target)


def test_rules_do_not_act_when_key_conflicts_are_ignored(migration):
    prepare(migration, """CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE log (id int); INSERT INTO t SELECT g, 'v' FROM generate_series(1, 100) g;
        CREATE RULE r AS ON INSERT TO t DO ALSO INSERT INTO log VALUES (NEW.id)""")
    migration.target.sql("ALTER TABLE t ENABLE ALWAYS RULE r")
    migration.export_data()
    migration.import_data("--on-primary-key-conflict", "IGNORE", "--yes")
    assert_same_rows(migration.source, migration.target)
    assert migration.target.value("SELECT ev_enabled FROM pg_rewrite WHERE rulename = 'r'") == "A"


CHECKED = """CREATE SCHEMA ref; CREATE TABLE ref.z_dict (val text PRIMARY KEY);
    INSERT INTO ref.z_dict SELECT 'v' || g FROM generate_series(1, 20000) g;
    CREATE FUNCTION ref.known(v text) RETURNS boolean LANGUAGE plpgsql STABLE AS 'BEGIN RETURN EXISTS (SELECT 1 FROM ref.z_dict WHERE val = v); END';
    CREATE TABLE ref.a_data (id int PRIMARY KEY, val text CHECK (ref.known(val)));
    INSERT INTO ref.a_data SELECT g, 'v' || g FROM generate_series(1, 2000) g;"""


@pytest.mark.parametrize("policy", ["abort", "stash-and-continue"])
def test_a_check_that_reads_another_table(migration, policy):
    """Whatever the function looks like: the table waits, or its rows are tried again, also those that need each other."""
    migration.schemas = "ref"
    prepare(migration, CHECKED + """
        CREATE FUNCTION ref.hidden(v text) RETURNS boolean LANGUAGE plpgsql STABLE AS 'BEGIN RETURN ref.known(v); END';
        CREATE TABLE ref.b_data (val text CHECK (ref.hidden(val))); INSERT INTO ref.b_data SELECT 'v' || g FROM generate_series(1, 3000) g;
        CREATE TABLE ref.tree (id int PRIMARY KEY, up int);
        CREATE FUNCTION ref.has(n int) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT n IS NULL OR EXISTS (SELECT FROM ref.tree WHERE id = n)';
        INSERT INTO ref.tree SELECT g, nullif(g - 1, 0) FROM generate_series(1, 50) g;
        ALTER TABLE ref.tree ADD CHECK (ref.has(up));
        CREATE FUNCTION ref.length_of(v text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT length(val) FROM ref.z_dict WHERE val = v';
        CREATE TABLE ref.computed (v text, n int GENERATED ALWAYS AS (ref.length_of(v)) STORED); INSERT INTO ref.computed SELECT 'v' || g FROM generate_series(1, 500) g""")
    migration.export_data()
    migration.import_data("--parallel-jobs", "4", "--error-policy-snapshot", policy)
    migration.finalize()
    assert_same_rows(migration.source, migration.target)


def test_only_rows_that_never_can_come_in_are_set_aside(migration):
    migration.schemas = "ref"
    prepare(migration, CHECKED)
    migration.export_data()
    migration.target.sql("CREATE FUNCTION ref.nope(t text) RETURNS boolean LANGUAGE sql AS $$ SELECT t NOT IN ('v7', 'v1500') $$; ALTER TABLE ref.z_dict ADD CHECK (ref.nope(val))")
    stash = ["--error-policy-snapshot", "stash-and-continue", "--batch-size", "700"]
    migration.import_data(*stash, expect=8)
    assert migration.target.count("ref.z_dict") == 19998
    assert migration.target.value("SELECT count(*), sum(id) FROM ref.a_data") == "1998"
    rows = {r["table_name"]: (r["imported_count"], r["errored_count"]) for r in migration.status("import")}
    assert [v for k, v in sorted(rows.items())] == [(1998, 2), (19998, 2)]
