"""Databases of other encodings: bytes pass where the target takes them; else rows are named, set aside, or read in an encoding."""

import pytest

from harness.migration import Migration, assert_same_rows

RAW = "TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
MEMO = r"""SET client_encoding = 'SQL_ASCII';
CREATE TABLE memo (id int PRIMARY KEY, body text, b bytea);
INSERT INTO memo VALUES (1, 'plain', '\x00ff'), (2, E'caf\351', NULL), (3, E'\377\n\\.', NULL), (4, E'd\303\251j\303\240', NULL);
CREATE TABLE "plain" (id int, v text); INSERT INTO "plain" SELECT g, 'v' || g FROM generate_series(1, 100) g;"""


@pytest.fixture
def raw_source(source_cluster, request):
    name = "raw_source_" + request.node.name.replace("[", "_").replace("]", "")[-30:].lower()
    yield source_cluster.create(name, RAW)
    source_cluster.drop(name)


@pytest.fixture
def raw(raw_source, target, folder):
    migration = Migration(raw_source, target, folder)
    raw_source.sql(MEMO)
    migration.export_schema()
    migration.import_schema()
    return migration


def bytes_of(db):
    return db.rows("SET client_encoding = 'SQL_ASCII'; SELECT id, encode(convert_to(body, getdatabaseencoding()), 'hex') FROM memo ORDER BY id")


def test_to_a_database_that_knows_no_encoding_either(raw_source, target_cluster, folder):
    target = target_cluster.create("raw_target", RAW)
    try:
        migration = Migration(raw_source, target, folder)
        raw_source.sql(MEMO)
        migration.export_schema()
        migration.import_schema()
        migration.export_data()
        migration.import_data()
        body = "SELECT id, encode(body::bytea, 'escape') FROM memo WHERE id <> 3 ORDER BY id"
        assert target.rows(body) == raw_source.rows(body)
        digest = "SELECT id, md5(body), md5(b) FROM memo ORDER BY id"
        assert target.rows(digest) == raw_source.rows(digest)
    finally:
        target_cluster.drop("raw_target")


def test_definitions_of_a_database_that_knows_no_encoding(raw_source, target_cluster, folder):
    """Defaults, comments and bodies are bytes like the rows, and pass where the target takes them."""
    target = target_cluster.create("raw_definitions", RAW)
    ddl = """SET client_encoding = 'SQL_ASCII'; CREATE TABLE memo (id int PRIMARY KEY, body text DEFAULT 'd?');
        COMMENT ON TABLE memo IS 'c?'; CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$SELECT 'b?'::text$$;
        INSERT INTO memo VALUES (1, DEFAULT)"""
    try:
        (folder / "raw.sql").write_bytes(ddl.encode().replace(b"?", bytes([0xE9])))
        raw_source.load(folder / "raw.sql")
        migration = Migration(raw_source, target, folder)
        migration.export_schema("--comments-on-objects", "true")
        migration.import_schema()
        migration.export_data()
        migration.import_data()
        migration.finalize()
        migration.verify()
        of_bodies = "SELECT encode(f()::bytea, 'hex') || '|' || encode(body::bytea, 'hex') FROM memo"
        assert target.value("SET client_encoding = 'SQL_ASCII'; " + of_bodies) == "62e9|64e9"
    finally:
        target_cluster.drop("raw_definitions")


def test_to_unicode_the_row_is_named(raw):
    told = raw.export_data()
    assert "knows no encoding" in told.said
    refused = raw.import_data(expect=1)
    assert "IMP-001" in refused.err and "caf" in refused.err and "--encoding" in refused.err, refused
    assert "row 2 of the batch" in refused.said


def test_to_unicode_rows_are_set_aside(raw):
    raw.export_data()
    raw.import_data("--error-policy-snapshot", "stash-and-continue", expect=8)
    assert raw.target.rows("SELECT id, body FROM memo ORDER BY id") == [("1", "plain"), ("4", "déjà")]
    assert raw.target.count('"plain"') == 100


def test_to_unicode_in_an_encoding_that_is_given(raw):
    raw.export_data()
    raw.import_data("--encoding", "latin1")
    assert raw.target.rows("SELECT id, body FROM memo WHERE id < 3 ORDER BY id") == [("1", "plain"), ("2", "café")]
    assert raw.target.value("SELECT b FROM memo WHERE id = 1") == "\\x00ff"


def test_an_encoding_is_refused_where_it_would_do_harm(migration):
    migration.source.sql("CREATE TABLE t (a text); INSERT INTO t VALUES ('é')")
    migration.export_schema()
    migration.import_schema()
    migration.export_data()
    assert "--encoding" in migration.import_data("--encoding", "latin1", expect=2).err
    migration.import_data()
    assert_same_rows(migration.source, migration.target)


def test_latin1_to_unicode(source_cluster, target, folder):
    source = source_cluster.create("latin_source", "TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
    try:
        source.sql("""SET client_encoding = 'UTF8';
            CREATE TABLE memo (id int PRIMARY KEY, "prénom" text, tag "char", arr text[], j jsonb);
            INSERT INTO memo VALUES (1, 'Zoë', 'x', ARRAY['é','ü'], '{"ñ":"å"}'), (2, 'straße', E'\\\\', '{}', '{}');
            COMMENT ON TABLE memo IS 'façade'; CREATE VIEW "Vue générale" AS SELECT "prénom" FROM memo WHERE "prénom" <> 'é';""")
        migration = Migration(source, target, folder).move()
        same = 'SELECT id, "prénom", tag, arr, j FROM memo ORDER BY id'
        assert migration.target.rows(same) == source.rows(same)
    finally:
        source_cluster.drop("latin_source")
