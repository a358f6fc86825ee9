"""analyze-schema on a schema that export schema wrote: reports, the loop of edit and run, codes, refusals."""

import json
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness import json_schema
from harness.migration import REPOSITORY

SCHEMA = """
    CREATE TABLE "<script>alert(1)</script>" (a xml, b int PRIMARY KEY);
    CREATE UNLOGGED TABLE logged_not (a inet, b point, c int UNIQUE DEFERRABLE);
    CREATE INDEX by_address ON logged_not (a);
    CREATE INDEX by_point ON logged_not USING gist (b);
    CREATE FUNCTION locks() RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM ctid FROM logged_not;
    END $$;
    CREATE VIEW checked AS SELECT c FROM logged_not WITH CHECK OPTION;
"""
VERSION = ["--target-db-version", "2025.2.3.0"]


@pytest.fixture
def exported(migration):
    migration.source.sql(SCHEMA)
    migration.export_schema()
    return migration


def analyze(migration, *args, **options):
    return migration.command("analyze-schema", "--export-dir", migration.export_dir, *args, **options)


def report(migration, form="json"):
    return (migration.export_dir / "reports" / f"schema_analysis_report.{form}").read_text()


def issues(migration):
    return json.loads(report(migration))["Issues"]


def test_finds_what_will_not_work_with_file_and_line(exported):
    done = analyze(exported, *VERSION)
    found = {(one["Type"], one["ObjectType"], one["ObjectName"]) for one in issues(exported)}
    assert ("UNSUPPORTED_DATATYPE_XML", "TABLE", "public.<script>alert(1)</script>") in found
    assert ("DEFERRABLE_CONSTRAINTS", "TABLE", "public.logged_not, constraint: (logged_not_c_key)") in found
    assert ("INDEX_ON_INET_DATATYPE", "INDEX", "by_address ON public.logged_not") in found
    assert ("UNSUPPORTED_GIST_INDEX_METHOD", "INDEX", "by_point ON public.logged_not") in found
    assert ("SYSTEM_COLUMN_CTID", "FUNCTION", "public.locks") in found
    assert ("VIEW_WITH_CHECK_OPTION", "VIEW", "public.checked") in found
    assert not any(one[0] == "UNLOGGED_TABLES" for one in found), "this version has them"
    for one in issues(exported):
        text = Path(one["FilePath"]).read_text().splitlines()
        assert one["FilePath"] == str(exported.export_dir / one["File"])
        assert 1 <= one["Line"] <= one["EndLine"] <= len(text), one
    ctid = next(one for one in issues(exported) if one["Type"] == "SYSTEM_COLUMN_CTID")
    assert "ctid" in Path(ctid["FilePath"]).read_text().splitlines()[ctid["Line"] - 1]
    assert ctid["IssueType"] == "unsupported_plpgsql_objects"
    assert "issues:" in done.out and "schema_analysis_report.html" in done.err


def test_an_older_version_knows_less(exported):
    analyze(exported, "--target-db-version", "2024.1.0.0")
    assert any(one["Type"] == "UNLOGGED_TABLES" for one in issues(exported))


def test_another_target_gets_nothing_that_is_only_yugabytedb(exported):
    analyze(exported, "--target-db-type", "postgresql")
    assert {one["Type"] for one in issues(exported)} == {"UNSUPPORTED_DATATYPE_LIVE_MIGRATION_POINT"}
    assert json.loads(report(exported))["TargetDBVersion"] == ""


def test_the_loop_says_what_got_better(exported):
    analyze(exported, *VERSION)
    before = len(issues(exported))
    index_file = exported.export_dir / "schema/tables/INDEXES_table.sql"
    text = index_file.read_text().replace("USING gist (b)", "(c)")
    index_file.write_text("-- edited\n\n\n" + text)
    done = analyze(exported, *VERSION)
    assert f"since the last run: 0 new, 1 fixed, {before - 1} unchanged" in done.out
    change = json.loads(report(exported))["SinceLastRun"]
    assert change["FixedIssues"] == ["UNSUPPORTED_GIST_INDEX_METHOD: INDEX by_point ON public.logged_not"]
    assert (exported.export_dir / "reports/schema_analysis_report.json.bak").exists()


@pytest.mark.parametrize("form", ["html", "txt", "json", "xml", "sarif"])
def test_forms(exported, form):
    done = analyze(exported, *VERSION, "--output-format", form)
    files = {p.name for p in (exported.export_dir / "reports").glob("schema_analysis_report.*")}
    assert files == {f"schema_analysis_report.{form}"}
    text = report(exported, form)
    if form in ("json", "sarif"):
        assert json.loads(done.out) == json.loads(text)
    if form in ("html", "xml"):
        assert "<script>alert" not in text
    if form == "xml":
        assert ElementTree.fromstring(text).tag == "SchemaReport"
    if form == "sarif":
        assert json.loads(text)["runs"][0]["results"]


def test_json_is_what_its_published_schema_says(exported):
    schema = json_schema.schema("analysis-report")
    (exported.export_dir / "schema/uncategorized.sql").write_text("select 1;\n")
    for version in ("2024.1.0.0", "2025.1.0.0"):
        analyze(exported, "--target-db-version", version)
        value = json.loads(report(exported))
        assert json_schema.errors(value, schema) == []
        assert value["Summary"]["Notes"]
    value["Issues"][0]["Impact"] = "LEVEL_4"
    assert json_schema.errors(value, schema), "the check itself works"


def test_the_limit_and_its_code(exported):
    analyze(exported, *VERSION, "--fail-on", "level-3", expect=3)
    assert issues(exported), "the report is written all the same"
    (exported.export_dir / "schema/tables/table.sql").write_text("create table t (a int);\n")
    analyze(exported, *VERSION, "--fail-on", "level-3", expect=0)
    analyze(exported, *VERSION, "--fail-on", "level-1", expect=3)


def test_a_version_has_to_be_given_or_agreed_to(exported):
    done = analyze(exported, expect=10)
    assert "--target-db-version 2025.2.3.0" in done.said
    assert not (exported.export_dir / "reports/schema_analysis_report.json").exists()
    analyze(exported, "--yes")
    analyze(exported, "--target-db-version", "2031.1.0.0", expect=10)
    assert "2025.2" in analyze(exported, "--target-db-version", "2.5", expect=2).said


def test_bodies_can_be_left_out(exported):
    analyze(exported, *VERSION, env={"REPORT_UNSUPPORTED_PLPGSQL_OBJECTS": "false"})
    assert not any(one["Type"] == "SYSTEM_COLUMN_CTID" for one in issues(exported))


def test_before_the_schema_is_exported(migration):
    done = analyze(migration, *VERSION, expect=7)
    assert "export schema" in done.said


@pytest.mark.parametrize("content,words", [(b"create table t (a int);\n\xff", "0xFF"), (b"select 1;\n\nselect\x00 2;", "zero byte")])
def test_files_that_are_no_text_leave_earlier_reports_alone(exported, content, words):
    analyze(exported, *VERSION)
    before = report(exported), report(exported, "html")
    broken = exported.export_dir / "schema/views/view.sql"
    broken.write_bytes(content)
    done = analyze(exported, *VERSION, expect=1)
    assert words in done.said and f"view.sql:{content.count(bytes([10])) + 1}" in done.said
    assert before == (report(exported), report(exported, "html"))


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: path.symlink_to("nowhere"), lambda path: path.symlink_to("view.sql")],
                         ids=["folder", "dangling-link", "link-to-itself"])
def test_files_that_cannot_be_read_leave_earlier_reports_alone(exported, make):
    analyze(exported, *VERSION)
    before = report(exported), report(exported, "html")
    broken = exported.export_dir / "schema/views/view.sql"
    broken.unlink()
    make(broken)
    assert "view.sql" in analyze(exported, *VERSION, expect=1).said
    assert before == (report(exported), report(exported, "html"))


def test_text_that_is_no_sql_is_told_and_not_fatal(exported):
    (exported.export_dir / "schema/views/view.sql").write_text("create view v as select 'never closed;\n")
    analyze(exported, *VERSION)
    assert any(one["Type"] == "UNSUPPORTED_PG_SYNTAX" and "unterminated" in one["Reason"] for one in issues(exported))


def test_an_empty_folder_and_a_wrong_version_are_refused(exported):
    analyze(exported, *VERSION)
    before = report(exported), report(exported, "html")
    for version in ("2025.2", "2025.2.3.0.1", "2025.2.3.x", "-1.2.3.4", "99999999999.1.1.1"):
        assert "version" in analyze(exported, "--target-db-version", version, expect=2).said, version
    shutil.rmtree(exported.export_dir / "schema")
    (exported.export_dir / "schema").mkdir()
    assert "no schema to analyse" in analyze(exported, *VERSION, expect=7).said
    assert before == (report(exported), report(exported, "html"))


def test_a_configuration_file_works(exported, folder):
    config = folder / "config.yaml"
    config.write_text(f"export-dir: {exported.export_dir}\nanalyze-schema:\n  target-db-version: 2025.2.3.0\n  output-format: xml\n"
                      "  report-unsupported-plpgsql-objects: false\n")
    exported.command("analyze-schema", "--config-file", config)
    assert "SYSTEM_COLUMN_CTID" not in report(exported, "xml")


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_the_filter_of_the_page():
    done = subprocess.run(["node", "--test", str(REPOSITORY / "src/report/page")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
