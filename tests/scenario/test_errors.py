"""What goes wrong, and what the user is told: exit code, the cause, the next step, nothing lost, and the re-run works."""

import os
import pty
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import pytest

from harness.cluster import SERVER_USER, free_port
from harness.migration import Migration, binary, clean_environment, contents, run
from harness.printed_commands import printed_in


@pytest.fixture
def small(migration):
    migration.source.sql("""CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 20000) g;
                            CREATE TABLE u (a int PRIMARY KEY); INSERT INTO u SELECT generate_series(1, 10);""")
    return migration


def exported(migration) -> Migration:
    migration.export_schema()
    migration.import_schema()
    migration.export_data()
    return migration


# Five parts: what failed, where, why, what to do, what next.

def test_the_shape_of_an_error(small):
    refused = small.export_schema("--source-db-host", "127.0.0.1", "--source-db-port", str(free_port()), expect=4)
    text = refused.err
    order = [text.index(part) for part in ("error", "where", "cause", "fix")]
    assert order == sorted(order), text
    assert "\x1b[" not in text
    assert refused.out == ""


# Servers.

def test_source_not_there(small):
    small.export_schema("--source-db-port", str(free_port()), expect=4)


def test_target_not_there(small):
    small.export_schema()
    small.import_schema("--target-db-port", str(free_port()), expect=5)


def test_no_such_database(small):
    refused = small.export_schema("--source-db-name", "no_such_database", expect=4)
    assert "no_such_database" in refused.err
    assert "CON-004" in refused.err and f"there are: " in refused.said and small.source.name in refused.said, refused


def test_each_cause_of_no_connection_has_its_code_and_fix(small, tls_cluster, canary):
    """Of the source; the target's messages are made at the same place."""
    free = str(free_port())
    here = ["--source-db-host", "127.0.0.1"]
    locked = [*here, "--source-db-port", str(tls_cluster.port), "--source-db-name", "postgres"]
    wrong = {"SOURCE_DB_PASSWORD": "wrong"}
    with socket.socket() as silent:  # Its queue is full, so nobody answers.
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        port = silent.getsockname()[1]
        others = [socket.socket() for _ in range(3)]
        for one in others:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        cases = [
            (["--source-db-host", "no-such-host.invalid"], {}, "CON-002", "getent hosts no-such-host.invalid"),
            ([*here, "--source-db-port", free], {}, "CON-003", "check that the server runs"),
            ([*locked, "--source-db-user", "plain_user"], wrong, "CON-005", "SOURCE_DB_PASSWORD"),
            ([*locked, "--source-db-user", "plain_user", "--source-db-password-command", "echo wrong"], {}, "CON-005",
             "the command of --source-db-password-command prints"),
            ([*locked, "--source-db-user", "cert_user", "--source-ssl-mode", "disable"], {}, "CON-007", "--source-ssl-mode require"),
            ([*locked, "--source-db-user", "plain_user", "--source-ssl-mode", "require"], {}, "CON-006", "pg_reload_conf"),
            ([*here, "--source-db-port", str(port)], {"PGCONNECT_TIMEOUT": "2"}, "CON-008", "PGCONNECT_TIMEOUT"),
        ]
        for flags, env, code, fix in cases:
            refused = small.export_schema(*flags, env=env, expect=4)
            assert code in refused.err and fix in refused.said, refused
        for one in others:
            one.close()
    refused = small.import_schema("--target-db-host", "no-such-host.invalid", expect=5)
    assert "CON-002" in refused.err


def test_a_name_that_is_known_later(small, folder):
    refused = small.export_schema("--source-db-host", "late-host.invalid", expect=4)
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("no place of its own can be made for /etc/hosts here")
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 late-host.invalid\n")
    done = subprocess.run(["unshare", "--mount", "sh", "-ec", 'mount --bind "$0" /etc/hosts; exec "$@"', hosts, binary(), *printed_in(refused, "CON-002", "again")],
                          capture_output=True, text=True, timeout=60, env=clean_environment(small.env))
    assert done.returncode == 0, done.stderr


@pytest.fixture
def with_password(tls_cluster, small, canary):
    """The migration, with a source and a target that ask for a password."""
    database = tls_cluster.socket_db()
    database.sql("DROP DATABASE IF EXISTS locked")
    database.sql("CREATE DATABASE locked")
    small.source = tls_cluster.db("locked", "plain_user")
    tls_cluster.socket_db("locked").sql("CREATE TABLE t (a int)")
    return small


def test_wrong_password_of_the_source(with_password):
    refused = with_password.export_schema(env={"SOURCE_DB_PASSWORD": "wrong-password-canary"}, expect=4)
    assert "password authentication failed" in refused.said
    assert "wrong-password-canary" not in refused.text + with_password.log_text()


def test_wrong_password_of_the_target(with_password, canary):
    with_password.export_schema(env={"SOURCE_DB_PASSWORD": canary})
    with_password.target = with_password.source
    with_password.import_schema(env={"TARGET_DB_PASSWORD": "wrong-password-canary"}, expect=5)


# Rights. The SQL that the program prints must be what is missing.

def fix_sql(err: str) -> str:
    """The SQL lines of an error's `fix` part."""
    lines = [re.sub(r"^\s*(fix\s+)?", "", line) for line in err.splitlines()]
    found = [re.sub(r"^[^:]*:\s{2,}", "", line) for line in lines]
    return "\n".join(line for line in found if re.match(r"(GRANT|ALTER|CREATE) .*;\s*$", line))


def give_rights_until_it_runs(call, admin, most=6):
    """Runs; feeds the printed SQL to psql; runs again. Returns how often something was missing."""
    for told in range(most):
        done = call(expect=(0, 6))
        if done.code == 0:
            return told
        statements = fix_sql(done.err)
        assert statements, f"no SQL to run was printed\n{done}"
        admin.sql(statements)
    raise AssertionError(f"still refused after {most} rounds of the printed SQL\n{done}")


def test_missing_rights_on_the_source(small):
    role = "reader_" + small.source.name[-6:]
    small.source.sql(f"CREATE ROLE {role} LOGIN; CREATE SCHEMA hidden; CREATE TABLE hidden.x (a serial); INSERT INTO hidden.x DEFAULT VALUES;")
    admin, small.source = small.source, small.source.as_user(role)
    small.schemas = "public,hidden"
    try:
        assert small.export_schema(expect=6)
        assert give_rights_until_it_runs(small.export_schema, admin) >= 1
        small.import_schema()
        give_rights_until_it_runs(small.export_data, admin)
        small.import_data()
        assert contents(small.target)["hidden.x"][1] == "1"
    finally:
        admin.sql(f"DROP OWNED BY {role}; DROP ROLE {role};")


def test_the_installed_grant_script(small):
    from harness.migration import REPOSITORY
    script = next(iter(REPOSITORY.glob("**/guardrails-scripts/yb-voyager-pg-grant-migration-permissions.sql")), None)
    assert script, "the script is not in the repository"
    role = "granted_" + small.source.name[-6:]
    small.source.sql(f"CREATE ROLE {role} LOGIN; CREATE SCHEMA hidden; CREATE TABLE hidden.x (a serial); INSERT INTO hidden.x DEFAULT VALUES;")
    admin = small.source
    try:
        admin.load(script, "-v", f"voyager_user={role}", "-v", "schema_list=public,hidden", "-v", "is_live_migration=0",
                   "-v", "is_live_migration_fall_back=0")
        small.source, small.schemas = admin.as_user(role), "public,hidden"
        small.move()
        assert contents(small.target)["hidden.x"][1] == "1"
    finally:
        admin.sql(f"DROP OWNED BY {role}; DROP ROLE {role};")


def test_missing_rights_on_the_target(small):
    role = "writer_" + small.target.name[-6:]
    small.target.sql(f"CREATE ROLE {role} LOGIN;")
    exported(small)
    admin, small.target = small.target, small.target.as_user(role)
    try:
        refused = small.import_data(expect=6)
        assert role in refused.err
    finally:
        admin.sql(f"DROP OWNED BY {role}; DROP ROLE {role};")


def test_row_security_that_hides_rows(small):
    role = "limited_" + small.source.name[-6:]
    small.source.sql(f"""CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};
                         ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (a < 5);""")
    small.export_schema()
    admin, small.source = small.source, small.source.as_user(role)
    try:
        refused = small.export_data(expect=6)
        assert "row" in refused.err.lower(), refused
    finally:
        admin.sql(f"DROP OWNED BY {role}; DROP ROLE {role};")


# Usage.

@pytest.mark.parametrize("args", [
    ["exprot", "schema"], ["export", "shcema"], ["export", "schema", "--sorce-db-host", "x"], ["import", "data", "--batch-size", "many"],
    ["export", "schema", "--start-clean", "perhaps"], ["export", "data", "--export-type", "everything"],
    ["import", "data", "--on-primary-key-conflict", "maybe"], ["export", "schema", "--source-ssl-mode", "sometimes"],
], ids=" ".join)
def test_usage(args, small):
    refused = run(*args, "--export-dir", small.export_dir, *(small.source_flags() if args[0] == "export" else small.target_flags()), expect=2)
    assert args[-1] in refused.err or args[1] in refused.err or args[0] in refused.err


@pytest.mark.parametrize("typed,meant", [(["exprot", "schema"], "export"), (["export", "shcema"], "schema"),
                                         (["export", "schema", "--source-db-hots", "x"], "--source-db-host")])
def test_did_you_mean(typed, meant):
    assert meant in run(*typed, expect=2).err


def test_missing_flags_are_all_named(small):
    refused = run("export", "schema", "--export-dir", small.export_dir, expect=2)
    assert all(f"source-db-{name}" in refused.err for name in ("type", "user", "name"))


def test_unknown_table(small):
    refused = small.export_data("--table-list", "t,tt", expect=2)
    assert "tt" in refused.err


def test_no_export_dir(small):
    run("export", "schema", "--export-dir", small.folder / "not-made", *small.source_flags(), expect=2)
    assert not (small.folder / "not-made").exists()


def test_nobody_to_ask(with_password):
    """Without a terminal and without a password the program does not wait."""
    refused = run(*with_password.line("export schema"), expect=10, timeout=20, start_new_session=True)
    assert "SOURCE_DB_PASSWORD" in refused.err


def test_the_password_is_asked_on_the_terminal_without_echo(with_password, canary):
    """On a terminal the password is asked for, and what is typed does not show."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    pid, terminal = pty.fork()
    if pid == 0:
        args = [str(part) for part in with_password.line("export schema")]
        os.execve(binary(), ["yb-voyager", *args], env)
    shown = read_until(terminal, b"assword")
    os.write(terminal, canary.encode() + b"\n")
    shown += read_until(terminal, None)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, shown.decode()
    assert canary.encode() not in shown
    assert (with_password.export_dir / "schema" / "tables" / "table.sql").exists()


def test_a_typed_password_has_three_tries(with_password, canary):
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    for answers, code in (([b"slip", b"slip again", canary.encode()], 0), ([b"one", b"two", b"three"], 4)):
        pid, terminal = pty.fork()
        if pid == 0:
            args = [str(part) for part in with_password.line("export schema")]
            os.execve(binary(), ["yb-voyager", *args], env)
        shown = b""
        for answer in answers:
            shown += read_until(terminal, b"Password of user")
            os.write(terminal, answer + b"\n")
        shown += read_until(terminal, None)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == code, shown.decode()
        assert b"one try is left" in shown and (code == 0 or b"CON-005" in shown), shown.decode()
        for answer in answers:
            assert answer not in shown.replace(b"one try is left", b"").replace(b"two tries are left", b"")
        shutil.rmtree(with_password.export_dir)
        with_password.export_dir.mkdir()


def read_until(terminal, word):
    """What the terminal shows until `word` is there, or to the end."""
    shown = b""
    while word is None or word not in shown:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # The program has closed its side.
            break
        if not piece:
            break
        shown += piece
    return shown


# Order and locks.

def test_wrong_order(small):
    small.import_data(expect=7)
    small.import_schema(expect=7)
    small.end(expect=7)
    assert "export schema" in small.export_data("--source-db-schema", "public").text + small.import_schema(expect=7).err


def test_lock(small):
    small.export_schema()
    small.source.sql("INSERT INTO t SELECT g, repeat(md5(g::text), 20) FROM generate_series(20001, 60000) g")
    from harness.proxy import Proxy
    with Proxy(small.source.port, rate=4_000_000) as slow:
        small.source_port = slow.port
        first = small.start(*small.line("export data"))
        lock = small.export_dir / ".export-dataLockfile.lck"
        wait_until(lambda: lock.exists() and lock.read_text().strip() == str(first.pid))
        refused = small.export_data(expect=7)
        assert str(first.pid) in refused.err
        assert first.finish().code == 0
    assert not lock.exists()


def test_a_dead_owners_lock_is_taken_over(small):
    (small.export_dir / ".export-schemaLockfile.lck").write_text("999999")
    small.export_schema()


def wait_until(condition, seconds=180):
    import time
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


# Disks and files.

def unprivileged_run(args, expect, **popen):
    """As a user whom file rights concern: root passes them all."""
    program = binary()
    extra = {}
    if os.getuid() == 0:
        copy = Path(tempfile.mkdtemp(prefix="voy-bin-"))
        copy.chmod(0o755)
        program = Path(shutil.copy(program, copy))
        extra = {"user": SERVER_USER, "group": SERVER_USER, "extra_groups": []}
    try:
        return run(*args, expect=expect, program=program, env={"SOURCE_DB_PASSWORD": "x", "TARGET_DB_PASSWORD": "x"}, cwd="/", **extra, **popen)
    finally:
        if extra:
            shutil.rmtree(program.parent)


def test_read_only_export_dir(small):
    small.export_dir.chmod(0o555)
    try:
        refused = unprivileged_run(small.line("export schema"), expect=1)
        assert str(small.export_dir) in refused.err and "ermission denied" in refused.err, refused
        small.export_dir.chmod(0o777)
        unprivileged_run(small.line("export schema"), expect=0)
        (small.export_dir / "data").chmod(0o555)
        refused = unprivileged_run([*small.line("export data"), "--yes"], expect=1)
        (small.export_dir / "data").chmod(0o755)
        unprivileged_run(printed_in(refused, "DIR-003", "again"), expect=0)
    finally:
        small.export_dir.chmod(0o755)


@pytest.fixture
def tiny_disk(folder):
    """A file system of 12 MiB."""
    place = folder / "tiny"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"cannot mount a small file system here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def test_full_disk_while_exporting(small, tiny_disk):
    small.source.sql("CREATE TABLE big (a int PRIMARY KEY, b text); "
                     "INSERT INTO big SELECT g, (SELECT string_agg(md5(g || ' ' || i), '') FROM generate_series(1, 50) i) FROM generate_series(1, 20000) g")
    small.export_dir = tiny_disk / "export-dir"
    small.export_dir.mkdir()
    small.export_schema()
    small.import_schema()
    refused = small.export_data("--yes", expect=1)
    assert "DIR-002" in refused.err and "space" in refused.err.lower(), refused
    used = int(subprocess.run(["df", "--output=used", "-k", tiny_disk], capture_output=True, text=True, check=True).stdout.split()[1])
    subprocess.run(["mount", "-o", f"remount,size={used + 4}k", str(tiny_disk)], check=True)
    assert "DIR-002" in small.command("export", "data", "status", "--export-dir", small.export_dir, expect=1).err
    subprocess.run(["mount", "-o", "remount,size=200m", str(tiny_disk)], check=True)
    small.command(*printed_in(refused, "DIR-002", "again"))
    small.import_data()
    small.finalize()
    small.verify()


def damage(path: Path, at: float = 0.5):
    data = bytearray(path.read_bytes())
    for i in range(int(len(data) * at), min(len(data), int(len(data) * at) + 16)):
        data[i] ^= 0xFF
    path.write_bytes(data)


def largest_data_file(migration) -> Path:
    return max(migration.data_files(), key=lambda p: p.stat().st_size)


@pytest.mark.parametrize("harm", ["damaged", "truncated", "gone", "grown"])
def test_harmed_data_file(small, harm):
    exported(small)
    file = largest_data_file(small)
    untouched = file.read_bytes()
    if harm == "damaged":
        damage(file)
    elif harm == "truncated":
        file.write_bytes(untouched[:len(untouched) * 2 // 3])
    elif harm == "grown":
        file.write_bytes(untouched + b"99999\tintruder\n")
    else:
        file.unlink()
    # What stands behind the last whole chunk belongs to nobody.
    refused = small.import_data(expect=0 if harm == "grown" else 1)
    if harm != "grown":
        assert file.name in refused.err, refused
        file.write_bytes(untouched)
        small.import_data()
    small.finalize()
    small.verify()


def test_damaged_state(small):
    exported(small)
    state = small.export_dir / "metainfo" / "meta.db"
    untouched = state.read_bytes()
    for wal in small.files("metainfo/meta.db-*"):
        wal.unlink()
    state.write_bytes(b"this is no database" + untouched[19:])
    refused = small.import_data(expect=1)
    assert "meta.db" in refused.err
    state.write_bytes(untouched)
    small.import_data()
    small.finalize()
    small.verify()


def test_state_of_a_newer_release(small):
    small.export_schema()
    with sqlite3.connect(small.export_dir / "metainfo" / "meta.db") as state:
        version = state.execute("PRAGMA user_version").fetchone()[0]
        state.execute(f"PRAGMA user_version = {version + 1000}")
    refused = small.export_data(expect=7)
    assert "newer" in refused.err.lower() or "version" in refused.err.lower()


def test_schema_file_with_a_syntax_error(small):
    small.export_schema()
    file = small.export_dir / "schema" / "tables" / "table.sql"
    lines = file.read_text().splitlines()
    at = next(i for i, line in enumerate(lines, 1) if line.startswith("CREATE TABLE public.t "))
    lines[at - 1] = lines[at - 1].replace("CREATE TABLE", "CREATE TALBE")
    file.write_text("\n".join(lines) + "\n")
    refused = small.import_schema(expect=1)
    assert "table.sql" in refused.err and str(at) in refused.err, refused


def test_target_lacks_a_table(small):
    exported(small)
    small.target.sql("DROP TABLE u")
    refused = small.import_data(expect=7)
    assert "u" in refused.err
    assert small.target.count("t") == 0
    small.target.sql("CREATE TABLE u (a int PRIMARY KEY)")
    small.import_data()


def test_full_table_space_of_the_target_is_no_loss(small):
    """The target refuses rows for a while; the same command works afterwards."""
    exported(small)
    small.target.sql("""CREATE FUNCTION full_disk(int) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file: No space left on device'; END $$;
        ALTER TABLE t ADD CONSTRAINT full_disk CHECK (full_disk(a));""")
    refused = small.import_data("--yes", expect=1, timeout=200)
    assert "No space left" in refused.said
    small.target.sql("ALTER TABLE t DROP CONSTRAINT full_disk; DROP FUNCTION full_disk;")
    small.import_data()
    small.finalize()
    small.verify()


def test_verify_tells_differences(small):
    small.move()
    small.target.sql("UPDATE t SET b = 'changed' WHERE a = 4711; DELETE FROM u WHERE a = 3; INSERT INTO u VALUES (77); CREATE INDEX extra ON u (a); ALTER TABLE t ALTER b SET DEFAULT 'x'")
    told = small.verify("--output-format", "json", expect=9)
    for word in ("4711", "77", "extra", "3"):
        assert word in told.out, told
    assert "4711" in small.verify(expect=9).text


def test_verify_works_without_an_export_directory(small):
    small.move()
    shutil.rmtree(small.export_dir)
    small.verify()


def test_streams_that_are_closed_or_full(small):
    """Nothing that is said lands in a file of ours, and half of an answer is no success."""
    small.export_schema()
    small.export_data()
    status = [binary(), "export", "data", "status", "--export-dir", small.export_dir, "--output-format", "json"]
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        done = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", *status], capture_output=True, text=True)
        assert done.returncode == 0, (closed, done)
        assert ('"exported_count"' in done.stdout) == (closed in ("<&-", "2>&-")), (closed, done)
    with open("/dev/full", "w") as full:
        done = subprocess.run(status, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and "the answer cannot be written" in done.stderr and "No space left" in done.stderr, done
