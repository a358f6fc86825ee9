"""compare-performance between two servers that note their queries: matches, scores, reports, refusals."""

import json
import socket
import sqlite3

import pytest

from harness import json_schema
from harness.cluster import Cluster
from harness.migration import Migration
from harness.standin import StandinCluster

NOTING = {"shared_preload_libraries": "pg_stat_statements"}
SCHEMA = """
    CREATE EXTENSION pg_stat_statements;
    CREATE TABLE orders (id int PRIMARY KEY, note text);
    INSERT INTO orders SELECT i, '<b>' || i FROM generate_series(1, 50) i;
    CREATE FUNCTION price(id int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT {cost} FROM pg_sleep({pause})';
    SELECT pg_stat_statements_reset();
"""
ASSESS = ["--iops-capture-interval", 0, "--target-db-version", "2025.2.3.0", "--yes"]

SLOWER = "SELECT price(id) FROM orders WHERE id = $1"
SOURCE_WORK = """
    SELECT price(id) FROM orders WHERE id = 1;
    SELECT price(id) FROM orders WHERE id = 2;
    SELECT note FROM orders WHERE id IN (1, 2);
    SELECT note FROM orders WHERE id IN (1, 2, 3);
    SELECT '<script>alert(1)</script>', count(*) AS "<script>alert(2)</script>" FROM orders;
    ALTER ROLE CURRENT_USER PASSWORD 'the source''s secret';
"""
TARGET_WORK = """
    SELECT price(id) FROM orders WHERE id = 3;
    SELECT price(id) FROM orders WHERE id = 4;
    SELECT price(id) FROM orders WHERE id = 5;
    select note /* shop */
      from orders where id in (5);
    SELECT id FROM orders ORDER BY note LIMIT 1;
    ALTER ROLE CURRENT_USER PASSWORD 'the target''s secret';
"""


@pytest.fixture(scope="module")
def source_server():
    with Cluster("noting-source", settings=NOTING) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def target_server():
    with Cluster("noting-target", settings=NOTING) as cluster:
        yield cluster


@pytest.fixture
def worked(source_server, target_server, folder):
    """Both sides after a workload; nothing is assessed yet."""
    source, target = source_server.create(), target_server.create()
    source.sql(SCHEMA.format(cost=1, pause=0) + SOURCE_WORK)
    target.sql(SCHEMA.format(cost=1, pause=0.03) + TARGET_WORK)
    yield Migration(source, target, folder)
    source_server.drop(source.name)
    target_server.drop(target.name)


@pytest.fixture
def assessed(worked):
    assess(worked)
    return worked


def assess(migration, **options):
    return migration.command("assess-migration", "--export-dir", migration.export_dir, *migration.source_flags(), *ASSESS, **options)


def compare(migration, *args, **options):
    return migration.command("compare-performance", "--export-dir", migration.export_dir, *migration.target_flags(), *args, **options)


def report_file(migration, form="json"):
    return migration.export_dir / "reports" / f"performance_comparison_report.{form}"


def report(migration):
    return json.loads(report_file(migration).read_text())


def of_status(migration, status):
    return {one["Query"]: one for one in report(migration)["AllComparisons"] if one["MatchStatus"] == status}


def status(migration, key):
    with sqlite3.connect(migration.export_dir / "metainfo/meta.db") as db:
        return json.loads(db.execute("SELECT json_text FROM json_objects WHERE key = 'migration_status'").fetchone()[0]).get(key)


def test_says_what_became_slower(assessed):
    done = compare(assessed)
    found = report(assessed)
    summary = found["Summary"]
    assert found["SourceDBType"] == "postgresql"
    assert (summary["SourceDBName"], summary["TargetDBName"]) == (assessed.source.name, assessed.target.name)
    assert summary["SourceDBVersion"] and summary["TargetDBVersion"].startswith("PostgreSQL 1")
    slower = of_status(assessed, "MATCHED")[SLOWER]
    assert slower["MatchKind"] == "EXACT"
    before, after = slower["SourceStats"], slower["TargetStats"]
    assert (before["calls"], after["calls"]) == (2, 3)
    assert after["mean_exec_time"] >= 30 > before["mean_exec_time"]
    assert slower["ImpactScore"] == pytest.approx(after["total_exec_time"] - before["mean_exec_time"] * 3)
    assert slower["SlowdownRatio"] == pytest.approx((after["mean_exec_time"] + 2) / (before["mean_exec_time"] + 2))
    assert found["TopByImpact"][0]["Query"] == found["TopBySlowdown"][0]["Query"] == SLOWER
    counts = [summary[f"{kind}Queries"] for kind in ("Matched", "SourceOnly", "TargetOnly")]
    assert sum(counts) == summary["TotalQueries"] == len(found["AllComparisons"])
    assert f"{counts[0]} queries matched" in done.out and SLOWER in done.out
    for form in ("json", "html"):
        assert str(report_file(assessed, form)) in done.err
    assert status(assessed, "PerformanceComparisonDone") is True


def test_other_spellings_of_a_query_are_one(assessed):
    compare(assessed)
    one = next(one for one in of_status(assessed, "MATCHED").values() if one.get("SourceTexts"))
    assert one["Query"].startswith("SELECT note FROM orders WHERE id IN ($1, $2")
    assert one["MatchKind"] == "NORMALISED" and one["SourceTexts"] == 2 and "TargetTexts" not in one
    assert (one["SourceStats"]["calls"], one["SourceStats"]["rows"]) == (2, 5)
    assert "/* shop */" in one["TargetStats"]["query"]
    assert "SELECT id FROM orders ORDER BY note LIMIT $1" in of_status(assessed, "TARGET_ONLY")
    assert any("alert(2)" in query for query in of_status(assessed, "SOURCE_ONLY"))


def test_page_and_json_hold_no_password_and_no_foreign_script(assessed):
    compare(assessed)
    page, text = report_file(assessed, "html").read_text(), report_file(assessed).read_text()
    for shown in (page, text):
        assert "secret" not in shown and "PASSWORD '" not in shown.replace("PASSWORD '********'", "")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(2)" in page
    assert page.count("<circle") + page.count("<rect") >= len(of_status(assessed, "MATCHED"))


def test_json_is_what_its_published_schema_says(assessed):
    schema = json_schema.schema("performance-report")
    done = compare(assessed, "--output-format", "json")
    value = report(assessed)
    assert json.loads(done.out) == value
    assert json_schema.errors(value, schema) == []
    assert {one["MatchStatus"] for one in value["AllComparisons"]} == {"MATCHED", "SOURCE_ONLY", "TARGET_ONLY"}
    value["AllComparisons"][0]["MatchStatus"] = "MAYBE"
    assert json_schema.errors(value, schema), "the check itself works"
    assert report_file(assessed).read_text().startswith('{\n\t"GeneratedAt"')


def test_the_documented_command_lines(assessed, folder):
    compare(assessed, "--target-db-schema", "public")
    config = folder / "shop.yaml"
    config.write_text(f"""
export-dir: {assessed.export_dir}
target:
  db-host: {assessed.target.host}
  db-port: {assessed.target.port}
  db-user: {assessed.target.user}
  db-name: {assessed.target.name}
compare-performance:
  output-format: json
  log-level: debug
""")
    done = assessed.command("compare-performance", "--config-file", config, "--start-clean", "true")
    assert json.loads(done.out)["Summary"]["MatchedQueries"] >= 2


def test_a_second_comparison_needs_consent(assessed):
    compare(assessed)
    before = report_file(assessed).read_bytes(), report_file(assessed, "html").read_bytes()
    refused = compare(assessed, expect=7)
    assert "CMP-006" in refused.said and "--start-clean true" in refused.said
    assert before == (report_file(assessed).read_bytes(), report_file(assessed, "html").read_bytes())
    assessed.target.sql("SELECT id FROM orders WHERE note = 'x'")
    compare(assessed, "--start-clean", "true")
    assert "SELECT id FROM orders WHERE note = $1" in of_status(assessed, "TARGET_ONLY")


def test_what_an_unfinished_run_left_does_not_count(assessed):
    reports = assessed.export_dir / "reports"
    reports.mkdir(exist_ok=True)
    report_file(assessed).write_text("half")
    compare(assessed)
    assert report(assessed)["Summary"]["TotalQueries"] > 0
    report_file(assessed, "html").unlink()
    compare(assessed)
    assert report_file(assessed, "html").exists()


def test_a_run_that_fails_leaves_the_last_reports(assessed):
    compare(assessed)
    before = report_file(assessed).read_bytes()
    assessed.target.sql("DROP EXTENSION pg_stat_statements")
    refused = compare(assessed, "--start-clean", "true", expect=6)
    assert "CMP-004" in refused.said and "CREATE EXTENSION pg_stat_statements" in refused.said
    assert report_file(assessed).read_bytes() == before
    assert status(assessed, "PerformanceComparisonDone") is True


def test_before_any_migration_was_started(worked):
    assert "no migration has been started" in compare(worked, expect=7).said


def test_without_an_assessment(worked):
    worked.export_schema("--assess-schema-before-export", "false")
    refused = compare(worked, expect=7)
    assert "CMP-001" in refused.said and "assess-migration" in refused.said


def test_an_assessment_by_the_way_does_not_count(worked):
    worked.export_schema("--target-db-type", "yugabytedb")
    assert status(worked, "MigrationAssessmentDoneViaExportSchema") is True
    refused = compare(worked, expect=7)
    assert "CMP-001" in refused.said and "by the way" in refused.said


def test_a_source_that_is_not_postgresql(assessed):
    with sqlite3.connect(assessed.export_dir / "metainfo/meta.db") as db:
        db.execute("""UPDATE json_objects SET json_text = json_set(json_text, '$.SourceDBConf.db_type', 'oracle')
                      WHERE key = 'migration_status'""")
    assert "CMP-002" in compare(assessed, expect=7).said


def test_an_assessment_without_queries(worked):
    worked.source.sql("DROP EXTENSION pg_stat_statements")
    assess(worked)
    refused = compare(worked, expect=7)
    assert "CMP-003" in refused.said and "--start-clean true" in refused.said


def test_a_target_that_notes_nothing(assessed):
    # A database of its own: what was noted is empty, and stays so although we ask.
    assessed.target.sql(f"""ALTER DATABASE "{assessed.target.name}" SET pg_stat_statements.track = 'none'""")
    assessed.target.sql("SELECT pg_stat_statements_reset()")
    refused = compare(assessed, expect=6)
    assert "CMP-005" in refused.said and "workload" in refused.said


def test_a_target_that_may_not_be_read(assessed):
    name = "reader_" + assessed.target.name
    assessed.target.sql(f"CREATE ROLE {name} LOGIN; GRANT CONNECT ON DATABASE \"{assessed.target.name}\" TO {name};")
    try:
        assessed.target = assessed.target.as_user(name)
        refused = compare(assessed, expect=6)
        assert "CMP-004" in refused.said and f'GRANT pg_read_all_stats TO "{name}"' in refused.said
        assessed.target.as_user("postgres").sql(f"GRANT pg_read_all_stats TO {name}")
        compare(assessed)
        assert SLOWER in of_status(assessed, "MATCHED")
    finally:
        assessed.target.as_user("postgres").sql(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_a_target_that_is_not_there(assessed):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        assessed.target_port = probe.getsockname()[1]
        refused = compare(assessed, expect=5)
    assert str(assessed.target_port) in refused.said
    assert not report_file(assessed).exists()


def test_every_node_of_a_cluster_is_asked(assessed):
    """The stand-in's three nodes are one server, so each of them answers with all calls."""
    with StandinCluster("noting-yb", settings=NOTING) as cluster:
        target = cluster.create()
        target.sql("CREATE EXTENSION pg_stat_statements SCHEMA public")
        target.sql(SCHEMA.format(cost=1, pause=0).split("pg_stat_statements;", 1)[1].replace(
            "pg_stat_statements_reset", "public.pg_stat_statements_reset") + TARGET_WORK)
        assessed.target = target
        compare(assessed)
        assert report(assessed)["Summary"]["TargetDBVersion"].startswith("YugabyteDB 2025.2.3.0")
        assert of_status(assessed, "MATCHED")[SLOWER]["TargetStats"]["calls"] == 9
