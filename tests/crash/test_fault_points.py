"""SIGKILL at every fault point that the program names, then the same command again: nothing lost, nothing doubled. Those of live
migration are in tests/live, those of set-aside rows in tests/scenario/test_rejects.py."""

import json
import signal

import pytest

from harness.migration import binary, fault_points
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
