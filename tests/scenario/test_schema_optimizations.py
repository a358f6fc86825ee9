"""export schema for YugabyteDB with an assessment's recommendations: what is changed, told, imported and equal afterwards."""

import json
import re

import pytest

from corpora.test_corpora import load, read, schemas_of
from harness import json_schema
from harness.cluster import Cluster
from harness.migration import Migration, assert_same_rows, fault_points
from harness.standin import StandinCluster, YugabyteGrammar

SOURCE = """
    CREATE TABLE small (id int PRIMARY KEY, note text CHECK (note <> ''));
    CREATE TABLE big (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, small_id int REFERENCES small, note text UNIQUE);
    CREATE TABLE events (at timestamptz NOT NULL, id int NOT NULL, body text, PRIMARY KEY (at, id));
    CREATE TABLE parted (id int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
    CREATE INDEX parted_day ON parted (day);
    CREATE INDEX parted_day_id ON parted (day, id);
    CREATE INDEX big_small ON big (small_id);
    CREATE INDEX big_small_note ON big (small_id, note);
    CREATE INDEX big_note_down ON big (note DESC);
    CREATE INDEX events_id ON events (id NULLS FIRST);
    CREATE MATERIALIZED VIEW totals AS SELECT small_id, count(*) AS n FROM big GROUP BY 1;
    INSERT INTO small SELECT g, 'n' || g FROM generate_series(1, 100) g;
    INSERT INTO big (small_id, note) SELECT g % 100 + 1, md5(g::text) FROM generate_series(1, 2000) g;
    INSERT INTO events SELECT timestamptz '2024-01-01' + g * interval '1 hour', g, 'e' FROM generate_series(1, 500) g;
    INSERT INTO parted SELECT g, date '2020-01-01' + g % 300 FROM generate_series(1, 500) g;
    REFRESH MATERIALIZED VIEW totals;
"""
FOR_YUGABYTEDB = ["--target-db-type", "yugabytedb"]
SETTING = "yb_use_hash_splitting_by_default"


@pytest.fixture(scope="module")
def standin_cluster():
    with StandinCluster("optimizations") as cluster:
        yield cluster


@pytest.fixture
def grammar(standin_cluster):
    with YugabyteGrammar(standin_cluster.port) as grammar:
        yield grammar


@pytest.fixture
def yb(source, folder, standin_cluster, grammar):
    """A source, and a stand-in that is colocated and reads YugabyteDB's grammar."""
    source.sql(SOURCE)
    yield onto_standin(source, folder, standin_cluster, grammar)


def onto_standin(source, folder, cluster, grammar, schemas="public"):
    target = cluster.create(nodes=[("127.0.0.1", grammar.port)])
    target.sql("UPDATE yb_standin.setting SET value = 'true' WHERE name = 'colocated'")
    return Migration(source, target, folder, schemas, target_port=grammar.port)


def assess(migration):
    migration.command("assess-migration", "--export-dir", migration.export_dir, *migration.source_flags(), "--target-db-version", "2025.2.3.0",
                      "--iops-capture-interval", "0", "--yes")


def recommend(folder, sharded, colocated, failure="") -> list:
    """The flag that names a report of an assessment, written by hand."""
    path = folder / "recommendations.json"
    path.write_text(json.dumps({"VoyagerVersion": "x", "Sizing": {
        "SizingRecommendation": {"ColocatedTables": colocated, "ShardedTables": sharded}, "FailureReasoning": failure}}))
    return ["--assessment-report-path", path]


def report(migration) -> dict:
    return json.loads((migration.export_dir / "reports/schema_optimization_report.json").read_text())


def schema_file(migration, name) -> str:
    return (migration.export_dir / "schema" / name).read_text()


def marked(text) -> set:
    """Names of the tables and materialized views whose statement has the clause."""
    return {m[1] for m in re.finditer(r"CREATE (?:UNLOGGED )?(?:TABLE|MATERIALIZED VIEW) (\S+)[^;]*?colocation='false'", text)}


def move_on(migration):
    migration.export_data()
    migration.import_data()
    migration.finalize("--refresh-mviews", "true")
    assert_same_rows(migration.source, migration.target)


# Real schemas.

@pytest.fixture(scope="module")
def source_server():
    with Cluster("optimizations-source") as cluster:
        yield cluster


@pytest.mark.parametrize("name", ["pagila", "adventureworks", "postgrest-fixtures"])
def test_real_schemas(name, corpora, source_server, standin_cluster, grammar, folder):
    corpus = next(one for one in read() if one.name == name)
    source = load(corpus, corpora, source_server, standin_cluster)
    migration = onto_standin(source, folder, standin_cluster, grammar, schemas_of(source))
    assess(migration)
    tables = [r[0] for r in source.rows("""SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1""")]
    sharded, colocated = tables[::2], tables[1::2]
    migration.export_schema(*recommend(folder, sharded, colocated))
    told = report(migration)
    assert told["table_colocation_recommendation"]["is_applied"] and told["pk_hash_sharding_change"]["is_applied"]
    assert [one for change in told.values() if isinstance(change, dict) for one in change["left_unchanged"]] == []
    objects = told["table_colocation_recommendation"]["sharded_objects"] + told.get("mview_colocation_recommendation", {}).get("sharded_objects", [])
    assert set(objects) == set(sharded)

    tolerant = ["--continue-on-error", "true"] if corpus.differs else []
    migration.import_schema(*tolerant)
    sent = [s for s in grammar.statements if "colocation='false'" in s]
    assert len(sent) >= len(sharded)
    made = {r[0]: r[1] for r in migration.target.rows("SELECT object, hash_splitting FROM yb_standin.made WHERE tag = 'CREATE TABLE'")}
    spread = {t: made[t] for t in told["pk_hash_sharding_change"]["modified_tables"] if t in made}
    ordered = {t: made[t] for t in told["pk_on_timestamp_range_sharding_change"]["modified_tables"] if t in made}
    assert spread and set(spread.values()) == {"on"}
    assert set(ordered.values()) <= {"off"}

    move_on(migration)
    compared = migration.verify("--export-dir", migration.export_dir, "--output-format", "json", expect=9 if corpus.differs else 0).json()
    removed = sum(len(one) for one in told.get("redundant_index_change", {}).get("table_to_removed_indexes_map", {}).values())
    assert len(compared["missing_on_purpose"]) == removed
    if not corpus.differs:
        assert compared["objects"] == []


# One schema that has it all.

def test_everything_is_applied_told_and_imported(yb, folder, grammar):
    assess(yb)
    done = yb.export_schema(*recommend(folder, ["public.big", "public.totals"], ["public.small", "public.events"]))
    tables, indexes = schema_file(yb, "tables/table.sql"), schema_file(yb, "tables/INDEXES_table.sql")
    assert marked(tables) == {"public.big"} and marked(schema_file(yb, "mviews/mview.sql")) == {"public.totals"}
    assert re.findall(r"set .*", tables) == [f"set {SETTING}=on;", f"set {SETTING}=off;"]
    on, off = tables.index(f"{SETTING}=on"), tables.index(f"{SETTING}=off")
    assert on < tables.index("CREATE TABLE public.big") < off < tables.index("CREATE TABLE public.events") < tables.index("UNIQUE (note)")
    assert "big_note_down ON public.big USING btree (note DESC)" in indexes
    assert "events_id ON public.events USING btree (id ASC NULLS FIRST)" in indexes
    assert "big_small ON" not in indexes and "big_small ON" in schema_file(yb, "tables/redundant_indexes.sql")
    assert "-- redundant: public.big_small_note" in schema_file(yb, "tables/redundant_indexes.sql")
    # What the source said stays beside it.
    for backup in ("tables/backup_table.sql", "tables/backup_INDEXES_table.sql", "mviews/backup_mview.sql"):
        text = schema_file(yb, backup)
        assert "colocation" not in text and SETTING not in text and " ASC" not in text
        assert backup in done.err
    assert "ADD CONSTRAINT big_pkey PRIMARY KEY" in schema_file(yb, "tables/backup_table.sql")
    assert "big_small ON" in schema_file(yb, "tables/backup_INDEXES_table.sql")
    # The report and the lines on the terminal.
    told = report(yb)
    assert told["table_colocation_recommendation"]["sharded_objects"] == ["public.big"]
    assert set(told["table_colocation_recommendation"]["collocated_objects"]) == {"public.small", "public.events"}
    assert told["mview_colocation_recommendation"]["sharded_objects"] == ["public.totals"]
    assert told["redundant_index_change"]["table_to_removed_indexes_map"]["public.big"] == ["big_small"]
    assert told["pk_on_timestamp_range_sharding_change"]["modified_tables"] == ["public.events"]
    assert "big_note_down" not in told["secondary_index_to_range_change"]["modified_indexes"]["public.big"]
    for number, change in enumerate((one for one in told.values() if isinstance(one, dict)), 1):
        assert f"{number}. {change['title']}" in done.said and change["is_applied"]
    assert "schema_optimization_report.html" in done.err
    assert "big_small" in (yb.export_dir / "reports/schema_optimization_report.html").read_text()

    yb.import_schema()
    assert any("CREATE TABLE public.big" in s and "colocation='false'" in s for s in grammar.statements)
    assert yb.target.rows("SELECT object, hash_splitting FROM yb_standin.made WHERE object IN ('public.big', 'public.events') AND tag = 'CREATE TABLE' ORDER BY 1") == [
        ("public.big", "on"), ("public.events", "off")]
    assert "on" not in {r[0] for r in yb.target.rows("SELECT hash_splitting FROM yb_standin.made WHERE object LIKE '%note%' OR tag = 'CREATE INDEX' AND object !~ '_pkey$'")}
    move_on(yb)
    compared = yb.verify("--export-dir", yb.export_dir)
    assert "missing on purpose" in compared.out and "public.big_small" in compared.out
    assert "big_small" in yb.verify(alone=True, expect=9).out, "without the export directory nobody knows that it is meant so"


def test_the_json_is_what_its_published_schema_says(yb, folder):
    schema = json_schema.schema("optimization-report")
    assess(yb)
    flags = recommend(folder, ["public.big", "public.totals", "public.nowhere"], ["public.small"])
    for extra in ([], ["--skip-performance-recommendations", "true"], ["--skip-colocation-recommendations", "true"], FOR_PLAIN):
        yb.export_schema(*flags, *extra, "--start-clean", "true", "--yes")
        assert json_schema.errors(report(yb), schema) == []
    value = report(yb)
    value["constraint_merging_change"]["is_applied"] = "yes"
    assert json_schema.errors(value, schema), "the check itself works"


FOR_PLAIN = ["--target-db-type", "postgresql"]


def test_a_plain_target_gets_none_of_it(migration, folder):
    migration.source.sql(SOURCE)
    assess(migration)
    migration.export_schema(*recommend(folder, ["public.big", "public.totals"], ["public.small"]))
    text = migration.schema_text()
    assert "colocation" not in text and "yb_" not in text and " ASC" not in text
    assert not list(migration.export_dir.glob("schema/**/redundant_indexes.sql"))
    assert [p.name for p in migration.export_dir.glob("schema/**/backup_*")] == ["backup_table.sql"]
    assert [key for key, one in report(migration).items() if isinstance(one, dict)] == ["constraint_merging_change"]
    assert "big_pkey" in json.dumps(report(migration)["constraint_merging_change"]["changes"])
    migration.import_schema()
    move_on(migration)
    migration.verify()


def test_flags_refuse_each_part(yb, folder):
    assess(yb)
    flags = recommend(folder, ["public.big"], ["public.small"])
    yb.export_schema(*flags, "--skip-performance-recommendations", "true")
    assert marked(schema_file(yb, "tables/table.sql")) == {"public.big"}
    assert SETTING not in yb.schema_text() and " ASC" not in yb.schema_text()
    assert "big_small ON" in schema_file(yb, "tables/INDEXES_table.sql")
    told = report(yb)
    assert {key for key, one in told.items() if isinstance(one, dict) and not one["is_applied"]} == {
        "secondary_index_to_range_change", "pk_hash_sharding_change", "pk_on_timestamp_range_sharding_change", "uk_range_splitting_change"}
    assert "--skip-performance-recommendations" in told["pk_hash_sharding_change"]["description"]

    yb.export_schema(*flags, "--skip-colocation-recommendations", "true", "--start-clean", "true", "--yes")
    assert "colocation" not in yb.schema_text() and SETTING in yb.schema_text()
    assert report(yb)["table_colocation_recommendation"]["is_applied"] is False


def test_without_an_assessment_only_what_needs_none(yb):
    yb.export_schema("--assess-schema-before-export", "false")
    told = report(yb)
    assert "redundant_index_change" not in told and told["pk_hash_sharding_change"]["is_applied"]
    assert told["table_colocation_recommendation"]["is_applied"] is False
    assert "assess-migration has not been run" in told["table_colocation_recommendation"]["description"]
    assert "colocation" not in yb.schema_text()


def test_what_the_assessment_recommends_is_followed_without_its_report(yb):
    assess(yb)
    own = yb.export_dir / "assessment/reports/migration_assessment_report.json"
    recommended = json.loads(own.read_text())["Sizing"]["SizingRecommendation"]
    places = {table for key in ("ShardedTables", "ColocatedTables") for table in recommended[key] or []}
    assert "public.small" in places
    own.write_text("{")
    yb.export_schema()
    told = [report(yb)[f"{kind}_colocation_recommendation"] for kind in ("table", "mview")]
    assert all(one["is_applied"] for one in told)
    for key, asked in [("collocated_objects", "ColocatedTables"), ("sharded_objects", "ShardedTables")]:
        assert {table for one in told for table in one[key]} == set(recommended[asked] or [])


def test_a_sizing_that_failed_recommends_nothing(yb, folder):
    yb.export_schema(*recommend(folder, ["public.big"], None, failure="nothing is large enough"))
    assert "nothing is large enough" in report(yb)["table_colocation_recommendation"]["description"]
    assert "colocation" not in yb.schema_text()


@pytest.mark.parametrize("content,words", [
    (None, "there is no such file"), ('{"Sizing": {"SizingRecommendation"', "not all of it is there"), ("[]", "it is no JSON"),
    ('{"Issues": []}', "it has no Sizing"), ('{"Sizing": {"SizingRecommendation": {"ShardedTables": "public.big"}}}', "no list of names")], ids=str)
def test_a_report_that_cannot_be_read_stops_the_export(yb, folder, content, words):
    path = folder / "damaged.json"
    if content is not None:
        path.write_text(content)
    done = yb.export_schema("--assessment-report-path", path, expect=1)
    assert words in done.said and "--skip-colocation-recommendations" in done.said
    assert not list(yb.export_dir.glob("schema/**/*.sql"))


# What another target makes of it.

def test_a_plain_target_refuses_the_clause_before_anything_is_changed(yb, folder, target):
    yb.export_schema(*recommend(folder, ["public.big"], ["public.small"]))
    plain = Migration(yb.source, target, folder)
    done = plain.import_schema(expect=7)
    assert "yb-voyager export schema --export-dir" in done.said and "--start-clean true --target-db-type postgresql" in done.said
    assert "schema/tables/table.sql:" in done.said
    assert target.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"


def test_a_plain_target_takes_the_rest(migration):
    """Without colocation the catalogue is the same but for the indexes that were taken out."""
    migration.source.sql(SOURCE)
    assess(migration)
    migration.command("export", "schema", "--export-dir", migration.export_dir, *migration.source_flags(), *FOR_YUGABYTEDB,
                      "--skip-colocation-recommendations", "true")
    assert SETTING in migration.schema_text()
    done = migration.import_schema()
    assert done.said.count(SETTING) == 1, "told once, sent never"
    assert not (migration.export_dir / "reports/schema_analysis_report.html").exists()
    move_on(migration)
    compared = migration.verify("--export-dir", migration.export_dir, "--output-format", "json").json()
    assert {one["name"].split(" ")[0] for one in compared["missing_on_purpose"]} == {"public.big_small", "public.parted_day", "public.parted_1"}


def test_a_database_without_colocation_is_asked_about(yb, folder):
    yb.export_schema(*recommend(folder, ["public.big"], ["public.small"]))
    yb.target.sql("UPDATE yb_standin.setting SET value = 'false' WHERE name = 'colocated'")
    done = yb.import_schema(expect=10)
    assert yb.target.name in done.said and "colocat" in done.said
    assert yb.target.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"
    yb.import_schema("--yes")


def test_nobody_is_asked_where_nothing_is_to_be_colocated(yb, folder):
    yb.export_schema(*recommend(folder, ["public.big"], None))
    yb.target.sql("UPDATE yb_standin.setting SET value = 'false' WHERE name = 'colocated'")
    yb.import_schema()


def test_a_server_that_refuses_the_setting_is_told_once(source, folder, standin_cluster):
    source.sql(SOURCE)
    migration = Migration(source, standin_cluster.create(), folder)   # without the filter: an old server
    migration.export_schema()
    done = migration.import_schema()
    assert done.said.count("made without it") == 1 and SETTING in done.said


def test_import_schema_brings_the_analysis_that_nobody_made(yb):
    page = yb.export_dir / "reports/schema_analysis_report.html"
    yb.export_schema()
    yb.import_schema()
    assert "2025.2.3.0" in page.read_text()
    assert not page.with_suffix(".json").exists()
    page.write_text("made before")
    yb.import_schema("--ignore-exist", "true")
    assert page.read_text() == "made before"


@pytest.mark.parametrize("point", [p for p in fault_points() if p.startswith("export_schema.")])
def test_a_killed_export_is_done_again_whole(yb, folder, point):
    flags = recommend(folder, ["public.big"], ["public.small"])
    killed = yb.export_schema(*flags, env={"YB_VOYAGER_FAULT": point}, expect=None)
    assert killed.code == -9
    yb.export_schema(*flags)
    assert marked(yb.schema_text()) == {"public.big"} and report(yb)["table_colocation_recommendation"]["is_applied"]
    yb.import_schema()
    move_on(yb)


def test_a_killed_export_leaves_no_report_for_another_target(yb, folder):
    yb.export_schema(env={"YB_VOYAGER_FAULT": "export_schema.before_done"}, expect=None)
    yb.export_schema(*FOR_PLAIN, env={"YB_VOYAGER_SKIP_MERGE_CONSTRAINTS_TRANSFORMATIONS": "true"})
    assert not list((yb.export_dir / "reports").glob("schema_optimization_report.*"))
    assert "yb_" not in yb.schema_text()
