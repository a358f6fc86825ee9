"""SIGKILL at every fault point that the program names, then the same command again: nothing lost, nothing doubled. Those of live
migration are in tests/live, those of set-aside rows in tests/scenario/test_rejects.py."""

import json
import signal

import pytest

from harness.application import wait_for
from harness.migration import binary, fault_points, run, start
from harness.printed_commands import printed_in
from crash.steps import STEPS, assert_ended, assert_equal, run_step

PREFIX_OF_STEP = {"export schema": "export_schema", "import schema": "import_schema", "export data": "export_data",
                  "import data": "import_data", "finalize": "finalize", "end": "end"}
STEP_OF_PREFIX = {prefix: step for step, prefix in PREFIX_OF_STEP.items()}
# Points that a run passes often are also tried at a later arrival.
LATER = {"import_schema.after_statement": 5, "export_schema.between_files": 3, "export_data.chunk_renamed": 3, "export_data.chunk_done": 3,
         "import_data.batch_sent": 6, "import_data.batch_committed": 6, "import_data.batch_noted": 6, "import_data.index_built": 2}


def points():
    """Read when tests are collected; without a program one test remains, which says so."""
    try:
        binary()
        return fault_points()
    except AssertionError:
        return []


POINTS = points()


def test_the_program_names_its_points():
    assert len(fault_points()) >= 20
    assert {p.split(".")[0] for p in fault_points()} == {*STEP_OF_PREFIX, "assess", "live", "archive", "rejects", "copy_data"}


@pytest.mark.parametrize("fault", [p for p in POINTS if not p.startswith(("assess.", "live.", "archive.", "rejects.", "copy_data."))] + [f"{p}:{n}" for p, n in LATER.items() if p in POINTS])
def test_killed_at(before, crash_source, request, fault):
    step = STEP_OF_PREFIX[fault.split(".")[0]]
    if fault == "import_data.row_set_aside":
        return set_aside(before("export data", crash_source))
    if fault.endswith("tables_emptied"):
        return begun_anew(before("finalize", crash_source), fault)
    doomed = before(step, request.getfixturevalue("large_source") if fault.endswith("_drop_key") else crash_source)
    killed = run_step(doomed, step, env={"YB_VOYAGER_FAULT": fault}, expect=None)
    assert killed.code == -signal.SIGKILL, f"the point was never reached\n{killed}"
    run_step(doomed, step, again=True)
    if step == "end":
        assert_ended(doomed)
        return
    for later in list(STEPS)[list(STEPS).index(step) + 1:]:
        run_step(doomed, later)
    assert_equal(doomed)


# Of the export and the import those that a copy passes too, and matter to it otherwise than to them.
COPY_POINTS = [p for p in POINTS if p.startswith("copy_data.")] + [
    "export_data.chunk_leased:2", "copy_data.chunk_half_read:4", "import_data.batch_committed:7", "import_data.before_done"]


@pytest.mark.parametrize("fault", COPY_POINTS if POINTS else [])
def test_copy_killed_at(before, crash_source, fault):
    """Without a question, because nothing was written to the source: no row is missed, none is there twice."""
    doomed = before("export data", crash_source)
    some = ["--batch-size", "2500", "--parallel-jobs", "3"]
    if fault.startswith("copy_data.restart_"):
        doomed.source = doomed.source.cluster.create(options=f'TEMPLATE "{doomed.source.name}"')
        doomed.copy_data(*some, env={"YB_VOYAGER_FAULT": "import_data.batch_committed:5"}, expect=None)
        doomed.source.sql("UPDATE parted SET a = a WHERE a % 2 = 0")
        some.append("--yes")
    killed = doomed.copy_data(*some, env={"YB_VOYAGER_FAULT": fault}, expect=None)
    assert killed.code == -signal.SIGKILL, f"the point was never reached\n{killed}"
    again = doomed.copy_data("--batch-size", "1700", "--parallel-jobs", "2", "--no-input")
    assert "two moments" not in again.err
    run_step(doomed, "finalize")
    assert_equal(doomed)


# Those that an import of the user's files passes: there are no keys to be built and no triggers to be switched off.
FILE_POINTS = ["import_data.tables_emptied", "import_data.run_noted", "import_data.batch_sent:4", "import_data.batch_committed:4", "import_data.batch_noted:4",
               "import_data.row_set_aside:2", "import_data.before_sequences", "import_data.before_done"]
FILE_ROWS = 20_000


def file_import(target, folder, *flags, by=run, **options):
    """Of three files into two tables; `crooked` refuses one row of a hundred."""
    export_dir = folder / "export-dir"
    if not export_dir.exists():
        export_dir.mkdir()
        target.sql("CREATE TABLE straight (id serial PRIMARY KEY, name text); CREATE TABLE crooked (id int CHECK (id % 100 <> 7), name text);")
        for number in range(2):
            with open(folder / f"straight{number}.csv", "w") as file:
                file.writelines(f'{i},"a ""name"" with\nnewlines, number {i}"\n' for i in range(1 + number, FILE_ROWS + 1, 2))
        with open(folder / "crooked.csv", "w") as file:
            file.writelines(f"{i},the same\n" for i in range(1, 1001))
    return by("import", "data", "file", "--export-dir", export_dir, "--target-db-host", "127.0.0.1", "--target-db-port", target.port,
               "--target-db-user", "postgres", "--target-db-name", target.name, "--data-dir", folder, "--file-table-map", "straight*.csv:straight,crooked.csv:crooked",
               "--error-policy", "stash-and-continue", *flags, env={"TARGET_DB_PASSWORD": "x", **options.pop("env", {})}, **options)


@pytest.mark.parametrize("fault", FILE_POINTS if POINTS else [])
def test_file_import_killed_at(target, folder, fault):
    some = ["--batch-size", "700", "--parallel-jobs", "3"]
    anew = ["--start-clean", "true", "--truncate-tables", "true"] if fault == "import_data.tables_emptied" else []
    if anew:
        file_import(target, folder, *some, expect=8)
    killed = file_import(target, folder, *some, *anew, env={"YB_VOYAGER_FAULT": fault}, expect=None)
    assert killed.code == -signal.SIGKILL, f"the point was never reached\n{killed}"
    if anew:
        assert "IMP-005" in file_import(target, folder, *some, expect=7).err
    file_import(target, folder, "--batch-size", "900", "--parallel-jobs", "2", *anew, expect=8)
    assert target.rows("SELECT count(*), count(DISTINCT id), sum(id), count(DISTINCT name), nextval('straight_id_seq') FROM straight") == [
        tuple(str(n) for n in (FILE_ROWS, FILE_ROWS, FILE_ROWS * (FILE_ROWS + 1) // 2, FILE_ROWS, FILE_ROWS + 1))]
    assert target.rows("SELECT count(*), count(DISTINCT id) FROM crooked") == [("990", "990")]
    # The row in hand may stand there twice, under the same number; the state counts.
    texts = [path.read_text() for path in (folder / "export-dir/data/errors").rglob("*") if path.is_file()]
    assert len({line for text in texts for line in text.splitlines() if line.startswith("FILE:")}) == 10, texts


def test_a_file_import_that_was_held_up_loads_nothing_behind_the_next_one(target, folder):
    """The next one does not see the lock, as on another host that shares the export directory."""
    some = ["--batch-size", "500", "--parallel-jobs", "2"]
    file_import(target, folder, *some, expect=8)
    target.sql("""CREATE FUNCTION slow(n int) RETURNS boolean LANGUAGE plpgsql AS
        'BEGIN IF n % 100 = 0 THEN PERFORM pg_sleep(0.2); END IF; RETURN true; END';
        TRUNCATE straight; ALTER TABLE straight ADD CONSTRAINT slow CHECK (slow(id))""")
    held = file_import(target, folder, *some, "--start-clean", "true", "--truncate-tables", "true", by=start)
    wait_for(lambda: target.count("straight") > 0, "the first rows are in")
    held.kill(signal.SIGSTOP)
    target.cluster.db().sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{target.name}' AND pid <> pg_backend_pid()")
    assert target.count("straight") < FILE_ROWS, "it was held up too late"
    target.sql("ALTER TABLE straight DROP CONSTRAINT slow")
    (folder / "export-dir/.import-data-fileLockfile.lck").unlink()
    file_import(target, folder, *some, expect=8)
    held.kill(signal.SIGCONT)
    refused = held.finish()
    assert refused.code == 7, refused
    run(*printed_in(refused, "IMP-009", "again"), env={"TARGET_DB_PASSWORD": "x"}, expect=8)
    assert target.rows("SELECT count(*), count(DISTINCT id) FROM straight") == [(str(FILE_ROWS), str(FILE_ROWS))]


@pytest.mark.parametrize("fault", [p for p in POINTS if p.startswith("assess.")])
def test_assessment_killed_at(doomed, fault):
    """The earlier assessment stays whole, or the next run makes a new one without being asked; nothing half is left."""
    line = ["assess-migration", "--export-dir", doomed.export_dir, *doomed.source_flags(), "--iops-capture-interval", "0", "--yes"]
    reports = doomed.export_dir / "assessment/reports/migration_assessment_report.json"
    doomed.command(*line)
    before = json.loads(reports.read_text())
    killed = doomed.command(*line, "--start-clean", "true", env={"YB_VOYAGER_FAULT": fault}, expect=None)
    assert killed.code == -signal.SIGKILL, f"the point was never reached\n{killed}"
    again = doomed.command(*line, expect=(0, 7))
    assert again.code == 0 or "ASM-100" in again.err, "the earlier one still counts"
    after = json.loads(reports.read_text())
    assert after["AssessmentIssues"] == before["AssessmentIssues"] and after["Sizing"] == before["Sizing"]
    for place in ("metadata/schema/tables/table.sql", "metadata/node-primary/table-row-counts.csv", "dbs/assessment.db"):
        assert (doomed.export_dir / "assessment" / place).exists(), place
    doomed.command(*line, "--start-clean", "true")
    assert not (doomed.export_dir / "assessment/unfinished").exists()


def begun_anew(migration, fault):
    """Empty tables whose rows are noted as loaded are never taken for loaded."""
    anew = ["--start-clean", "true", "--truncate-tables", "true"]
    killed = migration.import_data(*anew, env={"YB_VOYAGER_FAULT": fault}, expect=None)
    assert killed.code == -signal.SIGKILL, f"the point was never reached\n{killed}"
    assert "IMP-005" in migration.import_data(expect=7).err
    migration.import_data(*anew)
    for later in list(STEPS)[list(STEPS).index("import data") + 1:]:
        run_step(migration, later)
    assert_equal(migration)


def set_aside(migration):
    """Reached only with rows that the target refuses; those must be listed once, also after the kill."""
    stash = ["--error-policy-snapshot", "stash-and-continue", "--batch-size", "500"]
    migration.target.sql("ALTER TABLE parted ADD CHECK (a % 1000 <> 7)")
    migration.export_data()
    killed = migration.import_data(*stash, env={"YB_VOYAGER_FAULT": "import_data.row_set_aside:2"}, expect=None)
    assert killed.code == -signal.SIGKILL, f"the point was never reached\n{killed}"
    migration.import_data(*stash, expect=8)
    assert migration.target.count("parted") == 3996
    texts = [p.read_text(errors="replace") for p in migration.files("data/errors/**/*")]
    # The row in hand may stand there twice, under the same number; the state counts.
    assert len({line for text in texts for line in text.splitlines() if line.startswith("FILE:")}) == 4, texts
    row = next(r for r in migration.status("import") if r["table_name"] == '"public"."parted"')
    assert (row["imported_count"], row["errored_count"]) == (3996, 4)


def test_an_unknown_point_is_refused(doomed):
    run_step(doomed, "export schema", env={"YB_VOYAGER_FAULT": "no_such.point"}, expect=2)


def test_a_fault_that_is_an_error_is_told_and_resumable(doomed):
    run_step(doomed, "export schema")
    run_step(doomed, "import schema")
    told = run_step(doomed, "export data", env={"YB_VOYAGER_FAULT": "export_data.chunk_renamed:2:error"}, expect=1)
    assert "chunk_renamed" in told.err
    for step in ("export data", "import data", "finalize"):
        run_step(doomed, step, again=step == "export data")
    assert_equal(doomed)
