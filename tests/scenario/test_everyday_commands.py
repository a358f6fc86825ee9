"""Commands that a person asks beside the migration: what is set and by whom, what a code means."""

import json
import re

from harness import json_schema
from harness.terminal import on_a_terminal
from harness.migration import Migration, REPOSITORY, run


def settings(*args, env=None):
    shown = run("config", "show", *args, "--output-format", "json", env=env).json()
    assert json_schema.errors(shown, "config-show") == []
    return {one["name"]: one for one in shown["settings"]}


def test_config_show_tells_value_and_origin(tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text("""export-dir: /data/shop
source:
  db-host: ${HOST_OF_SHOP}
  db-password: canary-in-file
export-data:
  parallel-jobs: 8
  queue-segment-max-bytes: 1000
""")
    env = {"HOST_OF_SHOP": "db1", "TARGET_DB_PASSWORD": "canary-in-variable"}
    shown = settings("export", "data", "--config-file", file, "--source-db-port", "77", env=env)
    found = {name: (shown[name]["value"], shown[name]["origin"], shown[name]["where"]) for name in (
        "source-db-host", "source-db-port", "source-db-password", "target-db-password", "parallel-jobs", "compress", "queue-segment-max-bytes")}
    assert found == {
        "source-db-host": ("db1", "file", f"{file}:3 (db-host)"),
        "source-db-port": ("77", "flag", "--source-db-port"),
        "source-db-password": ("********", "file", f"{file}:4 (db-password)"),
        "target-db-password": ("********", "environment", "TARGET_DB_PASSWORD"),
        "parallel-jobs": ("8", "file", f"{file}:6 (parallel-jobs)"),
        "compress": ("true", "default", ""),
        "queue-segment-max-bytes": ("1000", "file", f"{file}:7 (queue-segment-max-bytes)")}
    assert shown["source-db-user"]["missing"] and not shown["source-db-host"]["missing"]
    for form in ("text", "json"):
        whole = run("config", "show", "--config-file", file, "--output-format", form, env=env)
        assert "canary" not in whole.text and "********" in whole.out and f"{file}:6" in whole.out
        assert "import data file" in whole.out and "end migration" in whole.out
    assert json_schema.errors(whole.json(), "config-show") == []


def test_config_show_refuses_what_the_command_would_refuse(tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text("export-data:\n  data-dir: /x\n")
    refused = run("config", "show", "--config-file", file, expect=2)
    assert 'it belongs into the section "import-data-file"' in refused.said
    assert "unknown flag --data-dir" in run("config", "show", "export", "data", "--data-dir", "/x", expect=2).said
    assert "unknown command 'export dta'" in run("config", "show", "export", "dta", expect=2).said


def test_every_code_is_explained():
    codes = run("explain", "--list").out.splitlines()
    assert len(codes) > 200 and len(set(codes)) == len(codes)
    told = run("explain", "--list", "--output-format", "json").json()
    assert json_schema.errors(told, "explain") == []
    explained = {one["code"]: one for one in told["codes"]}
    assert set(explained) == set(codes)
    assert [code for code, one in explained.items() if not (one["meaning"] and one["cause"] and one["fix"])] == []
    for code in (codes[0], "con-003", "unlogged_tables", "COPY FROM ... WHERE"):
        text = run("explain", *code.split()).out
        assert text.startswith(code.upper()) and all(f"\n{part}\n  " in text for part in ("Meaning", "Cause", "Fix"))
    assert "did you mean CON-003?" in run("explain", "CON-03", expect=2).said


def test_a_terminal_of_forty_columns(migration):
    """Prose is wrapped between words, progress is told in lines instead of bars, and what is pasted stays whole."""
    shown = on_a_terminal(["explain", "CON-003"], {}, columns=40)
    assert max(len(line.rstrip("\r")) for line in shown.splitlines()) <= 40, shown
    assert shown.split() == run("explain", "CON-003").out.split()
    migration.source.sql("CREATE TABLE a_table_whose_name_is_longer_than_the_terminal_is_wide (id int); INSERT INTO "
                         "a_table_whose_name_is_longer_than_the_terminal_is_wide SELECT generate_series(1, 1000)")
    migration.export_schema()
    migration.import_schema()
    shown = on_a_terminal(migration.line("export data"), migration.env, columns=40)
    (then,) = [line.strip() for line in shown.splitlines() if "yb-voyager import data" in line]
    assert re.search(r"yb-voyager import data .*--export-dir \S+", then), shown
    shown = on_a_terminal(migration.line("import data"), migration.env, columns=40)
    assert migration.target.count("a_table_whose_name_is_longer_than_the_terminal_is_wide") == 1000
    assert "total=100%" in shown and "\u2588" not in shown, shown


def test_issues_of_reports_are_explained():
    types = set(re.findall(r"^\| `(\w+)` \|", (REPOSITORY / "docs/reference/issues.md").read_text(), re.MULTILINE))
    assert len(types) > 100 and types <= set(run("explain", "--list").out.split())


def test_a_name_that_is_also_a_tls_mode_is_in_the_next_command(source, target, folder):
    source.sql("DROP ROLE IF EXISTS prefer; CREATE ROLE prefer SUPERUSER LOGIN; CREATE TABLE t (a int PRIMARY KEY)")
    try:
        migration = Migration(source.cluster.db(source.name, "prefer"), target, folder)
        migration.export_schema()
        migration.import_schema()
        told = [json.loads(path.read_text())["next_steps"][0]["command"] for path in migration.files("reports/runs/import-schema*.json")]
        assert len(told) == 1 and "--source-db-user prefer" in told[0] and "ssl-mode" not in told[0], told
    finally:
        source.sql("REASSIGN OWNED BY prefer TO CURRENT_USER; DROP OWNED BY prefer; DROP ROLE prefer")


def test_flags_without_effect_say_so(migration):
    migration.source.sql("CREATE TABLE t (a int PRIMARY KEY)")
    told = migration.export_schema("--profile", "true")
    assert "--profile is accepted and has no effect here" in told.said
    migration.import_schema()
    assert "BETA_FAST_DATA_EXPORT is accepted and has no effect" in migration.export_data(env={"BETA_FAST_DATA_EXPORT": "1"}).said
    told = migration.import_data("--skip-disk-usage-health-checks", "true", "--continue-on-error", "true", "--use-public-ip", "true",
                                 "--skip-node-health-checks", "true", "--target-endpoints", "127.0.0.1:1")
    for flag in ("skip-disk-usage-health-checks is accepted", "continue-on-error (what", "use-public-ip has no effect", "target-endpoints has no effect", "skip-node-health-checks has no effect"):
        assert f"--{flag}" in told.said, told
    told = migration.command("rejects", "discard", "--export-dir", migration.export_dir, "--profile", "true", env={"YB_TSERVER_PORT": "9000"})
    assert "--profile is accepted" in told.said and "YB_TSERVER_PORT is accepted" in told.said


def test_the_summaries_of_runs_are_true(migration):
    """Saved for each command; times, workers, rows and bytes are those of the run."""
    migration.source.sql("CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 20000) g;"
                         "CREATE INDEX ON t (b); CREATE TABLE u (a int REFERENCES t, s serial); CREATE MATERIALIZED VIEW m AS SELECT * FROM t")
    migration.export_schema()
    migration.import_schema()
    migration.export_data()
    migration.import_data()
    migration.finalize("--refresh-mviews", "true")
    migration.command("verify", "--export-dir", migration.export_dir, *migration.source_flags(), *migration.target_flags())
    runs = {run["command"]: run for path in migration.files("reports/runs/*.json") for run in [json.loads(path.read_text())]}
    assert set(runs) == {"export schema", "import schema", "export data", "import data", "finalize-schema-post-data-import", "verify"}
    for run in runs.values():
        assert run["workers"] >= 1 and 0 < run["wall_s"] <= run["sum_s"] + 1e-9, run
        assert run["sum_s"] - run["wall_s"] <= sum(stage["sum_s"] - stage["wall_s"] for stage in run["stages"]) + 1e-9, run
        assert all(0 < stage["wall_s"] <= stage["sum_s"] + 1e-9 and stage["items"] > 0 for stage in run["stages"]), run
        assert run["next_steps"]
    stages = {name: {stage["name"] for stage in run["stages"]} for name, run in runs.items()}
    assert stages["export data"] == {"rows"} and stages["import data"] == {"rows", "indexes and keys", "foreign keys", "sequences"}
    assert "materialized views" in stages["finalize-schema-post-data-import"] and stages["verify"] >= {"objects", "rows"}
    for name, rows in {"export data": 20000, "import data": 20000, "verify": 40000}.items():   # The view is compared, too.
        assert runs[name]["rows"] == rows and runs[name]["bytes"] > 20000 * 32, runs[name]
    assert runs["export data"]["bytes"] == runs["import data"]["bytes"]


def test_json_events_before_the_flow_say_whose_they_are(migration):
    migration.source.sql("CREATE TABLE t (a int PRIMARY KEY)")
    migration.export_schema()
    told = migration.export_data("--progress", "json", "--profile", "true")
    events = [json.loads(line) for line in told.err.splitlines()]
    notices = [one for one in events if one["event"] == "notice"]
    assert any("--profile" in one["message"] for one in notices)
    start = next(one for one in events if one["event"] == "run.start")
    assert start["migration"] and start["run"]
    assert [one for one in events if not one["ts"] or one["run"] != start["run"]] == []
    named = [one for one in events if one["migration"]]
    assert {one["migration"] for one in named} == {start["migration"]} and any("--profile" in one.get("message", "") for one in named)
    summary = json.loads(max(migration.files("reports/runs/*.json"), key=lambda path: path.stat().st_mtime_ns).read_text())
    assert summary["workers"] > 0
