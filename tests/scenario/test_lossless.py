"""What a catalogue holds arrives, or the run says of each object why not."""

import json
import re
import subprocess

import pytest

from harness.cluster import bin_dir
from harness.json_schema import errors
from harness.migration import REPOSITORY, Migration, assert_same_rows

ROLES = {"all_owner": "NOLOGIN", "all_app": "LOGIN", "all_grp": "NOLOGIN"}


@pytest.fixture
def roles(source_cluster, target_cluster):
    """They belong to the servers and go after the databases."""
    server = source_cluster.db("postgres")
    for role, login in ROLES.items():
        server.sql(f"CREATE ROLE {role} {login}")
    server.sql("GRANT all_grp TO all_app; ALTER ROLE all_app SET lock_timeout = '3s'")
    yield
    for cluster in (source_cluster, target_cluster):
        cluster.db("postgres").sql(f"DROP ROLE IF EXISTS {', '.join(ROLES)}")


@pytest.fixture
def everything(roles, source, target, folder):
    """A source with one of each kind."""
    source.load(REPOSITORY / "tests/scenario/everything.sql", "-v", f"source={source.name}")
    yield Migration(source, target, folder, schemas="app,public,other")
    source.sql("ALTER EVENT TRIGGER all_evt DISABLE")
    source.sql("DROP SUBSCRIPTION all_sub")


def written(database) -> set[str]:
    """The statements of a dump of everything, without the database's name."""
    dump = subprocess.run([bin_dir() / "pg_dump", "-s", "--create", "--no-subscriptions", "--exclude-schema=ybvoyager_metadata", "-d", database.conninfo],
                          capture_output=True, text=True, check=True).stdout
    dump = re.sub(r"(?m)^(--.*|\\.*)\n", "", dump).replace(database.name, "DATABASE_NAME")
    return {one.strip() for one in re.split(r"\n\n+", dump) if one.strip()}


def object_report(migration) -> dict:
    """reports/objects.json, whose sums are right and whose form is the documented one."""
    report = json.loads((migration.export_dir / "reports/objects.json").read_text())
    assert errors(report, "object-report") == []
    for part in ("objects", "properties"):
        counts, found = report["counts"][part], report[part]
        assert counts["all"] == len(found) == counts["moved"] + counts["moved_with_a_change"] + counts["left_out"]
        for outcome in ("moved", "moved with a change", "left out"):
            assert counts[outcome.replace(" ", "_")] == sum(one["outcome"] == outcome for one in found)
    return report


def outcomes(report, *outcome) -> dict:
    return {(one["kind"], one["name"]): one for part in ("objects", "properties") for one in report[part] if one["outcome"] in outcome}


def test_everything_arrives(everything):
    source, target, migration = everything.source, everything.target, everything
    migration.export_schema("--comments-on-objects", "true")
    target.load(migration.export_dir / "schema/roles.sql")
    migration.import_schema()
    migration.export_data()
    migration.import_data()
    migration.finalize("--refresh-mviews", "true")
    assert_same_rows(source, target)

    missing, extra = written(source) - written(target), written(target) - written(source)
    # What no statement for another server keeps, and passwords.
    assert missing == {"SET default_table_access_method = all_heap;",
                       "CREATE USER MAPPING FOR all_app SERVER all_srv OPTIONS (\n    password 'Canary-1',\n    \"user\" 'u'\n);",
                       "CREATE USER MAPPING FOR public SERVER all_srv OPTIONS (\n    password 'Canary-2',\n    \"user\" 'p'\n);"}
    assert extra == {"CREATE USER MAPPING FOR all_app SERVER all_srv OPTIONS (\n    \"user\" 'u'\n);",
                     "CREATE USER MAPPING FOR public SERVER all_srv OPTIONS (\n    \"user\" 'p'\n);"}
    assert source.value("SELECT evtenabled FROM pg_event_trigger") == target.value("SELECT evtenabled FROM pg_event_trigger") == "O"
    assert target.value("SELECT rolconfig FROM pg_roles WHERE rolname = 'all_app'") == "{lock_timeout=3s}"

    report = object_report(migration)
    catalogue = int(source.value("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'p') "
                                 "AND nspname IN ('app', 'public', 'other')"))
    assert sum(one["kind"] == "TABLE" for one in report["objects"]) == catalogue
    assert set(outcomes(report, "left out")) == {("SUBSCRIPTION", "all_sub"), ("DATABASE", source.name)}
    assert "CONNECTION '...'" in outcomes(report, "left out")["SUBSCRIPTION", "all_sub"]["statement"]
    assert set(outcomes(report, "moved with a change")) == {("TABLE", "am"), ("USER MAPPING", "USER MAPPING all_app SERVER all_srv"),
                                                            ("USER MAPPING", "USER MAPPING public SERVER all_srv")}
    # Neither a secret of the source nor one of its copies is kept.
    assert [p for p in migration.files() if b"Canary" in p.read_bytes()] == []


def test_without_the_roles(everything):
    """What gives something to a role that is not there is left out and told; a policy stays for the roles that are."""
    source, target, migration = everything.source, everything.target, everything
    target.sql("CREATE ROLE all_grp")
    migration.export_schema()
    done = migration.import_schema()
    assert "role all_app is missing on the target" in done.said and "role all_owner is missing" in done.said
    assert target.value("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 't'") == "postgres"
    assert target.value("SELECT polroles::regrole[]::text FROM pg_policy WHERE polname = 'po2'") == "{all_grp}"
    assert target.value("SELECT has_column_privilege('all_grp', 'app.t', 'id', 'SELECT')") == "t"
    # What was taken from everybody is taken, whoever was to get it.
    assert target.value("SELECT has_function_privilege('all_grp', 'app.m2i(app.mood)', 'EXECUTE')") == "f"
    left_out = outcomes(object_report(migration), "left out")
    by_hand = (migration.export_dir / "schema/not_run.sql").read_text()
    for statement in ("ALTER TABLE app.t OWNER TO all_owner;", "GRANT USAGE ON SCHEMA app TO all_app;",
                      "ALTER DEFAULT PRIVILEGES FOR ROLE all_owner REVOKE ALL ON FUNCTIONS  FROM PUBLIC;"):
        assert statement in by_hand and statement in {one.get("statement") for one in left_out.values()}
    assert ("USER MAPPING", "USER MAPPING all_app SERVER all_srv") in left_out

    # The roles made, the same command makes up for it.
    target.sql("CREATE ROLE all_owner; CREATE ROLE all_app")
    migration.import_schema("--ignore-exist", "true")
    assert target.value("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 't'") == "all_owner"
    assert not (migration.export_dir / "schema/not_run.sql").exists()
    assert {kind for kind, _ in outcomes(object_report(migration), "left out")} == {"SUBSCRIPTION", "DATABASE", "COMMENT"}


def test_owners_and_rights_have_flags(everything):
    migration = everything
    done = migration.export_schema("--owners", "false", "--grants", "false", "--exclude-object-type-list", "publication,setting",
                                   "--roles-file", migration.folder / "made/roles.sql")
    assert "CREATE ROLE all_owner" in (migration.folder / "made/roles.sql").read_text()
    for word in ("OWNER TO", "GRANT ", "REVOKE ", "PUBLICATION", "work_mem"):
        assert word not in migration.schema_text(), word
    left_out = outcomes(object_report(migration), "left out")
    assert {kind for kind, _ in left_out} == {"OWNER", "ACL", "DEFAULT ACL", "PUBLICATION", "PUBLICATION TABLE", "PUBLICATION TABLES IN SCHEMA",
                                              "DATABASE PROPERTIES", "COMMENT", "SUBSCRIPTION", "DATABASE"}
    assert left_out["PUBLICATION", "all_pub_every"]["statement"].startswith("CREATE PUBLICATION all_pub_every FOR ALL TABLES")
    for said in ("--grants false", "--owners false", "PUBLICATION is not among", "comments are not exported"):
        assert said in done.said, said


def test_what_is_needed_of_other_schemas_is_asked_about(source, target, folder):
    source.sql("""CREATE SCHEMA app; CREATE SCHEMA other; CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext; CREATE SEQUENCE other.s;
        CREATE FUNCTION other.e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER needs_other ON sql_drop EXECUTE FUNCTION other.e();
        CREATE TABLE app.t (id int DEFAULT nextval('other.s') PRIMARY KEY, h ext.hstore); CREATE TABLE other.o (id int);""")
    migration = Migration(source, target, folder, schemas="app")
    asked = migration.export_schema(expect=10)
    assert "TABLE app.t needs SEQUENCE other.s" in asked.said and "--source-db-schema" in asked.said
    migration.export_schema("--yes")
    report = object_report(migration)
    assert "its schema ext, which is not exported, is made for it" in outcomes(report, "moved with a change")["EXTENSION", "hstore"]["change"]
    left_out = outcomes(report, "left out")
    assert "FUNCTION other.e" in left_out["EVENT TRIGGER", "needs_other"]["reason"]
    assert left_out["TABLE", "o"]["reason"] == "schema other is not among --source-db-schema"
    # The target may have it.
    target.sql("CREATE SCHEMA other; CREATE SEQUENCE other.s")
    migration.import_schema()
    assert target.value("SELECT h FROM app.t") == ""


def test_an_extension_that_nothing_uses_does_not_stop_the_import(source, target, folder):
    source.sql("CREATE EXTENSION unaccent; CREATE EXTENSION citext; CREATE TABLE t (id int PRIMARY KEY, c citext)")
    migration = Migration(source, target, folder)
    migration.export_schema()
    extensions = migration.export_dir / "schema/extensions/extension.sql"
    exported = extensions.read_text()
    # A version that no server has, for an extension that this server does not have.
    extensions.write_text(exported.replace("unaccent WITH SCHEMA public", "unaccent VERSION 'none'"))
    done = migration.import_schema()
    assert "no installation script" in done.said and target.value("SELECT count(*) FROM pg_class WHERE relname = 't'") == "1"
    assert ("EXTENSION", "unaccent") in outcomes(object_report(migration), "left out")
    extensions.write_text(exported.replace("citext WITH SCHEMA public", "citext VERSION 'none'"))
    assert "extension.sql" in migration.import_schema("--start-clean", "true", "--yes", expect=1).said


def test_what_no_dump_writes_is_listed_with_its_reason(source, target, folder):
    source.sql("""CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (2, 1);
        CREATE FUNCTION less(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < $2';
        CREATE OPERATOR <<< (FUNCTION = less, LEFTARG = int, RIGHTARG = int, COMMUTATOR = >>>);""")
    with pytest.raises(Exception):
        source.sql("CREATE UNIQUE INDEX CONCURRENTLY not_valid ON t (n)")
    migration = Migration(source, target, folder)
    migration.export_schema()
    left_out = outcomes(object_report(migration), "left out")
    assert "not valid on the source" in left_out["INDEX", "not_valid"]["reason"]
    assert left_out["INDEX", "not_valid"]["statement"].startswith("CREATE UNIQUE INDEX not_valid ON public.t")
    assert "never defined" in left_out["OPERATOR", ">>> (integer, integer)"]["reason"]
    migration.import_schema()


def test_rows_of_a_partition_in_another_schema_are_asked_about(source, target, folder):
    source.sql("""CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.parent (a int) PARTITION BY LIST (a);
        CREATE TABLE b.child PARTITION OF a.parent FOR VALUES IN (1, 2); INSERT INTO a.parent VALUES (1)""")
    migration = Migration(source, target, folder, schemas="a")
    assert "TABLE a.parent needs TABLE b.child, its partition" in migration.export_schema(expect=10).said
    migration.export_schema("--yes")
    target.sql("CREATE SCHEMA b")
    migration.import_schema()
    assert "rows of partitions in schemas that are not exported are left behind" in migration.export_data(expect=10).said


def test_a_dump_leaves_no_password_wherever_it_goes(everything):
    """What is left out goes to the reports, which hold no secret either; nor does the folder of a run that was killed."""
    migration = everything
    killed = migration.export_schema(env={"YB_VOYAGER_FAULT": "export_schema.before_files"}, expect=None)
    assert killed.code < 0 or killed.code > 128
    migration.export_schema("--exclude-object-type-list", "FOREIGN SERVER,FOREIGN TABLE", "--roles-file", "relative_roles.sql", cwd=migration.folder)
    assert (migration.folder / "relative_roles.sql").exists()
    assert ("USER MAPPING", "USER MAPPING all_app SERVER all_srv") in outcomes(object_report(migration), "left out")
    assert [p for p in migration.files() if b"Canary" in p.read_bytes()] == []


def test_what_the_target_refuses_is_not_called_moved(source, target, folder):
    source.sql("""
        CREATE TABLE t (id int PRIMARY KEY, n int); CREATE INDEX i ON t (n); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE ROLE lossless_reader; GRANT SELECT ON t TO lossless_reader; GRANT ALL ON FUNCTION f() TO lossless_reader""")
    try:
        migration = Migration(source, target, folder)
        migration.export_schema()
        function = migration.export_dir / "schema/functions/function.sql"
        target.sql("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT 1'")
        stopped = migration.import_schema(expect=1)
        assert json.loads((migration.export_dir / "reports/objects.json").read_text())["schema_import"] == "not begun"
        assert "yb-voyager import schema" in stopped.err and "--ignore-exist true" in stopped.err.split("then", 1)[1]
        function.write_text(function.read_text().replace("RETURNS integer", "RETURNS nonsense"))
        migration.import_schema("--ignore-exist", "true", "--continue-on-error", "true")
        report = object_report(migration)
        assert report["schema_import"] == "finished"
        left_out = outcomes(report, "left out")
        assert "the target refused it" in left_out["STATEMENT", left_out_name(left_out, "STATEMENT", "nonsense")]["reason"]
        # A right that is not given is left out, and not moved as well.
        assert ("ACL", "TABLE t") in left_out and ("ACL", "TABLE t") not in outcomes(report, "moved", "moved with a change")
        # Another part of the schema changes nothing of that.
        migration.import_schema("--object-type-list", "INDEX", "--ignore-exist", "true")
        assert outcomes(object_report(migration), "left out").keys() == left_out.keys()
        assert "lossless_reader" in (migration.export_dir / "schema/not_run.sql").read_text()
    finally:
        source.sql("DROP OWNED BY lossless_reader; DROP ROLE lossless_reader")


def left_out_name(left_out, kind, word):
    return next(name for one, name in left_out if one == kind and word in name)


def test_a_policy_gets_the_roles_that_were_missing(source, target, folder):
    for role in ("lossless_a", "lossless_b"):
        source.sql(f"CREATE ROLE {role}")
    target.sql("CREATE ROLE lossless_a")
    try:
        source.sql("""CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ENABLE ROW LEVEL SECURITY;
            CREATE POLICY "the to" ON t AS PERMISSIVE FOR SELECT TO lossless_a, lossless_b USING (id IN (SELECT 1))""")
        roles = "SELECT string_agg(r::regrole::text, ',' ORDER BY 1) FROM pg_policy, unnest(polroles) r"
        migration = Migration(source, target, folder)
        migration.export_schema()
        migration.import_schema()
        assert target.value(roles) == "lossless_a"
        target.sql("CREATE ROLE lossless_b")
        by_hand = migration.export_dir / "schema/not_run.sql"
        target.load(by_hand)
        assert target.value(roles) == "lossless_a,lossless_b"
        target.sql('ALTER POLICY "the to" ON t TO lossless_a')
        migration.import_schema("--ignore-exist", "true")
        assert target.value(roles) == "lossless_a,lossless_b" and not by_hand.exists()
        assert outcomes(object_report(migration), "moved with a change") == {}
    finally:
        target.sql("DROP TABLE IF EXISTS t CASCADE; DROP ROLE IF EXISTS lossless_a, lossless_b")
        source.sql("DROP TABLE IF EXISTS t CASCADE; DROP ROLE IF EXISTS lossless_a, lossless_b")


def test_what_only_looks_as_if_it_were_there_is_no_success(source, target, folder):
    source.sql("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY)")
    target.sql("CREATE TABLE t (id int)")
    migration = Migration(source, target, folder)
    migration.export_schema()
    assert "NOT NULL" in migration.import_schema("--ignore-exist", "true", expect=1).said


def test_a_schema_that_is_dropped_is_made_as_it_was_born(source, target, folder):
    source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    migration = Migration(source, target, folder)
    migration.export_schema()
    migration.import_schema()
    migration.import_schema("--start-clean", "true", "--yes")
    assert target.value("SELECT has_schema_privilege('public', 'public', 'USAGE')") == "t"
    assert target.value("SELECT has_schema_privilege('public', 'public', 'CREATE')") == source.value("SELECT has_schema_privilege('public', 'public', 'CREATE')")


def test_a_frozen_source_is_equal(source, target, folder):
    source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    source.sql(f'ALTER DATABASE "{source.name}" SET default_transaction_read_only = on')
    migration = Migration(source, target, folder)
    migration.export_schema()
    migration.import_schema()
    migration.export_data()
    assert "has not finished" in migration.finalize(expect=10).said
    migration.import_data()
    migration.finalize()
    migration.verify()
    changed = outcomes(object_report(migration), "moved with a change", "left out")
    assert any("read only" in one.get("change", one.get("reason", "")) for one in changed.values())


def test_a_target_that_takes_no_writes_is_told_first(source, target, folder):
    source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    migration = Migration(source, target, folder)
    migration.export_schema()
    target.sql(f'ALTER DATABASE "{target.name}" SET default_transaction_read_only = on')
    assert "the target takes no writes" in migration.import_schema(expect=6).said
