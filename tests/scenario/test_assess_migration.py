"""assess-migration on a real source and on metadata gathered before: reports, refusals, what a failure leaves behind."""

import json
import re
import shutil
import sqlite3
import subprocess
import time

import pytest

from harness.cluster import Cluster
from harness.migration import Migration
from harness.terminal import on_a_terminal

SCHEMA = """
    CREATE SCHEMA sales;
    CREATE TABLE sales.orders (id int PRIMARY KEY, at timestamptz, note xml, kind text);
    CREATE INDEX orders_at ON sales.orders (at);
    CREATE INDEX orders_kind ON sales.orders (kind);
    CREATE INDEX orders_kind_at ON sales.orders (kind, at);
    CREATE TABLE sales.lines (order_id int REFERENCES sales.orders, what text);
    CREATE TABLE public."<script>alert(1)</script>" (id int PRIMARY KEY, "a""b" int);
    CREATE MATERIALIZED VIEW sales.totals AS SELECT count(*) FROM sales.orders;
    CREATE FUNCTION locks() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM ctid FROM sales.orders; END $$;
    INSERT INTO sales.orders SELECT i, now(), NULL, 'same' FROM generate_series(1, 2000) i;
"""
VERSION = ["--target-db-version", "2025.2.3.0"]
QUICK = ["--iops-capture-interval", 0, *VERSION, "--yes"]
MEASURED = ["--iops-capture-interval", 1, *VERSION, "--yes"]


@pytest.fixture(scope="session")
def watched_cluster():
    """Notes its queries."""
    with Cluster("watched", settings={"shared_preload_libraries": "pg_stat_statements", "wal_level": "replica"}) as cluster:
        yield cluster


@pytest.fixture
def watched(watched_cluster, target_cluster, folder):
    source, target = watched_cluster.create(), target_cluster.create()
    source.sql(SCHEMA)
    source.sql("CREATE EXTENSION pg_stat_statements")
    source.sql("ANALYZE")
    yield Migration(source, target, folder, schemas="public,sales")
    watched_cluster.drop(source.name)
    target_cluster.drop(target.name)


def assess(migration, *args, **options):
    return migration.command("assess-migration", "--export-dir", migration.export_dir, *migration.source_flags(), *args, **options)


def report_file(migration, form="json"):
    return migration.export_dir / "assessment/reports" / f"migration_assessment_report.{form}"


def report(migration):
    return json.loads(report_file(migration).read_text())


def status(migration):
    with sqlite3.connect(migration.export_dir / "metainfo/meta.db") as db:
        return json.loads(db.execute("SELECT json_text FROM json_objects WHERE key = 'migration_status'").fetchone()[0])


def types(migration):
    return {(one["Type"], one["ObjectType"], one["ObjectName"]) for one in report(migration)["AssessmentIssues"]}


def test_tells_what_the_migration_will_take(watched):
    watched.source.sql("SELECT xmin FROM sales.orders WHERE id = 5")
    done = assess(watched, *MEASURED)
    found = report(watched)
    assert found["VoyagerVersion"] and found["TargetDBVersion"] == "2025.2.3.0"
    assert found["MigrationComplexity"] in ("LOW", "MEDIUM", "HIGH")
    sizing = found["Sizing"]["SizingRecommendation"]
    assert (sizing["VCPUsPerInstance"], sizing["MemoryPerInstance"], sizing["NumNodes"]) == (4, 16, 3)
    assert sizing["ColocatedTables"] is None
    assert set(sizing["ShardedTables"]) == {"sales.orders", "sales.lines", "sales.totals", "public.<script>alert(1)</script>"}
    assert found["Sizing"]["FailureReasoning"] == ""
    assert found["Seconds"] >= 1, "the time between the two readings counts"
    assert ("UNSUPPORTED_DATATYPE_XML", "COLUMN", "sales.orders.note") in types(watched)
    assert ("HOTSPOTS_ON_TIMESTAMP_INDEX", "INDEX", "orders_at ON sales.orders") in types(watched)
    assert ("SYSTEM_COLUMN_XMIN", "", "") in types(watched)
    assert ("SYSTEM_COLUMN_CTID", "FUNCTION", "public.locks") in types(watched)
    assert any(one["ObjectName"] == "orders" and one["RowCount"] == 2000 for one in found["TableIndexStats"])
    for form in ("json", "html"):
        assert str(report_file(watched, form)) in done.err
    assert "<script>alert(1)" not in report_file(watched, "html").read_text()
    assert status(watched)["MigrationAssessmentDone"] is True


def test_findings_point_to_files_that_are_there(watched):
    assess(watched, *QUICK)
    placed = [one for one in report(watched)["AssessmentIssues"] if one.get("File")]
    assert placed
    for one in placed:
        lines = (watched.export_dir / one["File"]).read_text().splitlines()
        assert 1 <= one["Line"] <= len(lines), one


def test_a_second_assessment_needs_consent(watched):
    assess(watched, *QUICK)
    before = report_file(watched).read_bytes()
    refused = assess(watched, *QUICK, expect=7)
    assert "ASM-100" in refused.err and "--start-clean" in refused.err
    assert report_file(watched).read_bytes() == before
    assess(watched, *QUICK, "--start-clean", "true")
    assert report_file(watched).with_suffix(".json.bak").read_bytes() == before


def test_the_command_to_run_again_still_replaces_the_assessment(watched):
    assess(watched, *QUICK)
    watched.source.sql("CREATE SCHEMA empty; CREATE TYPE empty.colour AS ENUM ('red')")
    watched.schemas = "empty"
    asked = assess(watched, "--iops-capture-interval", 60, *VERSION, "--start-clean", "true", expect=10, timeout=30)
    assert "no table was found" in asked.said, "asked before the load is measured"
    assert "--start-clean true" in asked.said.split("nothing was changed")[1], "without it the next run is refused"


def test_an_idle_source_is_told_and_nobody_is_asked_after_the_wait(watched):
    """At a terminal the wait counts down, and what is told keeps within its width, in whole words."""
    place = ["--export-dir", watched.export_dir]
    shown = on_a_terminal(["assess-migration", *place, *watched.source_flags(), "--iops-capture-interval", 3, *VERSION], watched.env, columns=70)
    assert "nothing was read or written while the load was measured" in " ".join(shown.split()) and "[y/N]" not in shown
    told = [line for line in shown.splitlines() if line.startswith("warning: ")]
    assert told and all(len(line) <= 70 for line in told), told
    answer = [line for line in shown.splitlines() if line.startswith("not looked at: ")]
    assert answer and all(len(line) <= 70 for line in answer), answer
    counted = re.findall(r"Measuring the load: (\S+) left", shown)
    assert counted[0].startswith("3") and len(set(counted)) == 3 and counted == sorted(counted, reverse=True), shown


def test_metadata_gathered_before_say_the_same(watched, folder):
    assess(watched, *QUICK)
    live = report(watched)
    metadata = folder / "metadata"
    shutil.copytree(watched.export_dir / "assessment/metadata", metadata)
    other = Migration(watched.source, watched.target, folder / "other") if (folder / "other").mkdir() is None else None
    other.command("assess-migration", "--source-db-type", "postgresql", "--assessment-metadata-dir", metadata,
                  "--export-dir", other.export_dir, *QUICK)
    offline = report(other)
    assert offline["Sizing"] == live["Sizing"]
    assert offline["TableIndexStats"] == live["TableIndexStats"]
    assert [one["Id"] for one in offline["AssessmentIssues"]] == [one["Id"] for one in live["AssessmentIssues"]]
    assert (metadata / "node-primary/table-row-counts.csv").exists(), "the user's folder is left alone"


def test_metadata_within_the_export_directory_survive(watched):
    assess(watched, *QUICK)
    place = watched.export_dir / "assessment/metadata"
    before = sorted(p.relative_to(place) for p in place.rglob("*") if p.is_file())
    watched.command("assess-migration", "--source-db-type", "postgresql", "--assessment-metadata-dir", place,
                    "--export-dir", watched.export_dir, *QUICK, "--start-clean", "true")
    assert sorted(p.relative_to(place) for p in place.rglob("*") if p.is_file()) == before


def test_source_flags_have_no_meaning_with_metadata(watched, folder):
    refused = assess(watched, "--assessment-metadata-dir", folder, *QUICK, expect=2)
    assert "--source-db-host" in refused.err
    assert not (watched.export_dir / "metainfo").exists()


@pytest.mark.parametrize("damage", ["header", "number", "quote", "missing", "nul"])
def test_damaged_metadata_are_refused_and_earlier_reports_stay(watched, folder, damage):
    assess(watched, *QUICK)
    metadata = folder / "metadata"
    shutil.copytree(watched.export_dir / "assessment/metadata", metadata)
    file = metadata / "node-primary/table-row-counts.csv"
    text = file.read_bytes()
    lines = text.split(b"\n")
    if damage == "header":
        file.write_bytes(text.replace(b"row_count", b"rows", 1))
    elif damage == "number":
        file.write_bytes(b"\n".join([lines[0], lines[1].rsplit(b",", 1)[0] + b",many", *lines[2:]]))
    elif damage == "quote":
        file.write_bytes(text + b'primary,"sales,x\n')
    elif damage == "nul":
        file.write_bytes(text + b"primary,sa\0les,x,1\n")
    else:
        file.unlink()
    before = {form: report_file(watched, form).read_bytes() for form in ("json", "html")}
    refused = watched.command("assess-migration", "--source-db-type", "postgresql", "--assessment-metadata-dir", metadata,
                              "--export-dir", watched.export_dir, *QUICK, "--start-clean", "true", expect=2 if damage == "missing" else 1)
    assert "table-row-counts.csv" in refused.said
    assert {form: report_file(watched, form).read_bytes() for form in ("json", "html")} == before
    assert status(watched)["MigrationAssessmentDone"] is True, "the earlier assessment still counts"


@pytest.mark.parametrize("version, code", [("2025.2", 2), ("2025.2.3.0-b1", 2), ("1.2.3.4", 10)])
def test_wrong_versions(watched, version, code):
    assess(watched, "--iops-capture-interval", 0, "--target-db-version", version, expect=code)


def test_a_user_without_rights_hears_what_is_missing(watched):
    watched.source.sql("CREATE ROLE nobody_much LOGIN; GRANT USAGE ON SCHEMA public TO nobody_much")
    flags = [f if f != watched.source.user else "nobody_much" for f in watched.source_flags()]
    refused = watched.command("assess-migration", "--export-dir", watched.export_dir, *flags, *QUICK, expect=6)
    assert "sales" in refused.said
    assert "no right to read" in refused.said and "pg_dump, which reads the definitions, locks each table" in refused.said
    assert "3 checks failed" in refused.said and "also worth mending: the queries of" in refused.said, "an advice is no reason to stop"
    watched.source.sql("DROP OWNED BY nobody_much; DROP ROLE nobody_much")


def test_a_plain_target_gets_neither_sizing_nor_what_is_only_yugabytedb(watched):
    assess(watched, "--iops-capture-interval", 0, "--target-db-type", "postgresql", "--yes")
    found = report(watched)
    assert found["TargetDBVersion"] == ""
    assert found["AssessmentIssues"] is None, "null stands for none, as documented"
    assert found["Sizing"] is None, "a machine must not read that no nodes are needed"
    page = report_file(watched, "html").read_text()
    assert "tablet" not in page and "coloca" not in page
    assert found["Candidates"] == found["Placements"] == [] and found["FiguresVersion"] == ""
    assert "sizing" not in json.dumps(found["NotLookedAt"])
    assert not any("Details" in one for one in found["SchemaSummary"]["DatabaseObjects"]), "remarks on YugabyteDB's indexes"


def test_no_fit_writes_the_reports_and_fails(watched, folder):
    assess(watched, *QUICK)
    metadata = folder / "metadata"
    shutil.copytree(watched.export_dir / "assessment/metadata", metadata)
    node = metadata / "node-primary"
    tables = [f"t{i}" for i in range(9000)]
    (node / "table-row-counts.csv").write_text("source_node,schema_name,table_name,row_count\n"
                                               + "".join(f"primary,big,{t},1\n" for t in tables))
    (node / "object-type-mapping.csv").write_text("source_node,schema_name,object_name,object_type\n"
                                                  + "".join(f"primary,big,{t},table\n" for t in tables))
    (node / "table-index-sizes.csv").write_text("source_node,schema_name,object_name,object_type,size_in_bytes\n"
                                                + "".join(f"primary,big,{t},table,{10**10}\n" for t in tables))
    shutil.rmtree(watched.export_dir / "assessment")
    failed = watched.command("assess-migration", "--source-db-type", "postgresql", "--assessment-metadata-dir", metadata,
                             "--export-dir", watched.export_dir, *QUICK, "--start-clean", "true", expect=1)
    assert "ASM-104" in failed.err
    assert report(watched)["Sizing"]["FailureReasoning"]
    assert report(watched)["AssessmentIssues"], "the rest is still told"
    assert report_file(watched, "html").exists()


def test_export_schema_assesses_first(watched):
    watched.export_schema("--target-db-type", "yugabytedb")
    assert status(watched)["MigrationAssessmentDoneViaExportSchema"] is True
    assert not status(watched).get("MigrationAssessmentDone")
    assert report(watched)["AssessmentIssues"]
    assess(watched, *QUICK)
    assert status(watched)["MigrationAssessmentDone"] is True, "a by-product does not stand in the way"


def test_export_schema_does_not_assess_beside_an_assessment(watched):
    running = watched.start("assess-migration", "--export-dir", watched.export_dir, *watched.source_flags(), *VERSION, "--yes",
                            "--iops-capture-interval", 8)
    lock = watched.export_dir / ".assess-migrationLockfile.lck"
    while not lock.exists() and running.running():
        time.sleep(0.01)
    refused = watched.export_schema("--target-db-type", "yugabytedb", expect=7)
    assert "DIR-004" in refused.err
    done = running.finish()
    assert done.code == 0, done
    watched.export_schema("--target-db-type", "yugabytedb")


@pytest.mark.parametrize("flags", [["--target-db-type", "yugabytedb", "--assess-schema-before-export", "false"],
                                   ["--target-db-type", "postgresql"]], ids=["refused", "plain target"])
def test_export_schema_may_leave_the_assessment_out(watched, flags):
    watched.export_schema(*flags)
    assert not report_file(watched).exists()


def test_nothing_secret_is_written(watched):
    watched.source.sql("CREATE ROLE keeper LOGIN PASSWORD 'canary-48151623'")
    watched.source.sql("/* x */ alter role keeper ENCRYPTED password $q$canary-48151623$q$")
    watched.source.sql("CREATE TABLE users (password text); SELECT * FROM users WHERE password = 'looked up'")
    assess(watched, *QUICK, env={"SOURCE_DB_PASSWORD": "canary-48151623"})
    for path in watched.files():
        assert b"canary-48151623" not in path.read_bytes(), path
    queries = (watched.export_dir / "assessment/metadata/node-primary/db-queries-summary.csv").read_text()
    assert "WHERE password = $1" in queries, "what an application asks is looked at all the same"
    watched.source.sql("DROP ROLE keeper")


@pytest.mark.parametrize("statement", [
    "ALTER ROLE keeper PASSWORD $p1$canary-48151623$p1$",
    "CREATE SUBSCRIPTION s CONNECTION 'postgresql://u:canary-48151623@127.0.0.1:1/x' PUBLICATION p WITH (connect = false); "
    "ALTER SUBSCRIPTION s SET (slot_name = NONE); DROP SUBSCRIPTION s",
    "DO $$ BEGIN PERFORM 'postgresql://u:canary-48151623@h/x'; END $$",
    "SET app.client_secret = 'canary-48151623'",
    "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; : u:canary-48151623'",
    "CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw; "
    "CREATE USER MAPPING FOR keeper SERVER s OPTIONS (user 'a', sslpassword 'canary-48151623'); DROP EXTENSION postgres_fdw CASCADE"])
def test_what_may_be_secret_stays_on_the_server(watched, statement):
    watched.source.sql("CREATE ROLE keeper")
    watched.source.psql("-f", "-", text=statement)
    watched.source.sql("DROP ROLE keeper")
    assess(watched, *QUICK)
    for path in watched.files():
        assert b"canary-48151623" not in path.read_bytes(), path


def test_reports_mask_secrets_of_routines_and_of_metadata_from_elsewhere(watched, folder):
    watched.source.sql("""CREATE FUNCTION connects() RETURNS void LANGUAGE plpgsql AS
        $$ BEGIN PERFORM set_config('x', 'host=h password=canary-48151623', true) FROM sales.orders WHERE ctid IS NULL; END $$""")
    assess(watched, *QUICK)
    metadata = folder / "metadata"
    shutil.copytree(watched.export_dir / "assessment/metadata", metadata)
    with open(metadata / "node-primary/db-queries-summary.csv", "a") as queries:
        queries.write('primary,"{""queryid"": 77, ""query"": ""EXPLAIN SELECT xmin FROM sales.orders WHERE kind = \'postgres://u:canary-48151623@h/\'"",'
                      ' ""calls"": 9, ""rows"": 1, ""total_exec_time"": 5.0}"\n')
    watched.command("assess-migration", "--source-db-type", "postgresql", "--assessment-metadata-dir", metadata, "--export-dir",
                    watched.export_dir, *QUICK, "--start-clean", "true")
    assert ("SYSTEM_COLUMN_CTID", "FUNCTION", "public.connects") in types(watched)
    for path in report_file(watched).parent.iterdir():
        assert b"canary-48151623" not in path.read_bytes(), path


def test_only_the_owner_reads_what_holds_values(watched):
    assess(watched, *QUICK)
    for name in ("metadata/node-primary", "dbs"):
        assert (watched.export_dir / "assessment" / name).stat().st_mode & 0o077 == 0, name


def test_values_of_what_is_called_a_secret_stay_on_the_server(watched):
    watched.source.sql("CREATE TABLE logins (user_password text, kind text); CREATE INDEX ON logins (user_password);"
                       "INSERT INTO logins SELECT 'canary-48151623', 'ordinary' FROM generate_series(1, 500); ANALYZE logins")
    assess(watched, *QUICK)
    statistics = (watched.export_dir / "assessment/metadata/node-primary/column_statistics.csv").read_text()
    assert "ordinary" in statistics and "canary" not in statistics


def test_bytes_that_are_no_text_do_not_stop_an_assessment(watched_cluster, folder):
    source = watched_cluster.create(options="ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
    try:
        source.psql("-f", "-", env={"PGCLIENTENCODING": "SQL_ASCII"}, text="""CREATE EXTENSION pg_stat_statements; CREATE TABLE t (a int, b text);
            CREATE INDEX ON t (b); INSERT INTO t SELECT i, 'v\udce9\udcfe' FROM generate_series(1, 500) i; ANALYZE;
            SELECT ctid /* \udce9\udcff */ FROM t WHERE b = '\udcfe';""")
        one = Migration(source, source, folder)
        assess(one, *QUICK)
        assert ("SYSTEM_COLUMN_CTID", "", "") in types(one)
    finally:
        watched_cluster.drop(source.name)


def test_a_full_disk_leaves_the_earlier_reports(watched, folder):
    place = folder / "tiny"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"cannot mount a small file system here: {mounted.stderr.strip()}")
    try:
        watched.export_dir = place / "export-dir"
        watched.export_dir.mkdir()
        assess(watched, *QUICK)
        before = {form: report_file(watched, form).read_bytes() for form in ("json", "html")}
        for spare in (20, 200, 700, 1000):
            filler = place / "filler"
            free = shutil.disk_usage(place).free
            filler.write_bytes(b"x" * (free - spare * 1024))
            refused = assess(watched, *QUICK, "--start-clean", "true", expect=None)
            if refused.code != 0:
                assert "disk" in refused.err.lower() or "space" in refused.err.lower(), refused
                assert {form: report_file(watched, form).read_bytes() for form in ("json", "html")} == before
            filler.unlink()
        assess(watched, *QUICK, "--start-clean", "true")
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def test_reports_without_names(watched):
    assess(watched, *QUICK, "--anonymize")
    place = report_file(watched).parent
    nameless = "".join((place / f"migration_assessment_report_anonymized.{form}").read_text() for form in ("json", "html"))
    assert "orders" in report_file(watched).read_text()
    for name in ("orders", "sales", "alert(1)", "order_id", watched.source.name):
        assert name not in nameless, name


def test_an_interval_noted_when_gathering_wins_over_the_flag(watched, folder):
    assess(watched, *MEASURED)
    metadata = folder / "metadata"
    shutil.copytree(watched.export_dir / "assessment/metadata", metadata)
    noted = metadata / "node-primary/gathered.json"
    facts = json.loads(noted.read_text())
    assert facts["iops_capture_interval"] == 1
    final = metadata / "node-primary/table-index-iops-final.csv"
    rows = [line.split(",") for line in final.read_text().splitlines()]
    at = rows[0].index("row_writes")
    final.write_text("\n".join(",".join([*r[:at], str(int(r[at]) + 600) if r[2] == "orders" else r[at], *r[at + 1:]]) if i else ",".join(r)
                               for i, r in enumerate(rows)) + "\n")
    noted.write_text(json.dumps({**facts, "iops_capture_interval": 60}))
    offline = ["assess-migration", "--source-db-type", "postgresql", "--assessment-metadata-dir", metadata,
               "--export-dir", watched.export_dir, *VERSION, "--yes", "--start-clean", "true"]
    watched.command(*offline)
    orders = next(one for one in report(watched)["TableIndexStats"] if one["ObjectName"] == "orders")
    assert orders["WritesPerSecond"] == 10
    noted.write_text("{")
    assert "gathered.json" in watched.command(*offline, expect=1).said


def test_without_a_sizing_nobody_is_asked_about_an_idle_source(watched):
    watched.source.sql("SELECT pg_stat_statements_reset()")   # Of other databases, whatever their encoding.
    assess(watched, "--iops-capture-interval", 1, "--target-db-type", "postgresql")
    assert any("idle" in one["Why"] for one in report(watched)["NotLookedAt"])
    assert "stands on sizes alone" not in report_file(watched, "html").read_text()


def test_metadata_of_an_idle_source_say_so(watched, folder):
    assess(watched, *MEASURED)
    metadata = folder / "metadata"
    shutil.copytree(watched.export_dir / "assessment/metadata", metadata)
    watched.command("assess-migration", "--source-db-type", "postgresql", "--assessment-metadata-dir", metadata,
                    "--export-dir", watched.export_dir, *VERSION, "--start-clean", "true")
    assert any("idle" in one["Why"] for one in report(watched)["NotLookedAt"]), "told, and nobody is asked"


def test_the_folder_above_or_below_the_metadata_is_refused_with_advice(watched, folder):
    assess(watched, *QUICK)
    metadata = folder / "metadata"
    shutil.copytree(watched.export_dir / "assessment/metadata", metadata)
    for wrong in (folder, metadata / "node-primary"):
        refused = watched.command("assess-migration", "--source-db-type", "postgresql", "--assessment-metadata-dir", wrong,
                                  "--export-dir", watched.export_dir, *VERSION, "--start-clean", "true", expect=2)
        assert "ASM-103" in refused.err and "holds schema/ and node-primary/" in refused.err


def test_replicas_that_are_named_are_assessed_too(watched, watched_cluster):
    replica = watched_cluster.replica()
    try:
        assess(watched, *QUICK, "--source-read-replica-endpoints", f"127.0.0.1:{replica.port}")
    finally:
        replica.stop()
    assert [(one["Name"], one["Primary"]) for one in report(watched)["Nodes"]] == [
        ("primary", True), (f"127.0.0.1-{replica.port}", False)]
    assert report(watched)["NumReplicasUsed"] == 1
