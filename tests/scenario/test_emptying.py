"""--truncate-tables: what the target refuses is told before anything is emptied, and waiting for locks is told."""

import time

import pytest
from harness.application import wait_for
from harness.migration import assert_same_rows

CLEAN = ("--start-clean", "true", "--truncate-tables", "true", "--yes")


@pytest.fixture
def imported(migration):
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t); INSERT INTO t VALUES (1, 'v'); INSERT INTO u VALUES (1, 1)")
    migration.export_schema()
    migration.import_schema()
    migration.export_data()
    migration.import_data()
    return migration


def test_a_table_outside_the_import_that_refers_to_one_of_it(imported):
    imported.target.sql("CREATE TABLE ext (id int PRIMARY KEY, t int CONSTRAINT to_t REFERENCES t); INSERT INTO ext VALUES (1, 1)")
    refused = imported.import_data(*CLEAN, expect=6)
    drop = 'ALTER TABLE "public"."ext" DROP CONSTRAINT "to_t";'
    assert "PRE-001" in refused.err and "public.ext refers to public.t" in refused.said and drop in refused.said, refused
    assert imported.target.value("SELECT (SELECT count(*) FROM t) + (SELECT count(*) FROM u)") == "2", "nothing is emptied"
    add = 'ADD CONSTRAINT "to_t" FOREIGN KEY (t) REFERENCES t(id)'
    assert "after the import: " in refused.said and add in " ".join(refused.said.split()), refused
    assert "--start-clean true" in refused.err[refused.err.index("  then"):], refused
    unchecked = imported.import_data(*CLEAN, "--run-guardrails-checks", "false", expect=7)
    assert "IMP-010" in unchecked.err and "public.ext refers to public.t" in unchecked.said and drop in unchecked.said, unchecked
    assert "--start-clean true" in unchecked.err[unchecked.err.index("  then"):], unchecked
    imported.target.sql(drop)
    imported.import_data(*CLEAN)
    imported.target.sql(f'ALTER TABLE "public"."ext" {add}; DROP TABLE ext')
    assert_same_rows(imported.source, imported.target)


def test_the_right_truncate_is_missing_on_one_table(imported):
    owner = imported.target
    owner.sql("DO $$ BEGIN CREATE ROLE no_truncate LOGIN; EXCEPTION WHEN duplicate_object THEN END $$; GRANT ALL ON SCHEMA public, ybvoyager_metadata TO no_truncate;"
              f'GRANT CREATE ON DATABASE "{owner.name}" TO no_truncate;'
              "GRANT ALL ON ALL TABLES IN SCHEMA public, ybvoyager_metadata TO no_truncate; REVOKE TRUNCATE ON u FROM no_truncate")
    imported.target = owner.as_user("no_truncate")
    grant = 'GRANT TRUNCATE ON TABLE "public"."u" TO "no_truncate";'
    for flags, code, exit_code in (((), "PRE-001", 6), (("--run-guardrails-checks", "false"), "IMP-010", 7)):
        refused = imported.import_data(*CLEAN, *flags, expect=exit_code)
        assert code in refused.err and grant in refused.said and "--truncate-tables true" in refused.err[refused.err.index("  then"):], refused
        if code == "PRE-001":
            assert_same_rows(imported.source, owner)
    owner.sql(grant)
    imported.import_data(*CLEAN)
    assert_same_rows(imported.source, owner)


def test_waiting_for_a_lock_of_somebody_else_is_told(imported):
    with imported.target.held("SELECT FROM u") as pid:
        importing = imported.start(*imported.line("import data"), *CLEAN)
        wait_for(lambda: f"waits until others let go of them: pid {pid} " in " ".join(importing.err_so_far().split()) or not importing.running(), "it is told")
        time.sleep(6)
        assert importing.running(), "it waits as long as it takes"
    done = importing.finish()
    assert done.code == 0, done
    assert_same_rows(imported.source, imported.target)
