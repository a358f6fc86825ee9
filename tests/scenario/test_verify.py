"""`verify` between two real servers: equal after a dump and restore, and each kind of difference is named."""

import subprocess

import pytest

from harness.cluster import bin_dir

SCHEMA = """
CREATE SCHEMA "Übung ""q"" schema";
SET search_path = "Übung ""q"" schema", public;
CREATE TYPE mood AS ENUM ('sad', 'it''s');
CREATE DOMAIN posint AS int CHECK (value > 0);
CREATE TABLE "Tab.le ""x"" äöüßäöüßäöüßäöüßäöüß" (
  "Schlüssel 'ä""'" int PRIMARY KEY, t text, n numeric, f float8, b bytea, j json, a text[], m mood, p posint,
  d timestamptz, g int GENERATED ALWAYS AS (1 + 1) STORED);
INSERT INTO "Tab.le ""x"" äöüßäöüßäöüßäöüßäöüß" VALUES
  (1, '', '1.10', '-0', '\\x00', '{}', '{NULL}', 'sad', 1, 'infinity'),
  (2, NULL, 'NaN', 'NaN', '', '{ }', '{"NULL"}', NULL, NULL, '0044-03-15 BC'),
  (3, E'tab\\tline\\n\\\\N', NULL, 0.1, NULL, NULL, '{}', 'it''s', 3, NULL);
DO $$ BEGIN EXECUTE (SELECT 'CREATE TABLE wide (' || string_agg('c' || i || ' text', ',') || ')'
                     FROM generate_series(1, 1600) i); END $$;
INSERT INTO wide (c7) VALUES ('x');
CREATE TABLE keyless (a int, b text);
INSERT INTO keyless VALUES (1, 'x'), (1, 'x'), (NULL, ''), (NULL, NULL);
CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES;
CREATE TABLE part (id int, r text, v text, PRIMARY KEY (id, r)) PARTITION BY LIST (r);
CREATE TABLE part_a PARTITION OF part FOR VALUES IN ('a') PARTITION BY RANGE (id);
CREATE TABLE part_a1 PARTITION OF part_a FOR VALUES FROM (0) TO (500);
CREATE TABLE part_a2 PARTITION OF part_a FOR VALUES FROM (500) TO (5000);
CREATE TABLE part_b PARTITION OF part DEFAULT;
CREATE INDEX ON part (v);
INSERT INTO part SELECT i, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END, 'v' || i FROM generate_series(1, 1000) i;
CREATE TABLE child (id serial PRIMARY KEY, r text DEFAULT 'a', p int, FOREIGN KEY (p, r) REFERENCES part, UNIQUE (p) DEFERRABLE);
INSERT INTO child (p) VALUES (2), (4);
CREATE INDEX child_low ON child (lower(r)) WHERE p > 1;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON child FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE keyless ENABLE ROW LEVEL SECURITY; CREATE POLICY pol ON keyless USING (a > 0);
CREATE VIEW seen AS SELECT id, r FROM child;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM child;
CREATE SEQUENCE lone INCREMENT -3; SELECT nextval('lone'), nextval('lone');
"""

S = '"Übung ""q"" schema"'
T = '"Tab.le ""x"" äöüßäöüßäöüßäöüßäöüß"'

# What is done to the target, and what must be named: (kind, end of the name) of objects, or (table, keys) of rows.
OBJECTS = {
    "ALTER TABLE keyless ALTER a SET DEFAULT 5": ("column", "keyless.a"),
    "ALTER TABLE child ALTER r SET NOT NULL": ("column", "child.r"),
    "DROP INDEX child_low": ("index", "child_low"),
    "DROP INDEX part_v_idx": ("index", "part_v_idx"),
    "ALTER TABLE child DISABLE TRIGGER touched": ("trigger", "child.touched"),
    "ALTER TABLE child DROP CONSTRAINT child_p_key, ADD CONSTRAINT child_p_key UNIQUE (p)": ("unique", "child.child_p_key"),
    "ALTER TABLE child DROP CONSTRAINT child_p_r_fkey": ("foreign key", "child.child_p_r_fkey"),
    "ALTER DOMAIN posint ADD CHECK (value < 100)": ("domain", "posint"),
    "ALTER TYPE mood ADD VALUE 'new'": ("enum", "mood"),
    "DROP POLICY pol ON keyless": ("policy", "keyless.pol"),
    "ALTER TABLE keyless DISABLE ROW LEVEL SECURITY": ("table", "keyless"),
    "CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'": ("function", "touch()"),
    "CREATE OR REPLACE VIEW seen AS SELECT id, r FROM child WHERE id > 1": ("view", "seen"),
    "REFRESH MATERIALIZED VIEW counted WITH NO DATA": ("materialized view content", "counted"),
    "SELECT setval('child_id_seq', 1)": ("sequence value", "child_id_seq"),
    "SELECT setval('lone', -1)": ("sequence value", "lone"),
    "ALTER TABLE part DETACH PARTITION part_b; ALTER TABLE part ATTACH PARTITION part_b FOR VALUES IN ('b')": ("table", "part_b"),
}
ROWS = {
    f"UPDATE {T} SET t = NULL WHERE t = ''": (T, ["\"Schlüssel 'ä\"\"'\"=1"]),
    f"UPDATE {T} SET n = '1.1' WHERE n = '1.10'": (T, ["\"Schlüssel 'ä\"\"'\"=1"]),
    f"UPDATE {T} SET f = '0' WHERE f = '-0'": (T, ["\"Schlüssel 'ä\"\"'\"=1"]),
    f"UPDATE {T} SET j = '{{}}' WHERE j::text = '{{ }}'": (T, ["\"Schlüssel 'ä\"\"'\"=2"]),
    f"DELETE FROM {T} WHERE \"Schlüssel 'ä\"\"'\" = 3": (T, ["\"Schlüssel 'ä\"\"'\"=3"]),
    "UPDATE part SET v = 'other' WHERE id = 777": ("part", ["id=777, r='b'"]),
    "INSERT INTO part VALUES (4000, 'a', 'x')": ("part", ["id=4000, r='a'"]),
    "UPDATE wide SET c1600 = ''": ("wide", None),
    "UPDATE keyless SET b = '' WHERE b IS NULL": ("keyless", None),
    "DELETE FROM keyless WHERE ctid = (SELECT min(ctid) FROM keyless WHERE a = 1)": ("keyless", None),
    "INSERT INTO bare DEFAULT VALUES": ("bare", None),
}


def copy(source, target):
    dump = subprocess.run([bin_dir() / "pg_dump", "-d", source.conninfo], capture_output=True, text=True, check=True).stdout
    target.sql(dump)


@pytest.fixture
def copied(migration):
    migration.source.sql(SCHEMA)
    copy(migration.source, migration.target)
    migration.schemas = "Übung \"q\" schema"
    return migration


def verify(migration, *extra, expect):
    """Without an export directory and without schemas: all that a person made."""
    flags = [flag for flag in migration.source_flags()]
    at = flags.index("--source-db-schema")
    del flags[at:at + 2]
    return migration.command("verify", *flags, *migration.target_flags(), "--output-format", "json", *extra, expect=expect).json()


def test_a_restored_dump_is_equal_and_each_change_is_named(copied):
    told = verify(copied, expect=0)
    assert told["verdict"] == "equal" and told["tables_compared"] == 7
    for statement, (kind, name) in OBJECTS.items():
        copy_again(copied)
        copied.target.sql(f"SET search_path = {S}; {statement}")
        named = {(one["kind"], one["name"]) for one in verify(copied, "--objects-only", "true", expect=9)["objects"]}
        assert any(k == kind and n == f"{S}.{name}" for k, n in named), f"{statement}: {named}"


def test_each_changed_row_is_named(copied):
    for statement, (table, keys) in ROWS.items():
        copy_again(copied)
        copied.target.sql(f"SET search_path = {S}; {statement}")
        told = verify(copied, "--rows-only", "true", expect=9)
        different = [one for one in told["tables"] if not one["equal"]]
        assert [one["table"] for one in different] == [f"{S}.{table}"], statement
        assert different[0]["error"] == "" and different[0]["keys"], statement
        if keys:
            assert [one["key"] for one in different[0]["keys"]] == keys, statement


def test_names_that_a_server_chose_for_partitions_are_no_difference(copied):
    copied.target.sql(f"SET search_path = {S}; ALTER INDEX part_a1_v_idx RENAME TO other;"
                      "ALTER TABLE part_b RENAME CONSTRAINT part_b_pkey TO another")
    verify(copied, expect=0)


def test_a_sequence_that_is_ahead_is_no_difference(copied):
    copied.target.sql(f"SET search_path = {S}; SELECT setval('child_id_seq', 500), setval('lone', -100)")
    verify(copied, expect=0)


def test_a_table_that_cannot_be_read_is_an_error_of_that_table(copied):
    copied.target.sql(f"SET search_path = {S}; CREATE ROLE blind LOGIN; GRANT USAGE ON SCHEMA {S} TO blind;"
                      f"GRANT SELECT ON ALL TABLES IN SCHEMA {S} TO blind; REVOKE SELECT ON wide FROM blind")
    try:
        copied.target.user = "blind"
        told = verify(copied, "--rows-only", "true", expect=9)
        bad = {one["table"]: one["error"] for one in told["tables"] if not one["equal"]}
        assert set(bad) == {f"{S}.wide", f"{S}.keyless"}, "no right, and row security that would hide rows"
        assert "permission denied" in bad[f"{S}.wide"] and "row-level security" in bad[f"{S}.keyless"]
    finally:
        copied.target.user = "postgres"
        copied.target.sql("DROP OWNED BY blind; DROP ROLE blind")


def copy_again(migration):
    migration.target.sql(f"DROP SCHEMA IF EXISTS {S} CASCADE")
    copy(migration.source, migration.target)


@pytest.mark.parametrize("corpus", ["pagila/pagila.sql", "adventureworks/adventureworks-trimmed.sql"])
def test_corpora_survive_dump_and_restore(migration, corpora, corpus):
    migration.source.load(corpora / "postgresql" / corpus, stop_on_error=False)
    copy(migration.source, migration.target)
    told = verify(migration, expect=0)
    assert told["tables_compared"] >= 15 and told["objects_compared"] > 200


def told(migration, *extra, expect):
    return migration.command("verify", *migration.source_flags(), *migration.target_flags(), *extra, expect=expect).out


def test_an_empty_target_is_one_line_a_kind(migration):
    migration.source.sql("".join(f"CREATE TABLE t{n} (a int PRIMARY KEY, b text); CREATE INDEX ON t{n} (b); CREATE VIEW v{n} AS SELECT * FROM t{n};"
                                 for n in range(30)))
    out = told(migration, expect=9)
    assert "missing on target: table, all 30 of the source" in out and "missing on target: view, all 30 of the source" in out
    assert "the target has none of the 30 tables" in out
    assert len(out.splitlines()) < 20, out


def test_a_view_that_nobody_filled_names_the_command(migration):
    for db in (migration.source, migration.target):
        db.sql('CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE MATERIALIZED VIEW "M v" AS SELECT a FROM t')
    migration.target.sql('REFRESH MATERIALIZED VIEW "M v" WITH NO DATA')
    assert 'REFRESH MATERIALIZED VIEW public."M v";' in told(migration, expect=9)
    assert 'REFRESH MATERIALIZED VIEW public."M v";' in told(migration, "--rows-only", "true", expect=9)
    # Filled on the target alone is what finalize does on request.
    migration.source.sql('REFRESH MATERIALIZED VIEW "M v" WITH NO DATA')
    migration.target.sql('REFRESH MATERIALIZED VIEW "M v"')
    told(migration, expect=0)


def test_settings_of_a_catalogue_make_no_difference(migration):
    settings = ["quote_all_identifiers = on", "DateStyle = 'German'", "IntervalStyle = 'iso_8601'", "bytea_output = 'escape'",
                "extra_float_digits = -5", "search_path = 'x'", "lc_monetary = 'C.UTF-8'", "xmlbinary = 'hex'"]
    for db in (migration.source, migration.target):
        db.sql("""CREATE TABLE t (id int PRIMARY KEY, d date DEFAULT '2024-02-03', i interval DEFAULT '1 day 2 hours', b bytea DEFAULT '\\x00ff', f float4 DEFAULT 0.1,
                  m money DEFAULT 5, c float8[] DEFAULT '{0.1}', x xml); INSERT INTO t (id) VALUES (1); CREATE VIEW v AS SELECT id, d FROM t WHERE d > '2024-01-02'""")
    for setting in settings:
        migration.target.sql(f'ALTER DATABASE "{migration.target.name}" SET {setting}')
    told(migration, "--compare-settings", "false", expect=0)
    assert "database setting quote_all_identifiers" in told(migration, expect=9)


def test_a_function_in_an_index_that_names_another_without_schema(migration):
    for db in (migration.source, migration.target):
        db.sql("""CREATE FUNCTION inner_f(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1 + i';
                  CREATE FUNCTION outer_f(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT inner_f(i) * 2';
                  CREATE SCHEMA data; CREATE TABLE data.facts (id int PRIMARY KEY, n int); INSERT INTO data.facts SELECT g, g FROM generate_series(1, 100) g;
                  CREATE INDEX facts_outer ON data.facts (outer_f(n)); CREATE INDEX facts_part ON data.facts (id) WHERE outer_f(n) > 10""")
    migration.schemas = "data"
    told(migration, expect=0)
    migration.target.sql("UPDATE data.facts SET n = 0 WHERE id = 7")
    assert "id=7" in told(migration, expect=9)


def test_texts_of_another_encoding_are_compared_by_their_characters(migration, source_cluster):
    latin = source_cluster.create("latin_of_verify", "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    try:
        for db in (latin, migration.target):
            db.sql("""CREATE TABLE memo (id int PRIMARY KEY, "prénom" text, tag "char", arr text[], j jsonb, x xml);
                      INSERT INTO memo VALUES (1, 'Zoë', 'x', ARRAY['é', 'ü'], '{"ñ": "å"}', '<a>é</a>'), (2, 'straße', E'\\\\', '{}', '{}', NULL);
                      COMMENT ON TABLE memo IS 'façade'; CREATE VIEW "Vue générale" AS SELECT "prénom" FROM memo WHERE "prénom" <> 'é'""")
        migration.source = latin
        out = told(migration, expect=0)
        assert "LATIN1 on the source, UTF8 on the target" in out
        assert "the databases sort otherwise: collation C on the source, C.UTF-8 on the target" in out
        migration.target.sql("UPDATE memo SET arr = ARRAY['è', 'ü'] WHERE id = 1")
        assert "id=1" in told(migration, expect=9)
    finally:
        source_cluster.drop("latin_of_verify")


def test_rights_owners_and_comments_are_compared_on_request(migration):
    for db in (migration.source, migration.target):
        db.sql("CREATE TABLE t (a int, b int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    migration.target.sql("""CREATE ROLE verify_reader; GRANT SELECT (a) ON t TO verify_reader; REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC;
                            ALTER FUNCTION f() OWNER TO verify_reader; COMMENT ON COLUMN t.b IS 'x'""")
    try:
        flags = ["--compare-owners", "--compare-grants", "--compare-comments"]
        out = told(migration, *(part for flag in flags for part in (flag, "false")), expect=0)
        assert "owners (--compare-owners true)" in out
        out = told(migration, expect=9)
        for line in ("only on target: grant table column public.t.a", "granted SELECT to verify_reader", "revoked EXECUTE from public",
                     "different: owner function public.f()", "only on target: comment table column public.t.b"):
            assert line in out, out
    finally:
        migration.target.sql("DROP OWNED BY verify_reader; DROP ROLE verify_reader")


def test_large_objects_are_compared(migration):
    for db in (migration.source, migration.target):
        db.sql("SELECT lo_from_bytea(4242, 'hello'), lo_from_bytea(4243, decode(repeat('61', 3000000), 'hex'))")
    assert told(migration, expect=0)
    migration.target.sql("SELECT lo_put(4243, 2500000, 'B')")
    assert "oid='4243'" in told(migration, expect=9)
    migration.target.sql("SELECT lo_unlink(4242), lo_unlink(4243)")
    out = told(migration, expect=9)
    assert "missing on the target" in out and "large objects" in out and "pg_catalog" not in out
