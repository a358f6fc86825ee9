"""--config-file: the same migration without flags, who wins when both speak, and what is refused."""

import shutil

import pytest

from harness.migration import REPOSITORY, assert_same_rows, run


@pytest.fixture
def config(migration):
    migration.source.sql("CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t SELECT g, 'x' FROM generate_series(1, 100) g;")

    def write(more="", source_password="from-file", **change):
        values = {"export_dir": migration.export_dir, "port": migration.source.port, "name": migration.source.name, **change}
        path = migration.folder / "migration.yaml"
        path.write_text(f"""\
export-dir: {values['export_dir']}
log-level: info
source:
  db-type: postgresql
  db-host: 127.0.0.1
  db-port: {values['port']}
  db-user: postgres
  db-password: {source_password}
  db-name: {values['name']}
  db-schema: public
target:
  db-host: 127.0.0.1
  db-port: {migration.target.port}
  db-user: postgres
  db-password: from-file
  db-name: {migration.target.name}
{more}""")
        return path

    return write


def test_a_whole_migration(migration, config):
    backup = migration.folder / "backup"
    backup.mkdir()
    path = config(f"""\
export-schema:
  comments-on-objects: true
export-data:
  export-type: snapshot-only
  parallel-jobs: 2
  disable-pb: true
import-data:
  disable-pb: yes
  batch-size: 30
finalize-schema-post-data-import:
  refresh-mviews: true
end-migration:
  backup-schema-files: true
  backup-data-files: false
  save-migration-reports: true
  backup-log-files: false
  backup-dir: {backup}
""")
    for command in ("export schema", "import schema", "export data", "export data status", "import data", "import data status",
                    "finalize-schema-post-data-import"):
        run(*command.split(), "--config-file", path)
    assert_same_rows(migration.source, migration.target)
    assert migration.target.value("SELECT count(*) FROM ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3") >= "4"
    run("end", "migration", "-c", path, "--yes")
    assert (backup / "schema").is_dir() and not (backup / "data").exists()


def test_flag_beats_environment_beats_file(migration, config):
    path = config(name="no_such_database", source_password='""')
    run("export", "schema", "-c", path, "--source-db-name", migration.source.name)


def test_keys_do_not_mind_case(migration, config):
    text = config().read_text()
    path = migration.folder / "upper.yaml"
    path.write_text(text.replace("export-dir:", "Export-Dir:").replace("db-type:", "DB-Type:"))
    run("export", "schema", "-c", path)


@pytest.mark.parametrize("wrong,told", [
    ("export-data:\n  paralel-jobs: 2\n", ["paralel-jobs", "parallel-jobs"]),
    ("exprot-data:\n  parallel-jobs: 2\n", ["exprot-data", "export-data"]),
    ("export-dirr: /tmp\n", ["export-dirr", "export-dir"]),
    ("export-data:\n  parallel-jobs: 2\nexport-data-from-source:\n  parallel-jobs: 2\n", ["export-data-from-source"]),
    ("source-replica:\n  db-prot: 1\n", ["db-prot", "db-port"]),
], ids=["key", "section", "global", "two names of one section", "other section"])
def test_refused(migration, config, wrong, told):
    done = run("export", "schema", "-c", config(wrong), expect=2)
    assert all(word in done.err for word in told), done
    assert not migration.files("schema/**/*")


def test_all_faults_are_told_at_once_with_their_lines(config):
    path = config("export-data:\n  paralel-jobs: 2\n  disable-bp: true\nimprt-data:\n  batch-size: 1\n")
    done = run("export", "schema", "-c", path, expect=2)
    lines = path.read_text().splitlines()
    for word in ("paralel-jobs", "disable-bp", "imprt-data"):
        number = next(i for i, line in enumerate(lines, 1) if word in line)
        assert word in done.err and str(number) in done.err, done


def test_missing_and_broken_files(migration):
    assert "no-such.yaml" in run("export", "schema", "-c", migration.folder / "no-such.yaml", expect=2).err
    broken = migration.folder / "broken.yaml"
    broken.write_text("source:\n  db-type postgresql\n   db-host: x\n")
    run("export", "schema", "-c", broken, expect=2)


def test_sections_of_documents_are_accepted(config):
    """Spelled as one of the users' documents spells it, and a section for a command without keys."""
    run("export", "schema", "-c", config("inititate-cutover-to-target:\n  prepare-for-fall-back: false\n"
                                         "get-data-migration-report:\n  log-level: info\n"))


@pytest.mark.parametrize("name", ["offline-migration", "live-migration", "live-migration-with-fall-back",
                                  "live-migration-with-fall-forward", "bulk-data-load"])
def test_installed_templates_are_valid(name, migration):
    found = list(REPOSITORY.glob(f"**/config-templates/{name}.yaml"))
    assert found, f"no template {name}.yaml"
    copy = migration.folder / "copy.yaml"
    shutil.copy(found[0], copy)
    # The values are examples; a valid file gets past the configuration and fails at a later step.
    done = run("export", "data", "status", "-c", copy, "--export-dir", migration.export_dir, expect=None)
    assert "nvalid" not in done.err and done.code != 2, done
