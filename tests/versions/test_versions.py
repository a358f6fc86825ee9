"""Offline migration between PostgreSQL 11 to 18: npm's server programs, and the newest release of the installed version that
Debian has. Without the packages the tests are skipped, saying why. --long adds all pairs."""

import re
from pathlib import Path

import pytest

from harness.cluster import Cluster
from harness.migration import Migration, assert_same_rows
from harness.standin import StandinCluster
from harness.versions import SERVERS, Unavailable, newer_pg_dump, newest_release, server_programs

HERE = 0   # The version that is installed, in Debian's newest release.
SHORT = [(11, 18), (18, HERE), (HERE, 11), (14, HERE), (HERE, 14)]
LONG = [pair for major in SERVERS for pair in ((major, HERE), (HERE, major)) if pair not in SHORT]


def label(major) -> str:
    return str(major) if major else "here"


def pairs():
    for pair in SHORT:
        yield pytest.param(*pair, id="-".join(map(label, pair)))
    for pair in LONG:
        yield pytest.param(*pair, id="-".join(map(label, pair)), marks=pytest.mark.long)


@pytest.fixture(scope="module")
def server_of():
    """Starts the server of a version at its first use."""
    running = {}

    def start(major, kind=Cluster):
        if (major, kind) not in running:
            try:
                programs = server_programs(major) if major else newest_release()
            except Unavailable as why:
                pytest.skip(str(why))
            running[major, kind] = kind(name=f"v{major}", programs=programs).start()
        return running[major, kind]

    yield start
    for cluster in running.values():
        cluster.stop()


@pytest.fixture(scope="module")
def pg_dump() -> Path:
    try:
        return newer_pg_dump()
    except Unavailable as why:
        pytest.skip(str(why))


def version_of(db) -> int:
    return int(db.value("SHOW server_version_num")) // 10000


def schema_for(source: int, target: int) -> str:
    """The parts of schema.sql that both sides know, and those that only the source has to know."""
    text = (Path(__file__).parent / "schema.sql").read_text()
    parts = re.split(r"^-- (\d+)( source)?$", text, flags=re.M)[1:]
    return "\n".join(sql for version, only_source, sql in zip(parts[::3], parts[1::3], parts[2::3])
                     if int(version) <= (source if only_source else min(source, target)))


def assert_equal(migration):
    told = migration.verify("--output-format", "json").json()
    assert told["objects"] == []
    assert [one for one in told["tables"] if not one["equal"]] == []


def move(source, target, folder, pg_dump) -> str:
    """Migrates and compares; returns what import schema and later commands said."""
    for db in (source, target):
        # Before 12 a server writes floats with fewer digits unless it is asked not to.
        db.sql(f'ALTER DATABASE "{db.name}" SET extra_float_digits = 0')
    source.sql(schema_for(version_of(source), version_of(target)))
    migration = Migration(source, target, folder)
    exported = migration.export_schema("--pg-dump-path", pg_dump)
    assert str(pg_dump) in exported.said and "pg_attver" not in migration.schema_text()
    said = [migration.import_schema(), migration.export_data(), migration.import_data(), migration.finalize("--refresh-mviews", "true")]
    assert_same_rows(source, target)
    assert_equal(migration)
    return "\n".join(step.text for step in said)


@pytest.mark.parametrize("source, target", pairs())
def test_from_to(source, target, server_of, pg_dump, folder):
    from_db, to_db = server_of(source).create(), server_of(target).create()
    said = move(from_db, to_db, folder, pg_dump)
    # What only the source knows is left out and told.
    unknown = {"vacuum_truncate": 12, "deduplicate_items": 13, "autovacuum_vacuum_insert_threshold": 13, "SET COMPRESSION": 14}
    # import schema heads a list with that; import data has one line for each index option.
    told = " ".join(re.findall(r"the target does not know these options.*|which the target does not know:.*", said, flags=re.S))
    for option, since in unknown.items():
        expected = version_of(to_db) < since <= version_of(from_db)
        assert (option in told) == expected, option
    # What it shares with the left-out options arrives.
    if version_of(from_db) >= 13:
        options = to_db.value("SELECT reloptions FROM pg_class WHERE relname = 'inserted_often'")
        assert "fillfactor=90" in options


def test_the_servers_own_option_of_a_column_stays_there(server_of, pg_dump, folder):
    source, target = server_of(HERE).create(), server_of(14).create()
    source.sql("CREATE TABLE t (a int, b text); ALTER TABLE t ALTER b SET (n_distinct = 5); INSERT INTO t VALUES (1, 'x')")
    if not source.value("SELECT 1 FROM pg_attribute WHERE attoptions::text ~ 'pg_attver'"):
        pytest.skip("Debian's newest release here is one without pg_attver")
    migration = Migration(source, target, folder)
    migration.export_schema("--pg-dump-path", pg_dump)
    assert "n_distinct=5" in migration.schema_text() and "pg_attver" not in migration.schema_text()
    assert "left out" not in migration.import_schema().said
    migration.export_data()
    migration.import_data()
    migration.verify()


def test_onto_the_stand_in_of_the_release_that_is_nearest_to_yugabytedb(server_of, pg_dump, folder):
    """YugabyteDB's SQL layer has none of the newest security releases."""
    source, target = server_of(HERE).create(), server_of(15, StandinCluster).create()
    source.sql(schema_for(15, 15))
    migration = Migration(source, target, folder)
    migration.export_schema("--pg-dump-path", pg_dump)
    migration.import_schema()
    migration.export_data()
    migration.import_data()
    migration.finalize("--refresh-mviews", "true")
    assert_same_rows(source, target)
    assert_equal(migration)


def test_a_not_null_that_is_not_valid_comes_after_the_rows(server_of, pg_dump, folder):
    """PostgreSQL 18: rows that are there may break it."""
    server = server_of(18)
    source, target = server.create(), server.create()
    source.sql("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, NULL); ALTER TABLE t ADD CONSTRAINT t_a NOT NULL a NOT VALID")
    migration = Migration(source, target, folder)
    migration.export_schema("--pg-dump-path", pg_dump)
    migration.import_schema()
    migration.export_data()
    migration.import_data()
    migration.finalize()
    assert_same_rows(source, target)
    assert_equal(migration)
