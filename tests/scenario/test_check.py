"""check: everything that the commands look at before they begin, at once, and nothing is changed."""

import subprocess

import pytest

from harness import json_schema
from harness.cluster import free_port
from harness.migration import run


def answers(place, *flags, expect):
    found = run("check", "--config-file", place, *flags, "--output-format", "json", expect=expect).json()
    assert json_schema.errors(found, "check") == []
    assert found["ready"] == (expect == 0)
    return found["checks"]


def missing(checks):
    return {(one["side"], one["what"]) for one in checks if one["result"] == "missing"}


@pytest.fixture
def poor(source, target, folder):
    """A user without rights on either side, and a file that names both."""
    for database in (source, target):
        database.sql("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'checker') THEN CREATE ROLE checker LOGIN; END IF; END $$")
    source.sql("CREATE SCHEMA shop; CREATE TABLE shop.t (a int PRIMARY KEY); CREATE TABLE shop.u (a int); CREATE SEQUENCE shop.s")
    target.sql("CREATE SCHEMA shop; CREATE TABLE shop.t (a int PRIMARY KEY)")
    (folder / "export-dir").mkdir(exist_ok=True)
    place = folder / "shop.yaml"
    place.write_text(f"""export-dir: {folder}/export-dir
source: {{db-type: postgresql, db-host: "{source.host}", db-port: {source.port}, db-user: checker, db-name: {source.name}, db-schema: shop}}
target: {{db-type: postgresql, db-host: "{target.host}", db-port: {target.port}, db-user: checker, db-name: {target.name}}}
export-data: {{exclude-table-list: nothing*}}
""")
    place.write_text(place.read_text().replace("export-data: {exclude-table-list: nothing*}\n", ""))
    yield place
    for database in (source, target):
        database.sql("DROP OWNED BY checker")


def schema_of(database):
    return subprocess.run(["pg_dump", "-h", database.host, "-p", str(database.port), "-U", database.user, database.name], check=True,
                          capture_output=True, text=True).stdout


def state(folder):
    return sorted(str(path) for path in folder.rglob("*"))


def without_random_words(dump):
    return [line for line in dump.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def test_what_is_missing_is_said_with_the_sql_that_mends_it(poor, source, target):
    before = [without_random_words(schema_of(database)) for database in (source, target)], state(poor.parent)
    checks = answers(poor, expect=5)
    assert {("source", "export schema"), ("source", "export data"), ("target", "import schema"), ("target", "import data")} <= missing(checks)
    assert ([without_random_words(schema_of(database)) for database in (source, target)], state(poor.parent)) == before, "something was changed"
    for _ in range(5):
        sql = {side: [fix for one in checks if one["side"] == side for fix in one["fix"] if fix.endswith(";")] for side in ("source", "target")}
        for database in (source, target):
            for statement in sql["source" if database is source else "target"]:
                database.sql(statement)
        done = run("check", "--config-file", poor, "--output-format", "json", expect=(0, 5)).json()
        checks = done["checks"]
        if done["ready"]:
            break
    assert done["ready"], checks
    text = run("check", "--config-file", poor)
    assert "Nothing is missing" in text.err and "2 tables" in text.out and "1 of 2 tables are there" in text.out


def test_every_side_is_looked_at_when_one_is_away(poor, source):
    checks = answers(poor, "--target-db-port", free_port(), expect=5)
    assert ("target", "connection") in missing(checks) and ("source", "export data") in missing(checks)
    assert next(one for one in checks if (one["side"], one["what"]) == ("target", "connection"))["code"] == "CON-003"
    away = answers(poor, "--source-db-name", "nowhere", "--export-dir", poor.parent / "none", expect=5)
    assert {("source", "connection"), ("here", "export directory"), ("target", "import schema")} <= missing(away)
    assert source.name in next(one["cause"] for one in away if one["side"] == "source")


def test_capture_is_checked_when_the_file_asks_for_changes(poor, source):
    poor.write_text(poor.read_text() + "export-data: {export-type: snapshot-and-changes}\n")
    checks = answers(poor, expect=5)
    assert any(one["what"] == "capture of changes" and one["result"] == "missing" and "wal_level" in str(one) for one in checks), checks


def test_nothing_to_check_is_a_fault_of_the_command_line():
    assert "nothing to check" in run("check", expect=2).said
