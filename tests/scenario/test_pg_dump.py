"""Which pg_dump reads the schema, and that the user is told."""

import os
from pathlib import Path

from harness.cluster import bin_dir


def program(folder: Path, version: str, name="pg_dump") -> Path:
    """A pg_dump that claims to be of `version`."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f'''#!/bin/sh
if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) {version}"; exit; fi
exec {bin_dir()}/pg_dump "$@"
''')
    path.chmod(0o755)
    return path


def path_with(folder: Path) -> dict:
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_the_newest_one_is_taken_and_named(migration):
    migration.source.sql("CREATE TABLE t (a int)")
    newest = program(migration.folder / "new", "77.1 (of this test)")
    told = migration.export_schema(env=path_with(newest.parent)).said
    assert f"written by pg_dump 77.1 ({newest})" in told

    # One in PATH that is older than the others is passed over.
    old = program(migration.folder / "old", "9.6.24")
    told = migration.export_schema("--start-clean", "true", "--yes", env=path_with(old.parent)).said
    assert str(old) not in told and "written by pg_dump " in told


def test_the_one_that_is_named_is_taken_or_refused(migration):
    migration.source.sql("CREATE TABLE t (a int)")
    named = program(migration.folder / "mine", "66.0", "my_dump")
    assert f"pg_dump 66.0 ({named})" in migration.export_schema("--pg-dump-path", named).said

    again = ["--start-clean", "true", "--yes", "--pg-dump-path"]
    old = program(migration.folder / "mine", "9.6.24", "old_dump")
    refused = migration.export_schema(*again, old, expect=6)
    assert "pg_dump 9.6.24" in refused.said and "is too old" in refused.said and "--pg-dump-path" in refused.said
    refused = migration.export_schema(*again, migration.folder / "none", expect=6)
    assert "is no pg_dump that runs" in refused.said
