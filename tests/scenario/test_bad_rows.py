"""Rows that the target refuses. Ten kinds: exactly those are set aside, the rest is in, the totals add up, exit code 8."""

from dataclasses import dataclass

import pytest

GOOD, BAD = 200, (3, 77, 200)


@dataclass
class Kind:
    name: str
    source: str      # column type and options on the source
    target: str      # on the target
    good: str        # value of row g, an SQL expression
    bad: str
    before: str = ""


KINDS = [
    Kind("null", "int", "int NOT NULL", "g", "NULL"),
    Kind("check", "int", "int CHECK (v > 0)", "g", "-g"),
    Kind("duplicate_key", "int", "int PRIMARY KEY", "g", "1"),
    Kind("number_too_large", "bigint", "smallint", "g", "70000 + g"),
    Kind("text_too_long", "text", "varchar(5)", "g::text", "'too long ' || g"),
    Kind("not_a_number", "text", "int", "g::text", "'none ' || g"),
    Kind("unknown_enum_label", "text", "public.mood", "'ok'", "'label ' || g", "CREATE TYPE public.mood AS ENUM ('ok');"),
    Kind("not_json", "text", "jsonb", "'{}'", "'{' || g"),
    Kind("not_a_date", "text", "date", "'2020-02-28'", "'2020-02-30'"),
    Kind("numeric_overflow", "numeric", "numeric(4,1)", "g", "1000000 + g"),
    Kind("not_a_uuid", "text", "uuid", "'00000000-0000-0000-0000-000000000000'", "'no uuid ' || g"),
    Kind("domain", "text", "public.short", "'ok'", "'too long for the domain'", "CREATE DOMAIN public.short AS text CHECK (length(VALUE) < 5);"),
]


def prepare(migration, kind: Kind):
    bad = ", ".join(map(str, BAD))
    migration.source.sql(f"""CREATE TABLE t (id int, v {kind.source});
        INSERT INTO t SELECT g, CASE WHEN g IN ({bad}) THEN {kind.bad} ELSE {kind.good} END FROM generate_series(1, {GOOD}) g;
        CREATE TABLE fine (a int); INSERT INTO fine SELECT generate_series(1, 50);""")
    migration.export_schema()
    # The schema is edited by hand between export and import, as the documents tell users to.
    file = migration.export_dir / "schema" / "tables" / "table.sql"
    text = file.read_text()
    at = text.index("CREATE TABLE public.t (")
    file.write_text(text[:at] + f"{kind.before}\nCREATE TABLE public.t (id int, v {kind.target});\n" + text[text.index(";", at) + 1:])
    migration.import_schema()
    migration.export_data()


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_set_aside(migration, kind):
    prepare(migration, kind)
    done = migration.import_data("--error-policy-snapshot", "stash-and-continue", expect=8)
    # Of equal keys the first row is the good one, whichever it is.
    refused = len(BAD)
    assert migration.target.count("t") == GOOD - refused, done
    assert migration.target.count("fine") == 50
    row = next(r for r in migration.status("import") if r["table_name"] == '"public"."t"')
    assert (row["total_count"], row["imported_count"], row["errored_count"]) == (GOOD, GOOD - refused, refused)
    assert row["status"] == "DONE_WITH_ERRORS"
    stash = "\n".join(p.read_text(errors="replace") for p in migration.files("data/errors/**/*"))
    listed = [line for line in stash.splitlines() if line.startswith("ROW")]
    assert len(listed) == refused, stash
    assert stash.count("ERROR") >= refused, stash
    # A second run has nothing to do and says again how it ended.
    assert migration.import_data("--error-policy-snapshot", "stash-and-continue", expect=8).code == 8
    assert migration.target.count("t") == GOOD - refused


def test_abort_keeps_what_is_in_and_goes_on_after_the_repair(migration):
    kind = KINDS[0]
    prepare(migration, kind)
    done = migration.import_data(expect=1)
    assert "public.t" in done.said and "23502" in done.said and "null value" in done.said, done
    migration.target.sql("ALTER TABLE t ALTER v DROP NOT NULL")
    migration.import_data()
    assert migration.target.count("t") == GOOD


def test_the_policy_cannot_change_on_resume(migration):
    prepare(migration, KINDS[0])
    migration.import_data(expect=1)
    refused = migration.import_data("--error-policy-snapshot", "stash-and-continue", expect=7)
    assert "error-policy-snapshot" in refused.said, refused


def test_every_row_bad(migration):
    migration.source.sql("CREATE TABLE t (a int); INSERT INTO t SELECT -g FROM generate_series(1, 60) g;")
    migration.export_schema()
    migration.import_schema()
    migration.target.sql("ALTER TABLE t ADD CHECK (a > 0)")
    migration.export_data()
    migration.import_data("--error-policy-snapshot", "stash-and-continue", "--batch-size", "25", expect=8)
    assert migration.target.count("t") == 0
    row = migration.status("import")[0]
    assert (row["total_count"], row["imported_count"], row["errored_count"]) == (60, 0, 60)
