"""What becomes of a MySQL schema beside the PostgreSQL schema that the same authors wrote: every difference is a line of
mysql_pairs/NAME.txt, and each kind of line a choice of docs/how-to/mysql.md. VOY_REWRITE=1 writes the files anew."""

import os
import re
from pathlib import Path

import pytest

from harness.mariadb import MariaDatabase, MySqlMigration

HERE = Path(__file__).parent / "mysql_pairs"
PAIRS = {
    "chinook": ("chinook/Chinook_MySql.sql", "Chinook", "chinook/Chinook_PostgreSql.sql"),
    "ambari": ("ambari/Ambari-DDL-MySQL-CREATE.sql", "", "ambari/Ambari-DDL-Postgres-CREATE.sql"),
    "wso2-registry": ("wso2-registry/mysql.sql", "", "wso2-registry/postgresql.sql"),
}
# In this order: the choice that a line is an instance of, each with its paragraph in docs/how-to/mysql.md.
CHOICES = [
    ("fractions", r"column .* \| timestamp\(0\) without time zone(.*) \| timestamp without time zone\1"),
    ("moments", r"column .* \| timestamp\(0\) with time zone(.*) \| timestamp without time zone\1"),
    ("sequence names", r"column .* \| (\w+ not null) default nextval\(.* \| \1 default nextval\(.*"),
    ("truth", r"column .* \| (smallint|character varying\(1\))( not null)?( default 0)? \| boolean( not null)?( default false)?"),
    ("key indexes", r"index .* btree \(.*\) \| is there \| -"),
    ("sizes", r"column .* \| (character varying\(\d+\)|text|numeric\(38,0\))( not null)?( default '\w+'::character varying)? \| "
              r"(character varying(\(\d+\))?|bigint)( not null)?( default '\w+'::character varying)?"),
    # The two scripts of one project do not say the same: another order, a default or a table that only one has.
    ("scripts differ", r"(foreign key|primary key|unique) .*|column .*|index .* \| - \| is there"),
]
COLUMNS = """SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'ybvoyager_metadata') AND a.attnum > 0 AND NOT a.attisdropped"""
CONSTRAINTS = """SELECT c.relname, o.contype, pg_get_constraintdef(o.oid) FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE o.contype IN ('p', 'u', 'f', 'c') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'ybvoyager_metadata')"""
INDEXES = """SELECT t.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE NOT i.indisprimary AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid)
AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'ybvoyager_metadata')"""


def plain(text: str) -> str:
    """Names without case, underlines, quotes and schemas: authors write them as each product likes."""
    return re.sub(r'[_"]|\b(public|ambari|reg)\.', "", text.lower())


def facts(db) -> dict:
    found = {}
    for table, column, kind, required, default in db.rows(COLUMNS):
        key = f"column {plain(table)}.{plain(column)}"
        found[key] = kind + (" not null" if required == "t" else "") + (f" default {plain(default)}" if default else "")
    for table, kind, text in db.rows(CONSTRAINTS):
        name = {"p": "primary key", "u": "unique", "f": "foreign key", "c": "check"}[kind]
        found[f"{name} {plain(table)} {plain(text)}"] = "is there"
    for table, text in db.rows(INDEXES):
        shape = re.sub(r"^CREATE (UNIQUE )?INDEX .*? USING", r"\1", text)
        found[f"index {plain(table)} {plain(shape).strip()}"] = "is there"
    return found


def differences(here: dict, theirs: dict) -> list[str]:
    out = []
    for key in sorted(here.keys() | theirs.keys()):
        if here.get(key) != theirs.get(key):
            line = f"{key} | {here.get(key, '-')} | {theirs.get(key, '-')}"
            out.append(next(name for name, pattern in CHOICES if re.fullmatch(pattern, line)) + ": " + line)
    return out


@pytest.mark.parametrize("name", PAIRS)
def test_pair(name, corpora, mariadb_server, target, target_cluster, folder):
    script, database, postgresql = PAIRS[name]
    own = "pair_" + re.sub(r"\W", "_", name)
    start = mariadb_server.create(own)
    start.load(corpora / "mysql" / script)
    source = MariaDatabase(mariadb_server, database) if database else start
    other = target_cluster.create(own + "_theirs")
    try:
        migration = MySqlMigration(source, target, folder)
        migration.export_schema("--yes", "--assess-schema-before-export", "false")
        migration.import_schema()
        migration.finalize()
        text = (corpora / "postgresql" / postgresql).read_text(errors="replace")
        other.sql(re.sub(r"(?im)^(\\.*|drop database.*|create database.*)$", "", text))
        lines = differences(facts(target), facts(other))
    finally:
        target_cluster.drop(other.name)
        for one in {source.name, own}:
            mariadb_server.drop(one)
    file = HERE / f"{name}.txt"
    head = "# choice: key | what MySQL's schema becomes | what its authors wrote for PostgreSQL\n"
    if os.environ.get("VOY_REWRITE"):
        HERE.mkdir(exist_ok=True)
        file.write_text(head + "\n".join(lines) + "\n")
    assert file.read_text().splitlines()[1:] == lines
