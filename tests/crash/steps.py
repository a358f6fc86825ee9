"""The steps of a migration, so that any of them can be killed and run again."""

import shutil
from pathlib import Path

from harness.migration import Migration, Result, Running, assert_same_rows

# step -> (flags of the first run, flags of a run after a kill)
STEPS = {
    "export schema": ([], []),
    "import schema": ([], ["--ignore-exist", "true"]),
    "export data": (["--parallel-jobs", "3"], ["--parallel-jobs", "3", "--yes"]),
    "import data": (["--batch-size", "2500", "--parallel-jobs", "3"], ["--batch-size", "2500", "--parallel-jobs", "3"]),
    "finalize": (["--refresh-mviews", "true"], ["--refresh-mviews", "true", "--ignore-exist", "true"]),
}
END_FLAGS = ["--backup-schema-files", "true", "--backup-data-files", "true", "--save-migration-reports", "true",
             "--backup-log-files", "true", "--backup-dir"]


class Prepared:
    """Migrations that stand before a step: each is brought there once, and tests get copies of directory and target."""

    def __init__(self, target_cluster, folder: Path):
        self.cluster, self.folder, self.made = target_cluster, folder, {}

    def before(self, step: str, source, folder: Path) -> Migration:
        """`step`: "end" too."""
        steps = list(STEPS)
        wanted = steps.index(step) if step in steps else len(steps)
        # The state names the database that rows go to, so none is copied that rows went to already.
        copied = min(wanted, steps.index("import data"))
        made = self._copy(self._prepared(steps[copied], source), folder)
        for earlier in steps[copied:wanted]:
            run_step(made, earlier)
        return made

    def _prepared(self, step: str, source) -> Migration:
        if (source.name, step) not in self.made:
            place = self.folder / f"{source.name}-{list(STEPS).index(step)}"
            place.mkdir()
            if step == next(iter(STEPS)):
                made = Migration(source, self.cluster.create(), place)
            else:
                earlier = list(STEPS)[list(STEPS).index(step) - 1]
                made = self._copy(self._prepared(earlier, source), place)
                run_step(made, earlier)
            self.made[source.name, step] = made
        return self.made[source.name, step]

    def _copy(self, made: Migration, folder: Path) -> Migration:
        shutil.copytree(made.export_dir, folder / made.export_dir.name, symlinks=True)
        return Migration(made.source, self.cluster.create(options=f'TEMPLATE "{made.target.name}"'), folder)


def arguments(migration: Migration, step: str, again: bool) -> list:
    if step == "end":
        backup = migration.folder / "backup"
        backup.mkdir(exist_ok=True)
        return [*migration.line("end"), *END_FLAGS, backup]
    return [*migration.line(step), *STEPS[step][again]]


def run_step(migration: Migration, step: str, again=False, expect=0, env=None) -> Result:
    return migration.command(*arguments(migration, step, again), expect=expect, env=env)


def is_done(step: str, done: Result) -> bool:
    """The command ended, or says that an earlier run had done all before it was killed."""
    finished = {"export data": "already exported", "end": "no migration has been started"}
    return done.code == 0 or done.code == 7 and step in finished and finished[step] in done.err


def start_step(migration: Migration, step: str, again=False, env=None) -> Running:
    return migration.start(*arguments(migration, step, again), env=env)


def assert_equal(migration: Migration):
    assert_same_rows(migration.source, migration.target)
    objects = "SELECT m.oid, md5(lo_get(m.oid)) FROM pg_largeobject_metadata m ORDER BY 1"
    assert migration.target.rows(objects) == migration.source.rows(objects)
    migration.verify()


def assert_ended(migration: Migration):
    """What `end migration` must leave: the backup whole, nothing of us on the target, an empty export directory."""
    backup = migration.folder / "backup"
    kept = {p.relative_to(backup).parts[0] for p in backup.rglob("*") if p.is_file()}
    assert {"data", "schema", "logs", "reports"} <= kept, kept
    assert sum(1 for p in backup.rglob("*_data*") if p.is_file()) >= 5
    assert (backup / "schema" / "tables" / "table.sql").exists()
    assert migration.target.value("SELECT to_regnamespace('ybvoyager_metadata') IS NULL") == "t"
    # Killed after the state was gone, it leaves the log of its own end.
    left = [str(p.relative_to(migration.export_dir)) for p in migration.export_dir.rglob("*") if p.is_file()]
    assert set(left) <= {"logs/yb-voyager-end-migration.log"}
