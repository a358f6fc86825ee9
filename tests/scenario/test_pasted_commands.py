"""The commands that messages print are run as they stand, by a shell, in the situation in which they are printed."""

import json
import os
import re
import subprocess

from harness.cluster import Cluster
from harness.migration import Migration, binary


def commands(text: str) -> list[str]:
    """What stands behind the words "fix", "then" and "next" and is a command."""
    return [found[1] for line in text.splitlines() if (found := re.search(r"((?:mkdir -p \S+ && )?yb-voyager (?!version).*)$", line.strip()))
            and not line.startswith("$")]


def paste(migration, command: str, expect=0) -> str:
    path = f"{binary().parent}:{os.environ['PATH']}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env={**os.environ, **migration.env, "PATH": path}, timeout=120)
    assert done.returncode == expect, f"{command}\n-> {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def the_one(text: str, words: str) -> str:
    found = [one for one in commands(text) if f"yb-voyager {words} " in one + " "]
    assert found, f"no command '{words}' in\n{text}"
    return found[-1]


def next_step(migration) -> str:
    """Of the last run, as its saved summary has it."""
    last = max(migration.files("reports/runs/*.json"), key=lambda path: path.stat().st_mtime_ns)
    return json.loads(last.read_text())["next_steps"][0]["command"]


def test_from_message_to_message(source, target, folder):
    source.sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT * FROM t")
    migration = Migration(source, target, folder)
    assert "not exported yet" in migration.import_schema(expect=7).said
    migration.export_schema()
    migration.export_data()
    # A user mends a name in the command line only once: what the state knows is in the command.
    refused = migration.import_data(expect=7)
    paste(migration, the_one(refused.err, "import schema"))
    # Objects are there: the command that follows passes over them.
    paste(migration, the_one(migration.import_schema(expect=1).err, "import schema"))
    paste(migration, the_one(migration.export_data(expect=7).err, "import data"))
    migration.finalize()
    paste(migration, next_step(migration))
    paste(migration, next_step(migration) + " --yes")
    assert (folder / "export-dir-backup").is_dir()


def test_an_answer_is_given_by_the_printed_command(source, target, folder):
    source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    migration = Migration(source, target, folder)
    migration.export_schema()
    asked = migration.export_schema("--start-clean", "true", expect=10)
    paste(migration, the_one(asked.err, "export schema"))


def test_what_is_printed_of_set_aside_rows(source, target, folder):
    source.sql("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT g, g FROM generate_series(1, 20) g")
    migration = Migration(source, target, folder)
    migration.export_schema()
    migration.import_schema()
    target.sql("ALTER TABLE t ADD CONSTRAINT small CHECK (v < 19)")
    migration.export_data()
    told = paste(migration, the_one(migration.import_data("--error-policy-snapshot", "stash-and-continue", expect=8).err, "rejects list"))
    assert "public.t" in told
    target.sql("ALTER TABLE t DROP CONSTRAINT small; ALTER TABLE t ADD CHECK (v < 20)")
    paste(migration, the_one(told, "rejects retry"), expect=8)
    paste(migration, the_one(told, "rejects discard") + " --yes")
    assert target.count("t") == 19


def test_a_schema_for_another_kind_of_server_is_exported_again(source, target, folder):
    source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    migration = Migration(source, target, folder)
    migration.export_schema()
    tables = migration.export_dir / "schema/tables/table.sql"
    tables.write_text(re.sub(r"\);\s*\Z", ") WITH (colocation = false);\n", tables.read_text()))
    refused = migration.import_schema(expect=7)
    assert "SCH-003" in refused.said
    asked = paste(migration, the_one(refused.err, "export schema"), expect=10)   # It gives up what was exported.
    paste(migration, the_one(asked, "export schema"))
    migration.import_schema()
    assert target.count("t") == 0


def test_a_comparison_is_made_again(folder):
    with Cluster("noting-pasted", settings={"shared_preload_libraries": "pg_stat_statements"}) as cluster:
        source, target = cluster.create(), cluster.create()
        for side in (source, target):
            side.sql("CREATE EXTENSION pg_stat_statements; CREATE TABLE t (id int PRIMARY KEY); SELECT id FROM t WHERE id = 1")
        migration = Migration(source, target, folder)
        place = ["--export-dir", migration.export_dir]
        migration.command("assess-migration", *place, *migration.source_flags(), "--iops-capture-interval", 0, "--target-db-version", "2025.2.3.0", "--yes")
        migration.command("compare-performance", *place, *migration.target_flags())
        refused = migration.command("compare-performance", *place, *migration.target_flags(), expect=7)
        assert "CMP-006" in refused.said
        told = paste(migration, the_one(refused.err, "compare-performance"))
        # What the assessment, pg_dump and this comparison have asked the servers is no workload.
        assert "\n  note        1 query compared\n" in told, told
