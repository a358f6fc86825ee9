"""copy data: from the source straight into the target, without files."""

import json
import signal
import sqlite3
import time

import pytest

from harness.migration import assert_same_rows
from harness.proxy import Proxy


@pytest.fixture
def shop(migration):
    """Tables of several kinds, an index and a foreign key after the rows, a large object, a sequence."""
    migration.source.sql("""
        CREATE TABLE big (id int PRIMARY KEY, body text);
        INSERT INTO big SELECT g, (SELECT string_agg(md5(g || ' ' || i), '') FROM generate_series(1, 12) i) FROM generate_series(1, 30000) g;
        CREATE INDEX big_body ON big (left(body, 10));
        CREATE TABLE small (id serial PRIMARY KEY, big int REFERENCES big); INSERT INTO small (big) SELECT generate_series(1, 500);
        CREATE TABLE parted (a int, b numeric, PRIMARY KEY (a)) PARTITION BY RANGE (a);
        CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (1000);
        CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (1000) TO (9000);
        INSERT INTO parted SELECT g, g / 7.0 FROM generate_series(0, 3999) g;
        CREATE TABLE empty (id int);
        SELECT lo_from_bytea(4711, convert_to(repeat('large', 500000), 'UTF8'));""")
    migration.export_schema()
    migration.import_schema()
    return migration


def assert_copied(migration):
    assert_same_rows(migration.source, migration.target)
    objects = "SELECT m.oid, md5(lo_get(m.oid)) FROM pg_largeobject_metadata m ORDER BY 1"
    assert migration.target.rows(objects) == migration.source.rows(objects)
    migration.finalize()
    migration.verify()


def test_everything_arrives_and_no_file_is_written(shop):
    done = shop.copy_data("--parallel-jobs", "2")
    assert not [p for p in shop.files("data/**/*") if p.is_file()]
    assert "Copy data complete" in done.err and "export data" not in done.text
    assert shop.target.value("SELECT count(*) FROM pg_indexes WHERE indexname = 'big_body'") == "1"
    assert shop.target.value("SELECT nextval('small_id_seq')") == "501"
    rows = {row["table_name"]: row for row in shop.status("import")}
    assert (rows['"public"."big"']["imported_count"], rows['"public"."big"']["status"]) == (30000, "DONE")
    assert {row["status"] for row in shop.status("export")} == {"DONE"}
    # The other commands know what has happened.
    assert "COP-001" in shop.import_data(expect=7).err
    assert "COP-001" in shop.export_data(expect=7).err
    assert "COP-004" in shop.copy_data(expect=7).err
    shop.copy_data("--start-clean", "true", "--truncate-tables", "true", "--yes")
    assert_copied(shop)
    shop.end()
    assert shop.target.value("SELECT to_regnamespace('ybvoyager_metadata') IS NULL") == "t"


def test_after_an_export_it_wants_to_be_told(shop):
    shop.export_data()
    assert "COP-002" in shop.copy_data(expect=7).err
    # Nothing of the refused command is what later ones go by.
    with sqlite3.connect(shop.export_dir / "metainfo/meta.db") as db:
        noted = json.loads(db.execute("SELECT json_text FROM json_objects WHERE key = 'migration_status'").fetchone()[0])
    assert "import_data" not in noted["TargetDBConf"]
    shop.copy_data("--start-clean", "true", "--yes")
    assert not [p for p in shop.files("data/**/*") if p.is_file()]
    assert_copied(shop)


def half_done(shop, *flags):
    killed = shop.copy_data("--parallel-jobs", "1", "--batch-size", "1000", *flags, env={"YB_VOYAGER_FAULT": "import_data.batch_committed:12"}, expect=None)
    assert killed.code == -signal.SIGKILL


def test_a_killed_copy_goes_on_where_it_was(shop):
    half_done(shop)
    before = shop.target.count("big")
    assert 0 < before < 30000
    again = shop.copy_data("--batch-size", "700")
    assert "nothing was written on the source since" in again.err
    assert_copied(shop)


def test_a_source_that_was_written_to_is_not_mixed(shop):
    half_done(shop)
    # Rows change their places, and one is new.
    shop.source.sql("UPDATE big SET body = body WHERE id % 3 = 0; DELETE FROM big WHERE id % 1000 = 999; INSERT INTO big VALUES (0, 'new')")
    rows = shop.target.count("big")
    refused = shop.copy_data("--no-input", expect=10)
    assert "two moments" in refused.said
    assert shop.target.count("big") == rows
    shop.copy_data("--yes")
    assert_copied(shop)


def test_refused_rows_are_set_aside_and_loaded_later(shop):
    shop.target.sql("ALTER TABLE parted ADD CONSTRAINT odd CHECK (a % 1000 <> 7)")
    stopped = shop.copy_data(expect=1)
    assert "IMP-001" in stopped.err
    shop.copy_data("--start-clean", "true", "--truncate-tables", "true", "--error-policy-snapshot", "stash-and-continue", expect=8)
    assert shop.target.count("parted") == 3996
    assert len(shop.command("rejects", "list", "--export-dir", shop.export_dir, "--output-format", "json").json()["rows"]) == 4
    shop.target.sql("ALTER TABLE parted DROP CONSTRAINT odd")
    shop.command("rejects", "retry", "--export-dir", shop.export_dir, "--yes")
    assert_copied(shop)


def test_a_target_that_goes_away_is_waited_for(shop):
    with Proxy(shop.target.port, cut_after=1_500_000, cuts=3) as target:
        shop.target_port = target.port
        shop.copy_data("--parallel-jobs", "2")
        assert target.cuts_done >= 1
    shop.target_port = 0
    assert_copied(shop)


def test_a_source_that_goes_away_takes_the_snapshot_along(shop):
    source = Proxy(shop.source.port, rate=3_000_000)
    shop.source_port = source.port
    copying = shop.start(*shop.line("copy data"), "--parallel-jobs", "2")
    while shop.target.count("big") == 0:
        assert copying.running(), copying.finish()
        time.sleep(0.02)
    source.close()
    lost = copying.finish()
    assert lost.code != 0, "all was read before it went away"
    shop.source_port = 0
    shop.copy_data("--no-input")
    assert_copied(shop)
