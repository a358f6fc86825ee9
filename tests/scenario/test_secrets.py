"""Passwords stay where they belong: nowhere on disk, in no output, in no argument list, not even in a refused connection."""

import json
import shutil
from pathlib import Path
from urllib.parse import quote

import pytest

from harness.arguments import ArgumentWatcher
from harness.migration import Migration, run


@pytest.fixture
def locked(tls_cluster, folder, canary, request):
    """Both databases on a server that asks for a password, with and without TLS."""
    socket = tls_cluster.socket_db()
    names = ("canary_source", "canary_target")
    for name in names:
        socket.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        socket.sql(f"CREATE DATABASE {name}")
    tls_cluster.socket_db(names[0]).sql("""CREATE TABLE t (a int PRIMARY KEY, b text);
        INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 5000) g; CREATE INDEX ON t (b);
        CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM t;""")
    return Migration(tls_cluster.db(names[0], "plain_user"), tls_cluster.db(names[1], "plain_user"), folder,
                     env={"SOURCE_DB_PASSWORD": canary, "TARGET_DB_PASSWORD": canary})


def spellings(secret):
    return {secret, quote(secret, safe=""), quote(secret), secret[:20]}


def everything_written(migration, results):
    """Texts of every file of the migration (state database and backups too) and of every output."""
    texts = [(r.args, r.out + r.err) for r in results]
    for path in Path(migration.folder).rglob("*"):
        if path.is_file():
            texts.append((path, path.read_bytes().decode(errors="replace")))
    return texts


def assert_unseen(texts, secret):
    for where, text in texts:
        for spelling in spellings(secret):
            assert spelling not in text, f"the password stands in {where}"


def test_by_environment(locked, canary):
    with ArgumentWatcher(spellings(canary)) as watcher:
        results = [locked.export_schema("--log-level", "trace"), locked.import_schema("--log-level", "trace"),
                   locked.export_data("--log-level", "trace"), locked.import_data("--log-level", "trace"),
                   locked.finalize("--refresh-mviews", "true"), locked.verify(), locked.verify("--output-format", "json")]
        texts = everything_written(locked, results)
        results.append(locked.end(keep=True))
    assert watcher.seen == []
    assert_unseen(texts + everything_written(locked, results), canary)
    assert any(Path(str(where)).name.startswith("yb-voyager-export-data") for where, _ in texts), "no log was looked at"


def test_by_flag(locked, canary):
    """The flag form is documented, so it works; the program blanks its own arguments at once, and children get none."""
    locked.env = {}
    source, target = ["--source-db-password", canary], [f"--target-db-password={canary}"]
    with ArgumentWatcher(spellings(canary)) as watcher:
        results = []
        for call in (lambda: locked.export_schema(*source), lambda: locked.import_schema(*target),
                     lambda: locked.export_data(*source), lambda: locked.import_data(*target), lambda: locked.finalize(*target)):
            results.append(call())
    children = [s for s in watcher.seen if s[0] in ("pg_dump", "psql", "pg_restore", "sh", "bash")]
    late = [s for s in watcher.seen if s[2] > 0.1]
    assert children == [] and late == []
    assert_unseen(everything_written(locked, results), canary)


def test_by_file_and_by_command(locked, canary):
    locked.env = {"SOURCE_DB_PASSWORD": "wrong", "TARGET_DB_PASSWORD": "wrong"}
    place = locked.folder.parent / (locked.folder.name + "-secrets")
    place.mkdir()
    secret = place / "password"
    secret.write_text(canary + "\n")
    secret.chmod(0o644)
    helper = place / "helper"
    helper.write_text(f"#!/bin/sh\necho asked >> {place}/asked\nenv | grep -c _DB_PASSWORD >> {place}/environment\ncat {secret}\n")
    helper.chmod(0o755)
    config = place / "config.yaml"
    config.write_text(f"source:\n  db-password-file: {secret}\ntarget:\n  db-password-command: {helper}\n")
    try:
        with ArgumentWatcher(spellings(canary)) as watcher:
            results = [locked.export_schema("--source-db-password-file", secret, "--log-level", "trace"),
                       locked.import_schema("--target-db-password-command", f"sh -c '{helper}'", "--log-level", "trace"),
                       locked.export_data("--config-file", config, "--log-format", "json"),
                       locked.import_data("--config-file", config, "--log-format", "json")]
            refused = locked.import_data("--target-db-password-command", "sh -c 'echo vault is sealed >&2; exit 2'", expect=2)
        assert "vault is sealed" in refused.err and "CON-010" in refused.err and "exit code 2" in refused.said
        assert "chmod 600" in results[0].said and "asked\nasked\n" == (place / "asked").read_text()
        assert set((place / "environment").read_text().split()) == {"0"}, "a child was given passwords"
        assert watcher.seen == []
        assert_unseen(everything_written(locked, results + [refused]), canary)
        lines = [json.loads(line) for line in (locked.export_dir / "logs/yb-voyager-import-data.jsonl").read_text().splitlines()]
        assert len(lines) > 5 and all({"time", "level", "pid", "msg"} == set(line) for line in lines)
        assert locked.target.cluster.socket_db("canary_target").count("t") == 5000
    finally:
        shutil.rmtree(place)


def test_the_text_of_a_password_command_is_a_secret_too(locked, canary):
    """It may hold the key that opens the vault."""
    key = "key-of-the-vault-" + canary[::-1]
    locked.env = {}
    place = locked.folder.parent / (locked.folder.name + "-vault")
    place.mkdir()
    (place / "password").write_text(canary + "\n")
    command = f"sh -c ': {key}; cat {place}/password'"
    source, target = ("--source-db-password-command", command), ("--target-db-password-command", command)
    config = place / "config.yaml"
    config.write_text(f'target:\n  db-password-command: "{command}"\n')
    try:
        results = [locked.export_schema(*source), locked.import_schema(*target), locked.export_data(*source),
                   locked.command("assess-migration", "--export-dir", locked.export_dir, *locked.source_flags(), *source,
                                  "--iops-capture-interval", "0", expect=None),
                   locked.import_data("--error-policy-snapshot", "stash-and-continue", *target),
                   locked.import_data("--error-policy-snapshot", "abort", *target, expect=7),
                   run("config", "show", "import", "data", *target), run("config", "show", "--config-file", config)]
        assert any("password-command" in result.out for result in results[-2:])
        assert_unseen(everything_written(locked, results), key)
    finally:
        shutil.rmtree(place)


def test_by_config_file(locked, canary):
    config = locked.folder.parent / (locked.folder.name + "-config.yaml")
    config.write_text(f"source:\n  db-password: '{canary}'\ntarget:\n  db-password: '{canary}'\n")
    try:
        locked.env = {}
        results = [locked.export_schema("-c", config), locked.import_schema("-c", config)]
        assert_unseen(everything_written(locked, results), canary)
    finally:
        config.unlink()


def test_by_password_file(locked, canary):
    passwords = locked.folder.parent / (locked.folder.name + "-pgpass")
    escaped = canary.replace("\\", "\\\\").replace(":", "\\:")
    passwords.write_text(f"127.0.0.1:{locked.source.port}:*:plain_user:{escaped}\n")
    passwords.chmod(0o600)
    try:
        locked.env = {"PGPASSFILE": str(passwords)}
        results = [locked.export_schema(), locked.import_schema(), locked.export_data(), locked.import_data()]
        assert_unseen(everything_written(locked, results), canary)
    finally:
        passwords.unlink()


def test_refused_connections(locked, canary):
    """A wrong password is a secret too: it is often the right one of another server."""
    wrong = canary + "-wrong"
    results = [locked.export_schema(env={"SOURCE_DB_PASSWORD": wrong}, expect=4),
               run("verify", *locked.source_flags(), *locked.target_flags(), env={"SOURCE_DB_PASSWORD": wrong, "TARGET_DB_PASSWORD": wrong}, expect=(4, 5))]
    assert_unseen(everything_written(locked, results), wrong)


def test_a_server_message_that_quotes_the_password(locked, canary):
    """What the program logs and prints is masked by value, wherever the value comes from."""
    locked.export_schema()
    file = locked.export_dir / "schema" / "tables" / "table.sql"
    file.write_text(file.read_text() + f"\nSELECT '{canary}'::int;\n")
    results = [locked.import_schema(expect=1)]
    file.unlink()
    assert_unseen(everything_written(locked, results), canary)
