"""Rows that were set aside: listed, loaded again exactly once, given up."""

import random
import signal
import subprocess
import time

import pytest

from harness import json_schema
from harness.migration import Migration, run

STASH = ("--error-policy-snapshot", "stash-and-continue")


def rejects(migration, *words, expect=0, env=None):
    return migration.command("rejects", *words, "--export-dir", migration.export_dir, expect=expect, env=env)


def listed(migration):
    found = rejects(migration, "list", "--output-format", "json").json()
    assert json_schema.errors(found, "rejects-list") == []
    return found


@pytest.fixture
def stashed(migration) -> Migration:
    """Three rows of t and two of u are refused by checks that the target alone has."""
    migration.source.sql("""CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 500) g;
                            CREATE TABLE u (id serial PRIMARY KEY, v int); INSERT INTO u (v) SELECT g FROM generate_series(1, 100) g;
                            CREATE INDEX ON t (v);""")
    migration.export_schema()
    migration.import_schema()
    migration.target.sql("""ALTER TABLE t ADD CONSTRAINT no_seven CHECK (v NOT IN ('v7', 'v77', 'v277')); 
                            ALTER TABLE u ADD CONSTRAINT small CHECK (v < 99);""")
    migration.export_data()
    done = migration.import_data(*STASH, expect=8)
    assert "rejects list" in done.err
    return migration


def same(migration, *tables):
    for table in tables:
        rows = f"SELECT * FROM {table} ORDER BY 1"
        assert migration.target.rows(rows) == migration.source.rows(rows)


def test_list_retry_until_nothing_is_left(stashed):
    target = stashed.target
    found = listed(stashed)
    assert found["count"] == 5 == len(found["rows"]) and {row["table"] for row in found["rows"]} == {"public.t", "public.u"}
    assert all(row["sqlstate"] == "23514" and "violates check" in row["reason"] and row["file"] for row in found["rows"])
    text = rejects(stashed, "list", "--table-list", "u")
    assert text.out.count("public.u") == 2 and "public.t" not in text.out
    assert "rejects retry" in text.err and "rejects discard" in text.err
    # Nothing was mended: the same rows are refused again, once each.
    rejects(stashed, "retry", expect=8)
    assert listed(stashed)["count"] == 5
    lists = {path.parent.name: path.read_text() for path in stashed.files("data/errors/*/set-aside-rows.log")}
    assert {name: text.count("\nROW") for name, text in lists.items()} == {"table::public.t": 3, "table::public.u": 2}
    # One table is mended, and both are tried.
    target.sql("ALTER TABLE t DROP CONSTRAINT no_seven")
    target.sql("SELECT setval('u_id_seq', 5000)")
    rejects(stashed, "retry", expect=8)
    assert [row["table"] for row in listed(stashed)["rows"]] == ["public.u", "public.u"]
    same(stashed, "t")
    target.sql("ALTER TABLE u DROP CONSTRAINT small; UPDATE t SET v = 'written since' WHERE id = 7")
    rejects(stashed, "retry", "--table-list", "u")
    same(stashed, "u")
    assert listed(stashed)["count"] == 0 and target.value("SELECT v FROM t WHERE id = 7") == "written since"
    assert target.value("SELECT last_value FROM u_id_seq") == "5000", "a sequence that is in use was put back"
    assert "No rows are set aside" in rejects(stashed, "retry").err
    assert [row["status"] for row in stashed.status("import")] == ["DONE", "DONE"]
    stashed.import_data(*STASH)
    assert target.count("t") == 500 and target.count("u") == 100


@pytest.mark.parametrize("fault", ["rejects.released", "import_data.batch_committed", "import_data.row_set_aside", "import_data.before_sequences", "import_data.before_done"])
def test_a_killed_retry_loads_each_row_once(stashed, fault):
    stashed.target.sql("ALTER TABLE t DROP CONSTRAINT no_seven")
    killed = rejects(stashed, "retry", expect=None, env={"YB_VOYAGER_FAULT": fault})
    assert killed.code == -9, killed
    assert listed(stashed)["count"] == 5, "what is not proven to be in is not told any more"
    rejects(stashed, "retry", expect=8)
    same(stashed, "t")
    assert listed(stashed)["count"] == 2 and stashed.target.count("u") == 98
    stashed.target.sql("ALTER TABLE u DROP CONSTRAINT small")
    rejects(stashed, "retry")
    same(stashed, "t", "u")


def test_hundreds_of_rows_are_retried_through_kills(migration):
    """Killed wherever it is, time and again: each row is in once, or aside, and none is both or neither."""
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT g, g % 10 FROM generate_series(1, 1500) g; CREATE TABLE n (v int)")
    migration.source.sql("INSERT INTO n SELECT g % 4 FROM generate_series(1, 1000) g")
    migration.export_schema()
    migration.import_schema()
    migration.target.sql("ALTER TABLE t ADD CONSTRAINT few CHECK (v NOT IN (1, 4, 7)); ALTER TABLE n ADD CONSTRAINT one CHECK (v <> 1)")
    migration.export_data()
    migration.import_data(*STASH, expect=8)
    assert (listed(migration)["count"], migration.target.count("t"), migration.target.count("n")) == (700, 1050, 750)
    # Half of them can come in now.
    migration.target.sql("ALTER TABLE t DROP CONSTRAINT few, ADD CONSTRAINT few CHECK (v NOT IN (4)); ALTER TABLE n DROP CONSTRAINT one")
    chance = random.Random(11)
    kills = 0
    for _ in range(40):
        retry = migration.start("rejects", "retry", "--export-dir", migration.export_dir)
        end = time.monotonic() + chance.uniform(0.05, 0.5)
        while retry.running() and time.monotonic() < end:
            time.sleep(0.01)
        if not retry.running():
            assert retry.finish().code == 8, retry.finish()
            break
        retry.kill(signal.SIGKILL)
        retry.finish()
        kills += 1
        assert migration.target.value("SELECT count(*) - count(DISTINCT id) FROM t") == "0"
        assert migration.target.count("n") <= 1000
    assert kills > 0
    rejects(migration, "retry", expect=8)
    assert (listed(migration)["count"], migration.target.count("t"), migration.target.count("n")) == (150, 1350, 1000)
    migration.target.sql("ALTER TABLE t DROP CONSTRAINT few")
    rejects(migration, "retry")
    assert listed(migration)["count"] == 0
    same(migration, "t", "n")


def test_a_killed_retry_is_finished_by_the_import_too(stashed):
    stashed.target.sql("ALTER TABLE t DROP CONSTRAINT no_seven; ALTER TABLE u DROP CONSTRAINT small")
    rejects(stashed, "retry", expect=-9, env={"YB_VOYAGER_FAULT": "rejects.released"})
    assert listed(stashed)["count"] == 5
    stashed.import_data(*STASH)
    same(stashed, "t", "u")
    assert listed(stashed)["count"] == 0


def test_rows_that_a_killed_retry_had_loaded_are_not_given_up(stashed):
    stashed.target.sql("ALTER TABLE t DROP CONSTRAINT no_seven; ALTER TABLE u DROP CONSTRAINT small")
    rejects(stashed, "retry", expect=-9, env={"YB_VOYAGER_FAULT": "import_data.before_sequences"})
    assert "REJ-002" in rejects(stashed, "discard", "--yes", expect=7).said
    assert "given up" not in stashed.import_data(*STASH).said.split("Import data complete")[-1]
    same(stashed, "t", "u")
    assert [row["status"] for row in stashed.status("import")] == ["DONE", "DONE"]


def test_a_retry_goes_by_its_rows_and_not_by_the_last_command(stashed):
    """Its lists of tables, what was refused, and what a configuration file said then are not repeated."""
    migration, target = stashed, stashed.target
    config = migration.folder / "shop.yaml"
    config.write_text(f"""export-dir: {migration.export_dir}
target:
  db-host: "{target.host}"
  db-port: {target.port}
  db-user: {target.user}
  db-name: {target.name}
import-data:
  error-policy-snapshot: stash-and-continue
  batch-size: 100
  table-list: u
""")
    run("import", "data", "--config-file", config.name, "--parallel-jobs", "2", cwd=migration.folder, env=migration.env, expect=8)
    migration.import_data("--error-policy-snapshot", "abort", expect=7)
    config.write_text(config.read_text().replace("batch-size: 100", "batch-size: 50"))
    target.sql("ALTER TABLE t DROP CONSTRAINT no_seven; ALTER TABLE u DROP CONSTRAINT small")
    done = rejects(migration, "retry", "--table-list", "t", env=migration.env)
    assert str(config) in done.said
    same(migration, "t")
    assert {row["table"] for row in listed(migration)["rows"]} == {"public.u"} and target.count("u") == 98
    assert [row["status"] for row in migration.status("import") if row["table_name"] == '"public"."t"'] == ["DONE"]
    rejects(migration, "retry", env=migration.env)
    same(migration, "u")


def test_an_import_that_is_not_done_has_no_retry(migration):
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 9)")
    migration.export_schema()
    migration.import_schema()
    migration.target.sql("ALTER TABLE t ADD CONSTRAINT no_seven CHECK (id <> 7)")
    migration.export_data()
    migration.import_data(*STASH, expect=-9, env={"YB_VOYAGER_FAULT": "import_data.before_sequences"})
    refused = rejects(migration, "retry", expect=7)
    assert "REJ-001" in refused.err and "import data" in refused.err and listed(migration)["count"] == 1
    migration.import_data(*STASH, expect=8)
    rejects(migration, "retry", expect=8)


def test_a_refused_retry_changes_nothing(stashed):
    stashed.target.sql("ALTER TABLE t RENAME TO gone")
    before = listed(stashed), stashed.status("import")
    assert "IMP-002" in rejects(stashed, "retry", "--table-list", "t", expect=7).err
    assert (listed(stashed), stashed.status("import")) == before
    stashed.target.sql("ALTER TABLE gone RENAME TO t")
    stashed.import_data(*STASH, expect=8)
    assert stashed.target.count("t") == 497


def test_discard(stashed):
    assert "5 rows of 2 tables" in rejects(stashed, "discard", expect=10).said
    assert listed(stashed)["count"] == 5
    rejects(stashed, "discard", "--table-list", "t", "--yes")
    assert {row["table"] for row in listed(stashed)["rows"]} == {"public.u"}
    stashed.target.sql("ALTER TABLE t DROP CONSTRAINT no_seven; ALTER TABLE u DROP CONSTRAINT small")
    rejects(stashed, "retry")
    assert stashed.target.count("t") == 497 and stashed.target.count("u") == 100
    assert "3 rows were given up" in stashed.import_data(*STASH).said
    assert any(path.read_text().count("\nROW") >= 3 for path in stashed.files("data/errors/*t/*.log"))


def test_rows_of_a_stopped_retry_are_in_doubt(stashed):
    """The target may have them: they are listed as such, and not given up."""
    stashed.target.sql("ALTER TABLE t DROP CONSTRAINT no_seven")
    rejects(stashed, "retry", expect=-9, env={"YB_VOYAGER_FAULT": "import_data.batch_committed"})
    # Another worker may not have begun with the other table; what has been sent is in doubt.
    there = {table for table, before in (("t", 497), ("u", 98)) if stashed.target.count(table) > before}
    doubtful = {row["table"].removeprefix("public.") for row in listed(stashed)["rows"] if row["in_doubt"]}
    assert there and there <= doubtful
    assert "rows are in doubt" in rejects(stashed, "list").said
    refused = rejects(stashed, "discard", "--yes", expect=7)
    assert "REJ-002" in refused.said and "rejects retry" in refused.said
    rejects(stashed, "retry", expect=8)
    left = listed(stashed)["rows"]
    assert {row["table"] for row in left} == {"public.u"} and not any(row["in_doubt"] for row in left)
    assert stashed.target.count("t") == 500
    rejects(stashed, "discard", "--yes")
    assert listed(stashed)["count"] == 0


def test_a_file_that_is_gone_or_changed(source, target, folder):
    migration = Migration(source, target, folder)
    data = folder / "files"
    data.mkdir()
    path = data / "it's.csv"
    path.write_text("1,one\n2,bad\n")
    target.sql("CREATE TABLE a (id int PRIMARY KEY, v text CHECK (v <> 'bad'))")
    migration.command("import", "data", "file", "--export-dir", migration.export_dir, "--data-dir", data, "--file-table-map", "it's.csv:a",
                      "--error-policy", "stash-and-continue", *migration.target_flags(), expect=8)
    target.sql("ALTER TABLE a DROP CONSTRAINT a_v_check")
    path.rename(data / "away")
    gone = rejects(migration, "retry", expect=1)
    assert "is not there any more" in gone.said and "rejects discard --export-dir" in gone.said and "internal" not in gone.said
    (data / "away").rename(path)
    path.write_text("1,one\n2,bad\n3,more\n")
    larger = rejects(migration, "retry", expect=7).said
    assert "it had 12 bytes and has 19" in " ".join(larger.split()) and "--start-clean" not in larger and "{" not in larger
    path.write_text("1,one\n2,bad\n")
    touched = rejects(migration, "retry", expect=7)
    assert "it was written since" in touched.said
    subprocess.run(next(line for line in touched.err.splitlines() if "touch -d" in line).strip(), shell=True, check=True)
    rejects(migration, "retry")
    assert target.count("a") == 2 and listed(migration)["count"] == 0


def test_with_files_of_ones_own(source, target, folder):
    migration = Migration(source, target, folder)
    data = folder / "files"
    data.mkdir()
    (data / "a.csv").write_text("id;v\n" + "".join(f"{g};'v\n{g}'\n" for g in range(1, 301)))
    (data / "b.csv").write_text("id;v\n1;x\nnone;y\n3;z\n")
    target.sql("CREATE TABLE a (id int PRIMARY KEY, v text CHECK (v !~ '7')); CREATE TABLE b (id int PRIMARY KEY, v text)")
    refused = int(target.value("SELECT count(*) FROM generate_series(1, 300) g WHERE g::text ~ '7'"))
    loading = ["import", "data", "file", "--export-dir", migration.export_dir, "--data-dir", data, "--file-table-map", "a.csv:a,b.csv:b",
               "--has-header", "true", "--delimiter", ";", "--quote-char", "'", "--error-policy", "stash-and-continue", *migration.target_flags()]
    migration.command(*loading, expect=8)
    assert listed(migration)["count"] == refused + 1 and target.count("a") == 300 - refused
    target.sql("ALTER TABLE a DROP CONSTRAINT a_v_check")
    rejects(migration, "retry", expect=-9, env={"YB_VOYAGER_FAULT": "import_data.batch_committed"})
    rejects(migration, "retry", expect=8)
    assert target.value("SELECT count(*) || ' ' || count(DISTINCT v) || ' ' || sum(length(v)) FROM a") == f"300 300 {sum(len(str(g)) + 2 for g in range(1, 301))}"
    assert [row["file"] for row in listed(migration)["rows"]] == [str(data / "b.csv")]
    assert target.count("b") == 2
    rejects(migration, "discard", "--yes")
    migration.command(*loading)
    assert listed(migration)["count"] == 0


def test_files_of_one_table_that_were_loaded_apart(source, target, folder):
    """Each has its own format, one the name of a pattern: a retry takes a file with its own, also after a kill."""
    migration = Migration(source, target, folder)
    data = folder / "my files"
    data.mkdir()
    (data / "a?,b.csv").write_text("1;one\n2;two seven\n")
    (data / "c.csv").write_text("3,three\n4,four seven\n")
    target.sql("CREATE TABLE t (id int PRIMARY KEY, v text CHECK (v !~ 'seven'))")

    def load(mapped, delimiter, **options):
        return run("import", "data", "file", "--export-dir", migration.export_dir, "--data-dir", data.name, "--file-table-map", mapped,
                   "--delimiter", delimiter, "--error-policy", "stash-and-continue", "--yes", *migration.target_flags(),
                   cwd=folder, env=migration.env, **options)
    load("a*:t", ";", expect=8)
    load("c.csv:t", ",", expect=8)
    assert [row["file"] for row in listed(migration)["rows"]] == [str(data / "a?,b.csv"), str(data / "c.csv")]
    target.sql("ALTER TABLE t DROP CONSTRAINT t_v_check")
    rejects(migration, "retry", expect=-9, env={"YB_VOYAGER_FAULT": "import_data.before_sequences"})
    assert listed(migration)["count"] == 2
    assert "1 row of other imports" in " ".join(rejects(migration, "retry").err.split())
    assert [row["file"] for row in listed(migration)["rows"]] == [str(data / "c.csv")]
    (data / "a?,b.csv").unlink()
    rejects(migration, "retry")
    assert listed(migration)["count"] == 0
    assert target.rows("SELECT id, v FROM t ORDER BY id") == [("1", "one"), ("2", "two seven"), ("3", "three"), ("4", "four seven")]


def test_refused_where_there_is_nothing_to_work_with(folder):
    (folder / "empty").mkdir()
    run("rejects", "list", "--export-dir", folder / "empty", expect=7)
    run("rejects", "retry", "--export-dir", folder / "empty", expect=7)
