"""The script that gathers the metadata of an assessment where yb-voyager is not: the same files as the program writes, its
arguments, its questions, and what it leaves when it fails."""

import csv
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import time
from urllib.parse import quote

import pytest

from harness.arguments import ArgumentWatcher
from harness.cluster import Cluster, Database
from harness.migration import REPOSITORY, binary, clean_environment, run as voyager

FOLDER = REPOSITORY / "share/gather-assessment-metadata/postgresql"
SCRIPT = FOLDER / "yb-voyager-pg-gather-assessment-metadata.sh"
QUERIES = REPOSITORY / "src/connectors/postgresql/gather"
CSV = {"column_statistics", "index-to-table-mapping", "object-type-mapping", "redundant-indexes", "table-columns-count",
       "table-columns-data-types", "table-index-iops-initial", "table-index-iops-final", "table-index-sizes",
       "table-index-usage-stats", "table-row-counts"}
ODD = 'Odd "s.c h,e\'m{a}\\ ä$x'
AWKWARD = """
CREATE TYPE mood AS ENUM ('a'); CREATE TYPE pair AS (x int, y text); CREATE DOMAIN amount AS numeric(9,2);
CREATE TABLE "<script>alert(1)</script>" (id int PRIMARY KEY, "select" text, "two
lines" mood, "q""uote, comma" pair[], n amount, e text);
INSERT INTO "<script>alert(1)</script>" SELECT i, 'x"y,' || E'\\n', 'a', NULL, 1, '' FROM generate_series(1, 50) i;
CREATE INDEX one ON "<script>alert(1)</script>" ("select"); CREATE INDEX two ON "<script>alert(1)</script>" ("select", n);
CREATE TABLE p (k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX ON p (k);
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one; CREATE TABLE bare (); ANALYZE;
"""


@pytest.fixture(scope="module")
def noting_cluster():
    """A server that notes its queries."""
    with Cluster("noting", settings={"shared_preload_libraries": "pg_stat_statements"}) as cluster:
        yield cluster


@pytest.fixture
def noting(noting_cluster):
    db = noting_cluster.create()
    db.sql("CREATE EXTENSION pg_stat_statements; CREATE TABLE public.plain (id int PRIMARY KEY); ANALYZE")
    yield db
    noting_cluster.drop(db.name)


def address(db: Database, user=None) -> str:
    return f"postgresql://{user or db.user}@{db.host}:{db.port}/{db.name}"


def gather(*args, expect=0, answer=None, env=None, script=SCRIPT):
    """Without a terminal; `answer` comes through a pipe."""
    stdin = {"stdin": subprocess.DEVNULL} if answer is None else {"input": answer}
    done = subprocess.run([str(script), *map(str, args)], capture_output=True, text=True, timeout=120,
                          env=clean_environment(env), **stdin)
    assert done.returncode == expect, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def assess(db: Database, export_dir, schemas):
    """The program's own way to the same files."""
    return voyager("assess-migration", "--export-dir", export_dir, "--source-db-type", "postgresql", "--source-db-host", db.host,
                   "--source-db-port", db.port, "--source-db-user", db.user, "--source-db-name", db.name, "--source-db-schema", schemas,
                   "--iops-capture-interval", "0", "--target-db-version", "2025.2.3.0", "--primary-only", "--yes",
                   env={"SOURCE_DB_PASSWORD": "not-asked-for"})


def table(path) -> list[list[str]]:
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    return rows[:1] + sorted(rows[1:])


def names(folder) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_the_documented_command_line(noting, folder):
    """As the documents have it: four arguments, the last is the interval."""
    noting.sql("CREATE SCHEMA schema1; CREATE SCHEMA schema2; CREATE TABLE schema1.a (i int); CREATE TABLE schema2.b (i int); ANALYZE")
    out = folder / "assessment_metadata_dir"
    begun = time.monotonic()
    gather(address(noting), "schema1|schema2", out, "1")
    assert time.monotonic() - begun >= 1
    assert names(out) == {"node-primary", "schema", "yb-voyager-assessment.log"}
    assert names(out / "node-primary") == {f"{n}.csv" for n in CSV | {"db-queries-summary"}} | {"gathered.json"}
    facts = json.loads((out / "node-primary/gathered.json").read_text())
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:]{8}Z", facts.pop("gathered_at"))
    assert facts.pop("server_version") == "PostgreSQL " + noting.value("SHOW server_version")
    assert facts == {"format_version": 1, "iops_capture_interval": 1, "database": noting.name, "schemas": ["schema1", "schema2"]}
    types = table(out / "node-primary/object-type-mapping.csv")
    assert types == [["source_node", "schema_name", "object_name", "object_type"],
                     ["primary", "schema1", "a", "table"], ["primary", "schema2", "b", "table"]]
    dump = (out / "schema/schema.sql").read_text()
    assert "CREATE TABLE schema1.a" in dump and "CREATE TABLE schema2.b" in dump and "public.plain" not in dump
    assert "done" in (out / "yb-voyager-assessment.log").read_text()


def test_the_script_and_the_program_write_the_same(noting, folder):
    noting.sql(f"""CREATE SCHEMA {quoted(ODD)}; SET search_path = {quoted(ODD)}; {AWKWARD}""")
    gather(address(noting), f"public|{ODD}", folder / "by-hand", "true", "0")
    export_dir = folder / "export-dir"
    export_dir.mkdir()
    assess(noting, export_dir, f"public,{quoted(ODD)}")
    own, other = folder / "by-hand/node-primary", export_dir / "assessment/metadata/node-primary"
    assert names(own) == names(other)
    facts = [json.loads((place / "gathered.json").read_text()) for place in (own, other)]
    assert set(facts[0]["schemas"]) == set(facts[1]["schemas"]) == {"public", ODD} and facts[0].keys() == facts[1].keys()
    for name in CSV:
        assert table(own / f"{name}.csv") == table(other / f"{name}.csv"), name
    queries = [table(place / "db-queries-summary.csv") for place in (own, other)]
    assert queries[0][0] == queries[1][0] == ["source_node", "pgss_data"]
    texts = [{json.loads(row[1])["query"] for row in rows[1:]} for rows in queries]
    assert any("<script>alert(1)</script>" in text for text in texts[0])
    assert texts[0] - texts[1] == set()

    def dump(path):  # Random in every dump.
        return [line for line in path.read_text().splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]
    assert dump(folder / "by-hand/schema/schema.sql") == dump(export_dir / "assessment/metadata/schema/schema.sql")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.mark.parametrize("given,found", [
    (ODD, ODD), (quoted(ODD), ODD), ("Upper", "Upper"), ("UPPER", "upper"), ("upper", "upper"), ('"a|b"', "a|b"), (" blank ", " blank ")])
def test_schema_names(noting, folder, given, found):
    for name in (ODD, "Upper", "upper", "a|b", " blank "):
        noting.sql(f"CREATE SCHEMA {quoted(name)}; CREATE TABLE {quoted(name)}.t (i int)")
    noting.sql("ANALYZE")
    gather(address(noting), given + "|public", folder / "out", "false", "0")
    counts = table(folder / "out/node-primary/table-columns-count.csv")
    assert {row[1] for row in counts[1:]} == {found, "public"}
    assert f"CREATE TABLE {quoted(found) if found != 'upper' else found}.t" in (folder / "out/schema/schema.sql").read_text()
    assert not (folder / "out/node-primary/db-queries-summary.csv").exists()


@pytest.mark.parametrize("extra,said", [
    ([], "Usage"), (["public"], "Usage"), (["public", "{out}", "maybe"], "PGSS"), (["public", "{out}", "true", "soon"], "INTERVAL"),
    (["public", "{out}", "1", "2", "3", "4", "5", "6"], "Usage"), (["public", "{out}", "1", "true", "primary", "false", "more"], "too many"),
    (["public", "{out}", "true", "1", "perhaps"], "YES"), (["public", "{out}", "1", "true", "../up"], "NODE"),
    (["", "{out}"], "must not be empty"), (["public", "{out}", "1", "true", "primary", "perhaps"], "SKIP-CHECKS")])
def test_wrong_arguments(folder, extra, said):
    done = gather("postgresql://nobody@127.0.0.1:1/x", *[e.format(out=folder / "out") for e in extra], expect=1)
    assert said in done.stderr
    assert list(folder.iterdir()) == []


def test_help_says_everything(folder):
    text = gather("--help").stdout
    for word in ("CONNECTION", "SCHEMAS", "FOLDER", "PGSS", "INTERVAL", "YES", "NODE", "SKIP-CHECKS", "PGPASSWORD", "Exit code"):
        assert word in text


def test_what_cannot_be_reached_or_is_not_there(noting, folder):
    out = folder / "out"
    assert "cannot connect" in gather("postgresql://nobody@127.0.0.1:1/x", "public", out, expect=1).stderr
    assert "no schema absent" in gather(address(noting), "public|absent", out, expect=1).stderr
    alone = folder / "alone.sh"
    shutil.copy(SCRIPT, alone)
    assert "sql/" in gather(address(noting), "public", out, expect=1, script=alone).stderr
    assert names(out) == {"yb-voyager-assessment.log"}


def test_an_earlier_run_is_replaced_only_when_agreed(noting, folder):
    out = folder / "out"
    gather(address(noting), "public", out, "true", "0")
    first = (out / "node-primary/table-columns-count.csv").read_text()
    noting.sql("CREATE TABLE later (i int)")
    assert "nobody to answer" in gather(address(noting), "public", out, "0", expect=1).stderr
    gather(address(noting), "public", out, "0", answer="no\n", expect=2)
    assert names(out) == {"node-primary", "schema", "yb-voyager-assessment.log"}
    assert (out / "node-primary/table-columns-count.csv").read_text() == first
    gather(address(noting), "public", out, "0", answer="y\n")
    gather(address(noting), "public", out, "true", "0", "true")
    assert "later" in (out / "node-primary/table-columns-count.csv").read_text()
    assert names(out) == {"node-primary", "schema", "yb-voyager-assessment.log"}


def test_a_person_declines_at_the_terminal(noting, folder):
    noting.sql("CREATE SCHEMA fresh; CREATE TABLE fresh.t (i int)")
    master, slave = pty.openpty()
    process = subprocess.Popen([str(SCRIPT), address(noting), "fresh", str(folder / "out"), "0"], stdin=slave, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env=clean_environment(), start_new_session=True)
    os.close(slave)
    os.write(master, b"n\n")
    out, err = process.communicate(timeout=60)
    os.close(master)
    assert process.returncode == 2, out + err
    assert "was ever analyzed" in err
    assert names(folder / "out") == {"yb-voyager-assessment.log"}


def test_statistics_are_asked_about_unless_checks_are_skipped(noting, folder):
    noting.sql("CREATE SCHEMA fresh; CREATE TABLE fresh.t (i int); CREATE ROLE uncounted LOGIN SUPERUSER; ALTER ROLE uncounted SET track_counts = off")
    try:
        done = gather(address(noting, "uncounted"), "fresh", folder / "out", "0", expect=1)
        assert "was ever analyzed" in done.stderr and "track_counts" in done.stderr and "nobody to answer" in done.stderr
        assert names(folder / "out") == {"yb-voyager-assessment.log"}
        gather(address(noting), "fresh", folder / "out", "0", "false", "primary", "true")
    finally:
        noting.sql("DROP ROLE uncounted")


def test_a_user_without_rights(noting, folder):
    noting.sql("CREATE ROLE weak LOGIN; CREATE SCHEMA shut; CREATE TABLE shut.t (i int); REVOKE ALL ON public.plain FROM PUBLIC; ANALYZE")
    try:
        done = gather(address(noting, "weak"), "shut|public", folder / "out", "0", expect=1)
        assert "GRANT USAGE ON SCHEMA shut TO weak;" in done.stderr
        assert "GRANT SELECT ON ALL TABLES IN SCHEMA public TO weak;" in done.stderr
        # pg_dump refuses it too: nothing that looks complete is left.
        gather(address(noting, "weak"), "public", folder / "out", "0", "true", "primary", "true", expect=1)
        assert names(folder / "out") == {"yb-voyager-assessment.log"}
    finally:
        noting.sql("DROP OWNED BY weak; DROP ROLE weak")


def test_queries_that_cannot_be_read(source, folder):
    """The extension is there, and its library was not loaded at the server's start."""
    source.sql("CREATE TABLE t (i int); CREATE EXTENSION pg_stat_statements; ANALYZE")
    done = gather(address(source), "public", folder / "auto", "0")
    assert "queries are left out" in done.stdout and "shared_preload_libraries" in done.stdout
    assert not (folder / "auto/node-primary/db-queries-summary.csv").exists()
    done = gather(address(source), "public", folder / "wanted", "true", "0", expect=1)
    assert "db-queries-summary.csv" in done.stderr and "shared_preload_libraries" in done.stderr
    assert names(folder / "wanted") == {"yb-voyager-assessment.log"}
    export_dir = folder / "export-dir"
    export_dir.mkdir()
    done = assess(source, export_dir, "public")
    assert "shared_preload_libraries" in done.said
    assert not (export_dir / "assessment/metadata/node-primary/db-queries-summary.csv").exists()


def test_a_replica_brings_no_schema(noting_cluster, noting, folder):
    replica = noting_cluster.replica()
    try:
        position = noting.value("SELECT pg_current_wal_lsn()")
        assert replica.wait_for(f"SELECT pg_last_wal_replay_lsn() >= '{position}'")
        there = replica.db(noting.name)
        gather(address(noting), "public", folder / "out", "true", "0")
        gather(address(there), "public", folder / "out", "true", "0", "false", f"127.0.0.1-{replica.port}")
    finally:
        replica.stop()
    assert names(folder / "out") == {"node-primary", f"node-127.0.0.1-{replica.port}", "schema", "yb-voyager-assessment.log"}
    node = folder / f"out/node-127.0.0.1-{replica.port}"
    assert names(node) == names(folder / "out/node-primary")
    own, other = table(folder / "out/node-primary/object-type-mapping.csv"), table(node / "object-type-mapping.csv")
    assert [r[1:] for r in own] == [r[1:] for r in other] and other[1][0] == node.name.removeprefix("node-")


def test_a_password_is_taken_from_the_environment_and_never_written(folder, canary):
    hba = "local all all trust\nhost all postgres 127.0.0.1/32 scram-sha-256\n"
    with Cluster("secret", hba=hba) as cluster:
        cluster.socket_db().sql(f"SET password_encryption = 'scram-sha-256'; ALTER ROLE postgres PASSWORD '{canary}'; CREATE TABLE t (i int); ANALYZE")
        db = cluster.db()
        done = gather(address(db), "public", folder / "out", "0", expect=1)
        assert "PGPASSWORD" in done.stderr
        gather(address(db), "public", folder / "out", "0", env={"PGPASSWORD": canary})
        assert "cannot connect" in gather(address(db), "public", folder / "out", "0", env={"PGPASSWORD": "wrong"}, expect=1).stderr
    for path in (p for p in folder.rglob("*") if p.is_file()):
        assert canary not in path.read_text(), path


@pytest.mark.parametrize("form", ["postgresql://postgres:{uri}@{host}:{port}/{db}", "postgresql://postgres@{host}:{port}/{db}?password={uri}&connect_timeout=9",
                                  "host={host} password='{plain}' port={port} user=postgres dbname={db}", "password = {bare} host={host} port={port} user=postgres dbname={db}"])
def test_a_password_within_the_connection_is_not_passed_on(folder, canary, form):
    """Everybody on the machine sees the arguments of psql and pg_dump."""
    secret = "it's " + canary if "plain" in form else canary
    hba = "local all all trust\nhost all postgres 127.0.0.1/32 scram-sha-256\n"
    with Cluster("secret", hba=hba) as cluster:
        quoted = secret.replace("'", "''")
        cluster.socket_db().sql(f"SET password_encryption = 'scram-sha-256'; ALTER ROLE postgres PASSWORD '{quoted}'; CREATE TABLE t (i int); ANALYZE")
        db = cluster.db()
        connection = form.format(host=db.host, port=db.port, db=db.name, uri=quote(secret, safe=""), plain=secret.replace("'", "\\'"), bare=secret)
        with ArgumentWatcher([canary, quote(canary, safe="")]) as watcher:
            gather(connection, "public", folder / "out", "1")
        # The script's own arguments, and its copies of itself, are the user's.
        assert {name for name, *_ in watcher.seen} <= {SCRIPT.name[:15], "bash", "env"}, watcher.seen
        wrong = gather(connection.replace(str(db.port), "1"), "public", folder / "out", "1", expect=1)
    for path in (p for p in folder.rglob("*") if p.is_file()):
        assert canary not in path.read_text(), path
    assert canary not in wrong.stdout + wrong.stderr
    assert all(p.stat().st_mode & 0o077 == 0 for p in (folder / "out").rglob("*")), "values of tables are the owner's"


def test_stopping_in_the_pause_leaves_nothing(noting, folder):
    process = subprocess.Popen([str(SCRIPT), address(noting), "public", str(folder / "out"), "100"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, text=True, env=clean_environment(), start_new_session=True)
    for line in process.stdout:
        if "waiting" in line:
            break
    process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    process.wait(timeout=30)
    assert time.monotonic() - begun < 10
    assert process.returncode == 143
    assert names(folder / "out") == {"yb-voyager-assessment.log"}


def test_the_installed_script_brings_its_queries(noting, folder):
    build = binary().resolve().parent.parent
    done = subprocess.run(["cmake", "--install", str(build), "--prefix", str(folder / "prefix")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    installed = folder / "prefix/etc/yb-voyager/gather-assessment-metadata/postgresql"
    assert {p.name for p in (installed / "sql").iterdir() if p.is_file() and not p.is_symlink()} == {p.name for p in QUERIES.glob("*.sql")}
    gather(address(noting), "public", folder / "out", "0", script=installed / SCRIPT.name)


def test_there_is_one_copy_of_the_queries():
    assert (FOLDER / "sql").resolve() == QUERIES
