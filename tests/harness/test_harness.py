"""What the other tests lean on must itself notice things."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from harness import printed_commands
from harness.cluster import SqlError, free_port
from harness.migration import assert_same_rows, binary, clean_environment, run
from harness.proxy import Proxy
from harness.standin import StandinCluster


def test_a_changed_value_is_noticed(source, target):
    for db in (source, target):
        db.sql("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL)")
    assert_same_rows(source, target)
    target.sql("UPDATE t SET b = '' WHERE a = 2")
    with pytest.raises(AssertionError):
        assert_same_rows(source, target)


def test_a_doubled_row_is_noticed(source, target):
    for db in (source, target):
        db.sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
    target.sql("INSERT INTO t VALUES (1)")
    with pytest.raises(AssertionError):
        assert_same_rows(source, target)


def test_a_missing_and_an_extra_table_are_noticed(source, target):
    source.sql("CREATE TABLE t (a int)")
    with pytest.raises(AssertionError):
        assert_same_rows(source, target)
    target.sql("CREATE TABLE t (a int); CREATE TABLE u (a int)")
    with pytest.raises(AssertionError):
        assert_same_rows(source, target)


def test_the_report_of_a_failed_test_holds_what_its_programs_said(folder):
    """As CI runs it: by a worker, and read from the list of results too."""
    export_dir = folder / "there"
    (export_dir / "logs").mkdir(parents=True)
    (export_dir / "logs" / "of-the-program.log").write_text("".join(f"line {n}\n" for n in range(100)))
    (folder / "test_fails.py").write_text(f"""from harness.migration import run
def test_fails():
    done = run("export", "data", "--export-dir", "{export_dir}", "--no-such-flag", expect=None)
    assert done.code == 0, done
""")
    tests = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-m", "pytest", "-c", tests / "pytest.ini", "-p", "conftest", "-n", "1", "--junitxml", folder / "results.xml", folder],
                          capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONPATH": str(tests), "VOY_BINARY": str(binary())})
    for text in (done.stdout, (folder / "results.xml").read_text()):
        assert "yb-voyager export data -" in text and "all flags: yb-voyager help export data" in text, done.stdout
        assert "\nline 99" in text and "\nline 70" in text and "\nline 69" not in text, done.stdout
    assert done.returncode == 1


def test_a_refused_statement_is_raised(source):
    with pytest.raises(SqlError, match="division by zero"):
        source.sql("SELECT 1/0")


def test_the_proxy_cuts(source):
    with Proxy(source.port, cut_after=50_000, direction="to_client") as proxy:
        source.through = proxy.port
        far = source.psql("-At", "-c", "SELECT repeat('x', 1000000)")
        assert far.returncode != 0 and proxy.cuts_done == 1


def test_the_stand_in_refuses_as_often_as_asked():
    with StandinCluster("selftest") as cluster:
        db = cluster.create()
        assert "-YB-" in db.value("SELECT version()")
        assert len(db.rows("SELECT * FROM yb_servers()")) == 3
        db.sql("CREATE TABLE public.t (a int); SELECT yb_standin.fail_next('public.t', '40001', 'again', 2)")
        for _ in range(2):
            with pytest.raises(SqlError, match="again"):
                db.sql("SET session_replication_role = replica; INSERT INTO public.t VALUES (1)")
        db.sql("INSERT INTO public.t VALUES (1)")
        assert db.value("SELECT yb_standin.refused('public.t')") == "2"


def test_the_environment_of_the_program_is_clean(monkeypatch):
    monkeypatch.setenv("PGHOST", "elsewhere")
    monkeypatch.setenv("SOURCE_DB_PASSWORD", "mine")
    assert not {"PGHOST", "SOURCE_DB_PASSWORD"} & set(clean_environment())


def test_printed_commands_are_found_where_they_stand():
    message = """error[X-001] no
  where  export data
  fix    check the server, then tell yb-voyager so
         do it: yb-voyager export data --export-dir a
  then   what is there is kept
         mkdir -p b && yb-voyager end migration --export-dir a
\x1b[1m  next        \x1b[0myb-voyager import data --export-dir 'c d'
{"event": "run.end", "fix": ["yb-voyager verify --export-dir a", "or wait"], "next_steps": [{"command": "yb-voyager check"}]}
"""
    assert printed_commands.in_text(message) == [
        "yb-voyager export data --export-dir a", "mkdir -p b && yb-voyager end migration --export-dir a",
        "yb-voyager import data --export-dir 'c d'", "yb-voyager verify --export-dir a", "yb-voyager check"]


@pytest.mark.parametrize("command,said", [
    ("yb-voyager import data ...", "no part of a command line"),
    ("TARGET_DB_PASSWORD=*** yb-voyager import data --export-dir a --target-db-user u", "no part of a command line"),
    ("yb-voyager export dta --export-dir a", "unknown command"),
    ("yb-voyager import data --export-dir a --target-db-user u --ignore-exist true", "unknown flag"),
    ("yb-voyager import data --export-dir a", "target-db-user"),
    ("yb-voyager import data --export-dir 'a", "quotation"),
    ("yb-voyager import data --export-dir a --target-db-user u --batch-size many", "batch-size"),
    ("mkdir -p b && yb-voyager end migration --export-dir a --backup-dir b --backup-data-files maybe", "unknown command"),
    ("yb-voyager export data --export-dir a --source-db-type postgresql --source-db-user u --source-db-name d", "source-db-schema"),
    ("yb-voyager export data --export-dir a --source-db-type mysql --source-db-user u --source-db-name d", ""),
    ("yb-voyager import data --export-dir a --target-db-user u", "")])
def test_a_printed_command_that_cannot_be_pasted_is_noticed(command, said):
    assert printed_commands.in_text(f"  fix    {command}\n") == [command]
    wrong = printed_commands.why_not(binary(), command, env=clean_environment())
    assert wrong is None if said == "" else said.lower() in wrong.lower(), wrong


def test_whatever_is_run_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(printed_commands, "checked", set())
    run("import", "schema", "--export-dir", tmp_path, "--target-db-user", "u", expect=7)
    assert any(form.startswith("export schema --export-dir V --") for form in printed_commands.checked)
    form = printed_commands.form_of("yb-voyager verify --export-dir a --rows-only=true")
    assert form == printed_commands.form_of("yb-voyager verify --export-dir b --rows-only=false") == "verify --export-dir V --rows-only"
    assert form != printed_commands.form_of("yb-voyager verify --export-dir b --rows-only=false compares them")


def test_a_printed_command_that_no_case_pastes_is_a_fault(monkeypatch):
    monkeypatch.setattr(printed_commands, "check", lambda *_, **__: None)
    args = ["import", "data", "--export-dir", "a", "--yes"]
    known = "error[IMP-002] no table\n  fix    yb-voyager import schema --export-dir a\n  then   yb-voyager import data --export-dir a --yes true\n"
    assert set(printed_commands.situations(args, "", known)) == {("IMP-002", "import schema"), ("IMP-002", "again")}
    printed_commands.check_text(binary(), args, "", known)
    for unknown in (known.replace("import schema", "export schema"), known.replace("--yes true", "--batch-size 5")):
        with pytest.raises(AssertionError, match="no case of .* pastes this"):
            printed_commands.check_text(binary(), args, "", unknown)


def test_a_proxy_that_is_closed_has_given_its_port_back():
    port, nobody = free_port(), free_port()
    for _ in range(100):
        with Proxy(nobody, port=port):
            socket.create_connection(("127.0.0.1", port)).close()
